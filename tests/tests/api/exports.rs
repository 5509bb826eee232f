//! Long work that goes on without the one who asked for it: exports that are found again, and a commit nobody waits for.

use crate::{sheets, toy::LABORATORY, work_item::handed_out};
use calamine::Reader;
use serde_json::{Value, json};
use std::{
    io::{Cursor, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};
use tests::{Answer, City, Laboratory, PASSWORD, Person, city, fresh_key};

/// Starts an export and waits for its end; gives its id.
#[track_caller]
pub fn finished(person: &Person, query: &str) -> String {
    let id = started(person, query);
    let ended = until_ended(person, &id);
    assert_eq!(ended["state"], "done", "{ended}");
    id
}

#[track_caller]
fn started(person: &Person, query: &str) -> String {
    let answer = person.post("/exports", &json!({ "query": query }));
    assert_eq!(answer.status, 202, "{answer}");
    let id = answer.json()["id"].as_str().expect("an export has an id").to_owned();
    assert_eq!(answer.header("location"), format!("/api/v1/exports/{id}"));
    id
}

#[track_caller]
fn until_ended(person: &Person, id: &str) -> Value {
    let begun = Instant::now();
    loop {
        let seen = person.get(&format!("/exports/{id}")).ok();
        if seen["state"] != "running" {
            return seen;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not end: {seen}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// The cells of the only sheet, row by row.
#[track_caller]
fn cells(answer: &Answer) -> Vec<Vec<String>> {
    assert_eq!(answer.status, 200, "{}", answer.request);
    assert!(answer.header("content-type").contains("spreadsheetml"));
    assert!(answer.header("content-disposition").contains("matters.xlsx"));
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(answer.bytes.clone())).expect("it is a workbook");
    let name = workbook.sheet_names().first().cloned().expect("a workbook has a sheet");
    let range = workbook.worksheet_range(&name).expect("the sheet can be read");
    range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

#[test]
fn an_export_goes_on_by_itself_and_is_found_again() {
    let office = city().person("df-justice.coordinator");
    for place in ["东", "西"] {
        handed_out(&format!("长时间导出：排查观星台{place}侧的电线"));
    }
    let query = "kind=work_item&open=true&q=观星台";
    let id = finished(&office, query);
    let seen = office.get(&format!("/exports/{id}")).ok();
    assert_eq!((&seen["kind"], &seen["query"], &seen["progress"]), (&json!("work_item"), &json!(query), &json!({ "done": 2, "total": 2 })), "{seen}");
    assert!(seen["problem"].is_null() && seen["size"].as_i64().is_some_and(|size| size > 0) && seen["ended_at"].is_string(), "{seen}");
    let file = cells(&office.get(&format!("/exports/{id}/file")));
    assert_eq!(file.len(), 3, "the headings and two tasks");
    assert_eq!(file, cells(&office.get(&format!("/exports/matters.xlsx?{query}"))));
    let listed = office.all("/exports?limit=50");
    let place = |id: &str| listed.iter().position(|one| one["id"] == json!(id));
    let later = finished(&office, "box=todo&overdue=true");
    assert!(place(&id).is_some() && office.all("/exports")[0]["at"].as_str() >= listed[0]["at"].as_str(), "newest first");
    assert_ne!(id, later);

    for other in ["df-justice.unit_head", "df-market.liaison_officer", "xc-justice.coordinator"] {
        let other = city().person(other);
        other.get(&format!("/exports/{id}")).problem(404, "not_found");
        other.get(&format!("/exports/{id}/file")).problem(404, "not_found");
        assert!(other.all("/exports").iter().all(|one| one["id"] != json!(id)));
    }
    city().person("df-justice.system_admin").get("/exports").problem(403, "permission.denied");
}

#[test]
fn an_export_holds_nothing_of_another_city() {
    handed_out("长时间导出：嵩岳寺塔的内部材料不出本市");
    let stranger = city().person("xc-justice.coordinator");
    let id = finished(&stranger, "kind=work_item&q=嵩岳寺塔");
    assert_eq!(cells(&stranger.get(&format!("/exports/{id}/file"))).len(), 1, "the headings, nothing else");
}

#[test]
fn a_query_that_is_none_is_refused_at_once() {
    let person = city().person("df-water.unit_head");
    for query in ["kind=nonsense", "colour=red", "due_before=soon", "state=flying", "lamp=blue"] {
        person.post("/exports", &json!({ "query": query })).problem(400, "request.query_invalid");
    }
    person.post("/exports", &json!({})).fault("/query", "validation.required");
    person.post("/exports", &json!({ "query": "", "sheet": 1 })).fault("/sheet", "validation.unknown_field");
    assert!(person.all("/exports").is_empty());
    person.get("/exports?limit=0").problem(400, "page.limit_out_of_range");
}

/// The same request again is the same export.
#[test]
fn a_repeated_request_starts_one_export() {
    let person = city().person("df-water.liaison_officer");
    let key = fresh_key();
    let body = json!({ "query": "kind=work_item" });
    let [first, again] = [(); 2].map(|()| person.post_with_key("/exports", &body, &key));
    assert_eq!((first.status, again.status), (202, 202), "{again}");
    assert_eq!((first.json()["id"].clone(), first.header("location")), (again.json()["id"].clone(), again.header("location")));
    assert_eq!(person.all("/exports").len(), 1);
}

/// Rows as a server writes them that is at work, or stopped at it.
#[test]
fn three_of_a_person_run_at_a_time_and_a_silent_one_is_interrupted() {
    let person = city().person("df-water.handler");
    let first = finished(&person, "kind=work_item");
    let now = person.get(&format!("/exports/{first}")).ok()["at"].as_str().expect("a time").replace('Z', "+00:00");
    let ids = ["01990000-0000-7000-8000-0000000000e1", "01990000-0000-7000-8000-0000000000e2", "01990000-0000-7000-8000-0000000000e3"];
    let sql = |statement: String| city().sql(&statement).expect("the operator may write");
    for id in ids {
        sql(format!(
            "INSERT INTO export (id, jurisdiction_id, person_id, unit_id, query, kind, state, done, total, created_at, updated_at)
             SELECT {}, jurisdiction_id, person_id, unit_id, query, kind, 'running', 1200, 5000, '{now}', '{now}' FROM export WHERE id = {}",
            city().id_literal(id),
            city().id_literal(&first)
        ));
    }
    let [one, ..] = ids;
    let running = person.get(&format!("/exports/{one}")).ok();
    assert_eq!((&running["state"], &running["progress"]), (&json!("running"), &json!({ "done": 1200, "total": 5000 })), "{running}");
    person.get(&format!("/exports/{one}/file")).problem(409, "workflow.action_unavailable");
    let refused = person.post("/exports", &json!({ "query": "kind=work_item" }));
    refused.problem(429, "request.too_many");
    assert!(!refused.header("retry-after").is_empty(), "{refused}");

    // Ten minutes without a sign of life.
    let before = format!("{}+00:00", shift(&now, -600));
    sql(format!("UPDATE export SET updated_at = '{before}' WHERE state = 'running' AND total = 5000"));
    let silent = person.get(&format!("/exports/{one}")).ok();
    assert_eq!((&silent["state"], &silent["problem"]), (&json!("failed"), &json!("interrupted")), "{silent}");
    person.get(&format!("/exports/{one}/file")).problem(409, "workflow.action_unavailable");
    finished(&person, "kind=work_item");

    // What was exported for one unit is not taken along to another.
    sql(format!("UPDATE export SET unit_id = (SELECT id FROM unit WHERE code = 'df-market' LIMIT 1) WHERE id = {}", city().id_literal(&first)));
    person.get(&format!("/exports/{first}")).problem(404, "not_found");
    person.get(&format!("/exports/{first}/file")).problem(404, "not_found");
    for id in ids {
        sql(format!("DELETE FROM export WHERE id = {}", city().id_literal(id)));
    }
}

/// An instant some seconds from another, without its zone.
fn shift(at: &str, seconds: i64) -> String {
    let at = chrono::DateTime::parse_from_rfc3339(at).expect("an instant");
    (at + chrono::Duration::seconds(seconds)).format("%Y-%m-%dT%H:%M:%S%.3f").to_string()
}

fn contents(city: &City) -> Vec<String> {
    let listed = std::fs::read_dir(city.data_dir.join("attachments")).expect("a folder");
    listed.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).filter(|name| name.len() == 64).collect()
}

/// A laboratory of its own, since only a server that has just begun says when it looks for leftovers next.
#[test]
fn an_export_is_kept_for_a_day_and_its_content_goes_after_it() {
    let laboratory = Laboratory::start(LABORATORY, &[]);
    let mut laboratory = laboratory.alone();
    let username = "df-justice.coordinator";
    // The first look; the next is a day after it.
    laboratory.pass_hours(0);
    laboratory.pass_hours(12);
    let before = contents(&laboratory);
    let id = finished(&laboratory.person(username), "kind=work_item");
    let fresh: Vec<String> = contents(&laboratory).into_iter().filter(|name| !before.contains(name)).collect();
    assert_eq!(fresh.len(), 1, "the sheet is kept under its digest");
    let nobodys = "ab".repeat(32);
    std::fs::write(laboratory.data_dir.join("attachments").join(&nobodys), "nobody's").expect("a file");
    let audit = laboratory.person("df-justice.audit_admin").get("/audit?limit=200").text();
    assert_eq!(audit.matches("\"exported\"").count(), 1, "one entry, as for an export in the request: {audit}");

    // The contents are old now, the export is not.
    laboratory.pass_hours(14);
    let there = contents(&laboratory);
    assert!(
        fresh.iter().all(|name| there.contains(name)) && !there.contains(&nobodys),
        "what no row names went, what the export names did not: {there:?}"
    );
    assert_eq!(laboratory.person(username).get(&format!("/exports/{id}/file")).status, 200);
    let audit = laboratory.person("df-justice.audit_admin").get("/audit?limit=200").text();
    assert_eq!(audit.matches("\"export_fetched\"").count(), 1, "each fetch is on record: {audit}");
    laboratory.pass_hours(11);
    laboratory.person(username).get(&format!("/exports/{id}")).problem(404, "not_found");
    laboratory.person(username).get(&format!("/exports/{id}/file")).problem(404, "not_found");
    laboratory.pass_hours(24);
    assert!(!contents(&laboratory).iter().any(|name| fresh.contains(name)), "the content went with its row");
    assert_eq!(laboratory.sql("SELECT COUNT(*) FROM export").expect("a count"), "0");
}

/// What was exported with a role is gone with it, the role itself given back or not.
#[test]
fn an_export_ends_with_the_role_it_was_made_in() {
    let laboratory = Laboratory::start(LABORATORY, &[]);
    let laboratory = laboratory.alone();
    let username = "df-water.handler";
    let id = finished(&laboratory.person(username), "kind=work_item");
    let security = laboratory.person("df-justice.security_admin");
    let user = security.all("/users?limit=200").into_iter().find(|user| user["username"] == username).expect("the handler");
    let path = format!("/users/{}", user["id"].as_str().expect("a user has an id"));
    security.patch(&path, None, &json!({ "roles": ["handler", "liaison_officer"] })).ok();
    // The old session went with the old roles.
    let token = laboratory.login(username, PASSWORD).ok()["access_token"].as_str().unwrap_or_default().to_owned();
    laboratory.remember(username, &token);
    laboratory.person(username).get(&format!("/exports/{id}")).problem(404, "not_found");
    laboratory.person(username).get(&format!("/exports/{id}/file")).problem(404, "not_found");
}

/// A job of this process that runs is not interrupted, however the clock is moved; one of a server that is gone is, and stays so.
#[test]
fn a_job_marks_what_was_interrupted() {
    let laboratory = Laboratory::start(LABORATORY, &[]);
    let mut laboratory = laboratory.alone();
    let id = finished(&laboratory.person("df-water.handler"), "kind=work_item");
    laboratory.sql("UPDATE export SET state = 'running', digest = NULL, ended_at = NULL").expect("the operator may write");
    laboratory.pass_hours(1);
    assert_eq!(laboratory.sql("SELECT state || ' ' || problem FROM export").expect("a row"), "failed interrupted");
    let seen = laboratory.person("df-water.handler").get(&format!("/exports/{id}")).ok();
    assert_eq!((&seen["state"], &seen["problem"]), (&json!("failed"), &json!("interrupted")), "{seen}");
}

#[test]
fn a_commit_goes_on_when_nobody_waits_for_it() {
    let office = city().person("df-justice.coordinator");
    let numbers: Vec<String> = (1..=120).map(|number| number.to_string()).collect();
    let texts: Vec<String> = numbers.iter().map(|number| format!("断线也要写完：整治启母阙第{number}段道路")).collect();
    let rows: Vec<[&str; 7]> = numbers
        .iter()
        .zip(&texts)
        .map(|(number, text)| [number.as_str(), text.as_str(), "市文旅局", "", "2027-06-30", "工作方案二（一）", ""])
        .collect();
    let preview = office.upload("/imports?kind=work_item", "断线.xlsx", sheets::work_list(&rows)).ok();
    assert_eq!((&preview["counts"]["accepted"], &preview["progress"]), (&json!(120), &Value::Null), "{}", preview["counts"]);
    let path = format!("/imports/{}", preview["id"].as_str().expect("an import has an id"));
    let (key, address) = (fresh_key(), city().base.trim_start_matches("http://").to_owned());
    let mut connection = TcpStream::connect(&address).expect("a connection");
    // The answer to the first is never read: closed with it, the connection is reset, which a server takes for the end of its work. One
    // that is only closed could be a client that still listens.
    let request = format!(
        "GET /healthz HTTP/1.1\r\nHost: {address}\r\n\r\nPOST /api/v1{path}/commit HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nIdempotency-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}",
        office.token()
    );
    connection.write_all(request.as_bytes()).expect("it is sent");
    let begun = Instant::now();
    let mut connection = Some(connection);
    let mut told = Vec::new();
    loop {
        let seen = office.get(&path).ok();
        if seen["state"] == "committed" {
            assert!(seen["progress"].is_null());
            break;
        }
        if let Some(done) = seen["progress"]["done"].as_i64() {
            // It is under way: the browser goes.
            drop(connection.take());
            let total = seen["progress"]["total"].as_i64();
            assert!(matches!(total, Some(0 | 120)) && seen["rows"] == json!([]), "{seen}");
            told.push(done);
        }
        assert!(begun.elapsed() < Duration::from_secs(90), "it was not written: {} {told:?}", seen["state"]);
        thread::sleep(Duration::from_millis(20));
    }
    assert!(!told.is_empty() && told.is_sorted(), "progress was told: {told:?}");
    assert_eq!(office.all("/matters?kind=work_item&q=启母阙&limit=200").len(), 120, "all of them, once");
    // Who comes back with the same key is given the answer that was never read.
    let again = office.post_with_key(&format!("{path}/commit"), &json!({}), &key);
    assert_eq!(again.ok()["created"], 120, "{again}");
    assert_eq!(again.header("idempotency-replayed"), "true");
    office.post(&format!("{path}/commit"), &json!({})).problem(409, "import.already_committed");
}
