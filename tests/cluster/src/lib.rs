//! A temporary PostgreSQL cluster: loopback only, a free port, gone with the value.

pub mod machine;

use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

/// What outlives a crash of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// Nothing: tests are faster so.
    Nothing,
    /// What was committed.
    Committed,
    /// The same as in production, with memory for a large city.
    Durable,
}

/// How a server is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Sessions are ended, what was committed is written: an administrator's restart.
    Fast,
    /// Nothing is written any more; the next start recovers from the log: what a crash leaves.
    Immediate,
}

pub struct Cluster {
    dir: PathBuf,
    bin: PathBuf,
    port: u16,
    keeping: Keeping,
    server: Child,
}

const LOG: &str = "postgres.log";
static STARTED: AtomicU32 = AtomicU32::new(0);

/// PostgreSQL refuses to run as root; then its programs run as the user `postgres`.
fn program(bin: &Path, name: &str, dir: &Path) -> Result<Command> {
    let mut command = Command::new(bin.join(name));
    command.current_dir(dir).stdin(Stdio::null());
    if machine::is_root() {
        command.uid(postgres_user()?).gid(machine::numeric_id(&["-g", "postgres"]).unwrap_or(0));
    }
    Ok(command)
}

fn postgres_user() -> Result<u32> {
    machine::numeric_id(&["-u", "postgres"])
        .context("there is no user `postgres`, and PostgreSQL does not run as root: run the tests as another user, or `useradd postgres`")
}

impl Cluster {
    pub fn start(keeping: Keeping) -> Result<Self> {
        let bin = machine::postgres_dir().context("PostgreSQL's server programs were not found: install the package `postgresql`")?;
        // Two at once are usual: the tests keep theirs while the bench starts a durable one.
        let dir = env::temp_dir().join(format!("liandong-postgres-{}-{}", std::process::id(), STARTED.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir_all(&dir)?;
        if machine::is_root() {
            chown(&dir, Some(postgres_user()?), None)?;
        }
        let data = dir.join("data");
        let log = dir.join("initdb.log");
        let initdb = program(&bin, "initdb", &dir)?
            .args(["--auth=trust", "--username=liandong", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--pgdata"])
            .arg(&data)
            .stdout(fs::File::create(&log)?)
            .status()?;
        if !initdb.success() {
            bail!("initdb failed; its output is in {}", log.display());
        }
        let port = machine::free_port()?;
        let server = spawn(&bin, &dir, port, keeping)?;
        let mut cluster = Self { dir, bin, port, keeping, server };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    /// Stops the server and starts it again on the same port, with a pause between.
    pub fn restart(&mut self, how: Stop, pause: Duration) -> Result<()> {
        self.stop(how)?;
        thread::sleep(pause);
        self.server = spawn(&self.bin, &self.dir, self.port, self.keeping)?;
        self.wait_until_ready()
    }

    fn stop(&mut self, how: Stop) -> Result<()> {
        let mode = if how == Stop::Fast { "--mode=fast" } else { "--mode=immediate" };
        let stopped = program(&self.bin, "pg_ctl", &self.dir)?.args(["stop", mode, "--silent", "--pgdata"]).arg(self.dir.join("data")).status()?;
        if !stopped.success() {
            bail!("pg_ctl did not stop PostgreSQL ({stopped})");
        }
        self.server.wait()?;
        Ok(())
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(30) {
            let answer = program(&self.bin, "psql", &self.dir)?.arg(self.url("postgres")).args(["-Atqc", "SELECT 1"]).output()?;
            if answer.status.success() {
                return Ok(());
            }
            if let Some(status) = self.server.try_wait()? {
                let log = fs::read_to_string(self.log()).unwrap_or_default();
                bail!("the temporary PostgreSQL ended at once ({status}):\n{log}");
            }
            thread::sleep(Duration::from_millis(100));
        }
        bail!("the temporary PostgreSQL did not answer within 30 seconds")
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://liandong@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a folder the server's own, for a tablespace.
    pub fn give(&self, folder: &Path) -> Result<()> {
        if machine::is_root() {
            chown(folder, Some(postgres_user()?), None)?;
        }
        Ok(())
    }

    /// Where psql and its like are.
    pub fn programs(&self) -> &Path {
        &self.bin
    }

    /// What the server writes down.
    pub fn log(&self) -> PathBuf {
        self.dir.join(LOG)
    }

    pub fn psql(&self) -> PathBuf {
        self.bin.join("psql")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.stop(Stop::Fast).is_err() {
            let _ = self.server.kill();
            let _ = self.server.wait();
        }
        let _ = fs::remove_dir_all(&self.dir);
    }
}

fn spawn(bin: &Path, dir: &Path, port: u16, keeping: Keeping) -> Result<Child> {
    let kept: &[&str] = match keeping {
        Keeping::Nothing => &["fsync=off", "synchronous_commit=off", "full_page_writes=off"],
        Keeping::Committed => &[],
        Keeping::Durable => &["shared_buffers=2GB", "effective_cache_size=8GB", "max_wal_size=8GB", "checkpoint_timeout=15min"],
    };
    let settings = ["listen_addresses=127.0.0.1", "max_connections=200", "timezone=UTC", "log_timezone=UTC"].iter().chain(kept);
    let mut command = program(bin, "postgres", dir)?;
    command.arg("-D").arg(dir.join("data")).arg("-k").arg(dir).args(["-p", &port.to_string()]);
    for setting in settings {
        command.args(["-c", setting]);
    }
    let output = fs::OpenOptions::new().create(true).append(true).open(dir.join(LOG))?;
    Ok(command.stdout(output.try_clone()?).stderr(output).spawn()?)
}
