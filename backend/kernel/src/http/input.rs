//! What came in and can't be read, as problems with a pointer.

use crate::error::Error;
use actix_web::error::JsonPayloadError;
use shared::kernel::problem::{Code, FieldError};

/// A body that may be left out; one that is there but can't be read is refused, never taken for none.
pub(super) fn optional<T: serde::de::DeserializeOwned + Default>(body: &[u8]) -> Result<T, Error> {
    if body.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_slice(body).map_err(|error| json_error(&JsonPayloadError::Deserialize(error)))
}

/// The code and pointer of a body that isn't what the endpoint takes.
pub(super) fn json_error(error: &JsonPayloadError) -> Error {
    match error {
        JsonPayloadError::OverflowKnownLength { .. } | JsonPayloadError::Overflow { .. } => Error::problem(Code::BodyTooLarge),
        JsonPayloadError::ContentType => Error::problem(Code::MediaTypeUnsupported),
        JsonPayloadError::Deserialize(error) if error.is_data() => data_error(&error.to_string()),
        _ => Error::problem(Code::Malformed),
    }
}

fn data_error(message: &str) -> Error {
    let named = |prefix: &str| message.split_once(prefix).and_then(|(_, rest)| rest.split('`').next()).map(str::to_owned);
    let field = |name: String, code: Code| Error::fields(vec![FieldError::new(format!("/{name}"), code)]);
    if let Some(name) = named("unknown field `") {
        return Error::fields(vec![FieldError::with(format!("/{name}"), Code::UnknownField, name)]);
    }
    if let Some(name) = named("missing field `") {
        return field(name, Code::Required);
    }
    if let Some(name) = named("unknown variant `") {
        return Error::fields(vec![FieldError::with("", Code::Enumeration, name)]);
    }
    Error::fields(vec![FieldError::new("", Code::WrongType)])
}
