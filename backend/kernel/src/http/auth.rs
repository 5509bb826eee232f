//! `/auth` and `/me`: sign-in, tokens, one's own account.

use super::input::Body;
use crate::{
    auth::{self, Origin, Signed},
    entity::session,
    error::{Error, Result},
    people,
    reference::Reference,
    scope::{Actor, JustSignedIn, Scope, SettlingIn, SignedIn, roles_of},
    state::App,
};
use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    get,
    http::header::{self, HeaderName},
    patch, post, web,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Set};
use shared::kernel::{api::*, problem::Code, problem::ProblemBody};
use utoipa_actix_web::service_config::ServiceConfig;

const COOKIE: &str = "liandong_refresh";

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(login)
        .service(refresh)
        .service(logout)
        .service(password)
        .service(me)
        .service(change_me)
        .service(sessions)
        .service(start_totp)
        .service(confirm_totp);
}

fn origin(request: &HttpRequest) -> Origin {
    Origin {
        address: super::address(request).unwrap_or_default(),
        agent: request.headers().get("user-agent").and_then(|value| value.to_str().ok()).map(str::to_owned),
    }
}

/// The refresh token lives where scripts can't read it and other sites can't send it.
fn cookie(value: &str, secure: bool, seconds: i64) -> Cookie<'static> {
    Cookie::build(COOKIE, value.to_owned())
        .path("/api/v1/auth")
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Strict)
        .max_age(Duration::seconds(seconds))
        .finish()
}

async fn signed_in(app: &App, request: &HttpRequest, signed: Signed) -> Result<HttpResponse> {
    let reference = app.reference(signed.person.jurisdiction_id).await?;
    let unit = reference.unit(signed.person.unit_id).ok_or_else(|| Error::problem(Code::CredentialsInvalid))?;
    let actor = Actor {
        roles: roles_of(&signed.person),
        unit_id: unit.id,
        unit_code: unit.code.clone(),
        unit_kind: unit.kind.clone(),
        linkage_office: unit.linkage_office,
        jurisdiction_id: signed.person.jurisdiction_id,
        session_id: uuid::Uuid::nil(),
        address: None,
        on_behalf_of: None,
        person: signed.person,
    };
    let user = people::me(app, &reference, &actor).await?;
    let secure = request.connection_info().scheme() == "https";
    let body = LoginResponse { access_token: signed.access, token_type: "Bearer".into(), expires_in: auth::ACCESS_SECONDS.unsigned_abs(), user };
    Ok(HttpResponse::Ok().cookie(cookie(&signed.refresh, secure, 14 * 86_400)).json(body))
}

/// Sign in.
#[utoipa::path(request_body = LoginRequest, responses((status = 200, body = LoginResponse), (status = 401, body = ProblemBody), (status = 422, body = ProblemBody), (status = 429, body = ProblemBody)), tag = "auth")]
#[post("/auth/login")]
async fn login(app: web::Data<App>, request: HttpRequest, body: Body<LoginRequest>) -> Result<HttpResponse> {
    let signed = auth::login(&app, &body.username, &body.password, body.otp.as_deref(), &origin(&request)).await?;
    signed_in(&app, &request, signed).await
}

/// Whether a browser says that a page of another origin has sent this. Who is no browser says nothing, and has no cookie by accident.
fn from_elsewhere(request: &HttpRequest) -> bool {
    let text = |name: HeaderName| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    match (text(HeaderName::from_static("sec-fetch-site")), text(header::ORIGIN)) {
        // Right behind every proxy, whatever name it asks by (W3C Fetch Metadata).
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin.split_once("://").is_none_or(|(_, host)| !host.eq_ignore_ascii_case(&super::host(request))),
        (None, None) => false,
    }
}

/// A new pair of tokens for the refresh cookie, which is used up. 403 for pages of another origin.
#[utoipa::path(responses((status = 200, body = LoginResponse), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)), tag = "auth")]
#[post("/auth/refresh")]
async fn refresh(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    // The cookie is the one thing that a browser adds by itself: `SameSite` keeps other sites out, this keeps its neighbours out.
    if from_elsewhere(&request) {
        return Err(Error::detailed(Code::PermissionDenied, "another_site"));
    }
    let token = request.cookie(COOKIE).ok_or_else(|| Error::problem(Code::SignInRequired))?;
    let signed = auth::refresh(&app, token.value()).await?;
    signed_in(&app, &request, signed).await
}

/// End this session, or all of them.
#[utoipa::path(request_body = LogoutRequest, responses((status = 204), (status = 401, body = ProblemBody)), tag = "auth")]
#[post("/auth/logout")]
async fn logout(scope: Scope<JustSignedIn>, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse> {
    let everywhere = super::input::optional::<LogoutRequest>(&body)?.everywhere;
    let transaction = scope.app.db.begin().await?;
    let which = if everywhere { auth::Sessions::All } else { auth::Sessions::Only(scope.actor.session_id) };
    auth::end_sessions(&transaction, &scope.app, scope.actor.person.id, which).await?;
    scope.app.db.commit(transaction).await?;
    let secure = request.connection_info().scheme() == "https";
    Ok(HttpResponse::NoContent().cookie(cookie("", secure, 0)).finish())
}

/// Change one's own password; all other sessions end.
#[utoipa::path(request_body = PasswordChange, responses((status = 204), (status = 401, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "auth")]
#[post("/auth/password")]
async fn password(scope: Scope<JustSignedIn>, body: Body<PasswordChange>) -> Result<HttpResponse> {
    auth::change_password(&scope.app, &scope.actor, &body.current, &body.new).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Who I am and what I may do.
#[utoipa::path(responses((status = 200, body = Me), (status = 401, body = ProblemBody)), tag = "auth")]
#[get("/me")]
async fn me(scope: Scope<JustSignedIn>) -> Result<web::Json<Me>> {
    Ok(web::Json(people::me(&scope.app, &scope.reference, &scope.actor).await?))
}

/// One's own preferences.
#[utoipa::path(request_body = Preferences, responses((status = 200, body = Me), (status = 401, body = ProblemBody), (status = 422, body = ProblemBody)), tag = "auth")]
#[patch("/me")]
async fn change_me(mut scope: Scope<SettlingIn>, body: Body<Preferences>) -> Result<web::Json<Me>> {
    let body = body.into_inner();
    if body.locale.as_deref().is_some_and(|locale| !matches!(locale, "zh" | "en")) {
        return Err(Error::field("/locale", Code::Enumeration));
    }
    let email = body.email.map(|email| email.trim().to_owned());
    if email.as_deref().is_some_and(|email| !email.is_empty() && (email.chars().count() > 120 || email.parse::<lettre::Address>().is_err())) {
        return Err(Error::field("/email", Code::Format));
    }
    let transaction = scope.app.db.begin().await?;
    let before = people::locked(&transaction, scope.actor.person_id()).await?.ok_or_else(Error::not_found)?;
    let email = email.map_or_else(|| before.email.clone(), |email| Some(email).filter(|email| !email.is_empty()));
    let notices = body.email_notices.unwrap_or(before.email_notices) && email.is_some();
    let mut person = before.into_active_model();
    if let Some(locale) = body.locale {
        person.locale = Set(locale);
    }
    person.email_notices = Set(notices);
    person.email = Set(email);
    scope.actor.person = person.update(&transaction).await?;
    // Where their letters go, and in which language.
    Reference::changed(&transaction, scope.actor.jurisdiction_id).await?;
    scope.app.db.commit(transaction).await?;
    Ok(web::Json(people::me(&scope.app, &scope.reference, &scope.actor).await?))
}

/// One's own open sessions.
#[utoipa::path(responses((status = 200, body = Vec<SessionView>), (status = 401, body = ProblemBody)), tag = "auth")]
#[get("/me/sessions")]
async fn sessions(scope: Scope<SignedIn>) -> Result<web::Json<Vec<SessionView>>> {
    Ok(web::Json(session_views(&scope.app, scope.actor.person.id, scope.actor.session_id).await?))
}

/// A person's open sessions, the last used first.
pub(super) async fn session_views(app: &App, person: uuid::Uuid, current: uuid::Uuid) -> Result<Vec<SessionView>> {
    let rows = session::Entity::find()
        .filter(session::Column::PersonId.eq(person))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(app.time.now()))
        .order_by_desc(session::Column::UsedAt)
        .all(app.db.read())
        .await?;
    let view = |row: session::Model| SessionView {
        current: row.id == current,
        id: row.id.to_string(),
        started_at: row.started_at,
        last_used_at: row.used_at,
        address: row.address,
        agent: row.agent,
    };
    Ok(rows.into_iter().map(view).collect())
}

#[derive(serde::Serialize, utoipa::ToSchema)]
struct TotpStart {
    /// Base 32 (RFC 4648).
    secret: String,
    /// `otpauth://` for the authenticator.
    uri: String,
    /// The URI as a QR code (ISO/IEC 18004) without its quiet zone: a text for each row of modules from the top, `1` dark, `0` light.
    qr: Vec<String>,
}

/// The modules of a QR code, a text for each row.
fn qr(text: &str) -> Result<Vec<String>> {
    use qrcodegen::{QrCode, QrCodeEcc};
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|error| Error::Other(format!("no QR code of an otpauth URI: {error:?}")))?;
    let row = |y| (0..code.size()).map(|x| if code.get_module(x, y) { '1' } else { '0' }).collect();
    Ok((0..code.size()).map(row).collect())
}

#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TotpConfirm {
    otp: String,
}

/// One of both shows that it is not somebody at an unattended desk.
#[derive(Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TotpAsked {
    #[serde(default)]
    password: Option<String>,
    /// A code of the authenticator in use.
    #[serde(default)]
    otp: Option<String>,
}

/// Start using one-time codes, or those of another authenticator: the ones in use count until a code of the new is confirmed.
#[utoipa::path(request_body = TotpAsked, responses((status = 200, body = TotpStart), (status = 401, body = ProblemBody), (status = 422, body = ProblemBody), (status = 429, body = ProblemBody)), tag = "auth")]
#[post("/me/totp")]
async fn start_totp(scope: Scope<SettlingIn>, body: web::Bytes) -> Result<HttpResponse> {
    let asked = super::input::optional::<TotpAsked>(&body)?;
    let proof = match (asked.otp.as_deref(), asked.password.as_deref()) {
        (Some(code), _) => auth::Proof::Code(code),
        (None, Some(typed)) => auth::Proof::Password(typed),
        (None, None) => return Err(Error::field("/password", Code::Required)),
    };
    let (secret, uri) = auth::start_totp(&scope.app, &scope.actor, proof).await?;
    let qr = qr(&uri)?;
    Ok(super::ShownOnce::answer(HttpResponse::Ok().json(TotpStart { secret, uri, qr })))
}

/// Confirm the authenticator with a code of it.
#[utoipa::path(request_body = TotpConfirm, responses((status = 204), (status = 401, body = ProblemBody)), tag = "auth")]
#[post("/me/totp/confirm")]
async fn confirm_totp(scope: Scope<SettlingIn>, body: Body<TotpConfirm>) -> Result<HttpResponse> {
    auth::confirm_totp(&scope.app, &scope.actor, &body.otp).await?;
    Ok(HttpResponse::NoContent().finish())
}
