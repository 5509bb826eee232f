//! Where the keyboard is after a change of page: on the heading of the page that came, as after a page load. A browser says a new
//! page by itself; of one that only the client changed, a screen reader says nothing.

use std::{cell::Cell, rc::Rc};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Document, Element, FocusOptions, HtmlElement, MutationObserver, MutationObserverInit};
use yew::prelude::*;

/// The heading; what could not be read has its reason instead.
const HEADING: &str = "main h1, main .empty[role='alert']";

thread_local! {
    /// Whether there was a page before: the first one is the browser's own, which says it.
    static SHOWN: Cell<bool> = const { Cell::new(false) };
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// What has the keyboard; nothing while it is with the page as a whole.
fn active(document: &Document) -> Option<Element> {
    document.active_element().filter(|element| element.tag_name() != "BODY")
}

/// Whether the keyboard is where it should stay: the person has gone on since the page changed, or the page put it into a field.
fn has_moved(document: &Document, before: Option<&Element>) -> bool {
    let by_page = |now: &Element| now.matches("main :is(input, textarea, select)").unwrap_or(false);
    active(document).is_some_and(|now| by_page(&now) || !before.is_some_and(|before| before.is_same_node(Some(&now))))
}

/// True once nothing is left to do.
fn arrive(document: &Document, before: Option<&Element>) -> bool {
    let Some(heading) = document.query_selector(HEADING).ok().flatten().and_then(|found| found.dyn_into::<HtmlElement>().ok()) else {
        return has_moved(document, before);
    };
    if !has_moved(document, before) {
        let options = FocusOptions::new();
        // A page begins at its top, under the bar that stays.
        options.set_prevent_scroll(true);
        // Not set where the heading is written: it is the same on every page.
        let _ = heading.set_attribute("tabindex", "-1");
        let _ = heading.focus_with_options(&options);
    }
    true
}

/// Moves the focus whenever `page` changes; to a heading that comes late (a part of the program, data) when it comes.
#[hook]
pub fn use_focus_on<T: PartialEq + 'static>(page: T) {
    use_effect_with(page, |_| {
        let watch = SHOWN.replace(true).then(document).flatten().and_then(|document| {
            let before = active(&document);
            if arrive(&document, before.as_ref()) {
                return None;
            }
            let root = document.body()?;
            let over = Rc::new(Cell::new(false));
            let changed = Closure::<dyn FnMut()>::new(move || {
                if !over.get() {
                    over.set(arrive(&document, before.as_ref()));
                }
            });
            let observer = MutationObserver::new(changed.as_ref().unchecked_ref()).ok()?;
            let what = MutationObserverInit::new();
            what.set_child_list(true);
            what.set_subtree(true);
            observer.observe_with_options(&root, &what).ok()?;
            Some((observer, changed))
        });
        move || {
            if let Some((observer, _)) = &watch {
                observer.disconnect();
            }
        }
    });
}
