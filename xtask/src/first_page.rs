//! What a browser fetches before it shows the first page, and what that weighs on the wire.

use crate::{packed, workspace::client_dir};
use anyhow::{Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// DESIGN §9; `docs/adr/0003-first-page-weight.md` says how it is kept.
const BUDGET: u64 = 300 * 1024;

/// Prints the weights of the first page and of the parts; fails when the first page is over the budget.
pub fn weigh() -> Result<()> {
    let (later, first): (Vec<PathBuf>, Vec<PathBuf>) = packed::files(&client_dir())?.into_iter().partition(|path| is_later(path));
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
fn table(title: &str, files: &[PathBuf]) -> Result<u64> {
    let size = |path: &Path| fs::metadata(path).map(|data| data.len());
    let (mut raw, mut packed) = (0, 0);
    println!("{title:<28} {:>10} {:>10}", "bytes", "brotli");
    for path in files {
        let (large, small) = (size(path)?, size(&packed::name(path))?);
        println!("{:<28} {large:>10} {small:>10}", path.strip_prefix(client_dir()).unwrap_or(path).display());
        raw += large;
        packed += small;
    }
    println!("{:<28} {raw:>10} {packed:>10}\n", "together");
    Ok(packed)
}
