//! The deadline calculator, which is the code that runs the clocks.

use serde_json::{Value, json};
use tests::city;

#[track_caller]
fn due(start: &str, amount: u32, unit: &str, more: Value) -> Value {
    let mut request = json!({ "start": start, "amount": amount, "unit": unit });
    if let (Some(request), Some(more)) = (request.as_object_mut(), more.as_object()) {
        request.extend(more.clone());
    }
    city().person("df-market.handler").post("/calendars/compute", &request).ok()
}

#[test]
fn days_are_counted_as_the_law_counts() {
    let rolls = json!({ "rolls_if_holiday": true });
    // Civil Code, articles 200 to 203; holidays of 2026 with their make-up working days.
    assert_eq!(due("2026-09-27", 2, "months", rolls.clone())["due"], "2026-11-27");
    assert_eq!(due("2026-08-01", 2, "months", rolls.clone())["due"], "2026-10-08", "the last day falls into the National Day holiday");
    assert_eq!(due("2026-09-27", 6, "working_days", json!({}))["due"], "2026-10-10", "a Saturday that is worked counts");
    let february = due("2026-08-31", 6, "months", rolls);
    assert_eq!(february["due"], "2027-03-01", "there is no 31 February, and the 28th is a Sunday");
    assert_eq!(february["provisional"], true, "the calendar of 2027 is not announced yet");
    assert_eq!(due("2026-11-24", 15, "natural_days", json!({}))["due"], "2026-12-09");
    assert_eq!(due("2026-11-24", 15, "natural_days", json!({ "counts_first_day": true }))["due"], "2026-12-08");
}

#[test]
fn pauses_and_extensions_are_explained() {
    let answer = due(
        "2026-11-24",
        15,
        "natural_days",
        json!({ "pauses": [{ "from": "2026-12-01", "to": "2026-12-03" }], "extensions": [{ "amount": 25, "unit": "natural_days" }] }),
    );
    assert_eq!(answer["due"], "2027-01-06");
    assert!(answer["steps"].as_array().is_some_and(|steps| steps.len() >= 4), "{answer}");
    assert!(answer["calendar_edition"].as_str().is_some_and(|edition| !edition.is_empty()));
}

#[test]
fn hours_run_through_the_night() {
    let answer = due("2026-11-24T20:00:00+08:00", 24, "hours", json!({}));
    let due = answer["due"].as_str().unwrap_or_default();
    assert!(due.starts_with("2026-11-25T20:00:00") || due.starts_with("2026-11-25T12:00:00Z"), "{due}");
}

#[test]
fn what_cannot_be_counted_names_the_field() {
    let person = city().person("df-market.handler");
    let compute = |request: Value| person.post("/calendars/compute", &request);
    assert_eq!(compute(json!({ "start": "2026-02-30", "amount": 1, "unit": "months" })).status, 422);
    compute(json!({ "start": "2026-11-24", "amount": 0, "unit": "months" })).fault("/amount", "validation.range");
    compute(json!({ "start": "2026-11-24", "amount": 24, "unit": "hours" })).fault("/start", "validation.format");
    compute(json!({ "start": "2026-11-24", "amount": 1, "unit": "months", "colour": "red" })).fault("/colour", "validation.unknown_field");
}

#[test]
fn a_due_date_explains_itself() {
    let id = crate::work_item::handed_out("说明时限如何计算的一项任务内容");
    let officer = city().person("df-market.liaison_officer");
    let matter = officer.matter(&id);
    let clocks = matter["clocks"].as_array().cloned().unwrap_or_default();
    assert!(clocks.iter().any(|clock| clock["main"] == true), "{clocks:#?}");
    for clock in clocks {
        let explained = officer.get(&format!("/matters/{id}/clocks/{}", clock["id"].as_str().unwrap_or_default())).ok();
        assert_eq!(explained["clock"]["due"]["date"], clock["due"]["date"]);
        assert!(explained["sentences"].as_array().is_some_and(|sentences| !sentences.is_empty()), "{explained}");
        assert!(explained["calendar_edition"].is_string() && explained["rule"].is_object(), "{explained}");
    }
}

/// 放假通知 of a year to come, as its officer types it.
fn noticed(holidays: Value) -> Value {
    json!({ "year": 2027, "title": "国务院办公厅关于2027年部分节假日安排的通知", "number": "国办发明电〔2026〕1号", "holidays": holidays })
}

#[test]
fn a_notice_gives_an_edition_to_look_at() {
    let administrator = city().person("df-justice.system_admin");
    let spring = json!([
        { "name": "元旦", "first": "2026-12-31", "last": "2027-01-02", "make_up_workdays": ["2027-01-03"] },
        { "name": "春节", "first": "2027-02-05", "last": "2027-02-11", "make_up_workdays": ["2027-02-20"] },
    ]);
    let before = administrator.get("/calendars").ok();
    let kept = administrator.post("/calendars/notices", &noticed(spring));
    assert_eq!(kept.status, 201, "{kept}");
    let kept = kept.json();
    assert_eq!(kept["state"], "previewed");
    assert!(kept["edition"].as_str().is_some_and(|code| code.starts_with("cn-2027.")), "{kept}");
    assert_eq!(administrator.get("/calendars").ok(), before, "a preview moves nothing");
}

#[test]
fn what_is_wrong_with_a_notice_is_said_at_its_place() {
    let administrator = city().person("df-justice.system_admin");
    let post = |holidays: Value| administrator.post("/calendars/notices", &noticed(holidays));
    post(json!([])).fault("/holidays", "validation.required");
    post(json!([{ "name": "春节", "first": "2027-02-11", "last": "2027-02-05" }])).fault("/holidays/0/last", "validation.date_order");
    post(json!([{ "name": "春节", "first": "2025-02-05", "last": "2027-02-05" }])).fault("/holidays/0/first", "calendar.outside_year");
    post(json!([{ "name": "春节", "first": "2027-02-30", "last": "2027-03-05" }])).fault("/holidays/0/first", "validation.type");
    let worked = |day: &str| post(json!([{ "name": "春节", "first": "2027-02-05", "last": "2027-02-11", "make_up_workdays": [day] }]));
    worked("2027-02-15").fault("/holidays/0/make_up_workdays/0", "calendar.no_weekend");
    worked("2027-02-06").fault("/holidays/0/make_up_workdays/0", "calendar.day_twice");
    administrator.post("/calendars/notices", &json!({ "year": 2027 })).fault("/title", "validation.required");
}
