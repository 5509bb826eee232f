//! What one may not see does not exist.

use crate::{toy::LABORATORY, work_item::handed_out};
use serde_json::{Value, json};
use tests::{Person, city, laboratory};

#[test]
fn the_second_city_sees_nothing_of_the_first() {
    let id = handed_out("只属于登封的一项任务，不得外泄");
    let stranger = city().person("xc-justice.coordinator");
    for path in ["", "/events", "/attachments", "/comments", "/notes", "/links", "/access"] {
        stranger.get(&format!("/matters/{id}{path}")).problem(404, "not_found");
    }
    stranger.act_on(&id, Some(1), "urge", &json!({ "text": "请尽快办理" }), "stranger-urges").problem(404, "not_found");
    let units = stranger.get("/units").ok();
    assert!(
        units
            .as_array()
            .is_some_and(|units| !units.is_empty() && units.iter().all(|unit| { unit["code"].as_str().is_some_and(|code| code.starts_with("xc-")) }))
    );
    let matters = stranger.all("/matters?limit=200");
    assert!(matters.iter().all(|item| item["originator"]["code"].as_str().is_some_and(|code| code.starts_with("xc-"))), "{matters:#?}");
    assert!(stranger.all("/search?q=登封").is_empty());
    assert!(stranger.all("/users?limit=200").iter().all(|user| { user["unit"]["code"].as_str().is_some_and(|code| code.starts_with("xc-")) }));
    let export = stranger.get("/exports/matters.xlsx?q=不得外泄");
    assert_eq!(export.status, 200);
}

#[test]
fn administrators_have_no_business_data() {
    let id = handed_out("系统管理员看不到的一项任务");
    for role in ["system_admin", "security_admin", "audit_admin"] {
        let administrator = city().person(&format!("df-justice.{role}"));
        administrator.get("/matters").problem(403, "permission.denied");
        assert!(matches!(administrator.get(&format!("/matters/{id}")).status, 403 | 404), "{role}");
    }
    city().person("df-justice.coordinator").get("/audit").problem(403, "permission.denied");
    city().person("df-justice.audit_admin").get("/audit").ok();
}

#[test]
fn notes_stay_in_the_unit() {
    let id = handed_out("各单位可以为自己记下备忘的任务");
    let officer = city().person("df-market.liaison_officer");
    officer.post(&format!("/matters/{id}/notes"), &json!({ "text": "先问一下法规科的意见" })).ok();
    assert!(officer.get(&format!("/matters/{id}/notes")).text().contains("法规科"));
    assert!(!city().person("df-justice.coordinator").get(&format!("/matters/{id}/notes")).text().contains("法规科"));
}

/// Seals cover the whole installation; what an auditor is told is of their own city.
#[test]
fn an_auditor_learns_nothing_of_another_citys_history() {
    let laboratory = laboratory(LABORATORY).alone();
    let (own, other) = (laboratory.person("df-justice.audit_admin"), laboratory.person("xc-justice.audit_admin"));
    let (handler, stranger) = (laboratory.person("df-market.handler"), laboratory.person("xc-market.handler"));
    for person in [&own, &other, &handler, &stranger] {
        person.token();
    }
    let chain = |person: &Person| person.get("/audit/chain").ok();
    let events = |person: &Person| chain(person)["events"].as_i64().unwrap_or_default();
    let (before, others_before) = (events(&own), events(&other));
    laboratory.login("xc-market.handler", tests::PASSWORD).ok();
    assert_eq!(events(&own), before, "what happens there is not counted here");
    assert_eq!(events(&other), others_before + 1);
    let in_all = laboratory.sql("SELECT COUNT(*) FROM event").expect("a count").parse::<i64>().expect("a number");
    assert_eq!(events(&own) + events(&other), in_all, "each event is counted in one city");
    // The job that seals may come between two answers.
    let (listed, state) = loop {
        let (first, listed, second) = (chain(&own), own.all("/audit/seals?limit=200"), chain(&own));
        if first == second {
            break (listed, first);
        }
    };
    assert_eq!((json!(listed.len()), &json!(listed[0]["root"])), (state["seals"].clone(), &state["last_root"]));
    let covered: i64 = listed.iter().filter_map(|seal| seal["events"].as_i64()).sum();
    assert_eq!(Some(covered + state["unsealed"].as_i64().unwrap_or_default()), state["events"].as_i64());

    // One row of the other city is changed by hand.
    let row =
        "(SELECT id FROM event WHERE action = 'signed_in' AND jurisdiction_id = (SELECT id FROM jurisdiction WHERE code = 'xc') ORDER BY id LIMIT 1)";
    let payload = laboratory.sql(&format!("SELECT payload FROM event WHERE id = {row}")).expect("a payload");
    let set = |payload: &str| laboratory.sql(&format!("UPDATE event SET payload = '{payload}' WHERE id = {row}")).expect("the operator may do so");
    set(r#"{"forged":true}"#);
    let verified = |person: &Person| person.post("/audit/verify", &json!({})).ok()["fault"].clone();
    assert_eq!(verified(&own), Value::Null, "another city's damage is not this auditor's to see");
    assert!(verified(&other).as_str().is_some_and(|fault| fault.contains("does not fit its hash")), "{}", verified(&other));
    let whole = laboratory.command_line(&["verify"]).expect("`liandong verify` starts");
    assert!(!whole.status.success() && String::from_utf8_lossy(&whole.stdout).contains("does not fit its hash"), "the operator sees both");
    set(&payload);
    assert_eq!((verified(&own), verified(&other)), (Value::Null, Value::Null));
    assert_eq!(own.get("/audit?limit=200").ok()["items"].as_array().map(Vec::is_empty), Some(false));
}
