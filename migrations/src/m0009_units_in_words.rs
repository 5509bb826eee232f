//! Among the words of a matter are the units that are party to it: a unit's search looks among its own. Positions of words are not asked
//! for. An index by which a unit's matters are read from the newest.

use sea_orm_migration::prelude::*;

pub struct UnitsInWords;

impl MigrationName for UnitsInWords {
    fn name(&self) -> &str {
        "m0009_units_in_words"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for UnitsInWords {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, UP).await
    }

    /// Also on SQLite: half of it could not be gone on from.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    /// Not reversible, as all of the schema.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("m0009_units_in_words is not reversible: restore a backup".into()))
    }
}

const UP: &str = r"
CREATE INDEX party_newest ON matter_party (unit_id, matter_id);
--sqlite
UPDATE matter_text SET words = words || coalesce((SELECT group_concat(' u' || lower(hex(p.unit_id)), '') FROM matter_text_row r JOIN matter_party p ON p.matter_id = r.matter_id WHERE r.row = matter_text.rowid), '');
--postgres
UPDATE matter_text t SET words = strip(t.words) || coalesce((SELECT array_to_tsvector(array_agg('u' || replace(CAST(p.unit_id AS text), '-', ''))) FROM matter_party p WHERE p.matter_id = t.matter_id), CAST('' AS tsvector));
--both
";
