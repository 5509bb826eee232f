//! The file of a backup: a zip with `manifest.json`, in which every other part stands with its size and digests.

use super::fault;
use crate::error::{Error, Result};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sha2::Digest;
use std::{
    fs::{File, OpenOptions},
    io::{BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

const MANIFEST: &str = "manifest.json";
const FORMAT: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub format: u32,
    /// Of the program that wrote it.
    pub version: String,
    /// `sqlite` or `postgres`.
    pub database: String,
    /// All migrations its schema has.
    pub schema: Vec<String>,
    pub created_at: String,
    pub files: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    pub name: String,
    pub size: u64,
    pub sha256: String,
    /// GB/T 32905.
    pub sm3: String,
}

impl Manifest {
    pub(super) fn new(database: &str, at: DateTime<Utc>) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").into(),
            database: database.into(),
            schema: crate::db::schema_names(),
            created_at: at.to_rfc3339_opts(SecondsFormat::Secs, true),
            files: Vec::new(),
        }
    }
}

/// Counts and digests what passes through.
struct Digesting<W> {
    inner: W,
    size: u64,
    sha256: sha2::Sha256,
    sm3: sm3::Sm3,
}

impl<W: Write> Digesting<W> {
    fn new(inner: W) -> Self {
        Self { inner, size: 0, sha256: sha2::Sha256::new(), sm3: <sm3::Sm3 as sm3::Digest>::new() }
    }
    fn entry(self, name: &str) -> Entry {
        let sm3 = hex::encode(sm3::Digest::finalize(self.sm3));
        Entry { name: name.to_owned(), size: self.size, sha256: hex::encode(self.sha256.finalize()), sm3 }
    }
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        let passed = bytes.get(..written).unwrap_or_default();
        self.size += written as u64;
        self.sha256.update(passed);
        sm3::Digest::update(&mut self.sm3, passed);
        Ok(written)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// A new file that its owner alone may read: a backup holds the signing key and personal data.
fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn unfinished(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".unfinished");
    name.into()
}

pub(super) fn remove_unfinished(file: &Path) {
    let _ = std::fs::remove_file(unfinished(file));
}

fn zip_fault(error: zip::result::ZipError) -> Error {
    Error::Other(format!("archive: {error}"))
}

/// Writes all parts and the manifest under another name, then gives the file its own: what bears the name is whole.
pub(super) fn write(file: &Path, mut manifest: Manifest, sources: &[(String, PathBuf)]) -> Result<Manifest> {
    if file.exists() {
        return Err(fault(format!("{} is there already: a backup never replaces a file", file.display())));
    }
    let beside = unfinished(file);
    let mut archive = ZipWriter::new(BufWriter::new(private_file(&beside)?));
    // Attachments are mostly packed already; the database is not.
    let options = |name: &str| {
        let method = if name.starts_with(super::ATTACHMENTS) { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        SimpleFileOptions::default().compression_method(method).large_file(true).unix_permissions(0o600)
    };
    for (name, path) in sources {
        archive.start_file(name, options(name)).map_err(zip_fault)?;
        let mut through = Digesting::new(&mut archive);
        std::io::copy(&mut BufReader::new(File::open(path)?), &mut through)?;
        manifest.files.push(through.entry(name));
    }
    archive.start_file(MANIFEST, options(MANIFEST)).map_err(zip_fault)?;
    archive.write_all(&serde_json::to_vec_pretty(&manifest)?)?;
    let written = archive.finish().map_err(zip_fault)?.into_inner().map_err(|error| Error::File(error.into_error()))?;
    written.sync_all()?;
    std::fs::rename(&beside, file)?;
    Ok(manifest)
}

fn open(file: &Path) -> Result<ZipArchive<BufReader<File>>> {
    let opened = File::open(file).map_err(|error| fault(format!("backup {}: {error}", file.display())))?;
    ZipArchive::new(BufReader::new(opened)).map_err(|_| fault(format!("{} is no backup, or is cut off", file.display())))
}

/// Reads every part and compares; the first that differs is named.
pub(super) fn check(file: &Path) -> Result<Manifest> {
    let mut archive = open(file)?;
    let damaged = |what: &str| fault(format!("the backup {} is damaged: {what}", file.display()));
    let manifest: Manifest = {
        let mut text = String::new();
        let mut part = archive.by_name(MANIFEST).map_err(|_| damaged("it has no manifest.json"))?;
        part.read_to_string(&mut text).map_err(|_| damaged("manifest.json can't be read"))?;
        serde_json::from_str(&text).map_err(|_| damaged("manifest.json can't be read"))?
    };
    if manifest.format != FORMAT {
        return Err(fault(format!("the backup has the format {}, this program reads {FORMAT}", manifest.format)));
    }
    for name in archive.file_names() {
        if name != MANIFEST && !manifest.files.iter().any(|entry| entry.name == name) {
            return Err(damaged(&format!("{name} is not in its manifest")));
        }
    }
    for entry in &manifest.files {
        let mut part = archive.by_name(&entry.name).map_err(|_| damaged(&format!("{} is missing", entry.name)))?;
        let mut through = Digesting::new(std::io::sink());
        std::io::copy(&mut part, &mut through).map_err(|_| damaged(&format!("{} can't be read", entry.name)))?;
        let found = through.entry(&entry.name);
        let named_by_digest = !entry.name.starts_with(super::ATTACHMENTS) || entry.name.ends_with(&found.sm3);
        if (found.size, &found.sha256, &found.sm3) != (entry.size, &entry.sha256, &entry.sm3) || !named_by_digest {
            return Err(damaged(&format!("{} does not fit its digest", entry.name)));
        }
    }
    Ok(manifest)
}

/// Puts one part in its place: written beside, then renamed over what may be there.
pub(super) fn extract(file: &Path, entry: &Entry, to: &Path, private: bool) -> Result<()> {
    let mut archive = open(file)?;
    let mut part = archive.by_name(&entry.name).map_err(zip_fault)?;
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let beside = unfinished(to);
    let _ = std::fs::remove_file(&beside);
    let written = if private { private_file(&beside)? } else { OpenOptions::new().write(true).create_new(true).open(&beside)? };
    let mut writer = BufWriter::new(written);
    std::io::copy(&mut part, &mut writer)?;
    writer.into_inner().map_err(|error| Error::File(error.into_error()))?.sync_all()?;
    Ok(std::fs::rename(&beside, to)?)
}
