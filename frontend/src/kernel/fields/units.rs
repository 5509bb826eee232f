//! Units: a box to type into with a list below; one, or several.

use super::control::{Control, ControlProps};
use crate::{
    kernel::{
        i18n::use_lang,
        session::{Session, use_session},
    },
    ui::target_value,
};
use serde_json::{Value, json};
use shared::kernel::{messages as m, text::Lang};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Units that match what is typed: code, short name, name, alias or English name.
fn matching_units(session: &Session, typed: &str, without: &[String], lang: Lang) -> Vec<(String, String, String)> {
    let wanted = typed.trim().to_lowercase();
    let fits = |text: &str| text.to_lowercase().contains(&wanted);
    let units = session.reference.units.iter().filter(|unit| unit.active && !without.contains(&unit.code));
    units
        .filter(|unit| {
            wanted.is_empty()
                || fits(&unit.code)
                || fits(&unit.short_name)
                || fits(&unit.name)
                || fits(&unit.name_en)
                || unit.aliases.iter().any(|alias| fits(alias))
        })
        .take(40)
        .map(|unit| match lang {
            Lang::Zh => (unit.code.clone(), unit.short_name.clone(), unit.name.clone()),
            Lang::En => (unit.code.clone(), unit.name_en.clone(), unit.short_name.clone()),
        })
        .collect()
}

#[derive(Properties, PartialEq)]
pub struct UnitPickerProps {
    pub id: AttrValue,
    /// What stands in the box when nothing is being typed.
    #[prop_or_default]
    pub shown: AttrValue,
    #[prop_or_default]
    pub without: Vec<String>,
    #[prop_or_default]
    pub invalid: bool,
    #[prop_or_default]
    pub disabled: bool,
    #[prop_or_default]
    pub described: AttrValue,
    /// Gets the code; an empty one when the box was cleared.
    pub pick: Callback<String>,
}

/// A box to type into with a list below: arrows choose, Enter takes, Escape closes.
#[component]
pub fn UnitPicker(props: &UnitPickerProps) -> Html {
    let (lang, session) = (use_lang(), use_session());
    let typed = use_state(|| None::<String>);
    let at = use_state_eq(|| 0_usize);
    let open = typed.is_some();
    let options = match (&session, &*typed) {
        (Some(session), Some(text)) => matching_units(session, text, &props.without, lang),
        _ => Vec::new(),
    };
    let choose = {
        let (typed, pick) = (typed.clone(), props.pick.clone());
        Callback::from(move |code: String| {
            typed.set(None);
            pick.emit(code);
        })
    };
    let onkeydown = {
        let (typed, at, options, choose) = (typed.clone(), at.clone(), options.clone(), choose.clone());
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "ArrowDown" => {
                event.prevent_default();
                if typed.is_none() {
                    typed.set(Some(String::new()));
                    at.set(0);
                } else {
                    at.set((*at + 1).min(options.len().saturating_sub(1)));
                }
            }
            "ArrowUp" => {
                event.prevent_default();
                at.set(at.saturating_sub(1));
            }
            "Enter" if typed.is_some() => {
                event.prevent_default();
                if let Some((code, _, _)) = options.get(*at) {
                    choose.emit(code.clone());
                }
            }
            "Escape" if typed.is_some() => {
                event.prevent_default();
                event.stop_propagation();
                typed.set(None);
            }
            _ => {}
        })
    };
    let oninput = {
        let (typed, at, pick) = (typed.clone(), at.clone(), props.pick.clone());
        Callback::from(move |event: InputEvent| {
            let text = target_value(&event);
            if text.is_empty() {
                pick.emit(String::new());
            }
            at.set(0);
            typed.set(Some(text));
        })
    };
    let onfocus = {
        let typed = typed.clone();
        Callback::from(move |event: FocusEvent| {
            if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) {
                input.select();
            }
            typed.set(Some(String::new()));
        })
    };
    let onblur = {
        let typed = typed.clone();
        Callback::from(move |_: FocusEvent| typed.set(None))
    };
    let listbox = format!("{}-list", props.id);
    let shown = match &*typed {
        Some(text) if !text.is_empty() => AttrValue::from(text.clone()),
        _ => props.shown.clone(),
    };
    html! {
        <div class="combo">
            <input id={props.id.clone()} type="text" role="combobox" aria-autocomplete="list" aria-expanded={open.to_string()} aria-controls={listbox.clone()}
                aria-activedescendant={open.then(|| format!("{listbox}-{}", *at))} aria-invalid={props.invalid.then_some("true")} aria-describedby={props.described.clone()}
                autocomplete="off" disabled={props.disabled} placeholder={m::UNIT_PLACEHOLDER.in_lang(lang)} value={shown} {oninput} {onkeydown} {onfocus} {onblur} />
            <ul id={listbox.clone()} role="listbox" hidden={!open} aria-label={m::UNITS.in_lang(lang)}>
                { for options.iter().enumerate().map(|(index, (code, name, more))| {
                    let (choose, chosen) = (choose.clone(), code.clone());
                    // `mousedown`, since `blur` closes the list before `click` comes.
                    let onmousedown = Callback::from(move |event: MouseEvent| { event.prevent_default(); choose.emit(chosen.clone()); });
                    html! {
                        <li key={code.clone()} id={format!("{listbox}-{index}")} role="option" aria-selected={(index == *at).to_string()} {onmousedown}>
                            <b>{ name.clone() }</b><span class="sub">{ more.clone() }</span>
                        </li>
                    }
                }) }
                <li key="none" class="none" hidden={!options.is_empty()}>{ m::NO_UNIT_FITS.in_lang(lang) }</li>
            </ul>
        </div>
    }
}

#[component]
pub(super) fn UnitInput(props: &ControlProps) -> Html {
    let (lang, session) = (use_lang(), use_session());
    let code = props.control.text();
    let shown = session.as_ref().filter(|_| !code.is_empty()).map(|session| session.unit_name(&code, lang)).unwrap_or_default();
    html! {
        <UnitPicker id={props.control.id.clone()} {shown} invalid={props.control.invalid} disabled={props.control.disabled}
            described={props.control.described.clone()} pick={props.control.set.reform(Value::String)} />
    }
}

#[derive(Properties, PartialEq)]
pub(super) struct ManyProps {
    pub control: Control,
    pub max: usize,
}

#[component]
pub(super) fn UnitsInput(props: &ManyProps) -> Html {
    let (lang, session) = (use_lang(), use_session());
    let chosen = props.control.codes();
    let pick = {
        let (set, chosen) = (props.control.set.clone(), chosen.clone());
        Callback::from(move |code: String| {
            if !code.is_empty() && !chosen.contains(&code) {
                let mut codes = chosen.clone();
                codes.push(code);
                set.emit(json!(codes));
            }
        })
    };
    html! {
        <div class="many">
            <ul class="chosen">
                { for chosen.iter().map(|code| {
                    let name = session.as_ref().map_or_else(|| code.clone(), |session| session.unit_name(code, lang));
                    let (set, rest) = (props.control.set.clone(), chosen.iter().filter(|other| *other != code).cloned().collect::<Vec<_>>());
                    html! {
                        <li key={code.clone()} class="tag b">{ &name }
                            <button type="button" aria-label={m::REMOVE_X.fill(lang, &[&name])} disabled={props.control.disabled}
                                onclick={Callback::from(move |_: MouseEvent| set.emit(json!(rest)))}>{ "×" }</button>
                        </li>
                    }
                }) }
            </ul>
            <UnitPicker id={props.control.id.clone()} without={chosen.clone()} invalid={props.control.invalid}
                disabled={props.control.disabled || chosen.len() >= props.max} described={props.control.described.clone()} {pick} />
        </div>
    }
}
