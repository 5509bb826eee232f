//! 清单版次: what a list said at each edition, and what changed between two.

use crate::{
    kernel::{
        dates,
        hooks::{Fetched, use_query},
        i18n::use_lang,
        session::Session,
    },
    ui::{Card, Skeleton, Trouble, target_value},
};
use shared::kernel::{
    api::{EditionTask, EditionView, MatterDetail},
    messages as m,
    text::Lang,
};
use std::{collections::BTreeMap, rc::Rc};
use yew::prelude::*;

/// A task in two editions: what it was, what it is.
type Pair<'a> = (Option<&'a EditionTask>, Option<&'a EditionTask>);

/// Tasks side by side, by their numbers.
fn pairs<'a>(before: &'a [EditionTask], after: &'a [EditionTask]) -> Vec<Pair<'a>> {
    let mut pairs: BTreeMap<&str, Pair<'a>> = BTreeMap::new();
    for task in before {
        pairs.entry(&task.number).or_default().0 = Some(task);
    }
    for task in after {
        pairs.entry(&task.number).or_default().1 = Some(task);
    }
    pairs.into_values().collect()
}

fn name(edition: &EditionView, lang: Lang) -> String {
    let number = edition.edition.to_string();
    edition.kept_on.map_or_else(|| m::EDITION_NOW.fill(lang, &[&number]), |until| m::EDITION_N.fill(lang, &[&number, &dates::day(until, lang)]))
}

#[derive(Properties, PartialEq)]
pub(super) struct EditionsProps {
    pub matter: Rc<MatterDetail>,
    pub session: Session,
}

#[component]
pub(super) fn EditionsCard(props: &EditionsProps) -> Html {
    let lang = use_lang();
    let editions = use_query::<Vec<EditionView>>(Some(format!("/matters/{}/editions", props.matter.item.id)));
    // The edition shown and the one it is compared with, by place; none: the last, and the one before it.
    let shown = use_state_eq(|| None::<usize>);
    let against = use_state_eq(|| None::<Option<usize>>);
    let inside = match &editions.state {
        Fetched::Loading => html! { <Skeleton /> },
        Fetched::Failed(error) => html! { <Trouble error={error.clone()} retry={Some(editions.reload.clone())} /> },
        Fetched::Ready(editions) => {
            let last = editions.len().saturating_sub(1);
            let now = (*shown).unwrap_or(last).min(last);
            let other = (*against).unwrap_or_else(|| now.checked_sub(1)).filter(|other| *other != now && *other <= last);
            let choose_shown = {
                let shown = shown.clone();
                Callback::from(move |event: Event| shown.set(target_value(&event).parse().ok()))
            };
            let choose_against = {
                let against = against.clone();
                Callback::from(move |event: Event| against.set(Some(target_value(&event).parse().ok())))
            };
            let option = |place: usize, edition: &EditionView, chosen: Option<usize>| {
                html! {
                    <option key={place} value={place.to_string()} selected={chosen == Some(place)}>{ name(edition, lang) }</option>
                }
            };
            html! {
                <>
                    <div class="row-actions pad no-print" hidden={editions.len() < 2}>
                        <label class="inline">{ m::EDITION_SHOWN.in_lang(lang) }<select onchange={choose_shown}>
                            { for editions.iter().enumerate().map(|(place, edition)| option(place, edition, Some(now))) }
                        </select></label>
                        <label class="inline">{ m::EDITION_AGAINST.in_lang(lang) }<select onchange={choose_against}>
                            <option key="none" value="" selected={other.is_none()}>{ m::EDITION_ALONE.in_lang(lang) }</option>
                            { for editions.iter().enumerate().filter(|(place, _)| *place != now).map(|(place, edition)| option(place, edition, other)) }
                        </select></label>
                    </div>
                    { editions.get(now).map(|edition| table(edition, other.and_then(|other| editions.get(other)), &props.session, lang)) }
                </>
            }
        }
    };
    let none = matches!(&editions.state, Fetched::Ready(editions) if editions.is_empty());
    html! { <div hidden={none}><Card title={m::EDITIONS.in_lang(lang)} flush=true>{ inside }</Card></div> }
}

/// The tasks of an edition; beside another one only those that differ.
fn table(edition: &EditionView, other: Option<&EditionView>, session: &Session, lang: Lang) -> Html {
    let all = match other {
        Some(other) => pairs(&other.tasks, &edition.tasks),
        None => edition.tasks.iter().map(|task| (Some(task), Some(task))).collect(),
    };
    let differs = |pair: &&Pair<'_>| other.is_none() || pair.0 != pair.1;
    let same = all.len() - all.iter().filter(differs).count();
    let unit = |task: &EditionTask| task.unit.as_ref().map_or_else(|| "—".to_owned(), |code| session.unit_name(code, lang));
    let due = |task: &EditionTask| task.due.map_or_else(|| "—".to_owned(), |due| dates::full_day(due, lang));
    // What stands now; below it, where it was another.
    let cell = |pair: &Pair<'_>, words: &dyn Fn(&EditionTask) -> String| {
        let (before, after) = (pair.0.map(words), pair.1.map(words));
        let was = before.clone().filter(|_| after.is_some() && before != after).map(|was| m::EDITION_BEFORE.fill(lang, &[&was]));
        html! { <><span>{ after.or(before).unwrap_or_default() }</span><div class="sub" hidden={was.is_none()}>{ was.unwrap_or_default() }</div></> }
    };
    let change = |pair: &Pair<'_>| match pair {
        (None, Some(_)) => html! { <span class="tag b">{ m::EDITION_ADDED.in_lang(lang) }</span> },
        (Some(_), None) => html! { <span class="tag bad">{ m::EDITION_DROPPED.in_lang(lang) }</span> },
        _ => html! { <span class="tag">{ m::EDITION_CHANGED.in_lang(lang) }</span> },
    };
    let labels = [m::COLUMN_TASK, m::COLUMN_LEAD, m::COLUMN_DUE].map(|label| label.in_lang(lang));
    html! {
        <div class="scroll-x edged">
            <table class="small rowcards" hidden={all.is_empty() || same == all.len()}>
                <thead><tr>
                    { for labels.iter().map(|label| html! { <th key={*label}>{ *label }</th> }) }
                    <th hidden={other.is_none()}>{ m::COLUMN_CHANGE.in_lang(lang) }</th>
                </tr></thead>
                <tbody>{ for all.iter().filter(differs).map(|pair| {
                    let number = pair.1.or(pair.0).map(|task| task.number.clone()).unwrap_or_default();
                    html! {
                        <tr key={number.clone()}>
                            <td data-label={labels[0]}>{ cell(pair, &|task| task.title.clone()) }<div class="sub num">{ number }</div></td>
                            <td data-label={labels[1]}>{ cell(pair, &unit) }</td>
                            <td data-label={labels[2]}>{ cell(pair, &due) }</td>
                            <td data-label={m::COLUMN_CHANGE.in_lang(lang)} hidden={other.is_none()}>{ change(pair) }</td>
                        </tr>
                    }
                }) }</tbody>
            </table>
            <p class="sub pad" hidden={other.is_none()}>{ m::EDITION_SAME.fill(lang, &[&same.to_string()]) }</p>
        </div>
    }
}
