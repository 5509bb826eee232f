//! Spellings of one name: with and without the city, the level of government, 人民政府 and the like; and what departments are
//! called anywhere (`data/departments.json`).

use super::{Mark, fold};
use std::sync::OnceLock;

/// Without spaces and quotation marks, in half-width forms.
pub(super) fn plain(text: &str) -> String {
    fold(text).chars().filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '“' | '”' | '‘' | '’' | '《' | '》' | '*')).collect()
}

/// A name without what a list puts around it: 1.市司法局（牵头）, 市公安局等单位.
pub(super) fn bare(written: &str) -> String {
    let text = plain(written);
    let mut text = text.as_str();
    let figures = text.chars().take_while(char::is_ascii_digit).count();
    if (1..=2).contains(&figures)
        && let Some(rest) = text.get(figures..).and_then(|rest| rest.strip_prefix(['.', ')', '、']))
    {
        text = rest;
    }
    for label in ["(牵头)", "(配合)", "(主责)", "(协办)", "(主办)"] {
        text = text.strip_prefix(label).unwrap_or(text);
    }
    loop {
        let shorter = AROUND.iter().find_map(|ending| text.strip_suffix(ending)).filter(|rest| rest.chars().count() >= 2);
        match shorter {
            Some(rest) => text = rest,
            None => return text.to_owned(),
        }
    }
}

const AROUND: &[&str] = &[
    "等相关部门",
    "等有关部门",
    "等相关单位",
    "等有关单位",
    "等部门",
    "等单位",
    "等",
    "(牵头)",
    "(牵头单位)",
    "(配合)",
    "(配合单位)",
    "(主责)",
    "(主办)",
    "(协办)",
    "牵头负责",
    "牵头",
    "负责",
    "配合",
    "。",
    ".",
    ":",
    "-",
];

/// The part a name itself tells: 市司法局牵头, （配合）市公安局.
pub(super) fn mark(written: &str) -> Option<Mark> {
    let text = plain(written);
    let around = |words: &[&str]| {
        words.iter().any(|word| text.ends_with(word) || text.contains(&format!("({word})")) || text.contains(&format!("({word}单位)")))
    };
    if around(&["牵头", "主责", "主办", "牵头负责"]) {
        Some(Mark::Lead)
    } else if around(&["配合", "协办"]) {
        Some(Mark::Co)
    } else {
        None
    }
}

/// The city that most full names begin with.
pub(super) fn place<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut counted: Vec<(String, usize)> = Vec::new();
    for name in names.map(plain) {
        let cut = name.char_indices().skip(1).take(7).find(|(_, c)| matches!(c, '市' | '县' | '区' | '旗')).map(|(at, c)| at + c.len_utf8());
        let Some(place) = cut.and_then(|cut| name.get(..cut)) else { continue };
        match counted.iter_mut().find(|(other, _)| other == place) {
            Some((_, count)) => *count += 1,
            None => counted.push((place.to_owned(), 1)),
        }
    }
    counted.into_iter().max_by_key(|(_, count)| *count).map(|(place, _)| place).unwrap_or_default()
}

/// Words that begin like a level of government.
const NO_LEVEL: &[&str] = &["市场", "市域", "市容", "市长", "区域", "县域"];

fn without_level(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(['市', '县', '区']).filter(|rest| rest.chars().count() >= 2)?;
    (!NO_LEVEL.iter().any(|word| text.starts_with(word))).then_some(rest)
}

fn without_place<'t>(text: &'t str, place: &str) -> Option<&'t str> {
    let bare = place.strip_suffix(['市', '县', '区', '旗']).filter(|bare| bare.chars().count() >= 2);
    let rest = text.strip_prefix(place).filter(|_| !place.is_empty()).or_else(|| bare.and_then(|bare| text.strip_prefix(bare)))?;
    (rest.chars().count() >= 2).then_some(rest)
}

/// Long and short words for one thing, in this order.
const SAME: &[(&str, &str)] = &[
    ("街道办事处", "街道"),
    ("街道办", "街道"),
    ("镇党委政府", "镇"),
    ("镇人民政府", "镇"),
    ("乡人民政府", "乡"),
    ("镇政府", "镇"),
    ("乡政府", "乡"),
    ("人民政府办公室", "政府办"),
    ("人民法院", "法院"),
    ("人民检察院", "检察院"),
    ("检查院", "检察院"),
    ("监督管理", "监管"),
    ("委员会", "委"),
    ("办公室", "办"),
    ("管理委", "管委"),
    ("管委会", "管委"),
];

fn shortened(text: &str) -> String {
    let mut text = text.to_owned();
    for (long, short) in SAME {
        text = text.replace(long, short);
    }
    let rest = text.strip_prefix("人民政府").filter(|rest| rest.chars().count() >= 3).map(str::to_owned);
    // 住房与城乡建设局 is 住房和城乡建设局.
    rest.unwrap_or(text).chars().filter(|c| !matches!(c, '和' | '与' | '及')).collect()
}

/// The spellings under which a name is kept and looked up, the closest to what was written first.
pub(super) fn forms(name: &str, place: &str) -> Vec<String> {
    let name = plain(name);
    let mut found = vec![name.clone()];
    let mut add = |text: String| {
        if !text.is_empty() && !found.contains(&text) {
            found.push(text);
        }
    };
    let own = without_place(&name, place).unwrap_or(&name).to_owned();
    for text in [name.as_str(), own.as_str()] {
        let short = shortened(text);
        add(short.clone());
        if let Some(rest) = without_level(&short) {
            add(shortened(rest));
        }
    }
    found
}

/// The spellings that near names are measured by.
pub(super) fn spellings(name: &str, place: &str) -> Vec<String> {
    let mut found = forms(name, place);
    found.retain(|form| form.chars().count() >= 3);
    found
}

const ENDINGS: &[&str] = &["管理委", "分局", "支局", "中心", "大队", "局", "委", "办", "会"];

/// Stems of a name: 市市场监管局 → 市场监管.
fn stems(name: &str, place: &str) -> Vec<String> {
    let forms = forms(name, place);
    let cut: Vec<String> = forms
        .iter()
        .flat_map(|form| ENDINGS.iter().filter_map(|ending| form.strip_suffix(ending)))
        .filter(|stem| stem.chars().count() >= 2)
        .map(str::to_owned)
        .collect();
    forms.into_iter().chain(cut).collect()
}

/// A department as cities have it.
#[derive(Debug, Clone, serde::Deserialize)]
struct Department {
    zh: String,
    short: String,
    /// Stems that mean it, former names included.
    words: Vec<String>,
    /// The stems in the spelling they are compared in.
    #[serde(skip)]
    stems: Vec<String>,
}

/// The shipped list of departments.
pub(super) struct Departments(&'static [Department]);

impl Departments {
    pub(super) fn shipped() -> Self {
        static LIST: OnceLock<Vec<Department>> = OnceLock::new();
        Self(LIST.get_or_init(|| {
            // A test reads the very file that is compiled in; without it only a city's own names are known.
            let mut list: Vec<Department> = serde_json::from_str(include_str!("../../../../../data/departments.json")).unwrap_or_default();
            for department in &mut list {
                department.stems = [&department.zh, &department.short].into_iter().chain(&department.words).map(|word| shortened(word)).collect();
            }
            list
        }))
    }

    fn of(&self, names: &[&str], place: &str) -> Option<&'static Department> {
        let stems: Vec<String> = names.iter().flat_map(|name| stems(name, place)).collect();
        self.0.iter().find(|department| department.stems.iter().any(|stem| stems.contains(stem)))
    }

    /// Whether a name is a department's, of any city.
    pub(super) fn knows(&self, text: &str, place: &str) -> bool {
        self.of(&[text], place).is_some()
    }

    /// What a unit of these names is called in other places.
    pub(super) fn names_of(&self, names: &[&str], place: &str) -> Vec<String> {
        let Some(department) = self.of(names, place) else { return Vec::new() };
        let mut found = department.stems.clone();
        for word in &department.stems {
            found.extend(["局", "委", "办", "中心", "分局"].map(|ending| format!("{word}{ending}")));
        }
        found.retain(|name| name.chars().count() >= 2);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_departments_are_read() {
        assert!(Departments::shipped().0.len() > 50);
        assert!(Departments::shipped().knows("市体育局", "登封市"));
    }

    #[test]
    fn one_name_has_many_spellings() {
        let forms = |name: &str| forms(name, "登封市");
        assert!(forms("登封市人民法院").contains(&"法院".to_owned()));
        assert!(forms("登封市人民政府嵩阳街道办事处").contains(&"嵩阳街道".to_owned()));
        assert!(forms("市场监督管理局").contains(&"市场监管局".to_owned()));
        assert_eq!(place(["登封市公安局", "郑州市生态环境局登封分局", "登封市司法局"].into_iter()), "登封市");
    }
}
