//! What a count answers: sentences an officer can read, and errors that name the field to mend.

use serde_json::{Value, json};

use super::{
    CountResult,
    count_tests::{ask, counted, simple},
};

fn sentences(request: Value) -> Vec<String> {
    let steps = counted(request).steps;
    assert!(steps.iter().all(|step| !step.sentence_en().is_empty()));
    steps.iter().map(|step| step.sentence_zh()).collect()
}

#[test]
fn the_steps_read_as_an_officer_would_say_them() {
    let rolls = json!({"rolls_if_holiday": true});
    assert_eq!(
        sentences(simple("2026-09-27", 2, "months", rolls.clone())),
        [
            "9月27日起算，当日不计入",
            "两个月：至11月27日",
            "当日为工作日，不顺延"
        ]
    );
    assert_eq!(
        sentences(simple("2026-08-01", 2, "months", rolls.clone()))[2],
        "10月1日至7日国庆节放假，顺延至10月8日"
    );
    assert_eq!(
        sentences(simple("2026-09-27", 6, "working_days", json!({}))),
        [
            "9月27日起算，当日不计入",
            "六个工作日：至10月10日",
            "其间10月1日至7日国庆节放假，不计入",
            "其间10月10日为国庆节调休上班日，计入",
            "本期限遇节假日不顺延"
        ]
    );
    assert_eq!(
        sentences(simple("2026-08-31", 6, "months", rolls)),
        [
            "8月31日起算，当日不计入",
            "六个月：至2027年2月28日",
            "该月没有31日，以当月最后一日2月28日为准",
            "2月28日为周末，顺延至3月1日",
            "本日历尚无2027年的放假安排，此日期为暂定"
        ]
    );
    let paused = json!({"pauses": [{"from": "2026-12-01", "to": "2026-12-03"}],
        "extensions": [{"amount": 25, "unit": "natural_days"}]});
    assert_eq!(
        sentences(simple("2026-11-24", 15, "natural_days", paused))[2..4],
        [
            "12月1日至3日中止三日，顺延至12月12日",
            "延长二十五日：至2027年1月6日"
        ]
    );
    let steps = counted(simple(
        "2026-08-01",
        2,
        "months",
        json!({"rolls_if_holiday": true}),
    ))
    .steps;
    assert_eq!(
        steps[2].sentence_en(),
        "1 to 7 October: off for National Day, moves to 8 October"
    );
}

#[test]
fn steps_survive_the_wire() {
    let result = counted(simple("2026-09-27", 6, "working_days", json!({})));
    let wire = serde_json::to_string(&result).unwrap();
    assert_eq!(serde_json::from_str::<CountResult>(&wire).unwrap(), result);
}

#[test]
fn what_cannot_be_counted_says_which_field() {
    let days = |more| simple("2026-11-24", 15, "natural_days", more);
    let hours = |more| simple("2026-11-24T09:00:00+08:00", 24, "hours", more);
    let pause = |from: &str, to: &str| json!({"from": from, "to": to});
    let (first, second) = ("2026-12-01", "2026-12-05");
    for (request, code, pointer) in [
        (
            simple("2026-11-24", 0, "months", json!({})),
            "validation.range",
            "/amount",
        ),
        (
            simple("2026-11-24", 3661, "hours", json!({})),
            "validation.range",
            "/amount",
        ),
        (
            simple("2026-11-24", 24, "hours", json!({})),
            "validation.format",
            "/start",
        ),
        (
            simple("1899-12-31", 1, "years", json!({})),
            "validation.date_range",
            "/start",
        ),
        (
            simple("2026-11-24", 3660, "years", json!({})),
            "validation.date_range",
            "/amount",
        ),
        (
            days(json!({"pauses": [pause(first, second), pause(second, "2026-12-06")]})),
            "validation.pauses_overlap",
            "/pauses/1",
        ),
        (
            days(json!({"pauses": [pause(second, first)]})),
            "validation.pause_reversed",
            "/pauses/0/to",
        ),
        (
            days(json!({"pauses": [pause("2026-11-24", first)]})),
            "validation.pause_before_start",
            "/pauses/0/from",
        ),
        (
            days(json!({"pauses": [pause(first, "2026-12-05T09:00:00+08:00")]})),
            "validation.format",
            "/pauses/0/to",
        ),
        (
            hours(json!({"pauses": [pause(first, second)]})),
            "validation.format",
            "/pauses/0/from",
        ),
        (
            hours(json!({"extensions": [{"amount": 1, "unit": "working_days"}]})),
            "validation.extension_unit",
            "/extensions/0/unit",
        ),
        (
            days(json!({"extensions": [{"amount": 0, "unit": "months"}]})),
            "validation.range",
            "/extensions/0/amount",
        ),
        (
            days(json!({"direction": "before", "pauses": [pause(first, second)]})),
            "validation.not_counted_back",
            "/pauses",
        ),
        (
            days(json!({"extensions": vec![json!({"amount": 1, "unit": "years"}); 101]})),
            "validation.too_many",
            "/extensions",
        ),
    ] {
        let error = ask(&request).unwrap_err();
        assert_eq!(
            (error.code(), error.pointer().as_str()),
            (code, pointer),
            "{request}"
        );
    }
}
