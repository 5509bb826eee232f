//! Forms as they are typed, kept for each person until they are sent: a lost connection, another device or an ended session
//! loses nothing. They belong to no matter, are seen by nobody else and leave no trace once sent.

use super::input::Body;
use crate::{
    entity::form_draft,
    error::{Error, Result},
    scope::{Scope, SignedIn},
};
use actix_web::{HttpResponse, delete, get, put, web};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict};
use shared::kernel::{
    api::{FormInput, FormView},
    problem::{Code, ProblemBody},
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Beyond this the oldest is let go.
const KEPT: u64 = 100;
const LARGEST: usize = 256 * 1024;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(forms).service(form).service(keep).service(forget);
}

fn check(key: &str) -> Result<()> {
    let valid = (1..=120).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    if valid { Ok(()) } else { Err(Error::not_found()) }
}

fn view(row: form_draft::Model) -> Result<FormView> {
    Ok(FormView { key: row.key, values: serde_json::from_str(&row.content)?, at: Some(row.updated_at) })
}

/// One's own unsent forms, newest first.
#[utoipa::path(responses((status = 200, body = Vec<FormView>), (status = 401, body = ProblemBody)), tag = "drafts")]
#[get("/me/forms")]
async fn forms(scope: Scope<SignedIn>) -> Result<web::Json<Vec<FormView>>> {
    let rows = form_draft::Entity::find()
        .filter(form_draft::Column::PersonId.eq(scope.actor.person.id))
        .order_by_desc(form_draft::Column::UpdatedAt)
        .limit(KEPT)
        .all(scope.app.db.read())
        .await?;
    Ok(web::Json(rows.into_iter().map(view).collect::<Result<_>>()?))
}

/// One unsent form; one that was never begun is empty and has no time.
#[utoipa::path(responses((status = 200, body = FormView), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)), tag = "drafts")]
#[get("/me/forms/{key}")]
async fn form(scope: Scope<SignedIn>, key: web::Path<String>) -> Result<web::Json<FormView>> {
    check(&key)?;
    let key = key.into_inner();
    let row = form_draft::Entity::find_by_id((scope.actor.person.id, key.clone())).one(scope.app.db.read()).await?;
    let begun = row.map(view).transpose()?;
    Ok(web::Json(begun.unwrap_or_else(|| FormView { key, values: serde_json::Map::new(), at: None })))
}

/// Keep a form as it is typed. The last one wins: a person types in one place at a time.
#[utoipa::path(request_body = FormInput, responses((status = 204), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody), (status = 413, body = ProblemBody)), tag = "drafts")]
#[put("/me/forms/{key}")]
async fn keep(scope: Scope<SignedIn>, key: web::Path<String>, body: Body<FormInput>) -> Result<HttpResponse> {
    check(&key)?;
    let content = serde_json::to_string(&body.values)?;
    if content.len() > LARGEST {
        return Err(Error::problem(Code::BodyTooLarge));
    }
    let person = scope.actor.person.id;
    let row = form_draft::Model { person_id: person, key: key.into_inner(), content, updated_at: scope.app.time.now() };
    let transaction = scope.app.db.begin().await?;
    form_draft::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::columns([form_draft::Column::PersonId, form_draft::Column::Key])
                .update_columns([form_draft::Column::Content, form_draft::Column::UpdatedAt])
                .to_owned(),
        )
        .exec_without_returning(&transaction)
        .await?;
    let surplus: Vec<form_draft::Model> = form_draft::Entity::find()
        .filter(form_draft::Column::PersonId.eq(person))
        .order_by_desc(form_draft::Column::UpdatedAt)
        .offset(KEPT)
        .limit(KEPT)
        .all(&transaction)
        .await?;
    for old in surplus {
        form_draft::Entity::delete_by_id((old.person_id, old.key)).exec(&transaction).await?;
    }
    scope.app.db.commit(transaction).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The form was sent, or is not wanted any more.
#[utoipa::path(responses((status = 204), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)), tag = "drafts")]
#[delete("/me/forms/{key}")]
async fn forget(scope: Scope<SignedIn>, key: web::Path<String>) -> Result<HttpResponse> {
    check(&key)?;
    let transaction = scope.app.db.begin().await?;
    form_draft::Entity::delete_by_id((scope.actor.person.id, key.into_inner())).exec(&transaction).await?;
    scope.app.db.commit(transaction).await?;
    Ok(HttpResponse::NoContent().finish())
}
