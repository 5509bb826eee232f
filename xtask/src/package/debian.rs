//! `liandong_<version>_<arch>.deb`: program, settings, unit and papers where Debian looks for them.

use super::{Parts, Squeeze, Tree, architecture, own};
use crate::workspace::{self, command, output};
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
};

const FILES: &[(&str, &str)] = &[
    ("packaging/liandong.toml", "etc/liandong/liandong.toml"),
    ("packaging/liandong.service", "lib/systemd/system/liandong.service"),
    ("packaging/debian/copyright", "usr/share/doc/liandong/copyright"),
    ("packaging/proxy/nginx.conf", "usr/share/doc/liandong/examples/nginx.conf"),
    ("packaging/proxy/Caddyfile", "usr/share/doc/liandong/examples/Caddyfile"),
    ("packaging/monitoring/dashboard.json", "usr/share/doc/liandong/examples/dashboard.json"),
    ("packaging/monitoring/alerts.yml", "usr/share/doc/liandong/examples/alerts.yml"),
    ("docs/deployment.md", "usr/share/doc/liandong/deployment.md"),
    ("docs/user-guide.zh.md", "usr/share/doc/liandong/user-guide.zh.md"),
];

/// What dpkg keeps when an administrator has changed it.
const SETTINGS: &str = "/etc/liandong/liandong.toml\n";

const SCRIPTS: &[&str] = &["postinst", "prerm", "postrm"];

pub fn make(parts: &Parts, work: &Path, into: &Path) -> Result<PathBuf> {
    let tree = Tree::new(work.join("debian-root"))?;
    tree.put("usr/bin/liandong", 0o755, fs::read(&parts.program)?)?;
    for (from, to) in FILES {
        tree.put(to, 0o644, own(from)?)?;
    }
    for page in &parts.manual {
        tree.put_packed(&format!("usr/share/man/man1/{}", page.file_name().unwrap_or_default().to_string_lossy()), fs::read(page)?)?;
    }
    tree.put_packed("usr/share/doc/liandong/changelog", own("packaging/debian/changelog")?)?;
    tree.put_packed("usr/share/doc/liandong/LICENCES.txt", &parts.licences)?;

    let files = files(&tree.0)?;
    let mut sums = String::new();
    let mut size = 0;
    for file in &files {
        let path = file.strip_prefix(&tree.0)?;
        sums.push_str(&output(command("md5sum").arg(path).current_dir(&tree.0))?);
        size += fs::metadata(file)?.len().div_ceil(1024);
    }
    tree.put("DEBIAN/control", 0o644, control(parts, size, &libraries(parts, work)?))?;
    tree.put("DEBIAN/conffiles", 0o644, SETTINGS)?;
    tree.put("DEBIAN/md5sums", 0o644, sums)?;
    for script in SCRIPTS {
        tree.put(&format!("DEBIAN/{script}"), 0o755, own(&format!("packaging/debian/{script}"))?)?;
    }
    let package = into.join(format!("liandong_{}_{}.deb", parts.version, architecture()));
    workspace::run(
        command("dpkg-deb")
            .arg(if parts.squeeze == Squeeze::Well { "-Zxz" } else { "-Znone" })
            .args(["--root-owner-group", "--build"])
            .arg(&tree.0)
            .arg(&package)
            .env("SOURCE_DATE_EPOCH", &parts.epoch),
    )?;
    Ok(package)
}

fn control(parts: &Parts, size: u64, libraries: &str) -> String {
    format!(
        "Package: liandong
Version: {}
Architecture: {}
Maintainer: Liandong <packages@liandong.invalid>
Installed-Size: {size}
Depends: adduser, {libraries}
Recommends: postgresql-client
Suggests: nginx | caddy, postgresql, prometheus
Section: web
Priority: optional
Description: linked matters of a city's government and its procuratorate
 Liandong (府检联动) keeps the matters that the government's units, the court,
 the police and the procuratorate of a county-level city work on together:
 each with exactly one holder, a running clock and a complete history. One
 server with its pages inside, on SQLite or PostgreSQL.
",
        parts.version,
        architecture()
    )
}

/// The system libraries the program was linked to, with the versions it needs at least.
fn libraries(parts: &Parts, work: &Path) -> Result<String> {
    // Asks for a source package around it, of which it reads the names only.
    let source = Tree::new(work.join("source"))?;
    source.put("debian/control", 0o644, "Source: liandong\n\nPackage: liandong\nArchitecture: any\n")?;
    let told = output(command("dpkg-shlibdeps").arg("-O").arg(format!("-e{}", parts.program.display())).current_dir(&source.0))?;
    Ok(told.trim().strip_prefix("shlibs:Depends=").with_context(|| format!("dpkg-shlibdeps said `{told}`"))?.to_owned())
}

/// All files below a folder, in order.
fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
