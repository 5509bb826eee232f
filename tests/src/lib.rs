//! A small city for tests: the real server with the demonstration inside, and named people who use it over HTTP.

mod answer;
mod city;
mod laboratory;
mod letters;
mod person;
mod storage;
mod stream;
pub mod toy;

pub use answer::Answer;
pub use city::{City, PASSWORD, binary, city, command_line, one_time_code, one_time_code_in, sql};
pub use laboratory::{Laboratory, laboratory};
pub use letters::{Letter, Letterbox};
pub use person::{Person, fresh_key};
pub use storage::{on_cluster, on_postgres, postgres_database};
pub use stream::Stream;

use std::{
    thread,
    time::{Duration, Instant},
};

/// Waits until something holds; fails with its name when it doesn't in time.
#[track_caller]
pub fn soon(within: Duration, what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < within, "not within {within:?}: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}
