//! Sessions of others, for the security administrator: who is signed in where, and out with them.

use super::{auth::session_views, input::optional};
use crate::{
    audit::{self, Author},
    auth,
    entity::person,
    error::{Error, Result},
    scope::{Scope, SessionRevoke},
};
use actix_web::{get, post, web};
use sea_orm::EntityTrait;
use serde_json::json;
use shared::kernel::{api::*, problem::ProblemBody};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(sessions).service(revoke);
}

/// A person of the same city; others don't exist.
async fn person_of(scope: &Scope<SessionRevoke>, id: Uuid) -> Result<person::Model> {
    let found = person::Entity::find_by_id(id).one(scope.app.db.read()).await?;
    found.filter(|person| person.jurisdiction_id == scope.actor.jurisdiction_id).ok_or_else(Error::not_found)
}

/// A person's open sessions.
#[utoipa::path(operation_id = "sessions_of_user", responses((status = 200, body = Vec<SessionView>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)), tag = "administration")]
#[get("/users/{id}/sessions")]
async fn sessions(scope: Scope<SessionRevoke>, id: web::Path<Uuid>) -> Result<web::Json<Vec<SessionView>>> {
    let person = person_of(&scope, *id).await?;
    Ok(web::Json(session_views(&scope.app, person.id, scope.actor.session_id).await?))
}

#[derive(Debug, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct RevokeSessions {
    /// One session; without it all of the person's end.
    #[serde(default)]
    session: Option<Uuid>,
}

#[derive(serde::Serialize, utoipa::ToSchema)]
struct SessionsRevoked {
    ended: usize,
}

/// End a person's sessions at once: their tokens stop working with the next request.
#[utoipa::path(request_body = RevokeSessions, responses((status = 200, body = SessionsRevoked), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)), tag = "administration")]
#[post("/users/{id}/sessions/revoke")]
async fn revoke(scope: Scope<SessionRevoke>, id: web::Path<Uuid>, body: web::Bytes) -> Result<web::Json<SessionsRevoked>> {
    let person = person_of(&scope, *id).await?;
    let only = optional::<RevokeSessions>(&body)?.session;
    let open = session_views(&scope.app, person.id, scope.actor.session_id).await?;
    let ended = open.iter().filter(|session| only.is_none_or(|only| session.id == only.to_string())).count();
    if only.is_some() && ended == 0 {
        return Err(Error::not_found());
    }
    let transaction = scope.app.db.begin().await?;
    auth::end_sessions(&transaction, &scope.app, person.id, only.map_or(auth::Sessions::All, auth::Sessions::Only)).await?;
    let payload = json!({ "username": person.username, "ended": ended });
    let entry = Author::Person(&scope.actor).entry("sessions_revoked", scope.app.time.now(), payload);
    audit::administrative_entry(&transaction, entry, &person.id.to_string()).await?;
    scope.app.db.commit(transaction).await?;
    Ok(web::Json(SessionsRevoked { ended }))
}
