//! Whether this node can do its work, for balancers and operators. Anybody may ask as often as they like, so the answer is found out once a
//! second at most.

use crate::{
    error::{Error, Result},
    state::App,
};
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// A balancer waits a few seconds for an answer, not longer.
const PATIENCE: Duration = Duration::from_secs(2);
const FRESH: Duration = Duration::from_secs(1);

/// What a node may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lack {
    /// It is about to stop.
    Staying,
    Database,
    /// A database that takes changes.
    Changes,
    /// A schema that this program can work on.
    Schema,
    /// A data folder that takes files.
    DataFolder,
}

impl Lack {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Staying => "draining",
            Self::Database => "database",
            Self::Changes => "database takes no changes",
            Self::Schema => "schema",
            Self::DataFolder => "data folder",
        }
    }
}

/// What was found out last.
#[derive(Default)]
pub(crate) struct Readiness {
    last: Mutex<Option<(Instant, Vec<Lack>)>>,
    /// A file is being written, on a network's folder perhaps for ever.
    writing: Arc<Mutex<()>>,
}

pub(crate) async fn lacks(app: &App) -> Vec<Lack> {
    if app.is_draining() {
        return vec![Lack::Staying];
    }
    let mut last = app.readiness.last.lock().await;
    if let Some((_, lacks)) = last.as_ref().filter(|(at, _)| at.elapsed() < FRESH) {
        return lacks.clone();
    }
    let (database, folder) = tokio::join!(database(app), data_folder(app));
    let lacks: Vec<Lack> = [database, folder].into_iter().flatten().collect();
    *last = Some((Instant::now(), lacks.clone()));
    lacks
}

async fn database(app: &App) -> Option<Lack> {
    let asked = async { Ok::<_, Error>((app.db.still_serves().await?, app.db.takes_changes().await?)) };
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok((true, true))) => None,
        Ok(Ok((false, _))) => {
            tracing::warn!("not ready: the schema was changed to one that this program can't work on");
            Some(Lack::Schema)
        }
        Ok(Ok((true, false))) => {
            tracing::warn!("not ready: the database is a standby, or set to be only read");
            Some(Lack::Changes)
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: database");
            Some(Lack::Database)
        }
        Err(_) => {
            tracing::warn!("not ready: the database did not answer in {PATIENCE:?}");
            Some(Lack::Database)
        }
    }
}

async fn data_folder(app: &App) -> Option<Lack> {
    match tokio::time::timeout(PATIENCE, written(app)).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: data folder");
            Some(Lack::DataFolder)
        }
        Err(_) => {
            tracing::warn!("not ready: the data folder took no file in {PATIENCE:?}");
            Some(Lack::DataFolder)
        }
    }
}

async fn written(app: &App) -> Result<()> {
    // One that hangs keeps the next ones from hanging, too.
    let turn = app.readiness.writing.clone().try_lock_owned().map_err(|_| Error::Other("the last file is still being written".into()))?;
    let path = app.config.data_dir.join(format!(".ready-{}", app.node));
    let written = tokio::task::spawn_blocking(move || {
        let written = write_and_remove(&path);
        drop(turn);
        written
    });
    Ok(written.await.map_err(|error| Error::Other(error.to_string()))??)
}

/// A page of a file, so that a full disk shows.
fn write_and_remove(path: &Path) -> std::io::Result<()> {
    let written = std::fs::write(path, [0; 4096]);
    let removed = std::fs::remove_file(path);
    written.and(removed)
}
