//! Lists and boxes: filters in SQL, keyset cursors, items with everything a row shows in a fixed number of statements.

use super::{clocks, load::parts, visible};
use crate::{
    db::statement,
    entity::{matter, matter_party, person},
    error::{Error, Result},
    reference::Reference,
    scope::Actor,
    search,
    state::App,
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Value};
use serde::Deserialize;
use serde_json::Map;
use shared::kernel::{
    api::{BoxCounts, HolderView, MatterItem, Page, UserBrief},
    calendar::Lamp,
    problem::Code,
    role::Part,
    text::t,
    validate::parse_date,
};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// The query of `GET /matters`, of the export and of every figure's link: one filter object.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// `todo`, `done`, `cc`, `mine`, `drafts`; none: all visible matters.
    #[serde(rename = "box")]
    #[param(rename = "box")]
    pub box_: Option<String>,
    pub kind: Option<String>,
    pub state: Option<String>,
    /// Code of the unit that holds it.
    pub unit: Option<String>,
    /// Code of the lead unit (facet of the body).
    pub lead: Option<String>,
    pub domain: Option<String>,
    /// Text of the basis, e.g. a clause of the plan.
    pub origin_ref: Option<String>,
    pub origin: Option<String>,
    pub due_before: Option<String>,
    pub due_after: Option<String>,
    pub overdue: Option<bool>,
    pub open: Option<bool>,
    /// Only matters with an extension request pending.
    pub extension: Option<bool>,
    /// Only hand-overs past their receipt limit.
    pub receipt_overdue: Option<bool>,
    /// Closed on or before (`true`) or after the due date.
    pub on_time: Option<bool>,
    pub closed_after: Option<String>,
    pub parent: Option<Uuid>,
    pub level: Option<i64>,
    pub q: Option<String>,
    /// `due` (soonest first), `updated` (newest first), `number`.
    pub sort: Option<String>,
    pub cursor: Option<String>,
    pub limit: Option<String>,
}

pub(crate) const DEFAULT_LIMIT: u64 = 50;

/// 1 to 200; anything else is refused, never capped in silence.
pub(crate) fn limit(text: Option<&str>) -> Result<u64> {
    match text {
        None => Ok(DEFAULT_LIMIT),
        Some(text) => text.parse().ok().filter(|limit| (1..=200).contains(limit)).ok_or_else(|| Error::problem(Code::LimitOutOfRange)),
    }
}

/// An opaque cursor: the sort key and the id of the last item, in hexadecimal.
pub(crate) fn encode_cursor(key: &str, id: Uuid) -> String {
    hex::encode(format!("{key}\u{1f}{id}"))
}

pub(crate) fn decode_cursor(cursor: &str) -> Result<(String, Uuid)> {
    let parse = || {
        let text = String::from_utf8(hex::decode(cursor).ok()?).ok()?;
        let (key, id) = text.split_once('\u{1f}')?;
        Some((key.to_owned(), id.parse().ok()?))
    };
    parse().ok_or_else(|| Error::problem(Code::CursorInvalid))
}

/// Cuts the extra row that tells whether there is a next page; gives its cursor.
pub(crate) fn cut<T>(rows: &mut Vec<T>, limit: u64, key: impl Fn(&T) -> (String, Uuid)) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if rows.len() <= limit {
        return None;
    }
    rows.truncate(limit);
    rows.last().map(|row| {
        let (key, id) = key(row);
        encode_cursor(&key, id)
    })
}

/// A local day as a value that both databases compare with their stored days.
fn day(text: &str) -> Result<NaiveDate> {
    parse_date(text).ok_or_else(|| Error::problem(Code::QueryInvalid))
}

/// The WHERE clause of a filter for an actor: visibility first, then what was asked.
pub(crate) fn conditions(app: &App, reference: &Reference, actor: &Actor, filter: &Filter) -> Result<(String, Vec<Value>)> {
    let (mut sql, mut values) = visible::predicate(app, actor);
    let unit = actor.unit_id;
    let today = app.time.today();
    let mut and = |condition: &str, more: Vec<Value>| {
        sql.push_str(" AND ");
        sql.push_str(condition);
        values.extend(more);
    };
    match filter.box_.as_deref() {
        None => and("m.state <> 'draft'", vec![]),
        Some("todo") => and(
            "m.state <> 'draft' AND EXISTS (SELECT 1 FROM matter_party p WHERE p.matter_id = m.id AND p.unit_id = ? AND p.is_open AND (p.holder OR p.asked))",
            vec![unit.into()],
        ),
        Some("done") => and(
            "m.state <> 'draft' AND EXISTS (SELECT 1 FROM matter_party p WHERE p.matter_id = m.id AND p.unit_id = ? AND p.acted AND NOT (p.is_open AND (p.holder OR p.asked)))",
            vec![unit.into()],
        ),
        Some("cc") => and(
            "m.state <> 'draft' AND EXISTS (SELECT 1 FROM matter_party p WHERE p.matter_id = m.id AND p.unit_id = ? AND (p.copied OR p.co_handler) AND NOT p.holder AND NOT p.asked AND p.is_open)",
            vec![unit.into()],
        ),
        Some("mine") => and("m.originator_unit_id = ? AND m.state <> 'draft'", vec![unit.into()]),
        Some("drafts") => and("m.state = 'draft' AND m.created_by = ?", vec![actor.person_id().into()]),
        Some(_) => return Err(Error::problem(Code::QueryInvalid)),
    }
    if let Some(kind) = &filter.kind {
        and("m.kind = ?", vec![kind.clone().into()]);
    }
    if let Some(state) = &filter.state {
        let states: Vec<&str> = state.split(',').collect();
        let marks = vec!["?"; states.len()].join(", ");
        and(&format!("m.state IN ({marks})"), states.iter().map(|state| Value::from((*state).to_owned())).collect());
    }
    if let Some(code) = &filter.unit {
        let id = reference.unit_id(code).ok_or_else(|| Error::problem(Code::QueryInvalid))?;
        and("m.holder_unit_id = ?", vec![id.into()]);
    }
    let json_text = |field: &str| if app.db.is_postgres() { format!("(m.body ->> '{field}')") } else { format!("json_extract(m.body, '$.{field}')") };
    for (field, value) in [("lead_unit", &filter.lead), ("origin_ref", &filter.origin_ref), ("origin", &filter.origin)] {
        if let Some(value) = value {
            and(&format!("{} = ?", json_text(field)), vec![value.clone().into()]);
        }
    }
    if let Some(domain) = &filter.domain {
        let known = app.code_lists.get("domains").is_some_and(|list| list.iter().any(|choice| choice.code == *domain));
        if !known {
            return Err(Error::problem(Code::QueryInvalid));
        }
        let text = if app.db.is_postgres() { "CAST(m.domains AS text)" } else { "m.domains" };
        and(&format!("{text} LIKE ?"), vec![format!("%\"{domain}\"%").into()]);
    }
    if let Some(text) = &filter.due_before {
        and("m.due_on <= ?", vec![day(text)?.into()]);
    }
    if let Some(text) = &filter.due_after {
        and("m.due_on >= ?", vec![day(text)?.into()]);
    }
    if let Some(text) = &filter.closed_after {
        and("m.closed_at >= ?", vec![crate::time::day_start(day(text)?).into()]);
    }
    match filter.overdue {
        Some(true) => and("m.is_open AND m.due_on < ?", vec![today.into()]),
        Some(false) => and("(m.due_on IS NULL OR m.due_on >= ? OR NOT m.is_open)", vec![today.into()]),
        None => {}
    }
    match filter.open {
        Some(true) => and("m.is_open", vec![]),
        Some(false) => and("NOT m.is_open", vec![]),
        None => {}
    }
    if filter.extension == Some(true) {
        and("m.extension IS NOT NULL AND m.is_open", vec![]);
    }
    if filter.receipt_overdue == Some(true) {
        and(
            "EXISTS (SELECT 1 FROM clock c WHERE c.matter_id = m.id AND c.handover_id IS NOT NULL AND c.state = 'running' AND c.due_on < ?)",
            vec![today.into()],
        );
    }
    if let Some(on_time) = filter.on_time {
        let exists = "EXISTS (SELECT 1 FROM clock c WHERE c.matter_id = m.id AND c.main AND c.stopped_at IS NOT NULL AND c.due_on >= ";
        let local = if app.db.is_postgres() { "CAST(c.stopped_at AT TIME ZONE 'Asia/Shanghai' AS date))" } else { "date(c.stopped_at, '+8 hours'))" };
        let not = if on_time { "" } else { "NOT " };
        and(&format!("m.due_on IS NOT NULL AND m.state = 'closed' AND {not}{exists}{local}"), vec![]);
    }
    if let Some(parent) = filter.parent {
        and("m.parent_id = ?", vec![parent.into()]);
    }
    if let Some(level) = filter.level {
        and("m.level = ? AND m.is_open", vec![level.into()]);
    }
    if let Some((condition, value)) = filter.q.as_deref().filter(|q| !q.trim().is_empty()).and_then(|q| search::condition(app, q)) {
        and(&condition, vec![value]);
    }
    Ok((sql, values))
}

/// Days far away, so that matters without a due date sort last.
fn far(app: &App) -> &'static str {
    if app.db.is_postgres() { "COALESCE(m.due_on, DATE '9999-12-31')" } else { "COALESCE(m.due_on, '9999-12-31')" }
}

pub(crate) async fn rows(app: &App, reference: &Reference, actor: &Actor, filter: &Filter, limit: u64) -> Result<(Vec<matter::Model>, Option<String>)> {
    let (mut sql, mut values) = conditions(app, reference, actor, filter)?;
    let sort = filter.sort.as_deref().unwrap_or(if matches!(filter.box_.as_deref(), Some("todo") | None) { "due" } else { "updated" });
    let cursor = filter.cursor.as_deref().map(decode_cursor).transpose()?;
    let order = match sort {
        "due" => {
            if let Some((key, id)) = cursor {
                let key = day(&key).map_err(|_| Error::problem(Code::CursorInvalid))?;
                sql.push_str(&format!(" AND ({far} > ? OR ({far} = ? AND m.id > ?))", far = far(app)));
                values.extend([Value::from(key), key.into(), id.into()]);
            }
            format!("{}, m.id", far(app))
        }
        "updated" => {
            if let Some((key, id)) = cursor {
                let key: DateTime<Utc> = key.parse().map_err(|_| Error::problem(Code::CursorInvalid))?;
                sql.push_str(" AND (m.updated_at < ? OR (m.updated_at = ? AND m.id < ?))");
                values.extend([Value::from(key), key.into(), id.into()]);
            }
            "m.updated_at DESC, m.id DESC".to_owned()
        }
        "number" => {
            if let Some((key, _)) = cursor {
                sql.push_str(" AND m.number > ?");
                values.push(key.into());
            }
            "m.number, m.id".to_owned()
        }
        _ => return Err(Error::problem(Code::QueryInvalid)),
    };
    values.push(i64::try_from(limit + 1).unwrap_or(201).into());
    let sql = format!("SELECT m.* FROM matter m WHERE {sql} ORDER BY {order} LIMIT ?");
    let mut rows = matter::Entity::find().from_raw_sql(statement(app.db.backend(), &sql, values)).all(app.db.read()).await?;
    let next = cut(&mut rows, limit, |row| {
        let key = match sort {
            "due" => row.due_on.map_or_else(|| "9999-12-31".to_owned(), |due| due.to_string()),
            "updated" => row.updated_at.to_rfc3339(),
            _ => row.number.clone().unwrap_or_default(),
        };
        (key, row.id)
    });
    Ok((rows, next))
}

pub(crate) async fn page(app: &App, reference: &Reference, actor: &Actor, filter: &Filter) -> Result<Page<MatterItem>> {
    let limit = limit(filter.limit.as_deref())?;
    let (rows, next_cursor) = rows(app, reference, actor, filter, limit).await?;
    Ok(Page { items: items(app, reference, actor, rows).await?, next_cursor })
}

/// How many matters a filter shows to this actor.
pub(crate) async fn count(app: &App, reference: &Reference, actor: &Actor, filter: &Filter) -> Result<i64> {
    let (sql, values) = conditions(app, reference, actor, filter)?;
    let sql = format!("SELECT COUNT(*) AS n FROM matter m WHERE {sql}");
    let row = app.db.read().query_one_raw(statement(app.db.backend(), &sql, values)).await?;
    Ok(row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0))
}

/// Counts grouped by an expression over `m`.
pub(crate) async fn grouped(app: &App, reference: &Reference, actor: &Actor, filter: &Filter, expression: &str) -> Result<Vec<(Option<String>, i64)>> {
    let (sql, values) = conditions(app, reference, actor, filter)?;
    let sql = format!("SELECT {expression} AS k, COUNT(*) AS n FROM matter m WHERE {sql} GROUP BY 1 ORDER BY 2 DESC");
    let rows = app.db.read().query_all_raw(statement(app.db.backend(), &sql, values)).await?;
    rows.into_iter().map(|row| Ok((row.try_get("", "k")?, row.try_get("", "n")?))).collect()
}

/// Rows as list items: two more statements, whatever the number of rows.
pub(crate) async fn items(app: &App, reference: &Reference, actor: &Actor, rows: Vec<matter::Model>) -> Result<Vec<MatterItem>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let parties: HashMap<Uuid, matter_party::Model> = matter_party::Entity::find()
        .filter(matter_party::Column::MatterId.is_in(ids))
        .filter(matter_party::Column::UnitId.eq(actor.unit_id))
        .all(app.db.read())
        .await?
        .into_iter()
        .map(|party| (party.matter_id, party))
        .collect();
    let persons = names(app, rows.iter().filter_map(|row| row.holder_person_id)).await?;
    Ok(rows.into_iter().map(|row| item(app, reference, &parties, &persons, row)).collect())
}

/// Names of persons by id.
pub(crate) async fn names(app: &App, ids: impl Iterator<Item = Uuid>) -> Result<HashMap<Uuid, person::Model>> {
    let ids: std::collections::BTreeSet<Uuid> = ids.collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = person::Entity::find().filter(person::Column::Id.is_in(ids)).all(app.db.read()).await?;
    Ok(rows.into_iter().map(|person| (person.id, person)).collect())
}

pub(crate) fn user_brief(reference: &Reference, person: &person::Model) -> UserBrief {
    UserBrief { id: person.id.into(), name: person.name.clone(), unit: reference.brief(person.unit_id) }
}

fn item(
    app: &App,
    reference: &Reference,
    parties: &HashMap<Uuid, matter_party::Model>,
    persons: &HashMap<Uuid, person::Model>,
    row: matter::Model,
) -> MatterItem {
    let (now, today) = (app.time.now(), app.time.today());
    let kind = app.kind(&row.kind).ok();
    let party = parties.get(&row.id);
    let strongest = party.and_then(|party| {
        let parts = parts(party);
        [Part::Holder, Part::CoHandler, Part::Overseer, Part::Originator, Part::Copied].into_iter().find(|part| parts.contains(part))
    });
    let due = row.due_on.map(|due| clocks::due_view(app, today, row.main_start_on.unwrap_or(today), due, None, row.due_provisional));
    let lamp = if row.is_open { clocks::lamp_of(app, today, row.main_start_on, row.due_on, row.paused_reason.is_some()) } else { Lamp::Grey };
    let mut columns = Map::new();
    if let Some(kind) = &kind {
        for field in kind.fields.iter().filter(|field| field.listed && field.sensitivity == 0) {
            if let Some(value) = row.body.get(&field.name) {
                columns.insert(field.name.clone(), value.clone());
            }
        }
    }
    MatterItem {
        id: row.id.into(),
        number: row.number,
        kind_name: kind.as_ref().map_or_else(|| t(&row.kind, &row.kind), |kind| kind.name.clone()),
        state_label: kind.as_ref().and_then(|kind| kind.state(&row.state)).map_or_else(|| t(&row.state, &row.state), |state| state.label.clone()),
        kind: row.kind,
        title: row.title,
        state: row.state,
        is_open: row.is_open,
        originator: reference.brief(row.originator_unit_id),
        holder: row.holder_unit_id.map(|unit| HolderView {
            unit: reference.brief(unit),
            person: row.holder_person_id.and_then(|id| persons.get(&id)).map(|person| user_brief(reference, person)),
            since: row.holder_since.unwrap_or(row.updated_at),
            days: (today - crate::time::local_day(row.holder_since.unwrap_or(now))).num_days().max(0),
        }),
        part: strongest,
        due_at: row.due_on,
        due,
        lamp,
        paused: row.paused_reason,
        level: u8::try_from(row.level).unwrap_or(0),
        urgency: row.urgency,
        received_at: row.holder_since,
        updated_at: row.updated_at,
        version: row.version,
        columns,
        asked: party.is_some_and(|party| party.asked),
    }
}

/// The numbers beside the boxes, each by the filter of its list.
pub(crate) async fn counts(app: &App, reference: &Reference, actor: &Actor) -> Result<BoxCounts> {
    let boxed = |name: &str| Filter { box_: Some(name.to_owned()), ..Filter::default() };
    let of = async |filter: Filter| count(app, reference, actor, &filter).await;
    let soon = app.time.today() + chrono::Duration::days(3);
    let unread = {
        use crate::entity::notice;
        use sea_orm::PaginatorTrait;
        notice::Entity::find()
            .filter(notice::Column::PersonId.eq(actor.person_id()))
            .filter(notice::Column::ReadAt.is_null())
            .count(app.db.read())
            .await?
    };
    let open: BTreeMap<String, i64> = grouped(app, reference, actor, &Filter { open: Some(true), ..Filter::default() }, "m.kind")
        .await?
        .into_iter()
        .filter_map(|(kind, n)| Some((kind?, n)))
        .collect();
    Ok(BoxCounts {
        todo: of(boxed("todo")).await?,
        overdue: of(Filter { overdue: Some(true), ..boxed("todo") }).await?,
        due_soon: of(Filter { overdue: Some(false), due_before: Some(soon.to_string()), ..boxed("todo") }).await?,
        to_receive: of(Filter { state: Some("sent".into()), unit: Some(actor.unit_code.clone()), ..boxed("todo") }).await?,
        cc: of(boxed("cc")).await?,
        mine: of(boxed("mine")).await?,
        drafts: of(boxed("drafts")).await?,
        done: of(boxed("done")).await?,
        open_by_kind: open,
        unread_notices: i64::try_from(unread).unwrap_or(i64::MAX),
    })
}
