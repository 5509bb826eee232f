//! The packages made from the program of development, looked into: made twice they are the same, what belongs in is in, and the
//! program accepts the settings they bring.

use super::{Squeeze, make};
use crate::{
    server,
    stage::Counts,
    workspace::{self, command, output, target, which},
};
use anyhow::{Context, Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Mode, owner and path as `tar` lists them; for the rest it is enough that they are there.
const IN_THE_PACKAGE: &[(&str, &str)] = &[
    ("-rwxr-xr-x root/root", "./usr/bin/liandong"),
    ("-rw-r--r-- root/root", "./etc/liandong/liandong.toml"),
    ("-rw-r--r-- root/root", "./lib/systemd/system/liandong.service"),
    ("-rw-r--r-- root/root", "./usr/share/man/man1/liandong.1.gz"),
    ("-rw-r--r-- root/root", "./usr/share/man/man1/liandong-serve.1.gz"),
    ("-rw-r--r-- root/root", "./usr/share/doc/liandong/copyright"),
    ("-rw-r--r-- root/root", "./usr/share/doc/liandong/changelog.gz"),
    ("-rw-r--r-- root/root", "./usr/share/doc/liandong/LICENCES.txt.gz"),
    ("drwxr-xr-x root/root", "./etc/liandong/"),
];

const IN_THE_ARCHIVE: &[&str] = &[
    "bin/liandong",
    "README.md",
    "liandong.toml",
    "man/liandong.1",
    "proxy/nginx.conf",
    "compose/compose.yaml",
    "monitoring/dashboard.json",
    "LICENCES.txt",
];

pub fn check() -> Result<Counts> {
    let into = target().join("packages-checked");
    let made = make(&server::path(), &into, Squeeze::Quickly)?;
    let first: Vec<Vec<u8>> = made.iter().map(fs::read).collect::<std::io::Result<_>>()?;
    let again = make(&server::path(), &into, Squeeze::Quickly)?;
    for (path, first) in again.iter().zip(&first) {
        ensure!(fs::read(path)? == *first, "{}: made twice from the same, it differs", path.display());
    }
    archive(&made[0])?;
    let mut passed = 2;
    if which("promtool").is_some() {
        output(command("promtool").args(["check", "rules", "packaging/monitoring/alerts.yml"]))?;
        output(command("promtool").args(["test", "rules", "packaging/monitoring/alerts.test.yml"]))?;
        passed += 1;
    }
    if let Some(package) = made.get(1) {
        let scratch = into.join("scratch");
        unpacked(package, &scratch)?;
        contents(package)?;
        settings(&scratch)?;
        passed += 3;
        if which("systemd-analyze").is_some() {
            unit(&scratch)?;
            passed += 1;
        }
        fs::remove_dir_all(&scratch)?;
    }
    Ok(Counts { passed, failed: 0 })
}

fn archive(path: &Path) -> Result<()> {
    let listed = output(command("tar").arg("--list").arg("--file").arg(path))?;
    for name in IN_THE_ARCHIVE {
        ensure!(
            listed.lines().any(|line| line.split_once('/').is_some_and(|(_, inside)| inside == *name)),
            "{name} is not in the archive:\n{listed}"
        );
    }
    Ok(())
}

fn contents(package: &Path) -> Result<()> {
    let listed = output(command("dpkg-deb").arg("--contents").arg(package))?;
    for (begins, ends) in IN_THE_PACKAGE {
        ensure!(listed.lines().any(|line| line.starts_with(begins) && line.ends_with(ends)), "{begins} {ends} is not in the package:\n{listed}");
    }
    let field = |name: &str| output(command("dpkg-deb").arg("--field").arg(package).arg(name));
    ensure!(field("Depends")?.contains("libc6"), "the package depends on no C library");
    Ok(())
}

fn unpacked(package: &Path, scratch: &Path) -> Result<()> {
    if scratch.exists() {
        fs::remove_dir_all(scratch)?;
    }
    workspace::run(command("dpkg-deb").arg("--raw-extract").arg(package).arg(scratch))?;
    for script in ["postinst", "prerm", "postrm"] {
        workspace::run(command("sh").arg("-n").arg(scratch.join("DEBIAN").join(script)))?;
    }
    let sums = fs::read_to_string(scratch.join("DEBIAN").join("md5sums"))?;
    ensure!(sums.lines().count() > 10, "few files have sums:\n{sums}");
    workspace::run(command("md5sum").args(["--check", "--quiet", "DEBIAN/md5sums"]).current_dir(scratch))
}

/// The packed program on the packed settings, also with every line that stands there as a comment only.
fn settings(scratch: &Path) -> Result<()> {
    let packed = scratch.join("etc/liandong/liandong.toml");
    let text = fs::read_to_string(&packed)?;
    let all: Vec<&str> = text.lines().map(|line| line.strip_prefix("# ").filter(|rest| is_setting(rest)).unwrap_or(line)).collect();
    ensure!(all.join("\n") != text.trim_end(), "no optional setting was found in {text}");
    let with_all = scratch.join("all.toml");
    fs::write(&with_all, all.join("\n"))?;
    for file in [packed, with_all] {
        let program: PathBuf = scratch.join("usr/bin/liandong");
        let said =
            output(command(program).args(["serve", "--check", "--config"]).arg(&file)).context("the program does not accept its own settings")?;
        ensure!(said.contains("in order"), "{said}");
    }
    Ok(())
}

fn is_setting(line: &str) -> bool {
    line.split_once(" = ").is_some_and(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
}

/// With the program where it was unpacked: systemd looks whether it is there.
fn unit(scratch: &Path) -> Result<()> {
    let text = fs::read_to_string(scratch.join("lib/systemd/system/liandong.service"))?;
    let started = "ExecStart=/usr/bin/liandong ";
    ensure!(text.contains(started), "the unit starts another program:\n{text}");
    let unit = scratch.join("liandong.service");
    fs::write(&unit, text.replace(started, &format!("ExecStart={}/usr/bin/liandong ", scratch.display())))?;
    let checked = command("systemd-analyze").args(["verify", "--man=no"]).arg(&unit).output()?;
    let said = String::from_utf8_lossy(&checked.stderr).into_owned();
    // It tells of other units of the machine, too.
    ensure!(!said.contains("liandong.service"), "systemd finds in the unit:\n{said}");
    Ok(())
}
