//! Clocks of matters: how their due date was computed is kept with them, so that each can be explained and recomputed from its
//! inputs. A stored date is never added to.

use crate::{
    entity::clock,
    error::{Error, Result},
    state::App,
    time::{day_start, local_day, shanghai},
};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::kernel::{
    api::DueView,
    calendar::{self, CountRequest, CountStep, CountUnit, Edition, Lamp, Moment},
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
            Self::Agreed { date, extended_to } => {
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
            Self::Agreed { date, extended_to } => {
                let mut sentences = vec![Text {
                    zh: format!("完成时限在交办时确定为{}", day_zh(*date)),
                    en: format!("The due date was set to {date} when the task was handed out"),
                }];
                sentences.extend(
                    extended_to
                        .iter()
                        .map(|date| Text { zh: format!("经批准延期至{}", day_zh(*date)), en: format!("Extended with approval to {date}") }),
                );
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
        zh: format!("自{}起中止{}，恢复后按中止的天数顺延", day_zh(from), until.map(|day| format!("（预计至{}）", day_zh(day))).unwrap_or_default()),
        en: format!(
            "Stopped since {from}{}; when it runs again, the due date moves by the days it stood",
            until.map(|day| format!(" (until {day}, it is expected)")).unwrap_or_default()
        ),
    })
}

fn day_zh(day: NaiveDate) -> String {
    use chrono::Datelike;
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
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
pub(crate) fn row(app: &App, new: NewClock<'_>) -> Result<clock::Model> {
    let edition = app.edition();
    let due = new.terms.due(&edition)?;
    Ok(clock::Model {
        id: Uuid::now_v7(),
        jurisdiction_id: new.jurisdiction_id,
        matter_id: new.matter_id,
        handover_id: new.handover_id,
        rule: new.rule.to_owned(),
        purpose: new.purpose.to_owned(),
        main: new.main,
        state: "running".to_owned(),
        unit_id: new.unit_id,
        request: serde_json::to_string(&new.terms)?,
        starts_on: local_day(new.start),
        due_on: due.on,
        due_at: due.at,
        provisional: due.provisional,
        edition: edition.code().to_owned(),
        stopped_at: None,
    })
}

/// A due date in all the words a page needs.
pub(crate) fn due_view(app: &App, today: NaiveDate, start: NaiveDate, on: NaiveDate, at: Option<DateTime<Utc>>, provisional: bool) -> DueView {
    let edition = app.edition();
    DueView {
        date: on,
        instant: at,
        lamp: calendar::lamp(today, start, Some(on), &edition),
        days_left: calendar::days_left(today, on),
        working_days_left: calendar::working_days_left(today, on, &edition),
        provisional,
    }
}

/// Whether a stopped clock was met: stopped on or before the end of its due day, or of its due instant.
pub(crate) fn met(clock: &clock::Model) -> Option<bool> {
    let stopped = clock.stopped_at?;
    Some(clock.due_at.map_or_else(|| stopped < day_start(clock.due_on) + Duration::days(1), |due| stopped <= due))
}

pub(crate) fn lamp_of(app: &App, today: NaiveDate, start: Option<NaiveDate>, due: Option<NaiveDate>, paused: bool) -> Lamp {
    if paused { Lamp::Grey } else { calendar::lamp(today, start.unwrap_or(today), due, &app.edition()) }
}
