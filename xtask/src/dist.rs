//! `cargo xtask dist`: one file to copy to a server.

use crate::{
    client,
    workspace::{self, cargo, target},
};
use anyhow::Result;

pub fn run() -> Result<()> {
    client::run(true)?;
    workspace::run(&mut cargo(&["build", "--release", "-p", "backend", "--bin", "liandong", "--features", "s3"]))?;
    println!("built {}", target().join("release").join("liandong").display());
    Ok(())
}
