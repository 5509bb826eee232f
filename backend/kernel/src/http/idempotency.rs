//! `Idempotency-Key` on every mutating call: the same key gives the same answer and one effect; with another body it is refused.
//! The key is reserved before the work and filled with the answer after it, so that two at once can't both act.

use super::ShownOnce;
use crate::{audit::sm3_hex, db::statement, entity::idempotency, error::Error, state::App};
use actix_web::{
    HttpResponse,
    body::{MessageBody, to_bytes},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{Method, StatusCode, header},
    middleware::Next,
    web,
};
use sea_orm::{ConnectionTrait, EntityTrait};
use shared::kernel::problem::Code;
use uuid::Uuid;

const KEPT_BODY: usize = 1_048_576;

pub async fn once(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mutating = matches!(*request.method(), Method::POST | Method::PATCH | Method::PUT | Method::DELETE);
    let key = request.headers().get("idempotency-key").cloned();
    let (true, Some(key)) = (mutating, key) else { return Ok(next.call(request).await?.map_into_boxed_body()) };
    let key = key.to_str().ok().filter(|key| (8..=100).contains(&key.len())).map(str::to_owned);
    let Some(key) = key else { return Ok(refuse(request, Error::problem(Code::IdempotencyKeyInvalid))) };
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else { return Ok(next.call(request).await?.map_into_boxed_body()) };
    let person = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .and_then(|token| app.keys.verify(token, app.time.now()).ok())
        .map(|claims| claims.sub);
    // Without a valid sign-in there is nothing to repeat: the handler will answer 401.
    let Some(person) = person else { return Ok(next.call(request).await?.map_into_boxed_body()) };
    let json =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|kind| kind.starts_with("application/json"));
    let mut fingerprint = format!("{} {}", request.method(), request.path());
    if json {
        let bytes = match request.extract::<web::Bytes>().await {
            Ok(bytes) if bytes.len() <= KEPT_BODY => bytes,
            _ => return Ok(refuse(request, Error::problem(Code::BodyTooLarge))),
        };
        fingerprint.push_str(&sm3_hex(&bytes));
        request.set_payload(Payload::from(bytes));
    } else {
        fingerprint.push_str(request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()).unwrap_or_default());
    }
    match reserve(&app, person, &key, &fingerprint).await {
        Ok(None) => {}
        Ok(Some(earlier)) => {
            let response = if earlier.fingerprint != fingerprint {
                Error::problem(Code::IdempotencyBodyDiffers).into_response()
            } else if earlier.status == 0 {
                // The first one is still being worked on.
                Error::retry_after(Code::Unavailable, 1).into_response()
            } else {
                let status = u16::try_from(earlier.status).ok().and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
                let kind = if status.is_success() { "application/json" } else { "application/problem+json" };
                HttpResponse::build(status).insert_header(("idempotency-replayed", "true")).content_type(kind).body(earlier.body)
            };
            return Ok(request.into_response(response).map_into_boxed_body());
        }
        Err(error) => return Ok(refuse(request, error)),
    }
    let response = next.call(request).await?;
    let status = response.status();
    let secret = response.response().extensions().contains::<ShownOnce>();
    let (head, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let bytes = to_bytes(body).await.map_err(|_| Error::Other("answer body".into()))?;
    if let Err(error) = settle(&app, person, &key, status, &bytes, secret).await {
        tracing::error!(%error, "idempotency answer not kept");
    }
    Ok(ServiceResponse::new(head, response.set_body(bytes).map_into_boxed_body()))
}

impl Error {
    fn into_response(self) -> HttpResponse {
        actix_web::ResponseError::error_response(&self)
    }
}

fn refuse(request: ServiceRequest, error: Error) -> ServiceResponse {
    request.into_response(error.into_response())
}

/// The earlier use of a key, or `None` when it is now reserved for this request.
async fn reserve(app: &App, person: Uuid, key: &str, fingerprint: &str) -> Result<Option<idempotency::Model>, Error> {
    let transaction = app.db.begin().await?;
    let done = transaction
        .execute_raw(statement(
            app.db.backend(),
            "INSERT INTO idempotency (person_id, key, fingerprint, status, body, created_at) VALUES (?, ?, ?, 0, '', ?) ON CONFLICT (person_id, key) DO NOTHING",
            vec![person.into(), key.to_owned().into(), fingerprint.to_owned().into(), app.time.now().into()],
        ))
        .await?;
    transaction.commit().await?;
    if done.rows_affected() == 1 {
        return Ok(None);
    }
    Ok(idempotency::Entity::find_by_id((person, key.to_owned())).one(app.db.read()).await?)
}

/// Keeps the answer; a server fault frees the key, so that the client may try again. An answer with a first password is never
/// kept: what it did refuses to be done twice by itself.
async fn settle(app: &App, person: Uuid, key: &str, status: StatusCode, body: &[u8], secret: bool) -> Result<(), Error> {
    let transaction = app.db.begin().await?;
    if secret || status.is_server_error() || body.len() > KEPT_BODY {
        idempotency::Entity::delete_by_id((person, key.to_owned())).exec(&transaction).await?;
    } else {
        transaction
            .execute_raw(statement(
                app.db.backend(),
                "UPDATE idempotency SET status = ?, body = ? WHERE person_id = ? AND key = ?",
                vec![i64::from(status.as_u16()).into(), String::from_utf8_lossy(body).into_owned().into(), person.into(), key.to_owned().into()],
            ))
            .await?;
    }
    transaction.commit().await?;
    Ok(())
}
