//! What an input says by what its matter says: the rows of the body it names, the answers it replies to.

use super::{
    field::{Field, Input, RowsFrom},
    problem::{Code, FieldError},
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

type Values = Map<String, Value>;

/// One ask as far as rows come from it: the unit's code, the action that answers it, the answer.
pub type Asked<'a> = (&'a str, &'a str, Option<&'a Values>);

/// The rows a field has by the asks, in order of the units' codes; of a unit asked again the last ask counts, also while it has no answer.
pub fn rows_of<'a>(from: &RowsFrom, asks: impl Iterator<Item = Asked<'a>>) -> Vec<Values> {
    let last: BTreeMap<&str, Option<&Values>> =
        asks.filter(|(_, action, _)| *action == from.action).map(|(unit, _, answer)| (unit, answer)).collect();
    let mut rows = Vec::new();
    for (unit, answer) in last {
        let said = answer.and_then(|answer| answer.get(&from.rows)?.as_array());
        for remark in said.into_iter().flatten().filter_map(Value::as_object) {
            let mut row: Values = remark.iter().filter(|(_, value)| !is_blank(value)).map(|(name, value)| (name.clone(), value.clone())).collect();
            row.insert(from.unit.clone(), Value::from(unit));
            rows.push(row);
        }
    }
    rows
}

/// The members of a row that are given: whoever fills in the form doesn't type them.
pub fn is_given(from: &RowsFrom, member: &Field, rows: &[Values]) -> bool {
    member.name == from.unit || rows.iter().any(|row| row.contains_key(&member.name))
}

/// The texts a field may name rows of the body by, each once.
pub fn choices(body: &Values, rows: &str, member: &str) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for text in body.get(rows).and_then(Value::as_array).into_iter().flatten().filter_map(|row| row.get(member)?.as_str()) {
        if !text.is_empty() && !texts.iter().any(|known| known == text) {
            texts.push(text.to_owned());
        }
    }
    texts
}

/// What in an input doesn't fit its matter; `pointer` is the input's (RFC 6901).
pub fn faults<'a>(fields: &[Field], input: &Values, pointer: &str, body: &Values, asks: impl Iterator<Item = Asked<'a>> + Clone) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for field in fields {
        let pointer = format!("{pointer}/{}", field.name);
        let value = input.get(&field.name);
        if let Some(from) = &field.rows_from {
            errors.extend(row_faults(&rows_of(from, asks.clone()), value, &pointer));
        }
        match (&field.input, value) {
            (Input::RowOf { rows, member }, Some(Value::String(text))) if !text.is_empty() && !choices(body, rows, member).contains(text) => {
                errors.push(FieldError::new(pointer, Code::Enumeration));
            }
            // What is given was checked when it was said; the row it names may have been mended since.
            (Input::Rows { fields, .. }, Some(Value::Array(rows))) if field.rows_from.is_none() => {
                for (index, row) in rows.iter().enumerate().filter_map(|(index, row)| Some((index, row.as_object()?))) {
                    errors.extend(faults(fields, row, &format!("{pointer}/{index}"), body, asks.clone()));
                }
            }
            _ => {}
        }
    }
    errors
}

/// Each given row stands in the input once, and nothing else does.
fn row_faults(given: &[Values], value: Option<&Value>, pointer: &str) -> Vec<FieldError> {
    let mut open: Vec<&Values> = given.iter().collect();
    let mut errors = Vec::new();
    for (index, row) in value.and_then(Value::as_array).into_iter().flatten().enumerate() {
        let agrees = |given: &&Values| given.iter().all(|(name, said)| row.get(name) == Some(said));
        match open.iter().position(agrees) {
            Some(position) => drop(open.remove(position)),
            None => errors.push(FieldError::new(format!("{pointer}/{index}"), Code::Enumeration)),
        }
    }
    if !open.is_empty() {
        errors.push(FieldError::new(pointer, Code::Required));
    }
    errors
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::text::t;
    use serde_json::json;

    fn from() -> RowsFrom {
        RowsFrom { action: "comment".into(), rows: "remarks".into(), unit: "unit".into() }
    }

    fn answer(words: &[(&str, &str)]) -> Values {
        let rows: Vec<Value> = words.iter().map(|(item, remark)| json!({ "item": item, "remark": remark })).collect();
        json!({ "remarks": rows }).as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn the_last_ask_of_a_unit_counts() {
        let (old, new) = (answer(&[("甲", "早")]), answer(&[("甲", "晚"), ("", "全")]));
        let asks = [
            ("b", "comment", Some(&old)),
            ("a", "comment", Some(&old)),
            ("b", "comment", Some(&new)),
            ("a", "comment", None),
            ("c", "other", Some(&old)),
        ];
        let rows = rows_of(&from(), asks.into_iter());
        assert_eq!(json!(rows), json!([{ "unit": "b", "item": "甲", "remark": "晚" }, { "unit": "b", "remark": "全" }]));
    }

    #[test]
    fn each_given_row_is_there_once() {
        let said = answer(&[("甲", "早"), ("乙", "晚")]);
        let inner = vec![Field::new("item", t("项", "Item"), Input::RowOf { rows: "items".into(), member: "content".into() })];
        let field = Field::new("words", t("话", "Words"), Input::Rows { fields: inner, min: 0, max: 9 });
        let given = Field { rows_from: Some(from()), ..field.clone() };
        let body = json!({ "items": [{ "content": "甲" }] }).as_object().cloned().unwrap_or_default();
        let check = |field: &Field, rows: Value| {
            let input = json!({ "words": rows }).as_object().cloned().unwrap_or_default();
            let found = faults(std::slice::from_ref(field), &input, "/input", &body, [("a", "comment", Some(&said))].into_iter());
            found.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect::<Vec<_>>()
        };
        let (first, second) =
            (json!({ "unit": "a", "item": "甲", "remark": "早", "adopted": "no" }), json!({ "unit": "a", "item": "乙", "remark": "晚" }));
        assert!(check(&given, json!([second, first])).is_empty());
        assert_eq!(check(&given, json!([first])), ["/input/words validation.required"]);
        assert_eq!(check(&given, json!([first, second, first])), ["/input/words/2 validation.enum"]);
        assert_eq!(check(&field, json!([{ "item": "甲" }, { "item": "丙" }, {}])), ["/input/words/1/item validation.enum"]);
    }
}
