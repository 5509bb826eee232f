//! 工作日历: holidays and make-up workdays of each year; and, for the one who keeps it, a new edition with what it moves.

use super::kit::{A, Empty, Fault, Head, Lamp, Tone, brief_name, count_words, labelled, loaded, may, on_choose, tr, use_lang, use_me, use_query, use_task, use_title, use_url};
use crate::kernel::api;
use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};
use shared::kernel::{
    api::{CalendarDay, CalendarView, CalendarYear, DueMove, EditionPreview},
    messages_more as M,
    role::Permission,
    text::{Lang, Message},
};
use std::{collections::BTreeMap, rc::Rc};
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::{platform::spawn_local, prelude::*};

const WEEKDAYS: [Message; 7] = [M::MON, M::TUE, M::WED, M::THU, M::FRI, M::SAT, M::SUN];

#[component]
pub fn CalendarPage() -> Html {
    let lang = use_lang();
    let t = tr(lang);
    let me = use_me();
    let url = use_url();
    let calendar = use_query::<CalendarView>(Some("/calendars".to_owned()));
    use_title(t(M::CALENDAR).to_owned());
    let this_year = me.as_ref().map_or(0, |me| me.today.year());
    let chosen = url.get("year").parse::<i32>().unwrap_or(this_year);
    let on_year = {
        let url = url.clone();
        on_choose(Callback::from(move |year: String| url.set("year", &year)))
    };
    let edition = calendar.ready().map(|calendar| M::CALENDAR_EDITION.fill(lang, &[&calendar.edition])).unwrap_or_default();
    let years: Vec<i32> = calendar.ready().map(|calendar| calendar.years.iter().map(|year| year.year).collect()).unwrap_or_default();
    let keeper = may(me.as_deref(), Permission::ParameterManage);
    html! {
        <div class="m-page">
            <Head title={t(M::CALENDAR)} sub={edition}>
                <select class="input m-narrow" aria-label={t(M::YEAR)} onchange={on_year}>
                    { for years.iter().map(|year| html! { <option key={*year} value={year.to_string()} selected={*year == chosen}>{ M::YEAR_N.fill(lang, &[&year.to_string()]) }</option> }) }
                </select>
                <A href="/calculator" class={classes!("btn", "m-btn-link")}>{ t(M::CALCULATOR) }</A>
            </Head>
            { loaded(&calendar, |calendar| match calendar.years.iter().find(|year| year.year == chosen).or_else(|| calendar.years.last()) {
                Some(year) => year_view(year, me.as_ref().map(|me| me.today), lang),
                None => html! { <div class="card"><Empty title={t(M::CALENDAR_EMPTY)} /></div> },
            }) }
            <div class="m-gap">{ if keeper { html! { <NewEdition {lang} reload={calendar.reload.clone()} /> } } else { html! { <p class="sub">{ t(M::CALENDAR_KEEPER) }</p> } } }</div>
        </div>
    }
}

fn year_view(year: &CalendarYear, today: Option<NaiveDate>, lang: Lang) -> Html {
    let t = tr(lang);
    let (tone, words) = if year.announced { (Tone::Ok, M::ANNOUNCED) } else { (Tone::Warn, M::PROVISIONAL) };
    let by_day = |days: &[CalendarDay]| days.iter().map(|day| (day.date, day.name.clone())).collect::<BTreeMap<_, _>>();
    let (holidays, worked) = (by_day(&year.holidays), by_day(&year.make_up_workdays));
    let spans = spans(&year.holidays);
    html! {
        <>
            <section class="card sum m-sum">
                <Lamp {tone}>{ t(words) }</Lamp>
                <span>{ count_words(M::N_WORKING_DAYS, lang, year.working_days) }</span>
                <span class="m-legend"><i class="m-day off">{ t(M::OFF_SHORT) }</i>{ t(M::HOLIDAY) }</span>
                <span class="m-legend"><i class="m-day work">{ t(M::WORK_SHORT) }</i>{ t(M::MAKE_UP) }</span>
                <span class="m-legend"><i class="m-day rest">{ "6" }</i>{ t(M::WEEKEND) }</span>
            </section>
            <p class="sub" hidden={year.announced}>{ t(M::PROVISIONAL_NOTE) }</p>
            <div class="m-months">{ for (1..=12).map(|number| html! { <div key={number} class="card">{ month_view(year.year, number, &holidays, &worked, today, lang) }</div> }) }</div>
            <section class="card m-gap">
                <details class="m-fold"><summary><h2>{ t(M::AS_LIST) }</h2></summary>
                    <table>
                        <thead><tr><th>{ t(M::HOLIDAY) }</th><th>{ t(M::DAYS_OFF) }</th></tr></thead>
                        <tbody>
                            { for spans.iter().map(|(name, first, last)| html! { <tr key={first.to_string()}><td>{ name }</td><td class="num">{ if first == last { first.to_string() } else { format!("{first} – {last}") } }</td></tr> }) }
                            { for year.make_up_workdays.iter().map(|day| html! { <tr key={format!("w{}", day.date)}><td>{ M::MAKE_UP_FOR.fill(lang, &[&day.name]) }</td><td class="num">{ day.date.to_string() }</td></tr> }) }
                        </tbody>
                    </table>
                </details>
            </section>
        </>
    }
}

/// Days off of one name that follow each other, as one span.
fn spans(days: &[CalendarDay]) -> Vec<(String, NaiveDate, NaiveDate)> {
    let mut spans: Vec<(String, NaiveDate, NaiveDate)> = Vec::new();
    for day in days {
        match spans.last_mut() {
            Some((name, _, last)) if *name == day.name && last.succ_opt() == Some(day.date) => *last = day.date,
            _ => spans.push((day.name.clone(), day.date, day.date)),
        }
    }
    spans
}

type Named = BTreeMap<NaiveDate, String>;

fn month_view(year: i32, month: u32, holidays: &Named, worked: &Named, today: Option<NaiveDate>, lang: Lang) -> Html {
    let t = tr(lang);
    let Some(first) = NaiveDate::from_ymd_opt(year, month, 1) else { return html! { <div></div> } };
    let lead = usize::try_from(first.weekday().num_days_from_monday()).unwrap_or(0);
    let days: Vec<NaiveDate> = first.iter_days().take_while(|day| day.month() == month).collect();
    let cells: Vec<Option<NaiveDate>> = std::iter::repeat_n(None, lead).chain(days.into_iter().map(Some)).collect();
    let name = if lang == Lang::Zh { M::MONTH_N.fill(lang, &[&month.to_string()]) } else { first.format("%B").to_string() };
    let cell = |day: NaiveDate| {
        let weekend = day.weekday().num_days_from_monday() >= 5;
        let (class, mark, title) = match (holidays.get(&day), worked.get(&day)) {
            (_, Some(name)) => ("work", t(M::WORK_SHORT), M::MAKE_UP_FOR.fill(lang, &[name])),
            (Some(name), None) => ("off", t(M::OFF_SHORT), name.clone()),
            _ if weekend => ("rest", "", String::new()),
            _ => ("", "", String::new()),
        };
        let current = (today == Some(day)).then_some("date");
        html! { <td class={classes!("m-day", class)} title={title} aria-current={current}>{ day.day() }<small>{ mark }</small></td> }
    };
    html! {
        <table class="m-month">
            <caption>{ name }</caption>
            <thead><tr>{ for WEEKDAYS.iter().enumerate().map(|(index, day)| html! { <th key={index} scope="col">{ t(*day) }</th> }) }</tr></thead>
            <tbody>{ for cells.chunks(7).enumerate().map(|(index, week)| html! {
                <tr key={index}>{ for week.iter().map(|day| day.map_or_else(|| html! { <td></td> }, &cell)) }</tr>
            }) }</tbody>
        </table>
    }
}

#[derive(Properties, PartialEq)]
struct NewEditionProps {
    lang: Lang,
    reload: Callback<()>,
}

/// A new edition: what would move first, then apply, then undo.
#[component]
fn NewEdition(props: &NewEditionProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let text = use_state(String::new);
    let unreadable = use_state(|| false);
    let preview = use_state(|| None::<Rc<EditionPreview>>);
    let task = use_task();
    let on_text = {
        let text = text.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(area) = event.target_dyn_into::<HtmlTextAreaElement>() {
                text.set(area.value());
            }
        })
    };
    let on_file = {
        let text = text.clone();
        Callback::from(move |event: Event| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
            let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
            input.set_value("");
            let text = text.clone();
            spawn_local(async move {
                if let Ok(content) = wasm_bindgen_futures::JsFuture::from(file.text()).await {
                    text.set(content.as_string().unwrap_or_default());
                }
            });
        })
    };
    let onsubmit = {
        let (task, text, preview, unreadable) = (task.clone(), text.clone(), preview.clone(), unreadable.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Ok(edition) = serde_json::from_str::<Value>(&text) else {
                unreadable.set(true);
                return;
            };
            unreadable.set(false);
            let preview = preview.clone();
            task.run(async move {
                let seen: EditionPreview = api::post("/calendars/editions", &edition).await?;
                preview.set(Some(Rc::new(seen)));
                Ok(())
            });
        })
    };
    let change = |what: &'static str| {
        let (task, preview, reload) = (task.clone(), preview.clone(), props.reload.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(id) = preview.as_ref().map(|preview| preview.id.clone()) else { return };
            let (preview, reload) = (preview.clone(), reload.clone());
            task.run(async move {
                let seen: EditionPreview = api::post(&format!("/calendars/editions/{id}/{what}"), &json!({})).await?;
                preview.set(Some(Rc::new(seen)));
                reload.emit(());
                Ok(())
            });
        })
    };
    let state = preview.as_ref().map(|preview| preview.state.clone()).unwrap_or_default();
    let outcome = match &*preview {
        None => html! { <div key="none"></div> },
        Some(preview) => html! { <div key="moves">{ moves(preview, lang) }</div> },
    };
    html! {
        <section class="card">
            <header><h2>{ t(M::NEW_EDITION) }</h2></header>
            <div class="pad">
                <form {onsubmit}>
                    <p class="sub">{ t(M::NEW_EDITION_NOTE) }</p>
                    { labelled(t(M::EDITION_JSON), if *unreadable { t(M::EDITION_UNREADABLE) } else { "" }, html! {
                        <textarea class="input m-mono" rows="6" required=true spellcheck="false" aria-invalid={unreadable.to_string()} value={(*text).clone()} oninput={on_text} />
                    }) }
                    <div class="row-actions">
                        <label class="btn m-btn-link">{ t(M::CHOOSE_FILE) }<input class="m-hidden-file" type="file" accept=".json,application/json" onchange={on_file} /></label>
                        <button class="btn primary" type="submit" disabled={task.busy}>{ t(M::SEE_WHAT_MOVES) }</button>
                    </div>
                </form>
                <Fault fault={task.fault.clone()} {lang} />
                <div aria-live="polite">{ outcome }</div>
                <div class="row-actions m-end">
                    <button class="btn primary" type="button" hidden={state != "previewed"} disabled={task.busy} onclick={change("apply")}>{ t(M::APPLY_EDITION) }</button>
                    <button class="btn" type="button" hidden={state != "applied"} disabled={task.busy} onclick={change("undo")}>{ t(M::UNDO_EDITION) }</button>
                </div>
            </div>
        </section>
    }
}

fn moves(preview: &EditionPreview, lang: Lang) -> Html {
    let t = tr(lang);
    let state = match preview.state.as_str() {
        "applied" => M::EDITION_APPLIED,
        "undone" => M::EDITION_UNDONE,
        _ => M::EDITION_PREVIEWED,
    };
    let mut by_holder: BTreeMap<String, Vec<&DueMove>> = BTreeMap::new();
    for moved in &preview.moves {
        let holder = moved.holder.as_ref().map_or_else(|| t(M::NO_HOLDER).to_owned(), |unit| brief_name(unit, lang));
        by_holder.entry(holder).or_default().push(moved);
    }
    let total = i64::try_from(preview.moves.len()).unwrap_or(i64::MAX);
    html! {
        <>
            <p><strong>{ M::EDITION_STATE.fill(lang, &[&preview.edition, t(state)]) }</strong>{ " " }{ if total == 0 { t(M::NOTHING_MOVES).to_owned() } else { count_words(M::N_MOVE, lang, total) } }</p>
            <div>{ for by_holder.iter().map(|(holder, moves)| html! {
                <details key={holder.clone()} open={true}>
                    <summary>{ M::HOLDER_MOVES.fill(lang, &[holder, &moves.len().to_string()]) }</summary>
                    <table class="m-cards">
                        <thead><tr><th>{ t(M::MATTER) }</th><th>{ t(M::LIMIT) }</th><th>{ t(M::OLD_DUE) }</th><th>{ t(M::NEW_DUE) }</th></tr></thead>
                        <tbody>{ for moves.iter().map(|moved| html! {
                            <tr key={format!("{}{}", moved.matter, moved.rule.en)}>
                                <td class="title" data-label={t(M::MATTER)}><A href={format!("/matters/{}", moved.matter)}>{ moved.number.clone().unwrap_or_default() }{ " " }{ &moved.title }</A></td>
                                <td data-label={t(M::LIMIT)}>{ moved.rule.in_lang(lang) }</td>
                                <td class="num" data-label={t(M::OLD_DUE)}>{ moved.old_due.to_string() }</td>
                                <td class="num" data-label={t(M::NEW_DUE)}>{ moved.new_due.to_string() }{ " " }<small class="sub">{ shift(moved, lang) }</small></td>
                            </tr>
                        }) }</tbody>
                    </table>
                </details>
            }) }</div>
        </>
    }
}

fn shift(moved: &DueMove, lang: Lang) -> String {
    match (moved.new_due - moved.old_due).num_days() {
        0 => String::new(),
        days if days > 0 => count_words(M::DAYS_LATER, lang, days),
        days => count_words(M::DAYS_EARLIER, lang, -days),
    }
}
