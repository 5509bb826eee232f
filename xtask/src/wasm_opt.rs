//! `wasm-opt` from npm's binaryen: Debian's own is too old for what rustc emits today.

use crate::workspace::{command, run, tools_dir, which};
use anyhow::Result;
use std::{fs, path::Path, path::PathBuf};

const PACKAGE: &str = "binaryen@132";

/// What rustc's wasm32 target uses; the name of the features is not kept in a stripped file.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// What no browser reads.
const LEFT_OUT: &[&str] = &["--strip-debug", "--strip-producers", "--strip-target-features"];

/// Makes the file smaller, or says why it stays as it is.
pub fn shrink(wasm: &Path) -> Result<()> {
    let Some(tool) = tool() else { return Ok(()) };
    let smaller = wasm.with_extension("opt");
    run(command(tool).args(["-Oz", "--quiet"]).args(FEATURES).args(LEFT_OUT).arg(wasm).arg("-o").arg(&smaller))?;
    fs::rename(smaller, wasm)?;
    Ok(())
}

/// The program, fetched unless it is there.
pub fn tool() -> Option<PathBuf> {
    let tool = tools_dir().join("node_modules").join(".bin").join("wasm-opt");
    if tool.is_file() {
        return Some(tool);
    }
    if which("npm").is_none() || which("node").is_none() {
        println!("note: without Node.js and npm there is no wasm-opt; the client works, but is larger");
        return None;
    }
    println!("fetching {PACKAGE} for wasm-opt");
    let fetched = fs::create_dir_all(tools_dir()).map_err(anyhow::Error::from).and_then(|()| {
        run(command("npm").args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]).arg(tools_dir()).arg(PACKAGE))
    });
    match fetched {
        Ok(()) if tool.is_file() => Some(tool),
        _ => {
            println!("note: {PACKAGE} could not be fetched from npm, so there is no wasm-opt; the client works, but is larger");
            None
        }
    }
}
