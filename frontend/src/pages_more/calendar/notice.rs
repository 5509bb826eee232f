//! A year's days off as an officer types them from the State Council's notice; beside them the year as typed, so that a slip is seen.

use super::{Named, edition::use_review, month_view, spans};
use crate::{
    kernel::{
        fields::{ErrorSummary, FieldForm, Values},
        lookup::SessionLookup,
        session::use_session,
        storage, values,
    },
    pages_more::kit::{tr, use_url},
    ui::YearOfDays,
};
use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};
use shared::kernel::{
    api::CalendarYear,
    calendar::{
        notice,
        notice_typed::{in_full, rows, text, understood},
    },
    messages_more as M,
    problem::FieldError,
    text::Lang,
    typed_day::read_day,
};
use std::rc::Rc;
use yew::prelude::*;

/// Before the ids of the form's elements.
const SCOPE: &str = "notice";

#[derive(Properties, PartialEq)]
pub struct NoticeFormProps {
    pub lang: Lang,
    pub year: i32,
    /// What the edition in force says of the year.
    pub known: Option<Rc<CalendarYear>>,
    pub today: Option<NaiveDate>,
    /// The calendar is another one now.
    pub reload: Callback<()>,
}

/// What the form begins with: the days known of the year, which the notice moves and prolongs; else the usual names.
fn beginning(year: i32, known: Option<&CalendarYear>) -> Values {
    let mut rows: Vec<Value> = Vec::new();
    for (name, first, last) in known.map(|known| spans(&known.holidays)).unwrap_or_default() {
        rows.push(json!({ "name": name, "first": first, "last": last }));
    }
    for day in known.iter().flat_map(|known| &known.make_up_workdays) {
        let row = rows.iter_mut().find(|row| row["name"] == json!(day.name)).and_then(Value::as_object_mut);
        if let Some(worked) = row.map(|row| row.entry("make_up_workdays").or_insert_with(|| json!([]))).and_then(Value::as_array_mut) {
            worked.push(json!(day.date));
        }
    }
    if rows.is_empty() {
        rows = notice::USUAL.iter().map(|name| json!({ "name": name })).collect();
    }
    [("title".to_owned(), json!(notice::usual_title(year))), ("holidays".to_owned(), Value::Array(rows))].into_iter().collect()
}

/// The days off and the days worked instead, as far as they can be read.
fn marked(values: &Values, year: i32) -> (Named, Named) {
    let (mut off, mut worked) = (Named::new(), Named::new());
    for row in rows(values) {
        let name = text(row.get("name"));
        let day = |member: &str| read_day(text(row.get(member)), None);
        if let (Some(first), Some(last)) = (day("first"), day("last").or_else(|| day("first"))) {
            // A slip of the year would else mark thousands of days.
            off.extend(first.iter_days().take_while(|day| *day <= last).take(31).filter(|day| day.year() == year).map(|day| (day, name.to_owned())));
        }
        let days = row.get("make_up_workdays").and_then(Value::as_array).into_iter().flatten();
        worked.extend(days.filter_map(|day| read_day(text(Some(day)), None)).filter(|day| day.year() == year).map(|day| (day, name.to_owned())));
    }
    (off, worked)
}

fn counts(year: i32, off: &Named, worked: &Named, lang: Lang) -> String {
    let days = NaiveDate::from_ymd_opt(year, 1, 1).into_iter().flat_map(|first| first.iter_days()).take_while(|day| day.year() == year);
    let working = days.filter(|day| worked.contains_key(day) || (day.weekday().num_days_from_monday() < 5 && !off.contains_key(day))).count();
    M::NOTICE_COUNTS.fill(lang, &[&off.len().to_string(), &worked.len().to_string(), &working.to_string()])
}

#[component]
pub fn NoticeForm(props: &NoticeFormProps) -> Html {
    let (lang, year) = (props.lang, props.year);
    let t = tr(lang);
    let (session, url) = (use_session(), use_url());
    let fields = use_memo((), |()| notice::fields());
    let kept = session.as_ref().map(|session| format!("form.{}.calendar-notice-{year}", session.me.id)).unwrap_or_default();
    let begun = use_memo((), |()| beginning(year, props.known.as_deref()));
    let typed = use_state(|| storage::read::<Values>(&kept).unwrap_or_else(|| (*begun).clone()));
    let errors = use_state(|| Rc::new(Vec::<FieldError>::new()));
    let review = use_review(props.reload.clone());
    let set = {
        let (typed, kept) = (typed.clone(), kept.clone());
        Callback::from(move |(name, value): (String, Value)| {
            let mut values = (*typed).clone();
            if values::is_blank(&value) {
                values.remove(&name);
            } else {
                values.insert(name, value);
            }
            storage::write(&kept, &values);
            typed.set(values);
        })
    };
    let forget = {
        let kept = kept.clone();
        Callback::from(move |()| storage::remove(&kept))
    };
    let afresh = {
        let (typed, errors, begun, forget) = (typed.clone(), errors.clone(), begun.clone(), forget.clone());
        Callback::from(move |_: MouseEvent| {
            forget.emit(());
            errors.set(Rc::new(Vec::new()));
            typed.set((*begun).clone());
        })
    };
    let shown = in_full(&typed, year);
    let onsubmit = {
        let (review, typed, errors, session, shown) = (review.clone(), typed.clone(), errors.clone(), session.clone(), shown.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(session) = &session else { return };
            let (notice, faults) = understood(&shown, year, &SessionLookup(session));
            let sound = faults.is_empty();
            errors.set(Rc::new(faults));
            typed.set(shown.clone());
            // Once in force, another year is the next to come: this one stays before the eyes.
            url.set("year", &year.to_string());
            if sound {
                review.send("/calendars/notices", notice);
            }
        })
    };
    let faults = match &review.task.fault {
        Some(error) if !error.errors().is_empty() => Rc::new(error.errors().to_vec()),
        _ => (*errors).clone(),
    };
    let (off, worked) = marked(&shown, year);
    html! {
        <>
            <div class="m-holidays">
                <section class="card pad">
                    <form class="stack" {onsubmit} novalidate=true>
                        <p class="sub">{ t(M::NOTICE_NOTE) }</p>
                        <ErrorSummary scope={SCOPE} fields={fields.clone()} prefix="" errors={faults.clone()} />
                        <ContextProvider<YearOfDays> context={YearOfDays(year)}>
                            <FieldForm scope={SCOPE} {fields} prefix="" values={Rc::new((*typed).clone())} errors={faults} {set} />
                        </ContextProvider<YearOfDays>>
                        <div class="row-actions">
                            <button class="btn primary" type="submit" disabled={review.task.busy}>{ t(M::SEE_WHAT_MOVES) }</button>
                            <button class="btn quiet" type="button" onclick={afresh}>{ t(M::NOTICE_AFRESH) }</button>
                        </div>
                    </form>
                    { review.view(lang, forget) }
                </section>
                <section class="card m-typed" aria-label={M::NOTICE_AS_TYPED.fill(lang, &[&year.to_string()])}>
                    <header><h2>{ M::NOTICE_AS_TYPED.fill(lang, &[&year.to_string()]) }</h2></header>
                    <p class="sub pad" aria-live="polite">{ counts(year, &off, &worked, lang) }</p>
                    <div class="m-months">{ for (1..=12).map(|number| html! { <div key={number}>{ month_view(year, number, &off, &worked, props.today, lang) }</div> }) }</div>
                </section>
            </div>
        </>
    }
}
