//! Search and export; the import wizard.

use super::matters::Paging;
use crate::{
    audit,
    error::Result,
    export,
    matter::list,
    scope::{MatterRead, Scope},
    search,
};
use actix_web::{HttpResponse, get, http::header, web};
use serde::Deserialize;
use serde_json::json;
use shared::kernel::{api::*, problem::ProblemBody};
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(find).service(export_matters);
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    q: String,
    cursor: Option<String>,
    limit: Option<String>,
}

/// Full text over everything the actor can see.
#[utoipa::path(params(SearchQuery), responses((status = 200, body = Page<SearchHit>), (status = 400, body = ProblemBody)), tag = "search")]
#[get("/search")]
async fn find(scope: Scope<MatterRead>, query: web::Query<SearchQuery>) -> Result<web::Json<Page<SearchHit>>> {
    let paging = Paging { cursor: query.cursor.clone(), limit: query.limit.clone() };
    let limit = list::limit(paging.limit.as_deref())?;
    Ok(web::Json(search::search(&scope.app, &scope.reference, &scope.actor, &query.q, paging.cursor.as_deref(), limit).await?))
}

/// The list as a spreadsheet that imports again without a question.
#[utoipa::path(params(list::Filter), responses((status = 200, description = "A spreadsheet", content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (status = 400, body = ProblemBody)), tag = "exchange")]
#[get("/exports/matters.xlsx")]
async fn export_matters(scope: Scope<MatterRead>, filter: web::Query<list::Filter>) -> Result<HttpResponse> {
    let (bytes, rows) = export::matters(&scope.app, &scope.reference, &scope.actor, &filter).await?;
    audit::record_read(&scope.app, &scope.actor, "exported", json!({ "rows": rows })).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"matters.xlsx\""))
        .body(bytes))
}
