//! Work done beside the main line of stages: compilers and tests alone leave a core idle for much of their time.

use crate::{
    stage::{Counts, results},
    workspace::{command_words, target},
};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    fs::File,
    ops::Add,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

/// A program in a process group of its own, its output kept until it is asked for.
pub struct Aside {
    name: &'static str,
    child: Option<Child>,
    output: PathBuf,
}

impl Aside {
    pub fn start(name: &'static str, mut command: Command) -> Result<Self> {
        fs::create_dir_all(target())?;
        let output = target().join(format!("{name}.log"));
        let file = File::create(&output).with_context(|| format!("{} can't be written", output.display()))?;
        let words = command_words(&command);
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .process_group(0)
            .spawn()
            .with_context(|| format!("`{words}` could not be started"))?;
        Ok(Self { name, child: Some(child), output })
    }

    /// Waits for its end, shows what it said and counts the tests in it.
    pub fn finish(&mut self) -> Result<Counts> {
        let mut child = self.child.take().with_context(|| format!("{} was waited for already", self.name))?;
        let status = child.wait()?;
        let said = fs::read_to_string(&self.output)?;
        print!("{said}");
        let counts = said.lines().filter_map(results).fold(Counts::default(), Add::add);
        if status.success() || counts.failed > 0 { Ok(counts) } else { bail!("{} failed ({status})", self.name) }
    }
}

/// Not left running when another stage fails: cargo, rustc and node below it belong to the same group.
impl Drop for Aside {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = Command::new("kill").args(["-TERM", "--", &format!("-{}", child.id())]).status();
            let _ = child.wait();
        }
    }
}
