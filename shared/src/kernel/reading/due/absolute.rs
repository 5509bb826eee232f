//! Dates in figures: 2026-11-30, 2026.11.30, 20261130, 26.11.30, 11.30; and what a spreadsheet made of them as numbers.

use super::{
    DueContext, DueReading, DueValue, Pattern, day, pattern,
    period::month_end,
    pieces::{Match, Scan},
    plain, serial_date,
};
use crate::kernel::{messages_reading as M, reading::explain::same};
use chrono::{Datelike, NaiveDate};
use regex::Captures;
use std::sync::LazyLock;

static YEAR_MONTH_DAY: Pattern = LazyLock::new(|| pattern(r"^(20[0-9]{2})(?:[-./·]([0-9]{1,2})[-./·]([0-9]{1,2})|([0-9]{2})([0-9]{2}))[日号]?"));
static YEAR_MONTH: Pattern = LazyLock::new(|| pattern(r"^(20[0-9]{2})(?:[-./·]([0-9]{1,2})|(0[1-9]|1[0-2]))"));
static SHORT_YEAR: Pattern = LazyLock::new(|| pattern(r"^([2-9][0-9])(?:[-./·]([0-9]{1,2})[-./·]([0-9]{1,2})|([0-9]{2})([0-9]{2}))[日号]?"));
static YEAR_LAST: Pattern = LazyLock::new(|| pattern(r"^([0-9]{1,2})[-./]([0-9]{1,2})[-./](20[0-9]{2})"));
static MONTH_DAY: Pattern = LazyLock::new(|| pattern(r"^([0-9]{1,2})[-./·]([0-9]{1,2})[日号]?BY(?:完成|办结)?$"));
static SERIAL: Pattern = LazyLock::new(|| pattern(r"^([3-7][0-9]{4})(?:\.[0-9]+)?$"));

fn group(captures: &Captures<'_>, index: usize) -> Option<u32> {
    captures.get(index)?.as_str().parse().ok()
}

/// The first of two groups that matched: `2026-11-30` and `20261130` have theirs at different places.
fn either(captures: &Captures<'_>, first: usize, second: usize) -> Option<u32> {
    group(captures, first).or_else(|| group(captures, second))
}

/// What was matched, unless a number goes on behind it.
fn whole<'t>(pattern: &Pattern, rest: &'t str) -> Option<(usize, Captures<'t>)> {
    let captures = pattern.as_ref()?.captures(rest)?;
    let length = captures.get(0)?.len();
    let after = rest.get(length..).unwrap_or_default();
    let mut following = after.chars();
    let goes_on = match (following.next(), following.next()) {
        (Some(c), _) if c.is_ascii_digit() => true,
        (Some('-' | '.' | '/'), Some(c)) => c.is_ascii_digit() && !after.starts_with("-20"),
        _ => false,
    };
    (!goes_on).then_some((length, captures))
}

pub(super) fn read(scan: &Scan<'_>, rest: &str, before: &str) -> Option<Match> {
    if !rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if let Some((length, captures)) = whole(&YEAR_MONTH_DAY, rest) {
        let (year, month, date) = (group(&captures, 1)?, either(&captures, 2, 4)?, either(&captures, 3, 5)?);
        return Some((length, plain(day(i32::try_from(year).ok()?, month, date))));
    }
    if let Some((length, captures)) = whole(&YEAR_LAST, rest) {
        return year_last(&captures, rest.get(..length)?).map(|reading| (length, reading));
    }
    if let Some((length, captures)) = whole(&YEAR_MONTH, rest).filter(|(length, _)| !rest.get(*length..).unwrap_or_default().starts_with('月')) {
        let (year, month) = (i32::try_from(group(&captures, 1)?).ok()?, either(&captures, 2, 3)?);
        let reading = match month_end(year, month) {
            Some(date) => DueReading::derived(DueValue::Date(date), M::DUE_MONTH_END, vec![same(rest.get(..length)?), same(date)]),
            None => plain(day(year, month, 1)),
        };
        return Some((length, reading));
    }
    // Only as the whole of a phrase: 3.5万 and 30000件 are no dates.
    if !before.is_empty() {
        return None;
    }
    if let Some((length, captures)) = whole(&SHORT_YEAR, rest) {
        let (year, month, date) = (group(&captures, 1)?, either(&captures, 2, 4)?, either(&captures, 3, 5)?);
        let reading = plain(day(2000 + i32::try_from(year).ok()?, month, date));
        // Six figures may be anything; they are a date only when they make one.
        return (captures.get(2).is_some() || reading.date().is_some()).then(|| (length, explained(reading, rest.get(..length).unwrap_or_default())));
    }
    if let Some((length, captures)) = whole(&SERIAL, rest) {
        let date = serial_date(f64::from(group(&captures, 1)?))?;
        return Some((length, DueReading::derived(DueValue::Date(date), M::DUE_SERIAL, vec![same(rest), same(date)])));
    }
    let (length, captures) = whole(&MONTH_DAY, rest)?;
    let (month, date) = (group(&captures, 1)?, group(&captures, 2)?);
    Some((length, month_day(scan, rest.get(..length)?, month, date)))
}

fn explained(mut reading: DueReading, written: &str) -> DueReading {
    if let Some(date) = reading.date() {
        reading = DueReading::derived(DueValue::Date(date), M::DUE_DAY, vec![same(written), same(date)]);
    }
    reading
}

/// A month and a day without a year.
pub(super) fn month_day(scan: &Scan<'_>, written: &str, month: u32, date: u32) -> DueReading {
    // A leap day is a day; which year has it is found below.
    if let Err(wrong) = day(2028, month, date) {
        return *wrong;
    }
    match scan.in_year(written, None, &|year| NaiveDate::from_ymd_opt(year, month, date)) {
        Some(found) => {
            let mut reading = DueReading::derived(DueValue::Date(found.date), M::DUE_DAY, vec![same(written), same(found.date)]);
            reading.how.extend(found.assumed);
            reading
        }
        None => DueReading::unclear(M::DUE_UNCLEAR, Vec::new()),
    }
}

/// `11/30/2026`; where both could be the month it is asked.
fn year_last(captures: &Captures<'_>, written: &str) -> Option<DueReading> {
    let (first, second, year) = (group(captures, 1)?, group(captures, 2)?, i32::try_from(group(captures, 3)?).ok()?);
    Some(match (day(year, first, second), day(year, second, first)) {
        (Ok(one), Ok(other)) if one != other => DueReading::either(M::DUE_ORDER_AMBIGUOUS, written, [one, other]),
        (Ok(date), _) | (_, Ok(date)) => explained(DueReading::plain(date), written),
        (Err(wrong), _) => *wrong,
    })
}

/// A number in the cell: a date's serial number, or figures that lost a zero at their end: 11.30 is kept as 11.3.
pub(super) fn of_number(number: f64, text: &str, context: &DueContext<'_>) -> Option<DueReading> {
    if let Some(date) = serial_date(number) {
        return Some(DueReading::derived(DueValue::Date(date), M::DUE_SERIAL, vec![same(text), same(date)]));
    }
    let (whole, part) = text.split_once('.')?;
    let whole: u32 = whole.parse().ok()?;
    let tenths: u32 = part.parse().ok().filter(|_| part.len() == 1)?;
    let scan = Scan { context, previous: None };
    let (one, other) = match whole {
        2000..2100 if tenths == 1 => {
            let year = i32::try_from(whole).ok()?;
            (month_end(year, 1)?, month_end(year, 10)?)
        }
        1..=12 if (1..=3).contains(&tenths) => {
            let of = |date| month_day(&scan, text, whole, date).date();
            match (of(tenths)?, of(tenths * 10)) {
                (one, Some(other)) => (one, other),
                (_, None) => return None,
            }
        }
        _ => return None,
    };
    let mut dates = [one, other];
    dates.sort_unstable_by_key(NaiveDate::num_days_from_ce);
    Some(DueReading::either(M::DUE_NUMBER_AMBIGUOUS, text, dates))
}

/// Whether the patterns are ones.
#[cfg(test)]
pub(super) fn sound() -> Vec<(&'static str, bool)> {
    vec![
        ("YEAR_MONTH_DAY", YEAR_MONTH_DAY.is_some()),
        ("YEAR_MONTH", YEAR_MONTH.is_some()),
        ("SHORT_YEAR", SHORT_YEAR.is_some()),
        ("YEAR_LAST", YEAR_LAST.is_some()),
        ("MONTH_DAY", MONTH_DAY.is_some()),
        ("SERIAL", SERIAL.is_some()),
    ]
}
