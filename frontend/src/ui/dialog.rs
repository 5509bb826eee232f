//! A window over the page, by the native `dialog`: focus stays inside, Escape closes.

use crate::kernel::i18n::use_lang;
use shared::kernel::messages as m;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct DialogProps {
    pub title: AttrValue,
    pub close: Callback<()>,
    #[prop_or_default]
    pub wide: bool,
    #[prop_or_default]
    pub children: Html,
    #[prop_or_default]
    pub footer: Html,
}

/// Mounted: open. The caller takes it away when `close` is called.
#[component]
pub fn Dialog(props: &DialogProps) -> Html {
    let lang = use_lang();
    let node = use_node_ref();
    use_effect_with((), {
        let node = node.clone();
        move |()| {
            let dialog = node.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog
                && !dialog.open()
            {
                let _ = dialog.show_modal();
                // The first question, not the cross, gets the keyboard.
                let first = dialog.query_selector(".dialog-body input, .dialog-body textarea, .dialog-body select").ok().flatten();
                if let Some(element) = first.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
                    let _ = element.focus();
                }
            }
            move || {
                if let Some(dialog) = dialog {
                    dialog.close();
                }
            }
        }
    });
    let oncancel = {
        let close = props.close.clone();
        Callback::from(move |event: Event| {
            event.prevent_default();
            close.emit(());
        })
    };
    html! {
        <dialog ref={node} class={classes!("dialog", props.wide.then_some("wide"))} {oncancel} aria-label={props.title.clone()}>
            <header><h2>{ &props.title }</h2><button type="button" class="btn quiet" aria-label={m::CLOSE.in_lang(lang)} onclick={props.close.reform(|_: MouseEvent| ())}>{ "×" }</button></header>
            <div class="dialog-body">{ props.children.clone() }</div>
            <footer>{ props.footer.clone() }</footer>
        </dialog>
    }
}
