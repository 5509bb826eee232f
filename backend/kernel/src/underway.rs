//! Long work under way in this process, by the id of what it is for. In memory only: another node knows of it what the database tells, and
//! after a restart nothing is under way.

use shared::kernel::api::Progress;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;

#[derive(Default)]
pub(crate) struct Underway(Mutex<BTreeMap<Uuid, Progress>>);

impl Underway {
    fn all(&self) -> MutexGuard<'_, BTreeMap<Uuid, Progress>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on this is under way, until what is given is dropped: at its end, or when its task is given up.
    pub(crate) fn begin(self: &Arc<Self>, id: Uuid) -> Work {
        self.all().insert(id, Progress::default());
        Work { underway: self.clone(), id }
    }

    pub(crate) fn of(&self, id: Uuid) -> Option<Progress> {
        self.all().get(&id).copied()
    }
}

/// One such work.
pub(crate) struct Work {
    underway: Arc<Underway>,
    pub id: Uuid,
}

impl Work {
    pub(crate) fn tell(&self, progress: Progress) {
        self.underway.all().insert(self.id, progress);
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.underway.all().remove(&self.id);
    }
}
