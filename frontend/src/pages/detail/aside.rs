//! Beside the matter: whose turn, until when and why then, what can be done.

use super::story::refusal_words;
use crate::{
    kernel::{
        dates,
        hooks::{Fetched, use_query},
        i18n::use_lang,
        session::{unit_words, use_session},
    },
    ui::{Card, Skeleton, Tone, Trouble, lamp_words},
};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;
use shared::kernel::{
    api::{ClockView, MatterDetail},
    messages as m,
    text::{Lang, Text},
    workflow::ActionView,
};
use std::rc::Rc;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct AsideProps {
    pub matter: Rc<MatterDetail>,
}

/// One character that stands for a unit: the first that isn't 市, 县 or 区.
fn initial(name: &str) -> String {
    name.chars().find(|c| !matches!(c, '市' | '县' | '区' | ' ')).map(String::from).unwrap_or_default()
}

#[component]
pub fn HolderCard(props: &AsideProps) -> Html {
    let (lang, session) = (use_lang(), use_session());
    let matter = &props.matter;
    // What the holder owes next, when it isn't the due day beside.
    let until = matter
        .item
        .limit
        .as_ref()
        .map(|limit| format!("{} {} · {}", limit.name.in_lang(lang), dates::day(limit.due.date, lang), lamp_words(&limit.due, lang)));
    let inside = match &matter.item.holder {
        Some(holder) => {
            let unit = unit_words(&holder.unit, lang);
            let name = holder.person.as_ref().map_or_else(|| unit.to_owned(), |person| format!("{unit} · {}", person.name));
            let since = dates::day(dates::local(holder.since).date(), lang);
            html! {
                <div class="holder"><span class="avatar" aria-hidden="true">{ initial(unit) }</span>
                <div><b>{ name }</b><div class="sub">{ m::HELD_SINCE.fill(lang, &[&since, &holder.days.to_string()]) }</div><div hidden={until.is_none()}>{ until.clone().unwrap_or_default() }</div></div></div>
            }
        }
        None => {
            html! { <div class="holder"><div><b>{ m::NOBODY_HOLDS.in_lang(lang) }</b><div class="sub">{ matter.item.state_label.in_lang(lang).to_owned() }</div></div></div> }
        }
    };
    // Whoever has it back wants to know why before anything else.
    let refused = matter.handovers.iter().max_by_key(|handover| handover.sent_at).filter(|last| last.state == "refused" && matter.item.is_open);
    let why = refused.zip(session.as_ref()).map(|(last, session)| {
        format!("{}{}{}", m::REFUSED_BY.fill(lang, &[unit_words(&last.to, lang)]), lang.colon(), refusal_words(last, session, lang))
    });
    html! {
        <Card>
            <p class="eyebrow">{ m::TURN_OF.in_lang(lang) }</p>{ inside }
            <p class="note" hidden={why.is_none()}>{ why.clone().unwrap_or_default() }</p>
        </Card>
    }
}

fn clock_outcome(clock: &ClockView, lang: Lang) -> String {
    match (clock.state.as_str(), clock.met) {
        ("reported", _) => m::LAMP_REPORTED.in_lang(lang).to_owned(),
        ("replaced", _) => m::CLOCK_REPLACED.in_lang(lang).to_owned(),
        ("paused", _) => m::LAMP_PAUSED.in_lang(lang).to_owned(),
        ("stopped", Some(true)) => m::CLOCK_MET.in_lang(lang).to_owned(),
        ("stopped", Some(false)) => m::CLOCK_MISSED.in_lang(lang).to_owned(),
        ("stopped", None) => m::CLOCK_STOPPED.in_lang(lang).to_owned(),
        _ => lamp_words(&clock.due, lang),
    }
}

fn clock_line(clock: &ClockView, lang: Lang) -> String {
    format!("{} · {}", dates::day(clock.due.date, lang), clock_outcome(clock, lang))
}

/// The due date with its computation, then the other clocks. Of what is over it says when it ended and whether in time.
#[component]
pub fn DueCard(props: &AsideProps) -> Html {
    let lang = use_lang();
    let matter = &props.matter;
    let running = |clock: &&ClockView| !matches!(clock.state.as_str(), "stopped" | "replaced");
    let main = matter.clocks.iter().filter(running).find(|clock| clock.main).or_else(|| matter.clocks.iter().rfind(|clock| clock.main));
    let others: Vec<&ClockView> = matter.clocks.iter().filter(|clock| main.is_none_or(|main| main.id != clock.id)).collect();
    let inside = match main {
        Some(clock) => {
            let ended = clock.stopped_at.filter(|_| clock.state == "stopped").map(|at| dates::local(at).date());
            let (eyebrow, day, line) = match ended {
                Some(ended) => (m::ENDED_ON.fill(lang, &[clock.name.in_lang(lang)]), ended, ended_words(clock, ended, lang)),
                None if clock.due.days_left >= 0 && clock.due.working_days_left > 0 => (
                    clock.name.in_lang(lang).to_owned(),
                    clock.due.date,
                    m::WORKING_DAYS_LEFT.fill(lang, &[&clock.due.working_days_left.to_string()]),
                ),
                None => (clock.name.in_lang(lang).to_owned(), clock.due.date, clock_outcome(clock, lang)),
            };
            html! {
                <>
                    <p class="eyebrow">{ eyebrow }</p>
                    <div class="big">{ dates::day(day, lang) }</div>
                    <div class="sub">{ format!("{} · {line}", dates::weekday(day, lang)) }</div>
                    <p class="note" hidden={ended.is_some() || !clock.due.provisional}>{ m::PROVISIONAL.in_lang(lang) }</p>
                    <Why key={clock.id.to_string()} matter={matter.item.id.to_string()} clock={clock.id.to_string()} open={ended.is_none()} folded=true />
                </>
            }
        }
        None => html! {
            <>
                <p class="eyebrow">{ m::COLUMN_DUE.in_lang(lang) }</p>
                <div class="big">{ matter.item.due_at.map_or_else(|| m::LAMP_STANDING.in_lang(lang).to_owned(), |date| dates::day(date, lang)) }</div>
            </>
        },
    };
    html! {
        <Card>
            <div>{ inside }</div>
            <div>{ for matter.extension.iter().map(|extension| html! {
                <p key="extension" class="note">{ m::EXTENSION_ASKED.fill(lang, &[&dates::day(extension.new_due, lang), &extension.reason_text]) }</p>
            }) }</div>
            <div>{ for others.iter().map(|clock| html! {
                <details key={clock.id.to_string()} class="why">
                    <summary>{ clock.name.in_lang(lang).to_owned() }<span class="sub">{ format!("　{}", clock_line(clock, lang)) }</span></summary>
                    <Why matter={matter.item.id.to_string()} clock={clock.id.to_string()} />
                </details>
            }) }</div>
        </Card>
    }
}

/// Whether a clock that was stopped was met, and by which date it had to be.
fn ended_words(clock: &ClockView, ended: NaiveDate, lang: Lang) -> String {
    let due = dates::day(clock.due.date, lang);
    match clock.met {
        Some(true) => m::ENDED_IN_TIME.fill(lang, &[&due]),
        Some(false) => m::ENDED_LATE.fill(lang, &[&(ended - clock.due.date).num_days().max(1).to_string(), &due]),
        None => m::ENDED_STOPPED.fill(lang, &[&due]),
    }
}

/// What is shown of a `ClockExplanation`: its rule carries much more.
#[derive(Deserialize)]
struct ClockWhy {
    sentences: Vec<Text>,
    calendar_edition: String,
    rule: Value,
}

#[derive(Properties, PartialEq)]
struct WhyProps {
    matter: String,
    clock: String,
    /// Behind a heading of its own.
    #[prop_or_default]
    folded: bool,
    #[prop_or_default]
    open: bool,
}

/// 怎么算出来的: the steps of the count, and the law's own words.
#[component]
fn Why(props: &WhyProps) -> Html {
    let lang = use_lang();
    let explanation = use_query::<ClockWhy>(Some(format!("/matters/{}/clocks/{}", props.matter, props.clock)));
    let inside = match &explanation.state {
        Fetched::Loading => html! { <Skeleton lines={3} /> },
        Fetched::Failed(error) => html! { <Trouble error={error.clone()} retry={Some(explanation.reload.clone())} /> },
        Fetched::Ready(explanation) => {
            let member = |name: &str| explanation.rule.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (law, article, words) = (member("law"), member("article"), member("clause_text"));
            let unverified = member("source") == "memory";
            html! {
                <>
                    <ol class="calc">{ for explanation.sentences.iter().enumerate().map(|(index, sentence)| html! { <li key={index}>{ sentence.in_lang(lang).to_owned() }</li> }) }</ol>
                    <p class="law" hidden={law.is_empty() && words.is_empty()}>
                        <span hidden={words.is_empty()} lang="zh-CN">{ format!("“{words}”") }<br /></span>
                        <span lang="zh-CN">{ format!("{law} {article}") }</span>{ " " }<span class="tag" hidden={!unverified}>{ m::LAW_UNVERIFIED.in_lang(lang) }</span>
                    </p>
                    <p class="read">{ m::CALENDAR_EDITION.fill(lang, &[&explanation.calendar_edition]) }</p>
                </>
            }
        }
    };
    if props.folded {
        html! { <details class="why" open={props.open}><summary>{ m::HOW_COUNTED.in_lang(lang) }</summary><div>{ inside }</div></details> }
    } else {
        html! { <div>{ inside }</div> }
    }
}

#[derive(Properties, PartialEq)]
pub struct ActionPanelProps {
    pub matter: Rc<MatterDetail>,
    pub act: Callback<ActionView>,
    /// Without the card around, for the phone's dialog.
    #[prop_or_default]
    pub bare: bool,
}

/// What can be done, first; what we can't now, in grey with the reason; what is for others, folded.
#[component]
pub fn ActionPanel(props: &ActionPanelProps) -> Html {
    let lang = use_lang();
    let actions = &props.matter.actions;
    // One primary button only, however many steps call themselves so.
    let first = actions.iter().find(|action| action.enabled && action.primary).map(|action| action.action.clone());
    let button = |action: &ActionView| {
        let tone = if first.as_deref() == Some(action.action.as_str()) {
            Tone::Primary
        } else if action.danger && action.enabled {
            Tone::Danger
        } else {
            Tone::Plain
        };
        let why = match (&action.reason, &action.who) {
            (Some(reason), _) => reason.in_lang(lang).to_owned(),
            (None, Some(who)) => m::DONE_BY.fill(lang, &[who.in_lang(lang)]),
            _ => String::new(),
        };
        let onclick = {
            let (act, action) = (props.act.clone(), action.clone());
            Callback::from(move |_: MouseEvent| act.emit(action.clone()))
        };
        html! {
            <button key={action.action.clone()} type="button" class={tone.class()} disabled={!action.enabled} {onclick}>
                { action.label.in_lang(lang).to_owned() }<small>{ why }</small>
            </button>
        }
    };
    let (others, ours): (Vec<&ActionView>, Vec<&ActionView>) =
        actions.iter().partition(|action| !action.enabled && action.reason.is_none() && action.who.is_some());
    let list = html! {
        <>
            <div class="actions">
                { for ours.iter().copied().map(button) }
                <p key="none" class="sub" hidden={!ours.is_empty()}>{ m::NOTHING_TO_DO.in_lang(lang) }</p>
            </div>
            <details class="why" hidden={others.is_empty()}>
                <summary>{ m::DONE_BY_OTHERS.fill(lang, &[&others.len().to_string()]) }</summary>
                <div class="actions">{ for others.iter().copied().map(button) }</div>
            </details>
        </>
    };
    if props.bare {
        html! { <div>{ list }</div> }
    } else {
        html! { <Card class="no-print"><p class="eyebrow">{ m::WHAT_CAN_BE_DONE.in_lang(lang) }</p>{ list }</Card> }
    }
}
