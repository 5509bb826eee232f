//! A backup made while the server runs, put back elsewhere, and refused when damaged.

use crate::{setup, work_item};
use std::{
    fs,
    io::{Read, Write},
    path::Path,
    process::Output,
};
use tests::{City, city, command_line, postgres_database};
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
