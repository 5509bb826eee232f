//! A day or a minute as people type and paste it. Days are local days, minutes local time of Asia/Shanghai.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// The numbers in what was typed: `2026年11月27日` gives 2026, 11, 27.
pub fn numbers(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect()
}

/// A day as people type and paste it: `2026-11-27`, `2026/11/27`, `2026.11.27`, `2026年11月27日`, `20261127`. The year comes
/// first and has four digits, since 11/12 would be read in two ways; it may be left out where all days are of one `year`.
fn day_of(parts: &[&str], year: Option<i32>) -> Option<NaiveDate> {
    let (year, month, day) = match parts {
        [whole] if whole.len() == 8 => (whole.get(..4)?.parse().ok()?, whole.get(4..6)?, whole.get(6..)?),
        [typed, month, day] if typed.len() == 4 => (typed.parse().ok()?, *month, *day),
        [month, day] if month.len() <= 2 => (year?, *month, *day),
        _ => return None,
    };
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
}

/// The day that was typed.
pub fn read_day(text: &str, year: Option<i32>) -> Option<NaiveDate> {
    day_of(&numbers(text), year)
}

/// Whether what was typed is written as a day, but the calendar has no such day.
pub fn names_no_day(text: &str) -> bool {
    let parts = numbers(text);
    matches!(parts.as_slice(), [year, month, day, ..] if year.len() == 4 && month.len() <= 2 && day.len() <= 2)
        && day_of(parts.get(..3).unwrap_or_default(), None).is_none()
}

/// What was typed as the value of a native box: `2026-11-27`, or `2026-11-27T09:30`.
pub fn value_of(text: &str, with_time: bool, year: Option<i32>) -> Option<String> {
    let parts = numbers(text);
    if !with_time {
        return day_of(&parts, year).map(|day| day.to_string());
    }
    let (hour, minute) = (parts.len().checked_sub(2)?, parts.len().checked_sub(1)?);
    let time = NaiveTime::from_hms_opt(parts.get(hour)?.parse().ok()?, parts.get(minute)?.parse().ok()?, 0)?;
    let moment: NaiveDateTime = day_of(parts.get(..hour)?, None)?.and_time(time);
    Some(moment.format("%Y-%m-%dT%H:%M").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_write_them() {
        for text in ["2026-11-27", "2026/11/27", " 2026.11.27 ", "2026年11月27日", "20261127"] {
            assert_eq!(value_of(text, false, None).as_deref(), Some("2026-11-27"), "{text}");
        }
        assert!(names_no_day("2026-02-30") && names_no_day("2026年13月1日") && !names_no_day("2026-02-28") && !names_no_day("明天"));
        assert_eq!(value_of("2026-3-5", false, None).as_deref(), Some("2026-03-05"));
        for text in ["", "11/27/2026", "27.11.2026", "2026-11", "2026-02-30", "明天", "26-11-27"] {
            assert_eq!(value_of(text, false, None), None, "{text}");
        }
        assert_eq!(value_of("2月15日（周一）", false, Some(2027)).as_deref(), Some("2027-02-15"));
        assert_eq!(value_of("2026年12月31日", false, Some(2027)).as_deref(), Some("2026-12-31"));
        assert_eq!(value_of("2026-11-27 9:30", true, None).as_deref(), Some("2026-11-27T09:30"));
        assert_eq!(value_of("20261127 0930", true, None), None);
        assert_eq!(value_of("2026-11-27", true, None), None);
    }
}
