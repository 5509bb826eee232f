//! What steps do to the clocks of a matter: start, stop, pause, put off, move.

use super::{
    clocks::{self, NewClock, Terms},
    effects::text,
    save::Work,
};
use crate::{
    entity::clock,
    error::{Error, Result},
};
use chrono::NaiveDate;
use serde_json::{Map, Value, json};
use shared::kernel::{
    calendar::{CountUnit, Moment, Pause},
    kind::Length,
    problem::Code,
    validate::parse_date,
};
use uuid::Uuid;

type Inputs = Map<String, Value>;

impl Work<'_> {
    pub(super) fn stop_clocks(&mut self, stops: impl Fn(&clock::Model) -> bool) {
        let now = self.now;
        for clock in self.loaded.clocks.iter_mut().filter(|clock| clock.state != "stopped" && stops(clock)) {
            // What was reported and is accepted as it is was done at that report (domain.md §2.1.1).
            clock.stopped_at = clock.stopped_at.filter(|_| clock.state == "reported").or(Some(now));
            clock.state = "stopped".into();
        }
    }

    pub(super) fn start_clock(
        &mut self,
        rule: &str,
        terms: Terms,
        main: bool,
        purpose: &str,
        unit: Option<Uuid>,
        handover: Option<Uuid>,
    ) -> Result<()> {
        let row = clocks::row(
            &self.reference.edition,
            NewClock {
                matter_id: self.loaded.matter.id,
                jurisdiction_id: self.loaded.matter.jurisdiction_id,
                handover_id: handover,
                rule,
                purpose,
                main,
                unit_id: unit,
                terms,
                start: self.now,
            },
        )?;
        self.loaded.clocks.push(row);
        Ok(())
    }

    pub(super) fn terms(&self, rule: &str, length: &Length, input: &Inputs) -> Result<Terms> {
        let body = self.body();
        let agreed = |date: Option<NaiveDate>, pointer: String| date.map(Terms::agreed).ok_or_else(|| Error::field(pointer, Code::Required));
        match length {
            Length::Rule => clocks::by_rule(self.app, rule, None, self.now),
            Length::RuleOfYear { field } => {
                let year = body.get(field).and_then(Value::as_i64).and_then(|year| i32::try_from(year).ok());
                let first = year.and_then(|year| NaiveDate::from_ymd_opt(year, 1, 1));
                let first = first.ok_or_else(|| Error::field(format!("/body/{field}"), Code::Required))?;
                clocks::by_rule(self.app, rule, None, crate::time::day_start(first))
            }
            Length::BodyDate { field } => agreed(parse_date(text(&body, field)), format!("/body/{field}")),
            Length::InputDate { field } => agreed(parse_date(text(input, field)), format!("/input/{field}")),
            Length::InputAmount { field, unit } => {
                let amount = input.get(field).and_then(Value::as_u64).and_then(|amount| u32::try_from(amount).ok());
                clocks::by_rule(self.app, rule, amount.map(|amount| (amount, *unit)), self.now)
            }
            Length::ByCode { field, amounts } => {
                let amount = amounts.iter().find(|(code, _)| code == text(&body, field)).map(|(_, amount)| *amount);
                clocks::by_rule(self.app, rule, amount.map(|amount| (amount, CountUnit::Months)), self.now)
            }
        }
    }

    /// The main clock stands at this moment; if the report is accepted as it is, this is when it was done. A paused one runs again first,
    /// so that its pause is among its inputs.
    pub(super) fn report_done(&mut self) -> Result<()> {
        if self.loaded.matter.paused_reason.is_some() {
            self.resume()?;
        }
        let now = self.now;
        for clock in self.loaded.clocks.iter_mut().filter(|clock| clock.main && clock.state == "running") {
            clock.state = "reported".into();
            clock.stopped_at = Some(now);
        }
        Ok(())
    }

    /// The statutory clock never stopped (domain.md §2.1.1).
    pub(super) fn done_refused(&mut self) {
        for clock in self.loaded.clocks.iter_mut().filter(|clock| clock.main && clock.state == "reported") {
            clock.state = "running".into();
            clock.stopped_at = None;
        }
    }

    /// Stops the main clock: the days from today on don't count (deadlines.md, rule 7).
    pub(super) fn pause(&mut self, input: &Inputs) -> Result<()> {
        let today = crate::time::local_day(self.now);
        let now = self.now;
        let main = self.loaded.clocks.iter_mut().find(|clock| clock.main && clock.state == "running");
        let clock = main.ok_or_else(|| Error::problem(Code::ActionUnavailable))?;
        clock.state = "paused".into();
        self.loaded.matter.paused_reason = Some(text(input, "reason_code").to_owned());
        self.loaded.matter.pause = Some(json!({
            "from": today, "at": now, "reason_code": text(input, "reason_code"), "legal_basis": text(input, "legal_basis"),
            "expected_end": text(input, "expected_end"), "reminded": false,
        }));
        Ok(())
    }

    /// The clock runs again from today: what lay between is added to its own inputs, and the due day is counted anew.
    pub(super) fn resume(&mut self) -> Result<()> {
        let edition = self.reference.edition.clone();
        let today = crate::time::local_day(self.now);
        let now = self.now;
        let pause = self.loaded.matter.pause.take().unwrap_or_default();
        let from = pause.get("from").and_then(Value::as_str).and_then(parse_date).unwrap_or(today);
        let at = pause.get("at").cloned().and_then(|at| serde_json::from_value::<chrono::DateTime<chrono::Utc>>(at).ok()).unwrap_or(now);
        self.loaded.matter.paused_reason = None;
        let paused = self.loaded.clocks.iter_mut().find(|clock| clock.main && clock.state == "paused");
        let clock = paused.ok_or_else(|| Error::problem(Code::ActionUnavailable))?;
        let mut terms: Terms = serde_json::from_str(&clock.request)?;
        if let Terms::Counted { request } = &mut terms {
            let hours = request.unit == CountUnit::Hours;
            // A day on which the clock ran at all counts; one stopped and restarted on the same day has lost none.
            let first = from.max(request.start.date().succ_opt().unwrap_or(from));
            let last = today.pred_opt().unwrap_or(today);
            let zone = crate::time::shanghai();
            let interval = if hours {
                Some(Pause { from: Moment::Instant(at.with_timezone(&zone)), to: Moment::Instant(now.with_timezone(&zone)) })
            } else {
                (first <= last).then_some(Pause { from: Moment::Date(first), to: Moment::Date(last) })
            };
            request.pauses.extend(interval);
        }
        let due = terms.due(&edition)?;
        clock.request = serde_json::to_string(&terms)?;
        clock.state = "running".into();
        clocks::set_due(clock, due, &edition, today);
        Ok(())
    }

    pub(super) fn approve_extension(&mut self, input: &Inputs) -> Result<()> {
        let proposed = self.loaded.matter.extension.take().unwrap_or_default();
        let asked = parse_date(proposed.get("new_due").and_then(Value::as_str).unwrap_or_default());
        let granted = parse_date(text(input, "new_due")).or(asked).ok_or_else(|| Error::field("/input/new_due", Code::Required))?;
        let due = self.loaded.matter.due_on.ok_or_else(|| Error::problem(Code::ActionUnavailable))?;
        if granted <= due {
            return Err(Error::field("/input/new_due", Code::DateOrder));
        }
        let (edition, today) = (self.reference.edition.clone(), crate::time::local_day(self.now));
        let clock = self
            .loaded
            .clocks
            .iter_mut()
            .find(|clock| clock.main && clock.state == "running")
            .ok_or_else(|| Error::problem(Code::ActionUnavailable))?;
        let mut terms: Terms = serde_json::from_str(&clock.request)?;
        match &mut terms {
            Terms::Agreed { extended_to, .. } => extended_to.push(granted),
            Terms::Counted { request } => request.extensions.push(shared::kernel::calendar::ExtensionStep {
                amount: u32::try_from((granted - due).num_days()).unwrap_or(1),
                unit: CountUnit::NaturalDays,
            }),
        }
        let new = terms.due(&edition)?;
        clock.request = serde_json::to_string(&terms)?;
        clocks::set_due(clock, new, &edition, today);
        self.loaded.matter.extended_days += (granted - due).num_days();
        self.loaded.matter.extensions += 1;
        self.follow_due(granted);
        Ok(())
    }

    /// The day agreed on is what the body says, whatever step moved it.
    pub(super) fn follow_due(&mut self, date: NaiveDate) {
        if let Some(field) = self.loaded.kind.agreed_day().map(str::to_owned) {
            self.replace(&field, json!(date));
        }
    }

    /// The main clock ends and another one runs to the new day, from the same first day; what was put off before is part of the old one.
    pub(super) fn move_due(&mut self, field: &str, input: &Inputs) -> Result<()> {
        let Some(date) = parse_date(text(input, field)) else { return Ok(()) };
        let now = self.now;
        let clock = self.loaded.clocks.iter_mut().find(|clock| clock.main && clock.state == "running");
        let clock = clock.ok_or_else(|| Error::problem(Code::ActionUnavailable))?;
        clock.state = "stopped".into();
        clock.stopped_at = Some(now);
        let (rule, starts_on) = (clock.rule.clone(), clock.starts_on);
        self.start_clock(&rule, Terms::Agreed { date, extended_to: Vec::new(), adjusted: true }, true, "matter", None, None)?;
        if let Some(clock) = self.loaded.clocks.last_mut() {
            clock.starts_on = starts_on;
        }
        self.loaded.matter.extension = None;
        self.loaded.matter.extended_days = 0;
        self.replace(field, json!(date));
        Ok(())
    }
}
