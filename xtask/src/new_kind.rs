//! `cargo xtask new-kind`: a declaration to fill in. See docs/adding-a-kind.md.

use crate::{tidy::PILLARS, workspace::root};
use anyhow::{Context, Result, bail};
use std::{fs, path::Path};

const TEMPLATE: &str = include_str!("new_kind/template.txt");

pub fn run(code: &str, pillar: &str) -> Result<()> {
    let is_new = scaffold(&root(), code, pillar)?;
    println!("wrote shared/src/{pillar}/{code}.rs and its line in shared/src/{pillar}/mod.rs\n\nNext:");
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

/// Writes the declaration and its line in the pillar's module; gives whether the pillar is new, too.
fn scaffold(root: &Path, code: &str, pillar: &str) -> Result<bool> {
    if !PILLARS.contains(&pillar) {
        bail!("`{pillar}` is no pillar: one of {}", PILLARS.join(", "));
    }
    let fits = code.starts_with(|c: char| c.is_ascii_lowercase()) && code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !fits || code.len() > 40 {
        bail!("`{code}` can't be a code: lower-case letters, digits and `_`, at most 40, for example `joint_patrol`");
    }
    let dir = root.join("shared/src").join(pillar);
    let file = dir.join(format!("{code}.rs"));
    if file.exists() {
        bail!("shared/src/{pillar}/{code}.rs is there already");
    }
    fs::create_dir_all(&dir)?;
    fs::write(&file, render(code, pillar))?;
    let module = dir.join("mod.rs");
    let is_new = !module.exists();
    let mut text = fs::read_to_string(&module).unwrap_or_else(|_| format!("//! The pillar `{pillar}`.\n\n"));
    text.push_str(&format!("pub mod {code};\n"));
    fs::write(&module, text).context("the pillar's mod.rs can't be written")?;
    Ok(is_new)
}

fn render(code: &str, pillar: &str) -> String {
    let mut letters: String = code.split('_').filter_map(|word| word.chars().next()).map(|c| c.to_ascii_uppercase()).collect();
    if letters.len() < 2 {
        letters = code.chars().take(2).collect::<String>().to_ascii_uppercase();
    }
    let pillar_name: String = pillar.chars().enumerate().map(|(at, c)| if at == 0 { c.to_ascii_uppercase() } else { c }).collect();
    let words = code.replace('_', " ");
    let name: String = words.chars().enumerate().map(|(at, c)| if at == 0 { c.to_ascii_uppercase() } else { c }).collect();
    TEMPLATE.replace("@CODE@", code).replace("@ABBR@", &letters).replace("@PILLAR@", &pillar_name).replace("@NAME@", &name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let (path, target) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
            if path.is_dir() {
                copy(&path, &target);
            } else {
                fs::copy(&path, &target).unwrap();
            }
        }
    }

    fn change(path: &Path, change: impl Fn(String) -> String) {
        fs::write(path, change(fs::read_to_string(path).unwrap())).unwrap();
    }

    /// N24: what the command writes compiles and stands the checks over all tables, after the two lines it asks for.
    #[test]
    fn a_new_kind_is_sound_as_it_comes() {
        let dir = std::env::temp_dir().join(format!("liandong-new-kind-{}", std::process::id()));
        copy(&root().join("shared"), &dir.join("shared"));
        copy(&root().join("data"), &dir.join("data"));
        fs::copy(root().join("Cargo.lock"), dir.join("Cargo.lock")).unwrap();
        let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
        let members = |line: &str| {
            if line.starts_with("members") || line.starts_with("default-members") { "members = [\"shared\"]".to_owned() } else { line.to_owned() }
        };
        let mut lines: Vec<String> = manifest.lines().filter(|line| !line.starts_with("default-members")).map(members).collect();
        // Profiles of packages that aren't in the copy would only warn.
        lines.retain(|line| !line.contains("opt-level"));
        fs::write(dir.join("Cargo.toml"), lines.join("\n")).unwrap();

        assert!(scaffold(&dir, "Joint", "supervision").is_err() && scaffold(&dir, "joint_patrol", "leisure").is_err());
        let is_new = scaffold(&dir, "joint_patrol", "supervision").unwrap();
        if is_new {
            change(&dir.join("shared/src/lib.rs"), |text| text + "pub mod supervision;\n");
        }
        change(&dir.join("shared/src/registry.rs"), |text| text.replacen("vec![", "vec![crate::supervision::joint_patrol::kind(), ", 1));
        assert!(scaffold(&dir, "joint_patrol", "supervision").is_err(), "a declaration is not overwritten");
        let output = std::process::Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .current_dir(&dir)
            .env("CARGO_TARGET_DIR", crate::workspace::target().join("new-kind"))
            .args(["test", "--offline", "--quiet", "-p", "shared", "--test", "tables", "nothing_is_wrong_with_any_kind"])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        fs::remove_dir_all(&dir).unwrap();
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
    }

    #[test]
    fn the_template_is_filled_in() {
        let text = render("joint_patrol", "supervision");
        assert!(!text.contains('@') || text.contains("\"@unit\""), "{text}");
        for part in ["pub const CODE: &str = \"joint_patrol\"", "abbr: \"JP\"", "Pillar::Supervision", "\"Joint patrol\""] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }
}
