//! `cargo xtask audit`: what is known of the libraries: licences, where they come from, weaknesses. `deny.toml` says what they may be.

use crate::{
    wasm_opt,
    workspace::{self, cargo, command, command_words, root, tools_dir},
};
use anyhow::{Context, Result, bail};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

const VERSION: &str = "0.20.2";

/// What came of looking.
enum Outcome {
    Clean,
    Found,
    /// Who knows of weaknesses didn't answer, with what was said instead: that is no praise of the libraries.
    NotReached(String),
}

pub fn run() -> Result<()> {
    let deny = installed()?;
    let mut outcomes = vec![
        ("crates: licences, sources, versions", passes(&mut denying(&deny, &["check", "licenses", "bans", "sources"]))?),
        ("crates: advisories of RustSec, versions withdrawn", advisories(&deny)?),
        ("packages of the browser tests: npm's advisories", npm_audit(&root().join("tests/browser"))?),
    ];
    if wasm_opt::tool().is_some() {
        outcomes.push(("packages of the build: npm's advisories", npm_audit(&tools_dir())?));
    }
    println!();
    for (what, outcome) in &outcomes {
        match outcome {
            Outcome::Clean => println!("clean          {what}"),
            Outcome::Found => println!("FOUND          {what}"),
            Outcome::NotReached(said) => println!("NOT LOOKED AT  {what}\n               {said}"),
        }
    }
    if outcomes.iter().any(|(_, outcome)| matches!(outcome, Outcome::Found)) {
        bail!("see above: update the library, do without it, or say in deny.toml why it may stay");
    }
    Ok(())
}

/// The program, compiled once below target/.
fn installed() -> Result<PathBuf> {
    let dir = tools_dir().join(format!("cargo-deny-{VERSION}"));
    let program = dir.join("bin/cargo-deny");
    if !program.is_file() {
        println!("compiling cargo-deny {VERSION}, which takes some minutes");
        workspace::run(cargo(&["install", "cargo-deny", "--locked", "--quiet", "--version", VERSION, "--root"]).arg(&dir))
            .context("cargo-deny comes from crates.io: is the registry reachable?")?;
    }
    Ok(program)
}

fn denying(deny: &Path, arguments: &[&str]) -> Command {
    let mut command = command(deny);
    command.args(["--locked", "--log-level", "error"]).args(arguments);
    command
}

fn passes(command: &mut Command) -> Result<Outcome> {
    println!("\n{}", command_words(command));
    let status = command.status().context("cargo-deny could not be started")?;
    Ok(if status.success() { Outcome::Clean } else { Outcome::Found })
}

/// The database is fetched first, so that its absence isn't taken for a finding.
fn advisories(deny: &Path) -> Result<Outcome> {
    let fetched = denying(deny, &["fetch", "db"]).output().context("cargo-deny could not be started")?;
    if !fetched.status.success() {
        return Ok(Outcome::NotReached(last_line(&String::from_utf8_lossy(&fetched.stderr))));
    }
    passes(&mut denying(deny, &["check", "--disable-fetch", "advisories"]))
}

fn npm_audit(dir: &Path) -> Result<Outcome> {
    let mut command = command("npm");
    command.args(["audit", "--package-lock-only"]).current_dir(dir);
    println!("\n{}", command_words(&command));
    let said = command.output().context("npm could not be started")?;
    let (report, trouble) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    print!("{report}");
    Ok(verdict(said.status.success(), &format!("{report}\n{trouble}")))
}

/// npm fails both when it finds something and when the registry doesn't answer.
fn verdict(succeeded: bool, said: &str) -> Outcome {
    let found_some = said.lines().any(|line| line.contains("vulnerabilit") && !line.starts_with("found 0"));
    match (succeeded, found_some) {
        (true, _) if said.contains("found 0 vulnerabilities") => Outcome::Clean,
        (_, true) => Outcome::Found,
        _ => Outcome::NotReached(said.lines().map(str::trim).find(|line| line.starts_with("npm")).unwrap_or("npm said nothing").to_owned()),
    }
}

fn last_line(text: &str) -> String {
    text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("nothing was said").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_without_advisories_finds_nothing_clean() {
        let refused = "npm warn audit 405 Method Not Allowed - POST https://example.org/-/npm/v1/security/advisories/bulk\n\nnpm error audit endpoint returned an error";
        assert!(matches!(verdict(false, refused), Outcome::NotReached(said) if said.contains("405")));
        assert!(matches!(verdict(true, ""), Outcome::NotReached(_)));
        assert!(matches!(verdict(true, "found 0 vulnerabilities"), Outcome::Clean));
        assert!(matches!(verdict(false, "# npm audit report\n\n1 high severity vulnerability"), Outcome::Found));
        // Below the level asked for npm succeeds all the same.
        assert!(matches!(verdict(true, "2 low severity vulnerabilities"), Outcome::Found));
    }
}
