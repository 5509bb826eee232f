//! Ids of somebody else's things put where one's own belong: in the path, the query and the body. What is there and not for the
//! asker is answered as what was never there, to the byte.

use crate::{
    sheets,
    work_item::{body, day, handed_out, id},
};
use serde_json::{Value, json};
use tests::{Answer, City, Person, city};

/// Of a thing that never was.
const NOTHING: &str = "01990000-0000-7000-8000-000000000000";
/// A unit that never was, as long as the other city's.
const NO_UNIT: &str = "xc-markft";

/// An answer without what differs between any two: the request's own id and what was asked.
fn heard(answer: &Answer, asked: &str) -> (u16, String) {
    let text = answer.text().replace(answer.json()["request_id"].as_str().unwrap_or("no request id"), "").replace(asked, "…");
    (answer.status, text)
}

/// Asks for another's thing and for one that is not there: both are refused in the same words.
#[track_caller]
fn alike(what: &str, there: &str, not_there: &str, ask: impl Fn(&str) -> Answer) {
    let (theirs, nothing) = (ask(there), ask(not_there));
    assert!((400..500).contains(&theirs.status), "{what}: {theirs}");
    assert_eq!(heard(&theirs, there), heard(&nothing, not_there), "{what}");
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn me(city: &City, username: &str) -> String {
    text(&city.person(username).get("/me").ok()["id"])
}

/// A task of the water bureau, which the market bureau does not see, with a file.
fn elsewhere(office: &Person) -> (Value, String) {
    let mut body = body(office, "水利部门自己的一项任务，别处看不到");
    body["lead_unit"] = json!("df-water");
    let new = json!({ "kind": "work_item", "body": body, "domains": ["other"], "not_secret": true, "submit": true });
    let matter = office.post("/matters", &new).ok();
    let file = office.upload(&format!("/matters/{}/attachments", id(&matter)), "内部.txt", "内部材料".into()).ok();
    (matter, text(&file["id"]))
}

/// A task that the other city has for itself.
fn foreign() -> String {
    let office = city().person("xc-justice.coordinator");
    let mut body = body(&office, "另一个城市自己的一项任务");
    body["lead_unit"] = json!("xc-market");
    id(&office.post("/matters", &json!({ "kind": "work_item", "body": body, "domains": ["other"], "not_secret": true, "submit": true })).ok())
}

#[test]
fn a_strangers_id_in_the_path_opens_nothing() {
    let city = city();
    let (office, officer) = (city.person("df-justice.coordinator"), city.person("df-market.liaison_officer"));
    let own = handed_out("路径中换用他人编号的任务");
    let (theirs, file) = elsewhere(&office);
    let clock = text(&theirs["clocks"][0]["id"]);
    // Another's file or clock under one's own matter; one's own matter's under another's is refused by the matter.
    alike("a file", &file, NOTHING, |file| officer.get(&format!("/matters/{own}/attachments/{file}")));
    alike("a clock", &clock, NOTHING, |clock| officer.get(&format!("/matters/{own}/clocks/{clock}")));
    let own_file = text(&officer.upload(&format!("/matters/{own}/attachments"), "自己.txt", "自己的材料".into()).ok()["id"]);
    alike("one's own file under another's matter", &id(&theirs), NOTHING, |matter| officer.get(&format!("/matters/{matter}/attachments/{own_file}")));
    // Known by its digest, too, it is not served.
    let path = format!("/matters/{}/attachments/{file}", id(&theirs));
    let download = office.get(&path);
    assert!(download.status == 200 && !download.header("etag").is_empty(), "{download}");
    officer.get_with(&path, &[("if-none-match", download.header("etag"))]).problem(404, "not_found");
    for stranger in [id(&theirs), foreign()] {
        for below in ["", "/events", "/attachments", "/comments", "/notes", "/links", "/access", "/documents", "/editions", "/proof", "/dossier.zip"]
        {
            alike(below, &stranger, NOTHING, |matter| officer.get(&format!("/matters/{matter}{below}")));
        }
        for (below, said) in [
            ("comments", json!({ "text": "看得到吗" })),
            ("notes", json!({ "text": "看得到吗" })),
            ("watch", json!({})),
            ("links", json!({ "matter": own, "relation": "same_subject" })),
        ] {
            alike(below, &stranger, NOTHING, |matter| officer.post(&format!("/matters/{matter}/{below}"), &said));
        }
        // With the right version, a wrong one and one that is none: the version tells nothing.
        for version in [Some(1), Some(2), Some(99)] {
            alike("a step", &stranger, NOTHING, |matter| officer.act_on(matter, version, "urge", &json!({ "text": "请办" }), &tests::fresh_key()));
            alike("an edit", &stranger, NOTHING, |matter| officer.patch(&format!("/matters/{matter}"), version, &json!({ "title": "改名试试" })));
        }
    }
}

#[test]
fn a_strangers_id_in_the_body_is_none() {
    let city = city();
    let (office, officer) = (city.person("df-justice.coordinator"), city.person("df-market.liaison_officer"));
    let head = city.person("df-market.unit_head");
    let own = handed_out("正文中换用他人编号的任务");
    let (theirs, _) = elsewhere(&office);
    let (colleague, stranger) = (me(city, "df-water.handler"), me(city, "xc-market.handler"));

    for matter in [id(&theirs), foreign()] {
        alike("a link", &matter, NOTHING, |to| officer.post(&format!("/matters/{own}/links"), &json!({ "matter": to, "relation": "same_subject" })));
        let bulk = |id: &str| officer.post("/matters/bulk", &json!({ "matters": [id], "action": "receive", "input": {} })).ok().to_string();
        assert_eq!(bulk(&matter).replace(&matter, ""), bulk(NOTHING).replace(NOTHING, ""), "a step on several");
    }
    assert_eq!(office.matter(&id(&theirs))["state"], "sent", "nothing was done");

    // People: mentioned, made a deputy, given a matter, handed over to.
    for person in [&colleague, &stranger] {
        alike("a mention", person, NOTHING, |person| {
            officer.post(&format!("/matters/{own}/comments"), &json!({ "text": "请看", "mentions": [person] }))
        });
        alike("a deputy", person, NOTHING, |person| {
            head.post("/delegations", &json!({ "deputy": person, "starts_on": day(&head, 0), "ends_on": day(&head, 1) }))
        });
        let own_handler = me(city, "df-market.handler");
        alike("who takes over", person, NOTHING, |person| head.post(&format!("/users/{own_handler}/hand-over"), &json!({ "to": person })));
    }
    officer.act(&own, "receive", json!({})).ok();
    for person in [&colleague, &stranger] {
        alike("who handles it", person, NOTHING, |person| officer.act(&own, "assign", json!({ "handler": person })));
    }
    assert_eq!(officer.matter(&own)["holder"]["person"], Value::Null);
    alike("whom one acts for", &stranger, NOTHING, |person| {
        let token = officer.token();
        city.send("GET", "/me", |request| request.bearer_auth(token).header("x-on-behalf-of", person))
    });

    // A session of somebody else under one's own name, for who may end sessions.
    city.login("df-court.handler", tests::PASSWORD).ok();
    let security = city.person("df-justice.security_admin");
    let (court, tobacco) = (me(city, "df-court.handler"), me(city, "df-tobacco.handler"));
    let session = text(&security.get(&format!("/users/{court}/sessions")).ok()[0]["id"]);
    alike("another's session", &session, NOTHING, |session| {
        security.post(&format!("/users/{tobacco}/sessions/revoke"), &json!({ "session": session }))
    });
    assert!(security.get(&format!("/users/{court}/sessions")).text().contains(&session), "it goes on");
}

#[test]
fn units_of_another_city_are_no_units() {
    let city = city();
    let (office, officer) = (city.person("df-justice.coordinator"), city.person("df-market.liaison_officer"));
    let system = city.person("df-justice.system_admin");
    let new = |field: &str, value: Value| {
        let mut body = body(&office, "交给外市单位的一项任务");
        body[field] = value;
        office.post("/matters", &json!({ "kind": "work_item", "body": body, "domains": ["other"], "not_secret": true, "submit": true }))
    };
    alike("the lead", "xc-market", NO_UNIT, |unit| new("lead_unit", json!(unit)));
    alike("those who help", "xc-market", NO_UNIT, |unit| new("co_units", json!(["df-water", unit])));
    let own = handed_out("换用外市单位编码的任务");
    alike("a copy", "xc-market", NO_UNIT, |unit| office.act(&own, "cc_add", json!({ "units": [unit] })));
    let head = city.person("df-market.unit_head");
    alike("the right one", "xc-market", NO_UNIT, |unit| {
        head.act(&own, "refuse", json!({ "reason_code": "not_competent", "suggested_unit": unit, "reason_text": "该事项由其他单位负责办理" }))
    });
    alike("people of a unit", "xc-market", NO_UNIT, |unit| officer.get(&format!("/users?unit={unit}")));
    alike("a unit's name", "xc-market", NO_UNIT, |unit| system.patch(&format!("/units/{unit}"), None, &json!({ "name": "改名试一试" })));
    alike("somebody new", "xc-market", NO_UNIT, |unit| {
        system.post("/users", &json!({ "username": "df-market.smuggled", "name": "某某", "unit": unit }))
    });
    let tobacco = me(city, "df-tobacco.handler");
    alike("a move", "xc-market", NO_UNIT, |unit| system.patch(&format!("/users/{tobacco}"), None, &json!({ "unit": unit })));
    // A person's name is taken in the whole installation; nothing but that is told of the other city's.
    let taken = system.post("/users", &json!({ "username": "xc-market.handler", "name": "某某", "unit": "df-market" }));
    taken.fault_of(409, "/username", "user.username_taken");
    assert!(!taken.text().contains("xc-"), "{taken}");

    let sheet = sheets::work_list(&[["", "换用外市单位编码的导入任务", "某某奇怪单位", "", "2027-06-30", "工作方案二（一）", ""]]);
    let import = text(&office.upload("/imports?kind=work_item", "任务.xlsx", sheet).ok()["id"]);
    for patch in [|unit: &str| json!({ "names": { "某某奇怪单位": unit } }), |unit: &str| json!({ "values": { "lead_unit": unit } })] {
        let answered = |unit: &str| {
            let answer = office.patch(&format!("/imports/{import}/rows/2"), None, &patch(unit));
            (answer.status, answer.json()["rows"][0]["verdict"].clone())
        };
        let (theirs, nothing) = (answered("xc-market"), answered(NO_UNIT));
        assert_eq!(theirs, nothing);
        assert_ne!(theirs, (200, json!("accepted")));
    }
}

#[test]
fn a_query_reaches_no_further_than_its_asker() {
    let city = city();
    let (office, officer) = (city.person("df-justice.coordinator"), city.person("df-market.liaison_officer"));
    let (theirs, _) = elsewhere(&office);
    let stranger = foreign();
    let number = text(&city.person("xc-justice.coordinator").matter(&stranger)["number"]);
    let lists = office.all("/matters?kind=work_list&limit=200");
    let list = lists.iter().map(|list| text(&list["id"])).find(|list| !office.all(&format!("/matters?parent={list}")).is_empty());
    let list = list.expect("the demonstration has a list with tasks");
    let xc = city.person("xc-justice.coordinator");
    for path in [format!("/matters?parent={list}"), "/matters?unit=df-market".into(), format!("/matters?q={number}"), format!("/search?q={number}")] {
        let seen = xc.get(&path);
        let items = seen.json()["items"].as_array().cloned().unwrap_or_default();
        assert!(items.iter().all(|item| item["originator"]["code"].as_str().is_none_or(|code| code.starts_with("xc-"))), "{seen}");
    }
    alike("a holder", "xc-market", NO_UNIT, |unit| {
        let answer = officer.get(&format!("/matters?unit={unit}"));
        // An empty list is as good an answer as a refusal, if both get it.
        Answer { status: if answer.json()["items"] == json!([]) { 404 } else { answer.status }, ..answer }
    });
    // Another's cursor is a place in an order, not a key: what follows it is one's own.
    let cursor = text(&office.get("/matters?limit=1").ok()["next_cursor"]);
    let after = officer.get(&format!("/matters?limit=200&cursor={cursor}")).ok();
    // Asked for later: what comes to the unit meanwhile is its own, too.
    let own: Vec<Value> = officer.all("/matters?limit=200").iter().map(|item| item["id"].clone()).collect();
    assert!(after["items"].as_array().into_iter().flatten().all(|item| own.contains(&item["id"])));
    assert!(!own.contains(&theirs["id"]));
    // An export and a saved filter by somebody else's words contain what their owner sees.
    let kept = crate::exports::finished(&officer, &format!("q={}", text(&theirs["number"])));
    let rows = officer.get(&format!("/exports/{kept}")).ok();
    assert_eq!(rows["progress"]["done"], json!(0), "{rows}");
}
