//! Codes out of lists: one, or several.

use super::control::{Control, is_checked};
use crate::kernel::{i18n::use_lang, session::use_session};
use serde_json::json;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub(super) struct ListInputProps {
    pub control: Control,
    pub list: String,
    #[prop_or_default]
    pub max: usize,
}

#[component]
pub(super) fn CodeListInput(props: &ListInputProps) -> Html {
    let (lang, session) = (use_lang(), use_session());
    let choices = session.as_ref().map(|session| session.list(&props.list).to_vec()).unwrap_or_default();
    props.control.select(&choices, lang)
}

#[component]
pub(super) fn CodeListsInput(props: &ListInputProps) -> Html {
    let (lang, session) = (use_lang(), use_session());
    let choices = session.as_ref().map(|session| session.list(&props.list).to_vec()).unwrap_or_default();
    let chosen = props.control.codes();
    html! {
        <div class="checks" role="group" aria-labelledby={format!("{}-label", props.control.id)}>
            { for choices.iter().enumerate().map(|(index, choice)| {
                let on = chosen.contains(&choice.code);
                let full = props.max > 0 && chosen.len() >= props.max && !on;
                let (set, chosen, code) = (props.control.set.clone(), chosen.clone(), choice.code.clone());
                let onchange = Callback::from(move |event: Event| {
                    let mut codes: Vec<String> = chosen.iter().filter(|other| **other != code).cloned().collect();
                    if is_checked(&event) { codes.push(code.clone()); }
                    set.emit(json!(codes));
                });
                let id = if index == 0 { props.control.id.clone() } else { format!("{}-{index}", props.control.id) };
                html! { <label key={choice.code.clone()} class="check"><input {id} type="checkbox" checked={on} disabled={props.control.disabled || full} {onchange} />{ choice.label.in_lang(lang).to_owned() }</label> }
            }) }
        </div>
    }
}
