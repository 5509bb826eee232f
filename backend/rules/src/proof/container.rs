//! A zip file that has one form only: entries stored as they are, without times, comments or extra fields, and then the
//! directory. So every byte of the file follows from names and contents, and a byte changed anywhere is found: a general zip
//! reader skips over most header fields. Any zip program opens it.

use super::Findings;
use sm3::{Digest, Sm3};
use std::io::{self, Read};

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
/// Version 2.0; names are UTF-8; stored; 1980-01-01 00:00, the first date a zip can tell.
const FIELDS: [u8; 10] = [20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0];
/// Written on Unix by version 2.0: so that the permissions below count.
const MADE_BY: [u8; 2] = [20, 3];
/// A plain file that everybody may read.
const PERMISSIONS: u32 = 0o100_644 << 16;
const LOCAL_LENGTH: usize = 30;

/// What the directory tells of an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    pub name: String,
    pub crc: u32,
    pub size: u32,
}

impl Listed {
    /// `None` for 4 GB and more, or a name beyond 64 KB, which need another form of zip.
    pub fn new(name: &str, crc: u32, size: u64) -> Option<Self> {
        u16::try_from(name.len()).ok()?;
        Some(Self { name: name.to_owned(), crc, size: u32::try_from(size).ok()? })
    }

    pub fn of(name: &str, content: &[u8]) -> Option<Self> {
        Self::new(name, crc32fast::hash(content), content.len() as u64)
    }

    /// Checksum, both sizes, lengths of name and extra fields.
    fn numbers(&self) -> Vec<u8> {
        let length = u16::try_from(self.name.len()).unwrap_or(u16::MAX);
        [&self.crc.to_le_bytes()[..], &self.size.to_le_bytes(), &self.size.to_le_bytes(), &length.to_le_bytes(), &[0, 0]].concat()
    }

    /// What stands before the content.
    pub fn header(&self) -> Vec<u8> {
        [&LOCAL[..], &FIELDS, &self.numbers(), self.name.as_bytes()].concat()
    }

    fn whole(&self) -> u32 {
        u32::try_from(LOCAL_LENGTH + self.name.len()).unwrap_or(u32::MAX).saturating_add(self.size)
    }
}

/// What stands after the last content.
pub fn directory(entries: &[Listed]) -> Vec<u8> {
    let (mut bytes, mut offset) = (Vec::new(), 0u32);
    for entry in entries {
        bytes.extend([&CENTRAL[..], &MADE_BY, &FIELDS, &entry.numbers(), &[0; 6]].concat());
        bytes.extend([&PERMISSIONS.to_le_bytes()[..], &offset.to_le_bytes(), entry.name.as_bytes()].concat());
        offset = offset.saturating_add(entry.whole());
    }
    let (count, length) = (u16::try_from(entries.len()).unwrap_or(u16::MAX).to_le_bytes(), u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    bytes.extend([&END[..], &[0; 4], &count, &count, &length.to_le_bytes(), &offset.to_le_bytes(), &[0, 0]].concat());
    bytes
}

/// One entry as it was found.
pub struct Entry {
    pub name: String,
    pub size: u64,
    /// SM3.
    pub digest: String,
    /// Kept when asked for.
    pub content: Option<Vec<u8>>,
}

/// Reads a file from front to end, naming every deviation from the one form. Contents are kept when `keep` says so; others pass through.
///
/// # Errors
/// When the source can't be read.
pub fn read(source: &mut impl Read, keep: impl Fn(&str) -> bool, findings: &mut Findings) -> io::Result<Vec<Entry>> {
    let (mut entries, mut listed) = (Vec::new(), Vec::<Listed>::new());
    loop {
        let mut head = up_to(source, 4)?;
        if head != LOCAL {
            let expected = directory(&listed);
            // One more than expected, to see that nothing comes after.
            head.extend(up_to(source, expected.len())?);
            if let Some(at) = (0..head.len().max(expected.len())).find(|at| head.get(*at) != expected.get(*at)) {
                let after = listed.last().map_or("its beginning", |entry| entry.name.as_str());
                findings.fault(format!("the zip's directory after {after}: was changed at byte {at}"));
            }
            return Ok(entries);
        }
        head.extend(up_to(source, LOCAL_LENGTH - 4)?);
        let number = |at: usize| head.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes);
        let (crc, size) = (number(14), u64::from(number(18)));
        let length = head.get(26..28).and_then(|bytes| bytes.try_into().ok()).map_or(0, u16::from_le_bytes);
        let raw_name = up_to(source, usize::from(length))?;
        head.extend(&raw_name);
        let name = String::from_utf8_lossy(&raw_name).into_owned();
        let (mut hasher, mut checksum) = (Sm3::new(), crc32fast::Hasher::new());
        let mut content = keep(&name).then(Vec::new);
        let mut remaining = size;
        let mut buffer = vec![0; 64 * 1024];
        while remaining > 0 {
            let wanted = usize::try_from(remaining).unwrap_or(usize::MAX).min(buffer.len());
            let Some(window) = buffer.get_mut(..wanted) else { break };
            let found = source.read(window)?;
            let Some(bytes) = window.get(..found).filter(|bytes| !bytes.is_empty()) else { break };
            hasher.update(bytes);
            checksum.update(bytes);
            if let Some(content) = &mut content {
                content.extend_from_slice(bytes);
            }
            remaining -= found as u64;
        }
        if remaining > 0 {
            findings.fault(format!("{name}: the file ends within it"));
            return Ok(entries);
        }
        let found = Listed { name: name.clone(), crc: checksum.finalize(), size: u32::try_from(size).unwrap_or(u32::MAX) };
        if found.crc != crc {
            findings.fault(format!("{name}: its content does not fit the zip's checksum"));
        } else if found.header() != head {
            findings.fault(format!("{name}: its header in the zip was changed"));
        }
        // The directory is compared with what headers said: a fault of the content is named once.
        listed.push(Listed { crc, ..found });
        entries.push(Entry { name, size, digest: hex::encode(hasher.finalize()), content });
    }
}

fn up_to(source: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(length as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> Vec<u8> {
        let files: [(&str, &[u8]); 3] = [("a.json", b"{}"), ("attachments/empty", b""), ("attachments/联动.pdf", b"%PDF-1.7")];
        let (mut bytes, mut entries) = (Vec::new(), Vec::new());
        for (name, content) in files {
            let entry = Listed::of(name, content).expect("it is small");
            bytes.extend(entry.header());
            bytes.extend(content);
            entries.push(entry);
        }
        bytes.extend(directory(&entries));
        bytes
    }

    fn faults(bytes: &[u8]) -> Vec<String> {
        let mut findings = Findings::default();
        read(&mut &bytes[..], |_| true, &mut findings).expect("memory can be read");
        findings.faults
    }

    #[test]
    fn any_zip_program_opens_it() {
        let mut archive = zip::ZipArchive::new(io::Cursor::new(written())).expect("a zip");
        assert_eq!(archive.len(), 3);
        let mut text = String::new();
        archive.by_name("attachments/联动.pdf").expect("it is there").read_to_string(&mut text).expect("it is whole");
        assert_eq!(text, "%PDF-1.7");
    }

    #[test]
    fn no_byte_can_be_changed_added_or_left_out() {
        let whole = written();
        assert_eq!(faults(&whole), Vec::<String>::new());
        for at in 0..whole.len() {
            for mask in [1, 0x20, 0x80] {
                let mut changed = whole.clone();
                changed[at] ^= mask;
                assert!(!faults(&changed).is_empty(), "byte {at} with mask {mask}");
            }
            assert!(!faults(&whole[..at]).is_empty(), "cut at {at}");
        }
        assert!(!faults(&[&whole[..], b"\n"].concat()).is_empty());
    }
}
