//! What a unit's name tells: the department it is by a shipped list of departments and their words (current, short and former
//! names), the kind by its ending, its full and short name. Pure.
//!
//! Codes are made without romanising names, which can't be done without a dictionary of readings: `df-market` for a listed
//! department, else the kind and a number in the list's order, `df-township-3`.

use serde::Deserialize;
use shared::kernel::reading::fold;
use std::sync::OnceLock;

/// A department as cities have it; `zh` and `short` are without the city.
#[derive(Debug, Clone, Deserialize)]
pub struct Department {
    pub code: String,
    pub kind: String,
    pub zh: String,
    pub short: String,
    pub en: String,
    /// Stems that mean it, former names included.
    pub words: Vec<String>,
}

/// The shipped list.
pub fn departments() -> serde_json::Result<&'static [Department]> {
    static LIST: OnceLock<Vec<Department>> = OnceLock::new();
    if LIST.get().is_none() {
        let read: Vec<Department> = serde_json::from_str(include_str!("../../../data/departments.json"))?;
        let _ = LIST.set(read);
    }
    Ok(LIST.get().map(Vec::as_slice).unwrap_or_default())
}

/// A name understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub kind: String,
    /// Of a listed department.
    pub department: Option<String>,
    /// Equal for two spellings of one unit.
    pub identity: String,
    pub name: String,
    pub short_name: String,
    /// Guessed from less than a whole name: worth telling.
    pub guessed: bool,
}

/// Without spaces, brackets and what stands in them.
pub fn plain(text: &str) -> String {
    let mut depth = 0usize;
    let mut kept = String::new();
    for c in fold(text).chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 && !c.is_whitespace() => kept.push(c),
            _ => {}
        }
    }
    kept
}

/// The name of the city without 市, 县 or 区.
fn bare(city: &str) -> &str {
    city.strip_suffix(['市', '县', '区']).unwrap_or(city)
}

/// The part of a name that is the unit's own: without the city, and without a superior's name before it.
fn own_part(name: &str, city: &str) -> String {
    // 郑州市生态环境局登封分局: what it is stands before the city, not after.
    if let Some(before) = name.strip_suffix("分局").and_then(|rest| rest.strip_suffix(city).or_else(|| rest.strip_suffix(bare(city)))) {
        return before.rsplit('市').next().unwrap_or(before).to_owned();
    }
    for place in [city, bare(city)] {
        if place.chars().count() >= 2
            && let Some(at) = name.rfind(place)
        {
            let rest = name.get(at + place.len()..).unwrap_or_default();
            if rest.chars().count() >= 2 {
                return rest.to_owned();
            }
        }
    }
    name.to_owned()
}

const ENDINGS: &[&str] = &["委员会办公室", "管理委员会", "委员会", "办公室", "分局", "支局", "中心", "局", "委", "办"];

/// The spellings under which a list of departments may know a name.
fn stems(own: &str) -> Vec<String> {
    let mut found = vec![own.to_owned()];
    if let Some(rest) = own.strip_prefix(['市', '县', '区']) {
        found.push(rest.to_owned());
    }
    let shortened: Vec<String> = found
        .iter()
        .flat_map(|name| ENDINGS.iter().filter_map(|ending| name.strip_suffix(ending)).filter(|rest| !rest.is_empty()).map(str::to_owned))
        .collect();
    found.extend(shortened);
    found
}

/// By the unit's own part, else by a superior's name before the city: 国家金融监督管理总局登封监管支局, 共青团登封市委员会.
fn department_of(name: &str, own: &str, city: &str, departments: &'static [Department]) -> Option<&'static Department> {
    let stems = stems(own);
    let exact = departments.iter().find(|department| {
        stems.iter().any(|stem| *stem == department.zh || *stem == department.short || department.words.iter().any(|word| word == stem))
    });
    exact.or_else(|| {
        let superior = name.strip_suffix(own)?.split(bare(city)).next().filter(|before| before.chars().count() >= 3)?;
        departments
            .iter()
            .flat_map(|department| department.words.iter().map(move |word| (word, department)))
            .filter(|(word, _)| word.chars().count() >= 3 && superior.contains(word.as_str()))
            .max_by_key(|(word, _)| word.chars().count())
            .map(|(_, department)| department)
    })
}

/// `city` as the jurisdiction is named, `title` the head's title where the list gives one: 镇长 tells what 告成 is.
pub fn understand(written: &str, city: &str, title: &str) -> serde_json::Result<Option<Known>> {
    let city = plain(city);
    let name = plain(written);
    let level = city.chars().last().filter(|c| "市县区".contains(*c)).unwrap_or('市');
    let own = own_part(&name, &city);
    let place = |base: &str, kind: &str, guessed: bool| {
        let full = if kind == "township" { format!("{city}{base}人民政府") } else { format!("{city}人民政府{base}办事处") };
        let name = if name.starts_with(&city) && name.contains("人民政府") { name.clone() } else { full };
        Some(Known { kind: kind.into(), department: None, identity: base.to_owned(), name, short_name: base.to_owned(), guessed })
    };
    let body = own.strip_prefix("人民政府").unwrap_or(&own);
    let body = ["人民政府", "镇政府", "乡政府", "办事处", "街道办"].iter().find_map(|ending| {
        let kept = body.strip_suffix(ending)?;
        Some(match *ending {
            "镇政府" => format!("{kept}镇"),
            "乡政府" => format!("{kept}乡"),
            "街道办" => format!("{kept}街道"),
            _ => kept.to_owned(),
        })
    });
    let body = body.as_deref().unwrap_or_else(|| own.strip_prefix("人民政府").unwrap_or(&own));
    if body.ends_with("街道") && body.chars().count() > 2 {
        return Ok(place(body, "subdistrict", false));
    }
    if body.ends_with(['镇', '乡']) && body.chars().count() > 1 {
        return Ok(place(body, "township", false));
    }
    if let Some(department) = department_of(&name, &own, &city, departments()?) {
        // What begins with the city, or names a superior, is the full name as its owner writes it.
        let full = name.starts_with(&city) || name.contains(&format!("{}分局", bare(&city))) || department_named_by_superior(&name, &own, &city);
        let placeless = ["12345", "12309"].iter().any(|number| department.short.starts_with(number)) || department.short.starts_with('团');
        let short_name = if placeless { department.short.clone() } else { format!("{level}{}", department.short) };
        return Ok(Some(Known {
            kind: department.kind.clone(),
            department: Some(department.code.clone()),
            identity: department.code.clone(),
            name: if full { name } else { format!("{city}{}", department.zh) },
            short_name,
            guessed: false,
        }));
    }
    if title.ends_with("镇长") || title.ends_with("乡长") {
        let ending = if title.ends_with("镇长") { '镇' } else { '乡' };
        return Ok(place(&format!("{own}{ending}"), "township", true));
    }
    // 嵩阳办: how two-character subdistricts are abbreviated; offices of the same form are in the list of departments.
    if let Some(base) = own.strip_suffix('办').filter(|base| base.chars().count() == 2) {
        return Ok(place(&format!("{base}街道"), "subdistrict", true));
    }
    Ok(by_ending(&own).map(|kind| {
        let without_level = own.strip_prefix(level).unwrap_or(&own).to_owned();
        let abbreviated = name.starts_with(&city) && matches!(kind, "bureau" | "vertical_agency" | "mass_organisation");
        Known {
            kind: kind.into(),
            department: None,
            identity: without_level.clone(),
            name: name.clone(),
            short_name: if abbreviated { format!("{level}{without_level}") } else { own.clone() },
            guessed: false,
        }
    }))
}

/// 国家税务总局登封市税务局: a name that begins with its superior's.
fn department_named_by_superior(name: &str, own: &str, city: &str) -> bool {
    name != own && name.contains(bare(city))
}

fn by_ending(own: &str) -> Option<&'static str> {
    let ends = |endings: &[&str]| endings.iter().any(|ending| own.ends_with(ending));
    if ends(&["中学", "小学", "学校", "学院", "幼儿园", "大学", "高中", "初中"]) {
        Some("school")
    } else if ends(&["联合会", "协会", "工会", "科协", "文联", "侨联"]) {
        Some("mass_organisation")
    } else if ends(&["分局", "支局", "分公司", "支行"]) {
        Some("vertical_agency")
    } else if ends(&["局", "委", "委员会", "办公室", "管委会", "中心", "总队", "大队", "支队", "院", "所", "站", "公司", "集团", "办"])
    {
        Some("bureau")
    } else {
        None
    }
}

/// A unit kind by its code, its label or the words lists use for it.
pub fn kind_of(written: &str, labels: &[shared::kernel::field::Choice]) -> Option<String> {
    let text = plain(written);
    if let Some(choice) = labels.iter().find(|choice| choice.code == text || choice.label.zh == text || choice.label.en.eq_ignore_ascii_case(&text)) {
        return Some(choice.code.clone());
    }
    let words: &[(&str, &[&str])] = &[
        ("township", &["乡", "镇", "乡镇"]),
        ("subdistrict", &["街道", "办事处", "街道办", "街道办事处"]),
        ("bureau", &["市直部门", "市直单位", "县直部门", "委局", "部门", "局", "政府部门", "行政机关"]),
        ("vertical_agency", &["垂直管理", "垂管单位", "驻市单位", "中央省驻市单位"]),
        ("mass_organisation", &["群团", "群团组织", "人民团体"]),
        ("school", &["学校"]),
        ("court", &["法院", "审判机关"]),
        ("procuratorate", &["检察院", "检察机关"]),
        ("public_security", &["公安", "公安机关"]),
        ("justice_bureau", &["司法局", "司法行政机关"]),
        ("government_office", &["政府办", "政府办公室"]),
    ];
    words.iter().find(|(_, words)| words.contains(&text.as_str())).map(|(code, _)| (*code).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn known(name: &str) -> Known {
        understand(name, "登封市", "").unwrap().unwrap_or_else(|| panic!("{name} is not understood"))
    }

    #[test]
    fn spellings_of_one_unit_are_one_identity() {
        for names in [
            &["登封市市场监督管理局", "市市场监管局", "市市监局", "市监局", "市场监管局"][..],
            &["郑州市生态环境局登封分局", "环保局", "市生态环境分局", "市环保局"],
            &["登封市自然资源和规划局", "市自然资源局", "市资源规划局"],
            &["登封市人民政府嵩阳街道办事处", "嵩阳街道", "嵩阳街道办", "嵩阳办"],
            &["登封市告成镇人民政府", "告成镇", "告成镇政府"],
            &["登封市人民检察院", "市检察院", "检察院"],
            &["登封市12345政务服务便民热线", "12345", "12345热线"],
            &["国家税务总局登封市税务局", "市税务局", "税务局"],
            &["国家金融监督管理总局登封监管支局", "金融监管支局"],
            &["登封市教育局", "市教体局", "教育局"],
            &["登封市人民政府办公室", "市政府办", "政府办"],
            &["登封市司法局", "市司法局（府检联动办）", "府检联动办"],
        ] {
            let identities: BTreeSet<String> = names.iter().map(|name| known(name).identity).collect();
            assert_eq!(identities.len(), 1, "{names:?}: {identities:?}");
        }
    }

    #[test]
    fn the_demonstration_city_is_understood_by_its_names() {
        let data: serde_json::Value = serde_json::from_str(include_str!("../../../data/units.json")).unwrap();
        let mut identities = BTreeSet::new();
        for unit in data["units"].as_array().unwrap().iter().filter(|unit| unit["code"].as_str().unwrap().starts_with("df-")) {
            let (code, name, short) = (unit["code"].as_str().unwrap(), unit["name"].as_str().unwrap(), unit["short_name"].as_str().unwrap());
            if unit["kind"] == "school" {
                continue;
            }
            for written in [name, short] {
                let found = known(written);
                assert_eq!(found.kind, unit["kind"].as_str().unwrap(), "{written}");
                if let Some(department) = found.department {
                    assert_eq!(format!("df-{department}"), code, "{written}");
                }
            }
            assert_eq!(known(name).name, name);
            assert!(identities.insert(known(name).identity), "{name} is taken for another unit");
        }
    }

    #[test]
    fn a_title_tells_what_a_bare_place_is() {
        let found = understand("告成", "登封市", "镇长").unwrap().unwrap();
        assert_eq!((found.kind.as_str(), found.short_name.as_str(), found.guessed), ("township", "告成镇", true));
        assert_eq!(found.name, "登封市告成镇人民政府");
        assert!(understand("告成", "登封市", "").unwrap().is_none());
        assert_eq!(known("市农机局").kind, "bureau");
        assert_eq!(known("示例武术学校").kind, "school");
    }

    #[test]
    fn no_word_means_two_departments() {
        let mut seen = BTreeSet::new();
        for word in departments().unwrap().iter().flat_map(|department| &department.words) {
            assert!(seen.insert(word), "{word}");
        }
    }
}
