//! `liandong import units|people FILE`: the lists of a first installation from the command line.

use anyhow::{Context, Result, bail};
use backend_kernel::{seed::Seeder, setup::Dataset, state::App};
use shared::kernel::api::{ImportRow, IssuedPassword};
use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

pub struct Order {
    pub dataset: String,
    pub file: PathBuf,
    pub jurisdiction: Option<String>,
    pub dry_run: bool,
    pub all_or_nothing: bool,
    pub passwords: Option<PathBuf>,
}

pub async fn run(app: Arc<App>, order: Order) -> Result<()> {
    let Some(dataset) = Dataset::parse(&order.dataset) else {
        bail!("there is no data set {}: `units` or `people`", order.dataset);
    };
    let bytes = std::fs::read(&order.file).with_context(|| format!("file {}", order.file.display()))?;
    let seeder = Seeder::new(app);
    let city = seeder.city_or_only(order.jurisdiction.as_deref()).await?;
    let readable = || format!("{} can't be imported", order.file.display());
    for row in &seeder.preview(city, dataset, bytes.clone()).await.with_context(readable)? {
        println!("{}", told(row));
    }
    if order.dry_run {
        println!("Nothing was written (--dry-run).");
        return Ok(());
    }
    // Before anything is written: a password that can't be handed on is lost.
    let mut kept = order.passwords.as_deref().map(private_file).transpose()?;
    let outcome = seeder.import(city, dataset, bytes, order.all_or_nothing).await.with_context(readable)?;
    if let Some(file) = &mut kept {
        write_passwords(file, &outcome.people)?;
    } else if !outcome.people.is_empty() {
        println!("First passwords, shown only now, to be changed at the first sign-in:");
        write_passwords(&mut std::io::stdout(), &outcome.people)?;
    }
    println!("{} created, {} already there, {} refused.", outcome.created, outcome.present, outcome.refused);
    Ok(())
}

/// One row's verdict and the reason.
fn told(row: &ImportRow) -> String {
    let name = |field: &str| row.values.get(field).and_then(|value| value.as_str()).unwrap_or_default();
    let what = ["code", "username", "short_name", "name", "unit"].iter().map(|field| name(field)).filter(|text| !text.is_empty());
    let mut words: Vec<&str> = what.collect();
    words.dedup();
    let reasons: Vec<String> = row
        .problems
        .iter()
        .map(|problem| format!("{} [{}]", problem.text.zh, problem.code))
        .chain(row.understood.iter().map(|told| told.text.zh.clone()))
        .collect();
    format!("{} row {:>3}  {:<8}  {}  {}", row.sheet, row.row, row.verdict, words.join(" "), reasons.join("；")).trim_end().to_owned()
}

/// A new file that its owner alone may read; never one that is there.
fn private_file(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).with_context(|| format!("passwords file {} (it must not exist yet)", path.display()))
}

fn write_passwords(to: &mut impl Write, people: &[IssuedPassword]) -> Result<()> {
    for person in people {
        writeln!(to, "{}\t{}\t{}\t{}", person.username, person.name, person.unit, person.issued_password)?;
    }
    Ok(to.flush()?)
}
