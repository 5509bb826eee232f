//! Whoever begins by sending the contract's examples gets what they ask for.

use crate::work_item::id;
use serde_json::{Value, json};
use tests::city;

/// The request example of an operation, as the running server publishes it.
pub fn example(operation: &str) -> Value {
    let document = city().get_outside("/openapi.json", |request| request).json();
    let operations = document["paths"].as_object().into_iter().flatten().flat_map(|(_, item)| item.as_object().into_iter().flatten());
    let found = operations.map(|(_, declared)| declared).find(|declared| declared["operationId"] == operation);
    found.and_then(|declared| declared.pointer("/requestBody/content/application~1json/example")).cloned().unwrap_or_else(|| panic!("{operation}"))
}

#[test]
fn the_examples_of_the_contract_are_accepted() {
    let city = city();
    let (office, market) = (city.person("df-justice.coordinator"), city.person("df-market.liaison_officer"));
    let mut wanted = example("create_matter");
    // The example's day stays a day to come.
    wanted["body"]["due_date"] = json!(crate::work_item::day(&office, 60));
    let matter = office.post("/matters", &wanted);
    assert_eq!(matter.status, 201, "{matter}");
    let id = id(&matter.json());
    let path = format!("/matters/{id}");
    office.patch(&path, Some(1), &example("edit")).ok();
    office.act(&id, "submit", json!({})).ok();
    for (operation, below) in [("add_comment", "comments"), ("add_note", "notes")] {
        assert_eq!(office.post(&format!("{path}/{below}"), &example(operation)).status, 201, "{operation}");
    }
    let mut link = example("link");
    link["matter"] = office.get("/matters?limit=1").ok()["items"][0]["id"].clone();
    if link["matter"] == json!(id) {
        link["matter"] = office.get("/matters?limit=2").ok()["items"][1]["id"].clone();
    }
    assert_eq!(office.post(&format!("{path}/links"), &link).status, 201, "{link}");
    let mut bulk = example("bulk");
    bulk["matters"] = json!([id]);
    assert_eq!(office.post("/matters/bulk", &bulk).ok()[0]["ok"], true);
    market.act(&id, "receive", json!({})).ok();
    market.act(&id, "report_progress", example("act")["input"].clone()).ok();
    office.post("/calendars/compute", &example("compute")).ok();
    assert_eq!(office.post("/saved-views", &example("save_view")).status, 201);
    assert_eq!(office.post("/feedback", &example("give_feedback")).status, 201);
    for (path, operation) in [("/calendars/editions", "preview"), ("/calendars/notices", "holiday_notice")] {
        let preview = city.person("df-justice.system_admin").post(path, &example(operation));
        assert_eq!(preview.status, 201, "{preview}");
    }
}
