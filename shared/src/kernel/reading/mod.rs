//! Understanding foreign spreadsheets: where the table is, what a date phrase means, which units a cell names. Pure: the caller
//! reads the file and passes cells, the units and today. What can't be known becomes a question, never a silent guess.

mod due;
mod explain;
mod header;
mod sheet;
mod text;
mod units;

pub use super::recurrence::Recurrence;
pub use due::{DueContext, DueReading, DueValue, read_due};
pub use explain::{Explanation, same};
pub use header::{NO_GROUP, find_table};
pub use sheet::{Cell, ColumnWords, RowClass, Sheet, Table, classify};
pub use text::{fold, number, years_named};
pub use units::{Collective, Mark, Understood, UnitBook, UnitEntry, UnitPart};

use chrono::NaiveDate;

/// How serious a finding about a cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth telling; nothing to do.
    Note,
    /// A person must decide.
    Decide,
    /// Wrong as written.
    Refuse,
}

/// One finding about a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// A code of the problem catalogue, or of the import (`import.due_past`).
    pub code: &'static str,
    pub severity: Severity,
    pub detail: Option<String>,
    pub explanation: Explanation,
    /// Days to choose from, the likeliest first.
    pub candidates: Vec<NaiveDate>,
}
