//! Text into the clipboard, a page onto paper.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlTextAreaElement;

/// Whether it could be copied.
pub async fn copy_text(text: &str) -> bool {
    let Some(window) = web_sys::window() else { return false };
    // Without TLS, as inside many an office's network, browsers have no clipboard object.
    let clipboard = Reflect::get(&window.navigator(), &JsValue::from_str("clipboard")).unwrap_or(JsValue::UNDEFINED);
    if let Ok(write) = Reflect::get(&clipboard, &JsValue::from_str("writeText")).and_then(|write| write.dyn_into::<Function>())
        && let Ok(promise) = write.call1(&clipboard, &JsValue::from_str(text)).and_then(|promise| promise.dyn_into::<js_sys::Promise>())
        && JsFuture::from(promise).await.is_ok()
    {
        return true;
    }
    copy_selected(text).unwrap_or(false)
}

/// The older way: select the text in a field, then ask the document.
fn copy_selected(text: &str) -> Option<bool> {
    let document = web_sys::window()?.document()?;
    let area = document.create_element("textarea").ok()?.dyn_into::<HtmlTextAreaElement>().ok()?;
    area.set_value(text);
    area.set_class_name("m-offscreen");
    let body = document.body()?;
    body.append_child(&area).ok()?;
    area.select();
    let command = Reflect::get(&document, &JsValue::from_str("execCommand")).ok()?.dyn_into::<Function>().ok();
    let done = command.and_then(|command| command.call1(&document, &JsValue::from_str("copy")).ok()).is_some_and(|done| done.is_truthy());
    body.remove_child(&area).ok()?;
    Some(done)
}

pub fn print_page() {
    if let Some(window) = web_sys::window() {
        let _ = window.print();
    }
}
