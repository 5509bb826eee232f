//! Duties that come again: 每月25日前, 每季度末, 按月. A duty keeps one day a period; more is asked about.

use super::{DueReading, DueValue, Pattern, asked, number, pattern, relative::WEEKDAYS, text_of};
use crate::kernel::{
    messages_reading as M,
    reading::{Explanation, Severity, explain::same},
    recurrence::{Every, RecurDay, Recurrence},
    text::Text,
};
use std::sync::LazyLock;

static EVERY: Pattern = LazyLock::new(|| {
    pattern(
        "(?:每个?|逐|按)(?P<e>季度|季|半年|周|星期|礼拜|月份?|年度?|半月|学期|工作日|[日天](?:[^常]|$)|两周|双周|旬|[两二三四六]个?月|[两二三五]年)(?P<rest>.*)$",
    )
});
static DAYS: Pattern = LazyLock::new(|| pattern("N{1,3}[日号]"));
static MONTHS: Pattern = LazyLock::new(|| pattern("N{1,3}(?:月|、|和)"));
/// How often something is done says nothing of when: 每年不少于2次.
static AMOUNT: Pattern = LazyLock::new(|| pattern("^(?:至少|不少于|开展|组织|召开|报送)?N{0,3}[次批期件起]?$"));

fn every(word: &str) -> Option<Every> {
    Some(match word {
        "季度" | "季" => Every::Quarter,
        "半年" => Every::HalfYear,
        "周" | "星期" | "礼拜" => Every::Week,
        "月" | "月份" => Every::Month,
        "年" | "年度" => Every::Year,
        _ => return None,
    })
}

/// A recurrence in words, as a part of a sentence.
fn words(recurrence: &Recurrence) -> Text {
    let (sentence, arguments) = match (recurrence.every, recurrence.day) {
        (Every::Week, RecurDay::Weekday(day)) => {
            let name = WEEKDAYS.get(usize::from(day.saturating_sub(1))).copied().map(text_of).unwrap_or_default();
            (M::EVERY_WEEK, vec![Text { zh: name.zh.trim_start_matches(['周', '星', '期']).to_owned(), en: name.en }])
        }
        (Every::Month, RecurDay::Day(day)) => (M::EVERY_MONTH_DAY, vec![same(day)]),
        (Every::Quarter, RecurDay::Day(day)) => (M::EVERY_QUARTER_DAY, vec![same(day)]),
        (Every::HalfYear, RecurDay::Day(day)) => (M::EVERY_HALF_DAY, vec![same(day)]),
        (Every::Year, RecurDay::MonthDay { month, day }) => (M::EVERY_YEAR_DAY, vec![same(month), same(day)]),
        (Every::Quarter, _) => (M::EVERY_QUARTER_END, Vec::new()),
        (Every::HalfYear, _) => (M::EVERY_HALF_END, Vec::new()),
        (Every::Year, _) => (M::EVERY_YEAR_END, Vec::new()),
        _ => (M::EVERY_MONTH_END, Vec::new()),
    };
    Explanation::new(sentence, arguments).text()
}

/// `None` where a clause names no period.
pub(super) fn read(clause: &str) -> Option<DueReading> {
    let captures = EVERY.as_ref()?.captures(clause)?;
    let (word, rest) = (captures.name("e")?.as_str(), captures.name("rest")?.as_str());
    // 按年度计划 and 按月度要求 name a plan, not a period.
    if !clause.contains('每') && ["计划", "要求", "方案", "任务", "进度", "安排", "节点", "规定"].iter().any(|word| rest.contains(word))
    {
        return None;
    }
    let Some(every) = every(word) else {
        return Some(DueReading::unclear(M::DUE_RECURRING_UNKNOWN, vec![same(clause)]));
    };
    let (day, exact) = match every {
        Every::Week => weekday(rest)?,
        Every::Year => day_of_year(rest)?,
        _ => day_of_month(rest)?,
    };
    let recurrence = Recurrence::new(every, day);
    let value = DueValue::Recurring(recurrence);
    let sentence = match exact {
        Exact::Yes => return Some(DueReading::derived(value, M::DUE_RECURRING, vec![same(clause), words(&recurrence)])),
        Exact::Several => M::DUE_RECURRING_SEVERAL,
        Exact::Near => M::DUE_RECURRING_NEAR,
    };
    let finding = asked("import.due_recurrence", Severity::Decide, sentence, vec![same(clause), words(&recurrence)]);
    Some(DueReading { value, how: Vec::new(), finding: Some(finding) })
}

/// Whether what is kept is what was written.
enum Exact {
    Yes,
    Several,
    Near,
}

fn weekday(rest: &str) -> Option<(RecurDay, Exact)> {
    let one = |c: char| match c {
        '日' | '天' | '末' => Some(7),
        _ => u8::try_from(number(&c.to_string())?).ok().filter(|day| (1..=7).contains(day)),
    };
    let days: Vec<u8> = rest.chars().take_while(|c| "一二三四五六日天末1234567、和,周".contains(*c)).filter_map(one).collect();
    match days.as_slice() {
        [] => Some((RecurDay::Weekday(if rest.contains("工作日") { 5 } else { 7 }), Exact::Yes)),
        [day] => Some((RecurDay::Weekday(*day), Exact::Yes)),
        [.., day] => Some((RecurDay::Weekday(*day), Exact::Several)),
    }
}

/// All numbers that a pattern finds.
fn numbers(pattern: &Pattern, text: &str) -> Vec<u32> {
    let found = pattern.as_ref().map(|pattern| pattern.find_iter(text).map(|found| found.as_str()).collect::<Vec<_>>()).unwrap_or_default();
    found.into_iter().filter_map(|part| number(part.trim_end_matches(['日', '号', '月', '、', '和']))).collect()
}

fn day_of_month(rest: &str) -> Option<(RecurDay, Exact)> {
    // 每月5、20日 and 每月5日、20日.
    let listed = rest.replace('、', "日、").replace("日日", "日");
    let days = numbers(&DAYS, &listed);
    if days.iter().any(|day| !(1..=31).contains(day)) {
        return None;
    }
    let near = ["首月", "第一个月", "次月", "第二个月", "工作日", "周"].iter().any(|word| rest.contains(word));
    let day = days.iter().max().and_then(|day| u8::try_from(*day).ok());
    Some(match (day, days.len()) {
        (Some(day), 1) if !near => (RecurDay::Day(day), Exact::Yes),
        (Some(day), 1) => (RecurDay::Day(day), Exact::Near),
        (Some(day), _) => (RecurDay::Day(day), Exact::Several),
        (None, _) if rest.contains("上旬") => (RecurDay::Day(10), Exact::Yes),
        (None, _) if rest.contains("中旬") => (RecurDay::Day(20), Exact::Yes),
        (None, _) if rest.starts_with('初') => (RecurDay::Day(5), Exact::Yes),
        (None, _) if rest.starts_with("中") => (RecurDay::Day(15), Exact::Yes),
        (None, _) => (RecurDay::Last, if near { Exact::Near } else { Exact::Yes }),
    })
}

fn day_of_year(rest: &str) -> Option<(RecurDay, Exact)> {
    let months = numbers(&MONTHS, rest);
    let Some(month) = months.iter().max().copied() else {
        let half = rest.contains("上半年") || rest.contains("年中");
        let last = matches!(rest.chars().next(), None | Some('底' | '末' | '年' | '终' | '前' | '的' | ',')) || AMOUNT.as_ref()?.is_match(rest);
        return if half {
            Some((RecurDay::MonthDay { month: 6, day: 30 }, Exact::Yes))
        } else {
            Some((RecurDay::Last, if last { Exact::Yes } else { Exact::Near }))
        };
    };
    let month = u8::try_from(month).ok().filter(|month| (1..=12).contains(month))?;
    let days = numbers(&DAYS, rest);
    let day = match days.last() {
        Some(day) => u8::try_from(*day).ok().filter(|day| (1..=31).contains(day))?,
        None => match rest.split_once('月').map(|(_, part)| part).unwrap_or_default() {
            part if part.contains("上旬") => 10,
            part if part.contains("中旬") => 20,
            _ => 31,
        },
    };
    Some((RecurDay::MonthDay { month, day }, if months.len() == 1 { Exact::Yes } else { Exact::Several }))
}

/// Whether the patterns are ones.
#[cfg(test)]
pub(super) fn sound() -> Vec<(&'static str, bool)> {
    vec![("EVERY", EVERY.is_some()), ("DAYS", DAYS.is_some()), ("MONTHS", MONTHS.is_some()), ("AMOUNT", AMOUNT.is_some())]
}
