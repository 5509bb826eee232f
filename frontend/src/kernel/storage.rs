//! What this browser remembers: language, columns, unfinished forms. Never a token.

use serde::{Serialize, de::DeserializeOwned};

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

pub fn read<T: DeserializeOwned>(key: &str) -> Option<T> {
    let text = storage()?.get_item(&format!("liandong.{key}")).ok().flatten()?;
    T::deserialize(serde_json::from_str::<serde_json::Value>(&text).ok()?).ok()
}

pub fn write<T: Serialize>(key: &str, value: &T) {
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(value)) {
        // A full or forbidden storage only costs the convenience.
        let _ = storage.set_item(&format!("liandong.{key}"), &text);
    }
}

/// Stands here from sign-in until sign-out, or until the server knows of no session.
pub const SIGNED_IN: &str = "signed-in";

/// Whether it is worth asking the server for a session: its cookie can't be looked at, and asking in vain would keep everybody else
/// waiting for the sign-in page. Where nothing can be remembered, there may be one.
pub fn may_be_signed_in() -> bool {
    storage().is_none_or(|storage| storage.get_item(&format!("liandong.{SIGNED_IN}")).ok().flatten().is_some())
}

pub fn remove(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&format!("liandong.{key}"));
    }
}

/// Forgets unfinished forms, when a person signs out of a shared computer.
pub fn forget_drafts() {
    let Some(storage) = storage() else { return };
    let length = storage.length().unwrap_or(0);
    let keys: Vec<String> = (0..length).filter_map(|index| storage.key(index).ok().flatten()).collect();
    for key in keys.iter().filter(|key| key.starts_with("liandong.form.")) {
        let _ = storage.remove_item(key);
    }
}
