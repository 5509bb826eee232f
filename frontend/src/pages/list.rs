//! All visible matters of a kind: filters in the address, columns of one's choice, saved views, several pressed at once.

use crate::{
    kernel::{
        api,
        fields::{FieldForm, asked_values, colon, use_form},
        hooks::{use_mutation, use_pages, use_query, use_title},
        i18n::use_lang,
        query::Query,
        router::{use_go, use_query_string},
        session::{KindSheet, Session, use_kind, use_session},
        storage,
        toast::use_toasts,
    },
    pages::inbox::{NewMenu, StateFilter},
    ui::{Button, Chip, ChipSelect, Dialog, Empty, MatterTable, More, Skeleton, Tone, Trouble, target_value},
};
use serde_json::Map;
use shared::kernel::{
    api::{BulkAction, BulkOutcome, MatterItem, SavedView, SavedViewInput},
    field::{Field, Input},
    ids::MatterId,
    messages as m,
    problem::Code,
    role::Permission,
};
use std::rc::Rc;
use yew::prelude::*;

/// All the API knows; the overview's figures lead here with any of them.
const FILTERS: [&str; 19] = [
    "state",
    "unit",
    "lead_unit",
    "domain",
    "origin_ref",
    "origin",
    "due_before",
    "due_after",
    "overdue",
    "open",
    "extension",
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

/// The API's name of a facet; none when it can't be filtered.
fn filter_name(field: &Field) -> Option<&'static str> {
    FILTERS.iter().copied().find(|known| *known == field.name)
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
    let (lang, toasts, go) = (use_lang(), use_toasts(), use_go());
    let session = &props.session;
    let kind = use_kind(&props.kind);
    let name = session.kind(&props.kind).map_or_else(|| props.kind.clone(), |kind| kind.name.in_lang(lang).to_owned());
    use_title(name.clone());
    let query = use_query_string();
    let facets: Vec<Field> = kind.ready().map(|kind| kind.fields.iter().filter(|field| field.facet).cloned().collect()).unwrap_or_default();
    let filters = query.only(&FILTERS);
    let asked = filters.with("kind", Some(&props.kind)).with("sort", Some(filters.get("sort").unwrap_or("due"))).with("limit", Some("50"));
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
    let columns = Rc::new(listed.iter().filter(|field| !hidden.contains(&field.name)).cloned().collect::<Vec<_>>());
    let chosen = use_state_eq(Vec::<String>::new);
    // Another filter, another list: what was chosen in the last one is let go.
    use_effect_with(filters.to_string(), {
        let chosen = chosen.clone();
        move |_| chosen.set(Vec::new())
    });
    let choose = {
        let chosen = chosen.clone();
        Callback::from(move |(id, on): (String, bool)| {
            let mut ids: Vec<String> = chosen.iter().filter(|other| **other != id).cloned().collect();
            if on {
                ids.push(id);
            }
            chosen.set(ids);
        })
    };
    let export = use_mutation(
        |path: String| async move { api::download(&path, "matters.xlsx").await },
        Callback::from({
            let toasts = toasts.clone();
            move |()| toasts.done(m::EXPORTED.in_lang(lang))
        }),
    );
    let onexport = {
        let (run, path) = (export.run.clone(), format!("/exports/matters.xlsx{}", filters.with("kind", Some(&props.kind)).suffix()));
        Callback::from(move |_: MouseEvent| run.emit(path.clone()))
    };
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
        let name = filter_name(field)?;
        options.map(|options| html! { <ChipSelect key={name} label={field.label.in_lang(lang).to_owned()} {options} value={value(name)} onchange={change(name)} /> })
    };
    let overdue = query.get("overdue") == Some("true");
    let filtered = !filters.without(&["sort"]).is_empty();
    let clear = {
        let (go, base) = (go.clone(), base.clone());
        Callback::from(move |_: MouseEvent| go.replace(&base))
    };
    let onsearch = {
        let set = set.clone();
        Callback::from(move |event: Event| set("q", Some(target_value(&event).trim())))
    };
    let ondate = |name: &'static str| {
        let set = set.clone();
        Callback::from(move |event: Event| set(name, Some(&target_value(&event))))
    };
    let open = session.counts.as_ref().and_then(|counts| counts.open_by_kind.get(&props.kind).copied());
    html! {
        <>
            <div class="head">
                <div><h1>{ name.clone() }</h1><p>{ open.map(|open| m::LIST_LINE.fill(lang, &[&open.to_string()])).unwrap_or_default() }</p></div>
                <span class="grow"></span>
                <Button class="hide-s" onclick={onexport} busy={export.busy}>{ m::EXPORT.in_lang(lang) }</Button>
                <NewMenu session={session.clone()} />
            </div>
            <p class="error" role="alert">{ export.error.as_ref().map(|error| error.words(lang)).unwrap_or_default() }</p>
            <div class="filters" role="group" aria-label={m::FILTERS.in_lang(lang)}>
                <Chip key="overdue" on={overdue} label={m::FILTER_OVERDUE.in_lang(lang)} onclick={ let set = set.clone(); Callback::from(move |()| set("overdue", (!overdue).then_some("true"))) } />
                <StateFilter key="state" kind={props.kind.clone()} value={value("state")} onchange={change("state")} />
                <ChipSelect key="unit" label={m::FILTER_HOLDER.in_lang(lang)} options={units.clone()} value={value("unit")} onchange={change("unit")} />
                { for facets.iter().filter_map(facet) }
                <label key="before" class="chip">{ m::FILTER_DUE_BEFORE.in_lang(lang) }<input type="date" class="linklike" value={value("due_before")} onchange={ondate("due_before")} /></label>
                <input key="q" class={classes!("chip", query.get("q").map(|_| "on"))} type="search" value={value("q")} placeholder={m::FILTER_WORDS.in_lang(lang)} aria-label={m::FILTER_WORDS.in_lang(lang)} onchange={onsearch} />
                <button key="clear" type="button" class="linklike" hidden={!filtered} onclick={clear}>{ m::CLEAR_FILTERS.in_lang(lang) }</button>
                <span key="grow" class="grow"></span>
                <SavedViews key="views" {base} query={filters.clone()} />
                <ColumnChoice key="columns" fields={listed.clone()} hidden={(*hidden).clone()} set={ let hidden = hidden.clone(); Callback::from(move |names: Vec<String>| { storage::write(&columns_key, &names); hidden.set(names); }) } />
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
                    <div class="card"><Empty title={if filtered { m::EMPTY_FILTERED.in_lang(lang).to_owned() } else { m::EMPTY_KIND.fill(lang, &[&name]) }} text={if filtered { m::EMPTY_FILTERED_WHAT } else { m::EMPTY_KIND_WHAT }.in_lang(lang)} /></div>
                } else {
                    <MatterTable items={pages.items.clone()} {columns} stale={pages.stale} chosen={Some(Rc::new((*chosen).clone()))} {choose} one_kind=true />
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

#[derive(Properties, PartialEq)]
struct ColumnChoiceProps {
    fields: Vec<Field>,
    hidden: Vec<String>,
    set: Callback<Vec<String>>,
}

#[component]
fn ColumnChoice(props: &ColumnChoiceProps) -> Html {
    let lang = use_lang();
    html! {
        <details class="popover hide-s" hidden={props.fields.is_empty()}>
            <summary class="chip">{ m::COLUMNS.in_lang(lang) }</summary>
            <div>{ for props.fields.iter().map(|field| {
                let (name, hidden, set) = (field.name.clone(), props.hidden.clone(), props.set.clone());
                let on = !hidden.contains(&name);
                let onchange = Callback::from(move |_: Event| {
                    let mut names: Vec<String> = hidden.iter().filter(|other| **other != name).cloned().collect();
                    if on { names.push(name.clone()); }
                    set.emit(names);
                });
                html! { <label key={field.name.clone()} class="check"><input type="checkbox" checked={on} {onchange} />{ field.label.in_lang(lang).to_owned() }</label> }
            }) }</div>
        </details>
    }
}

#[derive(Properties, PartialEq)]
struct SavedViewsProps {
    base: String,
    query: Query,
}

/// Filters with a name. Kept on the server, so that they follow the person.
#[component]
fn SavedViews(props: &SavedViewsProps) -> Html {
    let (lang, go) = (use_lang(), use_go());
    let views = use_query::<api::Listing<SavedView>>(Some("/saved-views".into()));
    let name = use_state(String::new);
    let keep = {
        let (reload, name) = (views.reload.clone(), name.clone());
        use_mutation(
            |view: SavedViewInput| async move { api::post::<_, serde_json::Value>("/saved-views", &view).await },
            Callback::from(move |_| {
                name.set(String::new());
                reload.emit(());
            }),
        )
    };
    let drop_view = {
        let reload = views.reload.clone();
        use_mutation(|id: String| async move { api::delete(&format!("/saved-views/{id}")).await }, Callback::from(move |()| reload.emit(())))
    };
    // The address with its path tells which page a view belongs to.
    let here = format!("{}{}", props.base, props.query.suffix());
    let known: Vec<SavedView> = views
        .ready()
        .map(|views| (**views).clone().into_items())
        .unwrap_or_default()
        .into_iter()
        .filter(|view| view.query.split('?').next() == Some(props.base.as_str()))
        .collect();
    let oninput = {
        let name = name.clone();
        Callback::from(move |event: InputEvent| name.set(target_value(&event)))
    };
    let onkeep = {
        let (run, name, here) = (keep.run.clone(), name.clone(), here.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !name.trim().is_empty() {
                run.emit(SavedViewInput { name: name.trim().to_owned(), query: here.clone() });
            }
        })
    };
    html! {
        <details class="popover">
            <summary class="chip">{ m::SAVED_VIEWS.in_lang(lang) }</summary>
            <div>
                { for known.iter().map(|view| {
                    let (go, query, run, id) = (go.clone(), view.query.clone(), drop_view.run.clone(), view.id.clone());
                    html! {
                        <div key={view.id.clone()} class="row-actions">
                            <button type="button" class="linklike" aria-current={(view.query == here).then_some("true")} onclick={Callback::from(move |_: MouseEvent| go.to(&query))}>{ &view.name }</button>
                            <span class="grow"></span>
                            <button type="button" class="linklike" aria-label={m::REMOVE_X.fill(lang, &[&view.name])} onclick={Callback::from(move |_: MouseEvent| run.emit(id.clone()))}>{ "×" }</button>
                        </div>
                    }
                }) }
                <form key="keep" class="stack" onsubmit={onkeep}>
                    <input class="input" maxlength="30" value={(*name).clone()} {oninput} placeholder={m::VIEW_NAME.in_lang(lang)} aria-label={m::VIEW_NAME.in_lang(lang)} />
                    <Button submit=true busy={keep.busy} disabled={name.trim().is_empty()}>{ m::KEEP_VIEW.in_lang(lang) }</Button>
                    <span class="error" role="alert">{ keep.error.as_ref().or(drop_view.error.as_ref()).map(|error| error.words(lang)).unwrap_or_default() }</span>
                </form>
            </div>
        </details>
    }
}

#[derive(Properties, PartialEq)]
struct BulkDialogProps {
    kind: Rc<KindSheet>,
    action: &'static str,
    ids: Vec<String>,
    items: Vec<Rc<MatterItem>>,
    close: Callback<()>,
    done: Callback<()>,
}

/// One step on several matters; each succeeds or fails for itself, and says so.
#[component]
fn BulkDialog(props: &BulkDialogProps) -> Html {
    let lang = use_lang();
    let step = props.kind.steps.iter().find(|step| step.action == props.action);
    let label = step.map_or_else(|| props.action.to_owned(), |step| step.label.in_lang(lang).to_owned());
    let fields: Rc<Vec<Field>> = Rc::new(step.map(|step| step.input.clone()).unwrap_or_default());
    let form = use_form(format!("bulk.{}.{}", props.kind.code, props.action), Map::new());
    let outcomes = use_state(|| None::<Vec<BulkOutcome>>);
    let send = {
        let (outcomes, sent, done) = (outcomes.clone(), form.sent.clone(), props.done.clone());
        use_mutation(
            |bulk: BulkAction| async move { api::post::<_, api::Listing<BulkOutcome>>("/matters/bulk", &bulk).await },
            Callback::from(move |answers: api::Listing<BulkOutcome>| {
                sent.emit(());
                done.emit(());
                outcomes.set(Some(answers.into_items()));
            }),
        )
    };
    let onclick = {
        let (run, values, fields, ids, action) = (send.run.clone(), form.values.clone(), fields.clone(), props.ids.clone(), props.action);
        Callback::from(move |_: MouseEvent| {
            let matters: Vec<MatterId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
            run.emit(BulkAction { matters, action: action.to_owned(), input: asked_values(&fields, &values) });
        })
    };
    let title_of = |id: MatterId| props.items.iter().find(|item| item.id == id).map_or_else(|| id.to_string(), |item| item.title.clone());
    let errors = Rc::new(send.error.as_ref().map(|error| error.errors().to_vec()).unwrap_or_default());
    let finished = outcomes.is_some();
    let footer = html! {
        <>
            <Button onclick={props.close.reform(|_: MouseEvent| ())}>{ if finished { m::CLOSE } else { m::CANCEL }.in_lang(lang) }</Button>
            <span hidden={finished}><Button tone={Tone::Primary} busy={send.busy} {onclick}>{ label.clone() }</Button></span>
        </>
    };
    html! {
        <Dialog title={label} close={props.close.clone()} {footer}>
            <div>{ match &*outcomes {
                Some(outcomes) => {
                    let good = outcomes.iter().filter(|outcome| outcome.ok).count();
                    html! {
                        <>
                            <p><b>{ m::BULK_DONE.fill(lang, &[&good.to_string(), &outcomes.len().to_string()]) }</b></p>
                            <ul class="plainlist">{ for outcomes.iter().filter(|outcome| !outcome.ok).map(|outcome| {
                                let words = outcome.code.as_deref().and_then(Code::parse).map_or_else(String::new, |code| code.message().in_lang(lang).to_owned());
                                html! { <li key={outcome.matter.to_string()}>{ format!("{}{}{words}", title_of(outcome.matter), colon(lang)) }</li> }
                            }) }</ul>
                        </>
                    }
                }
                None => html! {
                    <div class="stack">
                        <p class="sub">{ m::BULK_LINE.fill(lang, &[&props.ids.len().to_string()]) }</p>
                        <FieldForm scope="bulk" fields={fields.clone()} prefix="/input" values={form.values.clone()} {errors} set={form.set.clone()} disabled={send.busy} />
                        <p class="error" role="alert">{ send.error.as_ref().map(|error| error.words(lang)).unwrap_or_default() }</p>
                    </div>
                },
            } }</div>
        </Dialog>
    }
}
