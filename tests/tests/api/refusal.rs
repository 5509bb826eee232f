//! A task nobody wants: refused twice, ruled once, and then kept (DESIGN.md §5.4).

use crate::work_item::{day, handed_out};
use serde_json::json;
use tests::city;

#[test]
fn two_refusals_end_in_a_ruling_that_binds() {
    let city = city();
    let office = city.person("df-justice.coordinator");
    let market = city.person("df-market.unit_head");
    let water = city.person("df-water.unit_head");
    let id = handed_out("清理废弃矿坑积水并设置警示标志");
    let due = day(&office, 80);

    let bare = json!({ "reason_code": "not_competent", "reason_text": "废弃矿坑的治理不属于我局职责" });
    market.act(&id, "refuse", bare).problem(422, "handover.grounds_required");
    let unknown = json!({ "reason_code": "busy", "reason_text": "近期人手不足无法承办此事项" });
    market.act(&id, "refuse", unknown).fault("/input/reason_code", "validation.enum");
    let refusal = json!({ "reason_code": "not_competent", "suggested_unit": "df-water", "reason_text": "废弃矿坑的治理不属于我局职责" });
    assert_eq!(city.person("df-market.handler").act(&id, "refuse", refusal.clone()).status, 403, "a handler does not refuse for the bureau");
    let returned = market.act(&id, "refuse", refusal).ok();
    assert_eq!(returned["state"], "returned");
    assert_eq!(returned["holder"]["unit"]["code"], "df-justice");
    assert_eq!(returned["due_at"], json!(due), "a refusal does not stop the clock");

    office.act(&id, "resend", json!({ "unit": "df-justice" })).problem(422, "validation.self_handover");
    let sent = office.act(&id, "resend", json!({ "unit": "df-water", "note": "请水利局承办" })).ok();
    assert_eq!(sent["state"], "sent");
    assert_eq!(sent["body"]["lead_unit"], "df-water");

    let refusal =
        json!({ "reason_code": "not_competent", "duty_reference": "三定规定第二条第五项", "reason_text": "积水来自矿坑而非河道，应由他局承办" });
    let ruling = water.act(&id, "refuse", refusal).ok();
    assert_eq!(ruling["state"], "ruling");
    assert_eq!(ruling["holder"]["unit"]["code"], "df-justice");

    let grounds = "矿坑积水与河道水系相连，依职责清单由市场监管局牵头、水利局配合";
    office.act(&id, "rule", json!({ "unit": "df-market", "grounds": "太短" })).fault("/input/grounds", "validation.length");
    let ruled = office.act(&id, "rule", json!({ "unit": "df-market", "grounds": grounds, "tags": ["矿坑"] })).ok();
    assert_eq!(ruled["state"], "sent");
    assert_eq!(ruled["holder"]["unit"]["code"], "df-market");
    assert_eq!(ruled["due_at"], json!(due));

    let seen = market.matter(&id);
    let refuse = seen["actions"].as_array().and_then(|actions| actions.iter().find(|action| action["action"] == "refuse")).cloned();
    let refuse = refuse.expect("what is not possible stays visible");
    assert_eq!(refuse["enabled"], false);
    assert!(refuse["reason"]["zh"].as_str().is_some_and(|reason| !reason.is_empty()));
    let again = json!({ "reason_code": "not_competent", "suggested_unit": "df-water", "reason_text": "我局仍认为不属于职责范围" });
    market.act(&id, "refuse", again).problem(409, "handover.refusal_exhausted");
    assert_eq!(market.act(&id, "receive", json!({})).ok()["state"], "in_progress");

    let detail = office.matter(&id);
    let handovers = detail["handovers"].as_array().map(Vec::len);
    assert_eq!(handovers, Some(3), "every hand-over is kept: {}", detail["handovers"]);
}

#[test]
fn a_hand_over_not_yet_received_can_be_recalled() {
    let id = handed_out("统计各单位专职联络员的到岗情况");
    let office = city().person("df-justice.coordinator");
    let recalled = office.act(&id, "recall", json!({ "reason_text": "发错了单位，重新确定牵头单位" })).ok();
    assert_eq!(recalled["state"], "draft");
    assert!(!city().person("df-market.liaison_officer").has_in_box("todo", &id));
}

/// The office takes a task from its lead: what the office decided is not the old lead's to undo.
#[test]
fn a_change_of_lead_is_the_offices_to_recall() {
    let city = city();
    let (office, market, water) =
        (city.person("df-justice.coordinator"), city.person("df-market.liaison_officer"), city.person("df-water.liaison_officer"));
    let id = handed_out("排查河道两岸食品摊点的排水去向");
    market.act(&id, "receive", json!({})).ok();
    let changed = json!({ "unit": "df-water", "reason_text": "排水去向以河道为主，改由水利局牵头" });
    let sent = office.act(&id, "change_lead", changed).ok();
    assert_eq!((&sent["state"], &sent["holder"]["unit"]["code"]), (&json!("sent"), &json!("df-water")));
    let last = sent["handovers"].as_array().and_then(|all| all.iter().find(|one| one["state"] == "sent")).cloned().unwrap_or_default();
    assert_eq!(last["from"]["code"], "df-justice", "sent by whose step it was: {last}");
    let reason = json!({ "reason_text": "原牵头单位想把任务拿回来" });
    market.act(&id, "recall", reason.clone()).problem(403, "permission.denied");
    let recall = market.matter(&id)["actions"].as_array().and_then(|all| all.iter().find(|one| one["action"] == "recall")).cloned();
    assert!(recall.is_none_or(|recall| recall["enabled"] == false && recall["who"].is_object()));

    // The office may, and then decides anew; the task does not fall back into work that nobody received.
    let recalled = office.act(&id, "recall", reason).ok();
    assert_eq!((&recalled["state"], &recalled["holder"]["unit"]["code"]), (&json!("returned"), &json!("df-justice")));
    let again = office.act(&id, "resend", json!({ "unit": "df-water" })).ok();
    assert_eq!((&again["state"], &again["body"]["lead_unit"]), (&json!("sent"), &json!("df-water")));
    let refusal = json!({ "reason_code": "not_competent", "suggested_unit": "df-market", "reason_text": "摊点的排水由市场监管部门一并管理" });
    let returned = water.act(&id, "refuse", refusal).ok();
    assert_eq!((&returned["state"], &returned["holder"]["unit"]["code"]), (&json!("returned"), &json!("df-justice")), "it returns to who sent it");
    assert_eq!(returned["due_at"], json!(day(&office, 80)));
}
