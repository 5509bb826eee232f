//! Days pass: what refusals, rulings and new calendars do to due dates, and what they don't.

use crate::{
    toy::{LABORATORY, created, day},
    work_item::{body, id},
};
use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};
use tests::{City, Person, laboratory};

fn refusal(unit: &str) -> Value {
    json!({ "reason_code": "not_competent", "suggested_unit": unit, "reason_text": "该事项不属于我单位的职责范围" })
}

/// Days of all holders, and the matter's age in whole days by the server's clock.
#[track_caller]
fn days_add_up(person: &Person, id: &str, age: i64) {
    let matter = person.matter(id);
    let held: i64 = matter["parties"].as_array().into_iter().flatten().filter_map(|party| party["held_days"].as_i64()).sum();
    assert_eq!(held, age, "{:#}", matter["parties"]);
}

/// N2 and N5 in one story.
#[test]
fn three_refusals_and_two_rulings_leave_the_due_date_alone() {
    let mut laboratory = laboratory(LABORATORY).alone();
    let office = |city: &City| city.person("df-justice.coordinator").username;
    let office_name = office(&laboratory);
    macro_rules! person {
        ($name:expr) => {
            laboratory.person($name)
        };
    }
    let due = day(&person!(&office_name), 80);
    let id = id(&created(&person!(&office_name), "work_item", &body(&person!(&office_name), "拆除废弃采石场的危险高墙"), true));
    let unmoved = |city: &City| {
        let matter = city.person("df-justice.coordinator").matter(&id);
        assert_eq!(matter["due_at"], json!(due));
        let main: Vec<&Value> = matter["clocks"].as_array().into_iter().flatten().filter(|clock| clock["main"] == true).collect();
        assert!(main.len() == 1 && main[0]["state"] == "running", "the statutory clock never stops: {main:#?}");
    };
    // Not on the hour of the day at which it began: rounding must not lose a day.
    laboratory.pass_hours(30);
    assert_eq!(person!("df-market.unit_head").act(&id, "refuse", refusal("df-water")).ok()["state"], "returned");
    unmoved(&laboratory);
    laboratory.pass_hours(42);
    person!(&office_name).act(&id, "resend", json!({ "unit": "df-water" })).ok();
    laboratory.pass_hours(20);
    assert_eq!(person!("df-water.unit_head").act(&id, "refuse", refusal("df-market")).ok()["state"], "ruling");
    unmoved(&laboratory);
    laboratory.pass_hours(52);
    let grounds = "高墙位于食品企业厂区之内，由市场监管部门牵头处置为宜";
    let ruled = person!(&office_name).act(&id, "rule", json!({ "unit": "df-market", "grounds": grounds, "tags": ["采石场"] })).ok();
    assert_eq!(ruled["holder"]["unit"]["code"], "df-market");
    person!("df-market.unit_head").act(&id, "refuse", refusal("df-water")).problem(409, "handover.refusal_exhausted");
    person!("df-market.liaison_officer").act(&id, "receive", json!({})).ok();
    laboratory.pass_hours(30);
    let changed = json!({ "unit": "df-emergency", "reason_text": "厂区已经腾空，改由应急部门牵头" });
    assert_eq!(person!(&office_name).act(&id, "change_lead", changed).ok()["state"], "sent");
    let third = person!("df-emergency.unit_head").act(&id, "refuse", refusal("df-market")).ok();
    assert_eq!(third["state"], "ruling", "every further refusal is ruled, too");
    unmoved(&laboratory);
    laboratory.pass_hours(18);
    // 192 hours in all.
    days_add_up(&person!(&office_name), &id, 8);

    // The ruling is shown where the next similar one is routed, with its grounds.
    let similar = created(&person!(&office_name), "work_item", &body(&person!(&office_name), "加固废弃采石场的危险边坡"), false);
    let precedents = similar["precedents"].as_array().cloned().unwrap_or_default();
    let shown = precedents.iter().find(|precedent| precedent["grounds"] == grounds).unwrap_or_else(|| panic!("{precedents:#?}"));
    assert_eq!((&shown["unit"]["code"], &shown["title"]), (&json!("df-market"), &json!("拆除废弃采石场的危险高墙")));
}

#[test]
fn silence_is_escalated_and_received_by_nobody() {
    let mut laboratory = laboratory(LABORATORY).alone();
    let office = laboratory.person("df-justice.coordinator");
    let id = id(&created(&office, "work_item", &body(&office, "无人签收也不会自动签收的任务"), true));
    laboratory.pass_days(6);
    let office = laboratory.person("df-justice.coordinator");
    let matter = office.matter(&id);
    assert_eq!(matter["state"], "sent");
    let events = office.all(&format!("/matters/{id}/events"));
    assert_eq!(events.iter().filter(|event| event["action"] == "escalate").count(), 1, "once for each hand-over: {events:#?}");
    assert!(laboratory.person("df-market.unit_head").get("/notices?limit=200").text().contains("无人签收也不会自动签收的任务"));
    let late = laboratory.person("df-market.unit_head").act(&id, "refuse", refusal("df-water"));
    late.problem(409, "handover.refusal_too_late");
}

/// N3: the same code, so the same steps.
#[test]
fn a_clock_explains_itself_as_the_calculator_does() {
    let laboratory = laboratory(LABORATORY).shared();
    let office = laboratory.person("df-justice.coordinator");
    let handler = laboratory.person("df-market.handler");
    let mut ids = vec![id(&created(&office, "work_item", &body(&office, "时限说明与计算器一致的任务"), true))];
    ids.push(id(&created(&handler, "toy_finding", &json!({ "content": "十个工作日内整改的问题" }), true)));
    let mut counted = 0;
    for (id, person) in ids.iter().zip([&office, &handler]) {
        for clock in person.matter(id)["clocks"].as_array().into_iter().flatten() {
            let explained = person.get(&format!("/matters/{id}/clocks/{}", clock["id"].as_str().unwrap_or_default())).ok();
            if explained["steps"].as_array().is_none_or(Vec::is_empty) {
                continue;
            }
            let rule = &explained["rule"];
            let request = json!({
                "start": clock["starts_on"], "amount": rule["amount"], "unit": rule["unit"], "direction": rule["direction"],
                "counts_first_day": rule["counts_first_day"], "rolls_if_holiday": rule["rolls_if_holiday"],
            });
            let computed = person.post("/calendars/compute", &request).ok();
            assert_eq!(explained["steps"], computed["steps"], "{request}");
            assert_eq!(explained["sentences"], computed["sentences"]);
            assert_eq!(explained["calendar_edition"], computed["calendar_edition"]);
            assert_eq!(clock["due"]["date"], computed["due"]);
            counted += 1;
        }
    }
    assert!(counted >= 2, "a receipt and an acceptance limit are counted");
}

/// Running clocks of all that the person sees: due day by clock.
fn running(person: &Person) -> BTreeMap<String, (String, Value)> {
    let mut clocks = BTreeMap::new();
    for item in person.all("/matters?open=true&limit=200") {
        let id = id(&item);
        let matter = person.matter(&id);
        let clocks_of_it = matter["clocks"].as_array().into_iter().flatten().filter(|clock| clock["state"] != "stopped");
        // What units are asked has its day, too.
        let asks = matter["asks"].as_array().into_iter().flatten().filter(|ask| ask["state"] == "open" && !ask["due"].is_null());
        for one in clocks_of_it.chain(asks) {
            clocks.insert(one["id"].as_str().unwrap_or_default().to_owned(), (id.clone(), one["due"]["date"].clone()));
        }
    }
    clocks
}

fn recomputed(person: &Person, id: &str) -> usize {
    person.all(&format!("/matters/{id}/events")).iter().filter(|event| event["action"] == "recompute").count()
}

/// The shipped calendar under another code, with tomorrow and the day after as days off.
pub fn edition_with_two_days_off(person: &Person, code: &str) -> Value {
    let today: NaiveDate = day(person, 0).parse().expect("a day");
    edition_with(code, &[today + Days::new(1), today + Days::new(2)])
}

/// The shipped calendar under another code, with some days off.
pub fn edition_with(code: &str, off: &[NaiveDate]) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/holidays_cn.json");
    let mut edition: Value = serde_json::from_str(&fs::read_to_string(path).expect("the shipped edition is there")).expect("it is JSON");
    edition["edition"] = json!(code);
    for date in off {
        let year = &mut edition["years"][date.format("%Y").to_string()];
        if let Some(holidays) = year["holidays"].as_array_mut() {
            holidays.retain(|holiday| holiday["date"] != json!(date.to_string()));
            holidays.push(json!({ "date": date.to_string(), "name": "临时放假" }));
        }
        if let Some(worked) = year["make_up_workdays"].as_array_mut() {
            worked.retain(|worked| worked["date"] != json!(date.to_string()));
        }
    }
    edition
}

/// N4.
#[test]
fn a_new_calendar_moves_what_it_said_and_moves_it_back() {
    let mut laboratory = laboratory(LABORATORY).alone();
    // What the jobs have to do, such as beginning the next period, is done.
    laboratory.pass_hours(0);
    let (office, administrator) = (laboratory.person("df-justice.coordinator"), laboratory.person("df-justice.system_admin"));
    let fresh = id(&created(&office, "work_item", &body(&office, "新日历将推迟签收时限的任务"), true));
    let stopped = id(&created(&office, "work_item", &body(&office, "新日历不影响已停时限的任务"), true));
    laboratory.person("df-market.liaison_officer").act(&stopped, "receive", json!({})).ok();
    let before = running(&office);

    let code = format!("cn-2026.test-{}", std::process::id());
    let edition = edition_with_two_days_off(&office, &code);
    let preview = administrator.post("/calendars/editions", &edition);
    assert_eq!(preview.status, 201, "{preview}");
    let preview = preview.ok();
    let moves = preview["moves"].as_array().cloned().unwrap_or_default();
    let moved: BTreeSet<&str> = moves.iter().filter_map(|moved| moved["matter"].as_str()).collect();
    assert!(moved.contains(fresh.as_str()) && !moved.contains(stopped.as_str()), "{moves:#?}");
    assert!(moves.iter().all(|moved| moved["title"] == ""), "the system administrator reads no business data");
    assert_eq!(running(&office), before, "a preview moves nothing");
    assert_ne!(office.get("/calendars").ok()["edition"], json!(code));

    let edition_id = preview["id"].as_str().unwrap_or_default().to_owned();
    administrator.post(&format!("/calendars/editions/{edition_id}/apply"), &json!({})).ok();
    assert_eq!(office.get("/calendars").ok()["edition"], json!(code));
    let after = running(&office);
    let mut changed = BTreeSet::new();
    for (clock, (matter, due)) in &before {
        let now = &after[clock].1;
        if now != due {
            changed.insert(matter.as_str());
            let told = moves.iter().any(|moved| moved["matter"] == json!(matter) && moved["old_due"] == *due && moved["new_due"] == *now);
            assert!(told, "{matter}: {due} → {now} was not in the preview");
        }
    }
    let seen: BTreeSet<&str> = before.values().map(|(matter, _)| matter.as_str()).collect();
    assert_eq!(changed, moved.intersection(&seen).copied().collect(), "exactly what the preview said");
    assert_eq!(recomputed(&office, &fresh), 1);
    assert_eq!(recomputed(&office, &stopped), 0);
    let stopped_clocks = office.matter(&stopped)["clocks"].clone();
    for clock in stopped_clocks.as_array().into_iter().flatten().filter(|clock| clock["state"] == "stopped") {
        let explained = office.get(&format!("/matters/{stopped}/clocks/{}", clock["id"].as_str().unwrap_or_default())).ok();
        let last = explained["steps"].as_array().and_then(|steps| steps.last()).map(ToString::to_string).unwrap_or_default();
        assert!(last.contains(clock["due"]["date"].as_str().unwrap_or("?")), "a stopped clock is explained as it was counted: {last} {clock}");
    }

    administrator.post(&format!("/calendars/editions/{edition_id}/undo"), &json!({})).ok();
    assert_eq!(running(&office), before, "undone: everything is back");
    assert_eq!(recomputed(&office, &fresh), 2);
    administrator.post(&format!("/calendars/editions/{edition_id}/undo"), &json!({})).problem(409, "workflow.action_unavailable");
    assert_eq!(office.get("/conservation").ok()["violations"], json!([]));
}
