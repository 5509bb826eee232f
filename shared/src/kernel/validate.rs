//! Values against fields. One function serves the create form, the inputs of steps, the import and the client's forms.

use super::{
    field::{Field, Input, Need},
    problem::{Code, FieldError},
    recurrence::{RecurDay, Recurrence},
};
use chrono::NaiveDate;
use serde_json::{Map, Value};

/// Characters of a title at most.
/// Characters of a title, once it is no draft.
pub const TITLE_MIN: usize = 5;
pub const TITLE_MAX: usize = 80;
/// The longest text that a row is named by.
const ROW_MAX: usize = 2000;

/// What validation must ask of the jurisdiction's reference data.
pub trait Lookup {
    /// Whether an active unit with this code exists in the jurisdiction.
    fn unit_exists(&self, code: &str) -> bool;
    /// Whether the code list has the code.
    fn in_code_list(&self, list: &str, code: &str) -> bool;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// As one types: types and upper limits only.
    Draft,
    /// Everything.
    Full,
}

/// Text that must never get in: control characters other than line feed and tab (a lone surrogate can't reach a `str`).
pub fn has_control_characters(text: &str) -> bool {
    text.chars().any(|c| {
        (c.is_control() && c != '\n' && c != '\t' && c != '\r')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

/// 密级标志: such content doesn't belong here (domain.md §6.5).
pub fn has_secret_marking(text: &str) -> bool {
    ["机密★", "秘密★", "绝密", "机密级", "秘密级"].iter().any(|mark| text.contains(mark))
}

/// Checks an object against its fields; `prefix` is the JSON pointer of the object. Unknown fields are refused by name.
pub fn validate(fields: &[Field], values: &Map<String, Value>, prefix: &str, strictness: Strictness, lookup: &dyn Lookup) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for name in values.keys() {
        if !fields.iter().any(|field| field.name == *name) {
            errors.push(FieldError::with(format!("{prefix}/{}", escape(name)), Code::UnknownField, name.chars().take(60).collect::<String>()));
        }
    }
    for field in fields {
        let pointer = format!("{prefix}/{}", field.name);
        match values.get(&field.name) {
            None | Some(Value::Null) => {
                if strictness == Strictness::Full && needed(field, values) {
                    errors.push(FieldError::new(pointer, Code::Required));
                }
            }
            Some(value) => check_value(field, value, &pointer, strictness, needed(field, values), lookup, &mut errors),
        }
    }
    errors
}

/// Whether a field must be filled, given the others.
pub fn needed(field: &Field, values: &Map<String, Value>) -> bool {
    match &field.need {
        Need::Always => !field.derived,
        Need::Optional => false,
        Need::If { field: other, values: wanted } => values.get(other).and_then(Value::as_str).is_some_and(|value| wanted.iter().any(|w| w == value)),
    }
}

/// A name as one part of a JSON pointer (RFC 6901 §3).
pub fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn check_text(text: &str, min: usize, max: usize, pointer: &str, strictness: Strictness, needed: bool, errors: &mut Vec<FieldError>) {
    let length = text.trim().chars().count();
    if has_control_characters(text) {
        errors.push(FieldError::new(pointer, Code::ControlCharacter));
    } else if has_secret_marking(text) {
        errors.push(FieldError::new(pointer, Code::SecretMarking));
    } else if length == 0 && strictness == Strictness::Full && needed {
        errors.push(FieldError::new(pointer, Code::Required));
    } else if text.chars().count() > max || (strictness == Strictness::Full && length > 0 && length < min) {
        errors.push(FieldError::with(pointer, Code::Length, format!("{min}–{max}")));
    }
}

fn check_value(field: &Field, value: &Value, pointer: &str, strictness: Strictness, needed: bool, lookup: &dyn Lookup, errors: &mut Vec<FieldError>) {
    let wrong_type = |errors: &mut Vec<FieldError>| errors.push(FieldError::new(pointer, Code::WrongType));
    match &field.input {
        Input::Text { min, max } | Input::LongText { min, max } => match value.as_str() {
            Some(text) => {
                check_text(text, *min, *max, pointer, strictness, needed, errors);
                if matches!(field.input, Input::Text { .. }) && text.contains(['\n', '\r']) {
                    errors.push(FieldError::new(pointer, Code::ControlCharacter));
                }
            }
            None => wrong_type(errors),
        },
        Input::Integer { min, max } => match value.as_i64() {
            Some(number) if number < *min || number > *max => {
                errors.push(FieldError::with(pointer, Code::Range, format!("{min}–{max}")));
            }
            Some(_) => {}
            None => wrong_type(errors),
        },
        Input::Money => match value.as_i64() {
            Some(fen) if !(0..=10_000_000_000_000).contains(&fen) => errors.push(FieldError::new(pointer, Code::Range)),
            Some(_) => {}
            None => wrong_type(errors),
        },
        Input::Date => match value.as_str() {
            Some("") if !needed || strictness == Strictness::Draft => {}
            Some(text) => {
                if parse_date(text).is_none() {
                    errors.push(FieldError::with(pointer, Code::Format, text.chars().take(20).collect::<String>()));
                }
            }
            None => wrong_type(errors),
        },
        Input::Matter { .. } => match value.as_str() {
            // Whether there is such a matter, the server sees.
            Some(text) => check_text(text, 4, 40, pointer, strictness, needed, errors),
            None => wrong_type(errors),
        },
        Input::RowOf { .. } => match value.as_str() {
            // Whether the body has such a row, `given` sees.
            Some(text) => check_text(text, 1, ROW_MAX, pointer, strictness, needed, errors),
            None => wrong_type(errors),
        },
        Input::Editions => wrong_type(errors),
        Input::Bool => {
            if !value.is_boolean() {
                wrong_type(errors);
            }
        }
        Input::Choice { choices } => match value.as_str() {
            Some("") if !needed || strictness == Strictness::Draft => {}
            Some(code) => {
                if !choices.iter().any(|choice| choice.code == code) {
                    errors.push(FieldError::new(pointer, Code::Enumeration));
                }
            }
            None => wrong_type(errors),
        },
        Input::CodeList { list } => match value.as_str() {
            Some("") if !needed || strictness == Strictness::Draft => {}
            Some(code) => {
                if !lookup.in_code_list(list, code) {
                    errors.push(FieldError::new(pointer, Code::Enumeration));
                }
            }
            None => wrong_type(errors),
        },
        Input::CodeLists { list, max } => match value.as_array() {
            Some(codes) => {
                if codes.len() > *max {
                    errors.push(FieldError::with(pointer, Code::Length, format!("0–{max}")));
                }
                for (index, code) in codes.iter().enumerate() {
                    if !code.as_str().is_some_and(|code| lookup.in_code_list(list, code)) {
                        errors.push(FieldError::new(format!("{pointer}/{index}"), Code::Enumeration));
                    }
                }
                if codes.is_empty() && needed && strictness == Strictness::Full {
                    errors.push(FieldError::new(pointer, Code::Required));
                }
            }
            None => wrong_type(errors),
        },
        Input::Unit => match value.as_str() {
            Some("") if !needed || strictness == Strictness::Draft => {}
            Some(code) => {
                if !lookup.unit_exists(code) {
                    errors.push(FieldError::with(pointer, Code::UnknownUnit, code.chars().take(60).collect::<String>()));
                }
            }
            None => wrong_type(errors),
        },
        Input::Units { max } => match value.as_array() {
            Some(units) => {
                if units.len() > *max {
                    errors.push(FieldError::with(pointer, Code::Length, format!("0–{max}")));
                }
                for (index, unit) in units.iter().enumerate() {
                    match unit.as_str() {
                        Some(code) if lookup.unit_exists(code) => {}
                        Some(code) => {
                            errors.push(FieldError::with(format!("{pointer}/{index}"), Code::UnknownUnit, code.chars().take(60).collect::<String>()))
                        }
                        None => errors.push(FieldError::new(format!("{pointer}/{index}"), Code::WrongType)),
                    }
                }
                if units.is_empty() && needed && strictness == Strictness::Full {
                    errors.push(FieldError::new(pointer, Code::Required));
                }
            }
            None => wrong_type(errors),
        },
        Input::OwnUser => {
            if value.as_str().is_none_or(|id| id.len() != 36) {
                errors.push(FieldError::new(pointer, Code::UnknownUser));
            }
        }
        Input::Texts { max_items, max } => match value.as_array() {
            Some(items) => {
                if items.len() > *max_items {
                    errors.push(FieldError::with(pointer, Code::Length, format!("0–{max_items}")));
                }
                if items.is_empty() && needed && strictness == Strictness::Full {
                    errors.push(FieldError::new(pointer, Code::Required));
                }
                for (index, item) in items.iter().enumerate() {
                    let pointer = format!("{pointer}/{index}");
                    match item.as_str() {
                        Some(text) => check_text(text, 1, *max, &pointer, strictness, true, errors),
                        None => errors.push(FieldError::new(pointer, Code::WrongType)),
                    }
                }
            }
            None => wrong_type(errors),
        },
        Input::Attachments { min } => match value.as_array() {
            Some(items) => {
                if items.len() < *min && strictness == Strictness::Full {
                    errors.push(FieldError::new(pointer, Code::Required));
                }
                if items.iter().any(|item| item.as_str().is_none_or(|id| id.len() != 36)) {
                    wrong_type(errors);
                }
            }
            None => wrong_type(errors),
        },
        Input::Recurrence => match serde_json::from_value::<Recurrence>(value.clone()) {
            Ok(recurrence) => {
                let mut within = |name: &str, number: u8, max: u8| {
                    if !(1..=max).contains(&number) {
                        errors.push(FieldError::with(format!("{pointer}/day/{name}"), Code::Range, format!("1–{max}")));
                    }
                };
                match recurrence.day {
                    RecurDay::Last => {}
                    RecurDay::Day(day) => within("day", day, 31),
                    RecurDay::Weekday(day) => within("weekday", day, 7),
                    RecurDay::MonthDay { month, day } => {
                        within("month_day/month", month, 12);
                        within("month_day/day", day, 31);
                    }
                }
            }
            Err(_) => errors.push(FieldError::new(pointer, Code::Format)),
        },
        Input::Rows { fields, min, max } => match value.as_array() {
            Some(rows) => {
                if rows.len() > *max || (strictness == Strictness::Full && rows.len() < *min) {
                    errors.push(FieldError::with(pointer, Code::Length, format!("{min}–{max}")));
                }
                for (index, row) in rows.iter().enumerate() {
                    match row.as_object() {
                        Some(row) => errors.extend(validate(fields, row, &format!("{pointer}/{index}"), strictness, lookup)),
                        None => errors.push(FieldError::new(format!("{pointer}/{index}"), Code::WrongType)),
                    }
                }
            }
            None => wrong_type(errors),
        },
    }
}

/// A strict local day: exactly `YYYY-MM-DD`, existing.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    if text.len() != 10 {
        return None;
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}
