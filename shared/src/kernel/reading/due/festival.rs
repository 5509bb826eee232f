//! Before a festival: 国庆节前, 明年春节前, 七一前. Days off come from the calendar in force, which may not know them yet.

use super::{
    DueReading, DueValue, Pattern, asked, pattern,
    pieces::{Match, Scan},
    working_day_before,
};
use crate::kernel::{
    messages_reading as M,
    reading::{Explanation, Severity, explain::same},
    text::{Text, t},
};
use chrono::{Datelike, NaiveDate};
use std::sync::LazyLock;

static FESTIVAL: Pattern = LazyLock::new(|| {
    pattern(concat!(
        "^(?:(?P<y>N{4}|[0-9]{2})年|(?P<yw>今年|本年|当年|明年|次年|来年|后年))?的?",
        "(?P<f>元旦|春节|新春|除夕|清明|五一|劳动|端午|中秋|国庆|十一|三八|六一|七一|八一|教师|宪法|元宵|重阳|腊八)(?P<day>国际劳动节|劳动节|国际|妇女节|儿童节|建党节|建军节|节日|节|宣传周|日)?",
        "(?:[、和与及](?:国庆|中秋)节?)?(?P<long>小长假|长假|假期|放假|假日|黄金周)?(?:来临|到来)?(?P<by>之前|以前|前夕|前|期间|之后|以后|后|内)?",
    ))
});

/// A festival with days off: as written, as the calendar names it, in English; its day where it is the same every year.
struct Festival {
    word: &'static str,
    zh: &'static str,
    en: &'static str,
    fixed: Option<(u32, u32)>,
}

const FESTIVALS: &[Festival] = &[
    Festival { word: "元旦", zh: "元旦", en: "New Year", fixed: Some((1, 1)) },
    Festival { word: "春节", zh: "春节", en: "the Spring Festival", fixed: None },
    Festival { word: "新春", zh: "春节", en: "the Spring Festival", fixed: None },
    Festival { word: "除夕", zh: "春节", en: "the Spring Festival", fixed: None },
    Festival { word: "清明", zh: "清明节", en: "Qingming", fixed: None },
    Festival { word: "五一", zh: "劳动节", en: "Labour Day", fixed: Some((5, 1)) },
    Festival { word: "劳动", zh: "劳动节", en: "Labour Day", fixed: Some((5, 1)) },
    Festival { word: "端午", zh: "端午节", en: "the Dragon Boat Festival", fixed: None },
    Festival { word: "中秋", zh: "中秋节", en: "the Mid-Autumn Festival", fixed: None },
    Festival { word: "国庆", zh: "国庆节", en: "National Day", fixed: Some((10, 1)) },
    Festival { word: "十一", zh: "国庆节", en: "National Day", fixed: Some((10, 1)) },
];

/// Days nobody has off.
const COMMEMORATIONS: &[(&str, &str, &str, (u32, u32))] = &[
    ("三八", "三八妇女节", "Women's Day", (3, 8)),
    ("六一", "六一儿童节", "Children's Day", (6, 1)),
    ("七一", "七一建党节", "1 July", (7, 1)),
    ("八一", "八一建军节", "1 August", (8, 1)),
    ("教师", "教师节", "Teachers' Day", (9, 10)),
    ("宪法", "国家宪法日", "Constitution Day", (12, 4)),
];

pub(super) fn read(scan: &Scan<'_>, rest: &str) -> Option<Match> {
    let captures = FESTIVAL.as_ref()?.captures(rest)?;
    let length = captures.get(0)?.len();
    let written = rest.get(..length)?;
    let word = captures.name("f")?.as_str();
    let suffixes = ["day", "long", "by"].map(|name| captures.name(name).map(|found| found.as_str()));
    // 十一, 劳动 and the like are other words where nothing says festival.
    let plain_word = !matches!(word, "元旦" | "春节" | "清明" | "端午" | "中秋" | "国庆" | "除夕");
    if plain_word && suffixes.iter().all(Option::is_none) || word == "劳动" && suffixes[0].is_none() {
        return None;
    }
    let today = scan.context.today;
    let given = match (captures.name("y"), captures.name("yw").map(|word| word.as_str())) {
        (Some(figures), _) => {
            let year = i32::try_from(super::number(figures.as_str())?).ok()?;
            Some(if year < 100 { year + 2000 } else { year })
        }
        (None, Some("明年" | "次年" | "来年")) => Some(today.year() + 1),
        (None, Some("后年")) => Some(today.year() + 2),
        (None, Some(_)) => Some(today.year()),
        (None, None) => None,
    };
    if let Some((_, zh, en, (month, date))) = COMMEMORATIONS.iter().find(|(name, ..)| *name == word) {
        let found = scan.in_year(written, given, &|year| NaiveDate::from_ymd_opt(year, *month, *date)?.pred_opt())?;
        let mut reading = DueReading::derived(DueValue::Date(found.date), M::DUE_COMMEMORATION, vec![same(written), same(found.date), t(zh, en)]);
        reading.how.extend(found.assumed);
        return Some((length, reading));
    }
    let by = suffixes[2].unwrap_or("前");
    let Some(festival) = FESTIVALS.iter().find(|festival| festival.word == word) else {
        return Some((length, DueReading::unclear(M::DUE_NO_CALENDAR, vec![same(word), same(given.unwrap_or(today.year() + 1))])));
    };
    Some((length, before(scan, written, given, festival, by)))
}

fn before(scan: &Scan<'_>, written: &str, given: Option<i32>, festival: &Festival, by: &str) -> DueReading {
    let calendar = scan.context.calendar;
    let start = |year: i32| {
        calendar.holiday_start(year, festival.zh).or_else(|| festival.fixed.and_then(|(month, date)| NaiveDate::from_ymd_opt(year, month, date)))
    };
    let eve = |year: i32| start(year).and_then(|first| working_day_before(calendar, first));
    let name: Text = t(festival.zh, festival.en);
    let Some(found) = scan.in_year(written, given, &eve) else {
        let year = given.unwrap_or(scan.context.today.year() + 1);
        return DueReading::unclear(M::DUE_NO_CALENDAR, vec![name, same(year)]);
    };
    if !by.ends_with('前') && by != "前夕" {
        let mut finding = asked("import.due_event", Severity::Decide, M::DUE_AROUND_FESTIVAL, vec![same(written), same(found.date)]);
        finding.candidates = vec![found.date];
        return DueReading::unknown(finding);
    }
    // The eve of New Year is in the year before the festival's.
    let year = if festival.zh == "元旦" { found.date.year() + 1 } else { found.date.year() };
    let mut reading = DueReading::derived(DueValue::Date(found.date), M::DUE_FESTIVAL, vec![same(written), same(found.date), name]);
    reading.how.extend(found.assumed);
    if calendar.is_provisional(year) {
        reading.how.push(Explanation::new(M::DUE_PROVISIONAL, vec![same(year)]));
    }
    reading
}

/// Whether the patterns are ones.
#[cfg(test)]
pub(super) fn sound() -> Vec<(&'static str, bool)> {
    vec![("FESTIVAL", FESTIVAL.is_some())]
}
