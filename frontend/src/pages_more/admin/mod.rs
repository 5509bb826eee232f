//! 系统管理: units, people, deputies, sessions; each administrator sees what their role may do (三员分立).

mod feedback;
mod outbox;
mod people;
mod roles;
mod sessions;
mod setup;
mod units;

use super::kit::{A, Empty, Head, loaded, may, tr, use_lang, use_me, use_query, use_title, use_url};
use super::profile::delegation_list;
use shared::kernel::{
    api::DelegationView,
    messages_more as M,
    role::Permission,
    text::{Lang, Message},
};
use yew::prelude::*;

/// A tab, its name, and the permissions of which one opens it.
const TABS: [(&str, Message, &[Permission]); 7] = [
    ("units", M::UNITS, &[Permission::UnitManage]),
    ("people", M::PEOPLE, &[Permission::UserManage, Permission::RoleAssign]),
    ("delegations", M::DELEGATIONS, &[Permission::UserManage]),
    ("setup", M::SETUP, &[Permission::UserManage]),
    ("outbox", M::OUTBOX, &[Permission::ParameterManage]),
    ("feedback", M::FEEDBACK, &[Permission::ParameterManage]),
    ("sessions", M::SESSIONS, &[Permission::SessionRevoke]),
];

#[component]
pub fn AdminPage() -> Html {
    let lang = use_lang();
    let t = tr(lang);
    let me = use_me();
    let url = use_url();
    use_title(t(M::ADMIN).to_owned());
    let mine: Vec<_> = TABS.iter().filter(|(.., needed)| needed.iter().any(|one| may(me.as_deref(), *one))).collect();
    let chosen = mine.iter().find(|(code, ..)| *code == url.get("tab")).or_else(|| mine.first()).map(|(code, ..)| *code);
    let body = match chosen {
        Some("units") => html! { <units::Units key="units" {lang} /> },
        Some("people") => html! { <people::People key="people" {lang} /> },
        Some("delegations") => html! { <Delegations key="delegations" {lang} /> },
        Some("setup") => html! { <setup::Setup key="setup" {lang} /> },
        Some("outbox") => html! { <outbox::Outbox key="outbox" {lang} /> },
        Some("feedback") => html! { <feedback::Feedback key="feedback" {lang} /> },
        Some(_) => html! { <sessions::Sessions key="sessions" {lang} /> },
        None => html! { <div key="none" class="card"><Empty title={t(M::ADMIN_NONE)} /></div> },
    };
    html! {
        <div class="m-page">
            <Head title={t(M::ADMIN)} sub={t(M::ADMIN_SUB)} />
            <nav class="tabs" aria-label={t(M::ADMIN)}>{ for mine.iter().map(|(code, name, _)| html! {
                <A key={*code} href={format!("/admin?tab={code}")} current={chosen == Some(*code)}>{ t(*name) }</A>
            }) }</nav>
            { body }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct DelegationsProps {
    lang: Lang,
}

/// In sight, but everyone's own: a deputy is named by the person who is away.
#[component]
fn Delegations(props: &DelegationsProps) -> Html {
    let lang = props.lang;
    let delegations = use_query::<Vec<DelegationView>>(Some("/delegations".to_owned()));
    html! {
        <section class="card">
            <p class="pad sub">{ M::DELEGATIONS_ADMIN_NOTE.in_lang(lang) }</p>
            { loaded(&delegations, |delegations| delegation_list(&delegations, None, None, lang)) }
        </section>
    }
}
