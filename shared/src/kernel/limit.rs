//! What a kind says of its time limit 完成时限 and of what recurs 定期: which fields hold them. One column of a list may say any of the
//! three, 两周内, 每月25日前, 长期坚持; the server reads it, counts by it and opens the periods, by these names alone.

use super::recurrence::Recurrence;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Codes of the field that says how a limit is meant.
pub const BY_DATE: &str = "date";
pub const RECURRING: &str = "recurring";
pub const STANDING: &str = "standing";

/// The fields of a time limit. `date` is the day that the main clock runs to; all others may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Limit {
    pub date: String,
    /// How it is meant: `date`, and as far as the kind has them `recurring` and `standing`. Left out: always a day.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kind: Option<String>,
    /// How it recurs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub recurrence: Option<String>,
    /// The words of a list, as written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub words: Option<String>,
    /// That somebody confirmed a day in the past.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confirmed: Option<String>,
    /// Codes of other fields that go with a recurring one and with each of its periods, unless a list says otherwise.
    #[serde(default)]
    pub recurring: Vec<(String, String)>,
    /// The same of a standing one.
    #[serde(default)]
    pub standing: Vec<(String, String)>,
}

impl Limit {
    /// A day and nothing else.
    pub fn new(date: &str) -> Self {
        Self { date: date.into(), kind: None, recurrence: None, words: None, confirmed: None, recurring: Vec::new(), standing: Vec::new() }
    }
    pub fn kind(mut self, field: &str) -> Self {
        self.kind = Some(field.into());
        self
    }
    pub fn recurs(mut self, field: &str, codes: &[(&str, &str)]) -> Self {
        self.recurrence = Some(field.into());
        self.recurring = pairs(codes);
        self
    }
    pub fn stands(mut self, codes: &[(&str, &str)]) -> Self {
        self.standing = pairs(codes);
        self
    }
    pub fn words(mut self, field: &str) -> Self {
        self.words = Some(field.into());
        self
    }
    pub fn confirmed(mut self, field: &str) -> Self {
        self.confirmed = Some(field.into());
        self
    }
    /// How the limit of a body is meant, as one of the three codes.
    pub fn of<'a>(&self, body: &'a Value) -> &'a str {
        self.kind.as_deref().and_then(|field| body.get(field)).and_then(Value::as_str).unwrap_or(BY_DATE)
    }
    /// How a body recurs; none when it doesn't.
    pub fn recurrence_of(&self, body: &Value) -> Option<Recurrence> {
        let value = self.recurrence.as_deref().and_then(|field| body.get(field)).filter(|_| self.of(body) == RECURRING)?;
        serde_json::from_value(value.clone()).ok()
    }
}

fn pairs(codes: &[(&str, &str)]) -> Vec<(String, String)> {
    codes.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
}

/// What recurs is a matter with one child for each period, in the hands of its unit from the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Series {
    /// In which a period begins, and the matter itself is while periods are opened.
    pub state: String,
    /// The main clock of a period.
    pub rule: String,
    /// The unit that holds each.
    pub unit: String,
    /// Fields that a period doesn't take over.
    pub drops: Vec<String>,
    /// The system's step that ends the matter once its last period has.
    pub ends_by: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_body_recurs_only_where_its_limit_says_so() {
        let limit = Limit::new("until").kind("how").recurs("rhythm", &[]);
        let rhythm = json!({ "every": "month", "day": { "day": 25 } });
        let body = |how: &str| json!({ "how": how, "rhythm": rhythm });
        assert!(limit.recurrence_of(&body(RECURRING)).is_some());
        assert!(limit.recurrence_of(&body(STANDING)).is_none());
        assert!(limit.recurrence_of(&json!({ "how": RECURRING })).is_none());
        assert_eq!((limit.of(&json!({})), Limit::new("until").of(&body(STANDING))), (BY_DATE, BY_DATE));
    }
}
