//! Rows as the database holds them. Private to this crate: the other crates see matters and views, never rows.

mod histories;
mod matters;
mod people;

pub(crate) use histories::*;
pub(crate) use matters::*;
pub(crate) use people::*;
