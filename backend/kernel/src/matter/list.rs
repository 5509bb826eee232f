//! Lists and boxes: filters in SQL, keyset cursors, items with everything a row shows in a fixed number of statements.

use super::{
    clocks,
    visible::{self, Source},
};
use crate::{
    counters::{Board, By, FAR},
    db::{by_place, columns, statement},
    entity::{matter, matter_party, person},
    error::{Error, Result},
    reference::{Colleague, Reference},
    scope::Actor,
    search,
    state::App,
};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryResult, TryGetError, TryGetable, Value};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::Map;
use shared::kernel::{
    api::{BoxCounts, DueView, HolderView, LimitView, MatterItem, Page, UserBrief},
    calendar::Lamp,
    header::FILTERS,
    problem::Code,
    role::Part,
    text::t,
    validate::parse_date,
};
use std::{
    collections::{BTreeMap, HashMap},
    future::{Ready, ready},
};
use uuid::Uuid;

/// The query of `GET /matters`, of the export and of every figure's link: one filter object. Fields that a kind marks as facets
/// may be asked for by their name beside these.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// `todo`, `done`, `cc`, `mine`, `drafts`; none: all visible matters.
    #[serde(rename = "box")]
    #[param(rename = "box")]
    pub box_: Option<String>,
    pub kind: Option<String>,
    /// One state, or several with commas.
    pub state: Option<String>,
    /// Code of the unit that holds it.
    pub unit: Option<String>,
    pub domain: Option<String>,
    pub due_before: Option<String>,
    pub due_after: Option<String>,
    /// In a box: what the actor's unit must do by this day, by whichever limit comes first; elsewhere by the matter's own.
    pub limit_before: Option<String>,
    /// A running limit is past its day: in a box, one that the actor's unit owes; elsewhere the matter's own, too. A paused one isn't.
    pub overdue: Option<bool>,
    pub open: Option<bool>,
    /// `green`, `yellow`, `red`, `grey`.
    pub lamp: Option<String>,
    /// Only matters with an extension request pending.
    pub extension: Option<bool>,
    /// Only matters that were given a later date.
    pub extended: Option<bool>,
    /// Only matters whose reported completion was sent back to be mended.
    pub reworked: Option<bool>,
    /// Only what another unit holds.
    pub elsewhere: Option<bool>,
    /// Only hand-overs past their receipt limit.
    pub receipt_overdue: Option<bool>,
    /// Done on or before the due date and closed (`true`), or not: closed after it, or past it and still open.
    pub on_time: Option<bool>,
    /// What the on-time rate of a period from this day on is taken over: due since and past, or closed since before a later due date.
    /// One whose completion awaits judgement counts once it is judged.
    pub rated_after: Option<String>,
    pub closed_after: Option<String>,
    pub parent: Option<Uuid>,
    pub level: Option<i64>,
    pub q: Option<String>,
    /// `due` (soonest first), `updated` (newest first), `number`.
    pub sort: Option<String>,
    pub cursor: Option<String>,
    pub limit: Option<String>,
    /// Values of facets by field.
    #[serde(skip)]
    #[param(ignore)]
    pub facets: BTreeMap<String, String>,
    /// Only what is restricted to named persons.
    #[serde(skip)]
    #[param(ignore)]
    pub sealed_only: bool,
    /// Only what is not overdue by itself, but by a limit that the actor's unit owes: what the counters of all leave out for a unit.
    #[serde(skip)]
    #[param(ignore)]
    pub own_late: bool,
}

impl Filter {
    /// Reads a query string; what is neither a filter nor a facet of some kind is refused.
    pub(crate) fn parse(app: &App, query: &str) -> Result<Self> {
        let invalid = || Error::problem(Code::QueryInvalid);
        let pairs = actix_web::web::Query::<Vec<(String, String)>>::from_query(query).map_err(|_| invalid())?.into_inner();
        let is_facet = |name: &str| !FILTERS.contains(&name) && app.kinds.iter().any(|kind| kind.field(name).is_some_and(|field| field.facet));
        let facets: BTreeMap<String, String> =
            pairs.into_iter().filter(|(name, _)| is_facet(name)).map(|(name, value)| (name, backend_rules::facets::facet_value(&value))).collect();
        let rest: Vec<&str> = query.split('&').filter(|pair| !is_facet(pair.split('=').next().unwrap_or_default())).collect();
        let filter = actix_web::web::Query::<Self>::from_query(&rest.join("&")).map_err(|_| invalid())?.into_inner();
        // A kind or state that does not exist would give an empty list, as if there were nothing.
        let kinds = || app.kinds.iter().filter(|kind| filter.kind.as_ref().is_none_or(|code| kind.code == *code));
        let known = |state: &str| kinds().any(|kind| kind.state(state).is_some());
        if kinds().next().is_none() || filter.state.as_deref().is_some_and(|states| !states.split(',').all(known)) {
            return Err(invalid());
        }
        Ok(Self { facets, ..filter })
    }
}

impl FromRequest for Filter {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match request.app_data::<actix_web::web::Data<App>>() {
            Some(app) => Self::parse(app, request.query_string()),
            None => Err(Error::Other("no application state".into())),
        })
    }
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
pub(crate) fn day(text: &str) -> Result<NaiveDate> {
    parse_date(text).ok_or_else(|| Error::problem(Code::QueryInvalid))
}

/// Open, its clock running, past its due date: not done in time, whatever comes.
const PAST_DUE: &str = "m.is_open AND m.paused_reason IS NULL AND m.reported_at IS NULL AND m.due_on = m.limit_on AND m.due_on < ?";

/// Whether limits are read as the actor's unit owes them: in the boxes. Elsewhere it depends on the kind, see [`Seen`].
fn reads_own(app: &App, actor: &Actor, filter: &Filter) -> Seen {
    if filter.box_.is_some() || filter.own_late { Seen::Own } else { Seen::Kinds(visible::observed_kinds(app, actor)) }
}

/// By whose limits a matter's lamp is.
#[derive(Debug, Clone)]
pub(crate) enum Seen {
    /// Those that the reader's unit owes.
    Own,
    /// Of the kinds the reader observes, by the matter's own and those of the reader's unit, whichever ends first; of others by the latter.
    Kinds(Vec<String>),
}

impl Seen {
    /// As on a page about one matter.
    pub(crate) fn unboxed(app: &App, actor: &Actor) -> Self {
        Self::Kinds(visible::observed_kinds(app, actor))
    }

    fn observes(&self, kind: &str) -> bool {
        matches!(self, Self::Kinds(kinds) if kinds.iter().any(|observed| observed == kind))
    }
}

/// The columns of the limit and of the first yellow day as a list reads them, for where it starts from. The unit's own row is joined when
/// it isn't there yet and one of them is asked for.
fn limit_columns(app: &App, actor: &Actor, filter: &Filter, source: &mut Source, seen: Seen) -> (String, String) {
    let Seen::Kinds(observed) = seen else {
        return match filter.box_.as_deref() {
            // Drafts have none.
            Some("drafts") => ("m.limit_on".into(), "m.yellow_on".into()),
            _ => ("p.limit_on".into(), "p.yellow_on".into()),
        };
    };
    if filter.overdue.is_none() && filter.lamp.is_none() && filter.limit_before.is_none() {
        return ("m.limit_on".into(), "m.yellow_on".into());
    }
    if source.sorted == "m" {
        source.from = "matter m LEFT JOIN matter_party p ON p.matter_id = m.id AND p.unit_id = ?";
        source.values.insert(0, actor.unit_id.into());
    }
    if observed.is_empty() {
        return ("p.limit_on".into(), "p.yellow_on".into());
    }
    // Names of kinds come from declarations, never from a request.
    let kinds = observed.iter().map(|kind| format!("'{kind}'")).collect::<Vec<_>>().join(", ");
    let least = if app.db.is_postgres() { "LEAST" } else { "MIN" };
    let far = if app.db.is_postgres() { "DATE '9999-12-31'" } else { "'9999-12-31'" };
    let column = |name: &str| {
        format!("CASE WHEN m.kind IN ({kinds}) THEN {least}(COALESCE(m.{name}, {far}), COALESCE(p.{name}, {far})) ELSE COALESCE(p.{name}, {far}) END")
    };
    (column("limit_on"), column("yellow_on"))
}

/// A filter as SQL for an actor: visibility first, then what was asked.
pub(super) fn selection(app: &App, reference: &Reference, actor: &Actor, filter: &Filter) -> Result<Source> {
    let unit = actor.unit_id;
    let today = app.time.today();
    let through_own = |condition: &str, days: &[NaiveDate]| {
        let mut source = visible::source(app, actor, None, true);
        source.condition.push_str(condition);
        source.values.extend(days.iter().map(|day| Value::from(*day)));
        source
    };
    let own = reads_own(app, actor, filter);
    let mut source = match filter.box_.as_deref() {
        None if filter.own_late => {
            // Only of kinds the actor observes: of others the unit's own rows are counted anyway.
            let observed = visible::observed_kinds(app, actor).iter().map(|kind| format!("'{kind}'")).collect::<Vec<_>>().join(", ");
            let condition = format!(" AND m.kind IN ({observed})");
            let mut source =
                through_own(" AND p.limit_on < ? AND m.limit_on >= ? AND m.is_open AND m.paused_reason IS NULL AND NOT m.sealed", &[today, today]);
            source.condition.push_str(&condition);
            source
        }
        None => visible::source(app, actor, filter.kind.as_deref(), false),
        Some("todo") => through_own(" AND p.todo", &[]),
        Some("done") => through_own(" AND p.acted AND NOT p.todo", &[]),
        Some("cc") => through_own(" AND (p.copied OR p.co_handler) AND NOT p.holder AND NOT p.asked AND p.is_open", &[]),
        Some("mine") => {
            let mut source = through_own(" AND m.originator_unit_id = ?", &[]);
            source.values.push(unit.into());
            source
        }
        Some("drafts") => {
            let (condition, mut values) = visible::predicate(app, actor);
            values.push(actor.person_id().into());
            Source { from: "matter m", sorted: "m", id: "m.id", condition: format!("{condition} AND m.state = 'draft' AND m.created_by = ?"), values }
        }
        Some(_) => return Err(Error::problem(Code::QueryInvalid)),
    };
    let (limit, yellow) = limit_columns(app, actor, filter, &mut source, own);
    let Source { condition: sql, values, .. } = &mut source;
    let mut and = |condition: &str, more: Vec<Value>| {
        sql.push_str(" AND ");
        sql.push_str(condition);
        values.extend(more);
    };
    if filter.sealed_only {
        and("m.sealed", vec![]);
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
    for (field, value) in &filter.facets {
        and(
            "m.id IN (SELECT x.matter_id FROM matter_facet x WHERE x.jurisdiction_id = ? AND x.field = ? AND x.value = ?)",
            vec![actor.jurisdiction_id.into(), field.clone().into(), value.clone().into()],
        );
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
    if let Some(text) = &filter.limit_before {
        and(&format!("m.is_open AND {limit} <= ?"), vec![day(text)?.into()]);
    }
    match filter.overdue {
        Some(true) => and(&format!("m.is_open AND m.paused_reason IS NULL AND {limit} < ?"), vec![today.into()]),
        Some(false) => and(&format!("({limit} >= ? OR NOT m.is_open OR m.paused_reason IS NOT NULL)"), vec![today.into()]),
        None => {}
    }
    match filter.lamp.as_deref() {
        None => {}
        Some("red") => and(&format!("m.is_open AND m.paused_reason IS NULL AND {limit} < ?"), vec![today.into()]),
        Some("yellow") => {
            and(&format!("m.is_open AND m.paused_reason IS NULL AND {limit} >= ? AND {yellow} <= ?"), vec![today.into(), today.into()]);
        }
        Some("green") => {
            and(&format!("m.is_open AND m.paused_reason IS NULL AND {yellow} > ? AND {limit} < ?"), vec![today.into(), FAR.into()]);
        }
        Some("grey") => and(&format!("(NOT m.is_open OR m.paused_reason IS NOT NULL OR {limit} = ?)"), vec![FAR.into()]),
        Some(_) => return Err(Error::problem(Code::QueryInvalid)),
    }
    match filter.open {
        Some(true) => and("m.is_open", vec![]),
        Some(false) => and("NOT m.is_open", vec![]),
        None => {}
    }
    if filter.extension == Some(true) {
        and("m.extension IS NOT NULL AND m.is_open", vec![]);
    }
    if filter.elsewhere == Some(true) {
        and("m.holder_unit_id <> ?", vec![unit.into()]);
    }
    if filter.extended == Some(true) {
        and("m.extensions > 0", vec![]);
    }
    if filter.reworked == Some(true) {
        and("m.reworks > 0", vec![]);
    }
    if filter.receipt_overdue == Some(true) {
        and("m.is_open AND m.receipt_due_on < ?", vec![today.into()]);
    }
    match filter.on_time {
        Some(true) => and("m.on_time", vec![]),
        Some(false) => and(&format!("(NOT m.on_time OR ({PAST_DUE}))"), vec![today.into()]),
        None => {}
    }
    if let Some(text) = &filter.rated_after {
        let from = day(text)?;
        and(&format!("(m.rated_on >= ? OR ({PAST_DUE} AND m.due_on >= ?))"), vec![from.into(), today.into(), from.into()]);
    }
    if let Some(parent) = filter.parent {
        and("m.parent_id = ?", vec![parent.into()]);
    }
    if let Some(level) = filter.level {
        and("m.level = ? AND m.is_open", vec![level.into()]);
    }
    if let Some((condition, value)) = filter.q.as_deref().filter(|q| !q.trim().is_empty()).and_then(|q| search::condition(app, actor, q)) {
        and(&condition, vec![value]);
    }
    Ok(source)
}

/// Refuses a filter with a value that can't be read, without asking the database.
pub(crate) fn check(app: &App, reference: &Reference, actor: &Actor, filter: &Filter) -> Result<()> {
    selection(app, reference, actor, filter).map(drop)
}

/// A query for a page of a list.
struct Paged<'a> {
    /// Always has `m`, and `p` where it goes through the rows of the actor's unit.
    from: &'static str,
    sorted: &'static str,
    condition: String,
    order: String,
    values: Vec<Value>,
    sort: &'a str,
    limit: u64,
}

fn paged<'a>(app: &App, reference: &Reference, actor: &Actor, filter: &'a Filter, limit: u64) -> Result<Paged<'a>> {
    let Source { from, sorted, id: id_column, condition: mut sql, mut values } = selection(app, reference, actor, filter)?;
    let sort = filter.sort.as_deref().unwrap_or(if matches!(filter.box_.as_deref(), Some("todo") | None) { "due" } else { "updated" });
    let cursor = filter.cursor.as_deref().map(decode_cursor).transpose()?;
    let order = match sort {
        "due" => {
            if let Some((key, id)) = cursor {
                let key = day(&key).map_err(|_| Error::problem(Code::CursorInvalid))?;
                sql.push_str(&format!(" AND ({sorted}.due_sort, {id_column}) > (?, ?)"));
                values.extend([Value::from(key), id.into()]);
            }
            format!("{sorted}.due_sort, {id_column}")
        }
        "updated" => {
            if let Some((key, id)) = cursor {
                let key: Option<DateTime<Utc>> = key.parse().ok();
                // PostgreSQL has no years of five digits.
                let key = key.filter(|at| (1..=9999).contains(&at.year())).ok_or_else(|| Error::problem(Code::CursorInvalid))?;
                sql.push_str(&format!(" AND ({sorted}.updated_at, {id_column}) < (?, ?)"));
                values.extend([Value::from(key), id.into()]);
            }
            format!("{sorted}.updated_at DESC, {id_column} DESC")
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
    Ok(Paged { from, sorted, condition: sql, order, values, sort, limit })
}

/// What a row is sorted by.
struct Place<'a> {
    id: Uuid,
    number: Option<&'a str>,
    updated_at: DateTime<Utc>,
    sort_day: NaiveDate,
}

impl Paged<'_> {
    /// Whether the row of the actor's unit is at hand as `p`.
    fn has_own(&self) -> bool {
        self.from.contains("matter_party p")
    }

    /// The rows of the page and one more, with these columns.
    fn sql(&self, columns: &str) -> String {
        let Self { from, condition, order, .. } = self;
        // The limit stands in the text: of an unknown one PostgreSQL takes a tenth of all rows for granted, and plans each page anew.
        format!("SELECT {columns} FROM {from} WHERE {condition} ORDER BY {order} LIMIT {}", self.limit + 1)
    }

    /// Cuts to the page; gives the cursor of the next.
    fn cut<T>(&self, rows: &mut Vec<T>, of: impl Fn(&T) -> Place<'_>) -> Option<String> {
        cut(rows, self.limit, |row| {
            let place = of(row);
            let key = match self.sort {
                "due" => place.sort_day.to_string(),
                "updated" => place.updated_at.to_rfc3339(),
                _ => place.number.unwrap_or_default().to_owned(),
            };
            (key, place.id)
        })
    }
}

pub(crate) async fn rows<C: ConnectionTrait>(
    read: &C,
    app: &App,
    reference: &Reference,
    actor: &Actor,
    filter: &Filter,
    limit: u64,
) -> Result<(Vec<matter::Model>, Option<String>)> {
    let mut paged = paged(app, reference, actor, filter, limit)?;
    let sql = paged.sql(&format!("{}, {}.due_sort AS sort_day", columns::<matter::Entity>("m"), paged.sorted));
    let found = read.query_all_raw(statement(app.db.backend(), &sql, std::mem::take(&mut paged.values))).await?;
    let read_row = |row: &QueryResult| Ok((matter::Model::from_query_result(row, "")?, row.try_get::<NaiveDate>("", "sort_day")?));
    let mut rows = found.iter().map(read_row).collect::<std::result::Result<Vec<_>, DbErr>>()?;
    let next =
        paged.cut(&mut rows, |(row, sort_day)| Place { id: row.id, number: row.number.as_deref(), updated_at: row.updated_at, sort_day: *sort_day });
    Ok((rows.into_iter().map(|(row, _)| row).collect(), next))
}

/// A page of a list in one statement: the rows with what their items show besides, the actor's unit's own row and who holds it.
pub(crate) async fn page(app: &App, reference: &Reference, actor: &Actor, filter: &Filter) -> Result<Page<MatterItem>> {
    let mut paged = paged(app, reference, actor, filter, limit(filter.limit.as_deref())?)?;
    let mut values = std::mem::take(&mut paged.values);
    let sql = if paged.has_own() {
        paged.sql(&format!("p.matter_id, {}.due_sort AS sort_day, {}, {}", paged.sorted, as_text("m"), Own::columns("p")))
    } else {
        let order = match paged.sort {
            "due" => "listed.sort_day, listed.id",
            "updated" => "listed.updated_at DESC, listed.id DESC",
            _ => "listed.number, listed.id",
        };
        values.push(actor.unit_id.into());
        with_own(&paged.sql(&format!("{}, m.due_sort AS sort_day", Shown::columns("m"))), order)
    };
    let found = app.db.read().query_all_raw(statement(app.db.backend(), &sql, values)).await?;
    let mut rows = found.iter().map(Row::read).collect::<std::result::Result<Vec<_>, DbErr>>()?;
    let next_cursor = paged.cut(&mut rows, |row| Place {
        id: row.matter.id,
        number: row.matter.number.as_deref(),
        updated_at: row.matter.updated_at,
        sort_day: row.sort_day,
    });
    Ok(Page { items: views(app, reference, &reads_own(app, actor, filter), rows).await?, next_cursor })
}

/// The columns of [`Shown`], the body as text: what is read of it is a few of its members.
fn as_text(alias: &str) -> String {
    Shown::columns(alias).replace(&format!("{alias}.body"), &format!("CAST({alias}.body AS text)"))
}

/// The rows of a page for [`Row::read`], with that of the actor's unit, whose id is the last value. The page is a query with its own limit
/// that gives the columns of [`Shown`] and `sort_day`; what is joined after its limit is put in its order again.
pub(crate) fn with_own(page: &str, order: &str) -> String {
    format!(
        "SELECT op.matter_id, listed.sort_day, {}, {} FROM ({page}) AS listed \
         LEFT JOIN matter_party op ON op.matter_id = listed.id AND op.unit_id = ? ORDER BY {order}",
        as_text("listed"),
        Own::columns("op")
    )
}

pub(crate) async fn views(app: &App, reference: &Reference, seen: &Seen, rows: Vec<Row>) -> Result<Vec<MatterItem>> {
    let persons = reference.persons(app.db.read(), rows.iter().filter_map(|row| row.matter.holder_person_id)).await?;
    let view = |row: Row| {
        let person = row.matter.holder_person_id.and_then(|id| persons.get(&id)).map(|person| reference.user_brief(person));
        item(app, reference, row.own.as_ref(), person, seen, row.matter)
    };
    Ok(rows.into_iter().map(view).collect())
}

/// A row of a page.
pub(crate) struct Row {
    pub(crate) matter: Shown,
    sort_day: NaiveDate,
    own: Option<Own>,
}

impl Row {
    pub(crate) fn read(row: &QueryResult) -> std::result::Result<Self, DbErr> {
        let is_party = row.try_get_by_index::<Option<Uuid>>(0)?.is_some();
        let own = is_party.then(|| Own::read(row, 2 + Shown::COLUMNS.len())).transpose()?;
        Ok(Self { sort_day: row.try_get_by_index(1)?, matter: Shown::read(row, 2)?, own })
    }
}

by_place! {
    /// What an item shows of a matter's row.
    struct Shown of matter::Model {
        id: Uuid,
        kind: String,
        number: Option<String>,
        title: String,
        body: Body,
        state: String,
        is_open: bool,
        urgency: String,
        level: i64,
        originator_unit_id: Uuid,
        holder_unit_id: Option<Uuid>,
        holder_person_id: Option<Uuid>,
        holder_since: Option<DateTime<Utc>>,
        due_on: Option<NaiveDate>,
        due_provisional: bool,
        main_start_on: Option<NaiveDate>,
        paused_reason: Option<String>,
        reported_at: Option<DateTime<Utc>>,
        limit_on: NaiveDate,
        limit_rule: Option<String>,
        yellow_on: Option<NaiveDate>,
        version: i64,
        updated_at: DateTime<Utc>,
    }
}

by_place! {
    /// What it shows of the row that the reader's unit has of it.
    struct Own of matter_party::Model {
        originator: bool,
        holder: bool,
        co_handler: bool,
        overseer: bool,
        copied: bool,
        asked: bool,
        limit_on: NaiveDate,
        limit_rule: Option<String>,
        yellow_on: NaiveDate,
        due_sort: NaiveDate,
    }
}

/// A body, of which a list shows some members.
pub(crate) enum Body {
    Whole(serde_json::Value),
    /// As it is stored: parsing all of it is most of what a page costs.
    Text(String),
}

impl From<serde_json::Value> for Body {
    fn from(body: serde_json::Value) -> Self {
        Self::Whole(body)
    }
}

impl TryGetable for Body {
    fn try_get_by<I: sea_orm::ColIdx>(row: &QueryResult, index: I) -> std::result::Result<Self, TryGetError> {
        String::try_get_by(row, index).map(Self::Text)
    }
}

impl Body {
    /// All of it.
    pub(crate) fn whole(&self) -> serde_json::Value {
        match self {
            Self::Whole(body) => body.clone(),
            Self::Text(text) => serde_json::from_str(text).unwrap_or_default(),
        }
    }

    fn members(&self, wanted: impl Fn(&str) -> bool) -> Map<String, serde_json::Value> {
        match self {
            Self::Whole(body) => {
                let members = body.as_object().into_iter().flatten().filter(|(name, _)| wanted(name));
                members.map(|(name, value)| (name.clone(), value.clone())).collect()
            }
            Self::Text(text) => serde_json::Deserializer::from_str(text).deserialize_map(Members(wanted)).unwrap_or_default(),
        }
    }
}

/// Keeps the wanted members of an object and passes over the others.
struct Members<F>(F);

impl<'de, F: Fn(&str) -> bool> Visitor<'de> for Members<F> {
    type Value = Map<String, serde_json::Value>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> std::result::Result<Self::Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            if (self.0)(&name) {
                members.insert(name, object.next_value()?);
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(members)
    }
}

impl Own {
    /// The part that says most.
    fn part(&self) -> Option<Part> {
        let parts = [
            (self.holder, Part::Holder),
            (self.co_handler, Part::CoHandler),
            (self.overseer, Part::Overseer),
            (self.originator, Part::Originator),
            (self.copied, Part::Copied),
        ];
        parts.into_iter().find_map(|(has, part)| has.then_some(part))
    }
}

/// What the actor's unit started today under a title, drafts too.
pub(crate) async fn namesakes(
    app: &App,
    reference: &Reference,
    actor: &Actor,
    title: &str,
    cursor: Option<&str>,
    limit: u64,
) -> Result<Page<MatterItem>> {
    let (predicate, mut values) = visible::predicate(app, actor);
    let named = columns::<matter::Entity>("m");
    let mut sql = format!("SELECT {named} FROM matter m WHERE {predicate} AND m.originator_unit_id = ? AND m.title = ? AND m.created_at >= ?");
    values.extend([actor.unit_id.into(), title.trim().into(), crate::time::day_start(app.time.today()).into()]);
    if let Some(cursor) = cursor {
        sql.push_str(" AND m.id < ?");
        values.push(decode_cursor(cursor)?.1.into());
    }
    values.push(i64::try_from(limit + 1).unwrap_or(i64::MAX).into());
    sql.push_str(" ORDER BY m.id DESC LIMIT ?");
    let mut rows = matter::Entity::find().from_raw_sql(statement(app.db.backend(), &sql, values)).all(app.db.read()).await?;
    let next_cursor = cut(&mut rows, limit, |row| (String::new(), row.id));
    Ok(Page { items: items(app.db.read(), app, reference, actor, rows).await?, next_cursor })
}

/// How many matters a filter shows to this actor, row by row. Figures go through [`crate::counters::Board`].
pub(crate) async fn count(app: &App, reference: &Reference, actor: &Actor, filter: &Filter) -> Result<i64> {
    count_in(app.db.read(), app, reference, actor, filter).await
}

pub(crate) async fn count_in<C: ConnectionTrait>(read: &C, app: &App, reference: &Reference, actor: &Actor, filter: &Filter) -> Result<i64> {
    let Source { from, condition, values, .. } = selection(app, reference, actor, filter)?;
    let sql = format!("SELECT COUNT(*) AS n FROM {from} WHERE {condition}");
    let row = read.query_one_raw(statement(app.db.backend(), &sql, values)).await?;
    Ok(row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0))
}

/// Counts grouped by an expression over `m`.
pub(crate) async fn grouped(
    app: &App,
    reference: &Reference,
    actor: &Actor,
    filter: &Filter,
    expression: &str,
) -> Result<Vec<(Option<String>, i64)>> {
    let Source { from, condition, values, .. } = selection(app, reference, actor, filter)?;
    let sql = format!("SELECT {expression} AS k, COUNT(*) AS n FROM {from} WHERE {condition} GROUP BY 1 ORDER BY 2 DESC");
    let rows = app.db.read().query_all_raw(statement(app.db.backend(), &sql, values)).await?;
    rows.into_iter().map(|row| Ok((row.try_get("", "k")?, row.try_get("", "n")?))).collect()
}

/// Rows as items outside the boxes.
pub(crate) async fn items<C: ConnectionTrait>(
    read: &C,
    app: &App,
    reference: &Reference,
    actor: &Actor,
    rows: Vec<matter::Model>,
) -> Result<Vec<MatterItem>> {
    items_seen(read, app, reference, actor, rows, &Seen::unboxed(app, actor)).await
}

/// Rows as list items: one more statement, whatever the number of rows.
async fn items_seen<C: ConnectionTrait>(
    read: &C,
    app: &App,
    reference: &Reference,
    actor: &Actor,
    rows: Vec<matter::Model>,
    seen: &Seen,
) -> Result<Vec<MatterItem>> {
    let mut own = Vec::new();
    if !rows.is_empty() {
        let ids = rows.iter().map(|row| row.id);
        let parties = matter_party::Entity::find().filter(matter_party::Column::UnitId.eq(actor.unit_id));
        own = parties.filter(matter_party::Column::MatterId.is_in(ids)).all(read).await?;
    }
    let beside = Beside::of(read, reference, own.into_iter(), rows.iter().filter_map(|row| row.holder_person_id)).await?;
    Ok(rows.into_iter().map(|row| beside.item(app, seen, row)).collect())
}

/// What items show besides the matters' rows: the rows of the actor's unit beside them, and persons.
pub(crate) struct Beside<'a> {
    reference: &'a Reference,
    own: HashMap<Uuid, Own>,
    persons: HashMap<Uuid, Colleague>,
}

impl<'a> Beside<'a> {
    pub(crate) async fn of<C: ConnectionTrait>(
        read: &C,
        reference: &'a Reference,
        parties: impl Iterator<Item = matter_party::Model>,
        persons: impl Iterator<Item = Uuid>,
    ) -> Result<Self> {
        let own = parties.map(|party| (party.matter_id, party.into())).collect();
        Ok(Self { reference, own, persons: reference.persons(read, persons).await? })
    }

    pub(crate) fn person(&self, id: Uuid) -> Option<UserBrief> {
        self.persons.get(&id).map(|person| self.reference.user_brief(person))
    }

    pub(crate) fn item(&self, app: &App, seen: &Seen, row: matter::Model) -> MatterItem {
        let person = row.holder_person_id.and_then(|id| self.person(id));
        item(app, self.reference, self.own.get(&row.id), person, seen, row.into())
    }

    /// The day a unit's box sorts a matter by.
    pub(crate) fn due_sort(&self, matter: Uuid) -> Option<NaiveDate> {
        self.own.get(&matter).map(|own| own.due_sort)
    }
}

pub(crate) fn user_brief(reference: &Reference, person: &person::Model) -> UserBrief {
    UserBrief { id: person.id.into(), name: person.name.clone(), unit: reference.brief(person.unit_id) }
}

fn item(app: &App, reference: &Reference, own: Option<&Own>, person: Option<UserBrief>, seen: &Seen, row: Shown) -> MatterItem {
    let (now, today) = (app.time.now(), app.time.today());
    let kind = app.kind(&row.kind).ok();
    let edition = &reference.edition;
    // While a report awaits judgement the due date stands as it stood then.
    let by = row.reported_at.map_or(today, |at| today.min(crate::time::local_day(at)));
    let due = row.due_on.map(|due| clocks::due_view(edition, by, row.main_start_on.unwrap_or(today), due, None, row.due_provisional));
    let owed = own.map_or((FAR, FAR, None), |own| (own.limit_on, own.yellow_on, own.limit_rule.clone()));
    let (limit_on, yellow_on, rule) = if seen.observes(&row.kind) {
        let whole = (row.limit_on, row.yellow_on.unwrap_or(FAR), row.limit_rule);
        (whole.0.min(owed.0), whole.1.min(owed.1), if owed.0 < whole.0 { owed.2 } else { whole.2 })
    } else {
        owed
    };
    let running = row.is_open && row.paused_reason.is_none();
    let lamp = if running { clocks::lamp_on(today, limit_on, yellow_on) } else { Lamp::Grey };
    let is_due = row.reported_at.is_none() && row.due_on == Some(limit_on);
    let limit = rule.filter(|_| running && limit_on != FAR && !is_due).map(|rule| LimitView {
        name: app.rules.get(&rule).map_or_else(|| t(&rule, &rule), |rule| t(&rule.zh, &rule.en)),
        due: DueView { lamp: clocks::lamp_on(today, limit_on, yellow_on), ..clocks::due_view(edition, today, today, limit_on, None, false) },
        rule,
    });
    let listed =
        |name: &str| kind.as_ref().is_some_and(|kind| kind.fields.iter().any(|field| field.listed && field.sensitivity == 0 && field.name == name));
    let columns = row.body.members(listed);
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
            person,
            since: row.holder_since.unwrap_or(row.updated_at),
            days: (today - crate::time::local_day(row.holder_since.unwrap_or(now))).num_days().max(0),
        }),
        part: own.and_then(Own::part),
        due_at: row.due_on,
        due,
        lamp,
        limit,
        reported_at: row.reported_at,
        paused: row.paused_reason,
        level: u8::try_from(row.level).unwrap_or(0),
        urgency: row.urgency,
        received_at: row.holder_since,
        updated_at: row.updated_at,
        version: row.version,
        columns,
        asked: own.is_some_and(|own| own.asked),
    }
}

/// The numbers beside the boxes, each by the filter of its list.
pub(crate) async fn counts(app: &App, reference: &Reference, actor: &Actor) -> Result<BoxCounts> {
    let board = Board::load(app, reference, actor).await?;
    let boxed = |name: &str| Filter { box_: Some(name.to_owned()), ..Filter::default() };
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
    Ok(BoxCounts {
        todo: board.count(&boxed("todo")).await?,
        overdue: board.count(&Filter { overdue: Some(true), ..boxed("todo") }).await?,
        due_soon: board.count(&Filter { overdue: Some(false), limit_before: Some(soon.to_string()), ..boxed("todo") }).await?,
        to_receive: board.count(&Filter { state: Some("sent".into()), unit: Some(actor.unit_code.clone()), ..boxed("todo") }).await?,
        cc: board.count(&boxed("cc")).await?,
        mine: board.count(&Filter { open: Some(true), elsewhere: Some(true), ..boxed("mine") }).await?,
        drafts: board.count(&boxed("drafts")).await?,
        done: board.count(&boxed("done")).await?,
        open_by_kind: board.grouped(&Filter { open: Some(true), ..Filter::default() }, By::Kind).await?,
        unread_notices: i64::try_from(unread).unwrap_or(i64::MAX),
    })
}
