//! Who may know whom (ARCHITECTURE.md): the kernel no pillar, a pillar no other, `shared` no server.

use super::{
    Fault, PILLARS,
    rules::{fault, in_code},
    source::Source,
};

/// The server's libraries must not come to the client.
const SERVER_ONLY: &[&str] = &["actix", "sea-orm", "sqlx", "tokio", "reqwest"];

const KERNELS: &[&str] = &[
    "shared/src/kernel/",
    "backend/kernel/src/",
    "frontend/src/kernel/",
    "frontend/src/ui/",
];

/// `shared` builds for wasm32 and carries no server.
pub fn shared_is_pure(sources: &[Source]) -> Vec<Fault> {
    let Some(manifest) = sources
        .iter()
        .find(|source| source.path == "shared/Cargo.toml")
    else {
        return Vec::new();
    };
    let Ok(table) = manifest.text.parse::<toml::Table>() else {
        return vec![fault(manifest, 0, "is not a manifest")];
    };
    let dependencies = table.get("dependencies").and_then(toml::Value::as_table);
    let names = dependencies
        .into_iter()
        .flat_map(|dependencies| dependencies.keys());
    names
        .filter(|name| SERVER_ONLY.iter().any(|server| name.starts_with(server)))
        .map(|name| {
            fault(
                manifest,
                0,
                format!("`shared` must not depend on `{name}`: the client carries it"),
            )
        })
        .collect()
}

/// Whether code names a pillar's module.
fn names(code: &str, pillar: &str) -> bool {
    code.match_indices(pillar).any(|(at, _)| {
        let before = code.get(..at).unwrap_or_default();
        let after = code.get(at + pillar.len()..).unwrap_or_default();
        let whole = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_')
            && !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let path = after.starts_with("::")
            || before.ends_with("crate::")
            || before.ends_with("shared::")
            || before.ends_with("super::");
        whole && (path || before.trim_end().ends_with("mod"))
    })
}

pub fn kernel_names_no_pillar(sources: &[Source]) -> Vec<Fault> {
    in_code(
        sources,
        |source| KERNELS.iter().any(|kernel| source.path.starts_with(kernel)),
        |_, line| {
            let pillar = PILLARS.iter().find(|pillar| names(line.code, pillar))?;
            Some(format!(
                "the kernel names the pillar `{pillar}`: hand it in as data, or through the registry"
            ))
        },
    )
}

/// Pillars meet through links, kernel events and traits of the kernel.
pub fn pillars_name_no_other(sources: &[Source]) -> Vec<Fault> {
    let own = |source: &Source| {
        PILLARS.iter().find(|pillar| {
            ["shared/src", "backend/app/src", "frontend/src"]
                .iter()
                .any(|root| source.path.starts_with(&format!("{root}/{pillar}/")))
        })
    };
    in_code(
        sources,
        |source| own(source).is_some(),
        |source, line| {
            let other = PILLARS
                .iter()
                .find(|pillar| Some(*pillar) != own(source) && names(line.code, pillar))?;
            Some(format!(
                "a pillar names another, `{other}`: what both need is kernel"
            ))
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
        assert_eq!(
            broken(
                rule,
                "shared/src/kernel/a.rs",
                "use crate::liaison::work_item;"
            ),
            1
        );
        assert_eq!(
            broken(
                rule,
                "backend/kernel/src/a.rs",
                "let kinds = shared::sharing;"
            ),
            1
        );
        assert_eq!(
            broken(
                rule,
                "shared/src/registry.rs",
                "use crate::liaison::work_item;"
            ),
            0
        );
        assert_eq!(
            broken(
                rule,
                "shared/src/kernel/role.rs",
                "LiaisonOfficer = \"liaison_officer\", // liaison::"
            ),
            0
        );
        assert_eq!(
            broken(
                pillars_name_no_other,
                "shared/src/liaison/a.rs",
                "use crate::mediation::dispute;"
            ),
            1
        );
        assert_eq!(
            broken(
                pillars_name_no_other,
                "shared/src/liaison/a.rs",
                "use crate::liaison::work_item;"
            ),
            0
        );
    }

    #[test]
    fn shared_carries_no_server() {
        assert_eq!(
            broken(
                shared_is_pure,
                "shared/Cargo.toml",
                "[dependencies]\nactix-web.workspace = true\nserde = \"1\"\n"
            ),
            1
        );
    }
}
