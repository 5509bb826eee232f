//! The general rate limit: one bucket for each session, or for each address without one. Signing in has its own, slower one.

use super::{address, operation::is_operational};
use crate::{error::Error, state::App};
use actix_web::{
    ResponseError,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
    web,
};
use governor::{
    DefaultKeyedRateLimiter, Quota,
    clock::{Clock, DefaultClock},
};
use shared::kernel::problem::Code;
use std::{
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
};

/// Buckets of all workers of this node.
pub struct Limiter {
    buckets: DefaultKeyedRateLimiter<String>,
    checks: AtomicU32,
}

impl Limiter {
    /// A full bucket holds `burst` requests and fills with `per_second`.
    pub fn new(per_second: NonZeroU32, burst: NonZeroU32) -> Self {
        Self { buckets: DefaultKeyedRateLimiter::dashmap(Quota::per_second(per_second).allow_burst(burst)), checks: AtomicU32::new(0) }
    }

    /// Seconds to wait, when there is nothing left.
    fn refused(&self, key: &String) -> Option<i64> {
        // Full buckets say nothing and are dropped now and then, so that addresses don't pile up.
        if self.checks.fetch_add(1, Ordering::Relaxed) % 8192 == 8191 {
            self.buckets.retain_recent();
        }
        let until = self.buckets.check_key(key).err()?;
        let wait = until.wait_time_from(DefaultClock::default().now());
        Some(i64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(i64::MAX))
    }
}

pub async fn limited(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    if let Some(limiter) = request.app_data::<web::Data<Limiter>>()
        && !is_operational(request.path())
        && let Some(seconds) = limiter.refused(&key(&request))
    {
        let refusal = Error::retry_after(Code::TooManyRequests, seconds).error_response();
        return Ok(request.into_response(refusal).map_into_boxed_body());
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Only a token that verifies names a session: made-up ones count for the address they come from.
fn key(request: &ServiceRequest) -> String {
    let token = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
    let app = request.app_data::<web::Data<App>>();
    let session = token.zip(app).and_then(|(token, app)| {
        let claims = app.tokens.get(token).or_else(|| app.keys.verify(token, app.time.now()).ok())?;
        Some(claims.sid)
    });
    session.map_or_else(|| format!("address {}", address(request.request()).unwrap_or_default()), |session| session.to_string())
}
