//! Every figure opens the list of exactly what it counts, and counters equal a recount.

use crate::work_item::{completed, day, handed_out};
use serde_json::{Value, json};
use tests::{Person, city};

/// All figures in an answer: number and the list's query.
fn figures(value: &Value, found: &mut Vec<(i64, String)>) {
    match value {
        Value::Object(fields) => {
            if let (Some(n), Some(query)) = (value["n"].as_i64(), value["query"].as_str()) {
                found.push((n, query.to_owned()));
            }
            fields.values().for_each(|field| figures(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| figures(item, found)),
        _ => {}
    }
}

/// Other tests change matters meanwhile: a figure is read again until it stands still beside its list.
#[track_caller]
pub fn figures_equal_lists(person: &Person, overview: &str) {
    let mut wrong = Vec::new();
    for _ in 0..8 {
        let mut found = Vec::new();
        figures(&person.get(overview).ok(), &mut found);
        assert!(found.len() >= 10, "an overview has figures");
        wrong = found
            .into_iter()
            .filter_map(|(n, query)| {
                let listed = person.all(&format!("/matters?limit=200&{query}")).len();
                (i64::try_from(listed) != Ok(n)).then(|| format!("{query}: figure {n}, list {listed}"))
            })
            .collect();
        if wrong.is_empty() {
            return;
        }
    }
    panic!("{}: {wrong:#?}", person.username);
}

#[test]
fn a_figure_counts_what_its_list_shows() {
    for username in ["df-justice.coordinator", "df-water.liaison_officer", "df-procuratorate.prosecutor", "xc-justice.coordinator"] {
        figures_equal_lists(&city().person(username), "/stats/overview");
    }
}

#[test]
fn boxes_count_what_they_show() {
    let officer = city().person("df-civil-affairs.liaison_officer");
    let counts = officer.get("/matters/counts").ok();
    for name in ["todo", "done", "cc", "mine", "drafts"] {
        // Of what was started here that which others still owe.
        let open = if name == "mine" { "&open=true&elsewhere=true" } else { "" };
        let listed = officer.all(&format!("/matters?limit=200&box={name}{open}")).len();
        assert_eq!(counts[name], json!(listed), "{name}: {counts}");
    }
}

#[test]
fn any_facet_of_a_kind_is_a_filter() {
    let id = handed_out("按依据条款可以筛选到的一项任务");
    let office = city().person("df-justice.coordinator");
    let found = office.all("/matters?limit=200&kind=work_item&lead_unit=df-market&origin=key_points");
    assert!(found.iter().any(|item| item["id"] == json!(id)));
    assert!(found.iter().all(|item| item["columns"]["lead_unit"] == "df-market"), "{found:#?}");
    office.get("/matters?colour=red").problem(400, "request.query_invalid");
    for query in ["kind=nothing", "state=nowhere", "kind=work_list&state=rework", "kind=work_item&state=sent,nowhere"] {
        office.get(&format!("/matters?{query}")).problem(400, "request.query_invalid");
    }
    office.get("/matters?lamp=purple").problem(400, "request.query_invalid");
    assert!(office.all("/matters?limit=200&lamp=red").iter().all(|item| item["lamp"] == "red"));
    assert!(office.all("/matters?limit=200&lamp=yellow").iter().all(|item| item["lamp"] == "yellow"));
}

#[test]
fn a_clause_is_one_however_its_brackets_are_typed() {
    let office = city().person("df-justice.coordinator");
    let typed = ["来源方案二(一)", "来源方案二（一）"];
    for (index, clause) in typed.into_iter().enumerate() {
        let mut body = crate::work_item::body(&office, &format!("两种括号写法的同一条款之任务{index}"));
        body["origin_ref"] = json!(clause);
        let matter = crate::toy::created(&office, "work_item", &body, true);
        assert_eq!(office.matter(&crate::work_item::id(&matter))["body"]["origin_ref"], json!(clause), "it stays as typed");
    }
    let overview = office.get("/stats/overview").ok();
    let by_clause = overview["grouped"].as_array().into_iter().flatten().find(|grouped| grouped["field"] == "origin_ref").expect("clauses");
    let groups = by_clause["groups"].as_array().cloned().unwrap_or_default();
    let of_clause: Vec<&Value> = groups.iter().filter(|group| group.to_string().contains("来源方案二")).collect();
    assert_eq!(of_clause.len(), 1, "{of_clause:#?}");
    for asked in
        ["%E6%9D%A5%E6%BA%90%E6%96%B9%E6%A1%88%E4%BA%8C(%E4%B8%80)", "%E6%9D%A5%E6%BA%90%E6%96%B9%E6%A1%88%E4%BA%8C%EF%BC%88%E4%B8%80%EF%BC%89"]
    {
        assert_eq!(office.all(&format!("/matters?limit=200&kind=work_item&origin_ref={asked}")).len(), 2, "{asked}");
    }
}

#[test]
fn counters_equal_a_recount_after_work() {
    let id = handed_out("各步骤都计入统计数的一项任务");
    let officer = city().person("df-market.liaison_officer");
    officer.act(&id, "receive", json!({})).ok();
    let later = json!({ "new_due": day(&officer, 90), "reason_code": "policy", "reason_text": "等待上级部门修订统一的格式" });
    city().person("df-market.unit_head").act(&id, "request_extension", later).ok();
    let report = city().person("df-justice.coordinator").get("/conservation").ok();
    let counters: Vec<&Value> = report["violations"].as_array().into_iter().flatten().filter(|v| v["invariant"] == "counters").collect();
    assert!(counters.is_empty(), "{counters:#?}");
}

/// domain.md §8.3: sent back twice is one reworked task, and the list of the figure has it once.
#[test]
fn reworked_and_extended_tasks_are_told_apart() {
    let matter = handed_out("返工两次又延期的任务");
    let (office, head) = (city().person("df-justice.coordinator"), city().person("df-market.unit_head"));
    let listed = |query: &str| {
        let list = office.all(&format!("/matters?limit=200&kind=work_item&{query}"));
        list.iter().filter(|item| item["id"] == json!(matter)).count()
    };
    head.act(&matter, "receive", json!({})).ok();
    assert_eq!((listed("reworked=true"), listed("extended=true")), (0, 0));
    let later = json!({ "new_due": day(&office, 100), "reason_code": "policy", "reason_text": "上级部门正在修订台账的统一格式" });
    head.act(&matter, "request_extension", later).ok();
    office.act(&matter, "approve_extension", json!({ "opinion": "同意延期" })).ok();
    let result = json!({ "result": "五十家冷链仓库全部核查完毕，台账和清单已经建立" });
    completed("df-market", &matter, &result).ok();
    for _ in 0..2 {
        office.act(&matter, "return_for_rework", json!({ "defects": ["缺少台账"], "rework_days": 3 })).ok();
        head.act(&matter, "report_completion", result.clone()).ok();
    }
    office.act(&matter, "accept", json!({ "grade": "done", "opinion": "资料齐全，予以销号" })).ok();
    assert_eq!((listed("reworked=true"), listed("extended=true"), listed("extended=true&reworked=true&open=true")), (1, 1, 0));
    let overview = office.get("/stats/overview").ok();
    assert!(overview["reworked"]["n"].as_i64() > Some(0) && overview["extended"]["n"].as_i64() > Some(0), "{overview:#}");
    let titles: Vec<&Value> = overview["grouped"].as_array().into_iter().flatten().map(|grouped| &grouped["title"]["zh"]).collect();
    assert_eq!(titles, ["工作方案逐条进展", "按任务来源", "按牵头单位"]);
    let by_lead = overview["grouped"][2]["groups"].as_array().cloned().unwrap_or_default();
    let lead = by_lead.iter().find(|group| group["key"] == "df-market");
    assert!(lead.is_some_and(|lead| lead["label"]["zh"] == "市市场监管局" && lead["closed"]["n"].as_i64() > Some(0)));
}
