//! Answers kept for an `Idempotency-Key` with the headers that belong to them (DESIGN.md §5.7), and their age.

use sea_orm_migration::prelude::*;

pub struct KeptAnswers;

impl MigrationName for KeptAnswers {
    fn name(&self) -> &str {
        "m0003_kept_answers"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for KeptAnswers {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, UP).await
    }

    /// Not reversible, as all of the schema.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("m0003_kept_answers is not reversible: restore a backup".into()))
    }
}

const UP: &str = r"
ALTER TABLE idempotency ADD COLUMN etag text;
ALTER TABLE idempotency ADD COLUMN location text;
CREATE INDEX idempotency_age ON idempotency (created_at);
";
