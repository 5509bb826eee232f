//! The database as its own tools see it: psql, or SQLite linked in.

use anyhow::{Context, Result, bail};
use rusqlite::{Connection, types::Value};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

pub enum Database {
    Sqlite(PathBuf),
    Postgres { url: String, bin: PathBuf },
}

impl Database {
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres { .. })
    }

    /// As the server wants it named.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite://{}?mode=rwc", path.display()),
            Self::Postgres { url, .. } => url.clone(),
        }
    }

    pub fn sqlite(path: &Path) -> Result<Connection> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(std::time::Duration::from_secs(30))?;
        Ok(connection)
    }

    /// Rows as texts; what is missing is empty.
    pub fn rows(&self, sql: &str) -> Result<Vec<Vec<String>>> {
        match self {
            Self::Sqlite(path) => {
                let connection = Self::sqlite(path)?;
                let mut prepared = connection.prepare(sql).with_context(|| sql.to_owned())?;
                let columns = prepared.column_count();
                let mut rows = prepared.query([])?;
                let mut all = Vec::new();
                while let Some(row) = rows.next()? {
                    all.push((0..columns).map(|at| Ok(text(row.get(at)?))).collect::<Result<_>>()?);
                }
                Ok(all)
            }
            Self::Postgres { .. } => {
                let output = self.psql(sql, &["--tuples-only", "--no-align", "--field-separator=\u{1f}", "--record-separator=\u{1e}"])?;
                let lines = output.split('\u{1e}').map(|line| line.trim_end_matches('\n')).filter(|line| !line.is_empty());
                Ok(lines.map(|line| line.split('\u{1f}').map(str::to_owned).collect()).collect())
            }
        }
    }

    /// The only value of the only row.
    pub fn one(&self, sql: &str) -> Result<String> {
        let rows = self.rows(sql)?;
        rows.into_iter().flatten().next().with_context(|| format!("no row: {sql}"))
    }

    /// Statements, all or none.
    pub fn run(&self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(path) => {
                let connection = Self::sqlite(path)?;
                connection.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN")?;
                connection.execute_batch(sql).with_context(|| sql.chars().take(2000).collect::<String>())?;
                connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
            }
            Self::Postgres { .. } => {
                self.psql(sql, &["--single-transaction"])?;
            }
        }
        Ok(())
    }

    /// Statements that can't be in a transaction (PostgreSQL).
    pub fn run_alone(&self, sql: &str) -> Result<()> {
        self.psql(sql, &[]).map(|_| ())
    }

    fn psql(&self, sql: &str, arguments: &[&str]) -> Result<String> {
        let Self::Postgres { url, bin } = self else { bail!("not PostgreSQL") };
        let mut child = Command::new(bin.join("psql"))
            .arg(url)
            .args(["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("psql")?;
        child.stdin.take().context("psql's input")?.write_all(sql.as_bytes())?;
        let output = child.wait_with_output()?;
        if !output.status.success() {
            bail!("{}\n{}", String::from_utf8_lossy(&output.stderr), sql.chars().take(2000).collect::<String>());
        }
        Ok(String::from_utf8(output.stdout)?)
    }
}

fn text(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text,
        Value::Blob(bytes) => uuid::Uuid::from_slice(&bytes).map(|id| id.to_string()).unwrap_or_default(),
    }
}
