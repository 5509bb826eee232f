//! The first installation from the lists a city has: units and people from spreadsheets. As with every import the cells are
//! kept and understood anew at each look, nothing is written before commit, and commit is all accepted rows or none. What is
//! there already is left alone, so the same file may be imported again after mending it.
//!
//! Business roles only: the three administrations are assigned by the security administrator, or created with
//! `liandong admin create-user`. From the page, the roles of a list are proposed to the security administrator, who gives them; from the
//! command line they hold at once.

mod people;
mod table;
mod units;

use crate::{
    audit::{self, Author},
    auth,
    entity::{import, person, unit},
    error::{Error, Problem, Result},
    people as register,
    reference::Reference,
    scope::Actor,
    seed::Seeder,
    state::App,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set};
use serde_json::{Map, Value, json};
use shared::kernel::{
    api::{ImportCounts, ImportExplanation, ImportProblem, ImportRow, ImportTable, ImportView, IssuedPassword, NewUser, SetupOutcome},
    messages_reading as M,
    problem::Code,
    role::Permission,
    text::Text,
};
use std::collections::BTreeSet;
use table::SetupRow;
use uuid::Uuid;

/// What a list is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dataset {
    Units,
    People,
}

impl Dataset {
    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "units" => Some(Self::Units),
            "people" => Some(Self::People),
            _ => None,
        }
    }

    pub fn code(self) -> &'static str {
        match self {
            Self::Units => "units",
            Self::People => "people",
        }
    }

    pub(crate) fn permission(self) -> Permission {
        match self {
            Self::Units => Permission::UnitManage,
            Self::People => Permission::UserManage,
        }
    }

    /// In the table of imports, beside the kinds of matter.
    fn stored(self) -> String {
        format!("setup:{}", self.code())
    }
}

/// What is found about one entry while it is read.
#[derive(Default)]
struct Finding {
    sheet: String,
    row: i64,
    values: Map<String, Value>,
    source: std::collections::BTreeMap<String, String>,
    understood: Vec<ImportExplanation>,
    problems: Vec<ImportProblem>,
    refused: bool,
    present: bool,
}

impl Finding {
    fn of(row: &SetupRow) -> Self {
        Self { sheet: row.sheet.clone(), row: row.row, source: row.source(), ..Self::default() }
    }
    fn value(&mut self, field: &str, value: Value) {
        self.values.insert(field.to_owned(), value);
    }
    /// How it was read.
    fn note(&mut self, zh: String, en: String) {
        let text = Text { zh, en };
        let (field, code) = (String::new(), M::ROW_TEXT.code.to_owned());
        self.understood.push(ImportExplanation { field, code, arguments: vec![text.clone()], text });
    }
    /// A fault that doesn't keep the entry out.
    fn tell(&mut self, field: &str, code: &str, detail: Option<String>, text: Text) {
        self.problems.push(ImportProblem { field: field.to_owned(), code: code.to_owned(), detail, text, ..ImportProblem::default() });
    }
    fn refuse(&mut self, field: &str, code: &str, detail: Option<String>, text: Text) {
        self.refused = true;
        self.tell(field, code, detail, text);
    }
    /// A refusal of the rules that hold for single entries, too.
    fn problem(&mut self, problem: &Problem) {
        let message = problem.code.message();
        let text = Text { zh: message.zh.to_owned(), en: message.en.to_owned() };
        if problem.errors.is_empty() {
            self.refuse("roles", problem.code.as_str(), problem.detail.clone(), text.clone());
        }
        for fault in &problem.errors {
            let text = Code::parse(&fault.code).map_or(text.clone(), |code| Text { zh: code.message().zh.into(), en: code.message().en.into() });
            self.refuse(fault.pointer.trim_start_matches('/'), &fault.code, fault.detail.clone(), text);
        }
    }
    fn present(&mut self, what: &str) {
        self.present = true;
        self.note(format!("已有：{what}"), format!("already there: {what}"));
    }
    fn row(self, accepted: bool) -> ImportRow {
        let verdict = if self.present && !self.refused {
            "present"
        } else if accepted && !self.refused {
            "accepted"
        } else {
            "refused"
        };
        ImportRow {
            makes: i64::from(verdict == "accepted"),
            matters: Vec::new(),
            sheet: self.sheet,
            row: self.row,
            verdict: verdict.into(),
            values: self.values,
            source: self.source,
            understood: self.understood,
            problems: self.problems,
            options: Vec::new(),
            decision: None,
            group: None,
        }
    }
}

/// All entries of a list with what each would write.
enum Understood {
    Units(Vec<units::UnitRow>),
    People(Vec<people::PersonRow>),
}

impl Understood {
    fn rows(self) -> Vec<ImportRow> {
        match self {
            Self::Units(rows) => rows.into_iter().map(|row| row.view).collect(),
            Self::People(rows) => rows.into_iter().map(|row| row.view).collect(),
        }
    }
}

async fn understand<C: ConnectionTrait>(connection: &C, app: &App, reference: &Reference, dataset: Dataset, rows: &[SetupRow]) -> Result<Understood> {
    match dataset {
        Dataset::Units => Ok(Understood::Units(units::understand(app, reference, rows)?)),
        Dataset::People => {
            let mut persons = person::Entity::find().filter(person::Column::JurisdictionId.eq(reference.jurisdiction.id)).all(connection).await?;
            // User names are unique in the whole installation.
            let given: BTreeSet<String> = rows
                .iter()
                .flat_map(|row| row.cells.keys().filter(|field| field.ends_with("username")).map(|field| row.text(field)))
                .filter(|username| !username.is_empty())
                .collect();
            let elsewhere = person::Entity::find()
                .filter(person::Column::JurisdictionId.ne(reference.jurisdiction.id))
                .filter(person::Column::Username.is_in(given))
                .all(connection)
                .await?;
            persons.extend(elsewhere);
            Ok(Understood::People(people::understand(app, reference, &persons, rows)?))
        }
    }
}

async fn read_file(bytes: Vec<u8>) -> Result<table::Read> {
    // Unpacking and reading a workbook is work for a thread of its own.
    tokio::task::spawn_blocking(move || table::read(&bytes)).await.map_err(|error| Error::Other(error.to_string()))?
}

async fn view(app: &App, reference: &Reference, row: import::Model) -> Result<ImportView> {
    let dataset = dataset_of(&row)?;
    let stored: Vec<SetupRow> = serde_json::from_str(&row.rows)?;
    let tables: Vec<ImportTable> = serde_json::from_str(&row.tables)?;
    let rows = understand(app.db.read(), app, reference, dataset, &stored).await?.rows();
    Ok(ImportView {
        progress: None,
        id: row.id.into(),
        kind: dataset.code().into(),
        file_name: row.file_name,
        state: row.state,
        tables,
        counts: counts(&rows),
        rows,
        at: row.created_at,
    })
}

fn counts(rows: &[ImportRow]) -> ImportCounts {
    let count = |verdict: &str| i64::try_from(rows.iter().filter(|row| row.verdict == verdict).count()).unwrap_or(i64::MAX);
    ImportCounts { accepted: count("accepted"), decide: 0, refused: count("refused"), present: count("present") }
}

fn dataset_of(row: &import::Model) -> Result<Dataset> {
    row.kind.strip_prefix("setup:").and_then(Dataset::parse).ok_or_else(Error::not_found)
}

fn allowed(actor: &Actor, dataset: Dataset) -> Result<()> {
    if actor.may(dataset.permission()) { Ok(()) } else { Err(Error::detailed(Code::PermissionDenied, dataset.permission().code())) }
}

/// Reads a list and keeps its cells for review; writes nothing else.
pub(crate) async fn upload(app: &App, reference: &Reference, actor: &Actor, dataset: &str, name: String, bytes: Vec<u8>) -> Result<ImportView> {
    let dataset = Dataset::parse(dataset).ok_or_else(|| Error::field("/dataset", Code::Enumeration))?;
    allowed(actor, dataset)?;
    let read = read_file(bytes).await?;
    let row = import::Model {
        id: crate::ids::next(),
        jurisdiction_id: actor.jurisdiction_id,
        person_id: actor.person_id(),
        kind: dataset.stored(),
        file_name: name,
        state: "preview".into(),
        tables: serde_json::to_string(&read.tables)?,
        rows: serde_json::to_string(&read.rows)?,
        created_at: app.time.now(),
        committed_at: None,
        counts: None,
    };
    let view = view(app, reference, row.clone()).await?;
    let row = import::Model { counts: Some(serde_json::to_string(&view.counts)?), ..row };
    let transaction = app.db.begin().await?;
    row.into_active_model().insert(&transaction).await?;
    app.db.commit(transaction).await?;
    Ok(view)
}

/// The review again: other entries may have come in since.
pub(crate) async fn get(app: &App, reference: &Reference, actor: &Actor, id: Uuid) -> Result<ImportView> {
    let row = import::Entity::find_by_id(id).one(app.db.read()).await?.filter(|row| row.person_id == actor.person_id());
    let row = row.ok_or_else(Error::not_found)?;
    allowed(actor, dataset_of(&row)?)?;
    view(app, reference, row).await
}

/// Writes all accepted entries, or none. The answer holds the first passwords, which nobody can read again.
pub(crate) async fn commit(app: &App, actor: &Actor, id: Uuid) -> Result<SetupOutcome> {
    let found = import::Entity::find_by_id(id).one(app.db.read()).await?.filter(|row| row.person_id == actor.person_id());
    let found = found.ok_or_else(Error::not_found)?;
    let dataset = dataset_of(&found)?;
    allowed(actor, dataset)?;
    let stored: Vec<SetupRow> = serde_json::from_str(&found.rows)?;
    let mut passwords = Passwords::enough(app, actor.jurisdiction_id, dataset, &stored).await?;
    let transaction = app.db.begin().await?;
    // Read again and locked: two commits at once must not both write.
    let row = import::Entity::find_by_id(id).lock_exclusive().one(&transaction).await?.ok_or_else(Error::not_found)?;
    if row.state != "preview" {
        return Err(Error::problem(Code::ImportCommitted));
    }
    app.db.one_at_a_time(&transaction, &format!("setup:{}", actor.jurisdiction_id)).await?;
    let reference = Reference::load_from(&transaction, actor.jurisdiction_id).await?;
    let understood = understand(&transaction, app, &reference, dataset, &stored).await?;
    let outcome = write(&transaction, app, Author::Person(actor), &reference, understood, &mut passwords).await?;
    if outcome.created == 0 && outcome.present == 0 {
        return Err(Error::problem(Code::ImportEmpty));
    }
    let now = app.time.now();
    let file = row.file_name.clone();
    let mut done = row.into_active_model();
    done.state = Set("committed".into());
    done.committed_at = Set(Some(now));
    let counted = ImportCounts { accepted: outcome.created, decide: 0, refused: outcome.refused, present: outcome.present };
    done.counts = Set(Some(serde_json::to_string(&counted)?));
    done.update(&transaction).await?;
    let entry = Author::Person(actor).entry("setup_imported", now, json!({ "dataset": dataset.code(), "file": file, "created": outcome.created }));
    audit::administrative_entry(&transaction, entry, &actor.person_id().to_string()).await?;
    app.db.commit(transaction).await?;
    Ok(outcome)
}

/// First passwords with their hashes, made before a transaction is begun: Argon2 takes tens of milliseconds by design.
struct Passwords(Vec<(String, String)>);

impl Passwords {
    async fn enough(app: &App, jurisdiction: Uuid, dataset: Dataset, rows: &[SetupRow]) -> Result<Self> {
        if dataset == Dataset::Units {
            return Ok(Self(Vec::new()));
        }
        let reference = app.reference(jurisdiction).await?;
        let accepted = counts(&understand(app.db.read(), app, &reference, dataset, rows).await?.rows()).accepted;
        let made = tokio::task::spawn_blocking(move || (0..accepted).map(|_| Self::one()).collect::<Result<Vec<_>>>()).await;
        Ok(Self(made.map_err(|error| Error::Other(error.to_string()))??))
    }

    fn one() -> Result<(String, String)> {
        let password = auth::issued_password();
        let hash = auth::hash_password(&password)?;
        Ok((password, hash))
    }

    fn next(&mut self) -> Result<(String, String)> {
        self.0.pop().map_or_else(Self::one, Ok)
    }
}

async fn write<C: ConnectionTrait>(
    connection: &C,
    app: &App,
    author: Author<'_>,
    reference: &Reference,
    understood: Understood,
    passwords: &mut Passwords,
) -> Result<SetupOutcome> {
    let mut outcome = SetupOutcome { created: 0, present: 0, refused: 0, units: Vec::new(), people: Vec::new() };
    match understood {
        Understood::Units(rows) => {
            for row in rows {
                outcome.count(&row.view);
                if let Some(new) = row.new {
                    outcome.units.push(write_unit(connection, app, author, row.view.row, new).await?);
                }
            }
        }
        Understood::People(rows) => {
            for row in rows {
                outcome.count(&row.view);
                if let Some(new) = row.new {
                    outcome.people.push(write_person(connection, app, author, reference, row.view.row, new, passwords).await?);
                }
            }
        }
    }
    Reference::changed(connection, reference.jurisdiction.id).await?;
    Ok(outcome)
}

async fn write_unit<C: ConnectionTrait>(connection: &C, app: &App, author: Author<'_>, row: i64, new: unit::Model) -> Result<String> {
    Ok(crate::units::insert(connection, app, author, new).await.map_err(|error| crate::import::in_row(error, row))?.code)
}

async fn write_person<C: ConnectionTrait>(
    connection: &C,
    app: &App,
    author: Author<'_>,
    reference: &Reference,
    row: i64,
    mut new: NewUser,
    passwords: &mut Passwords,
) -> Result<IssuedPassword> {
    let roles = new.roles.clone();
    if matches!(author, Author::Person(actor) if !actor.may(Permission::RoleAssign)) {
        // Who makes the accounts and reads their passwords doesn't say what they may do: the list's roles are proposed.
        new.proposed_roles = std::mem::take(&mut new.roles);
    }
    let unit = reference.unit_by_code(&new.unit).ok_or_else(|| Error::field("/unit", Code::UnknownUnit))?;
    let (password, hash) = passwords.next()?;
    let person = register::person_row(app, unit, &new, hash).map_err(|error| crate::import::in_row(error, row))?;
    register::insert_person(connection, author, &unit.code, &person).await.map_err(|error| crate::import::in_row(error, row))?;
    Ok(IssuedPassword { row, username: new.username, name: new.name, unit: unit.code.clone(), roles, issued_password: password })
}

impl Seeder {
    /// What a list would do, row by row.
    pub async fn preview(&self, city: Uuid, dataset: Dataset, bytes: Vec<u8>) -> Result<Vec<ImportRow>> {
        let read = read_file(bytes).await?;
        let reference = self.app.reference(city).await?;
        Ok(understand(self.app.db.read(), &self.app, &reference, dataset, &read.rows).await?.rows())
    }

    /// Writes the accepted rows of a list. With `all_or_nothing` in one transaction; else a fault that only the database
    /// finds keeps the rows before it.
    pub async fn import(&self, city: Uuid, dataset: Dataset, bytes: Vec<u8>, all_or_nothing: bool) -> Result<SetupOutcome> {
        let read = read_file(bytes).await?;
        let author = Author::CommandLine(city);
        let mut passwords = Passwords::enough(&self.app, city, dataset, &read.rows).await?;
        if !all_or_nothing {
            return self.import_row_by_row(city, dataset, &read.rows, &mut passwords).await;
        }
        let transaction = self.app.db.begin().await?;
        let reference = Reference::load_from(&transaction, city).await?;
        let understood = understand(&transaction, &self.app, &reference, dataset, &read.rows).await?;
        let outcome = write(&transaction, &self.app, author, &reference, understood, &mut passwords).await?;
        self.app.db.commit(transaction).await?;
        Ok(outcome)
    }

    async fn import_row_by_row(&self, city: Uuid, dataset: Dataset, rows: &[SetupRow], passwords: &mut Passwords) -> Result<SetupOutcome> {
        let author = Author::CommandLine(city);
        let reference = self.app.reference(city).await?;
        let mut outcome = SetupOutcome { created: 0, present: 0, refused: 0, units: Vec::new(), people: Vec::new() };
        let single = match understand(self.app.db.read(), &self.app, &reference, dataset, rows).await? {
            Understood::Units(rows) => rows.into_iter().map(|row| Understood::Units(vec![row])).collect::<Vec<_>>(),
            Understood::People(rows) => rows.into_iter().map(|row| Understood::People(vec![row])).collect(),
        };
        for one in single {
            let transaction = self.app.db.begin().await?;
            match write(&transaction, &self.app, author, &reference, one, passwords).await {
                Ok(written) => {
                    self.app.db.commit(transaction).await?;
                    outcome.add(written);
                }
                Err(error) => {
                    tracing::warn!(%error, "a row was not imported");
                    outcome.refused += 1;
                }
            }
        }
        Ok(outcome)
    }
}
