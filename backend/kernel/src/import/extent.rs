//! How far a sheet reaches, found out before it is spread out in memory: two cells in opposite corners are a few hundred bytes in a
//! file, and seventeen thousand million empty ones between them. Each format hides it in its own way.

use crate::error::{Error, Result};
use calamine::{Cell, Data, DataRef, Range, Reader, Sheets, Xlsx};
use quick_xml::events::{BytesStart, Event};
use shared::kernel::problem::Code;
use std::io::{BufReader, Cursor, Read, Write};

/// Cells between the first and the last one in use, empty ones too. The longest list may be two hundred columns wide.
const LARGEST: u64 = 1_000_000;

/// The rectangle around the cells in use.
#[derive(Default)]
struct Extent {
    corners: Option<((u64, u64), (u64, u64))>,
}

impl Extent {
    fn reach(&mut self, row: u64, column: u64) -> Result<()> {
        let ((top, left), (bottom, right)) = self.corners.unwrap_or(((row, column), (row, column)));
        let ((top, left), (bottom, right)) = ((top.min(row), left.min(column)), (bottom.max(row), right.max(column)));
        self.corners = Some(((top, left), (bottom, right)));
        if (bottom - top + 1).saturating_mul(right - left + 1) > LARGEST { Err(too_large()) } else { Ok(()) }
    }
}

fn too_large() -> Error {
    Error::problem(Code::SheetTooLarge)
}

fn unreadable<E>(_: E) -> Error {
    Error::problem(Code::SheetNotReadable)
}

/// The cells of a sheet; none where it is no table (a chart) or can't be read.
pub(super) fn range(workbook: &mut Sheets<Cursor<Vec<u8>>>, name: &str) -> Result<Option<Range<Data>>> {
    match workbook {
        Sheets::Xlsx(workbook) => xlsx(workbook, name),
        _ => Ok(workbook.worksheet_range(name).ok()),
    }
}

/// Cell by cell, since the whole sheet at once is spread out at once.
fn xlsx(workbook: &mut Xlsx<Cursor<Vec<u8>>>, name: &str) -> Result<Option<Range<Data>>> {
    let Ok(mut reader) = workbook.worksheet_cells_reader(name) else { return Ok(None) };
    let (mut cells, mut extent) = (Vec::new(), Extent::default());
    loop {
        match reader.next_cell() {
            Ok(Some(cell)) if matches!(cell.get_value(), DataRef::Empty) => {}
            Ok(Some(cell)) => {
                let (row, column) = cell.get_position();
                extent.reach(row.into(), column.into())?;
                cells.push(Cell::new((row, column), Data::from(cell.get_value().clone())));
            }
            Ok(None) => return Ok(Some(Range::from_sparse(cells))),
            Err(_) => return Ok(None),
        }
    }
}

/// Refuses an .ods whose repeated rows and cells reach too far. They are spread out when the file is opened.
pub(super) fn check_ods(archive: &mut zip::ZipArchive<Cursor<&[u8]>>) -> Result<()> {
    let Ok(content) = archive.by_name("content.xml") else { return Ok(()) };
    let mut reader = quick_xml::Reader::from_reader(BufReader::new(content));
    let (mut buffer, mut extent) = (Vec::new(), Extent::default());
    let (mut row, mut rows, mut column) = (0u64, 0u64, 0u64);
    loop {
        let event = reader.read_event_into(&mut buffer).map_err(unreadable)?;
        let filled = matches!(event, Event::Start(_));
        match &event {
            Event::Start(start) | Event::Empty(start) => match start.name().as_ref() {
                "table:table" => (extent, row, rows) = (Extent::default(), 0, 0),
                "table:table-row" => {
                    row = row.saturating_add(rows);
                    rows = repeated(start, "table:number-rows-repeated")?;
                    column = 0;
                }
                "table:table-cell" | "table:covered-table-cell" => {
                    let cells = repeated(start, "table:number-columns-repeated")?;
                    // One without content counts only when another follows it.
                    if (filled || attribute(start, "office:value-type")?.is_some()) && rows > 0 && cells > 0 {
                        extent.reach(row, column)?;
                        extent.reach(row.saturating_add(rows - 1), column.saturating_add(cells - 1))?;
                    }
                    column = column.saturating_add(cells);
                }
                _ => {}
            },
            Event::Eof => return Ok(()),
            _ => {}
        }
        buffer.clear();
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Result<Option<String>> {
    let found = start.try_get_attribute(name).map_err(unreadable)?;
    Ok(found.map(|attribute| attribute.value.into_owned()))
}

fn repeated(start: &BytesStart<'_>, name: &str) -> Result<u64> {
    attribute(start, name)?.map_or(Ok(1), |times| times.trim().parse().map_err(unreadable))
}

/// Records of an .xls that say where a cell is, in their first four bytes (MS-XLS §2.4): formula, several numbers, rich text, text of the table,
/// number, label, truth or error, number in short.
const CELLS: &[u16] = &[0x0006, 0x00bd, 0x00d6, 0x00fd, 0x0203, 0x0204, 0x0205, 0x027e];
const DIMENSIONS: u16 = 0x0200;
const BEGIN: &[u16] = &[0x0009, 0x0209, 0x0409, 0x0809];

/// An .xls anew, with nothing in it but its workbook, and without the size that it claims to have: room for that would be made
/// beforehand. Read by one reader and written by one writer, so that nobody sees another file than was checked.
pub(super) fn checked_xls(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(unreadable)?;
    let name = ["/Workbook", "/Book"].into_iter().find(|name| file.is_stream(name)).ok_or_else(|| unreadable(()))?;
    let mut stream = Vec::new();
    file.open_stream(name).and_then(|mut found| found.read_to_end(&mut stream)).map_err(unreadable)?;
    let (mut at, mut extent) = (0, Extent::default());
    while let Some([a, b, c, d]) = stream.get(at..at + 4).and_then(|head| head.first_chunk::<4>()).copied() {
        let (kind, length) = (u16::from_le_bytes([a, b]), usize::from(u16::from_le_bytes([c, d])));
        let Some(body) = stream.get_mut(at + 4..at + 4 + length) else { break };
        if BEGIN.contains(&kind) {
            extent = Extent::default();
        } else if kind == DIMENSIONS {
            body.fill(0);
        } else if CELLS.contains(&kind)
            && let Some([a, b, c, d]) = body.first_chunk::<4>().copied()
        {
            let (row, column) = (u16::from_le_bytes([a, b]).into(), u16::from_le_bytes([c, d]).into());
            extent.reach(row, column)?;
            // Of several numbers side by side each has six bytes.
            extent.reach(row, column + if kind == 0x00bd { length as u64 / 6 } else { 0 })?;
        }
        at += 4 + length;
    }
    let mut alone = cfb::CompoundFile::create(Cursor::new(Vec::new())).map_err(unreadable)?;
    alone.create_stream(name).and_then(|mut made| made.write_all(&stream)).map_err(unreadable)?;
    alone.flush().map_err(unreadable)?;
    Ok(alone.into_inner().into_inner())
}
