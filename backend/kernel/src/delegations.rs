//! Acting for one who is away 代理: within a unit, for some days, on record.

use crate::{
    audit::{self, Entry},
    entity::{delegation, person},
    error::{Error, Result},
    reference::Reference,
    scope::{Actor, roles_of},
    state::App,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, LockType},
};
use serde_json::json;
use shared::kernel::{api::*, problem::Code};
use uuid::Uuid;

pub(crate) async fn visible(app: &App, reference: &Reference, actor: &Actor) -> Result<Vec<DelegationView>> {
    let today = app.time.today();
    let rows = delegation::Entity::find()
        .filter(delegation::Column::JurisdictionId.eq(actor.jurisdiction_id))
        .filter(delegation::Column::PersonId.eq(actor.person.id).or(delegation::Column::DeputyId.eq(actor.person.id)))
        .filter(delegation::Column::RevokedAt.is_null())
        .order_by_desc(delegation::Column::StartsOn)
        .limit(100)
        .all(app.db.read())
        .await?;
    let persons = reference.persons(app.db.read(), rows.iter().flat_map(|row| [row.person_id, row.deputy_id])).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(DelegationView {
                id: row.id.to_string(),
                person: reference.user_brief(persons.get(&row.person_id)?),
                deputy: reference.user_brief(persons.get(&row.deputy_id)?),
                starts_on: row.starts_on,
                ends_on: row.ends_on,
                active: row.starts_on <= today && today <= row.ends_on,
            })
        })
        .collect())
}

pub(crate) async fn begin(app: &App, actor: &Actor, new: NewDelegation) -> Result<()> {
    if new.ends_on < new.starts_on || new.ends_on < app.time.today() {
        return Err(Error::field("/ends_on", Code::DateOrder));
    }
    if (new.ends_on - new.starts_on).num_days() > 180 {
        return Err(Error::field("/ends_on", Code::Range));
    }
    let transaction = app.db.begin().await?;
    // Neither moves, leaves or changes roles before this is kept: their change would not see it, and it would outlive them.
    let both = person::Entity::find()
        .filter(person::Column::Id.is_in([actor.person_id(), new.deputy.0]))
        .order_by_asc(person::Column::Id)
        .lock(LockType::Share)
        .all(&transaction)
        .await?;
    let of = |id: Uuid| both.iter().find(|person| person.id == id && person.active);
    let fits = of(actor.person_id()).zip(of(new.deputy.0)).is_some_and(|(away, deputy)| {
        deputy.unit_id == away.unit_id && deputy.id != away.id && !roles_of(deputy).iter().any(|role| role.is_administration())
    });
    if !fits {
        return Err(Error::field("/deputy", Code::UnknownUser));
    }
    let row = delegation::Model {
        id: crate::ids::next(),
        jurisdiction_id: actor.jurisdiction_id,
        person_id: actor.person.id,
        deputy_id: new.deputy.0,
        starts_on: new.starts_on,
        ends_on: new.ends_on,
        revoked_at: None,
    };
    row.into_active_model().insert(&transaction).await?;
    let entry = Entry::by(actor, "delegated", app.time.now(), json!({ "deputy": new.deputy, "from": new.starts_on, "to": new.ends_on }));
    audit::administrative_entry(&transaction, entry, &actor.person.id.to_string()).await?;
    app.db.commit(transaction).await?;
    Ok(())
}

pub(crate) async fn end(app: &App, actor: &Actor, id: Uuid) -> Result<()> {
    let transaction = app.db.begin().await?;
    let row =
        delegation::Entity::find_by_id(id).one(&transaction).await?.filter(|row| row.person_id == actor.person.id).ok_or_else(Error::not_found)?;
    let mut row = row.into_active_model();
    row.revoked_at = Set(Some(app.time.now()));
    row.update(&transaction).await?;
    audit::administrative_entry(
        &transaction,
        Entry::by(actor, "delegation_ended", app.time.now(), json!({ "id": id })),
        &actor.person.id.to_string(),
    )
    .await?;
    app.db.commit(transaction).await?;
    Ok(())
}

/// A deputy is one within a unit and a role: with either gone, of the deputy or of who is away, it ends.
pub(crate) async fn end_of<C: ConnectionTrait>(connection: &C, person: Uuid, now: chrono::DateTime<chrono::Utc>) -> Result<u64> {
    let done = delegation::Entity::update_many()
        .col_expr(delegation::Column::RevokedAt, Expr::value(now))
        .filter(delegation::Column::RevokedAt.is_null())
        .filter(delegation::Column::PersonId.eq(person).or(delegation::Column::DeputyId.eq(person)))
        .exec(connection)
        .await?;
    Ok(done.rows_affected)
}
