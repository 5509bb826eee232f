//! The kernel: what all pillars stand on. It never names a pillar.

pub mod api;
pub mod audit_words;
pub mod bigram;
pub mod calendar;
pub mod field;
pub mod given;
pub mod group;
pub mod header;
pub mod ids;
pub mod kind;
pub mod limit;
pub mod messages;
pub mod messages_more;
pub mod messages_reading;
pub mod problem;
pub mod reading;
pub mod recurrence;
pub mod role;
pub mod statistics;
pub mod table;
pub mod text;
pub mod typed_day;
pub mod validate;
pub mod workflow;
