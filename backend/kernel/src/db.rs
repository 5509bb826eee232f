//! The database, private to this crate. SQLite: one writer connection (`BEGIN IMMEDIATE`) and a small pool for reads, since a
//! read transaction that upgrades fails with `database is locked` whatever the busy timeout. PostgreSQL: one pool for changes and for
//! what goes on without a request, and one for reading in each worker ([`crate::reading`]).

use crate::{
    error::{Error, Result},
    measure::{self, Pool},
    once::{self, Answer},
    reading::{Reader, Workers},
    transaction::Transaction,
};
use backend_rules::schema::{self, Standing};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait, IdenStatic, IsolationLevel,
    Iterable, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, sqlx,
};
use sea_orm_migration::{MigratorTrait, SchemaManager};
use std::time::Duration;

/// What only one node does at a time. The numbers are PostgreSQL's advisory locks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Right {
    Jobs = 0x4c44_0001,
    /// Removing contents of attachments; shared by those who name one.
    Contents = 0x4c44_0002,
    /// Changing the schema.
    Schema = 0x4c44_0003,
}

pub(crate) struct Db {
    url: String,
    read: Reader,
    workers: Workers,
    write: DatabaseConnection,
    /// Connections that wait for no other: what is asked on one beside an open transaction can't starve. PostgreSQL only.
    beside: Option<DatabaseConnection>,
    backend: DbBackend,
}

impl Db {
    /// Connects; SQLite migrates itself, PostgreSQL must already have a schema this program can work on.
    pub(crate) async fn open(url: &str, migrate: bool) -> Result<Self> {
        let postgres = url.starts_with("postgres");
        if postgres && migrate {
            migrate_beside_others(url).await?;
        }
        let options = |max: u32| options(url, max);
        let (read, write, workers, beside, backend) = if postgres {
            let pool = counted(sea_orm::Database::connect(options(16)).await?);
            let beside = counted(sea_orm::Database::connect(options(2)).await?);
            (pool.clone(), pool, Workers::each(), Some(beside), DbBackend::Postgres)
        } else {
            let write = sea_orm::Database::connect(options(1)).await?;
            // Settings of SQLite are per connection, `journal_mode` is kept in the file.
            for pragma in ["PRAGMA journal_mode = WAL", "PRAGMA busy_timeout = 5000", "PRAGMA foreign_keys = ON", "PRAGMA synchronous = FULL"] {
                write.execute_unprepared(pragma).await?;
            }
            if migrate {
                // A SQLite file has one server: nobody else is broken by it.
                self::migrate(&write, &[]).await?;
            }
            let read = sea_orm::Database::connect(options(4)).await?;
            (counted(read), counted(write), Workers::none(), None, DbBackend::Sqlite)
        };
        let db = Self { url: url.to_owned(), read: Reader::shared(read), workers, write, beside, backend };
        check_schema(&applied(&db.write).await?)?;
        Ok(db)
    }

    /// Whether this program can still work on the schema, which another one may have changed meanwhile.
    pub(crate) async fn still_serves(&self) -> Result<bool> {
        Ok(schema::standing(&schema_names(), &recorded(self.read.pool()).await?) == Standing::Serves)
    }

    /// Whether it takes changes: a standby of PostgreSQL doesn't, nor does a server that became one under this node.
    pub(crate) async fn takes_changes(&self) -> Result<bool> {
        if !self.is_postgres() {
            return Ok(true);
        }
        let sql = statement(self.backend, "SELECT current_setting('transaction_read_only') = 'off'", Vec::new());
        let row = self.write.query_one_raw(sql).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(false))
    }

    /// Migrations that were put off until no older program serves.
    pub(crate) async fn put_off(&self) -> Result<Vec<String>> {
        Ok(schema::pending(&schema_names(), &applied(&self.write).await?))
    }

    /// Gives the worker on this thread connections of its own to read over. SQLite has none that wait for a network.
    pub(crate) async fn join_worker(&self) -> Result<()> {
        let open = |max| async move {
            let mut options = options(&self.url, max);
            options.connect_lazy(true);
            Ok(counted(sea_orm::Database::connect(options).await?))
        };
        self.workers.join(open).await
    }

    /// For reading: what was committed is seen, whoever did it.
    pub(crate) fn read(&self) -> &Reader {
        self.workers.here().unwrap_or(&self.read)
    }

    /// For what goes on when its request has been answered.
    pub(crate) fn afterwards(&self) -> DatabaseConnection {
        self.write.clone()
    }

    /// For one statement of its own, beside a transaction that waits for it. None: this database has one writer, the transaction itself.
    pub(crate) fn beside(&self) -> Option<&DatabaseConnection> {
        self.beside.as_ref()
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
            let own: Vec<_> = self.workers.all().map(|reader| reader.pool().get_postgres_connection_pool()).collect();
            return vec![
                Pool { name: "shared", open: pool.size(), idle: pool.num_idle() },
                Pool { name: "workers", open: own.iter().map(|pool| pool.size()).sum(), idle: own.iter().map(|pool| pool.num_idle()).sum() },
            ];
        }
        let pool = |name, connection: &DatabaseConnection| {
            let pool = connection.get_sqlite_connection_pool();
            Pool { name, open: pool.size(), idle: pool.num_idle() }
        };
        vec![pool("read", self.read.pool()), pool("write", &self.write)]
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
            if let Some(beside) = &self.beside {
                beside.get_postgres_connection_pool().close().await;
            }
            // Those of the workers went with them.
            return self.write.get_postgres_connection_pool().close().await;
        }
        // The writer last: whoever closes last moves what was written into the file.
        self.read.pool().get_sqlite_connection_pool().close().await;
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
        Ok(self.read.pool().begin_with_options(options).await?)
    }
}

fn options(url: &str, max: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url.to_owned());
    options.max_connections(max).acquire_timeout(Duration::from_secs(10)).sqlx_logging(false);
    // Asking each time whether a connection is still there is one more turn for every statement.
    options.test_before_acquire_if_idle_for(Duration::from_secs(1));
    options.map_sqlx_postgres_opts(|options| options.application_name(&program()));
    options.map_sqlx_postgres_pool_opts(|options| options.after_connect(|connection, _| Box::pin(settled(connection))));
    options
}

/// How PostgreSQL carries out what comes over these connections. Each statement is planned once, as the tests look at the plans
/// (`plans.rs`): planning anew for each set of values took longer than many statements themselves. Requests are short and many, so none is
/// spread over processors or compiled.
const MANNERS: &str = "SET plan_cache_mode = force_generic_plan; SET jit = off; SET max_parallel_workers_per_gather = 0";

async fn settled(connection: &mut sqlx::PgConnection) -> std::result::Result<(), sqlx::Error> {
    sqlx::Executor::execute(connection, MANNERS).await.map(drop)
}

/// Counts each statement, and tells it to who asks for them (`LIANDONG_LOG=liandong::sql=trace`), without its values: these are people's.
fn counted(mut connection: DatabaseConnection) -> DatabaseConnection {
    connection.set_metric_callback(|info| {
        measure::round_trip();
        tracing::trace!(target: "liandong::sql", sql = info.statement.sql, ms = measure::milliseconds(info.elapsed));
    });
    connection
}

/// Refuses a schema that this program can't work on.
fn check_schema(applied: &[String]) -> Result<()> {
    match schema::standing(&schema_names(), applied) {
        Standing::Serves => Ok(()),
        Standing::Older(pending) => Err(Error::Startup(format!("{} migrations are pending: run `liandong migrate` first", pending.len()))),
        Standing::Newer(foreign) => Err(Error::Startup(format!("the schema is newer than this program: {}", foreign.join(", ")))),
    }
}

/// The applied migrations, also of a database that has none yet.
async fn applied(connection: &DatabaseConnection) -> Result<Vec<String>> {
    if SchemaManager::new(connection).has_table("seaql_migrations").await? { recorded(connection).await } else { Ok(Vec::new()) }
}

async fn recorded(connection: &DatabaseConnection) -> Result<Vec<String>> {
    let sql = statement(connection.get_database_backend(), "SELECT version FROM seaql_migrations", Vec::new());
    let rows = connection.query_all_raw(sql).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// Before the number by which programs on one PostgreSQL know each other, as the name of their connections.
const PROGRAM: &str = "liandong/";

fn program() -> String {
    format!("{PROGRAM}{}", schema::newest(&schema_names()))
}

/// Applies what is pending, unless programs with these numbers would be broken by it.
async fn migrate(connection: &DatabaseConnection, serving: &[u32]) -> Result<()> {
    let (own, applied) = (schema_names(), applied(connection).await?);
    let pending = schema::pending(&own, &applied);
    if pending.is_empty() {
        return Ok(());
    }
    if let Standing::Newer(_) = schema::standing(&own, &applied) {
        return check_schema(&applied);
    }
    let count = schema::applicable(&pending, serving).map_err(|migration| {
        Error::Startup(format!("programs that serve now can't go on after {migration}: stop them first, nothing was changed"))
    })?;
    migrations::Migrator::up(connection, u32::try_from(count).ok()).await?;
    Ok(())
}

/// The same on PostgreSQL: one at a time, with an eye on the programs that serve meanwhile. A lock that such a program holds is not waited
/// for long, since all others would queue up behind.
async fn migrate_beside_others(url: &str) -> Result<()> {
    let connection = single(url).await?;
    let run = async |sql: String| connection.execute_raw(statement(DbBackend::Postgres, &sql, Vec::new())).await;
    run(format!("SELECT pg_advisory_lock({})", Right::Schema as i64)).await?;
    run("SELECT set_config('lock_timeout', '10s', false)".into()).await?;
    let sql = "SELECT application_name FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE ?";
    let rows = connection.query_all_raw(statement(DbBackend::Postgres, sql, vec![format!("{PROGRAM}%").into()])).await?;
    let names = rows.iter().map(|row| row.try_get_by_index(0)).collect::<std::result::Result<Vec<String>, _>>()?;
    let serving: Vec<u32> = names.iter().filter_map(|name| name.strip_prefix(PROGRAM)?.parse().ok()).collect();
    let outcome = migrate(&connection, &serving).await;
    connection.close().await?;
    outcome
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

/// The columns of an entity under an alias, by name: the statement goes on meaning the same when a later program's migration adds one.
/// PostgreSQL refuses a prepared `SELECT m.*` from then on, for as long as the connection lives.
pub(crate) fn columns<E: EntityTrait>(alias: &str) -> String {
    E::Column::iter().map(|column| format!("{alias}.{}", column.as_str())).collect::<Vec<_>>().join(", ")
}

/// A struct that is read from some columns of a row by their places, which costs half of what names do: for rows that come by the page.
/// `of` a model, it can be made from one, too.
macro_rules! by_place {
    ($(#[$meta:meta])* struct $name:ident of $model:path { $($field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        pub(crate) struct $name {
            $(pub(crate) $field: $type,)*
        }

        impl $name {
            /// In the order in which they are read.
            pub(crate) const COLUMNS: &[&str] = &[$(stringify!($field)),*];

            /// From the column at this place on.
            pub(crate) fn read(row: &sea_orm::QueryResult, mut at: usize) -> std::result::Result<Self, sea_orm::DbErr> {
                let mut next = || {
                    at += 1;
                    at - 1
                };
                Ok(Self { $($field: row.try_get_by_index(next())?,)* })
            }

            /// Under the alias of their table.
            pub(crate) fn columns(alias: &str) -> String {
                Self::COLUMNS.iter().map(|column| format!("{alias}.{column}")).collect::<Vec<_>>().join(", ")
            }
        }

        impl From<$model> for $name {
            fn from(model: $model) -> Self {
                Self { $($field: model.$field.into(),)* }
            }
        }
    };
}
pub(crate) use by_place;

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
