//! Where the table of a list of units or people is. Such lists have one or two header rows: 联络员 over 姓名, 职务, 手机.
//! A field is an attribute (`name`, `phone` …), after a group and a dot where the heading names an office (`head.name`).

use shared::kernel::reading::{Cell, Sheet, Table, fold};

/// Offices that head several columns, most telling first.
const GROUPS: &[(&str, &[&str])] = &[
    ("liaison", &["联络员", "联系人"]),
    ("commissioner", &["联动专员", "专员"]),
    ("handler", &["承办人", "经办人"]),
    ("leader", &["分管领导", "分管负责人"]),
    ("head", &["主要负责人", "单位负责人", "负责人", "一把手", "主要领导"]),
];

const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("username", &["用户名", "登录名", "账号", "帐号", "账户"]),
    ("roles", &["角色", "平台角色"]),
    ("phone", &["手机", "电话", "联系方式", "手机号码", "手机号", "联系电话"]),
    ("title", &["职务", "职位", "职级"]),
    ("name_en", &["英文名称", "英文名", "英文"]),
    ("short_name", &["简称", "单位简称"]),
    ("code", &["单位代码", "单位编码", "代码", "编码"]),
    ("document_code", &["机关代字", "发文代字", "代字"]),
    ("kind", &["单位类别", "单位类型", "类别", "类型", "单位性质"]),
    ("aliases", &["别名", "曾用名", "又名", "其他名称"]),
    ("parent", &["上级单位", "主管单位", "主管部门"]),
    ("conference_member", &["是否成员单位", "联席会议成员", "成员单位标识"]),
    ("serial", &["序号", "编号"]),
    ("remark", &["备注", "说明"]),
    ("unit", &["单位名称", "单位全称", "成员单位", "所在单位", "工作单位", "部门名称", "单位", "部门", "全称"]),
    ("name", &["姓名", "名字", "人员"]),
];

const NAMES_OF_PEOPLE: &[&str] = &["name", "title", "phone", "username", "roles"];

fn plain(text: &str) -> String {
    fold(text).chars().filter(|c| !c.is_whitespace() && !matches!(c, '*' | ':' | '(' | ')')).collect()
}

fn word_of(heading: &str, words: &'static [(&'static str, &'static [&'static str])]) -> Option<(&'static str, &'static str)> {
    // The longest word decides: 单位负责人 is no unit.
    words
        .iter()
        .flat_map(|(field, words)| words.iter().map(move |word| (*field, *word)))
        .filter(|(_, word)| heading.contains(word))
        .max_by_key(|(_, word)| word.chars().count())
}

/// The field a heading means.
fn field(heading: &str) -> Option<String> {
    let heading = plain(heading);
    if heading.is_empty() || heading.chars().count() > 14 {
        return None;
    }
    let group = word_of(&heading, GROUPS);
    let rest = group.map_or(heading.clone(), |(_, word)| heading.replacen(word, "", 1));
    let attribute = word_of(&rest, ATTRIBUTES).map(|(name, _)| name);
    match (group, attribute) {
        (Some((group, _)), Some(attribute)) if NAMES_OF_PEOPLE.contains(&attribute) => Some(format!("{group}.{attribute}")),
        (Some((group, _)), _) => Some(format!("{group}.name")),
        (None, Some(attribute)) => Some(attribute.to_owned()),
        (None, None) => None,
    }
}

fn is_exact(heading: &str) -> bool {
    let heading = plain(heading);
    ATTRIBUTES.iter().any(|(_, words)| words.contains(&heading.as_str()))
}

/// Headings by column, and how many rows they take.
fn headings(sheet: &Sheet, row: usize) -> Option<(Vec<String>, usize)> {
    let top = sheet.rows.get(row)?;
    let below = sheet.rows.get(row + 1);
    let second = below.is_some_and(|cells| {
        let filled: Vec<&Cell> = cells.iter().filter(|cell| !cell.is_blank()).collect();
        !filled.is_empty() && filled.iter().all(|cell| is_exact(&cell.text))
    });
    let mut words = Vec::new();
    let mut last = String::new();
    for column in 0..top.len() {
        let own = top.get(column).filter(|cell| !cell.is_blank()).map(|cell| cell.text.clone());
        let sub = below.filter(|_| second).and_then(|cells| cells.get(column)).filter(|cell| !cell.is_blank()).map(|cell| cell.text.clone());
        // Only .xlsx tells merges; under a blank heading with a word below, the one to its left goes on.
        let above = match (&own, &sub) {
            (Some(own), _) => own.clone(),
            (None, Some(_)) => last.clone(),
            (None, None) => String::new(),
        };
        if own.is_some() {
            last.clone_from(&above);
        }
        words.push(format!("{above}{}", sub.unwrap_or_default()));
    }
    Some((words, if second { 2 } else { 1 }))
}

/// The best header among the first ten rows that names a unit: where it ends, its columns and the headings not understood.
pub fn find(sheet: &Sheet) -> Option<Table> {
    let mut best: Option<Table> = None;
    for row in 0..sheet.rows.len().min(10) {
        let Some((words, height)) = headings(sheet, row) else { continue };
        let mut columns: Vec<(usize, String)> = Vec::new();
        let mut unknown = Vec::new();
        for (column, heading) in words.iter().enumerate().filter(|(_, heading)| !heading.trim().is_empty()) {
            match field(heading) {
                Some(field) if !columns.iter().any(|(_, other)| *other == field) => columns.push((column, field)),
                _ => unknown.push(fold(heading)),
            }
        }
        let has_unit = columns.iter().any(|(_, field)| field == "unit");
        let certain = columns.len() >= 2 || words.iter().any(|heading| is_exact(heading));
        if has_unit && certain && best.as_ref().is_none_or(|other| columns.len() > other.columns.len()) {
            best = Some(Table { header_row: row + height - 1, columns, unknown, ..Table::default() });
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_fields() {
        for (heading, meant) in [
            ("单位名称", "unit"),
            ("单位", "unit"),
            ("联络员姓名", "liaison.name"),
            ("联络员手机", "liaison.phone"),
            ("单位联系人", "liaison.name"),
            ("主要负责人职务", "head.title"),
            ("联系电话", "phone"),
            ("姓 名", "name"),
            ("用户名", "username"),
            ("角色（可多个）", "roles"),
            ("单位简称", "short_name"),
            ("单位类别", "kind"),
        ] {
            assert_eq!(field(heading).as_deref(), Some(meant), "{heading}");
        }
        assert_eq!(field("登封市府检联动成员单位通讯录（2026年11月更新）"), None);
    }
}
