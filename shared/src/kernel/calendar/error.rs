//! Why a request cannot be counted. Each error has a stable code and points at the field to mend.

/// A request that cannot be counted. Nothing is guessed or cut short.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CountError {
    /// A given or counted date lies outside 1900 to 2199.
    #[error("{at} leads outside the years 1900 to 2199")]
    DateOutOfRange {
        /// JSON pointer of the value that leads there.
        at: String,
    },
    /// An amount is not within 1 to 3660.
    #[error("{at} is not within 1 to 3660")]
    AmountOutOfRange {
        /// JSON pointer of the amount.
        at: String,
    },
    /// More than 100 pauses or extensions.
    #[error("{at} has more than 100 entries")]
    TooMany {
        /// JSON pointer of the list.
        at: String,
    },
    /// Hours are counted from an instant, not from a day.
    #[error("hours are counted from an instant with zone")]
    HoursNeedInstant,
    /// Pauses of hours are instants; all others are whole days.
    #[error("{at} is not of the kind that the unit asks for: instants for hours, else dates")]
    PauseKind {
        /// JSON pointer of the pause's end.
        at: String,
    },
    /// A pause ends before it begins, or takes no time.
    #[error("pause {index} ends before it begins")]
    PauseReversed {
        /// Position in the request.
        index: usize,
    },
    /// A pause begins on or before the start day (hours: instant).
    #[error("pause {index} does not begin after the start")]
    PauseBeforeStart {
        /// Position in the request.
        index: usize,
    },
    /// A pause begins before an earlier one ended.
    #[error("pause {index} overlaps with an earlier one")]
    PausesOverlap {
        /// Position in the request.
        index: usize,
    },
    /// Working days do not extend hours, nor hours days.
    #[error("extension {index} is in a unit that does not fit the limit's")]
    ExtensionUnit {
        /// Position in the request.
        index: usize,
    },
    /// A limit counted back from an event is neither paused nor extended.
    #[error("{at} does not apply to a limit that is counted back")]
    NotCountedBack {
        /// JSON pointer of the list.
        at: String,
    },
}

impl CountError {
    /// The problem code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::DateOutOfRange { .. } => "validation.date_range",
            Self::AmountOutOfRange { .. } => "validation.range",
            Self::TooMany { .. } => "validation.too_many",
            Self::HoursNeedInstant | Self::PauseKind { .. } => "validation.format",
            Self::PauseReversed { .. } => "validation.pause_reversed",
            Self::PauseBeforeStart { .. } => "validation.pause_before_start",
            Self::PausesOverlap { .. } => "validation.pauses_overlap",
            Self::ExtensionUnit { .. } => "validation.extension_unit",
            Self::NotCountedBack { .. } => "validation.not_counted_back",
        }
    }

    /// The JSON pointer (RFC 6901) of the field to mend, within the request's body.
    #[must_use]
    pub fn pointer(&self) -> String {
        match self {
            Self::DateOutOfRange { at }
            | Self::AmountOutOfRange { at }
            | Self::TooMany { at }
            | Self::PauseKind { at }
            | Self::NotCountedBack { at } => at.clone(),
            Self::HoursNeedInstant => "/start".to_owned(),
            Self::PauseReversed { index } => format!("/pauses/{index}/to"),
            Self::PauseBeforeStart { index } => format!("/pauses/{index}/from"),
            Self::PausesOverlap { index } => format!("/pauses/{index}"),
            Self::ExtensionUnit { index } => format!("/extensions/{index}/unit"),
        }
    }
}
