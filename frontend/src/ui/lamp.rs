//! The lamp: how much time is left, by shape, colour and words.

use crate::kernel::{dates, i18n::use_lang, session::use_session};
use shared::kernel::{
    api::{DueView, MatterItem},
    calendar::Lamp as Light,
    messages as m,
    text::Lang,
};
use std::rc::Rc;
use yew::prelude::*;

/// Up to this many working days are told as working days; beyond, natural days say more.
const WORKING_DAYS_TOLD: i64 = 15;

pub fn lamp_words(due: &DueView, lang: Lang) -> String {
    let number = |days: i64| days.to_string();
    if let Some(instant) = due.instant {
        let hours = (instant - dates::now()).num_hours();
        if hours.abs() < 48 {
            let words = if instant < dates::now() { m::LAMP_OVERDUE_HOURS } else { m::LAMP_LEFT_HOURS };
            return words.fill(lang, &[&hours.abs().to_string()]);
        }
    }
    match due.days_left {
        days if days < 0 => m::LAMP_OVERDUE_DAYS.fill(lang, &[&number(-days)]),
        0 => m::LAMP_TODAY.in_lang(lang).to_owned(),
        days if due.working_days_left > 0 && due.working_days_left < days && due.working_days_left <= WORKING_DAYS_TOLD => {
            m::LAMP_LEFT_WORKING_DAYS.fill(lang, &[&number(due.working_days_left)])
        }
        days => m::LAMP_LEFT_DAYS.fill(lang, &[&number(days)]),
    }
}

const fn class(light: Light) -> &'static str {
    match light {
        Light::Red => "lamp late",
        Light::Yellow => "lamp warn",
        Light::Green => "lamp ok",
        Light::Grey => "lamp idle",
    }
}

#[derive(Properties, PartialEq)]
pub struct LampProps {
    pub due: DueView,
}

#[component]
pub fn Lamp(props: &LampProps) -> Html {
    let lang = use_lang();
    html! { <span class={class(props.due.lamp)} title={props.due.date.to_string()}>{ lamp_words(&props.due, lang) }</span> }
}

#[derive(Properties, PartialEq)]
pub struct MatterLampProps {
    pub item: Rc<MatterItem>,
}

/// The lamp of a matter: paused, closed and reported ones say so.
#[component]
pub fn MatterLamp(props: &MatterLampProps) -> Html {
    let (lang, session) = (use_lang(), use_session());
    let item = &props.item;
    if let Some(reason) = &item.paused {
        let words = session.and_then(|session| session.any_label(reason, lang));
        let text = words.map_or_else(|| m::LAMP_PAUSED.in_lang(lang).to_owned(), |words| m::LAMP_PAUSED_FOR.fill(lang, &[&words]));
        return html! { <span class="lamp idle">{ text }</span> };
    }
    if !item.is_open {
        return html! { <span class="lamp idle">{ item.state_label.in_lang(lang).to_owned() }</span> };
    }
    if let Some(limit) = &item.limit {
        // Another limit than the due date: told by its name.
        let words = format!("{} · {}", limit.name.in_lang(lang), lamp_words(&limit.due, lang));
        return html! { <span class={class(item.lamp)} title={limit.due.date.to_string()}>{ words }</span> };
    }
    if item.reported_at.is_some() {
        return html! { <span class="lamp idle">{ m::LAMP_REPORTED.in_lang(lang) }</span> };
    }
    match &item.due {
        Some(due) => html! { <span class={class(item.lamp)} title={due.date.to_string()}>{ lamp_words(due, lang) }</span> },
        None if item.state == "draft" => html! { <span class="lamp idle">{ item.state_label.in_lang(lang).to_owned() }</span> },
        None => html! { <span class={class(item.lamp)}>{ m::LAMP_STANDING.in_lang(lang) }</span> },
    }
}
