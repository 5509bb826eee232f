//! A server killed again and again, alone or as one of two nodes. Short here; `LIANDONG_FAULTS` makes this and the other drills as long as
//! docs/reliability.md tells.

use crate::drill::{OFFICER, check, finish, times, worked};
use serde_json::json;
use std::{path::Path, process::Command, thread, time::Duration};
use tests::{City, Letterbox, soon};

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
        let mut sent = worked(&[city], || {
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
        soon(Duration::from_secs(30), number, || told(number));
    }
}

#[test]
#[ignore = "two nodes need PostgreSQL"]
fn a_node_killed_beside_another_loses_nothing() {
    let one = City::start().expect("a city starts");
    let mut log = Vec::new();
    for _ in 0..times(2, 20) {
        let other = one.another_node().expect("a second node starts");
        let mut sent = worked(&[&one, &other], || {
            thread::sleep(Duration::from_millis(600));
            kill(&other);
            // The one that is left goes on, and takes what was meant for the other.
            thread::sleep(Duration::from_millis(300));
        });
        finish(&one, &mut sent);
        log.append(&mut sent);
    }
    check(&one, &log);
}
