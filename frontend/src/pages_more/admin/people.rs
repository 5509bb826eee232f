//! 人员: who works in which unit with which roles; first passwords, leaving, and handing over what is open.

use super::{
    super::kit::{
        Empty, Fault, Lamp, Modal, PersonPicker, Tone, UnitPicker, brief_name, count_words, labelled, listed, may, on_change, tr, use_me, use_pages,
        use_task, use_units, use_url,
    },
    roles::{RolePicker, conflict_words},
};
use crate::kernel::{api, toast::use_toasts};
use serde::Deserialize;
use serde_json::json;
use shared::kernel::{
    api::{NewUser, NewUserResponse, UserPatch, UserView},
    ids::UserId,
    messages_more as M,
    role::{Permission, Role},
    text::{Lang, Message},
    workflow::role_name,
};
use std::rc::Rc;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct PeopleProps {
    pub lang: Lang,
}

#[derive(Debug, Clone, PartialEq)]
enum About {
    New,
    Change(Rc<UserView>),
    HandOver(Rc<UserView>),
    /// The first password, shown once.
    Issued {
        name: String,
        password: String,
    },
}

/// A changed person; the password only when a new one was issued.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Changed {
    #[serde(default)]
    issued_password: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct HandedOver {
    matters: i64,
}

#[component]
pub fn People(props: &PeopleProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let url = use_url();
    let me = use_me();
    let units = use_units();
    let unit_shown = |code: &str| {
        units
            .iter()
            .find(|unit| unit.code == code)
            .map(|unit| if lang == Lang::Zh { unit.short_name.clone() } else { unit.name_en.clone() })
            .unwrap_or_default()
    };
    let people = use_pages::<UserView>(format!("/users{}", url.only(&["unit", "q"])));
    let about = use_state(|| None::<About>);
    let manages = may(me.as_deref(), Permission::UserManage);
    let assigns = may(me.as_deref(), Permission::RoleAssign);
    let reload = people.reload.clone();
    let on_search = {
        let url = url.clone();
        on_change(Callback::from(move |typed: String| url.set("q", typed.trim())))
    };
    let on_unit = {
        let url = url.clone();
        Callback::from(move |code: String| url.set("unit", &code))
    };
    let clear = {
        let url = url.clone();
        Callback::from(move |_: MouseEvent| url.set("unit", ""))
    };
    let open = {
        let about = about.clone();
        Callback::from(move |next: About| about.set(Some(next)))
    };
    let on_close = {
        let about = about.clone();
        Callback::from(move |()| about.set(None))
    };
    let on_done = {
        let (about, reload) = (about.clone(), people.reload.clone());
        Callback::from(move |next: Option<About>| {
            about.set(next);
            reload.emit(());
        })
    };
    let title = match &*about {
        Some(About::Change(user)) => M::CHANGE_NAMED.fill(lang, &[&user.name]),
        Some(About::HandOver(user)) => M::HAND_OVER_NAMED.fill(lang, &[&user.name]),
        Some(About::Issued { .. }) => t(M::ISSUED_PASSWORD).to_owned(),
        _ => t(M::NEW_PERSON).to_owned(),
    };
    let body = match &*about {
        Some(About::New) => html! { <PersonForm key="new" user={None::<Rc<UserView>>} {lang} on_done={on_done.clone()} /> },
        Some(About::Change(user)) => html! { <PersonForm key={user.id.to_string()} user={Some(Rc::clone(user))} {lang} on_done={on_done.clone()} /> },
        Some(About::HandOver(user)) => html! { <HandOver key={format!("h{}", user.id)} user={Rc::clone(user)} {lang} on_done={on_done.clone()} /> },
        Some(About::Issued { name, password }) => html! {
            <div key="issued" role="status">
                <p>{ M::ISSUED_PASSWORD_FOR.fill(lang, &[name]) }</p>
                <p><code class="m-secret">{ password }</code></p>
                <p class="sub">{ t(M::ISSUED_PASSWORD_NOTE) }</p>
            </div>
        },
        None => html! { <div key="none"></div> },
    };
    html! {
        <div>
            <div class="m-filters">
                <div class="m-filter">{ labelled(t(M::SEARCH), "", html! { <input class="input" type="search" value={url.get("q").to_owned()} placeholder={t(M::PERSON_SEARCH_HINT)} onchange={on_search} /> }) }</div>
                <div class="m-filter">{ labelled(t(M::UNIT), "", html! { <UnitPicker id="people-unit" shown={unit_shown(url.get("unit"))} pick={on_unit} /> }) }</div>
                <button class="btn" type="button" disabled={url.get("unit").is_empty()} onclick={clear}>{ t(M::ALL_UNITS) }</button>
                <span class="grow"></span>
                <button class="btn primary" type="button" hidden={!manages} onclick={open.reform(|_: MouseEvent| About::New)}>{ t(M::NEW_PERSON) }</button>
            </div>
            <section class="card">
                { listed(&people, |people| {
                    if people.is_empty() {
                        return html! { <Empty title={t(M::PEOPLE_NONE)} /> };
                    }
                    let proposals: Vec<Rc<UserView>> = people.iter().filter(|user| assigns && !user.proposed_roles.is_empty()).map(Rc::clone).collect();
                    html! {
                        <div>
                        <Proposals people={proposals} {lang} done={reload.clone()} />
                        <table class="m-cards">
                            <thead><tr><th>{ t(M::NAME) }</th><th>{ t(M::UNIT) }</th><th>{ t(M::ROLES) }</th><th>{ t(M::OPEN_SHORT) }</th><th>{ t(M::STATE) }</th><td></td></tr></thead>
                            <tbody>{ for people.iter().map(|user| html! { <PersonRow key={user.id.to_string()} user={Rc::clone(user)} {lang} {manages} open={open.clone()} /> }) }</tbody>
                        </table>
                        </div>
                    }
                }) }
            </section>
            <Modal open={about.is_some()} {title} {on_close}>{ body }</Modal>
        </div>
    }
}

/// Existing roles with those proposed.
fn with_proposed(user: &UserView) -> Vec<Role> {
    user.roles.iter().chain(user.proposed_roles.iter().filter(|role| !user.roles.contains(role))).copied().collect()
}

#[derive(Properties, PartialEq)]
struct ProposalsProps {
    people: Vec<Rc<UserView>>,
    lang: Lang,
    done: Callback<()>,
}

/// All proposals in sight given at once: a whole list of people was imported.
#[component]
fn Proposals(props: &ProposalsProps) -> Html {
    let lang = props.lang;
    let task = use_task();
    let give = {
        let (task, people, done) = (task.clone(), props.people.clone(), props.done.clone());
        Callback::from(move |_: MouseEvent| {
            let (people, done) = (people.clone(), done.clone());
            task.run(async move {
                for user in people {
                    let patch = UserPatch {
                        name: None,
                        unit: None,
                        roles: Some(with_proposed(&user)),
                        active: None,
                        reset_password: false,
                        reset_totp: false,
                    };
                    let given = api::patch::<_, Changed>(&format!("/users/{}", user.id), &patch, None).await;
                    if let Err(error) = given {
                        done.emit(());
                        return Err(error);
                    }
                }
                done.emit(());
                Ok(())
            });
        })
    };
    let count = i64::try_from(props.people.len()).unwrap_or(0);
    html! {
        <div class="row-actions m-end pad" hidden={count == 0}>
            <Fault fault={task.fault.clone()} {lang} />
            <button class="btn primary" type="button" disabled={task.busy} onclick={give}>{ count_words(M::GIVE_PROPOSED_N, lang, count) }</button>
        </div>
    }
}

#[derive(Properties)]
struct PersonRowProps {
    user: Rc<UserView>,
    lang: Lang,
    manages: bool,
    open: Callback<About>,
}

impl PartialEq for PersonRowProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.user, &other.user) && self.lang == other.lang && self.manages == other.manages
    }
}

#[component]
fn PersonRow(props: &PersonRowProps) -> Html {
    let (user, lang) = (&props.user, props.lang);
    let t = tr(lang);
    let named = |roles: &[Role]| roles.iter().map(|role| role_name(*role).in_lang(lang).to_owned()).collect::<Vec<_>>().join(t(M::LIST_COMMA));
    let roles = named(&user.roles);
    let proposed = if user.proposed_roles.is_empty() { String::new() } else { M::PROPOSED_ROLES.fill(lang, &[&named(&user.proposed_roles)]) };
    let open_matters = user.open_matters.unwrap_or(0);
    let (tone, state) = match (user.active, user.must_change_password == Some(true)) {
        (false, _) => (Tone::Idle, M::INACTIVE),
        (true, true) => (Tone::Warn, M::FIRST_PASSWORD),
        (true, false) => (Tone::Ok, M::ACTIVE),
    };
    let act = |about: fn(Rc<UserView>) -> About| {
        let user = Rc::clone(user);
        props.open.reform(move |_: MouseEvent| about(Rc::clone(&user)))
    };
    html! {
        <tr>
            <td class="title" data-label={t(M::NAME)}>{ &user.name }<small class="m-under">{ &user.username }</small></td>
            <td data-label={t(M::UNIT)}>{ brief_name(&user.unit, lang) }</td>
            <td data-label={t(M::ROLES)}>{ if roles.is_empty() { t(M::NO_ROLES).to_owned() } else { roles } }<small class="m-under">{ proposed }</small></td>
            <td class="num" data-label={t(M::OPEN_SHORT)}>{ open_matters }</td>
            <td data-label={t(M::STATE)}><Lamp {tone}>{ t(state) }</Lamp></td>
            <td class="m-row-actions">
                <button class="linklike" type="button" onclick={act(About::Change)}>{ t(M::CHANGE) }</button>
                <button class="linklike" type="button" hidden={!props.manages || open_matters == 0} onclick={act(About::HandOver)}>{ t(M::HAND_OVER) }</button>
            </td>
        </tr>
    }
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Draft {
    username: String,
    name: String,
    unit: String,
    phone: String,
    roles: Vec<Role>,
    active: bool,
}

#[derive(Properties, PartialEq)]
struct PersonFormProps {
    user: Option<Rc<UserView>>,
    lang: Lang,
    on_done: Callback<Option<About>>,
}

/// A new person or changes of one. Roles are the security administrator's, the rest the system administrator's, who may propose roles.
#[component]
fn PersonForm(props: &PersonFormProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let me = use_me();
    let units = use_units();
    let task = use_task();
    let existing = props.user.is_some();
    let manages = may(me.as_deref(), Permission::UserManage);
    let assigns = may(me.as_deref(), Permission::RoleAssign);
    let draft = use_state(|| {
        props.user.as_ref().map_or_else(
            || Draft { active: true, ..Draft::default() },
            |user| Draft {
                username: user.username.clone(),
                name: user.name.clone(),
                unit: user.unit.code.clone(),
                phone: String::new(),
                // What is proposed is ticked already: who may, gives it by saving.
                roles: if assigns { with_proposed(user) } else { user.roles.clone() },
                active: user.active,
            },
        )
    });
    let administrator = props.user.as_ref().is_some_and(|user| user.roles.iter().any(|role| role.is_administration()));
    let own = props.user.as_ref().zip(me.as_ref()).is_some_and(|(user, me)| user.id == me.id);
    // An administrator's password is the security administrator's to reset; an administrator's codes are nobody's here.
    let may_reset = existing && !own && if administrator { assigns } else { manages };
    let may_reset_codes = existing && !own && assigns && !administrator;
    let unit_kind = units.iter().find(|unit| unit.code == draft.unit).map(|unit| unit.kind.clone()).unwrap_or_default();
    let conflict = conflict_words(&draft.roles, &unit_kind, lang).is_some();

    let send = {
        let (task, user, on_done) = (task.clone(), props.user.clone(), props.on_done.clone());
        Callback::from(move |patch: UserPatch| {
            let Some(user) = user.clone() else { return };
            let on_done = on_done.clone();
            task.run(async move {
                let changed: Changed = api::patch(&format!("/users/{}", user.id), &patch, None).await?;
                on_done.emit(changed.issued_password.map(|password| About::Issued { name: user.name.clone(), password }));
                Ok(())
            });
        })
    };
    let unchanged = UserPatch { name: None, unit: None, roles: None, active: None, reset_password: false, reset_totp: false };
    let onsubmit = {
        let (task, draft, user, on_done, send, unchanged) =
            (task.clone(), draft.clone(), props.user.clone(), props.on_done.clone(), send.clone(), unchanged.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let draft = (*draft).clone();
            match &user {
                Some(user) => send.emit(UserPatch {
                    name: (draft.name != user.name).then(|| draft.name.clone()),
                    unit: (draft.unit != user.unit.code).then(|| draft.unit.clone()),
                    roles: (assigns && (draft.roles != user.roles || !user.proposed_roles.is_empty())).then(|| draft.roles.clone()),
                    active: (draft.active != user.active).then_some(draft.active),
                    ..unchanged.clone()
                }),
                None => {
                    let on_done = on_done.clone();
                    task.run(async move {
                        let phone = Some(draft.phone).filter(|phone| !phone.trim().is_empty());
                        let new = NewUser {
                            username: draft.username,
                            name: draft.name,
                            unit: draft.unit,
                            roles: Vec::new(),
                            proposed_roles: draft.roles,
                            phone,
                        };
                        let made: NewUserResponse = api::post("/users", &new).await?;
                        on_done.emit(Some(About::Issued { name: made.user.name, password: made.issued_password }));
                        Ok(())
                    });
                }
            }
        })
    };
    let edit = |change: fn(&mut Draft, String)| {
        let draft = draft.clone();
        Callback::from(move |value: String| {
            let mut next = (*draft).clone();
            change(&mut next, value);
            draft.set(next);
        })
    };
    let on_roles = {
        let draft = draft.clone();
        Callback::from(move |roles: Vec<Role>| draft.set(Draft { roles, ..(*draft).clone() }))
    };
    let toggle_active = {
        let draft = draft.clone();
        Callback::from(move |_: Event| draft.set(Draft { active: !draft.active, ..(*draft).clone() }))
    };
    let reset = {
        let (send, unchanged) = (send.clone(), unchanged.clone());
        Callback::from(move |_: MouseEvent| send.emit(UserPatch { reset_password: true, ..unchanged.clone() }))
    };
    let reset_codes = {
        let (send, unchanged) = (send.clone(), unchanged.clone());
        Callback::from(move |_: MouseEvent| send.emit(UserPatch { reset_totp: true, ..unchanged.clone() }))
    };
    let text = |label: Message, hint: &'static str, value: &str, fixed: bool, required: bool, change: fn(&mut Draft, String)| {
        labelled(
            t(label),
            hint,
            html! {
                <input class="input" type="text" value={value.to_owned()} disabled={fixed} {required} autocomplete="off" onchange={on_change(edit(change))} />
            },
        )
    };
    let locked = if assigns || !existing { "" } else { t(M::ROLES_BY_SECURITY) };
    let about_roles = match &props.user {
        None => t(M::ROLES_PROPOSED_NOTE),
        Some(user) if assigns && !user.proposed_roles.is_empty() => t(M::ROLES_TO_GIVE_NOTE),
        Some(_) => "",
    };
    html! {
        <form {onsubmit}>
            { text(M::USERNAME, t(M::USERNAME_HINT), &draft.username, existing, true, |draft, value| draft.username = value.trim().to_owned()) }
            { text(M::NAME, "", &draft.name, !manages, true, |draft, value| draft.name = value) }
            <div class="field"><label class="label" for="person-unit">{ t(M::UNIT) }</label>
                { if manages {
                    html! { <UnitPicker key="pick" id="person-unit" shown={units.iter().find(|unit| unit.code == draft.unit).map(|unit| if lang == Lang::Zh { unit.short_name.clone() } else { unit.name_en.clone() }).unwrap_or_default()} pick={edit(|draft, value| draft.unit = value)} /> }
                } else {
                    html! { <span key="fixed">{ props.user.as_ref().map(|user| brief_name(&user.unit, lang)).unwrap_or_default() }</span> }
                } }
                <small class="hint">{ if existing && manages { t(M::UNIT_CHANGE_HINT) } else { "" } }</small>
            </div>
            <div hidden={existing}>{ text(M::PHONE, t(M::OPTIONAL), &draft.phone, false, false, |draft, value| draft.phone = value) }</div>
            <RolePicker roles={draft.roles.clone()} {unit_kind} {lang} {locked} on_change={on_roles} />
            <p class="sub">{ about_roles }</p>
            <div hidden={!existing || !manages}>
                <label class="check"><input type="checkbox" checked={draft.active} onchange={toggle_active} />{ t(M::PERSON_ACTIVE) }<small class="hint">{ t(M::PERSON_ACTIVE_HINT) }</small></label>
            </div>
            <Fault fault={task.fault.clone()} {lang} />
            <div class="row-actions m-end">
                <button class="btn" type="button" hidden={!may_reset_codes} disabled={task.busy} onclick={reset_codes}>{ t(M::RESET_CODES) }</button>
                <button class="btn" type="button" hidden={!may_reset} disabled={task.busy} onclick={reset}>{ t(M::RESET_PASSWORD) }</button>
                <button class="btn primary" type="submit" disabled={task.busy || conflict || draft.unit.is_empty()}>{ t(M::SAVE) }</button>
            </div>
        </form>
    }
}

#[derive(Properties, PartialEq)]
struct HandOverProps {
    user: Rc<UserView>,
    lang: Lang,
    on_done: Callback<Option<About>>,
}

/// All open matters of a leaving person, to another of the same unit.
#[component]
fn HandOver(props: &HandOverProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let to = use_state(|| None::<UserId>);
    let task = use_task();
    let toasts = use_toasts();
    let open_matters = props.user.open_matters.unwrap_or(0);
    let onsubmit = {
        let (task, to, on_done, id) = (task.clone(), to.clone(), props.on_done.clone(), props.user.id);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(to) = *to else { return };
            let (on_done, toasts) = (on_done.clone(), toasts.clone());
            task.run(async move {
                let done: HandedOver = api::post(&format!("/users/{id}/hand-over"), &json!({ "to": to })).await?;
                toasts.done(count_words(M::HANDED_OVER_N, lang, done.matters));
                on_done.emit(None);
                Ok(())
            });
        })
    };
    let on_pick = {
        let to = to.clone();
        Callback::from(move |person| to.set(Some(person)))
    };
    html! {
        <form {onsubmit}>
            <p>{ M::HAND_OVER_EXPLAIN.fill(lang, &[&props.user.name, &open_matters.to_string(), &brief_name(&props.user.unit, lang)]) }</p>
            { labelled(t(M::HAND_OVER_TO), "", html! { <PersonPicker id="hand-over-to" value={*to} label={t(M::HAND_OVER_TO)} {lang} unit={props.user.unit.code.clone()} {on_pick} /> }) }
            <Fault fault={task.fault.clone()} {lang} />
            <div class="row-actions m-end"><button class="btn primary" type="submit" disabled={task.busy || to.is_none()}>{ count_words(M::HAND_OVER_N, lang, open_matters) }</button></div>
        </form>
    }
}
