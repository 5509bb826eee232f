//! Which units a cell names: short and full names, aliases, collective names, separators of every kind.

use super::text::fold;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct UnitEntry {
    pub code: String,
    pub name: String,
    pub short_name: String,
    pub aliases: Vec<String>,
    pub kind: String,
    pub domains: Vec<String>,
    pub conference_member: bool,
}

/// Whom a collective name means.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub struct Collective {
    #[serde(default)]
    pub conference_member: Option<bool>,
    #[serde(default)]
    pub kind: Vec<String>,
    #[serde(default)]
    pub has_domains: Vec<String>,
    /// Nobody can know without asking.
    #[serde(default)]
    pub ask: bool,
}

/// What one part of a cell was understood as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Understood {
    /// A unit; `exact` when it was written with its short name.
    Unit { code: String, exact: bool },
    /// All these units.
    Group { codes: Vec<String> },
    /// A collective name that needs an answer.
    Ask,
    /// Nothing known; the nearest names.
    Unknown { nearest: Vec<String> },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitPart {
    /// As written.
    pub written: String,
    pub understood: Understood,
}

pub struct UnitBook {
    units: Vec<UnitEntry>,
    names: BTreeMap<String, usize>,
    collectives: BTreeMap<String, Collective>,
}

fn plain(text: &str) -> String {
    fold(text).chars().filter(|c| !c.is_whitespace()).collect()
}

impl UnitBook {
    pub fn new(units: Vec<UnitEntry>, collectives: BTreeMap<String, Collective>) -> Self {
        let mut names = BTreeMap::new();
        // Later insertions must not displace better ones: short names first, then full names, then aliases.
        for rank in 0..3 {
            for (index, unit) in units.iter().enumerate() {
                let of_rank: Vec<&String> = match rank {
                    0 => vec![&unit.short_name],
                    1 => vec![&unit.name],
                    _ => unit.aliases.iter().collect(),
                };
                for name in of_rank {
                    names.entry(plain(name)).or_insert(index);
                }
            }
        }
        let collectives = collectives.into_iter().map(|(name, rule)| (plain(&name), rule)).collect();
        Self { units, names, collectives }
    }

    fn by_name(&self, text: &str) -> Option<&UnitEntry> {
        let index = self
            .names
            .get(text)
            .or_else(|| self.names.get(&format!("市{text}")))
            .or_else(|| text.strip_prefix('市').and_then(|rest| self.names.get(rest)))
            .or_else(|| text.strip_suffix('等').and_then(|rest| self.names.get(rest)))?;
        self.units.get(*index)
    }

    fn collective(&self, text: &str) -> Option<Understood> {
        let rule = self.collectives.get(text).cloned().or_else(|| {
            // Other lists word the same groups in other ways.
            let known = |name: &str| self.collectives.get(name).cloned();
            let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
            if !(text.starts_with('各') || text.starts_with("全体") || text.starts_with("相关") || text.starts_with("有关")) {
                None
            } else if has(&["乡镇", "街道", "镇办"]) {
                known("各乡镇(街道)")
            } else if has(&["成员单位"]) {
                known("各成员单位")
            } else if has(&["执法"]) {
                known("各行政执法单位")
            } else {
                Some(Collective { ask: true, ..Collective::default() })
            }
        })?;
        if rule.ask {
            return Some(Understood::Ask);
        }
        let codes = self
            .units
            .iter()
            .filter(|unit| {
                rule.conference_member.is_none_or(|member| unit.conference_member == member)
                    && (rule.kind.is_empty() || rule.kind.contains(&unit.kind))
                    && (rule.has_domains.is_empty() || unit.domains.iter().any(|domain| rule.has_domains.contains(domain)))
            })
            .map(|unit| unit.code.clone())
            .collect();
        Some(Understood::Group { codes })
    }

    fn understand(&self, written: &str) -> UnitPart {
        let text = plain(written);
        let unit = self.by_name(&text).or_else(|| {
            // 市司法局(府检联动办): the office in brackets is part of the unit before it.
            let (before, _) = text.split_once('(')?;
            self.by_name(before)
        });
        let understood = match unit {
            Some(unit) => Understood::Unit { code: unit.code.clone(), exact: plain(&unit.short_name) == text },
            None => self.collective(&text).unwrap_or_else(|| Understood::Unknown { nearest: self.nearest(&text) }),
        };
        UnitPart { written: fold(written), understood }
    }

    /// The three names that share most characters.
    fn nearest(&self, text: &str) -> Vec<String> {
        let letters: Vec<char> = text.chars().filter(|c| !matches!(c, '市' | '局')).collect();
        let mut scored: Vec<(usize, usize, &UnitEntry)> = self
            .units
            .iter()
            .map(|unit| {
                let shared = letters.iter().filter(|c| unit.short_name.contains(**c)).count();
                (shared, unit.short_name.chars().count().abs_diff(text.chars().count()), unit)
            })
            .collect();
        scored.sort_by_key(|(shared, difference, _)| (std::cmp::Reverse(*shared), *difference));
        scored.into_iter().take(3).map(|(_, _, unit)| unit.code.clone()).collect()
    }

    /// The parts of a cell, in order, without repetitions.
    pub fn read(&self, cell: &str) -> Vec<UnitPart> {
        let mut parts: Vec<UnitPart> = Vec::new();
        for piece in split(cell) {
            let part = self.understand(&piece);
            let pieces = match (&part.understood, piece.split_once(['和', '及', '与'])) {
                // 市检察院和市司法局: only where both sides are units.
                (Understood::Unknown { .. }, Some((left, right))) => {
                    let (left, right) = (self.understand(left), self.understand(right));
                    let known = |part: &UnitPart| !matches!(part.understood, Understood::Unknown { .. });
                    if known(&left) && known(&right) { vec![left, right] } else { vec![part] }
                }
                _ => vec![part],
            };
            for part in pieces {
                if !parts.iter().any(|other| other.understood == part.understood && other.written == part.written) {
                    parts.push(part);
                }
            }
        }
        parts
    }
}

/// Splits at separators outside of brackets: 各乡镇（街道） stays whole.
fn split(cell: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut depth = 0usize;
    for c in cell.chars() {
        match c {
            '（' | '(' => depth += 1,
            '）' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let separator = depth == 0 && (matches!(c, '、' | '，' | ',' | '；' | ';' | '/' | '|') || c.is_whitespace());
        if separator {
            pieces.push(String::new());
        } else if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    // 各乡镇、街道 is one name although it holds a separator.
    let mut joined: Vec<String> = Vec::new();
    for piece in pieces.into_iter().map(|piece| piece.trim().to_owned()).filter(|piece| !piece.is_empty()) {
        match joined.last_mut() {
            Some(last) if last == "各乡镇" && matches!(piece.as_str(), "街道" | "街道办" | "街道办事处") => last.push_str("(街道)"),
            _ => joined.push(piece),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn book() -> UnitBook {
        let data: serde_json::Value = serde_json::from_str(include_str!("../../../../data/units.json")).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let list = |value: &serde_json::Value| value.as_array().map(|items| items.iter().map(text).collect()).unwrap_or_default();
        let units = data["units"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|unit| text(&unit["code"]).starts_with("df-"))
            .map(|unit| UnitEntry {
                code: text(&unit["code"]),
                name: text(&unit["name"]),
                short_name: text(&unit["short_name"]),
                aliases: list(&unit["aliases"]),
                kind: text(&unit["kind"]),
                domains: list(&unit["domains"]),
                conference_member: unit["conference_member"] == true,
            })
            .collect();
        UnitBook::new(units, serde_json::from_value(data["collective_names"].clone()).unwrap())
    }

    fn codes(text: &str) -> Vec<String> {
        book()
            .read(text)
            .into_iter()
            .map(|part| match part.understood {
                Understood::Unit { code, .. } => code,
                Understood::Group { codes } => format!("{} units", codes.len()),
                Understood::Ask => "ask".into(),
                Understood::Unknown { .. } => "unknown".into(),
            })
            .collect()
    }

    #[test]
    fn names_of_real_lists_are_units() {
        assert_eq!(codes("市司法局（府检联动办）"), ["df-justice"]);
        assert_eq!(codes("市生态环境分局 市市场监管局，市卫健委;市税务局"), ["df-ecology", "df-market", "df-health", "df-tax"]);
        assert_eq!(codes("市检察院和司法局"), ["df-procuratorate", "df-justice"]);
        assert_eq!(codes("网格中心"), ["df-grid"]);
        assert_eq!(codes("各乡镇（街道）、市检察院"), ["15 units", "df-procuratorate"]);
        assert_eq!(codes("各乡镇、街道"), ["15 units"]);
        assert_eq!(codes("相关行政机关"), ["ask"]);
        assert_eq!(codes("市不存在局"), ["unknown"]);
        assert_eq!(codes("嵩阳办"), ["df-songyang"]);
        assert_eq!(codes("市公安局等"), ["df-public-security"]);
    }

    #[test]
    fn all_members_are_the_conferences() {
        let Understood::Group { codes } = book().read("各成员单位").remove(0).understood else { panic!("a group") };
        assert!(codes.len() > 50 && codes.contains(&"df-court".to_owned()));
    }

    proptest! {
        #[test]
        fn nothing_written_is_lost(text in "[一-龥、，; （）A-z]{0,30}") {
            let parts = book().read(&text);
            let kept: String = parts.iter().map(|part| part.written.clone()).collect();
            for c in text.chars().filter(|c| c.is_alphanumeric() && !matches!(c, '和' | '及' | '与')) {
                prop_assert!(kept.contains(c), "{c} of {text}");
            }
        }
    }
}
