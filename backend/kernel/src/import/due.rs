//! A cell of a time limit: any phrase, which fills the fields of a limit of its kind.

use super::rows::{Context, Reading, StoredRow};
use serde_json::{Value, json};
use shared::kernel::{
    api::ImportCandidate,
    field::Field,
    reading::{Cell, DueContext, DueValue, read_due, same},
};

pub(super) fn read_date(context: &Context<'_>, row: &StoredRow, field: &Field, cell: &Cell, reading: &mut Reading) {
    let due = read_due(cell, &DueContext { today: context.app.time.today(), years: context.years, calendar: &context.reference.edition });
    for how in &due.how {
        reading.tell(&field.name, how);
    }
    if let Some(finding) = &due.finding {
        let candidates = finding.candidates.iter().map(|date| ImportCandidate { value: date.to_string(), label: same(date) }).collect();
        let problem = reading.ask(&field.name, finding.code, finding.severity, finding.detail.clone(), &finding.explanation);
        problem.candidates = candidates;
        // Where something is proposed, it can be taken as it is.
        if matches!(finding.code, "import.due_past" | "import.due_recurrence") && due.value != DueValue::Unknown {
            reading.option("confirm");
        }
    }
    let chosen = row.answers.contains_key("due_kind");
    let mut set = |name: &str, value: Value| {
        if context.kind.field(name).is_some() && !row.answers.contains_key(name) {
            reading.values.insert(name.to_owned(), value);
        }
    };
    if chosen {
        return;
    }
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
