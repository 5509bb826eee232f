//! Scope: the actor's key to the database. A handler gets one only by extraction, which has authenticated the person,
//! resolved unit and jurisdiction and checked the permission named by `P`. Without it there is no query.

use crate::{
    db::{columns, statement},
    entity::person,
    error::{Error, Result},
    reference::Reference,
    state::App,
};
use actix_web::{
    FromRequest, HttpMessage, HttpRequest, ResponseError,
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
    web,
};
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult};
use shared::kernel::{
    problem::Code,
    role::{Permission, Role},
    workflow::ActorFacts,
};
use std::{future::Future, marker::PhantomData, pin::Pin, sync::Arc};
use uuid::Uuid;

/// Who acts: a person in a unit, perhaps on behalf of another.
#[derive(Debug, Clone)]
pub struct Actor {
    pub(crate) person: person::Model,
    /// The person away whose duties are done, with their unit and roles.
    pub(crate) on_behalf_of: Option<person::Model>,
    pub unit_id: Uuid,
    pub unit_code: String,
    pub unit_kind: String,
    pub linkage_office: bool,
    pub jurisdiction_id: Uuid,
    pub roles: Vec<Role>,
    pub session_id: Uuid,
    pub address: Option<String>,
}

impl Actor {
    pub fn may(&self, permission: Permission) -> bool {
        self.roles.iter().any(|role| role.permissions().contains(&permission))
    }

    pub fn facts(&self) -> ActorFacts {
        ActorFacts {
            unit: self.unit_code.clone(),
            unit_kind: self.unit_kind.clone(),
            roles: self.roles.clone(),
            linkage_office: self.linkage_office,
            system: false,
        }
    }

    pub(crate) fn person_id(&self) -> Uuid {
        self.person.id
    }
}

/// The permission a request needs.
pub trait Needs {
    /// `None`: being signed in is enough.
    const PERMISSION: Option<Permission>;
    /// May be used before an issued password was changed.
    const BEFORE_PASSWORD_CHANGE: bool = false;
    /// May be used by an administrator who hasn't set up one-time codes yet.
    const BEFORE_TOTP: bool = false;
}

macro_rules! needs {
    ($($name:ident),* $(,)?) => {$(
        pub struct $name;
        impl Needs for $name {
            const PERMISSION: Option<Permission> = Some(Permission::$name);
        }
    )*};
}

needs! { MatterRead, MatterCreate, StatsRead, UserManage, UnitManage, ParameterManage, SessionRevoke, AuditRead, AuditExport }

/// Signed in, whatever the role.
pub struct SignedIn;
impl Needs for SignedIn {
    const PERMISSION: Option<Permission> = None;
}

/// Signed in, even with an issued password that must be changed first.
pub struct JustSignedIn;
impl Needs for JustSignedIn {
    const PERMISSION: Option<Permission> = None;
    const BEFORE_PASSWORD_CHANGE: bool = true;
    const BEFORE_TOTP: bool = true;
}

/// Signed in with one's own password, perhaps still without the one-time codes an administrator needs.
pub struct SettlingIn;
impl Needs for SettlingIn {
    const PERMISSION: Option<Permission> = None;
    const BEFORE_TOTP: bool = true;
}

pub struct Scope<P> {
    pub app: Arc<App>,
    pub actor: Actor,
    pub(crate) reference: Arc<Reference>,
    needs: PhantomData<P>,
}

impl<P: Needs> FromRequest for Scope<P> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let app = request
                .app_data::<web::Data<App>>()
                .map(|data| data.clone().into_inner())
                .ok_or_else(|| Error::Other("no application state".into()))?;
            let earlier = request.extensions_mut().remove::<Authenticated>();
            let (actor, reference) = match earlier {
                Some(Authenticated(outcome)) => outcome?,
                None => authenticate(&app, &request).await?,
            };
            if actor.person.must_change_password && !P::BEFORE_PASSWORD_CHANGE {
                return Err(Error::problem(Code::PasswordChangeRequired));
            }
            if !P::BEFORE_TOTP && crate::auth::must_set_up_totp(&app, &actor.person) {
                return Err(Error::problem(Code::OtpSetupRequired));
            }
            if let Some(permission) = P::PERMISSION
                && !actor.may(permission)
            {
                return Err(Error::detailed(Code::PermissionDenied, permission.code()));
            }
            Ok(Self { app, actor, reference, needs: PhantomData })
        })
    }
}

/// The outcome of signing in, kept for the extractor of [`Scope`].
struct Authenticated(Result<(Actor, Arc<Reference>)>);

/// Finds out who asks before anything else of the request is read. Extractors run side by side: without this, a body that can't be
/// read would be answered before the question whether its sender may send one at all.
pub async fn known(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> std::result::Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    // No text of the product has a zero byte, and PostgreSQL has none either.
    // A cursor is in hexadecimal and has its own code.
    if request.query_string().split('&').any(|pair| pair.contains("%00") && !pair.starts_with("cursor=")) {
        return Ok(request.into_response(Error::problem(Code::QueryInvalid).error_response()).map_into_boxed_body());
    }
    let app = request.app_data::<web::Data<App>>().cloned();
    if let Some(app) = app.filter(|_| request.headers().contains_key(header::AUTHORIZATION)) {
        let outcome = authenticate(&app, request.request()).await;
        request.extensions_mut().insert(Authenticated(outcome));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

async fn authenticate(app: &App, request: &HttpRequest) -> Result<(Actor, Arc<Reference>)> {
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = match header {
        Some(value) => value.strip_prefix("Bearer ").ok_or_else(|| Error::problem(Code::TokenInvalid))?,
        None => return Err(Error::problem(Code::SignInRequired)),
    };
    let now = app.time.now();
    // Only that the signature is good is remembered; whether the session is open is asked anew.
    let claims = match app.tokens.get(token) {
        Some(claims) if claims.exp + 5 >= now.timestamp() => claims,
        _ => {
            let claims = app.keys.verify(token, now)?;
            app.tokens.insert(token.to_owned(), claims.clone());
            claims
        }
    };
    let denied = || Error::problem(Code::PermissionDenied);
    let away = match request.headers().get("x-on-behalf-of").and_then(|value| value.to_str().ok()) {
        Some(id) => Some(id.parse::<Uuid>().map_err(|_| denied())?),
        None => None,
    };
    acting(app, claims.sub, claims.sid, away, crate::http::address(request)).await
}

/// The same actor as the database has them now: session open, still active, with today's unit, roles and delegation.
pub(crate) async fn again(app: &App, actor: &Actor) -> Result<Actor> {
    let away = actor.on_behalf_of.as_ref().map(|person| person.id);
    Ok(acting(app, actor.person.id, actor.session_id, away, actor.address.clone()).await?.0)
}

async fn acting(app: &App, person: Uuid, session: Uuid, away: Option<Uuid>, address: Option<String>) -> Result<(Actor, Arc<Reference>)> {
    // One read for session and person, with every request: an ended session's tokens stop with the next one, on every node. It tells, too,
    // whether the units and the calendar in memory are the current ones.
    let sql = format!(
        "SELECT {}, j.reference_version FROM session s JOIN person p ON p.id = s.person_id JOIN jurisdiction j ON j.id = p.jurisdiction_id
         WHERE s.id = ? AND p.id = ? AND s.revoked_at IS NULL AND p.active",
        columns::<person::Entity>("p")
    );
    let row = app
        .db
        .read()
        .query_one_raw(statement(app.db.backend(), &sql, vec![session.into(), person.into()]))
        .await?
        .ok_or_else(|| Error::problem(Code::TokenInvalid))?;
    let (person, version) = (person::Model::from_query_result(&row, "")?, row.try_get("", "reference_version")?);
    let away = match away {
        Some(id) => Some(person_away(app, &person, id).await?),
        None => None,
    };
    let duty = away.as_ref().unwrap_or(&person);
    let reference = app.reference_at(person.jurisdiction_id, version).await?;
    let unit = reference.unit(duty.unit_id).ok_or_else(|| Error::problem(Code::TokenInvalid))?;
    let mut roles = roles_of(duty);
    if away.is_some() {
        // Administration is personal and can't be delegated.
        roles.retain(|role| !role.is_administration());
    }
    let actor = Actor {
        unit_id: unit.id,
        unit_code: unit.code.clone(),
        unit_kind: unit.kind.clone(),
        linkage_office: unit.linkage_office,
        jurisdiction_id: person.jurisdiction_id,
        roles,
        session_id: session,
        address,
        on_behalf_of: away,
        person,
    };
    Ok((actor, reference))
}

/// The person away, when a delegation covers today and both are of one unit still.
async fn person_away(app: &App, deputy: &person::Model, id: Uuid) -> Result<person::Model> {
    let today = app.time.today();
    let sql = format!(
        "SELECT {} FROM delegation d JOIN person p ON p.id = d.person_id WHERE d.person_id = ? AND d.deputy_id = ?
         AND d.revoked_at IS NULL AND d.starts_on <= ? AND d.ends_on >= ? AND p.active AND p.unit_id = ? LIMIT 1",
        columns::<person::Entity>("p")
    );
    let values = vec![id.into(), deputy.id.into(), today.into(), today.into(), deputy.unit_id.into()];
    person::Entity::find()
        .from_raw_sql(statement(app.db.backend(), &sql, values))
        .one(app.db.read())
        .await?
        .ok_or_else(|| Error::problem(Code::PermissionDenied))
}

pub(crate) fn roles_of(person: &person::Model) -> Vec<Role> {
    roles_in(&person.roles)
}

pub(crate) fn roles_in(codes: &serde_json::Value) -> Vec<Role> {
    codes.as_array().map(|roles| roles.iter().filter_map(|role| Role::from_code(role.as_str()?)).collect()).unwrap_or_default()
}
