//! A kind of matter is one declaration: body, states, steps, clocks, reactions, papers. It is data: the server checks and
//! executes it and serves it at `/kinds/{code}`; the client draws forms, pages and buttons from it.
//! What a declaration can't say belongs into the kernel, not into a handler.

use super::{
    calendar::CountUnit,
    field::{Field, Heading, Input},
    limit::{Limit, Series},
    role::{Part, Role},
    statistics::Statistics,
    text::Text,
    workflow::{Facts, GuardFailure},
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pillar {
    Liaison,
    Sharing,
    Supervision,
    Mediation,
}

/// A kind of matter 事项类型.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Kind {
    pub code: String,
    /// Letters of the matter number, `LD-2026-WI-00017`.
    pub abbr: String,
    pub pillar: Pillar,
    pub name: Text,
    /// Roles that may start one, and in which unit kinds (empty: any).
    pub starters: Vec<Who>,
    pub fields: Vec<Field>,
    pub states: Vec<State>,
    pub steps: Vec<Step>,
    #[serde(default)]
    pub reactions: Vec<Reaction>,
    /// What must hold of the body once it has left the draft, across its fields: at submission, after an edit, after a step that writes it.
    #[serde(default)]
    pub rules: Vec<Guard>,
    /// Its time limits: who owes the act that ends each, and what happens when one runs out.
    #[serde(default)]
    pub clocks: Vec<Clock>,
    /// Who sees matters of this kind without being a party.
    #[serde(default)]
    pub observers: Vec<Who>,
    /// Restricted to named persons from the start (domain.md §6.3).
    #[serde(default)]
    pub sealed: bool,
    /// Body field whose text is the title when none is typed.
    #[serde(default)]
    pub title_from: Option<String>,
    /// Fields that make two matters the same thing (for imports); empty: never.
    #[serde(default)]
    pub identity: Vec<String>,
    /// Which fields hold its time limit; lists say it in one column.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<Limit>,
    /// What each period is, where the limit may recur.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub series: Option<Series>,
    /// What its overview shows; none: it has no overview.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub statistics: Option<Statistics>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct State {
    pub code: String,
    pub label: Text,
    /// A matter in a final state is closed: no holder, no running clock.
    #[serde(default)]
    pub is_final: bool,
    /// The body may be edited by the holder.
    #[serde(default)]
    pub editable: bool,
    /// A final state of what was not done: neither in time nor late, no part of an edition (domain.md §8.1).
    #[serde(default)]
    pub undone: bool,
}

/// Where a step leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Target {
    /// No change of state.
    Same,
    State {
        state: String,
    },
    /// Back to the state the last hand-over left, if the sender held the matter there; else to where refusals lead.
    BeforeHandover,
    /// `ruling` when this is the second refusal of the matter, else the state named.
    RulingOrState {
        state: String,
    },
}

/// Whom a step is for: a part in the matter, roles in that unit, unit kinds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Who {
    /// Needed part; `None`: none needed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub part: Option<Part>,
    /// Any of these roles.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// Any of these unit kinds; empty: any.
    #[serde(default)]
    pub unit_kinds: Vec<String>,
    /// Only the unit that hosts the linkage office 联动办.
    #[serde(default)]
    pub linkage_office: bool,
    /// A unit with an open ask of the action named.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub asked: Option<String>,
    /// The answer may be replaced until the ask's due day.
    #[serde(default)]
    pub again: bool,
    /// Only the unit that sent the open hand-over.
    #[serde(default)]
    pub sender: bool,
    /// Taken by the system: a job or a reaction.
    #[serde(default)]
    pub system: bool,
}

impl Who {
    pub fn part(part: Part, roles: &[Role]) -> Self {
        Self { part: Some(part), roles: roles.to_vec(), ..Self::default() }
    }
    pub fn office() -> Self {
        Self { linkage_office: true, roles: vec![Role::Coordinator], ..Self::default() }
    }
    pub fn asked(action: &str, roles: &[Role]) -> Self {
        Self { asked: Some(action.into()), roles: roles.to_vec(), ..Self::default() }
    }
    /// The same, and who answered may answer once more until the due day.
    pub fn asked_again(action: &str, roles: &[Role]) -> Self {
        Self { again: true, ..Self::asked(action, roles) }
    }
    pub fn sender(roles: &[Role]) -> Self {
        Self { sender: true, roles: roles.to_vec(), ..Self::default() }
    }
    pub fn system() -> Self {
        Self { system: true, ..Self::default() }
    }
    pub fn in_units(mut self, kinds: &[&str]) -> Self {
        self.unit_kinds = kinds.iter().map(|k| (*k).to_owned()).collect();
        self
    }
}

/// A unit named by a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "unit", rename_all = "snake_case")]
pub enum UnitRef {
    /// Unit code in a field of the body.
    Body {
        field: String,
    },
    /// Unit code in the step's input; falls back to the body field when the input is empty.
    Input {
        field: String,
    },
    InputOrBody {
        input: String,
        body: String,
    },
    Originator,
    /// The unit that sent the last hand-over.
    Sender,
    /// The unit that received the last hand-over.
    Receiver,
    LinkageOffice,
}

/// A time limit of a kind. When it runs out, the unit that owes the act is told, desk and head; the matter is among what that unit has
/// to do, and is listed as overdue under the limit's name. A main clock of a kind with levels raises the level instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Clock {
    /// A rule of `data/deadlines.json`.
    pub rule: String,
    pub owed_by: Debtor,
    /// Who is told beside the unit that owes the act.
    #[serde(default)]
    pub tell: Vec<Audience>,
    /// A step the system takes when it runs out, with its own notices.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub takes: Option<String>,
}

/// Who owes the act that ends a clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "owed_by", rename_all = "snake_case")]
pub enum Debtor {
    /// Whoever holds the matter.
    Holder,
    LinkageOffice,
    Originator,
    /// Unit code in a field of the body.
    Body {
        field: String,
    },
}

/// How long a clock runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "length", rename_all = "snake_case")]
pub enum Length {
    /// As the rule says.
    Rule,
    /// As the rule says, counted from 1 January of the year in a field of the body.
    RuleOfYear { field: String },
    /// Until the date in a field of the body.
    BodyDate { field: String },
    /// Until the date in the input.
    InputDate { field: String },
    /// A number of days of the input, in the unit given.
    InputAmount { field: String, unit: CountUnit },
    /// Chosen by a code in the body: amounts per code, in the rule's unit.
    ByCode { field: String, amounts: Vec<(String, u32)> },
}

/// What a step does beside moving the state. Executed in order, in one transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// Start a clock of a rule of `data/deadlines.json`. `main` clocks are the due date of the matter.
    StartClock {
        rule: String,
        length: Length,
        main: bool,
        when: Option<Condition>,
    },
    /// Stop running clocks of the rule; the stop time is kept.
    StopClock {
        rule: String,
    },
    StopAllClocks,
    /// Whoever holds it says that it is done: the main clock stands at this moment, for good if that is accepted.
    ReportDone,
    /// It was not done yet: the main clock has been running all the time.
    DoneRefused,
    /// Ask for the due date to move (kept until decided).
    ProposeExtension {
        rule: String,
    },
    ApproveExtension {
        rule: String,
    },
    RejectExtension,
    /// What was reported as done is sent back to be mended: counted, for the figures of rework.
    CountRework,
    /// Stop the main clock for a reason its rule knows; the days don't count.
    PauseClock,
    ResumeClock,
    /// Note that the expected end of a pause has passed.
    RemindOfPause,
    /// Note that the silence on the open hand-over was told to the head.
    NoteSilence,
    /// Remember the state left, so that `Target::BeforeHandover` leads back to it.
    RememberState,
    /// Seal a hand-over; the receiver becomes holder. The sender is the unit that takes the step, whoever held the matter: it is the
    /// one that can recall it, and to which a refusal returns it.
    HandOver {
        to: UnitRef,
        refusable: bool,
    },
    Receive,
    Refuse,
    Recall,
    /// The open hand-over ends unreceived by a decision of the office; a new one follows in the same step.
    CallOff,
    /// Pass the holding without a hand-over, to the unit named; the person is cleared.
    Hold {
        by: UnitRef,
    },
    /// Name the person inside the holding unit, from the input.
    Assign {
        field: String,
    },
    AddParty {
        unit: UnitRef,
        part: Part,
    },
    /// All units of a list field of the body become parties.
    AddParties {
        field: String,
        part: Part,
    },
    /// All units of a list field of the input become parties.
    AddPartiesOfInput {
        field: String,
        part: Part,
    },
    /// Open an ask to each unit of a list field. By the rule of a main clock it lasts as long as that clock, by any other it is counted
    /// from now. Once its day is past it lapses.
    AskUnits {
        field: String,
        action: String,
        rule: String,
    },
    /// The actor's unit answers its open ask.
    AnswerAsk {
        action: String,
    },
    /// The actor's unit declines its open ask, with the step's input as its reason.
    DeclineAsk {
        action: String,
    },
    LapseAsks,
    /// The units of a list field are exactly those with the part and an ask: one that was added gets both, one that was taken out
    /// loses the part, and its open ask lapses; answers stay.
    MatchUnits {
        field: String,
        part: Part,
        action: String,
        rule: String,
    },
    /// A unit joins a list field of the body, when it isn't there yet.
    ListUnit {
        field: String,
        unit: UnitRef,
    },
    /// A unit leaves a list field of the body.
    UnlistUnit {
        field: String,
        unit: UnitRef,
    },
    /// All members of the joint conference that have no part yet get one.
    AddMembers {
        part: Part,
    },
    /// The values of these fields are the matter's alone from now on: a second matter of the kind that claims them is refused as its duplicate.
    Claim {
        fields: Vec<String>,
    },
    /// What was claimed is free again.
    Release,
    /// Copy input fields into the body (same names).
    SetBody {
        fields: Vec<String>,
    },
    /// Put a code into a derived body field.
    SetBodyCode {
        field: String,
        value: String,
    },
    /// Replace these fields of the body where the input has them. What they were before stands in the event.
    AdjustBody {
        fields: Vec<String>,
    },
    /// Take fields out of the body.
    ClearBody {
        fields: Vec<String>,
    },
    /// The date of the input, when there is one, is the due day from now on, by a clock of its own; the body's field of the name follows.
    MoveDue {
        field: String,
    },
    /// Count up a whole-number field of the body, from 1.
    NextEdition {
        field: String,
    },
    /// Keep what the children are now as a row of a field, under the number in another: editions can be compared later.
    KeepEdition {
        number: String,
        editions: String,
    },
    Urge,
    SetLevel {
        level: u8,
    },
    SetLevelFromInput {
        field: String,
    },
    /// Keep the ruling as a precedent, found by domain and words.
    KeepPrecedent,
    /// Create the child matters of a recurring one.
    SpawnInstances,
    /// The same action, with the same input, on the open instances of a recurring matter that can take it.
    CarryToInstances {
        action: String,
    },
    /// Draft thrown away; nothing of it was numbered.
    Discard,
    /// Publish the rows of a field as matters of a kind, all or none.
    SpawnChildren {
        field: String,
        kind: String,
        submit: bool,
        /// Whole-number field of the body: what recurs in the rows ends at the latest with that year.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        series_end: Option<String>,
        /// The same for the year before which none of it begins.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        series_start: Option<String>,
    },
    /// For each row of a field, an action on the child whose number the row's member has. The action's input comes from the row, from
    /// this step's input of the same name, and from fields of the body by the names paired with it. All or none.
    ActOnChildren {
        field: String,
        child: String,
        action: String,
        from_body: Vec<(String, String)>,
    },
    /// Children still open become those of the matter whose number the input has, with a link back here.
    CarryChildren {
        field: String,
    },
    /// Set the date from which the step's clocks count to a date of the input.
    CountFrom {
        field: String,
    },
    /// Mark as restricted to named persons.
    Seal,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Condition {
    pub field: String,
    pub values: Vec<String>,
}

/// The check of a guard: facts and, where the guard reads it, the input.
pub type GuardCheck = fn(&Facts, &serde_json::Map<String, serde_json::Value>) -> Result<(), GuardFailure>;

/// A pure check of facts; the failure's text says what is missing.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Guard {
    pub code: String,
    /// The reason shown on the grey button.
    pub reason: Text,
    /// Server side only: a declaration read from JSON has none and is never executed.
    #[serde(skip)]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub check: Option<GuardCheck>,
    /// Needs the input; can't grey the button beforehand.
    #[serde(default)]
    pub of_input: bool,
}

impl PartialEq for Guard {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Guard").field(&self.code).finish()
    }
}

/// What the form of a step says beforehand, by the facts.
#[derive(Clone, Copy)]
pub struct Note(pub fn(&super::workflow::Facts) -> Option<Text>);

impl PartialEq for Note {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl std::fmt::Debug for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Note")
    }
}

/// One transition 流转.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Step {
    pub action: String,
    /// On its button: what somebody may do.
    pub label: Text,
    /// In histories and notices: what was done. `None`: the same words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub done: Option<Text>,
    /// States it may start from; `*` any open state but drafts.
    pub from: Vec<String>,
    pub to: Target,
    pub who: Vec<Who>,
    #[serde(default)]
    pub input: Vec<Field>,
    #[serde(default)]
    pub guards: Vec<Guard>,
    #[serde(default)]
    pub effects: Vec<Effect>,
    /// Taken at most once a day by one unit.
    #[serde(default)]
    pub daily: bool,
    /// Taken on what other units hold only.
    #[serde(default)]
    pub of_others: bool,
    /// What a unit that has the matter to do is expected to press.
    #[serde(default)]
    pub primary: bool,
    /// Ends or destroys something: asks before it acts.
    #[serde(default)]
    pub danger: bool,
    /// Whom to notify.
    #[serde(default)]
    pub notify: Vec<Audience>,
    /// Server side only, as the checks of guards.
    #[serde(skip)]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub note: Option<Note>,
}

/// Who gets a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Liaison officers and the assigned person of the holder (after the step).
    Holder,
    HolderHead,
    Originator,
    CoHandlers,
    Copied,
    LinkageOffice,
    Sender,
}

/// When a linked or child matter reaches a state, the system takes an action on this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reaction {
    /// Kind of the child.
    pub kind: String,
    pub state: String,
    /// Only when all children of the kind are final.
    #[serde(default)]
    pub all_children: bool,
    pub action: String,
}

impl Kind {
    pub fn state(&self, code: &str) -> Option<&State> {
        self.states.iter().find(|state| state.code == code)
    }
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
    pub fn step(&self, action: &str, state: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.action == action && self.starts_in(step, state))
    }
    /// The field that takes what a table says outside its rows.
    pub fn headed(&self, heading: Heading) -> Option<&Field> {
        self.fields.iter().find(|field| field.heading == Some(heading))
    }
    /// The first unit that is typed: the one that a matter of this kind goes to.
    pub fn unit_field(&self) -> Option<&Field> {
        self.fields.iter().find(|field| field.input == Input::Unit && !field.derived)
    }
    /// Whether lists of it can be read: some field knows its column.
    pub fn imports(&self) -> bool {
        self.fields.iter().any(|field| !field.derived && !field.header_words.is_empty())
    }
    /// How its limit is held and what its periods are, where it may recur.
    pub fn recurring(&self) -> Option<(&Limit, &Series)> {
        self.limit.as_ref().zip(self.series.as_ref())
    }
    /// Where a hand-over waits for its receipt.
    pub fn awaiting_receipt(&self) -> Vec<&str> {
        let receives = |step: &&Step| step.effects.contains(&Effect::Receive);
        self.steps.iter().filter(receives).flat_map(|step| &step.from).map(String::as_str).collect()
    }
    /// Final states of what was done.
    pub fn done_states(&self) -> Vec<&str> {
        self.states.iter().filter(|state| state.is_final && !state.undone).map(|state| state.code.as_str()).collect()
    }
    /// The state in which what was handed over is back in the sender's hands.
    pub fn returned_state(&self) -> Option<&str> {
        self.steps.iter().find_map(|step| match &step.to {
            Target::RulingOrState { state } => Some(state.as_str()),
            _ => None,
        })
    }
    /// What is declared of a clock: by the kind, or by the common step groups.
    pub fn clock(&self, rule: &str) -> Clock {
        let declared = self.clocks.iter().find(|clock| clock.rule == rule).cloned();
        declared.or_else(|| super::group::clocks().into_iter().find(|clock| clock.rule == rule)).unwrap_or_else(|| Clock::new(rule, Debtor::Holder))
    }
    /// The body field with the day that the main clock runs to, where one is agreed on.
    pub fn agreed_day(&self) -> Option<&str> {
        self.steps.iter().flat_map(|step| &step.effects).find_map(|effect| match effect {
            Effect::StartClock { length: Length::BodyDate { field }, main: true, .. } => Some(field.as_str()),
            _ => None,
        })
    }
    /// Whether a rule is that of a main clock.
    pub fn is_main(&self, rule: &str) -> bool {
        self.steps.iter().flat_map(|step| &step.effects).any(|effect| matches!(effect, Effect::StartClock { rule: r, main: true, .. } if r == rule))
    }
    /// Whether the system raises the level of an overdue matter of this kind.
    pub fn has_levels(&self) -> bool {
        self.steps.iter().any(|step| step.action == "raise_level")
    }
    /// Whether a step may start in a state; `*` means every open state but drafts.
    pub fn starts_in(&self, step: &Step, state: &str) -> bool {
        step.from.iter().any(|from| from == state || (from == "*" && state != "draft" && self.state(state).is_some_and(|state| !state.is_final)))
    }
}

impl Clock {
    pub fn new(rule: &str, owed_by: Debtor) -> Self {
        Self { rule: rule.into(), owed_by, tell: Vec::new(), takes: None }
    }
    pub fn tell(mut self, audience: &[Audience]) -> Self {
        self.tell = audience.to_vec();
        self
    }
    pub fn takes(mut self, action: &str) -> Self {
        self.takes = Some(action.into());
        self
    }
}

impl Step {
    pub fn new(action: &str, label: Text) -> Self {
        Self {
            action: action.into(),
            label,
            done: None,
            from: Vec::new(),
            to: Target::Same,
            who: Vec::new(),
            input: Vec::new(),
            guards: Vec::new(),
            effects: Vec::new(),
            daily: false,
            of_others: false,
            primary: false,
            danger: false,
            notify: Vec::new(),
            note: None,
        }
    }
    /// What a history says of it in English, whose buttons command (Receive) and whose histories tell (Received). Chinese says both
    /// by one word (签收).
    pub fn done(mut self, en: &str) -> Self {
        self.done = Some(Text { zh: self.label.zh.clone(), en: en.into() });
        self
    }
    /// What a history says of it.
    pub fn told(&self) -> &Text {
        self.done.as_ref().unwrap_or(&self.label)
    }
    pub fn from(mut self, states: &[&str]) -> Self {
        self.from = states.iter().map(|s| (*s).to_owned()).collect();
        self
    }
    pub fn to(mut self, state: &str) -> Self {
        self.to = Target::State { state: state.into() };
        self
    }
    pub fn target(mut self, target: Target) -> Self {
        self.to = target;
        self
    }
    pub fn by(mut self, who: Who) -> Self {
        self.who.push(who);
        self
    }
    pub fn input(mut self, fields: Vec<Field>) -> Self {
        self.input = fields;
        self
    }
    pub fn guard(mut self, guard: Guard) -> Self {
        self.guards.push(guard);
        self
    }
    pub fn does(mut self, effects: Vec<Effect>) -> Self {
        self.effects.extend(effects);
        self
    }
    pub fn of_others(mut self) -> Self {
        self.of_others = true;
        self
    }
    pub fn daily(mut self) -> Self {
        self.daily = true;
        self
    }
    pub fn note(mut self, note: fn(&super::workflow::Facts) -> Option<Text>) -> Self {
        self.note = Some(Note(note));
        self
    }
    pub fn primary(mut self) -> Self {
        self.primary = true;
        self
    }
    pub fn danger(mut self) -> Self {
        self.danger = true;
        self
    }
    pub fn notify(mut self, audience: &[Audience]) -> Self {
        self.notify = audience.to_vec();
        self
    }
}

pub fn state(code: &str, label: Text) -> State {
    State { code: code.into(), label, is_final: false, editable: false, undone: false }
}

pub fn final_state(code: &str, label: Text) -> State {
    State { code: code.into(), label, is_final: true, editable: false, undone: false }
}

/// Where a matter ends without having been done.
pub fn undone_state(code: &str, label: Text) -> State {
    State { undone: true, ..final_state(code, label) }
}

pub fn editable_state(code: &str, label: Text) -> State {
    State { code: code.into(), label, is_final: false, editable: true, undone: false }
}
