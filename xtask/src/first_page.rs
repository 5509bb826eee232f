//! What a browser fetches before it shows the first page, and what that weighs on the wire.

use crate::workspace::client_dir;
use anyhow::{Result, bail};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

/// DESIGN §9; `docs/adr/0003-first-page-weight.md` says how it is kept.
const BUDGET: usize = 300 * 1024;

/// Prints the weights of the first page and of the parts; fails when the first page is over the budget.
pub fn weigh() -> Result<()> {
    let mut files = Vec::new();
    collect(&client_dir(), &mut files)?;
    files.sort();
    let (later, first): (Vec<PathBuf>, Vec<PathBuf>) = files.into_iter().partition(|path| is_later(path));
    let weight = table("first page", &first)?;
    table("fetched later", &later)?;
    println!("the first page weighs {:.1} of {} KB", weight as f64 / 1024.0, BUDGET / 1024);
    if weight > BUDGET {
        bail!("the first page is too heavy: does it reach a page that belongs into a part (frontend/src/parts.rs), or is there a new dependency?");
    }
    Ok(())
}

/// Whether a file belongs to a part: their names are given by the splitting. All others are needed before the first page is shown;
/// the browser tests hold that no part is fetched before.
fn is_later(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("split_") || name.starts_with("chunk_"))
}

/// Prints one table; gives the compressed sum.
fn table(title: &str, files: &[PathBuf]) -> Result<usize> {
    let (mut raw, mut packed) = (0, 0);
    println!("{title:<28} {:>10} {:>10}", "bytes", "brotli");
    for path in files {
        let bytes = fs::read(path)?;
        let small = compressed(&bytes)?;
        println!("{:<28} {:>10} {small:>10}", path.strip_prefix(client_dir()).unwrap_or(path).display(), bytes.len());
        raw += bytes.len();
        packed += small;
    }
    println!("{:<28} {raw:>10} {packed:>10}\n", "together");
    Ok(packed)
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

pub fn compressed(bytes: &[u8]) -> Result<usize> {
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 64 * 1024, 11, 22);
    writer.write_all(bytes)?;
    drop(writer);
    Ok(packed.len())
}
