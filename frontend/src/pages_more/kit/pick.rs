//! Choosing a person by typing a few characters of the name; the server finds them.

use super::{brief_name, encode, use_query};
use shared::kernel::{
    api::{Page, UserView},
    ids::UserId,
    messages_more as M,
    text::Lang,
};
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// At most this many suggestions are in sight.
const SUGGESTIONS: usize = 8;

#[derive(Properties, PartialEq)]
pub struct PersonPickerProps {
    pub id: AttrValue,
    pub value: Option<UserId>,
    pub label: AttrValue,
    pub lang: Lang,
    /// Only persons of this unit; empty: all.
    #[prop_or_default]
    pub unit: AttrValue,
    pub on_pick: Callback<UserId>,
    /// The name of who was picked, for questions about them.
    #[prop_or_default]
    pub on_named: Callback<String>,
}

/// The combobox of the ARIA practices, as the kernel's for units: arrows move, Enter picks, Escape closes.
#[component]
pub fn PersonPicker(props: &PersonPickerProps) -> Html {
    let typed = use_state(|| None::<String>);
    let picked = use_state(String::new);
    let at = use_state_eq(|| 0_usize);
    let open = typed.is_some();
    let path = typed.as_deref().map(str::trim).map(|q| {
        let narrowed = [("unit", props.unit.as_str()), ("q", q)].into_iter().filter(|(_, value)| !value.is_empty());
        narrowed.fold("/users?limit=20".to_owned(), |path, (name, value)| format!("{path}&{name}={}", encode(value)))
    });
    let found = use_query::<Page<UserView>>(path);
    let people = found.ready().filter(|_| open).map(|page| page.items.as_slice()).unwrap_or_default();
    let options: Vec<(UserId, String, String)> = people
        .iter()
        .filter(|user| user.active)
        .take(SUGGESTIONS)
        .map(|user| (user.id, user.name.clone(), brief_name(&user.unit, props.lang)))
        .collect();
    let choose = {
        let (typed, picked, on_pick, on_named) = (typed.clone(), picked.clone(), props.on_pick.clone(), props.on_named.clone());
        Callback::from(move |(id, name, unit): (UserId, String, String)| {
            typed.set(None);
            picked.set(format!("{name} · {unit}"));
            on_named.emit(name);
            on_pick.emit(id);
        })
    };
    let oninput = {
        let (typed, at) = (typed.clone(), at.clone());
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                at.set(0);
                typed.set(Some(input.value()));
            }
        })
    };
    let onfocus = {
        let typed = typed.clone();
        Callback::from(move |event: FocusEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                input.select();
            }
            typed.set(Some(String::new()));
        })
    };
    let onblur = {
        let typed = typed.clone();
        Callback::from(move |_: FocusEvent| typed.set(None))
    };
    let onkeydown = {
        let (at, typed, choose, options) = (at.clone(), typed.clone(), choose.clone(), options.clone());
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "ArrowDown" => {
                event.prevent_default();
                at.set((*at + 1).min(options.len().saturating_sub(1)));
            }
            "ArrowUp" => {
                event.prevent_default();
                at.set(at.saturating_sub(1));
            }
            "Enter" if open => {
                event.prevent_default();
                if let Some(option) = options.get(*at) {
                    choose.emit(option.clone());
                }
            }
            "Escape" if open => {
                event.prevent_default();
                event.stop_propagation();
                typed.set(None);
            }
            _ => {}
        })
    };
    let shown = if props.value.is_some() { (*picked).clone() } else { String::new() };
    let value = typed.as_ref().filter(|typed| !typed.is_empty()).cloned().unwrap_or(shown);
    let listbox = format!("{}-list", props.id);
    html! {
        <div class="combo">
            <input id={props.id.clone()} type="text" role="combobox" autocomplete="off" aria-autocomplete="list" aria-expanded={open.to_string()} aria-controls={listbox.clone()}
                aria-activedescendant={open.then(|| format!("{listbox}-{}", *at))} aria-label={props.label.clone()} placeholder={M::TYPE_TO_FIND.in_lang(props.lang)}
                {value} {oninput} {onfocus} {onblur} {onkeydown} />
            <ul id={listbox.clone()} role="listbox" aria-label={props.label.clone()} hidden={!open}>
                { for options.iter().enumerate().map(|(index, option)| {
                    let (choose, chosen) = (choose.clone(), option.clone());
                    // `mousedown`, since `blur` closes the list before `click` comes.
                    let onmousedown = Callback::from(move |event: MouseEvent| {
                        event.prevent_default();
                        choose.emit(chosen.clone());
                    });
                    html! {
                        <li key={option.0.to_string()} id={format!("{listbox}-{index}")} role="option" aria-selected={(index == *at).to_string()} {onmousedown}>
                            <b>{ &option.1 }</b><span class="sub">{ &option.2 }</span>
                        </li>
                    }
                }) }
                <li key="none" class="none" hidden={!options.is_empty() || found.refreshing}>{ M::PEOPLE_NO_MATCH.in_lang(props.lang) }</li>
            </ul>
        </div>
    }
}
