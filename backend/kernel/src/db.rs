//! The database, private to this crate. SQLite: one writer connection (`BEGIN IMMEDIATE`) and a small pool for reads, since a
//! read transaction that upgrades fails with `database is locked` whatever the busy timeout. PostgreSQL: one pool.

use crate::{
    error::{Error, Result},
    measure::{self, Pool},
    once::{self, Answer},
    transaction::Transaction,
};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use std::time::Duration;

/// What only one node does at a time. The numbers are PostgreSQL's advisory locks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Right {
    Jobs = 0x4c44_0001,
    /// Removing contents of attachments; shared by those who name one.
    Contents = 0x4c44_0002,
}

#[derive(Clone)]
pub(crate) struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
    backend: DbBackend,
}

impl Db {
    /// Connects; SQLite migrates itself, PostgreSQL must already have this program's schema.
    pub(crate) async fn open(url: &str, migrate: bool) -> Result<Self> {
        let postgres = url.starts_with("postgres");
        let options = |max: u32| {
            let mut options = ConnectOptions::new(url.to_owned());
            options.max_connections(max).acquire_timeout(Duration::from_secs(10)).sqlx_logging(false);
            // Asking each time whether a connection is still there is one more turn for every statement.
            options.test_before_acquire_if_idle_for(Duration::from_secs(1));
            options
        };
        let (read, write, backend) = if postgres {
            let pool = counted(sea_orm::Database::connect(options(16)).await?);
            (pool.clone(), pool, DbBackend::Postgres)
        } else {
            let write = sea_orm::Database::connect(options(1)).await?;
            // Settings of SQLite are per connection, `journal_mode` is kept in the file.
            for pragma in ["PRAGMA journal_mode = WAL", "PRAGMA busy_timeout = 5000", "PRAGMA foreign_keys = ON", "PRAGMA synchronous = FULL"] {
                write.execute_unprepared(pragma).await?;
            }
            if migrate {
                migrations::Migrator::up(&write, None).await?;
            }
            let read = sea_orm::Database::connect(options(4)).await?;
            (counted(read), counted(write), DbBackend::Sqlite)
        };
        if postgres && migrate {
            migrations::Migrator::up(&write, None).await?;
        }
        let db = Self { read, write, backend };
        db.check_schema().await?;
        Ok(db)
    }

    /// Refuses a schema older or newer than this program's own.
    async fn check_schema(&self) -> Result<()> {
        let pending = migrations::Migrator::get_pending_migrations(&self.write)
            .await
            .map_err(|error| Error::Startup(format!("the schema is newer than this program or unreadable: {error}")))?;
        if pending.is_empty() {
            Ok(())
        } else {
            Err(Error::Startup(format!("{} migrations are pending: run `liandong migrate` first", pending.len())))
        }
    }

    pub(crate) fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.backend
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.backend == DbBackend::Postgres
    }

    /// The pools with their connections.
    pub(crate) fn connections(&self) -> Vec<Pool> {
        if self.is_postgres() {
            let pool = self.write.get_postgres_connection_pool();
            return vec![Pool { name: "shared", open: pool.size(), idle: pool.num_idle() }];
        }
        let pool = |name, connection: &DatabaseConnection| {
            let pool = connection.get_sqlite_connection_pool();
            Pool { name, open: pool.size(), idle: pool.num_idle() }
        };
        vec![pool("read", &self.read), pool("write", &self.write)]
    }

    /// A write transaction. Rolls back when dropped without `commit`.
    pub(crate) async fn begin(&self) -> Result<Transaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: (!self.is_postgres()).then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        measure::round_trip();
        Ok(Transaction::new(self.write.begin_with_options(options).await?))
    }

    /// Ends a write transaction: what it did holds, and with it the mark of the request's `Idempotency-Key`.
    pub(crate) async fn commit(&self, transaction: Transaction) -> Result<()> {
        once::mark(&transaction, self.backend, None).await?;
        transaction.commit().await?;
        once::held(false);
        Ok(())
    }

    /// Ends a transaction that is not what the request is for, such as noting an attempt: its `Idempotency-Key` stays unused.
    pub(crate) async fn commit_beside(&self, transaction: Transaction) -> Result<()> {
        Ok(transaction.commit().await?)
    }

    /// The same with the answer, so that it is kept exactly when the effect is.
    pub(crate) async fn commit_answering(&self, transaction: Transaction, answer: &Answer) -> Result<()> {
        once::mark(&transaction, self.backend, Some(answer)).await?;
        transaction.commit().await?;
        once::held(true);
        Ok(())
    }

    /// Lets transactions that name the same subject follow one another. SQLite has one writer anyway.
    pub(crate) async fn one_at_a_time(&self, transaction: &Transaction, subject: &str) -> Result<()> {
        if self.is_postgres() {
            let sql = "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))";
            transaction.execute_raw(statement(self.backend, sql, vec![subject.into()])).await?;
        }
        Ok(())
    }

    /// The one right among all nodes on this database to do something, until the transaction given ends. `None` when another node has
    /// it, unless it is waited for. PostgreSQL only: a SQLite file has one server.
    pub(crate) async fn right_among_nodes(&self, right: Right, wait: bool) -> Result<Option<DatabaseTransaction>> {
        let transaction = self.write.begin().await?;
        let ask = if wait { "SELECT pg_advisory_xact_lock(?) IS NOT NULL" } else { "SELECT pg_try_advisory_xact_lock(?)" };
        let row = transaction.query_one_raw(statement(self.backend, ask, vec![(right as i64).into()])).await?;
        let had = row.map(|row| row.try_get_by_index::<bool>(0)).transpose()?.unwrap_or(false);
        Ok(had.then_some(transaction))
    }

    pub(crate) async fn close(&self) {
        if self.is_postgres() {
            return self.write.get_postgres_connection_pool().close().await;
        }
        // The writer last: whoever closes last moves what was written into the file.
        self.read.get_sqlite_connection_pool().close().await;
        self.write.get_sqlite_connection_pool().close().await;
    }

    /// One unchanging view for several reads that must fit together.
    pub(crate) async fn snapshot(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            isolation_level: self.is_postgres().then_some(IsolationLevel::RepeatableRead),
            access_mode: self.is_postgres().then_some(AccessMode::ReadOnly),
            ..TransactionOptions::default()
        };
        measure::round_trip();
        Ok(self.read.begin_with_options(options).await?)
    }
}

/// Counts each statement, and tells it to who asks for them (`LIANDONG_LOG=liandong::sql=trace`), without its values: these are people's.
fn counted(mut connection: DatabaseConnection) -> DatabaseConnection {
    connection.set_metric_callback(|info| {
        measure::round_trip();
        tracing::trace!(target: "liandong::sql", sql = info.statement.sql, ms = info.elapsed.as_millis());
    });
    connection
}

/// The migrations this program knows, in order.
pub(crate) fn schema_names() -> Vec<String> {
    migrations::Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect()
}

async fn single(url: &str) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url.to_owned());
    options.max_connections(1).acquire_timeout(Duration::from_secs(10)).sqlx_logging(false);
    Ok(sea_orm::Database::connect(options).await?)
}

/// Whether a PostgreSQL database holds a jurisdiction. One without our tables, or with empty ones, may be restored into.
pub(crate) async fn holds_something(url: &str) -> Result<bool> {
    let connection = single(url).await?;
    let backend = connection.get_database_backend();
    let count = async |sql: &str| -> Result<i64> {
        let row = connection.query_one_raw(statement(backend, sql, Vec::new())).await?;
        Ok(row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?.unwrap_or(0))
    };
    let there = count("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public' AND table_name = 'jurisdiction'").await? > 0;
    let full = there && count("SELECT count(*) FROM jurisdiction").await? > 0;
    connection.close().await?;
    Ok(full)
}

/// Refuses while a server has the SQLite file open: it would go on writing into the file that is no longer there.
pub(crate) async fn refuse_in_use(url: &str, file: &std::path::Path) -> Result<()> {
    if !file.is_file() {
        return Ok(());
    }
    let connection = single(url).await?;
    // In WAL mode an exclusive lock is had only when no other connection is open.
    let alone = async {
        connection.execute_unprepared("PRAGMA busy_timeout = 200").await?;
        connection.execute_unprepared("PRAGMA locking_mode = EXCLUSIVE").await?;
        connection.execute_unprepared("BEGIN IMMEDIATE").await?;
        connection.execute_unprepared("ROLLBACK").await
    }
    .await;
    connection.close().await?;
    match alone {
        Err(error) if error.to_string().contains("locked") => {
            Err(Error::Startup(format!("{} is in use: stop the server before restoring", file.display())))
        }
        // A file that is no database any more is what a restore is for.
        _ => Ok(()),
    }
}

/// A statement written with `?` for both databases; PostgreSQL's `$n` are filled in here.
pub(crate) fn statement(backend: DbBackend, sql: &str, values: Vec<sea_orm::Value>) -> Statement {
    let text = if backend == DbBackend::Postgres {
        let mut numbered = String::with_capacity(sql.len() + 16);
        let mut next = 0;
        for c in sql.chars() {
            if c == '?' {
                next += 1;
                numbered.push('$');
                numbered.push_str(&next.to_string());
            } else {
                numbered.push(c);
            }
        }
        numbered
    } else {
        sql.to_owned()
    };
    Statement::from_sql_and_values(backend, text, values)
}
