//! `cargo xtask attack`: schemathesis against the demonstration, by what the contract says. A minute, or five with `--full`.

use crate::{
    client, server,
    workspace::{self, command, free_port, target, tools_dir},
};
use anyhow::{Context, Result, bail};
use std::{
    fs::{self, File},
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

const VERSION: &str = "4.32.5";
/// Who asks, since neither may call all operations.
const PEOPLE: &[&str] = &["df-justice.coordinator", "df-justice.system_admin"];
/// What would end the asker's own session, or has no end of its own.
const LEFT_OUT: &str = "/auth/(logout|password)$|/me/totp|/stream$|/sessions/revoke$";
/// `positive_data_acceptance`: that a day exists and a unit is one of the city no schema can say. `unsupported_method`: a path without the
/// method asked for is 404 here, as one that doesn't exist.
const CHECKS_LEFT_OUT: &str = "positive_data_acceptance,unsupported_method";

pub fn run(full: bool) -> Result<()> {
    client::ensure_folder()?;
    run_on(&server::build()?, full)
}

/// The same against a server that is built already.
pub fn run_on(binary: &Path, full: bool) -> Result<()> {
    let schemathesis = installed()?;
    let demonstration = Demonstration::start(binary)?;
    let mut failed = Vec::new();
    for person in PEOPLE {
        println!("\nschemathesis as {person}");
        let outcome = workspace::run(&mut demonstration.tried_by(&schemathesis, person, if full { 150 } else { 30 })?);
        if outcome.is_err() {
            failed.push(*person);
        }
    }
    let log = fs::read_to_string(demonstration.dir.join("server.log"))?;
    if let Some(line) = log.lines().find(|line| line.contains("panicked at")) {
        bail!("the server panicked: {line}");
    }
    if !failed.is_empty() {
        bail!("schemathesis found the above as {}; `st replay` in {} shows each again", failed.join(" and "), demonstration.dir.display());
    }
    Ok(())
}

/// The program, in an environment of its own below target/.
fn installed() -> Result<PathBuf> {
    let dir = tools_dir().join(format!("schemathesis-{VERSION}"));
    let program = dir.join("bin/schemathesis");
    if !program.is_file() {
        workspace::run(command("python3").args(["-m", "venv"]).arg(&dir)).context("schemathesis needs Python 3 with venv (Debian: python3-venv)")?;
        workspace::run(
            command(dir.join("bin/pip")).args(["install", "--quiet", "--disable-pip-version-check"]).arg(format!("schemathesis=={VERSION}")),
        )
        .context("schemathesis comes from PyPI: is the registry reachable?")?;
    }
    Ok(program)
}

struct Demonstration {
    server: Child,
    address: String,
    dir: PathBuf,
}

impl Demonstration {
    fn start(binary: &Path) -> Result<Self> {
        let dir = target().join("attack");
        if dir.exists() {
            fs::remove_dir_all(&dir)?;
        }
        fs::create_dir_all(&dir)?;
        let address = format!("127.0.0.1:{}", free_port()?);
        let log = File::create(dir.join("server.log"))?;
        let database = format!("sqlite://{}?mode=rwc", dir.join("liandong.sqlite").display());
        let server = command(binary)
            .args(["serve", "--demo", "--listen", &address, "--database-url", &database, "--data-dir"])
            .arg(&dir)
            .stdout(log.try_clone()?)
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("{} could not be started", binary.display()))?;
        let started = Self { server, address, dir };
        let begun = Instant::now();
        while !started.ask("GET", "/readyz", "").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")) {
            if begun.elapsed() > Duration::from_secs(180) {
                bail!("the demonstration did not start within three minutes; its log is {}", started.dir.join("server.log").display());
            }
            thread::sleep(Duration::from_millis(200));
        }
        Ok(started)
    }

    /// One request in plain HTTP, which is all that signing in takes.
    fn ask(&self, method: &str, path: &str, body: &str) -> Result<String> {
        let mut stream = TcpStream::connect(&self.address)?;
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAccept-Encoding: identity\r\n", self.address);
        write!(stream, "{head}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    fn tried_by(&self, schemathesis: &Path, person: &str, seconds: u32) -> Result<Command> {
        let answer = self.ask("POST", "/api/v1/auth/login", &format!(r#"{{"username": "{person}", "password": "Liandong-demo-2026"}}"#))?;
        let token = answer.split_once(r#""access_token":""#).and_then(|(_, rest)| rest.split('"').next()).context("no token in the answer")?;
        let base = format!("http://{}", self.address);
        let mut command = Command::new(schemathesis);
        command
            .args(["run", &format!("{base}/openapi.json"), "--url", &base, "--no-color", "--warnings", "off", "--continue-on-failure"])
            .args(["--checks", "all", "--exclude-checks", CHECKS_LEFT_OUT, "--exclude-path-regex", LEFT_OUT])
            .args(["--max-time", &seconds.to_string(), "--header", &format!("Authorization: Bearer {token}")])
            .current_dir(&self.dir);
        Ok(command)
    }
}

impl Drop for Demonstration {
    fn drop(&mut self) {
        // Nothing of it is kept but its log.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
