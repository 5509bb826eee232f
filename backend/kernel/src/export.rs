//! Spreadsheets out: the columns are the kind's fields under their own labels, so that the file imports again without a
//! question. Cells that a spreadsheet program could take for a formula are written as text.

pub(crate) mod kept;

use crate::{
    entity::matter,
    error::{Error, Result},
    matter::list::{self, Filter},
    reference::Reference,
    scope::Actor,
    state::App,
};
use rust_xlsxwriter::{Format, Workbook};
use serde_json::Value;
use shared::kernel::{
    field::{Field, Heading, Input},
    kind::Kind,
    limit::{Limit, RECURRING, STANDING},
    problem::Code,
    reading::NO_GROUP,
    recurrence::{RecurDay, Recurrence},
};
use std::sync::Arc;

/// Rows of one export at most; more is asked for with a narrower filter.
const MAX_ROWS: usize = 20_000;

/// A list as a spreadsheet, in the request that asks for it.
pub(crate) async fn matters(app: Arc<App>, reference: Arc<Reference>, actor: &Actor, filter: &Filter) -> Result<(Vec<u8>, usize)> {
    let kind = kind_of(&app, filter)?;
    let mut asked = whole(&kind, filter);
    let mut rows = Vec::new();
    loop {
        let more = next_page(&app, &reference, actor, &mut asked, &mut rows).await?;
        if !more {
            break;
        }
        if rows.len() >= MAX_ROWS {
            // Half a list would be taken for a whole one.
            let total = list::count(&app, &reference, actor, &asked).await?;
            return Err(Error::detailed(Code::TooManyRows, total.to_string()));
        }
    }
    let count = rows.len();
    Ok((written(app, reference, kind, rows).await?, count))
}

/// The kind a list is exported as; when it doesn't say, the first there is.
fn kind_of(app: &App, filter: &Filter) -> Result<Arc<Kind>> {
    match &filter.kind {
        Some(code) => app.kind(code),
        None => app.kinds.first().cloned().ok_or_else(|| Error::problem(Code::UnknownKind)),
    }
}

/// A list's filter from its first row on, in an order that stays the same while the rows are read.
fn whole(kind: &Kind, filter: &Filter) -> Filter {
    Filter { kind: Some(kind.code.clone()), sort: Some("number".into()), cursor: None, limit: None, ..filter.clone() }
}

/// Reads on; whether there is more.
async fn next_page(app: &App, reference: &Reference, actor: &Actor, filter: &mut Filter, rows: &mut Vec<matter::Model>) -> Result<bool> {
    let (page, next) = list::rows(app.db.read(), app, reference, actor, filter, 200).await?;
    rows.extend(page);
    filter.cursor = next;
    Ok(filter.cursor.is_some())
}

/// Writing twenty thousand rows is work for a thread of its own.
async fn written(app: Arc<App>, reference: Arc<Reference>, kind: Arc<Kind>, rows: Vec<matter::Model>) -> Result<Vec<u8>> {
    let writing = tokio::task::spawn_blocking(move || sheet(&app, &reference, &kind, &rows));
    let bytes = writing.await.map_err(|error| Error::Other(format!("export: {error}")))?;
    bytes.map_err(|error| Error::Other(format!("export: {error}")))
}

/// Headings of what an export tells beside what was typed: how each matter stands. An import leaves them out without a word.
pub(crate) const TOLD: [&str; 3] = ["事项编号", "状态", "当前承办"];

fn sheet(app: &App, reference: &Reference, kind: &Kind, rows: &[matter::Model]) -> std::result::Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name(kind.name.zh.as_str())?;
    let (head, wrap) = (Format::new().set_bold(), Format::new().set_text_wrap());
    // Only what was typed goes out under the form's own headings: those are what an import reads back.
    let fields: Vec<&Field> = kind.fields.iter().filter(|field| field.sensitivity == 0 && !field.header_words.is_empty()).collect();
    let mut headings: Vec<String> =
        fields.iter().map(|field| field.header_words.first().cloned().unwrap_or_else(|| field.label.zh.clone())).collect();
    headings.extend(TOLD.map(str::to_owned));
    // Whole sentences stand in these.
    let wide = |field: &Field| matches!(field.input, Input::LongText { .. }) || field.heading == Some(Heading::Table);
    for (column, heading) in (0u16..).zip(&headings) {
        sheet.write_string_with_format(0, column, heading, &head)?;
        sheet.set_column_width(column, if fields.get(usize::from(column)).is_some_and(|field| wide(field)) { 48 } else { 18 })?;
    }
    let mut grouped = false;
    for (line, row) in (1u32..).zip(rows) {
        let mut column = 0u16;
        for field in &fields {
            let mut value = match kind.limit.as_ref().filter(|limit| limit.date == field.name) {
                Some(limit) => due(limit, row),
                None => cell(app, reference, field, row.body.get(&field.name)),
            };
            let group = field.heading == Some(Heading::Group);
            if group && value.is_empty() && std::mem::take(&mut grouped) {
                value = NO_GROUP.to_owned();
            } else if group {
                grouped |= !value.is_empty();
            }
            match row.body.get(&field.name).and_then(Value::as_f64).filter(|_| matches!(field.input, Input::Integer { .. })) {
                Some(number) => sheet.write_number(line, column, number)?,
                None => sheet.write_string_with_format(line, column, neutral(&value), &wrap)?,
            };
            column += 1;
        }
        let state = kind.state(&row.state).map(|state| state.label.zh.clone()).unwrap_or_default();
        let holder = row.holder_unit_id.map(|unit| reference.brief(unit).short_name).unwrap_or_default();
        for text in [row.number.clone().unwrap_or_default(), state, holder] {
            sheet.write_string(line, column, neutral(&text))?;
            column += 1;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    workbook.save_to_buffer()
}

/// A text that begins like a formula gets an apostrophe's protection: cells are strings, and the sign is kept visible.
fn neutral(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t']) { format!("'{text}") } else { text.to_owned() }
}

/// The limit as the import understands it.
fn due(limit: &Limit, row: &matter::Model) -> String {
    match limit.of(&row.body) {
        STANDING => "长期坚持".into(),
        RECURRING => limit.recurrence_of(&row.body).map(|recurrence| words(&recurrence)).unwrap_or_default(),
        _ => {
            let typed = || row.body.get(&limit.date).and_then(Value::as_str).unwrap_or_default().to_owned();
            row.due_on.map_or_else(typed, |due| due.to_string())
        }
    }
}

/// A recurrence in the words lists are written in.
pub(crate) fn words(recurrence: &Recurrence) -> String {
    use shared::kernel::recurrence::Every;
    let every = match recurrence.every {
        Every::Week => "每周",
        Every::Month => "每月",
        Every::Quarter => "每季度",
        Every::HalfYear => "每半年",
        Every::Year => "每年",
    };
    let day = match recurrence.day {
        RecurDay::Day(day) => format!("{day}日前"),
        RecurDay::Last => "末".into(),
        RecurDay::Weekday(day) => {
            ["一", "二", "三", "四", "五", "六", "日"].get(usize::from(day.saturating_sub(1))).copied().unwrap_or("日").to_owned()
        }
        RecurDay::MonthDay { month, day } => format!("{month}月{day}日前"),
    };
    format!("{every}{day}")
}

fn cell(app: &App, reference: &Reference, field: &Field, value: Option<&Value>) -> String {
    let unit = |code: &str| reference.unit_by_code(code).map_or_else(|| code.to_owned(), |unit| unit.short_name.clone());
    let Some(value) = value else { return String::new() };
    match (&field.input, value) {
        (Input::Unit, Value::String(code)) => unit(code),
        (Input::Units { .. }, Value::Array(codes)) => codes.iter().filter_map(Value::as_str).map(unit).collect::<Vec<_>>().join("、"),
        (Input::CodeList { list }, Value::String(code)) => app
            .code_lists
            .get(list)
            .and_then(|choices| choices.iter().find(|choice| choice.code == *code))
            .map_or_else(|| code.clone(), |choice| choice.label.zh.clone()),
        (Input::CodeLists { list, .. }, Value::Array(codes)) => {
            let choices = app.code_lists.get(list).map(Vec::as_slice).unwrap_or_default();
            let label =
                |code: &str| choices.iter().find(|choice| choice.code == code).map_or_else(|| code.to_owned(), |choice| choice.label.zh.clone());
            codes.iter().filter_map(Value::as_str).map(label).collect::<Vec<_>>().join("、")
        }
        (Input::Bool, Value::Bool(yes)) => if *yes { "是" } else { "否" }.to_owned(),
        (Input::Money, Value::Number(fen)) => {
            let fen = fen.as_i64().unwrap_or_default();
            format!("{}.{:02}", fen / 100, fen % 100)
        }
        (Input::Choice { choices }, Value::String(code)) => {
            choices.iter().find(|choice| choice.code == *code).map_or_else(|| code.clone(), |choice| choice.label.zh.clone())
        }
        (_, Value::String(text)) => text.clone(),
        (_, Value::Array(items)) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("；"),
        (_, other) => other.to_string(),
    }
}
