//! What the program and its pages are built from, with the licences: those of most libraries ask to be handed on with every copy.

use crate::workspace::{cargo, output};
use anyhow::{Context, Result};
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
};

/// Name, version and licence of each library, then the texts, each once with those it holds for.
pub fn text() -> Result<String> {
    let mut libraries = BTreeSet::new();
    for selection in [&["-p", "backend", "--features", "s3"][..], &["-p", "frontend", "--target", "wasm32-unknown-unknown"]] {
        let listed =
            output(cargo(&["tree", "--locked", "--edges", "normal", "--prefix", "none", "--no-dedupe", "--format", "{p}|{l}"]).args(selection))?;
        libraries.extend(listed.lines().filter_map(library));
    }
    let mut text = String::from("Libraries in Liandong and their licences\n\n");
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let sources = sources()?;
    for (name, version, licence) in &libraries {
        let library = format!("{name} {version}");
        text.push_str(&format!("{library}: {licence}\n"));
        for own in sources.iter().map(|dir| dir.join(format!("{name}-{version}"))).filter(|dir| dir.is_dir()).take(1) {
            for found in own_texts(&own)? {
                texts.entry(found).or_default().push(library.clone());
            }
        }
    }
    for (licence, libraries) in texts {
        text.push_str(&format!("\n{}\n{}\n\n{}\n", "-".repeat(80), libraries.join(", "), licence.trim_end()));
    }
    Ok(text)
}

/// `serde v1.0.228|MIT OR Apache-2.0`; the workspace's own have a path behind the version.
fn library(line: &str) -> Option<(String, String, String)> {
    let (package, licence) = line.split_once('|')?;
    let mut words = package.split_whitespace();
    let (name, version, own) = (words.next()?, words.next()?.strip_prefix('v')?, words.any(|word| word.starts_with("(/")));
    (!own).then(|| (name.to_owned(), version.to_owned(), licence.to_owned()))
}

/// Where cargo has unpacked what it fetched.
fn sources() -> Result<Vec<PathBuf>> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    let registry = home.context("neither CARGO_HOME nor HOME is set")?.join("registry").join("src");
    let mut found: Vec<PathBuf> =
        fs::read_dir(&registry).with_context(|| format!("{}", registry.display()))?.flatten().map(|entry| entry.path()).collect();
    found.sort();
    Ok(found)
}

fn own_texts(dir: &Path) -> Result<Vec<String>> {
    let licence = |name: &str| ["LICENSE", "LICENCE", "COPYING", "NOTICE", "COPYRIGHT"].iter().any(|word| name.to_uppercase().starts_with(word));
    let mut paths: Vec<PathBuf> = fs::read_dir(dir)?
        .flatten()
        .filter(|entry| licence(&entry.file_name().to_string_lossy()) && entry.path().is_file())
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    Ok(paths.iter().map(|path| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).replace('\r', "")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_read_without_our_own() {
        assert_eq!(library("serde v1.0.228|MIT OR Apache-2.0"), Some(("serde".into(), "1.0.228".into(), "MIT OR Apache-2.0".into())));
        assert_eq!(library("tokio-macros v2.6.0 (proc-macro)|MIT").map(|found| found.0), Some("tokio-macros".into()));
        assert_eq!(library("shared v0.1.0 (/somewhere/shared)|MIT"), None);
    }
}
