//! Normalisation for matching; what was typed is kept elsewhere as typed.

/// Full-width forms become ASCII, ideographic spaces plain ones, dashes one dash; ends trimmed.
pub fn fold(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '\u{3000}' | '\u{a0}' | '\t' => ' ',
            '—' | '–' | '〜' => '-',
            '【' | '〔' => '(',
            '】' | '〕' => ')',
            _ => c,
        })
        .filter(|c| !c.is_control() || *c == '\n')
        .collect::<String>()
        .trim()
        .to_owned()
}

/// A number in digits or Chinese numerals up to 99 (and digit by digit: 二〇二七); `None` when it isn't one.
pub fn number(text: &str) -> Option<u32> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let digit = |c: char| match c {
        '〇' | '零' => Some(0),
        '一' | '元' => Some(1),
        '二' | '两' => Some(2),
        '三' => Some(3),
        '四' => Some(4),
        '五' => Some(5),
        '六' => Some(6),
        '七' => Some(7),
        '八' => Some(8),
        '九' => Some(9),
        _ => None,
    };
    if text.is_empty() {
        return None;
    }
    match text.split_once('十') {
        Some((tens, ones)) => {
            let tens = if tens.is_empty() { 1 } else { digit(tens.chars().next()?).filter(|_| tens.chars().count() == 1)? };
            let ones = if ones.is_empty() { 0 } else { digit(ones.chars().next()?).filter(|_| ones.chars().count() == 1)? };
            Some(tens * 10 + ones)
        }
        None => text.chars().try_fold(0u32, |value, c| Some(value.checked_mul(10)? + digit(c)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_are_read() {
        for (text, value) in [("25", 25), ("十二", 12), ("二十", 20), ("三十一", 31), ("两", 2), ("二〇二七", 2027)] {
            assert_eq!(number(text), Some(value), "{text}");
        }
        assert_eq!(number("若干"), None);
        assert_eq!(fold("２０２６年　（办）"), "2026年 (办)");
    }
}
