//! What no line may hold: calls that panic, JSON bodies read without a pointer, open ends without an issue, texts outside the catalogue, paths of a machine.

use super::{
    Fault,
    rules::{fault, in_code},
    source::{Source, strings},
};

pub fn nothing_panics(sources: &[Source]) -> Vec<Fault> {
    in_code(
        sources,
        |source| {
            ["shared/src/", "backend/rules/src/", "backend/kernel/src/", "backend/app/src/", "frontend/src/"]
                .iter()
                .any(|root| source.path.starts_with(root))
        },
        |_, line| {
            let call = [".unwrap()", ".expect("].iter().find(|call| line.code.contains(**call))?;
            Some(format!("`{call}` outside tests: hand the error on, or give the empty case its meaning"))
        },
    )
}

pub fn wrong_types_are_pointed_at(sources: &[Source]) -> Vec<Fault> {
    in_code(
        sources,
        |source| source.path.starts_with("backend/kernel/src/http/"),
        |_, line| {
            let taken = line.code.contains(": web::Json<");
            taken.then(|| "a JSON body is taken as `input::Body`: `web::Json` can't tell which value is wrong".to_owned())
        },
    )
}

/// A statement with all columns of a table fails on PostgreSQL once a migration adds one under a program that serves (docs/adr/0008).
pub fn columns_are_named(sources: &[Source]) -> Vec<Fault> {
    in_code(
        sources,
        |source| source.path.starts_with("backend/kernel/src/"),
        |_, line| {
            let (_, rest) = line.code.split_once("SELECT ")?;
            let (alias, _) = rest.split_once(".*")?;
            let table = alias.len() == 1 && alias.starts_with(|c: char| c.is_ascii_lowercase());
            table.then(|| format!("`{alias}.*` takes columns that nobody named: `db::columns` names those of the entity"))
        },
    )
}

/// Examples in the documentation are run for libraries of the host only.
pub fn examples_are_run(sources: &[Source]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let not_run = |path: &str| ["frontend/", "xtask/"].iter().any(|root| path.starts_with(root));
    for source in sources.iter().filter(|source| source.is_rust() && not_run(&source.path)) {
        for (index, line) in source.text.lines().enumerate() {
            if ["/// ```", "//! ```"].iter().any(|fence| line.trim_start().starts_with(fence)) {
                faults.push(fault(source, index + 1, "an example that is never run: put it in a test"));
            }
        }
    }
    faults
}

/// Unit tests are run for libraries of the host that don't say `test = false`.
pub fn tests_are_run(sources: &[Source]) -> Vec<Fault> {
    let untested = |source: &&Source| {
        let manifest = source.text.parse::<toml::Table>().unwrap_or_default();
        source.path == "frontend/Cargo.toml" || manifest.get("lib").and_then(|lib| lib.get("test")?.as_bool()) == Some(false)
    };
    let packages: Vec<&str> = sources.iter().filter(untested).filter_map(|source| source.path.strip_suffix("Cargo.toml")).collect();
    let mut faults = Vec::new();
    for source in
        sources.iter().filter(|source| source.is_rust() && packages.iter().any(|package| source.path.starts_with(&format!("{package}src/"))))
    {
        for (index, line) in source.text.lines().enumerate().filter(|(_, line)| line.trim() == "#[cfg(test)]" || line.trim() == "#[test]") {
            faults.push(fault(source, index + 1, format!("`{}` is never run here: the rule belongs into `shared` or `backend-rules`", line.trim())));
        }
    }
    faults
}

pub fn open_ends_have_an_issue(sources: &[Source]) -> Vec<Fault> {
    // Put together, so that this file doesn't find itself.
    let words = [concat!("TO", "DO"), concat!("FIX", "ME")];
    let mut faults = Vec::new();
    for source in sources.iter().filter(|source| !source.path.ends_with(".json")) {
        for (index, line) in source.text.lines().enumerate() {
            for word in words {
                let open = line.match_indices(word).any(|(at, _)| {
                    let before = line.get(..at).unwrap_or_default();
                    let after = line.get(at + word.len()..).unwrap_or_default();
                    let in_word = |c: char| c.is_alphanumeric() || c == '_';
                    let whole = !before.ends_with(in_word) && !after.starts_with(in_word);
                    let number = after.trim_start_matches([' ', '(', ':']).strip_prefix('#');
                    whole && !number.is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()))
                });
                if open {
                    faults.push(fault(source, index + 1, format!("{word} without the number of an issue (`{word} #12`)")));
                }
            }
        }
    }
    faults
}

/// The mark of the product, and a language named in itself: the same in both languages.
const SAME_IN_BOTH: &[&str] = &["联", "中文"];

const BILINGUAL: &[&str] = &["t(\"", "choice(\""];

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{3400}'..='\u{9fff}'))
}

pub fn texts_are_in_the_catalogue(sources: &[Source]) -> Vec<Fault> {
    in_code(
        sources,
        |source| source.path.starts_with("frontend/src/") && !source.path.ends_with("messages.rs"),
        |_, line| {
            // Declared in both languages at once, as in `shared`.
            if BILINGUAL.iter().any(|call| line.code.contains(call)) {
                return None;
            }
            let text = strings(line.code).into_iter().find(|text| is_chinese(text) && !SAME_IN_BOTH.contains(text))?;
            Some(format!("the text \"{text}\" belongs into the catalogue in shared/src/kernel/messages.rs, in both languages"))
        },
    )
}

pub fn no_paths_of_a_machine(sources: &[Source]) -> Vec<Fault> {
    let paths = [concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/wo", "rk/"), concat!("/t", "mp/")];
    let mut faults = Vec::new();
    for source in sources {
        for (index, line) in source.text.lines().enumerate() {
            for path in paths {
                // A folder of the same name further down a path or an address is none of a machine's.
                let own = line.match_indices(path).any(|(at, _)| {
                    !line
                        .get(..at)
                        .unwrap_or_default()
                        .ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '~' | '*' | ')' | '}'))
                });
                if own {
                    faults.push(fault(source, index + 1, format!("the path {path} of somebody's machine")));
                }
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::rules::broken;

    #[test]
    fn examples_stand_where_they_are_run() {
        let text = "/// ```\n/// assert!(true);\n/// ```";
        assert_eq!(broken(examples_are_run, "frontend/src/ui/time.rs", text), 2);
        assert_eq!(broken(examples_are_run, "shared/src/kernel/dates.rs", text), 0);
    }

    #[test]
    fn unit_tests_stand_where_they_are_run() {
        let found = |manifest: &str, path: &str| {
            let manifest = Source::new("backend/kernel/Cargo.toml".into(), manifest.into());
            tests_are_run(&[
                manifest,
                Source::new("frontend/Cargo.toml".into(), String::new()),
                Source::new(path.into(), "#[cfg(test)]\nmod tests {}".into()),
            ])
            .len()
        };
        assert_eq!(found("[lib]\ntest = false", "backend/kernel/src/a.rs"), 1);
        assert_eq!(found("[lib]\n", "backend/kernel/src/a.rs"), 0);
        assert_eq!(found("", "frontend/src/a.rs"), 1);
        assert_eq!(found("[lib]\ntest = false", "backend/rules/src/a.rs"), 0);
    }

    #[test]
    fn only_tests_may_panic() {
        assert_eq!(broken(nothing_panics, "backend/app/src/a.rs", "let a = b.unwrap();\nlet c = d.unwrap_or(1);"), 1);
        assert_eq!(broken(nothing_panics, "backend/app/src/a.rs", "#[cfg(test)]\nmod tests {\n    fn a() { b.unwrap(); }\n}\n"), 0);
    }

    #[test]
    fn bodies_are_taken_in_one_way() {
        let path = "backend/kernel/src/http/a.rs";
        assert_eq!(broken(wrong_types_are_pointed_at, path, "async fn a(body: web::Json<A>) -> Result<web::Json<B>> {"), 1);
        assert_eq!(broken(wrong_types_are_pointed_at, path, "async fn a(body: Body<A>) -> Result<web::Json<B>> {"), 0);
    }

    #[test]
    fn columns_of_a_table_are_named() {
        let path = "backend/kernel/src/a.rs";
        assert_eq!(broken(columns_are_named, path, "let sql = \"SELECT m.* FROM matter m\";"), 1);
        assert_eq!(broken(columns_are_named, path, "let sql = \"SELECT listed.* FROM (…) AS listed\";"), 0);
    }

    #[test]
    fn open_ends_and_machine_paths_are_found() {
        let word = concat!("TO", "DO");
        assert_eq!(broken(open_ends_have_an_issue, "a.rs", &format!("// {word}: later")), 1);
        assert_eq!(broken(open_ends_have_an_issue, "a.rs", &format!("// {word} #12: later")), 0);
        let folder = concat!("/ro", "ot/");
        assert_eq!(broken(no_paths_of_a_machine, "a.md", &format!("in {folder}x")), 1);
        assert_eq!(broken(no_paths_of_a_machine, "a.md", &format!("https://example.org{folder}x")), 0);
    }

    #[test]
    fn chinese_belongs_into_the_catalogue() {
        assert_eq!(broken(texts_are_in_the_catalogue, "frontend/src/ui/a.rs", "html! { <b>{ \"待办\" }</b> } // 待办"), 1);
        assert_eq!(broken(texts_are_in_the_catalogue, "frontend/src/ui/a.rs", "// 待办\nlet a = \"todo\";"), 0);
    }
}
