//! `cargo xtask new-kind`: a declaration to fill in. See docs/adding-a-kind.md.

use crate::{tidy::PILLARS, workspace::root};
use anyhow::{Context, Result, bail};
use std::fs;

const TEMPLATE: &str = include_str!("new_kind/template.txt");

pub fn run(code: &str, pillar: &str) -> Result<()> {
    if !PILLARS.contains(&pillar) {
        bail!("`{pillar}` is no pillar: one of {}", PILLARS.join(", "));
    }
    let fits = code.starts_with(|c: char| c.is_ascii_lowercase())
        && code
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !fits || code.len() > 40 {
        bail!(
            "`{code}` can't be a code: lower-case letters, digits and `_`, at most 40, for example `joint_patrol`"
        );
    }
    let dir = root().join("shared/src").join(pillar);
    let file = dir.join(format!("{code}.rs"));
    if file.exists() {
        bail!("shared/src/{pillar}/{code}.rs is there already");
    }
    fs::create_dir_all(&dir)?;
    fs::write(&file, render(code, pillar))?;
    let module = dir.join("mod.rs");
    let is_new = !module.exists();
    let mut text =
        fs::read_to_string(&module).unwrap_or_else(|_| format!("//! The pillar `{pillar}`.\n\n"));
    text.push_str(&format!("pub mod {code};\n"));
    fs::write(&module, text).context("the pillar's mod.rs can't be written")?;
    println!(
        "wrote shared/src/{pillar}/{code}.rs and its line in shared/src/{pillar}/mod.rs\n\nNext:"
    );
    if is_new {
        println!("- shared/src/lib.rs: add `pub mod {pillar};`");
    }
    println!(
        "- shared/src/registry.rs: add `{pillar}::{code}::kind()` to `kinds()`\n\
         - fill in the declaration: fields, states, steps; the abbreviation must be free\n\
         - data/deadlines.json: the rules of its clocks, if it has new ones\n\
         - `cargo test -p shared`, then `cargo xtask openapi` and `cargo xtask test`\n\
         The order of work and the traps are in docs/adding-a-kind.md."
    );
    Ok(())
}

fn render(code: &str, pillar: &str) -> String {
    let mut letters: String = code
        .split('_')
        .filter_map(|word| word.chars().next())
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if letters.len() < 2 {
        letters = code
            .chars()
            .take(2)
            .collect::<String>()
            .to_ascii_uppercase();
    }
    let pillar_name: String = pillar
        .chars()
        .enumerate()
        .map(|(at, c)| if at == 0 { c.to_ascii_uppercase() } else { c })
        .collect();
    let words = code.replace('_', " ");
    let name: String = words
        .chars()
        .enumerate()
        .map(|(at, c)| if at == 0 { c.to_ascii_uppercase() } else { c })
        .collect();
    TEMPLATE
        .replace("@CODE@", code)
        .replace("@ABBR@", &letters)
        .replace("@PILLAR@", &pillar_name)
        .replace("@NAME@", &name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_filled_in() {
        let text = render("joint_patrol", "supervision");
        assert!(!text.contains('@') || text.contains("\"@unit\""), "{text}");
        for part in [
            "pub const CODE: &str = \"joint_patrol\"",
            "abbr: \"JP\"",
            "Pillar::Supervision",
            "\"Joint patrol\"",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }
}
