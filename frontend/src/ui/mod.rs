//! The component set: native elements with the product's look. Nothing here knows a page or calls the server.

mod date;
mod dialog;
mod lamp;
mod matters;
mod popover;

pub use date::{DateBox, YearOfDays};
pub use dialog::Dialog;
pub use lamp::{Lamp, MatterLamp, lamp_words};
pub use matters::{MatterBriefs, MatterCard, MatterLink, MatterTable, level_words, part_words};
pub use popover::Popover;

use crate::kernel::{api::ApiError, i18n::use_lang, router::A};
use shared::kernel::messages as m;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

/// The value of the input, select or textarea an event comes from.
pub fn target_value(event: &Event) -> String {
    let Some(target) = event.target() else { return String::new() };
    if let Some(input) = target.dyn_ref::<HtmlInputElement>() {
        input.value()
    } else if let Some(area) = target.dyn_ref::<HtmlTextAreaElement>() {
        area.value()
    } else if let Some(select) = target.dyn_ref::<HtmlSelectElement>() {
        select.value()
    } else {
        String::new()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    #[default]
    Plain,
    Primary,
    Danger,
    /// Text only, for the least important.
    Quiet,
}

impl Tone {
    pub const fn class(self) -> &'static str {
        match self {
            Self::Plain => "btn",
            Self::Primary => "btn primary",
            Self::Danger => "btn danger",
            Self::Quiet => "btn quiet",
        }
    }
}

#[derive(Properties, PartialEq)]
pub struct ButtonProps {
    #[prop_or_default]
    pub id: Option<AttrValue>,
    #[prop_or_default]
    pub tone: Tone,
    #[prop_or_default]
    pub class: Classes,
    #[prop_or_default]
    pub busy: bool,
    #[prop_or_default]
    pub disabled: bool,
    #[prop_or_default]
    pub submit: bool,
    #[prop_or_default]
    pub label: Option<AttrValue>,
    /// What it does, where the words of the button are few.
    #[prop_or_default]
    pub title: Option<AttrValue>,
    #[prop_or_default]
    pub onclick: Callback<MouseEvent>,
    #[prop_or_default]
    pub children: Html,
}

#[component]
pub fn Button(props: &ButtonProps) -> Html {
    html! {
        <button id={props.id.clone()} type={if props.submit { "submit" } else { "button" }} class={classes!(props.tone.class(), props.class.clone())}
            disabled={props.disabled || props.busy} aria-busy={props.busy.then_some("true")} aria-label={props.label.clone()} title={props.title.clone()} onclick={props.onclick.clone()}>
            { props.children.clone() }
        </button>
    }
}

#[derive(Properties, PartialEq)]
pub struct CardProps {
    #[prop_or_default]
    pub title: AttrValue,
    /// Right of the title.
    #[prop_or_default]
    pub side: Html,
    #[prop_or_default]
    pub class: Classes,
    /// Without inner space, for tables.
    #[prop_or_default]
    pub flush: bool,
    #[prop_or_default]
    pub children: Html,
}

#[component]
pub fn Card(props: &CardProps) -> Html {
    html! {
        <section class={classes!("card", props.class.clone())}>
            <header hidden={props.title.is_empty()}><h2>{ &props.title }</h2><div class="side">{ props.side.clone() }</div></header>
            <div class={if props.flush { "flush" } else { "pad" }}>{ props.children.clone() }</div>
        </section>
    }
}

#[derive(Properties, PartialEq)]
pub struct EmptyProps {
    /// Why it is empty.
    pub title: AttrValue,
    /// What would be here, or the first step.
    #[prop_or_default]
    pub text: AttrValue,
    #[prop_or_default]
    pub children: Html,
}

#[component]
pub fn Empty(props: &EmptyProps) -> Html {
    html! {
        <div class="empty">
            <svg width="44" height="44" viewBox="0 0 44 44" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true">
                <rect x="9" y="7" width="26" height="30" rx="3" /><path d="M15 15h14M15 21h14M15 27h8" />
            </svg>
            <p><b>{ &props.title }</b></p>
            <p class="sub">{ &props.text }</p>
            <div>{ props.children.clone() }</div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
pub struct SkeletonProps {
    #[prop_or(4)]
    pub lines: usize,
}

/// Grey lines, shown by the style sheet after 300 ms, so that quick answers don't flicker.
#[component]
pub fn Skeleton(props: &SkeletonProps) -> Html {
    let lang = use_lang();
    html! {
        <div class="skeleton" role="status" aria-label={m::LOADING.in_lang(lang)}>
            { for (0..props.lines).map(|index| html! { <i key={index}></i> }) }
        </div>
    }
}

#[derive(Properties, PartialEq)]
pub struct TroubleProps {
    pub error: ApiError,
    #[prop_or_default]
    pub retry: Option<Callback<()>>,
}

/// An error in words with what to do, in place of what could not be read.
#[component]
pub fn Trouble(props: &TroubleProps) -> Html {
    let lang = use_lang();
    let what = if props.error.is_offline() {
        m::OFFLINE_WHAT
    } else if props.error.status() == 404 {
        m::NOT_FOUND_WHAT
    } else if props.error.status() == 403 {
        m::FORBIDDEN_WHAT
    } else {
        m::FAILED_WHAT
    };
    html! {
        <div class="empty" role="alert">
            <p><b>{ props.error.words(lang) }</b></p>
            <p class="sub">{ what.in_lang(lang) }</p>
            <p class="sub num" hidden={props.error.problem.request_id.is_empty() || props.error.status() < 500}>{ m::REQUEST_ID.fill(lang, &[&props.error.problem.request_id]) }</p>
            <div class="row-actions">
                if let Some(retry) = props.retry.clone().filter(|_| !matches!(props.error.status(), 403 | 404)) {
                    <Button onclick={retry.reform(|_: MouseEvent| ())}>{ m::TRY_AGAIN.in_lang(lang) }</Button>
                }
                <A href="/" class="btn">{ m::TO_HOME.in_lang(lang) }</A>
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
pub struct TabProps {
    pub href: AttrValue,
    pub current: bool,
    pub label: AttrValue,
    #[prop_or_default]
    pub count: Option<i64>,
}

/// One of a row of views; each is an address of its own.
#[component]
pub fn Tab(props: &TabProps) -> Html {
    let label = match props.count {
        Some(count) if count > 0 => format!("{} {count}", props.label),
        _ => props.label.to_string(),
    };
    html! { <A href={props.href.clone()} current={props.current}>{ label }</A> }
}

#[derive(Properties, PartialEq)]
pub struct ChipProps {
    pub on: bool,
    pub label: AttrValue,
    pub onclick: Callback<()>,
}

/// A filter that is on or off.
#[component]
pub fn Chip(props: &ChipProps) -> Html {
    html! {
        <button type="button" class={classes!("chip", props.on.then_some("on"))} aria-pressed={props.on.to_string()} onclick={props.onclick.reform(|_: MouseEvent| ())}>
            { &props.label }
        </button>
    }
}

#[derive(Properties, PartialEq)]
pub struct SearchChipProps {
    pub value: AttrValue,
    pub set: Callback<String>,
}

/// A filter of words, in force when they are finished. What is being typed stays while the page is drawn anew around it.
#[component]
pub fn SearchChip(props: &SearchChipProps) -> Html {
    let lang = use_lang();
    let typed = use_state_eq(|| None::<String>);
    // Another address, another search.
    use_effect_with(props.value.clone(), {
        let typed = typed.clone();
        move |_| typed.set(None)
    });
    let oninput = {
        let typed = typed.clone();
        Callback::from(move |event: InputEvent| typed.set(Some(target_value(&event))))
    };
    let onchange = props.set.reform(|event: Event| target_value(&event).trim().to_owned());
    let value = typed.as_ref().map_or_else(|| props.value.clone(), |typed| AttrValue::from(typed.clone()));
    html! {
        <input class={classes!("chip", (!props.value.is_empty()).then_some("on"))} type="search" {value} placeholder={m::FILTER_WORDS.in_lang(lang)}
            aria-label={m::FILTER_WORDS.in_lang(lang)} {oninput} {onchange} />
    }
}

#[derive(Properties, PartialEq)]
pub struct ChipSelectProps {
    pub label: AttrValue,
    /// Code and label.
    pub options: Vec<(String, String)>,
    pub value: AttrValue,
    pub onchange: Callback<String>,
}

/// A filter of one code out of several; empty: all.
#[component]
pub fn ChipSelect(props: &ChipSelectProps) -> Html {
    let onchange = props.onchange.reform(|event: Event| target_value(&event));
    html! {
        <select class={classes!("chip", (!props.value.is_empty()).then_some("on"))} aria-label={props.label.clone()} {onchange}>
            <option value="" selected={props.value.is_empty()}>{ &props.label }</option>
            { for props.options.iter().map(|(code, label)| html! { <option key={code.clone()} value={code.clone()} selected={props.value == *code}>{ label.clone() }</option> }) }
        </select>
    }
}

#[derive(Properties, PartialEq)]
pub struct MoreProps {
    pub more: Option<Callback<()>>,
    #[prop_or_default]
    pub shown: usize,
}

/// The end of a list: how many are shown, and the way to more.
#[component]
pub fn More(props: &MoreProps) -> Html {
    let lang = use_lang();
    let words = if props.more.is_some() { m::SHOWN_SO_FAR } else { m::SHOWN_ALL };
    html! {
        <div class="more" hidden={props.shown == 0}>
            <span class="sub">{ words.fill(lang, &[&props.shown.to_string()]) }</span>
            if let Some(more) = props.more.clone() {
                <Button onclick={more.reform(|_: MouseEvent| ())}>{ m::LOAD_MORE.in_lang(lang) }</Button>
            }
        </div>
    }
}
