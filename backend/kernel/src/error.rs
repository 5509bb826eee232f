//! Errors of the kernel, named by what the caller can do about them, and their one way out as `application/problem+json`
//! (RFC 9457). Causes are logged with the request id and never sent.

use actix_web::{HttpResponse, http::StatusCode, http::header};
use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};
use shared::kernel::problem::{Code, FieldError, ProblemBody};

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller's fault, with everything it needs to know.
    #[error("{}", .0.code.as_str())]
    Problem(Box<Problem>),
    #[error("database: {0}")]
    Database(#[source] DbErr),
    #[error("stored data: {0}")]
    Stored(#[from] serde_json::Error),
    #[error("file: {0}")]
    File(#[source] std::io::Error),
    #[error("attachments: {0}")]
    Store(#[source] object_store::Error),
    /// The same request was served before ([`crate::once`]); its answer is given in place of this.
    #[error("repeated request")]
    Repeated,
    #[error("{0}")]
    Startup(String),
    #[error("{0}")]
    Other(String),
}

#[derive(Debug, Clone)]
pub struct Problem {
    pub code: Code,
    /// The reason key of an action or guard, or who holds the matter.
    pub detail: Option<String>,
    pub errors: Vec<FieldError>,
    /// Seconds, for `Retry-After`.
    pub retry_after: Option<i64>,
}

impl Error {
    pub fn problem(code: Code) -> Self {
        Self::Problem(Box::new(Problem { code, detail: None, errors: Vec::new(), retry_after: None }))
    }
    pub fn detailed(code: Code, detail: impl Into<String>) -> Self {
        Self::Problem(Box::new(Problem { code, detail: Some(detail.into()), errors: Vec::new(), retry_after: None }))
    }
    /// One faulty field.
    pub fn field(pointer: impl Into<String>, code: Code) -> Self {
        Self::fields(vec![FieldError::new(pointer, code)])
    }
    /// Faulty fields; the problem's own code is the first one's.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let code = errors.first().and_then(|error| Code::parse(&error.code)).unwrap_or(Code::Malformed);
        Self::Problem(Box::new(Problem { code, detail: None, errors, retry_after: None }))
    }
    pub fn retry_after(code: Code, seconds: i64) -> Self {
        Self::Problem(Box::new(Problem { code, detail: None, errors: Vec::new(), retry_after: Some(seconds.max(1)) }))
    }
    /// A member of the request that needs a permission which the sender has not.
    pub fn denied(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let errors = vec![FieldError::new(pointer, Code::PermissionDenied)];
        Self::Problem(Box::new(Problem { code: Code::PermissionDenied, detail: Some(detail.into()), errors, retry_after: None }))
    }
    pub fn not_found() -> Self {
        Self::problem(Code::NotFound)
    }
    pub fn code(&self) -> Code {
        match self {
            Self::Problem(problem) => problem.code,
            Self::Repeated => Code::Unavailable,
            Self::Database(error) if has_zero_byte(error) => Code::Malformed,
            _ => Code::Internal,
        }
    }
    pub fn body(&self) -> ProblemBody {
        let code = self.code();
        let (detail, errors) = match self {
            Self::Problem(problem) => (problem.detail.clone(), problem.errors.clone()),
            _ => (None, Vec::new()),
        };
        ProblemBody {
            kind: format!("urn:liandong:problem:{}", code.as_str()),
            title: code.message().en.to_owned(),
            status: code.status(),
            code: code.as_str().to_owned(),
            detail,
            errors,
            request_id: crate::http::request_id(),
        }
    }
}

/// Constraints that two people who do the same at once run into, on PostgreSQL by their names and on SQLite by their columns, with what
/// the second of them is told.
const TAKEN: &[(&str, &str, &str, Code)] = &[
    ("person_username_key", "person.username", "/username", Code::UsernameTaken),
    ("unit_jurisdiction_id_code_key", "unit.jurisdiction_id, unit.code", "/code", Code::Duplicate),
    ("matter_link_from_id_to_id_relation_key", "matter_link.from_id", "", Code::Duplicate),
    ("matter_claim", "matter.jurisdiction_id, matter.kind, matter.claim", "", Code::Duplicate),
    ("matter_instance", "matter.parent_id, matter.instance_key", "", Code::Duplicate),
];

/// What only came at a bad moment. PostgreSQL by SQLSTATE: deadlock, a row someone else changes, serialization (once more, and it works);
/// a full disk, no memory or connections left, starting or stopping, not taking connections. SQLite by its primary code: busy, locked,
/// reading or writing failed, full.
const PASSING: &[&str] =
    &["40P01", "55P03", "40001", "53000", "53100", "53200", "53300", "57P01", "57P02", "57P03", "57P05", "55000", "5", "6", "10", "13"];

/// Whether a request may work when it is sent again: nothing is wrong with it, but with the database at this moment.
fn is_passing(error: &DbErr) -> bool {
    let cause = match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => return true,
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => cause,
        _ => return false,
    };
    match cause.as_ref() {
        // The connection broke, or none could be had.
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Protocol(_) | sqlx::Error::BeginFailed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            // SQLite's extended codes carry the primary one in their lowest byte.
            let primary = code.parse::<u32>().ok().filter(|_| code.len() != 5).map(|code| (code & 0xff).to_string());
            PASSING.contains(&primary.as_deref().unwrap_or(&code))
        }),
        _ => false,
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if let Some(SqlErr::UniqueConstraintViolation(said)) = error.sql_err()
            && let Some((.., pointer, code)) =
                TAKEN.iter().find(|(name, columns, ..)| said.contains(&format!("\"{name}\"")) || said.contains(columns))
        {
            return if pointer.is_empty() { Self::problem(*code) } else { Self::field(*pointer, *code) };
        }
        if nobody_may_hold(&error) {
            return Self::field("/input/unit", Code::UnknownUnit);
        }
        if is_passing(&error) {
            tracing::warn!(%error, "to be tried again");
            return Self::retry_after(Code::Unavailable, 1);
        }
        Self::Database(error)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        if is_full(&error) {
            tracing::warn!(%error, "to be tried again");
            return Self::retry_after(Code::Unavailable, 1);
        }
        Self::File(error)
    }
}

impl From<object_store::Error> for Error {
    fn from(error: object_store::Error) -> Self {
        // Generic is whatever the folder or the bucket says that is not about the content asked for: full, out of reach.
        if matches!(error, object_store::Error::Generic { .. }) {
            tracing::warn!(%error, "to be tried again");
            return Self::retry_after(Code::Unavailable, 1);
        }
        Self::Store(error)
    }
}

/// No room on the disk, or none left of what this user may take.
fn is_full(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
}

/// A matter was handed to a unit that was closed at this moment: there is no row for it in the holdings (`matter::save`).
fn nobody_may_hold(error: &DbErr) -> bool {
    let said = error.to_string();
    said.contains("null value in column \"unit_id\" of relation \"holding\"") || said.contains("NOT NULL constraint failed: holding.unit_id")
}

/// PostgreSQL keeps no text with a zero byte (SQLSTATE 22021, in JSON 22P05): what got past the checks of single fields is the caller's fault.
fn has_zero_byte(error: &DbErr) -> bool {
    let said = error.to_string();
    said.contains("invalid byte sequence for encoding \"UTF8\": 0x00") || said.contains("unsupported Unicode escape sequence")
}

impl actix_web::ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        if !matches!(self, Self::Problem(_) | Self::Repeated) {
            tracing::error!(error = %self, "request failed");
        }
        let mut response = HttpResponse::build(self.status_code());
        if let Self::Problem(problem) = self
            && let Some(seconds) = problem.retry_after
        {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        response.content_type("application/problem+json").json(self.body())
    }
}
