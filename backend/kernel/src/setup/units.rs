//! A list of units, row by row: a function of the cells and of the units there are.

use super::{Finding, table::SetupRow};
use crate::{
    entity::unit,
    error::{Error, Result},
    reference::{Reference, strings},
    state::App,
};
use backend_rules::unit_names::{self as names, Known};
use serde_json::json;
use shared::kernel::{
    api::{ImportRow, NewUnit},
    problem::Code,
    text::Text,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// One row with what it would write.
pub(super) struct UnitRow {
    pub view: ImportRow,
    pub new: Option<unit::Model>,
}

const GONE: &[&str] = &["撤并", "撤销", "已合并", "已注销", "不再保留"];

/// `existing`: all units of the city, by the identities of their names.
pub(super) fn understand(app: &App, reference: &Reference, rows: &[SetupRow]) -> Result<Vec<UnitRow>> {
    let city = &reference.jurisdiction;
    let mut identities: HashMap<String, String> = HashMap::new();
    for unit in &reference.units {
        for name in [&unit.name, &unit.short_name].into_iter().chain(strings(&unit.aliases).iter()) {
            identities.entry(names::plain(name)).or_insert_with(|| unit.code.clone());
            if let Some(known) = names::understand(name, &city.name, "")? {
                identities.entry(known.identity).or_insert_with(|| unit.code.clone());
            }
        }
    }
    let mut codes: BTreeSet<String> = reference.units.iter().map(|unit| unit.code.clone()).collect();
    // Where an identity was first seen in this list, and which accepted row that is.
    let mut seen: HashMap<String, (i64, Option<usize>)> = HashMap::new();
    let mut understood: Vec<UnitRow> = Vec::with_capacity(rows.len());
    for row in rows {
        let index = understood.len();
        let mut finding = Finding::of(row);
        finding.value("unit", json!(row.text("unit")));
        let (known, written) = name_of(app, row, &city.name, &mut finding)?;
        let mut new = None;
        if let Some(known) = known {
            let code = row.text("code");
            let present = identities.get(&known.identity).or_else(|| identities.get(&names::plain(&written))).cloned();
            if let Some(code) = present {
                finding.value("code", json!(code));
                finding.present(&code);
            } else if let Some((first, accepted)) = seen.get(&known.identity) {
                finding.refuse(
                    "unit",
                    Code::Duplicate.as_str(),
                    Some(first.to_string()),
                    Text {
                        zh: format!("与第{first}行是同一单位，写法已记为该单位的别名"),
                        en: format!("The same unit as in row {first}; this spelling is kept as its other name"),
                    },
                );
                if let Some(unit) = accepted.and_then(|at| understood.get_mut(at)).and_then(|first: &mut UnitRow| first.new.as_mut()) {
                    let mut aliases = strings(&unit.aliases);
                    if written != unit.short_name && written != unit.name && !aliases.contains(&written) {
                        aliases.push(written.clone());
                        unit.aliases = json!(aliases);
                    }
                }
            } else if GONE.iter().any(|word| row.text("remark").contains(word)) {
                finding.refuse(
                    "remark",
                    "import.unit_abolished",
                    None,
                    Text {
                        zh: format!("备注写明“{}”，未导入", row.text("remark")),
                        en: "The remark says that the unit no longer exists; not imported".into(),
                    },
                );
            } else {
                let number = next_number(&codes, &city.code, &known.kind);
                let code = if code.is_empty() { made_code(&city.code, &known, number) } else { code.to_lowercase() };
                new = accept(app, reference.jurisdiction.id, row, &written, &known, &code, number, &codes, &mut finding)?;
            }
            seen.entry(known.identity).or_insert((row.row, new.is_some().then_some(index)));
        }
        if let Some(unit) = &new {
            codes.insert(unit.code.clone());
        }
        understood.push(UnitRow { view: finding.row(new.is_some()), new });
    }
    resolve_parents(reference, rows, &mut understood);
    Ok(understood)
}

/// The unit a row names; none when that can't be told, which is then a finding.
fn name_of(app: &App, row: &SetupRow, city: &str, finding: &mut Finding) -> Result<(Option<Known>, String)> {
    let written = row.text("unit");
    if names::plain(&written).is_empty() {
        finding.refuse("unit", Code::Required.as_str(), None, shared::kernel::text::t("没有写单位名称", "No unit is named"));
        return Ok((None, written));
    }
    let labels = app.code_lists.get("unit_kinds").map(Vec::as_slice).unwrap_or_default();
    let given = row.text("kind");
    let kind = names::kind_of(&given, labels);
    if !given.is_empty() && kind.is_none() {
        finding.refuse(
            "kind",
            Code::Enumeration.as_str(),
            Some(given.clone()),
            Text { zh: format!("不认识的单位类别“{given}”"), en: format!("Unknown kind of unit: {given}") },
        );
        return Ok((None, written));
    }
    let mut known = names::understand(&written, city, &row.text("head.title"))?;
    if let Some(kind) = kind {
        let plain = names::plain(&written);
        let known = known.get_or_insert_with(|| Known {
            kind: String::new(),
            department: None,
            identity: plain.clone(),
            name: plain.clone(),
            short_name: plain,
            guessed: false,
        });
        known.guessed &= known.kind != kind;
        known.kind = kind;
    }
    if known.is_none() {
        finding.refuse(
            "kind",
            "import.kind_unclear",
            None,
            shared::kernel::text::t(
                "看不出单位类别，请写全称或加“类别”一列",
                "The kind of unit can't be told: write its full name, or add a column 类别",
            ),
        );
    }
    Ok((known, written))
}

/// `df-market` for a listed department, else the kind and a number: `df-township-3`.
fn made_code(city: &str, known: &Known, number: usize) -> String {
    match &known.department {
        Some(department) => format!("{city}-{department}"),
        None => format!("{city}-{}-{number}", known.kind.replace('_', "-")),
    }
}

fn next_number(codes: &BTreeSet<String>, city: &str, kind: &str) -> usize {
    let stem = format!("{city}-{}-", kind.replace('_', "-"));
    codes.iter().filter_map(|code| code.strip_prefix(&stem)?.parse::<usize>().ok()).max().map_or(1, |last| last + 1)
}

#[expect(clippy::too_many_arguments, reason = "one row's facts, used once")]
fn accept(
    app: &App,
    jurisdiction: Uuid,
    row: &SetupRow,
    written: &str,
    known: &Known,
    code: &str,
    number: usize,
    codes: &BTreeSet<String>,
    finding: &mut Finding,
) -> Result<Option<unit::Model>> {
    if codes.contains(code) {
        finding.refuse(
            "code",
            Code::Duplicate.as_str(),
            Some(code.to_owned()),
            Text { zh: format!("单位代码 {code} 已用于另一单位"), en: format!("The code {code} is another unit's") },
        );
        return Ok(None);
    }
    let given = |field: &str, made: &str| Some(row.text(field)).filter(|text| !text.is_empty()).unwrap_or_else(|| made.to_owned());
    let (name, short_name) = (known.name.clone(), given("short_name", &known.short_name));
    let name_en = given("name_en", &english(app, known, number)?);
    let mut aliases: Vec<String> = Vec::new();
    let base = short_name.strip_suffix(['镇', '乡']).filter(|base| known.kind == "township" && base.chars().count() > 1);
    for alias in row.text("aliases").split(['、', ',', ';', '，', '；', ' ']).chain([written]).chain(base) {
        let alias = alias.trim();
        if !alias.is_empty() && alias != name && alias != short_name && !aliases.iter().any(|other| other == alias) {
            aliases.push(alias.to_owned());
        }
    }
    let conference_member = match row.text("conference_member").as_str() {
        "" => row.members,
        text => matches!(text.to_lowercase().as_str(), "是" | "√" | "✓" | "1" | "y" | "yes" | "成员" | "成员单位" | "true"),
    };
    let new = NewUnit { code: code.to_owned(), name, short_name, name_en, kind: known.kind.clone(), aliases, conference_member };
    let values = json!(new);
    if let Some(values) = values.as_object() {
        finding.values.extend(values.clone());
    }
    if row.text("code").is_empty() {
        finding.note(format!("代码 {code}"), format!("code {code}"));
    }
    if known.guessed {
        let kind = kind_label(app, &known.kind);
        finding.note(
            format!("“{written}”按{}理解为{}，请核对", kind.zh, new.short_name),
            format!("“{written}” is read as {} ({}): check it", new.short_name, kind.en),
        );
    } else if written != new.name {
        finding.note(format!("“{written}”→ {}", new.name), format!("“{written}” → {}", new.name));
    }
    match crate::units::row(app, jurisdiction, new) {
        Ok(mut unit) => {
            unit.document_code = Some(row.text("document_code")).filter(|text| !text.is_empty());
            Ok(Some(unit))
        }
        Err(Error::Problem(problem)) => {
            finding.problem(&problem);
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

fn kind_label(app: &App, kind: &str) -> Text {
    app.code_lists
        .get("unit_kinds")
        .and_then(|list| list.iter().find(|choice| choice.code == kind))
        .map_or_else(Text::default, |choice| choice.label.clone())
}

/// Names can't be romanised without a dictionary of readings: the kind and the number, to be mended by whoever reads English.
fn english(app: &App, known: &Known, number: usize) -> Result<String> {
    let listed = match &known.department {
        Some(code) => names::departments()?.iter().find(|department| department.code == *code).map(|department| department.en.clone()),
        None => None,
    };
    Ok(listed.unwrap_or_else(|| format!("{} {number}", kind_label(app, &known.kind).en)))
}

/// A parent is a unit of the city or of the same list, whichever order they stand in.
fn resolve_parents(reference: &Reference, rows: &[SetupRow], understood: &mut [UnitRow]) {
    let mut by_name: BTreeMap<String, String> = BTreeMap::new();
    for unit in reference.units.iter().chain(understood.iter().filter_map(|row| row.new.as_ref())) {
        for name in [&unit.code, &unit.name, &unit.short_name].into_iter().chain(strings(&unit.aliases).iter()) {
            by_name.entry(names::plain(name)).or_insert_with(|| unit.code.clone());
        }
    }
    for (row, one) in rows.iter().zip(understood) {
        let written = row.text("parent");
        let Some(unit) = one.new.as_mut().filter(|_| !written.is_empty()) else { continue };
        match by_name.get(&names::plain(&written)) {
            Some(code) => {
                unit.parent_code = Some(code.clone());
                one.view.values.insert("parent".into(), json!(code));
            }
            None => {
                let mut finding = Finding { problems: std::mem::take(&mut one.view.problems), ..Finding::default() };
                finding.refuse(
                    "parent",
                    Code::UnknownUnit.as_str(),
                    Some(written.clone()),
                    Text { zh: format!("没有这个上级单位：{written}"), en: format!("Unknown parent unit: {written}") },
                );
                one.view.problems = finding.problems;
                one.view.verdict = "refused".into();
                one.new = None;
            }
        }
    }
}
