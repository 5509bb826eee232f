//! Every week, month, quarter, half-year or year, and on which day of it.

use super::control::ControlProps;
use crate::{
    kernel::{i18n::use_lang, values},
    ui::{DateBox, target_value},
};
use serde_json::{Value, json};
use shared::kernel::messages as m;
use yew::prelude::*;

#[component]
pub(super) fn RecurrenceInput(props: &ControlProps) -> Html {
    let lang = use_lang();
    let members = props.control.value.as_object().cloned().unwrap_or_default();
    let every = members.get("every").and_then(Value::as_str).unwrap_or_default().to_owned();
    // The value of the select: `last`, `day-15`, `weekday-3`.
    let day = match members.get("day") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Object(day)) => day.iter().next().map(|(name, number)| format!("{name}-{number}")).unwrap_or_default(),
        _ => String::new(),
    };
    let until = members.get("until").and_then(Value::as_str).unwrap_or_default().to_owned();
    // A recurrence without a last day has no such member.
    let with = |mut value: Value, until: &str| {
        if let Some(members) = value.as_object_mut().filter(|_| !until.is_empty()) {
            members.insert("until".into(), json!(until));
        }
        value
    };
    let change_every = {
        let (set, until) = (props.control.set.clone(), until.clone());
        Callback::from(move |event: Event| {
            // Days of weeks and of months aren't the same: the day is asked anew.
            let text = target_value(&event);
            set.emit(if text.is_empty() { Value::Null } else { with(json!({ "every": text }), &until) });
        })
    };
    let change_until = {
        let (set, members) = (props.control.set.clone(), members.clone());
        Callback::from(move |text: String| {
            let mut members = members.clone();
            members.remove("until");
            set.emit(with(Value::Object(members), &text));
        })
    };
    let change_day = {
        let (set, every, until) = (props.control.set.clone(), every.clone(), until.clone());
        Callback::from(move |event: Event| {
            let text = target_value(&event);
            let day = match text.split_once('-') {
                Some((name, number)) => json!({ (name): number.parse::<u8>().unwrap_or(1) }),
                None => Value::String(text),
            };
            set.emit(with(json!({ "every": every, "day": day }), &until));
        })
    };
    let cycles = [
        ("", m::CHOOSE),
        ("week", m::EVERY_WEEK),
        ("month", m::EVERY_MONTH),
        ("quarter", m::EVERY_QUARTER),
        ("half_year", m::EVERY_HALF_YEAR),
        ("year", m::EVERY_YEAR),
    ];
    let days: Vec<(String, String)> = if every == "week" {
        (1..=7).map(|number: u8| (format!("weekday-{number}"), values::weekday_words(number, lang).to_owned())).collect()
    } else {
        let numbered = (1..=28).map(|number: u8| (format!("day-{number}"), m::ON_DAY.fill(lang, &[&number.to_string()])));
        numbered.chain([("last".to_owned(), m::ON_LAST_DAY.in_lang(lang).to_owned())]).collect()
    };
    html! {
        <div class="pair" role="group" aria-labelledby={format!("{}-label", props.control.id)}>
            <select id={props.control.id.clone()} disabled={props.control.disabled} onchange={change_every} aria-label={m::RECURS.in_lang(lang)}>
                { for cycles.iter().map(|(code, label)| html! { <option key={*code} value={*code} selected={every == *code}>{ label.in_lang(lang) }</option> }) }
            </select>
            <select disabled={props.control.disabled || every.is_empty()} onchange={change_day} aria-label={m::RECURS_DAY.in_lang(lang)}>
                <option value="" selected={day.is_empty()}>{ m::CHOOSE.in_lang(lang) }</option>
                { for days.iter().map(|(code, label)| html! { <option key={code.clone()} value={code.clone()} selected={day == *code}>{ label.clone() }</option> }) }
            </select>
            <span class="sub">{ m::RECURS_UNTIL.in_lang(lang) }</span>
            <DateBox value={until} set={change_until} as_typed=true label={m::RECURS_UNTIL.in_lang(lang)} disabled={props.control.disabled || every.is_empty()} />
        </div>
    }
}
