//! The yearly list: drafted, consulted, approved, published, adjusted, archived (domain.md §2.1.2), as those see it who take part.

use crate::work_item::{body, completed, day, id};
use serde_json::{Value, json};
use tests::{Answer, Person, city};

const LAST: &str = "资料齐全，予以销号";

fn item(office: &Person, content: &str, lead: &str) -> Value {
    let mut item = body(office, content);
    item["lead_unit"] = json!(lead);
    item
}

/// A new list, still a draft. Years are the tests' own: one list a year is published.
fn draft(office: &Person, years: (i64, i64), items: &Value) -> Answer {
    let list = json!({ "year_from": years.0, "year_to": years.1, "consulted": ["df-market", "df-water"], "items": items });
    office.post("/matters", &json!({ "kind": "work_list", "title": format!("{}年度府检联动工作清单", years.0), "body": list, "domains": ["other"], "not_secret": true, "submit": false }))
}

/// From the draft to a state, with nobody saying anything about it.
fn brought_to(office: &Person, id: &str, last: &str) {
    let steps: [(&str, Value); 6] = [
        ("submit", json!({})),
        ("consult", json!({})),
        ("close_consult", json!({})),
        ("send_to_meeting", json!({ "meeting_ref": "联席会议第3次会议" })),
        ("approve", json!({ "approval": "联席会议纪要第3号" })),
        ("publish", json!({ "paper_number": "联办〔2026〕3号" })),
    ];
    for (action, input) in steps {
        office.act(id, action, input).ok();
        if action == last {
            return;
        }
    }
}

fn children(person: &Person, list: &str) -> Vec<Value> {
    person.all(&format!("/matters?parent={list}&sort=number&limit=2"))
}

/// A task of a list by its text.
fn task<'a>(tasks: &'a [Value], words: &str) -> &'a Value {
    tasks
        .iter()
        .find(|task| task["title"].as_str().is_some_and(|title| title.contains(words)))
        .unwrap_or_else(|| panic!("no task {words}: {tasks:#?}"))
}

#[test]
fn a_list_goes_from_draft_to_archive() {
    let city = city();
    let (office, market, water) =
        (city.person("df-justice.coordinator"), city.person("df-market.liaison_officer"), city.person("df-water.liaison_officer"));
    let court = city.person("df-court.liaison_officer");
    let items = json!([
        item(&office, "清单甲：开展冷链食品仓库核查", "df-market"),
        item(&office, "清单甲：清理河道违章搭建物", "df-water"),
        item(&office, "清单甲：建立文物巡查台账", "df-heritage"),
        item(&office, "清单甲：规范校外培训机构名单", "df-education"),
    ]);
    let list = id(&draft(&office, (2051, 2052), &items).ok());
    market.get(&format!("/matters/{list}")).problem(404, "not_found");
    office.act(&list, "submit", json!({})).ok();
    // What nobody was asked about does not go to the conference.
    office.act(&list, "send_to_meeting", json!({ "meeting_ref": "联席会议" })).problem(409, "workflow.action_unavailable");
    office.act(&list, "consult", json!({})).ok();
    court.get(&format!("/matters/{list}")).problem(404, "not_found");
    city.person("df-procuratorate.prosecutor").get(&format!("/matters/{list}")).ok();

    assert!(market.has_in_box("todo", &list) && water.has_in_box("todo", &list));
    let remark = "第一项时限偏紧，建议推迟两个月";
    let remarked = |item: &str| market.act(&list, "comment_formal", json!({ "verdict": "remarks", "remarks": [{ "item": item, "remark": remark }] }));
    market.act(&list, "comment_formal", json!({ "verdict": "remarks" })).fault("/input/remarks", "validation.required");
    remarked("清单里没有的任务").fault("/input/remarks/0/item", "validation.enum");
    let first = "清单甲：开展冷链食品仓库核查";
    remarked(first).ok();
    assert!(!market.has_in_box("todo", &list));
    office.act(&list, "close_consult", json!({})).fault("/input/adoptions", "validation.required");
    let unreasoned = json!({ "adoptions": [{ "unit": "df-market", "item": first, "remark": remark, "adopted": "no" }] });
    office.act(&list, "close_consult", unreasoned).fault("/input/adoptions/0/reason", "validation.required");
    // What is answered is what was said, nothing else.
    let other = json!({ "adoptions": [{ "unit": "df-market", "item": first, "remark": "时限合适", "adopted": "yes" }] });
    office.act(&list, "close_consult", other).fault("/input/adoptions/0", "validation.enum");
    let adoptions = json!([{ "unit": "df-market", "item": first, "remark": remark, "adopted": "partly", "reason": "推迟一个月" }]);
    let revising = office.act(&list, "close_consult", json!({ "adoptions": adoptions })).ok();
    assert_eq!((&revising["state"], &revising["body"]["adoptions"]), (&json!("revising"), &adoptions));
    let silent = revising["asks"].as_array().into_iter().flatten().find(|ask| ask["unit"]["code"] == "df-water").expect("water was asked");
    assert_eq!(silent["state"], "lapsed", "silence is no consent");
    office.act(&list, "send_to_meeting", json!({ "meeting_ref": "联席会议第5次会议" })).ok();
    office.act(&list, "approve", json!({ "approval": "联席会议纪要第5号" })).ok();
    let published = office.act(&list, "publish", json!({ "paper_number": "联办〔2051〕1号" })).ok();
    assert_eq!((&published["state"], &published["body"]["edition"]), (&json!("published"), &json!(1)));

    // Members see the published list, and of its tasks their own.
    assert_eq!(court.matter(&list)["participates"], false, "a member reads");
    assert!(court.has_in_box("cc", &list));
    assert!(children(&court, &list).is_empty());
    let tasks = children(&office, &list);
    assert_eq!(tasks.len(), 4);
    assert!(tasks.iter().all(|task| task["state"] == "sent"));
    assert_eq!(office.matter(&list)["children_total"], 4);
    assert_eq!(children(&market, &list).len(), 1);

    // The lead of one hasn't received it: an adjustment reaches it all the same.
    for unit in ["df-market", "df-heritage", "df-education"] {
        let officer = city.person(&format!("{unit}.liaison_officer"));
        let own = children(&officer, &list).iter().map(id).next().expect("each has one");
        officer.act(&own, "receive", json!({})).ok();
    }
    let number = |words: &str| task(&tasks, words)["number"].clone();
    let reason = "中期评估后按各单位意见作出调整";
    let propose = |input: Value| market.act(&list, "propose_adjust", input);
    propose(json!({ "adjustment": reason })).problem(409, "workflow.guard_failed");
    let strange = json!({ "removed": [{ "task": "LD-2026-WI-99999" }], "adjustment": reason });
    propose(strange).fault("/input/removed/0/task", "validation.unknown_matter");
    let change = json!({
        "added": [item(&office, "清单甲：新增的预付卡整治任务", "df-commerce")],
        "changed": [{ "task": number("冷链"), "content": "清单甲：开展冷链食品仓库核查并公布结果", "due_date": day(&office, 110) }],
        "moved": [{ "task": number("河道"), "unit": "df-urban" }],
        "removed": [{ "task": number("培训") }],
        "adjustment": reason,
    });
    propose(change.clone()).ok();
    propose(change.clone()).problem(409, "workflow.guard_failed");
    let decided = json!({ "approver": "分管副市长", "approved_on": day(&office, 0), "decision_ref": "联席会议纪要第6号" });
    assert_eq!(market.act(&list, "approve_adjust", decided.clone()).status, 403);
    let adjusted = office.act(&list, "approve_adjust", decided).ok();
    assert_eq!(adjusted["body"]["edition"], 2);
    assert!(adjusted["body"]["adjustment"].is_null() && adjusted["body"]["changed"].is_null(), "nothing is pending: {}", adjusted["body"]);
    let kept = &adjusted["body"]["editions"][0];
    assert_eq!((&kept["edition"], kept["tasks"].as_array().map(Vec::len)), (&json!(1), Some(4)), "{kept}");
    assert!(kept["tasks"].as_array().into_iter().flatten().any(|task| task["title"] == first), "as it was before: {kept}");
    // A member that has none of the tasks reads the editions, too.
    let editions = court.get(&format!("/matters/{list}/editions")).ok();
    let lines = |place: usize| {
        let tasks = editions[place]["tasks"].as_array().into_iter().flatten();
        tasks.map(|task| format!("{} {}", task["title"].as_str().unwrap_or_default(), task["unit"].as_str().unwrap_or_default())).collect::<Vec<_>>()
    };
    assert_eq!((&editions[0]["edition"], &editions[1]["edition"], &editions[1]["kept_on"]), (&json!(1), &json!(2), &Value::Null));
    assert!(lines(0).contains(&"清单甲：清理河道违章搭建物 df-water".to_owned()), "{editions}");
    assert!(lines(1).contains(&"清单甲：清理河道违章搭建物 df-urban".to_owned()), "{editions}");
    assert!(lines(0).iter().any(|line| line.contains("培训")) && !lines(1).iter().any(|line| line.contains("培训")), "dropped: {editions}");
    office.get(&format!("/matters/{}/editions", id(&tasks[0]))).problem(404, "not_found");

    let now = children(&office, &list);
    assert_eq!(now.len(), 5);
    let changed = office.matter(&id(task(&now, "公布结果")));
    assert_eq!(changed["due_at"], json!(day(&office, 110)));
    let events = office.all(&format!("/matters/{}/events", id(&changed)));
    let event = events.iter().find(|event| event["action"] == "adjust").expect("the task's own history has it");
    assert!(event["details"].to_string().contains("联席会议纪要第6号") && event["details"].to_string().contains("原任务内容"), "{event}");
    assert_eq!((&task(&now, "河道")["state"], &task(&now, "河道")["holder"]["unit"]["code"]), (&json!("sent"), &json!("df-urban")));
    assert_eq!(task(&now, "培训")["state"], "cancelled");
    assert_eq!(task(&now, "预付卡")["state"], "sent");

    // Archived once all is done or carried over to the next list.
    let done = json!({ "result": "冷链食品仓库已经全部核查完毕，核查结果已经向社会公布" });
    completed("df-market", &id(&changed), &done).ok();
    office.act(&id(&changed), "accept", json!({ "grade": "done", "opinion": LAST })).ok();
    office.act(&list, "archive", json!({})).problem(409, "workflow.guard_failed");
    office.act(&list, "archive", json!({ "carried_to": "LD-2026-WL-99999" })).fault("/input/carried_to", "validation.unknown_matter");
    let next = id(&draft(&office, (2053, 2053), &json!([item(&office, "清单乙：下一年度的第一项任务", "df-tax")])).ok());
    office.act(&next, "submit", json!({})).ok();
    let next_number = office.matter(&next)["number"].clone();
    let archived = office.act(&list, "archive", json!({ "carried_to": next_number })).ok();
    assert_eq!((&archived["state"], &archived["is_open"]), (&json!("archived"), &json!(false)));
    assert_eq!(archived["body"]["editions"].as_array().map(Vec::len), Some(2), "the last edition is kept too");
    let carried = children(&office, &next);
    assert_eq!(carried.len(), 3, "{carried:#?}");
    assert!(carried.iter().all(|task| task["is_open"] == true));
    let linked = office.get(&format!("/matters/{list}/links")).ok();
    assert_eq!(linked["items"].as_array().map(Vec::len), Some(3), "{linked:#}");
    assert!(linked["items"].as_array().is_some_and(|links| links.iter().all(|link| link["relation"] == "derived_from")));
    let told = office.all(&format!("/matters/{}/events", id(task(&carried, "河道"))));
    assert_eq!(told[0]["label"]["zh"], "结转到下一份清单", "{:#}", told[0]);
    let report = office.get("/conservation").ok();
    assert_eq!(report["violations"], json!([]), "{report:#}");
}

#[test]
fn one_list_a_year_is_published() {
    let office = city().person("df-justice.coordinator");
    let items = |words: &str| json!([item(&office, words, "df-market")]);
    let years = |from: i64, to: i64| draft(&office, (from, to), &items("年度写错了的清单中的任务"));
    for (from, to) in [(2061, 2063), (2062, 2061)] {
        let list = id(&years(from, to).ok());
        office.act(&list, "submit", json!({})).fault("/body/year_to", "validation.range");
    }
    let first = id(&years(2061, 2062).ok());
    office.act(&first, "submit", json!({})).ok();
    let mut wrong = office.matter(&first)["body"].clone();
    wrong["year_to"] = json!(2065);
    let version = office.matter(&first)["version"].as_i64();
    office.patch(&format!("/matters/{first}"), version, &json!({ "body": wrong })).fault("/body/year_to", "validation.range");
    for (action, input) in [("consult", json!({})), ("close_consult", json!({})), ("send_to_meeting", json!({ "meeting_ref": "第3次会议" }))] {
        office.act(&first, action, input).ok();
    }
    office.act(&first, "approve", json!({ "approval": "纪要第3号" })).ok();
    let paper = json!({ "paper_number": "联办〔2061〕1号" });
    office.act(&first, "publish", paper.clone()).ok();
    let second = id(&draft(&office, (2061, 2061), &items("同一年度的第二份清单中的任务")).ok());
    brought_to(&office, &second, "approve");
    office.act(&second, "publish", paper.clone()).problem(409, "duplicate.matter");
    assert!(children(&office, &second).is_empty(), "nothing of it was handed out");
    // A void list leaves its year to another one.
    office.act(&first, "void", json!({ "reason_text": "年度写错，予以作废处理" })).ok();
    office.act(&second, "publish", paper).ok();
}

#[test]
fn tasks_of_a_published_list_are_known_to_an_import() {
    let office = city().person("df-justice.coordinator");
    let items =
        json!([item(&office, "清单丙：评估镇街矛调中心的接访秩序", "df-market"), item(&office, "清单丙：评估镇街矛调中心的场所建设", "df-water")]);
    let list = id(&draft(&office, (2071, 2071), &items).ok());
    brought_to(&office, &list, "publish");
    let export = office.get(&format!("/exports/matters.xlsx?kind=work_item&parent={list}"));
    let preview = office.upload("/imports?kind=work_item", "matters.xlsx", export.bytes).ok();
    assert_eq!(preview["counts"], json!({ "accepted": 0, "decide": 0, "refused": 0, "present": 2 }), "{preview:#}");
}

#[test]
fn what_recurs_in_a_list_ends_with_its_year() {
    let office = city().person("df-justice.coordinator");
    let mut monthly = item(&office, "清单丁：每月报送一次巡查线索", "df-market");
    monthly["due_kind"] = json!("recurring");
    monthly["due_date"] = Value::Null;
    monthly["recurrence"] = json!({ "every": "month", "day": { "day": 25 }, "until": "2099-06-30" });
    let list = id(&draft(&office, (2081, 2082), &json!([monthly])).ok());
    brought_to(&office, &list, "publish");
    assert_eq!(office.matter(&id(&children(&office, &list)[0]))["body"]["recurrence"]["until"], "2082-12-31");
}
