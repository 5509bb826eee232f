//! What is packed and where it goes: the program without its symbols, manual pages that it writes itself, and the files of `packaging/`.
//! The same program and files give the same bytes: times are those of `SOURCE_DATE_EPOCH` or of the last commit, owners and order fixed.

mod archive;
mod check;
mod debian;
mod licences;

pub use check::check;

use crate::workspace::{self, command, output, root, which};
use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// How much time is spent on making packages small.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Squeeze {
    Well,
    /// For a look inside.
    Quickly,
}

/// What both packages are made of.
struct Parts {
    version: String,
    /// Seconds, of all files.
    epoch: String,
    /// The program without symbols.
    program: PathBuf,
    /// `liandong.1` and one page for each command.
    manual: Vec<PathBuf>,
    licences: String,
    squeeze: Squeeze,
}

/// Makes the packages of a program in a folder, and gives their paths.
pub fn make(binary: &Path, into: &Path, squeeze: Squeeze) -> Result<Vec<PathBuf>> {
    for tool in ["strip", "tar", "gzip"] {
        if which(tool).is_none() {
            bail!("`{tool}` was not found: on Debian and Ubuntu it is in binutils, tar and gzip");
        }
    }
    let work = into.join("work");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;
    let parts = Parts::of(binary, &work, squeeze)?;
    let mut made = vec![archive::make(&parts, &work, into)?];
    if which("dpkg-deb").is_some() && which("dpkg-shlibdeps").is_some() {
        made.push(debian::make(&parts, &work, into)?);
    } else {
        println!("note: without dpkg-deb and dpkg-shlibdeps (the package dpkg-dev) there is no Debian package");
    }
    fs::remove_dir_all(&work)?;
    Ok(made)
}

impl Parts {
    fn of(binary: &Path, work: &Path, squeeze: Squeeze) -> Result<Self> {
        let told = output(command(binary).arg("--version"))?;
        let version = told.split_whitespace().nth(1).with_context(|| format!("{} says no version", binary.display()))?.to_owned();
        let program = work.join("liandong");
        workspace::run(command("strip").arg("--strip-unneeded").arg("-o").arg(&program).arg(binary))?;
        let pages = work.join("manual");
        fs::create_dir_all(&pages)?;
        workspace::run(command(binary).arg("manual").arg(&pages))?;
        let mut manual: Vec<PathBuf> = fs::read_dir(&pages)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        manual.sort();
        Ok(Self { version, epoch: epoch()?, program, manual, licences: licences::text()?, squeeze })
    }
}

fn epoch() -> Result<String> {
    if let Ok(epoch) = env::var("SOURCE_DATE_EPOCH") {
        return Ok(epoch);
    }
    let committed = output(command("git").args(["log", "-1", "--format=%ct"]));
    Ok(committed.context("the packages' time: set SOURCE_DATE_EPOCH where there is no repository")?.trim().to_owned())
}

/// Debian's word for this machine's processor, which the archive has in its name, too.
fn architecture() -> &'static str {
    match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// A file of the repository.
fn own(path: &str) -> Result<Vec<u8>> {
    fs::read(root().join(path)).with_context(|| format!("{path} can't be read"))
}

/// A tree of files with the modes they shall have, whatever the umask.
struct Tree(PathBuf);

impl Tree {
    fn new(root: PathBuf) -> Result<Self> {
        fs::create_dir_all(&root)?;
        Ok(Self(root))
    }

    fn put(&self, path: &str, mode: u32, content: impl AsRef<[u8]>) -> Result<PathBuf> {
        let path = self.0.join(path);
        for dir in path.ancestors().skip(1).take_while(|dir| dir.starts_with(&self.0)) {
            fs::create_dir_all(dir)?;
            fs::set_permissions(dir, fs::Permissions::from_mode(0o755))?;
        }
        fs::write(&path, content)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
        Ok(path)
    }

    /// The same packed; `.gz` is added to its name.
    fn put_packed(&self, path: &str, content: impl AsRef<[u8]>) -> Result<()> {
        let plain = self.put(path, 0o644, content)?;
        workspace::run(command("gzip").args(["--best", "--no-name"]).arg(plain))
    }
}
