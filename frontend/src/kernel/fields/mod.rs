//! Forms from field descriptors. Labels above, hints below, errors at the field and in a summary on top that takes focus.
//! One file a kind of input; `form` keeps what is typed, `faults` says what is wrong with it.

mod codes;
mod control;
mod date;
mod faults;
mod files;
mod form;
mod matters;
mod number;
mod people;
mod recurrence;
mod rows;
mod texts;
mod units;

pub use faults::{Elsewhere, ErrorSummary, fault_words, upload_words};
pub use form::{Form, Values, forget_form, use_form};
pub use matters::asked;
pub use units::UnitPicker;

use super::i18n::use_lang;
use codes::{CodeListInput, CodeListsInput};
use control::{Control, SEGMENTS};
use date::DateInput;
use faults::element_id;
use files::AttachmentsInput;
use matters::{MatterInput, RowOfInput};
use number::{IntegerInput, MoneyInput};
use people::OwnUserInput;
use recurrence::RecurrenceInput;
use rows::RowsInput;
use serde_json::Value;
use shared::kernel::{
    api::MatterDetail,
    field::{Field, Input, Need},
    messages as m,
    problem::FieldError,
    validate::needed,
};
use std::rc::Rc;
use texts::TextsInput;
use units::{UnitInput, UnitsInput};
use yew::prelude::*;

/// The matter a form is about, for inputs that choose out of what it says.
#[derive(Clone, PartialEq)]
pub struct Subject(pub Rc<MatterDetail>);

#[derive(Properties, PartialEq)]
pub struct FieldFormProps {
    /// Makes ids unique on the page.
    pub scope: AttrValue,
    pub fields: Rc<Vec<Field>>,
    /// JSON pointer of the object, `/input` or `/body`.
    pub prefix: AttrValue,
    pub values: Rc<Values>,
    pub errors: Rc<Vec<FieldError>>,
    pub set: Callback<(String, Value)>,
    /// Where attachments are uploaded to.
    #[prop_or_default]
    pub matter: Option<AttrValue>,
    /// Unit the own user's list is of.
    #[prop_or_default]
    pub disabled: bool,
}

/// Whether a field is asked now: derived ones never, conditional ones when their condition holds.
pub fn is_asked(field: &Field, values: &Values) -> bool {
    !field.derived && (!matches!(field.need, Need::If { .. }) || needed(field, values))
}

/// What is sent: the asked fields only.
pub fn asked_values(fields: &[Field], values: &Values) -> Values {
    fields
        .iter()
        .filter(|field| is_asked(field, values))
        .filter_map(|field| values.get(&field.name).map(|value| (field.name.clone(), value.clone())))
        .collect()
}

#[component]
pub fn FieldForm(props: &FieldFormProps) -> Html {
    html! {
        <div class="fields">
            { for props.fields.iter().map(|field| {
                let pointer = format!("{}/{}", props.prefix, field.name);
                let asked = is_asked(field, &props.values);
                // Hidden, not removed: the order of siblings never changes.
                html! {
                    <div key={field.name.clone()} class={classes!("field-slot", is_wide(field).then_some("wide"))} hidden={!asked}>
                        if asked {
                            <FieldInput
                                scope={props.scope.clone()} field={field.clone()} pointer={pointer.clone()}
                                value={props.values.get(&field.name).cloned().unwrap_or(Value::Null)}
                                required={needed(field, &props.values)}
                                errors={props.errors.iter().filter(|error| error.pointer == pointer || error.pointer.starts_with(&format!("{pointer}/"))).cloned().collect::<Vec<_>>()}
                                set={props.set.clone()} matter={props.matter.clone()} disabled={props.disabled}
                            />
                        }
                    </div>
                }
            }) }
        </div>
    }
}

fn is_wide(field: &Field) -> bool {
    match &field.input {
        Input::LongText { .. }
        | Input::Units { .. }
        | Input::Texts { .. }
        | Input::Attachments { .. }
        | Input::Rows { .. }
        | Input::CodeLists { .. }
        | Input::Matter { .. }
        | Input::RowOf { .. }
        | Input::Recurrence => true,
        Input::Text { max, .. } => *max > 60,
        Input::Choice { choices } => (3..=SEGMENTS).contains(&choices.len()),
        _ => false,
    }
}

#[derive(Properties, PartialEq, Clone)]
pub struct FieldInputProps {
    pub scope: AttrValue,
    pub field: Field,
    pub pointer: String,
    pub value: Value,
    pub required: bool,
    pub errors: Vec<FieldError>,
    pub set: Callback<(String, Value)>,
    pub matter: Option<AttrValue>,
    pub disabled: bool,
}

/// One field with label, hint and error.
#[component]
pub fn FieldInput(props: &FieldInputProps) -> Html {
    let lang = use_lang();
    let id = element_id(&props.scope, &props.pointer);
    let own: Vec<&FieldError> =
        props.errors.iter().filter(|error| error.pointer == props.pointer || !matches!(props.field.input, Input::Rows { .. })).collect();
    let set = {
        let (name, set) = (props.field.name.clone(), props.set.clone());
        Callback::from(move |value: Value| set.emit((name.clone(), value)))
    };
    let described = format!("{id}-about");
    let control = Control {
        id: id.clone(),
        invalid: !own.is_empty(),
        described: described.clone(),
        required: props.required,
        disabled: props.disabled,
        value: props.value.clone(),
        set: set.clone(),
    };
    let length = match (&props.field.input, &props.value) {
        (Input::LongText { max, .. }, Value::String(text)) => Some(format!("{} / {max}", text.chars().count())),
        _ => None,
    };
    let label = props.field.label.in_lang(lang).to_owned();
    let hint = props.field.hint.as_ref().map(|hint| hint.in_lang(lang).to_owned());
    // What is ticked is said beside the box.
    let below = hint.clone().filter(|_| props.field.input != Input::Bool).unwrap_or_default();
    let grouped = matches!(props.field.input, Input::Rows { .. } | Input::CodeLists { .. } | Input::Recurrence)
        || matches!(&props.field.input, Input::Choice { choices } if choices.len() <= SEGMENTS);
    let marker = if props.required {
        html! { <i class="must" aria-hidden="true">{ "*" }</i> }
    } else {
        html! { <i class="may">{ m::OPTIONAL.in_lang(lang) }</i> }
    };
    let head = if grouped {
        html! { <span class="label" id={format!("{id}-label")}>{ label }{ marker }</span> }
    } else {
        html! { <label class="label" for={id.clone()}>{ label }{ marker }</label> }
    };
    let body = match &props.field.input {
        Input::Text { max, .. } => control.line(*max),
        Input::LongText { max, .. } => control.area(*max, if *max > 300 { "6" } else { "3" }),
        Input::Integer { min, max } => html! { <IntegerInput control={control} min={*min} max={*max} /> },
        Input::Money => html! { <MoneyInput control={control} /> },
        Input::Date => html! { <DateInput control={control} /> },
        Input::Bool => control.check(hint.clone().unwrap_or_else(|| m::YES.in_lang(lang).to_owned())),
        Input::Choice { choices } if choices.len() <= SEGMENTS => control.radios(choices, lang),
        Input::Choice { choices } => control.select(choices, lang),
        Input::CodeList { list } => html! { <CodeListInput control={control} list={list.clone()} /> },
        Input::CodeLists { list, max } => html! { <CodeListsInput control={control} list={list.clone()} max={*max} /> },
        Input::Unit => html! { <UnitInput control={control} /> },
        Input::Units { max } => html! { <UnitsInput control={control} max={*max} /> },
        Input::OwnUser => html! { <OwnUserInput control={control} /> },
        Input::Matter { kind, child } => html! { <MatterInput control={control} kind={kind.clone()} child={*child} /> },
        Input::RowOf { rows, member } => html! { <RowOfInput control={control} rows={rows.clone()} member={member.clone()} /> },
        Input::Texts { max_items, .. } => html! { <TextsInput control={control} max_items={*max_items} /> },
        Input::Attachments { .. } => html! { <AttachmentsInput control={control} matter={props.matter.clone()} /> },
        Input::Editions => html! { <span></span> },
        Input::Recurrence => html! { <RecurrenceInput control={control} /> },
        Input::Rows { fields, max, .. } => html! {
            <RowsInput control={control} scope={props.scope.clone()} fields={Rc::new(fields.clone())} max={*max} pointer={props.pointer.clone()} errors={Rc::new(props.errors.clone())} given={props.field.rows_from.clone()} />
        },
    };
    html! {
        <div class={classes!("field", (!own.is_empty()).then_some("bad"))}>
            { head }
            <div class="control">{ body }</div>
            <div class="about" id={described}>
                <span class="error">{ own.iter().map(|error| fault_words(error, Some(&props.field), lang)).collect::<Vec<_>>().join("；") }</span>
                <span class="hint">{ below }</span>
                <span class="count">{ length.unwrap_or_default() }</span>
            </div>
        </div>
    }
}
