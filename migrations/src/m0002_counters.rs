//! Counters, facets and the columns lists sort and filter by (DESIGN.md §5.18, §8); pauses; where a person gets letters; forms as they are typed.

use sea_orm_migration::prelude::*;

pub struct Counters;

impl MigrationName for Counters {
    fn name(&self) -> &str {
        "m0002_counters"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Counters {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, UP).await
    }

    /// Not reversible, as all of the schema.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("m0002_counters is not reversible: restore a backup".into()))
    }
}

/// `9999-12-31` stands for 'no such day' where a day is part of a key or sorted by: both databases compare it like any other.
/// Rows from before are completed by the server's first round of jobs, which counts everything once.
const UP: &str = r"
ALTER TABLE matter ADD COLUMN due_sort {date} NOT NULL DEFAULT '9999-12-31';
ALTER TABLE matter ADD COLUMN yellow_on {date};
ALTER TABLE matter ADD COLUMN receipt_due_on {date};
ALTER TABLE matter ADD COLUMN on_time {bool};
ALTER TABLE matter ADD COLUMN pause {json};
UPDATE matter SET due_sort = due_on WHERE due_on IS NOT NULL;
CREATE INDEX matter_due ON matter (jurisdiction_id, due_sort, id);
CREATE INDEX matter_kind_sorted ON matter (jurisdiction_id, kind, due_sort, id);
CREATE INDEX matter_drafts ON matter (created_by, updated_at, id) WHERE state = 'draft';
ALTER TABLE matter_party ADD COLUMN todo {bool} NOT NULL DEFAULT FALSE;
ALTER TABLE matter_party ADD COLUMN due_sort {date} NOT NULL DEFAULT '9999-12-31';
UPDATE matter_party SET due_sort = due_on WHERE due_on IS NOT NULL;
UPDATE matter_party SET todo = TRUE WHERE is_open AND (holder OR asked) AND state <> 'draft';
CREATE INDEX party_todo ON matter_party (unit_id, due_sort, matter_id) WHERE todo;
CREATE INDEX party_due ON matter_party (unit_id, due_sort, matter_id);
CREATE INDEX person_named ON matter_person (person_id, matter_id);
ALTER TABLE person ADD COLUMN email text;
ALTER TABLE person ADD COLUMN email_notices {bool} NOT NULL DEFAULT FALSE;
CREATE TABLE matter_facet (
  matter_id {uuid} NOT NULL REFERENCES matter(id),
  field text NOT NULL,
  value text NOT NULL,
  jurisdiction_id {uuid} NOT NULL,
  kind text NOT NULL,
  PRIMARY KEY (matter_id, field, value)
);
CREATE INDEX facet_value ON matter_facet (jurisdiction_id, field, value, matter_id);
CREATE TABLE counter (
  jurisdiction_id {uuid} NOT NULL,
  unit_id {uuid} NOT NULL,
  kind text NOT NULL,
  state text NOT NULL,
  holder_unit_id {uuid} NOT NULL,
  flags {big} NOT NULL,
  due_on {date} NOT NULL,
  yellow_on {date} NOT NULL,
  receipt_due_on {date} NOT NULL,
  closed_month {date} NOT NULL,
  field text NOT NULL,
  value text NOT NULL,
  n {big} NOT NULL,
  PRIMARY KEY (jurisdiction_id, unit_id, field, kind, state, holder_unit_id, flags, due_on, yellow_on, receipt_due_on, closed_month, value)
);
CREATE TABLE counter_delta (
  id {uuid} NOT NULL PRIMARY KEY,
  jurisdiction_id {uuid} NOT NULL,
  unit_id {uuid} NOT NULL,
  kind text NOT NULL,
  state text NOT NULL,
  holder_unit_id {uuid} NOT NULL,
  flags {big} NOT NULL,
  due_on {date} NOT NULL,
  yellow_on {date} NOT NULL,
  receipt_due_on {date} NOT NULL,
  closed_month {date} NOT NULL,
  field text NOT NULL,
  value text NOT NULL,
  n {big} NOT NULL
);
CREATE TABLE form_draft (
  person_id {uuid} NOT NULL REFERENCES person(id),
  key text NOT NULL,
  content text NOT NULL,
  updated_at {ts} NOT NULL,
  PRIMARY KEY (person_id, key)
);
CREATE INDEX form_draft_old ON form_draft (updated_at);
CREATE INDEX delta_read ON counter_delta (jurisdiction_id, unit_id, field);
";
