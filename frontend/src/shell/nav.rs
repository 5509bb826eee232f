//! The ways to the pages: at the side on a desk, at the bottom on a phone.

use super::BarProps;
use crate::kernel::{
    i18n::use_lang,
    router::{A, Route},
    session::Session,
};
use shared::kernel::{
    kind::Pillar,
    messages as m,
    role::Permission,
    text::{Lang, Message},
};
use yew::prelude::*;

struct NavEntry {
    href: String,
    label: String,
    count: i64,
    hot: bool,
    current: bool,
}

/// Up to so many kinds all have their entry; beyond, only those a person starts or has open.
const KINDS_IN_SIGHT: usize = 8;

/// The kinds of a pillar, each with its number of open matters: a new kind needs no entry written here.
fn kinds_of(session: &Session, route: &Route, pillar: Pillar, lang: Lang) -> Vec<NavEntry> {
    let open = |code: &str| session.counts.as_deref().and_then(|counts| counts.open_by_kind.get(code).copied()).unwrap_or(0);
    let in_sight = |code: &str| {
        session.me.linkage_office
            || session.reference.kinds.len() <= KINDS_IN_SIGHT
            || session.me.can_start.iter().any(|kind| kind == code)
            || open(code) > 0
    };
    let current = |code: &str| matches!(route, Route::List { kind } | Route::New { kind } if kind == code);
    session
        .reference
        .kinds
        .iter()
        .filter(|kind| session.may(Permission::MatterRead) && kind.pillar == pillar && in_sight(&kind.code))
        .map(|kind| NavEntry {
            href: format!("/list/{}", kind.code),
            label: kind.name.in_lang(lang).to_owned(),
            count: open(&kind.code),
            hot: false,
            current: current(&kind.code),
        })
        .collect()
}

/// The navigation a person sees, in groups; a group without entries is not shown.
fn navigation(session: &Session, route: &Route, lang: Lang) -> Vec<(Option<Message>, Vec<NavEntry>)> {
    let counts = session.counts.as_deref();
    let todo = counts.map_or(0, |counts| counts.todo);
    let business = session.may(Permission::MatterRead);
    let entry = |shown: bool, href: &str, label: Message, current: bool| {
        shown.then(|| NavEntry { href: href.to_owned(), label: label.in_lang(lang).to_owned(), count: 0, hot: false, current })
    };
    let counted = |entry: Option<NavEntry>, count: i64, hot: bool| entry.map(|entry| NavEntry { count, hot, ..entry });
    let own = vec![
        entry(true, "/", m::NAV_HOME, matches!(route, Route::Home)),
        counted(
            entry(business, "/inbox?box=todo", m::NAV_INBOX, matches!(route, Route::Inbox)),
            todo,
            counts.is_some_and(|counts| counts.overdue > 0),
        ),
        entry(session.me.linkage_office || session.may(Permission::StatsRead), "/overview", m::NAV_OVERVIEW, matches!(route, Route::Overview)),
    ];
    let mut liaison: Vec<Option<NavEntry>> = kinds_of(session, route, Pillar::Liaison, lang).into_iter().map(Some).collect();
    liaison.extend([
        entry(business, "/import", m::NAV_IMPORT, matches!(route, Route::Import | Route::ImportReview { .. })),
        entry(true, "/calculator", m::NAV_CALCULATOR, matches!(route, Route::Calculator)),
    ]);
    let pillar = |pillar: Pillar| kinds_of(session, route, pillar, lang).into_iter().map(Some).collect::<Vec<_>>();
    let administration = vec![
        entry(
            session.may(Permission::UserManage) || session.may(Permission::UnitManage) || session.may(Permission::RoleAssign),
            "/admin",
            m::NAV_ADMIN,
            matches!(route, Route::Admin),
        ),
        entry(session.may(Permission::ParameterManage) || session.me.linkage_office, "/calendar", m::NAV_CALENDAR, matches!(route, Route::Calendar)),
        entry(session.may(Permission::AuditRead), "/audit", m::NAV_AUDIT, matches!(route, Route::Audit)),
        entry(
            session.me.linkage_office && session.may(Permission::StatsRead),
            "/conservation",
            m::NAV_CONSERVATION,
            matches!(route, Route::Conservation),
        ),
    ];
    let groups = [
        (None, own),
        (Some(m::NAV_LIAISON), liaison),
        (Some(m::NAV_SHARING), pillar(Pillar::Sharing)),
        (Some(m::NAV_SUPERVISION), pillar(Pillar::Supervision)),
        (Some(m::NAV_MEDIATION), pillar(Pillar::Mediation)),
        (Some(m::NAV_ADMINISTRATION), administration),
    ];
    groups
        .into_iter()
        .map(|(title, entries)| (title, entries.into_iter().flatten().collect::<Vec<_>>()))
        .filter(|(_, entries)| !entries.is_empty())
        .collect()
}

#[component]
pub(super) fn SideNav(props: &BarProps) -> Html {
    let lang = use_lang();
    html! {
        <nav class="side" aria-label={m::MAIN_NAVIGATION.in_lang(lang)}>
            { for navigation(&props.session, &props.route, lang).into_iter().enumerate().map(|(index, (title, entries))| html! {
                <div key={index}>
                    <h3 hidden={title.is_none()}>{ title.map(|title| title.in_lang(lang)).unwrap_or_default() }</h3>
                    { for entries.into_iter().map(|entry| html! {
                        <A key={entry.href.clone()} href={entry.href.clone()} current={entry.current}>
                            { entry.label }
                            <span class={if entry.hot { "n hot" } else { "n" }}>{ if entry.count > 0 { entry.count.to_string() } else { String::new() } }</span>
                        </A>
                    }) }
                </div>
            }) }
        </nav>
    }
}

/// On a phone, where the navigation is not beside the page.
#[component]
pub(super) fn AllPages(props: &BarProps) -> Html {
    let lang = use_lang();
    let session = &props.session;
    let starts = session
        .me
        .can_start
        .iter()
        .filter_map(|code| session.kind(code))
        .map(|kind| (format!("/new/{}", kind.code), m::NEW_KIND.fill(lang, &[kind.name.in_lang(lang)])));
    let entries = navigation(session, &props.route, lang).into_iter().flat_map(|(_, entries)| entries).filter(|entry| !entry.current);
    html! {
        <nav class="allpages only-s" aria-label={m::ALL_PAGES.in_lang(lang)}>
            <h2>{ m::ALL_PAGES.in_lang(lang) }</h2>
            { for entries.map(|entry| (entry.href.clone(), entry.label)).chain(starts).map(|(href, label)| html! { <A key={href.clone()} href={href.clone()} class="btn">{ label }</A> }) }
        </nav>
    }
}

#[component]
pub(super) fn BottomBar(props: &BarProps) -> Html {
    let lang = use_lang();
    let session = &props.session;
    let todo = session.counts.as_ref().map_or(0, |counts| counts.todo);
    let start = session.me.can_start.first().map(|kind| format!("/new/{kind}"));
    let inbox = if todo > 0 { format!("{} {todo}", m::BOX_TODO.in_lang(lang)) } else { m::BOX_TODO.in_lang(lang).to_owned() };
    let overview = session.me.linkage_office || session.may(Permission::StatsRead);
    html! {
        <nav class="bottom" aria-label={m::MAIN_NAVIGATION.in_lang(lang)}>
            <A href="/" current={props.route == Route::Home}><b aria-hidden="true">{ "⌂" }</b>{ m::NAV_HOME.in_lang(lang) }</A>
            <A href="/inbox?box=todo" current={props.route == Route::Inbox}><b aria-hidden="true">{ "☰" }</b>{ inbox }</A>
            if let Some(start) = start {
                <A href={start} current={matches!(props.route, Route::New { .. })}><b aria-hidden="true">{ "＋" }</b>{ m::NEW_SHORT.in_lang(lang) }</A>
            }
            if overview {
                <A href="/overview" current={props.route == Route::Overview}><b aria-hidden="true">{ "◔" }</b>{ m::NAV_OVERVIEW_SHORT.in_lang(lang) }</A>
            }
            <A href="/profile" current={props.route == Route::Profile}><b aria-hidden="true">{ "☺" }</b>{ m::NAV_ME.in_lang(lang) }</A>
        </nav>
    }
}
