//! What only one matter of a kind may have at a time (a published list's year); the counts of an import; the rest
//! of the header that every matter has (main task, summary, the word that nothing in it is secret); how often a matter was sent back
//! for rework and given a later date; exports that are found again for a day; which calendar the product shipped when it last ran, and a mark of recomputation that nobody set.

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

/// A mark lost here is set again: no shipped calendar is known yet, so that every city is recomputed once. Counters are counted anew by the server's first round of jobs: they tell reworked and extended matters apart now.
const UP: &str = r"
ALTER TABLE matter ADD COLUMN claim text;
CREATE UNIQUE INDEX matter_claim ON matter (jurisdiction_id, kind, claim) WHERE claim IS NOT NULL;
ALTER TABLE import ADD COLUMN counts text;
ALTER TABLE matter ADD COLUMN main_task text;
ALTER TABLE matter ADD COLUMN summary text;
ALTER TABLE matter ADD COLUMN not_secret {bool} NOT NULL DEFAULT false;
ALTER TABLE matter ADD COLUMN reworks {big} NOT NULL DEFAULT 0;
ALTER TABLE matter ADD COLUMN extensions {big} NOT NULL DEFAULT 0;
UPDATE matter SET reworks = (SELECT COUNT(*) FROM event e WHERE e.matter_id = matter.id AND e.action = 'return_for_rework'),
 extensions = (SELECT COUNT(*) FROM event e WHERE e.matter_id = matter.id AND e.action = 'approve_extension');
DROP TABLE calendar_switch;
CREATE TABLE calendar_switch (
  jurisdiction_id {uuid} NOT NULL PRIMARY KEY REFERENCES jurisdiction(id),
  person_id {uuid} REFERENCES person(id),
  unit_id {uuid} REFERENCES unit(id),
  address text,
  switched_at {ts} NOT NULL
);
CREATE TABLE export (
  id {uuid} NOT NULL PRIMARY KEY,
  jurisdiction_id {uuid} NOT NULL REFERENCES jurisdiction(id),
  person_id {uuid} NOT NULL REFERENCES person(id),
  unit_id {uuid} NOT NULL REFERENCES unit(id),
  query text NOT NULL,
  kind text NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
  done {big} NOT NULL DEFAULT 0,
  total {big} NOT NULL DEFAULT 0,
  problem text,
  digest text,
  size {big},
  created_at {ts} NOT NULL,
  updated_at {ts} NOT NULL,
  ended_at {ts}
);
CREATE INDEX export_person ON export (person_id, created_at);
CREATE INDEX export_digest ON export (digest) WHERE digest IS NOT NULL;
CREATE TABLE shipped_calendar (
  edition text NOT NULL PRIMARY KEY
);
DELETE FROM counter;
DELETE FROM counter_delta;
";
