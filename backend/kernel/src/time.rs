//! The one clock of the product. Tests and the demonstration move it; nothing else reads the system's time.

use chrono::{DateTime, Duration, FixedOffset, NaiveDate, SubsecRound, Utc};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// Time as the product sees it: the system's, moved by an offset. Cheap to clone; clones share the offset.
#[derive(Debug, Clone, Default)]
pub struct TimeSource {
    offset_ms: Arc<AtomicI64>,
}

impl TimeSource {
    /// Now, to the millisecond (what both databases keep without loss).
    pub fn now(&self) -> DateTime<Utc> {
        (Utc::now() + Duration::milliseconds(self.offset_ms.load(Ordering::Relaxed))).trunc_subsecs(3)
    }

    /// The local day of a jurisdiction (Asia/Shanghai, UTC+8 without daylight saving).
    pub fn today(&self) -> NaiveDate {
        local_day(self.now())
    }

    /// Moves the clock to an instant; it runs on from there.
    pub fn set(&self, instant: DateTime<Utc>) {
        self.offset_ms.store((instant - Utc::now()).num_milliseconds(), Ordering::Relaxed);
    }
}

/// Asia/Shanghai. Every jurisdiction of the product lies in it.
pub fn shanghai() -> FixedOffset {
    FixedOffset::east_opt(8 * 3600).unwrap_or_else(|| unreachable!("eight hours is a valid offset"))
}

pub fn local_day(instant: DateTime<Utc>) -> NaiveDate {
    instant.with_timezone(&shanghai()).date_naive()
}

/// The instant at which a local day begins.
pub fn day_start(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    DateTime::from_naive_utc_and_offset(midnight - Duration::hours(8), Utc)
}

impl TimeSource {
    /// Back to the system's time.
    pub fn reset(&self) {
        self.offset_ms.store(0, Ordering::Relaxed);
    }
}
