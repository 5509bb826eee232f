//! 数据总览: the linkage office's one page about a kind, drawn as the answer says. Each figure is n of m and opens its matters; the late
//! ones can be pressed from here.

use super::kit::{
    A, Empty, Fault, Head, Lamp, Modal, Tone, brief_name, count_words, encode, kind_tabs, labelled, loaded, may, minute, tr, use_lang, use_me,
    use_query, use_task, use_title, use_url,
};
use crate::kernel::{
    api::{self, Answer},
    query::Query,
    session::{Session, use_session},
};
use serde_json::{Map, json};
use shared::kernel::{
    api::{BulkAction, BulkOutcome, Figure, GroupFigure, Grouped, KindBrief, MatterItem, Overview, Page, UnitFigure},
    ids::MatterId,
    messages_more as M,
    problem::Code,
    role::Permission,
    statistics::Shown,
    text::{Lang, Message},
};
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

/// Pages of matters pressed at once; more than 2,000 late matters of one unit want a talk, not a message.
const URGE_PAGES: usize = 10;

/// The list page that shows exactly the matters of a figure.
fn list(figure: &Figure) -> String {
    let query = Query::parse(&figure.query);
    format!("/list/{}{}", query.get("kind").unwrap_or_default(), query.without(&["kind"]).suffix())
}

fn number(figure: &Figure) -> Html {
    if figure.n == 0 {
        // Nothing to open.
        return html! { <span class="num sub">{ figure.n }</span> };
    }
    html! { <A href={list(figure)} class={classes!("num")}>{ figure.n }</A> }
}

/// `n`, and small beside it of how many.
fn ratio(figure: &Figure) -> Html {
    let of = figure.m.map(|m| format!(" / {m}")).unwrap_or_default();
    html! { <>{ figure.n }<small>{ of }</small></> }
}

fn percent(figure: &Figure) -> String {
    match figure.m {
        Some(m) if m > 0 => {
            let thousandths = figure.n.saturating_mul(1000) / m;
            format!("{}.{}%", thousandths / 10, thousandths % 10)
        }
        _ => String::new(),
    }
}

#[component]
pub fn OverviewPage() -> Html {
    let lang = use_lang();
    let t = tr(lang);
    let me = use_me();
    let kind = use_url().get("kind").to_owned();
    let of_kind = if kind.is_empty() { String::new() } else { format!("?kind={}", encode(&kind)) };
    let overview = use_query::<Overview>(Some(format!("/stats/overview{of_kind}")));
    let session = use_session();
    let kinds: Vec<&KindBrief> = session.iter().flat_map(|session| &session.reference.kinds).filter(|kind| kind.overview).collect();
    use_title(t(M::OVERVIEW).to_owned());
    let pressed = use_state(|| None::<UnitFigure>);
    let as_of = overview.ready().map(|overview| minute(overview.as_of)).unwrap_or_default();
    let city =
        me.as_ref().map(|me| if lang == Lang::Zh { me.jurisdiction.name.clone() } else { me.jurisdiction.name_en.clone() }).unwrap_or_default();
    let sub = if as_of.is_empty() { String::new() } else { M::OVERVIEW_SUB.fill(lang, &[&as_of, &city]) };
    let may_urge = may(me.as_deref(), Permission::MatterUrge);
    let on_urge = {
        let pressed = pressed.clone();
        Callback::from(move |unit: UnitFigure| pressed.set(Some(unit)))
    };
    let on_close = {
        let pressed = pressed.clone();
        Callback::from(move |()| pressed.set(None))
    };
    let on_print = Callback::from(|_: MouseEvent| {
        if let Some(window) = web_sys::window() {
            // A browser that can't print shows nothing; there is nothing to tell.
            let _ = window.print();
        }
    });
    html! {
        <div class="m-page">
            <Head title={t(M::OVERVIEW)} {sub}>
                <button class="btn hide-s" type="button" onclick={on_print}>{ t(M::PRINT) }</button>
            </Head>
            { loaded(&overview, |overview| html! {
                <>
                    { kind_tabs(&kinds, &overview.kind, "/overview", t(M::OVERVIEW), lang) }
                    { figures(&overview, session.as_ref(), lang, may_urge, &on_urge) }
                </>
            }) }
            <UrgeDialog unit={(*pressed).clone()} {lang} {on_close} />
        </div>
    }
}

fn figures(overview: &Overview, session: Option<&Session>, lang: Lang, may_urge: bool, on_urge: &Callback<UnitFigure>) -> Html {
    let t = tr(lang);
    let kind = session.and_then(|session| session.kind(&overview.kind));
    let shown = |wanted: Shown| overview.grouped.iter().filter(move |grouped| grouped.shown == wanted);
    let tile = |label: Message, aside: String, figure: &Figure, tone: Option<Tone>| {
        html! {
            <A href={list(figure)} class={classes!("card", "tile", "m-tile")}>
                <span class="sub"><span>{ t(label) }</span><span>{ aside }</span></span>
                <span class={classes!("big", tone.map(|tone| format!("m-tone-{}", tone.class())))}>{ ratio(figure) }</span>
            </A>
        }
    };
    let tone = |figure: &Figure, tone: Tone| (figure.n > 0).then_some(tone);
    let declared = overview.duties.iter().map(|duty| (&duty.figure, duty.label.in_lang(lang)));
    let duties = declared.chain([(&overview.to_approve, t(M::TO_APPROVE)), (&overview.receipt_overdue, t(M::RECEIPT_OVERDUE))]);
    let quality = [(&overview.closed, M::CLOSED_THIS_YEAR), (&overview.reworked, M::REWORKED), (&overview.extended, M::EXTENDED)];
    html! {
        <>
            <div class="tiles">
                { tile(M::OPEN_MATTERS, String::new(), &overview.open, None) }
                { tile(M::OVERDUE, count_words(M::N_UNITS, lang, overview.overdue_units), &overview.overdue, tone(&overview.overdue, Tone::Late)) }
                { tile(M::DUE_SOON, String::new(), &overview.due_soon, tone(&overview.due_soon, Tone::Warn)) }
                { tile(M::ON_TIME, percent(&overview.on_time), &overview.on_time, None) }
            </div>
            <div class="two">
                <section class="card">
                    <header><h2>{ t(M::WAITING_FOR) }</h2><A href={list(&overview.overdue)}>{ t(M::ALL) }</A></header>
                    <div class="pad">{ waiting(&overview.waiting_for, session.map(|session| session.me.unit.code.as_str()), lang, may_urge, on_urge) }</div>
                </section>
                <section class="card">
                    <header><h2>{ t(M::OFFICE_DUTIES) }</h2></header>
                    <div class="pad">
                        <dl class="facts m-duties">{ for duties.map(|(figure, label)| html! { <div key={label}><dt>{ label }</dt><dd>{ number(figure) }</dd></div> }) }</dl>
                        <h3>{ t(M::QUALITY) }</h3>
                        <dl class="facts m-duties">{ for quality.into_iter().map(|(figure, label)| html! { <div key={label.en}><dt>{ t(label) }</dt><dd>{ number(figure) }</dd></div> }) }</dl>
                        <p class="sub">{ t(M::OFFICE_DUTIES_NOTE) }</p>
                    </div>
                </section>
            </div>
            { for shown(Shown::Progress).map(|grouped| html! {
                <section key={grouped.field.clone()} class="card m-gap">
                    <header><h2>{ grouped.title.in_lang(lang) }</h2><span class="sub">{ grouped.note.as_ref().map(|note| note.in_lang(lang)).unwrap_or_default() }</span></header>
                    { group_table(&in_order(&grouped.groups), grouped.heading.in_lang(lang), kind, true, lang) }
                </section>
            }) }
            <div class="two m-gap">
                { for shown(Shown::Bars).map(|grouped| group_bars(&grouped.groups, grouped.title.in_lang(lang), grouped.heading.in_lang(lang), kind, lang)) }
                { group_bars(&overview.by_state, t(M::BY_STATE), t(M::STATE), kind, lang) }
            </div>
            <section class="card m-gap">
                <details class="m-fold">
                    <summary><h2>{ t(M::BY_UNIT) }</h2></summary>
                    { unit_table(&overview.by_unit, lang) }
                </details>
            </section>
            { for shown(Shown::Folded).map(|grouped| folded(grouped, kind, lang)) }
            <section class="card pad m-gap">
                <details><summary>{ t(M::DEFINITIONS) }</summary><p class="sub">{ t(M::DEFINITIONS_TEXT) }</p></details>
            </section>
        </>
    }
}

/// A bar of a hundred; the words beside it say the same.
fn bar(n: i64, of: i64, class: &'static str) -> Html {
    let width = if of > 0 { (n.saturating_mul(100) / of).clamp(i64::from(n > 0) * 2, 100) } else { 0 };
    html! {
        <svg viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <rect class="m-bar-bed" width="100" height="14" rx="3" />
            <rect class={class} width={width.to_string()} height="14" rx="3" />
        </svg>
    }
}

fn late_words(unit: &UnitFigure, lang: Lang) -> String {
    M::LATE_BAR.fill(lang, &[&unit.overdue.n.to_string(), &unit.longest_days.to_string()])
}

/// So many units at a glance; the table has all.
const SHOWN: usize = 10;

fn waiting(units: &[UnitFigure], own: Option<&str>, lang: Lang, may_urge: bool, on_urge: &Callback<UnitFigure>) -> Html {
    let t = tr(lang);
    if units.is_empty() {
        return html! { <Empty title={t(M::NOTHING_OVERDUE)} /> };
    }
    let most = units.iter().map(|unit| unit.overdue.n).max().unwrap_or(0);
    html! {
        <>
            <ul class="m-plain">
                { for units.iter().take(SHOWN).map(|unit| {
                    let name = brief_name(&unit.unit, lang);
                    // Nobody presses themselves.
                    let may_urge = may_urge && own != Some(unit.unit.code.as_str());
                    let (on_urge, pressed) = (on_urge.clone(), unit.clone());
                    html! {
                        <li key={unit.unit.code.clone()} class="bar m-bar">
                            <A href={list(&unit.overdue)}>{ &name }</A>
                            { bar(unit.overdue.n, most, "m-bar-late") }
                            <span class="num">{ late_words(unit, lang) }</span>
                            <button class="linklike no-print" type="button" hidden={!may_urge} aria-label={M::URGE_UNIT.fill(lang, &[&name])}
                                onclick={Callback::from(move |_: MouseEvent| on_urge.emit(pressed.clone()))}>{ t(M::URGE) }</button>
                        </li>
                    }
                }) }
            </ul>
            <details class="m-behind"><summary>{ if units.len() > SHOWN { count_words(M::AS_TABLE_ALL, lang, i64::try_from(units.len()).unwrap_or(i64::MAX)) } else { t(M::AS_TABLE).to_owned() } }</summary>{ unit_table(units, lang) }</details>
        </>
    }
}

fn unit_table(units: &[UnitFigure], lang: Lang) -> Html {
    let t = tr(lang);
    let hands_over = units.iter().any(|unit| unit.to_receive.is_some());
    html! {
        <div class="scroll-x"><table>
            <thead><tr><th>{ t(M::UNIT) }</th><th>{ t(M::OPEN_SHORT) }</th><th>{ t(M::OVERDUE_SHORT) }</th><th>{ t(M::LONGEST) }</th><th hidden={!hands_over}>{ t(M::TO_RECEIVE) }</th></tr></thead>
            <tbody>{ for units.iter().map(|unit| html! {
                <tr key={unit.unit.code.clone()}>
                    <td>{ brief_name(&unit.unit, lang) }</td>
                    <td>{ number(&unit.open) }</td><td>{ number(&unit.overdue) }</td>
                    <td class="num">{ if unit.overdue.n > 0 { count_words(M::N_DAYS, lang, unit.longest_days) } else { "—".to_owned() } }</td>
                    <td hidden={!hands_over}>{ unit.to_receive.as_ref().map(number).unwrap_or_default() }</td>
                </tr>
            }) }</tbody>
        </table></div>
    }
}

fn standing(group: &GroupFigure) -> (Tone, Message) {
    if group.overdue.n > 0 {
        (Tone::Late, M::STANDING_LATE)
    } else if group.open.n == 0 && group.closed.n == 0 {
        (Tone::Idle, M::STANDING_NOT_BEGUN)
    } else if group.open.n == 0 {
        (Tone::Ok, M::STANDING_DONE)
    } else {
        (Tone::Ok, M::STANDING_OK)
    }
}

/// The order of clauses, which the characters' own doesn't know.
const DIGITS: [char; 10] = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];

/// Clauses in the order of their numbers.
fn in_order(groups: &[GroupFigure]) -> Vec<GroupFigure> {
    let rank = |c: char| DIGITS.iter().zip('0'..).find(|(digit, _)| **digit == c).map_or(c, |(_, order)| order);
    let mut groups = groups.to_vec();
    groups.sort_by_cached_key(|group| group.key.chars().map(rank).collect::<String>());
    groups
}

fn folded(grouped: &Grouped, kind: Option<&KindBrief>, lang: Lang) -> Html {
    html! {
        <section key={grouped.field.clone()} class="card m-gap">
            <details class="m-fold">
                <summary><h2>{ grouped.title.in_lang(lang) }</h2></summary>
                { group_table(&grouped.groups, grouped.heading.in_lang(lang), kind, true, lang) }
            </details>
        </section>
    }
}

/// Why there are no figures, and the first step where a list can be imported.
fn empty_words(kind: Option<&KindBrief>, lang: Lang) -> String {
    let words = if kind.is_some_and(|kind| kind.imports) { M::OVERVIEW_EMPTY } else { M::OVERVIEW_NOTHING };
    words.fill(lang, &[kind.map(|kind| kind.name.in_lang(lang)).unwrap_or_default()])
}

fn group_table(groups: &[GroupFigure], heading: &str, kind: Option<&KindBrief>, with_lamp: bool, lang: Lang) -> Html {
    let t = tr(lang);
    if groups.is_empty() {
        let import = kind.filter(|kind| kind.imports).map(|kind| format!("/import?kind={}", kind.code));
        return html! { <Empty title={empty_words(kind, lang)}>if let Some(href) = import { <A {href}>{ t(M::IMPORT_LIST) }</A> }</Empty> };
    }
    html! {
        <div class="scroll-x"><table>
            <thead><tr><th>{ heading }</th><th>{ t(M::OPEN_SHORT) }</th><th>{ t(M::CLOSED_SHORT) }</th><th>{ t(M::OVERDUE_SHORT) }</th><th hidden={!with_lamp}>{ t(M::STATE) }</th></tr></thead>
            <tbody>{ for groups.iter().map(|group| {
                let (tone, words) = standing(group);
                html! {
                    <tr key={group.key.clone()}>
                        <td>{ group.label.in_lang(lang) }</td>
                        <td>{ number(&group.open) }</td><td>{ number(&group.closed) }</td><td>{ number(&group.overdue) }</td>
                        <td hidden={!with_lamp}><Lamp {tone}>{ t(words) }</Lamp></td>
                    </tr>
                }
            }) }</tbody>
        </table></div>
    }
}

fn group_bars(groups: &[GroupFigure], title: &str, heading: &str, kind: Option<&KindBrief>, lang: Lang) -> Html {
    let t = tr(lang);
    let total = |group: &GroupFigure| group.open.n + group.closed.n;
    let most = groups.iter().map(total).max().unwrap_or(0);
    html! {
        <section key={title} class="card">
            <header><h2>{ title }</h2></header>
            <div class="pad">
                <p class="sub" hidden={!groups.is_empty()}>{ empty_words(kind, lang) }</p>
                <ul class="m-plain">{ for groups.iter().map(|group| html! {
                    <li key={group.key.clone()} class="bar">
                        <A href={list(if group.open.n > 0 { &group.open } else { &group.closed })}>{ group.label.in_lang(lang) }</A>
                        { bar(total(group), most, "m-bar-brand") }
                        <span class="num">{ match (group.open.n, group.closed.n) {
                            (open, 0) => format!("{} {open}", t(M::OPEN_SHORT)),
                            (0, closed) => format!("{} {closed}", t(M::CLOSED_SHORT)),
                            (open, closed) => M::OPEN_AND_CLOSED.fill(lang, &[&open.to_string(), &closed.to_string()]),
                        } }</span>
                    </li>
                }) }</ul>
                <details class="m-behind" hidden={groups.is_empty()}><summary>{ t(M::AS_TABLE) }</summary>{ group_table(groups, heading, kind, false, lang) }</details>
            </div>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct UrgeProps {
    unit: Option<UnitFigure>,
    lang: Lang,
    on_close: Callback<()>,
}

/// 催办 all late matters of one unit, with one text.
#[component]
fn UrgeDialog(props: &UrgeProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let text = use_state(|| M::URGE_TEXT.in_lang(lang).to_owned());
    let outcome = use_state(|| None::<Vec<BulkOutcome>>);
    let task = use_task();
    let unit = props.unit.as_ref();
    let name = unit.map(|unit| brief_name(&unit.unit, lang)).unwrap_or_default();
    let n = unit.map_or(0, |unit| unit.overdue.n);
    {
        let (outcome, task) = (outcome.clone(), task.clone());
        use_effect_with(unit.map(|unit| unit.unit.code.clone()), move |_| {
            outcome.set(None);
            task.clear();
        });
    }
    let onsubmit = {
        let (task, outcome, text) = (task.clone(), outcome.clone(), text.clone());
        let query = unit.map(|unit| unit.overdue.query.clone()).unwrap_or_default();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (outcome, query, text) = (outcome.clone(), query.clone(), (*text).clone());
            task.run(async move {
                let done = urge_all(&query, text.trim()).await?;
                outcome.set(Some(done));
                Ok(())
            });
        })
    };
    let oninput = {
        let text = text.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(area) = event.target_dyn_into::<HtmlTextAreaElement>() {
                text.set(area.value());
            }
        })
    };
    let done = outcome.is_some();
    let results = outcome.as_deref().unwrap_or_default();
    let sent = results.iter().filter(|one| one.ok).count();
    let refused: Vec<_> = results.iter().filter(|one| !one.ok).collect();
    let summary = M::URGE_DONE.fill(lang, &[&sent.to_string(), &refused.len().to_string()]);
    let cancel = props.on_close.reform(|_: MouseEvent| ());
    html! {
        <Modal open={unit.is_some()} title={M::URGE_UNIT.fill(lang, &[&name])} on_close={props.on_close.clone()}>
            <form {onsubmit} hidden={done}>
                <p>{ M::URGE_EXPLAIN.fill(lang, &[&name, &n.to_string()]) }</p>
                { labelled(t(M::URGE_MESSAGE), t(M::URGE_HINT), html! {
                    <textarea class="input" rows="4" minlength="2" maxlength="300" required=true value={(*text).clone()} {oninput} />
                }) }
                <Fault fault={task.fault.clone()} {lang} />
                <div class="row-actions m-end">
                    <button class="btn" type="button" onclick={cancel.clone()}>{ t(M::CANCEL) }</button>
                    <button class="btn primary" type="submit" disabled={task.busy || n == 0}>{ count_words(M::URGE_N, lang, n) }</button>
                </div>
            </form>
            <div role="status" hidden={!done}>
                <p><strong>{ summary }</strong></p>
                <ul>{ for refused.iter().map(|one| {
                    let why = one.detail.clone().or_else(|| one.code.as_deref().and_then(Code::parse).map(|code| code.message().in_lang(lang).to_owned()));
                    html! { <li key={one.matter.to_string()}><A href={format!("/matters/{}", one.matter)}>{ why.unwrap_or_default() }</A></li> }
                }) }</ul>
            </div>
        </Modal>
    }
}

/// Presses a page of late matters at a time; the server takes no more at once.
async fn urge_all(query: &str, text: &str) -> Answer<Vec<BulkOutcome>> {
    let mut outcomes = Vec::new();
    let mut cursor = None::<String>;
    for _ in 0..URGE_PAGES {
        let next = cursor.map(|cursor| format!("&cursor={}", encode(&cursor))).unwrap_or_default();
        let page: Page<MatterItem> = api::get(&format!("/matters?{query}&limit=200{next}")).await?;
        let matters: Vec<MatterId> = page.items.iter().map(|item| item.id).collect();
        if matters.is_empty() {
            break;
        }
        let input = Map::from_iter([("text".to_owned(), json!(text))]);
        let done: Vec<BulkOutcome> = api::post("/matters/bulk", &BulkAction { matters, action: "urge".to_owned(), input }).await?;
        outcomes.extend(done);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    Ok(outcomes)
}
