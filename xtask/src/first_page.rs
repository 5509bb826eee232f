//! What a browser fetches before it shows the first page, and what that weighs on the wire.

use crate::workspace::client_dir;
use anyhow::{Result, bail};
use std::{fs, io::Write, path::Path};

/// The goal is 300 KB compressed with brotli; `docs/adr/0003-first-page-weight.md` says why it isn't reached yet. Until then this is
/// a ceiling that only ever comes down.
const BUDGET: usize = 540 * 1024;

/// Prints the weights; fails over the budget.
pub fn weigh() -> Result<()> {
    let mut files = Vec::new();
    collect(&client_dir(), &mut files)?;
    files.sort();
    let (mut raw, mut packed) = (0, 0);
    println!("{:<28} {:>10} {:>10}", "first page", "bytes", "brotli");
    for path in files {
        let bytes = fs::read(&path)?;
        let small = compressed(&bytes)?;
        let name = path.strip_prefix(client_dir()).unwrap_or(&path).display().to_string();
        println!("{name:<28} {:>10} {small:>10}", bytes.len());
        raw += bytes.len();
        packed += small;
    }
    println!("{:<28} {raw:>10} {packed:>10}  ({:.1} of {} KB)", "together", packed as f64 / 1024.0, BUDGET / 1024);
    if packed > BUDGET {
        bail!(
            "the first page weighs {} KB compressed, more than {} KB: look for new dependencies of the client, or for texts that could be fetched later",
            packed / 1024,
            BUDGET / 1024
        );
    }
    Ok(())
}

fn collect(dir: &Path, files: &mut Vec<std::path::PathBuf>) -> Result<()> {
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
