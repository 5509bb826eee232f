//! `Idempotency-Key` on every mutating call: the same key gives the same answer and one effect; with another body it is refused.
//! What is kept, and when, is [`crate::once`].

use super::ShownOnce;
use crate::{
    audit::sm3_hex,
    error::Error,
    once::{Answer, LONGEST, Use},
    state::App,
};
use actix_web::{
    HttpResponse,
    body::{BoxBody, MessageBody, to_bytes},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{Method, StatusCode, header},
    middleware::Next,
    web,
};
use shared::kernel::problem::Code;
use std::sync::Arc;

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
    let away = request.headers().get("x-on-behalf-of").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut fingerprint = format!("{away} {} {} ", request.method(), request.uri());
    if json {
        let bytes = match request.extract::<web::Bytes>().await {
            Ok(bytes) if bytes.len() <= LONGEST => bytes,
            _ => return Ok(refuse(request, Error::problem(Code::BodyTooLarge))),
        };
        fingerprint.push_str(&sm3_hex(&bytes));
        // They are unpacked by now.
        request.headers_mut().remove(header::CONTENT_ENCODING);
        request.set_payload(Payload::from(bytes));
    } else {
        fingerprint.push_str(request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()).unwrap_or_default());
    }
    let using = Arc::new(Use::new(person, key, fingerprint, app.time.now()));
    let response = using.scope(next.call(request)).await?;
    let status = response.status();
    // What failed may have failed because the same request had been served already.
    if !status.is_success() && status != StatusCode::UNAUTHORIZED {
        match using.earlier(&app.db).await {
            Ok(Some(earlier)) => return Ok(instead(response, earlier)),
            Ok(None) => {}
            // Nobody can tell now; a failure that says to come again says it already.
            Err(error) if !status.is_server_error() => return Ok(instead(response, actix_web::ResponseError::error_response(&error))),
            Err(error) => tracing::warn!(%error, "whether the request was served before"),
        }
    }
    // Who is not signed in gets no kept answer, and leaves none.
    if status.is_server_error() || status == StatusCode::UNAUTHORIZED {
        return Ok(response.map_into_boxed_body());
    }
    let secret = response.response().extensions().contains::<ShownOnce>();
    let (head, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body).await else {
        let lost = actix_web::ResponseError::error_response(&Error::Other("answer body".into()));
        return Ok(ServiceResponse::new(head, lost));
    };
    let answer = (!secret).then(|| Answer::of(status, response.headers(), &bytes));
    let given = ServiceResponse::new(head, response.set_body(bytes).map_into_boxed_body());
    match using.settle(&app.db, answer).await {
        Ok(None) => Ok(given),
        Ok(Some(earlier)) => Ok(instead(given, earlier)),
        Err(error) => {
            tracing::error!(%error, "idempotency answer not kept");
            Ok(given)
        }
    }
}

fn instead<B>(response: ServiceResponse<B>, earlier: HttpResponse) -> ServiceResponse<BoxBody> {
    let (head, _) = response.into_parts();
    ServiceResponse::new(head, earlier)
}

fn refuse(request: ServiceRequest, error: Error) -> ServiceResponse {
    request.into_response(actix_web::ResponseError::error_response(&error))
}
