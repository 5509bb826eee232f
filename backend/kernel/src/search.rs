//! Full text over matters: one tokenizer (`shared::kernel::bigram`) for text and query; FTS5 in SQLite, `tsvector` under GIN in
//! PostgreSQL. Indexed in the matter's own transaction, searched within Scope. Among a matter's words are its parties, so that who sees
//! only their unit's matters searches among these; what may be seen is decided by the rule of visibility, as everywhere.

use crate::{
    db::{columns, statement},
    entity::matter,
    error::Result,
    matter::{list, visible},
    reference::Reference,
    scope::Actor,
    state::App,
    together::Is,
    transaction::Transaction,
    writing::{Place, Write},
};
use sea_orm::EntityTrait;
use serde_json::Value;
use shared::kernel::{
    api::{Page, SearchHit},
    bigram,
    kind::Kind,
};
use std::{collections::BTreeSet, sync::LazyLock};
use uuid::Uuid;

/// The words of a matter, for [`condition`].
static TEXT: LazyLock<Write> = LazyLock::new(|| {
    Write::by_hand(
        Place::Text,
        &[("matter_id", Is::Uuid), ("words", Is::Plain)],
        &[(
            "matter_text_in",
            "INSERT INTO matter_text (matter_id, words)
             SELECT r.matter_id, strip(to_tsvector('simple', r.words)) FROM json_to_recordset(CAST(? AS json)) AS r(matter_id uuid, words text)
             ON CONFLICT (matter_id) DO UPDATE SET words = excluded.words",
        )],
        // FTS5 finds its rows by words or by number only.
        &[
            "INSERT INTO matter_text_row (matter_id) SELECT r.matter_id FROM ROWS r WHERE true ON CONFLICT (matter_id) DO NOTHING",
            "INSERT OR REPLACE INTO matter_text (rowid, words) SELECT t.row, r.words FROM ROWS r JOIN matter_text_row t ON t.matter_id = r.matter_id",
        ],
    )
});

/// The text a matter is found by: number, title, and level-0 text of its body; units by their names.
fn text(kind: &Kind, matter: &matter::Model, reference: &Reference) -> String {
    let mut parts = vec![matter.number.clone().unwrap_or_default(), matter.title.clone()];
    let body = matter.body.as_object();
    for field in kind.fields.iter().filter(|field| field.sensitivity == 0) {
        let Some(value) = body.and_then(|body| body.get(&field.name)) else { continue };
        match value {
            Value::String(text) => parts.push(reference.unit_by_code(text).map_or_else(|| text.clone(), |unit| unit.short_name.clone())),
            Value::Array(items) => parts.extend(items.iter().filter_map(|item| {
                let text = item.as_str()?;
                Some(reference.unit_by_code(text).map_or_else(|| text.to_owned(), |unit| unit.short_name.clone()))
            })),
            _ => {}
        }
    }
    parts.join("\n")
}

/// What a matter is found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Findable {
    text: String,
    units: BTreeSet<Uuid>,
}

impl Findable {
    pub(crate) fn of(kind: &Kind, matter: &matter::Model, units: impl Iterator<Item = Uuid>, reference: &Reference) -> Self {
        Self { text: text(kind, matter, reference), units: units.collect() }
    }
}

/// A unit as a word.
fn unit_word(unit: Uuid) -> String {
    format!("u{}", unit.simple())
}

/// Makes a matter found.
pub(crate) fn index(transaction: &Transaction, matter: Uuid, by: &Findable) {
    let words = bigram::words(&by.text).into_iter().chain(by.units.iter().copied().map(unit_word));
    transaction.write(&TEXT, vec![matter.into(), words.collect::<Vec<_>>().join(" ").into()]);
}

/// All of a query's words, as the database's own text search is asked for them; `None` when there are none.
fn asked(app: &App, actor: &Actor, query: &str) -> Option<String> {
    let mut words = bigram::words(query);
    if words.is_empty() {
        return None;
    }
    if visible::observed_kinds(app, actor).is_empty() {
        words.push(unit_word(actor.unit_id));
    }
    let (quote, and) = if app.db.is_postgres() { ('\'', " & ") } else { ('"', " AND ") };
    Some(words.iter().map(|word| format!("{quote}{word}{quote}")).collect::<Vec<_>>().join(and))
}

/// A condition over `m` for a query text, and its value; `None` when the text has no words.
pub(crate) fn condition(app: &App, actor: &Actor, query: &str) -> Option<(String, sea_orm::Value)> {
    let found = if app.db.is_postgres() {
        "m.id IN (SELECT t.matter_id FROM matter_text t WHERE t.words @@ to_tsquery('simple', ?))"
    } else {
        "m.id IN (SELECT r.matter_id FROM matter_text t JOIN matter_text_row r ON r.row = t.rowid WHERE matter_text MATCH ?)"
    };
    Some((found.into(), asked(app, actor, query)?.into()))
}

/// So many of a unit's newest matters, or of all, are looked at one by one before the index of words is asked: what is written often is
/// found there at once, and of what is written seldom the index has few.
const NEWEST_OF_UNIT: i64 = 1000;
const NEWEST_OF_ALL: i64 = 3000;

/// The first matters with all words, newest first, older than a given one.
async fn newest(app: &App, actor: &Actor, query: &str, before: Option<Uuid>, limit: i64) -> Result<Vec<matter::Model>> {
    let Some(asked) = asked(app, actor, query) else { return Ok(Vec::new()) };
    let before = before.unwrap_or(Uuid::max());
    let columns = columns::<matter::Entity>("m");
    let (predicate, seen) = visible::predicate(app, actor);
    let rows = async |sql: String, first: Vec<sea_orm::Value>| {
        let values = first.into_iter().chain(seen.iter().cloned()).chain([limit.into()]).collect();
        matter::Entity::find().from_raw_sql(statement(app.db.backend(), &sql, values)).all(app.db.read()).await
    };
    if !app.db.is_postgres() {
        // FTS5 gives its rows in the order of their numbers, which is that of their making, and no more than are taken. `CROSS` keeps SQLite
        // from beginning elsewhere and asking it again for each matter.
        let sql = format!(
            "SELECT {columns} FROM matter_text t CROSS JOIN matter_text_row r ON r.row = t.rowid CROSS JOIN matter m ON m.id = r.matter_id
             WHERE matter_text MATCH ? AND t.rowid < coalesce((SELECT row FROM matter_text_row WHERE matter_id = ?), 9223372036854775807)
               AND {predicate} ORDER BY t.rowid DESC LIMIT ?"
        );
        return Ok(rows(sql, vec![asked.into(), before.into()]).await?);
    }
    let own = visible::observed_kinds(app, actor).is_empty();
    let (source, first) = if own {
        let newest = "SELECT p.matter_id FROM matter_party p WHERE p.unit_id = ? AND p.matter_id < ? ORDER BY p.matter_id DESC LIMIT ?";
        // `OFFSET 0` keeps PostgreSQL from asking the index of words here, too.
        let fenced = format!("(SELECT x.matter_id, x.words FROM ({newest}) c JOIN matter_text x ON x.matter_id = c.matter_id OFFSET 0) t");
        (fenced, vec![actor.unit_id.into(), before.into(), NEWEST_OF_UNIT.into()])
    } else {
        let newest = "SELECT x.matter_id, x.words FROM matter_text x WHERE x.matter_id < ? ORDER BY x.matter_id DESC LIMIT ?";
        (format!("({newest}) t"), vec![before.into(), NEWEST_OF_ALL.into()])
    };
    let sql = format!(
        "SELECT {columns} FROM {source} JOIN matter m ON m.id = t.matter_id WHERE t.words @@ to_tsquery('simple', ?) AND {predicate}
         ORDER BY m.id DESC LIMIT ?"
    );
    let found = rows(sql, first.into_iter().chain([asked.clone().into()]).collect()).await?;
    if i64::try_from(found.len()).is_ok_and(|found| found >= limit) {
        return Ok(found);
    }
    // By the index of words alone, whatever the planner thinks of a word it can't see.
    let sql = format!(
        "WITH hit AS MATERIALIZED (SELECT t.matter_id FROM matter_text t WHERE t.words @@ to_tsquery('simple', ?))
         SELECT {columns} FROM (SELECT h.matter_id FROM hit h WHERE h.matter_id < ? ORDER BY h.matter_id DESC) h
         JOIN matter m ON m.id = h.matter_id WHERE {predicate} ORDER BY h.matter_id DESC LIMIT ?"
    );
    Ok(rows(sql, vec![asked.into(), before.into()]).await?)
}

/// Newest first, within Scope, with the place where it was found.
pub(crate) async fn search(
    app: &App,
    reference: &Reference,
    actor: &Actor,
    query: &str,
    cursor: Option<&str>,
    limit: u64,
) -> Result<Page<SearchHit>> {
    let before = cursor.map(list::decode_cursor).transpose()?.map(|(_, id)| id);
    let mut rows = newest(app, actor, query, before, i64::try_from(limit + 1).unwrap_or(201)).await?;
    let next_cursor = list::cut(&mut rows, limit, |row| (String::new(), row.id));
    let texts: Vec<String> = rows.iter().map(|row| app.kind(&row.kind).map(|kind| text(&kind, row, reference)).unwrap_or_default()).collect();
    let items = list::items(app.db.read(), app, reference, actor, rows).await?;
    let hits = items
        .into_iter()
        .zip(texts)
        .map(|(item, text)| {
            let line = text.lines().skip(1).max_by_key(|line| bigram::marks(line, query).len()).unwrap_or_default().to_owned();
            let first = bigram::marks(&line, query).first().map_or(0, |mark| mark.0 as usize);
            let snippet: String = line.chars().skip(first.saturating_sub(20)).take(90).collect();
            let marks = bigram::marks(&snippet, query);
            SearchHit { item, snippet, marks }
        })
        .collect();
    Ok(Page { items: hits, next_cursor })
}
