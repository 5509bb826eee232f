//! Work done beside the main line of stages: optimising the client keeps one core busy for minutes while tests mostly wait.

use crate::workspace::target;
use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    fs::File,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

/// An xtask of its own process group, its output kept until it is asked for.
pub struct Aside {
    child: Option<Child>,
    output: PathBuf,
}

impl Aside {
    pub fn start(task: &str) -> Result<Self> {
        fs::create_dir_all(target())?;
        let output = target().join(format!("{task}.log"));
        let file = File::create(&output).with_context(|| format!("{} can't be written", output.display()))?;
        let child = Command::new(env::current_exe()?)
            .arg(task)
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .process_group(0)
            .spawn()
            .with_context(|| format!("`xtask {task}` could not be started"))?;
        Ok(Self { child: Some(child), output })
    }

    /// Waits for its end and shows what it said.
    pub fn finish(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else { bail!("it was waited for already") };
        let status = child.wait()?;
        print!("{}", fs::read_to_string(&self.output)?);
        if status.success() { Ok(()) } else { bail!("it failed ({status})") }
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
