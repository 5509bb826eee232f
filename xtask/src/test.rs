//! `cargo xtask test`: everything that must hold, in the order in which mistakes are cheap to find.

use crate::{
    aside::Aside,
    browser, client,
    cluster::Cluster,
    host, openapi, server,
    stage::{self, Stage},
    system, tidy,
    workspace::{self, cargo},
};
use anyhow::{Context, Result};
use std::{cell::RefCell, path::Path, rc::Rc};

const WASM: &str = "wasm32-unknown-unknown";

pub fn run() -> Result<()> {
    // Lives until the last stage is over; started when the first one needs it.
    let cluster: Rc<RefCell<Option<Cluster>>> = Rc::default();
    let started = Rc::clone(&cluster);
    let client: Rc<RefCell<Option<Aside>>> = Rc::default();
    let (client_begun, client_awaited) = (Rc::clone(&client), Rc::clone(&client));
    let stages = vec![
        Stage::one("system packages", "Install what is named above, then run again.", || {
            system::require(&[&system::NODE, &system::CHROMIUM, &system::CHINESE_FONT, &system::SQLITE, &system::POSTGRES])?;
            client::add_target()?;
            client::ensure_folder()
        }),
        Stage::one("format", "Run `cargo fmt --all`.", || workspace::run(&mut cargo(&["fmt", "--all", "--check"]))),
        Stage::one("tidy", "Each line names the file and the rule; the rules are in ARCHITECTURE.md.", tidy::run),
        Stage::one("lints of the client", "Mend what clippy names.", move || {
            workspace::run(&mut cargo(&["clippy", "-p", "frontend", "--lib", "--target", WASM, "--", "-D", "warnings"]))?;
            client_begun.replace(Some(Aside::start("client")?));
            Ok(())
        }),
        Stage::one("build with lints", "Mend what the compiler or clippy names; `cargo clippy --fix` mends some by itself.", host::build_with_lints),
        Stage::many("unit tests", "`cargo test -p CRATE NAME` runs one alone.", || stage::counted(&mut host::unit_tests()?)),
        Stage::many("examples in the documentation", "`cargo test -p shared --doc` runs them alone.", || stage::counted(&mut host::examples())),
        Stage::one("shared for wasm32", "`shared` must stay pure: no file, socket, thread or wall clock.", || {
            workspace::run(&mut cargo(&["build", "-p", "shared", "--target", WASM]))
        }),
        Stage::one("client", "See above; `cargo xtask client` runs this alone.", move || {
            client_awaited.borrow_mut().as_mut().context("the client's build was not begun")?.finish()
        }),
        Stage::many("API tests, SQLite", "`cargo test -p tests NAME` runs one alone, on SQLite.", || {
            stage::counted(api_tests().env("LIANDONG_TEST_DATABASE", "sqlite"))
        }),
        Stage::many("API tests, PostgreSQL", "It passes on SQLite: look at the SQL written for PostgreSQL, or at types and order.", move || {
            let mut cluster = started.borrow_mut();
            let cluster = cluster.insert(Cluster::start()?);
            stage::counted(
                api_tests()
                    // What SQLite can't do is ignored there: two nodes on one database, a schema that the server doesn't migrate itself.
                    .args(["--", "--include-ignored"])
                    .env("LIANDONG_TEST_DATABASE", "postgres")
                    .env("LIANDONG_TEST_POSTGRES_URL", cluster.url("postgres"))
                    .env("LIANDONG_TEST_PSQL", cluster.psql()),
            )
        }),
        Stage::one("OpenAPI document", "Run `cargo xtask openapi` and review the difference.", || openapi::compare(&server::path())),
        Stage::many("pages in Chromium", "Pictures of every page are in tests/browser/shots.", || browser::run(&[])),
    ];
    stage::run(stages, move || {
        drop(client.borrow_mut().take());
        drop(cluster.borrow_mut().take());
    })
}

fn api_tests() -> std::process::Command {
    let mut command = host::on_all("test", &["--no-fail-fast", "--test", "api"]);
    let binary: &Path = &server::path();
    command.env("LIANDONG_BIN", binary);
    command
}
