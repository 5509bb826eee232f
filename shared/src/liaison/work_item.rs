//! `work_item` 工作任务: one task of the closed loop 清单化闭环督办 (domain.md §2.1.1).

use crate::kernel::{
    field::{Field, Heading, Input, Need, choice},
    group::{self, guard, input_guard},
    kind::{Audience, Clock, Condition, Debtor, Effect, Guard, Kind, Length, Pillar, Step, UnitRef, Who, final_state, state, undone_state},
    limit::{Limit, Series},
    problem::Code,
    recurrence::{self, Recurrence},
    role::{Part, Role},
    statistics::{Grouping, Shown, Statistics},
    text::t,
    workflow::{FAILED, failed_at, lacks},
};
use serde_json::Value;

pub const CODE: &str = "work_item";

/// States in which the lead unit works.
const WORKING: &[&str] = &["in_progress", "rework"];
/// Also a task that its lead has not received yet follows a decision on the list.
const ADJUSTABLE: &[&str] = &["sent", "in_progress", "rework"];

/// What an inspection found missing; stands in the body until completion is reported again.
fn defects() -> Field {
    Field::new("defects", t("需整改的问题", "Points to mend"), Input::Texts { max_items: 10, max: 200 })
}

/// The body's fields; also the rows of a work list.
pub fn fields() -> Vec<Field> {
    vec![
        Field::new("serial", t("序号", "No."), Input::Integer { min: 1, max: 9999 }).listed().headers(&["序号", "编号", "No", "号", "任务编号"]),
        // Five characters, not ten: real lists have tasks such as 联合发布典型案例.
        Field::new("content", t("任务内容", "Task"), Input::LongText { min: 5, max: 1000 }).required().headers(&[
            "工作任务",
            "任务内容",
            "重点任务",
            "工作内容",
            "任务",
            "事项",
            "主要内容",
            "具体任务",
            "工作事项",
            "主要任务",
            "目标任务",
            "任务清单",
            "工作措施",
            "具体措施",
            "主要举措",
            "工作举措",
            "措施",
            "Task",
        ]),
        Field::new("origin", t("任务来源", "Origin"), Input::CodeList { list: "work_item_origins".into() })
            .required()
            .facet()
            .preset("plan_clause")
            .infer(
                "origin_ref",
                &[
                    ("工作方案", "plan_clause"),
                    ("要点", "key_points"),
                    ("会议", "conference"),
                    ("政府领导", "leader_government"),
                    ("检察", "leader_procuratorate"),
                ],
                "other",
            ),
        Field::new("origin_ref", t("来源依据", "Basis"), Input::Text { min: 2, max: 100 })
            .required()
            .facet()
            .listed()
            .heading(Heading::Table)
            .headers(&["任务来源", "来源", "来源依据", "依据", "出处", "文件依据", "政策依据", "事项来源", "Basis"]),
        Field::new("group", t("分组", "Group"), Input::Text { min: 1, max: 60 }).heading(Heading::Group).headers(&[
            "分组",
            "类别",
            "板块",
            "任务类别",
            "工作类别",
            "分类",
            "专项",
            "领域",
            "Group",
        ]),
        Field::new("lead_unit", t("牵头单位", "Lead unit"), Input::Unit).required().facet().listed().others("co_units").headers(&[
            "牵头单位",
            "牵头部门",
            "主责单位",
            "责任主体",
            "主办单位",
            "牵头",
            "主责部门",
            "承办单位",
            "承办部门",
            "主办部门",
            "牵头责任单位",
            "牵头(责任)单位",
            "Lead unit",
            // Where a list has one column of units, its lead stands there.
            "责任单位",
            "责任部门",
            "落实单位",
            "负责单位",
        ]),
        Field::new("co_units", t("责任单位", "Co-units"), Input::Units { max: 70 }).headers(&[
            "责任单位",
            "配合单位",
            "协办单位",
            "参与单位",
            "责任部门",
            "配合部门",
            "协办",
            "协办部门",
            "参与部门",
            "参加单位",
            "协同单位",
            "配合",
            "Co-units",
        ]),
        Field::new(
            "due_kind",
            t("时限类型", "Kind of limit"),
            Input::Choice {
                choices: vec![
                    choice("date", "限期", "By a date"),
                    choice("recurring", "定期", "Recurring"),
                    choice("standing", "长期坚持", "Standing"),
                ],
            },
        )
        .required()
        .preset("date"),
        Field::new("due_date", t("完成时限", "Due"), Input::Date).required_if("due_kind", &["date"]).headers(&[
            "完成时限",
            "时限",
            "完成时间",
            "截止时间",
            "时间要求",
            "办结时限",
            "完成期限",
            "时间节点",
            "时限要求",
            "办结时间",
            "截止日期",
            "完成日期",
            "截止时限",
            "时间安排",
            "进度安排",
            "期限",
            "Due",
        ]),
        Field::new("due_text", t("时限原文", "As written"), Input::Text { min: 1, max: 60 }).derived(),
        Field::new("recurrence", t("周期", "Recurrence"), Input::Recurrence).required_if("due_kind", &["recurring"]),
        Field::new(
            "review_cycle",
            t("评估周期", "Review cycle"),
            Input::Choice {
                choices: vec![
                    choice("quarter", "每季度", "Quarterly"),
                    choice("half_year", "每半年", "Half-yearly"),
                    choice("year", "每年", "Yearly"),
                ],
            },
        )
        .required_if("due_kind", &["standing"])
        .headers(&["评估周期", "Review cycle"]),
        Field::new("deliverables", t("成果要求", "Deliverables"), Input::Texts { max_items: 10, max: 100 })
            .hint(t("能证明完成的材料，一行一项", "What proves completion, one a line"))
            .headers(&["成果要求", "预期成果", "Deliverables"]),
        Field::new(
            "progress_cycle",
            t("进展报告", "Progress reports"),
            Input::Choice {
                choices: vec![choice("none", "不要求", "None"), choice("monthly", "每月", "Monthly"), choice("quarterly", "每季度", "Quarterly")],
            },
        )
        .required()
        .preset("monthly")
        .headers(&["进展报告", "进展报告周期", "Progress reports"]),
        Field::new("remark", t("备注", "Remark"), Input::Text { min: 1, max: 200 }).headers(&["备注", "说明", "附注", "Remark"]),
        Field::new("overdue_confirmed", t("按逾期任务交办", "Handed out overdue"), Input::Bool).derived(),
        Field::new("percent", t("进度（%）", "Progress (%)"), Input::Integer { min: 0, max: 100 }).derived().listed(),
        Field::new("last_progress", t("最近进展", "Latest progress"), Input::LongText { min: 0, max: 1000 }).derived(),
        defects().derived(),
        Field::new("result", t("完成情况", "Result"), Input::LongText { min: 20, max: 2000 }).derived(),
        Field::new(
            "grade",
            t("验收结论", "Grade"),
            Input::Choice { choices: vec![choice("done", "完成", "Done"), choice("mostly", "基本完成", "Mostly done")] },
        )
        .derived(),
    ]
}

pub fn kind() -> Kind {
    let (draft_state, mut steps) = group::draft();
    let (mut states, handover_steps) = group::hand_over("sent", "in_progress", "lead_unit");
    let (cancelled, cancel) = group::cancel(t("撤销任务", "Cancel the task"), "cancelled", t("已撤销", "Cancelled"));
    let cancel = cancel.does(vec![Effect::CarryToInstances { action: "cancel".into() }]);
    states.insert(0, draft_state);
    states.extend([
        state("in_progress", t("办理中", "In progress")),
        state("accepting", t("待验收", "Awaiting acceptance")),
        state("rework", t("整改中", "Rework")),
        final_state("closed", t("已销号", "Closed")),
        cancelled,
        undone_state("discarded", t("已删除", "Discarded")),
    ]);
    steps.extend(own_steps());
    steps.extend(handover_steps.into_iter().map(|step| {
        match step.action.as_str() {
            // A recurring task gets its first period once the lead unit has received it, and the first report of progress is due a cycle later.
            "receive" => step.does(progress_anew()).does(vec![Effect::SpawnInstances]),
            // Another lead may have been a co-unit, and an edit while it was returned may have changed these.
            "resend" | "supplement_and_resend" | "rule" => {
                step.does(vec![Effect::UnlistUnit { field: "co_units".into(), unit: UnitRef::Body { field: "lead_unit".into() } }, co_units()])
            }
            _ => step,
        }
    }));
    steps.extend(group::assign(&["in_progress", "rework", "accepting"]));
    steps.extend(group::extend("work_item.extend", WORKING));
    steps.extend(group::urge());
    let (voided, void) = group::void(Who::office());
    let void = void.does(vec![Effect::CarryToInstances { action: "void".into() }]);
    states.push(voided);
    steps.extend([cancel, void, group::copy()]);
    steps.push(group::reopen("closed", "in_progress", UnitRef::Body { field: "lead_unit".into() }, "work_item.complete").does(vec![
        // What is done again is not done yet; the history has what was.
        Effect::ClearBody { fields: vec!["percent".into(), "result".into(), "grade".into()] },
    ]));
    Kind {
        code: CODE.into(),
        abbr: "WI".into(),
        pillar: Pillar::Liaison,
        name: t("工作任务", "Work item"),
        starters: vec![Who::office()],
        fields: fields(),
        states,
        steps,
        reactions: vec![],
        clocks: vec![
            Clock::new("work_item.complete", Debtor::Holder),
            Clock::new("work_item.progress", Debtor::Body { field: "lead_unit".into() }).tell(&[Audience::LinkageOffice]),
            Clock::new("work_item.rework", Debtor::Body { field: "lead_unit".into() }).tell(&[Audience::LinkageOffice]),
            Clock::new("work_item.accept", Debtor::LinkageOffice),
            Clock::new("work_item.review", Debtor::LinkageOffice),
        ],
        rules: vec![single_lead()],
        observers: super::hosts(),
        sealed: false,
        title_from: Some("content".into()),
        identity: vec!["content".into(), "lead_unit".into()],
        limit: Some(
            Limit::new("due_date")
                .kind("due_kind")
                .recurs("recurrence", &[("progress_cycle", "none")])
                .stands(&[("review_cycle", "quarter"), ("progress_cycle", "quarterly")])
                .words("due_text")
                .confirmed("overdue_confirmed"),
        ),
        series: Some(Series {
            state: "in_progress".into(),
            rule: "work_item.complete".into(),
            unit: "lead_unit".into(),
            drops: ["percent", "last_progress", "defects", "result", "grade"].map(str::to_owned).to_vec(),
            ends_by: "close_series".into(),
        }),
        statistics: Some(statistics()),
    }
}

fn statistics() -> Statistics {
    Statistics::default()
        .group(
            Grouping::new("origin_ref", t("工作方案逐条进展", "Progress by clause of the plan"), Shown::Progress)
                .note(t("按任务来源依据统计", "By the basis of each task"))
                .heading(t("条目", "Clause")),
        )
        .group(Grouping::new("origin", t("按任务来源", "By source"), Shown::Bars).heading(t("来源", "Source")))
        .group(Grouping::new("lead_unit", t("按牵头单位", "By lead unit"), Shown::Folded))
        .duty("ruling", t("待裁定", "To rule on"))
        .duty("accepting", t("待验收", "To accept"))
}

/// The co-units are parties and are asked for their part.
fn co_units() -> Effect {
    Effect::MatchUnits { field: "co_units".into(), part: Part::CoHandler, action: "cosign".into(), rule: "work_item.complete".into() }
}

/// What an adjustment may change beside the due date; the lead changes by a hand-over of its own.
const CHANGEABLE: &[&str] = &["content", "co_units", "deliverables", "progress_cycle", "remark"];

/// The fields of an adjustment, as the form asks them, none of them needed.
pub fn changeable() -> Vec<Field> {
    let named = |field: &Field| field.name == "due_date" || CHANGEABLE.contains(&field.name.as_str());
    let plain = |field: Field| {
        let hint = match field.name.as_str() {
            "co_units" => Some(t("填写调整后的全部责任单位", "All co-units after the change")),
            _ => field.hint,
        };
        Field { need: Need::Optional, hint, preset: None, infer: None, facet: false, listed: false, header_words: Vec::new(), ..field }
    };
    fields().into_iter().filter(named).map(plain).collect()
}

fn is_filled(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}

fn single_lead() -> Guard {
    guard("lead_not_co_unit", t("责任单位中不应再列牵头单位", "The lead unit must not also be a co-unit"), |facts, _| {
        let lead = facts.text("lead_unit");
        let listed = facts.body.get("co_units").and_then(Value::as_array).is_some_and(|units| units.iter().any(|unit| unit.as_str() == Some(lead)));
        if listed { Err(failed_at("/body/co_units", Code::LeadInCoUnits)) } else { Ok(()) }
    })
}

/// The clock of the next report of progress, where reports are wanted.
fn progress_anew() -> Vec<Effect> {
    vec![
        Effect::StopClock { rule: "work_item.progress".into() },
        Effect::StartClock {
            rule: "work_item.progress".into(),
            length: Length::ByCode { field: "progress_cycle".into(), amounts: vec![("monthly".into(), 1), ("quarterly".into(), 3)] },
            main: false,
            when: Some(Condition { field: "progress_cycle".into(), values: vec!["monthly".into(), "quarterly".into()] }),
        },
    ]
}

fn own_steps() -> Vec<Step> {
    let due_in_future =
        guard("due_in_future", t("完成时限已过，请改为今后的日期", "The due date has passed; choose a later one"), |facts, _| {
            let due = crate::kernel::validate::parse_date(facts.text("due_date"));
            if facts.text("due_kind") == "date" && due.is_some_and(|due| due <= facts.today) && facts.body.get("overdue_confirmed").is_none() {
                Err(FAILED)
            } else {
                Ok(())
            }
        });
    let has_periods = guard(
        "series_has_periods",
        t("截止日期之前没有一期，请改晚截止日期", "No period falls due before its end; choose a later one"),
        |facts, _| {
            let recurrence = facts.body.get("recurrence").cloned().and_then(|value| serde_json::from_value::<Recurrence>(value).ok());
            match recurrence.filter(|_| facts.text("due_kind") == "recurring") {
                Some(recurrence) if recurrence::next(&recurrence, facts.today).is_none_or(|due| !recurrence.reaches(due)) => Err(FAILED),
                _ => Ok(()),
            }
        },
    );
    let not_falling = input_guard(
        "percent_not_falling",
        t("进度低于上次报告，请在“存在问题”中说明原因", "Progress fell; explain it under problems"),
        |facts, input| {
            let before = facts.body.get("percent").and_then(Value::as_i64).unwrap_or(0);
            let now = input.get("percent").and_then(Value::as_i64).unwrap_or(0);
            let explained = input.get("problems").and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
            if now < before && !explained { Err(FAILED) } else { Ok(()) }
        },
    );
    let explained = input_guard(
        "co_units_explained",
        t("还有协办单位未反馈，请填写“协办情况说明”", "Co-units have not answered; fill in the explanation"),
        |facts, input| {
            let silent = facts.silent("cosign") > 0;
            let explained = input.get("co_units_note").and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
            if silent && !explained { Err(lacks("/input/co_units_note")) } else { Ok(()) }
        },
    );
    // The lead answers for the result: what others attached proves nothing of it.
    let evidence = guard(
        "evidence_attached",
        t(
            "请牵头单位先上传证明材料附件：至少一份，有成果要求的每项一份",
            "The lead unit attaches its evidence first: one file at least, one for each deliverable",
        ),
        |facts, _| {
            let wanted = facts.body.get("deliverables").and_then(Value::as_array).map_or(0, Vec::len);
            if facts.attached_by_holder() < wanted.max(1) { Err(FAILED) } else { Ok(()) }
        },
    );
    let all_done = guard("percent_complete", t("进度未到100%，请先报进展", "Progress is not at 100 %: report it first"), |facts, _| {
        if facts.body.get("percent").and_then(Value::as_i64) == Some(100) { Ok(()) } else { Err(FAILED) }
    });
    let not_recurring =
        guard("not_recurring", t("定期任务由各期分别销号", "A recurring task is completed period by period"), |facts, _| {
            if facts.text("due_kind") == "recurring" { Err(FAILED) } else { Ok(()) }
        });
    let changes_something = input_guard("changes_something", t("请至少填写一项调整内容", "Fill in at least one change"), |_, input| {
        let filled = |field: &str| input.get(field).is_some_and(is_filled);
        if filled("due_date") || CHANGEABLE.iter().any(|field| filled(field)) { Ok(()) } else { Err(FAILED) }
    });
    let dated = input_guard(
        "has_due_date",
        t("该任务不是限期任务，没有完成时限可调整", "This task has no due date to change"),
        |facts, input| {
            if input.get("due_date").is_some_and(is_filled) && facts.text("due_kind") != "date" { Err(FAILED) } else { Ok(()) }
        },
    );
    let later_due = input_guard("due_in_future", t("完成时限应在今天之后", "The due date must lie after today"), |facts, input| {
        let due = input.get("due_date").and_then(Value::as_str).and_then(crate::kernel::validate::parse_date);
        if due.is_some_and(|due| due <= facts.today) { Err(failed_at("/input/due_date", Code::DateOrder)) } else { Ok(()) }
    });
    let unit_differs = input_guard("other_unit", t("新牵头单位与现牵头单位相同", "The new lead is the present one"), |facts, input| {
        if input.get("unit").and_then(Value::as_str) == facts.holder_unit.as_deref() {
            Err(failed_at("/input/unit", Code::SelfHandover))
        } else {
            Ok(())
        }
    });
    let change_lead = |from: &[&str]| {
        Step::new("change_lead", t("变更牵头单位", "Change the lead unit"))
            .done("Changed the lead unit")
            .from(from)
            .to("sent")
            .by(Who::office())
            .guard(unit_differs.clone())
            .input(vec![
                Field::new("unit", t("新牵头单位", "New lead unit"), Input::Unit).required(),
                Field::new("reason_text", t("变更理由", "Reason"), Input::LongText { min: 10, max: 500 }).required(),
            ])
            .notify(&[Audience::Holder])
    };
    let is = |field: &str, values: &[&str]| Some(Condition { field: field.into(), values: values.iter().map(|v| (*v).to_owned()).collect() });
    vec![
        Step::new("submit", t("交办", "Hand out"))
            .done("Handed out")
            .from(&["draft"])
            .to("sent")
            .by(Who::part(Part::Originator, &[Role::Coordinator]))
            .guard(due_in_future)
            .guard(has_periods)
            .does(vec![
                Effect::AddParty { unit: UnitRef::LinkageOffice, part: Part::Overseer },
                co_units(),
                Effect::StartClock {
                    rule: "work_item.complete".into(),
                    length: Length::BodyDate { field: "due_date".into() },
                    main: true,
                    when: is("due_kind", &["date"]),
                },
                Effect::StartClock {
                    rule: "work_item.review".into(),
                    length: Length::ByCode {
                        field: "review_cycle".into(),
                        amounts: vec![("quarter".into(), 3), ("half_year".into(), 6), ("year".into(), 12)],
                    },
                    main: false,
                    when: is("due_kind", &["standing", "recurring"]),
                },
                Effect::HandOver { to: UnitRef::Body { field: "lead_unit".into() }, refusable: true },
            ])
            .primary()
            .notify(&[Audience::Holder, Audience::CoHandlers]),
        Step::new("report_progress", t("报进展", "Report progress"))
            .done("Reported progress")
            .from(WORKING)
            .by(Who::part(Part::Holder, group::DAILY))
            .by(Who::part(Part::CoHandler, group::DAILY))
            .daily()
            .guard(not_falling)
            .input(vec![
                Field::new("percent", t("完成进度（%）", "Progress (%)"), Input::Integer { min: 0, max: 100 }).required(),
                Field::new("last_progress", t("进展情况", "Progress"), Input::LongText { min: 10, max: 1000 }).required(),
                Field::new("problems", t("存在问题", "Problems"), Input::LongText { min: 2, max: 500 }),
            ])
            .does(vec![Effect::SetBody { fields: vec!["percent".into(), "last_progress".into()] }])
            .does(progress_anew())
            .notify(&[Audience::LinkageOffice]),
        Step::new("cosign", t("协办反馈", "Report our part"))
            .done("Reported their part")
            .from(&["in_progress", "rework", "accepting", "sent"])
            .by(Who::asked("cosign", group::DAILY))
            .input(vec![Field::new("text", t("协办情况", "Our part"), Input::LongText { min: 10, max: 1000 }).required()])
            .does(vec![Effect::AnswerAsk { action: "cosign".into() }])
            .primary()
            .notify(&[Audience::Holder]),
        Step::new("report_completion", t("申请销号", "Report completion"))
            .done("Reported completion")
            .from(WORKING)
            .to("accepting")
            .by(Who::part(Part::Holder, group::HEAD))
            .guard(not_recurring)
            .guard(all_done)
            .guard(evidence)
            .guard(explained)
            .input(vec![
                Field::new("result", t("完成情况", "Result"), Input::LongText { min: 20, max: 2000 }).required(),
                Field::new("co_units_note", t("协办情况说明", "About the co-units"), Input::LongText { min: 2, max: 500 })
                    .hint(t("有协办单位未反馈时必填", "Needed when a co-unit has not answered")),
            ])
            .does(vec![
                Effect::SetBody { fields: vec!["result".into()] },
                Effect::ClearBody { fields: vec!["defects".into()] },
                Effect::StopClock { rule: "work_item.progress".into() },
                Effect::StopClock { rule: "work_item.rework".into() },
                Effect::ReportDone,
                Effect::Hold { by: UnitRef::LinkageOffice },
                Effect::StartClock { rule: "work_item.accept".into(), length: Length::Rule, main: false, when: None },
            ])
            .primary()
            .notify(&[Audience::LinkageOffice]),
        Step::new("accept", t("验收销号", "Accept and close"))
            .done("Accepted and closed")
            .from(&["accepting"])
            .to("closed")
            .by(Who::office())
            .input(vec![
                Field::new(
                    "grade",
                    t("验收结论", "Grade"),
                    Input::Choice { choices: vec![choice("done", "完成", "Done"), choice("mostly", "基本完成", "Mostly done")] },
                )
                .required(),
                Field::new("opinion", t("验收意见", "Opinion"), Input::LongText { min: 2, max: 500 }).required(),
            ])
            .does(vec![Effect::SetBody { fields: vec!["grade".into()] }, Effect::StopAllClocks, Effect::LapseAsks])
            .primary()
            .notify(&[Audience::Sender, Audience::CoHandlers]),
        Step::new("return_for_rework", t("退回整改", "Return for rework"))
            .done("Returned for rework")
            .from(&["accepting"])
            .to("rework")
            .by(Who::office())
            .input(vec![
                defects().required(),
                Field::new("rework_days", t("整改期限（工作日）", "Rework limit (working days)"), Input::Integer { min: 3, max: 30 }).required(),
            ])
            .does(vec![
                Effect::StopClock { rule: "work_item.accept".into() },
                Effect::DoneRefused,
                Effect::CountRework,
                Effect::SetBody { fields: vec!["defects".into()] },
                Effect::Hold { by: UnitRef::Body { field: "lead_unit".into() } },
                Effect::StartClock {
                    rule: "work_item.rework".into(),
                    length: Length::InputAmount { field: "rework_days".into(), unit: crate::kernel::calendar::CountUnit::WorkingDays },
                    main: false,
                    when: None,
                },
            ])
            .notify(&[Audience::Holder]),
        Step::new("review", t("定期评估", "Periodic review"))
            .done("Reviewed")
            .from(WORKING)
            .by(Who::office())
            .guard(guard("standing", t("仅长期任务需要定期评估", "Only standing tasks are reviewed"), |facts, _| {
                if facts.text("due_kind") == "standing" { Ok(()) } else { Err(FAILED) }
            }))
            .input(vec![Field::new("opinion", t("评估意见", "Opinion"), Input::LongText { min: 5, max: 500 }).required()])
            .does(vec![
                Effect::StopClock { rule: "work_item.review".into() },
                Effect::StartClock {
                    rule: "work_item.review".into(),
                    length: Length::ByCode {
                        field: "review_cycle".into(),
                        amounts: vec![("quarter".into(), 3), ("half_year".into(), 6), ("year".into(), 12)],
                    },
                    main: false,
                    when: None,
                },
            ])
            .notify(&[Audience::Holder]),
        Step::new("adjust", t("调整任务", "Adjust the task"))
            .done("Adjusted the task")
            .from(ADJUSTABLE)
            .by(Who::office())
            .guard(changes_something)
            .guard(dated)
            .guard(later_due)
            .input(
                changeable()
                    .into_iter()
                    .chain([
                        Field::new("approver", t("批准人", "Approved by"), Input::Text { min: 2, max: 100 }).required(),
                        Field::new("decision_ref", t("决定依据", "Decision"), Input::Text { min: 2, max: 100 })
                            .required()
                            .hint(t("会议纪要、批示或文件的文号", "Number of the minutes, instruction or paper")),
                        Field::new("reason_text", t("调整理由", "Reason"), Input::LongText { min: 10, max: 500 }).required(),
                    ])
                    .collect(),
            )
            .does(vec![
                Effect::AdjustBody { fields: CHANGEABLE.iter().map(|field| (*field).to_owned()).collect() },
                Effect::MoveDue { field: "due_date".into() },
                co_units(),
            ])
            .notify(&[Audience::Holder, Audience::CoHandlers]),
        change_lead(WORKING).does(vec![
            // The old lead takes part from now on; the new one no longer only does.
            Effect::ListUnit { field: "co_units".into(), unit: UnitRef::Body { field: "lead_unit".into() } },
            Effect::SetBodyCode { field: "lead_unit".into(), value: "@unit".into() },
            Effect::UnlistUnit { field: "co_units".into(), unit: UnitRef::Input { field: "unit".into() } },
            co_units(),
            Effect::StopClock { rule: "work_item.progress".into() },
            Effect::StopClock { rule: "work_item.rework".into() },
            Effect::HandOver { to: UnitRef::Input { field: "unit".into() }, refusable: true },
            Effect::CarryToInstances { action: "change_lead".into() },
        ]),
        // A unit that never took it has no part in it.
        change_lead(&["sent"]).does(vec![
            Effect::CallOff,
            Effect::SetBodyCode { field: "lead_unit".into(), value: "@unit".into() },
            Effect::UnlistUnit { field: "co_units".into(), unit: UnitRef::Input { field: "unit".into() } },
            co_units(),
            Effect::HandOver { to: UnitRef::Input { field: "unit".into() }, refusable: true },
        ]),
        Step::new("close_series", t("各期办结", "All periods closed"))
            .done("All periods closed")
            .from(WORKING)
            .to("closed")
            .by(Who::system())
            .does(vec![Effect::StopAllClocks, Effect::LapseAsks]),
    ]
}
