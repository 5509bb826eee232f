//! One person at the keyboard: signs in once, then reads, writes and acts.

use crate::{Answer, City};
use reqwest::blocking::{RequestBuilder, multipart};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

pub struct Person<'a> {
    pub(crate) city: &'a City,
    pub username: String,
}

/// A key no other request of this run has.
pub fn fresh_key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Person<'_> {
    /// This person's access token.
    #[track_caller]
    pub fn token(&self) -> String {
        self.city.token(&self.username)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, |request| request)
    }

    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, |request| headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)))
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, |request| request)
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with_key(path, body, &fresh_key())
    }

    pub fn post_with_key(&self, path: &str, body: &Value, key: &str) -> Answer {
        self.send("POST", path, |request| request.header("idempotency-key", key).json(body))
    }

    /// A change of a version seen before; `None` sends no `If-Match`.
    pub fn patch(&self, path: &str, version: Option<i64>, body: &Value) -> Answer {
        self.send("PATCH", path, |request| if_match(request, version).header("idempotency-key", fresh_key()).json(body))
    }

    pub fn upload(&self, path: &str, file_name: &str, bytes: Vec<u8>) -> Answer {
        self.upload_with_key(path, file_name, bytes, &fresh_key())
    }

    pub fn upload_with_key(&self, path: &str, file_name: &str, bytes: Vec<u8>, key: &str) -> Answer {
        let part = multipart::Part::bytes(bytes).file_name(file_name.to_owned());
        self.send("POST", path, |request| request.header("idempotency-key", key).multipart(multipart::Form::new().part("file", part)))
    }

    /// The matter as this person sees it now.
    #[track_caller]
    pub fn matter(&self, id: &str) -> Value {
        self.get(&format!("/matters/{id}")).ok()
    }

    /// Takes a step on what this person sees now.
    #[track_caller]
    pub fn act(&self, id: &str, action: &str, input: Value) -> Answer {
        let version = self.matter(id)["version"].as_i64();
        self.act_on(id, version, action, &input, &fresh_key())
    }

    pub fn act_on(&self, id: &str, version: Option<i64>, action: &str, input: &Value, key: &str) -> Answer {
        let body = json!({ "input": input });
        self.send("POST", &format!("/matters/{id}/actions/{action}"), |request| if_match(request, version).header("idempotency-key", key).json(&body))
    }

    /// Whether a box of this person has the matter, on any of its pages.
    #[track_caller]
    pub fn has_in_box(&self, name: &str, id: &str) -> bool {
        self.all(&format!("/matters?box={name}&limit=200")).iter().any(|item| item["id"] == id)
    }

    /// All items of a list, page by page.
    #[track_caller]
    pub fn all(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("{path}{cursor}")).ok();
            items.extend(page["items"].as_array().into_iter().flatten().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("{}cursor={next}", if path.contains('?') { "&" } else { "?" }),
                None => return items,
            }
        }
    }

    fn send(&self, method: &str, path: &str, build: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Answer {
        let token = self.city.token(&self.username);
        self.city.send(method, path, |request| build(request.bearer_auth(token)))
    }
}

fn if_match(request: RequestBuilder, version: Option<i64>) -> RequestBuilder {
    match version {
        Some(version) => request.header("if-match", format!("\"{version}\"")),
        None => request,
    }
}
