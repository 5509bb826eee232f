//! Days and times in words. Legal days are local days of the jurisdiction; instants are shown in its zone (Asia/Shanghai,
//! which has had no summer time since 1991).

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, Timelike, Utc};
use shared::kernel::{
    messages as m,
    text::{Lang, Message},
};

const OFFSET_HOURS: i64 = 8;
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [Message; 7] = [m::MONDAY, m::TUESDAY, m::WEDNESDAY, m::THURSDAY, m::FRIDAY, m::SATURDAY, m::SUNDAY];

pub fn local(instant: DateTime<Utc>) -> NaiveDateTime {
    instant.naive_utc() + Duration::hours(OFFSET_HOURS)
}

/// The instant now, by this computer's clock.
pub fn now() -> DateTime<Utc> {
    #[allow(clippy::cast_possible_truncation, reason = "milliseconds of a date fit")]
    DateTime::from_timestamp_millis(js_sys::Date::now() as i64).unwrap_or_default()
}

pub fn today() -> NaiveDate {
    local(now()).date()
}

fn month_name(date: NaiveDate) -> &'static str {
    MONTHS.get(date.month0() as usize).copied().unwrap_or_default()
}

/// 11月27日 or 27 Nov, with the year when it isn't this one.
pub fn day(date: NaiveDate, lang: Lang) -> String {
    if date.year() == today().year() {
        match lang {
            Lang::Zh => m::MONTH_DAY.fill(lang, &[&date.month().to_string(), &date.day().to_string()]),
            Lang::En => format!("{} {}", date.day(), month_name(date)),
        }
    } else {
        full_day(date, lang)
    }
}

/// 2026年11月27日 or 27 Nov 2026.
pub fn full_day(date: NaiveDate, lang: Lang) -> String {
    match lang {
        Lang::Zh => m::YEAR_MONTH_DAY.fill(lang, &[&date.year().to_string(), &date.month().to_string(), &date.day().to_string()]),
        Lang::En => format!("{} {} {}", date.day(), month_name(date), date.year()),
    }
}

/// 11-09, for narrow columns; with the year when it isn't this one.
pub fn short_day(date: NaiveDate) -> String {
    if date.year() == today().year() { format!("{:02}-{:02}", date.month(), date.day()) } else { date.to_string() }
}

/// 11月24日 09:12
pub fn moment(instant: DateTime<Utc>, lang: Lang) -> String {
    let at = local(instant);
    format!("{} {:02}:{:02}", day(at.date(), lang), at.hour(), at.minute())
}

pub fn weekday(date: NaiveDate, lang: Lang) -> &'static str {
    WEEKDAYS.get(date.weekday().num_days_from_monday() as usize).map_or("", |weekday| weekday.in_lang(lang))
}
