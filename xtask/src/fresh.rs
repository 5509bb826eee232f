//! Whether the built client is newer than all it is made of.

use crate::workspace::{client_dir, root};
use anyhow::Result;
use std::{fs, path::Path, time::SystemTime};

const SOURCES: &[&str] =
    &["frontend", "shared", "data", "xtask/src/client.rs", "xtask/src/packed.rs", "xtask/src/wasm_opt.rs", "Cargo.lock", "Cargo.toml"];

pub fn is_fresh() -> Result<bool> {
    let Ok(built) = fs::metadata(client_dir().join("app_bg.wasm")).and_then(|data| data.modified()) else {
        return Ok(false);
    };
    for source in SOURCES {
        if newest(&root().join(source))? > built {
            return Ok(false);
        }
    }
    Ok(true)
}

fn newest(path: &Path) -> Result<SystemTime> {
    let data = fs::metadata(path)?;
    let mut time = data.modified()?;
    if data.is_dir() {
        for entry in fs::read_dir(path)? {
            time = time.max(newest(&entry?.path())?);
        }
    }
    Ok(time)
}
