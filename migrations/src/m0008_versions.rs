//! Which version of its reference data (units, calendar) a jurisdiction has, so that what servers keep in memory is known to be current
//! with the read that every request begins with. Indexes for what was found by reading a whole table. SQLite's search index names its
//! rows by number: a text in it can't be looked up.

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

    /// Also on SQLite: half of it could not be gone on from.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    /// Not reversible, as all of the schema.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("m0008_versions is not reversible: restore a backup".into()))
    }
}

/// `holding_one_open` has only the open holding of a matter.
const UP: &str = r"
ALTER TABLE jurisdiction ADD COLUMN reference_version {big} NOT NULL DEFAULT 0;
CREATE INDEX holding_matter ON holding (matter_id);
CREATE INDEX attachment_digest ON attachment (digest);
CREATE INDEX delegation_city ON delegation (jurisdiction_id, ends_on);
CREATE INDEX person_city ON person (jurisdiction_id, username);
CREATE INDEX export_state ON export (state, created_at);
CREATE INDEX export_created ON export (created_at);
--sqlite
CREATE TABLE matter_text_row (row integer NOT NULL PRIMARY KEY, matter_id blob NOT NULL UNIQUE REFERENCES matter(id));
INSERT INTO matter_text_row (row, matter_id) SELECT t.rowid, m.id FROM matter_text t JOIN matter m ON m.id = unhex(replace(t.matter_id, '-', ''));
CREATE VIRTUAL TABLE matter_words USING fts5 (words);
INSERT INTO matter_words (rowid, words) SELECT r.row, t.words FROM matter_text_row r JOIN matter_text t ON t.rowid = r.row;
DROP TABLE matter_text;
ALTER TABLE matter_words RENAME TO matter_text;
--both
";
