//! The real server with the demonstration city, started once for a test binary and gone with it.
//!
//! `LIANDONG_BIN` names the binary (else `target/debug/liandong`).

use crate::{
    Answer, Person,
    storage::{Storage, migrated, temporary_dir},
};
use anyhow::{Context, Result, bail};
use reqwest::{
    Method,
    blocking::{Client, RequestBuilder, Response},
};
use serde_json::json;
use std::{
    collections::{BTreeMap, HashMap},
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Of all people of the demonstration.
pub const PASSWORD: &str = "Liandong-demo-2026";

/// Starts the server beside a shell that waits on its standard input: when the test process ends, however it does, the pipe closes,
/// and the shell stops the server and removes its folder.
const KEEPER: &str = r#"trap '' INT
"$@" >"$KEPT_DIR/server.log" 2>&1 &
server=$!
echo "$server" >"$KEPT_DIR/server.pid"
read -r _
kill "$server"
wait "$server"
rm -rf "$KEPT_DIR""#;

/// Access tokens live ten minutes.
const TOKEN_KEPT: Duration = Duration::from_secs(8 * 60);

pub struct City {
    pub base: String,
    pub database_url: String,
    pub data_dir: PathBuf,
    /// Everything of this city; gone with the server.
    dir: PathBuf,
    client: Client,
    tokens: Mutex<HashMap<String, (String, Instant)>>,
    /// None: the product's own.
    program: Option<PathBuf>,
    /// Holds the pipe whose end stops the server.
    keeper: Child,
}

/// The city all tests of a binary share.
pub fn city() -> &'static City {
    static CITY: OnceLock<City> = OnceLock::new();
    CITY.get_or_init(|| City::start().unwrap_or_else(|error| panic!("the city did not start: {error:#}")))
}

/// How a server is started.
#[derive(Default)]
struct Start<'a> {
    demo: bool,
    /// None: the product's own.
    program: Option<&'a Path>,
    /// Further flags of `serve`.
    flags: &'a [&'a str],
    /// Environment variables.
    environment: &'a [(&'a str, &'a str)],
    /// Another server whose database and data folder are used.
    beside: Option<&'a City>,
}

impl City {
    pub fn start() -> Result<Self> {
        Self::launch(&Start { demo: true, ..Start::default() })
    }

    /// A real installation before anything is in it: no demonstration, no jurisdiction.
    pub fn empty() -> Result<Self> {
        Self::launch(&Start::default())
    }

    /// The demonstration under other settings.
    pub fn with_flags(flags: &[&str]) -> Result<Self> {
        Self::launch(&Start { demo: true, flags, ..Start::default() })
    }

    /// An empty installation under other settings.
    pub fn empty_with(flags: &[&str], environment: &[(&str, &str)]) -> Result<Self> {
        Self::launch(&Start { flags, environment, ..Start::default() })
    }

    /// The demonstration on a database of the caller's, which has nothing in it yet, and with a data folder of theirs.
    pub fn at(database_url: &str, data_dir: Option<&Path>, flags: &[&str]) -> Result<Self> {
        let dir = temporary_dir()?;
        let data_dir = data_dir.map_or_else(|| dir.join("data"), Path::to_owned);
        fs::create_dir_all(&data_dir)?;
        if database_url.starts_with("postgres") {
            migrated(database_url, &data_dir)?;
        }
        let storage = Storage { database_url: database_url.to_owned(), data_dir };
        Self::serve(&Start { demo: true, flags, ..Start::default() }, dir, storage)
    }

    /// The demonstration, its server started with environment variables.
    pub fn with_environment(environment: &[(&str, &str)]) -> Result<Self> {
        Self::launch(&Start { demo: true, environment, ..Start::default() })
    }

    /// Another program with the product's command line, as a demonstration.
    pub(crate) fn start_program(program: &Path, flags: &[&str], environment: &[(&str, &str)]) -> Result<Self> {
        Self::launch(&Start { demo: true, program: Some(program), flags, environment, beside: None })
    }

    /// A second node: the same program on this one's database and data folder.
    pub fn second_node(&self, flags: &[&str], environment: &[(&str, &str)]) -> Result<Self> {
        if self.database_url.starts_with("sqlite") {
            bail!("two nodes need PostgreSQL: a SQLite file has one server");
        }
        Self::launch(&Start { demo: true, program: self.program.as_deref(), flags, environment, beside: Some(self) })
    }

    fn launch(start: &Start<'_>) -> Result<Self> {
        let dir = temporary_dir()?;
        let storage = match start.beside {
            Some(other) => other.storage(),
            None if start.demo => loaded(start.program).copy(&dir)?,
            None => Storage::empty(&dir)?,
        };
        Self::serve(start, dir, storage)
    }

    fn serve(start: &Start<'_>, dir: PathBuf, storage: Storage) -> Result<Self> {
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let listen = format!("127.0.0.1:{port}");
        let Storage { database_url, data_dir } = storage;
        let keeper = Command::new("sh")
            .args(["-c", KEEPER, "sh"])
            .arg(start.program.map_or_else(binary, |program| Ok(program.to_owned()))?)
            .args(["serve", "--listen", &listen, "--database-url", &database_url, "--data-dir"])
            .arg(&data_dir)
            .args(start.demo.then_some("--demo"))
            .args(start.flags)
            .envs(start.environment.iter().copied())
            .env("KEPT_DIR", &dir)
            .stdin(Stdio::piped())
            .spawn()?;
        let city = Self {
            base: format!("http://{listen}"),
            database_url,
            data_dir,
            client: Client::builder().timeout(Duration::from_secs(60)).build()?,
            dir: dir.clone(),
            tokens: Mutex::default(),
            program: start.program.map(Path::to_owned),
            keeper,
        };
        city.wait_until_ready(&dir)?;
        Ok(city)
    }

    fn storage(&self) -> Storage {
        Storage { database_url: self.database_url.clone(), data_dir: self.data_dir.clone() }
    }

    /// Stops the server in order and waits for its end.
    fn stop(mut self) -> Result<()> {
        drop(self.keeper.stdin.take());
        self.keeper.wait()?;
        Ok(())
    }

    /// Another server on the same database and key: it has its own memory of what it read.
    pub fn another_node(&self) -> Result<Self> {
        Self::launch(&Start { demo: true, program: None, flags: &[], environment: &[], beside: Some(self) })
    }

    /// The server again, on what another left that ended without warning. That one's folder is kept as long as it.
    pub fn next_life(&self, flags: &[&str]) -> Result<Self> {
        Self::launch(&Start { demo: true, program: self.program.as_deref(), flags, environment: &[], beside: Some(self) })
    }

    fn wait_until_ready(&self, dir: &Path) -> Result<()> {
        let begun = Instant::now();
        let log = || fs::read_to_string(dir.join("server.log")).unwrap_or_default();
        // Loading the demonstration takes a while in a development build.
        while begun.elapsed() < Duration::from_secs(180) {
            if self.client.get(format!("{}/readyz", self.base)).send().is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            let pid = fs::read_to_string(dir.join("server.pid")).unwrap_or_default();
            let ended = !pid.trim().is_empty() && Path::new("/proc/self").exists() && !is_running(pid.trim());
            if ended {
                bail!("the server ended at once:\n{}", log());
            }
            thread::sleep(Duration::from_millis(100));
        }
        bail!("/readyz did not answer within three minutes:\n{}", log())
    }

    /// A person by user name, `df-market.handler`.
    pub fn person(&self, username: &str) -> Person<'_> {
        Person { city: self, username: username.to_owned() }
    }

    /// A request under `/api/v1` without sign-in.
    pub fn send(&self, method: &str, path: &str, build: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Answer {
        let method_name = Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET);
        let request = build(self.client.request(method_name, format!("{}/api/v1{path}", self.base)));
        let response = request.send().unwrap_or_else(|error| panic!("{method} {path}: no answer: {error}"));
        Answer::read(format!("{method} {path}"), response)
    }

    /// A request to a server that may break off: none for an answer that didn't come, or not whole.
    pub fn attempt(&self, method: &str, path: &str, build: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Option<Answer> {
        let method_name = Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET);
        let response = build(self.client.request(method_name, format!("{}/api/v1{path}", self.base))).send().ok()?;
        Answer::whole(format!("{method} {path}"), response)
    }

    /// Only the status of an answer, which may be one without an end.
    pub fn status(&self, method: &str, path: &str, build: impl FnOnce(RequestBuilder) -> RequestBuilder) -> u16 {
        self.open(method, path, build).status().as_u16()
    }

    /// An answer whose body is read as it comes.
    pub fn open(&self, method: &str, path: &str, build: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Response {
        let method_name = Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET);
        // Operational endpoints lie outside the common prefix.
        let prefix = if matches!(path, "/healthz" | "/readyz" | "/metrics" | "/docs") { "" } else { "/api/v1" };
        let request = build(self.client.request(method_name, format!("{}{prefix}{path}", self.base)));
        request.send().unwrap_or_else(|error| panic!("{method} {path}: no answer: {error}"))
    }

    /// A request outside `/api/v1`.
    pub fn get_outside(&self, path: &str, build: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Answer {
        let response = build(self.client.get(format!("{}{path}", self.base))).send().unwrap_or_else(|error| panic!("GET {path}: no answer: {error}"));
        Answer::read(format!("GET {path}"), response)
    }

    /// A file beside the city's data, gone with it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The process id of the server.
    pub fn server_pid(&self) -> String {
        fs::read_to_string(self.dir.join("server.pid")).unwrap_or_default().trim().to_owned()
    }

    /// The server's log so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("server.log")).unwrap_or_default()
    }

    /// First sign-in with an issued password as the pages lead through it: a password of one's own, then, for an
    /// administrator, one-time codes. From then on [`City::person`] works for this person.
    #[track_caller]
    pub fn settle_in(&self, username: &str, issued: &str) {
        let first = self.login(username, issued).ok();
        assert_eq!(first["user"]["must_change_password"], true, "{first}");
        let token = first["access_token"].as_str().unwrap_or_default().to_owned();
        let changed = self.send("POST", "/auth/password", |request| request.bearer_auth(&token).json(&json!({ "current": issued, "new": PASSWORD })));
        assert_eq!(changed.status, 204, "{changed}");
        if first["user"]["must_set_up_totp"] == true {
            let secret = self.send("POST", "/me/totp", |request| request.bearer_auth(&token).json(&json!({ "password": PASSWORD }))).ok()["secret"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            let confirmed =
                self.send("POST", "/me/totp/confirm", |request| request.bearer_auth(&token).json(&json!({ "otp": one_time_code(&secret) })));
            assert_eq!(confirmed.status, 204, "{confirmed}");
        }
        self.remember(username, &token);
    }

    /// [`City::person`] goes on with this access token.
    pub fn remember(&self, username: &str, token: &str) {
        if let Ok(mut tokens) = self.tokens.lock() {
            tokens.insert(username.to_owned(), (token.to_owned(), Instant::now()));
        }
    }

    pub fn login(&self, username: &str, password: &str) -> Answer {
        self.send("POST", "/auth/login", |request| request.json(&json!({ "username": username, "password": password })))
    }

    #[track_caller]
    pub(crate) fn token(&self, username: &str) -> String {
        let kept = |tokens: &HashMap<String, (String, Instant)>| {
            tokens.get(username).filter(|(_, since)| since.elapsed() < TOKEN_KEPT).map(|(token, _)| token.clone())
        };
        if let Some(token) = self.tokens.lock().ok().and_then(|tokens| kept(&tokens)) {
            return token;
        }
        let answer = self.login(username, PASSWORD).ok();
        let token = answer["access_token"].as_str().unwrap_or_default().to_owned();
        self.remember(username, &token);
        token
    }

    /// A token of a server that may not answer.
    pub fn try_token(&self, username: &str) -> Option<String> {
        let kept = self.tokens.lock().ok().and_then(|tokens| tokens.get(username).map(|(token, _)| token.clone()));
        if kept.is_some() {
            return kept;
        }
        let body = json!({ "username": username, "password": PASSWORD });
        let answer = self.attempt("POST", "/auth/login", |request| request.json(&body)).filter(|answer| answer.status == 200)?;
        let token = answer.json()["access_token"].as_str()?.to_owned();
        self.remember(username, &token);
        Some(token)
    }

    /// This person signs in anew, as they must once their sessions were ended.
    pub fn forget_token(&self, username: &str) {
        if let Ok(mut tokens) = self.tokens.lock() {
            tokens.remove(username);
        }
    }

    /// All sign in anew, as they must after days have passed.
    pub fn forget_tokens(&self) {
        if let Ok(mut tokens) = self.tokens.lock() {
            tokens.clear();
        }
    }

    /// Runs a statement on the database behind the server's back, as someone with the operator's rights could.
    pub fn sql(&self, statement: &str) -> Result<String, String> {
        sql(&self.database_url, statement)
    }

    /// An id as a literal of the database.
    pub fn id_literal(&self, id: &str) -> String {
        if self.database_url.starts_with("sqlite") { format!("x'{}'", id.replace('-', "")) } else { format!("'{id}'") }
    }

    /// Runs the command line on the city's own database, beside the running server.
    pub fn command_line(&self, arguments: &[&str]) -> Result<Output> {
        command_line(&self.database_url, &self.data_dir, arguments)
    }

    /// Runs the command line beside the city's key, on another database or on none that answers.
    pub fn command_line_on(&self, database_url: &str, arguments: &[&str]) -> Result<Output> {
        command_line(database_url, &self.data_dir, arguments)
    }
}

/// The code an authenticator shows now for a secret in base 32.
pub fn one_time_code(secret: &str) -> String {
    one_time_code_in(secret, 0)
}

/// The code it will show some steps of thirty seconds from now: the server takes the next one, too, and none twice.
pub fn one_time_code_in(secret: &str, steps: u64) -> String {
    let bits: String = secret.chars().filter_map(|c| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c)).map(|value| format!("{value:05b}")).collect();
    let bytes: Vec<u8> = (0..bits.len() / 8).filter_map(|at| u8::from_str_radix(bits.get(at * 8..at * 8 + 8)?, 2).ok()).collect();
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let totp = totp_rs::Builder::new().with_algorithm(totp_rs::Algorithm::SHA1).with_digits(6).with_step_duration(30).with_secret(bytes).build();
    totp.map(|totp| totp.generate(seconds + 30 * steps).to_string()).unwrap_or_default()
}

/// A program's demonstration right after it was loaded, which takes seconds in a development build: once for a test binary.
struct Loaded {
    storage: Storage,
    /// Holds the pipe whose end removes the folder.
    _keeper: Child,
}

fn loaded(program: Option<&Path>) -> Storage {
    static LOADED: Mutex<BTreeMap<Option<PathBuf>, Arc<OnceLock<Loaded>>>> = Mutex::new(BTreeMap::new());
    let place = Arc::clone(LOADED.lock().unwrap_or_else(PoisonError::into_inner).entry(program.map(Path::to_owned)).or_default());
    let loaded = place.get_or_init(|| load(program).unwrap_or_else(|error| panic!("the demonstration was not loaded: {error:#}")));
    loaded.storage.clone()
}

fn load(program: Option<&Path>) -> Result<Loaded> {
    let dir = temporary_dir()?;
    let keeper =
        Command::new("sh").args(["-c", "trap '' INT; read -r _; rm -rf \"$KEPT_DIR\""]).env("KEPT_DIR", &dir).stdin(Stdio::piped()).spawn()?;
    let storage = Storage::empty(&dir)?;
    City::serve(&Start { demo: true, program, ..Start::default() }, temporary_dir()?, storage.clone())?.stop()?;
    Ok(Loaded { storage, _keeper: keeper })
}

fn is_running(pid: &str) -> bool {
    // An ended child that nobody waited for still has a folder in /proc, with the state Z.
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

pub fn binary() -> Result<PathBuf> {
    let path = env::var_os("LIANDONG_BIN").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/debug/liandong"), PathBuf::from);
    path.canonicalize()
        .with_context(|| format!("{} is not there: build it with `cargo build -p backend --bin liandong`, or set LIANDONG_BIN", path.display()))
}

/// Runs a statement on a database, by the program that belongs to it.
pub fn sql(database_url: &str, statement: &str) -> Result<String, String> {
    let output = match database_url.strip_prefix("sqlite://") {
        Some(path) => {
            let path = path.split('?').next().unwrap_or(path);
            Command::new("sqlite3").args(["-cmd", ".timeout 5000", path, statement]).output()
        }
        None => {
            let psql = env::var_os("LIANDONG_TEST_PSQL").unwrap_or_else(|| "psql".into());
            Command::new(psql).arg(database_url).args(["-Atq", "--no-psqlrc", "-v", "ON_ERROR_STOP=1", "--command", statement]).output()
        }
    };
    let output = output.map_err(|error| format!("the database's own program did not start: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// Runs the command line on a database and data folder.
pub fn command_line(database_url: &str, data_dir: &Path, arguments: &[&str]) -> Result<Output> {
    Ok(Command::new(binary()?).args(arguments).env("LIANDONG_DATABASE_URL", database_url).env("LIANDONG_DATA_DIR", data_dir).output()?)
}
