//! One effect for one `Idempotency-Key` (DESIGN.md §5.7): the key is written by the transaction that has the effect, and with it the
//! answer wherever it is known before the commit. Two requests at once race for the key's row; the one that comes second finds it
//! taken, rolls back, and is given the answer of the first. So nothing is reserved beforehand and nothing stays locked after a crash.

use crate::{
    db::{Db, statement},
    entity::idempotency,
    error::{Error, Result},
};
use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use chrono::{DateTime, Duration, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter};
use serde::Serialize;
use shared::kernel::problem::Code;
use std::{
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
};
use uuid::Uuid;

tokio::task_local! {
    static USE: Arc<Use>;
}

/// Longer answers are not kept; their repetition is told that it was done.
pub(crate) const LONGEST: usize = 1_048_576;
/// How long a key is known (the client repeats within minutes; third parties within a day).
const KEPT: Duration = Duration::hours(48);
/// An effect without an answer this long after is one whose server died in between.
const ANSWERED_WITHIN: Duration = Duration::seconds(10);
/// Stored instead of a status: the effect holds, its answer is not known yet.
const UNANSWERED: i64 = 0;
/// The effect holds; its answer had a secret and is not kept.
const SHOWN_ONCE: i64 = -1;

/// The use of a key by the request being served.
pub(crate) struct Use {
    pub person: Uuid,
    pub key: String,
    /// Who acts, method, address and digest of the body: the same key with another one is refused.
    fingerprint: Mutex<String>,
    pub at: DateTime<Utc>,
    held: AtomicU8,
}

impl Use {
    pub(crate) fn new(person: Uuid, key: String, fingerprint: String, at: DateTime<Utc>) -> Self {
        Self { person, key, fingerprint: Mutex::new(fingerprint), at, held: AtomicU8::new(0) }
    }

    fn fingerprint(&self) -> String {
        self.fingerprint.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs a request's work as this use.
    pub(crate) async fn scope<F: Future>(self: &Arc<Self>, work: F) -> F::Output {
        USE.scope(self.clone(), work).await
    }

    /// What a failed or finished work left to be known: the answer of whoever used the key first, if somebody did.
    pub(crate) async fn earlier(&self, db: &Db) -> Result<Option<HttpResponse>> {
        if self.held.load(Ordering::Relaxed) > 0 {
            return Ok(None);
        }
        let row = idempotency::Entity::find_by_id((self.person, self.key.clone())).one(db.read()).await?;
        Ok(row.map(|row| {
            // An upload that failed before it was read is known by its beginning only.
            if row.fingerprint.starts_with(&self.fingerprint()) {
                repeated(row, self.at)
            } else {
                answer_of(&Error::problem(Code::IdempotencyBodyDiffers))
            }
        }))
    }

    /// Keeps an answer that was not known when the effect was committed, or one without effect. Another's answer when it came first.
    pub(crate) async fn settle(&self, db: &Db, answer: Option<Answer>) -> Result<Option<HttpResponse>> {
        let held = self.held.load(Ordering::Relaxed);
        if held == 2 {
            return Ok(None);
        }
        let answer = answer.unwrap_or_else(|| Answer { status: SHOWN_ONCE, ..Answer::default() });
        let transaction = db.begin().await?;
        let kept = write(&transaction, db.backend(), self, &answer, held == 1).await?;
        transaction.commit().await?;
        if kept { Ok(None) } else { self.earlier(db).await }
    }
}

/// An answer as it is kept and sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    status: i64,
    body: String,
    etag: Option<String>,
    location: Option<String>,
}

impl Answer {
    pub(crate) fn json<T: Serialize>(status: StatusCode, body: &T) -> Result<Self> {
        Ok(Self { status: status.as_u16().into(), body: serde_json::to_string(body)?, ..Self::default() })
    }

    /// Done, and nothing to show.
    pub(crate) fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT.as_u16().into(), ..Self::default() }
    }

    #[must_use]
    pub(crate) fn versioned(self, version: i64) -> Self {
        Self { etag: Some(format!("\"{version}\"")), ..self }
    }

    #[must_use]
    pub(crate) fn at(self, location: String) -> Self {
        Self { location: Some(location), ..self }
    }

    /// What is kept of an answer that a handler gave. Bodies of this API are text.
    pub(crate) fn of(status: StatusCode, headers: &header::HeaderMap, body: &[u8]) -> Self {
        let text = |name| headers.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok()).map(str::to_owned);
        Self {
            status: status.as_u16().into(),
            body: String::from_utf8_lossy(body).into_owned(),
            etag: text(header::ETAG),
            location: text(header::LOCATION),
        }
    }

    pub(crate) fn into_response(self) -> HttpResponse {
        let status = u16::try_from(self.status).ok().and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
        let mut response = HttpResponse::build(status);
        for (name, value) in [(header::ETAG, self.etag), (header::LOCATION, self.location)] {
            if let Some(value) = value {
                response.insert_header((name, value));
            }
        }
        if self.body.is_empty() {
            return response.finish();
        }
        response.content_type(if status.is_success() { "application/json" } else { "application/problem+json" }).body(self.body)
    }
}

fn answer_of(error: &Error) -> HttpResponse {
    actix_web::ResponseError::error_response(error)
}

fn repeated(row: idempotency::Model, now: DateTime<Utc>) -> HttpResponse {
    match row.status {
        UNANSWERED if now - row.created_at < ANSWERED_WITHIN => answer_of(&Error::retry_after(Code::Unavailable, 1)),
        UNANSWERED | SHOWN_ONCE => answer_of(&Error::problem(Code::IdempotencyAnswerLost)),
        status => {
            let mut response = Answer { status, body: row.body, etag: row.etag, location: row.location }.into_response();
            response.headers_mut().insert(header::HeaderName::from_static("idempotency-replayed"), header::HeaderValue::from_static("true"));
            response
        }
    }
}

/// Writes the key's row, or the answer into one of ours. `false` when another has it.
async fn write(transaction: &impl ConnectionTrait, backend: DbBackend, using: &Use, answer: &Answer, ours: bool) -> Result<bool> {
    // An unkept answer leaves what happened: the effect, without its answer.
    let answer = if answer.body.len() > LONGEST { &Answer { status: SHOWN_ONCE, ..Answer::default() } } else { answer };
    let conflict = if ours {
        "UPDATE SET status = excluded.status, body = excluded.body, etag = excluded.etag, location = excluded.location"
    } else {
        "NOTHING"
    };
    let sql = format!(
        "INSERT INTO idempotency (person_id, key, fingerprint, status, body, etag, location, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (person_id, key) DO {conflict}"
    );
    let values = vec![
        using.person.into(),
        using.key.clone().into(),
        using.fingerprint().into(),
        answer.status.into(),
        answer.body.clone().into(),
        answer.etag.clone().into(),
        answer.location.clone().into(),
        using.at.into(),
    ];
    Ok(transaction.execute_raw(statement(backend, &sql, values)).await?.rows_affected() == 1)
}

/// Marks the key of the request being served, at the end of a transaction. [`Error::Repeated`] when the same request was done before.
pub(crate) async fn mark(transaction: &impl ConnectionTrait, backend: DbBackend, answer: Option<&Answer>) -> Result<()> {
    let Ok(using) = USE.try_with(Arc::clone) else { return Ok(()) };
    let held = using.held.load(Ordering::Relaxed);
    if held > 0 && answer.is_none() {
        return Ok(());
    }
    let unanswered = Answer { status: UNANSWERED, ..Answer::default() };
    if write(transaction, backend, &using, answer.unwrap_or(&unanswered), held > 0).await? { Ok(()) } else { Err(Error::Repeated) }
}

/// The transaction that marked the key holds.
pub(crate) fn held(answered: bool) {
    let _ = USE.try_with(|using| using.held.fetch_max(if answered { 2 } else { 1 }, Ordering::Relaxed));
}

/// Work that goes on in a task of its own, under the key of the request that began it.
pub(crate) fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let using = USE.try_with(Arc::clone).ok();
    async move {
        match using {
            Some(using) => using.scope(work).await,
            None => work.await,
        }
    }
}

/// What an upload holds, known when it was read: another file of the same length is another request.
pub(crate) fn concerns(digest: &str) {
    let _ = USE.try_with(|using| using.fingerprint.lock().unwrap_or_else(PoisonError::into_inner).push_str(digest));
}

/// For work in several transactions: refuses a repetition before the first.
pub(crate) async fn refuse_repetition(db: &Db) -> Result<()> {
    let Ok(using) = USE.try_with(Arc::clone) else { return Ok(()) };
    match using.earlier(db).await? {
        Some(_) => Err(Error::Repeated),
        None => Ok(()),
    }
}

/// One of several works under the key, each with its own transaction and mark: after a crash in between, a repetition does the rest.
pub(crate) async fn part<T, F: Future<Output = Result<T>>>(db: &Db, name: Uuid, work: F) -> Result<Option<T>> {
    let Ok(whole) = USE.try_with(Arc::clone) else { return work.await.map(Some) };
    let part = Arc::new(Use::new(whole.person, format!("{}#{name}", whole.key), whole.fingerprint(), whole.at));
    match part.scope(work).await {
        Ok(done) => Ok(Some(done)),
        Err(error) => match part.earlier(db).await? {
            Some(_) => Ok(None),
            None => Err(error),
        },
    }
}

/// Forgets keys that nobody repeats any more.
pub(crate) async fn forget(db: &Db, now: DateTime<Utc>) -> Result<()> {
    let transaction = db.begin().await?;
    idempotency::Entity::delete_many().filter(idempotency::Column::CreatedAt.lt(now - KEPT)).exec(&transaction).await?;
    transaction.commit().await?;
    Ok(())
}
