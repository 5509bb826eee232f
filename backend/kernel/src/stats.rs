//! The linkage office's one page. Every figure carries the filter of the list that shows exactly what it counts.

use crate::{
    counters::{Board, By},
    error::Result,
    matter::list::Filter,
    reference::Reference,
    scope::Actor,
    state::App,
};
use chrono::Duration;
use shared::kernel::{
    api::{Figure, GroupFigure, Overview, UnitBrief, UnitFigure},
    text::{Text, t},
};
use std::collections::BTreeMap;
use uuid::Uuid;

struct Counting<'a> {
    app: &'a App,
    reference: &'a Reference,
    board: Board<'a>,
}

impl Counting<'_> {
    async fn figure(&self, query: &str, m: Option<i64>) -> Result<Figure> {
        Ok(Figure { n: self.board.count(&self.filter(query)?).await?, m, query: query.to_owned(), m_query: None })
    }

    async fn groups(&self, query: &str, by: By<'_>) -> Result<BTreeMap<String, i64>> {
        self.board.grouped(&self.filter(query)?, by).await
    }

    /// The same parsing as of the list's own query string, so that figure and list can't differ.
    fn filter(&self, query: &str) -> Result<Filter> {
        Filter::parse(self.app, query)
    }
}

pub(crate) async fn overview(app: &App, reference: &Reference, actor: &Actor) -> Result<Overview> {
    let counting = Counting { app, reference, board: Board::load(app, reference, actor).await? };
    let today = app.time.today();
    let soon = today + Duration::days(3);
    let kind = "kind=work_item";
    let year_start = chrono::NaiveDate::from_ymd_opt(chrono::Datelike::year(&today), 1, 1).unwrap_or(today);
    // domain.md §8.1: over what was due in the period or closed in it before a later due date, each once.
    let rated = counting.figure(&format!("{kind}&rated_after={year_start}"), None).await?;
    let by_unit = by_unit(&counting, kind).await?;
    let mut waiting: Vec<UnitFigure> = by_unit.iter().filter(|unit| unit.overdue.n > 0).cloned().collect();
    waiting.sort_by_key(|unit| std::cmp::Reverse((unit.overdue.n, unit.longest_days)));
    let origins = app.code_lists.get("work_item_origins").cloned().unwrap_or_default();
    let origin_label = |code: &str| origins.iter().find(|choice| choice.code == code).map_or_else(|| t(code, code), |choice| choice.label.clone());
    let states = app.kind("work_item")?.states.clone();
    let state_label = |code: &str| states.iter().find(|state| state.code == code).map_or_else(|| t(code, code), |state| state.label.clone());
    let unit_label = |code: &str| match reference.unit_id(code) {
        Some(id) => unit_words(&reference.brief(id)),
        None => t(code, code),
    };
    Ok(Overview {
        as_of: app.time.now(),
        open: counting.figure(&format!("{kind}&open=true"), None).await?,
        overdue: counting.figure(&format!("{kind}&overdue=true"), None).await?,
        overdue_units: i64::try_from(waiting.len()).unwrap_or(0),
        due_soon: counting.figure(&format!("{kind}&open=true&overdue=false&due_before={soon}"), None).await?,
        on_time: Figure {
            m_query: Some(rated.query),
            ..counting.figure(&format!("{kind}&on_time=true&rated_after={year_start}"), Some(rated.n)).await?
        },
        to_rule: counting.figure("state=ruling", None).await?,
        to_accept: counting.figure(&format!("{kind}&state=accepting"), None).await?,
        to_approve: counting.figure(&format!("{kind}&extension=true"), None).await?,
        receipt_overdue: counting.figure("receipt_overdue=true", None).await?,
        closed: counting.figure(&format!("{kind}&state=closed&closed_after={year_start}"), None).await?,
        reworked: counting.figure(&format!("{kind}&reworked=true"), None).await?,
        extended: counting.figure(&format!("{kind}&extended=true"), None).await?,
        waiting_for: waiting,
        by_clause: groups(&counting, kind, "origin_ref", By::Facet("origin_ref"), &|code| t(code, code)).await?,
        by_lead: groups(&counting, kind, "lead_unit", By::Facet("lead_unit"), &unit_label).await?,
        by_source: groups(&counting, kind, "origin", By::Facet("origin"), &origin_label).await?,
        by_state: groups(&counting, kind, "state", By::State, &state_label).await?,
        by_unit,
    })
}

fn unit_words(unit: &UnitBrief) -> Text {
    t(&unit.short_name, &unit.name_en)
}

async fn by_unit(counting: &Counting<'_>, kind: &str) -> Result<Vec<UnitFigure>> {
    let open = counting.groups(&format!("{kind}&open=true"), By::Holder).await?;
    let overdue = counting.groups(&format!("{kind}&overdue=true"), By::Holder).await?;
    let to_receive = counting.groups(&format!("{kind}&state=sent"), By::Holder).await?;
    let longest = longest(counting).await?;
    Ok(open
        .into_iter()
        .map(|(unit, n)| {
            let brief = counting
                .reference
                .unit_id(&unit)
                .map(|id: Uuid| counting.reference.brief(id))
                .unwrap_or_else(|| counting.reference.brief(Uuid::nil()));
            UnitFigure {
                open: Figure { n, m: None, m_query: None, query: format!("{kind}&open=true&unit={unit}") },
                overdue: Figure {
                    n: overdue.get(&unit).copied().unwrap_or(0),
                    m: Some(n),
                    m_query: None,
                    query: format!("{kind}&overdue=true&unit={unit}"),
                },
                to_receive: Figure {
                    n: to_receive.get(&unit).copied().unwrap_or(0),
                    m: None,
                    m_query: None,
                    query: format!("{kind}&state=sent&unit={unit}"),
                },
                longest_days: longest.get(&unit).copied().unwrap_or(0),
                unit: brief,
            }
        })
        .collect())
}

/// Days the longest overdue matter of each unit is late.
async fn longest(counting: &Counting<'_>) -> Result<BTreeMap<String, i64>> {
    let first = counting.board.earliest_due(&counting.filter("kind=work_item&overdue=true")?)?;
    let today = counting.app.time.today();
    Ok(first.into_iter().map(|(unit, due)| (unit, (today - due).num_days())).collect())
}

async fn groups(counting: &Counting<'_>, kind: &str, parameter: &str, by: By<'_>, label: &dyn Fn(&str) -> Text) -> Result<Vec<GroupFigure>> {
    let open = counting.groups(&format!("{kind}&open=true"), by).await?;
    let closed = counting.groups(&format!("{kind}&open=false"), by).await?;
    let overdue = counting.groups(&format!("{kind}&overdue=true"), by).await?;
    let mut keys: Vec<String> = open.keys().chain(closed.keys()).cloned().collect();
    keys.sort();
    keys.dedup();
    Ok(keys
        .into_iter()
        .map(|key| {
            let of = |counts: &BTreeMap<String, i64>, extra: &str| Figure {
                n: counts.get(&key).copied().unwrap_or(0),
                m: None,
                m_query: None,
                query: format!("{kind}&{extra}&{parameter}={}", encode(&key)),
            };
            GroupFigure {
                label: label(&key),
                open: of(&open, "open=true"),
                closed: of(&closed, "open=false"),
                overdue: of(&overdue, "overdue=true"),
                key,
            }
        })
        .collect())
}

/// Percent-encoding of a query value (RFC 3986 §2.1).
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
                (byte as char).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
