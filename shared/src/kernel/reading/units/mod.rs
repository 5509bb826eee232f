//! Which units a cell names: short and full names, aliases, what such departments are called anywhere, collective names,
//! separators of every kind. A name that is only near a known one is proposed, never taken.

mod names;
mod pieces;
#[cfg(test)]
mod tests;

use super::text::fold;
use names::{Departments, forms, plain};
use std::collections::{BTreeMap, BTreeSet};

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
    /// A name that several units have.
    Several { codes: Vec<String> },
    /// One letter from the names of these, the likeliest first.
    Near { codes: Vec<String> },
    /// Nothing known; the nearest names.
    Unknown { nearest: Vec<String> },
}

impl Understood {
    /// Whether the words mean something without a guess.
    pub fn is_known(&self) -> bool {
        !matches!(self, Self::Near { .. } | Self::Unknown { .. })
    }
}

/// What a cell says of a unit's part in the task: 牵头：市司法局；配合：市公安局.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Lead,
    Co,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitPart {
    /// As written.
    pub written: String,
    pub understood: Understood,
    pub mark: Option<Mark>,
}

/// How good a name is: a short name before a full one, before an alias, before what such a department is called elsewhere.
type Rank = u8;

pub struct UnitBook {
    units: Vec<UnitEntry>,
    names: BTreeMap<String, Vec<(Rank, usize)>>,
    /// Names that a near one is measured against.
    spellings: Vec<(String, usize)>,
    collectives: BTreeMap<String, Collective>,
    departments: Departments,
    place: String,
}

/// Names longer than this are compared as a whole only.
const LONGEST: usize = 40;

impl UnitBook {
    pub fn new(units: Vec<UnitEntry>, collectives: BTreeMap<String, Collective>) -> Self {
        let place = names::place(units.iter().map(|unit| unit.name.as_str()));
        let departments = Departments::shipped();
        let mut book = Self { units: Vec::new(), names: BTreeMap::new(), spellings: Vec::new(), collectives: BTreeMap::new(), departments, place };
        for (index, unit) in units.iter().enumerate() {
            let own = [(0, vec![unit.short_name.clone()]), (1, vec![unit.name.clone()]), (2, unit.aliases.clone())];
            for (rank, name) in own.into_iter().flat_map(|(rank, names)| names.into_iter().map(move |name| (rank, name))) {
                book.enter(&name, rank, index);
                book.spellings.extend(names::spellings(&name, &book.place).into_iter().map(|name| (name, index)));
            }
            if !matches!(unit.kind.as_str(), "township" | "subdistrict" | "school") {
                for name in book.departments.names_of(&[&unit.short_name, &unit.name], &book.place) {
                    book.enter_form(name, 3, index);
                }
            }
        }
        book.spellings.sort_unstable();
        book.spellings.dedup();
        book.collectives = collectives.into_iter().map(|(name, rule)| (plain(&name), rule)).collect();
        book.units = units;
        book
    }

    fn enter(&mut self, name: &str, rank: Rank, index: usize) {
        for form in forms(name, &self.place) {
            self.enter_form(form, rank, index);
        }
    }

    fn enter_form(&mut self, form: String, rank: Rank, index: usize) {
        let known = self.names.entry(form).or_default();
        if !known.iter().any(|(_, other)| *other == index) {
            known.push((rank, index));
        }
    }

    /// The units that a name means, all equally well.
    fn by_name(&self, text: &str) -> Vec<&UnitEntry> {
        for form in forms(text, &self.place) {
            if let Some(known) = self.names.get(&form) {
                let best = known.iter().map(|(rank, _)| *rank).min();
                let indices: BTreeSet<usize> = known.iter().filter(|(rank, _)| Some(*rank) == best).map(|(_, index)| *index).collect();
                return indices.into_iter().filter_map(|index| self.units.get(index)).collect();
            }
        }
        Vec::new()
    }

    fn collective(&self, text: &str) -> Option<Understood> {
        let rule = self.collectives.get(text).cloned().or_else(|| {
            // Other lists word the same groups in other ways.
            let known = |name: &str| self.collectives.get(name).cloned();
            let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
            let begins = |words: &[&str]| words.iter().any(|word| text.starts_with(word));
            let ask = Some(Collective { ask: true, ..Collective::default() });
            let rest = ["全市各", "全体", "全市", "所有", "各"].iter().find_map(|word| text.strip_prefix(word));
            let all = rest.unwrap_or(text);
            // 各乡镇卫生院 are not the townships, 行政执法局 is one unit.
            let places = all.chars().all(|c| "乡镇街道办事处人民政府()、及和".contains(c)) && has(&["乡", "镇", "街道"]);
            if has(&["相关", "有关", "涉及", "其他", "其它"]) && has(&["单位", "部门", "机关", "乡镇", "街道", "镇街", "镇办", "地方"])
            {
                // Not all of them: which, only a person knows.
                ask
            } else if places {
                known("各乡镇(街道)")
            } else if ["成员单位", "联席会议成员单位", "联席会议各成员单位", "府检联动成员单位"].contains(&all) {
                known("各成员单位")
            } else if has(&["执法"]) && ["单位", "部门", "机关", "主体"].iter().any(|ending| all.ends_with(ending)) {
                known("各行政执法单位")
            } else if rest.is_some() || begins(&["相关", "有关", "市直", "县直", "区直", "政法单位", "政法机关"]) {
                ask
            } else {
                None
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

    /// What a name means without a guess.
    fn known(&self, text: &str) -> Option<Understood> {
        let mut units = self.by_name(text);
        if units.is_empty() {
            // 市司法局(府检联动办): the office in brackets is part of the unit before it.
            units = text.split_once('(').map(|(before, _)| self.by_name(before)).unwrap_or_default();
        }
        match units.as_slice() {
            [] => self.collective(text),
            [unit] => Some(Understood::Unit { code: unit.code.clone(), exact: plain(&unit.short_name) == text }),
            several => Some(Understood::Several { codes: several.iter().map(|unit| unit.code.clone()).collect() }),
        }
    }

    fn understand(&self, written: &str) -> Understood {
        let text = names::bare(written);
        self.known(&text).unwrap_or_else(|| {
            let near = self.near(&text);
            if near.is_empty() { Understood::Unknown { nearest: self.nearest(&text) } } else { Understood::Near { codes: near } }
        })
    }

    /// Units whose names are one letter away: mistyped, left out, too many, swapped.
    fn near(&self, text: &str) -> Vec<String> {
        // A department this city doesn't have is no misspelling of another one's name.
        if text.chars().count() > LONGEST || self.departments.knows(text, &self.place) {
            return Vec::new();
        }
        let mut found: Vec<(usize, usize, usize)> = Vec::new();
        for written in names::spellings(text, &self.place) {
            let length = written.chars().count();
            // In a long name two letters may be wrong.
            let allowed = if length >= 9 { 2 } else { 1 };
            for (name, index) in &self.spellings {
                let other = name.chars().count();
                if length < 3 || other < 3 || length.abs_diff(other) > allowed {
                    continue;
                }
                let distance = strsim::osa_distance(&written, name);
                if distance <= allowed {
                    let common = written.chars().zip(name.chars()).take_while(|(a, b)| a == b).count();
                    found.push((distance, usize::MAX - common, *index));
                }
            }
        }
        found.sort_unstable();
        let mut codes: Vec<String> = Vec::new();
        for code in found.iter().filter_map(|(_, _, index)| self.units.get(*index)).map(|unit| &unit.code) {
            if !codes.contains(code) {
                codes.push(code.clone());
            }
        }
        codes.truncate(5);
        codes
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
        for piece in pieces::split(cell) {
            for (written, understood) in self.divide(&piece.text) {
                let part = UnitPart { mark: piece.mark.or_else(|| names::mark(&written)), written: fold(&written), understood };
                if !parts.iter().any(|other| other.understood == part.understood && other.written == part.written) {
                    parts.push(part);
                }
            }
        }
        parts
    }

    /// A piece as one name, or as several joined by 和 or by nothing at all.
    fn divide(&self, piece: &str) -> Vec<(String, Understood)> {
        let whole = self.understand(piece);
        if whole.is_known() || piece.chars().count() > LONGEST {
            return vec![(piece.to_owned(), whole)];
        }
        if let Some(parts) = self.all_known(piece, 8) {
            return parts;
        }
        // A long name with a letter wrong is likelier than a short one and something else.
        if matches!(whole, Understood::Near { .. }) {
            return vec![(piece.to_owned(), whole)];
        }
        // 市检察院和市不存在局: what is known of it is not lost with the rest.
        for (left, right) in pieces::conjunctions(piece) {
            let (first, second) = (self.understand(left), self.understand(right));
            if first.is_known() || second.is_known() {
                return [(left, first), (right, second)]
                    .into_iter()
                    .flat_map(|(text, understood)| if understood.is_known() { vec![(text.to_owned(), understood)] } else { self.divide(text) })
                    .collect();
            }
        }
        vec![(piece.to_owned(), whole)]
    }

    /// A piece divided so that every part is known.
    fn all_known(&self, piece: &str, deepest: u8) -> Option<Vec<(String, Understood)>> {
        if let Some(understood) = self.known(&names::bare(piece)) {
            return Some(vec![(piece.to_owned(), understood)]);
        }
        let deepest = deepest.checked_sub(1)?;
        let divided = |left: &str, right: &str| {
            let first = self.known(&names::bare(left))?;
            let mut parts = vec![(left.to_owned(), first)];
            parts.extend(self.all_known(right, deepest)?);
            Some(parts)
        };
        pieces::conjunctions(piece).find_map(|(left, right)| divided(left, right)).or_else(|| {
            // 市公安局市司法局: written without anything between. Names of two letters are too easily part of others.
            piece.char_indices().skip(3).map(|(at, _)| piece.split_at(at)).filter(|(_, right)| right.chars().count() >= 3).find_map(
                |(left, right)| {
                    let begins_anew = right.starts_with(['市', '县', '区', '各']);
                    begins_anew.then(|| divided(left, right)).flatten()
                },
            )
        })
    }
}
