//! Rows to be written together: a change of one matter touches a dozen tables, and writing each by itself is a dozen turns to the database.
//! What a transaction writes is gathered by table and sent as one statement: on PostgreSQL as data-modifying CTEs, each of which takes its
//! rows as JSON, so that the text is the same however many there are; on SQLite as a row of statements.

use sea_orm::{ActiveModelTrait, ActiveValue, DbBackend, EntityTrait, IdenStatic, IntoActiveModel, Iterable, PrimaryKeyToColumn, Statement, Value};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What is written, in the order in which it is: what others refer to goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Matter,
    MatterChanged,
    Event,
    Holding,
    Handover,
    Clock,
    Ask,
    Party,
    Person,
    FacetGone,
    Facet,
    Counter,
    Text,
    Precedent,
    Notice,
    Outbox,
}

/// How rows of one place are written, on both databases.
pub(crate) struct Write {
    place: Place,
    columns: Vec<&'static str>,
    /// One statement or several, each by its name; every `?` stands for all rows, as a JSON array of objects.
    postgres: Vec<(String, String)>,
    /// Statements for each row, with the columns whose values they take.
    sqlite: Vec<(String, Vec<usize>)>,
}

/// What to do when a row is already there.
#[derive(Clone, Copy)]
pub(crate) enum Present {
    Refuse,
    Keep,
    /// These columns take the new values.
    Update(&'static [&'static str]),
}

fn quoted(columns: &[&str]) -> String {
    columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ")
}

fn assigned(columns: &[&str], from: &str) -> String {
    columns.iter().map(|column| format!("\"{column}\" = {from}\"{column}\"")).collect::<Vec<_>>().join(", ")
}

/// Rows as PostgreSQL reads them from their JSON; columns that are not there are null.
fn rows_of(table: &str) -> String {
    format!("json_populate_recordset(CAST(NULL AS {table}), CAST(? AS json))")
}

impl Write {
    /// Adds rows to a table.
    pub(crate) fn insert(place: Place, table: &str, columns: Vec<&'static str>, key: &[&str], present: Present) -> Self {
        let conflict = match present {
            Present::Refuse => String::new(),
            Present::Keep => format!(" ON CONFLICT ({}) DO NOTHING", quoted(key)),
            Present::Update(changed) => format!(" ON CONFLICT ({}) DO UPDATE SET {}", quoted(key), assigned(changed, "excluded.")),
        };
        let list = quoted(&columns);
        let marks = vec!["?"; columns.len()].join(", ");
        Self {
            place,
            postgres: vec![(format!("{table}_in"), format!("INSERT INTO {table} ({list}) SELECT {list} FROM {}{conflict}", rows_of(table)))],
            sqlite: vec![(format!("INSERT INTO {table} ({list}) VALUES ({marks}){conflict}"), (0..columns.len()).collect())],
            columns,
        }
    }

    /// Adds rows of an entity.
    pub(crate) fn insert_into<E: EntityTrait>(place: Place, present: Present) -> Self {
        let key: Vec<&str> = E::PrimaryKey::iter().map(|key| key.into_column().as_str()).collect();
        Self::insert(place, E::default().table_name(), columns_of::<E>(), &key, present)
    }

    /// Writes all columns of rows that are there, found by their id.
    pub(crate) fn update<E: EntityTrait>(place: Place) -> Self {
        let entity = E::default();
        let (table, columns) = (entity.table_name(), columns_of::<E>());
        let changed: Vec<&str> = columns.iter().copied().filter(|column| *column != "id").collect();
        let marks = changed.iter().map(|column| format!("\"{column}\" = ?")).collect::<Vec<_>>().join(", ");
        let at = |name: &str| columns.iter().position(|column| *column == name).unwrap_or_default();
        let bound = changed.iter().copied().chain(["id"]).map(at).collect();
        let postgres = format!("UPDATE {table} AS t SET {} FROM {} AS r WHERE t.id = r.id", assigned(&changed, "r."), rows_of(table));
        Self {
            place,
            postgres: vec![(format!("{table}_changed"), postgres)],
            sqlite: vec![(format!("UPDATE {table} SET {marks} WHERE id = ?"), bound)],
            columns,
        }
    }

    /// Written by statements of their own.
    pub(crate) fn by_hand(place: Place, columns: Vec<&'static str>, postgres: &[(&str, &str)], sqlite: &[(&str, &[usize])]) -> Self {
        Self {
            place,
            columns,
            postgres: postgres.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
            sqlite: sqlite.iter().map(|(text, bound)| ((*text).to_owned(), bound.to_vec())).collect(),
        }
    }
}

fn columns_of<E: EntityTrait>() -> Vec<&'static str> {
    E::Column::iter().map(|column| column.as_str()).collect()
}

/// The values of an entity's row, in the order of its columns.
pub(crate) fn row<M>(model: M) -> Vec<Value>
where
    M: IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel> + sea_orm::ModelTrait,
    <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity>,
{
    let active = model.into_active_model();
    <M::Entity as EntityTrait>::Column::iter()
        .map(|column| match active.get(column) {
            ActiveValue::Set(value) | ActiveValue::Unchanged(value) => value,
            // A model has all its columns.
            ActiveValue::NotSet => Value::String(None),
        })
        .collect()
}

/// A value as it stands in JSON. Instants keep what both databases keep, and more.
fn json(value: &Value) -> Json {
    match value {
        Value::Bool(Some(value)) => (*value).into(),
        Value::Int(Some(value)) => (*value).into(),
        Value::BigInt(Some(value)) => (*value).into(),
        Value::String(Some(text)) => text.as_str().into(),
        Value::Uuid(Some(id)) => id.to_string().into(),
        Value::Json(Some(value)) => value.as_ref().clone(),
        Value::ChronoDate(Some(day)) => day.to_string().into(),
        Value::ChronoDateTimeUtc(Some(at)) => at.to_rfc3339().into(),
        // The absent ones of all types; other types no table here has, and PostgreSQL refuses a missing value where one is needed.
        _ => Json::Null,
    }
}

/// Rows that wait to be written.
#[derive(Default)]
pub(crate) struct Waiting {
    rows: BTreeMap<Place, (&'static Write, Vec<Vec<Value>>)>,
    matters: BTreeSet<Uuid>,
    /// One matter was changed twice, and one statement can do so only once.
    pub(crate) twice: bool,
}

impl Waiting {
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn add(&mut self, write: &'static Write, row: Vec<Value>) {
        if let (Place::Matter | Place::MatterChanged, Some(Value::Uuid(Some(id)))) = (write.place, row.first()) {
            self.twice |= !self.matters.insert(*id);
        }
        self.rows.entry(write.place).or_insert_with(|| (write, Vec::new())).1.push(row);
    }

    /// All of it as one statement.
    pub(crate) fn into_statement(self, backend: DbBackend) -> Statement {
        let mut values = Vec::new();
        if backend == DbBackend::Postgres {
            let mut parts = Vec::new();
            for (write, rows) in self.rows.into_values() {
                let object = |row: Vec<Value>| {
                    Json::Object(write.columns.iter().map(|name| (*name).to_owned()).zip(row.iter().map(json)).collect::<Map<_, _>>())
                };
                let rows = Json::Array(rows.into_iter().map(object).collect()).to_string();
                for (name, text) in &write.postgres {
                    values.extend(text.chars().filter(|c| *c == '?').map(|_| Value::from(rows.clone())));
                    parts.push(format!("{name} AS ({text})"));
                }
            }
            return crate::db::statement(backend, &format!("WITH {} SELECT 1", parts.join(", ")), values);
        }
        let mut texts = Vec::new();
        for (write, rows) in self.rows.into_values() {
            for row in rows {
                for (text, bound) in &write.sqlite {
                    texts.push(text.as_str());
                    values.extend(bound.iter().filter_map(|place| row.get(*place).cloned()));
                }
            }
        }
        crate::db::statement(backend, &texts.join("; "), values)
    }
}
