//! What steps do, executed in order on a matter being changed.

use super::{
    clocks::{self, Terms},
    save::Work,
};
use crate::{
    entity::{ask, handover, matter, matter_party, precedent},
    error::{Error, Result},
    scope::Actor,
    writing::{self, Place, Present, Write},
};
use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{LockBehavior, LockType},
};
use serde_json::{Map, Value, json};
use shared::kernel::{
    kind::{Condition, Effect, Length, UnitRef},
    problem::Code,
    role::Part,
    validate::parse_date,
};
use std::sync::LazyLock;
use uuid::Uuid;

static PRECEDENT: LazyLock<Write> = LazyLock::new(|| Write::insert_into::<precedent::Entity>(Place::Precedent, Present::Refuse));

type Inputs = Map<String, Value>;

pub(super) fn text<'a>(values: &'a Inputs, field: &str) -> &'a str {
    values.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn is_filled(value: &Value) -> bool {
    !(value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()) || value.as_array().is_some_and(Vec::is_empty))
}

/// The codes of a list field.
fn codes<'a>(values: &'a Inputs, field: &str) -> impl Iterator<Item = &'a str> {
    values.get(field).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn set_part(party: &mut matter_party::Model, part: Part, has: bool) {
    match part {
        Part::Originator => party.originator = has,
        // Who holds it follows from the matter's row.
        Part::Holder => {}
        Part::CoHandler => party.co_handler = has,
        Part::Copied => party.copied = has,
        Part::Overseer => party.overseer = has,
    }
}

impl Work<'_> {
    pub(super) fn body(&self) -> Inputs {
        self.loaded.matter.body.as_object().cloned().unwrap_or_default()
    }

    pub(super) fn set_body(&mut self, field: &str, value: Value) {
        if let Some(body) = self.loaded.matter.body.as_object_mut() {
            body.insert(field.to_owned(), value);
        }
    }

    fn holds(&self, condition: Option<&Condition>) -> bool {
        let body = self.body();
        condition.is_none_or(|condition| condition.values.iter().any(|value| value == text(&body, &condition.field)))
    }

    fn unit(&self, unit: &UnitRef, input: &Inputs, pointer: &str) -> Result<Uuid> {
        let body = self.body();
        let code = match unit {
            UnitRef::Body { field } => text(&body, field).to_owned(),
            UnitRef::Input { field } => text(input, field).to_owned(),
            UnitRef::InputOrBody { input: first, body: second } => {
                if text(input, first).is_empty() {
                    text(&body, second).to_owned()
                } else {
                    text(input, first).to_owned()
                }
            }
            UnitRef::Originator => return Ok(self.or_office(self.loaded.matter.originator_unit_id)),
            UnitRef::Sender => {
                let from = self.loaded.handovers.last().map(|handover| handover.from_unit_id);
                return from.map(|unit| self.or_office(unit)).ok_or_else(|| Error::problem(Code::ActionUnavailable));
            }
            UnitRef::Receiver => {
                return self.loaded.handovers.last().map(|handover| handover.to_unit_id).ok_or_else(|| Error::problem(Code::ActionUnavailable));
            }
            UnitRef::LinkageOffice => {
                return self.reference.linkage_office.ok_or_else(|| Error::detailed(Code::GuardFailed, "linkage_office_missing"));
            }
        };
        self.reference.unit_by_code(&code).filter(|unit| unit.active).map(|unit| unit.id).ok_or_else(|| Error::field(pointer, Code::UnknownUnit))
    }

    /// Where a matter goes back to: a unit closed meanwhile holds nothing, the linkage office finds out who does.
    fn or_office(&self, unit: Uuid) -> Uuid {
        let closed = self.reference.unit(unit).is_some_and(|unit| !unit.active);
        self.reference.linkage_office.filter(|_| closed).unwrap_or(unit)
    }

    /// Seals a hand-over to a unit; its receipt clock runs beside the statutory one, which nothing here touches.
    fn hand_over(&mut self, from: Uuid, to: Uuid, refusable: bool) -> Result<()> {
        let refuse_until = clocks::refuse_until(self.app, &self.reference.edition, self.now)?;
        let row = handover::Model {
            id: crate::ids::next(),
            matter_id: self.loaded.matter.id,
            from_unit_id: from,
            to_unit_id: to,
            state: "sent".into(),
            refusable,
            sent_at: self.now,
            refuse_until,
            ended_at: None,
            escalated_at: None,
            reason_code: None,
            reason_text: None,
            suggested_unit_id: None,
        };
        let rule = if self.loaded.matter.urgency == "critical" { "handover.receipt.urgent" } else { "handover.receipt.general" };
        let terms = clocks::by_rule(self.app, rule, None, self.now)?;
        self.start_clock(rule, terms, false, "holder", Some(to), Some(row.id))?;
        self.loaded.handovers.push(row);
        self.hold(to);
        Ok(())
    }

    /// A draft has no clock, no due day and asks nobody (domain.md §1.6): submitting it again starts these anew.
    pub(crate) fn back_to_draft(&mut self) {
        self.stop_clocks(|_| true);
        for ask in self.loaded.asks.iter_mut().filter(|ask| ask.state == "open") {
            ask.state = "lapsed".into();
        }
        let matter = &mut self.loaded.matter;
        (matter.due_on, matter.due_provisional, matter.main_start_on, matter.extension) = (None, false, None, None);
        (matter.pause, matter.paused_reason) = (None, None);
        (matter.level, matter.level_by_hand) = (0, false);
        self.hold(self.loaded.matter.originator_unit_id);
    }

    /// Ends the open hand-over. Its receipt clock stops with it.
    fn end_handover(&mut self, state: &str) -> Result<Uuid> {
        let now = self.now;
        let handover =
            self.loaded.handovers.last_mut().filter(|handover| handover.state == "sent").ok_or_else(|| Error::problem(Code::AlreadyReceived))?;
        handover.state = state.to_owned();
        handover.ended_at = Some(now);
        let (id, from) = (handover.id, handover.from_unit_id);
        self.stop_clocks(|clock| clock.handover_id == Some(id));
        Ok(from)
    }

    pub(crate) async fn execute(&mut self, effect: &Effect, input: &Inputs, actor: Option<&Actor>, before: &str) -> Result<()> {
        match effect {
            Effect::StartClock { rule, length, main, when } => {
                if self.holds(when.as_ref()) {
                    let mut terms = self.terms(rule, length, input)?;
                    if let (true, Length::InputDate { .. }, Terms::Agreed { date, adjusted, .. }) = (*main, length, &mut terms) {
                        *adjusted = true;
                        let date = *date;
                        self.follow_due(date);
                    }
                    self.start_clock(rule, terms, *main, "matter", None, None)?;
                }
            }
            Effect::StopClock { rule } => self.stop_clocks(|clock| clock.rule == *rule),
            Effect::StopAllClocks => {
                self.stop_clocks(|_| true);
                if let Some(handover) = self.loaded.handovers.last_mut().filter(|handover| handover.state == "sent") {
                    handover.state = "recalled".into();
                    handover.ended_at = Some(self.now);
                }
            }
            Effect::ReportDone => self.report_done()?,
            Effect::DoneRefused => self.done_refused(),
            Effect::ProposeExtension { .. } => {
                let proposal = json!({
                    "new_due": text(input, "new_due"), "reason_code": text(input, "reason_code"),
                    "reason_text": text(input, "reason_text"), "asked_at": self.now,
                });
                self.loaded.matter.extension = Some(proposal);
            }
            Effect::ApproveExtension { .. } => self.approve_extension(input)?,
            Effect::CountRework => self.loaded.matter.reworks += 1,
            Effect::RejectExtension => self.loaded.matter.extension = None,
            Effect::PauseClock => self.pause(input)?,
            Effect::ResumeClock => self.resume()?,
            Effect::RemindOfPause => {
                if let Some(pause) = self.loaded.matter.pause.as_mut().and_then(Value::as_object_mut) {
                    pause.insert("reminded".into(), Value::Bool(true));
                }
            }
            Effect::NoteSilence => {
                let now = self.now;
                if let Some(handover) = self.loaded.handovers.last_mut().filter(|handover| handover.state == "sent") {
                    handover.escalated_at = Some(now);
                }
            }
            Effect::RememberState => self.loaded.matter.before_handover = Some(before.to_owned()),
            Effect::HandOver { to, refusable } => {
                let unit = self.unit(to, input, "/input/unit")?;
                if self.loaded.handovers.last().is_none_or(|handover| handover.state != "sent") {
                    let holder = self.loaded.matter.holder_unit_id.unwrap_or(self.loaded.matter.originator_unit_id);
                    // The office may take a matter out of a unit's hands: then it is the office's to recall, and comes back to it.
                    let sender = actor.map_or(holder, |actor| actor.unit_id);
                    if before != "sent" {
                        let back = self.loaded.kind.returned_state().filter(|_| sender != holder).unwrap_or(before);
                        self.loaded.matter.before_handover = Some(back.to_owned());
                    }
                    self.hand_over(sender, unit, *refusable)?;
                }
            }
            Effect::Receive => {
                self.end_handover("received")?;
            }
            Effect::Refuse => self.refuse(input)?,
            Effect::Recall | Effect::CallOff => {
                let from = self.end_handover("recalled")?;
                self.hold(from);
            }
            Effect::Hold { by } => {
                let unit = self.unit(by, input, "/input/unit")?;
                self.hold(unit);
            }
            Effect::Assign { field } => {
                let person: Uuid = text(input, field).parse().map_err(|_| Error::field(format!("/input/{field}"), Code::UnknownUser))?;
                // Locked to share until the commit: who leaves at this moment leaves this matter behind, too. Not waited for, since
                // whoever changes the person may be waiting for this matter.
                let known = crate::entity::person::Entity::find_by_id(person)
                    .lock_with_behavior(LockType::Share, LockBehavior::Nowait)
                    .one(self.transaction)
                    .await?
                    .is_some_and(|person| person.active && Some(person.unit_id) == self.loaded.matter.holder_unit_id);
                if !known {
                    return Err(Error::field(format!("/input/{field}"), Code::UnknownUser));
                }
                self.loaded.matter.holder_person_id = Some(person);
            }
            Effect::AddParty { unit, part } => {
                let unit = self.unit(unit, input, "/input/unit")?;
                self.add_part(unit, *part);
            }
            Effect::AddParties { field, part } => {
                for unit in self.units_of(field) {
                    self.add_part(unit, *part);
                }
            }
            Effect::AddPartiesOfInput { field, part } => {
                let named: Vec<Uuid> = codes(input, field).filter_map(|code| self.reference.unit_id(code)).collect();
                for unit in named {
                    self.add_part(unit, *part);
                }
            }
            Effect::AskUnits { field, action, rule } => {
                let units = self.units_of(field);
                self.ask_units(&units, action, rule)?;
            }
            Effect::MatchUnits { field, part, action, rule } => self.match_units(field, *part, action, rule)?,
            Effect::ListUnit { field, unit } => {
                let code = self.reference.code(self.unit(unit, input, "/input/unit")?);
                let mut listed: Vec<String> = codes(&self.body(), field).filter(|other| *other != code).map(str::to_owned).collect();
                listed.push(code);
                self.set_body(field, json!(listed));
            }
            Effect::UnlistUnit { field, unit } => {
                let code = self.reference.code(self.unit(unit, input, "/input/unit")?);
                let listed: Vec<String> = codes(&self.body(), field).filter(|other| *other != code).map(str::to_owned).collect();
                self.set_body(field, json!(listed));
            }
            Effect::AddMembers { part } => {
                let reference = self.reference;
                for unit in reference.units.iter().filter(|unit| unit.active && unit.conference_member) {
                    if !self.parties.contains_key(&unit.id) {
                        self.add_part(unit.id, *part);
                    }
                }
            }
            Effect::Claim { fields } => self.claim(fields).await?,
            Effect::Release => self.loaded.matter.claim = None,
            Effect::AnswerAsk { action } => self.answer(action, "answered", input, actor)?,
            Effect::DeclineAsk { action } => self.answer(action, "declined", input, actor)?,
            Effect::LapseAsks => {
                for ask in self.loaded.asks.iter_mut().filter(|ask| ask.state == "open") {
                    ask.state = "lapsed".into();
                }
            }
            Effect::SetBody { fields } => {
                for field in fields {
                    if let Some(value) = input.get(field) {
                        self.set_body(field, value.clone());
                    }
                }
            }
            Effect::AdjustBody { fields } => {
                let derived = super::create::title_of(&self.loaded.kind, &self.body()) == self.loaded.matter.title;
                for field in fields {
                    if let Some(value) = input.get(field).filter(|value| is_filled(value)) {
                        self.replace(field, value.clone());
                    }
                }
                // A title that was the text's own first line goes on being it.
                if derived && self.loaded.kind.title_from.is_some() {
                    self.loaded.matter.title = super::create::title_of(&self.loaded.kind, &self.body());
                }
            }
            Effect::ClearBody { fields } => {
                if let Some(body) = self.loaded.matter.body.as_object_mut() {
                    body.retain(|name, _| !fields.contains(name));
                }
            }
            Effect::MoveDue { field } => self.move_due(field, input)?,
            Effect::NextEdition { field } => {
                let next = self.body().get(field).and_then(Value::as_i64).unwrap_or(0) + 1;
                self.set_body(field, json!(next));
            }
            Effect::KeepEdition { number, editions } => self.keep_edition(number, editions).await?,
            Effect::SetBodyCode { field, value } => {
                let value = value.strip_prefix('@').map_or_else(|| value.clone(), |from| text(input, from).to_owned());
                self.set_body(field, Value::String(value));
            }
            Effect::Urge => {
                self.loaded.matter.last_urged_at = Some(self.now);
                self.loaded.matter.urges += 1;
            }
            Effect::SetLevel { level } => self.loaded.matter.level = i64::from(*level),
            Effect::SetLevelFromInput { field } => {
                // Set by a person with a reason, it stays until a person changes it.
                self.loaded.matter.level_by_hand = actor.is_some() && text(input, field) != "none";
                self.loaded.matter.level = match text(input, field) {
                    "remind" => 1,
                    "supervise" => 2,
                    "listed" => 3,
                    _ => 0,
                };
            }
            Effect::KeepPrecedent => self.keep_precedent(input)?,
            Effect::SpawnInstances
            | Effect::SpawnChildren { .. }
            | Effect::CarryToInstances { .. }
            | Effect::ActOnChildren { .. }
            | Effect::CarryChildren { .. } => {
                // Children are made after the parent is saved: see `apply`.
            }
            Effect::Discard => self.stop_clocks(|_| true),
            Effect::CountFrom { field } => {
                // The day the law counts from may lie before the day of entry (e.g. delivery of a paper).
                if let Some(day) = parse_date(text(input, field)) {
                    self.now = crate::time::day_start(day) + chrono::Duration::hours(1);
                }
            }
            Effect::Seal => self.loaded.matter.sealed = true,
        }
        Ok(())
    }

    fn refuse(&mut self, input: &Inputs) -> Result<()> {
        let suggested = self.reference.unit_id(text(input, "suggested_unit"));
        let from = self.end_handover("refused")?;
        if let Some(handover) = self.loaded.handovers.last_mut() {
            handover.reason_code = Some(text(input, "reason_code").to_owned());
            handover.reason_text = Some(text(input, "reason_text").to_owned());
            handover.suggested_unit_id = suggested;
        }
        self.loaded.matter.refusals += 1;
        // The second refusal of the matter, by whomever, goes to the linkage office for a ruling.
        if self.loaded.matter.refusals >= 2 {
            let office = self.reference.linkage_office.unwrap_or(from);
            let terms = clocks::by_rule(self.app, "handover.ruling.general", None, self.now)?;
            self.start_clock("handover.ruling.general", terms, false, "holder", Some(office), None)?;
            self.hold(office);
        } else {
            self.hold(self.or_office(from));
        }
        Ok(())
    }

    fn units_of(&self, field: &str) -> Vec<Uuid> {
        codes(&self.body(), field).filter_map(|code| self.reference.unit_id(code)).collect()
    }

    fn add_part(&mut self, unit: Uuid, part: Part) {
        set_part(self.party(unit), part, true);
    }

    /// Parts and asks of exactly the units of a list field.
    fn match_units(&mut self, field: &str, part: Part, action: &str, rule: &str) -> Result<()> {
        let units = self.units_of(field);
        for party in self.parties.values_mut().filter(|party| !units.contains(&party.unit_id)) {
            set_part(party, part, false);
        }
        let mut fresh = Vec::new();
        for unit in &units {
            self.add_part(*unit, part);
            if !self
                .loaded
                .asks
                .iter()
                .any(|ask| ask.unit_id == *unit && ask.action == action && !matches!(ask.state.as_str(), "lapsed" | "withdrawn"))
            {
                fresh.push(*unit);
            }
        }
        for ask in self.loaded.asks.iter_mut().filter(|ask| ask.action == action && ask.state == "open" && !units.contains(&ask.unit_id)) {
            // No longer asked: that is no silence.
            ask.state = "withdrawn".into();
        }
        self.ask_units(&fresh, action, rule)
    }

    /// Another value, with the one before kept for the event.
    pub(super) fn replace(&mut self, field: &str, value: Value) {
        let before = self.body().get(field).cloned().unwrap_or_default();
        if before != value {
            self.replaced.insert(field.to_owned(), before);
            self.set_body(field, value);
        }
    }

    async fn keep_edition(&mut self, number: &str, editions: &str) -> Result<()> {
        let tasks = super::editions::now(self.transaction, self.app, self.loaded.matter.id).await?;
        let body = self.body();
        let mut kept = body.get(editions).and_then(Value::as_array).cloned().unwrap_or_default();
        kept.push(json!({ "edition": body.get(number), "kept_on": crate::time::local_day(self.now), "tasks": tasks }));
        self.set_body(editions, Value::Array(kept));
        Ok(())
    }

    /// Two that claim at once on PostgreSQL meet at the unique index; [`Work::save`] tells it in the same words.
    async fn claim(&mut self, fields: &[String]) -> Result<()> {
        let body = self.body();
        let key = fields.iter().map(|field| body.get(field).map(Value::to_string).unwrap_or_default()).collect::<Vec<_>>().join("\u{1f}");
        let matter = &self.loaded.matter;
        let other = matter::Entity::find()
            .filter(matter::Column::JurisdictionId.eq(matter.jurisdiction_id))
            .filter(matter::Column::Kind.eq(matter.kind.clone()))
            .filter(matter::Column::Claim.eq(key.clone()))
            .filter(matter::Column::Id.ne(matter.id))
            .one(self.transaction)
            .await?;
        if let Some(other) = other {
            // A sealed one is not named.
            return Err(Error::detailed(Code::Duplicate, other.number.filter(|_| !other.sealed).unwrap_or_default()));
        }
        self.loaded.matter.claim = Some(key);
        Ok(())
    }

    /// What recurs has an end from the moment it is handed out.
    pub(crate) fn end_series(&mut self, today: NaiveDate) -> Result<()> {
        let mut body = self.body();
        super::series::give_end(&self.loaded.kind, &mut body, today, (None, None))?;
        self.loaded.matter.body = Value::Object(body);
        Ok(())
    }

    fn ask_units(&mut self, units: &[Uuid], action: &str, rule: &str) -> Result<()> {
        for unit in units {
            self.party(*unit);
            let mut row = ask::Model {
                id: crate::ids::next(),
                matter_id: self.loaded.matter.id,
                unit_id: *unit,
                action: action.to_owned(),
                state: "open".into(),
                due_on: None,
                answer: None,
                answered_by: None,
                answered_at: None,
                created_at: self.now,
                rule: Some(rule.to_owned()),
            };
            row.due_on = clocks::ask_due(self.app, &self.loaded.kind, &self.reference.edition, &row)?;
            self.loaded.asks.push(row);
        }
        Ok(())
    }

    /// The unit's word on the last ask put to it. Where an answer may be replaced, the new one takes the place of the old, which stays
    /// in the history.
    fn answer(&mut self, action: &str, state: &str, input: &Inputs, actor: Option<&Actor>) -> Result<()> {
        let actor = actor.ok_or_else(|| Error::problem(Code::ActionUnavailable))?;
        let now = self.now;
        let ask = self
            .loaded
            .asks
            .iter_mut()
            .rev()
            .find(|ask| ask.unit_id == actor.unit_id && ask.action == action && matches!(ask.state.as_str(), "open" | "answered"))
            .ok_or_else(|| Error::problem(Code::ActionUnavailable))?;
        ask.state = state.into();
        ask.answer = Some(Value::Object(input.clone()));
        ask.answered_by = Some(actor.person.id);
        ask.answered_at = Some(now);
        Ok(())
    }

    fn keep_precedent(&mut self, input: &Inputs) -> Result<()> {
        let matter = &self.loaded.matter;
        let unit = self.reference.unit_id(text(input, "unit")).ok_or_else(|| Error::field("/input/unit", Code::UnknownUnit))?;
        let row = precedent::Model {
            id: crate::ids::next(),
            jurisdiction_id: matter.jurisdiction_id,
            matter_id: matter.id,
            unit_id: unit,
            kind: matter.kind.clone(),
            domains: matter.domains.clone(),
            tags: input.get("tags").cloned().unwrap_or_else(|| json!([])),
            words: shared::kernel::bigram::words(&matter.title).join(" "),
            grounds: text(input, "grounds").to_owned(),
            ruled_at: self.now,
        };
        self.transaction.write(&PRECEDENT, writing::row(row));
        Ok(())
    }
}
