//! The linkage office's one page. Every figure carries the filter of the list that shows exactly what it counts.

use crate::{
    error::Result,
    matter::list::{Filter, count, grouped},
    reference::Reference,
    scope::Actor,
    state::App,
};
use chrono::Duration;
use shared::kernel::{
    api::{Figure, GroupFigure, Overview, UnitFigure},
    text::{Text, t},
};
use std::collections::BTreeMap;
use uuid::Uuid;

struct Counting<'a> {
    app: &'a App,
    reference: &'a Reference,
    actor: &'a Actor,
}

impl Counting<'_> {
    async fn figure(&self, query: &str, m: Option<i64>) -> Result<Figure> {
        let n = count(self.app, self.reference, self.actor, &filter(query)?).await?;
        Ok(Figure { n, m, query: query.to_owned() })
    }

    async fn groups(&self, query: &str, expression: &str) -> Result<BTreeMap<String, i64>> {
        let rows = grouped(self.app, self.reference, self.actor, &filter(query)?, expression).await?;
        Ok(rows.into_iter().filter_map(|(key, n)| Some((key?, n))).collect())
    }
}

/// The same parsing as of the list's own query string, so that figure and list can't differ.
fn filter(query: &str) -> Result<Filter> {
    actix_web::web::Query::<Filter>::from_query(query)
        .map(actix_web::web::Query::into_inner)
        .map_err(|error| crate::error::Error::Other(format!("figure filter {query}: {error}")))
}

pub(crate) async fn overview(app: &App, reference: &Reference, actor: &Actor) -> Result<Overview> {
    let counting = Counting { app, reference, actor };
    let today = app.time.today();
    let soon = today + Duration::days(3);
    let kind = "kind=work_item";
    let year_start = chrono::NaiveDate::from_ymd_opt(chrono::Datelike::year(&today), 1, 1).unwrap_or(today);
    let closed = counting.figure(&format!("{kind}&state=closed&closed_after={year_start}"), None).await?;
    let by_unit = by_unit(&counting, kind).await?;
    let mut waiting: Vec<UnitFigure> = by_unit.iter().filter(|unit| unit.overdue.n > 0).cloned().collect();
    waiting.sort_by_key(|unit| std::cmp::Reverse((unit.overdue.n, unit.longest_days)));
    let json = |field: &str| if app.db.is_postgres() { format!("(m.body ->> '{field}')") } else { format!("json_extract(m.body, '$.{field}')") };
    let origins = app.code_lists.get("work_item_origins").cloned().unwrap_or_default();
    let origin_label = |code: &str| origins.iter().find(|choice| choice.code == code).map_or_else(|| t(code, code), |choice| choice.label.clone());
    let states = app.kind("work_item")?.states.clone();
    let state_label = |code: &str| states.iter().find(|state| state.code == code).map_or_else(|| t(code, code), |state| state.label.clone());
    Ok(Overview {
        as_of: app.time.now(),
        open: counting.figure(&format!("{kind}&open=true"), None).await?,
        overdue: counting.figure(&format!("{kind}&overdue=true"), None).await?,
        overdue_units: i64::try_from(waiting.len()).unwrap_or(0),
        due_soon: counting.figure(&format!("{kind}&open=true&overdue=false&due_before={soon}"), None).await?,
        on_time: counting.figure(&format!("{kind}&on_time=true&closed_after={year_start}"), Some(closed.n)).await?,
        to_rule: counting.figure("state=ruling", None).await?,
        to_accept: counting.figure(&format!("{kind}&state=accepting"), None).await?,
        to_approve: counting.figure(&format!("{kind}&extension=true"), None).await?,
        receipt_overdue: counting.figure("receipt_overdue=true", None).await?,
        waiting_for: waiting,
        by_clause: groups(&counting, kind, "origin_ref", &json("origin_ref"), &|code| t(code, code)).await?,
        by_source: groups(&counting, kind, "origin", &json("origin"), &origin_label).await?,
        by_state: groups(&counting, kind, "state", "m.state", &state_label).await?,
        by_unit,
    })
}

async fn by_unit(counting: &Counting<'_>, kind: &str) -> Result<Vec<UnitFigure>> {
    let code = "(SELECT u.code FROM unit u WHERE u.id = m.holder_unit_id)";
    let open = counting.groups(&format!("{kind}&open=true"), code).await?;
    let overdue = counting.groups(&format!("{kind}&overdue=true"), code).await?;
    let to_receive = counting.groups(&format!("{kind}&state=sent"), code).await?;
    let longest = longest(counting).await?;
    Ok(open
        .into_iter()
        .map(|(unit, n)| {
            let brief = counting.reference.unit_id(&unit).map(|id: Uuid| counting.reference.brief(id)).unwrap_or_else(|| counting.reference.brief(Uuid::nil()));
            UnitFigure {
                open: Figure { n, m: None, query: format!("{kind}&open=true&unit={unit}") },
                overdue: Figure { n: overdue.get(&unit).copied().unwrap_or(0), m: Some(n), query: format!("{kind}&overdue=true&unit={unit}") },
                to_receive: Figure { n: to_receive.get(&unit).copied().unwrap_or(0), m: None, query: format!("{kind}&state=sent&unit={unit}") },
                longest_days: longest.get(&unit).copied().unwrap_or(0),
                unit: brief,
            }
        })
        .collect())
}

/// Days the longest overdue matter of each unit is late.
async fn longest(counting: &Counting<'_>) -> Result<BTreeMap<String, i64>> {
    let text = if counting.app.db.is_postgres() { "CAST(MIN(m.due_on) AS text)" } else { "MIN(m.due_on)" };
    let (sql, values) = crate::matter::list::conditions(counting.app, counting.reference, counting.actor, &filter("kind=work_item&overdue=true")?)?;
    let sql = format!("SELECT (SELECT u.code FROM unit u WHERE u.id = m.holder_unit_id) AS k, {text} AS d FROM matter m WHERE {sql} GROUP BY 1");
    use sea_orm::ConnectionTrait;
    let rows = counting.app.db.read().query_all_raw(crate::db::statement(counting.app.db.backend(), &sql, values)).await?;
    let today = counting.app.time.today();
    rows.into_iter()
        .map(|row| {
            let (unit, due): (Option<String>, String) = (row.try_get("", "k")?, row.try_get("", "d")?);
            let days = shared::kernel::validate::parse_date(&due).map_or(0, |due| (today - due).num_days());
            Ok((unit.unwrap_or_default(), days))
        })
        .collect()
}

async fn groups(counting: &Counting<'_>, kind: &str, parameter: &str, expression: &str, label: &dyn Fn(&str) -> Text) -> Result<Vec<GroupFigure>> {
    let open = counting.groups(&format!("{kind}&open=true"), expression).await?;
    let closed = counting.groups(&format!("{kind}&open=false"), expression).await?;
    let overdue = counting.groups(&format!("{kind}&overdue=true"), expression).await?;
    let mut keys: Vec<String> = open.keys().chain(closed.keys()).cloned().collect();
    keys.sort();
    keys.dedup();
    Ok(keys
        .into_iter()
        .map(|key| {
            let of = |counts: &BTreeMap<String, i64>, extra: &str| Figure {
                n: counts.get(&key).copied().unwrap_or(0),
                m: None,
                query: format!("{kind}&{extra}&{parameter}={}", encode(&key)),
            };
            GroupFigure { label: label(&key), open: of(&open, "open=true"), closed: of(&closed, "open=false"), overdue: of(&overdue, "overdue=true"), key }
        })
        .collect())
}

/// Percent-encoding of a query value (RFC 3986 §2.1).
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') { (byte as char).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
