//! The packages of the host as they are checked: one selection for every step, so that cargo builds each dependency once (another
//! selection unites features differently), and compiled by `clippy-driver`, which is rustc with lints: what is tested is what was linted.
//! This package is a selection of its own, the one by which cargo has built it already.

use crate::{
    stage::{Counts, counted},
    workspace::{cargo, command_words, root},
};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

/// Compiles the workspace's own packages. Always the same one: another would make cargo compile them anew.
const LINTER: &str = "clippy-driver";

/// All there is to build. `--all-targets` would compile tests of what says `test = false`, too.
pub const TARGETS: &[&str] = &["--lib", "--bins", "--tests"];

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
    build_without_warnings(on_all("build", TARGETS))
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

/// The unit, property and golden tests: all but the API's, which need a database named.
pub fn unit_tests() -> Result<Counts> {
    let this = counted(&mut on_this("test", &["--no-fail-fast"]))?;
    let others = counted(&mut unit_tests_of_all()?)?;
    Ok(this + others)
}

fn unit_tests_of_all() -> Result<Command> {
    let mut arguments = vec!["--no-fail-fast".to_owned(), "--lib".into(), "--bins".into()];
    for package in ["shared", "migrations", "backend/rules", "backend/kernel", "backend/app"] {
        let Ok(entries) = fs::read_dir(root().join(package).join("tests")) else { continue };
        let mut names = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
            }
        }
        names.sort();
        arguments.extend(names.into_iter().flat_map(|name| ["--test".to_owned(), name]));
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    Ok(on_all("test", &arguments))
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

    #[test]
    fn every_test_file_is_run() {
        let words = command_words(&unit_tests_of_all().unwrap());
        assert!(words.contains("--test tables") && words.contains("--test walk"), "{words}");
    }
}
