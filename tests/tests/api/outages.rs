//! What a city stands on fails for a while: PostgreSQL restarts, the disk is full, the clock is set back. The server goes on by itself.

use crate::drill::{OFFICE, OFFICER, Sent, check, finish, times, worked};
use cluster::{Cluster, Keeping, Stop, machine};
use serde_json::json;
use std::{
    fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};
use tests::{City, on_postgres};

/// A database on a cluster of its own, which others are not disturbed by.
fn database_of(cluster: &Cluster, options: &str) -> String {
    let made = Command::new(cluster.psql())
        .arg(cluster.url("postgres"))
        .args(["--quiet", "--no-psqlrc", "--command", &format!("CREATE DATABASE city {options}")])
        .status();
    assert!(made.is_ok_and(|status| status.success()), "a database can be made");
    cluster.url("city")
}

#[test]
#[ignore = "restarts PostgreSQL"]
fn postgresql_restarted_while_people_work_costs_patience_only() {
    let mut cluster = Cluster::start(Keeping::Committed).expect("a cluster starts");
    let city = City::at(&database_of(&cluster, ""), None, &[]).expect("a city starts");
    let mut log = Vec::new();
    for round in 0..times(2, 20) {
        let how = if round % 2 == 0 { Stop::Fast } else { Stop::Immediate };
        let mut sent = worked(&[&city], || {
            thread::sleep(Duration::from_millis(500));
            cluster.restart(how, Duration::from_millis(200)).expect("PostgreSQL starts again");
            thread::sleep(Duration::from_millis(700));
        });
        for one in &sent {
            assert!(one.answer.is_some(), "a connection broke: {one:?}");
            assert!(one.took < Duration::from_secs(15), "{:?}: {one:?}", one.took);
        }
        assert!(sent.last().is_some_and(Sent::is_settled), "it did not recover by itself: {:?}", sent.last());
        finish(&city, &mut sent);
        log.append(&mut sent);
    }
    check(&city, &log);
}

/// A small disk in memory, gone with the value.
struct SmallDisk {
    dir: PathBuf,
}

/// A program that only root may use.
fn as_root(program: &str) -> Command {
    if machine::is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["-n", program]);
    command
}

impl SmallDisk {
    fn mount(dir: PathBuf, size: &str) -> Self {
        fs::create_dir_all(&dir).expect("a folder");
        let mounted = as_root("mount").args(["-t", "tmpfs", "-o", &format!("size={size},mode=0777"), "tmpfs"]).arg(&dir).status();
        assert!(
            mounted.is_ok_and(|status| status.success()),
            "a small disk is a tmpfs, which only root may mount: run as root, or allow `sudo -n mount`"
        );
        Self { dir }
    }

    fn ballast(&self) -> PathBuf {
        self.dir.join("ballast")
    }

    /// Takes all that is free.
    fn fill(&self) {
        let mut file = fs::File::create(self.ballast()).expect("a file");
        for piece in [1 << 20, 1 << 12] {
            let zeros = vec![0; piece];
            let full = loop {
                if let Err(error) = file.write_all(&zeros) {
                    break error;
                }
            };
            assert_eq!(full.kind(), ErrorKind::StorageFull, "{full}");
        }
    }

    fn free(&self) {
        fs::remove_file(self.ballast()).expect("the ballast is there");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = as_root("umount").arg("--lazy").arg(&self.dir).status();
    }
}

/// A city whose database and files lie on a small disk, PostgreSQL's log apart.
fn city_on(disk: &SmallDisk, cluster: Option<&Cluster>) -> City {
    let Some(cluster) = cluster else {
        let url = format!("sqlite://{}?mode=rwc", disk.dir.join("liandong.sqlite").display());
        return City::at(&url, Some(&disk.dir.join("data")), &[]).expect("a city starts");
    };
    let space = disk.dir.join("space");
    fs::create_dir(&space).expect("a folder");
    cluster.give(&space).expect("the folder is PostgreSQL's");
    let made = Command::new(cluster.psql())
        .arg(cluster.url("postgres"))
        .args(["--quiet", "--no-psqlrc", "--command", &format!("CREATE TABLESPACE small LOCATION '{}'", space.display())])
        .status();
    assert!(made.is_ok_and(|status| status.success()), "a tablespace can be made");
    City::at(&database_of(cluster, "TABLESPACE small"), Some(&disk.dir.join("data")), &[]).expect("a city starts")
}

#[test]
fn a_full_disk_stops_changes_and_nothing_else() {
    let cluster = on_postgres().then(|| Cluster::start(Keeping::Committed).expect("a cluster starts"));
    let folder = tempfile::Builder::new().prefix("liandong-small-").tempdir().expect("a folder");
    open_to_all(folder.path());
    let disk = SmallDisk::mount(folder.path().join("disk"), "96m");
    let city = city_on(&disk, cluster.as_ref());
    let mut log = worked(&[&city], || thread::sleep(Duration::from_millis(500)));
    assert!(log.iter().all(Sent::is_settled), "nothing is wrong yet");
    let known = log.iter().find_map(|sent| sent.answer.as_ref()?.1["id"].as_str().map(str::to_owned)).expect("a task");
    let (office, officer) = (city.person(OFFICE), city.person(OFFICER));
    for _ in 0..times(1, 5) {
        disk.fill();
        // What was taken from the disk before, such as the log of SQLite, holds some more.
        let mut refused = Sent::task("磁盘已满");
        for round in 0.. {
            assert!(round < 3000, "the disk is never full");
            refused = Sent::task("磁盘已满");
            refused.to(&city);
            if !refused.is_settled() {
                break;
            }
            log.push(refused.clone());
        }
        assert_eq!(refused.answer.as_ref().map(|(status, _)| *status), Some(503), "{refused:?}");
        officer.upload(&format!("/matters/{known}/attachments"), "满.txt", vec![b'x'; 200_000]).problem(503, "unavailable");
        assert_eq!(office.matter(&known)["id"], known.as_str());
        office.get("/matters?box=mine&limit=50").ok();
        office.get("/matters?q=断电演练").ok();
        officer.get("/matters/counts").ok();
        assert_eq!(city.get_outside("/healthz", |request| request).status, 200);
        disk.free();
        let mut sent = vec![refused];
        let begun = Instant::now();
        while !sent.last().is_some_and(Sent::is_settled) {
            assert!(begun.elapsed() < Duration::from_secs(15), "changes do not go on by themselves: {:?}", sent.last());
            let mut next = Sent::task("磁盘已清理");
            next.to(&city);
            sent.push(next);
        }
        finish(&city, &mut sent);
        log.append(&mut sent);
        officer.upload(&format!("/matters/{known}/attachments"), "有空.txt", vec![b'x'; 200_000]).ok();
    }
    check(&city, &log);
}

/// PostgreSQL runs as a user of its own, who must get to the folder.
fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("the folder is ours");
}

/// What the server's program sees of the time: an offset to the machine's clock, read from a file.
struct Clock {
    file: PathBuf,
    library: PathBuf,
}

impl Clock {
    fn new(folder: &Path) -> Self {
        let libraries = fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path().join("faketime/libfaketimeMT.so.1"));
        let library = libraries.into_iter().find(|path| path.is_file()).expect("faketime is installed");
        let clock = Self { file: folder.join("clock"), library };
        clock.set("+0");
        clock
    }

    fn set(&self, offset: &str) {
        fs::write(&self.file, offset).expect("the file can be written");
    }
}

#[test]
fn a_clock_set_back_disturbs_no_order_and_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Clock::new(folder.path());
    let (library, file) = (clock.library.to_string_lossy(), clock.file.to_string_lossy());
    let environment = [
        ("LD_PRELOAD", library.as_ref()),
        ("FAKETIME_TIMESTAMP_FILE", file.as_ref()),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    let city = City::with_environment(&environment).expect("a city starts");
    let (office, officer) = (city.person(OFFICE), city.person(OFFICER));
    let made = |text: &str| {
        let mut sent = Sent::task(text);
        sent.to(&city);
        let (status, matter) = sent.answer.clone().expect("an answer");
        assert_eq!(status, 201, "{sent:?}");
        (sent, matter)
    };
    let hour = |matter: &serde_json::Value| matter["created_at"].as_str().unwrap_or_default()[..13].to_owned();
    let cookie = crate::sign_in::cookie(&city.login("df-market.handler", tests::PASSWORD));
    let (first, before) = made("拨回之前");
    let page = office.get("/matters?limit=1").ok();
    let stream = officer.listen();
    let last =
        office.all(&format!("/matters/{}/events", before["id"].as_str().unwrap_or_default())).iter().map(|event| event["id"].to_string()).max();

    clock.set("-1h");
    let (second, after) = made("拨回之后");
    assert!(hour(&after) < hour(&before), "the clock was not set back: {after:#}");
    // Ids and numbers go on from where they were, and with them cursors, streams and the order of events.
    assert!(after["id"].as_str() > before["id"].as_str());
    assert!(after["number"].as_str() > before["number"].as_str(), "{} {}", after["number"], before["number"]);
    assert!(stream.tells(after["id"].as_str().unwrap_or_default(), Duration::from_secs(5)));
    let missed = last.as_deref().map(|last| last.trim_matches('"').to_owned()).unwrap_or_default();
    let again = city.listen_since(&officer.token(), &missed);
    assert!(again.tells(after["id"].as_str().unwrap_or_default(), Duration::from_secs(5)), "what came after the last event known");
    let mut cursor = page["next"].as_str().map(str::to_owned);
    let mut seen = vec![page["items"][0]["id"].to_string()];
    while let Some(next) = cursor {
        let page = office.get(&format!("/matters?limit=100&cursor={next}")).ok();
        seen.extend(page["items"].as_array().into_iter().flatten().map(|item| item["id"].to_string()));
        cursor = page["next"].as_str().map(str::to_owned);
    }
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), all, "a page repeats what another had");
    // Signed in before or now, everybody goes on; what was to end an hour later does.
    officer.get("/me").ok();
    let renewed = city.send("POST", "/auth/refresh", |request| request.header("cookie", &cookie));
    assert_eq!(renewed.status, 200, "{renewed}");
    city.forget_tokens();
    officer.get("/me").ok();
    // A matter's own times never go back, and its limit is the one it was given.
    let received = officer.act(before["id"].as_str().unwrap_or_default(), "receive", json!({})).ok();
    assert!(received["updated_at"].as_str() >= before["updated_at"].as_str(), "{received:#}");
    let due = |matter: &serde_json::Value| matter["due_at"].clone();
    assert_eq!(
        due(&office.matter(first.answer.as_ref().map(|(_, matter)| matter["id"].as_str().unwrap_or_default()).unwrap_or_default())),
        due(&received)
    );
    let times: Vec<String> =
        officer.all(&format!("/matters/{}/events", before["id"].as_str().unwrap_or_default())).iter().map(|event| event["at"].to_string()).collect();
    assert!(times.is_sorted() || times.iter().rev().is_sorted(), "{times:?}");

    clock.set("+0");
    // Tokens of ten minutes, given an hour ago as it is now.
    city.forget_tokens();
    let (third, _) = made("拨正之后");
    let mut log = vec![first, second, third];
    log.append(&mut worked(&[&city], || thread::sleep(Duration::from_millis(500))));
    finish(&city, &mut log);
    check(&city, &log);
}
