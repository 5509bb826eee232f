//! The dossier of one matter as a file: what its parts are, and that they still are what was handed out.
//!
//! `matter.json` (the matter as the reader saw it), `events.json` (its chain), `attachments/<SM3>-<name>`, and `manifest.json`: the digest of
//! each file, the seals over the events with a proof for each, the key, the signature.

use super::{Document, Event, Findings, Inclusion, Seal, check_chain, check_inclusions, container, open, sm3_hex};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Read},
};
use uuid::Uuid;

pub const MATTER: &str = "matter.json";
pub const EVENTS: &str = "events.json";
pub const MANIFEST: &str = "manifest.json";
const ATTACHMENTS: &str = "attachments/";
/// Folder, digest and dash leave this much of the 255 bytes that file systems give a name.
const NAME_BYTES: usize = 180;
/// Bytes of one dossier at most.
const DOSSIER_MAX: u64 = 500 * 1024 * 1024;
/// What a zip's directory can count.
const ENTRIES_MAX: usize = 60_000;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub format: String,
    pub product: String,
    pub made_at: DateTime<Utc>,
    pub matter: Uuid,
    pub chain: String,
    /// How many events the chain has, and the hash of the last.
    pub events: i64,
    pub head: String,
    pub files: Vec<FileDigest>,
    pub proofs: Vec<Inclusion>,
    pub seals: Vec<Seal>,
    /// The installation's ed25519 key, public half, hexadecimal.
    pub key: String,
    pub signature: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileDigest {
    pub name: String,
    pub size: u64,
    /// SM3.
    pub digest: String,
}

impl FileDigest {
    pub fn of(name: &str, content: &[u8]) -> Self {
        Self { name: name.into(), size: content.len() as u64, digest: sm3_hex(content) }
    }
}

impl Document for Manifest {
    const FORMAT: &'static str = "liandong.dossier/1";
    fn format(&self) -> &str {
        &self.format
    }
    fn key(&self) -> &str {
        &self.key
    }
    fn signature(&mut self) -> &mut String {
        &mut self.signature
    }
}

/// Where an attachment lies. Long names lose their middle, not their ending.
pub fn attachment_path(digest: &str, name: &str) -> String {
    format!("{ATTACHMENTS}{digest}-{}", shortened(name, NAME_BYTES))
}

/// At most so many bytes of a file's name, keeping its ending.
pub fn shortened(name: &str, bytes: usize) -> String {
    if name.len() <= bytes {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| format!(".{ending}")).filter(|ending| ending.len() <= 16).unwrap_or_default();
    let mut end = bytes.saturating_sub(ending.len());
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{ending}", name.get(..end).unwrap_or_default().trim_end())
}

/// Checks a whole dossier. Goes on after a fault, so that what is broken is named as closely as can be.
///
/// # Errors
/// When the source can't be read.
pub fn check(source: &mut impl Read, expected_key: Option<&str>, findings: &mut Findings) -> io::Result<()> {
    let entries = container::read(source, |name| !name.starts_with(ATTACHMENTS), findings)?;
    let content = |name: &str| entries.iter().find(|entry| entry.name == name).and_then(|entry| entry.content.as_deref());
    let Some(manifest) = content(MANIFEST) else {
        findings.fault(format!("{MANIFEST}: is missing"));
        return Ok(());
    };
    let Some((manifest, key)) = open::<Manifest>(MANIFEST, manifest, expected_key, findings) else { return Ok(()) };
    check_files(&manifest, &entries, findings);
    if let Some(matter) = content(MATTER) {
        check_matter(&manifest, matter, findings);
    }
    let events: Vec<Event> = match content(EVENTS).map(serde_json::from_slice) {
        Some(Ok(events)) => events,
        Some(Err(error)) => {
            findings.fault(format!("{EVENTS}: can't be read: {error}"));
            return Ok(());
        }
        None => return Ok(()),
    };
    check_chain(&manifest.chain, &events, findings);
    if i64::try_from(events.len()) != Ok(manifest.events) {
        findings.fault(format!("{EVENTS}: has {} events, the manifest says {}", events.len(), manifest.events));
    }
    if events.last().map(|event| event.hash.as_str()).unwrap_or_default() != manifest.head {
        findings.fault(format!("{EVENTS}: ends with another event than the manifest says"));
    }
    check_attached(&events, &entries, findings);
    check_inclusions(events.iter().map(|event| (event.seq, event.hash.as_str())), &manifest.proofs, &manifest.seals, key.as_ref(), findings);
    let attachments = entries.iter().filter(|entry| entry.name.starts_with(ATTACHMENTS)).count();
    findings.note(format!(
        "Dossier of matter {}, made at {} by {}: {} events under {} seals, {attachments} attachments.",
        manifest.matter,
        manifest.made_at,
        manifest.product,
        events.len(),
        manifest.seals.len()
    ));
    Ok(())
}

/// Every file is the manifest's, and every file of the manifest is there.
fn check_files(manifest: &Manifest, entries: &[container::Entry], findings: &mut Findings) {
    let mut expected: BTreeMap<&str, &FileDigest> = manifest.files.iter().map(|file| (file.name.as_str(), file)).collect();
    for entry in entries.iter().filter(|entry| entry.name != MANIFEST) {
        match expected.remove(entry.name.as_str()) {
            Some(file) if file.digest == entry.digest && file.size == entry.size => {}
            Some(_) => findings.fault(format!("{}: its content does not fit its digest", entry.name)),
            None => findings.fault(format!("{}: is not in the manifest", entry.name)),
        }
    }
    for name in expected.keys() {
        findings.fault(format!("{name}: is missing"));
    }
}

/// The matter shown is the one whose events these are, at the moment of the last of them.
fn check_matter(manifest: &Manifest, matter: &[u8], findings: &mut Findings) {
    let Ok(matter) = serde_json::from_slice::<serde_json::Value>(matter) else {
        findings.fault(format!("{MATTER}: can't be read"));
        return;
    };
    let id = matter.get("id").and_then(serde_json::Value::as_str).unwrap_or_default();
    if id != manifest.matter.to_string() || manifest.chain != format!("matter:{id}") {
        findings.fault(format!("{MATTER}: is another matter than the manifest's"));
    }
    if matter.get("event_count").and_then(serde_json::Value::as_i64) != Some(manifest.events) {
        findings.fault(format!("{MATTER}: counts other events than the manifest"));
    }
}

/// Each upload in the history has its file, and each file its upload.
fn check_attached(events: &[Event], entries: &[container::Entry], findings: &mut Findings) {
    let files: BTreeMap<&str, &str> =
        entries.iter().filter_map(|entry| Some((entry.name.strip_prefix(ATTACHMENTS)?.split_once('-')?.0, entry.digest.as_str()))).collect();
    let mut attached = BTreeSet::new();
    for event in events.iter().filter(|event| event.action == "attach") {
        let payload: serde_json::Value = event.payload.as_deref().and_then(|payload| serde_json::from_str(payload).ok()).unwrap_or_default();
        let digest = payload.get("digest").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        match files.get(digest.as_str()) {
            Some(found) if *found == digest => {}
            Some(_) => findings.fault(format!("{}: the attachment {digest} is not the file that was uploaded", event.name())),
            None => findings.fault(format!("{}: the attachment {digest} is missing", event.name())),
        }
        attached.insert(digest);
    }
    for digest in files.keys().filter(|digest| !attached.contains(**digest)) {
        findings.fault(format!("{ATTACHMENTS}{digest}: no event tells of its upload"));
    }
}

/// Whether a dossier of these contents, of which so many are attachments, can be put together.
pub fn fits(sizes: impl Iterator<Item = u64>, files: usize) -> bool {
    files <= ENTRIES_MAX && sizes.fold(0, u64::saturating_add) <= DOSSIER_MAX
}

#[cfg(test)]
mod tests {
    use super::super::{PRODUCT, Tree, sign, to_bytes};
    use super::*;
    use ed25519_dalek::SigningKey;
    use std::ops::Range;

    /// A dossier of three events, the second with a file; where each entry's content lies.
    fn dossier(key: &SigningKey) -> (Vec<u8>, BTreeMap<String, Range<usize>>) {
        let matter = Uuid::from_u128(1);
        let file = b"a report".to_vec();
        let digest = sm3_hex(&file);
        let mut events: Vec<Event> = Vec::new();
        for (seq, (action, payload)) in (1..).zip([
            ("create", "{}".to_owned()),
            ("attach", serde_json::json!({ "name": "报告.pdf", "digest": digest }).to_string()),
            ("receive", "{\"input\":{}}".to_owned()),
        ]) {
            let mut event = Event {
                id: Uuid::from_u128(100 + u128::try_from(seq).expect("small")),
                jurisdiction_id: Uuid::from_u128(2),
                chain: format!("matter:{matter}"),
                seq,
                matter_id: Some(matter),
                action: action.into(),
                at: DateTime::from_timestamp_millis(1_790_000_000_123 + seq).expect("a time"),
                person_id: Some(Uuid::from_u128(3)),
                unit_id: None,
                on_behalf_of: None,
                address: Some("10.0.0.1".into()),
                from_state: None,
                to_state: Some("sent".into()),
                payload: Some(payload),
                previous_hash: events.last().map(|event| event.hash.clone()).unwrap_or_default(),
                hash: String::new(),
            };
            event.hash = event.computed_hash().expect("with content");
            events.push(event);
        }
        // Two events of other matters lie under the same seal.
        let mut leaves: Vec<String> = events.iter().map(|event| event.hash.clone()).collect();
        leaves.insert(1, sm3_hex(b"another"));
        leaves.push(sm3_hex(b"one more"));
        let tree = Tree::over(&leaves);
        let previous = sm3_hex(b"the seal before");
        let mut seal =
            Seal { seq: 4, at: DateTime::default(), events: 5, root: Seal::root_over(&previous, &tree.root()), previous, signature: String::new() };
        seal.sign(key);
        let place = |event: &Event| leaves.iter().position(|leaf| *leaf == event.hash).expect("it is a leaf");
        let proofs =
            events.iter().map(|event| Inclusion { event: event.seq, seal: 4, index: place(event) as u64, path: tree.path(place(event)) }).collect();
        let matter_json = serde_json::json!({ "id": matter, "event_count": 3 }).to_string().into_bytes();
        let mut files = vec![
            (MATTER.to_owned(), matter_json),
            (EVENTS.to_owned(), to_bytes(&events).expect("events")),
            (attachment_path(&digest, "报告.pdf"), file),
        ];
        let manifest = Manifest {
            format: Manifest::FORMAT.into(),
            product: PRODUCT.into(),
            made_at: DateTime::default(),
            matter,
            chain: format!("matter:{matter}"),
            events: 3,
            head: events.last().map(|event| event.hash.clone()).unwrap_or_default(),
            files: files.iter().map(|(name, content)| FileDigest::of(name, content)).collect(),
            proofs,
            seals: vec![seal],
            key: hex::encode(key.verifying_key().as_bytes()),
            signature: String::new(),
        };
        files.push((MANIFEST.to_owned(), to_bytes(&sign(manifest, key).expect("signed")).expect("manifest")));
        let (mut bytes, mut listed, mut places) = (Vec::new(), Vec::new(), BTreeMap::new());
        for (name, content) in files {
            let entry = container::Listed::of(&name, &content).expect("it is small");
            bytes.extend(entry.header());
            places.insert(name, bytes.len()..bytes.len() + content.len());
            bytes.extend(content);
            listed.push(entry);
        }
        bytes.extend(container::directory(&listed));
        (bytes, places)
    }

    fn faults(bytes: &[u8], expected_key: Option<&str>) -> Vec<String> {
        let mut findings = Findings::default();
        check(&mut &bytes[..], expected_key, &mut findings).expect("memory can be read");
        findings.faults
    }

    #[test]
    fn a_whole_dossier_has_no_fault_and_another_key_is_one() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let (bytes, _) = dossier(&key);
        assert_eq!(faults(&bytes, None), Vec::<String>::new());
        assert_eq!(faults(&bytes, Some(&hex::encode(key.verifying_key().as_bytes()))), Vec::<String>::new());
        let other = SigningKey::from_bytes(&[8; 32]);
        assert_eq!(faults(&bytes, Some(&hex::encode(other.verifying_key().as_bytes()))).len(), 1);
    }

    #[test]
    fn a_byte_changed_anywhere_is_named() {
        let (whole, places) = dossier(&SigningKey::from_bytes(&[7; 32]));
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= if at % 2 == 0 { 1 } else { 0x20 };
            let found = faults(&changed, None);
            assert!(!found.is_empty(), "byte {at}");
            if let Some((name, _)) = places.iter().find(|(_, place)| place.contains(&at)) {
                assert!(found.iter().any(|fault| fault.contains(name.as_str())), "byte {at} of {name}: {found:?}");
            }
        }
    }

    #[test]
    fn the_event_itself_is_named() {
        let (whole, places) = dossier(&SigningKey::from_bytes(&[7; 32]));
        let place = places[EVENTS].clone();
        let text = String::from_utf8_lossy(&whole[place.clone()]).into_owned();
        let at = place.start + text.rfind("10.0.0.1").expect("the last event's address");
        let mut changed = whole;
        changed[at] = b'2';
        assert!(faults(&changed, None).iter().any(|fault| fault.starts_with("event #3 (receive")));
    }

    #[test]
    fn long_names_keep_their_ending() {
        let name = shortened(&format!("{}.pdf", "联".repeat(100)), 100);
        assert!(name.len() <= 100 && name.ends_with("联.pdf"), "{name}");
        assert_eq!(shortened("a.pdf", 100), "a.pdf");
    }

    #[test]
    fn a_dossier_has_a_greatest_size() {
        assert!(fits([DOSSIER_MAX - 1, 1].into_iter(), 1));
        assert!(!fits([DOSSIER_MAX, 1].into_iter(), 1));
        assert!(!fits([u64::MAX, u64::MAX].into_iter(), 1));
        assert!(!fits([1].into_iter(), ENTRIES_MAX + 1));
    }
}
