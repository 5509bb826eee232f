//! Names as lists write them, against the units that the product ships for its demonstration city.

use super::*;
use proptest::prelude::*;
use std::sync::LazyLock;

fn book() -> UnitBook {
    let data: serde_json::Value = serde_json::from_str(include_str!("../../../../../data/units.json")).unwrap();
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

fn short(code: &str) -> &str {
    code.strip_prefix("df-").unwrap_or(code)
}

/// Codes of what a cell names; `?` before what must be chosen, `!` before what isn't known.
fn codes(book: &UnitBook, text: &str) -> String {
    let joined = |codes: &[String]| codes.iter().map(|code| short(code)).collect::<Vec<_>>().join("|");
    let parts = book.read(text).into_iter().map(|part| match part.understood {
        Understood::Unit { code, .. } => short(&code).to_owned(),
        Understood::Group { codes } => codes.len().to_string(),
        Understood::Ask => "ask".into(),
        Understood::Several { codes } | Understood::Near { codes } => format!("?{}", joined(&codes)),
        Understood::Unknown { .. } => "!".into(),
    });
    parts.collect::<Vec<_>>().join(" ")
}

const NAMES: &[(&str, &str)] = &[
    // Short and full names, with and without the city and its level.
    ("市司法局", "justice"),
    ("司法局", "justice"),
    ("登封市司法局", "justice"),
    ("登封司法局", "justice"),
    ("县司法局", "justice"),
    ("市司法局（府检联动办）", "justice"),
    ("府检联动办", "justice"),
    ("法院", "court"),
    ("市法院", "court"),
    ("市人民法院", "court"),
    ("人民法院", "court"),
    ("登封市人民法院", "court"),
    ("检察院", "procuratorate"),
    ("市人民检察院", "procuratorate"),
    ("公安局", "public-security"),
    ("市公安局（治安大队）", "public-security"),
    ("区公安局", "public-security"),
    ("市政府办", "gov-office"),
    ("市人民政府办公室", "gov-office"),
    ("市政府办公室", "gov-office"),
    // Abbreviations and former names.
    ("市监局", "market"),
    ("市市监局", "market"),
    ("市场监管局", "market"),
    ("市场监督管理局", "market"),
    ("市市场监督管理局", "market"),
    ("登封市市场监督管理局", "market"),
    ("人社局", "labour"),
    ("市人力资源和社会保障局", "labour"),
    ("人力资源社会保障局", "labour"),
    ("住建局", "housing"),
    ("市住房城乡建设局", "housing"),
    ("住房与城乡建设局", "housing"),
    ("资规局", "resources"),
    ("市自然资源局", "resources"),
    ("自然资源和规划局", "resources"),
    ("自规局", "resources"),
    ("国土局", "resources"),
    ("环保局", "ecology"),
    ("市生态环境局", "ecology"),
    ("郑州市生态环境局登封分局", "ecology"),
    ("卫健委", "health"),
    ("市卫生健康委", "health"),
    ("市卫生健康委员会", "health"),
    ("市卫计委", "health"),
    ("教体局", "education"),
    ("市城市管理局", "urban"),
    ("综合执法局", "urban"),
    ("市农业农村局", "agriculture"),
    ("市农业局", "agriculture"),
    ("发改委", "development"),
    ("市发展和改革委员会", "development"),
    ("市发展改革委", "development"),
    ("工信局", "industry"),
    ("文旅局", "culture-tourism"),
    ("市退役军人事务局", "veterans"),
    ("市医疗保障局", "medical-insurance"),
    ("市税务局", "tax"),
    ("国家税务总局登封市税务局", "tax"),
    ("总工会", "trade-union"),
    ("共青团登封市委", "youth"),
    ("团委", "youth"),
    ("市妇女联合会", "women"),
    ("市行政审批局", "govservice"),
    ("大数据局", "govservice"),
    ("网格中心", "grid"),
    ("12345", "12345"),
    ("市长热线", "12345"),
    ("矛调中心", "mediation-centre"),
    ("嵩山管委会", "songshan"),
    // Townships and subdistricts.
    ("告成镇", "gaocheng"),
    ("告成镇人民政府", "gaocheng"),
    ("登封市告成镇人民政府", "gaocheng"),
    ("告成镇政府", "gaocheng"),
    ("白坪乡人民政府", "baiping"),
    ("嵩阳街道", "songyang"),
    ("嵩阳街道办事处", "songyang"),
    ("嵩阳街道办", "songyang"),
    ("嵩阳办", "songyang"),
    ("登封市嵩阳街道办事处", "songyang"),
    // What a list puts around names.
    ("市公安局等", "public-security"),
    ("市公安局等有关部门", "public-security"),
    ("1.市公安局", "public-security"),
    ("“市公安局”", "public-security"),
    ("市公安局（牵头）", "public-security"),
    ("市 公 安 局", "public-security"),
    ("牵头：市司法局；配合：市公安局、市法院", "justice public-security court"),
    ("责任单位：市司法局", "justice"),
    // Separators.
    ("市生态环境分局 市市场监管局，市卫健委;市税务局", "ecology market health tax"),
    ("市公安局/市司法局\n市法院", "public-security justice court"),
    ("市检察院和司法局", "procuratorate justice"),
    ("市住房和城乡建设局和市公安局", "housing public-security"),
    ("市检察院、市法院及市公安局", "procuratorate court public-security"),
    ("市检察院以及市法院", "procuratorate court"),
    ("市司法局会同市公安局", "justice public-security"),
    ("市公安局市司法局", "public-security justice"),
    ("市检察院和市不存在局", "procuratorate !"),
    // Collective names.
    ("各成员单位", "60"),
    ("联席会议成员单位", "60"),
    ("各乡镇（街道）、市检察院", "15 procuratorate"),
    ("各乡镇、街道", "15"),
    ("各镇街", "15"),
    ("各镇（街道）", "15"),
    ("各乡镇街道办事处", "15"),
    ("乡镇（街道）", "15"),
    ("公检法", "3"),
    ("公检法司", "4"),
    ("相关行政机关", "ask"),
    ("各有关单位", "ask"),
    ("相关部门", "ask"),
    ("相关乡镇（街道）", "ask"),
    ("有关成员单位", "ask"),
    ("市直各部门", "ask"),
    ("各乡镇卫生院", "ask"),
    ("各行政执法机关", "14"),
    ("行政执法局", "!"),
    // Near names are proposed.
    ("市司发局", "?justice"),
    ("市财证局", "?finance"),
    ("市教局", "?education|market"),
    ("市市场监管管局", "?market"),
    ("市自然资源与规化局", "?resources"),
    ("颖阳镇", "?yingyang"),
    ("大金殿镇", "?dajindian"),
    ("登封市人民政府嵩阳街道办事外", "?songyang"),
    // Not known, and not near.
    ("市不存在局", "!"),
    ("新密市公安局", "!"),
    ("市体育局", "!"),
];

#[test]
fn names_of_real_lists_are_units() {
    let book = book();
    let wrong: Vec<String> = NAMES
        .iter()
        .map(|(text, wanted)| (text, wanted, codes(&book, text)))
        .filter(|(_, wanted, found)| **wanted != found)
        .map(|one| format!("{one:?}"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(NAMES.len() >= 60);
}

#[test]
fn a_city_knows_its_units_by_all_their_names() {
    let book = book();
    for unit in &book.units {
        for name in unit.aliases.iter().chain([&unit.name, &unit.short_name]) {
            assert_eq!(codes(&book, name), short(&unit.code), "{name}");
        }
    }
}

#[test]
fn a_name_of_two_units_and_one_near_two_are_choices() {
    let unit = |code: &str, name: &str, short: &str, alias: &str| UnitEntry {
        code: code.into(),
        name: name.into(),
        short_name: short.into(),
        aliases: vec![alias.into()],
        kind: "bureau".into(),
        domains: Vec::new(),
        conference_member: false,
    };
    let book =
        UnitBook::new(vec![unit("a", "某市城建一局", "城建一局", "市城建局"), unit("b", "某市城建二局", "城建二局", "市城建局")], BTreeMap::new());
    assert_eq!(codes(&book, "市城建局"), "?a|b");
    assert!(matches!(&book.read("市城建局")[0].understood, Understood::Several { .. }));
    assert!(matches!(&book.read("城建三局")[0].understood, Understood::Near { codes } if codes.len() == 2));
}

#[test]
fn parts_in_the_task_are_read_from_labels() {
    let marks = |text: &str| book().read(text).into_iter().map(|part| part.mark).collect::<Vec<_>>();
    assert_eq!(marks("牵头：市司法局；配合：市公安局、市法院"), [Some(Mark::Lead), Some(Mark::Co), Some(Mark::Co)]);
    assert_eq!(marks("市司法局（牵头）、市公安局"), [Some(Mark::Lead), None]);
    assert_eq!(marks("市司法局牵头，市公安局配合"), [Some(Mark::Lead), Some(Mark::Co)]);
}

#[test]
fn all_members_are_the_conferences() {
    let Understood::Group { codes } = book().read("各成员单位").remove(0).understood else { panic!("a group") };
    assert!(codes.len() > 50 && codes.contains(&"df-court".to_owned()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn nothing_written_is_lost(text in "[一-龥、，; （）A-z]{0,30}") {
        static BOOK: LazyLock<UnitBook> = LazyLock::new(book);
        let parts = BOOK.read(&text);
        let kept: String = parts.iter().map(|part| part.written.clone()).collect();
        for c in text.chars().filter(|c| c.is_alphanumeric() && !matches!(c, '和' | '及' | '与' | '以' | '会' | '协' | '同')) {
            prop_assert!(kept.contains(c), "{c} of {text}");
        }
    }
}
