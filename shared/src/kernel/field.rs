//! Fields: the typed questions a kind or a step asks. From one `Field` come validation, schema, form input, detail row,
//! spreadsheet column and search text.

use super::text::Text;
use serde::{Deserialize, Serialize};

/// How a field is asked and what it holds. JSON shape of each value is named beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Input {
    /// One line; string, `min`..=`max` characters.
    Text {
        min: usize,
        max: usize,
    },
    /// Several lines; string.
    LongText {
        min: usize,
        max: usize,
    },
    /// Whole number.
    Integer {
        min: i64,
        max: i64,
    },
    /// Money in fen 分; shown in yuan.
    Money,
    /// Local day, `YYYY-MM-DD`.
    Date,
    Bool,
    /// One code of `choices`.
    Choice {
        choices: Vec<Choice>,
    },
    /// One code of a code list of the jurisdiction (`data/taxonomy.json`).
    CodeList {
        list: String,
    },
    /// Several codes of a code list.
    CodeLists {
        list: String,
        max: usize,
    },
    /// Code of an active unit, e.g. `df-market`.
    Unit,
    /// Codes of units.
    Units {
        max: usize,
    },
    /// Id of a person of the actor's own unit.
    OwnUser,
    /// Short texts, a list.
    Texts {
        max_items: usize,
        max: usize,
    },
    /// Ids of attachments of the matter.
    Attachments {
        min: usize,
    },
    /// Number of a matter of a kind, e.g. `LD-2026-WI-00017`: an open child of this one, or any the actor sees.
    Matter {
        kind: String,
        child: bool,
    },
    /// A row of a field of the matter's body, by the text of one of its members.
    RowOf {
        rows: String,
        member: String,
    },
    /// What the children were at earlier editions, kept by a step: a list of `EditionView`. Never typed.
    Editions,
    /// How something recurs; see `Recurrence`.
    Recurrence,
    /// A list of rows with fields of their own.
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    Rows {
        fields: Vec<Field>,
        min: usize,
        max: usize,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Choice {
    pub code: String,
    pub label: Text,
}

/// When a field must be filled.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "when", rename_all = "snake_case")]
pub enum Need {
    Always,
    #[default]
    Optional,
    /// When another field of the same form has one of these values; hidden otherwise.
    If {
        field: String,
        values: Vec<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Field {
    pub name: String,
    pub label: Text,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hint: Option<Text>,
    pub input: Input,
    #[serde(default)]
    pub need: Need,
    /// 0 all who see the matter … 3 named persons (domain.md §6.1).
    #[serde(default)]
    pub sensitivity: u8,
    /// Can be filtered and counted without a scan.
    #[serde(default)]
    pub facet: bool,
    /// Shown as a column of lists.
    #[serde(default)]
    pub listed: bool,
    /// Header words of foreign spreadsheets that mean this field.
    #[serde(default)]
    pub header_words: Vec<String>,
    /// Filled by the system or by a step, never typed into the form.
    #[serde(default)]
    pub derived: bool,
    /// What the form and an import start with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub preset: Option<String>,
    /// How an import knows the code from the words of another column.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub infer: Option<Infer>,
    /// The rows that the form of a step has, neither more nor fewer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rows_from: Option<RowsFrom>,
    /// Of several units in a list's cell, those that don't lead go into the field named here.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub others: Option<String>,
    /// Filled from what a table says outside its rows, where its rows don't.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub heading: Option<Heading>,
}

/// What a table says outside its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Heading {
    /// Its title: what a list is based on, when it doesn't say so of each row.
    Table,
    /// The title of a group of rows 一、联动机制, or the coarser of two columns.
    Group,
}

/// A row for each remark in the last answer of each unit that was asked: the form shows what was said and asks for the rest of the row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RowsFrom {
    /// The action that answers the ask.
    pub action: String,
    /// The rows of the answer; their members are taken over under the same name.
    pub rows: String,
    /// The member that names the unit.
    pub unit: String,
}

/// The first word found in the other field's text decides the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Infer {
    pub from: String,
    pub words: Vec<(String, String)>,
    pub otherwise: String,
}

impl Field {
    pub fn new(name: &str, label: Text, input: Input) -> Self {
        Self {
            name: name.into(),
            label,
            hint: None,
            input,
            need: Need::Optional,
            sensitivity: 0,
            facet: false,
            listed: false,
            header_words: Vec::new(),
            derived: false,
            preset: None,
            infer: None,
            rows_from: None,
            others: None,
            heading: None,
        }
    }
    pub fn preset(mut self, code: &str) -> Self {
        self.preset = Some(code.into());
        self
    }
    pub fn infer(mut self, from: &str, words: &[(&str, &str)], otherwise: &str) -> Self {
        let words = words.iter().map(|(word, code)| ((*word).to_owned(), (*code).to_owned())).collect();
        self.infer = Some(Infer { from: from.into(), words, otherwise: otherwise.into() });
        self
    }
    pub fn required(mut self) -> Self {
        self.need = Need::Always;
        self
    }
    pub fn required_if(mut self, field: &str, values: &[&str]) -> Self {
        self.need = Need::If { field: field.into(), values: values.iter().map(|v| (*v).to_owned()).collect() };
        self
    }
    pub fn row_for_each(mut self, action: &str, rows: &str, unit: &str) -> Self {
        self.rows_from = Some(RowsFrom { action: action.into(), rows: rows.into(), unit: unit.into() });
        self
    }
    pub fn others(mut self, field: &str) -> Self {
        self.others = Some(field.into());
        self
    }
    pub fn heading(mut self, heading: Heading) -> Self {
        self.heading = Some(heading);
        self
    }
    pub fn hint(mut self, hint: Text) -> Self {
        self.hint = Some(hint);
        self
    }
    pub fn facet(mut self) -> Self {
        self.facet = true;
        self
    }
    pub fn listed(mut self) -> Self {
        self.listed = true;
        self
    }
    pub fn derived(mut self) -> Self {
        self.derived = true;
        self
    }
    pub fn sensitivity(mut self, level: u8) -> Self {
        self.sensitivity = level;
        self
    }
    pub fn headers(mut self, words: &[&str]) -> Self {
        self.header_words = words.iter().map(|w| (*w).to_owned()).collect();
        self
    }
}

pub fn choice(code: &str, zh: &str, en: &str) -> Choice {
    Choice { code: code.into(), label: super::text::t(zh, en) }
}
