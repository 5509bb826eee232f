//! The HTTP server: the API of the kernel, the client from the binary, the contract.

use crate::{command::Limits, contract, docs};
use actix_web::{App as ActixApp, HttpRequest, HttpResponse, HttpServer, http::header, middleware::Compress, middleware::from_fn, web};
use anyhow::{Context, Result};
use backend_kernel::{http, jobs, live, measure::Measures, outbox, scope, state::App};
use rust_embed::RustEmbed;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use utoipa_actix_web::AppExt;

/// The built client. In development it is read from disk, in a release it is inside the binary.
#[derive(RustEmbed)]
#[folder = "../../target/client"]
#[allow_missing = true]
struct Client;

/// A file of the client, or its first page: the client's router knows the rest.
async fn client(request: HttpRequest) -> HttpResponse {
    // What no endpoint answers under the API is a problem, not a page.
    if request.path().starts_with("/api/") {
        return http::nothing_here().await.unwrap_or_else(|error| actix_web::ResponseError::error_response(&error));
    }
    let path = request.path().trim_start_matches('/');
    let (name, file) = match Client::get(path).filter(|_| !path.is_empty()) {
        Some(file) => (path, Some(file)),
        None => ("index.html", Client::get("index.html")),
    };
    let Some(file) = file else {
        return HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("The client is not built: run `cargo xtask run`.");
    };
    let kind = match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };
    // Packed at build time, better than there is time for here; the middleware packs what has no such file.
    let packed = accepts_brotli(&request).then(|| Client::get(&format!("{name}.br"))).flatten();
    let encoding = packed.is_some().then_some((header::CONTENT_ENCODING, "br"));
    let file = packed.unwrap_or(file);
    let tag: String = file.metadata.sha256_hash().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{tag}\"");
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).is_some_and(|value| value == tag);
    if known {
        return HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish();
    }
    let mut answer = HttpResponse::Ok();
    answer.content_type(kind).insert_header((header::ETAG, tag)).insert_header((header::CACHE_CONTROL, "no-cache"));
    if let Some(encoding) = encoding {
        answer.insert_header(encoding).insert_header((header::VARY, "accept-encoding"));
    }
    answer.body(file.data.into_owned())
}

fn accepts_brotli(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // With a weight it may be refused: the middleware looks at weights.
    accepted.split(',').any(|encoding| encoding.trim() == "br")
}

async fn upkeep(measures: web::Data<Measures>) {
    let mut moments = tokio::time::interval(Duration::from_secs(10));
    loop {
        moments.tick().await;
        measures.upkeep();
    }
}

/// Waits for SIGTERM or an interrupt.
#[cfg(unix)]
async fn asked_to_stop() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminated.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}

#[cfg(not(unix))]
async fn asked_to_stop() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// Serves until SIGTERM or interrupt. Then balancers are told for as long as `drain` says, all being answered; after that nobody is let in
/// any more, and requests in hand are finished.
pub async fn serve(app: Arc<App>, listen: SocketAddr, demo: bool, limits: &Limits, drain: Duration) -> Result<()> {
    let measures = web::Data::new(Measures::install()?);
    let background = [
        tokio::spawn(jobs::run(app.clone())),
        tokio::spawn(outbox::run(app.clone())),
        tokio::spawn(live::run(app.clone())),
        tokio::spawn(upkeep(measures.clone())),
    ];
    let admission = web::Data::new(http::Admission::default());
    let limiter = web::Data::new(http::Limiter::new(limits.per_second(demo), limits.burst(demo)));
    let data = http::data(app.clone());
    let server = HttpServer::new(move || {
        let joining = data.clone();
        actix_web::rt::spawn(async move { joining.join_worker().await });
        let (app, _) = ActixApp::new()
            .app_data(data.clone())
            .app_data(measures.clone())
            .app_data(limiter.clone())
            .app_data(admission.clone())
            .into_utoipa_app()
            .configure(http::configure)
            .split_for_parts();
        app.service(contract::served)
            .service(docs::page)
            .service(docs::style)
            .service(web::scope("/api").default_service(web::to(http::nothing_here)))
            .default_service(web::get().to(client))
            .wrap(from_fn(scope::known))
            // Inside the compression: an answer is kept to be repeated as it is, whatever the next caller accepts.
            .wrap(from_fn(http::idempotent))
            .wrap(from_fn(http::admitted))
            .wrap(Compress::default())
            .wrap(from_fn(http::limited))
            .wrap(from_fn(http::frame))
    })
    // Longer than proxies and clients keep an idle connection, so that it is they who close it: a request that meets the server's own
    // closing is lost.
    .keep_alive(Duration::from_secs(120))
    .shutdown_timeout(20)
    .disable_signals()
    .bind(listen)
    .with_context(|| format!("listen on {listen}"))?
    .run();
    println!("府检联动 is serving on http://{listen}");
    if demo {
        println!("Sign in with one of these; the password of all is Liandong-demo-2026:");
        for (username, what) in [
            ("df-justice.coordinator", "联动办协调员 the linkage office"),
            ("df-market.liaison_officer", "市市场监管局联络员 a bureau's liaison officer"),
            ("df-market.handler", "市市场监管局承办人 a bureau's handler"),
            ("df-market.unit_head", "市市场监管局负责人 a unit head"),
            ("df-procuratorate.prosecutor", "市检察院检察官 a prosecutor"),
            ("df-justice.system_admin", "系统管理员 units and people"),
            ("df-justice.audit_admin", "审计管理员 the audit log"),
        ] {
            println!("  {username:<32} {what}");
        }
    }
    let (handle, stopped) = (server.handle(), app.clone());
    let stopper = tokio::spawn(async move {
        if let Err(error) = asked_to_stop().await {
            tracing::error!(%error, "signals can't be heard; stopping");
        }
        app.drain();
        tokio::select! {
            () = tokio::time::sleep(drain) => {}
            again = asked_to_stop() => if let Err(error) = again {
                tracing::error!(%error, "signals can't be heard; stopping");
            },
        }
        app.stop();
        handle.stop(true).await;
    });
    let outcome = server.await;
    stopper.abort();
    background.iter().for_each(tokio::task::JoinHandle::abort);
    stopped.close().await;
    Ok(outcome?)
}
