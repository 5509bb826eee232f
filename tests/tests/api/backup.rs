//! A backup made while the server runs, put back elsewhere, and refused when damaged.

use crate::{
    drill::{Sent, check, finish, worked},
    setup, work_item,
};
use std::{
    fs,
    io::{Read, Write},
    path::Path,
    process::Output,
    thread,
    time::Duration,
};
use tests::{City, city, command_line, postgres_database, sql};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

/// An empty place on the engine of this run: its address and data folder.
fn empty_place(folder: &Path) -> (String, std::path::PathBuf) {
    fs::create_dir_all(folder).expect("a folder can be made");
    let data = folder.join("data");
    let url = match std::env::var("LIANDONG_TEST_DATABASE").as_deref() {
        Ok("postgres") => postgres_database(folder).expect("a database can be made"),
        _ => format!("sqlite://{}", folder.join("restored.sqlite").display()),
    };
    (url, data)
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The archive with one part changed by `change`, or left out when it gives nothing.
fn altered(from: &Path, to: &Path, part: &str, change: impl Fn(Vec<u8>) -> Option<Vec<u8>>) {
    let mut archive = ZipArchive::new(fs::File::open(from).expect("the backup")).expect("a zip");
    let mut writer = ZipWriter::new(fs::File::create(to).expect("a file"));
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).expect("a part");
        let (name, mut bytes) = (entry.name().to_owned(), Vec::new());
        entry.read_to_end(&mut bytes).expect("a part can be read");
        let kept = if name.starts_with(part) { change(bytes) } else { Some(bytes) };
        if let Some(bytes) = kept {
            writer.start_file(name, SimpleFileOptions::default()).expect("a part");
            writer.write_all(&bytes).expect("a part can be written");
        }
    }
    writer.finish().expect("the archive");
}

#[test]
fn what_was_backed_up_comes_back() {
    let city = city();
    let id = work_item::handed_out("备份测试：检查水库值守制度");
    let officer = city.person("df-market.liaison_officer");
    let file = officer.upload(&format!("/matters/{id}/attachments"), "值守.txt", "值守安排".as_bytes().to_vec());
    assert!(file.status < 300, "{file}");
    let backup = city.file("city.backup");
    let path = backup.to_string_lossy().into_owned();
    setup::run(city, &["backup", &path]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&backup).expect("the backup").permissions().mode() & 0o777, 0o600);
    }
    let again = city.command_line(&["backup", &path]).expect("the program starts");
    assert!(!again.status.success() && said(&again).contains("is there already"), "{}", said(&again));

    // Damaged in any part: refused by the part's name, and nothing is written.
    let (url, data) = empty_place(&city.file("elsewhere"));
    let database = if url.starts_with("postgres") { "database.pgdump" } else { "database.sqlite" };
    let flip = |mut bytes: Vec<u8>| {
        let middle = bytes.len() / 2;
        if let Some(byte) = bytes.get_mut(middle) {
            *byte ^= 1;
        }
        Some(bytes)
    };
    let broken = city.file("broken.backup");
    let broken_path = broken.to_string_lossy().into_owned();
    for part in [database, "signing-key.pem", "attachments/"] {
        altered(&backup, &broken, part, flip);
        let refused = command_line(&url, &data, &["restore", &broken_path]).expect("the program starts");
        assert!(!refused.status.success() && said(&refused).contains(part) && said(&refused).contains("digest"), "{part}: {}", said(&refused));
    }
    altered(&backup, &broken, database, |_| None);
    let refused = command_line(&url, &data, &["restore", &broken_path]).expect("the program starts");
    assert!(said(&refused).contains(&format!("{database} is missing")), "{}", said(&refused));
    let mut cut = fs::read(&backup).expect("the backup");
    cut.truncate(cut.len() / 2);
    fs::write(&broken, cut).expect("a file can be written");
    assert!(!command_line(&url, &data, &["restore", &broken_path]).expect("the program starts").status.success());
    assert!(!data.join("signing-key.pem").exists(), "a damaged backup touches nothing");

    // Whole: everything is there and verifies, with the same key.
    let restored = command_line(&url, &data, &["restore", &path]).expect("the program starts");
    assert!(restored.status.success() && said(&restored).contains("events verified"), "{}", said(&restored));
    let key = |dir: &Path| fs::read(dir.join("signing-key.pem")).expect("a key");
    assert_eq!(key(&data), key(&city.data_dir));
    let names = |dir: &Path| {
        let mut names: Vec<_> = fs::read_dir(dir.join("attachments")).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
        names.sort();
        names
    };
    // The city goes on meanwhile: what it has by now holds what was copied.
    let (copied, now) = (names(&data), names(&city.data_dir));
    assert!(!copied.is_empty() && copied.iter().all(|name| now.contains(name)));
    let checked = command_line(&url, &data, &["conservation"]).expect("the program starts");
    assert!(checked.status.success(), "{}", said(&checked));

    // A full place is refused without --force.
    let full = command_line(&url, &data, &["restore", &path]).expect("the program starts");
    assert!(!full.status.success() && said(&full).contains("--force"), "{}", said(&full));
    let forced = command_line(&url, &data, &["restore", &path, "--force"]).expect("the program starts");
    assert!(forced.status.success(), "{}", said(&forced));
    officer.get(&format!("/matters/{id}")).ok();
}

#[test]
fn a_database_in_use_is_not_replaced() {
    let city = City::empty().expect("an empty city starts");
    if city.database_url.starts_with("postgres") {
        return; // PostgreSQL itself keeps a restore and open connections apart.
    }
    setup::run(&city, &["admin", "create-jurisdiction", "--code", "df", "--name", "登封市", "--name-en", "Dengfeng"]);
    let path = city.file("city.backup").to_string_lossy().into_owned();
    setup::run(&city, &["backup", &path]);
    let in_use = city.command_line(&["restore", &path, "--force"]).expect("the program starts");
    assert!(!in_use.status.success() && said(&in_use).contains("stop the server"), "{}", said(&in_use));
    assert_eq!(city.get_outside("/readyz", |request| request).status, 200);
}

/// Restores; gives what was said.
#[track_caller]
fn restored(url: &str, data: &Path, backup: &str) -> String {
    let output = command_line(url, data, &["restore", backup]).expect("the program starts");
    assert!(output.status.success() && said(&output).contains("events verified"), "{}", said(&output));
    let checked = command_line(url, data, &["conservation"]).expect("the program starts");
    assert!(checked.status.success(), "{}", said(&checked));
    said(&output)
}

#[test]
fn a_backup_made_while_people_work_is_of_one_moment() {
    let city = City::start().expect("a city starts");
    let path = city.file("at-work.backup").to_string_lossy().into_owned();
    let mut before = worked(&[&city], || thread::sleep(Duration::from_millis(400)));
    finish(&city, &mut before);
    let during = worked(&[&city], || {
        setup::run(&city, &["backup", &path]);
    });
    assert!(during.len() > 4, "people worked meanwhile: {}", during.len());
    let (url, data) = empty_place(&city.file("elsewhere"));
    restored(&url, &data, &path);
    // All that was answered before is in it; of what came meanwhile, each change whole or not at all, as the checks above say.
    let count = |of: &str, what: &str| -> usize { sql(of, what).expect("a count").parse().expect("a number") };
    let tasks = "SELECT count(*) FROM matter WHERE title LIKE '断电演练%'";
    let (there, then) = (count(&url, tasks), before.iter().filter(|sent| sent.path == "/matters").count());
    assert!((then..=count(&city.database_url, tasks)).contains(&there), "{there} of {then}");
    let mut all = before;
    all.extend(during);
    finish(&city, &mut all);
    check(&city, &all);
}

#[test]
#[ignore = "needs PostgreSQL"]
fn a_city_that_outgrows_its_file_moves_into_postgresql() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("liandong.sqlite");
    let small = City::at(&format!("sqlite://{}?mode=rwc", file.display()), None, &[]).expect("a city starts");
    let mut log = worked(&[&small], || thread::sleep(Duration::from_millis(500)));
    finish(&small, &mut log);
    let known = log.iter().find_map(|sent| sent.answer.as_ref()?.1["id"].as_str().map(str::to_owned)).expect("a task");
    let officer = small.person("df-market.liaison_officer");
    officer.upload(&format!("/matters/{known}/attachments"), "随库搬迁.txt", "随库搬迁".as_bytes().to_vec()).ok();
    let path = small.file("small.backup").to_string_lossy().into_owned();
    setup::run(&small, &["backup", &path]);

    let (url, data) = empty_place(&small.file("large"));
    assert!(url.starts_with("postgres"));
    let moved = restored(&url, &data, &path);
    assert!(moved.contains("attachments"), "{moved}");
    // Every table has what it had.
    let tables =
        sql(&url, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'seaql_migrations'")
            .expect("the tables");
    assert!(tables.lines().count() > 30, "{tables}");
    // Ranges of the search are PostgreSQL's own.
    for table in tables.lines().filter(|table| *table != "search_range") {
        let count = |of: &str| sql(of, &format!("SELECT count(*) FROM {table}")).expect("a count");
        // The server writes down what it does of itself, such as sessions, while the copy is compared.
        assert_eq!(count(&url), count(&small.database_url), "{table}");
    }
    // References between tables are kept, as in a database that was PostgreSQL's from the first.
    let (fresh, _) = empty_place(&small.file("fresh"));
    let references =
        "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint WHERE contype = 'f' ORDER BY 1, 2";
    assert_eq!(sql(&url, references), sql(&fresh, references));
    // A second time, or into a place that has something, it is refused; the way back is none.
    let again = command_line(&url, &data, &["restore", &path]).expect("the program starts");
    assert!(!again.status.success() && said(&again).contains("--force"), "{}", said(&again));

    // People go on there: with their passwords, their boxes and their search.
    let large = City::at(&url, Some(&data), &[]).expect("the server starts on what was moved");
    for (person, box_name) in [("df-market.liaison_officer", "todo"), ("df-justice.coordinator", "mine")] {
        let ids = |city: &City| -> Vec<String> {
            city.person(person).all(&format!("/matters?box={box_name}&limit=200")).iter().map(|item| item["id"].to_string()).collect()
        };
        assert_eq!(ids(&large), ids(&small), "{person}");
    }
    let mut next = Sent::task("搬迁之后");
    next.to(&large);
    let (status, matter) = next.answer.clone().expect("an answer");
    assert_eq!(status, 201, "{matter:#}");
    let found = large.person("df-market.liaison_officer").all("/matters?q=断电演练&limit=200");
    assert!(found.iter().any(|item| item["id"] == known.as_str()) && found.iter().any(|item| item["id"] == matter["id"]), "{}", found.len());
    log.push(next);
    check(&large, &log);

    let back = large.file("large.backup").to_string_lossy().into_owned();
    setup::run(&large, &["backup", &back]);
    let refused =
        command_line(&format!("sqlite://{}?mode=rwc", folder.path().join("back.sqlite").display()), &folder.path().join("back"), &["restore", &back]);
    let refused = refused.expect("the program starts");
    assert!(!refused.status.success() && said(&refused).contains("the backup is of postgres"), "{}", said(&refused));
}
