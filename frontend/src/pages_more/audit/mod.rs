//! 审计日志: who did what to what, when and from where; and whether the chain of it is whole.

use super::kit::{
    A, DateBox, Empty, Fault, Head, Lamp, Modal, Tone, brief_name, count_words, labelled, labelled_for, listed, loaded, may, minute, on_change,
    on_choose, tr, use_lang, use_me, use_pages, use_query, use_task, use_title, use_url,
};
use crate::kernel::{api, toast::use_toasts};
use serde_json::json;
use shared::kernel::{
    api::{AuditEntry, ChainState, SealView},
    audit_words::fault_words,
    messages_more as M,
    role::Permission,
    text::{Lang, Text},
};
use std::{collections::BTreeMap, rc::Rc};
use yew::prelude::*;

const FILTERS: &[&str] = &["subject", "person", "action", "from", "to"];
/// Characters of a hash that are enough to compare two by eye.
const HASH_SHOWN: usize = 12;

fn short(hash: &str) -> String {
    hash.chars().take(HASH_SHOWN).collect()
}

#[component]
pub fn AuditPage() -> Html {
    let lang = use_lang();
    let t = tr(lang);
    let url = use_url();
    let entries = use_pages::<AuditEntry>(format!("/audit{}", url.only(FILTERS)));
    let filtered = FILTERS.iter().any(|name| !url.get(name).is_empty());
    use_title(t(M::AUDIT).to_owned());
    let clear = {
        let url = url.clone();
        Callback::from(move |_: MouseEvent| url.clear())
    };
    // The acts there are: those seen so far, since the server has no list of them. Their words, not their codes, are chosen from.
    let seen = use_mut_ref(BTreeMap::<String, Text>::new);
    seen.borrow_mut().extend(entries.items.iter().map(|entry| (entry.action.clone(), entry.label.clone())));
    let mut acts: Vec<(String, Text)> = seen.borrow().iter().map(|(code, label)| (code.clone(), label.clone())).collect();
    acts.sort_by(|a, b| a.1.in_lang(lang).cmp(b.1.in_lang(lang)));
    let onact = {
        let url = url.clone();
        on_choose(Callback::from(move |code: String| url.set("action", &code)))
    };
    let field = |name: &'static str, label| {
        let url = url.clone();
        let value = url.get(name).to_owned();
        let onchange = on_change(Callback::from(move |value: String| url.set(name, value.trim())));
        html! { <div key={name} class="m-filter">{ labelled(t(label), "", html! { <input class="input" type="search" {value} maxlength="100" {onchange} /> }) }</div> }
    };
    let day = |name: &'static str, label| {
        let url = url.clone();
        let value = url.get(name).to_owned();
        let set = Callback::from(move |day: String| url.set(name, &day));
        html! { <div key={name} class="m-filter">{ labelled_for(name, t(label), "", html! { <DateBox id={name} {value} {set} /> }) }</div> }
    };
    html! {
        <div class="m-page">
            <Head title={t(M::AUDIT)} sub={t(M::AUDIT_SUB)} />
            <ChainCard {lang} />
            <SealsCard {lang} />
            <div class="m-filters no-print" role="search" aria-label={t(M::FILTER)}>
                { field("subject", M::AUDIT_SUBJECT) }
                { field("person", M::PERSON) }
                <div key="action" class="m-filter">{ labelled(t(M::ACTION), "", html! {
                    <select class="input" onchange={onact}>
                        <option value="" selected={url.get("action").is_empty()}>{ t(M::ALL_ACTS) }</option>
                        { for acts.iter().map(|(code, label)| html! { <option key={code.clone()} value={code.clone()} selected={url.get("action") == code}>{ label.in_lang(lang).to_owned() }</option> }) }
                    </select>
                }) }</div>
                { day("from", M::FROM_DAY) }
                { day("to", M::TO_DAY) }
                <button key="clear" class="btn" type="button" disabled={!filtered} onclick={clear}>{ t(M::CLEAR_FILTERS) }</button>
            </div>
            <section class="card">
                { listed(&entries, |entries| {
                    if entries.is_empty() {
                        return html! { <Empty title={t(if filtered { M::AUDIT_NONE_FILTERED } else { M::AUDIT_NONE })} /> };
                    }
                    html! {
                        <table class="m-cards">
                            <thead><tr><th>{ t(M::WHEN) }</th><th>{ t(M::ACTION) }</th><th>{ t(M::AUDIT_SUBJECT) }</th><th>{ t(M::PERSON) }</th><th>{ t(M::ADDRESS) }</th><th>{ t(M::HASH) }</th></tr></thead>
                            <tbody>{ for entries.iter().map(|entry| html! { <Entry key={entry.id.to_string()} entry={Rc::clone(entry)} {lang} /> }) }</tbody>
                        </table>
                    }
                }) }
            </section>
        </div>
    }
}

#[derive(Properties)]
struct EntryProps {
    entry: Rc<AuditEntry>,
    lang: Lang,
}

impl PartialEq for EntryProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.entry, &other.entry) && self.lang == other.lang
    }
}

#[component]
fn Entry(props: &EntryProps) -> Html {
    let (entry, lang) = (&props.entry, props.lang);
    let t = tr(lang);
    let subject = match entry.matter {
        Some(matter) => html! { <A href={format!("/matters/{matter}")}>{ &entry.subject }</A> },
        None if entry.subject.is_empty() => html! { "—" },
        None => html! { <span>{ &entry.subject }</span> },
    };
    let person = entry.person.clone().unwrap_or_else(|| t(M::SYSTEM).to_owned());
    let unit = entry.unit.as_ref().map(|unit| brief_name(unit, lang)).unwrap_or_default();
    let behalf = entry.on_behalf_of.as_ref().map(|name| M::ON_BEHALF_OF.fill(lang, &[name])).unwrap_or_default();
    html! {
        <tr>
            <td class="num" data-label={t(M::WHEN)}>{ minute(entry.at) }</td>
            <td class="title" data-label={t(M::ACTION)}>{ entry.label.in_lang(lang) }</td>
            <td data-label={t(M::AUDIT_SUBJECT)}>{ subject }</td>
            <td data-label={t(M::PERSON)}>{ person }<small class="m-under">{ unit }</small><small class="m-under">{ behalf }</small></td>
            <td class="num sub" data-label={t(M::ADDRESS)}>{ entry.address.clone().unwrap_or_else(|| "—".to_owned()) }</td>
            <td data-label={t(M::HASH)}><code class="m-hash" title={entry.hash.clone()}>{ short(&entry.hash) }</code><small class="m-under">{ t(if entry.sealed { M::SEALED } else { M::NOT_SEALED }) }</small></td>
        </tr>
    }
}

#[derive(Properties, PartialEq)]
struct ChainProps {
    lang: Lang,
}

#[component]
fn ChainCard(props: &ChainProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let chain = use_query::<ChainState>(Some("/audit/chain".to_owned()));
    let verified = use_state(|| None::<Rc<ChainState>>);
    let task = use_task();
    let verify = {
        let (task, verified) = (task.clone(), verified.clone());
        Callback::from(move |_: MouseEvent| {
            let verified = verified.clone();
            task.run(async move {
                let state: ChainState = api::post("/audit/verify", &json!({})).await?;
                verified.set(Some(Rc::new(state)));
                Ok(())
            });
        })
    };
    let just_now = verified.is_some();
    let busy = task.busy;
    html! {
        <section class="card m-chain">
            <header><h2>{ t(M::CHAIN) }</h2><button class="btn no-print" type="button" disabled={busy} onclick={verify}>{ t(if busy { M::VERIFYING } else { M::VERIFY_NOW }) }</button></header>
            <div class="pad">
                { loaded(&chain, |known| {
                    let state = (*verified).clone().unwrap_or(known);
                    let sealed = state.last_seal_at.map_or_else(|| t(M::NEVER).to_owned(), minute);
                    let verdict = match &state.fault {
                        Some(fault) => html! { <><Lamp tone={Tone::Late}>{ t(M::CHAIN_BROKEN) }</Lamp><p class="m-bad">{ t(M::CHAIN_BROKEN_WHAT) }</p><p>{ M::CHAIN_BROKEN_WHERE.fill(lang, &[&fault_words(fault, lang)]) }</p></> },
                        None => html! { <><Lamp tone={Tone::Ok}>{ t(if just_now { M::CHAIN_WHOLE_NOW } else { M::CHAIN_WHOLE }) }</Lamp><p></p></> },
                    };
                    html! {
                        <>
                            <div role="status">{ verdict }</div>
                            <dl class="facts">
                                <dt>{ t(M::CHAIN_EVENTS) }</dt><dd class="num">{ M::CHAIN_EVENTS_OF.fill(lang, &[&state.events.to_string(), &state.unsealed.to_string()]) }</dd>
                                <dt>{ t(M::CHAIN_SEALS) }</dt><dd class="num">{ count_words(M::CHAIN_LAST, lang, state.seals).replace("{1}", &sealed) }</dd>
                                <dt>{ t(M::CHAIN_ROOT) }</dt><dd><code class="m-hash">{ state.last_root.clone().unwrap_or_else(|| "—".to_owned()) }</code></dd>
                            </dl>
                        </>
                    }
                }) }
                <Fault fault={task.fault.clone()} {lang} />
            </div>
        </section>
    }
}

/// The seals, folded: one is made each minute in which something happened.
#[component]
fn SealsCard(props: &ChainProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let me = use_me();
    let open = use_state_eq(|| false);
    let exporting = use_state_eq(|| false);
    let ontoggle = {
        let open = open.clone();
        Callback::from(move |event: Event| {
            if let Some(details) = event.target_dyn_into::<web_sys::Element>() {
                open.set(details.has_attribute("open"));
            }
        })
    };
    let show = |shown: bool| {
        let exporting = exporting.clone();
        Callback::from(move |()| exporting.set(shown))
    };
    let may_export = may(me.as_deref(), Permission::AuditExport);
    html! {
        <section class="card m-chain">
            <header>
                <h2>{ t(M::SEALS) }</h2>
                <button class="btn no-print" type="button" hidden={!may_export} onclick={show(true).reform(|_: MouseEvent| ())}>{ t(M::SEALS_EXPORT) }</button>
            </header>
            <div class="pad">
                <p class="sub">{ t(M::SEALS_WHAT) }</p>
                <p class="sub" hidden={may_export}>{ t(M::SEALS_WHO) }</p>
                <details class="m-behind" {ontoggle}>
                    <summary>{ t(M::SEALS_LIST) }</summary>
                    <div>
                        if *open {
                            <SealList {lang} />
                        }
                    </div>
                </details>
            </div>
            <Modal open={*exporting} title={t(M::SEALS_EXPORT)} on_close={show(false)}>
                <SealExport {lang} done={show(false)} />
            </Modal>
        </section>
    }
}

#[component]
fn SealList(props: &ChainProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let seals = use_pages::<SealView>("/audit/seals?limit=20".to_owned());
    listed(&seals, |seals| {
        if seals.is_empty() {
            return html! { <Empty title={t(M::SEALS_NONE)} text={t(M::SEALS_NONE_WHY)} /> };
        }
        html! {
            <table class="m-cards small">
                <thead><tr><th>{ t(M::SEAL_NUMBER) }</th><th>{ t(M::WHEN) }</th><th>{ t(M::SEAL_EVENTS) }</th><th>{ t(M::SEAL_ROOT) }</th><th>{ t(M::SEAL_PREVIOUS) }</th></tr></thead>
                <tbody>{ for seals.iter().map(|seal| html! {
                    <tr key={seal.seq}>
                        <td class="title num" data-label={t(M::SEAL_NUMBER)}>{ M::SEAL_N.fill(lang, &[&seal.seq.to_string()]) }</td>
                        <td class="num" data-label={t(M::WHEN)}>{ minute(seal.at) }</td>
                        <td class="num" data-label={t(M::SEAL_EVENTS)}>{ seal.events }</td>
                        <td data-label={t(M::SEAL_ROOT)}><code class="m-hash" title={seal.root.clone()}>{ short(&seal.root) }</code></td>
                        <td data-label={t(M::SEAL_PREVIOUS)}><code class="m-hash" title={seal.previous.clone()}>{ if seal.previous.is_empty() { "—".to_owned() } else { short(&seal.previous) } }</code></td>
                    </tr>
                }) }</tbody>
            </table>
        }
    })
}

#[derive(Properties, PartialEq)]
struct SealExportProps {
    lang: Lang,
    done: Callback<()>,
}

/// A file that is kept outside, so that even somebody with the server's key can't rewrite what lies under it unseen.
#[component]
fn SealExport(props: &SealExportProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let after = use_node_ref();
    let (task, toasts) = (use_task(), use_toasts());
    let onsubmit = {
        let (task, after, done) = (task.clone(), after.clone(), props.done.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let after = after.cast::<web_sys::HtmlInputElement>().and_then(|input| input.value().trim().parse::<i64>().ok()).unwrap_or(0).max(0);
            let (toasts, done) = (toasts.clone(), done.clone());
            task.run(async move {
                let day = crate::kernel::dates::today();
                api::download(&format!("/audit/seals.json?after={after}"), &format!("seals-{}-{day}.json", after + 1)).await?;
                toasts.done(M::SEALS_EXPORTED.in_lang(lang));
                done.emit(());
                Ok(())
            });
        })
    };
    html! {
        <form {onsubmit}>
            <p>{ t(M::SEALS_FOR) }</p>
            <p class="sub">{ t(M::SEALS_HOW) }</p>
            { labelled(t(M::SEALS_AFTER), t(M::SEALS_AFTER_HINT), html! { <input ref={after} class="input m-narrow" type="number" inputmode="numeric" min="0" step="1" /> }) }
            <Fault fault={task.fault.clone()} {lang} />
            <div class="row-actions m-end">
                <button class="btn" type="button" onclick={props.done.reform(|_: MouseEvent| ())}>{ t(M::CANCEL) }</button>
                <button class="btn primary" type="submit" disabled={task.busy} aria-busy={task.busy.then_some("true")}>{ t(if task.busy { M::SEALS_EXPORTING } else { M::SEALS_DOWNLOAD }) }</button>
            </div>
        </form>
    }
}
