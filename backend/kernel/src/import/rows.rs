//! What stored cells mean: a pure function of cells, answers, units and what is already there.

use super::text;
use crate::{
    matter::create,
    reference::{Known, Reference, strings},
    state::App,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use shared::kernel::{
    api::{ImportProblem, ImportRow},
    field::{Choice, Field, Input},
    kind::Kind,
    problem::Code,
    reading::{Cell, Collective, DueValue, Severity, Understood, UnitBook, UnitEntry, UnitPart, read_due},
    text::{Text, t},
    validate::{Strictness, validate},
};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StoredRow {
    pub sheet: String,
    /// As the spreadsheet shows it, from 1.
    pub row: i64,
    pub group: Option<String>,
    pub cells: BTreeMap<String, Cell>,
    /// The reviewer's values, by field.
    pub answers: Map<String, Value>,
    pub decision: Option<String>,
}

pub(super) struct Context<'a> {
    pub app: &'a App,
    pub reference: &'a Reference,
    pub kind: &'a Kind,
    pub present: &'a HashMap<String, Uuid>,
    pub years: Option<(i32, i32)>,
}

/// The years a list is for, from its file name or group titles: 2026—2027年度.
pub(super) fn years(file_name: &str, rows: &[StoredRow]) -> Option<(i32, i32)> {
    let titles = rows.iter().filter_map(|row| row.group.as_deref()).chain([file_name]);
    let mut found: Vec<i32> = Vec::new();
    for title in titles {
        let digits: Vec<char> = title.chars().map(|c| if c.is_ascii_digit() { c } else { ' ' }).collect();
        let text: String = digits.into_iter().collect();
        found.extend(
            text.split_whitespace()
                .filter(|word| word.len() == 4)
                .filter_map(|word| word.parse::<i32>().ok())
                .filter(|year| (2020..2100).contains(year)),
        );
    }
    Some((*found.iter().min()?, *found.iter().max()?))
}

/// One row under interpretation.
#[derive(Default)]
struct Reading {
    values: Map<String, Value>,
    understood: Vec<Text>,
    problems: Vec<(Severity, ImportProblem)>,
    options: Vec<String>,
}

impl Reading {
    fn problem(&mut self, field: &str, code: &str, severity: Severity, detail: Option<String>, text: Text) {
        self.problems.push((severity, ImportProblem { field: field.to_owned(), code: code.to_owned(), detail, text }));
    }
    fn option(&mut self, option: &str) {
        if !self.options.iter().any(|other| other == option) {
            self.options.push(option.to_owned());
        }
    }
}

fn book(reference: &Reference) -> UnitBook {
    let units = reference
        .units
        .iter()
        .filter(|unit| unit.active)
        .map(|unit| UnitEntry {
            code: unit.code.clone(),
            name: unit.name.clone(),
            short_name: unit.short_name.clone(),
            aliases: strings(&unit.aliases),
            kind: unit.kind.clone(),
            domains: strings(&unit.domains),
            conference_member: unit.conference_member,
        })
        .collect();
    // The words for groups of units are data of the product, not of one city.
    let data: Value = serde_json::from_str(include_str!("../../../../data/units.json")).unwrap_or_default();
    let collectives: BTreeMap<String, Collective> =
        data.get("collective_names").cloned().and_then(|names| serde_json::from_value(names).ok()).unwrap_or_default();
    UnitBook::new(units, collectives)
}

pub(super) fn understand(context: &Context<'_>, stored: &[StoredRow]) -> Vec<ImportRow> {
    let book = book(context.reference);
    let mut seen: HashMap<String, i64> = HashMap::new();
    stored.iter().map(|row| judge(context, &book, &mut seen, row)).collect()
}

fn judge(context: &Context<'_>, book: &UnitBook, seen: &mut HashMap<String, i64>, row: &StoredRow) -> ImportRow {
    let mut reading = Reading::default();
    for field in context.kind.fields.iter().filter(|field| !field.derived) {
        match row.answers.get(&field.name) {
            Some(answer) => {
                reading.values.insert(field.name.clone(), answer.clone());
            }
            None => read_field(context, book, row, field, &mut reading),
        }
    }
    complete(context, book, row, &mut reading);
    let verdict = verdict(context, seen, row, &mut reading);
    ImportRow {
        sheet: row.sheet.clone(),
        row: row.row,
        verdict,
        values: reading.values,
        source: row.cells.iter().map(|(field, cell)| (field.clone(), cell.text.clone())).collect(),
        understood: reading.understood,
        problems: reading.problems.into_iter().map(|(_, problem)| problem).collect(),
        options: reading.options,
        decision: row.decision.clone(),
        group: row.group.clone(),
    }
}

fn read_field(context: &Context<'_>, book: &UnitBook, row: &StoredRow, field: &Field, reading: &mut Reading) {
    let Some(cell) = row.cells.get(&field.name) else { return };
    match &field.input {
        Input::Integer { .. } => match cell.text.trim().parse::<i64>() {
            Ok(number) => {
                reading.values.insert(field.name.clone(), json!(number));
            }
            Err(_) => reading.problem(
                &field.name,
                Code::WrongType.as_str(),
                Severity::Note,
                Some(cell.text.clone()),
                t("不是整数，未采用", "Not a whole number; left out"),
            ),
        },
        Input::Unit => read_lead(context, book, row, field, cell, reading),
        Input::Units { .. } => read_units(context, book, field, cell, reading),
        Input::Date => read_date(context, row, field, cell, reading),
        Input::Text { .. } => {
            let line: String = cell.text.split_whitespace().collect::<Vec<_>>().join(" ");
            reading.values.insert(field.name.clone(), json!(line));
        }
        Input::Texts { .. } => {
            let items: Vec<&str> = cell.text.split(['；', ';', '\n']).map(str::trim).filter(|item| !item.is_empty()).collect();
            reading.values.insert(field.name.clone(), json!(items));
        }
        Input::Choice { choices } => {
            reading.values.insert(field.name.clone(), json!(code(choices, &cell.text)));
        }
        Input::CodeList { list } => {
            let choices = context.app.code_lists.get(list).map(Vec::as_slice).unwrap_or_default();
            reading.values.insert(field.name.clone(), json!(code(choices, &cell.text)));
        }
        Input::CodeLists { list, .. } => {
            let choices = context.app.code_lists.get(list).map(Vec::as_slice).unwrap_or_default();
            let parts = cell.text.split(['、', '，', ',', '；', ';', '\n']).map(str::trim).filter(|part| !part.is_empty());
            reading.values.insert(field.name.clone(), json!(parts.map(|part| code(choices, part)).collect::<Vec<_>>()));
        }
        Input::Bool => match cell.text.trim().to_ascii_lowercase().as_str() {
            "是" | "有" | "√" | "yes" | "true" | "1" => {
                reading.values.insert(field.name.clone(), json!(true));
            }
            "否" | "无" | "×" | "no" | "false" | "0" => {
                reading.values.insert(field.name.clone(), json!(false));
            }
            other => {
                reading.values.insert(field.name.clone(), json!(other));
            }
        },
        Input::Money => {
            reading.values.insert(field.name.clone(), fen(&cell.text).map_or_else(|| json!(cell.text.trim()), |fen| json!(fen)));
        }
        _ => {
            reading.values.insert(field.name.clone(), json!(cell.text.trim()));
        }
    }
}

/// The code whose name, in either language, a cell holds; else the cell as it is, which validation then refuses.
fn code(choices: &[Choice], cell: &str) -> String {
    let cell = cell.trim();
    let named = |choice: &&Choice| choice.code == cell || choice.label.zh == cell || choice.label.en.eq_ignore_ascii_case(cell);
    choices.iter().find(named).map_or_else(|| cell.to_owned(), |choice| choice.code.clone())
}

/// Yuan as people write them, in fen: `1,200`, `1200.50元`, `3.5万元`. By digits, since a float would lose a fen.
fn fen(cell: &str) -> Option<i64> {
    let plain: String = cell.chars().filter(|c| !c.is_whitespace() && !matches!(c, ',' | '，' | '¥' | '￥')).collect();
    let plain = plain.strip_suffix('元').unwrap_or(&plain);
    let (digits, places) = match plain.strip_suffix('万') {
        Some(digits) => (digits, 6),
        None => (plain, 2),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let numeric = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if whole.is_empty() || !numeric(whole) || !numeric(part) || part.trim_end_matches('0').len() > places {
        return None;
    }
    format!("{whole}{:0<places$.places$}", part).parse().ok()
}

fn short(context: &Context<'_>, code: &str) -> String {
    context.reference.unit_by_code(code).map_or_else(|| code.to_owned(), |unit| unit.short_name.clone())
}

fn english(context: &Context<'_>, code: &str) -> String {
    context.reference.unit_by_code(code).map_or_else(|| code.to_owned(), |unit| unit.name_en.clone())
}

fn note_unit(context: &Context<'_>, part: &UnitPart, reading: &mut Reading) {
    match &part.understood {
        Understood::Unit { code, exact: false } => reading.understood.push(Text {
            zh: format!("“{}”→ {}", part.written, short(context, code)),
            en: format!("“{}” → {}", part.written, english(context, code)),
        }),
        Understood::Group { codes } => {
            reading
                .understood
                .push(Text {
                    zh: format!("“{}”→ {} 家单位", part.written, codes.len()), en: format!("“{}” → {} units", part.written, codes.len())
                });
        }
        _ => {}
    }
}

fn unknown(context: &Context<'_>, field: &str, part: &UnitPart, reading: &mut Reading) {
    if let Understood::Unknown { nearest } = &part.understood {
        let names: Vec<String> = nearest.iter().map(|code| short(context, code)).collect();
        let english: Vec<String> = nearest.iter().map(|code| english(context, code)).collect();
        let text = Text {
            zh: format!("找不到“{}”，最接近：{}", part.written, names.join("、")),
            en: format!("“{}” is not known; nearest: {}", part.written, english.join(", ")),
        };
        reading.problem(field, Code::UnknownUnit.as_str(), Severity::Refuse, Some(nearest.join(",")), text);
    }
}

/// The one unit that holds it: exactly one, or a question.
fn read_lead(context: &Context<'_>, book: &UnitBook, row: &StoredRow, field: &Field, cell: &Cell, reading: &mut Reading) {
    let parts = book.read(&cell.text);
    for part in &parts {
        note_unit(context, part, reading);
        unknown(context, &field.name, part, reading);
    }
    match parts.as_slice() {
        [UnitPart { understood: Understood::Unit { code, .. }, .. }] => {
            reading.values.insert(field.name.clone(), json!(code));
        }
        [UnitPart { understood: Understood::Group { codes }, written }] => {
            if row.decision.as_deref() == Some("split") {
                reading.values.insert("@split".into(), json!(codes));
                reading.values.insert(field.name.clone(), json!(codes.first()));
            } else {
                let text = Text {
                    zh: format!("“{written}”是 {} 家单位的合称，拆分为 {0} 件还是指定一家牵头？", codes.len()),
                    en: format!("“{written}” means {} units: one task for each, or name one lead?", codes.len()),
                };
                reading.problem(&field.name, "import.collective", Severity::Decide, Some(codes.len().to_string()), text);
            }
            reading.option("split");
        }
        [UnitPart { understood: Understood::Ask, written }] => {
            let text = Text {
                zh: format!("“{written}”指哪家单位？请指定一家牵头"),
                en: format!("Which unit is meant by “{written}”? Name one lead"),
            };
            reading.problem(&field.name, "import.collective", Severity::Decide, None, text);
        }
        [_] | [] => {}
        several => {
            let named: Vec<&str> = several
                .iter()
                .filter_map(|part| if let Understood::Unit { code, .. } = &part.understood { Some(code.as_str()) } else { None })
                .collect();
            if named.len() > 1 {
                let names: Vec<String> = named.iter().map(|code| short(context, code)).collect();
                let text = Text {
                    zh: format!("牵头单位只填一个：请在{}中选定，其余列为责任单位", names.join("、")),
                    en: format!(
                        "Exactly one lead unit: choose one of {}; the others become co-units",
                        named.iter().map(|code| english(context, code)).collect::<Vec<_>>().join(", ")
                    ),
                };
                reading.problem(&field.name, Code::SingleLead.as_str(), Severity::Decide, Some(named.join(",")), text);
            }
        }
    }
}

fn read_units(context: &Context<'_>, book: &UnitBook, field: &Field, cell: &Cell, reading: &mut Reading) {
    let mut codes: Vec<String> = Vec::new();
    for part in book.read(&cell.text) {
        note_unit(context, &part, reading);
        match &part.understood {
            Understood::Unit { code, .. } => codes.push(code.clone()),
            Understood::Group { codes: group } => codes.extend(group.iter().cloned()),
            Understood::Ask => {
                let text = Text {
                    zh: format!("“{}”指哪些单位？请选定，或确认不列", part.written),
                    en: format!("Which units are meant by “{}”? Choose them, or confirm to leave them out", part.written),
                };
                reading.problem(&field.name, "import.collective", Severity::Decide, None, text);
                reading.option("confirm");
            }
            Understood::Unknown { .. } => unknown(context, &field.name, &part, reading),
        }
    }
    let mut unique = Vec::new();
    for code in codes {
        if !unique.contains(&code) {
            unique.push(code);
        }
    }
    reading.values.insert(field.name.clone(), json!(unique));
}

fn read_date(context: &Context<'_>, row: &StoredRow, field: &Field, cell: &Cell, reading: &mut Reading) {
    let edition = &context.reference.edition;
    let add = |from: NaiveDate, days: u32| {
        from.iter_days().skip(1).filter(|day| edition.is_working_day(*day)).nth(days.saturating_sub(1) as usize).unwrap_or(from)
    };
    let due = read_due(cell, context.app.time.today(), context.years, &add);
    reading.understood.extend(due.how);
    if let Some(finding) = due.finding {
        reading.problem(&field.name, finding.code, finding.severity, finding.detail, finding.text);
        if finding.code == "import.due_past" {
            reading.option("confirm");
        }
    }
    let chosen = row.answers.contains_key("due_kind");
    let mut set = |name: &str, value: Value| {
        if context.kind.field(name).is_some() && !row.answers.contains_key(name) {
            reading.values.insert(name.to_owned(), value);
        }
    };
    if !chosen {
        match due.value {
            DueValue::Date(date) => {
                set("due_kind", json!("date"));
                set(&field.name, json!(date.to_string()));
            }
            DueValue::Recurring(recurrence) => {
                set("due_kind", json!("recurring"));
                set("recurrence", json!(recurrence));
                set("progress_cycle", json!("none"));
            }
            DueValue::Standing => {
                set("due_kind", json!("standing"));
                set("review_cycle", json!("quarter"));
                set("progress_cycle", json!("quarterly"));
            }
            DueValue::Unknown => {}
        }
    }
    if cell.date.is_none() {
        set("due_text", json!(cell.text.trim().chars().take(60).collect::<String>()));
    }
}

/// Presets, inferred codes, the group; the lead is never its own co-unit.
fn complete(context: &Context<'_>, book: &UnitBook, row: &StoredRow, reading: &mut Reading) {
    for field in context.kind.fields.iter().filter(|field| !field.derived) {
        if reading.values.contains_key(&field.name) {
            continue;
        }
        if let Some(infer) = &field.infer {
            let from = text(&reading.values, &infer.from).to_owned();
            let code = infer.words.iter().find(|(word, _)| from.contains(word.as_str())).map_or(&infer.otherwise, |(_, code)| code);
            reading.values.insert(field.name.clone(), json!(code));
        } else if let Some(preset) = &field.preset {
            reading.values.insert(field.name.clone(), json!(preset));
        }
    }
    if let Some(group) = row.group.as_ref().filter(|_| context.kind.field("group").is_some()) {
        reading.values.entry("group").or_insert_with(|| json!(group.chars().take(60).collect::<String>()));
    }
    // A new due date answers for what the cell said.
    if row.answers.contains_key("due_date") {
        reading.values.insert("due_kind".into(), json!("date"));
    }
    // Of two leads in one cell, the ones not chosen take part.
    let lead = text(&reading.values, "lead_unit").to_owned();
    let others: Vec<String> = row
        .answers
        .contains_key("lead_unit")
        .then(|| row.cells.get("lead_unit"))
        .flatten()
        .map(|cell| book.read(&cell.text))
        .unwrap_or_default()
        .into_iter()
        .filter_map(|part| if let Understood::Unit { code, .. } = part.understood { Some(code) } else { None })
        .collect();
    if context.kind.field("co_units").is_some() {
        let mut units = reading.values.get("co_units").map(strings).unwrap_or_default();
        units.extend(others.into_iter().filter(|unit| !units.contains(unit)).collect::<Vec<_>>());
        units.retain(|unit| *unit != lead);
        reading.values.insert("co_units".into(), json!(units));
    }
}

fn verdict(context: &Context<'_>, seen: &mut HashMap<String, i64>, row: &StoredRow, reading: &mut Reading) -> String {
    // What was answered no longer asks.
    let decision = row.decision.as_deref();
    reading.problems.retain(|(_, problem)| !row.answers.contains_key(&problem.field));
    if row.answers.get("due_kind").and_then(Value::as_str).is_some_and(|kind| kind != "date") {
        reading.problems.retain(|(_, problem)| problem.field != "due_date");
    }
    if decision == Some("confirm") {
        if reading.problems.iter().any(|(_, problem)| problem.code == "import.due_past") {
            reading.values.insert("overdue_confirmed".into(), json!(true));
        }
        reading.problems.retain(|(severity, problem)| *severity != Severity::Decide || problem.code == Code::SingleLead.as_str());
    }
    let due = create::body_date(&reading.values, "due_date");
    let answered_past = row.answers.contains_key("due_date") && due.is_some_and(|due| due <= context.app.time.today()) && decision != Some("confirm");
    if answered_past {
        reading.problem(
            "due_date",
            "import.due_past",
            Severity::Decide,
            None,
            t("日期已过，请确认按逾期任务导入或改期", "The date has passed: confirm it as overdue or change it"),
        );
        reading.option("confirm");
    }
    let typed: Vec<Field> = context.kind.fields.iter().filter(|field| !field.derived).cloned().collect();
    let body: Map<String, Value> = reading
        .values
        .iter()
        .filter(|(name, _)| typed.iter().any(|field| field.name == **name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    for error in validate(&typed, &body, "", Strictness::Full, &Known { app: context.app, reference: context.reference }) {
        let field = error.pointer.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned();
        if reading.problems.iter().any(|(severity, problem)| problem.field == field && *severity >= Severity::Decide) {
            continue;
        }
        let message = Code::parse(&error.code).unwrap_or(Code::Format).message();
        // What is missing can be filled in; what is wrong must be mended.
        let severity = if error.code == Code::Required.as_str() { Severity::Decide } else { Severity::Refuse };
        reading.problem(&field, &error.code, severity, error.detail, t(message.zh, message.en));
    }
    let key = create::identity(context.kind, &body);
    if let Some(first) = seen.get(&key).copied().filter(|_| !key.trim_matches('\u{1f}').is_empty()) {
        reading.option("keep");
        reading.option("skip");
        if decision.is_none() {
            let text =
                Text { zh: format!("与第 {first} 行内容相同，保留一件？"), en: format!("The same as row {first}: keep only one?") };
            reading.problem(context.kind.title_from.as_deref().unwrap_or_default(), "duplicate.row", Severity::Decide, Some(first.to_string()), text);
        }
    } else {
        seen.insert(key.clone(), row.row);
    }
    if decision == Some("skip") {
        return "skipped".into();
    }
    let split_done = reading.values.contains_key("@split")
        && bodies_of(context, &reading.values).iter().all(|body| context.present.contains_key(&create::identity(context.kind, body)));
    if context.present.contains_key(&key) || split_done {
        return "present".into();
    }
    match reading.problems.iter().map(|(severity, _)| *severity).max() {
        Some(Severity::Refuse) => "refused".into(),
        Some(Severity::Decide) => "decide".into(),
        _ => "accepted".into(),
    }
}

/// The bodies an accepted row becomes: one, or one for each unit of a split collective name.
pub(super) fn bodies(context: &Context<'_>, row: &ImportRow) -> Vec<Map<String, Value>> {
    bodies_of(context, &row.values).into_iter().filter(|body| !context.present.contains_key(&create::identity(context.kind, body))).collect()
}

fn bodies_of(context: &Context<'_>, values: &Map<String, Value>) -> Vec<Map<String, Value>> {
    let mut body = values.clone();
    let Some(split) = body.remove("@split") else { return vec![body] };
    let lead = context.kind.fields.iter().find(|field| field.input == Input::Unit && field.facet).map_or("lead_unit", |field| field.name.as_str());
    strings(&split)
        .into_iter()
        .map(|unit| {
            let mut one = body.clone();
            one.insert(lead.to_owned(), json!(unit));
            one
        })
        .collect()
}
