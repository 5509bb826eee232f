//! The list of rules. Each names its breaches, so that the reader needn't search.

use super::{
    Fault, fields, habits, layers,
    source::{Line, Source},
};

pub type Rule = fn(&[Source]) -> Vec<Fault>;

pub const ALL: &[Rule] = &[
    layers::shared_is_pure,
    layers::kernel_names_no_pillar,
    layers::kernel_names_no_kind,
    layers::pillars_name_no_other,
    habits::tests_are_run,
    fields::nothing_held_is_asked,
    habits::nothing_panics,
    habits::wrong_types_are_pointed_at,
    habits::columns_are_named,
    habits::examples_are_run,
    habits::open_ends_have_an_issue,
    habits::texts_are_in_the_catalogue,
    habits::no_paths_of_a_machine,
];

pub fn fault(source: &Source, line: usize, text: impl Into<String>) -> Fault {
    Fault { path: source.path.clone(), line, text: text.into() }
}

/// Breaches found line by line in the code of some files.
pub fn in_code(sources: &[Source], of: impl Fn(&Source) -> bool, check: impl Fn(&Source, &Line) -> Option<String>) -> Vec<Fault> {
    let files = sources.iter().filter(|source| source.is_rust() && of(source));
    files
        .flat_map(|source| {
            let check = &check;
            source.code().into_iter().filter_map(move |line| check(source, &line).map(|text| fault(source, line.number, text))).collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
pub fn broken(rule: Rule, path: &str, text: &str) -> usize {
    rule(&[Source::new(path.into(), text.into())]).len()
}
