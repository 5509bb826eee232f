//! Sign-in: Argon2id passwords, a short EdDSA access token (RFC 8037), a rotating refresh token with reuse detection, growing
//! delay per user name *and* address, so that nobody can lock another person out from elsewhere.

use crate::{
    audit,
    db::statement,
    entity::{person, session, sign_in_attempt},
    error::{Error, Result},
    scope::roles_of,
    state::App,
};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use chrono::{DateTime, Duration, Utc};
use ed25519_dalek::{
    SigningKey,
    pkcs8::{DecodePrivateKey, EncodePrivateKey, spki::der::pem::LineEnding},
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rand::RngCore;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shared::kernel::problem::Code;
use std::path::Path;
use uuid::Uuid;

/// Seconds an access token lives.
pub(crate) const ACCESS_SECONDS: i64 = 600;
const REFRESH_DAYS: i64 = 14;
const ISSUER: &str = "liandong";
const AUDIENCE: &str = "liandong-api";

pub(crate) struct Keys {
    encoding: EncodingKey,
    decoding: DecodingKey,
    pub signing: SigningKey,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub iss: String,
    pub aud: String,
    pub sub: Uuid,
    /// The session, so that ending it ends its tokens.
    pub sid: Uuid,
    pub iat: i64,
    pub nbf: i64,
    pub exp: i64,
}

impl Keys {
    /// The signing key of the installation, generated on first start and readable by its owner only.
    pub(crate) fn load_or_create(data_dir: &Path) -> Result<Self> {
        let path = data_dir.join("signing-key.pem");
        let fault = |error: String| Error::Startup(format!("signing key {}: {error}", path.display()));
        if !path.exists() {
            let mut secret = [0u8; 32];
            rand::rng().fill_bytes(&mut secret);
            let pem = SigningKey::from_bytes(&secret).to_pkcs8_pem(LineEnding::LF).map_err(|error| fault(error.to_string()))?;
            publish_private(&path, pem.as_bytes())?;
        }
        let pem = std::fs::read_to_string(&path)?;
        let signing = SigningKey::from_pkcs8_pem(&pem).map_err(|error| fault(error.to_string()))?;
        let der = signing.to_pkcs8_der().map_err(|error| fault(error.to_string()))?;
        Ok(Self {
            encoding: EncodingKey::from_ed_der(der.as_bytes()),
            decoding: DecodingKey::from_ed_der(signing.verifying_key().as_bytes()),
            signing,
        })
    }

    fn issue(&self, person: Uuid, session: Uuid, now: DateTime<Utc>) -> Result<String> {
        let claims = Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: person,
            sid: session,
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: now.timestamp() + ACCESS_SECONDS,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &self.encoding).map_err(|error| Error::Other(format!("token: {error}")))
    }

    /// The claims of a token signed by this installation. Only EdDSA is accepted: `none` and HMAC tokens fail here.
    /// Times are compared with the product's own clock, which tests and the demonstration may move.
    pub(crate) fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims> {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.validate_exp = false;
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub", "nbf"]);
        let invalid = || Error::problem(Code::TokenInvalid);
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &validation).map_err(|_| invalid())?.claims;
        // Thirty seconds of leeway for nodes whose clocks differ.
        if claims.exp + 5 < now.timestamp() || claims.nbf > now.timestamp() + 30 {
            return Err(invalid());
        }
        Ok(claims)
    }
}

/// Two nodes may start on one new folder at once: the file appears whole, and the first one's stays.
fn publish_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = path.with_extension(format!("pem-{}", Uuid::now_v7()));
    write_private(&beside, bytes)?;
    let published = match std::fs::hard_link(&beside, path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    };
    std::fs::remove_file(&beside)?;
    Ok(published?)
}

#[cfg(unix)]
fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    Ok(file.write_all(bytes)?)
}

#[cfg(not(unix))]
fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    Ok(std::fs::write(path, bytes)?)
}

pub(crate) fn hash_password(password: &str) -> Result<String> {
    Ok(Argon2::default().hash_password(password.as_bytes()).map_err(|error| Error::Other(format!("argon2: {error}")))?.to_string())
}

fn password_matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Length over ornament (NIST SP 800-63B §5.1.1.2): twelve characters, not common, not the user's own name.
pub(crate) fn check_password(password: &str, username: &str) -> Result<()> {
    const COMMON: &[&str] = &["123456789012", "password1234", "qwertyuiop12", "111111111111", "aaaaaaaaaaaa", "000000000000"];
    let length = password.chars().count();
    let distinct: std::collections::HashSet<char> = password.chars().collect();
    let weak = !(12..=128).contains(&length)
        || distinct.len() < 5
        || COMMON.contains(&password.to_lowercase().as_str())
        || password.to_lowercase().contains(&username.to_lowercase());
    if weak { Err(Error::field("/new", Code::PasswordWeak)) } else { Ok(()) }
}

/// A random first password that can be read aloud.
pub(crate) fn issued_password() -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut bytes = [0u8; 16];
    rand::rng().fill_bytes(&mut bytes);
    let letters: Vec<char> = bytes.iter().filter_map(|byte| LETTERS.get(usize::from(*byte) % LETTERS.len())).map(|letter| *letter as char).collect();
    letters.chunks(4).map(|chunk| chunk.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

fn refresh_token() -> String {
    let mut bytes = [0u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    hex::encode(bytes)
}

/// What a successful sign-in or refresh hands out.
pub(crate) struct Signed {
    pub access: String,
    pub refresh: String,
    pub person: person::Model,
}

pub(crate) struct Origin {
    pub address: String,
    pub agent: Option<String>,
}

pub(crate) async fn login(app: &App, username: &str, password: &str, otp: Option<&str>, origin: &Origin) -> Result<Signed> {
    let now = app.time.now();
    let attempt = sign_in_attempt::Entity::find_by_id((username.to_owned(), origin.address.clone())).one(app.db.read()).await?;
    if let Some(blocked) = attempt.as_ref().and_then(|attempt| attempt.blocked_until)
        && blocked > now
    {
        return Err(Error::retry_after(Code::LockedOut, (blocked - now).num_seconds()));
    }
    let person = person::Entity::find().filter(person::Column::Username.eq(username)).one(app.db.read()).await?;
    let hash = person.as_ref().map_or_else(decoy_hash, |person| person.password_hash.clone());
    let typed = password.to_owned();
    // Argon2 takes tens of milliseconds by design: not on the threads that serve requests.
    let matches = tokio::task::spawn_blocking(move || password_matches(&typed, &hash)).await.map_err(|error| Error::Other(error.to_string()))?;
    let Some(person) = person.filter(|person| matches && person.active) else {
        record_failure(app, username, origin, attempt.map_or(0, |attempt| attempt.failures) + 1).await?;
        return Err(Error::problem(Code::CredentialsInvalid));
    };
    if let Some(secret) = person.totp_secret.as_deref().filter(|_| person.totp_confirmed) {
        let Some(otp) = otp.filter(|otp| !otp.is_empty()) else { return Err(Error::problem(Code::OtpRequired)) };
        if !otp_matches(secret, otp, now) {
            record_failure(app, username, origin, attempt.map_or(0, |attempt| attempt.failures) + 1).await?;
            return Err(Error::problem(Code::CredentialsInvalid));
        }
    }
    let refresh = refresh_token();
    let session = session::Model {
        id: Uuid::now_v7(),
        person_id: person.id,
        token_digest: digest(&refresh),
        previous_digest: None,
        started_at: now,
        used_at: now,
        expires_at: now + Duration::days(REFRESH_DAYS),
        revoked_at: None,
        address: Some(origin.address.clone()),
        agent: origin.agent.as_ref().map(|agent| agent.chars().take(200).collect()),
    };
    let access = app.keys.issue(person.id, session.id, now)?;
    let transaction = app.db.begin().await?;
    session.into_active_model().insert(&transaction).await?;
    sign_in_attempt::Entity::delete_by_id((username.to_owned(), origin.address.clone())).exec(&transaction).await?;
    audit::administrative(&transaction, app, &person, "signed_in", serde_json::json!({}), Some(&origin.address)).await?;
    transaction.commit().await?;
    Ok(Signed { access, refresh, person })
}

/// A hash to compare with when the user doesn't exist, so that time tells nothing.
fn decoy_hash() -> String {
    use std::sync::OnceLock;
    static DECOY: OnceLock<String> = OnceLock::new();
    DECOY.get_or_init(|| hash_password("no such person").unwrap_or_default()).clone()
}

/// From the fifth failure on each one doubles the wait, up to a quarter of an hour, for this name from this address only.
async fn record_failure(app: &App, username: &str, origin: &Origin, failures: i64) -> Result<()> {
    let now = app.time.now();
    let wait = if failures < 5 { 0 } else { (1i64 << (failures - 5).min(10)).saturating_mul(5).min(900) };
    let blocked_until = (wait > 0).then(|| now + Duration::seconds(wait));
    let transaction = app.db.begin().await?;
    transaction
        .execute_raw(statement(
            app.db.backend(),
            "INSERT INTO sign_in_attempt (username, address, failures, blocked_until) VALUES (?, ?, ?, ?)
             ON CONFLICT (username, address) DO UPDATE SET failures = excluded.failures, blocked_until = excluded.blocked_until",
            vec![username.chars().take(100).collect::<String>().into(), origin.address.clone().into(), failures.into(), blocked_until.into()],
        ))
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// Exchanges a refresh token for a new pair. A token used twice means that someone else has it: the whole session ends.
pub(crate) async fn refresh(app: &App, token: &str) -> Result<Signed> {
    let now = app.time.now();
    let digest_now = digest(token);
    let transaction = app.db.begin().await?;
    let current = session::Entity::find().filter(session::Column::TokenDigest.eq(digest_now.clone())).one(&transaction).await?;
    let Some(current) = current else {
        let reused = session::Entity::find().filter(session::Column::PreviousDigest.eq(digest_now)).one(&transaction).await?;
        if let Some(reused) = reused {
            // Two tabs may refresh within the same moment; only later reuse is theft.
            if reused.revoked_at.is_none() && now - reused.used_at < Duration::seconds(10) {
                return Err(Error::problem(Code::TokenInvalid));
            }
            let mut reused = reused.into_active_model();
            reused.revoked_at = Set(Some(now));
            reused.update(&transaction).await?;
            transaction.commit().await?;
            return Err(Error::problem(Code::RefreshReused));
        }
        return Err(Error::problem(Code::TokenInvalid));
    };
    if current.revoked_at.is_some() || current.expires_at < now {
        return Err(Error::problem(Code::TokenInvalid));
    }
    let person = person::Entity::find_by_id(current.person_id)
        .one(&transaction)
        .await?
        .filter(|person| person.active)
        .ok_or_else(|| Error::problem(Code::TokenInvalid))?;
    let next = refresh_token();
    let session_id = current.id;
    let mut current = current.into_active_model();
    current.previous_digest = Set(Some(digest(token)));
    current.token_digest = Set(digest(&next));
    current.used_at = Set(now);
    current.update(&transaction).await?;
    transaction.commit().await?;
    Ok(Signed { access: app.keys.issue(person.id, session_id, now)?, refresh: next, person })
}

/// Ends one session, or all of a person's.
pub(crate) async fn end_sessions<C: ConnectionTrait>(connection: &C, app: &App, person: Uuid, only: Option<Uuid>) -> Result<()> {
    use sea_orm::sea_query::Expr;
    let mut update = session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(app.time.now()))
        .filter(session::Column::PersonId.eq(person))
        .filter(session::Column::RevokedAt.is_null());
    if let Some(session) = only {
        update = update.filter(session::Column::Id.eq(session));
    }
    update.exec(connection).await?;
    Ok(())
}

/// Changes one's own password; all other sessions end.
pub(crate) async fn change_password(app: &App, person: person::Model, session: Uuid, current: &str, new: &str) -> Result<()> {
    check_password(new, &person.username)?;
    if new == current {
        // An issued password that is kept was known to somebody else.
        return Err(Error::field("/new", Code::PasswordWeak));
    }
    let (typed, hash, next) = (current.to_owned(), person.password_hash.clone(), new.to_owned());
    let next_hash = tokio::task::spawn_blocking(move || if password_matches(&typed, &hash) { hash_password(&next).map(Some) } else { Ok(None) })
        .await
        .map_err(|error| Error::Other(error.to_string()))??;
    let Some(next_hash) = next_hash else { return Err(Error::field("/current", Code::CredentialsInvalid)) };
    let transaction = app.db.begin().await?;
    audit::administrative(&transaction, app, &person, "password_changed", serde_json::json!({}), None).await?;
    let id = person.id;
    let mut person = person.into_active_model();
    person.password_hash = Set(next_hash);
    person.must_change_password = Set(false);
    person.update(&transaction).await?;
    let others = session::Entity::find()
        .filter(session::Column::PersonId.eq(id))
        .filter(session::Column::Id.ne(session))
        .filter(session::Column::RevokedAt.is_null())
        .all(&transaction)
        .await?;
    for other in others {
        end_sessions(&transaction, app, id, Some(other.id)).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// A six-digit one-time code (RFC 6238, SHA-1, 30 seconds) with one step of tolerance.
fn otp_matches(secret: &str, otp: &str, now: DateTime<Utc>) -> bool {
    let Ok(bytes) = hex::decode(secret) else { return false };
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    totp_rs::Builder::new()
        .with_algorithm(totp_rs::Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(bytes)
        .build()
        .is_ok_and(|totp| totp.check(otp, seconds).is_some())
}

/// The three administrations need one-time codes; the demonstration's don't, since its passwords are public.
pub(crate) fn must_set_up_totp(app: &App, person: &person::Model) -> bool {
    !app.config.demo && !person.totp_confirmed && roles_of(person).iter().any(|role| role.is_administration())
}

/// Starts TOTP set-up: the secret in base 32 for the authenticator.
pub(crate) async fn start_totp(app: &App, person: person::Model) -> Result<(String, String)> {
    let mut bytes = [0u8; 20];
    rand::rng().fill_bytes(&mut bytes);
    let username = person.username.clone();
    let transaction = app.db.begin().await?;
    let mut person = person.into_active_model();
    person.totp_secret = Set(Some(hex::encode(bytes)));
    person.totp_confirmed = Set(false);
    person.update(&transaction).await?;
    transaction.commit().await?;
    let secret = base32(&bytes);
    let uri = format!("otpauth://totp/Liandong:{username}?secret={secret}&issuer=Liandong");
    Ok((secret, uri))
}

pub(crate) async fn confirm_totp(app: &App, person: person::Model, otp: &str) -> Result<()> {
    let matches = person.totp_secret.as_deref().is_some_and(|secret| otp_matches(secret, otp, app.time.now()));
    if !matches {
        return Err(Error::field("/otp", Code::CredentialsInvalid));
    }
    let transaction = app.db.begin().await?;
    audit::administrative(&transaction, app, &person, "totp_confirmed", serde_json::json!({}), None).await?;
    let mut person = person.into_active_model();
    person.totp_confirmed = Set(true);
    person.update(&transaction).await?;
    transaction.commit().await?;
    Ok(())
}

/// RFC 4648 base 32 without padding, as authenticator apps read it.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| (byte >> bit) & 1)).collect();
    bits.chunks(5)
        .map(|chunk| chunk.iter().enumerate().fold(0usize, |value, (place, bit)| value | (usize::from(*bit) << (4 - place))))
        .filter_map(|value| ALPHABET.get(value).map(|letter| *letter as char))
        .collect()
}
