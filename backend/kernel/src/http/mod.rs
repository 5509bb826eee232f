//! The HTTP surface: one file a family of endpoints, named as the API is. Handlers are thin; rules live below.

mod admission;
mod attachments;
mod auth;
mod calendars;
mod exchange;
mod feedback;
mod forms;
mod idempotency;
mod input;
mod limit;
mod matters;
mod office;
mod operation;
mod proofs;
mod reference;
mod sessions;
mod setup;
mod stream;
mod threads;

use crate::{error::Error, state::App};
use actix_web::{
    HttpRequest, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::ConnectionType,
    http::header::{self, HeaderValue},
    middleware::Next,
    web,
};
use shared::kernel::problem::Code;
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};
use tracing::Instrument;
use utoipa_actix_web::{scope, service_config::ServiceConfig};

tokio::task_local! {
    static REQUEST_ID: String;
}

/// The id of the request being answered, as in logs and problems.
pub(crate) fn request_id() -> String {
    REQUEST_ID.try_with(Clone::clone).unwrap_or_default()
}

/// Gives each request an id, sets the headers every answer carries, and turns an answer without a problem body into one.
pub async fn frame(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let id = crate::ids::next().to_string();
    let request_id = id.clone();
    let path = request.path().to_owned();
    let (method, started) = (request.method().clone(), std::time::Instant::now());
    let app = request.app_data::<web::Data<App>>();
    let draining = app.is_some_and(|app| app.is_draining());
    let lasting = app.map(|app| app.lasting.clone());
    // An error's span is there whatever is logged: each line says which request it belongs to.
    let span = tracing::error_span!("request", request_id = id);
    let over_tls = over_tls(request.request());
    let answered = async move {
        let mut response = next.call(request).await?.map_into_boxed_body();
        if draining {
            // The next request comes to another node.
            response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
        }
        let headers = response.headers_mut();
        let set = |headers: &mut header::HeaderMap, name: &'static str, value: &'static str| {
            headers.insert(header::HeaderName::from_static(name), HeaderValue::from_static(value));
        };
        if let Ok(value) = HeaderValue::from_str(&id) {
            headers.insert(header::HeaderName::from_static("x-request-id"), value);
        }
        set(headers, "x-content-type-options", "nosniff");
        set(headers, "referrer-policy", "same-origin");
        set(headers, "x-frame-options", "DENY");
        set(
            headers,
            "content-security-policy",
            "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:; frame-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
        );
        if over_tls {
            // A year, as browsers that keep lists of such names ask for (RFC 6797).
            set(headers, "strict-transport-security", "max-age=31536000; includeSubDomains");
        }
        if path.starts_with("/api/") && !headers.contains_key(header::CACHE_CONTROL) {
            set(headers, "cache-control", "no-store");
        }
        crate::measure::answered(&method, response.request().match_pattern(), response.status().as_u16(), started.elapsed());
        tracing::info!(method = %method, path, status = response.status().as_u16(), ms = crate::measure::milliseconds(started.elapsed()), "request");
        Ok(response)
    };
    let answered = REQUEST_ID.scope(request_id, crate::measure::counting_round_trips(answered).instrument(span));
    match lasting {
        Some(lasting) => crate::lasting::within(&lasting, answered).await,
        None => answered.await,
    }
}

/// Errors of actix's own extractors, as problems of the catalogue.
fn json_config() -> web::JsonConfig {
    web::JsonConfig::default().limit(1_048_576).error_handler(|error, _| input::json_error(&error).into())
}

/// All endpoints under `/api/v1`, and the operational ones.
pub fn configure(config: &mut ServiceConfig) {
    config
        .app_data(json_config())
        .app_data(web::QueryConfig::default().error_handler(|_, _| Error::problem(Code::QueryInvalid).into()))
        .app_data(web::PathConfig::default().error_handler(|_, _| Error::not_found().into()))
        .app_data(web::PayloadConfig::new(64 * 1024 * 1024))
        .configure(operation::configure)
        .service(
            scope::scope("/api/v1")
                .configure(auth::configure)
                .configure(reference::configure)
                .configure(calendars::configure)
                .configure(matters::configure)
                .configure(threads::configure)
                .configure(attachments::configure)
                .configure(proofs::configure)
                .configure(exchange::configure)
                .configure(sessions::configure)
                .configure(setup::configure)
                .configure(office::configure)
                .configure(feedback::configure)
                .configure(stream::configure)
                .configure(forms::configure),
        );
}

pub use admission::{Admission, admitted};
pub use idempotency::once as idempotent;
pub use limit::{Limiter, limited};

/// Whether what a proxy says of a request is believed: a header that anybody can send is worth nothing without one.
fn behind_proxy(request: &HttpRequest) -> bool {
    request.app_data::<web::Data<App>>().is_some_and(|app| app.config.trust_proxy)
}

/// The last value of a header that proxies add to: what the nearest one says. Those before it came in with the request.
fn said_by_proxy<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let value = request.headers().get_all(name).last()?.to_str().ok()?;
    value.rsplit(',').next().map(str::trim).filter(|value| !value.is_empty())
}

/// Where a request comes from: the peer, or what the proxy says when there is one that is trusted.
pub(crate) fn address(request: &HttpRequest) -> Option<String> {
    // Some write the port behind it.
    let parsed = |text: &str| text.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()));
    if behind_proxy(request)
        && let Some(address) = said_by_proxy(request, "x-forwarded-for").and_then(parsed)
    {
        return Some(address.to_string());
    }
    request.peer_addr().map(|address| address.ip().to_string())
}

/// The name by which the client asked.
fn host(request: &HttpRequest) -> String {
    let forwarded = behind_proxy(request).then(|| said_by_proxy(request, "x-forwarded-host")).flatten();
    let asked = || request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    forwarded.or_else(asked).unwrap_or_default().to_owned()
}

/// Whether the client's connection is encrypted, which ends at the proxy.
fn over_tls(request: &HttpRequest) -> bool {
    behind_proxy(request) && said_by_proxy(request, "x-forwarded-proto").is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
}

/// Whatever no route answers under `/api`.
pub async fn nothing_here() -> Result<HttpResponse, Error> {
    Err(Error::not_found())
}

/// `If-Match: "7"` as a version (RFC 9110 §13.1.1); 428 without.
pub(crate) fn version(request: &HttpRequest) -> Result<i64, Error> {
    let value = request.headers().get(header::IF_MATCH).ok_or_else(|| Error::problem(Code::VersionRequired))?;
    value
        .to_str()
        .ok()
        .map(|text| text.trim_start_matches("W/").trim_matches('"'))
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Error::problem(Code::VersionStale))
}

/// A JSON answer with the matter's version as its ETag.
pub(crate) fn versioned<T: serde::Serialize>(status: u16, version: i64, body: &T) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(status).unwrap_or(actix_web::http::StatusCode::OK);
    HttpResponse::build(status).insert_header((header::ETAG, format!("\"{version}\""))).json(body)
}

/// Reference data with an ETag of its content; 304 when the client has it.
pub(crate) fn cached<T: serde::Serialize>(request: &HttpRequest, body: &T) -> Result<HttpResponse, Error> {
    let bytes = serde_json::to_vec(body)?;
    let tag = format!("\"{}\"", &crate::audit::sm3_hex(&bytes)[..32]);
    let known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|known| known.split(',').any(|one| one.trim() == tag));
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::ETAG, tag)).insert_header((header::CACHE_CONTROL, "private, no-cache"));
    Ok(if known { response.finish() } else { response.content_type("application/json").body(bytes) })
}

/// Marks an answer with a secret that is shown once: it is not kept for a repeated `Idempotency-Key`.
#[derive(Clone, Copy)]
pub(crate) struct ShownOnce;

impl ShownOnce {
    pub(crate) fn answer(mut response: HttpResponse) -> HttpResponse {
        response.extensions_mut().insert(Self);
        response
    }
}

/// Where the shared state is: `web::Data` over the `Arc` the jobs have, too.
pub fn data(app: Arc<App>) -> web::Data<App> {
    web::Data::from(app)
}
