//! Dates, spans and amounts in words, for the sentences of the steps.

use chrono::{Datelike, NaiveDate, Timelike};

use super::{
    request::{Moment, SHANGHAI},
    rule::CountUnit,
};
use crate::kernel::text::Text;

const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

/// The holidays of 《全国年节及纪念日放假办法》.
const HOLIDAYS_EN: [(&str, &str); 7] = [
    ("元旦", "New Year's Day"),
    ("春节", "the Spring Festival"),
    ("清明节", "the Qingming Festival"),
    ("劳动节", "Labour Day"),
    ("端午节", "the Dragon Boat Festival"),
    ("中秋节", "the Mid-Autumn Festival"),
    ("国庆节", "National Day"),
];

/// A day alone, with its year.
pub fn in_words(day: NaiveDate) -> Text {
    Text { zh: format!("{}年{}月{}日", day.year(), day.month(), day.day()), en: day.format("%-d %B %Y").to_string() }
}

/// A day or minute; the year only where it differs from that of the day read before.
pub(super) fn day_zh(moment: Moment, read_before: Option<Moment>) -> String {
    let date = moment.date();
    let mut words = if other_year(date, read_before) { format!("{}年", date.year()) } else { String::new() };
    words += &format!("{}月{}日", date.month(), date.day());
    words + &clock(moment)
}

/// As [`day_zh`].
pub(super) fn day_en(moment: Moment, read_before: Option<Moment>) -> String {
    let date = moment.date();
    let form = if other_year(date, read_before) { "%-d %B %Y" } else { "%-d %B" };
    let day = date.format(form).to_string();
    match clock(moment) {
        time if time.is_empty() => day,
        time => format!("{time} on {day}"),
    }
}

/// From a first day to a last one; one day is written once.
pub(super) fn span_zh(from: Moment, to: Moment) -> String {
    let first = day_zh(from, None);
    match (from, to) {
        (Moment::Date(a), Moment::Date(b)) if a == b => first,
        (Moment::Date(a), Moment::Date(b)) if same_month(a, b) => format!("{first}至{}日", b.day()),
        _ => format!("{first}至{}", day_zh(to, Some(from))),
    }
}

/// As [`span_zh`].
pub(super) fn span_en(from: Moment, to: Moment) -> String {
    match (from, to) {
        (Moment::Date(a), Moment::Date(b)) if a == b => day_en(from, None),
        (Moment::Date(a), Moment::Date(b)) if same_month(a, b) => {
            format!("{} to {}", a.day(), day_en(to, None))
        }
        _ => format!("{} to {}", day_en(from, None), day_en(to, Some(from))),
    }
}

/// An amount as laws write it: 两个月, 十五日, 二十个工作日.
pub(super) fn amount_zh(amount: u32, unit: CountUnit) -> String {
    let measure = match unit {
        CountUnit::NaturalDays => "日",
        CountUnit::WorkingDays => "个工作日",
        CountUnit::Months => "个月",
        CountUnit::Years => "年",
        CountUnit::Hours => "小时",
    };
    let number = match (amount, unit) {
        (2, CountUnit::NaturalDays | CountUnit::Years) => "二".to_owned(),
        (2, _) => "两".to_owned(),
        (1..=99, _) => tens_zh(amount as usize),
        _ => amount.to_string(),
    };
    number + measure
}

/// An amount with its unit, in English.
pub(super) fn amount_en(amount: u32, unit: CountUnit) -> String {
    let measure = match unit {
        CountUnit::NaturalDays => "day",
        CountUnit::WorkingDays => "working day",
        CountUnit::Months => "month",
        CountUnit::Years => "year",
        CountUnit::Hours => "hour",
    };
    let plural = if amount == 1 { "" } else { "s" };
    format!("{amount} {measure}{plural}")
}

/// A holiday's English name; several may be joined with 、. An unknown one stays as it is.
pub(super) fn holiday_en(name: &str) -> String {
    let names: Vec<&str> = name
        .split('、')
        .map(|one| {
            let known = HOLIDAYS_EN.iter().find(|(zh, _)| *zh == one);
            known.map_or(one, |(_, en)| en)
        })
        .collect();
    names.join(" and ")
}

fn tens_zh(amount: usize) -> String {
    let (tens, ones) = (amount / 10, amount % 10);
    let digit = |n: usize| DIGITS.get(n).copied().unwrap_or_default();
    match tens {
        0 => digit(ones).to_owned(),
        1 => format!("十{}", digit(ones)),
        _ => format!("{}十{}", digit(tens), digit(ones)),
    }
}

fn other_year(date: NaiveDate, read_before: Option<Moment>) -> bool {
    read_before.is_some_and(|before| before.date().year() != date.year())
}

fn same_month(a: NaiveDate, b: NaiveDate) -> bool {
    (a.year(), a.month()) == (b.year(), b.month())
}

fn clock(moment: Moment) -> String {
    match moment {
        Moment::Date(_) => String::new(),
        Moment::Instant(instant) => {
            let local = instant.with_timezone(&SHANGHAI);
            format!("{:02}:{:02}", local.hour(), local.minute())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_alone_has_its_year() {
        let words = in_words(NaiveDate::from_ymd_opt(2027, 1, 9).unwrap());
        assert_eq!((words.zh.as_str(), words.en.as_str()), ("2027年1月9日", "9 January 2027"));
    }
}
