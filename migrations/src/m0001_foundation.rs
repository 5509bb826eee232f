//! The first schema: people and units, matters with parties, clocks, hand-overs and asks, events and seals, notices, outbox.

use sea_orm_migration::prelude::*;

pub struct Foundation;

impl MigrationName for Foundation {
    fn name(&self) -> &str {
        "m0001_foundation"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Foundation {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, UP).await
    }

    /// Not reversible: going back would destroy the history the product exists to keep. Restore a backup instead.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("m0001_foundation is not reversible: restore a backup".into()))
    }
}

const UP: &str = r"
CREATE TABLE jurisdiction (
  id {uuid} NOT NULL PRIMARY KEY,
  code text NOT NULL UNIQUE,
  name text NOT NULL,
  name_en text NOT NULL,
  time_zone text NOT NULL
);
CREATE TABLE unit (
  id {uuid} NOT NULL PRIMARY KEY,
  jurisdiction_id {uuid} NOT NULL REFERENCES jurisdiction(id),
  code text NOT NULL,
  name text NOT NULL,
  short_name text NOT NULL,
  name_en text NOT NULL,
  kind text NOT NULL,
  parent_code text,
  aliases {json} NOT NULL,
  domains {json} NOT NULL,
  conference_member {bool} NOT NULL,
  linkage_office {bool} NOT NULL,
  document_code text,
  active {bool} NOT NULL,
  UNIQUE (jurisdiction_id, code)
);
CREATE TABLE person (
  id {uuid} NOT NULL PRIMARY KEY,
  jurisdiction_id {uuid} NOT NULL REFERENCES jurisdiction(id),
  unit_id {uuid} NOT NULL REFERENCES unit(id),
  username text NOT NULL UNIQUE,
  name text NOT NULL,
  phone text,
  password_hash text NOT NULL,
  must_change_password {bool} NOT NULL,
  totp_secret text,
  totp_confirmed {bool} NOT NULL,
  roles {json} NOT NULL,
  locale text NOT NULL,
  active {bool} NOT NULL,
  created_at {ts} NOT NULL
);
CREATE INDEX person_unit ON person (unit_id);
CREATE TABLE person_history (
  id {uuid} NOT NULL PRIMARY KEY,
  person_id {uuid} NOT NULL REFERENCES person(id),
  unit_id {uuid} NOT NULL REFERENCES unit(id),
  roles {json} NOT NULL,
  from_at {ts} NOT NULL,
  to_at {ts}
);
CREATE TABLE delegation (
  id {uuid} NOT NULL PRIMARY KEY,
  jurisdiction_id {uuid} NOT NULL REFERENCES jurisdiction(id),
  person_id {uuid} NOT NULL REFERENCES person(id),
  deputy_id {uuid} NOT NULL REFERENCES person(id),
  starts_on {date} NOT NULL,
  ends_on {date} NOT NULL,
  revoked_at {ts}
);
CREATE INDEX delegation_deputy ON delegation (deputy_id);
CREATE TABLE session (
  id {uuid} NOT NULL PRIMARY KEY,
  person_id {uuid} NOT NULL REFERENCES person(id),
  token_digest text NOT NULL,
  previous_digest text,
  started_at {ts} NOT NULL,
  used_at {ts} NOT NULL,
  expires_at {ts} NOT NULL,
  revoked_at {ts},
  address text,
  agent text
);
CREATE INDEX session_person ON session (person_id);
CREATE INDEX session_digest ON session (token_digest);
CREATE INDEX session_previous ON session (previous_digest);
CREATE TABLE sign_in_attempt (
  username text NOT NULL,
  address text NOT NULL,
  failures {big} NOT NULL,
  blocked_until {ts},
  PRIMARY KEY (username, address)
);
CREATE TABLE calendar_edition (
  id {uuid} NOT NULL PRIMARY KEY,
  edition text NOT NULL,
  body text NOT NULL,
  state text NOT NULL,
  moves text NOT NULL,
  created_at {ts} NOT NULL,
  applied_at {ts}
);
CREATE TABLE matter (
  id {uuid} NOT NULL PRIMARY KEY,
  jurisdiction_id {uuid} NOT NULL REFERENCES jurisdiction(id),
  kind text NOT NULL,
  number text,
  title text NOT NULL,
  body {json} NOT NULL,
  state text NOT NULL,
  is_open {bool} NOT NULL,
  urgency text NOT NULL,
  domains {json} NOT NULL,
  sealed {bool} NOT NULL,
  level {big} NOT NULL,
  originator_unit_id {uuid} NOT NULL REFERENCES unit(id),
  created_by {uuid} NOT NULL REFERENCES person(id),
  holder_unit_id {uuid} REFERENCES unit(id),
  holder_person_id {uuid} REFERENCES person(id),
  holder_since {ts},
  parent_id {uuid} REFERENCES matter(id),
  instance_key text,
  due_on {date},
  due_provisional {bool} NOT NULL,
  main_start_on {date},
  extended_days {big} NOT NULL,
  extension {json},
  paused_reason text,
  before_handover text,
  refusals {big} NOT NULL,
  last_urged_at {ts},
  urges {big} NOT NULL,
  version {big} NOT NULL,
  event_seq {big} NOT NULL,
  event_hash text NOT NULL,
  created_at {ts} NOT NULL,
  updated_at {ts} NOT NULL,
  closed_at {ts},
  UNIQUE (jurisdiction_id, number),
  CONSTRAINT one_holder_while_open CHECK (is_open = (holder_unit_id IS NOT NULL)),
  CONSTRAINT person_in_holder CHECK (holder_person_id IS NULL OR holder_unit_id IS NOT NULL)
);
CREATE INDEX matter_kind_due ON matter (jurisdiction_id, kind, is_open, due_on, id);
CREATE INDEX matter_updated ON matter (jurisdiction_id, updated_at, id);
CREATE INDEX matter_holder ON matter (holder_unit_id, is_open, due_on);
CREATE INDEX matter_parent ON matter (parent_id);
CREATE UNIQUE INDEX matter_instance ON matter (parent_id, instance_key) WHERE instance_key IS NOT NULL;
CREATE TABLE holding (
  id {uuid} NOT NULL PRIMARY KEY,
  matter_id {uuid} NOT NULL REFERENCES matter(id),
  unit_id {uuid} NOT NULL REFERENCES unit(id),
  from_at {ts} NOT NULL,
  to_at {ts}
);
CREATE UNIQUE INDEX holding_one_open ON holding (matter_id) WHERE to_at IS NULL;
CREATE INDEX holding_unit ON holding (unit_id, from_at);
CREATE TABLE matter_party (
  matter_id {uuid} NOT NULL REFERENCES matter(id),
  unit_id {uuid} NOT NULL REFERENCES unit(id),
  originator {bool} NOT NULL,
  holder {bool} NOT NULL,
  co_handler {bool} NOT NULL,
  copied {bool} NOT NULL,
  overseer {bool} NOT NULL,
  asked {bool} NOT NULL,
  acted {bool} NOT NULL,
  kind text NOT NULL,
  state text NOT NULL,
  is_open {bool} NOT NULL,
  due_on {date},
  updated_at {ts} NOT NULL,
  PRIMARY KEY (matter_id, unit_id)
);
CREATE INDEX party_box ON matter_party (unit_id, is_open, due_on, matter_id);
CREATE INDEX party_updated ON matter_party (unit_id, updated_at, matter_id);
CREATE TABLE matter_person (
  matter_id {uuid} NOT NULL REFERENCES matter(id),
  person_id {uuid} NOT NULL REFERENCES person(id),
  PRIMARY KEY (matter_id, person_id)
);
CREATE TABLE watch (
  matter_id {uuid} NOT NULL REFERENCES matter(id),
  person_id {uuid} NOT NULL REFERENCES person(id),
  PRIMARY KEY (matter_id, person_id)
);
CREATE TABLE handover (
  id {uuid} NOT NULL PRIMARY KEY,
  matter_id {uuid} NOT NULL REFERENCES matter(id),
  from_unit_id {uuid} NOT NULL REFERENCES unit(id),
  to_unit_id {uuid} NOT NULL REFERENCES unit(id),
  state text NOT NULL,
  refusable {bool} NOT NULL,
  sent_at {ts} NOT NULL,
  refuse_until {date} NOT NULL,
  ended_at {ts},
  escalated_at {ts},
  reason_code text,
  reason_text text,
  suggested_unit_id {uuid} REFERENCES unit(id)
);
CREATE UNIQUE INDEX handover_one_sent ON handover (matter_id) WHERE state = 'sent';
CREATE INDEX handover_matter ON handover (matter_id, sent_at);
CREATE TABLE clock (
  id {uuid} NOT NULL PRIMARY KEY,
  jurisdiction_id {uuid} NOT NULL REFERENCES jurisdiction(id),
  matter_id {uuid} NOT NULL REFERENCES matter(id),
  handover_id {uuid} REFERENCES handover(id),
  rule text NOT NULL,
  purpose text NOT NULL,
  main {bool} NOT NULL,
  state text NOT NULL,
  unit_id {uuid} REFERENCES unit(id),
  request text NOT NULL,
  starts_on {date} NOT NULL,
  due_on {date} NOT NULL,
  due_at {ts},
  provisional {bool} NOT NULL,
  edition text NOT NULL,
  stopped_at {ts}
);
CREATE INDEX clock_matter ON clock (matter_id);
CREATE INDEX clock_running ON clock (jurisdiction_id, state, due_on);
CREATE TABLE ask (
  id {uuid} NOT NULL PRIMARY KEY,
  matter_id {uuid} NOT NULL REFERENCES matter(id),
  unit_id {uuid} NOT NULL REFERENCES unit(id),
  action text NOT NULL,
  state text NOT NULL,
  due_on {date},
  answer {json},
  answered_by {uuid} REFERENCES person(id),
  answered_at {ts},
  created_at {ts} NOT NULL
);
CREATE INDEX ask_matter ON ask (matter_id);
CREATE INDEX ask_unit ON ask (unit_id, state);
CREATE TABLE matter_link (
  id {uuid} NOT NULL PRIMARY KEY,
  from_id {uuid} NOT NULL REFERENCES matter(id),
  to_id {uuid} NOT NULL REFERENCES matter(id),
  relation text NOT NULL,
  created_by {uuid} NOT NULL REFERENCES person(id),
  created_at {ts} NOT NULL,
  UNIQUE (from_id, to_id, relation)
);
CREATE INDEX link_to ON matter_link (to_id);
CREATE TABLE precedent (
  id {uuid} NOT NULL PRIMARY KEY,
  jurisdiction_id {uuid} NOT NULL REFERENCES jurisdiction(id),
  matter_id {uuid} NOT NULL REFERENCES matter(id),
  unit_id {uuid} NOT NULL REFERENCES unit(id),
  kind text NOT NULL,
  domains {json} NOT NULL,
  tags {json} NOT NULL,
  words text NOT NULL,
  grounds text NOT NULL,
  ruled_at {ts} NOT NULL
);
CREATE INDEX precedent_city ON precedent (jurisdiction_id, ruled_at);
CREATE TABLE event (
  id {uuid} NOT NULL PRIMARY KEY,
  jurisdiction_id {uuid} NOT NULL REFERENCES jurisdiction(id),
  chain text NOT NULL,
  seq {big} NOT NULL,
  matter_id {uuid} REFERENCES matter(id),
  action text NOT NULL,
  at {ts} NOT NULL,
  person_id {uuid},
  unit_id {uuid},
  on_behalf_of {uuid},
  address text,
  from_state text,
  to_state text,
  payload text NOT NULL,
  previous_hash text NOT NULL,
  hash text NOT NULL,
  seal_seq {big},
  UNIQUE (chain, seq)
);
CREATE INDEX event_city_at ON event (jurisdiction_id, at, id);
CREATE INDEX event_unsealed ON event (seal_seq, id);
CREATE TABLE seal (
  seq {big} NOT NULL PRIMARY KEY,
  at {ts} NOT NULL,
  events {big} NOT NULL,
  root text NOT NULL,
  previous text NOT NULL,
  signature text NOT NULL
);
CREATE TABLE notice (
  id {uuid} NOT NULL PRIMARY KEY,
  person_id {uuid} NOT NULL REFERENCES person(id),
  kind text NOT NULL,
  text_zh text NOT NULL,
  text_en text NOT NULL,
  matter_id {uuid} REFERENCES matter(id),
  created_at {ts} NOT NULL,
  read_at {ts}
);
CREATE INDEX notice_person ON notice (person_id, read_at, id);
CREATE TABLE outbox (
  id {uuid} NOT NULL PRIMARY KEY,
  topic text NOT NULL,
  payload text NOT NULL,
  created_at {ts} NOT NULL,
  available_at {ts} NOT NULL,
  attempts {big} NOT NULL,
  delivered_at {ts},
  dead_at {ts},
  last_error text
);
CREATE INDEX outbox_pending ON outbox (delivered_at, dead_at, available_at);
CREATE TABLE idempotency (
  person_id {uuid} NOT NULL,
  key text NOT NULL,
  fingerprint text NOT NULL,
  status {big} NOT NULL,
  body text NOT NULL,
  created_at {ts} NOT NULL,
  PRIMARY KEY (person_id, key)
);
CREATE TABLE attachment (
  id {uuid} NOT NULL PRIMARY KEY,
  matter_id {uuid} NOT NULL REFERENCES matter(id),
  name text NOT NULL,
  media_type text NOT NULL,
  size {big} NOT NULL,
  digest text NOT NULL,
  person_id {uuid} NOT NULL REFERENCES person(id),
  unit_id {uuid} NOT NULL REFERENCES unit(id),
  created_at {ts} NOT NULL
);
CREATE INDEX attachment_matter ON attachment (matter_id);
CREATE TABLE comment (
  id {uuid} NOT NULL PRIMARY KEY,
  matter_id {uuid} NOT NULL REFERENCES matter(id),
  person_id {uuid} NOT NULL REFERENCES person(id),
  unit_id {uuid} NOT NULL REFERENCES unit(id),
  own_unit_only {bool} NOT NULL,
  text text NOT NULL,
  created_at {ts} NOT NULL
);
CREATE INDEX comment_matter ON comment (matter_id, created_at);
CREATE TABLE import (
  id {uuid} NOT NULL PRIMARY KEY,
  jurisdiction_id {uuid} NOT NULL REFERENCES jurisdiction(id),
  person_id {uuid} NOT NULL REFERENCES person(id),
  kind text NOT NULL,
  file_name text NOT NULL,
  state text NOT NULL,
  tables text NOT NULL,
  rows text NOT NULL,
  created_at {ts} NOT NULL,
  committed_at {ts}
);
CREATE INDEX import_person ON import (person_id, created_at);
CREATE TABLE saved_view (
  id {uuid} NOT NULL PRIMARY KEY,
  person_id {uuid} NOT NULL REFERENCES person(id),
  name text NOT NULL,
  query text NOT NULL,
  created_at {ts} NOT NULL
);
CREATE TABLE feedback (
  id {uuid} NOT NULL PRIMARY KEY,
  person_id {uuid} NOT NULL REFERENCES person(id),
  text text NOT NULL,
  page text,
  created_at {ts} NOT NULL
);
CREATE TABLE matter_number (
  jurisdiction_id {uuid} NOT NULL,
  kind text NOT NULL,
  year {big} NOT NULL,
  last {big} NOT NULL,
  PRIMARY KEY (jurisdiction_id, kind, year)
);
--sqlite
CREATE VIRTUAL TABLE matter_text USING fts5 (matter_id UNINDEXED, words);
--postgres
CREATE TABLE matter_text (matter_id uuid NOT NULL PRIMARY KEY REFERENCES matter(id), words tsvector NOT NULL);
CREATE INDEX matter_text_words ON matter_text USING gin (words);
--both
";
