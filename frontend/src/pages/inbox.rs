//! 我的事项: the five boxes. The filters are the address.

use crate::{
    kernel::{
        api, dates,
        fields::forget_form,
        hooks::{use_mutation, use_pages, use_query, use_title},
        i18n::use_lang,
        live,
        query::Query,
        router::{A, use_go, use_query_string},
        session::{Session, unit_words, use_kind, use_session},
    },
    pages::exporting::use_export,
    ui::{Card, Chip, ChipSelect, Empty, MatterTable, More, Popover, SearchChip, Skeleton, Tab, Trouble},
};
use chrono::Days;
use shared::kernel::{
    api::{FormView, MatterItem},
    messages as m,
    text::Message,
};
use yew::prelude::*;

/// What a query may carry to the server.
const FILTERS: [&str; 9] = ["kind", "state", "unit", "domain", "due_before", "due_after", "overdue", "q", "sort"];
/// Days within which a matter counts as soon due; the yellow lamp's.
const SOON_DAYS: u64 = 3;

/// The address's filters as the API's: `due_soon` is a word of the client.
fn request(query: &Query, session: &Session) -> Query {
    let mut request = query.only(&FILTERS);
    // What others still owe us; the rest is shown when it is asked for.
    if query.get("box") == Some("mine") && query.get("open") != Some("all") {
        request = request.with("open", Some("true")).with("elsewhere", Some("true"));
    }
    if query.get("due_soon").is_some()
        && let Some(limit) = session.me.today.checked_add_days(Days::new(SOON_DAYS))
    {
        request = request.with("limit_before", Some(&limit.to_string())).with("overdue", Some(request.get("overdue").unwrap_or("false")));
    }
    request
}

#[component]
pub fn InboxPage() -> Html {
    match use_session() {
        Some(session) => html! { <Inbox {session} /> },
        None => html! { <div></div> },
    }
}

#[derive(Properties, PartialEq)]
struct InboxProps {
    session: Session,
}

#[component]
fn Inbox(props: &InboxProps) -> Html {
    let lang = use_lang();
    let session = &props.session;
    use_title(m::NAV_INBOX.in_lang(lang).to_owned());
    let go = use_go();
    let query = use_query_string();
    let boxed = query.get("box").unwrap_or("todo").to_owned();
    let filters = request(&query, session);
    let asked = filters.with("box", Some(&boxed)).with("sort", Some(filters.get("sort").unwrap_or("due"))).with("limit", Some("50"));
    let pages = use_pages::<MatterItem>(format!("/matters{}", asked.suffix()));
    let changed = use_state_eq(|| false);
    let heard = use_callback((), {
        let changed = changed.clone();
        move |_: Option<String>, ()| changed.set(true)
    });
    live::use_live(heard);
    let refresh = {
        let (changed, reload) = (changed.clone(), pages.reload.clone());
        Callback::from(move |_: MouseEvent| {
            changed.set(false);
            reload.emit(());
        })
    };
    let set = {
        let (go, query, boxed) = (go.clone(), query.clone(), boxed.clone());
        move |name: &str, value: Option<&str>| go.replace(&format!("/inbox{}", query.with("box", Some(&boxed)).with(name, value).suffix()))
    };
    let counts = session.counts.as_deref();
    let sentence = match (boxed.as_str(), counts) {
        ("todo", Some(counts)) => m::INBOX_SENTENCE
            .fill(lang, &[unit_words(&session.me.unit, lang), &counts.todo.to_string(), &counts.overdue.to_string(), &counts.due_soon.to_string()]),
        ("todo", None) => String::new(),
        ("cc", _) => m::INBOX_CC_LINE.in_lang(lang).to_owned(),
        ("mine", _) => m::INBOX_MINE_LINE.fill(lang, &[unit_words(&session.me.unit, lang)]),
        ("done", _) => m::INBOX_DONE_LINE.in_lang(lang).to_owned(),
        _ => m::INBOX_DRAFTS_LINE.in_lang(lang).to_owned(),
    };
    let tab = |code: &'static str, label: Message, count: Option<i64>| {
        let href = format!("/inbox?box={code}");
        html! { <Tab key={code} {href} current={boxed == code} label={label.in_lang(lang)} {count} /> }
    };
    let toggle = |name: &'static str, value: &'static str, label: String| {
        let on = query.get(name) == Some(value);
        let set = set.clone();
        html! { <Chip key={format!("{name}-{value}")} {on} {label} onclick={Callback::from(move |()| set(name, (!on).then_some(value)))} /> }
    };
    let export = use_export(filters.with("box", Some(&boxed)).suffix());
    let kinds: Vec<(String, String)> = session.reference.kinds.iter().map(|kind| (kind.code.clone(), kind.name.in_lang(lang).to_owned())).collect();
    let units: Vec<(String, String)> =
        session.reference.units.iter().filter(|unit| unit.active).map(|unit| (unit.code.clone(), session.unit_name(&unit.code, lang))).collect();
    let domains: Vec<(String, String)> =
        session.list("domains").iter().map(|choice| (choice.code.clone(), choice.label.in_lang(lang).to_owned())).collect();
    let choose = |name: &'static str| {
        let set = set.clone();
        Callback::from(move |code: String| set(name, Some(&code)))
    };
    let filtered = FILTERS.iter().chain(&["due_soon"]).any(|name| query.get(name).is_some());
    let clear = {
        let (go, boxed) = (go.clone(), boxed.clone());
        Callback::from(move |_: MouseEvent| go.replace(&format!("/inbox?box={boxed}")))
    };
    let value = |name: &str| query.get(name).unwrap_or_default().to_owned();
    let numbered =
        |message: Message, count: i64| if count > 0 { format!("{} {count}", message.in_lang(lang)) } else { message.in_lang(lang).to_owned() };
    let (empty, what) = match boxed.as_str() {
        _ if filtered => (m::EMPTY_FILTERED, m::EMPTY_FILTERED_WHAT),
        "todo" => (m::EMPTY_TODO, m::EMPTY_TODO_WHAT),
        "cc" => (m::EMPTY_CC, m::EMPTY_CC_WHAT),
        "mine" => (m::EMPTY_MINE, m::EMPTY_MINE_WHAT),
        "done" => (m::EMPTY_DONE, m::EMPTY_DONE_WHAT),
        _ => (m::EMPTY_DRAFTS, m::EMPTY_DRAFTS_WHAT),
    };
    let search = {
        let set = set.clone();
        Callback::from(move |words: String| set("q", Some(&words)))
    };
    let kind_for_states = query.get("kind").or_else(|| session.first_kind().map(|kind| kind.code.as_str())).unwrap_or_default().to_owned();
    html! {
        <>
            <div class="head">
                <div><h1>{ m::NAV_INBOX.in_lang(lang) }</h1><p>{ sentence }</p></div>
                <span class="grow"></span>
                { export.button }
                <NewMenu session={session.clone()} />
            </div>
            { export.trouble }
            <nav class="tabs" aria-label={m::BOXES.in_lang(lang)}>
                { tab("todo", m::BOX_TODO, counts.map(|counts| counts.todo)) }
                { tab("cc", m::BOX_CC, counts.map(|counts| counts.cc)) }
                { tab("mine", m::BOX_MINE, counts.map(|counts| counts.mine)) }
                { tab("done", m::BOX_DONE, None) }
                { tab("drafts", m::BOX_DRAFTS, counts.map(|counts| counts.drafts)) }
            </nav>
            <div class="filters" role="group" aria-label={m::FILTERS.in_lang(lang)}>
                { toggle("overdue", "true", numbered(m::FILTER_OVERDUE, if boxed == "todo" { counts.map_or(0, |counts| counts.overdue) } else { 0 })) }
                { toggle("due_soon", "true", m::FILTER_SOON.in_lang(lang).to_owned()) }
                <span key="all" hidden={boxed != "mine"}>{ toggle("open", "all", m::FILTER_WITH_CLOSED.in_lang(lang).to_owned()) }</span>
                { toggle("state", "sent", numbered(m::FILTER_TO_RECEIVE, if boxed == "todo" { counts.map_or(0, |counts| counts.to_receive) } else { 0 })) }
                <ChipSelect key="kind" label={m::FILTER_KIND.in_lang(lang)} options={kinds} value={value("kind")} onchange={choose("kind")} />
                <StateFilter key="state" kind={kind_for_states} value={value("state")} onchange={choose("state")} />
                <ChipSelect key="domain" label={m::FILTER_DOMAIN.in_lang(lang)} options={domains} value={value("domain")} onchange={choose("domain")} />
                <ChipSelect key="unit" label={m::FILTER_UNIT.in_lang(lang)} options={units} value={value("unit")} onchange={choose("unit")} />
                <SearchChip key="q" value={value("q")} set={search} />
                <button key="clear" type="button" class="linklike" hidden={!filtered} onclick={clear}>{ m::CLEAR_FILTERS.in_lang(lang) }</button>
            </div>
            <div>
                if boxed == "drafts" {
                    <UnsentForms session={session.clone()} />
                }
            </div>
            <p class="note" role="status" hidden={!*changed}>{ m::LIST_CHANGED.in_lang(lang) }{ " " }<button type="button" class="linklike" onclick={refresh}>{ m::REFRESH.in_lang(lang) }</button></p>
            <div>
                if pages.loading {
                    <div class="card"><Skeleton lines={8} /></div>
                } else if let (Some(error), true) = (pages.error.clone(), pages.items.is_empty()) {
                    <div class="card"><Trouble {error} retry={Some(pages.reload.clone())} /></div>
                } else if pages.items.is_empty() {
                    <div class="card"><Empty title={empty.in_lang(lang)} text={what.in_lang(lang)} /></div>
                } else {
                    <MatterTable items={pages.items.clone()} stale={pages.stale} />
                    <p class="error" role="alert">{ pages.error.as_ref().map(|error| error.words(lang)).unwrap_or_default() }</p>
                    <More more={pages.more.clone()} shown={pages.items.len()} />
                }
            </div>
        </>
    }
}

/// Forms begun and not sent, wherever that was.
#[component]
fn UnsentForms(props: &InboxProps) -> Html {
    let lang = use_lang();
    let session = &props.session;
    let forms = use_query::<api::Listing<FormView>>(Some("/me/forms".to_owned()));
    let discard = {
        let reload = forms.reload.clone();
        use_mutation(|path: String| async move { api::delete(&path).await }, Callback::from(move |()| reload.emit(())))
    };
    let known = forms.ready().map(|forms| (**forms).clone().into_items()).unwrap_or_default();
    let rows = known.iter().filter_map(|form| {
        let parts: Vec<&str> = form.key.split('.').collect();
        let (what, href) = match parts.as_slice() {
            ["new", kind] => {
                let name = session.kind(kind).map(|kind| kind.name.in_lang(lang).to_owned()).unwrap_or_default();
                (m::UNSENT_NEW.fill(lang, &[&name]), format!("/new/{kind}"))
            }
            ["matter", id] => (m::UNSENT_EDIT.in_lang(lang).to_owned(), format!("/matters/{id}/edit")),
            ["say" | "note", id] => (m::UNSENT_WORDS.in_lang(lang).to_owned(), format!("/matters/{id}")),
            ["act", id, _] => (m::UNSENT_ACTION.fill(lang, &[""]).trim_end_matches(['：', ':', ' ']).to_owned(), format!("/matters/{id}")),
            _ => return None,
        };
        let said = form.values.values().filter_map(|value| value.as_str()).max_by_key(|text| text.chars().count()).unwrap_or_default();
        let said: String = said.chars().take(60).collect();
        Some((form.key.clone(), what, href, said, form.at))
    });
    html! {
        <div class="unsent" hidden={known.is_empty()}>
            <Card title={m::UNSENT_TITLE.in_lang(lang)} flush=true side={html! { <span>{ m::UNSENT_LINE.in_lang(lang) }</span> }}>
                <ul class="brief">{ for rows.map(|(key, what, href, said, at)| {
                    let path = format!("/me/forms/{key}");
                    let (person, form) = (session.me.id.to_string(), key.clone());
                    let drop = discard.run.reform(move |_: MouseEvent| {
                        forget_form(&person, &form);
                        path.clone()
                    });
                    html! {
                        <li key={key.clone()}>
                            <div class="line"><span><b>{ what }</b>{ " " }{ said }</span><span class="row-actions"><A {href} class="btn">{ m::UNSENT_GO.in_lang(lang) }</A><button type="button" class="linklike" onclick={drop}>{ m::UNSENT_DROP.in_lang(lang) }</button></span></div>
                            <span class="sub">{ at.map(|at| m::SAVED_AT.fill(lang, &[&dates::moment(at, lang)])).unwrap_or_default() }</span>
                        </li>
                    }
                }) }</ul>
            </Card>
        </div>
    }
}

#[derive(Properties, PartialEq)]
pub struct StateFilterProps {
    pub kind: String,
    pub value: String,
    pub onchange: Callback<String>,
}

/// The states of a kind as a filter.
#[component]
pub fn StateFilter(props: &StateFilterProps) -> Html {
    let lang = use_lang();
    let kind = use_kind(&props.kind);
    let options: Vec<(String, String)> = kind
        .ready()
        .map(|kind| {
            kind.states
                .iter()
                .filter(|state| state.code != "discarded")
                .map(|state| (state.code.clone(), state.label.in_lang(lang).to_owned()))
                .collect()
        })
        .unwrap_or_default();
    html! { <ChipSelect label={m::FILTER_STATE.in_lang(lang)} {options} value={props.value.clone()} onchange={props.onchange.clone()} /> }
}

#[derive(Properties, PartialEq)]
pub struct NewMenuProps {
    pub session: Session,
}

/// What this person may start: one button, or a menu when there are several.
#[component]
pub fn NewMenu(props: &NewMenuProps) -> Html {
    let lang = use_lang();
    let session = &props.session;
    let kinds: Vec<_> = session.me.can_start.iter().filter_map(|code| session.kind(code)).cloned().collect();
    let inside = match kinds.as_slice() {
        [] => html! {},
        [kind] => html! { <A href={format!("/new/{}", kind.code)} class="btn primary">{ m::NEW_KIND.fill(lang, &[kind.name.in_lang(lang)]) }</A> },
        _ => html! {
            <Popover id="new-menu" class="btn primary" inside="menu" label={m::NEW_MATTER.in_lang(lang)}>
                { for kinds.iter().map(|kind| html! { <A key={kind.code.clone()} href={format!("/new/{}", kind.code)}>{ kind.name.in_lang(lang).to_owned() }</A> }) }
            </Popover>
        },
    };
    html! { <div class="hide-s">{ inside }</div> }
}
