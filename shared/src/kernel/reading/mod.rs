//! Understanding cells of foreign spreadsheets.

pub use super::recurrence::Recurrence;
