//! `GET /stream`: what changed for this actor, as server-sent events (WHATWG HTML §9.2), resumable with `Last-Event-ID`.

use crate::{
    entity::event,
    error::Result,
    matter::{load::visible_matter, visible},
    scope::{self, MatterRead, Scope},
    state::Change,
};
use actix_web::{HttpRequest, HttpResponse, get, http::header, web};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use shared::kernel::role::Permission;
use std::{collections::VecDeque, time::Duration};
use tokio::{
    sync::{
        broadcast::{Receiver, error::RecvError},
        watch,
    },
    time::Instant,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

/// A client that missed more than this reloads what it shows.
const MISSED: usize = 200;
const HEARTBEAT: Duration = Duration::from_secs(15);
const RELOAD: &str = "event: reload\ndata: {}\n\n";

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(stream);
}

struct Stream {
    scope: Scope<MatterRead>,
    changes: Receiver<Change>,
    stopping: watch::Receiver<bool>,
    /// Missed since `Last-Event-ID`, oldest first.
    missed: VecDeque<(Uuid, Uuid)>,
    /// When the next heartbeat is due, whatever passes meanwhile.
    beat_at: Instant,
}

impl Stream {
    /// The next piece of text; none when the stream is over.
    async fn next(&mut self) -> Option<String> {
        while let Some((event, matter)) = self.missed.pop_front() {
            if self.sees(matter).await && self.may_still(matter).await? {
                return Some(said(event, matter, true));
            }
        }
        loop {
            // Asked first: a flow of changes that this actor doesn't see must not keep the heartbeat away.
            if Instant::now() >= self.beat_at {
                self.beat_at = Instant::now() + HEARTBEAT;
                self.renew().await?;
                return Some(": heartbeat\n\n".to_owned());
            }
            let next = tokio::select! {
                // The client connects again, to the node that comes up or to another.
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                next = tokio::time::timeout_at(self.beat_at, self.changes.recv()) => next,
            };
            match next {
                Err(_) => {}
                Ok(Err(RecvError::Closed)) => return None,
                // Too slow to follow.
                Ok(Err(RecvError::Lagged(_))) => {
                    self.renew().await?;
                    return Some(RELOAD.to_owned());
                }
                Ok(Ok(change)) => {
                    if self.conceivable(&change) && self.sees(change.matter).await && self.may_still(change.matter).await? {
                        let concerned = change.persons.contains(&self.scope.actor.person_id()) || change.units.contains(&self.scope.actor.unit_id);
                        return Some(said(change.event, change.matter, concerned));
                    }
                }
            }
        }
    }

    /// Whether the matter may be told to the actor as they are now; `None` ends the stream. Asked only of what would be told, so that
    /// what is not seen costs one query.
    async fn may_still(&mut self, matter: Uuid) -> Option<bool> {
        let (unit, roles) = (self.scope.actor.unit_id, self.scope.actor.roles.clone());
        self.renew().await?;
        let same = self.scope.actor.unit_id == unit && self.scope.actor.roles == roles;
        Some(same || self.sees(matter).await)
    }

    /// The actor as the database has them now; `None` when the session was ended or no longer allows this: what it may see is nothing.
    async fn renew(&mut self) -> Option<()> {
        let actor = scope::again(&self.scope.app, &self.scope.actor).await.ok()?;
        let may = actor.may(Permission::MatterRead) && !actor.person.must_change_password;
        self.scope.actor = actor;
        may.then_some(())
    }

    fn conceivable(&self, change: &Change) -> bool {
        let Some(kind) = change.kind.as_deref().filter(|_| !change.units.is_empty()) else { return true };
        visible::conceivable(&self.scope.app, &self.scope.actor, kind, &change.units)
    }

    async fn sees(&self, matter: Uuid) -> bool {
        visible_matter(self.scope.app.db.read(), &self.scope.app, &self.scope.actor, matter).await.is_ok()
    }
}

fn said(event: Uuid, matter: Uuid, concerned: bool) -> String {
    format!("id: {event}\nevent: matter\ndata: {{\"matter\":\"{matter}\",\"concerned\":{concerned}}}\n\n")
}

#[derive(serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Resume {
    /// The same as the header `Last-Event-ID`, for clients that read the stream by `fetch`.
    last_event_id: Option<Uuid>,
}

/// Server-sent events: ids of matters that changed and that this actor can see. `Last-Event-ID` brings what was missed; `reload`
/// tells to read everything shown again. A heartbeat every 15 seconds keeps proxies open. Ends with the session, which is asked for
/// before anything is told, and when the server stops.
#[utoipa::path(params(Resume), responses((status = 200, description = "Events", content_type = "text/event-stream"), (status = 401, body = shared::kernel::problem::ProblemBody)), tag = "notices")]
#[get("/stream")]
async fn stream(scope: Scope<MatterRead>, request: HttpRequest, query: web::Query<Resume>) -> Result<HttpResponse> {
    // Subscribed before looking back, so that nothing falls between.
    let changes = scope.app.changes.subscribe();
    let last = request
        .headers()
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<Uuid>().ok())
        .or(query.last_event_id);
    let mut missed = VecDeque::new();
    let mut first = ": connected\n\n";
    if let Some(last) = last {
        let rows: Vec<(Uuid, Option<Uuid>)> = event::Entity::find()
            .select_only()
            .columns([event::Column::Id, event::Column::MatterId])
            .filter(event::Column::JurisdictionId.eq(scope.actor.jurisdiction_id))
            .filter(event::Column::Id.gt(last))
            .filter(event::Column::MatterId.is_not_null())
            .order_by_asc(event::Column::Id)
            .limit(MISSED as u64 + 1)
            .into_tuple()
            .all(scope.app.db.read())
            .await?;
        if rows.len() > MISSED {
            first = RELOAD;
        } else {
            missed.extend(rows.into_iter().filter_map(|(event, matter)| Some((event, matter?))));
        }
    }
    let stopping = scope.app.stopping.subscribe();
    let start = Stream { scope, changes, stopping, missed, beat_at: Instant::now() + HEARTBEAT };
    let greeting = futures_util::stream::once(async move { Ok::<_, actix_web::Error>(web::Bytes::from_static(first.as_bytes())) });
    let rest = futures_util::stream::unfold(start, |mut stream| async move {
        // An answer's body is made after the request, by the worker.
        let lasting = stream.scope.app.lasting.clone();
        let text = crate::lasting::within(&lasting, stream.next()).await?;
        Some((Ok::<_, actix_web::Error>(web::Bytes::from(text)), stream))
    });
    Ok(HttpResponse::Ok()
        // A connection kept for another request would keep a stopping server for seconds.
        .force_close()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header(("x-accel-buffering", "no"))
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .streaming(futures_util::StreamExt::chain(greeting, rest)))
}
