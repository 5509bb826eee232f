//! 工作日历: holidays and make-up workdays of each year; and, for the one who keeps it, the ways to a new edition: the notice as it is
//! on paper, or the file of an edition.

mod edition;
mod notice;

use super::kit::{A, Empty, Head, Lamp, Tone, count_words, loaded, may, on_choose, tr, use_lang, use_me, use_query, use_title, use_url};
use crate::ui::Tab;
use chrono::{Datelike, NaiveDate};
use edition::EditionFile;
use notice::NoticeForm;
use shared::kernel::{
    api::{CalendarDay, CalendarView, CalendarYear},
    messages_more as M,
    role::Permission,
    text::{Lang, Message},
};
use std::{collections::BTreeMap, rc::Rc};
use yew::prelude::*;

const WEEKDAYS: [Message; 7] = [M::MON, M::TUE, M::WED, M::THU, M::FRI, M::SAT, M::SUN];

/// What the keeper looks at or does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Look,
    Notice,
    File,
}

/// The year whose notice is to come: the first that is not announced; for one kept earlier, the address says it.
fn year_to_come(calendar: Option<&Rc<CalendarView>>, this_year: i32) -> i32 {
    let announced = |year: i32| calendar.is_some_and(|calendar| calendar.years.iter().any(|known| known.year == year && known.announced));
    (this_year..this_year + 3).find(|year| !announced(*year)).unwrap_or(this_year + 1)
}

#[component]
pub fn CalendarPage() -> Html {
    let lang = use_lang();
    let t = tr(lang);
    let me = use_me();
    let url = use_url();
    let calendar = use_query::<CalendarView>(Some("/calendars".to_owned()));
    use_title(t(M::CALENDAR).to_owned());
    let this_year = me.as_ref().map_or(0, |me| me.today.year());
    let keeper = may(me.as_deref(), Permission::ParameterManage);
    let way = match url.get("way") {
        "notice" if keeper => Way::Notice,
        "file" if keeper => Way::File,
        _ => Way::Look,
    };
    let known: Vec<i32> = calendar.ready().map(|calendar| calendar.years.iter().map(|year| year.year).collect()).unwrap_or_default();
    let (years, usual) = match way {
        // A notice may be corrected later, as that of 2020 was.
        Way::Notice => ((this_year - 1..=this_year + 2).collect(), year_to_come(calendar.ready(), this_year)),
        _ => (known, this_year),
    };
    let chosen = url.get("year").parse::<i32>().ok().filter(|year| years.contains(year)).unwrap_or(usual);
    let on_year = {
        let url = url.clone();
        on_choose(Callback::from(move |year: String| url.set("year", &year)))
    };
    let edition = calendar.ready().map(|calendar| M::CALENDAR_EDITION.fill(lang, &[&calendar.edition])).unwrap_or_default();
    let calendar_reload = calendar.reload.clone();
    let tab = |of: Way, href: &'static str, label: Message| html! { <Tab key={href} {href} current={way == of} label={t(label)} /> };
    let inside = match way {
        Way::Look => html! {
            <div key="look">
                { loaded(&calendar, |calendar| match calendar.years.iter().find(|year| year.year == chosen).or_else(|| calendar.years.last()) {
                    Some(year) => year_view(year, me.as_ref().map(|me| me.today), lang),
                    None => html! { <div class="card"><Empty title={t(M::CALENDAR_EMPTY)} /></div> },
                }) }
                <p class="sub m-gap" hidden={keeper}>{ t(M::CALENDAR_KEEPER) }</p>
            </div>
        },
        Way::Notice => html! {
            <div key="notice">
                { loaded(&calendar, |calendar| html! {
                    <NoticeForm key={chosen} {lang} year={chosen} known={calendar.years.iter().find(|year| year.year == chosen).cloned().map(Rc::new)}
                        today={me.as_ref().map(|me| me.today)} reload={calendar_reload.clone()} />
                }) }
            </div>
        },
        Way::File => html! { <div key="file"><EditionFile {lang} reload={calendar.reload.clone()} /></div> },
    };
    html! {
        <div class="m-page">
            <Head title={t(M::CALENDAR)} sub={edition}>
                <select class="input m-narrow" aria-label={t(M::YEAR)} onchange={on_year} hidden={way == Way::File}>
                    { for years.iter().map(|year| html! { <option key={*year} value={year.to_string()} selected={*year == chosen}>{ M::YEAR_N.fill(lang, &[&year.to_string()]) }</option> }) }
                </select>
                <A href="/calculator" class={classes!("btn", "m-btn-link")}>{ t(M::CALCULATOR) }</A>
            </Head>
            <nav class="tabs" aria-label={t(M::CALENDAR_WAYS)} hidden={!keeper}>
                { tab(Way::Look, "/calendar", M::CALENDAR_LOOK) }
                { tab(Way::Notice, "/calendar?way=notice", M::CALENDAR_NOTICE) }
                { tab(Way::File, "/calendar?way=file", M::CALENDAR_FILE) }
            </nav>
            { inside }
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

/// Days with the name of their holiday.
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
