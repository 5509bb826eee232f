//! Outbox (DESIGN.md §5.10): what leaves the system is written in the transaction of its cause and delivered afterwards, at least
//! once, with growing back-off. What can't be delivered is kept as a dead letter, seen and replayed by the system administrator.

use crate::{
    config::Mail,
    db::statement,
    entity::outbox,
    error::{Error, Result},
    state::App,
    transaction::Transaction,
    writing::{self, Place, Present, Write},
};
use chrono::{DateTime, Duration, Utc};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, LazyLock};
use uuid::Uuid;

/// A message whose delivery failed this often is given up: about six hours after the first attempt.
const ATTEMPTS: i64 = 10;
/// How long one node may work on messages before another takes them over: longer than a whole claim can take, or the last ones of a
/// claim would leave twice.
const LEASE: Duration = Duration::minutes(5);
const CLAIM: u32 = 10;
const LONGEST_SENDING: std::time::Duration = std::time::Duration::from_secs(25);

/// What an e-mail says: the notice, a matter's number and where to open it. Of a sealed matter it is the number alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Letter {
    pub to: String,
    pub subject: String,
    pub text: String,
}

pub(crate) const EMAIL: &str = "email";

static OUTBOX: LazyLock<Write> = LazyLock::new(|| Write::insert_into::<outbox::Entity>(Place::Outbox, Present::Refuse));

/// Adds letters of a city to the outbox, in the transaction that caused them.
pub(crate) fn add(transaction: &Transaction, city: Uuid, letters: impl Iterator<Item = Letter>, now: DateTime<Utc>) {
    for letter in letters {
        let row = outbox::Model {
            id: crate::ids::next(),
            topic: EMAIL.to_owned(),
            // Three texts can always be told in JSON.
            payload: serde_json::json!(letter).to_string(),
            created_at: now,
            available_at: now,
            attempts: 0,
            delivered_at: None,
            dead_at: None,
            last_error: None,
            jurisdiction_id: Some(city),
        };
        transaction.write(&OUTBOX, writing::row(row));
    }
}

/// The way letters leave, when one is configured.
pub(crate) struct Postman {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Postman {
    pub(crate) fn new(mail: &Mail) -> Result<Self> {
        let fault = |error: String| Error::Startup(format!("mail: {error}"));
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&mail.smtp_url)
            .map_err(|error| fault(error.to_string()))?
            .timeout(Some(std::time::Duration::from_secs(20)))
            .build();
        let from = mail.from.parse().map_err(|error: lettre::address::AddressError| fault(format!("sender {}: {error}", mail.from)))?;
        Ok(Self { transport, from })
    }

    async fn send(&self, id: Uuid, letter: &Letter) -> std::result::Result<(), String> {
        let to: Mailbox = letter.to.parse().map_err(|error: lettre::address::AddressError| error.to_string())?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(letter.subject.clone())
            // The same however often it leaves: a mailbox that got it twice shows it once.
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            // Without a character set Chinese is anybody's guess (RFC 2046 §4.1.2).
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())
            .map_err(|error| error.to_string())?;
        let sent = tokio::time::timeout(LONGEST_SENDING, self.transport.send(message)).await;
        sent.map_err(|_| "the mail server took too long".to_owned())?.map(|_| ()).map_err(|error| error.to_string())
    }
}

/// Delivers what is due until nothing is; gives how many left.
async fn deliver(app: &App) -> Result<usize> {
    let Some(postman) = &app.postman else { return Ok(0) };
    let backend = app.db.backend();
    let locked = if app.db.is_postgres() { " FOR UPDATE SKIP LOCKED" } else { "" };
    let mut delivered = 0;
    loop {
        let now = app.time.now();
        let transaction = app.db.begin().await?;
        // Claimed by moving the next attempt away: a node that dies gives its messages back by itself.
        let claim = format!(
            "WITH due AS MATERIALIZED
               (SELECT id FROM outbox WHERE delivered_at IS NULL AND dead_at IS NULL AND available_at <= ? ORDER BY id LIMIT {CLAIM}{locked})
             UPDATE outbox SET available_at = ?, attempts = attempts + 1 WHERE id IN (SELECT id FROM due) RETURNING id"
        );
        let rows = transaction.query_all_raw(statement(backend, &claim, vec![now.into(), (now + LEASE).into()])).await?;
        app.db.commit(transaction).await?;
        if rows.is_empty() {
            return Ok(delivered);
        }
        for row in rows {
            let id: Uuid = row.try_get("", "id")?;
            let Some(message) = outbox::Entity::find_by_id(id).one(app.db.read()).await? else { continue };
            let outcome = match serde_json::from_str::<Letter>(&message.payload) {
                Ok(letter) if message.topic == EMAIL => postman.send(id, &letter).await,
                Ok(_) => Err(format!("unknown topic {}", message.topic)),
                Err(error) => Err(error.to_string()),
            };
            delivered += usize::from(outcome.is_ok());
            settle(app, &message, outcome).await?;
        }
    }
}

async fn settle(app: &App, message: &outbox::Model, outcome: std::result::Result<(), String>) -> Result<()> {
    let now = app.time.now();
    let transaction = app.db.begin().await?;
    let (sql, values) = match outcome {
        Ok(()) => ("UPDATE outbox SET delivered_at = ?, last_error = NULL WHERE id = ?", vec![now.into(), message.id.into()]),
        Err(error) => {
            tracing::warn!(message = %message.id, attempt = message.attempts, error, "not delivered");
            let dead = message.attempts >= ATTEMPTS;
            let wait = Duration::seconds(30 << message.attempts.clamp(0, 8));
            (
                "UPDATE outbox SET available_at = ?, dead_at = ?, last_error = ? WHERE id = ?",
                vec![(now + wait).into(), dead.then_some(now).into(), error.chars().take(300).collect::<String>().into(), message.id.into()],
            )
        }
    };
    transaction.execute_raw(statement(app.db.backend(), sql, values)).await?;
    app.db.commit(transaction).await?;
    Ok(())
}

/// Gives a dead letter of a city another ten attempts.
pub(crate) async fn replay(app: &App, city: Uuid, id: Uuid) -> Result<()> {
    let transaction = app.db.begin().await?;
    let sql = "UPDATE outbox SET dead_at = NULL, attempts = 0, available_at = ? WHERE id = ? AND jurisdiction_id = ? AND dead_at IS NOT NULL";
    let done = transaction.execute_raw(statement(app.db.backend(), sql, vec![app.time.now().into(), id.into(), city.into()])).await?;
    app.db.commit(transaction).await?;
    if done.rows_affected() == 0 {
        return Err(Error::not_found());
    }
    app.mail_waiting.notify_one();
    Ok(())
}

/// Delivers as letters are written, and looks again every half minute for those put off.
pub async fn run(app: Arc<App>) {
    loop {
        if let Err(error) = deliver(&app).await {
            tracing::error!(%error, "outbox");
        }
        let _ = tokio::time::timeout(std::time::Duration::from_secs(30), app.mail_waiting.notified()).await;
    }
}
