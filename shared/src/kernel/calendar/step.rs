//! The explanation of a count: structured steps, and the plain sentence of each in both languages.

use serde::{Deserialize, Serialize};

use super::{
    request::Moment,
    rule::CountUnit,
    words::{amount_en, amount_zh, day_en, day_zh, holiday_en, span_en, span_zh},
};

/// What a step did. The fields of [`CountStep`] it fills are named with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum StepCode {
    /// The start day (`date`) is not counted.
    StartExcluded,
    /// The start day (`date`) is the first one counted.
    StartCounted,
    /// Hours run from the minute (`date`).
    StartInstant,
    /// The event (`date`) that is counted back from; its day is not counted.
    Event,
    /// `amount` `unit` on from `date` to `due`.
    Counted,
    /// `amount` `unit` back from `date` to `due`.
    CountedBack,
    /// The month has no day `amount`; its last day (`due`) stands for it.
    MonthEndClamped,
    /// A holiday from `date` to `until`, `amount` days, is not counted (`name`).
    HolidaySkipped,
    /// `amount` weekend days are not counted.
    WeekendSkipped,
    /// A make-up workday (`date`, `name`) is counted.
    MakeUpCounted,
    /// A pause from `date` to `until` moves the due date to `due`; for days, by `amount`.
    Pause,
    /// The working days of a pause from `date` to `until` are not counted.
    PauseSkipped,
    /// An extension by `amount` `unit` from `date` to `due`.
    Extension,
    /// The last day (`date`) is off, as all days to `until` are; it moves to `due`. `name` is the
    /// holiday's; without one it is a weekend.
    Rolled,
    /// The last day (`date`) is a working day.
    NotRolledWorkingDay,
    /// This limit does not roll.
    NoRolling,
    /// The days off of the year of `date` are not in the calendar yet.
    Provisional,
}

/// One step of a count. Days are local days of Asia/Shanghai.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CountStep {
    /// What was done.
    pub code: StepCode,
    /// The day or instant it is about, or the first of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Moment>,
    /// The last of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    /// The due date so far, where the step sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Moment>,
    /// In `unit`, where the code does not say otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<u32>,
    /// Unit of `amount`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<CountUnit>,
    /// The holiday's name, in Chinese.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl CountStep {
    pub(super) fn of(code: StepCode) -> Self {
        Self {
            code,
            date: None,
            until: None,
            due: None,
            amount: None,
            unit: None,
            name: None,
        }
    }

    pub(super) fn on(code: StepCode, date: impl Into<Moment>) -> Self {
        Self {
            date: Some(date.into()),
            ..Self::of(code)
        }
    }

    /// The step as a Chinese sentence, without full stop.
    #[must_use]
    pub fn sentence_zh(&self) -> String {
        let date = self.date.map(|day| day_zh(day, None)).unwrap_or_default();
        let span = self.words(span_zh);
        let due = self.due_words(day_zh);
        let amount = self.amount_words(amount_zh);
        let name = self.name.as_deref().unwrap_or_default();
        match self.code {
            StepCode::StartExcluded => format!("{date}起算，当日不计入"),
            StepCode::StartCounted => format!("{date}起算，当日计入"),
            StepCode::StartInstant => format!("{date}起算，昼夜、节假日连续计算"),
            StepCode::Event => format!("自{date}往前数，当日不计入"),
            StepCode::Counted => format!("{amount}：至{due}"),
            StepCode::CountedBack => format!("往前数{amount}：{due}"),
            StepCode::MonthEndClamped => format!(
                "该月没有{}日，以当月最后一日{due}为准",
                self.amount.unwrap_or_default()
            ),
            StepCode::HolidaySkipped => format!("其间{span}{name}放假，不计入"),
            StepCode::WeekendSkipped => {
                format!("其间周末{}天，不计入", self.amount.unwrap_or_default())
            }
            StepCode::MakeUpCounted => format!("其间{date}为{name}调休上班日，计入"),
            StepCode::Pause if amount.is_empty() => format!("{span}中止，顺延至{due}"),
            StepCode::Pause => format!("{span}中止{amount}，顺延至{due}"),
            StepCode::PauseSkipped => format!("{span}中止，其间工作日不计入"),
            StepCode::Extension => format!("延长{amount}：至{due}"),
            StepCode::Rolled if name.is_empty() => format!("{span}为周末，顺延至{due}"),
            StepCode::Rolled => format!("{span}{name}放假，顺延至{due}"),
            StepCode::NotRolledWorkingDay => "当日为工作日，不顺延".to_owned(),
            StepCode::NoRolling => "本期限遇节假日不顺延".to_owned(),
            StepCode::Provisional => {
                format!("本日历尚无{}年的放假安排，此日期为暂定", self.year())
            }
        }
    }

    /// The step as an English sentence, without full stop.
    #[must_use]
    pub fn sentence_en(&self) -> String {
        let date = self.date.map(|day| day_en(day, None)).unwrap_or_default();
        let span = self.words(span_en);
        let due = self.due_words(day_en);
        let amount = self.amount_words(amount_en);
        let name = holiday_en(self.name.as_deref().unwrap_or_default());
        match self.code {
            StepCode::StartExcluded => format!("Runs from {date}; that day is not counted"),
            StepCode::StartCounted => format!("Runs from {date}; that day is counted"),
            StepCode::StartInstant => {
                format!("Runs from {date}, straight through nights and days off")
            }
            StepCode::Event => format!("Counted back from {date}; that day is not counted"),
            StepCode::Counted => format!("{amount}: to {due}"),
            StepCode::CountedBack => format!("{amount} back: {due}"),
            StepCode::MonthEndClamped => format!(
                "The month has no day {}, so its last day, {due}, stands for it",
                self.amount.unwrap_or_default()
            ),
            StepCode::HolidaySkipped => format!("{span}: off for {name}, not counted"),
            StepCode::WeekendSkipped => {
                let days = amount_en(self.amount.unwrap_or_default(), CountUnit::NaturalDays);
                format!("Weekends in between, {days}, are not counted")
            }
            StepCode::MakeUpCounted => format!("{date}: make-up workday for {name}, counted"),
            StepCode::Pause if amount.is_empty() => format!("Stopped {span}: moves to {due}"),
            StepCode::Pause => format!("Stopped {span}, {amount}: moves to {due}"),
            StepCode::PauseSkipped => format!("Stopped {span}: its working days are not counted"),
            StepCode::Extension => format!("Extended by {amount}: to {due}"),
            StepCode::Rolled if name.is_empty() => format!("{span}: weekend, moves to {due}"),
            StepCode::Rolled => format!("{span}: off for {name}, moves to {due}"),
            StepCode::NotRolledWorkingDay => {
                "The last day is a working day and does not move".to_owned()
            }
            StepCode::NoRolling => "This limit does not move for days off".to_owned(),
            StepCode::Provisional => format!(
                "This calendar does not have the days off of {} yet: the date is provisional",
                self.year()
            ),
        }
    }

    fn words(&self, span: fn(Moment, Moment) -> String) -> String {
        self.date
            .map(|first| span(first, self.until.unwrap_or(first)))
            .unwrap_or_default()
    }

    fn due_words(&self, day: fn(Moment, Option<Moment>) -> String) -> String {
        let read_before = self.until.or(self.date);
        self.due
            .map(|due| day(due, read_before))
            .unwrap_or_default()
    }

    fn amount_words(&self, words: fn(u32, CountUnit) -> String) -> String {
        self.amount
            .zip(self.unit)
            .map(|(amount, unit)| words(amount, unit))
            .unwrap_or_default()
    }

    fn year(&self) -> String {
        self.date
            .map(|day| day.date().format("%Y").to_string())
            .unwrap_or_default()
    }
}
