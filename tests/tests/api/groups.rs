//! The common step groups that no shipped kind takes in yet, through a toy kind: stopping a clock, asking for what is missing, ending
//! what was entered in error, copying to others (domain.md §1.6).

use crate::{
    toy::{LABORATORY, created, day},
    work_item::id,
};
use serde_json::{Value, json};
use tests::{City, Person, laboratory};

/// A review asked for by the market bureau and received by the water bureau.
fn under_review(city: &City, subject: &str) -> String {
    let matter = id(&created(&city.person("df-market.handler"), "toy_review", &json!({ "subject": subject, "unit": "df-water" }), true));
    assert_eq!(city.person("df-water.liaison_officer").act(&matter, "receive", json!({})).ok()["state"], "open");
    matter
}

#[track_caller]
fn main_clock(person: &Person, matter: &str) -> Value {
    let clocks = person.matter(matter)["clocks"].clone();
    clocks.as_array().into_iter().flatten().find(|clock| clock["main"] == true).cloned().expect("a main clock")
}

fn explained(person: &Person, matter: &str) -> Value {
    let clock = main_clock(person, matter);
    person.get(&format!("/matters/{matter}/clocks/{}", clock["id"].as_str().unwrap_or_default())).ok()
}

fn times(person: &Person, matter: &str, action: &str) -> usize {
    person.all(&format!("/matters/{matter}/events")).iter().filter(|event| event["action"] == action).count()
}

fn action(person: &Person, matter: &str, name: &str) -> Value {
    let actions = person.matter(matter)["actions"].clone();
    actions.as_array().into_iter().flatten().find(|action| action["action"] == name).cloned().unwrap_or_default()
}

fn notices(person: &Person, matter: &str, kind: &str) -> usize {
    person.all("/notices?limit=200").iter().filter(|notice| notice["matter"] == json!(matter) && notice["kind"] == kind).count()
}

#[test]
fn a_stopped_clock_runs_on_with_the_days_given_back() {
    let mut laboratory = laboratory(LABORATORY).alone();
    let water = |city: &City| city.person("df-water.liaison_officer").username;
    let name = water(&laboratory);
    let matter = under_review(&laboratory, "需要鉴定后才能继续的审查");
    let officer = laboratory.person(&name);
    let (start, due) = (day(&officer, 0), main_clock(&officer, &matter)["due"]["date"].clone());
    laboratory.pass_days(5);
    let officer = laboratory.person(&name);
    let reason = |end: String| json!({ "reason_code": "appraisal", "legal_basis": "有关鉴定期间的规定", "expected_end": end, "reason_text": "等待鉴定机构出具意见" });
    officer.act(&matter, "pause_clock", reason(day(&officer, 0))).fault("/input/expected_end", "validation.date_order");
    laboratory.person("df-market.handler").act(&matter, "pause_clock", reason(day(&officer, 10))).problem(403, "permission.denied");
    let from = day(&officer, 0);
    let paused = officer.act(&matter, "pause_clock", reason(day(&officer, 10))).ok();
    assert_eq!((&paused["paused"], &paused["lamp"], &paused["due_at"]), (&json!("appraisal"), &json!("grey"), &due));
    assert_eq!(main_clock(&officer, &matter)["state"], "paused");
    officer.act(&matter, "pause_clock", reason(day(&officer, 10))).problem(409, "workflow.guard_failed");
    let said = explained(&officer, &matter)["sentences"].as_array().and_then(|all| all.last()).cloned().unwrap_or_default();
    assert!(said["zh"].as_str().is_some_and(|zh| zh.contains("起中止") && zh.contains("预计至")), "{said}");
    assert!(said["en"].as_str().is_some_and(|en| en.starts_with(&format!("Stopped since {from}"))), "{said}");

    // The day it should be over is not late yet; the day after, both are reminded, once.
    laboratory.pass_days(10);
    assert_eq!(times(&laboratory.person(&name), &matter, "remind_of_pause"), 0);
    laboratory.pass_days(1);
    laboratory.pass_days(1);
    let (officer, office) = (laboratory.person(&name), laboratory.person("df-justice.coordinator"));
    assert_eq!(times(&officer, &matter, "remind_of_pause"), 1);
    assert_eq!((notices(&officer, &matter, "remind_of_pause"), notices(&office, &matter, "remind_of_pause")), (1, 1));
    assert_eq!(officer.matter(&matter)["level"], 0);

    let last = day(&officer, 0);
    let resumed = officer.act(&matter, "resume_clock", json!({ "reason_text": "鉴定意见已经收到" })).ok();
    assert_eq!((&resumed["paused"], &main_clock(&officer, &matter)["state"]), (&Value::Null, &json!("running")));
    // The days between the stop and the day it runs again, counted by the public calculator.
    let day_before = chrono::NaiveDate::pred_opt(&last.parse().expect("a day")).expect("a day").to_string();
    let explanation = explained(&officer, &matter);
    let rule = &explanation["rule"];
    let request = json!({
        "start": start, "amount": rule["amount"], "unit": rule["unit"], "direction": rule["direction"],
        "counts_first_day": rule["counts_first_day"], "rolls_if_holiday": rule["rolls_if_holiday"],
        "pauses": [{ "from": from, "to": day_before }],
    });
    let computed = officer.post("/calendars/compute", &request).ok();
    assert_eq!(resumed["due_at"], computed["due"], "{request}");
    assert!(resumed["due_at"].as_str() > due.as_str());
    assert_eq!(explanation["sentences"], computed["sentences"]);
    let said = explanation["sentences"].to_string();
    assert!(said.contains("中止") && said.contains("12"), "{said}");
    officer.act(&matter, "resume_clock", json!({ "reason_text": "再恢复一次" })).problem(409, "workflow.guard_failed");
    assert_eq!(office.get("/conservation").ok()["violations"], json!([]));
}

#[test]
fn what_is_missing_is_asked_for_at_once_and_given() {
    let laboratory = laboratory(LABORATORY).shared();
    let (market, water) = (laboratory.person("df-market.handler"), laboratory.person("df-water.liaison_officer"));
    let matter = under_review(&laboratory, "材料不全而通知补正的审查");
    let due = main_clock(&water, &matter)["due"]["date"].clone();
    let ask = |gaps: Value, days: Value| water.act(&matter, "request_supplement", json!({ "gaps": gaps, "days": days }));
    ask(json!([]), json!(5)).fault("/input/gaps", "validation.required");
    ask(json!(["现场照片"]), json!(16)).fault("/input/days", "validation.range");
    market.act(&matter, "request_supplement", json!({ "gaps": ["现场照片"], "days": 5 })).problem(403, "permission.denied");
    let asked = ask(json!(["现场照片", "检测报告"]), json!(5)).ok();
    assert_eq!((&asked["state"], &asked["holder"]["unit"]["code"]), (&json!("awaiting_supplement"), &json!("df-market")));
    let clock = |person: &Person| {
        let clocks = person.matter(&matter)["clocks"].clone();
        clocks.as_array().into_iter().flatten().find(|clock| clock["rule"] == "criminal_transfer.agency.supplement").cloned().unwrap_or_default()
    };
    let given = clock(&market);
    assert_eq!((&given["state"], &given["main"]), (&json!("running"), &json!(false)));
    assert!(given["due"]["date"].as_str() >= Some(day(&market, 5).as_str()));
    assert_eq!(
        (&main_clock(&market, &matter)["state"], &main_clock(&market, &matter)["due"]["date"]),
        (&json!("running"), &due),
        "the law's clock goes on"
    );
    assert!(market.has_in_box("todo", &matter) && !water.has_in_box("todo", &matter));
    assert!(laboratory.person("df-market.liaison_officer").get("/notices?limit=200").text().contains("材料不全而通知补正的审查"));
    water.act(&matter, "supplement", json!({ "text": "由审查单位自己补正" })).problem(403, "permission.denied");
    water.act(&matter, "close", json!({})).problem(409, "workflow.action_unavailable");
    let version = market.matter(&matter)["version"].as_i64();
    let body = json!({ "subject": "材料不全而通知补正的审查（已补充照片）", "unit": "df-water" });
    market.patch(&format!("/matters/{matter}"), version, &json!({ "body": body })).ok();
    market.upload(&format!("/matters/{matter}/attachments"), "现场照片.txt", "照片".into()).ok();
    let back = market.act(&matter, "supplement", json!({ "text": "照片和检测报告已上传" })).ok();
    assert_eq!((&back["state"], &back["holder"]["unit"]["code"]), (&json!("open"), &json!("df-water")));
    assert_eq!(clock(&water)["state"], "stopped");
    let events = water.all(&format!("/matters/{matter}/events"));
    let asking = events.iter().find(|event| event["action"] == "request_supplement").expect("an event");
    assert!(asking["details"].to_string().contains("检测报告"), "what was missing stays on record: {asking}");
    assert_eq!(water.act(&matter, "close", json!({})).ok()["state"], "closed");
}

#[test]
fn what_was_returned_is_mended_and_sent_to_the_same_unit() {
    let laboratory = laboratory(LABORATORY).shared();
    let (market, water) = (laboratory.person("df-market.handler"), laboratory.person("df-water.liaison_officer"));
    let body = |subject: &str| json!({ "subject": subject, "unit": "df-water" });
    let matter = id(&created(&market, "toy_review", &body("材料不全被退回的审查"), true));
    let due = main_clock(&market, &matter)["due"]["date"].clone();
    let refusal = json!({ "reason_code": "incomplete", "reason_text": "缺少现场照片和检测报告" });
    assert_eq!(water.act(&matter, "refuse", refusal).ok()["state"], "returned");
    water.act(&matter, "supplement_and_resend", json!({ "note": "由退回单位自己重送" })).problem(403, "permission.denied");
    let version = market.matter(&matter)["version"].as_i64();
    market.patch(&format!("/matters/{matter}"), version, &json!({ "body": body("材料不全被退回、已补正的审查") })).ok();
    market.act(&matter, "supplement_and_resend", json!({})).fault("/input/note", "validation.required");
    let sent = market.act(&matter, "supplement_and_resend", json!({ "note": "已补充照片和报告" })).ok();
    assert_eq!((&sent["state"], &sent["holder"]["unit"]["code"]), (&json!("sent"), &json!("df-water")));
    assert_eq!(main_clock(&market, &matter)["due"]["date"], due, "neither the return nor the mending moves the due date");
    assert_eq!(sent["handovers"].as_array().map(Vec::len), Some(2));
    assert_eq!(water.act(&matter, "receive", json!({})).ok()["state"], "open");
    assert_eq!(water.matter(&matter)["body"]["subject"], "材料不全被退回、已补正的审查");
}

#[test]
fn what_was_entered_in_error_ends_and_stays_on_record() {
    let laboratory = laboratory(LABORATORY).shared();
    let (market, water, office) =
        (laboratory.person("df-market.handler"), laboratory.person("df-water.liaison_officer"), laboratory.person("df-justice.coordinator"));
    let matter = under_review(&laboratory, "录入有误将要作废的审查");
    let reason = json!({ "reason_code": "appraisal", "legal_basis": "有关鉴定期间的规定", "expected_end": day(&water, 10), "reason_text": "等待鉴定机构出具意见" });
    water.act(&matter, "pause_clock", reason).ok();
    let number = office.matter(&matter)["number"].clone();
    office.act(&matter, "void", json!({ "reason_text": "太短" })).fault("/input/reason_text", "validation.length");
    for person in [&market, &water] {
        person.act(&matter, "void", json!({ "reason_text": "自己想把它作废掉算了" })).problem(403, "permission.denied");
    }
    let voided = office.act(&matter, "void", json!({ "reason_text": "同一事项重复录入，以先录入的为准" })).ok();
    assert_eq!(
        (&voided["state"], &voided["holder"], &voided["paused"], &voided["is_open"]),
        (&json!("voided"), &Value::Null, &Value::Null, &json!(false))
    );
    assert!(voided["clocks"].as_array().is_some_and(|clocks| clocks.iter().all(|clock| clock["state"] == "stopped")), "{}", voided["clocks"]);
    for person in [&market, &water, &office] {
        assert_eq!(person.matter(&matter)["number"], number, "parties still see it");
        let enabled = person.matter(&matter)["actions"].as_array().is_some_and(|actions| actions.iter().any(|action| action["enabled"] == true));
        assert!(!enabled, "nothing more is done to it");
    }
    water.act(&matter, "close", json!({})).problem(409, "workflow.action_unavailable");
    let events = market.all(&format!("/matters/{matter}/events"));
    let trace = events.iter().find(|event| event["action"] == "void").expect("an event");
    assert!(trace["details"].to_string().contains("以先录入的为准") && trace["unit"]["code"] == "df-justice", "{trace}");
    assert_eq!((&trace["from_state"]["zh"], &trace["to_state"]["zh"]), (&json!("审查中"), &json!("已作废")));
    let next = created(&market, "toy_review", &json!({ "subject": "作废之后新录入的审查", "unit": "df-water" }), true);
    assert_ne!(next["number"], number, "the number is not used again");
    assert!(office.all("/matters?kind=toy_review&state=voided&limit=200").iter().any(|item| item["id"] == json!(matter)));
    assert_eq!(office.get("/conservation").ok()["violations"], json!([]));
}

#[test]
fn who_is_sent_a_copy_sees_and_does_nothing() {
    let laboratory = laboratory(LABORATORY).shared();
    let (market, water, court) =
        (laboratory.person("df-market.handler"), laboratory.person("df-water.liaison_officer"), laboratory.person("df-court.liaison_officer"));
    let matter = under_review(&laboratory, "抄送给法院知悉的审查");
    court.get(&format!("/matters/{matter}")).problem(404, "not_found");
    market.act(&matter, "cc_add", json!({ "units": ["df-court"] })).problem(403, "permission.denied");
    water.act(&matter, "cc_add", json!({ "units": ["df-nowhere"] })).fault("/input/units/0", "validation.unknown_unit");
    water.act(&matter, "cc_add", json!({ "units": ["df-court", "df-tax"] })).ok();
    let seen = court.matter(&matter);
    assert_eq!((&seen["part"], &seen["holder"]["unit"]["code"]), (&json!("copied"), &json!("df-water")));
    assert!(court.has_in_box("cc", &matter) && !court.has_in_box("todo", &matter));
    assert_eq!(notices(&court, &matter, "cc_add"), 1);
    let enabled: Vec<&Value> = seen["actions"].as_array().into_iter().flatten().filter(|action| action["enabled"] == true).collect();
    assert!(enabled.is_empty(), "{enabled:?}");
    let close = action(&court, &matter, "close");
    assert!(close["who"]["zh"].as_str().is_some_and(|who| !who.is_empty()), "a grey button says who could: {close}");
    for (name, input) in [
        ("close", json!({})),
        ("cc_add", json!({ "units": ["df-forestry"] })),
        ("request_supplement", json!({ "gaps": ["现场照片"], "days": 5 })),
        ("urge", json!({ "text": "请尽快办理" })),
        ("void", json!({ "reason_text": "抄送单位无权作废此事项" })),
    ] {
        court.act(&matter, name, input).problem(403, "permission.denied");
    }
    let version = court.matter(&matter)["version"].as_i64();
    court.patch(&format!("/matters/{matter}"), version, &json!({ "title": "抄送单位改不了的标题" })).problem(409, "workflow.action_unavailable");
    let files = format!("/matters/{matter}/attachments");
    court.upload(&files, "意见.txt", "意见".into()).problem(403, "permission.denied");
    water.upload(&files, "审查意见.txt", "意见".into()).ok();
    let file = court.all(&files).first().cloned().expect("the file is seen");
    assert_eq!(court.get(&format!("{files}/{}", file["id"].as_str().unwrap_or_default())).text(), "意见");
    assert_eq!(court.post(&format!("/matters/{matter}/comments"), &json!({ "text": "已知悉" })).status, 201, "a remark is free");
    laboratory.person("df-forestry.liaison_officer").get(&format!("/matters/{matter}")).problem(404, "not_found");
}
