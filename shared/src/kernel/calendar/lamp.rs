//! How much of a term is left, at a glance. A lamp never stands alone: the client puts words beside it.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::edition::Edition;

/// The state of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Lamp {
    /// More than 20 % of the term and more than three working days are left.
    Green,
    /// Less than that is left; the due day itself included.
    Yellow,
    /// Past due.
    Red,
    /// No limit, or paused. A pause is the caller's to know; without a due date the lamp is grey by itself.
    Grey,
}

/// The lamp of a term that runs from `start` to `due`, as of `today`; all local days.
#[must_use]
pub fn lamp(today: NaiveDate, start: NaiveDate, due: Option<NaiveDate>, edition: &Edition) -> Lamp {
    let Some(due) = due else {
        return Lamp::Grey;
    };
    if due < today {
        return Lamp::Red;
    }
    let term = days_left(start, due);
    if days_left(today, due) * 5 > term && working_days_left(today, due, edition) > 3 { Lamp::Green } else { Lamp::Yellow }
}

/// The first day on which the lamp of a term is yellow; the due day at the latest.
#[must_use]
pub fn yellow_from(start: NaiveDate, due: NaiveDate, edition: &Edition) -> NaiveDate {
    let fifth = days_left(start, due).max(0) / 5;
    let by_share = due.checked_sub_days(Days::new(fifth.unsigned_abs())).unwrap_or(due);
    // Three working days lie within two weeks but for the longest holidays; the walk ends where a fourth begins.
    let by_days = due.iter_days().rev().take_while(|day| working_days_left(*day, due, edition) <= 3).last().unwrap_or(due);
    by_share.min(by_days)
}

/// Natural days from today to the due day: 0 on the day itself, negative when overdue.
#[must_use]
pub fn days_left(today: NaiveDate, due: NaiveDate) -> i64 {
    (due - today).num_days()
}

/// Working days after today up to and including the due day; negative when overdue.
#[must_use]
pub fn working_days_left(today: NaiveDate, due: NaiveDate, edition: &Edition) -> i64 {
    edition.working_days_between(today, due)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(today: &str, start: &str, due: &str) -> Lamp {
        let day = |text: &str| text.parse().unwrap();
        lamp(day(today), day(start), Some(day(due)), Edition::cn_2026())
    }

    #[test]
    fn a_long_term_turns_yellow_at_a_fifth() {
        // 2026-03-01 to 2026-06-09 are 100 days; a fifth is left on 05-20.
        assert_eq!(on("2026-05-19", "2026-03-01", "2026-06-09"), Lamp::Green);
        assert_eq!(on("2026-05-20", "2026-03-01", "2026-06-09"), Lamp::Yellow);
        assert_eq!(on("2026-06-09", "2026-03-01", "2026-06-09"), Lamp::Yellow);
        assert_eq!(on("2026-06-10", "2026-03-01", "2026-06-09"), Lamp::Red);
    }

    #[test]
    fn a_short_term_turns_yellow_at_three_working_days() {
        // Due on Monday 11-23: Wednesday has Thursday, Friday and Monday left, Tuesday one more.
        assert_eq!(on("2026-11-17", "2026-11-13", "2026-11-23"), Lamp::Green);
        assert_eq!(on("2026-11-18", "2026-11-13", "2026-11-23"), Lamp::Yellow);
    }

    #[test]
    fn days_off_are_not_days_left() {
        let (today, due) = ("2026-09-30".parse().unwrap(), "2026-10-10".parse().unwrap());
        assert_eq!(days_left(today, due), 10);
        assert_eq!(working_days_left(today, due, Edition::cn_2026()), 3);
        assert_eq!(days_left(due, today), -10);
        assert_eq!(working_days_left(due, today, Edition::cn_2026()), -3);
    }

    #[test]
    fn no_limit_is_grey() {
        let day = "2026-11-24".parse().unwrap();
        assert_eq!(lamp(day, day, None, Edition::cn_2026()), Lamp::Grey);
    }

    #[test]
    fn the_first_yellow_day_is_where_the_lamp_turns() {
        let edition = Edition::cn_2026();
        let start: NaiveDate = "2025-09-01".parse().unwrap();
        for length in 0..200 {
            let due = start + Days::new(length);
            let first = yellow_from(start, due, edition);
            assert_eq!(lamp(first, start, Some(due), edition), Lamp::Yellow, "{due}");
            assert_eq!(lamp(first.pred_opt().unwrap(), start, Some(due), edition), Lamp::Green, "{due}");
        }
    }
}
