//! The demonstration city: units and people of `data/units.json`, and a believable past, dated relative to today and made by the
//! same steps people take, with the clock moved.

use anyhow::{Context, Result};
use backend_kernel::{
    seed::{SeedCity, SeedUnit, Seeder},
    state::App,
};
use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;
use serde_json::json;
use shared::kernel::{api::NewMatter, role::Role};
use std::sync::Arc;
use uuid::Uuid;

mod past;

pub const PASSWORD: &str = "Liandong-demo-2026";

#[derive(Deserialize)]
struct Units {
    jurisdictions: Vec<SeedCity>,
    units: Vec<SeedUnit>,
}

/// Loads it once, only into an empty database.
pub async fn load(app: Arc<App>) -> Result<()> {
    let mut seeder = Seeder::new(app.clone());
    if !seeder.is_empty().await? {
        return Ok(());
    }
    let listed: Units = serde_json::from_str(include_str!("../../../data/units.json")).context("units.json")?;
    let today = app.time.now();
    app.time.set(today - Duration::days(150));
    for city in &listed.jurisdictions {
        let units: Vec<SeedUnit> = listed.units.iter().filter(|unit| unit.code.starts_with(&format!("{}-", city.code))).cloned().collect();
        let id = seeder.city(city, &units).await?;
        for unit in &units {
            people(&mut seeder, id, unit).await?;
        }
    }
    past::make(&seeder, today).await?;
    app.time.reset();
    seeder.sweep().await;
    Ok(())
}

/// The roles each unit has, by its kind.
fn roles_of(unit: &SeedUnit) -> Vec<Role> {
    let mut roles = vec![Role::UnitHead, Role::LiaisonOfficer, Role::Handler];
    match unit.kind.as_str() {
        "justice_bureau" => roles.extend([Role::Coordinator, Role::Commissioner, Role::SystemAdmin, Role::SecurityAdmin, Role::AuditAdmin]),
        "procuratorate" => roles.extend([Role::Prosecutor, Role::Commissioner]),
        "government_office" => roles.push(Role::Commissioner),
        "mediation_centre" | "township" | "subdistrict" => roles.push(Role::Mediator),
        "bureau" | "vertical_agency" => roles.push(Role::ProsecutorAssistant),
        _ => {}
    }
    roles
}

async fn people(seeder: &mut Seeder, city: Uuid, unit: &SeedUnit) -> Result<()> {
    for role in roles_of(unit) {
        let username = format!("{}.{}", unit.code, role.code());
        seeder.person(city, &unit.code, &username, &name(&username), &[role], Some(PASSWORD)).await?;
    }
    Ok(())
}

/// An invented name, the same one for the same user at every start.
fn name(username: &str) -> String {
    const FAMILY: [&str; 24] = [
        "李", "王", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马", "罗", "梁", "宋", "郑",
        "谢",
    ];
    const GIVEN: [&str; 24] = [
        "敏", "伟强", "晓燕", "建国", "云峰", "志远", "丽娟", "海涛", "文静", "国栋", "春梅", "立新", "雪", "明哲", "红霞", "永刚", "秀兰", "鹏",
        "佳宁", "东升", "玉洁", "振华", "思远", "桂芳",
    ];
    let hash = username.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let pick = |list: &[&'static str], shift: u32| list.get(usize::try_from((hash >> shift) % 24).unwrap_or(0)).copied().unwrap_or("李");
    format!("{}{}", pick(&FAMILY, 7), pick(&GIVEN, 29))
}

/// A work item handed out by the linkage office.
struct Task<'a> {
    seeder: &'a Seeder,
    today: DateTime<Utc>,
    id: Uuid,
    lead: String,
}

impl Task<'_> {
    /// Moves the clock to so many days ago, at an hour of the working day.
    fn at(&self, days_ago: i64, hour: i64) {
        let local_midnight = (self.today + Duration::hours(8)).date_naive().and_time(chrono::NaiveTime::MIN);
        let midnight = DateTime::<Utc>::from_naive_utc_and_offset(local_midnight, Utc) - Duration::hours(8);
        let wanted = midnight - Duration::days(days_ago) + Duration::hours(hour);
        self.seeder.set_time(wanted.min(self.today - Duration::minutes(1)));
    }

    async fn by(&self, username: &str, action: &str, input: serde_json::Value) -> Result<()> {
        let actor = self.seeder.actor(username).await?;
        self.seeder.act(&actor, self.id, action, input).await.with_context(|| format!("{username} {action}"))
    }

    async fn lead(&self, role: &str, action: &str, input: serde_json::Value) -> Result<()> {
        self.by(&format!("{}.{role}", self.lead), action, input).await
    }

    async fn office(&self, action: &str, input: serde_json::Value) -> Result<()> {
        self.by("df-justice.coordinator", action, input).await
    }

    async fn receive_and_assign(&self, days_ago: i64) -> Result<()> {
        self.at(days_ago, 10);
        self.lead("liaison_officer", "receive", json!({})).await?;
        let handler = self.seeder.person_id(&format!("{}.handler", self.lead)).await?;
        self.at(days_ago, 11);
        self.lead("liaison_officer", "assign", json!({ "handler": handler, "note": "请按时限推进，每月报进展。" })).await
    }

    async fn progress(&self, days_ago: i64, percent: i64, text: &str) -> Result<()> {
        self.at(days_ago, 15);
        self.lead("handler", "report_progress", json!({ "percent": percent, "last_progress": text })).await
    }

    async fn complete(&self, days_ago: i64, text: &str) -> Result<()> {
        self.progress(days_ago, 100, "全部工作已经完成，正在整理证明材料。").await?;
        self.at(days_ago, 16);
        let actor = self.seeder.actor(&format!("{}.handler", self.lead)).await?;
        self.seeder.attach(&actor, self.id, "完成情况证明材料.txt", text).await?;
        self.lead("unit_head", "report_completion", json!({ "result": text, "co_units_note": "协办单位意见已当面沟通，后续补报。" })).await
    }

    async fn accept(&self, days_ago: i64) -> Result<()> {
        self.at(days_ago, 9);
        self.office("accept", json!({ "grade": "done", "opinion": "材料齐全，同意销号。" })).await
    }
}

/// Hands out one task so many days ago, due so many days from today.
#[expect(clippy::too_many_arguments, reason = "a row of the demonstration's table; naming each at the call would bury the table")]
async fn hand_out<'a>(
    seeder: &'a Seeder,
    today: DateTime<Utc>,
    days_ago: i64,
    due_in: i64,
    lead: &str,
    co_units: &[&str],
    clause: &str,
    domain: &str,
    content: &str,
) -> Result<Task<'a>> {
    let mut task = Task { seeder, today, id: Uuid::nil(), lead: lead.to_owned() };
    task.at(days_ago, 9);
    let due = ((today + Duration::hours(8)).date_naive() + Duration::days(due_in)).to_string();
    let body = json!({
        "content": content, "origin": "plan_clause", "origin_ref": format!("工作方案{clause}"), "lead_unit": lead, "co_units": co_units,
        "due_kind": "date", "due_date": due, "progress_cycle": "monthly",
    });
    let actor = seeder.actor("df-justice.coordinator").await?;
    let new = NewMatter {
        kind: "work_item".into(),
        title: String::new(),
        body: body.as_object().cloned().unwrap_or_default(),
        domains: vec![domain.to_owned()],
        not_secret: true,
        submit: true,
        ..NewMatter::default()
    };
    task.id = seeder.submit(&actor, new).await.with_context(|| content.to_owned())?;
    Ok(task)
}
