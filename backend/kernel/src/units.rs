//! Units: made, changed and closed by the system administrator.

use crate::{
    audit::{self, Author, Entry},
    entity::{matter, person, unit},
    error::{Error, Result},
    people::{check_name, check_roles},
    reference::{Reference, strings},
    scope::{Actor, roles_of},
    state::App,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect, sea_query::LockType,
};
use serde_json::json;
use shared::kernel::{api::*, problem::Code};
use uuid::Uuid;

/// A unit as the rules allow one, not yet kept.
pub(crate) fn row(app: &App, jurisdiction_id: Uuid, new: NewUnit) -> Result<unit::Model> {
    let code_valid = (3..=40).contains(&new.code.len()) && new.code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !code_valid {
        return Err(Error::field("/code", Code::Format));
    }
    let row = unit::Model {
        id: crate::ids::next(),
        jurisdiction_id,
        code: new.code,
        name: new.name,
        short_name: new.short_name,
        name_en: new.name_en,
        kind: new.kind,
        parent_code: None,
        aliases: json!(new.aliases),
        domains: json!([]),
        conference_member: new.conference_member,
        linkage_office: false,
        document_code: None,
        active: true,
    };
    check(app, &row)?;
    Ok(row)
}

/// What a unit is called and is, when it is made and when it is changed.
fn check(app: &App, unit: &unit::Model) -> Result<()> {
    if !app.code_lists.get("unit_kinds").is_some_and(|list| list.iter().any(|choice| choice.code == unit.kind)) {
        return Err(Error::field("/kind", Code::Enumeration));
    }
    for (pointer, text, max) in [("/name", &unit.name, 60), ("/short_name", &unit.short_name, 20), ("/name_en", &unit.name_en, 80)] {
        check_name(pointer, text, max)?;
    }
    for (index, alias) in strings(&unit.aliases).iter().enumerate() {
        check_name(&format!("/aliases/{index}"), alias, 60)?;
    }
    Ok(())
}

/// Keeps a new unit and the event; who is through says [`Reference::changed`]. The first justice bureau hosts the linkage office 联动办.
pub(crate) async fn insert<C: ConnectionTrait>(connection: &C, app: &App, author: Author<'_>, mut row: unit::Model) -> Result<unit::Model> {
    let same_city = || unit::Entity::find().filter(unit::Column::JurisdictionId.eq(row.jurisdiction_id));
    if same_city().filter(unit::Column::Code.eq(row.code.clone())).one(connection).await?.is_some() {
        return Err(Error::field("/code", Code::Duplicate));
    }
    if row.kind == "justice_bureau" && !row.linkage_office {
        row.linkage_office = same_city().filter(unit::Column::LinkageOffice.eq(true)).one(connection).await?.is_none();
    }
    row.clone().into_active_model().insert(connection).await?;
    let entry = author.entry("unit_created", app.time.now(), json!({ "code": row.code }));
    audit::administrative_entry(connection, entry, &row.id.to_string()).await?;
    Ok(row)
}

pub(crate) async fn create(app: &App, actor: &Actor, new: NewUnit) -> Result<UnitView> {
    let row = row(app, actor.jurisdiction_id, new)?;
    let transaction = app.db.begin().await?;
    let row = insert(&transaction, app, Author::Person(actor), row).await?;
    Reference::changed(&transaction, actor.jurisdiction_id).await?;
    app.db.commit(transaction).await?;
    Ok(Reference::view(&row))
}

pub(crate) async fn change(app: &App, actor: &Actor, code: &str, patch: UnitPatch) -> Result<UnitView> {
    let transaction = app.db.begin().await?;
    // Locked against other changes and, when it is closed, against hand-overs to it: these lock it to share.
    let before = unit::Entity::find()
        .filter(unit::Column::JurisdictionId.eq(actor.jurisdiction_id))
        .filter(unit::Column::Code.eq(code))
        .lock(LockType::NoKeyUpdate)
        .one(&transaction)
        .await?
        .ok_or_else(Error::not_found)?;
    let mut after = before.clone();
    after.name = patch.name.unwrap_or(after.name);
    after.short_name = patch.short_name.unwrap_or(after.short_name);
    after.name_en = patch.name_en.unwrap_or(after.name_en);
    after.kind = patch.kind.unwrap_or(after.kind);
    after.aliases = patch.aliases.map_or(after.aliases, |aliases| json!(aliases));
    after.conference_member = patch.conference_member.unwrap_or(after.conference_member);
    check(app, &after)?;
    if after.kind != before.kind {
        let people = person::Entity::find().filter(person::Column::UnitId.eq(before.id)).filter(person::Column::Active.eq(true));
        for person in people.all(&transaction).await? {
            check_roles(&roles_of(&person), &after.kind)?;
        }
    }
    if let Some(active) = patch.active {
        // An open matter's holder is an active unit (domain.md §7, 1).
        let held = matter::Entity::find()
            .filter(matter::Column::HolderUnitId.eq(after.id))
            .filter(matter::Column::IsOpen.eq(true))
            .count(&transaction)
            .await?;
        if !active && held > 0 {
            // How many would count those restricted to named persons, too.
            return Err(Error::problem(Code::UnitHasOpenMatters));
        }
        after.active = active;
    }
    // Locked since it was read: no other change is undone by writing all of it.
    let after = after.into_active_model().reset_all().update(&transaction).await?;
    let entry = Entry::by(
        actor,
        "unit_changed",
        app.time.now(),
        json!({
            "code": code, "name": after.name, "short_name": after.short_name, "name_en": after.name_en, "kind": after.kind,
            "aliases": after.aliases, "conference_member": after.conference_member, "active": after.active,
        }),
    );
    audit::administrative_entry(&transaction, entry, &after.id.to_string()).await?;
    Reference::changed(&transaction, actor.jurisdiction_id).await?;
    app.db.commit(transaction).await?;
    Ok(Reference::view(&after))
}
