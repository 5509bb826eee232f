//! What the clock does by itself: silence past the receipt limit is escalated, overdue work is raised to the next level, the next
//! period of a recurring task is opened, new events are sealed. One jurisdiction's failure doesn't stop the others. Of several nodes
//! on one database one runs them at a time, and what a round has done the next one finds done.

use crate::{
    audit, calendar, counters,
    db::Right,
    entity::{clock, form_draft, handover, jurisdiction, matter},
    error::Result,
    expiry, leftovers,
    matter::{apply, create, load::Loaded},
    once,
    state::App,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Map, json};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// Runs the jobs once a minute until the task is dropped.
pub async fn run(app: Arc<App>) {
    let mut minute = tokio::time::interval(Duration::from_secs(60));
    minute.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        minute.tick().await;
        if let Err(error) = calendar::refresh(&app).await {
            tracing::error!(%error, "calendar edition");
        }
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
    if let Err(error) = leftovers::sweep(app).await {
        tracing::error!(%error, "leftovers of uploads");
    }
    if let Err(error) = counters::fold(app).await {
        tracing::error!(%error, "counters");
    }
    if let Err(error) = audit::seal_new_events(app).await {
        tracing::error!(%error, "seal");
    }
    // Letters put off may be due by now.
    app.mail_waiting.notify_one();
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

async fn sweep_city(app: &App, city: Uuid) -> Result<()> {
    escalate_silence(app, city).await?;
    raise_levels(app, city).await?;
    remind_of_pauses(app, city).await?;
    expiry::warn(app, city).await?;
    open_periods(app, city).await
}

/// Silence is never consent: at the receipt limit the head is told, once for each hand-over.
async fn escalate_silence(app: &App, city: Uuid) -> Result<()> {
    let reference = app.reference(city).await?;
    let (now, today) = (app.time.now(), app.time.today());
    let late = clock::Entity::find()
        .filter(clock::Column::JurisdictionId.eq(city))
        .filter(clock::Column::State.eq("running"))
        .filter(clock::Column::HandoverId.is_not_null())
        .filter(clock::Column::DueOn.lte(today))
        .all(app.db.read())
        .await?;
    for clock in late {
        let past = clock.due_at.map_or(clock.due_on < today, |due| due < now);
        let Some(id) = clock.handover_id.filter(|_| past) else { continue };
        let silent = handover::Entity::find_by_id(id).one(app.db.read()).await?.is_some_and(|row| row.escalated_at.is_none() && row.state == "sent");
        if !silent {
            continue;
        }
        // What can't be escalated must not keep the silence of all others.
        if let Err(error) = apply::apply_system(app, &reference, clock.matter_id, "escalate", &Map::new()).await {
            tracing::error!(matter = %clock.matter_id, %error, "not escalated");
        }
    }
    Ok(())
}

/// LEVEL (domain.md §1.6): yellow when the lamp is, orange when overdue, red when overdue for more than ten working days.
async fn raise_levels(app: &App, city: Uuid) -> Result<()> {
    use shared::kernel::calendar::{Lamp, lamp, working_days_left};
    let reference = app.reference(city).await?;
    let today = app.time.today();
    let edition = app.edition();
    let due = matter::Entity::find()
        .filter(matter::Column::JurisdictionId.eq(city))
        .filter(matter::Column::IsOpen.eq(true))
        .filter(matter::Column::DueOn.is_not_null())
        .filter(matter::Column::DueOn.lte(today + chrono::Duration::days(60)))
        .filter(matter::Column::PausedReason.is_null())
        .all(app.db.read())
        .await?;
    for row in due {
        let Some(due) = row.due_on.filter(|_| row.state != "draft") else { continue };
        let wanted = match lamp(today, row.main_start_on.unwrap_or(today), Some(due), &edition) {
            Lamp::Red if working_days_left(today, due, &edition) < -10 => 3,
            Lamp::Red => 2,
            Lamp::Yellow => 1,
            Lamp::Green | Lamp::Grey => 0,
        };
        if wanted > row.level {
            let level = match wanted {
                3 => "listed",
                2 => "supervise",
                _ => "remind",
            };
            let input = json!({ "level": level }).as_object().cloned().unwrap_or_default();
            if let Err(error) = apply::apply_system(app, &reference, row.id, "raise_level", &input).await {
                // A kind without levels has no such step: that isn't a failure.
                tracing::debug!(matter = %row.id, %error, "level not raised");
            }
        }
    }
    Ok(())
}

/// A pause has an expected end; once it has passed, the holder and the office are told, once.
async fn remind_of_pauses(app: &App, city: Uuid) -> Result<()> {
    let reference = app.reference(city).await?;
    let today = app.time.today();
    let paused = matter::Entity::find()
        .filter(matter::Column::JurisdictionId.eq(city))
        .filter(matter::Column::IsOpen.eq(true))
        .filter(matter::Column::Pause.is_not_null())
        .all(app.db.read())
        .await?;
    for row in paused {
        let pause = row.pause.clone().unwrap_or_default();
        let end = pause.get("expected_end").and_then(serde_json::Value::as_str).and_then(shared::kernel::validate::parse_date);
        let reminded = pause.get("reminded").and_then(serde_json::Value::as_bool) == Some(true);
        if !reminded
            && end.is_some_and(|end| end < today)
            && let Err(error) = apply::apply_system(app, &reference, row.id, "remind_of_pause", &Map::new()).await
        {
            tracing::error!(matter = %row.id, %error, "not reminded of its pause");
        }
    }
    Ok(())
}

/// The next period of each recurring task, from the day the last one ended.
async fn open_periods(app: &App, city: Uuid) -> Result<()> {
    let reference = app.reference(city).await?;
    let open = matter::Entity::find()
        .filter(matter::Column::JurisdictionId.eq(city))
        .filter(matter::Column::IsOpen.eq(true))
        .filter(matter::Column::State.eq("in_progress"))
        .filter(matter::Column::ParentId.is_null())
        .filter(matter::Column::DueOn.is_null())
        .all(app.db.read())
        .await?;
    for row in open.into_iter().filter(|row| row.body.get("due_kind").and_then(serde_json::Value::as_str) == Some("recurring")) {
        let transaction = app.db.begin().await?;
        let loaded = Loaded::around(&transaction, app, row).await?;
        let changes = create::next_instance(&transaction, app, &reference, &loaded).await?;
        app.db.commit(transaction).await?;
        apply::publish(app, changes);
    }
    Ok(())
}
