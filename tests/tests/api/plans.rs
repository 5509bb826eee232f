//! No list, box, filter or job reads a whole table that grows: the server tells each statement it sends, and the database how it would
//! find the rows.

use crate::{
    toy::{LABORATORY, created},
    work_item::{body, id},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
};
use tests::{City, Laboratory};

/// Tables that don't grow with the matters: as many rows as cities, units, people, calendars or declared things.
const SMALL: &[&str] = &[
    "search_range",
    "jurisdiction",
    "unit",
    "calendar_edition",
    "calendar_switch",
    "shipped_calendar",
    "seaql_migrations",
    "sqlite_master",
    "matter_number",
];

/// Statements that stop early, or begin at an end of the table.
const BOUNDED: &[&str] = &[
    // The oldest differences, five thousand at a time.
    "WITH first AS MATERIALIZED (SELECT id FROM counter_delta ORDER BY id LIMIT 5000",
    // Asks whether there is any row.
    "SELECT 1 AS n WHERE NOT EXISTS (SELECT 1 FROM counter)",
    // The last event.
    "SELECT id FROM event ORDER BY id DESC LIMIT 1",
    // The last seal.
    r#"SELECT "seal"."seq", "seal"."at", "seal"."events", "seal"."root", "seal"."previous", "seal"."signature" FROM "seal" ORDER BY "seal"."seq" DESC LIMIT"#,
];

/// The statements that the server sent so far, each once.
fn statements(city: &City) -> BTreeSet<String> {
    let log = city.log();
    let told = log.lines().filter_map(|line| line.split_once("liandong::sql: sql=")?.1.rsplit_once(" ms=").map(|(sql, _)| sql));
    told.map(|sql| serde_json::from_str(sql).unwrap_or_else(|error| panic!("{error}: {sql}"))).collect()
}

/// What people ask for all day, and the jobs behind them.
fn a_few_weeks(laboratory: &Laboratory) {
    let mut city = laboratory.alone();
    let everybody = ["df-justice.coordinator", "df-market.liaison_officer", "df-market.unit_head", "df-procuratorate.prosecutor"];
    let filters = [
        "",
        "box=todo",
        "box=done",
        "box=cc",
        "box=mine",
        "box=drafts",
        "kind=work_item",
        "state=sent",
        "unit=df-market",
        "domain=food_drug",
        "due_before=2027-01-01",
        "due_after=2026-01-01",
        "limit_before=2027-01-01",
        "overdue=true",
        "overdue=false&box=todo",
        "open=true",
        "open=false",
        "lamp=red",
        "lamp=yellow",
        "lamp=green",
        "lamp=grey",
        "level=2",
        "q=%E6%95%B4%E6%B2%BB",
        "sort=updated",
        "sort=number",
        "on_time=false",
        "extension=true",
        "elsewhere=true",
        "extended=true",
        "reworked=true",
        "receipt_overdue=true",
        "closed_after=2026-01-01",
        "rated_after=2026-01-01&on_time=true",
    ];
    for name in everybody {
        let person = city.person(name);
        for filter in filters {
            let page = person.get(&format!("/matters?limit=3&{filter}"));
            if page.status != 200 {
                panic!("{filter}: {page}");
            }
            let page = page.json();
            if let Value::String(cursor) = &page["next_cursor"] {
                person.get(&format!("/matters?limit=3&{filter}&cursor={cursor}")).ok();
            }
            if let Some(item) = page["items"].as_array().and_then(|items| items.first()) {
                let matter = id(item);
                for part in ["", "/events", "/comments", "/attachments", "/links", "/access"] {
                    let _ = person.get(&format!("/matters/{matter}{part}"));
                }
            }
        }
        for path in ["/me", "/matters/counts", "/notices", "/search?q=%E6%95%B4%E6%B2%BB", "/stats/overview", "/views", "/calendars"] {
            let _ = person.get(path);
        }
    }
    let office = city.person("df-justice.coordinator");
    let matter = id(&created(&office, "work_item", &body(&office, "查看执行计划时交办的任务"), true));
    let officer = city.person("df-market.liaison_officer");
    officer.act(&matter, "receive", json!({})).ok();
    office.act(&matter, "urge", json!({ "text": "请尽快办理" })).ok();
    for _ in 0..3 {
        city.pass_days(18);
    }
}

/// Names that stand for what in a statement: `matter m` and `matter AS m` both make `m` a matter.
fn tables(sql: &str) -> BTreeMap<String, String> {
    let words: Vec<&str> = sql.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '"')).filter(|word| !word.is_empty()).collect();
    let mut tables = BTreeMap::new();
    for (at, word) in words.iter().enumerate() {
        if matches!(word.to_ascii_uppercase().as_str(), "FROM" | "JOIN" | "UPDATE" | "INTO")
            && let Some(table) = words.get(at + 1)
        {
            let alias = words.get(at + 2).filter(|alias| alias.eq_ignore_ascii_case("AS")).map_or(words.get(at + 2), |_| words.get(at + 3));
            tables.insert((*table).to_owned(), (*table).to_owned());
            if let Some(alias) = alias {
                tables.insert((*alias).to_owned(), (*table).to_owned());
            }
        }
    }
    // Queries with a name are seen where they are said; rows that come with a statement are few.
    let named = words.windows(3).filter(|three| three[1] == "AS" && three[2] == "MATERIALIZED").map(|three| three[0]);
    let no_tables: Vec<&str> = named.chain(["json_each"]).collect();
    tables.retain(|_, table| !no_tables.contains(&table.as_str()));
    tables
}

/// Tables of a plan that are read whole.
fn read_whole(city: &City, sql: &str) -> Vec<String> {
    let known = tables(sql);
    let mut found = Vec::new();
    if city.database_url.starts_with("sqlite") {
        // Debian's SQLite may be older than the product's own and not know the function; the plan is the same.
        let plan = city.sql(&format!("EXPLAIN QUERY PLAN {}", sql.replace("unhex(", "hex("))).unwrap_or_else(|error| panic!("{error}: {sql}"));
        for line in plan.lines() {
            // The words of a text are an index, too: `M` is for a match, whatever the order and the bounds (`192:M1<`).
            if line.split_once("VIRTUAL TABLE INDEX ").and_then(|(_, index)| index.split_once(':')).is_some_and(|(_, asked)| asked.starts_with('M')) {
                continue;
            }
            let Some(name) = line.split_once("SCAN ").and_then(|(_, rest)| rest.split_whitespace().next()) else { continue };
            found.extend(known.get(name).cloned());
        }
    } else {
        let plan = city.sql(&format!(
            "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan; PREPARE asked AS {sql}; EXPLAIN (COSTS OFF) EXECUTE asked{}",
            parameters(sql)
        ));
        let plan = plan.unwrap_or_else(|error| panic!("{error}: {sql}"));
        for line in plan.lines() {
            found.extend(line.split_once("Seq Scan on ").and_then(|(_, rest)| rest.split_whitespace().next()).map(str::to_owned));
        }
    }
    found.retain(|table| !SMALL.contains(&table.as_str()));
    found
}

/// As many nulls as the statement has parameters.
fn parameters(sql: &str) -> String {
    let most = sql.split('$').skip(1).filter_map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<usize>().ok()).max().unwrap_or(0);
    if most == 0 { String::new() } else { format!("({})", vec!["NULL"; most].join(", ")) }
}

#[test]
fn no_statement_reads_a_growing_table_whole() {
    let laboratory = Laboratory::start_with(LABORATORY, &[("LIANDONG_LOG", "warn,liandong::sql=trace")]);
    a_few_weeks(&laboratory);
    let city = laboratory.shared();
    let sent = statements(city.deref());
    assert!(sent.len() > 100, "{}", sent.len());
    let mut faults = Vec::new();
    // On SQLite a text may have several statements.
    let sent: BTreeSet<&str> = sent.iter().flat_map(|text| text.split("; ")).collect();
    let reads = |sql: &str| ["SELECT", "UPDATE", "DELETE", "INSERT", "WITH"].iter().any(|verb| sql.trim_start().starts_with(verb));
    for sql in sent.iter().filter(|sql| reads(sql)) {
        if BOUNDED.iter().any(|bounded| sql.starts_with(bounded)) {
            continue;
        }
        let whole = read_whole(&city, sql);
        if !whole.is_empty() {
            faults.push(format!("{whole:?}: {}", sql.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    assert!(faults.is_empty(), "{} of {} statements:\n{}", faults.len(), sent.len(), faults.join("\n"));
}
