//! Days and times for tables: digits that line up, the same in both languages.

use crate::kernel::dates::local;
use chrono::{DateTime, Utc};

/// `2026-11-24 09:30`
pub fn minute(at: DateTime<Utc>) -> String {
    local(at).format("%Y-%m-%d %H:%M").to_string()
}
