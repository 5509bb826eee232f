//! Reference data of one jurisdiction: its units by id and code, and its calendar. Kept in memory under its version, which
//! every change counts up.

use crate::{
    calendar,
    db::{Db, statement},
    entity::{jurisdiction, unit},
    error::{Error, Result},
    state::App,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use shared::kernel::{
    api::{UnitBrief, UnitView},
    calendar::Edition,
    validate::Lookup,
};
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

pub(crate) struct Reference {
    pub jurisdiction: jurisdiction::Model,
    pub units: Vec<unit::Model>,
    by_id: HashMap<Uuid, usize>,
    by_code: HashMap<String, usize>,
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
        let linkage_office = units.iter().find(|unit| unit.linkage_office && unit.active).map(|unit| unit.id);
        let edition = calendar::in_force(connection, id).await?;
        Ok(Self { jurisdiction, units, by_id, by_code, linkage_office, edition })
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
