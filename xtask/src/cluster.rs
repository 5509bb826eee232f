//! A temporary PostgreSQL cluster: loopback only, a free port, no durability, gone with the value.

use crate::{system, workspace};
use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// What outlives a crash of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// Nothing: tests are faster so.
    Nothing,
    /// What was committed, as in production; with memory for a large city.
    Durable,
}

pub struct Cluster {
    dir: PathBuf,
    bin: PathBuf,
    port: u16,
    server: Child,
}

const LOG: &str = "postgres.log";

/// PostgreSQL refuses to run as root; then its programs run as the user `postgres`.
fn program(bin: &Path, name: &str, dir: &Path) -> Result<Command> {
    let mut command = Command::new(bin.join(name));
    command.current_dir(dir).stdin(Stdio::null());
    if system::is_root() {
        command.uid(postgres_user()?).gid(system::numeric_id(&["-g", "postgres"]).unwrap_or(0));
    }
    Ok(command)
}

fn postgres_user() -> Result<u32> {
    system::numeric_id(&["-u", "postgres"])
        .context("there is no user `postgres`, and PostgreSQL does not run as root: run the tests as another user, or `useradd postgres`")
}

impl Cluster {
    pub fn start(keeping: Keeping) -> Result<Self> {
        let bin = system::postgres_dir().context("PostgreSQL's server programs were not found: install the package `postgresql`")?;
        let dir = env::temp_dir().join(format!("liandong-postgres-{}", std::process::id()));
        fs::create_dir_all(&dir)?;
        if system::is_root() {
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
        let port = workspace::free_port()?;
        let kept: &[&str] = match keeping {
            Keeping::Nothing => &["fsync=off", "synchronous_commit=off", "full_page_writes=off"],
            Keeping::Durable => &["shared_buffers=2GB", "effective_cache_size=8GB", "max_wal_size=8GB", "checkpoint_timeout=15min"],
        };
        let settings = ["listen_addresses=127.0.0.1", "max_connections=200", "timezone=UTC", "log_timezone=UTC"].iter().chain(kept);
        let mut command = program(&bin, "postgres", &dir)?;
        command.arg("-D").arg(&data).arg("-k").arg(&dir).args(["-p", &port.to_string()]);
        for setting in settings {
            command.args(["-c", setting]);
        }
        let output = fs::File::create(dir.join(LOG))?;
        let server = command.stdout(output.try_clone()?).stderr(output).spawn()?;
        let mut cluster = Self { dir, bin, port, server };
        cluster.wait_until_ready()?;
        Ok(cluster)
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
        let stopped = program(&self.bin, "pg_ctl", &self.dir)
            .and_then(|mut command| Ok(command.args(["stop", "--mode=fast", "--silent", "--pgdata"]).arg(self.dir.join("data")).status()?));
        if !stopped.is_ok_and(|status| status.success()) {
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
        let _ = fs::remove_dir_all(&self.dir);
    }
}
