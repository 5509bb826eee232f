//! The import wizard's server side: a file becomes stored cells; what they mean is worked out again at every look, from the
//! cells, the reviewer's answers, the units and what is already there. Nothing is written before commit; commit is all
//! accepted rows or none.
//!
//! Where a kind declares a limit, the column of its day may hold any phrase and fills the other fields of the limit; of several
//! units in a cell the others take part in the field declared for them; titles go where the declaration says.

mod cells;
mod due;
mod extent;
pub(crate) mod file;
mod rows;
mod units;

use crate::{
    audit::{self, Entry},
    entity::import,
    error::{Error, Result},
    matter::{
        apply, create,
        list::{cut, decode_cursor},
        series,
    },
    once::{self, Answer},
    reference::Reference,
    scope::Actor,
    state::App,
    transaction::Transaction,
};
use actix_web::http::StatusCode;
use rows::{Context, StoredRow};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set};
use serde_json::{Map, Value, json};
use shared::kernel::{
    api::{CommitOutcome, ImportCounts, ImportRow, ImportTable, ImportView, Page, Progress, RowPatch},
    ids::MatterId,
    problem::Code,
    reading::fold,
};
use std::sync::Arc;
use uuid::Uuid;

/// Reads a file and keeps its cells for review.
pub(crate) async fn upload(app: &Arc<App>, reference: &Reference, actor: &Actor, kind: &str, name: String, bytes: Vec<u8>) -> Result<ImportView> {
    let kind = app.kind(kind).map_err(|_| Error::field("/kind", Code::UnknownKind))?;
    if !create::may_start(&kind, actor) {
        return Err(Error::problem(Code::PermissionDenied));
    }
    let declared = kind.clone();
    // Unpacking and reading a workbook is work for a thread of its own.
    let read = tokio::task::spawn_blocking(move || file::read(&bytes, &declared)).await.map_err(|error| Error::Other(error.to_string()))??;
    let row = import::Model {
        id: crate::ids::next(),
        jurisdiction_id: actor.jurisdiction_id,
        person_id: actor.person_id(),
        kind: kind.code.clone(),
        file_name: name,
        state: "preview".into(),
        tables: serde_json::to_string(&read.tables)?,
        rows: serde_json::to_string(&read.rows)?,
        created_at: app.time.now(),
        committed_at: None,
        counts: None,
    };
    let view = view(app, reference, actor, row.clone()).await?;
    let transaction = app.db.begin().await?;
    let row = import::Model { counts: Some(serde_json::to_string(&view.counts)?), ..row };
    row.into_active_model().insert(&transaction).await?;
    app.db.commit(transaction).await?;
    Ok(view)
}

async fn own(app: &App, actor: &Actor, id: Uuid) -> Result<import::Model> {
    import::Entity::find_by_id(id).one(app.db.read()).await?.filter(|row| row.person_id == actor.person_id()).ok_or_else(Error::not_found)
}

fn counts_of(rows: &[ImportRow]) -> ImportCounts {
    let count = |verdict: &str| i64::try_from(rows.iter().filter(|row| row.verdict == verdict).count()).unwrap_or(i64::MAX);
    ImportCounts { accepted: count("accepted"), decide: count("decide"), refused: count("refused"), present: count("present") }
}

/// Locked for change: rows are answered side by side, and what is answered to one must not undo another; two commits must not both write.
async fn own_locked(transaction: &Transaction, actor: &Actor, id: Uuid) -> Result<import::Model> {
    let row = import::Entity::find_by_id(id).lock_exclusive().one(transaction).await?;
    row.filter(|row| row.person_id == actor.person_id()).ok_or_else(Error::not_found)
}

async fn view(app: &App, reference: &Reference, actor: &Actor, row: import::Model) -> Result<ImportView> {
    let kind = app.kind(&row.kind)?;
    let stored: Vec<StoredRow> = serde_json::from_str(&row.rows)?;
    let tables: Vec<ImportTable> = serde_json::from_str(&row.tables)?;
    let present = create::find_same(app.db.read(), actor, &kind).await?;
    let context = Context { app, reference, kind: &kind, present: &present, tables: &tables, years: rows::years(&row.file_name, &tables, &stored) };
    let rows = rows::understand(&context, &stored);
    Ok(ImportView {
        progress: None,
        id: row.id.into(),
        kind: row.kind,
        file_name: row.file_name,
        state: row.state,
        tables,
        counts: counts_of(&rows),
        rows,
        at: row.created_at,
    })
}

pub(crate) async fn get(app: &App, reference: &Reference, actor: &Actor, id: Uuid) -> Result<ImportView> {
    let row = own(app, actor, id).await?;
    // Asked each second while the rows are written: to read them all again would slow the writing down.
    match app.underway.of(row.id).filter(|_| row.state == "preview") {
        Some(_) => summary(app, reference, actor, row).await,
        None => view(app, reference, actor, row).await,
    }
}

/// One's earlier imports, newest first, without their rows.
pub(crate) async fn list(app: &App, reference: &Reference, actor: &Actor, cursor: Option<&str>, limit: u64) -> Result<Page<ImportView>> {
    let mut query = import::Entity::find().filter(import::Column::PersonId.eq(actor.person_id())).order_by_desc(import::Column::Id).limit(limit + 1);
    if let Some(cursor) = cursor {
        query = query.filter(import::Column::Id.lt(decode_cursor(cursor)?.1));
    }
    let mut rows = query.all(app.db.read()).await?;
    let next_cursor = cut(&mut rows, limit, |row| (String::new(), row.id));
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(summary(app, reference, actor, row).await?);
    }
    Ok(Page { items, next_cursor })
}

/// An import without its rows.
async fn summary(app: &App, reference: &Reference, actor: &Actor, row: import::Model) -> Result<ImportView> {
    let kept = row.counts.as_deref().and_then(|counts| serde_json::from_str::<ImportCounts>(counts).ok());
    let counts = match kept {
        Some(counts) => counts,
        // From before counts were kept, or a list of units or people, which is looked at elsewhere.
        None if app.kind(&row.kind).is_ok() => view(app, reference, actor, row.clone()).await?.counts,
        None => ImportCounts { accepted: 0, decide: 0, refused: 0, present: 0 },
    };
    Ok(ImportView {
        progress: app.underway.of(row.id).filter(|_| row.state == "preview"),
        id: row.id.into(),
        kind: row.kind,
        file_name: row.file_name,
        state: row.state,
        tables: serde_json::from_str(&row.tables)?,
        counts,
        rows: Vec::new(),
        at: row.created_at,
    })
}

/// The reviewer's answer to one row.
pub(crate) async fn answer(
    app: &App,
    reference: &Reference,
    actor: &Actor,
    id: Uuid,
    sheet: Option<&str>,
    number: i64,
    patch: RowPatch,
) -> Result<ImportView> {
    let transaction = app.db.begin().await?;
    let mut row = own_locked(&transaction, actor, id).await?;
    if row.state != "preview" {
        return Err(Error::problem(Code::ImportCommitted));
    }
    let kind = app.kind(&row.kind)?;
    let mut stored: Vec<StoredRow> = serde_json::from_str(&row.rows)?;
    let one = stored.iter_mut().find(|one| one.row == number && sheet.is_none_or(|sheet| sheet == one.sheet)).ok_or_else(Error::not_found)?;
    if let Some(name) = patch.values.keys().find(|name| kind.field(name).is_none_or(|field| field.derived)) {
        return Err(Error::field(format!("/values/{name}"), Code::UnknownField));
    }
    if let Some(decision) = &patch.decision {
        if !["keep", "skip", "split", "confirm", "none"].contains(&decision.as_str()) {
            return Err(Error::field("/decision", Code::Enumeration));
        }
        one.decision = (decision != "none").then(|| decision.clone());
    }
    for (field, value) in patch.values {
        one.answers.insert(field, value);
    }
    for (name, code) in patch.names {
        if !code.is_empty() && reference.unit_by_code(&code).is_none_or(|unit| !unit.active) {
            return Err(Error::field(format!("/names/{}", name.replace('~', "~0").replace('/', "~1")), Code::UnknownUnit));
        }
        // One name means one thing in one list.
        for row in stored.iter_mut().filter(|row| row.cells.values().any(|cell| fold(&cell.text).contains(&name))) {
            row.names.insert(name.clone(), code.clone());
        }
    }
    let text = serde_json::to_string(&stored)?;
    row.rows.clone_from(&text);
    let view = view(app, reference, actor, row.clone()).await?;
    let mut changed = row.clone().into_active_model();
    changed.rows = Set(text);
    changed.counts = Set(Some(serde_json::to_string(&view.counts)?));
    changed.update(&transaction).await?;
    app.db.commit(transaction).await?;
    Ok(view)
}

/// Writes all accepted rows, each handed out to its unit, or none. In a task of its own: a client that goes away while it waits takes
/// nothing back, and finds the import done when it comes again.
pub(crate) async fn commit(app: Arc<App>, reference: Arc<Reference>, actor: Actor, id: Uuid) -> Result<Answer> {
    let writing = once::carried(async move { write(&app, &reference, &actor, id).await });
    tokio::spawn(writing).await.map_err(|error| Error::Other(format!("import: {error}")))?
}

async fn write(app: &App, reference: &Reference, actor: &Actor, id: Uuid) -> Result<Answer> {
    let transaction = app.db.begin().await?;
    let row = own_locked(&transaction, actor, id).await?;
    if row.state != "preview" {
        return Err(Error::problem(Code::ImportCommitted));
    }
    let work = app.underway.begin(id);
    let kind = app.kind(&row.kind)?;
    // Two imports of the same list at once would not see each other's matters.
    app.db.one_at_a_time(&transaction, &format!("import:{}:{}", actor.jurisdiction_id, kind.code)).await?;
    let mut stored: Vec<StoredRow> = serde_json::from_str(&row.rows)?;
    let present = create::find_same(&transaction, actor, &kind).await?;
    let tables: Vec<ImportTable> = serde_json::from_str(&row.tables)?;
    let context = Context { app, reference, kind: &kind, present: &present, tables: &tables, years: rows::years(&row.file_name, &tables, &stored) };
    let understood = rows::understand(&context, &stored);
    let already = understood.iter().filter(|row| row.verdict == "present").count();
    let mut created: Vec<MatterId> = Vec::new();
    let mut changes = Vec::new();
    let accepted: Vec<_> = understood.iter().enumerate().filter(|(_, row)| row.verdict == "accepted").collect();
    let total = i64::try_from(accepted.len()).unwrap_or(i64::MAX);
    let mut made: Vec<(usize, Uuid)> = Vec::new();
    for (done, (index, one)) in (0..).zip(accepted) {
        work.tell(Progress { done, total });
        for mut body in rows::bodies(&context, &one.values) {
            // The list's heading says which years it is for: what recurs ends with them.
            series::give_end(&kind, &mut body, app.time.today(), context.years.map_or((None, None), |(first, last)| (Some(first), Some(last))))?;
            let title = create::title_of(&kind, &body);
            // Who commits the rows answers for them; what a sheet has no column for is filed under the lead unit's domains.
            let domains = create::domains_of(reference, &kind, &body);
            let draft = create::Draft { title, body, domains, not_secret: true, ..create::Draft::default() };
            let submitted = create::insert_submitted(&transaction, app, reference, actor, &kind, draft).await;
            let (matter_id, new) = submitted.map_err(|error| in_row(error, one.row))?;
            changes.extend(new);
            created.push(matter_id.into());
            made.push((index, matter_id));
        }
    }
    if created.is_empty() && already == 0 {
        return Err(Error::problem(Code::ImportEmpty));
    }
    for (index, matter) in made {
        if let Some(row) = stored.get_mut(index) {
            row.made.push(matter);
        }
    }
    let (name, count) = (row.file_name.clone(), created.len());
    let mut done = row.into_active_model();
    done.rows = Set(serde_json::to_string(&stored)?);
    done.state = Set("committed".into());
    done.counts = Set(Some(serde_json::to_string(&counts_of(&understood))?));
    done.committed_at = Set(Some(app.time.now()));
    done.update(&transaction).await?;
    let entry = Entry::by(actor, "imported", app.time.now(), json!({ "file": name, "matters": count }));
    audit::administrative_entry(&transaction, entry, &actor.person_id().to_string()).await?;
    let outcome =
        CommitOutcome { created: i64::try_from(count).unwrap_or(i64::MAX), present: i64::try_from(already).unwrap_or(i64::MAX), matters: created };
    let answer = Answer::json(StatusCode::OK, &outcome)?;
    app.db.commit_answering(transaction, &answer).await?;
    apply::publish(app, changes);
    Ok(answer)
}

/// A fault of one row, so that the reviewer knows which.
pub(crate) fn in_row(error: Error, row: i64) -> Error {
    match error {
        Error::Problem(mut problem) => {
            problem.detail = Some(format!("row {row}: {}", problem.detail.unwrap_or_default()));
            Error::Problem(problem)
        }
        other => other,
    }
}

/// An object's member as text.
pub(super) fn text<'a>(values: &'a Map<String, Value>, field: &str) -> &'a str {
    values.get(field).and_then(Value::as_str).unwrap_or_default()
}
