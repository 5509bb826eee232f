//! What is handed out to be checked elsewhere: dossiers, proofs, papers, seals. Each export leaves a trace in the audit.

use super::attachments::disposition;
use crate::{
    audit, dossier,
    entity::{event, seal},
    error::{Error, Result},
    matter::{list, load::visible_matter},
    proof::{
        PRODUCT,
        certificate::Certificate,
        seals::{ExportedSeal, FORMAT, SealFile},
    },
    scope::{AuditExport, AuditRead, MatterRead, Scope},
    state::App,
};
use actix_web::{HttpResponse, body::SizedStream, get, http::header, web};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use serde_json::json;
use shared::kernel::{
    api::*,
    problem::{Code, ProblemBody},
};
use std::sync::Arc;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(matter_dossier).service(proof).service(documents).service(seals).service(export_seals);
}

/// The whole matter as a zip that proves itself: what the actor sees of it, its events, attachments and a signed manifest with the seals.
/// `liandong verify FILE` checks it without a database. At most 500 MB.
#[utoipa::path(responses((status = 200, description = "The dossier", content_type = "application/zip"), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)), tag = "matters")]
#[get("/matters/{id}/dossier.zip")]
async fn matter_dossier(scope: Scope<MatterRead>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let made = dossier::dossier(&scope.app, &scope.reference, &scope.actor, *id).await?;
    let trace = json!({ "matter": id.to_string(), "events": made.events, "manifest": made.manifest });
    audit::record_read(&scope.app, &scope.actor, "dossier_exported", trace).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/zip"))
        .insert_header((header::CONTENT_DISPOSITION, disposition("attachment", &made.file_name)))
        // A zip of compressed files gains nothing, and the length tells a reader when it has all.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .body(SizedStream::new(made.length, Box::pin(dossier::content(scope.app.clone(), made.parts)))))
}

/// 存证证明: a signed proof that the matter's history lies under the installation's seals. Hashes only: it shows nothing of contents or of
/// other matters. `liandong verify FILE` checks it in exactly these bytes.
#[utoipa::path(responses((status = 200, body = Certificate), (status = 404, body = ProblemBody)), tag = "matters")]
#[get("/matters/{id}/proof")]
async fn proof(scope: Scope<MatterRead>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let bytes = dossier::certificate(&scope.app, &scope.actor, *id).await?;
    let trace = json!({ "matter": id.to_string(), "digest": audit::sm3_hex(&bytes) });
    audit::record_read(&scope.app, &scope.actor, "proof_exported", trace).await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(bytes))
}

/// Official papers rendered from the matter. Papers come with the kinds that declare them; none does yet, so that the page is empty.
#[utoipa::path(responses((status = 200, body = Page<DocumentView>), (status = 404, body = ProblemBody)), tag = "matters")]
#[get("/matters/{id}/documents")]
async fn documents(scope: Scope<MatterRead>, id: web::Path<Uuid>) -> Result<web::Json<Page<DocumentView>>> {
    visible_matter(scope.app.db.read(), &scope.app, &scope.actor, *id).await?;
    Ok(web::Json(Page { items: Vec::new(), next_cursor: None }))
}

/// Seals over events of one's own city, newest first, with how many of them each covers. A seal's root covers the whole installation.
#[utoipa::path(params(super::matters::Paging), responses((status = 200, body = Page<SealView>), (status = 403, body = ProblemBody)), tag = "audit")]
#[get("/audit/seals")]
async fn seals(scope: Scope<AuditRead>, paging: web::Query<super::matters::Paging>) -> Result<web::Json<Page<SealView>>> {
    let limit = list::limit(paging.limit.as_deref())?;
    let before = match &paging.cursor {
        Some(cursor) => Some(list::decode_cursor(cursor)?.0.parse().map_err(|_| Error::problem(Code::CursorInvalid))?),
        None => None,
    };
    let mut rows = audit::seals_over(&scope.app, scope.actor.jurisdiction_id, before, limit + 1).await?;
    let next_cursor = list::cut(&mut rows, limit, |(row, _)| (row.seq.to_string(), Uuid::nil()));
    let items = rows
        .into_iter()
        .map(|(row, events)| SealView { seq: row.seq, at: row.at, events, root: row.root, previous: row.previous, signature: row.signature })
        .collect();
    Ok(web::Json(Page { items, next_cursor }))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SealsQuery {
    /// Only seals after this number: what an earlier export has needn't be fetched again.
    after: Option<i64>,
    /// With the hash of each event, so that a rewritten row can be named; `true` unless told otherwise.
    hashes: Option<bool>,
}

/// Seals to be kept outside, with the public key. Against them `liandong verify --seals FILE` finds what even somebody with the server's key has
/// rewritten.
#[utoipa::path(params(SealsQuery), responses((status = 200, body = SealFile), (status = 403, body = ProblemBody)), tag = "audit")]
#[get("/audit/seals.json")]
async fn export_seals(scope: Scope<AuditExport>, query: web::Query<SealsQuery>) -> Result<HttpResponse> {
    let after = query.after.unwrap_or(0);
    let newest = seal::Entity::find().order_by_desc(seal::Column::Seq).one(scope.app.db.read()).await?.map_or(0, |seal| seal.seq);
    audit::record_read(&scope.app, &scope.actor, "seals_exported", json!({ "after": after, "last": newest })).await?;
    let frame = SealFile {
        format: FORMAT.into(),
        product: PRODUCT.into(),
        exported_at: scope.app.time.now(),
        key: audit::public_key(&scope.app),
        seals: Vec::new(),
    };
    let frame = serde_json::to_string(&frame)?;
    let (head, tail) = frame.split_at(frame.len() - "]}".len());
    let state = Export {
        app: scope.app.clone(),
        after,
        last: newest,
        hashes: query.hashes.unwrap_or(true),
        text: head.to_owned(),
        tail: Some(tail.to_owned()),
    };
    let name = format!("attachment; filename=\"seals-{}-{newest}.json\"", after + 1);
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .streaming(futures_util::stream::try_unfold(state, Export::next)))
}

/// Seals on one page of the export: each may list 20,000 hashes.
const EXPORT_PAGE: u64 = 20;

/// How far an export has come. Page by page, since seals grow by one a minute for as long as the installation lives.
struct Export {
    app: Arc<App>,
    after: i64,
    last: i64,
    hashes: bool,
    text: String,
    tail: Option<String>,
}

impl Export {
    async fn next(mut self) -> Result<Option<(web::Bytes, Self)>> {
        let rows = seal::Entity::find()
            .filter(seal::Column::Seq.gt(self.after))
            .filter(seal::Column::Seq.lte(self.last))
            .order_by_asc(seal::Column::Seq)
            .limit(EXPORT_PAGE)
            .all(self.app.db.read())
            .await?;
        let (Some(first), Some(last)) = (rows.first().map(|row| row.seq), rows.last().map(|row| row.seq)) else {
            // What the head left over goes out with the end.
            let Some(tail) = self.tail.take() else { return Ok(None) };
            let text = std::mem::take(&mut self.text) + &tail;
            return Ok(Some((text.into(), self)));
        };
        let mut under = match self.hashes {
            true => audit::hashes_under(self.app.db.read(), event::Column::SealSeq.between(first, last)).await?,
            false => Default::default(),
        };
        let mut text = std::mem::take(&mut self.text);
        for row in rows {
            if !text.ends_with('[') {
                text.push(',');
            }
            let hashes = self.hashes.then(|| under.remove(&row.seq).unwrap_or_default());
            text.push_str(&serde_json::to_string(&ExportedSeal { seal: audit::sealed(row), hashes })?);
        }
        self.after = last;
        Ok(Some((text.into(), self)))
    }
}
