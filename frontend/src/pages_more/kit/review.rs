//! How a row of an uploaded sheet was understood: the verdict as a lamp, the reasons in words.

use super::{Tone, tr};
use crate::kernel::{
    session::{KindSheet, Session},
    values,
};
use serde_json::json;
use shared::kernel::{
    api::{ImportProblem, ImportRow, RowPatch},
    field::{Field, Input},
    messages_more as M,
    problem::Code,
    text::{Lang, Message},
};
use yew::prelude::*;

pub fn verdict(code: &str) -> (Tone, Message) {
    match code {
        "accepted" => (Tone::Ok, M::VERDICT_ACCEPTED),
        "decide" => (Tone::Warn, M::VERDICT_DECIDE),
        "refused" => (Tone::Late, M::VERDICT_REFUSED),
        "present" => (Tone::Idle, M::VERDICT_PRESENT),
        _ => (Tone::Idle, M::VERDICT_SKIPPED),
    }
}

/// The rows of each verdict, for the line above the table.
pub fn verdict_counts(counts: &shared::kernel::api::ImportCounts) -> [(i64, &'static str, Message); 4] {
    [
        (counts.accepted, "accepted", M::N_ACCEPTED),
        (counts.decide, "decide", M::N_DECIDE),
        (counts.refused, "refused", M::N_REFUSED),
        (counts.present, "present", M::N_PRESENT),
    ]
}

fn problem_words(problem: &ImportProblem, lang: Lang) -> String {
    let text = problem.text.in_lang(lang);
    match Code::parse(&problem.code) {
        Some(code) if text.is_empty() => code.message().in_lang(lang).to_owned(),
        _ => text.to_owned(),
    }
}

/// What a row's lamp says: its verdict, or that it was written.
pub fn standing(row: &ImportRow) -> (Tone, Message) {
    if row.matters.is_empty() { verdict(&row.verdict) } else { (Tone::Ok, M::IMPORT_COMMITTED) }
}

/// The numbers in a text: 2027年6月30日 has the same as 2027-06-30.
fn numbers(text: &str) -> Vec<u32> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

/// Cells whose reading went without saying, and which no column of the table shows: the units they name, a day written in another way.
pub fn plainly(row: &ImportRow, kind: &KindSheet, in_columns: &[&str], session: Option<&Session>, lang: Lang) -> Vec<String> {
    let told = |name: &str| row.understood.iter().any(|words| words.field == name) || row.problems.iter().any(|problem| problem.field == name);
    let plain = kind.fields.iter().filter(|field| !field.derived && !told(&field.name) && row.source.contains_key(&field.name));
    let line = |field: &Field| {
        let value = row.values.get(&field.name).filter(|value| !values::is_blank(value))?;
        match &field.input {
            Input::Units { .. } | Input::Unit if !in_columns.contains(&field.name.as_str()) => {
                Some([field.label.in_lang(lang), lang.colon(), &values::line(Some(&field.input), value, session?, lang)].concat())
            }
            Input::Date => {
                let (written, day) = (row.source.get(&field.name)?, value.as_str()?);
                // Another day than the one written was typed by the reviewer.
                (written != day && numbers(written) == numbers(day)).then(|| M::READ_AS.fill(lang, &[written, day]))
            }
            _ => None,
        }
    };
    plain.filter_map(line).collect()
}

/// What goes without saying, how cells were understood, then what is wrong with them.
pub fn reading(row: &ImportRow, plain: Vec<String>, lang: Lang) -> Html {
    html! {
        <ul class="m-plain">
            { for plain.into_iter().enumerate().map(|(index, words)| html! { <li key={format!("c{index}")}>{ words }</li> }) }
            { for row.understood.iter().enumerate().map(|(index, words)| html! { <li key={format!("u{index}")}>{ words.text.in_lang(lang) }</li> }) }
            { for row.problems.iter().enumerate().map(|(index, problem)| html! {
                <li key={format!("p{index}")} class={if row.verdict == "refused" { "m-bad" } else { "m-ask" }}>{ problem_words(problem, lang) }</li>
            }) }
        </ul>
    }
}

#[derive(Properties, PartialEq)]
pub struct CandidatesProps {
    pub problem: ImportProblem,
    /// The field holds one unit, which can't be left out.
    pub one: bool,
    pub lang: Lang,
    pub disabled: bool,
    pub send: Callback<RowPatch>,
}

/// Answers to one question, each a button: a date, a unit, what a name means.
#[component]
pub fn Candidates(props: &CandidatesProps) -> Html {
    let CandidatesProps { problem, one, lang, disabled, send } = props;
    let lang = *lang;
    let t = tr(lang);
    let answer = |value: &str| {
        let (send, problem, value) = (send.clone(), problem.clone(), value.to_owned());
        Callback::from(move |_: MouseEvent| {
            let mut patch = RowPatch::default();
            match &problem.name {
                Some(name) => {
                    patch.names.insert(name.clone(), value.clone());
                }
                None => {
                    patch.values.insert(problem.field.clone(), json!(value));
                }
            }
            send.emit(patch);
        })
    };
    let label = problem.name.as_ref().map_or_else(|| t(M::CANDIDATES).to_owned(), |name| M::CANDIDATES_OF.fill(lang, &[name]));
    let leaves_out = problem.name.as_ref().filter(|_| !*one).map(|name| M::CANDIDATE_LEAVE_OUT.fill(lang, &[name]));
    html! {
        <div class="row-actions m-candidates" role="group" aria-label={label.clone()} hidden={problem.candidates.is_empty()}>
            <span class="sub">{ label }</span>
            { for problem.candidates.iter().map(|candidate| html! {
                <button key={candidate.value.clone()} class="btn" type="button" disabled={*disabled} onclick={answer(&candidate.value)}>{ candidate.label.in_lang(lang) }</button>
            }) }
            <button class="linklike" type="button" disabled={*disabled} hidden={leaves_out.is_none()} onclick={answer("")}>{ leaves_out.unwrap_or_default() }</button>
        </div>
    }
}

/// Where tables were found, and which of their columns were not understood.
pub fn tables_words(tables: &[shared::kernel::api::ImportTable], lang: Lang) -> (String, String) {
    let t = tr(lang);
    let found =
        tables.iter().map(|table| M::IMPORT_TABLE.fill(lang, &[&table.sheet, &table.header_row.to_string()])).collect::<Vec<_>>().join(t(M::DOT));
    let unknown: Vec<&str> = tables.iter().flat_map(|table| table.unknown_columns.iter().map(String::as_str)).collect();
    let unknown = if unknown.is_empty() { String::new() } else { M::IMPORT_UNKNOWN_COLUMNS.fill(lang, &[&unknown.join(t(M::LIST_COMMA))]) };
    (found, unknown)
}
