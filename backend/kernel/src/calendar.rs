//! Calendar editions of a city: which one is in force, what a new one would move, applying and undoing it.
//!
//! A switch is one transaction with a mark that recomputation is to be done; the matters follow one by one, each with its event. The
//! mark is worked off by the request and, until it is surely done, by the jobs: a crash between two matters loses none.

use crate::{
    audit::{self, Entry},
    counters::FAR,
    db::{columns, statement},
    entity::{
        ask, calendar_edition, calendar_move, calendar_switch, clock, handover, jurisdiction, matter, matter_person, notice, person, shipped_calendar,
    },
    error::{Error, Result},
    matter::{
        apply::publish,
        clocks::{self, Terms},
        load::{self, Loaded},
        looks::AT_ONCE,
        save::Work,
    },
    reference::Reference,
    scope::{Actor, roles_of},
    state::App,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, sea_query::OnConflict};
use serde_json::json;
use shared::kernel::{
    api::{CalendarDay, CalendarView, CalendarYear, DueMove, EditionPreview},
    calendar::{DayKind, Edition, notice::HolidayNotice},
    problem::Code,
    role::Role,
    text::{Text, t},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use uuid::Uuid;

/// Until then a request that began before may still write by the edition replaced: as long as the longest may last. What it writes is
/// recomputed by the next round.
const SETTLED: Duration = Duration::from_secs(60);

/// So many due dates are told one by one; a holder of more looks at the list.
const TOLD: usize = 20;

/// The edition a city applied last, or the one the product ships.
pub(crate) async fn in_force<C: ConnectionTrait>(connection: &C, jurisdiction: Uuid) -> Result<Arc<Edition>> {
    match row_in_force(connection, jurisdiction).await? {
        Some(row) => parsed(&row).map(Arc::new),
        None => Ok(Arc::new(Edition::cn_2026().clone())),
    }
}

async fn row_in_force<C: ConnectionTrait>(connection: &C, jurisdiction: Uuid) -> Result<Option<calendar_edition::Model>> {
    let applied = calendar_edition::Entity::find()
        .filter(calendar_edition::Column::JurisdictionId.eq(jurisdiction))
        .filter(calendar_edition::Column::State.eq("applied"))
        .order_by_desc(calendar_edition::Column::AppliedAt);
    Ok(applied.one(connection).await?)
}

fn parsed(row: &calendar_edition::Model) -> Result<Edition> {
    Edition::parse(&row.body).map_err(|error| Error::Other(format!("calendar edition {}: {error}", row.edition)))
}

/// A city's edition of a code: the one in force, one kept here, or the shipped one.
pub(crate) async fn edition_named<C: ConnectionTrait>(connection: &C, reference: &Reference, code: &str) -> Result<Arc<Edition>> {
    if reference.edition.code() == code {
        return Ok(reference.edition.clone());
    }
    let row = calendar_edition::Entity::find()
        .filter(calendar_edition::Column::JurisdictionId.eq(reference.jurisdiction.id))
        .filter(calendar_edition::Column::Edition.eq(code))
        .order_by_desc(calendar_edition::Column::CreatedAt)
        .one(connection)
        .await?;
    match row {
        Some(row) => parsed(&row).map(Arc::new),
        None => Ok(Arc::new(Edition::cn_2026().clone())),
    }
}

pub(crate) fn view(edition: &Edition) -> CalendarView {
    let years = edition
        .years()
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

/// A due day of a matter that an edition moves.
struct Moved {
    rule: String,
    old: chrono::NaiveDate,
    new: chrono::NaiveDate,
}

/// Open matters of one city on which something is counted otherwise by an edition than it was.
async fn concerned(app: &App, edition: &Edition, jurisdiction: Uuid) -> Result<BTreeSet<Uuid>> {
    let mut matters = BTreeSet::new();
    let running = clock::Entity::find()
        .filter(clock::Column::JurisdictionId.eq(jurisdiction))
        .filter(clock::Column::State.ne("stopped"))
        .all(app.db.read())
        .await?;
    for clock in running {
        let due = serde_json::from_str::<Terms>(&clock.request)?.due(edition)?;
        if due.on != clock.due_on || due.at != clock.due_at {
            matters.insert(clock.matter_id);
        }
    }
    let of_city = "(SELECT m.id FROM matter m WHERE m.jurisdiction_id = ? AND m.is_open)";
    let backend = app.db.backend();
    let sent = handover::Entity::find()
        .from_raw_sql(statement(
            backend,
            &format!("SELECT {} FROM handover h WHERE h.state = 'sent' AND h.matter_id IN {of_city}", columns::<handover::Entity>("h")),
            vec![jurisdiction.into()],
        ))
        .all(app.db.read())
        .await?;
    for handover in sent {
        if clocks::refuse_until(app, edition, handover.sent_at)? != handover.refuse_until {
            matters.insert(handover.matter_id);
        }
    }
    let asks = ask::Entity::find()
        .from_raw_sql(statement(
            backend,
            &format!(
                "SELECT {} FROM ask a WHERE a.state = 'open' AND a.rule IS NOT NULL AND a.due_on IS NOT NULL AND a.matter_id IN {of_city}",
                columns::<ask::Entity>("a")
            ),
            vec![jurisdiction.into()],
        ))
        .all(app.db.read())
        .await?;
    for ask in asks {
        // Few asks have a rule of their own beside those that last as long as the matter's own clock.
        let Some(row) = matter::Entity::find_by_id(ask.matter_id).one(app.db.read()).await? else { continue };
        let kind = app.kind(&row.kind)?;
        if clocks::ask_due(app, &kind, edition, &ask)?.is_some_and(|due| Some(due) != ask.due_on) {
            matters.insert(ask.matter_id);
        }
    }
    Ok(matters)
}

/// Counts everything of a matter anew by an edition: clocks that have not stopped, the time to refuse, asks.
fn shift(app: &App, edition: &Edition, loaded: &mut Loaded) -> Result<Vec<Moved>> {
    let today = app.time.today();
    let mut moved = Vec::new();
    for clock in loaded.clocks.iter_mut().filter(|clock| clock.state != "stopped") {
        let due = serde_json::from_str::<Terms>(&clock.request)?.due(edition)?;
        if due.on != clock.due_on || due.at != clock.due_at {
            moved.push(Moved { rule: clock.rule.clone(), old: clock.due_on, new: due.on });
            clocks::set_due(clock, due, edition, today);
        }
    }
    for handover in loaded.handovers.iter_mut().filter(|handover| handover.state == "sent") {
        let until = clocks::refuse_until(app, edition, handover.sent_at)?;
        if until != handover.refuse_until {
            moved.push(Moved { rule: clocks::REFUSAL.into(), old: handover.refuse_until, new: until });
            handover.refuse_until = until;
        }
    }
    for ask in loaded.asks.iter_mut().filter(|ask| ask.state == "open") {
        let (Some(old), Some(new)) = (ask.due_on, clocks::ask_due(app, &loaded.kind, edition, ask)?) else { continue };
        if old != new {
            let told = Moved { rule: ask.rule.clone().unwrap_or_default(), old, new };
            if !moved.iter().any(|other| (&other.rule, other.old, other.new) == (&told.rule, told.old, told.new)) {
                moved.push(told);
            }
            ask.due_on = Some(new);
        }
    }
    Ok(moved)
}

fn rule_name(app: &App, rule: &str) -> Text {
    app.rules.get(rule).map_or_else(|| t(rule, rule), |rule| t(&rule.zh, &rule.en))
}

/// What an edition would move in one city.
async fn moves(app: &App, reference: &Reference, edition: &Edition) -> Result<Vec<DueMove>> {
    let mut moves = Vec::new();
    for id in concerned(app, edition, reference.jurisdiction.id).await? {
        let Some(row) = matter::Entity::find_by_id(id).one(app.db.read()).await? else { continue };
        let mut loaded = Loaded::around(app.db.read(), app, row).await?;
        for moved in shift(app, edition, &mut loaded)? {
            let matter = &loaded.matter;
            moves.push(DueMove {
                matter: matter.id.into(),
                // The system administrator, who applies editions, reads no business data: a number and a holder, not what it is about.
                number: matter.number.clone().filter(|_| !matter.sealed),
                title: String::new(),
                holder: matter.holder_unit_id.map(|unit| reference.brief(unit)),
                rule: rule_name(app, &moved.rule),
                old_due: moved.old,
                new_due: moved.new,
            });
        }
    }
    Ok(moves)
}

fn preview_of(row: &calendar_edition::Model) -> Result<EditionPreview> {
    Ok(EditionPreview { id: row.id.to_string(), edition: row.edition.clone(), state: row.state.clone(), moves: serde_json::from_str(&row.moves)? })
}

/// A notice of the State Council as an edition of the city: that year anew, the others as they are in force. For review, like any other.
pub(crate) async fn noticed(app: &App, reference: &Reference, notice: &HolidayNotice) -> Result<EditionPreview> {
    let faults = notice.faults();
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    let city = reference.jurisdiction.id;
    let in_force = row_in_force(app.db.read(), city).await?;
    let base = in_force.as_ref().map_or_else(|| Edition::cn_2026_text(), |row| row.body.as_str());
    let rows = calendar_edition::Entity::find().filter(calendar_edition::Column::JurisdictionId.eq(city)).all(app.db.read()).await?;
    // Numbered through within a year, previews too: a due date names the edition that it was counted by.
    let of_year = format!("cn-{}.", notice.year);
    let codes = rows.iter().map(|row| row.edition.as_str()).chain([Edition::cn_2026().code()]);
    let last = codes.filter_map(|code| code.strip_prefix(&of_year)?.parse::<u32>().ok()).max().unwrap_or(0);
    let body =
        notice.edition(base, &format!("{of_year}{}", last + 1)).map_err(|error| Error::Other(format!("calendar edition in force: {error}")))?;
    preview(app, reference, &body).await
}

/// Keeps a new edition for review; nothing moves yet.
pub(crate) async fn preview(app: &App, reference: &Reference, body: &str) -> Result<EditionPreview> {
    let edition = Edition::parse(body).map_err(|error| Error::detailed(Code::Format, error.to_string()))?;
    let row = calendar_edition::Model {
        id: crate::ids::next(),
        jurisdiction_id: reference.jurisdiction.id,
        edition: edition.code().to_owned(),
        body: body.to_owned(),
        state: "previewed".into(),
        moves: serde_json::to_string(&moves(app, reference, &edition).await?)?,
        created_at: app.time.now(),
        applied_at: None,
    };
    let transaction = app.db.begin().await?;
    row.clone().into_active_model().insert(&transaction).await?;
    app.db.commit(transaction).await?;
    preview_of(&row)
}

/// Puts an edition of the actor's city in force, or takes it back: every running clock of the city is recomputed from its own inputs,
/// with an event on each matter that moved.
pub(crate) async fn switch(app: &App, actor: &Actor, id: Uuid, apply: bool) -> Result<EditionPreview> {
    use sea_orm::sea_query::Expr;
    let city = actor.jurisdiction_id;
    let now = app.time.now();
    let transaction = app.db.begin().await?;
    let of_city = || calendar_edition::Entity::find_by_id(id).filter(calendar_edition::Column::JurisdictionId.eq(city));
    let row = of_city().one(&transaction).await?.ok_or_else(Error::not_found)?;
    let from: &[&str] = if apply { &["previewed", "undone"] } else { &["applied"] };
    // The condition stands in the statement: of two requests at once, one finds it gone.
    let switched = calendar_edition::Entity::update_many()
        .col_expr(calendar_edition::Column::State, Expr::value(if apply { "applied" } else { "undone" }))
        .col_expr(calendar_edition::Column::AppliedAt, Expr::value(apply.then_some(now)))
        .filter(calendar_edition::Column::Id.eq(id))
        .filter(calendar_edition::Column::State.is_in(from.iter().copied()))
        .exec(&transaction)
        .await?;
    if switched.rows_affected == 0 {
        return Err(Error::detailed(Code::ActionUnavailable, format!("state={}", row.state)));
    }
    let mark = calendar_switch::Model {
        jurisdiction_id: city,
        person_id: Some(actor.person_id()),
        unit_id: Some(actor.unit_id),
        address: actor.address.clone(),
        switched_at: now,
    };
    set_mark(&transaction, mark).await?;
    let action = if apply { "edition_applied" } else { "edition_undone" };
    audit::administrative_entry(&transaction, Entry::by(actor, action, now, json!({ "edition": row.edition })), "calendar").await?;
    let row = of_city().one(&transaction).await?.ok_or_else(Error::not_found)?;
    Reference::changed(&transaction, city).await?;
    app.db.commit(transaction).await?;
    recompute_pending(app, city).await?;
    preview_of(&row)
}

async fn set_mark<C: ConnectionTrait>(connection: &C, mark: calendar_switch::Model) -> Result<()> {
    use calendar_switch::Column;
    let again =
        OnConflict::column(Column::JurisdictionId).update_columns([Column::PersonId, Column::UnitId, Column::Address, Column::SwitchedAt]).to_owned();
    let city = mark.jurisdiction_id;
    calendar_switch::Entity::insert(mark.into_active_model()).on_conflict(again).exec_without_returning(connection).await?;
    // Lamps turn on other days, also where no due day moves.
    let sql = "UPDATE matter SET look_on = ? WHERE jurisdiction_id = ? AND is_open AND look_on < ?";
    let values = vec![AT_ONCE.into(), city.into(), FAR.into()];
    connection.execute_raw(statement(connection.get_database_backend(), sql, values)).await?;
    Ok(())
}

/// Whether an update of the product brought another calendar than it had when it last ran here: cities that go by the shipped one are
/// then recomputed as after a switch.
pub(crate) async fn adopt_shipped(app: &App) -> Result<()> {
    let code = Edition::cn_2026().code();
    let known = shipped_calendar::Entity::find().all(app.db.read()).await?;
    if known.iter().any(|row| row.edition == code) {
        return Ok(());
    }
    let now = app.time.now();
    let transaction = app.db.begin().await?;
    // In a new installation nothing was counted by another.
    let counted_otherwise = clock::Entity::find().filter(clock::Column::Edition.ne(code)).one(&transaction).await?.is_some();
    let cities = if known.is_empty() && !counted_otherwise { Vec::new() } else { jurisdiction::Entity::find().all(&transaction).await? };
    for city in cities {
        let own = calendar_edition::Entity::find()
            .filter(calendar_edition::Column::JurisdictionId.eq(city.id))
            .filter(calendar_edition::Column::State.eq("applied"))
            .one(&transaction)
            .await?;
        if own.is_some() {
            continue;
        }
        let entry = Entry::by_nobody(city.id, "edition_applied", now, json!({ "edition": code }));
        audit::administrative_entry(&transaction, entry, "calendar").await?;
        let mark = calendar_switch::Model { jurisdiction_id: city.id, person_id: None, unit_id: None, address: None, switched_at: now };
        set_mark(&transaction, mark).await?;
    }
    shipped_calendar::Entity::delete_many().exec(&transaction).await?;
    shipped_calendar::Model { edition: code.to_owned() }.into_active_model().insert(&transaction).await?;
    app.db.commit(transaction).await
}

/// Works off the mark of a switch, if there is one. Doing it twice does nothing the second time.
pub(crate) async fn recompute_pending(app: &App, city: Uuid) -> Result<()> {
    let Some(mark) = calendar_switch::Entity::find_by_id(city).one(app.db.read()).await? else { return Ok(()) };
    let reference = Arc::new(Reference::load(&app.db, city).await?);
    for id in concerned(app, &reference.edition, city).await? {
        recompute(app, &reference, &mark, id).await?;
    }
    tell_holders(app, &reference).await?;
    // In both directions: a clock may have been set back.
    let age = (app.time.now() - mark.switched_at).abs();
    if age.to_std().is_ok_and(|age| age >= SETTLED) {
        let transaction = app.db.begin().await?;
        calendar_switch::Entity::delete_many()
            .filter(calendar_switch::Column::JurisdictionId.eq(city))
            .filter(calendar_switch::Column::SwitchedAt.eq(mark.switched_at))
            .exec(&transaction)
            .await?;
        app.db.commit(transaction).await?;
    }
    Ok(())
}

/// One matter, its event and what its holder is to be told, together.
async fn recompute(app: &App, reference: &Reference, mark: &calendar_switch::Model, id: Uuid) -> Result<()> {
    let transaction = app.db.begin().await?;
    let Some(loaded) = load::locked_for_change(&transaction, app, id).await?.filter(|loaded| loaded.matter.is_open) else { return Ok(()) };
    let state = loaded.matter.state.clone();
    let mut work = Work::on(app, &transaction, reference, loaded);
    let moved = shift(app, &reference.edition, &mut work.loaded)?;
    if moved.is_empty() {
        return Ok(());
    }
    // Who keeps the calendar takes no part in the matter and doesn't get to see it.
    work.from_outside = true;
    let told: Vec<_> = moved.iter().map(|moved| json!({ "rule": moved.rule, "old_due": moved.old, "new_due": moved.new })).collect();
    let entry = Entry {
        person_id: mark.person_id,
        unit_id: mark.unit_id,
        address: mark.address.clone(),
        from_state: Some(state.clone()),
        to_state: Some(state),
        ..Entry::by_nobody(reference.jurisdiction.id, "recompute", app.time.now(), json!({ "edition": reference.edition.code(), "moves": told }))
    };
    let rows = moved.into_iter().map(|moved| {
        calendar_move::Model {
            id: crate::ids::next(),
            jurisdiction_id: reference.jurisdiction.id,
            matter_id: id,
            rule: moved.rule,
            old_due: moved.old,
            new_due: moved.new,
        }
        .into_active_model()
    });
    calendar_move::Entity::insert_many(rows).exec_without_returning(&transaction).await?;
    let (_, change) = work.save(entry, Vec::new());
    app.db.commit(transaction).await?;
    publish(app, vec![change]);
    Ok(())
}

/// One notice for everybody who answers for moved due dates: the old and the new day of each.
async fn tell_holders(app: &App, reference: &Reference) -> Result<()> {
    let city = reference.jurisdiction.id;
    let transaction = app.db.begin().await?;
    let moves = calendar_move::Entity::find()
        .filter(calendar_move::Column::JurisdictionId.eq(city))
        .order_by_asc(calendar_move::Column::Id)
        .all(&transaction)
        .await?;
    if moves.is_empty() {
        return Ok(());
    }
    // Of two nodes that tell at once, only one takes these rows away.
    let taken =
        calendar_move::Entity::delete_many().filter(calendar_move::Column::Id.is_in(moves.iter().map(|moved| moved.id))).exec(&transaction).await?;
    if usize::try_from(taken.rows_affected).ok() != Some(moves.len()) {
        return Ok(());
    }
    let persons =
        person::Entity::find().filter(person::Column::JurisdictionId.eq(city)).filter(person::Column::Active.eq(true)).all(&transaction).await?;
    let mut told: BTreeMap<Uuid, Vec<Text>> = BTreeMap::new();
    let mut matters: BTreeMap<Uuid, (matter::Model, BTreeSet<Uuid>)> = BTreeMap::new();
    for moved in moves {
        if let std::collections::btree_map::Entry::Vacant(place) = matters.entry(moved.matter_id) {
            let Some(row) = matter::Entity::find_by_id(moved.matter_id).one(&transaction).await? else { continue };
            let desk = if row.holder_unit_id == reference.linkage_office { Role::Coordinator } else { Role::LiaisonOfficer };
            let mut receivers: BTreeSet<Uuid> = row.holder_person_id.into_iter().collect();
            let at_desk = |person: &&person::Model| Some(person.unit_id) == row.holder_unit_id && (roles_of(person).contains(&desk) || row.sealed);
            receivers.extend(persons.iter().filter(at_desk).map(|person| person.id));
            if row.sealed {
                let named = matter_person::Entity::find().filter(matter_person::Column::MatterId.eq(row.id)).all(&transaction).await?;
                receivers.retain(|person| named.iter().any(|row| row.person_id == *person));
            }
            place.insert((row, receivers));
        }
        let Some((row, receivers)) = matters.get(&moved.matter_id) else { continue };
        let (number, rule) = (row.number.clone().unwrap_or_default(), rule_name(app, &moved.rule));
        let (old, new) = (moved.old_due, moved.new_due);
        let line = t(&format!("{number} {}：{old} → {new}", rule.zh), &format!("{number} {}: {old} → {new}", rule.en));
        for person in receivers {
            told.entry(*person).or_default().push(line.clone());
        }
    }
    let code = reference.edition.code();
    let rows: Vec<_> = told
        .into_iter()
        .map(|(person_id, lines)| {
            let n = lines.len();
            let listed = |lang: fn(&Text) -> &str, between: &str| lines.iter().take(TOLD).map(lang).collect::<Vec<_>>().join(between);
            let (more_zh, more_en) = if n > TOLD { ("；等", "; and more") } else { ("", "") };
            notice::Model {
                id: crate::ids::next(),
                person_id,
                kind: "calendar".into(),
                text_zh: format!("工作日历改用{code}，您单位承办事项的{n}个时限有变：{}{more_zh}", listed(|text| &text.zh, "；")),
                text_en: format!("The calendar is now {code}; {n} due date(s) you answer for moved: {}{more_en}", listed(|text| &text.en, "; ")),
                matter_id: None,
                created_at: app.time.now(),
                read_at: None,
            }
            .into_active_model()
        })
        .collect();
    if !rows.is_empty() {
        notice::Entity::insert_many(rows).exec_without_returning(&transaction).await?;
    }
    app.db.commit(transaction).await?;
    Ok(())
}
