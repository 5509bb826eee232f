//! What uploads and exports leave behind: half-written contents after a crash, and contents that neither an attachment nor an export names
//! (any more). Both go a day later. Contents that a row names are never touched.

use crate::{
    db::{Right, statement},
    entity::{attachment, export},
    error::Result,
    state::App,
    transaction::Transaction,
};
use chrono::{DateTime, Duration, Utc};
use futures_util::TryStreamExt;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::BTreeSet;

/// An upload takes minutes; what is older than this belongs to no request.
const YOUNG: Duration = Duration::days(1);
const AT_ONCE: usize = 500;

/// Once a day, and after a start.
pub(crate) async fn sweep(app: &App) -> Result<()> {
    let now = app.time.now();
    {
        let mut swept = app.contents_swept.lock().await;
        if swept.is_some_and(|swept| (now - swept).abs() < YOUNG) {
            return Ok(());
        }
        *swept = Some(now);
    }
    let before = now - YOUNG;
    let halves = app.blobs.sweep_incoming(before).await?;
    let mut nobodys = 0;
    let mut old = app.blobs.older(before).try_chunks(AT_ONCE);
    while let Some(digests) = old.try_next().await.map_err(|error| error.1)? {
        for digest in unnamed(app.db.read(), digests).await? {
            nobodys += usize::from(remove(app, &digest, before).await?);
        }
    }
    if halves + nobodys > 0 {
        tracing::info!(halves, nobodys, "contents that no row named were removed");
    }
    Ok(())
}

/// Those that neither an attachment nor an export names.
async fn unnamed<C: ConnectionTrait>(connection: &C, digests: Vec<String>) -> Result<Vec<String>> {
    let mut named: BTreeSet<String> = attachment::Entity::find()
        .select_only()
        .column(attachment::Column::Digest)
        .filter(attachment::Column::Digest.is_in(digests.iter().cloned()))
        .into_tuple::<String>()
        .all(connection)
        .await?
        .into_iter()
        .collect();
    let exported: Vec<String> = export::Entity::find()
        .select_only()
        .column(export::Column::Digest)
        .filter(export::Column::Digest.is_in(digests.iter().cloned()))
        .into_tuple()
        .all(connection)
        .await?;
    named.extend(exported);
    Ok(digests.into_iter().filter(|digest| !named.contains(digest)).collect())
}

/// Removes a content, unless somebody uploaded the same one meanwhile.
async fn remove(app: &App, digest: &str, before: DateTime<Utc>) -> Result<bool> {
    let transaction = app.db.begin().await?;
    hold(app, &transaction, "pg_advisory_xact_lock").await?;
    let gone = !unnamed(&transaction, vec![digest.to_owned()]).await?.is_empty() && app.blobs.remove_older(digest, before).await?;
    transaction.rollback().await?;
    Ok(gone)
}

/// Taken by whoever is about to name a content: until the transaction ends none is removed, and one removed before is missed by the
/// look at it that follows. Writers of SQLite wait for each other anyway.
pub(crate) async fn keep(app: &App, transaction: &Transaction) -> Result<()> {
    hold(app, transaction, "pg_advisory_xact_lock_shared").await
}

async fn hold(app: &App, transaction: &Transaction, lock: &str) -> Result<()> {
    if app.db.is_postgres() {
        let sql = format!("SELECT {lock}(?)");
        transaction.execute_raw(statement(app.db.backend(), &sql, vec![(Right::Contents as i64).into()])).await?;
    }
    Ok(())
}
