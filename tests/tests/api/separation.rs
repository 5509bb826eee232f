//! Separation of the three administrators 三员分立, what ends with a move, and what each may know of the others.

use crate::{
    staff::{change, give, hired, on_behalf},
    work_item::{day, id},
};
use serde_json::{Value, json};
use tests::{PASSWORD, Person, city};

fn patched(by: &str, id: &Value, patch: Value) -> tests::Answer {
    city().person(by).patch(&format!("/users/{}", id.as_str().unwrap_or_default()), None, &patch)
}

#[test]
fn no_administrator_becomes_another() {
    let (system, security) = ("df-justice.system_admin", "df-justice.security_admin");
    let own = |username: &str| city().person(username).get("/me").ok()["id"].clone();
    // Who makes accounts and reads their passwords gives no roles.
    for role in ["audit_admin", "security_admin", "coordinator", "handler"] {
        let new = json!({ "username": format!("df-justice.made-{role}"), "name": "自设账号", "unit": "df-justice", "roles": [role] });
        let refused = city().person(system).post("/users", &new);
        refused.fault_of(403, "/roles", "permission.denied");
        assert_eq!(refused.json()["detail"], "role.assign");
    }
    city()
        .person(security)
        .post("/users", &json!({ "username": "df-justice.made", "name": "自设账号", "unit": "df-justice" }))
        .problem(403, "permission.denied");
    // An administrator's password is not the system administrator's to read, and codes are nobody's here.
    for other in [security, "df-justice.audit_admin"] {
        patched(system, &own(other), json!({ "reset_password": true })).fault_of(403, "/reset_password", "permission.denied");
        city().login(other, PASSWORD).ok();
    }
    patched(security, &own(system), json!({ "reset_totp": true })).fault_of(403, "/reset_totp", "permission.denied");
    // Not oneself.
    patched(security, &own(security), json!({ "roles": ["audit_admin"] })).fault_of(403, "/roles", "permission.denied");
    patched(security, &own(security), json!({ "reset_password": true })).fault_of(403, "/reset_password", "permission.denied");
    patched(system, &own(system), json!({ "active": false })).fault_of(403, "/active", "permission.denied");
    let handler = own("df-audit.handler");
    patched(system, &handler, json!({ "roles": ["coordinator"] })).fault_of(403, "/roles", "permission.denied");
    patched(system, &handler, json!({ "reset_totp": true })).fault_of(403, "/reset_totp", "permission.denied");
    patched(security, &handler, json!({ "reset_password": true })).fault_of(403, "/reset_password", "permission.denied");
    patched(security, &handler, json!({ "unit": "df-justice" })).fault_of(403, "/unit", "permission.denied");
}

#[test]
fn an_administration_is_given_to_who_has_taken_the_account() {
    let new = json!({ "username": "df-justice.second-auditor", "name": "第二审计员", "unit": "df-justice" });
    let made = city().person("df-justice.system_admin").post("/users", &new).ok();
    let id = made["user"]["id"].clone();
    let audit = json!({ "roles": ["audit_admin"] });
    patched("df-justice.security_admin", &id, audit.clone()).fault_of(409, "/roles", "user.first_password_pending");
    city().settle_in("df-justice.second-auditor", made["issued_password"].as_str().unwrap_or_default());
    patched("df-justice.security_admin", &id, audit).ok();
    patched("df-justice.system_admin", &id, json!({ "reset_password": true })).problem(403, "permission.denied");
    let reset = patched("df-justice.security_admin", &id, json!({ "reset_password": true })).ok();
    assert!(reset["issued_password"].as_str().is_some_and(|issued| issued.len() > 12), "{reset}");
    // What no administrator may do, whoever runs the server can.
    let output = city().command_line(&["admin", "reset-user", "--username", "df-justice.second-auditor", "--codes"]).expect("the program starts");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let issued = printed.trim().rsplit(' ').next().unwrap_or_default();
    assert_eq!(city().login("df-justice.second-auditor", issued).ok()["user"]["must_change_password"], true, "{printed}");
}

fn delegated(away: &Person, deputy: &str) {
    let days = json!({ "deputy": deputy, "starts_on": day(away, 0), "ends_on": day(away, 1) });
    assert_eq!(away.post("/delegations", &days).status, 201);
}

#[test]
fn a_deputy_is_one_in_the_unit_and_role_only() {
    let username = "df-statistics.deputy";
    let deputy_id = hired(username, "df-statistics", "handler");
    let (head, deputy) = (city().person("df-statistics.unit_head"), city().person(username));
    let head_id = head.get("/me").ok()["id"].clone();
    let acts = || on_behalf(&deputy, &head_id, "GET", "/me", &Value::Null);
    let again = || city().forget_token(username);
    delegated(&head, &deputy_id);
    acts().ok();

    // N21: the deputy stands in the list of who can see, with whom they act for.
    let office = city().person("df-justice.coordinator");
    let mut body = crate::work_item::body(&office, "代理人也列入可见范围的任务");
    body["lead_unit"] = json!("df-statistics");
    let matter =
        id(&office.post("/matters", &json!({ "kind": "work_item", "body": body, "domains": ["other"], "not_secret": true, "submit": true })).ok());
    let told = |who: &str| {
        let access = office.get(&format!("/matters/{matter}/access")).ok();
        let entry = access.as_array().into_iter().flatten().find(|entry| entry["user"]["id"] == who).cloned().unwrap_or_default();
        entry["reasons"].to_string()
    };
    let name = head.get("/me").ok()["name"].as_str().unwrap_or_default().to_owned();
    assert!(told(&deputy_id).contains(&format!("代{name}办理")), "{}", told(&deputy_id));

    // Moved away, and back: it has ended.
    change(&deputy_id, json!({ "unit": "df-audit" }));
    again();
    acts().problem(403, "permission.denied");
    assert!(!told(&deputy_id).contains('代'));
    change(&deputy_id, json!({ "unit": "df-statistics" }));
    again();
    acts().problem(403, "permission.denied");
    assert_eq!(deputy.get("/me").ok()["acting_for"], json!([]));

    // Another role, given or taken.
    give(&deputy_id, &["handler"]);
    again();
    delegated(&head, &deputy_id);
    acts().ok();
    give(&deputy_id, &["liaison_officer"]);
    again();
    acts().problem(403, "permission.denied");

    // Who is away leaves, and comes back.
    let away_name = "df-statistics.away";
    let away_id = hired(away_name, "df-statistics", "handler");
    delegated(&city().person(away_name), &deputy_id);
    let acts_for_away = || on_behalf(&deputy, &json!(away_id), "GET", "/me", &Value::Null);
    acts_for_away().ok();
    change(&away_id, json!({ "active": false }));
    acts_for_away().problem(403, "permission.denied");
    change(&away_id, json!({ "active": true }));
    acts_for_away().problem(403, "permission.denied");
    // Whatever the register says, who is of another unit acts for nobody here.
    delegated(&head, &deputy_id);
    acts().ok();
    let (unit, person) = ("SELECT id FROM unit WHERE code = 'df-audit'", city().id_literal(&deputy_id));
    city().sql(&format!("UPDATE person SET unit_id = ({unit}) WHERE id = {person}")).expect("the statement runs");
    acts().problem(403, "permission.denied");
    assert_eq!(deputy.get("/me").ok()["acting_for"], json!([]));
}

#[test]
fn how_far_a_person_has_come_is_for_administrators() {
    let seen = |username: &str| city().person(username).get("/users?unit=df-water").ok()["items"][0].clone();
    for username in ["df-water.handler", "df-water.unit_head", "df-justice.coordinator", "df-justice.audit_admin"] {
        let user = seen(username);
        assert!(user["name"].is_string() && user["roles"].is_array() && user["unit"]["code"] == "df-water", "{user}");
        assert!(["must_change_password", "open_matters", "proposed_roles"].iter().all(|member| user[*member].is_null()), "{username}: {user}");
    }
    for username in ["df-justice.system_admin", "df-justice.security_admin"] {
        let user = seen(username);
        assert!(user["must_change_password"].is_boolean() && user["open_matters"].is_i64(), "{user}");
    }
}

#[test]
fn letters_are_of_one_city() {
    let city_of = |code: &str| format!("(SELECT id FROM jurisdiction WHERE id = (SELECT jurisdiction_id FROM unit WHERE code = '{code}'))");
    let letter = |id: &str, city_id: &str| {
        let id = city().id_literal(id);
        let at = "'2026-01-02T03:04:05+00:00'";
        let columns = "id, topic, payload, created_at, available_at, attempts, dead_at, last_error, jurisdiction_id";
        let row = format!("INSERT INTO outbox ({columns}) VALUES ({id}, 'email', '{{}}', {at}, {at}, 10, {at}, 'mailbox unknown', {city_id})");
        city().sql(&row).expect("the statement runs");
    };
    let (ours, nobodys) = ("01990000-0000-7000-8000-0000000000a1", "01990000-0000-7000-8000-0000000000a2");
    letter(ours, &city_of("df-water"));
    letter(nobodys, "NULL");
    let sees = |username: &str, id: &str| city().person(username).all("/outbox?limit=200").iter().any(|letter| letter["id"] == id);
    assert!(sees("df-justice.system_admin", ours));
    assert!(!sees("xc-justice.system_admin", ours), "another city's letter");
    let replay = |username: &str, id: &str| city().person(username).post(&format!("/outbox/{id}/replay"), &json!({}));
    replay("xc-justice.system_admin", ours).problem(404, "not_found");
    for username in ["df-justice.system_admin", "xc-justice.system_admin"] {
        assert!(!sees(username, nobodys), "a letter of no known city");
        replay(username, nobodys).problem(404, "not_found");
    }
    assert_eq!(replay("df-justice.system_admin", ours).status, 204);
    let gone = format!("DELETE FROM outbox WHERE id IN ({}, {})", city().id_literal(ours), city().id_literal(nobodys));
    city().sql(&gone).expect("the statement runs");
}
