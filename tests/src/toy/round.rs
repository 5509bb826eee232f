//! `toy_round` has a list of its own: every field of its limit, its periods and its overview is named otherwise than in any shipped kind.

use shared::kernel::{
    field::{Field, Heading, Input, choice},
    group,
    kind::{Audience, Clock, Condition, Debtor, Effect, Kind, Length, Pillar, Step, UnitRef, Who, final_state, state, undone_state},
    limit::{Limit, Series},
    role::Part,
    statistics::{Grouping, Shown, Statistics},
    text::t,
};

fn fields() -> Vec<Field> {
    let seasons = vec![choice("date", "一次", "Once"), choice("recurring", "多次", "Again and again"), choice("standing", "常年", "All the time")];
    let diaries = vec![choice("never", "不写", "None"), choice("weekly", "每周", "Weekly"), choice("daily", "每日", "Daily")];
    let outcome = Field::new("outcome", t("巡检结果", "Outcome"), Input::LongText { min: 5, max: 500 });
    vec![
        Field::new("duty", t("巡检事项", "Duty"), Input::LongText { min: 5, max: 300 }).required().headers(&["巡检事项"]),
        Field::new("bureau", t("负责部门", "Bureau"), Input::Unit).required().facet().listed().others("partners").headers(&["负责部门"]),
        Field::new("partners", t("协同部门", "Partners"), Input::Units { max: 20 }).headers(&["协同部门"]),
        Field::new("scheme", t("方案依据", "Scheme"), Input::Text { min: 2, max: 30 })
            .required()
            .facet()
            .listed()
            .heading(Heading::Table)
            .headers(&["方案依据"]),
        Field::new("chapter", t("章节", "Chapter"), Input::Text { min: 1, max: 60 }).heading(Heading::Group).headers(&["章节"]),
        Field::new("season", t("巡检方式", "Season"), Input::Choice { choices: seasons }).required().preset("date"),
        Field::new("ends_on", t("巡检期限", "Ends on"), Input::Date).required_if("season", &["date"]).headers(&["巡检期限"]),
        Field::new("rhythm", t("周期", "Rhythm"), Input::Recurrence).required_if("season", &["recurring"]),
        Field::new("as_said", t("期限原文", "As said"), Input::Text { min: 1, max: 60 }).derived(),
        Field::new("known_late", t("按逾期派出", "Known to be late"), Input::Bool).derived(),
        Field::new("diary", t("日志频次", "Diary"), Input::Choice { choices: diaries }).required().facet().preset("weekly").headers(&["日志频次"]),
        outcome.derived(),
    ]
}

pub(super) fn kind() -> Kind {
    let (draft, mut steps) = group::draft();
    let (mut states, handed_over) = group::hand_over("sent", "afloat", "bureau");
    states.insert(0, draft);
    states.extend([
        state("afloat", t("巡检中", "Under way")),
        state("checking", t("待核验", "To be checked")),
        final_state("finished", t("已办结", "Finished")),
        undone_state("discarded", t("已删除", "Discarded")),
    ]);
    let season = |values: &[&str]| Some(Condition { field: "season".into(), values: values.iter().map(|value| (*value).to_owned()).collect() });
    steps.extend(handed_over.into_iter().map(|step| match step.action.as_str() {
        "receive" => step.does(vec![Effect::SpawnInstances]),
        _ => step,
    }));
    steps.extend(group::urge());
    steps.extend([
        Step::new("submit", t("派出", "Send out"))
            .from(&["draft"])
            .to("sent")
            .by(Who::part(Part::Originator, group::DAILY))
            .does(vec![
                Effect::AddParties { field: "partners".into(), part: Part::CoHandler },
                Effect::StartClock {
                    rule: "work_item.complete".into(),
                    length: Length::BodyDate { field: "ends_on".into() },
                    main: true,
                    when: season(&["date"]),
                },
                Effect::StartClock { rule: "work_item.review".into(), length: Length::Rule, main: false, when: season(&["recurring", "standing"]) },
                Effect::HandOver { to: UnitRef::Body { field: "bureau".into() }, refusable: true },
            ])
            .primary()
            .notify(&[Audience::Holder]),
        Step::new("hand_in", t("报送结果", "Hand in"))
            .from(&["afloat"])
            .to("checking")
            .by(Who::part(Part::Holder, group::DAILY))
            .input(vec![Field::new("outcome", t("巡检结果", "Outcome"), Input::LongText { min: 5, max: 500 }).required()])
            .does(vec![Effect::SetBody { fields: vec!["outcome".into()] }, Effect::Hold { by: UnitRef::LinkageOffice }])
            .primary()
            .notify(&[Audience::LinkageOffice]),
        Step::new("pass", t("核验通过", "Pass")).from(&["checking"]).to("finished").by(Who::office()).does(vec![Effect::StopAllClocks]).primary(),
        Step::new("end_round", t("各次办结", "All rounds done")).from(&["afloat"]).to("finished").by(Who::system()).does(vec![Effect::StopAllClocks]),
    ]);
    Kind {
        code: "toy_round".into(),
        abbr: "TO".into(),
        pillar: Pillar::Supervision,
        name: t("轮值巡检", "Round"),
        starters: vec![Who::office()],
        fields: fields(),
        states,
        steps,
        reactions: vec![],
        rules: vec![],
        clocks: vec![Clock::new("work_item.complete", Debtor::Holder), Clock::new("work_item.review", Debtor::LinkageOffice)],
        observers: vec![Who::office()],
        sealed: false,
        title_from: Some("duty".into()),
        identity: vec!["duty".into(), "bureau".into()],
        limit: Some(
            Limit::new("ends_on")
                .kind("season")
                .recurs("rhythm", &[("diary", "never")])
                .stands(&[("diary", "daily")])
                .words("as_said")
                .confirmed("known_late"),
        ),
        series: Some(Series {
            state: "afloat".into(),
            rule: "work_item.complete".into(),
            unit: "bureau".into(),
            drops: vec!["outcome".into(), "as_said".into()],
            ends_by: "end_round".into(),
        }),
        statistics: Some(
            Statistics::default()
                .group(Grouping::new("scheme", t("方案进度", "Course of the schemes"), Shown::Progress).note(t("按方案统计", "By scheme")))
                .group(Grouping::new("diary", t("按日志频次", "By diary"), Shown::Bars))
                .group(Grouping::new("bureau", t("按负责部门", "By bureau"), Shown::Folded).heading(t("部门", "Bureau")))
                .duty("checking", t("待核验", "To check")),
        ),
    }
}
