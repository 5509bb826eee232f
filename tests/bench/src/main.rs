//! How fast the server is. Loads a city of many matters, drives the server over loopback with wrk, and measures in the same run what the
//! database does with the same rows without the server (pgbench, prepared statements): figures are ratios, so that the machine matters little.
//! Goals and what they mean: docs/performance.md.

mod clone;
mod database;
mod drive;
mod figures;
mod floor;
mod report;
mod same_rows;
mod server;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::{net::SocketAddr, path::PathBuf};

#[derive(Parser)]
#[command(name = "bench")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Load, drive, measure, and print one table; the same as JSON in a file.
    Measure(Options),
    /// A bare handler on the same rows, to compare with. Started by `measure`.
    Floor {
        /// A file, or a connection of PostgreSQL.
        database: String,
        listen: SocketAddr,
        /// A matter whose rows are written again and again.
        #[arg(long)]
        template: Option<uuid::Uuid>,
        /// The statements by which one matter is read, one a line.
        #[arg(long)]
        statements: Option<PathBuf>,
    },
}

#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// The server's program.
    #[arg(long)]
    pub server: PathBuf,
    /// `sqlite` or `postgres`.
    #[arg(long)]
    pub database: String,
    /// A connection of PostgreSQL that may create databases and change settings.
    #[arg(long, default_value = "")]
    pub postgres_url: String,
    /// Where psql and pgbench are.
    #[arg(long, default_value = ".")]
    pub postgres_bin: PathBuf,
    /// What PostgreSQL writes down, to read which statements the server sent.
    #[arg(long, default_value = ".")]
    pub postgres_log: PathBuf,
    /// How many matters there are at first, and at last.
    #[arg(long, default_value_t = 10_000)]
    pub first: u64,
    #[arg(long, default_value_t = 100_000)]
    pub matters: u64,
    /// For how long each figure is measured.
    #[arg(long, default_value_t = 5)]
    pub seconds: u64,
    /// How many at once make the load.
    #[arg(long, default_value_t = 64)]
    pub connections: u32,
    /// Where the JSON goes.
    #[arg(long)]
    pub json: PathBuf,
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Measure(options) => figures::measure(&options),
        Command::Floor { database, listen, template, statements } => floor::serve(&database, listen, template, statements.as_deref()),
    }
}
