//! The contract in `openapi/openapi.json`: written from the server's own description, compared in the tests.

use crate::{
    client, server,
    workspace::{command, output, root},
};
use anyhow::{Context, Result, bail};
use std::{fs, path::PathBuf};

fn path() -> PathBuf {
    root().join("openapi").join("openapi.json")
}

fn described() -> Result<String> {
    client::ensure_folder()?;
    let text = output(command(server::build()?).arg("openapi"))?;
    Ok(format!("{}\n", text.trim_end()))
}

pub fn write() -> Result<()> {
    let text = described()?;
    fs::create_dir_all(root().join("openapi"))?;
    fs::write(path(), text)?;
    println!("wrote openapi/openapi.json");
    Ok(())
}

pub fn compare() -> Result<()> {
    let kept = fs::read_to_string(path())
        .context("openapi/openapi.json can't be read: write it with `cargo xtask openapi`")?;
    let described = described()?;
    if kept == described {
        return Ok(());
    }
    let line = kept
        .lines()
        .zip(described.lines())
        .take_while(|(kept, now)| kept == now)
        .count();
    let at = |text: &str| text.lines().nth(line).unwrap_or("(end)").trim().to_owned();
    bail!(
        "openapi/openapi.json is not what the server offers, first at line {}:\n  kept:   {}\n  server: {}\nRun `cargo xtask openapi` and review the difference",
        line + 1,
        at(&kept),
        at(&described)
    )
}
