//! What only one matter of a kind may have at a time (a published list's year); the counts of an import; the rest
//! of the header that every matter has (main task, summary, the word that nothing in it is secret).

use sea_orm_migration::prelude::*;

pub struct Lists;

impl MigrationName for Lists {
    fn name(&self) -> &str {
        "m0006_lists"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Lists {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, UP).await
    }

    /// Not reversible, as all of the schema.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("m0006_lists is not reversible: restore a backup".into()))
    }
}

const UP: &str = r"
ALTER TABLE matter ADD COLUMN claim text;
CREATE UNIQUE INDEX matter_claim ON matter (jurisdiction_id, kind, claim) WHERE claim IS NOT NULL;
ALTER TABLE import ADD COLUMN counts text;
ALTER TABLE matter ADD COLUMN main_task text;
ALTER TABLE matter ADD COLUMN summary text;
ALTER TABLE matter ADD COLUMN not_secret {bool} NOT NULL DEFAULT false;
";
