//! What can be checked without a database: events and their chain, Merkle trees, seals, signed documents. Pure: bytes in,
//! findings out, so that a dossier proves itself on any machine (N11) and every check has a unit test.
//!
//! All documents carry the installation's public key. Whoever checks pins the key they were given (`--key`); otherwise they
//! only learn that the parts belong together, and whose fingerprint to ask for.

pub mod certificate;
pub mod container;
pub mod dossier;
pub mod seals;

use chrono::{DateTime, SecondsFormat, Utc};
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sm3::{Digest, Sm3};
use std::{collections::BTreeMap, io::Read, path::Path};
use uuid::Uuid;

/// Product and version, as documents name their maker.
pub const PRODUCT: &str = concat!("Liandong ", env!("CARGO_PKG_VERSION"));

pub fn sm3_hex(bytes: &[u8]) -> String {
    hex::encode(Sm3::digest(bytes))
}

/// What a check found: faults named by file, event or seal, and what a reader should know besides.
#[derive(Debug, Default)]
pub struct Findings {
    pub faults: Vec<String>,
    pub notes: Vec<String>,
}

impl Findings {
    pub(crate) fn fault(&mut self, text: impl Into<String>) {
        self.faults.push(text.into());
    }

    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }
}

/// One event with everything its hash covers. Without `payload` the content was withheld from the reader: the hash can't be
/// computed again, but its place in chain and seal is proven all the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    pub id: Uuid,
    pub jurisdiction_id: Uuid,
    pub chain: String,
    pub seq: i64,
    pub matter_id: Option<Uuid>,
    pub action: String,
    pub at: DateTime<Utc>,
    pub person_id: Option<Uuid>,
    pub unit_id: Option<Uuid>,
    pub on_behalf_of: Option<Uuid>,
    pub address: Option<String>,
    pub from_state: Option<String>,
    pub to_state: Option<String>,
    /// JSON as text: the hash covers it to the byte.
    pub payload: Option<String>,
    pub previous_hash: String,
    pub hash: String,
}

impl Event {
    /// The canonical text: fixed order, times to the millisecond, payload as stored.
    fn canonical(&self, payload: &str) -> String {
        let optional = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        [
            self.id.to_string(),
            self.jurisdiction_id.to_string(),
            self.chain.clone(),
            self.seq.to_string(),
            optional(self.matter_id),
            self.action.clone(),
            self.at.to_rfc3339_opts(SecondsFormat::Millis, true),
            optional(self.person_id),
            optional(self.unit_id),
            optional(self.on_behalf_of),
            text(&self.address),
            text(&self.from_state),
            text(&self.to_state),
            payload.to_owned(),
            self.previous_hash.clone(),
        ]
        // Unit separator: none of the parts can hold it, since control characters are refused at the edge.
        .join("\u{1f}")
    }

    /// `None` when the content is withheld.
    pub fn computed_hash(&self) -> Option<String> {
        self.payload.as_ref().map(|payload| sm3_hex(self.canonical(payload).as_bytes()))
    }

    /// How a finding names it.
    fn name(&self) -> String {
        format!("event #{} ({}, {})", self.seq, self.action, self.id)
    }
}

/// Checks a chain from its first event: own hash, number, predecessor.
pub fn check_chain(chain: &str, events: &[Event], findings: &mut Findings) {
    let mut previous = String::new();
    for (expected, event) in (1i64..).zip(events) {
        match event.computed_hash() {
            Some(hash) if hash != event.hash => findings.fault(format!("{}: its content does not fit its hash", event.name())),
            Some(_) => {}
            None => findings.note(format!("{}: its content is withheld from this reader; its place in the chain is proven", event.name())),
        }
        if event.seq != expected {
            findings.fault(format!("{}: #{expected} is missing before it", event.name()));
        }
        if event.previous_hash != previous {
            findings.fault(format!("{}: does not follow its predecessor", event.name()));
        }
        if event.chain != chain {
            findings.fault(format!("{}: belongs to the chain {}", event.name(), event.chain));
        }
        previous.clone_from(&event.hash);
    }
}

/// A Merkle tree over hashes; the last of an odd level is carried up unchanged.
///
/// Leaves are hashes of canonical texts, which hold unit separators, and nodes hashes of 128 hexadecimal digits: the one can't be passed off
/// as the other.
pub struct Tree {
    levels: Vec<Vec<String>>,
}

impl Tree {
    pub fn over(hashes: &[String]) -> Self {
        let mut levels = vec![hashes.to_vec()];
        while let Some(level) = levels.last().filter(|level| level.len() > 1) {
            let next = level
                .chunks(2)
                .map(|pair| match pair {
                    [left, right] => node(left, right),
                    single => single.first().cloned().unwrap_or_default(),
                })
                .collect();
            levels.push(next);
        }
        Self { levels }
    }

    pub fn root(&self) -> String {
        self.levels.last().and_then(|level| level.first()).cloned().unwrap_or_else(|| sm3_hex(b""))
    }

    /// The neighbours on the way from a leaf to the root: nothing of the others but hashes.
    pub fn path(&self, index: usize) -> Vec<String> {
        let levels = self.levels.iter().enumerate();
        levels.filter_map(|(height, level)| level.get((index >> height) ^ 1).filter(|_| level.len() > 1).cloned()).collect()
    }
}

fn node(left: &str, right: &str) -> String {
    sm3_hex(format!("{left}{right}").as_bytes())
}

pub fn merkle_root(hashes: &[String]) -> String {
    Tree::over(hashes).root()
}

/// The root that a path leads to; `None` when the path has another length than a tree of `total` leaves asks at `index`.
pub fn root_by_path(hash: &str, index: u64, total: u64, path: &[String]) -> Option<String> {
    let (mut index, mut width, mut at) = (index, total, hash.to_owned());
    let mut path = path.iter();
    if index >= width {
        return None;
    }
    while width > 1 {
        if index ^ 1 < width {
            let neighbour = path.next()?;
            at = if index & 1 == 0 { node(&at, neighbour) } else { node(neighbour, &at) };
        }
        index >>= 1;
        width = width.div_ceil(2);
    }
    path.next().is_none().then_some(at)
}

/// A signed root over all events of a minute, chained to the seal before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Seal {
    pub seq: i64,
    pub at: DateTime<Utc>,
    /// How many events it covers, in the whole installation.
    pub events: i64,
    pub root: String,
    /// The root of the seal before; empty for the first.
    pub previous: String,
    pub signature: String,
}

impl Seal {
    /// The root of a seal: the tree's own, tied to the seal before.
    pub fn root_over(previous: &str, tree_root: &str) -> String {
        sm3_hex(format!("{previous}{tree_root}").as_bytes())
    }

    fn text(&self) -> String {
        let at = self.at.to_rfc3339_opts(SecondsFormat::Millis, true);
        format!("{}\u{1f}{at}\u{1f}{}\u{1f}{}\u{1f}{}", self.seq, self.events, self.root, self.previous)
    }

    pub fn sign(&mut self, key: &SigningKey) {
        self.signature = hex::encode(key.sign(self.text().as_bytes()).to_bytes());
    }

    pub fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        signed(key, self.text().as_bytes(), &self.signature)
    }
}

/// That an event lies under a seal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Inclusion {
    /// The event's number in its chain.
    pub event: i64,
    pub seal: i64,
    /// Place among the seal's events, from 0.
    pub index: u64,
    pub path: Vec<String>,
}

/// Checks that each event (number and hash) is led to a signed seal's root. Events not sealed yet are told, not faulted: the
/// document's own signature still covers them.
pub fn check_inclusions<'a>(
    events: impl Iterator<Item = (i64, &'a str)>,
    inclusions: &[Inclusion],
    seals: &[Seal],
    key: Option<&VerifyingKey>,
    findings: &mut Findings,
) {
    let by_seq: BTreeMap<i64, &Seal> = seals.iter().map(|seal| (seal.seq, seal)).collect();
    if let Some(key) = key {
        for seal in seals.iter().filter(|seal| !seal.is_signed_by(key)) {
            findings.fault(format!("seal {}: its signature does not fit", seal.seq));
        }
    }
    let by_event: BTreeMap<i64, &Inclusion> = inclusions.iter().map(|inclusion| (inclusion.event, inclusion)).collect();
    let mut unsealed = 0;
    for (seq, hash) in events {
        let Some(inclusion) = by_event.get(&seq) else {
            unsealed += 1;
            continue;
        };
        let Some(seal) = by_seq.get(&inclusion.seal) else {
            findings.fault(format!("event #{seq}: the seal {} that covers it is missing", inclusion.seal));
            continue;
        };
        let total = u64::try_from(seal.events).unwrap_or_default();
        let root = root_by_path(hash, inclusion.index, total, &inclusion.path).map(|root| Seal::root_over(&seal.previous, &root));
        if root.as_deref() != Some(&seal.root) {
            findings.fault(format!("event #{seq}: does not lie under seal {}", seal.seq));
        }
    }
    if unsealed > 0 {
        findings.note(format!("{unsealed} events are not sealed yet; only the signature of this document covers them"));
    }
}

/// A document that carries the key it is signed with and, last, the signature over the rest of it.
pub trait Document: Serialize + DeserializeOwned + Clone {
    const FORMAT: &'static str;
    fn format(&self) -> &str;
    fn key(&self) -> &str;
    fn signature(&mut self) -> &mut String;
}

/// The one form of a document in bytes.
pub fn to_bytes<T: Serialize>(value: &T) -> serde_json::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The format stands before the digest, so that a signature for one purpose (tokens, seals, another format) fits no other.
fn text_to_sign<T: Document>(document: &T) -> serde_json::Result<String> {
    let mut blank = document.clone();
    blank.signature().clear();
    Ok(format!("{}\u{1f}{}", T::FORMAT, sm3_hex(&to_bytes(&blank)?)))
}

pub fn sign<T: Document>(mut document: T, key: &SigningKey) -> serde_json::Result<T> {
    let text = text_to_sign(&document)?;
    *document.signature() = hex::encode(key.sign(text.as_bytes()).to_bytes());
    Ok(document)
}

/// Reads a document and checks form, key and signature. The bytes must be the ones that the document is written as: so that not even
/// a blank can be changed unseen.
pub(crate) fn open<T: Document>(name: &str, bytes: &[u8], expected_key: Option<&str>, findings: &mut Findings) -> Option<(T, Option<VerifyingKey>)> {
    let mut document: T = match serde_json::from_slice(bytes) {
        Ok(document) => document,
        Err(error) => {
            findings.fault(format!("{name}: can't be read: {error}"));
            return None;
        }
    };
    if document.format() != T::FORMAT {
        findings.fault(format!("{name}: its format is `{}`, not `{}`", document.format(), T::FORMAT));
    }
    if to_bytes(&document).ok().as_deref() != Some(bytes) {
        findings.fault(format!("{name}: is not written as it was signed"));
    }
    let key = check_key(name, document.key(), expected_key, findings);
    let text = text_to_sign(&document).unwrap_or_default();
    let signature = document.signature().clone();
    if let Some(key) = &key
        && !signed(key, text.as_bytes(), &signature)
    {
        findings.fault(format!("{name}: its signature does not fit: something in it was changed"));
    }
    Some((document, key))
}

/// The key a document names, which must be the expected one, if any.
pub(crate) fn check_key(name: &str, key: &str, expected: Option<&str>, findings: &mut Findings) -> Option<VerifyingKey> {
    let parsed = public_key(key);
    if parsed.is_none() {
        findings.fault(format!("{name}: holds no public key"));
    }
    match expected {
        Some(expected) if !expected.trim().eq_ignore_ascii_case(key) => {
            findings.fault(format!("{name}: is signed with the key {key}, not with the expected one"));
        }
        Some(_) => {}
        None => findings.note(format!("Key fingerprint (SM3): {}. Compare it with the installation's, or pin its key with --key.", fingerprint(key))),
    }
    parsed
}

/// A public key from 64 lower-case hexadecimal digits.
pub fn public_key(text: &str) -> Option<VerifyingKey> {
    VerifyingKey::from_bytes(&exact::<32>(text)?).ok()
}

/// SM3 of the key's bytes in groups of four, to be read out and compared.
pub fn fingerprint(key: &str) -> String {
    let digest = sm3_hex(&hex::decode(key).unwrap_or_default());
    let groups: Vec<String> = digest.chars().collect::<Vec<_>>().chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

/// Exactly so many bytes in lower-case hexadecimal: another spelling of the same bytes is an alteration, too.
fn exact<const N: usize>(text: &str) -> Option<[u8; N]> {
    let bytes: [u8; N] = hex::decode(text).ok()?.try_into().ok()?;
    (hex::encode(bytes) == text).then_some(bytes)
}

fn signed(key: &VerifyingKey, text: &[u8], signature: &str) -> bool {
    exact::<64>(signature).is_some_and(|bytes| key.verify(text, &Signature::from_bytes(&bytes)).is_ok())
}

/// Checks a file by what it is: a dossier, a proof of one matter or an export of seals.
///
/// # Errors
/// When the file can't be read.
pub fn check_file(path: &Path, expected_key: Option<&str>) -> std::io::Result<Findings> {
    let mut file = std::io::BufReader::new(std::fs::File::open(path)?);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut findings = Findings::default();
    if std::io::BufRead::fill_buf(&mut file)?.first() != Some(&b'{') {
        dossier::check(&mut file, expected_key, &mut findings)?;
        return Ok(findings);
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    // Told apart by the format alone, so that a damaged document is still checked as what it says it is.
    if find(&bytes, seals::FORMAT) {
        if let Some(file) = seals::read(&name, &bytes, &mut findings) {
            seals::check(&name, &file, expected_key, &mut findings);
        }
    } else {
        certificate::check(&name, &bytes, expected_key, &mut findings);
    }
    Ok(findings)
}

fn find(bytes: &[u8], text: &str) -> bool {
    let head = bytes.get(..200).unwrap_or(bytes);
    head.windows(text.len()).any(|window| window == text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(count: usize) -> Vec<String> {
        (0..count).map(|n| sm3_hex(n.to_string().as_bytes())).collect()
    }

    #[test]
    fn sm3_is_the_standards() {
        // GB/T 32905-2016, appendix A.1
        assert_eq!(sm3_hex(b"abc"), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    }

    #[test]
    fn a_root_depends_on_every_hash_and_their_order() {
        let hashes = hashes(3);
        let mut swapped = hashes.clone();
        swapped.swap(0, 1);
        assert_ne!(merkle_root(&hashes), merkle_root(&swapped));
        assert_ne!(merkle_root(&hashes), merkle_root(&hashes[..2]));
    }

    #[test]
    fn each_leaf_of_each_tree_has_a_path_to_the_root_and_to_no_other_place() {
        for total in 1..=33usize {
            let hashes = hashes(total);
            let tree = Tree::over(&hashes);
            for (index, hash) in hashes.iter().enumerate() {
                let path = tree.path(index);
                let by_path = |hash: &str, index: usize, path: &[String]| root_by_path(hash, index as u64, total as u64, path);
                assert_eq!(by_path(hash, index, &path), Some(tree.root()), "{index} of {total}");
                assert_ne!(by_path(&sm3_hex(b"another"), index, &path), Some(tree.root()));
                assert_eq!(by_path(hash, total, &path), None);
                for other in (0..total).filter(|other| *other != index) {
                    assert_ne!(by_path(hash, other, &path), Some(tree.root()), "{index} of {total} passes at {other}");
                }
                let longer: Vec<String> = path.iter().cloned().chain([sm3_hex(b"more")]).collect();
                assert_eq!(by_path(hash, index, &longer), None);
                if let Some((_, shorter)) = path.split_last() {
                    assert_eq!(by_path(hash, index, shorter), None);
                }
            }
        }
    }

    #[test]
    fn another_spelling_of_a_signature_is_refused() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let mut seal = Seal { seq: 1, at: DateTime::default(), events: 1, root: "r".into(), previous: String::new(), signature: String::new() };
        seal.sign(&key);
        assert!(seal.is_signed_by(&key.verifying_key()));
        seal.signature = seal.signature.to_uppercase();
        assert!(!seal.is_signed_by(&key.verifying_key()));
    }
}
