//! `cargo xtask bench`: how fast the server is, measured by the program `bench` (tests/bench) on either database or both.

use crate::{
    host, server, system,
    workspace::{self, cargo, command, root, target},
};
use anyhow::Result;
use cluster::{Cluster, Keeping};
use std::{fs, path::Path, process::Command};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Whether it measures at all: the development programs, few matters, a second each. Says nothing about speed.
    Smoke,
    Quick,
    Full,
}

/// Builds for speed, and measures; the figures go to `target/bench`.
pub fn run(size: Size, databases: &[&str]) -> Result<()> {
    system::require(&[&system::WRK, &system::POSTGRES])?;
    let release = size != Size::Smoke;
    let program = if release {
        workspace::run(&mut cargo(&["build", "--release", "-p", "backend", "--bin", "liandong", "--features", "s3"]))?;
        workspace::run(&mut cargo(&["build", "--release", "-p", "bench"]))?;
        target().join("release")
    } else {
        workspace::run(&mut host::on_all("build", host::TARGETS))?;
        target().join("debug")
    };
    let folder = target().join("bench");
    fs::create_dir_all(&folder)?;
    for database in databases {
        println!("== {database}");
        let cluster = (*database == "postgres").then(|| Cluster::start(Keeping::Durable)).transpose()?;
        let server = if release { program.join("liandong") } else { server::path() };
        measure(size, database, &program.join("bench"), &server, cluster.as_ref(), &folder.join(format!("{database}.json")))?;
    }
    println!("as JSON in {}", folder.strip_prefix(root()).unwrap_or(&folder).display());
    Ok(())
}

fn measure(size: Size, database: &str, bench: &Path, server: &Path, cluster: Option<&Cluster>, json: &Path) -> Result<()> {
    let (first, matters, seconds, connections) = match size {
        Size::Smoke => ("1000", "2000", "1", "4"),
        Size::Quick => ("10000", "100000", "5", "64"),
        Size::Full => ("10000", "1000000", "10", "64"),
    };
    let mut measured: Command = command(bench);
    measured.args(["measure", "--database", database, "--first", first, "--matters", matters, "--seconds", seconds, "--connections", connections]);
    measured.arg("--server").arg(server).arg("--json").arg(json);
    if let Some(cluster) = cluster {
        measured
            .args(["--postgres-url", &cluster.url("postgres")])
            .arg("--postgres-bin")
            .arg(cluster.programs())
            .arg("--postgres-log")
            .arg(cluster.log());
    }
    workspace::run(&mut measured)
}
