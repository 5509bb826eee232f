//! Facets have one spelling: 工作方案二(一) and 工作方案二（一） are one clause. They are written and counted anew by the server's first
//! round of jobs, as after any change of what is counted.

use sea_orm_migration::prelude::*;

pub struct Spelling;

impl MigrationName for Spelling {
    fn name(&self) -> &str {
        "m0007_spelling"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Spelling {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, UP).await
    }

    /// Not reversible, as all of the schema.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("m0007_spelling is not reversible: restore a backup".into()))
    }
}

const UP: &str = r"
DELETE FROM counter;
DELETE FROM counter_delta;
";
