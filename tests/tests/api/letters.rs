//! Notices as letters, against a mail server that runs in the test: after the commit, never without it, again after a failure.

use crate::{
    toy::{LABORATORY, created, day},
    work_item::{body, id},
};
use serde_json::{Value, json};
use std::{sync::OnceLock, thread, time::Duration};
use tests::{City, Laboratory, Letterbox, Person};

fn laboratory() -> &'static (Laboratory, Letterbox) {
    static LABORATORY_WITH_MAIL: OnceLock<(Laboratory, Letterbox)> = OnceLock::new();
    LABORATORY_WITH_MAIL.get_or_init(|| {
        let letterbox = Letterbox::open().expect("a port is free");
        let url = letterbox.url();
        let flags = ["--smtp-url", &url, "--base-url", "https://liandong.example/", "--mail-from", "府检联动 <office@df.example>"];
        (Laboratory::start(LABORATORY, &flags), letterbox)
    })
}

/// This person's notices come as letters, too.
fn reachable(person: &Person, address: &str) {
    let me = person.patch("/me", None, &json!({ "email": address, "email_notices": true })).ok();
    assert_eq!(me["email_notices"], true);
}

fn handed_out(office: &Person, lead: &str, content: &str) -> Value {
    let mut body = body(office, content);
    body["lead_unit"] = json!(lead);
    created(office, "work_item", &body, true)
}

/// What the administrator sees of letters in a state, newest first.
fn outbox(city: &City, state: &str) -> Vec<Value> {
    city.person("df-justice.system_admin").all(&format!("/outbox?state={state}&limit=200"))
}

fn soon(what: &str, holds: impl Fn() -> bool) {
    tests::soon(Duration::from_secs(10), what, holds);
}

#[test]
fn a_notice_goes_out_as_a_letter() {
    let (laboratory, letterbox) = laboratory();
    let city = laboratory.shared();
    let office = city.person("df-justice.coordinator");
    let (chinese, english) = (city.person("df-health.liaison_officer"), city.person("df-education.liaison_officer"));
    reachable(&chinese, "health@df.example");
    reachable(&english, "education@df.example");
    english.patch("/me", None, &json!({ "locale": "en" })).ok();
    let first = handed_out(&office, "df-health", "开展诊所药品台账的检查");
    let second = handed_out(&office, "df-education", "开展校外培训机构的检查");
    let number = |matter: &Value| matter["number"].as_str().unwrap_or_default().to_owned();
    let letters = letterbox.wait_for("health@df.example", 1);
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(letters[0].subject, format!("府检联动提醒：{}", number(&first)));
    assert!(letters[0].text.contains("开展诊所药品台账的检查"), "{}", letters[0].text);
    assert!(letters[0].text.contains(&format!("https://liandong.example/matters/{}", id(&first))), "{}", letters[0].text);
    assert_eq!(letters[0].content_type, "text/plain; charset=utf-8");
    assert!(letters[0].message_id.ends_with("@df.example>"), "{}", letters[0].message_id);
    let letters = letterbox.wait_for("education@df.example", 1);
    assert_eq!(letters[0].subject, format!("Liandong: {}", number(&second)));
    assert!(letters[0].text.contains("Open it: https://liandong.example/matters/"), "{}", letters[0].text);
    soon("delivered is written down", || outbox(&city, "pending").is_empty());
    assert!(outbox(&city, "delivered").len() >= 2);

    // Who wants no letters gets notices only.
    chinese.patch("/me", None, &json!({ "email_notices": false })).ok();
    handed_out(&office, "df-health", "开展乡镇卫生院设备的检查");
    thread::sleep(Duration::from_secs(1));
    assert_eq!(letterbox.to("health@df.example").len(), 1);
    assert!(chinese.get("/notices?limit=200").text().contains("开展乡镇卫生院设备的检查"));
}

#[test]
fn a_letter_refused_is_tried_again_then_waits_for_the_administrator() {
    let (laboratory, letterbox) = laboratory();
    let mut city = laboratory.alone();
    let address = "unknown.forestry@df.example";
    reachable(&city.person("df-forestry.liaison_officer"), address);
    handed_out(&city.person("df-justice.coordinator"), "df-forestry", "核查古树名木的保护牌");
    let one = |city: &City, state: &str| {
        outbox(city, state).into_iter().find(|letter| letter["last_error"].as_str().is_some_and(|error| error.contains("no such person")))
    };
    soon("the first attempt", || one(&city, "pending").is_some());
    let waiting = one(&city, "pending").unwrap_or_default();
    assert_eq!(waiting["attempts"], 1, "{waiting}");
    assert!(waiting["last_error"].as_str().is_some_and(|error| error.contains("no such person")), "{waiting}");
    let wait = |letter: &Value| {
        let at = |name: &str| letter[name].as_str().unwrap_or_default().parse::<chrono::DateTime<chrono::Utc>>().expect("an instant");
        (at("next_at") - at("created_at")).num_seconds()
    };
    assert!((60..75).contains(&wait(&waiting)), "a minute after the first: {waiting}");
    let text = waiting.to_string();
    assert!(!text.contains("古树") && !text.contains("subject"), "the administrator does not read letters: {text}");
    // An attempt is counted when it begins, and moves the next one five minutes away; when it has failed, that is put off by the wait.
    let failed = |letter: &Value, now: chrono::DateTime<chrono::Utc>| {
        let next = letter["next_at"].as_str().unwrap_or_default().parse::<chrono::DateTime<chrono::Utc>>().expect("an instant");
        let wait = 30 << letter["attempts"].as_i64().unwrap_or_default().clamp(0, 8);
        (wait - 40..=wait).contains(&(next - now).num_seconds())
    };
    // Each failure doubles the wait, up to two hours.
    let mut attempts = 1;
    while one(&city, "dead").is_none() {
        city.pass_hours(if attempts < 6 { 1 } else { 3 });
        soon("another attempt", || {
            one(&city, "dead").is_some()
                || one(&city, "pending").is_some_and(|letter| letter["attempts"].as_i64() > Some(attempts) && failed(&letter, city.now()))
        });
        attempts += 1;
        assert!(attempts <= 10, "it is given up");
    }
    assert_eq!(attempts, 10);
    let dead = one(&city, "dead").unwrap_or_default();
    city.pass_hours(3);
    assert_eq!(one(&city, "dead").unwrap_or_default()["attempts"], 10, "nothing more by itself");
    let path = format!("/outbox/{}/replay", dead["id"].as_str().unwrap_or_default());
    city.person("df-justice.coordinator").post(&path, &json!({})).problem(403, "permission.denied");
    let administrator = city.person("df-justice.system_admin");
    assert_eq!(administrator.post(&path, &json!({})).status, 204);
    soon("another failure", || one(&city, "pending").is_some_and(|letter| letter["attempts"] == 1 && failed(&letter, city.now())));
    letterbox.move_in();
    city.pass_hours(1);
    assert_eq!(letterbox.wait_for(address, 1).len(), 1, "delivered once the cause is mended");
    city.person("df-justice.system_admin").post(&path, &json!({})).problem(404, "not_found");
}

#[test]
fn nothing_leaves_for_what_was_rolled_back() {
    let (laboratory, letterbox) = laboratory();
    let city = laboratory.alone();
    let address = "patrol@df.example";
    let (office, market) = (city.person("df-justice.coordinator"), city.person("df-market.handler"));
    reachable(&office, address);
    let mut patrol = crate::toy::patrol_body(&office, "巡查中途数据库出错的一次巡查");
    let lists = office.get("/code-lists").ok();
    let domains: Vec<Value> = (0..2).map(|n| lists["lists"]["domains"][n]["code"].clone()).collect();
    (patrol["field"], patrol["fields"], patrol["helpers"]) = (domains[0].clone(), json!(domains), json!([]));
    let matter = id(&created(&office, "toy_patrol", &patrol, true));
    office.post(&format!("/matters/{matter}/watch"), &json!({}));
    market.act(&matter, "receive", json!({})).ok();
    let before = letterbox.wait_for(address, 1).len();
    soon("the letters of before have left", || outbox(&city, "pending").is_empty());
    let version = market.matter(&matter)["version"].clone();
    // The notice is written with the step, its children after it: the database fails at those, in the same transaction.
    let postgres = city.database_url.starts_with("postgres");
    let (set, unset) = if postgres {
        ("ALTER TABLE matter ADD CONSTRAINT fails CHECK (title NOT LIKE '写入即出错%') NOT VALID", "ALTER TABLE matter DROP CONSTRAINT fails")
    } else {
        (
            "CREATE TRIGGER fails BEFORE INSERT ON matter WHEN NEW.title LIKE '写入即出错%' BEGIN SELECT RAISE(ABORT, 'fails'); END",
            "DROP TRIGGER fails",
        )
    };
    city.sql(set).expect("the operator may do so");
    let report = json!({ "summary": "发现一处问题", "findings": [{ "content": "写入即出错的问题" }] });
    let failed = market.act(&matter, "report", report.clone());
    city.sql(unset).expect("the operator may do so");
    failed.problem(500, "internal");
    assert_eq!((&market.matter(&matter)["version"], &market.matter(&matter)["state"]), (&version, &json!("patrolling")));
    thread::sleep(Duration::from_secs(1));
    assert_eq!(letterbox.to(address).len(), before, "no letter of what never was");
    assert!(outbox(&city, "pending").is_empty());
    market.act(&matter, "report", report).ok();
    assert_eq!(letterbox.wait_for(address, before + 1).len(), before + 1);
}

#[test]
fn a_letter_tells_nothing_of_a_sealed_matter() {
    let (laboratory, letterbox) = laboratory();
    let city = laboratory.shared();
    let (author, head) = (city.person("df-tax.handler"), city.person("df-agriculture.unit_head"));
    reachable(&head, "head@df.example");
    let secret = json!({ "subject": "卢崖方向的线索报告", "unit": "df-agriculture", "due_date": day(&author, 20) });
    let matter = created(&author, "toy_secret", &secret, true);
    let letters = letterbox.wait_for("head@df.example", 1);
    assert_eq!(letters.len(), 1);
    let number = matter["number"].as_str().unwrap_or_default();
    let letter = format!("{} {}", letters[0].subject, letters[0].text);
    assert!(letter.contains(number) && letter.contains(&id(&matter)), "{letter}");
    let me = author.get("/me").ok();
    for word in ["卢崖", "线索", "报告", me["name"].as_str().unwrap_or("?"), me["unit"]["short_name"].as_str().unwrap_or("?"), "限定知悉"] {
        assert!(!letter.contains(word), "{word}: {letter}");
    }
}
