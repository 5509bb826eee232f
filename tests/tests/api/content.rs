//! Content that is meant for whoever opens it: scripts and formulas in every field, files that are larger than they look, JSON that
//! means two things, members that nobody may set.

use crate::{
    sheets,
    work_item::{body, handed_out, id},
};
use calamine::Reader;
use flate2::{Compression, write::GzEncoder};
use rust_xlsxwriter::Workbook;
use serde_json::json;
use std::{
    io::{Cursor, Write},
    time::{Duration, Instant},
};
use tests::{Answer, City, Person, city, fresh_key};
use zip::{ZipWriter, write::SimpleFileOptions};

/// Ends an attribute, a comment and a text, and begins a script, in 59 letters.
const SCRIPT: &str = "<!--\"'><svg onload=alert(1)><script>alert(2)</script>{{7*7}}";
/// A name of a unit in short has twenty letters at most.
const SHORT: &str = "<script>x()</script>";

fn raw(person: &Person, method: &str, path: &str, text: impl Into<reqwest::blocking::Body>) -> Answer {
    let token = person.token();
    city().send(method, path, |request| request.bearer_auth(token).header("content-type", "application/json").header("if-match", "\"1\"").body(text))
}

/// What a browser gets is data, said to be data, with the text in it as it was typed.
#[track_caller]
fn is_data(answer: &Answer, shows: &str) {
    assert_eq!(answer.header("content-type"), "application/json", "{answer}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{answer}");
    if !shows.is_empty() {
        let found = answer.json().to_string().contains(json!(shows).to_string().trim_matches('"'));
        assert!(found, "kept as it was typed: {answer}");
    }
}

#[test]
fn scripts_stay_text_wherever_they_are_kept() {
    let city = City::start().expect("the city starts");
    let (office, officer, head) =
        (city.person("df-justice.coordinator"), city.person("df-market.liaison_officer"), city.person("df-market.unit_head"));
    let system = city.person("df-justice.system_admin");
    let mut typed = body(&office, SCRIPT);
    for field in ["origin_ref", "group", "remark"] {
        typed[field] = json!(SCRIPT);
    }
    typed["deliverables"] = json!([SCRIPT]);
    let new = json!({
        "kind": "work_item", "title": SCRIPT, "summary": format!("{SCRIPT}，二十字以上的摘要"), "body": typed, "domains": ["other"], "not_secret": true, "submit": true,
    });
    let made = office.post("/matters", &new);
    assert_eq!(made.status, 201, "{made}");
    is_data(&made, SCRIPT);
    let matter = id(&made.ok());
    let path = format!("/matters/{matter}");
    is_data(&officer.get(&path), SCRIPT);
    is_data(&officer.get("/matters?limit=200"), SCRIPT);
    is_data(&officer.get("/notices"), "");
    officer.act(&matter, "receive", json!({})).ok();
    let steps = [
        (&officer, "report_progress", json!({ "percent": 20, "last_progress": SCRIPT, "problems": SCRIPT })),
        (&office, "urge", json!({ "text": SCRIPT })),
        (&office, "supervise", json!({ "level": "remind", "reason_text": SCRIPT })),
    ];
    for (person, action, input) in steps {
        is_data(&person.act(&matter, action, input), SCRIPT);
    }
    for (below, said) in [("comments", SCRIPT), ("notes", SCRIPT)] {
        is_data(&officer.post(&format!("{path}/{below}"), &json!({ "text": said })), SCRIPT);
        is_data(&officer.get(&format!("{path}/{below}")), SCRIPT);
    }
    is_data(&office.get(&format!("{path}/events")), SCRIPT);
    let file = officer.upload(&format!("{path}/attachments"), "<svg onload=alert(1)>.html", SCRIPT.as_bytes().to_vec()).ok();
    is_data(&officer.get(&format!("{path}/attachments")), "svg onload");
    let download = officer.get(&format!("{path}/attachments/{}", file["id"].as_str().unwrap_or_default()));
    assert!(download.header("content-disposition").starts_with("attachment;"), "{download}");
    assert!(!download.header("content-type").contains("html") && !download.header("content-type").contains("svg"), "{download}");

    for (who, send, read) in [(&officer, "/saved-views", "/saved-views"), (&head, "/feedback", "")] {
        let body = if send == "/feedback" { json!({ "text": SCRIPT, "page": SCRIPT }) } else { json!({ "name": SHORT, "query": "q=%3Cscript%3E" }) };
        assert_eq!(who.post(send, &body).status, 201);
        if !read.is_empty() {
            is_data(&who.get(read), SHORT);
        }
    }
    is_data(&system.get("/feedback"), SCRIPT);
    let patch = json!({ "name": SCRIPT.chars().take(59).collect::<String>(), "short_name": SHORT, "name_en": SHORT, "aliases": [SCRIPT] });
    is_data(&system.patch("/units/df-tobacco", None, &patch), SHORT);
    is_data(&officer.get("/units"), SHORT);
    let person = json!({ "username": "df-tobacco.script", "name": SHORT, "phone": SHORT, "unit": "df-tobacco" });
    is_data(&system.post("/users", &person), SHORT);
    is_data(&officer.get("/users?unit=df-tobacco"), SHORT);
    let kept =
        city.send("PUT", "/me/forms/matter.new", |request| request.bearer_auth(officer.token()).json(&json!({ "values": { SCRIPT: SCRIPT } })));
    assert_eq!(kept.status, 204, "{kept}");
    is_data(&officer.get("/me/forms/matter.new"), SCRIPT);

    // From a spreadsheet, in a cell, a heading, the sheet's and the file's name.
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("<svg onload=alert(1)>").expect("a name");
    for (column, heading) in (0u16..).zip(sheets::HEADERS.into_iter().chain([SCRIPT])) {
        sheet.write_string(0, column, heading).expect("a cell");
    }
    for (column, text) in (0u16..).zip(["1", SCRIPT, SCRIPT, SCRIPT, SCRIPT, SCRIPT, SCRIPT, SCRIPT]) {
        sheet.write_string(1, column, text).expect("a cell");
    }
    let preview = office.upload("/imports?kind=work_item", "<svg onload=alert(1)>.xlsx", workbook.save_to_buffer().expect("a workbook"));
    is_data(&preview, SCRIPT);
    is_data(&office.get("/imports"), "");

    // What is found is marked with marks, never with elements of a page.
    let found = officer.get("/search?q=onload");
    is_data(&found, "svg");
    assert!(!found.text().contains("<mark>") && !found.text().contains("<em>") && !found.text().contains("<b>"), "{found}");
}

#[test]
fn what_is_reflected_is_data() {
    let city = city();
    let office = city.person("df-justice.coordinator");
    let matter = handed_out("反射型脚本检查用的任务");
    let asked = "%3Cscript%3Ealert(1)%3C/script%3E";
    for path in [
        format!("/{asked}"),
        format!("/matters?kind={asked}"),
        format!("/matters?{asked}=1"),
        format!("/matters?cursor={asked}"),
        format!("/matters?limit={asked}"),
        format!("/matters/{asked}"),
        format!("/matters/{matter}/attachments/{asked}"),
        format!("/search?q=x&{asked}"),
        format!("/kinds/{asked}"),
        format!("/audit?from={asked}"),
        format!("/users?unit={asked}"),
        format!("/stats/overview?kind={asked}"),
        format!("/me/forms/{asked}"),
    ] {
        let answer = office.get(&path);
        assert!((400..500).contains(&answer.status), "{answer}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{answer}");
    }
    for body in [
        json!({ SCRIPT: 1 }),
        json!({ "kind": SCRIPT }),
        json!({ "kind": "work_item", "urgency": SCRIPT }),
        json!({ "kind": "work_item", "body": { SCRIPT: 1 } }),
    ] {
        let answer = office.post("/matters", &body);
        assert_eq!((answer.status, answer.header("content-type")), (422, "application/problem+json"), "{answer}");
    }
    office.act(&matter, SCRIPT.trim_matches('/'), json!({})).problem(404, "not_found");
}

/// A spreadsheet that others open: what begins like a formula goes out as a text, whichever way it came in.
#[test]
fn no_formula_goes_out_by_either_export() {
    let office = city().person("df-justice.coordinator");
    let word = "公式导出检查";
    let formulas = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1+1", "=HYPERLINK(\"http://evil.example\")", "＝1+1", "%0A=1+1"];
    for formula in formulas {
        let mut body = body(&office, &format!("{formula}{word}"));
        body["remark"] = json!(formula.trim());
        body["origin_ref"] = json!(format!("{}依据", formula.trim()));
        let new = json!({ "kind": "work_item", "title": format!("{}{word}", formula.trim()), "body": body, "domains": ["other"], "not_secret": true, "submit": true });
        assert_eq!(office.post("/matters", &new).status, 201, "{formula}");
    }
    let kept = crate::exports::finished(&office, &format!("kind=work_item&q={word}"));
    for file in [office.get(&format!("/exports/matters.xlsx?kind=work_item&q={word}")), office.get(&format!("/exports/{kept}/file"))] {
        assert!(file.header("content-disposition").starts_with("attachment;"), "{}", file.header("content-disposition"));
        let mut workbook: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(file.bytes.clone())).expect("a workbook");
        let mut cells = 0;
        for name in workbook.sheet_names() {
            let formulas = workbook.worksheet_formula(&name).expect("formulas can be read");
            assert!(formulas.used_cells().all(|(_, _, formula)| formula.is_empty()));
            for (_, _, cell) in workbook.worksheet_range(&name).expect("a sheet").used_cells() {
                assert!(!cell.to_string().starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
                cells += usize::from(cell.to_string().contains(word));
            }
        }
        assert!(cells >= formulas.len(), "the rows are there");
        // No link either, that opens with a click.
        let mut archive = zip::ZipArchive::new(Cursor::new(file.bytes)).expect("a zip");
        for index in 0..archive.len() {
            let mut text = String::new();
            let mut part = archive.by_index(index).expect("a part");
            if std::io::Read::read_to_string(&mut part, &mut text).is_ok() {
                assert!(!text.contains("<hyperlink") && !text.contains("TargetMode=\"External\""), "{}", part.name());
            }
        }
    }
}

fn gzipped(text: &[u8], times: usize) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..times {
        packer.write_all(text).expect("it can be packed");
    }
    packer.finish().expect("it can be packed")
}

/// Bodies that unpack to more than may be sent: refused as too large, with and without a key, before much is unpacked.
#[test]
fn packed_bodies_are_measured_unpacked() {
    let city = city();
    let token = city.person("df-market.handler").token();
    let send = |bytes: Vec<u8>, encoding: &str, key: Option<&str>| {
        city.send("POST", "/feedback", |request| {
            let request = request.bearer_auth(&token).header("content-type", "application/json").header("content-encoding", encoding);
            match key {
                Some(key) => request.header("idempotency-key", key),
                None => request,
            }
            .body(bytes)
        })
    };
    let small = json!({ "text": "压缩后发送的意见" }).to_string();
    assert_eq!(send(gzipped(small.as_bytes(), 1), "gzip", None).status, 201);
    let key = fresh_key();
    assert_eq!(send(gzipped(small.as_bytes(), 1), "gzip", Some(&key)).status, 201, "with a key it is the same");
    let begun = Instant::now();
    let bomb = gzipped(&vec![b' '; 1024 * 1024], 300);
    assert!(bomb.len() < 5 * 1024 * 1024);
    for key in [None, Some(fresh_key())] {
        let answer = send(bomb.clone(), "gzip", key.as_deref());
        assert!(matches!(answer.status, 400 | 413), "{answer}");
    }
    for encoding in ["gzip", "br", "zstd", "deflate", "gzip, gzip", "rot13"] {
        let answer = send(b"this is none of them".to_vec(), encoding, None);
        assert!((400..500).contains(&answer.status), "{encoding}: {answer}");
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        archive
            .start_file(*name, SimpleFileOptions::default())
            .and_then(|()| Ok(archive.write_all(text.as_bytes())?))
            .expect("a part can be written");
    }
    archive.finish().expect("an archive can be ended").into_inner()
}

/// An OpenDocument sheet of these rows, in its own XML.
fn ods(rows: &str) -> Vec<u8> {
    let content = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body><office:spreadsheet><table:table table:name="清单">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"#
    );
    let manifest = r#"<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"#;
    zipped(&[("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("META-INF/manifest.xml", manifest), ("content.xml", &content)])
}

fn ods_row(cells: &[&str]) -> String {
    let cells: String =
        cells.iter().map(|text| format!(r#"<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#)).collect();
    format!("<table:table-row>{cells}</table:table-row>")
}

/// A workbook of Excel 97 (MS-XLS) with texts at places, that claims a size.
fn xls(rows: u32, cells: &[(u16, u16, &str)]) -> Vec<u8> {
    let mut stream = Vec::new();
    let record = |stream: &mut Vec<u8>, kind: u16, body: &[u8]| {
        stream.extend(kind.to_le_bytes());
        stream.extend(u16::try_from(body.len()).unwrap_or(0).to_le_bytes());
        stream.extend(body);
    };
    let begin = |sheet: bool| [0x00, 0x06, if sheet { 0x10 } else { 0x05 }, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    record(&mut stream, 0x0809, &begin(false));
    record(&mut stream, 0x0042, &1200u16.to_le_bytes());
    let place = stream.len() + 4;
    record(&mut stream, 0x0085, &[0, 0, 0, 0, 0, 0, 1, 0, b'A']);
    record(&mut stream, 0x000a, &[]);
    let at = u32::try_from(stream.len()).unwrap_or(0);
    stream[place..place + 4].copy_from_slice(&at.to_le_bytes());
    record(&mut stream, 0x0809, &begin(true));
    let mut size = [0u8; 14];
    size[4..8].copy_from_slice(&rows.to_le_bytes());
    size[10..12].copy_from_slice(&256u16.to_le_bytes());
    record(&mut stream, 0x0200, &size);
    for (row, column, text) in cells {
        let letters: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = u16::try_from(letters.len() / 2).unwrap_or(0);
        let body = [&row.to_le_bytes()[..], &column.to_le_bytes(), &[0, 0], &length.to_le_bytes(), &[1], &letters].concat();
        record(&mut stream, 0x0204, &body);
    }
    record(&mut stream, 0x000a, &[]);
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("a compound file");
    file.create_stream("/Workbook").and_then(|mut made| made.write_all(&stream)).expect("a stream");
    file.flush().expect("it can be written");
    file.into_inner().into_inner()
}

/// A few cells far apart are a small file and a large sheet: without a look beforehand it is spread out in memory and ends the server.
#[test]
fn a_sheet_with_far_corners_is_refused() {
    let city = city();
    let office = city.person("df-justice.coordinator");
    let upload = |name: &str, bytes: Vec<u8>| {
        assert!(bytes.len() < 40_000, "it is small");
        office.upload("/imports?kind=work_item", name, bytes)
    };
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_string(0, 0, "工作任务").and_then(|sheet| sheet.write_string(1_048_575, 16_383, "x")).expect("cells");
    upload("a.xlsx", workbook.save_to_buffer().expect("a workbook")).problem(422, "import.too_many_rows");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_string(0, 0, "工作任务").and_then(|sheet| sheet.write_string(4_900, 16_383, "x")).expect("cells");
    upload("a.xlsx", workbook.save_to_buffer().expect("a workbook")).problem(422, "import.too_many_rows");

    let full = r#"<table:table-cell office:value-type="string" table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell>"#;
    for rows in [
        format!(r#"<table:table-row table:number-rows-repeated="1048576">{full}</table:table-row>"#),
        format!(r#"<table:table-row table:number-rows-repeated="6000">{full}</table:table-row>"#),
        format!("{}<table:table-row table:number-rows-repeated=\"100000\"/><table:table-row>{full}</table:table-row>", ods_row(&["工作任务"])),
    ] {
        upload("a.ods", ods(&rows)).problem(422, "import.too_many_rows");
    }
    upload("a.ods", ods("<table:table-row table:number-rows-repeated=\"99999999999999999999999\"/>")).problem(422, "import.not_a_spreadsheet");
    upload("a.xls", xls(3, &[(0, 0, "工作任务"), (65_535, 65_535, "x")])).problem(422, "import.too_many_rows");
    assert_eq!(upload("a.xls", xls(u32::MAX, &[(0, 0, "工作任务")])).status, 422);

    // Lists as offices keep them, in all three formats, with empty rows to the end of the sheet as LibreOffice writes them.
    let (headings, row) =
        (["工作任务", "牵头单位", "完成时限", "任务来源"], ["核查旧格式清单中的任务内容", "市文旅局", "2027-06-30", "工作方案二（一）"]);
    let tail = r#"<table:table-row table:number-rows-repeated="1048574"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>"#;
    let cells: Vec<(u16, u16, &str)> = [headings, row]
        .iter()
        .zip(0u16..)
        .flat_map(|(cells, line)| (0u16..).zip(cells.iter()).map(move |(column, text)| (line, column, *text)))
        .collect();
    for (name, bytes) in [("a.ods", ods(&(ods_row(&headings) + &ods_row(&row) + tail))), ("a.xls", xls(2, &cells))] {
        let preview = upload(name, bytes).ok();
        assert_eq!(preview["counts"]["accepted"], 1, "{name}: {preview:#}");
        assert_eq!(preview["rows"][0]["values"]["content"], row[0]);
    }
    // No entity of a workbook is expanded, none of elsewhere is fetched.
    let laughs = r#"<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY f SYSTEM "file:///etc/passwd">]>"#;
    let sheet = format!(
        "{laughs}<table:table-row><table:table-cell office:value-type=\"string\"><text:p>&c;&f;</text:p></table:table-cell></table:table-row>"
    );
    let answer = upload("a.ods", ods(&sheet));
    assert!(answer.status == 422 && !answer.text().contains("root:"), "{answer}");
    assert_eq!(city.get_outside("/healthz", |request| request).status, 200);
}

#[test]
fn json_has_one_meaning_and_an_end() {
    let (office, officer) = (city().person("df-justice.coordinator"), city().person("df-market.liaison_officer"));
    let begun = Instant::now();
    // Twice the same member: which one counted would depend on the reader.
    for text in [r#"{"text": "好的", "text": "不好"}"#, r#"{"text": "好的", "te\u0078t": "不好"}"#] {
        let answer = raw(&officer, "POST", "/feedback", text);
        assert!(matches!(answer.status, 400 | 422), "{answer}");
    }
    let deep = |open: &str, close: &str| format!(r#"{{"values": {{"a": {}{}}}}}"#, open.repeat(100_000), close.repeat(100_000));
    for text in [deep("[", "]"), deep(r#"{"a":"#, "").replace("}}}", ""), "[".repeat(1_000_000), format!("{}1", r#"{"a":"#.repeat(200_000))] {
        let answer = city().send("PUT", "/me/forms/deep", |request| {
            request.bearer_auth(officer.token()).header("content-type", "application/json").body(text.clone())
        });
        assert!(matches!(answer.status, 400 | 413 | 422), "{answer}");
    }
    for number in ["1e400", "-1e400", "99999999999999999999999999", "1e-999999999", "0x10", "01", "1.", ".5", "NaN", "Infinity", "-", "1_000"] {
        for text in [
            format!(r#"{{"start": "2026-11-24", "amount": {number}, "unit": "natural_days"}}"#),
            format!(
                r#"{{"start": "2026-11-24", "amount": 5, "unit": "natural_days", "extensions": [{{"amount": {number}, "unit": "natural_days"}}]}}"#
            ),
        ] {
            let answer = raw(&office, "POST", "/calendars/compute", text);
            assert!(matches!(answer.status, 400 | 422), "{number}: {answer}");
        }
        let answer = raw(&office, "POST", "/matters", format!(r#"{{"kind": "work_item", "body": {{"serial": {number}}}}}"#));
        assert!(matches!(answer.status, 400 | 422), "{number}: {answer}");
    }
    // As many steps as may be asked for, and beyond.
    for (amount, unit) in [(u64::from(u32::MAX), "working_days"), (3_660, "working_days"), (3_660, "months"), (100_000, "hours")] {
        let answer = office.post("/calendars/compute", &json!({ "start": "2026-11-24", "amount": amount, "unit": unit }));
        assert!(matches!(answer.status, 200 | 422), "{answer}");
    }
    for start in ["9999-12-31", "+262142-12-31", "-262143-01-01", "0000-00-00", "2026-02-30", "2026-11-24T25:61:61Z", "٢٠٢٦-١١-٢٤", "２０２６-11-24"]
    {
        let answer = office.post("/calendars/compute", &json!({ "start": start, "amount": 5, "unit": "natural_days" }));
        assert!(matches!(answer.status, 200 | 400 | 422), "{answer}");
        for query in ["due_before", "due_after", "limit_before", "rated_after", "closed_after"] {
            let answer = office.get(&format!("/matters?{query}={}", start.replace('+', "%2B")));
            assert!(matches!(answer.status, 200 | 400), "{answer}");
        }
    }
    // A cursor of one's own making.
    for key in ["+262142-12-31T23:59:59Z", "-262143-01-01T00:00:00Z", "9999-12-31", "\u{0}", "'", "x", ""] {
        let cursor = hex::encode(format!("{key}\u{1f}01990000-0000-7000-8000-000000000000"));
        for sort in ["due", "updated", "number"] {
            let answer = office.get(&format!("/matters?sort={sort}&cursor={cursor}"));
            assert!(matches!(answer.status, 200 | 400), "{key:?} {sort}: {answer}");
        }
        let answer = city().person("df-justice.audit_admin").get(&format!("/audit/seals?cursor={cursor}"));
        assert!(matches!(answer.status, 200 | 400), "{answer}");
    }
    // Words that a careless pattern would walk through for ever.
    for words in [
        "a".repeat(4000),
        "%".repeat(2000),
        "_%".repeat(1000),
        "(a+)+$".repeat(300),
        "\\".repeat(2000),
        "\"*".repeat(1000),
        "NEAR(a b".into(),
        "a AND OR NOT".into(),
    ] {
        let query: String = words.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for path in ["/search?q=", "/matters?q=", "/users?q=", "/matters/namesakes?title="] {
            let answer = office.get(&format!("{path}{query}"));
            assert!(matches!(answer.status, 200 | 400 | 414), "{path} {words:.20}: {answer}");
        }
    }
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}

/// Letters that look like others, or like none.
#[test]
fn a_name_is_one_spelling() {
    let system = city().person("df-justice.system_admin");
    for username in [
        "df-market.handl\u{435}r",
        "df-market.handler\u{200b}",
        "df-market.handler ",
        "ｄｆ-market.handler",
        "df-market.handler\u{301}",
        "df-market/handler",
        "a",
    ] {
        system.post("/users", &json!({ "username": username, "name": "某某", "unit": "df-market" })).fault("/username", "validation.format");
        city().login(username, tests::PASSWORD).problem(401, "auth.credentials_invalid");
    }
    // Case is no second person either.
    city().login("DF-MARKET.HANDLER", tests::PASSWORD).problem(401, "auth.credentials_invalid");
}

/// Members that the server keeps for itself are refused by name in every body there is.
#[test]
fn nobody_sets_what_is_not_theirs() {
    let city = city();
    let people =
        ["df-justice.coordinator", "df-justice.system_admin", "df-justice.security_admin", "df-justice.audit_admin"].map(|name| city.person(name));
    let matter = handed_out("批量赋值检查用的任务");
    let user = people[0].get("/me").ok()["id"].as_str().unwrap_or_default().to_owned();
    let document = city.get_outside("/openapi.json", |request| request).ok();
    let mut tried = 0;
    for (template, methods) in document["paths"].as_object().into_iter().flatten() {
        let Some(template) = template.strip_prefix("/api/v1") else { continue };
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            // A calendar is data in a shape of its own, checked by its own reader.
            if schema.is_null() || matches!(template, "/calendars/editions" | "/auth/logout") {
                continue;
            }
            let path = template
                .replace("{id}", if template.starts_with("/users") { &user } else { &matter })
                .replace("{code}", "df-tobacco")
                .replace("{action}", "urge")
                .replace("{row}", "2")
                .replace("{key}", "matter.new");
            let answers: Vec<Answer> =
                people.iter().map(|person| raw(person, &method.to_uppercase(), &path, r#"{"is_admin": true, "jurisdiction_id": "x"}"#)).collect();
            let refused = answers.iter().any(|answer| {
                answer.json()["errors"][0] == json!({ "pointer": "/is_admin", "code": "validation.unknown_field", "detail": "is_admin" })
            });
            assert!(refused, "{method} {template} takes what it doesn't know: {}", answers[0]);
            assert!(answers.iter().all(|answer| (400..500).contains(&answer.status)));
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried}");
    let office = &people[0];
    for member in [
        "id",
        "number",
        "state",
        "version",
        "holder",
        "originator",
        "created_by",
        "jurisdiction_id",
        "sealed",
        "level",
        "due_at",
        "parent",
        "parent_id",
        "is_open",
    ] {
        let mut new = json!({ "kind": "work_item", "body": body(office, "批量赋值检查用的任务"), "domains": ["other"], "not_secret": true });
        new[member] = json!("x");
        office.post("/matters", &new).fault(&format!("/{member}"), "validation.unknown_field");
        office.patch(&format!("/matters/{matter}"), Some(1), &json!({ member: "x" })).fault(&format!("/{member}"), "validation.unknown_field");
    }
    // What the product itself works out can't be typed, at the start or in a step.
    for member in ["percent", "last_progress", "result", "grade", "defects", "overdue_confirmed", "due_text"] {
        let mut typed = body(office, "派生字段不得由人填写的任务");
        typed[member] = json!("x");
        let new = json!({ "kind": "work_item", "body": typed, "domains": ["other"], "not_secret": true, "submit": true });
        office.post("/matters", &new).fault(&format!("/body/{member}"), "validation.unknown_field");
    }
    for member in ["state", "grade", "holder", "unit"] {
        office.act(&matter, "urge", json!({ "text": "请尽快办理", member: "x" })).fault(&format!("/input/{member}"), "validation.unknown_field");
    }
    for member in ["roles", "unit", "username", "active", "must_change_password", "totp_confirmed", "id", "name"] {
        let answer = office.patch("/me", None, &json!({ member: "x" }));
        answer.fault(&format!("/{member}"), "validation.unknown_field");
    }
}
