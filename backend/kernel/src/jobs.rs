//! What the clock does by itself: a limit that runs out has its consequence, an ask without an answer lapses, levels rise and fall, the
//! next period of a recurring task is opened, a calendar switched is counted through, new events are sealed. One jurisdiction's failure
//! doesn't stop the others. Of several nodes on one database one runs them at a time, and what a round has done the next one finds done.

use crate::{
    audit, calendar, counters,
    db::Right,
    entity::{form_draft, jurisdiction},
    error::Result,
    expiry, export, leftovers,
    matter::looks,
    measure, once, search,
    state::App,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// Runs the jobs once a minute until the task is dropped.
pub async fn run(app: Arc<App>) {
    let mut minute = tokio::time::interval(Duration::from_secs(60));
    minute.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        minute.tick().await;
        round(&app, false).await;
    }
}

/// One round over all jurisdictions, after one that may be under way here or on another node.
pub async fn sweep(app: &App) {
    round(app, true).await;
}

async fn round(app: &App, wait: bool) {
    let _own = match app.sweeping.try_lock() {
        Ok(own) => own,
        Err(_) if wait => app.sweeping.lock().await,
        Err(_) => return,
    };
    if !app.db.is_postgres() {
        return all(app).await;
    }
    match app.db.right_among_nodes(Right::Jobs, wait).await {
        Ok(Some(right)) => {
            all(app).await;
            if let Err(error) = right.rollback().await {
                tracing::warn!(%error, "the right to run the jobs was lost meanwhile");
            }
        }
        // Another node is at it.
        Ok(None) => {}
        Err(error) => tracing::error!(%error, "the right to run the jobs"),
    }
}

async fn all(app: &App) {
    if let Err(error) = counters::ensure(app).await {
        tracing::error!(%error, "counters: first count");
    }
    if let Err(error) = calendar::adopt_shipped(app).await {
        tracing::error!(%error, "calendar: the shipped edition");
    }
    let cities = match jurisdiction::Entity::find().all(app.db.read()).await {
        Ok(cities) => cities,
        Err(error) => return tracing::error!(%error, "sweep: jurisdictions"),
    };
    for city in cities {
        if let Err(error) = sweep_city(app, city.id).await {
            tracing::error!(city = city.code, %error, "sweep");
        }
    }
    if let Err(error) = forget_forms(app).await {
        tracing::error!(%error, "forms");
    }
    if let Err(error) = once::forget(&app.db, app.time.now()).await {
        tracing::error!(%error, "kept answers");
    }
    // Before the contents: one that is no longer named goes in the same round.
    if let Err(error) = export::kept::sweep(app).await {
        tracing::error!(%error, "kept exports");
    }
    if let Err(error) = leftovers::sweep(app).await {
        tracing::error!(%error, "leftovers of uploads");
    }
    if let Err(error) = counters::fold(app).await {
        tracing::error!(%error, "counters");
    }
    if let Err(error) = search::begin_range(app).await {
        tracing::error!(%error, "ranges of the search");
    }
    if let Err(error) = audit::seal_new_events(app).await {
        tracing::error!(%error, "seal");
    }
    // Letters put off may be due by now.
    app.mail_waiting.notify_one();
    measure::jobs_round_ended(app.time.now());
}

/// Forms nobody came back to for three months.
async fn forget_forms(app: &App) -> Result<()> {
    let transaction = app.db.begin().await?;
    form_draft::Entity::delete_many()
        .filter(form_draft::Column::UpdatedAt.lt(app.time.now() - chrono::Duration::days(90)))
        .exec(&transaction)
        .await?;
    app.db.commit(transaction).await?;
    Ok(())
}

/// Each task stands alone: one that fails doesn't keep the others from being done, and comes again in a minute.
async fn sweep_city(app: &App, city: Uuid) -> Result<()> {
    let recomputed = calendar::recompute_pending(app, city).await;
    recomputed.and(looks::due(app, city).await).and(expiry::warn(app, city).await)
}
