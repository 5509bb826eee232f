//! What happened: the time line, the hand-overs, the asks.

use crate::{
    kernel::{
        dates,
        hooks::use_pages,
        i18n::use_lang,
        session::{Session, unit_words, use_kind},
        values,
    },
    ui::{Card, Lamp, More, Skeleton, Trouble},
};
use shared::kernel::{
    api::{AskView, EventView, HandoverView, MatterDetail},
    messages as m,
    text::Lang,
};
use std::rc::Rc;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct StoryProps {
    pub matter: Rc<MatterDetail>,
    pub session: Session,
}

#[component]
pub fn TimelineCard(props: &StoryProps) -> Html {
    let lang = use_lang();
    let matter = &props.matter;
    let events = use_pages::<EventView>(format!("/matters/{}/events?limit=50", matter.item.id));
    let first = use_mut_ref(|| true);
    use_effect_with((matter.item.version, matter.event_count), {
        let reload = events.reload.clone();
        move |_| {
            if !std::mem::replace(&mut *first.borrow_mut(), false) {
                reload.emit(());
            }
        }
    });
    // Newest first, whatever the order of the pages.
    let mut told = events.items.clone();
    told.sort_by_key(|event| std::cmp::Reverse(event.seq));
    html! {
        <Card title={m::TIMELINE.in_lang(lang)} side={html! { <span>{ m::N_EVENTS.fill(lang, &[&matter.event_count.to_string()]) }</span> }}>
            <div>
                if events.loading {
                    <Skeleton />
                } else if let Some(error) = events.error.clone() {
                    <Trouble {error} retry={Some(events.reload.clone())} />
                } else {
                    <ol class="time">{ for told.iter().map(|event| html! { <TimelineRow key={event.id.to_string()} event={event.clone()} session={props.session.clone()} /> }) }</ol>
                    <div hidden={events.more.is_none()}><More more={events.more.clone()} shown={told.len()} /></div>
                }
            </div>
        </Card>
    }
}

#[derive(Properties, PartialEq)]
struct TimelineRowProps {
    event: Rc<EventView>,
    session: Session,
}

#[component]
fn TimelineRow(props: &TimelineRowProps) -> Html {
    let lang = use_lang();
    let event = &props.event;
    let unit = event.unit.as_ref().map(|unit| unit_words(unit, lang).to_owned()).unwrap_or_default();
    let person = event.person.clone().unwrap_or_else(|| if event.unit.is_none() { m::THE_SYSTEM.in_lang(lang).to_owned() } else { String::new() });
    let moved = match (&event.from_state, &event.to_state) {
        (Some(from), Some(to)) if from != to => format!("{} → {}", from.in_lang(lang), to.in_lang(lang)),
        _ => String::new(),
    };
    let behalf = event.on_behalf_of.as_ref().map(|name| m::ON_BEHALF.fill(lang, &[name])).unwrap_or_default();
    html! {
        <li>
            <time datetime={event.at.to_rfc3339()}>{ dates::moment(event.at, lang) }</time><i></i>
            <div>
                <div>{ unit }{ " " }<b>{ person }</b>{ behalf }{ " " }{ event.label.in_lang(lang).to_owned() }{ " " }<span class="sub" title={event.hash.clone()}>{ moved }</span></div>
                { for event.details.iter().filter(|detail| !values::is_blank(&detail.value)).enumerate().map(|(index, detail)| html! {
                    <div key={index} class="sub">{ format!("{}{}", detail.label.in_lang(lang), lang.colon()) }{ values::show(detail.input.as_ref(), &detail.value, &props.session, lang) }</div>
                }) }
            </div>
        </li>
    }
}

/// Parallel answers: who was asked, who has answered, who is silent.
#[component]
pub fn AsksCard(props: &StoryProps) -> Html {
    let lang = use_lang();
    let matter = &props.matter;
    let kind = use_kind(&matter.item.kind);
    let step = |action: &str| kind.ready().and_then(|kind| kind.steps.iter().find(|step| step.action == action).cloned());
    let answered = matter.asks.iter().filter(|ask| ask.state == "answered").count();
    let state = |ask: &AskView| match ask.state.as_str() {
        "answered" => m::ASK_ANSWERED.in_lang(lang),
        "lapsed" => m::ASK_LAPSED.in_lang(lang),
        "withdrawn" => m::ASK_WITHDRAWN.in_lang(lang),
        "declined" => m::ASK_DECLINED.in_lang(lang),
        _ => m::ASK_OPEN.in_lang(lang),
    };
    html! {
        <div hidden={matter.asks.is_empty()}>
            <Card title={m::ASKS.in_lang(lang)} flush=true side={html! { <span>{ m::N_OF_M_ANSWERED.fill(lang, &[&answered.to_string(), &matter.asks.len().to_string()]) }</span> }}>
                <ul class="brief">{ for matter.asks.iter().map(|ask| {
                    let step = step(&ask.action);
                    html! {
                        <li key={ask.id.to_string()}>
                            <div class="line">
                                <span><b>{ unit_words(&ask.unit, lang).to_owned() }</b>{ " " }<span class="sub">{ step.as_ref().map(|step| step.label.in_lang(lang).to_owned()).unwrap_or_default() }</span></span>
                                <span>{ match (&ask.due, ask.state.as_str()) { (Some(due), "open") => html! { <Lamp due={due.clone()} /> }, _ => html! { <span class="tag">{ state(ask) }</span> } } }</span>
                            </div>
                            { for ask.answer.iter().flatten().filter(|(_, value)| !values::is_blank(value)).map(|(name, value)| {
                                let field = step.as_ref().and_then(|step| step.input.iter().find(|field| field.name == *name));
                                html! { <div key={name.clone()}>{ values::show(field.map(|field| &field.input), value, &props.session, lang) }</div> }
                            }) }
                            <span class="sub">{ match (&ask.answered_by, ask.answered_at) { (Some(by), Some(at)) => format!("{by} · {}", dates::moment(at, lang)), _ => String::new() } }</span>
                        </li>
                    }
                }) }</ul>
            </Card>
        </div>
    }
}

/// Why a hand-over was refused, and to whom it should go instead.
pub fn refusal_words(handover: &HandoverView, session: &Session, lang: Lang) -> String {
    let reason = handover.reason_code.as_ref().map(|code| session.any_label(code, lang).unwrap_or_default());
    let suggested = handover.suggested_unit.as_ref().map(|unit| m::SUGGESTED_UNIT.fill(lang, &[unit_words(unit, lang)]));
    let said = handover.reason_text.as_ref().map(|text| text.trim_end_matches(['。', '；', '.', ';', ' ']).to_owned());
    let why = [reason, said, suggested].into_iter().flatten().filter(|words| !words.is_empty());
    why.collect::<Vec<_>>().join(if lang == Lang::Zh { "；" } else { "; " })
}

#[component]
pub fn HandoversCard(props: &StoryProps) -> Html {
    let lang = use_lang();
    let matter = &props.matter;
    html! {
        <div hidden={matter.handovers.is_empty()}>
            <Card title={m::HANDOVERS.in_lang(lang)} flush=true>
                <ul class="brief">{ for matter.handovers.iter().map(|handover| {
                    let (words, class) = match handover.state.as_str() {
                        "received" => (m::HANDOVER_RECEIVED, "tag b"),
                        "refused" => (m::HANDOVER_REFUSED, "tag bad"),
                        "recalled" => (m::HANDOVER_RECALLED, "tag"),
                        "ruled" => (m::HANDOVER_RULED, "tag b"),
                        _ => (m::HANDOVER_SENT, "tag"),
                    };
                    html! {
                        <li key={handover.id.to_string()}>
                            <div class="line"><b>{ format!("{} → {}", unit_words(&handover.from, lang), unit_words(&handover.to, lang)) }</b><span class={class}>{ words.in_lang(lang) }</span></div>
                            <span>{ refusal_words(handover, &props.session, lang) }</span>
                            <span class="sub">{ format!("{}{}", dates::moment(handover.sent_at, lang), handover.ended_at.map(|at| format!(" → {}", dates::moment(at, lang))).unwrap_or_default()) }</span>
                        </li>
                    }
                }) }</ul>
            </Card>
        </div>
    }
}
