//! The course of one count: the due date so far, the pauses still ahead of it, and the steps taken.
//!
//! One course serves days (`NaiveDate`) and hours (`DateTime`); walking and rolling exist for days only.

use std::ops::Add;

use chrono::{DateTime, Datelike, FixedOffset, Months, NaiveDate, TimeDelta, Timelike};

use super::{
    edition::{DayKind, Edition},
    error::CountError,
    request::{Moment, Pause, SHANGHAI},
    rule::{CountUnit, Direction},
    step::{CountStep, StepCode},
};

/// A day, or an instant to the minute.
pub(super) trait Point:
    Copy + Ord + Datelike + Into<Moment> + Add<TimeDelta, Output = Self>
{
    /// How much longer a pause is than the distance of its ends: whole days include the last one.
    const LAST_INCLUDED: TimeDelta;

    /// A moment of this kind; none if it is of the other.
    fn of(moment: Moment) -> Option<Self>;

    /// From here to there.
    fn until(self, other: Self) -> TimeDelta;

    /// The same day number `months` on, or the month's last day for want of it.
    fn months_on(self, months: u32, direction: Direction) -> Option<Self>;
}

impl Point for NaiveDate {
    const LAST_INCLUDED: TimeDelta = TimeDelta::days(1);

    fn of(moment: Moment) -> Option<Self> {
        match moment {
            Moment::Date(date) => Some(date),
            Moment::Instant(_) => None,
        }
    }

    fn until(self, other: Self) -> TimeDelta {
        other - self
    }

    fn months_on(self, months: u32, direction: Direction) -> Option<Self> {
        match direction {
            Direction::After => self.checked_add_months(Months::new(months)),
            Direction::Before => self.checked_sub_months(Months::new(months)),
        }
    }
}

impl Point for DateTime<FixedOffset> {
    const LAST_INCLUDED: TimeDelta = TimeDelta::zero();

    fn of(moment: Moment) -> Option<Self> {
        match moment {
            Moment::Date(_) => None,
            Moment::Instant(instant) => instant
                .with_timezone(&SHANGHAI)
                .with_nanosecond(0)?
                .with_second(0),
        }
    }

    fn until(self, other: Self) -> TimeDelta {
        other - self
    }

    fn months_on(self, months: u32, direction: Direction) -> Option<Self> {
        match direction {
            Direction::After => self.checked_add_months(Months::new(months)),
            Direction::Before => self.checked_sub_months(Months::new(months)),
        }
    }
}

/// The bounds keep every sum of a date and a pause or an amount within chrono's own.
pub(super) fn in_range<T: Datelike>(point: T, at: &str) -> Result<T, CountError> {
    if (1900..=2199).contains(&point.year()) {
        Ok(point)
    } else {
        Err(CountError::DateOutOfRange { at: at.to_owned() })
    }
}

/// A pause, checked.
#[derive(Debug, Clone, Copy)]
struct Span<T> {
    index: usize,
    from: T,
    to: T,
    length: TimeDelta,
}

pub(super) struct Course<'a, T> {
    edition: &'a Edition,
    /// In order of time; those before `ahead` have had their effect.
    pauses: Vec<Span<T>>,
    ahead: usize,
    pub due: T,
    pub steps: Vec<CountStep>,
    /// The first day asked about in a year that is not announced.
    pub provisional_on: Option<NaiveDate>,
}

impl<'a, T: Point> Course<'a, T> {
    /// A course that begins at `start`, with its pauses checked and put in order.
    pub fn from(start: T, pauses: &[Pause], edition: &'a Edition) -> Result<Self, CountError> {
        Ok(Self {
            edition,
            pauses: in_order(start, pauses)?,
            ahead: 0,
            due: start,
            steps: Vec::new(),
            provisional_on: None,
        })
    }

    /// Runs straight on from the due date so far, or back: every unit but working days (rules 1, 3, 4, 5).
    /// A first day that counts makes it a day shorter, but not where the month's last day was taken.
    pub fn run(&mut self, run: &Run<'_>, first_day_counts: bool) -> Result<(), CountError> {
        let start = self.due;
        let signed = match run.direction {
            Direction::After => i64::from(run.amount),
            Direction::Before => -i64::from(run.amount),
        };
        let out_of_range = || CountError::DateOutOfRange {
            at: run.at.to_owned(),
        };
        let end = match run.unit {
            CountUnit::Hours => Some(start + TimeDelta::hours(signed)),
            CountUnit::Months => start.months_on(run.amount, run.direction),
            CountUnit::Years => start.months_on(run.amount * 12, run.direction),
            CountUnit::NaturalDays | CountUnit::WorkingDays => {
                Some(start + TimeDelta::days(signed))
            }
        }
        .ok_or_else(out_of_range)?;
        let by_number = matches!(run.unit, CountUnit::Months | CountUnit::Years);
        let clamped = by_number && end.day() != start.day();
        let end = if first_day_counts && !clamped {
            end + TimeDelta::days(-1)
        } else {
            end
        };
        self.due = in_range(end, run.at)?;
        self.steps.push(run.step(start.into(), end.into()));
        if clamped {
            self.steps.push(CountStep {
                due: Some(end.into()),
                amount: Some(start.day()),
                ..CountStep::of(StepCode::MonthEndClamped)
            });
        }
        Ok(())
    }

    /// Each pause that begins on or before the due date so far moves it by its length (rule 6).
    pub fn move_by_pauses(&mut self) -> Result<(), CountError> {
        while let Some(&pause) = self.pauses.get(self.ahead)
            && pause.from <= self.due
        {
            self.ahead += 1;
            self.due = in_range(
                self.due + pause.length,
                &format!("/pauses/{}/to", pause.index),
            )?;
            let whole_days = T::LAST_INCLUDED > TimeDelta::zero();
            let days = u32::try_from(pause.length.num_days()).ok();
            self.steps.push(CountStep {
                until: Some(pause.to.into()),
                due: Some(self.due.into()),
                amount: days.filter(|_| whole_days),
                unit: whole_days.then_some(CountUnit::NaturalDays),
                ..CountStep::on(StepCode::Pause, pause.from)
            });
        }
        Ok(())
    }
}

impl Course<'_, NaiveDate> {
    /// Walks to the n-th working day, `first` being the first that can count (rules 2, 5). Paused days do
    /// not count (rule 6), and pauses that were passed have had their effect.
    pub fn walk(&mut self, run: &Run<'_>, first: NaiveDate) -> Result<(), CountError> {
        let step = TimeDelta::days(match run.direction {
            Direction::After => 1,
            Direction::Before => -1,
        });
        let (start, mut day, mut left) = (self.due, first, run.amount);
        let (mut passed, mut weekend_days) = (Vec::new(), 0);
        let edition = self.edition;
        loop {
            in_range(day, run.at)?;
            if let Some(&pause) = self.pauses.get(self.ahead)
                && pause.from <= day
            {
                self.ahead += 1;
                day = pause.to + step;
                passed.push(CountStep {
                    until: Some(pause.to.into()),
                    ..CountStep::on(StepCode::PauseSkipped, pause.from)
                });
                continue;
            }
            self.ask(day);
            match edition.day_kind(day) {
                DayKind::Working => left -= 1,
                DayKind::MakeUpWorkday(name) => {
                    left -= 1;
                    passed.push(CountStep {
                        name: Some(name.to_owned()),
                        ..CountStep::on(StepCode::MakeUpCounted, day)
                    });
                }
                DayKind::WeekendRest => weekend_days += 1,
                DayKind::Holiday(name) => pass_holiday(&mut passed, day, name),
            }
            if left == 0 {
                break;
            }
            day += step;
        }
        self.due = day;
        self.steps.push(run.step(start.into(), day.into()));
        self.steps.append(&mut passed);
        if weekend_days > 0 {
            self.steps.push(CountStep {
                amount: Some(weekend_days),
                unit: Some(CountUnit::NaturalDays),
                ..CountStep::of(StepCode::WeekendSkipped)
            });
        }
        Ok(())
    }

    /// Moves a last day that is off to the next working day (rule 8).
    pub fn roll(&mut self) -> Result<(), CountError> {
        let (last_day, edition) = (self.due, self.edition);
        let mut names: Vec<&str> = Vec::new();
        loop {
            self.ask(self.due);
            let kind = edition.day_kind(self.due);
            if kind.is_working() {
                break;
            }
            if let DayKind::Holiday(name) = kind
                && !names.contains(&name)
            {
                names.push(name);
            }
            self.due = in_range(self.due + TimeDelta::days(1), "/amount")?;
        }
        self.steps.push(if self.due == last_day {
            CountStep::on(StepCode::NotRolledWorkingDay, last_day)
        } else {
            CountStep {
                until: Some((self.due - TimeDelta::days(1)).into()),
                due: Some(self.due.into()),
                name: (!names.is_empty()).then(|| names.join("、")),
                ..CountStep::on(StepCode::Rolled, last_day)
            }
        });
        Ok(())
    }

    /// Notes that the calendar was asked about a day (rule 9).
    fn ask(&mut self, day: NaiveDate) {
        if self.edition.is_provisional(day.year()) {
            self.provisional_on.get_or_insert(day);
        }
    }
}

/// An amount to run or walk.
pub(super) struct Run<'a> {
    pub code: StepCode,
    pub amount: u32,
    pub unit: CountUnit,
    pub direction: Direction,
    /// JSON pointer of the amount.
    pub at: &'a str,
}

impl Run<'_> {
    fn step(&self, from: Moment, due: Moment) -> CountStep {
        CountStep {
            due: Some(due),
            amount: Some(self.amount),
            unit: Some(self.unit),
            ..CountStep::on(self.code, from)
        }
    }
}

/// Lengthens the holiday that the step before is about, or begins a new one.
fn pass_holiday(passed: &mut Vec<CountStep>, day: NaiveDate, name: &str) {
    if let Some(step) = passed.last_mut()
        && step.code == StepCode::HolidaySkipped
        && step.name.as_deref() == Some(name)
        && let (Some(first), Some(last)) = (step.date, step.until)
    {
        if day == last.date() + TimeDelta::days(1) {
            step.until = Some(day.into());
            step.amount = step.amount.map(|days| days + 1);
            return;
        }
        if day == first.date() - TimeDelta::days(1) {
            step.date = Some(day.into());
            step.amount = step.amount.map(|days| days + 1);
            return;
        }
    }
    passed.push(CountStep {
        until: Some(day.into()),
        amount: Some(1),
        unit: Some(CountUnit::NaturalDays),
        name: Some(name.to_owned()),
        ..CountStep::on(StepCode::HolidaySkipped, day)
    });
}

/// The pauses by time, each after the start, none reversed, none overlapping.
fn in_order<T: Point>(start: T, pauses: &[Pause]) -> Result<Vec<Span<T>>, CountError> {
    let end = |moment, at: String| match T::of(moment) {
        Some(point) => in_range(point, &at),
        None => Err(CountError::PauseKind { at }),
    };
    let mut spans = Vec::with_capacity(pauses.len());
    for (index, pause) in pauses.iter().enumerate() {
        let from = end(pause.from, format!("/pauses/{index}/from"))?;
        let to = end(pause.to, format!("/pauses/{index}/to"))?;
        let length = from.until(to) + T::LAST_INCLUDED;
        if length <= TimeDelta::zero() {
            return Err(CountError::PauseReversed { index });
        }
        if from <= start {
            return Err(CountError::PauseBeforeStart { index });
        }
        spans.push(Span {
            index,
            from,
            to,
            length,
        });
    }
    spans.sort_by_key(|span| span.from);
    let overlapping = spans.windows(2).find_map(|pair| match pair {
        [earlier, later] if earlier.from + earlier.length > later.from => Some(later.index),
        _ => None,
    });
    match overlapping {
        Some(index) => Err(CountError::PausesOverlap { index }),
        None => Ok(spans),
    }
}
