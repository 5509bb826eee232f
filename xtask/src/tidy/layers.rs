//! Who may know whom (ARCHITECTURE.md): the kernel no pillar, no kind and no field of one, a pillar no other, `shared` no server.

use super::{
    Fault, PILLARS, fields,
    rules::{fault, in_code},
    source::{Source, strings},
};
use std::collections::BTreeSet;

/// The server's libraries must not come to the client.
const SERVER_ONLY: &[&str] = &["actix", "sea-orm", "sqlx", "tokio", "reqwest"];

/// What the machine knows and a pure function can't; the compiler takes it for wasm32, too, where it fails when it is called.
const MACHINE: &[&str] =
    &["std::env", "std::fs", "std::net", "std::process", "std::thread", "std::time::Instant", "SystemTime", "Utc::now", "Local::now"];

const KERNELS: &[&str] = &["shared/src/kernel/", "backend/rules/src/", "backend/kernel/src/", "frontend/src/kernel/", "frontend/src/ui/"];

/// `shared` builds for wasm32, carries no server and asks the machine nothing.
pub fn shared_is_pure(sources: &[Source]) -> Vec<Fault> {
    let mut faults = shared_carries_no_server(sources);
    faults.extend(in_code(
        sources,
        |source| source.path.starts_with("shared/src/"),
        |_, line| {
            let asked = MACHINE.iter().find(|asked| line.code.contains(**asked))?;
            Some(format!("`{asked}` in `shared`: hand in what the machine says, moments too"))
        },
    ));
    faults
}

fn shared_carries_no_server(sources: &[Source]) -> Vec<Fault> {
    let Some(manifest) = sources.iter().find(|source| source.path == "shared/Cargo.toml") else {
        return Vec::new();
    };
    let Ok(table) = manifest.text.parse::<toml::Table>() else {
        return vec![fault(manifest, 0, "is not a manifest")];
    };
    let dependencies = table.get("dependencies").and_then(toml::Value::as_table);
    let names = dependencies.into_iter().flat_map(|dependencies| dependencies.keys());
    names
        .filter(|name| SERVER_ONLY.iter().any(|server| name.starts_with(server)))
        .map(|name| fault(manifest, 0, format!("`shared` must not depend on `{name}`: the client carries it")))
        .collect()
}

/// Whether code names a pillar's module.
fn names(code: &str, pillar: &str) -> bool {
    code.match_indices(pillar).any(|(at, _)| {
        let before = code.get(..at).unwrap_or_default();
        let after = code.get(at + pillar.len()..).unwrap_or_default();
        let whole = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_') && !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let path = after.starts_with("::") || before.ends_with("crate::") || before.ends_with("shared::") || before.ends_with("super::");
        whole && (path || before.trim_end().ends_with("mod"))
    })
}

pub fn kernel_names_no_pillar(sources: &[Source]) -> Vec<Fault> {
    in_code(
        sources,
        |source| KERNELS.iter().any(|kernel| source.path.starts_with(kernel)),
        |_, line| {
            let pillar = PILLARS.iter().find(|pillar| names(line.code, pillar))?;
            Some(format!("the kernel names the pillar `{pillar}`: hand it in as data, or through the registry"))
        },
    )
}

/// Pages that are the same for all kinds.
const PAGES: &[&str] = &["frontend/src/pages", "frontend/src/shell/"];

/// What the kernel itself declares.
const COMMON: &[&str] = &["shared/src/kernel/group.rs", "shared/src/kernel/header.rs"];

/// Fields of kinds whose names also are the kernel's own words: what an event changed, the edition of a calendar, the items of a page,
/// columns of a list of units.
const WORDS_OF_BOTH: &[&str] = &["changed", "edition", "items", "remark", "serial"];

/// A kind is one declaration: its code and the names of its fields stand there, and reach the kernel as data.
pub fn kernel_names_no_kind(sources: &[Source]) -> Vec<Fault> {
    let of_pillar = |source: &&Source| source.is_rust() && PILLARS.iter().any(|pillar| source.path.starts_with(&format!("shared/src/{pillar}/")));
    let declared = |source| fields::declared(source).into_iter().map(|(_, name)| name);
    let common: BTreeSet<&str> = sources.iter().filter(|source| COMMON.contains(&source.path.as_str())).flat_map(declared).collect();
    let codes = sources.iter().filter(of_pillar).flat_map(|source| {
        source.code().into_iter().filter(|line| line.code.contains("CODE: &str = ")).flat_map(|line| strings(line.code)).collect::<Vec<_>>()
    });
    let named: BTreeSet<&str> = sources.iter().filter(of_pillar).flat_map(declared).chain(codes).collect();
    let of_kinds: BTreeSet<&str> = named.into_iter().filter(|name| !common.contains(name) && !WORDS_OF_BOTH.contains(name)).collect();
    in_code(
        sources,
        |source| KERNELS.iter().chain(PAGES).any(|folder| source.path.starts_with(folder)),
        |_, line| {
            // A role of the markup is no field: role="group".
            let is_markup = |text: &str| line.code.contains(&format!("role=\"{text}\""));
            let name = strings(line.code).into_iter().find(|text| of_kinds.contains(text) && !is_markup(text))?;
            Some(format!("the kernel names `{name}` of a kind: let the declaration say what it is for"))
        },
    )
}

/// Pillars meet through links, kernel events and traits of the kernel.
pub fn pillars_name_no_other(sources: &[Source]) -> Vec<Fault> {
    let own = |source: &Source| {
        PILLARS
            .iter()
            .find(|pillar| ["shared/src", "backend/app/src", "frontend/src"].iter().any(|root| source.path.starts_with(&format!("{root}/{pillar}/"))))
    };
    in_code(
        sources,
        |source| own(source).is_some(),
        |source, line| {
            let other = PILLARS.iter().find(|pillar| Some(*pillar) != own(source) && names(line.code, pillar))?;
            Some(format!("a pillar names another, `{other}`: what both need is kernel"))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::rules::Rule;
    use crate::tidy::rules::broken;

    #[test]
    fn the_kernel_may_not_name_a_pillar() {
        let rule: Rule = kernel_names_no_pillar;
        assert_eq!(broken(rule, "shared/src/kernel/a.rs", "use crate::liaison::work_item;"), 1);
        assert_eq!(broken(rule, "backend/kernel/src/a.rs", "let kinds = shared::sharing;"), 1);
        assert_eq!(broken(rule, "shared/src/registry.rs", "use crate::liaison::work_item;"), 0);
        assert_eq!(broken(rule, "shared/src/kernel/role.rs", "LiaisonOfficer = \"liaison_officer\", // liaison::"), 0);
        assert_eq!(broken(pillars_name_no_other, "shared/src/liaison/a.rs", "use crate::mediation::dispute;"), 1);
        assert_eq!(broken(pillars_name_no_other, "shared/src/liaison/a.rs", "use crate::liaison::work_item;"), 0);
    }

    #[test]
    fn the_kernel_may_not_name_a_kind_or_its_fields() {
        let declaration = "pub const CODE: &str = \"joint_patrol\";\nField::new(\n    \"bureau\",\n);\nField::new(\"group\", x);\nField::new(\"note\", x);\nField::new(\"items\", x);";
        let found = |path: &str, text: &str| {
            let sources = [
                Source::new("shared/src/supervision/joint_patrol.rs".into(), declaration.into()),
                Source::new("shared/src/kernel/group.rs".into(), "Field::new(\"note\", x)".into()),
                Source::new(path.into(), text.into()),
            ];
            kernel_names_no_kind(&sources).len()
        };
        assert_eq!(found("backend/kernel/src/a.rs", "body.get(\"bureau\");\nlet kind = \"joint_patrol\";"), 2);
        assert_eq!(found("frontend/src/pages_more/a.rs", "query.get(\"kind\").unwrap_or(\"joint_patrol\")"), 1);
        assert_eq!(found("frontend/src/pages/a.rs", "<div role=\"group\">\nbody.get(\"group\")"), 1, "a role of the markup is none");
        assert_eq!(found("shared/src/kernel/a.rs", "input.get(\"note\"); page.get(\"items\");"), 0, "the kernel's own words");
        assert_eq!(found("shared/src/liaison/a.rs", "body.get(\"bureau\")"), 0);
        assert_eq!(found("backend/kernel/src/a.rs", "#[cfg(test)]\nmod tests {\n    fn a() { b(\"bureau\"); }\n}\n"), 0);
    }

    #[test]
    fn shared_asks_the_machine_nothing() {
        assert_eq!(broken(shared_is_pure, "shared/src/a.rs", "let now = Utc::now();\nlet seven = day.and_hms_opt(7, 0, 0);"), 1);
        assert_eq!(broken(shared_is_pure, "backend/app/src/a.rs", "let now = Utc::now();"), 0);
    }

    #[test]
    fn shared_carries_no_server() {
        assert_eq!(broken(shared_is_pure, "shared/Cargo.toml", "[dependencies]\nactix-web.workspace = true\nserde = \"1\"\n"), 1);
    }
}
