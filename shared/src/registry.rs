//! All kinds the product ships. The one place that names the pillars side by side.

use crate::{kernel::kind::Kind, liaison};

/// Every kind, in the order of the navigation.
pub fn kinds() -> Vec<Kind> {
    vec![liaison::work_item::kind(), liaison::work_list::kind()]
}
