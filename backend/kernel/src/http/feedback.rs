//! Complaints and wishes about the system itself: everybody sends them, the city's system administrator reads and answers them, and
//! who sent one is told.

use super::input::Body;
use crate::{
    audit::{self, Author},
    entity::{feedback, notice},
    error::{Error, Result},
    matter::list,
    reference::{Colleague, Reference},
    scope::{ParameterManage, Scope, SignedIn},
};
use actix_web::{HttpResponse, get, post, web};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set};
use serde::Deserialize;
use serde_json::json;
use shared::kernel::{
    api::*,
    problem::{Code, ProblemBody},
    text::t,
};
use std::collections::HashMap;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(give_feedback).service(feedback_given).service(answer_feedback);
}

fn check(pointer: &str, text: &str) -> Result<()> {
    if !(2..=2000).contains(&text.trim().chars().count()) {
        return Err(Error::field(pointer, Code::Length));
    }
    if shared::kernel::validate::has_control_characters(text) {
        return Err(Error::field(pointer, Code::ControlCharacter));
    }
    Ok(())
}

/// A complaint or wish about the system itself.
#[utoipa::path(request_body = Feedback, responses((status = 201), (status = 422, body = ProblemBody)), tag = "operation")]
#[post("/feedback")]
async fn give_feedback(scope: Scope<SignedIn>, body: Body<Feedback>) -> Result<HttpResponse> {
    check("/text", &body.text)?;
    if body.page.as_deref().is_some_and(shared::kernel::validate::has_control_characters) {
        return Err(Error::field("/page", Code::ControlCharacter));
    }
    let row = feedback::Model {
        id: crate::ids::next(),
        person_id: scope.actor.person.id,
        text: body.text.clone(),
        page: body.page.as_ref().map(|page| page.chars().take(200).collect()),
        created_at: scope.app.time.now(),
        jurisdiction_id: Some(scope.actor.jurisdiction_id),
        answer: None,
        answered_by: None,
        answered_at: None,
    };
    let transaction = scope.app.db.begin().await?;
    row.into_active_model().insert(&transaction).await?;
    scope.app.db.commit(transaction).await?;
    Ok(HttpResponse::Created().json(json!({})))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FeedbackFilter {
    /// `open` or `answered`; none: all.
    state: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

fn view(reference: &Reference, persons: &HashMap<Uuid, Colleague>, row: feedback::Model) -> Option<FeedbackView> {
    Some(FeedbackView {
        id: row.id.to_string(),
        person: reference.user_brief(persons.get(&row.person_id)?),
        text: row.text,
        page: row.page,
        at: row.created_at,
        state: if row.answered_at.is_some() { "answered" } else { "open" }.into(),
        answer: row.answer,
        answered_by: row.answered_by.and_then(|id| persons.get(&id)).map(|person| person.name.clone()),
        answered_at: row.answered_at,
    })
}

/// What people of this city sent, newest first.
#[utoipa::path(params(FeedbackFilter), responses((status = 200, body = Page<FeedbackView>), (status = 400, body = ProblemBody), (status = 403, body = ProblemBody)), tag = "operation")]
#[get("/feedback")]
async fn feedback_given(scope: Scope<ParameterManage>, filter: web::Query<FeedbackFilter>) -> Result<web::Json<Page<FeedbackView>>> {
    let limit = list::limit(filter.limit.as_deref())?;
    let mut query = feedback::Entity::find()
        .filter(feedback::Column::JurisdictionId.eq(scope.actor.jurisdiction_id))
        .order_by_desc(feedback::Column::Id)
        .limit(limit + 1);
    query = match filter.state.as_deref() {
        None => query,
        Some("open") => query.filter(feedback::Column::AnsweredAt.is_null()),
        Some("answered") => query.filter(feedback::Column::AnsweredAt.is_not_null()),
        Some(_) => return Err(Error::problem(Code::QueryInvalid)),
    };
    if let Some(cursor) = &filter.cursor {
        query = query.filter(feedback::Column::Id.lt(list::decode_cursor(cursor)?.1));
    }
    let mut rows = query.all(scope.app.db.read()).await?;
    let next_cursor = list::cut(&mut rows, limit, |row| (String::new(), row.id));
    let persons = scope.reference.persons(scope.app.db.read(), rows.iter().flat_map(|row| [Some(row.person_id), row.answered_by]).flatten()).await?;
    let items = rows.into_iter().filter_map(|row| view(&scope.reference, &persons, row)).collect();
    Ok(web::Json(Page { items, next_cursor }))
}

/// Answer once; who sent it gets a notice with the answer.
#[utoipa::path(request_body = FeedbackAnswer, responses((status = 200, body = FeedbackView), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "operation")]
#[post("/feedback/{id}/answer")]
async fn answer_feedback(scope: Scope<ParameterManage>, id: web::Path<Uuid>, body: Body<FeedbackAnswer>) -> Result<web::Json<FeedbackView>> {
    check("/text", &body.text)?;
    let (app, actor, now) = (&scope.app, &scope.actor, scope.app.time.now());
    let transaction = app.db.begin().await?;
    let row = feedback::Entity::find_by_id(*id)
        .filter(feedback::Column::JurisdictionId.eq(actor.jurisdiction_id))
        .lock_exclusive()
        .one(&transaction)
        .await?
        .ok_or_else(Error::not_found)?;
    if row.answered_at.is_some() {
        return Err(Error::detailed(Code::ActionUnavailable, "answered"));
    }
    let text = body.text.trim();
    let said: String = row.text.chars().take(30).collect();
    let told = t(&format!("您反馈的“{said}”已有答复：{text}"), &format!("Your feedback “{said}” was answered: {text}"));
    let notice = notice::Model {
        id: crate::ids::next(),
        person_id: row.person_id,
        kind: "feedback_answered".into(),
        text_zh: told.zh,
        text_en: told.en,
        matter_id: None,
        created_at: now,
        read_at: None,
    };
    let mut answered = row.into_active_model();
    answered.answer = Set(Some(text.to_owned()));
    answered.answered_by = Set(Some(actor.person_id()));
    answered.answered_at = Set(Some(now));
    let row = answered.update(&transaction).await?;
    notice::Entity::insert(notice.into_active_model()).exec_without_returning(&transaction).await?;
    let entry = Author::Person(actor).entry("feedback_answered", now, json!({ "feedback": row.id }));
    audit::administrative_entry(&transaction, entry, &row.person_id.to_string()).await?;
    app.db.commit(transaction).await?;
    let persons = scope.reference.persons(app.db.read(), [row.person_id, actor.person_id()].into_iter()).await?;
    view(&scope.reference, &persons, row).map(web::Json).ok_or_else(Error::not_found)
}
