//! What may be done to a matter now, by whom, and why not. Pure functions of facts: the server decides by them and sends the
//! result with the matter, so that buttons and refusals can't differ.

use super::{
    field::Field,
    kind::{Kind, Step, Target, Who},
    problem::Code,
    role::{Part, Role},
    text::Text,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a matter at one moment. Units are codes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    pub state: String,
    pub body: Map<String, Value>,
    pub holder_unit: Option<String>,
    pub holder_name: Option<String>,
    pub originator_unit: String,
    pub parties: BTreeSet<(String, Part)>,
    /// The open or last hand-over.
    pub handover: Option<HandoverFact>,
    pub refusals: u32,
    pub asks: Vec<AskFact>,
    /// Due date of the main clock.
    pub due: Option<NaiveDate>,
    /// First day of the main clock.
    pub started: Option<NaiveDate>,
    pub extension_pending: bool,
    /// Natural days by which the main clock was extended so far.
    pub extended_days: i64,
    pub paused: bool,
    /// The main clock runs by a rule whose law knows reasons to stop it.
    pub pausable: bool,
    /// Files by the unit that brought them.
    pub attachments: BTreeMap<String, usize>,
    /// Daily steps taken today, with the unit that took each.
    pub taken_today: BTreeSet<(String, String)>,
    /// The day it was closed.
    pub closed: Option<NaiveDate>,
    pub children_open: usize,
    pub last_urged: Option<DateTime<Utc>>,
    pub today: NaiveDate,
    pub now: DateTime<Utc>,
    /// Unit codes that are active, for guards on units.
    pub active_units: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct HandoverFact {
    /// The unit that sent it by its own step.
    pub from_unit: String,
    pub to_unit: String,
    pub open: bool,
    pub refusable: bool,
    /// Last day on which it may be refused.
    pub refuse_until: NaiveDate,
    /// Its silence was told to the head.
    pub escalated: bool,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct AskFact {
    pub unit: String,
    pub action: String,
    pub open: bool,
    pub answered: bool,
    pub declined: bool,
    /// Last day to answer.
    pub due: Option<NaiveDate>,
    /// What was answered, by field.
    pub answer: Map<String, Value>,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq)]
pub struct ActorFacts {
    pub unit: String,
    pub unit_kind: String,
    pub roles: Vec<Role>,
    pub linkage_office: bool,
    pub system: bool,
}

/// A condition that isn't met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardFailure {
    /// A problem code when it isn't `workflow.guard_failed`.
    pub code: Option<Code>,
    /// Where in the request the fault lies, for codes of validation.
    pub pointer: Option<&'static str>,
}

/// Fails with a code of validation, at a pointer.
pub const fn failed_at(pointer: &'static str, code: Code) -> GuardFailure {
    GuardFailure { code: Some(code), pointer: Some(pointer) }
}

/// Fails with the general code, and points to the field that would answer it.
pub const fn lacks(pointer: &'static str) -> GuardFailure {
    GuardFailure { code: None, pointer: Some(pointer) }
}

/// Fails with the general code `workflow.guard_failed`.
pub const FAILED: GuardFailure = GuardFailure { code: None, pointer: None };

/// Why a step isn't available.
#[derive(Debug, Clone, PartialEq)]
pub enum Blocked {
    /// Not from this state.
    State,
    /// The actor's roles or part don't allow it.
    Who,
    Guard {
        code: String,
        reason: Text,
        failure: GuardFailure,
    },
}

/// One button: a step, and whether it can be taken now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActionView {
    pub action: String,
    pub label: Text,
    pub enabled: bool,
    /// Why not, in words, when it isn't enabled.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<Text>,
    /// Who could, when the actor can't.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub who: Option<Text>,
    #[serde(default)]
    pub input: Vec<Field>,
    #[serde(default)]
    pub primary: bool,
    #[serde(default)]
    pub danger: bool,
    /// What the form says beforehand.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<Text>,
}

impl Facts {
    pub fn has_part(&self, unit: &str, part: Part) -> bool {
        match part {
            Part::Holder => self.holder_unit.as_deref() == Some(unit),
            Part::Originator => self.originator_unit == unit || self.parties.contains(&(unit.to_owned(), part)),
            _ => self.parties.contains(&(unit.to_owned(), part)),
        }
    }
    pub fn text(&self, field: &str) -> &str {
        self.body.get(field).and_then(Value::as_str).unwrap_or_default()
    }
    /// Files brought by the unit that holds the matter.
    pub fn attached_by_holder(&self) -> usize {
        self.holder_unit.as_ref().and_then(|unit| self.attachments.get(unit)).copied().unwrap_or(0)
    }
    pub fn open_asks(&self, action: &str) -> usize {
        self.asks.iter().filter(|ask| ask.action == action && ask.open).count()
    }
    /// The last ask put to a unit.
    fn ask(&self, unit: &str, action: &str) -> Option<&AskFact> {
        self.asks.iter().rev().find(|ask| ask.unit == unit && ask.action == action)
    }
    /// Units that have not said a word when last asked, whether they still may or their time is over: silence is never consent.
    pub fn silent(&self, action: &str) -> usize {
        let units: BTreeSet<&str> = self.asks.iter().filter(|ask| ask.action == action).map(|ask| ask.unit.as_str()).collect();
        units.into_iter().filter_map(|unit| self.ask(unit, action)).filter(|ask| !ask.answered && !ask.declined).count()
    }
    fn in_time(&self, ask: &AskFact) -> bool {
        ask.due.is_none_or(|due| self.today <= due)
    }
    /// Whether a unit may answer an ask now.
    fn answerable(&self, unit: &str, action: &str, again: bool) -> bool {
        self.ask(unit, action).is_some_and(|ask| (ask.open || (again && ask.answered)) && self.in_time(ask))
    }
}

/// Whether an actor is one of those a step is for.
pub fn is_for(who: &Who, facts: &Facts, actor: &ActorFacts) -> bool {
    if who.system != actor.system {
        return false;
    }
    if actor.system {
        return true;
    }
    let role = who.roles.is_empty() || who.roles.iter().any(|role| actor.roles.contains(role));
    let kind = who.unit_kinds.is_empty() || who.unit_kinds.contains(&actor.unit_kind);
    let part = who.part.is_none_or(|part| facts.has_part(&actor.unit, part));
    let office = !who.linkage_office || actor.linkage_office;
    let asked = who.asked.as_ref().is_none_or(|action| facts.answerable(&actor.unit, action, who.again));
    let sender = !who.sender || facts.handover.as_ref().is_some_and(|handover| handover.open && handover.from_unit == actor.unit);
    role && kind && part && office && asked && sender
}

/// Whether the actor's unit was asked and let the time to answer pass.
fn too_late(step: &Step, facts: &Facts, actor: &ActorFacts) -> bool {
    step.who.iter().any(|who| {
        let role = who.roles.is_empty() || who.roles.iter().any(|role| actor.roles.contains(role));
        let ask = who.asked.as_ref().and_then(|action| facts.ask(&actor.unit, action));
        role && ask.is_some_and(|ask| !facts.in_time(ask) && !ask.declined && (!ask.answered || who.again))
    })
}

/// Whether a step can be taken now by the actor; `input` is empty when only the button is drawn.
pub fn check(kind: &Kind, step: &Step, facts: &Facts, actor: &ActorFacts, input: Option<&Map<String, Value>>) -> Result<(), Blocked> {
    if !kind.starts_in(step, &facts.state) {
        return Err(Blocked::State);
    }
    if !step.who.iter().any(|who| is_for(who, facts, actor)) {
        if too_late(step, facts, actor) {
            let said = Code::AskLapsed.message();
            let failure = GuardFailure { code: Some(Code::AskLapsed), pointer: None };
            return Err(Blocked::Guard { code: "ask_in_time".into(), reason: super::text::t(said.zh, said.en), failure });
        }
        return Err(Blocked::Who);
    }
    if step.daily && facts.taken_today.contains(&(step.action.clone(), actor.unit.clone())) {
        return Err(Blocked::Guard { code: "once_a_day".into(), reason: taken_today(), failure: FAILED });
    }
    if step.of_others && facts.holder_unit.as_ref().is_none_or(|holder| *holder == actor.unit) {
        return Err(Blocked::Guard { code: "held_by_other".into(), reason: held_here(), failure: FAILED });
    }
    let empty = Map::new();
    for guard in &step.guards {
        if guard.of_input && input.is_none() {
            continue;
        }
        if let Some(check) = guard.check
            && let Err(failure) = check(facts, input.unwrap_or(&empty))
        {
            return Err(Blocked::Guard { code: guard.code.clone(), reason: guard.reason.clone(), failure });
        }
    }
    Ok(())
}

/// The reason on the button of a daily step that was taken.
fn taken_today() -> Text {
    super::text::t("本单位今天已办过一次，请明天再办", "Your unit did this today already; do it again tomorrow")
}

/// The reason on the button of a step that is for what others hold.
fn held_here() -> Text {
    super::text::t("事项正在本单位手里", "Your own unit holds it")
}

/// The first rule of the body that is broken.
pub fn broken_rule(kind: &Kind, facts: &Facts) -> Option<Blocked> {
    let empty = Map::new();
    kind.rules.iter().find_map(|rule| {
        let failure = rule.check.and_then(|check| check(facts, &empty).err())?;
        Some(Blocked::Guard { code: rule.code.clone(), reason: rule.reason.clone(), failure })
    })
}

/// All steps that make sense in this state, for one actor: what they can do, and in grey what they can't and why.
/// Steps that belong to other units' roles altogether stay out unless `all`.
pub fn available(kind: &Kind, facts: &Facts, actor: &ActorFacts) -> Vec<ActionView> {
    let mut views: Vec<ActionView> = Vec::new();
    for step in kind.steps.iter().filter(|step| kind.starts_in(step, &facts.state)) {
        if step.who.iter().all(|who| who.system) {
            continue;
        }
        let outcome = check(kind, step, facts, actor, None);
        let (enabled, reason, who) = match outcome {
            Ok(()) => (true, None, None),
            Err(Blocked::Guard { reason, .. }) => (false, Some(reason), None),
            Err(Blocked::Who) => (false, None, Some(who_could(step))),
            Err(Blocked::State) => continue,
        };
        let view = ActionView {
            action: step.action.clone(),
            label: step.label.clone(),
            enabled,
            reason,
            who,
            input: step.input.clone(),
            primary: step.primary,
            danger: step.danger,
            note: step.note.filter(|_| enabled).and_then(|note| note.0(facts)),
        };
        // The same action may be declared twice for different people: the one that can be taken wins.
        match views.iter_mut().find(|other| other.action == view.action) {
            Some(other) if !other.enabled && (view.enabled || other.reason.is_none()) => *other = view,
            Some(_) => {}
            None => views.push(view),
        }
    }
    views.sort_by_key(|view| (!view.enabled, !view.primary, view.who.is_some()));
    views
}

/// Words for who could take a step: a noun phrase, to stand in a sentence.
pub fn who_could(step: &Step) -> Text {
    let mut zh: Vec<String> = Vec::new();
    let mut en: Vec<String> = Vec::new();
    for who in step.who.iter().filter(|who| !who.system) {
        let (place_zh, place_en) = if who.linkage_office {
            ("联动办", "the linkage office")
        } else if who.asked.is_some() {
            ("被征询单位", "the asked unit")
        } else if who.sender {
            ("移交单位", "the sending unit")
        } else {
            match who.part {
                Some(Part::Holder) => ("当前承办单位", "the holding unit"),
                Some(Part::Originator) => ("发起单位", "the originating unit"),
                Some(Part::CoHandler) => ("协办单位", "a co-handling unit"),
                Some(Part::Overseer) => ("督办单位", "the overseeing unit"),
                Some(Part::Copied) => ("抄送单位", "a copied unit"),
                None => ("", ""),
            }
        };
        // Nearly everybody at the desk: naming the unit says it better than seven roles.
        let (roles_zh, roles_en) = if who.roles.len() > 3 && !place_en.is_empty() {
            (String::new(), String::new())
        } else {
            let names: Vec<Text> = who.roles.iter().map(|role| role_name(*role)).collect();
            (
                names.iter().map(|name| name.zh.as_str()).collect::<Vec<_>>().join("或"),
                names.iter().map(|name| name.en.to_lowercase()).collect::<Vec<_>>().join(" or "),
            )
        };
        zh.push(match (place_zh, roles_zh.as_str()) {
            (place, "") => place.to_owned(),
            ("", roles) => roles.to_owned(),
            (place, roles) => format!("{place}的{roles}"),
        });
        en.push(match (place_en, roles_en.as_str()) {
            (place, "") => place.to_owned(),
            ("", roles) => format!("the {roles}"),
            (place, roles) => format!("the {roles} of {place}"),
        });
    }
    Text { zh: zh.join("、"), en: en.join(", or ") }
}

/// Names of roles, as in `data/taxonomy.json`.
pub fn role_name(role: Role) -> Text {
    use super::text::t;
    match role {
        Role::UnitHead => t("单位负责人", "Unit head"),
        Role::LiaisonOfficer => t("联络员", "Liaison officer"),
        Role::Handler => t("承办人", "Handler"),
        Role::Commissioner => t("府检联动专员", "Commissioner"),
        Role::Coordinator => t("协调员", "Coordinator"),
        Role::Prosecutor => t("检察官", "Prosecutor"),
        Role::ProsecutorAssistant => t("检察助理员", "Prosecutor assistant"),
        Role::Mediator => t("调解员", "Mediator"),
        Role::SystemAdmin => t("系统管理员", "System administrator"),
        Role::SecurityAdmin => t("安全管理员", "Security administrator"),
        Role::AuditAdmin => t("审计管理员", "Audit administrator"),
    }
}

/// The state a step leads to.
pub fn next_state(step: &Step, facts: &Facts, before_handover: Option<&str>) -> String {
    match &step.to {
        Target::Same => facts.state.clone(),
        Target::State { state } => state.clone(),
        Target::BeforeHandover => before_handover.unwrap_or("draft").to_owned(),
        Target::RulingOrState { state } => {
            if facts.refusals >= 1 {
                "ruling".to_owned()
            } else {
                state.clone()
            }
        }
    }
}
