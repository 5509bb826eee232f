//! One step taken on several matters at once.

use crate::{
    kernel::{
        api,
        fields::{FieldForm, asked_values, use_form},
        hooks::use_mutation,
        i18n::use_lang,
        session::KindSheet,
    },
    ui::{Button, Dialog, Tone},
};
use serde_json::Map;
use shared::kernel::{
    api::{BulkAction, BulkOutcome, MatterItem},
    field::Field,
    ids::MatterId,
    messages as m,
    problem::Code,
};
use std::rc::Rc;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct BulkDialogProps {
    pub kind: Rc<KindSheet>,
    pub action: &'static str,
    pub ids: Vec<String>,
    pub items: Vec<Rc<MatterItem>>,
    pub close: Callback<()>,
    pub done: Callback<()>,
}

/// One step on several matters; each succeeds or fails for itself, and says so.
#[component]
pub fn BulkDialog(props: &BulkDialogProps) -> Html {
    let lang = use_lang();
    let step = props.kind.steps.iter().find(|step| step.action == props.action);
    let label = step.map_or_else(|| props.action.to_owned(), |step| step.label.in_lang(lang).to_owned());
    let fields: Rc<Vec<Field>> = Rc::new(step.map(|step| step.input.clone()).unwrap_or_default());
    let form = use_form(format!("bulk.{}.{}", props.kind.code, props.action), Map::new());
    let outcomes = use_state(|| None::<Vec<BulkOutcome>>);
    let send = {
        let (outcomes, sent, done) = (outcomes.clone(), form.sent.clone(), props.done.clone());
        use_mutation(
            |bulk: BulkAction| async move { api::post::<_, api::Listing<BulkOutcome>>("/matters/bulk", &bulk).await },
            Callback::from(move |answers: api::Listing<BulkOutcome>| {
                sent.emit(());
                done.emit(());
                outcomes.set(Some(answers.into_items()));
            }),
        )
    };
    let onclick = {
        let (run, values, fields, ids, action) = (send.run.clone(), form.values.clone(), fields.clone(), props.ids.clone(), props.action);
        Callback::from(move |_: MouseEvent| {
            let matters: Vec<MatterId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
            run.emit(BulkAction { matters, action: action.to_owned(), input: asked_values(&fields, &values) });
        })
    };
    let title_of = |id: MatterId| props.items.iter().find(|item| item.id == id).map_or_else(|| id.to_string(), |item| item.title.clone());
    let errors = Rc::new(send.error.as_ref().map(|error| error.errors().to_vec()).unwrap_or_default());
    let finished = outcomes.is_some();
    let footer = html! {
        <>
            <Button onclick={props.close.reform(|_: MouseEvent| ())}>{ if finished { m::CLOSE } else { m::CANCEL }.in_lang(lang) }</Button>
            <span hidden={finished}><Button tone={Tone::Primary} busy={send.busy} {onclick}>{ label.clone() }</Button></span>
        </>
    };
    html! {
        <Dialog title={label} close={props.close.clone()} {footer}>
            <div>{ match &*outcomes {
                Some(outcomes) => {
                    let good = outcomes.iter().filter(|outcome| outcome.ok).count();
                    html! {
                        <>
                            <p><b>{ m::BULK_DONE.fill(lang, &[&good.to_string(), &outcomes.len().to_string()]) }</b></p>
                            <ul class="plainlist">{ for outcomes.iter().filter(|outcome| !outcome.ok).map(|outcome| {
                                let words = outcome.code.as_deref().and_then(Code::parse).map_or_else(String::new, |code| code.message().in_lang(lang).to_owned());
                                html! { <li key={outcome.matter.to_string()}>{ format!("{}{}{words}", title_of(outcome.matter), lang.colon()) }</li> }
                            }) }</ul>
                        </>
                    }
                }
                None => html! {
                    <div class="stack">
                        <p class="sub">{ m::BULK_LINE.fill(lang, &[&props.ids.len().to_string()]) }</p>
                        <FieldForm scope="bulk" fields={fields.clone()} prefix="/input" values={form.values.clone()} {errors} set={form.set.clone()} disabled={send.busy} />
                        <p class="error" role="alert">{ send.error.as_ref().map(|error| error.words(lang)).unwrap_or_default() }</p>
                    </div>
                },
            } }</div>
        </Dialog>
    }
}
