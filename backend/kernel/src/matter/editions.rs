//! Editions of a matter that has children, such as a yearly list: what its children were when it was changed, and what they are now.

use super::load::{Loaded, visible_matter};
use crate::{
    entity::matter,
    error::{Error, Result},
    reference::Reference,
    scope::Actor,
    state::App,
    together::{Is, Together},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::Value;
use shared::kernel::{
    api::{EditionTask, EditionView},
    field::Input,
    kind::{Effect, Kind},
};
use uuid::Uuid;

/// The part of what [`ask_titles`] asks for.
pub(super) const TITLES: &str = "title_of_number";

/// How a kind keeps editions.
struct Keeping<'a> {
    number: &'a str,
    editions: &'a str,
}

fn keeping(kind: &Kind) -> Option<Keeping<'_>> {
    kind.steps.iter().flat_map(|step| &step.effects).find_map(|effect| match effect {
        Effect::KeepEdition { number, editions } => Some(Keeping { number, editions }),
        _ => None,
    })
}

/// The children that were not dropped, as they are: number, title, who leads, until when. Sealed ones are nobody's to read here.
pub(super) async fn now<C: ConnectionTrait>(connection: &C, app: &App, parent: Uuid) -> Result<Vec<EditionTask>> {
    let children = matter::Entity::find()
        .filter(matter::Column::ParentId.eq(parent))
        .filter(matter::Column::Sealed.eq(false))
        .order_by_asc(matter::Column::Number)
        .all(connection)
        .await?;
    Ok(children.iter().filter_map(|child| task(app, child)).collect())
}

/// A child as its edition has it; none when it was dropped.
fn task(app: &App, child: &matter::Model) -> Option<EditionTask> {
    let kind = app.kind(&child.kind).ok()?;
    if kind.state(&child.state).is_some_and(|state| state.undone) {
        return None;
    }
    let mut fields = kind.fields.iter().filter(|field| field.input == Input::Unit && field.sensitivity == 0);
    Some(EditionTask {
        number: child.number.clone().unwrap_or_default(),
        title: child.title.clone(),
        unit: fields.find_map(|field| Some(child.body.get(&field.name)?.as_str()?.to_owned())),
        due: child.due_on,
    })
}

/// Asks for number and title of children that rows of the body name by number, as in a change that waits for its decision.
pub(super) fn ask_titles(together: Together, loaded: &Loaded) -> Together {
    let rows = loaded.kind.fields.iter().filter_map(|field| match &field.input {
        Input::Rows { fields, .. } => Some((loaded.matter.body.get(&field.name)?.as_array()?, fields)),
        _ => None,
    });
    let numbers: Vec<String> = rows
        .flat_map(|(rows, fields)| rows.iter().flat_map(move |row| fields.iter().map(move |field| (row, field))))
        .filter(|(_, field)| matches!(field.input, Input::Matter { child: true, .. }))
        .filter_map(|(row, field)| Some(row.get(&field.name)?.as_str()?.to_owned()))
        .collect();
    if numbers.is_empty() {
        return together;
    }
    let marks = vec!["?"; numbers.len()].join(", ");
    let from = format!("matter t WHERE t.parent_id = ? AND NOT t.sealed AND t.number IN ({marks})");
    let values = std::iter::once(loaded.matter.id.into()).chain(numbers.into_iter().map(sea_orm::Value::from)).collect();
    together.tuples(TITLES, &[("t.number", Is::Plain), ("t.title", Is::Plain)], &from, values)
}

/// All editions, the one in force last. It is no edition yet while nothing was published.
pub(crate) async fn editions(app: &App, reference: &Reference, actor: &Actor, id: Uuid) -> Result<Vec<EditionView>> {
    let read = app.db.read();
    let matter = visible_matter(read, app, actor, id).await?;
    let kind = app.kind(&matter.kind)?;
    let keeping = keeping(&kind).ok_or_else(Error::not_found)?;
    let kept = matter.body.get(keeping.editions).cloned().unwrap_or_else(|| Value::Array(Vec::new()));
    let mut editions: Vec<EditionView> = serde_json::from_value(kept)?;
    let number = matter.body.get(keeping.number).and_then(Value::as_i64);
    if let Some(edition) = number.filter(|_| matter.is_open) {
        editions.push(EditionView { edition, kept_on: None, tasks: now(read, app, id).await? });
    }
    // Codes of units that are gone say nothing to a reader.
    for task in editions.iter_mut().flat_map(|edition| &mut edition.tasks) {
        task.unit = task.unit.take().filter(|code| reference.unit_by_code(code).is_some());
    }
    Ok(editions)
}
