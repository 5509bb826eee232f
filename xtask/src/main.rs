//! Build tasks as a program: `cargo xtask COMMAND`. One module per command; nothing else builds, checks or packs the product.
//! Every error says what to do about it.

mod aside;
mod attack;
mod audit;
mod bench;
mod browser;
mod client;
mod dist;
mod first_page;
mod fresh;
mod host;
mod new_kind;
mod openapi;
mod package;
mod packed;
mod run;
mod server;
mod stage;
mod system;
mod test;
mod tidy;
mod wasm_opt;
mod workspace;

use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, runs and checks Liandong.", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything, load the demonstration city and serve it.
    Run {
        /// Address to listen on; the demonstration is for loopback only.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: String,
    },
    /// Check everything: format, lints, rules, tests on both databases, the contract, the pages.
    Test,
    /// Walk the pages in Chromium alone: all groups, or those named, as in tests/browser/run.mjs.
    Browser { groups: Vec<String> },
    /// Try the contract with schemathesis against the demonstration: a minute, or five.
    Attack {
        /// Five minutes.
        #[arg(long)]
        full: bool,
    },
    /// Look at the libraries: licences, where they come from, known weaknesses.
    Audit,
    /// Build the client into target/client and weigh its first page.
    Client {
        /// Build even when nothing is newer than the last build.
        #[arg(long)]
        force: bool,
    },
    /// Measure how fast the server is, as ratios against floors of the same run. Without `--quick` at a million matters: an hour.
    Bench {
        /// At a hundred thousand matters.
        #[arg(long)]
        quick: bool,
        /// Whether it measures at all, with what `test` has built.
        #[arg(long, conflicts_with = "quick")]
        smoke: bool,
        /// `sqlite` or `postgres`; both when left out.
        #[arg(long)]
        database: Option<String>,
    },
    /// Build the server for production, with the client inside, and pack it: target/dist has an archive and a Debian package.
    Dist {
        /// Pack this program and build none.
        #[arg(long, value_name = "FILE")]
        binary: Option<PathBuf>,
        /// Pack the program of development instead, and look into the packages: a part of `test`.
        #[arg(long, conflicts_with = "binary")]
        check: bool,
    },
    /// Write openapi/openapi.json from the server's own description.
    Openapi,
    /// Check the rules of the architecture.
    Tidy,
    /// Start a new kind of matter from a template.
    NewKind {
        /// Code of the kind, in snake case: `joint_patrol`.
        code: String,
        /// `liaison`, `sharing`, `supervision` or `mediation`.
        pillar: String,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Run { listen } => run::run(&listen),
        Command::Test => test::run(),
        Command::Browser { groups } => browser::alone(&groups),
        Command::Attack { full } => attack::run(full),
        Command::Audit => audit::run(),
        Command::Client { force } => client::run(force),
        Command::Bench { quick, smoke, database } => {
            let size = if smoke {
                bench::Size::Smoke
            } else if quick {
                bench::Size::Quick
            } else {
                bench::Size::Full
            };
            bench::run(size, &database.as_deref().map_or_else(|| vec!["sqlite", "postgres"], |one| vec![one]))
        }
        Command::Dist { check: true, .. } => dist::check(),
        Command::Dist { binary, check: false } => dist::run(binary),
        Command::Openapi => openapi::write(),
        Command::Tidy => tidy::run(),
        Command::NewKind { code, pillar } => new_kind::run(&code, &pillar),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
