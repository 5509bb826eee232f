//! What stored cells mean: a pure function of cells, answers, units and what is already there.

use super::{cells::read_field, text, units};
use crate::{
    matter::create,
    reference::{Known, Reference, strings},
    state::App,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use shared::kernel::{
    api::{ImportExplanation, ImportProblem, ImportRow, ImportTable},
    field::{Field, Heading, Input},
    kind::Kind,
    limit::{BY_DATE, Limit},
    messages_reading as M,
    problem::Code,
    reading::{Cell, Collective, Explanation, Severity, UnitBook, UnitEntry, same, years_named},
    text::Text,
    validate::{Strictness, validate},
};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct StoredRow {
    pub sheet: String,
    /// As the spreadsheet shows it, from 1.
    pub row: i64,
    pub group: Option<String>,
    pub cells: BTreeMap<String, Cell>,
    /// The reviewer's values, by field.
    pub answers: Map<String, Value>,
    pub decision: Option<String>,
    /// What names in the cells mean, as the reviewer said; empty for one to leave out.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// What the row became, once it was written.
    #[serde(default)]
    pub made: Vec<Uuid>,
}

/// Beside the values: units that a matter each is made for, by field.
pub(super) const SPLIT: &str = "@split";

pub(super) struct Context<'a> {
    pub app: &'a App,
    pub reference: &'a Reference,
    pub kind: &'a Kind,
    pub present: &'a HashMap<String, Uuid>,
    pub tables: &'a [ImportTable],
    pub years: Option<(i32, i32)>,
}

/// The years a list is for, from its file name and the titles in it: 2026—2027年度.
pub(super) fn years(file_name: &str, tables: &[ImportTable], rows: &[StoredRow]) -> Option<(i32, i32)> {
    let of_tables = tables.iter().flat_map(|table| [Some(table.sheet.as_str()), table.title.as_deref()]).flatten();
    let titles = rows.iter().filter_map(|row| row.group.as_deref()).chain(of_tables).chain([file_name]);
    let found: Vec<i32> = titles.flat_map(years_named).collect();
    Some((*found.iter().min()?, *found.iter().max()?))
}

/// One row under interpretation.
#[derive(Default)]
pub(super) struct Reading {
    pub values: Map<String, Value>,
    understood: Vec<ImportExplanation>,
    problems: Vec<(Severity, ImportProblem)>,
    options: Vec<String>,
}

impl Reading {
    /// How a cell was understood.
    pub(super) fn tell(&mut self, field: &str, explanation: &Explanation) {
        self.understood.push(ImportExplanation {
            field: field.to_owned(),
            code: explanation.code().to_owned(),
            arguments: explanation.arguments.clone(),
            text: explanation.text(),
        });
    }
    /// What must be decided or is wrong, for the caller to add answers to.
    pub(super) fn ask(
        &mut self,
        field: &str,
        code: &str,
        severity: Severity,
        detail: Option<String>,
        explanation: &Explanation,
    ) -> &mut ImportProblem {
        let problem = self.problem(field, code, severity, detail, explanation.text());
        problem.reason = explanation.code().to_owned();
        problem.arguments.clone_from(&explanation.arguments);
        problem
    }
    fn problem(&mut self, field: &str, code: &str, severity: Severity, detail: Option<String>, text: Text) -> &mut ImportProblem {
        let problem = ImportProblem { field: field.to_owned(), code: code.to_owned(), detail, text, ..ImportProblem::default() };
        &mut self.problems.push_mut((severity, problem)).1
    }
    pub(super) fn option(&mut self, option: &str) {
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
    let mut verdict = verdict(context, seen, row, &mut reading);
    let makes = match row.made.len() {
        0 if verdict == "accepted" => bodies(context, &reading.values).len(),
        made => made,
    };
    if !row.made.is_empty() {
        // By now it is present by its own doing.
        verdict = "accepted".into();
    }
    if verdict == "present" {
        // What is there already is not asked about.
        reading.problems.clear();
        reading.options.clear();
    }
    ImportRow {
        makes: i64::try_from(makes).unwrap_or(i64::MAX),
        matters: row.made.iter().map(|id| (*id).into()).collect(),
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

/// Titles, presets, inferred codes, the words of the limit; a unit that leads is never among those beside it.
fn complete(context: &Context<'_>, book: &UnitBook, row: &StoredRow, reading: &mut Reading) {
    table_title(context, row, reading);
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
    if let (Some(group), Some(field)) = (&row.group, context.kind.headed(Heading::Group)) {
        reading.values.entry(field.name.clone()).or_insert_with(|| json!(fitting(field, group)));
    }
    if let Some(limit) = &context.kind.limit {
        limit_words(context.kind, limit, row, reading);
    }
    for (field, others) in context.kind.fields.iter().filter_map(|field| Some((field, field.others.as_ref()?))) {
        let lead = text(&reading.values, &field.name).to_owned();
        let named = row.cells.get(&field.name).map(|cell| units::others(book, row, field, cell)).unwrap_or_default();
        let mut units = reading.values.get(others).map(strings).unwrap_or_default();
        for unit in named {
            if !units.contains(&unit) {
                units.push(unit);
            }
        }
        units.retain(|unit| *unit != lead);
        reading.values.insert(others.clone(), json!(units));
    }
}

/// As much of a text as a field takes.
fn fitting(field: &Field, text: &str) -> String {
    let max = match field.input {
        Input::Text { max, .. } => max,
        _ => usize::MAX,
    };
    text.chars().take(max).collect()
}

/// A list that doesn't say of its rows where they come from is what they come from.
fn table_title(context: &Context<'_>, row: &StoredRow, reading: &mut Reading) {
    let Some(field) = context.kind.headed(Heading::Table).filter(|field| !reading.values.contains_key(&field.name)) else { return };
    let table = context.tables.iter().find(|table| table.sheet == row.sheet && !table.columns.contains(&field.name));
    if let Some(title) = table.and_then(|table| table.title.as_deref()) {
        reading.values.insert(field.name.clone(), json!(fitting(field, title)));
        reading.tell(&field.name, &Explanation::new(M::BASIS_IS_TITLE, vec![same(title)]));
    }
}

fn limit_words(kind: &Kind, limit: &Limit, row: &StoredRow, reading: &mut Reading) {
    // A new day answers for what the cell said.
    if let Some(how) = limit.kind.as_ref().filter(|_| row.answers.contains_key(&limit.date)) {
        reading.values.insert(how.clone(), json!(BY_DATE));
    }
    // The words stay with the matter, milestones and all.
    let Some(field) = limit.words.as_deref().and_then(|name| kind.field(name)) else { return };
    let words = row.cells.get(&limit.date).filter(|cell| cell.date.is_none()).map(|cell| fitting(field, cell.text.trim()));
    if let Some(words) = words.filter(|words| !words.is_empty()) {
        reading.values.entry(field.name.clone()).or_insert_with(|| json!(words));
    }
}

/// Questions that are answered by saying that it is right as it stands.
const CONFIRMABLE: &[&str] = &["import.due_past", "import.due_recurrence", "import.collective"];

fn verdict(context: &Context<'_>, seen: &mut HashMap<String, i64>, row: &StoredRow, reading: &mut Reading) -> String {
    // What was answered no longer asks.
    let decision = row.decision.as_deref();
    reading.problems.retain(|(_, problem)| !row.answers.contains_key(&problem.field));
    let limit = context.kind.limit.as_ref();
    if let Some(limit) = limit {
        let answer = |field: &Option<String>| field.as_ref().and_then(|field| row.answers.get(field));
        let no_day = answer(&limit.kind).and_then(Value::as_str).is_some_and(|how| how != BY_DATE) || answer(&limit.recurrence).is_some();
        reading.problems.retain(|(_, problem)| !no_day || problem.field != limit.date);
    }
    if decision == Some("confirm") {
        let confirmed = limit.and_then(|limit| limit.confirmed.as_ref());
        if let Some(field) = confirmed.filter(|_| reading.problems.iter().any(|(_, problem)| problem.code == "import.due_past")) {
            reading.values.insert(field.clone(), json!(true));
        }
        // A confirmation answers what has a proposal; who is meant it can't tell.
        reading.problems.retain(|(_, problem)| !CONFIRMABLE.contains(&problem.code.as_str()));
    }
    if let Some(limit) = limit.filter(|limit| row.answers.contains_key(&limit.date) && decision != Some("confirm"))
        && create::body_date(&reading.values, &limit.date).is_some_and(|due| due <= context.app.time.today())
    {
        let explanation = Explanation::new(M::DUE_PAST_ANSWER, Vec::new());
        reading.ask(&limit.date, "import.due_past", Severity::Decide, None, &explanation);
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
        reading.problem(&field, &error.code, severity, error.detail, message.text());
    }
    let key = create::identity(context.kind, &body);
    if let Some(first) = seen.get(&key).copied().filter(|_| !key.trim_matches('\u{1f}').is_empty()) {
        reading.option("keep");
        reading.option("skip");
        if decision.is_none() {
            let explanation = Explanation::new(M::ROW_SAME_AS, vec![same(first)]);
            let title = context.kind.title_from.as_deref().unwrap_or_default();
            reading.ask(title, "duplicate.row", Severity::Decide, Some(first.to_string()), &explanation);
        }
    } else {
        seen.insert(key.clone(), row.row);
    }
    if decision == Some("skip") {
        return "skipped".into();
    }
    let split_done = reading.values.contains_key(SPLIT)
        && bodies_of(&reading.values).iter().all(|body| context.present.contains_key(&create::identity(context.kind, body)));
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
pub(super) fn bodies(context: &Context<'_>, values: &Map<String, Value>) -> Vec<Map<String, Value>> {
    bodies_of(values).into_iter().filter(|body| !context.present.contains_key(&create::identity(context.kind, body))).collect()
}

fn bodies_of(values: &Map<String, Value>) -> Vec<Map<String, Value>> {
    let mut body = values.clone();
    let Some(Value::Object(split)) = body.remove(SPLIT) else { return vec![body] };
    let mut bodies = vec![body];
    for (field, units) in split {
        let mut each = Vec::new();
        for body in &bodies {
            for unit in strings(&units) {
                let mut one = body.clone();
                one.insert(field.clone(), json!(unit));
                each.push(one);
            }
        }
        bodies = each;
    }
    bodies
}
