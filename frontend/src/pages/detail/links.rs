//! Links to other matters, and making one: found by number or words, only among what can be seen.

use crate::{
    kernel::{
        api,
        hooks::{Fetched, use_mutation, use_query},
        i18n::use_lang,
        query::encode,
        router::A,
    },
    ui::{Button, Card, Dialog, MatterLamp, Skeleton, Tone, Trouble, target_value},
};
use serde_json::{Value, json};
use shared::kernel::{
    api::{MatterDetail, Page, SearchHit},
    messages as m,
    text::{Lang, Message},
};
use std::rc::Rc;
use yew::prelude::*;

/// What the server knows, in the order of use.
const RELATIONS: [(&str, Message); 5] = [
    ("same_subject", m::REL_SAME_SUBJECT),
    ("derived_from", m::REL_DERIVED_FROM),
    ("evidence_for", m::REL_EVIDENCE_FOR),
    ("duplicates", m::REL_DUPLICATES),
    ("precedent", m::REL_PRECEDENT),
];

fn relation_words(code: &str, lang: Lang) -> &'static str {
    RELATIONS.iter().find(|(known, _)| *known == code).map_or(m::REL_OTHER, |(_, words)| *words).in_lang(lang)
}

#[derive(Properties, PartialEq)]
pub struct LinksCardProps {
    pub matter: Rc<MatterDetail>,
    pub changed: Callback<()>,
}

#[component]
pub fn LinksCard(props: &LinksCardProps) -> Html {
    let lang = use_lang();
    let adding = use_state_eq(|| false);
    let open = {
        let adding = adding.clone();
        Callback::from(move |_: MouseEvent| adding.set(true))
    };
    let close = {
        let adding = adding.clone();
        Callback::from(move |()| adding.set(false))
    };
    let more = i64::try_from(props.matter.links.len()).is_ok_and(|shown| shown < props.matter.links_total);
    let side =
        html! { <Button tone={Tone::Quiet} class="no-print" onclick={open} disabled={!props.matter.is_party}>{ m::LINK_ADD.in_lang(lang) }</Button> };
    html! {
        <div>
            <Card title={m::LINKS.in_lang(lang)} class={classes!(props.matter.links.is_empty().then_some("no-print"))} flush=true {side}>
                <ul class="brief" hidden={props.matter.links.is_empty()}>{ for props.matter.links.iter().map(|link| html! {
                    <li key={format!("{}-{}", link.relation, link.matter.id)}>
                        <div class="line"><A href={format!("/matters/{}", link.matter.id)}>{ &link.matter.title }</A><MatterLamp item={Rc::new(link.matter.clone())} /></div>
                        <span class="sub">{ format!("{} · {} · {}", relation_words(&link.relation, lang), link.matter.number.clone().unwrap_or_default(), link.matter.state_label.in_lang(lang)) }</span>
                    </li>
                }) }</ul>
                <p class="sub pad" hidden={!more}>{ m::LINKS_MORE.fill(lang, &[&props.matter.links_total.to_string(), &props.matter.links.len().to_string()]) }</p>
            </Card>
            <div class="overlays">
                if *adding {
                    <LinkDialog id={props.matter.item.id.to_string()} {close} changed={props.changed.clone()} />
                }
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct LinkDialogProps {
    id: String,
    close: Callback<()>,
    changed: Callback<()>,
}

#[component]
fn LinkDialog(props: &LinkDialogProps) -> Html {
    let lang = use_lang();
    let words = use_state(String::new);
    let relation = use_state(|| RELATIONS[0].0.to_owned());
    let wanted = words.trim().to_owned();
    let found = use_query::<Page<SearchHit>>((wanted.chars().count() >= 2).then(|| format!("/search?limit=10&q={}", encode(&wanted))));
    let link = {
        let (path, close, changed) = (format!("/matters/{}/links", props.id), props.close.clone(), props.changed.clone());
        use_mutation(
            move |(matter, relation): (String, String)| {
                let path = path.clone();
                async move { api::post::<_, Value>(&path, &json!({ "matter": matter, "relation": relation })).await }
            },
            Callback::from(move |_| {
                close.emit(());
                changed.emit(());
            }),
        )
    };
    let oninput = {
        let words = words.clone();
        Callback::from(move |event: InputEvent| words.set(target_value(&event)))
    };
    let onchange = {
        let relation = relation.clone();
        Callback::from(move |event: Event| relation.set(target_value(&event)))
    };
    let hits: Vec<&SearchHit> =
        found.ready().map(|page| page.items.iter().filter(|hit| hit.item.id.to_string() != props.id).collect()).unwrap_or_default();
    let results = match &found.state {
        _ if wanted.chars().count() < 2 => html! { <p class="sub">{ m::LINK_FIND.in_lang(lang) }</p> },
        Fetched::Loading => html! { <Skeleton lines={3} /> },
        Fetched::Failed(error) => html! { <Trouble error={error.clone()} retry={Some(found.reload.clone())} /> },
        Fetched::Ready(_) if hits.is_empty() => html! { <p class="sub">{ m::LINK_NONE.in_lang(lang) }</p> },
        Fetched::Ready(_) => html! {
            <ul class="brief">{ for hits.iter().map(|hit| {
                let (id, relation) = (hit.item.id.to_string(), (*relation).clone());
                html! {
                    <li key={id.clone()}>
                        <div class="line"><span>{ &hit.item.title }</span><Button busy={link.busy} onclick={link.run.reform(move |_: MouseEvent| (id.clone(), relation.clone()))}>{ m::LINK_DO.in_lang(lang) }</Button></div>
                        <span class="sub">{ format!("{} · {}", hit.item.number.clone().unwrap_or_default(), hit.item.state_label.in_lang(lang)) }</span>
                    </li>
                }
            }) }</ul>
        },
    };
    html! {
        <Dialog wide=true title={m::LINK_ADD.in_lang(lang)} close={props.close.clone()}>
            <div class="stack">
                <div class="field">
                    <label class="label" for="link-relation">{ m::LINK_RELATION.in_lang(lang) }</label>
                    <select id="link-relation" {onchange}>{ for RELATIONS.iter().map(|(code, label)| html! { <option key={*code} value={*code} selected={*relation == *code}>{ label.in_lang(lang) }</option> }) }</select>
                </div>
                <div class="field">
                    <label class="label" for="link-words">{ m::LINK_FIND.in_lang(lang) }</label>
                    <input id="link-words" type="search" value={(*words).clone()} {oninput} autocomplete="off" />
                </div>
                <p class="error" role="alert">{ link.error.as_ref().map(|error| error.words(lang)).unwrap_or_default() }</p>
                <div>{ results }</div>
            </div>
        </Dialog>
    }
}
