//! What recurs: the next period opened as a child, the matter closed after its last one. Which fields say so, and what a period is, stands
//! in the declaration ([`shared::kernel::limit`]).

use super::{
    apply::apply_in,
    clocks::{NewClock, Terms, row},
    create::{Draft, blank, next_number},
    load::Loaded,
    save::Work,
};
use crate::{
    audit::Entry,
    entity::matter,
    error::Result,
    reference::{Reference, strings},
    state::{App, Change},
    transaction::Transaction,
};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Map, Value, json};
use shared::kernel::{
    field::Input,
    kind::Kind,
    limit::{BY_DATE, Limit, Series},
    recurrence::{self, Recurrence},
    validate::TITLE_MAX,
};

type Inputs = Map<String, Value>;

/// How a matter recurs, beside what its kind says of it; none when it doesn't.
fn of(parent: &Loaded) -> Option<(&Limit, &Series, Recurrence)> {
    let (limit, series) = parent.kind.recurring()?;
    Some((limit, series, limit.recurrence_of(&parent.matter.body)?))
}

/// The next period, as a child in the hands of the unit in charge, when it isn't there yet.
pub(crate) async fn next_instance(transaction: &Transaction, app: &App, reference: &Reference, parent: &Loaded) -> Result<Vec<Change>> {
    let Some((limit, series, recurrence)) = of(parent) else { return Ok(Vec::new()) };
    let (now, today) = (app.time.now(), app.time.today());
    let Some(due) = recurrence::next(&recurrence, today).filter(|due| recurrence.reaches(*due)) else {
        return close_series(transaction, app, reference, parent).await;
    };
    let key = due.to_string();
    let exists = matter::Entity::find()
        .filter(matter::Column::ParentId.eq(parent.matter.id))
        .filter(matter::Column::InstanceKey.eq(key.clone()))
        .one(transaction)
        .await?
        .is_some();
    let unit = parent.matter.body.get(&series.unit).and_then(Value::as_str).and_then(|code| reference.unit_id(code));
    let (false, Some(unit)) = (exists, unit) else { return close_series(transaction, app, reference, parent).await };
    let label = recurrence::period_label(&recurrence, due);
    let title: String = parent.matter.title.chars().take(TITLE_MAX - label.chars().count() - 2).collect();
    let draft = Draft {
        title: format!("{title}（{label}）"),
        body: body_of(parent, limit, series, due),
        urgency: Some(parent.matter.urgency.clone()),
        domains: strings(&parent.matter.domains),
        main_task: parent.matter.main_task.clone(),
        summary: parent.matter.summary.clone(),
        not_secret: parent.matter.not_secret,
        parent: Some(parent.matter.id),
    };
    let mut row_model = blank(parent.matter.jurisdiction_id, &parent.kind, parent.matter.originator_unit_id, parent.matter.created_by, draft, now);
    row_model.state.clone_from(&series.state);
    row_model.instance_key = Some(key);
    row_model.number = Some(next_number(transaction, app, &row_model, &parent.kind.abbr).await?);
    row_model.holder_unit_id = Some(unit);
    row_model.holder_person_id = parent.matter.holder_person_id.filter(|_| parent.matter.holder_unit_id == Some(unit));
    let clock = row(
        &reference.edition,
        NewClock {
            matter_id: row_model.id,
            jurisdiction_id: row_model.jurisdiction_id,
            handover_id: None,
            rule: &series.rule,
            purpose: "matter",
            main: true,
            unit_id: None,
            terms: Terms::agreed(due),
            start: now,
        },
    )?;
    let mut work = Work::new(app, transaction, reference, Loaded::alone(parent.kind.clone(), row_model, vec![clock]));
    work.party(parent.matter.originator_unit_id).originator = true;
    work.party(unit);
    // Who oversees the whole oversees each period.
    for party in parent.parties.iter().filter(|party| party.overseer) {
        work.party(party.unit_id).overseer = true;
    }
    let entry = Entry {
        to_state: Some(series.state.clone()),
        ..Entry::by_nobody(parent.matter.jurisdiction_id, "new_period", now, json!({ "series": parent.matter.number }))
    };
    let (_, change) = work.save(entry, Vec::new());
    Ok(vec![change])
}

/// The body of a period: the whole's, due on its own day.
fn body_of(parent: &Loaded, limit: &Limit, series: &Series, due: NaiveDate) -> Inputs {
    let mut body = parent.matter.body.as_object().cloned().unwrap_or_default();
    body.retain(|name, _| limit.recurrence.as_ref() != Some(name) && !series.drops.contains(name));
    if let Some(kind) = &limit.kind {
        body.insert(kind.clone(), json!(BY_DATE));
    }
    body.insert(limit.date.clone(), json!(due.to_string()));
    body.extend(limit.recurring.iter().map(|(field, code)| (field.clone(), json!(code))));
    body
}

/// Closes a recurring matter by its own system step once its last period has ended.
pub(crate) async fn close_series(transaction: &Transaction, app: &App, reference: &Reference, parent: &Loaded) -> Result<Vec<Change>> {
    let Some((_, series, recurrence)) = of(parent) else { return Ok(Vec::new()) };
    let periods = matter::Entity::find()
        .filter(matter::Column::ParentId.eq(parent.matter.id))
        .filter(matter::Column::InstanceKey.is_not_null())
        .all(transaction)
        .await?;
    let known = |due: NaiveDate| periods.iter().any(|row| row.instance_key.as_deref() == Some(due.to_string().as_str()));
    if periods.iter().any(|row| row.is_open) || !recurrence::is_over(&recurrence, app.time.today(), known) {
        return Ok(Vec::new());
    }
    if parent.kind.step(&series.ends_by, &parent.matter.state).is_none() {
        return Ok(Vec::new());
    }
    let parent_now = Loaded::around(transaction, app, parent.matter.clone()).await?;
    apply_in(transaction, app, reference, None, parent_now, &series.ends_by, &Inputs::new()).await
}

/// What recurs in a body gets an end: its own, else that of the year of its next period; of a list's row, at the latest the list's year.
pub(crate) fn give_end(kind: &Kind, body: &mut Inputs, today: NaiveDate, (first, last): (Option<i32>, Option<i32>)) -> Result<()> {
    for field in kind.fields.iter().filter(|field| field.input == Input::Recurrence) {
        let Some(value) = body.get(&field.name).filter(|value| !value.is_null()) else { continue };
        let recurrence: Recurrence = serde_json::from_value(value.clone())?;
        let begun = first.map_or(recurrence, |year| recurrence.not_before(year, today));
        let ended = last.map_or(begun, |year| begun.within(year)).ended(today);
        body.insert(field.name.clone(), serde_json::to_value(ended)?);
    }
    Ok(())
}
