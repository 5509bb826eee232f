//! The matter engine: what an actor may see, what may be done, and the one `apply` that changes state.

pub(crate) mod apply;
pub(crate) mod attach;
pub(crate) mod clocks;
pub(crate) mod create;
mod dues;
pub(crate) mod editions;
mod effects;
mod family;
pub(crate) mod list;
pub(crate) mod load;
pub(crate) mod looks;
mod overdue;
pub(crate) mod save;
pub(crate) mod series;
pub(crate) mod view;
pub(crate) mod visible;
