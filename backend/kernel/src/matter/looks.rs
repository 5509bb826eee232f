//! What the system does with a matter by itself once a day has come: a clock runs out, an ask lapses, a level rises or falls, a pause is
//! past its expected end, the next period begins. Each matter says from which day on that may be (`matter.look_on`), written with every
//! change; so a round reads what is due, however many there are (docs/adr/0009).

use super::{apply, load::Loaded, overdue, series};
use crate::{counters::FAR, db::statement, entity::matter, error::Result, reference::Reference, state::App, time::local_day};
use chrono::{Days, NaiveDate};
use sea_orm::{ConnectionTrait, EntityTrait, Value};
use serde_json::{Map, json};
use shared::kernel::calendar::{Edition, Lamp, lamp, yellow_from};
use std::sync::PoisonError;
use uuid::Uuid;

/// Read at once.
const BATCH: i64 = 500;
/// What one round looks at, so that the jobs after it have their turn; the rest comes a minute later.
const ROUND: usize = 20_000;
/// Whatever the day is.
pub(crate) const AT_ONCE: NaiveDate = match NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// Looks at all open matters of a city whose day has come.
pub(crate) async fn due(app: &App, city: Uuid) -> Result<()> {
    let (today, mut after, mut looked) = (app.time.today(), (AT_ONCE, Uuid::nil()), 0);
    let last = app.looked_on.lock().unwrap_or_else(PoisonError::into_inner).get(&city).copied();
    let came_back = match last {
        Some(last) => today < last,
        None => is_before_the_last(app, city, today).await?,
    };
    if came_back {
        everything(app, city).await?;
    }
    app.looked_on.lock().unwrap_or_else(PoisonError::into_inner).insert(city, today);
    let sql = "SELECT m.id, m.look_on FROM matter m
               WHERE m.jurisdiction_id = ? AND m.is_open AND m.look_on <= ? AND (m.look_on, m.id) > (?, ?) ORDER BY m.look_on, m.id LIMIT ?";
    while looked < ROUND {
        let values: Vec<Value> = vec![city.into(), today.into(), after.0.into(), after.1.into(), BATCH.into()];
        let rows = app.db.read().query_all_raw(statement(app.db.backend(), sql, values)).await?;
        let reference = app.reference(city).await?;
        for row in &rows {
            after = (row.try_get_by_index(1)?, row.try_get_by_index(0)?);
            look(app, &reference, after.1).await?;
        }
        if rows.is_empty() {
            break;
        }
        looked += rows.len();
    }
    Ok(())
}

/// Whether something happened on a later day: the clock was wrong then and was set back before this server started.
async fn is_before_the_last(app: &App, city: Uuid, today: NaiveDate) -> Result<bool> {
    let sql = "SELECT e.at FROM event e WHERE e.jurisdiction_id = ? ORDER BY e.at DESC LIMIT 1";
    let row = app.db.read().query_one_raw(statement(app.db.backend(), sql, vec![city.into()])).await?;
    let last = row.map(|row| row.try_get_by_index::<chrono::DateTime<chrono::Utc>>(0)).transpose()?;
    Ok(last.is_some_and(|last| local_day(last) > today))
}

/// All open matters are looked at, whatever their day is: a day has come back on which other levels hold.
async fn everything(app: &App, city: Uuid) -> Result<()> {
    let transaction = app.db.begin().await?;
    let sql = "UPDATE matter SET look_on = ? WHERE jurisdiction_id = ? AND is_open AND state <> 'draft'";
    transaction.execute_raw(statement(app.db.backend(), sql, vec![AT_ONCE.into(), city.into()])).await?;
    app.db.commit(transaction).await
}

/// Whatever can't be done must not keep the rest from being done, nor other matters; it is tried again in a minute.
async fn look(app: &App, reference: &Reference, id: Uuid) -> Result<()> {
    let Some(matter) = matter::Entity::find_by_id(id).one(app.db.read()).await?.filter(|matter| matter.is_open) else { return Ok(()) };
    let loaded = Loaded::around(app.db.read(), app, matter).await?;
    let mut whole = true;
    for (what, outcome) in [
        ("clocks that ran out", overdue::run_out(app, reference, &loaded).await),
        ("asks without an answer", overdue::lapse(app, reference, &loaded).await),
        ("level", set_level(app, reference, &loaded.matter).await),
        ("reminder of a pause", remind_of_pause(app, reference, &loaded.matter).await),
        ("next period", open_period(app, reference, &loaded).await),
    ] {
        if let Err(error) = outcome {
            tracing::error!(matter = %id, what, %error, "not done");
            whole = false;
        }
    }
    if whole {
        // What was done has said the next day itself, and counted the version up.
        let next = next(reference, &loaded, app.time.today(), true);
        let sql = "UPDATE matter SET look_on = ? WHERE id = ? AND version = ? AND look_on <> ?";
        let values: Vec<Value> = vec![next.into(), id.into(), loaded.matter.version.into(), next.into()];
        let transaction = app.db.begin().await?;
        transaction.execute_raw(statement(app.db.backend(), sql, values)).await?;
        app.db.commit(transaction).await?;
    }
    Ok(())
}

/// The day from which something may have to be done; `looked`, when what recurs was looked at today.
pub(crate) fn next(reference: &Reference, loaded: &Loaded, today: NaiveDate, looked: bool) -> NaiveDate {
    let (matter, kind) = (&loaded.matter, &loaded.kind);
    if !matter.is_open || matter.state == "draft" {
        return FAR;
    }
    let after = |day: NaiveDate| day.checked_add_days(Days::new(1)).unwrap_or(FAR);
    let running = loaded.clocks.iter().filter(|clock| overdue::has_consequence(kind, clock));
    let ends = running.map(|clock| clock.due_at.map_or_else(|| after(clock.due_on), local_day));
    let asks = loaded.asks.iter().filter(|ask| ask.state == "open").filter_map(|ask| ask.due_on).map(after);
    let pause = expected_end(matter).filter(|_| !reminded(matter)).map(after);
    let level = kind.has_levels().then(|| level_changes(matter, today, &reference.edition));
    let period = recurs(loaded).then(|| if looked { after(today) } else { AT_ONCE });
    ends.chain(asks).chain(pause).chain(level).chain(period).min().unwrap_or(FAR)
}

/// LEVEL (domain.md §1.6): yellow when the lamp of the due date is, orange when overdue; a person lists what is overdue for long, with a
/// reason. What the system raised falls again when the cause is gone.
async fn set_level(app: &App, reference: &Reference, matter: &matter::Model) -> Result<()> {
    let today = app.time.today();
    let (wanted, code) = level(matter, today, &reference.edition);
    if !app.kind(&matter.kind)?.has_levels() || settled(matter, wanted) {
        return Ok(());
    }
    let action = if wanted > matter.level { "raise_level" } else { "lower_level" };
    let input = json!({ "level": code }).as_object().cloned().unwrap_or_default();
    let still = |row: &matter::Model| !settled(row, wanted) && level(row, today, &reference.edition).0 == wanted;
    apply::apply_system(app, reference, matter.id, action, &input, still).await
}

/// What a person set with a reason is raised, but not lowered.
fn settled(matter: &matter::Model, wanted: i64) -> bool {
    matter.state == "draft" || wanted == matter.level || (matter.level_by_hand && wanted < matter.level)
}

/// The due day while its clock runs. While completion awaits judgement, or the clock is stopped, the delay isn't the holder's.
fn running_due(matter: &matter::Model) -> Option<NaiveDate> {
    matter.due_on.filter(|_| matter.paused_reason.is_none() && matter.runs())
}

/// The level that the due date calls for by itself.
fn level(matter: &matter::Model, today: NaiveDate, edition: &Edition) -> (i64, &'static str) {
    match lamp(today, matter.main_start_on.unwrap_or(today), running_due(matter), edition) {
        Lamp::Red => (2, "supervise"),
        Lamp::Yellow => (1, "remind"),
        Lamp::Green | Lamp::Grey => (0, "none"),
    }
}

/// The day on which another level is called for.
fn level_changes(matter: &matter::Model, today: NaiveDate, edition: &Edition) -> NaiveDate {
    if !settled(matter, level(matter, today, edition).0) {
        return AT_ONCE;
    }
    let Some(due) = running_due(matter) else { return FAR };
    let yellow = yellow_from(matter.main_start_on.unwrap_or(today), due, edition);
    let red = due.checked_add_days(Days::new(1)).unwrap_or(FAR);
    [(yellow, 1), (red, 2)].into_iter().filter(|(day, level)| *day > today && *level > matter.level).map(|(day, _)| day).min().unwrap_or(FAR)
}

/// A pause has an expected end; once it has passed, the holder and the office are told, once.
async fn remind_of_pause(app: &App, reference: &Reference, matter: &matter::Model) -> Result<()> {
    let today = app.time.today();
    if reminded(matter) || expected_end(matter).is_none_or(|end| end >= today) {
        return Ok(());
    }
    let still = |row: &matter::Model| row.pause.is_some() && !reminded(row);
    apply::apply_system(app, reference, matter.id, "remind_of_pause", &Map::new(), still).await
}

fn expected_end(matter: &matter::Model) -> Option<NaiveDate> {
    let end = matter.pause.as_ref()?.get("expected_end")?.as_str()?;
    shared::kernel::validate::parse_date(end)
}

fn reminded(matter: &matter::Model) -> bool {
    matter.pause.as_ref().and_then(|pause| pause.get("reminded")).and_then(serde_json::Value::as_bool) == Some(true)
}

/// Whether a matter's periods are opened one after another. What recurs may be an item of a list; its own periods don't recur.
fn recurs(loaded: &Loaded) -> bool {
    let matter = &loaded.matter;
    loaded.kind.recurring().is_some_and(|(limit, declared)| {
        matter.state == declared.state && matter.instance_key.is_none() && matter.due_on.is_none() && limit.recurrence_of(&matter.body).is_some()
    })
}

/// The next period, from the day the last one ended.
async fn open_period(app: &App, reference: &Reference, loaded: &Loaded) -> Result<()> {
    if !recurs(loaded) {
        return Ok(());
    }
    let transaction = app.db.begin().await?;
    let locked = super::load::locked_for_change(&transaction, app, loaded.matter.id).await?;
    let Some(locked) = locked.filter(|locked| locked.matter.is_open) else { return Ok(()) };
    let changes = series::next_instance(&transaction, app, reference, &locked).await?;
    app.db.commit(transaction).await?;
    apply::publish(app, changes);
    Ok(())
}
