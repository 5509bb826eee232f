//! What the program says while it runs, on standard error: for people, or a JSON object a line for what collects logs. Within a request
//! every line carries its id.

use crate::command::{Log, LogFormat};
use anyhow::{Context, Result, anyhow};
use tracing_subscriber::{EnvFilter, util::SubscriberInitExt};

/// Once for a process.
pub fn install(log: &Log) -> Result<()> {
    let filter: EnvFilter = log.filter.parse().with_context(|| format!("log = \"{}\" is no filter such as `warn` or `info`", log.filter))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let installed = match log.format {
        LogFormat::Text => lines.finish().try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).finish().try_init(),
    };
    installed.map_err(|error| anyhow!("logging: {error}"))
}
