//! What happened in the demonstration city over the last five months: work items at every stage.

use super::{Task, hand_out};
use anyhow::Result;
use backend_kernel::seed::Seeder;
use chrono::{DateTime, Utc};
use serde_json::json;
use shared::kernel::api::NewMatter;

/// Tasks handed out, received and under way: days ago, due in days, lead, co-units, clause, domain, content, percent.
type Row = (i64, i64, &'static str, &'static [&'static str], &'static str, &'static str, &'static str, i64);

const UNDER_WAY: &[Row] = &[
    (
        60,
        35,
        "df-govservice",
        &["df-procuratorate", "df-market", "df-health"],
        "二（三）",
        "data_network",
        "推进重点领域行政执法信息与检察机关法律监督数据互联对接，先行接入12345和网格平台数据",
        60,
    ),
    (58, 120, "df-procuratorate", &["df-ecology", "df-resources", "df-water"], "二（四）", "ecology", "制定公益诉讼线索移送和协作取证工作指引", 40),
    (
        55,
        18,
        "df-labour",
        &["df-housing", "df-public-security", "df-trade-union"],
        "三（四）",
        "labour",
        "开展在建工程项目欠薪隐患排查，建立农民工工资支付监测台账",
        70,
    ),
    (52, 9, "df-water", &["df-ecology", "df-gaocheng"], "二（四）", "water", "完成颍河告成段非法采砂点位整治和河道修复方案编制", 80),
    (
        50,
        2,
        "df-education",
        &["df-procuratorate", "df-public-security"],
        "三（四）",
        "minors",
        "完成全市中小学、武术学校密切接触未成年人岗位人员入职查询",
        85,
    ),
    (45, 1, "df-urban", &["df-housing"], "二（五）", "urban_management", "开展城区户外广告设施安全隐患联合检查并建立问题清单", 75),
    (
        42,
        -2,
        "df-housing",
        &["df-procuratorate", "df-resources", "df-public-security"],
        "三（六）",
        "housing",
        "梳理问题楼盘底数，逐项目提出处置意见",
        55,
    ),
    (40, -9, "df-transport", &["df-public-security"], "二（五）", "transport", "开展货运车辆超限超载联合治理，形成案件移送标准", 50),
    (66, -20, "df-daye", &["df-labour"], "三（七）", "labour", "化解大冶镇矿区历史欠薪纠纷，逐户落实协议履行", 45),
    (38, 46, "df-market", &["df-procuratorate", "df-health"], "二（五）", "food_drug", "开展校园周边食品安全行政执法监督专项行动", 30),
    (36, 60, "df-heritage", &["df-shaolin", "df-procuratorate"], "二（四）", "heritage", "对少林街道不可移动文物保护情况开展联合巡查并建立档案", 35),
    (33, 75, "df-emergency", &["df-industry"], "三（一）", "work_safety", "建立安全生产领域行政执法与刑事司法衔接会商机制", 20),
    (30, 90, "df-tax", &["df-procuratorate"], "三（三）", "tax", "会同检察机关开展涉企税务行政争议实质性化解", 25),
    (28, 40, "df-health", &["df-market"], "二（五）", "public_health", "开展医疗美容机构执法检查，通报典型问题", 45),
    (26, 12, "df-zhongyue", &["df-urban"], "三（五）", "urban_management", "收集中岳街道城市管理领域公益诉讼线索并建立台账", 60),
];

/// Tasks closed: handed out, reported and accepted so many days ago; due in days from today.
type Closed = (i64, i64, i64, i64, &'static str, &'static str, &'static str, &'static str);

const CLOSED: &[Closed] = &[
    (140, 96, 93, -90, "df-procuratorate", "二（二）", "other", "明确市检察院联络员、专员名单并建立联络员通讯录"),
    (138, 101, 98, -95, "df-public-security", "三（二）", "public_order", "梳理近三年行政执法机关移送涉嫌犯罪案件底数"),
    (135, 88, 80, -85, "df-market", "二（三）", "food_drug", "报送食品药品领域行政处罚案件数据目录和字段说明"),
    (130, 75, 72, -70, "df-ecology", "二（四）", "ecology", "报送生态环境领域公益诉讼线索摸排情况"),
    (128, 60, 55, -72, "df-resources", "二（四）", "natural_resources", "开展耕地保护领域违法线索联合核查并报送结果"),
    (120, 64, 60, -58, "df-court", "三（七）", "mediation", "建立司法确认快速办理通道，明确受理窗口和联系人"),
    (115, 50, 47, -45, "df-mediation-centre", "三（七）", "mediation", "制定人民调解、行政调解、司法调解衔接流程图并公示"),
    (110, 44, 40, -40, "df-petition", "三（七）", "mediation", "建立群众信访件件有回复台账，明确回复时限"),
    (105, 38, 30, -48, "df-civil-affairs", "三（四）", "minors", "摸排事实无人抚养儿童底数并报送救助清单"),
    (98, 35, 33, -30, "df-12345", "三（七）", "other", "与12309检察服务中心建立工单双向流转机制"),
    (90, 30, 27, -25, "df-youth", "三（四）", "minors", "举办未成年人保护法治宣讲进校园活动"),
    (85, 22, 20, -15, "df-gov-office", "四（二）", "other", "落实府检联动工作办公室办公场所和设备"),
];

/// Handed out and waiting for receipt: days ago, due in days.
const WAITING: &[(i64, i64, &str, &str, &str, &str)] = &[
    (1, 60, "df-market", "三（四）", "consumer", "开展预付式消费纠纷联合治理，建立投诉举报处置机制"),
    (1, 45, "df-agriculture", "二（五）", "farm_products", "开展农资打假行政执法监督专项检查"),
    (2, 30, "df-songyang", "三（五）", "urban_management", "排查嵩阳街道背街小巷飞线充电隐患并报送整改清单"),
    (6, 50, "df-forestry", "二（四）", "natural_resources", "开展嵩山林区违法占用林地线索联合核查"),
    (8, 20, "df-yingyang", "三（七）", "mediation", "化解颍阳镇土地承包经营权历史遗留纠纷"),
];

pub(super) async fn make(seeder: &Seeder, today: DateTime<Utc>) -> Result<()> {
    // The past is told in order, so that numbers and history grow as they would have.
    for row in CLOSED {
        closed(seeder, today, row).await?;
    }
    for row in UNDER_WAY {
        under_way(seeder, today, row).await?;
    }
    ruled(seeder, today).await?;
    refused(seeder, today).await?;
    extended(seeder, today).await?;
    accepting(seeder, today).await?;
    recurring(seeder, today).await?;
    published_list(seeder, today).await?;
    consulted_list(seeder, today).await?;
    for (days_ago, due_in, lead, clause, domain, content) in WAITING {
        hand_out(seeder, today, *days_ago, *due_in, lead, &[], clause, domain, content).await?;
    }
    drafts(seeder, today).await?;
    second_city(seeder, today).await?;
    Ok(seeder.notices_read(today - chrono::Duration::days(3)).await?)
}

async fn closed(seeder: &Seeder, today: DateTime<Utc>, row: &Closed) -> Result<()> {
    let (days_ago, reported, accepted, due_in, lead, clause, domain, content) = *row;
    let task = hand_out(seeder, today, days_ago, due_in, lead, &[], clause, domain, content).await?;
    task.receive_and_assign(days_ago - 1).await?;
    task.progress((days_ago + reported) / 2, 60, "已制定工作方案并召开部门协调会，正在按计划推进。").await?;
    task.complete(reported, "任务已全部完成，相关材料已整理归档并报送联动办备案。").await?;
    task.accept(accepted).await
}

async fn under_way(seeder: &Seeder, today: DateTime<Utc>, row: &Row) -> Result<()> {
    let (days_ago, due_in, lead, co_units, clause, domain, content, percent) = *row;
    let task = hand_out(seeder, today, days_ago, due_in, lead, co_units, clause, domain, content).await?;
    task.receive_and_assign(days_ago - 1).await?;
    task.progress(days_ago - 10, percent / 2, "已印发实施方案，明确责任科室和时间节点。").await?;
    if let Some(first) = co_units.first() {
        task.at(days_ago - 14, 10);
        task.by(&format!("{first}.liaison_officer"), "cosign", json!({ "text": "我单位已安排专人配合，相关数据和材料已提供牵头单位。" })).await?;
    }
    task.progress(6, percent, "阶段任务基本完成，剩余事项正在逐项落实。").await?;
    if due_in < 0 {
        task.at(-due_in - 1, 11);
        task.office("urge", json!({ "text": "该任务已超过完成时限，请说明原因并尽快办结。" })).await?;
    }
    Ok(())
}

/// Refused twice, ruled, received: the ruling is a precedent.
async fn ruled(seeder: &Seeder, today: DateTime<Utc>) -> Result<()> {
    let content = "对登封城区违规设置道路停车泊位问题开展联合整治";
    let mut task = hand_out(seeder, today, 34, 30, "df-transport", &[], "二（五）", "urban_management", content).await?;
    task.at(33, 10);
    let not_ours = json!({ "reason_code": "not_competent", "suggested_unit": "df-urban", "reason_text": "城市道路停车泊位设置管理职责不在我局，建议由市城管局承办。" });
    task.lead("unit_head", "refuse", not_ours).await?;
    task.at(33, 15);
    task.office("resend", json!({ "unit": "df-urban", "note": "请市城管局研究承办。" })).await?;
    task.lead = "df-urban".into();
    task.at(32, 11);
    let not_ours = json!({ "reason_code": "not_competent", "suggested_unit": "df-public-security", "reason_text": "道路停车泊位施划由公安机关交通管理部门负责，我局仅负责人行道执法。" });
    task.lead("unit_head", "refuse", not_ours).await?;
    task.at(31, 9);
    let ruling = json!({ "unit": "df-urban", "grounds": "泊位设置涉及人行道管理，经会商由市城管局牵头，市公安局配合，后续同类事项照此办理。", "tags": ["停车泊位", "城市管理"] });
    task.office("rule", ruling).await?;
    task.receive_and_assign(30).await?;
    task.progress(8, 35, "已会同交警完成城区泊位普查，形成问题台账。").await
}

/// Refused once; the linkage office must decide whom to send it to.
async fn refused(seeder: &Seeder, today: DateTime<Utc>) -> Result<()> {
    let content = "牵头制定农村集体资产监管与公益诉讼衔接办法";
    let task = hand_out(seeder, today, 4, 80, "df-sasac", &["df-procuratorate"], "二（四）", "state_assets", content).await?;
    task.at(3, 16);
    let not_ours = json!({ "reason_code": "not_competent", "suggested_unit": "df-agriculture", "reason_text": "农村集体资产监督管理职责在农业农村部门，不属于我中心职责范围。" });
    task.lead("unit_head", "refuse", not_ours).await?;
    // Refused twice and waiting for a ruling.
    let content = "开展餐饮油烟扰民问题联合执法并建立长效机制";
    let mut task = hand_out(seeder, today, 5, 40, "df-ecology", &[], "二（五）", "ecology", content).await?;
    task.at(4, 10);
    let not_ours = json!({ "reason_code": "not_competent", "suggested_unit": "df-urban", "reason_text": "餐饮油烟污染行政处罚权已划转城市管理部门，建议由市城管局承办。" });
    task.lead("unit_head", "refuse", not_ours).await?;
    task.at(4, 15);
    task.office("resend", json!({ "unit": "df-urban" })).await?;
    task.lead = "df-urban".into();
    task.at(2, 10);
    let not_ours = json!({ "reason_code": "not_competent", "suggested_unit": "df-ecology", "reason_text": "油烟监测与治理指导属生态环境部门职责，我局仅负责处罚环节。" });
    task.lead("unit_head", "refuse", not_ours).await
}

/// One extension approved, one waiting for a decision.
async fn extended(seeder: &Seeder, today: DateTime<Utc>) -> Result<()> {
    let content = "建立企业合规第三方监督评估机制，选任首批专业人员";
    let task = hand_out(seeder, today, 70, 20, "df-commerce", &["df-procuratorate"], "三（三）", "business", content).await?;
    task.receive_and_assign(69).await?;
    task.progress(40, 40, "已征集专业人员名单，正在组织资格审核。").await?;
    let later = |days: i64| ((today + chrono::Duration::hours(8)).date_naive() + chrono::Duration::days(days)).to_string();
    task.at(20, 10);
    let ask = json!({ "new_due": later(50), "reason_code": "external_approval", "reason_text": "选任办法需报郑州市相关部门备案，备案时间不可控。" });
    task.lead("unit_head", "request_extension", ask).await?;
    task.at(19, 9);
    task.office("approve_extension", json!({ "new_due": later(40), "opinion": "同意延期二十日，请抓紧办理备案。" })).await?;
    let content = "完成市级行政执法监督平台与检察机关系统接口联调";
    let task = hand_out(seeder, today, 48, 8, "df-industry", &["df-govservice"], "二（三）", "data_network", content).await?;
    task.receive_and_assign(47).await?;
    task.progress(15, 55, "接口文档已确认，联调环境等待审批。").await?;
    task.at(1, 15);
    let ask = json!({ "new_due": later(30), "reason_code": "funds", "reason_text": "接口开发经费尚未下达，申请顺延至经费到位后完成联调。" });
    task.lead("unit_head", "request_extension", ask).await
}

/// Reported and waiting for acceptance; returned for rework.
async fn accepting(seeder: &Seeder, today: DateTime<Utc>) -> Result<()> {
    for (lead, content) in
        [("df-medical-insurance", "开展医保基金使用执法检查并通报典型案例"), ("df-culture-tourism", "完成景区安全设施执法检查问题整改复核")]
    {
        let task = hand_out(seeder, today, 40, 10, lead, &[], "二（五）", "social_insurance", content).await?;
        task.receive_and_assign(39).await?;
        task.progress(20, 80, "检查工作已完成，正在汇总问题清单。").await?;
        task.complete(3, "检查与整改均已完成，问题清单及整改回执随附，请予验收销号。").await?;
    }
    let content = "推动法治副校长实职化，完成首批学校聘任";
    let task = hand_out(seeder, today, 62, 14, "df-education", &["df-procuratorate", "df-court"], "三（四）", "minors", content).await?;
    task.receive_and_assign(61).await?;
    task.complete(12, "全市中小学法治副校长已全部完成聘任，聘书已发放。").await?;
    task.at(9, 10);
    task.office("return_for_rework", json!({ "defects": ["缺少三所武术学校的聘任材料", "未说明履职安排"], "rework_days": 10 })).await
}

/// A monthly duty with its periods, and a standing one.
async fn recurring(seeder: &Seeder, today: DateTime<Utc>) -> Result<()> {
    let mut task = Task { seeder, today, id: uuid::Uuid::nil(), lead: "df-grid".into() };
    let office = seeder.actor("df-justice.coordinator").await?;
    let new = |body: serde_json::Value, domain: &str| NewMatter {
        kind: "work_item".into(),
        title: String::new(),
        body: body.as_object().cloned().unwrap_or_default(),
        domains: vec![domain.to_owned()],
        not_secret: true,
        submit: true,
        ..NewMatter::default()
    };
    // A year from when it was handed out.
    let until = ((today + chrono::Duration::hours(8)).date_naive() + chrono::Duration::days(300)).to_string();
    task.at(57, 9);
    let monthly = json!({
        "content": "汇总报送网格巡查发现的公益诉讼案件线索", "origin": "plan_clause", "origin_ref": "工作方案三（五）", "lead_unit": "df-grid",
        "co_units": ["df-procuratorate"], "due_kind": "recurring", "recurrence": { "every": "month", "day": { "day": 25 }, "until": until }, "progress_cycle": "none",
    });
    task.id = seeder.submit(&office, new(monthly, "other")).await?;
    task.receive_and_assign(56).await?;
    task.at(54, 9);
    let standing = json!({
        "content": "督促落实侵害未成年人案件强制报告和入职查询制度", "origin": "plan_clause", "origin_ref": "工作方案三（四）",
        "lead_unit": "df-procuratorate", "co_units": ["df-public-security", "df-education", "df-health"], "due_kind": "standing", "review_cycle": "quarter",
        "progress_cycle": "quarterly",
    });
    let mut task = Task { seeder, today, id: uuid::Uuid::nil(), lead: "df-procuratorate".into() };
    task.id = seeder.submit(&office, new(standing, "minors")).await?;
    task.receive_and_assign(53).await?;
    task.progress(14, 50, "已联合教育、卫健部门完成首轮培训，建立强制报告联络群组。").await
}

/// A task as a row of a list: due in days, lead, co-units, clause, content.
type Listed = (i64, &'static str, &'static [&'static str], &'static str, &'static str);

const OF_THE_YEAR: &[Listed] = &[
    (25, "df-justice", &["df-procuratorate"], "二（一）", "筹备召开年度府检联动联席会议并印发会议纪要"),
    (70, "df-finance", &["df-procuratorate"], "四（三）", "落实府检联动专项工作经费，明确列支渠道"),
    (85, "df-culture-tourism", &["df-heritage", "df-market"], "二（五）", "开展景区周边旅游市场秩序联合执法检查"),
    (150, "df-industry", &["df-market"], "三（三）", "建立知识产权保护检察综合履职协作机制"),
    (110, "df-women", &["df-procuratorate", "df-education"], "三（四）", "建立家庭教育指导与督促监护协作机制"),
];

/// What the list gets by its change.
const ADDED: &[Listed] = &[(130, "df-agriculture", &["df-procuratorate"], "三（一）", "开展农村集体资产监管问题联合清查并建立台账")];

const OF_THE_NEXT: &[Listed] = &[
    (200, "df-ecology", &["df-procuratorate", "df-water"], "二（四）", "建立生态环境损害赔偿与公益诉讼衔接机制"),
    (230, "df-labour", &["df-housing", "df-public-security"], "三（四）", "完善农民工工资支付保障联动处置流程"),
    (260, "df-govservice", &["df-market"], "三（三）", "梳理涉企行政检查事项清单并向社会公布"),
];

fn rows(today: DateTime<Utc>, listed: &[Listed]) -> Vec<serde_json::Value> {
    let today = (today + chrono::Duration::hours(8)).date_naive();
    let row = |(serial, (due_in, lead, co_units, clause, content)): (usize, &Listed)| {
        json!({
            "serial": serial + 1, "content": content, "origin": "plan_clause", "origin_ref": format!("工作方案{clause}"), "lead_unit": lead,
            "co_units": co_units, "due_kind": "date", "due_date": (today + chrono::Duration::days(*due_in)).to_string(), "progress_cycle": "quarterly",
        })
    };
    listed.iter().enumerate().map(row).collect()
}

fn list_of(today: DateTime<Utc>, years_ahead: i32, listed: &[Listed]) -> NewMatter {
    use chrono::Datelike;
    let year = (today + chrono::Duration::hours(8)).year() + years_ahead;
    let body = json!({
        "year_from": year, "year_to": year + 1, "preface": "依据《府检联动工作方案》，按清单化闭环督办要求制定本清单。",
        "consulted": ["df-procuratorate", "df-court", "df-public-security", "df-market", "df-ecology", "df-labour"], "items": rows(today, listed),
    });
    NewMatter {
        kind: "work_list".into(),
        title: format!("{year}—{}年度府检联动工作清单", year + 1),
        body: body.as_object().cloned().unwrap_or_default(),
        domains: vec!["other".into()],
        not_secret: true,
        submit: true,
        ..NewMatter::default()
    }
}

/// This year's list: consulted, approved, published; its tasks are at different stages.
async fn published_list(seeder: &Seeder, today: DateTime<Utc>) -> Result<()> {
    let mut list = Task { seeder, today, id: uuid::Uuid::nil(), lead: "df-justice".into() };
    list.at(44, 9);
    let office = seeder.actor("df-justice.coordinator").await?;
    list.id = seeder.submit(&office, list_of(today, 0, OF_THE_YEAR)).await?;
    list.office("consult", json!({})).await?;
    list.at(40, 10);
    let remark = "建议增加知识产权保护内容，由工信部门牵头。";
    let remarks = json!({ "verdict": "remarks", "remarks": [{ "remark": remark }] });
    list.by("df-procuratorate.liaison_officer", "comment_formal", remarks).await?;
    list.by("df-market.liaison_officer", "comment_formal", json!({ "verdict": "none" })).await?;
    list.at(34, 9);
    list.office("close_consult", json!({ "adoptions": [{ "unit": "df-procuratorate", "remark": remark, "adopted": "yes" }] })).await?;
    list.office("send_to_meeting", json!({ "meeting_ref": "府检联动联席会议第2次会议" })).await?;
    list.at(31, 10);
    list.office("approve", json!({ "approval": "府检联动联席会议纪要第2号" })).await?;
    list.at(30, 9);
    list.office("publish", json!({ "paper_number": "登府检联办〔2026〕6号" })).await?;
    let tasks = seeder.children(list.id).await?;
    for (n, id) in tasks.iter().copied().enumerate() {
        let Some((_, lead, ..)) = OF_THE_YEAR.get(n) else { continue };
        let task = Task { seeder, today, id, lead: (*lead).to_owned() };
        // The last one waits for its receipt, a month after it was sent.
        if n + 1 == OF_THE_YEAR.len() {
            continue;
        }
        task.receive_and_assign(29).await?;
        if n < 2 {
            task.progress(12, 40, "已形成初步方案，正在征求相关单位意见。").await?;
        }
    }
    adjusted(seeder, today, &mut list, &tasks).await
}

/// A member asks for a change, the leader decides: the list has a second edition.
async fn adjusted(seeder: &Seeder, today: DateTime<Utc>, list: &mut Task<'_>, tasks: &[uuid::Uuid]) -> Result<()> {
    let (Some(changed), Some(moved)) = (tasks.get(2), tasks.get(3)) else { return Ok(()) };
    let due = ((today + chrono::Duration::hours(8)).date_naive() + chrono::Duration::days(100)).to_string();
    list.at(10, 15);
    let change = json!({
        "added": rows(today, ADDED),
        "changed": [{ "task": seeder.number(*changed).await?, "due_date": due }],
        "moved": [{ "task": seeder.number(*moved).await?, "unit": "df-market" }],
        "adjustment": "知识产权职责已划转市场监管部门，旅游市场执法检查需跨节假日开展，并增加农村集体资产监管任务。",
    });
    list.by("df-procuratorate.liaison_officer", "propose_adjust", change).await?;
    list.at(7, 10);
    let approved_on = ((today + chrono::Duration::hours(8)).date_naive() - chrono::Duration::days(7)).to_string();
    list.office("approve_adjust", json!({ "approver": "市政府分管副市长", "approved_on": approved_on, "decision_ref": "登府检联办〔2026〕9号" }))
        .await
}

/// Next year's list, on which members are being consulted.
async fn consulted_list(seeder: &Seeder, today: DateTime<Utc>) -> Result<()> {
    let mut list = Task { seeder, today, id: uuid::Uuid::nil(), lead: "df-justice".into() };
    list.at(5, 9);
    let office = seeder.actor("df-justice.coordinator").await?;
    list.id = seeder.submit(&office, list_of(today, 1, OF_THE_NEXT)).await?;
    list.at(4, 10);
    list.office("consult", json!({})).await?;
    list.at(2, 11);
    list.by("df-ecology.liaison_officer", "comment_formal", json!({ "verdict": "none" })).await
}

/// What the office of each city has begun and not handed out.
async fn drafts(seeder: &Seeder, today: DateTime<Utc>) -> Result<()> {
    let task = Task { seeder, today, id: uuid::Uuid::nil(), lead: "df-justice".into() };
    let due = ((today + chrono::Duration::hours(8)).date_naive() + chrono::Duration::days(75)).to_string();
    for (days_ago, author, content) in [
        (3, "df-justice.coordinator", "汇总各单位联络员履职情况并提出调整建议"),
        (1, "xc-justice.coordinator", "研究建立行政争议多元化解联席会商机制"),
    ] {
        task.at(days_ago, 16);
        let body = json!({ "content": content, "origin": "key_points", "origin_ref": "年度工作要点", "due_kind": "date", "due_date": due });
        let new = NewMatter {
            kind: "work_item".into(),
            title: String::new(),
            body: body.as_object().cloned().unwrap_or_default(),
            domains: vec!["other".into()],
            not_secret: true,
            submit: false,
            ..NewMatter::default()
        };
        seeder.submit(&seeder.actor(author).await?, new).await?;
    }
    Ok(())
}

/// The second city, so that isolation shows: it has its own work, which nobody of the first one sees.
async fn second_city(seeder: &Seeder, today: DateTime<Utc>) -> Result<()> {
    let office = seeder.actor("xc-justice.coordinator").await?;
    let task = Task { seeder, today, id: uuid::Uuid::nil(), lead: "xc-market".into() };
    task.at(15, 9);
    let due = ((today + chrono::Duration::hours(8)).date_naive() + chrono::Duration::days(30)).to_string();
    let body = json!({
        "content": "开展新城市集贸市场计量器具专项检查", "origin": "key_points", "origin_ref": "2026年工作要点", "lead_unit": "xc-market",
        "due_kind": "date", "due_date": due, "progress_cycle": "monthly",
    });
    let new = NewMatter {
        kind: "work_item".into(),
        title: String::new(),
        body: body.as_object().cloned().unwrap_or_default(),
        domains: vec!["consumer".into()],
        not_secret: true,
        submit: true,
        ..NewMatter::default()
    };
    seeder.submit(&office, new).await?;
    Ok(())
}
