//! `work_list` 工作清单: the yearly list, drafted, consulted, approved, published (domain.md §2.1.2).

use super::work_item;
use crate::kernel::{
    field::{Field, Input, choice},
    group::{self, guard},
    kind::{Audience, Clock, Debtor, Effect, Kind, Length, Pillar, Step, UnitRef, Who, final_state, state},
    role::{Part, Role},
    text::t,
    workflow::FAILED,
};
use serde_json::Value;

pub const CODE: &str = "work_list";

pub fn kind() -> Kind {
    let (draft_state, mut steps) = group::draft();
    let (cancelled, cancel) = group::cancel(t("撤销清单", "Cancel the list"), "cancelled", t("已撤销", "Cancelled"));
    let member_facing = &[Audience::CoHandlers];
    let has_items = guard("has_items", t("清单至少要有一项任务", "The list needs at least one task"), |facts, _| {
        if facts.body.get("items").and_then(Value::as_array).is_some_and(|items| !items.is_empty()) { Ok(()) } else { Err(FAILED) }
    });
    let children_final = guard("children_final", t("还有未办结的任务", "Some tasks are still open"), |facts, _| {
        if facts.children_open == 0 { Ok(()) } else { Err(FAILED) }
    });
    let proposed = guard("adjustment_proposed", t("没有待审定的调整", "No change was proposed"), |facts, _| {
        if facts.text("adjustment").is_empty() { Err(FAILED) } else { Ok(()) }
    });
    let none_proposed = guard("no_adjustment_pending", t("已有待审定的调整", "A change is waiting for approval"), |facts, _| {
        if facts.text("adjustment").is_empty() { Ok(()) } else { Err(FAILED) }
    });
    let office = Who::office;
    let item_fields: Vec<Field> = work_item::fields().into_iter().filter(|field| !field.derived || field.name == "due_text").collect();
    steps.extend([
        Step::new("submit", t("定稿", "Finish the draft"))
            .from(&["draft"])
            .to("drafting")
            .by(Who::part(Part::Originator, &[Role::Coordinator]))
            .guard(has_items.clone())
            .does(vec![
                Effect::Hold { by: UnitRef::LinkageOffice },
                Effect::StartClock {
                    rule: "work_list.publish".into(),
                    length: Length::RuleOfYear { field: "year_from".into() },
                    main: true,
                    when: None,
                },
            ])
            .primary(),
        Step::new("consult", t("征求意见", "Consult members"))
            .from(&["drafting", "revising"])
            .to("consulting")
            .by(office())
            .does(vec![
                Effect::AddParties { field: "consulted".into(), part: Part::CoHandler },
                Effect::AskUnits { field: "consulted".into(), action: "comment_formal".into(), rule: "work_list.consult".into() },
            ])
            .primary()
            .notify(member_facing),
        Step::new("comment_formal", t("反馈意见", "Comment"))
            .from(&["consulting"])
            .by(Who::asked_again("comment_formal", group::DAILY))
            .input(vec![
                Field::new(
                    "verdict",
                    t("意见", "Verdict"),
                    Input::Choice { choices: vec![choice("none", "无意见", "No comment"), choice("remarks", "有意见", "With remarks")] },
                )
                .required(),
                Field::new("text", t("具体意见", "Remarks"), Input::LongText { min: 2, max: 2000 }).required_if("verdict", &["remarks"]),
            ])
            .does(vec![Effect::AnswerAsk { action: "comment_formal".into() }])
            .primary(),
        Step::new("close_consult", t("汇总意见", "Close the consultation"))
            .from(&["consulting"])
            .to("revising")
            .by(office())
            .input(vec![Field::new("adoption", t("采纳情况", "Adoption"), Input::LongText { min: 2, max: 2000 }).required()])
            .does(vec![Effect::LapseAsks])
            .primary(),
        Step::new("send_to_meeting", t("提请审定", "Send to the conference"))
            .from(&["revising", "drafting"])
            .to("awaiting_approval")
            .by(office())
            .input(vec![Field::new("meeting_ref", t("会议", "Meeting"), Input::Text { min: 2, max: 100 }).required()]),
        Step::new("approve", t("审定通过", "Approved"))
            .from(&["awaiting_approval"])
            .to("approved")
            .by(office())
            .input(vec![Field::new("approval", t("审定依据", "Approved by"), Input::Text { min: 2, max: 100 }).required()])
            .primary(),
        Step::new("back", t("退回修改", "Back for revision"))
            .from(&["awaiting_approval"])
            .to("revising")
            .by(office())
            .input(vec![Field::new("reason_text", t("理由", "Reason"), Input::LongText { min: 5, max: 500 }).required()]),
        Step::new("publish", t("发布", "Publish"))
            .from(&["approved"])
            .to("published")
            .by(office())
            .guard(has_items)
            .input(vec![Field::new("paper_number", t("文号", "Paper number"), Input::Text { min: 2, max: 60 }).required()])
            .does(vec![
                Effect::StopClock { rule: "work_list.publish".into() },
                Effect::SpawnChildren { field: "items".into(), kind: work_item::CODE.into(), submit: true },
                Effect::StartClock { rule: "work_item.review".into(), length: Length::Rule, main: false, when: None },
            ])
            .primary()
            .notify(member_facing),
        Step::new("propose_adjust", t("提出调整", "Propose a change"))
            .from(&["published"])
            .by(office())
            .by(Who::part(Part::CoHandler, &[Role::LiaisonOfficer, Role::UnitHead]))
            .guard(none_proposed)
            .input(vec![
                Field::new("adjustment", t("调整内容", "What is to change"), Input::LongText { min: 10, max: 2000 }).required(),
                Field::new("reason_text", t("调整理由", "Reason"), Input::LongText { min: 10, max: 500 }).required(),
            ])
            .does(vec![Effect::SetBody { fields: vec!["adjustment".into()] }])
            .notify(&[Audience::LinkageOffice]),
        Step::new("approve_adjust", t("审定调整", "Approve the change"))
            .from(&["published"])
            .by(office())
            .guard(proposed.clone())
            .input(vec![
                Field::new("approver", t("审定领导或会议", "Approved by"), Input::Text { min: 2, max: 100 }).required(),
                Field::new("approved_on", t("审定日期", "Approved on"), Input::Date).required(),
                Field::new("added", t("新增任务", "Added tasks"), Input::Rows { fields: item_fields.clone(), min: 0, max: 50 })
                    .hint(t("变更和撤销请在各任务中办理", "Changed and dropped tasks are dealt with on the tasks themselves")),
            ])
            .does(vec![
                Effect::SetBody { fields: vec!["added".into()] },
                Effect::SetBodyCode { field: "adjustment".into(), value: String::new() },
                Effect::SpawnChildren { field: "added".into(), kind: work_item::CODE.into(), submit: true },
            ])
            .notify(member_facing),
        Step::new("decline_adjust", t("不予调整", "Decline the change"))
            .from(&["published"])
            .by(office())
            .guard(proposed)
            .input(vec![Field::new("reason_text", t("理由", "Reason"), Input::LongText { min: 5, max: 500 }).required()])
            .does(vec![Effect::SetBodyCode { field: "adjustment".into(), value: String::new() }])
            .notify(member_facing),
        Step::new("archive", t("归档", "Archive"))
            .from(&["published"])
            .to("archived")
            .by(office())
            .guard(children_final)
            .does(vec![Effect::StopAllClocks, Effect::LapseAsks]),
    ]);
    let (voided, void) = group::void(Who::office());
    steps.extend([cancel, void]);
    Kind {
        code: CODE.into(),
        abbr: "WL".into(),
        pillar: Pillar::Liaison,
        name: t("工作清单", "Work list"),
        starters: vec![office()],
        fields: vec![
            Field::new("year_from", t("年度（起）", "Year from"), Input::Integer { min: 2020, max: 2100 }).required().listed(),
            Field::new("year_to", t("年度（止）", "Year to"), Input::Integer { min: 2020, max: 2100 }).required().listed(),
            Field::new("preface", t("说明", "Preface"), Input::LongText { min: 0, max: 2000 }),
            Field::new("consulted", t("征求意见单位", "Units consulted"), Input::Units { max: 100 }),
            Field::new("items", t("任务", "Tasks"), Input::Rows { fields: item_fields.clone(), min: 0, max: 200 }),
            Field::new("adjustment", t("待审定的调整", "Proposed change"), Input::LongText { min: 0, max: 2000 }).derived(),
            Field::new("added", t("新增任务", "Added tasks"), Input::Rows { fields: item_fields, min: 0, max: 50 }).derived(),
        ],
        states: vec![
            draft_state,
            crate::kernel::kind::editable_state("drafting", t("起草中", "Drafting")),
            state("consulting", t("征求意见中", "Consulting")),
            crate::kernel::kind::editable_state("revising", t("修改中", "Revising")),
            state("awaiting_approval", t("待审定", "Awaiting approval")),
            state("approved", t("已审定", "Approved")),
            state("published", t("已发布", "Published")),
            final_state("archived", t("已归档", "Archived")),
            cancelled,
            voided,
            final_state("discarded", t("已删除", "Discarded")),
        ],
        steps,
        reactions: vec![],
        clocks: vec![Clock::new("work_list.publish", Debtor::LinkageOffice), Clock::new("work_item.review", Debtor::LinkageOffice)],
        observers: vec![Who::office()],
        sealed: false,
        title_from: None,
        identity: vec!["year_from".into(), "year_to".into()],
    }
}
