//! Writing a matter: the kind's form, as a draft or handed in. What is typed stays in this browser until the server has it.

use crate::{
    kernel::{
        api,
        fields::{Elsewhere, ErrorSummary, FieldForm, Values, asked_values, fault_words, use_form},
        hooks::{Fetched, use_mutation, use_query, use_title},
        i18n::use_lang,
        lookup::SessionLookup,
        query::encode,
        router::{A, use_go},
        session::{KindSheet, Session, use_kind, use_session},
        toast::use_toasts,
        values,
    },
    ui::{Button, Card, Skeleton, Tone, Trouble, target_value},
};
use serde_json::{Value, json};
use shared::kernel::{
    api::{MatterDetail, MatterItem, MatterPatch, NewMatter, Page},
    field::Field,
    header, messages as m,
    problem::{Code, FieldError},
    validate::{Strictness, TITLE_MAX, TITLE_MIN, validate},
};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct NewPageProps {
    pub kind: String,
}

#[component]
pub fn NewPage(props: &NewPageProps) -> Html {
    let kind = use_kind(&props.kind);
    let session = use_session();
    let inside = match (&kind.state, session) {
        (Fetched::Failed(error), _) => html! { <div class="card"><Trouble error={error.clone()} retry={Some(kind.reload.clone())} /></div> },
        (Fetched::Ready(kind), Some(session)) => html! { <Editor kind={kind.clone()} {session} matter={None::<Rc<MatterDetail>>} /> },
        _ => html! { <div class="card"><Skeleton lines={8} /></div> },
    };
    html! { <div>{ inside }</div> }
}

#[derive(Properties, PartialEq)]
pub struct EditPageProps {
    pub id: String,
}

#[component]
pub fn EditPage(props: &EditPageProps) -> Html {
    let matter = use_query::<MatterDetail>(Some(format!("/matters/{}", props.id)));
    let inside = match &matter.state {
        Fetched::Failed(error) => html! { <div class="card"><Trouble error={error.clone()} retry={Some(matter.reload.clone())} /></div> },
        // A kept older answer would give the form an old version to start from.
        Fetched::Ready(_) if matter.refreshing => html! { <div class="card"><Skeleton lines={8} /></div> },
        Fetched::Ready(detail) => html! { <EditWithKind matter={detail.clone()} /> },
        Fetched::Loading => html! { <div class="card"><Skeleton lines={8} /></div> },
    };
    html! { <div>{ inside }</div> }
}

#[derive(Properties, PartialEq)]
struct EditWithKindProps {
    matter: Rc<MatterDetail>,
}

#[component]
fn EditWithKind(props: &EditWithKindProps) -> Html {
    let kind = use_kind(&props.matter.item.kind);
    let session = use_session();
    let inside = match (&kind.state, session) {
        (Fetched::Failed(error), _) => html! { <div class="card"><Trouble error={error.clone()} retry={Some(kind.reload.clone())} /></div> },
        (Fetched::Ready(kind), Some(session)) => html! { <Editor kind={kind.clone()} {session} matter={Some(props.matter.clone())} /> },
        _ => html! { <div class="card"><Skeleton lines={8} /></div> },
    };
    html! { <div>{ inside }</div> }
}

#[derive(Properties, PartialEq)]
struct EditorProps {
    kind: Rc<KindSheet>,
    session: Session,
    matter: Option<Rc<MatterDetail>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Purpose {
    Save,
    Submit,
}

/// The name of the title among the form's values: not a field of any kind.
const TITLE: &str = "@title";

/// The header's fields stand among the form's values under names no body field has.
fn header_name(name: &str) -> String {
    format!("@{name}")
}

/// What the form started from, kept among its values: left unsent, it still tells one's own changes from another's.
const BASE: &str = "@base";

/// The form of a matter as it stands.
fn form_of(matter: Option<&MatterDetail>) -> Values {
    on_base(initial_values(matter), matter.map(|matter| initial_values(Some(matter))))
}

fn on_base(mut values: Values, base: Option<Values>) -> Values {
    values.extend(base.map(|base| (BASE.to_owned(), Value::Object(base))));
    values
}

fn base_of(values: &Values) -> Values {
    values.get(BASE).and_then(Value::as_object).cloned().unwrap_or_default()
}

fn initial_values(matter: Option<&MatterDetail>) -> Values {
    let mut values = matter.map(|matter| matter.body.clone()).unwrap_or_default();
    if let Some(matter) = matter {
        values.insert(TITLE.into(), Value::String(matter.item.title.clone()));
        values.insert(header_name("urgency"), Value::String(matter.item.urgency.clone()));
        values.insert(header_name("domains"), json!(matter.domains));
        values.insert(header_name("main_task"), json!(matter.main_task));
        values.insert(header_name("summary"), json!(matter.summary));
        values.insert(header_name("not_secret"), json!(matter.not_secret));
    } else {
        values.insert(header_name("urgency"), json!("normal"));
    }
    values
}

/// The header's values under their own names.
fn header_of(values: &Values) -> Values {
    header::fields().into_iter().filter_map(|field| values.get(&header_name(&field.name)).cloned().map(|value| (field.name, value))).collect()
}

fn domains_of(values: &Values) -> Vec<String> {
    let codes = values.get(&header_name("domains")).and_then(Value::as_array);
    codes.map(|codes| codes.iter().filter_map(|code| code.as_str().map(str::to_owned)).collect()).unwrap_or_default()
}

fn is_not_secret(values: &Values) -> bool {
    values.get(&header_name("not_secret")).and_then(Value::as_bool).unwrap_or(false)
}

/// A field both changed: its name, what the other wrote, what stands here.
type Conflict = (String, Value, Value);

/// What another's change means for the form: fields not touched here take the new value; those changed on both sides are told.
fn merge(base: &Values, theirs: &Values, mine: &Values) -> (Values, Vec<Conflict>) {
    let mut merged = mine.clone();
    let mut conflicts = Vec::new();
    let blank = Value::Null;
    let of = |values: &Values, name: &str| values.get(name).filter(|value| !values::is_blank(value)).unwrap_or(&blank).clone();
    let mut names: Vec<&String> = base.keys().chain(theirs.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let (was, now, here) = (of(base, name), of(theirs, name), of(mine, name));
        if was == now || now == here {
            continue;
        }
        if here == was {
            if now.is_null() {
                merged.remove(name)
            } else {
                merged.insert(name.clone(), now)
            };
        } else {
            conflicts.push((name.clone(), now, here));
        }
    }
    (merged, conflicts)
}

#[component]
fn Editor(props: &EditorProps) -> Html {
    let (lang, toasts, go) = (use_lang(), use_toasts(), use_go());
    let (kind, session) = (props.kind.clone(), props.session.clone());
    // What the server has by now: a saved draft goes on being edited.
    let saved = use_state(|| props.matter.as_ref().map(|matter| (matter.item.id.to_string(), matter.item.version)));
    let key = saved.as_ref().map_or_else(|| format!("new.{}", kind.code), |(id, _)| format!("matter.{id}"));
    let form = use_form(key, form_of(props.matter.as_deref()));
    let errors = use_state(|| Rc::new(Vec::<FieldError>::new()));
    let fields: Rc<Vec<Field>> = use_memo(kind.clone(), |kind| kind.fields.clone());
    let conflicts = use_state(|| None::<Rc<Vec<Conflict>>>);
    let saved_here = use_mut_ref(|| false);
    // Left unsent, and the matter has changed since.
    use_effect_with((form.restored, form.values.get(BASE).cloned()), {
        let (matter, values) = (props.matter.clone(), form.values.clone());
        let (replace, conflicts, saved_here) = (form.replace.clone(), conflicts.clone(), saved_here.clone());
        move |(restored, _)| {
            let Some(theirs) = matter.as_deref().filter(|_| *restored).map(|matter| initial_values(Some(matter))) else { return };
            let base = base_of(&values);
            // What was saved here since is newer than what the page was opened with.
            if base != theirs && !base.is_empty() && !*saved_here.borrow() {
                let (merged, both) = merge(&base, &theirs, &values);
                replace.emit(on_base(merged, Some(theirs)));
                conflicts.set(Some(Rc::new(both)));
            }
        }
    });
    let is_draft = props.matter.as_ref().is_none_or(|matter| matter.item.state == "draft");
    let heading = match &props.matter {
        Some(matter) => m::EDIT_KIND.fill(lang, &[kind.name.in_lang(lang), matter.item.number.as_deref().unwrap_or_default()]),
        None => m::NEW_KIND.fill(lang, &[kind.name.in_lang(lang)]),
    };
    use_title(heading.clone());
    let title = form.values.get(TITLE).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    let send = {
        let (saved, kind_code) = (saved.clone(), kind.code.clone());
        let saved_for_done = saved.clone();
        let (conflicts, replace, note) = (conflicts.clone(), form.replace.clone(), form.note.clone());
        let settled = conflicts.clone();
        use_mutation(
            move |(purpose, title, body, mine): (Purpose, String, Values, Rc<Values>)| {
                let (known, kind) = ((*saved).clone(), kind_code.clone());
                let (saved, conflicts, replace) = (saved.clone(), conflicts.clone(), replace.clone());
                let header = |name: &str| mine.get(&header_name(name)).and_then(Value::as_str).map(str::to_owned);
                let (urgency, main_task, summary) = (header("urgency"), header("main_task"), header("summary"));
                let (not_secret, domains) = (is_not_secret(&mine), domains_of(&mine));
                async move {
                    let detail: MatterDetail = match known {
                        None => {
                            api::post(
                                "/matters",
                                &NewMatter {
                                    kind,
                                    title,
                                    body,
                                    urgency,
                                    domains,
                                    main_task,
                                    summary,
                                    not_secret,
                                    submit: purpose == Purpose::Submit,
                                },
                            )
                            .await?
                        }
                        Some((id, version)) => {
                            // What was emptied is taken back.
                            let patch = MatterPatch {
                                title: Some(title),
                                body: Some(body),
                                urgency,
                                domains: Some(domains),
                                main_task: Some(main_task.unwrap_or_default()),
                                summary: Some(summary.unwrap_or_default()),
                                not_secret: Some(not_secret),
                            };
                            let path = format!("/matters/{id}");
                            let mut outcome = api::patch::<_, MatterDetail>(&path, &patch, Some(version)).await;
                            // Only a file or a remark came to it: nobody changed what the form shows.
                            if let Err(error) = &outcome
                                && error.is(Code::VersionStale)
                                && let Ok(now) = api::get::<MatterDetail>(&path).await
                                && initial_values(Some(&now)) == base_of(&mine)
                            {
                                outcome = api::patch(&path, &patch, Some(now.item.version)).await;
                            }
                            if let Err(error) = &outcome
                                && error.is(Code::VersionStale)
                                && let Ok(now) = api::get::<MatterDetail>(&path).await
                            {
                                let theirs = initial_values(Some(&now));
                                let (merged, both) = merge(&base_of(&mine), &theirs, &mine);
                                replace.emit(on_base(merged, Some(theirs)));
                                conflicts.set(Some(Rc::new(both)));
                                saved.set(Some((id.clone(), now.item.version)));
                            }
                            let detail = outcome?;
                            if purpose == Purpose::Submit {
                                api::post_at(&format!("/matters/{id}/actions/submit"), &json!({ "input": {} }), detail.item.version).await?
                            } else {
                                detail
                            }
                        }
                    };
                    Ok((purpose, detail))
                }
            },
            {
                let (sent, reload_counts) = (form.sent.clone(), session.reload_counts.clone());
                Callback::from(move |(purpose, detail): (Purpose, MatterDetail)| {
                    settled.set(None);
                    sent.emit(());
                    *saved_here.borrow_mut() = true;
                    note.emit((BASE.into(), Value::Object(initial_values(Some(&detail)))));
                    reload_counts.emit(());
                    saved_for_done.set(Some((detail.item.id.to_string(), detail.item.version)));
                    if purpose == Purpose::Submit || detail.item.state != "draft" {
                        toasts.done(if purpose == Purpose::Submit { m::SUBMITTED.in_lang(lang) } else { m::SAVED.in_lang(lang) });
                        go.to(&format!("/matters/{}", detail.item.id));
                    } else {
                        toasts.done(m::DRAFT_SAVED.in_lang(lang));
                        go.replace(&format!("/matters/{}/edit", detail.item.id));
                    }
                })
            },
        )
    };
    let act = |purpose: Purpose| {
        let (run, values, fields, errors, title, session) =
            (send.run.clone(), form.values.clone(), fields.clone(), errors.clone(), title.clone(), session.clone());
        let titled = kind.title_from.is_none();
        move || {
            let body = asked_values(&fields, &values);
            let strictness = if purpose == Purpose::Submit { Strictness::Full } else { Strictness::Draft };
            let mut found = validate(&fields, &body, "/body", strictness, &SessionLookup(&session));
            if purpose == Purpose::Submit && (titled || !title.is_empty()) && title.chars().count() < TITLE_MIN {
                found.push(FieldError::with("/title", Code::Length, format!("{TITLE_MIN}–{TITLE_MAX}")));
            }
            if purpose == Purpose::Submit {
                found.extend(header::faults(&header_of(&values), Strictness::Full, &SessionLookup(&session)));
            }
            let sound = found.is_empty();
            errors.set(Rc::new(found));
            if sound {
                run.emit((purpose, title.clone(), body, values.clone()));
            }
        }
    };
    let (save, submit) = (act(Purpose::Save), act(Purpose::Submit));
    let onsubmit = Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        submit();
    });
    let onsave = Callback::from(move |_: MouseEvent| save());
    // Faults named by the server stand in for our own once it has spoken.
    let shown = match &send.error {
        Some(error) if !error.errors().is_empty() => Rc::new(error.errors().to_vec()),
        _ => (*errors).clone(),
    };
    let sentence = send.error.as_ref().filter(|error| error.errors().is_empty() && !error.is(Code::VersionStale)).map(|error| error.words(lang));
    let ontitle = {
        let set = form.set.clone();
        Callback::from(move |event: InputEvent| set.emit((TITLE.into(), Value::String(target_value(&event)))))
    };
    let header: Rc<Vec<Field>> = use_memo((), |()| header::fields());
    let header_values: Rc<Values> = Rc::new(header_of(&form.values));
    let set_header = form.set.reform(|(name, value): (String, Value)| (header_name(&name), value));
    // Looked up when a field is left, not at every letter.
    let called = use_state_eq(String::new);
    let onfocusout = {
        let (called, title) = (called.clone(), title.clone());
        let named = kind.title_from.as_ref().and_then(|field| form.values.get(field)).and_then(Value::as_str).unwrap_or_default();
        let named = named.trim().lines().next().unwrap_or_default().to_owned();
        Callback::from(move |_: FocusEvent| called.set(if title.is_empty() { named.clone() } else { title.clone() }))
    };
    let asks = is_draft && called.chars().count() >= 5;
    let namesakes = use_query::<Page<MatterItem>>(asks.then(|| format!("/matters/namesakes?limit=5&title={}", encode(&called))));
    let own = saved.as_ref().map(|(id, _)| id.clone()).unwrap_or_default();
    let same: Vec<MatterItem> = namesakes
        .ready()
        .filter(|_| asks)
        .map(|page| page.items.iter().filter(|item| item.id.to_string() != own).cloned().collect())
        .unwrap_or_default();
    let of_header = header.iter().map(|field| Elsewhere {
        pointer: format!("/{}", field.name),
        label: field.label.in_lang(lang).to_owned(),
        id: format!("header-{}", field.name),
        field: Some(field.clone()),
    });
    let of_title =
        Elsewhere { pointer: "/title".to_owned(), label: m::FIELD_TITLE.in_lang(lang).to_owned(), id: "body-title".to_owned(), field: None };
    let afresh = {
        let (sent, replace, start, conflicts) = (form.sent.clone(), form.replace.clone(), form_of(props.matter.as_deref()), conflicts.clone());
        Callback::from(move |_: MouseEvent| {
            sent.emit(());
            conflicts.set(None);
            replace.emit(start.clone());
        })
    };
    let elsewhere: Vec<Elsewhere> = std::iter::once(of_title).chain(of_header).collect();
    // Only files of a matter that exists can be kept.
    let matter = saved.as_ref().map(|(id, _)| AttrValue::from(id.clone()));
    let titled = kind.title_from.is_none();
    let title_fault = shown.iter().find(|error| error.pointer == "/title").map(|error| fault_words(error, None, lang));
    // A title that comes from the text by itself is asked for after the text.
    let title_field = html! {
        <div class={classes!("field", title_fault.is_some().then_some("bad"))}>
            <label class="label" for="body-title">{ m::FIELD_TITLE.in_lang(lang) }<i class={if titled { "must" } else { "may" }}>{ if titled { "*" } else { m::OPTIONAL.in_lang(lang) } }</i></label>
            <input id="body-title" type="text" maxlength={TITLE_MAX.to_string()} value={form.values.get(TITLE).and_then(Value::as_str).unwrap_or_default().to_owned()} oninput={ontitle} />
            <div class="about"><span class="error">{ title_fault.unwrap_or_default() }</span><span class="hint">{ if titled { "" } else { m::TITLE_HINT.in_lang(lang) } }</span></div>
        </div>
    };
    html! {
        <div class="formpage">
            <div class="head"><div>
                <p class="crumb"><A href="/inbox?box=drafts">{ m::BOX_DRAFTS.in_lang(lang) }</A>{ " / " }{ kind.name.in_lang(lang).to_owned() }</p>
                <h1>{ heading }</h1>
                <p>{ m::FORM_LINE.in_lang(lang) }</p>
            </div></div>
            <form {onsubmit} {onfocusout} novalidate=true>
                <div class="stack">
                    <div class="note" role="status" hidden={same.is_empty()}>
                        { m::NAMESAKES.in_lang(lang) }
                        { for same.iter().map(|item| html! {
                            <p key={item.id.to_string()}><A href={format!("/matters/{}", item.id)}>{ format!("{} {}", item.number.clone().unwrap_or_default(), item.title) }</A>{ " " }{ item.state_label.in_lang(lang).to_owned() }</p>
                        }) }
                    </div>
                    <p class="note" hidden={!form.restored}>{ m::FORM_RESTORED.in_lang(lang) }{ " " }<button type="button" class="linklike" onclick={afresh}>{ m::FORM_AFRESH.in_lang(lang) }</button></p>
                    <div>
                        if let Some(both) = (*conflicts).clone() {
                            <Conflicts {both} kind={kind.clone()} session={session.clone()} set={form.set.clone()} />
                        }
                    </div>
                    <ErrorSummary scope="body" fields={fields.clone()} prefix="/body" errors={shown.clone()} {elsewhere} {sentence} />
                    <Card>
                        <div class="stack">
                            { if titled { title_field.clone() } else { html! {} } }
                            <FieldForm scope="body" fields={fields.clone()} prefix="/body" values={form.values.clone()} errors={shown.clone()} set={form.set.clone()} {matter} disabled={send.busy} />
                            { if titled { html! {} } else { title_field } }
                            <FieldForm scope="header" fields={header} prefix="" values={header_values} errors={shown} set={set_header} disabled={send.busy} />
                        </div>
                    </Card>
                </div>
                <div class="formbar">
                    <Button onclick={onsave} busy={send.busy}>{ if is_draft { m::SAVE_DRAFT.in_lang(lang) } else { m::SAVE.in_lang(lang) } }</Button>
                    if is_draft {
                        <Button submit=true tone={Tone::Primary} busy={send.busy}>{ submit_label(&kind, lang) }</Button>
                    }
                </div>
            </form>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ConflictsProps {
    both: Rc<Vec<Conflict>>,
    kind: Rc<KindSheet>,
    session: Session,
    set: Callback<(String, Value)>,
}

/// What the other changed, beside what was typed here.
#[component]
fn Conflicts(props: &ConflictsProps) -> Html {
    let lang = use_lang();
    let node = use_node_ref();
    // The button that was pressed is at the other end of the form.
    use_effect_with(props.both.clone(), {
        let node = node.clone();
        move |_| {
            if let Some(element) = node.cast::<web_sys::HtmlElement>() {
                let _ = element.focus();
            }
        }
    });
    let header = header::fields();
    let row = |(name, theirs, mine): &Conflict| {
        let field = props.kind.field(name).or_else(|| header.iter().find(|field| header_name(&field.name) == *name));
        let label = field.map_or_else(|| m::FIELD_TITLE.in_lang(lang).to_owned(), |field| field.label.in_lang(lang).to_owned());
        let shown = |value: &Value| {
            if value.is_null() {
                html! { "—" }
            } else {
                values::show(field.map(|field| &field.input), value, &props.session, lang)
            }
        };
        let (set, name, value) = (props.set.clone(), name.clone(), theirs.clone());
        html! {
            <tr key={name.clone()}>
                <td>{ label }</td><td>{ shown(theirs) }</td><td>{ shown(mine) }</td>
                <td><Button onclick={Callback::from(move |_: MouseEvent| set.emit((name.clone(), value.clone())))}>{ m::STALE_TAKE.in_lang(lang) }</Button></td>
            </tr>
        }
    };
    html! {
        <div class="note" role="alert" tabindex="-1" ref={node}>
            <b>{ m::STALE_TITLE.in_lang(lang) }</b>
            <p>{ m::STALE_LINE.in_lang(lang) }</p>
            <table class="small" hidden={props.both.is_empty()}>
                <thead><tr><th>{ m::STALE_FIELD.in_lang(lang) }</th><th>{ m::STALE_THEIRS.in_lang(lang) }</th><th>{ m::STALE_MINE.in_lang(lang) }</th><th></th></tr></thead>
                <tbody>{ for props.both.iter().map(row) }</tbody>
            </table>
            <p>{ m::STALE_SAVE.in_lang(lang) }</p>
        </div>
    }
}

/// The kind's own word for handing in.
fn submit_label(kind: &KindSheet, lang: shared::kernel::text::Lang) -> String {
    kind.step("submit").map_or_else(|| m::SUBMIT.in_lang(lang).to_owned(), |step| step.label.in_lang(lang).to_owned())
}

/// A file chooser's first file, and an empty chooser again.
pub fn chosen_file(event: &Event) -> Option<web_sys::File> {
    let input = event.target()?.dyn_into::<web_sys::HtmlInputElement>().ok()?;
    let file = input.files().and_then(|files| files.get(0));
    input.set_value("");
    file
}
