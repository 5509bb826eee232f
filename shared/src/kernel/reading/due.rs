//! Dates as offices write them: as a date, as a text, as a phrase.

use super::{
    Finding, Severity,
    sheet::Cell,
    text::{fold, number},
};
use crate::kernel::{
    recurrence::{Every, RecurDay, Recurrence},
    text::{Text, t},
};
use chrono::{Datelike, Days, Months, NaiveDate};

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DueValue {
    Date(NaiveDate),
    Recurring(Recurrence),
    Standing,
    Unknown,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DueReading {
    pub value: DueValue,
    /// How it was understood, in words; none when it was a plain date.
    pub how: Option<Text>,
    pub finding: Option<Finding>,
}

fn finding(code: &'static str, severity: Severity, detail: Option<String>, text: Text) -> Option<Finding> {
    Some(Finding { code, severity, detail, text })
}

fn understood(value: DueValue, written: &str, zh: &str, en: &str) -> DueReading {
    let result = match value {
        DueValue::Date(date) => date.to_string(),
        _ => String::new(),
    };
    let how = Text { zh: format!("“{written}”→ {result}{zh}"), en: format!("“{written}” → {result}{en}") };
    DueReading { value, how: Some(how), finding: None }
}

fn month_end(year: i32, month: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, 1)?.checked_add_months(Months::new(1))?.pred_opt()
}

/// A date, or why there is none.
fn day(year: i32, month: u32, day_of_month: u32) -> Result<NaiveDate, Box<DueReading>> {
    NaiveDate::from_ymd_opt(year, month, day_of_month).ok_or_else(|| {
        let (detail, text) = if (1..=12).contains(&month) {
            (
                format!("no_day_{day_of_month}"),
                Text {
                    zh: format!("{month}月没有{day_of_month}日，请改为有效日期"),
                    en: format!("Month {month} has no day {day_of_month}; enter a valid date"),
                },
            )
        } else {
            (
                format!("no_month_{month}"),
                Text { zh: format!("没有{month}月，请改为有效日期"), en: format!("There is no month {month}; enter a valid date") },
            )
        };
        Box::new(DueReading { value: DueValue::Unknown, how: None, finding: finding("validation.format", Severity::Refuse, Some(detail), text) })
    })
}

/// Splits a phrase at the units 年月日号 into numbers; `None` where a part is missing.
fn parts(text: &str) -> (Option<u32>, Option<u32>, Option<u32>, String) {
    let (mut year, mut month, mut day_of_month) = (None, None, None);
    let mut rest = text.to_owned();
    for (mark, slot) in [("年", &mut year), ("月", &mut month), ("日", &mut day_of_month)] {
        let cut = if mark == "日" { rest.find(['日', '号']) } else { rest.find(mark) };
        if let Some(at) = cut {
            let (before, after) = rest.split_at(at);
            if let Some(value) = number(before.trim()) {
                *slot = Some(value);
                rest = after.chars().skip(1).collect();
            }
        }
    }
    (year, month, day_of_month, rest.trim().to_owned())
}

/// `today` and, when the sheet's title names them, the years of the list. `add_working_days` counts by the calendar in force.
pub fn read_due(cell: &Cell, today: NaiveDate, years: Option<(i32, i32)>, add_working_days: &dyn Fn(NaiveDate, u32) -> NaiveDate) -> DueReading {
    let reading = match cell.date {
        Some(date) => DueReading { value: DueValue::Date(date), how: None, finding: None },
        None => match cell.number.filter(|serial| (30_000.0..80_000.0).contains(serial)) {
            // The 1900 date system of spreadsheets; its day 0 is 1899-12-30.
            Some(serial) => {
                let date = NaiveDate::from_ymd_opt(1899, 12, 30).and_then(|base| base.checked_add_days(Days::new(serial as u64)));
                date.map_or_else(unclear, |date| understood(DueValue::Date(date), &cell.text, "（表格日期序号）", " (spreadsheet date number)"))
            }
            None => phrase(&cell.text, today, years, add_working_days),
        },
    };
    past(reading, today)
}

fn past(mut reading: DueReading, today: NaiveDate) -> DueReading {
    if let (DueValue::Date(date), None) = (reading.value, &reading.finding)
        && date <= today
    {
        let text = Text {
            zh: format!("{date}已过，请确认按逾期任务导入或改期"),
            en: format!("{date} has passed: confirm it as overdue or change it"),
        };
        reading.finding = finding("import.due_past", Severity::Decide, Some(date.to_string()), text);
    }
    reading
}

fn unclear() -> DueReading {
    let text = t("看不出完成时限，请填写日期或选择时限类型", "The due date is not clear; enter a date or choose the kind of limit");
    DueReading { value: DueValue::Unknown, how: None, finding: finding("import.due_unclear", Severity::Decide, None, text) }
}

fn phrase(written: &str, today: NaiveDate, years: Option<(i32, i32)>, add_working_days: &dyn Fn(NaiveDate, u32) -> NaiveDate) -> DueReading {
    let folded = fold(written);
    let text: String = folded.chars().filter(|c| !c.is_whitespace()).collect();
    if text.is_empty() {
        let missing = t("没有写完成时限，请填写", "No due date is given; enter one");
        return DueReading { value: DueValue::Unknown, how: None, finding: finding("validation.required", Severity::Decide, None, missing) };
    }
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["长期", "常态", "持续", "始终", "全年", "日常"]) {
        return understood(DueValue::Standing, written, "长期任务，每季度评估", "standing task, reviewed quarterly");
    }
    if has(&["另行", "待定", "视情", "会前", "适时"]) {
        return unclear();
    }
    if let Some(reading) = numeric(&text, written) {
        return reading;
    }
    if text.contains('每') {
        return recurring(&text, written).unwrap_or_else(unclear);
    }
    if let Some(reading) = relative(&text, written, today, add_working_days) {
        return reading;
    }
    // A span ends with its end: 2026年11月至2027年3月.
    let text = ["至", "到", "-"]
        .iter()
        .find_map(|mark| text.split_once(mark))
        .filter(|(before, after)| before.contains('月') && after.contains('月'))
        .map_or(text.clone(), |(_, after)| after.to_owned());
    let text = text
        .replace("今年", &format!("{}年", today.year()))
        .replace("本年", &format!("{}年", today.year()))
        .replace("明年", &format!("{}年", today.year() + 1))
        .replace("本月", &format!("{}月", today.month()));
    named(&text, written, today, years).unwrap_or_else(unclear)
}

/// `2026-12-10`, `2027.3.31`, `2026/12/5`, `20261231`, and month.day alone.
fn numeric(text: &str, written: &str) -> Option<DueReading> {
    let body = text.trim_end_matches(['前', '日']).trim_end_matches("00:00:00");
    if body.len() == 8 && body.bytes().all(|byte| byte.is_ascii_digit()) {
        let (year, rest) = body.split_at(4);
        let (month, date) = rest.split_at(2);
        return Some(plain(day(year.parse().ok()?, month.parse().ok()?, date.parse().ok()?)));
    }
    let numbers: Vec<&str> = body.split(['-', '.', '/']).collect();
    let [year, month, date] = numbers.as_slice() else { return None };
    let year: i32 = year.parse().ok().filter(|year| (2000..2100).contains(year))?;
    let _ = written;
    Some(plain(day(year, month.parse().ok()?, date.parse().ok()?)))
}

fn plain(date: Result<NaiveDate, Box<DueReading>>) -> DueReading {
    match date {
        Ok(date) => DueReading { value: DueValue::Date(date), how: None, finding: None },
        Err(reading) => *reading,
    }
}

fn recurring(text: &str, written: &str) -> Option<DueReading> {
    let after = text.split_once('每')?.1;
    let digits = |text: &str| number(&text.chars().take_while(|c| c.is_ascii_digit() || "一二三四五六七八九十".contains(*c)).collect::<String>());
    let (every, rest) = [
        ("季度", Every::Quarter),
        ("季", Every::Quarter),
        ("半年", Every::HalfYear),
        ("周", Every::Week),
        ("星期", Every::Week),
        ("月", Every::Month),
        ("年", Every::Year),
    ]
    .iter()
    .find_map(|(word, every)| after.trim_start_matches('个').strip_prefix(word).map(|rest| (*every, rest)))?;
    let day = match every {
        Every::Week => RecurDay::Weekday(match rest.chars().next() {
            Some('日' | '天') | None => 7,
            Some(c) => u8::try_from(number(&c.to_string())?).ok().filter(|day| (1..=7).contains(day))?,
        }),
        Every::Year => match rest.split_once('月') {
            Some((month, rest)) => RecurDay::MonthDay {
                month: u8::try_from(number(month)?).ok().filter(|month| (1..=12).contains(month))?,
                day: digits(rest).and_then(|day| u8::try_from(day).ok()).unwrap_or(31),
            },
            None => RecurDay::Last,
        },
        _ => match digits(rest) {
            Some(day) if (1..=31).contains(&day) => RecurDay::Day(u8::try_from(day).ok()?),
            Some(_) => return None,
            None => RecurDay::Last,
        },
    };
    let recurrence = Recurrence::new(every, day);
    Some(understood(DueValue::Recurring(recurrence), written, "定期任务，每期生成一件", "recurring task, one instance each period"))
}

/// 两周内, 7日内, 15个工作日内, 一个月内, 即日起30日内: from today.
fn relative(text: &str, written: &str, today: NaiveDate, add_working_days: &dyn Fn(NaiveDate, u32) -> NaiveDate) -> Option<DueReading> {
    if matches!(text, "立即" | "即时" | "马上") {
        return None;
    }
    let body = text.trim_end_matches(['前', '完']).strip_suffix('内').or_else(|| text.strip_suffix("以内"))?;
    let body = body.trim_start_matches("即日起").trim_start_matches("自").trim_start_matches('在');
    let numerals: String = body.chars().take_while(|c| c.is_ascii_digit() || "一二三四五六七八九十两".contains(*c)).collect();
    let amount = number(&numerals)?;
    let unit = body.strip_prefix(numerals.as_str())?.trim_start_matches('个');
    let date = match unit {
        "工作日" => add_working_days(today, amount),
        "日" | "天" | "自然日" => today.checked_add_days(Days::new(u64::from(amount)))?,
        "周" | "星期" => today.checked_add_days(Days::new(u64::from(amount) * 7))?,
        "月" => today.checked_add_months(Months::new(amount))?,
        _ => return None,
    };
    Some(understood(DueValue::Date(date), written, "（自今日起算）", " (from today)"))
}

/// The day a phrase means in a given year.
type DayOfYear = Box<dyn Fn(i32) -> Option<NaiveDate>>;

/// Phrases with 年, 月, 季度, 半年.
fn named(text: &str, written: &str, today: NaiveDate, years: Option<(i32, i32)>) -> Option<DueReading> {
    let (year, month, date, rest) = parts(text);
    let year = year.and_then(|year| i32::try_from(year).ok()).map(|year| if year < 100 { year + 2000 } else { year });
    let given = year.filter(|year| (2000..2100).contains(year));
    let (zh, en) = if given.is_none() { ("，年份按最近一次推定", ", year inferred") } else { ("", "") };
    // Without a year: the first such day after today, within the list's years when they are known.
    let pick = |of: &dyn Fn(i32) -> Option<NaiveDate>| -> Option<NaiveDate> {
        match given {
            Some(year) => of(year),
            None => {
                let (first, last) = years.unwrap_or((today.year(), today.year() + 1));
                (first.min(today.year())..=last.max(today.year() + 1)).filter_map(of).find(|date| *date > today)
            }
        }
    };
    if let (Some(month), Some(date_of_month)) = (month, date) {
        return Some(
            match given.map_or_else(
                || pick(&|year| NaiveDate::from_ymd_opt(year, month, date_of_month)).ok_or_else(|| Box::new(unclear())),
                |year| day(year, month, date_of_month),
            ) {
                Ok(date) if given.is_some() && rest.is_empty() => DueReading { value: DueValue::Date(date), how: None, finding: None },
                Ok(date) => understood(DueValue::Date(date), written, zh, en),
                Err(reading) => match day(today.year(), month, date_of_month) {
                    Err(wrong) if given.is_none() => *wrong,
                    _ => *reading,
                },
            },
        );
    }
    if let Some(month) = month {
        if !(1..=12).contains(&month) {
            return day(today.year(), month, 1).err().map(|wrong| *wrong);
        }
        let (of, zh_part, en_part): (DayOfYear, &str, &str) = if rest.contains("上旬") {
            (Box::new(move |year| NaiveDate::from_ymd_opt(year, month, 10)), "上旬末日", "end of the first ten days")
        } else if rest.contains("中旬") {
            (Box::new(move |year| NaiveDate::from_ymd_opt(year, month, 20)), "中旬末日", "the 20th")
        } else {
            (Box::new(move |year| month_end(year, month)), "当月最后一日", "last day of the month")
        };
        return Some(understood(DueValue::Date(pick(&*of)?), written, &format!("（{zh_part}{zh}）"), &format!(" ({en_part}{en})")));
    }
    let quarter =
        rest.split_once("季度").map(|(before, _)| before.trim_start_matches('第')).and_then(number).filter(|quarter| (1..=4).contains(quarter));
    if let Some(quarter) = quarter {
        return Some(understood(
            DueValue::Date(pick(&|year| month_end(year, quarter * 3))?),
            written,
            &format!("（季度最后一日{zh}）"),
            &format!(" (last day of the quarter{en})"),
        ));
    }
    if rest.contains("上半年") {
        return Some(understood(DueValue::Date(pick(&|year| month_end(year, 6))?), written, &format!("（6月30日{zh}）"), &format!(" (30 June{en})")));
    }
    if rest.contains("下半年")
        || rest.contains("年底")
        || rest.contains("年末")
        || rest.starts_with('底')
        || (given.is_some() && matches!(rest.as_str(), "" | "前" | "内"))
    {
        return Some(understood(
            DueValue::Date(pick(&|year| month_end(year, 12))?),
            written,
            &format!("（年底{zh}）"),
            &format!(" (end of the year{en})"),
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> DueReading {
        read_due(&Cell::text(text), "2026-11-24".parse().unwrap(), Some((2026, 2027)), &|day, n| day + Days::new(u64::from(n)))
    }

    #[test]
    fn phrases_of_real_lists_are_dates() {
        for (text, date) in [
            ("2026年12月底前", "2026-12-31"),
            ("2026-12-10", "2026-12-10"),
            ("2027年6月30日", "2027-06-30"),
            ("2027.3.31", "2027-03-31"),
            ("2027年上半年", "2027-06-30"),
            ("2026年12月31日", "2026-12-31"),
            ("2027年9月底", "2027-09-30"),
            ("2026/12/5", "2026-12-05"),
            ("20261231", "2026-12-31"),
            ("12月5日前", "2026-12-05"),
            ("11月5日", "2027-11-05"),
            ("二季度", "2027-06-30"),
            ("明年一季度", "2027-03-31"),
            ("2027年第1季度", "2027-03-31"),
            ("年底前", "2026-12-31"),
            ("两周内", "2026-12-08"),
            ("7日内", "2026-12-01"),
            ("即日起30日内", "2026-12-24"),
            ("二〇二七年三月", "2027-03-31"),
            ("2026年11月至2027年3月", "2027-03-31"),
            ("２０２７年１月１５日", "2027-01-15"),
            ("12月上旬", "2026-12-10"),
        ] {
            assert_eq!(read(text).value, DueValue::Date(date.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn duties_without_an_end_and_open_questions() {
        assert_eq!(read("长期坚持").value, DueValue::Standing);
        assert_eq!(read("每月25日前").value, DueValue::Recurring(Recurrence::new(Every::Month, RecurDay::Day(25))));
        assert_eq!(read("每季度末").value, DueValue::Recurring(Recurrence::new(Every::Quarter, RecurDay::Last)));
        assert_eq!(read("每周五").value, DueValue::Recurring(Recurrence::new(Every::Week, RecurDay::Weekday(5))));
        for text in ["时限另行确定", "尽快", ""] {
            assert_eq!(read(text).finding.unwrap().severity, Severity::Decide, "{text}");
        }
    }

    #[test]
    fn impossible_dates_are_refused_in_words() {
        let reading = read("2026-13-31");
        assert_eq!(reading.finding.as_ref().unwrap().severity, Severity::Refuse);
        assert_eq!(reading.finding.unwrap().text.zh, "没有13月，请改为有效日期");
        assert_eq!(read("2026年2月30日").finding.unwrap().code, "validation.format");
        assert_eq!(read("2026-11-20").finding.unwrap().code, "import.due_past");
    }

    #[test]
    fn date_cells_and_serial_numbers() {
        let today = "2026-11-24".parse().unwrap();
        let serial = Cell { text: "46387".into(), number: Some(46387.0), date: None };
        assert_eq!(read_due(&serial, today, None, &|day, _| day).value, DueValue::Date("2026-12-31".parse().unwrap()));
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC{0,24}") {
            let _ = read(&text);
        }

        #[test]
        fn any_date_phrase_is_survived(text in "[0-9年月日季度底前内每周上下半至一二三十.\\-/]{0,14}") {
            let _ = read(&text);
        }
    }
}
