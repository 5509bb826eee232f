//! Making matters: drafts by hand, rows of an import, children of a list.

use super::{
    apply::apply_in,
    load::{Loaded, visible_for_change},
    save::Work,
    series, view,
};
use crate::{
    audit::{self, Entry},
    db::statement,
    entity::matter,
    error::{Error, Result},
    once::Answer,
    reference::{Known, Reference, strings},
    scope::Actor,
    state::{App, Change},
    time::local_day,
    transaction::Transaction,
};
use actix_web::http::StatusCode;
use chrono::{Datelike, NaiveDate};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::{Map, Value, json};
use shared::kernel::{
    api::{MatterPatch, NewMatter},
    field::Input,
    header,
    kind::{Effect, Kind, Length},
    problem::{Code, FieldError},
    validate::{Strictness, TITLE_MAX, TITLE_MIN, has_control_characters, has_secret_marking, parse_date, validate},
    workflow::{self, is_for},
};
use std::sync::Arc;
use uuid::Uuid;

type Inputs = Map<String, Value>;

/// Whether an actor may start matters of a kind.
pub(crate) fn may_start(kind: &Kind, actor: &Actor) -> bool {
    let facts = actor.facts();
    let empty = shared::kernel::workflow::Facts {
        state: "draft".into(),
        originator_unit: actor.unit_code.clone(),
        ..shared::kernel::workflow::Facts::default()
    };
    kind.starters.iter().any(|who| is_for(who, &empty, &facts))
}

/// The number of a matter, `LD-2026-WI-00017`: per jurisdiction, kind and year, never reused; one that is not used in the end leaves a gap
/// (domain.md §1.7).
///
/// On PostgreSQL it is taken in a transaction of its own that doesn't wait for the disk: all who hand something out take the next one of
/// the same row, and would follow each other at the pace of whole commits. Whatever uses a number is written behind it in the log, so a
/// crash can't lose the one and keep the other.
pub(crate) async fn next_number(transaction: &Transaction, app: &App, matter: &matter::Model, abbr: &str) -> Result<String> {
    let year = i64::from(local_day(app.time.now()).year());
    let taken = "ON CONFLICT (jurisdiction_id, kind, year) DO UPDATE SET last = matter_number.last + 1 RETURNING last";
    let values = vec![matter.jurisdiction_id.into(), matter.kind.clone().into(), year.into()];
    let row = match app.db.beside() {
        Some(beside) => {
            let sql = format!(
                "WITH hurry AS (SELECT set_config('synchronous_commit', 'off', true))
                 INSERT INTO matter_number (jurisdiction_id, kind, year, last) SELECT CAST(? AS uuid), CAST(? AS text), CAST(? AS bigint), 1 FROM hurry {taken}"
            );
            beside.query_one_raw(statement(app.db.backend(), &sql, values)).await?
        }
        None => {
            let sql = format!("INSERT INTO matter_number (jurisdiction_id, kind, year, last) VALUES (?, ?, ?, 1) {taken}");
            transaction.query_one_raw(statement(app.db.backend(), &sql, values)).await?
        }
    };
    let last: i64 = row.ok_or_else(|| Error::Other("no matter number".into()))?.try_get("", "last")?;
    Ok(format!("LD-{year}-{abbr}-{last:05}"))
}

fn clean_title(title: &str, kind: &Kind, body: &Inputs) -> String {
    let typed = title.trim();
    let source = if typed.is_empty() {
        kind.title_from.as_deref().and_then(|field| body.get(field)).and_then(Value::as_str).unwrap_or_default().trim()
    } else {
        typed
    };
    let line: String = source.split(['\n', '\r']).next().unwrap_or_default().to_owned();
    if line.chars().count() > TITLE_MAX { line.chars().take(TITLE_MAX - 1).chain(['…']).collect() } else { line }
}

/// The title of a body without a typed one.
pub(crate) fn title_of(kind: &Kind, body: &Inputs) -> String {
    clean_title("", kind, body)
}

/// What the header lacks of a matter that is no draft: a name, a domain, somebody's word that nothing in it is secret (domain.md §1.7).
fn incomplete(title: &str, header: &Inputs, known: &Known<'_>) -> Vec<FieldError> {
    let mut errors = header::faults(header, Strictness::Full, known);
    if !(TITLE_MIN..=TITLE_MAX).contains(&title.chars().count()) {
        errors.push(title_length());
    }
    errors
}

fn title_length() -> FieldError {
    FieldError::with("/title", Code::Length, format!("{TITLE_MIN}–{TITLE_MAX}"))
}

pub(crate) fn check_complete(matter: &matter::Model, known: &Known<'_>) -> Result<()> {
    let header =
        header_of(Some(&matter.urgency), Some(&strings(&matter.domains)), matter.main_task.as_deref(), matter.summary.as_deref(), matter.not_secret);
    let errors = incomplete(&matter.title, &header, known);
    if errors.is_empty() { Ok(()) } else { Err(Error::fields(errors)) }
}

/// The domains of the unit a body names first; what nobody was asked about is better filed under its unit's than under none.
pub(crate) fn domains_of(reference: &Reference, kind: &Kind, body: &Inputs) -> Vec<String> {
    let code = kind.fields.iter().filter(|field| field.input == Input::Unit).find_map(|field| body.get(&field.name)?.as_str());
    let mut domains = code.and_then(|code| reference.unit_by_code(code)).map(|unit| strings(&unit.domains)).unwrap_or_default();
    domains.truncate(header::DOMAINS_MAX);
    if domains.is_empty() { vec!["other".into()] } else { domains }
}

/// What is typed beside title and body, as far as it is.
fn header_of(urgency: Option<&str>, domains: Option<&[String]>, main_task: Option<&str>, summary: Option<&str>, not_secret: bool) -> Inputs {
    let typed = [
        ("urgency", urgency.map(Value::from)),
        ("domains", domains.map(|codes| json!(codes))),
        ("main_task", main_task.map(Value::from)),
        ("summary", summary.map(Value::from)),
    ];
    let said = [("not_secret", Some(Value::Bool(not_secret)))];
    typed.into_iter().chain(said).filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn check_title(title: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if title.chars().count() > TITLE_MAX {
        errors.push(title_length());
    }
    if has_control_characters(title) || title.contains('\n') {
        errors.push(FieldError::new("/title", Code::ControlCharacter));
    }
    if has_secret_marking(title) {
        errors.push(FieldError::new("/title", Code::SecretMarking));
    }
    errors
}

/// The body's typed fields checked; derived ones can't be typed.
fn check_body(kind: &Kind, body: &Inputs, strictness: Strictness, known: &Known<'_>) -> Vec<FieldError> {
    let typed: Vec<_> = kind.fields.iter().filter(|field| !field.derived).cloned().collect();
    validate(&typed, body, "/body", strictness, known)
}

/// A new matter by a person, a draft or handed out at once; without an answer, for the demonstration's past.
pub(crate) async fn create(app: &App, reference: &Reference, actor: &Actor, new: NewMatter) -> Result<Uuid> {
    let (transaction, id, changes) = begin(app, reference, actor, new).await?;
    app.db.commit(transaction).await?;
    super::apply::publish(app, changes);
    Ok(id)
}

/// The same; the answer is the matter, kept with it.
pub(crate) async fn create_answering(app: &App, reference: &Reference, actor: &Actor, new: NewMatter) -> Result<Answer> {
    let (transaction, id, changes) = begin(app, reference, actor, new).await?;
    let detail = view::detail_in(&transaction, app, reference, actor, id).await?;
    let answer = Answer::json(StatusCode::CREATED, &detail)?.versioned(detail.item.version).at(format!("/api/v1/matters/{id}"));
    app.db.commit_answering(transaction, &answer).await?;
    super::apply::publish(app, changes);
    Ok(answer)
}

async fn begin(app: &App, reference: &Reference, actor: &Actor, new: NewMatter) -> Result<(Transaction, Uuid, Vec<Change>)> {
    let kind = app.kind(&new.kind).map_err(|_| Error::field("/kind", Code::UnknownKind))?;
    if !may_start(&kind, actor) {
        return Err(Error::problem(Code::PermissionDenied));
    }
    let known = Known { app, reference };
    let strictness = if new.submit { Strictness::Full } else { Strictness::Draft };
    let mut errors = check_body(&kind, &new.body, strictness, &known);
    let urgency = filled(new.urgency);
    let header = header_of(urgency.as_deref(), Some(&new.domains), new.main_task.as_deref(), new.summary.as_deref(), new.not_secret);
    errors.extend(header::faults(&header, Strictness::Draft, &known));
    errors.extend(check_title(&new.title));
    let title = clean_title(&new.title, &kind, &new.body);
    if new.submit {
        let missing = incomplete(&title, &header, &known);
        errors.extend(missing.into_iter().filter(|fault| !errors.iter().any(|other| other.pointer == fault.pointer)).collect::<Vec<_>>());
    }
    if !errors.is_empty() {
        return Err(Error::fields(errors));
    }
    let draft = Draft {
        title,
        body: new.body,
        urgency,
        domains: new.domains,
        main_task: filled(new.main_task),
        summary: filled(new.summary),
        not_secret: new.not_secret,
        parent: None,
    };
    let transaction = app.db.begin().await?;
    let made = if new.submit {
        insert_submitted(&transaction, app, reference, actor, &kind, draft).await?
    } else {
        let (loaded, change) = insert(&transaction, app, reference, actor, &kind, draft);
        (loaded.matter.id, vec![change])
    };
    Ok((transaction, made.0, made.1))
}

/// A text that says something.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

#[derive(Default)]
pub(crate) struct Draft {
    pub title: String,
    pub body: Inputs,
    pub urgency: Option<String>,
    pub domains: Vec<String>,
    pub main_task: Option<String>,
    pub summary: Option<String>,
    pub not_secret: bool,
    pub parent: Option<Uuid>,
}

/// A draft row with its party and first event, in the caller's transaction.
fn insert(transaction: &Transaction, app: &App, reference: &Reference, actor: &Actor, kind: &Arc<Kind>, draft: Draft) -> (Loaded, Change) {
    let now = app.time.now();
    let row = blank(actor.jurisdiction_id, kind, actor.unit_id, actor.person.id, draft, now);
    let mut work = Work::new(app, transaction, reference, Loaded::alone(kind.clone(), row, Vec::new()));
    work.party(actor.unit_id).originator = true;
    work.save(created(actor, now), Vec::new())
}

/// The first event of a matter's history.
fn created(actor: &Actor, now: chrono::DateTime<chrono::Utc>) -> Entry<'_> {
    Entry { to_state: Some("draft".into()), ..Entry::by(actor, "create", now, json!({})) }
}

/// The same, handed out at once.
pub(crate) async fn insert_submitted(
    transaction: &Transaction,
    app: &App,
    reference: &Reference,
    actor: &Actor,
    kind: &Arc<Kind>,
    draft: Draft,
) -> Result<(Uuid, Vec<Change>)> {
    let row = blank(actor.jurisdiction_id, kind, actor.unit_id, actor.person.id, draft, app.time.now());
    let id = row.id;
    let mut work = Work::new(app, transaction, reference, Loaded::alone(kind.clone(), row, Vec::new()));
    work.party(actor.unit_id).originator = true;
    // Making and handing out are two events of one change: nothing of the draft is written.
    let mut loaded = Loaded { parties: work.parties.into_values().collect(), ..work.loaded };
    let entry = Entry { matter_id: Some(id), ..created(actor, loaded.matter.created_at) };
    let event = audit::following(entry, &loaded.matter);
    (loaded.matter.event_seq, loaded.matter.event_hash) = (event.seq, event.hash.clone());
    loaded.told.push(event);
    let changes = apply_in(transaction, app, reference, Some(actor), loaded, "submit", &Inputs::new()).await?;
    Ok((id, changes))
}

/// A row in draft, in the hands of who made it.
pub(super) fn blank(jurisdiction: Uuid, kind: &Kind, unit: Uuid, person: Uuid, draft: Draft, now: chrono::DateTime<chrono::Utc>) -> matter::Model {
    matter::Model {
        id: crate::ids::next(),
        jurisdiction_id: jurisdiction,
        kind: kind.code.clone(),
        number: None,
        title: draft.title,
        body: Value::Object(draft.body),
        state: "draft".into(),
        is_open: true,
        urgency: draft.urgency.unwrap_or_else(|| "normal".into()),
        domains: json!(draft.domains),
        sealed: kind.sealed,
        level: 0,
        originator_unit_id: unit,
        created_by: person,
        holder_unit_id: Some(unit),
        holder_person_id: None,
        holder_since: Some(now),
        parent_id: draft.parent,
        instance_key: None,
        due_on: None,
        due_provisional: false,
        main_start_on: None,
        extended_days: 0,
        extensions: 0,
        reworks: 0,
        extension: None,
        paused_reason: None,
        before_handover: None,
        refusals: 0,
        last_urged_at: None,
        urges: 0,
        version: 1,
        event_seq: 0,
        event_hash: String::new(),
        created_at: now,
        updated_at: now,
        closed_at: None,
        due_sort: crate::counters::FAR,
        yellow_on: None,
        receipt_due_on: None,
        on_time: None,
        pause: None,
        limit_on: crate::counters::FAR,
        limit_rule: None,
        reported_at: None,
        rated_on: None,
        level_by_hand: false,
        claim: None,
        main_task: draft.main_task,
        summary: draft.summary,
        not_secret: draft.not_secret,
        look_on: crate::counters::FAR,
    }
}

/// Body fields whose date or year a clock is counted by.
fn clock_dates(kind: &Kind) -> impl Iterator<Item = &str> {
    kind.steps.iter().flat_map(|step| &step.effects).filter_map(|effect| match effect {
        Effect::StartClock { length: Length::BodyDate { field } | Length::RuleOfYear { field }, .. } => Some(field.as_str()),
        _ => None,
    })
}

/// What the author changes in an editable state.
pub(crate) async fn edit(app: &App, reference: &Reference, actor: &Actor, id: Uuid, version: i64, patch: MatterPatch) -> Result<Answer> {
    let transaction = app.db.begin().await?;
    let loaded = visible_for_change(&transaction, app, actor, id).await?;
    let (matter, kind) = (&loaded.matter, loaded.kind.clone());
    if version != matter.version {
        return Err(Error::detailed(Code::VersionStale, matter.version.to_string()));
    }
    let editable = kind.state(&matter.state).is_some_and(|state| state.editable) && matter.holder_unit_id == Some(actor.unit_id);
    if !editable || !may_start(&kind, actor) {
        return Err(Error::detailed(Code::ActionUnavailable, format!("state={}", matter.state)));
    }
    let known = Known { app, reference };
    let mut errors = Vec::new();
    if let Some(body) = &patch.body {
        // What was handed out once stays complete: it is handed out again without another look at the body.
        let strictness = if matter.state == "draft" { Strictness::Draft } else { Strictness::Full };
        errors.extend(check_body(&kind, body, strictness, &known));
        // The main clock was started from these: the day moves by an extension, not by an edit.
        let fixed = clock_dates(&kind).filter(|field| matter.state != "draft" && body.get(*field) != matter.body.get(*field));
        errors.extend(fixed.map(|field| FieldError::new(format!("/body/{field}"), Code::ActionUnavailable)));
    }
    let header = header_of(
        patch.urgency.as_deref(),
        patch.domains.as_deref(),
        patch.main_task.as_deref(),
        patch.summary.as_deref(),
        patch.not_secret.unwrap_or_default(),
    );
    errors.extend(header::faults(&header, Strictness::Draft, &known));
    errors.extend(check_title(patch.title.as_deref().unwrap_or_default()));
    if !errors.is_empty() {
        return Err(Error::fields(errors));
    }
    let mut work = Work::on(app, &transaction, reference, loaded);
    let mut changed = Vec::new();
    let row = &mut work.loaded.matter;
    if let Some(body) = patch.body {
        // Derived fields (progress, the original wording of a date) outlive an edit of the form.
        let mut next = row.body.as_object().cloned().unwrap_or_default();
        next.retain(|name, _| kind.field(name).is_some_and(|field| field.derived));
        next.extend(body);
        row.body = Value::Object(next);
        changed.push("body");
    }
    if let Some(title) = patch.title {
        row.title = clean_title(&title, &kind, row.body.as_object().unwrap_or(&Map::new()));
        changed.push("title");
    }
    if let Some(urgency) = filled(patch.urgency) {
        row.urgency = urgency;
        changed.push("urgency");
    }
    if let Some(domains) = patch.domains {
        row.domains = json!(domains);
        changed.push("domains");
    }
    if let Some(main_task) = patch.main_task {
        row.main_task = filled(Some(main_task));
        changed.push("main_task");
    }
    if let Some(summary) = patch.summary {
        row.summary = filled(Some(summary));
        changed.push("summary");
    }
    if let Some(not_secret) = patch.not_secret {
        row.not_secret = not_secret;
        changed.push("not_secret");
    }
    let state = row.state.clone();
    if state != "draft" {
        check_complete(row, &known)?;
        let facts = work.loaded.facts(app, reference, app.time.now(), app.time.today());
        if let Some(broken) = workflow::broken_rule(&kind, &facts) {
            return Err(super::apply::refusal(&work.loaded, reference, &[], broken));
        }
    }
    let entry =
        Entry { from_state: Some(state.clone()), to_state: Some(state), ..Entry::by(actor, "edit", app.time.now(), json!({ "changed": changed })) };
    let (_, change) = work.save(entry, Vec::new());
    let detail = view::detail_in(&transaction, app, reference, actor, id).await?;
    let answer = Answer::json(StatusCode::OK, &detail)?.versioned(detail.item.version);
    app.db.commit_answering(transaction, &answer).await?;
    super::apply::publish(app, vec![change]);
    Ok(answer)
}

/// Rows of a list field of a body become matters of a kind, all or none.
#[expect(clippy::too_many_arguments, reason = "the transaction's surroundings and the declared effect; a struct would only rename them")]
pub(crate) async fn children(
    transaction: &Transaction,
    app: &App,
    reference: &Reference,
    actor: Option<&Actor>,
    parent: &Loaded,
    rows: &Inputs,
    field: &str,
    kind: &str,
    submit: bool,
    years: (Option<i32>, Option<i32>),
) -> Result<Vec<Change>> {
    let actor = actor.ok_or_else(|| Error::problem(Code::ActionUnavailable))?;
    let kind = app.kind(kind)?;
    let rows = rows.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut changes = Vec::new();
    for (index, body) in rows.into_iter().enumerate() {
        let mut body = body.as_object().cloned().unwrap_or_default();
        series::give_end(&kind, &mut body, app.time.today(), years)?;
        let title = clean_title("", &kind, &body);
        // What the parent's author confirmed was confirmed of its rows.
        let draft = Draft {
            title,
            domains: domains_of(reference, &kind, &body),
            main_task: parent.matter.main_task.clone(),
            not_secret: parent.matter.not_secret,
            body,
            parent: Some(parent.matter.id),
            ..Draft::default()
        };
        if submit {
            let made = insert_submitted(transaction, app, reference, actor, &kind, draft).await;
            changes.extend(made.map_err(|error| under(error, &format!("/body/{field}/{index}")))?.1);
        } else {
            changes.push(insert(transaction, app, reference, actor, &kind, draft).1);
        }
    }
    Ok(changes)
}

/// Field errors of a child, pointed at from the parent.
pub(crate) fn under(error: Error, prefix: &str) -> Error {
    match error {
        Error::Problem(mut problem) => {
            for fault in &mut problem.errors {
                let inner = fault.pointer.strip_prefix("/body").or_else(|| fault.pointer.strip_prefix("/input")).unwrap_or(&fault.pointer);
                fault.pointer = format!("{prefix}{inner}");
            }
            if problem.errors.is_empty() {
                problem.detail = Some(format!("{prefix} {}", problem.detail.clone().unwrap_or_default()));
            }
            Error::Problem(problem)
        }
        other => other,
    }
}

/// Used by the import: whether the same thing is already there, by the kind's identity fields.
pub(crate) async fn find_same<C: ConnectionTrait>(connection: &C, actor: &Actor, kind: &Kind) -> Result<std::collections::HashMap<String, Uuid>> {
    let rows = matter::Entity::find()
        .filter(matter::Column::JurisdictionId.eq(actor.jurisdiction_id))
        .filter(matter::Column::Kind.eq(kind.code.clone()))
        // Periods of a recurring task have its own text; items of a list are things of their own.
        .filter(matter::Column::InstanceKey.is_null())
        .filter(matter::Column::State.is_not_in(["discarded", "withdrawn", "voided"]))
        // Whether a sealed one exists is not to be found out by importing its twin.
        .filter(matter::Column::Sealed.eq(false))
        .all(connection)
        .await?;
    let mut same = std::collections::HashMap::new();
    for row in rows {
        let body = row.body.as_object().cloned().unwrap_or_default();
        same.insert(identity(kind, &body), row.id);
        // A row whose unit is still in question is the same thing when its text is.
        if let Some(first) = kind.identity.first() {
            let alone: Inputs = body.into_iter().filter(|(name, _)| name == first).collect();
            same.insert(identity(kind, &alone), row.id);
        }
    }
    Ok(same)
}

/// The identity of a body: its identity fields, normalised.
pub(crate) fn identity(kind: &Kind, body: &Inputs) -> String {
    kind.identity
        .iter()
        .map(|field| match body.get(field) {
            Some(Value::String(text)) => text.chars().filter(|c| !c.is_whitespace()).collect(),
            Some(other) => other.to_string(),
            None => String::new(),
        })
        .collect::<Vec<String>>()
        .join("\u{1f}")
}

/// The date in a body field, if any.
pub(crate) fn body_date(body: &Inputs, field: &str) -> Option<NaiveDate> {
    body.get(field).and_then(Value::as_str).and_then(parse_date)
}
