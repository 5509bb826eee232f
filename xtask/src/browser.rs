//! The pages in Chromium, at the size of a desk and of a phone.

use crate::{
    client, host, server, stage, system,
    workspace::{self, command, root},
};
use anyhow::{Context, Result, bail};

/// Which pictures are made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pictures {
    All,
    OfFailures,
}

/// Builds what the pages need, walks them and makes a picture of each.
pub fn alone(groups: &[String]) -> Result<()> {
    client::build(false)?;
    workspace::run(&mut host::on_all("build", host::TARGETS))?;
    match run(groups, Pictures::All)? {
        stage::Counts { failed: 0, .. } => Ok(()),
        stage::Counts { failed, .. } => bail!("{failed} checks failed; pictures are in tests/browser/shots"),
    }
}

/// Installs the locked npm packages when they aren't there, then walks the pages. Gives the numbers of checks.
pub fn run(groups: &[String], pictures: Pictures) -> Result<stage::Counts> {
    let dir = root().join("tests/browser");
    let installed = dir.join("node_modules/.package-lock.json");
    let modified = |path: &std::path::Path| std::fs::metadata(path).and_then(|data| data.modified()).ok();
    if modified(&installed) < modified(&dir.join("package-lock.json")) {
        workspace::run(command("npm").args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&dir))
            .context("the browser tests need playwright-core, axe-core and lighthouse from npm: is the registry reachable?")?;
    }
    let chromium = system::chromium().context("Chromium was not found")?;
    stage::counted(
        command("node")
            .arg(dir.join("run.mjs"))
            .args(groups)
            .env("LIANDONG_BIN", server::path())
            .env("LIANDONG_LABORATORY", server::laboratory())
            .env("LIANDONG_CHROMIUM", chromium)
            .envs((pictures == Pictures::All).then_some(("LIANDONG_PICTURES", "all"))),
    )
}
