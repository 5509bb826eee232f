//! What all requests and jobs share. Only the kernel sees inside.

use crate::{
    auth::Keys,
    blobs::Blobs,
    config::Config,
    db::{Db, statement},
    error::{Error, Result},
    ids,
    outbox::Postman,
    readiness::Readiness,
    reference::Reference,
    time::TimeSource,
    underway::Underway,
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use shared::kernel::{calendar::ClockRules, field::Choice, kind::Kind, text::t};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Notify, broadcast, watch};
use uuid::Uuid;

/// One change that watchers of the stream may care about. Visibility is checked per subscriber.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Change {
    pub event: Uuid,
    pub matter: Uuid,
    /// None: of a node with an older program.
    #[serde(default)]
    pub kind: Option<String>,
    /// All that are party to it; none when they would not fit into a message between nodes.
    pub units: Vec<Uuid>,
    /// Who got a notice of it.
    pub persons: Vec<Uuid>,
}

/// The running server's shared state.
pub struct App {
    pub(crate) db: Db,
    pub time: TimeSource,
    pub(crate) kinds: Vec<Arc<Kind>>,
    pub(crate) rules: &'static ClockRules,
    pub(crate) code_lists: BTreeMap<String, Vec<Choice>>,
    references: RwLock<BTreeMap<Uuid, Arc<Reference>>>,
    pub(crate) keys: Keys,
    pub(crate) blobs: Blobs,
    pub config: Config,
    pub(crate) changes: broadcast::Sender<Change>,
    /// This process among others on the same database.
    pub(crate) node: Uuid,
    pub(crate) postman: Option<Postman>,
    /// The jobs of this process, one round at a time.
    pub(crate) sweeping: tokio::sync::Mutex<()>,
    /// The day on which each city's matters were last looked at.
    pub(crate) looked_on: Mutex<BTreeMap<Uuid, NaiveDate>>,
    /// When contents that belong to no attachment were last looked for.
    pub(crate) contents_swept: tokio::sync::Mutex<Option<DateTime<Utc>>>,
    /// Long work of this process and how far it has come.
    pub(crate) underway: Arc<Underway>,
    /// Another node is to take over: balancers are told, what comes is still answered.
    draining: AtomicBool,
    pub(crate) readiness: Readiness,
    /// What requests open and spawn belongs to it.
    pub(crate) lasting: tokio::runtime::Handle,
    /// The server is about to stop: answers without an end must end.
    pub(crate) stopping: watch::Sender<bool>,
    /// Something was put into the outbox.
    pub(crate) mail_waiting: Notify,
    /// Tokens whose signature was found good. Whether their session is open is read with every request.
    pub(crate) tokens: moka::sync::Cache<String, crate::auth::Claims>,
    /// Whose turn it is to try to sign in, by name and address.
    pub(crate) attempts: moka::sync::Cache<(String, String), Arc<tokio::sync::Mutex<()>>>,
}

impl App {
    /// Opens the database and the data folder. `taxonomy` is the shipped list of codes.
    pub async fn open(config: Config, kinds: Vec<Kind>, taxonomy: &str, migrate: bool) -> Result<Arc<Self>> {
        std::fs::create_dir_all(&config.data_dir)?;
        let db = Db::open(&config.database_url, migrate).await?;
        // The clock may have been set back since.
        let latest = db.read().query_one_raw(statement(db.backend(), "SELECT id FROM event ORDER BY id DESC LIMIT 1", vec![])).await?;
        latest.map(|row| row.try_get_by_index(0)).transpose()?.into_iter().for_each(ids::follow);
        let keys = Keys::load_or_create(&config.data_dir)?;
        let blobs = Blobs::open(&config)?;
        let postman = config.mail.as_ref().map(Postman::new).transpose()?;
        let rules = ClockRules::built_in();
        let app = Self {
            db,
            time: TimeSource::default(),
            kinds: kinds.into_iter().map(Arc::new).collect(),
            rules,
            code_lists: code_lists(taxonomy)?,
            references: RwLock::default(),
            keys,
            blobs,
            config,
            changes: broadcast::channel(1024).0,
            node: crate::ids::next(),
            postman,
            sweeping: tokio::sync::Mutex::default(),
            looked_on: Mutex::default(),
            contents_swept: tokio::sync::Mutex::default(),
            underway: Arc::default(),
            draining: AtomicBool::new(false),
            readiness: Readiness::default(),
            lasting: crate::lasting::handle()?,
            stopping: watch::Sender::new(false),
            mail_waiting: Notify::new(),
            tokens: moka::sync::Cache::builder().max_capacity(20_000).time_to_live(Duration::from_secs(30)).build(),
            attempts: moka::sync::Cache::builder().max_capacity(20_000).time_to_idle(Duration::from_secs(60)).build(),
        };
        Ok(Arc::new(app))
    }

    /// For each worker of the server, on its own thread and before its first request.
    pub async fn join_worker(&self) {
        if let Err(error) = self.db.join_worker().await {
            tracing::warn!(%error, "a worker reads over the connections of all");
        }
    }

    /// Closes the database, so that a SQLite file is whole without what stands beside it. Not waited for longer than a moment: all that was
    /// committed is kept anyway.
    pub async fn close(&self) {
        if tokio::time::timeout(Duration::from_secs(5), self.db.close()).await.is_err() {
            tracing::warn!("the database was still in use");
        }
    }

    /// What can be found wrong with the settings before anything is opened.
    pub fn check(config: &Config) -> Result<()> {
        config.mail.as_ref().map(Postman::new).transpose()?;
        if config.s3.is_some() {
            Blobs::open(config)?;
        }
        Ok(())
    }

    /// Migrations that wait until no older program serves this database.
    pub async fn migrations_put_off(&self) -> Result<Vec<String>> {
        self.db.put_off().await
    }

    /// Sends balancers to other nodes.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Ends the open streams, so that a server that stops doesn't wait for them.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    pub(crate) fn kind(&self, code: &str) -> Result<Arc<Kind>> {
        self.kinds.iter().find(|kind| kind.code == code).cloned().ok_or_else(|| Error::problem(shared::kernel::problem::Code::UnknownKind))
    }

    /// Units, names and the calendar of a jurisdiction as they are now.
    pub(crate) async fn reference(&self, jurisdiction: Uuid) -> Result<Arc<Reference>> {
        let sql = "SELECT reference_version FROM jurisdiction WHERE id = ?";
        let row = self.db.read().query_one_raw(statement(self.db.backend(), sql, vec![jurisdiction.into()])).await?;
        let version = row.ok_or_else(Error::not_found)?.try_get_by_index(0)?;
        self.reference_at(jurisdiction, version).await
    }

    /// The same for who has just read the version: of that one or a newer one.
    pub(crate) async fn reference_at(&self, jurisdiction: Uuid, version: i64) -> Result<Arc<Reference>> {
        let kept = self.references.read().unwrap_or_else(PoisonError::into_inner).get(&jurisdiction).cloned();
        // Not newer either: a restored database goes on from an older one.
        if let Some(reference) = kept.filter(|reference| reference.jurisdiction.reference_version == version) {
            return Ok(reference);
        }
        let reference = Arc::new(Reference::load(&self.db, jurisdiction).await?);
        self.references.write().unwrap_or_else(PoisonError::into_inner).insert(jurisdiction, reference.clone());
        Ok(reference)
    }
}

fn code_lists(taxonomy: &str) -> Result<BTreeMap<String, Vec<Choice>>> {
    let all: serde_json::Map<String, serde_json::Value> = serde_json::from_str(taxonomy)?;
    let mut lists = BTreeMap::new();
    for (name, entries) in all {
        let Some(entries) = entries.as_array() else { continue };
        let choices: Vec<Choice> = entries
            .iter()
            .filter_map(|entry| {
                Some(Choice { code: entry.get("code")?.as_str()?.to_owned(), label: t(entry.get("zh")?.as_str()?, entry.get("en")?.as_str()?) })
            })
            .collect();
        if !choices.is_empty() {
            lists.insert(name, choices);
        }
    }
    Ok(lists)
}
