//! Stages of the whole check: named, timed, counted; the first failure ends it.

use anyhow::{Context, Result, bail};
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Numbers of single checks, as test harnesses print them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
}

impl std::ops::Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }
}

pub struct Stage {
    pub name: &'static str,
    /// What mends a failure.
    pub advice: &'static str,
    pub check: Box<dyn FnOnce() -> Result<Counts>>,
}

impl Stage {
    /// A stage that is one check.
    pub fn one(name: &'static str, advice: &'static str, check: impl FnOnce() -> Result<()> + 'static) -> Self {
        Self::many(name, advice, || check().map(|()| Counts { passed: 1, failed: 0 }))
    }

    /// A stage of many counted checks.
    pub fn many(name: &'static str, advice: &'static str, check: impl FnOnce() -> Result<Counts> + 'static) -> Self {
        Self { name, advice, check: Box::new(check) }
    }
}

/// Runs stages in order, then cleans up. The last line is `N passed, M failed`.
pub fn run(stages: Vec<Stage>, clean_up: impl FnOnce()) -> Result<()> {
    let total = stages.len();
    let mut done: Vec<(&str, Counts, Duration)> = Vec::new();
    let mut failure = None;
    for (index, stage) in stages.into_iter().enumerate() {
        println!("\n── {}/{total} {}", index + 1, stage.name);
        let begun = Instant::now();
        let outcome = (stage.check)();
        let took = begun.elapsed();
        match outcome {
            Ok(counts) if counts.failed == 0 => {
                println!("   {} ok, {:.1} s", stage.name, took.as_secs_f64());
                done.push((stage.name, counts, took));
            }
            outcome => {
                let counts = outcome.as_ref().map_or(Counts { passed: 0, failed: 1 }, |counts| *counts);
                done.push((stage.name, counts, took));
                let reason = outcome.err().map_or_else(String::new, |error| format!("{error:#}\n"));
                failure = Some(format!("{} failed after {:.1} s\n{reason}{}", stage.name, took.as_secs_f64(), stage.advice));
                break;
            }
        }
    }
    clean_up();
    println!();
    for (name, counts, took) in &done {
        println!("{name:<34} {:>5} passed {:>4} failed {:>8.1} s", counts.passed, counts.failed, took.as_secs_f64());
    }
    if let Some(failure) = &failure {
        println!("\n{failure}");
        if done.len() < total {
            println!("{} of {total} stages were not reached", total - done.len());
        }
    }
    let sum = |of: fn(&Counts) -> usize| done.iter().map(|(_, counts, _)| of(counts)).sum::<usize>();
    println!("\n{} passed, {} failed", sum(|counts| counts.passed), sum(|counts| counts.failed));
    if failure.is_some() {
        std::process::exit(1)
    }
    Ok(())
}

/// Runs a test harness, shows its output as it comes and adds up the results it prints.
pub fn counted(command: &mut Command) -> Result<Counts> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("`{name}` could not be started"))?;
    let mut counts = Counts::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line?;
            println!("{line}");
            counts = counts + results(&line).unwrap_or_default();
        }
    }
    let status = child.wait()?;
    match (status.success(), counts.failed) {
        (true, 0) if counts.passed == 0 => bail!("`{name}` ran no test at all"),
        (false, 0) => bail!("`{name}` failed ({status})"),
        _ => Ok(counts),
    }
}

/// `test result: ok. 12 passed; 0 failed; …` of cargo, `12 passed, 0 failed` of the browser tests.
pub fn results(line: &str) -> Option<Counts> {
    let line = line.strip_prefix("test result: ").map_or(line, |rest| rest.split_once(". ").map_or(rest, |(_, rest)| rest));
    let (passed, rest) = line.split_once(" passed")?;
    let failed = rest.get(2..)?.split_once(" failed")?.0;
    Some(Counts { passed: passed.parse().ok()?, failed: failed.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_both_harnesses_are_read() {
        let cargo = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s";
        assert_eq!(results(cargo), Some(Counts { passed: 12, failed: 3 }));
        assert_eq!(results("40 passed, 0 failed"), Some(Counts { passed: 40, failed: 0 }));
        assert_eq!(results("test a_message_passed ... ok"), None);
    }
}
