//! Reference data of one jurisdiction: its units, who is in them, and its calendar. Kept in memory under its version, which
//! every change counts up.

use crate::{
    calendar,
    db::{Db, statement},
    entity::{jurisdiction, person, unit},
    error::{Error, Result},
    scope::roles_in,
    state::App,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DerivePartialModel, EntityTrait, QueryFilter, QueryOrder};
use shared::kernel::{
    api::{UnitBrief, UnitView, UserBrief},
    calendar::Edition,
    role::Role,
    validate::Lookup,
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use uuid::Uuid;

/// What others need to know of a person: the name, where and as what they work, and where letters go.
#[derive(Debug, Clone, DerivePartialModel, serde::Deserialize)]
#[sea_orm(entity = "person::Entity")]
pub(crate) struct Colleague {
    pub id: Uuid,
    pub unit_id: Uuid,
    pub name: String,
    roles: serde_json::Value,
    pub active: bool,
    pub locale: String,
    email: Option<String>,
    email_notices: bool,
}

impl Colleague {
    fn has_one_of(&self, roles: &[Role]) -> bool {
        roles_in(&self.roles).iter().any(|role| roles.contains(role))
    }

    /// Where notices go as letters, if they are to.
    pub(crate) fn letters_to(&self) -> Option<&str> {
        self.email.as_deref().filter(|_| self.email_notices && self.active)
    }
}

pub(crate) struct Reference {
    pub jurisdiction: jurisdiction::Model,
    pub units: Vec<unit::Model>,
    by_id: HashMap<Uuid, usize>,
    by_code: HashMap<String, usize>,
    /// Also those who left: history names them.
    people: HashMap<Uuid, Colleague>,
    /// The unit that hosts the linkage office 联动办.
    pub linkage_office: Option<Uuid>,
    /// The calendar in force here.
    pub edition: Arc<Edition>,
}

impl Reference {
    pub(crate) async fn load(db: &Db, id: Uuid) -> Result<Self> {
        Self::load_from(db.read(), id).await
    }

    /// Says, in the transaction that changes it, that what is kept of a jurisdiction's reference data is old.
    pub(crate) async fn changed<C: ConnectionTrait>(connection: &C, id: Uuid) -> Result<()> {
        let sql = "UPDATE jurisdiction SET reference_version = reference_version + 1 WHERE id = ?";
        connection.execute_raw(statement(connection.get_database_backend(), sql, vec![id.into()])).await?;
        Ok(())
    }

    /// As a transaction sees it.
    pub(crate) async fn load_from<C: ConnectionTrait>(connection: &C, id: Uuid) -> Result<Self> {
        // First, so that the rest is of this version or newer: never older.
        let jurisdiction = jurisdiction::Entity::find_by_id(id).one(connection).await?.ok_or_else(Error::not_found)?;
        // As they were made (ids of version 7), which is the order of the city's own list: that of protocol, not of an alphabet.
        let units = unit::Entity::find().filter(unit::Column::JurisdictionId.eq(id)).order_by_asc(unit::Column::Id).all(connection).await?;
        let by_id = units.iter().enumerate().map(|(index, unit)| (unit.id, index)).collect();
        let by_code = units.iter().enumerate().map(|(index, unit)| (unit.code.clone(), index)).collect();
        let people = person::Entity::find().filter(person::Column::JurisdictionId.eq(id)).into_partial_model::<Colleague>().all(connection).await?;
        let people = people.into_iter().map(|person| (person.id, person)).collect();
        let linkage_office = units.iter().find(|unit| unit.linkage_office && unit.active).map(|unit| unit.id);
        let edition = calendar::in_force(connection, id).await?;
        Ok(Self { jurisdiction, units, by_id, by_code, people, linkage_office, edition })
    }

    pub(crate) fn unit(&self, id: Uuid) -> Option<&unit::Model> {
        self.by_id.get(&id).and_then(|index| self.units.get(*index))
    }

    pub(crate) fn unit_by_code(&self, code: &str) -> Option<&unit::Model> {
        self.by_code.get(code).and_then(|index| self.units.get(*index))
    }

    pub(crate) fn unit_id(&self, code: &str) -> Option<Uuid> {
        self.unit_by_code(code).map(|unit| unit.id)
    }

    pub(crate) fn code(&self, id: Uuid) -> String {
        self.unit(id).map(|unit| unit.code.clone()).unwrap_or_default()
    }

    pub(crate) fn person(&self, id: Uuid) -> Option<&Colleague> {
        self.people.get(&id)
    }

    pub(crate) fn user_brief(&self, person: &Colleague) -> UserBrief {
        UserBrief { id: person.id.into(), name: person.name.clone(), unit: self.brief(person.unit_id) }
    }

    /// Persons by id. Who was made after this was read is looked up.
    pub(crate) async fn persons<C: ConnectionTrait>(&self, read: &C, ids: impl Iterator<Item = Uuid>) -> Result<HashMap<Uuid, Colleague>> {
        let ids: BTreeSet<Uuid> = ids.collect();
        let (known, new): (Vec<Uuid>, Vec<Uuid>) = ids.into_iter().partition(|id| self.people.contains_key(id));
        let mut persons: HashMap<Uuid, Colleague> = known.into_iter().filter_map(|id| Some((id, self.person(id)?.clone()))).collect();
        if !new.is_empty() {
            let rows = person::Entity::find().filter(person::Column::Id.is_in(new)).into_partial_model::<Colleague>().all(read).await?;
            persons.extend(rows.into_iter().map(|person| (person.id, person)));
        }
        Ok(persons)
    }

    /// Who is active in some units with one of some roles.
    pub(crate) fn persons_of(&self, units: &[Uuid], roles: &[Role]) -> Vec<Uuid> {
        let theirs = self.people.values().filter(|person| person.active && units.contains(&person.unit_id) && person.has_one_of(roles));
        theirs.map(|person| person.id).collect()
    }

    /// Short and English name; an unknown id gives empty names rather than an error, since history outlives units.
    pub(crate) fn brief(&self, id: Uuid) -> UnitBrief {
        self.unit(id).map_or_else(
            || UnitBrief { code: String::new(), short_name: "—".into(), name_en: "—".into() },
            |unit| UnitBrief { code: unit.code.clone(), short_name: unit.short_name.clone(), name_en: unit.name_en.clone() },
        )
    }

    pub(crate) fn view(unit: &unit::Model) -> UnitView {
        UnitView {
            id: unit.id.into(),
            code: unit.code.clone(),
            name: unit.name.clone(),
            short_name: unit.short_name.clone(),
            name_en: unit.name_en.clone(),
            kind: unit.kind.clone(),
            aliases: strings(&unit.aliases),
            domains: strings(&unit.domains),
            conference_member: unit.conference_member,
            linkage_office: unit.linkage_office,
            active: unit.active,
        }
    }
}

pub(crate) fn strings(json: &serde_json::Value) -> Vec<String> {
    json.as_array().map(|items| items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()).unwrap_or_default()
}

/// Answers of the reference data to validation.
pub(crate) struct Known<'a> {
    pub app: &'a App,
    pub reference: &'a Reference,
}

impl Lookup for Known<'_> {
    fn unit_exists(&self, code: &str) -> bool {
        self.reference.unit_by_code(code).is_some_and(|unit| unit.active)
    }
    fn in_code_list(&self, list: &str, code: &str) -> bool {
        self.app.code_lists.get(list).is_some_and(|choices| choices.iter().any(|choice| choice.code == code))
    }
}
