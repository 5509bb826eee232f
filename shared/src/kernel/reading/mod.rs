//! Understanding foreign spreadsheets: where the table is, what a date phrase means, which units a cell names. Pure: the caller
//! reads the file and passes cells, the units and today. What can't be known becomes a question, never a silent guess.

mod due;
mod sheet;
mod text;
mod units;

pub use super::recurrence::Recurrence;
pub use due::{DueReading, DueValue, read_due};
pub use sheet::{Cell, ColumnWords, RowClass, Sheet, Table, classify, find_table};
pub use text::{fold, number};
pub use units::{Collective, UnitBook, UnitEntry, UnitPart, Understood};

use super::text::Text;

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
    pub text: Text,
}
