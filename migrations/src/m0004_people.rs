//! People and what administrators read: roles proposed until they are given, one-time codes replaced only once the new ones are
//! confirmed, letters and feedback of one city each.

use sea_orm_migration::prelude::*;

pub struct People;

impl MigrationName for People {
    fn name(&self) -> &str {
        "m0004_people"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for People {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, UP).await
    }

    /// Not reversible, as all of the schema.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("m0004_people is not reversible: restore a backup".into()))
    }
}

/// Letters from before belong to a city nobody can name any more: they are still delivered, and shown to none.
const UP: &str = r"
ALTER TABLE person ADD COLUMN proposed_roles {json};
ALTER TABLE person ADD COLUMN totp_pending text;
ALTER TABLE person ADD COLUMN totp_step {big};
CREATE INDEX delegation_person ON delegation (person_id);
ALTER TABLE outbox ADD COLUMN jurisdiction_id {uuid};
CREATE INDEX outbox_city ON outbox (jurisdiction_id, id);
ALTER TABLE feedback ADD COLUMN jurisdiction_id {uuid};
ALTER TABLE feedback ADD COLUMN answer text;
ALTER TABLE feedback ADD COLUMN answered_by {uuid};
ALTER TABLE feedback ADD COLUMN answered_at {ts};
UPDATE feedback SET jurisdiction_id = (SELECT jurisdiction_id FROM person WHERE person.id = feedback.person_id);
CREATE INDEX feedback_city ON feedback (jurisdiction_id, id);
";
