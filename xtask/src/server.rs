//! The server's binary, as cargo builds it.

use crate::workspace::{self, cargo, target};
use anyhow::Result;
use std::path::PathBuf;

/// Builds the development binary and gives its path. It reads the client from `target/client` at run time.
pub fn build() -> Result<PathBuf> {
    workspace::run(&mut cargo(&["build", "-p", "backend", "--bin", "liandong"]))?;
    Ok(path())
}

pub fn path() -> PathBuf {
    target().join("debug").join("liandong")
}

/// The same server with the toy kinds and a clock that can be moved, for the browser tests.
pub fn laboratory() -> PathBuf {
    target().join("debug").join("laboratory")
}
