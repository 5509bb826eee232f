//! Spreadsheets for tests: good ones, and ones that are none.

use rust_xlsxwriter::Workbook;
use std::io::{Cursor, Write};
use zip::{ZipWriter, write::SimpleFileOptions};

pub const HEADERS: [&str; 7] = ["序号", "工作任务", "牵头单位", "责任单位", "完成时限", "任务来源", "备注"];

/// A work list with the given rows under the usual headings.
pub fn work_list(rows: &[[&str; 7]]) -> Vec<u8> {
    let all: Vec<&[&str]> = std::iter::once(&HEADERS).chain(rows).map(<[&str; 7]>::as_slice).collect();
    table(&all)
}

/// A sheet of texts.
pub fn table(rows: &[&[&str]]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (line, cells) in rows.iter().enumerate() {
        for (column, text) in cells.iter().enumerate() {
            sheet.write_string(u32::try_from(line).unwrap_or(0), u16::try_from(column).unwrap_or(0), *text).expect("a cell can be written");
        }
    }
    workbook.save_to_buffer().expect("a workbook can be written")
}

/// A small file that unpacks to a quarter of a gigabyte.
pub fn bomb() -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    let parts = [
        (
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#,
        ),
        (
            "_rels/.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
        ),
    ];
    for (name, text) in parts {
        archive.start_file(name, options).and_then(|()| Ok(archive.write_all(text.as_bytes())?)).expect("a part can be written");
    }
    archive.start_file("xl/worksheets/sheet1.xml", options.compression_level(Some(1))).expect("a part can be begun");
    let spaces = vec![b' '; 1024 * 1024];
    for _ in 0..256 {
        archive.write_all(&spaces).expect("a part can be written");
    }
    archive.finish().expect("an archive can be ended").into_inner()
}

/// The frame that Excel puts around a workbook with a password: a compound file (MS-CFB) with a stream `EncryptedPackage`.
pub fn encrypted() -> Vec<u8> {
    const SECTOR: usize = 512;
    let mut file = vec![0u8; SECTOR * 4];
    let put = |file: &mut Vec<u8>, at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(&mut file, 0, &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    for (at, word) in [(24, 0x3eu16), (26, 3), (28, 0xfffe), (30, 9), (32, 6)] {
        put(&mut file, at, &word.to_le_bytes());
    }
    // One allocation sector (0), the folder in sector 1, no small streams, one sector of data (2).
    for (at, word) in [(44, 1u32), (48, 1), (56, 4096), (60, 0xffff_fffe), (68, 0xffff_fffe), (76, 0)] {
        put(&mut file, at, &word.to_le_bytes());
    }
    for entry in 1..109 {
        put(&mut file, 76 + entry * 4, &u32::MAX.to_le_bytes());
    }
    let allocation = [0xffff_fffdu32, 0xffff_fffe, 0xffff_fffe];
    for index in 0..SECTOR / 4 {
        put(&mut file, SECTOR + index * 4, &allocation.get(index).copied().unwrap_or(u32::MAX).to_le_bytes());
    }
    let entries = [("Root Entry", 5u8, 0xffff_fffeu32, 0u64), ("EncryptedPackage", 2, 2, 4096)];
    for (index, (name, kind, sector, size)) in entries.into_iter().enumerate() {
        let at = SECTOR * 2 + index * 128;
        let letters: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        put(&mut file, at, &letters);
        put(&mut file, at + 64, &u16::try_from(letters.len() + 2).unwrap_or(0).to_le_bytes());
        put(&mut file, at + 66, &[kind, 1]);
        let child = if index == 0 { 1u32 } else { u32::MAX };
        for (offset, word) in [(68, u32::MAX), (72, u32::MAX), (76, child), (116, sector)] {
            put(&mut file, at + offset, &word.to_le_bytes());
        }
        put(&mut file, at + 120, &size.to_le_bytes());
    }
    file
}
