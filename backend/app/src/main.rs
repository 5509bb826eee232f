//! `liandong`: the server and its command line (DESIGN.md §7).

use anyhow::{Context, Result, bail};
use backend::{command, config_file, demo, import, logging, server};
use backend_kernel::{
    backup,
    config::Config,
    proof::{self, Findings},
    seed::Seeder,
    state::App,
};
use clap::CommandFactory;
use command::{Admin, Command, Liandong};
use std::{path::Path, process::ExitCode, sync::Arc, time::Duration};

/// A tenth of a request's time goes into memory; and what the system's own allocator keeps for each thread grows with the load.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[actix_web::main]
async fn main() -> ExitCode {
    let outcome = match config_file::parse(std::env::args_os().collect()) {
        Ok(arguments) => match logging::install(&arguments.command.log()) {
            Ok(()) => run(arguments).await,
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("liandong: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn configured(options: &command::Storage) -> Result<Config> {
    Ok(Config { s3: options.s3.s3()?, ..Config::new(options.url(), options.data_dir.clone()) })
}

async fn open(options: &command::Storage, migrate: bool) -> Result<Arc<App>> {
    open_as(configured(options)?, migrate).await
}

async fn open_as(config: Config, migrate: bool) -> Result<Arc<App>> {
    // What lies in it is nobody else's on this machine.
    let mut folder = std::fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(&config.data_dir).with_context(|| format!("data folder {}", config.data_dir.display()))?;
    Ok(App::open(config, shared::registry::kinds(), include_str!("../../../data/taxonomy.json"), migrate).await?)
}

async fn run(arguments: Liandong) -> Result<ExitCode> {
    match arguments.command {
        Command::Serve { storage, listen, demo, check, mail, network, limits, log: _ } => {
            if demo && !listen.ip().is_loopback() {
                bail!("--demo serves on a loopback address only, since its passwords are public; leave --demo out or listen on 127.0.0.1");
            }
            let sqlite = storage.is_sqlite();
            let config =
                Config { demo, trust_proxy: network.trust_proxy, metrics_token: network.metrics_token, mail: mail.mail(), ..configured(&storage)? };
            if check {
                App::check(&config)?;
                println!("The settings are in order.");
                return Ok(ExitCode::SUCCESS);
            }
            let app = open_as(config, sqlite).await?;
            if demo {
                demo::load(app.clone()).await.context("demonstration city")?;
            }
            server::serve(app, listen, demo, &limits, Duration::from_secs(network.drain_seconds.into())).await?;
        }
        Command::Migrate { storage } => {
            let put_off = open(&storage, true).await?.migrations_put_off().await?;
            if put_off.is_empty() {
                println!("The schema is up to date.");
            } else {
                println!("The schema is ready for this program. {} waits for older programs to end: run this once more then.", put_off.join(", "));
            }
        }
        Command::Manual { folder } => clap_mangen::generate_to(Liandong::command(), folder)?,
        Command::Verify { file: Some(file), key, .. } => {
            let findings = proof::check_file(&file, key.as_deref()).with_context(|| format!("{}", file.display()))?;
            return Ok(told(&findings));
        }
        Command::Verify { storage, file: None, key, seals } => {
            if key.is_some() && seals.is_none() {
                bail!("--key is the key of a FILE or of --seals; the database has its own");
            }
            let findings = verify(&storage, key.as_deref(), seals.as_deref()).await?;
            return Ok(told(&findings));
        }
        Command::Conservation { storage } => {
            let app = open(&storage, storage.is_sqlite()).await?;
            let (checked, violations) = app.conservation().await?;
            for line in &violations {
                println!("{line}");
            }
            println!("{checked} open matters checked, {} violations.", violations.len());
            if !violations.is_empty() {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Backup { storage, file } => {
            let app = open(&storage, false).await?;
            let held = backup::write(&app, &file).await?;
            println!("{}: database, signing key and {} attachments, {} bytes.", file.display(), held.attachments, held.bytes);
            if let Some(bucket) = &storage.s3.s3_bucket {
                println!("Attachments are in the bucket {bucket} and not in this file.");
            }
        }
        Command::Restore { storage, file, force } => return restore(&storage, &file, force).await,
        Command::Openapi => println!("{}", backend::contract::openapi()?),
        Command::Import { storage, dataset, file, jurisdiction, dry_run, all_or_nothing, passwords } => {
            let app = open(&storage, storage.is_sqlite()).await?;
            import::run(app, import::Order { dataset, file, jurisdiction, dry_run, all_or_nothing, passwords }).await?;
        }
        Command::Admin { storage, action } => admin(&storage, action).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Restores, then verifies what is there now.
async fn restore(storage: &command::Storage, file: &std::path::Path, force: bool) -> Result<ExitCode> {
    let held = backup::restore(&configured(storage)?, file, force).await?;
    println!("Restored from {}, made {}: {} attachments.", file.display(), held.created_at, held.attachments);
    let app = open(storage, storage.is_sqlite()).await?;
    let mut whole = true;
    match app.verify().await? {
        Ok(events) => println!("{events} events verified: nothing altered, missing or reordered."),
        Err(fault) => {
            println!("BROKEN: {fault}");
            whole = false;
        }
    }
    for digest in app.missing_attachments().await? {
        println!("MISSING: the attachment {digest}");
        whole = false;
    }
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The database by itself and, if there are any, against seals exported earlier.
async fn verify(storage: &command::Storage, key: Option<&str>, seals: Option<&Path>) -> Result<Findings> {
    let mut findings = Findings::default();
    let exported = match seals {
        Some(path) => {
            let name = path.display().to_string();
            let bytes = std::fs::read(path).with_context(|| name.clone())?;
            let file = proof::seals::read(&name, &bytes, &mut findings);
            if let Some(file) = &file {
                proof::seals::check(&name, file, key, &mut findings);
            }
            file
        }
        None => None,
    };
    let app = open(storage, storage.is_sqlite()).await?;
    match app.verify().await? {
        Ok(events) => findings.notes.push(format!("{events} events verified: nothing altered, missing or reordered.")),
        Err(fault) => findings.faults.push(fault),
    }
    if let Some(file) = exported {
        findings.faults.extend(app.differences(&file).await?);
    }
    Ok(findings)
}

/// Prints what was found; faults make the exit code 1.
fn told(findings: &Findings) -> ExitCode {
    for fault in &findings.faults {
        println!("BROKEN: {fault}");
    }
    for note in &findings.notes {
        println!("{note}");
    }
    if findings.faults.is_empty() {
        println!("OK");
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

async fn admin(storage: &command::Storage, action: Admin) -> Result<()> {
    let app = open(storage, storage.is_sqlite()).await?;
    let mut seeder = Seeder::new(app);
    match action {
        Admin::CreateJurisdiction { code, name, name_en, units } => {
            let city = backend_kernel::seed::SeedCity { code, name, name_en, time_zone: "Asia/Shanghai".into() };
            let mut list: Vec<backend_kernel::seed::SeedUnit> = Vec::new();
            if let Some(path) = units {
                let text = std::fs::read_to_string(&path).with_context(|| format!("units file {}", path.display()))?;
                list = serde_json::from_str(&text).context("the units file is a JSON list of units")?;
            }
            seeder.city(&city, &list).await?;
            println!("Jurisdiction {} created.", city.code);
        }
        Admin::CreateUser { jurisdiction, unit, username, name, roles } => {
            let city = seeder.city_id(&jurisdiction).await?;
            let roles: Vec<shared::kernel::role::Role> = roles
                .iter()
                .map(|code| shared::kernel::role::Role::from_code(code).with_context(|| format!("there is no role {code}")))
                .collect::<Result<_>>()?;
            let issued = seeder.person(city, &unit, &username, &name, &roles, None).await?;
            println!("User {username} created. First password, to be changed at sign-in: {}", issued.unwrap_or_default());
        }
        Admin::ResetUser { username, codes } => {
            let issued = seeder.reset(&username, codes).await?;
            println!("First password of {username}, to be changed at sign-in: {issued}");
        }
    }
    Ok(())
}
