//! Counters (DESIGN.md §5.18): how many matters there are per unit, kind, state, holder, day and facet, without counting rows.
//!
//! Every change appends the difference it makes in its own transaction (no row that all writers wait for); a job folds the
//! differences into sums; readers add both. What a filter of the list means for a counter row is said once, in [`Board::count`],
//! so that a figure and the list behind it can't differ; [`differences`] proves the sums by counting everything again.
//!
//! Counted are matters that were handed out, are not discarded and not sealed: sealed ones are few and differ from person to
//! person, so they are counted when asked for.

use crate::{
    db::statement,
    entity::{matter, matter_party},
    error::Result,
    matter::{list::Filter, visible},
    reference::Reference,
    scope::Actor,
    state::App,
    time::local_day,
    together::Is,
    transaction::Transaction,
    writing::{Place, Present, Write},
};
use chrono::{Datelike, NaiveDate};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use shared::kernel::{kind::Kind, validate::parse_date};
use std::{collections::BTreeMap, sync::LazyLock};
use uuid::Uuid;

/// The last day there is: 'no such day' in keys and sort columns.
pub(crate) const FAR: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    // Decided when this is compiled.
    None => panic!("a day of the calendar"),
};

const AWAITED: i64 = 1;
const DONE: i64 = 2;
const COPIED: i64 = 4;
const MINE: i64 = 8;
const OPEN: i64 = 16;
const EXTENSION: i64 = 32;
const ON_TIME: i64 = 64;
const LATE: i64 = 128;
const PAUSED: i64 = 256;
/// The clock of the due date runs: not met, not stopped, not awaiting judgement.
const RUNNING: i64 = 512;
const EXTENDED: i64 = 1024;
const REWORKED: i64 = 2048;

/// What one counter counts. The nil unit stands for the whole jurisdiction, an empty field for the matter itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    jurisdiction: Uuid,
    unit: Uuid,
    field: String,
    kind: String,
    state: String,
    holder: Uuid,
    flags: i64,
    due_on: NaiveDate,
    /// Of a unit: the first limit that it owes.
    limit_on: NaiveDate,
    receipt_due_on: NaiveDate,
    closed_month: NaiveDate,
    rated_month: NaiveDate,
    value: String,
}

fn month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

fn flag(bit: i64, set: bool) -> i64 {
    if set { bit } else { 0 }
}

/// Values of the fields a kind marks as facets; a list field gives one for each entry.
pub(crate) fn facets(kind: &Kind, matter: &matter::Model) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => Some(backend_rules::facets::facet_value(text)).filter(|text| !text.is_empty()),
        serde_json::Value::Bool(_) | serde_json::Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    let mut found = Vec::new();
    for field in kind.fields.iter().filter(|field| field.facet) {
        match matter.body.get(&field.name) {
            Some(serde_json::Value::Array(items)) => found.extend(items.iter().filter_map(text).map(|value| (field.name.clone(), value))),
            Some(value) => found.extend(text(value).map(|value| (field.name.clone(), value))),
            None => {}
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The counters a matter adds to, as it stands.
pub(crate) fn keys<'a>(kind: &Kind, matter: &matter::Model, parties: impl Iterator<Item = &'a matter_party::Model>) -> Vec<Key> {
    if matter.sealed || matches!(matter.state.as_str(), "draft" | "discarded") {
        return Vec::new();
    }
    let open = matter.is_open;
    let flags = flag(OPEN, open)
        | flag(EXTENSION, open && matter.extension.is_some())
        | flag(ON_TIME, matter.on_time == Some(true))
        | flag(LATE, matter.on_time == Some(false))
        | flag(PAUSED, open && matter.paused_reason.is_some())
        | flag(RUNNING, open && matter.runs())
        | flag(EXTENDED, matter.extensions > 0)
        | flag(REWORKED, matter.reworks > 0);
    let day = |day: Option<NaiveDate>| day.filter(|_| open).unwrap_or(FAR);
    let whole = Key {
        jurisdiction: matter.jurisdiction_id,
        unit: Uuid::nil(),
        field: String::new(),
        kind: matter.kind.clone(),
        state: matter.state.clone(),
        holder: matter.holder_unit_id.unwrap_or_default(),
        flags,
        due_on: day(matter.due_on),
        limit_on: day(Some(matter.limit_on)),
        receipt_due_on: day(matter.receipt_due_on),
        closed_month: matter.closed_at.map_or(FAR, |at| month(local_day(at))),
        rated_month: matter.rated_on.map_or(FAR, month),
        value: String::new(),
    };
    let mut keys: Vec<Key> = parties
        .map(|party| {
            let boxes = flag(AWAITED, party.todo)
                | flag(DONE, party.acted && !party.todo)
                | flag(COPIED, (party.copied || party.co_handler) && !party.holder && !party.asked && open)
                | flag(MINE, matter.originator_unit_id == party.unit_id);
            Key { unit: party.unit_id, flags: flags | boxes, limit_on: day(Some(party.limit_on)), ..whole.clone() }
        })
        .collect();
    keys.extend(facets(kind, matter).into_iter().map(|(field, value)| Key {
        field,
        value,
        state: String::new(),
        holder: Uuid::nil(),
        flags: flags & (OPEN | PAUSED),
        receipt_due_on: FAR,
        closed_month: FAR,
        rated_month: FAR,
        ..whole.clone()
    }));
    keys.push(whole);
    keys
}

const COLUMNS: &str =
    "jurisdiction_id, unit_id, field, kind, state, holder_unit_id, flags, due_on, limit_on, receipt_due_on, closed_month, rated_month, value";

fn bind(values: &mut Vec<Value>, key: Key) {
    values.extend([
        key.jurisdiction.into(),
        key.unit.into(),
        key.field.into(),
        key.kind.into(),
        key.state.into(),
        key.holder.into(),
        key.flags.into(),
        key.due_on.into(),
        key.limit_on.into(),
        key.receipt_due_on.into(),
        key.closed_month.into(),
        key.rated_month.into(),
        Value::from(key.value),
    ]);
}

fn read(row: &QueryResult) -> Result<(Key, i64)> {
    let key = Key {
        jurisdiction: row.try_get("", "jurisdiction_id")?,
        unit: row.try_get("", "unit_id")?,
        field: row.try_get("", "field")?,
        kind: row.try_get("", "kind")?,
        state: row.try_get("", "state")?,
        holder: row.try_get("", "holder_unit_id")?,
        flags: row.try_get("", "flags")?,
        due_on: row.try_get("", "due_on")?,
        limit_on: row.try_get("", "limit_on")?,
        receipt_due_on: row.try_get("", "receipt_due_on")?,
        closed_month: row.try_get("", "closed_month")?,
        rated_month: row.try_get("", "rated_month")?,
        value: row.try_get("", "value")?,
    };
    Ok((key, row.try_get("", "n")?))
}

fn columns(others: &[&'static str]) -> Vec<(&'static str, Is)> {
    let is = |name: &'static str| (name, if name == "id" || name.ends_with("_id") { Is::Uuid } else { Is::Plain });
    others.iter().copied().filter(|name| *name == "id").chain(COLUMNS.split(", ")).chain(["n"]).map(is).collect()
}

static DELTA: LazyLock<Write> = LazyLock::new(|| Write::insert(Place::Counter, "counter_delta", &columns(&["id"]), &["id"], Present::Refuse));

static SUM: LazyLock<Write> = LazyLock::new(|| {
    let key: Vec<&str> = COLUMNS.split(", ").collect();
    Write::insert(Place::Counter, "counter", &columns(&[]), &key, Present::Add("n"))
});

static ZERO: LazyLock<Write> = LazyLock::new(|| {
    let same = COLUMNS.split(", ").map(|column| format!("c.{column} = r.{column}")).collect::<Vec<_>>().join(" AND ");
    Write::by_hand(
        Place::Counter,
        &columns(&[]),
        &[(
            "counter_gone",
            &format!("DELETE FROM counter c USING json_populate_recordset(CAST(NULL AS counter), CAST(? AS json)) r WHERE {same} AND c.n = 0"),
        )],
        &[&format!("DELETE FROM counter WHERE n = 0 AND ({COLUMNS}) IN (SELECT {COLUMNS} FROM ROWS r)")],
    )
});

/// Appends what changed between two states of a matter.
pub(crate) fn append(transaction: &Transaction, before: Vec<Key>, after: Vec<Key>) {
    let mut changes: BTreeMap<Key, i64> = BTreeMap::new();
    for key in before {
        *changes.entry(key).or_default() -= 1;
    }
    for key in after {
        *changes.entry(key).or_default() += 1;
    }
    for (key, n) in changes.into_iter().filter(|(_, n)| *n != 0) {
        let mut row = vec![crate::ids::next().into()];
        bind(&mut row, key);
        row.push(n.into());
        transaction.write(&DELTA, row);
    }
}

/// Folds appended differences into the sums. Nodes that fold at the same time take different rows.
pub(crate) async fn fold(app: &App) -> Result<()> {
    let backend = app.db.backend();
    let locked = if app.db.is_postgres() { " FOR UPDATE SKIP LOCKED" } else { "" };
    loop {
        let transaction = app.db.begin().await?;
        // Named, so that it is carried out once: PostgreSQL may ask a subquery again for each row, and skip other rows each time.
        let take = format!(
            "WITH first AS MATERIALIZED (SELECT id FROM counter_delta ORDER BY id LIMIT 5000{locked})
             DELETE FROM counter_delta WHERE id IN (SELECT id FROM first) RETURNING {COLUMNS}, n"
        );
        let taken = transaction.query_all_raw(statement(backend, &take, vec![])).await?;
        if taken.is_empty() {
            return Ok(());
        }
        let mut sums: BTreeMap<Key, i64> = BTreeMap::new();
        for row in &taken {
            let (key, n) = read(row)?;
            *sums.entry(key).or_default() += n;
        }
        sums.retain(|_, n| *n != 0);
        for place in [&*SUM, &*ZERO] {
            for (key, n) in &sums {
                let mut row = Vec::new();
                bind(&mut row, key.clone());
                row.push((*n).into());
                transaction.write(place, row);
            }
            // What came to nothing shows once it is added.
            transaction.settle().await?;
        }
        app.db.commit(transaction).await?;
    }
}

/// Everything counted again from the matters themselves, as SQL that gives the counters' columns and `n`.
fn recount(app: &App) -> String {
    let (nil, far, closed_month, rated_month) = if app.db.is_postgres() {
        (
            "CAST('00000000-0000-0000-0000-000000000000' AS uuid)",
            "DATE '9999-12-31'",
            "CAST(date_trunc('month', m.closed_at AT TIME ZONE 'Asia/Shanghai') AS date)",
            "CAST(date_trunc('month', m.rated_on) AS date)",
        )
    } else {
        (
            "x'00000000000000000000000000000000'",
            "'9999-12-31'",
            "date(m.closed_at, '+8 hours', 'start of month')",
            "date(m.rated_on, 'start of month')",
        )
    };
    let own = format!(
        "CASE WHEN m.is_open THEN {OPEN} ELSE 0 END + CASE WHEN m.is_open AND m.extension IS NOT NULL THEN {EXTENSION} ELSE 0 END
         + CASE WHEN m.on_time THEN {ON_TIME} ELSE 0 END + CASE WHEN NOT m.on_time THEN {LATE} ELSE 0 END
         + CASE WHEN m.is_open AND m.paused_reason IS NOT NULL THEN {PAUSED} ELSE 0 END
         + CASE WHEN m.is_open AND m.reported_at IS NULL AND m.due_on = m.limit_on THEN {RUNNING} ELSE 0 END
         + CASE WHEN m.extensions > 0 THEN {EXTENDED} ELSE 0 END + CASE WHEN m.reworks > 0 THEN {REWORKED} ELSE 0 END"
    );
    let boxes = format!(
        "CASE WHEN p.todo THEN {AWAITED} ELSE 0 END + CASE WHEN p.acted AND NOT p.todo THEN {DONE} ELSE 0 END
         + CASE WHEN (p.copied OR p.co_handler) AND NOT p.holder AND NOT p.asked AND m.is_open THEN {COPIED} ELSE 0 END
         + CASE WHEN m.originator_unit_id = p.unit_id THEN {MINE} ELSE 0 END"
    );
    let day = |column: &str| format!("CASE WHEN m.is_open THEN COALESCE({column}, {far}) ELSE {far} END");
    let counted = "NOT m.sealed AND m.state NOT IN ('draft', 'discarded')";
    let rest = format!(
        "m.kind, m.state, COALESCE(m.holder_unit_id, {nil}), FLAGS, {}, LIMIT, {}, COALESCE({closed_month}, {far}), COALESCE({rated_month}, {far})",
        day("m.due_on"),
        day("m.receipt_due_on"),
    );
    let select = |unit: &str, flags: &str, limit: &str, from: &str| {
        let rest = rest.replace("FLAGS", flags).replace("LIMIT", &day(limit));
        format!("SELECT m.jurisdiction_id, {unit}, '', {rest}, '' FROM {from} WHERE {counted}")
    };
    let whole = select(nil, &format!("({own})"), "m.limit_on", "matter m");
    let units = select("p.unit_id", &format!("({own} + {boxes})"), "p.limit_on", "matter m JOIN matter_party p ON p.matter_id = m.id");
    let facets = format!(
        "SELECT m.jurisdiction_id, {nil}, x.field, m.kind, '', {nil}, CASE WHEN m.is_open THEN {OPEN} ELSE 0 END + CASE WHEN m.is_open AND m.paused_reason IS NOT NULL THEN {PAUSED} ELSE 0 END,
         {}, {}, {far}, {far}, {far}, x.value FROM matter m JOIN matter_facet x ON x.matter_id = m.id WHERE {counted}",
        day("m.due_on"),
        day("m.limit_on"),
    );
    let columns = "a, b, c, d, e, f, g, h, i, j, k, l, v";
    format!(
        "WITH counted ({columns}) AS ({whole} UNION ALL {units} UNION ALL {facets})
         SELECT a AS jurisdiction_id, b AS unit_id, c AS field, d AS kind, e AS state, f AS holder_unit_id, CAST(g AS bigint) AS flags, h AS due_on, i AS limit_on,
         j AS receipt_due_on, k AS closed_month, l AS rated_month, v AS value, COUNT(*) AS n FROM counted GROUP BY {columns}"
    )
}

async fn sums<C: ConnectionTrait>(connection: &C, app: &App, sql: &str) -> Result<BTreeMap<Key, i64>> {
    let mut sums = BTreeMap::new();
    for row in connection.query_all_raw(statement(app.db.backend(), sql, vec![])).await? {
        let (key, n) = read(&row)?;
        *sums.entry(key).or_default() += n;
    }
    sums.retain(|_, n| *n != 0);
    Ok(sums)
}

/// Counters that differ from a recount, in words; empty when all are right.
pub(crate) async fn differences(app: &App, jurisdiction: Uuid) -> Result<Vec<String>> {
    // One transaction: both must see the same moment.
    let transaction = app.db.snapshot().await?;
    let all = format!("SELECT {COLUMNS}, n FROM counter UNION ALL SELECT {COLUMNS}, n FROM counter_delta");
    let kept = sums(&transaction, app, &all).await?;
    let counted = sums(&transaction, app, &recount(app)).await?;
    transaction.commit().await?;
    let mut keys: Vec<&Key> = kept.keys().chain(counted.keys()).filter(|key| key.jurisdiction == jurisdiction).collect();
    keys.sort();
    keys.dedup();
    let n = |sums: &BTreeMap<Key, i64>, key: &Key| sums.get(key).copied().unwrap_or(0);
    Ok(keys
        .into_iter()
        .filter(|key| n(&kept, key) != n(&counted, key))
        .map(|key| format!("{} {} {}{}: {} kept, {} counted", key.kind, key.state, key.field, key.value, n(&kept, key), n(&counted, key)))
        .collect())
}

/// Counts everything once when nothing was counted yet: a database from before counters were kept.
pub(crate) async fn ensure(app: &App) -> Result<()> {
    let empty = "SELECT 1 AS n WHERE NOT EXISTS (SELECT 1 FROM counter) AND NOT EXISTS (SELECT 1 FROM counter_delta)
                 AND EXISTS (SELECT 1 FROM matter m WHERE NOT m.sealed AND m.state NOT IN ('draft', 'discarded'))";
    if app.db.read().query_one_raw(statement(app.db.backend(), empty, vec![])).await?.is_none() {
        return Ok(());
    }
    complete_columns(app).await?;
    let transaction = app.db.begin().await?;
    let after = sums(&transaction, app, &recount(app)).await?;
    for (key, n) in after {
        append(&transaction, Vec::new(), vec![key; usize::try_from(n).unwrap_or(0)]);
    }
    app.db.commit(transaction).await?;
    fold(app).await
}

/// The columns and facets that a change would have written.
async fn complete_columns(app: &App) -> Result<()> {
    use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
    let mut after: Option<Uuid> = None;
    loop {
        let mut query = matter::Entity::find().order_by_asc(matter::Column::Id).limit(500);
        if let Some(after) = after {
            query = query.filter(matter::Column::Id.gt(after));
        }
        let rows = query.all(app.db.read()).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.id);
        let transaction = app.db.begin().await?;
        for row in rows {
            let mut loaded = crate::matter::load::Loaded::around(&transaction, app, row).await?;
            let reference = app.reference(loaded.matter.jurisdiction_id).await?;
            crate::matter::save::derive(&reference, &mut loaded);
            let limits = crate::matter::clocks::limits(&reference, &loaded);
            for mut party in std::mem::take(&mut loaded.parties) {
                crate::matter::save::derive_party(&reference, &loaded, &limits, &mut party);
                party.into_active_model().reset_all().update(&transaction).await?;
            }
            transaction
                .execute_raw(statement(app.db.backend(), "DELETE FROM matter_facet WHERE matter_id = ?", vec![loaded.matter.id.into()]))
                .await?;
            write_facets(&transaction, &loaded.kind, &loaded.matter, &[]);
            loaded.matter.into_active_model().reset_all().update(&transaction).await?;
        }
        app.db.commit(transaction).await?;
    }
}

const FACET_COLUMNS: [(&str, Is); 5] =
    [("matter_id", Is::Uuid), ("field", Is::Plain), ("value", Is::Plain), ("jurisdiction_id", Is::Uuid), ("kind", Is::Plain)];

static FACET: LazyLock<Write> =
    LazyLock::new(|| Write::insert(Place::Facet, "matter_facet", &FACET_COLUMNS, &["matter_id", "field", "value"], Present::Keep));

static FACET_GONE: LazyLock<Write> = LazyLock::new(|| {
    Write::by_hand(
        Place::FacetGone,
        &FACET_COLUMNS[..3],
        &[(
            "matter_facet_gone",
            "DELETE FROM matter_facet f USING json_populate_recordset(CAST(NULL AS matter_facet), CAST(? AS json)) r
             WHERE f.matter_id = r.matter_id AND f.field = r.field AND f.value = r.value",
        )],
        &["DELETE FROM matter_facet WHERE (matter_id, field, value) IN (SELECT r.matter_id, r.field, r.value FROM ROWS r)"],
    )
});

/// Rows a facet is filtered by: those that are no longer true go, new ones come.
pub(crate) fn write_facets(transaction: &Transaction, kind: &Kind, matter: &matter::Model, before: &[(String, String)]) {
    let after = facets(kind, matter);
    for (field, value) in before.iter().filter(|facet| !after.contains(facet)).cloned() {
        transaction.write(&FACET_GONE, vec![matter.id.into(), field.into(), value.into()]);
    }
    for (field, value) in after.into_iter().filter(|facet| !before.contains(facet)) {
        transaction.write(&FACET, vec![matter.id.into(), field.into(), value.into(), matter.jurisdiction_id.into(), matter.kind.clone().into()]);
    }
}

/// By what a figure is split.
#[derive(Debug, Clone, Copy)]
pub(crate) enum By<'a> {
    Kind,
    State,
    Holder,
    Facet(&'a str),
}

/// The counters one actor may read: of the whole jurisdiction for the kinds they observe, of their unit for all others.
pub(crate) struct Board<'a> {
    app: &'a App,
    reference: &'a Reference,
    actor: &'a Actor,
    observed: Vec<String>,
    rows: Vec<(Key, i64)>,
    today: NaiveDate,
    /// Named in sealed matters, which are counted when asked for.
    named: bool,
}

impl<'a> Board<'a> {
    pub(crate) async fn load(app: &'a App, reference: &'a Reference, actor: &'a Actor) -> Result<Self> {
        let backend = app.db.backend();
        let part = |table: &str| format!("SELECT {COLUMNS}, n FROM {table} WHERE jurisdiction_id = ? AND unit_id IN (?, ?)");
        let sql = format!(
            "SELECT {COLUMNS}, CAST(SUM(n) AS bigint) AS n FROM ({} UNION ALL {}) t GROUP BY {COLUMNS} HAVING SUM(n) <> 0",
            part("counter"),
            part("counter_delta")
        );
        let scope = [Value::from(actor.jurisdiction_id), Uuid::nil().into(), actor.unit_id.into()];
        let values = scope.iter().chain(scope.iter()).cloned().collect();
        let rows = app.db.read().query_all_raw(statement(backend, &sql, values)).await?;
        let named = app
            .db
            .read()
            .query_one_raw(statement(backend, "SELECT 1 AS n FROM matter_person WHERE person_id = ? LIMIT 1", vec![actor.person_id().into()]))
            .await?
            .is_some();
        Ok(Self {
            app,
            reference,
            actor,
            observed: visible::observed_kinds(app, actor),
            rows: rows.iter().map(read).collect::<Result<_>>()?,
            today: app.time.today(),
            named,
        })
    }

    /// Whether counters carry everything a filter asks for.
    fn carries(filter: &Filter) -> bool {
        let open = filter.open == Some(true) || filter.overdue == Some(true) || matches!(filter.box_.as_deref(), Some("todo" | "cc"));
        let dated = filter.due_before.is_some() || filter.due_after.is_some();
        let begins = |day: &Option<String>| day.as_deref().is_none_or(|day| parse_date(day).is_some_and(|day| day.day() == 1));
        let month_start = begins(&filter.closed_after) && begins(&filter.rated_after);
        filter.domain.is_none()
            && filter.parent.is_none()
            && filter.level.is_none()
            && filter.lamp.is_none()
            && filter.q.is_none()
            // Outside a box the counters of all don't know a unit's own limit.
            && (filter.limit_before.is_none() || filter.box_.is_some())
            && filter.box_.as_deref() != Some("drafts")
            && (open || !dated)
            && month_start
    }

    /// Whether a facet's counters, which know only kind, open and due, carry a filter.
    fn facet_carries(filter: &Filter) -> bool {
        Self::carries(filter)
            && filter.box_.is_none()
            && filter.state.is_none()
            && filter.unit.is_none()
            && filter.extension.is_none()
            && filter.elsewhere.is_none()
            && filter.extended.is_none()
            && filter.reworked.is_none()
            && filter.receipt_overdue.is_none()
            && filter.on_time.is_none()
            && filter.closed_after.is_none()
            && filter.rated_after.is_none()
    }

    /// The rule of the list's conditions, told for a counter row.
    fn fits(&self, filter: &Filter, key: &Key) -> Result<bool> {
        let has = |bit: i64| key.flags & bit != 0;
        let unit = match filter.box_.as_deref() {
            None if self.observed.contains(&key.kind) => Uuid::nil(),
            _ => self.actor.unit_id,
        };
        let boxed = match filter.box_.as_deref() {
            Some("todo") => has(AWAITED),
            Some("done") => has(DONE),
            Some("cc") => has(COPIED),
            Some("mine") => has(MINE),
            _ => true,
        };
        let holder = match &filter.unit {
            Some(code) => self.reference.unit_id(code).is_some_and(|id| id == key.holder),
            None => true,
        };
        let late = has(OPEN) && !has(PAUSED) && key.limit_on < self.today;
        // Not done in time, whatever comes.
        let past_due = has(RUNNING) && !has(PAUSED) && key.due_on < self.today;
        let day = |text: &Option<String>| text.as_deref().map(crate::matter::list::day).transpose();
        let (before, after, closed_after) = (day(&filter.due_before)?, day(&filter.due_after)?, day(&filter.closed_after)?);
        let limit_before = day(&filter.limit_before)?;
        let rated_after = day(&filter.rated_after)?;
        Ok(key.unit == unit
            && boxed
            && holder
            && filter.kind.as_ref().is_none_or(|kind| *kind == key.kind)
            && filter.state.as_ref().is_none_or(|states| states.split(',').any(|state| state == key.state))
            && filter.open.is_none_or(|open| open == has(OPEN))
            && filter.overdue.is_none_or(|overdue| overdue == late)
            && before.is_none_or(|day| key.due_on != FAR && key.due_on <= day)
            && after.is_none_or(|day| key.due_on != FAR && key.due_on >= day)
            && limit_before.is_none_or(|day| has(OPEN) && key.limit_on <= day)
            && (filter.extension != Some(true) || has(EXTENSION))
            && (filter.elsewhere != Some(true) || (key.holder != Uuid::nil() && key.holder != self.actor.unit_id))
            && (filter.extended != Some(true) || has(EXTENDED))
            && (filter.reworked != Some(true) || has(REWORKED))
            && (filter.receipt_overdue != Some(true) || key.receipt_due_on < self.today)
            && filter.on_time.is_none_or(|on_time| if on_time { has(ON_TIME) } else { has(LATE) || past_due })
            && rated_after.is_none_or(|day| (key.rated_month != FAR && key.rated_month >= day) || (past_due && key.due_on >= day))
            && closed_after.is_none_or(|day| key.closed_month != FAR && key.closed_month >= day))
    }

    /// How many matters a filter shows to this actor; equal to the length of the list it opens.
    pub(crate) async fn count(&self, filter: &Filter) -> Result<i64> {
        let counted = match filter.facets.len() {
            0 if Self::carries(filter) => Some(self.rows.iter().filter(|(key, _)| key.field.is_empty()).collect::<Vec<_>>()),
            1 if Self::facet_carries(filter) && self.observes(filter) => Some(
                self.rows.iter().filter(|(key, _)| filter.facets.iter().all(|(field, value)| *field == key.field && *value == key.value)).collect(),
            ),
            _ => None,
        };
        let Some(rows) = counted else { return crate::matter::list::count(self.app, self.reference, self.actor, filter).await };
        let mut n = 0;
        for (key, counted) in rows {
            if self.fits(filter, key)? {
                n += counted;
            }
        }
        if let Some(own_late) = self.own_late(filter) {
            let own = crate::matter::list::count(self.app, self.reference, self.actor, &own_late).await?;
            n += if filter.overdue == Some(true) { own } else { -own };
        }
        Ok(n + self.sealed(filter).await?)
    }

    /// What the counters of all lack for an observer who asks for what is overdue, or isn't: the few that are late only by a limit of the
    /// observer's own unit.
    fn own_late(&self, filter: &Filter) -> Option<Filter> {
        let asked = filter.overdue.is_some() && filter.box_.is_none() && !self.observed.is_empty() && !filter.sealed_only;
        asked.then(|| Filter { overdue: None, own_late: true, ..filter.clone() })
    }

    fn observes(&self, filter: &Filter) -> bool {
        filter.kind.as_ref().is_some_and(|kind| self.observed.contains(kind))
    }

    async fn sealed(&self, filter: &Filter) -> Result<i64> {
        if !self.named {
            return Ok(0);
        }
        crate::matter::list::count(self.app, self.reference, self.actor, &Filter { sealed_only: true, ..filter.clone() }).await
    }

    /// The same split by something.
    pub(crate) async fn grouped(&self, filter: &Filter, by: By<'_>) -> Result<BTreeMap<String, i64>> {
        let live = match by {
            By::Facet(_) => !Self::facet_carries(filter) || !self.observes(filter) || !filter.facets.is_empty(),
            _ => !Self::carries(filter) || !filter.facets.is_empty(),
        };
        let mut groups = if live { self.grouped_live(filter, by).await? } else { BTreeMap::new() };
        if !live {
            let field = if let By::Facet(field) = by { field } else { "" };
            for (key, n) in self.rows.iter().filter(|(key, _)| key.field == field) {
                if self.fits(filter, key)? {
                    let group = match by {
                        By::Kind => key.kind.clone(),
                        By::State => key.state.clone(),
                        By::Holder => self.reference.code(key.holder),
                        By::Facet(_) => key.value.clone(),
                    };
                    *groups.entry(group).or_default() += n;
                }
            }
            if let Some(own_late) = self.own_late(filter) {
                for (group, n) in self.grouped_live(&own_late, by).await? {
                    *groups.entry(group).or_default() += if filter.overdue == Some(true) { n } else { -n };
                }
            }
            if self.named {
                for (group, n) in self.grouped_live(&Filter { sealed_only: true, ..filter.clone() }, by).await? {
                    *groups.entry(group).or_default() += n;
                }
            }
        }
        groups.retain(|group, n| *n != 0 && !group.is_empty());
        Ok(groups)
    }

    /// The earliest limit for each holder, by unit code.
    pub(crate) fn earliest_due(&self, filter: &Filter) -> Result<BTreeMap<String, NaiveDate>> {
        let mut first: BTreeMap<String, NaiveDate> = BTreeMap::new();
        for (key, _) in self.rows.iter().filter(|(key, _)| key.field.is_empty()) {
            if self.fits(filter, key)? {
                let day = first.entry(self.reference.code(key.holder)).or_insert(key.limit_on);
                *day = key.limit_on.min(*day);
            }
        }
        Ok(first)
    }

    async fn grouped_live(&self, filter: &Filter, by: By<'_>) -> Result<BTreeMap<String, i64>> {
        let expression = match by {
            By::Kind => "m.kind".to_owned(),
            By::State => "m.state".to_owned(),
            By::Holder => "(SELECT u.code FROM unit u WHERE u.id = m.holder_unit_id)".to_owned(),
            By::Facet(field) => {
                // The name comes from a declaration, never from a request.
                let known = field.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
                if !known {
                    return Ok(BTreeMap::new());
                }
                if self.app.db.is_postgres() { format!("(m.body ->> '{field}')") } else { format!("json_extract(m.body, '$.{field}')") }
            }
        };
        let rows = crate::matter::list::grouped(self.app, self.reference, self.actor, filter, &expression).await?;
        Ok(rows.into_iter().filter_map(|(key, n)| Some((key?, n))).collect())
    }
}
