//! 待发邮件: what waits to leave, what was given up and why. Never the text of a letter.

use super::super::kit::{Empty, Fault, Lamp, Tone, listed, minute, tr, use_pages, use_task, use_url};
use crate::{
    kernel::{api, toast::use_toasts},
    ui::Chip,
};
use serde_json::{Value, json};
use shared::kernel::{
    api::LetterView,
    messages_more as M,
    text::{Lang, Message},
};
use std::rc::Rc;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct OutboxProps {
    pub lang: Lang,
}

/// A state of the address, its name, and why nothing is in it.
const STATES: [(&str, Message, Message); 4] = [
    ("", M::ALL, M::OUTBOX_NONE),
    ("dead", M::LETTER_DEAD, M::OUTBOX_NONE_DEAD),
    ("pending", M::LETTER_PENDING, M::OUTBOX_NONE_PENDING),
    ("delivered", M::LETTER_DELIVERED, M::OUTBOX_NONE_DELIVERED),
];

#[component]
pub fn Outbox(props: &OutboxProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let url = use_url();
    let (task, toasts) = (use_task(), use_toasts());
    let letters = use_pages::<LetterView>(format!("/outbox{}", url.only(&["state"])));
    let chosen = STATES.iter().find(|(code, ..)| *code == url.get("state")).unwrap_or(&STATES[0]);
    let replay = {
        let (task, reload) = (task.clone(), letters.reload.clone());
        Callback::from(move |id: String| {
            let (reload, toasts) = (reload.clone(), toasts.clone());
            task.run(async move {
                let done = api::post::<_, Value>(&format!("/outbox/{id}/replay"), &json!({})).await;
                reload.emit(());
                done?;
                toasts.done(M::REPLAYED.in_lang(lang));
                Ok(())
            });
        })
    };
    html! {
        <div>
            <div class="m-filters" role="group" aria-label={t(M::STATE)}>{ for STATES.iter().map(|(code, name, _)| {
                let onclick = {
                    let url = url.clone();
                    Callback::from(move |()| url.set("state", code))
                };
                html! { <Chip key={*code} on={*code == chosen.0} label={t(*name)} {onclick} /> }
            }) }</div>
            <p class="sub m-about">{ t(M::OUTBOX_NOTE) }</p>
            <section class="card">
                { listed(&letters, |letters| {
                    if letters.is_empty() {
                        return html! { <Empty title={t(chosen.2)} text={t(M::OUTBOX_WHO)} /> };
                    }
                    html! {
                        <table class="m-cards">
                            <thead><tr><th>{ t(M::LETTER_WHAT) }</th><th>{ t(M::STATE) }</th><th>{ t(M::LETTER_WRITTEN) }</th><th>{ t(M::LETTER_ATTEMPTS) }</th><th>{ t(M::LETTER_NEXT) }</th><td></td></tr></thead>
                            <tbody>{ for letters.iter().map(|letter| html! { <LetterRow key={letter.id.clone()} letter={Rc::clone(letter)} {lang} busy={task.busy} replay={replay.clone()} /> }) }</tbody>
                        </table>
                    }
                }) }
                <Fault fault={task.fault.clone()} {lang} />
            </section>
        </div>
    }
}

/// The usual reasons in words; what the mail server said stands below it as it is.
fn cause(error: &str) -> Message {
    let error = error.to_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| error.contains(word));
    if any(&["timed out", "timeout"]) {
        M::CAUSE_SLOW
    } else if any(&["dns", "lookup", "resolve", "refused", "unreachable", "connect", "network"]) {
        M::CAUSE_UNREACHABLE
    } else if any(&["tls", "certificate"]) {
        M::CAUSE_CERTIFICATE
    } else if any(&["auth", "535", "530", "credential"]) {
        M::CAUSE_SIGN_IN
    } else if any(&["550", "551", "553", "mailbox", "recipient", "address", "user unknown"]) {
        M::CAUSE_ADDRESS
    } else {
        M::CAUSE_OTHER
    }
}

#[derive(Properties)]
struct LetterRowProps {
    letter: Rc<LetterView>,
    lang: Lang,
    busy: bool,
    replay: Callback<String>,
}

impl PartialEq for LetterRowProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.letter, &other.letter) && self.lang == other.lang && self.busy == other.busy
    }
}

#[component]
fn LetterRow(props: &LetterRowProps) -> Html {
    let (letter, lang) = (&props.letter, props.lang);
    let t = tr(lang);
    let (tone, state) = match letter.state.as_str() {
        "delivered" => (Tone::Ok, M::LETTER_DELIVERED),
        "dead" => (Tone::Late, M::LETTER_DEAD),
        _ if letter.last_error.is_some() => (Tone::Warn, M::LETTER_RETRIED),
        _ => (Tone::Idle, M::LETTER_PENDING),
    };
    let dead = letter.state == "dead";
    let onclick = {
        let (replay, id) = (props.replay.clone(), letter.id.clone());
        Callback::from(move |_: MouseEvent| replay.emit(id.clone()))
    };
    let next = letter.next_at.filter(|_| !dead).map_or_else(|| "—".to_owned(), minute);
    html! {
        <tr>
            <td class="title" data-label={t(M::LETTER_WHAT)}>
                { t(if letter.topic == "email" { M::LETTER_EMAIL } else { M::LETTER_OTHER }) }
                <small class="m-under">{ letter.last_error.as_deref().map(|error| t(cause(error))).unwrap_or_default() }</small>
                <small class="m-code">{ letter.last_error.as_deref().map(|error| M::SERVER_SAID.fill(lang, &[error])).unwrap_or_default() }</small>
            </td>
            <td data-label={t(M::STATE)}><Lamp {tone}>{ t(state) }</Lamp></td>
            <td class="num" data-label={t(M::LETTER_WRITTEN)}>{ minute(letter.created_at) }</td>
            <td class="num" data-label={t(M::LETTER_ATTEMPTS)}>{ letter.attempts }</td>
            <td class="num" data-label={t(M::LETTER_NEXT)}>{ next }</td>
            <td class="m-row-actions"><button class="btn" type="button" hidden={!dead} disabled={props.busy} {onclick}>{ t(M::REPLAY) }</button></td>
        </tr>
    }
}
