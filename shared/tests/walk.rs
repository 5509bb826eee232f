//! N1, purely: a hundred thousand random legal steps over every table, with the holder, clocks, hand-overs and asks kept by a model
//! of the effects. After each step an open matter has exactly one holder and something running, a closed one has nothing.
//! `tests/tests/api/walk.rs` takes the same walk, shorter, through the server.

use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};
use serde_json::{Map, Value, json};
use shared::{
    kernel::{
        field::{Field, Input},
        kind::{Effect, Kind, Length, Step, UnitRef},
        role::{Part, Role},
        workflow::{self, ActorFacts, AskFact, Facts, HandoverFact},
    },
    registry,
};
use std::collections::BTreeSet;

const STEPS: usize = 100_000;
const UNITS: [(&str, &str); 6] = [
    ("df-justice", "justice_bureau"),
    ("df-procuratorate", "procuratorate"),
    ("df-market", "bureau"),
    ("df-water", "bureau"),
    ("df-tax", "vertical_agency"),
    ("df-court", "court"),
];

/// A small deterministic generator (xorshift): a failing walk is the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(n.max(1)).expect("small")).expect("small")
    }
    fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }
}

#[derive(Clone)]
struct Clock {
    rule: String,
    main: bool,
    of_handover: bool,
    running: bool,
    due: Option<NaiveDate>,
}

#[derive(Clone)]
struct Matter {
    facts: Facts,
    clocks: Vec<Clock>,
    before_handover: Option<String>,
    /// Units that held it, with the step at which each began.
    holdings: Vec<String>,
}

fn instant(day: NaiveDate) -> DateTime<Utc> {
    Utc.from_utc_datetime(&day.and_hms_opt(4, 0, 0).expect("an hour"))
}

fn start() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day")
}

/// A value a field takes, as its declaration says.
fn value(field: &Field, dice: &mut Dice, today: NaiveDate) -> Value {
    match &field.input {
        Input::Text { min, max } | Input::LongText { min, max } => json!("字".repeat((*min).max(2).min(*max))),
        // Ends of a range matter most.
        Input::Integer { max, .. } if dice.below(3) == 0 => json!(max),
        Input::Integer { min, max } => json!(min + i64::try_from(dice.below(usize::try_from(max - min + 1).unwrap_or(1))).unwrap_or(0)),
        Input::Money => json!(100),
        Input::Date => json!((today + Days::new(1 + u64::try_from(dice.below(200)).unwrap_or(0))).to_string()),
        Input::Bool => json!(dice.below(2) == 0),
        Input::Choice { choices } => json!(dice.pick(choices).map(|choice| choice.code.clone())),
        Input::CodeList { list } if list == "refusal_reasons" => json!("other_region"),
        Input::CodeList { .. } => json!("other"),
        Input::CodeLists { .. } => json!([]),
        Input::Unit => json!(dice.pick(&UNITS).map(|unit| unit.0)),
        Input::Units { .. } => json!(UNITS.iter().filter(|_| dice.below(3) == 0).map(|unit| unit.0).collect::<Vec<_>>()),
        Input::OwnUser => json!("01990000-0000-7000-8000-000000000000"),
        Input::Texts { .. } => json!(["一条"]),
        Input::Attachments { .. } => json!([]),
        Input::Matter { .. } => json!("LD-2026-WI-00001"),
        Input::RowOf { .. } => json!("一行"),
        Input::Editions => json!([]),
        Input::Recurrence => json!({ "every": "month", "day": { "day": 25 } }),
        Input::Rows { fields, .. } => json!([fields.iter().map(|field| (field.name.clone(), value(field, dice, today))).collect::<Map<_, _>>()]),
    }
}

impl Matter {
    fn new(kind: &Kind, dice: &mut Dice, today: NaiveDate) -> Self {
        let mut body: Map<String, Value> =
            kind.fields.iter().filter(|field| !field.derived).map(|field| (field.name.clone(), value(field, dice, today))).collect();
        if let (Some(lead), Some(Value::Array(units))) = (body.get("lead_unit").cloned(), body.get_mut("co_units")) {
            units.retain(|unit| *unit != lead);
        }
        body.remove("deliverables");
        if body.contains_key("year_from") {
            body.insert("year_to".into(), body.get("year_from").cloned().unwrap_or_default());
        }
        let facts = Facts {
            state: "draft".into(),
            body,
            holder_unit: Some("df-justice".into()),
            originator_unit: "df-justice".into(),
            parties: BTreeSet::from([("df-justice".to_owned(), Part::Originator)]),
            attachments: UNITS.iter().map(|unit| (unit.0.to_owned(), 1)).collect(),
            active_units: UNITS.iter().map(|unit| unit.0.to_owned()).collect(),
            today,
            now: instant(today),
            ..Facts::default()
        };
        Self { facts, clocks: Vec::new(), before_handover: None, holdings: vec!["df-justice".into()] }
    }

    fn hold(&mut self, unit: &str) {
        if self.facts.holder_unit.as_deref() != Some(unit) {
            self.holdings.push(unit.to_owned());
        }
        self.facts.holder_unit = Some(unit.to_owned());
    }

    fn unit(&self, unit: &UnitRef, input: &Map<String, Value>) -> Option<String> {
        let text = |values: &Map<String, Value>, field: &str| values.get(field).and_then(Value::as_str).map(str::to_owned);
        match unit {
            UnitRef::Body { field } => text(&self.facts.body, field),
            UnitRef::Input { field } => text(input, field),
            UnitRef::InputOrBody { input: first, body } => text(input, first).or_else(|| text(&self.facts.body, body)),
            UnitRef::Originator => Some(self.facts.originator_unit.clone()),
            UnitRef::Sender => self.facts.handover.as_ref().map(|handover| handover.from_unit.clone()),
            UnitRef::Receiver => self.facts.handover.as_ref().map(|handover| handover.to_unit.clone()),
            UnitRef::LinkageOffice => Some("df-justice".into()),
        }
    }

    fn stop(&mut self, which: impl Fn(&Clock) -> bool) {
        self.clocks.iter_mut().filter(|clock| which(clock)).for_each(|clock| clock.running = false);
    }

    fn run(&mut self, rule: &str, main: bool, of_handover: bool, due: Option<NaiveDate>) {
        self.clocks.push(Clock { rule: rule.to_owned(), main, of_handover, running: true, due });
    }

    fn report(&mut self, done: bool) {
        if let Some(clock) = self.clocks.iter_mut().rev().find(|clock| clock.main) {
            clock.running = !done;
        }
    }

    fn end_handover(&mut self) -> Option<String> {
        let handover = self.facts.handover.as_mut().filter(|handover| handover.open)?;
        handover.open = false;
        let from = handover.from_unit.clone();
        self.stop(|clock| clock.of_handover);
        Some(from)
    }

    /// The effects, one by one, as DESIGN.md §5 words them.
    fn effect(&mut self, effect: &Effect, actor: &ActorFacts, input: &Map<String, Value>, before: &str) {
        let units = |values: &Map<String, Value>, field: &str| -> Vec<String> {
            values.get(field).and_then(Value::as_array).into_iter().flatten().filter_map(|unit| unit.as_str().map(str::to_owned)).collect()
        };
        match effect {
            Effect::StartClock { rule, length, main, when } => {
                let wanted = when.as_ref().is_none_or(|when| when.values.iter().any(|value| value == self.facts.text(&when.field)));
                let due = match length {
                    Length::BodyDate { field } => Some(self.facts.text(field).to_owned()),
                    Length::InputDate { field } => input.get(field).and_then(Value::as_str).map(str::to_owned),
                    _ => None,
                };
                if wanted {
                    self.run(rule, *main, false, due.and_then(|due| due.parse().ok()));
                }
            }
            Effect::StopClock { rule } => self.stop(|clock| clock.rule == *rule),
            Effect::StopAllClocks => {
                self.stop(|_| true);
                let _ = self.end_handover();
            }
            Effect::HandOver { to, refusable } => {
                let to = self.unit(to, input).expect("a unit is named");
                let holder = self.facts.holder_unit.clone().expect("an open matter is held");
                let from = if actor.system { holder.clone() } else { actor.unit.clone() };
                if before != "sent" {
                    self.before_handover = Some(if from == holder { before } else { "returned" }.to_owned());
                }
                let refuse_until = self.facts.today + Days::new(2);
                self.facts.handover =
                    Some(HandoverFact { from_unit: from, to_unit: to.clone(), open: true, refusable: *refusable, refuse_until, escalated: false });
                self.run("handover.receipt.general", false, true, None);
                self.hold(&to);
            }
            Effect::Receive => drop(self.end_handover().expect("a hand-over is open")),
            Effect::Recall | Effect::CallOff => {
                let from = self.end_handover().expect("a hand-over is open");
                self.hold(&from);
            }
            Effect::Refuse => {
                let from = self.end_handover().expect("a hand-over is open");
                self.facts.refusals += 1;
                if self.facts.refusals >= 2 {
                    self.run("handover.ruling.general", false, false, None);
                    self.hold("df-justice");
                } else {
                    self.hold(&from);
                }
            }
            Effect::Hold { by } => {
                let unit = self.unit(by, input).expect("a unit is named");
                self.hold(&unit);
            }
            Effect::AddParty { unit, part } => {
                let unit = self.unit(unit, input).expect("a unit is named");
                self.facts.parties.insert((unit, *part));
            }
            Effect::AddParties { field, part } => self.facts.parties.extend(units(&self.facts.body, field).into_iter().map(|unit| (unit, *part))),
            Effect::AddPartiesOfInput { field, part } => self.facts.parties.extend(units(input, field).into_iter().map(|unit| (unit, *part))),
            Effect::AskUnits { field, action, .. } => {
                let asks =
                    units(&self.facts.body, field).into_iter().map(|unit| AskFact { unit, action: action.clone(), open: true, ..AskFact::default() });
                self.facts.asks.extend(asks);
            }
            Effect::MatchUnits { field, part, action, .. } => {
                let units = units(&self.facts.body, field);
                self.facts.parties.retain(|(unit, other)| other != part || units.contains(unit));
                self.facts.parties.extend(units.iter().map(|unit| (unit.clone(), *part)));
                self.facts.asks.iter_mut().filter(|ask| !units.contains(&ask.unit)).for_each(|ask| ask.open = false);
                for unit in units {
                    if !self.facts.asks.iter().any(|ask| ask.unit == unit && (ask.open || ask.answered)) {
                        self.facts.asks.push(AskFact { unit, action: action.clone(), open: true, ..AskFact::default() });
                    }
                }
            }
            Effect::ListUnit { field, unit } | Effect::UnlistUnit { field, unit } => {
                let unit = self.unit(unit, input).expect("a unit is named");
                let mut listed: Vec<String> = units(&self.facts.body, field).into_iter().filter(|other| *other != unit).collect();
                listed.extend(matches!(effect, Effect::ListUnit { .. }).then_some(unit));
                self.facts.body.insert(field.clone(), json!(listed));
            }
            Effect::AnswerAsk { action } => {
                let ask = self.facts.asks.iter_mut().rev().find(|ask| ask.unit == actor.unit && ask.action == *action).expect("the unit is asked");
                (ask.open, ask.answered) = (false, true);
            }
            Effect::DeclineAsk { action } => {
                let ask = self.facts.asks.iter_mut().rev().find(|ask| ask.unit == actor.unit && ask.action == *action).expect("the unit is asked");
                (ask.open, ask.declined) = (false, true);
            }
            // The main clock stands; what runs meanwhile is the clock of who judges.
            Effect::ReportDone => self.report(true),
            Effect::DoneRefused => self.report(false),
            Effect::LapseAsks => self.facts.asks.iter_mut().for_each(|ask| ask.open = false),
            Effect::SetBody { fields } | Effect::AdjustBody { fields } => {
                for field in fields {
                    if let Some(value) = input.get(field) {
                        self.facts.body.insert(field.clone(), value.clone());
                    }
                }
            }
            Effect::SetBodyCode { field, value } => {
                let value = value.strip_prefix('@').map_or_else(|| json!(value), |from| input.get(from).cloned().unwrap_or_default());
                self.facts.body.insert(field.clone(), value);
            }
            Effect::ProposeExtension { .. } => self.facts.extension_pending = true,
            Effect::RejectExtension => self.facts.extension_pending = false,
            Effect::ApproveExtension { .. } => {
                self.facts.extension_pending = false;
                let due = input.get("new_due").and_then(Value::as_str).and_then(|due| due.parse().ok());
                if let (Some(due), Some(clock)) = (due, self.clocks.iter_mut().find(|clock| clock.main && clock.running)) {
                    clock.due = Some(due);
                }
            }
            Effect::RememberState => self.before_handover = Some(before.to_owned()),
            Effect::PauseClock => self.facts.paused = true,
            Effect::ResumeClock => self.facts.paused = false,
            Effect::Urge => self.facts.last_urged = Some(self.facts.now),
            Effect::Assign { .. } | Effect::SetLevel { .. } | Effect::SetLevelFromInput { .. } | Effect::KeepPrecedent => {}
            Effect::SpawnInstances | Effect::SpawnChildren { .. } | Effect::Discard | Effect::CountFrom { .. } | Effect::Seal => {}
            Effect::ClearBody { fields } => fields.iter().for_each(|field| drop(self.facts.body.remove(field))),
            Effect::MoveDue { field } => {
                let due = input.get(field).and_then(Value::as_str).and_then(|due| due.parse().ok());
                if let (Some(due), Some(clock)) = (due, self.clocks.iter_mut().find(|clock| clock.main && clock.running)) {
                    clock.due = Some(due);
                }
            }
            Effect::NextEdition { .. } | Effect::KeepEdition { .. } | Effect::ActOnChildren { .. } | Effect::CarryChildren { .. } => {}
            Effect::NoteSilence => self.facts.handover.iter_mut().for_each(|handover| handover.escalated = true),
            Effect::RemindOfPause
            | Effect::CountRework
            | Effect::AddMembers { .. }
            | Effect::Claim { .. }
            | Effect::Release
            | Effect::CarryToInstances { .. } => {}
        }
    }

    fn take(&mut self, kind: &Kind, step: &Step, actor: &ActorFacts, input: &Map<String, Value>) {
        let before = self.facts.state.clone();
        let next = workflow::next_state(step, &self.facts, self.before_handover.as_deref());
        for effect in &step.effects {
            self.effect(effect, actor, input, &before);
        }
        if next == "draft" {
            self.stop(|_| true);
            self.facts.asks.iter_mut().for_each(|ask| ask.open = false);
            self.hold(&self.facts.originator_unit.clone());
        }
        if kind.state(&next).is_some_and(|state| state.is_final) {
            self.facts.holder_unit = None;
        }
        self.facts.closed = kind.state(&next).is_some_and(|state| state.is_final).then_some(self.facts.today);
        if step.daily {
            self.facts.taken_today.insert((step.action.clone(), actor.unit.clone()));
        }
        self.facts.state = next;
        let main = self.clocks.iter().filter(|clock| clock.main && clock.running).min_by_key(|clock| clock.due);
        self.facts.due = main.and_then(|clock| clock.due).or(self.facts.due);
        self.facts.started = Some(start());
    }

    /// domain.md §7: 1 to 4.
    fn check(&self, kind: &Kind, trail: &[String]) {
        let state = kind.state(&self.facts.state).unwrap_or_else(|| panic!("no state {}: {trail:?}", self.facts.state));
        let running = self.clocks.iter().filter(|clock| clock.running).count();
        let asked = self.facts.asks.iter().filter(|ask| ask.open).count();
        let sent = self.facts.handover.as_ref().is_some_and(|handover| handover.open);
        if state.is_final {
            assert_eq!(self.facts.holder_unit, None, "{} closed and held: {trail:?}", kind.code);
            assert!(running == 0 && asked == 0 && !sent, "{} closed with {running} clocks, {asked} asks, sent {sent}: {trail:?}", kind.code);
            return;
        }
        assert!(self.facts.holder_unit.is_some(), "{} open in {} and held by nobody: {trail:?}", kind.code, state.code);
        assert!(state.code == "draft" || running > 0, "{} open in {} without a clock: {trail:?}", kind.code, state.code);
        assert!(state.code != "draft" || (running == 0 && asked == 0), "{}: a draft with {running} clocks and {asked} asks: {trail:?}", kind.code);
        assert_eq!(state.code == "sent", sent, "{} in {} with a hand-over open {sent}: {trail:?}", kind.code, state.code);
        if sent {
            assert_eq!(self.facts.handover.as_ref().map(|handover| &handover.to_unit), self.facts.holder_unit.as_ref(), "{trail:?}");
        }
        let mains = self.clocks.iter().filter(|clock| clock.main && clock.running).count();
        assert!(mains <= 1, "{} has {mains} statutory clocks: {trail:?}", kind.code);
        let mut twice = self.facts.asks.iter().filter(|ask| ask.open).map(|ask| (&ask.unit, &ask.action)).collect::<Vec<_>>();
        twice.sort();
        assert!(twice.windows(2).all(|pair| pair[0] != pair[1]), "{} asks a unit twice: {trail:?}", kind.code);
        assert_eq!(self.holdings.last(), self.facts.holder_unit.as_ref(), "{trail:?}");
    }
}

fn actors() -> Vec<ActorFacts> {
    let mut actors = vec![ActorFacts { unit: String::new(), unit_kind: String::new(), roles: Vec::new(), linkage_office: false, system: true }];
    for (unit, kind) in UNITS {
        for role in Role::ALL.iter().filter(|role| !role.is_administration() && role.unit_kinds().is_none_or(|kinds| kinds.contains(&kind))) {
            let (unit, unit_kind) = (unit.to_owned(), kind.to_owned());
            actors.push(ActorFacts { linkage_office: kind == "justice_bureau", unit, unit_kind, roles: vec![*role], system: false });
        }
    }
    actors
}

#[test]
fn a_hundred_thousand_legal_steps_keep_one_holder() {
    let (kinds, actors) = (registry::kinds(), actors());
    let mut dice = Dice(0x2026_1124);
    let mut taken = 0;
    let mut actions = BTreeSet::new();
    while taken < STEPS {
        for kind in &kinds {
            let mut today = start();
            let mut matter = Matter::new(kind, &mut dice, today);
            let mut trail = Vec::new();
            for _ in 0..40 {
                today = today + Days::new(u64::from(dice.below(3) == 0));
                if matter.facts.today != today {
                    matter.facts.taken_today.clear();
                }
                (matter.facts.today, matter.facts.now) = (today, instant(today));
                // A random step of those that somebody may take now, with input its fields accept and its guards let through.
                let mut legal = Vec::new();
                for step in kind.steps.iter().filter(|step| kind.starts_in(step, &matter.facts.state)) {
                    let input: Map<String, Value> = step.input.iter().map(|field| (field.name.clone(), value(field, &mut dice, today))).collect();
                    if let Some(actor) = actors.iter().find(|actor| workflow::check(kind, step, &matter.facts, actor, Some(&input)).is_ok()) {
                        legal.push((step, actor, input));
                    }
                }
                // Ends are taken now and then only, or no walk would be long.
                let ends =
                    |step: &Step| matches!(&step.to, shared::kernel::kind::Target::State { state } if kind.state(state).is_some_and(|s| s.is_final));
                if legal.iter().any(|(step, ..)| !ends(step)) && dice.below(12) != 0 {
                    legal.retain(|(step, ..)| !ends(step));
                }
                let Some((step, actor, input)) = dice.pick(&legal).cloned() else { break };
                trail.push(format!("{} by {}", step.action, actor.unit));
                let due = matter.facts.due;
                matter.take(kind, step, actor, &input);
                matter.check(kind, &trail);
                // N2: no refusal, re-routing or ruling moves the statutory day.
                if ["receive", "refuse", "recall", "resend", "supplement_and_resend", "rule", "assign", "change_lead"].contains(&step.action.as_str())
                {
                    assert_eq!(matter.facts.due, due, "{trail:?}");
                }
                actions.insert(format!("{}.{}", kind.code, step.action));
                taken += 1;
            }
        }
    }
    // The walk went everywhere: every declared action was taken.
    let declared: BTreeSet<String> = kinds.iter().flat_map(|kind| kind.steps.iter().map(|step| format!("{}.{}", kind.code, step.action))).collect();
    let never: Vec<&String> = declared.difference(&actions).collect();
    assert!(never.is_empty(), "never taken in {taken} steps: {never:?}");
}
