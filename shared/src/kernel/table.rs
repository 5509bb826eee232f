//! What must hold of every declaration and the compiler can't see: names that exist, states that are reached and left, effects that
//! write declared fields, reactions that end. And the declaration as text, for the golden files and for readers, in `print`.

mod lists;
mod print;

pub use print::print;

use super::{
    calendar::ClockRules,
    field::{Field, Heading, Input, Need},
    header::FILTERS,
    kind::{Debtor, Effect, Kind, Length, Step, Target, UnitRef, Who},
    role::Role,
    text::Text,
};
use std::collections::{BTreeMap, BTreeSet};

/// Codes of the code lists by their names.
pub type CodeLists = BTreeMap<String, BTreeSet<String>>;

/// Everything wrong with some declarations, each in one sentence that begins with the kind's code; empty: nothing.
pub fn faults(kinds: &[Kind], rules: &ClockRules, lists: &CodeLists) -> Vec<String> {
    let mut faults = Vec::new();
    for (what, codes) in [("code", kinds.iter().map(|k| &k.code).collect::<Vec<_>>()), ("abbreviation", kinds.iter().map(|k| &k.abbr).collect())] {
        for twice in repeated(codes.iter().map(|code| code.as_str())) {
            faults.push(format!("{twice}: the {what} is used by two kinds"));
        }
    }
    for kind in kinds {
        let check = Check { kind, kinds, rules, lists, found: Vec::new() };
        faults.extend(check.all().into_iter().map(|fault| format!("{}: {fault}", kind.code)));
    }
    faults.extend(reaction_loops(kinds));
    faults
}

fn repeated<'a>(names: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    names.filter(|name| !seen.insert(*name)).collect()
}

struct Check<'a> {
    kind: &'a Kind,
    kinds: &'a [Kind],
    rules: &'a ClockRules,
    lists: &'a CodeLists,
    found: Vec<String>,
}

impl Check<'_> {
    fn all(mut self) -> Vec<String> {
        self.names();
        let fields = self.kind.fields.clone();
        self.fields(&fields, "body");
        self.declared_extras();
        for step in &self.kind.steps.clone() {
            self.step(step);
        }
        self.clocks();
        self.limit();
        self.series();
        self.statistics();
        self.twice();
        self.paths();
        self.reactions();
        self.found
    }

    fn fault(&mut self, text: impl Into<String>) {
        self.found.push(text.into());
    }

    fn demand(&mut self, holds: bool, text: impl FnOnce() -> String) {
        if !holds {
            self.found.push(text());
        }
    }

    fn text(&mut self, text: &Text, of: &str) {
        self.demand(!text.zh.trim().is_empty() && !text.en.trim().is_empty(), || format!("{of} has no label in one of the languages"));
    }

    /// Every clock says who owes the act that ends it, and is started by some step.
    fn clocks(&mut self) {
        let common: BTreeSet<String> = super::group::clocks().into_iter().map(|clock| clock.rule).collect();
        let kind = self.kind;
        let effects = || kind.steps.iter().flat_map(|step| &step.effects);
        let started: BTreeSet<String> =
            effects().filter_map(|effect| if let Effect::StartClock { rule, .. } = effect { Some(rule.clone()) } else { None }).collect();
        let (reports, refuses) = (effects().any(|e| *e == Effect::ReportDone), effects().any(|e| *e == Effect::DoneRefused));
        let declared: BTreeSet<String> = self.kind.clocks.iter().map(|clock| clock.rule.clone()).collect();
        for rule in started.difference(&declared).filter(|rule| !common.contains(*rule)) {
            self.fault(format!("clock {rule} says not who owes what ends it"));
        }
        for rule in declared.difference(&started) {
            self.fault(format!("clock {rule} is started by no step"));
        }
        for twice in repeated(self.kind.clocks.iter().map(|clock| clock.rule.as_str())) {
            self.fault(format!("clock {twice} is declared twice"));
        }
        for clock in &self.kind.clocks.clone() {
            let of = format!("clock {}", clock.rule);
            if let Debtor::Body { field } = &clock.owed_by {
                self.body(field, |input| matches!(input, Input::Unit), &of);
            }
            if let Some(action) = &clock.takes {
                let taken = self.kind.steps.iter().any(|step| step.action == *action && step.who.iter().any(|who| who.system));
                self.demand(taken, || format!("{of}: the system has no step {action}"));
            }
        }
        self.demand(reports == refuses, || "completion is reported, but never judged not to be: or the other way round".into());
    }

    fn names(&mut self) {
        let kind = self.kind;
        let code = |code: &str| !code.is_empty() && code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        self.demand(code(&kind.code), || "the code is not in snake case".into());
        self.demand((2..=4).contains(&kind.abbr.len()) && kind.abbr.chars().all(|c| c.is_ascii_uppercase()), || {
            format!("the abbreviation {} is not two to four capital letters", kind.abbr)
        });
        self.text(&kind.name, "the kind");
        self.demand(!kind.starters.is_empty(), || "nobody may start one".into());
        self.demand(kind.states.first().is_some_and(|state| state.code == "draft" && !state.is_final), || "the first state is not draft".into());
        for twice in repeated(kind.states.iter().map(|state| state.code.as_str())) {
            self.fault(format!("state {twice} is declared twice"));
        }
        for state in &kind.states {
            self.demand(code(&state.code), || format!("state {} is not in snake case", state.code));
            self.text(&state.label, &format!("state {}", state.code));
        }
        let hands_over = kind.steps.iter().flat_map(|step| &step.effects).any(|effect| matches!(effect, Effect::HandOver { .. }));
        let escalates = kind.steps.iter().any(|step| step.action == "escalate" && step.who.iter().any(|who| who.system));
        self.demand(!hands_over || escalates, || "it hands over, but silence is not escalated: take in group::urge()".into());
        let submit = kind.steps.iter().any(|step| step.action == "submit" && step.from.iter().any(|from| from == "draft"));
        self.demand(submit, || "no step submit leads out of draft".into());
    }

    fn choices(&self, field: &Field) -> Option<BTreeSet<String>> {
        match &field.input {
            Input::Choice { choices } => Some(choices.iter().map(|choice| choice.code.clone()).collect()),
            Input::CodeList { list } | Input::CodeLists { list, .. } => self.lists.get(list).cloned(),
            _ => None,
        }
    }

    fn fields(&mut self, fields: &[Field], of: &str) {
        for twice in repeated(fields.iter().map(|field| field.name.as_str())) {
            self.fault(format!("{of} asks {twice} twice"));
        }
        for field in fields {
            let name = format!("{of} field {}", field.name);
            self.text(&field.label, &name);
            if let Input::Matter { kind, .. } = &field.input {
                self.demand(self.kinds.iter().any(|other| other.code == *kind), || format!("{name}: there is no kind {kind}"));
            }
            if let Input::CodeList { list } | Input::CodeLists { list, .. } = &field.input {
                self.demand(self.lists.contains_key(list), || format!("{name}: there is no code list {list}"));
            }
            let codes = self.choices(field);
            if let (Some(preset), Some(codes)) = (&field.preset, &codes) {
                self.demand(codes.contains(preset), || format!("{name}: the preset {preset} is none of its codes"));
            }
            if let Need::If { field: other, values } = &field.need {
                match fields.iter().find(|field| field.name == *other) {
                    None => self.fault(format!("{name} depends on {other}, which is not asked")),
                    Some(other) => {
                        let known = self.choices(other);
                        for value in values.iter().filter(|value| known.as_ref().is_none_or(|codes| !codes.contains(*value))) {
                            self.fault(format!("{name} depends on {value} of {}, which is none of its codes", other.name));
                        }
                    }
                }
            }
            if let Some(infer) = &field.infer {
                self.demand(fields.iter().any(|field| field.name == infer.from), || {
                    format!("{name} is inferred from {}, which is not asked", infer.from)
                });
                let wanted = infer.words.iter().map(|(_, code)| code).chain([&infer.otherwise]);
                for code in wanted.filter(|code| codes.as_ref().is_none_or(|codes| !codes.contains(*code))) {
                    self.fault(format!("{name} is inferred to be {code}, which is none of its codes"));
                }
            }
            if field.facet {
                let counted = matches!(
                    field.input,
                    Input::Text { .. }
                        | Input::Choice { .. }
                        | Input::CodeList { .. }
                        | Input::CodeLists { .. }
                        | Input::Unit
                        | Input::Units { .. }
                        | Input::Bool
                );
                self.demand(!FILTERS.contains(&field.name.as_str()), || {
                    format!("{name} can't be a facet: every list has another filter of that name")
                });
                self.demand(counted && field.sensitivity == 0, || {
                    format!("{name} can't be a facet: it has no values to count, or they are sensitive")
                });
            }
            self.demand(!(field.listed && field.sensitivity > 0), || format!("{name} is sensitive and can't be a column of lists"));
            let inner = match &field.input {
                Input::Rows { fields, .. } => fields.as_slice(),
                _ => &[],
            };
            self.fields(inner, &name);
            if let Some(others) = &field.others {
                let there = fields.iter().any(|other| other.name == *others && !other.derived && matches!(other.input, Input::Units { .. }));
                self.demand(there && field.input == Input::Unit, || format!("{name} leaves other units to {others}, which doesn't list units"));
            }
            self.demand(field.heading.is_none() || matches!(field.input, Input::Text { .. }), || {
                format!("{name} can't hold a heading: it is no text")
            });
            if let Some(from) = &field.rows_from {
                let mut answers = self.kind.steps.iter().filter(|step| step.action == from.action).flat_map(|step| &step.input);
                let said = answers.any(|field| field.name == from.rows && matches!(field.input, Input::Rows { .. }));
                let named = inner.iter().any(|field| field.name == from.unit && field.input == Input::Unit);
                self.demand(said && named, || {
                    format!("{name} has rows of {}, which says no rows {} or has no unit {}", from.action, from.rows, from.unit)
                });
            }
            if let Input::RowOf { rows, member } = &field.input {
                let there = self.kind.field(rows).is_some_and(|field| match &field.input {
                    Input::Rows { fields, .. } => fields.iter().any(|field| field.name == *member),
                    _ => false,
                });
                self.demand(there, || format!("{name} names a row of {rows} by {member}, which the body doesn't have"));
            }
        }
    }

    fn declared_extras(&mut self) {
        let kind = self.kind;
        for name in kind.title_from.iter().chain(&kind.identity) {
            self.demand(kind.field(name).is_some(), || format!("there is no field {name} for the title or the identity"));
        }
        for heading in [Heading::Table, Heading::Group] {
            let held = kind.fields.iter().filter(|field| field.heading == Some(heading)).count();
            self.demand(held < 2, || format!("{held} fields hold the same heading"));
        }
        for rule in &kind.rules {
            self.text(&rule.reason, &format!("rule {}", rule.code));
            self.demand(rule.check.is_some() && !rule.of_input, || format!("rule {} checks nothing, or an input", rule.code));
        }
        for who in kind.starters.iter().chain(&kind.observers) {
            self.who(who, "starters and observers");
        }
    }

    fn who(&mut self, who: &Who, of: &str) {
        let kinds = self.lists.get("unit_kinds").cloned().unwrap_or_default();
        for unit_kind in &who.unit_kinds {
            self.demand(kinds.contains(unit_kind), || format!("{of}: there is no unit kind {unit_kind}"));
        }
        let exists = |role: &Role| {
            who.unit_kinds.is_empty() || role.unit_kinds().is_none_or(|kinds| who.unit_kinds.iter().any(|k| kinds.contains(&k.as_str())))
        };
        self.demand(who.system || who.roles.is_empty() || who.roles.iter().any(exists), || format!("{of}: none of the roles exists in those units"));
        self.demand(!who.roles.iter().any(|role| role.is_administration()), || format!("{of}: administrators take no part in business"));
    }

    fn step(&mut self, step: &Step) {
        let name = format!("step {}", step.action);
        self.text(&step.label, &name);
        self.demand(!step.who.is_empty(), || format!("{name} is for nobody"));
        self.demand(!step.from.is_empty(), || format!("{name} starts nowhere"));
        for from in step.from.iter().filter(|from| *from != "*") {
            self.demand(self.kind.state(from).is_some(), || format!("{name} starts from {from}, which is no state"));
        }
        match &step.to {
            Target::State { state } | Target::RulingOrState { state } => {
                self.demand(self.kind.state(state).is_some(), || format!("{name} leads to {state}, which is no state"));
            }
            Target::Same | Target::BeforeHandover => {}
        }
        if matches!(step.to, Target::RulingOrState { .. }) {
            self.demand(self.kind.state("ruling").is_some(), || format!("{name} leads to ruling, which is no state"));
        }
        for who in &step.who {
            self.who(who, &name);
            if let Some(action) = &who.asked {
                let asks = self
                    .kind
                    .steps
                    .iter()
                    .flat_map(|step| &step.effects)
                    .any(|effect| matches!(effect, Effect::AskUnits { action: a, .. } | Effect::MatchUnits { action: a, .. } if a == action));
                self.demand(asks, || format!("{name} is for units asked to {action}, but nobody is"));
            }
        }
        self.fields(&step.input, &name);
        for guard in &step.guards {
            self.text(&guard.reason, &format!("{name}, guard {}", guard.code));
            self.demand(guard.check.is_some(), || format!("{name}, guard {} checks nothing", guard.code));
        }
        for effect in &step.effects {
            self.effect(step, effect);
        }
        self.asked_again(step);
        self.ends_clean(step);
    }

    fn body(&mut self, name: &str, fits: impl Fn(&Input) -> bool, of: &str) {
        match self.kind.field(name) {
            None => self.fault(format!("{of} names {name}, which is no field")),
            Some(field) => self.demand(fits(&field.input), || format!("{of} names {name}, which is of another type")),
        }
    }

    fn input(&mut self, step: &Step, name: &str, fits: impl Fn(&Input) -> bool, of: &str) {
        match step.input.iter().find(|field| field.name == name) {
            None => self.fault(format!("{of} reads {name}, which it does not ask for")),
            Some(field) => self.demand(fits(&field.input), || format!("{of} reads {name}, which is of another type")),
        }
    }

    fn rule(&mut self, rule: &str, of: &str) {
        self.demand(self.rules.get(rule).is_some(), || format!("{of}: there is no clock rule {rule}"));
    }

    fn unit(&mut self, step: &Step, unit: &UnitRef, of: &str) {
        let is_unit = |input: &Input| matches!(input, Input::Unit);
        match unit {
            UnitRef::Body { field } => self.body(field, is_unit, of),
            UnitRef::Input { field } => self.input(step, field, is_unit, of),
            UnitRef::InputOrBody { input, body } => {
                self.input(step, input, is_unit, of);
                self.body(body, is_unit, of);
            }
            UnitRef::Originator | UnitRef::Sender | UnitRef::Receiver | UnitRef::LinkageOffice => {}
        }
    }

    fn effect(&mut self, step: &Step, effect: &Effect) {
        let of = format!("step {}", step.action);
        let is_date = |input: &Input| matches!(input, Input::Date);
        let are_units = |input: &Input| matches!(input, Input::Units { .. });
        match effect {
            Effect::StartClock { rule, length, when, .. } => {
                self.rule(rule, &of);
                match length {
                    Length::Rule => {}
                    Length::RuleOfYear { field } => self.body(field, |input| matches!(input, Input::Integer { .. }), &of),
                    Length::BodyDate { field } => self.body(field, is_date, &of),
                    Length::InputDate { field } => self.input(step, field, is_date, &of),
                    Length::InputAmount { field, .. } => self.input(step, field, |input| matches!(input, Input::Integer { .. }), &of),
                    Length::ByCode { field, amounts } => {
                        self.body(field, |input| matches!(input, Input::Choice { .. } | Input::CodeList { .. }), &of);
                        let codes = self.kind.field(field).and_then(|field| self.choices(field)).unwrap_or_default();
                        for (code, _) in amounts {
                            self.demand(codes.contains(code), || format!("{of}: {code} is no code of {field}"));
                        }
                    }
                }
                if let Some(condition) = when {
                    let codes = self.kind.field(&condition.field).and_then(|field| self.choices(field)).unwrap_or_default();
                    for value in &condition.values {
                        self.demand(codes.contains(value), || {
                            format!("{of}: a clock waits for {value} of {}, which is none of its codes", condition.field)
                        });
                    }
                }
            }
            Effect::StopClock { rule } | Effect::ProposeExtension { rule } | Effect::ApproveExtension { rule } => self.rule(rule, &of),
            Effect::HandOver { to, .. } => self.unit(step, to, &of),
            Effect::Hold { by } => self.unit(step, by, &of),
            Effect::AddParty { unit, .. } => self.unit(step, unit, &of),
            Effect::Assign { field } => self.input(step, field, |input| matches!(input, Input::OwnUser), &of),
            Effect::AddParties { field, .. } => self.body(field, are_units, &of),
            Effect::AddPartiesOfInput { field, .. } => self.input(step, field, are_units, &of),
            Effect::ListUnit { field, unit } | Effect::UnlistUnit { field, unit } => {
                self.body(field, are_units, &of);
                self.unit(step, unit, &of);
            }
            Effect::Claim { fields } => fields.iter().for_each(|field| self.body(field, |_| true, &of)),
            Effect::CarryToInstances { action } => {
                let spawns = self.kind.steps.iter().flat_map(|step| &step.effects).any(|effect| *effect == Effect::SpawnInstances);
                self.demand(spawns && step.action == *action, || {
                    format!("{of} carries {action} to instances, which is not its own action, or there are none")
                });
            }
            Effect::AskUnits { field, action, rule } | Effect::MatchUnits { field, action, rule, .. } => {
                self.body(field, are_units, &of);
                self.rule(rule, &of);
                let answers = |step: &Step| step.effects.iter().any(|effect| matches!(effect, Effect::AnswerAsk { action: a } if a == action));
                self.demand(self.kind.steps.iter().any(|step| step.action == *action && answers(step)), || {
                    format!("{of} asks for {action}, which no step answers")
                });
            }
            Effect::SetBody { fields } | Effect::AdjustBody { fields } => {
                for name in fields {
                    let asked = step.input.iter().find(|field| field.name == *name);
                    match (asked, self.kind.field(name)) {
                        (Some(asked), Some(kept)) => {
                            let same = std::mem::discriminant(&asked.input) == std::mem::discriminant(&kept.input);
                            self.demand(same, || format!("{of} keeps {name}, which the body has with another type"));
                            let typed_once = kept.derived || matches!(effect, Effect::AdjustBody { .. });
                            self.demand(typed_once, || format!("{of} overwrites {name}, which is typed into the form: make it derived or adjust it"));
                        }
                        _ => self.fault(format!("{of} keeps {name}, which it does not ask for or the body does not have")),
                    }
                }
            }
            Effect::SetBodyCode { field, value } => match value.strip_prefix('@') {
                Some(from) => {
                    self.body(field, |_| true, &of);
                    self.input(step, from, |_| true, &of);
                }
                None => {
                    self.body(field, |_| true, &of);
                    let codes = self.kind.field(field).and_then(|field| self.choices(field));
                    let fits = value.is_empty() || codes.is_none_or(|codes| codes.contains(value));
                    self.demand(fits, || format!("{of} sets {field} to {value}, which is none of its codes"));
                }
            },
            Effect::SetLevelFromInput { field } => self.input(step, field, |_| true, &of),
            Effect::CountFrom { field } => self.input(step, field, is_date, &of),
            Effect::MoveDue { field } => {
                self.input(step, field, is_date, &of);
                self.body(field, is_date, &of);
            }
            Effect::ClearBody { fields } => {
                for field in fields {
                    let derived = self.kind.field(field).is_some_and(|field| field.derived);
                    self.demand(derived, || format!("{of} clears {field}, which is typed into the form, or no field"));
                }
            }
            Effect::NextEdition { field } => self.body(field, |input| matches!(input, Input::Integer { .. }), &of),
            Effect::KeepEdition { number, editions } => {
                self.body(number, |input| matches!(input, Input::Integer { .. }), &of);
                self.body(editions, |input| matches!(input, Input::Editions), &of);
            }
            Effect::CarryChildren { field } => self.input(step, field, |input| matches!(input, Input::Matter { child: false, .. }), &of),
            Effect::ActOnChildren { field, child, action, from_body } => {
                from_body.iter().for_each(|(_, field)| self.body(field, |_| true, &of));
                let rows = self.kind.field(field).and_then(|field| match &field.input {
                    Input::Rows { fields, .. } => Some(fields.clone()),
                    _ => None,
                });
                let named = rows.iter().flatten().find(|row| row.name == *child).map(|row| row.input.clone());
                match named {
                    Some(Input::Matter { kind, child: true }) => {
                        let taken = self.kinds.iter().any(|other| other.code == kind && other.steps.iter().any(|step| step.action == *action));
                        self.demand(taken, || format!("{of}: {kind} has no step {action}"));
                    }
                    _ => self.fault(format!("{of}: the rows of {field} do not name a child in {child}")),
                }
            }
            Effect::SpawnChildren { field, kind, series_end, series_start, .. } => {
                for year in series_end.iter().chain(series_start) {
                    self.body(year, |input| matches!(input, Input::Integer { .. }), &of);
                }
                let child = self.kinds.iter().find(|other| other.code == *kind);
                let rows = self.kind.field(field).and_then(|field| match &field.input {
                    Input::Rows { fields, .. } => Some(fields.clone()),
                    _ => None,
                });
                match (child, rows) {
                    (Some(child), Some(rows)) => {
                        for row in rows.iter().filter(|row| child.field(&row.name).is_none()) {
                            self.fault(format!("{of}: rows have {}, which {kind} does not have", row.name));
                        }
                    }
                    _ => self.fault(format!("{of}: {field} has no rows, or there is no kind {kind}")),
                }
            }
            Effect::AnswerAsk { action } | Effect::DeclineAsk { action } => {
                self.demand(step.who.iter().all(|who| who.asked.as_deref() == Some(action)), || {
                    format!("{of} answers {action} for units that were not asked")
                });
            }
            Effect::CallOff => {
                let goes_on = step.effects.iter().any(|effect| matches!(effect, Effect::HandOver { .. }));
                self.demand(goes_on, || format!("{of} calls a hand-over off and hands over to nobody"));
            }
            Effect::Recall => self.demand(step.who.iter().all(|who| who.sender), || format!("{of} recalls for others than the sender")),
            Effect::ReportDone | Effect::DoneRefused => {}
            Effect::Receive | Effect::Refuse | Effect::StopAllClocks | Effect::RejectExtension | Effect::PauseClock | Effect::ResumeClock => {}
            Effect::RemindOfPause
            | Effect::CountRework
            | Effect::NoteSilence
            | Effect::RememberState
            | Effect::LapseAsks
            | Effect::Urge
            | Effect::SetLevel { .. } => {}
            Effect::KeepPrecedent | Effect::SpawnInstances | Effect::Discard | Effect::Seal | Effect::AddMembers { .. } | Effect::Release => {}
        }
    }

    /// What the matter holds is not asked again by a step that doesn't write it.
    fn asked_again(&mut self, step: &Step) {
        let written: BTreeSet<&str> = step
            .effects
            .iter()
            .flat_map(|effect| match effect {
                Effect::SetBody { fields } | Effect::AdjustBody { fields } => fields.iter().map(String::as_str).collect::<Vec<_>>(),
                Effect::SetBodyCode { value, .. } => value.strip_prefix('@').into_iter().collect(),
                Effect::MoveDue { field } => vec![field.as_str()],
                _ => Vec::new(),
            })
            .collect();
        for field in step.input.iter().filter(|field| !written.contains(field.name.as_str())) {
            self.demand(self.kind.field(&field.name).is_none(), || format!("step {} asks {} again, which the matter holds", step.action, field.name));
        }
    }

    /// What ends a matter leaves nothing running: no clock, no ask (domain.md §7, 2).
    fn ends_clean(&mut self, step: &Step) {
        let ends = matches!(&step.to, Target::State { state } if self.kind.state(state).is_some_and(|state| state.is_final));
        if !ends {
            return;
        }
        let starts_clocks =
            self.kind.steps.iter().flat_map(|step| &step.effects).any(|effect| matches!(effect, Effect::StartClock { .. } | Effect::HandOver { .. }));
        let asks =
            self.kind.steps.iter().flat_map(|step| &step.effects).any(|effect| matches!(effect, Effect::AskUnits { .. } | Effect::MatchUnits { .. }));
        let discards = step.effects.contains(&Effect::Discard);
        self.demand(!starts_clocks || discards || step.effects.contains(&Effect::StopAllClocks), || {
            format!("step {} ends the matter with clocks running", step.action)
        });
        self.demand(!asks || discards || step.effects.contains(&Effect::LapseAsks), || {
            format!("step {} ends the matter with asks open", step.action)
        });
    }

    /// The same action for the same people in the same state, declared twice, would be decided by order.
    fn twice(&mut self) {
        let kind = self.kind;
        for (index, one) in kind.steps.iter().enumerate() {
            for other in kind.steps.iter().skip(index + 1).filter(|other| other.action == one.action) {
                let state = kind.states.iter().find(|state| kind.starts_in(one, &state.code) && kind.starts_in(other, &state.code));
                let both = one.who.iter().any(|a| other.who.iter().any(|b| overlap(a, b)));
                if let Some(state) = state.filter(|_| both) {
                    self.fault(format!("step {} is declared twice for the same people in {}", one.action, state.code));
                }
            }
        }
    }

    /// Every state is reached, and from each some final state is, by a way that is not only throwing it away.
    fn paths(&mut self) {
        let kind = self.kind;
        let edges = edges(kind);
        let mut reached = BTreeSet::from(["draft"]);
        while let Some(next) = edges.iter().find(|edge| reached.contains(edge.from) && !reached.contains(edge.to)) {
            reached.insert(next.to);
        }
        for state in kind.states.iter().filter(|state| !reached.contains(state.code.as_str())) {
            self.fault(format!("state {} is never reached", state.code));
        }
        let mut ends: BTreeSet<&str> = kind.states.iter().filter(|state| state.is_final).map(|state| state.code.as_str()).collect();
        self.demand(!ends.is_empty(), || "no state is final".into());
        while let Some(next) = edges.iter().find(|edge| !edge.anywhere && ends.contains(edge.to) && !ends.contains(edge.from)) {
            ends.insert(next.from);
        }
        for state in kind.states.iter().filter(|state| !ends.contains(state.code.as_str())) {
            self.fault(format!("from state {} no end is reached but by throwing it away", state.code));
        }
        for step in &kind.steps {
            let useless = step.from.iter().find(|from| kind.state(from).is_some_and(|state| state.is_final) && step.to == Target::Same);
            if let Some(from) = useless {
                self.fault(format!("step {} does something to a matter closed in {from}", step.action));
            }
        }
    }

    fn reactions(&mut self) {
        for reaction in &self.kind.reactions {
            let of = format!("the reaction to {} {}", reaction.kind, reaction.state);
            match self.kinds.iter().find(|other| other.code == reaction.kind) {
                None => self.fault(format!("{of}: there is no such kind")),
                // The kernel reacts when a child ends.
                Some(child) => {
                    let is_final = child.state(&reaction.state).is_some_and(|state| state.is_final);
                    self.demand(is_final, || format!("{of}: that is no final state of the child"));
                }
            }
            let taken = self.kind.steps.iter().any(|step| step.action == reaction.action && step.who.iter().any(|who| who.system));
            self.demand(taken, || format!("{of}: the system has no step {}", reaction.action));
        }
    }
}

/// Whether some person could be both; parts can't be told apart, since a unit may have several.
fn overlap(a: &Who, b: &Who) -> bool {
    let roles = a.roles.is_empty() || b.roles.is_empty() || a.roles.iter().any(|role| b.roles.contains(role));
    let kinds = a.unit_kinds.is_empty() || b.unit_kinds.is_empty() || a.unit_kinds.iter().any(|kind| b.unit_kinds.contains(kind));
    a.system == b.system && (a.system || (roles && kinds))
}

struct Edge<'a> {
    from: &'a str,
    to: &'a str,
    action: &'a str,
    anywhere: bool,
}

fn edges(kind: &Kind) -> Vec<Edge<'_>> {
    // A way back leads to any state from which a hand-over, or a step that remembers where it came from, starts.
    let remembers = |step: &Step| step.effects.iter().any(|effect| matches!(effect, Effect::HandOver { .. } | Effect::RememberState));
    let before: BTreeSet<&str> = kind
        .states
        .iter()
        .map(|state| state.code.as_str())
        .filter(|state| kind.steps.iter().any(|step| remembers(step) && kind.starts_in(step, state)))
        .collect();
    let mut edges = Vec::new();
    for step in &kind.steps {
        for state in kind.states.iter().filter(|state| kind.starts_in(step, &state.code)) {
            let targets: Vec<&str> = match &step.to {
                Target::Same => Vec::new(),
                Target::State { state } => vec![state],
                Target::RulingOrState { state } => vec![state, "ruling"],
                Target::BeforeHandover => before.iter().copied().collect(),
            };
            let anywhere = step.from.iter().any(|from| from == "*");
            edges.extend(targets.into_iter().map(|to| Edge { from: &state.code, to, action: &step.action, anywhere }));
        }
    }
    edges
}

/// Reactions that could set each other off without end, over all tables.
fn reaction_loops(kinds: &[Kind]) -> Vec<String> {
    // A step of a child that may lead to the state sets off the action on the parent, which may itself be a child.
    let mut sets_off: BTreeMap<(&str, &str), BTreeSet<(&str, &str)>> = BTreeMap::new();
    for parent in kinds {
        for reaction in &parent.reactions {
            for child in kinds.iter().filter(|child| child.code == reaction.kind) {
                for edge in edges(child).iter().filter(|edge| edge.to == reaction.state) {
                    sets_off.entry((&child.code, edge.action)).or_default().insert((&parent.code, &reaction.action));
                }
            }
        }
    }
    let mut faults = Vec::new();
    for start in sets_off.keys() {
        let mut seen = BTreeSet::new();
        let mut next: Vec<_> = sets_off.get(start).into_iter().flatten().copied().collect();
        while let Some(node) = next.pop() {
            if node == *start {
                faults.push(format!("{}: the reaction that {} sets off comes back to it", start.0, start.1));
                break;
            }
            if seen.insert(node) {
                next.extend(sets_off.get(&node).into_iter().flatten().copied());
            }
        }
    }
    faults
}
