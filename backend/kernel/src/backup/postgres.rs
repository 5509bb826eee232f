//! PostgreSQL's own programs: `pg_dump` and `pg_restore`, found in `LIANDONG_PG_BIN`, on the search path, or where Debian
//! keeps them. A password of the URL goes by the environment: arguments of a process can be read by everybody on the machine.

use super::fault;
use crate::error::Result;
use backend_rules::database_url::without_password;
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

fn program(name: &str) -> Result<PathBuf> {
    if let Some(dir) = std::env::var_os("LIANDONG_PG_BIN") {
        let path = Path::new(&dir).join(name);
        return if path.is_file() { Ok(path) } else { Err(fault(format!("{name} is not in LIANDONG_PG_BIN ({})", Path::new(&dir).display()))) };
    }
    let on_path = std::env::var_os("PATH").and_then(|path| std::env::split_paths(&path).map(|dir| dir.join(name)).find(|path| path.is_file()));
    let newest = || {
        let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        versions
            .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin").join(name))))
            .filter(|(_, path)| path.is_file())
            .max_by_key(|(version, _)| *version)
            .map(|(_, path)| path)
    };
    on_path
        .or_else(newest)
        .ok_or_else(|| fault(format!("{name} was not found: install PostgreSQL's client programs, or set LIANDONG_PG_BIN to their folder")))
}

fn run(name: &str, url: &str, arguments: &[&str], file: &Path) -> Result<()> {
    let (address, password) = without_password(url);
    let mut command = Command::new(program(name)?);
    command.args(arguments).arg(format!("--dbname={address}")).stdin(Stdio::null());
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    let output = if name == "pg_dump" { command.arg("--file").arg(file) } else { command.arg(file) }.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(fault(format!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim())))
}

pub(super) fn dump(url: &str, to: &Path) -> Result<()> {
    run("pg_dump", url, &["--format=custom", "--no-owner", "--no-privileges"], to)
}

/// In one transaction: all of it or nothing.
pub(super) fn restore(url: &str, from: &Path) -> Result<()> {
    run("pg_restore", url, &["--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"], from)
}
