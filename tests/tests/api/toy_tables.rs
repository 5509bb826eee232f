//! The toy kinds are declared without a fault, by the same check as the shipped ones.

use shared::kernel::{calendar::ClockRules, table};

#[test]
fn the_toy_kinds_are_sound() {
    let taxonomy: serde_json::Value = serde_json::from_str(include_str!("../../../data/taxonomy.json")).expect("the taxonomy is JSON");
    let lists: table::CodeLists = taxonomy
        .as_object()
        .expect("the taxonomy is an object")
        .iter()
        .filter_map(|(name, entries)| {
            Some((name.clone(), entries.as_array()?.iter().filter_map(|e| Some(e.get("code")?.as_str()?.to_owned())).collect()))
        })
        .collect();
    let mut kinds = shared::registry::kinds();
    kinds.extend(tests::toy::kinds());
    let faults = table::faults(&kinds, ClockRules::built_in(), &lists);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
