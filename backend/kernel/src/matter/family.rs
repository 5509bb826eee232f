//! Parents and children: matters named by number in an input, actions on the children a step names, children carried over.

use super::{
    apply::apply_in,
    create,
    load::{Loaded, visible_matter},
    save::Work,
};
use crate::{
    audit::Entry,
    entity::{matter, matter_link},
    error::{Error, Result},
    reference::Reference,
    scope::Actor,
    state::{App, Change},
    transaction::Transaction,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde_json::{Map, Value, json};
use shared::kernel::{
    field::{Field, Input},
    problem::{Code, FieldError},
};
use uuid::Uuid;

type Inputs = Map<String, Value>;

async fn by_number(transaction: &Transaction, jurisdiction: Uuid, kind: &str, number: &str) -> Result<Option<matter::Model>> {
    let found = matter::Entity::find()
        .filter(matter::Column::JurisdictionId.eq(jurisdiction))
        .filter(matter::Column::Kind.eq(kind))
        .filter(matter::Column::Number.eq(number.trim()))
        .one(transaction)
        .await?;
    Ok(found)
}

/// Where an input names matters: pointer, kind, whether a child, the number.
fn named<'a>(fields: &'a [Field], values: &'a Inputs, pointer: &str, found: &mut Vec<(String, &'a str, bool, &'a str)>) {
    for field in fields {
        let Some(value) = values.get(&field.name) else { continue };
        let pointer = format!("{pointer}/{}", field.name);
        match (&field.input, value) {
            (Input::Matter { kind, child }, Value::String(number)) if !number.trim().is_empty() => found.push((pointer, kind, *child, number)),
            (Input::Rows { fields, .. }, Value::Array(rows)) => {
                for (index, row) in rows.iter().enumerate() {
                    if let Some(row) = row.as_object() {
                        named(fields, row, &format!("{pointer}/{index}"), found);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Every matter an input names is there: an open child of this one, or an open one that the actor sees and that is no draft.
/// What can't be seen is not told apart from what isn't there.
pub(crate) async fn check_named(
    transaction: &Transaction,
    app: &App,
    actor: Option<&Actor>,
    loaded: &Loaded,
    fields: &[Field],
    input: &Inputs,
) -> Result<()> {
    let mut numbers = Vec::new();
    named(fields, input, "/input", &mut numbers);
    let mut errors = Vec::new();
    for (pointer, kind, child, number) in numbers {
        let found =
            by_number(transaction, loaded.matter.jurisdiction_id, kind, number).await?.filter(|other| other.is_open && other.id != loaded.matter.id);
        let fits = match found {
            None => false,
            Some(other) if child => other.parent_id == Some(loaded.matter.id),
            Some(other) => match actor {
                Some(actor) => other.state != "draft" && visible_matter(transaction, app, actor, other.id).await.is_ok(),
                None => true,
            },
        };
        if !fits {
            errors.push(FieldError::with(pointer, Code::UnknownMatter, number.chars().take(40).collect::<String>()));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::fields(errors)) }
}

/// The rows of a step that name children, and where the rest of their input comes from.
pub(crate) struct Rows<'a> {
    pub body: &'a Inputs,
    pub input: &'a Inputs,
    pub field: &'a str,
    /// The member of a row that has the child's number.
    pub child: &'a str,
    pub from_body: &'a [(String, String)],
}

/// A child that can't take the step is named: its row in the form may be one of many.
fn blocked(error: Error, number: &str, pointer: &str) -> Error {
    match &error {
        Error::Problem(problem) if matches!(problem.code, Code::ActionUnavailable | Code::GuardFailed) => {
            Error::detailed(Code::ChildBlocked, number.trim().to_owned())
        }
        _ => create::under(error, pointer),
    }
}

/// Takes an action on the child each row names, all or none.
pub(crate) async fn act(
    transaction: &Transaction,
    app: &App,
    reference: &Reference,
    actor: Option<&Actor>,
    parent: &Loaded,
    named: Rows<'_>,
    action: &str,
) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    let rows = named.body.get(named.field).and_then(Value::as_array).cloned().unwrap_or_default();
    for (index, row) in rows.iter().enumerate() {
        let pointer = format!("/body/{}/{index}", named.field);
        let number = row.get(named.child).and_then(Value::as_str).unwrap_or_default();
        let child = matter::Entity::find()
            .filter(matter::Column::ParentId.eq(parent.matter.id))
            .filter(matter::Column::Number.eq(number.trim()))
            .filter(matter::Column::IsOpen.eq(true))
            .one(transaction)
            .await?
            .ok_or_else(|| Error::field(format!("{pointer}/{}", named.child), Code::UnknownMatter))?;
        let kind = app.kind(&child.kind)?;
        let asked = kind.step(action, &child.state).map(|step| step.input.clone()).unwrap_or_default();
        let input: Inputs = asked
            .iter()
            .filter_map(|field| {
                let spoken = row.get(&field.name).or_else(|| named.input.get(&field.name));
                let kept = || named.from_body.iter().find(|(name, _)| *name == field.name).and_then(|(_, kept)| named.body.get(kept));
                let value = spoken.or_else(kept)?;
                Some((field.name.clone(), value.clone()))
            })
            .collect();
        let child = Loaded::around(transaction, app, child).await?;
        let applied = apply_in(transaction, app, reference, actor, child, action, &input).await;
        changes.extend(applied.map_err(|error| blocked(error, number, &pointer))?);
    }
    Ok(changes)
}

/// Open children become those of another matter of the kind, each with a link to where it came from.
pub(crate) async fn carry_over(
    transaction: &Transaction,
    app: &App,
    reference: &Reference,
    actor: Option<&Actor>,
    parent: &Loaded,
    to: &str,
) -> Result<Vec<Change>> {
    let open = matter::Entity::find()
        .filter(matter::Column::ParentId.eq(parent.matter.id))
        .filter(matter::Column::IsOpen.eq(true))
        .order_by_asc(matter::Column::Id)
        .all(transaction)
        .await?;
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let actor = actor.ok_or_else(|| Error::problem(Code::ActionUnavailable))?;
    let next = by_number(transaction, parent.matter.jurisdiction_id, &parent.matter.kind, to).await?;
    let next = next.filter(|next| next.is_open).ok_or_else(|| Error::problem(Code::UnknownMatter))?;
    let now = app.time.now();
    let mut changes = Vec::new();
    for child in open {
        let link = matter_link::Model {
            id: crate::ids::next(),
            from_id: child.id,
            to_id: parent.matter.id,
            relation: "derived_from".into(),
            created_by: actor.person_id(),
            created_at: now,
        };
        link.into_active_model().insert(transaction).await?;
        let state = child.state.clone();
        let mut work = Work::on(app, transaction, reference, Loaded::around(transaction, app, child).await?);
        work.loaded.matter.parent_id = Some(next.id);
        let entry = Entry {
            from_state: Some(state.clone()),
            to_state: Some(state),
            ..Entry::by(actor, "carry_over", now, json!({ "from": parent.matter.number, "to": next.number }))
        };
        changes.push(work.save(entry, Vec::new()).1);
    }
    Ok(changes)
}
