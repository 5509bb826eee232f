//! Short texts, one a line.

use super::control::Control;
use crate::{kernel::i18n::use_lang, ui::target_value};
use serde_json::json;
use shared::kernel::messages as m;
use yew::prelude::*;

/// The texts of several lines; blank ones are none.
fn lines_of(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

#[derive(Properties, PartialEq)]
pub(super) struct TextsProps {
    pub control: Control,
    pub max_items: usize,
}

#[component]
pub(super) fn TextsInput(props: &TextsProps) -> Html {
    let lang = use_lang();
    let typed = use_state(String::new);
    let oninput = {
        let (typed, set) = (typed.clone(), props.control.set.clone());
        Callback::from(move |event: InputEvent| {
            let text = target_value(&event);
            set.emit(json!(lines_of(&text)));
            typed.set(text);
        })
    };
    // As typed while it means the value; a value from elsewhere, a draft or another desk, is written out.
    let texts = props.control.codes();
    let shown = if lines_of(&typed) == texts { (*typed).clone() } else { texts.join("\n") };
    html! {
        <>
            <textarea id={props.control.id.clone()} rows="3" value={shown} disabled={props.control.disabled} aria-invalid={props.control.invalid()}
                aria-describedby={props.control.described.clone()} {oninput} />
            <span class="hint">{ m::ONE_A_LINE.fill(lang, &[&props.max_items.to_string()]) }</span>
        </>
    }
}
