//! What nodes on one database tell each other by `LISTEN`/`NOTIFY` (PostgreSQL only): changes, for the streams of each. A message names ids only; each stream checks for its own actor what may be seen.

use crate::{
    db::statement,
    error::{Error, Result},
    ids,
    state::{App, Change},
};
use sea_orm::{
    ConnectionTrait,
    sqlx::{PgPool, postgres::PgListener},
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

const CHANNEL: &str = "liandong_changes";
/// PostgreSQL takes 8000 bytes; beyond it the concerned are left out, which costs them a highlight, not the message.
const LONGEST: usize = 7_500;

#[derive(Serialize, Deserialize)]
struct Told {
    /// The node that said it, which knows already.
    node: Uuid,
    change: Change,
}

/// Tells this node's streams and the other nodes, after the commit.
pub(crate) fn publish(app: &App, changes: Vec<Change>) {
    for change in changes {
        tell_nodes(app, change.clone());
        // No subscriber is no error.
        let _ = app.changes.send(change);
    }
    app.mail_waiting.notify_one();
}

/// Tells the other nodes, if there can be any.
fn tell_nodes(app: &App, change: Change) {
    if !app.db.is_postgres() {
        return;
    }
    let whole = |change: Change| serde_json::to_string(&Told { node: app.node, change });
    let text = match whole(change.clone()) {
        Ok(text) if text.len() > LONGEST => whole(Change { units: Vec::new(), persons: Vec::new(), ..change }),
        text => text,
    };
    let Ok(text) = text else { return };
    let (db, backend) = (app.db.afterwards(), app.db.backend());
    // Not awaited: the answer to the person who acted must not wait for other nodes. A lost change is made up by `Last-Event-ID` and by
    // the next one.
    tokio::spawn(async move {
        let told = db.execute_raw(statement(backend, "SELECT pg_notify(?, ?)", vec![CHANNEL.into(), text.into()])).await;
        if let Err(error) = told {
            tracing::warn!(%error, "other nodes not told");
        }
    });
}

/// Hears the other nodes, as long as the server runs. On SQLite there are none.
pub async fn run(app: Arc<App>) {
    if !app.db.is_postgres() {
        return;
    }
    loop {
        if let Err(error) = listen(&app).await {
            tracing::warn!(%error, "not hearing other nodes; trying again");
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

async fn listen(app: &App) -> Result<()> {
    let fault = |error: sea_orm::sqlx::Error| Error::Other(format!("listen: {error}"));
    // A connection of its own: the listener would keep one of the pool's for good.
    let pool = PgPool::connect_lazy(&app.config.database_url).map_err(fault)?;
    let mut listener = PgListener::connect_with(&pool).await.map_err(fault)?;
    listener.listen(CHANNEL).await.map_err(fault)?;
    while let Some(message) = listener.try_recv().await.map_err(fault)? {
        match serde_json::from_str::<Told>(message.payload()) {
            Ok(told) if told.node != app.node => {
                ids::follow(told.change.event);
                let _ = app.changes.send(told.change);
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "unreadable message of another node"),
        }
    }
    Err(Error::Other("listen: the connection was lost".into()))
}
