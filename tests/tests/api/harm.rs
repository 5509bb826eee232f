//! Someone with the operator's rights writes to the database by hand: a second holder can't be written, a lost clock is found.

use crate::{
    toy::{LABORATORY, created},
    work_item::{body, handed_out, id},
};
use serde_json::json;
use tests::{city, laboratory};

/// N1: the database itself knows that an open matter has one holder and a closed one none.
#[test]
fn a_second_holder_is_refused_by_the_database() {
    let city = city();
    let matter = handed_out("数据库约束保证只有一个承办单位");
    let literal = city.id_literal(&matter);
    let new_id = if city.database_url.starts_with("sqlite") { "randomblob(16)" } else { "gen_random_uuid()" };
    let unit = "(SELECT id FROM unit WHERE code = 'df-water')";
    let harm = [
        (
            "a second holding",
            format!(
                "INSERT INTO holding (id, matter_id, unit_id, from_at, to_at) SELECT {new_id}, matter_id, {unit}, from_at, NULL FROM holding WHERE matter_id = {literal} AND to_at IS NULL"
            ),
        ),
        ("an open matter that nobody holds", format!("UPDATE matter SET holder_unit_id = NULL WHERE id = {literal}")),
        ("a closed matter that is held", format!("UPDATE matter SET is_open = NOT is_open WHERE id = {literal}")),
        (
            "a second hand-over under way",
            format!(
                "INSERT INTO handover (id, matter_id, from_unit_id, to_unit_id, state, refusable, sent_at, refuse_until) SELECT {new_id}, matter_id, from_unit_id, {unit}, 'sent', refusable, sent_at, refuse_until FROM handover WHERE matter_id = {literal} AND state = 'sent'"
            ),
        ),
        (
            "a person without a unit",
            format!("UPDATE matter SET is_open = false, holder_unit_id = NULL, holder_person_id = created_by WHERE id = {literal}"),
        ),
    ];
    for (what, statement) in harm {
        let refused = city.sql(&statement).expect_err(what).to_lowercase();
        assert!(refused.contains("constraint") || refused.contains("duplicate key"), "{what}: {refused}");
    }
    assert_eq!(city.sql(&format!("SELECT COUNT(*) FROM holding WHERE matter_id = {literal} AND to_at IS NULL")), Ok("1".into()));
    assert_eq!(city.person("df-market.liaison_officer").act(&matter, "receive", json!({})).ok()["state"], "in_progress");
}

/// N16.
#[test]
fn a_clock_deleted_by_hand_is_found_by_name() {
    let laboratory = laboratory(LABORATORY).alone();
    let office = laboratory.person("df-justice.coordinator");
    let matter = created(&office, "work_item", &body(&office, "时限记录被人手工删除的任务"), true);
    let (id, number) = (id(&matter), matter["number"].as_str().unwrap_or_default().to_owned());
    assert_eq!(office.get("/conservation").ok()["violations"], json!([]));
    laboratory.sql(&format!("DELETE FROM clock WHERE matter_id = {}", laboratory.id_literal(&id))).expect("the operator may write");
    let report = office.get("/conservation").ok();
    let violations = report["violations"].as_array().cloned().unwrap_or_default();
    assert!(!violations.is_empty() && violations.iter().all(|violation| violation["number"] == json!(number)), "{violations:#?}");
    assert!(violations.iter().any(|violation| violation["invariant"] == "live_clock" && violation["matter"] == json!(id)), "{violations:#?}");
    let output = laboratory.command_line(&["conservation"]).expect("`liandong conservation` starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(&number) && said.contains("live_clock"), "{said}");
    // Leave the laboratory sound.
    office.act(&id, "void", json!({ "reason_text": "时限记录已丢失，作废后重新交办" })).ok();
    assert_eq!(office.get("/conservation").ok()["violations"], json!([]));
}
