//! 我的: own data, language, password, sessions, deputies and the second factor.

use super::kit::{
    DateBox, Empty, Fault, Head, Lamp, PersonPicker, Tone, brief_name, labelled, labelled_for, loaded, minute, on_choose, tr, use_lang, use_me,
    use_query, use_task, use_title,
};
use crate::{
    kernel::{api, i18n::LangContext, session::use_session, storage, toast::use_toasts},
    pages::second_factor::SecondFactorForm,
};
use chrono::NaiveDate;
use serde_json::Value;
use shared::kernel::{
    api::{DelegationView, LogoutRequest, Me, NewDelegation, PasswordChange, Preferences, SessionView},
    ids::UserId,
    messages::ACT_FOR,
    messages_more as M,
    text::{Lang, Message},
    workflow::role_name,
};
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[component]
pub fn ProfilePage() -> Html {
    let lang = use_lang();
    let t = tr(lang);
    let me = use_me();
    let act_for = use_session().map(|session| session.act_for).unwrap_or_default();
    use_title(t(M::PROFILE).to_owned());
    let sub = me.as_ref().map(|me| format!("{}{}{}", me.name, t(M::DOT), brief_name(&me.unit, lang))).unwrap_or_default();
    html! {
        <div class="m-page">
            <Head title={t(M::PROFILE)} {sub} />
            <div class="two">
                <div class="stack">
                    { me.as_ref().map_or_else(|| html! { <div></div> }, |me| own_data(me, &act_for, lang)) }
                    <Language {lang} />
                    <Letters {lang} me={me.clone()} />
                    <Delegations {lang} me={me.clone()} />
                </div>
                <div class="stack">
                    <Password {lang} />
                    <SecondFactor {lang} me={me.clone()} />
                    <Sessions {lang} />
                </div>
            </div>
        </div>
    }
}

fn own_data(me: &Me, act_for: &Callback<Option<String>>, lang: Lang) -> Html {
    let t = tr(lang);
    let roles = me.roles.iter().map(|role| role_name(*role).in_lang(lang).to_owned()).collect::<Vec<_>>().join(t(M::LIST_COMMA));
    // The menu of the top bar has the same; on a phone there is no such menu.
    let acting = me.acting_for.iter().map(|away| {
        let id = away.id.to_string();
        let present = me.on_behalf_of.as_ref().is_some_and(|present| present.id == away.id);
        html! {
            <span key={id.clone()}>{ format!("{} ({}) ", away.name, brief_name(&away.unit, lang)) }
                <button type="button" class="linklike" hidden={present} onclick={act_for.reform(move |_: MouseEvent| Some(id.clone()))}>{ ACT_FOR.fill(lang, &[&away.name]) }</button></span>
        }
    });
    let facts = [(M::NAME, me.name.clone()), (M::USERNAME, me.username.clone()), (M::UNIT, brief_name(&me.unit, lang)), (M::ROLES, roles)];
    html! {
        <section class="card pad">
            <dl class="facts">{ for facts.into_iter().filter(|(_, words)| !words.is_empty()).map(|(label, words)| html! { <div key={label.en} class="m-fact"><dt>{ t(label) }</dt><dd>{ words }</dd></div> }) }
                <div key="acting" class="m-fact" hidden={me.acting_for.is_empty()}><dt>{ t(M::ACTING_FOR) }</dt><dd>{ for acting }</dd></div></dl>
            <p class="sub">{ t(M::OWN_DATA_NOTE) }</p>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct PartProps {
    lang: Lang,
}

#[component]
fn Language(props: &PartProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let context = use_context::<LangContext>();
    let task = use_task();
    let onchange = {
        let task = task.clone();
        on_choose(Callback::from(move |code: String| {
            if let Some(context) = &context {
                context.set.emit(if code == "en" { Lang::En } else { Lang::Zh });
            }
            task.run(async move {
                let _: Value = api::patch("/me", &Preferences { locale: Some(code), email: None, email_notices: None }, None).await?;
                Ok(())
            });
        }))
    };
    html! {
        <section class="card pad">
            { labelled(t(M::LANGUAGE), "", html! {
                <select class="input" {onchange}>
                    <option value="zh" selected={lang == Lang::Zh}>{ "中文" }</option>
                    <option value="en" selected={lang == Lang::En}>{ "English" }</option>
                </select>
            }) }
            <Fault fault={task.fault.clone()} {lang} />
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct LettersProps {
    lang: Lang,
    me: Option<Rc<Me>>,
}

/// Where notices are sent beside the bell, and whether.
#[component]
fn Letters(props: &LettersProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let (address, wanted) = (use_node_ref(), use_node_ref());
    let task = use_task();
    let toasts = use_toasts();
    let reload = use_session().map(|session| session.reload).unwrap_or_default();
    let onsubmit = {
        let (address, wanted, task) = (address.clone(), wanted.clone(), task.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let email = Some(typed(&address).trim().to_owned());
            let email_notices = wanted.cast::<HtmlInputElement>().map(|input| input.checked());
            let (toasts, reload) = (toasts.clone(), reload.clone());
            task.run(async move {
                let _: Value = api::patch("/me", &Preferences { locale: None, email, email_notices }, None).await?;
                toasts.done(t(M::SAVED));
                reload.emit(());
                Ok(())
            });
        })
    };
    let (email, on) = props.me.as_ref().map(|me| (me.email.clone().unwrap_or_default(), me.email_notices)).unwrap_or_default();
    html! {
        <section class="card pad">
            <h2>{ t(M::LETTERS) }</h2>
            <form class="stack" {onsubmit}>
                { labelled(t(M::EMAIL), t(M::EMAIL_HINT), html! { <input ref={address} class="input" type="email" maxlength="120" value={email} autocomplete="email" /> }) }
                <label class="check"><input ref={wanted} type="checkbox" checked={on} />{ t(M::EMAIL_NOTICES) }</label>
                <Fault fault={task.fault.clone()} {lang} />
                <div><button type="submit" class="btn" disabled={task.busy}>{ t(M::SAVE) }</button></div>
            </form>
        </section>
    }
}

/// The value of an input found by its reference.
fn typed(node: &NodeRef) -> String {
    node.cast::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default()
}

#[component]
fn Password(props: &PartProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let (current, new, again) = (use_node_ref(), use_node_ref(), use_node_ref());
    let differs = use_state(|| false);
    let task = use_task();
    let toasts = use_toasts();
    let reload = use_session().map(|session| session.reload).unwrap_or_default();
    let onsubmit = {
        let (current, new, again, differs, task) = (current.clone(), new.clone(), again.clone(), differs.clone(), task.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let change = PasswordChange { current: typed(&current), new: typed(&new) };
            differs.set(change.new != typed(&again));
            if change.new != typed(&again) {
                return;
            }
            let (toasts, reload, fields) = (toasts.clone(), reload.clone(), [current.clone(), new.clone(), again.clone()]);
            task.run(async move {
                let _: Value = api::post("/auth/password", &change).await?;
                fields.iter().filter_map(NodeRef::cast::<HtmlInputElement>).for_each(|input| input.set_value(""));
                toasts.done(M::PASSWORD_CHANGED.in_lang(lang));
                reload.emit(());
                Ok(())
            });
        })
    };
    let field = |label: Message, hint: &'static str, node: &NodeRef, complete: &'static str| {
        labelled(
            t(label),
            hint,
            html! {
                <input ref={node.clone()} class="input" type="password" required=true autocomplete={complete} />
            },
        )
    };
    html! {
        <section class="card">
            <header><h2>{ t(M::CHANGE_PASSWORD) }</h2></header>
            <form class="pad" {onsubmit}>
                { field(M::CURRENT_PASSWORD, "", &current, "current-password") }
                { field(M::NEW_PASSWORD, t(M::PASSWORD_HINT), &new, "new-password") }
                { field(M::NEW_PASSWORD_AGAIN, "", &again, "new-password") }
                <p class="error" role="alert">{ if *differs { t(M::PASSWORDS_DIFFER) } else { "" } }</p>
                <Fault fault={task.fault.clone()} {lang} />
                <div class="row-actions m-end"><button class="btn primary" type="submit" disabled={task.busy}>{ t(M::CHANGE_PASSWORD) }</button></div>
            </form>
        </section>
    }
}

#[component]
fn SecondFactor(props: &LettersProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let open = use_state_eq(|| false);
    let done = use_state_eq(|| false);
    let on = *done || props.me.as_ref().is_some_and(|me| me.uses_totp);
    let begin = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(true))
    };
    let on_done = {
        let (open, done) = (open.clone(), done.clone());
        Callback::from(move |()| {
            open.set(false);
            done.set(true);
        })
    };
    html! {
        <section class="card">
            <header><h2>{ t(M::SECOND_FACTOR) }</h2></header>
            <div class="pad">
                <p class="sub">{ t(if on { M::SECOND_FACTOR_ON } else { M::SECOND_FACTOR_NOTE }) }</p>
                <button class="btn" type="button" hidden={*open || *done} onclick={begin}>{ t(if on { M::SECOND_FACTOR_RENEW } else { M::SECOND_FACTOR_SET_UP }) }</button>
                <div>
                    if *open {
                        <SecondFactorForm done={on_done} />
                    }
                </div>
            </div>
        </section>
    }
}

#[component]
fn Sessions(props: &PartProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let sessions = use_query::<Vec<SessionView>>(Some("/me/sessions".to_owned()));
    let task = use_task();
    let everywhere = {
        let task = task.clone();
        Callback::from(move |_: MouseEvent| {
            task.run(async move {
                let _: Value = api::post("/auth/logout", &LogoutRequest { everywhere: true }).await?;
                storage::forget_drafts();
                // This session is over too: a fresh page finds no cookie and asks to sign in.
                if let Some(window) = web_sys::window() {
                    let _ = window.location().set_href("/");
                }
                Ok(())
            });
        })
    };
    html! {
        <section class="card">
            <header><h2>{ t(M::SESSIONS) }</h2><button class="btn danger" type="button" disabled={task.busy} onclick={everywhere}>{ t(M::SIGN_OUT_EVERYWHERE) }</button></header>
            { loaded(&sessions, |sessions| session_list(&sessions, t(M::NO_SESSIONS), None, lang)) }
            <Fault fault={task.fault.clone()} {lang} />
        </section>
    }
}

/// Sessions of one person; the administration shows the same list, where each can be ended.
pub fn session_list(sessions: &[SessionView], none: &'static str, end: Option<Callback<SessionView>>, lang: Lang) -> Html {
    let t = tr(lang);
    if sessions.is_empty() {
        return html! { <Empty title={none} /> };
    }
    html! { <ul class="m-rows">{ for sessions.iter().map(|session| {
        let device = session_name(session, lang);
        let end = end.as_ref().map(|end| {
            let (end, session) = (end.clone(), session.clone());
            html! { <button class="btn" type="button" aria-label={M::END_SESSION_OF.fill(lang, &[&device])} onclick={Callback::from(move |_: MouseEvent| end.emit(session.clone()))}>{ t(M::END_SESSION) }</button> }
        });
        html! {
            <li key={session.id.clone()}>
                <span class="title">{ &device }{ " " }<span class="tag b" hidden={!session.current}>{ t(M::THIS_SESSION) }</span></span>
                <span class="sub num">{ M::SESSION_LINE.fill(lang, &[&minute(session.started_at), &minute(session.last_used_at), session.address.as_deref().unwrap_or("—")]) }</span>
                <span class="no-print" hidden={end.is_none()}>{ end.unwrap_or_default() }</span>
            </li>
        }
    }) }</ul> }
}

/// What a browser says of itself, in a few words.
pub fn session_name(session: &SessionView, lang: Lang) -> String {
    let Some(agent) = &session.agent else { return M::UNKNOWN_DEVICE.in_lang(lang).to_owned() };
    // The order matters: each names those before it, too.
    let first = |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let browser = first(&[("Edg/", "Edge"), ("MicroMessenger", "WeChat"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]);
    let system = first(&[
        ("Windows", "Windows"),
        ("HarmonyOS", "HarmonyOS"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => agent.clone(),
    }
}

#[derive(Properties, PartialEq)]
struct DelegationsProps {
    lang: Lang,
    me: Option<Rc<Me>>,
}

/// 代理: who acts while one is away.
#[component]
fn Delegations(props: &DelegationsProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let delegations = use_query::<Vec<DelegationView>>(Some("/delegations".to_owned()));
    let deputy = use_state(|| None::<UserId>);
    let missing = use_state(|| false);
    let (from, to) = (use_state(String::new), use_state(String::new));
    let task = use_task();
    let onsubmit = {
        let (task, deputy, missing, from, to, reload) =
            (task.clone(), deputy.clone(), missing.clone(), from.clone(), to.clone(), delegations.reload.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let dates = from.parse::<NaiveDate>().ok().zip(to.parse::<NaiveDate>().ok());
            missing.set(deputy.is_none() || dates.is_none());
            let Some(((starts_on, ends_on), person)) = dates.zip(*deputy) else { return };
            let (deputy, from, to, reload) = (deputy.clone(), from.clone(), to.clone(), reload.clone());
            task.run(async move {
                let _: Value = api::post("/delegations", &NewDelegation { deputy: person, starts_on, ends_on }).await?;
                deputy.set(None);
                from.set(String::new());
                to.set(String::new());
                reload.emit(());
                Ok(())
            });
        })
    };
    let on_pick = {
        let deputy = deputy.clone();
        Callback::from(move |person| deputy.set(Some(person)))
    };
    let end = {
        let (task, reload) = (task.clone(), delegations.reload.clone());
        Callback::from(move |id: String| {
            let reload = reload.clone();
            task.run(async move {
                api::delete(&format!("/delegations/{id}")).await?;
                reload.emit(());
                Ok(())
            });
        })
    };
    let day = |id: &'static str, state: &UseStateHandle<String>| {
        let set = state.setter();
        html! { <DateBox {id} value={(**state).clone()} set={Callback::from(move |day: String| set.set(day))} required=true /> }
    };
    let unit = props.me.as_ref().map(|me| me.unit.code.clone()).unwrap_or_default();
    let own = props.me.as_ref().map(|me| me.id);
    html! {
        <section class="card">
            <header><h2>{ t(M::DELEGATIONS) }</h2></header>
            { loaded(&delegations, |delegations| delegation_list(&delegations, own, Some(end), lang)) }
            <form class="pad m-topline" {onsubmit}>
                <p class="sub">{ t(M::DELEGATION_NOTE) }</p>
                { labelled(t(M::DEPUTY), "", html! { <PersonPicker id="deputy" value={*deputy} label={t(M::DEPUTY)} {lang} {unit} {on_pick} /> }) }
                <div class="pair">
                    { labelled_for("delegate-from", t(M::FROM_DAY), "", day("delegate-from", &from)) }
                    { labelled_for("delegate-to", t(M::TO_DAY), "", day("delegate-to", &to)) }
                </div>
                <p class="error" role="alert">{ if *missing { t(M::DELEGATION_MISSING) } else { "" } }</p>
                <Fault fault={task.fault.clone()} {lang} />
                <div class="row-actions m-end"><button class="btn primary" type="submit" disabled={task.busy}>{ t(M::DELEGATE) }</button></div>
            </form>
        </section>
    }
}

/// Delegations with a way to end them; the administration shows all of them, without one's own point of view.
pub fn delegation_list(delegations: &[DelegationView], own: Option<UserId>, end: Option<Callback<String>>, lang: Lang) -> Html {
    let t = tr(lang);
    if delegations.is_empty() {
        return html! { <Empty title={t(M::NO_DELEGATIONS)} /> };
    }
    html! { <ul class="m-rows">{ for delegations.iter().map(|one| {
        let words = M::DELEGATION_LINE.fill(lang, &[&one.person.name, &one.deputy.name]);
        let (tone, state) = if one.active { (Tone::Ok, M::IN_FORCE) } else { (Tone::Idle, M::NOT_IN_FORCE) };
        // One's own, or in the administration any.
        let endable = end.is_some() && own.is_none_or(|own| own == one.person.id);
        let (end, id) = (end.clone().unwrap_or_default(), one.id.clone());
        html! {
            <li key={one.id.clone()}>
                <span class="title">{ words }{ " " }<Lamp {tone}>{ t(state) }</Lamp></span>
                <span class="sub num">{ one.starts_on.to_string() }{ " – " }{ one.ends_on.to_string() }</span>
                <button class="linklike" type="button" hidden={!endable} onclick={Callback::from(move |_: MouseEvent| end.emit(id.clone()))}>{ t(M::END_DELEGATION) }</button>
            </li>
        }
    }) }</ul> }
}
