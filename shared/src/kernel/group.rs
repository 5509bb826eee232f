//! Common step groups (domain.md §1.6), written once and taken into a kind's table with parameters.

use super::{
    field::{Field, Input},
    kind::{Audience, Clock, Debtor, Effect, Guard, Length, State, Step, Target, UnitRef, Who, state},
    problem::Code,
    role::{Part, Role},
    text::{Text, t},
    workflow::{FAILED, Facts, GuardFailure},
};
use chrono::NaiveDate;
use serde_json::{Map, Value};

type Inputs = Map<String, Value>;

pub const DAILY: &[Role] =
    &[Role::Handler, Role::LiaisonOfficer, Role::UnitHead, Role::Coordinator, Role::Prosecutor, Role::Mediator, Role::Commissioner];
/// Approval and asking for a later date are the head's, or whoever acts for the head by a delegation (domain.md §1.3).
pub const HEAD: &[Role] = &[Role::UnitHead];
pub const DESK: &[Role] = &[Role::LiaisonOfficer, Role::UnitHead, Role::Coordinator];

pub fn guard(code: &str, reason: Text, check: fn(&Facts, &Inputs) -> Result<(), GuardFailure>) -> Guard {
    Guard { code: code.into(), reason, check: Some(check), of_input: false }
}

pub fn input_guard(code: &str, reason: Text, check: fn(&Facts, &Inputs) -> Result<(), GuardFailure>) -> Guard {
    Guard { code: code.into(), reason, check: Some(check), of_input: true }
}

fn require(condition: bool) -> Result<(), GuardFailure> {
    if condition { Ok(()) } else { Err(FAILED) }
}

fn require_or(condition: bool, code: Code) -> Result<(), GuardFailure> {
    if condition { Ok(()) } else { Err(GuardFailure { code: Some(code), pointer: None }) }
}

fn input_text<'a>(input: &'a Inputs, field: &str) -> &'a str {
    input.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn reason_text() -> Field {
    Field::new("reason_text", t("说明", "Explanation"), Input::LongText { min: 10, max: 500 }).required()
}

/// Clocks of the common steps: receipt of a hand-over, which escalates when nobody receives, and the ruling on a second refusal.
pub fn clocks() -> Vec<Clock> {
    vec![
        Clock::new("handover.receipt.general", Debtor::Holder).takes("escalate"),
        Clock::new("handover.receipt.urgent", Debtor::Holder).takes("escalate"),
        Clock::new("handover.ruling.general", Debtor::LinkageOffice),
    ]
}

/// DRAFT: discarding one. Submitting is the kind's own step.
pub fn draft() -> (State, Vec<Step>) {
    let discard = Step::new("discard", t("删除草稿", "Discard draft"))
        .done("Draft discarded")
        .from(&["draft"])
        .to("discarded")
        .by(Who::part(Part::Originator, DAILY))
        .does(vec![Effect::Discard])
        .danger();
    (super::kind::editable_state("draft", t("草稿", "Draft")), vec![discard])
}

/// HAND + RETURNED: what may happen to a sealed hand-over in state `sent`.
/// `received` is the state after receipt; `unit_field` the body field that names the receiver.
pub fn hand_over(sent: &str, received: &str, unit_field: &str) -> (Vec<State>, Vec<Step>) {
    let refusal_open = guard(
        "refusal_open",
        t("已过退回期限（2个工作日），请向联动办说明", "The time to refuse (2 working days) is over; ask the linkage office"),
        |facts, _| require_or(facts.handover.as_ref().is_none_or(|h| facts.today <= h.refuse_until), Code::RefusalTooLate),
    );
    let refusable =
        guard("refusable", t("联动办已裁定由本单位承办，不能退回", "The linkage office ruled; it can't be refused"), |facts, _| {
            require_or(facts.handover.as_ref().is_none_or(|h| h.refusable), Code::RefusalExhausted)
        });
    // N6: "not ours" must say whose it is, or by which duty list it isn't ours.
    let grounds = input_guard(
        "refusal_grounds",
        t("请指明有权单位或引用职责依据", "Name the competent unit or cite the duty list"),
        |_, input| {
            require_or(
                input_text(input, "reason_code") != "not_competent"
                    || !input_text(input, "suggested_unit").is_empty()
                    || !input_text(input, "duty_reference").trim().is_empty(),
                Code::RefusalGrounds,
            )
        },
    );
    let other_unit = input_guard("other_unit", t("不能移交给本单位", "It can't be handed to the same unit"), |facts, input| {
        require_or(facts.holder_unit.as_deref() != Some(input_text(input, "unit")), Code::SelfHandover)
    });
    let states = vec![
        state(sent, t("待签收", "Awaiting receipt")),
        super::kind::editable_state("returned", t("已退回", "Returned")),
        state("ruling", t("待裁定", "Awaiting ruling")),
        super::kind::undone_state("withdrawn", t("已撤回", "Withdrawn")),
    ];
    let steps = vec![
        Step::new("receive", t("签收", "Receive"))
            .done("Received")
            .from(&[sent])
            .to(received)
            .by(Who::part(Part::Holder, DAILY))
            .does(vec![Effect::Receive])
            .primary()
            .notify(&[Audience::Sender]),
        Step::new("refuse", t("退回", "Refuse"))
            .done("Refused")
            .from(&[sent])
            .target(Target::RulingOrState { state: "returned".into() })
            // The liaison officer stands at the unit's door: two working days leave no time to wait for the head.
            .by(Who::part(Part::Holder, &[Role::UnitHead, Role::LiaisonOfficer]))
            .guard(refusable)
            .guard(refusal_open)
            .guard(grounds)
            .input(vec![
                Field::new("reason_code", t("退回理由", "Reason"), Input::CodeList { list: "refusal_reasons".into() }).required(),
                Field::new("suggested_unit", t("应由哪个单位承办", "Competent unit"), Input::Unit).hint(t(
                    "以“不属本单位职责”退回时，此项与职责依据至少填一项",
                    "When it is not your competence, fill this or the duty list below",
                )),
                Field::new("duty_reference", t("职责依据", "Duty list"), Input::Text { min: 4, max: 200 })
                    .hint(t("三定规定或权责清单的条款", "The clause of your mandate or duty list")),
                reason_text(),
            ])
            .does(vec![Effect::Refuse])
            .danger()
            .notify(&[Audience::Holder]),
        Step::new("recall", t("撤回移交", "Recall"))
            .done("Recalled")
            .from(&[sent])
            .target(Target::BeforeHandover)
            .by(Who::sender(DAILY))
            .input(vec![reason_text()])
            .does(vec![Effect::Recall])
            .danger(),
        Step::new("resend", t("重新移交", "Send again"))
            .done("Sent again")
            .from(&["returned"])
            .to(sent)
            .by(Who::part(Part::Holder, DAILY))
            .input(vec![
                Field::new("unit", t("移交给", "To"), Input::Unit).required(),
                Field::new("note", t("补充说明", "Note"), Input::LongText { min: 2, max: 500 }),
            ])
            .guard(other_unit)
            .does(vec![
                Effect::SetBodyCode { field: unit_field.into(), value: "@unit".into() },
                Effect::HandOver { to: UnitRef::Input { field: "unit".into() }, refusable: true },
            ])
            .primary()
            .notify(&[Audience::Holder]),
        Step::new("supplement_and_resend", t("补正后重送", "Mend and send again"))
            .done("Mended and sent again")
            .from(&["returned"])
            .to(sent)
            .by(Who::part(Part::Holder, DAILY))
            .input(vec![
                Field::new("note", t("补正说明", "What was mended"), Input::LongText { min: 2, max: 500 })
                    .required()
                    .hint(t("先编辑内容或上传材料，再送回原单位", "Edit the content or attach papers first; it goes to the same unit")),
            ])
            .does(vec![Effect::HandOver { to: UnitRef::Body { field: unit_field.into() }, refusable: true }])
            .notify(&[Audience::Holder]),
        Step::new("withdraw", t("撤回办结", "Withdraw"))
            .done("Withdrawn")
            .from(&["returned"])
            .to("withdrawn")
            .by(Who::part(Part::Holder, DAILY))
            .input(vec![reason_text()])
            .does(vec![Effect::StopAllClocks, Effect::LapseAsks])
            .danger(),
        Step::new("rule", t("裁定", "Rule"))
            .done("Ruled")
            .from(&["ruling"])
            .to(sent)
            .by(Who::office())
            .input(vec![
                Field::new("unit", t("裁定承办单位", "Unit to handle it"), Input::Unit).required(),
                Field::new("grounds", t("裁定理由", "Grounds"), Input::LongText { min: 20, max: 1000 }).required(),
                Field::new("tags", t("判例标签", "Precedent tags"), Input::Texts { max_items: 5, max: 20 }),
            ])
            .does(vec![
                Effect::StopClock { rule: "handover.ruling.general".into() },
                Effect::SetBodyCode { field: unit_field.into(), value: "@unit".into() },
                Effect::KeepPrecedent,
                Effect::HandOver { to: UnitRef::Input { field: "unit".into() }, refusable: false },
            ])
            .primary()
            .notify(&[Audience::Holder, Audience::Originator]),
    ];
    (states, steps)
}

/// ASSIGN: naming the person inside the holding unit.
pub fn assign(from: &[&str]) -> Vec<Step> {
    vec![
        Step::new("assign", t("分办", "Assign"))
            .done("Assigned")
            .from(from)
            .by(Who::part(Part::Holder, DESK))
            .input(vec![
                Field::new("handler", t("承办人", "Handler"), Input::OwnUser).required(),
                Field::new("note", t("交代事项", "Instructions"), Input::LongText { min: 2, max: 500 }),
            ])
            .does(vec![Effect::Assign { field: "handler".into() }])
            .notify(&[Audience::Holder]),
    ]
}

/// EXT: asking for a later due date and deciding on it.
pub fn extend(rule: &str, from: &[&str]) -> Vec<Step> {
    let before_due =
        guard("before_due", t("已过完成时限，不能再申请延期", "It is past due; an extension can't be asked for"), |facts, _| {
            require_or(facts.due.is_none_or(|due| facts.today <= due), Code::AlreadyOverdue)
        });
    let has_due = guard("has_due", t("长期任务没有完成时限，无需延期", "A standing task has no due date to extend"), |facts, _| {
        require(facts.due.is_some())
    });
    let none_pending = guard("no_extension_pending", t("已有延期申请待审批", "An extension request is pending"), |facts, _| {
        require(!facts.extension_pending)
    });
    let pending = guard("extension_pending", t("没有待审批的延期申请", "No extension request is pending"), |facts, _| {
        require(facts.extension_pending)
    });
    let later = input_guard("later_than_due", t("新时限应晚于现时限", "The new date must be later than the present one"), |facts, input| {
        let new_due = super::validate::parse_date(input_text(input, "new_due"));
        require_or(facts.due.zip(new_due).is_some_and(|(due, new_due)| new_due > due), Code::DateOrder)
    });
    let capped = input_guard(
        "extension_cap",
        t("累计延期不得超过90日或原期限的一半", "At most 90 days in total, or half of the original term"),
        |facts, input| {
            let asked = super::validate::parse_date(input_text(input, "new_due"));
            require_or(latest_due(facts).zip(asked).is_none_or(|(latest, asked)| asked <= latest), Code::ExtensionOverCap)
        },
    );
    vec![
        Step::new("request_extension", t("申请延期", "Ask for an extension"))
            .done("Asked for an extension")
            .from(from)
            .by(Who::part(Part::Holder, HEAD))
            .guard(has_due)
            .guard(before_due)
            .guard(none_pending)
            .guard(later)
            .guard(capped.clone())
            .input(vec![
                Field::new("new_due", t("申请延至", "New due date"), Input::Date).required(),
                Field::new("reason_code", t("延期理由", "Reason"), Input::CodeList { list: "extension_reasons".into() }).required(),
                reason_text(),
            ])
            .does(vec![Effect::ProposeExtension { rule: rule.into() }])
            .note(extension_note)
            .notify(&[Audience::LinkageOffice]),
        Step::new("approve_extension", t("批准延期", "Approve the extension"))
            .done("Extension approved")
            .from(from)
            .by(Who::office())
            .guard(pending.clone())
            .guard(capped)
            .input(vec![
                Field::new("new_due", t("批准延至", "Approved until"), Input::Date)
                    .hint(t("可早于申请的日期；不填则按申请批准", "May be earlier than asked; empty: as asked")),
                Field::new("opinion", t("审批意见", "Opinion"), Input::LongText { min: 2, max: 500 }).required(),
            ])
            .does(vec![Effect::ApproveExtension { rule: rule.into() }])
            .note(extension_note)
            .primary()
            .notify(&[Audience::Holder]),
        Step::new("reject_extension", t("不予延期", "Reject the extension"))
            .done("Extension rejected")
            .from(from)
            .by(Who::office())
            .guard(pending)
            .input(vec![Field::new("opinion", t("审批意见", "Opinion"), Input::LongText { min: 2, max: 500 }).required()])
            .does(vec![Effect::RejectExtension])
            .notify(&[Audience::Holder]),
    ]
}

/// deadlines.json work_item.extend: 90 days in total or half of the original term, whichever is less.
fn latest_due(facts: &Facts) -> Option<NaiveDate> {
    let (due, started) = (facts.due?, facts.started?);
    let original = (due - started).num_days() - facts.extended_days;
    let left = 90.min(original / 2) - facts.extended_days;
    due.checked_add_signed(chrono::Duration::days(left))
}

fn extension_note(facts: &Facts) -> Option<Text> {
    let (due, latest) = (facts.due?, latest_due(facts)?);
    let used = facts.extended_days;
    let (used_zh, used_en) =
        if used > 0 { (format!("已延期{used}日，"), format!("put off by {used} days so far; ")) } else { (String::new(), String::new()) };
    Some(if latest > due {
        let (due, latest) = (super::calendar::in_words(due), super::calendar::in_words(latest));
        t(
            &format!("现时限{}，{used_zh}最晚可延至{}（累计不超过90日，且不超过原期限的一半）", due.zh, latest.zh),
            &format!("Due {}; {used_en}until {} at the latest (90 days in all, at most half of the original term)", due.en, latest.en),
        )
    } else {
        t("已达延期上限，不能再延", "It can't be put off any further: the limit is reached")
    })
}

/// URGE and LEVEL: pressing, graded. Neither moves the holder.
pub fn urge() -> Vec<Step> {
    let once_a_day = guard("urged_today", t("24小时内已催办过", "It was urged within the last 24 hours"), |facts, _| {
        require(facts.last_urged.is_none_or(|at| facts.now - at >= chrono::Duration::hours(24)))
    });
    let levels = vec![
        super::field::choice("remind", "黄色提醒", "Reminder"),
        super::field::choice("supervise", "橙色督办", "Supervised"),
        super::field::choice("listed", "红色挂牌督办", "Listed"),
    ];
    let lower = [super::field::choice("none", "未督办", "None")].into_iter().chain(levels.iter().take(2).cloned()).collect();
    let level = Field::new("level", t("督办级别", "Level"), Input::Choice { choices: levels }).required();
    let silent = guard("silent", t("没有待签收的移交，或已上报过", "Nothing awaits receipt, or it was escalated"), |facts, _| {
        require(facts.handover.as_ref().is_some_and(|handover| handover.open && !handover.escalated))
    });
    vec![
        Step::new("urge", t("催办", "Urge"))
            .done("Urged")
            .from(&["*"])
            .by(Who::office())
            .by(Who::part(Part::Originator, DAILY))
            .by(Who::part(Part::Overseer, DAILY))
            .of_others()
            .guard(once_a_day)
            .input(vec![Field::new("text", t("催办内容", "Message"), Input::LongText { min: 2, max: 300 }).required()])
            .does(vec![Effect::Urge])
            .notify(&[Audience::Holder]),
        Step::new("supervise", t("督办", "Supervise"))
            .done("Supervised")
            .from(&["*"])
            .by(Who::office())
            .input(vec![level.clone(), Field::new("reason_text", t("督办理由", "Grounds"), Input::LongText { min: 10, max: 500 }).required()])
            .does(vec![Effect::SetLevelFromInput { field: "level".into() }])
            .notify(&[Audience::Holder, Audience::HolderHead]),
        Step::new("raise_level", t("升级督办", "Raise the level"))
            .done("Raised the level")
            .from(&["*"])
            .by(Who::system())
            .input(vec![level])
            .does(vec![Effect::SetLevelFromInput { field: "level".into() }])
            .notify(&[Audience::Holder, Audience::HolderHead]),
        // The cause is gone: more time was granted, the clock is stopped, completion was reported.
        Step::new("lower_level", t("降低督办级别", "Lower the level"))
            .done("Lowered the level")
            .from(&["*"])
            .by(Who::system())
            .input(vec![Field::new("level", t("督办级别", "Level"), Input::Choice { choices: lower }).required()])
            .does(vec![Effect::SetLevelFromInput { field: "level".into() }])
            .notify(&[Audience::Holder]),
        Step::new("escalate", t("签收超时上报", "Escalate silence"))
            .done("Silence escalated")
            .from(&["*"])
            .by(Who::system())
            .guard(silent)
            .does(vec![Effect::NoteSilence])
            .notify(&[Audience::HolderHead, Audience::LinkageOffice]),
    ]
}

/// PAUSE: stopping the statutory clock for a reason the law knows, and letting it run again. Only for rules that can be paused.
pub fn pause(from: &[&str], who: &Who) -> Vec<Step> {
    let pausable = guard("pausable", t("该时限依法不能中止", "The law knows no reason to stop this clock"), |facts, _| {
        require(facts.pausable || facts.paused)
    });
    let running = guard("not_paused", t("时限已经中止", "The clock is stopped already"), |facts, _| require(!facts.paused));
    let stopped = guard("paused", t("时限没有中止", "The clock is not stopped"), |facts, _| require(facts.paused));
    let later =
        input_guard("expected_end_later", t("预计恢复日期应在今天之后", "The expected end must lie after today"), |facts, input| {
            let end = super::validate::parse_date(input_text(input, "expected_end"));
            require_or(end.is_none_or(|end| end > facts.today), Code::DateOrder)
        });
    vec![
        Step::new("pause_clock", t("中止时限", "Stop the clock"))
            .done("Stopped the clock")
            .from(from)
            .by(who.clone())
            .guard(pausable)
            .guard(running)
            .guard(later)
            .input(vec![
                Field::new("reason_code", t("中止事由", "Reason"), Input::CodeList { list: "pause_reasons".into() }).required(),
                Field::new("legal_basis", t("法律依据", "Legal basis"), Input::Text { min: 4, max: 200 }).required(),
                Field::new("expected_end", t("预计恢复日期", "Expected end"), Input::Date).required(),
                reason_text(),
            ])
            .does(vec![Effect::PauseClock])
            .notify(&[Audience::Originator, Audience::LinkageOffice]),
        Step::new("resume_clock", t("恢复时限", "Let the clock run"))
            .done("Let the clock run again")
            .from(from)
            .by(who.clone())
            .guard(stopped.clone())
            .input(vec![Field::new("reason_text", t("说明", "Explanation"), Input::LongText { min: 2, max: 500 }).required()])
            .does(vec![Effect::ResumeClock])
            .primary()
            .notify(&[Audience::Originator, Audience::LinkageOffice]),
        Step::new("remind_of_pause", t("中止期满提醒", "The pause should be over"))
            .done("Reminded that the pause should be over")
            .from(from)
            .by(Who::system())
            .guard(stopped)
            .does(vec![Effect::RemindOfPause])
            .notify(&[Audience::Holder, Audience::LinkageOffice]),
    ]
}

/// SUPP: the receiver asks once for everything that is missing; the sender holds until it is there.
/// `rule` is the clock of the time given, whose length is asked for.
pub fn supplement(from: &[&str], rule: &str) -> (State, Vec<Step>) {
    let steps = vec![
        Step::new("request_supplement", t("通知补正", "Ask for what is missing"))
            .done("Asked for what is missing")
            .from(from)
            .to("awaiting_supplement")
            .by(Who::part(Part::Holder, DAILY))
            .input(vec![
                Field::new("gaps", t("需补正的内容", "What is missing"), Input::Texts { max_items: 20, max: 200 })
                    .required()
                    .hint(t("请一次性列全", "Everything at once")),
                Field::new("days", t("补正期限（日）", "Days given"), Input::Integer { min: 1, max: 15 }).required(),
            ])
            .does(vec![
                Effect::RememberState,
                Effect::StartClock {
                    rule: rule.into(),
                    length: Length::InputAmount { field: "days".into(), unit: super::calendar::CountUnit::NaturalDays },
                    main: false,
                    when: None,
                },
                Effect::Hold { by: UnitRef::Sender },
            ])
            .notify(&[Audience::Holder]),
        Step::new("supplement", t("补正", "Send what was missing"))
            .done("Sent what was missing")
            .from(&["awaiting_supplement"])
            .target(Target::BeforeHandover)
            .by(Who::part(Part::Holder, DAILY))
            .input(vec![Field::new("text", t("补正说明", "What was mended"), Input::LongText { min: 2, max: 1000 }).required()])
            .does(vec![Effect::StopClock { rule: rule.into() }, Effect::Hold { by: UnitRef::Receiver }])
            .primary()
            .notify(&[Audience::Holder]),
    ];
    (super::kind::editable_state("awaiting_supplement", t("待补正", "Awaiting supplement")), steps)
}

/// VOID: entered in error. The number is not reused, the history stays.
pub fn void(who: Who) -> (State, Step) {
    let step = Step::new("void", t("作废", "Void"))
        .done("Voided")
        .from(&["*"])
        .to("voided")
        .by(who)
        .input(vec![Field::new("reason_text", t("作废理由", "Why it was entered in error"), Input::LongText { min: 10, max: 500 }).required()])
        .does(vec![Effect::StopAllClocks, Effect::LapseAsks, Effect::Release])
        .danger()
        .notify(&[Audience::Holder, Audience::CoHandlers]);
    (super::kind::undone_state("voided", t("已作废", "Voided")), step)
}

/// Adding copied units, by who holds or oversees it.
pub fn copy() -> Step {
    Step::new("cc_add", t("增加抄送", "Add copied units"))
        .done("Added copied units")
        .from(&["*"])
        .by(Who::office())
        .by(Who::part(Part::Holder, DAILY))
        .by(Who::part(Part::Overseer, DAILY))
        .input(vec![Field::new("units", t("抄送单位", "Units"), Input::Units { max: 30 }).required()])
        .does(vec![Effect::AddPartiesOfInput { field: "units".into(), part: Part::Copied }])
        .notify(&[Audience::Copied])
}

/// Ending without doing it: `cancel` 撤销.
pub fn cancel(label: Text, state_code: &str, state_label: Text) -> (State, Step) {
    let step = Step::new("cancel", label)
        .done("Cancelled")
        .from(&["*"])
        .to(state_code)
        .by(Who::office())
        .input(vec![Field::new("decision_ref", t("决定依据", "Decision"), Input::Text { min: 2, max: 100 }).required(), reason_text()])
        .does(vec![Effect::StopAllClocks, Effect::LapseAsks, Effect::Release])
        .danger()
        .notify(&[Audience::Holder, Audience::CoHandlers]);
    (super::kind::undone_state(state_code, state_label), step)
}

/// REOPEN: a closed matter comes back within a year, with a new clock.
pub fn reopen(from: &str, to: &str, holder: UnitRef, rule: &str) -> Step {
    let within_a_year = guard("within_a_year", t("办结已满一年，不能重新办理", "It was closed more than a year ago"), |facts, _| {
        require(facts.closed.and_then(|closed| closed.checked_add_months(chrono::Months::new(12))).is_none_or(|last| facts.today <= last))
    });
    let due_in_future = input_guard("due_in_future", t("完成时限应在今天之后", "The due date must lie after today"), |facts, input| {
        let due = super::validate::parse_date(input_text(input, "new_due"));
        require_or(due.is_none_or(|due| due > facts.today), Code::DateOrder)
    });
    Step::new("reopen", t("重新办理", "Reopen"))
        .done("Reopened")
        .from(&[from])
        .to(to)
        .by(Who::office())
        .guard(within_a_year)
        .guard(due_in_future)
        .input(vec![
            Field::new("reason_text", t("理由", "Reason"), Input::LongText { min: 10, max: 500 }).required(),
            Field::new("new_due", t("完成时限", "Due date"), Input::Date).required(),
        ])
        .does(vec![
            Effect::Hold { by: holder },
            Effect::StartClock { rule: rule.into(), length: Length::InputDate { field: "new_due".into() }, main: true, when: None },
        ])
        .danger()
        .notify(&[Audience::Holder])
}
