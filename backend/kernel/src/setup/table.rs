//! The rows of a list of units or people, by field.

use crate::{error::Result, import::file};
use backend_rules::headings;
use serde::{Deserialize, Serialize};
use shared::kernel::{
    api::ImportTable,
    reading::{Cell, fold},
};
use std::collections::{BTreeMap, BTreeSet};

/// A row of the list as written, by field.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct SetupRow {
    pub sheet: String,
    /// As the spreadsheet shows it, from 1.
    pub row: i64,
    pub cells: BTreeMap<String, Cell>,
    /// Fields the table has a column for.
    pub columns: BTreeSet<String>,
    /// The title says that these are the conference's members 成员单位.
    pub members: bool,
}

impl SetupRow {
    /// A cell's text, trimmed and in half-width forms; empty when there is none.
    pub(super) fn text(&self, field: &str) -> String {
        self.cells.get(field).map(|cell| fold(&cell.text)).unwrap_or_default()
    }
    pub(super) fn has_column(&self, field: &str) -> bool {
        self.columns.contains(field)
    }
    pub(super) fn source(&self) -> BTreeMap<String, String> {
        self.cells.iter().map(|(field, cell)| (field.clone(), cell.text.clone())).collect()
    }
}

pub(super) struct Read {
    pub tables: Vec<ImportTable>,
    pub rows: Vec<SetupRow>,
}

/// All rows of all tables of a workbook.
pub(super) fn read(bytes: &[u8]) -> Result<Read> {
    let mut read = Read { tables: Vec::new(), rows: Vec::new() };
    for mut found in file::tables(bytes, None, headings::find)? {
        let columns: BTreeSet<String> = found.table.columns.iter().map(|(_, field)| field.clone()).collect();
        let name = found.sheet.name.clone();
        let titles = found.sheet.rows.iter().take(found.table.header_row).flatten().map(|cell| cell.text.as_str());
        let members = titles.chain([name.as_str()]).any(|text| text.contains("成员单位"));
        read.rows.extend(std::mem::take(&mut found.rows).into_iter().map(|row| SetupRow {
            sheet: name.clone(),
            row: row.number,
            cells: row.cells,
            columns: columns.clone(),
            members,
        }));
        read.tables.push(found.described());
    }
    Ok(read)
}
