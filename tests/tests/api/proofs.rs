//! What is handed out proves itself: on a machine without the database, and against the one who runs it.

use crate::work_item::handed_out;
use ed25519_dalek::{Signer, SigningKey, pkcs8::DecodePrivateKey};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement, prelude::DateTimeUtc, prelude::Uuid};
use serde_json::{Value, json};
use sm3::{Digest, Sm3};
use std::{io::Read, path::Path};
use tests::{Person, city};

/// Nothing answers here: what needs no database must not ask for one.
const NOWHERE: &str = "postgres://nobody@127.0.0.1:9/nothing";

fn officer() -> Person<'static> {
    city().person("df-market.liaison_officer")
}

/// `liandong verify …` on a database: whether all was well, and what was said.
fn verify_on(database: &str, arguments: &[&str]) -> (bool, String) {
    let output = city().command_line_on(database, &[&["verify"], arguments].concat()).expect("`liandong verify` starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() || output.status.code() == Some(1), "{:?}: {said}", output.status);
    (output.status.success(), said)
}

fn verify_file(file: &Path, more: &[&str]) -> (bool, String) {
    let name = file.to_string_lossy().into_owned();
    verify_on(NOWHERE, &[&[name.as_str()], more].concat())
}

/// A matter with a file, a comment, and a note that is nobody else's business; and its dossier as the market bureau gets it.
#[track_caller]
fn dossier() -> (String, Vec<u8>) {
    let id = handed_out("整理成卷并可离线核验的任务");
    officer().act(&id, "receive", json!({})).ok();
    officer().upload(&format!("/matters/{id}/attachments"), "检查 记录.txt", "现场检查了三家企业。".as_bytes().to_vec()).ok();
    officer().post(&format!("/matters/{id}/comments"), &json!({ "text": "材料已经上传。" })).ok();
    city().person("df-justice.coordinator").post(&format!("/matters/{id}/notes"), &json!({ "text": "此条备忘仅限本单位" })).ok();
    let answer = officer().get(&format!("/matters/{id}/dossier.zip"));
    assert_eq!(answer.status, 200, "{answer}");
    assert_eq!(answer.header("content-type"), "application/zip");
    assert_eq!(answer.header("content-length"), answer.bytes.len().to_string());
    (id, answer.bytes)
}

/// Names of a zip's entries, where their bytes begin in the file, and the bytes.
fn entries(zip: &[u8]) -> Vec<(String, usize, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).expect("any zip program opens it");
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).expect("an entry");
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("whole");
            (entry.name().to_owned(), usize::try_from(entry.data_start()).expect("an offset"), content)
        })
        .collect()
}

fn entry(zip: &[u8], name: &str) -> Value {
    let content = entries(zip).into_iter().find(|(found, ..)| found == name).unwrap_or_else(|| panic!("no {name}")).2;
    serde_json::from_slice(&content).expect("JSON")
}

#[test]
fn a_dossier_verifies_without_the_database() {
    let (id, bytes) = dossier();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("卷宗.zip");
    std::fs::write(&file, &bytes).expect("written");
    let (well, said) = verify_file(&file, &[]);
    assert!(well && said.contains("fingerprint"), "{said}");
    assert!(!said.contains("not sealed"), "all events are sealed: {said}");
    let manifest = entry(&bytes, "manifest.json");
    let key = manifest["key"].as_str().expect("a key");
    assert!(verify_file(&file, &["--key", key]).0);
    let (well, said) = verify_file(&file, &["--key", &"ab".repeat(32)]);
    assert!(!well && said.contains("not with the expected one"), "{said}");
    // It is what the reader sees, and no more.
    let (shown, seen) = (entry(&bytes, "matter.json"), officer().matter(&id));
    for member in ["id", "number", "title", "state", "body", "event_count", "version"] {
        assert_eq!(shown[member], seen[member], "{member}");
    }
    assert_eq!(entry(&bytes, "events.json").as_array().map(Vec::len), seen["event_count"].as_u64().and_then(|count| usize::try_from(count).ok()));
    let (name, _, content) = entries(&bytes).into_iter().find(|(name, ..)| name.starts_with("attachments/")).expect("the attachment");
    assert_eq!(name, format!("attachments/{}-检查 记录.txt", hex::encode(Sm3::digest(&content))));
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(!text.contains("此条备忘"), "notes of another unit stay there");
    // Handing it out left a trace.
    let log = city().person("df-justice.audit_admin").all("/audit?action=dossier_exported&limit=200");
    assert!(log.iter().any(|row| row["label"]["zh"] == "导出卷宗" && row["person"].is_string()), "{log:?}");
}

#[test]
fn one_byte_flipped_is_named() {
    let (_, bytes) = dossier();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("dossier.zip");
    let broken = |at: usize| {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        std::fs::write(&file, changed).expect("written");
        let (well, said) = verify_file(&file, &[]);
        assert!(!well && said.contains("BROKEN"), "byte {at}: {said}");
        said
    };
    for (name, start, content) in entries(&bytes) {
        for at in [start, start + content.len() / 2, start + content.len() - 1] {
            let said = broken(at);
            assert!(said.contains(&name), "byte {at} of {name}: {said}");
        }
        // Its name in front of it.
        broken(start - 1);
    }
    // An event by its number, and a seal by its own.
    let place = |name: &str, text: &str| {
        let (_, start, content) = entries(&bytes).into_iter().find(|(found, ..)| found == name).expect("the entry");
        start + content.windows(text.len()).position(|window| window == text.as_bytes()).unwrap_or_else(|| panic!("no {text} in {name}"))
    };
    assert!(broken(place("events.json", "检查 记录")).contains("event #"), "the upload is named");
    let seal = entry(&bytes, "manifest.json")["seals"][0].clone();
    let said = broken(place("manifest.json", seal["signature"].as_str().expect("a signature")));
    assert!(said.contains(&format!("seal {}:", seal["seq"])), "{said}");
    // The zip's own structure: first byte, directory, end; and something behind.
    for at in [0, 5, bytes.len() - 30, bytes.len() - 1] {
        broken(at);
    }
    std::fs::write(&file, [&bytes[..], b"\0"].concat()).expect("written");
    assert!(!verify_file(&file, &[]).0);
    std::fs::write(&file, &bytes[..bytes.len() - 100]).expect("written");
    assert!(!verify_file(&file, &[]).0);
    std::fs::write(&file, &bytes).expect("written");
    assert!(verify_file(&file, &[]).0, "and whole it is well");
}

#[test]
fn nothing_is_handed_out_to_who_may_not_see_the_matter() {
    let (id, _) = dossier();
    for stranger in ["df-water.handler", "xc-justice.coordinator"] {
        for path in ["dossier.zip", "proof", "documents"] {
            city().person(stranger).get(&format!("/matters/{id}/{path}")).problem(404, "not_found");
        }
    }
    assert_eq!(officer().get(&format!("/matters/{id}/documents")).ok(), json!({ "items": [], "next_cursor": null }));
}

#[test]
fn a_linked_matter_out_of_sight_stays_so_in_the_dossier() {
    let seen = handed_out("与他单位事项有关联的一项任务");
    let office = city().person("df-justice.coordinator");
    let mut body = crate::work_item::body(&office, "只交给水利局的一项任务");
    body["lead_unit"] = json!("df-water");
    let hidden =
        office.post("/matters", &json!({ "kind": "work_item", "title": "", "body": body, "domains": ["other"], "not_secret": true, "submit": true }));
    assert_eq!(hidden.status, 201, "{hidden}");
    let hidden = crate::work_item::id(&hidden.ok());
    assert_eq!(office.post(&format!("/matters/{seen}/links"), &json!({ "matter": hidden, "relation": "same_subject" })).status, 201);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("dossier.zip");
    let bytes = officer().get(&format!("/matters/{seen}/dossier.zip")).bytes;
    assert!(!String::from_utf8_lossy(&bytes).contains(&hidden), "the market bureau doesn't learn of it");
    std::fs::write(&file, &bytes).expect("written");
    let (well, said) = verify_file(&file, &[]);
    assert!(well && said.contains("withheld"), "{said}");
    // Who sees both has the whole.
    let bytes = office.get(&format!("/matters/{seen}/dossier.zip")).bytes;
    assert!(String::from_utf8_lossy(&bytes).contains(&hidden));
    std::fs::write(&file, &bytes).expect("written");
    let (well, said) = verify_file(&file, &[]);
    assert!(well && !said.contains("withheld"), "{said}");
}

#[test]
fn a_proof_shows_that_it_was_there_and_not_what_it_was() {
    let id = handed_out("需要存证证明的一项任务");
    officer().act(&id, "receive", json!({})).ok();
    let answer = officer().get(&format!("/matters/{id}/proof"));
    let proof = answer.ok();
    assert_eq!(proof["matter"], id);
    let events = officer().all(&format!("/matters/{id}/events"));
    assert_eq!(proof["events"], events.len());
    assert_eq!(proof["head"], events[0]["hash"], "the newest event is the head");
    assert!(!answer.text().contains("存证证明的一项"), "contents stay out");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("proof.json");
    std::fs::write(&file, &answer.bytes).expect("written");
    let (well, said) = verify_file(&file, &[]);
    assert!(well && !said.contains("not sealed"), "{said}");
    for at in (0..answer.bytes.len()).step_by(answer.bytes.len() / 12) {
        let mut changed = answer.bytes.clone();
        changed[at] ^= 1;
        std::fs::write(&file, changed).expect("written");
        let (well, said) = verify_file(&file, &[]);
        assert!(!well && said.contains("BROKEN"), "byte {at}: {said}");
    }
}

/// Exports the seals over a matter that has just been sealed.
fn exported(query: &str) -> (String, Value) {
    let id = handed_out("封存后交给双方保管的任务记录");
    officer().get(&format!("/matters/{id}/proof")).ok();
    let answer = city().person("df-justice.audit_admin").get(&format!("/audit/seals.json{query}"));
    (id, answer.ok())
}

#[test]
fn seals_are_for_auditors_and_complete() {
    let (_, file) = exported("");
    let auditor = city().person("df-justice.audit_admin");
    city().person("df-justice.coordinator").get("/audit/seals").problem(403, "permission.denied");
    city().person("df-justice.coordinator").get("/audit/seals.json").problem(403, "permission.denied");
    let exported = file["seals"].as_array().expect("seals");
    let mut listed = auditor.all("/audit/seals?limit=1");
    listed.reverse();
    assert!(listed.windows(2).all(|pair| pair[0]["seq"].as_i64() < pair[1]["seq"].as_i64()), "each once");
    for page in &listed {
        // Sealed since the export.
        let Some(seal) = exported.iter().find(|seal| seal["seq"] == page["seq"]) else { continue };
        assert_eq!((&seal["root"], &seal["signature"]), (&page["root"], &page["signature"]));
        let own = page["events"].as_i64().unwrap_or_default();
        assert!((1..=seal["events"].as_i64().unwrap_or_default()).contains(&own), "{page} {}", seal["events"]);
    }
    for seal in exported {
        assert_eq!(seal["hashes"].as_array().map(Vec::len), seal["events"].as_u64().and_then(|count| usize::try_from(count).ok()));
    }
    let newer = auditor.get("/audit/seals.json?after=1&hashes=false").ok();
    assert!(newer["seals"].as_array().is_some_and(|seals| seals.iter().all(|seal| seal["seq"] != 1 && seal["hashes"].is_null())));
    auditor.get("/audit/seals?cursor=x").problem(400, "page.cursor_invalid");
    let log = auditor.all("/audit?action=seals_exported");
    assert!(!log.is_empty());
}

#[test]
fn an_export_agrees_with_the_database_until_one_of_them_is_changed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("seals.json");
    let name = path.to_string_lossy().into_owned();
    let (_, file) = exported("");
    let said_of = |file: &Value| {
        std::fs::write(&path, file.to_string()).expect("written");
        verify_on(&city().database_url, &["--seals", &name])
    };
    let (well, said) = said_of(&file);
    assert!(well, "{said}");
    assert!(verify_file(&path, &[]).0, "it verifies by itself, too");
    // Somebody doctors the copy that was handed out.
    let last = file["seals"].as_array().map_or(0, Vec::len) - 1;
    let seq = file["seals"][last]["seq"].to_string();
    let mut doctored = file.clone();
    doctored["seals"][last]["root"] = json!("0".repeat(64));
    let (well, said) = said_of(&doctored);
    assert!(!well && said.contains(&format!("seal {seq}: its signature does not fit")) && said.contains(&format!("seal {seq} of ")), "{said}");
    // A seal that the database no longer has.
    let mut doctored = file.clone();
    doctored["seals"][last]["seq"] = json!(999_999);
    let (well, said) = said_of(&doctored);
    assert!(!well && said.contains("seal 999999: is missing from the database"), "{said}");
    // The key of another installation.
    let mut doctored = file;
    doctored["key"] = json!(hex::encode(SigningKey::from_bytes(&[7; 32]).verifying_key().as_bytes()));
    let (well, said) = said_of(&doctored);
    assert!(!well && said.contains("was signed with the key"), "{said}");
}

/// N10. On PostgreSQL the server's own database would have to be forged under the feet of the other tests; the comparison itself is the one
/// above.
#[test]
fn not_even_the_operator_can_rewrite_what_was_sealed() {
    if !city().database_url.starts_with("sqlite") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for query in ["", "?hashes=false"] {
        let (id, file) = exported(query);
        let path = folder.path().join("seals.json");
        let name = path.to_string_lossy().into_owned();
        std::fs::write(&path, file.to_string()).expect("written");
        let copy = folder.path().join(format!("copy-{}.sqlite", query.len()));
        let database = format!("sqlite://{}?mode=rwc", copy.display());
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let forged = runtime.block_on(async {
            let city = Database::connect(&city().database_url).await.expect("the city's database");
            city.execute_unprepared(&format!("VACUUM INTO '{}'", copy.display())).await.expect("a copy");
            let copy = Database::connect(&database).await.expect("the copy");
            let forged = rewrite(&copy, &id).await;
            copy.close().await.expect("closed");
            forged
        });
        let (well, said) = verify_on(&database, &[]);
        assert!(well, "the forgery is complete, by itself nothing shows: {said}");
        let (well, said) = verify_on(&database, &["--seals", &name]);
        assert!(!well && said.contains(&format!("seal {} of ", forged.seal)), "{said}");
        if query.is_empty() {
            assert!(said.contains(&format!("event {} (matter:{id} #1", forged.event)), "the row is named: {said}");
        }
    }
}

struct Forged {
    event: Uuid,
    seal: i64,
}

fn sm3(text: &str) -> String {
    hex::encode(Sm3::digest(text.as_bytes()))
}

/// What somebody with the server's key and root would do: change the first event of a matter, then hash and seal everything anew. Written from the
/// description of the format, not with the product's code.
async fn rewrite(database: &DatabaseConnection, matter: &str) -> Forged {
    let backend = database.get_database_backend();
    let all = |sql: &str, values: Vec<sea_orm::Value>| database.query_all_raw(Statement::from_sql_and_values(backend, sql, values));
    let run = |sql: &str, values: Vec<sea_orm::Value>| database.execute_raw(Statement::from_sql_and_values(backend, sql, values));
    let chain = format!("matter:{matter}");
    let mut previous = String::new();
    let mut first = None;
    for row in all("SELECT * FROM event WHERE chain = ? ORDER BY seq", vec![chain.clone().into()]).await.expect("events") {
        let id: Uuid = row.try_get("", "id").expect("id");
        let seq: i64 = row.try_get("", "seq").expect("seq");
        let text = |column: &str| row.try_get::<Option<String>>("", column).expect(column).unwrap_or_default();
        let uuid = |column: &str| row.try_get::<Option<Uuid>>("", column).expect(column).map(|id| id.to_string()).unwrap_or_default();
        let at: DateTimeUtc = row.try_get("", "at").expect("at");
        let payload = if seq == 1 { json!({ "changed": "afterwards" }).to_string() } else { text("payload") };
        let parts = [
            id.to_string(),
            uuid("jurisdiction_id"),
            chain.clone(),
            seq.to_string(),
            uuid("matter_id"),
            text("action"),
            at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            uuid("person_id"),
            uuid("unit_id"),
            uuid("on_behalf_of"),
            text("address"),
            text("from_state"),
            text("to_state"),
            payload.clone(),
            previous.clone(),
        ];
        let hash = sm3(&parts.join("\u{1f}"));
        run(
            "UPDATE event SET payload = ?, previous_hash = ?, hash = ? WHERE id = ?",
            vec![payload.into(), previous.clone().into(), hash.clone().into(), id.into()],
        )
        .await
        .expect("rewritten");
        let seal: Option<i64> = row.try_get("", "seal_seq").expect("seal");
        first = first.or(Some(Forged { event: id, seal: seal.expect("it is sealed") }));
        previous = hash;
    }
    let id: Uuid = matter.parse().expect("an id");
    run("UPDATE matter SET event_hash = ? WHERE id = ?", vec![previous.into(), id.into()]).await.expect("the end of the chain");
    reseal(database).await;
    first.expect("a first event")
}

async fn reseal(database: &DatabaseConnection) {
    let backend = database.get_database_backend();
    let pem = std::fs::read_to_string(city().data_dir.join("signing-key.pem")).expect("the server's key");
    let key = SigningKey::from_pkcs8_pem(&pem).expect("a key");
    let mut previous = String::new();
    for seal in database.query_all_raw(Statement::from_string(backend, "SELECT * FROM seal ORDER BY seq")).await.expect("seals") {
        let seq: i64 = seal.try_get("", "seq").expect("seq");
        let events: i64 = seal.try_get("", "events").expect("events");
        let at: DateTimeUtc = seal.try_get("", "at").expect("at");
        let under = Statement::from_sql_and_values(backend, "SELECT hash FROM event WHERE seal_seq = ? ORDER BY id", vec![seq.into()]);
        let mut level: Vec<String> =
            database.query_all_raw(under).await.expect("events").iter().map(|row| row.try_get("", "hash").expect("hash")).collect();
        while level.len() > 1 {
            level = level.chunks(2).map(|pair| if pair.len() == 2 { sm3(&pair.concat()) } else { pair[0].clone() }).collect();
        }
        let root = sm3(&format!("{previous}{}", level[0]));
        let text =
            [seq.to_string(), at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(), events.to_string(), root.clone(), previous.clone()].join("\u{1f}");
        let signature = hex::encode(key.sign(text.as_bytes()).to_bytes());
        let update = "UPDATE seal SET root = ?, previous = ?, signature = ? WHERE seq = ?";
        let values = vec![root.clone().into(), previous.into(), signature.into(), seq.into()];
        database.execute_raw(Statement::from_sql_and_values(backend, update, values)).await.expect("sealed anew");
        previous = root;
    }
}
