//! Two servers on one database: what happens on one holds on the other, and what should happen once does. A SQLite file has one
//! server, so these run on PostgreSQL only: the PostgreSQL stage asks for ignored tests, too, and counts them.

use crate::{
    time::edition_with_two_days_off,
    toy::{LABORATORY, created, day},
    work_item::{body, id},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::OnceLock, thread, time::Duration};
use tests::{Answer, Laboratory, Letterbox, PASSWORD, Person, soon};

struct Nodes {
    one: Laboratory,
    other: Laboratory,
    letterbox: Letterbox,
}

fn nodes() -> &'static Nodes {
    static NODES: OnceLock<Nodes> = OnceLock::new();
    NODES.get_or_init(|| {
        let letterbox = Letterbox::open().expect("a port is free");
        let url = letterbox.url();
        let flags = ["--smtp-url", url.as_str()];
        let one = Laboratory::start(LABORATORY, &flags);
        let other = one.second_node(&flags);
        Nodes { one, other, letterbox }
    })
}

fn task(office: &Person, lead: &str, content: &str) -> Answer {
    let mut body = body(office, content);
    body["lead_unit"] = json!(lead);
    office.post("/matters", &json!({ "kind": "work_item", "body": body, "domains": ["other"], "not_secret": true, "submit": true }))
}

fn me(person: &Person) -> String {
    person.get("/me").ok()["id"].as_str().unwrap_or_default().to_owned()
}

fn times(person: &Person, matter: &str, action: &str) -> usize {
    person.all(&format!("/matters/{matter}/events")).iter().filter(|event| event["action"] == action).count()
}

#[test]
#[ignore = "two nodes need PostgreSQL"]
fn what_is_done_on_one_node_is_seen_on_the_other() {
    let (one, other) = (nodes().one.shared(), nodes().other.shared());
    let (office, officer) = (one.person("df-justice.coordinator"), other.person("df-market.liaison_officer"));
    let (market, water) = (officer.listen(), other.person("df-water.handler").listen());
    let matter = id(&task(&office, "df-market", "在一台服务器上交办、在另一台上签收的任务").ok());
    assert!(market.tells(&matter, Duration::from_secs(3)), "the stream of the other node tells");
    assert!(!water.tells(&matter, Duration::from_secs(1)), "and only those who may see it");
    assert!(officer.has_in_box("todo", &matter));
    assert!(officer.get("/notices?limit=200").text().contains("在另一台上签收的任务"));
    let back = office.listen();
    assert_eq!(officer.act(&matter, "receive", json!({})).ok()["state"], "in_progress");
    assert!(back.tells(&matter, Duration::from_secs(3)));
    assert_eq!(office.matter(&matter)["state"], "in_progress");
    let stale = office.matter(&matter)["version"].as_i64().map(|version| version - 1);
    office.act_on(&matter, stale, "urge", &json!({ "text": "请尽快" }), "a-version-of-the-other-node").problem(412, "version.stale");
    assert_eq!(one.person("df-market.unit_head").get("/matters/counts").ok(), other.person("df-market.unit_head").get("/matters/counts").ok());
}

#[test]
#[ignore = "two nodes need PostgreSQL"]
fn people_and_units_changed_on_one_node_are_changed_on_the_other_at_once() {
    let (one, other) = (nodes().one.shared(), nodes().other.shared());
    let (system, security) = (one.person("df-justice.system_admin"), one.person("df-justice.security_admin"));
    let there = |token: &str, path: &str| other.send("GET", path, |request| request.bearer_auth(token));
    let handler = other.person("df-tobacco.handler");
    let (user, token) = (format!("/users/{}", me(&handler)), handler.token());
    // Known to the other node, and in its memory.
    there(&token, "/matters").ok();
    security.patch(&user, None, &json!({ "roles": ["liaison_officer"] })).ok();
    there(&token, "/me").problem(401, "auth.token_invalid");
    let token = other.login("df-tobacco.handler", PASSWORD).ok()["access_token"].as_str().unwrap_or_default().to_owned();
    assert_eq!(there(&token, "/me").ok()["roles"], json!(["liaison_officer"]));
    other.remember("df-tobacco.handler", &token);
    let stream = handler.listen();
    system.patch(&user, None, &json!({ "active": false })).ok();
    there(&token, "/me").problem(401, "auth.token_invalid");
    other.login("df-tobacco.handler", PASSWORD).problem(401, "auth.credentials_invalid");
    let matter = id(&task(&one.person("df-justice.coordinator"), "df-tobacco", "停用人员的页面不再收到更新的任务").ok());
    assert!(!stream.tells(&matter, Duration::from_secs(3)), "a stream of an ended session says nothing more");
    assert!(stream.ends(Duration::from_secs(1)));

    // Signing out, and the security administrator's ending of a session.
    let head = other.login("df-tobacco.unit_head", PASSWORD).ok();
    let token = head["access_token"].as_str().unwrap_or_default();
    there(token, "/matters").ok();
    let out = one.send("POST", "/auth/logout", |request| request.bearer_auth(token));
    assert_eq!(out.status, 204, "{out}");
    there(token, "/matters").problem(401, "auth.token_invalid");

    let name = || crate::bad::unit(&other.person("df-tax.handler"), "df-tobacco")["short_name"].clone();
    assert_ne!(name(), "市烟草局（新）");
    system.patch("/units/df-tobacco", None, &json!({ "short_name": "市烟草局（新）" })).ok();
    soon(Duration::from_millis(1500), "the new name of a unit", || name() == "市烟草局（新）");
}

#[test]
#[ignore = "two nodes need PostgreSQL"]
fn a_key_used_on_one_node_is_known_on_the_other() {
    let (one, other) = (nodes().one.shared(), nodes().other.shared());
    let (here, there) = (one.person("df-justice.coordinator"), other.person("df-justice.coordinator"));
    let new = json!({ "kind": "work_item", "body": body(&here, "换一台服务器重发也只交办一次的任务"), "domains": ["other"], "not_secret": true, "submit": true });
    let first = here.post_with_key("/matters", &new, "a-key-for-both-nodes");
    let second = there.post_with_key("/matters", &new, "a-key-for-both-nodes");
    assert_eq!(second.header("idempotency-replayed"), "true", "{second}");
    assert_eq!(first.ok()["id"], second.ok()["id"]);
    there.post_with_key("/matters", &json!({ "kind": "work_item", "body": {} }), "a-key-for-both-nodes").problem(422, "idempotency.body_differs");
    // Both at once: one acts, the other repeats its answer or asks to come back.
    let twice = json!({ "kind": "work_item", "body": body(&here, "两台服务器同时收到的同一次交办"), "domains": ["other"], "not_secret": true, "submit": true });
    let answers: Vec<Answer> = thread::scope(|scope| {
        let both = [&here, &there].map(|person| scope.spawn(|| person.post_with_key("/matters", &twice, "a-key-for-both-at-once")));
        both.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    assert!(answers.iter().any(|answer| answer.status == 201), "{} {}", answers[0], answers[1]);
    assert_eq!(here.all("/matters?q=两台服务器同时收到的同一次交办&limit=200").len(), 1);
}

#[test]
#[ignore = "two nodes need PostgreSQL"]
fn a_calendar_put_in_force_on_one_node_counts_on_the_other() {
    let (one, other) = (nodes().one.alone(), nodes().other.alone());
    let (administrator, officer) = (one.person("df-justice.system_admin"), other.person("df-market.handler"));
    let code = format!("cn-2026.nodes-{}", std::process::id());
    let request = json!({ "start": day(&officer, 0), "amount": 5, "unit": "working_days", "counts_first_day": false, "rolls_if_holiday": true, "direction": "after" });
    let due = || officer.post("/calendars/compute", &request).ok()["due"].clone();
    let before = due();
    let kept = administrator.post("/calendars/editions", &edition_with_two_days_off(&administrator, &code)).ok();
    let path = format!("/calendars/editions/{}", kept["id"].as_str().unwrap_or_default());
    administrator.post(&format!("{path}/apply"), &json!({})).ok();
    soon(Duration::from_secs(2), "the edition", || officer.get("/calendars").ok()["edition"] == json!(code));
    assert_ne!(due(), before, "two working days fewer");
    other.person("df-justice.system_admin").post(&format!("{path}/apply"), &json!({})).problem(409, "workflow.action_unavailable");
    administrator.post(&format!("{path}/undo"), &json!({})).ok();
    soon(Duration::from_secs(2), "that it was taken back", || due() == before);
}

#[test]
#[ignore = "two nodes need PostgreSQL"]
fn jobs_of_two_nodes_do_things_once() {
    let (mut one, mut other) = (nodes().one.alone(), nodes().other.alone());
    let office = one.person("df-justice.coordinator");
    let silent: Vec<String> = (0..6)
        .map(|n| {
            let mut body = body(&office, &format!("两台服务器都会发现无人签收的第{n}项任务"));
            body["due_date"] = json!(day(&office, 8));
            id(&created(&office, "work_item", &body, true))
        })
        .collect();
    let away = one.person("df-water.unit_head");
    let ends = json!({ "deputy": me(&one.person("df-water.liaison_officer")), "starts_on": day(&away, 0), "ends_on": day(&away, 7) });
    let delegated = away.post("/delegations", &ends);
    assert_eq!(delegated.status, 201, "{delegated}");
    let author = one.person("df-market.handler");
    let review = json!({ "subject": "两台服务器都会提醒的中止", "unit": "df-water" });
    let paused = id(&created(&author, "toy_review", &review, true));
    let water = one.person("df-water.liaison_officer");
    water.act(&paused, "receive", json!({})).ok();
    let reason = json!({ "reason_code": "appraisal", "legal_basis": "有关鉴定期间的规定", "expected_end": day(&author, 3), "reason_text": "等待鉴定机构出具意见" });
    water.act(&paused, "pause_clock", reason).ok();
    one.pass_hours_with(&mut other, 144);
    one.pass_hours_with(&mut other, 1);
    let office = other.person("df-justice.coordinator");
    for matter in &silent {
        assert_eq!((times(&office, matter, "escalate"), times(&office, matter, "raise_level")), (1, 1), "{matter}");
    }
    let head = other.person("df-market.unit_head").all("/notices?limit=200");
    let told = |kind: &str, matter: &str| head.iter().filter(|notice| notice["kind"] == kind && notice["matter"] == json!(matter)).count();
    assert!(silent.iter().all(|matter| told("escalate", matter) == 1 && told("raise_level", matter) == 1), "{head:#?}");
    assert_eq!(times(&one.person("df-market.handler"), &paused, "remind_of_pause"), 1);
    let warned = other.person("df-water.unit_head").all("/notices?limit=200");
    assert_eq!(warned.iter().filter(|notice| notice["kind"] == "expiry").count(), 1, "{warned:#?}");
    assert_eq!(office.get("/conservation").ok()["violations"], json!([]));
    assert_eq!(one.person("df-justice.audit_admin").post("/audit/verify", &json!({})).ok()["fault"], Value::Null);
}

#[test]
#[ignore = "two nodes need PostgreSQL"]
fn letters_of_two_nodes_leave_once() {
    let (one, other) = (nodes().one.shared(), nodes().other.shared());
    let address = "education@df.example";
    let officer = one.person("df-education.liaison_officer");
    officer.patch("/me", None, &json!({ "email": address, "email_notices": true })).ok();
    let (here, there) = (one.person("df-justice.coordinator"), other.person("df-justice.coordinator"));
    thread::scope(|scope| {
        for (person, place) in [(&here, "这一台"), (&there, "那一台")] {
            scope.spawn(move || {
                for n in 0..8 {
                    task(person, "df-education", &format!("从{place}服务器交办并发信提醒的第{n}项任务")).ok();
                }
            });
        }
    });
    let letters = nodes().letterbox.wait_for(address, 16);
    let subjects: BTreeSet<&str> = letters.iter().map(|letter| letter.subject.as_str()).collect();
    assert_eq!((letters.len(), subjects.len()), (16, 16), "each once: {letters:#?}");
    thread::sleep(Duration::from_secs(1));
    assert_eq!(nodes().letterbox.to(address).len(), 16);
}
