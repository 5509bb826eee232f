//! Forms from field descriptors. Labels above, hints below, errors at the field and in a summary on top that takes focus.
//! What is typed survives: it is kept in this browser at once and on the server a moment later, until it is sent.

use super::{
    api,
    hooks::{use_mutation, use_query},
    i18n::use_lang,
    session::{Session, use_session},
    storage, values,
};
use crate::ui::{Button, Tone, target_value};
use serde_json::{Map, Value, json};
use shared::kernel::{
    api::{AttachmentView, FormView, UserView},
    field::{Choice, Field, Input, Need},
    messages as m,
    problem::{Code, FieldError},
    text::Lang,
    validate::needed,
    workflow::role_name,
};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

pub type Values = Map<String, Value>;

/// One change of a form, by field.
pub enum FormChange {
    Set(String, Value),
    Replace(Values),
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct FormValues(pub Rc<Values>);

impl Reducible for FormValues {
    type Action = FormChange;
    fn reduce(self: Rc<Self>, change: FormChange) -> Rc<Self> {
        let values = match change {
            FormChange::Set(name, value) => {
                let mut values = (*self.0).clone();
                // A cleared field is absent, so that required ones are missed and optional ones not sent.
                if values::is_blank(&value) {
                    values.remove(&name)
                } else {
                    values.insert(name, value)
                };
                values
            }
            FormChange::Replace(values) => values,
        };
        Rc::new(Self(Rc::new(values)))
    }
}

#[derive(Clone, PartialEq)]
pub struct Form {
    pub values: Rc<Values>,
    pub set: Callback<(String, Value)>,
    pub replace: Callback<Values>,
    /// Forgets what this browser kept; call when it was sent.
    pub sent: Callback<()>,
    /// The values come from an earlier, unfinished visit.
    pub restored: bool,
}

/// Milliseconds without a key before the server is told.
const KEPT_AFTER: u32 = 1_500;

fn kept_path(key: &str) -> String {
    format!("/me/forms/{key}")
}

/// The values of a form, kept under `key` until sent.
#[hook]
pub fn use_form(key: String, initial: Values) -> Form {
    // The page of components has forms, but nobody whose they are.
    let signed_in = use_session().is_some();
    let server_key = key.clone();
    let key = format!("form.{key}");
    let restored = use_state_eq({
        let key = key.clone();
        move || storage::read::<Values>(&key).is_some_and(|values| !values.is_empty())
    });
    let state = use_reducer({
        let key = key.clone();
        move || FormValues(Rc::new(storage::read::<Values>(&key).filter(|values| !values.is_empty()).unwrap_or(initial)))
    });
    let touched = use_mut_ref(|| false);
    use_effect_with(state.0.clone(), {
        let (key, touched) = (key.clone(), touched.clone());
        move |values| {
            if *touched.borrow() {
                storage::write(&key, values);
            }
        }
    });
    // Whether the server has something to forget once the form is sent.
    let kept = use_mut_ref(|| false);
    use_effect_with(state.0.clone(), {
        let (key, touched, kept) = (server_key.clone(), touched.clone(), kept.clone());
        move |values| {
            let timer = (signed_in && *touched.borrow()).then(|| {
                let values = values.clone();
                gloo::timers::callback::Timeout::new(KEPT_AFTER, move || {
                    *kept.borrow_mut() = true;
                    spawn_local(async move {
                        // A failure costs only the other desk: this browser has it.
                        let _ = api::put::<_, Value>(&kept_path(&key), &json!({ "values": &*values }), None).await;
                    });
                })
            });
            move || drop(timer)
        }
    });
    use_effect_with(server_key.clone(), {
        let (dispatcher, touched, kept, restored) = (state.dispatcher(), touched.clone(), kept.clone(), restored.clone());
        let here = *restored;
        move |key: &String| {
            if !signed_in {
                return;
            }
            let path = kept_path(key);
            spawn_local(async move {
                if let Ok(form) = api::get::<FormView>(&path).await {
                    *kept.borrow_mut() |= form.at.is_some();
                    // What this browser has is the newer one.
                    if !here && !*touched.borrow() && !form.values.is_empty() {
                        dispatcher.dispatch(FormChange::Replace(form.values));
                        restored.set(true);
                    }
                }
            });
        }
    });
    let dispatcher = state.dispatcher();
    let set = {
        let (dispatcher, touched) = (dispatcher.clone(), touched.clone());
        use_callback((), move |(name, value): (String, Value), ()| {
            *touched.borrow_mut() = true;
            dispatcher.dispatch(FormChange::Set(name, value));
        })
    };
    let replace = use_callback((), move |values: Values, ()| dispatcher.dispatch(FormChange::Replace(values)));
    let sent = use_callback((key, server_key), move |(), (key, server_key)| {
        *touched.borrow_mut() = false;
        storage::remove(key);
        if std::mem::take(&mut *kept.borrow_mut()) {
            let path = kept_path(server_key);
            spawn_local(async move { drop(api::delete(&path).await) });
        }
    });
    Form { values: state.0.clone(), set, replace, sent, restored: *restored }
}

/// Words for one fault, with the field's own limits.
pub fn fault_words(error: &FieldError, field: Option<&Field>, lang: Lang) -> String {
    let Some(code) = Code::parse(&error.code) else { return error.detail.clone().unwrap_or_else(|| error.code.clone()) };
    let limits = match (code, field.map(|field| &field.input)) {
        (Code::Length, Some(Input::Text { min, max } | Input::LongText { min, max })) => {
            Some(m::LIMIT_CHARACTERS.fill(lang, &[&min.to_string(), &max.to_string()]))
        }
        (Code::Range, Some(Input::Integer { min, max })) => Some(m::LIMIT_NUMBER.fill(lang, &[&min.to_string(), &max.to_string()])),
        (Code::Required, Some(Input::Choice { .. } | Input::CodeList { .. } | Input::Unit | Input::Units { .. } | Input::OwnUser | Input::Date)) => {
            Some(m::PLEASE_CHOOSE.in_lang(lang).to_owned())
        }
        (Code::Required, _) => Some(m::PLEASE_FILL.in_lang(lang).to_owned()),
        _ => None,
    };
    limits.unwrap_or_else(|| {
        let words = code.message().in_lang(lang);
        match &error.detail {
            Some(detail) if code != Code::Length && code != Code::Range => format!("{words}（{detail}）"),
            _ => words.to_owned(),
        }
    })
}

/// What stands between a label and its value.
pub const fn colon(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "：",
        Lang::En => ": ",
    }
}

fn element_id(scope: &str, pointer: &str) -> String {
    format!("{scope}{}", pointer.replace('/', "-"))
}

/// Puts the keyboard into a field.
fn focus_on(id: &str) {
    let element = web_sys::window().and_then(|window| window.document()).and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

#[derive(Properties, PartialEq)]
pub struct ErrorSummaryProps {
    /// The form's `scope`.
    pub scope: AttrValue,
    pub fields: Rc<Vec<Field>>,
    pub prefix: AttrValue,
    pub errors: Rc<Vec<FieldError>>,
    /// What failed as a whole.
    #[prop_or_default]
    pub sentence: Option<String>,
}

/// What has to be mended, with links to the places. Takes focus whenever it changes.
#[component]
pub fn ErrorSummary(props: &ErrorSummaryProps) -> Html {
    let lang = use_lang();
    let node = use_node_ref();
    let present = !props.errors.is_empty() || props.sentence.is_some();
    use_effect_with((props.errors.clone(), props.sentence.clone()), {
        let node = node.clone();
        move |_| {
            if present && let Some(element) = node.cast::<HtmlElement>() {
                let _ = element.focus();
            }
        }
    });
    let entry = |index: usize, error: &FieldError| {
        let rest = error.pointer.strip_prefix(props.prefix.as_str()).unwrap_or(&error.pointer);
        let mut parts = rest.split('/').skip(1);
        let field = parts.next().and_then(|name| props.fields.iter().find(|field| field.name == name));
        let row = parts.next().and_then(|part| part.parse::<usize>().ok());
        let inner = match (field.map(|field| &field.input), parts.next()) {
            (Some(Input::Rows { fields, .. }), Some(name)) => fields.iter().find(|field| field.name == name),
            _ => None,
        };
        let mut label = field.map_or_else(|| rest.trim_start_matches('/').to_owned(), |field| field.label.in_lang(lang).to_owned());
        if let Some(row) = row {
            label.push_str(&format!(" {}", row + 1));
        }
        if let Some(inner) = inner {
            label.push_str(&format!(" · {}", inner.label.in_lang(lang)));
        }
        let id = element_id(&props.scope, &error.pointer);
        let onclick = {
            let id = id.clone();
            Callback::from(move |event: MouseEvent| {
                event.prevent_default();
                focus_on(&id);
            })
        };
        html! { <li key={index}><a href={format!("#{id}")} {onclick}>{ format!("{label}{}{}", colon(lang), fault_words(error, inner.or(field), lang)) }</a></li> }
    };
    html! {
        <div class="summary" tabindex="-1" ref={node} hidden={!present} role="alert">
            <p><b>{ props.sentence.clone().unwrap_or_else(|| m::N_FAULTS.fill(lang, &[&props.errors.len().to_string()])) }</b></p>
            <ul>{ for props.errors.iter().enumerate().map(|(index, error)| entry(index, error)) }</ul>
        </div>
    }
}

#[derive(Properties, PartialEq)]
pub struct FieldFormProps {
    /// Makes ids unique on the page.
    pub scope: AttrValue,
    pub fields: Rc<Vec<Field>>,
    /// JSON pointer of the object, `/input` or `/body`.
    pub prefix: AttrValue,
    pub values: Rc<Values>,
    pub errors: Rc<Vec<FieldError>>,
    pub set: Callback<(String, Value)>,
    /// Where attachments are uploaded to.
    #[prop_or_default]
    pub matter: Option<AttrValue>,
    /// Unit the own user's list is of.
    #[prop_or_default]
    pub disabled: bool,
}

/// Whether a field is asked now: derived ones never, conditional ones when their condition holds.
pub fn is_asked(field: &Field, values: &Values) -> bool {
    !field.derived && (!matches!(field.need, Need::If { .. }) || needed(field, values))
}

/// What is sent: the asked fields only.
pub fn asked_values(fields: &[Field], values: &Values) -> Values {
    fields
        .iter()
        .filter(|field| is_asked(field, values))
        .filter_map(|field| values.get(&field.name).map(|value| (field.name.clone(), value.clone())))
        .collect()
}

#[component]
pub fn FieldForm(props: &FieldFormProps) -> Html {
    html! {
        <div class="fields">
            { for props.fields.iter().map(|field| {
                let pointer = format!("{}/{}", props.prefix, field.name);
                let asked = is_asked(field, &props.values);
                // Hidden, not removed: the order of siblings never changes.
                html! {
                    <div key={field.name.clone()} class={classes!("field-slot", is_wide(field).then_some("wide"))} hidden={!asked}>
                        if asked {
                            <FieldInput
                                scope={props.scope.clone()} field={field.clone()} pointer={pointer.clone()}
                                value={props.values.get(&field.name).cloned().unwrap_or(Value::Null)}
                                required={needed(field, &props.values)}
                                errors={props.errors.iter().filter(|error| error.pointer == pointer || error.pointer.starts_with(&format!("{pointer}/"))).cloned().collect::<Vec<_>>()}
                                set={props.set.clone()} matter={props.matter.clone()} disabled={props.disabled}
                            />
                        }
                    </div>
                }
            }) }
        </div>
    }
}

fn is_wide(field: &Field) -> bool {
    match &field.input {
        Input::LongText { .. }
        | Input::Units { .. }
        | Input::Texts { .. }
        | Input::Attachments { .. }
        | Input::Rows { .. }
        | Input::CodeLists { .. }
        | Input::Recurrence => true,
        Input::Text { max, .. } => *max > 60,
        Input::Choice { choices } => (3..=SEGMENTS).contains(&choices.len()),
        _ => false,
    }
}

#[derive(Properties, PartialEq, Clone)]
pub struct FieldInputProps {
    pub scope: AttrValue,
    pub field: Field,
    pub pointer: String,
    pub value: Value,
    pub required: bool,
    pub errors: Vec<FieldError>,
    pub set: Callback<(String, Value)>,
    pub matter: Option<AttrValue>,
    pub disabled: bool,
}

/// One field with label, hint and error.
#[component]
pub fn FieldInput(props: &FieldInputProps) -> Html {
    let lang = use_lang();
    let id = element_id(&props.scope, &props.pointer);
    let own: Vec<&FieldError> =
        props.errors.iter().filter(|error| error.pointer == props.pointer || !matches!(props.field.input, Input::Rows { .. })).collect();
    let set = {
        let (name, set) = (props.field.name.clone(), props.set.clone());
        Callback::from(move |value: Value| set.emit((name.clone(), value)))
    };
    let described = format!("{id}-about");
    let control = Control {
        id: id.clone(),
        invalid: !own.is_empty(),
        described: described.clone(),
        required: props.required,
        disabled: props.disabled,
        value: props.value.clone(),
        set: set.clone(),
    };
    let length = match (&props.field.input, &props.value) {
        (Input::LongText { max, .. }, Value::String(text)) => Some(format!("{} / {max}", text.chars().count())),
        _ => None,
    };
    let label = props.field.label.in_lang(lang).to_owned();
    let grouped = matches!(props.field.input, Input::Rows { .. } | Input::CodeLists { .. } | Input::Recurrence)
        || matches!(&props.field.input, Input::Choice { choices } if choices.len() <= SEGMENTS);
    let marker = if props.required {
        html! { <i class="must" aria-hidden="true">{ "*" }</i> }
    } else {
        html! { <i class="may">{ m::OPTIONAL.in_lang(lang) }</i> }
    };
    let head = if grouped {
        html! { <span class="label" id={format!("{id}-label")}>{ label }{ marker }</span> }
    } else {
        html! { <label class="label" for={id.clone()}>{ label }{ marker }</label> }
    };
    let body = match &props.field.input {
        Input::Text { max, .. } => control.line("text", Some(*max)),
        Input::LongText { max, .. } => control.area(*max, if *max > 300 { "6" } else { "3" }),
        Input::Integer { min, max } => html! { <IntegerInput control={control} min={*min} max={*max} /> },
        Input::Money => html! { <MoneyInput control={control} /> },
        Input::Date => control.line("date", None),
        Input::Bool => control.check(m::YES.in_lang(lang)),
        Input::Choice { choices } if choices.len() <= SEGMENTS => control.radios(choices, lang),
        Input::Choice { choices } => control.select(choices, lang),
        Input::CodeList { list } => html! { <CodeListInput control={control} list={list.clone()} /> },
        Input::CodeLists { list, max } => html! { <CodeListsInput control={control} list={list.clone()} max={*max} /> },
        Input::Unit => html! { <UnitInput control={control} /> },
        Input::Units { max } => html! { <UnitsInput control={control} max={*max} /> },
        Input::OwnUser => html! { <OwnUserInput control={control} /> },
        Input::Texts { max_items, .. } => html! { <TextsInput control={control} max_items={*max_items} /> },
        Input::Attachments { .. } => html! { <AttachmentsInput control={control} matter={props.matter.clone()} /> },
        Input::Recurrence => html! { <RecurrenceInput control={control} /> },
        Input::Rows { fields, max, .. } => html! {
            <RowsInput control={control} scope={props.scope.clone()} fields={Rc::new(fields.clone())} max={*max} pointer={props.pointer.clone()} errors={Rc::new(props.errors.clone())} />
        },
    };
    html! {
        <div class={classes!("field", (!own.is_empty()).then_some("bad"))}>
            { head }
            <div class="control">{ body }</div>
            <div class="about" id={described}>
                <span class="error">{ own.iter().map(|error| fault_words(error, Some(&props.field), lang)).collect::<Vec<_>>().join("；") }</span>
                <span class="hint">{ props.field.hint.as_ref().map(|hint| hint.in_lang(lang).to_owned()).unwrap_or_default() }</span>
                <span class="count">{ length.unwrap_or_default() }</span>
            </div>
        </div>
    }
}

/// Up to this many choices are shown side by side.
const SEGMENTS: usize = 4;

/// What every input element shares.
#[derive(Clone, PartialEq)]
struct Control {
    id: String,
    invalid: bool,
    described: String,
    required: bool,
    disabled: bool,
    value: Value,
    set: Callback<Value>,
}

impl Control {
    fn text(&self) -> String {
        self.value.as_str().unwrap_or_default().to_owned()
    }
    fn codes(&self) -> Vec<String> {
        self.value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }
    fn set_text<E: AsRef<Event> + 'static>(&self) -> Callback<E> {
        let set = self.set.clone();
        Callback::from(move |event: E| set.emit(Value::String(target_value(event.as_ref()))))
    }
    fn invalid(&self) -> Option<&'static str> {
        self.invalid.then_some("true")
    }
    fn line(&self, kind: &'static str, max: Option<usize>) -> Html {
        html! {
            <input id={self.id.clone()} type={kind} value={self.text()} maxlength={max.map(|max| max.to_string())} disabled={self.disabled}
                aria-required={self.required.to_string()} aria-invalid={self.invalid()} aria-describedby={self.described.clone()}
                autocomplete="off" oninput={self.set_text::<InputEvent>()} />
        }
    }
    fn area(&self, max: usize, rows: &'static str) -> Html {
        html! {
            <textarea id={self.id.clone()} value={self.text()} maxlength={max.to_string()} {rows} disabled={self.disabled}
                aria-required={self.required.to_string()} aria-invalid={self.invalid()} aria-describedby={self.described.clone()}
                oninput={self.set_text::<InputEvent>()} />
        }
    }
    fn check(&self, words: &'static str) -> Html {
        let set = self.set.clone();
        let onchange = Callback::from(move |event: Event| set.emit(Value::Bool(is_checked(&event))));
        html! { <label class="check"><input id={self.id.clone()} type="checkbox" checked={self.value.as_bool().unwrap_or(false)} disabled={self.disabled} {onchange} />{ words }</label> }
    }
    fn radios(&self, choices: &[Choice], lang: Lang) -> Html {
        let value = self.text();
        html! {
            <div class="segments" role="radiogroup" aria-labelledby={format!("{}-label", self.id)} aria-describedby={self.described.clone()}>
                { for choices.iter().enumerate().map(|(index, choice)| {
                    let (set, code) = (self.set.clone(), choice.code.clone());
                    let id = if index == 0 { self.id.clone() } else { format!("{}-{index}", self.id) };
                    html! {
                        <label key={choice.code.clone()} class="segment">
                            <input {id} type="radio" name={self.id.clone()} checked={value == choice.code} disabled={self.disabled}
                                onchange={Callback::from(move |_: Event| set.emit(Value::String(code.clone())))} />
                            <span>{ choice.label.in_lang(lang).to_owned() }</span>
                        </label>
                    }
                }) }
            </div>
        }
    }
    fn select(&self, choices: &[Choice], lang: Lang) -> Html {
        let value = self.text();
        html! {
            <select id={self.id.clone()} disabled={self.disabled} aria-required={self.required.to_string()} aria-invalid={self.invalid()}
                aria-describedby={self.described.clone()} onchange={self.set_text::<Event>()}>
                <option value="" selected={value.is_empty()}>{ m::CHOOSE.in_lang(lang) }</option>
                { for choices.iter().map(|choice| html! {
                    <option key={choice.code.clone()} value={choice.code.clone()} selected={value == choice.code}>{ choice.label.in_lang(lang).to_owned() }</option>
                }) }
            </select>
        }
    }
}

fn is_checked(event: &Event) -> bool {
    event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()).is_some_and(|input| input.checked())
}

#[derive(Properties, PartialEq)]
struct IntegerInputProps {
    control: Control,
    min: i64,
    max: i64,
}

#[component]
fn IntegerInput(props: &IntegerInputProps) -> Html {
    let control = &props.control;
    let set = control.set.clone();
    let oninput = Callback::from(move |event: InputEvent| {
        let text = target_value(&event);
        // What is no number stays as typed, for the check to name.
        set.emit(text.trim().parse::<i64>().map_or_else(|_| Value::String(text.clone()), |number| json!(number)));
    });
    let shown = control.value.as_i64().map_or_else(|| control.text(), |number| number.to_string());
    html! {
        <input id={control.id.clone()} class="short" type="text" inputmode="numeric" value={shown} disabled={control.disabled}
            aria-required={control.required.to_string()} aria-invalid={control.invalid()} aria-describedby={control.described.clone()} {oninput} />
    }
}

#[derive(Properties, PartialEq)]
struct ControlProps {
    control: Control,
}

/// Yuan as typed, fen as kept; exact, without floating point.
fn fen_of(text: &str) -> Option<i64> {
    let text = text.trim().replace([',', '，', '¥', '￥', ' '], "");
    let (yuan, fen) = text.split_once('.').unwrap_or((&text, ""));
    if fen.len() > 2 || !fen.chars().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let yuan: i64 = yuan.parse().ok()?;
    let fen: i64 = format!("{fen:0<2}").parse().ok()?;
    yuan.checked_mul(100)?.checked_add(fen)
}

#[component]
fn MoneyInput(props: &ControlProps) -> Html {
    let lang = use_lang();
    let control = &props.control;
    let typed = use_state(|| control.value.as_i64().map(|fen| values::money(fen).replace(',', "")).unwrap_or_default());
    let oninput = {
        let (typed, set) = (typed.clone(), control.set.clone());
        Callback::from(move |event: InputEvent| {
            let text = target_value(&event);
            set.emit(fen_of(&text).map_or_else(|| Value::String(text.clone()), |fen| json!(fen)));
            typed.set(text);
        })
    };
    html! {
        <span class="with-unit">
            <input id={control.id.clone()} class="short" type="text" inputmode="decimal" value={(*typed).clone()} disabled={control.disabled}
                aria-invalid={control.invalid()} aria-describedby={control.described.clone()} {oninput} />
            <span>{ m::YUAN_UNIT.in_lang(lang) }</span>
        </span>
    }
}

#[derive(Properties, PartialEq)]
struct ListInputProps {
    control: Control,
    list: String,
    #[prop_or_default]
    max: usize,
}

#[component]
fn CodeListInput(props: &ListInputProps) -> Html {
    let (lang, session) = (use_lang(), use_session());
    let choices = session.as_ref().map(|session| session.list(&props.list).to_vec()).unwrap_or_default();
    props.control.select(&choices, lang)
}

#[component]
fn CodeListsInput(props: &ListInputProps) -> Html {
    let (lang, session) = (use_lang(), use_session());
    let choices = session.as_ref().map(|session| session.list(&props.list).to_vec()).unwrap_or_default();
    let chosen = props.control.codes();
    html! {
        <div class="checks" role="group" aria-labelledby={format!("{}-label", props.control.id)}>
            { for choices.iter().enumerate().map(|(index, choice)| {
                let on = chosen.contains(&choice.code);
                let full = props.max > 0 && chosen.len() >= props.max && !on;
                let (set, chosen, code) = (props.control.set.clone(), chosen.clone(), choice.code.clone());
                let onchange = Callback::from(move |event: Event| {
                    let mut codes: Vec<String> = chosen.iter().filter(|other| **other != code).cloned().collect();
                    if is_checked(&event) { codes.push(code.clone()); }
                    set.emit(json!(codes));
                });
                let id = if index == 0 { props.control.id.clone() } else { format!("{}-{index}", props.control.id) };
                html! { <label key={choice.code.clone()} class="check"><input {id} type="checkbox" checked={on} disabled={props.control.disabled || full} {onchange} />{ choice.label.in_lang(lang).to_owned() }</label> }
            }) }
        </div>
    }
}

/// Units that match what is typed: code, short name, name, alias or English name.
fn matching_units(session: &Session, typed: &str, without: &[String], lang: Lang) -> Vec<(String, String, String)> {
    let wanted = typed.trim().to_lowercase();
    let fits = |text: &str| text.to_lowercase().contains(&wanted);
    let units = session.reference.units.iter().filter(|unit| unit.active && !without.contains(&unit.code));
    units
        .filter(|unit| {
            wanted.is_empty()
                || fits(&unit.code)
                || fits(&unit.short_name)
                || fits(&unit.name)
                || fits(&unit.name_en)
                || unit.aliases.iter().any(|alias| fits(alias))
        })
        .take(40)
        .map(|unit| match lang {
            Lang::Zh => (unit.code.clone(), unit.short_name.clone(), unit.name.clone()),
            Lang::En => (unit.code.clone(), unit.name_en.clone(), unit.short_name.clone()),
        })
        .collect()
}

#[derive(Properties, PartialEq)]
pub struct UnitPickerProps {
    pub id: AttrValue,
    /// What stands in the box when nothing is being typed.
    #[prop_or_default]
    pub shown: AttrValue,
    #[prop_or_default]
    pub without: Vec<String>,
    #[prop_or_default]
    pub invalid: bool,
    #[prop_or_default]
    pub disabled: bool,
    #[prop_or_default]
    pub described: AttrValue,
    /// Gets the code; an empty one when the box was cleared.
    pub pick: Callback<String>,
}

/// A box to type into with a list below: arrows choose, Enter takes, Escape closes.
#[component]
pub fn UnitPicker(props: &UnitPickerProps) -> Html {
    let (lang, session) = (use_lang(), use_session());
    let typed = use_state(|| None::<String>);
    let at = use_state_eq(|| 0_usize);
    let open = typed.is_some();
    let options = match (&session, &*typed) {
        (Some(session), Some(text)) => matching_units(session, text, &props.without, lang),
        _ => Vec::new(),
    };
    let choose = {
        let (typed, pick) = (typed.clone(), props.pick.clone());
        Callback::from(move |code: String| {
            typed.set(None);
            pick.emit(code);
        })
    };
    let onkeydown = {
        let (typed, at, options, choose) = (typed.clone(), at.clone(), options.clone(), choose.clone());
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "ArrowDown" => {
                event.prevent_default();
                if typed.is_none() {
                    typed.set(Some(String::new()));
                    at.set(0);
                } else {
                    at.set((*at + 1).min(options.len().saturating_sub(1)));
                }
            }
            "ArrowUp" => {
                event.prevent_default();
                at.set(at.saturating_sub(1));
            }
            "Enter" if typed.is_some() => {
                event.prevent_default();
                if let Some((code, _, _)) = options.get(*at) {
                    choose.emit(code.clone());
                }
            }
            "Escape" if typed.is_some() => {
                event.prevent_default();
                event.stop_propagation();
                typed.set(None);
            }
            _ => {}
        })
    };
    let oninput = {
        let (typed, at, pick) = (typed.clone(), at.clone(), props.pick.clone());
        Callback::from(move |event: InputEvent| {
            let text = target_value(&event);
            if text.is_empty() {
                pick.emit(String::new());
            }
            at.set(0);
            typed.set(Some(text));
        })
    };
    let onfocus = {
        let typed = typed.clone();
        Callback::from(move |event: FocusEvent| {
            if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) {
                input.select();
            }
            typed.set(Some(String::new()));
        })
    };
    let onblur = {
        let typed = typed.clone();
        Callback::from(move |_: FocusEvent| typed.set(None))
    };
    let listbox = format!("{}-list", props.id);
    let shown = match &*typed {
        Some(text) if !text.is_empty() => AttrValue::from(text.clone()),
        _ => props.shown.clone(),
    };
    html! {
        <div class="combo">
            <input id={props.id.clone()} type="text" role="combobox" aria-autocomplete="list" aria-expanded={open.to_string()} aria-controls={listbox.clone()}
                aria-activedescendant={open.then(|| format!("{listbox}-{}", *at))} aria-invalid={props.invalid.then_some("true")} aria-describedby={props.described.clone()}
                autocomplete="off" disabled={props.disabled} placeholder={m::UNIT_PLACEHOLDER.in_lang(lang)} value={shown} {oninput} {onkeydown} {onfocus} {onblur} />
            <ul id={listbox.clone()} role="listbox" hidden={!open} aria-label={m::UNITS.in_lang(lang)}>
                { for options.iter().enumerate().map(|(index, (code, name, more))| {
                    let (choose, chosen) = (choose.clone(), code.clone());
                    // `mousedown`, since `blur` closes the list before `click` comes.
                    let onmousedown = Callback::from(move |event: MouseEvent| { event.prevent_default(); choose.emit(chosen.clone()); });
                    html! {
                        <li key={code.clone()} id={format!("{listbox}-{index}")} role="option" aria-selected={(index == *at).to_string()} {onmousedown}>
                            <b>{ name.clone() }</b><span class="sub">{ more.clone() }</span>
                        </li>
                    }
                }) }
                <li key="none" class="none" hidden={!options.is_empty()}>{ m::NO_UNIT_FITS.in_lang(lang) }</li>
            </ul>
        </div>
    }
}

#[component]
fn UnitInput(props: &ControlProps) -> Html {
    let (lang, session) = (use_lang(), use_session());
    let code = props.control.text();
    let shown = session.as_ref().filter(|_| !code.is_empty()).map(|session| session.unit_name(&code, lang)).unwrap_or_default();
    html! {
        <UnitPicker id={props.control.id.clone()} {shown} invalid={props.control.invalid} disabled={props.control.disabled}
            described={props.control.described.clone()} pick={props.control.set.reform(Value::String)} />
    }
}

#[derive(Properties, PartialEq)]
struct ManyProps {
    control: Control,
    max: usize,
}

#[component]
fn UnitsInput(props: &ManyProps) -> Html {
    let (lang, session) = (use_lang(), use_session());
    let chosen = props.control.codes();
    let pick = {
        let (set, chosen) = (props.control.set.clone(), chosen.clone());
        Callback::from(move |code: String| {
            if !code.is_empty() && !chosen.contains(&code) {
                let mut codes = chosen.clone();
                codes.push(code);
                set.emit(json!(codes));
            }
        })
    };
    html! {
        <div class="many">
            <ul class="chosen">
                { for chosen.iter().map(|code| {
                    let name = session.as_ref().map_or_else(|| code.clone(), |session| session.unit_name(code, lang));
                    let (set, rest) = (props.control.set.clone(), chosen.iter().filter(|other| *other != code).cloned().collect::<Vec<_>>());
                    html! {
                        <li key={code.clone()} class="tag b">{ &name }
                            <button type="button" aria-label={m::REMOVE_X.fill(lang, &[&name])} disabled={props.control.disabled}
                                onclick={Callback::from(move |_: MouseEvent| set.emit(json!(rest)))}>{ "×" }</button>
                        </li>
                    }
                }) }
            </ul>
            <UnitPicker id={props.control.id.clone()} without={chosen.clone()} invalid={props.control.invalid}
                disabled={props.control.disabled || chosen.len() >= props.max} described={props.control.described.clone()} {pick} />
        </div>
    }
}

#[component]
fn OwnUserInput(props: &ControlProps) -> Html {
    let lang = use_lang();
    let users = use_query::<api::Listing<UserView>>(Some("/users?unit=own&limit=200".into()));
    let choices: Vec<Choice> = match users.ready().map(|users| (**users).clone().into_items()) {
        Some(users) => {
            let active = users.into_iter().filter(|user| user.active);
            active
                .map(|user| {
                    let roles = |lang| {
                        user.roles
                            .iter()
                            .map(|role| role_name(*role).in_lang(lang).to_owned())
                            .collect::<Vec<_>>()
                            .join(shared::kernel::messages_more::LIST_COMMA.in_lang(lang))
                    };
                    let label = |lang| format!("{} · {}", user.name, roles(lang));
                    Choice { code: user.id.to_string(), label: shared::kernel::text::t(&label(Lang::Zh), &label(Lang::En)) }
                })
                .collect()
        }
        None => Vec::new(),
    };
    props.control.select(&choices, lang)
}

#[derive(Properties, PartialEq)]
struct TextsProps {
    control: Control,
    max_items: usize,
}

/// Short texts, one a line.
#[component]
fn TextsInput(props: &TextsProps) -> Html {
    let lang = use_lang();
    let typed = use_state(|| props.control.codes().join("\n"));
    let oninput = {
        let (typed, set) = (typed.clone(), props.control.set.clone());
        Callback::from(move |event: InputEvent| {
            let text = target_value(&event);
            let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            set.emit(json!(lines));
            typed.set(text);
        })
    };
    html! {
        <>
            <textarea id={props.control.id.clone()} rows="3" value={(*typed).clone()} disabled={props.control.disabled} aria-invalid={props.control.invalid()}
                aria-describedby={props.control.described.clone()} {oninput} />
            <span class="hint">{ m::ONE_A_LINE.fill(lang, &[&props.max_items.to_string()]) }</span>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct AttachmentsProps {
    control: Control,
    matter: Option<AttrValue>,
}

/// Files of the matter: choose those that are there, or add new ones.
#[component]
fn AttachmentsInput(props: &AttachmentsProps) -> Html {
    let lang = use_lang();
    let path = props.matter.as_ref().map(|matter| format!("/matters/{matter}/attachments"));
    let files = use_query::<api::Listing<AttachmentView>>(path.clone());
    let chosen = props.control.codes();
    let upload = {
        let (set, chosen, reload) = (props.control.set.clone(), chosen.clone(), files.reload.clone());
        use_mutation(
            move |file: web_sys::File| {
                let path = path.clone().unwrap_or_default();
                async move { api::upload::<AttachmentView>(&path, &file).await }
            },
            Callback::from(move |file: AttachmentView| {
                let mut ids = chosen.clone();
                ids.push(file.id.to_string());
                set.emit(json!(ids));
                reload.emit(());
            }),
        )
    };
    let onchange = {
        let run = upload.run.clone();
        Callback::from(move |event: Event| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            if let Some(file) = input.as_ref().and_then(HtmlInputElement::files).and_then(|files| files.get(0)) {
                run.emit(file);
            }
            if let Some(input) = input {
                input.set_value("");
            }
        })
    };
    let known: Vec<AttachmentView> = files.ready().map(|files| (**files).clone().into_items()).unwrap_or_default();
    html! {
        <div class="files">
            <div class="checks">
                { for known.iter().map(|file| {
                    let id = file.id.to_string();
                    let on = chosen.contains(&id);
                    let (set, chosen) = (props.control.set.clone(), chosen.clone());
                    let onchange = Callback::from(move |event: Event| {
                        let mut ids: Vec<String> = chosen.iter().filter(|other| **other != id).cloned().collect();
                        if is_checked(&event) { ids.push(id.clone()); }
                        set.emit(json!(ids));
                    });
                    html! { <label key={file.id.to_string()} class="check"><input type="checkbox" checked={on} {onchange} />{ &file.name }</label> }
                }) }
            </div>
            if props.matter.is_some() {
                <input id={props.control.id.clone()} type="file" disabled={upload.busy || props.control.disabled} {onchange} />
            } else {
                <span class="hint">{ m::SAVE_DRAFT_FIRST.in_lang(lang) }</span>
            }
            <span class="error" role="alert">{ upload.error.as_ref().map(|error| error.words(lang)).unwrap_or_default() }</span>
        </div>
    }
}

#[component]
fn RecurrenceInput(props: &ControlProps) -> Html {
    let lang = use_lang();
    let members = props.control.value.as_object().cloned().unwrap_or_default();
    let every = members.get("every").and_then(Value::as_str).unwrap_or_default().to_owned();
    // The value of the select: `last`, `day-15`, `weekday-3`.
    let day = match members.get("day") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Object(day)) => day.iter().next().map(|(name, number)| format!("{name}-{number}")).unwrap_or_default(),
        _ => String::new(),
    };
    let change_every = {
        let set = props.control.set.clone();
        Callback::from(move |event: Event| {
            // Days of weeks and of months aren't the same: the day is asked anew.
            let text = target_value(&event);
            set.emit(if text.is_empty() { Value::Null } else { json!({ "every": text }) });
        })
    };
    let change_day = {
        let (set, every) = (props.control.set.clone(), every.clone());
        Callback::from(move |event: Event| {
            let text = target_value(&event);
            let day = match text.split_once('-') {
                Some((name, number)) => json!({ (name): number.parse::<u8>().unwrap_or(1) }),
                None => Value::String(text),
            };
            set.emit(json!({ "every": every, "day": day }));
        })
    };
    let cycles = [
        ("", m::CHOOSE),
        ("week", m::EVERY_WEEK),
        ("month", m::EVERY_MONTH),
        ("quarter", m::EVERY_QUARTER),
        ("half_year", m::EVERY_HALF_YEAR),
        ("year", m::EVERY_YEAR),
    ];
    let days: Vec<(String, String)> = if every == "week" {
        (1..=7).map(|number: u8| (format!("weekday-{number}"), values::weekday_words(number, lang).to_owned())).collect()
    } else {
        let numbered = (1..=28).map(|number: u8| (format!("day-{number}"), m::ON_DAY.fill(lang, &[&number.to_string()])));
        numbered.chain([("last".to_owned(), m::ON_LAST_DAY.in_lang(lang).to_owned())]).collect()
    };
    html! {
        <div class="pair" role="group" aria-labelledby={format!("{}-label", props.control.id)}>
            <select id={props.control.id.clone()} disabled={props.control.disabled} onchange={change_every} aria-label={m::RECURS.in_lang(lang)}>
                { for cycles.iter().map(|(code, label)| html! { <option key={*code} value={*code} selected={every == *code}>{ label.in_lang(lang) }</option> }) }
            </select>
            <select disabled={props.control.disabled || every.is_empty()} onchange={change_day} aria-label={m::RECURS_DAY.in_lang(lang)}>
                <option value="" selected={day.is_empty()}>{ m::CHOOSE.in_lang(lang) }</option>
                { for days.iter().map(|(code, label)| html! { <option key={code.clone()} value={code.clone()} selected={day == *code}>{ label.clone() }</option> }) }
            </select>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct RowsProps {
    control: Control,
    scope: AttrValue,
    fields: Rc<Vec<Field>>,
    max: usize,
    pointer: String,
    errors: Rc<Vec<FieldError>>,
}

/// A list of small forms.
#[component]
fn RowsInput(props: &RowsProps) -> Html {
    let lang = use_lang();
    let rows: Vec<Values> = props.control.value.as_array().into_iter().flatten().map(|row| row.as_object().cloned().unwrap_or_default()).collect();
    let emit = |rows: Vec<Values>| Value::Array(rows.into_iter().map(Value::Object).collect());
    let add = {
        let (set, rows) = (props.control.set.clone(), rows.clone());
        Callback::from(move |_: MouseEvent| {
            let mut rows = rows.clone();
            rows.push(Values::new());
            set.emit(emit(rows));
        })
    };
    html! {
        <div class="rows">
            { for rows.iter().enumerate().map(|(index, row)| {
                let change = {
                    let (set, rows) = (props.control.set.clone(), rows.clone());
                    Callback::from(move |(name, value): (String, Value)| {
                        let mut rows = rows.clone();
                        if let Some(row) = rows.get_mut(index) {
                            if values::is_blank(&value) { row.remove(&name) } else { row.insert(name, value) };
                        }
                        set.emit(emit(rows));
                    })
                };
                let remove = {
                    let (set, rows) = (props.control.set.clone(), rows.clone());
                    Callback::from(move |_: MouseEvent| {
                        let rest = rows.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, row)| row.clone()).collect();
                        set.emit(emit(rest));
                    })
                };
                html! {
                    <fieldset key={index} class="row">
                        <legend>{ format!("{}", index + 1) }</legend>
                        <FieldForm scope={props.scope.clone()} fields={props.fields.clone()} prefix={format!("{}/{index}", props.pointer)} values={Rc::new(row.clone())}
                            errors={props.errors.clone()} set={change} disabled={props.control.disabled} />
                        <Button tone={Tone::Quiet} onclick={remove} disabled={props.control.disabled}>{ m::REMOVE_ROW.in_lang(lang) }</Button>
                    </fieldset>
                }
            }) }
            <div key="add"><Button id={props.control.id.clone()} onclick={add} disabled={props.control.disabled || rows.len() >= props.max}>{ m::ADD_ROW.in_lang(lang) }</Button></div>
        </div>
    }
}
