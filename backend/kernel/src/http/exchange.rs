//! Search and export; the import wizard.

use super::{input::Body, matters::Paging};
use crate::{
    audit,
    error::Result,
    export, import,
    matter::list,
    scope::{MatterCreate, MatterRead, Scope},
    search,
};
use actix_multipart::Multipart;
use actix_web::{HttpResponse, HttpResponseBuilder, body::SizedStream, get, http::header, patch, post, web};
use serde::Deserialize;
use serde_json::json;
use shared::kernel::{api::*, problem::ProblemBody};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(find)
        .service(export_matters)
        .service(start_export)
        .service(exports)
        .service(kept_export)
        .service(export_file)
        .service(upload)
        .service(imports)
        .service(review)
        .service(answer)
        .service(commit);
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

/// The list as a spreadsheet that imports again without a question; a longer one than a spreadsheet should hold is refused.
#[utoipa::path(params(list::Filter), responses((status = 200, description = "A spreadsheet", content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (status = 400, body = ProblemBody), (status = 409, body = ProblemBody)), tag = "exchange")]
#[get("/exports/matters.xlsx")]
async fn export_matters(scope: Scope<MatterRead>, filter: list::Filter) -> Result<HttpResponse> {
    let (bytes, rows) = export::matters(scope.app.clone(), scope.reference.clone(), &scope.actor, &filter).await?;
    audit::record_read(&scope.app, &scope.actor, "exported", json!({ "rows": rows })).await?;
    Ok(spreadsheet().body(bytes))
}

fn spreadsheet() -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"matters.xlsx\""));
    response
}

/// Begin an export that goes on by itself: `query` is the list's, as `GET /matters` takes it. Three of one person run at a time.
#[utoipa::path(request_body = NewExport, responses((status = 202, body = ExportView, headers(("Location" = String, description = "Where it is found until it expires"))), (status = 400, body = ProblemBody), (status = 422, body = ProblemBody), (status = 429, body = ProblemBody)), tag = "exchange")]
#[post("/exports")]
async fn start_export(scope: Scope<MatterRead>, body: Body<NewExport>) -> Result<HttpResponse> {
    Ok(export::kept::start(scope.app, scope.reference, scope.actor, body.into_inner().query).await?.into_response())
}

/// One's exports of the last day, newest first.
#[utoipa::path(params(Paging), responses((status = 200, body = Page<ExportView>)), tag = "exchange")]
#[get("/exports")]
async fn exports(scope: Scope<MatterRead>, paging: web::Query<Paging>) -> Result<web::Json<Page<ExportView>>> {
    let limit = list::limit(paging.limit.as_deref())?;
    Ok(web::Json(export::kept::list(&scope.app, &scope.actor, paging.cursor.as_deref(), limit).await?))
}

/// How far an export is. One's own only, in the unit it was asked for.
#[utoipa::path(responses((status = 200, body = ExportView), (status = 404, body = ProblemBody)), tag = "exchange")]
#[get("/exports/{id}")]
async fn kept_export(scope: Scope<MatterRead>, id: web::Path<Uuid>) -> Result<web::Json<ExportView>> {
    Ok(web::Json(export::kept::get(&scope.app, &scope.actor, *id).await?))
}

/// The spreadsheet, once it is done.
#[utoipa::path(responses((status = 200, description = "A spreadsheet", content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)), tag = "exchange")]
#[get("/exports/{id}/file")]
async fn export_file(scope: Scope<MatterRead>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let (length, content) = export::kept::file(&scope.app, &scope.actor, *id).await?;
    Ok(spreadsheet().body(SizedStream::new(length, content)))
}

/// Bytes of one spreadsheet at most.
pub(super) const SHEET_MAX: usize = 20 * 1024 * 1024;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    kind: String,
}

/// Upload a spreadsheet (multipart field `file`) for review; nothing is written.
#[utoipa::path(params(ImportQuery), request_body(content = super::attachments::FileUpload, content_type = "multipart/form-data"), responses((status = 201, body = ImportView), (status = 403, body = ProblemBody), (status = 413, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "exchange")]
#[post("/imports")]
async fn upload(scope: Scope<MatterCreate>, query: web::Query<ImportQuery>, payload: Multipart) -> Result<HttpResponse> {
    let (name, bytes) = super::attachments::uploaded(payload, SHEET_MAX).await?;
    let view = import::upload(&scope.app, &scope.reference, &scope.actor, &query.kind, name, bytes).await?;
    Ok(HttpResponse::Created().json(view))
}

/// One's earlier imports, newest first.
#[utoipa::path(params(Paging), responses((status = 200, body = Page<ImportView>)), tag = "exchange")]
#[get("/imports")]
async fn imports(scope: Scope<MatterCreate>, paging: web::Query<Paging>) -> Result<web::Json<Page<ImportView>>> {
    let limit = list::limit(paging.limit.as_deref())?;
    Ok(web::Json(import::list(&scope.app, &scope.reference, &scope.actor, paging.cursor.as_deref(), limit).await?))
}

/// An import under review.
#[utoipa::path(responses((status = 200, body = ImportView), (status = 404, body = ProblemBody)), tag = "exchange")]
#[get("/imports/{id}")]
async fn review(scope: Scope<MatterCreate>, id: web::Path<Uuid>) -> Result<web::Json<ImportView>> {
    Ok(web::Json(import::get(&scope.app, &scope.reference, &scope.actor, *id).await?))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RowQuery {
    /// The sheet, where two have the row.
    sheet: Option<String>,
}

/// Answer for one row, by its number in the sheet; gives the whole review, since one answer may settle other rows.
#[utoipa::path(params(RowQuery), request_body = RowPatch, responses((status = 200, body = ImportView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "exchange")]
#[patch("/imports/{id}/rows/{row}")]
async fn answer(
    scope: Scope<MatterCreate>,
    path: web::Path<(Uuid, i64)>,
    query: web::Query<RowQuery>,
    body: Body<RowPatch>,
) -> Result<web::Json<ImportView>> {
    let (id, row) = path.into_inner();
    Ok(web::Json(import::answer(&scope.app, &scope.reference, &scope.actor, id, query.sheet.as_deref(), row, body.into_inner()).await?))
}

/// Write all accepted rows, or none. It goes on when the connection is lost; `GET /imports/{id}` tells how far it is.
#[utoipa::path(responses((status = 200, body = CommitOutcome), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "exchange")]
#[post("/imports/{id}/commit")]
async fn commit(scope: Scope<MatterCreate>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    Ok(import::commit(scope.app, scope.reference, scope.actor, *id).await?.into_response())
}
