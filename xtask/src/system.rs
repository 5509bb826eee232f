//! System packages that the build or the tests need: installed where that may be done, else named in one message.

use crate::workspace::{self, which};
use anyhow::{Result, bail};
use cluster::machine::{is_root, postgres_dir};
use std::{env, path::PathBuf, process::Command};

pub struct Need {
    /// What it is for, in the message.
    pub what: &'static str,
    /// Debian's package names; where it has several that serve, the best first: `a | b`, as in its control files.
    pub packages: &'static [&'static str],
    pub present: fn() -> bool,
}

pub const NODE: Need = Need { what: "Node.js and npm", packages: &["nodejs", "npm"], present: || which("node").is_some() && which("npm").is_some() };
pub const CHROMIUM: Need = Need { what: "Chromium", packages: &["chromium-headless-shell | chromium"], present: || chromium().is_some() };
pub const CHINESE_FONT: Need = Need { what: "a Chinese font", packages: &["fonts-noto-cjk"], present: has_chinese_font };
/// Tests change rows behind the server's back, as an operator could.
pub const SQLITE: Need = Need { what: "SQLite's shell", packages: &["sqlite3"], present: || which("sqlite3").is_some() };
pub const POSTGRES: Need = Need { what: "PostgreSQL's server and psql", packages: &["postgresql"], present: || postgres_dir().is_some() };

/// Tests set the clock of a server back.
pub const FAKETIME: Need =
    Need { what: "faketime, which changes the time a program sees", packages: &["faketime"], present: || which("faketime").is_some() };
pub const WRK: Need = Need { what: "wrk, which makes load over HTTP", packages: &["wrk"], present: || which("wrk").is_some() };

/// Installs what is missing, or fails with everything that is.
pub fn require(needs: &[&Need]) -> Result<()> {
    let missing = |needs: &[&Need]| needs.iter().filter(|need| !(need.present)()).map(|need| need.what).collect::<Vec<_>>();
    if missing(needs).is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = needs.iter().filter(|need| !(need.present)()).flat_map(|need| need.packages.iter().copied()).collect();
    if let Some(prefix) = installer() {
        let apt = |arguments: &[&str]| {
            let mut words = prefix.iter().copied().chain(["apt-get"]).chain(arguments.iter().copied());
            let mut command = Command::new(words.next().unwrap_or("apt-get"));
            command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
            workspace::run(&mut command)
        };
        // Old package lists are the usual reason for a failed install; a failed update shows itself in the install.
        let _ = apt(&["update", "--quiet"]);
        let chosen: Vec<&str> = packages.iter().map(|names| known_to_apt(names)).collect();
        println!("installing {}", chosen.join(" "));
        apt(&[&["install", "--yes", "--quiet", "--no-install-recommends"][..], &chosen].concat())?;
    }
    let missing = missing(needs);
    if !missing.is_empty() {
        bail!(
            "missing on this machine: {}.\nInstall them, for example on Debian or Ubuntu: sudo apt-get install {}",
            missing.join(", "),
            packages.iter().map(|names| known_to_apt(names)).collect::<Vec<_>>().join(" ")
        );
    }
    Ok(())
}

/// The first of the packages that can be had here; the last one where nobody can tell.
fn known_to_apt(names: &'static str) -> &'static str {
    let names = names.split(" | ");
    let known = |name: &&str| Command::new("apt-cache").args(["show", name]).output().is_ok_and(|output| output.status.success());
    names.clone().find(known).or(names.last()).unwrap_or_default()
}

/// The words before `apt-get` when packages may be installed without asking.
fn installer() -> Option<Vec<&'static str>> {
    which("apt-get")?;
    if is_root() {
        return Some(vec![]);
    }
    let sudo = which("sudo").is_some() && Command::new("sudo").args(["-n", "true"]).output().is_ok_and(|output| output.status.success());
    sudo.then(|| vec!["sudo", "-n"])
}

pub fn chromium() -> Option<PathBuf> {
    if let Some(path) = env::var_os("LIANDONG_CHROMIUM") {
        return Some(path.into());
    }
    // The same browser without windows, of which nothing is tested, takes a sixth less of the machine.
    ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].iter().find_map(|name| which(name))
}

fn has_chinese_font() -> bool {
    Command::new("fc-list").arg(":lang=zh").output().is_ok_and(|output| !output.stdout.is_empty())
}
