//! Rows of matters and what hangs on them. Plain rows: rules live in the modules that use them.

pub mod matter {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, serde::Deserialize)]
    #[sea_orm(table_name = "matter")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub jurisdiction_id: Uuid,
        pub kind: String,
        pub number: Option<String>,
        pub title: String,
        pub body: Json,
        pub state: String,
        pub is_open: bool,
        pub urgency: String,
        pub domains: Json,
        pub sealed: bool,
        pub level: i64,
        pub originator_unit_id: Uuid,
        pub created_by: Uuid,
        pub holder_unit_id: Option<Uuid>,
        pub holder_person_id: Option<Uuid>,
        pub holder_since: Option<DateTimeUtc>,
        pub parent_id: Option<Uuid>,
        pub instance_key: Option<String>,
        pub due_on: Option<Date>,
        pub due_provisional: bool,
        pub main_start_on: Option<Date>,
        pub extended_days: i64,
        /// How often a later date was given.
        pub extensions: i64,
        /// How often reported work was sent back to be mended.
        pub reworks: i64,
        pub extension: Option<Json>,
        pub paused_reason: Option<String>,
        pub before_handover: Option<String>,
        pub refusals: i64,
        pub last_urged_at: Option<DateTimeUtc>,
        pub urges: i64,
        pub version: i64,
        pub event_seq: i64,
        pub event_hash: String,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
        pub closed_at: Option<DateTimeUtc>,
        /// `due_on`, or the last day there is: what lists sort by.
        pub due_sort: Date,
        /// First day of the yellow lamp, by the same clocks as `limit_on`.
        pub yellow_on: Option<Date>,
        /// Last day to receive the open hand-over.
        pub receipt_due_on: Option<Date>,
        /// Whether it was closed by its due day; none without one.
        pub on_time: Option<bool>,
        /// While the main clock is stopped: since when, why, by which law, until about when.
        pub pause: Option<Json>,
        /// The day by which whoever holds it must act, or the last day there is: what the lamp goes by. Its clock's rule.
        pub limit_on: Date,
        pub limit_rule: Option<String>,
        /// Completion was reported and is not judged yet.
        pub reported_at: Option<DateTimeUtc>,
        /// Closed with a due date: the earlier of due date and completion, the day it counts for in the on-time rate.
        pub rated_on: Option<Date>,
        /// The level was set by a person: the system doesn't lower it.
        pub level_by_hand: bool,
        /// What only one matter of the kind may have at a time, and this one has.
        pub claim: Option<String>,
        /// Main task of the plan it belongs to, a code of `main_tasks`.
        pub main_task: Option<String>,
        pub summary: Option<String>,
        /// Somebody confirmed that nothing in it is a state or work secret.
        pub not_secret: bool,
        /// The day from which the system has to look at it by itself.
        pub look_on: Date,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl Model {
        /// Whether the clock of the due date runs: then it is the limit of the matter. Met or paused ones are not, nor what awaits judgement.
        pub fn runs(&self) -> bool {
            self.reported_at.is_none() && self.due_on == Some(self.limit_on)
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod holding {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, serde::Deserialize)]
    #[sea_orm(table_name = "holding")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub matter_id: Uuid,
        pub unit_id: Uuid,
        pub from_at: DateTimeUtc,
        pub to_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod matter_party {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, serde::Deserialize)]
    #[sea_orm(table_name = "matter_party")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub matter_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub unit_id: Uuid,
        pub originator: bool,
        pub holder: bool,
        pub co_handler: bool,
        pub copied: bool,
        pub overseer: bool,
        pub asked: bool,
        pub acted: bool,
        pub kind: String,
        pub state: String,
        pub is_open: bool,
        pub due_on: Option<Date>,
        pub updated_at: DateTimeUtc,
        /// Open and held by the unit, asked of it, or with a limit run out that the unit owes.
        pub todo: bool,
        pub due_sort: Date,
        /// The first of the running limits this unit owes (of the matter's, when it owes none), or the last day there is.
        pub limit_on: Date,
        pub limit_rule: Option<String>,
        pub yellow_on: Date,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod matter_person {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "matter_person")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub matter_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod watch {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "watch")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub matter_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod handover {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, serde::Deserialize)]
    #[sea_orm(table_name = "handover")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub matter_id: Uuid,
        pub from_unit_id: Uuid,
        pub to_unit_id: Uuid,
        pub state: String,
        pub refusable: bool,
        pub sent_at: DateTimeUtc,
        pub refuse_until: Date,
        pub ended_at: Option<DateTimeUtc>,
        pub escalated_at: Option<DateTimeUtc>,
        pub reason_code: Option<String>,
        pub reason_text: Option<String>,
        pub suggested_unit_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod clock {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, serde::Deserialize)]
    #[sea_orm(table_name = "clock")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub jurisdiction_id: Uuid,
        pub matter_id: Uuid,
        pub handover_id: Option<Uuid>,
        pub rule: String,
        pub purpose: String,
        pub main: bool,
        pub state: String,
        pub unit_id: Option<Uuid>,
        pub request: String,
        pub starts_on: Date,
        pub due_on: Date,
        pub due_at: Option<DateTimeUtc>,
        pub provisional: bool,
        pub edition: String,
        pub stopped_at: Option<DateTimeUtc>,
        /// When its running out had its consequence.
        pub ran_out_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod ask {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, serde::Deserialize)]
    #[sea_orm(table_name = "ask")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub matter_id: Uuid,
        pub unit_id: Uuid,
        pub action: String,
        pub state: String,
        pub due_on: Option<Date>,
        pub answer: Option<Json>,
        pub answered_by: Option<Uuid>,
        pub answered_at: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
        /// The rule of its due day; that of the matter's main clock when the ask lasts as long.
        pub rule: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod matter_link {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, serde::Deserialize)]
    #[sea_orm(table_name = "matter_link")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub from_id: Uuid,
        pub to_id: Uuid,
        pub relation: String,
        pub created_by: Uuid,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod precedent {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, serde::Deserialize)]
    #[sea_orm(table_name = "precedent")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub jurisdiction_id: Uuid,
        pub matter_id: Uuid,
        pub unit_id: Uuid,
        pub kind: String,
        pub domains: Json,
        pub tags: Json,
        pub words: String,
        pub grounds: String,
        pub ruled_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
