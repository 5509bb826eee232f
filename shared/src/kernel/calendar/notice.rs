//! The State Council's notice of a year's days off (国务院办公厅关于部分节假日安排的通知), as an officer has it on paper: each
//! holiday with its days off and the days worked in exchange. It takes the place of that year in the edition in force; the other
//! years stay as they are. The form, its faults and the edition that follows, for both sides.

use super::edition::EditionError;
use crate::kernel::{
    field::{Field, Input},
    problem::{Code, FieldError},
    text::t,
};
use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The holidays of every year, as the notices name them.
pub const USUAL: [&str; 7] = ["元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"];

/// A holiday of a notice was never longer than 10 days (Spring Festival of 2020, prolonged).
const LONGEST_DAYS: i64 = 15;
/// Years with notices of this shape, and some to come.
const YEARS: std::ops::RangeInclusive<i32> = 2008..=2100;
const MOST_HOLIDAYS: usize = 15;
const MOST_MAKE_UPS: usize = 6;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct HolidayNotice {
    pub year: i32,
    /// 国务院办公厅关于2027年部分节假日安排的通知
    pub title: String,
    /// 国办发明电〔2026〕1号
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub number: Option<String>,
    /// Where it is published.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    pub holidays: Vec<NoticedHoliday>,
}

/// 春节：2月15日至23日放假调休，2月14日、2月28日上班
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NoticedHoliday {
    pub name: String,
    /// First day off. New Year's may lie in December before.
    pub first: NaiveDate,
    pub last: NaiveDate,
    /// 调休上班: Saturdays and Sundays worked in exchange.
    #[serde(default)]
    pub make_up_workdays: Vec<NaiveDate>,
}

impl NoticedHoliday {
    fn days(&self) -> impl Iterator<Item = NaiveDate> {
        let last = self.last;
        self.first.iter_days().take_while(move |day| *day <= last)
    }
}

/// What a notice of a year is mostly called.
#[must_use]
pub fn usual_title(year: i32) -> String {
    format!("国务院办公厅关于{year}年部分节假日安排的通知")
}

/// How a notice is asked for, beside its year.
#[must_use]
pub fn fields() -> Vec<Field> {
    let holiday = vec![
        Field::new("name", t("名称", "Name"), Input::Text { min: 1, max: 20 }).required(),
        Field::new("first", t("放假第一天", "First day off"), Input::Date).required(),
        Field::new("last", t("放假最后一天", "Last day off"), Input::Date).required(),
        Field::new("make_up_workdays", t("调休上班日", "Days worked"), Input::Texts { max_items: MOST_MAKE_UPS, max: 20 })
            .hint(t("一行一天，如：2月14日", "One a line, e.g. 2-14")),
    ];
    vec![
        Field::new("title", t("通知标题", "Title of the notice"), Input::Text { min: 2, max: 100 }).required(),
        Field::new("number", t("文号", "Number"), Input::Text { min: 2, max: 60 }).hint(t("如：国办发明电〔2026〕1号", "E.g. 国办发明电〔2026〕1号")),
        Field::new("url", t("公布网址", "Link"), Input::Text { min: 8, max: 300 }),
        Field::new("holidays", t("假期", "Holidays"), Input::Rows { fields: holiday, min: 1, max: MOST_HOLIDAYS })
            .required()
            .hint(t("日期可照通知写“2月15日”", "A day of that year may be written 2-15")),
    ]
}

impl HolidayNotice {
    /// What is wrong with it, at its places.
    #[must_use]
    pub fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let mut text = |pointer: String, text: &str, min: usize, max: usize| {
            let length = text.trim().chars().count();
            if length == 0 {
                faults.push(FieldError::new(pointer, Code::Required));
            } else if !(min..=max).contains(&length) {
                faults.push(FieldError::with(pointer, Code::Length, format!("{min}–{max}")));
            } else if crate::kernel::validate::has_control_characters(text) {
                faults.push(FieldError::new(pointer, Code::ControlCharacter));
            }
        };
        text("/title".into(), &self.title, 2, 100);
        self.number.iter().for_each(|number| text("/number".into(), number, 2, 60));
        self.url.iter().for_each(|url| text("/url".into(), url, 8, 300));
        self.holidays.iter().enumerate().for_each(|(index, holiday)| text(format!("/holidays/{index}/name"), &holiday.name, 1, 20));
        if !YEARS.contains(&self.year) {
            faults.push(FieldError::with("/year", Code::Range, format!("{}–{}", YEARS.start(), YEARS.end())));
        }
        if self.url.as_ref().is_some_and(|url| !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme))) {
            faults.push(FieldError::new("/url", Code::Format));
        }
        if self.holidays.is_empty() {
            faults.push(FieldError::new("/holidays", Code::Required));
        }
        if self.holidays.len() > MOST_HOLIDAYS {
            faults.push(FieldError::with("/holidays", Code::Length, format!("1–{MOST_HOLIDAYS}")));
            return faults;
        }
        let mut taken = BTreeSet::new();
        for (index, holiday) in self.holidays.iter().enumerate() {
            faults.extend(self.span_fault(index, holiday, &mut taken));
        }
        for (index, holiday) in self.holidays.iter().enumerate() {
            if holiday.make_up_workdays.len() > MOST_MAKE_UPS {
                faults.push(FieldError::with(format!("/holidays/{index}/make_up_workdays"), Code::Length, format!("0–{MOST_MAKE_UPS}")));
                continue;
            }
            for (at, day) in holiday.make_up_workdays.iter().enumerate() {
                let wrong = if !self.holds(*day) {
                    Some(Code::DayOutsideYear)
                } else if !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
                    Some(Code::DayNoWeekend)
                } else if !taken.insert(*day) {
                    Some(Code::DayTwice)
                } else {
                    None
                };
                let pointer = format!("/holidays/{index}/make_up_workdays/{at}");
                faults.extend(wrong.map(|code| FieldError::with(pointer, code, day.to_string())));
            }
        }
        faults
    }

    /// The first fault of a holiday's days; a sound one takes its days.
    fn span_fault(&self, index: usize, holiday: &NoticedHoliday, taken: &mut BTreeSet<NaiveDate>) -> Option<FieldError> {
        let (first, last) = (format!("/holidays/{index}/first"), format!("/holidays/{index}/last"));
        if !self.holds(holiday.first) {
            return Some(FieldError::new(first, Code::DayOutsideYear));
        }
        if holiday.last.year() != self.year {
            return Some(FieldError::new(last, Code::DayOutsideYear));
        }
        if holiday.last < holiday.first {
            return Some(FieldError::new(last, Code::DateOrder));
        }
        if (holiday.last - holiday.first).num_days() >= LONGEST_DAYS {
            return Some(FieldError::with(last, Code::HolidayTooLong, LONGEST_DAYS.to_string()));
        }
        let twice = holiday.days().find(|day| taken.contains(day));
        taken.extend(holiday.days());
        twice.map(|day| FieldError::with(first, Code::DayTwice, day.to_string()))
    }

    /// Whether the notice can speak of a day: one of its year, or of the December before, where New Year's may begin.
    fn holds(&self, day: NaiveDate) -> bool {
        day.year() == self.year || (day.year() == self.year - 1 && day.month() == 12)
    }

    /// The edition that follows from a sound notice: `base`, the JSON of an edition, with that year put in its place.
    ///
    /// # Errors
    ///
    /// When `base` is no edition.
    pub fn edition(&self, base: &str, code: &str) -> Result<String, EditionError> {
        let mut file: Map<String, Value> = serde_json::from_str(base)?;
        // Words about how another file was put together.
        for about in ["generated", "checks"] {
            file.remove(about);
        }
        file.insert("edition".into(), code.into());
        let mut years = file.get("years").and_then(Value::as_object).cloned().unwrap_or_default();
        let named = |date: NaiveDate, name: &str| json!({ "date": date, "name": name.trim() });
        let mut off: Vec<(NaiveDate, Value)> =
            self.holidays.iter().flat_map(|holiday| holiday.days().map(|day| (day, named(day, &holiday.name)))).collect();
        let mut worked: Vec<(NaiveDate, Value)> =
            self.holidays.iter().flat_map(|holiday| holiday.make_up_workdays.iter().map(|day| (*day, named(*day, &holiday.name)))).collect();
        off.sort_by_key(|(day, _)| *day);
        worked.sort_by_key(|(day, _)| *day);
        let of_year = |days: &[(NaiveDate, Value)], year: i32| -> Vec<Value> {
            days.iter().filter(|(day, _)| day.year() == year).map(|(_, named)| named.clone()).collect()
        };
        let notice =
            json!({ "issuer": "国务院办公厅", "title": self.title.trim(), "number": self.number, "urls": self.url.iter().collect::<Vec<_>>() });
        let entry = json!({
            "status": "announced", "notice": notice, "holidays": of_year(&off, self.year), "make_up_workdays": of_year(&worked, self.year),
        });
        years.insert(self.year.to_string(), entry);
        let before = self.year - 1;
        let (off, worked) = (of_year(&off, before), of_year(&worked, before));
        if !off.is_empty() || !worked.is_empty() {
            let entry =
                years.entry(before.to_string()).or_insert_with(|| json!({ "status": "not_announced", "holidays": [], "make_up_workdays": [] }));
            let dates: BTreeSet<String> = off.iter().chain(&worked).filter_map(|day| day["date"].as_str().map(str::to_owned)).collect();
            for list in ["/holidays", "/make_up_workdays", "/fallback/statutory_days"] {
                if let Some(days) = entry.pointer_mut(list).and_then(Value::as_array_mut) {
                    days.retain(|day| day["date"].as_str().is_none_or(|date| !dates.contains(date)));
                }
            }
            for (list, more) in [("/holidays", off), ("/make_up_workdays", worked)] {
                if let Some(days) = entry.pointer_mut(list).and_then(Value::as_array_mut) {
                    days.extend(more);
                }
            }
        }
        file.insert("years".into(), Value::Object(years));
        Ok(Value::Object(file).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::calendar::{DayKind, Edition};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn holiday(name: &str, first: &str, last: &str, worked: &[&str]) -> NoticedHoliday {
        NoticedHoliday { name: name.into(), first: day(first), last: day(last), make_up_workdays: worked.iter().map(|text| day(text)).collect() }
    }

    fn notice(holidays: Vec<NoticedHoliday>) -> HolidayNotice {
        HolidayNotice { year: 2027, title: usual_title(2027), number: None, url: None, holidays }
    }

    #[test]
    fn a_notice_takes_the_place_of_its_year_only() {
        let notice =
            notice(vec![holiday("元旦", "2026-12-31", "2027-01-02", &["2027-01-03"]), holiday("春节", "2027-02-05", "2027-02-11", &["2027-02-20"])]);
        assert_eq!(notice.faults(), []);
        let edition = Edition::parse(&notice.edition(Edition::cn_2026_text(), "cn-2027.1").unwrap()).unwrap();
        assert_eq!(edition.code(), "cn-2027.1");
        assert!(!edition.is_provisional(2027) && !edition.is_provisional(2026));
        assert_eq!(edition.day_kind(day("2026-12-31")), DayKind::Holiday("元旦"), "New Year's begins in the year before");
        assert_eq!(edition.day_kind(day("2027-01-03")), DayKind::MakeUpWorkday("元旦"));
        assert_eq!(edition.day_kind(day("2027-02-11")), DayKind::Holiday("春节"));
        assert_eq!(edition.day_kind(day("2027-06-09")), DayKind::Working, "what the notice doesn't name is no holiday");
        assert_eq!(edition.day_kind(day("2026-10-10")), Edition::cn_2026().day_kind(day("2026-10-10")));
        // The same again over its own result: nothing is listed twice.
        let again = notice.edition(&notice.edition(Edition::cn_2026_text(), "cn-2027.1").unwrap(), "cn-2027.2").unwrap();
        assert_eq!(Edition::parse(&again).unwrap().code(), "cn-2027.2");
    }

    #[test]
    fn the_notice_of_2026_gives_the_shipped_year() {
        let shipped = Edition::cn_2026();
        let retyped = HolidayNotice {
            year: 2026,
            title: usual_title(2026),
            number: Some("国办发明电〔2025〕7号".into()),
            url: Some("https://www.gov.cn/zhengce".into()),
            holidays: vec![
                holiday("元旦", "2026-01-01", "2026-01-03", &["2026-01-04"]),
                holiday("春节", "2026-02-15", "2026-02-23", &["2026-02-14", "2026-02-28"]),
                holiday("清明节", "2026-04-04", "2026-04-06", &[]),
                holiday("劳动节", "2026-05-01", "2026-05-05", &["2026-05-09"]),
                holiday("端午节", "2026-06-19", "2026-06-21", &[]),
                holiday("中秋节", "2026-09-25", "2026-09-27", &[]),
                holiday("国庆节", "2026-10-01", "2026-10-07", &["2026-09-20", "2026-10-10"]),
            ],
        };
        assert_eq!(retyped.faults(), []);
        let edition = Edition::parse(&retyped.edition(Edition::cn_2026_text(), "cn-2026.1").unwrap()).unwrap();
        assert_eq!(&edition, shipped);
    }

    #[test]
    fn what_is_wrong_is_said_at_its_place() {
        let faults = |holidays| notice(holidays).faults().into_iter().map(|fault| (fault.pointer, fault.code)).collect::<Vec<_>>();
        let one = |pointer: &str, code: Code| vec![(pointer.to_owned(), code.as_str().to_owned())];
        assert_eq!(faults(vec![]), one("/holidays", Code::Required));
        assert_eq!(faults(vec![holiday("春节", "2027-02-11", "2027-02-05", &[])]), one("/holidays/0/last", Code::DateOrder));
        assert_eq!(faults(vec![holiday("春节", "2027-02-05", "2027-03-05", &[])]), one("/holidays/0/last", Code::HolidayTooLong));
        assert_eq!(faults(vec![holiday("春节", "2026-02-05", "2027-02-06", &[])]), one("/holidays/0/first", Code::DayOutsideYear));
        assert_eq!(faults(vec![holiday("元旦", "2026-12-30", "2026-12-31", &[])]), one("/holidays/0/last", Code::DayOutsideYear));
        assert_eq!(faults(vec![holiday(" ", "2027-02-05", "2027-02-06", &[])]), one("/holidays/0/name", Code::Required));
        let overlapping = vec![holiday("中秋节", "2027-09-30", "2027-10-02", &[]), holiday("国庆节", "2027-10-01", "2027-10-07", &[])];
        assert_eq!(faults(overlapping), one("/holidays/1/first", Code::DayTwice));
        let makeup = |worked: &str| faults(vec![holiday("春节", "2027-02-05", "2027-02-11", &[worked])]);
        assert_eq!(makeup("2027-02-06"), one("/holidays/0/make_up_workdays/0", Code::DayTwice));
        assert_eq!(makeup("2027-02-15"), one("/holidays/0/make_up_workdays/0", Code::DayNoWeekend));
        assert_eq!(makeup("2028-02-19"), one("/holidays/0/make_up_workdays/0", Code::DayOutsideYear));
    }
}
