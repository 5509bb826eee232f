//! How much of a term is left, at a glance. A lamp never stands alone: the client puts words beside it.

use chrono::NaiveDate;
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
    if days_left(today, due) * 5 > term && working_days_left(today, due, edition) > 3 {
        Lamp::Green
    } else {
        Lamp::Yellow
    }
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
}
