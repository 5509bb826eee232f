//! What is on this machine.

use anyhow::Result;
use std::{env, fs, net::TcpListener, path::PathBuf, process::Command};

/// The program's path, when it is on the search path.
pub fn which(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(program)).find(|candidate| candidate.is_file())
}

/// A port of loopback that is free now.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

pub fn is_root() -> bool {
    numeric_id(&["-u"]) == Some(0)
}

/// What `id` prints, as a number.
pub(crate) fn numeric_id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// The folder of the newest PostgreSQL's server programs, which Debian keeps off the search path.
pub fn postgres_dir() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin"))))
        .filter(|(_, dir)| dir.join("postgres").is_file() && dir.join("psql").is_file())
        .max_by_key(|(version, _)| *version)
        .map(|(_, dir)| dir);
    newest.or_else(|| which("postgres").and_then(|path| Some(path.canonicalize().ok()?.parent()?.to_path_buf())))
}
