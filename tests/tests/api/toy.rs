//! N24: a kind is one declaration. The toy kinds have no handler and no page, and all of this works.

use crate::sheets;
use calamine::{Data, Reader};
use serde_json::{Value, json};
use std::io::Cursor;
use tests::{City, Person, laboratory};

pub const LABORATORY: &str = env!("CARGO_BIN_EXE_laboratory");

pub fn day(person: &Person, days: u64) -> String {
    crate::work_item::day(person, days)
}

pub fn patrol_body(person: &Person, subject: &str) -> Value {
    json!({
        "subject": subject, "unit": "df-market", "helpers": ["df-water"], "due_date": day(person, 30), "way": "by_car",
        "reason_by_car": "路远", "field": "ecology", "fields": ["ecology", "water"], "place": "颍阳镇", "people": 4, "cost": 120_050,
        "at_night": true, "points": ["排污口", "标识牌"], "rhythm": { "every": "month", "day": { "day": 25 } },
        "stops": [{ "name": "一号点" }], "informant": "刘某",
    })
}

#[track_caller]
pub fn created(person: &Person, kind: &str, body: &Value, submit: bool) -> Value {
    let answer = person.post("/matters", &json!({ "kind": kind, "body": body, "domains": ["other"], "not_secret": true, "submit": submit }));
    assert_eq!(answer.status, 201, "{answer}");
    answer.ok()
}

fn id(matter: &Value) -> String {
    crate::work_item::id(matter)
}

/// Codes of the domains may differ from what a test author remembers.
fn domains(city: &City) -> Vec<String> {
    let lists = city.person("df-market.handler").get("/code-lists").ok();
    let choices = lists["lists"]["domains"].as_array().cloned().unwrap_or_default();
    choices.iter().filter_map(|choice| choice["code"].as_str().map(str::to_owned)).take(2).collect()
}

fn body(city: &City, person: &Person, subject: &str) -> Value {
    let domains = domains(city);
    let mut body = patrol_body(person, subject);
    body["field"] = json!(domains[0]);
    body["fields"] = json!(domains);
    body
}

#[test]
fn a_toy_kind_is_served_like_any_other() {
    let city = laboratory(LABORATORY).shared();
    let office = city.person("df-justice.coordinator");
    let kinds = office.get("/kinds").ok();
    let listed = kinds.as_array().into_iter().flatten().find(|kind| kind["code"] == "toy_patrol").cloned().expect("the kind is listed");
    assert_eq!((&listed["name"]["zh"], &listed["abbr"]), (&json!("联合巡查"), &json!("TP")));
    let declared = office.get("/kinds/toy_patrol").ok();
    assert_eq!(declared["fields"].as_array().map(Vec::len), Some(20));
    assert!(office.get("/me").ok()["can_start"].as_array().is_some_and(|kinds| kinds.contains(&json!("toy_patrol"))));
    // The shared city runs the product's own binary.
    tests::city().person("df-justice.coordinator").get("/kinds/toy_patrol").problem(404, "not_found");
}

#[test]
fn every_input_is_validated_by_its_declaration() {
    let city = laboratory(LABORATORY).shared();
    let office = city.person("df-justice.coordinator");
    let with = |field: &str, value: Value| {
        let mut body = body(&city, &office, "核对每一种输入的检查");
        body[field] = value;
        office.post("/matters", &json!({ "kind": "toy_patrol", "body": body, "domains": ["other"], "not_secret": true, "submit": true }))
    };
    for (field, value, code) in [
        ("subject", json!("短"), "validation.length"),
        ("subject", json!(5), "validation.type"),
        ("subject", Value::Null, "validation.required"),
        ("unit", json!("df-nowhere"), "validation.unknown_unit"),
        ("unit", json!("xc-market"), "validation.unknown_unit"),
        ("due_date", json!("2027-02-30"), "validation.format"),
        ("way", json!("by_boat"), "validation.enum"),
        ("field", json!("nothing"), "validation.enum"),
        ("place", json!("两行\n地点"), "validation.control_character"),
        ("people", json!(0), "validation.range"),
        ("people", json!(1.5), "validation.type"),
        ("people", json!("4"), "validation.type"),
        ("cost", json!(-1), "validation.range"),
        ("cost", json!(10_000_000_000_001_i64), "validation.range"),
        ("at_night", json!("yes"), "validation.type"),
        ("guide", json!("somebody"), "validation.unknown_user"),
        ("points", json!("一条"), "validation.type"),
        ("points", json!(["1", "2", "3", "4", "5", "6"]), "validation.length"),
        ("papers", json!(["x"]), "validation.type"),
        ("rhythm", json!({ "every": "fortnight", "day": "last" }), "validation.format"),
        ("reason_by_car", Value::Null, "validation.required"),
        ("summary", json!("手填的小结"), "validation.unknown_field"),
        ("colour", json!("red"), "validation.unknown_field"),
    ] {
        with(field, value).fault(&format!("/body/{field}"), code);
    }
    with("helpers", json!(["df-water", "df-nowhere"])).fault("/body/helpers/1", "validation.unknown_unit");
    with("fields", json!(["nothing"])).fault("/body/fields/0", "validation.enum");
    with("points", json!(["好", 7])).fault("/body/points/1", "validation.type");
    with("stops", json!([{ "name": "一号点" }, {}])).fault("/body/stops/1/name", "validation.required");
    with("stops", json!([{ "name": "一号点", "colour": "red" }])).fault("/body/stops/0/colour", "validation.unknown_field");
    let mut own = body(&city, &office, "不能派给本单位的巡查");
    own["unit"] = json!("df-justice");
    office
        .post("/matters", &json!({ "kind": "toy_patrol", "body": own, "domains": ["other"], "not_secret": true, "submit": true }))
        .problem(409, "workflow.guard_failed");
}

#[test]
fn a_toy_goes_from_draft_to_the_reaction_of_its_children() {
    let city = laboratory(LABORATORY).shared();
    let office = city.person("df-justice.coordinator");
    let (officer, handler, helper) = (city.person("df-market.liaison_officer"), city.person("df-market.handler"), city.person("df-water.handler"));
    let draft = created(&office, "toy_patrol", &body(&city, &office, "沿颍河查看排污口"), false);
    let matter = id(&draft);
    assert_eq!(draft["state"], "draft");
    let sent = office.act(&matter, "submit", json!({})).ok();
    assert_eq!(sent["state"], "sent");
    assert_eq!(sent["title"], "沿颍河查看排污口");
    assert!(sent["number"].as_str().is_some_and(|number| number.contains("-TP-")), "{sent}");
    assert_eq!(sent["due_at"], json!(day(&office, 30)));
    assert!(officer.has_in_box("todo", &matter) && helper.has_in_box("todo", &matter), "a hand-over and an ask are duties");

    let refusal = json!({ "reason_code": "not_competent", "suggested_unit": "df-water", "reason_text": "河道排污口由水利部门查看" });
    assert_eq!(city.person("df-market.unit_head").act(&matter, "refuse", refusal.clone()).ok()["state"], "returned");
    office.act(&matter, "resend", json!({ "unit": "df-education" })).ok();
    assert_eq!(city.person("df-education.unit_head").act(&matter, "refuse", refusal).ok()["state"], "ruling");
    let ruled =
        office.act(&matter, "rule", json!({ "unit": "df-market", "grounds": "排污口涉及食品加工企业，由市场监管部门查看为宜", "tags": ["排污口"] }));
    assert_eq!(ruled.ok()["holder"]["unit"]["code"], "df-market");
    assert_eq!(officer.act(&matter, "receive", json!({})).ok()["state"], "patrolling");
    let people = officer.all("/users?unit=own");
    let named = people.iter().find(|user| user["username"] == "df-market.handler").expect("the bureau has a handler");
    assert_eq!(officer.act(&matter, "assign", json!({ "handler": named["id"] })).ok()["holder"]["person"]["id"], named["id"]);
    helper.act(&matter, "join", json!({ "text": "派两人参加" })).ok();
    handler.act(&matter, "conclude", json!({})).problem(409, "workflow.action_unavailable");
    let findings = json!({ "summary": "发现两处问题", "findings": [{ "content": "三号口无标识牌" }, { "content": "五号口水色异常" }] });
    let mending = handler.act(&matter, "report", findings).ok();
    assert_eq!(mending["state"], "mending");
    handler.act(&matter, "conclude", json!({})).problem(403, "permission.denied");
    let children = mending["children"].as_array().cloned().unwrap_or_default();
    assert_eq!(children.len(), 2, "{mending:#}");
    handler.act(&id(&children[0]), "mend", json!({})).ok();
    assert_eq!(handler.matter(&matter)["state"], "mending", "one is still open");
    handler.act(&id(&children[1]), "mend", json!({})).ok();
    let done = handler.matter(&matter);
    assert_eq!((&done["state"], &done["holder"]), (&json!("done"), &Value::Null), "the system concludes when all are mended");
    let events = handler.all(&format!("/matters/{matter}/events"));
    assert!(events.iter().any(|event| event["action"] == "conclude" && event["person"].is_null()), "{events:#?}");
    assert_eq!(office.get("/conservation").ok()["violations"], json!([]));
}

#[test]
fn a_toy_is_listed_filtered_found_and_counted() {
    let city = laboratory(LABORATORY).shared();
    let office = city.person("df-justice.coordinator");
    let matter = id(&created(&office, "toy_patrol", &body(&city, &office, "清点琉璃窑址的界桩"), true));
    let listed = office.all("/matters?kind=toy_patrol&way=by_car&unit=df-market&limit=200");
    let item = listed.iter().find(|item| item["id"] == json!(matter)).expect("the facet finds it");
    assert_eq!(item["columns"], json!({ "unit": "df-market", "way": "by_car", "place": "颍阳镇", "people": 4 }));
    assert!(office.all("/matters?kind=toy_patrol&way=on_foot&limit=200").iter().all(|item| item["columns"]["way"] == "on_foot"));
    assert!(office.all("/search?q=界桩").iter().any(|hit| hit["item"]["id"] == json!(matter)));
    assert!(office.all("/search?q=刘某").is_empty(), "a sensitive field is in no index");
    let counts = office.get("/matters/counts").ok();
    assert!(counts["open_by_kind"]["toy_patrol"].as_i64().is_some_and(|n| n > 0), "{counts}");
    assert!(!city.person("df-tax.handler").get(&format!("/matters/{matter}")).text().contains("界桩"));
}

#[test]
fn a_toy_comes_in_from_a_sheet_and_goes_out_again() {
    let city = laboratory(LABORATORY).shared();
    let office = city.person("df-justice.coordinator");
    let lists = office.get("/code-lists").ok();
    let label = |n: usize| lists["lists"]["domains"][n]["label"]["zh"].as_str().unwrap_or_default().to_owned();
    let two = format!("{}、{}", label(0), label(1));
    let sheet = sheets::table(&[
        &["巡查内容", "承担单位", "巡查时限", "巡查方式", "地点", "人数", "经费", "夜间", "巡查领域", "相关领域", "巡查要点"],
        &["表中第一件：查看卢崖瀑布周边护栏", "市水利局", "2027年6月底前", "步行", "卢崖", "3", "1,200.50元", "否", &label(0), &two, "护栏；警示牌"],
        &["表中第二件：查看卢崖瀑布的停车场", "市不存在局", "2027-06-30", "骑马", "卢崖", "很多", "", "", "", "", ""],
    ]);
    let preview = office.upload("/imports?kind=toy_patrol", "巡查.xlsx", sheet).ok();
    let rows = preview["rows"].as_array().cloned().unwrap_or_default();
    assert_eq!(rows.len(), 2, "{preview:#}");
    assert_eq!(rows[0]["verdict"], "accepted", "{:#}", rows[0]);
    let values = &rows[0]["values"];
    for (field, value) in [
        ("unit", json!("df-water")),
        ("due_date", json!("2027-06-30")),
        ("way", json!("on_foot")),
        ("people", json!(3)),
        ("cost", json!(120_050)),
        ("at_night", json!(false)),
        ("points", json!(["护栏", "警示牌"])),
    ] {
        assert_eq!(values[field], value, "{field}: {:#}", rows[0]);
    }
    assert_eq!(rows[1]["verdict"], "refused", "{:#}", rows[1]);
    let outcome = office.post(&format!("/imports/{}/commit", preview["id"].as_str().unwrap_or_default()), &json!({})).ok();
    assert_eq!(outcome["created"], 1, "{outcome}");

    let export = office.get("/exports/matters.xlsx?kind=toy_patrol&q=卢崖瀑布");
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(export.bytes.clone())).expect("the export is a workbook");
    let cells = workbook.worksheet_range_at(0).expect("a sheet").expect("the sheet can be read");
    let text: Vec<String> =
        cells.used_cells().map(|(_, _, cell)| if let Data::String(text) = cell { text.clone() } else { cell.to_string() }).collect();
    for expected in ["步行", "1200.50", "否", &two, "护栏；警示牌"] {
        assert!(text.iter().any(|cell| cell == expected), "{expected} is missing in {text:?}");
    }
    let again = office.upload("/imports?kind=toy_patrol", "matters.xlsx", export.bytes).ok();
    assert_eq!(again["counts"], json!({ "accepted": 0, "decide": 0, "refused": 0, "present": 1 }), "{again:#}");
}

/// A list of ferry landings: the title, two groups, a limit of each sort, two units in a cell.
fn rounds(title: &str) -> Vec<u8> {
    sheets::table(&[
        &[title],
        &["巡检事项", "负责部门", "协同部门", "巡检期限", "日志频次"],
        &["一、水上"],
        &["渡口甲：检查渡船的救生衣", "牵头：市水利局；配合：市文旅局", "", "两周内", ""],
        &["渡口乙：巡查码头的照明", "市水利局、市市场监管局", "", "每月25日前", ""],
        &["二、岸上"],
        &["渡口丙：维护岸边的警示牌", "市文旅局", "市水利局", "长期坚持", "每周"],
    ])
}

fn year(person: &Person) -> i32 {
    day(person, 0).split('-').next().and_then(|year| year.parse().ok()).expect("a day begins with its year")
}

/// Limits, groups, titles and several units in a cell are read by what the kind declares, whatever its fields are called.
#[test]
fn a_list_is_read_under_other_names() {
    let city = laboratory(LABORATORY).shared();
    let office = city.person("df-justice.coordinator");
    let title = format!("{}-{}年渡口巡检方案", year(&office), year(&office) + 1);
    let preview = office.upload("/imports?kind=toy_round", "巡检.xlsx", rounds(&title)).ok();
    let import = preview["id"].as_str().expect("an import has an id").to_owned();
    let values = |preview: &Value, n: usize| preview["rows"][n]["values"].clone();
    assert_eq!(preview["counts"], json!({ "accepted": 2, "decide": 1, "refused": 0, "present": 0 }), "{preview:#}");
    let [once, again, always] = [0, 1, 2].map(|n| values(&preview, n));
    for (values, field, value) in [
        (&once, "bureau", json!("df-water")),
        (&once, "partners", json!(["df-culture-tourism"])),
        (&once, "season", json!("date")),
        (&once, "ends_on", json!(day(&office, 14))),
        (&once, "as_said", json!("两周内")),
        (&once, "scheme", json!(title)),
        (&once, "chapter", json!("一、水上")),
        (&once, "diary", json!("weekly")),
        (&again, "season", json!("recurring")),
        (&again, "diary", json!("never")),
        (&always, "season", json!("standing")),
        (&always, "chapter", json!("二、岸上")),
        (&always, "partners", json!(["df-water"])),
        // What the row says goes before what goes with such a limit.
        (&always, "diary", json!("weekly")),
    ] {
        assert_eq!(values[field], value, "{field}: {preview:#}");
    }
    let number = preview["rows"][1]["row"].as_i64().unwrap_or_default();
    let settled = office.patch(&format!("/imports/{import}/rows/{number}"), None, &json!({ "values": { "bureau": "df-market" } })).ok();
    assert_eq!(values(&settled, 1)["partners"], json!(["df-water"]), "who doesn't lead takes part");
    assert_eq!(office.post(&format!("/imports/{import}/commit"), &json!({})).ok()["created"], 3);
    let listed = office.all("/matters?kind=toy_round&q=渡口乙&limit=50");
    let series = listed[0]["id"].as_str().map(|id| office.matter(id)).expect("it is listed");
    assert_eq!(series["body"]["rhythm"]["until"], json!(format!("{}-12-31", year(&office) + 1)), "it ends with the years of its list");

    let export = office.get("/exports/matters.xlsx?kind=toy_round&q=渡口");
    let back = office.upload("/imports?kind=toy_round", "matters.xlsx", export.bytes).ok();
    assert_eq!(back["counts"], json!({ "accepted": 0, "decide": 0, "refused": 0, "present": 3 }), "{back:#}");
    for (n, typed) in [once, always].iter().enumerate().map(|(n, typed)| (n * 2, typed)) {
        for field in ["duty", "bureau", "partners", "scheme", "chapter", "season", "ends_on", "diary"] {
            assert_eq!(values(&back, n)[field], typed[field], "{field}: {back:#}");
        }
    }

    let overview = office.get("/stats/overview?kind=toy_round").ok();
    let grouped: Vec<[&Value; 4]> = overview["grouped"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| [&one["field"], &one["title"]["zh"], &one["heading"]["zh"], &one["shown"]])
        .collect();
    assert_eq!(
        json!(grouped),
        json!([
            ["scheme", "方案进度", "方案依据", "progress"],
            ["diary", "按日志频次", "日志频次", "bars"],
            ["bureau", "按负责部门", "部门", "folded"]
        ])
    );
    let scheme = overview["grouped"][0]["groups"].as_array().and_then(|groups| groups.iter().find(|group| group["key"] == json!(title)).cloned());
    assert!(scheme.is_some_and(|scheme| scheme["open"]["n"].as_i64() >= Some(3)), "{overview:#}");
    assert_eq!((&overview["duties"][0]["state"], &overview["duties"][0]["label"]["zh"]), (&json!("checking"), &json!("待核验")));
    for username in ["df-justice.coordinator", "df-procuratorate.prosecutor"] {
        for path in ["/stats/overview?kind=toy_round", "/stats/overview"] {
            crate::figures::figures_equal_lists(&city.person(username), path);
        }
    }
    assert_eq!(office.get("/stats/overview").ok()["kind"], "work_item", "the first that has one");
    office.get("/stats/overview?kind=toy_finding").problem(400, "request.query_invalid");
}

/// Periods open, come again and end by what the kind declares.
#[test]
fn a_round_recurs_under_other_names() {
    let mut laboratory = laboratory(LABORATORY).alone();
    let round = |city: &City, duty: &str, rhythm: Value| {
        let office = city.person("df-justice.coordinator");
        let body = json!({ "duty": duty, "bureau": "df-water", "partners": [], "scheme": "津渡方案", "season": "recurring", "rhythm": rhythm, "diary": "weekly" });
        let matter = id(&created(&office, "toy_round", &body, true));
        city.person("df-water.liaison_officer").act(&matter, "receive", json!({})).ok();
        matter
    };
    let periods = |city: &City, matter: &str| -> Vec<Value> {
        let office = city.person("df-justice.coordinator");
        let listed = office.all(&format!("/matters?parent={matter}&sort=number&limit=50"));
        listed.iter().map(|item| office.matter(item["id"].as_str().unwrap_or_default())).collect()
    };
    let (far, week) = {
        let office = laboratory.person("df-justice.coordinator");
        (day(&office, 700), day(&office, 6))
    };
    let monthly = round(&laboratory, "每月巡查一次的航标", json!({ "every": "month", "day": { "day": 25 }, "until": far }));
    let short = round(&laboratory, "本周巡查一次的航标", json!({ "every": "week", "day": { "weekday": 5 }, "until": week }));

    let first = periods(&laboratory, &monthly);
    assert_eq!(first.len(), 1, "{first:#?}");
    let period = &first[0];
    assert_eq!((&period["state"], &period["holder"]["unit"]["code"]), (&json!("afloat"), &json!("df-water")));
    assert_eq!((&period["body"]["season"], &period["body"]["diary"], &period["body"]["rhythm"]), (&json!("date"), &json!("never"), &Value::Null));
    assert_eq!(period["body"]["ends_on"], period["due_at"]);

    let only = periods(&laboratory, &short);
    assert_eq!(only.len(), 1, "{only:#?}");
    laboratory.person("df-water.handler").act(&id(&only[0]), "hand_in", json!({ "outcome": "照明全部完好" })).ok();
    let office = laboratory.person("df-justice.coordinator");
    office.act(&id(&only[0]), "pass", json!({})).ok();
    assert_eq!(office.matter(&short)["state"], "finished", "the last period ends the series");

    laboratory.pass_days(31);
    let both = periods(&laboratory, &monthly);
    assert_eq!(both.len(), 2, "the job opens the next one: {both:#?}");
    assert_ne!(both[0]["due_at"], both[1]["due_at"]);
    assert_eq!(laboratory.person("df-justice.coordinator").get("/conservation").ok()["violations"], json!([]));
}
