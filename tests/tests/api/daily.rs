//! What people use beside the steps: watching, mentions, links, notes, files in parts, saved views, feedback, live updates.

use crate::work_item::{handed_out, id};
use serde_json::{Value, json};
use std::{thread, time::Duration};
use tests::{City, Person, city};

fn me(person: &Person) -> Value {
    person.get("/me").ok()["id"].clone()
}

/// Notices about one matter, newest first.
fn notices(person: &Person, matter: &str) -> Vec<Value> {
    person.all("/notices?limit=200").into_iter().filter(|notice| notice["matter"] == json!(matter)).collect()
}

#[test]
fn who_watches_is_told_of_everything_and_who_stops_of_nothing() {
    let matter = handed_out("有人关注其进展的一项任务");
    let (prosecutor, officer) = (city().person("df-procuratorate.prosecutor"), city().person("df-market.liaison_officer"));
    let watch = format!("/matters/{matter}/watch");
    assert_eq!(prosecutor.matter(&matter)["watching"], false);
    assert_eq!(prosecutor.post(&watch, &json!({})).status, 204);
    assert_eq!(prosecutor.post(&watch, &json!({})).status, 204, "watching twice is watching");
    assert_eq!(prosecutor.matter(&matter)["watching"], true);
    officer.act(&matter, "receive", json!({})).ok();
    let handler = me(&city().person("df-market.handler"));
    officer.act(&matter, "assign", json!({ "handler": handler })).ok();
    officer.post(&format!("/matters/{matter}/comments"), &json!({ "text": "已开始摸底" })).ok();
    officer.upload(&format!("/matters/{matter}/attachments"), "摸底表.txt", "第一批".into()).ok();
    let told: Vec<Value> = notices(&prosecutor, &matter).iter().map(|notice| notice["kind"].clone()).collect();
    assert_eq!(told, [json!("attach"), json!("comment"), json!("assign"), json!("receive")]);
    assert!(notices(&prosecutor, &matter)[1]["text"]["zh"].as_str().is_some_and(|text| text.contains("留言") && !text.contains("提到您")));
    assert_eq!(prosecutor.delete(&watch).status, 204);
    officer.post(&format!("/matters/{matter}/comments"), &json!({ "text": "摸底结束" })).ok();
    assert_eq!(notices(&prosecutor, &matter).len(), 4);
    let read = notices(&prosecutor, &matter)[0]["id"].as_str().unwrap_or_default().to_owned();
    assert_eq!(prosecutor.post(&format!("/notices/{read}/read"), &json!({})).status, 204);
    assert_eq!(notices(&prosecutor, &matter)[0]["read"], true);
    officer.post(&format!("/notices/{read}/read"), &json!({})).problem(404, "not_found");
    let stranger = city().person("df-tax.handler");
    stranger.post(&watch, &json!({})).problem(404, "not_found");
}

#[test]
fn only_those_who_can_see_it_are_mentioned() {
    let matter = handed_out("留言中可以点名提醒的任务");
    let (officer, head) = (city().person("df-market.liaison_officer"), city().person("df-market.unit_head"));
    let say = |mentions: Value| officer.post(&format!("/matters/{matter}/comments"), &json!({ "text": "请局长阅", "mentions": mentions }));
    say(json!([me(&head), me(&city().person("df-tax.handler"))])).fault("/mentions/1", "validation.unknown_user");
    say(json!([me(&city().person("df-justice.system_admin"))])).fault("/mentions/0", "validation.unknown_user");
    say(json!([me(&city().person("xc-market.handler"))])).fault("/mentions/0", "validation.unknown_user");
    say(json!(["01990000-0000-7000-8000-000000000000"])).fault("/mentions/0", "validation.unknown_user");
    assert!(officer.all(&format!("/matters/{matter}/comments")).is_empty(), "a refused comment is not kept");
    say(json!([me(&head)])).ok();
    assert!(notices(&head, &matter).iter().any(|notice| notice["text"]["zh"].as_str().is_some_and(|text| text.contains("提到您"))));
}

#[test]
fn links_show_only_what_both_ends_may() {
    let (one, two) = (handed_out("关联测试的第一项任务内容"), handed_out("关联测试的第二项任务内容"));
    let office = city().person("df-justice.coordinator");
    let mut body = crate::work_item::body(&office, "关联测试中只有水利局看到的任务");
    body["lead_unit"] = json!("df-water");
    let third =
        id(&office.post("/matters", &json!({ "kind": "work_item", "body": body, "domains": ["other"], "not_secret": true, "submit": true })).ok());
    let officer = city().person("df-market.liaison_officer");
    let link =
        |person: &Person, to: &str, relation: &str| person.post(&format!("/matters/{one}/links"), &json!({ "matter": to, "relation": relation }));
    link(&officer, &third, "same_subject").problem(404, "not_found");
    link(&officer, &one, "same_subject").fault_of(409, "/matter", "duplicate.matter");
    link(&officer, &two, "friends").fault("/relation", "validation.enum");
    assert_eq!(link(&officer, &two, "same_subject").status, 201);
    link(&officer, &two, "same_subject").problem(409, "duplicate.matter");
    assert_eq!(link(&office, &third, "derived_from").status, 201);
    let titles = |person: &Person, id: &str| -> Vec<String> {
        let links = person.get(&format!("/matters/{id}/links")).ok();
        links["items"].as_array().into_iter().flatten().filter_map(|link| link["matter"]["title"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(titles(&office, &one).len(), 2);
    assert_eq!(office.all(&format!("/matters/{one}/links?limit=1")).len(), 2, "page by page");
    assert_eq!((&office.matter(&one)["links_total"], &officer.matter(&one)["links_total"]), (&json!(2), &json!(1)));
    assert_eq!(titles(&officer, &one), ["关联测试的第二项任务内容"]);
    let inbound = officer.get(&format!("/matters/{two}/links")).ok();
    assert_eq!((&inbound["items"][0]["inbound"], &inbound["items"][0]["matter"]["id"]), (&json!(true), &json!(one)));
}

/// A city of its own, since whoever looks at one of its matters sees the links.
#[test]
fn many_links_come_page_by_page() {
    let city = City::start().expect("a city starts");
    let office = city.person("df-justice.coordinator");
    let items = office.all("/matters?kind=work_item&limit=200");
    let matter = id(items.first().expect("the demonstration has tasks"));
    let (new_id, now) = if city.database_url.starts_with("sqlite") {
        ("randomblob(16)", "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')")
    } else {
        ("gen_random_uuid()", "now()")
    };
    for relation in ["same_subject", "derived_from", "duplicate_of", "related"] {
        city.sql(&format!(
            "INSERT INTO matter_link (id, from_id, to_id, relation, created_by, created_at)
             SELECT {new_id}, one.id, other.id, '{relation}', one.created_by, {now} FROM matter one JOIN matter other ON other.id <> one.id
             WHERE one.id = {} AND other.kind = 'work_item' AND other.state NOT IN ('draft', 'discarded')",
            city.id_literal(&matter)
        ))
        .expect("the links");
    }
    let path = format!("/matters/{matter}/links");
    let detail = office.matter(&matter);
    let all = office.all(&format!("{path}?limit=200"));
    assert!(all.len() > 120, "{}", all.len());
    assert_eq!((detail["links"].as_array().map(Vec::len), &detail["links_total"]), (Some(100), &json!(all.len())));
    assert_eq!(office.get(&format!("{path}?limit=200")).ok()["items"].as_array().map(Vec::len), Some(all.len().min(200)));
    assert_eq!(office.all(&format!("{path}?limit=33")), all, "in whatever pages");
    assert_eq!(detail["links"].as_array().map(Vec::as_slice), all.get(..100), "the first of them");
}

#[test]
fn a_file_comes_in_parts() {
    let matter = handed_out("附件可以分段下载的任务");
    let officer = city().person("df-market.liaison_officer");
    let text = "一二三四五六七八九十".repeat(20);
    let file = officer.upload(&format!("/matters/{matter}/attachments"), "../../长 文<本>\".txt", text.clone().into_bytes()).ok();
    assert_eq!(file["name"], "长 文本.txt", "a name is no path");
    let path = format!("/matters/{matter}/attachments/{}", file["id"].as_str().unwrap_or_default());
    let whole = officer.get(&path);
    assert_eq!((whole.status, whole.text()), (200, text.clone()));
    assert!(whole.header("content-disposition").starts_with("attachment; filename*=UTF-8''"), "{}", whole.header("content-disposition"));
    assert_eq!(whole.header("x-content-type-options"), "nosniff");
    let part = |range: &str| officer.get_with(&path, &[("range", range)]);
    let total = text.len();
    for (range, from, to) in [("bytes=0-2", 0, 3), ("bytes=3-", 3, total), ("bytes=-30", total - 30, total), ("bytes=590-9999", 590, total)] {
        let answer = part(range);
        assert_eq!(answer.status, 206, "{range}: {answer}");
        assert_eq!(answer.bytes, &text.as_bytes()[from..to], "{range}");
        assert_eq!(answer.header("content-range"), format!("bytes {from}-{}/{total}", to - 1), "{range}");
    }
    // RFC 9110 §14.2: what isn't understood is ignored.
    assert_eq!(part("lines=1-2").status, 200);
    assert_eq!(part("bytes=5-2").status, 200);
    assert!(matches!(part("bytes=9999-").status, 200 | 416));
    assert_eq!(city().person("df-water.handler").get(&path).status, 404);
}

#[test]
fn views_are_kept_for_oneself() {
    let (person, other) = (city().person("df-housing.liaison_officer"), city().person("df-housing.handler"));
    let saved = person.post("/saved-views", &json!({ "name": "本局超期", "query": "box=todo&overdue=true&lead_unit=df-housing" })).ok();
    assert!(person.get("/saved-views").text().contains("本局超期"));
    assert!(!other.get("/saved-views").text().contains("本局超期"));
    let path = format!("/saved-views/{}", saved["id"].as_str().unwrap_or_default());
    assert_eq!(other.delete(&path).status, 404);
    person.post("/saved-views", &json!({ "name": "", "query": "" })).fault("/name", "validation.length");
    person.post("/saved-views", &json!({ "name": "错误的筛选", "query": "colour=red" })).fault("/query", "validation.format");
    assert_eq!(person.delete(&path).status, 204);
    assert_eq!(person.get("/saved-views").ok(), json!([]));
}

#[test]
fn feedback_is_heard() {
    let person = city().person("df-housing.handler");
    assert_eq!(person.post("/feedback", &json!({ "text": "列表里希望能显示电话", "page": "/inbox" })).status, 201);
    person.post("/feedback", &json!({ "text": "" })).fault("/text", "validation.length");
    person.post("/feedback", &json!({ "text": "好".repeat(2001) })).fault("/text", "validation.length");
    person.post("/feedback", &json!({ "text": "含\u{0}空字符" })).fault("/text", "validation.control_character");
    person.post("/feedback", &json!({ "text": "页面字段", "page": "含\u{0}空字符" })).fault("/page", "validation.control_character");
    // The city's system administrator reads and answers it; who sent it is told.
    let administrator = city().person("df-justice.system_admin");
    let open = administrator.all("/feedback?state=open&limit=1");
    let mine = open.iter().find(|one| one["text"] == "列表里希望能显示电话").expect("it is in the list");
    assert_eq!((&mine["state"], &mine["page"], &mine["person"]["unit"]["code"]), (&json!("open"), &json!("/inbox"), &json!("df-housing")));
    let path = format!("/feedback/{}/answer", mine["id"].as_str().unwrap_or_default());
    let stranger = city().person("xc-justice.system_admin");
    assert!(stranger.all("/feedback").iter().all(|one| one["id"] != mine["id"]));
    stranger.post(&path, &json!({ "text": "不是我们的" })).problem(404, "not_found");
    person.post(&path, &json!({ "text": "自己答复" })).problem(403, "permission.denied");
    person.get("/feedback").problem(403, "permission.denied");
    administrator.get("/feedback?state=lost").problem(400, "request.query_invalid");
    administrator.post(&path, &json!({ "text": "" })).fault("/text", "validation.length");
    let answered = administrator.post(&path, &json!({ "text": "下一版会显示办公电话" })).ok();
    assert_eq!((&answered["state"], &answered["answer"]), (&json!("answered"), &json!("下一版会显示办公电话")));
    administrator.post(&path, &json!({ "text": "再答复一次" })).problem(409, "workflow.action_unavailable");
    assert!(administrator.all("/feedback?state=open").iter().all(|one| one["id"] != mine["id"]));
    assert!(person.get("/notices").text().contains("下一版会显示办公电话"));
}

#[test]
fn a_stream_ends_with_its_session_before_it_tells_more() {
    let token = city().login("df-veterans.unit_head", tests::PASSWORD).ok()["access_token"].as_str().unwrap_or_default().to_owned();
    let stream = city().listen(&token);
    let out = city().send("POST", "/auth/logout", |request| request.bearer_auth(&token).json(&json!({})));
    assert_eq!(out.status, 204, "{out}");
    let office = city().person("df-justice.coordinator");
    let mut body = crate::work_item::body(&office, "退出登录之后才发生的变化");
    body["lead_unit"] = json!("df-veterans");
    let matter = crate::work_item::id(
        &office.post("/matters", &json!({ "kind": "work_item", "body": body, "domains": ["other"], "not_secret": true, "submit": true })).ok(),
    );
    let begun = std::time::Instant::now();
    loop {
        match stream.line(Duration::from_secs(10).saturating_sub(begun.elapsed())) {
            Ok(Some(line)) => assert!(!line.contains(&matter), "told after signing out: {line}"),
            Ok(None) => panic!("the stream goes on without its session"),
            Err(_) => break,
        }
    }
}

#[test]
fn a_stream_beats_while_others_work() {
    // Changes of the other city pass all the time, and this person sees none of them.
    let stream = city().person("xc-market.handler").listen();
    let begun = std::time::Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| {
            while begun.elapsed() < Duration::from_secs(17) {
                handed_out("别市不断发生的变化，与此人无关");
                thread::sleep(Duration::from_secs(3));
            }
        });
        let beat = std::iter::from_fn(|| stream.line(Duration::from_secs(22).checked_sub(begun.elapsed())?).ok()?).find(|line| line == ": heartbeat");
        assert!(beat.is_some(), "no heartbeat within 22 seconds");
    });
}

#[test]
fn live_updates_tell_each_what_each_may_see() {
    city().send("GET", "/stream", |request| request).problem(401, "auth.required");
    let (market, water) = (city().person("df-market.handler").listen(), city().person("df-water.handler").listen());
    let matter = handed_out("实时更新只发给看得见的人");
    assert!(market.tells(&matter, Duration::from_secs(10)), "the receiving bureau is told");
    assert!(!water.tells(&matter, Duration::from_secs(2)), "a bureau that has no part is not");
}
