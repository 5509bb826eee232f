//! The same request sent again, also where the first one's answer was lost on the way or its server died (DESIGN.md §5.7).

use crate::work_item::{body, handed_out, id};
use serde_json::{Value, json};
use tests::{Answer, City, city};

fn events(city: &City, matter: &str, action: &str) -> usize {
    city.person("df-justice.coordinator").all(&format!("/matters/{matter}/events")).iter().filter(|event| event["action"] == action).count()
}

/// Repeats while told that the first is still being worked on.
fn repeated(send: impl Fn() -> Answer) -> Answer {
    for _ in 0..20 {
        let answer = send();
        if answer.status != 503 {
            return answer;
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    send()
}

#[test]
fn a_repeated_answer_is_the_same_with_its_headers() {
    let office = city().person("df-justice.coordinator");
    let request = json!({ "kind": "work_item", "body": body(&office, "重发请求得到同样的回执与版本号") });
    let first = office.post_with_key("/matters", &request, "same-answer-with-headers");
    let second = office.post_with_key("/matters", &request, "same-answer-with-headers");
    assert_eq!((first.status, second.status), (201, 201), "{first} {second}");
    assert_eq!(first.json(), second.json());
    assert_eq!((second.header("etag"), second.header("location")), (first.header("etag"), first.header("location")));
    assert_eq!((first.header("idempotency-replayed"), second.header("idempotency-replayed")), ("", "true"));
    assert_eq!(second.header("location"), format!("/api/v1/matters/{}", id(&first.json())));
}

#[test]
fn of_eight_equal_requests_at_once_one_acts_and_all_get_its_answer() {
    let matter = handed_out("同一签收请求同时到达八次只办一次");
    let officer = city().person("df-market.liaison_officer");
    let version = officer.matter(&matter)["version"].as_i64();
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..8)
            .map(|_| {
                let (officer, matter) = (&officer, &matter);
                scope.spawn(move || repeated(|| officer.act_on(matter, version, "receive", &json!({}), "eight-times-at-once")).ok())
            })
            .collect();
        calls.into_iter().filter_map(|call| call.join().ok()).collect()
    });
    assert_eq!(answers.len(), 8);
    assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:#?}");
    assert_eq!(events(city(), &matter, "receive"), 1);
}

/// What a server leaves behind that dies between the commit and the answer.
#[test]
fn an_effect_without_answer_is_never_repeated() {
    let city = city();
    let matter = handed_out("回执丢失的评论不会再发一次");
    let office = city.person("df-justice.coordinator");
    let comment = json!({ "text": "请市场监管局于本周内反馈进展情况。" });
    let path = format!("/matters/{matter}/comments");
    assert_eq!(office.post_with_key(&path, &comment, "answer-lost-on-the-way").status, 201);
    city.sql("UPDATE idempotency SET status = 0, body = '', created_at = '2020-01-01 00:00:00+00:00' WHERE key = 'answer-lost-on-the-way'")
        .expect("the operator may write");
    office.post_with_key(&path, &comment, "answer-lost-on-the-way").problem(409, "idempotency.answer_lost");
    office.post_with_key(&path, &json!({ "text": "另一条意见" }), "answer-lost-on-the-way").problem(422, "idempotency.body_differs");
    assert_eq!(office.all(&path).len(), 1);
}

#[test]
fn many_matters_at_once_are_finished_by_a_repetition() {
    let city = city();
    let office = city.person("df-justice.coordinator");
    let matters = ["批量催办中途断电的第一项任务", "批量催办中途断电的第二项任务"].map(handed_out);
    let request = json!({ "action": "urge", "matters": matters, "input": { "text": "请尽快签收" } });
    let first = office.post_with_key("/matters/bulk", &request, "bulk-with-a-power-cut").ok();
    assert!(first.as_array().is_some_and(|all| all.len() == 2 && all.iter().all(|one| one["ok"] == true)), "{first}");
    // The power went before the second matter and before the answer.
    city.sql("DELETE FROM idempotency WHERE key = 'bulk-with-a-power-cut'").expect("the operator may write");
    city.sql(&format!("DELETE FROM idempotency WHERE key = 'bulk-with-a-power-cut#{}'", matters[1])).expect("the operator may write");
    let second = office.post_with_key("/matters/bulk", &request, "bulk-with-a-power-cut").ok();
    assert_eq!(second[0]["ok"], true, "a second urge within a day is refused; a repeated one is told it was done: {second}");
    assert_eq!(events(city, &matters[0], "urge"), 1);
    let third = office.post_with_key("/matters/bulk", &request, "bulk-with-a-power-cut");
    assert_eq!((third.ok(), third.header("idempotency-replayed")), (second, "true"));
}

#[test]
fn a_refused_request_leaves_nothing_but_its_answer() {
    let office = city().person("df-justice.coordinator");
    let request = json!({ "kind": "work_item", "body": {}, "domains": ["other"], "not_secret": true, "submit": true });
    let first = office.post_with_key("/matters", &request, "refused-and-repeated");
    let second = office.post_with_key("/matters", &request, "refused-and-repeated");
    assert_eq!((first.status, second.status), (422, 422), "{first} {second}");
    assert_eq!(first.json()["errors"], second.json()["errors"]);
    assert_eq!(second.header("idempotency-replayed"), "true");
}

#[test]
fn another_file_of_the_same_length_is_another_request() {
    let city = city();
    let matter = handed_out("同样长度的两个附件不会混为一谈");
    let office = city.person("df-justice.coordinator");
    let path = format!("/matters/{matter}/attachments");
    let send = |content: &str| office.upload_with_key(&path, "进展.txt", content.as_bytes().to_vec(), "one-key-for-two-files");
    let first = send("甲方案").ok();
    assert_eq!(send("甲方案").ok(), first);
    send("乙方案").problem(422, "idempotency.body_differs");
    assert_eq!(office.all(&path).len(), 1);
}

#[test]
fn who_signed_out_gets_no_kept_answer() {
    let city = city();
    let officer = city.login("df-tax.handler", tests::PASSWORD).ok();
    let token = officer["access_token"].as_str().unwrap_or_default().to_owned();
    let call = |path: &str, key: &str| {
        let (token, key) = (token.clone(), key.to_owned());
        city.send("POST", path, move |request| request.bearer_auth(token).header("idempotency-key", key).json(&json!({})))
    };
    assert!(call("/notices/read-all", "read-before-signing-out").status < 300);
    assert!(call("/auth/logout", "signing-out-for-good").status < 300);
    assert_eq!(call("/notices/read-all", "read-before-signing-out").status, 401);
}

/// The attempt is noted in a transaction of its own, which is not what the request is for.
#[test]
fn a_wrong_password_sent_again_is_wrong_again_and_the_right_one_does_it() {
    let city = city();
    let token = city.login("df-forestry.handler", tests::PASSWORD).ok()["access_token"].as_str().unwrap_or_default().to_owned();
    let start = |password: &str, key: &str| {
        let (token, key, body) = (token.clone(), key.to_owned(), json!({ "password": password }));
        city.send("POST", "/me/totp", move |request| request.bearer_auth(token).header("idempotency-key", key).json(&body))
    };
    for _ in 0..2 {
        start("not the password", "one-key-for-a-wrong-password").fault_of(401, "/password", "auth.credentials_invalid");
    }
    assert_eq!(start(tests::PASSWORD, "another-key-for-the-right-one").status, 200);
}
