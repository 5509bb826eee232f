//! `liandong-<version>-<arch>.tar.gz`, for any Linux.

use super::{Parts, Squeeze, Tree, architecture, own};
use crate::workspace::{self, command};
use anyhow::Result;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// From where in the repository to where in the archive.
const FILES: &[(&str, &str)] = &[
    ("packaging/README.md", "README.md"),
    ("packaging/liandong.toml", "liandong.toml"),
    ("packaging/liandong.service", "liandong.service"),
    ("packaging/proxy/nginx.conf", "proxy/nginx.conf"),
    ("packaging/proxy/Caddyfile", "proxy/Caddyfile"),
    ("packaging/compose/compose.yaml", "compose/compose.yaml"),
    ("packaging/compose/Dockerfile", "compose/Dockerfile"),
    ("packaging/compose/nginx.conf", "compose/nginx.conf"),
    ("packaging/monitoring/dashboard.json", "monitoring/dashboard.json"),
    ("packaging/monitoring/alerts.yml", "monitoring/alerts.yml"),
    ("docs/deployment.md", "docs/deployment.md"),
    ("docs/user-guide.zh.md", "docs/user-guide.zh.md"),
];

pub fn make(parts: &Parts, work: &Path, into: &Path) -> Result<PathBuf> {
    let name = format!("liandong-{}-{}", parts.version, architecture());
    let tree = Tree::new(work.join(&name))?;
    tree.put("bin/liandong", 0o755, fs::read(&parts.program)?)?;
    for (from, to) in FILES {
        tree.put(to, 0o644, own(from)?)?;
    }
    for page in &parts.manual {
        tree.put(&format!("man/{}", page.file_name().unwrap_or_default().to_string_lossy()), 0o644, fs::read(page)?)?;
    }
    tree.put("LICENCES.txt", 0o644, &parts.licences)?;
    let archive = into.join(format!("{name}.tar.gz"));
    workspace::run(
        command("tar")
            .args(["--create", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--format=ustar"])
            .arg(format!("--mtime=@{}", parts.epoch))
            .args(["--use-compress-program", if parts.squeeze == Squeeze::Well { "gzip --best --no-name" } else { "gzip --fast --no-name" }])
            .arg("--file")
            .arg(&archive)
            .arg("--directory")
            .arg(work)
            .arg(&name),
    )?;
    Ok(archive)
}
