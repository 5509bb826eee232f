//! What is wrong with a form, in words: at the field, and in a summary on top that takes focus.

use crate::kernel::{api, i18n::use_lang};
use shared::kernel::{
    field::{Field, Input},
    messages as m,
    problem::{Code, FieldError},
    text::Lang,
    typed_day::names_no_day,
};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

/// Words for one fault, with the field's own limits.
pub fn fault_words(error: &FieldError, field: Option<&Field>, lang: Lang) -> String {
    let Some(code) = Code::parse(&error.code) else { return error.detail.clone().unwrap_or_else(|| error.code.clone()) };
    let limits = match (code, field.map(|field| &field.input)) {
        (Code::Length, Some(Input::Text { min, max } | Input::LongText { min, max })) => {
            Some(m::LIMIT_CHARACTERS.fill(lang, &[&min.to_string(), &max.to_string()]))
        }
        // Of the title, which no kind declares, the server tells the limits.
        (Code::Length, None) => {
            error.detail.as_deref().and_then(|detail| detail.split_once('–')).map(|(min, max)| m::LIMIT_CHARACTERS.fill(lang, &[min, max]))
        }
        (Code::Range | Code::WrongType, Some(Input::Money)) => Some(m::LIMIT_MONEY.in_lang(lang).to_owned()),
        (Code::Range | Code::WrongType, Some(Input::Integer { min, max })) => Some(m::LIMIT_NUMBER.fill(lang, &[&min.to_string(), &max.to_string()])),
        (
            Code::Required,
            Some(Input::Choice { .. } | Input::CodeList { .. } | Input::CodeLists { .. } | Input::Unit | Input::Units { .. } | Input::OwnUser),
        ) => Some(m::PLEASE_CHOOSE.in_lang(lang).to_owned()),
        (Code::Format, Some(Input::Date)) if error.detail.as_deref().is_some_and(names_no_day) => Some(m::DAY_NOT_THERE.in_lang(lang).to_owned()),
        (Code::Format, Some(Input::Date)) => Some(m::DAY_UNREADABLE.in_lang(lang).to_owned()),
        (Code::Required, Some(Input::Bool)) => Some(m::PLEASE_CONFIRM.in_lang(lang).to_owned()),
        (Code::Required, _) => Some(m::PLEASE_FILL.in_lang(lang).to_owned()),
        _ => None,
    };
    limits.unwrap_or_else(|| {
        let words = code.message().in_lang(lang);
        match &error.detail {
            Some(detail) if code != Code::Length && code != Code::Range => format!("{words}（{detail}）"),
            _ => words.to_owned(),
        }
    })
}

/// Words for a file that was refused.
pub fn upload_words(error: &api::ApiError, lang: Lang) -> String {
    if error.is(Code::Required) { m::FILE_EMPTY.in_lang(lang).to_owned() } else { error.words(lang) }
}

pub(super) fn element_id(scope: &str, pointer: &str) -> String {
    format!("{scope}{}", pointer.replace('/', "-"))
}

/// Puts the keyboard into a field; false when there is none.
fn focus_on(id: &str) -> bool {
    let element = web_sys::window().and_then(|window| window.document()).and_then(|document| document.get_element_by_id(id));
    element.and_then(|element| element.dyn_into::<HtmlElement>().ok()).is_some_and(|element| element.focus().is_ok())
}

/// A place of the form beside the kind's own fields.
#[derive(Clone, PartialEq)]
pub struct Elsewhere {
    pub pointer: String,
    pub label: String,
    /// The element's.
    pub id: String,
    /// How it is asked for, where it has a descriptor.
    pub field: Option<Field>,
}

#[derive(Properties, PartialEq)]
pub struct ErrorSummaryProps {
    /// The form's `scope`.
    pub scope: AttrValue,
    pub fields: Rc<Vec<Field>>,
    pub prefix: AttrValue,
    pub errors: Rc<Vec<FieldError>>,
    #[prop_or_default]
    pub elsewhere: Vec<Elsewhere>,
    /// What failed as a whole.
    #[prop_or_default]
    pub sentence: Option<String>,
}

/// What has to be mended, with links to the places. Takes focus whenever it changes.
#[component]
pub fn ErrorSummary(props: &ErrorSummaryProps) -> Html {
    let lang = use_lang();
    let node = use_node_ref();
    let present = !props.errors.is_empty() || props.sentence.is_some();
    use_effect_with((props.errors.clone(), props.sentence.clone()), {
        let node = node.clone();
        move |_| {
            if present && let Some(element) = node.cast::<HtmlElement>() {
                let _ = element.focus();
            }
        }
    });
    let entry = |index: usize, error: &FieldError| {
        let rest = error.pointer.strip_prefix(props.prefix.as_str()).unwrap_or(&error.pointer);
        let mut parts = rest.split('/').skip(1);
        let field = parts.next().and_then(|name| props.fields.iter().find(|field| field.name == name));
        let row = parts.next().and_then(|part| part.parse::<usize>().ok());
        let inner = match (field.map(|field| &field.input), parts.next()) {
            (Some(Input::Rows { fields, .. }), Some(name)) => fields.iter().find(|field| field.name == name),
            _ => None,
        };
        let other = props.elsewhere.iter().find(|other| field.is_none() && rest.starts_with(&other.pointer));
        let mut label = match (field, other) {
            (Some(field), _) => field.label.in_lang(lang).to_owned(),
            (None, Some(other)) => other.label.clone(),
            (None, None) => rest.trim_start_matches('/').to_owned(),
        };
        if let Some(row) = row {
            label.push_str(&format!(" {}", row + 1));
        }
        if let Some(inner) = inner {
            label.push_str(&format!(" · {}", inner.label.in_lang(lang)));
        }
        let id = other.map_or_else(|| element_id(&props.scope, &error.pointer), |other| other.id.to_owned());
        let onclick = {
            // One of several values has no element of its own: its field has.
            let whole = field.map(|field| element_id(&props.scope, &format!("{}/{}", props.prefix, field.name)));
            let id = id.clone();
            Callback::from(move |event: MouseEvent| {
                event.prevent_default();
                if !focus_on(&id)
                    && let Some(whole) = &whole
                {
                    focus_on(whole);
                }
            })
        };
        html! { <li key={index}><a href={format!("#{id}")} {onclick}>{ format!("{label}{}{}", lang.colon(), fault_words(error, inner.or(field).or_else(|| other?.field.as_ref()), lang)) }</a></li> }
    };
    html! {
        <div class="summary" tabindex="-1" ref={node} hidden={!present} role="alert">
            <p><b>{ props.sentence.clone().unwrap_or_else(|| m::N_FAULTS.fill(lang, &[&props.errors.len().to_string()])) }</b></p>
            <ul>{ for props.errors.iter().enumerate().map(|(index, error)| entry(index, error)) }</ul>
        </div>
    }
}
