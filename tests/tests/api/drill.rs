//! People at work while something breaks: what each of them sent, what came back, and whether afterwards everything that was answered is
//! there exactly once.

use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    env,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tests::{City, fresh_key};

pub const OFFICE: &str = "df-justice.coordinator";
pub const OFFICER: &str = "df-market.liaison_officer";

/// How often something is done: a few times, or as often as was promised.
pub fn times(few: usize, promised: usize) -> usize {
    if env::var_os("LIANDONG_FAULTS").is_some() { promised } else { few }
}

/// A request that was sent, and what came back before the server was gone.
#[derive(Debug, Clone)]
pub struct Sent {
    person: &'static str,
    pub path: String,
    version: Option<i64>,
    key: String,
    body: Value,
    /// None: nobody knows whether it was done.
    pub answer: Option<(u16, Value)>,
    /// How long it was waited for.
    pub took: Duration,
}

impl Sent {
    fn new(person: &'static str, path: impl Into<String>, version: Option<i64>, body: Value) -> Self {
        Self { person, path: path.into(), version, key: fresh_key(), body, answer: None, took: Duration::ZERO }
    }

    /// A task handed out.
    pub fn task(text: &str) -> Self {
        let content = format!("断电演练的任务，{text}，{}", fresh_key());
        let body = json!({
            "kind": "work_item", "domains": ["other"], "not_secret": true, "submit": true,
            "body": {
                "content": content, "origin": "key_points", "origin_ref": "年度工作要点第三条", "lead_unit": "df-market", "co_units": [],
                "due_kind": "date", "due_date": "2027-12-31", "deliverables": [], "progress_cycle": "none",
            },
        });
        Self::new(OFFICE, "/matters", None, body)
    }

    /// Sends it, and keeps what came back.
    pub fn to(&mut self, city: &City) {
        let begun = Instant::now();
        self.answer = send(city, self);
        self.took = begun.elapsed();
    }

    /// Whether it was done, or refused for good.
    pub fn is_settled(&self) -> bool {
        self.answer.as_ref().is_some_and(|(status, _)| *status < 500)
    }
}

/// Sends once; a broken connection is no answer. What can't be done now says so, and when to come again.
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
    if answer.status >= 500 {
        answer.problem(503, "unavailable");
        assert!(answer.header("retry-after").parse::<u32>().is_ok(), "without Retry-After: {answer}");
    }
    Some((answer.status, answer.json()))
}

/// New tasks, receipts and remarks, until told to stop; each request is noted with what came back.
fn work(city: &City, writer: usize, stop: &AtomicBool, log: &Mutex<Vec<Sent>>) {
    let mut round = 0;
    let note = |mut sent: Sent| -> Option<Value> {
        sent.to(city);
        let answer = sent.answer.clone();
        log.lock().unwrap_or_else(PoisonError::into_inner).push(sent);
        answer.filter(|(status, _)| *status < 300).map(|(_, body)| body)
    };
    while !stop.load(Ordering::Relaxed) {
        round += 1;
        let Some(matter) = note(Sent::task(&format!("{writer}号第{round}件"))) else { continue };
        let id = matter["id"].as_str().unwrap_or_default().to_owned();
        let received = note(Sent::new(OFFICER, format!("/matters/{id}/actions/receive"), matter["version"].as_i64(), json!({ "input": {} })));
        if received.is_some() {
            let remark = json!({ "text": format!("已收到，{}", fresh_key()) });
            note(Sent::new(OFFICER, format!("/matters/{id}/comments"), None, remark));
        }
    }
}

/// Several at once, on one node or by turns on several, for as long as something is done meanwhile.
pub fn worked(cities: &[&City], meanwhile: impl FnOnce()) -> Vec<Sent> {
    let (stop, log) = (AtomicBool::new(false), Mutex::default());
    thread::scope(|scope| {
        for (writer, city) in cities.iter().cycle().take(4).enumerate() {
            let (stop, log) = (&stop, &log);
            scope.spawn(move || work(city, writer, stop, log));
        }
        meanwhile();
        stop.store(true, Ordering::Relaxed);
    });
    log.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Sends again what got no answer, or none that counts; then each must have been done exactly once.
pub fn finish(city: &City, log: &mut [Sent]) {
    for sent in log.iter_mut() {
        let begun = Instant::now();
        while !sent.is_settled() {
            sent.to(city);
            assert!(begun.elapsed() < Duration::from_secs(60), "never answered: {sent:?}");
        }
    }
}

/// Everything that was answered is there, once, and the whole is sound.
pub fn check(city: &City, log: &[Sent]) {
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
