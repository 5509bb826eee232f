//! Bare handlers to compare with: what actix and a driver do by hand, without a kernel. On PostgreSQL one matter is read by the
//! server's own statements and its rows answered as JSON; on SQLite a matter's row is read, or the rows of one are written again under new ids, each request by
//! itself and durable.

use crate::{clone::matter_id, database::Database};
use actix_web::{App, HttpResponse, HttpServer, error::ErrorInternalServerError as fault, web};
use anyhow::{Context, Result, bail};
use rusqlite::{Connection, types::Value};
use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio_postgres::{Client, NoTls, Statement};
use uuid::Uuid;

type Answer = actix_web::Result<HttpResponse>;

pub fn serve(database: &str, listen: SocketAddr, template: Option<Uuid>, statements: Option<&Path>) -> Result<()> {
    let runtime = actix_web::rt::System::new();
    if database.starts_with("postgres") {
        runtime.block_on(postgres(database.to_owned(), listen, statements.context("statements are needed")?))
    } else {
        runtime.block_on(sqlite(Path::new(database), listen, template))
    }
}

/// Connections with their prepared statements, taken in turn: a driver of this kind sends many requests over one.
struct Pool {
    connections: Vec<(Client, Vec<Statement>)>,
    next: AtomicUsize,
}

/// The statements of a file, one a line, as the server sends them; `:m` is the number of the matter asked for.
async fn postgres(url: String, listen: SocketAddr, file: &Path) -> Result<()> {
    let text = std::fs::read_to_string(file)?;
    let statements: Vec<String> =
        text.lines().filter(|line| !line.starts_with('\\')).map(|line| line.trim_end_matches(';').replace(":m", "$1")).collect();
    let mut connections = Vec::new();
    for _ in 0..16 {
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
        tokio::spawn(connection);
        let mut prepared = Vec::new();
        for statement in &statements {
            prepared.push(client.prepare(statement).await.with_context(|| statement.clone())?);
        }
        connections.push((client, prepared));
    }
    let pool = web::Data::new(Pool { connections, next: AtomicUsize::new(0) });
    HttpServer::new(move || {
        App::new().app_data(pool.clone()).route("/ready", web::get().to(HttpResponse::Ok)).route("/matters/{n}", web::get().to(matter_of_postgres))
    })
    .bind(listen)?
    .run()
    .await?;
    Ok(())
}

/// The same statements; the rows of the last are what an answer is made of, as JSON.
async fn matter_of_postgres(pool: web::Data<Pool>, n: web::Path<i64>) -> Answer {
    let at = pool.next.fetch_add(1, Ordering::Relaxed) % pool.connections.len();
    let (client, statements) = &pool.connections[at];
    let mut parts: BTreeMap<String, Vec<serde_json::Value>> = BTreeMap::new();
    for (at, statement) in statements.iter().enumerate() {
        let subject: [&(dyn tokio_postgres::types::ToSql + Sync); 1] = [&*n];
        let values = if statement.params().is_empty() { &[][..] } else { &subject[..] };
        let rows = client.query(statement, values).await.map_err(fault)?;
        if rows.is_empty() {
            return Ok(HttpResponse::NotFound().finish());
        }
        if at + 1 == statements.len() {
            for row in rows {
                let (part, content): (String, &str) = (row.get(0), row.get(1));
                parts.entry(part).or_default().push(serde_json::from_str(content).map_err(fault)?);
            }
        }
    }
    Ok(HttpResponse::Ok().json(parts))
}

/// A row that is written again and again.
struct Copied {
    insert: String,
    values: Vec<Value>,
}

struct Sqlite {
    writer: Mutex<Connection>,
    readers: Vec<Mutex<Connection>>,
    next: AtomicUsize,
    rows: Arc<Vec<Copied>>,
    ids: Vec<[u8; 16]>,
}

const TABLES: &[(&str, &str)] = &[
    ("matter", "id"),
    ("event", "matter_id"),
    ("holding", "matter_id"),
    ("handover", "matter_id"),
    ("clock", "matter_id"),
    ("ask", "matter_id"),
    ("matter_party", "matter_id"),
    ("matter_facet", "matter_id"),
    ("matter_text_row", "matter_id"),
    ("notice", "matter_id"),
];

impl Sqlite {
    fn open(path: &Path, template: Uuid) -> Result<Self> {
        let writer = Database::sqlite(path)?;
        // As the server has them.
        writer.execute_batch("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL")?;
        let template = template.as_bytes().to_vec();
        let (mut rows, mut ids) = (Vec::new(), vec![<[u8; 16]>::try_from(template.clone()).map_err(|_| anyhow::anyhow!("an id has 16 bytes"))?]);
        for (table, own) in TABLES {
            let mut found = writer.prepare(&format!("SELECT * FROM {table} WHERE {own} = ?"))?;
            let columns: Vec<String> = found.column_names().iter().map(|name| (*name).to_owned()).collect();
            let mut each = found.query([&template])?;
            while let Some(row) = each.next()? {
                // The database numbers the rows of the words itself.
                let kept: Vec<usize> = (0..columns.len()).filter(|at| columns[*at] != "row").collect();
                let values = kept.iter().map(|at| Ok(row.get(*at)?)).collect::<Result<Vec<Value>>>()?;
                if let (Some("id"), Some(Value::Blob(id))) = (columns.first().map(String::as_str), values.first())
                    && let Ok(id) = <[u8; 16]>::try_from(id.clone())
                    && !ids.contains(&id)
                {
                    ids.push(id);
                }
                let names = kept.iter().map(|at| format!("\"{}\"", columns[*at])).collect::<Vec<_>>().join(", ");
                rows.push(Copied { insert: format!("INSERT INTO {table} ({names}) VALUES ({})", vec!["?"; kept.len()].join(", ")), values });
            }
        }
        let words: String = writer.query_row(
            "SELECT t.words FROM matter_text t JOIN matter_text_row r ON r.row = t.rowid WHERE r.matter_id = ?",
            [&template],
            |row| row.get(0),
        )?;
        rows.push(Copied { insert: "INSERT INTO matter_text (words) VALUES (?)".into(), values: vec![Value::Text(words)] });
        if rows.len() < 6 {
            bail!("a matter of {} rows is none to compare with", rows.len());
        }
        let readers = (0..4).map(|_| Database::sqlite(path).map(Mutex::new)).collect::<Result<_>>()?;
        Ok(Self { writer: Mutex::new(writer), readers, next: AtomicUsize::new(0), rows: Arc::new(rows), ids })
    }

    /// The same rows under new ids, in one transaction.
    fn write(&self, number: usize) -> Result<()> {
        let new: HashMap<Vec<u8>, Vec<u8>> = self.ids.iter().map(|id| (id.to_vec(), Uuid::now_v7().as_bytes().to_vec())).collect();
        let old = Uuid::from_bytes(self.ids[0]).to_string();
        let own = Uuid::from_slice(&new[self.ids[0].as_slice()])?.to_string();
        let mut connection = self.writer.lock().map_err(|_| anyhow::anyhow!("the writer is broken"))?;
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for row in self.rows.iter() {
            let values = row.values.iter().map(|value| match value {
                Value::Blob(bytes) => Value::Blob(new.get(bytes).unwrap_or(bytes).clone()),
                Value::Text(text) if text.starts_with("LD-") => Value::Text(format!("LD-2023-WI-{number}")),
                Value::Text(text) if text.contains(&old) => Value::Text(text.replace(&old, &own)),
                other => other.clone(),
            });
            transaction.prepare_cached(&row.insert)?.execute(rusqlite::params_from_iter(values))?;
        }
        transaction.commit()?;
        Ok(())
    }

    fn read(&self, n: u64) -> Result<Option<String>> {
        let reader = &self.readers[self.next.fetch_add(1, Ordering::Relaxed) % self.readers.len()];
        let connection = reader.lock().map_err(|_| anyhow::anyhow!("a reader is broken"))?;
        let mut prepared = connection.prepare_cached("SELECT title, state, body FROM matter WHERE id = ?")?;
        let mut rows = prepared.query([matter_id(n).as_bytes().as_slice()])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let (title, state, body): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Some(format!("{{\"title\":{},\"state\":{},\"body\":{body}}}", serde_json::json!(title), serde_json::json!(state))))
    }
}

async fn sqlite(path: &Path, listen: SocketAddr, template: Option<Uuid>) -> Result<()> {
    let state = web::Data::new(Sqlite::open(path, template.context("a template is needed")?)?);
    HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .route("/ready", web::get().to(HttpResponse::Ok))
            .route("/matters/{n}", web::get().to(matter_of_sqlite))
            .route("/matters", web::post().to(write_to_sqlite))
    })
    .bind(listen)?
    .run()
    .await?;
    Ok(())
}

async fn matter_of_sqlite(state: web::Data<Sqlite>, n: web::Path<u64>) -> Answer {
    let found = web::block(move || state.read(*n)).await?.map_err(fault)?;
    Ok(found.map_or_else(|| HttpResponse::NotFound().finish(), |body| HttpResponse::Ok().content_type("application/json").body(body)))
}

async fn write_to_sqlite(state: web::Data<Sqlite>) -> Answer {
    static NUMBER: AtomicUsize = AtomicUsize::new(1);
    web::block(move || state.write(NUMBER.fetch_add(1, Ordering::Relaxed))).await?.map_err(fault)?;
    Ok(HttpResponse::Created().finish())
}
