//! Rows as the database holds them. Private to this crate: the other crates see matters and views, never rows.

mod history;
mod matter;
mod people;

pub(crate) use history::*;
pub(crate) use matter::*;
pub(crate) use people::*;
