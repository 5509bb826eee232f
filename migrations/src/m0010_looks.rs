//! The day from which the system has to look at a matter by itself, so that its jobs read what is due and nothing else
//! (docs/adr/0009). What was there before is looked at once. Two indexes by which the jobs searched before are read no more.

use sea_orm_migration::prelude::*;

pub struct Looks;

impl MigrationName for Looks {
    /// An older program would change matters without saying when to look again.
    fn name(&self) -> &str {
        "m0010_looks"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Looks {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, UP).await
    }

    /// Also on SQLite: half of it could not be gone on from.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    /// Not reversible, as all of the schema.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("m0010_looks is not reversible: restore a backup".into()))
    }
}

const UP: &str = r"
ALTER TABLE matter ADD COLUMN look_on {date} NOT NULL DEFAULT '0001-01-01';
CREATE INDEX matter_look ON matter (jurisdiction_id, look_on, id) WHERE is_open;
DROP INDEX clock_running;
DROP INDEX ask_due;
";
