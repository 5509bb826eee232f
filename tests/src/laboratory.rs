//! A second city for what would disturb the shared one: toy kinds beside the shipped ones, a clock that tests move, rows that tests
//! damage by hand. Tests that only look share it; those that move the clock or touch what concerns all have it alone.

use crate::City;
use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    ops::Deref,
    path::Path,
    sync::{OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

pub struct Laboratory {
    city: City,
    control: String,
    hours: RwLock<i64>,
}

/// `program` is the laboratory's binary, `env!("CARGO_BIN_EXE_laboratory")` in a test.
pub fn laboratory(program: &str) -> &'static Laboratory {
    static LABORATORY: OnceLock<Laboratory> = OnceLock::new();
    LABORATORY.get_or_init(|| Laboratory::start(program, &[]))
}

fn free_address() -> String {
    let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr()).map_or(0, |address| address.port());
    format!("127.0.0.1:{port}")
}

/// The laboratory while its clock stands; derefs to the city.
pub struct Shared<'a> {
    laboratory: &'a Laboratory,
    _still: RwLockReadGuard<'a, i64>,
}

/// The laboratory alone: days can be let pass. They are taken back when this ends.
pub struct Alone<'a> {
    laboratory: &'a Laboratory,
    hours: RwLockWriteGuard<'a, i64>,
}

impl Laboratory {
    /// A laboratory of its own, with further flags of `serve`.
    pub fn start(program: &str, flags: &[&str]) -> Self {
        Self::around(|control| City::start_program(Path::new(program), flags, &[("LABORATORY_CONTROL", control)]))
    }

    /// The same with environment variables.
    pub fn start_with(program: &str, environment: &[(&str, &str)]) -> Self {
        Self::around(|control| {
            let environment: Vec<_> = environment.iter().copied().chain([("LABORATORY_CONTROL", control)]).collect();
            City::start_program(Path::new(program), &[], &environment)
        })
    }

    /// A second node on this one's database, with a clock of its own to be moved.
    pub fn second_node(&self, flags: &[&str]) -> Self {
        Self::around(|control| self.city.second_node(flags, &[("LABORATORY_CONTROL", control)]))
    }

    fn around(start: impl FnOnce(&str) -> anyhow::Result<City>) -> Self {
        let control = free_address();
        let city = start(&control).unwrap_or_else(|error| panic!("the laboratory did not start: {error:#}"));
        Self { city, control, hours: RwLock::new(0) }
    }

    pub fn shared(&self) -> Shared<'_> {
        Shared { laboratory: self, _still: self.hours.read().unwrap_or_else(PoisonError::into_inner) }
    }

    pub fn alone(&self) -> Alone<'_> {
        Alone { laboratory: self, hours: self.hours.write().unwrap_or_else(PoisonError::into_inner) }
    }

    fn move_clock(&self, hours: i64) {
        let moved = TcpStream::connect(&self.control).and_then(|mut stream| {
            stream.write_all(format!("hours {hours}\n").as_bytes())?;
            let mut answer = String::new();
            BufReader::new(stream).read_line(&mut answer)?;
            Ok(answer)
        });
        assert!(moved.as_ref().is_ok_and(|answer| answer == "done\n"), "the clock was not moved: {moved:?}");
        self.city.forget_tokens();
    }
}

impl Alone<'_> {
    /// Lets hours pass; the jobs run once at the end.
    pub fn pass_hours(&mut self, hours: i64) {
        *self.hours += hours;
        self.laboratory.move_clock(*self.hours);
    }

    /// The same on two nodes at once, so that both run the jobs.
    pub fn pass_hours_with(&mut self, other: &mut Alone<'_>, hours: i64) {
        *self.hours += hours;
        *other.hours += hours;
        let (here, there) = ((self.laboratory, *self.hours), (other.laboratory, *other.hours));
        std::thread::scope(|scope| {
            scope.spawn(move || here.0.move_clock(here.1));
            scope.spawn(move || there.0.move_clock(there.1));
        });
    }

    /// The same with several rounds of jobs at once at the end.
    pub fn pass_hours_on_nodes(&mut self, hours: i64, nodes: usize) {
        *self.hours += hours;
        let (laboratory, hours) = (self.laboratory, *self.hours);
        std::thread::scope(|scope| {
            for _ in 0..nodes {
                scope.spawn(move || laboratory.move_clock(hours));
            }
        });
    }

    /// The server's clock.
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        chrono::Utc::now() + chrono::Duration::hours(*self.hours)
    }

    pub fn pass_days(&mut self, days: i64) {
        self.pass_hours(days * 24);
    }
}

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        if *self.hours != 0 && !std::thread::panicking() {
            *self.hours = 0;
            self.laboratory.move_clock(0);
        }
    }
}

impl Deref for Shared<'_> {
    type Target = City;
    fn deref(&self) -> &City {
        &self.laboratory.city
    }
}

impl Deref for Alone<'_> {
    type Target = City;
    fn deref(&self) -> &City {
        &self.laboratory.city
    }
}
