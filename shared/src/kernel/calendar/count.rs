//! The engine: from a request to a due date with its explanation, by rules 1 to 9.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};

use super::{
    course::{Course, Point, Run, in_range},
    edition::Edition,
    error::CountError,
    request::{CountRequest, CountResult},
    rule::{CountUnit, Direction},
    step::{CountStep, StepCode},
};

const LONGEST: u32 = 3660;
const MOST_ENTRIES: usize = 100;

/// Counts a time limit and explains every step.
///
/// The order is: the limit; pauses that begin on or before its due date; each extension, followed by the
/// pauses that begin on or before the date it leads to; rolling, once. The result is a local day of
/// Asia/Shanghai, or for hours an instant in UTC+8.
///
/// ```
/// use shared::kernel::calendar::{CountRequest, Edition, count};
///
/// let request: CountRequest = serde_json::from_str(
///     r#"{"start": "2026-08-01", "amount": 2, "unit": "months", "rolls_if_holiday": true}"#,
/// ).unwrap();
/// let result = count(&request, Edition::cn_2026()).unwrap();
/// assert_eq!(result.due.to_string(), "2026-10-08");
/// assert_eq!(result.steps[2].sentence_zh(), "10月1日至7日国庆节放假，顺延至10月8日");
/// ```
///
/// # Errors
///
/// [`CountError`] names the field that cannot be counted with.
pub fn count(request: &CountRequest, edition: &Edition) -> Result<CountResult, CountError> {
    check(request)?;
    match request.unit {
        CountUnit::Hours => count_hours(request, edition),
        _ => count_days(request, edition),
    }
}

fn check(request: &CountRequest) -> Result<(), CountError> {
    let lists = [
        ("/pauses", request.pauses.len()),
        ("/extensions", request.extensions.len()),
    ];
    for (at, length) in lists {
        let at = at.to_owned();
        if length > MOST_ENTRIES {
            return Err(CountError::TooMany { at });
        }
        if length > 0 && request.direction == Direction::Before {
            return Err(CountError::NotCountedBack { at });
        }
    }
    check_amount(request.amount, "/amount")?;
    for (index, extension) in request.extensions.iter().enumerate() {
        check_amount(extension.amount, &extension_at(index))?;
        // Hours have no working days to walk, and days no minute to run from. Natural days do extend
        // hours: 48 hours for an autopsy, seven days with cold storage (医疗纠纷预防和处理条例).
        let misfit = match request.unit {
            CountUnit::Hours => CountUnit::WorkingDays,
            _ => CountUnit::Hours,
        };
        if extension.unit == misfit {
            return Err(CountError::ExtensionUnit { index });
        }
    }
    Ok(())
}

fn check_amount(amount: u32, at: &str) -> Result<(), CountError> {
    if (1..=LONGEST).contains(&amount) {
        Ok(())
    } else {
        Err(CountError::AmountOutOfRange { at: at.to_owned() })
    }
}

fn extension_at(index: usize) -> String {
    format!("/extensions/{index}/amount")
}

/// Rule 4. A pause is of instants, and moves the due instant by its length as it does for days.
fn count_hours(request: &CountRequest, edition: &Edition) -> Result<CountResult, CountError> {
    in_range(request.start.date(), "/start")?;
    let start = DateTime::<FixedOffset>::of(request.start).ok_or(CountError::HoursNeedInstant)?;
    let mut course = Course::from(start, &request.pauses, edition)?;
    course
        .steps
        .push(CountStep::on(StepCode::StartInstant, start));
    course.run(&limit(request), false)?;
    course.move_by_pauses()?;
    for (index, extension) in request.extensions.iter().enumerate() {
        let at = extension_at(index);
        course.run(&further(extension.amount, extension.unit, &at), false)?;
        course.move_by_pauses()?;
    }
    course.steps.push(CountStep::of(StepCode::NoRolling));
    Ok(finish(course, edition))
}

fn count_days(request: &CountRequest, edition: &Edition) -> Result<CountResult, CountError> {
    let start = in_range(request.start.date(), "/start")?;
    let mut course = Course::from(start, &request.pauses, edition)?;
    if request.direction == Direction::Before {
        course.steps.push(CountStep::on(StepCode::Event, start));
        match request.unit {
            CountUnit::WorkingDays => course.walk(&limit(request), day_before(start))?,
            _ => course.run(&limit(request), false)?,
        }
        course.steps.push(CountStep::of(StepCode::NoRolling));
        return Ok(finish(course, edition));
    }

    let (code, first) = if request.counts_first_day {
        (StepCode::StartCounted, start)
    } else {
        (StepCode::StartExcluded, day_after(start))
    };
    course.steps.push(CountStep::on(code, start));
    match request.unit {
        CountUnit::WorkingDays => course.walk(&limit(request), first)?,
        _ => course.run(&limit(request), request.counts_first_day)?,
    }
    // After a walk no pause is left that begins so early.
    course.move_by_pauses()?;
    for (index, extension) in request.extensions.iter().enumerate() {
        let at = extension_at(index);
        let run = further(extension.amount, extension.unit, &at);
        match extension.unit {
            CountUnit::WorkingDays => {
                let first = day_after(course.due);
                course.walk(&run, first)?;
            }
            _ => course.run(&run, false)?,
        }
        course.move_by_pauses()?;
    }
    if request.rolls_if_holiday {
        course.roll()?;
    } else {
        course.steps.push(CountStep::of(StepCode::NoRolling));
    }
    Ok(finish(course, edition))
}

fn limit(request: &CountRequest) -> Run<'static> {
    Run {
        code: match request.direction {
            Direction::After => StepCode::Counted,
            Direction::Before => StepCode::CountedBack,
        },
        amount: request.amount,
        unit: request.unit,
        direction: request.direction,
        at: "/amount",
    }
}

fn further(amount: u32, unit: CountUnit, at: &str) -> Run<'_> {
    Run {
        code: StepCode::Extension,
        amount,
        unit,
        direction: Direction::After,
        at,
    }
}

fn day_after(day: NaiveDate) -> NaiveDate {
    day + TimeDelta::days(1)
}

fn day_before(day: NaiveDate) -> NaiveDate {
    day - TimeDelta::days(1)
}

fn finish<T: Point>(course: Course<'_, T>, edition: &Edition) -> CountResult {
    let mut steps = course.steps;
    if let Some(day) = course.provisional_on {
        steps.push(CountStep::on(StepCode::Provisional, day));
    }
    CountResult {
        due: course.due.into(),
        provisional: course.provisional_on.is_some(),
        steps,
        calendar_edition: edition.code().to_owned(),
    }
}
