//! What hangs on a matter: attachments, comments, notes of one's own unit, links, watching. All through its visibility.

use super::matters::Paging;
use crate::{
    audit::{self, Entry, sm3_hex},
    entity::{attachment, comment, matter_link, person, watch},
    error::{Error, Result},
    matter::{
        list,
        load::{Loaded, visible_matter},
        save::Work,
        view,
    },
    notice,
    scope::{MatterRead, Scope},
};
use actix_multipart::Multipart;
use actix_web::{HttpRequest, HttpResponse, delete, get, http::header, post, web};
use futures_util::TryStreamExt;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use shared::kernel::{
    api::*,
    problem::{Code, ProblemBody},
    text::t,
    validate::has_control_characters,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

/// Bytes of one attachment at most.
const ATTACHMENT_MAX: usize = 50 * 1024 * 1024;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(attachments)
        .service(attach)
        .service(download)
        .service(comments)
        .service(add_comment)
        .service(notes)
        .service(add_note)
        .service(links)
        .service(link)
        .service(start_watching)
        .service(stop_watching);
}

/// Reads the multipart field `file` whole, within a limit. The name is reduced to its last part without control characters.
pub(super) async fn uploaded(mut payload: Multipart, max: usize) -> Result<(String, Vec<u8>)> {
    use actix_multipart::MultipartError;
    let unreadable = |error: MultipartError| match error {
        MultipartError::ContentTypeMissing | MultipartError::ContentTypeParse | MultipartError::ContentTypeIncompatible => {
            Error::problem(Code::MediaTypeUnsupported)
        }
        _ => Error::problem(Code::Malformed),
    };
    while let Some(mut field) = payload.try_next().await.map_err(unreadable)? {
        if field.name() != Some("file") {
            while field.try_next().await.map_err(unreadable)?.is_some() {}
            continue;
        }
        let raw = field.content_disposition().and_then(|disposition| disposition.get_filename()).unwrap_or("file").to_owned();
        let mut bytes = Vec::new();
        while let Some(chunk) = field.try_next().await.map_err(unreadable)? {
            if bytes.len() + chunk.len() > max {
                return Err(Error::problem(Code::BodyTooLarge));
            }
            bytes.extend_from_slice(&chunk);
        }
        return Ok((safe_name(&raw), bytes));
    }
    Err(Error::field("/file", Code::Required))
}

/// The last path part, without control and bidirectional characters, at most 120 characters; never empty or dots alone.
fn safe_name(raw: &str) -> String {
    let last = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last
        .chars()
        .filter(|c| !has_control_characters(&c.to_string()) && !matches!(c, '"' | '<' | '>' | '|' | ':' | '*' | '?' | '\n' | '\r' | '\t'))
        .take(120)
        .collect();
    let clean = clean.trim().trim_start_matches('.').to_owned();
    if clean.is_empty() { "file".into() } else { clean }
}

/// The type by the content itself; what isn't known is a plain download, never something a browser runs.
fn sniff(bytes: &[u8], name: &str) -> &'static str {
    let extension = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match bytes {
        [0x25, b'P', b'D', b'F', ..] => "application/pdf",
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [b'G', b'I', b'F', b'8', ..] => "image/gif",
        [b'P', b'K', 3, 4, ..] => match extension.as_str() {
            "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            _ => "application/zip",
        },
        [0xd0, 0xcf, 0x11, 0xe0, ..] => "application/x-ole-storage",
        _ if extension == "txt" && std::str::from_utf8(bytes).is_ok_and(|text| !has_control_characters(text)) => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn attachment_view(scope: &Scope<MatterRead>, row: attachment::Model, persons: &std::collections::HashMap<Uuid, person::Model>) -> AttachmentView {
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

/// The files of a matter.
#[utoipa::path(responses((status = 200, body = Page<AttachmentView>), (status = 404, body = ProblemBody)), tag = "matters")]
#[get("/matters/{id}/attachments")]
async fn attachments(scope: Scope<MatterRead>, id: web::Path<Uuid>) -> Result<web::Json<Page<AttachmentView>>> {
    visible_matter(scope.app.db.read(), &scope.app, &scope.actor, *id, false).await?;
    let rows = attachment::Entity::find()
        .filter(attachment::Column::MatterId.eq(*id))
        .order_by_desc(attachment::Column::Id)
        .limit(500)
        .all(scope.app.db.read())
        .await?;
    let persons = list::names(&scope.app, rows.iter().map(|row| row.person_id)).await?;
    let items = rows.into_iter().map(|row| attachment_view(&scope, row, &persons)).collect();
    Ok(web::Json(Page { items, next_cursor: None }))
}

/// Add a file: multipart field `file`, 50 MB at most.
#[utoipa::path(responses((status = 201, body = AttachmentView), (status = 404, body = ProblemBody), (status = 413, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "matters")]
#[post("/matters/{id}/attachments")]
async fn attach(scope: Scope<MatterRead>, id: web::Path<Uuid>, payload: Multipart) -> Result<HttpResponse> {
    visible_matter(scope.app.db.read(), &scope.app, &scope.actor, *id, false).await?;
    let (name, bytes) = uploaded(payload, ATTACHMENT_MAX).await?;
    if bytes.is_empty() {
        return Err(Error::field("/file", Code::Required));
    }
    if shared::kernel::validate::has_secret_marking(&name) {
        return Err(Error::field("/file", Code::SecretMarking));
    }
    let digest = sm3_hex(&bytes);
    scope.app.blobs.put(&digest, &bytes).await?;
    let transaction = scope.app.db.begin().await?;
    let matter = visible_matter(&transaction, &scope.app, &scope.actor, *id, true).await?;
    let row = attachment::Model {
        id: Uuid::now_v7(),
        matter_id: *id,
        media_type: sniff(&bytes, &name).to_owned(),
        name: name.clone(),
        size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        digest: digest.clone(),
        person_id: scope.actor.person_id(),
        unit_id: scope.actor.unit_id,
        created_at: scope.app.time.now(),
    };
    row.clone().into_active_model().insert(&transaction).await?;
    let state = matter.state.clone();
    let work = Work::on(&scope.app, &transaction, &scope.reference, Loaded::around(&transaction, &scope.app, matter).await?);
    let entry = Entry {
        from_state: Some(state.clone()),
        to_state: Some(state),
        ..Entry::by(&scope.actor, "attach", scope.app.time.now(), json!({ "name": name, "digest": digest }))
    };
    let unit = scope.reference.brief(scope.actor.unit_id);
    let told = notice::New {
        audience: Vec::new(),
        persons: Vec::new(),
        kind: "attach".into(),
        text: t(
            &format!("{} {}为「{}」上传了附件：{name}", unit.short_name, scope.actor.person.name, work.loaded.matter.title),
            &format!("{} ({}) attached {name} to “{}”", scope.actor.person.name, unit.name_en, work.loaded.matter.title),
        ),
        watchers: true,
        except: vec![scope.actor.person_id()],
    };
    let (_, change) = work.save(entry, vec![told]).await?;
    transaction.commit().await?;
    crate::matter::apply::publish(&scope.app, vec![change]);
    let persons = list::names(&scope.app, std::iter::once(row.person_id)).await?;
    Ok(HttpResponse::Created().json(attachment_view(&scope, row, &persons)))
}

/// Download a file; ranges are served, so that a broken download goes on.
#[utoipa::path(responses((status = 200, description = "The file", content_type = "application/octet-stream"), (status = 206), (status = 404, body = ProblemBody)), tag = "matters")]
#[get("/matters/{id}/attachments/{attachment}")]
async fn download(scope: Scope<MatterRead>, request: HttpRequest, path: web::Path<(Uuid, Uuid)>) -> Result<HttpResponse> {
    let (id, file) = path.into_inner();
    visible_matter(scope.app.db.read(), &scope.app, &scope.actor, id, false).await?;
    let row = attachment::Entity::find_by_id(file).one(scope.app.db.read()).await?.filter(|row| row.matter_id == id).ok_or_else(Error::not_found)?;
    audit::record_read(&scope.app, &scope.actor, "download", json!({ "matter": id.to_string(), "digest": row.digest })).await?;
    let bytes = tokio::fs::read(scope.app.blobs.path(&row.digest)).await?;
    let inline = matches!(row.media_type.as_str(), "application/pdf" | "image/png" | "image/jpeg" | "image/gif");
    let disposition = format!("{}; filename*=UTF-8''{}", if inline { "inline" } else { "attachment" }, percent(&row.name));
    let total = bytes.len();
    let range = request.headers().get(header::RANGE).and_then(|value| value.to_str().ok()).and_then(|value| byte_range(value, total));
    let mut response = if range.is_some() { HttpResponse::PartialContent() } else { HttpResponse::Ok() };
    response
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .insert_header((header::CONTENT_TYPE, row.media_type))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::ETAG, format!("\"{}\"", row.digest)));
    Ok(match range {
        Some((start, end)) => {
            response.insert_header((header::CONTENT_RANGE, format!("bytes {start}-{end}/{total}")));
            response.body(bytes.get(start..=end).map(<[u8]>::to_vec).unwrap_or_default())
        }
        None => response.body(bytes),
    })
}

/// One range of `Range: bytes=a-b` (RFC 9110 §14.1.2); others are answered whole.
fn byte_range(value: &str, total: usize) -> Option<(usize, usize)> {
    let (start, end) = value.strip_prefix("bytes=")?.split_once('-')?;
    let (start, end) = match (start.parse::<usize>(), end.parse::<usize>()) {
        (Ok(start), Ok(end)) => (start, end.min(total.checked_sub(1)?)),
        (Ok(start), Err(_)) if end.is_empty() => (start, total.checked_sub(1)?),
        (Err(_), Ok(last)) if start.is_empty() => (total.saturating_sub(last), total.checked_sub(1)?),
        _ => return None,
    };
    (start <= end && start < total).then_some((start, end))
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') { (byte as char).to_string() } else { format!("%{byte:02X}") }
            },
        )
        .collect()
}

async fn thread(scope: &Scope<MatterRead>, id: Uuid, own_unit_only: bool, paging: &Paging) -> Result<Page<CommentView>> {
    visible_matter(scope.app.db.read(), &scope.app, &scope.actor, id, false).await?;
    let limit = list::limit(paging.limit.as_deref())?;
    let mut query = comment::Entity::find()
        .filter(comment::Column::MatterId.eq(id))
        .filter(comment::Column::OwnUnitOnly.eq(own_unit_only))
        .order_by_desc(comment::Column::Id)
        .limit(limit + 1);
    if own_unit_only {
        query = query.filter(comment::Column::UnitId.eq(scope.actor.unit_id));
    }
    if let Some(cursor) = &paging.cursor {
        query = query.filter(comment::Column::Id.lt(list::decode_cursor(cursor)?.1));
    }
    let mut rows = query.all(scope.app.db.read()).await?;
    let next_cursor = list::cut(&mut rows, limit, |row| (String::new(), row.id));
    let persons = list::names(&scope.app, rows.iter().map(|row| row.person_id)).await?;
    let items = rows
        .into_iter()
        .map(|row| CommentView {
            id: row.id.into(),
            person: persons.get(&row.person_id).map(|person| person.name.clone()).unwrap_or_default(),
            unit: scope.reference.brief(row.unit_id),
            text: row.text,
            at: row.created_at,
        })
        .collect();
    Ok(Page { items, next_cursor })
}

fn check_words(text: &str) -> Result<()> {
    let length = text.trim().chars().count();
    if length == 0 {
        return Err(Error::field("/text", Code::Required));
    }
    if length > 2000 {
        return Err(Error::field("/text", Code::Length));
    }
    if has_control_characters(text) {
        return Err(Error::field("/text", Code::ControlCharacter));
    }
    Ok(())
}

async fn say(scope: &Scope<MatterRead>, id: Uuid, text: String, own_unit_only: bool, mentions: Vec<Uuid>) -> Result<HttpResponse> {
    check_words(&text)?;
    let transaction = scope.app.db.begin().await?;
    let matter = visible_matter(&transaction, &scope.app, &scope.actor, id, true).await?;
    let seers: std::collections::BTreeSet<Uuid> = if mentions.is_empty() {
        Default::default()
    } else {
        view::access(&scope.app, &scope.reference, &scope.actor, id).await?.into_iter().map(|entry| entry.user.id.0).collect()
    };
    if let Some(index) = mentions.iter().position(|person| !seers.contains(person)) {
        // Whether the person doesn't exist or can't see the matter is not told apart.
        return Err(Error::field(format!("/mentions/{index}"), Code::UnknownUser));
    }
    let row = comment::Model {
        id: Uuid::now_v7(),
        matter_id: id,
        person_id: scope.actor.person_id(),
        unit_id: scope.actor.unit_id,
        own_unit_only,
        text: text.clone(),
        created_at: scope.app.time.now(),
    };
    row.clone().into_active_model().insert(&transaction).await?;
    if !own_unit_only {
        let (state, title) = (matter.state.clone(), matter.title.clone());
        let short: String = text.chars().take(60).collect();
        let unit = scope.reference.brief(scope.actor.unit_id);
        let me = scope.actor.person_id();
        let watchers_except = mentions.iter().copied().chain([me]).collect();
        let said = |kind: &str, persons: Vec<Uuid>, watchers: bool, except: Vec<Uuid>, zh: &str, en: &str| notice::New {
            audience: Vec::new(),
            persons,
            kind: kind.into(),
            text: t(
                &format!("{} {}在「{title}」中{zh}：{short}", unit.short_name, scope.actor.person.name),
                &format!("{} ({}) {en} “{title}”: {short}", scope.actor.person.name, unit.name_en),
            ),
            watchers,
            except,
        };
        let notices = vec![
            said("comment", mentions, false, vec![me], "提到您", "mentioned you in"),
            said("comment", Vec::new(), true, watchers_except, "留言", "commented on"),
        ];
        let work = Work::on(&scope.app, &transaction, &scope.reference, Loaded::around(&transaction, &scope.app, matter).await?);
        let entry = Entry {
            from_state: Some(state.clone()),
            to_state: Some(state),
            ..Entry::by(&scope.actor, "comment", scope.app.time.now(), json!({ "comment": row.id.to_string(), "digest": sm3_hex(text.as_bytes()) }))
        };
        let (_, change) = work.save(entry, notices).await?;
        transaction.commit().await?;
        crate::matter::apply::publish(&scope.app, vec![change]);
    } else {
        transaction.commit().await?;
    }
    Ok(HttpResponse::Created().json(CommentView {
        id: row.id.into(),
        text: row.text,
        person: scope.actor.person.name.clone(),
        unit: scope.reference.brief(scope.actor.unit_id),
        at: row.created_at,
    }))
}

/// Comments, visible to all who see the matter.
#[utoipa::path(params(Paging), responses((status = 200, body = Page<CommentView>), (status = 404, body = ProblemBody)), tag = "matters")]
#[get("/matters/{id}/comments")]
async fn comments(scope: Scope<MatterRead>, id: web::Path<Uuid>, paging: web::Query<Paging>) -> Result<web::Json<Page<CommentView>>> {
    Ok(web::Json(thread(&scope, *id, false, &paging).await?))
}

/// Comment, mentioning people who can see the matter.
#[utoipa::path(request_body = NewComment, responses((status = 201, body = CommentView), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "matters")]
#[post("/matters/{id}/comments")]
async fn add_comment(scope: Scope<MatterRead>, id: web::Path<Uuid>, body: web::Json<NewComment>) -> Result<HttpResponse> {
    let body = body.into_inner();
    say(&scope, *id, body.text, false, body.mentions.into_iter().map(|id| id.0).collect()).await
}

/// Notes of one's own unit, which nobody else sees.
#[utoipa::path(params(Paging), responses((status = 200, body = Page<CommentView>), (status = 404, body = ProblemBody)), tag = "matters")]
#[get("/matters/{id}/notes")]
async fn notes(scope: Scope<MatterRead>, id: web::Path<Uuid>, paging: web::Query<Paging>) -> Result<web::Json<Page<CommentView>>> {
    Ok(web::Json(thread(&scope, *id, true, &paging).await?))
}

/// Leave a note for one's own unit.
#[utoipa::path(request_body = NewNote, responses((status = 201, body = CommentView), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "matters")]
#[post("/matters/{id}/notes")]
async fn add_note(scope: Scope<MatterRead>, id: web::Path<Uuid>, body: web::Json<NewNote>) -> Result<HttpResponse> {
    say(&scope, *id, body.into_inner().text, true, Vec::new()).await
}

/// Links to matters the actor can see.
#[utoipa::path(responses((status = 200, body = Vec<LinkView>), (status = 404, body = ProblemBody)), tag = "matters")]
#[get("/matters/{id}/links")]
async fn links(scope: Scope<MatterRead>, id: web::Path<Uuid>) -> Result<web::Json<Vec<LinkView>>> {
    visible_matter(scope.app.db.read(), &scope.app, &scope.actor, *id, false).await?;
    Ok(web::Json(view::links(&scope.app, &scope.reference, &scope.actor, *id).await?))
}

/// Link two matters, both visible to the actor.
#[utoipa::path(request_body = NewLink, responses((status = 201, body = Vec<LinkView>), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "matters")]
#[post("/matters/{id}/links")]
async fn link(scope: Scope<MatterRead>, id: web::Path<Uuid>, body: web::Json<NewLink>) -> Result<HttpResponse> {
    const RELATIONS: &[&str] = &["derived_from", "same_subject", "duplicates", "evidence_for", "precedent"];
    if !RELATIONS.contains(&body.relation.as_str()) {
        return Err(Error::field("/relation", Code::Enumeration));
    }
    let transaction = scope.app.db.begin().await?;
    let matter = visible_matter(&transaction, &scope.app, &scope.actor, *id, true).await?;
    visible_matter(&transaction, &scope.app, &scope.actor, body.matter.0, false).await?;
    if body.matter.0 == *id {
        return Err(Error::field("/matter", Code::Duplicate));
    }
    let row = matter_link::Model {
        id: Uuid::now_v7(),
        from_id: *id,
        to_id: body.matter.0,
        relation: body.relation.clone(),
        created_by: scope.actor.person_id(),
        created_at: scope.app.time.now(),
    };
    let twice = matter_link::Entity::find()
        .filter(matter_link::Column::FromId.eq(row.from_id))
        .filter(matter_link::Column::ToId.eq(row.to_id))
        .filter(matter_link::Column::Relation.eq(row.relation.clone()))
        .one(&transaction)
        .await?;
    if twice.is_some() {
        return Err(Error::problem(Code::Duplicate));
    }
    row.into_active_model().insert(&transaction).await?;
    let state = matter.state.clone();
    let work = Work::on(&scope.app, &transaction, &scope.reference, Loaded::around(&transaction, &scope.app, matter).await?);
    let entry = Entry {
        from_state: Some(state.clone()),
        to_state: Some(state),
        ..Entry::by(&scope.actor, "link", scope.app.time.now(), json!({ "to": body.matter, "relation": body.relation }))
    };
    work.save(entry, Vec::new()).await?;
    transaction.commit().await?;
    Ok(HttpResponse::Created().json(view::links(&scope.app, &scope.reference, &scope.actor, *id).await?))
}

/// Be told of everything that happens to a matter.
#[utoipa::path(responses((status = 204), (status = 404, body = ProblemBody)), tag = "matters")]
#[post("/matters/{id}/watch")]
async fn start_watching(scope: Scope<MatterRead>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let transaction = scope.app.db.begin().await?;
    visible_matter(&transaction, &scope.app, &scope.actor, *id, false).await?;
    let key = (*id, scope.actor.person_id());
    if watch::Entity::find_by_id(key).one(&transaction).await?.is_none() {
        watch::Model { matter_id: key.0, person_id: key.1 }.into_active_model().insert(&transaction).await?;
    }
    transaction.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}

/// No longer.
#[utoipa::path(responses((status = 204), (status = 404, body = ProblemBody)), tag = "matters")]
#[delete("/matters/{id}/watch")]
async fn stop_watching(scope: Scope<MatterRead>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let transaction = scope.app.db.begin().await?;
    visible_matter(&transaction, &scope.app, &scope.actor, *id, false).await?;
    watch::Entity::delete_by_id((*id, scope.actor.person_id())).exec(&transaction).await?;
    transaction.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}
