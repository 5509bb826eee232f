//! A sheet as read, and its rows below the header: groups, totals, footers and repeated headers told from data.

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
    /// It names the group a row belongs to.
    pub group: bool,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The last row of the header, from 0.
    pub header_row: usize,
    pub columns: Vec<(usize, String)>,
    pub unknown: Vec<String>,
    /// The column that tells what a row is about.
    pub title_column: Option<usize>,
    /// What stands above the header.
    pub title: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum RowClass {
    Blank,
    Group(String),
    Footer,
    Data,
}

impl Sheet {
    fn own(&self, row: usize, column: usize) -> Option<&Cell> {
        self.rows.get(row)?.get(column).filter(|cell| !cell.is_blank())
    }

    /// A cell, filled from the top of a vertical merge.
    pub fn cell(&self, row: usize, column: usize) -> Cell {
        if let Some(own) = self.own(row, column) {
            return own.clone();
        }
        self.merged
            .iter()
            .find(|(top, left, bottom, right)| *top < row && row <= *bottom && left == right && *left == column)
            .and_then(|(top, left, _, _)| self.rows.get(*top)?.get(*left).cloned())
            .unwrap_or_default()
    }
}

const FOOTERS: &[&str] =
    &["填报人", "填表说明", "填表人", "审核人", "备注:", "注:", "说明:", "联系电话", "制表", "审批人", "填报单位", "填报时间", "签发"];
const TOTALS: &[&str] = &["合计", "总计", "小计", "共计", "累计", "汇总"];

/// 一、 (二) 第三章: how groups are numbered.
fn numbered(text: &str) -> bool {
    let inner = text.trim_start_matches('(');
    let numerals: String = inner.chars().take_while(|c| "一二三四五六七八九十".contains(*c)).collect();
    !numerals.is_empty() && inner.chars().nth(numerals.chars().count()).is_some_and(|c| matches!(c, '、' | ')' | '.' | ' '))
}

pub fn classify(sheet: &Sheet, table: &Table, row: usize) -> RowClass {
    let Some(cells) = sheet.rows.get(row) else { return RowClass::Blank };
    if cells.iter().all(Cell::is_blank) {
        return RowClass::Blank;
    }
    // What a vertical merge holds counts for every row it covers.
    let filled: Vec<(usize, String)> =
        (0..cells.len()).map(|column| (column, fold(&sheet.cell(row, column).text))).filter(|(_, text)| !text.is_empty()).collect();
    let Some((first_column, text)) = filled.first().cloned() else { return RowClass::Blank };
    let total = |text: &str| {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        text.chars().count() <= 12 && TOTALS.iter().any(|word| text.starts_with(word))
    };
    if FOOTERS.iter().any(|word| text.starts_with(word)) || filled.iter().take(2).any(|(_, text)| total(text)) || is_header(sheet, table, &filled) {
        return RowClass::Footer;
    }
    let lone = filled.len() == 1;
    let wide = sheet.merged.iter().any(|(top, left, bottom, right)| *top == row && *bottom == row && right - left + 1 >= 3.min(table.columns.len()));
    // A word where the others have a number, and nothing else in the row.
    let aside = table.title_column.is_some_and(|title| first_column < title) && text.parse::<f64>().is_err();
    if lone && (wide || numbered(&text) || text.starts_with('第') || aside) {
        return RowClass::Group(text);
    }
    // 一 | 联动机制: number and name of a group in two cells.
    if let [(number, numeral), (column, name)] = filled.as_slice()
        && table.title_column == Some(*column)
        && number < column
        && !numeral.is_empty()
        && numeral.chars().all(|c| "一二三四五六七八九十()、.".contains(c))
    {
        let numeral = numeral.trim_matches(['(', ')', '、', '.']);
        return RowClass::Group(format!("{numeral}、{name}"));
    }
    RowClass::Data
}

/// The header again on the next printed page, or the numbers of columns below it.
fn is_header(sheet: &Sheet, table: &Table, filled: &[(usize, String)]) -> bool {
    let same = |(column, text): &(usize, String)| sheet.own(table.header_row, *column).is_some_and(|cell| fold(&cell.text) == *text);
    let again = filled.len() >= 2 && filled.iter().all(same);
    let counted = filled.len() >= 3 && filled.iter().zip(1..).all(|((_, text), number)| text.trim_matches(['(', ')']) == number.to_string());
    again || counted
}

#[cfg(test)]
mod tests {
    use super::{super::find_table, *};

    fn words() -> Vec<ColumnWords> {
        let column = |field: &str, words: &[&str], required: bool| ColumnWords {
            field: field.into(),
            words: words.iter().map(|w| (*w).into()).collect(),
            required,
            group: field == "group",
        };
        vec![
            column("content", &["工作任务", "任务内容", "事项", "重点任务"], true),
            column("lead_unit", &["牵头单位", "主责单位", "牵头", "责任单位"], true),
            column("co_units", &["责任单位", "配合单位"], false),
            column("due_date", &["完成时限", "时间要求"], false),
            column("group", &["类别"], false),
            column("origin_ref", &["任务来源"], false),
        ]
    }

    fn sheet(rows: &[&[&str]]) -> Sheet {
        Sheet { name: "s".into(), rows: rows.iter().map(|row| row.iter().map(|text| Cell::text(text)).collect()).collect(), merged: vec![] }
    }

    #[test]
    fn the_header_is_found_by_its_words_wherever_it_stands() {
        let found = find_table(&sheet(&[&["某市清单"], &["", ""], &["时间要求（截止）", "重点事项", "主责单位", "联系人"], &["", "", ""]]), &words())
            .unwrap();
        assert_eq!(found.header_row, 2);
        assert_eq!(found.columns, [(0, "due_date".into()), (1, "content".into()), (2, "lead_unit".into())]);
        assert_eq!(found.unknown, ["联系人"]);
        assert_eq!(found.title.as_deref(), Some("某市清单"));
        assert!(find_table(&sheet(&[&["没有", "表头"]]), &words()).is_none());
    }

    #[test]
    fn a_header_of_two_rows_is_read_together() {
        let mut two = sheet(&[
            &["序", "工作任务", "责任分工", "", "完成"],
            &["", "", "牵头", "配合单位", "时限"],
            &["1", "召开会议并明确任务", "市司法局", "市法院", "年底"],
        ]);
        let found = find_table(&two, &words()).unwrap();
        assert_eq!(found.header_row, 1);
        assert_eq!(found.columns, [(1, "content".into()), (2, "lead_unit".into()), (3, "co_units".into()), (4, "due_date".into())]);
        // A row of data is none of the header, whatever it begins with.
        two.rows.remove(1);
        assert!(find_table(&two, &words()).is_none_or(|table| table.header_row == 0));
    }

    #[test]
    fn a_title_right_above_the_header_is_none_of_it() {
        let found = find_table(&sheet(&[&["某市年度清单"], &["工作任务", "牵头单位"], &["召开会议", "市司法局"]]), &words()).unwrap();
        assert_eq!((found.header_row, found.title.as_deref()), (1, Some("某市年度清单")));
    }

    #[test]
    fn the_only_column_of_units_holds_the_lead() {
        let found = find_table(&sheet(&[&["事项", "责任单位", "时间要求"]]), &words()).unwrap();
        assert_eq!(found.columns, [(0, "content".into()), (1, "lead_unit".into()), (2, "due_date".into())]);
        let found = find_table(&sheet(&[&["事项", "责任单位", "配合单位"]]), &words()).unwrap();
        assert_eq!(found.columns, [(0, "content".into()), (1, "lead_unit".into()), (2, "co_units".into())]);
        let found = find_table(&sheet(&[&["责任单位", "事项", "牵头单位"]]), &words()).unwrap();
        assert_eq!(found.columns, [(0, "co_units".into()), (1, "content".into()), (2, "lead_unit".into())]);
    }

    #[test]
    fn of_two_task_columns_the_merged_one_is_the_group() {
        let mut two = sheet(&[&["重点任务", "任务内容", "牵头单位"], &["联动", "召开会议", "市司法局"], &["", "明确专员", "市法院"]]);
        two.merged.push((1, 0, 2, 0));
        let found = find_table(&two, &words()).unwrap();
        assert_eq!(found.columns, [(0, "group".into()), (1, "content".into()), (2, "lead_unit".into())]);
    }

    #[test]
    fn totals_repeated_headers_and_named_groups_are_no_tasks() {
        let sheet = sheet(&[
            &["序号", "工作任务", "牵头单位"],
            &["1", "2", "3"],
            &["", "合 计", "3"],
            &["序号", "工作任务", "牵头单位"],
            &["二", "主要任务", ""],
            &["保障措施", "", ""],
            &["2", "召开会议", ""],
        ]);
        let table = find_table(&sheet, &words()).unwrap();
        let classes: Vec<RowClass> = (1..7).map(|row| classify(&sheet, &table, row)).collect();
        let group = |text: &str| RowClass::Group(text.into());
        assert_eq!(classes, [RowClass::Footer, RowClass::Footer, RowClass::Footer, group("二、主要任务"), group("保障措施"), RowClass::Data]);
    }

    #[test]
    fn groups_and_footers_are_not_tasks() {
        let sheet = sheet(&[&["工作任务", "牵头单位"], &["一、联动机制", ""], &["填报人：", ""], &["召开会议", "市司法局"], &["", " "]]);
        let table = find_table(&sheet, &words()).unwrap();
        let classes: Vec<RowClass> = (1..5).map(|row| classify(&sheet, &table, row)).collect();
        assert_eq!(classes, [RowClass::Group("一、联动机制".into()), RowClass::Footer, RowClass::Data, RowClass::Blank]);
    }
}
