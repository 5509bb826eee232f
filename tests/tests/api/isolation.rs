//! What one may not see does not exist.

use crate::work_item::handed_out;
use serde_json::json;
use tests::city;

#[test]
fn the_second_city_sees_nothing_of_the_first() {
    let id = handed_out("只属于登封的一项任务，不得外泄");
    let stranger = city().person("xc-justice.coordinator");
    for path in [
        "",
        "/events",
        "/attachments",
        "/comments",
        "/notes",
        "/links",
        "/access",
    ] {
        stranger
            .get(&format!("/matters/{id}{path}"))
            .problem(404, "not_found");
    }
    stranger
        .act_on(
            &id,
            Some(1),
            "urge",
            &json!({ "text": "请尽快办理" }),
            "stranger-urges",
        )
        .problem(404, "not_found");
    let units = stranger.get("/units").ok();
    assert!(units.as_array().is_some_and(|units| !units.is_empty()
        && units.iter().all(|unit| {
            unit["code"]
                .as_str()
                .is_some_and(|code| code.starts_with("xc-"))
        })));
    let matters = stranger.all("/matters?limit=200");
    assert!(
        matters.iter().all(|item| item["originator"]["code"]
            .as_str()
            .is_some_and(|code| code.starts_with("xc-"))),
        "{matters:#?}"
    );
    assert!(stranger.all("/search?q=登封").is_empty());
    assert!(stranger.all("/users?limit=200").iter().all(|user| {
        user["unit"]["code"]
            .as_str()
            .is_some_and(|code| code.starts_with("xc-"))
    }));
    let export = stranger.get("/exports/matters.xlsx?q=不得外泄");
    assert_eq!(export.status, 200);
}

#[test]
fn administrators_have_no_business_data() {
    let id = handed_out("系统管理员看不到的一项任务");
    for role in ["system_admin", "security_admin", "audit_admin"] {
        let administrator = city().person(&format!("df-justice.{role}"));
        administrator
            .get("/matters")
            .problem(403, "permission.denied");
        assert!(
            matches!(
                administrator.get(&format!("/matters/{id}")).status,
                403 | 404
            ),
            "{role}"
        );
    }
    city()
        .person("df-justice.coordinator")
        .get("/audit")
        .problem(403, "permission.denied");
    city().person("df-justice.audit_admin").get("/audit").ok();
}

#[test]
fn notes_stay_in_the_unit() {
    let id = handed_out("各单位可以为自己记下备忘的任务");
    let officer = city().person("df-market.liaison_officer");
    officer
        .post(
            &format!("/matters/{id}/notes"),
            &json!({ "text": "先问一下法规科的意见" }),
        )
        .ok();
    assert!(
        officer
            .get(&format!("/matters/{id}/notes"))
            .text()
            .contains("法规科")
    );
    assert!(
        !city()
            .person("df-justice.coordinator")
            .get(&format!("/matters/{id}/notes"))
            .text()
            .contains("法规科")
    );
}
