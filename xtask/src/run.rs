//! `cargo xtask run`: the demonstration, from nothing.

use crate::{
    client, server,
    workspace::{self, command, root},
};
use anyhow::Result;
use std::fs;

pub fn run(listen: &str) -> Result<()> {
    client::build(false)?;
    let binary = server::build()?;
    fs::create_dir_all(root().join("var/demo"))?;
    workspace::run(command(binary).args([
        "serve",
        "--demo",
        "--data-dir",
        "var/demo",
        "--database-url",
        "sqlite://var/demo/liandong.sqlite?mode=rwc",
        "--listen",
        listen,
    ]))
}
