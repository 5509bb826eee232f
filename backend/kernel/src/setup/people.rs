//! A list of people, row by row; a row of an address list may name several, each an entry of its own. A function of the cells,
//! the units and the people there are.

use super::{Finding, table::SetupRow};
use crate::{
    entity::{person, unit},
    error::{Error, Result},
    people,
    reference::{Reference, strings},
    scope::roles_of,
    state::App,
};
use backend_rules::unit_names as names;
use serde_json::json;
use shared::kernel::{
    api::{ImportRow, NewUser},
    problem::Code,
    reading::{Understood, UnitBook, UnitEntry},
    role::Role,
    text::{Text, t},
    workflow::role_name,
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// One person of a row with what would be written.
pub(super) struct PersonRow {
    pub view: ImportRow,
    pub new: Option<NewUser>,
}

/// The offices an address list has columns for, with the role each gives; the plain columns give none.
const OFFICES: &[(&str, Option<Role>, &str, &str)] = &[
    ("head.", Some(Role::UnitHead), "主要负责人", "Head"),
    ("liaison.", Some(Role::LiaisonOfficer), "联络员", "Liaison officer"),
    ("commissioner.", Some(Role::Commissioner), "专员", "Commissioner"),
    ("handler.", Some(Role::Handler), "承办人", "Handler"),
    ("", None, "人员", "Person"),
];

/// Words for roles beside their codes and labels.
const ROLE_WORDS: &[(&str, Role)] = &[
    ("联络员", Role::LiaisonOfficer),
    ("联系人", Role::LiaisonOfficer),
    ("单位负责人", Role::UnitHead),
    ("负责人", Role::UnitHead),
    ("主要负责人", Role::UnitHead),
    ("一把手", Role::UnitHead),
    ("承办人", Role::Handler),
    ("经办人", Role::Handler),
    ("办案人员", Role::Handler),
    ("专员", Role::Commissioner),
    ("联动专员", Role::Commissioner),
    ("府检联动专员", Role::Commissioner),
    ("协调员", Role::Coordinator),
    ("联动办协调员", Role::Coordinator),
    ("检察官", Role::Prosecutor),
    ("检察助理员", Role::ProsecutorAssistant),
    ("调解员", Role::Mediator),
    ("系统管理员", Role::SystemAdmin),
    ("安全管理员", Role::SecurityAdmin),
    ("安全保密管理员", Role::SecurityAdmin),
    ("审计管理员", Role::AuditAdmin),
    ("安全审计员", Role::AuditAdmin),
];

fn role_of(word: &str) -> Option<Role> {
    let word = names::plain(word);
    Role::from_code(&word)
        .or_else(|| Role::ALL.iter().copied().find(|role| role_name(*role).zh == word || role_name(*role).en.eq_ignore_ascii_case(&word)))
        .or_else(|| ROLE_WORDS.iter().find(|(known, _)| *known == word).map(|(_, role)| *role))
}

/// Which unit a cell names: by the city's own names first, then by what such names mean anywhere.
pub(super) struct Units<'a> {
    reference: &'a Reference,
    book: UnitBook,
    identities: HashMap<String, String>,
}

impl<'a> Units<'a> {
    pub(super) fn of(reference: &'a Reference) -> Result<Self> {
        let mut identities = HashMap::new();
        for unit in reference.units.iter().filter(|unit| unit.active) {
            for name in [&unit.name, &unit.short_name] {
                if let Some(known) = names::understand(name, &reference.jurisdiction.name, "")? {
                    identities.entry(known.identity).or_insert_with(|| unit.code.clone());
                }
            }
        }
        let entry = |unit: &unit::Model| UnitEntry {
            code: unit.code.clone(),
            name: unit.name.clone(),
            short_name: unit.short_name.clone(),
            aliases: strings(&unit.aliases),
            kind: unit.kind.clone(),
            domains: Vec::new(),
            conference_member: unit.conference_member,
        };
        let book = UnitBook::new(reference.units.iter().filter(|unit| unit.active).map(entry).collect(), BTreeMap::new());
        Ok(Self { reference, book, identities })
    }

    /// The unit, or the nearest names.
    fn find(&self, written: &str, title: &str) -> Result<std::result::Result<&'a unit::Model, Vec<String>>> {
        if let Some(unit) = self.reference.unit_by_code(written).filter(|unit| unit.active) {
            return Ok(Ok(unit));
        }
        let parts = self.book.read(written);
        if let [part] = parts.as_slice()
            && let Understood::Unit { code, .. } = &part.understood
            && let Some(unit) = self.reference.unit_by_code(code)
        {
            return Ok(Ok(unit));
        }
        if let Some(known) = names::understand(written, &self.reference.jurisdiction.name, title)?
            && let Some(unit) = self.identities.get(&known.identity).and_then(|code| self.reference.unit_by_code(code))
        {
            return Ok(Ok(unit));
        }
        let nearest = match parts.first().map(|part| &part.understood) {
            Some(Understood::Unknown { nearest: codes } | Understood::Near { codes } | Understood::Several { codes }) => {
                codes.iter().filter_map(|code| self.reference.unit_by_code(code)).map(|unit| unit.short_name.clone()).collect()
            }
            _ => Vec::new(),
        };
        Ok(Err(nearest))
    }
}

/// What earlier rows of the list have taken.
#[derive(Default)]
struct Taken {
    /// First row of a person by unit and name, with the phone.
    persons: HashMap<(String, String), (i64, String)>,
    usernames: HashSet<String>,
    heads: HashMap<String, i64>,
}

/// `persons`: everybody of the installation with a user name of the list, and everybody of the city.
pub(super) fn understand(app: &App, reference: &Reference, persons: &[person::Model], rows: &[SetupRow]) -> Result<Vec<PersonRow>> {
    let units = Units::of(reference)?;
    let mut taken = Taken { usernames: persons.iter().map(|person| person.username.clone()).collect(), ..Taken::default() };
    let mut understood = Vec::new();
    for row in rows {
        let written = row.text("unit");
        for (office, role, zh, en) in OFFICES {
            if !row.has_column(&format!("{office}name")) {
                continue;
            }
            let mut finding = Finding::of(row);
            let name = person_name(&row.text(&format!("{office}name")));
            let whole_office = row.text(&format!("{office}name"));
            if name.is_empty() {
                finding.refuse(
                    &format!("{office}name"),
                    Code::Required.as_str(),
                    None,
                    Text { zh: format!("{zh}空缺，待补"), en: format!("{en}: vacant, nobody is named") },
                );
                finding.value("unit", json!(written));
                understood.push(PersonRow { view: finding.row(false), new: None });
                continue;
            }
            finding.value("name", json!(name));
            let new = match units.find(&written, &row.text("head.title"))? {
                Ok(unit) => one(app, row, office, *role, &whole_office, &name, unit, persons, &mut taken, &mut finding)?,
                Err(nearest) => {
                    finding.value("unit", json!(written));
                    let hint = if nearest.is_empty() { String::new() } else { format!("，是否为{}", nearest.join("、")) };
                    finding.refuse(
                        "unit",
                        Code::UnknownUnit.as_str(),
                        Some(nearest.join(",")),
                        Text {
                            zh: format!("没有“{written}”这个单位{hint}"),
                            en: format!(
                                "There is no unit “{written}”{}",
                                if nearest.is_empty() { String::new() } else { format!(": {}?", nearest.join(", ")) }
                            ),
                        },
                    );
                    None
                }
            };
            understood.push(PersonRow { view: finding.row(new.is_some()), new });
        }
    }
    Ok(merged(understood))
}

/// 李　明 is set with a space to be as wide as three characters.
fn person_name(written: &str) -> String {
    let plain = names::plain(written);
    if plain.is_ascii() { written.trim().to_owned() } else { plain }
}

#[expect(clippy::too_many_arguments, reason = "one cell's surroundings, used once")]
fn one(
    app: &App,
    row: &SetupRow,
    office: &str,
    role: Option<Role>,
    written_name: &str,
    name: &str,
    unit: &unit::Model,
    persons: &[person::Model],
    taken: &mut Taken,
    finding: &mut Finding,
) -> Result<Option<NewUser>> {
    finding.value("unit", json!(unit.code));
    if written_name.contains(['、', ',', ';', '/']) {
        finding.refuse(&format!("{office}name"), Code::Format.as_str(), None, t("一格只写一人，请分行填写", "One person in a cell: give each a row"));
        return Ok(None);
    }
    let Some(roles) = roles(row, office, role, finding) else { return Ok(None) };
    finding.value("roles", json!(roles));
    let phone = phone(&row.text(&format!("{office}phone")), finding, office);
    finding.value("phone", json!(phone));
    let username = row.text(&format!("{office}username"));
    let same = |person: &&person::Model| person.unit_id == unit.id && person.name == name;
    let existing = if username.is_empty() { persons.iter().find(same) } else { persons.iter().find(|person| person.username == username) };
    if let Some(existing) = existing {
        finding.value("username", json!(existing.username));
        if !same(&existing) {
            finding.refuse(
                &format!("{office}username"),
                Code::UsernameTaken.as_str(),
                Some(username.clone()),
                t("用户名已被他人使用", "The user name is another person's"),
            );
            return Ok(None);
        }
        finding.present(&existing.username);
        if roles.contains(&Role::UnitHead) {
            taken.heads.entry(unit.code.clone()).or_insert(row.row);
        }
        if !roles.iter().all(|role| roles_of(existing).contains(role)) {
            finding.note("已有人员的角色不由导入修改".into(), "Roles of people already there are not changed by an import".into());
        }
        return Ok(None);
    }
    let key = (unit.code.clone(), name.to_owned());
    let number = phone.clone().unwrap_or_default();
    if let Some((first, first_number)) = taken.persons.get(&key).filter(|_| username.is_empty()) {
        let same_row = *first == row.row;
        if !same_row && !number.is_empty() && !first_number.is_empty() && *first_number != number {
            finding.refuse(
                &format!("{office}name"),
                Code::Duplicate.as_str(),
                Some(first.to_string()),
                Text {
                    zh: format!("与第{first}行同单位同姓名而电话不同，请填写用户名加以区分"),
                    en: format!("The same name and unit as row {first} with another phone: give user names to tell them apart"),
                },
            );
            return Ok(None);
        }
        if !same_row {
            finding.refuse(
                &format!("{office}name"),
                Code::Duplicate.as_str(),
                Some(first.to_string()),
                Text { zh: format!("与第{first}行是同一人"), en: format!("The same person as in row {first}") },
            );
            return Ok(None);
        }
        if let Err(Error::Problem(problem)) = people::check_roles(&roles, &unit.kind) {
            finding.problem(&problem);
            return Ok(None);
        }
        // One person in two offices of one row: joined below.
        return Ok(Some(NewUser {
            username: String::new(),
            name: name.to_owned(),
            unit: unit.code.clone(),
            roles,
            proposed_roles: Vec::new(),
            phone,
        }));
    }
    if roles.contains(&Role::UnitHead)
        && let Some(first) = taken.heads.get(&unit.code)
    {
        finding.refuse(
            &format!("{office}name"),
            "import.second_head",
            Some(first.to_string()),
            Text {
                zh: format!("第{first}行已写明该单位的主要负责人，请核对是否重复"),
                en: format!("Row {first} names this unit's head already: check which is right"),
            },
        );
        return Ok(None);
    }
    let given = !username.is_empty();
    let username = if given { username } else { made_username(unit, roles.first().copied(), &taken.usernames) };
    if taken.usernames.contains(&username) {
        finding.refuse(
            &format!("{office}username"),
            Code::UsernameTaken.as_str(),
            Some(username),
            t("用户名在本表中重复", "The user name stands in the list twice"),
        );
        return Ok(None);
    }
    finding.value("username", json!(username));
    let new = NewUser {
        username: username.clone(),
        name: name.to_owned(),
        unit: unit.code.clone(),
        roles: roles.clone(),
        proposed_roles: Vec::new(),
        phone,
    };
    match people::person_row(app, unit, &new, String::new()) {
        Ok(_) => {
            if !given {
                finding.note(format!("用户名 {username}"), format!("user name {username}"));
            }
            if roles.contains(&Role::UnitHead) {
                taken.heads.insert(unit.code.clone(), row.row);
            }
            taken.usernames.insert(username);
            taken.persons.insert(key, (row.row, number));
            Ok(Some(new))
        }
        Err(Error::Problem(problem)) => {
            finding.problem(&problem);
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

/// `df-market.handler`, then `df-market.handler-2`.
fn made_username(unit: &unit::Model, role: Option<Role>, taken: &HashSet<String>) -> String {
    let base = format!("{}.{}", unit.code, role.map_or("handler", Role::code));
    if !taken.contains(&base) {
        return base;
    }
    (2..).map(|number| format!("{base}-{number}")).find(|name| !taken.contains(name)).unwrap_or(base)
}

/// The roles of a cell, else of the column; `None` when one may not be given this way, which is then a finding.
fn roles(row: &SetupRow, office: &str, role: Option<Role>, finding: &mut Finding) -> Option<Vec<Role>> {
    let written = row.text(&format!("{office}roles"));
    let mut roles: Vec<Role> = Vec::new();
    for word in written.split(['、', ',', ';', '，', '；', '/', ' ']).map(str::trim).filter(|word| !word.is_empty()) {
        let Some(role) = role_of(word) else {
            finding.refuse(
                "roles",
                Code::Enumeration.as_str(),
                Some(word.to_owned()),
                Text { zh: format!("没有“{word}”这个角色"), en: format!("There is no role “{word}”") },
            );
            return None;
        };
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    // A row headed by an office instead of a number: 府检联动专员 in the place of 38.
    let headed = role_of(&row.text("serial"));
    if roles.is_empty() {
        match (role, headed) {
            (Some(Role::LiaisonOfficer) | None, Some(headed)) => {
                finding.note(format!("序号栏写明“{}”", row.text("serial")), format!("The number column says “{}”", row.text("serial")));
                roles.push(headed);
            }
            (Some(role), _) => roles.push(role),
            (None, None) => {
                finding.note("没有角色一列，按承办人建立".into(), "No role is given: a handler".into());
                roles.push(Role::Handler);
            }
        }
    }
    if roles.iter().any(|role| role.is_administration()) {
        finding.refuse(
            "roles",
            Code::PermissionDenied.as_str(),
            Some("role.assign".into()),
            t("三员不能通过导入授予，由安全管理员另行设置", "Administrations are not given by an import; the security administrator assigns them"),
        );
        return None;
    }
    Some(roles)
}

/// Digits of a mobile number (11, from 1) or a landline with area code; anything else is told and left out.
fn phone(written: &str, finding: &mut Finding, office: &str) -> Option<String> {
    let digits: String = written.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '(' | ')')).collect();
    if digits.is_empty() {
        return None;
    }
    let number = digits.strip_prefix("+86").unwrap_or(&digits);
    let all_digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let mobile = number.len() == 11 && number.starts_with('1');
    let landline = (10..=12).contains(&number.len()) && number.starts_with('0');
    if all_digits && (mobile || landline) {
        return Some(number.to_owned());
    }
    finding.tell(
        &format!("{office}phone"),
        Code::Format.as_str(),
        Some(written.to_owned()),
        Text {
            zh: format!("电话“{written}”不是有效号码，未导入电话"), en: format!("“{written}” is no valid phone number; imported without it")
        },
    );
    None
}

/// One person named for two offices in one row becomes one user with both roles.
fn merged(rows: Vec<PersonRow>) -> Vec<PersonRow> {
    let mut kept: Vec<PersonRow> = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(second) = row.new.as_ref().filter(|new| new.username.is_empty()) {
            let first = kept.iter_mut().rev().find(|first| {
                first.view.row == row.view.row && first.new.as_ref().is_some_and(|new| new.name == second.name && new.unit == second.unit)
            });
            if let Some(first) = first
                && let Some(new) = &mut first.new
            {
                for role in &second.roles {
                    if !new.roles.contains(role) {
                        new.roles.push(*role);
                    }
                }
                new.phone = new.phone.take().or_else(|| second.phone.clone());
                first.view.values.insert("roles".into(), json!(new.roles));
                first.view.values.insert("phone".into(), json!(new.phone));
            }
            continue;
        }
        kept.push(row);
    }
    kept
}
