//! A day.

use super::control::ControlProps;
use crate::ui::DateBox;
use serde_json::Value;
use yew::prelude::*;

#[component]
pub(super) fn DateInput(props: &ControlProps) -> Html {
    let control = &props.control;
    html! {
        <DateBox id={control.id.clone()} value={control.text()} set={control.set.reform(Value::String)} as_typed=true
            invalid={control.invalid} described={control.described.clone()} required={control.required} disabled={control.disabled} />
    }
}
