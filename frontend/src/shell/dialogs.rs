//! What opens over any page: feedback, and the list of keys.

use crate::{
    kernel::{api, hooks::use_mutation, i18n::use_lang, toast::use_toasts},
    ui::{Button, Dialog, Tone, target_value},
};
use shared::kernel::{api::Feedback, messages as m, text::Message};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub(super) struct CloseProps {
    pub close: Callback<()>,
}

#[component]
pub(super) fn FeedbackDialog(props: &CloseProps) -> Html {
    let (lang, toasts) = (use_lang(), use_toasts());
    let text = use_state(String::new);
    let send = use_mutation(
        |text: String| async move {
            let page = web_sys::window().and_then(|window| window.location().pathname().ok());
            api::post::<_, serde_json::Value>("/feedback", &Feedback { text, page }).await
        },
        {
            let close = props.close.clone();
            Callback::from(move |_| {
                toasts.done(m::FEEDBACK_SENT.in_lang(lang));
                close.emit(());
            })
        },
    );
    let oninput = {
        let text = text.clone();
        Callback::from(move |event: InputEvent| text.set(target_value(&event)))
    };
    let submit = {
        let (run, text) = (send.run.clone(), text.clone());
        Callback::from(move |_: MouseEvent| run.emit((*text).clone()))
    };
    let footer = html! {
        <>
            <Button onclick={props.close.reform(|_: MouseEvent| ())}>{ m::CANCEL.in_lang(lang) }</Button>
            <Button tone={Tone::Primary} busy={send.busy} disabled={text.trim().is_empty()} onclick={submit}>{ m::SEND.in_lang(lang) }</Button>
        </>
    };
    html! {
        <Dialog title={m::FEEDBACK_LINK.in_lang(lang)} close={props.close.clone()} {footer}>
            <div class="field">
                <label class="label" for="feedback-text">{ m::FEEDBACK_QUESTION.in_lang(lang) }</label>
                <textarea id="feedback-text" rows="5" maxlength="2000" value={(*text).clone()} {oninput} />
                <div class="about"><span class="error" role="alert">{ send.error.as_ref().map(|error| error.words(lang)).unwrap_or_default() }</span><span class="hint">{ m::FEEDBACK_HINT.in_lang(lang) }</span></div>
            </div>
        </Dialog>
    }
}

#[component]
pub(super) fn ShortcutsDialog(props: &CloseProps) -> Html {
    let lang = use_lang();
    let keys: [(&str, Message); 10] = [
        ("/", m::KEY_SEARCH),
        ("g i", m::KEY_INBOX),
        ("g h", m::KEY_HOME),
        ("g o", m::KEY_OVERVIEW),
        ("g n", m::KEY_NOTICES),
        ("n", m::NEW_MATTER),
        ("j / k", m::KEY_ROWS),
        ("Enter", m::KEY_OPEN),
        ("Esc", m::KEY_ESCAPE),
        ("?", m::KEY_HELP),
    ];
    html! {
        <Dialog title={m::SHORTCUTS.in_lang(lang)} close={props.close.clone()}>
            <dl class="facts keys">
                { for keys.iter().map(|(key, words)| html! { <div key={*key}><dt><kbd>{ *key }</kbd></dt><dd>{ words.in_lang(lang) }</dd></div> }) }
            </dl>
        </Dialog>
    }
}
