//! Files of the matter.

use super::{
    control::{Control, is_checked},
    faults::upload_words,
};
use crate::kernel::{
    api,
    hooks::{use_mutation, use_query},
    i18n::use_lang,
};
use serde_json::json;
use shared::kernel::{api::AttachmentView, messages as m};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub(super) struct AttachmentsProps {
    pub control: Control,
    pub matter: Option<AttrValue>,
}

/// Files of the matter: choose those that are there, or add new ones.
#[component]
pub(super) fn AttachmentsInput(props: &AttachmentsProps) -> Html {
    let lang = use_lang();
    let path = props.matter.as_ref().map(|matter| format!("/matters/{matter}/attachments"));
    let files = use_query::<api::Listing<AttachmentView>>(path.clone());
    let chosen = props.control.codes();
    let upload = {
        let (set, chosen, reload) = (props.control.set.clone(), chosen.clone(), files.reload.clone());
        use_mutation(
            move |file: web_sys::File| {
                let path = path.clone().unwrap_or_default();
                async move { api::upload::<AttachmentView>(&path, &file).await }
            },
            Callback::from(move |file: AttachmentView| {
                let mut ids = chosen.clone();
                ids.push(file.id.to_string());
                set.emit(json!(ids));
                reload.emit(());
            }),
        )
    };
    let onchange = {
        let run = upload.run.clone();
        Callback::from(move |event: Event| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            if let Some(file) = input.as_ref().and_then(HtmlInputElement::files).and_then(|files| files.get(0)) {
                run.emit(file);
            }
            if let Some(input) = input {
                input.set_value("");
            }
        })
    };
    let known: Vec<AttachmentView> = files.ready().map(|files| (**files).clone().into_items()).unwrap_or_default();
    html! {
        <div class="files">
            <div class="checks">
                { for known.iter().map(|file| {
                    let id = file.id.to_string();
                    let on = chosen.contains(&id);
                    let (set, chosen) = (props.control.set.clone(), chosen.clone());
                    let onchange = Callback::from(move |event: Event| {
                        let mut ids: Vec<String> = chosen.iter().filter(|other| **other != id).cloned().collect();
                        if is_checked(&event) { ids.push(id.clone()); }
                        set.emit(json!(ids));
                    });
                    html! { <label key={file.id.to_string()} class="check"><input type="checkbox" checked={on} {onchange} />{ &file.name }</label> }
                }) }
            </div>
            if props.matter.is_some() {
                <input id={props.control.id.clone()} type="file" disabled={upload.busy || props.control.disabled} {onchange} />
            } else {
                <span class="hint">{ m::SAVE_DRAFT_FIRST.in_lang(lang) }</span>
            }
            <span class="error" role="alert">{ upload.error.as_ref().map(|error| upload_words(error, lang)).unwrap_or_default() }</span>
        </div>
    }
}
