//! The tables of all kinds the product ships: nothing wrong with them, and no change of them unseen. `LIANDONG_GOLDEN=write`
//! writes the golden files anew; the difference is then reviewed like code.

use shared::{
    kernel::{
        calendar::ClockRules,
        field::{Field, Heading, Input, choice},
        group,
        kind::{Clock, Debtor, Effect, Kind, Length, Pillar, Reaction, Step, UnitRef, Who, final_state, state},
        limit::{Limit, Series},
        role::{Part, Role},
        statistics::{Grouping, Shown, Statistics},
        table::{self, CodeLists},
        text::t,
    },
    registry,
};
use std::{env, fs, path::Path};

fn code_lists() -> CodeLists {
    let taxonomy: serde_json::Value = serde_json::from_str(include_str!("../../data/taxonomy.json")).expect("the taxonomy is JSON");
    let lists = taxonomy.as_object().expect("the taxonomy is an object").iter();
    lists
        .filter_map(|(name, entries)| {
            let codes = entries.as_array()?.iter().filter_map(|entry| Some(entry.get("code")?.as_str()?.to_owned())).collect();
            Some((name.clone(), codes))
        })
        .collect()
}

fn faults(kinds: &[Kind]) -> Vec<String> {
    table::faults(kinds, ClockRules::built_in(), &code_lists())
}

#[test]
fn nothing_is_wrong_with_any_kind() {
    let faults = faults(&registry::kinds());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_tables_are_as_they_were_reviewed() {
    for kind in registry::kinds() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{}.md", kind.code));
        let printed = table::print(&kind);
        if env::var("LIANDONG_GOLDEN").as_deref() == Ok("write") {
            fs::write(&path, &printed).expect("the golden file can be written");
        }
        let golden = fs::read_to_string(&path).unwrap_or_default();
        let line = printed.lines().zip(golden.lines().chain(std::iter::repeat(""))).find(|(now, then)| now != then);
        assert!(
            printed == golden,
            "{} changed; review it and run with LIANDONG_GOLDEN=write\nnow:  {}\nthen: {}",
            path.display(),
            line.map_or("", |line| line.0),
            line.map_or("(shorter)", |line| line.1)
        );
    }
}

/// A button commands; what was done is told in words of its own.
#[test]
fn every_step_says_what_was_done() {
    for kind in registry::kinds() {
        for step in &kind.steps {
            let done = step.done.as_ref().unwrap_or_else(|| panic!("{}: {} tells nothing", kind.code, step.action));
            assert_eq!(done.zh, step.label.zh, "{}: {}", kind.code, step.action);
        }
    }
}

/// A small kind without a fault, for breaking.
fn sound() -> Kind {
    let (draft, mut steps) = group::draft();
    steps.extend([
        Step::new("submit", t("提交", "Submit")).from(&["draft"]).to("open").by(Who::part(Part::Originator, &[Role::Handler])).does(vec![
            Effect::StartClock { rule: "work_item.complete".into(), length: Length::BodyDate { field: "due".into() }, main: true, when: None },
            Effect::Hold { by: UnitRef::Body { field: "unit".into() } },
        ]),
        Step::new("close", t("办结", "Close"))
            .from(&["open"])
            .to("closed")
            .by(Who::part(Part::Holder, group::DAILY))
            .does(vec![Effect::StopAllClocks]),
    ]);
    Kind {
        code: "sound".into(),
        abbr: "SO".into(),
        pillar: Pillar::Liaison,
        name: t("无误", "Sound"),
        starters: vec![Who { roles: vec![Role::Handler], ..Who::default() }],
        fields: vec![Field::new("unit", t("单位", "Unit"), Input::Unit).required(), Field::new("due", t("时限", "Due"), Input::Date).required()],
        states: vec![
            draft,
            state("open", t("办理中", "Open")),
            final_state("closed", t("已办结", "Closed")),
            final_state("discarded", t("已删除", "Discarded")),
        ],
        steps,
        reactions: vec![],
        rules: vec![],
        clocks: vec![Clock::new("work_item.complete", Debtor::Holder)],
        observers: vec![],
        sealed: false,
        title_from: None,
        identity: vec![],
        limit: None,
        series: None,
        statistics: None,
    }
}

/// Breaks the sound kind in one way and gives what is found.
#[track_caller]
fn broken(change: impl FnOnce(&mut Kind), expected: &str) {
    let mut kind = sound();
    change(&mut kind);
    let found = faults(&[kind]);
    assert!(found.iter().any(|fault| fault.contains(expected)), "expected `{expected}`, found {found:#?}");
}

fn step<'a>(kind: &'a mut Kind, action: &str) -> &'a mut Step {
    kind.steps.iter_mut().find(|step| step.action == action).expect("the step is there")
}

#[test]
fn each_fault_is_found() {
    assert_eq!(faults(&[sound()]), Vec::<String>::new());
    broken(|kind| kind.states.push(state("lost", t("孤立", "Lost"))), "state lost is never reached");
    broken(|kind| step(kind, "close").to = shared::kernel::kind::Target::Same, "from state open no end is reached");
    broken(|kind| kind.steps.retain(|step| step.action != "close"), "state closed is never reached");
    broken(|kind| kind.clocks.clear(), "clock work_item.complete says not who owes what ends it");
    broken(|kind| kind.clocks.push(Clock::new("work_item.accept", Debtor::Holder)), "clock work_item.accept is started by no step");
    broken(|kind| step(kind, "close").effects.push(Effect::ReportDone), "never judged not to be");
    broken(|kind| step(kind, "close").from = vec!["opne".into()], "opne, which is no state");
    broken(|kind| step(kind, "close").effects.clear(), "with clocks running");
    broken(|kind| step(kind, "close").who.clear(), "step close is for nobody");
    broken(|kind| step(kind, "close").who = vec![Who::asked("close", group::DAILY)], "but nobody is");
    broken(|kind| kind.fields.retain(|field| field.name != "due"), "due, which is no field");
    broken(|kind| kind.fields[0].input = Input::Date, "unit, which is of another type");
    broken(|kind| kind.fields[0].input = Input::CodeList { list: "nothing".into() }, "no code list nothing");
    broken(|kind| step(kind, "submit").effects[0] = Effect::StopClock { rule: "no.such.rule".into() }, "no clock rule no.such.rule");
    broken(|kind| step(kind, "close").effects.push(Effect::SetBody { fields: vec!["result".into()] }), "keeps result");
    broken(
        |kind| step(kind, "close").input = vec![Field::new("unit", t("单位", "Unit"), Input::Unit)],
        "step close asks unit again, which the matter holds",
    );
    broken(
        |kind| {
            let again = kind.steps.iter().find(|step| step.action == "close").cloned().expect("the step is there");
            kind.steps.push(again.target(shared::kernel::kind::Target::Same));
        },
        "declared twice for the same people in open",
    );
    broken(|kind| step(kind, "submit").effects.push(Effect::HandOver { to: UnitRef::Originator, refusable: true }), "silence is not escalated");
    broken(|kind| kind.title_from = Some("subject".into()), "no field subject");
    broken(
        |kind| {
            let rows = Input::Rows { fields: vec![Field::new("unit", t("单位", "Unit"), Input::Unit)], min: 0, max: 9 };
            step(kind, "close").input = vec![Field::new("words", t("意见", "Words"), rows).row_for_each("close", "remarks", "unit")];
        },
        "words has rows of close, which says no rows remarks",
    );
    broken(|kind| kind.name.en.clear(), "no label in one of the languages");
    broken(|kind| kind.fields[0] = kind.fields[0].clone().required_if("due", &["tomorrow"]), "depends on tomorrow of due");
    broken(|kind| kind.fields[1] = kind.fields[1].clone().facet(), "can't be a facet");
    broken(|kind| kind.fields[0] = kind.fields[0].clone().listed().sensitivity(2), "can't be a column");
    let react = |state: &str, action: &str| Reaction { kind: "sound".into(), state: state.into(), all_children: false, action: action.into() };
    broken(|kind| kind.reactions = vec![react("open", "close")], "no final state of the child");
    broken(|kind| kind.reactions = vec![react("closed", "close")], "the system has no step close");
    broken(
        |kind| {
            step(kind, "close").who.push(Who::system());
            kind.reactions = vec![react("closed", "close")];
        },
        "comes back to it",
    );
    let mut other = sound();
    other.code = "other".into();
    assert!(faults(&[sound(), other]).iter().any(|fault| fault.contains("abbreviation is used by two kinds")));
}

#[test]
fn faults_of_lists_periods_and_figures_are_found() {
    let limited = |limit: Limit| move |kind: &mut Kind| kind.limit = Some(limit);
    broken(limited(Limit::new("until")), "the limit names until, which is no field");
    broken(limited(Limit::new("unit")), "the limit names unit, which is of another type");
    broken(limited(Limit::new("due").words("unit")), "keeps its words in unit, which is typed into the form");
    broken(limited(Limit::new("due").recurs("rhythm", &[])), "no field says whether it does");
    broken(limited(Limit::new("due").kind("how").recurs("rhythm", &[("how", "never")])), "sets how to never");
    broken(
        |kind| {
            kind.fields.push(Field::new("how", t("方式", "How"), Input::Choice { choices: vec![choice("date", "限期", "By a date")] }));
            kind.fields.push(Field::new("rhythm", t("周期", "Rhythm"), Input::Recurrence));
            kind.limit = Some(Limit::new("due").kind("how").recurs("rhythm", &[]));
        },
        "the limit can't be recurring",
    );
    broken(|kind| step(kind, "submit").effects.push(Effect::SpawnInstances), "not declared as a series");
    broken(
        |kind| {
            let named = |name: &str| name.to_owned();
            kind.series = Some(Series {
                state: named("closed"),
                rule: named("work_item.complete"),
                unit: named("due"),
                drops: vec![],
                ends_by: named("close"),
            });
        },
        "the series begins in closed, which is no open state",
    );
    broken(
        |kind| kind.statistics = Some(Statistics::default().group(Grouping::new("unit", t("按单位", "By unit"), Shown::Bars))),
        "the statistics group by unit, which is no facet with one value",
    );
    broken(
        |kind| kind.statistics = Some(Statistics::default().duty("closed", t("已办结", "Closed"))),
        "the statistics count closed, which is no open state",
    );
    broken(|kind| kind.fields[0] = kind.fields[0].clone().others("due"), "leaves other units to due");
    broken(|kind| kind.fields[0] = kind.fields[0].clone().heading(Heading::Table), "can't hold a heading");
    broken(|kind| kind.fields[0] = kind.fields[0].clone().facet(), "every list has another filter of that name");
}

#[test]
fn reactions_that_set_each_other_off_are_found_over_all_tables() {
    let mut first = sound();
    let mut second = sound();
    (second.code, second.abbr) = ("second".into(), "SE".into());
    for (kind, child) in [(&mut first, "second"), (&mut second, "sound")] {
        step(kind, "close").who.push(Who::system());
        kind.reactions = vec![Reaction { kind: child.into(), state: "closed".into(), all_children: false, action: "close".into() }];
    }
    let found = faults(&[first, second]);
    assert_eq!(found.iter().filter(|fault| fault.contains("comes back to it")).count(), 2, "{found:#?}");
}
