//! A declaration as text.

use super::edges;
use crate::kernel::{
    field::{Field, Need},
    kind::{Effect, Kind, Step, Target, Who},
    limit::{Limit, Series},
    text::Text,
    workflow::who_could,
};
use std::collections::BTreeMap;

/// The declaration as Markdown: who does what from where, what it does, and a diagram (Mermaid).
pub fn print(kind: &Kind) -> String {
    let mut out = format!("# {} {} (`{}`, {})\n\n", kind.name.zh, kind.name.en, kind.code, kind.abbr);
    let starters: Vec<String> = kind.starters.iter().map(who_line).collect();
    out.push_str(&format!("Started by {}.", starters.join("; ")));
    if kind.sealed {
        out.push_str(" Restricted to named persons from the start.");
    }
    let observers: Vec<String> = kind.observers.iter().map(who_line).collect();
    if !observers.is_empty() {
        out.push_str(&format!(" Seen without being a party by {}.", observers.join("; ")));
    }
    out.push_str("\n\n| field | input | need | notes |\n|---|---|---|---|\n");
    for field in &kind.fields {
        out.push_str(&field_line(field));
    }
    for rule in &kind.rules {
        out.push_str(&format!("\nAlways, once it is no draft: `{}` ({}).\n", rule.code, rule.reason.zh));
    }
    out.push_str(&limit_lines(kind));
    out.push_str("\n| from | action | to | who | input | guards | does |\n|---|---|---|---|---|---|---|\n");
    for step in &kind.steps {
        let to = match &step.to {
            Target::Same => "same".to_owned(),
            Target::State { state } => state.clone(),
            Target::BeforeHandover => "where it came from".to_owned(),
            Target::RulingOrState { state } => format!("{state}, the second time ruling"),
        };
        let who = if step.who.iter().all(|who| who.system) { "the system".to_owned() } else { who_could(step).en };
        let input: Vec<String> =
            step.input.iter().map(|field| if field.need == Need::Always { format!("{}!", field.name) } else { field.name.clone() }).collect();
        let of_the_step = step.daily.then_some("once_a_day").into_iter().chain(step.of_others.then_some("held_by_other"));
        let guards: Vec<&str> = of_the_step.chain(step.guards.iter().map(|guard| guard.code.as_str())).collect();
        let does: Vec<String> = step.effects.iter().map(effect_words).collect();
        out.push_str(&format!(
            "| {} | `{}` {} | {to} | {who} | {} | {} | {} |\n",
            step.from.join(", ").replace('*', "any open"),
            step.action,
            step.label.zh,
            input.join(", "),
            guards.join(", "),
            does.join("; ")
        ));
    }
    if !kind.clocks.is_empty() {
        out.push_str("\n| clock | owed by | told beside |\n|---|---|---|\n");
    }
    for clock in &kind.clocks {
        let (owed_by, tell) = (plain(&clock.owed_by), plain(&clock.tell));
        let takes = clock.takes.as_ref().map(|action| format!("; `{action}`")).unwrap_or_default();
        out.push_str(&format!("| `{}` | {owed_by} | {tell}{takes} |\n", clock.rule));
    }
    for reaction in &kind.reactions {
        let all = if reaction.all_children { ", once none is open" } else { "" };
        out.push_str(&format!("\nWhen a child `{}` becomes {}{all}: `{}`.\n", reaction.kind, reaction.state, reaction.action));
    }
    out.push_str("\n```mermaid\nstateDiagram-v2\n    [*] --> draft\n");
    let mut arrows: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    let edges = edges(kind);
    for edge in edges.iter().filter(|edge| !edge.anywhere) {
        let actions = arrows.entry((edge.from, edge.to)).or_default();
        if !actions.contains(&edge.action) {
            actions.push(edge.action);
        }
    }
    for ((from, to), actions) in arrows {
        out.push_str(&format!("    {from} --> {to}: {}\n", actions.join(", ")));
    }
    for state in kind.states.iter().filter(|state| state.is_final) {
        out.push_str(&format!("    {} --> [*]\n", state.code));
    }
    out.push_str("```\n");
    out
}

/// The limit, the periods of what recurs, and the overview.
fn limit_lines(kind: &Kind) -> String {
    let mut out = String::new();
    let codes = |codes: &[(String, String)]| codes.iter().map(|(field, code)| format!("`{field}` {code}")).collect::<Vec<_>>().join(", ");
    if let Some(Limit { date, kind, recurrence, words, confirmed, recurring, standing }) = &kind.limit {
        let named = [("by", kind), ("recurs", recurrence), ("words", words), ("confirmed", confirmed)];
        let named: Vec<String> = named.iter().filter_map(|(what, field)| Some(format!(", {what} `{}`", field.as_ref()?))).collect();
        out.push_str(&format!("\nLimit: `{date}`{}.", named.concat()));
        for (what, set) in [("Recurring", recurring), ("Standing", standing)].iter().filter(|(_, set)| !set.is_empty()) {
            out.push_str(&format!(" {what}: {}.", codes(set)));
        }
        out.push('\n');
    }
    if let Some(Series { state, rule, unit, drops, ends_by }) = &kind.series {
        let drops = drops.join("`, `");
        out.push_str(&format!(
            "\nEach period begins in {state} with `{unit}` and the clock `{rule}`, without `{drops}`; the last one ends it: `{ends_by}`.\n"
        ));
    }
    if let Some(statistics) = &kind.statistics {
        let groups: Vec<String> =
            statistics.groups.iter().map(|group| format!("`{}` {} ({})", group.field, group.title.zh, plain(&group.shown))).collect();
        let duties: Vec<String> = statistics.duties.iter().map(|duty| format!("{} {}", duty.state, duty.label.zh)).collect();
        out.push_str(&format!("\nOverview: by {}; for the linkage office {}.\n", groups.join(", "), duties.join(", ")));
    }
    out
}

/// Anything declared in its wire words.
fn plain(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).map(|value| words(&value)).unwrap_or_default()
}

fn who_line(who: &Who) -> String {
    let step = Step::new("", Text::default()).by(who.clone());
    let units = if who.unit_kinds.is_empty() { String::new() } else { format!(" in {}", who.unit_kinds.join(", ")) };
    format!("{}{units}", who_could(&step).en)
}

fn field_line(field: &Field) -> String {
    let input = match serde_json::to_value(&field.input) {
        Ok(value) => value.get("type").and_then(|kind| kind.as_str()).unwrap_or_default().to_owned(),
        Err(_) => String::new(),
    };
    let need = match &field.need {
        Need::Always => "always".to_owned(),
        Need::Optional => String::new(),
        Need::If { field, values } => format!("when {field} is {}", values.join(" or ")),
    };
    let marks = [
        (field.derived, "derived".to_owned()),
        (field.facet, "facet".to_owned()),
        (field.listed, "column".to_owned()),
        (field.sensitivity > 0, format!("level {}", field.sensitivity)),
        (field.others.is_some(), format!("other units to {}", field.others.as_deref().unwrap_or_default())),
        (field.heading.is_some(), format!("heading of the {}", field.heading.as_ref().map(plain).unwrap_or_default())),
        (!field.header_words.is_empty(), format!("headings {}", field.header_words.join(" "))),
    ];
    let notes: Vec<String> = marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark).collect();
    format!("| `{}` {} | {input} | {need} | {} |\n", field.name, field.label.zh, notes.join(", "))
}

/// An effect by its name and what it names.
fn effect_words(effect: &Effect) -> String {
    let Ok(serde_json::Value::Object(members)) = serde_json::to_value(effect) else { return String::new() };
    let name = members.get("effect").and_then(|name| name.as_str()).unwrap_or_default().to_owned();
    let members: BTreeMap<_, _> = members.into_iter().collect();
    let rest: Vec<String> = members.iter().filter(|(key, value)| *key != "effect" && !value.is_null()).map(|(_, value)| words(value)).collect();
    if rest.is_empty() { name } else { format!("{name} {}", rest.join(" ")) }
}

fn words(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(" "),
        serde_json::Value::Object(members) => members.iter().collect::<BTreeMap<_, _>>().into_values().map(words).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}
