//! Who sees what: the lists of all people against a model of domain.md §6.2a written here without looking at the server's, against
//! what each person is told about access, and against a sealed matter that nobody outside may notice.

use crate::toy::{LABORATORY, created, day};
use calamine::Reader;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Cursor,
};
use tests::{City, Person, laboratory};

/// People of the city by user name: those who read matters, and what the model needs to know of them.
struct Seer {
    username: String,
    id: String,
    unit: String,
    unit_kind: String,
    role: String,
    member: bool,
}

fn people(city: &City) -> Vec<Seer> {
    let administrator = city.person("df-justice.system_admin");
    let units = administrator.get("/units").ok();
    let kinds: BTreeMap<String, String> = units
        .as_array()
        .into_iter()
        .flatten()
        .map(|unit| (unit["code"].as_str().unwrap_or_default().to_owned(), unit["kind"].as_str().unwrap_or_default().to_owned()))
        .collect();
    let members: BTreeSet<&str> =
        units.as_array().into_iter().flatten().filter(|unit| unit["conference_member"] == true).filter_map(|unit| unit["code"].as_str()).collect();
    administrator
        .all("/users?limit=200")
        .iter()
        .map(|user| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let unit = text(&user["unit"]["code"]);
            Seer {
                username: text(&user["username"]),
                id: text(&user["id"]),
                unit_kind: kinds[&unit].clone(),
                member: members.contains(unit.as_str()),
                unit,
                role: text(&user["roles"][0]),
            }
        })
        .filter(|seer| !seer.role.ends_with("_admin"))
        .collect()
}

/// domain.md §6.2a for the shipped kinds, §6.3 for sealed ones, and parties for all: in plain words, from what a matter's page says.
fn may_see(seer: &Seer, matter: &Value, named: &BTreeSet<String>) -> bool {
    let units: BTreeSet<&str> = matter["parties"].as_array().into_iter().flatten().filter_map(|party| party["unit"]["code"].as_str()).collect();
    let party = units.contains(seer.unit.as_str());
    let office = seer.unit == "df-justice" && seer.role == "coordinator";
    let host = seer.unit_kind == "procuratorate" && ["prosecutor", "unit_head", "liaison_officer", "commissioner"].contains(&seer.role.as_str());
    // A published list is seen by all members of the conference, whatever else they have to do with it.
    let published = matter["state"] == "published" || matter["state"] == "archived";
    let observer = match matter["kind"].as_str() {
        Some("work_item") => office || host,
        Some("work_list") => office || host || (published && seer.member),
        Some("toy_secret" | "toy_review") => office,
        _ => false,
    };
    match (matter["kind"].as_str(), matter["state"].as_str()) {
        (_, Some("draft")) => matter["originator"]["code"] == json!(seer.unit) && party,
        (Some("toy_secret"), _) => named.contains(&seer.id) && (party || observer),
        _ => party || observer,
    }
}

/// Random parties, by random steps of people who may take them: matters of several kinds and states.
fn some_matters(city: &City) -> Vec<String> {
    let office = city.person("df-justice.coordinator");
    let leads = ["df-market", "df-water", "df-education", "df-tax", "df-yingyang"];
    let mut ids = Vec::new();
    for n in 0..12 {
        let (lead, helper) = (leads[n % 5], leads[(n * 2 + 1) % 5]);
        let mut body = crate::work_item::body(&office, &format!("可见范围测试用的第{n}项任务"));
        body["lead_unit"] = json!(lead);
        body["co_units"] = if helper == lead { json!([]) } else { json!([helper]) };
        let matter = created(&office, "work_item", &body, n % 4 != 3);
        let id = crate::work_item::id(&matter);
        let officer = city.person(&format!("{lead}.liaison_officer"));
        // Every fourth one stays a draft.
        match if n % 4 == 3 { 5 } else { n % 6 } {
            0 => drop(officer.act(&id, "receive", json!({})).ok()),
            1 => {
                let grounds = json!({ "reason_code": "not_competent", "suggested_unit": "df-health", "reason_text": "该事项由卫生健康部门负责" });
                city.person(&format!("{lead}.unit_head")).act(&id, "refuse", grounds).ok();
                office.act(&id, "resend", json!({ "unit": "df-health" })).ok();
            }
            2 => drop(office.act(&id, "cc_add", json!({ "units": ["df-court", "df-forestry"] })).ok()),
            4 => drop(office.act(&id, "void", json!({ "reason_text": "录入有误，予以作废处理" })).ok()),
            _ => {}
        }
        ids.push(id);
    }
    ids
}

/// What a person lists, with the kind of each.
fn listed(person: &Person) -> BTreeMap<String, String> {
    let mut ids = BTreeMap::new();
    for path in ["/matters?limit=200", "/matters?box=drafts&limit=200"] {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        ids.extend(person.all(path).iter().map(|item| (text(&item["id"]), text(&item["kind"]))));
    }
    ids
}

#[test]
fn lists_and_access_equal_a_naive_model_for_everybody() {
    let laboratory = laboratory(LABORATORY).alone();
    let city: &City = &laboratory;
    let made = some_matters(city);
    let (office, handler) = (city.person("df-justice.coordinator"), city.person("df-market.handler"));
    let secret_body = json!({ "subject": "仅限知悉人员查看的报告", "unit": "df-water", "due_date": day(&handler, 20) });
    let sealed = crate::work_item::id(&created(&handler, "toy_secret", &secret_body, true));
    let people = people(city);
    assert!(people.len() > 150, "{}", people.len());
    // Everybody who may know of the sealed matter: its author and the head of the unit that holds it.
    let named: BTreeSet<String> = people
        .iter()
        .filter(|seer| ["df-market.handler", "df-water.unit_head"].contains(&seer.username.as_str()))
        .map(|seer| seer.id.clone())
        .collect();

    // Everybody would be 250 sign-ins of a quarter second each: the units that matter whole, of the others every tenth person.
    let chosen: Vec<&Seer> = people
        .iter()
        .enumerate()
        .filter(|(n, seer)| {
            n % 10 == 0 || ["df-justice", "df-procuratorate", "df-market", "df-water", "df-tax", "df-court"].contains(&seer.unit.as_str())
        })
        .map(|(_, seer)| seer)
        .collect();
    // Every matter that anybody here can see, as the page of one who sees it says; and who lists which.
    let lists: Vec<BTreeMap<String, String>> = chosen.iter().map(|seer| listed(&city.person(&seer.username))).collect();
    let mut matters: BTreeMap<&str, Value> = BTreeMap::new();
    for (seer, list) in chosen.iter().zip(&lists) {
        // Who was named in the sealed matters of other tests is known there.
        for (id, _) in list.iter().filter(|(id, kind)| **id == sealed || kind.as_str() != "toy_secret") {
            matters.entry(id).or_insert_with(|| city.person(&seer.username).matter(id));
        }
    }
    assert!(made.iter().chain([&sealed]).all(|id| matters.contains_key(id.as_str())), "what was made is seen by somebody");
    let mut wrong = Vec::new();
    for (seer, list) in chosen.iter().zip(&lists) {
        for (id, matter) in &matters {
            // The box of drafts shows one's own; the unit's others are opened by their address.
            let draft_of_another = matter["state"] == "draft" && matter["created_by"]["id"] != json!(seer.id);
            let expected = may_see(seer, matter, &named) && !draft_of_another;
            if list.contains_key(*id) != expected {
                wrong.push(format!(
                    "{} {} {} {}: listed {}",
                    seer.username,
                    matter["kind"],
                    matter["state"],
                    matter["title"],
                    list.contains_key(*id)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // N21: who is said to have access is who has it, by asking each.
    for id in made.iter().chain([&sealed]) {
        let teller = if *id == sealed { &handler } else { &office };
        let told: BTreeSet<String> = teller
            .get(&format!("/matters/{id}/access"))
            .ok()
            .as_array()
            .into_iter()
            .flatten()
            .map(|entry| {
                assert!(entry["reasons"].as_array().is_some_and(|reasons| !reasons.is_empty()), "{entry}");
                entry["user"]["id"].as_str().unwrap_or_default().to_owned()
            })
            .collect();
        for seer in &chosen {
            let status = city.person(&seer.username).get(&format!("/matters/{id}")).status;
            assert_eq!(status == 200, told.contains(&seer.id), "{} of {}: {status}", seer.username, matters[id.as_str()]["title"]);
            assert!(matches!(status, 200 | 404), "{status}");
        }
    }
}

/// All that an outsider can ask, as comparable text: request ids and times cut out, spreadsheets as their cells.
fn shadow(person: &Person, sealed: &str, other: &str) -> String {
    let mut text = String::new();
    for path in [
        "/matters?limit=200",
        "/matters?box=todo&limit=200",
        "/matters?box=done&limit=200",
        "/matters?box=cc&limit=200",
        "/matters?kind=toy_secret&limit=200",
        "/matters?unit=df-water&limit=200",
        "/matters?q=鹅坡&limit=200",
        "/matters/counts",
        "/search?q=鹅坡",
        "/search?q=鹅坡岭",
        "/stats/overview",
        "/notices?limit=200",
        "/users?unit=df-water&limit=200",
        "/saved-views",
        "/imports",
    ] {
        text.push_str(&cleaned(&person.get(path).text()));
        text.push('\n');
    }
    let export = person.get("/exports/matters.xlsx?kind=toy_secret");
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(export.bytes)).expect("the export is a workbook");
    let cells = workbook.worksheet_range_at(0).expect("a sheet").expect("the sheet can be read");
    text.push_str(&format!("{:?}\n", cells.used_cells().map(|(row, column, cell)| (row, column, cell.to_string())).collect::<Vec<_>>()));
    for path in ["", "/events", "/attachments", "/comments", "/notes", "/links", "/access"] {
        let answer = person.get(&format!("/matters/{sealed}{path}"));
        text.push_str(&format!("{} {}\n", answer.status, cleaned(&answer.text())));
    }
    let link = person.post(&format!("/matters/{other}/links"), &json!({ "matter": sealed, "relation": "same_subject" }));
    text.push_str(&format!("{} {}\n", link.status, cleaned(&link.text())));
    let links = person.get(&format!("/matters/{other}/links"));
    text.push_str(&cleaned(&links.text()));
    text
}

/// Without what differs from request to request.
fn cleaned(text: &str) -> String {
    let mut value: Value = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for name in ["request_id", "as_of"] {
                    members.remove(name);
                }
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut value);
    value.to_string()
}

#[test]
fn a_sealed_matter_leaves_no_shadow() {
    let laboratory = laboratory(LABORATORY).alone();
    let city: &City = &laboratory;
    let (author, head) = (city.person("df-market.handler"), city.person("df-water.unit_head"));
    // Outsiders near by: of the author's unit, of the receiver's, the linkage office, which sees all of this kind that isn't sealed.
    let outsiders =
        ["df-market.liaison_officer", "df-water.liaison_officer", "df-justice.coordinator", "df-procuratorate.prosecutor", "df-tax.handler"];
    let office = city.person("df-justice.coordinator");
    let other = crate::work_item::id(&created(&office, "work_item", &crate::work_item::body(&office, "与密件无关的一项任务内容"), true));
    let nothing = "01990000-0000-7000-8000-000000000000";
    let before: Vec<String> = outsiders.iter().map(|name| shadow(&city.person(name), nothing, &other)).collect();

    let body = json!({ "subject": "鹅坡岭方向的线索报告", "unit": "df-water", "due_date": day(&author, 20) });
    let sealed = crate::work_item::id(&created(&author, "toy_secret", &body, true));
    head.act(&sealed, "receive", json!({})).ok();
    let person = city.person("df-water.handler").get("/me").ok()["id"].clone();
    head.act(&sealed, "assign", json!({ "handler": person })).ok();
    let handler = city.person("df-water.handler");
    assert!(handler.has_in_box("todo", &sealed), "who is named works on it");
    assert!(head.get("/notices").text().contains("鹅坡岭"), "and is told");
    handler.post(&format!("/matters/{sealed}/comments"), &json!({ "text": "鹅坡岭的照片已收到" })).ok();
    handler.upload(&format!("/matters/{sealed}/attachments"), "鹅坡岭.txt", "鹅坡岭".into()).ok();
    // Both ends are visible to the author; at the other end nobody else sees where the link leads.
    author.post(&format!("/matters/{sealed}/links"), &json!({ "matter": other, "relation": "same_subject" })).ok();
    head.post(&format!("/matters/{sealed}/watch"), &json!({}));
    let mention = json!({ "text": "请看", "mentions": [city.person("df-tax.handler").get("/me").ok()["id"]] });
    handler.post(&format!("/matters/{sealed}/comments"), &mention).fault("/mentions/0", "validation.unknown_user");

    for (name, before) in outsiders.iter().zip(before) {
        let after = shadow(&city.person(name), &sealed, &other);
        let line = before.lines().zip(after.lines()).find(|(before, after)| before != after);
        assert!(before == after, "{name} notices the sealed matter:\nbefore {}\nafter  {}", line.map_or("", |l| l.0), line.map_or("", |l| l.1));
    }
    // The same sheet once more: an import does not tell that its row is there already.
    let sheet = crate::sheets::table(&[&["报告内容", "受理单位", "时限"], &["鹅坡岭方向的线索报告", "市水利局", "2027-06-30"]]);
    let preview = city.person("df-tax.handler").upload("/imports?kind=toy_secret", "报告.xlsx", sheet).ok();
    assert_eq!(preview["counts"]["present"], 0, "{preview:#}");
}
