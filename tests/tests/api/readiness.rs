//! What a balancer is told of a node, and what a node does that is about to stop; what is logged, and how settings are looked at.

use crate::setup;
use serde_json::Value;
use std::{
    fs,
    process::Command,
    thread,
    time::{Duration, Instant},
};
use tests::{Answer, City};

fn ready(city: &City) -> Answer {
    city.get_outside("/readyz", |request| request)
}

/// The state once it is another than a second ago, which is as long as an answer holds.
#[track_caller]
fn becomes(city: &City, status: u16, text: &str) {
    let begun = Instant::now();
    loop {
        let answer = ready(city);
        if answer.status == status && answer.text() == text {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "expected {status} {text}, got {answer}");
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_node_that_can_not_work_is_not_ready() {
    let city = City::empty().expect("an empty city starts");
    becomes(&city, 200, "ready");
    let left: Vec<_> = fs::read_dir(&city.data_dir).expect("the folder").flatten().map(|entry| entry.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with(".ready")), "nothing stays behind: {left:?}");

    let aside = city.file("elsewhere");
    fs::rename(&city.data_dir, &aside).expect("the folder moves");
    becomes(&city, 503, "not ready: data folder");
    assert_eq!(ready(&city).header("retry-after"), "5");
    assert_eq!(city.get_outside("/healthz", |request| request).status, 200, "up it is");
    fs::rename(&aside, &city.data_dir).expect("the folder moves back");
    becomes(&city, 200, "ready");

    let mark = |version: &str| city.sql(&format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{version}', 0)")).expect("it runs");
    mark("m9999_of_the_future");
    becomes(&city, 503, "not ready: schema");
    city.sql("DELETE FROM seaql_migrations WHERE version = 'm9999_of_the_future'").expect("it runs");
    becomes(&city, 200, "ready");
    // What only adds can be shared.
    mark("m9999_more__beside_0008");
    thread::sleep(Duration::from_millis(1200));
    becomes(&city, 200, "ready");
}

#[test]
#[ignore = "a SQLite file is not away"]
fn a_node_without_its_database_is_not_ready_until_it_is_back() {
    let city = City::empty().expect("an empty city starts");
    becomes(&city, 200, "ready");
    let name = city.database_url.rsplit('/').next().unwrap_or_default();
    let cluster = |statement: &str| tests::on_cluster(statement).expect("the statement runs");
    cluster(&format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false"));
    cluster(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
    becomes(&city, 503, "not ready: database");
    let begun = Instant::now();
    ready(&city);
    assert!(begun.elapsed() < Duration::from_secs(4), "a balancer isn't kept waiting");
    assert_eq!(city.get_outside("/healthz", |request| request).status, 200);
    cluster(&format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true"));
    becomes(&city, 200, "ready");
    // As after a change of places with its standby.
    let anew = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    cluster(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    cluster(&anew);
    becomes(&city, 503, "not ready: database takes no changes");
    cluster(&format!("ALTER DATABASE {name} RESET default_transaction_read_only"));
    cluster(&anew);
    becomes(&city, 200, "ready");
}

fn terminate(city: &City) {
    assert!(Command::new("kill").args(["-TERM", &city.server_pid()]).status().expect("kill").success());
}

fn runs(city: &City) -> bool {
    std::path::Path::new(&format!("/proc/{}/exe", city.server_pid())).exists()
}

#[test]
fn a_node_that_is_to_stop_says_so_and_goes_on_answering() {
    let city = City::empty_with(&["--drain-seconds", "3"], &[]).expect("an empty city starts");
    setup::founded(&city);
    let administrator = city.person("sys");
    let before = administrator.get("/me");
    assert_eq!((before.status, before.header("connection")), (200, ""));
    let begun = Instant::now();
    terminate(&city);
    becomes(&city, 503, "not ready: draining");
    while begun.elapsed() < Duration::from_millis(2500) {
        let answer = administrator.get("/me");
        assert_eq!((answer.status, answer.header("connection")), (200, "close"), "the next request finds another node: {answer}");
        thread::sleep(Duration::from_millis(50));
    }
    while runs(&city) {
        assert!(begun.elapsed() < Duration::from_secs(8), "three seconds, and a moment to close");
        thread::sleep(Duration::from_millis(50));
    }
    assert!(begun.elapsed() > Duration::from_secs(3));
}

#[test]
fn a_second_signal_cuts_the_wait_short() {
    let city = City::empty_with(&["--drain-seconds", "60"], &[]).expect("an empty city starts");
    terminate(&city);
    becomes(&city, 503, "not ready: draining");
    terminate(&city);
    let begun = Instant::now();
    while runs(&city) {
        assert!(begun.elapsed() < Duration::from_secs(10), "it waits all the same");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn logs_are_objects_with_the_id_of_the_request() {
    let city = City::empty_with(&[], &[("LIANDONG_LOG", "info"), ("LIANDONG_LOG_FORMAT", "json")]).expect("an empty city starts");
    let answer = city.send("GET", "/matters?q=%E7%A7%98%E5%AF%86", |request| request.bearer_auth("a-token-of-nobody"));
    answer.problem(401, "auth.token_invalid");
    let lines: Vec<Value> = city
        .log()
        .lines()
        .filter(|line| !line.starts_with("府检联动"))
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let id = answer.header("x-request-id");
    let line = lines.iter().find(|line| line["span"]["request_id"] == id).unwrap_or_else(|| panic!("{id} is not in {lines:#?}"));
    assert_eq!((&line["level"], &line["status"], &line["path"]), (&"INFO".into(), &401.into(), &"/api/v1/matters".into()), "{line}");
    assert!(line["timestamp"].as_str().is_some_and(|at| at.ends_with('Z')) && line["ms"].is_number(), "{line}");
    let log = city.log();
    assert!(!log.contains("%E7%A7%98") && !log.contains("a-token-of-nobody"), "neither what was looked for nor who asked: {log}");

    // What goes wrong inside a request has its id, too, in the words for people.
    let city = City::empty().expect("an empty city starts");
    city.sql("ALTER TABLE person RENAME TO nobody").expect("the statement runs");
    let failed = city.login("anybody", "no such password");
    assert_eq!(failed.status, 500, "{failed}");
    let log = city.log();
    let id = failed.header("x-request-id");
    assert!(log.lines().any(|line| line.contains("ERROR") && line.contains(id)), "{id} is not in {log}");
}

#[test]
fn settings_are_looked_at_without_serving() {
    let city = City::empty().expect("an empty city starts");
    let file = city.file("settings.toml");
    let check = |text: &str| {
        fs::write(&file, text).expect("a file can be written");
        let output = city.command_line(&["serve", "--check", "--config", &file.to_string_lossy()]).expect("the program starts");
        (output.status.success(), format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
    };
    let good = "listen = \"127.0.0.1:8080\"\nlog = \"info\"\nlog_format = \"json\"\ndrain_seconds = 10\nsmtp_url = \"smtps://mail.example\"\n";
    assert_eq!(check(good), (true, "The settings are in order.\n".into()));
    for (text, told) in [
        ("lisen = \"127.0.0.1:8080\"\n", "`lisen`"),
        ("listen = \"eighty\"\n", "eighty"),
        ("log = \"info,=\"\n", "info,="),
        ("log_format = \"xml\"\n", "xml"),
        ("drain_seconds = -1\n", "-1"),
        ("smtp_url = \"pigeon://loft\"\n", "mail"),
        ("smtp_url = \"smtps://mail.example\"\nmail_from = \"nobody\"\n", "nobody"),
        ("s3_bucket = \"liandong\"\n", "s3_access_key_id"),
    ] {
        let (fine, said) = check(text);
        assert!(!fine && said.contains(told), "{text}: {said}");
    }
}

#[test]
fn commands_say_what_people_wait_for_whatever_the_server_logs() {
    use std::os::unix::fs::PermissionsExt;
    let city = City::empty().expect("an empty city starts");
    let file = city.file("settings.toml");
    fs::write(&file, "log = \"info\"\nlog_format = \"json\"\n").expect("a file can be written");
    let folder = city.file("new/data");
    let output = tests::command_line(
        &format!("sqlite://{}?mode=rwc", folder.join("liandong.sqlite").display()),
        &folder,
        &["migrate", "--config", &file.to_string_lossy()],
    )
    .expect("the program starts");
    let said = (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned());
    assert_eq!(said, ("The schema is up to date.\n".into(), String::new()));
    let mode = fs::metadata(&folder).expect("the folder is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "nobody else reads what lies in it");
}
