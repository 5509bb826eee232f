//! Two people at once, and one request sent twice.

use crate::work_item::{body, handed_out, id};
use serde_json::json;
use tests::city;

#[test]
fn a_change_needs_the_version_it_was_made_on() {
    let office = city().person("df-justice.coordinator");
    let draft = office
        .post(
            "/matters",
            &json!({ "kind": "work_item", "body": body(&office, "起草一项用于测试版本的任务") }),
        )
        .ok();
    let path = format!("/matters/{}", id(&draft));
    let version = draft["version"].as_i64();
    let change = json!({ "title": "改过的标题" });
    office
        .patch(&path, None, &change)
        .problem(428, "version.required");
    let changed = office.patch(&path, version, &change);
    assert_eq!(changed.ok()["title"], "改过的标题");
    assert_eq!(
        changed.header("etag"),
        format!("\"{}\"", changed.json()["version"])
    );
    office
        .patch(&path, version, &json!({ "title": "第二个人的标题" }))
        .problem(412, "version.stale");
    assert_eq!(office.get(&path).ok()["title"], "改过的标题");
}

#[test]
fn of_two_who_receive_at_once_one_does() {
    let id = handed_out("同时点击签收按钮的两位同志");
    let people =
        ["df-market.liaison_officer", "df-market.unit_head"].map(|name| city().person(name));
    let version = people[0].matter(&id)["version"].as_i64();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let calls = people.iter().enumerate().map(|(n, person)| {
            let id = &id;
            scope.spawn(move || {
                person
                    .act_on(
                        id,
                        version,
                        "receive",
                        &json!({}),
                        &format!("receive-at-once-{n}"),
                    )
                    .status
            })
        });
        let calls: Vec<_> = calls.collect();
        calls
            .into_iter()
            .map(|call| call.join().unwrap_or(0))
            .collect()
    });
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}"
    );
    assert!(
        statuses
            .iter()
            .all(|status| matches!(status, 200 | 409 | 412)),
        "{statuses:?}"
    );
}

#[test]
fn a_repeated_request_acts_once() {
    let office = city().person("df-justice.coordinator");
    let request =
        json!({ "kind": "work_item", "body": body(&office, "网络不好时重复提交的同一任务") });
    let key = format!("repeated-{}", std::process::id());
    let first = office.post_with_key("/matters", &request, &key);
    let second = office.post_with_key("/matters", &request, &key);
    assert_eq!(
        (first.status, second.status),
        (201, 201),
        "{first} {second}"
    );
    assert_eq!(
        first.ok(),
        second.ok(),
        "the same answer, not a second matter"
    );
    let other = json!({ "kind": "work_item", "body": body(&office, "同一编号下的另一项任务内容") });
    office
        .post_with_key("/matters", &other, &key)
        .problem(422, "idempotency.body_differs");
    office
        .post_with_key("/matters", &other, "short")
        .problem(422, "idempotency.key_invalid");
    // Keys are a person's own.
    let stranger = city().person("xc-justice.coordinator");
    assert_ne!(
        stranger.post_with_key("/matters", &other, &key).json()["code"],
        "idempotency.body_differs"
    );
}

#[test]
fn a_repeated_step_is_one_event() {
    let id = handed_out("重复签收只留下一条流转记录");
    let officer = city().person("df-market.liaison_officer");
    let version = officer.matter(&id)["version"].as_i64();
    let key = format!("received-{}", std::process::id());
    officer
        .act_on(&id, version, "receive", &json!({}), &key)
        .ok();
    officer
        .act_on(&id, version, "receive", &json!({}), &key)
        .ok();
    let received = officer
        .all(&format!("/matters/{id}/events"))
        .iter()
        .filter(|event| event["action"] == "receive")
        .count();
    assert_eq!(received, 1);
}
