//! `cargo xtask test`: everything that must hold, in the order in which mistakes are cheap to find.

use crate::{
    aside::Aside,
    bench,
    browser::{self, Pictures},
    client, host, openapi, package, server,
    stage::{self, Stage},
    system, tidy,
    workspace::{self, cargo},
};
use anyhow::{Context, Result};
use cluster::{Cluster, Keeping};
use std::{cell::RefCell, env, process::Command, rc::Rc};

pub fn run() -> Result<()> {
    // Lives until the last stage is over; started when the first one needs it.
    let cluster: Rc<RefCell<Option<Cluster>>> = Rc::default();
    let started = Rc::clone(&cluster);
    let client: Rc<RefCell<Option<Aside>>> = Rc::default();
    let (client_begun, client_awaited) = (Rc::clone(&client), Rc::clone(&client));
    let sqlite: Rc<RefCell<Option<Aside>>> = Rc::default();
    let (sqlite_begun, sqlite_awaited) = (Rc::clone(&sqlite), Rc::clone(&sqlite));
    let stages = vec![
        Stage::one("system packages", "Install what is named above, then run again.", || {
            system::require(&[
                &system::NODE,
                &system::CHROMIUM,
                &system::CHINESE_FONT,
                &system::SQLITE,
                &system::POSTGRES,
                &system::WRK,
                &system::FAKETIME,
            ])?;
            client::add_target()?;
            client::ensure_folder()
        }),
        Stage::one("format", "Run `cargo fmt --all`.", || workspace::run(&mut cargo(&["fmt", "--all", "--check"]))),
        Stage::one("tidy", "Each line names the file and the rule; the rules are in ARCHITECTURE.md.", tidy::run),
        Stage::one("lints of the client", "Mend what clippy names.", move || {
            client::lint()?;
            let mut command = Command::new(env::current_exe()?);
            command.arg("client");
            client_begun.replace(Some(Aside::start("client", command)?));
            Ok(())
        }),
        Stage::one("build with lints", "Mend what the compiler or clippy names; `cargo clippy --fix` mends some by itself.", host::build_with_lints),
        Stage::many("unit tests", "`cargo test -p CRATE NAME` runs one alone.", host::unit_tests),
        Stage::many("examples in the documentation", "`cargo test -p CRATE --doc` runs them alone.", || stage::counted(&mut host::examples())),
        Stage::one("client", "See above; `cargo xtask client` runs this alone.", move || {
            client_awaited.borrow_mut().as_mut().context("the client's build was not begun")?.finish().map(drop)
        }),
        Stage::many("API tests, PostgreSQL", "Does it pass on SQLite? Look at the SQL written for PostgreSQL, or at types and order.", move || {
            let mut cluster = started.borrow_mut();
            let cluster = cluster.insert(Cluster::start(Keeping::Nothing)?);
            sqlite_begun.replace(Some(Aside::start("api-sqlite", api_tests("sqlite"))?));
            stage::counted(
                api_tests("postgres")
                    // What SQLite can't do is ignored there: two nodes on one database, a schema that the server doesn't migrate itself.
                    .args(["--", "--include-ignored"])
                    .env("LIANDONG_TEST_POSTGRES_URL", cluster.url("postgres"))
                    .env("LIANDONG_TEST_PSQL", cluster.psql()),
            )
        }),
        Stage::many("API tests, SQLite", "`cargo test -p tests --test api NAME` runs one alone, on SQLite.", move || {
            sqlite_awaited.borrow_mut().as_mut().context("they were not begun")?.finish()
        }),
        Stage::one("bench, whether it measures", "`cargo xtask bench --smoke` runs it alone.", || {
            bench::run(bench::Size::Smoke, &["sqlite", "postgres"])
        }),
        Stage::one("OpenAPI document", "Run `cargo xtask openapi` and review the difference.", || openapi::compare(&server::path())),
        Stage::many("packages", "`cargo xtask dist --check` runs this alone.", package::check),
        Stage::many("pages in Chromium", "Pictures of what failed are in tests/browser/shots.", || browser::run(&[], Pictures::OfFailures)),
    ];
    stage::run(stages, move || {
        drop(client.borrow_mut().take());
        drop(sqlite.borrow_mut().take());
        drop(cluster.borrow_mut().take());
    })
}

/// The same tests on either database, each on what was built before.
fn api_tests(database: &str) -> Command {
    let mut command = host::on_all("test", &[&["--no-fail-fast"], host::API].concat());
    command.env("LIANDONG_BIN", server::path()).env("LIANDONG_TEST_DATABASE", database);
    command
}
