//! Matters in ranges of a few thousand, in the order of their making, each range a word of its matters, and so are blocks of eight and of
//! sixty-four ranges (PostgreSQL): a search looks into the newest first instead of reading every row that has a common word. What waits to get into the index of words is kept short, since
//! each search reads it. SQLite finds the newest first by itself; its table stays empty.

use sea_orm_migration::prelude::*;

pub struct SearchRanges;

impl MigrationName for SearchRanges {
    /// An older program would write words without their range.
    fn name(&self) -> &str {
        "m0011_search_ranges"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SearchRanges {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, UP).await
    }

    /// Also on SQLite: half of it could not be gone on from.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    /// Not reversible, as all of the schema.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("m0011_search_ranges is not reversible: restore a backup".into()))
    }
}

const UP: &str = r"
CREATE TABLE search_range (n {big} NOT NULL PRIMARY KEY, from_id {uuid} NOT NULL UNIQUE);
--postgres
INSERT INTO search_range (n, from_id)
SELECT (x.place - 1) / 4096, CASE WHEN x.place = 1 THEN CAST('00000000-0000-0000-0000-000000000000' AS uuid) ELSE x.matter_id END
FROM (SELECT t.matter_id, row_number() OVER (ORDER BY t.matter_id) AS place FROM matter_text t) x WHERE x.place % 4096 = 1;
INSERT INTO search_range (n, from_id) VALUES (0, '00000000-0000-0000-0000-000000000000') ON CONFLICT DO NOTHING;
UPDATE matter_text t SET words = t.words || (SELECT array_to_tsvector(ARRAY['r' || s.n, 's' || s.n / 8, 'q' || s.n / 64]) FROM search_range s WHERE s.from_id <= t.matter_id ORDER BY s.from_id DESC LIMIT 1);
ALTER INDEX matter_text_words SET (gin_pending_list_limit = 256);
--both
";
