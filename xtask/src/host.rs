//! The packages of the host as they are checked: one selection for every step, so that cargo builds each dependency once (another
//! selection unites features differently), and compiled by `clippy-driver`, which is rustc with lints: what is tested is what was linted.
//! This package is a selection of its own, the one by which cargo has built it already.

use crate::{
    stage::{Counts, counted},
    workspace::{cargo, command_words},
};
use anyhow::{Context, Result, bail};
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

/// Compiles the workspace's own packages. Always the same one: another would make cargo compile them anew.
const LINTER: &str = "clippy-driver";

/// All there is to build but the API's tests. `--all-targets` would compile tests of what has none, too.
pub const TARGETS: &[&str] = &["--lib", "--bins", "--tests"];
/// The tests that need a database named.
pub const API: &[&str] = &["--test", "api"];

/// A cargo command on all packages but the client, which is for wasm32 only, and this one.
pub fn on_all(verb: &str, arguments: &[&str]) -> Command {
    // With what only `dist` switches on, so that it goes on compiling.
    let mut command = cargo(&[verb, "--workspace", "--exclude", "frontend", "--exclude", "xtask", "--features", "backend/s3"]);
    command.args(arguments).env("RUSTC_WORKSPACE_WRAPPER", LINTER);
    command
}

/// A cargo command on this package.
fn on_this(verb: &str, arguments: &[&str]) -> Command {
    let mut command = cargo(&[verb, "--package", "xtask"]);
    command.args(arguments).env("RUSTC_WORKSPACE_WRAPPER", LINTER);
    command
}

/// Builds everything that is tested.
pub fn build_with_lints() -> Result<()> {
    build_without_warnings(on_this("build", &["--bins", "--tests"]))?;
    build_without_warnings(on_all("build", TARGETS))?;
    build_without_warnings(on_all("build", API))
}

/// A warning fails it, also one of an earlier build: cargo shows them again.
fn build_without_warnings(mut command: Command) -> Result<()> {
    let words = command_words(&command);
    let mut child = command.stderr(Stdio::piped()).spawn().with_context(|| format!("`{words}` could not be started"))?;
    let mut warned = 0usize;
    if let Some(output) = child.stderr.take() {
        for line in BufReader::new(output).lines() {
            let line = line?;
            eprintln!("{line}");
            warned += usize::from(is_sum_of_warnings(&line));
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{words}` failed ({status})");
    }
    if warned > 0 {
        bail!("there are warnings in {warned} places");
    }
    Ok(())
}

/// ``warning: `shared` (lib) generated 2 warnings``; a warning about the network is none of ours.
fn is_sum_of_warnings(line: &str) -> bool {
    line.starts_with("warning: `") && line.contains(" generated ")
}

/// The unit, property and golden tests: all but the API's, which need a database named and say `test = false` for it.
pub fn unit_tests() -> Result<Counts> {
    let this = counted(&mut on_this("test", &["--no-fail-fast"]))?;
    let others = counted(&mut on_all("test", &["--no-fail-fast", "--tests"]))?;
    Ok(this + others)
}

/// The examples in the documentation.
pub fn examples() -> Command {
    on_all("test", &["--doc"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_compilers_warnings_count() {
        assert!(is_sum_of_warnings("warning: `shared` (lib) generated 1 warning (run `cargo clippy --fix --lib -p shared` to apply 1 suggestion)"));
        assert!(is_sum_of_warnings("warning: `backend-kernel` (lib test) generated 3 warnings (2 duplicates)"));
        assert!(!is_sum_of_warnings("warning: spurious network error (3 tries remaining): timed out"));
        assert!(!is_sum_of_warnings("   Compiling shared v0.1.0"));
    }
}
