//! Where the table is and which column means which field: by the words of its headings, in one or two header rows, anywhere
//! among the first rows of a sheet.

use super::{
    sheet::{ColumnWords, Sheet, Table},
    text::fold,
};

/// How far down a header may stand.
const FIRST_ROWS: usize = 20;
/// A longer text is no heading.
const LONGEST: usize = 14;
/// Written in the column of groups for a row that belongs to none: a blank one there means the group above.
pub const NO_GROUP: &str = "无";

fn plain(text: &str) -> String {
    fold(text).chars().filter(|c| !c.is_whitespace() && !matches!(c, '*' | ':' | '(' | ')')).collect::<String>().to_lowercase()
}

/// How well a heading fits the words of a field: 0 not at all; exactly before in part, a longer word before a shorter one, the
/// word at the heading's end before others, earlier words of the list before later ones.
fn fit(heading: &str, words: &[String]) -> usize {
    let unbracketed = fold(heading).split('(').next().map(plain).unwrap_or_default();
    let heading = plain(heading);
    if heading.is_empty() {
        return 0;
    }
    let one = |(index, word): (usize, &String)| {
        let word = plain(word);
        let length = word.chars().count();
        let late = index.min(40);
        if heading == word || unbracketed == word {
            1000 - late
        } else if heading.chars().count() <= LONGEST && length >= 2 && heading.contains(&word) {
            500 + 20 * length + if heading.ends_with(&word) { 60 } else { 0 } - late
        } else {
            0
        }
    };
    words.iter().enumerate().map(one).max().unwrap_or(0)
}

/// The texts by which each column may be known, best guess first.
fn headings(sheet: &Sheet, top: usize, height: usize) -> Option<Vec<(usize, Vec<String>)>> {
    let own = |row: usize, column: usize| {
        sheet.rows.get(row).and_then(|cells| cells.get(column)).filter(|cell| !cell.is_blank()).map(|cell| fold(&cell.text))
    };
    let upper_row = sheet.rows.get(top)?;
    let width = if height == 2 { upper_row.len().max(sheet.rows.get(top + 1)?.len()) } else { upper_row.len() };
    let mut found = Vec::new();
    let mut last = String::new();
    for column in 0..width {
        let upper = own(top, column);
        let lower = (height == 2).then(|| own(top + 1, column)).flatten();
        if let Some(upper) = &upper {
            last.clone_from(upper);
        }
        match (upper, lower) {
            (upper, Some(lower)) => {
                // Only .xlsx tells merges; over a word with nothing above it, the heading to its left goes on.
                let above = upper.unwrap_or_else(|| last.clone());
                found.push((column, vec![format!("{above}{lower}"), lower]));
            }
            (Some(upper), None) => found.push((column, vec![upper])),
            (None, None) => {}
        }
    }
    Some(found)
}

/// Whether the row below the first belongs to the header: short words that mean fields, nothing that could be data.
fn continues(sheet: &Sheet, top: usize, wanted: &[ColumnWords]) -> bool {
    let Some(below) = sheet.rows.get(top + 1) else { return false };
    let fits = |text: &str| wanted.iter().any(|words| fit(text, &words.words) > 0);
    let merged_above = |column: usize| {
        sheet.merged.iter().any(|(first, left, last, right)| *first == top && *last == top && left < right && (*left..=*right).contains(&column))
    };
    let filled: Vec<(usize, String)> =
        below.iter().enumerate().filter(|(_, cell)| !cell.is_blank()).map(|(column, cell)| (column, fold(&cell.text))).collect();
    // A lone text over the first heading is the title of the table.
    let mut above = sheet.rows.get(top).into_iter().flatten().enumerate().filter(|(_, cell)| !cell.is_blank()).map(|(column, _)| column);
    if let (Some(title), None) = (above.next(), above.next())
        && filled.first().is_some_and(|(first, _)| title <= *first)
    {
        return false;
    }
    let mut named = 0;
    for (column, text) in &filled {
        let upper = sheet.rows.get(top).and_then(|cells| cells.get(*column)).filter(|cell| !cell.is_blank()).map(|cell| fold(&cell.text));
        let together = fits(&format!("{}{text}", upper.as_deref().unwrap_or_default()));
        let short = text.chars().count() <= 10 && text.parse::<f64>().is_err();
        if !short || !(fits(text) || together || upper.is_none() || merged_above(*column)) {
            return false;
        }
        named += usize::from(fits(text) || together);
    }
    named > 0
}

/// Columns given to fields so that the best fits come first; a column pinned to a field keeps it.
fn assign(fits: &[(usize, usize, usize)], pinned: &[(usize, usize)]) -> Vec<(usize, usize, usize)> {
    let mut given: Vec<(usize, usize, usize)> = Vec::new();
    let score = |column: usize, field: usize| fits.iter().find(|(_, c, f)| (*c, *f) == (column, field)).map_or(0, |(score, _, _)| *score);
    given.extend(pinned.iter().map(|(column, field)| (score(*column, *field), *column, *field)));
    for fit in fits {
        if !given.iter().any(|(_, column, field)| *column == fit.1 || *field == fit.2) {
            given.push(*fit);
        }
    }
    given
}

/// The best header among the first rows that has every required field.
pub fn find_table(sheet: &Sheet, wanted: &[ColumnWords]) -> Option<Table> {
    let mut best: Option<(usize, Table)> = None;
    for top in 0..sheet.rows.len().min(FIRST_ROWS) {
        for height in 1..=2 {
            if height == 2 && !continues(sheet, top, wanted) {
                continue;
            }
            if let Some((score, table)) = table_at(sheet, wanted, top, height)
                && best.as_ref().is_none_or(|(other, _)| score > *other)
            {
                best = Some((score, table));
            }
        }
    }
    best.map(|(_, table)| table)
}

fn table_at(sheet: &Sheet, wanted: &[ColumnWords], top: usize, height: usize) -> Option<(usize, Table)> {
    let headings = headings(sheet, top, height)?;
    // Score, column, index of the field.
    let mut fits: Vec<(usize, usize, usize)> = Vec::new();
    for (column, texts) in &headings {
        for (field, words) in wanted.iter().enumerate() {
            let score = texts.iter().map(|text| fit(text, &words.words)).max().unwrap_or(0);
            if score > 0 {
                fits.push((score, *column, field));
            }
        }
    }
    fits.sort_unstable_by_key(|(score, column, field)| (std::cmp::Reverse(*score), *column, *field));
    let required = |field: usize| wanted.get(field).is_some_and(|words| words.required);
    let mut pinned: Vec<(usize, usize)> = Vec::new();
    let mut given = assign(&fits, &pinned);
    for field in (0..wanted.len()).filter(|field| required(*field)) {
        if given.iter().any(|(_, _, other)| *other == field) {
            continue;
        }
        // A column that fits several fields goes to the one a row can't be without: 责任单位 where nobody is said to lead.
        let (_, column, _) = fits.iter().find(|(_, column, other)| *other == field && !given.iter().any(|(_, c, f)| c == column && required(*f)))?;
        pinned.push((*column, field));
        given = assign(&fits, &pinned);
    }
    if given.len() < 2 {
        return None;
    }
    let header_row = top + height - 1;
    finer(sheet, wanted, header_row, &fits, &mut given);
    let title_field = (0..wanted.len()).find(|field| required(*field));
    let title_column = given.iter().find(|(_, _, field)| Some(*field) == title_field).map(|(_, column, _)| *column);
    let unknown = headings
        .iter()
        .filter(|(column, _)| !given.iter().any(|(_, other, _)| other == column))
        .filter_map(|(_, texts)| texts.first().cloned())
        .collect();
    let score = given.iter().map(|(score, _, _)| score).sum();
    given.sort_unstable_by_key(|(_, column, _)| *column);
    let columns = given.iter().filter_map(|(_, column, field)| Some((*column, wanted.get(*field)?.field.clone()))).collect();
    let title = sheet.rows.iter().take(top).flatten().find(|cell| !cell.is_blank()).map(|cell| fold(&cell.text));
    Some((score, Table { header_row, columns, unknown, title_column, title }))
}

/// Of two columns of tasks (重点任务 | 工作措施) the one merged over several rows names the group, the other the task.
fn finer(sheet: &Sheet, wanted: &[ColumnWords], header_row: usize, fits: &[(usize, usize, usize)], given: &mut Vec<(usize, usize, usize)>) {
    let Some(title) = wanted.iter().position(|words| words.required) else { return };
    let merged = |column: usize| {
        sheet.merged.iter().any(|(top, left, bottom, right)| *top > header_row && bottom > top && *left == column && *right == column)
    };
    let Some(group) = wanted.iter().position(|words| words.group) else { return };
    if given.iter().any(|(_, _, field)| *field == group) {
        return;
    }
    let of_title = |wanted_merged: bool| {
        fits.iter().filter(move |(_, _, field)| *field == title).find(|(_, column, _)| merged(*column) == wanted_merged).copied()
    };
    if let (Some((score, coarse, _)), Some(fine)) = (of_title(true), of_title(false)) {
        given.retain(|(_, column, field)| *field != title && *column != coarse && *column != fine.1);
        given.extend([(score, coarse, group), fine]);
    }
}
