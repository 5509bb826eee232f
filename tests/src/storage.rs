//! Databases and data folders of the cities.
//!
//! `LIANDONG_TEST_DATABASE` is `sqlite` or `postgres`; for `postgres`, `LIANDONG_TEST_POSTGRES_URL` is a connection that may create
//! databases and `LIANDONG_TEST_PSQL` the program `psql`.

use crate::command_line;
use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

/// What a city keeps.
#[derive(Clone)]
pub(crate) struct Storage {
    pub database_url: String,
    pub data_dir: PathBuf,
}

const SQLITE_FILE: &str = "liandong.sqlite";

fn sqlite_url(dir: &Path) -> String {
    format!("sqlite://{}?mode=rwc", dir.join(SQLITE_FILE).display())
}

impl Storage {
    /// Nothing yet, in that folder or on the test's cluster.
    pub fn empty(dir: &Path) -> Result<Self> {
        let database_url = match env::var("LIANDONG_TEST_DATABASE").as_deref() {
            Ok("postgres") => postgres_database(dir)?,
            Ok("sqlite") | Err(_) => sqlite_url(dir),
            Ok(other) => bail!("LIANDONG_TEST_DATABASE is `{other}`, not `sqlite` or `postgres`"),
        };
        let data_dir = dir.join("data");
        fs::create_dir_all(&data_dir)?;
        Ok(Self { database_url, data_dir })
    }

    /// A copy of what no server works on.
    pub fn copy(&self, dir: &Path) -> Result<Self> {
        let data_dir = dir.join("data");
        copy_dir(&self.data_dir, &data_dir)?;
        let database_url = match self.database_url.strip_prefix("sqlite://") {
            Some(path) => {
                let path = path.split('?').next().unwrap_or(path);
                fs::copy(path, dir.join(SQLITE_FILE))?;
                if Path::new(&format!("{path}-wal")).exists() {
                    bail!("{path} was not closed in order");
                }
                sqlite_url(dir)
            }
            None => created(self.database_url.rsplit('/').next())?,
        };
        Ok(Self { database_url, data_dir })
    }
}

fn copy_dir(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_dir(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

/// A folder that whoever gets it removes.
pub(crate) fn temporary_dir() -> Result<PathBuf> {
    Ok(tempfile::Builder::new().prefix("liandong-test-").tempdir()?.keep())
}

/// A new database on the test's cluster, with the schema: on PostgreSQL the server doesn't migrate by itself.
pub fn postgres_database(dir: &Path) -> Result<String> {
    let url = created(None)?;
    migrated(&url, dir)?;
    Ok(url)
}

/// Gives a database the schema.
pub(crate) fn migrated(url: &str, dir: &Path) -> Result<()> {
    let migrated = command_line(url, dir, &["migrate"])?;
    if !migrated.status.success() {
        bail!("`liandong migrate` failed: {}", String::from_utf8_lossy(&migrated.stderr));
    }
    Ok(())
}

/// Whether these tests run on PostgreSQL.
pub fn on_postgres() -> bool {
    env::var("LIANDONG_TEST_DATABASE").as_deref() == Ok("postgres")
}

fn cluster_url() -> Result<String> {
    env::var("LIANDONG_TEST_POSTGRES_URL").context("LIANDONG_TEST_POSTGRES_URL is not set: a connection that may create databases")
}

/// Runs a statement on the test's cluster, outside the cities' databases.
pub fn on_cluster(statement: &str) -> Result<()> {
    let psql = env::var_os("LIANDONG_TEST_PSQL").unwrap_or_else(|| "psql".into());
    let done = Command::new(psql).arg(cluster_url()?).args(["--quiet", "--no-psqlrc", "-v", "ON_ERROR_STOP=1", "--command", statement]).output()?;
    if !done.status.success() {
        bail!("`{statement}` failed on the test's cluster: {}", String::from_utf8_lossy(&done.stderr));
    }
    Ok(())
}

/// A database on the test's cluster, with nothing in it or a copy of another one that nobody is connected to.
fn created(template: Option<&str>) -> Result<String> {
    let admin = cluster_url()?;
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let name = format!("liandong_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    on_cluster(&format!("CREATE DATABASE {name}{}", template.map(|template| format!(" TEMPLATE {template}")).unwrap_or_default()))?;
    let (server, _) = admin.rsplit_once('/').context("LIANDONG_TEST_POSTGRES_URL names no database")?;
    Ok(format!("{server}/{name}"))
}
