//! Several reads in one statement: what a page shows of one matter lies in a dozen tables, and asking each by itself is a dozen turns
//! to the database. Each part's rows come as JSON of their columns. A UNION promises no order: who asks sorts what must be in order.

use crate::{db::statement, error::Result};
use sea_orm::{ColumnTrait, ColumnType, ConnectionTrait, DbBackend, EntityTrait, IdenStatic, Iterable, Value};
use serde::de::DeserializeOwned;
use std::collections::HashMap;

/// What an expression gives, where SQLite itself keeps no types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Is {
    Uuid,
    Bool,
    Json,
    /// Numbers, texts, days (`2026-11-30`) and instants (RFC 3339): JSON has them as they are.
    Plain,
}

impl Is {
    pub(crate) fn of(column: &ColumnType) -> Self {
        match column {
            ColumnType::Uuid => Self::Uuid,
            ColumnType::Boolean => Self::Bool,
            ColumnType::Json | ColumnType::JsonBinary => Self::Json,
            _ => Self::Plain,
        }
    }

    /// An expression as SQLite's `json_array` takes it.
    fn in_sqlite(self, expression: &str) -> String {
        match self {
            // Of no bytes `hex` makes an empty text.
            Self::Uuid => format!("nullif(lower(hex({expression})), '')"),
            // Named once: it may have values of its own.
            Self::Bool => format!("json(CASE {expression} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)"),
            Self::Json => format!("json({expression})"),
            Self::Plain => expression.to_owned(),
        }
    }
}

pub(crate) struct Together {
    backend: DbBackend,
    /// Queries that parts may name, and the values in them.
    named: Vec<String>,
    named_values: Vec<Value>,
    parts: Vec<String>,
    values: Vec<Value>,
}

/// The rows of each part.
pub(crate) struct Found(HashMap<String, Vec<String>>);

impl Together {
    pub(crate) fn new(backend: DbBackend) -> Self {
        Self { backend, named: Vec::new(), named_values: Vec::new(), parts: Vec::new(), values: Vec::new() }
    }

    /// A query that parts may name; it is carried out once.
    pub(crate) fn with(mut self, name: &str, query: &str, values: Vec<Value>) -> Self {
        self.named.push(format!("{name} AS MATERIALIZED ({query})"));
        self.named_values.extend(values);
        self
    }

    /// Rows of an entity, whose table is `t`: all for which the condition holds.
    pub(crate) fn rows<E: EntityTrait>(self, part: &'static str, condition: &str, values: Vec<Value>) -> Self {
        let from = format!("{} t WHERE {condition}", E::default().table_name());
        self.rows_from::<E>(part, "t", &from, values)
    }

    /// Rows of an entity under an alias of a FROM clause; `from` goes on to the end of the query.
    pub(crate) fn rows_from<E: EntityTrait>(self, part: &'static str, alias: &str, from: &str, values: Vec<Value>) -> Self {
        let content = if self.backend == DbBackend::Postgres {
            format!("CAST(row_to_json({alias}) AS text)")
        } else {
            // In the order of the fields: what is read as a struct may come as an array.
            let list = E::Column::iter().map(|column| Is::of(column.def().get_column_type()).in_sqlite(&format!("{alias}.{}", column.as_str())));
            format!("json_array({})", list.collect::<Vec<_>>().join(", "))
        };
        self.add(part, &content, from, values)
    }

    /// Tuples of expressions; `from` goes on to the end of the query.
    pub(crate) fn tuples(self, part: &'static str, expressions: &[(&str, Is)], from: &str, values: Vec<Value>) -> Self {
        let content = if self.backend == DbBackend::Postgres {
            let list = expressions.iter().map(|(expression, _)| *expression).collect::<Vec<_>>().join(", ");
            format!("CAST(json_build_array({list}) AS text)")
        } else {
            let list = expressions.iter().map(|(expression, is)| is.in_sqlite(expression)).collect::<Vec<_>>().join(", ");
            format!("json_array({list})")
        };
        self.add(part, &content, from, values)
    }

    /// How many rows there are.
    pub(crate) fn count(self, part: &'static str, from: &str, values: Vec<Value>) -> Self {
        self.add(part, "CAST(COUNT(*) AS text)", from, values)
    }

    fn add(mut self, part: &'static str, content: &str, from: &str, values: Vec<Value>) -> Self {
        // In brackets of their own, so that a part may have an order and a limit.
        self.parts.push(format!("SELECT * FROM (SELECT '{part}' AS part, {content} AS content FROM {from}) AS {part}_rows"));
        self.values.extend(values);
        self
    }

    pub(crate) async fn read<C: ConnectionTrait>(self, connection: &C) -> Result<Found> {
        let mut rows: HashMap<String, Vec<String>> = HashMap::new();
        if !self.parts.is_empty() {
            let with = if self.named.is_empty() { String::new() } else { format!("WITH {} ", self.named.join(", ")) };
            let sql = format!("{with}{}", self.parts.join(" UNION ALL "));
            let values = self.named_values.into_iter().chain(self.values).collect();
            for row in connection.query_all_raw(statement(self.backend, &sql, values)).await? {
                rows.entry(row.try_get_by_index(0)?).or_default().push(row.try_get_by_index(1)?);
            }
        }
        Ok(Found(rows))
    }
}

impl Found {
    /// The rows of a part, read as what they are.
    pub(crate) fn take<T: DeserializeOwned>(&mut self, part: &'static str) -> Result<Vec<T>> {
        let rows = self.0.remove(part).unwrap_or_default();
        Ok(rows.iter().map(|row| serde_json::from_str(row)).collect::<serde_json::Result<_>>()?)
    }

    /// The number of a part made by [`Together::count`].
    pub(crate) fn number(&mut self, part: &'static str) -> Result<i64> {
        Ok(self.take::<i64>(part)?.first().copied().unwrap_or_default())
    }
}
