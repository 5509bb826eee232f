//! From SQLite into PostgreSQL: every row of every table, by the types that PostgreSQL's schema names, in one transaction. Both have the
//! same schema (`migrations`), but for the words of matters: SQLite keeps them in a table of its own, with the texts they were made of.

use super::fault;
use crate::{
    db::{Db, statement},
    error::Result,
    transaction::Transaction,
};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, QueryResult, Value};
use std::{collections::BTreeSet, path::Path};

/// Rows moved by one statement.
const AT_ONCE: i64 = 500;
/// Which migrations were applied: each database's own.
const MIGRATIONS: &str = "seaql_migrations";
const WORDS: &str = "matter_text";
/// The words of each matter as SQLite keeps them.
const WORDS_IN_SQLITE: &str = "(SELECT t.rowid AS rowid, r.matter_id, t.words FROM matter_text t JOIN matter_text_row r ON r.row = t.rowid)";

#[derive(FromQueryResult)]
struct Column {
    name: String,
    /// As PostgreSQL names it: `uuid`, `timestamp with time zone`.
    kind: String,
}

impl Column {
    /// Its value as JSON has it, read from SQLite.
    fn in_sqlite(&self) -> String {
        let name = &self.name;
        match self.kind.as_str() {
            "uuid" => format!("nullif(hex(\"{name}\"), '')"),
            "bytea" => format!("CASE WHEN \"{name}\" IS NOT NULL THEN '\\x' || hex(\"{name}\") END"),
            "json" | "jsonb" => format!("json(\"{name}\")"),
            _ => format!("\"{name}\""),
        }
    }

    /// As what PostgreSQL reads it from JSON.
    fn read_as(&self) -> &str {
        if self.kind == "tsvector" { "text" } else { &self.kind }
    }

    /// What is written of it.
    fn in_postgres(&self) -> String {
        // As a change of a matter writes them; the range follows (`number_words`).
        if self.kind == "tsvector" { format!("strip(to_tsvector('simple', \"{}\"))", self.name) } else { format!("\"{}\"", self.name) }
    }
}

/// A reference between tables, put off until all rows are there.
#[derive(FromQueryResult)]
struct Reference {
    place: String,
    name: String,
    definition: String,
}

/// Moves what a SQLite file holds. It is brought up to date first; what PostgreSQL holds by then is replaced.
pub(super) async fn into_postgres(from: &Path, url: &str) -> Result<()> {
    let from = Db::open(&format!("sqlite://{}", from.display()), true).await?;
    let to = Db::open(url, true).await?;
    let moved = move_rows(&from, &to).await;
    from.close().await;
    to.close().await;
    moved
}

async fn move_rows(from: &Db, to: &Db) -> Result<()> {
    let transaction = to.begin().await?;
    let tables = tables(&transaction).await?;
    if tables.is_empty() {
        return Err(fault("the database has no tables of ours in its schema"));
    }
    refuse_unknown(from, &tables).await?;
    let references: Vec<Reference> = all(
        &transaction,
        "SELECT CAST(CAST(conrelid AS regclass) AS text) AS place, CAST(conname AS text) AS name, pg_get_constraintdef(oid) AS definition
         FROM pg_constraint WHERE contype = 'f' AND connamespace = CAST(current_schema() AS regnamespace) ORDER BY 1, 2",
        Vec::new(),
    )
    .await?;
    for Reference { place, name, .. } in &references {
        transaction.execute_unprepared(&format!("ALTER TABLE {place} DROP CONSTRAINT \"{name}\"")).await?;
    }
    transaction.execute_unprepared(&format!("TRUNCATE {}", tables.iter().cloned().collect::<Vec<_>>().join(", "))).await?;
    for table in &tables {
        move_table(from, &transaction, table).await?;
    }
    number_words(&transaction).await?;
    for Reference { place, name, definition } in &references {
        transaction.execute_unprepared(&format!("ALTER TABLE {place} ADD CONSTRAINT \"{name}\" {definition}")).await?;
    }
    to.commit_beside(transaction).await
}

/// Gives the words their ranges (`crate::search`), which SQLite has none of.
async fn number_words(to: &Transaction) -> Result<()> {
    for sql in [
        "INSERT INTO search_range (n, from_id)
         SELECT (x.place - 1) / 4096, CASE WHEN x.place = 1 THEN CAST('00000000-0000-0000-0000-000000000000' AS uuid) ELSE x.matter_id END
         FROM (SELECT t.matter_id, row_number() OVER (ORDER BY t.matter_id) AS place FROM matter_text t) x WHERE x.place % 4096 = 1",
        "INSERT INTO search_range (n, from_id) VALUES (0, '00000000-0000-0000-0000-000000000000') ON CONFLICT DO NOTHING",
        "UPDATE matter_text t SET words = t.words || (SELECT array_to_tsvector(ARRAY['r' || s.n, 's' || s.n / 8, 'q' || s.n / 64])
           FROM search_range s WHERE s.from_id <= t.matter_id ORDER BY s.from_id DESC LIMIT 1)",
    ] {
        to.execute_unprepared(sql).await?;
    }
    Ok(())
}

/// All tables of the schema, in PostgreSQL.
async fn tables(to: &Transaction) -> Result<BTreeSet<String>> {
    let sql = "SELECT CAST(relname AS text) FROM pg_class WHERE relkind = 'r' AND relnamespace = CAST(current_schema() AS regnamespace)";
    let rows = to.query_all_raw(statement(DbBackend::Postgres, sql, Vec::new())).await?;
    let names: BTreeSet<String> = rows.iter().map(|row| row.try_get_by_index(0)).collect::<std::result::Result<_, _>>()?;
    Ok(names.into_iter().filter(|name| name != MIGRATIONS).collect())
}

/// No table of SQLite is left behind unnoticed.
async fn refuse_unknown(from: &Db, tables: &BTreeSet<String>) -> Result<()> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    for row in from.read().query_all_raw(statement(DbBackend::Sqlite, sql, Vec::new())).await? {
        let name: String = row.try_get_by_index(0)?;
        if !tables.contains(&name) && name != MIGRATIONS && !name.starts_with(WORDS) {
            return Err(fault(format!("the backup has the table {name}, which PostgreSQL has no place for")));
        }
    }
    Ok(())
}

async fn move_table(from: &Db, to: &Transaction, table: &str) -> Result<()> {
    let columns: Vec<Column> = all(
        to,
        "SELECT CAST(attname AS text) AS name, format_type(atttypid, atttypmod) AS kind FROM pg_attribute
         WHERE attrelid = CAST(CAST(? AS text) AS regclass) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        vec![table.into()],
    )
    .await?;
    let list = |of: &dyn Fn(&Column) -> String| columns.iter().map(of).collect::<Vec<_>>().join(", ");
    let names = list(&|column| format!("\"{}\"", column.name));
    let source = if table == WORDS { WORDS_IN_SQLITE } else { table };
    let read = format!(
        "SELECT max(place), count(*), json_group_array(json_object({}))
         FROM (SELECT rowid AS place, {names} FROM {source} WHERE rowid > ? ORDER BY rowid LIMIT {AT_ONCE})",
        list(&|column| format!("'{}', {}", column.name, column.in_sqlite())),
    );
    let write = format!(
        "INSERT INTO {table} ({names}) SELECT {} FROM json_to_recordset(CAST(? AS json)) AS r({})",
        list(&Column::in_postgres),
        list(&|column| format!("\"{}\" {}", column.name, column.read_as())),
    );
    let mut after = i64::MIN;
    loop {
        let row = from.read().query_one_raw(statement(DbBackend::Sqlite, &read, vec![after.into()])).await?;
        let Some(row) = row else { return Ok(()) };
        let Some(last) = row.try_get_by_index::<Option<i64>>(0)? else { return Ok(()) };
        let (count, rows): (i64, String) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let written = to.execute_raw(statement(DbBackend::Postgres, &write, vec![rows.into()])).await?.rows_affected();
        if i64::try_from(written) != Ok(count) {
            return Err(fault(format!("{table}: {written} of {count} rows were written")));
        }
        after = last;
    }
}

async fn all<T: FromQueryResult>(of: &Transaction, sql: &str, values: Vec<Value>) -> Result<Vec<T>> {
    let rows: Vec<QueryResult> = of.query_all_raw(statement(DbBackend::Postgres, sql, values)).await?;
    Ok(rows.iter().map(|row| T::from_query_result(row, "")).collect::<std::result::Result<_, _>>()?)
}
