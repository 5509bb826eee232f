//! A runtime that outlives the server's workers. A socket is served by the runtime on which it was opened, and connections to the database
//! are shared: opened by a worker, one would die with it while another worker, which still has a request in hand as the server stops, uses
//! it. So does work that goes on without its request.

use crate::error::{Error, Result};
use std::{
    future::{Future, poll_fn},
    io,
    pin::pin,
    sync::LazyLock,
};
use tokio::runtime::{Builder, Handle, Runtime};

/// Never dropped: it ends with the process. Of two threads one may be busy with an export without keeping the sockets waiting.
static LASTING: LazyLock<io::Result<Runtime>> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).thread_name("lasting").enable_all().build());

pub(crate) fn handle() -> Result<Handle> {
    LASTING.as_ref().map(|runtime| runtime.handle().clone()).map_err(|error| Error::Startup(format!("threads: {error}")))
}

/// Does work where it is, but what it opens or spawns belongs to that runtime.
pub(crate) async fn within<F: Future>(runtime: &Handle, work: F) -> F::Output {
    let mut work = pin!(work);
    poll_fn(|context| {
        let _there = runtime.enter();
        work.as_mut().poll(context)
    })
    .await
}
