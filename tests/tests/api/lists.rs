//! Reference data and lists: entity tags, limits, cursors.

use crate::work_item::handed_out;
use serde_json::Value;
use std::collections::BTreeSet;
use tests::city;

#[test]
fn reference_data_is_complete_and_cached() {
    let person = city().person("df-market.handler");
    let kinds = person.get("/kinds").ok();
    let codes: BTreeSet<&str> = kinds.as_array().into_iter().flatten().filter_map(|kind| kind["code"].as_str()).collect();
    assert!(codes.contains("work_item") && codes.contains("work_list"), "{codes:?}");
    let declared = person.get("/kinds/work_item").ok();
    assert!(declared["steps"].as_array().is_some_and(|steps| { steps.iter().any(|step| step["action"] == "report_completion") }));
    person.get("/kinds/nothing").problem(404, "not_found");

    let units = person.get("/units").ok();
    let units = units.as_array().expect("a list of units");
    assert!(units.len() > 50 && units.iter().all(|unit| unit["code"].as_str().is_some_and(|code| code.starts_with("df-"))));
    // In the order of the city's own list, which is that of protocol.
    let listed: Value = serde_json::from_str(include_str!("../../../data/units.json")).expect("the list of units");
    let of_city = listed["units"].as_array().into_iter().flatten().filter(|unit| unit["code"].as_str().is_some_and(|code| code.starts_with("df-")));
    let wanted: Vec<&Value> = of_city.map(|unit| &unit["code"]).collect();
    // Tests beside this one make units of their own, after those.
    assert!(units.iter().map(|unit| &unit["code"]).take(wanted.len()).eq(wanted), "{units:#?}");
    let lists = person.get("/code-lists").ok();
    for list in ["work_item_origins", "refusal_reasons", "extension_reasons"] {
        assert!(lists["lists"][list].as_array().is_some_and(|codes| !codes.is_empty()), "{list}");
    }
    for path in ["/kinds", "/units", "/code-lists", "/roles", "/clock-rules", "/calendars"] {
        let tag = person.get(path).header("etag").to_owned();
        assert!(!tag.is_empty(), "{path} has no entity tag");
        assert_eq!(person.get(path).header("etag"), tag, "{path}");
    }
}

#[test]
fn a_page_has_stated_limits() {
    let person = city().person("df-justice.coordinator");
    for limit in ["0", "201", "-1", "many"] {
        person.get(&format!("/matters?limit={limit}")).problem(400, "page.limit_out_of_range");
    }
    for cursor in ["nonsense", "00", "%00"] {
        person.get(&format!("/matters?cursor={cursor}")).problem(400, "page.cursor_invalid");
    }
    person.get("/matters?box=nowhere").problem(400, "request.query_invalid");
    person.get("/matters?due_before=2026-13-01").problem(400, "request.query_invalid");
    person.get("/matters?colour=red").problem(400, "request.query_invalid");
    person.get("/matters?limit=200").ok();
}

#[test]
fn cursors_walk_every_matter_once() {
    for n in 0..5 {
        handed_out(&format!("用来翻页的第{n}项任务，内容不重要"));
    }
    let person = city().person("df-market.liaison_officer");
    for sort in ["due", "updated", "number"] {
        let items = person.all(&format!("/matters?box=todo&kind=work_item&sort={sort}&limit=2"));
        let ids: Vec<&str> = items.iter().filter_map(|item| item["id"].as_str()).collect();
        let distinct: BTreeSet<&str> = ids.iter().copied().collect();
        assert!(ids.len() >= 5, "{sort}");
        // A list sorted by its last change may show one again that changed meanwhile, never lose one.
        assert!(sort == "updated" || distinct.len() == ids.len(), "{sort}: twice on the way");
    }
    let item = person.get("/matters?box=todo&limit=1").ok()["items"][0].clone();
    for member in ["id", "number", "kind", "title", "state", "holder", "due_at", "lamp", "version"] {
        assert!(item.get(member).is_some(), "an item lacks {member}: {item}");
    }
}

#[test]
fn the_numbers_beside_the_boxes_are_the_lengths_of_the_lists() {
    // A unit that no other test writes to.
    let person = city().person("df-veterans.liaison_officer");
    let counts = person.get("/matters/counts").ok();
    for name in ["todo", "cc", "mine", "drafts", "done"] {
        let listed = person.all(&format!("/matters?box={name}&limit=200")).len();
        assert_eq!(counts[name], Value::from(listed), "{name}");
    }
}

#[test]
fn search_finds_words_of_two_characters() {
    let id = handed_out("整治琉璃瓦窑的扬尘问题并按月复查");
    let person = city().person("df-market.liaison_officer");
    let found = |q: &str, person: &tests::Person| person.all(&format!("/search?q={q}")).iter().any(|hit| hit["item"]["id"] == id.as_str());
    assert!(found("瓦窑", &person));
    assert!(!found("瓦窑", &city().person("df-water.handler")), "search follows visibility");
}
