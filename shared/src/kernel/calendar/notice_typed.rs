//! A notice of the year's days off as it is typed: days written as on the paper, rows half filled.

use super::notice::{self, HolidayNotice, NoticedHoliday};
use crate::kernel::{
    problem::{Code, FieldError},
    typed_day::read_day,
    validate::{Lookup, Strictness, validate},
};
use serde_json::{Map, Value, json};

type Values = Map<String, Value>;

/// A typed text without the blanks around it; empty when there is none.
pub fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default().trim()
}

/// Days written as in the notice, `2月15日`, in full; what is no day stays as it was typed, for its fault to be named.
pub fn in_full(values: &Values, year: i32) -> Values {
    let mut values = values.clone();
    let rows = values.get_mut("holidays").and_then(Value::as_array_mut);
    for row in rows.into_iter().flatten().filter_map(Value::as_object_mut) {
        let days = row.iter_mut().filter(|(name, _)| *name != "name").flat_map(|(_, value)| match value {
            Value::Array(days) => days.iter_mut().collect::<Vec<_>>(),
            other => vec![other],
        });
        for day in days {
            if let Some(read) = read_day(text(Some(day)), Some(year)) {
                *day = json!(read);
            }
        }
    }
    values
}

/// A row whose days are all days.
fn holiday(row: &Value) -> Option<NoticedHoliday> {
    serde_json::from_value(row.clone()).ok()
}

/// The rows of the holidays.
pub fn rows(values: &Values) -> &[Value] {
    values.get("holidays").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The notice in full, and what is wrong with it. Faults across rows are found among the rows that can be read.
pub fn understood(values: &Values, year: i32, lookup: &dyn Lookup) -> (HolidayNotice, Vec<FieldError>) {
    let mut faults = validate(&notice::fields(), values, "", Strictness::Full, lookup);
    let mut places = Vec::new();
    let mut holidays = Vec::new();
    for (index, row) in rows(values).iter().enumerate() {
        for (at, day) in row.get("make_up_workdays").and_then(Value::as_array).into_iter().flatten().enumerate() {
            if read_day(text(Some(day)), None).is_none() {
                let pointer = format!("/holidays/{index}/make_up_workdays/{at}");
                faults.push(FieldError::with(pointer, Code::Format, text(Some(day))));
            }
        }
        if let Some(holiday) = holiday(row) {
            places.push(index);
            holidays.push(holiday);
        }
    }
    let optional = |name: &str| Some(text(values.get(name)).to_owned()).filter(|text| !text.is_empty());
    let notice = HolidayNotice { year, title: text(values.get("title")).to_owned(), number: optional("number"), url: optional("url"), holidays };
    for mut fault in notice.faults() {
        let mut parts: Vec<String> = fault.pointer.split('/').map(str::to_owned).collect();
        if let Some(index) = parts.get_mut(2)
            && let Some(place) = index.parse::<usize>().ok().and_then(|index| places.get(index))
        {
            *index = place.to_string();
        }
        fault.pointer = parts.join("/");
        if !faults.iter().any(|other| other.pointer == fault.pointer || fault.pointer == "/holidays") {
            faults.push(fault);
        }
    }
    (notice, faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Anything;
    impl Lookup for Anything {
        fn unit_exists(&self, _: &str) -> bool {
            true
        }
        fn in_code_list(&self, _: &str, _: &str) -> bool {
            true
        }
    }

    fn typed(rows: Value) -> Values {
        [("title".to_owned(), json!(notice::usual_title(2027))), ("holidays".to_owned(), rows)].into_iter().collect()
    }

    #[test]
    fn days_are_read_as_the_notice_writes_them() {
        let rows = json!([
            { "name": "元旦", "first": "2026年12月31日", "last": "1月2日" },
            { "name": "春节", "first": "2月5日（周五）", "last": "2-11", "make_up_workdays": ["2月20日", "2.28（周日）"] },
        ]);
        let (notice, faults) = understood(&in_full(&typed(rows), 2027), 2027, &Anything);
        assert_eq!(faults, []);
        let days: Vec<_> = notice.holidays.iter().map(|holiday| (holiday.first.to_string(), holiday.last.to_string())).collect();
        assert_eq!(days, [("2026-12-31".into(), "2027-01-02".into()), ("2027-02-05".into(), "2027-02-11".into())]);
        assert_eq!(notice.holidays[1].make_up_workdays.len(), 2);
    }

    #[test]
    fn faults_stand_at_the_rows_that_were_typed() {
        let rows = json!([
            { "name": "元旦", "first": "某日", "last": "2027-01-02" },
            { "name": "春节", "first": "2027-02-11", "last": "2027-02-05", "make_up_workdays": ["除夕"] },
            { "name": "清明节", "first": "2027-04-05", "last": "2027-04-03" },
        ]);
        let (_, faults) = understood(&in_full(&typed(rows), 2027), 2027, &Anything);
        let mut found: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect();
        found.sort_unstable();
        assert_eq!(
            found,
            [
                ("/holidays/0/first", "validation.format"),
                ("/holidays/1/make_up_workdays/0", "validation.format"),
                ("/holidays/2/last", "validation.date_order"),
            ]
        );
    }
}
