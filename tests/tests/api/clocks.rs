//! What runs out and what follows: limits of whoever owes an act, reports that await judgement, asks, levels, rates; and calendars that
//! belong to one city each.

use crate::{
    time::edition_with,
    toy::{LABORATORY, created, day, patrol_body},
    work_item::{body, completed_in, id},
};
use chrono::{Datelike, Days, NaiveDate};
use serde_json::{Value, json};
use std::{
    thread,
    time::{Duration, Instant},
};
use tests::{City, Person, city, laboratory};

const OFFICE: &str = "df-justice.coordinator";
const OFFICER: &str = "df-market.liaison_officer";
const HEAD: &str = "df-market.unit_head";

/// A task of a kind of limit, received by the market bureau.
#[track_caller]
fn received(city: &City, content: &str, change: impl FnOnce(&mut Value)) -> String {
    let office = city.person(OFFICE);
    let mut body = body(&office, content);
    change(&mut body);
    let id = id(&created(&office, "work_item", &body, true));
    city.person(OFFICER).act(&id, "receive", json!({})).ok();
    id
}

fn events(city: &City, id: &str, action: &str) -> usize {
    city.person(OFFICE).all(&format!("/matters/{id}/events")).iter().filter(|event| event["action"] == action).count()
}

fn told(person: &Person, id: &str, kind: &str) -> usize {
    person.all("/notices?limit=200").iter().filter(|notice| notice["matter"] == json!(id) && notice["kind"] == kind).count()
}

fn listed(person: &Person, query: &str, id: &str) -> Option<Value> {
    person.all(&format!("/matters?limit=200&{query}")).into_iter().find(|item| item["id"] == json!(id))
}

/// The shipped calendar under a new name, with some days off.
fn edition(name: &str, off: &[NaiveDate]) -> Value {
    edition_with(&format!("cn-2026.{name}-{}", std::process::id()), off)
}

fn days_ahead(person: &Person, range: std::ops::RangeInclusive<u64>) -> Vec<NaiveDate> {
    let today: NaiveDate = day(person, 0).parse().expect("a day");
    range.map(|days| today + Days::new(days)).collect()
}

fn switch(administrator: &Person, edition: &str, to: &str) {
    administrator.post(&format!("/calendars/editions/{edition}/{to}"), &json!({})).ok();
}

fn receipt_due(matter: &Value) -> Value {
    let mut clocks = matter["clocks"].as_array().into_iter().flatten();
    clocks.rfind(|clock| clock["rule"] == "handover.receipt.general").map(|clock| clock["due"]["date"].clone()).unwrap_or_default()
}

/// A city's calendar is its own: what another one applies moves nothing here and can't be seen.
#[test]
fn a_calendar_is_of_one_city() {
    let laboratory = laboratory(LABORATORY).alone();
    let (office, theirs) = (laboratory.person(OFFICE), laboratory.person("xc-justice.system_admin"));
    let matter = id(&created(&office, "work_item", &body(&office, "外市日历不得改动的任务"), true));
    let mut abroad = body(&office, "本市日历改动的任务");
    abroad["lead_unit"] = json!("xc-market");
    let own = id(&created(&laboratory.person("xc-justice.coordinator"), "work_item", &abroad, true));
    let (before, calendar) = (office.matter(&matter), office.get("/calendars").ok());
    let before_own = receipt_due(&laboratory.person("xc-justice.coordinator").matter(&own));

    let edition = edition("xc", &days_ahead(&office, 1..=3));
    let preview = theirs.post("/calendars/editions", &edition).ok();
    let edition_id = preview["id"].as_str().unwrap_or_default().to_owned();
    assert!(preview["moves"].as_array().is_some_and(|moves| moves.iter().all(|moved| moved["matter"] != json!(matter))), "{preview:#}");
    laboratory.person("df-justice.system_admin").post(&format!("/calendars/editions/{edition_id}/apply"), &json!({})).problem(404, "not_found");
    switch(&theirs, &edition_id, "apply");
    assert_eq!(office.get("/calendars").ok(), calendar);
    assert_eq!(laboratory.person("xc-market.handler").get("/calendars").ok()["edition"], edition["edition"]);
    let count = json!({ "start": day(&office, 0), "amount": 2, "unit": "working_days" });
    let computed = |person: &Person| person.post("/calendars/compute", &count).ok();
    assert_eq!(computed(&office)["calendar_edition"], calendar["edition"]);
    assert_eq!(computed(&theirs)["calendar_edition"], edition["edition"]);
    let after = office.matter(&matter);
    assert_eq!((&after["version"], &after["clocks"]), (&before["version"], &before["clocks"]), "nothing crosses the border");
    let theirs_now = laboratory.person("xc-justice.coordinator").matter(&own);
    assert_ne!(receipt_due(&theirs_now), before_own, "their own matters follow");
    switch(&theirs, &edition_id, "undo");
    assert_eq!(receipt_due(&laboratory.person("xc-justice.coordinator").matter(&own)), before_own);
}

/// Two nodes on one database count with one calendar.
#[test]
fn another_node_counts_with_the_calendar_just_applied() {
    let first = City::start().expect("the first node starts");
    let second = first.another_node().expect("the second node starts");
    let (administrator, office) = (first.person("df-justice.system_admin"), second.person(OFFICE));
    let before = office.get("/calendars").ok()["edition"].clone();
    let edition = edition("nodes", &days_ahead(&office, 1..=4));
    let preview = administrator.post("/calendars/editions", &edition).ok();
    switch(&administrator, preview["id"].as_str().unwrap_or_default(), "apply");
    assert_eq!(first.person(OFFICE).get("/calendars").ok()["edition"], edition["edition"]);
    let begun = Instant::now();
    while office.get("/calendars").ok()["edition"] == before {
        assert!(begun.elapsed() < Duration::from_secs(5), "the second node still counts with the old calendar");
        thread::sleep(Duration::from_millis(200));
    }
    let matter = created(&office, "work_item", &body(&office, "第二个节点按新日历计算的任务"), true);
    let expected = administrator.post("/calendars/compute", &json!({ "start": day(&office, 0), "amount": 2, "unit": "working_days" })).ok();
    assert_eq!(receipt_due(&matter), expected["due"]);
}

/// A crash right after the switch: the jobs work off what is left, and each holder is told once.
#[test]
fn a_switch_that_was_interrupted_is_worked_off() {
    let mut laboratory = laboratory(LABORATORY).alone();
    let (office, administrator) = (laboratory.person(OFFICE), laboratory.person("df-justice.system_admin"));
    let sent = created(&office, "work_item", &body(&office, "切换日历后补算时限的任务"), true);
    let matter = id(&sent);
    let mut list = work_list(&office, "中断后补算的工作清单", 2031);
    list["consulted"] = json!(["df-water"]);
    let list = id(&list_of(&office, &list));
    let asked = office.act(&list, "consult", json!({})).ok();
    let edition = edition("crash", &days_ahead(&office, 1..=2));
    let preview = administrator.post("/calendars/editions", &edition).ok();
    assert!(preview["moves"].as_array().is_some_and(|moves| moves.iter().any(|moved| moved["matter"] == json!(list))), "asks are previewed, too");
    // What the request commits before it comes to the matters.
    let edition_id = preview["id"].as_str().unwrap_or_default().to_owned();
    let now = if laboratory.database_url.starts_with("sqlite") { "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')" } else { "now()" };
    let literal = laboratory.id_literal(&edition_id);
    laboratory.sql(&format!("UPDATE calendar_edition SET state = 'applied', applied_at = {now} WHERE id = {literal}")).expect("the switch");
    let mark = format!(
        "INSERT INTO calendar_switch (jurisdiction_id, person_id, unit_id, switched_at) SELECT p.jurisdiction_id, p.id, p.unit_id, {now} FROM person p WHERE p.username = 'df-justice.system_admin' ON CONFLICT (jurisdiction_id) DO UPDATE SET switched_at = excluded.switched_at"
    );
    laboratory.sql(&mark).expect("the mark");
    laboratory.sql("UPDATE jurisdiction SET reference_version = reference_version + 1 WHERE code = 'df'").expect("the version");
    laboratory.pass_hours(0);
    let (office, officer) = (laboratory.person(OFFICE), laboratory.person(OFFICER));
    let moved = office.matter(&matter);
    assert_ne!(receipt_due(&moved), receipt_due(&sent));
    assert_ne!(office.matter(&list)["asks"][0]["due"]["date"], asked["asks"][0]["due"]["date"], "the ask's day moved");
    let digests = |person: &Person| digests(person, &text_of(&sent["number"]));
    let told = digests(&officer);
    assert_eq!(told.len(), 1, "{told:#?}");
    let text = told[0]["text"]["zh"].as_str().unwrap_or_default().to_owned();
    let line =
        format!("{} 移交签收：{} → {}", sent["number"].as_str().unwrap_or_default(), text_of(&receipt_due(&sent)), text_of(&receipt_due(&moved)));
    assert!(text.contains(&line), "{line} is not in {text}");
    let event = office.all(&format!("/matters/{matter}/events")).into_iter().find(|event| event["action"] == "recompute").expect("an event");
    assert_eq!(event["unit"]["code"], "df-justice");
    // Again: nothing left to do.
    laboratory.pass_hours(0);
    assert_eq!(events(&laboratory, &matter, "recompute"), 1);
    assert_eq!(digests(&laboratory.person(OFFICER)).len(), 1);
    // The time to refuse moved with the time to receive.
    laboratory.pass_hours(24 * 3);
    let until: NaiveDate = text_of(&receipt_due(&moved)).parse().expect("a day");
    let refusal = json!({ "reason_code": "not_competent", "suggested_unit": "df-water", "reason_text": "该事项不属于我单位的职责范围" });
    if day(&laboratory.person(OFFICE), 0).parse::<NaiveDate>().is_ok_and(|today| today <= until) {
        laboratory.person(OFFICER).act(&matter, "refuse", refusal).ok();
    }
    switch(&laboratory.person("df-justice.system_admin"), &edition_id, "undo");
    assert!(digests(&laboratory.person(OFFICER)).len() <= 2);
    assert_eq!(laboratory.person(OFFICE).get("/conservation").ok()["violations"], json!([]));
}

/// What a person was told of moved due dates, a matter's among them.
fn digests(person: &Person, number: &str) -> Vec<Value> {
    let told = person.all("/notices?limit=200").into_iter();
    told.filter(|notice| notice["kind"] == "calendar" && text_of(&notice["text"]["zh"]).contains(number)).collect()
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// domain.md §2.1.1: what is accepted as reported was done when it was reported.
#[test]
fn a_late_acceptance_is_not_the_units_delay() {
    let mut laboratory = laboratory(LABORATORY).alone();
    let today = |city: &City| day(&city.person(OFFICE), 0).parse::<NaiveDate>().expect("a day");
    if today(&laboratory).year() != (today(&laboratory) + chrono::Duration::days(30)).year() {
        // The figures are of one year: all of it is to happen in the next one.
        laboratory.pass_days(31);
    }
    let due = day(&laboratory.person(OFFICE), 20);
    let task = |city: &City, content: &str| received(city, content, |body| body["due_date"] = json!(due));
    let (matter, silent) = (task(&laboratory, "按时报完成而验收迟了的任务"), task(&laboratory, "到期也没有报完成的任务"));
    let year = NaiveDate::from_ymd_opt(due.parse::<NaiveDate>().expect("a day").year(), 1, 1).expect("a day");
    let rate = |city: &City| city.person(OFFICE).get("/stats/overview").ok()["on_time"].clone();
    laboratory.pass_days(18);
    let result = json!({ "result": "五十家冷链仓库全部核查完毕，台账和清单已经建立" });
    completed_in(&laboratory, "df-market", &matter, &result).ok();
    let before = rate(&laboratory);
    // Past the due day, within the ten working days of the inspector.
    laboratory.pass_days(5);
    let (office, officer) = (laboratory.person(OFFICE), laboratory.person(OFFICER));
    let seen = officer.matter(&matter);
    assert!(seen["lamp"] != "red" && seen["due"]["lamp"] != "red", "{:#}", json!([seen["lamp"], seen["due"]]));
    assert!(seen["level"].as_i64().is_some_and(|level| level < 2), "{}", seen["level"]);
    assert!(listed(&office, "overdue=true", &matter).is_none() && listed(&officer, "overdue=true", &matter).is_none());
    assert!(listed(&office, "overdue=true", &silent).is_some() && listed(&officer, "overdue=true", &silent).is_some());
    let still_open = rate(&laboratory);
    assert_eq!(still_open["n"], before["n"]);
    assert!(still_open["m"].as_i64() > before["m"].as_i64(), "due and open counts in the base: {still_open}, before {before}");
    assert!(listed(&office, &format!("rated_after={year}"), &silent).is_some());
    assert!(listed(&office, &format!("rated_after={year}"), &matter).is_none(), "not judged yet");
    // The inspector is late, too: that is the office's own limit.
    laboratory.pass_days(14);
    let (office, officer) = (laboratory.person(OFFICE), laboratory.person(OFFICER));
    assert_ne!(officer.matter(&matter)["lamp"], "red");
    let owed = office.matter(&matter);
    assert_eq!((&owed["lamp"], &owed["limit"]["rule"]), (&json!("red"), &json!("work_item.accept")), "{:#}", owed["limit"]);
    assert!(listed(&office, "box=todo&overdue=true", &matter).is_some());
    assert_eq!(events(&laboratory, &matter, "clock_ran_out"), 1);
    assert_eq!(told(&office, &matter, "clock_ran_out"), 1);
    assert_eq!(told(&laboratory.person("df-justice.unit_head"), &matter, "clock_ran_out"), 1);
    let closed = office.act(&matter, "accept", json!({ "grade": "done", "opinion": "资料齐全，予以销号" })).ok();
    let main = closed["clocks"].as_array().into_iter().flatten().find(|clock| clock["main"] == true).cloned().unwrap_or_default();
    assert_eq!(main["met"], true, "{main:#}");
    assert!(listed(&office, &format!("on_time=true&rated_after={year}"), &matter).is_some());
    assert!(listed(&office, &format!("on_time=false&rated_after={year}"), &silent).is_some());
    let figure = rate(&laboratory);
    for (n, query) in [("n", "query"), ("m", "m_query")] {
        let list = office.all(&format!("/matters?limit=200&{}", figure[query].as_str().unwrap_or_default()));
        assert_eq!(figure[n], json!(list.len()), "{figure}");
    }
    office.act(&silent, "void", json!({ "reason_text": "测试结束，作废这项任务" })).ok();
    assert_eq!(office.get("/conservation").ok()["violations"], json!([]));
}

/// Returned for rework, the statutory clock has been running all the time.
#[test]
fn a_report_that_is_refused_stops_nothing() {
    let mut laboratory = laboratory(LABORATORY).alone();
    let due = day(&laboratory.person(OFFICE), 10);
    let matter = received(&laboratory, "退回整改后才完成的任务", |body| body["due_date"] = json!(due));
    let result = json!({ "result": "五十家冷链仓库全部核查完毕，台账和清单已经建立" });
    laboratory.pass_days(8);
    completed_in(&laboratory, "df-market", &matter, &result).ok();
    laboratory.pass_days(4);
    let back = json!({ "defects": ["缺少台账"], "rework_days": 3 });
    let returned = laboratory.person(OFFICE).act(&matter, "return_for_rework", back).ok();
    assert_eq!((&returned["lamp"], &returned["due_at"]), (&json!("red"), &json!(due)), "late since the due day");
    // The time for rework runs out, too: the lead is told, and it is listed by its name.
    laboratory.pass_days(7);
    let officer = laboratory.person(OFFICER);
    assert_eq!(told(&officer, &matter, "clock_ran_out"), 1);
    assert_eq!(told(&laboratory.person("df-market.unit_head"), &matter, "clock_ran_out"), 1);
    completed_in(&laboratory, "df-market", &matter, &result).ok();
    let closed = laboratory.person(OFFICE).act(&matter, "accept", json!({ "grade": "done", "opinion": "资料齐全，予以销号" })).ok();
    let main = closed["clocks"].as_array().into_iter().flatten().find(|clock| clock["main"] == true).cloned().unwrap_or_default();
    assert_eq!(main["met"], false, "{main:#}");
}

/// The clock of reports begins at receipt; the review of a standing task is the office's debt.
#[test]
fn reports_and_reviews_run_out() {
    let mut laboratory = laboratory(LABORATORY).alone();
    let reporting = received(&laboratory, "每月报告进展的任务", |body| {
        body["progress_cycle"] = json!("monthly");
    });
    let standing = received(&laboratory, "长期坚持定期评估的任务", |body| {
        body["due_kind"] = json!("standing");
        body["review_cycle"] = json!("quarter");
        body["due_date"] = Value::Null;
    });
    laboratory.pass_days(40);
    let officer = laboratory.person(OFFICER);
    let late = listed(&officer, "box=todo&overdue=true", &reporting).expect("the report is owed");
    assert_eq!((&late["lamp"], &late["limit"]["rule"]), (&json!("red"), &json!("work_item.progress")), "{late:#}");
    assert_eq!(told(&officer, &reporting, "clock_ran_out"), 1);
    let progress = json!({ "percent": 40, "last_progress": "已核查二十家仓库，清单完成近半" });
    assert_ne!(officer.act(&reporting, "report_progress", progress).ok()["lamp"], "red");

    let office = laboratory.person(OFFICE);
    assert!(!office.has_in_box("todo", &standing));
    laboratory.pass_days(60);
    let (office, officer) = (laboratory.person(OFFICE), laboratory.person(OFFICER));
    let owed = listed(&office, "box=todo&overdue=true", &standing).expect("the review is owed by the office");
    assert_eq!(owed["limit"]["rule"], "work_item.review");
    assert!(listed(&office, "overdue=true", &standing).is_some(), "outside the boxes, too");
    assert_eq!(officer.matter(&standing)["lamp"], "grey", "it is not the lead's delay");
    assert_eq!(told(&office, &standing, "clock_ran_out"), 1);
    let figures = office.get("/stats/overview").ok();
    for name in ["overdue", "on_time", "due_soon", "open"] {
        let listed = office.all(&format!("/matters?limit=200&{}", figures[name]["query"].as_str().unwrap_or_default())).len();
        assert_eq!(figures[name]["n"], json!(listed), "{name}");
    }
    assert_eq!(office.get("/matters/counts").ok()["overdue"], json!(office.all("/matters?limit=200&box=todo&overdue=true").len()));
    office.act(&standing, "review", json!({ "opinion": "工作持续推进，继续坚持" })).ok();
    assert!(!office.has_in_box("todo", &standing));
    assert_eq!(office.get("/conservation").ok()["violations"], json!([]));
}

/// domain.md §1.6: levels 1 and 2 by the system, 3 by the coordinator with a reason; they fall when the cause is gone.
#[test]
fn levels_rise_by_themselves_to_two_and_fall_again() {
    let mut laboratory = laboratory(LABORATORY).alone();
    let due = day(&laboratory.person(OFFICE), 40);
    let task = |content: &str| received(&laboratory, content, |body| body["due_date"] = json!(due));
    let (matter, late) = (task("延期后督办级别回落的任务"), task("长期超期也不自动挂牌的任务"));
    let level = |city: &City, id: &str| city.person(OFFICE).matter(id)["level"].clone();
    laboratory.pass_days(38);
    assert_eq!(level(&laboratory, &matter), 1);
    let later = json!({ "new_due": day(&laboratory.person(OFFICE), 20), "reason_code": "policy", "reason_text": "上级部门正在修订台账的统一格式" });
    laboratory.person(HEAD).act(&matter, "request_extension", later).ok();
    laboratory.person(OFFICE).act(&matter, "approve_extension", json!({ "opinion": "同意延期" })).ok();
    laboratory.pass_hours(1);
    assert_eq!(level(&laboratory, &matter), 0, "there is time again");
    assert_eq!(events(&laboratory, &matter, "lower_level"), 1);
    laboratory.pass_days(30);
    assert_eq!(level(&laboratory, &late), 2, "the system lists nothing");
    let listing = json!({ "level": "listed", "reason_text": "超期四周仍无进展，挂牌督办" });
    laboratory.person(OFFICE).act(&late, "supervise", listing).ok();
    laboratory.pass_hours(1);
    assert_eq!(level(&laboratory, &late), 3, "what a person set stays");
}

/// Two nodes at the same moment: one event.
#[test]
fn silence_is_escalated_once_by_two_nodes() {
    let mut laboratory = laboratory(LABORATORY).alone();
    let office = laboratory.person(OFFICE);
    let ids: Vec<String> =
        (0..4).map(|n| id(&created(&office, "work_item", &body(&office, &format!("两个节点同时上报的第{n}项任务")), true))).collect();
    laboratory.pass_hours_on_nodes(24 * 6, 3);
    for id in &ids {
        assert_eq!(events(&laboratory, id, "escalate"), 1);
    }
    // A mark without its step, as an earlier version could leave behind a crash, is what can't come about any more: both or none.
    let literal = laboratory.id_literal(&ids[0]);
    let marked = laboratory.sql(&format!("SELECT COUNT(*) FROM handover WHERE matter_id = {literal} AND escalated_at IS NOT NULL"));
    assert_eq!(marked, Ok("1".into()));
}

fn work_list(office: &Person, preface: &str, year: i64) -> Value {
    json!({
        "year_from": year, "year_to": year, "preface": preface, "consulted": ["df-water", "df-tax"],
        "items": [{
            "content": "开展年度清单内的专项检查", "origin": "key_points", "origin_ref": "年度要点", "lead_unit": "df-market", "due_kind": "date",
            "due_date": day(office, 200), "progress_cycle": "none",
        }],
    })
}

#[track_caller]
fn list_of(office: &Person, body: &Value) -> Value {
    let list =
        json!({ "kind": "work_list", "title": "年度府检联动工作清单", "body": body, "domains": ["other"], "not_secret": true, "submit": true });
    office.post("/matters", &list).ok()
}

#[test]
fn a_list_is_due_in_march_and_comments_in_ten_working_days() {
    let mut laboratory = laboratory(LABORATORY).alone();
    let office = laboratory.person(OFFICE);
    let year = i64::from(day(&office, 0).parse::<NaiveDate>().expect("a day").year()) + 1;
    let list = list_of(&office, &work_list(&office, "征求意见有期限的清单", year));
    assert_eq!(list["due_at"], json!(format!("{year}-03-31")));
    let list = id(&list);
    let asked = office.act(&list, "consult", json!({})).ok();
    let expected = office.post("/calendars/compute", &json!({ "start": day(&office, 0), "amount": 10, "unit": "working_days" })).ok()["due"].clone();
    assert!(asked["asks"].as_array().is_some_and(|asks| asks.len() == 2 && asks.iter().all(|ask| ask["due"]["date"] == expected)), "{asked:#}");
    let water = laboratory.person("df-water.liaison_officer");
    water.act(&list, "comment_formal", json!({ "verdict": "none" })).ok();
    assert!(!water.has_in_box("todo", &list));
    let again = water.act(&list, "comment_formal", json!({ "verdict": "remarks", "remarks": [{ "remark": "第一项任务建议延至年底" }] })).ok();
    let answers: Vec<&Value> = again["asks"].as_array().into_iter().flatten().filter(|ask| ask["state"] == "answered").collect();
    assert!(answers.len() == 1 && answers[0]["answer"]["verdict"] == "remarks", "the second replaces the first: {answers:#?}");
    laboratory.pass_days(22);
    let (office, tax) = (laboratory.person(OFFICE), laboratory.person("df-tax.liaison_officer"));
    let lapsed = office.matter(&list);
    let states: Vec<&Value> = lapsed["asks"].as_array().into_iter().flatten().map(|ask| &ask["state"]).collect();
    assert!(states.contains(&&json!("lapsed")) && states.contains(&&json!("answered")), "{states:?}");
    assert!(!tax.has_in_box("todo", &list));
    assert_eq!(told(&tax, &list, "ask_lapsed"), 1);
    assert_eq!(told(&laboratory.person("df-tax.unit_head"), &list, "ask_lapsed"), 1);
    assert_eq!(told(&office, &list, "asks_lapsed"), 1);
    assert_eq!(events(&laboratory, &list, "asks_lapsed"), 1);
    tax.act(&list, "comment_formal", json!({ "verdict": "none" })).problem(409, "ask.lapsed");
    let water = laboratory.person("df-water.liaison_officer");
    water.act(&list, "comment_formal", json!({ "verdict": "none" })).problem(409, "ask.lapsed");
}

/// Silence is never consent: a lapsed ask must still be explained.
#[test]
fn a_lapsed_ask_is_silence_and_a_declined_one_an_answer() {
    let mut laboratory = laboratory(LABORATORY).alone();
    let due = day(&laboratory.person(OFFICE), 10);
    let matter = received(&laboratory, "协办单位一直不反馈的任务", |body| {
        body["due_date"] = json!(due);
        body["co_units"] = json!(["df-water"]);
    });
    let office = laboratory.person(OFFICE);
    let mut patrol = patrol_body(&office, "可以说明理由不参加的巡查");
    let lists = office.get("/code-lists").ok();
    patrol["field"] = lists["lists"]["domains"][0]["code"].clone();
    patrol["fields"] = json!([lists["lists"]["domains"][0]["code"]]);
    let patrol = id(&created(&office, "toy_patrol", &patrol, true));
    let declined = laboratory.person("df-water.handler").act(&patrol, "stay_away", json!({ "reason_text": "汛期人手不足" })).ok();
    assert_eq!((&declined["asks"][0]["state"], &declined["asks"][0]["answer"]["reason_text"]), (&json!("declined"), &json!("汛期人手不足")));
    laboratory.pass_days(12);
    let officer = laboratory.person(OFFICER);
    assert_eq!(officer.matter(&matter)["asks"][0]["state"], "lapsed");
    let result = json!({ "result": "五十家冷链仓库全部核查完毕，台账和清单已经建立" });
    let unexplained = completed_in(&laboratory, "df-market", &matter, &result);
    unexplained.problem(409, "workflow.guard_failed");
    assert_eq!(unexplained.json()["errors"][0]["pointer"], "/input/co_units_note", "{unexplained}");
    let explained = json!({ "result": result["result"], "co_units_note": "市水利局未反馈，河道部分由我局自行核查" });
    laboratory.person(HEAD).act(&matter, "report_completion", explained).ok();
}

/// An extension gives the co-units more time, too.
#[test]
fn an_ask_lasts_as_long_as_the_task() {
    let matter = {
        let office = city().person(OFFICE);
        let mut body = body(&office, "延期后协办期限随之顺延的任务");
        body["co_units"] = json!(["df-water"]);
        let id = id(&created(&office, "work_item", &body, true));
        city().person(OFFICER).act(&id, "receive", json!({})).ok();
        id
    };
    let office = city().person(OFFICE);
    assert_eq!(office.matter(&matter)["asks"][0]["due"]["date"], json!(day(&office, 80)));
    let later = json!({ "new_due": day(&office, 100), "reason_code": "policy", "reason_text": "上级部门正在修订台账的统一格式" });
    city().person(HEAD).act(&matter, "request_extension", later).ok();
    let granted = office.act(&matter, "approve_extension", json!({ "opinion": "同意延期" })).ok();
    assert_eq!(granted["asks"][0]["due"]["date"], json!(day(&office, 100)));
}

/// N16, beyond what the database itself can compare; and N20: what is sealed leaves no shadow on the page.
#[test]
fn the_conservation_check_recomputes_and_keeps_secrets() {
    let laboratory = laboratory(LABORATORY).alone();
    let office = laboratory.person(OFFICE);
    let matter = created(&office, "work_item", &body(&office, "数据被人手工改动的任务"), true);
    let (id_of, number) = (id(&matter), text_of(&matter["number"]));
    let literal = laboratory.id_literal(&id_of);
    let found = |city: &City| -> Vec<String> {
        let report = city.person(OFFICE).get("/conservation").ok();
        report["violations"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|violation| format!("{} {}", text_of(&violation["number"]), text_of(&violation["invariant"])))
            .collect()
    };
    assert_eq!(found(&laboratory), Vec::<String>::new());
    let sql = |statement: String| laboratory.sql(&statement).expect("the operator may write");
    let sqlite = laboratory.database_url.starts_with("sqlite");

    let shift = |days: &str| if sqlite { format!("date(due_on, '{days} days')") } else { format!("due_on + {days}") };
    let receipt = format!("matter_id = {literal} AND rule = 'handover.receipt.general'");
    sql(format!("UPDATE clock SET due_on = {} WHERE {receipt}", shift("+9")));
    assert!(found(&laboratory).contains(&format!("{number} due_of_inputs")));
    sql(format!("UPDATE clock SET due_on = {} WHERE {receipt}", shift("-9")));

    let look = sql(format!("SELECT look_on FROM matter WHERE id = {literal}"));
    sql(format!("UPDATE matter SET look_on = '9999-12-31' WHERE id = {literal}"));
    assert!(found(&laboratory).contains(&format!("{number} looked_at_in_time")));
    sql(format!("UPDATE matter SET look_on = '{look}' WHERE id = {literal}"));

    let kept = "kept_notices";
    sql(format!("CREATE TABLE {kept} AS SELECT * FROM notice WHERE matter_id = {literal}"));
    sql(format!("DELETE FROM notice WHERE matter_id = {literal}"));
    assert!(found(&laboratory).contains(&format!("{number} handover_told")));
    sql(format!("INSERT INTO notice SELECT * FROM {kept}"));
    sql(format!("DROP TABLE {kept}"));

    let back = |sign: &str| {
        if sqlite { format!("strftime('%Y-%m-%dT%H:%M:%f+00:00', from_at, '{sign}2 days')") } else { format!("from_at {sign} interval '2 days'") }
    };
    let held = format!("matter_id = {literal} AND to_at IS NULL");
    sql(format!("UPDATE holding SET from_at = {} WHERE {held}", back("-")));
    assert!(found(&laboratory).contains(&format!("{number} days_add_up")));
    sql(format!(
        "UPDATE holding SET from_at = (SELECT MAX(o.to_at) FROM holding o WHERE o.matter_id = {literal} AND o.to_at IS NOT NULL) WHERE {held}"
    ));
    assert_eq!(found(&laboratory), Vec::<String>::new());

    // A restricted matter that is broken is named on the command line only.
    let report = |city: &City| {
        let mut report = city.person(OFFICE).get("/conservation").ok();
        report["as_of"] = Value::Null;
        report
    };
    let before = report(&laboratory);
    let secret = json!({ "subject": "只有指名的人知道的一项报告", "unit": "df-public-security", "due_date": day(&office, 30) });
    let secret = created(&laboratory.person("df-health.handler"), "toy_secret", &secret, true);
    let literal = laboratory.id_literal(&id(&secret));
    let untouched = sql(format!("SELECT due_on FROM clock WHERE matter_id = {literal} AND handover_id IS NOT NULL"));
    sql(format!("UPDATE clock SET due_on = {} WHERE matter_id = {literal} AND handover_id IS NOT NULL", shift("+9")));
    assert_eq!(report(&laboratory), before, "neither number nor count");
    let output = laboratory.command_line(&["conservation"]).expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    // The product's own program doesn't know the toy kinds, yet checks their rows.
    assert!(said.contains(secret["number"].as_str().unwrap_or("?")), "{said}");
    sql(format!("UPDATE clock SET due_on = '{untouched}' WHERE matter_id = {literal} AND handover_id IS NOT NULL"));
    let refused = laboratory.person("df-justice.system_admin").patch("/units/df-public-security", None, &json!({ "active": false }));
    let refused = refused.problem(409, "unit.has_open_matters");
    assert_eq!(refused["detail"], Value::Null, "how many would tell of restricted ones");
}

/// An update of the product that ships another calendar: who goes by the shipped one is recomputed, without anybody's doing.
#[test]
fn an_update_that_ships_another_calendar_moves_due_dates() {
    let mut laboratory = laboratory(LABORATORY).alone();
    let office = laboratory.person(OFFICE);
    let matter = created(&office, "work_item", &body(&office, "产品更新带来新日历的任务"), true);
    let id_of = id(&matter);
    let receipt = |matter: &Value| {
        let clocks = matter["clocks"].as_array().cloned().unwrap_or_default();
        clocks.iter().find(|clock| clock["main"] == false).map(|clock| clock["due"]["date"].clone()).unwrap_or_default()
    };
    let due = receipt(&matter);
    // As the release before would have left it: its calendar by name, a limit counted by it.
    let literal = laboratory.id_literal(&id_of);
    let earlier = day(&office, 0);
    laboratory.sql("UPDATE shipped_calendar SET edition = 'cn-2025.9'").expect("the row is there");
    laboratory
        .sql(&format!("UPDATE clock SET due_on = '{earlier}', edition = 'cn-2025.9' WHERE matter_id = {literal} AND NOT main"))
        .expect("a clock");
    laboratory.pass_hours(1);
    let (office, officer) = (laboratory.person(OFFICE), laboratory.person(OFFICER));
    assert_eq!(receipt(&office.matter(&id_of)), due, "counted again by what is shipped now");
    assert_eq!(events(&laboratory, &id_of, "recompute"), 1);
    assert_eq!(digests(&officer, &text_of(&matter["number"])).len(), 1, "the holder is told once");
    laboratory.pass_hours(1);
    assert_eq!(events(&laboratory, &id_of, "recompute"), 1, "and never again");
    assert_eq!(laboratory.person(OFFICE).get("/conservation").ok()["violations"], json!([]));
}
