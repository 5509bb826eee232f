//! What opens from a button over the page, by the native `popover`: Escape or a press elsewhere closes it, one opens at a time, and
//! the keyboard goes from the button into it and back.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// Between the button and what opens.
const GAP: f64 = 4.0;

#[derive(Properties, PartialEq)]
pub struct PopoverProps {
    /// By which the button finds it; once in a page.
    pub id: AttrValue,
    /// What the button says.
    pub label: Html,
    /// Of the button.
    #[prop_or_default]
    pub class: Classes,
    /// Of what opens.
    #[prop_or_default]
    pub inside: Classes,
    /// A link inside closes it, as does whatever has the class `closes`.
    #[prop_or_default]
    pub children: Html,
}

/// Puts it under its button, at the button's edge that is nearer to the window's: the top layer, where it opens, knows nothing of the
/// button. By the style's own interface, since the policy forbids style attributes.
fn place(button: &Element, node: &HtmlElement) {
    let Some(window) = web_sys::window() else { return };
    let Some(root) = window.document().and_then(|document| document.document_element()) else { return };
    let (at, width) = (button.get_bounding_client_rect(), f64::from(root.client_width()));
    // In the bar that stays it stays, elsewhere it scrolls with its button.
    let stays = button.closest(".top").ok().flatten().is_some();
    let scrolled = if stays { 0.0 } else { window.scroll_y().unwrap_or_default() };
    let (start, end) = if at.left() + at.right() > width {
        ("auto".to_owned(), format!("{}px", width - at.right()))
    } else {
        (format!("{}px", at.left()), "auto".to_owned())
    };
    let top = format!("{}px", at.bottom() + GAP + scrolled);
    for (name, value) in [("--at-top", top), ("--at-start", start), ("--at-end", end)] {
        let _ = node.style().set_property(name, &value);
    }
}

#[component]
pub fn Popover(props: &PopoverProps) -> Html {
    let (button, node) = (use_node_ref(), use_node_ref());
    // A press is told before the browser opens what the button names.
    let onpress = {
        let (button, node) = (button.clone(), node.clone());
        Callback::from(move |_: MouseEvent| {
            if let (Some(button), Some(node)) = (button.cast::<Element>(), node.cast::<HtmlElement>()) {
                place(&button, &node);
            }
        })
    };
    let onchosen = {
        let node = node.clone();
        Callback::from(move |event: MouseEvent| {
            let chosen =
                event.target().and_then(|target| target.dyn_into::<Element>().ok()).and_then(|element| element.closest("a, .closes").ok()?);
            if let (Some(_), Some(node)) = (chosen, node.cast::<HtmlElement>()) {
                let _ = node.hide_popover();
            }
        })
    };
    html! {
        <>
            <button ref={button} type="button" class={props.class.clone()} popovertarget={props.id.clone()} onclick={onpress}>{ props.label.clone() }</button>
            <div ref={node} id={props.id.clone()} class={classes!("pop", props.inside.clone())} popover="auto" onclick={onchosen}>{ props.children.clone() }</div>
        </>
    }
}
