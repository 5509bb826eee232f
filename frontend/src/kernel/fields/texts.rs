//! Short texts, one a line.

use super::control::Control;
use crate::{kernel::i18n::use_lang, ui::target_value};
use serde_json::json;
use shared::kernel::messages as m;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub(super) struct TextsProps {
    pub control: Control,
    pub max_items: usize,
}

#[component]
pub(super) fn TextsInput(props: &TextsProps) -> Html {
    let lang = use_lang();
    let typed = use_state(|| props.control.codes().join("\n"));
    let oninput = {
        let (typed, set) = (typed.clone(), props.control.set.clone());
        Callback::from(move |event: InputEvent| {
            let text = target_value(&event);
            let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            set.emit(json!(lines));
            typed.set(text);
        })
    };
    html! {
        <>
            <textarea id={props.control.id.clone()} rows="3" value={(*typed).clone()} disabled={props.control.disabled} aria-invalid={props.control.invalid()}
                aria-describedby={props.control.described.clone()} {oninput} />
            <span class="hint">{ m::ONE_A_LINE.fill(lang, &[&props.max_items.to_string()]) }</span>
        </>
    }
}
