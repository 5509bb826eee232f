//! Signing in, staying signed in, and being thrown out.

use serde_json::json;
use tests::city;

const PASSWORD: &str = "Liandong-demo-2026";

/// The refresh token of a `Set-Cookie` header.
pub fn cookie(answer: &tests::Answer) -> String {
    let header = answer.header("set-cookie");
    for guard in ["HttpOnly", "SameSite=Strict"] {
        assert!(header.contains(guard), "the cookie lacks {guard}: {header}");
    }
    header.split(';').next().unwrap_or_default().to_owned()
}

fn refresh(cookie: &str) -> tests::Answer {
    city().send("POST", "/auth/refresh", |request| request.header("cookie", cookie))
}

#[test]
fn the_right_password_opens() {
    let answer = city().login("df-justice.coordinator", PASSWORD).ok();
    assert_eq!(answer["token_type"], "Bearer");
    assert!(answer["expires_in"].as_u64().is_some_and(|seconds| seconds > 0));
    assert_eq!(answer["user"]["unit"]["code"], "df-justice");
    assert_eq!(answer["user"]["linkage_office"], true);
    assert!(answer["user"]["can_start"].as_array().is_some_and(|kinds| kinds.contains(&json!("work_item"))));
}

#[test]
fn a_wrong_password_and_an_unknown_name_look_alike() {
    let wrong = city().login("df-education.handler", "not the password").problem(401, "auth.credentials_invalid");
    let unknown = city().login("df-nowhere.handler", "not the password").problem(401, "auth.credentials_invalid");
    assert_eq!(wrong["title"], unknown["title"]);
    assert_eq!(wrong["detail"], unknown["detail"]);
}

#[test]
fn guessing_is_slowed_down_for_that_name_only() {
    let attempts: Vec<u16> = (0..7).map(|n| city().login("df-forestry.handler", &format!("guess number {n}")).status).collect();
    assert_eq!(attempts.first(), Some(&401));
    assert_eq!(attempts.last(), Some(&429), "{attempts:?}");
    let blocked = city().login("df-forestry.handler", PASSWORD);
    blocked.problem(429, "auth.locked_out");
    assert!(!blocked.header("retry-after").is_empty());
    city().login("df-forestry.unit_head", PASSWORD).ok();
}

#[test]
fn many_guesses_at_once_are_no_faster() {
    let username = "df-forestry.liaison_officer";
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let guesses: Vec<_> = (0..60).map(|n| scope.spawn(move || city().login(username, &format!("parallel guess {n}")).status)).collect();
        guesses.into_iter().map(|guess| guess.join().unwrap_or(0)).collect()
    });
    let looked_at = statuses.iter().filter(|status| **status == 401).count();
    assert!(looked_at <= 5 && statuses.iter().all(|status| matches!(status, 401 | 429)), "{looked_at} of 60 were looked at: {statuses:?}");
    city().login(username, PASSWORD).problem(429, "auth.locked_out");
    city().login("df-forestry.unit_head", PASSWORD).ok();
}

#[test]
fn right_passwords_at_once_lock_nobody_out() {
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let sign_ins: Vec<_> = (0..12).map(|_| scope.spawn(|| city().login("df-petition.unit_head", PASSWORD).status)).collect();
        sign_ins.into_iter().map(|sign_in| sign_in.join().unwrap_or(0)).collect()
    });
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
}

#[test]
fn a_session_ended_elsewhere_is_ended_here() {
    let answer = city().login("df-labour.unit_head", PASSWORD).ok();
    let token = answer["access_token"].as_str().unwrap_or_default();
    city().send("GET", "/me", |request| request.bearer_auth(token)).ok();
    // As another node would, of which this one hears nothing.
    let person = city().id_literal(answer["user"]["id"].as_str().unwrap_or_default());
    city().sql(&format!("UPDATE session SET revoked_at = started_at WHERE person_id = {person}")).expect("the statement runs");
    city().send("GET", "/me", |request| request.bearer_auth(token)).problem(401, "auth.token_invalid");
}

#[test]
fn nothing_opens_without_a_valid_token() {
    city().send("GET", "/me", |request| request).problem(401, "auth.required");
    city().send("GET", "/me", |request| request.bearer_auth("rubbish")).problem(401, "auth.token_invalid");
    let token = city().login("df-justice.coordinator", PASSWORD).ok()["access_token"].as_str().unwrap_or_default().to_owned();
    city().send("GET", "/me", |request| request.bearer_auth(&token)).ok();
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 3);
    // {"alg":"none","typ":"JWT"} and {"alg":"HS256","typ":"JWT"}: RFC 8725 §3.1.
    for header in ["eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"] {
        for signature in ["", parts[2]] {
            let forged = format!("{header}.{}.{signature}", parts[1]);
            city().send("GET", "/me", |request| request.bearer_auth(&forged)).problem(401, "auth.token_invalid");
        }
    }
}

#[test]
fn a_refresh_token_works_once() {
    let first = cookie(&city().login("df-health.liaison_officer", PASSWORD));
    let renewed = refresh(&first);
    let token = renewed.ok()["access_token"].as_str().unwrap_or_default().to_owned();
    let second = cookie(&renewed);
    assert_ne!(first, second);
    // Within some seconds it may be the other tab, or a page that was left before the answer came: the same answer again.
    let again = refresh(&first);
    assert_eq!(cookie(&again), second);
    let token_again = again.ok()["access_token"].as_str().unwrap_or_default().to_owned();
    assert_eq!(city().send("GET", "/me", |request| request.bearer_auth(&token_again)).status, 200);
    let third = cookie(&refresh(&second));
    assert_eq!(refresh(&first).status, 401, "the one before the last is no answer's any more");
    // Later it is theft, and the whole session ends.
    std::thread::sleep(std::time::Duration::from_secs(11));
    refresh(&second).problem(401, "auth.refresh_reused");
    assert_eq!(refresh(&third).status, 401);
    city().send("GET", "/me", |request| request.bearer_auth(&token)).problem(401, "auth.token_invalid");
}

#[test]
fn signing_out_ends_the_session() {
    let answer = city().login("df-labour.liaison_officer", PASSWORD);
    let token = answer.ok()["access_token"].as_str().unwrap_or_default().to_owned();
    let kept = cookie(&answer);
    let out = city().send("POST", "/auth/logout", |request| request.bearer_auth(&token).json(&json!({})));
    assert_eq!(out.status, 204, "{out}");
    city().send("GET", "/me", |request| request.bearer_auth(&token)).problem(401, "auth.token_invalid");
    assert_eq!(refresh(&kept).status, 401);
}

#[test]
fn a_new_password_must_be_a_good_one() {
    let person = city().person("df-tax.liaison_officer");
    for weak in ["short", "aaaaaaaaaaaaaaaa", "df-tax.liaison_officer"] {
        person.post("/auth/password", &json!({ "current": PASSWORD, "new": weak })).problem(422, "auth.password_weak");
    }
    let wrong = person.post("/auth/password", &json!({ "current": "not the password", "new": "a long and good sentence" }));
    assert!(matches!(wrong.status, 401 | 422), "{wrong}");
}
