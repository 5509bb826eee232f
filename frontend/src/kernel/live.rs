//! The live stream: what changed for this person, while a page is open. Read by `fetch`, since an `EventSource` can't carry the
//! access token; after a break it goes on where it ended.

use super::api;
use js_sys::{Reflect, Uint8Array};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, ReadableStreamDefaultReader};
use yew::prelude::*;

const FIRST_WAIT: u32 = 2_000;
const LONGEST_WAIT: u32 = 60_000;

type Listener = Callback<Option<String>>;

thread_local! {
    static LISTENERS: RefCell<Vec<(u32, Listener)>> = const { RefCell::new(Vec::new()) };
    static NEXT: Cell<u32> = const { Cell::new(0) };
}

/// Calls back with the id of a matter that changed, or `None` when everything shown should be read again.
#[hook]
pub fn use_live(listener: Listener) {
    use_effect_with(listener, |listener| {
        let id = NEXT.with(|next| next.replace(next.get() + 1));
        LISTENERS.with(|listeners| listeners.borrow_mut().push((id, listener.clone())));
        move || LISTENERS.with(|listeners| listeners.borrow_mut().retain(|(other, _)| *other != id))
    });
}

fn tell(matter: Option<&str>) {
    let listeners: Vec<Listener> = LISTENERS.with(|listeners| listeners.borrow().iter().map(|(_, listener)| listener.clone()).collect());
    for listener in listeners {
        listener.emit(matter.map(str::to_owned));
    }
}

/// Keeps the stream open as long as the component lives.
#[hook]
pub fn use_stream(wanted: bool) {
    use_effect_with(wanted, |wanted| {
        let controller = AbortController::new().ok().filter(|_| *wanted);
        if let Some(controller) = controller.clone() {
            spawn_local(async move { follow(&controller).await });
        }
        move || controller.iter().for_each(AbortController::abort)
    });
}

async fn follow(controller: &AbortController) {
    let signal = controller.signal();
    let last = Rc::new(RefCell::new(None::<String>));
    let mut wait = FIRST_WAIT;
    while !signal.aborted() {
        let after = last.borrow().clone();
        match api::open_stream("/stream", after.as_deref(), Some(&signal)).await {
            Ok(response) => {
                wait = FIRST_WAIT;
                read(&response, &last).await;
            }
            Err(error) if error.is_aborted() => return,
            // Not allowed here (an administrator), or too many: there is nothing to wait for.
            Err(error) if matches!(error.status(), 403 | 404) => return,
            Err(_) => wait = (wait * 2).min(LONGEST_WAIT),
        }
        gloo::timers::future::TimeoutFuture::new(wait).await;
    }
}

/// Reads until the stream ends.
async fn read(response: &web_sys::Response, last: &RefCell<Option<String>>) {
    let Some(body) = response.body() else { return };
    let Ok(reader) = body.get_reader().dyn_into::<ReadableStreamDefaultReader>() else { return };
    let mut pending: Vec<u8> = Vec::new();
    loop {
        let Ok(piece) = JsFuture::from(reader.read()).await else { return };
        let member = |name: &str| Reflect::get(&piece, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
        if member("done").is_truthy() {
            return;
        }
        let Ok(bytes) = member("value").dyn_into::<Uint8Array>() else { return };
        pending.extend(bytes.to_vec());
        while let Some(end) = pending.windows(2).position(|pair| pair == b"\n\n") {
            let frame: Vec<u8> = pending.drain(..end + 2).collect();
            take(&String::from_utf8_lossy(&frame), last);
        }
    }
}

/// One event: fields by line (WHATWG HTML §9.2.6).
fn take(frame: &str, last: &RefCell<Option<String>>) {
    let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    if let Some(id) = field("id:") {
        *last.borrow_mut() = Some(id.to_owned());
    }
    match field("event:") {
        Some("reload") => tell(None),
        Some("matter") => {
            let data = field("data:").unwrap_or_default();
            let matter = data.split("\"matter\":\"").nth(1).and_then(|rest| rest.split('"').next());
            tell(matter);
        }
        _ => {}
    }
}
