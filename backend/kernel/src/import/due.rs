//! A cell of a day. In the column of the kind's time limit it may be any phrase, which fills the limit's fields; elsewhere it must name a day.

use super::rows::{Context, Reading, StoredRow};
use serde_json::{Value, json};
use shared::kernel::{
    api::ImportCandidate,
    field::{Field, Input},
    limit::{BY_DATE, Limit, RECURRING, STANDING},
    reading::{Cell, DueContext, DueValue, read_due, same},
};

pub(super) fn read_date(context: &Context<'_>, row: &StoredRow, field: &Field, cell: &Cell, reading: &mut Reading) {
    let limit = context.kind.limit.as_ref().filter(|limit| limit.date == field.name);
    let due = read_due(cell, &DueContext { today: context.app.time.today(), years: context.years, calendar: &context.reference.edition });
    for how in &due.how {
        reading.tell(&field.name, how);
    }
    // Only a limit should lie ahead.
    if let Some(finding) = due.finding.as_ref().filter(|finding| limit.is_some() || finding.code != "import.due_past") {
        let candidates = finding.candidates.iter().map(|date| ImportCandidate { value: date.to_string(), label: same(date) }).collect();
        let problem = reading.ask(&field.name, finding.code, finding.severity, finding.detail.clone(), &finding.explanation);
        problem.candidates = candidates;
        // Where something is proposed, it can be taken as it is.
        if matches!(finding.code, "import.due_past" | "import.due_recurrence") && due.value != DueValue::Unknown {
            reading.option("confirm");
        }
    }
    let Some(limit) = limit else {
        match due.value {
            DueValue::Date(date) => put(reading, &field.name, json!(date.to_string())),
            DueValue::Unknown => {}
            // Validation refuses it, as any word that is no day.
            DueValue::Recurring(_) | DueValue::Standing => put(reading, &field.name, json!(cell.text.trim())),
        }
        return;
    };
    if limit.kind.as_ref().is_some_and(|kind| row.answers.contains_key(kind)) {
        return;
    }
    match due.value {
        DueValue::Date(date) => {
            means(context, row, limit, BY_DATE, reading);
            unless_answered(row, &limit.date, json!(date.to_string()), reading);
        }
        DueValue::Recurring(recurrence) => {
            if let Some(field) = limit.recurrence.as_ref().filter(|_| means(context, row, limit, RECURRING, reading)) {
                unless_answered(row, field, json!(recurrence), reading);
            }
        }
        DueValue::Standing => {
            means(context, row, limit, STANDING, reading);
        }
        DueValue::Unknown => {}
    }
}

fn put(reading: &mut Reading, field: &str, value: Value) {
    reading.values.insert(field.to_owned(), value);
}

fn unless_answered(row: &StoredRow, field: &str, value: Value, reading: &mut Reading) {
    if !row.answers.contains_key(field) {
        put(reading, field, value);
    }
}

/// Says how the limit is meant, with the codes that go with it where the row has none of its own; whether the kind knows such limits. One
/// that it doesn't know leaves the day open, which is then asked for.
fn means(context: &Context<'_>, row: &StoredRow, limit: &Limit, code: &str, reading: &mut Reading) -> bool {
    let Some(field) = limit.kind.as_deref().and_then(|field| context.kind.field(field)) else { return false };
    let known = matches!(&field.input, Input::Choice { choices } if choices.iter().any(|choice| choice.code == code));
    if known {
        put(reading, &field.name, json!(code));
        let codes = match code {
            RECURRING => limit.recurring.as_slice(),
            STANDING => limit.standing.as_slice(),
            _ => &[],
        };
        for (field, code) in codes.iter().filter(|(field, _)| !row.cells.contains_key(field)) {
            unless_answered(row, field, json!(code), reading);
        }
    }
    known
}
