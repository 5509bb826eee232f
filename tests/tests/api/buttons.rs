//! N15: every grey button says why or who could, and the server keeps to what the buttons say. Over all states of the shipped kinds
//! and people of all roles; nothing is changed on the way: a step that may be taken is asked with a field it does not have.

use crate::work_item::{body, completed, day, handed_out, id};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tests::{Person, city};

const PEOPLE: [&str; 9] = [
    "df-justice.coordinator",
    "df-justice.unit_head",
    "df-market.unit_head",
    "df-market.liaison_officer",
    "df-market.handler",
    "df-market.prosecutor_assistant",
    "df-water.liaison_officer",
    "df-water.handler",
    "df-procuratorate.prosecutor",
];

fn refusal() -> Value {
    json!({ "reason_code": "not_competent", "suggested_unit": "df-water", "reason_text": "该事项不属于我单位的职责范围" })
}

/// A task in each of its states, by the steps people take.
fn tasks(office: &Person, officer: &Person) -> Vec<String> {
    let act = |person: &Person, id: &str, action: &str, input: Value| drop(person.act(id, action, input).ok());
    let task = |n: &str, steps: &dyn Fn(&str)| {
        let mut body = body(office, &format!("按钮与服务器一致性检查{n}"));
        body["co_units"] = json!(["df-water"]);
        let id = id(&office
            .post("/matters", &json!({ "kind": "work_item", "body": body, "domains": ["other"], "not_secret": true, "submit": n != "草稿" }))
            .ok());
        steps(&id);
        id
    };
    let received = |id: &str| act(officer, id, "receive", json!({}));
    let reported = |id: &str| {
        received(id);
        let result = json!({ "result": "任务已经全部完成，相关清单已经建立并移交", "co_units_note": "协办单位口头反馈" });
        completed("df-market", id, &result).ok();
    };
    let returned = |id: &str| act(&city().person("df-market.unit_head"), id, "refuse", refusal());
    vec![
        task("草稿", &|_| {}),
        task("待签收", &|_| {}),
        task("办理中", &received),
        task("延期审批中", &|id| {
            received(id);
            let later = json!({ "new_due": day(office, 90), "reason_code": "policy", "reason_text": "等待上级部门修订统一的格式" });
            act(&city().person("df-market.unit_head"), id, "request_extension", later);
        }),
        task("待验收", &reported),
        task("整改中", &|id| {
            reported(id);
            act(office, id, "return_for_rework", json!({ "defects": ["清单缺页"], "rework_days": 5 }));
        }),
        task("已销号", &|id| {
            reported(id);
            act(office, id, "accept", json!({ "grade": "done", "opinion": "同意销号" }));
        }),
        task("已退回", &returned),
        task("待裁定", &|id| {
            returned(id);
            act(office, id, "resend", json!({ "unit": "df-water" }));
            act(&city().person("df-water.unit_head"), id, "refuse", refusal());
        }),
        task("已撤回", &|id| {
            returned(id);
            act(office, id, "withdraw", json!({ "reason_text": "任务不再需要，撤回办结" }));
        }),
        task("已撤销", &|id| act(office, id, "cancel", json!({ "decision_ref": "会议纪要第5号", "reason_text": "任务不再需要，予以撤销" }))),
        task("已作废", &|id| act(office, id, "void", json!({ "reason_text": "录入有误，予以作废处理" }))),
    ]
}

/// A list in each of its states.
fn lists(office: &Person) -> Vec<String> {
    let steps: [(&str, Value); 6] = [
        ("submit", json!({})),
        ("consult", json!({})),
        ("close_consult", json!({})),
        ("send_to_meeting", json!({ "meeting_ref": "联席会议第3次会议" })),
        ("approve", json!({ "approval": "联席会议纪要第3号" })),
        ("publish", json!({ "paper_number": "联办〔2026〕3号" })),
    ];
    (0..=steps.len())
        .map(|taken| {
            let mut item = body(office, &format!("清单中的任务，取第{taken}个状态"));
            item["co_units"] = json!([]);
            let list = json!({ "year_from": 2040 + taken, "year_to": 2041 + taken, "consulted": ["df-market"], "items": [item] });
            let new = json!({ "kind": "work_list", "title": format!("按钮检查用的第{taken}份清单"), "body": list, "domains": ["other"], "not_secret": true, "submit": false });
            let id = id(&office.post("/matters", &new).ok());
            for (action, input) in steps.iter().take(taken) {
                office.act(&id, action, input.clone()).ok();
            }
            id
        })
        .collect()
}

#[test]
fn the_server_keeps_to_what_the_buttons_say() {
    let city = city();
    let (office, officer) = (city.person("df-justice.coordinator"), city.person("df-market.liaison_officer"));
    let declared: BTreeMap<&str, Value> =
        ["work_item", "work_list"].into_iter().map(|kind| (kind, office.get(&format!("/kinds/{kind}")).ok())).collect();
    let mut states: BTreeSet<(String, String)> = BTreeSet::new();
    let (mut enabled_seen, mut disabled_seen) = (0, 0);
    for id in tasks(&office, &officer).into_iter().chain(lists(&office)) {
        for person in PEOPLE.map(|name| city.person(name)) {
            let answer = person.get(&format!("/matters/{id}"));
            if answer.status == 404 {
                continue;
            }
            let matter = answer.ok();
            let kind = matter["kind"].as_str().unwrap_or_default().to_owned();
            states.insert((kind.clone(), matter["state"].as_str().unwrap_or_default().to_owned()));
            let context = |action: &str| format!("{} in {} {}: {action}", person.username, kind, matter["state"]);
            let version = matter["version"].as_i64();
            let ask = |action: &str, input: Value| person.act_on(&id, version, action, &input, &format!("button-{}", unique()));
            let mut shown = BTreeSet::new();
            for action in matter["actions"].as_array().into_iter().flatten() {
                let name = action["action"].as_str().unwrap_or_default();
                shown.insert(name.to_owned());
                if action["enabled"] == true {
                    enabled_seen += 1;
                    let answer = ask(name, json!({ "no_such_field": 1 }));
                    assert!(answer.status == 422 && answer.json()["code"] == "validation.unknown_field", "{}: {answer}", context(name));
                } else {
                    disabled_seen += 1;
                    let says = |of: &str| ["zh", "en"].iter().all(|lang| action[of][lang].as_str().is_some_and(|text| !text.trim().is_empty()));
                    assert!(says("reason") || says("who"), "{}: a grey button says nothing: {action}", context(name));
                    let answer = ask(name, json!({}));
                    assert!(matches!(answer.status, 403 | 409) || is_guard(&answer.json()), "{}: {answer}", context(name));
                }
            }
            assert_eq!(person.matter(&id)["version"].as_i64(), version, "nothing was changed by asking");
            // What is not shown can't be done either. It is hidden by the state, not by who looks: two are enough.
            if !["df-justice.coordinator", "df-market.liaison_officer"].contains(&person.username.as_str()) {
                continue;
            }
            let steps = declared[kind.as_str()]["steps"].as_array().cloned().unwrap_or_default();
            let hidden: BTreeSet<&str> = steps.iter().filter_map(|step| step["action"].as_str()).filter(|action| !shown.contains(*action)).collect();
            for action in hidden {
                let answer = ask(action, json!({}));
                assert!(matches!(answer.status, 403 | 409), "{}: {answer}", context(action));
            }
        }
    }
    // All states but those that only the passing of recurring periods or supplements reach.
    for (kind, declared) in &declared {
        let missing: Vec<&str> = declared["states"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|state| state["code"].as_str())
            .filter(|state| !states.contains(&((*kind).to_owned(), (*state).to_owned())))
            .filter(|state| !matches!((*kind, *state), (_, "discarded") | ("work_list", "archived" | "cancelled" | "voided")))
            .collect();
        assert!(missing.is_empty(), "{kind} was not looked at in {missing:?}");
    }
    assert!(enabled_seen > 150 && disabled_seen > 150, "{enabled_seen} enabled, {disabled_seen} grey");
    handed_out("按钮检查之后一切如常的任务");
}

/// A guard with a code of its own, which may be a 422 with a pointer.
fn is_guard(problem: &Value) -> bool {
    ["handover.grounds_required", "validation.lead_in_co_units", "clock.extension_over_cap"].iter().any(|code| problem["code"] == *code)
}

fn unique() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
