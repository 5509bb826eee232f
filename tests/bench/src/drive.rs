//! Load over loopback, by wrk: requests from a file, each with its own token, version and body.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::{fmt::Write as _, fs, net::SocketAddr, path::Path, process::Command, time::Duration};

#[derive(Debug, Clone)]
pub struct Request {
    pub method: &'static str,
    pub path: String,
    pub token: String,
    pub version: Option<i64>,
    pub body: Option<Value>,
}

impl Request {
    pub fn get(path: impl Into<String>, token: &str) -> Self {
        Self { method: "GET", path: path.into(), token: token.to_owned(), version: None, body: None }
    }
}

/// What came of a run.
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    pub per_second: f64,
    pub p99: Duration,
    pub failed: u64,
    pub requests: u64,
}

/// Each line of the file is a request, its parts divided by tabs. Requests are taken in order, from the first again after the last; a key
/// for each mutating one makes it unlike all others.
const SCRIPT: &str = r#"
local lines = {}
for line in io.lines(os.getenv("BENCH_REQUESTS")) do lines[#lines + 1] = line end
local at, run = 0, os.getenv("BENCH_RUN")
request = function()
  at = at + 1
  local method, path, token, version, body = lines[(at - 1) % #lines + 1]:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
  local headers = { ["Authorization"] = "Bearer " .. token }
  if method ~= "GET" then
    headers["Idempotency-Key"] = run .. "-" .. at
    headers["Content-Type"] = "application/json"
  end
  if version ~= "" then headers["If-Match"] = '"' .. version .. '"' end
  if body == "" then body = nil end
  return wrk.format(method, path, headers, body)
end
"#;

/// What is added to it for a crowd: each rests after every answer, and answers are counted by what they say.
const CROWD: &str = r#"
local rest, threads = tonumber(os.getenv("BENCH_REST")), {}
delay = function() return rest end
done_well, refused, unclear = 0, 0, 0
response = function(status, headers)
  if status < 300 then done_well = done_well + 1
  elseif (status == 503 or status == 429) and (headers["retry-after"] or headers["Retry-After"]) then refused = refused + 1
  else unclear = unclear + 1 end
end
setup = function(thread) threads[#threads + 1] = thread end
done = function(summary)
  local thread = threads[1]
  print(string.format("Crowd: %d %d %d %d", thread:get("done_well"), thread:get("refused"), thread:get("unclear"), summary.duration))
end
"#;

/// What came of a crowd, a second.
#[derive(Debug, Clone, Copy)]
pub struct Crowd {
    pub done: f64,
    /// Told when to come again.
    pub refused: f64,
    /// Neither.
    pub unclear: f64,
}

pub struct Load<'a> {
    pub address: SocketAddr,
    pub connections: u32,
    pub seconds: u64,
    pub dir: &'a Path,
}

impl Load<'_> {
    pub fn run(&self, requests: &[Request]) -> Result<Outcome> {
        let said = self.wrk(requests, SCRIPT, Duration::ZERO)?;
        read(&said).with_context(|| said.clone())
    }

    /// Load that doesn't wait for the server: each connection rests so long after an answer, whatever that was.
    pub fn crowd(&self, requests: &[Request], rest: Duration) -> Result<Crowd> {
        let said = self.wrk(requests, &format!("{SCRIPT}{CROWD}"), rest)?;
        let line = said.lines().find_map(|line| line.trim().strip_prefix("Crowd: ")).with_context(|| said.clone())?;
        let numbers = line.split(' ').map(str::parse).collect::<Result<Vec<f64>, _>>()?;
        let [done, refused, unclear, microseconds] = <[f64; 4]>::try_from(numbers).ok().context("four numbers")?;
        let seconds = microseconds / 1e6;
        Ok(Crowd { done: done / seconds, refused: refused / seconds, unclear: unclear / seconds })
    }

    fn wrk(&self, requests: &[Request], code: &str, rest: Duration) -> Result<String> {
        let mut lines = String::new();
        for Request { method, path, token, version, body } in requests {
            let version = version.map(|version| version.to_string()).unwrap_or_default();
            let body = body.as_ref().map(Value::to_string).unwrap_or_default();
            writeln!(lines, "{method}\t{path}\t{token}\t{version}\t{body}")?;
        }
        let (script, file) = (self.dir.join("requests.lua"), self.dir.join("requests.tsv"));
        fs::write(&script, code)?;
        fs::write(&file, lines)?;
        let output = Command::new("wrk")
            .args(["-t", "1", "-c", &self.connections.to_string(), "-d", &format!("{}s", self.seconds), "--timeout", "30s", "--latency", "-s"])
            .arg(&script)
            .arg(format!("http://{}", self.address))
            .env("BENCH_REQUESTS", &file)
            .env("BENCH_REST", rest.as_millis().to_string())
            .env("BENCH_RUN", uuid::Uuid::now_v7().to_string())
            .output()
            .context("wrk: install the package `wrk`")?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            bail!("wrk: {}{said}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(said)
    }
}

fn read(said: &str) -> Result<Outcome> {
    let after = |label: &str| said.lines().find_map(|line| line.trim().strip_prefix(label)).map(str::trim);
    let failed = after("Non-2xx or 3xx responses:").map(str::parse).transpose()?.unwrap_or(0);
    let lost: u64 = after("Socket errors:")
        .map(|line| line.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse::<u64>().ok()).sum())
        .unwrap_or(0);
    let requests = said.lines().find_map(|line| line.trim().split_once(" requests in ")).context("no number of requests")?.0.trim().parse()?;
    Ok(Outcome {
        per_second: after("Requests/sec:").context("no rate")?.parse()?,
        p99: time(after("99%").context("no p99")?)?,
        failed: failed + lost,
        requests,
    })
}

/// `612.00us`, `1.53ms`, `2.01s`.
fn time(text: &str) -> Result<Duration> {
    let (number, factor) = if let Some(number) = text.strip_suffix("us") {
        (number, 1e-6)
    } else if let Some(number) = text.strip_suffix("ms") {
        (number, 1e-3)
    } else {
        (text.trim_end_matches('s'), 1.0)
    };
    Ok(Duration::from_secs_f64(number.parse::<f64>()? * factor))
}
