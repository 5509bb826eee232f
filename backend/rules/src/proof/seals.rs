//! Seals handed out: what somebody outside keeps, so that not even whoever runs the server and holds its key can rewrite the history
//! unseen (N10). With the events' hashes a rewritten row is named; hashes say nothing of what the events say.

use super::{Findings, Seal, check_key, merkle_root};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub const FORMAT: &str = "liandong.seals/1";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SealFile {
    pub format: String,
    pub product: String,
    pub exported_at: DateTime<Utc>,
    /// The installation's ed25519 key, public half, hexadecimal.
    pub key: String,
    pub seals: Vec<ExportedSeal>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExportedSeal {
    #[serde(flatten)]
    pub seal: Seal,
    /// SM3 of each event under the seal, in the seal's order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hashes: Option<Vec<String>>,
}

pub fn read(name: &str, bytes: &[u8], findings: &mut Findings) -> Option<SealFile> {
    match serde_json::from_slice::<SealFile>(bytes) {
        Ok(file) if file.format == FORMAT => Some(file),
        Ok(file) => {
            findings.fault(format!("{name}: its format is `{}`, not `{FORMAT}`", file.format));
            None
        }
        Err(error) => {
            findings.fault(format!("{name}: can't be read: {error}"));
            None
        }
    }
}

/// Checks an export by itself: each seal signed, following the one before it, over the hashes it lists.
pub fn check(name: &str, file: &SealFile, expected_key: Option<&str>, findings: &mut Findings) {
    let key = check_key(name, &file.key, expected_key, findings);
    let mut before: Option<&Seal> = None;
    for ExportedSeal { seal, hashes } in &file.seals {
        if key.as_ref().is_some_and(|key| !seal.is_signed_by(key)) {
            findings.fault(format!("{name}: seal {}: its signature does not fit", seal.seq));
        }
        if before.is_some_and(|before| before.seq + 1 != seal.seq || before.root != seal.previous) {
            findings.fault(format!("{name}: seal {}: does not follow the seal before it", seal.seq));
        }
        if let Some(hashes) = hashes {
            let fits = i64::try_from(hashes.len()) == Ok(seal.events) && Seal::root_over(&seal.previous, &merkle_root(hashes)) == seal.root;
            if !fits {
                findings.fault(format!("{name}: seal {}: its root is not that of the events it lists", seal.seq));
            }
        }
        before = Some(seal);
    }
    findings.note(format!("Export of {} seals, made at {} by {}.", file.seals.len(), file.exported_at, file.product));
}

#[cfg(test)]
mod tests {
    use super::super::{Tree, sm3_hex};
    use super::*;
    use ed25519_dalek::SigningKey;

    fn export(key: &SigningKey) -> SealFile {
        let mut seals: Vec<ExportedSeal> = Vec::new();
        for seq in 1..=3i64 {
            let hashes: Vec<String> = (0..seq).map(|n| sm3_hex(format!("{seq} {n}").as_bytes())).collect();
            let previous = seals.last().map(|before| before.seal.root.clone()).unwrap_or_default();
            let root = Seal::root_over(&previous, &Tree::over(&hashes).root());
            let mut seal = Seal { seq, at: DateTime::default(), events: seq, root, previous, signature: String::new() };
            seal.sign(key);
            seals.push(ExportedSeal { seal, hashes: Some(hashes) });
        }
        let key = hex::encode(key.verifying_key().as_bytes());
        SealFile { format: FORMAT.into(), product: super::super::PRODUCT.into(), exported_at: DateTime::default(), key, seals }
    }

    fn faults(file: &SealFile) -> Vec<String> {
        let mut findings = Findings::default();
        check("seals.json", file, None, &mut findings);
        findings.faults
    }

    #[test]
    fn what_was_changed_in_an_export_is_named() {
        let whole = export(&SigningKey::from_bytes(&[7; 32]));
        assert_eq!(faults(&whole), Vec::<String>::new());
        let mut changed = whole.clone();
        changed.seals[1].seal.events = 3;
        assert!(faults(&changed)[0].contains("seal 2"));
        let mut changed = whole.clone();
        changed.seals.remove(1);
        assert!(faults(&changed)[0].contains("seal 3"));
        let mut changed = whole;
        changed.seals[2].hashes = Some(vec![sm3_hex(b"another"); 3]);
        assert!(faults(&changed)[0].contains("seal 3"));
    }
}
