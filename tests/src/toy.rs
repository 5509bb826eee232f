//! Kinds that exist for the tests alone, declared as a colleague of another office would declare theirs: no handler, no page, no
//! line outside these files. `toy_patrol` uses every input a field can have, an ask and a reaction on its children, `toy_finding`;
//! `toy_secret` is restricted to named persons from the start; `toy_review` takes in the step groups that no shipped kind uses yet;
//! `toy_round` has a list of its own, whose rows may recur.

mod round;

use shared::kernel::{
    field::{Field, Input, choice},
    group::{self, guard},
    kind::{Audience, Clock, Debtor, Effect, Kind, Length, Pillar, Reaction, Step, UnitRef, Who, final_state, state, undone_state},
    limit::Limit,
    role::{Part, Role},
    text::t,
    workflow::FAILED,
};

pub fn kinds() -> Vec<Kind> {
    vec![patrol(), finding(), secret(), review(), round::kind()]
}

fn patrol_fields() -> Vec<Field> {
    let ways = vec![choice("on_foot", "步行", "On foot"), choice("by_car", "乘车", "By car")];
    vec![
        Field::new("subject", t("巡查内容", "Subject"), Input::LongText { min: 5, max: 300 }).required().headers(&["巡查内容", "巡查事项"]),
        Field::new("unit", t("巡查单位", "Unit"), Input::Unit).required().listed().headers(&["巡查单位", "承担单位"]),
        Field::new("helpers", t("参加单位", "Helpers"), Input::Units { max: 10 }).headers(&["参加单位"]),
        Field::new("due_date", t("巡查时限", "Due"), Input::Date).required().headers(&["巡查时限"]),
        Field::new("way", t("巡查方式", "Way"), Input::Choice { choices: ways }).required().facet().listed().headers(&["巡查方式"]),
        Field::new("field", t("巡查领域", "Domain"), Input::CodeList { list: "domains".into() }).facet().headers(&["所属领域"]),
        Field::new("fields", t("相关领域", "Domains"), Input::CodeLists { list: "domains".into(), max: 3 }).headers(&["相关领域"]),
        Field::new("place", t("地点", "Place"), Input::Text { min: 2, max: 60 }).listed().headers(&["地点"]),
        Field::new("people", t("人数", "People"), Input::Integer { min: 1, max: 50 }).listed().headers(&["人数"]),
        Field::new("cost", t("经费", "Cost"), Input::Money).headers(&["经费"]),
        Field::new("at_night", t("夜间", "At night"), Input::Bool).headers(&["夜间"]),
        Field::new("guide", t("带队人", "Guide"), Input::OwnUser),
        Field::new("points", t("巡查要点", "Points"), Input::Texts { max_items: 5, max: 50 }).headers(&["巡查要点"]),
        Field::new("papers", t("附件", "Papers"), Input::Attachments { min: 0 }),
        Field::new("rhythm", t("周期", "Rhythm"), Input::Recurrence),
        Field::new("reason_by_car", t("乘车事由", "Why by car"), Input::Text { min: 2, max: 60 }).required_if("way", &["by_car"]),
        Field::new(
            "stops",
            t("巡查点", "Stops"),
            Input::Rows { fields: vec![Field::new("name", t("名称", "Name"), Input::Text { min: 2, max: 30 }).required()], min: 0, max: 5 },
        ),
        Field::new("informant", t("线索人", "Informant"), Input::Text { min: 2, max: 30 }).sensitivity(3),
        Field::new("summary", t("巡查小结", "Summary"), Input::LongText { min: 5, max: 500 }).derived(),
        Field::new(
            "findings",
            t("发现的问题", "Findings"),
            Input::Rows { fields: vec![Field::new("content", t("问题", "Finding"), Input::Text { min: 5, max: 80 }).required()], min: 0, max: 5 },
        )
        .derived(),
    ]
}

fn patrol() -> Kind {
    let (draft, mut steps) = group::draft();
    let (mut states, handed_over) = group::hand_over("sent", "patrolling", "unit");
    let (cancelled, cancel) = group::cancel(t("撤销巡查", "Cancel"), "cancelled", t("已撤销", "Cancelled"));
    states.insert(0, draft);
    states.extend([
        state("patrolling", t("巡查中", "On patrol")),
        state("mending", t("整改中", "Mending")),
        final_state("done", t("已完成", "Done")),
        cancelled,
        undone_state("discarded", t("已删除", "Discarded")),
    ]);
    let own = guard("not_own", t("不能巡查本单位", "One's own unit can't be patrolled"), |facts, _| {
        if facts.text("unit") == facts.originator_unit { Err(FAILED) } else { Ok(()) }
    });
    steps.extend(handed_over);
    steps.extend(group::assign(&["patrolling"]));
    steps.extend(group::urge());
    steps.extend([
        Step::new("submit", t("派出", "Send out"))
            .from(&["draft"])
            .to("sent")
            .by(Who::part(Part::Originator, &[Role::Coordinator, Role::Handler]))
            .guard(own)
            .does(vec![
                Effect::AddParties { field: "helpers".into(), part: Part::CoHandler },
                Effect::AskUnits { field: "helpers".into(), action: "join".into(), rule: "work_item.complete".into() },
                Effect::StartClock {
                    rule: "work_item.complete".into(),
                    length: Length::BodyDate { field: "due_date".into() },
                    main: true,
                    when: None,
                },
                Effect::HandOver { to: UnitRef::Body { field: "unit".into() }, refusable: true },
            ])
            .primary()
            .notify(&[Audience::Holder]),
        Step::new("join", t("确认参加", "Join"))
            .from(&["sent", "patrolling"])
            .by(Who::asked("join", group::DAILY))
            .input(vec![Field::new("text", t("说明", "Note"), Input::Text { min: 2, max: 100 }).required()])
            .does(vec![Effect::AnswerAsk { action: "join".into() }]),
        Step::new("stay_away", t("不参加", "Stay away"))
            .from(&["sent", "patrolling"])
            .by(Who::asked("join", group::DAILY))
            .input(vec![Field::new("reason_text", t("理由", "Reason"), Input::Text { min: 2, max: 100 }).required()])
            .does(vec![Effect::DeclineAsk { action: "join".into() }])
            .notify(&[Audience::Holder]),
        Step::new("report", t("报告问题", "Report"))
            .from(&["patrolling"])
            .to("mending")
            .by(Who::part(Part::Holder, group::DAILY))
            .input(vec![
                Field::new("summary", t("巡查小结", "Summary"), Input::LongText { min: 5, max: 500 }).required(),
                Field::new(
                    "findings",
                    t("发现的问题", "Findings"),
                    Input::Rows {
                        fields: vec![Field::new("content", t("问题", "Finding"), Input::Text { min: 5, max: 80 }).required()],
                        min: 1,
                        max: 5,
                    },
                )
                .required(),
            ])
            .does(vec![
                Effect::SetBody { fields: vec!["summary".into(), "findings".into()] },
                Effect::SpawnChildren { field: "findings".into(), kind: "toy_finding".into(), submit: true, series_end: None, series_start: None },
            ])
            .primary(),
        Step::new("finish", t("直接完成", "Finish"))
            .from(&["patrolling"])
            .to("done")
            .by(Who::part(Part::Holder, group::DAILY))
            .input(vec![Field::new("summary", t("巡查小结", "Summary"), Input::LongText { min: 5, max: 500 }).required()])
            .does(vec![Effect::SetBody { fields: vec!["summary".into()] }, Effect::StopAllClocks, Effect::LapseAsks]),
        Step::new("conclude", t("问题全部整改", "All mended"))
            .from(&["mending"])
            .to("done")
            .by(Who::system())
            .does(vec![Effect::StopAllClocks, Effect::LapseAsks])
            .notify(&[Audience::Originator]),
        cancel,
    ]);
    Kind {
        code: "toy_patrol".into(),
        abbr: "TP".into(),
        pillar: Pillar::Supervision,
        name: t("联合巡查", "Joint patrol"),
        starters: vec![Who { roles: vec![Role::Coordinator, Role::Handler], ..Who::default() }],
        fields: patrol_fields(),
        states,
        steps,
        reactions: vec![Reaction { kind: "toy_finding".into(), state: "mended".into(), all_children: true, action: "conclude".into() }],
        rules: vec![],
        clocks: vec![Clock::new("work_item.complete", Debtor::Holder)],
        observers: vec![],
        sealed: false,
        title_from: Some("subject".into()),
        identity: vec!["subject".into(), "unit".into()],
        limit: Some(Limit::new("due_date")),
        series: None,
        statistics: None,
    }
}

/// The smallest kind there can be.
fn finding() -> Kind {
    let (draft, mut steps) = group::draft();
    steps.extend([
        Step::new("submit", t("登记", "Register"))
            .from(&["draft"])
            .to("open")
            .by(Who::part(Part::Originator, group::DAILY))
            .does(vec![Effect::StartClock { rule: "work_item.accept".into(), length: Length::Rule, main: true, when: None }]),
        Step::new("mend", t("整改完成", "Mended"))
            .from(&["open"])
            .to("mended")
            .by(Who::part(Part::Holder, group::DAILY))
            .does(vec![Effect::StopAllClocks]),
    ]);
    Kind {
        code: "toy_finding".into(),
        abbr: "TF".into(),
        pillar: Pillar::Supervision,
        name: t("巡查问题", "Finding"),
        starters: vec![Who { roles: group::DAILY.to_vec(), ..Who::default() }],
        fields: vec![Field::new("content", t("问题", "Finding"), Input::Text { min: 5, max: 80 }).required()],
        states: vec![
            draft,
            state("open", t("整改中", "Open")),
            final_state("mended", t("已整改", "Mended")),
            undone_state("discarded", t("已删除", "Discarded")),
        ],
        steps,
        reactions: vec![],
        rules: vec![],
        clocks: vec![Clock::new("work_item.accept", Debtor::Holder)],
        observers: vec![],
        sealed: false,
        title_from: Some("content".into()),
        identity: vec![],
        limit: None,
        series: None,
        statistics: None,
    }
}

fn secret() -> Kind {
    let (draft, mut steps) = group::draft();
    let (mut states, handed_over) = group::hand_over("sent", "open", "unit");
    states.insert(0, draft);
    states.extend([
        state("open", t("办理中", "Open")),
        final_state("closed", t("已办结", "Closed")),
        undone_state("discarded", t("已删除", "Discarded")),
    ]);
    steps.extend(handed_over);
    steps.extend(group::assign(&["open"]));
    steps.extend(group::urge());
    steps.extend([
        Step::new("submit", t("报告", "Report"))
            .from(&["draft"])
            .to("sent")
            .by(Who::part(Part::Originator, group::DAILY))
            .does(vec![
                Effect::StartClock {
                    rule: "work_item.complete".into(),
                    length: Length::BodyDate { field: "due_date".into() },
                    main: true,
                    when: None,
                },
                Effect::HandOver { to: UnitRef::Body { field: "unit".into() }, refusable: true },
            ])
            .notify(&[Audience::Holder]),
        Step::new("close", t("办结", "Close"))
            .from(&["open"])
            .to("closed")
            .by(Who::part(Part::Holder, group::DAILY))
            .does(vec![Effect::StopAllClocks])
            .notify(&[Audience::Originator, Audience::Holder]),
    ]);
    Kind {
        code: "toy_secret".into(),
        abbr: "TS".into(),
        pillar: Pillar::Supervision,
        name: t("限定知悉事项", "Restricted matter"),
        starters: vec![Who { roles: vec![Role::Handler], ..Who::default() }],
        fields: vec![
            Field::new("subject", t("内容", "Subject"), Input::LongText { min: 5, max: 300 }).required().headers(&["报告内容"]),
            Field::new("unit", t("受理单位", "Unit"), Input::Unit).required().listed().headers(&["受理单位"]),
            Field::new("due_date", t("时限", "Due"), Input::Date).required().headers(&["时限"]),
        ],
        states,
        steps,
        reactions: vec![],
        rules: vec![],
        clocks: vec![Clock::new("work_item.complete", Debtor::Holder)],
        observers: vec![Who::office()],
        sealed: true,
        title_from: Some("subject".into()),
        identity: vec!["subject".into()],
        limit: Some(Limit::new("due_date")),
        series: None,
        statistics: None,
    }
}

/// A review with a statutory limit that may stop, papers that may be missing, and an end that may be an error.
fn review() -> Kind {
    let (draft, mut steps) = group::draft();
    let (mut states, handed_over) = group::hand_over("sent", "open", "unit");
    let (awaiting, supplemented) = group::supplement(&["open"], "criminal_transfer.agency.supplement");
    let (voided, void) = group::void(Who::office());
    states.insert(0, draft);
    states.extend([
        state("open", t("审查中", "Under review")),
        awaiting,
        final_state("closed", t("已办结", "Closed")),
        voided,
        undone_state("discarded", t("已删除", "Discarded")),
    ]);
    steps.extend(handed_over);
    steps.extend(group::pause(&["open"], &Who::part(Part::Holder, group::DAILY)));
    steps.extend(supplemented);
    steps.extend(group::urge());
    steps.extend([
        void,
        group::copy(),
        Step::new("submit", t("提请", "Ask for it"))
            .from(&["draft"])
            .to("sent")
            .by(Who::part(Part::Originator, group::DAILY))
            .does(vec![
                Effect::StartClock { rule: "penalty.decide".into(), length: Length::Rule, main: true, when: None },
                Effect::HandOver { to: UnitRef::Body { field: "unit".into() }, refusable: true },
            ])
            .notify(&[Audience::Holder]),
        Step::new("close", t("办结", "Close"))
            .from(&["open"])
            .to("closed")
            .by(Who::part(Part::Holder, group::DAILY))
            .does(vec![Effect::StopAllClocks])
            .notify(&[Audience::Originator]),
    ]);
    Kind {
        code: "toy_review".into(),
        abbr: "TR".into(),
        pillar: Pillar::Supervision,
        name: t("审查事项", "Review"),
        starters: vec![Who { roles: group::DAILY.to_vec(), ..Who::default() }],
        fields: vec![
            Field::new("subject", t("审查内容", "Subject"), Input::LongText { min: 5, max: 300 }).required(),
            Field::new("unit", t("审查单位", "Unit"), Input::Unit).required().listed(),
        ],
        states,
        steps,
        clocks: vec![Clock::new("penalty.decide", Debtor::Holder), Clock::new("criminal_transfer.agency.supplement", Debtor::Originator)],
        rules: vec![],
        reactions: vec![],
        observers: vec![Who::office()],
        sealed: false,
        title_from: Some("subject".into()),
        identity: vec![],
        limit: None,
        series: None,
        statistics: None,
    }
}
