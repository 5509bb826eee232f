//! How many requests are worked on at once. Beyond what the database can do, more at once make each slower and none faster; and who waits
//! too long asks again. So some are worked on, some wait for a moment, and all others are told at once when to come back.

use super::operation::is_operational;
use crate::{error::Error, once::LONGEST};
use actix_web::{
    HttpMessage, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::Next,
    web::{self, Bytes, BytesMut},
};
use futures_util::StreamExt;
use shared::kernel::problem::Code;
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Four for each connection to PostgreSQL: while some wait for it, others are read or written.
const AT_ONCE: usize = 64;
/// Less than a second of work.
const WAITING: usize = 192;
/// A whole body of JSON comes within this, or it is somebody who holds on to a place.
const BODY_WITHIN: Duration = Duration::from_secs(20);

/// The places of this node, shared by its workers.
pub struct Admission {
    places: Semaphore,
    waiting: AtomicUsize,
}

impl Default for Admission {
    fn default() -> Self {
        Self { places: Semaphore::new(AT_ONCE), waiting: AtomicUsize::new(0) }
    }
}

impl Admission {
    async fn place(&self) -> Option<SemaphorePermit<'_>> {
        if let Ok(place) = self.places.try_acquire() {
            return Some(place);
        }
        let waiting = Waiting::with(&self.waiting);
        if waiting.before > WAITING {
            return None;
        }
        self.places.acquire().await.ok()
    }
}

/// One more who waits, until dropped: also when the client goes away.
struct Waiting<'a> {
    all: &'a AtomicUsize,
    before: usize,
}

impl<'a> Waiting<'a> {
    fn with(all: &'a AtomicUsize) -> Self {
        Self { all, before: all.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.all.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Lets a request in when there is a place. Its body has come by then: nobody holds one while typing. Files come while they are stored, and
/// take a place of the database only for a moment.
pub async fn admitted(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let admission = request.app_data::<web::Data<Admission>>().cloned();
    let concerned = request.path().starts_with("/api/") && !is_operational(request.path()) && !is(&request, "multipart/");
    let Some(admission) = admission.filter(|_| concerned) else { return Ok(next.call(request).await?.map_into_boxed_body()) };
    let mutating = matches!(*request.method(), Method::POST | Method::PATCH | Method::PUT | Method::DELETE);
    if mutating && is(&request, "application/json") {
        match tokio::time::timeout(BODY_WITHIN, whole(request.take_payload())).await {
            Ok(Ok(bytes)) => request.set_payload(Payload::from(bytes)),
            Ok(Err(code)) => return Ok(refuse(request, Error::problem(code))),
            Err(_) => {
                let mut response = refuse(request, Error::problem(Code::Malformed));
                // What else comes on this connection is the rest of that body.
                response.response_mut().head_mut().set_connection_type(actix_web::http::ConnectionType::Close);
                return Ok(response);
            }
        }
    }
    let Some(_place) = admission.place().await else { return Ok(refuse(request, Error::retry_after(Code::Unavailable, 1))) };
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn is(request: &ServiceRequest, kind: &str) -> bool {
    request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|value| value.starts_with(kind))
}

/// A body as it came, perhaps packed.
async fn whole(mut payload: Payload) -> Result<Bytes, Code> {
    let mut bytes = BytesMut::new();
    while let Some(part) = payload.next().await {
        bytes.extend_from_slice(&part.map_err(|_| Code::Malformed)?);
        if bytes.len() > LONGEST {
            return Err(Code::BodyTooLarge);
        }
    }
    Ok(bytes.freeze())
}

fn refuse(request: ServiceRequest, error: Error) -> ServiceResponse<BoxBody> {
    request.into_response(error.error_response())
}
