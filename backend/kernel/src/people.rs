//! People: their accounts, roles and open matters, with the separation of three enforced here, not in the page.

use crate::{
    audit::{self, Author, Entry},
    auth, delegations,
    entity::{delegation, matter, person, person_history, unit, watch},
    error::{Error, Result},
    export,
    matter::{list, load::Loaded, save::Work},
    reference::Reference,
    scope::{Actor, roles_in, roles_of},
    state::App,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::LockType,
};
use serde_json::json;
use shared::kernel::{
    api::*,
    problem::Code,
    role::{Permission, Role, RoleConflict, role_conflict},
};
use std::collections::HashMap;
use uuid::Uuid;

pub(crate) async fn me(app: &App, reference: &Reference, actor: &Actor) -> Result<Me> {
    let today = app.time.today();
    let away = delegation::Entity::find()
        .filter(delegation::Column::DeputyId.eq(actor.person.id))
        .filter(delegation::Column::RevokedAt.is_null())
        .filter(delegation::Column::StartsOn.lte(today))
        .filter(delegation::Column::EndsOn.gte(today))
        .all(app.db.read())
        .await?;
    let persons = reference.persons(app.db.read(), away.iter().map(|row| row.person_id)).await?;
    let mut permissions: Vec<Permission> = actor.roles.iter().flat_map(|role| role.permissions()).collect();
    permissions.sort_unstable();
    permissions.dedup();
    let can_start = app.kinds.iter().filter(|kind| crate::matter::create::may_start(kind, actor)).map(|kind| kind.code.clone()).collect();
    Ok(Me {
        id: actor.person.id.into(),
        username: actor.person.username.clone(),
        name: actor.person.name.clone(),
        unit: reference.brief(actor.unit_id),
        unit_kind: actor.unit_kind.clone(),
        jurisdiction: JurisdictionBrief {
            code: reference.jurisdiction.code.clone(),
            name: reference.jurisdiction.name.clone(),
            name_en: reference.jurisdiction.name_en.clone(),
        },
        roles: actor.roles.clone(),
        permissions,
        linkage_office: actor.linkage_office,
        must_change_password: actor.person.must_change_password,
        must_set_up_totp: auth::must_set_up_totp(app, &actor.person),
        uses_totp: actor.person.totp_confirmed,
        locale: actor.person.locale.clone(),
        email: actor.person.email.clone(),
        email_notices: actor.person.email_notices,
        on_behalf_of: actor.on_behalf_of.as_ref().map(|away| list::user_brief(reference, away)),
        // The same as when acting: one unit, and still there.
        acting_for: persons
            .values()
            .filter(|person| person.active && person.unit_id == actor.person.unit_id)
            .map(|person| reference.user_brief(person))
            .collect(),
        can_start,
        today,
    })
}

/// A person as everybody of the city sees one. How far they have come and how much they have in hand is for administrators.
fn brief_view(reference: &Reference, person: &person::Model) -> UserView {
    UserView {
        id: person.id.into(),
        username: person.username.clone(),
        name: person.name.clone(),
        unit: reference.brief(person.unit_id),
        roles: roles_of(person),
        active: person.active,
        must_change_password: None,
        open_matters: None,
        proposed_roles: Vec::new(),
    }
}

fn full_view(reference: &Reference, person: &person::Model, open_matters: i64) -> UserView {
    UserView {
        must_change_password: Some(person.must_change_password),
        open_matters: Some(open_matters),
        proposed_roles: proposed_roles(person),
        ..brief_view(reference, person)
    }
}

/// How many open matters each of these persons holds; who holds none is not in it.
async fn open_matters(app: &App, persons: impl Iterator<Item = Uuid>) -> Result<HashMap<Uuid, i64>> {
    let counted: Vec<(Uuid, i64)> = matter::Entity::find()
        .select_only()
        .column(matter::Column::HolderPersonId)
        .column_as(matter::Column::Id.count(), "n")
        .filter(matter::Column::HolderPersonId.is_in(persons))
        .filter(matter::Column::IsOpen.eq(true))
        // What is sealed casts no shadow, not even in a number.
        .filter(matter::Column::Sealed.eq(false))
        .group_by(matter::Column::HolderPersonId)
        .into_tuple()
        .all(app.db.read())
        .await?;
    Ok(counted.into_iter().collect())
}

async fn administrators_view(app: &App, reference: &Reference, person: &person::Model) -> Result<UserView> {
    let open = open_matters(app, std::iter::once(person.id)).await?;
    Ok(full_view(reference, person, open.get(&person.id).copied().unwrap_or(0)))
}

pub(crate) async fn list(
    app: &App,
    reference: &Reference,
    actor: &Actor,
    unit: Option<&str>,
    q: Option<&str>,
    cursor: Option<&str>,
    limit: u64,
) -> Result<Page<UserView>> {
    let mut query =
        person::Entity::find().filter(person::Column::JurisdictionId.eq(actor.jurisdiction_id)).order_by_asc(person::Column::Id).limit(limit + 1);
    let manages = actor.may(Permission::UserManage) || actor.may(Permission::RoleAssign);
    match unit {
        Some("own") => query = query.filter(person::Column::UnitId.eq(actor.unit_id)),
        Some(code) => {
            let id = reference.unit_id(code).ok_or_else(|| Error::problem(Code::QueryInvalid))?;
            query = query.filter(person::Column::UnitId.eq(id));
        }
        None => {}
    }
    if !manages {
        query = query.filter(person::Column::Active.eq(true));
    }
    if let Some(q) = q.filter(|q| !q.trim().is_empty()) {
        query = query.filter(person::Column::Name.contains(q.trim()).or(person::Column::Username.contains(q.trim())));
    }
    if let Some(cursor) = cursor {
        query = query.filter(person::Column::Id.gt(list::decode_cursor(cursor)?.1));
    }
    let mut rows = query.all(app.db.read()).await?;
    let next_cursor = list::cut(&mut rows, limit, |row| (String::new(), row.id));
    let items = if manages {
        let open = open_matters(app, rows.iter().map(|row| row.id)).await?;
        rows.iter().map(|row| full_view(reference, row, open.get(&row.id).copied().unwrap_or(0))).collect()
    } else {
        rows.iter().map(|row| brief_view(reference, row)).collect()
    };
    Ok(Page { items, next_cursor })
}

pub(crate) fn check_roles(roles: &[Role], unit_kind: &str) -> Result<()> {
    match role_conflict(roles, unit_kind) {
        None => Ok(()),
        Some(RoleConflict::TwoAdministrations) => Err(Error::detailed(Code::RoleConflict, "two_administrations")),
        Some(RoleConflict::AdministrationWithBusiness) => Err(Error::detailed(Code::RoleConflict, "administration_with_business")),
        Some(RoleConflict::UnitKind(role)) => Err(Error::detailed(Code::RoleConflict, format!("unit_kind:{}", role.code()))),
    }
}

fn proposed_roles(person: &person::Model) -> Vec<Role> {
    person.proposed_roles.as_ref().map(roles_in).unwrap_or_default()
}

/// Separation of the three 三员分立: what a member of a request needs, by its pointer.
fn needs(actor: &Actor, pointer: &str, permission: Permission) -> Result<()> {
    if actor.may(permission) { Ok(()) } else { Err(Error::denied(pointer, permission.code())) }
}

fn role_codes(roles: &[Role]) -> serde_json::Value {
    json!(roles.iter().map(|role| role.code()).collect::<Vec<_>>())
}

/// One line of two characters at least.
pub(crate) fn check_name(pointer: &str, name: &str, max: usize) -> Result<()> {
    let fits =
        (2..=max).contains(&name.trim().chars().count()) && !shared::kernel::validate::has_control_characters(name) && !name.contains(['\n', '\r']);
    if fits { Ok(()) } else { Err(Error::field(pointer, Code::Length)) }
}

/// A person as the rules allow one, not yet kept. `hash` is of the first password, which must be changed.
pub(crate) fn person_row(app: &App, unit: &unit::Model, new: &NewUser, hash: String) -> Result<person::Model> {
    let valid = (3..=60).contains(&new.username.len()) && new.username.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if !valid {
        return Err(Error::field("/username", Code::Format));
    }
    check_name("/name", &new.name, 30)?;
    if let Some(phone) = &new.phone {
        check_name("/phone", phone, 30)?;
    }
    check_roles(&new.roles, &unit.kind)?;
    check_roles(&new.proposed_roles, &unit.kind)?;
    Ok(person::Model {
        id: crate::ids::next(),
        jurisdiction_id: unit.jurisdiction_id,
        unit_id: unit.id,
        username: new.username.clone(),
        name: new.name.trim().to_owned(),
        phone: new.phone.clone(),
        password_hash: hash,
        must_change_password: true,
        totp_secret: None,
        totp_confirmed: false,
        totp_pending: None,
        totp_step: None,
        roles: role_codes(&new.roles),
        proposed_roles: (!new.proposed_roles.is_empty()).then(|| role_codes(&new.proposed_roles)),
        locale: "zh".into(),
        active: true,
        created_at: app.time.now(),
        email: None,
        email_notices: false,
    })
}

/// Keeps a new person, the register's entry and the event; who is through says [`Reference::changed`].
pub(crate) async fn insert_person<C: ConnectionTrait>(connection: &C, author: Author<'_>, unit_code: &str, row: &person::Model) -> Result<()> {
    if person::Entity::find().filter(person::Column::Username.eq(row.username.clone())).one(connection).await?.is_some() {
        return Err(Error::field("/username", Code::UsernameTaken));
    }
    row.clone().into_active_model().insert(connection).await?;
    history(row, row.created_at).insert(connection).await?;
    let payload = json!({ "username": row.username, "unit": unit_code, "roles": row.roles, "proposed_roles": row.proposed_roles });
    let entry = author.entry("user_created", row.created_at, payload);
    audit::administrative_entry(connection, entry, &row.id.to_string()).await
}

/// A new person, without roles: who makes accounts and reads their first passwords must not say what they may do.
pub(crate) async fn create(app: &App, reference: &Reference, actor: &Actor, new: NewUser) -> Result<NewUserResponse> {
    if !new.roles.is_empty() {
        needs(actor, "/roles", Permission::RoleAssign)?;
    }
    let unit = reference.unit_by_code(&new.unit).filter(|unit| unit.active).ok_or_else(|| Error::field("/unit", Code::UnknownUnit))?;
    let password = auth::issued_password();
    let row = person_row(app, unit, &new, auth::hashed(&password).await?)?;
    let transaction = app.db.begin().await?;
    insert_person(&transaction, Author::Person(actor), &unit.code, &row).await?;
    Reference::changed(&transaction, actor.jurisdiction_id).await?;
    app.db.commit(transaction).await?;
    Ok(NewUserResponse { user: full_view(reference, &row, 0), issued_password: password })
}

pub(crate) fn history(person: &person::Model, now: chrono::DateTime<chrono::Utc>) -> person_history::ActiveModel {
    person_history::Model {
        id: crate::ids::next(),
        person_id: person.id,
        unit_id: person.unit_id,
        roles: person.roles.clone(),
        from_at: now,
        to_at: None,
    }
    .into_active_model()
}

/// Who may ask for these changes at all; what depends on the person is looked at once the row is locked.
fn may_ask(actor: &Actor, id: Uuid, patch: &UserPatch) -> Result<()> {
    use Permission::{RoleAssign, UserManage};
    if !actor.may(RoleAssign) && !actor.may(UserManage) {
        return Err(Error::problem(Code::PermissionDenied));
    }
    let asked = [
        (patch.name.is_some(), "/name", UserManage),
        (patch.unit.is_some(), "/unit", UserManage),
        (patch.active.is_some(), "/active", UserManage),
        (patch.roles.is_some(), "/roles", RoleAssign),
        (patch.reset_totp, "/reset_totp", RoleAssign),
    ];
    for (_, pointer, permission) in asked.iter().filter(|(asked, ..)| *asked) {
        needs(actor, pointer, *permission)?;
    }
    // Nobody raises, empties or switches off their own account.
    let own = id == actor.person_id();
    let of_others = [
        (patch.roles.is_some(), "/roles"),
        (patch.reset_password, "/reset_password"),
        (patch.reset_totp, "/reset_totp"),
        (patch.active.is_some(), "/active"),
    ];
    match of_others.iter().find(|(asked, _)| own && *asked) {
        Some((_, pointer)) => Err(Error::denied(*pointer, "own_account")),
        None => Ok(()),
    }
}

/// Passwords are the system administrator's to reset, one-time codes the security administrator's: with the one alone nobody becomes
/// somebody else who uses both. An administrator's password is the security administrator's to reset, and only where codes
/// still stand in the way of who reads it; their codes are reset on the command line alone.
fn may_reset(app: &App, actor: &Actor, before: &person::Model, patch: &UserPatch) -> Result<()> {
    let administrator = roles_of(before).iter().any(|role| role.is_administration());
    if patch.reset_password {
        needs(actor, "/reset_password", if administrator { Permission::RoleAssign } else { Permission::UserManage })?;
        // The demonstration's passwords are public anyway.
        if administrator && !before.totp_confirmed && !app.config.demo {
            return Err(Error::denied("/reset_password", "command_line"));
        }
    }
    if patch.reset_totp && administrator {
        return Err(Error::denied("/reset_totp", "command_line"));
    }
    Ok(())
}

/// Changes a person. Roles are the security administrator's, everything else the system administrator's.
pub(crate) async fn change(app: &App, reference: &Reference, actor: &Actor, id: Uuid, patch: UserPatch) -> Result<(UserView, Option<String>)> {
    may_ask(actor, id, &patch)?;
    // Hashed before anything is locked: Argon2 takes its time by design.
    let issued = match patch.reset_password {
        true => {
            let password = auth::issued_password();
            Some((auth::hashed(&password).await?, password))
        }
        false => None,
    };
    let transaction = app.db.begin().await?;
    let before = locked(&transaction, id).await?.filter(|person| person.jurisdiction_id == actor.jurisdiction_id).ok_or_else(Error::not_found)?;
    may_reset(app, actor, &before, &patch)?;
    let now = app.time.now();
    let mut after = before.clone();
    if let Some(code) = &patch.unit {
        after.unit_id =
            reference.unit_by_code(code).filter(|unit| unit.active).map(|unit| unit.id).ok_or_else(|| Error::field("/unit", Code::UnknownUnit))?;
    }
    let unit_kind = reference.unit(after.unit_id).map(|unit| unit.kind.clone()).unwrap_or_default();
    let moved = after.unit_id != before.unit_id;
    if moved {
        roles_stay_behind(&mut after, &unit_kind);
    }
    if let Some(roles) = &patch.roles {
        let new_administration = roles.iter().any(|role| role.is_administration() && !roles_of(&before).contains(role));
        if new_administration && before.must_change_password {
            // Whoever made the account still knows its password.
            return Err(Error::field("/roles", Code::FirstPasswordPending));
        }
        after.roles = role_codes(roles);
        after.proposed_roles = None;
    }
    if let Some(name) = patch.name {
        check_name("/name", &name, 30)?;
        after.name = name.trim().to_owned();
    }
    if let Some(active) = patch.active {
        after.active = active;
    }
    check_roles(&roles_of(&after), &unit_kind)?;
    if let Some((hash, _)) = &issued {
        after.password_hash.clone_from(hash);
        after.must_change_password = true;
    }
    if patch.reset_totp {
        (after.totp_secret, after.totp_confirmed, after.totp_pending, after.totp_step) = (None, false, None, None);
    }
    if moved || after.roles != before.roles {
        // What they did stays under the old unit: events carry it; the register shows when they moved.
        let open = person_history::Entity::find()
            .filter(person_history::Column::PersonId.eq(id))
            .filter(person_history::Column::ToAt.is_null())
            .all(&transaction)
            .await?;
        for row in open {
            let mut row = row.into_active_model();
            row.to_at = Set(Some(now));
            row.update(&transaction).await?;
        }
        history(&after, now).insert(&transaction).await?;
    }
    write_changed(&transaction, &before, &after).await?;
    if moved {
        // What they watched was their old unit's; it would only be counted.
        watch::Entity::delete_many().filter(watch::Column::PersonId.eq(id)).exec(&transaction).await?;
    }
    let left = !after.active || moved;
    let mut delegations = 0;
    if left || after.roles != before.roles {
        delegations = delegations::end_of(&transaction, id, now).await?;
        export::kept::forget(&transaction, id).await?;
    }
    if left {
        release_matters(app, &transaction, reference, actor, id).await?;
    }
    if left || issued.is_some() || patch.reset_totp || after.roles != before.roles {
        auth::end_sessions(&transaction, app, id, auth::Sessions::All).await?;
    }
    let entry = Entry::by(
        actor,
        "user_changed",
        now,
        json!({
            "username": after.username, "unit": reference.code(after.unit_id), "roles": after.roles, "proposed_roles": after.proposed_roles,
            "active": after.active, "password_reset": issued.is_some(), "totp_reset": patch.reset_totp, "delegations_ended": delegations,
        }),
    );
    audit::administrative_entry(&transaction, entry, &id.to_string()).await?;
    Reference::changed(&transaction, actor.jurisdiction_id).await?;
    app.db.commit(transaction).await?;
    Ok((administrators_view(app, reference, &after).await?, issued.map(|(_, password)| password)))
}

/// The row of a person, locked against other changes of it until the transaction ends. Always taken before the lock on the audit chain.
pub(crate) async fn locked<C: ConnectionTrait>(connection: &C, id: Uuid) -> Result<Option<person::Model>> {
    Ok(person::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(connection).await?)
}

/// Roles are of a person in a unit: moved, a person keeps none but an administration. What also exists in the new unit is
/// proposed there, for the security administrator to give.
fn roles_stay_behind(person: &mut person::Model, unit_kind: &str) {
    let (kept, left): (Vec<Role>, Vec<Role>) = roles_of(person).into_iter().partition(|role| role.is_administration());
    let mut proposed = proposed_roles(person);
    proposed.extend(left.into_iter().filter(|role| !proposed_roles(person).contains(role)));
    proposed.retain(|role| role_conflict(&[*role], unit_kind).is_none());
    person.roles = role_codes(&kept);
    person.proposed_roles = (!proposed.is_empty()).then(|| role_codes(&proposed));
}

/// Writes what differs and nothing else: what others changed meanwhile stays.
async fn write_changed<C: ConnectionTrait>(connection: &C, before: &person::Model, after: &person::Model) -> Result<()> {
    let mut row = before.clone().into_active_model();
    macro_rules! changed {
        ($($field:ident),*) => {$(
            if after.$field != before.$field {
                row.$field = Set(after.$field.clone());
            }
        )*};
    }
    changed!(unit_id, name, roles, proposed_roles, active, password_hash, must_change_password, totp_secret, totp_confirmed, totp_pending, totp_step);
    if row.is_changed() {
        row.update(connection).await?;
    }
    Ok(())
}

/// A leaving person's open matters stay with the unit, without a person, in its liaison officer's list.
async fn release_matters(app: &App, transaction: &crate::transaction::Transaction, reference: &Reference, actor: &Actor, person: Uuid) -> Result<()> {
    move_matters(app, transaction, reference, actor, person, None).await.map(|_| ())
}

/// Gives all open matters of a person to another of the same unit, or to nobody in particular. The person's row is locked: no matter
/// is assigned to them meanwhile.
async fn move_matters(
    app: &App,
    transaction: &crate::transaction::Transaction,
    reference: &Reference,
    actor: &Actor,
    from: Uuid,
    to: Option<Uuid>,
) -> Result<usize> {
    let rows = matter::Entity::find()
        .filter(matter::Column::HolderPersonId.eq(from))
        .filter(matter::Column::IsOpen.eq(true))
        .order_by_asc(matter::Column::Id)
        .lock(LockType::Update)
        .all(transaction)
        .await?;
    let count = rows.len();
    for row in rows {
        let state = row.state.clone();
        let mut work = Work::on(app, transaction, reference, Loaded::around(transaction, app, row).await?);
        work.loaded.matter.holder_person_id = to;
        let entry = Entry {
            from_state: Some(state.clone()),
            to_state: Some(state),
            ..Entry::by(actor, "matters_handed_over", app.time.now(), json!({ "from": from, "to": to }))
        };
        work.save(entry, Vec::new());
    }
    Ok(count)
}

pub(crate) async fn hand_over(app: &App, reference: &Reference, actor: &Actor, from: Uuid, to: Uuid) -> Result<usize> {
    let transaction = app.db.begin().await?;
    // Both in one order, so that two hand-overs across don't wait for each other.
    let both = person::Entity::find()
        .filter(person::Column::Id.is_in([from, to]))
        .order_by_asc(person::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(&transaction)
        .await?;
    let of = |id: Uuid| both.iter().find(|person| person.id == id);
    let leaving = of(from).filter(|person| person.jurisdiction_id == actor.jurisdiction_id).ok_or_else(Error::not_found)?;
    let own_unit = leaving.unit_id == actor.unit_id && actor.may(Permission::MatterAssign);
    if !own_unit && !actor.may(Permission::UserManage) {
        return Err(Error::problem(Code::PermissionDenied));
    }
    let same_unit = of(to).is_some_and(|person| person.active && person.unit_id == leaving.unit_id);
    if !same_unit {
        return Err(Error::field("/to", Code::UnknownUser));
    }
    let count = move_matters(app, &transaction, reference, actor, from, Some(to)).await?;
    app.db.commit(transaction).await?;
    Ok(count)
}
