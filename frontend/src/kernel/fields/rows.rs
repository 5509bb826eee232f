//! A list of small forms.

use super::{FieldForm, Values, control::Control};
use crate::{
    kernel::{i18n::use_lang, values},
    ui::{Button, Tone},
};
use serde_json::Value;
use shared::kernel::{field::Field, messages as m, problem::FieldError};
use std::rc::Rc;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub(super) struct RowsProps {
    pub control: Control,
    pub scope: AttrValue,
    pub fields: Rc<Vec<Field>>,
    pub max: usize,
    pub pointer: String,
    pub errors: Rc<Vec<FieldError>>,
}

#[component]
pub(super) fn RowsInput(props: &RowsProps) -> Html {
    let lang = use_lang();
    let rows: Vec<Values> = props.control.value.as_array().into_iter().flatten().map(|row| row.as_object().cloned().unwrap_or_default()).collect();
    let emit = |rows: Vec<Values>| Value::Array(rows.into_iter().map(Value::Object).collect());
    let add = {
        let (set, rows) = (props.control.set.clone(), rows.clone());
        Callback::from(move |_: MouseEvent| {
            let mut rows = rows.clone();
            rows.push(Values::new());
            set.emit(emit(rows));
        })
    };
    html! {
        <div class="rows">
            { for rows.iter().enumerate().map(|(index, row)| {
                let change = {
                    let (set, rows) = (props.control.set.clone(), rows.clone());
                    Callback::from(move |(name, value): (String, Value)| {
                        let mut rows = rows.clone();
                        if let Some(row) = rows.get_mut(index) {
                            if values::is_blank(&value) { row.remove(&name) } else { row.insert(name, value) };
                        }
                        set.emit(emit(rows));
                    })
                };
                let remove = {
                    let (set, rows) = (props.control.set.clone(), rows.clone());
                    Callback::from(move |_: MouseEvent| {
                        let rest = rows.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, row)| row.clone()).collect();
                        set.emit(emit(rest));
                    })
                };
                html! {
                    <fieldset key={index} class="row">
                        <legend>{ format!("{}", index + 1) }</legend>
                        <FieldForm scope={props.scope.clone()} fields={props.fields.clone()} prefix={format!("{}/{index}", props.pointer)} values={Rc::new(row.clone())}
                            errors={props.errors.clone()} set={change} disabled={props.control.disabled} />
                        <Button tone={Tone::Quiet} onclick={remove} disabled={props.control.disabled}>{ m::REMOVE_ROW.in_lang(lang) }</Button>
                    </fieldset>
                }
            }) }
            <div key="add"><Button id={props.control.id.clone()} onclick={add} disabled={props.control.disabled || rows.len() >= props.max}>{ m::ADD_ROW.in_lang(lang) }</Button></div>
        </div>
    }
}
