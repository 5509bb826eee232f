//! What a file is called, what it is and which part of it is asked for.

use crate::proof::dossier::shortened;
use shared::kernel::validate::has_control_characters;
use std::ops::RangeInclusive;

/// Bytes of a file's name at most: file systems take 255.
const NAME_BYTES: usize = 200;

/// The last path part, without control and bidirectional characters and those that file systems refuse; never empty, hidden or too
/// long for a file system.
pub fn safe_name(raw: &str) -> String {
    let last = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last
        .chars()
        .filter(|c| !has_control_characters(&c.to_string()) && !matches!(c, '"' | '<' | '>' | '|' | ':' | '*' | '?' | '\n' | '\r' | '\t'))
        .collect();
    let clean = shortened(clean.trim().trim_start_matches('.'), NAME_BYTES);
    if clean.is_empty() { "file".into() } else { clean }
}

/// The type by the content itself, seen in passing; what isn't known is a plain download, never something a browser runs.
#[derive(Default)]
pub struct Sniffer {
    /// The first bytes.
    head: Vec<u8>,
    /// The beginning of a character that the next chunk ends.
    begun: Vec<u8>,
    not_text: bool,
}

impl Sniffer {
    pub fn see(&mut self, chunk: &[u8]) {
        self.head.extend(chunk.iter().take(8usize.saturating_sub(self.head.len())));
        if self.not_text {
            return;
        }
        let bytes = [&self.begun, chunk].concat();
        let (text, rest) = match std::str::from_utf8(&bytes) {
            Ok(text) => (text, &[][..]),
            Err(error) if error.error_len().is_none() => {
                let (valid, rest) = bytes.split_at(error.valid_up_to());
                (std::str::from_utf8(valid).unwrap_or_default(), rest)
            }
            Err(_) => {
                self.not_text = true;
                return;
            }
        };
        self.not_text = has_control_characters(text);
        self.begun = rest.to_vec();
    }

    pub fn media_type(&self, name: &str) -> &'static str {
        let extension = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        match self.head.as_slice() {
            [0x25, b'P', b'D', b'F', ..] => "application/pdf",
            [0x89, b'P', b'N', b'G', ..] => "image/png",
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            [b'G', b'I', b'F', b'8', ..] => "image/gif",
            [b'P', b'K', 3, 4, ..] => match extension.as_str() {
                "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
                _ => "application/zip",
            },
            [0xd0, 0xcf, 0x11, 0xe0, ..] => "application/x-ole-storage",
            _ if extension == "txt" && !self.not_text && self.begun.is_empty() => "text/plain; charset=utf-8",
            _ => "application/octet-stream",
        }
    }
}

#[derive(Debug, PartialEq)]
pub enum Asked {
    Whole,
    Part(RangeInclusive<u64>),
    Outside,
}

/// One range of `Range: bytes=a-b` (RFC 9110 §14.1.2). Several, other units and what isn't a range are answered whole.
pub fn range(value: &str, total: u64) -> Asked {
    let Some((start, end)) = value.trim().strip_prefix("bytes=").and_then(|range| range.split_once('-')) else { return Asked::Whole };
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    match (start, end, number(start), number(end)) {
        ("", _, _, Some(length)) if length > 0 && total > 0 => Asked::Part(total.saturating_sub(length)..=total - 1),
        ("", _, _, Some(_)) => Asked::Outside,
        (_, _, Some(start), Some(end)) if start > end => Asked::Whole,
        (_, "", Some(start), _) | (_, _, Some(start), Some(_)) if start >= total => Asked::Outside,
        (_, "", Some(start), _) => Asked::Part(start..=total - 1),
        (_, _, Some(start), Some(end)) => Asked::Part(start..=end.min(total - 1)),
        _ => Asked::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_the_standard() {
        let cases = [
            ("bytes=0-0", Asked::Part(0..=0)),
            ("bytes=2-", Asked::Part(2..=9)),
            ("bytes=2-100", Asked::Part(2..=9)),
            ("bytes=-3", Asked::Part(7..=9)),
            ("bytes=-30", Asked::Part(0..=9)),
            ("bytes=10-", Asked::Outside),
            ("bytes=10-12", Asked::Outside),
            ("bytes=-0", Asked::Outside),
            ("bytes=5-2", Asked::Whole),
            ("bytes=0-1,4-5", Asked::Whole),
            ("lines=0-1", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("bytes=+1-2", Asked::Whole),
        ];
        for (value, expected) in cases {
            assert_eq!(range(value, 10), expected, "{value}");
        }
        assert_eq!(range("bytes=0-", 0), Asked::Outside);
    }

    #[test]
    fn names_lose_what_could_harm() {
        assert_eq!(safe_name("../../etc/passwd"), "passwd");
        assert_eq!(safe_name("..\\..\\报告.pdf"), "报告.pdf");
        assert_eq!(safe_name("a\u{202e}fdp.exe\r\n"), "afdp.exe");
        assert_eq!(safe_name("..."), "file");
        assert_eq!(safe_name(""), "file");
        let long = safe_name(&format!("{}.pdf", "长".repeat(300)));
        assert!(long.len() <= NAME_BYTES && long.ends_with("长.pdf"), "{long}");
    }

    #[test]
    fn types_come_from_the_content_however_it_is_cut() {
        let of = |bytes: &[u8], name: &str, cut: usize| {
            let mut sniffer = Sniffer::default();
            bytes.chunks(cut).for_each(|chunk| sniffer.see(chunk));
            sniffer.media_type(name)
        };
        for cut in 1..6 {
            assert_eq!(of("联动办公室\n".as_bytes(), "a.txt", cut), "text/plain; charset=utf-8");
            assert_eq!(of(&"联动".as_bytes()[..5], "a.txt", cut), "application/octet-stream");
            assert_eq!(of(b"a\0b", "a.txt", cut), "application/octet-stream");
            assert_eq!(of(b"%PDF-1.7", "a.png", cut), "application/pdf");
            assert_eq!(of(b"<html><script>", "a.png", cut), "application/octet-stream");
        }
    }
}
