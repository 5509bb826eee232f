//! `work_list` 工作清单: the yearly list, drafted, consulted, approved, published (domain.md §2.1.2).

use super::work_item;
use crate::kernel::{
    field::{Field, Input, choice},
    group::{self, guard, input_guard},
    kind::{Audience, Clock, Debtor, Effect, Kind, Length, Pillar, Step, UnitRef, Who, final_state, state, undone_state},
    problem::Code,
    role::{Part, Role},
    text::{Text, t},
    workflow::{FAILED, failed_at},
};
use serde_json::Value;

pub const CODE: &str = "work_list";

/// The rows of a proposed change.
const CHANGES: &[&str] = &["added", "changed", "moved", "removed"];

pub fn kind() -> Kind {
    let (draft_state, mut steps) = group::draft();
    let (cancelled, cancel) = group::cancel(t("撤销清单", "Cancel the list"), "cancelled", t("已撤销", "Cancelled"));
    let member_facing = &[Audience::CoHandlers];
    let has_items = guard("has_items", t("清单至少要有一项任务", "The list needs at least one task"), |facts, _| {
        if facts.body.get("items").and_then(Value::as_array).is_some_and(|items| !items.is_empty()) { Ok(()) } else { Err(FAILED) }
    });
    let children_final = input_guard(
        "children_final",
        t("还有未办结的任务，请选择结转到哪份清单", "Some tasks are still open: name the list they are carried over to"),
        |facts, input| {
            let carried = input.get("carried_to").and_then(Value::as_str).is_some_and(|number| !number.trim().is_empty());
            if facts.children_open == 0 || carried { Ok(()) } else { Err(FAILED) }
        },
    );
    let proposed = guard("adjustment_proposed", t("没有待审定的调整", "No change was proposed"), |facts, _| {
        if facts.text("adjustment").is_empty() { Err(FAILED) } else { Ok(()) }
    });
    let none_proposed = guard("no_adjustment_pending", t("已有待审定的调整", "A change is waiting for approval"), |facts, _| {
        if facts.text("adjustment").is_empty() { Ok(()) } else { Err(FAILED) }
    });
    let names_changes = input_guard(
        "names_changes",
        t("请至少写明一项新增、变更或撤销", "Name at least one task added, changed or dropped"),
        |_, input| {
            let named = CHANGES.iter().any(|field| input.get(*field).and_then(Value::as_array).is_some_and(|rows| !rows.is_empty()));
            if named { Ok(()) } else { Err(FAILED) }
        },
    );
    let has_consulted = guard("has_consulted", t("请先填写征求意见单位", "Name the units to consult first"), |facts, _| {
        if facts.body.get("consulted").and_then(Value::as_array).is_some_and(|units| !units.is_empty()) { Ok(()) } else { Err(FAILED) }
    });
    let remark = || {
        [
            Field::new("item", t("针对任务", "Task"), Input::RowOf { rows: "items".into(), member: "content".into() })
                .hint(t("不选即针对整份清单", "Leave it open for the list as a whole")),
            Field::new("remark", t("意见内容", "Remark"), Input::LongText { min: 2, max: 1000 }).required(),
        ]
    };
    let adoptions = Field::new(
        "adoptions",
        t("采纳情况", "Adoption"),
        Input::Rows {
            fields: [Field::new("unit", t("单位", "Unit"), Input::Unit).required()]
                .into_iter()
                .chain(remark())
                .chain([
                    Field::new(
                        "adopted",
                        t("采纳", "Adopted"),
                        Input::Choice {
                            choices: vec![
                                choice("yes", "采纳", "Adopted"),
                                choice("partly", "部分采纳", "In part"),
                                choice("no", "不采纳", "Not adopted"),
                            ],
                        },
                    )
                    .required(),
                    Field::new("reason", t("理由", "Why"), Input::LongText { min: 2, max: 500 }).required_if("adopted", &["partly", "no"]),
                ])
                .collect(),
            min: 0,
            max: 2000,
        },
    )
    .row_for_each("comment_formal", "remarks", "unit");
    let task = || Field::new("task", t("任务", "Task"), Input::Matter { kind: work_item::CODE.into(), child: true }).required();
    let rows = |name: &str, label: Text, fields: Vec<Field>| Field::new(name, label, Input::Rows { fields, min: 0, max: 50 });
    let changed = rows("changed", t("变更任务", "Changed tasks"), [task()].into_iter().chain(work_item::changeable()).collect());
    let moved = rows(
        "moved",
        t("变更牵头单位", "Tasks with another lead"),
        vec![task(), Field::new("unit", t("新牵头单位", "New lead unit"), Input::Unit).required()],
    );
    let removed = rows("removed", t("撤销任务", "Dropped tasks"), vec![task()]);
    let on_child = |field: &str, action: &str| Effect::ActOnChildren {
        field: field.into(),
        child: "task".into(),
        action: action.into(),
        from_body: vec![("reason_text".into(), "adjustment".into())],
    };
    let proposal = || CHANGES.iter().chain(&["adjustment"]).map(|field| (*field).to_owned()).collect::<Vec<_>>();
    let keep = || Effect::KeepEdition { number: "edition".into(), editions: "editions".into() };
    let years =
        guard("years_in_order", t("年度应为同一年或相邻两年", "The list is for one year, or two that follow each other"), |facts, _| {
            let year = |field: &str| facts.body.get(field).and_then(Value::as_i64);
            match year("year_from").zip(year("year_to")) {
                Some((from, to)) if !(0..=1).contains(&(to - from)) => Err(failed_at("/body/year_to", Code::Range)),
                _ => Ok(()),
            }
        });
    let office = Who::office;
    let item_fields: Vec<Field> = work_item::fields().into_iter().filter(|field| !field.derived || field.name == "due_text").collect();
    steps.extend([
        Step::new("submit", t("定稿", "Finish the draft"))
            .done("Draft finished")
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
            .done("Consulted the members")
            .from(&["drafting", "revising"])
            .to("consulting")
            .by(office())
            .guard(has_consulted)
            .does(vec![
                Effect::AddParties { field: "consulted".into(), part: Part::CoHandler },
                Effect::AskUnits { field: "consulted".into(), action: "comment_formal".into(), rule: "work_list.consult".into() },
            ])
            .primary()
            .notify(member_facing),
        Step::new("comment_formal", t("反馈意见", "Comment"))
            .done("Commented")
            .from(&["consulting"])
            .by(Who::asked_again("comment_formal", group::DAILY))
            .input(vec![
                Field::new(
                    "verdict",
                    t("意见", "Verdict"),
                    Input::Choice { choices: vec![choice("none", "无意见", "No comment"), choice("remarks", "有意见", "With remarks")] },
                )
                .required(),
                Field::new("remarks", t("具体意见", "Remarks"), Input::Rows { fields: remark().to_vec(), min: 0, max: 200 })
                    .required_if("verdict", &["remarks"]),
            ])
            .does(vec![Effect::AnswerAsk { action: "comment_formal".into() }])
            .primary(),
        Step::new("close_consult", t("汇总意见", "Close the consultation"))
            .done("Consultation closed")
            .from(&["consulting"])
            .to("revising")
            .by(office())
            .input(vec![adoptions.clone()])
            .does(vec![Effect::SetBody { fields: vec!["adoptions".into()] }, Effect::LapseAsks])
            .primary(),
        Step::new("send_to_meeting", t("提请审定", "Send to the conference"))
            .done("Sent to the conference")
            // Only what was consulted on goes to the conference.
            .from(&["revising"])
            .to("awaiting_approval")
            .by(office())
            .input(vec![Field::new("meeting_ref", t("会议", "Meeting"), Input::Text { min: 2, max: 100 }).required()])
            .primary(),
        Step::new("approve", t("审定通过", "Approved"))
            .done("Approved")
            .from(&["awaiting_approval"])
            .to("approved")
            .by(office())
            .input(vec![Field::new("approval", t("审定依据", "Approved by"), Input::Text { min: 2, max: 100 }).required()])
            .primary(),
        Step::new("back", t("退回修改", "Back for revision"))
            .done("Sent back for revision")
            .from(&["awaiting_approval"])
            .to("revising")
            .by(office())
            .input(vec![Field::new("reason_text", t("理由", "Reason"), Input::LongText { min: 5, max: 500 }).required()]),
        Step::new("publish", t("发布", "Publish"))
            .done("Published")
            .from(&["approved"])
            .to("published")
            .by(office())
            .guard(has_items)
            .input(vec![Field::new("paper_number", t("文号", "Paper number"), Input::Text { min: 2, max: 60 }).required()])
            .does(vec![
                // domain.md §2.1.2: one published list a year, the year in which it begins.
                Effect::Claim { fields: vec!["year_from".into()] },
                Effect::NextEdition { field: "edition".into() },
                Effect::StopClock { rule: "work_list.publish".into() },
                // §6.2a: member units see the published list.
                Effect::AddMembers { part: Part::Copied },
                Effect::SpawnChildren {
                    field: "items".into(),
                    kind: work_item::CODE.into(),
                    submit: true,
                    series_end: Some("year_to".into()),
                    series_start: Some("year_from".into()),
                },
                Effect::StartClock { rule: "work_item.review".into(), length: Length::Rule, main: false, when: None },
            ])
            .primary()
            .notify(&[Audience::CoHandlers, Audience::Copied]),
        Step::new("propose_adjust", t("提出调整", "Propose a change"))
            .done("Proposed a change")
            .from(&["published"])
            .by(office())
            .by(Who::part(Part::CoHandler, &[Role::LiaisonOfficer, Role::UnitHead]))
            .guard(none_proposed)
            .guard(names_changes)
            .input(vec![
                rows("added", t("新增任务", "Added tasks"), item_fields.clone()),
                changed.clone(),
                moved.clone(),
                removed.clone(),
                Field::new("adjustment", t("调整理由", "Reason"), Input::LongText { min: 10, max: 500 }).required(),
            ])
            .does(vec![Effect::SetBody { fields: proposal() }])
            .notify(&[Audience::LinkageOffice]),
        Step::new("approve_adjust", t("审定调整", "Approve the change"))
            .done("Approved the change")
            .from(&["published"])
            .primary()
            .by(office())
            .guard(proposed.clone())
            .input(vec![
                Field::new("approver", t("审定领导或会议", "Approved by"), Input::Text { min: 2, max: 100 }).required(),
                Field::new("approved_on", t("审定日期", "Approved on"), Input::Date).required(),
                Field::new("decision_ref", t("审定依据", "Decision"), Input::Text { min: 2, max: 100 })
                    .required()
                    .hint(t("会议纪要、批示或文件的文号", "Number of the minutes, instruction or paper")),
            ])
            .does(vec![
                keep(),
                Effect::NextEdition { field: "edition".into() },
                on_child("changed", "adjust"),
                on_child("moved", "change_lead"),
                on_child("removed", "cancel"),
                Effect::SpawnChildren {
                    field: "added".into(),
                    kind: work_item::CODE.into(),
                    submit: true,
                    series_end: Some("year_to".into()),
                    series_start: Some("year_from".into()),
                },
                Effect::ClearBody { fields: proposal() },
            ])
            .notify(member_facing),
        Step::new("decline_adjust", t("不予调整", "Decline the change"))
            .done("Declined the change")
            .from(&["published"])
            .by(office())
            .guard(proposed)
            .input(vec![Field::new("reason_text", t("理由", "Reason"), Input::LongText { min: 5, max: 500 }).required()])
            .does(vec![Effect::ClearBody { fields: proposal() }])
            .notify(member_facing),
        Step::new("archive", t("归档", "Archive"))
            .done("Archived")
            .from(&["published"])
            .to("archived")
            .by(office())
            .guard(children_final)
            .input(vec![
                Field::new("carried_to", t("结转到", "Carried over to"), Input::Matter { kind: CODE.into(), child: false })
                    .hint(t("还有未办结的任务时，选择承接它们的下一份清单", "The next list, when tasks are still open")),
            ])
            .does(vec![keep(), Effect::CarryChildren { field: "carried_to".into() }, Effect::StopAllClocks, Effect::LapseAsks]),
    ]);
    let (voided, void) = group::void(Who::office());
    steps.extend([cancel, void, group::copy()]);
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
            Field::new("items", t("任务（初版）", "Tasks (first edition)"), Input::Rows { fields: item_fields.clone(), min: 0, max: 200 }),
            Field::new("edition", t("版次", "Edition"), Input::Integer { min: 1, max: 999 }).derived().listed(),
            adoptions.derived(),
            rows("added", t("新增任务", "Added tasks"), item_fields).derived(),
            changed.derived(),
            moved.derived(),
            removed.derived(),
            Field::new("adjustment", t("调整理由", "Reason for the change"), Input::LongText { min: 10, max: 500 }).derived(),
            Field::new("editions", t("历次版本", "Earlier editions"), Input::Editions).derived(),
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
            undone_state("discarded", t("已删除", "Discarded")),
        ],
        steps,
        reactions: vec![],
        clocks: vec![Clock::new("work_list.publish", Debtor::LinkageOffice), Clock::new("work_item.review", Debtor::LinkageOffice)],
        rules: vec![years],
        observers: super::hosts(),
        sealed: false,
        title_from: None,
        identity: vec!["year_from".into(), "year_to".into()],
        limit: None,
        series: None,
        statistics: None,
    }
}
