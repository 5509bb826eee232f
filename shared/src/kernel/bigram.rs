//! The search tokenizer: overlapping pairs of Han characters, and whole Latin words and numbers. The same for text and query,
//! so that they can't be cut differently (DESIGN.md §5.13).

/// A normalised character: full-width forms become ASCII, letters lower case.
fn fold(c: char) -> char {
    let c = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    };
    c.to_ascii_lowercase()
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2fa1f}')
}

/// The tokens of a text, in order: 「颍河治理」 gives 颍河 河治 治理; a single Han character stands alone; `LD-2026-WI-00017` is
/// cut at the hyphens into ld 2026 wi 00017.
pub fn words(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut han: Vec<char> = Vec::new();
    let mut latin = String::new();
    let flush_han = |han: &mut Vec<char>, tokens: &mut Vec<String>| {
        if let [single] = han.as_slice() {
            tokens.push(single.to_string());
        }
        tokens.extend(han.windows(2).map(|pair| pair.iter().collect::<String>()));
        han.clear();
    };
    for c in text.chars().map(fold) {
        if is_han(c) {
            if !latin.is_empty() {
                tokens.push(std::mem::take(&mut latin));
            }
            han.push(c);
        } else {
            flush_han(&mut han, &mut tokens);
            if c.is_alphanumeric() {
                latin.push(c);
            } else if !latin.is_empty() {
                tokens.push(std::mem::take(&mut latin));
            }
        }
    }
    flush_han(&mut han, &mut tokens);
    if !latin.is_empty() {
        tokens.push(latin);
    }
    tokens
}

/// Where the words of a query stand in a text: character ranges (start, length), in order, not overlapping.
pub fn marks(text: &str, query: &str) -> Vec<(u32, u32)> {
    let folded: Vec<char> = text.chars().map(fold).collect();
    let mut found: Vec<(usize, usize)> = Vec::new();
    for word in words(query) {
        let word: Vec<char> = word.chars().collect();
        found.extend(folded.windows(word.len().max(1)).enumerate().filter(|(_, window)| *window == word).map(|(at, window)| (at, at + window.len())));
    }
    found.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::new();
    for (start, end) in found {
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged.into_iter().filter_map(|(start, end)| Some((u32::try_from(start).ok()?, u32::try_from(end - start).ok()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn two_character_words_are_found() {
        assert_eq!(words("颍河治理"), ["颍河", "河治", "治理"]);
        assert_eq!(words("ＬＤ－2026-WI-00017 水"), ["ld", "2026", "wi", "00017", "水"]);
        assert_eq!(marks("关于颍河治理", "颍河治"), [(2, 3)]);
    }

    proptest! {
        #[test]
        fn every_substring_of_two_is_a_token(text in "[一-龥]{2,20}") {
            let tokens = words(&text);
            let chars: Vec<char> = text.chars().collect();
            for pair in chars.windows(2) {
                prop_assert!(tokens.contains(&pair.iter().collect::<String>()));
            }
        }

        #[test]
        fn marks_stay_inside(text in ".{0,40}", query in ".{0,10}") {
            let length = text.chars().count() as u32;
            for (start, len) in marks(&text, &query) {
                prop_assert!(start + len <= length && len > 0);
            }
        }
    }
}
