//! The page's filters in its address.

use crate::kernel::{
    query::Query,
    router::{Go, use_go, use_query_string},
};
use yew::prelude::*;
use yew_router::prelude::use_location;

/// The query of the address, and how to change it.
#[derive(Clone)]
pub struct Url {
    path: String,
    query: Query,
    go: Go,
}

impl Url {
    /// The value of a name; empty when absent.
    pub fn get(&self, name: &str) -> &str {
        self.query.get(name).unwrap_or_default()
    }

    /// Sets a value (an empty one removes it) without a new entry in the browser's history.
    pub fn set(&self, name: &str, value: &str) {
        let next = self.query.with(name, Some(value).filter(|value| !value.is_empty()));
        self.go.replace(&format!("{}{}", self.path, next.suffix()));
    }

    pub fn clear(&self) {
        self.go.replace(&self.path);
    }

    /// The filters named as a query for the API: `?a=b`, or nothing.
    pub fn only(&self, names: &[&str]) -> String {
        self.query.only(names).suffix()
    }
}

#[hook]
pub fn use_url() -> Url {
    let path = use_location().map(|location| location.path().to_owned()).unwrap_or_default();
    Url { path, query: use_query_string(), go: use_go() }
}
