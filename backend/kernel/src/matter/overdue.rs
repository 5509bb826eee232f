//! What happens when time is over: a clock runs out, an ask gets no answer. Who owes the act that ends a clock, and whether the system
//! takes a step, is declared by the kind; here is what follows for all of them.
//!
//! The mark that it has happened is written in one transaction with what follows, under the matter's lock: a crash loses nothing, and of
//! two nodes one does it.

use super::{
    apply::{apply_in, publish},
    clocks,
    load::{self, Loaded},
    save::Work,
};
use crate::{
    audit::Entry,
    entity::{ask, clock},
    error::Result,
    notice,
    reference::Reference,
    state::App,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::{Map, Value, json};
use shared::kernel::{
    kind::{Audience, Kind},
    role::Role,
    text::{Text, t},
};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Whether something follows when this clock runs out, and has not yet.
pub(super) fn has_consequence(kind: &Kind, clock: &clock::Model) -> bool {
    // Of the main clock it is the level.
    clock.state == "running" && clock.ran_out_at.is_none() && !(clock.main && kind.has_levels())
}

/// Clocks of a matter that have run out and had no consequence yet.
pub(super) async fn run_out(app: &App, reference: &Reference, loaded: &Loaded) -> Result<()> {
    let (now, today) = (app.time.now(), app.time.today());
    let mut outcome = Ok(());
    for clock in loaded.clocks.iter().filter(|clock| has_consequence(&loaded.kind, clock) && clocks::past(clock, now, today)) {
        // One that can't be dealt with must not keep all others.
        outcome = outcome.and(one_out(app, reference, clock).await);
    }
    outcome
}

async fn one_out(app: &App, reference: &Reference, seen: &clock::Model) -> Result<()> {
    let (now, today) = (app.time.now(), app.time.today());
    let transaction = app.db.begin().await?;
    let Some(mut loaded) = load::locked_for_change(&transaction, app, seen.matter_id).await?.filter(|loaded| loaded.matter.is_open) else {
        return Ok(());
    };
    let kind = loaded.kind.clone();
    let state = loaded.matter.state.clone();
    let still = |clock: &&mut clock::Model| clock.id == seen.id && has_consequence(&kind, clock);
    let Some(clock) = loaded.clocks.iter_mut().find(still).filter(|clock| clocks::past(clock, now, today)) else { return Ok(()) };
    clock.ran_out_at = Some(now);
    let clock = clock.clone();
    clock::Entity::update_many().col_expr(clock::Column::RanOutAt, Expr::value(now)).filter(clock::Column::Id.eq(seen.id)).exec(&transaction).await?;
    let declared = kind.clock(&clock.rule);
    let changes = match &declared.takes {
        Some(action) => {
            // The step's effect notes the silence; what was received or told meanwhile needs no more.
            let told = |id: Uuid| loaded.handovers.iter().any(|row| row.id == id && (row.escalated_at.is_some() || row.state != "sent"));
            if clock.handover_id.is_some_and(told) {
                app.db.commit(transaction).await?;
                return Ok(());
            }
            apply_in(&transaction, app, reference, None, loaded, action, &Map::new()).await?
        }
        None => {
            let work = Work::on(app, &transaction, reference, loaded);
            let owing = clocks::debtor(reference, &work.loaded, &clock);
            let told = told(&work, owing);
            let name = app.rules.get(&clock.rule).map_or_else(|| t(&clock.rule, &clock.rule), |rule| t(&rule.zh, &rule.en));
            let (title, due) = (&work.loaded.matter.title, clock.due_on);
            let text = t(
                &format!("“{}”时限{due}届满，尚未办理：「{title}」", name.zh),
                &format!("“{}” ran out on {due} and is still to be done: “{title}”", name.en),
            );
            let notices = vec![new("clock_ran_out", declared.tell.clone(), told, text)];
            let payload = json!({ "rule": clock.rule, "due": due, "unit": owing.map(|unit| reference.code(unit)) });
            let entry = by_system(reference, "clock_ran_out", app, &state, payload);
            vec![work.save(entry, notices).1]
        }
    };
    app.db.commit(transaction).await?;
    publish(app, changes);
    Ok(())
}

/// Desk and head of the unit that owes an act, and the person it was assigned to.
fn told(work: &Work<'_>, unit: Option<Uuid>) -> Vec<Uuid> {
    let Some(unit) = unit else { return Vec::new() };
    let desk = if work.reference.linkage_office == Some(unit) { Role::Coordinator } else { Role::LiaisonOfficer };
    let mut persons = work.reference.persons_of(&[unit], &[desk, Role::UnitHead]);
    persons.extend(work.loaded.matter.holder_person_id.filter(|_| work.loaded.matter.holder_unit_id == Some(unit)));
    persons
}

fn new(kind: &str, audience: Vec<Audience>, persons: Vec<Uuid>, text: Text) -> notice::New {
    notice::New { audience, persons, kind: kind.into(), text, watchers: true, except: Vec::new() }
}

fn by_system<'a>(reference: &Reference, action: &'a str, app: &App, state: &str, payload: Value) -> Entry<'a> {
    Entry {
        from_state: Some(state.to_owned()),
        to_state: Some(state.to_owned()),
        ..Entry::by_nobody(reference.jurisdiction.id, action, app.time.now(), payload)
    }
}

/// Asks whose day is past: silence lapses, is shown as silence, and is told to the silent unit and to who waits for it.
pub(super) async fn lapse(app: &App, reference: &Reference, seen: &Loaded) -> Result<()> {
    let today = app.time.today();
    let is_silent = |ask: &ask::Model| ask.state == "open" && ask.due_on.is_some_and(|due| due < today);
    if !seen.asks.iter().any(is_silent) {
        return Ok(());
    }
    let transaction = app.db.begin().await?;
    let locked = load::locked_for_change(&transaction, app, seen.matter.id).await?;
    let Some(loaded) = locked.filter(|loaded| loaded.matter.is_open) else { return Ok(()) };
    let state = loaded.matter.state.clone();
    let mut work = Work::on(app, &transaction, reference, loaded);
    let mut silent: BTreeSet<Uuid> = BTreeSet::new();
    for ask in work.loaded.asks.iter_mut().filter(|ask| is_silent(ask)) {
        ask.state = "lapsed".into();
        silent.insert(ask.unit_id);
    }
    if silent.is_empty() {
        return Ok(());
    }
    let title = work.loaded.matter.title.clone();
    let mut units = Vec::new();
    for unit in &silent {
        units.extend(told(&work, Some(*unit)));
    }
    let names = |name: fn(&shared::kernel::api::UnitBrief) -> String, between: &str| {
        silent.iter().map(|unit| name(&reference.brief(*unit))).collect::<Vec<_>>().join(between)
    };
    let to_them = t(
        &format!("反馈期限已过，本单位逾期未反馈（不视为同意）：「{title}」"),
        &format!("The time to answer is over; your unit did not (silence is no consent): “{title}”"),
    );
    let to_who_waits = t(
        &format!("{}逾期未反馈（不视为同意）：「{title}」", names(|unit| unit.short_name.clone(), "、")),
        &format!("No answer in time (silence is no consent) from {}: “{title}”", names(|unit| unit.name_en.clone(), ", ")),
    );
    let waiting = new("asks_lapsed", vec![Audience::Holder, Audience::LinkageOffice], Vec::new(), to_who_waits);
    let notices =
        vec![notice::New { watchers: false, ..new("ask_lapsed", Vec::new(), units.clone(), to_them) }, notice::New { except: units, ..waiting }];
    let codes: Vec<String> = silent.iter().map(|unit| reference.code(*unit)).collect();
    let entry = by_system(reference, "asks_lapsed", app, &state, json!({ "units": codes }));
    let (_, change) = work.save(entry, notices);
    app.db.commit(transaction).await?;
    publish(app, vec![change]);
    Ok(())
}
