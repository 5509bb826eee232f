//! What operators' tools ask: is the process up, is it ready, what does it do.

use super::address;
use crate::{
    db::statement,
    error::{Error, Result},
    measure::Measures,
    readiness,
    state::App,
};
use actix_web::{HttpRequest, HttpResponse, get, http::header, web};
use sea_orm::ConnectionTrait;
use shared::kernel::problem::{Code, ProblemBody};
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(healthz).service(readyz).service(metrics);
}

const PLAIN: &str = "text/plain; charset=utf-8";

/// Asked by load balancers every few seconds, from one address: no limit for these.
pub(super) fn is_operational(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
}

/// The process is up.
#[utoipa::path(responses((status = 200, description = "Up")), tag = "operation")]
#[get("/healthz")]
async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type(PLAIN).body("ok")
}

/// This node can do its work: the database answers and has a schema the program can work on, the data folder takes files, and the node
/// isn't about to stop. What is missing is named, a line each; why stands in the log.
#[utoipa::path(responses((status = 200, description = "Ready"), (status = 503, description = "Not ready")), tag = "operation")]
#[get("/readyz")]
async fn readyz(app: web::Data<App>) -> HttpResponse {
    let lacks = readiness::lacks(&app).await;
    if lacks.is_empty() {
        return HttpResponse::Ok().content_type(PLAIN).body("ready");
    }
    let lines: Vec<String> = lacks.iter().map(|lack| format!("not ready: {}", lack.as_str())).collect();
    HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, "5")).content_type(PLAIN).body(lines.join("\n"))
}

/// Figures of this node in Prometheus' text format: requests and their times by route and status, database connections, events
/// appended, outbox. From loopback, or with the token of the setting `metrics_token` as `Authorization: Bearer`.
#[utoipa::path(responses((status = 200, description = "Text exposition format 0.0.4", content_type = "text/plain"), (status = 401, body = ProblemBody)), tag = "operation")]
#[get("/metrics")]
async fn metrics(app: web::Data<App>, measures: web::Data<Measures>, request: HttpRequest) -> Result<HttpResponse> {
    allowed(&app, &request)?;
    let pending = "SELECT count(*) FROM outbox WHERE delivered_at IS NULL AND dead_at IS NULL";
    let row = app.db.read().query_one_raw(statement(app.db.backend(), pending, Vec::new())).await?;
    measures.outbox_pending(row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?.unwrap_or(0));
    measures.connections(&app.db.connections());
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(measures.render()))
}

fn allowed(app: &App, request: &HttpRequest) -> Result<()> {
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
    if let (Some(given), Some(token)) = (given, app.config.metrics_token.as_deref().filter(|token| !token.is_empty())) {
        // Digests take the same time whichever character differs.
        let same = crate::audit::sm3_hex(given.as_bytes()) == crate::audit::sm3_hex(token.as_bytes());
        return if same { Ok(()) } else { Err(Error::problem(Code::TokenInvalid)) };
    }
    // What a proxy on this machine hands on comes from elsewhere.
    let forwarded = ["x-forwarded-for", "forwarded"].iter().any(|name| request.headers().contains_key(*name));
    let loopback = address(request).and_then(|address| address.parse::<std::net::IpAddr>().ok()).is_some_and(|address| address.is_loopback());
    if loopback && !forwarded { Ok(()) } else { Err(Error::problem(Code::SignInRequired)) }
}
