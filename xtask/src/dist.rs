//! `cargo xtask dist`: what is carried to a server. One file, an archive and a Debian package.

use crate::{
    client, package, server,
    workspace::{self, cargo, target},
};
use anyhow::Result;
use std::path::PathBuf;

/// Builds the program for production with the client inside, or takes a built one, and packs it.
pub fn run(binary: Option<PathBuf>) -> Result<()> {
    let binary = match binary {
        Some(binary) => binary.canonicalize()?,
        None => {
            client::run(true)?;
            workspace::run(&mut cargo(&["build", "--release", "-p", "backend", "--bin", "liandong", "--features", "s3"]))?;
            target().join("release").join("liandong")
        }
    };
    println!("packing {}", binary.display());
    for made in package::make(&binary, &target().join("dist"), package::Squeeze::Well)? {
        println!("made {}", made.display());
    }
    Ok(())
}

/// Looks into packages of the program of development.
pub fn check() -> Result<()> {
    server::build()?;
    let counts = package::check()?;
    println!("{} checks of the packages hold", counts.passed);
    Ok(())
}
