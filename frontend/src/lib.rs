//! The client: one page application over the API. `kernel` is what pages stand on, `ui` the components, `pages` and
//! `pages_more` the pages.

mod app;
pub mod kernel;
pub mod pages;
pub mod pages_more;
mod parts;
mod shell;
pub mod ui;

use wasm_bindgen::prelude::wasm_bindgen;

/// A panic can't be caught here; what can be done is to say so and how to go on.
fn show_fault(fault: &std::panic::PanicHookInfo<'_>) {
    let text = fault.to_string();
    web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("fault"))
        .into_iter()
        .for_each(|place| place.set_class_name("shown"));
    wasm_bindgen::throw_str(&text);
}

#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(show_fault));
    let place = web_sys::window().and_then(|window| window.document()).and_then(|document| document.get_element_by_id("app"));
    if let Some(place) = place {
        place.set_inner_html("");
        yew::Renderer::<app::App>::with_root(place).render();
    }
}
