//! Reference data: kinds, units, users, roles, code lists, rules; and their administration.

use super::{ShownOnce, cached, input::Body};
use crate::{
    audit::sm3_hex,
    error::Result,
    matter::list,
    people,
    reference::Reference,
    scope::{Scope, SignedIn, UnitManage, UserManage},
};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use serde::Deserialize;
use shared::kernel::{api::*, calendar::ClockRule, ids::UserId, kind::Kind, problem::ProblemBody, role::Role, workflow::role_name};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(kinds)
        .service(kind)
        .service(units)
        .service(create_unit)
        .service(change_unit)
        .service(users)
        .service(create_user)
        .service(change_user)
        .service(hand_over)
        .service(roles)
        .service(code_lists)
        .service(clock_rules)
        .service(delegations)
        .service(delegate)
        .service(end_delegation);
}

/// The kinds of matter, each with the digest of its declaration.
#[utoipa::path(responses((status = 200, body = Vec<KindBrief>), (status = 304), (status = 401, body = ProblemBody)), tag = "reference")]
#[get("/kinds")]
async fn kinds(scope: Scope<SignedIn>, request: HttpRequest) -> Result<HttpResponse> {
    let mut briefs = Vec::new();
    for declared in &scope.app.kinds {
        briefs.push(KindBrief {
            code: declared.code.clone(),
            abbr: declared.abbr.clone(),
            pillar: declared.pillar,
            name: declared.name.clone(),
            digest: sm3_hex(&serde_json::to_vec(&**declared)?),
            imports: declared.imports(),
            overview: declared.statistics.is_some(),
        });
    }
    cached(&request, &briefs)
}

/// One declaration: fields, states, steps.
#[utoipa::path(responses((status = 200, body = Kind), (status = 304), (status = 404, body = ProblemBody)), tag = "reference")]
#[get("/kinds/{code}")]
async fn kind(scope: Scope<SignedIn>, request: HttpRequest, code: web::Path<String>) -> Result<HttpResponse> {
    let declared = scope.app.kind(&code).map_err(|_| crate::Error::not_found())?;
    cached(&request, &*declared)
}

/// The units of the jurisdiction.
#[utoipa::path(responses((status = 200, body = Vec<UnitView>), (status = 304), (status = 401, body = ProblemBody)), tag = "reference")]
#[get("/units")]
async fn units(scope: Scope<SignedIn>, request: HttpRequest) -> Result<HttpResponse> {
    let views: Vec<UnitView> = scope.reference.units.iter().map(Reference::view).collect();
    cached(&request, &views)
}

/// A new unit.
#[utoipa::path(request_body = NewUnit, responses((status = 201, body = UnitView), (status = 403, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "administration")]
#[post("/units")]
async fn create_unit(scope: Scope<UnitManage>, body: Body<NewUnit>) -> Result<HttpResponse> {
    Ok(HttpResponse::Created().json(crate::units::create(&scope.app, &scope.actor, body.into_inner()).await?))
}

/// Change a unit; one that holds open matters can't be closed.
#[utoipa::path(request_body = UnitPatch, responses((status = 200, body = UnitView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)), tag = "administration")]
#[patch("/units/{code}")]
async fn change_unit(scope: Scope<UnitManage>, code: web::Path<String>, body: Body<UnitPatch>) -> Result<web::Json<UnitView>> {
    Ok(web::Json(crate::units::change(&scope.app, &scope.actor, &code, body.into_inner()).await?))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UserFilter {
    /// Code of a unit, or `own`.
    unit: Option<String>,
    q: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

/// People, with their unit and roles.
#[utoipa::path(params(UserFilter), responses((status = 200, body = Page<UserView>), (status = 400, body = ProblemBody)), tag = "reference")]
#[get("/users")]
async fn users(scope: Scope<SignedIn>, filter: web::Query<UserFilter>) -> Result<web::Json<Page<UserView>>> {
    let limit = list::limit(filter.limit.as_deref())?;
    let page = people::list(&scope.app, &scope.reference, &scope.actor, filter.unit.as_deref(), filter.q.as_deref(), filter.cursor.as_deref(), limit)
        .await?;
    Ok(web::Json(page))
}

/// A new person, with a first password shown once.
#[utoipa::path(request_body = NewUser, responses((status = 201, body = NewUserResponse), (status = 403, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "administration")]
#[post("/users")]
async fn create_user(scope: Scope<UserManage>, body: Body<NewUser>) -> Result<HttpResponse> {
    let created = people::create(&scope.app, &scope.reference, &scope.actor, body.into_inner()).await?;
    Ok(ShownOnce::answer(HttpResponse::Created().json(created)))
}

#[derive(serde::Serialize, utoipa::ToSchema)]
struct UserChanged {
    user: UserView,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_password: Option<String>,
}

/// Change a person: name, unit, roles, activity, a new first password.
#[utoipa::path(request_body = UserPatch, responses((status = 200, body = UserChanged), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)), tag = "administration")]
#[patch("/users/{id}")]
async fn change_user(scope: Scope<SignedIn>, id: web::Path<Uuid>, body: Body<UserPatch>) -> Result<HttpResponse> {
    let (user, issued_password) = people::change(&scope.app, &scope.reference, &scope.actor, *id, body.into_inner()).await?;
    let secret = issued_password.is_some();
    let response = HttpResponse::Ok().json(UserChanged { user, issued_password });
    Ok(if secret { ShownOnce::answer(response) } else { response })
}

#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct HandOverTo {
    to: UserId,
}

#[derive(serde::Serialize, utoipa::ToSchema)]
struct HandedOver {
    matters: usize,
}

/// Give all open matters of a leaving person to another of the unit.
#[utoipa::path(request_body = HandOverTo, responses((status = 200, body = HandedOver), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "administration")]
#[post("/users/{id}/hand-over")]
async fn hand_over(scope: Scope<SignedIn>, id: web::Path<Uuid>, body: Body<HandOverTo>) -> Result<web::Json<HandedOver>> {
    let matters = people::hand_over(&scope.app, &scope.reference, &scope.actor, *id, body.to.0).await?;
    Ok(web::Json(HandedOver { matters }))
}

/// Roles and what they allow.
#[utoipa::path(responses((status = 200, body = Vec<RoleView>), (status = 304)), tag = "reference")]
#[get("/roles")]
async fn roles(_scope: Scope<SignedIn>, request: HttpRequest) -> Result<HttpResponse> {
    let views: Vec<RoleView> = Role::ALL
        .iter()
        .map(|role| RoleView { code: *role, name: role_name(*role), permissions: role.permissions(), administration: role.is_administration() })
        .collect();
    cached(&request, &views)
}

/// Code lists in both languages.
#[utoipa::path(responses((status = 200, body = CodeLists), (status = 304)), tag = "reference")]
#[get("/code-lists")]
async fn code_lists(scope: Scope<SignedIn>, request: HttpRequest) -> Result<HttpResponse> {
    cached(&request, &CodeLists { lists: scope.app.code_lists.clone() })
}

/// All time limits with law, article and clause.
#[utoipa::path(responses((status = 200, body = Vec<ClockRule>), (status = 304)), tag = "reference")]
#[get("/clock-rules")]
async fn clock_rules(scope: Scope<SignedIn>, request: HttpRequest) -> Result<HttpResponse> {
    let rules: Vec<&ClockRule> = scope.app.rules.iter().collect();
    cached(&request, &rules)
}

/// Delegations I gave or hold.
#[utoipa::path(responses((status = 200, body = Vec<DelegationView>)), tag = "reference")]
#[get("/delegations")]
async fn delegations(scope: Scope<SignedIn>) -> Result<web::Json<Vec<DelegationView>>> {
    Ok(web::Json(crate::delegations::visible(&scope.app, &scope.reference, &scope.actor).await?))
}

/// Name a deputy for the days away.
#[utoipa::path(request_body = NewDelegation, responses((status = 201), (status = 422, body = ProblemBody)), tag = "reference")]
#[post("/delegations")]
async fn delegate(scope: Scope<SignedIn>, body: Body<NewDelegation>) -> Result<HttpResponse> {
    crate::delegations::begin(&scope.app, &scope.actor, body.into_inner()).await?;
    Ok(HttpResponse::Created().json(serde_json::json!({})))
}

/// End a delegation at once.
#[utoipa::path(responses((status = 204), (status = 404, body = ProblemBody)), tag = "reference")]
#[delete("/delegations/{id}")]
async fn end_delegation(scope: Scope<SignedIn>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    crate::delegations::end(&scope.app, &scope.actor, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}
