//! Whole numbers and money.

use super::control::{Control, ControlProps};
use crate::{
    kernel::{i18n::use_lang, values},
    ui::target_value,
};
use serde_json::{Value, json};
use shared::kernel::messages as m;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub(super) struct IntegerInputProps {
    pub control: Control,
    pub min: i64,
    pub max: i64,
}

#[component]
pub(super) fn IntegerInput(props: &IntegerInputProps) -> Html {
    let control = &props.control;
    let set = control.set.clone();
    let oninput = Callback::from(move |event: InputEvent| {
        let text = target_value(&event);
        // What is no number stays as typed, for the check to name.
        set.emit(text.trim().parse::<i64>().map_or_else(|_| Value::String(text.clone()), |number| json!(number)));
    });
    let shown = control.value.as_i64().map_or_else(|| control.text(), |number| number.to_string());
    html! {
        <input id={control.id.clone()} class="short" type="text" inputmode="numeric" value={shown} disabled={control.disabled}
            aria-required={control.required.to_string()} aria-invalid={control.invalid()} aria-describedby={control.described.clone()} {oninput} />
    }
}

/// Yuan as typed, fen as kept; exact, without floating point.
fn fen_of(text: &str) -> Option<i64> {
    let text = text.trim().replace([',', '，', '¥', '￥', ' '], "");
    let (yuan, fen) = text.split_once('.').unwrap_or((&text, ""));
    if fen.len() > 2 || !fen.chars().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let yuan: i64 = yuan.parse().ok()?;
    let fen: i64 = format!("{fen:0<2}").parse().ok()?;
    yuan.checked_mul(100)?.checked_add(fen)
}

#[component]
pub(super) fn MoneyInput(props: &ControlProps) -> Html {
    let lang = use_lang();
    let control = &props.control;
    let typed = use_state(String::new);
    let oninput = {
        let (typed, set) = (typed.clone(), control.set.clone());
        Callback::from(move |event: InputEvent| {
            let text = target_value(&event);
            set.emit(fen_of(&text).map_or_else(|| Value::String(text.clone()), |fen| json!(fen)));
            typed.set(text);
        })
    };
    // As typed while it means the value; a value from elsewhere, a draft or another desk, is written out.
    let shown = match &control.value {
        Value::Number(number) => match number.as_i64() {
            Some(fen) if fen_of(&typed) != Some(fen) => values::money(fen).replace(',', ""),
            _ => (*typed).clone(),
        },
        other => other.as_str().unwrap_or_default().to_owned(),
    };
    html! {
        <span class="with-unit">
            <input id={control.id.clone()} class="short" type="text" inputmode="decimal" value={shown} disabled={control.disabled}
                aria-invalid={control.invalid()} aria-describedby={control.described.clone()} {oninput} />
            <span>{ m::YUAN_UNIT.in_lang(lang) }</span>
        </span>
    }
}
