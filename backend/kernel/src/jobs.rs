//! What the clock does by itself: a limit that runs out has its consequence, an ask without an answer lapses, levels rise and fall, the
//! next period of a recurring task is opened, a calendar switched is counted through, new events are sealed. One jurisdiction's failure
//! doesn't stop the others. Of several nodes on one database one runs them at a time, and what a round has done the next one finds done.

use crate::{
    audit, calendar, counters,
    db::Right,
    entity::{form_draft, jurisdiction, matter},
    error::Result,
    expiry, export, leftovers,
    matter::{apply, load, overdue, series},
    measure, once,
    state::App,
};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter};
use serde_json::{Map, json};
use shared::kernel::calendar::{Edition, Lamp, lamp};
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
    let mut outcome = calendar::recompute_pending(app, city).await;
    let reference = app.reference(city).await?;
    for next in [
        overdue::run_out(app, &reference).await,
        overdue::lapse_asks(app, &reference).await,
        set_levels(app, city).await,
        remind_of_pauses(app, city).await,
        expiry::warn(app, city).await,
        open_periods(app, city).await,
    ] {
        outcome = outcome.and(next);
    }
    outcome
}

/// LEVEL (domain.md §1.6): yellow when the lamp of the due date is, orange when overdue; a person lists what is overdue for long, with a
/// reason. What the system raised falls again when the cause is gone.
async fn set_levels(app: &App, city: Uuid) -> Result<()> {
    let reference = app.reference(city).await?;
    let today = app.time.today();
    let concerned = matter::Entity::find()
        .filter(matter::Column::JurisdictionId.eq(city))
        .filter(matter::Column::IsOpen.eq(true))
        .filter(matter::Column::State.ne("draft"))
        .filter(matter::Column::DueOn.lte(today + chrono::Duration::days(120)).or(matter::Column::Level.gt(0)))
        .all(app.db.read())
        .await?;
    for row in concerned {
        if !app.kind(&row.kind).is_ok_and(|kind| kind.has_levels()) {
            continue;
        }
        let (wanted, code) = level(&row, today, &reference.edition);
        // What a person set with a reason is raised, but not lowered.
        let settled = |row: &matter::Model| wanted == row.level || (row.level_by_hand && wanted < row.level);
        if settled(&row) {
            continue;
        }
        let action = if wanted > row.level { "raise_level" } else { "lower_level" };
        let input = json!({ "level": code }).as_object().cloned().unwrap_or_default();
        let still = |row: &matter::Model| !settled(row) && level(row, today, &reference.edition).0 == wanted;
        if let Err(error) = apply::apply_system(app, &reference, row.id, action, &input, still).await {
            tracing::error!(matter = %row.id, %error, "level not set");
        }
    }
    Ok(())
}

/// The level that the due date calls for by itself. While completion awaits judgement, or the clock is stopped, none: the delay isn't the
/// holder's.
fn level(matter: &matter::Model, today: NaiveDate, edition: &Edition) -> (i64, &'static str) {
    let running = matter.paused_reason.is_none() && matter.runs();
    match lamp(today, matter.main_start_on.unwrap_or(today), matter.due_on.filter(|_| running), edition) {
        Lamp::Red => (2, "supervise"),
        Lamp::Yellow => (1, "remind"),
        Lamp::Green | Lamp::Grey => (0, "none"),
    }
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
        if !reminded(&row) && end.is_some_and(|end| end < today) {
            let still = |row: &matter::Model| row.pause.is_some() && !reminded(row);
            // One that can't be told must not keep the others from being told.
            if let Err(error) = apply::apply_system(app, &reference, row.id, "remind_of_pause", &Map::new(), still).await {
                tracing::error!(matter = %row.id, %error, "not reminded of its pause");
            }
        }
    }
    Ok(())
}

fn reminded(matter: &matter::Model) -> bool {
    matter.pause.as_ref().and_then(|pause| pause.get("reminded")).and_then(serde_json::Value::as_bool) == Some(true)
}

/// The next period of all that recurs, from the day the last one ended.
async fn open_periods(app: &App, city: Uuid) -> Result<()> {
    let reference = app.reference(city).await?;
    for kind in &app.kinds {
        let Some((limit, declared)) = kind.recurring() else { continue };
        let open = matter::Entity::find()
            .filter(matter::Column::JurisdictionId.eq(city))
            .filter(matter::Column::Kind.eq(kind.code.as_str()))
            .filter(matter::Column::IsOpen.eq(true))
            .filter(matter::Column::State.eq(declared.state.as_str()))
            // What recurs may be an item of a list; its own periods don't recur.
            .filter(matter::Column::InstanceKey.is_null())
            .filter(matter::Column::DueOn.is_null())
            .all(app.db.read())
            .await?;
        for row in open.into_iter().filter(|row| limit.recurrence_of(&row.body).is_some()) {
            let transaction = app.db.begin().await?;
            let Some(loaded) = load::locked_for_change(&transaction, app, row.id).await?.filter(|loaded| loaded.matter.is_open) else { continue };
            let changes = series::next_instance(&transaction, app, &reference, &loaded).await?;
            app.db.commit(transaction).await?;
            apply::publish(app, changes);
        }
    }
    Ok(())
}
