//! What comes in wrong: each fault has its own stable code and, where there is one, a pointer; and nothing is changed by it.
//! Other files check what belongs to their subject: `work_item` fields, `lists` pages, `import` spreadsheets, `sign_in` tokens.

use crate::{
    sheets,
    toy::LABORATORY,
    work_item::{body, handed_out, id},
};
use calamine::Reader;
use serde_json::{Value, json};
use std::io::Cursor;
use tests::{Answer, Person, city, laboratory};

fn raw(person: &Person, method: &str, path: &str, kind: &str, text: impl Into<reqwest::blocking::Body>) -> Answer {
    let token = person.token();
    city().send(method, path, |request| request.bearer_auth(token).header("content-type", kind).header("if-match", "\"1\"").body(text))
}

#[test]
fn what_cannot_be_read_changes_nothing() {
    // The other city is quiet: what it has before it has after.
    let office = city().person("xc-justice.coordinator");
    let all = || (office.all("/matters?limit=200"), office.all("/matters?box=drafts&limit=200"));
    let before = all();
    let json_kind = "application/json";
    let post = |text: &str| raw(&office, "POST", "/matters", json_kind, text.to_owned());
    post("{").problem(400, "request.malformed");
    post("").problem(400, "request.malformed");
    post("\u{feff}{}").problem(400, "request.malformed");
    post(r#"{"kind": "work_item", "title": "\ud800"}"#).problem(400, "request.malformed");
    post(&format!(r#"{{"kind": "work_item", "body": {{"content": {}{}}}}}"#, "[".repeat(2000), "]".repeat(2000))).problem(400, "request.malformed");
    post("[]").problem(422, "validation.type");
    post(r#"{"kind": 5}"#).problem(422, "validation.type");
    post(r#"{"kind": "work_item", "submit": "yes"}"#).problem(422, "validation.type");
    post(r#"{"title": "没有事项类型"}"#).fault("/kind", "validation.required");
    raw(&office, "POST", "/matters", "text/plain", "{}").problem(415, "request.unsupported_media_type");
    raw(&office, "POST", "/matters", "application/xml", "<a/>").problem(415, "request.unsupported_media_type");
    raw(&office, "POST", "/imports?kind=work_item", json_kind, "{}").problem(415, "request.unsupported_media_type");
    raw(&office, "POST", "/imports?kind=work_item", "multipart/form-data; boundary=x", "--x\r\nbroken").problem(400, "request.malformed");
    let title = |title: &str| office.post("/matters", &json!({ "kind": "work_item", "title": title, "body": {} }));
    title(&"长".repeat(81)).fault("/title", "validation.length");
    title(&"x".repeat(900_000)).fault("/title", "validation.length");
    title(&"x".repeat(1_100_000)).problem(413, "request.too_large");
    for bad in ["响铃\u{7}", "空\u{0}字符", "反向\u{202e}文字", "两\n行"] {
        title(bad).fault("/title", "validation.control_character");
    }
    let field = |name: &str, value: Value| {
        let mut body = body(&office, "错误输入检查用的任务内容");
        body["lead_unit"] = json!("xc-market");
        body[name] = value;
        office.post("/matters", &json!({ "kind": "work_item", "body": body, "domains": ["other"], "not_secret": true, "submit": true }))
    };
    field("content", json!("有\u{0}空字符的内容")).fault("/body/content", "validation.control_character");
    field("content", json!("字".repeat(1001))).fault("/body/content", "validation.length");
    field("co_units", json!("xc-court")).fault("/body/co_units", "validation.type");
    field("serial", json!(1.5)).fault("/body/serial", "validation.type");
    field("a/b~c", json!(1)).fault("/body/a~1b~0c", "validation.unknown_field");
    office.post("/matters", &json!({ "kind": "work_item", "urgency": "at_once", "body": {} })).fault("/urgency", "validation.enum");
    office.post("/matters", &json!({ "kind": "work_item", "domains": ["nothing"], "body": {} })).fault("/domains/0", "validation.enum");
    assert_eq!(all(), before, "nothing was written");
}

#[test]
fn zero_bytes_are_refused_wherever_they_come_in() {
    let (office, administrator) = (city().person("df-justice.coordinator"), city().person("df-justice.system_admin"));
    for path in ["/matters?kind=%00", "/matters?state=sent%00", "/matters?lead_unit=%00", "/matters?q=%00", "/search?q=%00", "/users?q=%00"] {
        office.get(path).problem(400, "request.query_invalid");
    }
    city().person("df-justice.audit_admin").get("/audit?subject=%00").problem(400, "request.query_invalid");
    for answer in [
        city().login("df-\u{0}market.handler", "x"),
        office.get("/kinds/work%00item"),
        office.get("/units/%00"),
        administrator.patch("/units/df-market", None, &json!({ "name": "市场\u{0}监管局" })),
        administrator.patch("/units/df-market", None, &json!({ "aliases": ["市场\u{0}局"] })),
        administrator.post("/users", &json!({ "username": "df-a.\u{0}", "name": "某某", "unit": "df-market" })),
        administrator.post("/users", &json!({ "username": "df-market.nul", "name": "某\u{0}某", "unit": "df-market" })),
        administrator.post("/users", &json!({ "username": "df-market.nul", "name": "某某", "phone": "1\u{0}", "unit": "df-market" })),
        office.post("/saved-views", &json!({ "name": "筛\u{0}选", "query": "" })),
        office.post("/saved-views", &json!({ "name": "筛选", "query": "q=\u{0}" })),
        office.post_with_key("/feedback", &json!({ "text": "好的\u{0}" }), "a-key-that-is-fine"),
    ] {
        assert!((400..500).contains(&answer.status), "{answer}");
    }
}

#[test]
fn names_of_people_and_units_stay_names() {
    let administrator = city().person("df-justice.system_admin");
    let user = city().person("df-tobacco.handler").get("/me").ok()["id"].as_str().unwrap_or_default().to_owned();
    for name in ["", "某", " ", &"长".repeat(31), "某\n某"] {
        administrator.patch(&format!("/users/{user}"), None, &json!({ "name": name })).fault("/name", "validation.length");
    }
    for (field, value) in [("name", json!("")), ("name", json!("长".repeat(61))), ("short_name", json!("")), ("short_name", json!("长".repeat(21)))]
    {
        administrator.patch("/units/df-tobacco", None, &json!({ field: value })).fault(&format!("/{field}"), "validation.length");
    }
    assert_eq!(
        city().person("df-tobacco.handler").get("/me").ok()["unit"]["short_name"],
        city().person("df-tobacco.unit_head").get("/me").ok()["unit"]["short_name"]
    );
}

#[test]
fn a_step_out_of_turn_names_the_holder() {
    let matter = handed_out("尚未签收就想办结的一项任务");
    let officer = city().person("df-market.liaison_officer");
    let before = officer.matter(&matter);
    let problem = officer
        .act(&matter, "report_completion", json!({ "result": "二十个字以上的完成情况说明，二十个字以上" }))
        .problem(409, "workflow.action_unavailable");
    let holder = before["holder"]["unit"]["short_name"].as_str().unwrap_or("?");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(holder) && detail.contains("sent")), "{problem}");
    officer.act(&matter, "no_such_action", json!({})).problem(404, "not_found");
    officer.act_on(&matter, None, "receive", &json!({}), "no-version-at-all").problem(428, "version.required");
    officer.act_on(&matter, Some(99), "receive", &json!({}), "a-version-to-come").problem(412, "version.stale");
    let path = format!("/matters/{matter}/actions/receive");
    let token = officer.token();
    let odd = city().send("POST", &path, |request| request.bearer_auth(&token).header("if-match", "*").json(&json!({ "input": {} })));
    odd.problem(412, "version.stale");
    raw(&officer, "POST", &path, "application/json", r#"{"input": []}"#).problem(422, "validation.type");
    officer.act(&matter, "receive", json!({ "colour": "red" })).fault("/input/colour", "validation.unknown_field");
    city().person("df-market.handler").get("/matters/not-an-id").problem(404, "not_found");
    assert_eq!(officer.matter(&matter)["version"], before["version"]);
}

#[test]
fn a_token_of_elsewhere_or_of_before_opens_nothing() {
    let mut laboratory = laboratory(LABORATORY).alone();
    let foreign = laboratory.person("df-market.handler").token();
    laboratory.send("GET", "/me", |request| request.bearer_auth(&foreign)).ok();
    city().send("GET", "/me", |request| request.bearer_auth(&foreign)).problem(401, "auth.token_invalid");
    laboratory.pass_hours(1);
    laboratory.send("GET", "/me", |request| request.bearer_auth(&foreign)).problem(401, "auth.token_invalid");
}

#[test]
fn a_sheet_of_a_hundred_thousand_rows_is_too_many() {
    let office = city().person("df-justice.coordinator");
    let row: &[&str] = &["1", "第一项任务内容文字", "市文旅局"];
    let mut rows: Vec<&[&str]> = vec![&["序号", "工作任务", "牵头单位"]];
    rows.resize(100_001, row);
    office.upload("/imports?kind=work_item", "a.xlsx", sheets::table(&rows)).problem(422, "import.too_many_rows");
}

#[test]
fn cells_that_look_like_programs_stay_text() {
    let office = city().person("df-justice.coordinator");
    let contents = [
        "=HYPERLINK(\"http://a.example\",\"点击查看天目山水库\")",
        "+天目山水库的第二项任务内容",
        "-天目山水库的第三项任务内容",
        "@SUM(天目山水库的第四项任务内容)",
        "<script>alert(1)</script>天目山水库",
    ];
    let rows: Vec<[&str; 7]> = contents.iter().map(|content| ["", *content, "市文旅局", "", "2027-06-30", "工作方案二（一）", ""]).collect();
    let preview = office.upload("/imports?kind=work_item", "<b>.xlsx", sheets::work_list(&rows)).ok();
    assert_eq!(preview["counts"]["accepted"], contents.len(), "{preview:#}");
    assert_eq!(preview["file_name"], "b.xlsx");
    let outcome = office.post(&format!("/imports/{}/commit", preview["id"].as_str().unwrap_or_default()), &json!({})).ok();
    let kept: Vec<Value> = outcome["matters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|id| office.matter(id.as_str().unwrap_or_default())["body"]["content"].clone())
        .collect();
    assert_eq!(kept, contents.map(|content| json!(content)), "kept as it was typed");
    let export = office.get("/exports/matters.xlsx?kind=work_item&q=天目山水库");
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(export.bytes.clone())).expect("the export is a workbook");
    assert!(
        workbook.worksheet_formula("工作任务").is_ok_and(|formulas| formulas.used_cells().all(|(_, _, formula)| formula.is_empty())),
        "no formula goes out"
    );
    let cells = workbook.worksheet_range_at(0).expect("a sheet").expect("the sheet can be read");
    for (_, _, cell) in cells.used_cells() {
        assert!(!cell.to_string().starts_with(['=', '+', '-', '@']), "{cell}");
    }
    let again = office.upload("/imports?kind=work_item", "matters.xlsx", export.bytes).ok();
    assert_eq!(again["counts"], json!({ "accepted": 0, "decide": 0, "refused": 0, "present": contents.len() }), "{again:#}");
}

#[test]
fn a_returned_task_stays_complete() {
    let matter = handed_out("退回后仍须完整的一项任务内容");
    let office = city().person("df-justice.coordinator");
    let refusal = json!({ "reason_code": "not_competent", "suggested_unit": "df-water", "reason_text": "该事项不属于我单位的职责范围" });
    city().person("df-market.unit_head").act(&matter, "refuse", refusal).ok();
    let returned = office.matter(&matter);
    let edit = |change: &dyn Fn(&mut Value)| {
        let mut body = crate::work_item::body(&office, "退回后仍须完整的一项任务内容");
        change(&mut body);
        office.patch(&format!("/matters/{matter}"), returned["version"].as_i64(), &json!({ "body": body }))
    };
    edit(&|body| body["content"] = Value::Null).fault("/body/content", "validation.required");
    edit(&|body| body["due_date"] = json!(crate::work_item::day(&office, 120))).fault_of(409, "/body/due_date", "workflow.action_unavailable");
    assert_eq!(id(&edit(&|body| body["remark"] = json!("已补充联系人")).ok()), matter);
    assert_eq!(office.matter(&matter)["due_at"], returned["due_at"]);
}

/// A value of the wrong type is named by its place, whichever endpoint it comes to; what is no JSON has none.
#[test]
fn a_wrong_type_is_pointed_at() {
    let office = city().person("df-justice.coordinator");
    let (administrator, officer) = (city().person("df-justice.system_admin"), city().person("df-market.liaison_officer"));
    let matter = handed_out("类型错误指向出错位置的任务");
    let nobody = "01990000-0000-7000-8000-000000000000";
    let step = format!("/matters/{matter}/actions/receive");
    let type_ = "validation.type";
    for (person, method, path, body, pointer, code) in [
        (&office, "POST", "/matters", r#"{"kind": "work_item", "title": 5}"#, "/title", type_),
        (&office, "POST", "/matters", "7", "", type_),
        (&office, "POST", "/matters", r#"{"title": "x"}"#, "/kind", "validation.required"),
        (&office, "POST", "/matters", r#"{"kind": "work_item", "body": []}"#, "/body", type_),
        (&office, "POST", "/matters", r#"{"kind": "work_item", "body": {"due_date": []}}"#, "/body/due_date", type_),
        (&office, "POST", "/matters", r#"{"kind": "work_item", "domains": ["market", {}]}"#, "/domains/1", type_),
        (&office, "POST", "/matters", r#"{"kind": "work_item", "a/b~": 1}"#, "/a~1b~0", "validation.unknown_field"),
        (&officer, "POST", &step, r#"{"input": []}"#, "/input", type_),
        (&officer, "PATCH", &format!("/matters/{matter}"), r#"{"title": {}}"#, "/title", type_),
        (&office, "POST", "/matters/bulk", r#"{"matters": ["x"], "action": "urge", "input": {}}"#, "/matters/0", type_),
        (&office, "POST", &format!("/matters/{matter}/comments"), r#"{"text": "好", "mentions": [7]}"#, "/mentions/0", type_),
        (&office, "POST", "/feedback", r#"{"text": null}"#, "/text", type_),
        (&office, "POST", "/feedback", "{}", "/text", "validation.required"),
        (&office, "PUT", "/me/forms/draft", r#"{"values": "x"}"#, "/values", type_),
        (&office, "POST", "/calendars/compute", r#"{"start": "2026-01-01", "amount": "five"}"#, "/amount", type_),
        (
            &administrator,
            "POST",
            "/users",
            r#"{"username": "df-a.b", "name": "某某", "unit": "df-market", "roles": ["king"]}"#,
            "/roles/0",
            "validation.enum",
        ),
        (&administrator, "PATCH", "/units/df-market", r#"{"aliases": [1]}"#, "/aliases/0", type_),
        (&administrator, "PATCH", "/me", r#"{"email_notices": "yes"}"#, "/email_notices", type_),
    ] {
        let answer = raw(person, method, path, "application/json", body);
        answer.problem(422, code);
        answer.fault(pointer, code);
    }
    let security = city().person("df-justice.security_admin");
    let odd = raw(&security, "POST", &format!("/users/{nobody}/sessions/revoke"), "application/json", r#"{"session": 3}"#);
    assert!(odd.status == 404 || odd.json()["errors"][0]["pointer"] == "/session", "{odd}");
    for text in ["{", "", r#"{"text": "好"} {}"#, r#"{"text": tru}"#, "\u{feff}{}"] {
        let answer = raw(&office, "POST", "/feedback", "application/json", text.to_owned());
        answer.problem(400, "request.malformed");
        assert_eq!(answer.json()["errors"], Value::Null, "{answer}");
    }
    assert_eq!(officer.matter(&matter)["state"], "sent", "nothing was done");
}

/// A unit as the list has it.
pub fn unit(person: &Person, code: &str) -> Value {
    let units = person.get("/units").ok();
    units.as_array().into_iter().flatten().find(|unit| unit["code"] == code).cloned().unwrap_or_default()
}

#[test]
fn a_unit_can_be_renamed_and_retyped() {
    let administrator = city().person("df-justice.system_admin");
    let unit = || unit(&city().person("df-market.handler"), "df-cyberspace");
    let before = unit();
    let patch = json!({
        "name": "登封市委网信办", "short_name": "市网信办（新）", "name_en": "Office of Cyberspace Affairs", "kind": "vertical_agency",
        "aliases": ["网信办公室"], "conference_member": before["conference_member"] == false,
    });
    let after = administrator.patch("/units/df-cyberspace", None, &patch).ok();
    for (field, value) in patch.as_object().into_iter().flatten() {
        assert_eq!((&after[field], &unit()[field]), (value, value), "{field}");
    }
    assert_eq!(city().person("df-cyberspace.handler").get("/me").ok()["unit_kind"], "vertical_agency");
    let refused = |patch: Value| administrator.patch("/units/df-cyberspace", None, &patch);
    refused(json!({ "name_en": "" })).fault("/name_en", "validation.length");
    refused(json!({ "kind": "kingdom" })).fault("/kind", "validation.enum");
    refused(json!({ "code": "df-other" })).fault("/code", "validation.unknown_field");
    // A mediator of a township would be none in a bureau.
    administrator.patch("/units/df-shaolin", None, &json!({ "kind": "school" })).problem(409, "role.conflict");
    let undo = json!({
        "name": before["name"], "short_name": before["short_name"], "name_en": before["name_en"], "kind": before["kind"],
        "aliases": before["aliases"], "conference_member": before["conference_member"],
    });
    administrator.patch("/units/df-cyberspace", None, &undo).ok();
    assert_eq!(unit(), before);
    let event = city().person("df-justice.audit_admin").all("/audit?action=unit_changed&limit=5");
    assert!(!event.is_empty());
}
