//! What the calculator is asked and what it answers: the shapes of `POST /calendars/compute`.

use std::{fmt, str::FromStr};

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, de};

use super::{
    rule::{CountUnit, Direction},
    step::CountStep,
};

/// The zone in which all days are local: UTC+8, without summer time since 1991.
pub const SHANGHAI: FixedOffset = match FixedOffset::east_opt(8 * 3600) {
    Some(offset) => offset,
    // Decided when this is compiled, never at run time.
    None => panic!("eight hours are an offset"),
};

/// A local day, or an instant with its zone: `2026-11-24` or RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Moment {
    /// A local day.
    Date(NaiveDate),
    /// An instant, with zone.
    Instant(DateTime<FixedOffset>),
}

impl Moment {
    /// The local day in Asia/Shanghai.
    #[must_use]
    pub fn date(self) -> NaiveDate {
        match self {
            Self::Date(date) => date,
            Self::Instant(instant) => {
                let utc = instant.naive_utc();
                utc.checked_add_offset(SHANGHAI).unwrap_or(utc).date()
            }
        }
    }
}

impl From<NaiveDate> for Moment {
    fn from(date: NaiveDate) -> Self {
        Self::Date(date)
    }
}

impl From<DateTime<FixedOffset>> for Moment {
    fn from(instant: DateTime<FixedOffset>) -> Self {
        Self::Instant(instant)
    }
}

/// The text is neither a date nor an instant with zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a date as 2026-11-24, or an instant as 2026-11-24T09:30:00+08:00")]
pub struct MomentError;

impl FromStr for Moment {
    type Err = MomentError;

    fn from_str(text: &str) -> Result<Self, MomentError> {
        // chrono takes "2026-1-5" too; what does not print as it was written is not a date here.
        if let Ok(date) = text.parse::<NaiveDate>()
            && date.to_string() == text
        {
            return Ok(Self::Date(date));
        }
        DateTime::parse_from_rfc3339(text)
            .map(Self::Instant)
            .map_err(|_| MomentError)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(date) => date.fmt(f),
            Self::Instant(instant) => f.write_str(&instant.to_rfc3339()),
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// A time for which the clock was stopped: whole days, both included; for a limit in hours instants, the
/// end excluded. Seconds are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pause {
    /// First day, or instant; after the start.
    pub from: Moment,
    /// Last day, or the instant the clock ran again.
    pub to: Moment,
}

/// One extension, in its own unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExtensionStep {
    /// 1 to 3660, in `unit`.
    pub amount: u32,
    /// A limit in days takes no hours, a limit in hours no working days.
    pub unit: CountUnit,
}

/// A time limit to count. Days outside 1900 to 2199 are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CountRequest {
    /// The day or instant it runs from, or the event it is counted back from. Hours need an instant, of
    /// which the seconds are dropped; days take an instant by its local day.
    pub start: Moment,
    /// 1 to 3660, in `unit`.
    pub amount: u32,
    /// Unit of `amount`.
    pub unit: CountUnit,
    /// On from the start, or back from it. Back: no first day, no rolling, no pauses, no extensions.
    #[serde(default)]
    pub direction: Direction,
    /// Whether the start day counts. Hours run from the minute either way.
    #[serde(default)]
    pub counts_first_day: bool,
    /// Whether a last day that is a day off moves to the next working day.
    #[serde(default)]
    pub rolls_if_holiday: bool,
    /// In any order, not overlapping, at most 100.
    #[serde(default)]
    pub pauses: Vec<Pause>,
    /// In the order they were granted, at most 100.
    #[serde(default)]
    pub extensions: Vec<ExtensionStep>,
}

/// A counted time limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CountResult {
    /// The last day; for hours the last instant, in UTC+8.
    pub due: Moment,
    /// Whether a day that decided lies in a year whose days off are not announced (暂定).
    pub provisional: bool,
    /// How it was counted, in order.
    pub steps: Vec<CountStep>,
    /// The edition of the calendar used, for instance `cn-2026.1`.
    pub calendar_edition: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_strict_date_or_rfc_3339() {
        for text in ["2026-11-24", "2026-11-24T09:30:00+08:00"] {
            let moment: Moment = serde_json::from_value(text.into()).unwrap();
            assert_eq!(serde_json::to_value(moment).unwrap(), text);
            assert_eq!(moment.to_string(), text);
        }
        for text in [
            "2026-1-5",
            "2026-11-31",
            "2026-11-24T09:30:00",
            "24.11.2026",
            "",
        ] {
            assert_eq!(text.parse::<Moment>(), Err(MomentError), "{text}");
        }
    }

    #[test]
    fn an_instant_has_a_local_day() {
        let late: Moment = "2026-11-23T16:30:00Z".parse().unwrap();
        assert_eq!(late.date().to_string(), "2026-11-24");
    }

    #[test]
    fn a_request_has_defaults_and_no_unknown_fields() {
        let short = r#"{"start":"2026-11-24","amount":2,"unit":"months"}"#;
        let request: CountRequest = serde_json::from_str(short).unwrap();
        assert_eq!(request.direction, Direction::After);
        assert!(!request.counts_first_day && !request.rolls_if_holiday);
        let typo = r#"{"start":"2026-11-24","amount":2,"unit":"months","roll_if_holiday":true}"#;
        assert!(serde_json::from_str::<CountRequest>(typo).is_err());
    }
}
