//! Sign-in: Argon2id passwords, a short EdDSA access token (RFC 8037), a rotating refresh token with reuse detection, growing
//! delay per user name *and* address, so that nobody can lock another person out from elsewhere.

use crate::{
    audit,
    db::statement,
    entity::{person, session, sign_in_attempt},
    error::{Error, Result},
    people,
    scope::{Actor, roles_of},
    state::App,
};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use chrono::{DateTime, Duration, Utc};
use ed25519_dalek::{
    Signer, SigningKey,
    pkcs8::{DecodePrivateKey, EncodePrivateKey, spki::der::pem::LineEnding},
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rand::RngCore;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set,
    sea_query::{Expr, LockType},
};
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
    let beside = path.with_extension(format!("pem-{}", crate::ids::next()));
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

/// The same off the threads that serve requests: Argon2 takes tens of milliseconds by design.
pub(crate) async fn hashed(password: &str) -> Result<String> {
    let password = password.to_owned();
    tokio::task::spawn_blocking(move || hash_password(&password)).await.map_err(|error| Error::Other(error.to_string()))?
}

async fn matches(password: &str, hash: String) -> Result<bool> {
    let typed = password.to_owned();
    tokio::task::spawn_blocking(move || password_matches(&typed, &hash)).await.map_err(|error| Error::Other(error.to_string()))
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

/// The refresh token after another: the same one however often it is asked for, and known to nobody without the installation's key.
fn following(app: &App, token: &str) -> String {
    hex::encode(Sha256::digest(app.keys.signing.sign(format!("refresh\0{token}").as_bytes()).to_bytes()))
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

/// An attempt to prove who one is, counted as failed before anything is compared: of many at once no more are looked at than of as many
/// one after the other, on however many nodes.
struct Attempt {
    username: String,
    address: String,
    failures: i64,
    /// Others of this name from this address wait meanwhile, so that right ones at once don't count as failures of each other.
    _turn: tokio::sync::OwnedMutexGuard<()>,
}

impl Attempt {
    /// From the fifth failure on each one doubles the wait, up to a quarter of an hour, for this name from this address only.
    async fn begin(app: &App, username: &str, address: &str) -> Result<Self> {
        let (username, address) = (username.chars().take(100).collect::<String>(), address.to_owned());
        let turn = app.attempts.get_with((username.clone(), address.clone()), std::sync::Arc::default).lock_owned().await;
        let (now, backend) = (app.time.now(), app.db.backend());
        let transaction = app.db.begin().await?;
        // A counter that waits is left alone and gives no row.
        let count = "INSERT INTO sign_in_attempt (username, address, failures) VALUES (?, ?, 1)
             ON CONFLICT (username, address) DO UPDATE SET failures = sign_in_attempt.failures + 1
             WHERE sign_in_attempt.blocked_until IS NULL OR sign_in_attempt.blocked_until <= ? RETURNING failures";
        let counted = transaction.query_one_raw(statement(backend, count, vec![username.clone().into(), address.clone().into(), now.into()])).await?;
        let Some(counted) = counted else {
            let waiting = sign_in_attempt::Entity::find_by_id((username, address)).one(&transaction).await?;
            let until = waiting.and_then(|attempt| attempt.blocked_until).unwrap_or(now);
            return Err(Error::retry_after(Code::LockedOut, (until - now).num_seconds()));
        };
        let failures: i64 = counted.try_get("", "failures")?;
        if failures >= 5 {
            let wait = (1i64 << (failures - 5).min(10)).saturating_mul(5).min(900);
            let block = "UPDATE sign_in_attempt SET blocked_until = ? WHERE username = ? AND address = ?";
            let values = vec![(now + Duration::seconds(wait)).into(), username.clone().into(), address.clone().into()];
            transaction.execute_raw(statement(backend, block, values)).await?;
        }
        app.db.commit_beside(transaction).await?;
        Ok(Self { username, address, failures, _turn: turn })
    }

    /// It succeeded, and so do those to come.
    async fn succeeded<C: ConnectionTrait>(self, connection: &C) -> Result<()> {
        sign_in_attempt::Entity::delete_by_id((self.username, self.address)).exec(connection).await?;
        Ok(())
    }

    /// It was neither right nor wrong. Those counted before stay, and so does one counted meanwhile elsewhere, with its wait.
    async fn undecided(self, app: &App) -> Result<()> {
        let transaction = app.db.begin().await?;
        let back = "UPDATE sign_in_attempt SET failures = failures - 1, blocked_until = NULL WHERE username = ? AND address = ? AND failures = ?";
        let values = vec![self.username.clone().into(), self.address.clone().into(), self.failures.into()];
        transaction.execute_raw(statement(app.db.backend(), back, values)).await?;
        app.db.commit_beside(transaction).await
    }
}

pub(crate) async fn login(app: &App, username: &str, password: &str, otp: Option<&str>, origin: &Origin) -> Result<Signed> {
    let attempt = Attempt::begin(app, username, &origin.address).await?;
    let now = app.time.now();
    let wrong = || Error::problem(Code::CredentialsInvalid);
    let person = person::Entity::find().filter(person::Column::Username.eq(username)).one(app.db.read()).await?;
    let hash = person.as_ref().map_or_else(decoy_hash, |person| person.password_hash.clone());
    let right = matches(password, hash).await?;
    let person = person.filter(|person| right && person.active).ok_or_else(wrong)?;
    let mut step = None;
    if let Some(secret) = person.totp_secret.as_deref().filter(|_| person.totp_confirmed) {
        let Some(otp) = otp.filter(|otp| !otp.is_empty()) else {
            attempt.undecided(app).await?;
            return Err(Error::problem(Code::OtpRequired));
        };
        step = Some(unused_step(&person, secret, otp, now).ok_or_else(wrong)?);
    }
    let refresh = refresh_token();
    let session = session::Model {
        id: crate::ids::next(),
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
    // The person as they are now, until the session is there: a password reset meanwhile ends all sessions but this one.
    if !still_proved(&transaction, &person, step).await? {
        return Err(wrong());
    }
    session.into_active_model().insert(&transaction).await?;
    attempt.succeeded(&transaction).await?;
    audit::administrative(&transaction, app, &person, "signed_in", serde_json::json!({}), Some(&origin.address)).await?;
    app.db.commit(transaction).await?;
    Ok(Signed { access, refresh, person })
}

/// Locks the person's row if password and activity are those that were compared, and uses up the code: none counts twice.
async fn still_proved<C: ConnectionTrait>(connection: &C, person: &person::Model, step: Option<i64>) -> Result<bool> {
    let same = || {
        person::Entity::find_by_id(person.id)
            .filter(person::Column::Active.eq(true))
            .filter(person::Column::PasswordHash.eq(person.password_hash.clone()))
    };
    let Some(step) = step else { return Ok(same().lock(LockType::Share).one(connection).await?.is_some()) };
    let Some(found) = same().lock(LockType::NoKeyUpdate).one(connection).await? else { return Ok(false) };
    if found.totp_secret != person.totp_secret || found.totp_step.is_some_and(|last| last >= step) {
        return Ok(false);
    }
    let mut row = found.into_active_model();
    row.totp_step = Set(Some(step));
    row.update(connection).await?;
    Ok(true)
}

/// A hash to compare with when the user doesn't exist, so that time tells nothing.
fn decoy_hash() -> String {
    use std::sync::OnceLock;
    static DECOY: OnceLock<String> = OnceLock::new();
    DECOY.get_or_init(|| hash_password("no such person").unwrap_or_default()).clone()
}

/// Exchanges a refresh token for a new pair. A token used twice means that someone else has it: the whole session ends.
pub(crate) async fn refresh(app: &App, token: &str) -> Result<Signed> {
    let now = app.time.now();
    let digest_now = digest(token);
    let transaction = app.db.begin().await?;
    // Locked: of two uses of one token at once the second finds it used.
    let current = session::Entity::find().filter(session::Column::TokenDigest.eq(digest_now.clone())).lock_exclusive().one(&transaction).await?;
    let Some(current) = current else {
        let reused = session::Entity::find().filter(session::Column::PreviousDigest.eq(digest_now)).one(&transaction).await?;
        if let Some(reused) = reused {
            // Two tabs may refresh within the same moment, or a page was left before the answer came: the same answer again. Only
            // later reuse is theft.
            if reused.revoked_at.is_none() && now - reused.used_at < Duration::seconds(10) {
                let next = following(app, token);
                let person = person::Entity::find_by_id(reused.person_id).one(&transaction).await?.filter(|person| person.active);
                let person = person.filter(|_| digest(&next) == reused.token_digest && reused.expires_at >= now);
                let person = person.ok_or_else(|| Error::problem(Code::TokenInvalid))?;
                return Ok(Signed { access: app.keys.issue(person.id, reused.id, now)?, refresh: next, person });
            }
            let mut reused = reused.into_active_model();
            reused.revoked_at = Set(Some(now));
            reused.update(&transaction).await?;
            app.db.commit(transaction).await?;
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
    let next = following(app, token);
    let session_id = current.id;
    let mut current = current.into_active_model();
    current.previous_digest = Set(Some(digest(token)));
    current.token_digest = Set(digest(&next));
    current.used_at = Set(now);
    current.update(&transaction).await?;
    app.db.commit(transaction).await?;
    Ok(Signed { access: app.keys.issue(person.id, session_id, now)?, refresh: next, person })
}

/// Which sessions of a person end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sessions {
    All,
    Only(Uuid),
    AllBut(Uuid),
}

/// Ends sessions. Their tokens stop with the commit, on every node: each request reads its session's row.
pub(crate) async fn end_sessions<C: ConnectionTrait>(connection: &C, app: &App, person: Uuid, which: Sessions) -> Result<()> {
    let update = session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(app.time.now()))
        .filter(session::Column::PersonId.eq(person))
        .filter(session::Column::RevokedAt.is_null());
    let update = match which {
        Sessions::All => update,
        Sessions::Only(session) => update.filter(session::Column::Id.eq(session)),
        Sessions::AllBut(session) => update.filter(session::Column::Id.ne(session)),
    };
    update.exec(connection).await?;
    Ok(())
}

fn address(actor: &Actor) -> &str {
    actor.address.as_deref().unwrap_or_default()
}

/// Changes one's own password; all other sessions end.
pub(crate) async fn change_password(app: &App, actor: &Actor, current: &str, new: &str) -> Result<()> {
    let person = &actor.person;
    check_password(new, &person.username)?;
    if new == current {
        // An issued password that is kept was known to somebody else.
        return Err(Error::field("/new", Code::PasswordWeak));
    }
    let wrong = || Error::field("/current", Code::CredentialsInvalid);
    // Counted as at the door: an open session is no place to guess the password at.
    let attempt = Attempt::begin(app, &person.username, address(actor)).await?;
    if !matches(current, person.password_hash.clone()).await? {
        return Err(wrong());
    }
    let next_hash = hashed(new).await?;
    let transaction = app.db.begin().await?;
    // What was compared must be what is replaced: it may have been reset meanwhile.
    let locked = people::locked(&transaction, person.id).await?.filter(|row| row.password_hash == person.password_hash).ok_or_else(wrong)?;
    let mut row = locked.into_active_model();
    row.password_hash = Set(next_hash);
    row.must_change_password = Set(false);
    row.update(&transaction).await?;
    end_sessions(&transaction, app, person.id, Sessions::AllBut(actor.session_id)).await?;
    attempt.succeeded(&transaction).await?;
    audit::administrative(&transaction, app, person, "password_changed", serde_json::json!({}), actor.address.as_deref()).await?;
    app.db.commit(transaction).await?;
    Ok(())
}

/// The step of a six-digit one-time code (RFC 6238, SHA-1, 30 seconds) with one step of tolerance; none for a wrong code.
fn otp_step(secret: &str, otp: &str, now: DateTime<Utc>) -> Option<i64> {
    let bytes = hex::decode(secret).ok()?;
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    let totp = totp_rs::Builder::new()
        .with_algorithm(totp_rs::Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(bytes)
        .build()
        .ok()?;
    totp.check(otp, seconds).and_then(|step| i64::try_from(step).ok())
}

/// The same for a code that has not been used yet (RFC 6238 §5.2).
fn unused_step(person: &person::Model, secret: &str, otp: &str, now: DateTime<Utc>) -> Option<i64> {
    otp_step(secret, otp, now).filter(|step| person.totp_step.is_none_or(|last| *step > last))
}

/// The three administrations need one-time codes; the demonstration's don't, since its passwords are public.
pub(crate) fn must_set_up_totp(app: &App, person: &person::Model) -> bool {
    !app.config.demo && !person.totp_confirmed && roles_of(person).iter().any(|role| role.is_administration())
}

/// What shows that the person at the keyboard is the one who signed in.
pub(crate) enum Proof<'a> {
    Password(&'a str),
    /// Of the authenticator in use.
    Code(&'a str),
}

/// Starts TOTP set-up: the secret in base 32 for the authenticator. A secret in use counts until the new one is confirmed.
pub(crate) async fn start_totp(app: &App, actor: &Actor, proof: Proof<'_>) -> Result<(String, String)> {
    let person = &actor.person;
    let attempt = Attempt::begin(app, &person.username, address(actor)).await?;
    let (step, pointer) = match proof {
        Proof::Password(password) if matches(password, person.password_hash.clone()).await? => (None, "/password"),
        Proof::Password(_) => return Err(Error::field("/password", Code::CredentialsInvalid)),
        Proof::Code(otp) => {
            let secret = person.totp_secret.as_deref().filter(|_| person.totp_confirmed);
            let step = secret.and_then(|secret| unused_step(person, secret, otp, app.time.now()));
            (Some(step.ok_or_else(|| Error::field("/otp", Code::CredentialsInvalid))?), "/otp")
        }
    };
    let mut bytes = [0u8; 20];
    rand::rng().fill_bytes(&mut bytes);
    let transaction = app.db.begin().await?;
    let locked = people::locked(&transaction, person.id).await?.ok_or_else(Error::not_found)?;
    if !still_proved(&transaction, person, step).await? {
        return Err(Error::field(pointer, Code::CredentialsInvalid));
    }
    let mut row = locked.into_active_model();
    row.totp_pending = Set(Some(hex::encode(bytes)));
    row.update(&transaction).await?;
    attempt.succeeded(&transaction).await?;
    audit::administrative(&transaction, app, person, "totp_started", serde_json::json!({}), actor.address.as_deref()).await?;
    app.db.commit(transaction).await?;
    let secret = base32(&bytes);
    let uri = format!("otpauth://totp/Liandong:{}?secret={secret}&issuer=Liandong", person.username);
    Ok((secret, uri))
}

/// Takes the new secret into use with a code of it, which is used up.
pub(crate) async fn confirm_totp(app: &App, actor: &Actor, otp: &str) -> Result<()> {
    let wrong = || Error::field("/otp", Code::CredentialsInvalid);
    let transaction = app.db.begin().await?;
    let person = people::locked(&transaction, actor.person_id()).await?.ok_or_else(Error::not_found)?;
    let pending = person.totp_pending.clone().ok_or_else(wrong)?;
    let step = otp_step(&pending, otp, app.time.now()).ok_or_else(wrong)?;
    let mut row = person.into_active_model();
    row.totp_secret = Set(Some(pending));
    row.totp_confirmed = Set(true);
    row.totp_pending = Set(None);
    row.totp_step = Set(Some(step));
    row.update(&transaction).await?;
    audit::administrative(&transaction, app, &actor.person, "totp_confirmed", serde_json::json!({}), actor.address.as_deref()).await?;
    app.db.commit(transaction).await?;
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
