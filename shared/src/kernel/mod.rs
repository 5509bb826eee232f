//! The kernel: what all pillars stand on. It never names a pillar.

pub mod calendar;
pub mod reading;
