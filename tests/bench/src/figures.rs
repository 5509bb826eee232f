//! The figures, in the order in which they are measured.

use crate::{
    Options,
    clone::{Cloning, matter_id, pairs},
    database::Database,
    drive::{Load, Outcome, Request},
    report::{Goal, Report},
    same_rows::{self, Pgbench, Seen},
    server::{Person, Running},
};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::{
    cell::Cell,
    collections::BTreeMap,
    fs,
    path::Path,
    process::Command,
    slice,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use uuid::Uuid;

const OFFICE: &str = "df-justice.coordinator";
/// Clients of pgbench: as many as the server has connections, and as many as the load has; the better counts.
const CLIENTS: &[u32] = &[16, 64];

struct Bench<'a> {
    options: &'a Options,
    database: Database,
    dir: TempDir,
    report: Report,
}

/// Who is signed in: the office, and an officer of each unit.
struct People {
    office: Person,
    officers: BTreeMap<String, Person>,
}

impl People {
    fn sign_in(server: &Running, database: &Database) -> Result<Self> {
        let codes = database.rows("SELECT code FROM bench_unit ORDER BY i")?;
        let officer = |row: Vec<String>| {
            let code = row.into_iter().next().context("a code")?;
            let person = Person::sign_in(server, &format!("{code}.liaison_officer"))?;
            Ok((code, person))
        };
        Ok(Self { office: Person::sign_in(server, OFFICE)?, officers: codes.into_iter().map(officer).collect::<Result<_>>()? })
    }

    fn token(&self, code: &str) -> &str {
        self.officers.get(code).map_or(&self.office.token, |person| &person.token)
    }
}

/// A reproducible choice.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n.max(1)
    }
}

pub fn measure(options: &Options) -> Result<()> {
    let dir = tempfile::Builder::new().prefix("liandong-bench-").tempdir()?;
    let database = create_database(options, dir.path())?;
    let mut bench = Bench { options, database, dir, report: Report::default() };
    bench.all()?;
    print!("{}", bench.report.table());
    let whole = json!({
        "database": options.database, "matters": options.matters, "seconds": options.seconds, "figures": bench.report.json(),
    });
    fs::write(&options.json, serde_json::to_string_pretty(&whole)?)?;
    Ok(())
}

fn create_database(options: &Options, dir: &Path) -> Result<Database> {
    match options.database.as_str() {
        "sqlite" => Ok(Database::Sqlite(dir.join("liandong.sqlite"))),
        "postgres" => {
            let admin = Database::Postgres { url: options.postgres_url.clone(), bin: options.postgres_bin.clone() };
            let name = format!("liandong_bench_{}", std::process::id());
            admin.run_alone(&format!("CREATE DATABASE {name}"))?;
            let (server, _) = options.postgres_url.rsplit_once('/').context("a connection with a database")?;
            let url = format!("{server}/{name}");
            let migrated = Command::new(&options.server).args(["migrate", "--database-url", &url, "--data-dir"]).arg(dir).status()?;
            if !migrated.success() {
                bail!("the schema was not made");
            }
            Ok(Database::Postgres { url, bin: options.postgres_bin.clone() })
        }
        other => bail!("`{other}` is no database: `sqlite` or `postgres`"),
    }
}

impl Bench<'_> {
    fn start(&self) -> Result<Running> {
        Running::product(&self.options.server, &self.database.url(), self.dir.path())
    }

    fn all(&mut self) -> Result<()> {
        let (first, last) = (self.options.first, self.options.matters);
        // The pools: handed out and not received, over all units and all of one.
        let pool = (self.options.seconds * 3000).clamp(500, 60_000);
        drop(self.start()?);
        let begun = Instant::now();
        let cloning = Cloning::prepare(&self.database)?;
        cloning.copy(1, first + 1)?;
        eprintln!("{first} matters loaded in {:.0} s", begun.elapsed().as_secs_f64());
        let small = {
            let server = self.start()?;
            let people = People::sign_in(&server, &self.database)?;
            self.costs(&server, &people, first)?
        };
        let begun = Instant::now();
        cloning.copy(first + 1, last + 1)?;
        let (spread, one) = (last + 1, last + 1 + pool);
        cloning.copy_sent(spread, one, true)?;
        cloning.copy_sent(one, one + pool, false)?;
        eprintln!("{last} matters loaded in {:.0} s", begun.elapsed().as_secs_f64());
        let server = self.start()?;
        self.report.add("start to ready, seconds", server.ready_after.as_secs_f64(), Goal::AtMost(1.0), format!("a database of {last} matters"));
        let people = People::sign_in(&server, &self.database)?;
        let large = self.costs(&server, &people, last)?;
        for (name, at_first) in &small {
            let at_last = large.get(name).copied().unwrap_or(f64::NAN);
            self.report.add(
                format!("cost of {name} against {first} matters"),
                at_last / at_first,
                Goal::AtMost(1.3),
                format!("{:.2} and {:.2} ms of processor each", at_last * 1e3, at_first * 1e3),
            );
        }
        let get = self.reads(&server, &people, last)?;
        let writes = self.writes(&server, &people, spread, one, pool)?;
        self.crowds(&server, &people, last)?;
        self.report.add("resident memory at most, MiB", server.peak_memory()?, Goal::AtMost(200.0), "under all of this load");
        if self.database.is_postgres() {
            self.postgres_floors(&server, &writes, spread, one, pool, last)?;
        } else {
            self.sqlite_floors(server, get, &writes, last)?;
        }
        Ok(())
    }

    fn load(&self, server: &Running, connections: u32, requests: &[Request]) -> Result<Outcome> {
        let load = Load { address: server.address, connections, seconds: self.options.seconds, dir: self.dir.path() };
        let outcome = load.run(requests)?;
        // A pool that ran out, a token that is over: then it is not this that was measured.
        if outcome.requests == 0 || outcome.failed * 100 > outcome.requests {
            let first = requests.first().map(|request| request.path.clone()).unwrap_or_default();
            bail!("{} of {} requests failed: {first}", outcome.failed, outcome.requests);
        }
        Ok(outcome)
    }

    /// Seconds of the server's processor for one request of each kind.
    fn costs(&self, server: &Running, people: &People, matters: u64) -> Result<BTreeMap<&'static str, f64>> {
        let mut costs = BTreeMap::new();
        for (name, requests) in [
            ("one matter", self.one_matter(people, matters)?),
            ("an inbox page", inboxes(people)),
            ("a draft", drafts(people)),
            ("a search", searches_of_all(people)),
        ] {
            self.load(server, 8, &requests)?;
            let before = server.processor_time()?;
            let outcome = self.load(server, 8, &requests)?;
            let spent = server.processor_time()?.saturating_sub(before);
            costs.insert(name, spent.as_secs_f64() / outcome.requests as f64);
        }
        Ok(costs)
    }

    /// Matters chosen from all, each asked for by an officer of the unit that holds it.
    fn one_matter(&self, people: &People, matters: u64) -> Result<Vec<Request>> {
        let mut dice = Dice(0x2026_1130);
        let (open, close) = if self.database.is_postgres() { ("'", "'") } else { ("x'", "'") };
        let ids: Vec<String> = (0..4000)
            .map(|_| matter_id(1 + dice.below(matters)))
            .map(|id| format!("{open}{}{close}", if self.database.is_postgres() { id.to_string() } else { id.simple().to_string() }))
            .collect();
        let sql = format!("SELECT m.id, u.code FROM matter m JOIN bench_unit u ON u.id = m.holder_unit_id WHERE m.id IN ({})", ids.join(", "));
        let found = self.database.rows(&sql)?;
        let mut requests: Vec<Request> =
            found.iter().filter_map(|row| Some(Request::get(format!("/api/v1/matters/{}", row.first()?), people.token(row.get(1)?)))).collect();
        if requests.len() < 100 {
            bail!("only {} of 4000 matters have a holder", requests.len());
        }
        for at in (1..requests.len()).rev() {
            requests.swap(at, usize::try_from(dice.below(at as u64 + 1))?);
        }
        Ok(requests)
    }

    /// A matter, a page and a search; gives the rate of the first.
    fn reads(&mut self, server: &Running, people: &People, last: u64) -> Result<f64> {
        let get = self.load(server, self.options.connections, &self.one_matter(people, last)?)?;
        self.report.add("GET one matter, per second", get.per_second, Goal::None, format!("p99 {:.1} ms", get.p99.as_secs_f64() * 1e3));
        let inbox = self.load(server, self.options.connections, &inboxes(people))?;
        self.report.add("inbox page of 50, per second", inbox.per_second, Goal::None, format!("p99 {:.1} ms", inbox.p99.as_secs_f64() * 1e3));
        // As many pages as there are, up to the five hundredth.
        let page = 500.min(last / 50 / 2).max(2);
        let mut cursor = String::new();
        for _ in 1..page {
            let body = people.office.get(&format!("/matters?limit=50{cursor}"))?;
            cursor = format!("&cursor={}", body["next_cursor"].as_str().context("there are not so many pages")?);
        }
        let path = |cursor: &str| vec![Request::get(format!("/api/v1/matters?limit=50{cursor}"), &people.office.token)];
        let (one, deep) = (self.load(server, 8, &path(""))?, self.load(server, 8, &path(&cursor))?);
        self.report.add(
            format!("page {page} against page 1"),
            one.per_second / deep.per_second,
            Goal::AtMost(1.2),
            format!("{:.0} and {:.0} per second", deep.per_second, one.per_second),
        );
        // As many at once as there are processors: with more it would be their queue that is measured.
        let search = self.load(server, 2, &searches(people))?;
        let p99 = search.p99.as_secs_f64() * 1e3;
        self.report.add(
            "search of two characters, p99 in ms",
            p99,
            Goal::AtMost(20.0),
            format!("{:.0} per second, {} words", search.per_second, pairs().len()),
        );
        Ok(get.per_second)
    }

    fn writes(&mut self, server: &Running, people: &People, spread: u64, one: u64, pool: u64) -> Result<Writes> {
        let rate = |bench: &mut Self, name: &str, requests: &[Request]| -> Result<f64> {
            let outcome = bench.load(server, bench.options.connections, requests)?;
            let p99 = format!("p99 {:.0} ms", outcome.p99.as_secs_f64() * 1e3);
            bench.report.add(format!("{name}, per second"), outcome.per_second, Goal::None, p99);
            Ok(outcome.per_second)
        };
        let draft = rate(self, "create a draft", &drafts(people))?;
        let create = rate(self, "create and hand out, over all units", &creations(people, people.officers.len(), true))?;
        let create_one = rate(self, "create and hand out, all to one unit", &creations(people, 1, true))?;
        self.report.add("create, one unit against all", create_one / create, Goal::AtLeast(0.5), "");
        let received = self.receptions(people, spread, one)?;
        let receive = rate(self, "hand-over action, over all units", &received)?;
        let received = self.receptions(people, one, one + pool)?;
        let receive_one = rate(self, "hand-over action, all of one unit", &received)?;
        self.report.add("hand-over action, one unit against all", receive_one / receive, Goal::AtLeast(0.5), "");
        Ok(Writes { draft, create, receive })
    }

    /// Three times as many requests as the server can do: what it does then of what it can, and how soon it tells the others.
    fn crowds(&mut self, server: &Running, people: &People, last: u64) -> Result<()> {
        let requests = self.one_matter(people, last)?;
        let capacity = self.load(server, self.options.connections, &requests)?.per_second;
        // Those whom the server lets in or wait ask no more meanwhile; the others ask for twice what it can do.
        let (inside, outside) = (256, 512);
        let rest = Duration::from_secs_f64(f64::from(outside) / (2.0 * capacity));
        let load = Load { address: server.address, connections: inside + outside, seconds: self.options.seconds, dir: self.dir.path() };
        let (asked, path) = (&people.office, requests.first().context("a request")?.path.trim_start_matches("/api/v1").to_owned());
        let ended = AtomicBool::new(false);
        let (crowd, mut refusals) = thread::scope(|scope| {
            let probe = scope.spawn(|| {
                let mut refusals = Vec::new();
                while !ended.load(Ordering::Relaxed) {
                    let begun = Instant::now();
                    if asked.status(&path).is_ok_and(|status| status == 503) {
                        refusals.push(begun.elapsed());
                    }
                    thread::sleep(Duration::from_millis(5));
                }
                refusals
            });
            let crowd = load.crowd(&requests, rest);
            ended.store(true, Ordering::Relaxed);
            (crowd, probe.join().unwrap_or_default())
        });
        let crowd = crowd?;
        refusals.sort_unstable();
        self.report.add(
            "done under three times the capacity, of it",
            crowd.done / capacity,
            Goal::AtLeast(0.8),
            format!("{:.0} of {capacity:.0} per second, {:.0} told to come again, {:.0} neither", crowd.done, crowd.refused, crowd.unclear),
        );
        if let Some(p99) = refusals.get(refusals.len() * 99 / 100) {
            let p99 = p99.as_secs_f64() * 1e3;
            self.report.add("a refusal then, p99 in ms", p99, Goal::AtMost(100.0), format!("{} seen", refusals.len()));
        }
        Ok(())
    }

    /// Each matter of a pool, received by the unit it was sent to. Taken a second time, one is refused.
    fn receptions(&self, people: &People, from: u64, to: u64) -> Result<Vec<Request>> {
        let literal = |n: u64| {
            let id = matter_id(n);
            if self.database.is_postgres() { format!("'{id}'") } else { format!("x'{}'", id.simple()) }
        };
        let sql = format!(
            "SELECT m.id, u.code, m.version FROM matter m JOIN bench_unit u ON u.id = m.holder_unit_id WHERE m.id >= {} AND m.id < {} AND m.state = 'sent'",
            literal(from),
            literal(to)
        );
        let request = |row: Vec<String>| {
            let [id, code, version] = <[String; 3]>::try_from(row).ok()?;
            Some(Request {
                method: "POST",
                path: format!("/api/v1/matters/{id}/actions/receive"),
                token: people.token(&code).to_owned(),
                version: version.parse().ok(),
                body: Some(json!({ "input": {} })),
            })
        };
        Ok(self.database.rows(&sql)?.into_iter().filter_map(request).collect())
    }

    fn postgres_floors(&mut self, server: &Running, writes: &Writes, spread: u64, one: u64, pool: u64, last: u64) -> Result<()> {
        let people = People::sign_in(server, &self.database)?;
        let own = |text: &str| text.contains("FROM session s") || text.contains("AS part") || text.contains("AS sort_day");
        // One matter.
        let subject = self.one_matter(&people, last)?.into_iter().next().context("a matter")?;
        let id: Uuid = subject.path.rsplit('/').next().unwrap_or_default().parse()?;
        let code = self.database.one(&format!("SELECT u.code FROM matter m JOIN unit u ON u.id = m.holder_unit_id WHERE m.id = '{id}'"))?;
        let officer = people.officers.get(&code).context("an officer")?;
        let length = Cell::new(0);
        let look = || officer.length(&format!("/matters/{id}")).map(|bytes| length.set(bytes));
        let sent = same_rows::statements(&self.database, &self.options.postgres_log, look, own)?;
        if sent.len() != 2 {
            bail!("one matter took {} statements: {sent:#?}", sent.len());
        }
        let script = same_rows::reads(&sent, Some((id, last)))?;
        // What the machine can do changes from minute to minute: each again, next to its floor.
        let get = self.load(server, self.options.connections, &self.one_matter(&people, last)?)?.per_second;
        let floor = self.floor(slice::from_ref(&script))?;
        self.ratio("GET one matter", get, floor, 0.45);
        // The same by hand.
        let file = self.dir.path().join("statements.sql");
        fs::write(&file, &script)?;
        let bare = Running::floor(&self.database.url(), None, Some(&file), self.dir.path())?;
        let mut dice = Dice(7);
        let paths: Vec<Request> = (0..4000).map(|_| Request::get(format!("/matters/{}", 1 + dice.below(last)), "")).collect();
        let by_hand = self.load(&bare, self.options.connections, &paths)?;
        let bytes = reqwest::blocking::get(format!("http://{}/matters/1", bare.address))?.bytes()?.len();
        drop(bare);
        self.report.add(
            "GET one matter, against a handler by hand",
            get / by_hand.per_second,
            Goal::AtLeast(0.6),
            format!(
                "{:.0} per second by hand ({:.2} of the floor), {bytes} bytes against {}",
                by_hand.per_second,
                by_hand.per_second / floor,
                length.get()
            ),
        );
        // A page of the inbox.
        let sent = same_rows::statements(&self.database, &self.options.postgres_log, || officer.get("/matters?box=todo&limit=50").map(|_| ()), own)?;
        if sent.len() != 2 {
            bail!("a page took {} statements: {sent:#?}", sent.len());
        }
        let script = same_rows::reads(&sent, None)?;
        let ids = |code: &str| {
            let sql = format!(
                "SELECT u.id, p.id FROM unit u JOIN person p ON p.unit_id = u.id AND p.username = u.code || '.liaison_officer' WHERE u.code = '{code}'"
            );
            let row = self.database.rows(&sql)?.into_iter().next().with_context(|| format!("an officer of {code}"))?;
            <[String; 2]>::try_from(row).map_err(|row| anyhow::anyhow!("{row:?}"))
        };
        let [unit, person] = ids(&code)?;
        // Of every unit its own page, as the load asks for them; who is signed in stays the same.
        let of_unit = |code: &String| {
            let [its_unit, its_person] = ids(code)?;
            let (session, page) = script.split_once('\n').context("two statements")?;
            Ok(format!("{session}\n{}", page.replace(&unit, &its_unit).replace(&person, &its_person)))
        };
        let scripts = people.officers.keys().map(of_unit).collect::<Result<Vec<_>>>()?;
        let inbox = self.load(server, self.options.connections, &inboxes(&people))?.per_second;
        let floor = self.floor(&scripts)?;
        self.ratio("inbox page of 50", inbox, floor, 0.45);
        // New matters.
        let lead = people.officers.keys().next().context("a unit")?.clone();
        for (name, submit) in [("create a draft", false), ("create and hand out", true)] {
            let rate = self.load(server, self.options.connections, &creations(&people, people.officers.len(), submit))?.per_second;
            let before = Seen::look(&self.database, Uuid::nil())?;
            let made = people.office.post("/matters", None, &format!("bench-floor-{}", Uuid::now_v7()), &creation(&lead, submit))?;
            let id: Uuid = made["id"].as_str().context("an id")?.parse()?;
            let after = Seen::look(&self.database, id)?;
            let script = same_rows::writes(&self.database, &before, &after, None, 0)?;
            let floor = self.floor(&[script])?;
            self.ratio(name, rate, floor, 0.5);
        }
        // A hand-over, by the last of each pool.
        let n = one + pool - 1;
        let id = matter_id(n);
        let code = self
            .database
            .one(&format!("SELECT u.code FROM matter m JOIN unit u ON u.id = m.holder_unit_id WHERE m.id = '{id}' AND m.state = 'sent'"))?;
        let version = self.database.one(&format!("SELECT version FROM matter WHERE id = '{id}'"))?.parse()?;
        let before = Seen::look(&self.database, id)?;
        let officer = people.officers.get(&code).context("an officer")?;
        officer.post(
            &format!("/matters/{id}/actions/receive"),
            Some(version),
            &format!("bench-floor-{}", Uuid::now_v7()),
            &json!({ "input": {} }),
        )?;
        let after = Seen::look(&self.database, id)?;
        let script =
            same_rows::writes(&self.database, &before, &after, Some(n), pool)?.replace(&format!("\\set m {n} +"), &format!("\\set m {spread} +"));
        let floor = self.floor(&[script])?;
        self.ratio("hand-over action", writes.receive, floor, 0.4);
        Ok(())
    }

    fn sqlite_floors(&mut self, server: Running, get: f64, writes: &Writes, last: u64) -> Result<()> {
        let people = People::sign_in(&server, &self.database)?;
        let lead = people.officers.keys().next().context("a unit")?;
        let mut templates = Vec::new();
        for submit in [false, true] {
            let made = people.office.post("/matters", None, &format!("bench-floor-{}", Uuid::now_v7()), &creation(lead, submit))?;
            templates.push(made["id"].as_str().context("an id")?.parse::<Uuid>()?);
        }
        drop(server);
        let Database::Sqlite(path) = &self.database else { bail!("not SQLite") };
        let path = path.display().to_string();
        let mut dice = Dice(7);
        let paths: Vec<Request> = (0..4000).map(|_| Request::get(format!("/matters/{}", 1 + dice.below(last)), "")).collect();
        let write = [Request { method: "POST", path: "/matters".into(), token: String::new(), version: None, body: Some(json!({})) }];
        for (template, name, rate) in [(templates[0], "create a draft", writes.draft), (templates[1], "create and hand out", writes.create)] {
            let bare = Running::floor(&path, Some(template), None, self.dir.path())?;
            if name == "create a draft" {
                let floor = self.load(&bare, self.options.connections, &paths)?;
                self.report.add(
                    "GET one matter, of one prepared statement",
                    get / floor.per_second,
                    Goal::None,
                    format!("{:.0} per second", floor.per_second),
                );
            }
            let floor = self.load(&bare, self.options.connections, &write)?;
            self.ratio(name, rate, floor.per_second, 0.5);
        }
        Ok(())
    }

    /// What the database does by itself, transactions a second.
    fn floor(&self, scripts: &[String]) -> Result<f64> {
        let Database::Postgres { url, bin } = &self.database else { bail!("not PostgreSQL") };
        Pgbench { bin, url, dir: self.dir.path(), seconds: self.options.seconds }.best(scripts, CLIENTS)
    }

    fn ratio(&mut self, name: &str, ours: f64, floor: f64, least: f64) {
        self.report.add(format!("{name}, of the floor"), ours / floor, Goal::AtLeast(least), format!("{ours:.0} of {floor:.0} per second"));
    }
}

struct Writes {
    draft: f64,
    create: f64,
    receive: f64,
}

fn inboxes(people: &People) -> Vec<Request> {
    people.officers.values().map(|person| Request::get("/api/v1/matters?box=todo&limit=50", &person.token)).collect()
}

fn searches(people: &People) -> Vec<Request> {
    let officers: Vec<&Person> = people.officers.values().collect();
    let asked = pairs();
    // Each word by many, and by the office, which sees all.
    (0..asked.len() * 8)
        .map(|at| {
            let token = if at % 8 == 0 { &people.office.token } else { &officers[(at * 13) % officers.len()].token };
            Request::get(format!("/api/v1/search?q={}", escaped(&asked[at % asked.len()])), token)
        })
        .collect()
}

/// By the office alone and of so few that the page is full in a small city, too: the cost of the same answer.
fn searches_of_all(people: &People) -> Vec<Request> {
    pairs().iter().map(|word| Request::get(format!("/api/v1/search?limit=20&q={}", escaped(word)), &people.office.token)).collect()
}

fn escaped(word: &str) -> String {
    word.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A task for a unit.
fn creation(lead: &str, submit: bool) -> Value {
    json!({
        "kind": "work_item", "domains": ["other"], "not_secret": true, "submit": submit, "title": "",
        "body": {
            "content": format!("对重点区域开展联合排查，建立台账并按月通报整改情况（{lead}）"), "origin": "key_points", "origin_ref": "年度工作要点第三条",
            "lead_unit": lead,
            "co_units": [], "due_kind": "date", "due_date": "2027-06-30", "deliverables": [], "progress_cycle": "none",
        },
    })
}

fn drafts(people: &People) -> Vec<Request> {
    creations(people, people.officers.len(), false)
}

/// New tasks for the first so many units.
fn creations(people: &People, units: usize, submit: bool) -> Vec<Request> {
    let request = |lead: &String| Request {
        method: "POST",
        path: "/api/v1/matters".into(),
        token: people.office.token.clone(),
        version: None,
        body: Some(creation(lead, submit)),
    };
    people.officers.keys().take(units).map(request).collect()
}
