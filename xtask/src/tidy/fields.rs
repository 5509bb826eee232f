//! No field asked twice (N18): what the system holds is filled in, with its source, and not typed again.

use super::{
    Fault, PILLARS,
    rules::fault,
    source::{Source, strings},
};

/// What every matter has, or the system knows of who types: name of a field and where it is held.
const HELD: &[(&str, &str)] = &[
    ("title", "the header of every matter has it; `title_from` fills it"),
    ("number", "it is given at submission"),
    ("matter_number", "it is given at submission"),
    ("urgency", "the header of every matter has it"),
    ("domains", "the header of every matter has it"),
    ("state", "the workflow keeps it"),
    ("level", "the workflow keeps it"),
    ("holder", "the workflow keeps it"),
    ("due_at", "the main clock computes it"),
    ("originator", "it is the unit of who starts the matter"),
    ("originator_unit", "it is the unit of who starts the matter"),
    ("own_unit", "it is the unit of who is signed in"),
    ("unit_name", "the register of units has it"),
    ("unit_phone", "the register of units has it"),
    ("own_name", "it is who is signed in"),
    ("own_phone", "the register of people has it"),
    ("filled_by", "it is who is signed in"),
    ("reporter_name", "it is who is signed in"),
    ("reporting_unit", "it is the unit of who is signed in"),
    ("filled_on", "the event has the time"),
    ("created_at", "the event has the time"),
    ("submitted_at", "the event has the time"),
    ("signed_at", "the event has the time"),
];

/// A kind, or a step of one, that asks for what is held. That a step does not ask again for a field of its own kind is checked on the
/// tables themselves, by `shared/tests/tables.rs`.
pub fn nothing_held_is_asked(sources: &[Source]) -> Vec<Fault> {
    let declares = |source: &&Source| source.is_rust() && PILLARS.iter().any(|pillar| source.path.starts_with(&format!("shared/src/{pillar}/")));
    let mut faults = Vec::new();
    for source in sources.iter().filter(declares) {
        for (line, name) in declared(source) {
            if let Some((_, held)) = HELD.iter().find(|(held, _)| *held == name) {
                faults.push(fault(source, line, format!("asks for `{name}` again: {held}")));
            }
        }
    }
    faults
}

/// Names of the fields a file declares, each with its line.
pub fn declared(source: &Source) -> Vec<(usize, &str)> {
    let lines = source.code();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        for (at, call) in line.code.match_indices("Field::new(") {
            // The name stands behind the bracket, or alone on the next line.
            let rest = line.code.get(at + call.len()..).unwrap_or_default();
            let next = lines.get(index + 1).map(|line| line.code).unwrap_or_default();
            let name = strings(if rest.trim().is_empty() { next } else { rest }).into_iter().next();
            found.extend(name.map(|name| (line.number, name)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::rules::broken;

    #[test]
    fn what_is_held_is_not_asked() {
        let path = "shared/src/supervision/joint_patrol.rs";
        assert_eq!(broken(nothing_held_is_asked, path, r#"Field::new("title", t("标题", "Title"), Input::Text { min: 5, max: 80 }),"#), 1);
        assert_eq!(broken(nothing_held_is_asked, path, "Field::new(\n    \"filled_by\",\n    t(\"填报人\", \"By\"),\n)"), 1);
        assert_eq!(broken(nothing_held_is_asked, path, r#"Field::new("content", t("标题", "title"), Input::Date),"#), 0);
        assert_eq!(broken(nothing_held_is_asked, path, r#"// Field::new("title", …)"#), 0);
        assert_eq!(broken(nothing_held_is_asked, "shared/src/kernel/group.rs", r#"Field::new("level", …)"#), 0, "the kernel's own steps set it");
    }
}
