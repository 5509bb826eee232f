//! 工作台: what is to be done first, what others owe us, what is new.

use crate::{
    kernel::{
        api::ApiError,
        dates,
        hooks::{Fetched, QueryHandle, use_query, use_title},
        i18n::use_lang,
        router::A,
        session::{Session, unit_words, use_session},
    },
    ui::{Card, Empty, MatterBriefs, Skeleton, Trouble},
};
use shared::kernel::{
    api::{MatterItem, NoticeView, Page},
    messages as m,
    role::Permission,
    text::Message,
};
use std::rc::Rc;
use yew::prelude::*;

/// Unread notices on the home page; the rest is one click away.
const NOTICES_SHOWN: usize = 6;

#[component]
pub fn HomePage() -> Html {
    let lang = use_lang();
    use_title(m::NAV_HOME.in_lang(lang).to_owned());
    let Some(session) = use_session() else { return html! { <div></div> } };
    let administration = !session.may(Permission::MatterRead);
    html! {
        <div>
            if administration {
                <AdministrationHome session={session} />
            } else {
                <DeskHome session={session} />
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct HomeProps {
    session: Session,
}

/// Administrators have no matters: only the ways to what is theirs.
#[component]
fn AdministrationHome(props: &HomeProps) -> Html {
    let lang = use_lang();
    let session = &props.session;
    let ways = [
        (session.may(Permission::UserManage) || session.may(Permission::RoleAssign), "/admin", m::NAV_ADMIN, m::ADMIN_WHAT),
        (session.may(Permission::ParameterManage), "/calendar", m::NAV_CALENDAR, m::CALENDAR_WHAT),
        (session.may(Permission::AuditRead), "/audit", m::NAV_AUDIT, m::AUDIT_WHAT),
        (session.may(Permission::AuditRead), "/conservation", m::NAV_CONSERVATION, m::CONSERVATION_WHAT),
    ];
    html! {
        <>
            <div class="head"><div><h1>{ m::GREETING.fill(lang, &[&session.me.name]) }</h1><p>{ m::ADMINISTRATION_LINE.in_lang(lang) }</p></div></div>
            <div class="two">
                { for ways.iter().filter(|way| way.0).map(|(_, href, title, what)| html! {
                    <A key={*href} href={*href} class="card tile"><h2>{ title.in_lang(lang) }</h2><p class="sub">{ what.in_lang(lang) }</p></A>
                }) }
            </div>
        </>
    }
}

#[component]
fn DeskHome(props: &HomeProps) -> Html {
    let lang = use_lang();
    let session = &props.session;
    let todo = use_query::<Page<Rc<MatterItem>>>(Some("/matters?box=todo&sort=due&limit=8".into()));
    let mine = use_query::<Page<Rc<MatterItem>>>(Some("/matters?box=mine&open=true&elsewhere=true&sort=due&limit=6".into()));
    let notices = use_query::<Page<NoticeView>>(Some("/notices?limit=30".into()));
    let counts = session.counts.clone();
    let to_receive = format!("/inbox?box=todo&state=sent&unit={}", session.me.unit.code);
    let tiles: Vec<(Message, i64, &str, bool)> = match counts.as_deref() {
        Some(counts) => vec![
            (m::TILE_TODO, counts.todo, "/inbox?box=todo", false),
            (m::TILE_OVERDUE, counts.overdue, "/inbox?box=todo&overdue=true", counts.overdue > 0),
            (m::TILE_DUE_SOON, counts.due_soon, "/inbox?box=todo&due_soon=true", false),
            (m::TILE_TO_RECEIVE, counts.to_receive, &to_receive, false),
        ],
        None => Vec::new(),
    };
    let sentence = counts.as_deref().map(|counts| match (counts.todo, counts.overdue) {
        (0, _) => m::HOME_NOTHING.in_lang(lang).to_owned(),
        (todo, 0) => m::HOME_SOME.fill(lang, &[&todo.to_string()]),
        (todo, late) => m::HOME_LATE.fill(lang, &[&todo.to_string(), &late.to_string()]),
    });
    let start = session.me.can_start.iter().filter_map(|code| session.kind(code)).next().cloned();
    html! {
        <>
            <div class="head">
                <div><h1>{ m::GREETING.fill(lang, &[&session.me.name]) }</h1>
                <p>{ format!("{} · {}", dates::full_day(session.me.today, lang), sentence.unwrap_or_default()) }</p></div>
                <span class="grow"></span>
                if let Some(kind) = start {
                    <A href={format!("/new/{}", kind.code)} class="btn primary hide-s">{ m::NEW_KIND.fill(lang, &[kind.name.in_lang(lang)]) }</A>
                }
            </div>
            <div class="tiles">
                { for tiles.iter().map(|(label, count, href, hot)| html! {
                    <A key={href.to_string()} href={href.to_string()} class={classes!("card", "tile", hot.then_some("hot"))}>
                        <div class="sub">{ label.in_lang(lang) }</div><div class="big">{ *count }</div>
                    </A>
                }) }
            </div>
            <div class="cols desk">
                <div class="stack">
                    <Card title={m::HOME_TODO.in_lang(lang)} flush=true side={html! { <A href="/inbox?box=todo">{ m::SHOW_ALL.in_lang(lang) }</A> }}>
                        { briefs(&todo, &m::EMPTY_TODO, &m::EMPTY_TODO_WHAT, lang) }
                    </Card>
                    <Card title={m::HOME_MINE.fill(lang, &[unit_words(&session.me.unit, lang)])} flush=true side={html! { <A href="/inbox?box=mine">{ m::SHOW_ALL.in_lang(lang) }</A> }}>
                        { briefs(&mine, &m::EMPTY_MINE, &m::EMPTY_MINE_WHAT, lang) }
                    </Card>
                </div>
                <aside class="stack">
                    <Card title={m::HOME_NOTICES.in_lang(lang)} flush=true side={html! { <A href="/notices">{ m::SHOW_ALL.in_lang(lang) }</A> }}>
                        { notice_list(&notices, lang) }
                    </Card>
                </aside>
            </div>
        </>
    }
}

fn trouble(error: &ApiError, retry: &Callback<()>) -> Html {
    html! { <Trouble error={error.clone()} retry={Some(retry.clone())} /> }
}

fn briefs(query: &QueryHandle<Page<Rc<MatterItem>>>, empty: &Message, what: &Message, lang: shared::kernel::text::Lang) -> Html {
    let inside = match &query.state {
        Fetched::Loading => html! { <Skeleton /> },
        Fetched::Failed(error) => trouble(error, &query.reload),
        Fetched::Ready(page) if page.items.is_empty() => html! { <Empty title={empty.in_lang(lang)} text={what.in_lang(lang)} /> },
        Fetched::Ready(page) => html! { <MatterBriefs items={page.items.clone()} /> },
    };
    html! { <div>{ inside }</div> }
}

fn notice_list(query: &QueryHandle<Page<NoticeView>>, lang: shared::kernel::text::Lang) -> Html {
    let inside = match &query.state {
        Fetched::Loading => html! { <Skeleton lines={3} /> },
        Fetched::Failed(error) => trouble(error, &query.reload),
        Fetched::Ready(page) if page.items.iter().all(|notice| notice.read) => {
            html! { <Empty title={m::EMPTY_NOTICES.in_lang(lang)} text={m::EMPTY_NOTICES_WHAT.in_lang(lang)} /> }
        }
        Fetched::Ready(page) => html! {
            <ul class="brief">{ for page.items.iter().filter(|notice| !notice.read).take(NOTICES_SHOWN).map(|notice| html! {
                <li key={notice.id.to_string()}>
                    <div>{ match notice.matter {
                        Some(matter) => html! { <A href={format!("/matters/{matter}")}>{ notice.text.in_lang(lang).to_owned() }</A> },
                        None => html! { <span>{ notice.text.in_lang(lang).to_owned() }</span> },
                    } }</div>
                    <span class="sub">{ format!("{}{}", dates::moment(notice.at, lang), notice.matter_title.as_ref().filter(|title| !notice.text.in_lang(lang).contains(title.as_str())).map(|title| format!(" · {title}")).unwrap_or_default()) }</span>
                </li>
            }) }</ul>
        },
    };
    html! { <div>{ inside }</div> }
}
