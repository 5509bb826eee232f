//! What must hold for every count, tried on random ones against a slow model that walks day by day.

use chrono::{Days, NaiveDate};
use proptest::{collection::vec, prelude::*};

use super::{CountRequest, CountUnit, Direction, Edition, ExtensionStep, Pause, count};

fn day(offset: u64) -> NaiveDate {
    NaiveDate::default() + Days::new(20_089 + offset) // from 2025-01-01
}

fn unit_of_days() -> impl Strategy<Value = CountUnit> {
    prop::sample::select(vec![
        CountUnit::NaturalDays,
        CountUnit::WorkingDays,
        CountUnit::Months,
        CountUnit::Years,
    ])
}

/// Pauses after `start` as gaps and lengths, so that they never overlap.
fn pauses_after(start: NaiveDate, gaps: &[(u64, u64)]) -> Vec<Pause> {
    let mut last = start;
    gaps.iter()
        .map(|&(gap, length)| {
            let from = last + Days::new(gap);
            last = from + Days::new(length - 1);
            Pause {
                from: from.into(),
                to: last.into(),
            }
        })
        .collect()
}

prop_compose! {
    fn requests()(
        start in 0_u64..900,
        amount in 1_u32..120,
        unit in unit_of_days(),
        counts_first_day: bool,
        rolls_if_holiday: bool,
        gaps in vec((1_u64..40, 1_u64..20), 0..4),
        extensions in vec((1_u32..30, unit_of_days()), 0..3),
    ) -> CountRequest {
        let start = day(start);
        CountRequest {
            start: start.into(),
            amount: if unit == CountUnit::Years { 1 + amount % 9 } else { amount },
            unit,
            direction: Direction::After,
            counts_first_day,
            rolls_if_holiday,
            pauses: pauses_after(start, &gaps),
            extensions: extensions
                .into_iter()
                .map(|(amount, unit)| ExtensionStep { amount: 1 + amount % 9, unit })
                .collect(),
        }
    }
}

fn due(request: &CountRequest) -> NaiveDate {
    count(request, Edition::cn_2026()).unwrap().due.date()
}

/// The n-th day from the start that is worked and in no pause.
fn walked(request: &CountRequest) -> NaiveDate {
    let paused = |day: NaiveDate| {
        let mut pauses = request.pauses.iter();
        pauses.any(|pause| pause.from.date() <= day && day <= pause.to.date())
    };
    let extensions = request.extensions.iter().map(|extension| extension.amount);
    let amount = request.amount + extensions.sum::<u32>();
    let skip_start = usize::from(!request.counts_first_day);
    let mut days = request.start.date().iter_days().skip(skip_start);
    days.by_ref()
        .filter(|&day| Edition::cn_2026().is_working_day(day) && !paused(day))
        .nth(amount as usize - 1)
        .unwrap()
}

proptest! {
    #[test]
    fn working_days_agree_with_walking(mut request in requests()) {
        request.unit = CountUnit::WorkingDays;
        for extension in &mut request.extensions {
            extension.unit = CountUnit::WorkingDays;
        }
        prop_assert_eq!(due(&request), walked(&request));
    }

    #[test]
    fn walking_back_ends_where_walking_on_began(offset in 0_u64..900, amount in 1_u32..60) {
        let edition = Edition::cn_2026();
        let event = day(offset);
        let request = CountRequest {
            start: event.into(),
            amount,
            unit: CountUnit::WorkingDays,
            direction: Direction::Before,
            counts_first_day: false,
            rolls_if_holiday: false,
            pauses: Vec::new(),
            extensions: Vec::new(),
        };
        let notice = due(&request);
        prop_assert!(edition.is_working_day(notice));
        let eve = event - Days::new(1);
        let between = edition.working_days_between(notice - Days::new(1), eve);
        prop_assert_eq!(between, i64::from(amount));
    }

    #[test]
    fn a_longer_limit_never_ends_earlier(request in requests()) {
        let longer = CountRequest { amount: request.amount + 1, ..request.clone() };
        prop_assert!(due(&request) <= due(&longer));
    }

    #[test]
    fn a_further_pause_never_ends_it_earlier(request in requests(), gone in 0_usize..4) {
        let mut fewer = request.clone();
        if gone < fewer.pauses.len() {
            fewer.pauses.remove(gone);
        }
        prop_assert!(due(&fewer) <= due(&request));
    }

    #[test]
    fn what_rolls_ends_on_a_working_day(mut request in requests()) {
        request.rolls_if_holiday = false;
        let fixed = due(&request);
        request.rolls_if_holiday = true;
        let rolled = due(&request);
        let edition = Edition::cn_2026();
        prop_assert!(edition.is_working_day(rolled));
        prop_assert!(fixed <= rolled);
        prop_assert!(fixed.iter_days().take_while(|&day| day < rolled).all(|day| !edition.is_working_day(day)));
    }

    #[test]
    fn the_order_of_pauses_does_not_matter(request in requests()) {
        let mut turned = request.clone();
        turned.pauses.reverse();
        prop_assert_eq!(due(&turned), due(&request));
    }
}
