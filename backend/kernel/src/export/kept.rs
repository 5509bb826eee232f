//! Exports that outlive their request: made in a task of their own, for who asked and as they stood then, shown with their progress and kept
//! for a day. The row tells how far the work is and, once a second, that it goes on; a server that stopped leaves it to be called
//! interrupted.

use super::{MAX_ROWS, kind_of, next_page, whole, written};
use crate::{
    audit::{self, Entry},
    blobs::Stored,
    db::statement,
    entity::export,
    error::{Error, Result},
    leftovers,
    matter::list::{self, Filter, cut, decode_cursor},
    once::Answer,
    reference::Reference,
    scope::Actor,
    state::App,
    underway::Work,
};
use actix_web::{http::StatusCode, web::Bytes};
use chrono::{DateTime, Duration, Utc};
use futures_util::{Stream, stream};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set};
use serde_json::json;
use shared::kernel::{
    api::{ExportView, Page, Progress},
    problem::Code,
};
use std::sync::Arc;
use uuid::Uuid;

/// How long an export is found again.
const KEPT: Duration = Duration::days(1);
/// A running one that was silent for longer has no server any more.
const SILENT: Duration = Duration::minutes(2);
/// Running exports of one person.
const AT_ONCE: usize = 3;
/// Between two signs of life.
const BEAT: std::time::Duration = std::time::Duration::from_secs(1);
/// How often an end is written again when the database had no time for it, and after how long: a minute's work is not lost to another's.
const TRIES: u32 = 5;
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(3);
/// What a failed export says when no problem of the catalogue was the cause.
const INTERRUPTED: &str = "interrupted";

/// Begins an export; the answer comes at once, with where to ask how far it is.
pub(crate) async fn start(app: Arc<App>, reference: Arc<Reference>, actor: Actor, query: String) -> Result<Answer> {
    let filter = Filter::parse(&app, &query)?;
    let kind = kind_of(&app, &filter)?;
    list::check(&app, &reference, &actor, &whole(&kind, &filter))?;
    let transaction = app.db.begin().await?;
    app.db.one_at_a_time(&transaction, &format!("export:{}", actor.person_id())).await?;
    let running = export::Entity::find()
        .filter(export::Column::PersonId.eq(actor.person_id()))
        .filter(export::Column::State.eq("running"))
        .all(&transaction)
        .await?;
    if running.iter().filter(|row| !is_silent(&app, row)).count() >= AT_ONCE {
        return Err(Error::retry_after(Code::TooManyRequests, 5));
    }
    let now = app.time.now();
    let row = export::Model {
        id: crate::ids::next(),
        jurisdiction_id: actor.jurisdiction_id,
        person_id: actor.person_id(),
        unit_id: actor.unit_id,
        query,
        kind: kind.code.clone(),
        state: "running".into(),
        done: 0,
        total: 0,
        problem: None,
        digest: None,
        size: None,
        created_at: now,
        updated_at: now,
        ended_at: None,
    };
    let work = app.underway.begin(row.id);
    row.clone().into_active_model().insert(&transaction).await?;
    let answer = Answer::json(StatusCode::ACCEPTED, &view(&app, row.clone()))?.at(format!("/api/v1/exports/{}", row.id));
    app.db.commit_answering(transaction, &answer).await?;
    tokio::spawn(async move {
        if let Err(error) = make(&app, &reference, &actor, &filter, &work).await {
            fail(&app, work.id, &error).await;
        }
    });
    Ok(answer)
}

/// Reads, writes and keeps the sheet.
async fn make(app: &Arc<App>, reference: &Arc<Reference>, actor: &Actor, filter: &Filter, work: &Work) -> Result<()> {
    let kind = kind_of(app, filter)?;
    let mut asked = whole(&kind, filter);
    let total = list::count(app, reference, actor, &asked).await?;
    let too_many = |total: i64| Error::detailed(Code::TooManyRows, total.to_string());
    if usize::try_from(total).unwrap_or_default() > MAX_ROWS {
        return Err(too_many(total));
    }
    let mut rows = Vec::new();
    let mut beaten = std::time::Instant::now();
    while next_page(app, reference, actor, &mut asked, &mut rows).await? {
        let done = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        // Matters may have come meanwhile.
        if rows.len() > MAX_ROWS {
            return Err(too_many(total.max(done)));
        }
        let progress = Progress { done, total: total.max(done) };
        work.tell(progress);
        if beaten.elapsed() >= BEAT {
            beaten = std::time::Instant::now();
            // Another one comes in a second.
            if let Err(error) = beat(app, work.id, progress).await {
                tracing::warn!(export = %work.id, %error, "progress was not written");
            }
        }
    }
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let progress = Progress { done: count, total: count };
    work.tell(progress);
    beat(app, work.id, progress).await?;
    let bytes = written(app.clone(), reference.clone(), kind, rows).await?;
    let stored = app.blobs.take(stream::iter([Ok(Bytes::from(bytes))]), |_| ()).await?;
    for _ in 1..TRIES {
        match finish(app, actor, work.id, &stored, count).await {
            Err(Error::Database(error)) => tracing::warn!(export = %work.id, %error, "its end is written again"),
            outcome => return outcome,
        }
        tokio::time::sleep(PATIENCE).await;
    }
    finish(app, actor, work.id, &stored, count).await
}

/// Changes a row that still runs; whether it did.
async fn change(connection: &impl ConnectionTrait, app: &App, id: Uuid, set: &str, mut values: Vec<sea_orm::Value>) -> Result<bool> {
    let sql = format!("UPDATE export SET {set}, updated_at = ? WHERE id = ? AND state = 'running'");
    values.extend([app.time.now().into(), id.into()]);
    Ok(connection.execute_raw(statement(app.db.backend(), &sql, values)).await?.rows_affected() == 1)
}

async fn beat(app: &App, id: Uuid, progress: Progress) -> Result<()> {
    let transaction = app.db.begin().await?;
    change(&transaction, app, id, "done = ?, total = ?", vec![progress.done.into(), progress.total.into()]).await?;
    app.db.commit(transaction).await
}

/// The content gets its name, and the audit its entry, with the row that says it is done.
async fn finish(app: &App, actor: &Actor, id: Uuid, stored: &Stored, rows: i64) -> Result<()> {
    let transaction = app.db.begin().await?;
    leftovers::keep(app, &transaction).await?;
    if !app.blobs.has(&stored.digest).await? {
        return Err(Error::Other("the sheet was removed in the moment it was kept".into()));
    }
    let size = i64::try_from(stored.size).unwrap_or(i64::MAX);
    let values = vec![rows.into(), rows.into(), stored.digest.clone().into(), size.into(), app.time.now().into()];
    if change(&transaction, app, id, "state = 'done', done = ?, total = ?, digest = ?, size = ?, ended_at = ?", values).await? {
        audit::administrative_entry(
            &transaction,
            Entry::by(actor, "exported", app.time.now(), json!({ "rows": rows })),
            &actor.person_id().to_string(),
        )
        .await?;
    }
    app.db.commit(transaction).await
}

/// If not even this can be written, the row falls silent and is called interrupted.
async fn fail(app: &App, id: Uuid, error: &Error) {
    if !matches!(error, Error::Problem(_)) {
        tracing::error!(export = %id, %error, "export failed");
    }
    let outcome = async {
        let transaction = app.db.begin().await?;
        let values = vec![error.code().as_str().into(), app.time.now().into()];
        change(&transaction, app, id, "state = 'failed', problem = ?, ended_at = ?", values).await?;
        app.db.commit(transaction).await
    };
    if let Err(error) = outcome.await {
        tracing::error!(export = %id, %error, "the failure of an export was not written");
    }
}

/// Says it runs, and nobody does the work. What this process does is no silence, however the clock was moved.
fn is_silent(app: &App, row: &export::Model) -> bool {
    row.state == "running" && app.underway.of(row.id).is_none() && (app.time.now() - row.updated_at).abs() > SILENT
}

fn view(app: &App, row: export::Model) -> ExportView {
    let silent = is_silent(app, &row);
    let seen = app.underway.of(row.id).filter(|_| row.state == "running");
    ExportView {
        id: row.id.into(),
        kind: row.kind,
        query: row.query,
        progress: seen.unwrap_or(Progress { done: row.done, total: row.total }),
        state: if silent { "failed".into() } else { row.state },
        problem: if silent { Some(INTERRUPTED.into()) } else { row.problem },
        size: row.size,
        at: row.created_at,
        ended_at: row.ended_at,
        expires_at: row.created_at + KEPT,
    }
}

/// What the actor exported in the unit they act in, and still finds.
fn own(actor: &Actor, now: DateTime<Utc>) -> sea_orm::Select<export::Entity> {
    export::Entity::find()
        .filter(export::Column::JurisdictionId.eq(actor.jurisdiction_id))
        .filter(export::Column::PersonId.eq(actor.person_id()))
        .filter(export::Column::UnitId.eq(actor.unit_id))
        .filter(export::Column::CreatedAt.gt(now - KEPT))
}

async fn one(app: &App, actor: &Actor, id: Uuid) -> Result<export::Model> {
    own(actor, app.time.now()).filter(export::Column::Id.eq(id)).one(app.db.read()).await?.ok_or_else(Error::not_found)
}

pub(crate) async fn get(app: &App, actor: &Actor, id: Uuid) -> Result<ExportView> {
    Ok(view(app, one(app, actor, id).await?))
}

/// One's exports of the last day, newest first.
pub(crate) async fn list(app: &App, actor: &Actor, cursor: Option<&str>, limit: u64) -> Result<Page<ExportView>> {
    let mut query = own(actor, app.time.now()).order_by_desc(export::Column::Id).limit(limit + 1);
    if let Some(cursor) = cursor {
        query = query.filter(export::Column::Id.lt(decode_cursor(cursor)?.1));
    }
    let mut rows = query.all(app.db.read()).await?;
    let next_cursor = cut(&mut rows, limit, |row| (String::new(), row.id));
    Ok(Page { items: rows.into_iter().map(|row| view(app, row)).collect(), next_cursor })
}

/// What they exported was for the unit and the roles they had: nothing of it is found any more. One that runs comes to nothing.
pub(crate) async fn forget<C: ConnectionTrait>(connection: &C, person: Uuid) -> Result<()> {
    export::Entity::delete_many().filter(export::Column::PersonId.eq(person)).exec(connection).await?;
    Ok(())
}

/// The file with its length, and the fetch on record. Refused until it is there.
pub(crate) async fn file(app: &App, actor: &Actor, id: Uuid) -> Result<(u64, impl Stream<Item = Result<Bytes>> + use<>)> {
    let row = one(app, actor, id).await?;
    let Some(digest) = row.digest.filter(|_| row.state == "done") else {
        return Err(Error::detailed(Code::ActionUnavailable, row.state));
    };
    // A database that was restored may name a content that was not.
    if !app.blobs.has(&digest).await? {
        return Err(Error::not_found());
    }
    let content = app.blobs.get(&digest, None).await?;
    audit::record_read(app, actor, "export_fetched", json!({ "kind": row.kind, "rows": row.done, "digest": digest })).await?;
    Ok((row.size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default(), content))
}

/// Marks what was interrupted, and forgets what is a day old; the contents go with the leftovers.
pub(crate) async fn sweep(app: &App) -> Result<()> {
    let now = app.time.now();
    let transaction = app.db.begin().await?;
    for row in export::Entity::find().filter(export::Column::State.eq("running")).all(&transaction).await? {
        if is_silent(app, &row) {
            let mut failed = row.into_active_model();
            failed.state = Set("failed".into());
            failed.problem = Set(Some(INTERRUPTED.into()));
            failed.ended_at = Set(Some(now));
            failed.update(&transaction).await?;
        }
    }
    export::Entity::delete_many()
        .filter(export::Column::CreatedAt.lte(now - KEPT))
        .filter(export::Column::State.ne("running"))
        .exec(&transaction)
        .await?;
    app.db.commit(transaction).await
}
