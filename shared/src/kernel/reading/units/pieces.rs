//! A cell divided into names: separators of every kind, labels (牵头：… 配合：…), words that join.

use super::{Mark, fold};

pub(super) struct Piece {
    pub text: String,
    pub mark: Option<Mark>,
}

/// What a label says of the units behind it; `None` when the words before a colon are none.
fn label(text: &str) -> Option<Mark> {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if text.chars().count() > 8 {
        None
    } else if has(&["牵头", "主责", "主办", "承办"]) {
        Some(Mark::Lead)
    } else if has(&["配合", "协办", "责任", "参与", "参加", "会同", "成员"]) {
        Some(Mark::Co)
    } else {
        None
    }
}

/// Splits at separators outside of brackets: 各乡镇（街道） stays whole.
pub(super) fn split(cell: &str) -> Vec<Piece> {
    let mut pieces = vec![Piece { text: String::new(), mark: None }];
    let mut depth = 0usize;
    // 司 法 局: letters spread over a cell are one name.
    let letters = cell.split_whitespace().count() > 2 && cell.split_whitespace().all(|word| word.chars().count() == 1);
    let cell: String = if letters { cell.split_whitespace().collect() } else { cell.to_owned() };
    for c in cell.chars() {
        match c {
            '（' | '(' | '【' | '〔' => depth += 1,
            '）' | ')' | '】' | '〕' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let mark = pieces.last().and_then(|piece| piece.mark);
        let separator = depth == 0 && (matches!(c, '、' | '，' | ',' | '；' | ';' | '/' | '／' | '|' | '。' | '+' | '＋' | '&') || c.is_whitespace());
        if separator {
            pieces.push(Piece { text: String::new(), mark });
        } else if let (0, '：' | ':', Some(piece)) = (depth, c, pieces.last_mut()) {
            match label(&piece.text) {
                Some(mark) => *piece = Piece { text: String::new(), mark: Some(mark) },
                None => piece.text.push(c),
            }
        } else if let Some(piece) = pieces.last_mut() {
            piece.text.push(c);
        }
    }
    // 各乡镇、街道 is one name although it holds a separator.
    let mut joined: Vec<Piece> = Vec::new();
    for piece in pieces {
        let text = piece.text.trim().to_owned();
        if text.is_empty() {
            continue;
        }
        match joined.last_mut() {
            Some(last) if matches!(fold(&last.text).as_str(), "各乡镇" | "各镇" | "乡镇" | "各乡(镇)") && text.starts_with("街道") => {
                last.text.push_str("(街道)");
            }
            _ => joined.push(Piece { text, mark: piece.mark }),
        }
    }
    joined
}

/// The ways to cut a piece at a word that joins names.
pub(super) fn conjunctions(piece: &str) -> impl Iterator<Item = (&str, &str)> {
    ["以及", "会同", "协同", "和", "及", "与", "同"].into_iter().flat_map(move |word| {
        piece.match_indices(word).filter_map(move |(at, word)| {
            let (left, right) = (piece.get(..at)?, piece.get(at + word.len()..)?);
            (!left.trim().is_empty() && !right.trim().is_empty()).then_some((left, right))
        })
    })
}
