//! What hangs on a matter: comments, notes of one's own unit, links, watching. All through its visibility.

use super::{input::Body, matters::Paging};
use crate::{
    audit::{Entry, sm3_hex},
    entity::{comment, matter_link, watch},
    error::{Error, Result},
    matter::{
        list,
        load::{self, visible_matter},
        save::Work,
        view,
    },
    notice,
    scope::{MatterRead, Scope},
};
use actix_web::{HttpResponse, delete, get, post, web};
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

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(comments)
        .service(add_comment)
        .service(notes)
        .service(add_note)
        .service(links)
        .service(link)
        .service(start_watching)
        .service(stop_watching);
}

async fn thread(scope: &Scope<MatterRead>, id: Uuid, own_unit_only: bool, paging: &Paging) -> Result<Page<CommentView>> {
    visible_matter(scope.app.db.read(), &scope.app, &scope.actor, id).await?;
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
    let persons = scope.reference.persons(scope.app.db.read(), rows.iter().map(|row| row.person_id)).await?;
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
    let loaded = load::visible_for_change(&transaction, &scope.app, &scope.actor, id).await?;
    if !own_unit_only && !loaded.is_party(scope.actor.unit_id) {
        return Err(Error::problem(Code::PermissionDenied));
    }
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
        id: crate::ids::next(),
        matter_id: id,
        person_id: scope.actor.person_id(),
        unit_id: scope.actor.unit_id,
        own_unit_only,
        text: text.clone(),
        created_at: scope.app.time.now(),
    };
    row.clone().into_active_model().insert(&transaction).await?;
    if !own_unit_only {
        let (state, title) = (loaded.matter.state.clone(), loaded.matter.title.clone());
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
        let work = Work::on(&scope.app, &transaction, &scope.reference, loaded);
        let entry = Entry {
            from_state: Some(state.clone()),
            to_state: Some(state),
            ..Entry::by(&scope.actor, "comment", scope.app.time.now(), json!({ "comment": row.id.to_string(), "digest": sm3_hex(text.as_bytes()) }))
        };
        let (_, change) = work.save(entry, notices);
        scope.app.db.commit(transaction).await?;
        crate::matter::apply::publish(&scope.app, vec![change]);
    } else {
        scope.app.db.commit(transaction).await?;
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

/// Comment as one who takes part, mentioning people who can see the matter.
#[utoipa::path(request_body = NewComment, responses((status = 201, body = CommentView), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "matters")]
#[post("/matters/{id}/comments")]
async fn add_comment(scope: Scope<MatterRead>, id: web::Path<Uuid>, body: Body<NewComment>) -> Result<HttpResponse> {
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
async fn add_note(scope: Scope<MatterRead>, id: web::Path<Uuid>, body: Body<NewNote>) -> Result<HttpResponse> {
    say(&scope, *id, body.into_inner().text, true, Vec::new()).await
}

/// Links to matters the actor can see, oldest first.
#[utoipa::path(params(Paging), responses((status = 200, body = Page<LinkView>), (status = 404, body = ProblemBody)), tag = "matters")]
#[get("/matters/{id}/links")]
async fn links(scope: Scope<MatterRead>, id: web::Path<Uuid>, paging: web::Query<Paging>) -> Result<web::Json<Page<LinkView>>> {
    let limit = list::limit(paging.limit.as_deref())?;
    let read = scope.app.db.read();
    visible_matter(read, &scope.app, &scope.actor, *id).await?;
    Ok(web::Json(view::links(read, &scope.app, &scope.reference, &scope.actor, *id, paging.cursor.as_deref(), limit).await?))
}

/// Link two matters, both visible to the actor.
#[utoipa::path(request_body = NewLink, responses((status = 201, body = Page<LinkView>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "matters")]
#[post("/matters/{id}/links")]
async fn link(scope: Scope<MatterRead>, id: web::Path<Uuid>, body: Body<NewLink>) -> Result<HttpResponse> {
    const RELATIONS: &[&str] = &["derived_from", "same_subject", "duplicates", "evidence_for", "precedent"];
    if !RELATIONS.contains(&body.relation.as_str()) {
        return Err(Error::field("/relation", Code::Enumeration));
    }
    let transaction = scope.app.db.begin().await?;
    let loaded = load::visible_for_change(&transaction, &scope.app, &scope.actor, *id).await?;
    visible_matter(&transaction, &scope.app, &scope.actor, body.matter.0).await?;
    if !loaded.is_party(scope.actor.unit_id) {
        return Err(Error::problem(Code::PermissionDenied));
    }
    if body.matter.0 == *id {
        return Err(Error::field("/matter", Code::Duplicate));
    }
    let row = matter_link::Model {
        id: crate::ids::next(),
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
    let state = loaded.matter.state.clone();
    let work = Work::on(&scope.app, &transaction, &scope.reference, loaded);
    let entry = Entry {
        from_state: Some(state.clone()),
        to_state: Some(state),
        ..Entry::by(&scope.actor, "link", scope.app.time.now(), json!({ "to": body.matter, "relation": body.relation }))
    };
    work.save(entry, Vec::new());
    scope.app.db.commit(transaction).await?;
    let shown = view::links(scope.app.db.read(), &scope.app, &scope.reference, &scope.actor, *id, None, list::DEFAULT_LIMIT).await?;
    Ok(HttpResponse::Created().json(shown))
}

/// Be told of everything that happens to a matter.
#[utoipa::path(responses((status = 204), (status = 404, body = ProblemBody)), tag = "matters")]
#[post("/matters/{id}/watch")]
async fn start_watching(scope: Scope<MatterRead>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let transaction = scope.app.db.begin().await?;
    visible_matter(&transaction, &scope.app, &scope.actor, *id).await?;
    let key = (*id, scope.actor.person_id());
    if watch::Entity::find_by_id(key).one(&transaction).await?.is_none() {
        watch::Model { matter_id: key.0, person_id: key.1 }.into_active_model().insert(&transaction).await?;
    }
    scope.app.db.commit(transaction).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// No longer.
#[utoipa::path(responses((status = 204), (status = 404, body = ProblemBody)), tag = "matters")]
#[delete("/matters/{id}/watch")]
async fn stop_watching(scope: Scope<MatterRead>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let transaction = scope.app.db.begin().await?;
    visible_matter(&transaction, &scope.app, &scope.actor, *id).await?;
    watch::Entity::delete_by_id((*id, scope.actor.person_id())).exec(&transaction).await?;
    scope.app.db.commit(transaction).await?;
    Ok(HttpResponse::NoContent().finish())
}
