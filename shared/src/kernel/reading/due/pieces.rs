//! Finding what names a day within a phrase, from left to right.

use super::{DueContext, DueReading, absolute, festival, period, relative};
use crate::kernel::{
    messages_reading as M,
    reading::{Explanation, explain::same},
};
use chrono::{Datelike, NaiveDate};

/// A piece of a phrase that names a day.
#[derive(Debug)]
pub(super) struct Piece {
    /// The words between the piece before and this one.
    pub before: String,
    pub written: String,
    pub reading: DueReading,
}

/// Length in bytes of what was understood, and as what.
pub(super) type Match = (usize, DueReading);

pub(super) struct Scan<'a> {
    pub context: &'a DueContext<'a>,
    /// The day named before in the same cell: what follows goes on from there.
    pub previous: Option<NaiveDate>,
}

/// A day found for a phrase, with the assumption about its year.
pub(super) struct Found {
    pub date: NaiveDate,
    pub assumed: Option<Explanation>,
}

impl Scan<'_> {
    pub(super) fn pieces(&mut self, clause: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut done = 0;
        let mut at = 0;
        while let Some(rest) = clause.get(at..).filter(|rest| !rest.is_empty()) {
            let before = clause.get(done..at).unwrap_or_default();
            match self.piece(rest, before) {
                Some((length, reading)) if length > 0 => {
                    let written = rest.get(..length).unwrap_or_default().to_owned();
                    if let Some(date) = reading.date() {
                        self.previous = Some(date);
                    }
                    pieces.push(Piece { before: before.to_owned(), written, reading });
                    at += length;
                    done = at;
                }
                _ => at += rest.chars().next().map_or(1, char::len_utf8),
            }
        }
        pieces
    }

    fn piece(&self, rest: &str, before: &str) -> Option<Match> {
        let first = rest.chars().next()?;
        if !(first.is_ascii_digit() || STARTS.contains(first)) {
            return None;
        }
        // In the middle of a number nothing begins.
        if first.is_ascii_digit() && before.ends_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        absolute::read(self, rest, before)
            .or_else(|| relative::read(self, rest, before))
            .or_else(|| festival::read(self, rest))
            .or_else(|| period::read(self, rest))
            .or_else(|| relative::bare_day(self, rest, before))
    }

    /// The day that `of` names in the year meant: as given, as the limit before it, by the list, the next one.
    pub(super) fn in_year(&self, written: &str, given: Option<i32>, of: &dyn Fn(i32) -> Option<NaiveDate>) -> Option<Found> {
        let today = self.context.today;
        if let Some(year) = given {
            return of(year).map(|date| Found { date, assumed: None });
        }
        let found = |date: NaiveDate, sentence| Found { date, assumed: Some(Explanation::new(sentence, vec![same(written), same(date.year())])) };
        if let Some(previous) = self.previous {
            let date = (previous.year()..=previous.year() + 1).filter_map(of).find(|date| *date >= previous)?;
            return Some(found(date, M::DUE_YEAR_GIVEN_BEFORE));
        }
        if let Some((first, last)) = self.context.years {
            let of_list: Vec<NaiveDate> = (first..=last.min(first + 20)).filter_map(of).collect();
            let next = of_list.iter().find(|date| **date > today).or(of_list.last());
            if let Some(date) = next {
                return Some(found(*date, M::DUE_YEAR_OF_LIST));
            }
        }
        (today.year()..=today.year() + 4).filter_map(of).find(|date| *date > today).map(|date| found(date, M::DUE_YEAR_NEXT))
    }
}

/// Characters that pieces begin with, beside digits.
const STARTS: &str = "〇零一二三四五六七八九十百两元半年今本当明次来后去上下前第季岁月这中春新清劳端国除教宪重腊小周星礼Qq";
