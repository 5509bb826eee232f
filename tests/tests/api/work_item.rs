//! One task from draft to acceptance, as the linkage office and the market bureau live it.

use crate::toy::LABORATORY;
use chrono::{Datelike, Days, NaiveDate};
use serde_json::{Value, json};
use tests::{Answer, City, Person, city, laboratory};

/// The local day by the server's clock, and days from it.
pub fn day(person: &Person, days: u64) -> String {
    let today = person.get("/me").ok()["today"].as_str().unwrap_or_default().to_owned();
    let today: NaiveDate = today.parse().expect("today is a day");
    today.checked_add_days(Days::new(days)).expect("a day not far away").to_string()
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
    let created = office.post(
        "/matters",
        &json!({ "kind": "work_item", "title": "", "body": body(&office, content), "domains": ["other"], "not_secret": true, "submit": true }),
    );
    assert_eq!(created.status, 201, "{created}");
    id(&created.ok())
}

/// The lead unit's last steps: all done, evidence attached, reported by its head.
#[track_caller]
pub fn completed(lead: &str, id: &str, input: &Value) -> Answer {
    completed_in(city(), lead, id, input)
}

#[track_caller]
pub fn completed_in(city: &City, lead: &str, id: &str, input: &Value) -> Answer {
    let officer = city.person(&format!("{lead}.liaison_officer"));
    officer.act(id, "report_progress", json!({ "percent": 100, "last_progress": "全部工作已经完成，正在整理材料" })).ok();
    officer.upload(&format!("/matters/{id}/attachments"), "完成情况.txt", "清单与照片".into()).ok();
    city.person(&format!("{lead}.unit_head")).act(id, "report_completion", input.clone())
}

pub fn id(matter: &Value) -> String {
    matter["id"].as_str().expect("a matter has an id").to_owned()
}

#[track_caller]
fn action<'a>(matter: &'a Value, name: &str) -> &'a Value {
    let actions = matter["actions"].as_array().expect("a matter has actions");
    actions.iter().find(|action| action["action"] == name).unwrap_or_else(|| panic!("no action {name} in {actions:#?}"))
}

#[test]
fn a_task_goes_from_draft_to_acceptance() {
    let city = city();
    let office = city.person("df-justice.coordinator");
    let officer = city.person("df-market.liaison_officer");
    let content = "核查辖区内冷链食品仓库的台账并建立清单";

    let draft = office.post(
        "/matters",
        &json!({ "kind": "work_item", "title": "", "body": body(&office, content), "domains": ["other"], "not_secret": true, "submit": false }),
    );
    assert_eq!(draft.status, 201, "{draft}");
    let id = id(&draft.ok());
    assert_eq!(draft.json()["state"], "draft");
    assert_eq!(draft.json()["number"], Value::Null, "a draft has no number");
    assert!(office.has_in_box("drafts", &id));
    assert_eq!(officer.get(&format!("/matters/{id}")).status, 404, "nobody else sees a draft");

    let sent = office.act(&id, "submit", json!({})).ok();
    assert_eq!(sent["state"], "sent");
    assert_eq!(sent["title"], content, "the title comes from the content");
    assert!(sent["number"].as_str().is_some_and(|number| number.contains("-WI-")), "{}", sent["number"]);
    assert_eq!(sent["holder"]["unit"]["code"], "df-market");
    assert_eq!(sent["due_at"], json!(day(&office, 80)));

    assert!(officer.has_in_box("todo", &id));
    assert!(office.has_in_box("mine", &id));
    city.person("df-water.handler").get(&format!("/matters/{id}")).problem(404, "not_found");
    let seen = officer.matter(&id);
    assert_eq!(action(&seen, "receive")["enabled"], true);
    let urge = action(&seen, "urge");
    assert!(urge["enabled"] == true || urge["reason"].is_object() || urge["who"].is_object(), "a grey button says why: {urge}");

    assert_eq!(officer.act(&id, "receive", json!({})).ok()["state"], "in_progress");
    let people = officer.all("/users?unit=own");
    let handler = people.iter().find(|user| user["username"] == "df-market.handler").expect("the bureau has a handler");
    let assigned = officer.act(&id, "assign", json!({ "handler": handler["id"], "note": "请本周内排出计划" })).ok();
    assert_eq!(assigned["holder"]["person"]["id"], handler["id"]);

    let handler = city.person("df-market.handler");
    assert!(handler.has_in_box("todo", &id));
    let head = city.person("df-market.unit_head");
    let result = json!({ "result": "五十家冷链仓库全部核查完毕，台账和清单已经建立" });
    let early = head.act(&id, "report_completion", result.clone()).problem(409, "workflow.guard_failed");
    assert_eq!(early["detail"], "percent_complete", "{early}");
    let reported = handler.act(&id, "report_progress", json!({ "percent": 100, "last_progress": "五十家仓库均已核查，清单完成" })).ok();
    assert_eq!(reported["body"]["percent"], 100);
    let again = officer.act(&id, "report_progress", json!({ "percent": 100, "last_progress": "同一天又报了一次进展情况" }));
    assert_eq!(again.problem(409, "workflow.guard_failed")["detail"], "once_a_day", "{again}");

    let later = day(&office, 100);
    let extension = json!({ "new_due": later, "reason_code": "policy", "reason_text": "上级部门正在修订台账的统一格式" });
    officer.act(&id, "request_extension", extension.clone()).problem(403, "permission.denied");
    let asked = head.act(&id, "request_extension", extension).ok();
    assert_eq!(asked["extension"]["new_due"], json!(later));
    assert_eq!(asked["due_at"], json!(day(&office, 80)), "asking does not move the date");
    let approved = office.act(&id, "approve_extension", json!({ "opinion": "同意" })).ok();
    assert_eq!(approved["due_at"], json!(later));

    // The lead's own evidence counts, nobody else's.
    office.upload(&format!("/matters/{id}/attachments"), "督办材料.txt", "联动办的材料".into()).ok();
    let unproven = head.act(&id, "report_completion", result.clone()).problem(409, "workflow.guard_failed");
    assert_eq!(unproven["detail"], "evidence_attached", "{unproven}");
    handler.upload(&format!("/matters/{id}/attachments"), "核查清单.txt", "五十家".into()).ok();
    let too_short = head.act(&id, "report_completion", json!({ "result": "做完了" }));
    too_short.fault("/input/result", "validation.length");
    officer.act(&id, "report_completion", result.clone()).problem(403, "permission.denied");
    let reported = head.act(&id, "report_completion", result).ok();
    assert_eq!(reported["state"], "accepting");
    assert_eq!(reported["holder"]["unit"]["code"], "df-justice");
    assert!(office.has_in_box("todo", &id));
    officer.act(&id, "accept", json!({ "grade": "done", "opinion": "自己验收自己" })).problem(403, "permission.denied");

    let closed = office.act(&id, "accept", json!({ "grade": "done", "opinion": "资料齐全，予以销号" })).ok();
    assert_eq!(closed["state"], "closed");
    assert_eq!(closed["is_open"], false);
    assert_eq!(closed["holder"], Value::Null, "what is closed is held by nobody");
    assert!(closed["clocks"].as_array().is_some_and(|clocks| clocks.iter().all(|clock| clock["state"] == "stopped")));
    assert!(officer.has_in_box("done", &id));
    assert!(!officer.has_in_box("todo", &id));

    let earlier = json!({ "reason_text": "验收后发现清单缺少三家仓库", "new_due": day(&office, 0) });
    office.act(&id, "reopen", earlier).fault("/input/new_due", "validation.date_order");

    let events = office.all(&format!("/matters/{id}/events"));
    let taken: Vec<&str> = events.iter().rev().filter_map(|event| event["action"].as_str()).collect();
    let steps = ["submit", "receive", "assign", "report_progress", "request_extension", "approve_extension", "report_completion", "accept"];
    let mut rest = taken.iter();
    assert!(steps.iter().all(|step| rest.any(|action| action == step)), "the history lacks a step: {taken:?}");
}

#[test]
fn an_extension_has_a_cap() {
    let id = handed_out("排查校园周边食品经营单位的许可情况");
    let officer = city().person("df-market.liaison_officer");
    officer.act(&id, "receive", json!({})).ok();
    let beyond = json!({ "new_due": day(&officer, 300), "reason_code": "other", "reason_text": "需要更多时间完成全部排查工作" });
    let head = city().person("df-market.unit_head");
    head.act(&id, "request_extension", beyond).problem(422, "clock.extension_over_cap");
    let earlier = json!({ "new_due": day(&officer, 10), "reason_code": "other", "reason_text": "需要更多时间完成全部排查工作" });
    head.act(&id, "request_extension", earlier).problem(422, "validation.date_order");
}

#[test]
fn what_comes_in_is_checked_by_name() {
    let office = city().person("df-justice.coordinator");
    let create = |change: fn(&mut Value)| {
        let mut body = body(&office, "检查各单位联络员名册的更新情况");
        change(&mut body);
        office.post("/matters", &json!({ "kind": "work_item", "title": "", "body": body, "domains": ["other"], "not_secret": true, "submit": true }))
    };
    create(|body| body["colour"] = json!("red")).fault("/body/colour", "validation.unknown_field");
    create(|body| body["due_date"] = json!("2026-02-30")).fault("/body/due_date", "validation.format");
    create(|body| body["due_date"] = json!("2027-1-5")).fault("/body/due_date", "validation.format");
    create(|body| body["lead_unit"] = json!("df-nowhere")).fault("/body/lead_unit", "validation.unknown_unit");
    create(|body| body["lead_unit"] = json!("xc-market")).fault("/body/lead_unit", "validation.unknown_unit");
    create(|body| body["origin"] = json!("rumour")).fault("/body/origin", "validation.enum");
    create(|body| body["content"] = json!("机密★ 关于某事项的工作安排")).fault("/body/content", "validation.secret_marking");
    create(|body| body["content"] = json!("短")).fault("/body/content", "validation.length");
    create(|body| body["due_date"] = Value::Null).fault("/body/due_date", "validation.required");
    create(|body| body["co_units"] = json!(["df-market", "df-water"])).fault("/body/co_units", "validation.lead_in_co_units");
    let recurring = |recurrence: Value| {
        let mut body = body(&office, "按周期报送的任务，周期须合理");
        body["due_kind"] = json!("recurring");
        body["due_date"] = Value::Null;
        body["recurrence"] = recurrence;
        office.post("/matters", &json!({ "kind": "work_item", "title": "", "body": body, "domains": ["other"], "not_secret": true, "submit": true }))
    };
    recurring(json!({ "every": "month", "day": { "day": 200 } })).fault("/body/recurrence/day/day", "validation.range");
    recurring(json!({ "every": "month", "day": { "day": 0 } })).fault("/body/recurrence/day/day", "validation.range");
    recurring(json!({ "every": "week", "day": { "weekday": 99 } })).fault("/body/recurrence/day/weekday", "validation.range");
    let odd = recurring(json!({ "every": "year", "day": { "month_day": { "month": 13, "day": 32 } } }));
    odd.fault("/body/recurrence/day/month_day/month", "validation.range");
    odd.fault("/body/recurrence/day/month_day/day", "validation.range");
    // Whatever the day, none falls on tomorrow's week day before tomorrow.
    let tomorrow: NaiveDate = day(&office, 1).parse().expect("a day");
    let over = recurring(json!({ "every": "week", "day": { "weekday": tomorrow.weekday().number_from_monday() }, "until": day(&office, 0) }));
    over.problem(409, "workflow.guard_failed");
    create(|body| body["due_date"] = json!("2020-01-01")).problem(409, "workflow.guard_failed");
    office.post("/matters", &json!({ "kind": "work_item", "colour": "red" })).fault("/colour", "validation.unknown_field");
    office.post("/matters", &json!({ "kind": "no_such_kind", "body": {} })).problem(422, "validation.unknown_kind");
    city().send("POST", "/matters", |request| request.bearer_auth("x").body("{")).problem(401, "auth.token_invalid");
}

/// domain.md §1.7: what every matter has beside its own fields.
#[test]
fn the_header_is_complete_when_it_is_handed_out() {
    let office = city().person("df-justice.coordinator");
    let content = "核对各单位表头信息的填写情况";
    let whole = json!({
        "kind": "work_item", "body": body(&office, content), "domains": ["other"], "not_secret": true, "submit": true, "main_task": "mt2",
        "summary": "各单位报送材料的表头应当填写完整，便于统计和检索",
    });
    let without = |change: &dyn Fn(&mut Value)| {
        let mut new = whole.clone();
        change(&mut new);
        office.post("/matters", &new)
    };
    let bare = without(&|new| {
        new["not_secret"] = json!(false);
        new["domains"] = json!([]);
    });
    bare.fault("/not_secret", "validation.required");
    bare.fault("/domains", "validation.required");
    without(&|new| new["domains"] = json!(["food_drug", "ecology", "tax", "water"])).fault("/domains", "validation.length");
    without(&|new| new["main_task"] = json!("mt9")).fault("/main_task", "validation.enum");
    without(&|new| new["summary"] = json!("太短的摘要")).fault("/summary", "validation.length");
    without(&|new| new["summary"] = json!("本摘要含有机密★字样，因此不得进入本平台系统")).fault("/summary", "validation.secret_marking");
    // A draft may lack it; what is handed out may not.
    let draft = id(&without(&|new| {
        new["not_secret"] = json!(false);
        new["submit"] = json!(false);
    })
    .ok());
    office.act(&draft, "submit", json!({})).fault("/not_secret", "validation.required");
    let version = office.matter(&draft)["version"].as_i64();
    let patched = office.patch(&format!("/matters/{draft}"), version, &json!({ "not_secret": true, "main_task": "mt7" })).ok();
    assert_eq!((&patched["not_secret"], &patched["main_task"]), (&json!(true), &json!("mt7")));
    office.act(&draft, "submit", json!({})).ok();
    // The same title on the same day is told, not refused.
    let told = office.all(&format!("/matters/namesakes?title={content}"));
    assert_eq!(told.iter().map(id).collect::<Vec<_>>(), std::slice::from_ref(&draft));
    assert_eq!(without(&|_| ()).status, 201);
    assert_eq!(office.all(&format!("/matters/namesakes?title={content}&limit=1")).len(), 2);
    assert!(office.all("/matters/namesakes?title=没有这样的标题").is_empty());
    assert!(city().person("df-market.liaison_officer").all(&format!("/matters/namesakes?title={content}")).is_empty(), "only one's own unit's");
}

#[test]
fn only_the_linkage_office_starts_a_task() {
    let officer = city().person("df-market.liaison_officer");
    let answer = officer.post(
        "/matters",
        &json!({ "kind": "work_item", "body": body(&officer, "自己给自己布置一项任务"), "domains": ["other"], "not_secret": true, "submit": false }),
    );
    answer.problem(403, "permission.denied");
}

#[test]
fn a_co_unit_reports_its_part() {
    let office = city().person("df-justice.coordinator");
    let mut body = body(&office, "联合开展河道周边小作坊排查整治");
    body["co_units"] = json!(["df-water"]);
    let created =
        office.post("/matters", &json!({ "kind": "work_item", "body": body, "domains": ["other"], "not_secret": true, "submit": true })).ok();
    let id = id(&created);
    let officer = city().person("df-market.liaison_officer");
    officer.act(&id, "receive", json!({})).ok();
    let result = json!({ "result": "小作坊排查整治全部完成，问题清单均已整改到位" });
    let silent = completed("df-market", &id, &result).problem(409, "workflow.guard_failed");
    assert_eq!(silent["detail"], "co_units_explained", "{silent}");
    let water = city().person("df-water.handler");
    assert!(water.has_in_box("todo", &id), "an open ask is a duty like any other");
    water.act(&id, "cosign", json!({ "text": "河道内未发现新的排污口，台账已移交" })).ok();
    assert!(!water.has_in_box("todo", &id));
    // A co-unit reports progress too, once a day like the lead.
    let progress = json!({ "percent": 100, "last_progress": "河道沿线小作坊已全部摸排到位" });
    water.act(&id, "report_progress", progress.clone()).ok();
    water.act(&id, "report_progress", progress).problem(409, "workflow.guard_failed");
    assert_eq!(city().person("df-market.unit_head").act(&id, "report_completion", result).ok()["state"], "accepting");
}

/// A co-unit's part in a task: its part, and the asks of it, oldest first.
fn part_of(matter: &Value, unit: &str) -> (bool, Vec<String>) {
    let party = matter["parties"].as_array().into_iter().flatten().find(|party| party["unit"]["code"] == unit);
    let co = party.is_some_and(|party| party["parts"].as_array().is_some_and(|parts| parts.contains(&json!("co_handler"))));
    let asks = matter["asks"].as_array().into_iter().flatten().filter(|ask| ask["unit"]["code"] == unit);
    (co, asks.filter_map(|ask| ask["state"].as_str().map(str::to_owned)).collect())
}

#[test]
fn lead_and_co_units_stay_apart_whoever_comes_or_goes() {
    let office = city().person("df-justice.coordinator");
    let mut typed = body(&office, "退回后调整牵头和责任单位的任务");
    typed["co_units"] = json!(["df-water"]);
    let id =
        id(&office.post("/matters", &json!({ "kind": "work_item", "body": typed, "domains": ["other"], "not_secret": true, "submit": true })).ok());
    let refusal = json!({ "reason_code": "not_competent", "suggested_unit": "df-water", "reason_text": "该事项不属于我单位的职责范围" });
    let market = city().person("df-market.unit_head");
    city().person("df-market.handler").act(&id, "refuse", refusal.clone()).problem(403, "permission.denied");
    market.act(&id, "refuse", refusal).ok();
    // An edit while it is returned: the lead can't be made a co-unit, and who is added takes part once it is sent again.
    let mut edited = typed.clone();
    edited["co_units"] = json!(["df-water", "df-market"]);
    let version = office.matter(&id)["version"].as_i64();
    office.patch(&format!("/matters/{id}"), version, &json!({ "body": edited })).fault("/body/co_units", "validation.lead_in_co_units");
    office.patch(&format!("/matters/{id}"), version, &json!({ "title": "短" })).fault("/title", "validation.length");
    edited["co_units"] = json!(["df-water", "df-health"]);
    office.patch(&format!("/matters/{id}"), version, &json!({ "body": edited })).ok();
    assert_eq!(part_of(&office.matter(&id), "df-health"), (false, vec![]));
    // The new lead was a co-unit: it is one no longer, and is not asked for its part.
    let sent = office.act(&id, "resend", json!({ "unit": "df-water" })).ok();
    assert_eq!((&sent["body"]["lead_unit"], &sent["body"]["co_units"]), (&json!("df-water"), &json!(["df-health"])));
    assert_eq!(part_of(&sent, "df-health"), (true, vec!["open".to_owned()]));
    assert_eq!(part_of(&sent, "df-water"), (false, vec!["withdrawn".to_owned()]));
    city().person("df-water.liaison_officer").act(&id, "receive", json!({})).ok();
    // Another lead, out of the co-units: the old one takes part from now on.
    let changed = office.act(&id, "change_lead", json!({ "unit": "df-health", "reason_text": "改由卫生健康部门牵头更为合适" })).ok();
    assert_eq!((&changed["body"]["lead_unit"], &changed["body"]["co_units"]), (&json!("df-health"), &json!(["df-water"])));
    assert_eq!(part_of(&changed, "df-health"), (false, vec!["withdrawn".to_owned()]));
    assert_eq!(part_of(&changed, "df-water"), (true, vec!["withdrawn".to_owned(), "open".to_owned()]));
}

#[test]
fn an_adjustment_is_approved_and_keeps_what_was_before() {
    let content = "建立校外培训机构名单并每季度更新";
    let id = handed_out(content);
    let office = city().person("df-justice.coordinator");
    city().person("df-market.liaison_officer").act(&id, "receive", json!({})).ok();
    let approval = json!({ "approver": "市政府分管领导", "decision_ref": "联办〔2026〕7号", "reason_text": "检查范围由名单扩大到现场" });
    let with = |change: Value| {
        let mut input = approval.clone();
        input.as_object_mut().expect("an object").extend(change.as_object().cloned().unwrap_or_default());
        input
    };
    office.act(&id, "adjust", with(json!({}))).problem(409, "workflow.guard_failed");
    office
        .act(&id, "adjust", json!({ "content": "建立名单并现场检查", "approver": "市长", "reason_text": "检查范围由名单扩大到现场" }))
        .fault("/input/decision_ref", "validation.required");
    office.act(&id, "adjust", with(json!({ "due_date": day(&office, 0) }))).fault("/input/due_date", "validation.date_order");
    office.act(&id, "adjust", with(json!({ "co_units": ["df-market"] }))).fault("/body/co_units", "validation.lead_in_co_units");
    let now = "建立校外培训机构名单，每季度更新并现场检查";
    let adjusted = office.act(&id, "adjust", with(json!({ "content": now, "co_units": ["df-education"], "due_date": day(&office, 120) }))).ok();
    assert_eq!((&adjusted["state"], &adjusted["title"], &adjusted["due_at"]), (&json!("in_progress"), &json!(now), &json!(day(&office, 120))));
    assert_eq!(part_of(&adjusted, "df-education"), (true, vec!["open".to_owned()]));
    let events = office.all(&format!("/matters/{id}/events"));
    let event = events.iter().find(|event| event["action"] == "adjust").expect("it is in the history");
    let told = |label: &str| event["details"].as_array().into_iter().flatten().find(|detail| detail["label"]["zh"] == label).cloned();
    assert_eq!(told("原任务内容").expect("what was before")["value"], content, "{event}");
    assert_eq!(told("任务内容").expect("what is now")["value"], now);
    assert_eq!(told("原完成时限").expect("the day before")["value"], json!(day(&office, 80)));
    let main =
        adjusted["clocks"].as_array().into_iter().flatten().find(|clock| clock["main"] == true && clock["state"] == "running").expect("a clock");
    let explained = office.get(&format!("/matters/{id}/clocks/{}", main["id"].as_str().unwrap_or_default())).ok();
    assert!(explained["sentences"][0]["zh"].as_str().is_some_and(|text| text.contains("调整")), "{explained}");
}

#[test]
fn copied_units_read_and_remark_and_observers_read() {
    let id = handed_out("抄送单位只能阅读的一项任务");
    let office = city().person("df-justice.coordinator");
    office.act(&id, "cc_add", json!({ "units": ["df-court"] })).ok();
    for (name, remarks) in [("df-court.liaison_officer", true), ("df-procuratorate.prosecutor", false)] {
        let person = city().person(name);
        let seen = person.matter(&id);
        assert_eq!((&seen["is_party"], &seen["participates"]), (&json!(remarks), &json!(false)));
        let said = person.post(&format!("/matters/{id}/comments"), &json!({ "text": "建议尽快办理" }));
        if remarks {
            said.ok()
        } else {
            said.problem(403, "permission.denied")
        };
        person.upload(&format!("/matters/{id}/attachments"), "意见.txt", "意见".into()).problem(403, "permission.denied");
        for path in ["/comments", "/attachments", "/events", "/links"] {
            person.get(&format!("/matters/{id}{path}")).ok();
        }
        assert_eq!(person.post(&format!("/matters/{id}/notes"), &json!({ "text": "本单位留意" })).status, 201, "a note stays in the unit");
    }
    let officer = city().person("df-market.liaison_officer");
    assert_eq!(officer.matter(&id)["participates"], true);
    officer.post(&format!("/matters/{id}/comments"), &json!({ "text": "收到" })).ok();
    for name in ["一.txt", "二.txt", "三.txt"] {
        officer.upload(&format!("/matters/{id}/attachments"), name, name.into()).ok();
    }
    let files = officer.all(&format!("/matters/{id}/attachments?limit=2"));
    assert_eq!(files.iter().map(|file| file["name"].as_str().unwrap_or_default()).collect::<Vec<_>>(), ["三.txt", "二.txt", "一.txt"]);
}

#[test]
fn what_has_no_name_is_not_handed_out() {
    let office = city().person("df-justice.coordinator");
    let mut typed = body(&office, "标题过短的草稿不能交办出去");
    typed["co_units"] = json!([]);
    let draft = office
        .post(
            "/matters",
            &json!({ "kind": "work_item", "title": "短标题", "body": typed, "domains": ["other"], "not_secret": true, "submit": false }),
        )
        .ok();
    office.act(&id(&draft), "submit", json!({})).fault("/title", "validation.length");
}

#[test]
fn days_pass_over_progress_urges_and_reopening() {
    let mut laboratory = laboratory(LABORATORY).alone();
    let office = laboratory.person("df-justice.coordinator");
    let mut typed = body(&office, "多次催办并在一年内重新办理的任务");
    typed["lead_unit"] = json!("df-market");
    let id =
        id(&office.post("/matters", &json!({ "kind": "work_item", "body": typed, "domains": ["other"], "not_secret": true, "submit": true })).ok());
    laboratory.person("df-market.liaison_officer").act(&id, "receive", json!({})).ok();
    laboratory.person("df-market.handler").act(&id, "report_progress", json!({ "percent": 40, "last_progress": "已核查二十家，完成近半" })).ok();
    let head_told =
        |person: &Person| person.all("/notices?limit=200").iter().filter(|notice| notice["matter"] == json!(id) && notice["kind"] == "urge").count();
    for urge in 1..=3 {
        laboratory.pass_days(2);
        laboratory.person("df-justice.coordinator").act(&id, "urge", json!({ "text": "请抓紧办理" })).ok();
        assert_eq!(head_told(&laboratory.person("df-market.unit_head")), usize::from(urge == 3), "the third one reaches the head");
    }
    let fallen =
        laboratory.person("df-market.handler").act(&id, "report_progress", json!({ "percent": 30, "last_progress": "复核后有八家需要重新登记" }));
    assert_eq!(fallen.problem(409, "workflow.guard_failed")["detail"], "percent_not_falling", "{fallen}");
    let officer = laboratory.person("df-market.liaison_officer");
    officer.act(&id, "report_progress", json!({ "percent": 100, "last_progress": "全部核查完成，资料齐全" })).ok();
    officer.upload(&format!("/matters/{id}/attachments"), "清单.txt", "清单".into()).ok();
    let result = json!({ "result": "全部仓库核查完毕，台账和清单均已建立并报送" });
    laboratory.person("df-market.unit_head").act(&id, "report_completion", result).ok();
    let office = laboratory.person("df-justice.coordinator");
    office.act(&id, "accept", json!({ "grade": "done", "opinion": "资料齐全，予以销号" })).ok();
    laboratory.pass_days(370);
    let office = laboratory.person("df-justice.coordinator");
    let late = json!({ "reason_text": "一年之后再次发现同样的问题", "new_due": day(&office, 30) });
    assert_eq!(office.act(&id, "reopen", late).problem(409, "workflow.guard_failed")["detail"], "within_a_year");
}

/// The periods of a recurring task.
fn periods(city: &City, id: &str) -> Vec<Value> {
    city.person("df-justice.coordinator").all(&format!("/matters?parent={id}&sort=number&limit=50"))
}

#[test]
fn a_series_ends_by_itself_and_takes_its_periods_along() {
    let mut laboratory = laboratory(LABORATORY).alone();
    let series = |laboratory: &City, content: &str, until: &str| {
        let office = laboratory.person("df-justice.coordinator");
        let mut typed = body(&office, content);
        typed["due_kind"] = json!("recurring");
        typed["due_date"] = Value::Null;
        typed["recurrence"] = json!({ "every": "week", "day": { "weekday": 5 }, "until": until });
        let id = id(&office
            .post("/matters", &json!({ "kind": "work_item", "body": typed, "domains": ["other"], "not_secret": true, "submit": true }))
            .ok());
        laboratory.person("df-market.liaison_officer").act(&id, "receive", json!({})).ok();
        id
    };
    let ends = day(&laboratory.person("df-justice.coordinator"), 13);
    let [short, changed, dropped] = ["每周报送的任务，两期之后结束", "每周报送的任务，中途变更牵头", "每周报送的任务，中途撤销"]
        .map(|content| series(&laboratory, content, &ends));
    assert_eq!(periods(&laboratory, &short).len(), 1);
    let office = laboratory.person("df-justice.coordinator");
    office.act(&short, "report_completion", json!({})).problem(403, "permission.denied");
    // Another lead takes over the open period too; ending the series ends it.
    let lead = json!({ "unit": "df-water", "reason_text": "改由水利部门牵头更为合适" });
    office.act(&changed, "change_lead", lead).ok();
    let moved = laboratory.person("df-justice.coordinator").matter(periods(&laboratory, &changed)[0]["id"].as_str().unwrap_or_default());
    assert_eq!(
        (&moved["state"], &moved["holder"]["unit"]["code"], &moved["body"]["lead_unit"]),
        (&json!("sent"), &json!("df-water"), &json!("df-water"))
    );
    office.act(&dropped, "cancel", json!({ "decision_ref": "会议纪要第9号", "reason_text": "任务不再需要，予以撤销" })).ok();
    assert!(periods(&laboratory, &dropped).iter().all(|period| period["state"] == "cancelled"), "{:#?}", periods(&laboratory, &dropped));

    // Every period is done in its week; after the last one the series closes.
    for week in 0..3 {
        for period in periods(&laboratory, &short).iter().filter(|period| period["is_open"] == true) {
            let id = id(period);
            let officer = laboratory.person("df-market.liaison_officer");
            officer.act(&id, "report_progress", json!({ "percent": 100, "last_progress": "本期材料已经全部报送" })).ok();
            officer.upload(&format!("/matters/{id}/attachments"), "本期.txt", "本期".into()).ok();
            let result = json!({ "result": "本期应报送的材料已经全部报送完毕，无遗漏" });
            laboratory.person("df-market.unit_head").act(&id, "report_completion", result).ok();
            laboratory.person("df-justice.coordinator").act(&id, "accept", json!({ "grade": "done", "opinion": "同意" })).ok();
        }
        if laboratory.person("df-justice.coordinator").matter(&short)["state"] == "closed" {
            assert!(week > 0 || periods(&laboratory, &short).len() == 1);
            break;
        }
        laboratory.pass_days(7);
    }
    let closed = laboratory.person("df-justice.coordinator").matter(&short);
    assert_eq!(closed["state"], "closed", "{closed:#}");
    assert!(periods(&laboratory, &short).iter().all(|period| period["is_open"] == false));
}
