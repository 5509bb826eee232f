//! Every component in each of its states, on one page for photographs and accessibility checks.

use crate::{
    kernel::{
        fields::{ErrorSummary, FieldForm, use_form},
        i18n::use_lang,
        toast::use_toasts,
    },
    ui::{Button, Card, Chip, ChipSelect, Dialog, Empty, Lamp, More, Skeleton, Tab, Tone},
};
use chrono::Days;
use serde_json::Map;
use shared::kernel::{
    api::DueView,
    calendar::Lamp as Light,
    field::{Field, Input, choice},
    messages as m,
    problem::{Code, FieldError},
    text::t,
};
use std::rc::Rc;
use yew::prelude::*;

fn due(days: i64, working: i64, lamp: Light) -> DueView {
    let today = crate::kernel::dates::today();
    let date = if days < 0 { today.checked_sub_days(Days::new(days.unsigned_abs())) } else { today.checked_add_days(Days::new(days.unsigned_abs())) };
    DueView { date: date.unwrap_or(today), instant: None, lamp, days_left: days, working_days_left: working, provisional: false }
}

fn sample_fields() -> Vec<Field> {
    let few = vec![choice("date", "限期", "By a date"), choice("recurring", "定期", "Recurring"), choice("standing", "长期坚持", "Standing")];
    vec![
        Field::new("text", t("短文", "Text"), Input::Text { min: 2, max: 40 }).required().hint(t("一句话", "One sentence")),
        Field::new("number", t("整数", "Number"), Input::Integer { min: 1, max: 30 }),
        Field::new("money", t("金额", "Money"), Input::Money),
        Field::new("date", t("日期", "Date"), Input::Date).required(),
        Field::new("choice", t("单选", "Choice"), Input::Choice { choices: few }).required(),
        Field::new("bool", t("是否", "Yes or no"), Input::Bool),
        Field::new("long", t("长文", "Long text"), Input::LongText { min: 10, max: 500 }).required(),
        Field::new("lines", t("多项", "Lines"), Input::Texts { max_items: 10, max: 100 }),
        Field::new("every", t("周期", "Recurrence"), Input::Recurrence),
    ]
}

#[component]
pub fn ComponentsPage() -> Html {
    let (lang, toasts) = (use_lang(), use_toasts());
    let fields = use_memo((), |()| sample_fields());
    let form = use_form("dev.components".into(), Map::new());
    let errors = Rc::new(vec![
        FieldError::new("/body/text", Code::Required),
        FieldError::new("/body/long", Code::Length),
        FieldError::new("/body/date", Code::Required),
    ]);
    let open = use_state_eq(|| false);
    let set_open = |value: bool| {
        let open = open.clone();
        Callback::from(move |()| open.set(value))
    };
    let done = {
        let toasts = toasts.clone();
        Callback::from(move |_: MouseEvent| toasts.done(m::SAVED.in_lang(lang)))
    };
    let trouble = Callback::from(move |_: MouseEvent| toasts.trouble(m::OFFLINE_WORDS.in_lang(lang)));
    let kinds = vec![("sample".to_owned(), m::SAMPLE_KIND.in_lang(lang).to_owned())];
    html! {
        <main class="pad">
            <div class="head"><h1>{ "/dev/components" }</h1></div>
            <div class="stack">
                <Card title="Button">
                    <div class="row-actions">
                        <Button tone={Tone::Primary}>{ m::SUBMIT.in_lang(lang) }</Button><Button>{ m::SAVE_DRAFT.in_lang(lang) }</Button><Button tone={Tone::Danger}>{ m::REMOVE_ROW.in_lang(lang) }</Button>
                        <Button tone={Tone::Quiet}>{ m::CANCEL.in_lang(lang) }</Button><Button disabled=true>{ m::SUBMIT.in_lang(lang) }</Button><Button tone={Tone::Primary} busy=true>{ m::SUBMIT.in_lang(lang) }</Button>
                        <Button onclick={done}>{ "Toast" }</Button><Button onclick={trouble}>{ "Toast" }</Button><Button onclick={set_open(true).reform(|_: MouseEvent| ())}>{ "Dialog" }</Button>
                    </div>
                </Card>
                <Card title="Lamp, Tag, Chip, Tabs">
                    <div class="stack">
                        <div class="row-actions">
                            <Lamp due={due(-2, -2, Light::Red)} /><Lamp due={due(0, 0, Light::Yellow)} /><Lamp due={due(1, 1, Light::Yellow)} /><Lamp due={due(5, 3, Light::Yellow)} /><Lamp due={due(31, 22, Light::Green)} />
                            <span class="lamp idle">{ m::LAMP_PAUSED.in_lang(lang) }</span><span class="tag">{ m::SAMPLE_KIND.in_lang(lang) }</span><span class="tag b">{ m::SAMPLE_STATE.in_lang(lang) }</span><span class="tag bad">{ m::SAMPLE_LEVEL.in_lang(lang) }</span>
                        </div>
                        <div class="filters"><Chip on=true label={m::FILTER_OVERDUE.in_lang(lang)} onclick={Callback::noop()} /><Chip on=false label={m::FILTER_SOON.in_lang(lang)} onclick={Callback::noop()} /><ChipSelect label={m::FILTER_KIND.in_lang(lang)} options={kinds} value="" onchange={Callback::noop()} /></div>
                        <nav class="tabs"><Tab href="/dev/components" current=true label={m::BOX_TODO.in_lang(lang)} count={Some(12)} /><Tab href="/dev/components" current=false label={m::BOX_CC.in_lang(lang)} count={Some(3)} /></nav>
                    </div>
                </Card>
                <div class="two">
                    <Card title="Empty"><Empty title={m::EMPTY_TODO.in_lang(lang)} text={m::EMPTY_TODO_WHAT.in_lang(lang)} /></Card>
                    <Card title="Skeleton"><Skeleton lines={6} /><More more={Some(Callback::noop())} shown={50} /></Card>
                </div>
                <Card title="Form">
                    <div class="stack">
                        <ErrorSummary scope="dev" fields={fields.clone()} prefix="/body" errors={errors.clone()} />
                        <FieldForm scope="dev" {fields} prefix="/body" values={form.values.clone()} {errors} set={form.set.clone()} />
                    </div>
                </Card>
            </div>
            <div class="overlays">
                if *open {
                    <Dialog title="Dialog" close={set_open(false)} footer={html! { <Button tone={Tone::Primary} onclick={set_open(false).reform(|_: MouseEvent| ())}>{ m::CLOSE.in_lang(lang) }</Button> }}><p>{ m::EMPTY_TODO_WHAT.in_lang(lang) }</p></Dialog>
                }
            </div>
        </main>
    }
}
