//! Connections for reading. On PostgreSQL each worker of the server has some of its own, opened and waited for where the worker runs: over
//! those of [`crate::lasting`], which outlive the workers, each packet first woke another thread, and a page took a sixth longer.

use crate::{error::Result, lasting};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use sea_orm_migration::async_trait::async_trait;
use std::{
    cell::Cell,
    future::Future,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};
use tokio::runtime::Handle;

thread_local! {
    /// Which of the workers this thread is; none for all other threads.
    static WORKER: Cell<Option<usize>> = const { Cell::new(None) };
}

/// What is read over, for all or for one worker.
pub(crate) struct Reader {
    pool: DatabaseConnection,
    /// Where the worker's connections are opened, used and given back. A worker ends after its requests, so none of them loses one.
    worker: Option<Handle>,
}

impl Reader {
    pub(crate) fn shared(pool: DatabaseConnection) -> Self {
        Self { pool, worker: None }
    }

    /// The pool itself.
    pub(crate) fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }

    async fn there<T>(&self, work: impl Future<Output = T> + Send) -> T {
        match &self.worker {
            Some(worker) => lasting::within(worker, work).await,
            None => work.await,
        }
    }
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> std::result::Result<ExecResult, DbErr> {
        self.there(self.pool.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> std::result::Result<ExecResult, DbErr> {
        self.there(self.pool.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> std::result::Result<Option<QueryResult>, DbErr> {
        self.there(self.pool.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> std::result::Result<Vec<QueryResult>, DbErr> {
        self.there(self.pool.query_all_raw(statement)).await
    }
}

/// The readers of all workers, as they come.
pub(crate) struct Workers {
    readers: Vec<OnceLock<Reader>>,
    next: AtomicUsize,
}

/// Together as many as all share for the rest; a worker has at least two, so that none waits behind one slow list.
const TOGETHER: usize = 16;

impl Workers {
    /// No worker has its own.
    pub(crate) fn none() -> Self {
        Self { readers: Vec::new(), next: AtomicUsize::new(0) }
    }

    /// Each may have its own: as many workers as the server starts by itself.
    pub(crate) fn each() -> Self {
        let workers = thread::available_parallelism().map_or(1, usize::from);
        Self { readers: (0..workers).map(|_| OnceLock::new()).collect(), next: AtomicUsize::new(0) }
    }

    /// Gives this thread, a worker of the server on its own runtime, connections of its own; `open` opens at most so many, when they are
    /// needed. Without, it reads over those of all.
    pub(crate) async fn join<F: Future<Output = Result<DatabaseConnection>>>(&self, open: impl FnOnce(u32) -> F) -> Result<()> {
        let at = self.next.fetch_add(1, Ordering::Relaxed);
        let Some(place) = self.readers.get(at) else { return Ok(()) };
        let each = u32::try_from((TOGETHER / self.readers.len()).max(2)).unwrap_or(2);
        let reader = Reader { pool: open(each).await?, worker: Some(Handle::current()) };
        if place.set(reader).is_ok() {
            WORKER.set(Some(at));
        }
        Ok(())
    }

    /// That of the worker this thread is.
    pub(crate) fn here(&self) -> Option<&Reader> {
        WORKER.get().and_then(|at| self.readers.get(at)).and_then(OnceLock::get)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Reader> {
        self.readers.iter().filter_map(OnceLock::get)
    }
}
