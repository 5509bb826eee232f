//! 存证证明: that a matter's history was there, so long and no other, when its seals were signed. Hashes only: it shows nothing of what the
//! events say, and nothing of other matters.

use super::{Document, Findings, Inclusion, Seal, check_inclusions, open};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    pub format: String,
    pub product: String,
    pub made_at: DateTime<Utc>,
    pub matter: Uuid,
    pub chain: String,
    /// How many events the chain has.
    pub events: i64,
    /// The hash of the last one: the end of the chain.
    pub head: String,
    /// SM3 of each event, in order.
    pub hashes: Vec<String>,
    /// The way of each sealed event to its seal's root.
    pub proofs: Vec<Inclusion>,
    pub seals: Vec<Seal>,
    /// The installation's ed25519 key, public half, hexadecimal.
    pub key: String,
    pub signature: String,
}

impl Document for Certificate {
    const FORMAT: &'static str = "liandong.proof/1";
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

pub fn check(name: &str, bytes: &[u8], expected_key: Option<&str>, findings: &mut Findings) {
    let Some((certificate, key)) = open::<Certificate>(name, bytes, expected_key, findings) else { return };
    if i64::try_from(certificate.hashes.len()) != Ok(certificate.events) {
        findings.fault(format!("{name}: lists {} events and says {}", certificate.hashes.len(), certificate.events));
    }
    if certificate.hashes.last() != Some(&certificate.head) {
        findings.fault(format!("{name}: the end of the chain is not its last event"));
    }
    let events = (1i64..).zip(certificate.hashes.iter().map(String::as_str));
    check_inclusions(events, &certificate.proofs, &certificate.seals, key.as_ref(), findings);
    findings.note(format!(
        "Proof of matter {}, made at {} by {}: {} events under {} seals.",
        certificate.matter,
        certificate.made_at,
        certificate.product,
        certificate.events,
        certificate.seals.len()
    ));
}

#[cfg(test)]
mod tests {
    use super::super::{PRODUCT, Tree, sign, sm3_hex, to_bytes};
    use super::*;
    use ed25519_dalek::SigningKey;

    #[test]
    fn a_byte_changed_anywhere_is_found() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let hashes: Vec<String> = ["a", "b", "c"].iter().map(|text| sm3_hex(text.as_bytes())).collect();
        let tree = Tree::over(&hashes);
        let mut seal = Seal {
            seq: 1,
            at: DateTime::default(),
            events: 3,
            root: Seal::root_over("", &tree.root()),
            previous: String::new(),
            signature: String::new(),
        };
        seal.sign(&key);
        let certificate = Certificate {
            format: Certificate::FORMAT.into(),
            product: PRODUCT.into(),
            made_at: DateTime::default(),
            matter: Uuid::from_u128(1),
            chain: "matter:1".into(),
            events: 2,
            head: hashes[2].clone(),
            hashes: vec![hashes[0].clone(), hashes[2].clone()],
            proofs: [(1, 0), (2, 2)].map(|(event, index)| Inclusion { event, seal: 1, index, path: tree.path(index as usize) }).to_vec(),
            seals: vec![seal],
            key: hex::encode(key.verifying_key().as_bytes()),
            signature: String::new(),
        };
        let whole = to_bytes(&sign(certificate, &key).expect("signed")).expect("bytes");
        let faults = |bytes: &[u8]| {
            let mut findings = Findings::default();
            check("proof.json", bytes, None, &mut findings);
            findings.faults
        };
        assert_eq!(faults(&whole), Vec::<String>::new());
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= if at % 2 == 0 { 1 } else { 0x20 };
            assert!(!faults(&changed).is_empty(), "byte {at}");
        }
    }
}
