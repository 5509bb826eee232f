//! What breaks while people work: the server killed, the database away, the disk full, a client that stalls. Short here; `LIANDONG_FAULTS`
//! makes each as long as docs/reliability.md tells.

use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    env,
    path::Path,
    process::Command,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tests::{City, Letterbox, fresh_key};

const OFFICE: &str = "df-justice.coordinator";
const OFFICER: &str = "df-market.liaison_officer";

/// How often something is done: a few times, or as often as was promised.
fn times(few: usize, promised: usize) -> usize {
    if env::var_os("LIANDONG_FAULTS").is_some() { promised } else { few }
}

/// A request that was sent, and what came back before the server was gone.
#[derive(Debug, Clone)]
struct Sent {
    person: &'static str,
    path: String,
    version: Option<i64>,
    key: String,
    body: Value,
    /// None: nobody knows whether it was done.
    answer: Option<(u16, Value)>,
}

/// Sends once; a broken connection is no answer.
fn send(city: &City, sent: &Sent) -> Option<(u16, Value)> {
    let token = city.try_token(sent.person)?;
    let version = sent.version.map(|version| format!("\"{version}\""));
    let answer = city.attempt("POST", &sent.path, |request| {
        let request = request.bearer_auth(&token).header("idempotency-key", &sent.key).json(&sent.body);
        match &version {
            Some(version) => request.header("if-match", version),
            None => request,
        }
    })?;
    Some((answer.status, answer.json()))
}

/// New tasks, receipts and remarks, until told to stop; each request is noted with what came back.
fn work(city: &City, writer: usize, stop: &AtomicBool, log: &Mutex<Vec<Sent>>) {
    let mut round = 0;
    let note = |mut sent: Sent| -> Option<Value> {
        sent.answer = send(city, &sent);
        let answer = sent.answer.clone();
        log.lock().unwrap_or_else(PoisonError::into_inner).push(sent);
        answer.filter(|(status, _)| *status < 300).map(|(_, body)| body)
    };
    while !stop.load(Ordering::Relaxed) {
        round += 1;
        let content = format!("断电演练的任务，{writer}号第{round}件，{}", fresh_key());
        let body = json!({
            "kind": "work_item", "domains": ["other"], "not_secret": true, "submit": true,
            "body": {
                "content": content, "origin": "key_points", "origin_ref": "年度工作要点第三条", "lead_unit": "df-market", "co_units": [],
                "due_kind": "date", "due_date": "2027-12-31", "deliverables": [], "progress_cycle": "none",
            },
        });
        let Some(matter) = note(Sent { person: OFFICE, path: "/matters".into(), version: None, key: fresh_key(), body, answer: None }) else {
            continue;
        };
        let id = matter["id"].as_str().unwrap_or_default().to_owned();
        let receive = format!("/matters/{id}/actions/receive");
        let received = note(Sent {
            person: OFFICER,
            path: receive,
            version: matter["version"].as_i64(),
            key: fresh_key(),
            body: json!({ "input": {} }),
            answer: None,
        });
        if received.is_some() {
            let remark = json!({ "text": format!("已收到，{}", fresh_key()) });
            note(Sent { person: OFFICER, path: format!("/matters/{id}/comments"), version: None, key: fresh_key(), body: remark, answer: None });
        }
    }
}

/// Several at once for a while, then whatever comes.
fn worked(city: &City, while_working: impl FnOnce()) -> Vec<Sent> {
    let (stop, log) = (AtomicBool::new(false), Mutex::default());
    thread::scope(|scope| {
        for writer in 0..4 {
            let (stop, log) = (&stop, &log);
            scope.spawn(move || work(city, writer, stop, log));
        }
        while_working();
        stop.store(true, Ordering::Relaxed);
    });
    log.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Sends again what got no answer, or none that counts; then each must have been done exactly once.
fn finish(city: &City, log: &mut [Sent]) {
    for sent in log.iter_mut() {
        let begun = Instant::now();
        while sent.answer.as_ref().is_none_or(|(status, _)| *status >= 500) {
            sent.answer = send(city, sent);
            assert!(begun.elapsed() < Duration::from_secs(60), "never answered: {sent:?}");
        }
    }
}

/// Everything that was answered is there, once, and the whole is sound.
fn check(city: &City, log: &[Sent]) {
    let mut matters: BTreeMap<String, i64> = BTreeMap::new();
    for sent in log {
        let (status, body) = sent.answer.as_ref().expect("answered by now");
        match (sent.path.as_str(), status) {
            ("/matters", 201) => {
                matters.entry(body["id"].as_str().unwrap_or_default().to_owned()).or_default();
            }
            // Its answer was lost with the server: what was done can be seen, but not which matter it was.
            (_, 409) if body["code"] == "idempotency.answer_lost" => {}
            (path, 200 | 201) => {
                let id = path.split('/').nth(2).unwrap_or_default().to_owned();
                let expected = matters.entry(id).or_default();
                *expected = (*expected).max(body["version"].as_i64().unwrap_or(0));
            }
            other => panic!("{other:?}: {sent:?}"),
        }
    }
    let office = city.person(OFFICE);
    for (id, version) in &matters {
        let matter = office.matter(id);
        assert!(matter["version"].as_i64() >= Some(*version), "{id} was at {version}: {matter:#}");
    }
    // Each title is of one creation, each remark is one.
    let twice = city
        .sql("SELECT count(*) FROM (SELECT title FROM matter WHERE title LIKE '断电演练%' GROUP BY title HAVING count(*) > 1) t")
        .expect("a count");
    assert_eq!(twice.trim(), "0", "a task was made twice");
    let twice =
        city.sql("SELECT count(*) FROM (SELECT text FROM comment WHERE text LIKE '已收到，%' GROUP BY text HAVING count(*) > 1) t").expect("a count");
    assert_eq!(twice.trim(), "0", "a remark was made twice");
    let made = log.iter().filter(|sent| sent.path == "/matters").count();
    let there = city.sql("SELECT count(*) FROM matter WHERE title LIKE '断电演练%'").expect("a count");
    assert_eq!(there.trim(), made.to_string(), "as many tasks as were sent");
    for command in ["verify", "conservation"] {
        let said = city.command_line(&[command]).expect("the command runs");
        assert!(said.status.success(), "{command}: {}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    }
}

fn kill(city: &City) {
    assert!(Command::new("kill").args(["-KILL", &city.server_pid()]).status().expect("kill").success());
    let gone = format!("/proc/{}/exe", city.server_pid());
    while Path::new(&gone).exists() {
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_server_killed_in_the_middle_loses_nothing() {
    let letterbox = Letterbox::open().expect("a port is free");
    let url = letterbox.url();
    let flags = ["--smtp-url", url.as_str()];
    let first = City::with_flags(&flags).expect("a city starts");
    first.person(OFFICER).patch("/me", None, &json!({ "email": "market@df.example", "email_notices": true })).ok();
    let mut log = Vec::new();
    let mut dice = 7_u64;
    let mut running: Option<City> = None;
    for _ in 0..times(4, 200) {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let lives = Duration::from_millis(200 + (dice >> 33) % 600);
        let city = running.as_ref().unwrap_or(&first);
        let mut sent = worked(city, || {
            thread::sleep(lives);
            kill(city);
        });
        let next = first.next_life(&flags).expect("the server starts again");
        finish(&next, &mut sent);
        log.append(&mut sent);
        running = Some(next);
    }
    let city = running.expect("it was killed at least once");
    assert!(log.len() > 8, "{}", log.len());
    check(&city, &log);
    // What a server had claimed when it was killed is another's five minutes later.
    city.sql("UPDATE outbox SET available_at = created_at WHERE delivered_at IS NULL").expect("time passes");
    // Each task that was handed out was told its liaison officer by letter, at least once.
    let told = |number: &str| letterbox.to("market@df.example").iter().any(|letter| letter.subject.contains(number));
    for sent in log.iter().filter(|sent| sent.path == "/matters") {
        let Some((201, matter)) = &sent.answer else { continue };
        let number = matter["number"].as_str().expect("a number");
        let begun = Instant::now();
        while !told(number) {
            assert!(begun.elapsed() < Duration::from_secs(30), "no letter about {number}");
            thread::sleep(Duration::from_millis(200));
        }
    }
}
