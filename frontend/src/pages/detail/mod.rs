//! One matter: whose turn it is and until when, what it says, what happened, what can be done.

mod act;
mod aside;
mod editions;
mod links;
mod papers;
mod story;

use crate::{
    kernel::{
        api,
        hooks::{Fetched, use_mutation, use_query, use_title},
        i18n::use_lang,
        live,
        router::A,
        session::{Session, unit_words, use_kind, use_session},
        toast::use_toasts,
        values,
    },
    ui::{Button, Card, Dialog, MatterBriefs, MatterLamp, Skeleton, Tone, Trouble, level_words, part_words},
};
use act::ActionDialog;
use aside::{ActionPanel, DueCard, HolderCard};
use editions::EditionsCard;
use links::LinksCard;
use papers::{AttachmentsCard, CommentsCard, NotesCard};
use serde_json::{Value, json};
use shared::kernel::{
    api::{AccessEntry, MatterDetail, PartyView},
    field::{Field, Input},
    header as common, messages as m,
    role::Part,
    text::Lang,
    workflow::ActionView,
};
use std::rc::Rc;
use story::{AsksCard, HandoversCard, TimelineCard};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct DetailPageProps {
    pub id: String,
}

#[component]
pub fn DetailPage(props: &DetailPageProps) -> Html {
    let session = use_session();
    let matter = use_query::<MatterDetail>(Some(format!("/matters/{}", props.id)));
    // What others do shows by itself; a form that is open keeps what was typed and says what changed when it is sent.
    let heard = use_callback((props.id.clone(), matter.reload.clone()), |changed: Option<String>, (id, reload)| {
        if changed.is_none_or(|changed| changed == *id) {
            reload.emit(());
        }
    });
    live::use_live(heard);
    let inside = match (&matter.state, session) {
        (Fetched::Ready(detail), Some(session)) => html! { <Detail matter={detail.clone()} {session} reload={matter.reload.clone()} /> },
        (Fetched::Failed(error), _) => html! { <div class="card"><Trouble error={error.clone()} retry={Some(matter.reload.clone())} /></div> },
        _ => html! { <div class="card"><Skeleton lines={10} /></div> },
    };
    html! { <div>{ inside }</div> }
}

/// Persons and matters by their names; everything else as it is.
fn named(matter: &MatterDetail, input: &Input, value: &Value) -> Value {
    match (input, value) {
        (Input::OwnUser, Value::String(id)) => matter.named.get(id).cloned().map_or_else(|| value.clone(), Value::String),
        (Input::Matter { .. }, Value::String(number)) => {
            matter.named.get(number).map_or_else(|| value.clone(), |title| Value::String(format!("{title} · {number}")))
        }
        (Input::Rows { fields, .. }, Value::Array(rows)) => {
            let mut rows = rows.clone();
            for row in rows.iter_mut().filter_map(Value::as_object_mut) {
                for field in fields {
                    if let Some(value) = row.get_mut(&field.name) {
                        *value = named(matter, &field.input, value);
                    }
                }
            }
            Value::Array(rows)
        }
        _ => value.clone(),
    }
}

#[derive(Properties, PartialEq)]
pub struct DetailProps {
    pub matter: Rc<MatterDetail>,
    pub session: Session,
    pub reload: Callback<()>,
}

#[component]
fn Detail(props: &DetailProps) -> Html {
    let lang = use_lang();
    let (matter, session) = (&props.matter, &props.session);
    let item = Rc::new(matter.item.clone());
    use_title(item.title.clone());
    let kind = use_kind(&item.kind);
    let acting = use_state(|| None::<ActionView>);
    let asks_access = use_state_eq(|| false);
    let more = use_state_eq(|| false);
    let act = {
        let acting = acting.clone();
        Callback::from(move |action: ActionView| acting.set(Some(action)))
    };
    let close = {
        let acting = acting.clone();
        Callback::from(move |()| acting.set(None))
    };
    let changed = {
        let (reload, reload_counts) = (props.reload.clone(), session.reload_counts.clone());
        Callback::from(move |()| {
            reload.emit(());
            reload_counts.emit(());
        })
    };
    let watch = {
        let (path, watching, reload) = (format!("/matters/{}/watch", item.id), matter.watching, props.reload.clone());
        use_mutation(
            move |()| {
                let path = path.clone();
                async move { if watching { api::delete(&path).await } else { api::post::<_, serde_json::Value>(&path, &json!({})).await.map(|_| ()) } }
            },
            Callback::from(move |()| reload.emit(())),
        )
    };
    let flag = |state: &UseStateHandle<bool>, value: bool| {
        let state = state.clone();
        Callback::from(move |()| state.set(value))
    };
    let primary = matter.actions.iter().find(|action| action.enabled && action.primary).cloned();
    let print = Callback::from(|_: MouseEvent| {
        if let Some(window) = web_sys::window() {
            let _ = window.print();
        }
    });
    html! {
        <>
            <div class="head">
                <div>
                    <p class="crumb"><A href="/inbox?box=todo">{ m::NAV_INBOX.in_lang(lang) }</A>{ " / " }<A href={format!("/list/{}", item.kind)}>{ item.kind_name.in_lang(lang).to_owned() }</A></p>
                    <h1>{ &item.title }</h1>
                    <div class="facts-line">
                        // The lamp of a draft or a closed matter only repeats its state.
                        <span>
                            if item.is_open && item.state != "draft" {
                                <MatterLamp item={item.clone()} />
                            }
                        </span>
                        <span class="tag b">{ item.state_label.in_lang(lang).to_owned() }</span>
                        <span class="tag bad" hidden={item.level == 0 || !item.is_open}>{ level_words(item.level, lang) }</span>
                        <span class="sub num">{ item.number.clone().unwrap_or_default() }</span>
                    </div>
                </div>
                <span class="grow"></span>
                <div class="row-actions no-print">
                    if matter.editable {
                        <A href={format!("/matters/{}/edit", item.id)} class="btn">{ m::EDIT.in_lang(lang) }</A>
                    }
                    <Button tone={Tone::Quiet} onclick={flag(&asks_access, true).reform(|_: MouseEvent| ())}>{ m::WHO_SEES.in_lang(lang) }</Button>
                    <Button tone={Tone::Quiet} busy={watch.busy} onclick={watch.run.reform(|_: MouseEvent| ())}>{ if matter.watching { m::UNWATCH } else { m::WATCH }.in_lang(lang) }</Button>
                    <Button tone={Tone::Quiet} class="hide-s" onclick={print}>{ m::PRINT.in_lang(lang) }</Button>
                    <TakeAway matter={matter.clone()} class="hide-s" />
                </div>
            </div>
            <div class="cols">
                <div class="stack">
                    <Card title={m::FACTS_TITLE.fill(lang, &[item.kind_name.in_lang(lang)])} side={html! { <span>{ m::CREATED_BY.fill(lang, &[unit_words(&matter.created_by.unit, lang), &matter.created_by.name]) }</span> }}>
                        <div>{ match &kind.state {
                            Fetched::Ready(kind) => html! {
                                <dl class="facts">{ for header(matter).iter().map(|(field, value)| html! {
                                    <div key={format!("@{}", field.name)}><dt>{ field.label.in_lang(lang).to_owned() }</dt><dd>{ values::show(Some(&field.input), value, session, lang) }</dd></div>
                                }) }{ for kind.fields.iter().filter(|field| field.input != Input::Editions).filter_map(|field| Some((field, matter.body.get(&field.name).filter(|value| !values::is_blank(value))?))).map(|(field, value)| html! {
                                    <div key={field.name.clone()}><dt>{ field.label.in_lang(lang).to_owned() }</dt><dd>{ values::show(Some(&field.input), &named(matter, &field.input, value), session, lang) }</dd></div>
                                }) }</dl>
                            },
                            Fetched::Failed(error) => html! { <Trouble error={error.clone()} retry={Some(kind.reload.clone())} /> },
                            Fetched::Loading => html! { <Skeleton /> },
                        } }</div>
                    </Card>
                    <div>
                        if kind.ready().is_some_and(|kind| kind.fields.iter().any(|field| field.input == Input::Editions)) {
                            <EditionsCard matter={matter.clone()} session={session.clone()} />
                        }
                    </div>
                    <AttachmentsCard matter={matter.clone()} changed={props.reload.clone()} />
                    <AsksCard matter={matter.clone()} session={session.clone()} />
                    <TimelineCard matter={matter.clone()} session={session.clone()} />
                    <Parties matter={matter.clone()} />
                    <HandoversCard matter={matter.clone()} session={session.clone()} />
                    <Related matter={matter.clone()} changed={props.reload.clone()} />
                    <CommentsCard id={item.id.to_string()} writes={matter.is_party} />
                    <NotesCard id={item.id.to_string()} unit={unit_words(&session.me.unit, lang).to_owned()} />
                </div>
                <aside class="stack">
                    <HolderCard matter={matter.clone()} />
                    <DueCard matter={matter.clone()} />
                    <div class="hide-s"><ActionPanel matter={matter.clone()} act={act.clone()} /></div>
                    <Precedents matter={matter.clone()} />
                </aside>
            </div>
            <div class="stickybar">
                <Button onclick={flag(&more, true).reform(|_: MouseEvent| ())}>{ m::MORE.in_lang(lang) }</Button>
                if let Some(primary) = primary {
                    <Button tone={Tone::Primary} onclick={
                        let (act, primary) = (act.clone(), primary.clone());
                        Callback::from(move |_: MouseEvent| act.emit(primary.clone()))
                    }>{ primary.label.in_lang(lang).to_owned() }</Button>
                }
            </div>
            <div class="overlays">
                if let Some(action) = (*acting).clone() {
                    <ActionDialog key={action.action.clone()} matter={matter.clone()} action={action.clone()} {close} {changed} session={session.clone()} />
                }
            </div>
            <div class="overlays">
                if *more {
                    <Dialog title={m::WHAT_CAN_BE_DONE.in_lang(lang)} close={flag(&more, false)}>
                        <ActionPanel matter={matter.clone()} bare=true act={
                            let (act, more) = (act.clone(), more.clone());
                            Callback::from(move |action: ActionView| { more.set(false); act.emit(action); })
                        } />
                        <p class="eyebrow take-away">{ m::TAKE_AWAY.in_lang(lang) }</p>
                        <TakeAway matter={matter.clone()} />
                    </Dialog>
                }
            </div>
            <div class="overlays">
                if *asks_access {
                    <AccessDialog id={item.id.to_string()} close={flag(&asks_access, false)} />
                }
            </div>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct MatterProps {
    matter: Rc<MatterDetail>,
    #[prop_or_default]
    changed: Callback<()>,
}

#[derive(Properties, PartialEq)]
struct TakeAwayProps {
    matter: Rc<MatterDetail>,
    #[prop_or_default]
    class: Classes,
}

/// 卷宗, 存证证明: the matter as files that can be checked elsewhere. Each download leaves a trace.
#[component]
fn TakeAway(props: &TakeAwayProps) -> Html {
    let (lang, toasts) = (use_lang(), use_toasts());
    let item = &props.matter.item;
    let (id, number) = (item.id.to_string(), item.number.clone().unwrap_or_else(|| item.id.to_string()));
    let fetch = |path: String, name: String| {
        move |()| {
            let (path, name, toasts) = (path.clone(), name.clone(), toasts.clone());
            async move {
                let outcome = api::download(&path, &name).await;
                if let Err(error) = &outcome {
                    toasts.trouble(error.words(lang));
                }
                outcome
            }
        }
    };
    let dossier =
        use_mutation(fetch.clone()(format!("/matters/{id}/dossier.zip"), format!("{}-{number}.zip", m::DOSSIER.in_lang(lang))), Callback::noop());
    let proof = use_mutation(fetch(format!("/matters/{id}/proof"), format!("{}-{number}.json", m::PROOF.in_lang(lang))), Callback::noop());
    let button = |label: shared::kernel::text::Message, about: shared::kernel::text::Message, busy: bool, run: &Callback<()>| {
        html! {
            <Button tone={Tone::Quiet} class={props.class.clone()} {busy} title={about.in_lang(lang)} onclick={run.reform(|_: MouseEvent| ())}>{ label.in_lang(lang) }</Button>
        }
    };
    html! {
        <span class={classes!("row-actions", props.class.clone())}>
            { button(m::DOSSIER_DOWNLOAD, m::DOSSIER_ABOUT, dossier.busy, &dossier.run) }
            { button(m::PROOF, m::PROOF_ABOUT, proof.busy, &proof.run) }
        </span>
    }
}

/// More units than these that only read stand in one line.
const READERS: usize = 5;

/// Who takes part, and who used the days.
#[component]
fn Parties(props: &MatterProps) -> Html {
    let lang = use_lang();
    let matter = &props.matter;
    let most = matter.parties.iter().map(|party| party.held_days).max().unwrap_or(0).max(1);
    // A published list has gone to all members: who only reads is one line.
    let reads = |party: &&PartyView| party.parts == [Part::Copied] && party.held_days == 0;
    let readers: Vec<&str> = matter.parties.iter().filter(reads).map(|party| unit_words(&party.unit, lang)).collect();
    let many = readers.len() > READERS;
    let names = readers.join(if lang == Lang::Zh { "、" } else { ", " });
    let copied = m::COPIED_N.fill(lang, &[&readers.len().to_string()]);
    html! {
        <Card title={m::PARTIES.in_lang(lang)} flush=true>
            <table>
                <thead><tr><th>{ m::COLUMN_UNIT.in_lang(lang) }</th><th>{ m::COLUMN_PART.in_lang(lang) }</th><th class="hide-s">{ m::COLUMN_PERSON.in_lang(lang) }</th><th>{ m::COLUMN_HELD.in_lang(lang) }</th></tr></thead>
                <tbody>{ for matter.parties.iter().filter(|party| !many || !reads(party)).map(|party| {
                    let holds = matter.item.holder.as_ref().is_some_and(|holder| holder.unit.code == party.unit.code);
                    let name = unit_words(&party.unit, lang).to_owned();
                    let parts = party.parts.iter().map(|part| part_words(*part).in_lang(lang)).collect::<Vec<_>>().join(if lang == Lang::Zh { "、" } else { ", " });
                    let parts = match (parts.is_empty(), party.held_days) {
                        (false, _) => parts,
                        (true, 0) => m::PART_PAST.in_lang(lang).to_owned(),
                        (true, _) => m::PART_HELD.in_lang(lang).to_owned(),
                    };
                    let width = (party.held_days * 100 / most).to_string();
                    html! {
                        <tr key={party.unit.code.clone()}>
                            <td>{ if holds { html! { <b>{ name }</b> } } else { html! { <span>{ name }</span> } } }</td>
                            <td>{ parts }</td>
                            <td class="hide-s">{ party.person.as_ref().map_or_else(|| "—".to_owned(), |person| person.name.clone()) }</td>
                            <td class="num">
                                <div class="held">
                                    <span>{ if party.held_days > 0 { m::N_DAYS.fill(lang, &[&party.held_days.to_string()]) } else { "—".to_owned() } }</span>
                                    <svg class="hide-s" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width={width} height="8" rx="2" fill="currentColor" opacity="0.35" /></svg>
                                </div>
                            </td>
                        </tr>
                    }
                }) }</tbody>
            </table>
            <details class="pad" hidden={!many}><summary>{ copied }</summary><p>{ names }</p></details>
        </Card>
    }
}

/// What the header of every matter says, as far as it was filled in.
fn header(matter: &MatterDetail) -> Vec<(Field, Value)> {
    let value = |field: &Field| match field.name.as_str() {
        "domains" => Some(json!(matter.domains)),
        "main_task" => Some(json!(matter.main_task)),
        "summary" => Some(json!(matter.summary)),
        // The urgency stands above, and the word that nothing is secret was given.
        _ => None,
    };
    let said = common::fields().into_iter().filter_map(|field| value(&field).map(|value| (field, value)));
    said.filter(|(_, value)| !values::is_blank(value)).collect()
}

/// Children and linked matters.
#[component]
fn Related(props: &MatterProps) -> Html {
    let lang = use_lang();
    let matter = &props.matter;
    let children: Vec<Rc<_>> = matter.children.iter().cloned().map(Rc::new).collect();
    // The list of matters has the others, page by page.
    let more = if i64::try_from(children.len()).is_ok_and(|shown| shown < matter.children_total) {
        let words = m::CHILDREN_ALL.fill(lang, &[&matter.children_total.to_string(), &children.len().to_string()]);
        html! { <p class="sub pad"><A href={format!("/list/{}?parent={}", children.first().map(|child| child.kind.clone()).unwrap_or_default(), matter.item.id)}>{ words }</A></p> }
    } else {
        html! { <span></span> }
    };
    html! {
        <div class="stack">
            <div hidden={children.is_empty()}><Card title={m::CHILDREN.fill(lang, &[&matter.children_total.to_string()])} flush=true><MatterBriefs items={children.clone()} />{ more.clone() }</Card></div>
            <LinksCard matter={matter.clone()} changed={props.changed.clone()} />
        </div>
    }
}

#[component]
fn Precedents(props: &MatterProps) -> Html {
    let lang = use_lang();
    let precedents = &props.matter.precedents;
    html! {
        <div hidden={precedents.is_empty()}>
            <Card title={m::PRECEDENTS.in_lang(lang)} flush=true>
                <ul class="brief">{ for precedents.iter().enumerate().map(|(index, precedent)| html! {
                    <li key={index}><b>{ unit_words(&precedent.unit, lang).to_owned() }</b><span>{ &precedent.grounds }</span>
                    <span class="sub">{ format!("{} · {}", precedent.title, crate::kernel::dates::day(crate::kernel::dates::local(precedent.ruled_at).date(), lang)) }</span></li>
                }) }</ul>
            </Card>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct AccessDialogProps {
    id: String,
    close: Callback<()>,
}

/// 谁能看到: each person with the reasons.
#[component]
fn AccessDialog(props: &AccessDialogProps) -> Html {
    let lang = use_lang();
    let entries = use_query::<api::Listing<AccessEntry>>(Some(format!("/matters/{}/access", props.id)));
    let inside = match &entries.state {
        Fetched::Loading => html! { <Skeleton /> },
        Fetched::Failed(error) => html! { <Trouble error={error.clone()} retry={Some(entries.reload.clone())} /> },
        Fetched::Ready(entries) => html! {
            <table class="small">
                <thead><tr><th>{ m::COLUMN_UNIT.in_lang(lang) }</th><th>{ m::COLUMN_NAME.in_lang(lang) }</th><th>{ m::COLUMN_WHY.in_lang(lang) }</th></tr></thead>
                <tbody>{ for (**entries).clone().into_items().into_iter().map(|entry| html! {
                    <tr key={entry.user.id.to_string()}><td>{ unit_words(&entry.user.unit, lang).to_owned() }</td><td>{ &entry.user.name }</td>
                    <td>{ entry.reasons.iter().map(|reason| reason.in_lang(lang)).collect::<Vec<_>>().join("；") }</td></tr>
                }) }</tbody>
            </table>
        },
    };
    html! { <Dialog wide=true title={m::WHO_SEES.in_lang(lang)} close={props.close.clone()}><p class="sub">{ m::WHO_SEES_LINE.in_lang(lang) }</p><div>{ inside }</div></Dialog> }
}
