//! 意见反馈: what people say of the platform itself, and the answer they get.

use super::super::kit::{Empty, Fault, Lamp, Tone, brief_name, labelled, listed, minute, tr, use_pages, use_task, use_url};
use crate::{
    kernel::{api, toast::use_toasts},
    ui::Chip,
};
use shared::kernel::{
    api::{FeedbackAnswer, FeedbackView},
    messages_more as M,
    text::{Lang, Message},
};
use std::rc::Rc;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct FeedbackProps {
    pub lang: Lang,
}

const STATES: [(&str, Message); 3] = [("", M::ALL), ("open", M::FEEDBACK_OPEN), ("answered", M::FEEDBACK_ANSWERED)];

#[component]
pub fn Feedback(props: &FeedbackProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let url = use_url();
    let given = use_pages::<FeedbackView>(format!("/feedback{}", url.only(&["state"])));
    html! {
        <div>
            <div class="m-filters" role="group" aria-label={t(M::STATE)}>{ for STATES.iter().map(|(code, name)| {
                let onclick = {
                    let url = url.clone();
                    Callback::from(move |()| url.set("state", code))
                };
                html! { <Chip key={*code} on={*code == url.get("state")} label={t(*name)} {onclick} /> }
            }) }</div>
            <p class="sub m-about">{ t(M::FEEDBACK_NOTE) }</p>
            <section class="card">
                { listed(&given, |given_rows| {
                    if given_rows.is_empty() {
                        return html! { <Empty title={t(M::FEEDBACK_NONE)} /> };
                    }
                    html! { <ul class="m-rows">{ for given_rows.iter().map(|one| html! { <One key={one.id.clone()} one={Rc::clone(one)} {lang} reload={given.reload.clone()} /> }) }</ul> }
                }) }
            </section>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct OneProps {
    one: Rc<FeedbackView>,
    lang: Lang,
    reload: Callback<()>,
}

#[component]
fn One(props: &OneProps) -> Html {
    let (one, lang) = (&props.one, props.lang);
    let t = tr(lang);
    let text = use_node_ref();
    let (task, toasts) = (use_task(), use_toasts());
    let open = one.state == "open";
    let onsubmit = {
        let (task, text, reload, id) = (task.clone(), text.clone(), props.reload.clone(), one.id.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let answer = FeedbackAnswer { text: text.cast::<HtmlTextAreaElement>().map(|area| area.value()).unwrap_or_default() };
            let (reload, toasts, id) = (reload.clone(), toasts.clone(), id.clone());
            task.run(async move {
                let _: FeedbackView = api::post(&format!("/feedback/{id}/answer"), &answer).await?;
                toasts.done(M::FEEDBACK_TOLD.in_lang(lang));
                reload.emit(());
                Ok(())
            });
        })
    };
    let (tone, state) = if open { (Tone::Warn, M::FEEDBACK_OPEN) } else { (Tone::Ok, M::FEEDBACK_ANSWERED) };
    let from = M::FEEDBACK_FROM.fill(lang, &[&one.person.name, &brief_name(&one.person.unit, lang), &minute(one.at)]);
    let page = one.page.as_deref().map(|page| M::FEEDBACK_PAGE.fill(lang, &[page])).unwrap_or_default();
    let answered = one
        .answer
        .as_deref()
        .map(|answer| M::FEEDBACK_ANSWER_OF.fill(lang, &[one.answered_by.as_deref().unwrap_or("—"), answer]))
        .unwrap_or_default();
    html! {
        <li>
            <span class="title">{ &one.text }{ " " }<Lamp {tone}>{ t(state) }</Lamp></span>
            <span class="sub num">{ from }{ " " }{ page }</span>
            <span class="sub">{ answered }</span>
            <form class="stack" hidden={!open} {onsubmit}>
                { labelled(t(M::FEEDBACK_ANSWER), "", html! { <textarea ref={text} class="input" rows="2" minlength="2" maxlength="2000" required={open} /> }) }
                <Fault fault={task.fault.clone()} {lang} />
                <div class="row-actions m-end"><button class="btn" type="submit" disabled={task.busy}>{ t(M::FEEDBACK_ANSWER) }</button></div>
            </form>
        </li>
    }
}
