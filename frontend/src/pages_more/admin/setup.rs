//! 导入名册: the city's own lists of units and people. Read and explained first, written on one press; first passwords are shown once.

use super::super::kit::{
    A, Empty, Fault, Lamp, Modal, SheetDrop, copy_text, count_words, loaded, print_page, reading, tables_words, tr, use_go, use_me, use_query,
    use_task, use_url, verdict, verdict_counts,
};
use crate::kernel::{
    api, dates,
    session::{Session, use_session},
    storage,
    toast::use_toasts,
};
use gloo::events::{EventListener, EventListenerOptions};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::kernel::{
    api::{ImportRow, ImportView, IssuedPassword, SetupOutcome},
    ids::{ImportId, UserId},
    messages_more as M,
    role::Role,
    text::{Lang, Message},
    workflow::role_name,
};
use std::{cell::RefCell, rc::Rc};
use web_sys::{File, HtmlInputElement};
use yew::prelude::*;

/// A list that can be imported: code, name, what its columns may be called.
const DATASETS: [(&str, Message, Message); 2] =
    [("units", M::SETUP_UNITS, M::SETUP_UNITS_COLUMNS), ("people", M::SETUP_PEOPLE, M::SETUP_PEOPLE_COLUMNS)];

/// Under which this browser remembers the list last uploaded: the server keeps no list of them for this page.
const LAST: &str = "setup.last";

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Last {
    person: UserId,
    import: ImportId,
    file: String,
}

thread_local! {
    /// First passwords until they are said to be kept: another page in between must not lose them. Never stored.
    static ISSUED: RefCell<Option<(ImportId, Rc<SetupOutcome>)>> = const { RefCell::new(None) };
}

fn issued_for(import: ImportId) -> Option<Rc<SetupOutcome>> {
    ISSUED.with(|cell| cell.borrow().as_ref().filter(|(id, _)| *id == import).map(|(_, outcome)| outcome.clone()))
}

#[derive(Properties, PartialEq)]
pub struct SetupProps {
    pub lang: Lang,
}

#[component]
pub fn Setup(props: &SetupProps) -> Html {
    let url = use_url();
    let import = url.get("import").to_owned();
    let inside = if import.is_empty() {
        html! { <Start key="start" lang={props.lang} /> }
    } else {
        html! { <Reading key={import.clone()} id={import.clone()} lang={props.lang} /> }
    };
    html! { <div>{ inside }</div> }
}

/// Which list, and the sheet.
#[component]
fn Start(props: &SetupProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let (url, go, task, me) = (use_url(), use_go(), use_task(), use_me());
    let chosen = DATASETS.iter().find(|(code, ..)| *code == url.get("dataset")).unwrap_or(&DATASETS[0]);
    let last = storage::read::<Last>(LAST).filter(|last| me.as_ref().is_some_and(|me| me.id == last.person));
    let on_file = {
        let (task, me, dataset) = (task.clone(), me.clone(), chosen.0);
        Callback::from(move |file: File| {
            let (go, me) = (go.clone(), me.clone());
            task.run(async move {
                let import: ImportView = api::upload(&format!("/setup/imports?dataset={dataset}"), &file).await?;
                if let Some(me) = me {
                    storage::write(LAST, &Last { person: me.id, import: import.id, file: import.file_name.clone() });
                }
                go.to(&format!("/admin?tab=setup&import={}", import.id));
                Ok(())
            });
        })
    };
    html! {
        <section class="card pad m-setup">
            <p>{ t(M::SETUP_WHAT) }</p>
            <fieldset class="m-radio">
                <legend class="label">{ t(M::SETUP_WHICH) }</legend>
                { for DATASETS.iter().map(|(code, name, columns)| {
                    let onchange = {
                        let url = url.clone();
                        Callback::from(move |_: Event| url.set("dataset", code))
                    };
                    html! {
                        <label key={*code} class="check"><input type="radio" name="dataset" value={*code} checked={*code == chosen.0} disabled={task.busy} {onchange} />
                            <span>{ t(*name) }<small class="hint m-under">{ t(*columns) }</small></span></label>
                    }
                }) }
            </fieldset>
            <SheetDrop {lang} busy={task.busy} limits={t(M::SETUP_LIMITS)} {on_file} />
            <Fault fault={task.fault.clone()} {lang} />
            <p hidden={last.is_none()}>{ last.map(|last| html! {
                <A href={format!("/admin?tab=setup&import={}", last.import)}>{ M::SETUP_LAST.fill(lang, &[&last.file]) }</A>
            }).unwrap_or_default() }</p>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct ReadingProps {
    id: String,
    lang: Lang,
}

#[component]
fn Reading(props: &ReadingProps) -> Html {
    let import = use_query::<ImportView>(Some(format!("/setup/imports/{}", props.id)));
    let reload = import.reload.clone();
    loaded(&import, |import| html! { <Review {import} lang={props.lang} {reload} /> })
}

#[derive(Properties)]
struct ReviewProps {
    import: Rc<ImportView>,
    lang: Lang,
    reload: Callback<()>,
}

impl PartialEq for ReviewProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.import, &other.import) && self.lang == other.lang
    }
}

#[component]
fn Review(props: &ReviewProps) -> Html {
    let ReviewProps { import, lang, reload } = props;
    let lang = *lang;
    let t = tr(lang);
    let (task, toasts, session) = (use_task(), use_toasts(), use_session());
    let outcome = use_state(|| issued_for(import.id));
    let only_open = use_state_eq(|| false);
    let asks = use_state_eq(|| false);
    let people = import.kind == "people";
    let counts = &import.counts;
    let committed = import.state == "committed" || outcome.is_some();
    let (tables, unknown) = tables_words(&import.tables, lang);
    let standing = t(if committed { M::IMPORT_WRITTEN } else { M::IMPORT_NOTHING_WRITTEN });
    let name = t(if people { M::SETUP_PEOPLE } else { M::SETUP_UNITS });
    let about = [name, &import.file_name, &tables, standing].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(t(M::DOT));

    let on_filter = {
        let only_open = only_open.clone();
        Callback::from(move |event: Event| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                only_open.set(input.checked());
            }
        })
    };
    let ask = |open: bool| {
        let asks = asks.clone();
        Callback::from(move |()| asks.set(open))
    };
    let commit = {
        let (task, outcome, asks, reload, toasts, session) =
            (task.clone(), outcome.clone(), asks.clone(), reload.clone(), toasts.clone(), session.clone());
        let id = import.id;
        Callback::from(move |_: MouseEvent| {
            asks.set(false);
            let (outcome, reload, toasts, session) = (outcome.clone(), reload.clone(), toasts.clone(), session.clone());
            task.run(async move {
                let written = api::post::<_, SetupOutcome>(&format!("/setup/imports/{id}/commit"), &json!({})).await;
                reload.emit(());
                let done = Rc::new(written?);
                toasts.done(M::SETUP_DONE.fill(lang, &[&done.created.to_string(), &done.present.to_string()]));
                if done.people.is_empty() {
                    // The pickers of all pages know the units by the session.
                    session.iter().for_each(|session| session.reload.emit(()));
                } else {
                    ISSUED.with(|cell| *cell.borrow_mut() = Some((id, done.clone())));
                    outcome.set(Some(done));
                }
                Ok(())
            });
        })
    };
    let kept = {
        let outcome = outcome.clone();
        Callback::from(move |()| {
            ISSUED.with(|cell| *cell.borrow_mut() = None);
            outcome.set(None);
        })
    };
    let settled = t(if people { M::SETUP_PEOPLE_WRITTEN } else { M::SETUP_UNITS_WRITTEN });
    let rows: Vec<_> = import.rows.iter().enumerate().filter(|(_, row)| !*only_open || row.verdict == "refused").collect();
    let nothing = rows.is_empty();
    let footing = if counts.accepted == 0 {
        t(M::SETUP_NOTHING_READY).to_owned()
    } else if counts.refused > 0 {
        count_words(M::SETUP_REST, lang, counts.accepted)
    } else {
        count_words(M::IMPORT_ALL, lang, counts.accepted)
    };
    let write = count_words(if people { M::SETUP_WRITE_PEOPLE } else { M::SETUP_WRITE_UNITS }, lang, counts.accepted);
    let press = if people { ask(true).reform(|_: MouseEvent| ()) } else { commit.clone() };
    html! {
        <div class="m-review">
            <div>
                if let Some(outcome) = (*outcome).clone() {
                    <IssuedCard {outcome} {lang} {kept} />
                }
            </div>
            <div hidden={outcome.is_some()}>
                <p class="sub m-about">{ about }</p>
                <section class="card pad m-done" hidden={!committed}>
                    <p>{ settled }</p>
                    <p><A href={if people { "/admin?tab=people" } else { "/admin?tab=setup&dataset=people" }}>{ t(if people { M::SETUP_SEE_PEOPLE } else { M::SETUP_NEXT }) }</A></p>
                </section>
                <section class="card sum m-sum">
                    { for verdict_counts(counts).into_iter().filter(|(n, code, _)| *n > 0 || *code == "accepted").map(|(n, code, words)| html! {
                        <Lamp key={code} tone={verdict(code).0}>{ count_words(words, lang, n) }</Lamp>
                    }) }
                    <span class="grow"></span>
                    <label class="sub"><input type="checkbox" checked={*only_open} onchange={on_filter} />{ " " }{ t(M::SETUP_ONLY_REFUSED) }</label>
                </section>
                <p class="sub m-unknown">{ unknown }</p>
                <div class="card m-tablewrap">
                    <table class="m-cards m-review-table">
                        <thead key="head"><tr>
                            <th>{ t(M::ROW) }</th><th>{ t(if people { M::NAME } else { M::UNIT }) }</th><th>{ t(if people { M::UNIT } else { M::CODE }) }</th><th>{ t(M::IMPORT_UNDERSTOOD) }</th><th>{ t(M::IMPORT_VERDICT) }</th>
                        </tr></thead>
                        { for rows.into_iter().map(|(index, row)| html! {
                            <tbody key={index} class={classes!("m-row", format!("m-{}", row.verdict))}>{ review_row(row, people, session.as_ref(), lang) }</tbody>
                        }) }
                    </table>
                    <div hidden={!nothing}><Empty title={t(if *only_open { M::SETUP_NONE_REFUSED } else { M::IMPORT_NO_ROWS })} /></div>
                </div>
                <Fault fault={task.fault.clone()} {lang} />
                <div class="m-footer no-print" hidden={committed}>
                    <span class="sub">{ footing }</span>
                    <span class="grow"></span>
                    <A href={format!("/admin?tab=setup&dataset={}", import.kind)} class="btn">{ t(M::SETUP_OTHER_FILE) }</A>
                    <button class="btn primary" type="button" disabled={task.busy || counts.accepted == 0} aria-busy={task.busy.then_some("true")} onclick={press}>{ if task.busy { t(M::SETUP_WRITING).to_owned() } else { write.clone() } }</button>
                </div>
            </div>
            <Modal open={*asks} title={write.clone()} on_close={ask(false)}>
                <p>{ t(M::SETUP_ONCE) }</p>
                <div class="row-actions m-end">
                    <button class="btn" type="button" onclick={ask(false).reform(|_: MouseEvent| ())}>{ t(M::CANCEL) }</button>
                    <button class="btn primary" type="button" onclick={commit}>{ write }</button>
                </div>
            </Modal>
        </div>
    }
}

fn text(row: &ImportRow, field: &str) -> String {
    row.values.get(field).and_then(|value| value.as_str()).map(str::to_owned).unwrap_or_default()
}

fn roles_words(roles: &[Role], lang: Lang) -> String {
    roles.iter().map(|role| role_name(*role).in_lang(lang).to_owned()).collect::<Vec<_>>().join(tr(lang)(M::LIST_COMMA))
}

/// The words of a unit for what the sheet says: a code when it was understood, else the cell itself.
fn unit_shown(session: Option<&Session>, unit: &str, lang: Lang) -> String {
    session.map_or_else(|| unit.to_owned(), |session| session.unit_name(unit, lang))
}

fn review_row(row: &ImportRow, people: bool, session: Option<&Session>, lang: Lang) -> Html {
    let t = tr(lang);
    let (tone, words) = verdict(&row.verdict);
    let (title, under, beside) = if people {
        let roles: Vec<Role> = row.values.get("roles").and_then(|roles| serde_json::from_value(roles.clone()).ok()).unwrap_or_default();
        let under = [text(row, "username"), roles_words(&roles, lang)].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        (text(row, "name"), under.join(t(M::DOT)), unit_shown(session, &text(row, "unit"), lang))
    } else {
        (text(row, "unit"), row.source.get("short_name").cloned().unwrap_or_default(), text(row, "code"))
    };
    html! {
        <tr>
            <td class="num c-row" data-label={t(M::ROW)}>{ row.row }</td>
            <td class="title c-title">{ title }<small class="m-under">{ under }</small></td>
            <td class="c-unit" data-label={t(if people { M::UNIT } else { M::CODE })}>{ beside }</td>
            <td class="sub c-read">{ reading(row, Vec::new(), lang) }</td>
            <td class="c-verdict"><Lamp {tone}>{ t(words) }</Lamp></td>
        </tr>
    }
}

#[derive(Properties, PartialEq)]
struct IssuedProps {
    outcome: Rc<SetupOutcome>,
    lang: Lang,
    kept: Callback<()>,
}

/// One line a person, separated by tabs: it goes into a spreadsheet as it is.
fn as_lines(people: &[IssuedPassword], session: Option<&Session>, lang: Lang) -> String {
    let t = tr(lang);
    let head = [M::USERNAME, M::NAME, M::UNIT, M::ROLES, M::ISSUED_PASSWORD].map(t).join("\t");
    let lines = people.iter().map(|person| {
        [&person.username, &person.name, &unit_shown(session, &person.unit, lang), &roles_words(&person.roles, lang), &person.issued_password]
            .map(String::as_str)
            .join("\t")
    });
    std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
}

/// The first passwords. Closing the tab is asked about as long as they are here.
#[component]
fn IssuedCard(props: &IssuedProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let (session, toasts) = (use_session(), use_toasts());
    let asks = use_state_eq(|| false);
    use_effect_with((), |()| {
        let listener = web_sys::window().map(|window| {
            EventListener::new_with_options(&window, "beforeunload", EventListenerOptions::enable_prevent_default(), |event| event.prevent_default())
        });
        move || drop(listener)
    });
    let people = &props.outcome.people;
    let copy = {
        let (outcome, session, toasts) = (props.outcome.clone(), session.clone(), toasts.clone());
        Callback::from(move |_: MouseEvent| {
            let (outcome, session, toasts) = (outcome.clone(), session.clone(), toasts.clone());
            yew::platform::spawn_local(async move {
                if copy_text(&as_lines(&outcome.people, session.as_ref(), lang)).await {
                    toasts.done(M::COPIED.in_lang(lang));
                } else {
                    toasts.trouble(M::NOT_COPIED.in_lang(lang));
                }
            });
        })
    };
    let ask = |open: bool| {
        let asks = asks.clone();
        Callback::from(move |()| asks.set(open))
    };
    let rest = [
        (props.outcome.present > 0).then(|| count_words(M::N_PRESENT, lang, props.outcome.present)),
        (props.outcome.refused > 0).then(|| count_words(M::N_REFUSED, lang, props.outcome.refused)),
    ];
    html! {
        <section class="card m-issued" aria-label={t(M::SETUP_ISSUED)}>
            <header>
                <h2>{ t(M::SETUP_ISSUED) }</h2>
                <div class="row-actions no-print">
                    <button class="btn" type="button" onclick={copy}>{ t(M::COPY_ALL) }</button>
                    <button class="btn" type="button" onclick={Callback::from(|_: MouseEvent| print_page())}>{ t(M::PRINT) }</button>
                    <button class="btn primary" type="button" onclick={ask(true).reform(|_: MouseEvent| ())}>{ t(M::SETUP_KEPT) }</button>
                </div>
            </header>
            <div class="pad">
                <p class="note" role="status">{ t(M::SETUP_ISSUED_NOTE) }</p>
                <p class="sub">{ std::iter::once(M::SETUP_ISSUED_N.fill(lang, &[&people.len().to_string(), &dates::full_day(dates::today(), lang)])).chain(rest.into_iter().flatten()).collect::<Vec<_>>().join(t(M::DOT)) }</p>
            </div>
            <table class="m-cards">
                <thead><tr><th>{ t(M::NAME) }</th><th>{ t(M::UNIT) }</th><th>{ t(M::ROLES) }</th><th>{ t(M::USERNAME) }</th><th>{ t(M::ISSUED_PASSWORD) }</th></tr></thead>
                <tbody>{ for people.iter().map(|person| html! {
                    <tr key={person.username.clone()}>
                        <td class="title" data-label={t(M::NAME)}>{ &person.name }</td>
                        <td data-label={t(M::UNIT)}>{ unit_shown(session.as_ref(), &person.unit, lang) }</td>
                        <td data-label={t(M::ROLES)}>{ roles_words(&person.roles, lang) }</td>
                        <td data-label={t(M::USERNAME)}><code class="m-mono">{ &person.username }</code></td>
                        <td data-label={t(M::ISSUED_PASSWORD)}><code class="m-mono m-issued-password">{ &person.issued_password }</code></td>
                    </tr>
                }) }</tbody>
            </table>
            <Modal open={*asks} title={t(M::SETUP_KEPT_ASK)} on_close={ask(false)}>
                <p>{ t(M::SETUP_KEPT_NOTE) }</p>
                <div class="row-actions m-end">
                    <button class="btn" type="button" onclick={ask(false).reform(|_: MouseEvent| ())}>{ t(M::SETUP_KEPT_NOT_YET) }</button>
                    <button class="btn primary" type="button" onclick={props.kept.reform(|_: MouseEvent| ())}>{ t(M::SETUP_KEPT_YES) }</button>
                </div>
            </Modal>
        </section>
    }
}
