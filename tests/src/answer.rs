//! What the server said, with checks that show the whole answer when they fail.

use reqwest::{blocking::Response, header::HeaderMap};
use serde_json::Value;

pub struct Answer {
    /// Method and path, for messages.
    pub request: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn read(request: String, response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().map(|bytes| bytes.to_vec()).unwrap_or_default();
        Self { request, status, headers, bytes }
    }

    /// None when the body broke off.
    pub(crate) fn whole(request: String, response: Response) -> Option<Self> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().ok()?.to_vec();
        Some(Self { request, status, headers, bytes })
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// A success with a JSON body.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{self}");
        self.json()
    }

    /// A problem of the catalogue, complete as RFC 9457 and DESIGN.md §5.8 want it.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let body = self.json();
        assert!(self.status == status && body["code"] == code, "expected {status} {code}, got {self}");
        assert!(self.header("content-type").starts_with("application/problem+json"), "{self}");
        assert!(body["request_id"].as_str().is_some_and(|id| !id.is_empty()), "without a request id: {self}");
        assert_eq!(body["status"], status, "{self}");
        body
    }

    /// A problem with a fault at a pointer of the request.
    #[track_caller]
    pub fn fault(&self, pointer: &str, code: &str) {
        self.fault_of(422, pointer, code);
    }

    /// The same with another status.
    #[track_caller]
    pub fn fault_of(&self, status: u16, pointer: &str, code: &str) {
        let body = self.json();
        assert_eq!(self.status, status, "{self}");
        let found = body["errors"].as_array().is_some_and(|errors| errors.iter().any(|error| error["pointer"] == pointer && error["code"] == code));
        assert!(found, "no {code} at {pointer}: {self}");
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text: String = self.text().chars().take(2000).collect();
        write!(f, "{} → {} {text}", self.request, self.status)
    }
}
