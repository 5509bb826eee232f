//! What real lists write, each with what it must be taken for. Today is Tuesday 2026-11-24.

use super::*;
use crate::kernel::recurrence::{Every, RecurDay};
use proptest::prelude::*;

fn context(years: Option<(i32, i32)>) -> DueContext<'static> {
    DueContext { today: "2026-11-24".parse().unwrap(), years, calendar: Edition::cn_2026() }
}

fn read(text: &str) -> DueReading {
    read_due(&Cell::text(text), &context(None))
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Codes of everything said about a cell.
fn said(reading: &DueReading) -> Vec<&'static str> {
    reading.how.iter().map(Explanation::code).chain(reading.finding.as_ref().map(|finding| finding.explanation.code())).collect()
}

/// Phrase, day, the code of the first explanation (empty: nothing to explain).
const DAYS: &[(&str, &str, &str)] = &[
    // In full.
    ("2026-12-10", "2026-12-10", ""),
    ("2026.12.10", "2026-12-10", ""),
    ("2026/12/5", "2026-12-05", ""),
    ("20261231", "2026-12-31", ""),
    ("2027年6月30日", "2027-06-30", ""),
    ("2027年6月30日前", "2027-06-30", "due.day"),
    ("2027 年 6 月 30 日", "2027-06-30", ""),
    ("2026-12-31 00:00:00", "2026-12-31", ""),
    ("2026-12-31T00:00:00Z", "2026-12-31", ""),
    ("26.11.30", "2026-11-30", "due.day"),
    ("26-12-31", "2026-12-31", "due.day"),
    ("26年12月31日", "2026-12-31", ""),
    ("二〇二六年十一月三十日", "2026-11-30", ""),
    ("二〇二七年三月", "2027-03-31", "due.month_end"),
    ("２０２７年１月１５日", "2027-01-15", ""),
    ("2027年1月15号", "2027-01-15", ""),
    ("2027.3.31前", "2027-03-31", ""),
    ("2027·3·31", "2027-03-31", ""),
    ("截至2027年3月31日", "2027-03-31", ""),
    ("不迟于2027年3月31日", "2027-03-31", ""),
    ("12/31/2026", "2026-12-31", "due.day"),
    ("46387", "2026-12-31", "due.serial"),
    // Without a year.
    ("12月5日前", "2026-12-05", "due.day"),
    ("11月5日", "2027-11-05", "due.day"),
    ("11月30号", "2026-11-30", "due.day"),
    ("11.30", "2026-11-30", "due.day"),
    ("12.31前", "2026-12-31", "due.day"),
    ("12/31", "2026-12-31", "due.day"),
    ("十二月五日之前", "2026-12-05", "due.day"),
    ("12月31日止", "2026-12-31", "due.day"),
    ("元月15日", "2027-01-15", "due.day"),
    ("2月29日", "2028-02-29", "due.day"),
    ("30日前", "2026-11-30", "due.bare_day"),
    // Months and their parts.
    ("2026年12月底前", "2026-12-31", "due.month_end"),
    ("2027年9月底", "2027-09-30", "due.month_end"),
    ("2027年9月份", "2027-09-30", "due.month_end"),
    ("2027.3", "2027-03-31", "due.month_end"),
    ("2027-03", "2027-03-31", "due.month_end"),
    ("202703", "2027-03-31", "due.month_end"),
    ("12月底前完成", "2026-12-31", "due.month_end"),
    ("12月末", "2026-12-31", "due.month_end"),
    ("12月内", "2026-12-31", "due.month_end"),
    ("12月初", "2026-12-05", "due.month_begin"),
    ("12月上旬", "2026-12-10", "due.first_ten"),
    ("12月中旬前", "2026-12-20", "due.second_ten"),
    ("12月中", "2026-12-15", "due.month_middle"),
    ("12月下旬", "2026-12-31", "due.month_end"),
    ("2027年2月下旬", "2027-02-28", "due.month_end"),
    ("本月底", "2026-11-30", "due.month_end"),
    ("本月内", "2026-11-30", "due.month_end"),
    ("下月中旬", "2026-12-20", "due.second_ten"),
    ("下个月10日前", "2026-12-10", "due.day"),
    ("次月底前", "2026-12-31", "due.month_end"),
    ("次年3月", "2027-03-31", "due.month_end"),
    ("明年3月底前", "2027-03-31", "due.month_end"),
    ("今年12月", "2026-12-31", "due.month_end"),
    // Quarters, half years, years.
    ("二季度", "2027-06-30", "due.quarter_end"),
    ("第二季度", "2027-06-30", "due.quarter_end"),
    ("一季度末", "2027-03-31", "due.quarter_end"),
    ("一季度末前", "2027-03-31", "due.quarter_end"),
    ("明年一季度", "2027-03-31", "due.quarter_end"),
    ("2027年第1季度", "2027-03-31", "due.quarter_end"),
    ("2027年四季度", "2027-12-31", "due.quarter_end"),
    ("Q1", "2027-03-31", "due.quarter_end"),
    ("2027Q3", "2027-09-30", "due.quarter_end"),
    ("2027年Q3", "2027-09-30", "due.quarter_end"),
    ("本季度末", "2026-12-31", "due.quarter_end"),
    ("季度末", "2026-12-31", "due.quarter_end"),
    ("下季度", "2027-03-31", "due.quarter_end"),
    ("前三季度", "2027-09-30", "due.quarter_end"),
    ("2027年前三季度", "2027-09-30", "due.quarter_end"),
    ("2027年二季度初", "2027-04-30", "due.quarter_begin"),
    ("上半年", "2027-06-30", "due.first_half"),
    ("2027年上半年", "2027-06-30", "due.first_half"),
    ("明年上半年末", "2027-06-30", "due.first_half"),
    ("下半年", "2026-12-31", "due.second_half"),
    ("明年年初", "2027-01-31", "due.year_begin"),
    ("明年初", "2027-01-31", "due.year_begin"),
    ("2027年年中", "2027-06-30", "due.year_middle"),
    ("年中", "2027-06-30", "due.year_middle"),
    ("年底前", "2026-12-31", "due.year_end"),
    ("年末", "2026-12-31", "due.year_end"),
    ("岁末", "2026-12-31", "due.year_end"),
    ("年内", "2026-12-31", "due.year_end"),
    ("今年年底", "2026-12-31", "due.year_end"),
    ("2026年底前", "2026-12-31", "due.year_end"),
    ("2027年内", "2027-12-31", "due.year_end"),
    ("2027年", "2027-12-31", "due.year_end"),
    ("2027年度", "2027-12-31", "due.year_end"),
    ("二〇二七年年底", "2027-12-31", "due.year_end"),
    // Spans.
    ("2026年11月至2027年3月", "2027-03-31", "due.span"),
    ("2026年11月25日至12月5日", "2026-12-05", "due.span"),
    ("11月25日—12月5日", "2026-12-05", "due.span"),
    ("2027年1-6月", "2027-06-30", "due.span"),
    ("2026.11-2027.3", "2027-03-31", "due.span"),
    ("2026-2027年", "2027-12-31", "due.span"),
    ("持续推进至2027年6月底", "2027-06-30", "due.month_end"),
    ("12月1日-20日", "2026-12-20", "due.day"),
    // From today.
    ("两周内", "2026-12-08", "due.from_today"),
    ("7日内", "2026-12-01", "due.from_today"),
    ("即日起30日内", "2026-12-24", "due.from_today"),
    ("自交办之日起三十日内", "2026-12-24", "due.from_today"),
    ("六十天内", "2027-01-23", "due.from_today"),
    ("一个月内", "2026-12-24", "due.from_today"),
    ("半个月内", "2026-12-09", "due.from_today"),
    ("一个半月内", "2027-01-08", "due.from_today"),
    ("半年内", "2027-05-24", "due.from_today"),
    ("三个月以内", "2027-02-24", "due.from_today"),
    ("10个工作日内", "2026-12-08", "due.working_days"),
    ("48小时内", "2026-11-26", "due.from_today"),
    ("一百二十日内", "2027-03-24", "due.from_today"),
    ("明日", "2026-11-25", "due.from_today"),
    ("本周五", "2026-11-27", "due.weekday"),
    ("下周三", "2026-12-02", "due.weekday"),
    ("周五前", "2026-11-27", "due.weekday"),
    ("星期一前", "2026-11-30", "due.weekday"),
    ("下周内", "2026-12-04", "due.week_end"),
    ("本周末", "2026-11-29", "due.weekday"),
    // Festivals.
    ("元旦前", "2026-12-31", "due.festival"),
    ("明年元旦前", "2026-12-31", "due.festival"),
    ("春节前", "2027-02-04", "due.festival"),
    ("2027年春节前", "2027-02-04", "due.festival"),
    ("清明前", "2027-04-02", "due.festival"),
    ("五一前", "2027-04-30", "due.festival"),
    ("端午节前", "2027-06-08", "due.festival"),
    ("中秋前夕", "2027-09-14", "due.festival"),
    ("国庆节前", "2027-09-30", "due.festival"),
    ("十一前", "2027-09-30", "due.festival"),
    ("七一前", "2027-06-30", "due.commemoration"),
    // With words around them, and several limits.
    ("力争2026年12月底前完成整治", "2026-12-31", "due.month_end"),
    ("2026年12月底前（首批）", "2026-12-31", "due.month_end"),
    ("12月5日17时前", "2026-12-05", "due.day"),
    ("6月底前完成摸排，12月底前完成整治", "2027-12-31", "due.month_end"),
    ("2027年3月底前完成摸排；2027年6月底前完成整治。", "2027-06-30", "due.month_end"),
    ("2026年12月底前完成方案制定\n2027年3月底前完成", "2027-03-31", "due.month_end"),
];

#[test]
fn phrases_of_real_lists_are_days() {
    let mut wrong = Vec::new();
    for (text, day, code) in DAYS {
        let reading = read(text);
        let taken = (reading.date().map(|day| day.to_string()).unwrap_or_default(), reading.how.first().map_or("", Explanation::code));
        if taken != ((*day).to_owned(), *code) || reading.finding.is_some() {
            wrong.push(format!("{text}: {taken:?} {:?}", reading.finding));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(DAYS.len() > 120, "{}", DAYS.len());
}

/// Phrases a person must decide about: the code, and what is offered.
const ASKED: &[(&str, &str, &[&str])] = &[
    ("", "due.missing", &[]),
    ("时限另行确定", "due.vague", &[]),
    ("尽快", "due.vague", &[]),
    ("立即整改", "due.vague", &[]),
    ("根据工作进度推进", "due.vague", &[]),
    ("若干", "due.unclear", &[]),
    ("全国两会前", "due.event", &[]),
    ("汛期前", "due.event", &[]),
    ("下次联席会议召开前", "due.event", &[]),
    ("会后一周内", "due.event_limit", &["2026-12-01"]),
    ("收到之日起15日内", "due.event_limit", &["2026-12-09"]),
    ("自收到通知之日起15个工作日内", "due.event_limit", &["2026-12-15"]),
    ("方案印发后一个月内", "due.event_limit", &["2026-12-24"]),
    ("春节期间", "due.around_festival", &["2027-02-04"]),
    ("国庆节后", "due.around_festival", &["2027-09-30"]),
    ("2028年春节前", "due.no_calendar", &[]),
    ("元宵节前", "due.no_calendar", &[]),
    ("三季度前", "due.before_period", &["2027-06-30", "2027-09-30"]),
    ("2027年3月前", "due.before_period", &["2027-02-28", "2027-03-31"]),
    ("2028年前", "due.before_period", &["2027-12-31", "2028-12-31"]),
    ("3/4/2027", "due.order_ambiguous", &["2027-03-04", "2027-04-03"]),
    ("2026年12月底前完成，并长期坚持", "due.date_and_standing", &["2026-12-31"]),
    ("2026年12月底前，每月25日前报送", "due.date_and_recurring", &["2026-12-31"]),
    ("2026-11-20", "due.past", &[]),
    ("今年国庆节前", "due.past", &[]),
    ("本周一", "due.past", &[]),
    ("每月5日、20日", "due.recurring_several", &[]),
    ("每月最后一个工作日", "due.recurring_near", &[]),
    ("每季度首月10日前", "due.recurring_near", &[]),
    ("每两周", "due.recurring_unknown", &[]),
    ("每日18时前", "due.recurring_unknown", &[]),
];

#[test]
fn what_cannot_be_known_is_asked_with_a_reason() {
    let mut wrong = Vec::new();
    for (text, code, candidates) in ASKED {
        let reading = read(text);
        let offered: Vec<NaiveDate> = candidates.iter().map(|day| date(day)).collect();
        let right = reading
            .finding
            .as_ref()
            .is_some_and(|finding| finding.severity == Severity::Decide && finding.explanation.code() == *code && finding.candidates == offered);
        if !right {
            wrong.push(format!("{text}: {reading:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn duties_that_come_again_or_never_end() {
    let recurring = |every, day| DueValue::Recurring(Recurrence::new(every, day));
    for (text, value) in [
        ("每月25日前", recurring(Every::Month, RecurDay::Day(25))),
        ("每月25日前报送", recurring(Every::Month, RecurDay::Day(25))),
        ("按月报送", recurring(Every::Month, RecurDay::Last)),
        ("每月底", recurring(Every::Month, RecurDay::Last)),
        ("每月上旬", recurring(Every::Month, RecurDay::Day(10))),
        ("每季度末", recurring(Every::Quarter, RecurDay::Last)),
        ("每季度末月25日前", recurring(Every::Quarter, RecurDay::Day(25))),
        ("每半年", recurring(Every::HalfYear, RecurDay::Last)),
        ("每周五", recurring(Every::Week, RecurDay::Weekday(5))),
        ("每周", recurring(Every::Week, RecurDay::Weekday(7))),
        ("每年12月", recurring(Every::Year, RecurDay::MonthDay { month: 12, day: 31 })),
        ("每年11月30日前", recurring(Every::Year, RecurDay::MonthDay { month: 11, day: 30 })),
        ("每年年底前", recurring(Every::Year, RecurDay::Last)),
        ("长期坚持，每季度末报送", recurring(Every::Quarter, RecurDay::Last)),
        ("长期坚持", DueValue::Standing),
        ("常态化推进", DueValue::Standing),
        ("持续推进", DueValue::Standing),
        ("全年", DueValue::Standing),
    ] {
        let reading = read(text);
        assert_eq!((reading.value, reading.finding.clone()), (value, None), "{text}");
        assert!(!reading.how.is_empty(), "{text}");
    }
    assert_eq!(read("每月5日、20日").value, recurring(Every::Month, RecurDay::Day(20)));
    assert_eq!(read("每周五").how[0].text().zh, "“每周五”→ 定期任务：每周五，每期生成一件");
}

#[test]
fn impossible_dates_are_refused_in_words() {
    for (text, zh) in [
        ("2026-13-31", "没有13月，请改为有效日期"),
        ("20261331", "没有13月，请改为有效日期"),
        ("13月5日", "没有13月，请改为有效日期"),
        ("2026年2月30日", "2月没有30日，请改为有效日期"),
        ("2月30日", "2月没有30日，请改为有效日期"),
        ("11.31", "11月没有31日，请改为有效日期"),
        ("2027年2月29日前", "2月没有29日，请改为有效日期"),
    ] {
        let finding = read(text).finding.unwrap_or_else(|| panic!("{text} is not refused"));
        assert_eq!((finding.severity, finding.code), (Severity::Refuse, "validation.format"), "{text}");
        assert_eq!(finding.explanation.text().zh, zh, "{text}");
    }
}

#[test]
fn a_year_that_is_not_written_is_told() {
    for (text, years, day, code) in [
        ("11月5日", None, "2027-11-05", "due.year_next"),
        ("3月底", Some((2026, 2027)), "2027-03-31", "due.year_of_list"),
        ("3月底", Some((2028, 2028)), "2028-03-31", "due.year_of_list"),
    ] {
        let reading = read_due(&Cell::text(text), &context(years));
        assert_eq!(reading.value, DueValue::Date(date(day)), "{text}");
        assert!(said(&reading).contains(&code), "{text}: {:?}", said(&reading));
    }
    // The list's own year is meant even where it makes the task late; the next year is offered.
    let late = read_due(&Cell::text("11月5日"), &context(Some((2026, 2026))));
    assert_eq!(late.value, DueValue::Date(date("2026-11-05")));
    assert_eq!(late.finding.map(|finding| (finding.code, finding.candidates)), Some(("import.due_past", vec![date("2027-11-05")])));
}

#[test]
fn the_last_of_several_limits_is_due_and_the_others_are_told() {
    let reading = read("2027年3月底前完成摸排，6月底前完成整治");
    assert_eq!(reading.value, DueValue::Date(date("2027-06-30")));
    assert_eq!(said(&reading), ["due.month_end", "due.year_given_before", "due.milestones"]);
    assert!(reading.how[2].text().zh.contains("2027-03-31"), "{}", reading.how[2].text().zh);
}

#[test]
fn dates_on_a_calendar_not_announced_are_provisional() {
    assert!(said(&read("春节前")).contains(&"due.provisional"));
    assert!(!said(&read("2026年国庆节前")).contains(&"due.provisional"));
}

#[test]
fn date_cells_and_numbers() {
    let number = |text: &str| Cell { text: text.into(), number: text.parse().ok(), date: None };
    let read = |text: &str| read_due(&number(text), &context(None));
    assert_eq!(read("46387").value, DueValue::Date(date("2026-12-31")));
    assert_eq!(read("20261231").value, DueValue::Date(date("2026-12-31")));
    assert_eq!(read("2027.3").value, DueValue::Date(date("2027-03-31")));
    assert_eq!(read("12.25").value, DueValue::Date(date("2026-12-25")));
    // 2027.10 and 12.10 lose their zero when a sheet takes them for numbers.
    assert_eq!(said(&read("2027.1")), ["due.number_ambiguous"]);
    assert_eq!(read("12.1").finding.unwrap().candidates, [date("2026-12-01"), date("2026-12-10")]);
    let dated = Cell { text: "2027-01-31".into(), number: None, date: Some(date("2027-01-31")) };
    assert_eq!(read_due(&dated, &context(None)), DueReading::plain(date("2027-01-31")));
}

#[test]
fn every_pattern_is_one() {
    use super::{absolute, festival, period, recurring, relative};
    for (name, sound) in [absolute::sound(), festival::sound(), period::sound(), recurring::sound(), relative::sound()].concat() {
        assert!(sound, "{name}");
    }
    assert!(TIME_OF_DAY.is_some());
}

#[test]
fn numerals_of_the_patterns_are_numbers() {
    for c in N.trim_matches(['[', ']']).chars().filter(|c| !c.is_ascii() && *c != '百') {
        assert!(number(&c.to_string()).is_some(), "{c}");
    }
}

proptest! {
    #[test]
    fn any_text_is_survived(text in "\\PC{0,24}") {
        let _ = read(&text);
    }

    #[test]
    fn any_date_phrase_is_survived(text in "[0-9年月日季度底前内每周上下半至一二三十国庆节后本明.\\-/，]{0,14}") {
        let _ = read(&text);
    }
}
