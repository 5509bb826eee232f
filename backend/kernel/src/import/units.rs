//! Cells that name units: exactly one that leads, any number that take part. A near name and a name of several units are
//! questions with candidates; a name once answered is answered wherever the import writes it.

use super::rows::{Context, Reading, SPLIT, StoredRow};
use serde_json::json;
use shared::kernel::{
    api::ImportCandidate,
    field::Field,
    messages_reading as M,
    problem::Code,
    reading::{Cell, Explanation, Mark, Severity, Understood, UnitBook, UnitPart, same},
    text::Text,
};

fn name(context: &Context<'_>, code: &str) -> Text {
    context.reference.unit_by_code(code).map_or_else(|| same(code), |unit| Text { zh: unit.short_name.clone(), en: unit.name_en.clone() })
}

fn names(context: &Context<'_>, codes: &[String]) -> Text {
    let all: Vec<Text> = codes.iter().map(|code| name(context, code)).collect();
    let joined = |of: fn(&Text) -> &str, comma: &str| all.iter().map(of).collect::<Vec<_>>().join(comma);
    Text { zh: joined(|text| &text.zh, "、"), en: joined(|text| &text.en, ", ") }
}

fn candidates(context: &Context<'_>, codes: &[String]) -> Vec<ImportCandidate> {
    codes.iter().map(|code| ImportCandidate { value: code.clone(), label: name(context, code) }).collect()
}

/// The parts of a cell, with the reviewer's answers about names.
pub(super) fn parts(book: &UnitBook, row: &StoredRow, cell: &Cell) -> Vec<UnitPart> {
    let answered = |mut part: UnitPart| match row.names.get(&part.written) {
        Some(code) if code.is_empty() => None,
        Some(code) => {
            part.understood = Understood::Unit { code: code.clone(), exact: true };
            Some(part)
        }
        None => Some(part),
    };
    book.read(&cell.text).into_iter().filter_map(answered).collect()
}

/// What the reviewer said of names in this cell.
fn tell_answers(context: &Context<'_>, row: &StoredRow, field: &Field, book: &UnitBook, cell: &Cell, reading: &mut Reading) {
    for part in book.read(&cell.text) {
        if let Some(code) = row.names.get(&part.written) {
            let told = if code.is_empty() {
                Explanation::new(M::UNIT_LEFT_OUT, vec![same(&part.written)])
            } else {
                Explanation::new(M::UNIT_CHOSEN, vec![same(&part.written), name(context, code)])
            };
            reading.tell(&field.name, &told);
        }
    }
}

/// Tells how a part was understood, or asks what it means.
fn judge(context: &Context<'_>, field: &Field, part: &UnitPart, reading: &mut Reading) {
    let written = || same(&part.written);
    match &part.understood {
        Understood::Unit { code, exact: false } => {
            reading.tell(&field.name, &Explanation::new(M::UNIT_IS, vec![written(), name(context, code)]));
        }
        Understood::Group { codes } => reading.tell(&field.name, &Explanation::new(M::UNIT_GROUP, vec![written(), same(codes.len())])),
        Understood::Near { codes } | Understood::Several { codes } => {
            let (code, sentence) = match &part.understood {
                Understood::Near { .. } => ("import.unit_near", M::UNIT_NEAR),
                _ => ("import.unit_several", M::UNIT_SEVERAL),
            };
            let explanation = Explanation::new(sentence, vec![written(), names(context, codes)]);
            let problem = reading.ask(&field.name, code, Severity::Decide, Some(codes.join(",")), &explanation);
            problem.name = Some(part.written.clone());
            problem.candidates = candidates(context, codes);
        }
        Understood::Unknown { nearest } => {
            let explanation = Explanation::new(M::UNIT_UNKNOWN, vec![written(), names(context, nearest)]);
            let problem = reading.ask(&field.name, Code::UnknownUnit.as_str(), Severity::Refuse, Some(nearest.join(",")), &explanation);
            problem.name = Some(part.written.clone());
            problem.candidates = candidates(context, nearest);
        }
        Understood::Unit { .. } | Understood::Ask => {}
    }
}

fn code_of(part: &UnitPart) -> Option<&str> {
    match &part.understood {
        Understood::Unit { code, .. } => Some(code),
        _ => None,
    }
}

/// The unit that a cell itself says leads: 牵头：市司法局；配合：市公安局.
fn marked(parts: &[UnitPart]) -> Option<&UnitPart> {
    let mut leads = parts.iter().filter(|part| part.mark == Some(Mark::Lead));
    leads.next().filter(|part| leads.next().is_none() && code_of(part).is_some() && parts.len() > 1)
}

/// Of several units in the cell of one that leads, those that don't take part, once it is settled who leads.
pub(super) fn others(book: &UnitBook, row: &StoredRow, field: &Field, cell: &Cell) -> Vec<String> {
    let parts = parts(book, row, cell);
    if !row.answers.contains_key(&field.name) && marked(&parts).is_none() {
        return Vec::new();
    }
    let mut codes = Vec::new();
    for part in parts {
        match part.understood {
            Understood::Unit { code, .. } => codes.push(code),
            // 牵头：市司法局；配合：各成员单位.
            Understood::Group { codes: group } if part.mark == Some(Mark::Co) => codes.extend(group),
            _ => {}
        }
    }
    codes
}

/// The one unit that holds it: exactly one, or a question.
pub(super) fn read_lead(context: &Context<'_>, book: &UnitBook, row: &StoredRow, field: &Field, cell: &Cell, reading: &mut Reading) {
    tell_answers(context, row, field, book, cell, reading);
    let parts = parts(book, row, cell);
    for part in &parts {
        judge(context, field, part, reading);
    }
    if let Some(lead) = marked(&parts)
        && let Some(code) = code_of(lead)
    {
        reading.tell(&field.name, &Explanation::new(M::UNIT_LEAD_MARKED, vec![same(&lead.written), name(context, code)]));
        reading.values.insert(field.name.clone(), json!(code));
        return;
    }
    match parts.as_slice() {
        [UnitPart { understood: Understood::Unit { code, .. }, .. }] => {
            reading.values.insert(field.name.clone(), json!(code));
        }
        [UnitPart { understood: Understood::Group { codes }, written, .. }] => {
            if row.decision.as_deref() == Some("split") {
                if let Some(split) = reading.values.entry(SPLIT).or_insert_with(|| json!({})).as_object_mut() {
                    split.insert(field.name.clone(), json!(codes));
                }
                reading.values.insert(field.name.clone(), json!(codes.first()));
            } else {
                let explanation = Explanation::new(M::UNIT_SPLIT, vec![same(written), same(codes.len())]);
                reading.ask(&field.name, "import.collective", Severity::Decide, Some(codes.len().to_string()), &explanation);
            }
            reading.option("split");
        }
        [UnitPart { understood: Understood::Ask, written, .. }] => {
            let explanation = Explanation::new(M::UNIT_WHICH_LEAD, vec![same(written)]);
            reading.ask(&field.name, "import.collective", Severity::Decide, None, &explanation);
        }
        several => {
            let named: Vec<String> = several.iter().filter_map(code_of).map(str::to_owned).collect();
            if named.len() > 1 {
                let explanation = Explanation::new(M::UNIT_ONE_LEAD, vec![names(context, &named)]);
                let problem = reading.ask(&field.name, Code::SingleLead.as_str(), Severity::Decide, Some(named.join(",")), &explanation);
                problem.candidates = candidates(context, &named);
            }
        }
    }
}

pub(super) fn read_units(context: &Context<'_>, book: &UnitBook, row: &StoredRow, field: &Field, cell: &Cell, reading: &mut Reading) {
    tell_answers(context, row, field, book, cell, reading);
    let mut codes: Vec<String> = Vec::new();
    for part in parts(book, row, cell) {
        judge(context, field, &part, reading);
        match &part.understood {
            Understood::Unit { code, .. } => codes.push(code.clone()),
            Understood::Group { codes: group } => codes.extend(group.iter().cloned()),
            Understood::Ask => {
                let explanation = Explanation::new(M::UNIT_WHICH, vec![same(&part.written)]);
                reading.ask(&field.name, "import.collective", Severity::Decide, None, &explanation);
                reading.option("confirm");
            }
            Understood::Near { .. } | Understood::Several { .. } | Understood::Unknown { .. } => {}
        }
    }
    let mut unique = Vec::new();
    for code in codes {
        if !unique.contains(&code) {
            unique.push(code);
        }
    }
    reading.values.insert(field.name.clone(), json!(unique));
}
