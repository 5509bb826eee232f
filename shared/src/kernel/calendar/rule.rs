//! The catalogue of time limits: one rule per limit, with its law and how sure we are of it.
//!
//! The law is data (`data/deadlines.json`). What a rule does not know (when a clock starts, who is holding
//! the matter) belongs to the clock that is run by it.

use std::{collections::HashMap, sync::LazyLock};

use serde::{Deserialize, Serialize};

use super::request::{CountRequest, Moment};

const DEADLINES: &str = include_str!("../../../../data/deadlines.json");

static BUILT_IN: LazyLock<ClockRules> =
    LazyLock::new(|| ClockRules::parse(DEADLINES).unwrap_or_default());

/// What a limit is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CountUnit {
    /// Calendar days (日).
    NaturalDays,
    /// Working days (工作日), make-up workdays included.
    WorkingDays,
    /// Calendar months (月).
    Months,
    /// Calendar years (年).
    Years,
    /// Hours (小时), from the minute and straight through.
    Hours,
}

/// Which way a limit runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Direction {
    /// On from the start.
    #[default]
    After,
    /// Back from an event, as the notice of a hearing.
    Before,
}

/// Who may change a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Tier {
    /// Set by law; no unit may change it.
    Statutory,
    /// A jurisdiction's own parameter.
    Agreed,
}

/// How a limit is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RuleSource {
    /// The quoted clause was seen.
    Read,
    /// Nobody checked it; shown as 依据待核.
    Memory,
    /// Agreed, not law. A law named beside it says only 立即 or 及时.
    Configurable,
}

/// Where a quoted clause was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ReadKind {
    /// In the text of the law.
    LawText,
    /// As a quotation in a report.
    QuotedInPage,
}

/// By how much, how often and by whom a limit may be extended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Extension {
    /// In `unit`; none: the law names no cap, the approver sets the date.
    pub amount: Option<u32>,
    /// The extension's own unit, which may differ from the limit's.
    pub unit: Option<CountUnit>,
    /// How many times.
    pub times: Option<u32>,
    /// Who approves it.
    pub approver: String,
    /// When it is allowed, or the article.
    pub basis: String,
}

/// A shorter limit for urgent matters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UrgentVariant {
    /// In `unit`; none: the document sets it.
    pub amount: Option<u32>,
    /// The variant's own unit.
    pub unit: Option<CountUnit>,
    /// When it applies.
    pub when: String,
}

/// One time limit. Source: the clause named by `law` and `article`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClockRule {
    /// Stable key, for instance `suggestion.reply.public_interest`.
    pub key: String,
    /// Name in Chinese.
    pub zh: String,
    /// Name in English.
    pub en: String,
    /// Kinds of matter it applies to; `*` is every kind.
    pub kinds: Vec<String>,
    /// Who may change it.
    pub tier: Tier,
    /// Who has to act.
    pub who: String,
    /// Length, in `unit`; none: to be set case by case; zero: to be done before the event.
    pub amount: Option<u32>,
    /// Unit of `amount`. The law decides it, so it is not a setting.
    pub unit: Option<CountUnit>,
    /// On from `starts_on`, or back from it.
    pub direction: Direction,
    /// The act or event it runs from.
    pub starts_on: String,
    /// The act that ends it.
    pub ends_on: String,
    /// Whether the start day counts (民法典 第二百零一条: it does not, unless law or agreement says so).
    pub counts_first_day: bool,
    /// Whether a last day that is a day off moves to the next working day.
    pub rolls_if_holiday: bool,
    /// By which law it is counted so, or that it is by analogy, or why not.
    pub counting_basis: String,
    /// The only reasons for which it may be stopped; empty: never.
    pub pausable: Vec<String>,
    /// Whether it may be extended.
    pub extension: Option<Extension>,
    /// The shorter limit for urgent matters.
    pub urgent_variant: Option<UrgentVariant>,
    /// What follows when it is missed; may be empty.
    pub consequence: String,
    /// Title of the law.
    pub law: Option<String>,
    /// Article, paragraph and item.
    pub article: Option<String>,
    /// Which version of the law.
    pub law_version: Option<String>,
    /// The clause, word for word.
    pub clause_text: Option<String>,
    /// How it is known.
    pub source: RuleSource,
    /// Where the clause was read.
    pub read_from: Option<String>,
    /// In what the clause was read.
    pub read_kind: Option<ReadKind>,
    /// A second, newer collection with the same words.
    pub confirmed_in: Option<String>,
    /// What else to know; may be empty.
    pub note: String,
}

impl ClockRule {
    /// Whether it applies to a kind of matter.
    #[must_use]
    pub fn applies_to(&self, kind: &str) -> bool {
        self.kinds.iter().any(|known| known == "*" || known == kind)
    }

    /// The count of this limit from a start, without pauses or extensions; none when its length is set
    /// case by case, or zero: then it is a gate to pass before the event, not a countdown.
    #[must_use]
    pub fn request(&self, start: Moment) -> Option<CountRequest> {
        Some(CountRequest {
            start,
            amount: self.amount.filter(|&amount| amount > 0)?,
            unit: self.unit?,
            direction: self.direction,
            counts_first_day: self.counts_first_day,
            rolls_if_holiday: self.rolls_if_holiday,
            pauses: Vec::new(),
            extensions: Vec::new(),
        })
    }
}

/// Why a text is not a catalogue of rules.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// Not JSON, or not of the rules' shape.
    #[error("the rules cannot be read: {0}")]
    Shape(#[from] serde_json::Error),
    /// Two rules have one key.
    #[error("`{0}` stands twice")]
    DuplicateKey(String),
}

/// All rules, in the file's order.
#[derive(Debug, Clone, Default)]
pub struct ClockRules {
    rules: Vec<ClockRule>,
    by_key: HashMap<String, usize>,
}

impl ClockRules {
    /// Reads a catalogue of the shape of `data/deadlines.json`.
    ///
    /// # Errors
    ///
    /// When the text has another shape, or a key stands twice.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        let rules: Vec<ClockRule> = serde_json::from_str(text)?;
        let mut by_key = HashMap::with_capacity(rules.len());
        for (index, rule) in rules.iter().enumerate() {
            if by_key.insert(rule.key.clone(), index).is_some() {
                return Err(RuleError::DuplicateKey(rule.key.clone()));
            }
        }
        Ok(Self { rules, by_key })
    }

    /// The rules this version was built with, parsed at first use.
    ///
    /// Never empty: a test parses the very file that is compiled in, so that no caller has to handle
    /// an error that cannot happen.
    #[must_use]
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// The rule of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&ClockRule> {
        self.by_key
            .get(key)
            .and_then(|&index| self.rules.get(index))
    }

    /// All rules, in the file's order.
    pub fn iter(&self) -> impl Iterator<Item = &ClockRule> {
        self.rules.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::calendar::{Edition, count};

    #[test]
    fn every_rule_of_the_file_parses_and_nothing_of_it_is_lost() {
        let parsed = ClockRules::parse(DEADLINES).unwrap();
        assert_eq!(parsed.rules, ClockRules::built_in().rules);
        assert_eq!(parsed.iter().count(), 278);
        let file: serde_json::Value = serde_json::from_str(DEADLINES).unwrap();
        assert_eq!(serde_json::to_value(&parsed.rules).unwrap(), file);
    }

    #[test]
    fn a_rule_is_found_by_its_key() {
        let rule = ClockRules::built_in()
            .get("suggestion.reply.public_interest")
            .unwrap();
        assert_eq!((rule.amount, rule.unit), (Some(2), Some(CountUnit::Months)));
        assert!(rule.applies_to("public_interest_clue") && !rule.applies_to("meeting"));
        assert!(ClockRules::built_in().get("no.such.rule").is_none());
    }

    #[test]
    fn every_rule_can_be_counted() {
        let (date, instant) = ("2026-09-27", "2026-09-27T10:30:00+08:00");
        for rule in ClockRules::built_in().iter() {
            let hours = rule.unit == Some(CountUnit::Hours);
            let start = if hours { instant } else { date };
            let Some(request) = rule.request(start.parse().unwrap()) else {
                assert_eq!(rule.key, "employment_check.before_hire");
                continue;
            };
            assert!(count(&request, Edition::cn_2026()).is_ok(), "{}", rule.key);
        }
    }

    #[test]
    fn what_the_data_must_hold_for_its_reader() {
        for rule in ClockRules::built_in().iter() {
            let from_memory = rule.source == RuleSource::Memory;
            assert!(!from_memory || rule.clause_text.is_none(), "{}", rule.key);
            let agreed = rule.source == RuleSource::Configurable;
            assert!(!agreed || rule.tier == Tier::Agreed, "{}", rule.key);
        }
    }

    #[test]
    fn a_key_cannot_stand_twice() {
        let rule = serde_json::to_string(&ClockRules::built_in().rules[0]).unwrap();
        let twice = ClockRules::parse(&format!("[{rule},{rule}]"));
        assert!(matches!(twice, Err(RuleError::DuplicateKey(_))));
    }
}
