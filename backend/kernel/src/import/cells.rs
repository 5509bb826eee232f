//! Cells of every plain kind of field; dates and units have modules of their own.

use super::{
    due,
    rows::{Context, Reading, StoredRow},
    units,
};
use serde_json::json;
use shared::kernel::{
    field::{Choice, Field, Input},
    messages_reading as M,
    problem::Code,
    reading::{Explanation, Severity, UnitBook},
};

pub(super) fn read_field(context: &Context<'_>, book: &UnitBook, row: &StoredRow, field: &Field, reading: &mut Reading) {
    let Some(cell) = row.cells.get(&field.name) else { return };
    match &field.input {
        Input::Integer { .. } => match cell.text.trim().parse::<i64>() {
            Ok(number) => {
                reading.values.insert(field.name.clone(), json!(number));
            }
            Err(_) => {
                let not_integer = Explanation::new(M::CELL_NOT_INTEGER, Vec::new());
                reading.ask(&field.name, Code::WrongType.as_str(), Severity::Note, Some(cell.text.clone()), &not_integer);
            }
        },
        Input::Unit => units::read_lead(context, book, row, field, cell, reading),
        Input::Units { .. } => units::read_units(context, book, row, field, cell, reading),
        Input::Date => due::read_date(context, row, field, cell, reading),
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
