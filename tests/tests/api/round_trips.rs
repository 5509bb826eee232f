//! Turns to the database: each is a way over the network where the database is on another machine. As few as are promised, whatever
//! the matter and the list; counted by the server itself.

use crate::{toy::created, walk::walk, work_item::body};
use serde_json::Value;
use tests::City;

const MATTER: (&str, &str) = ("GET", "/api/v1/matters/{id}");
const CREATE: (&str, &str) = ("POST", "/api/v1/matters");
const ACTION: (&str, &str) = ("POST", "/api/v1/matters/{id}/actions/{action}");
const LIST: (&str, &str) = ("GET", "/api/v1/matters");

/// The most turns that answers with a status took so far, as far as the figure's buckets tell it; and how many answers there were.
fn most(city: &City, (method, route): (&str, &str), status: u16) -> (u32, u64) {
    let figures = city.get_outside("/metrics", |request| request).text();
    let begin = format!(r#"liandong_http_database_round_trips_bucket{{method="{method}",route="{route}",status="{status}",le=""#);
    let buckets: Vec<(&str, u64)> =
        figures.lines().filter_map(|line| line.strip_prefix(&begin)?.split_once("\"} ")).map(|(le, n)| (le, n.parse().expect("a number"))).collect();
    let all = buckets.last().unwrap_or_else(|| panic!("no figure for {method} {route} {status}:\n{figures}")).1;
    let most = buckets.iter().find(|(_, n)| *n == all).map_or("+Inf", |(le, _)| le);
    (most.parse().unwrap_or(u32::MAX), all)
}

#[test]
fn a_matter_takes_three_and_a_list_two() {
    let city = City::start().expect("a city starts");
    // The first request of a server reads the units and the calendar, too.
    city.person("df-justice.coordinator").get("/me").ok();
    let mut seen = 0;
    for person in ["df-justice.coordinator", "df-market.liaison_officer", "df-procuratorate.prosecutor", "df-housing.handler"] {
        let person = city.person(person);
        for query in [
            "",
            "?kind=work_item",
            "?kind=work_list",
            "?box=todo",
            "?box=done&sort=updated",
            "?box=cc",
            "?box=mine",
            "?box=drafts",
            "?lamp=red",
            "?overdue=true",
            "?q=%E6%95%B4%E6%B2%BB",
            "?sort=number&limit=7",
            "?on_time=false&kind=work_item",
        ] {
            let page = person.get(&format!("/matters{query}")).ok();
            let items = page["items"].as_array().expect("a page has items");
            for item in items.iter().take(8) {
                person.get(&format!("/matters/{}", item["id"].as_str().expect("an item has an id"))).ok();
                seen += 1;
            }
            if let Value::String(cursor) = &page["next_cursor"] {
                let joint = if query.is_empty() { '?' } else { '&' };
                person.get(&format!("/matters{query}{joint}cursor={cursor}")).ok();
            }
        }
    }
    assert!(seen > 100, "{seen}");
    let (turns, counted) = most(&city, MATTER, 200);
    assert_eq!(counted, seen);
    assert!((2..=3).contains(&turns), "one matter took {turns}");
    let (turns, _) = most(&city, LIST, 200);
    assert_eq!(turns, 2, "a list");
}

#[test]
fn a_step_takes_eight_and_a_new_matter_no_more() {
    let city = City::start().expect("a city starts");
    let office = city.person("df-justice.coordinator");
    office.get("/me").ok();
    created(&office, "work_item", &body(&office, "一份草稿"), false);
    let (turns, _) = most(&city, CREATE, 201);
    assert!((4..=8).contains(&turns), "a draft took {turns}");
    created(&office, "work_item", &body(&office, "一份随即下发的任务"), true);
    let (turns, counted) = most(&city, CREATE, 201);
    assert_eq!(counted, 2);
    assert!((5..=8).contains(&turns), "a draft handed out at once took {turns}");
    let actions = walk(&city, 0x2026_1130, 60);
    assert!(actions.len() > 8, "{actions:?}");
    let (turns, counted) = most(&city, ACTION, 200);
    assert!(counted >= 50, "{counted}");
    assert!((5..=8).contains(&turns), "a step took {turns}: {actions:?}");
}
