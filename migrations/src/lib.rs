//! Frozen history of the schema. A migration that has landed is never edited; it holds plain statements for both databases
//! side by side and imports no entity. Types that differ are written as placeholders and filled per database. Its name says which older
//! programs may go on serving (docs/adr/0008): `m0009_areas__beside_0008`.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

mod m0001_foundation;
mod m0002_counters;
mod m0003_kept_answers;
mod m0004_people;
mod m0005_clocks;
mod m0006_lists;
mod m0007_spelling;
mod m0008_versions;
mod m0009_units_in_words;
mod m0010_looks;
mod m0011_search_ranges;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_foundation::Foundation),
            Box::new(m0002_counters::Counters),
            Box::new(m0003_kept_answers::KeptAnswers),
            Box::new(m0004_people::People),
            Box::new(m0005_clocks::Clocks),
            Box::new(m0006_lists::Lists),
            Box::new(m0007_spelling::Spelling),
            Box::new(m0008_versions::Versions),
            Box::new(m0009_units_in_words::UnitsInWords),
            Box::new(m0010_looks::Looks),
            Box::new(m0011_search_ranges::SearchRanges),
        ]
    }
}

/// Runs statements separated by `;` at a line's end, with the types of the database filled in.
/// Lines between `--sqlite` / `--postgres` and `--both` are for one database only.
pub(crate) async fn run(manager: &SchemaManager<'_>, script: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let backend = manager.get_database_backend();
    for statement in statements(script, backend) {
        connection.execute_unprepared(&statement).await?;
    }
    Ok(())
}

fn statements(script: &str, backend: DbBackend) -> Vec<String> {
    let postgres = backend == DbBackend::Postgres;
    let mut ours = true;
    let mut text = String::new();
    for line in script.lines() {
        match line.trim() {
            "--both" => ours = true,
            "--sqlite" => ours = !postgres,
            "--postgres" => ours = postgres,
            _ if ours => {
                text.push_str(line);
                text.push('\n');
            }
            _ => {}
        }
    }
    let types: &[(&str, &str, &str)] = &[
        ("{uuid}", "uuid", "blob"),
        ("{ts}", "timestamptz", "text"),
        ("{json}", "jsonb", "text"),
        ("{bool}", "boolean", "boolean"),
        ("{big}", "bigint", "integer"),
        ("{date}", "date", "text"),
    ];
    for (placeholder, for_postgres, for_sqlite) in types {
        text = text.replace(placeholder, if postgres { for_postgres } else { for_sqlite });
    }
    text.split(";\n").map(str::trim).filter(|statement| !statement.is_empty()).map(str::to_owned).collect()
}
