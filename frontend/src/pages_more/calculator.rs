//! 期限计算器: the same code that runs the clocks, open to trial; each step in words, the law beside it.

use super::kit::{
    A, DateBox, Fault, Head, Lamp, Tone, labelled, labelled_for, on_change, on_choose, tr, use_lang, use_query, use_task, use_title, use_url,
};
use crate::kernel::api::{self, Listing};
use serde::Deserialize;
use shared::kernel::{
    calendar::{ClockRule, CountRequest, CountResult, CountUnit, Direction, ExtensionStep, Moment, Pause, RuleSource},
    messages_more as M,
    text::{Lang, Message, Text},
};
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::prelude::*;

const UNITS: [(CountUnit, &str, Message); 5] = [
    (CountUnit::NaturalDays, "natural_days", M::UNIT_NATURAL_DAYS),
    (CountUnit::WorkingDays, "working_days", M::UNIT_WORKING_DAYS),
    (CountUnit::Months, "months", M::UNIT_MONTHS),
    (CountUnit::Years, "years", M::UNIT_YEARS),
    (CountUnit::Hours, "hours", M::UNIT_HOURS),
];
/// As many pauses or extensions as the form offers; the server takes a hundred.
const ROWS: usize = 20;

/// The answer of the calculator: the count, and its steps as sentences where the server sends them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Computed {
    #[serde(flatten)]
    result: CountResult,
    #[serde(default)]
    sentences: Vec<Text>,
}

impl Computed {
    fn words(&self, lang: Lang) -> Vec<String> {
        if self.sentences.is_empty() {
            self.result.steps.iter().map(|step| if lang == Lang::Zh { step.sentence_zh() } else { step.sentence_en() }).collect()
        } else {
            self.sentences.iter().map(|sentence| sentence.in_lang(lang).to_owned()).collect()
        }
    }
}

/// What is typed, as typed.
#[derive(Debug, Clone, PartialEq)]
struct Form {
    start: String,
    amount: String,
    unit: CountUnit,
    direction: Direction,
    counts_first_day: bool,
    rolls: bool,
    pauses: Vec<(String, String)>,
    extensions: Vec<(String, CountUnit)>,
}

impl Form {
    fn new() -> Self {
        Self {
            start: String::new(),
            amount: String::new(),
            unit: CountUnit::WorkingDays,
            direction: Direction::After,
            counts_first_day: false,
            rolls: true,
            pauses: Vec::new(),
            extensions: Vec::new(),
        }
    }

    fn hours(&self) -> bool {
        self.unit == CountUnit::Hours
    }

    /// The form follows a rule; start, pauses and extensions stay as typed.
    fn follow(&mut self, rule: &ClockRule) {
        self.amount = rule.amount.map(|amount| amount.to_string()).unwrap_or_default();
        self.unit = rule.unit.unwrap_or(self.unit);
        self.direction = rule.direction;
        self.counts_first_day = rule.counts_first_day;
        self.rolls = rule.rolls_if_holiday;
    }

    /// What to ask, or what is missing.
    fn request(&self) -> Result<CountRequest, Message> {
        let moment = |text: &str| moment(text, self.hours());
        let forward = self.direction == Direction::After;
        let pauses = self.pauses.iter().filter(|(from, to)| forward && !(from.is_empty() && to.is_empty()));
        let extensions = self.extensions.iter().filter(|(amount, _)| forward && !amount.trim().is_empty());
        Ok(CountRequest {
            start: moment(&self.start).ok_or(M::CALC_NEEDS_START)?,
            amount: self.amount.trim().parse().map_err(|_| M::CALC_NEEDS_AMOUNT)?,
            unit: self.unit,
            direction: self.direction,
            counts_first_day: forward && self.counts_first_day,
            rolls_if_holiday: forward && self.rolls,
            pauses: pauses
                .map(|(from, to)| Some(Pause { from: moment(from)?, to: moment(to)? }))
                .collect::<Option<_>>()
                .ok_or(M::CALC_NEEDS_PAUSE)?,
            extensions: extensions
                .map(|(amount, unit)| amount.trim().parse().ok().map(|amount| ExtensionStep { amount, unit: *unit }))
                .collect::<Option<_>>()
                .ok_or(M::CALC_NEEDS_EXTENSION)?,
        })
    }
}

/// A day, or a local minute with the zone of the jurisdiction.
fn moment(typed: &str, hours: bool) -> Option<Moment> {
    if hours { format!("{typed}:00+08:00").parse().ok() } else { typed.parse().ok() }
}

fn unit_code(unit: CountUnit) -> &'static str {
    UNITS.iter().find(|(known, ..)| *known == unit).map_or("", |(_, code, _)| code)
}

fn unit_of(code: &str) -> CountUnit {
    UNITS.iter().find(|(_, known, _)| *known == code).map_or(CountUnit::NaturalDays, |(unit, ..)| *unit)
}

fn due_words(due: Moment, lang: Lang) -> String {
    use crate::kernel::dates::full_day;
    match due {
        Moment::Date(date) => full_day(date, lang),
        Moment::Instant(instant) => format!("{} {}", full_day(due.date(), lang), (instant.naive_utc() + chrono::Duration::hours(8)).format("%H:%M")),
    }
}

fn rule_name(rule: &ClockRule, lang: Lang) -> &str {
    if lang == Lang::Zh { &rule.zh } else { &rule.en }
}

/// Changes the form; the answer of the old one is put away with it.
fn editing<T: 'static>(
    form: &UseStateHandle<Form>,
    answer: &UseStateHandle<Option<Rc<Computed>>>,
    change: impl Fn(&mut Form, T) + 'static,
) -> Callback<T> {
    let (form, answer) = (form.clone(), answer.clone());
    Callback::from(move |value: T| {
        let mut next = (*form).clone();
        change(&mut next, value);
        form.set(next);
        answer.set(None);
    })
}

#[component]
pub fn CalculatorPage() -> Html {
    let lang = use_lang();
    let t = tr(lang);
    let url = use_url();
    let rules = use_query::<Listing<ClockRule>>(Some("/clock-rules".to_owned()));
    let form = use_state(Form::new);
    let missing = use_state(|| None::<Message>);
    let answer = use_state(|| None::<Rc<Computed>>);
    let task = use_task();
    use_title(t(M::CALCULATOR).to_owned());

    let known: &[ClockRule] = rules
        .ready()
        .map(|rules| match &**rules {
            Listing::Plain(items) | Listing::Paged { items } => items.as_slice(),
        })
        .unwrap_or_default();
    let rule = known.iter().find(|rule| rule.key == url.get("rule")).cloned();
    {
        let (form, answer) = (form.clone(), answer.clone());
        let rule = rule.clone();
        use_effect_with(rule.as_ref().map(|rule| rule.key.clone()), move |_| {
            if let Some(rule) = rule {
                let mut next = (*form).clone();
                next.follow(&rule);
                form.set(next);
                answer.set(None);
            }
        });
    }
    let on_rule = {
        let url = url.clone();
        let keys: Vec<(String, String)> = known.iter().map(|rule| (rule_name(rule, lang).to_owned(), rule.key.clone())).collect();
        on_change(Callback::from(move |typed: String| {
            let key = keys.iter().find(|(name, _)| name == typed.trim()).map(|(_, key)| key.as_str());
            url.set("rule", key.unwrap_or_default());
        }))
    };
    let onsubmit = {
        let (form, missing, answer, task) = (form.clone(), missing.clone(), answer.clone(), task.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match form.request() {
                Err(words) => {
                    missing.set(Some(words));
                    answer.set(None);
                }
                Ok(request) => {
                    missing.set(None);
                    let answer = answer.clone();
                    task.run(async move {
                        let computed: Computed = api::post("/calendars/compute", &request).await?;
                        answer.set(Some(Rc::new(computed)));
                        Ok(())
                    });
                }
            }
        })
    };
    let on_print = Callback::from(|_: MouseEvent| {
        if let Some(window) = web_sys::window() {
            // A browser that can't print shows nothing; there is nothing to tell.
            let _ = window.print();
        }
    });
    let forward = form.direction == Direction::After;
    let with_time = form.hours();
    let text_edit = |change: fn(&mut Form, String)| on_change(editing(&form, &answer, change));
    let check = |label: Message, on: bool, change: fn(&mut Form, bool)| {
        let edit = editing(&form, &answer, change);
        let onchange = Callback::from(move |event: Event| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                edit.emit(input.checked());
            }
        });
        html! { <label class="check"><input type="checkbox" checked={on} {onchange} />{ t(label) }</label> }
    };
    let unit_select = |unit: CountUnit, onchange: Callback<Event>| {
        html! {
            <select class="input" aria-label={t(M::CALC_UNIT)} {onchange}>
                { for UNITS.iter().map(|(known, code, words)| html! { <option key={*code} value={*code} selected={*known == unit}>{ t(*words) }</option> }) }
            </select>
        }
    };
    let add_pause = editing(&form, &answer, |form, _: MouseEvent| form.pauses.push(Default::default()));
    let add_extension = editing(&form, &answer, |form, _: MouseEvent| form.extensions.push((String::new(), form.unit)));

    html! {
        <div class="m-page m-calculator">
            <Head title={t(M::CALCULATOR)} sub={t(M::CALC_SUB)}>
                <button class="btn hide-s" type="button" disabled={answer.is_none()} onclick={on_print}>{ t(M::PRINT) }</button>
            </Head>
            <div class="cols">
                <form class="card pad m-form" {onsubmit}>
                    { labelled(t(M::CALC_RULE), t(M::CALC_RULE_HINT), html! {
                        <>
                            <input key={url.get("rule").to_owned()} class="input" type="search" list="clock-rules" value={rule.as_ref().map(|rule| rule_name(rule, lang).to_owned()).unwrap_or_default()} onchange={on_rule} />
                            <datalist id="clock-rules">{ for known.iter().map(|rule| html! { <option key={rule.key.clone()} value={rule_name(rule, lang).to_owned()}>{ rule.law.clone().unwrap_or_default() }</option> }) }</datalist>
                        </>
                    }) }
                    <fieldset class="m-radio">
                        <legend class="label">{ t(M::CALC_DIRECTION) }</legend>
                        { for [(Direction::After, M::CALC_AFTER), (Direction::Before, M::CALC_BEFORE)].into_iter().map(|(direction, words)| {
                            let onchange = editing(&form, &answer, move |form, _: Event| form.direction = direction);
                            html! { <label key={words.en} class="check"><input type="radio" name="direction" checked={form.direction == direction} {onchange} />{ t(words) }</label> }
                        }) }
                    </fieldset>
                    { labelled_for("calc-start", t(if forward { M::CALC_START } else { M::CALC_EVENT }), if with_time { t(M::CALC_ZONE) } else { "" }, html! {
                        <DateBox id="calc-start" {with_time} required=true as_typed=true value={form.start.clone()} set={editing(&form, &answer, |form, value| form.start = value)} />
                    }) }
                    <div class="pair">
                        { labelled(t(M::CALC_AMOUNT), "", html! { <input class="input" type="number" min="1" max="3660" required=true value={form.amount.clone()} onchange={text_edit(|form, value| form.amount = value)} /> }) }
                        { labelled(t(M::CALC_UNIT), "", unit_select(form.unit, on_choose(editing(&form, &answer, |form, code: String| {
                            let was_hours = form.hours();
                            form.unit = unit_of(&code);
                            if was_hours != form.hours() {
                                // A day is not an instant, nor the other way round.
                                form.start.clear();
                                form.pauses.clear();
                            }
                        })))) }
                    </div>
                    <div hidden={!forward}>
                        <div class="checks">
                            { check(M::CALC_FIRST_DAY, form.counts_first_day, |form, on| form.counts_first_day = on) }
                            { check(M::CALC_ROLLS, form.rolls, |form, on| form.rolls = on) }
                        </div>
                        <h3>{ t(M::CALC_PAUSES) }</h3>
                        <div>{ for form.pauses.iter().enumerate().map(|(index, (from, to))| {
                            let on_from = editing(&form, &answer, move |form, value| if let Some(pause) = form.pauses.get_mut(index) { pause.0 = value; });
                            let on_to = editing(&form, &answer, move |form, value| if let Some(pause) = form.pauses.get_mut(index) { pause.1 = value; });
                            let remove = editing(&form, &answer, move |form, _: MouseEvent| if index < form.pauses.len() { form.pauses.remove(index); });
                            html! {
                                <div key={index} class="m-line">
                                    <DateBox {with_time} label={t(M::FROM_DAY)} value={from.clone()} set={on_from} />
                                    <span>{ "–" }</span>
                                    <DateBox {with_time} label={t(M::TO_DAY)} value={to.clone()} set={on_to} />
                                    <button class="linklike" type="button" onclick={remove}>{ t(M::REMOVE) }</button>
                                </div>
                            }
                        }) }</div>
                        <button class="linklike" type="button" disabled={form.pauses.len() >= ROWS} onclick={add_pause}>{ t(M::CALC_ADD_PAUSE) }</button>
                        <h3>{ t(M::CALC_EXTENSIONS) }</h3>
                        <div>{ for form.extensions.iter().enumerate().map(|(index, (amount, unit))| {
                            let on_amount = on_change(editing(&form, &answer, move |form, value| if let Some(extension) = form.extensions.get_mut(index) { extension.0 = value; }));
                            let on_unit = on_choose(editing(&form, &answer, move |form, code: String| if let Some(extension) = form.extensions.get_mut(index) { extension.1 = unit_of(&code); }));
                            let remove = editing(&form, &answer, move |form, _: MouseEvent| if index < form.extensions.len() { form.extensions.remove(index); });
                            html! {
                                <div key={index} class="m-line">
                                    <input class="input" type="number" min="1" max="3660" aria-label={t(M::CALC_AMOUNT)} value={amount.clone()} onchange={on_amount} />
                                    { unit_select(*unit, on_unit) }
                                    <button class="linklike" type="button" onclick={remove}>{ t(M::REMOVE) }</button>
                                </div>
                            }
                        }) }</div>
                        <button class="linklike" type="button" disabled={form.extensions.len() >= ROWS} onclick={add_extension}>{ t(M::CALC_ADD_EXTENSION) }</button>
                    </div>
                    <p class="error" role="alert">{ missing.map(t).unwrap_or_default() }</p>
                    <Fault fault={task.fault.clone()} {lang} />
                    <div class="row-actions m-end"><button class="btn primary" type="submit" disabled={task.busy}>{ t(M::CALC_COMPUTE) }</button></div>
                </form>
                <aside class="stack">
                    <section class="card pad" aria-live="polite">{ result_view((*answer).clone(), &form, forward, lang) }</section>
                    <section class="card pad" hidden={rule.is_none()}>{ rule.map_or_else(Html::default, |rule| rule_view(&rule, lang)) }</section>
                </aside>
            </div>
        </div>
    }
}

fn result_view(answer: Option<Rc<Computed>>, form: &Form, forward: bool, lang: Lang) -> Html {
    let t = tr(lang);
    let Some(answer) = answer else { return html! { <p key="before" class="sub">{ t(M::CALC_BEFORE_ANSWER) }</p> } };
    let asked = M::CALC_ASKED.fill(
        lang,
        &[
            &form.start.replace('T', " "),
            &form.amount,
            UNITS.iter().find(|(_, code, _)| *code == unit_code(form.unit)).map_or("", |(.., words)| t(*words)),
        ],
    );
    html! {
        <div key="answer">
            <p class="sub">{ t(if forward { M::CALC_DUE } else { M::CALC_LATEST }) }</p>
            <p class="big">{ due_words(answer.result.due, lang) }</p>
            <div>{ if answer.result.provisional { html! { <Lamp tone={Tone::Warn}>{ t(M::PROVISIONAL) }</Lamp> } } else { html! { <span></span> } } }</div>
            <p class="sub">{ asked }</p>
            <ol class="calc">{ for answer.words(lang).into_iter().enumerate().map(|(index, words)| html! { <li key={index}>{ words }</li> }) }</ol>
            <p class="sub">{ M::CALENDAR_EDITION.fill(lang, &[&answer.result.calendar_edition]) }{ " " }<A href="/calendar">{ t(M::CALENDAR) }</A></p>
        </div>
    }
}

/// The rule with its law's own words; a source nobody checked says so.
fn rule_view(rule: &ClockRule, lang: Lang) -> Html {
    let t = tr(lang);
    let law = [rule.law.as_deref(), rule.article.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let source = match rule.source {
        RuleSource::Memory => html! { <Lamp tone={Tone::Warn}>{ t(M::SOURCE_UNCHECKED) }</Lamp> },
        RuleSource::Configurable => html! { <Lamp tone={Tone::Idle}>{ t(M::SOURCE_AGREED) }</Lamp> },
        RuleSource::Read => html! { <Lamp tone={Tone::Ok}>{ t(M::SOURCE_READ) }</Lamp> },
    };
    let facts = [
        (M::RULE_WHO, rule.who.clone()),
        (M::RULE_STARTS, rule.starts_on.clone()),
        (M::RULE_ENDS, rule.ends_on.clone()),
        (M::RULE_COUNTING, rule.counting_basis.clone()),
        (M::RULE_PAUSABLE, rule.pausable.join(t(M::LIST_COMMA))),
        (M::RULE_EXTENSION, rule.extension.as_ref().map(|extension| format!("{} · {}", extension.approver, extension.basis)).unwrap_or_default()),
        (M::RULE_URGENT, rule.urgent_variant.as_ref().map(|variant| variant.when.clone()).unwrap_or_default()),
        (M::RULE_CONSEQUENCE, rule.consequence.clone()),
        (M::RULE_NOTE, rule.note.clone()),
    ];
    html! {
        <>
            <h2>{ rule_name(rule, lang) }</h2>
            <p>{ source }</p>
            <blockquote class="law" lang="zh-CN"><strong>{ law }</strong><p>{ rule.clause_text.clone().unwrap_or_default() }</p></blockquote>
            <dl class="facts" lang="zh-CN">{ for facts.into_iter().filter(|(_, words)| !words.is_empty()).map(|(label, words)| html! {
                <div key={label.en} class="m-fact"><dt>{ t(label) }</dt><dd>{ words }</dd></div>
            }) }</dl>
        </>
    }
}
