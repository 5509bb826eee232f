//! The linkage office's one page about a kind: what holds of all kinds, and what the kind declares as its statistics. Every figure carries
//! the filter of the list that shows exactly what it counts.

use crate::{
    counters::{Board, By},
    error::{Error, Result},
    matter::list::Filter,
    reference::Reference,
    scope::Actor,
    state::App,
};
use chrono::Duration;
use shared::kernel::{
    api::{DutyFigure, Figure, GroupFigure, Grouped, Overview, UnitBrief, UnitFigure},
    field::{Choice, Field, Input},
    kind::Kind,
    problem::Code,
    statistics::{Grouping, OfficeDuty},
    text::{Text, t},
};
use std::{collections::BTreeMap, sync::Arc};
use uuid::Uuid;

struct Counting<'a> {
    app: &'a App,
    reference: &'a Reference,
    kind: &'a Kind,
    board: Board<'a>,
}

impl Counting<'_> {
    /// What every filter here begins with.
    fn query(&self) -> String {
        format!("kind={}", self.kind.code)
    }

    /// A value of a facet in words.
    fn value_label(&self, field: &Field, code: &str) -> Text {
        let of = |choices: &[Choice]| choices.iter().find(|choice| choice.code == code).map(|choice| choice.label.clone());
        let label = match &field.input {
            Input::Unit => self.reference.unit_id(code).map(|id| unit_words(&self.reference.brief(id))),
            Input::Choice { choices } => of(choices),
            Input::CodeList { list } => of(self.app.code_lists.get(list).map(Vec::as_slice).unwrap_or_default()),
            _ => None,
        };
        label.unwrap_or_else(|| t(code, code))
    }

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

/// The kind an overview is of; when it isn't said, the first that has one.
fn kind_of(app: &App, code: Option<&str>) -> Result<Arc<Kind>> {
    let mut with_overview = app.kinds.iter().filter(|kind| kind.statistics.is_some());
    with_overview.find(|kind| code.is_none_or(|code| kind.code == code)).cloned().ok_or_else(|| Error::problem(Code::QueryInvalid))
}

pub(crate) async fn overview(app: &App, reference: &Reference, actor: &Actor, code: Option<&str>) -> Result<Overview> {
    let declared = kind_of(app, code)?;
    let statistics = declared.statistics.clone().unwrap_or_default();
    let counting = Counting { app, reference, kind: &declared, board: Board::load(app, reference, actor).await? };
    let today = app.time.today();
    let soon = today + Duration::days(3);
    let kind = counting.query();
    let year_start = chrono::NaiveDate::from_ymd_opt(chrono::Datelike::year(&today), 1, 1).unwrap_or(today);
    // domain.md §8.1: over what was due in the period or closed in it before a later due date, each once.
    let rated = counting.figure(&format!("{kind}&rated_after={year_start}"), None).await?;
    let by_unit = by_unit(&counting).await?;
    let mut waiting: Vec<UnitFigure> = by_unit.iter().filter(|unit| unit.overdue.n > 0).cloned().collect();
    waiting.sort_by_key(|unit| std::cmp::Reverse((unit.overdue.n, unit.longest_days)));
    let mut duties = Vec::new();
    for OfficeDuty { state, label } in statistics.duties {
        duties.push(DutyFigure { figure: counting.figure(&format!("{kind}&state={state}"), None).await?, state, label });
    }
    let mut grouped = Vec::new();
    for Grouping { field, title, note, heading, shown } in statistics.groups {
        let Some(declared) = declared.field(&field) else { continue };
        let groups = groups(&counting, &field, By::Facet(&field), &|code| counting.value_label(declared, code)).await?;
        grouped.push(Grouped { title, note, heading: heading.unwrap_or_else(|| declared.label.clone()), shown, groups, field });
    }
    let state_label = |code: &str| declared.state(code).map_or_else(|| t(code, code), |state| state.label.clone());
    let mut by_state = groups(&counting, "state", By::State, &state_label).await?;
    // As a matter goes through them.
    by_state.sort_by_key(|group| declared.states.iter().position(|state| state.code == group.key));
    let done = declared.done_states().join(",");
    Ok(Overview {
        kind: declared.code.clone(),
        as_of: app.time.now(),
        open: counting.figure(&format!("{kind}&open=true"), None).await?,
        overdue: counting.figure(&format!("{kind}&overdue=true"), None).await?,
        overdue_units: i64::try_from(waiting.len()).unwrap_or(0),
        due_soon: counting.figure(&format!("{kind}&open=true&overdue=false&due_before={soon}"), None).await?,
        on_time: Figure {
            m_query: Some(rated.query),
            ..counting.figure(&format!("{kind}&on_time=true&rated_after={year_start}"), Some(rated.n)).await?
        },
        duties,
        to_approve: counting.figure(&format!("{kind}&extension=true"), None).await?,
        receipt_overdue: counting.figure(&format!("{kind}&receipt_overdue=true"), None).await?,
        closed: counting.figure(&format!("{kind}&state={done}&closed_after={year_start}"), None).await?,
        reworked: counting.figure(&format!("{kind}&reworked=true"), None).await?,
        extended: counting.figure(&format!("{kind}&extended=true"), None).await?,
        waiting_for: waiting,
        by_state,
        by_unit,
        grouped,
    })
}

fn unit_words(unit: &UnitBrief) -> Text {
    t(&unit.short_name, &unit.name_en)
}

async fn by_unit(counting: &Counting<'_>) -> Result<Vec<UnitFigure>> {
    let kind = counting.query();
    let receipt = counting.kind.awaiting_receipt().join(",");
    let open = counting.groups(&format!("{kind}&open=true"), By::Holder).await?;
    let overdue = counting.groups(&format!("{kind}&overdue=true"), By::Holder).await?;
    let to_receive = match receipt.as_str() {
        "" => None,
        states => Some(counting.groups(&format!("{kind}&state={states}"), By::Holder).await?),
    };
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
                to_receive: to_receive.as_ref().map(|counts| Figure {
                    n: counts.get(&unit).copied().unwrap_or(0),
                    m: None,
                    m_query: None,
                    query: format!("{kind}&state={receipt}&unit={unit}"),
                }),
                longest_days: longest.get(&unit).copied().unwrap_or(0),
                unit: brief,
            }
        })
        .collect())
}

/// Days the longest overdue matter of each unit is late.
async fn longest(counting: &Counting<'_>) -> Result<BTreeMap<String, i64>> {
    let first = counting.board.earliest_due(&counting.filter(&format!("{}&overdue=true", counting.query()))?)?;
    let today = counting.app.time.today();
    Ok(first.into_iter().map(|(unit, due)| (unit, (today - due).num_days())).collect())
}

async fn groups(counting: &Counting<'_>, parameter: &str, by: By<'_>, label: &dyn Fn(&str) -> Text) -> Result<Vec<GroupFigure>> {
    let kind = counting.query();
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
