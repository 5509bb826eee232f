//! A spreadsheet comes in: read, explained, asked about where it must be, written only then.

use crate::sheets;
use calamine::Reader;
use serde_json::{Value, json};
use std::{fs, io::Cursor, path::Path};
use tests::{Person, city};

const PATH: &str = "/imports?kind=work_item";

fn sample() -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/samples/worklist_2026.xlsx")).expect("the sample is part of the repository")
}

#[track_caller]
fn row(preview: &Value, number: i64) -> &Value {
    let rows = preview["rows"].as_array().expect("a preview has rows");
    rows.iter().find(|row| row["row"] == number).unwrap_or_else(|| panic!("row {number} is missing"))
}

fn has_problem(row: &Value, code: &str) -> bool {
    row["problems"].as_array().is_some_and(|problems| problems.iter().any(|problem| problem["code"] == code))
}

/// Matters of the kind that the person sees whose content has these words.
fn written(person: &Person, words: &str) -> usize {
    person.all(&format!("/matters?kind=work_item&q={words}&limit=200")).len()
}

#[test]
fn the_sample_is_read_as_a_person_reads_it() {
    let office = city().person("df-justice.coordinator");
    let preview = office.upload(PATH, "worklist_2026.xlsx", sample()).ok();
    let rows = preview["rows"].as_array().expect("a preview has rows");
    assert_eq!(rows.len(), 21, "title, headings, groups, the blank row and the footer are no tasks");
    let verdicts = ["accepted", "decide", "refused", "present"];
    for verdict in verdicts {
        let counted = rows.iter().filter(|row| row["verdict"] == verdict).count();
        assert_eq!(preview["counts"][verdict], json!(counted), "{verdict}");
    }
    assert_eq!(preview["tables"][0]["header_row"], 3);

    // Dates as people write them.
    for (number, due) in [(5, "2026-12-31"), (7, "2027-06-30"), (9, "2027-03-31"), (10, "2027-06-30"), (12, "2027-09-30"), (14, "2027-02-28")] {
        assert_eq!(row(&preview, number)["values"]["due_date"], due, "row {number}");
    }
    assert_eq!(row(&preview, 16)["values"]["due_kind"], "standing");
    assert_eq!(row(&preview, 18)["values"]["due_kind"], "recurring");
    // Units by alias, with every separator.
    assert_eq!(row(&preview, 5)["values"]["lead_unit"], "df-justice");
    assert_eq!(row(&preview, 21)["values"]["lead_unit"], "df-12345");
    assert_eq!(row(&preview, 9)["values"]["co_units"].as_array().map(Vec::len), Some(4));
    assert!(row(&preview, 5)["understood"].as_array().is_some_and(|words| !words.is_empty()), "a reading explains itself");
    assert_eq!(row(&preview, 5)["group"], "一、联动机制");
    // Faults, and questions only a person can answer.
    assert!(has_problem(row(&preview, 26), "validation.format"), "2026-13-31");
    assert!(has_problem(row(&preview, 27), "validation.unknown_unit"), "市不存在局");
    assert!(has_problem(row(&preview, 12), "validation.single_lead"), "two leads in one cell");
    for number in [26, 27] {
        assert_eq!(row(&preview, number)["verdict"], "refused", "row {number}");
    }
    let all_members = row(&preview, 6);
    assert_eq!(all_members["verdict"], "decide");
    assert!(all_members["options"].as_array().is_some_and(|options| options.contains(&json!("split"))), "{all_members}");
    let split = office.patch(&format!("/imports/{}/rows/6", preview["id"].as_str().unwrap_or_default()), None, &json!({ "decision": "split" })).ok();
    let members = all_members["problems"][0]["detail"].as_str().and_then(|count| count.parse::<i64>().ok()).expect("how many units are meant");
    assert_eq!((&row(&split, 6)["verdict"], &row(&split, 6)["makes"]), (&json!("accepted"), &json!(members)), "one for each unit");
    assert_ne!(row(&preview, 25)["verdict"], "accepted", "the same serial and text twice");
    assert_ne!(row(&preview, 23)["verdict"], "accepted", "a date in the past wants a confirmation");
}

#[test]
fn nothing_is_written_before_commit_and_all_after() {
    let office = city().person("df-justice.coordinator");
    let sheet = sheets::work_list(&[
        ["1", "导入测试甲：核对窑址保护范围内的施工许可", "市文旅局", "", "2027-06-30", "工作方案二（一）", ""],
        ["2", "导入测试甲：公布窑址保护志愿者的联系方式", "市文旅局", "市水利局、市市场监管局", "2027年6月底前", "工作方案二（一）", "按月更新"],
        ["3", "导入测试甲：报送窑址周边的巡查记录情况", "市不存在局", "", "2027-06-30", "工作方案二（一）", ""],
        ["4", "导入测试甲：窑址周边的临时停车场整治", "市住建局", "", "2027-02-30", "工作方案二（一）", ""],
    ]);
    let preview = office.upload(PATH, "任务.xlsx", sheet.clone()).ok();
    let import = preview["id"].as_str().expect("an import has an id").to_owned();
    assert_eq!(preview["counts"], json!({ "accepted": 2, "decide": 0, "refused": 2, "present": 0 }), "{preview:#}");
    assert_eq!(written(&office, "窑址"), 0, "a preview writes nothing");

    let skipped = office.patch(&format!("/imports/{import}/rows/4"), None, &json!({ "decision": "skip" })).ok();
    assert_ne!(skipped["verdict"], "refused", "{skipped}");
    office.patch(&format!("/imports/{import}/rows/5"), None, &json!({ "values": { "colour": "red" } })).problem(422, "validation.unknown_field");
    office.patch(&format!("/imports/{import}/rows/5"), None, &json!({ "values": { "due_date": "2027-02-28" } })).ok();
    assert_eq!(written(&office, "窑址"), 0);

    let outcome = office.post(&format!("/imports/{import}/commit"), &json!({})).ok();
    assert_eq!(outcome["created"], 3, "{outcome}");
    assert_eq!(written(&office, "窑址"), 3);
    office.post(&format!("/imports/{import}/commit"), &json!({})).problem(409, "import.already_committed");
    // What was written says so, and what it became.
    let kept = office.get(&format!("/imports/{import}")).ok();
    for number in [2, 3, 5] {
        let one = row(&kept, number);
        let matter = one["matters"][0].as_str().expect("it became a matter");
        assert_eq!((&one["verdict"], &one["makes"]), (&json!("accepted"), &json!(1)), "{one}");
        assert!(outcome["matters"].as_array().is_some_and(|matters| matters.contains(&json!(matter))), "{outcome}");
        assert_eq!(office.matter(matter)["body"]["content"], one["values"]["content"]);
    }
    assert_eq!((&row(&kept, 4)["verdict"], &row(&kept, 4)["makes"]), (&json!("skipped"), &json!(0)));

    let again = office.upload(PATH, "任务.xlsx", sheet).ok();
    for number in [2, 3] {
        assert_eq!(row(&again, number)["verdict"], "present", "{again:#}");
    }
    city().person("df-market.liaison_officer").get(&format!("/imports/{import}")).problem(404, "not_found");
}

#[test]
fn what_goes_out_comes_back_without_a_question() {
    let office = city().person("df-justice.coordinator");
    let content = "导出后再导入：检查嵩阳书院周边的消防通道";
    crate::work_item::handed_out(content);
    let export = office.get("/exports/matters.xlsx?kind=work_item&q=嵩阳书院");
    assert_eq!(export.status, 200, "{}", export.request);
    assert!(export.header("content-type").contains("spreadsheetml"));
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(export.bytes.clone())).expect("the export is a workbook");
    let name = workbook.sheet_names().first().cloned().expect("a workbook has a sheet");
    let cells = workbook.worksheet_range(&name).expect("the sheet can be read");
    assert!(cells.used_cells().any(|(_, _, cell)| cell == content), "text comes back as it was typed");
    let preview = office.upload(PATH, "matters.xlsx", export.bytes).ok();
    assert!(preview["counts"]["present"].as_i64().is_some_and(|present| present > 0), "{preview:#}");
    assert_eq!((&preview["counts"]["decide"], &preview["counts"]["refused"]), (&json!(0), &json!(0)), "{preview:#}");
}

/// Every column that an import understands goes out, and comes back as it was typed.
#[test]
fn a_task_comes_back_whole() {
    let office = city().person("df-justice.coordinator");
    let mut date = crate::work_item::body(&office, "来回一趟：整治天中路沿线的户外广告");
    date["serial"] = json!(7);
    date["group"] = json!("一、联动机制");
    date["co_units"] = json!(["df-water", "df-urban"]);
    date["deliverables"] = json!(["整治清单", "前后对比照片"]);
    date["progress_cycle"] = json!("quarterly");
    date["remark"] = json!("与城管共同推进");
    let mut standing = crate::work_item::body(&office, "来回一趟：长期坚持行政执法信息共享");
    standing["due_kind"] = json!("standing");
    standing["review_cycle"] = json!("half_year");
    standing.as_object_mut().map(|body| body.remove("due_date"));
    let hand_out = |body: &Value| {
        crate::work_item::id(
            &office.post("/matters", &json!({ "kind": "work_item", "body": body, "domains": ["other"], "not_secret": true, "submit": true })).ok(),
        )
    };
    let (dated, open) = (hand_out(&date), hand_out(&standing));
    let export = office.get("/exports/matters.xlsx?kind=work_item&q=来回一趟");
    for id in [&dated, &open] {
        office.act(id, "void", json!({ "reason_text": "为再次导入而作废的任务" })).ok();
    }
    let preview = office.upload(PATH, "matters.xlsx", export.bytes).ok();
    assert_eq!(preview["counts"], json!({ "accepted": 2, "decide": 0, "refused": 0, "present": 0 }), "{preview:#}");
    let import = preview["id"].as_str().expect("an import has an id");
    let outcome = office.post(&format!("/imports/{import}/commit"), &json!({})).ok();
    let again: Vec<Value> =
        outcome["matters"].as_array().into_iter().flatten().map(|id| office.matter(id.as_str().unwrap_or("?"))["body"].clone()).collect();
    for typed in [&date, &standing] {
        let found = again.iter().find(|body| body["content"] == typed["content"]).expect("it came back");
        for name in [
            "serial",
            "content",
            "group",
            "lead_unit",
            "co_units",
            "due_kind",
            "due_date",
            "review_cycle",
            "deliverables",
            "progress_cycle",
            "remark",
        ] {
            let blank = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
            assert!(found[name] == typed[name] || (blank(&found[name]) && blank(&typed[name])), "{name}: {} became {}", typed[name], found[name]);
        }
    }
    let first = office.matter(outcome["matters"][0].as_str().unwrap_or("?"));
    assert!(first["not_secret"] == true && first["domains"].as_array().is_some_and(|domains| !domains.is_empty()), "{first}");
    // The list of imports tells what each was.
    let listed = office.all("/imports?limit=5");
    let own = listed.iter().find(|one| one["id"] == json!(import)).expect("it is listed");
    assert_eq!((&own["state"], &own["counts"]["accepted"]), (&json!("committed"), &json!(2)), "{own}");
}

#[test]
fn files_that_are_no_list_are_refused() {
    let office = city().person("df-justice.coordinator");
    office.upload(PATH, "a.xlsx", b"not a spreadsheet at all".to_vec()).problem(422, "import.not_a_spreadsheet");
    office.upload(PATH, "a.xlsx", Vec::new()).problem(422, "import.empty");
    office.upload(PATH, "a.xlsx", sheets::encrypted()).problem(422, "import.encrypted");
    office.upload(PATH, "a.xlsx", sheets::bomb()).problem(422, "import.decompressed_too_large");
    let mut cut = sample();
    cut.truncate(3000);
    office.upload(PATH, "a.xlsx", cut).problem(422, "import.not_a_spreadsheet");
    let empty = office.upload(PATH, "a.xlsx", sheets::work_list(&[]));
    assert_eq!(empty.status, 422, "{empty}");
    assert!(matches!(empty.json()["code"].as_str(), Some("import.empty" | "import.no_table")), "{empty}");
    city().person("df-market.handler").upload(PATH, "a.xlsx", sample()).problem(403, "permission.denied");
}
