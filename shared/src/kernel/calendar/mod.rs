//! Counting of statutory and agreed time limits.
//!
//! A [`ClockRule`] says how long a limit is, by which law, and how it is counted; an [`Edition`] says which
//! days are working days; [`count`] brings both together and explains every step; [`lamp`] reads what is left.
//! The counting rules 1 to 9 that the comments name are those of the domain's `deadlines.md`.
//!
//! Pure: today's date is always an argument, and all days are local days of Asia/Shanghai (UTC+8 without
//! summer time). Running clocks, their storage and who may pause or extend them do not belong here.

mod count;
#[cfg(test)]
mod count_answer_tests;
#[cfg(test)]
mod count_properties;
#[cfg(test)]
mod count_tests;
mod course;
mod edition;
mod error;
mod lamp;
pub mod notice;
pub mod notice_typed;
mod request;
mod rule;
mod step;
mod words;

pub use count::count;
pub use edition::{DayKind, Edition, EditionError};
pub use error::CountError;
pub use lamp::{Lamp, days_left, lamp, working_days_left, yellow_from};
pub use request::{CountRequest, CountResult, ExtensionStep, Moment, MomentError, Pause, SHANGHAI};
pub use rule::{ClockRule, ClockRules, CountUnit, Direction, Extension, ReadKind, RuleError, RuleSource, Tier, UrgentVariant};
pub use step::{CountStep, StepCode};
pub use words::in_words;
