//! Full text over matters: one tokenizer (`shared::kernel::bigram`) for text and query; FTS5 in SQLite, `tsvector` under GIN in
//! PostgreSQL. Indexed in the matter's own transaction, searched within Scope.

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
use std::sync::LazyLock;
use uuid::Uuid;

/// The words of a matter, for [`condition`].
static TEXT: LazyLock<Write> = LazyLock::new(|| {
    Write::by_hand(
        Place::Text,
        &[("matter_id", Is::Uuid), ("words", Is::Plain)],
        &[(
            "matter_text_in",
            "INSERT INTO matter_text (matter_id, words)
             SELECT r.matter_id, to_tsvector('simple', r.words) FROM json_to_recordset(CAST(? AS json)) AS r(matter_id uuid, words text)
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
pub(crate) fn text(kind: &Kind, matter: &matter::Model, reference: &Reference) -> String {
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

/// Makes a matter found by its text.
pub(crate) fn index(transaction: &Transaction, matter: Uuid, text: &str) {
    transaction.write(&TEXT, vec![matter.into(), bigram::words(text).join(" ").into()]);
}

/// A condition over `m` for a query text, and its value; `None` when the text has no words.
pub(crate) fn condition(app: &App, query: &str) -> Option<(String, sea_orm::Value)> {
    let words = bigram::words(query);
    if words.is_empty() {
        return None;
    }
    Some(if app.db.is_postgres() {
        let query = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" & ");
        ("m.id IN (SELECT t.matter_id FROM matter_text t WHERE t.words @@ to_tsquery('simple', ?))".into(), query.into())
    } else {
        let query = words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" AND ");
        let found = "m.id IN (SELECT r.matter_id FROM matter_text t JOIN matter_text_row r ON r.row = t.rowid WHERE matter_text MATCH ?)";
        (found.into(), query.into())
    })
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
    let Some((condition, value)) = condition(app, query) else { return Ok(Page { items: Vec::new(), next_cursor: None }) };
    let (predicate, mut values) = visible::predicate(app, actor);
    values.push(value);
    let mut sql = format!("SELECT {} FROM matter m WHERE {predicate} AND {condition}", columns::<matter::Entity>("m"));
    if let Some(cursor) = cursor {
        let after: Uuid = list::decode_cursor(cursor)?.1;
        sql.push_str(" AND m.id < ?");
        values.push(after.into());
    }
    sql.push_str(" ORDER BY m.id DESC LIMIT ?");
    values.push(i64::try_from(limit + 1).unwrap_or(201).into());
    let mut rows = matter::Entity::find().from_raw_sql(statement(app.db.backend(), &sql, values)).all(app.db.read()).await?;
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
