//! 登录会话: what the security administrator ends when an account is in doubt.

use super::super::kit::{Empty, Fault, Modal, PersonPicker, labelled, loaded, minute, tr, use_query, use_task};
use super::super::profile::{session_list, session_name};
use crate::kernel::{api, toast::use_toasts};
use serde::Deserialize;
use serde_json::json;
use shared::kernel::{api::SessionView, ids::UserId, messages_more as M, text::Lang};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct SessionsProps {
    pub lang: Lang,
}

/// What is about to be ended, asked once more.
#[derive(Clone, PartialEq)]
enum About {
    One(SessionView),
    All,
}

#[derive(Deserialize)]
struct Ended {
    ended: i64,
}

#[component]
pub fn Sessions(props: &SessionsProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let person = use_state(|| None::<UserId>);
    let name = use_state(String::new);
    let about = use_state(|| None::<About>);
    let sessions = use_query::<Vec<SessionView>>(person.map(|id| format!("/users/{id}/sessions")));
    let task = use_task();
    let toasts = use_toasts();
    let revoke = {
        let (task, person, about, reload, toasts) = (task.clone(), person.clone(), about.clone(), sessions.reload.clone(), toasts.clone());
        Callback::from(move |_: MouseEvent| {
            let (Some(id), Some(what)) = (*person, (*about).clone()) else { return };
            let (about, reload, toasts) = (about.clone(), reload.clone(), toasts.clone());
            let body = match what {
                About::One(session) => json!({ "session": session.id }),
                About::All => json!({}),
            };
            task.run(async move {
                let done = api::post::<_, Ended>(&format!("/users/{id}/sessions/revoke"), &body).await;
                // Whatever came of it, what is shown may have changed.
                about.set(None);
                reload.emit(());
                toasts.done(M::SESSIONS_ENDED.fill(lang, &[&done?.ended.to_string()]));
                Ok(())
            });
        })
    };
    let on_pick = {
        let (person, task) = (person.clone(), task.clone());
        Callback::from(move |id| {
            task.clear();
            person.set(Some(id));
        })
    };
    let on_named = {
        let name = name.clone();
        Callback::from(move |picked| name.set(picked))
    };
    let ask = {
        let about = about.clone();
        Callback::from(move |what: About| about.set(Some(what)))
    };
    let close = {
        let about = about.clone();
        Callback::from(move |()| about.set(None))
    };
    let open = sessions.ready().filter(|_| person.is_some()).map_or(0, |sessions| sessions.len());
    let list = if person.is_some() {
        html! { <div key="list">{ loaded(&sessions, |sessions| session_list(&sessions, t(M::SESSIONS_NONE_OF), Some(ask.reform(About::One)), lang)) }</div> }
    } else {
        html! { <div key="none"><Empty title={t(M::SESSIONS_CHOOSE)} text={t(M::SESSIONS_ADMIN_NOTE)} /></div> }
    };
    let (title, line) = match &*about {
        Some(About::One(session)) => (
            M::END_ONE_ASK.fill(lang, &[&name]),
            format!(
                "{}{}{}",
                session_name(session, lang),
                t(M::DOT),
                M::SESSION_LINE.fill(lang, &[&minute(session.started_at), &minute(session.last_used_at), session.address.as_deref().unwrap_or("—")])
            ),
        ),
        _ => (M::END_ALL_ASK.fill(lang, &[&name]), M::END_ALL_LINE.fill(lang, &[&open.to_string()])),
    };
    html! {
        <section class="card">
            <div class="pad m-choose">
                { labelled(t(M::PERSON), t(M::PERSON_SEARCH_HINT), html! { <PersonPicker id="session-person" value={*person} label={t(M::PERSON)} {lang} {on_pick} {on_named} /> }) }
                <button class="btn danger" type="button" hidden={person.is_none()} disabled={open == 0 || task.busy} onclick={ask.reform(|_: MouseEvent| About::All)}>{ t(M::END_ALL_SESSIONS) }</button>
                <Fault fault={task.fault.clone()} {lang} />
            </div>
            { list }
            <Modal open={about.is_some()} {title} on_close={close.clone()}>
                <p class="num">{ line }</p>
                <p class="sub">{ t(M::END_SESSIONS_NOTE) }</p>
                <div class="row-actions m-end">
                    <button class="btn" type="button" onclick={close.reform(|_: MouseEvent| ())}>{ t(M::CANCEL) }</button>
                    <button class="btn danger" type="button" disabled={task.busy} onclick={revoke}>{ t(if *about == Some(About::All) { M::END_ALL_SESSIONS } else { M::END_SESSION }) }</button>
                </div>
            </Modal>
        </section>
    }
}
