//! A list of small forms.

use super::{FieldForm, Subject, Values, asked, control::Control};
use crate::{
    kernel::{
        i18n::use_lang,
        session::use_session,
        values::{self, line},
    },
    ui::{Button, Tone},
};
use serde_json::Value;
use shared::kernel::{
    field::{Field, RowsFrom},
    given, messages as m,
    problem::FieldError,
};
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
    /// Where the rows come from, when they are not the person's to add.
    pub given: Option<RowsFrom>,
}

fn whole(rows: Vec<Values>) -> Value {
    Value::Array(rows.into_iter().map(Value::Object).collect())
}

/// The given rows, each with what was filled in so far.
fn filled_in(given: &[Values], mut typed: Vec<Values>) -> Vec<Values> {
    let mut rows = Vec::new();
    for row in given {
        let agrees = |typed: &Values| row.iter().all(|(name, said)| typed.get(name) == Some(said));
        rows.push(typed.iter().position(agrees).map_or_else(|| row.clone(), |position| typed.swap_remove(position)));
    }
    rows
}

#[component]
pub(super) fn RowsInput(props: &RowsProps) -> Html {
    let (lang, session) = (use_lang(), use_session());
    let subject = use_context::<Subject>();
    let typed: Vec<Values> = props.control.value.as_array().into_iter().flatten().map(|row| row.as_object().cloned().unwrap_or_default()).collect();
    let given = props.given.as_ref().zip(subject).map(|(from, subject)| (from, given::rows_of(from, asked(&subject.0))));
    let mut rows = match &given {
        Some((_, given)) => filled_in(given, typed.clone()),
        None => typed.clone(),
    };
    // What others said since the form was kept belongs to it.
    use_effect_with((given.is_some() && rows != typed).then(|| rows.clone()), {
        let set = props.control.set.clone();
        move |news: &Option<Vec<Values>>| {
            if let Some(rows) = news {
                set.emit(whole(rows.clone()));
            }
        }
    });
    if rows.is_empty() && props.control.required && given.is_none() {
        rows.push(Values::new());
    }
    let shown: Rc<Vec<Field>> = match &given {
        Some((from, given)) => Rc::new(props.fields.iter().filter(|field| !given::is_given(from, field, given)).cloned().collect()),
        None => props.fields.clone(),
    };
    let add = {
        let (set, rows) = (props.control.set.clone(), rows.clone());
        Callback::from(move |_: MouseEvent| {
            let mut rows = rows.clone();
            rows.push(Values::new());
            set.emit(whole(rows));
        })
    };
    // What was said, above what is asked about it.
    let said = |row: &Values| {
        let (Some((from, given)), Some(session)) = (&given, &session) else { return html! { <div></div> } };
        let members = props.fields.iter().filter(|field| given::is_given(from, field, given));
        let parts = members.filter_map(|field| Some((field, row.get(&field.name)?)));
        html! {
            <dl class="given">{ for parts.map(|(field, value)| html! {
                <div key={field.name.clone()}><dt>{ field.label.in_lang(lang).to_owned() }</dt><dd>{ line(Some(&field.input), value, session, lang) }</dd></div>
            }) }</dl>
        }
    };
    let legend = |index: usize| format!("{}", index + 1);
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
                        set.emit(whole(rows));
                    })
                };
                let remove = {
                    let (set, rows) = (props.control.set.clone(), rows.clone());
                    Callback::from(move |_: MouseEvent| {
                        let rest = rows.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, row)| row.clone()).collect();
                        set.emit(whole(rest));
                    })
                };
                html! {
                    <fieldset key={index} class="row">
                        <legend>{ legend(index) }</legend>
                        { said(row) }
                        <FieldForm scope={props.scope.clone()} fields={shown.clone()} prefix={format!("{}/{index}", props.pointer)} values={Rc::new(row.clone())}
                            errors={props.errors.clone()} set={change} disabled={props.control.disabled} />
                        <div hidden={given.is_some()}><Button tone={Tone::Quiet} onclick={remove} disabled={props.control.disabled}>{ m::REMOVE_ROW.in_lang(lang) }</Button></div>
                    </fieldset>
                }
            }) }
            <div key="add">
                if given.is_some() {
                    <span id={props.control.id.clone()} class="sub" tabindex="-1">{ if rows.is_empty() { m::NOTHING_TO_ANSWER.in_lang(lang) } else { "" } }</span>
                } else {
                    <Button id={props.control.id.clone()} onclick={add} disabled={props.control.disabled || rows.len() >= props.max}>{ m::ADD_ROW.in_lang(lang) }</Button>
                }
            </div>
        </div>
    }
}
