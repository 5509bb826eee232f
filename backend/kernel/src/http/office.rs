//! What the linkage office, auditors and everybody's desk read: overview, audit log, conservation, notices, saved views,
//! letters that could not be delivered.

use super::input::Body;
use crate::{
    audit, conservation,
    entity::{event, matter, notice, outbox, saved_view},
    error::{Error, Result},
    matter::{list, load::visible_matter, view},
    outbox as dispatch,
    scope::{AuditRead, MatterRead, ParameterManage, Scope, SignedIn, StatsRead},
    stats,
};
use actix_web::{HttpResponse, delete, get, post, web};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde::Deserialize;
use shared::kernel::{
    api::*,
    problem::{Code, ProblemBody},
    text::t,
    validate::parse_date,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(overview)
        .service(audit_log)
        .service(chain)
        .service(verify)
        .service(conservation_report)
        .service(notices)
        .service(read_notice)
        .service(read_all)
        .service(views)
        .service(save_view)
        .service(delete_view)
        .service(letters)
        .service(replay_letter);
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OfKind {
    /// One that has an overview; the first of them when left out.
    kind: Option<String>,
}

/// What is due, overdue, waiting for whom and since when of a kind; each figure with the filter that lists it.
#[utoipa::path(params(OfKind), responses((status = 200, body = Overview), (status = 400, body = ProblemBody), (status = 403, body = ProblemBody)), tag = "statistics")]
#[get("/stats/overview")]
async fn overview(scope: Scope<StatsRead>, of: web::Query<OfKind>) -> Result<web::Json<Overview>> {
    Ok(web::Json(stats::overview(&scope.app, &scope.reference, &scope.actor, of.kind.as_deref()).await?))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuditFilter {
    /// Matter number.
    subject: Option<String>,
    /// Part of a person's name.
    person: Option<String>,
    action: Option<String>,
    /// First local day.
    from: Option<String>,
    /// Last local day.
    to: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

/// The audit log, newest first: acts, never contents.
#[utoipa::path(params(AuditFilter), responses((status = 200, body = Page<AuditEntry>), (status = 403, body = ProblemBody)), tag = "audit")]
#[get("/audit")]
async fn audit_log(scope: Scope<AuditRead>, filter: web::Query<AuditFilter>) -> Result<web::Json<Page<AuditEntry>>> {
    let read = scope.app.db.read();
    let limit = list::limit(filter.limit.as_deref())?;
    let mut query =
        event::Entity::find().filter(event::Column::JurisdictionId.eq(scope.actor.jurisdiction_id)).order_by_desc(event::Column::Id).limit(limit + 1);
    let day = |text: &str| parse_date(text).map(crate::time::day_start).ok_or_else(|| Error::problem(Code::QueryInvalid));
    if let Some(from) = &filter.from {
        query = query.filter(event::Column::At.gte(day(from)?));
    }
    if let Some(to) = &filter.to {
        query = query.filter(event::Column::At.lt(day(to)? + chrono::Duration::days(1)));
    }
    if let Some(action) = &filter.action {
        query = query.filter(event::Column::Action.eq(action.clone()));
    }
    if let Some(number) = &filter.subject {
        let found = matter::Entity::find()
            .filter(matter::Column::JurisdictionId.eq(scope.actor.jurisdiction_id))
            .filter(matter::Column::Number.eq(number.trim()))
            .one(read)
            .await?;
        query = query.filter(event::Column::Chain.eq(audit::chain(found.map_or(Uuid::nil(), |matter| matter.id))));
    }
    if let Some(name) = filter.person.as_deref().filter(|name| !name.trim().is_empty()) {
        use crate::entity::person;
        let ids: Vec<Uuid> = person::Entity::find()
            .filter(person::Column::JurisdictionId.eq(scope.actor.jurisdiction_id))
            .filter(person::Column::Name.contains(name.trim()))
            .limit(200)
            .all(read)
            .await?
            .into_iter()
            .map(|person| person.id)
            .collect();
        query = query.filter(event::Column::PersonId.is_in(ids));
    }
    if let Some(cursor) = &filter.cursor {
        query = query.filter(event::Column::Id.lt(list::decode_cursor(cursor)?.1));
    }
    let mut rows = query.all(read).await?;
    let next_cursor = list::cut(&mut rows, limit, |row| (String::new(), row.id));
    let persons = scope.reference.persons(scope.app.db.read(), rows.iter().flat_map(|row| [row.person_id, row.on_behalf_of]).flatten()).await?;
    let ids: std::collections::BTreeSet<Uuid> = rows.iter().filter_map(|row| row.matter_id).collect();
    let matters: std::collections::HashMap<Uuid, matter::Model> =
        matter::Entity::find().filter(matter::Column::Id.is_in(ids)).all(read).await?.into_iter().map(|row| (row.id, row)).collect();
    let items = rows
        .into_iter()
        .map(|row| {
            let about = row.matter_id.and_then(|id| matters.get(&id));
            let step = about
                .and_then(|matter| scope.app.kind(&matter.kind).ok())
                .and_then(|kind| kind.steps.iter().find(|step| step.action == row.action).cloned());
            let name = |id: Option<Uuid>| id.and_then(|id| persons.get(&id)).map(|person| person.name.clone());
            AuditEntry {
                id: row.id.into(),
                at: row.at,
                subject: about.and_then(|matter| matter.number.clone()).unwrap_or_default(),
                // The auditor reads acts, not business: a number, never a way into the matter.
                matter: None,
                label: step.map_or_else(|| view::action_label(&row.action), |step| step.told().clone()),
                person: name(row.person_id),
                unit: row.unit_id.map(|unit| scope.reference.brief(unit)),
                on_behalf_of: name(row.on_behalf_of),
                address: row.address,
                hash: row.hash,
                sealed: row.seal_seq.is_some(),
                action: row.action,
            }
        })
        .collect();
    Ok(web::Json(Page { items, next_cursor }))
}

/// How many events of one's own city there are, how many are sealed, the last root over some of them.
#[utoipa::path(responses((status = 200, body = ChainState), (status = 403, body = ProblemBody)), tag = "audit")]
#[get("/audit/chain")]
async fn chain(scope: Scope<AuditRead>) -> Result<web::Json<ChainState>> {
    Ok(web::Json(audit::chain_state(&scope.app, scope.actor.jurisdiction_id, None).await?))
}

/// Verify the whole history of one's own city now, with the seals over it. `liandong verify` does so for the whole installation.
#[utoipa::path(responses((status = 200, body = ChainState), (status = 403, body = ProblemBody)), tag = "audit")]
#[post("/audit/verify")]
async fn verify(scope: Scope<AuditRead>) -> Result<web::Json<ChainState>> {
    let city = scope.actor.jurisdiction_id;
    let fault = audit::verify(&scope.app, Some(city)).await?.err();
    Ok(web::Json(audit::chain_state(&scope.app, city, fault).await?))
}

/// The conservation check, run now.
#[utoipa::path(responses((status = 200, body = ConservationReport), (status = 404, body = ProblemBody)), tag = "statistics")]
#[get("/conservation")]
async fn conservation_report(scope: Scope<StatsRead>) -> Result<web::Json<ConservationReport>> {
    if !scope.actor.linkage_office {
        return Err(Error::not_found());
    }
    Ok(web::Json(conservation::check(&scope.app, &scope.reference, conservation::Reader::Person(&scope.actor)).await?))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct NoticeFilter {
    /// Only those not read yet.
    unread: Option<bool>,
    cursor: Option<String>,
    limit: Option<String>,
}

/// One's notices, newest first.
#[utoipa::path(params(NoticeFilter), responses((status = 200, body = Page<NoticeView>)), tag = "notices")]
#[get("/notices")]
async fn notices(scope: Scope<SignedIn>, paging: web::Query<NoticeFilter>) -> Result<web::Json<Page<NoticeView>>> {
    let limit = list::limit(paging.limit.as_deref())?;
    let mut query =
        notice::Entity::find().filter(notice::Column::PersonId.eq(scope.actor.person.id)).order_by_desc(notice::Column::Id).limit(limit + 1);
    if paging.unread == Some(true) {
        query = query.filter(notice::Column::ReadAt.is_null());
    }
    if let Some(cursor) = &paging.cursor {
        query = query.filter(notice::Column::Id.lt(list::decode_cursor(cursor)?.1));
    }
    let mut rows = query.all(scope.app.db.read()).await?;
    let next_cursor = list::cut(&mut rows, limit, |row| (String::new(), row.id));
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        // What moved out of sight since then is no longer named.
        let visible = match row.matter_id {
            Some(id) => visible_matter(scope.app.db.read(), &scope.app, &scope.actor, id).await.ok(),
            None => None,
        };
        if row.matter_id.is_some() && visible.is_none() {
            continue;
        }
        items.push(NoticeView {
            id: row.id.into(),
            kind: row.kind,
            text: t(&row.text_zh, &row.text_en),
            matter: visible.as_ref().map(|matter| matter.id.into()),
            matter_title: visible.map(|matter| matter.title),
            at: row.created_at,
            read: row.read_at.is_some(),
        });
    }
    Ok(web::Json(Page { items, next_cursor }))
}

async fn mark_read(scope: &Scope<SignedIn>, only: Option<Uuid>) -> Result<u64> {
    let transaction = scope.app.db.begin().await?;
    let mut update = notice::Entity::update_many()
        .col_expr(notice::Column::ReadAt, Expr::value(scope.app.time.now()))
        .filter(notice::Column::PersonId.eq(scope.actor.person.id));
    update = match only {
        Some(id) => update.filter(notice::Column::Id.eq(id)),
        None => update.filter(notice::Column::ReadAt.is_null()),
    };
    let done = update.exec(&transaction).await?;
    scope.app.db.commit(transaction).await?;
    Ok(done.rows_affected)
}

/// Mark a notice read.
#[utoipa::path(responses((status = 204), (status = 404, body = ProblemBody)), tag = "notices")]
#[post("/notices/{id}/read")]
async fn read_notice(scope: Scope<SignedIn>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    if mark_read(&scope, Some(*id)).await? == 0 {
        return Err(Error::not_found());
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Mark all notices read.
#[utoipa::path(responses((status = 204)), tag = "notices")]
#[post("/notices/read-all")]
async fn read_all(scope: Scope<SignedIn>) -> Result<HttpResponse> {
    mark_read(&scope, None).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Saved filters of one person at most.
const VIEWS_MAX: u64 = 200;

/// One's saved filters of the list page, all of them.
#[utoipa::path(responses((status = 200, body = Vec<SavedView>)), tag = "matters")]
#[get("/saved-views")]
async fn views(scope: Scope<MatterRead>) -> Result<web::Json<Vec<SavedView>>> {
    let rows = saved_view::Entity::find()
        .filter(saved_view::Column::PersonId.eq(scope.actor.person.id))
        .order_by_asc(saved_view::Column::Id)
        .all(scope.app.db.read())
        .await?;
    Ok(web::Json(rows.into_iter().map(|row| SavedView { id: row.id.to_string(), name: row.name, query: row.query }).collect()))
}

/// Save a filter under a name.
#[utoipa::path(request_body = SavedViewInput, responses((status = 201, body = SavedView), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "matters")]
#[post("/saved-views")]
async fn save_view(scope: Scope<MatterRead>, body: Body<SavedViewInput>) -> Result<HttpResponse> {
    let length = body.name.trim().chars().count();
    if !(1..=30).contains(&length) || shared::kernel::validate::has_control_characters(&body.name) {
        return Err(Error::field("/name", Code::Length));
    }
    if body.query.len() > 1000
        || shared::kernel::validate::has_control_characters(&body.query)
        || list::Filter::parse(&scope.app, &body.query).is_err()
    {
        return Err(Error::field("/query", Code::Format));
    }
    let row = saved_view::Model {
        id: crate::ids::next(),
        person_id: scope.actor.person.id,
        name: body.name.trim().to_owned(),
        query: body.query.clone(),
        created_at: scope.app.time.now(),
    };
    let transaction = scope.app.db.begin().await?;
    // All of them are listed: what could not be listed is not kept.
    let kept = saved_view::Entity::find().filter(saved_view::Column::PersonId.eq(row.person_id)).count(&transaction).await?;
    if kept >= VIEWS_MAX {
        return Err(Error::problem(Code::TooManyViews));
    }
    row.clone().into_active_model().insert(&transaction).await?;
    scope.app.db.commit(transaction).await?;
    Ok(HttpResponse::Created().json(SavedView { id: row.id.to_string(), name: row.name, query: row.query }))
}

/// Forget a saved filter.
#[utoipa::path(responses((status = 204), (status = 404, body = ProblemBody)), tag = "matters")]
#[delete("/saved-views/{id}")]
async fn delete_view(scope: Scope<MatterRead>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let transaction = scope.app.db.begin().await?;
    let done = saved_view::Entity::delete_many()
        .filter(saved_view::Column::Id.eq(*id))
        .filter(saved_view::Column::PersonId.eq(scope.actor.person.id))
        .exec(&transaction)
        .await?;
    scope.app.db.commit(transaction).await?;
    if done.rows_affected == 0 { Err(Error::not_found()) } else { Ok(HttpResponse::NoContent().finish()) }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LetterFilter {
    /// `dead` (given up), `pending`, `delivered`; none: all.
    state: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

/// What of this city waits to leave or could not: topic, attempts, last error; never the text.
#[utoipa::path(params(LetterFilter), responses((status = 200, body = Page<LetterView>), (status = 400, body = ProblemBody), (status = 403, body = ProblemBody)), tag = "operation")]
#[get("/outbox")]
async fn letters(scope: Scope<ParameterManage>, filter: web::Query<LetterFilter>) -> Result<web::Json<Page<LetterView>>> {
    let limit = list::limit(filter.limit.as_deref())?;
    let mut query = outbox::Entity::find()
        .filter(outbox::Column::JurisdictionId.eq(scope.actor.jurisdiction_id))
        .order_by_desc(outbox::Column::Id)
        .limit(limit + 1);
    query = match filter.state.as_deref() {
        None => query,
        Some("dead") => query.filter(outbox::Column::DeadAt.is_not_null()),
        Some("delivered") => query.filter(outbox::Column::DeliveredAt.is_not_null()),
        Some("pending") => query.filter(outbox::Column::DeliveredAt.is_null()).filter(outbox::Column::DeadAt.is_null()),
        Some(_) => return Err(Error::problem(Code::QueryInvalid)),
    };
    if let Some(cursor) = &filter.cursor {
        query = query.filter(outbox::Column::Id.lt(list::decode_cursor(cursor)?.1));
    }
    let mut rows = query.all(scope.app.db.read()).await?;
    let next_cursor = list::cut(&mut rows, limit, |row| (String::new(), row.id));
    let view = |row: outbox::Model| LetterView {
        id: row.id.to_string(),
        topic: row.topic,
        state: if row.delivered_at.is_some() {
            "delivered"
        } else if row.dead_at.is_some() {
            "dead"
        } else {
            "pending"
        }
        .into(),
        attempts: row.attempts,
        created_at: row.created_at,
        next_at: row.delivered_at.is_none().then_some(row.available_at),
        last_error: row.last_error,
    };
    Ok(web::Json(Page { items: rows.into_iter().map(view).collect(), next_cursor }))
}

/// Try a dead letter again.
#[utoipa::path(responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)), tag = "operation")]
#[post("/outbox/{id}/replay")]
async fn replay_letter(scope: Scope<ParameterManage>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    dispatch::replay(&scope.app, scope.actor.jurisdiction_id, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}
