//! PostgreSQL's own programs: `pg_dump` and `pg_restore`, found in `LIANDONG_PG_BIN`, on the search path, or where Debian
//! keeps them. A password of the URL goes by the environment: arguments of a process can be read by everybody on the machine.

use super::fault;
use crate::error::Result;
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

/// A URL without its password, and the password.
fn without_password(url: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), None) };
    let authority_end = rest.find(['/', '?']).unwrap_or(rest.len());
    let Some(at) = rest.get(..authority_end).and_then(|authority| authority.rfind('@')) else { return (url.to_owned(), None) };
    let (user, host) = (rest.get(..at).unwrap_or_default(), rest.get(at..).unwrap_or_default());
    match user.split_once(':') {
        Some((user, password)) => (format!("{scheme}://{user}{host}"), Some(decoded(password))),
        None => (url.to_owned(), None),
    }
}

/// Percent-decoding (RFC 3986 §2.1).
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex =
            (*first == b'%').then(|| after.get(..2)).flatten().and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match hex {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_stays_out_of_the_arguments() {
        assert_eq!(
            without_password("postgres://u:p%40s@h:5432/d?sslmode=require"),
            ("postgres://u@h:5432/d?sslmode=require".into(), Some("p@s".into()))
        );
        assert_eq!(without_password("postgres://u@h/d"), ("postgres://u@h/d".into(), None));
        assert_eq!(without_password("postgres:///d?host=a@b"), ("postgres:///d?host=a@b".into(), None));
    }
}
