//! Why a cell means what it means: a sentence by its code, and what it is said of. Rendered in both languages at once, so that
//! the reading itself holds no words.

use crate::kernel::{messages_reading::Sentence, text::Text};

#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    pub sentence: Sentence,
    pub arguments: Vec<Text>,
}

impl Explanation {
    pub fn new(sentence: Sentence, arguments: Vec<Text>) -> Self {
        Self { sentence, arguments }
    }
    pub fn code(&self) -> &'static str {
        self.sentence.code
    }
    pub fn text(&self) -> Text {
        let fill = |template: &str, argument: fn(&Text) -> &str| {
            // One pass, so that braces in what somebody wrote are not taken for places of arguments.
            let mut filled = String::new();
            let mut rest = template;
            while let Some((before, after)) = rest.split_once('{') {
                filled.push_str(before);
                let named = after.split_once('}').and_then(|(index, after)| Some((self.arguments.get(index.parse::<usize>().ok()?)?, after)));
                match named {
                    Some((text, after)) => {
                        filled.push_str(argument(text));
                        rest = after;
                    }
                    None => {
                        filled.push('{');
                        rest = after;
                    }
                }
            }
            filled.push_str(rest);
            filled
        };
        Text { zh: fill(self.sentence.message.zh, |text| &text.zh), en: fill(self.sentence.message.en, |text| &text.en) }
    }
}

/// An argument that is the same in both languages: a date, a number, what somebody wrote.
pub fn same(value: impl ToString) -> Text {
    let value = value.to_string();
    Text { zh: value.clone(), en: value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::messages_reading as M;

    #[test]
    fn arguments_are_filled_in_once() {
        let text = Explanation::new(M::DUE_MONTH_END, vec![same("{1}月底"), same("2026-12-31")]).text();
        assert_eq!(text.zh, "“{1}月底”→ 2026-12-31（当月最后一日）");
        assert_eq!(text.en, "“{1}月底” → 2026-12-31 (last day of the month)");
    }
}
