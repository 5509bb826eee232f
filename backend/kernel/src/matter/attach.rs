//! Hanging a stored file on a matter: its row and its event, which names the digest, in one transaction.

use super::{
    load::{visible_for_change, works_on},
    save::Work,
};
use crate::{
    audit::Entry,
    blobs::Stored,
    entity::{attachment, matter_party},
    error::{Error, Result},
    leftovers, notice,
    reference::Reference,
    scope::Actor,
    state::App,
};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel};
use serde_json::json;
use shared::kernel::{problem::Code, text::t};
use uuid::Uuid;

fn refused() -> Error {
    Error::detailed(Code::PermissionDenied, "copied")
}

/// Papers come from those who work on a matter or watch over it; who was sent a copy reads (domain.md §1.6, FREE). Asked before the
/// content is listened to.
pub(crate) async fn may_attach<C: ConnectionTrait>(connection: &C, actor: &Actor, id: Uuid) -> Result<()> {
    let party = matter_party::Entity::find_by_id((id, actor.unit_id)).one(connection).await?;
    if party.is_some_and(|party| works_on(&party)) { Ok(()) } else { Err(refused()) }
}

pub(crate) async fn attach(
    app: &App,
    reference: &Reference,
    actor: &Actor,
    id: Uuid,
    stored: Stored,
    name: String,
    media_type: &str,
) -> Result<attachment::Model> {
    let transaction = app.db.begin().await?;
    let loaded = visible_for_change(&transaction, app, actor, id).await?;
    let state = loaded.matter.state.clone();
    if !loaded.participates(actor.unit_id) {
        return Err(refused());
    }
    leftovers::keep(app, &transaction).await?;
    if !app.blobs.has(&stored.digest).await? {
        // It was nobody's for a day and removed in this moment; sent again, it is a new one.
        return Err(Error::retry_after(Code::Unavailable, 1));
    }
    let row = attachment::Model {
        id: crate::ids::next(),
        matter_id: id,
        media_type: media_type.to_owned(),
        name,
        size: i64::try_from(stored.size).unwrap_or(i64::MAX),
        digest: stored.digest,
        person_id: actor.person_id(),
        unit_id: actor.unit_id,
        created_at: app.time.now(),
    };
    row.clone().into_active_model().insert(&transaction).await?;
    let work = Work::on(app, &transaction, reference, loaded);
    let entry = Entry {
        from_state: Some(state.clone()),
        to_state: Some(state),
        ..Entry::by(actor, "attach", app.time.now(), json!({ "name": row.name, "digest": row.digest }))
    };
    let (unit, title) = (reference.brief(actor.unit_id), work.loaded.matter.title.clone());
    let told = notice::New {
        audience: Vec::new(),
        persons: Vec::new(),
        kind: "attach".into(),
        text: t(
            &format!("{} {}为「{title}」上传了附件：{}", unit.short_name, actor.person.name, row.name),
            &format!("{} ({}) attached {} to “{title}”", actor.person.name, unit.name_en, row.name),
        ),
        watchers: true,
        except: vec![actor.person_id()],
    };
    let (_, change) = work.save(entry, vec![told]);
    app.db.commit(transaction).await?;
    super::apply::publish(app, vec![change]);
    Ok(row)
}
