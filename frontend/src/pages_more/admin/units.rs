//! 单位: the list, a new one, changes; a unit that holds open matters can't be closed.

use super::super::kit::{Empty, Fault, Lamp, Modal, Tone, labelled, loaded, on_change, on_choose, tr, use_query, use_task, use_url};
use crate::kernel::{
    api::{self, Listing},
    session::{Session, use_session},
};
use shared::kernel::{
    api::{NewUnit, UnitPatch, UnitView},
    messages_more as M,
    text::{Lang, Message},
};
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct UnitsProps {
    pub lang: Lang,
}

/// What the dialog is about.
#[derive(Debug, Clone, PartialEq)]
enum About {
    New,
    Change(UnitView),
}

fn matches(unit: &UnitView, q: &str) -> bool {
    let lower = q.to_lowercase();
    q.is_empty()
        || unit.name.contains(q)
        || unit.short_name.contains(q)
        || unit.code.contains(&lower)
        || unit.name_en.to_lowercase().contains(&lower)
        || unit.aliases.iter().any(|alias| alias.contains(q))
}

fn kind_name(session: Option<&Session>, kind: &str, lang: Lang) -> String {
    session.map_or_else(|| kind.to_owned(), |session| session.code_label("unit_kinds", kind, lang))
}

#[component]
pub fn Units(props: &UnitsProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let url = use_url();
    let session = use_session();
    let units = use_query::<Listing<UnitView>>(Some("/units".to_owned()));
    let about = use_state(|| None::<About>);
    let q = url.get("q").trim().to_owned();
    let on_search = {
        let url = url.clone();
        on_change(Callback::from(move |typed: String| url.set("q", typed.trim())))
    };
    let open = |next: About| {
        let about = about.clone();
        Callback::from(move |_: MouseEvent| about.set(Some(next.clone())))
    };
    let on_close = {
        let about = about.clone();
        Callback::from(move |()| about.set(None))
    };
    let on_done = {
        let (about, reload, session) = (about.clone(), units.reload.clone(), session.clone());
        Callback::from(move |()| {
            about.set(None);
            reload.emit(());
            // The pickers of all pages know the units by the session.
            if let Some(session) = &session {
                session.reload.emit(());
            }
        })
    };
    html! {
        <div>
            <div class="m-filters">
                <div class="m-filter">{ labelled(t(M::SEARCH), "", html! { <input class="input" type="search" value={q.clone()} placeholder={t(M::UNIT_SEARCH_HINT)} onchange={on_search} /> }) }</div>
                <span class="grow"></span>
                <button class="btn primary" type="button" onclick={open(About::New)}>{ t(M::NEW_UNIT) }</button>
            </div>
            <section class="card">
                { loaded(&units, |units| {
                    let (Listing::Plain(items) | Listing::Paged { items }) = &*units;
                    let found: Vec<_> = items.iter().filter(|unit| matches(unit, &q)).collect();
                    if found.is_empty() {
                        return html! { <Empty title={t(M::UNITS_NONE)} /> };
                    }
                    html! {
                        <table class="m-cards">
                            <thead><tr><th>{ t(M::UNIT) }</th><th>{ t(M::CODE) }</th><th>{ t(M::UNIT_KIND) }</th><th>{ t(M::ALIASES) }</th><th>{ t(M::STATE) }</th><td></td></tr></thead>
                            <tbody>{ for found.into_iter().map(|unit| {
                                let (tone, state) = if unit.active { (Tone::Ok, M::ACTIVE) } else { (Tone::Idle, M::INACTIVE) };
                                html! {
                                    <tr key={unit.code.clone()}>
                                        <td class="title" data-label={t(M::UNIT)}>{ &unit.short_name }<small class="m-under">{ if lang == Lang::Zh { &unit.name } else { &unit.name_en } }</small></td>
                                        <td class="num sub" data-label={t(M::CODE)}>{ &unit.code }</td>
                                        <td data-label={t(M::UNIT_KIND)}>{ kind_name(session.as_ref(), &unit.kind, lang) }{ " " }<span class="tag b" hidden={!unit.linkage_office}>{ t(M::LINKAGE_OFFICE) }</span></td>
                                        <td class="sub" data-label={t(M::ALIASES)}>{ if unit.aliases.is_empty() { "—".to_owned() } else { unit.aliases.join(t(M::LIST_COMMA)) } }</td>
                                        <td data-label={t(M::STATE)}><Lamp {tone}>{ t(state) }</Lamp></td>
                                        <td><button class="linklike" type="button" onclick={open(About::Change(unit.clone()))}>{ t(M::CHANGE) }</button></td>
                                    </tr>
                                }
                            }) }</tbody>
                        </table>
                    }
                }) }
            </section>
            <UnitDialog about={(*about).clone()} {lang} {on_close} {on_done} />
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct UnitDialogProps {
    about: Option<About>,
    lang: Lang,
    on_close: Callback<()>,
    on_done: Callback<()>,
}

#[component]
fn UnitDialog(props: &UnitDialogProps) -> Html {
    let t = tr(props.lang);
    let title = match &props.about {
        Some(About::Change(unit)) => M::CHANGE_NAMED.fill(props.lang, &[&unit.short_name]),
        _ => t(M::NEW_UNIT).to_owned(),
    };
    let unit = match &props.about {
        Some(About::Change(unit)) => Some(unit.clone()),
        _ => None,
    };
    let key = unit.as_ref().map_or_else(|| "new".to_owned(), |unit| unit.code.clone());
    html! {
        <Modal open={props.about.is_some()} {title} on_close={props.on_close.clone()}>
            <UnitForm {key} {unit} lang={props.lang} on_done={props.on_done.clone()} />
        </Modal>
    }
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Draft {
    code: String,
    name: String,
    short_name: String,
    name_en: String,
    kind: String,
    aliases: String,
    conference_member: bool,
    active: bool,
}

impl Draft {
    fn of(unit: Option<&UnitView>) -> Self {
        unit.map_or_else(
            || Self { active: true, ..Self::default() },
            |unit| Self {
                code: unit.code.clone(),
                name: unit.name.clone(),
                short_name: unit.short_name.clone(),
                name_en: unit.name_en.clone(),
                kind: unit.kind.clone(),
                aliases: unit.aliases.join("，"),
                conference_member: unit.conference_member,
                active: unit.active,
            },
        )
    }

    fn alias_list(&self) -> Vec<String> {
        self.aliases.split(['，', ',', '、', ';', '；']).map(str::trim).filter(|alias| !alias.is_empty()).map(str::to_owned).collect()
    }
}

#[derive(Properties, PartialEq)]
struct UnitFormProps {
    unit: Option<UnitView>,
    lang: Lang,
    on_done: Callback<()>,
}

#[component]
fn UnitForm(props: &UnitFormProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let session = use_session();
    let draft = use_state(|| Draft::of(props.unit.as_ref()));
    let task = use_task();
    let known = props.unit.clone();
    let onsubmit = {
        let (draft, task, known, on_done) = (draft.clone(), task.clone(), known.clone(), props.on_done.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (draft, known, on_done) = ((*draft).clone(), known.clone(), on_done.clone());
            task.run(async move {
                let _: UnitView = match known {
                    Some(unit) => {
                        let patch = UnitPatch {
                            name: (draft.name != unit.name).then(|| draft.name.clone()),
                            short_name: (draft.short_name != unit.short_name).then(|| draft.short_name.clone()),
                            name_en: (draft.name_en != unit.name_en).then(|| draft.name_en.clone()),
                            kind: (draft.kind != unit.kind).then(|| draft.kind.clone()),
                            aliases: (draft.alias_list() != unit.aliases).then(|| draft.alias_list()),
                            conference_member: (draft.conference_member != unit.conference_member).then_some(draft.conference_member),
                            active: (draft.active != unit.active).then_some(draft.active),
                        };
                        api::patch(&format!("/units/{}", unit.code), &patch, None).await?
                    }
                    None => {
                        let aliases = draft.alias_list();
                        let new = NewUnit {
                            code: draft.code,
                            name: draft.name,
                            short_name: draft.short_name,
                            name_en: draft.name_en,
                            kind: draft.kind,
                            aliases,
                            conference_member: draft.conference_member,
                        };
                        api::post("/units", &new).await?
                    }
                };
                on_done.emit(());
                Ok(())
            });
        })
    };
    let edit = |change: fn(&mut Draft, String)| {
        let draft = draft.clone();
        Callback::from(move |value: String| {
            let mut next = (*draft).clone();
            change(&mut next, value);
            draft.set(next);
        })
    };
    let check = |label: Message, hint: Message, on: bool, change: fn(&mut Draft, bool)| {
        let draft = draft.clone();
        let onchange = Callback::from(move |event: Event| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                let mut next = (*draft).clone();
                change(&mut next, input.checked());
                draft.set(next);
            }
        });
        html! { <label class="check"><input type="checkbox" checked={on} {onchange} />{ t(label) }<small class="hint">{ t(hint) }</small></label> }
    };
    let text = |label: Message, hint: &'static str, value: &str, fixed: bool, required: bool, change: fn(&mut Draft, String)| {
        labelled(
            t(label),
            hint,
            html! {
                <input class="input" type="text" value={value.to_owned()} disabled={fixed} {required} onchange={on_change(edit(change))} />
            },
        )
    };
    let existing = known.is_some();
    let kinds = session.as_ref().map(|session| session.list("unit_kinds").to_vec()).unwrap_or_default();
    html! {
        <form {onsubmit}>
            { text(M::CODE, if existing { t(M::CODE_FIXED) } else { t(M::CODE_HINT) }, &draft.code, existing, true, |draft, value| draft.code = value.trim().to_owned()) }
            { text(M::FULL_NAME, "", &draft.name, false, true, |draft, value| draft.name = value) }
            { text(M::SHORT_NAME, t(M::SHORT_NAME_HINT), &draft.short_name, false, true, |draft, value| draft.short_name = value) }
            { text(M::ENGLISH_NAME, "", &draft.name_en, false, true, |draft, value| draft.name_en = value) }
            { labelled(t(M::UNIT_KIND), "", html! {
                <select class="input" required=true onchange={on_choose(edit(|draft, value| draft.kind = value))}>
                    <option value="" selected={draft.kind.is_empty()}>{ t(M::CHOOSE) }</option>
                    { for kinds.iter().map(|kind| html! { <option key={kind.code.clone()} value={kind.code.clone()} selected={kind.code == draft.kind}>{ kind.label.in_lang(lang) }</option> }) }
                </select>
            }) }
            { text(M::ALIASES, t(M::ALIASES_HINT), &draft.aliases, false, false, |draft, value| draft.aliases = value) }
            <div class="checks">
                { check(M::CONFERENCE_MEMBER, M::CONFERENCE_MEMBER_HINT, draft.conference_member, |draft, on| draft.conference_member = on) }
                <div hidden={!existing}>{ check(M::UNIT_ACTIVE, M::UNIT_ACTIVE_HINT, draft.active, |draft, on| draft.active = on) }</div>
            </div>
            <Fault fault={task.fault.clone()} {lang} />
            <div class="row-actions m-end"><button class="btn primary" type="submit" disabled={task.busy}>{ t(M::SAVE) }</button></div>
        </form>
    }
}
