//! A calendar edition: which days of which years are working days.
//!
//! The State Council announces the next year's days off late in the year before. Until then a year is
//! provisional: weekends and the statutory days known are off, and no make-up workday is assumed (rule 9).

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    iter,
    ops::Bound,
    sync::LazyLock,
};

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// The State Council's notices of 2019 to 2026, with the statutory days of 2027.
const CN_2026: &str = include_str!("../../../../data/holidays_cn.json");

static BUILT_IN: LazyLock<Edition> = LazyLock::new(|| Edition::parse(CN_2026).unwrap_or_else(|_| Edition::weekends_only()));

/// What a day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DayKind<'a> {
    /// An ordinary working day.
    Working,
    /// An ordinary weekend day.
    WeekendRest,
    /// A day off of the named holiday, weekends inside an announced span included.
    Holiday(&'a str),
    /// A weekend day worked in exchange for a day off of the named holiday (调休上班).
    MakeUpWorkday(&'a str),
}

impl DayKind<'_> {
    /// Whether people work on such a day.
    #[must_use]
    pub fn is_working(self) -> bool {
        matches!(self, Self::Working | Self::MakeUpWorkday(_))
    }
}

/// Why a file is not a calendar edition.
#[derive(Debug, thiserror::Error)]
pub enum EditionError {
    /// Not JSON, or not of the edition's shape.
    #[error("the edition cannot be read: {0}")]
    Shape(#[from] serde_json::Error),
    /// A year's key is not a year.
    #[error("`{0}` is not a year")]
    Year(String),
    /// A day stands under another year than its own.
    #[error("{date} stands under {year}")]
    WrongYear {
        /// The year it stands under.
        year: i32,
        /// The day.
        date: NaiveDate,
    },
    /// A day is listed twice, or as a day off and as a workday.
    #[error("{0} is listed twice")]
    ListedTwice(NaiveDate),
}

/// The working days of a jurisdiction as known at one time. Ask by local date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    code: String,
    weekly_rest: Vec<Weekday>,
    announced: BTreeSet<i32>,
    exceptions: BTreeMap<NaiveDate, Exception>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Exception {
    off: bool,
    name: String,
}

impl Edition {
    /// Reads an edition of the shape of `data/holidays_cn.json`.
    ///
    /// # Errors
    ///
    /// When the text has another shape, or contradicts itself.
    pub fn parse(text: &str) -> Result<Self, EditionError> {
        let file: EditionFile = serde_json::from_str(text)?;
        let mut edition = Self { code: file.edition, weekly_rest: file.week_rest_days, announced: BTreeSet::new(), exceptions: BTreeMap::new() };
        for (key, entry) in file.years {
            let year = key.parse().map_err(|_| EditionError::Year(key))?;
            if entry.status == YearStatus::Announced {
                edition.announced.insert(year);
            }
            let statutory = entry.fallback.map(|known| known.statutory_days);
            for day in entry.holidays.into_iter().chain(statutory.unwrap_or_default()) {
                edition.except(year, day, true)?;
            }
            for day in entry.make_up_workdays {
                edition.except(year, day, false)?;
            }
        }
        Ok(edition)
    }

    /// The edition this version was built with, code `cn-2026.1`.
    ///
    /// Never fails: a test parses the very file that is compiled in. Were it broken all the same, only
    /// weekends would be off and every date that asks the calendar provisional.
    #[must_use]
    pub fn cn_2026() -> &'static Self {
        &BUILT_IN
    }

    /// The same as text, for editions that follow from it.
    #[must_use]
    pub fn cn_2026_text() -> &'static str {
        CN_2026
    }

    /// The years that the edition says something about, from the first to the last; none when it says nothing.
    pub fn years(&self) -> impl Iterator<Item = i32> {
        let named = self.exceptions.keys().map(Datelike::year).chain(self.announced.iter().copied());
        let bounds =
            named.fold(None, |bounds: Option<(i32, i32)>, year| Some(bounds.map_or((year, year), |(first, last)| (first.min(year), last.max(year)))));
        bounds.into_iter().flat_map(|(first, last)| first..=last)
    }

    fn weekends_only() -> Self {
        Self { code: "none".to_owned(), weekly_rest: vec![Weekday::Sat, Weekday::Sun], announced: BTreeSet::new(), exceptions: BTreeMap::new() }
    }

    fn except(&mut self, year: i32, day: NamedDay, off: bool) -> Result<(), EditionError> {
        let date = day.date;
        if date.year() != year {
            return Err(EditionError::WrongYear { year, date });
        }
        // 「春节（正月初一）」 and 「春节（除夕）」 are one holiday to a reader.
        let name = day.name.split('（').next().unwrap_or_default().to_owned();
        match self.exceptions.insert(date, Exception { off, name }) {
            Some(_) => Err(EditionError::ListedTwice(date)),
            None => Ok(()),
        }
    }

    /// The edition's code, for instance `cn-2026.1`; a computed date names it.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What a local day is. In years that the edition does not hold, only weekends are off.
    #[must_use]
    pub fn day_kind(&self, date: NaiveDate) -> DayKind<'_> {
        match self.exceptions.get(&date) {
            Some(Exception { off: true, name }) => DayKind::Holiday(name),
            Some(Exception { off: false, name }) => DayKind::MakeUpWorkday(name),
            None if self.is_weekly_rest(date.weekday()) => DayKind::WeekendRest,
            None => DayKind::Working,
        }
    }

    /// Whether a local day is a working day, make-up Saturdays and Sundays included.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use shared::kernel::calendar::Edition;
    ///
    /// let make_up_saturday = NaiveDate::from_ymd_opt(2026, 10, 10).unwrap();
    /// assert!(Edition::cn_2026().is_working_day(make_up_saturday));
    /// ```
    #[must_use]
    pub fn is_working_day(&self, date: NaiveDate) -> bool {
        self.day_kind(date).is_working()
    }

    /// Whether a year's days off are not announced, or unknown to this edition.
    #[must_use]
    pub fn is_provisional(&self, year: i32) -> bool {
        !self.announced.contains(&year)
    }

    /// The first day off of a named holiday in a year, announced or statutory; `None` when the edition doesn't know it.
    #[must_use]
    pub fn holiday_start(&self, year: i32, name: &str) -> Option<NaiveDate> {
        let (first, last) = (NaiveDate::from_ymd_opt(year, 1, 1)?, NaiveDate::from_ymd_opt(year, 12, 31)?);
        // One span may be of two holidays: 国庆节、中秋节.
        self.exceptions.range(first..=last).find(|(_, day)| day.off && day.name.split('、').any(|part| part == name)).map(|(date, _)| *date)
    }

    /// The number of working days after `from` up to and including `to`; negative when `to` is earlier.
    #[must_use]
    pub fn working_days_between(&self, from: NaiveDate, to: NaiveDate) -> i64 {
        // An empty range with an excluded bound is a panic of the map's, so equal days end here.
        match to.cmp(&from) {
            Ordering::Less => return -self.working_days_between(to, from),
            Ordering::Equal => return 0,
            Ordering::Greater => {}
        }
        let days = (to - from).num_days();
        let worked = |weekday: &Weekday| !self.weekly_rest.contains(weekday);
        let week = || iter::successors(Some(from.weekday().succ()), |day| Some(day.succ()));
        let per_week = week().take(7).filter(worked).count() as i64;
        let broken_week = week().take((days % 7) as usize).filter(worked).count() as i64;
        let exceptions: i64 = self
            .exceptions
            .range((Bound::Excluded(from), Bound::Included(to)))
            .map(|(date, day)| match (day.off, self.is_weekly_rest(date.weekday())) {
                (true, false) => -1,
                (false, true) => 1,
                _ => 0,
            })
            .sum();
        days / 7 * per_week + broken_week + exceptions
    }

    fn is_weekly_rest(&self, weekday: Weekday) -> bool {
        self.weekly_rest.contains(&weekday)
    }
}

/// The part of the file that decides; its checks and sources are for people.
#[derive(Deserialize)]
struct EditionFile {
    edition: String,
    week_rest_days: Vec<Weekday>,
    years: BTreeMap<String, YearEntry>,
}

#[derive(Deserialize)]
struct YearEntry {
    status: YearStatus,
    holidays: Vec<NamedDay>,
    make_up_workdays: Vec<NamedDay>,
    fallback: Option<Fallback>,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum YearStatus {
    Announced,
    NotAnnounced,
}

/// Days in lieu (`provisional_lieu_days`) are left out: the file does not apply them by default.
#[derive(Deserialize)]
struct Fallback {
    statutory_days: Vec<NamedDay>,
}

#[derive(Deserialize)]
struct NamedDay {
    date: NaiveDate,
    name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_built_in_edition_parses() {
        let parsed = Edition::parse(CN_2026).unwrap();
        assert_eq!(parsed.code(), "cn-2026.1");
        assert_eq!(&parsed, Edition::cn_2026());
    }

    #[test]
    fn every_announced_year_has_as_many_working_days_as_its_entry_says() {
        let file: serde_json::Value = serde_json::from_str(CN_2026).unwrap();
        for year in 2019..=2026 {
            let stated = file["years"][year.to_string()]["working_days"].as_i64();
            let (eve, end) = (format!("{}-12-31", year - 1), format!("{year}-12-31"));
            let counted = Edition::cn_2026().working_days_between(day(&eve), day(&end));
            assert_eq!(Some(counted), stated, "{year}");
            assert!(!Edition::cn_2026().is_provisional(year));
        }
    }

    #[test]
    fn days_of_2026_are_what_the_notice_says() {
        let edition = Edition::cn_2026();
        for (date, kind) in [
            ("2026-02-14", DayKind::MakeUpWorkday("春节")),
            ("2026-02-15", DayKind::Holiday("春节")),
            ("2026-02-23", DayKind::Holiday("春节")),
            ("2026-02-28", DayKind::MakeUpWorkday("春节")),
            ("2026-10-07", DayKind::Holiday("国庆节")),
            ("2026-10-08", DayKind::Working),
            ("2026-10-10", DayKind::MakeUpWorkday("国庆节")),
            ("2026-10-11", DayKind::WeekendRest),
        ] {
            assert_eq!(edition.day_kind(day(date)), kind, "{date}");
        }
    }

    #[test]
    fn a_year_not_announced_knows_its_statutory_days_only() {
        let edition = Edition::cn_2026();
        assert!(edition.is_provisional(2027) && edition.is_provisional(2018));
        assert_eq!(edition.day_kind(day("2027-02-08")), DayKind::Holiday("春节"));
        assert!(edition.is_working_day(day("2027-02-09")), "a day in lieu is not assumed");
        assert!(edition.is_working_day(day("2028-10-02")), "an unknown year has weekends only");
        assert!(!edition.is_working_day(day("2028-10-01")));
    }

    #[test]
    fn holidays_have_a_first_day_where_they_are_known() {
        let edition = Edition::cn_2026();
        for (year, name, first) in
            [(2026, "国庆节", Some("2026-10-01")), (2025, "中秋节", Some("2025-10-01")), (2027, "春节", Some("2027-02-05")), (2028, "春节", None)]
        {
            assert_eq!(edition.holiday_start(year, name), first.map(day), "{year} {name}");
        }
    }

    #[test]
    fn working_days_between_agrees_with_walking() {
        let edition = Edition::cn_2026();
        let (mut to, mut walked) = (day("2025-12-20"), 0);
        let from = to;
        assert_eq!(edition.working_days_between(from, from), 0);
        for _ in 0..800 {
            to = to.succ_opt().unwrap();
            walked += i64::from(edition.is_working_day(to));
            assert_eq!(edition.working_days_between(from, to), walked, "{to}");
            assert_eq!(edition.working_days_between(to, from), -walked, "{to}");
        }
    }

    #[test]
    fn a_contradictory_edition_is_refused() {
        let with = |holidays: &str, make_up: &str| {
            Edition::parse(&format!(
                r#"{{"edition":"x","week_rest_days":["Saturday","Sunday"],"years":{{"2026":
                {{"status":"announced","holidays":[{holidays}],"make_up_workdays":[{make_up}]}}}}}}"#
            ))
        };
        let new_year = r#"{"date":"2026-01-01","name":"元旦"}"#;
        assert!(with(new_year, "").is_ok());
        assert!(matches!(with(new_year, new_year), Err(EditionError::ListedTwice(_))));
        let stray = r#"{"date":"2025-01-01","name":"元旦"}"#;
        assert!(matches!(with(stray, ""), Err(EditionError::WrongYear { year: 2026, .. })));
        assert!(matches!(Edition::parse("{}"), Err(EditionError::Shape(_))));
    }
}
