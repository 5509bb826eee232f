//! Rows to be written together: a change of one matter touches a dozen tables, and writing each by itself is a dozen turns to the database.
//! What a transaction writes is gathered by table and sent at once: on PostgreSQL as the data-modifying CTEs of one statement, on SQLite
//! as several statements in one text. Rows go as JSON, so that the text is the same however many there are, and is prepared once.

use crate::together::Is;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, DbBackend, EntityTrait, IdenStatic, IntoActiveModel, Iterable, PrimaryKeyToColumn, Statement, Value,
};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What is written, in the order in which it is: what others refer to goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Matter,
    MatterChanged,
    Event,
    Held,
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

/// How rows of one place are written. Every `?` in a statement stands for all rows, as a JSON array of objects.
pub(crate) struct Write {
    place: Place,
    columns: Vec<&'static str>,
    /// With a name for each.
    postgres: Vec<(String, String)>,
    sqlite: Vec<String>,
}

/// What to do when a row is already there.
#[derive(Clone, Copy)]
pub(crate) enum Present {
    Refuse,
    Keep,
    /// These columns take the new values.
    Update(&'static [&'static str]),
    /// This number is added to the one there.
    Add(&'static str),
}

fn quoted<'a>(columns: impl IntoIterator<Item = &'a str>) -> String {
    columns.into_iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ")
}

fn assigned(columns: &[&str], from: &str) -> String {
    columns.iter().map(|column| format!("\"{column}\" = {from}\"{column}\"")).collect::<Vec<_>>().join(", ")
}

/// Rows as PostgreSQL reads them from their JSON, by the types of a table; columns that are not there are null.
fn in_postgres(table: &str) -> String {
    format!("json_populate_recordset(CAST(NULL AS {table}), CAST(? AS json))")
}

/// The same in SQLite, which has no types of its own.
fn in_sqlite(columns: &[(&'static str, Is)]) -> String {
    let member = |(name, is): &(&str, Is)| match is {
        Is::Uuid => format!("unhex(replace(value ->> '{name}', '-', '')) AS \"{name}\""),
        Is::Json => format!("nullif(value -> '{name}', 'null') AS \"{name}\""),
        Is::Bool | Is::Plain => format!("value ->> '{name}' AS \"{name}\""),
    };
    format!("SELECT {} FROM json_each(?)", columns.iter().map(member).collect::<Vec<_>>().join(", "))
}

impl Write {
    /// Adds rows to a table.
    pub(crate) fn insert(place: Place, table: &str, columns: &[(&'static str, Is)], key: &[&str], present: Present) -> Self {
        let conflict = match present {
            Present::Refuse => String::new(),
            Present::Keep => format!(" ON CONFLICT ({}) DO NOTHING", quoted(key.iter().copied())),
            Present::Add(number) => {
                let key = quoted(key.iter().copied());
                format!(" ON CONFLICT ({key}) DO UPDATE SET \"{number}\" = {table}.\"{number}\" + excluded.\"{number}\"")
            }
            Present::Update(changed) => {
                format!(" ON CONFLICT ({}) DO UPDATE SET {}", quoted(key.iter().copied()), assigned(changed, "excluded."))
            }
        };
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let list = quoted(names.iter().copied());
        Self {
            place,
            columns: names,
            postgres: vec![(format!("{table}_in"), format!("INSERT INTO {table} ({list}) SELECT {list} FROM {}{conflict}", in_postgres(table)))],
            // Without a WHERE, SQLite would read ON as that of a join.
            sqlite: vec![format!("INSERT INTO {table} ({list}) {} WHERE true{conflict}", in_sqlite(columns))],
        }
    }

    /// Adds rows of an entity.
    pub(crate) fn insert_into<E: EntityTrait>(place: Place, present: Present) -> Self {
        let key: Vec<&str> = E::PrimaryKey::iter().map(|key| key.into_column().as_str()).collect();
        Self::insert(place, E::default().table_name(), &columns_of::<E>(), &key, present)
    }

    /// Writes all columns of rows that are there, found by their id.
    pub(crate) fn update<E: EntityTrait>(place: Place) -> Self {
        let entity = E::default();
        let (table, columns) = (entity.table_name(), columns_of::<E>());
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let changed: Vec<&str> = names.iter().copied().filter(|name| *name != "id").collect();
        let set = format!("UPDATE {table} AS t SET {} FROM", assigned(&changed, "r."));
        Self {
            place,
            columns: names,
            postgres: vec![(format!("{table}_changed"), format!("{set} {} AS r WHERE t.id = r.id", in_postgres(table)))],
            sqlite: vec![format!("{set} ({}) AS r WHERE t.id = r.id", in_sqlite(&columns))],
        }
    }

    /// Written by statements of their own. Those for SQLite name the rows `ROWS`.
    pub(crate) fn by_hand(place: Place, columns: &[(&'static str, Is)], postgres: &[(&str, &str)], sqlite: &[&str]) -> Self {
        let rows = format!("({})", in_sqlite(columns));
        Self {
            place,
            columns: columns.iter().map(|(name, _)| *name).collect(),
            postgres: postgres.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
            sqlite: sqlite.iter().map(|text| text.replace("ROWS", &rows)).collect(),
        }
    }
}

fn columns_of<E: EntityTrait>() -> Vec<(&'static str, Is)> {
    E::Column::iter().map(|column| (column.as_str(), Is::of(column.def().get_column_type()))).collect()
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
        let postgres = backend == DbBackend::Postgres;
        let (mut parts, mut values) = (Vec::new(), Vec::new());
        for (write, rows) in self.rows.into_values() {
            let object =
                |row: Vec<Value>| Json::Object(write.columns.iter().map(|name| (*name).to_owned()).zip(row.iter().map(json)).collect::<Map<_, _>>());
            let rows = Json::Array(rows.into_iter().map(object).collect()).to_string();
            let mut take = |text: &str| values.extend(text.matches('?').map(|_| Value::from(rows.clone())));
            if postgres {
                for (name, text) in &write.postgres {
                    take(text);
                    parts.push(format!("{name} AS ({text})"));
                }
            } else {
                for text in &write.sqlite {
                    take(text);
                    parts.push(text.clone());
                }
            }
        }
        let text = if postgres { format!("WITH {} SELECT 1", parts.join(", ")) } else { parts.join("; ") };
        crate::db::statement(backend, &text, values)
    }
}
