//! 登录会话: what the security administrator ends when an account is in doubt.

use super::super::kit::{Fault, PersonPicker, labelled, loaded, tr, use_query, use_task};
use super::super::profile::session_list;
use crate::kernel::{api, toast::use_toasts};
use serde_json::{Value, json};
use shared::kernel::{api::SessionView, ids::UserId, messages_more as M, text::Lang};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct SessionsProps {
    pub lang: Lang,
}

#[component]
pub fn Sessions(props: &SessionsProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let person = use_state(|| None::<UserId>);
    let sessions = use_query::<Vec<SessionView>>(person.map(|id| format!("/users/{id}/sessions")));
    let task = use_task();
    let toasts = use_toasts();
    let revoke = {
        let (task, person, reload) = (task.clone(), person.clone(), sessions.reload.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(id) = *person else { return };
            let (reload, toasts) = (reload.clone(), toasts.clone());
            task.run(async move {
                let _: Value = api::post(&format!("/users/{id}/sessions/revoke"), &json!({})).await?;
                toasts.done(M::SESSIONS_ENDED.in_lang(lang));
                reload.emit(());
                Ok(())
            });
        })
    };
    let on_pick = {
        let person = person.clone();
        Callback::from(move |id| person.set(Some(id)))
    };
    let list = if person.is_some() {
        html! { <div key="list">{ loaded(&sessions, |sessions| session_list(&sessions, lang)) }</div> }
    } else {
        html! { <p key="none" class="pad sub">{ t(M::SESSIONS_ADMIN_NOTE) }</p> }
    };
    html! {
        <section class="card">
            <div class="pad">
                { labelled(t(M::PERSON), t(M::PERSON_SEARCH_HINT), html! { <PersonPicker id="session-person" value={*person} label={t(M::PERSON)} {lang} {on_pick} /> }) }
                <Fault fault={task.fault.clone()} {lang} />
                <div class="row-actions"><button class="btn danger" type="button" disabled={person.is_none() || task.busy} onclick={revoke}>{ t(M::END_ALL_SESSIONS) }</button></div>
            </div>
            { list }
        </section>
    }
}
