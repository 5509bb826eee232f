//! Clocks of matters: how their due date was computed is kept with them, so that each can be explained and recomputed from its
//! inputs. A stored date is never added to.

use crate::{
    counters::FAR,
    entity::{ask, clock},
    error::{Error, Result},
    matter::load::Loaded,
    reference::Reference,
    state::App,
    time::{day_start, local_day, shanghai},
};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::kernel::{
    api::DueView,
    calendar::{self, CountRequest, CountStep, CountUnit, Edition, Lamp, Moment},
    kind::{Debtor, Kind},
    text::{Text, t},
};
use uuid::Uuid;

/// What a due date is computed from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub(crate) enum Terms {
    /// Counted from a start by a rule.
    Counted { request: CountRequest },
    /// A day that was agreed or set, with the days it was put off to, each with a reason on record.
    Agreed {
        date: NaiveDate,
        #[serde(default)]
        extended_to: Vec<NaiveDate>,
        /// Set anew by an adjustment of the task, in place of the day before.
        #[serde(default)]
        adjusted: bool,
    },
}

pub(crate) struct Due {
    pub on: NaiveDate,
    pub at: Option<DateTime<Utc>>,
    pub provisional: bool,
    pub steps: Vec<CountStep>,
}

impl Terms {
    pub(crate) fn due(&self, edition: &Edition) -> Result<Due> {
        match self {
            Self::Agreed { date, extended_to, .. } => {
                Ok(Due { on: extended_to.last().copied().unwrap_or(*date), at: None, provisional: false, steps: Vec::new() })
            }
            Self::Counted { request } => {
                let result = calendar::count(request, edition).map_err(|error| Error::Other(format!("clock: {error}")))?;
                let at = match &result.due {
                    Moment::Instant(instant) => Some(instant.with_timezone(&Utc)),
                    Moment::Date(_) => None,
                };
                Ok(Due { on: result.due.date(), at, provisional: result.provisional, steps: result.steps })
            }
        }
    }

    /// The computation in words.
    pub(crate) fn sentences(&self, edition: &Edition) -> Result<Vec<Text>> {
        Ok(match self {
            Self::Agreed { date, extended_to, adjusted } => {
                let mut sentences = vec![if *adjusted {
                    Text {
                        zh: format!("完成时限经批准调整为{}", calendar::in_words(*date).zh),
                        en: format!("The due date was changed with approval to {date}"),
                    }
                } else {
                    Text {
                        zh: format!("完成时限在交办时确定为{}", calendar::in_words(*date).zh),
                        en: format!("The due date was set to {date} when the task was handed out"),
                    }
                }];
                sentences.extend(extended_to.iter().map(|date| Text {
                    zh: format!("经批准延期至{}", calendar::in_words(*date).zh),
                    en: format!("Extended with approval to {date}"),
                }));
                sentences.push(t("约定的日期不因节假日顺延", "A set date does not move for holidays"));
                sentences
            }
            Self::Counted { .. } => self.due(edition)?.steps.iter().map(|step| Text { zh: step.sentence_zh(), en: step.sentence_en() }).collect(),
        })
    }
}

/// What is said of a clock that stands, after its computation: the days are known only when it runs again.
pub(crate) fn stopped_since(pause: &serde_json::Value) -> Option<Text> {
    let day = |name: &str| shared::kernel::validate::parse_date(pause.get(name)?.as_str()?);
    let from = day("from")?;
    let until = day("expected_end");
    Some(Text {
        zh: format!(
            "自{}起中止{}，恢复后按中止的天数顺延",
            calendar::in_words(from).zh,
            until.map(|day| format!("（预计至{}）", calendar::in_words(day).zh)).unwrap_or_default()
        ),
        en: format!(
            "Stopped since {from}{}; when it runs again, the due date moves by the days it stood",
            until.map(|day| format!(" (until {day}, it is expected)")).unwrap_or_default()
        ),
    })
}

/// The rule of the time to refuse a hand-over.
pub(crate) const REFUSAL: &str = "handover.refusal.general";

/// The last day on which a hand-over may be refused.
pub(crate) fn refuse_until(app: &App, edition: &Edition, sent_at: DateTime<Utc>) -> Result<NaiveDate> {
    Ok(by_rule(app, REFUSAL, None, sent_at)?.due(edition)?.on)
}

/// The day an ask with a rule of its own runs out, counted from when it was put. None when it lasts as long as the matter's own clock:
/// that day follows the clock ([`follow_main`]).
pub(crate) fn ask_due(app: &App, kind: &Kind, edition: &Edition, ask: &ask::Model) -> Result<Option<NaiveDate>> {
    match &ask.rule {
        Some(rule) if !kind.is_main(rule) => Ok(Some(by_rule(app, rule, None, ask.created_at)?.due(edition)?.on)),
        _ => Ok(None),
    }
}

/// Asks that last as long as the matter's own clock run out with it. One put when that day was past, as for a task that is handed out
/// overdue, has no day of its own.
pub(crate) fn follow_main(kind: &Kind, asks: &mut [ask::Model], due: Option<NaiveDate>) {
    for ask in asks.iter_mut().filter(|ask| ask.state == "open" && ask.rule.as_deref().is_some_and(|rule| kind.is_main(rule))) {
        ask.due_on = due.filter(|due| *due > local_day(ask.created_at));
    }
}

/// A new due day. A clock that had run out and has time again may run out again.
pub(crate) fn set_due(clock: &mut clock::Model, due: Due, edition: &Edition, today: NaiveDate) {
    if due.on >= today {
        clock.ran_out_at = None;
    }
    clock.due_on = due.on;
    clock.due_at = due.at;
    clock.provisional = due.provisional;
    clock.edition = edition.code().to_owned();
}

/// Whether a clock's time is over.
pub(crate) fn past(clock: &clock::Model, now: DateTime<Utc>, today: NaiveDate) -> bool {
    clock.due_at.map_or(clock.due_on < today, |due| due < now)
}

/// The terms of a rule from a start; hours start at the instant, all else on the local day.
pub(crate) fn by_rule(app: &App, rule: &str, amount: Option<(u32, CountUnit)>, start: DateTime<Utc>) -> Result<Terms> {
    let rule = app.rules.get(rule).ok_or_else(|| Error::Other(format!("unknown clock rule {rule}")))?;
    let unit = amount.map(|(_, unit)| unit).or(rule.unit).unwrap_or(CountUnit::NaturalDays);
    let moment = if unit == CountUnit::Hours { Moment::Instant(start.with_timezone(&shanghai())) } else { Moment::Date(local_day(start)) };
    let request = CountRequest {
        start: moment,
        amount: amount.map(|(amount, _)| amount).or(rule.amount).unwrap_or(1).max(1),
        unit,
        direction: rule.direction,
        counts_first_day: rule.counts_first_day,
        rolls_if_holiday: rule.rolls_if_holiday,
        pauses: Vec::new(),
        extensions: Vec::new(),
    };
    Ok(Terms::Counted { request })
}

/// Whether the law of a clock's rule knows reasons to stop it, and its days are counted (an agreed day can be put off instead).
pub(crate) fn is_pausable(app: &App, clock: &clock::Model) -> bool {
    let counted = matches!(serde_json::from_str::<Terms>(&clock.request), Ok(Terms::Counted { .. }));
    counted && app.rules.get(&clock.rule).is_some_and(|rule| !rule.pausable.is_empty())
}

impl Terms {
    /// A day that was set.
    pub(crate) const fn agreed(date: NaiveDate) -> Self {
        Self::Agreed { date, extended_to: Vec::new(), adjusted: false }
    }
}

pub(crate) struct NewClock<'a> {
    pub matter_id: Uuid,
    pub jurisdiction_id: Uuid,
    pub handover_id: Option<Uuid>,
    pub rule: &'a str,
    pub purpose: &'a str,
    pub main: bool,
    pub unit_id: Option<Uuid>,
    pub terms: Terms,
    pub start: DateTime<Utc>,
}

/// A running clock row.
pub(crate) fn row(edition: &Edition, new: NewClock<'_>) -> Result<clock::Model> {
    let due = new.terms.due(edition)?;
    // Counted from where its terms say, which may lie before the act that started it.
    let starts_on = match &new.terms {
        Terms::Counted { request } => request.start.date(),
        Terms::Agreed { .. } => local_day(new.start),
    };
    Ok(clock::Model {
        id: crate::ids::next(),
        jurisdiction_id: new.jurisdiction_id,
        matter_id: new.matter_id,
        handover_id: new.handover_id,
        rule: new.rule.to_owned(),
        purpose: new.purpose.to_owned(),
        main: new.main,
        state: "running".to_owned(),
        unit_id: new.unit_id,
        request: serde_json::to_string(&new.terms)?,
        starts_on,
        due_on: due.on,
        due_at: due.at,
        provisional: due.provisional,
        edition: edition.code().to_owned(),
        stopped_at: None,
        ran_out_at: None,
    })
}

/// A due date in all the words a page needs.
pub(crate) fn due_view(
    edition: &Edition,
    today: NaiveDate,
    start: NaiveDate,
    on: NaiveDate,
    at: Option<DateTime<Utc>>,
    provisional: bool,
) -> DueView {
    DueView {
        date: on,
        instant: at,
        lamp: calendar::lamp(today, start, Some(on), edition),
        days_left: calendar::days_left(today, on),
        working_days_left: calendar::working_days_left(today, on, edition),
        provisional,
    }
}

/// Whether a stopped clock was met: stopped on or before the end of its due day, or of its due instant.
pub(crate) fn met(clock: &clock::Model) -> Option<bool> {
    let stopped = clock.stopped_at?;
    Some(clock.due_at.map_or_else(|| stopped < day_start(clock.due_on) + Duration::days(1), |due| stopped <= due))
}

/// How a clock of a matter stands: its state, and whether what it was for was done in time. None of it was where another day took the
/// place of this one, where a hand-over was taken back, or where the matter ended undone.
pub(crate) fn outcome(loaded: &Loaded, clock: &clock::Model) -> (String, Option<bool>) {
    if clock.state != "stopped" {
        return (clock.state.clone(), met(clock));
    }
    // The clock of a day that was moved begins where the old one began.
    let followed = |other: &clock::Model| other.main && other.rule == clock.rule && other.starts_on == clock.starts_on && other.id > clock.id;
    if clock.main && loaded.clocks.iter().any(followed) {
        return ("replaced".into(), None);
    }
    let handover = clock.handover_id.and_then(|id| loaded.handovers.iter().find(|handover| handover.id == id));
    let undone = loaded.kind.state(&loaded.matter.state).is_some_and(|state| state.undone);
    let at_the_end = clock.stopped_at.is_some_and(|stopped| loaded.matter.closed_at.is_some_and(|closed| stopped >= closed));
    let taken_back = handover.is_some_and(|handover| handover.state == "recalled");
    ("stopped".into(), met(clock).filter(|_| !(taken_back || undone && at_the_end)))
}

/// The lamp by the days that lists filter by.
pub(crate) fn lamp_on(today: NaiveDate, limit_on: NaiveDate, yellow_on: NaiveDate) -> Lamp {
    if limit_on == FAR {
        Lamp::Grey
    } else if limit_on < today {
        Lamp::Red
    } else if yellow_on <= today {
        Lamp::Yellow
    } else {
        Lamp::Green
    }
}

/// A running time limit of a matter, and the unit that owes the act that ends it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Limit {
    pub unit: Option<Uuid>,
    pub rule: String,
    pub main: bool,
    pub on: NaiveDate,
    pub yellow: NaiveDate,
    /// Its running out had its consequence.
    pub ran_out: bool,
}

/// The first of some limits with its rule, and the first yellow day.
pub(crate) fn first<'a>(limits: impl Iterator<Item = &'a Limit> + Clone) -> Option<(NaiveDate, String, NaiveDate)> {
    let nearest = limits.clone().min_by_key(|limit| limit.on)?;
    Some((nearest.on, nearest.rule.clone(), limits.map(|limit| limit.yellow).min().unwrap_or(nearest.on)))
}

/// Who owes the act that ends a clock, by the kind's declaration.
pub(crate) fn debtor(reference: &Reference, loaded: &Loaded, clock: &clock::Model) -> Option<Uuid> {
    let matter = &loaded.matter;
    clock.unit_id.or_else(|| match loaded.kind.clock(&clock.rule).owed_by {
        Debtor::Holder => matter.holder_unit_id,
        Debtor::LinkageOffice => reference.linkage_office,
        Debtor::Originator => Some(matter.originator_unit_id),
        Debtor::Body { field } => matter.body.get(&field).and_then(serde_json::Value::as_str).and_then(|code| reference.unit_id(code)),
    })
}

/// The running limits of a matter; a main clock that is stopped, paused or awaits judgement isn't one.
pub(crate) fn limits(reference: &Reference, loaded: &Loaded) -> Vec<Limit> {
    let edition = &reference.edition;
    loaded
        .clocks
        .iter()
        .filter(|clock| clock.state == "running")
        .map(|clock| Limit {
            unit: debtor(reference, loaded, clock),
            rule: clock.rule.clone(),
            main: clock.main,
            on: clock.due_on,
            yellow: calendar::yellow_from(clock.starts_on, clock.due_on, edition),
            ran_out: clock.ran_out_at.is_some(),
        })
        .collect()
}
