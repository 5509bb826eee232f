//! Taking a step: its questions in a dialog. Nothing typed is lost when someone else was faster.

use crate::{
    kernel::{
        api::{self, ApiError},
        fields::{ErrorSummary, FieldForm, Subject, Values, asked, asked_values, use_form},
        hooks::use_mutation,
        i18n::use_lang,
        lookup::SessionLookup,
        router::use_go,
        session::{Session, unit_words, use_kind},
        toast::use_toasts,
    },
    ui::{Button, Dialog, Tone},
};
use serde_json::{Value, json};
use shared::kernel::{
    api::MatterDetail,
    field::Field,
    given, messages as m,
    problem::{Code, FieldError},
    text::Lang,
    validate::{Strictness, validate},
    workflow::ActionView,
};
use std::rc::Rc;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct ActionDialogProps {
    pub matter: Rc<MatterDetail>,
    pub action: ActionView,
    pub session: Session,
    pub close: Callback<()>,
    pub changed: Callback<()>,
}

/// What someone else changed since the page was read, in words; nothing when only a file or a remark came to it.
fn differences(before: &MatterDetail, now: &MatterDetail, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    if before.item.state != now.item.state {
        lines.push(m::CHANGED_STATE.fill(lang, &[before.item.state_label.in_lang(lang), now.item.state_label.in_lang(lang)]));
    }
    let holder =
        |matter: &MatterDetail| matter.item.holder.as_ref().map_or_else(|| "—".to_owned(), |holder| unit_words(&holder.unit, lang).to_owned());
    if holder(before) != holder(now) {
        lines.push(m::CHANGED_HOLDER.fill(lang, &[&holder(before), &holder(now)]));
    }
    if before.item.due_at != now.item.due_at {
        let day = |matter: &MatterDetail| matter.item.due_at.map_or_else(|| "—".to_owned(), |date| crate::kernel::dates::day(date, lang));
        lines.push(m::CHANGED_DUE.fill(lang, &[&day(before), &day(now)]));
    }
    if before.body != now.body {
        lines.push(m::CHANGED_BODY.in_lang(lang).to_owned());
    }
    lines
}

/// The rows that a field has by what was answered.
fn prepared(matter: &MatterDetail, field: &Field) -> Option<Value> {
    let rows = given::rows_of(field.rows_from.as_ref()?, asked(matter));
    (!rows.is_empty()).then(|| Value::Array(rows.into_iter().map(Value::Object).collect()))
}

/// A form that changes the body starts from what the body says.
fn initial(matter: &MatterDetail, action: &ActionView) -> Values {
    if action.action != "adjust" {
        return action.input.iter().filter_map(|field| Some((field.name.clone(), prepared(matter, field)?))).collect();
    }
    action.input.iter().filter_map(|field| matter.body.get(&field.name).map(|value| (field.name.clone(), value.clone()))).collect()
}

#[component]
pub fn ActionDialog(props: &ActionDialogProps) -> Html {
    let (lang, toasts, go) = (use_lang(), use_toasts(), use_go());
    let (matter, action) = (&props.matter, &props.action);
    let id = matter.item.id.to_string();
    let kind = use_kind(&matter.item.kind);
    let form = use_form(format!("act.{id}.{}", action.action), initial(matter, action));
    let fields: Rc<Vec<Field>> = use_memo(action.input.clone(), Clone::clone);
    let errors = use_state(|| Rc::new(Vec::<FieldError>::new()));
    let version = use_state_eq(|| matter.item.version);
    let news = use_state(Vec::<String>::new);
    // The one it was opened on; the page behind may have been read anew.
    let opened = use_state(|| matter.clone());
    let send = {
        let (id, name) = (id.clone(), action.action.clone());
        let (close, changed, sent, label) = (props.close.clone(), props.changed.clone(), form.sent.clone(), action.label.in_lang(lang).to_owned());
        let (version_set, news) = (version.clone(), news.clone());
        use_mutation(
            move |(input, version): (Values, i64)| {
                let (id, name) = (id.clone(), name.clone());
                let (version_set, news, opened) = (version_set.clone(), news.clone(), opened.clone());
                async move {
                    let (path, body) = (format!("/matters/{id}/actions/{name}"), json!({ "input": input }));
                    let mut outcome = api::post_at::<_, serde_json::Value>(&path, &body, version).await;
                    if let Err(error) = &outcome
                        && error.is(Code::VersionStale)
                        && let Ok(now) = api::get::<MatterDetail>(&format!("/matters/{id}")).await
                    {
                        let lines = differences(&opened, &now, lang);
                        version_set.set(now.item.version);
                        if lines.is_empty() {
                            outcome = api::post_at(&path, &body, now.item.version).await;
                            if matches!(&outcome, Err(error) if error.is(Code::VersionStale)) {
                                news.set(vec![m::CHANGED_OTHER.in_lang(lang).to_owned()]);
                            }
                        } else {
                            news.set(lines);
                        }
                    }
                    outcome
                }
            },
            Callback::from(move |now: serde_json::Value| {
                sent.emit(());
                toasts.done(m::DONE_X.fill(lang, &[&label]));
                close.emit(());
                // Nothing came back: a discarded draft, or a matter handed out of sight.
                if now.is_null() { go.to("/inbox?box=todo") } else { changed.emit(()) }
            }),
        )
    };
    let submit = {
        let (run, values, fields, errors, session, version) =
            (send.run.clone(), form.values.clone(), fields.clone(), errors.clone(), props.session.clone(), *version);
        move || {
            let input = asked_values(&fields, &values);
            let found = validate(&fields, &input, "/input", Strictness::Full, &SessionLookup(&session));
            let sound = found.is_empty();
            errors.set(Rc::new(found));
            if sound {
                run.emit((input, version));
            }
        }
    };
    let onsubmit = {
        let submit = submit.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            submit();
        })
    };
    let onclick = Callback::from(move |_: MouseEvent| submit());
    let shown = match &send.error {
        Some(error) if !error.errors().is_empty() => Rc::new(error.errors().to_vec()),
        _ => (*errors).clone(),
    };
    let words = |error: &ApiError| match &error.problem.detail {
        Some(number) if error.is(Code::ChildBlocked) => format!("{}{}{number}", error.words(lang), lang.colon()),
        // The detail is the guard's key; the kind's declaration has its words.
        Some(detail) if error.is(Code::GuardFailed) => {
            let guards = kind.ready().into_iter().flat_map(|kind| kind.steps.iter()).flat_map(|step| step.guards.iter());
            let reason = guards.filter(|guard| guard.code == *detail).map(|guard| guard.reason.in_lang(lang).to_owned()).next();
            reason.unwrap_or_else(|| error.words(lang))
        }
        _ => error.words(lang),
    };
    let sentence =
        send.error.as_ref().filter(|error| (error.errors().is_empty() || error.is(Code::GuardFailed)) && !error.is(Code::VersionStale)).map(words);
    let footer = html! {
        <>
            <Button onclick={props.close.reform(|_: MouseEvent| ())}>{ m::CANCEL.in_lang(lang) }</Button>
            <Button tone={if action.danger { Tone::Danger } else { Tone::Primary }} busy={send.busy} {onclick}>{ action.label.in_lang(lang).to_owned() }</Button>
        </>
    };
    html! {
        <Dialog title={action.label.in_lang(lang).to_owned()} close={props.close.clone()} {footer} wide={action.input.len() > 5}>
            <p class="sub">{ format!("{} {}", matter.item.number.clone().unwrap_or_default(), matter.item.title) }</p>
            <p class="note" hidden={!action.danger}>{ m::DANGER_LINE.in_lang(lang) }</p>
            <p class="note" hidden={action.note.is_none()}>{ action.note.as_ref().map(|note| note.in_lang(lang).to_owned()) }</p>
            <div class="note" role="alert" hidden={news.is_empty()}>
                <b>{ m::STALE_ACT.in_lang(lang) }</b>
                <ul class="plainlist">{ for news.iter().enumerate().map(|(index, line)| html! { <li key={index}>{ line.clone() }</li> }) }</ul>
            </div>
            <ErrorSummary scope="act" fields={fields.clone()} prefix="/input" errors={shown.clone()} {sentence} />
            <ContextProvider<Subject> context={Subject(matter.clone())}><form {onsubmit} novalidate=true>
                <FieldForm scope="act" fields={fields.clone()} prefix="/input" values={form.values.clone()} errors={shown} set={form.set.clone()} matter={Some(AttrValue::from(id))} disabled={send.busy} />
                <p class="sub" hidden={!action.input.is_empty()}>{ m::CONFIRM_X.fill(lang, &[action.label.in_lang(lang)]) }</p>
            </form></ContextProvider<Subject>>
        </Dialog>
    }
}
