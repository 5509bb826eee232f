//! Figures for operators: counters and histograms of this process, read at `/metrics`.

use crate::error::{Error, Result};
use actix_web::http::Method;
use chrono::{DateTime, Utc};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_process::Collector;
use std::{cell::Cell, future::Future, time::Duration};

const REQUESTS: &str = "liandong_http_requests_total";
const REQUEST_SECONDS: &str = "liandong_http_request_duration_seconds";
const ROUND_TRIPS: &str = "liandong_http_database_round_trips";
const EVENTS: &str = "liandong_events_appended_total";
const OUTBOX: &str = "liandong_outbox_pending";
const CONNECTIONS: &str = "liandong_database_connections";
const JOBS: &str = "liandong_jobs_round_timestamp_seconds";
const BUILD: &str = "liandong_build_info";

/// Of one process; made once.
pub struct Measures {
    handle: PrometheusHandle,
    /// Memory, processor time, open files: the names are Prometheus' own, `process_…`.
    process: Collector,
}

/// One pool of connections.
pub(crate) struct Pool {
    pub name: &'static str,
    pub open: u32,
    pub idle: usize,
}

impl Measures {
    pub fn install() -> Result<Self> {
        let fault = |error: String| Error::Startup(format!("metrics: {error}"));
        let seconds = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
        let round_trips = [0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 64.0];
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(REQUEST_SECONDS.into()), &seconds)
            .and_then(|builder| builder.set_buckets_for_metric(Matcher::Full(ROUND_TRIPS.into()), &round_trips))
            .map_err(|error| fault(error.to_string()))?
            .build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(|error| fault(error.to_string()))?;
        describe_counter!(REQUESTS, "Requests answered, by method, route and status");
        describe_histogram!(REQUEST_SECONDS, "Seconds until a request was answered, by method, route and status");
        describe_histogram!(ROUND_TRIPS, "Turns to the database until a request was answered, by method, route and status");
        describe_counter!(EVENTS, "Events appended to the history by this process");
        describe_gauge!(OUTBOX, "Messages of the outbox not delivered yet");
        describe_gauge!(CONNECTIONS, "Connections to the database, by pool and state");
        describe_gauge!(JOBS, "When this process last ended a round of the jobs; one node at a time runs them");
        describe_gauge!(BUILD, "1; the version of the program as a label");
        counter!(EVENTS).absolute(0);
        gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        let process = Collector::default();
        process.describe();
        Ok(Self { handle, process })
    }

    pub(crate) fn outbox_pending(&self, pending: i64) {
        gauge!(OUTBOX).set(pending as f64);
    }

    pub(crate) fn connections(&self, pools: &[Pool]) {
        for pool in pools {
            let idle = u32::try_from(pool.idle).unwrap_or(u32::MAX).min(pool.open);
            gauge!(CONNECTIONS, "pool" => pool.name, "state" => "idle").set(f64::from(idle));
            gauge!(CONNECTIONS, "pool" => pool.name, "state" => "used").set(f64::from(pool.open - idle));
        }
    }

    pub(crate) fn render(&self) -> String {
        self.process.collect();
        // Histograms are kept raw until somebody reads.
        self.handle.run_upkeep();
        self.handle.render()
    }

    /// Keeps raw measurements from piling up when nobody reads them.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }
}

tokio::task_local! {
    static TAKEN: Cell<u32>;
}

/// Counts the turns to the database that a request takes, for [`answered`] inside.
pub(crate) async fn counting_round_trips<F: Future>(request: F) -> F::Output {
    TAKEN.scope(Cell::new(0), request).await
}

/// A statement was sent, a transaction begun or ended. What jobs do is nobody's.
pub(crate) fn round_trip() {
    let _ = TAKEN.try_with(|taken| taken.set(taken.get() + 1));
}

/// One answered request. The route is its pattern: addresses hold ids, of which there is no end.
pub(crate) fn answered(method: &Method, route: Option<String>, status: u16, took: Duration) {
    let known = [Method::GET, Method::POST, Method::PATCH, Method::PUT, Method::DELETE, Method::HEAD, Method::OPTIONS];
    let method = if known.contains(method) { method.as_str().to_owned() } else { "OTHER".to_owned() };
    let labels = [("method", method), ("route", route.unwrap_or_else(|| "none".into())), ("status", status.to_string())];
    counter!(REQUESTS, &labels).increment(1);
    histogram!(REQUEST_SECONDS, &labels).record(took);
    histogram!(ROUND_TRIPS, &labels).record(TAKEN.try_with(Cell::get).unwrap_or_default());
}

/// As a log line has them: JSON's numbers aren't as wide as those of a duration.
pub(crate) fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

/// A round of the jobs was run to its end, whatever single ones met.
pub(crate) fn jobs_round_ended(at: DateTime<Utc>) {
    gauge!(JOBS).set(at.timestamp() as f64);
}

pub(crate) fn event_appended() {
    counter!(EVENTS).increment(1);
}
