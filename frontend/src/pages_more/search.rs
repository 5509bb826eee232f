//! 搜索: matters found by their words, newest first, with the place where they were found.

use super::kit::{A, Empty, Head, brief_name, encode, labelled, listed, tr, use_go, use_lang, use_pages, use_title, use_url};
use crate::ui::MatterLamp;
use shared::kernel::{
    api::SearchHit,
    messages_more as M,
    text::Lang,
};
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// The snippet with its marked ranges; characters, not bytes. Ranges that overlap or lie outside are left plain.
fn marked(snippet: &str, marks: &[(u32, u32)]) -> Html {
    let place = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let in_mark = |index: usize| marks.iter().any(|&(start, length)| (place(start)..place(start).saturating_add(place(length))).contains(&index));
    let mut parts: Vec<(bool, String)> = Vec::new();
    for (index, character) in snippet.chars().enumerate() {
        let on = in_mark(index);
        match parts.last_mut() {
            Some((same, text)) if *same == on => text.push(character),
            _ => parts.push((on, character.to_string())),
        }
    }
    html! { <p class="m-snippet">{ for parts.into_iter().enumerate().map(|(index, (on, text))| {
        if on { html! { <mark key={index}>{ text }</mark> } } else { html! { <span key={index}>{ text }</span> } }
    }) }</p> }
}

fn help(lang: Lang) -> Html {
    let t = tr(lang);
    html! { <ul class="m-help"><li>{ t(M::SEARCH_HELP_WORDS) }</li><li>{ t(M::SEARCH_HELP_NUMBER) }</li><li>{ t(M::SEARCH_HELP_SCOPE) }</li></ul> }
}

#[component]
pub fn SearchPage() -> Html {
    let lang = use_lang();
    let t = tr(lang);
    let go = use_go();
    let q = use_url().get("q").trim().to_owned();
    let typed = use_node_ref();
    use_title(t(M::SEARCH).to_owned());
    let onsubmit = {
        let typed = typed.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(input) = typed.cast::<HtmlInputElement>() {
                go.to(&format!("/search?q={}", encode(input.value().trim())));
            }
        })
    };
    let results = if q.is_empty() {
        html! { <div key="none" class="card"><Empty title={t(M::SEARCH_START)}>{ help(lang) }</Empty></div> }
    } else {
        html! { <Results key="hits" q={q.clone()} {lang} /> }
    };
    html! {
        <div class="m-page">
            <Head title={t(M::SEARCH)} sub={if q.is_empty() { String::new() } else { M::SEARCH_FOR.fill(lang, &[&q]) }} />
            <form class="m-search" role="search" {onsubmit}>
                { labelled(t(M::SEARCH_LABEL), "", html! { <input key={q.clone()} ref={typed} class="input" type="search" value={q.clone()} maxlength="200" /> }) }
                <button class="btn primary" type="submit">{ t(M::SEARCH) }</button>
            </form>
            { results }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ResultsProps {
    q: AttrValue,
    lang: Lang,
}

#[component]
fn Results(props: &ResultsProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let hits = use_pages::<SearchHit>(format!("/search?q={}", encode(&props.q)));
    let results = listed(&hits, |hits| {
        if hits.is_empty() {
            return html! { <div class="card"><Empty title={M::SEARCH_NOTHING.fill(lang, &[&props.q])}>{ help(lang) }</Empty></div> };
        }
        html! { <ol class="m-hits">{ for hits.iter().map(|hit| {
            let holder = hit.item.holder.as_ref().map(|holder| brief_name(&holder.unit, lang));
            let aside: Vec<_> = [hit.item.number.clone(), holder, Some(hit.item.state_label.in_lang(lang).to_owned())].into_iter().flatten().collect();
            html! {
                <li key={hit.item.id.to_string()} class="card pad">
                    <div class="m-hit-head"><span class="tag b">{ hit.item.kind_name.in_lang(lang) }</span><MatterLamp item={Rc::new(hit.item.clone())} /></div>
                    <h2 class="m-hit-title"><A href={format!("/matters/{}", hit.item.id)}>{ &hit.item.title }</A></h2>
                    { marked(&hit.snippet, &hit.marks) }
                    <p class="sub">{ aside.join(t(M::DOT)) }</p>
                </li>
            }
        }) }</ol> }
    });
    html! { <div>{ results }</div> }
}
