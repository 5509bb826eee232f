//! One file with everything an installation is: a consistent copy of the database, the attachments and the signing key, with the
//! digests of each. Made while the server runs: SQLite copies itself (`VACUUM INTO`), PostgreSQL by `pg_dump`. Attachments are
//! copied after the database; none that a row names is changed or deleted, so every row's file is there. Those in a bucket stay there.
//!
//! Restoring checks all digests before it touches anything. A backup of SQLite may be restored into PostgreSQL: its rows move over.

mod archive;
mod moving;
mod postgres;

use crate::{
    config::Config,
    entity::attachment,
    error::{Error, Result},
    state::App,
};
use archive::{Entry, Manifest};
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};
use std::path::{Path, PathBuf};

const SQLITE: &str = "sqlite";
const POSTGRES: &str = "postgres";
const DATABASE_SQLITE: &str = "database.sqlite";
const DATABASE_POSTGRES: &str = "database.pgdump";
const KEY: &str = "signing-key.pem";
const ATTACHMENTS: &str = "attachments";

/// What a backup holds.
#[derive(Debug)]
pub struct Held {
    pub attachments: usize,
    pub bytes: u64,
    pub created_at: String,
}

fn fault(text: impl Into<String>) -> Error {
    Error::Startup(text.into())
}

/// Writes a backup to a file that must not exist yet.
pub async fn write(app: &App, file: &Path) -> Result<Held> {
    let beside = app.config.data_dir.join(format!("backup-{}", crate::ids::next()));
    let copied = copy_database(app, &beside).await;
    let written = match copied {
        Ok(name) => write_archive(app, file, name, &beside),
        Err(error) => Err(error),
    };
    let _ = std::fs::remove_file(&beside);
    if written.is_err() {
        // Half a backup is worse than none. A file that was there before is not ours.
        archive::remove_unfinished(file);
    }
    written
}

/// Copies the database to a path; gives the name it has in the archive.
async fn copy_database(app: &App, to: &Path) -> Result<&'static str> {
    if app.db.is_postgres() {
        postgres::dump(&app.config.database_url, to)?;
        return Ok(DATABASE_POSTGRES);
    }
    let path = to.display().to_string().replace('\'', "''");
    app.db.read().execute_unprepared(&format!("VACUUM INTO '{path}'")).await?;
    Ok(DATABASE_SQLITE)
}

fn write_archive(app: &App, file: &Path, database: &'static str, copy: &Path) -> Result<Held> {
    let dir = &app.config.data_dir;
    let mut sources: Vec<(String, PathBuf)> = vec![(database.to_owned(), copy.to_owned()), (KEY.to_owned(), dir.join(KEY))];
    // A bucket has copies by its own means (docs/deployment.md).
    if app.config.s3.is_none() {
        for entry in std::fs::read_dir(dir.join(ATTACHMENTS))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // Anything else is a half-written one under another name.
            if name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                sources.push((format!("{ATTACHMENTS}/{name}"), entry.path()));
            }
        }
    }
    sources.sort();
    let manifest = Manifest::new(if app.db.is_postgres() { POSTGRES } else { SQLITE }, app.time.now());
    let manifest = archive::write(file, manifest, &sources)?;
    Ok(held(&manifest))
}

fn held(manifest: &Manifest) -> Held {
    Held {
        attachments: manifest.files.iter().filter(|entry| entry.name.starts_with(ATTACHMENTS)).count(),
        bytes: manifest.files.iter().map(|entry| entry.size).sum(),
        created_at: manifest.created_at.clone(),
    }
}

/// Puts a backup back. Refuses a damaged one, one of another engine or a later schema, and a target that holds something.
pub async fn restore(config: &Config, file: &Path, force: bool) -> Result<Held> {
    let manifest = archive::check(file)?;
    let postgres = config.database_url.starts_with("postgres");
    let engine = if postgres { POSTGRES } else { SQLITE };
    // The way of a city that outgrows its file; there is none back.
    let moves = manifest.database == SQLITE && postgres;
    if manifest.database != engine && !moves {
        return Err(fault(format!("the backup is of {}, the target is {engine}", manifest.database)));
    }
    let known = crate::db::schema_names();
    if let Some(later) = manifest.schema.iter().find(|name| !known.contains(name)) {
        return Err(fault(format!("the backup has the schema {later}, which this program doesn't know: use a newer one")));
    }
    if let Some(name) = manifest.files.iter().map(|entry| &entry.name).find(|name| !is_ours(name)) {
        return Err(fault(format!("the backup holds {name}, which is none of its parts")));
    }
    let sqlite = sqlite_path(&config.database_url);
    if !force {
        refuse_full_target(config, sqlite.as_deref()).await?;
    }
    std::fs::create_dir_all(config.data_dir.join(ATTACHMENTS))?;
    if let Some(path) = &sqlite {
        crate::db::refuse_in_use(&config.database_url, path).await?;
    }
    for entry in manifest.files.iter().filter(|entry| entry.name.starts_with(ATTACHMENTS)) {
        archive::extract(file, entry, &config.data_dir.join(&entry.name), false)?;
    }
    if moves {
        move_database(config, file, &manifest).await?;
    } else {
        restore_database(config, file, &manifest, sqlite.as_deref())?;
    }
    if let Some(key) = manifest.files.iter().find(|entry| entry.name == KEY) {
        archive::extract(file, key, &config.data_dir.join(KEY), true)?;
    }
    Ok(held(&manifest))
}

fn part<'a>(manifest: &'a Manifest, name: &str) -> Result<&'a Entry> {
    manifest.files.iter().find(|entry| entry.name == name).ok_or_else(|| fault(format!("the backup is damaged: {name} is missing")))
}

/// Where a part lies while it is put back.
fn aside(config: &Config) -> PathBuf {
    config.data_dir.join(format!("restore-{}", crate::ids::next()))
}

fn restore_database(config: &Config, file: &Path, manifest: &Manifest, sqlite: Option<&Path>) -> Result<()> {
    let Some(path) = sqlite else {
        let dump = aside(config);
        archive::extract(file, part(manifest, DATABASE_POSTGRES)?, &dump, true)?;
        let restored = postgres::restore(&config.database_url, &dump);
        let _ = std::fs::remove_file(&dump);
        return restored;
    };
    archive::extract(file, part(manifest, DATABASE_SQLITE)?, path, false)?;
    // The log of the database that was there belongs to no file any more.
    remove_logs(path)
}

/// Restores a copy of SQLite into PostgreSQL.
async fn move_database(config: &Config, file: &Path, manifest: &Manifest) -> Result<()> {
    let copy = aside(config);
    archive::extract(file, part(manifest, DATABASE_SQLITE)?, &copy, true)?;
    let moved = moving::into_postgres(&copy, &config.database_url).await;
    let _ = std::fs::remove_file(&copy);
    remove_logs(&copy)?;
    moved
}

/// The files that SQLite keeps beside a database.
fn remove_logs(database: &Path) -> Result<()> {
    for ending in ["-wal", "-shm"] {
        let mut log = database.as_os_str().to_owned();
        log.push(ending);
        match std::fs::remove_file(&log) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Names come from the file: only our own may reach the file system.
fn is_ours(name: &str) -> bool {
    let attachment =
        name.strip_prefix("attachments/").is_some_and(|digest| digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    attachment || [DATABASE_SQLITE, DATABASE_POSTGRES, KEY].contains(&name)
}

async fn refuse_full_target(config: &Config, sqlite: Option<&Path>) -> Result<()> {
    let full = |what: String| Err(fault(format!("{what} is there already: restore into an empty place, or replace it with --force")));
    let key = config.data_dir.join(KEY);
    if key.exists() {
        return full(key.display().to_string());
    }
    let folder = config.data_dir.join(ATTACHMENTS);
    if std::fs::read_dir(&folder).is_ok_and(|mut files| files.next().is_some()) {
        return full(folder.display().to_string());
    }
    match sqlite {
        Some(path) if std::fs::metadata(path).is_ok_and(|file| file.len() > 0) => full(path.display().to_string()),
        None if crate::db::holds_something(&config.database_url).await? => full("data in the database".into()),
        _ => Ok(()),
    }
}

/// The file of a SQLite URL.
fn sqlite_path(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    Some(PathBuf::from(rest.split('?').next().unwrap_or(rest)))
}

impl App {
    /// Digests of attachments that rows name and the folder lacks.
    pub async fn missing_attachments(&self) -> Result<Vec<String>> {
        let digests: Vec<String> =
            attachment::Entity::find().select_only().column(attachment::Column::Digest).distinct().into_tuple().all(self.db.read()).await?;
        let mut missing = Vec::new();
        for digest in digests {
            if !self.blobs.has(&digest).await? {
                missing.push(digest);
            }
        }
        Ok(missing)
    }
}
