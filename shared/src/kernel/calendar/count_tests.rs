//! Each numbered rule of `deadlines.md` by cases counted by hand on a paper calendar.

use serde_json::{Value, json};

use super::{CountError, CountRequest, CountResult, Edition, StepCode, count};

pub(super) fn ask(request: &Value) -> Result<CountResult, CountError> {
    let request: CountRequest = serde_json::from_value(request.clone()).unwrap();
    count(&request, Edition::cn_2026())
}

pub(super) fn counted(request: Value) -> CountResult {
    ask(&request).unwrap_or_else(|error| panic!("{request}: {error}"))
}

fn due(request: Value) -> String {
    counted(request).due.to_string()
}

pub(super) fn simple(start: &str, amount: u32, unit: &str, more: Value) -> Value {
    let mut request = json!({"start": start, "amount": amount, "unit": unit});
    for (key, value) in more.as_object().unwrap() {
        request[key] = value.clone();
    }
    request
}

#[test]
fn rule_1_natural_days() {
    assert_eq!(
        due(simple("2026-11-24", 15, "natural_days", json!({}))),
        "2026-12-09"
    );
    let first = json!({"counts_first_day": true});
    assert_eq!(
        due(simple("2026-11-24", 15, "natural_days", first.clone())),
        "2026-12-08"
    );
    assert_eq!(
        due(simple("2026-11-24", 1, "natural_days", first)),
        "2026-11-24"
    );
    // 2028 has a 29 February.
    assert_eq!(
        due(simple("2028-02-28", 2, "natural_days", json!({}))),
        "2028-03-01"
    );
}

#[test]
fn rule_2_working_days_pass_the_holiday_and_count_make_up_days() {
    // 09-28, 29, 30, then 10-08, 09 and Saturday the 10th.
    assert_eq!(
        due(simple("2026-09-27", 3, "working_days", json!({}))),
        "2026-09-30"
    );
    assert_eq!(
        due(simple("2026-09-27", 4, "working_days", json!({}))),
        "2026-10-08"
    );
    assert_eq!(
        due(simple("2026-09-27", 6, "working_days", json!({}))),
        "2026-10-10"
    );
    assert_eq!(
        due(simple("2026-09-27", 7, "working_days", json!({}))),
        "2026-10-12"
    );
    // Saturday 02-14 is worked, 02-15 to 23 are off.
    assert_eq!(
        due(simple("2026-02-13", 1, "working_days", json!({}))),
        "2026-02-14"
    );
    assert_eq!(
        due(simple("2026-02-13", 2, "working_days", json!({}))),
        "2026-02-24"
    );
    // Saturday 02-28 is worked, Sunday 03-01 is not.
    assert_eq!(
        due(simple("2026-02-26", 2, "working_days", json!({}))),
        "2026-02-28"
    );
    assert_eq!(
        due(simple("2026-02-26", 3, "working_days", json!({}))),
        "2026-03-02"
    );
}

#[test]
fn rule_2_a_first_day_counts_only_if_it_is_a_working_day() {
    let first = json!({"counts_first_day": true});
    assert_eq!(
        due(simple("2026-11-24", 1, "working_days", first.clone())),
        "2026-11-24"
    );
    assert_eq!(
        due(simple("2026-11-21", 1, "working_days", first)),
        "2026-11-23"
    );
}

#[test]
fn rule_3_months_and_years() {
    for (start, amount, unit, end) in [
        ("2026-09-27", 2, "months", "2026-11-27"),
        ("2026-08-31", 6, "months", "2027-02-28"),
        ("2027-08-31", 6, "months", "2028-02-29"),
        ("2026-01-31", 1, "months", "2026-02-28"),
        ("2026-02-28", 1, "months", "2026-03-28"),
        ("2026-12-15", 1, "months", "2027-01-15"),
        ("2028-02-29", 1, "years", "2029-02-28"),
        ("2026-11-24", 2, "years", "2028-11-24"),
    ] {
        assert_eq!(
            due(simple(start, amount, unit, json!({}))),
            end,
            "{start} {amount} {unit}"
        );
    }
}

#[test]
fn rule_3_a_first_day_that_counts_ends_a_day_earlier_unless_clamped() {
    for (start, amount, unit, end) in [
        ("2026-03-01", 1, "months", "2026-03-31"),
        ("2026-09-27", 2, "months", "2026-11-26"),
        ("2026-08-31", 6, "months", "2027-02-28"),
        ("2026-11-24", 1, "years", "2027-11-23"),
    ] {
        let first = json!({"counts_first_day": true});
        assert_eq!(
            due(simple(start, amount, unit, first)),
            end,
            "{start} {amount} {unit}"
        );
    }
}

#[test]
fn rule_4_hours_run_straight_through_and_never_roll() {
    // Friday afternoon to Sunday afternoon; seconds are dropped.
    let rolls = json!({"rolls_if_holiday": true, "counts_first_day": true});
    let friday = simple("2026-11-27T15:30:42+08:00", 48, "hours", rolls);
    assert_eq!(due(friday), "2026-11-29T15:30:00+08:00");
    assert_eq!(
        due(simple("2026-09-30T16:00:00Z", 24, "hours", json!({}))),
        "2026-10-02T00:00:00+08:00"
    );
    let new_year = counted(simple("2026-12-31T12:00:00+08:00", 24, "hours", json!({})));
    assert!(!new_year.provisional);
}

#[test]
fn rule_5_back_from_an_event() {
    let back = json!({"direction": "before", "rolls_if_holiday": true});
    // Sunday 11-22 stays: a notice does not move.
    assert_eq!(
        due(simple("2026-12-02", 10, "natural_days", back.clone())),
        "2026-11-22"
    );
    // 10-12: Saturday 10th, 9th, 8th, then 09-30.
    assert_eq!(
        due(simple("2026-10-12", 3, "working_days", back.clone())),
        "2026-10-08"
    );
    assert_eq!(
        due(simple("2026-10-12", 4, "working_days", back.clone())),
        "2026-09-30"
    );
    assert_eq!(
        due(simple("2026-11-30", 7, "working_days", back.clone())),
        "2026-11-19"
    );
    assert_eq!(due(simple("2026-03-31", 1, "months", back)), "2026-02-28");
}

#[test]
fn rule_6_a_pause_moves_natural_days_and_months() {
    let paused = |from: &str, to: &str| json!({"pauses": [{"from": from, "to": to}]});
    // Due 12-09 without a pause.
    for (from, to, end) in [
        ("2026-12-01", "2026-12-03", "2026-12-12"),
        ("2026-12-09", "2026-12-09", "2026-12-10"),
        ("2026-12-10", "2026-12-20", "2026-12-09"),
        ("2026-11-25", "2026-12-24", "2027-01-08"),
    ] {
        let request = simple("2026-11-24", 15, "natural_days", paused(from, to));
        assert_eq!(due(request), end, "{from} {to}");
    }
    let months = simple(
        "2026-09-27",
        2,
        "months",
        paused("2026-10-05", "2026-10-14"),
    );
    assert_eq!(due(months), "2026-12-07");
}

#[test]
fn rule_6_one_pause_can_bring_the_next_within_reach() {
    let pauses = json!({"pauses": [
        {"from": "2026-12-11", "to": "2026-12-12"},
        {"from": "2026-12-08", "to": "2026-12-10"},
    ]});
    // 12-09 + 3 = 12-12, so the pause of the 11th counts as well.
    assert_eq!(
        due(simple("2026-11-24", 15, "natural_days", pauses)),
        "2026-12-14"
    );
}

#[test]
fn rule_6_paused_working_days_are_not_counted() {
    let paused = |from: &str, to: &str| json!({"pauses": [{"from": from, "to": to}]});
    // Without a pause: 25, 26, 27, 30, 12-01.
    for (from, to, end) in [
        ("2026-11-25", "2026-11-26", "2026-12-03"),
        ("2026-11-27", "2026-11-29", "2026-12-02"),
        ("2026-11-28", "2026-11-29", "2026-12-01"),
        ("2026-12-01", "2026-12-01", "2026-12-02"),
        ("2026-12-02", "2026-12-09", "2026-12-01"),
    ] {
        let request = simple("2026-11-24", 5, "working_days", paused(from, to));
        assert_eq!(due(request), end, "{from} {to}");
    }
}

#[test]
fn rule_6_pauses_of_hours_are_instants() {
    let pauses = json!({"pauses": [
        {"from": "2026-11-24T12:00:00+08:00", "to": "2026-11-24T14:30:00+08:00"},
        {"from": "2026-11-24T14:30:00+08:00", "to": "2026-11-24T15:00:00+08:00"},
    ]});
    let request = simple("2026-11-24T09:00:00+08:00", 24, "hours", pauses);
    assert_eq!(due(request), "2026-11-25T12:00:00+08:00");
}

#[test]
fn rule_7_extensions_run_on_from_the_date_not_rolled() {
    // Due on Saturday 11-28; rolled first it would be 11-30 and lead to 12-30.
    let more = json!({"rolls_if_holiday": true, "extensions": [{"amount": 1, "unit": "months"}]});
    assert_eq!(due(simple("2026-09-28", 2, "months", more)), "2026-12-28");
    let mixed = json!({"extensions": [
        {"amount": 3, "unit": "working_days"}, {"amount": 2, "unit": "natural_days"},
    ]});
    // Thursday 11-26, then 27, 30, 12-01, then 12-03.
    assert_eq!(
        due(simple("2026-11-16", 10, "natural_days", mixed)),
        "2026-12-03"
    );
    let cold_storage = json!({"extensions": [{"amount": 5, "unit": "natural_days"}]});
    assert_eq!(
        due(simple(
            "2026-11-24T09:00:00+08:00",
            48,
            "hours",
            cold_storage
        )),
        "2026-12-01T09:00:00+08:00"
    );
}

#[test]
fn rule_7_a_pause_during_an_extension_moves_it_too() {
    let with = |unit: &str| {
        json!({
            "pauses": [
                {"from": "2026-12-14", "to": "2026-12-15"},
                {"from": "2026-12-01", "to": "2026-12-02"},
            ],
            "extensions": [{"amount": 5, "unit": unit}],
        })
    };
    // 12-09 + 2 = 12-11; + 5 = 12-16; the pause of the 14th: 12-18.
    let natural = simple("2026-11-24", 15, "natural_days", with("natural_days"));
    assert_eq!(due(natural), "2026-12-18");
    // From Friday 12-11: 16, 17, 18, 21, 22.
    let working = simple("2026-11-24", 15, "natural_days", with("working_days"));
    assert_eq!(due(working), "2026-12-22");
}

#[test]
fn rule_8_rolls_once_at_the_end() {
    let rolls = json!({"rolls_if_holiday": true});
    for (start, days, end) in [
        ("2026-09-21", 10, "2026-10-08"), // 10-01
        ("2026-09-27", 10, "2026-10-08"), // 10-07
        ("2026-09-30", 10, "2026-10-10"), // a Saturday that is worked
        ("2026-10-01", 10, "2026-10-12"), // a Sunday
        ("2026-02-04", 10, "2026-02-14"), // a Saturday that is worked
        ("2026-02-05", 10, "2026-02-24"), // 02-15, into the Spring Festival
        ("2026-11-18", 10, "2026-11-30"), // a Saturday
    ] {
        assert_eq!(
            due(simple(start, days, "natural_days", rolls.clone())),
            end,
            "{start}"
        );
        let fixed = counted(simple(start, days, "natural_days", json!({})));
        assert_eq!(fixed.steps.last().unwrap().code, StepCode::NoRolling);
        assert!(fixed.due.to_string().as_str() <= end);
    }
}

#[test]
fn rule_9_a_date_is_provisional_only_if_2027_was_asked() {
    let provisional = |start: &str, amount, unit: &str, more| {
        counted(simple(start, amount, unit, more)).provisional
    };
    let rolls = json!({"rolls_if_holiday": true});
    assert!(!provisional("2026-12-20", 30, "natural_days", json!({})));
    assert!(provisional("2026-12-20", 30, "natural_days", rolls.clone()));
    assert!(!provisional("2026-12-24", 5, "working_days", rolls.clone())); // 12-31
    assert!(provisional("2026-12-24", 6, "working_days", json!({})));
    assert!(!provisional("2026-11-24", 2, "working_days", rolls));
    // New Year 2027 is a Friday, known by law; 01-04 is the next working day.
    assert_eq!(
        due(simple("2026-12-31", 1, "working_days", json!({}))),
        "2027-01-04"
    );
    // Eve of the Spring Festival and its first three days; the days in lieu are not assumed.
    let spring = simple("2027-02-04", 1, "working_days", json!({}));
    assert_eq!(due(spring), "2027-02-09");
}

#[test]
fn days_take_the_local_day_of_an_instant() {
    let late = simple("2026-11-23T16:30:00Z", 1, "natural_days", json!({}));
    assert_eq!(due(late), "2026-11-25");
}
