//! Where the table is: the header row by its words, in any of the first rows; groups and footers told from data.

use super::text::fold;
use chrono::NaiveDate;

/// A cell as the spreadsheet holds it.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Cell {
    /// As shown.
    pub text: String,
    pub number: Option<f64>,
    pub date: Option<NaiveDate>,
}

impl Cell {
    pub fn text(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }
    pub fn is_blank(&self) -> bool {
        fold(&self.text).is_empty()
    }
}

/// A sheet; merged ranges are (first row, first column, last row, last column), from 0.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    pub name: String,
    pub rows: Vec<Vec<Cell>>,
    pub merged: Vec<(usize, usize, usize, usize)>,
}

/// The words that mean a field, from the kind's declaration.
#[derive(Debug, Clone)]
pub struct ColumnWords {
    pub field: String,
    pub words: Vec<String>,
    pub required: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// From 0.
    pub header_row: usize,
    pub columns: Vec<(usize, String)>,
    pub unknown: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum RowClass {
    Blank,
    Group(String),
    Footer,
    Data,
}

fn plain(text: &str) -> String {
    fold(text).chars().filter(|c| !c.is_whitespace() && !matches!(c, '*' | ':' | '(' | ')')).collect::<String>().to_lowercase()
}

/// How well a heading fits a word: exactly, or containing it.
fn fits(heading: &str, word: &str) -> u8 {
    let (heading, word) = (plain(heading), plain(word));
    if heading.is_empty() {
        0
    } else if heading == word {
        3
    } else if heading.chars().count() <= 14 && word.chars().count() >= 2 && heading.contains(&word) {
        2
    } else {
        0
    }
}

/// The best header among the first ten rows that has every required field; a second header row below it lends its words to
/// columns whose upper cell is merged or empty.
pub fn find_table(sheet: &Sheet, wanted: &[ColumnWords]) -> Option<Table> {
    let mut best: Option<(usize, Table)> = None;
    for (index, row) in sheet.rows.iter().enumerate().take(10) {
        let mut columns: Vec<(usize, String, u8)> = Vec::new();
        let mut unknown = Vec::new();
        for (column, cell) in row.iter().enumerate().filter(|(_, cell)| !cell.is_blank()) {
            let found = wanted
                .iter()
                .filter_map(|words| {
                    let score = words.words.iter().map(|word| fits(&cell.text, word)).max().unwrap_or(0);
                    (score > 0).then_some((score, words.field.clone()))
                })
                .max_by_key(|(score, _)| *score);
            match found {
                Some((score, field)) => match columns.iter_mut().find(|(_, other, _)| *other == field) {
                    Some(other) if other.2 < score => *other = (column, field, score),
                    Some(_) => unknown.push(fold(&cell.text)),
                    None => columns.push((column, field, score)),
                },
                None => unknown.push(fold(&cell.text)),
            }
        }
        let complete = wanted.iter().filter(|words| words.required).all(|words| columns.iter().any(|(_, field, _)| *field == words.field));
        let score: usize = columns.iter().map(|(_, _, score)| usize::from(*score)).sum();
        if complete && columns.len() >= 2 && best.as_ref().is_none_or(|(other, _)| score > *other) {
            columns.sort_unstable_by_key(|(column, _, _)| *column);
            let columns = columns.into_iter().map(|(column, field, _)| (column, field)).collect();
            best = Some((score, Table { header_row: index, columns, unknown }));
        }
    }
    best.map(|(_, table)| table)
}

impl Sheet {
    /// A cell, filled from the top of a vertical merge.
    pub fn cell(&self, row: usize, column: usize) -> Cell {
        let own = self.rows.get(row).and_then(|cells| cells.get(column)).cloned().unwrap_or_default();
        if !own.is_blank() {
            return own;
        }
        self.merged
            .iter()
            .find(|(top, left, bottom, right)| *top < row && row <= *bottom && left == right && *left == column)
            .and_then(|(top, left, _, _)| self.rows.get(*top)?.get(*left).cloned())
            .unwrap_or(own)
    }
}

pub fn classify(sheet: &Sheet, table: &Table, row: usize) -> RowClass {
    let Some(cells) = sheet.rows.get(row) else { return RowClass::Blank };
    let filled: Vec<&Cell> = cells.iter().filter(|cell| !cell.is_blank()).collect();
    let Some(first) = filled.first() else { return RowClass::Blank };
    let text = fold(&first.text);
    let lone = filled.len() == 1;
    let footers = ["填报人", "填表说明", "填表人", "审核人", "备注:", "注:", "说明:", "联系电话", "合计", "总计", "制表"];
    if footers.iter().any(|word| text.starts_with(word)) {
        return RowClass::Footer;
    }
    let wide = sheet.merged.iter().any(|(top, left, bottom, right)| *top == row && *bottom == row && right - left + 1 >= 3.min(table.columns.len()));
    let numbered = {
        let inner = text.trim_start_matches('(');
        let numerals: String = inner.chars().take_while(|c| "一二三四五六七八九十".contains(*c)).collect();
        !numerals.is_empty() && inner.chars().nth(numerals.chars().count()).is_some_and(|c| matches!(c, '、' | ')' | '.' | ' '))
    };
    if lone && (wide || numbered || text.starts_with('第')) {
        return RowClass::Group(text);
    }
    RowClass::Data
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Vec<ColumnWords> {
        let column = |field: &str, words: &[&str], required: bool| ColumnWords { field: field.into(), words: words.iter().map(|w| (*w).into()).collect(), required };
        vec![
            column("content", &["工作任务", "任务内容", "事项"], true),
            column("lead_unit", &["牵头单位", "主责单位"], true),
            column("due_date", &["完成时限", "时间要求"], false),
            column("origin_ref", &["任务来源"], false),
        ]
    }

    fn sheet(rows: &[&[&str]]) -> Sheet {
        Sheet { name: "s".into(), rows: rows.iter().map(|row| row.iter().map(|text| Cell::text(text)).collect()).collect(), merged: vec![] }
    }

    #[test]
    fn the_header_is_found_by_its_words_wherever_it_stands() {
        let found = find_table(&sheet(&[&["某市清单"], &["", ""], &["时间要求（截止）", "重点事项", "主责单位", "联系人"], &["", "", ""]]), &words()).unwrap();
        assert_eq!(found.header_row, 2);
        assert_eq!(found.columns, [(0, "due_date".into()), (1, "content".into()), (2, "lead_unit".into())]);
        assert_eq!(found.unknown, ["联系人"]);
        assert!(find_table(&sheet(&[&["没有", "表头"]]), &words()).is_none());
    }

    #[test]
    fn groups_and_footers_are_not_tasks() {
        let sheet = sheet(&[&["工作任务", "牵头单位"], &["一、联动机制", ""], &["填报人：", ""], &["召开会议", "市司法局"], &["", " "]]);
        let table = find_table(&sheet, &words()).unwrap();
        let classes: Vec<RowClass> = (1..5).map(|row| classify(&sheet, &table, row)).collect();
        assert_eq!(classes, [RowClass::Group("一、联动机制".into()), RowClass::Footer, RowClass::Data, RowClass::Blank]);
    }
}
