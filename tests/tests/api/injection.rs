//! The old payloads against every parameter and every text of every body in the contract: none is a fault of the server, none changes an
//! answer by whether its condition is true, none makes the database sleep.

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::{Answer, City, Person};

/// A condition that is true and one that is not: whoever puts them into SQL answers differently.
const PAIRS: &[(&str, &str)] = &[
    ("' OR '1'='1", "' OR '1'='2"),
    ("' AND '1'='1", "' AND '1'='2"),
    (" OR 1=1", " OR 1=2"),
    ("') OR ('a'='a", "') OR ('a'='b"),
    ("' AND 1=1 --", "' AND 1=2 --"),
    ("\" OR \"a\"=\"a", "\" OR \"a\"=\"b"),
];
/// What ends a statement, begins another, sleeps or asks for what is elsewhere.
const PROBES: &[&str] = &[
    "'",
    "\"",
    "\\",
    "'; SELECT pg_sleep(8); --",
    "' || (SELECT pg_sleep(8)) || '",
    "1; DROP TABLE saved_view; --",
    "' UNION SELECT password_hash FROM person --",
    "' AND randomblob(1000000000/2) --",
    "$1",
    "%' OR name LIKE '%",
    "{\"$ne\": null}",
    "*)(uid=*",
];

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

struct Probe<'a> {
    person: &'a Person<'a>,
    city: &'a City,
    findings: Vec<String>,
    sent: usize,
}

impl Probe<'_> {
    fn send(&mut self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.sent += 1;
        let (token, begun) = (self.person.token(), Instant::now());
        let answer = self.city.send(method, path, |request| {
            let request = request.bearer_auth(token).header("if-match", "\"0\"");
            match body {
                Some(body) => request.json(body),
                None => request,
            }
        });
        if answer.status >= 500 {
            self.findings.push(format!("a fault of the server: {answer} with {body:?}"));
        }
        if begun.elapsed() > Duration::from_secs(5) {
            self.findings.push(format!("it slept {:?}: {method} {path} {body:?}", begun.elapsed()));
        }
        answer
    }

    /// All payloads at one place; `at` makes the request of a payload.
    fn place(&mut self, what: &str, method: &str, at: impl Fn(&str) -> (String, Option<Value>)) {
        let mut ask = |payload: &str| {
            let (path, body) = at(payload);
            self.send(method, &path, body.as_ref())
        };
        for probe in PROBES {
            ask(probe);
        }
        let mut differ = Vec::new();
        for (true_one, false_one) in PAIRS {
            // What is told of the payload itself, and of this request alone, is no difference.
            let told = |answer: &Answer, payload: &str| {
                let request = answer.json()["request_id"].as_str().unwrap_or("no request id").to_owned();
                let text = answer.text().replace(&json!(payload).to_string()[1..], "").replace(&request, "");
                (
                    answer.status,
                    answer.json()["code"].clone(),
                    answer.json()["items"].as_array().map(Vec::len),
                    if answer.status < 300 { 0 } else { text.len() },
                )
            };
            let (yes, no) = (ask(true_one), ask(false_one));
            if told(&yes, true_one) != told(&no, false_one) {
                differ.push(format!("{what}: {true_one:?} and {false_one:?} are answered differently: {yes} | {no}"));
            }
        }
        self.findings.extend(differ);
    }
}

/// The places of texts in an example of a body.
fn texts(value: &Value, at: &str) -> Vec<String> {
    match value {
        Value::String(_) => vec![at.to_owned()],
        Value::Array(items) => items.iter().enumerate().flat_map(|(index, item)| texts(item, &format!("{at}/{index}"))).collect(),
        Value::Object(members) => {
            members.iter().flat_map(|(name, item)| texts(item, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")))).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn no_payload_reaches_the_database_as_a_statement() {
    let city = City::start().expect("the city starts");
    let listed = city.person("df-justice.coordinator").get("/matters?kind=work_item&limit=1").ok();
    let matter = listed["items"][0]["id"].as_str().expect("the demonstration has tasks").to_owned();
    let document = city.get_outside("/openapi.json", |request| request).ok();
    let people =
        ["df-justice.coordinator", "df-justice.system_admin", "df-justice.audit_admin", "df-justice.security_admin"].map(|name| city.person(name));
    let mut probes: Vec<Probe<'_>> = people.iter().map(|person| Probe { person, city: &city, findings: Vec::new(), sent: 0 }).collect();
    let operations = document["paths"].as_object().into_iter().flatten();
    // Reads first: afterwards some of the payloads are titles of drafts, and are found by a search as they should be.
    let operations: Vec<_> =
        operations.flat_map(|(path, item)| item.as_object().into_iter().flatten().map(move |(method, of)| (path, method, of))).collect();
    let (reads, changes): (Vec<_>, Vec<_>) = operations.into_iter().partition(|(_, method, _)| *method == "get");
    for (template, method, operation) in reads.into_iter().chain(changes) {
        let Some(template) = template.strip_prefix("/api/v1") else { continue };
        let (method, id) = (method.to_uppercase(), operation["operationId"].as_str().unwrap_or_default());
        // They end or change the asker's own account, or have no end themselves.
        if matches!(template, "/stream" | "/auth/logout" | "/auth/password" | "/me/totp" | "/me/totp/confirm") {
            continue;
        }
        let declared = operation["parameters"].as_array().cloned().unwrap_or_default();
        let named = |place: &str| -> Vec<String> {
            declared
                .iter()
                .filter(|parameter| parameter["in"] == place)
                .filter_map(|parameter| parameter["name"].as_str().map(str::to_owned))
                .collect()
        };
        let filled = |except: &str, payload: &str| {
            template
                .split('/')
                .map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                    Some(name) if name == except => encoded(payload),
                    Some("id") => matter.clone(),
                    Some("code") => "work_item".into(),
                    Some("action") => "urge".into(),
                    Some("key") => "matter.new".into(),
                    Some(_) => "1".into(),
                    None => part.to_owned(),
                })
                .collect::<Vec<_>>()
                .join("/")
        };
        let kept = operation["requestBody"]["content"].get("application/json").map(|_| example_of(&document, id));
        // Whoever is let in is the one to probe with.
        let first = filled("", "");
        let asker = (0..probes.len()).find(|index| probes[*index].send(&method, &first, kept.as_ref()).status != 403).unwrap_or(0);
        let probe = &mut probes[asker];
        for name in named("path") {
            probe.place(&format!("{id} {{{name}}}"), &method, |payload| (filled(&name, payload), kept.clone()));
        }
        for name in named("query") {
            probe.place(&format!("{id} ?{name}"), &method, |payload| (format!("{}?{name}={}", filled("", ""), encoded(payload)), kept.clone()));
        }
        for place in kept.iter().flat_map(|body| texts(body, "")) {
            probe.place(&format!("{id} {place}"), &method, |payload| {
                let mut body = kept.clone().unwrap_or_default();
                if let Some(text) = body.pointer_mut(&place) {
                    *text = json!(payload);
                }
                (filled("", ""), Some(body))
            });
        }
    }
    let sent: usize = probes.iter().map(|probe| probe.sent).sum();
    assert!(sent > 3000, "every place was probed: {sent} requests");
    let findings: Vec<&String> = probes.iter().flat_map(|probe| &probe.findings).collect();
    assert!(findings.is_empty(), "{} findings, first: {:#?}", findings.len(), &findings[..findings.len().min(8)]);
    city.sql("SELECT COUNT(*) FROM saved_view").expect("the table is still there");
}

/// The example of a body that the contract gives.
fn example_of(document: &Value, operation: &str) -> Value {
    let operations = document["paths"].as_object().into_iter().flatten().flat_map(|(_, item)| item.as_object().into_iter().flatten());
    let found = operations.map(|(_, declared)| declared).find(|declared| declared["operationId"] == operation);
    found.and_then(|declared| declared.pointer("/requestBody/content/application~1json/example")).cloned().unwrap_or(json!({}))
}
