//! One program replaced by the next on several nodes while people work (docs/adr/0008). The next program's schema is made by hand: to this
//! program a migration is its name and what it did, whoever applied it.

use crate::work_item::body;
use reqwest::blocking::Client;
use serde_json::{Value, json};
use std::{
    process::{Command, Stdio},
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};
use tests::{City, command_line, soon};

const FLAGS: &[&str] = &["--drain-seconds", "2"];

/// Sends people to the nodes that say they are ready, as a proxy does that asks every node.
#[derive(Default)]
struct Balancer {
    nodes: Mutex<Vec<String>>,
    ready: RwLock<Vec<String>>,
    turn: AtomicUsize,
    over: AtomicBool,
}

impl Balancer {
    fn watch(&self) {
        let client = Client::builder().timeout(Duration::from_secs(1)).build().expect("a client");
        while !self.over.load(Ordering::Relaxed) {
            let nodes = self.nodes.lock().expect("no panic").clone();
            let ready = nodes.into_iter().filter(|node| client.get(format!("{node}/readyz")).send().is_ok_and(|answer| answer.status().is_success()));
            *self.ready.write().expect("no panic") = ready.collect();
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn next(&self) -> Option<String> {
        let ready = self.ready.read().expect("no panic");
        let at = self.turn.fetch_add(1, Ordering::Relaxed).checked_rem(ready.len())?;
        ready.get(at).cloned()
    }
}

/// What people met.
#[derive(Default)]
struct Met {
    created: Mutex<Vec<String>>,
    /// What must not be.
    faults: Mutex<Vec<String>>,
    /// Sent to another node: the first one did not listen any more, or said so.
    moved: AtomicUsize,
}

impl Met {
    /// Sends until a node takes it; gives the answer's status and body.
    fn send(&self, balancer: &Balancer, build: impl Fn(&str) -> reqwest::blocking::RequestBuilder) -> Option<(u16, Value)> {
        for _ in 0..100 {
            let Some(node) = balancer.next() else {
                self.faults.lock().expect("no panic").push("no node was ready".into());
                thread::sleep(Duration::from_millis(50));
                continue;
            };
            match build(&node).send() {
                Ok(answer) if answer.status().as_u16() == 503 && answer.headers().contains_key("retry-after") => {
                    self.moved.fetch_add(1, Ordering::Relaxed);
                }
                Ok(answer) => {
                    let status = answer.status().as_u16();
                    match answer.json() {
                        Ok(body) => return Some((status, body)),
                        Err(error) => self.faults.lock().expect("no panic").push(format!("{node}: half an answer: {error}")),
                    }
                }
                Err(error) if error.is_connect() => {
                    self.moved.fetch_add(1, Ordering::Relaxed);
                }
                Err(error) => self.faults.lock().expect("no panic").push(format!("{node}: no answer: {error:?}")),
            }
        }
        None
    }

    /// Makes a matter and reads it, on whichever nodes, until it is over.
    fn work(&self, balancer: &Balancer, token: &str, new: &Value, who: usize) {
        let client = Client::builder().timeout(Duration::from_secs(30)).build().expect("a client");
        for n in 0.. {
            if balancer.over.load(Ordering::Relaxed) {
                return;
            }
            let key = format!("upgrade-under-load-{who}-{n}");
            let made = self
                .send(balancer, |node| client.post(format!("{node}/api/v1/matters")).bearer_auth(token).header("idempotency-key", &key).json(new));
            let Some((201, made)) = made else {
                self.faults.lock().expect("no panic").push(format!("not created: {made:?}"));
                continue;
            };
            let id = made["id"].as_str().unwrap_or_default().to_owned();
            let read = self.send(balancer, |node| client.get(format!("{node}/api/v1/matters/{id}")).bearer_auth(token));
            if !read.as_ref().is_some_and(|(status, body)| *status == 200 && body["id"] == made["id"]) {
                self.faults.lock().expect("no panic").push(format!("{id} was created and is not there: {read:?}"));
            }
            self.created.lock().expect("no panic").push(id);
        }
    }
}

fn status(city: &City, path: &str) -> u16 {
    city.get_outside(path, |request| request).status
}

#[test]
#[ignore = "two nodes need PostgreSQL"]
fn nodes_are_replaced_one_after_another_under_load() {
    let first = City::with_flags(FLAGS).expect("a node starts");
    let second = first.second_node(FLAGS, &[]).expect("a second node starts");
    let office = first.person("df-justice.coordinator");
    let content = "换程序时照常交办的任务";
    let new = json!({ "kind": "work_item", "body": body(&office, content), "domains": ["other"], "not_secret": true, "submit": true });
    let token = office.token();
    let balancer = Arc::new(Balancer { nodes: Mutex::new(vec![first.base.clone(), second.base.clone()]), ..Balancer::default() });
    let met = Arc::new(Met::default());
    let watch = thread::spawn({
        let balancer = balancer.clone();
        move || balancer.watch()
    });
    soon(Duration::from_secs(10), "both nodes are ready", || balancer.ready.read().expect("no panic").len() == 2);
    let people: Vec<_> = (0..4)
        .map(|who| {
            let (balancer, met, token, new) = (balancer.clone(), met.clone(), token.clone(), new.clone());
            thread::spawn(move || met.work(&balancer, &token, &new, who))
        })
        .collect();
    let made = || met.created.lock().expect("no panic").len();
    soon(Duration::from_secs(30), "work is under way", || made() > 8);

    // The next program adds: older ones go on.
    let newest = first.sql("SELECT substr(max(version), 2, 4) FROM seaql_migrations").expect("the statement runs");
    first
        .sql(&format!(
            "BEGIN; SET LOCAL lock_timeout = '10s';
             ALTER TABLE matter ADD COLUMN area_id uuid;
             CREATE TABLE area (id uuid PRIMARY KEY, name text NOT NULL);
             INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9998_areas__beside_{newest}', 0);
             COMMIT"
        ))
        .expect("it is applied under load");
    let before = made();
    soon(Duration::from_secs(30), "older programs work on", || made() > before + 8);

    let replace = |old: &City, staying: &City| -> City {
        assert!(Command::new("kill").args(["-TERM", &old.server_pid()]).status().expect("kill").success());
        let pid = old.server_pid();
        soon(Duration::from_secs(25), "the old node ends", || !std::path::Path::new(&format!("/proc/{pid}/exe")).exists());
        let log = old.log();
        assert!(!log.contains("ERROR"), "{log}");
        let new = staying.second_node(FLAGS, &[]).expect("the next program starts");
        let mut nodes = balancer.nodes.lock().expect("no panic");
        nodes.retain(|node| *node != old.base);
        nodes.push(new.base.clone());
        new
    };
    let third = replace(&second, &first);
    let before = made();
    soon(Duration::from_secs(30), "both work on", || made() > before + 8);
    let fourth = replace(&first, &third);
    let before = made();
    soon(Duration::from_secs(30), "the new ones work on", || made() > before + 8);
    balancer.over.store(true, Ordering::Relaxed);
    for thread in people {
        thread.join().expect("a person's work ends");
    }
    watch.join().expect("the balancer ends");

    assert_eq!(*met.faults.lock().expect("no panic"), Vec::<String>::new());
    let created = met.created.lock().expect("no panic").clone();
    let office = fourth.person("df-justice.coordinator");
    let there = office.all(&format!("/matters?q={content}&limit=200"));
    assert_eq!(there.len(), created.len(), "each once");
    assert!(created.iter().all(|id| there.iter().any(|matter| matter["id"] == json!(id))));
    assert_eq!(office.get("/conservation").ok()["violations"], json!([]));
    assert_eq!(fourth.person("df-justice.audit_admin").post("/audit/verify", &json!({})).ok()["fault"], Value::Null);
    println!("{} matters made, {} requests sent to another node", created.len(), met.moved.load(Ordering::Relaxed));

    // What removes asks for programs that know what it removes from: none of these.
    assert_eq!(status(&third, "/readyz"), 200);
    third.sql("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_no_zones__after_9998', 0)").expect("the statement runs");
    soon(Duration::from_secs(5), "they say that they can't go on", || status(&fourth, "/readyz") == 503 && status(&third, "/readyz") == 503);
    let refused = third.command_line(&["migrate"]).expect("the program starts");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("newer than this program: m9999_no_zones__after_9998"), "{said}");
}

#[test]
#[ignore = "a SQLite file has one server"]
fn a_migration_does_not_break_an_older_program_that_serves() {
    let city = City::empty().expect("an empty city starts");
    let newest =
        city.sql("DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations) RETURNING version").expect("it runs");
    let number: u32 = newest.get(1..5).and_then(|digits| digits.parse().ok()).expect("a number");
    let psql = std::env::var_os("LIANDONG_TEST_PSQL").unwrap_or_else(|| "psql".into());
    let mut older = Command::new(psql)
        .arg(&city.database_url)
        .env("PGAPPNAME", format!("liandong/{}", number - 1))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("psql starts");
    let known = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'liandong/{}'", number - 1);
    soon(Duration::from_secs(5), "the older program is connected", || city.sql(&known).as_deref() == Ok("1"));
    let migrate = || command_line(&city.database_url, &city.data_dir, &["migrate"]).expect("the program starts");
    let refused = migrate();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains(&newest) && said.contains("stop them first"), "{said}");
    assert_eq!(city.sql(&format!("SELECT count(*) FROM seaql_migrations WHERE version = '{newest}'")).as_deref(), Ok("0"), "nothing was changed");
    older.kill().expect("it ends");
    older.wait().expect("it ends");
    soon(Duration::from_secs(5), "it has gone", || city.sql(&known).as_deref() == Ok("0"));
    // Its tables are there already, so it gets further only to fail on them: what held it is gone.
    let said = String::from_utf8_lossy(&migrate().stderr).into_owned();
    assert!(said.contains("already exists"), "{said}");
}
