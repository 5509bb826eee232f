//! What the overview of a kind shows beside what holds of all kinds: by which facets its matters are grouped, and in which states the
//! linkage office has to act. A kind without it has no overview.

use super::text::Text;
use serde::{Deserialize, Serialize};

/// How a grouping stands on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// A table with a lamp for each value: the course of a plan, clause by clause.
    Progress,
    /// Bars, the table behind them.
    Bars,
    /// A table that is opened.
    Folded,
}

/// Matters by the values of a facet that has one value each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Grouping {
    pub field: String,
    pub title: Text,
    /// Beside the title.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<Text>,
    /// What a value is called; left out: the field's label.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub heading: Option<Text>,
    pub shown: Shown,
}

/// A state in which the linkage office has to act, and how that is called: 待验收.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfficeDuty {
    pub state: String,
    pub label: Text,
}

/// Both in the order of the page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Statistics {
    pub groups: Vec<Grouping>,
    pub duties: Vec<OfficeDuty>,
}

impl Statistics {
    pub fn group(mut self, grouping: Grouping) -> Self {
        self.groups.push(grouping);
        self
    }
    pub fn duty(mut self, state: &str, label: Text) -> Self {
        self.duties.push(OfficeDuty { state: state.into(), label });
        self
    }
}

impl Grouping {
    pub fn new(field: &str, title: Text, shown: Shown) -> Self {
        Self { field: field.into(), title, note: None, heading: None, shown }
    }
    pub fn note(mut self, note: Text) -> Self {
        self.note = Some(note);
        self
    }
    pub fn heading(mut self, heading: Text) -> Self {
        self.heading = Some(heading);
        self
    }
}
