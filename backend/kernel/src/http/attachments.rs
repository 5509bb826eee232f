//! Files of a matter: up through a limit and a look at their content, down whole, in part or not at all when the client has
//! them. All through the matter's visibility.

use super::matters::Paging;
use crate::{
    audit,
    entity::attachment,
    error::{Error, Result},
    matter::{attach, list, load::visible_matter},
    once,
    reference::Colleague,
    scope::{MatterRead, Scope},
};
use actix_multipart::{Field, Multipart};
use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    body::SizedStream,
    get,
    http::header::{self, HeaderValue},
    post,
    web::{self, Bytes},
};
use backend_rules::files::{Asked, Sniffer, range, safe_name};
use futures_util::TryStreamExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use shared::kernel::{
    api::*,
    problem::{Code, ProblemBody},
};
use std::collections::HashMap;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

/// One file, as `multipart/form-data`.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it describes what the handlers read as it streams in")]
pub(super) struct FileUpload {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Bytes of one attachment at most.
const ATTACHMENT_MAX: u64 = 50 * 1024 * 1024;
/// What a multipart body may have around its file.
const FRAMING_MAX: u64 = 64 * 1024;
/// How far a file that is too large is listened to before it is refused.
const LISTENED_MAX: u64 = 256 * 1024 * 1024;
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(attachments).service(add).service(download);
}

fn unreadable(error: actix_multipart::MultipartError) -> Error {
    use actix_multipart::MultipartError;
    match error {
        MultipartError::ContentTypeMissing | MultipartError::ContentTypeParse | MultipartError::ContentTypeIncompatible => {
            Error::problem(Code::MediaTypeUnsupported)
        }
        _ => Error::problem(Code::Malformed),
    }
}

/// The multipart field `file`, and its name reduced to what is safe.
async fn file_field(payload: &mut Multipart) -> Result<(String, Field)> {
    while let Some(mut field) = payload.try_next().await.map_err(unreadable)? {
        if field.name() == Some("file") {
            let name = safe_name(field.content_disposition().and_then(|disposition| disposition.get_filename()).unwrap_or_default());
            return Ok((name, field));
        }
        while field.try_next().await.map_err(unreadable)?.is_some() {}
    }
    Err(Error::field("/file", Code::Required))
}

/// Reads the multipart field `file` whole, within a limit.
pub(super) async fn uploaded(mut payload: Multipart, max: usize) -> Result<(String, Vec<u8>)> {
    let (name, mut field) = file_field(&mut payload).await?;
    let mut bytes = Vec::new();
    while let Some(chunk) = field.try_next().await.map_err(unreadable)? {
        if bytes.len() + chunk.len() > max {
            return Err(Error::problem(Code::BodyTooLarge));
        }
        bytes.extend_from_slice(&chunk);
    }
    once::concerns(&audit::sm3_hex(&bytes));
    Ok((name, bytes))
}

fn attachment_view(scope: &Scope<MatterRead>, row: attachment::Model, persons: &HashMap<Uuid, Colleague>) -> AttachmentView {
    AttachmentView {
        id: row.id.into(),
        name: row.name,
        media_type: row.media_type,
        size: row.size,
        digest: row.digest,
        uploaded_by: persons.get(&row.person_id).map(|person| person.name.clone()).unwrap_or_default(),
        unit: scope.reference.brief(row.unit_id),
        at: row.created_at,
    }
}

/// The files of a matter, newest first.
#[utoipa::path(params(Paging), responses((status = 200, body = Page<AttachmentView>), (status = 404, body = ProblemBody)), tag = "matters")]
#[get("/matters/{id}/attachments")]
async fn attachments(scope: Scope<MatterRead>, id: web::Path<Uuid>, paging: web::Query<Paging>) -> Result<web::Json<Page<AttachmentView>>> {
    visible_matter(scope.app.db.read(), &scope.app, &scope.actor, *id).await?;
    let limit = list::limit(paging.limit.as_deref())?;
    let mut query = attachment::Entity::find().filter(attachment::Column::MatterId.eq(*id)).order_by_desc(attachment::Column::Id).limit(limit + 1);
    if let Some(cursor) = &paging.cursor {
        query = query.filter(attachment::Column::Id.lt(list::decode_cursor(cursor)?.1));
    }
    let mut rows = query.all(scope.app.db.read()).await?;
    let next_cursor = list::cut(&mut rows, limit, |row| (String::new(), row.id));
    let persons = scope.reference.persons(scope.app.db.read(), rows.iter().map(|row| row.person_id)).await?;
    let items = rows.into_iter().map(|row| attachment_view(&scope, row, &persons)).collect();
    Ok(web::Json(Page { items, next_cursor }))
}

/// Add a file: multipart field `file`, 50 MB at most.
#[utoipa::path(request_body(content = FileUpload, content_type = "multipart/form-data"), responses((status = 201, body = AttachmentView), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 413, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "matters")]
#[post("/matters/{id}/attachments")]
async fn add(scope: Scope<MatterRead>, request: HttpRequest, id: web::Path<Uuid>, mut payload: Multipart) -> Result<HttpResponse> {
    visible_matter(scope.app.db.read(), &scope.app, &scope.actor, *id).await?;
    attach::may_attach(scope.app.db.read(), &scope.actor, *id).await?;
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > ATTACHMENT_MAX + FRAMING_MAX) {
        // A browser that is cut off while it sends shows a lost connection instead of the reason.
        let (_, mut field) = file_field(&mut payload).await?;
        pass_over(&mut field, LISTENED_MAX).await?;
        return Err(Error::problem(Code::BodyTooLarge));
    }
    let (name, mut field) = file_field(&mut payload).await?;
    if shared::kernel::validate::has_secret_marking(&name) {
        // None of it is kept.
        pass_over(&mut field, ATTACHMENT_MAX).await?;
        return Err(Error::field("/file", Code::SecretMarking));
    }
    let mut sniffer = Sniffer::default();
    let stored = scope.app.blobs.take(limited(field), |chunk| sniffer.see(chunk)).await?;
    if stored.size == 0 {
        return Err(Error::field("/file", Code::Required));
    }
    once::concerns(&stored.digest);
    let kind = sniffer.media_type(&name);
    let row = attach::attach(&scope.app, &scope.reference, &scope.actor, *id, stored, name, kind).await?;
    let persons = scope.reference.persons(scope.app.db.read(), std::iter::once(row.person_id)).await?;
    Ok(HttpResponse::Created().json(attachment_view(&scope, row, &persons)))
}

/// Reads on without keeping anything, within bounds: a client still sending hears a refusal only when it was listened to.
async fn pass_over(field: &mut Field, at_most: u64) -> Result<()> {
    let mut passed = 0;
    while let Some(chunk) = field.try_next().await.map_err(unreadable)? {
        passed += chunk.len() as u64;
        if passed > at_most {
            break;
        }
    }
    Ok(())
}

/// A field's chunks up to the limit.
fn limited(field: Field) -> impl futures_util::Stream<Item = Result<Bytes>> + Unpin {
    let chunks = futures_util::stream::try_unfold((field, 0u64), |(mut field, size)| async move {
        let Some(chunk) = field.try_next().await.map_err(unreadable)? else { return Ok(None) };
        let size = size + chunk.len() as u64;
        if size > ATTACHMENT_MAX {
            pass_over(&mut field, LISTENED_MAX).await?;
            return Err(Error::problem(Code::BodyTooLarge));
        }
        Ok(Some((chunk, (field, size))))
    });
    Box::pin(chunks)
}

/// Download a file, whole or one range of it, so that a broken download goes on; 304 when the client has it.
#[utoipa::path(responses((status = 200, description = "The file", content_type = "application/octet-stream"), (status = 206, description = "The range asked for"), (status = 304, description = "The client has it"), (status = 404, body = ProblemBody), (status = 416, body = ProblemBody)), tag = "matters")]
#[get("/matters/{id}/attachments/{attachment}")]
async fn download(scope: Scope<MatterRead>, request: HttpRequest, path: web::Path<(Uuid, Uuid)>) -> Result<HttpResponse> {
    let (id, file) = path.into_inner();
    visible_matter(scope.app.db.read(), &scope.app, &scope.actor, id).await?;
    let row = attachment::Entity::find_by_id(file).one(scope.app.db.read()).await?.filter(|row| row.matter_id == id).ok_or_else(Error::not_found)?;
    let tag = format!("\"{}\"", row.digest);
    let text = |name: header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    // The bytes under a digest never change; whether they may be seen is asked each time.
    let kept = (header::CACHE_CONTROL, "private, no-cache");
    let known = |known: &str| known.split(',').map(|one| one.trim().trim_start_matches("W/")).any(|one| one == tag || one == "*");
    if text(header::IF_NONE_MATCH).is_some_and(known) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).insert_header(kept).finish());
    }
    let total = u64::try_from(row.size).unwrap_or_default();
    // The rest of another file would be spliced on: without the same tag it is sent whole (RFC 9110 §13.1.5).
    let same = text(header::IF_RANGE).is_none_or(|value| value.trim() == tag);
    let asked = text(header::RANGE).filter(|_| same).map_or(Asked::Whole, |value| range(value, total));
    let (part, length) = match asked {
        Asked::Whole => (None, total),
        Asked::Part(part) => (Some(*part.start()..part.end() + 1), part.end() + 1 - part.start()),
        Asked::Outside => return Ok(outside(total)),
    };
    audit::record_read(&scope.app, &scope.actor, "download", json!({ "matter": id.to_string(), "digest": row.digest })).await?;
    let content = scope.app.blobs.get(&row.digest, part.clone()).await?;
    let inline = matches!(row.media_type.as_str(), "application/pdf" | "image/png" | "image/jpeg" | "image/gif");
    let mut response = if part.is_some() { HttpResponse::PartialContent() } else { HttpResponse::Ok() };
    response
        .insert_header((header::CONTENT_DISPOSITION, disposition(if inline { "inline" } else { "attachment" }, &row.name)))
        .insert_header((header::CONTENT_TYPE, row.media_type))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        // Compressed bytes have other places than ranges count.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header((header::ETAG, tag))
        .insert_header(kept);
    if let Some(part) = part {
        response.insert_header((header::CONTENT_RANGE, format!("bytes {}-{}/{total}", part.start, part.end - 1)));
    }
    Ok(response.body(SizedStream::new(length, content)))
}

/// 416, with the length that there is.
fn outside(total: u64) -> HttpResponse {
    let mut response = Error::problem(Code::RangeUnsatisfiable).error_response();
    if let Ok(length) = HeaderValue::from_str(&format!("bytes */{total}")) {
        response.headers_mut().insert(header::CONTENT_RANGE, length);
    }
    response
}

/// `Content-Disposition` with a name in any script (RFC 6266, RFC 8187).
pub(super) fn disposition(how: &str, name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let percent: String = name.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect();
    format!("{how}; filename*=UTF-8''{percent}")
}
