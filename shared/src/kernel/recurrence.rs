//! Recurring duties 定期任务: every month by the 25th, every quarter's end. Pure day arithmetic; holidays don't move an agreed day.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Every {
    Week,
    Month,
    Quarter,
    HalfYear,
    Year,
}

/// The day within the period by which it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecurDay {
    /// Day of the month (of a longer period's last month); its last day when there is no such day.
    Day(u8),
    /// The period's last day.
    Last,
    /// 1 Monday … 7 Sunday.
    Weekday(u8),
    MonthDay {
        month: u8,
        day: u8,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Recurrence {
    pub every: Every,
    pub day: RecurDay,
    /// The last day on which a period may fall due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// The first day on which a period may fall due, where it lies ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<NaiveDate>,
}

impl Recurrence {
    pub const fn new(every: Every, day: RecurDay) -> Self {
        Self { every, day, until: None, since: None }
    }

    /// With an end: the one given, else that of the year in which the next period falls due.
    pub fn ended(self, today: NaiveDate) -> Self {
        let year = next(&self, today).unwrap_or(today).year();
        Self { until: self.until.or_else(|| NaiveDate::from_ymd_opt(year, 12, 31)), ..self }
    }

    /// Ending at the latest with a year.
    pub fn within(self, year: i32) -> Self {
        let last = NaiveDate::from_ymd_opt(year, 12, 31);
        Self { until: self.until.into_iter().chain(last).min(), ..self }
    }

    /// Beginning no earlier than with a year, when that is still to come.
    pub fn not_before(self, year: i32, today: NaiveDate) -> Self {
        let first = NaiveDate::from_ymd_opt(year, 1, 1).filter(|first| *first > today);
        Self { since: self.since.into_iter().chain(first).max(), ..self }
    }

    /// Whether a due day lies within the series.
    pub fn reaches(&self, due: NaiveDate) -> bool {
        self.until.is_none_or(|until| due <= until)
    }
}

/// Whether all periods of a series from today on are there already: `known` tells of a due day whether it has its instance.
pub fn is_over(recurrence: &Recurrence, today: NaiveDate, known: impl Fn(NaiveDate) -> bool) -> bool {
    let mut from = today;
    loop {
        match next(recurrence, from) {
            Some(due) if recurrence.until.is_some() && recurrence.reaches(due) => {
                if !known(due) {
                    return false;
                }
                let Some(day) = due.succ_opt() else { return true };
                from = day;
            }
            _ => return recurrence.until.is_some(),
        }
    }
}

fn month_day(year: i32, month: u32, day: u8) -> Option<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(year, month, 1)?;
    let last = first.checked_add_months(Months::new(1))?.pred_opt()?;
    NaiveDate::from_ymd_opt(year, month, u32::from(day.max(1)).min(last.day()))
}

/// The first due day on or after a day, and not before the series begins.
pub fn next(recurrence: &Recurrence, from: NaiveDate) -> Option<NaiveDate> {
    let from = recurrence.since.map_or(from, |since| since.max(from));
    if let (Every::Week, day) | (_, day @ RecurDay::Weekday(_)) = (recurrence.every, recurrence.day) {
        let wanted = match day {
            RecurDay::Weekday(weekday) => u32::from(weekday.clamp(1, 7)),
            _ => 7,
        };
        let ahead = (wanted + 7 - from.weekday().number_from_monday()) % 7;
        return from.checked_add_days(Days::new(u64::from(ahead)));
    }
    let months = match recurrence.every {
        Every::Quarter => 3,
        Every::HalfYear => 6,
        Every::Year => 12,
        Every::Week | Every::Month => 1,
    };
    // Due days of this period and the next ones; the second is always far enough.
    (0..=1).find_map(|ahead| {
        let start_month = (from.month0() / months) * months;
        let start = NaiveDate::from_ymd_opt(from.year(), start_month + 1, 1)?.checked_add_months(Months::new(months * ahead))?;
        let last = start.checked_add_months(Months::new(months - 1))?;
        let due = match recurrence.day {
            RecurDay::Day(day) => month_day(last.year(), last.month(), day),
            RecurDay::MonthDay { month, day } => month_day(start.year(), u32::from(month.clamp(1, 12)), day),
            _ => month_day(last.year(), last.month(), 31),
        }?;
        (due >= from).then_some(due)
    })
}

/// What an instance is called: 「11月」「四季度」「2027年」.
pub fn period_label(recurrence: &Recurrence, due: NaiveDate) -> String {
    match recurrence.every {
        Every::Week => format!("{}月{}日", due.month(), due.day()),
        Every::Month => format!("{}年{}月", due.year(), due.month()),
        Every::Quarter => format!("{}年第{}季度", due.year(), due.month0() / 3 + 1),
        Every::HalfYear => format!("{}年{}半年", due.year(), if due.month() <= 6 { "上" } else { "下" }),
        Every::Year => format!("{}年", due.year()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn each_period_has_its_due_day() {
        let monthly = Recurrence::new(Every::Month, RecurDay::Day(25));
        assert_eq!(next(&monthly, day("2026-11-24")), Some(day("2026-11-25")));
        assert_eq!(next(&monthly, day("2026-11-26")), Some(day("2026-12-25")));
        assert_eq!(next(&Recurrence::new(Every::Month, RecurDay::Last), day("2027-02-03")), Some(day("2027-02-28")));
        assert_eq!(next(&Recurrence::new(Every::Quarter, RecurDay::Last), day("2026-11-24")), Some(day("2026-12-31")));
        assert_eq!(next(&Recurrence::new(Every::Week, RecurDay::Weekday(5)), day("2026-11-24")), Some(day("2026-11-27")));
        assert_eq!(next(&Recurrence::new(Every::Year, RecurDay::MonthDay { month: 3, day: 31 }), day("2026-11-24")), Some(day("2027-03-31")));
    }

    #[test]
    fn a_series_of_next_year_begins_next_year() {
        let monthly = Recurrence::new(Every::Month, RecurDay::Day(25));
        let next_year = monthly.not_before(2027, day("2026-11-24"));
        assert_eq!(next(&next_year, day("2026-11-24")), Some(day("2027-01-25")));
        assert_eq!(next(&next_year, day("2027-06-01")), Some(day("2027-06-25")));
        assert_eq!(monthly.not_before(2026, day("2026-11-24")), monthly, "that year has begun");
    }

    #[test]
    fn a_series_ends() {
        let monthly = Recurrence::new(Every::Month, RecurDay::Day(25));
        assert_eq!(monthly.ended(day("2026-11-24")).until, Some(day("2026-12-31")));
        assert_eq!(monthly.ended(day("2026-12-26")).until, Some(day("2027-12-31")), "the year of the next period");
        let short = Recurrence { until: Some(day("2026-11-30")), ..monthly };
        assert_eq!(short.ended(day("2026-11-24")).until, short.until);
        assert_eq!(short.within(2026).until, short.until);
        assert_eq!(Recurrence { until: Some(day("2028-01-01")), ..monthly }.within(2026).until, Some(day("2026-12-31")), "not beyond its list");
        assert!(!is_over(&short, day("2026-11-24"), |_| false), "one period is to come");
        assert!(is_over(&short, day("2026-11-24"), |due| due == day("2026-11-25")), "it is there, and no other fits");
        assert!(is_over(&short, day("2026-11-26"), |_| false));
        assert!(!is_over(&monthly, day("2026-11-26"), |_| true), "without an end it is never over");
    }
}
