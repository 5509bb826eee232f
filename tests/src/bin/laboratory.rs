//! The same server with the toy kinds beside the shipped ones, and a clock that tests can move. It calls the library functions the
//! product's own binary calls; neither the kinds nor the clock's control are in the product.
//!
//! `LABORATORY_CONTROL` is an address of loopback: a line `hours N` moves the clock N hours from the real time, runs the jobs once and
//! tries each letter that is due.

use anyhow::{Context, Result, bail};
use backend::{
    command::{Command, Liandong, Limits},
    demo, server,
};
use backend_kernel::{config::Config, jobs, state::App};
use clap::Parser;
use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    num::NonZeroU32,
    sync::Arc,
};

#[actix_web::main]
async fn main() -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("LIANDONG_LOG").unwrap_or_else(|_| "warn".into()))
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .init();
    let Command::Serve { storage, listen, mail, .. } = Liandong::parse().command else { bail!("the laboratory only serves") };
    std::fs::create_dir_all(&storage.data_dir)?;
    let config = Config { demo: true, mail: mail.mail(), ..Config::new(storage.url(), storage.data_dir.clone()) };
    let mut kinds = shared::registry::kinds();
    kinds.extend(tests::toy::kinds());
    let app = App::open(config, kinds, include_str!("../../../data/taxonomy.json"), storage.is_sqlite()).await?;
    demo::load(app.clone()).await.context("demonstration city")?;
    if let Ok(address) = std::env::var("LABORATORY_CONTROL") {
        let control = TcpListener::bind(&address).with_context(|| format!("listen on {address}"))?;
        let (app, runtime) = (app.clone(), tokio::runtime::Handle::current());
        std::thread::spawn(move || {
            for stream in control.incoming().flatten() {
                // Each by itself: two rounds of jobs at once are two nodes to the database.
                let (app, runtime) = (app.clone(), runtime.clone());
                std::thread::spawn(move || {
                    if let Err(error) = obey(&app, &runtime, stream) {
                        eprintln!("control: {error:#}");
                    }
                });
            }
        });
    }
    // All tests come from one address.
    let limits = Limits { rate_per_second: Some(NonZeroU32::MAX), rate_burst: Some(NonZeroU32::MAX) };
    server::serve(app, listen, false, &limits, std::time::Duration::ZERO).await
}

fn obey(app: &Arc<App>, runtime: &tokio::runtime::Handle, mut stream: TcpStream) -> Result<()> {
    let mut line = String::new();
    BufReader::new(stream.try_clone()?).read_line(&mut line)?;
    let hours: i64 = line.trim().strip_prefix("hours ").context("`hours N`")?.parse()?;
    app.time.set(chrono::Utc::now() + chrono::Duration::hours(hours));
    let (app, (done, ended)) = (app.clone(), std::sync::mpsc::channel());
    runtime.spawn(async move {
        jobs::sweep(&app).await;
        // The last thing the jobs do is to wake the one who delivers letters: a second one beside would send them twice.
        let _ = done.send(());
    });
    ended.recv()?;
    stream.write_all(b"done\n")?;
    Ok(())
}
