//! A day, typed as year-month-day whatever language the browser is in: its own date box would show 11/27/2026 to some and
//! 27/11/2026 to others. The browser's calendar is one press away.

use super::target_value;
use crate::kernel::i18n::use_lang;
use shared::kernel::{
    messages as m,
    typed_day::{names_no_day, value_of},
};
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// The year of the days inside, where all are of one: its `2月15日` is a day then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YearOfDays(pub i32);

#[derive(Properties, PartialEq)]
pub struct DateBoxProps {
    #[prop_or_default]
    pub id: Option<AttrValue>,
    /// A day; with `with_time` a local minute, `2026-11-27T09:30`.
    pub value: AttrValue,
    /// Gets the day, an empty text when the box was cleared.
    pub set: Callback<String>,
    /// Every key is told, also what is no day yet: a form keeps what is typed and names the fault when it is sent.
    #[prop_or_default]
    pub as_typed: bool,
    #[prop_or_default]
    pub with_time: bool,
    /// The name, where no label stands before it.
    #[prop_or_default]
    pub label: Option<AttrValue>,
    #[prop_or_default]
    pub invalid: bool,
    #[prop_or_default]
    pub described: Option<AttrValue>,
    #[prop_or_default]
    pub required: bool,
    #[prop_or_default]
    pub disabled: bool,
    #[prop_or_default]
    pub class: Classes,
}

#[component]
pub fn DateBox(props: &DateBoxProps) -> Html {
    let lang = use_lang();
    let year = use_context::<YearOfDays>().map(|days| days.0);
    let picker = use_node_ref();
    let typed = use_state(|| None::<String>);
    // Only what was left is judged: a day half typed is no fault.
    let left = use_state_eq(|| false);
    // Another value from outside, e.g. cleared filters, stands in for what was typed.
    use_effect_with(props.value.clone(), {
        let typed = typed.clone();
        move |_| typed.set(None)
    });
    let shown = match &*typed {
        Some(text) => text.clone(),
        None => props.value.replace('T', " "),
    };
    let wrong = *left && !shown.trim().is_empty() && value_of(&shown, props.with_time, year).is_none();
    let oninput = {
        let (typed, left, set, as_typed) = (typed.clone(), left.clone(), props.set.clone(), props.as_typed);
        Callback::from(move |event: InputEvent| {
            let text = target_value(&event);
            left.set(false);
            if as_typed {
                set.emit(text.clone());
            }
            typed.set(Some(text));
        })
    };
    let onchange = {
        let (typed, left, set, with_time) = (typed.clone(), left.clone(), props.set.clone(), props.with_time);
        Callback::from(move |event: Event| {
            let text = target_value(&event);
            left.set(true);
            if text.trim().is_empty() {
                typed.set(None);
                set.emit(String::new());
            } else if let Some(value) = value_of(&text, with_time, year) {
                typed.set(None);
                set.emit(value);
            }
        })
    };
    let onpicked = {
        let (typed, left, set) = (typed.clone(), left.clone(), props.set.clone());
        Callback::from(move |event: Event| {
            left.set(true);
            typed.set(None);
            set.emit(target_value(&event));
        })
    };
    let open = {
        let picker = picker.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(input) = picker.cast::<HtmlInputElement>() {
                // A browser without a calendar to open leaves the box to be typed into.
                let _ = input.show_picker();
            }
        })
    };
    let (placeholder, unreadable) =
        if props.with_time { (m::MINUTE_PLACEHOLDER, m::MINUTE_UNREADABLE) } else { (m::DAY_PLACEHOLDER, m::DAY_UNREADABLE) };
    let fault = if names_no_day(&shown) { m::DAY_NOT_THERE } else { unreadable };
    let native = value_of(&shown, props.with_time, year).unwrap_or_default();
    // The fault is said here at once; `invalid` comes with words of its own.
    html! {
        <span class={classes!("datebox", props.with_time.then_some("timed"), props.class.clone())}>
            <input id={props.id.clone()} type="text" inputmode="numeric" autocomplete="off" class="input" placeholder={placeholder.in_lang(lang)} value={shown}
                disabled={props.disabled} aria-label={props.label.clone()} aria-required={props.required.to_string()}
                aria-invalid={(props.invalid || wrong).then_some("true")} aria-describedby={props.described.clone()} {oninput} {onchange} />
            <button type="button" class="datepick" disabled={props.disabled} aria-label={m::OPEN_CALENDAR.in_lang(lang)} title={m::OPEN_CALENDAR.in_lang(lang)} onclick={open}>
                <svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.3" aria-hidden="true"><rect x="2" y="3.5" width="12" height="10.5" rx="1.5" /><path d="M2 6.8h12M5 1.8v3M11 1.8v3" /></svg>
            </button>
            <input ref={picker} class="datenative" type={if props.with_time { "datetime-local" } else { "date" }} tabindex="-1" aria-hidden="true" value={native} onchange={onpicked} />
            <span class="error" role="status">{ if wrong && !props.invalid { fault.in_lang(lang) } else { "" } }</span>
        </span>
    }
}
