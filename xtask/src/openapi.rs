//! The contract in `openapi/openapi.json`: written from the server's own description, compared in the tests.

use crate::{
    client, server,
    workspace::{command, output, root},
};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
};

fn path() -> PathBuf {
    root().join("openapi").join("openapi.json")
}

fn described(server: &Path) -> Result<String> {
    let text = output(command(server).arg("openapi"))?;
    Ok(format!("{}\n", text.trim_end()))
}

pub fn write() -> Result<()> {
    client::ensure_folder()?;
    let text = described(&server::build()?)?;
    fs::create_dir_all(root().join("openapi"))?;
    fs::write(path(), text)?;
    println!("wrote openapi/openapi.json");
    Ok(())
}

/// Compares with what a built server says of itself.
pub fn compare(server: &Path) -> Result<()> {
    let kept = fs::read_to_string(path()).context("openapi/openapi.json can't be read: write it with `cargo xtask openapi`")?;
    let described = described(server)?;
    if kept == described {
        return Ok(());
    }
    let line = kept.lines().zip(described.lines()).take_while(|(kept, now)| kept == now).count();
    let at = |text: &str| text.lines().nth(line).unwrap_or("(end)").trim().to_owned();
    bail!(
        "openapi/openapi.json is not what the server offers, first at line {}:\n  kept:   {}\n  server: {}\nRun `cargo xtask openapi` and review the difference",
        line + 1,
        at(&kept),
        at(&described)
    )
}
