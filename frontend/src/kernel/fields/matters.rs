//! Other matters, and rows of this one: chosen, not typed.

use super::{Subject, control::Control};
use crate::{
    kernel::{hooks::use_query, i18n::use_lang},
    ui::target_value,
};
use serde_json::Value;
use shared::kernel::{
    api::{MatterDetail, MatterItem, Page},
    field::Choice,
    given,
    text::Text,
};
use std::rc::Rc;
use yew::prelude::*;

/// So many characters of a title still fit in a line of choices.
const SHOWN: usize = 40;

#[derive(Properties, PartialEq)]
pub(super) struct MatterInputProps {
    pub control: Control,
    pub kind: String,
    pub child: bool,
}

fn shortened(text: &str) -> String {
    let mut characters = text.chars();
    let mut short: String = characters.by_ref().take(SHOWN).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}

fn choice(code: &str, words: String) -> Choice {
    Choice { code: code.to_owned(), label: Text { zh: words.clone(), en: words } }
}

/// The open matters that may be meant. While they don't all come in one page, one also types the number.
#[component]
pub(super) fn MatterInput(props: &MatterInputProps) -> Html {
    let lang = use_lang();
    let subject = use_context::<Subject>();
    let own = subject.as_ref().map(|subject| subject.0.item.id);
    let of = own.filter(|_| props.child).map(|id| format!("&parent={id}")).unwrap_or_default();
    let page = use_query::<Page<Rc<MatterItem>>>(Some(format!("/matters?kind={}{of}&open=true&sort=number&limit=200", props.kind)));
    let control = &props.control;
    let Some(page) = page.ready() else { return control.line(40) };
    let numbered = page.items.iter().filter(|item| Some(item.id) != own).filter_map(|item| Some((item.number.as_deref()?, item)));
    let mut choices: Vec<Choice> = numbered.map(|(number, item)| choice(number, format!("{} · {number}", shortened(&item.title)))).collect();
    let value = control.text();
    if page.next_cursor.is_none() {
        // What was kept or typed before stays as it is, though it may be closed by now.
        if !value.is_empty() && !choices.iter().any(|choice| choice.code == value) {
            choices.push(choice(&value, value.clone()));
        }
        return control.select(&choices, lang);
    }
    let list = format!("{}-known", control.id);
    let set = control.set.clone();
    html! {
        <>
            <input id={control.id.clone()} type="text" {value} maxlength="40" list={list.clone()} disabled={control.disabled} autocomplete="off"
                aria-required={control.required.to_string()} aria-invalid={control.invalid()} aria-describedby={control.described.clone()}
                oninput={Callback::from(move |event: InputEvent| set.emit(Value::String(target_value(event.as_ref()))))} />
            <datalist id={list}>{ for choices.iter().map(|choice| html! { <option key={choice.code.clone()} value={choice.code.clone()}>{ choice.label.in_lang(lang).to_owned() }</option> }) }</datalist>
        </>
    }
}

#[derive(Properties, PartialEq)]
pub(super) struct RowOfProps {
    pub control: Control,
    pub rows: String,
    pub member: String,
}

/// A row of the matter's own, by its text.
#[component]
pub(super) fn RowOfInput(props: &RowOfProps) -> Html {
    let lang = use_lang();
    let subject = use_context::<Subject>();
    let texts = subject.map(|subject| given::choices(&subject.0.body, &props.rows, &props.member)).unwrap_or_default();
    let choices: Vec<Choice> = texts.iter().enumerate().map(|(index, text)| choice(text, format!("{}. {}", index + 1, shortened(text)))).collect();
    props.control.select(&choices, lang)
}

/// What an ask says, as [`given`] reads it.
pub fn asked(matter: &MatterDetail) -> impl Iterator<Item = given::Asked<'_>> + Clone {
    matter.asks.iter().map(|ask| (ask.unit.code.as_str(), ask.action.as_str(), ask.answer.as_ref()))
}
