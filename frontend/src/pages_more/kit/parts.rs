//! Small pieces of layout. Each keeps its element when it has nothing to show (Yew 0.23 loses the order of siblings otherwise).

use super::fault_words;
use crate::{
    kernel::{
        api::ApiError,
        hooks::{Fetched, PagesHandle, QueryHandle},
    },
    ui::{Dialog, More, Skeleton, Tab, Trouble},
};
use shared::kernel::{
    api::KindBrief,
    text::{Lang, Message},
};
use std::rc::Rc;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct HeadProps {
    pub title: AttrValue,
    #[prop_or_default]
    pub sub: AttrValue,
    /// The way here, above the title.
    #[prop_or_default]
    pub trail: Html,
    /// Buttons at the right.
    #[prop_or_default]
    pub children: Html,
}

/// The head of a page: where, what, and what can be done.
#[component]
pub fn Head(props: &HeadProps) -> Html {
    html! {
        <div class="head">
            <div class="m-head-words">
                <p class="crumb">{ props.trail.clone() }</p>
                <h1 tabindex="-1">{ &props.title }</h1>
                <p>{ &props.sub }</p>
            </div>
            <span class="grow"></span>
            <div class="row-actions no-print">{ props.children.clone() }</div>
        </div>
    }
}

/// The same page about another kind; not shown where there is only this one.
pub fn kind_tabs(kinds: &[&KindBrief], current: &str, page: &str, label: &'static str, lang: Lang) -> Html {
    html! {
        <nav class="tabs no-print" aria-label={label} hidden={kinds.len() < 2}>
            { for kinds.iter().map(|kind| html! {
                <Tab key={kind.code.clone()} href={format!("{page}?kind={}", kind.code)} current={kind.code == current} label={kind.name.in_lang(lang).to_owned()} />
            }) }
        </nav>
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Ok,
    Warn,
    Late,
    Idle,
}

impl Tone {
    pub const fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Late => "late",
            Self::Idle => "idle",
        }
    }
}

#[derive(Properties, PartialEq)]
pub struct LampProps {
    pub tone: Tone,
    pub children: Html,
}

/// A lamp never stands alone: shape, colour and words.
#[component]
pub fn Lamp(props: &LampProps) -> Html {
    html! { <span class={classes!("lamp", props.tone.class())}>{ props.children.clone() }</span> }
}

#[derive(Properties, PartialEq)]
pub struct FaultProps {
    pub fault: Option<ApiError>,
    pub lang: Lang,
}

/// What went wrong with the last try; read out when it appears.
#[component]
pub fn Fault(props: &FaultProps) -> Html {
    let words = props.fault.as_ref().map(|fault| fault_words(fault, props.lang)).unwrap_or_default();
    html! { <div class="error" role="alert">{ words }</div> }
}

/// What was fetched, or that it comes, or why it does not.
pub fn loaded<T>(query: &QueryHandle<T>, view: impl FnOnce(Rc<T>) -> Html) -> Html {
    let inner = match &query.state {
        Fetched::Loading => html! { <Skeleton key="loading" /> },
        Fetched::Failed(error) => html! { <Trouble key="failed" error={error.clone()} retry={Some(query.reload.clone())} /> },
        Fetched::Ready(value) => html! { <div key="ready">{ view(Rc::clone(value)) }</div> },
    };
    html! { <div class="m-loaded">{ inner }</div> }
}

/// A list read page by page, with the way to more.
pub fn listed<T>(pages: &PagesHandle<T>, view: impl FnOnce(&[Rc<T>]) -> Html) -> Html {
    let inner = match &pages.error {
        Some(error) if pages.items.is_empty() => html! { <Trouble key="failed" error={error.clone()} retry={Some(pages.reload.clone())} /> },
        _ if pages.loading => html! { <Skeleton key="loading" /> },
        _ => html! { <div key="ready">{ view(&pages.items) }<More more={pages.more.clone()} shown={pages.items.len()} /></div> },
    };
    html! { <div class={classes!("m-loaded", pages.stale.then_some("stale"))}>{ inner }</div> }
}

/// `{0} …` with a number.
pub fn count_words(message: Message, lang: Lang, n: i64) -> String {
    message.fill(lang, &[&n.to_string()])
}

/// A label above its control, a hint below.
pub fn labelled(label: impl Into<AttrValue>, hint: impl Into<AttrValue>, control: Html) -> Html {
    html! { <div class="field"><label class="m-labelled"><span class="label">{ label.into() }</span>{ control }</label><small class="hint">{ hint.into() }</small></div> }
}

/// The same for a control of several elements, where the label names one by its id.
pub fn labelled_for(id: &'static str, label: impl Into<AttrValue>, hint: impl Into<AttrValue>, control: Html) -> Html {
    html! { <div class="field"><label class="label" for={id}>{ label.into() }</label>{ control }<small class="hint">{ hint.into() }</small></div> }
}

/// What was typed into an `input`.
pub fn on_change(change: Callback<String>) -> Callback<Event> {
    Callback::from(move |event: Event| {
        if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
            change.emit(input.value());
        }
    })
}

/// What was chosen in a `select`.
pub fn on_choose(change: Callback<String>) -> Callback<Event> {
    Callback::from(move |event: Event| {
        if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
            change.emit(select.value());
        }
    })
}

#[derive(Properties, PartialEq)]
pub struct ModalProps {
    pub open: bool,
    pub title: AttrValue,
    pub on_close: Callback<()>,
    pub children: Html,
}

/// A dialog that keeps its place among siblings while closed.
#[component]
pub fn Modal(props: &ModalProps) -> Html {
    html! {
        <div class="m-slot">
            if props.open {
                <Dialog title={props.title.clone()} close={props.on_close.clone()}>{ props.children.clone() }</Dialog>
            }
        </div>
    }
}
