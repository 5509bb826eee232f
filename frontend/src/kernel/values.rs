//! Any value of a body or an input, in words, by its field.

use super::{dates, session::Session};
use chrono::NaiveDate;
use serde_json::{Map, Value};
use shared::kernel::{
    field::{Field, Input},
    messages as m,
    messages_more::LIST_COMMA,
    text::Lang,
};
use yew::prelude::*;

/// Whether there is nothing to show.
pub fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// Fen as yuan with separators: 1,234.50
pub fn money(fen: i64) -> String {
    let (sign, fen) = (if fen < 0 { "-" } else { "" }, fen.unsigned_abs());
    format!("{sign}{}.{:02}", thousands(i64::try_from(fen / 100).unwrap_or(i64::MAX)), fen % 100)
}

/// A number that is not negative, with separators: 1,234
pub fn thousands(number: i64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The size of a file, for people to read.
pub fn size(bytes: f64) -> String {
    let kilobytes = bytes / 1024.0;
    if kilobytes < 1024.0 { format!("{:.0} KB", kilobytes.max(1.0)) } else { format!("{:.1} MB", kilobytes / 1024.0) }
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// One line of text, for tables, cards and exports to the clipboard.
pub fn line(input: Option<&Input>, value: &Value, session: &Session, lang: Lang) -> String {
    let join = LIST_COMMA.in_lang(lang);
    match (input, value) {
        (_, Value::Null) => String::new(),
        (Some(Input::Money), Value::Number(number)) => number.as_i64().map(|fen| m::YUAN.fill(lang, &[&money(fen)])).unwrap_or_default(),
        (Some(Input::Date), Value::String(text)) => text.parse::<NaiveDate>().map_or_else(|_| text.clone(), |date| dates::full_day(date, lang)),
        (_, Value::Bool(yes)) => (if *yes { m::YES } else { m::NO }).in_lang(lang).to_owned(),
        (Some(Input::Choice { choices }), Value::String(code)) => {
            choices.iter().find(|choice| choice.code == *code).map_or_else(|| code.clone(), |choice| choice.label.in_lang(lang).to_owned())
        }
        (Some(Input::CodeList { list }), Value::String(code)) => session.code_label(list, code, lang),
        (Some(Input::CodeLists { list, .. }), Value::Array(_)) => {
            texts(value).map(|code| session.code_label(list, code, lang)).collect::<Vec<_>>().join(join)
        }
        (Some(Input::Unit), Value::String(code)) => session.unit_name(code, lang),
        (Some(Input::Units { .. }), Value::Array(_)) => texts(value).map(|code| session.unit_name(code, lang)).collect::<Vec<_>>().join(join),
        (Some(Input::Attachments { .. }), Value::Array(items)) => m::N_FILES.fill(lang, &[&items.len().to_string()]),
        (Some(Input::Rows { .. } | Input::Editions), Value::Array(items)) => m::N_ROWS.fill(lang, &[&items.len().to_string()]),
        (Some(Input::Recurrence), Value::Object(members)) => recurrence(members, lang),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Number(number)) => number.to_string(),
        (_, Value::Array(items)) => items.iter().map(|item| line(None, item, session, lang)).collect::<Vec<_>>().join(join),
        (_, Value::Object(members)) => members.values().map(|item| line(None, item, session, lang)).collect::<Vec<_>>().join(join),
    }
}

/// 1 Monday … 7 Sunday.
pub fn weekday_words(number: u8, lang: Lang) -> &'static str {
    // 5 January 2026 was a Monday.
    NaiveDate::from_ymd_opt(2026, 1, 4 + u32::from(number.clamp(1, 7))).map_or("", |date| dates::weekday(date, lang))
}

/// 每月15日 · Monthly on day 15.
pub fn recurrence(members: &Map<String, Value>, lang: Lang) -> String {
    let every = match members.get("every").and_then(Value::as_str).unwrap_or_default() {
        "week" => m::EVERY_WEEK,
        "month" => m::EVERY_MONTH,
        "quarter" => m::EVERY_QUARTER,
        "half_year" => m::EVERY_HALF_YEAR,
        "year" => m::EVERY_YEAR,
        other => return other.to_owned(),
    };
    let number = |day: &Value, name: &str| day.get(name).and_then(Value::as_u64);
    let day = match members.get("day") {
        Some(Value::String(text)) if text == "last" => m::ON_LAST_DAY.in_lang(lang).to_owned(),
        Some(day) if number(day, "day").is_some() => m::ON_DAY.fill(lang, &[&number(day, "day").unwrap_or(1).to_string()]),
        Some(day) if number(day, "weekday").is_some() => {
            weekday_words(number(day, "weekday").and_then(|day| u8::try_from(day).ok()).unwrap_or(1), lang).to_owned()
        }
        Some(day) => day.get("month_day").map_or_else(String::new, |day| {
            m::ON_MONTH_DAY.fill(lang, &[&number(day, "month").unwrap_or(1).to_string(), &number(day, "day").unwrap_or(1).to_string()])
        }),
        None => String::new(),
    };
    let until = members.get("until").and_then(Value::as_str).map(|until| m::UNTIL_X.fill(lang, &[until])).unwrap_or_default();
    format!("{}{}{day}{until}", every.in_lang(lang), if lang == Lang::En && !day.is_empty() { " " } else { "" })
}

/// A value on a page.
pub fn show(input: Option<&Input>, value: &Value, session: &Session, lang: Lang) -> Html {
    match (input, value) {
        (Some(Input::Texts { .. }), Value::Array(items)) if items.len() > 1 => html! {
            <ol class="plainlist">{ for texts(value).enumerate().map(|(index, text)| html! { <li key={index}>{ text.to_owned() }</li> }) }</ol>
        },
        (Some(Input::Units { .. }), Value::Array(_)) => html! {
            <span class="taglist">{ for texts(value).map(|code| html! { <span key={code.to_owned()} class="tag">{ session.unit_name(code, lang) }</span> }) }</span>
        },
        (Some(Input::Rows { fields, .. }), Value::Array(items)) => rows(fields, items, session, lang),
        (Some(Input::Integer { .. }), Value::Number(_)) | (Some(Input::Money), _) => {
            html! { <span class="num">{ line(input, value, session, lang) }</span> }
        }
        (Some(Input::LongText { .. }), Value::String(text)) => html! { <span class="prose">{ text.clone() }</span> },
        _ => html! { <span>{ line(input, value, session, lang) }</span> },
    }
}

fn rows(fields: &[Field], items: &[Value], session: &Session, lang: Lang) -> Html {
    let used: Vec<&Field> =
        fields.iter().filter(|field| items.iter().any(|item| item.get(&field.name).is_some_and(|value| !is_blank(value)))).collect();
    html! {
        <div class="scroll-x">
            <table class="small rowcards">
                <thead><tr>{ for used.iter().map(|field| html! { <th key={field.name.clone()}>{ field.label.in_lang(lang).to_owned() }</th> }) }</tr></thead>
                <tbody>
                    { for items.iter().enumerate().map(|(index, item)| html! {
                        <tr key={index}>{ for used.iter().map(|field| html! {
                            <td key={field.name.clone()} data-label={field.label.in_lang(lang).to_owned()}>{ item.get(&field.name).map(|value| line(Some(&field.input), value, session, lang)).unwrap_or_default() }</td>
                        }) }</tr>
                    }) }
                </tbody>
            </table>
        </div>
    }
}
