//! `cargo xtask tidy`: what the architecture says must hold and the compiler can't check. Most rules say that something is absent.

mod fields;
mod habits;
mod layers;
mod rules;
mod source;

use crate::workspace::{command, root};
use anyhow::{Result, bail};
use source::Source;
use std::{fs, path::Path};

pub const PILLARS: &[&str] = &["liaison", "sharing", "supervision", "mediation"];

/// One breach of a rule.
pub struct Fault {
    pub path: String,
    /// From 1; 0 is the file as a whole.
    pub line: usize,
    pub text: String,
}

pub fn run() -> Result<()> {
    let sources = sources()?;
    let mut faults = Vec::new();
    for rule in rules::ALL {
        faults.extend(rule(&sources));
    }
    for fault in &faults {
        println!("{}:{}: {}", fault.path, fault.line, fault.text);
    }
    if !faults.is_empty() {
        bail!("rules are broken in {} places, see above", faults.len());
    }
    println!("{} rules hold in {} files", rules::ALL.len(), sources.len());
    Ok(())
}

/// All text files that belong to the project.
fn sources() -> Result<Vec<Source>> {
    let listed = command("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).output();
    let paths: Vec<String> = match listed {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect()
        }
        // An unpacked release has no repository.
        _ => {
            let mut paths = Vec::new();
            walk(&root(), &mut paths)?;
            paths
        }
    };
    let mut sources: Vec<Source> = paths
        .into_iter()
        .filter_map(|path| {
            let text = fs::read_to_string(root().join(&path)).ok()?;
            Some(Source::new(path, text))
        })
        .collect();
    source::mark_test_files(&mut sources);
    Ok(sources)
}

fn walk(dir: &Path, paths: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !matches!(name.as_str(), "target" | "node_modules" | "var" | "shots" | ".git") {
            walk(&path, paths)?;
        } else if path.is_file()
            && let Ok(inside) = path.strip_prefix(root())
        {
            paths.push(inside.to_string_lossy().into_owned());
        }
    }
    Ok(())
}
