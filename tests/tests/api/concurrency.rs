//! Two people at once, and one request sent twice.

use crate::work_item::{body, handed_out, id};
use serde_json::json;
use tests::city;

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
