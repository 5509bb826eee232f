//! Bare handlers to compare with: what actix and a driver do by hand, without a kernel. On PostgreSQL one matter is read by two prepared
//! statements and answered as JSON; on SQLite a matter's row is read, or the rows of one are written again under new ids, each request by
//! itself and durable.

use crate::{clone::matter_id, database::Database};
use actix_web::{App, HttpResponse, HttpServer, error::ErrorInternalServerError as fault, web};
use anyhow::{Context, Result, bail};
use rusqlite::{Connection, types::Value};
use std::{
    collections::HashMap,
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

pub fn serve(database: &str, listen: SocketAddr, template: Option<Uuid>) -> Result<()> {
    let runtime = actix_web::rt::System::new();
    if database.starts_with("postgres") {
        runtime.block_on(postgres(database.to_owned(), listen))
    } else {
        runtime.block_on(sqlite(Path::new(database), listen, template))
    }
}

/// Connections with their prepared statements, taken in turn: a driver of this kind sends many requests over one.
struct Pool {
    connections: Vec<(Client, Statement, Statement)>,
    next: AtomicUsize,
}

/// As the server asks who somebody is, and a matter with what hangs on it; the database makes the JSON.
const WHO: &str = "SELECT p.id, p.unit_id, p.roles::text, j.reference_version FROM session s JOIN person p ON p.id = s.person_id
    JOIN jurisdiction j ON j.id = p.jurisdiction_id WHERE s.id = $1 AND s.revoked_at IS NULL AND p.active";
const WHAT: &str = "SELECT row_to_json(m)::text,
    (SELECT json_agg(t) FROM matter_party t WHERE t.matter_id = m.id)::text, (SELECT json_agg(t) FROM handover t WHERE t.matter_id = m.id)::text,
    (SELECT json_agg(t) FROM clock t WHERE t.matter_id = m.id)::text, (SELECT json_agg(t) FROM ask t WHERE t.matter_id = m.id)::text,
    (SELECT json_agg(t) FROM holding t WHERE t.matter_id = m.id)::text, (SELECT count(*) FROM attachment t WHERE t.matter_id = m.id),
    (SELECT count(*) FROM matter t WHERE t.parent_id = m.id AND t.is_open), (SELECT count(*) FROM matter_link t WHERE t.from_id = m.id OR t.to_id = m.id)
    FROM matter m WHERE m.id = $1 AND EXISTS (SELECT 1 FROM matter_party p WHERE p.matter_id = m.id)";

async fn postgres(url: String, listen: SocketAddr) -> Result<()> {
    let mut connections = Vec::new();
    for _ in 0..16 {
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
        tokio::spawn(connection);
        let (who, what) = (client.prepare(WHO).await?, client.prepare(WHAT).await?);
        connections.push((client, who, what));
    }
    let session: Uuid = connections[0].0.query_one("SELECT id FROM session WHERE revoked_at IS NULL LIMIT 1", &[]).await?.get(0);
    let pool = web::Data::new(Pool { connections, next: AtomicUsize::new(0) });
    let session = web::Data::new(session);
    HttpServer::new(move || {
        App::new()
            .app_data(pool.clone())
            .app_data(session.clone())
            .route("/ready", web::get().to(HttpResponse::Ok))
            .route("/matters/{n}", web::get().to(matter_of_postgres))
    })
    .bind(listen)?
    .run()
    .await?;
    Ok(())
}

async fn matter_of_postgres(pool: web::Data<Pool>, session: web::Data<Uuid>, n: web::Path<u64>) -> Answer {
    let at = pool.next.fetch_add(1, Ordering::Relaxed) % pool.connections.len();
    let (client, who, what) = &pool.connections[at];
    let person = client.query_opt(who, &[session.as_ref()]).await.map_err(fault)?;
    if person.is_none() {
        return Ok(HttpResponse::Unauthorized().finish());
    }
    let Some(row) = client.query_opt(what, &[&matter_id(*n)]).await.map_err(fault)? else { return Ok(HttpResponse::NotFound().finish()) };
    let mut body = String::with_capacity(16_384);
    let names = ["item", "parties", "handovers", "clocks", "asks", "holdings"];
    body.push('{');
    for (at, name) in names.iter().enumerate() {
        let part: Option<&str> = row.get(at);
        body.push_str(&format!("\"{name}\":{},", part.unwrap_or("[]")));
    }
    let counts: [i64; 3] = [row.get(6), row.get(7), row.get(8)];
    body.push_str(&format!("\"attachments\":{},\"children_open\":{},\"links\":{}}}", counts[0], counts[1], counts[2]));
    Ok(HttpResponse::Ok().content_type("application/json").body(body))
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
