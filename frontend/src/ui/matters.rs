//! Matters in lists: a table on a desk, cards on a phone.

use super::MatterLamp;
use crate::kernel::{
    dates,
    i18n::use_lang,
    router::A,
    session::{Session, unit_words, use_session},
    values,
};
use shared::kernel::{
    api::MatterItem,
    field::{Field, Input},
    messages as m,
    role::Part,
    text::Lang,
};
use std::rc::Rc;
use yew::prelude::*;

pub const fn part_words(part: Part) -> shared::kernel::text::Message {
    match part {
        Part::Originator => m::PART_ORIGINATOR,
        Part::Holder => m::PART_HOLDER,
        Part::CoHandler => m::PART_CO_HANDLER,
        Part::Copied => m::PART_COPIED,
        Part::Overseer => m::PART_OVERSEER,
    }
}

fn title_of(item: &MatterItem, lang: Lang) -> String {
    if item.title.is_empty() { m::UNTITLED.in_lang(lang).to_owned() } else { item.title.clone() }
}

/// State, and our part when it isn't the holder's. Whoever oversees, oversees all of the list: it isn't said on each row.
fn step_words(item: &MatterItem, lang: Lang) -> String {
    let state = item.state_label.in_lang(lang);
    if item.asked {
        return format!("{state} · {}", m::ASKED_US.in_lang(lang));
    }
    match item.part {
        Some(part @ (Part::CoHandler | Part::Copied)) => format!("{state} · {}", part_words(part).in_lang(lang)),
        _ => state.to_owned(),
    }
}

/// The person in charge; the unit's name when it is another's, 本单位 when ours has no person yet.
fn holder_words(item: &MatterItem, session: Option<&Session>, lang: Lang) -> String {
    let Some(holder) = &item.holder else { return "—".into() };
    let ours = session.is_some_and(|session| session.me.unit.code == holder.unit.code);
    match (&holder.person, ours) {
        (Some(person), true) => person.name.clone(),
        (None, true) => m::OUR_UNIT.in_lang(lang).to_owned(),
        (_, false) => unit_words(&holder.unit, lang).to_owned(),
    }
}

/// From whom to whom, and where it stands; a closed one is with nobody.
fn way_words(item: &MatterItem, session: Option<&Session>, lang: Lang) -> String {
    let from = unit_words(&item.originator, lang);
    let way = if item.holder.is_some() { format!("{from} → {}", holder_words(item, session, lang)) } else { from.to_owned() };
    format!("{way} · {}", step_words(item, lang))
}

#[derive(Properties, PartialEq)]
pub struct MatterTableProps {
    pub items: Vec<Rc<MatterItem>>,
    /// Columns of the kind between the matter and its state.
    #[prop_or_default]
    pub columns: Rc<Vec<Field>>,
    #[prop_or_default]
    pub stale: bool,
    /// Chosen rows, when rows can be chosen.
    #[prop_or_default]
    pub chosen: Option<Rc<Vec<String>>>,
    #[prop_or_default]
    pub choose: Callback<(String, bool)>,
    /// The kind is the same for all: no tag.
    #[prop_or_default]
    pub one_kind: bool,
    /// The rows stand in the order of their due dates.
    #[prop_or(true)]
    pub by_due: bool,
}

/// How wide a column wants to be: English names of units and short texts would else break after every word.
const fn width(field: &Field) -> &'static str {
    match field.input {
        Input::Integer { .. } | Input::Money | Input::Date => "num",
        Input::Unit | Input::Units { .. } => "c-unit",
        _ => "c-text",
    }
}

#[component]
pub fn MatterTable(props: &MatterTableProps) -> Html {
    let lang = use_lang();
    let choosing = props.chosen.is_some();
    let is_chosen = |item: &MatterItem| props.chosen.as_ref().is_some_and(|chosen| chosen.contains(&item.id.to_string()));
    html! {
        <div class={props.stale.then_some("stale")} aria-busy={props.stale.then_some("true")}>
            <div class="card tablewrap flush">
                <div class="scroll-x">
                <table>
                    <thead><tr>
                        if choosing {
                            <th key="choose"><span class="sub">{ m::CHOOSE_ROWS.in_lang(lang) }</span></th>
                        }
                        <th key="due" class="lampcol" aria-sort={props.by_due.then_some("ascending")}>{ m::COLUMN_DUE.in_lang(lang) }</th>
                        <th key="matter" class="c-matter">{ m::COLUMN_MATTER.in_lang(lang) }</th>
                        { for props.columns.iter().map(|field| html! { <th key={format!("f-{}", field.name)} class={width(field)}>{ field.label.in_lang(lang).to_owned() }</th> }) }
                        <th key="state">{ m::COLUMN_STATE.in_lang(lang) }</th>
                        <th key="from">{ m::COLUMN_FROM.in_lang(lang) }</th>
                        <th key="person">{ m::COLUMN_PERSON.in_lang(lang) }</th>
                        <th key="got">{ m::COLUMN_RECEIVED.in_lang(lang) }</th>
                    </tr></thead>
                    <tbody>
                        { for props.items.iter().map(|item| html! {
                            <MatterRow key={item.id.to_string()} item={item.clone()} columns={props.columns.clone()} {choosing} chosen={is_chosen(item)} choose={props.choose.clone()} one_kind={props.one_kind} />
                        }) }
                    </tbody>
                </table>
                </div>
            </div>
            <div class="cardlist">
                { for props.items.iter().map(|item| html! {
                    <MatterCard key={item.id.to_string()} item={item.clone()} {choosing} chosen={is_chosen(item)} choose={props.choose.clone()} one_kind={props.one_kind} />
                }) }
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct MatterRowProps {
    item: Rc<MatterItem>,
    #[prop_or_default]
    columns: Rc<Vec<Field>>,
    #[prop_or_default]
    choosing: bool,
    #[prop_or_default]
    chosen: bool,
    #[prop_or_default]
    choose: Callback<(String, bool)>,
    one_kind: bool,
}

#[component]
fn MatterRow(props: &MatterRowProps) -> Html {
    let (lang, session) = (use_lang(), use_session());
    let item = &props.item;
    let onchange = {
        let (choose, id, chosen) = (props.choose.clone(), item.id.to_string(), props.chosen);
        Callback::from(move |_: Event| choose.emit((id.clone(), !chosen)))
    };
    let cell = |field: &Field| match (&session, item.columns.get(&field.name)) {
        (Some(session), Some(value)) => values::line(Some(&field.input), value, session, lang),
        _ => String::new(),
    };
    html! {
        <tr>
            if props.choosing {
                <td key="choose"><input type="checkbox" checked={props.chosen} {onchange} aria-label={title_of(item, lang)} /></td>
            }
            <td key="due" class="num"><MatterLamp item={item.clone()} /></td>
            <td key="matter" class="c-matter">
                <MatterLink item={item.clone()} />
                <div class="sub">
                    <span class="num">{ item.number.clone().unwrap_or_default() }</span>{ " " }
                    <span class="tag" hidden={props.one_kind}>{ item.kind_name.in_lang(lang).to_owned() }</span>{ " " }
                    <span class="tag bad" hidden={item.level == 0 || !item.is_open}>{ level_words(item.level, lang) }</span>
                </div>
            </td>
            { for props.columns.iter().map(|field| html! { <td key={format!("f-{}", field.name)} class={width(field)}>{ cell(field) }</td> }) }
            <td key="state" class="c-text">{ step_words(item, lang) }</td>
            <td key="from" class="c-unit">{ unit_words(&item.originator, lang).to_owned() }</td>
            <td key="person" class="c-unit">{ holder_words(item, session.as_ref(), lang) }</td>
            <td key="got" class="num sub">{ item.received_at.map(|at| dates::short_day(dates::local(at).date())).unwrap_or_default() }</td>
        </tr>
    }
}

/// 催办, 督办, 挂牌督办.
pub fn level_words(level: u8, lang: Lang) -> &'static str {
    match level {
        0 => "",
        1 => m::LEVEL_URGED.in_lang(lang),
        2 => m::LEVEL_SUPERVISED.in_lang(lang),
        _ => m::LEVEL_LISTED.in_lang(lang),
    }
}

#[derive(Properties, PartialEq)]
pub struct MatterLinkProps {
    pub item: Rc<MatterItem>,
}

/// The title as a link; drafts open in the editor. `data-row` is what j and k walk along.
#[component]
pub fn MatterLink(props: &MatterLinkProps) -> Html {
    let lang = use_lang();
    let go = crate::kernel::router::use_go();
    let item = &props.item;
    let href = format!("/matters/{}{}", item.id, if item.state == "draft" { "/edit" } else { "" });
    let onclick = {
        let href = href.clone();
        Callback::from(move |event: MouseEvent| {
            if !(event.meta_key() || event.ctrl_key() || event.shift_key() || event.alt_key()) {
                event.prevent_default();
                go.to(&href);
            }
        })
    };
    html! { <a class="title" {href} data-row="true" {onclick}>{ title_of(item, lang) }</a> }
}

#[derive(Properties, PartialEq)]
pub struct MatterCardProps {
    pub item: Rc<MatterItem>,
    #[prop_or_default]
    pub choosing: bool,
    #[prop_or_default]
    pub chosen: bool,
    #[prop_or_default]
    pub choose: Callback<(String, bool)>,
    #[prop_or_default]
    pub one_kind: bool,
}

#[component]
pub fn MatterCard(props: &MatterCardProps) -> Html {
    let (lang, session) = (use_lang(), use_session());
    let item = &props.item;
    let onchange = {
        let (choose, id, chosen) = (props.choose.clone(), item.id.to_string(), props.chosen);
        Callback::from(move |_: Event| choose.emit((id.clone(), !chosen)))
    };
    html! {
        <div class={classes!("card", props.choosing.then_some("pickable"))}>
            if props.choosing {
                <label key="choose" class="pick"><input type="checkbox" checked={props.chosen} {onchange} aria-label={title_of(item, lang)} /></label>
            }
            <A key="matter" href={format!("/matters/{}{}", item.id, if item.state == "draft" { "/edit" } else { "" })} class="cardlink">
                <div class="row">
                    <MatterLamp item={item.clone()} />
                    <span class="tag">{ if props.one_kind { item.number.clone().unwrap_or_default() } else { item.kind_name.in_lang(lang).to_owned() } }</span>
                </div>
                <div class="title">{ title_of(item, lang) }</div>
                <div class="sub">
                    { way_words(item, session.as_ref(), lang) }{ " " }
                    <span class="tag bad" hidden={item.level == 0 || !item.is_open}>{ level_words(item.level, lang) }</span>
                </div>
            </A>
        </div>
    }
}

#[derive(Properties, PartialEq)]
pub struct MatterBriefsProps {
    pub items: Vec<Rc<MatterItem>>,
}

/// A few matters, one under the other, for cards of the home page.
#[component]
pub fn MatterBriefs(props: &MatterBriefsProps) -> Html {
    let (lang, session) = (use_lang(), use_session());
    html! {
        <ul class="brief">
            { for props.items.iter().map(|item| html! {
                <li key={item.id.to_string()}>
                    <div class="line"><MatterLink item={item.clone()} /><MatterLamp item={item.clone()} /></div>
                    <span class="sub">{ [item.number.clone(), Some(item.kind_name.in_lang(lang).to_owned()), Some(way_words(item, session.as_ref(), lang))].into_iter().flatten().collect::<Vec<_>>().join(" · ") }</span>
                </li>
            }) }
        </ul>
    }
}
