//! The one change of state. Everything that moves a matter — a person's action, a job, an import — goes through `apply_in`.

pub(crate) use crate::live::publish;

use super::{
    create, family,
    load::{self, Loaded},
    save::Work,
    series, view,
};
use crate::{
    audit::Entry,
    entity::matter,
    error::{Error, Problem, Result},
    notice,
    once::Answer,
    reference::{Known, Reference},
    scope::Actor,
    state::{App, Change},
    transaction::Transaction,
};
use actix_web::http::StatusCode;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Map, Value, json};
use shared::kernel::{
    field::{Field, Input},
    given,
    kind::{Effect, Step},
    problem::{Code, FieldError},
    validate::{Strictness, validate},
    workflow::{self, ActorFacts, Blocked},
};
use std::{future::Future, pin::Pin};
use uuid::Uuid;

type Inputs = Map<String, Value>;

/// A person's action on a matter they can see.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub matter: Uuid,
    pub action: &'a str,
    pub input: &'a Inputs,
    /// The version they saw.
    pub version: Option<i64>,
}

/// Takes a step, without an answer: one of many, or of the demonstration's past.
pub(crate) async fn apply(app: &App, reference: &Reference, actor: &Actor, asked: Asked<'_>) -> Result<()> {
    let (transaction, changes) = step(app, reference, actor, asked).await?;
    app.db.commit(transaction).await?;
    publish(app, changes);
    Ok(())
}

/// Takes a step; the answer is the matter after it, kept with it. A discarded draft, or a matter handed out of sight, has nothing to show.
pub(crate) async fn apply_answering(app: &App, reference: &Reference, actor: &Actor, asked: Asked<'_>) -> Result<Answer> {
    let (transaction, changes) = step(app, reference, actor, asked).await?;
    let answer = match view::detail_in(&transaction, app, reference, actor, asked.matter).await {
        Ok(detail) => Answer::json(StatusCode::OK, &detail)?.versioned(detail.item.version),
        Err(Error::Problem(problem)) if problem.code == Code::NotFound => Answer::nothing(),
        Err(error) => return Err(error),
    };
    app.db.commit_answering(transaction, &answer).await?;
    publish(app, changes);
    Ok(answer)
}

async fn step(app: &App, reference: &Reference, actor: &Actor, asked: Asked<'_>) -> Result<(Transaction, Vec<Change>)> {
    let Asked { matter: id, action, input, version } = asked;
    let transaction = app.db.begin().await?;
    let loaded = load::visible_for_change(&transaction, app, actor, id).await?;
    if version.is_some_and(|version| version != loaded.matter.version) {
        return Err(Error::detailed(Code::VersionStale, loaded.matter.version.to_string()));
    }
    let changes = apply_in(&transaction, app, reference, Some(actor), loaded, action, input).await?;
    Ok((transaction, changes))
}

/// What the system acts as.
pub(crate) fn system_facts() -> ActorFacts {
    ActorFacts { unit: String::new(), unit_kind: String::new(), roles: Vec::new(), linkage_office: false, system: true }
}

/// Takes a step within the caller's transaction. Boxed, since a step may take steps on children.
pub(crate) fn apply_in<'a>(
    transaction: &'a Transaction,
    app: &'a App,
    reference: &'a Reference,
    actor: Option<&'a Actor>,
    loaded: Loaded,
    action: &'a str,
    input: &'a Inputs,
) -> Pin<Box<dyn Future<Output = Result<Vec<Change>>> + Send + 'a>> {
    Box::pin(async move {
        let kind = loaded.kind.clone();
        let (now, today) = (app.time.now(), app.time.today());
        let facts = loaded.facts(app, reference, now, today);
        let who = actor.map_or_else(system_facts, Actor::facts);
        let step = choose(&loaded, &facts, &who, action, input)?.clone();
        // Who may not take the step is told so, not what its form would need.
        if let Err(blocked) = workflow::check(&kind, &step, &facts, &who, None) {
            return Err(refusal(&loaded, reference, &step.input, blocked));
        }
        let mut errors = validate(&step.input, input, "/input", Strictness::Full, &Known { app, reference });
        if errors.is_empty() {
            let asks = facts.asks.iter().map(|ask| (ask.unit.as_str(), ask.action.as_str(), Some(&ask.answer)));
            errors = given::faults(&step.input, input, "/input", &facts.body, asks);
        }
        if !errors.is_empty() {
            return Err(Error::fields(errors));
        }
        family::check_named(transaction, app, actor, &loaded, &step.input, input).await?;
        let before = facts.state.clone();
        if before == "draft" && step.to != shared::kernel::kind::Target::Same && !step.effects.contains(&Effect::Discard) {
            let body = facts.body.clone();
            let typed: Vec<_> = kind.fields.iter().filter(|field| !field.derived).cloned().collect();
            let known: Inputs = body.into_iter().filter(|(name, _)| typed.iter().any(|field| field.name == *name)).collect();
            let errors = validate(&typed, &known, "/body", Strictness::Full, &Known { app, reference });
            if !errors.is_empty() {
                return Err(Error::fields(errors));
            }
            create::check_complete(&loaded.matter, &Known { app, reference })?;
            if let Some(broken) = workflow::broken_rule(&kind, &facts) {
                return Err(refusal(&loaded, reference, &[], broken));
            }
        }
        if let Err(blocked) = workflow::check(&kind, &step, &facts, &who, Some(input)) {
            return Err(refusal(&loaded, reference, &step.input, blocked));
        }
        let mut work = Work::on(app, transaction, reference, loaded);
        if work.loaded.matter.number.is_none() && !step.effects.contains(&Effect::Discard) && before == "draft" {
            work.loaded.matter.number = Some(create::next_number(transaction, app, &work.loaded.matter, &kind.abbr).await?);
        }
        // The target is fixed before the effects change refusals and hand-overs.
        let next = workflow::next_state(&step, &facts, work.loaded.matter.before_handover.as_deref());
        if before == "draft" && next != "draft" && !step.effects.contains(&Effect::Discard) {
            work.end_series(today)?;
        }
        let body_before = work.loaded.matter.body.clone();
        // Children are acted on after the matter is saved, by what the body says when their effect's turn comes.
        let mut of_children: Vec<(&Effect, Inputs)> = Vec::new();
        let now = work.now;
        for effect in &step.effects {
            work.execute(effect, input, actor, &before).await?;
            if matches!(effect, Effect::SpawnChildren { .. } | Effect::ActOnChildren { .. }) {
                of_children.push((effect, work.loaded.matter.body.as_object().cloned().unwrap_or_default()));
            }
        }
        // An effect may have counted from an earlier day.
        work.now = now;
        if next != "draft" && work.loaded.matter.body != body_before {
            let facts = work.loaded.facts(app, reference, now, today);
            if let Some(broken) = workflow::broken_rule(&kind, &facts) {
                return Err(refusal(&work.loaded, reference, &[], broken));
            }
        }
        if next == "draft" {
            work.back_to_draft();
        }
        work.loaded.matter.state.clone_from(&next);
        let mut payload = json!({ "input": input });
        if let Some(members) = payload.as_object_mut().filter(|_| !work.replaced.is_empty()) {
            members.insert("before".into(), Value::Object(std::mem::take(&mut work.replaced)));
        }
        let entry = match actor {
            Some(actor) => Entry::by(actor, action, now, payload),
            None => Entry::by_nobody(work.loaded.matter.jurisdiction_id, action, now, payload),
        };
        let entry = Entry { from_state: Some(before), to_state: Some(next), ..entry };
        let notices = notice::of_step(&work, &step, actor, input);
        let (saved, change) = work.save(entry, notices);
        let mut changes = vec![change];
        for effect in &step.effects {
            match effect {
                Effect::SpawnInstances => changes.extend(series::next_instance(transaction, app, reference, &saved).await?),
                Effect::CarryToInstances { action } => changes.extend(carry(transaction, app, reference, actor, &saved, action, input).await?),
                Effect::CarryChildren { field } => {
                    let to = input.get(field).and_then(Value::as_str).unwrap_or_default();
                    changes.extend(family::carry_over(transaction, app, reference, actor, &saved, to).await?);
                }
                _ => {}
            }
        }
        for (effect, body) in of_children {
            match effect {
                Effect::SpawnChildren { field, kind, submit, series_end, series_start } => {
                    let year = |field: &Option<String>| {
                        let year = field.as_ref().and_then(|field| body.get(field)).and_then(Value::as_i64);
                        year.and_then(|year| i32::try_from(year).ok())
                    };
                    let years = (year(series_start), year(series_end));
                    changes.extend(create::children(transaction, app, reference, actor, &saved, &body, field, kind, *submit, years).await?);
                }
                Effect::ActOnChildren { field, child, action, from_body } => {
                    let rows = family::Rows { body: &body, input, field, child, from_body };
                    changes.extend(family::act(transaction, app, reference, actor, &saved, rows, action).await?);
                }
                _ => {}
            }
        }
        if let Some(parent) = saved.matter.parent_id.filter(|_| !saved.matter.is_open) {
            changes.extend(react(transaction, app, reference, parent, &saved).await?);
        }
        Ok(changes)
    })
}

/// The declared step for an action: when several share its name, the one this actor can take.
fn choose<'a>(loaded: &'a Loaded, facts: &workflow::Facts, who: &ActorFacts, action: &str, input: &Inputs) -> Result<&'a Step> {
    let kind = &loaded.kind;
    let mut first = None;
    for step in kind.steps.iter().filter(|step| step.action == action && kind.starts_in(step, &facts.state)) {
        if workflow::check(kind, step, facts, who, Some(input)).is_ok() {
            return Ok(step);
        }
        first = first.or(Some(step));
    }
    first.ok_or_else(|| {
        if kind.steps.iter().any(|step| step.action == action) {
            Error::detailed(Code::ActionUnavailable, holder_words(facts))
        } else {
            Error::not_found()
        }
    })
}

/// Who holds it and where it stands: what a person needs to know when an action isn't available.
fn holder_words(facts: &workflow::Facts) -> String {
    match &facts.holder_name {
        Some(holder) => format!("state={} holder={holder}", facts.state),
        None => format!("state={}", facts.state),
    }
}

/// The same step on the open instances that can take it: a period already reported is judged as it was done.
async fn carry(
    transaction: &Transaction,
    app: &App,
    reference: &Reference,
    actor: Option<&Actor>,
    series: &Loaded,
    action: &str,
    input: &Inputs,
) -> Result<Vec<Change>> {
    let instances = matter::Entity::find()
        .filter(matter::Column::ParentId.eq(series.matter.id))
        .filter(matter::Column::InstanceKey.is_not_null())
        .filter(matter::Column::IsOpen.eq(true))
        .order_by_asc(matter::Column::Id)
        .all(transaction)
        .await?;
    let mut changes = Vec::new();
    for instance in instances {
        if series.kind.step(action, &instance.state).is_some() {
            let instance = Loaded::around(transaction, app, instance).await?;
            changes.extend(apply_in(transaction, app, reference, actor, instance, action, input).await?);
        }
    }
    Ok(changes)
}

/// Why not, in the words of a problem; `asked` are the fields of the step's form, where a day out of order is shown.
pub(crate) fn refusal(loaded: &Loaded, reference: &Reference, asked: &[Field], blocked: Blocked) -> Error {
    let holder = loaded.matter.holder_unit_id.map(|id| reference.brief(id).short_name).unwrap_or_default();
    match blocked {
        Blocked::State => Error::detailed(Code::ActionUnavailable, format!("state={} holder={holder}", loaded.matter.state)),
        Blocked::Who => Error::detailed(Code::PermissionDenied, format!("holder={holder}")),
        Blocked::Guard { code, failure, .. } => match failure.code {
            Some(code) if code.status() == 422 => {
                let pointer = match (failure.pointer, code) {
                    (Some(pointer), _) => pointer.to_owned(),
                    (None, Code::SelfHandover) => "/input/unit".to_owned(),
                    (None, Code::RefusalGrounds) => "/input/suggested_unit".to_owned(),
                    // Each step asks for one day.
                    (None, Code::DateOrder | Code::ExtensionOverCap) => {
                        asked.iter().find(|field| field.input == Input::Date).map(|field| format!("/input/{}", field.name)).unwrap_or_default()
                    }
                    (None, _) => String::new(),
                };
                Error::field(pointer, code)
            }
            Some(specific) => Error::detailed(specific, code),
            None => Error::Problem(Box::new(Problem {
                code: Code::GuardFailed,
                detail: Some(code),
                errors: failure.pointer.map(|pointer| FieldError::new(pointer, Code::Required)).into_iter().collect(),
                retry_after: None,
            })),
        },
    }
}

/// When a child ends, the parent's declared reactions and the end of a recurring series.
async fn react(transaction: &Transaction, app: &App, reference: &Reference, parent: Uuid, child: &Loaded) -> Result<Vec<Change>> {
    // Locked: of two children that end at once, the second must see the first.
    let Some(loaded) = load::locked_for_change(transaction, app, parent).await? else { return Ok(Vec::new()) };
    let kind = loaded.kind.clone();
    let mut changes = Vec::new();
    if child.matter.instance_key.is_some() && loaded.matter.is_open {
        changes.extend(series::close_series(transaction, app, reference, &loaded).await?);
    }
    for reaction in kind.reactions.iter().filter(|reaction| reaction.kind == child.matter.kind && reaction.state == child.matter.state) {
        // As whatever came before has left it.
        let Some(loaded) = load::locked_for_change(transaction, app, parent).await? else { break };
        if reaction.all_children && loaded.children_open > 0 {
            continue;
        }
        let facts = loaded.facts(app, reference, app.time.now(), app.time.today());
        let system = system_facts();
        let takes = kind.step(&reaction.action, &loaded.matter.state).is_some_and(|step| workflow::check(&kind, step, &facts, &system, None).is_ok());
        if takes {
            changes.extend(apply_in(transaction, app, reference, None, loaded, &reaction.action, &Inputs::new()).await?);
        }
    }
    Ok(changes)
}

/// A step the system takes by itself (a job), in its own transaction. The matter is locked, as for a person; `still` looks at it once more
/// under the lock: another node, or a person, may have been faster.
pub(crate) async fn apply_system(
    app: &App,
    reference: &Reference,
    id: Uuid,
    action: &str,
    input: &Inputs,
    still: impl FnOnce(&matter::Model) -> bool,
) -> Result<()> {
    let transaction = app.db.begin().await?;
    let Some(loaded) = load::locked_for_change(&transaction, app, id).await?.filter(|loaded| still(&loaded.matter)) else { return Ok(()) };
    let changes = apply_in(&transaction, app, reference, None, loaded, action, input).await?;
    app.db.commit(transaction).await?;
    publish(app, changes);
    Ok(())
}
