//! People come, are away, move and leave: first passwords, deputies, one-time codes, hand-overs of what they had.

use crate::work_item::{day, handed_out, id};
use serde_json::{Value, json};
use tests::{PASSWORD, Person, city, one_time_code, one_time_code_in};

/// A new person of a unit, who has chosen a password already: the system administrator makes the account, the security administrator
/// gives the role; gives the id.
pub fn hired(username: &str, unit: &str, role: &str) -> String {
    let created = city()
        .person("df-justice.system_admin")
        .post("/users", &json!({ "username": username, "name": "新入职人员", "unit": unit, "proposed_roles": [role] }));
    assert_eq!(created.status, 201, "{created}");
    let created = created.ok();
    assert_eq!((&created["user"]["roles"], &created["user"]["proposed_roles"]), (&json!([]), &json!([role])));
    give(created["user"]["id"].as_str().unwrap_or_default(), &[role]);
    let issued = created["issued_password"].as_str().expect("a first password is issued").to_owned();
    let signed_in = city().login(username, &issued).ok();
    assert_eq!(signed_in["user"]["must_change_password"], true);
    let token = signed_in["access_token"].as_str().unwrap_or_default().to_owned();
    // Until it is changed, nothing but changing it.
    for path in ["/matters", "/notices", "/kinds", "/users"] {
        city().send("GET", path, |request| request.bearer_auth(&token)).problem(403, "auth.password_change_required");
    }
    let change = |current: &str, new: &str| {
        let body = json!({ "current": current, "new": new });
        city().send("POST", "/auth/password", |request| request.bearer_auth(&token).json(&body))
    };
    change(&issued, &issued).problem(422, "auth.password_weak");
    assert_eq!(change(&issued, PASSWORD).status, 204);
    city().login(username, &issued).problem(401, "auth.credentials_invalid");
    city().person(username).get("/matters").ok();
    created["user"]["id"].as_str().unwrap_or_default().to_owned()
}

/// Roles, as the security administrator gives them; the person signs in anew afterwards.
pub fn give(id: &str, roles: &[&str]) {
    city().person("df-justice.security_admin").patch(&format!("/users/{id}"), None, &json!({ "roles": roles })).ok();
}

pub fn change(id: &str, patch: Value) -> Value {
    city().person("df-justice.system_admin").patch(&format!("/users/{id}"), None, &patch).ok()
}

/// A task received by the bureau and given to one person.
fn assigned(content: &str, unit: &str, person: &str) -> String {
    let office = city().person("df-justice.coordinator");
    let mut body = crate::work_item::body(&office, content);
    body["lead_unit"] = json!(unit);
    let id =
        id(&office.post("/matters", &json!({ "kind": "work_item", "body": body, "domains": ["other"], "not_secret": true, "submit": true })).ok());
    let officer = city().person(&format!("{unit}.liaison_officer"));
    officer.act(&id, "receive", json!({})).ok();
    officer.act(&id, "assign", json!({ "handler": person })).ok();
    id
}

#[test]
fn an_issued_password_is_changed_first() {
    hired("df-culture-tourism.newcomer", "df-culture-tourism", "handler");
}

#[test]
fn a_leaver_leaves_nothing_behind() {
    let username = "df-commerce.leaver";
    let person = hired(username, "df-commerce", "handler");
    let (first, second) =
        (assigned("离职人员手中的第一项任务", "df-commerce", &person), assigned("离职人员手中的第二项任务", "df-commerce", &person));
    let token = city().person(username).token();
    let other = city().person("df-commerce.handler").get("/me").ok()["id"].clone();
    let head = city().person("df-commerce.unit_head");
    let path = format!("/users/{person}/hand-over");
    city().person("df-water.unit_head").post(&path, &json!({ "to": other })).problem(403, "permission.denied");
    head.post(&path, &json!({ "to": city().person("df-water.handler").get("/me").ok()["id"] })).fault("/to", "validation.unknown_user");
    assert_eq!(head.post(&path, &json!({ "to": other })).ok()["matters"], 2);
    assert_eq!(head.matter(&first)["holder"]["person"]["id"], other);
    // Once more in the leaver's hands, then gone from one moment to the next.
    head.act(&second, "assign", json!({ "handler": person })).ok();
    change(&person, json!({ "active": false }));
    let left = head.matter(&second);
    assert_eq!((&left["holder"]["unit"]["code"], &left["holder"]["person"]), (&json!("df-commerce"), &Value::Null));
    city().send("GET", "/me", |request| request.bearer_auth(&token)).problem(401, "auth.token_invalid");
    city().login(username, PASSWORD).problem(401, "auth.credentials_invalid");
    assert!(head.all("/users?unit=own").iter().all(|user| user["id"] != json!(person)));
    head.act(&second, "assign", json!({ "handler": person })).fault("/input/handler", "validation.unknown_user");
}

#[test]
fn who_moves_takes_no_history_along() {
    let username = "df-industry.mover";
    let person = hired(username, "df-industry", "handler");
    let matter = assigned("人员调动前承办的一项任务", "df-industry", &person);
    let mover = city().person(username);
    mover.act(&matter, "report_progress", json!({ "percent": 10, "last_progress": "调动之前完成了前期摸底工作" })).ok();
    mover.post(&format!("/matters/{matter}/watch"), &json!({}));
    change(&person, json!({ "unit": "df-audit" }));
    city().forget_token(username);
    let mover = city().person(username);
    // Roles are of a person in a unit: in the new one the security administrator gives them anew.
    assert_eq!(mover.get("/me").ok()["roles"], json!([]));
    let moved = city().person("df-justice.security_admin").get(&format!("/users?q={username}")).ok()["items"][0].clone();
    assert_eq!(moved["proposed_roles"], json!(["handler"]));
    give(&person, &["handler"]);
    city().forget_token(username);
    assert_eq!(mover.get("/me").ok()["unit"]["code"], "df-audit");
    mover.get(&format!("/matters/{matter}")).problem(404, "not_found");
    let head = city().person("df-industry.unit_head");
    assert_eq!(head.matter(&matter)["holder"]["person"], Value::Null);
    let events = head.all(&format!("/matters/{matter}/events"));
    let reported = events.iter().find(|event| event["action"] == "report_progress").expect("the report stays");
    assert_eq!(reported["unit"]["code"], "df-industry", "what was done stays under the unit it was done for");
    // Nothing of the old unit's work is counted or told any longer.
    let unread = mover.get("/matters/counts").ok()["unread_notices"].clone();
    head.post(&format!("/matters/{matter}/comments"), &json!({ "text": "调动之后的留言" })).ok();
    assert_eq!(mover.get("/matters/counts").ok()["unread_notices"], unread);
}

pub fn on_behalf(person: &Person, of: &Value, method: &str, path: &str, body: &Value) -> tests::Answer {
    let token = person.token();
    city().send(method, path, |request| {
        let request = request.bearer_auth(token).header("x-on-behalf-of", of.as_str().unwrap_or_default());
        if method == "GET" { request } else { request.header("if-match", body["version"].to_string()).json(&json!({ "input": body["input"] })) }
    })
}

#[test]
fn a_deputy_acts_in_the_name_of_who_is_away() {
    let (head, deputy) = (city().person("df-civil-affairs.unit_head"), city().person("df-civil-affairs.handler"));
    let (head_id, deputy_id) = (head.get("/me").ok()["id"].clone(), deputy.get("/me").ok()["id"].clone());
    let office = city().person("df-justice.coordinator");
    let mut body = crate::work_item::body(&office, "负责人外出期间由代理人处理的任务");
    body["lead_unit"] = json!("df-civil-affairs");
    let matter =
        id(&office.post("/matters", &json!({ "kind": "work_item", "body": body, "domains": ["other"], "not_secret": true, "submit": true })).ok());
    let refuse = json!({
        "version": deputy.matter(&matter)["version"],
        "input": { "reason_code": "not_competent", "suggested_unit": "df-water", "reason_text": "该事项不属于我单位的职责范围" },
    });
    let path = format!("/matters/{matter}/actions/refuse");
    // Not before it is said, not for the days to come, not for others.
    on_behalf(&deputy, &head_id, "POST", &path, &refuse).problem(403, "permission.denied");
    let delegate = |from: u64, to: u64, deputy: &Value| {
        head.post("/delegations", &json!({ "deputy": deputy, "starts_on": day(&head, from), "ends_on": day(&head, to) }))
    };
    assert_eq!(delegate(3, 5, &deputy_id).status, 201);
    on_behalf(&deputy, &head_id, "POST", &path, &refuse).problem(403, "permission.denied");
    delegate(5, 3, &deputy_id).fault("/ends_on", "validation.date_order");
    delegate(0, 400, &deputy_id).fault("/ends_on", "validation.range");
    delegate(0, 1, &city().person("df-water.handler").get("/me").ok()["id"]).fault("/deputy", "validation.unknown_user");
    assert_eq!(delegate(0, 1, &deputy_id).status, 201);
    assert_eq!(deputy.get("/me").ok()["acting_for"][0]["id"], head_id);
    let stranger = city().person("df-civil-affairs.liaison_officer");
    on_behalf(&stranger, &head_id, "GET", "/me", &Value::Null).problem(403, "permission.denied");
    assert_eq!(on_behalf(&deputy, &head_id, "POST", &path, &refuse).ok()["state"], "returned", "the deputy may what the head may");
    let events = office.all(&format!("/matters/{matter}/events"));
    let refused = events.iter().find(|event| event["action"] == "refuse").expect("it is on record");
    let names = [head.get("/me").ok()["name"].clone(), deputy.get("/me").ok()["name"].clone()];
    assert_eq!((&refused["on_behalf_of"], &refused["person"]), (&names[0], &names[1]), "both are named");
    // Ended at once.
    for delegation in head.get("/delegations").ok().as_array().into_iter().flatten() {
        assert_eq!(deputy.delete(&format!("/delegations/{}", delegation["id"].as_str().unwrap_or_default())).status, 404);
        assert_eq!(head.delete(&format!("/delegations/{}", delegation["id"].as_str().unwrap_or_default())).status, 204);
    }
    on_behalf(&deputy, &head_id, "GET", "/matters", &Value::Null).problem(403, "permission.denied");
}

#[test]
fn administration_is_not_delegated() {
    let (administrator, head) = (city().person("df-justice.security_admin"), city().person("df-justice.unit_head"));
    let deputy = |person: &Person| person.get("/me").ok()["id"].clone();
    let days = |person: &Person| json!({ "starts_on": day(person, 0), "ends_on": day(person, 1) });
    let mut to_administrator = days(&head);
    to_administrator["deputy"] = deputy(&administrator);
    head.post("/delegations", &to_administrator).fault("/deputy", "validation.unknown_user");
    let mut of_administrator = days(&administrator);
    of_administrator["deputy"] = deputy(&head);
    // Whether or not it is taken down, the deputy gets nothing of the administration.
    administrator.post("/delegations", &of_administrator);
    let answer = on_behalf(&head, &deputy(&administrator), "GET", "/me", &Value::Null);
    assert!(answer.status == 403 || answer.json()["permissions"] == json!([]), "{answer}");
}

#[test]
fn one_time_codes_are_set_up_and_asked_for() {
    let username = "df-statistics.careful";
    hired(username, "df-statistics", "handler");
    let person = city().person(username);
    person.post("/me/totp", &json!({})).fault("/password", "validation.required");
    let guessed = person.post("/me/totp", &json!({ "password": "whoever left the desk" }));
    guessed.fault_of(401, "/password", "auth.credentials_invalid");
    let secret = person.post("/me/totp", &json!({ "password": PASSWORD })).ok()["secret"].as_str().unwrap_or_default().to_owned();
    city().login(username, PASSWORD).ok();
    let wrong = if one_time_code(&secret) == "000000" { "111111" } else { "000000" };
    let refused = person.post("/me/totp/confirm", &json!({ "otp": wrong }));
    assert!(matches!(refused.status, 401 | 422), "{refused}");
    city().login(username, PASSWORD).ok();
    let used = one_time_code(&secret);
    assert_eq!(person.post("/me/totp/confirm", &json!({ "otp": used })).status, 204);
    city().login(username, PASSWORD).problem(401, "auth.otp_required");
    let login = |otp: &str| {
        let body = json!({ "username": username, "password": PASSWORD, "otp": otp });
        city().send("POST", "/auth/login", |request| request.json(&body))
    };
    assert_eq!(login(wrong).status, 401);
    assert_eq!(login(&used).status, 401, "the code that confirmed it is used up");
    let next = one_time_code_in(&secret, 1);
    login(&next).ok();
    assert_eq!(login(&next).status, 401, "a code counts once");
    // Another authenticator: until it is confirmed the one in use counts, and nothing is switched off.
    let other = person.post("/me/totp", &json!({ "password": PASSWORD })).ok()["secret"].as_str().unwrap_or_default().to_owned();
    assert_ne!(other, secret);
    city().login(username, PASSWORD).problem(401, "auth.otp_required");
    assert_eq!(login(&one_time_code_in(&other, 1)).status, 401, "a secret that nobody confirmed opens nothing");
    assert_eq!(person.get("/me").ok()["uses_totp"], true);
    assert_eq!(person.post("/me/totp/confirm", &json!({ "otp": one_time_code(&other) })).status, 204);
    login(&one_time_code_in(&other, 1)).ok();
    let events = city().person("df-justice.audit_admin").all("/audit?action=totp_started&limit=200");
    assert!(events.iter().filter(|event| event["person"] == "新入职人员").count() >= 2, "{events:?}");
    handed_out("启用动态口令之后一切如常");
}
