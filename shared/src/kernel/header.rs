//! What every matter has beside its title and the fields of its kind (domain.md §1.7), as field descriptors like these.

use super::{
    field::{Field, Input},
    messages as m,
    problem::{Code, FieldError},
    validate::{Lookup, Strictness, validate},
};
use serde_json::{Map, Value};

pub const DOMAINS_MAX: usize = 3;

/// Filters of every list of matters. No facet is named like one, since an address couldn't tell them apart.
pub const FILTERS: [&str; 25] = [
    "box",
    "kind",
    "state",
    "unit",
    "domain",
    "due_before",
    "due_after",
    "limit_before",
    "overdue",
    "open",
    "lamp",
    "extension",
    "extended",
    "reworked",
    "elsewhere",
    "receipt_overdue",
    "on_time",
    "rated_after",
    "closed_after",
    "parent",
    "level",
    "q",
    "sort",
    "cursor",
    "limit",
];

pub fn fields() -> Vec<Field> {
    vec![
        Field::new("urgency", m::FIELD_URGENCY.text(), Input::CodeList { list: "urgency".into() }),
        Field::new("domains", m::FIELD_DOMAINS.text(), Input::CodeLists { list: "domains".into(), max: DOMAINS_MAX }).required(),
        Field::new("main_task", m::FIELD_MAIN_TASK.text(), Input::CodeList { list: "main_tasks".into() }),
        Field::new("summary", m::FIELD_SUMMARY.text(), Input::LongText { min: 20, max: 500 }),
        Field::new("not_secret", m::FIELD_NOT_SECRET.text(), Input::Bool).required().hint(m::NOT_SECRET_WORDS.text()),
    ]
}

/// What is wrong with a header; `Full` once the matter leaves its draft. The word that nothing in it is secret must have been given
/// by then (domain.md §6.5).
pub fn faults(values: &Map<String, Value>, strictness: Strictness, lookup: &dyn Lookup) -> Vec<FieldError> {
    let mut faults = validate(&fields(), values, "", strictness, lookup);
    if strictness == Strictness::Full && values.get("not_secret") == Some(&Value::Bool(false)) {
        faults.push(FieldError::new("/not_secret", Code::Required));
    }
    faults
}
