//! 核对后导入: how each row was understood and from which words. Only what can't be known is asked; it is answered in the row.

use super::kit::{
    A, Candidates, Empty, Fault, Head, Lamp, Task, count_words, loaded, plainly, reading, standing, tables_words, tr, use_go, use_kind, use_lang,
    use_query, use_task, use_title, use_watch, verdict, verdict_counts,
};
use crate::kernel::session::KindSheet as Kind;
use crate::kernel::{
    api,
    fields::FieldInput,
    session::{Session, use_session},
    values::{self, thousands},
};
use serde_json::{Map, Value, json};
use shared::kernel::{
    api::{CommitOutcome, ImportRow, ImportView, Progress, RowPatch},
    field::{Field, Input, Need},
    ids::MatterId,
    messages_more as M,
    problem::FieldError,
    text::{Lang, Message},
};
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::prelude::*;

fn needs_work(row: &ImportRow) -> bool {
    row.verdict == "decide" || row.verdict == "refused"
}

/// The three columns a reader needs to know a row again: what, who, until when.
struct Columns {
    title: Option<Field>,
    unit: Option<Field>,
    date: Option<Field>,
}

impl Columns {
    fn of(kind: &Kind) -> Self {
        let first = |wanted: fn(&Input) -> bool| kind.fields.iter().find(|field| !field.derived && wanted(&field.input)).cloned();
        Self {
            title: kind
                .title_from
                .as_deref()
                .and_then(|name| kind.field(name))
                .cloned()
                .or_else(|| first(|input| matches!(input, Input::LongText { .. } | Input::Text { .. }))),
            unit: first(|input| matches!(input, Input::Unit)),
            date: first(|input| matches!(input, Input::Date)),
        }
    }
}

/// What was understood, else the words of the cell.
fn cell(row: &ImportRow, field: Option<&Field>, session: Option<&Session>, lang: Lang) -> String {
    let Some(field) = field else { return String::new() };
    // One unit of many would look like the only one.
    let split = row.makes > 1 && matches!(field.input, Input::Unit);
    let words =
        row.values.get(&field.name).filter(|_| !split).zip(session).map(|(value, session)| values::line(Some(&field.input), value, session, lang));
    match words.unwrap_or_default() {
        words if words.is_empty() => row.source.get(&field.name).cloned().unwrap_or_default(),
        words => words,
    }
}

#[derive(Properties, PartialEq)]
pub struct ImportReviewProps {
    pub id: AttrValue,
}

/// How far the writing is.
pub fn writing_words(progress: Progress, lang: Lang) -> String {
    if progress.total == 0 {
        return M::IMPORT_WRITING_SOON.in_lang(lang).to_owned();
    }
    M::IMPORT_WRITING.fill(lang, &[&thousands(progress.done), &thousands(progress.total)])
}

#[component]
pub fn ImportReview(props: &ImportReviewProps) -> Html {
    let lang = use_lang();
    let import = use_query::<ImportView>(Some(format!("/imports/{}", props.id)));
    let kind = use_kind(import.ready().map_or("", |import| import.kind.as_str()));
    let reload = import.reload.clone();
    let task = use_task();
    let outcome = use_state(|| None::<Rc<CommitOutcome>>);
    // While rows are written the answers have none: those that were shown stay.
    let shown = use_mut_ref(|| None::<Rc<ImportView>>);
    let seen_writing = use_state_eq(|| false);
    use_title(M::IMPORT_REVIEW.in_lang(lang).to_owned());

    let progress = import.ready().and_then(|import| import.progress);
    use_watch(progress.is_some() || task.busy, import.refreshing, reload.clone());
    use_effect_with(progress.is_some(), {
        let seen_writing = seen_writing.clone();
        move |writing| {
            if *writing {
                seen_writing.set(true);
            }
        }
    });
    let writing = progress.or_else(|| task.busy.then(Progress::default));
    html! {
        <div class="m-page">
            { loaded(&import, |fresh| loaded(&kind, |kind| {
                if fresh.progress.is_none() {
                    shown.replace(Some(Rc::clone(&fresh)));
                }
                let import = shown.borrow().clone().unwrap_or(fresh);
                // Somebody else's try, or one of before: it is over, and nothing is there.
                let stopped = *seen_writing && writing.is_none() && import.state == "preview" && task.fault.is_none();
                html! {
                    <>
                        <Review {import} {kind} {lang} {reload} writing={writing.is_some()} {stopped} task={task.clone()} outcome={outcome.clone()} />
                        <Writing {writing} {lang} />
                    </>
                }
            })) }
        </div>
    }
}

#[derive(Properties)]
struct ReviewProps {
    import: Rc<ImportView>,
    kind: Rc<Kind>,
    lang: Lang,
    reload: Callback<()>,
    /// The rows are being written.
    writing: bool,
    /// They were, and came to nothing.
    stopped: bool,
    task: Task,
    outcome: UseStateHandle<Option<Rc<CommitOutcome>>>,
}

impl PartialEq for ReviewProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.import, &other.import)
            && Rc::ptr_eq(&self.kind, &other.kind)
            && self.lang == other.lang
            && (self.writing, self.stopped) == (other.writing, other.stopped)
            && (self.task.busy, &self.task.fault) == (other.task.busy, &other.task.fault)
            && self.outcome == other.outcome
    }
}

/// A bar with words while rows are written, and that one need not wait.
#[derive(Properties, PartialEq)]
struct WritingProps {
    writing: Option<Progress>,
    lang: Lang,
}

#[component]
fn Writing(props: &WritingProps) -> Html {
    let t = tr(props.lang);
    let words = props.writing.map(|progress| writing_words(progress, props.lang)).unwrap_or_default();
    let number = |number: i64| (number > 0).then(|| number.to_string());
    let (done, total) = props.writing.map(|progress| (number(progress.done), number(progress.total))).unwrap_or_default();
    // Without a value the bar only says that it goes on.
    let done = total.as_ref().map(|_| done.unwrap_or_else(|| "0".to_owned()));
    html! {
        <section class="card pad m-writing" hidden={props.writing.is_none()} aria-busy="true">
            <p><strong>{ words }</strong></p>
            <div class="m-progress"><progress aria-label={t(M::IMPORT)} value={done} max={total.unwrap_or_else(|| "1".to_owned())}></progress></div>
            <p class="sub" role="status">{ if props.writing.is_some() { t(M::IMPORT_WRITING_GOES_ON) } else { "" } }</p>
        </section>
    }
}

#[component]
fn Review(props: &ReviewProps) -> Html {
    let ReviewProps { import, kind, lang, reload, writing, stopped, task, outcome } = props;
    let lang = *lang;
    let t = tr(lang);
    let only_open = use_state(|| false);
    let go = use_go();
    let columns = Columns::of(kind);
    let counts = &import.counts;
    let committed = import.state == "committed" || outcome.is_some();
    let name = kind.name.in_lang(lang).to_owned();

    let (tables, unknown_words) = tables_words(&import.tables, lang);
    let standing = match (committed, writing) {
        (true, _) => t(M::IMPORT_WRITTEN),
        (_, true) => "",
        _ => t(M::IMPORT_NOTHING_WRITTEN),
    };
    let sub = [import.file_name.as_str(), &tables, standing].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(t(M::DOT));

    let on_filter = {
        let only_open = only_open.clone();
        Callback::from(move |event: Event| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                only_open.set(input.checked());
            }
        })
    };
    let on_commit = {
        let (task, outcome, reload) = (task.clone(), outcome.clone(), reload.clone());
        let recount = use_session().map(|session| session.reload_counts.clone()).unwrap_or_default();
        let path = format!("/imports/{}/commit", import.id);
        Callback::from(move |_: MouseEvent| {
            let (outcome, reload, recount, path) = (outcome.clone(), reload.clone(), recount.clone(), path.clone());
            task.run(async move {
                let done = api::post::<_, CommitOutcome>(&path, &json!({})).await;
                // When the connection was lost it may be going on.
                reload.emit(());
                recount.emit(());
                outcome.set(Some(Rc::new(done?)));
                Ok(())
            });
        })
    };
    let on_cancel = {
        let path = format!("/import?kind={}", import.kind);
        Callback::from(move |_: MouseEvent| go.to(&path))
    };
    let rows: Vec<_> = import.rows.iter().enumerate().filter(|(_, row)| !*only_open || needs_work(row)).collect();
    let nothing = rows.is_empty();
    // Opened while it is written: the rows come afterwards.
    let unread = import.progress.is_some();
    let why_empty = t(if *only_open { M::IMPORT_NOTHING_OPEN } else { M::IMPORT_NO_ROWS });
    let several_sheets = import.tables.len() > 1;
    let footing = if counts.accepted == 0 {
        t(M::IMPORT_NOTHING_READY).to_owned()
    } else if counts.refused + counts.decide > 0 {
        count_words(M::IMPORT_REST, lang, counts.accepted)
    } else {
        count_words(M::IMPORT_ALL, lang, counts.accepted)
    };
    let makes: i64 = import.rows.iter().map(|row| row.makes).sum();
    let press = if makes == counts.accepted {
        count_words(M::IMPORT_N, lang, counts.accepted)
    } else {
        M::IMPORT_N_MAKE.fill(lang, &[&counts.accepted.to_string(), &makes.to_string()])
    };
    let label = |field: &Option<Field>| field.as_ref().map(|field| field.label.in_lang(lang).to_owned()).unwrap_or_default();
    let (title_label, unit_label, date_label) = (label(&columns.title), label(&columns.unit), label(&columns.date));
    let trail = html! { <><A href={format!("/list/{}", import.kind)}>{ &name }</A>{ " / " }<A href={format!("/import?kind={}", import.kind)}>{ t(M::IMPORT) }</A></> };

    html! {
        <div class="m-review">
            <Head title={t(M::IMPORT_REVIEW)} {sub} {trail} />
            <Done outcome={(**outcome).clone()} import={Rc::clone(import)} kind={Rc::clone(kind)} {committed} {lang} />
            <p class="error" role="alert">{ if *stopped { t(M::IMPORT_STOPPED) } else { "" } }</p>
            <section class="card sum m-sum">
                { for verdict_counts(counts).into_iter().filter(|(n, code, _)| *n > 0 || *code == "accepted").map(|(n, code, words)| html! {
                    <Lamp key={code} tone={verdict(code).0}>{ count_words(words, lang, n) }</Lamp>
                }) }
                <span class="grow"></span>
                <label class="sub"><input type="checkbox" checked={*only_open} onchange={on_filter} />{ " " }{ t(M::IMPORT_ONLY_OPEN) }</label>
            </section>
            <p class="sub m-unknown">{ unknown_words }</p>
            <div class="card m-tablewrap" hidden={unread}>
                <table class="m-cards m-review-table">
                    <thead key="head"><tr>
                        <th>{ t(M::ROW) }</th><th>{ &title_label }</th><th>{ &unit_label }</th><th>{ &date_label }</th><th>{ t(M::IMPORT_UNDERSTOOD) }</th><th>{ t(M::IMPORT_VERDICT) }</th>
                    </tr></thead>
                    { for rows.into_iter().map(|(index, row)| html! {
                        <ReviewRow key={index} {index} row={row.clone()} import={import.id.to_string()} kind={Rc::clone(kind)} {lang} committed={committed || *writing} {several_sheets} reload={reload.clone()} />
                    }) }
                </table>
                <div hidden={!nothing || unread}><Empty title={why_empty} /></div>
            </div>
            <Fault fault={task.fault.clone().filter(|_| !committed && !*writing)} {lang} />
            <div class="m-footer no-print" hidden={committed || *writing}>
                <span class="sub">{ footing }</span>
                <span class="grow"></span>
                <button class="btn" type="button" onclick={on_cancel}>{ t(M::CANCEL) }</button>
                <button class="btn primary" type="button" disabled={task.busy || counts.accepted == 0} onclick={on_commit}>{ press }</button>
            </div>
        </div>
    }
}

#[derive(Properties)]
struct DoneProps {
    outcome: Option<Rc<CommitOutcome>>,
    import: Rc<ImportView>,
    kind: Rc<Kind>,
    committed: bool,
    lang: Lang,
}

impl PartialEq for DoneProps {
    fn eq(&self, other: &Self) -> bool {
        self.outcome == other.outcome && Rc::ptr_eq(&self.import, &other.import) && self.committed == other.committed && self.lang == other.lang
    }
}

/// What the import made, with the way to it.
#[component]
fn Done(props: &DoneProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let words = match &props.outcome {
        Some(done) => M::IMPORT_DONE.fill(lang, &[&done.created.to_string(), &done.present.to_string()]),
        None => t(M::IMPORT_COMMITTED_BEFORE).to_owned(),
    };
    let session = use_session();
    let columns = Columns::of(&props.kind);
    // A row that was split makes several: they are told apart by their place in it.
    let matters: Vec<(String, MatterId)> = props
        .import
        .rows
        .iter()
        .flat_map(|row| {
            let title = cell(row, columns.title.as_ref(), session.as_ref(), lang);
            let several = row.matters.len() > 1;
            row.matters.iter().zip(1_usize..).map(move |(matter, nth)| (if several { format!("{title} ({nth})") } else { title.clone() }, *matter))
        })
        .collect();
    html! {
        <section class="card pad m-done" role="status" hidden={!props.committed}>
            <p><strong>{ words }</strong></p>
            <p><A href={format!("/list/{}", props.import.kind)}>{ t(M::IMPORT_SEE_LIST) }</A></p>
            <details hidden={matters.is_empty()}>
                <summary>{ count_words(M::IMPORT_SEE_MATTERS, lang, i64::try_from(matters.len()).unwrap_or(i64::MAX)) }</summary>
                <ol>{ for matters.iter().map(|(words, matter)| html! {
                    <li key={matter.to_string()}><A href={format!("/matters/{matter}")}>{ words.clone() }</A></li>
                }) }</ol>
            </details>
        </section>
    }
}

#[derive(Properties)]
struct RowProps {
    index: usize,
    row: ImportRow,
    import: String,
    kind: Rc<Kind>,
    lang: Lang,
    committed: bool,
    several_sheets: bool,
    reload: Callback<()>,
}

impl PartialEq for RowProps {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index && self.row == other.row && self.lang == other.lang && self.committed == other.committed
    }
}

/// Fields to show in the row's form: those at fault, what they hang on, and what hangs on them.
fn asked_fields(kind: &Kind, row: &ImportRow, draft: &Map<String, Value>, all: bool) -> Vec<Field> {
    let at_fault = |name: &str| row.problems.iter().any(|problem| problem.field == name);
    let controls: Vec<&str> = kind
        .fields
        .iter()
        .filter_map(|field| match &field.need {
            Need::If { field: control, .. } if at_fault(&field.name) => Some(control.as_str()),
            _ => None,
        })
        .collect();
    let chosen = |name: &str| draft.get(name).or_else(|| row.values.get(name)).and_then(Value::as_str).unwrap_or_default().to_owned();
    let shown = |field: &Field| {
        let wanted = all || at_fault(&field.name) || controls.contains(&field.name.as_str());
        match &field.need {
            Need::If { field: control, values } => {
                let follows = wanted || at_fault(control) || controls.contains(&control.as_str());
                follows && values.contains(&chosen(control))
            }
            _ => wanted,
        }
    };
    kind.fields.iter().filter(|field| !field.derived && shown(field)).cloned().collect()
}

fn decision_words(decision: &str) -> Option<Message> {
    match decision {
        "keep" => Some(M::DECIDE_KEEP),
        "skip" => Some(M::DECIDE_SKIP),
        "split" => Some(M::DECIDE_SPLIT),
        "confirm" => Some(M::DECIDE_CONFIRM),
        _ => None,
    }
}

#[component]
fn ReviewRow(props: &RowProps) -> Html {
    let RowProps { index, row, import, kind, lang, committed, several_sheets, reload } = props;
    let lang = *lang;
    let t = tr(lang);
    let draft = use_state(Map::<String, Value>::new);
    let open = use_state(|| false);
    let all = use_state(|| false);
    let task = use_task();
    let session = use_session();
    let columns = Columns::of(kind);
    let (tone, words) = standing(row);
    let in_columns: Vec<&str> = [&columns.title, &columns.unit, &columns.date].into_iter().flatten().map(|field| field.name.as_str()).collect();
    let makes = match (row.makes, row.matters.as_slice()) {
        (0 | 1, _) => String::new(),
        (makes, []) => count_words(M::ROW_MAKES, lang, makes),
        (makes, _) => count_words(M::ROW_MADE, lang, makes),
    };
    let editing = !*committed && (needs_work(row) || *open);

    let send = {
        let (task, draft, open, reload) = (task.clone(), draft.clone(), open.clone(), reload.clone());
        let path = format!("/imports/{import}/rows/{}?sheet={}", row.row, crate::kernel::query::encode(&row.sheet));
        Callback::from(move |answer: RowPatch| {
            // What was typed and not sent yet goes along; a candidate that was chosen comes after it.
            let mut patch = RowPatch { values: (*draft).clone(), ..answer };
            patch.values.extend(answer.values);
            let (draft, open, reload, path) = (draft.clone(), open.clone(), reload.clone(), path.clone());
            task.run(async move {
                let _: ImportView = api::patch(&path, &patch, None).await?;
                draft.set(Map::new());
                open.set(false);
                reload.emit(());
                Ok(())
            });
        })
    };
    let on_change = {
        let draft = draft.clone();
        Callback::from(move |(name, value): (String, Value)| {
            let mut next = (*draft).clone();
            next.insert(name, value);
            draft.set(next);
        })
    };
    let onsubmit = {
        let send = send.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            send.emit(RowPatch::default());
        })
    };
    let toggle = |state: &UseStateHandle<bool>| {
        let state = state.clone();
        Callback::from(move |_: MouseEvent| state.set(!*state))
    };
    let fields = if editing { asked_fields(kind, row, &draft, *all) } else { Vec::new() };
    let faults: Vec<FieldError> = task.fault.as_ref().map(|fault| fault.errors().to_vec()).unwrap_or_default();
    let no_fields = fields.is_empty();
    let options: Vec<_> = row.options.iter().filter_map(|option| decision_words(option).map(|words| (option.clone(), words))).collect();
    let decided = row.decision.as_deref().and_then(decision_words).map(|words| M::DECIDED.fill(lang, &[t(words)])).unwrap_or_default();
    let place = if *several_sheets { format!("{} · {}", row.sheet, row.row) } else { row.row.to_string() };
    let label = |field: &Option<Field>| field.as_ref().map(|field| field.label.in_lang(lang).to_owned()).unwrap_or_default();

    html! {
        <tbody class={classes!("m-row", format!("m-{}", row.verdict))}>
            <tr>
                <td class="num c-row" data-label={t(M::ROW)}>{ place }</td>
                <td class="title c-title">{ cell(row, columns.title.as_ref(), session.as_ref(), lang) }</td>
                <td class="c-unit" data-label={label(&columns.unit)}>{ cell(row, columns.unit.as_ref(), session.as_ref(), lang) }</td>
                <td class="num c-date" data-label={label(&columns.date)}>{ cell(row, columns.date.as_ref(), session.as_ref(), lang) }</td>
                <td class="sub c-read">
                    { reading(row, plainly(row, kind, &in_columns, session.as_ref(), lang), lang) }
                    <small>{ [decided, makes].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(t(M::DOT)) }</small>
                </td>
                <td class="c-verdict">
                    <Lamp {tone}>{ t(words) }</Lamp>
                    <button class="linklike no-print" type="button" hidden={*committed || needs_work(row)} aria-expanded={open.to_string()} onclick={toggle(&open)}>{ t(M::CHANGE) }</button>
                </td>
            </tr>
            <tr class="m-edit" hidden={!editing}>
                <td colspan="6">
                    <form class="m-edit-form" {onsubmit}>
                        <div class="row-actions" hidden={options.is_empty()}>
                            { for options.iter().map(|(option, words)| {
                                let (send, value) = (send.clone(), option.clone());
                                let taken = row.decision.as_deref() == Some(option);
                                html! {
                                    <button key={option.clone()} class="btn" type="button" aria-pressed={taken.to_string()} disabled={task.busy} onclick={Callback::from(move |_: MouseEvent| send.emit(RowPatch { decision: Some(value.clone()), ..RowPatch::default() }))}>
                                        { t(*words) }
                                    </button>
                                }
                            }) }
                        </div>
                        <div class="m-questions">
                            { for row.problems.iter().filter(|problem| editing && !problem.candidates.is_empty()).enumerate().map(|(at, problem)| html! {
                                <Candidates key={at} problem={problem.clone()} one={kind.field(&problem.field).is_some_and(|field| field.input == Input::Unit)} {lang} disabled={task.busy} send={send.clone()} />
                            }) }
                        </div>
                        <div class="m-fields">
                            { for fields.into_iter().map(|field| {
                                let value = draft.get(&field.name).or_else(|| row.values.get(&field.name)).cloned().unwrap_or(Value::Null);
                                let pointer = format!("/values/{}", field.name);
                                let required = field.need != Need::Optional;
                                html! {
                                    <FieldInput key={field.name.clone()} scope={format!("row-{index}")} field={field.clone()} pointer={pointer.clone()} {value} {required}
                                        errors={faults.iter().filter(|fault| fault.pointer == pointer).cloned().collect::<Vec<_>>()} set={on_change.clone()} matter={None::<AttrValue>} disabled={false} />
                                }
                            }) }
                        </div>
                        <div class="row-actions">
                            <button class="btn primary" type="submit" hidden={no_fields} disabled={task.busy || draft.is_empty()}>{ t(M::IMPORT_CHECK_AGAIN) }</button>
                            <button class="linklike" type="button" aria-expanded={all.to_string()} onclick={toggle(&all)}>{ t(if *all { M::FEWER_FIELDS } else { M::ALL_FIELDS }) }</button>
                        </div>
                        <Fault fault={task.fault.clone()} {lang} />
                    </form>
                </td>
            </tr>
        </tbody>
    }
}
