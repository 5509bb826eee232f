//! From bytes to cells. What isn't a spreadsheet, is protected, unpacks to too much or holds too many rows is refused before
//! anything is kept.

use super::{extent, rows::StoredRow};
use crate::{
    error::{Error, Result},
    export::TOLD,
};
use calamine::{Data, Reader, SheetVisible, open_workbook_auto_from_rs};
use shared::kernel::{
    api::ImportTable,
    field::Heading,
    kind::Kind,
    problem::Code,
    reading::{Cell, ColumnWords, NO_GROUP, RowClass, Sheet, Table, classify, find_table},
};
use std::{collections::BTreeMap, io::Cursor};

const MAX_ROWS: usize = 5_000;
/// Bytes a workbook may unpack to.
const MAX_UNPACKED: u64 = 200 * 1024 * 1024;

pub(super) struct Read {
    pub tables: Vec<ImportTable>,
    pub rows: Vec<StoredRow>,
}

/// A visible sheet and the row its used range begins in, from 0.
struct Opened {
    sheet: Sheet,
    first_row: usize,
}

/// The visible sheets of a workbook.
fn sheets(bytes: &[u8]) -> Result<Vec<Opened>> {
    let bytes = checked(bytes)?;
    let mut workbook = open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|_| Error::problem(Code::SheetNotReadable))?;
    let visible: Vec<String> =
        workbook.sheets_metadata().iter().filter(|sheet| sheet.visible == SheetVisible::Visible).map(|sheet| sheet.name.clone()).collect();
    let mut opened = Vec::new();
    let mut cells_seen = 0usize;
    for name in visible {
        let Some(range) = extent::range(&mut workbook, &name)? else { continue };
        if range.height() > MAX_ROWS + 20 {
            return Err(Error::problem(Code::SheetTooLarge));
        }
        let (first_row, first_column) = range.start().unwrap_or((0, 0));
        cells_seen += range.used_cells().count();
        let rows = range.rows().map(|row| row.iter().map(cell).collect()).collect();
        let merged = merged(&mut workbook, &name, first_row as usize, first_column as usize);
        opened.push(Opened { sheet: Sheet { name, rows, merged }, first_row: first_row as usize });
    }
    if cells_seen == 0 {
        return Err(Error::problem(Code::SheetEmpty));
    }
    Ok(opened)
}

/// A table of a workbook, with its rows of data.
pub(crate) struct Found {
    pub sheet: Sheet,
    pub table: Table,
    pub rows: Vec<Row>,
    /// The header's last row, as the spreadsheet shows it.
    header_row: i64,
}

pub(crate) struct Row {
    /// As the spreadsheet shows it, from 1.
    pub number: i64,
    /// The title of the group it stands under.
    pub group: Option<String>,
    pub cells: BTreeMap<String, Cell>,
}

impl Found {
    pub(crate) fn described(self) -> ImportTable {
        let columns = self.table.columns.iter().map(|(_, field)| field.clone()).collect();
        let unknown_columns = self.table.unknown.into_iter().filter(|column| !TOLD.contains(&column.as_str())).collect();
        ImportTable { sheet: self.sheet.name, header_row: self.header_row, unknown_columns, title: self.table.title, columns }
    }
}

/// All tables of a workbook, `find` being what tells their header, `group_field` where it says its groups. At least one with at least one row, and
/// not too many.
pub(crate) fn tables(bytes: &[u8], group_field: Option<&str>, find: impl Fn(&Sheet) -> Option<Table>) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for Opened { sheet, first_row } in sheets(bytes)? {
        let Some(table) = find(&sheet) else { continue };
        let number = |index: usize| i64::try_from(index + first_row + 1).unwrap_or(0);
        let (mut rows, mut group) = (Vec::new(), None);
        // Groups named in a column of their own are often written once, in the first of their rows.
        let mut category: Option<Cell> = None;
        for index in table.header_row + 1..sheet.rows.len() {
            match classify(&sheet, &table, index) {
                RowClass::Blank | RowClass::Footer => {}
                RowClass::Group(title) => group = Some(title),
                RowClass::Data => {
                    let cells = table.columns.iter().map(|(column, field)| (field.clone(), sheet.cell(index, *column)));
                    let mut cells: BTreeMap<String, Cell> = cells.filter(|(_, cell)| !cell.is_blank()).collect();
                    if let Some(field) = group_field {
                        match cells.get(field) {
                            Some(written) if written.text.trim() == NO_GROUP => {
                                category = None;
                                cells.remove(field);
                            }
                            Some(written) => category = Some(written.clone()),
                            None => cells.extend(category.clone().map(|category| (field.to_owned(), category))),
                        }
                    }
                    rows.push(Row { number: number(index), group: group.clone(), cells });
                }
            }
        }
        found.push(Found { header_row: number(table.header_row), sheet, table, rows });
    }
    if found.is_empty() {
        return Err(Error::problem(Code::NoTable));
    }
    match found.iter().map(|found| found.rows.len()).sum::<usize>() {
        0 => Err(Error::problem(Code::SheetEmpty)),
        rows if rows > MAX_ROWS => Err(Error::problem(Code::SheetTooLarge)),
        _ => Ok(found),
    }
}

pub(super) fn read(bytes: &[u8], kind: &Kind) -> Result<Read> {
    let words = column_words(kind);
    let mut read = Read { tables: Vec::new(), rows: Vec::new() };
    for mut found in tables(bytes, kind.headed(Heading::Group).map(|field| field.name.as_str()), |sheet| find_table(sheet, &words))? {
        let sheet = found.sheet.name.clone();
        read.rows.extend(std::mem::take(&mut found.rows).into_iter().map(|Row { number, group, cells }| StoredRow {
            sheet: sheet.clone(),
            row: number,
            group,
            cells,
            ..StoredRow::default()
        }));
        read.tables.push(found.described());
    }
    Ok(read)
}

/// What the first bytes and the archive's own directory tell; gives what can be opened without harm.
fn checked(bytes: &[u8]) -> Result<Vec<u8>> {
    if bytes.is_empty() {
        return Err(Error::problem(Code::SheetEmpty));
    }
    // A protected .xlsx is an OLE container with a stream of this name (MS-OFFCRYPTO §2.3.4); its name is UTF-16.
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        let wanted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        if bytes.windows(wanted.len()).any(|window| window == wanted) {
            return Err(Error::problem(Code::SheetEncrypted));
        }
        return extent::checked_xls(bytes);
    }
    if !bytes.starts_with(b"PK") {
        return Err(Error::problem(Code::SheetNotReadable));
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| Error::problem(Code::SheetNotReadable))?;
    let mut unpacked = 0u64;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(|_| Error::problem(Code::SheetNotReadable))?;
        if entry.encrypted() {
            return Err(Error::problem(Code::SheetEncrypted));
        }
        unpacked = unpacked.saturating_add(entry.size());
        // Text packs well, but hardly a hundred and fifty to one beyond a few megabytes.
        let bomb = entry.size() > 20 * 1024 * 1024 && entry.size() / entry.compressed_size().max(1) > 150;
        if bomb || unpacked > MAX_UNPACKED {
            return Err(Error::problem(Code::SheetBomb));
        }
    }
    extent::check_ods(&mut archive)?;
    Ok(bytes.to_vec())
}

fn column_words(kind: &Kind) -> Vec<ColumnWords> {
    kind.fields
        .iter()
        .filter(|field| !field.header_words.is_empty())
        .map(|field| ColumnWords {
            field: field.name.clone(),
            words: field.header_words.clone(),
            // A table is one when it has the title and the unit; the rest can be asked for.
            required: Some(field.name.as_str()) == kind.title_from.as_deref() || Some(field) == kind.unit_field(),
            group: field.heading == Some(Heading::Group),
        })
        .collect()
}

fn cell(data: &Data) -> Cell {
    match data {
        Data::Empty | Data::Error(_) => Cell::default(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Cell::text(as_typed(text)),
        Data::Bool(value) => Cell::text(if *value { "是" } else { "否" }),
        Data::Int(number) => Cell { text: number.to_string(), number: Some(*number as f64), date: None },
        Data::Float(number) => Cell { text: plain_number(*number), number: Some(*number), date: None },
        Data::DateTime(instant) => {
            let date = instant.as_datetime().map(|instant| instant.date());
            Cell { text: date.map(|date| date.to_string()).unwrap_or_default(), number: None, date }
        }
    }
}

/// Without the apostrophe that an export puts before what begins like a formula: text comes back as it was typed.
fn as_typed(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@', '\t'])).unwrap_or(text)
}

fn plain_number(number: f64) -> String {
    if number.fract() == 0.0 { format!("{number:.0}") } else { number.to_string() }
}

/// Merged ranges relative to the used range; only .xlsx tells them.
fn merged(workbook: &mut calamine::Sheets<Cursor<Vec<u8>>>, sheet: &str, first_row: usize, first_column: usize) -> Vec<(usize, usize, usize, usize)> {
    let calamine::Sheets::Xlsx(workbook) = workbook else { return Vec::new() };
    let Ok(ranges) = workbook.merge_cells_by_sheet_name(sheet) else { return Vec::new() };
    ranges
        .into_iter()
        .filter_map(|range| {
            let (top, left) = (range.start.0 as usize, range.start.1 as usize);
            let (bottom, right) = (range.end.0 as usize, range.end.1 as usize);
            Some((top.checked_sub(first_row)?, left.checked_sub(first_column)?, bottom.checked_sub(first_row)?, right.checked_sub(first_column)?))
        })
        .collect()
}
