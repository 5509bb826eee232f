//! All visible matters of a kind: open ones first, filters in the address, columns of one's choice, saved views, several
//! pressed at once.

mod bulk;
mod views;

use crate::{
    kernel::{
        hooks::{Fetched, use_pages, use_title},
        i18n::use_lang,
        query::Query,
        router::{A, use_go, use_query_string},
        session::{KindSheet, Session, use_kind, use_session},
        storage, values,
    },
    pages::{
        exporting::use_export,
        inbox::{NewMenu, StateFilter},
    },
    ui::{Button, Chip, ChipSelect, DateBox, Empty, MatterTable, More, SearchChip, Skeleton, Tab, Tone, Trouble},
};
use bulk::BulkDialog;
use shared::kernel::{
    api::MatterItem,
    field::{Field, Input},
    messages as m,
    role::Permission,
    text::{Lang, Message},
};
use std::rc::Rc;
use views::{ColumnChoice, SavedViews};
use yew::prelude::*;

/// Beside a kind's facets: what a control here sets or `told` puts into words. Of others that the API knows nobody would see that they hold.
const FILTERS: [&str; 19] = [
    "state",
    "unit",
    "domain",
    "due_before",
    "due_after",
    "overdue",
    "open",
    "extension",
    "extended",
    "reworked",
    "receipt_overdue",
    "on_time",
    "rated_after",
    "closed_after",
    "parent",
    "level",
    "q",
    "sort",
    "box",
];

/// The filters of an address. Until the kind is known, what it says is taken for a facet.
fn filters_of(query: &Query, kind: Option<&KindSheet>) -> Query {
    let Some(kind) = kind else { return query.clone() };
    let facets = kind.fields.iter().filter(|field| field.facet).map(|field| field.name.as_str());
    query.only(&FILTERS.into_iter().chain(facets).collect::<Vec<_>>())
}

/// Filters in force that have no control of their own, in words: those of a figure that opened the list, and facets without a choice.
fn told(query: &Query, facets: &[Field], with_control: &[&str], session: &Session, lang: Lang) -> Vec<(String, String)> {
    let plain = |message: Message| Some(message.in_lang(lang).to_owned());
    let named = FILTERS.into_iter().chain(facets.iter().map(|field| field.name.as_str()));
    named
        .filter_map(|name| {
            let value = query.get(name)?;
            let words = match (name, value) {
                ("extension", _) => plain(m::FILTER_EXTENSION),
                ("extended", _) => plain(m::FILTER_EXTENDED),
                ("reworked", _) => plain(m::FILTER_REWORKED),
                ("receipt_overdue", _) => plain(m::FILTER_RECEIPT_OVERDUE),
                ("on_time", "true") => plain(m::FILTER_ON_TIME),
                ("on_time", _) => plain(m::FILTER_NOT_ON_TIME),
                ("overdue", "false") => plain(m::FILTER_NOT_OVERDUE),
                ("rated_after", day) => Some(m::FILTER_RATED_AFTER.fill(lang, &[day])),
                ("closed_after", day) => Some(m::FILTER_CLOSED_AFTER.fill(lang, &[day])),
                ("due_after", day) => Some(m::FILTER_DUE_AFTER.fill(lang, &[day])),
                ("domain", code) => {
                    let label = session.list("domains").iter().find(|choice| choice.code == code).map(|choice| choice.label.in_lang(lang).to_owned());
                    Some(m::FILTER_OF.fill(lang, &[m::FILTER_DOMAIN.in_lang(lang), label.as_deref().unwrap_or(code)]))
                }
                ("parent", _) => plain(m::FILTER_PARENT),
                ("level", level) => {
                    let words = match level {
                        "1" => m::LEVEL_URGED,
                        "2" => m::LEVEL_SUPERVISED,
                        _ => m::LEVEL_LISTED,
                    };
                    Some(m::FILTER_LEVEL.fill(lang, &[words.in_lang(lang)]))
                }
                (name, value) => {
                    let field = facets.iter().find(|field| field.name == name && !with_control.contains(&name))?;
                    Some(m::FILTER_OF.fill(lang, &[field.label.in_lang(lang), value]))
                }
            }?;
            Some((name.to_owned(), words))
        })
        .collect()
}

/// Which of the matters are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Open,
    Closed,
    All,
}

/// Filters that only one of open and closed matters fit; going to the other lets them go.
const OF_ONE_STANDING: [&str; 9] = ["open", "state", "overdue", "extension", "receipt_overdue", "on_time", "rated_after", "closed_after", "level"];

impl Standing {
    /// As the address says: by its own word, else by what it asks for; open ones when it says nothing.
    fn of(query: &Query, kind: Option<&KindSheet>) -> Self {
        let is_final = |code: &str| kind.is_some_and(|kind| kind.states.iter().any(|state| state.code == code && state.is_final));
        match query.get("open") {
            Some("true") => Self::Open,
            Some("false") => Self::Closed,
            Some(_) => Self::All,
            // What was due, or once sent back or put off, whether it is done or not.
            None if ["rated_after", "extended", "reworked"].iter().any(|asked| query.get(asked).is_some()) => Self::All,
            None if query.get("on_time").is_some() || query.get("closed_after").is_some() || query.get("state").is_some_and(is_final) => Self::Closed,
            None => Self::Open,
        }
    }

    /// The word of the address; none where it goes without saying.
    const fn word(self) -> Option<&'static str> {
        match self {
            Self::Open => None,
            Self::Closed => Some("false"),
            Self::All => Some("all"),
        }
    }
}

/// What the server is asked: a figure's filter as it is, else with what goes without saying.
fn request(query: &Query, filters: &Query, standing: Standing) -> Query {
    match (query.get("open"), query.get("state"), standing) {
        (None, None, Standing::Open) => filters.with("open", Some("true")),
        (Some("true" | "false") | None, ..) => filters.clone(),
        (Some(_), ..) => filters.with("open", None),
    }
}

/// The address of a filter as the server reads it, which says nothing where all are meant.
fn address(kind: &str, query: &Query) -> String {
    let open = match (query.get("open"), query.get("state")) {
        (Some("true"), _) => None,
        (Some(closed), _) => Some(closed),
        (None, Some(_)) => None,
        (None, None) => Standing::All.word(),
    };
    format!("/list/{kind}{}", query.without(&["kind"]).with("open", open).suffix())
}

#[derive(Properties, PartialEq)]
pub struct ListPageProps {
    pub kind: String,
}

#[component]
pub fn ListPage(props: &ListPageProps) -> Html {
    match use_session() {
        Some(session) => html! { <List kind={props.kind.clone()} {session} /> },
        None => html! { <div></div> },
    }
}

#[derive(Properties, PartialEq)]
struct ListProps {
    kind: String,
    session: Session,
}

#[component]
fn List(props: &ListProps) -> Html {
    let (lang, go) = (use_lang(), use_go());
    let session = &props.session;
    let kind = use_kind(&props.kind);
    let name = session.kind(&props.kind).map(|kind| kind.name.in_lang(lang).to_owned()).unwrap_or_default();
    use_title(name.clone());
    let query = use_query_string();
    let facets: Vec<Field> = kind.ready().map(|kind| kind.fields.iter().filter(|field| field.facet).cloned().collect()).unwrap_or_default();
    let standing = Standing::of(&query, kind.ready().map(Rc::as_ref));
    let filters = filters_of(&query, kind.ready().map(Rc::as_ref));
    let asked = request(&query, &filters, standing);
    // What is over is looked up by when it ended, not by when it was due.
    let sort = asked.get("sort").unwrap_or(if standing == Standing::Closed { "updated" } else { "due" }).to_owned();
    // As the server reads it: what is exported, and what a saved view keeps.
    let exported = asked.with("kind", Some(&props.kind));
    let asked = exported.with("sort", Some(&sort)).with("limit", Some("50"));
    let pages = use_pages::<MatterItem>(format!("/matters{}", asked.suffix()));
    let base = format!("/list/{}", props.kind);
    let set = {
        let (go, query, base) = (go.clone(), query.clone(), base.clone());
        move |name: &str, value: Option<&str>| go.replace(&format!("{base}{}", query.with(name, value).suffix()))
    };
    let listed: Vec<Field> = kind.ready().map(|kind| kind.fields.iter().filter(|field| field.listed).cloned().collect()).unwrap_or_default();
    let columns_key = format!("columns.{}", props.kind);
    let hidden = use_state_eq({
        let key = columns_key.clone();
        move || storage::read::<Vec<String>>(&key).unwrap_or_default()
    });
    // A column in which no row says anything only takes room.
    let says = |field: &Field| pages.items.iter().any(|item| item.columns.get(&field.name).is_some_and(|value| !values::is_blank(value)));
    let columns = Rc::new(listed.iter().filter(|field| !hidden.contains(&field.name) && says(field)).cloned().collect::<Vec<_>>());
    let chosen = use_state_eq(Vec::<String>::new);
    // Another filter, another list: what was chosen in the last one is let go.
    use_effect_with(filters.to_string(), {
        let chosen = chosen.clone();
        move |_| chosen.set(Vec::new())
    });
    // One callback for all drawings: with a new one each time, choosing a row would draw the other rows, too.
    let latest = use_mut_ref(Vec::<String>::new);
    latest.borrow_mut().clone_from(&chosen);
    let choose = use_callback((), {
        let chosen = chosen.setter();
        move |(id, on): (String, bool), ()| {
            let mut ids: Vec<String> = latest.borrow().iter().filter(|other| **other != id).cloned().collect();
            if on {
                ids.push(id);
            }
            chosen.set(ids);
        }
    });
    let export = use_export(exported.suffix());
    let pressing = use_state(|| None::<&'static str>);
    let press = |action: &'static str| {
        let pressing = pressing.clone();
        Callback::from(move |_: MouseEvent| pressing.set(Some(action)))
    };
    let value = |name: &str| query.get(name).unwrap_or_default().to_owned();
    let change = |name: &str| {
        let (set, name) = (set.clone(), name.to_owned());
        Callback::from(move |code: String| set(&name, Some(&code)))
    };
    let units: Vec<(String, String)> =
        session.reference.units.iter().filter(|unit| unit.active).map(|unit| (unit.code.clone(), session.unit_name(&unit.code, lang))).collect();
    let facet = |field: &Field| {
        let options: Option<Vec<(String, String)>> = match &field.input {
            Input::Choice { choices } => Some(choices.iter().map(|choice| (choice.code.clone(), choice.label.in_lang(lang).to_owned())).collect()),
            Input::CodeList { list } => {
                Some(session.list(list).iter().map(|choice| (choice.code.clone(), choice.label.in_lang(lang).to_owned())).collect())
            }
            Input::Unit => Some(units.clone()),
            _ => None,
        };
        let name = field.name.as_str();
        options.map(|options| html! { <ChipSelect key={name} label={field.label.in_lang(lang).to_owned()} {options} value={value(name)} onchange={change(name)} /> })
    };
    let overdue = query.get("overdue") == Some("true");
    let with_control: Vec<&str> = facets.iter().filter(|field| facet(field).is_some()).map(|field| field.name.as_str()).collect();
    let told = told(&query, &facets, &with_control, session, lang);
    let filtered = !filters.without(&["sort", "open"]).is_empty();
    let clear = {
        let (go, bare) = (go.clone(), format!("{base}{}", Query::default().with("open", standing.word()).suffix()));
        Callback::from(move |_: MouseEvent| go.replace(&bare))
    };
    let onsearch = {
        let set = set.clone();
        Callback::from(move |words: String| set("q", Some(&words)))
    };
    let ondate = |name: &'static str| {
        let set = set.clone();
        Callback::from(move |day: String| set(name, Some(&day)))
    };
    let tab = |shown: Standing, label: Message, count: Option<i64>| {
        let href = format!("{base}{}", query.without(&OF_ONE_STANDING).with("open", shown.word()).suffix());
        html! { <Tab key={label.en} {href} current={standing == shown} label={label.in_lang(lang)} {count} /> }
    };
    let (empty, what) = match standing {
        _ if filtered => (m::EMPTY_FILTERED.in_lang(lang).to_owned(), m::EMPTY_FILTERED_WHAT),
        Standing::Open => (m::EMPTY_OPEN.fill(lang, &[&name]), m::EMPTY_OPEN_WHAT),
        Standing::Closed => (m::EMPTY_CLOSED.fill(lang, &[&name]), m::EMPTY_CLOSED_WHAT),
        Standing::All => (m::EMPTY_KIND.fill(lang, &[&name]), m::EMPTY_KIND_WHAT),
    };
    if let Fetched::Failed(error) = &kind.state {
        // A kind that doesn't exist has no name to show.
        return html! { <div class="card"><Trouble error={error.clone()} retry={Some(kind.reload.clone())} /></div> };
    }
    let open = session.counts.as_ref().and_then(|counts| counts.open_by_kind.get(&props.kind).copied());
    html! {
        <>
            <div class="head">
                <div><h1>{ name.clone() }</h1><p>{ open.map(|open| m::LIST_LINE.fill(lang, &[&open.to_string()])).unwrap_or_default() }</p></div>
                <span class="grow"></span>
                { export.button }
                <NewMenu session={session.clone()} />
            </div>
            { export.trouble }
            <nav class="tabs" aria-label={m::BOXES.in_lang(lang)}>
                { tab(Standing::Open, m::LIST_OPEN, open) }
                { tab(Standing::Closed, m::LIST_CLOSED, None) }
                { tab(Standing::All, m::LIST_ALL, None) }
            </nav>
            <div class="filters" role="group" aria-label={m::FILTERS.in_lang(lang)}>
                { for told.iter().map(|(name, words)| {
                    let (set, key, name) = (set.clone(), format!("told-{name}"), name.clone());
                    html! { <button {key} type="button" class="chip on" aria-label={m::FILTER_DROP.fill(lang, &[words])} onclick={Callback::from(move |_: MouseEvent| set(&name, None))}>{ format!("{words} ×") }</button> }
                }) }
                <span key="overdue" hidden={standing == Standing::Closed}><Chip on={overdue} label={m::FILTER_OVERDUE.in_lang(lang)} onclick={ let set = set.clone(); Callback::from(move |()| set("overdue", (!overdue).then_some("true"))) } /></span>
                <StateFilter key="state" kind={props.kind.clone()} value={value("state")} onchange={change("state")} />
                <ChipSelect key="unit" label={m::FILTER_HOLDER.in_lang(lang)} options={units.clone()} value={value("unit")} onchange={change("unit")} />
                { for facets.iter().filter_map(facet) }
                <span key="before" class={classes!("chip", "datechip", query.get("due_before").map(|_| "on"))}><label for="due-before">{ m::FILTER_DUE_BEFORE.in_lang(lang) }</label><DateBox id="due-before" value={value("due_before")} set={ondate("due_before")} /></span>
                <SearchChip key="q" value={value("q")} set={onsearch} />
                <button key="clear" type="button" class="linklike" hidden={!filtered} onclick={clear}>{ m::CLEAR_FILTERS.in_lang(lang) }</button>
                <span key="own" class="own">
                    <SavedViews kind={props.kind.clone()} query={exported.clone()} />
                    <ColumnChoice fields={listed.clone()} hidden={(*hidden).clone()} set={ let hidden = hidden.clone(); Callback::from(move |names: Vec<String>| { storage::write(&columns_key, &names); hidden.set(names); }) } />
                </span>
            </div>
            <div class="selectbar" hidden={chosen.is_empty()} role="region" aria-label={m::CHOSEN.in_lang(lang)}>
                <b>{ m::N_CHOSEN.fill(lang, &[&chosen.len().to_string()]) }</b><span class="grow"></span>
                if session.may(Permission::MatterUrge) {
                    <Button key="urge" onclick={press("urge")}>{ m::URGE.in_lang(lang) }</Button>
                }
                if session.may(Permission::MatterSupervise) {
                    <Button key="supervise" onclick={press("supervise")}>{ m::SUPERVISE.in_lang(lang) }</Button>
                }
                <Button key="none" tone={Tone::Quiet} onclick={ let chosen = chosen.clone(); Callback::from(move |_: MouseEvent| chosen.set(Vec::new())) }>{ m::CHOOSE_NONE.in_lang(lang) }</Button>
            </div>
            <div>
                if pages.loading {
                    <div class="card"><Skeleton lines={8} /></div>
                } else if let (Some(error), true) = (pages.error.clone(), pages.items.is_empty()) {
                    <div class="card"><Trouble {error} retry={Some(pages.reload.clone())} /></div>
                } else if pages.items.is_empty() {
                    <div class="card"><Empty title={empty} text={what.in_lang(lang)}>
                        if filtered && standing != Standing::All {
                            <A href={format!("{base}{}", query.with("open", Standing::All.word()).suffix())} class="btn">{ m::LOOK_IN_ALL.in_lang(lang) }</A>
                        }
                    </Empty></div>
                } else {
                    <MatterTable items={pages.items.clone()} {columns} stale={pages.stale} chosen={Some(Rc::new((*chosen).clone()))} {choose} one_kind=true by_due={sort == "due"} />
                    <p class="error" role="alert">{ pages.error.as_ref().map(|error| error.words(lang)).unwrap_or_default() }</p>
                    <More more={pages.more.clone()} shown={pages.items.len()} />
                }
            </div>
            <div class="overlays">
                if let (Some(action), Some(kind)) = (*pressing, kind.ready()) {
                    <BulkDialog kind={kind.clone()} {action} ids={(*chosen).clone()} items={pages.items.clone()}
                        close={ let pressing = pressing.clone(); Callback::from(move |()| pressing.set(None)) }
                        done={ let (chosen, reload) = (chosen.clone(), pages.reload.clone()); Callback::from(move |()| { chosen.set(Vec::new()); reload.emit(()); }) } />
                }
            </div>
        </>
    }
}
