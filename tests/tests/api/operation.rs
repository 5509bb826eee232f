//! What operators rely on: limits, figures, settings, the contract to read, stopping in order, refusing a foreign schema.

use crate::setup;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    io::{Read, Write},
    net::TcpStream,
    process::Command,
    thread,
    time::{Duration, Instant},
};
use tests::{City, city};

#[test]
fn who_asks_too_often_waits() {
    let city = City::with_flags(&["--rate-per-second", "2", "--rate-burst", "15"]).expect("a city with small limits starts");
    let office = city.person("df-justice.coordinator");
    let first: Vec<u16> = (0..40).map(|_| office.get("/me").status).collect();
    assert_eq!(first.first(), Some(&200));
    assert!(first.iter().filter(|status| **status == 429).count() >= 15, "{first:?}");
    let refused = office.get("/me");
    refused.problem(429, "request.too_many");
    let wait: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=10).contains(&wait), "{wait}");
    for _ in 0..40 {
        assert_eq!(city.get_outside("/healthz", |request| request).status, 200);
        assert_eq!(city.get_outside("/readyz", |request| request).status, 200);
    }
    // Another person is not held up by it, and in time nobody is.
    city.person("df-market.handler").get("/me").ok();
    thread::sleep(Duration::from_secs(wait + 1));
    office.get("/me").ok();
}

#[test]
fn the_demonstration_has_no_practical_limit() {
    let officer = city().person("df-finance.handler");
    assert!((0..300).all(|_| officer.get("/me").status == 200));
}

#[test]
fn figures_are_for_operators() {
    let city = City::empty_with(&["--metrics-token", "a token for the test"], &[]).expect("an empty city starts");
    city.send("GET", "/me", |request| request).problem(401, "auth.required");
    city.send("GET", "/matters/0192f3c4-0000-7000-8000-000000000000", |request| request);
    setup::run(&city, &["admin", "create-jurisdiction", "--code", "df", "--name", "登封市", "--name-en", "Dengfeng"]);
    let figures = city.get_outside("/metrics", |request| request);
    assert_eq!(figures.status, 200, "{figures}");
    assert!(figures.header("content-type").starts_with("text/plain"));
    let text = figures.text();
    for line in [
        "# TYPE liandong_http_requests_total counter",
        r#"liandong_http_requests_total{method="GET",route="/api/v1/me",status="401"} 1"#,
        r#"route="/api/v1/matters/{id}""#,
        r#"liandong_http_request_duration_seconds_bucket{method="GET",route="/api/v1/me",status="401",le="+Inf"} 1"#,
        "liandong_events_appended_total",
        "liandong_outbox_pending 0",
        "liandong_database_connections",
    ] {
        assert!(text.contains(line), "{line} is missing:\n{text}");
    }
    assert!(!text.contains("0192f3c4"), "routes are patterns");
    // Through a proxy it is no longer this machine that asks.
    let forwarded = |token: Option<&str>| {
        city.get_outside("/metrics", |request| {
            let request = request.header("x-forwarded-for", "203.0.113.7");
            token.map_or(request.try_clone().expect("a request"), |token| request.bearer_auth(token))
        })
    };
    forwarded(None).problem(401, "auth.required");
    forwarded(Some("another token")).problem(401, "auth.token_invalid");
    assert_eq!(forwarded(Some("a token for the test")).status, 200);
}

/// Words of a text that begin with one of these.
fn names<'a>(text: &'a str, beginnings: &'a [&str]) -> BTreeSet<&'a str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| beginnings.iter().any(|beginning| word.starts_with(beginning))).collect()
}

#[test]
fn dashboard_and_alerts_are_made_of_figures_that_there_are() {
    let city = City::with_flags(&[]).expect("a city starts");
    city.person("df-market.handler").get("/matters").ok();
    // The jobs have their first round right after the start.
    let begun = Instant::now();
    let figures = loop {
        let text = city.get_outside("/metrics", |request| request).text();
        if text.contains("liandong_jobs_round_timestamp_seconds ") {
            break text;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "no round of the jobs:\n{text}");
        thread::sleep(Duration::from_millis(200));
    };
    let there: BTreeSet<&str> = figures.lines().filter_map(|line| line.split(['{', ' ']).next()).collect();
    let labels: BTreeSet<&str> = figures.split(['{', ',', '}']).filter_map(|part| part.split_once("=\"")).map(|(label, _)| label).collect();
    let packaging = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/monitoring");
    let read = |name: &str| fs::read_to_string(packaging.join(name)).expect("the file is there");
    let dashboard: Value = serde_json::from_str(&read("dashboard.json")).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let asked =
        panels.iter().flat_map(|panel| panel["targets"].as_array().expect("targets")).map(|target| target["expr"].as_str().unwrap_or_default());
    let asked: Vec<String> = asked.map(str::to_owned).collect();
    assert!(asked.len() >= panels.len() && panels.len() >= 10);
    let rules = read("alerts.yml");
    for text in asked.iter().map(String::as_str).chain([rules.as_str()]) {
        for name in names(text, &["liandong_", "process_"]) {
            assert!(there.contains(name), "{name} is asked for and not there; there are {there:#?}");
        }
        // What Prometheus itself adds, and the bounds of a histogram.
        for by in text.split(" by (").skip(1).filter_map(|rest| rest.split(')').next()).flat_map(|list| list.split(", ")) {
            assert!(labels.contains(by) || ["job", "instance", "le"].contains(&by), "no label {by}: {text}");
        }
    }
    // And nothing that there is goes unseen.
    let seen: BTreeSet<&str> = asked.iter().flat_map(|text| names(text, &["liandong_"])).map(|name| name.trim_end_matches("_bucket")).collect();
    let unseen: Vec<&str> = figures
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE liandong_")?.split(' ').next())
        .filter(|name| !seen.contains(format!("liandong_{name}").as_str()))
        .collect();
    assert!(unseen.is_empty(), "{unseen:?} is on no panel");
}

#[test]
fn the_contract_can_be_read_without_the_internet() {
    let page = city().get_outside("/docs", |request| request);
    assert_eq!(page.status, 200);
    let text = page.text();
    assert!(text.contains("/api/v1/setup/imports/{id}/commit") && text.contains("id=\"schema-Me\""));
    assert!(!text.contains("https://") && !text.contains("<script"), "nothing from elsewhere");
    assert!(city().get_outside("/docs/style.css", |request| request).header("content-type").starts_with("text/css"));
}

#[test]
fn a_file_of_settings_stands_under_environment_and_flags() {
    let city = City::empty().expect("an empty city starts");
    let file = city.file("liandong.toml");
    let path = file.to_string_lossy().into_owned();
    fs::write(&file, "data_dir = \"nowhere\"\nrate_burst = 9\n").expect("a file can be written");
    // The environment of the command line names database and folder: it goes before the file.
    setup::run(&city, &["--config", &path, "verify"]);
    setup::run(&city, &["verify", "--config", &path]);
    fs::write(&file, "rate_burts = 9\n").expect("a file can be written");
    let refused = city.command_line(&["--config", &path, "verify"]).expect("the program starts");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("`rate_burts`") && said.contains("rate_burst"), "{said}");

    fs::write(&file, "rate_burst = 5\nrate_per_second = 1\n").expect("a file can be written");
    let limited = City::empty_with(&[], &[("LIANDONG_CONFIG", &path)]).expect("a city with a file starts");
    let statuses: Vec<u16> = (0..12).map(|_| limited.send("GET", "/me", |request| request).status).collect();
    assert!(statuses.contains(&429), "the file's limit holds: {statuses:?}");
    let generous = City::empty_with(&[], &[("LIANDONG_CONFIG", &path), ("LIANDONG_RATE_BURST", "500")]).expect("a city starts");
    let statuses: Vec<u16> = (0..12).map(|_| generous.send("GET", "/me", |request| request).status).collect();
    assert!(!statuses.contains(&429), "the environment goes before the file: {statuses:?}");
}

#[test]
fn sessions_of_others_are_the_security_administrators() {
    let city = city();
    let username = "df-veterans.liaison_officer";
    let first = city.login(username, tests::PASSWORD).ok();
    city.login(username, tests::PASSWORD).ok();
    let token = first["access_token"].as_str().unwrap_or_default();
    let me = city.send("GET", "/me", |request| request.bearer_auth(token)).ok();
    let id = me["id"].as_str().unwrap_or_default();
    let security = city.person("df-justice.security_admin");
    let open = security.get(&format!("/users/{id}/sessions")).ok();
    let open = open.as_array().expect("a list").clone();
    assert!(open.len() >= 2 && open.iter().all(|session| session["current"] == false), "{open:?}");
    for other in ["df-justice.system_admin", "df-justice.coordinator", username] {
        city.person(other).get(&format!("/users/{id}/sessions")).problem(403, "permission.denied");
        city.person(other).post(&format!("/users/{id}/sessions/revoke"), &json!({})).problem(403, "permission.denied");
    }
    city.person("xc-justice.security_admin").post(&format!("/users/{id}/sessions/revoke"), &json!({})).problem(404, "not_found");
    let unknown = json!({ "session": "0192f3c4-0000-7000-8000-000000000000" });
    security.post(&format!("/users/{id}/sessions/revoke"), &unknown).problem(404, "not_found");
    let one = json!({ "session": open[0]["id"] });
    assert_eq!(security.post(&format!("/users/{id}/sessions/revoke"), &one).ok()["ended"], 1);
    security.post(&format!("/users/{id}/sessions/revoke"), &json!({})).ok();
    city.send("GET", "/me", |request| request.bearer_auth(token)).problem(401, "auth.token_invalid");
    assert_eq!(security.get(&format!("/users/{id}/sessions")).ok(), json!([]));
    let events = city.person("df-justice.audit_admin").all("/audit?action=sessions_revoked&limit=200");
    assert!(events.len() >= 2 && events[0]["label"]["zh"] == "强制下线", "{events:?}");
}

#[test]
fn addresses_of_people_are_what_the_trusted_proxy_says() {
    let address = |city: &City, headers: &[(&str, &str)]| {
        let credentials = json!({ "username": "df-forestry.handler", "password": tests::PASSWORD });
        let signed = city.send("POST", "/auth/login", |request| {
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).json(&credentials)
        });
        let token = signed.ok()["access_token"].as_str().unwrap_or_default().to_owned();
        let sessions = city.send("GET", "/me/sessions", |request| request.bearer_auth(&token)).ok();
        let current = sessions.as_array().and_then(|all| all.iter().find(|session| session["current"] == true)).cloned();
        current.map(|session| session["address"].clone()).unwrap_or_default()
    };
    let made_up = [("x-forwarded-for", "203.0.113.7"), ("forwarded", "for=203.0.113.8")];
    assert_eq!(address(city(), &made_up), "127.0.0.1", "without a proxy anybody could make it up");
    let behind = City::with_flags(&["--trust-proxy"]).expect("a city starts");
    assert_eq!(address(&behind, &[("x-forwarded-for", "203.0.113.7")]), "203.0.113.7");
    assert_eq!(
        address(&behind, &[("x-forwarded-for", "192.0.2.1, 203.0.113.7"), ("forwarded", "for=192.0.2.2")]),
        "203.0.113.7",
        "the proxy's own word"
    );
    assert_eq!(address(&behind, &[("x-forwarded-for", "192.0.2.1"), ("x-forwarded-for", "2001:db8::7")]), "2001:db8::7");
    for nonsense in ["unknown", "", "203.0.113.7:80, <script>"] {
        assert_eq!(address(&behind, &[("x-forwarded-for", nonsense)]), "127.0.0.1", "{nonsense}");
    }
}

#[test]
fn stopping_finishes_what_is_in_hand() {
    let city = City::empty().expect("an empty city starts");
    setup::run(&city, &["admin", "create-jurisdiction", "--code", "df", "--name", "登封市", "--name-en", "Dengfeng"]);
    let pid = city.server_pid();
    // A request is in hand when half of it has come; the signal comes then, the other half after it.
    let body = r#"{"username":"nobody","password":"no such password"}"#;
    let mut connection = TcpStream::connect(city.base.trim_start_matches("http://")).expect("a connection");
    let (first, second) = body.split_at(20);
    let head = format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nhost: liandong\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{first}",
        body.len()
    );
    connection.write_all(head.as_bytes()).expect("the first half is sent");
    thread::sleep(Duration::from_millis(500));
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
    thread::sleep(Duration::from_millis(500));
    connection.write_all(second.as_bytes()).expect("the second half is sent");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 401"), "a request begun is answered: {answer}");
    assert!(ends(&pid, Duration::from_secs(25)), "the server is still there after 25 seconds");
}

/// Whether a process is gone in time.
fn ends(pid: &str, within: Duration) -> bool {
    let begun = Instant::now();
    let there = || std::path::Path::new(&format!("/proc/{pid}/exe")).exists();
    while there() && begun.elapsed() < within {
        thread::sleep(Duration::from_millis(20));
    }
    !there()
}

#[test]
fn an_open_stream_does_not_keep_a_stopping_server() {
    let city = City::empty().expect("an empty city starts");
    setup::founded(&city);
    let arguments = [
        "admin",
        "create-user",
        "--jurisdiction",
        "df",
        "--unit",
        "df-justice",
        "--username",
        "coordinator.zhou",
        "--name",
        "协调员",
        "--roles",
        "coordinator",
    ];
    let issued = setup::run(&city, &arguments).trim().rsplit(' ').next().unwrap_or_default().to_owned();
    city.settle_in("coordinator.zhou", &issued);
    let streams = [city.person("coordinator.zhou").listen(), city.person("coordinator.zhou").listen()];
    let pid = city.server_pid();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
    let begun = Instant::now();
    assert!(streams.iter().all(|stream| stream.ends(Duration::from_secs(1))), "streams end at once");
    assert!(ends(&pid, Duration::from_secs(3)), "the server is still there");
    println!("stopped after {:?}", begun.elapsed());
}

#[test]
#[ignore = "SQLite migrates itself; a newer schema is refused by the same check"]
fn a_foreign_schema_is_refused() {
    let city = City::empty().expect("an empty city starts");
    let refused = |what: &str| {
        let output = city.command_line(&["conservation"]).expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(what), "{what}: {said}");
    };
    city.sql("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_of_the_future', 0)").expect("the statement runs");
    refused("newer than this program");
    city.sql("DELETE FROM seaql_migrations WHERE version = 'm9999_of_the_future'").expect("the statement runs");
    city.sql("DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations)").expect("the statement runs");
    refused("liandong migrate");
}
