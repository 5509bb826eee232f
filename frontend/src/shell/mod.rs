//! The frame of every page: top bar, navigation, keyboard, footer with feedback.

mod dialogs;
mod nav;

use crate::{
    kernel::{
        focus::use_focus_on,
        i18n::{LangContext, use_lang},
        query::encode,
        router::{A, Route, use_go},
        session::{Session, unit_words, use_session},
    },
    parts::use_parts_early,
    ui::{Popover, target_value},
};
use dialogs::{FeedbackDialog, ShortcutsDialog};
use gloo::events::EventListener;
use nav::{AllPages, BottomBar, SideNav};
use shared::kernel::{
    messages as m,
    role::Role,
    text::{Lang, Message},
};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent as Key};
use yew::prelude::*;
use yew_router::hooks::use_route;

#[derive(Properties, PartialEq)]
pub struct ShellProps {
    pub children: Html,
}

fn document() -> Option<web_sys::Document> {
    web_sys::window()?.document()
}

/// Whether keys are being typed into something, or a dialog is open.
fn is_typing() -> bool {
    let Some(document) = document() else { return false };
    let in_field = document.active_element().is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"));
    in_field || document.query_selector("dialog[open]").ok().flatten().is_some()
}

/// Moves the focus between the rows of the page's list.
fn step_row(forward: bool) {
    let Some(document) = document() else { return };
    let Ok(rows) = document.query_selector_all("[data-row]") else { return };
    let visible: Vec<HtmlElement> =
        (0..rows.length()).filter_map(|index| rows.get(index)?.dyn_into::<HtmlElement>().ok()).filter(|row| row.offset_parent().is_some()).collect();
    let active = document.active_element();
    let at = visible.iter().position(|row| active.as_ref().is_some_and(|active| active.is_same_node(Some(row))));
    let next = match (at, forward) {
        (None, _) => 0,
        (Some(at), true) => (at + 1).min(visible.len().saturating_sub(1)),
        (Some(at), false) => at.saturating_sub(1),
    };
    if let Some(row) = visible.get(next) {
        let _ = row.focus();
    }
}

pub fn role_words(role: Role) -> Message {
    match role {
        Role::UnitHead => m::ROLE_UNIT_HEAD,
        Role::LiaisonOfficer => m::ROLE_LIAISON_OFFICER,
        Role::Handler => m::ROLE_HANDLER,
        Role::Commissioner => m::ROLE_COMMISSIONER,
        Role::Coordinator => m::ROLE_COORDINATOR,
        Role::Prosecutor => m::ROLE_PROSECUTOR,
        Role::ProsecutorAssistant => m::ROLE_PROSECUTOR_ASSISTANT,
        Role::Mediator => m::ROLE_MEDIATOR,
        Role::SystemAdmin => m::ROLE_SYSTEM_ADMIN,
        Role::SecurityAdmin => m::ROLE_SECURITY_ADMIN,
        Role::AuditAdmin => m::ROLE_AUDIT_ADMIN,
    }
}

#[component]
pub fn Shell(props: &ShellProps) -> Html {
    let lang = use_lang();
    let go = use_go();
    let route = use_route::<Route>().unwrap_or(Route::NotFound);
    let session = use_session();
    let language = use_context::<LangContext>();
    let shortcuts = use_state_eq(|| false);
    let feedback = use_state_eq(|| false);
    use_parts_early();
    use_focus_on(route.clone());
    // Counters follow what was just done: they are read anew on every change of page.
    let first = use_mut_ref(|| true);
    use_effect_with(route.clone(), {
        let reload = session.as_ref().map(|session| session.reload_counts.clone());
        move |_| {
            if !std::mem::replace(&mut *first.borrow_mut(), false) {
                reload.iter().for_each(|reload| reload.emit(()));
                if let Some(window) = web_sys::window() {
                    window.scroll_to_with_x_and_y(0.0, 0.0);
                }
            }
        }
    });
    let start = session.as_ref().and_then(|session| session.me.can_start.first()).map(|kind| format!("/new/{kind}"));
    use_effect_with(start, {
        let shortcuts = shortcuts.clone();
        move |start: &Option<String>| {
            let start = start.clone();
            let leader = std::cell::Cell::new(0.0);
            let listener = document().map(|document| {
                EventListener::new_with_options(&document, "keydown", gloo::events::EventListenerOptions::enable_prevent_default(), move |event| {
                    let Some(key) = event.dyn_ref::<Key>() else { return };
                    if key.ctrl_key() || key.meta_key() || key.alt_key() || is_typing() {
                        return;
                    }
                    let after_g = js_sys::Date::now() - leader.get() < 1_200.0;
                    match key.key().as_str() {
                        "/" => {
                            event.prevent_default();
                            let boxed =
                                web_sys::window().and_then(|window| window.document()).and_then(|document| document.get_element_by_id("search"));
                            match boxed.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
                                Some(element) if element.offset_parent().is_some() => drop(element.focus()),
                                _ => go.to("/search"),
                            }
                        }
                        "?" => shortcuts.set(true),
                        "g" => leader.set(js_sys::Date::now()),
                        "i" if after_g => go.to("/inbox?box=todo"),
                        "h" if after_g => go.to("/"),
                        "o" if after_g => go.to("/overview"),
                        "n" if after_g => go.to("/notices"),
                        "n" => start.iter().for_each(|path| go.to(path)),
                        "j" => step_row(true),
                        "k" => step_row(false),
                        _ => {}
                    }
                })
            });
            move || drop(listener)
        }
    });
    let Some(session) = session else {
        return html! { <div></div> };
    };
    let open_feedback = {
        let feedback = feedback.clone();
        Callback::from(move |_: MouseEvent| feedback.set(true))
    };
    let open_shortcuts = {
        let shortcuts = shortcuts.clone();
        Callback::from(move |_: MouseEvent| shortcuts.set(true))
    };
    let switch = Callback::from(move |_: MouseEvent| {
        if let Some(language) = &language {
            language.set.emit(if language.lang == Lang::Zh { Lang::En } else { Lang::Zh });
        }
    });
    let close_feedback = {
        let feedback = feedback.clone();
        Callback::from(move |()| feedback.set(false))
    };
    let close_shortcuts = {
        let shortcuts = shortcuts.clone();
        Callback::from(move |()| shortcuts.set(false))
    };
    html! {
        <>
            <a class="skip" href="#main">{ m::SKIP.in_lang(lang) }</a>
            <TopBar session={session.clone()} />
            <div class="shell">
                <SideNav session={session.clone()} route={route.clone()} />
                <main id="main" tabindex="-1">
                    <div class="acting" role="status" hidden={session.me.on_behalf_of.is_none()}>
                        <span>{ session.me.on_behalf_of.as_ref().map(|away| m::ACTING_BANNER.fill(lang, &[&away.name, unit_words(&away.unit, lang)])).unwrap_or_default() }</span>
                        <button type="button" class="linklike" onclick={session.act_for.reform(|_: MouseEvent| None)}>{ m::ACT_AS_SELF.in_lang(lang) }</button>
                    </div>
                    <Offline />
                    { props.children.clone() }
                    if matches!(route, Route::Home | Route::Profile) {
                        <AllPages session={session.clone()} route={route.clone()} />
                    }
                    <footer class="foot">
                        <span>{ m::FOOT_WATERMARK.fill(lang, &[&session.me.name, unit_words(&session.me.unit, lang)]) }</span>
                        <span class="only-s">
                            <button type="button" class="linklike" onclick={switch}>{ if lang == Lang::Zh { "EN" } else { "中文" } }</button>
                            <button type="button" class="linklike" onclick={session.sign_out.reform(|_: MouseEvent| ())}>{ m::SIGN_OUT.in_lang(lang) }</button>
                        </span>
                        <span class="grow"></span>
                        <button type="button" class="linklike hide-s" onclick={open_shortcuts}>{ m::SHORTCUTS.in_lang(lang) }{ " " }<kbd aria-hidden="true">{ "?" }</kbd></button>
                        <button type="button" class="linklike" onclick={open_feedback}>{ m::FEEDBACK_LINK.in_lang(lang) }</button>
                    </footer>
                </main>
            </div>
            <BottomBar session={session} route={route} />
            <div class="overlays">
                if *feedback {
                    <FeedbackDialog close={close_feedback} />
                }
            </div>
            <div class="overlays">
                if *shortcuts {
                    <ShortcutsDialog close={close_shortcuts} />
                }
            </div>
        </>
    }
}

/// While there is no network: said at once, not at the next press.
#[component]
fn Offline() -> Html {
    let lang = use_lang();
    let away = use_state_eq(|| web_sys::window().is_some_and(|window| !window.navigator().on_line()));
    use_effect_with((), {
        let away = away.setter();
        move |()| {
            let listen = |event: &'static str, gone: bool| {
                let away = away.clone();
                web_sys::window().map(|window| EventListener::new(&window, event, move |_| away.set(gone)))
            };
            let listeners = [listen("offline", true), listen("online", false)];
            move || drop(listeners)
        }
    });
    html! { <p class="note bad no-print" role="status" hidden={!*away}>{ m::OFFLINE_BAR.in_lang(lang) }</p> }
}

#[derive(Properties, PartialEq)]
struct BarProps {
    session: Session,
    #[prop_or(Route::NotFound)]
    route: Route,
}

#[component]
fn TopBar(props: &BarProps) -> Html {
    let lang = use_lang();
    let language = use_context::<LangContext>();
    let go = use_go();
    let session = &props.session;
    let text = use_state(String::new);
    let onsubmit = {
        let (text, go) = (text.clone(), go.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !text.trim().is_empty() {
                go.to(&format!("/search?q={}", encode(text.trim())));
            }
        })
    };
    let oninput = {
        let text = text.clone();
        Callback::from(move |event: InputEvent| text.set(target_value(&event)))
    };
    let switch = {
        let language = language.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(language) = &language {
                language.set.emit(if language.lang == Lang::Zh { Lang::En } else { Lang::Zh });
            }
        })
    };
    let unread = session.counts.as_ref().map_or(0, |counts| counts.unread_notices);
    // The accessible name holds what is shown (WCAG 2.5.3).
    let shown_unread = if unread > 99 { "99+".to_owned() } else { unread.to_string() };
    let jurisdiction = if lang == Lang::Zh { &session.me.jurisdiction.name } else { &session.me.jurisdiction.name_en };
    let roles =
        session.me.roles.iter().map(|role| role_words(*role).in_lang(lang)).collect::<Vec<_>>().join(if lang == Lang::Zh { "、" } else { ", " });
    let sign_out = session.sign_out.reform(|_: MouseEvent| ());
    let person = html! { <><b>{ &session.me.name }</b><span>{ format!("{} · {roles}", unit_words(&session.me.unit, lang)) }</span></> };
    html! {
        <header class="top">
            <A href="/" class="logo"><span class="mark" aria-hidden="true">{ "联" }</span>{ m::PRODUCT.in_lang(lang) }<small>{ jurisdiction.clone() }</small></A>
            <form class="search" role="search" {onsubmit}>
                <input id="search" type="search" value={(*text).clone()} {oninput} placeholder={m::SEARCH_PLACEHOLDER.in_lang(lang)} aria-label={m::SEARCH.in_lang(lang)} autocomplete="off" />
                <kbd aria-hidden="true">{ "/" }</kbd>
            </form>
            <div class="who">
                <A href="/search" class="bell only-s" label={m::SEARCH.in_lang(lang)}>
                    <svg width="18" height="18" viewBox="0 0 18 18" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true"><circle cx="8" cy="8" r="5" /><path d="M12 12l4 4" /></svg>
                </A>
                <A href="/notices" class="bell" label={m::NOTICES_UNREAD.fill(lang, &[&shown_unread])}>
                    <svg width="18" height="18" viewBox="0 0 18 18" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true"><path d="M4 13V8a5 5 0 0 1 10 0v5l1 1H3zM7.5 16h3" /></svg>
                    <span class="dot" hidden={unread == 0}>{ &shown_unread }</span>
                </A>
                <button type="button" class="linklike" onclick={switch} lang={if lang == Lang::Zh { "en" } else { "zh-CN" }}>{ if lang == Lang::Zh { "EN" } else { "中文" } }</button>
                <Popover id="person-menu" class="person" inside="menu" label={person}>
                    <p class="sub">{ format!("{} · {}", unit_words(&session.me.unit, lang), roles) }</p>
                    <A href="/profile">{ m::PROFILE.in_lang(lang) }</A>
                    { for session.me.acting_for.iter().filter(|away| session.me.on_behalf_of.as_ref().is_none_or(|present| present.id != away.id)).map(|away| {
                        let id = away.id.to_string();
                        html! { <button key={id.clone()} type="button" class="closes" onclick={session.act_for.reform(move |_: MouseEvent| Some(id.clone()))}>{ m::ACT_FOR.fill(lang, &[&away.name]) }</button> }
                    }) }
                    <button type="button" onclick={sign_out}>{ m::SIGN_OUT.in_lang(lang) }</button>
                </Popover>
            </div>
        </header>
    }
}
