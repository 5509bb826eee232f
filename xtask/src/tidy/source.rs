//! A file as the rules read it: code lines without comments, and without what is compiled for tests only.

use std::{collections::HashSet, path::Path};

pub struct Source {
    pub path: String,
    pub text: String,
    /// Compiled for tests only, as a whole.
    pub test_only: bool,
}

/// One line of code: its number from 1, and its text without a trailing comment.
pub struct Line<'a> {
    pub number: usize,
    pub code: &'a str,
}

impl Source {
    pub fn new(path: String, text: String) -> Self {
        Self {
            path,
            text,
            test_only: false,
        }
    }

    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Code lines outside comments and outside `#[cfg(test)]`.
    pub fn code(&self) -> Vec<Line<'_>> {
        let mut lines = Vec::new();
        if self.test_only {
            return lines;
        }
        // The indentation of a test module that is being skipped.
        let mut skipping: Option<usize> = None;
        let mut after_attribute = false;
        for (index, text) in self.text.lines().enumerate() {
            let indent = text.len() - text.trim_start().len();
            if let Some(outer) = skipping {
                if indent == outer && text.trim_start().starts_with('}') {
                    skipping = None;
                }
                continue;
            }
            let code = without_comment(text);
            let trimmed = code.trim();
            if trimmed == "#[cfg(test)]" {
                after_attribute = true;
            } else if after_attribute {
                // More attributes may stand between.
                after_attribute = trimmed.starts_with("#[");
                if trimmed.ends_with('{') {
                    skipping = Some(indent);
                }
            } else if !trimmed.is_empty() {
                lines.push(Line {
                    number: index + 1,
                    code,
                });
            }
        }
        lines
    }
}

/// Marks files whose module is declared under `#[cfg(test)]`, and those beneath them.
pub fn mark_test_files(sources: &mut [Source]) {
    let mut test_stems = HashSet::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        let lines: Vec<&str> = source.text.lines().map(str::trim).collect();
        for pair in lines.windows(2) {
            if let [attribute, declaration] = pair
                && *attribute == "#[cfg(test)]"
                && let Some(name) = module_name(declaration)
            {
                test_stems.insert(format!("{}/{name}", module_folder(&source.path)));
            }
        }
    }
    for source in sources.iter_mut().filter(|source| source.is_rust()) {
        let stem = source.path.trim_end_matches(".rs");
        source.test_only = test_stems.iter().any(|test| {
            stem.strip_prefix(test.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
    }
}

fn module_name(declaration: &str) -> Option<&str> {
    let words = declaration.strip_suffix(';')?;
    words.rsplit_once("mod ").map(|(_, name)| name.trim())
}

/// The folder in which a module's own modules lie.
fn module_folder(path: &str) -> String {
    let path = Path::new(path);
    let parent = path
        .parent()
        .unwrap_or(Path::new(""))
        .to_string_lossy()
        .into_owned();
    match path.file_stem().and_then(|stem| stem.to_str()) {
        Some("mod" | "lib" | "main") | None => parent,
        Some(stem) => format!("{parent}/{stem}"),
    }
}

/// The part of a line before `//`, when that isn't inside a string.
fn without_comment(line: &str) -> &str {
    let end = string_spans(line).1;
    line.get(..end).unwrap_or(line)
}

/// The contents of the strings that begin and end on a line.
pub fn strings(line: &str) -> Vec<&str> {
    string_spans(line).0
}

fn string_spans(line: &str) -> (Vec<&str>, usize) {
    let bytes = line.as_bytes();
    let mut spans = Vec::new();
    let mut begin: Option<usize> = None;
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], begin) {
            (b'\\', Some(_)) => at += 1,
            (b'"', Some(from)) => {
                spans.extend(line.get(from..at));
                begin = None;
            }
            (b'\'', None)
                if bytes.get(at + 1) == Some(&b'"') && bytes.get(at + 2) == Some(&b'\'') =>
            {
                at += 2
            }
            (b'\'', None) if bytes.get(at + 1) == Some(&b'\\') => at += 3,
            (b'"', None) => begin = Some(at + 1),
            (b'/', None) if bytes.get(at + 1) == Some(&b'/') => return (spans, at),
            _ => {}
        }
        at += 1;
    }
    // A string that goes on in the next line still counts.
    if let Some(from) = begin {
        spans.extend(line.get(from..));
    }
    (spans, bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(text: &str) -> Vec<usize> {
        Source::new("shared/src/a.rs".into(), text.into())
            .code()
            .iter()
            .map(|line| line.number)
            .collect()
    }

    #[test]
    fn comments_and_test_modules_are_not_code() {
        let text = "use a;\n// b.unwrap()\n#[cfg(test)]\nmod more_tests;\nfn c() {}\n#[cfg(test)]\nmod tests {\n    fn d() {\n    }\n}\nfn e() {}\n";
        assert_eq!(code_of(text), [1, 5, 11]);
    }

    #[test]
    fn a_comment_ends_the_line_only_outside_strings() {
        assert_eq!(
            without_comment(r#"let a = "http://b"; // why"#),
            r#"let a = "http://b"; "#
        );
        assert_eq!(
            strings(r#"t("督办", "Supervise"), '"', "c\"d""#),
            ["督办", "Supervise", r#"c\"d"#]
        );
    }

    #[test]
    fn modules_declared_for_tests_are_test_files() {
        let mut sources = vec![
            Source::new(
                "shared/src/kernel/mod.rs".into(),
                "#[cfg(test)]\nmod count_tests;\nmod count;".into(),
            ),
            Source::new("shared/src/kernel/count_tests.rs".into(), String::new()),
            Source::new("shared/src/kernel/count.rs".into(), String::new()),
        ];
        mark_test_files(&mut sources);
        assert_eq!(
            sources
                .iter()
                .map(|source| source.test_only)
                .collect::<Vec<_>>(),
            [false, true, false]
        );
    }
}
