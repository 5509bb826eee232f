//! `/matters`: lists, one matter, its actions.

use super::{input::Body, version, versioned};
use crate::{
    audit,
    error::{Error, Result},
    matter::{apply, create, editions as kept, list, view},
    once,
    scope::{MatterCreate, MatterRead, Scope},
};
use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shared::kernel::{
    api::*,
    problem::{Code, ProblemBody},
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(matters)
        .service(counts)
        .service(namesakes)
        .service(create_matter)
        .service(bulk)
        .service(matter)
        .service(edit)
        .service(act)
        .service(events)
        .service(clock)
        .service(editions)
        .service(access);
}

/// Matters visible to the actor, by box and filters.
#[utoipa::path(params(list::Filter), responses((status = 200, body = Page<MatterItem>), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody)), tag = "matters")]
#[get("/matters")]
async fn matters(scope: Scope<MatterRead>, filter: list::Filter) -> Result<web::Json<Page<MatterItem>>> {
    Ok(web::Json(list::page(&scope.app, &scope.reference, &scope.actor, &filter).await?))
}

/// The numbers beside the boxes.
#[utoipa::path(responses((status = 200, body = BoxCounts), (status = 401, body = ProblemBody)), tag = "matters")]
#[get("/matters/counts")]
async fn counts(scope: Scope<MatterRead>) -> Result<web::Json<BoxCounts>> {
    Ok(web::Json(list::counts(&scope.app, &scope.reference, &scope.actor).await?))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct NamesakesQuery {
    title: String,
    cursor: Option<String>,
    limit: Option<String>,
}

/// Matters that the actor's unit started today under the same title, newest first: a warning before one is started twice, no refusal.
#[utoipa::path(params(NamesakesQuery), responses((status = 200, body = Page<MatterItem>), (status = 400, body = ProblemBody)), tag = "matters")]
#[get("/matters/namesakes")]
async fn namesakes(scope: Scope<MatterCreate>, query: web::Query<NamesakesQuery>) -> Result<web::Json<Page<MatterItem>>> {
    let limit = list::limit(query.limit.as_deref())?;
    Ok(web::Json(list::namesakes(&scope.app, &scope.reference, &scope.actor, &query.title, query.cursor.as_deref(), limit).await?))
}

/// A new matter: a draft, or handed out at once with `submit`.
#[utoipa::path(request_body = NewMatter, responses((status = 201, body = MatterDetail), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "matters")]
#[post("/matters")]
async fn create_matter(scope: Scope<MatterCreate>, body: Body<NewMatter>) -> Result<HttpResponse> {
    Ok(create::create_answering(&scope.app, &scope.reference, &scope.actor, body.into_inner()).await?.into_response())
}

/// One matter with everything its page shows, and what the actor can do.
#[utoipa::path(responses((status = 200, body = MatterDetail), (status = 404, body = ProblemBody)), tag = "matters")]
#[get("/matters/{id}")]
async fn matter(scope: Scope<MatterRead>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let detail = view::detail(&scope.app, &scope.reference, &scope.actor, *id).await?;
    Ok(versioned(200, detail.item.version, &detail))
}

/// Edit in a state that allows it. Needs `If-Match`.
#[utoipa::path(request_body = MatterPatch, responses((status = 200, body = MatterDetail), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 412, body = ProblemBody), (status = 422, body = ProblemBody), (status = 428, body = ProblemBody)), tag = "matters")]
#[patch("/matters/{id}")]
async fn edit(scope: Scope<MatterCreate>, request: HttpRequest, id: web::Path<Uuid>, body: Body<MatterPatch>) -> Result<HttpResponse> {
    let answer = create::edit(&scope.app, &scope.reference, &scope.actor, *id, version(&request)?, body.into_inner()).await?;
    Ok(answer.into_response())
}

#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ActionBody {
    #[serde(default)]
    input: Map<String, Value>,
}

/// Take a step. The only way to change state. Needs `If-Match`.
#[utoipa::path(request_body = ActionBody, responses((status = 200, body = MatterDetail), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 412, body = ProblemBody), (status = 422, body = ProblemBody), (status = 428, body = ProblemBody)), tag = "matters")]
#[post("/matters/{id}/actions/{action}")]
async fn act(scope: Scope<MatterRead>, request: HttpRequest, path: web::Path<(Uuid, String)>, body: Body<ActionBody>) -> Result<HttpResponse> {
    let (id, action) = path.into_inner();
    let seen = version(&request)?;
    let asked = apply::Asked { matter: id, action: &action, input: &body.input, version: Some(seen) };
    Ok(apply::apply_answering(&scope.app, &scope.reference, &scope.actor, asked).await?.into_response())
}

/// The same step on several matters; each succeeds or fails by itself.
#[utoipa::path(request_body = BulkAction, responses((status = 200, body = Vec<BulkOutcome>), (status = 422, body = ProblemBody)), tag = "matters")]
#[post("/matters/bulk")]
async fn bulk(scope: Scope<MatterRead>, body: Body<BulkAction>) -> Result<web::Json<Vec<BulkOutcome>>> {
    if body.matters.is_empty() || body.matters.len() > 200 {
        return Err(Error::field("/matters", Code::Length));
    }
    once::refuse_repetition(&scope.app.db).await?;
    let mut outcomes = Vec::with_capacity(body.matters.len());
    for id in &body.matters {
        let asked = apply::Asked { matter: id.0, action: &body.action, input: &body.input, version: None };
        let outcome = once::part(&scope.app.db, id.0, apply::apply(&scope.app, &scope.reference, &scope.actor, asked)).await;
        outcomes.push(match outcome {
            Ok(_) => BulkOutcome { matter: *id, ok: true, code: None, detail: None },
            Err(error @ Error::Problem(_)) => {
                let body = error.body();
                BulkOutcome { matter: *id, ok: false, code: Some(body.code), detail: body.detail }
            }
            Err(error) => return Err(error),
        });
    }
    Ok(web::Json(outcomes))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Paging {
    pub cursor: Option<String>,
    pub limit: Option<String>,
}

/// The history, newest first.
#[utoipa::path(params(Paging), responses((status = 200, body = Page<EventView>), (status = 404, body = ProblemBody)), tag = "matters")]
#[get("/matters/{id}/events")]
async fn events(scope: Scope<MatterRead>, id: web::Path<Uuid>, paging: web::Query<Paging>) -> Result<web::Json<Page<EventView>>> {
    let limit = list::limit(paging.limit.as_deref())?;
    Ok(web::Json(view::events(&scope.app, &scope.reference, &scope.actor, *id, paging.cursor.as_deref(), limit).await?))
}

/// How a due date was computed, step by step, with the law.
#[utoipa::path(responses((status = 200, body = ClockExplanation), (status = 404, body = ProblemBody)), tag = "matters")]
#[get("/matters/{id}/clocks/{clock}")]
async fn clock(scope: Scope<MatterRead>, path: web::Path<(Uuid, Uuid)>) -> Result<web::Json<ClockExplanation>> {
    let (id, clock) = path.into_inner();
    Ok(web::Json(view::explain_clock(&scope.app, &scope.reference, &scope.actor, id, clock).await?))
}

/// The editions of a list: its tasks as they were published and each time until they were adjusted, and, last, as they are.
#[utoipa::path(responses((status = 200, body = Vec<EditionView>), (status = 404, body = ProblemBody)), tag = "matters")]
#[get("/matters/{id}/editions")]
async fn editions(scope: Scope<MatterRead>, id: web::Path<Uuid>) -> Result<web::Json<Vec<EditionView>>> {
    Ok(web::Json(kept::editions(&scope.app, &scope.reference, &scope.actor, *id).await?))
}

/// Who can see this matter, and why.
#[utoipa::path(responses((status = 200, body = Vec<AccessEntry>), (status = 404, body = ProblemBody)), tag = "matters")]
#[get("/matters/{id}/access")]
async fn access(scope: Scope<MatterRead>, id: web::Path<Uuid>) -> Result<web::Json<Vec<AccessEntry>>> {
    let entries = view::access(&scope.app, &scope.reference, &scope.actor, *id).await?;
    audit::record_read(&scope.app, &scope.actor, "access_viewed", json!({ "matter": id.to_string() })).await?;
    Ok(web::Json(entries))
}
