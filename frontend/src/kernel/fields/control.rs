//! What every input shares, and the ones that are one native element.

use crate::ui::target_value;
use serde_json::Value;
use shared::kernel::{field::Choice, messages as m, text::Lang};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Up to this many choices are shown side by side.
pub(super) const SEGMENTS: usize = 4;

/// What every input element shares.
#[derive(Clone, PartialEq)]
pub(super) struct Control {
    pub id: String,
    pub invalid: bool,
    pub described: String,
    pub required: bool,
    pub disabled: bool,
    pub value: Value,
    pub set: Callback<Value>,
}

impl Control {
    pub fn text(&self) -> String {
        self.value.as_str().unwrap_or_default().to_owned()
    }
    pub fn codes(&self) -> Vec<String> {
        self.value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }
    pub fn set_text<E: AsRef<Event> + 'static>(&self) -> Callback<E> {
        let set = self.set.clone();
        Callback::from(move |event: E| set.emit(Value::String(target_value(event.as_ref()))))
    }
    pub fn invalid(&self) -> Option<&'static str> {
        self.invalid.then_some("true")
    }
    pub fn line(&self, max: usize) -> Html {
        html! {
            <input id={self.id.clone()} type="text" value={self.text()} maxlength={max.to_string()} disabled={self.disabled}
                aria-required={self.required.to_string()} aria-invalid={self.invalid()} aria-describedby={self.described.clone()}
                autocomplete="off" oninput={self.set_text::<InputEvent>()} />
        }
    }
    pub fn area(&self, max: usize, rows: &'static str) -> Html {
        html! {
            <textarea id={self.id.clone()} value={self.text()} maxlength={max.to_string()} {rows} disabled={self.disabled}
                aria-required={self.required.to_string()} aria-invalid={self.invalid()} aria-describedby={self.described.clone()}
                oninput={self.set_text::<InputEvent>()} />
        }
    }
    pub fn check(&self, words: String) -> Html {
        let set = self.set.clone();
        let onchange = Callback::from(move |event: Event| set.emit(Value::Bool(is_checked(&event))));
        html! { <label class="check"><input id={self.id.clone()} type="checkbox" checked={self.value.as_bool().unwrap_or(false)} disabled={self.disabled} {onchange} />{ words }</label> }
    }
    pub fn radios(&self, choices: &[Choice], lang: Lang) -> Html {
        let value = self.text();
        html! {
            <div class="segments" role="radiogroup" aria-labelledby={format!("{}-label", self.id)} aria-describedby={self.described.clone()}>
                { for choices.iter().enumerate().map(|(index, choice)| {
                    let (set, code) = (self.set.clone(), choice.code.clone());
                    let id = if index == 0 { self.id.clone() } else { format!("{}-{index}", self.id) };
                    html! {
                        <label key={choice.code.clone()} class="segment">
                            <input {id} type="radio" name={self.id.clone()} checked={value == choice.code} disabled={self.disabled}
                                onchange={Callback::from(move |_: Event| set.emit(Value::String(code.clone())))} />
                            <span>{ choice.label.in_lang(lang).to_owned() }</span>
                        </label>
                    }
                }) }
            </div>
        }
    }
    pub fn select(&self, choices: &[Choice], lang: Lang) -> Html {
        let value = self.text();
        html! {
            <select id={self.id.clone()} disabled={self.disabled} aria-required={self.required.to_string()} aria-invalid={self.invalid()}
                aria-describedby={self.described.clone()} onchange={self.set_text::<Event>()}>
                <option value="" selected={value.is_empty()}>{ m::CHOOSE.in_lang(lang) }</option>
                { for choices.iter().map(|choice| html! {
                    <option key={choice.code.clone()} value={choice.code.clone()} selected={value == choice.code}>{ choice.label.in_lang(lang).to_owned() }</option>
                }) }
            </select>
        }
    }
}

pub(super) fn is_checked(event: &Event) -> bool {
    event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()).is_some_and(|input| input.checked())
}

#[derive(Properties, PartialEq)]
pub(super) struct ControlProps {
    pub control: Control,
}
