//! A write transaction that gathers what it has to write ([`crate::writing`]). Whatever it is asked sees all of it: waiting rows are
//! written before any other statement, and before the commit.

use crate::writing::{Waiting, Write};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement, Value, prelude::async_trait::async_trait};
use std::sync::{Mutex, PoisonError};

/// Rolls back when dropped without a commit.
pub(crate) struct Transaction {
    inner: DatabaseTransaction,
    /// Nobody uses one transaction from two places at once, so nothing overtakes what was taken out to be written.
    waiting: Mutex<Waiting>,
}

impl Transaction {
    pub(crate) fn new(inner: DatabaseTransaction) -> Self {
        Self { inner, waiting: Mutex::default() }
    }

    /// A row to be written, at the latest by the commit. What speaks against it (a constraint) shows when it is.
    pub(crate) fn write(&self, write: &'static Write, row: Vec<Value>) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).add(write, row);
    }

    /// Writes what waits.
    pub(crate) async fn settle(&self) -> Result<(), DbErr> {
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        if waiting.twice {
            return Err(DbErr::Custom("a matter was changed twice without being read between".into()));
        }
        if !waiting.is_empty() {
            self.inner.execute_raw(waiting.into_statement(self.inner.get_database_backend())).await?;
        }
        Ok(())
    }

    pub(crate) async fn rollback(self) -> Result<(), DbErr> {
        self.inner.rollback().await
    }

    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        self.settle().await?;
        crate::measure::round_trip();
        self.inner.commit().await
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.settle().await?;
        self.inner.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.settle().await?;
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.settle().await?;
        self.inner.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.settle().await?;
        self.inner.query_all_raw(statement).await
    }
}
