//! What proves that nothing was lost or altered.

use crate::work_item::handed_out;
use serde_json::json;
use tests::city;

#[test]
fn the_chain_verifies_while_people_work() {
    let id = handed_out("留下一串可核验流转记录的任务");
    city()
        .person("df-market.liaison_officer")
        .act(&id, "receive", json!({}))
        .ok();
    let output = city()
        .command_line(&["verify"])
        .expect("`liandong verify` starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

#[test]
fn every_open_matter_has_one_holder_and_a_live_clock() {
    handed_out("守恒检查时正在流转的一项任务");
    let output = city()
        .command_line(&["conservation"])
        .expect("`liandong conservation` starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let report = city()
        .person("df-justice.coordinator")
        .get("/conservation")
        .ok();
    assert!(
        report["checked"]
            .as_i64()
            .is_some_and(|checked| checked > 0),
        "{report}"
    );
    assert_eq!(report["violations"], json!([]), "{report}");
}

#[test]
fn the_history_is_a_chain() {
    let id = handed_out("逐条核对流转记录顺序的任务内容");
    let officer = city().person("df-market.liaison_officer");
    officer.act(&id, "receive", json!({})).ok();
    let mut events = officer.all(&format!("/matters/{id}/events"));
    events.reverse();
    for (index, event) in events.iter().enumerate() {
        assert_eq!(event["seq"], json!(index + 1), "{event}");
        let hash = event["hash"].as_str().unwrap_or_default();
        assert!(
            hash.len() == 64 && hash.chars().all(|c| c.is_ascii_hexdigit()),
            "SM3 has 256 bits: {event}"
        );
    }
}

#[test]
fn the_document_describes_the_server() {
    let output = city()
        .command_line(&["openapi"])
        .expect("`liandong openapi` starts");
    assert!(output.status.success());
    let printed: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("the document is JSON");
    assert!(
        printed["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1"))
    );
    for path in [
        "/api/v1/auth/login",
        "/api/v1/matters",
        "/api/v1/matters/{id}/actions/{action}",
        "/api/v1/imports",
        "/api/v1/calendars/compute",
    ] {
        assert!(
            printed["paths"][path].is_object(),
            "{path} is not described"
        );
    }
    // It lies outside `/api/v1`.
    let served = city().send("GET", "/../../openapi.json", |request| request);
    assert_eq!(served.json(), printed);
}
