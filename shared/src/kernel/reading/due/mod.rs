//! Dates as offices write them: as a date, as a text, as a phrase, several in one cell. A phrase is scanned for everything that
//! names a day; what it means together is decided here, what each piece means in the modules below.

mod absolute;
mod festival;
mod period;
mod pieces;
mod recurring;
mod relative;
#[cfg(test)]
mod tests;

use super::{
    Explanation, Finding, Severity,
    explain::same,
    sheet::Cell,
    text::{fold, number},
};
use crate::kernel::{
    calendar::Edition,
    messages_reading::{self as M, Sentence},
    recurrence::Recurrence,
    text::{Message, Text},
};
use chrono::{Datelike, Days, NaiveDate};
use pieces::{Piece, Scan};
use regex::Regex;
use std::sync::LazyLock;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DueValue {
    Date(NaiveDate),
    Recurring(Recurrence),
    Standing,
    Unknown,
}

/// What a cell was understood as. A value beside a finding that asks is what is proposed.
#[derive(Debug, Clone, PartialEq)]
pub struct DueReading {
    pub value: DueValue,
    /// How it was derived; none when it was a plain date.
    pub how: Vec<Explanation>,
    pub finding: Option<Finding>,
}

/// What a phrase hangs on beside its words.
#[derive(Clone, Copy)]
pub struct DueContext<'a> {
    pub today: NaiveDate,
    /// The first and last year of the list, when its titles name them.
    pub years: Option<(i32, i32)>,
    pub calendar: &'a Edition,
}

/// A pattern that a test proves to be one; a pattern that isn't matches nothing.
type Pattern = LazyLock<Option<Regex>>;

/// Numerals of both kinds, as a part of a pattern.
const N: &str = "[0-9〇零一二三四五六七八九十百两]";
/// How limits end.
const BY: &str = "(?:之前|以前|前|为止|止|之内|以内|内)?";

fn pattern(text: &str) -> Option<Regex> {
    Regex::new(&text.replace("N{", &format!("{N}{{")).replace("BY", BY)).ok()
}

fn asked(code: &'static str, severity: Severity, sentence: Sentence, arguments: Vec<Text>) -> Finding {
    Finding { code, severity, detail: None, explanation: Explanation::new(sentence, arguments), candidates: Vec::new() }
}

impl DueReading {
    fn plain(date: NaiveDate) -> Self {
        Self { value: DueValue::Date(date), how: Vec::new(), finding: None }
    }
    fn derived(value: DueValue, sentence: Sentence, arguments: Vec<Text>) -> Self {
        Self { value, how: vec![Explanation::new(sentence, arguments)], finding: None }
    }
    fn unknown(finding: Finding) -> Self {
        Self { value: DueValue::Unknown, how: Vec::new(), finding: Some(finding) }
    }
    fn unclear(sentence: Sentence, arguments: Vec<Text>) -> Self {
        Self::unknown(asked("import.due_unclear", Severity::Decide, sentence, arguments))
    }
    /// Two days are possible; the first is proposed.
    fn either(sentence: Sentence, written: &str, dates: [NaiveDate; 2]) -> Self {
        let [first, second] = dates;
        let mut finding = asked("import.due_ambiguous", Severity::Decide, sentence, vec![same(written), same(first), same(second)]);
        finding.candidates = dates.to_vec();
        Self { value: DueValue::Date(first), how: Vec::new(), finding: Some(finding) }
    }
    fn date(&self) -> Option<NaiveDate> {
        match self.value {
            DueValue::Date(date) => Some(date),
            _ => None,
        }
    }
}

/// A date, or why there is none.
fn day(year: i32, month: u32, day_of_month: u32) -> Result<NaiveDate, Box<DueReading>> {
    NaiveDate::from_ymd_opt(year, month, day_of_month).ok_or_else(|| {
        let mut finding = if (1..=12).contains(&month) {
            asked("validation.format", Severity::Refuse, M::DUE_NO_DAY, vec![same(month), same(day_of_month)])
        } else {
            asked("validation.format", Severity::Refuse, M::DUE_NO_MONTH, vec![same(month)])
        };
        finding.detail = Some(if (1..=12).contains(&month) { format!("no_day_{day_of_month}") } else { format!("no_month_{month}") });
        Box::new(DueReading::unknown(finding))
    })
}

fn plain(date: Result<NaiveDate, Box<DueReading>>) -> DueReading {
    date.map_or_else(|reading| *reading, DueReading::plain)
}

/// The last working day before a day.
fn working_day_before(calendar: &Edition, day: NaiveDate) -> Option<NaiveDate> {
    std::iter::successors(day.pred_opt(), |day| day.pred_opt()).take(30).find(|day| calendar.is_working_day(*day))
}

pub fn read_due(cell: &Cell, context: &DueContext<'_>) -> DueReading {
    let reading = match (cell.date, cell.number) {
        (Some(date), _) => DueReading::plain(date),
        (None, Some(number)) => absolute::of_number(number, &cell.text, context).unwrap_or_else(|| phrase(&cell.text, context)),
        (None, None) => phrase(&cell.text, context),
    };
    past(reading, context.today)
}

fn past(mut reading: DueReading, today: NaiveDate) -> DueReading {
    if let (DueValue::Date(date), None) = (reading.value, &reading.finding)
        && date <= today
    {
        let mut finding = asked("import.due_past", Severity::Decide, M::DUE_PAST, vec![same(date)]);
        finding.detail = Some(date.to_string());
        // Where the year was assumed, the same day of a coming year may be meant.
        let assumed = reading.how.iter().any(|how| [M::DUE_YEAR_OF_LIST.code, M::DUE_YEAR_GIVEN_BEFORE.code].contains(&how.code()));
        finding
            .candidates
            .extend((today.year()..=today.year() + 1).filter(|_| assumed).filter_map(|year| date.with_year(year)).find(|date| *date > today));
        reading.finding = Some(finding);
    }
    reading
}

/// Duties without an end; the second list only where nothing else is said.
const STANDING: &[&str] = &["长期", "常态", "持续", "始终", "长效", "不间断", "一直", "贯穿", "常年", "永久", "常抓不懈", "经常性"];
const STANDING_ALONE: &[&str] = &["全年", "日常", "实时", "动态", "随时", "全过程"];
/// Words that promise haste or leave it open.
const VAGUE: &[&str] = &[
    "另行",
    "待定",
    "视情",
    "适时",
    "尽快",
    "立即",
    "立行立改",
    "即知即改",
    "马上",
    "近期",
    "及时",
    "按时",
    "按期",
    "按要求",
    "按计划",
    "按进度",
    "根据",
    "择机",
    "未定",
    "未明确",
    "即时",
    "早日",
];

static TIME_OF_DAY: Pattern = LazyLock::new(|| pattern(r"[T ]?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\.[0-9]+)?Z?"));

fn phrase(written: &str, context: &DueContext<'_>) -> DueReading {
    let folded = fold(written);
    let untimed = TIME_OF_DAY.as_ref().map_or(folded.clone(), |pattern| pattern.replace_all(&folded, "").into_owned());
    let text: String = untimed.chars().filter(|c| !c.is_whitespace() || *c == '\n').collect();
    let text = text.trim().trim_end_matches(['。', ';', ',', '.']);
    if text.is_empty() {
        return DueReading::unknown(asked("validation.required", Severity::Decide, M::DUE_MISSING, Vec::new()));
    }
    let mut dates: Vec<DueReading> = Vec::new();
    let mut recurring: Option<DueReading> = None;
    let mut ends_a_duration = false;
    for clause in text.split([',', ';', '。', '\n', '，', '；']).map(str::trim).filter(|clause| !clause.is_empty()) {
        if let Some(reading) = recurring::read(clause) {
            recurring = recurring.or(Some(reading));
            continue;
        }
        let mut scan = Scan { context, previous: dates.iter().rev().find_map(DueReading::date) };
        let pieces = scan.pieces(clause);
        ends_a_duration |= pieces.iter().any(|piece| piece.before.ends_with(['至', '到']));
        dates.extend(joined(pieces));
    }
    together(text, dates, recurring, ends_a_duration)
}

/// A span ends with its end: 2026年11月至2027年3月.
fn joined(pieces: Vec<Piece>) -> Vec<DueReading> {
    let mut kept: Vec<(String, DueReading)> = Vec::new();
    for piece in pieces {
        let joins = matches!(piece.before.as_str(), "至" | "到" | "-" | "~" | "--");
        match kept.pop() {
            Some((first, from)) if joins && from.finding.as_ref().is_none_or(|finding| finding.severity < Severity::Refuse) => {
                let whole = format!("{first}{}{}", piece.before, piece.written);
                let mut reading = piece.reading;
                if let Some(date) = reading.date() {
                    reading.how.retain(|how| how.code().starts_with("due.year_") || how.code() == M::DUE_PROVISIONAL.code);
                    reading.how.insert(0, Explanation::new(M::DUE_SPAN, vec![same(&whole), same(date)]));
                }
                kept.push((whole, reading));
            }
            last => {
                kept.extend(last);
                kept.push((piece.written, piece.reading));
            }
        }
    }
    kept.into_iter().map(|(_, reading)| reading).collect()
}

fn together(text: &str, dates: Vec<DueReading>, recurring: Option<DueReading>, ends_a_duration: bool) -> DueReading {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    // What is wrong or open in one of several limits is so for the cell.
    for severity in [Severity::Refuse, Severity::Decide] {
        let wrong = dates.iter().chain(&recurring).find(|reading| reading.finding.as_ref().is_some_and(|finding| finding.severity == severity));
        if let Some(wrong) = wrong {
            return wrong.clone();
        }
    }
    let Some(mut last) = latest(&dates) else {
        return recurring.unwrap_or_else(|| without_a_day(text));
    };
    let Some(due) = last.date() else { return last };
    let either = |sentence| {
        let mut finding = asked("import.due_ambiguous", Severity::Decide, sentence, vec![same(text), same(due)]);
        finding.candidates = vec![due];
        Some(finding)
    };
    if recurring.is_some() {
        last.finding = either(M::DUE_DATE_AND_RECURRING);
    } else if has(STANDING) && !ends_a_duration {
        last.finding = either(M::DUE_DATE_AND_STANDING);
    }
    let mut earlier: Vec<NaiveDate> = dates.iter().filter_map(DueReading::date).filter(|date| *date != due).collect();
    earlier.sort_unstable();
    earlier.dedup();
    if !earlier.is_empty() {
        let days: Vec<String> = earlier.iter().map(NaiveDate::to_string).collect();
        let list = Text { zh: days.join("、"), en: days.join(", ") };
        last.how.push(Explanation::new(M::DUE_MILESTONES, vec![same(due), list]));
    }
    last
}

fn latest(dates: &[DueReading]) -> Option<DueReading> {
    dates.iter().max_by_key(|reading| reading.date()).cloned()
}

/// No day was named: a duty without an end, or the reason why it must be asked.
fn without_a_day(text: &str) -> DueReading {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(STANDING) || has(STANDING_ALONE) {
        return DueReading::derived(DueValue::Standing, M::DUE_STANDING, vec![same(text)]);
    }
    if let Some(event) = relative::event(text) {
        return DueReading::unknown(event);
    }
    if has(VAGUE) {
        return DueReading::unclear(M::DUE_VAGUE, vec![same(text)]);
    }
    DueReading::unclear(M::DUE_UNCLEAR, Vec::new())
}

fn serial_date(serial: f64) -> Option<NaiveDate> {
    // The 1900 date system of spreadsheets; its day 0 is 1899-12-30.
    let whole = (30_000.0..80_000.0).contains(&serial).then_some(serial as u64)?;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(whole))
}

fn text_of(message: Message) -> Text {
    message.text()
}
