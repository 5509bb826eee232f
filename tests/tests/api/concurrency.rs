//! Two people at once, and one request sent twice.

use crate::{
    staff::hired,
    work_item::{body, handed_out, id},
};
use serde_json::{Value, json};
use tests::{Answer, city};

#[test]
fn a_change_needs_the_version_it_was_made_on() {
    let office = city().person("df-justice.coordinator");
    let draft = office.post("/matters", &json!({ "kind": "work_item", "body": body(&office, "起草一项用于测试版本的任务") })).ok();
    let path = format!("/matters/{}", id(&draft));
    let version = draft["version"].as_i64();
    let change = json!({ "title": "改过的标题" });
    office.patch(&path, None, &change).problem(428, "version.required");
    let changed = office.patch(&path, version, &change);
    assert_eq!(changed.ok()["title"], "改过的标题");
    assert_eq!(changed.header("etag"), format!("\"{}\"", changed.json()["version"]));
    office.patch(&path, version, &json!({ "title": "第二个人的标题" })).problem(412, "version.stale");
    assert_eq!(office.get(&path).ok()["title"], "改过的标题");
}

#[test]
fn of_two_who_receive_at_once_one_does() {
    let id = handed_out("同时点击签收按钮的两位同志");
    let people = ["df-market.liaison_officer", "df-market.unit_head"].map(|name| city().person(name));
    let version = people[0].matter(&id)["version"].as_i64();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let calls = people.iter().enumerate().map(|(n, person)| {
            let id = &id;
            scope.spawn(move || person.act_on(id, version, "receive", &json!({}), &format!("receive-at-once-{n}")).status)
        });
        let calls: Vec<_> = calls.collect();
        calls.into_iter().map(|call| call.join().unwrap_or(0)).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 409 | 412)), "{statuses:?}");
}

#[test]
fn a_repeated_request_acts_once() {
    let office = city().person("df-justice.coordinator");
    let request = json!({ "kind": "work_item", "body": body(&office, "网络不好时重复提交的同一任务") });
    let key = format!("repeated-{}", std::process::id());
    let first = office.post_with_key("/matters", &request, &key);
    let second = office.post_with_key("/matters", &request, &key);
    assert_eq!((first.status, second.status), (201, 201), "{first} {second}");
    assert_eq!(first.ok(), second.ok(), "the same answer, not a second matter");
    let other = json!({ "kind": "work_item", "body": body(&office, "同一编号下的另一项任务内容") });
    office.post_with_key("/matters", &other, &key).problem(422, "idempotency.body_differs");
    office.post_with_key("/matters", &other, "short").problem(422, "idempotency.key_invalid");
    // Keys are a person's own.
    let stranger = city().person("xc-justice.coordinator");
    assert_ne!(stranger.post_with_key("/matters", &other, &key).json()["code"], "idempotency.body_differs");
}

#[test]
fn a_repeated_step_is_one_event() {
    let id = handed_out("重复签收只留下一条流转记录");
    let officer = city().person("df-market.liaison_officer");
    let version = officer.matter(&id)["version"].as_i64();
    let key = format!("received-{}", std::process::id());
    officer.act_on(&id, version, "receive", &json!({}), &key).ok();
    officer.act_on(&id, version, "receive", &json!({}), &key).ok();
    let received = officer.all(&format!("/matters/{id}/events")).iter().filter(|event| event["action"] == "receive").count();
    assert_eq!(received, 1);
}

#[test]
fn rows_of_an_import_answered_side_by_side_are_all_kept() {
    let office = city().person("df-justice.coordinator");
    let rows: Vec<[String; 7]> = (1..=8)
        .map(|n| {
            [
                n.to_string(),
                format!("同时确认的第{n}行任务内容"),
                String::new(),
                String::new(),
                "2099年6月底前".into(),
                "联席会议纪要第3号".into(),
                String::new(),
            ]
        })
        .collect();
    let preview = office.upload("/imports?kind=work_item", "同时确认.xlsx", work_list_of(&rows)).ok();
    let id = id(&preview);
    let numbers: Vec<i64> = preview["rows"].as_array().into_iter().flatten().filter_map(|row| row["row"].as_i64()).collect();
    assert_eq!(numbers.len(), 8, "{preview:#}");
    std::thread::scope(|scope| {
        for row in &numbers {
            let (office, id) = (&office, &id);
            scope.spawn(move || office.patch(&format!("/imports/{id}/rows/{row}"), None, &json!({ "values": { "lead_unit": "df-water" } })).ok());
        }
    });
    let after = office.get(&format!("/imports/{id}")).ok();
    assert_eq!(after["counts"]["accepted"], 8, "{after:#}");
}

#[test]
fn one_list_committed_twice_at_once_is_written_once() {
    let office = city().person("df-justice.coordinator");
    let rows: Vec<[String; 7]> = (1..=5)
        .map(|n| {
            [
                n.to_string(),
                format!("两个窗口同时提交的第{n}项任务"),
                "市水利局".into(),
                String::new(),
                "2099年6月底前".into(),
                "联席会议纪要第3号".into(),
                String::new(),
            ]
        })
        .collect();
    let previews: Vec<String> = (0..2).map(|_| id(&office.upload("/imports?kind=work_item", "同时提交.xlsx", work_list_of(&rows)).ok())).collect();
    let created: i64 = std::thread::scope(|scope| {
        let calls: Vec<_> = previews
            .iter()
            .map(|id| {
                let office = &office;
                scope.spawn(move || office.post(&format!("/imports/{id}/commit"), &json!({})).ok()["created"].as_i64().unwrap_or(-100))
            })
            .collect();
        calls.into_iter().map(|call| call.join().unwrap_or(-100)).sum()
    });
    assert_eq!(created, 5, "the second finds them already there");
}

fn work_list_of(rows: &[[String; 7]]) -> Vec<u8> {
    let rows: Vec<[&str; 7]> = rows.iter().map(|row| row.each_ref().map(String::as_str)).collect();
    crate::sheets::work_list(&rows)
}

type Call = Box<dyn Fn() -> Answer + Send + Sync>;

/// Calls all of them at once; gives the answers in order.
fn at_once(calls: Vec<Call>) -> Vec<Answer> {
    std::thread::scope(|scope| {
        let running: Vec<_> = calls.iter().map(|call| scope.spawn(call)).collect();
        running.into_iter().map(|call| call.join().expect("an answer")).collect()
    })
}

#[test]
fn two_who_take_one_name_at_once_are_told_so() {
    let new = |path: &'static str, body: Value| -> Vec<Call> {
        let one = |_| -> Call {
            let body = body.clone();
            Box::new(move || city().person("df-justice.system_admin").post(path, &body))
        };
        (0..8).map(one).collect()
    };
    let people = at_once(new("/users", json!({ "username": "df-audit.wanted", "name": "同名的人", "unit": "df-audit" })));
    let units =
        at_once(new("/units", json!({ "code": "df-wanted", "name": "登封市同名单位", "short_name": "同名", "name_en": "Wanted", "kind": "bureau" })));
    for (answers, pointer, code) in [(people, "/username", "user.username_taken"), (units, "/code", "duplicate.matter")] {
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{}", answers[0]);
        for refused in answers.iter().filter(|answer| answer.status != 201) {
            refused.fault_of(409, pointer, code);
        }
    }
}

#[test]
fn changes_of_one_person_at_once_all_hold() {
    let username = "df-audit.changed";
    let person = hired(username, "df-audit", "handler");
    let path = format!("/users/{person}");
    let (mut password, mut role) = (tests::PASSWORD.to_owned(), "handler");
    for round in 0..6 {
        let (name, next) = (format!("第{round}次改名"), format!("another good sentence {round}"));
        let token = city().login(username, &password).ok()["access_token"].as_str().unwrap_or_default().to_owned();
        let patch = |by: &'static str, body: Value| -> Call {
            let path = path.clone();
            Box::new(move || city().person(by).patch(&path, None, &body))
        };
        let mut calls = vec![patch("df-justice.system_admin", json!({ "name": name })), patch("df-justice.system_admin", json!({ "active": true }))];
        if round % 2 == 0 {
            let body = json!({ "current": password, "new": next });
            calls.push(Box::new(move || city().send("POST", "/auth/password", |request| request.bearer_auth(&token).json(&body))));
            password = next;
        } else {
            role = if role == "handler" { "liaison_officer" } else { "handler" };
            calls.push(patch("df-justice.security_admin", json!({ "roles": [role] })));
        }
        for answer in at_once(calls) {
            assert!(matches!(answer.status, 200 | 204), "{answer}");
        }
        let user = city().person("df-justice.system_admin").get(&format!("/users?q={username}")).ok()["items"][0].clone();
        assert_eq!(user["name"], name);
        assert_eq!(user["roles"], json!([role]));
        city().login(username, &password).ok();
    }
}

#[test]
fn no_matter_goes_to_a_unit_that_is_being_closed() {
    let (system, office) = (city().person("df-justice.system_admin"), city().person("df-justice.coordinator"));
    let founded = |code: &str| {
        let unit = json!({ "code": code, "name": format!("登封市{code}"), "short_name": code, "name_en": code, "kind": "bureau" });
        assert_eq!(system.post("/units", &unit).status, 201);
    };
    let handed_to = |unit: &str| {
        let mut body = body(&office, "交给一家正在撤销的单位的任务");
        body["lead_unit"] = json!(unit);
        office.post("/matters", &json!({ "kind": "work_item", "body": body, "domains": ["other"], "not_secret": true, "submit": true }))
    };
    // Closed by another node a moment ago, which this one has not read yet.
    founded("df-closing");
    assert!(office.get("/units").text().contains("df-closing"));
    city().sql("UPDATE unit SET active = false WHERE code = 'df-closing'").expect("the statement runs");
    handed_to("df-closing").problem(422, "validation.unknown_unit");
    // Closed and handed to at the same moment: one of the two is refused.
    for round in 0..5 {
        let code = format!("df-closing-{round}");
        founded(&code);
        let statuses = std::thread::scope(|scope| {
            let closed = scope.spawn(|| system.patch(&format!("/units/{code}"), None, &json!({ "active": false })).status);
            let handed = scope.spawn(|| handed_to(&code).status);
            (closed.join().unwrap_or(0), handed.join().unwrap_or(0))
        });
        assert!(matches!(statuses, (200, 422) | (409, 201)), "{statuses:?}");
    }
    let lost = city().sql("SELECT count(*) FROM matter m JOIN unit u ON u.id = m.holder_unit_id WHERE m.is_open AND NOT u.active");
    assert_eq!(lost.as_deref(), Ok("0"), "open matters of closed units");
}
