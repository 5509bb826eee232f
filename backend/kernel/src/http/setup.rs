//! Setting up a city from its own lists, for the system administrator. Consistent with `/imports`: a file is read and explained,
//! nothing is written before commit.

use super::{ShownOnce, exchange::SHEET_MAX};
use crate::{
    error::Result,
    scope::{Scope, UserManage},
    setup,
};
use actix_multipart::Multipart;
use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use shared::kernel::{api::*, problem::ProblemBody};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(upload).service(review).service(commit);
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SetupQuery {
    /// `units` or `people`.
    dataset: String,
}

/// Upload a list of units or people (multipart field `file`: .xlsx, .xls, .ods) for review.
///
/// Nothing is written. Headings are understood from their words, in one or two header rows: 单位名称, 简称, 类别, 别名, 代码, 上级单位,
/// 是否成员单位, 机关代字 for units; 单位, 姓名, 职务, 手机, 用户名, 角色 for people, or columns under 主要负责人, 联络员, 专员, 承办人, where a
/// row names several people and each is an entry with the row's number. Verdicts are `accepted`, `present` (already there,
/// left alone) and `refused`, with the reason in `problems`; `understood` says how names, codes and user names were made.
/// The three administrations are refused here: the security administrator assigns them.
#[utoipa::path(operation_id = "upload_roster", params(SetupQuery), request_body(content = super::attachments::FileUpload, content_type = "multipart/form-data"), responses((status = 201, body = ImportView), (status = 403, body = ProblemBody), (status = 413, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "administration")]
#[post("/setup/imports")]
async fn upload(scope: Scope<UserManage>, query: web::Query<SetupQuery>, payload: Multipart) -> Result<HttpResponse> {
    let (name, bytes) = super::attachments::uploaded(payload, SHEET_MAX).await?;
    let view = setup::upload(&scope.app, &scope.reference, &scope.actor, &query.dataset, name, bytes).await?;
    Ok(HttpResponse::Created().json(view))
}

/// The review of an uploaded list as things are now.
#[utoipa::path(operation_id = "review_roster", responses((status = 200, body = ImportView), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)), tag = "administration")]
#[get("/setup/imports/{id}")]
async fn review(scope: Scope<UserManage>, id: web::Path<Uuid>) -> Result<web::Json<ImportView>> {
    Ok(web::Json(setup::get(&scope.app, &scope.reference, &scope.actor, *id).await?))
}

/// Write all accepted entries, or none.
///
/// `people` holds the first passwords. They are in this answer only: with the same `Idempotency-Key` a second call is 409
/// `import.already_committed`, never the passwords again.
#[utoipa::path(operation_id = "commit_roster", responses((status = 200, body = SetupOutcome), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "administration")]
#[post("/setup/imports/{id}/commit")]
async fn commit(scope: Scope<UserManage>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    Ok(ShownOnce::answer(HttpResponse::Ok().json(setup::commit(&scope.app, &scope.actor, *id).await?)))
}
