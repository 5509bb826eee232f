//! Limits counted from a day: two weeks, 15 working days, this Friday. From today, or from a day that only a person knows.

use super::{
    DueReading, DueValue, Finding, Pattern, asked, number, pattern,
    pieces::{Match, Scan},
    text_of, working_day_before,
};
use crate::kernel::{
    messages as W, messages_reading as M,
    reading::{Explanation, Severity, explain::same},
    text::Message,
};
use chrono::{Datelike, Days, Months, NaiveDate};
use std::sync::LazyLock;

static WITHIN: Pattern = LazyLock::new(|| {
    pattern("^(?P<n>N{1,5}|半)(?P<u>个?(?:工作日|自然日|半月|周|星期|礼拜|小时)|个(?:月|季度|年)|月|年半|年|日|天)(?:之内|以内|内|时间内|期限内)")
});
static WEEK: Pattern = LazyLock::new(|| pattern("^(?P<w>本|这|下下|下|上)?个?(?:周|星期|礼拜)(?P<d>[一二三四五六日天]|末|底|内|之内)?BY"));
static TOMORROW: Pattern = LazyLock::new(|| pattern("^(?P<w>明天|明日|后天|后日)BY"));
static BARE_DAY: Pattern = LazyLock::new(|| pattern("^(?P<d>N{1,3})[日号](?:之前|以前|前|止|为止)?$"));

/// The words that make a limit run from the day it is handed out.
const FROM_NOW: &[&str] = &["即日", "今日", "今天", "现在", "目前", "交办", "派发", "下达", "分派", "未来", "接下来"];
/// Words that make it run from something else.
const FROM_EVENT: &[&str] = &["之日", "起", "之后", "以后", "后", "收到", "接到", "签收", "自"];

pub(super) fn read(scan: &Scan<'_>, rest: &str, before: &str) -> Option<Match> {
    within(scan, rest, before).or_else(|| week(scan, rest)).or_else(|| {
        let captures = TOMORROW.as_ref()?.captures(rest)?;
        let length = captures.get(0)?.len();
        let ahead = if captures.name("w")?.as_str().starts_with('明') { 1 } else { 2 };
        let date = scan.context.today.checked_add_days(Days::new(ahead))?;
        Some((length, DueReading::derived(DueValue::Date(date), M::DUE_FROM_TODAY, vec![same(rest.get(..length)?), same(date)])))
    })
}

fn within(scan: &Scan<'_>, rest: &str, before: &str) -> Option<Match> {
    let captures = WITHIN.as_ref()?.captures(rest)?;
    let length = captures.get(0)?.len();
    let written = format!("{before}{}", rest.get(..length)?);
    let half = captures.name("n")?.as_str() == "半";
    let amount = if half { 0 } else { number(captures.name("n")?.as_str()).filter(|amount| *amount > 0)? };
    let unit = captures.name("u")?.as_str();
    // 12月内 and 2027年内 are a month and a year, not so many of them.
    if (unit == "月" && !half) || (unit == "年" && amount > 10) {
        return None;
    }
    let unit = unit.trim_start_matches('个');
    let today = scan.context.today;
    let calendar = scan.context.calendar;
    let days = |days: u32| today.checked_add_days(Days::new(u64::from(days)));
    let months = |months: u32| today.checked_add_months(Months::new(months));
    let date = match (unit, half) {
        ("工作日", false) => {
            // Nobody sets a limit of more working days than four years have.
            let wanted = usize::try_from(amount).ok().filter(|days| *days <= 1000)?;
            today.iter_days().skip(1).filter(|day| calendar.is_working_day(*day)).nth(wanted.checked_sub(1)?)?
        }
        ("日" | "天" | "自然日", false) => days(amount)?,
        ("小时", false) => days(amount.div_ceil(24))?,
        ("周" | "星期" | "礼拜", false) => days(amount.checked_mul(7)?)?,
        ("月", false) => months(amount)?,
        ("季度", false) => months(amount.checked_mul(3)?)?,
        ("年", false) => months(amount.checked_mul(12)?)?,
        ("年半", false) => months(amount.checked_mul(12)?.checked_add(6)?)?,
        // 半个月, 一个半月, 半年.
        ("月" | "半月", true) => days(15)?,
        ("半月", false) => months(amount)?.checked_add_days(Days::new(15))?,
        ("年", true) => months(6)?,
        _ => return None,
    };
    let anchored = FROM_EVENT.iter().any(|word| before.contains(word)) && !FROM_NOW.iter().any(|word| before.contains(word));
    if anchored {
        let anchor = before.trim_start_matches(['自', '从', '在', '于']).trim_end_matches(['的', '起']);
        let mut finding = asked("import.due_event", Severity::Decide, M::DUE_EVENT_LIMIT, vec![same(&written), same(anchor), same(date)]);
        finding.candidates = vec![date];
        return Some((length, DueReading::unknown(finding)));
    }
    let sentence = if unit == "工作日" { M::DUE_WORKING_DAYS } else { M::DUE_FROM_TODAY };
    let mut reading = DueReading::derived(DueValue::Date(date), sentence, vec![same(&written), same(date)]);
    if unit == "工作日" && calendar.is_provisional(date.year()) {
        reading.how.push(Explanation::new(M::DUE_PROVISIONAL, vec![same(date.year())]));
    }
    Some((length, reading))
}

/// Monday first.
pub(super) const WEEKDAYS: [Message; 7] = [W::MONDAY, W::TUESDAY, W::WEDNESDAY, W::THURSDAY, W::FRIDAY, W::SATURDAY, W::SUNDAY];

fn week(scan: &Scan<'_>, rest: &str) -> Option<Match> {
    let captures = WEEK.as_ref()?.captures(rest)?;
    let length = captures.get(0)?.len();
    let written = rest.get(..length)?;
    let which = captures.name("w").map(|word| word.as_str());
    let weekday = captures.name("d").map(|word| word.as_str());
    if which.is_none() && weekday.is_none() {
        return None;
    }
    let today = scan.context.today;
    let monday = today.checked_sub_days(Days::new(u64::from(today.weekday().num_days_from_monday())))?;
    let ahead = match which {
        Some("下下") => 14,
        Some("下") => 7,
        _ => 0,
    };
    let monday = if which == Some("上") { monday.checked_sub_days(Days::new(7))? } else { monday.checked_add_days(Days::new(ahead))? };
    let on = |day: u64| monday.checked_add_days(Days::new(day));
    let index = match weekday {
        Some(word @ ("一" | "二" | "三" | "四" | "五" | "六")) => usize::try_from(number(word)?.checked_sub(1)?).ok()?,
        Some("日" | "天" | "末") => 6,
        _ => {
            let next = monday.checked_add_days(Days::new(7))?;
            let date = working_day_before(scan.context.calendar, next).filter(|date| *date >= monday).or(on(6))?;
            return Some((length, DueReading::derived(DueValue::Date(date), M::DUE_WEEK_END, vec![same(written), same(date)])));
        }
    };
    let mut date = on(u64::try_from(index).ok()?)?;
    if which.is_none() && date <= today {
        date = date.checked_add_days(Days::new(7))?;
    }
    let name = WEEKDAYS.get(index).copied().map(text_of)?;
    Some((length, DueReading::derived(DueValue::Date(date), M::DUE_WEEKDAY, vec![same(written), same(date), name])))
}

/// 25日前: the next such day, or the one after a limit that was named before.
pub(super) fn bare_day(scan: &Scan<'_>, rest: &str, before: &str) -> Option<Match> {
    let captures = BARE_DAY.as_ref()?.captures(rest).filter(|_| before.chars().count() <= 2)?;
    let wanted = number(captures.name("d")?.as_str()).filter(|day| (1..=31).contains(day))?;
    let from = scan.previous.unwrap_or(scan.context.today);
    let first = from.with_day(1)?;
    let date: NaiveDate = (0..3).filter_map(|ahead| first.checked_add_months(Months::new(ahead))?.with_day(wanted)).find(|date| *date > from)?;
    Some((rest.len(), DueReading::derived(DueValue::Date(date), M::DUE_BARE_DAY, vec![same(rest), same(date)])))
}

static BEFORE_EVENT: Pattern = LazyLock::new(|| {
    pattern(
        "(?:会议?|两会|大会|活动|仪式|检查|考核|验收|汛期|汛|换届|开学|学期|论坛|审计|巡察|巡视|督导|评估|竣工|开工|验收|立案|结案|审批|批复|印发|出台|方案|文件|假|节|节日|收割|三夏|秋收|防火期|法会|年|启动|结束|完成|到位)(?:召开|举行|结束|开始|印发|下发|来临|到来)?(?:之前|以前|前|之后|以后|后|期间|时)",
    )
});

/// Why a phrase that hangs on an event can't be a day.
pub(super) fn event(text: &str) -> Option<Finding> {
    let anchored = ["收到", "接到", "之日起", "签收后"].iter().any(|word| text.contains(word));
    let before_event = BEFORE_EVENT.as_ref().is_some_and(|pattern| pattern.is_match(text));
    (anchored || before_event).then(|| asked("import.due_event", Severity::Decide, M::DUE_EVENT, vec![same(text)]))
}

/// Whether the patterns are ones.
#[cfg(test)]
pub(super) fn sound() -> Vec<(&'static str, bool)> {
    vec![
        ("WITHIN", WITHIN.is_some()),
        ("WEEK", WEEK.is_some()),
        ("TOMORROW", TOMORROW.is_some()),
        ("BARE_DAY", BARE_DAY.is_some()),
        ("BEFORE_EVENT", BEFORE_EVENT.is_some()),
    ]
}
