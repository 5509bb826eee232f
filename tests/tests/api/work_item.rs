//! One task from draft to acceptance, as the linkage office and the market bureau live it.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use tests::{Person, city};

/// The local day by the server's clock, and days from it.
pub fn day(person: &Person, days: u64) -> String {
    let today = person.get("/me").ok()["today"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let today: NaiveDate = today.parse().expect("today is a day");
    today
        .checked_add_days(Days::new(days))
        .expect("a day not far away")
        .to_string()
}

pub fn body(office: &Person, content: &str) -> Value {
    json!({
        "content": content,
        "origin": "key_points",
        "origin_ref": "年度工作要点第三条",
        "lead_unit": "df-market",
        "co_units": [],
        "due_kind": "date",
        "due_date": day(office, 80),
        "deliverables": [],
        "progress_cycle": "none",
    })
}

/// A task handed out to the market bureau; gives its id.
#[track_caller]
pub fn handed_out(content: &str) -> String {
    let office = city().person("df-justice.coordinator");
    let created = office.post("/matters", &json!({ "kind": "work_item", "title": "", "body": body(&office, content), "submit": true }));
    assert_eq!(created.status, 201, "{created}");
    id(&created.ok())
}

pub fn id(matter: &Value) -> String {
    matter["id"]
        .as_str()
        .expect("a matter has an id")
        .to_owned()
}

#[track_caller]
fn action<'a>(matter: &'a Value, name: &str) -> &'a Value {
    let actions = matter["actions"].as_array().expect("a matter has actions");
    actions
        .iter()
        .find(|action| action["action"] == name)
        .unwrap_or_else(|| panic!("no action {name} in {actions:#?}"))
}

#[test]
fn a_task_goes_from_draft_to_acceptance() {
    let city = city();
    let office = city.person("df-justice.coordinator");
    let officer = city.person("df-market.liaison_officer");
    let content = "核查辖区内冷链食品仓库的台账并建立清单";

    let draft = office.post("/matters", &json!({ "kind": "work_item", "title": "", "body": body(&office, content), "submit": false }));
    assert_eq!(draft.status, 201, "{draft}");
    let id = id(&draft.ok());
    assert_eq!(draft.json()["state"], "draft");
    assert_eq!(draft.json()["number"], Value::Null, "a draft has no number");
    assert!(office.has_in_box("drafts", &id));
    assert_eq!(
        officer.get(&format!("/matters/{id}")).status,
        404,
        "nobody else sees a draft"
    );

    let sent = office.act(&id, "submit", json!({})).ok();
    assert_eq!(sent["state"], "sent");
    assert_eq!(sent["title"], content, "the title comes from the content");
    assert!(
        sent["number"]
            .as_str()
            .is_some_and(|number| number.contains("-WI-")),
        "{}",
        sent["number"]
    );
    assert_eq!(sent["holder"]["unit"]["code"], "df-market");
    assert_eq!(sent["due_at"], json!(day(&office, 80)));

    assert!(officer.has_in_box("todo", &id));
    assert!(office.has_in_box("mine", &id));
    city.person("df-water.handler")
        .get(&format!("/matters/{id}"))
        .problem(404, "not_found");
    let seen = officer.matter(&id);
    assert_eq!(action(&seen, "receive")["enabled"], true);
    let urge = action(&seen, "urge");
    assert!(
        urge["enabled"] == true || urge["reason"].is_object() || urge["who"].is_object(),
        "a grey button says why: {urge}"
    );

    assert_eq!(
        officer.act(&id, "receive", json!({})).ok()["state"],
        "in_progress"
    );
    let people = officer.all("/users?unit=own");
    let handler = people
        .iter()
        .find(|user| user["username"] == "df-market.handler")
        .expect("the bureau has a handler");
    let assigned = officer
        .act(
            &id,
            "assign",
            json!({ "handler": handler["id"], "note": "请本周内排出计划" }),
        )
        .ok();
    assert_eq!(assigned["holder"]["person"]["id"], handler["id"]);

    let handler = city.person("df-market.handler");
    assert!(handler.has_in_box("todo", &id));
    let reported = handler
        .act(
            &id,
            "report_progress",
            json!({ "percent": 40, "last_progress": "已核查二十家仓库，清单完成近半" }),
        )
        .ok();
    assert_eq!(reported["body"]["percent"], 40);
    let fallen = handler.act(
        &id,
        "report_progress",
        json!({ "percent": 30, "last_progress": "复核后有八家需要重新登记" }),
    );
    fallen.problem(409, "workflow.guard_failed");

    let later = day(&office, 100);
    let asked = officer.act(&id, "request_extension", json!({ "new_due": later, "reason_code": "policy", "reason_text": "上级部门正在修订台账的统一格式" })).ok();
    assert_eq!(asked["extension"]["new_due"], json!(later));
    assert_eq!(
        asked["due_at"],
        json!(day(&office, 80)),
        "asking does not move the date"
    );
    let approved = office
        .act(&id, "approve_extension", json!({ "opinion": "同意" }))
        .ok();
    assert_eq!(approved["due_at"], json!(later));

    let too_short = officer.act(&id, "report_completion", json!({ "result": "做完了" }));
    too_short.fault("/input/result", "validation.length");
    let reported = officer
        .act(
            &id,
            "report_completion",
            json!({ "result": "五十家冷链仓库全部核查完毕，台账和清单已经建立" }),
        )
        .ok();
    assert_eq!(reported["state"], "accepting");
    assert_eq!(reported["holder"]["unit"]["code"], "df-justice");
    assert!(office.has_in_box("todo", &id));
    officer
        .act(
            &id,
            "accept",
            json!({ "grade": "done", "opinion": "自己验收自己" }),
        )
        .problem(403, "permission.denied");

    let closed = office
        .act(
            &id,
            "accept",
            json!({ "grade": "done", "opinion": "资料齐全，予以销号" }),
        )
        .ok();
    assert_eq!(closed["state"], "closed");
    assert_eq!(closed["is_open"], false);
    assert_eq!(
        closed["holder"],
        Value::Null,
        "what is closed is held by nobody"
    );
    assert!(
        closed["clocks"]
            .as_array()
            .is_some_and(|clocks| clocks.iter().all(|clock| clock["state"] == "stopped"))
    );
    assert!(officer.has_in_box("done", &id));
    assert!(!officer.has_in_box("todo", &id));

    let events = office.all(&format!("/matters/{id}/events"));
    let taken: Vec<&str> = events
        .iter()
        .rev()
        .filter_map(|event| event["action"].as_str())
        .collect();
    let steps = [
        "submit",
        "receive",
        "assign",
        "report_progress",
        "request_extension",
        "approve_extension",
        "report_completion",
        "accept",
    ];
    let mut rest = taken.iter();
    assert!(
        steps.iter().all(|step| rest.any(|action| action == step)),
        "the history lacks a step: {taken:?}"
    );
}

#[test]
fn an_extension_has_a_cap() {
    let id = handed_out("排查校园周边食品经营单位的许可情况");
    let officer = city().person("df-market.liaison_officer");
    officer.act(&id, "receive", json!({})).ok();
    let beyond = json!({ "new_due": day(&officer, 300), "reason_code": "other", "reason_text": "需要更多时间完成全部排查工作" });
    officer
        .act(&id, "request_extension", beyond)
        .problem(422, "clock.extension_over_cap");
    let earlier = json!({ "new_due": day(&officer, 10), "reason_code": "other", "reason_text": "需要更多时间完成全部排查工作" });
    officer
        .act(&id, "request_extension", earlier)
        .problem(422, "validation.date_order");
}

#[test]
fn what_comes_in_is_checked_by_name() {
    let office = city().person("df-justice.coordinator");
    let create = |change: fn(&mut Value)| {
        let mut body = body(&office, "检查各单位联络员名册的更新情况");
        change(&mut body);
        office.post(
            "/matters",
            &json!({ "kind": "work_item", "title": "", "body": body, "submit": true }),
        )
    };
    create(|body| body["colour"] = json!("red")).fault("/body/colour", "validation.unknown_field");
    create(|body| body["due_date"] = json!("2026-02-30"))
        .fault("/body/due_date", "validation.format");
    create(|body| body["due_date"] = json!("2027-1-5"))
        .fault("/body/due_date", "validation.format");
    create(|body| body["lead_unit"] = json!("df-nowhere"))
        .fault("/body/lead_unit", "validation.unknown_unit");
    create(|body| body["lead_unit"] = json!("xc-market"))
        .fault("/body/lead_unit", "validation.unknown_unit");
    create(|body| body["origin"] = json!("rumour")).fault("/body/origin", "validation.enum");
    create(|body| body["content"] = json!("机密★ 关于某事项的工作安排"))
        .fault("/body/content", "validation.secret_marking");
    create(|body| body["content"] = json!("短")).fault("/body/content", "validation.length");
    create(|body| body["due_date"] = Value::Null).fault("/body/due_date", "validation.required");
    create(|body| body["co_units"] = json!(["df-market", "df-water"]))
        .problem(422, "validation.lead_in_co_units");
    create(|body| body["due_date"] = json!("2020-01-01")).problem(409, "workflow.guard_failed");
    office
        .post("/matters", &json!({ "kind": "work_item", "colour": "red" }))
        .fault("/colour", "validation.unknown_field");
    office
        .post("/matters", &json!({ "kind": "no_such_kind", "body": {} }))
        .problem(422, "validation.unknown_kind");
    city()
        .send("POST", "/matters", |request| {
            request.bearer_auth("x").body("{")
        })
        .problem(401, "auth.token_invalid");
}

#[test]
fn only_the_linkage_office_starts_a_task() {
    let officer = city().person("df-market.liaison_officer");
    let answer = officer.post("/matters", &json!({ "kind": "work_item", "body": body(&officer, "自己给自己布置一项任务"), "submit": false }));
    answer.problem(403, "permission.denied");
}

#[test]
fn a_co_unit_reports_its_part() {
    let office = city().person("df-justice.coordinator");
    let mut body = body(&office, "联合开展河道周边小作坊排查整治");
    body["co_units"] = json!(["df-water"]);
    let created = office
        .post(
            "/matters",
            &json!({ "kind": "work_item", "body": body, "submit": true }),
        )
        .ok();
    let id = id(&created);
    let officer = city().person("df-market.liaison_officer");
    officer.act(&id, "receive", json!({})).ok();
    let result = json!({ "result": "小作坊排查整治全部完成，问题清单均已整改到位" });
    officer
        .act(&id, "report_completion", result.clone())
        .problem(409, "workflow.guard_failed");
    let water = city().person("df-water.handler");
    assert!(
        water.has_in_box("todo", &id),
        "an open ask is a duty like any other"
    );
    water
        .act(
            &id,
            "cosign",
            json!({ "text": "河道内未发现新的排污口，台账已移交" }),
        )
        .ok();
    assert!(!water.has_in_box("todo", &id));
    assert_eq!(
        officer.act(&id, "report_completion", result).ok()["state"],
        "accepting"
    );
}
