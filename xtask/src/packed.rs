//! The client's files compressed as well as they can be: the server hands these out, since it can't take the time itself.

use anyhow::Result;
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

pub const ENDING: &str = "br";

/// Packs the files of `dir`: `app.js` gets `app.js.br` beside it.
pub fn beside(dir: &Path) -> Result<()> {
    for path in files(dir)? {
        let packed = compressed(&fs::read(&path)?)?;
        fs::write(name(&path), packed)?;
    }
    Ok(())
}

/// The packed file of a file.
pub fn name(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ENDING);
    PathBuf::from(name)
}

/// The files below `dir` that are not packed ones, in order.
pub fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_none_or(|extension| extension != ENDING) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn compressed(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 64 * 1024, 11, 22);
    writer.write_all(bytes)?;
    drop(writer);
    Ok(packed)
}
