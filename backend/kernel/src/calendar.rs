//! Calendar editions: which one is in force, what a new one would move, applying and undoing it.

use crate::{
    audit::{self, Entry},
    db::Db,
    entity::{calendar_edition, clock, matter},
    error::{Error, Result},
    live::{self, News},
    matter::{clocks::Terms, load::Loaded, save::Work},
    reference::Reference,
    scope::Actor,
    state::App,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set};
use serde_json::json;
use shared::kernel::{
    api::{CalendarDay, CalendarView, CalendarYear, DueMove, EditionPreview},
    calendar::{DayKind, Edition},
    problem::Code,
    text::t,
};
use std::sync::Arc;
use uuid::Uuid;

/// The edition applied last, or the one the product ships.
pub(crate) async fn applied_edition(db: &Db) -> Result<Edition> {
    let row = calendar_edition::Entity::find()
        .filter(calendar_edition::Column::State.eq("applied"))
        .order_by_desc(calendar_edition::Column::AppliedAt)
        .one(db.read())
        .await?;
    match row {
        Some(row) => Edition::parse(&row.body).map_err(|error| Error::Other(format!("calendar edition {}: {error}", row.edition))),
        None => Ok(Edition::cn_2026().clone()),
    }
}

/// Takes over what another node has put in force or taken back.
pub(crate) async fn refresh(app: &App) -> Result<()> {
    let edition = applied_edition(&app.db).await?;
    if edition.code() != app.edition().code() {
        app.set_edition(edition);
    }
    Ok(())
}

/// The edition of a code: the one in force, one kept here, or the shipped one.
pub(crate) async fn edition_named(app: &App, code: &str) -> Result<Arc<Edition>> {
    let current = app.edition();
    if current.code() == code {
        return Ok(current);
    }
    let row = calendar_edition::Entity::find()
        .filter(calendar_edition::Column::Edition.eq(code))
        .order_by_desc(calendar_edition::Column::CreatedAt)
        .one(app.db.read())
        .await?;
    match row {
        Some(row) => Ok(Arc::new(Edition::parse(&row.body).map_err(|error| Error::Other(format!("calendar edition {code}: {error}")))?)),
        None => Ok(Arc::new(Edition::cn_2026().clone())),
    }
}

pub(crate) fn view(app: &App) -> CalendarView {
    let edition = app.edition();
    let years = (2019..=2027)
        .map(|year| {
            let mut view =
                CalendarYear { year, announced: !edition.is_provisional(year), working_days: 0, holidays: Vec::new(), make_up_workdays: Vec::new() };
            let days = chrono::NaiveDate::from_ymd_opt(year, 1, 1)
                .into_iter()
                .flat_map(|first| first.iter_days())
                .take_while(|day| chrono::Datelike::year(day) == year);
            for date in days {
                match edition.day_kind(date) {
                    DayKind::Working => view.working_days += 1,
                    DayKind::MakeUpWorkday(name) => {
                        view.working_days += 1;
                        view.make_up_workdays.push(CalendarDay { date, name: name.to_owned() });
                    }
                    DayKind::Holiday(name) => view.holidays.push(CalendarDay { date, name: name.to_owned() }),
                    DayKind::WeekendRest => {}
                }
            }
            view
        })
        .collect();
    CalendarView { edition: edition.code().to_owned(), years }
}

/// What an edition would move, of one jurisdiction's running clocks.
async fn moves(app: &App, reference: &Reference, edition: &Edition, jurisdiction: Uuid) -> Result<Vec<(clock::Model, DueMove)>> {
    let running = clock::Entity::find()
        .filter(clock::Column::JurisdictionId.eq(jurisdiction))
        .filter(clock::Column::State.ne("stopped"))
        .all(app.db.read())
        .await?;
    let mut moved = Vec::new();
    for clock in running {
        let terms: Terms = serde_json::from_str(&clock.request)?;
        let due = terms.due(edition)?;
        if due.on == clock.due_on && due.at == clock.due_at {
            continue;
        }
        let Some(matter) = matter::Entity::find_by_id(clock.matter_id).one(app.db.read()).await? else { continue };
        let rule = app.rules.get(&clock.rule).map_or_else(|| t(&clock.rule, &clock.rule), |rule| t(&rule.zh, &rule.en));
        let view = DueMove {
            matter: matter.id.into(),
            // The system administrator, who applies editions, reads no business data: a number and a holder, not what it is about.
            number: matter.number.filter(|_| !matter.sealed),
            title: String::new(),
            holder: matter.holder_unit_id.map(|unit| reference.brief(unit)),
            rule,
            old_due: clock.due_on,
            new_due: due.on,
        };
        moved.push((clock, view));
    }
    Ok(moved)
}

fn preview_of(row: &calendar_edition::Model) -> Result<EditionPreview> {
    Ok(EditionPreview { id: row.id.to_string(), edition: row.edition.clone(), state: row.state.clone(), moves: serde_json::from_str(&row.moves)? })
}

/// Keeps a new edition for review; nothing moves yet.
pub(crate) async fn preview(app: &App, reference: &Reference, actor: &Actor, body: &str) -> Result<EditionPreview> {
    let edition = Edition::parse(body).map_err(|error| Error::detailed(Code::Format, error.to_string()))?;
    let moves: Vec<DueMove> = moves(app, reference, &edition, actor.jurisdiction_id).await?.into_iter().map(|(_, view)| view).collect();
    let row = calendar_edition::Model {
        id: Uuid::now_v7(),
        edition: edition.code().to_owned(),
        body: body.to_owned(),
        state: "previewed".into(),
        moves: serde_json::to_string(&moves)?,
        created_at: app.time.now(),
        applied_at: None,
    };
    let transaction = app.db.begin().await?;
    row.clone().into_active_model().insert(&transaction).await?;
    app.db.commit(transaction).await?;
    preview_of(&row)
}

/// Puts an edition in force, or takes it back: every running clock is recomputed from its own inputs, with an event on each
/// matter that moved.
pub(crate) async fn switch(app: &App, actor: &Actor, id: Uuid, apply: bool) -> Result<EditionPreview> {
    let transaction = app.db.begin().await?;
    let row = calendar_edition::Entity::find_by_id(id).lock_exclusive().one(&transaction).await?.ok_or_else(Error::not_found)?;
    let wanted = if apply { "previewed" } else { "applied" };
    if row.state != wanted && !(apply && row.state == "undone") {
        return Err(Error::detailed(Code::ActionUnavailable, format!("state={}", row.state)));
    }
    let mut changed = row.clone().into_active_model();
    changed.state = Set(if apply { "applied" } else { "undone" }.to_owned());
    changed.applied_at = Set(apply.then(|| app.time.now()));
    let row = changed.update(&transaction).await?;
    let action = if apply { "edition_applied" } else { "edition_undone" };
    audit::administrative_entry(&transaction, Entry::by(actor, action, app.time.now(), json!({ "edition": row.edition })), "calendar").await?;
    app.db.commit(transaction).await?;
    let edition = applied_edition(&app.db).await?;
    app.set_edition(edition);
    live::tell_nodes(app, News::Calendar);
    recompute(app, actor).await?;
    preview_of(&row)
}

async fn recompute(app: &App, actor: &Actor) -> Result<()> {
    use crate::entity::jurisdiction;
    let edition = app.edition();
    for city in jurisdiction::Entity::find().all(app.db.read()).await? {
        let reference = app.reference(city.id).await?;
        for (clock, view) in moves(app, &reference, &edition, city.id).await? {
            let transaction = app.db.begin().await?;
            let Some(row) = matter::Entity::find_by_id(clock.matter_id).lock_exclusive().one(&transaction).await? else { continue };
            let state = row.state.clone();
            let mut work = Work::on(app, &transaction, &reference, Loaded::around(&transaction, app, row).await?);
            if let Some(clock) = work.loaded.clocks.iter_mut().find(|other| other.id == clock.id) {
                let terms: Terms = serde_json::from_str(&clock.request)?;
                let due = terms.due(&edition)?;
                clock.due_on = due.on;
                clock.due_at = due.at;
                clock.provisional = due.provisional;
                clock.edition = edition.code().to_owned();
            }
            let entry = Entry {
                jurisdiction_id: city.id,
                from_state: Some(state.clone()),
                to_state: Some(state),
                ..Entry::by(
                    actor,
                    "recompute",
                    app.time.now(),
                    json!({ "edition": edition.code(), "old_due": view.old_due, "new_due": view.new_due }),
                )
            };
            work.save(entry, Vec::new()).await?;
            app.db.commit(transaction).await?;
        }
    }
    Ok(())
}
