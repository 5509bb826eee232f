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
    ui::{YearOfDays, read_day},
};
use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};
use shared::kernel::{
    api::CalendarYear,
    calendar::notice::{self, HolidayNotice, NoticedHoliday},
    messages_more as M,
    problem::{Code, FieldError},
    text::Lang,
    validate::{Lookup, Strictness, validate},
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

fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default().trim()
}

/// Days written as in the notice, `2月15日`, in full; what is no day stays as it was typed, for its fault to be named.
fn in_full(values: &Values, year: i32) -> Values {
    let mut values = values.clone();
    let rows = values.get_mut("holidays").and_then(Value::as_array_mut);
    for row in rows.into_iter().flatten().filter_map(Value::as_object_mut) {
        let days = row.iter_mut().filter(|(name, _)| *name != "name").flat_map(|(_, value)| match value {
            Value::Array(days) => days.iter_mut().collect::<Vec<_>>(),
            other => vec![other],
        });
        for day in days {
            if let Some(read) = read_day(text(Some(day)), Some(year)) {
                *day = json!(read);
            }
        }
    }
    values
}

/// A row whose days are all days.
fn holiday(row: &Value) -> Option<NoticedHoliday> {
    serde_json::from_value(row.clone()).ok()
}

fn rows(values: &Values) -> &[Value] {
    values.get("holidays").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The notice in full, and what is wrong with it. Faults across rows are found among the rows that can be read.
fn understood(values: &Values, year: i32, lookup: &dyn Lookup) -> (HolidayNotice, Vec<FieldError>) {
    let mut faults = validate(&notice::fields(), values, "", Strictness::Full, lookup);
    let mut places = Vec::new();
    let mut holidays = Vec::new();
    for (index, row) in rows(values).iter().enumerate() {
        for (at, day) in row.get("make_up_workdays").and_then(Value::as_array).into_iter().flatten().enumerate() {
            if read_day(text(Some(day)), None).is_none() {
                let pointer = format!("/holidays/{index}/make_up_workdays/{at}");
                faults.push(FieldError::with(pointer, Code::Format, text(Some(day))));
            }
        }
        if let Some(holiday) = holiday(row) {
            places.push(index);
            holidays.push(holiday);
        }
    }
    let optional = |name: &str| Some(text(values.get(name)).to_owned()).filter(|text| !text.is_empty());
    let notice = HolidayNotice { year, title: text(values.get("title")).to_owned(), number: optional("number"), url: optional("url"), holidays };
    for mut fault in notice.faults() {
        let mut parts: Vec<String> = fault.pointer.split('/').map(str::to_owned).collect();
        if let Some(index) = parts.get_mut(2)
            && let Some(place) = index.parse::<usize>().ok().and_then(|index| places.get(index))
        {
            *index = place.to_string();
        }
        fault.pointer = parts.join("/");
        if !faults.iter().any(|other| other.pointer == fault.pointer || fault.pointer == "/holidays") {
            faults.push(fault);
        }
    }
    (notice, faults)
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

#[cfg(test)]
mod tests {
    use super::*;

    struct Anything;
    impl Lookup for Anything {
        fn unit_exists(&self, _: &str) -> bool {
            true
        }
        fn in_code_list(&self, _: &str, _: &str) -> bool {
            true
        }
    }

    fn typed(rows: Value) -> Values {
        [("title".to_owned(), json!(notice::usual_title(2027))), ("holidays".to_owned(), rows)].into_iter().collect()
    }

    #[test]
    fn days_are_read_as_the_notice_writes_them() {
        let rows = json!([
            { "name": "元旦", "first": "2026年12月31日", "last": "1月2日" },
            { "name": "春节", "first": "2月5日（周五）", "last": "2-11", "make_up_workdays": ["2月20日", "2.28（周日）"] },
        ]);
        let (notice, faults) = understood(&in_full(&typed(rows), 2027), 2027, &Anything);
        assert_eq!(faults, []);
        let days: Vec<_> = notice.holidays.iter().map(|holiday| (holiday.first.to_string(), holiday.last.to_string())).collect();
        assert_eq!(days, [("2026-12-31".into(), "2027-01-02".into()), ("2027-02-05".into(), "2027-02-11".into())]);
        assert_eq!(notice.holidays[1].make_up_workdays.len(), 2);
    }

    #[test]
    fn faults_stand_at_the_rows_that_were_typed() {
        let rows = json!([
            { "name": "元旦", "first": "某日", "last": "2027-01-02" },
            { "name": "春节", "first": "2027-02-11", "last": "2027-02-05", "make_up_workdays": ["除夕"] },
            { "name": "清明节", "first": "2027-04-05", "last": "2027-04-03" },
        ]);
        let (_, faults) = understood(&in_full(&typed(rows), 2027), 2027, &Anything);
        let mut found: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect();
        found.sort_unstable();
        assert_eq!(
            found,
            [
                ("/holidays/0/first", "validation.format"),
                ("/holidays/1/make_up_workdays/0", "validation.format"),
                ("/holidays/2/last", "validation.date_order"),
            ]
        );
    }
}
