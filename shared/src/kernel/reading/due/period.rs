//! Phrases of years, half years, quarters and months: 2026年12月底前, 明年一季度, 上半年, 下月中旬, 年底.

use super::{
    DueReading, DueValue, N, Pattern,
    absolute::month_day,
    day, number, pattern,
    pieces::{Match, Scan},
};
use crate::kernel::{
    messages_reading::{self as M, Sentence},
    reading::explain::same,
};
use chrono::{Datelike, Months, NaiveDate};
use regex::Captures;
use std::sync::LazyLock;

/// A day of a month of a year.
type DayOfMonth = fn(i32, u32) -> Option<NaiveDate>;

pub(super) fn month_end(year: i32, month: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, 1)?.checked_add_months(Months::new(1))?.pred_opt()
}

/// `YEAR` stands for a year in figures, numerals or words.
fn with_year(rest: &str) -> Option<regex::Regex> {
    let year = format!("(?:(?P<y>{N}{{4}}|[0-9]{{2}})年度?|(?P<yw>今年|本年度?|当年|明年|次年|翌年|来年|后年|去年|上年))");
    pattern(&rest.replace("YEAR", &year))
}

static MONTH: Pattern = LazyLock::new(|| {
    with_year(concat!(
        "^YEAR?的?(?:(?P<m>N{1,3}|元)月份?|(?P<mw>本月|这个月|当月|下个?月|次月))",
        "(?:(?P<d>N{1,3})(?:[日号]?[-至到~、](?P<d2>N{1,3}))?(?:[日号]|BY$)",
        "|(?P<part>上旬|中旬|下旬|中下旬|上中旬|月?底|月?末|月?初|月?中|份?内))?(?P<by>之前|以前|前)?",
    ))
});
static MONTHS: Pattern = LazyLock::new(|| with_year("^YEAR?(?P<m1>N{1,3})[-至到~、](?P<m>N{1,3})月份?(?:底|末)?BY"));
static QUARTER: Pattern = LazyLock::new(|| {
    with_year(concat!(
        "^YEAR?的?(?:第?(?:[1-4一二三四][、至-])?(?P<q>[1-4一二三四])个?季度|(?P<first>前)(?P<q1>[二三23])个?季度|[Qq](?P<q2>[1-4])|(?P<qw>本季度|下个?季度|当季度?|季度?(?:末|底)))",
        "(?P<part>首月|初|中|末|底|内)?(?P<by>之前|以前|前)?",
    ))
});
static HALF: Pattern = LazyLock::new(|| with_year("^YEAR?的?(?P<half>上半年|前半年|下半年|后半年)(?P<part>末|底|内)?(?P<by>之前|以前|前)?"));
static YEARS: Pattern = LazyLock::new(|| with_year("^N{4}年?度?[-至到~](?P<y2>N{4})年度?(?:底|末)?BY"));
static YEAR: Pattern =
    LazyLock::new(|| with_year("^(?:YEAR|(?P<bare>年|岁))(?P<part>年?初|年?中|年?底|年?末|年?终|年?尾|之?内|全年)?(?P<by>之前|以前|前)?"));

/// The year given, or `None` where none is; an error where it is none of ours.
fn year_of(captures: &Captures<'_>, today: NaiveDate) -> Result<Option<i32>, ()> {
    if let Some(word) = captures.name("yw") {
        return Ok(Some(match word.as_str() {
            "明年" | "次年" | "翌年" | "来年" => today.year() + 1,
            "后年" => today.year() + 2,
            "去年" | "上年" => today.year() - 1,
            _ => today.year(),
        }));
    }
    let Some(figures) = captures.name("y") else { return Ok(None) };
    let year = number(figures.as_str()).and_then(|year| i32::try_from(year).ok()).ok_or(())?;
    let year = if year < 100 { year + 2000 } else { year };
    if (2000..2100).contains(&year) { Ok(Some(year)) } else { Err(()) }
}

pub(super) fn read(scan: &Scan<'_>, rest: &str) -> Option<Match> {
    months(scan, rest).or_else(|| month(scan, rest)).or_else(|| quarter(scan, rest)).or_else(|| half(scan, rest)).or_else(|| year(scan, rest))
}

/// What a whole period means: its end; with 前 behind it, its end or the day before it begins.
fn period(
    scan: &Scan<'_>,
    written: &str,
    given: Option<i32>,
    sentence: Sentence,
    end: &dyn Fn(i32) -> Option<NaiveDate>,
    begin_if_before: Option<&dyn Fn(i32) -> Option<NaiveDate>>,
) -> DueReading {
    let Some(found) = scan.in_year(written, given, end) else { return DueReading::unclear(M::DUE_UNCLEAR, Vec::new()) };
    if let Some(before) = begin_if_before.and_then(|begin| begin(found.date.year())).and_then(|begin| begin.pred_opt()) {
        // What is over already can't have been meant.
        if before > scan.context.today {
            return DueReading::either(M::DUE_BEFORE_PERIOD, written, [before, found.date]);
        }
    }
    let mut reading = DueReading::derived(DueValue::Date(found.date), sentence, vec![same(written), same(found.date)]);
    reading.how.extend(found.assumed);
    reading
}

fn months(scan: &Scan<'_>, rest: &str) -> Option<Match> {
    let captures = MONTHS.as_ref()?.captures(rest)?;
    let length = captures.get(0)?.len();
    let given = year_of(&captures, scan.context.today).ok()?;
    let (first, last) = (number(captures.name("m1")?.as_str())?, number(captures.name("m")?.as_str())?);
    if !(1..=12).contains(&first) || !(1..=12).contains(&last) {
        return Some((length, day(2028, first.max(last), 1).err().map(|wrong| *wrong)?));
    }
    // 11-2月 ends in the year after the one it begins in.
    let over = i32::from(last < first && given.is_some());
    Some((length, period(scan, rest.get(..length)?, given, M::DUE_SPAN, &|year| month_end(year + over, last), None)))
}

fn month(scan: &Scan<'_>, rest: &str) -> Option<Match> {
    let captures = MONTH.as_ref()?.captures(rest)?;
    let length = captures.get(0)?.len();
    let written = rest.get(..length)?;
    let today = scan.context.today;
    let mut given = year_of(&captures, today).ok()?;
    let month = match (captures.name("m"), captures.name("mw")) {
        (Some(month), _) => number(month.as_str())?,
        (None, Some(word)) => {
            let ahead = u32::from(word.as_str().starts_with('下') || word.as_str() == "次月");
            let then = today.checked_add_months(Months::new(ahead))?;
            given = Some(then.year());
            then.month()
        }
        (None, None) => return None,
    };
    if !(1..=12).contains(&month) {
        return Some((length, day(2028, month, 1).err().map(|wrong| *wrong)?));
    }
    if let Some(date) = captures.name("d2").or_else(|| captures.name("d")).and_then(|date| number(date.as_str())) {
        return Some((length, dated(scan, written, given, month, date, captures.name("y").is_some())));
    }
    let (sentence, of): (Sentence, DayOfMonth) = match captures.name("part").map(|part| part.as_str()) {
        Some("上旬") => (M::DUE_FIRST_TEN, |year, month| NaiveDate::from_ymd_opt(year, month, 10)),
        Some("中旬" | "上中旬") => (M::DUE_SECOND_TEN, |year, month| NaiveDate::from_ymd_opt(year, month, 20)),
        Some("初" | "月初") => (M::DUE_MONTH_BEGIN, |year, month| NaiveDate::from_ymd_opt(year, month, 5)),
        Some("中" | "月中") => (M::DUE_MONTH_MIDDLE, |year, month| NaiveDate::from_ymd_opt(year, month, 15)),
        _ => (M::DUE_MONTH_END, month_end),
    };
    let begin = |year: i32| NaiveDate::from_ymd_opt(year, month, 1);
    let whole = captures.name("part").is_none() && captures.name("by").is_some();
    Some((length, period(scan, written, given, sentence, &|year| of(year, month), if whole { Some(&begin) } else { None })))
}

fn dated(scan: &Scan<'_>, written: &str, given: Option<i32>, month: u32, date: u32, in_full: bool) -> DueReading {
    let Some(year) = given else { return month_day(scan, written, month, date) };
    match day(year, month, date) {
        // Written out in full there is nothing to explain.
        Ok(date) if in_full && written.ends_with(['日', '号']) => DueReading::plain(date),
        Ok(date) => DueReading::derived(DueValue::Date(date), M::DUE_DAY, vec![same(written), same(date)]),
        Err(wrong) => *wrong,
    }
}

fn quarter(scan: &Scan<'_>, rest: &str) -> Option<Match> {
    let captures = QUARTER.as_ref()?.captures(rest)?;
    let length = captures.get(0)?.len();
    let today = scan.context.today;
    let mut given = year_of(&captures, today).ok()?;
    let named = ["q", "q1", "q2"].iter().find_map(|name| captures.name(name));
    let quarter = match named {
        Some(quarter) => number(quarter.as_str())?,
        None => {
            let ahead = if captures.name("qw")?.as_str().starts_with('下') { 3 } else { 0 };
            let then = today.checked_add_months(Months::new(ahead))?;
            given = given.or(Some(then.year()));
            then.month0() / 3 + 1
        }
    };
    let part = captures.name("part").map(|part| part.as_str());
    let (sentence, month) = match part {
        Some("初" | "首月") => (M::DUE_QUARTER_BEGIN, quarter * 3 - 2),
        Some("中") => (M::DUE_QUARTER_MIDDLE, quarter * 3 - 1),
        _ => (M::DUE_QUARTER_END, quarter * 3),
    };
    let begin = |year: i32| NaiveDate::from_ymd_opt(year, quarter * 3 - 2, 1);
    let bare_end = captures.name("qw").is_some_and(|word| word.as_str().ends_with(['末', '底']));
    let whole = part.is_none() && !bare_end && captures.name("first").is_none() && captures.name("by").is_some();
    let before: Option<&dyn Fn(i32) -> Option<NaiveDate>> = if whole { Some(&begin) } else { None };
    Some((length, period(scan, rest.get(..length)?, given, sentence, &|year| month_end(year, month), before)))
}

fn half(scan: &Scan<'_>, rest: &str) -> Option<Match> {
    let captures = HALF.as_ref()?.captures(rest)?;
    let length = captures.get(0)?.len();
    let given = year_of(&captures, scan.context.today).ok()?;
    let first = matches!(captures.name("half")?.as_str(), "上半年" | "前半年");
    let (sentence, month) = if first { (M::DUE_FIRST_HALF, 6) } else { (M::DUE_SECOND_HALF, 12) };
    let begin = |year: i32| NaiveDate::from_ymd_opt(year, month - 5, 1);
    let whole = captures.name("part").is_none() && captures.name("by").is_some();
    let before: Option<&dyn Fn(i32) -> Option<NaiveDate>> = if whole { Some(&begin) } else { None };
    Some((length, period(scan, rest.get(..length)?, given, sentence, &|year| month_end(year, month), before)))
}

fn year(scan: &Scan<'_>, rest: &str) -> Option<Match> {
    if let Some(captures) = YEARS.as_ref()?.captures(rest) {
        let length = captures.get(0)?.len();
        let year = i32::try_from(number(captures.name("y2")?.as_str())?).ok().filter(|year| (2000..2100).contains(year))?;
        return Some((length, period(scan, rest.get(..length)?, Some(year), M::DUE_SPAN, &|year| month_end(year, 12), None)));
    }
    let captures = YEAR.as_ref()?.captures(rest)?;
    let length = captures.get(0)?.len();
    let part = captures.name("part").map(|part| part.as_str().trim_start_matches('年'));
    let by = captures.name("by").is_some();
    let bare = captures.name("bare").map(|word| word.as_str());
    // 年 alone is a word of many others; 年前 may be before New Year or before the Spring Festival.
    match (bare, part, by) {
        (Some(_), None, _) | (Some("岁"), Some("初" | "内" | "中"), _) => return None,
        _ => {}
    }
    let given = year_of(&captures, scan.context.today).ok()?;
    let written = rest.get(..length)?;
    let (sentence, month) = match part {
        Some("初") => (M::DUE_YEAR_BEGIN, 1),
        Some("中") => (M::DUE_YEAR_MIDDLE, 6),
        _ => (M::DUE_YEAR_END, 12),
    };
    let begin = |year: i32| NaiveDate::from_ymd_opt(year, 1, 1);
    let before: Option<&dyn Fn(i32) -> Option<NaiveDate>> = if part.is_none() && by { Some(&begin) } else { None };
    Some((length, period(scan, written, given, sentence, &|year| month_end(year, month), before)))
}

/// Whether the patterns are ones.
#[cfg(test)]
pub(super) fn sound() -> Vec<(&'static str, bool)> {
    vec![
        ("MONTH", MONTH.is_some()),
        ("MONTHS", MONTHS.is_some()),
        ("QUARTER", QUARTER.is_some()),
        ("HALF", HALF.is_some()),
        ("YEARS", YEARS.is_some()),
        ("YEAR", YEAR.is_some()),
    ]
}
