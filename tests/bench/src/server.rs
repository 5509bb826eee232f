//! The server under measurement, and people signed in to it.

use anyhow::{Context, Result, bail};
use reqwest::blocking::Client;
use serde_json::{Value, json};
use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

const PASSWORD: &str = "Liandong-demo-2026";

/// A process that is stopped with the value.
pub struct Running {
    child: Child,
    pub address: SocketAddr,
    /// From the start of the process to the first answer.
    pub ready_after: Duration,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Running {
    /// Starts a program that listens where it is told, and waits until `path` is answered.
    fn start(mut command: Command, address: SocketAddr, path: &str, log: &Path) -> Result<Self> {
        let output = fs::File::create(log)?;
        let begun = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).spawn().context("the server's program")?;
        let mut running = Self { child, address, ready_after: Duration::ZERO };
        let client = Client::builder().timeout(Duration::from_secs(5)).build()?;
        loop {
            let answer = client.get(format!("http://{address}{path}")).send();
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                running.ready_after = begun.elapsed();
                return Ok(running);
            }
            if let Some(status) = running.child.try_wait()? {
                bail!("ended at once ({status}): {}", fs::read_to_string(log).unwrap_or_default());
            }
            if begun.elapsed() > Duration::from_secs(300) {
                bail!("not ready after five minutes: {}", fs::read_to_string(log).unwrap_or_default());
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The product, with the demonstration in an empty database.
    pub fn product(program: &Path, database_url: &str, dir: &Path) -> Result<Self> {
        let address = free_address()?;
        let mut command = Command::new(program);
        command.args(["serve", "--demo", "--data-dir"]).arg(dir).args(["--database-url", database_url, "--listen", &address.to_string()]);
        command.env("LIANDONG_LOG", "error");
        Self::start(command, address, "/readyz", &dir.join("server.log"))
    }

    /// The bare handlers of this program.
    pub fn floor(database: &str, template: Option<uuid::Uuid>, statements: Option<&Path>, dir: &Path) -> Result<Self> {
        let address = free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["floor", database, &address.to_string()]);
        if let Some(template) = template {
            command.args(["--template", &template.to_string()]);
        }
        if let Some(statements) = statements {
            command.arg("--statements").arg(statements);
        }
        Self::start(command, address, "/ready", &dir.join("floor.log"))
    }

    /// The most memory it has had, in MiB.
    pub fn peak_memory(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kib / 1024.0)
    }

    /// Processor time it has taken.
    pub fn processor_time(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let after = stat.rsplit_once(')').context("stat")?.1;
        let fields: Vec<&str> = after.split_whitespace().collect();
        let ticks: u64 = fields.get(11).context("utime")?.parse::<u64>()? + fields.get(12).context("stime")?.parse::<u64>()?;
        // USER_HZ is 100 on every Linux there is.
        Ok(Duration::from_millis(ticks * 10))
    }
}

/// Somebody with a token.
pub struct Person {
    client: Client,
    base: String,
    pub token: String,
}

impl Person {
    pub fn sign_in(server: &Running, username: &str) -> Result<Self> {
        let client = Client::builder().timeout(Duration::from_secs(120)).build()?;
        let base = format!("http://{}/api/v1", server.address);
        let answer = client.post(format!("{base}/auth/login")).json(&json!({ "username": username, "password": PASSWORD })).send()?;
        let status = answer.status();
        let body: Value = answer.json()?;
        let token = body["access_token"].as_str().with_context(|| format!("{username}: {status} {body}"))?.to_owned();
        Ok(Self { client, base, token })
    }

    pub fn get(&self, path: &str) -> Result<Value> {
        let answer = self.client.get(format!("{}{path}", self.base)).bearer_auth(&self.token).send()?;
        Ok(answer.error_for_status()?.json()?)
    }

    pub fn status(&self, path: &str) -> Result<u16> {
        Ok(self.client.get(format!("{}{path}", self.base)).bearer_auth(&self.token).send()?.status().as_u16())
    }

    /// With the length of the answer's body, to compare.
    pub fn length(&self, path: &str) -> Result<usize> {
        let answer = self.client.get(format!("{}{path}", self.base)).bearer_auth(&self.token).send()?;
        Ok(answer.error_for_status()?.bytes()?.len())
    }

    pub fn post(&self, path: &str, version: Option<i64>, key: &str, body: &Value) -> Result<Value> {
        let mut request = self.client.post(format!("{}{path}", self.base)).bearer_auth(&self.token).header("idempotency-key", key).json(body);
        if let Some(version) = version {
            request = request.header("if-match", format!("\"{version}\""));
        }
        let answer = request.send()?;
        let (status, body) = (answer.status(), answer.json::<Value>()?);
        if !status.is_success() {
            bail!("{path}: {status} {body}");
        }
        Ok(body)
    }
}
