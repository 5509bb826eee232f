//! The server's kernel and the only holder of a database connection: the pool is private to this crate, rows are
//! reached through a [`scope::Scope`]. It knows no pillar; kinds come to it as data.

mod audit;
mod auth;
pub mod backup;
mod blobs;
mod calendar;
pub mod config;
mod conservation;
mod counters;
mod db;
mod delegations;
mod dossier;
mod entity;
mod error;
mod expiry;
mod export;
pub mod http;

mod import;
pub mod jobs;
mod lasting;
mod leftovers;
pub mod live;
mod matter;
pub mod measure;
mod notice;
mod once;
pub mod outbox;
mod people;
mod readiness;
mod reading;
mod reference;
pub mod scope;
mod search;
pub mod seed;
pub mod setup;
pub mod state;
mod stats;
pub mod time;
mod together;
mod transaction;
mod underway;
mod units;
mod writing;

use backend_rules::ids;
pub use backend_rules::proof;
pub use error::{Error, Result};
