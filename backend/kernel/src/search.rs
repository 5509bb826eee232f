//! Full text over matters: one tokenizer (`shared::kernel::bigram`) for text and query; FTS5 in SQLite, `tsvector` under GIN in
//! PostgreSQL. Indexed in the matter's own transaction, searched within Scope. Among a matter's words are its parties, so that who sees
//! only their unit's matters searches among these; what may be seen is decided by the rule of visibility, as everywhere.

use crate::{
    db::statement,
    entity::matter,
    error::Result,
    matter::{
        list::{self, Row, Shown},
        visible,
    },
    reference::Reference,
    scope::Actor,
    state::App,
    together::Is,
    transaction::Transaction,
    writing::{Place, Write},
};
use sea_orm::ConnectionTrait;
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
             SELECT r.matter_id, strip(to_tsvector('simple', r.words)) ||
               (SELECT array_to_tsvector(ARRAY['r' || s.n, 's' || s.n / 8, 'q' || s.n / 64]) FROM search_range s
                WHERE s.from_id <= r.matter_id ORDER BY s.from_id DESC LIMIT 1)
             FROM json_to_recordset(CAST(? AS json)) AS r(matter_id uuid, words text)
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
fn text(kind: &Kind, number: Option<&str>, title: &str, body: &Value, reference: &Reference) -> String {
    let mut parts = vec![number.unwrap_or_default().to_owned(), title.to_owned()];
    let body = body.as_object();
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
        Self { text: text(kind, matter.number.as_deref(), &matter.title, &matter.body, reference), units: units.collect() }
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

/// So many of the newest matters, of a unit or of all, are looked at one by one before the index of words is asked: what nearly all have
/// is found there.
const NEWEST: u32 = 200;
/// A step of the search back through the ranges.
struct Step {
    /// The words of its block, of which a matter has one; none: whatever block it is in.
    block: Option<&'static str>,
    /// The least number of the current range with which the steps before have not reached the oldest matter.
    least: i64,
    /// The range that the steps before reached back to; none: none of them looked at a range.
    reached: Option<&'static str>,
}

const OLDER: Step = Step { block: None, least: 128, reached: Some("(c.n / 64 - 1) * 64") };

/// Then the ranges, from the newest: the one, its block of eight and the one before, its block of sixty-four and the one before, and all
/// older ones. A step is left out when those before have filled the page.
const OF_ALL: &[Step] = &[
    Step { block: Some("'r' || c.n"), least: 0, reached: None },
    Step { block: Some("'s' || c.n / 8"), least: 0, reached: Some("c.n") },
    Step { block: Some("'s' || c.n / 8 - 1"), least: 8, reached: Some("c.n") },
    Step { block: Some("'q' || c.n / 64"), least: 16, reached: Some("(c.n / 8 - 1) * 8") },
    Step { block: Some("'q' || c.n / 64 - 1"), least: 64, reached: Some("(c.n / 8 - 1) * 8") },
    OLDER,
];
/// Of a unit's matters fewer have the words: less is gained by short steps than each costs.
const OF_UNIT: &[Step] = &[Step { block: Some("'q' || c.n / 64 || ' | q' || greatest(c.n / 64 - 1, 0)"), least: 0, reached: None }, OLDER];

/// The first matters with all words, newest first, older than a given one. PostgreSQL's index of words gives all that has a word, a common
/// one tens of thousands of rows in no order: so it is asked for the words together with those of some ranges (`search_range`).
async fn newest(app: &App, actor: &Actor, query: &str, before: Option<Uuid>, limit: i64) -> Result<Vec<Row>> {
    let Some(asked) = asked(app, actor, query) else { return Ok(Vec::new()) };
    let before = before.unwrap_or(Uuid::max());
    let columns = format!("{}, m.due_sort AS sort_day", Shown::columns("m"));
    let (predicate, seen) = visible::predicate(app, actor);
    if !app.db.is_postgres() {
        // FTS5 gives its rows in the order of their numbers, which is that of their making, and no more than are taken. `CROSS` keeps SQLite
        // from beginning elsewhere and asking it again for each matter.
        let sql = format!(
            "SELECT {columns}, t.rowid AS place FROM matter_text t CROSS JOIN matter_text_row r ON r.row = t.rowid CROSS JOIN matter m ON m.id = r.matter_id
             WHERE matter_text MATCH ? AND t.rowid < coalesce((SELECT row FROM matter_text_row WHERE matter_id = ?), 9223372036854775807)
               AND {predicate} ORDER BY t.rowid DESC LIMIT {limit}"
        );
        let values = [asked.into(), before.into()].into_iter().chain(seen).collect();
        return rows(app, actor, &sql, "listed.place DESC", values).await;
    }
    let of_unit = visible::observed_kinds(app, actor).is_empty();
    let (newest, mut values): (_, Vec<sea_orm::Value>) = if of_unit {
        let newest = "SELECT p.matter_id FROM matter_party p WHERE p.unit_id = ? AND p.matter_id < ? ORDER BY p.matter_id DESC";
        (newest, vec![actor.unit_id.into(), before.into()])
    } else {
        ("SELECT x.matter_id FROM matter_text x WHERE x.matter_id < ? ORDER BY x.matter_id DESC", vec![before.into()])
    };
    // `OFFSET 0` keeps PostgreSQL from mixing the finding of ids with what follows. They are sorted before their matters are read, so that of a
    // block in which nearly all have the words no more are read than the page takes.
    let mut steps = Vec::new();
    let mut step = |ids: String| {
        steps.push(format!(
            "(SELECT {columns} FROM ({ids} ORDER BY 1 DESC OFFSET 0) h JOIN matter m ON m.id = h.matter_id WHERE {predicate} ORDER BY m.id DESC)"
        ));
        values.extend([asked.clone().into()].into_iter().chain(seen.iter().cloned()));
    };
    step("SELECT t.matter_id FROM newest c JOIN matter_text t ON t.matter_id = c.matter_id WHERE t.words @@ to_tsquery('simple', ?)".into());
    for Step { block, least, reached } in if of_unit { OF_UNIT } else { OF_ALL } {
        let bound = match reached {
            // Where the newest ended.
            None => "SELECT l.id FROM last l".to_owned(),
            Some(range) => format!("SELECT s.from_id FROM current c JOIN search_range s ON s.n = {range}"),
        };
        let block = block.map(|block| format!(" && CAST({block} AS tsquery)")).unwrap_or_default();
        step(format!(
            "SELECT t.matter_id FROM matter_text t WHERE t.matter_id < ({bound}) AND t.words @@
             (SELECT to_tsquery('simple', ?){block} FROM current c WHERE c.n >= {least})"
        ));
    }
    let sql = format!(
        "WITH newest AS MATERIALIZED ({newest} LIMIT {NEWEST}), last AS MATERIALIZED (SELECT c.matter_id AS id FROM newest c ORDER BY c.matter_id LIMIT 1),
         current AS MATERIALIZED (SELECT s.n FROM search_range s WHERE s.from_id < (SELECT l.id FROM last l) ORDER BY s.from_id DESC LIMIT 1)
         {} LIMIT {limit}",
        steps.join(" UNION ALL ")
    );
    rows(app, actor, &sql, "listed.id DESC", values).await
}

async fn rows(app: &App, actor: &Actor, page: &str, order: &str, mut values: Vec<sea_orm::Value>) -> Result<Vec<Row>> {
    values.push(actor.unit_id.into());
    let found = app.db.read().query_all_raw(statement(app.db.backend(), &list::with_own(page, order), values)).await?;
    Ok(found.iter().map(Row::read).collect::<std::result::Result<_, _>>()?)
}

/// How many matters a range has, about; while many come at once, those of the last minutes more.
const IN_RANGE: i64 = 4096;
/// A range begins in a while, so that all nodes know it by then.
const AHEAD: chrono::Duration = chrono::Duration::seconds(60);

/// Begins another range when the last one is full. PostgreSQL only.
pub(crate) async fn begin_range(app: &App) -> Result<()> {
    if !app.db.is_postgres() {
        return Ok(());
    }
    let full = format!(
        "SELECT s.n FROM (SELECT r.n, r.from_id FROM search_range r ORDER BY r.from_id DESC LIMIT 1) s
         WHERE (SELECT count(*) FROM (SELECT 1 FROM matter_text t WHERE t.matter_id >= s.from_id LIMIT {IN_RANGE}) x) = {IN_RANGE}"
    );
    let backend = app.db.backend();
    let Some(row) = app.db.read().query_one_raw(statement(backend, &full, Vec::new())).await? else { return Ok(()) };
    let (next, from) = (row.try_get_by_index::<i64>(0)? + 1, crate::ids::least_at(app.time.now() + AHEAD));
    let transaction = app.db.begin().await?;
    let sql = "INSERT INTO search_range (n, from_id) SELECT ?, CAST(? AS uuid) WHERE NOT EXISTS (SELECT 1 FROM search_range s WHERE s.from_id >= ?)
               ON CONFLICT DO NOTHING";
    transaction.execute_raw(statement(backend, sql, vec![next.into(), from.into(), from.into()])).await?;
    app.db.commit(transaction).await?;
    Ok(())
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
    let next_cursor = list::cut(&mut rows, limit, |row| (String::new(), row.matter.id));
    let text_of = |row: &Row| {
        let (kind, matter) = (app.kind(&row.matter.kind).ok()?, &row.matter);
        Some(text(&kind, matter.number.as_deref(), &matter.title, &matter.body.whole(), reference))
    };
    let texts: Vec<String> = rows.iter().map(|row| text_of(row).unwrap_or_default()).collect();
    let items = list::views(app, reference, &list::Seen::unboxed(app, actor), rows).await?;
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
