//! What came in and can't be read, as problems with a pointer (RFC 6901) to what is wrong.

use crate::error::Error;
use actix_web::{FromRequest, HttpRequest, dev::Payload, error::JsonPayloadError, web};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_path_to_error::{Path, Segment};
use shared::kernel::{
    problem::{Code, FieldError},
    validate::escape,
};
use std::{future::Future, ops::Deref, pin::Pin};

/// The JSON body of a request: the one way in for all of them. Read as text first and then into its type, since only the second
/// step can tell where in the body a value has the wrong type.
pub(super) struct Body<T>(T);

impl<T> Body<T> {
    pub(super) fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Body<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Body<T> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, actix_web::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let text = web::Json::<Box<RawValue>>::from_request(request, payload);
        Box::pin(async move { Ok(Self(read(text.await?.get().as_bytes())?)) })
    }
}

/// A body that may be left out; one that is there but can't be read is refused, never taken for none.
pub(super) fn optional<T: DeserializeOwned + Default>(body: &[u8]) -> Result<T, Error> {
    if body.is_empty() { Ok(T::default()) } else { read(body) }
}

fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Error> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let at = pointer(error.path());
        fault(error.inner(), at)
    })?;
    reader.end().map_err(|error| fault(&error, String::new()))?;
    Ok(value)
}

/// The code of a body that could not be received at all.
pub(super) fn json_error(error: &JsonPayloadError) -> Error {
    match error {
        JsonPayloadError::OverflowKnownLength { .. } | JsonPayloadError::Overflow { .. } => Error::problem(Code::BodyTooLarge),
        JsonPayloadError::ContentType => Error::problem(Code::MediaTypeUnsupported),
        _ => Error::problem(Code::Malformed),
    }
}

fn pointer(path: &Path) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", escape(key)),
            Segment::Enum { variant } => format!("/{}", escape(variant)),
            Segment::Unknown => String::new(),
        })
        .collect()
}

/// `at` is where the reader stood when it gave up.
fn fault(error: &serde_json::Error, at: String) -> Error {
    if !error.is_data() {
        return Error::problem(Code::Malformed);
    }
    let message = error.to_string();
    let named = |prefix: &str| message.split_once(prefix).and_then(|(_, rest)| rest.split('`').next()).map(str::to_owned);
    let member = |name: &str| {
        let member = format!("/{}", escape(name));
        // The reader may or may not have gone into the member it does not know.
        if at.ends_with(&member) { at.clone() } else { format!("{at}{member}") }
    };
    if let Some(name) = named("unknown field `") {
        return Error::fields(vec![FieldError::with(member(&name), Code::UnknownField, name)]);
    }
    if let Some(name) = named("missing field `") {
        return Error::field(format!("{at}/{}", escape(&name)), Code::Required);
    }
    if let Some(name) = named("unknown variant `") {
        return Error::fields(vec![FieldError::with(at, Code::Enumeration, name)]);
    }
    Error::field(at, Code::WrongType)
}
