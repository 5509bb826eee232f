//! Values by which lists are filtered.

/// One spelling for what is typed in several: 工作方案二(一) and 工作方案二（一） are one clause. In the body it stays as typed.
pub fn facet_value(typed: &str) -> String {
    // A typist's input method decides the brackets; in Chinese they are full-width (GB/T 15834).
    let chinese = typed.chars().any(|c| matches!(c, '\u{4e00}'..='\u{9fff}'));
    let bracket = |c: char| match (c, chinese) {
        ('(', true) => '（',
        (')', true) => '）',
        ('（', false) => '(',
        ('）', false) => ')',
        (other, _) => other,
    };
    typed.trim().chars().map(bracket).collect()
}

#[cfg(test)]
mod tests {
    use super::facet_value;

    #[test]
    fn brackets_are_those_of_the_language() {
        for typed in ["工作方案二(一)", "工作方案二（一）", " 工作方案二（一) "] {
            assert_eq!(facet_value(typed), "工作方案二（一）");
        }
        assert_eq!(facet_value("Plan （2）"), "Plan (2)");
        assert_eq!(facet_value("df-market"), "df-market");
    }
}
