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

/// A number in digits or Chinese numerals up to 999 (and digit by digit: 二〇二七); `None` when it isn't one.
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
    if let Some((hundreds, rest)) = text.split_once('百') {
        let hundreds = number(hundreds).filter(|hundreds| (1..=9).contains(hundreds))?;
        let rest = rest.trim_start_matches('零');
        return Some(hundreds * 100 + if rest.is_empty() { 0 } else { number(rest).filter(|rest| *rest < 100)? });
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

/// Years that a title names as its own: 2026—2027年度工作清单, but not the month a list was made in (2026年11月).
pub fn years_named(title: &str) -> Vec<i32> {
    let title: Vec<char> = fold(title).chars().collect();
    let digits = |at: usize| title.iter().skip(at).take_while(|c| c.is_ascii_digit()).count();
    let mut years = Vec::new();
    let mut at = 0;
    while at < title.len() {
        let length = digits(at);
        let year = (length == 4).then(|| title.iter().skip(at).take(4).collect::<String>().parse::<i32>().ok()).flatten();
        let after = at + length;
        // 2026年11月, 2026-11-24, 2026.11: a day, not a year.
        let joined = title.get(after).is_some_and(|c| matches!(c, '年' | '-' | '.' | '/')) && matches!(digits(after + 1), 1 | 2);
        years.extend(year.filter(|year| (2020..2100).contains(year) && !joined));
        at = after.max(at + 1);
    }
    years
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_are_read() {
        for (text, value) in
            [("25", 25), ("十二", 12), ("二十", 20), ("三十一", 31), ("两", 2), ("二〇二七", 2027), ("一百二十", 120), ("一百零五", 105)]
        {
            assert_eq!(number(text), Some(value), "{text}");
        }
        assert_eq!(number("若干"), None);
        for (title, years) in [
            ("登封市2026—2027年度工作清单", vec![2026, 2027]),
            ("制表单位：某办        2026年11月", vec![]),
            ("worklist_2026.xlsx", vec![2026]),
            ("2027年重点任务（2026-11-24印发）", vec![2027]),
            ("导出20261124", vec![]),
        ] {
            assert_eq!(years_named(title), years, "{title}");
        }
        assert_eq!(fold("２０２６年　（办）"), "2026年 (办)");
    }
}
