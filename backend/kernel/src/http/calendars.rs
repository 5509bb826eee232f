//! Calendars and the deadline calculator 期限计算器, by the same code that runs the clocks.

use super::{cached, input::Body};
use crate::{
    calendar,
    error::{Error, Result},
    scope::{ParameterManage, Scope, SignedIn},
};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use shared::kernel::{
    api::{CalendarView, EditionPreview},
    calendar::{CountRequest, CountStep, Moment, count, notice::HolidayNotice},
    problem::{FieldError, ProblemBody},
    text::Text,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(calendars).service(compute).service(holiday_notice).service(preview).service(apply).service(undo);
}

/// The edition in force in the actor's city, year by year.
#[utoipa::path(responses((status = 200, body = CalendarView), (status = 304)), tag = "calendars")]
#[get("/calendars")]
async fn calendars(scope: Scope<SignedIn>, request: HttpRequest) -> Result<HttpResponse> {
    cached(&request, &calendar::view(&scope.reference.edition))
}

#[derive(serde::Serialize, utoipa::ToSchema)]
struct Computed {
    due: Moment,
    /// Counted over a year without an announced calendar 暂定.
    provisional: bool,
    steps: Vec<CountStep>,
    sentences: Vec<Text>,
    calendar_edition: String,
}

/// Count a time limit and explain every step.
#[utoipa::path(request_body = CountRequest, responses((status = 200, body = Computed), (status = 422, body = ProblemBody)), tag = "calendars")]
#[post("/calendars/compute")]
async fn compute(scope: Scope<SignedIn>, body: Body<CountRequest>) -> Result<web::Json<Computed>> {
    let result = count(&body, &scope.reference.edition).map_err(|error| {
        let code = shared::kernel::problem::Code::parse(error.code()).unwrap_or(shared::kernel::problem::Code::Range);
        Error::fields(vec![FieldError::with(error.pointer(), code, error.to_string())])
    })?;
    let sentences = result.steps.iter().map(|step| Text { zh: step.sentence_zh(), en: step.sentence_en() }).collect();
    Ok(web::Json(Computed {
        due: result.due,
        provisional: result.provisional,
        steps: result.steps,
        sentences,
        calendar_edition: result.calendar_edition,
    }))
}

/// Keep the edition that follows from the State Council's notice of a year's days off, and show what it would move. The other years
/// stay as they are in force.
#[utoipa::path(request_body = HolidayNotice, responses((status = 201, body = EditionPreview), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "calendars")]
#[post("/calendars/notices")]
async fn holiday_notice(scope: Scope<ParameterManage>, body: Body<HolidayNotice>) -> Result<HttpResponse> {
    Ok(HttpResponse::Created().json(calendar::noticed(&scope.app, &scope.reference, &body).await?))
}

/// Keep a new edition and show what it would move.
#[utoipa::path(request_body = Object, responses((status = 201, body = EditionPreview), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "calendars")]
#[post("/calendars/editions")]
async fn preview(scope: Scope<ParameterManage>, body: Body<serde_json::Value>) -> Result<HttpResponse> {
    let preview = calendar::preview(&scope.app, &scope.reference, &body.to_string()).await?;
    Ok(HttpResponse::Created().json(preview))
}

/// Put an edition in force in the actor's city and recompute its open matters.
#[utoipa::path(responses((status = 200, body = EditionPreview), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)), tag = "calendars")]
#[post("/calendars/editions/{id}/apply")]
async fn apply(scope: Scope<ParameterManage>, id: web::Path<Uuid>) -> Result<web::Json<EditionPreview>> {
    Ok(web::Json(calendar::switch(&scope.app, &scope.actor, *id, true).await?))
}

/// Take an edition back; what it moved moves back.
#[utoipa::path(responses((status = 200, body = EditionPreview), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)), tag = "calendars")]
#[post("/calendars/editions/{id}/undo")]
async fn undo(scope: Scope<ParameterManage>, id: web::Path<Uuid>) -> Result<web::Json<EditionPreview>> {
    Ok(web::Json(calendar::switch(&scope.app, &scope.actor, *id, false).await?))
}
