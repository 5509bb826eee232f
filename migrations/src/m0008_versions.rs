//! An index for what each page of a matter reads; which version of its reference data (units, calendar) a jurisdiction has, so that what
//! servers keep in memory is known to be current with the read that every request begins with.

use sea_orm_migration::prelude::*;

pub struct Versions;

impl MigrationName for Versions {
    fn name(&self) -> &str {
        "m0008_versions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Versions {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, DOWN).await
    }
}

/// All holdings of a matter: `holding_one_open` has only the open one.
const UP: &str = r"
CREATE INDEX holding_matter ON holding (matter_id);
ALTER TABLE jurisdiction ADD COLUMN reference_version {big} NOT NULL DEFAULT 0;
";

const DOWN: &str = r"
DROP INDEX holding_matter;
ALTER TABLE jurisdiction DROP COLUMN reference_version;
";
