//! Calendar editions of one city each, with the recomputation that is still to be done; the limits that lamps and lists go by, for
//! the matter and for each unit; clocks that have run out; asks with the rule of their due day.

use sea_orm_migration::prelude::*;

pub struct Clocks;

impl MigrationName for Clocks {
    fn name(&self) -> &str {
        "m0005_clocks"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Clocks {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, UP).await
    }

    /// Not reversible, as all of the schema.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("m0005_clocks is not reversible: restore a backup".into()))
    }
}

/// An edition of before was in force in every city: each gets its own copy, without the list of what it moved, which named the
/// matters of one. What completion was reported of stands at that report. Counters are counted anew by the server's first round of
/// jobs, which completes the new columns, too.
const UP: &str = r"
CREATE TABLE edition_of_city (
  id {uuid} NOT NULL PRIMARY KEY,
  jurisdiction_id {uuid} NOT NULL REFERENCES jurisdiction(id),
  edition text NOT NULL,
  body text NOT NULL,
  state text NOT NULL,
  moves text NOT NULL,
  created_at {ts} NOT NULL,
  applied_at {ts}
);
--sqlite
INSERT INTO edition_of_city SELECT randomblob(16), j.id, e.edition, e.body, e.state, '[]', e.created_at, e.applied_at FROM calendar_edition e CROSS JOIN jurisdiction j;
--postgres
INSERT INTO edition_of_city SELECT gen_random_uuid(), j.id, e.edition, e.body, e.state, '[]', e.created_at, e.applied_at FROM calendar_edition e CROSS JOIN jurisdiction j;
--both
DROP TABLE calendar_edition;
ALTER TABLE edition_of_city RENAME TO calendar_edition;
CREATE INDEX calendar_edition_city ON calendar_edition (jurisdiction_id, state, applied_at);
CREATE TABLE calendar_switch (
  jurisdiction_id {uuid} NOT NULL PRIMARY KEY REFERENCES jurisdiction(id),
  person_id {uuid} NOT NULL REFERENCES person(id),
  unit_id {uuid} NOT NULL REFERENCES unit(id),
  address text,
  switched_at {ts} NOT NULL
);
CREATE TABLE calendar_move (
  id {uuid} NOT NULL PRIMARY KEY,
  jurisdiction_id {uuid} NOT NULL REFERENCES jurisdiction(id),
  matter_id {uuid} NOT NULL REFERENCES matter(id),
  rule text NOT NULL,
  old_due {date} NOT NULL,
  new_due {date} NOT NULL
);
CREATE INDEX calendar_move_city ON calendar_move (jurisdiction_id);
ALTER TABLE matter ADD COLUMN limit_on {date} NOT NULL DEFAULT '9999-12-31';
ALTER TABLE matter ADD COLUMN limit_rule text;
ALTER TABLE matter ADD COLUMN reported_at {ts};
ALTER TABLE matter ADD COLUMN rated_on {date};
ALTER TABLE matter ADD COLUMN level_by_hand {bool} NOT NULL DEFAULT FALSE;
UPDATE matter SET level_by_hand = TRUE WHERE level > 0 AND EXISTS (SELECT 1 FROM event e WHERE e.matter_id = matter.id AND e.action = 'supervise');
ALTER TABLE matter_party ADD COLUMN limit_on {date} NOT NULL DEFAULT '9999-12-31';
ALTER TABLE matter_party ADD COLUMN limit_rule text;
ALTER TABLE matter_party ADD COLUMN yellow_on {date} NOT NULL DEFAULT '9999-12-31';
CREATE INDEX party_limit ON matter_party (unit_id, limit_on);
ALTER TABLE ask ADD COLUMN rule text;
CREATE INDEX ask_due ON ask (state, due_on);
ALTER TABLE clock ADD COLUMN ran_out_at {ts};
UPDATE clock SET ran_out_at = (SELECT h.escalated_at FROM handover h WHERE h.id = clock.handover_id) WHERE handover_id IS NOT NULL;
UPDATE clock SET state = 'reported', stopped_at = (SELECT MAX(e.at) FROM event e WHERE e.matter_id = clock.matter_id AND e.action = 'report_completion')
 WHERE main AND state = 'running' AND matter_id IN (SELECT m.id FROM matter m WHERE m.kind = 'work_item' AND m.state = 'accepting')
 AND EXISTS (SELECT 1 FROM event e WHERE e.matter_id = clock.matter_id AND e.action = 'report_completion');
UPDATE clock SET stopped_at = (SELECT MAX(e.at) FROM event e WHERE e.matter_id = clock.matter_id AND e.action = 'report_completion')
 WHERE main AND state = 'stopped' AND matter_id IN (SELECT m.id FROM matter m WHERE m.kind = 'work_item' AND m.state = 'closed')
 AND EXISTS (SELECT 1 FROM event e WHERE e.matter_id = clock.matter_id AND e.action = 'report_completion')
 AND (SELECT COUNT(*) FROM clock o WHERE o.matter_id = clock.matter_id AND o.main) = 1;
DROP TABLE counter;
DROP TABLE counter_delta;
CREATE TABLE counter (
  jurisdiction_id {uuid} NOT NULL,
  unit_id {uuid} NOT NULL,
  kind text NOT NULL,
  state text NOT NULL,
  holder_unit_id {uuid} NOT NULL,
  flags {big} NOT NULL,
  due_on {date} NOT NULL,
  limit_on {date} NOT NULL,
  receipt_due_on {date} NOT NULL,
  closed_month {date} NOT NULL,
  rated_month {date} NOT NULL,
  field text NOT NULL,
  value text NOT NULL,
  n {big} NOT NULL,
  PRIMARY KEY (jurisdiction_id, unit_id, field, kind, state, holder_unit_id, flags, due_on, limit_on, receipt_due_on, closed_month, rated_month, value)
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
  limit_on {date} NOT NULL,
  receipt_due_on {date} NOT NULL,
  closed_month {date} NOT NULL,
  rated_month {date} NOT NULL,
  field text NOT NULL,
  value text NOT NULL,
  n {big} NOT NULL
);
CREATE INDEX delta_read ON counter_delta (jurisdiction_id, unit_id, field);
";
