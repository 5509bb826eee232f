//! What expires warns in time: thirty, seven and one day before, once each. Here: delegations, and a calendar whose next year is
//! not announced yet. Kinds and grants with an end add their own.

use crate::{
    entity::{delegation, notice, person},
    error::Result,
    scope::roles_of,
    state::App,
};
use chrono::{Datelike, NaiveDate};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use shared::kernel::{
    role::{Permission, Role},
    text::{Text, t},
};
use uuid::Uuid;

const DAYS: &[i64] = &[30, 7, 1];

struct Warning {
    persons: Vec<Uuid>,
    text: Text,
}

/// Writes the warnings that are due today in one jurisdiction and were not written yet.
pub(crate) async fn warn(app: &App, city: Uuid) -> Result<()> {
    let today = app.time.today();
    let mut warnings = delegations(app, city, today).await?;
    warnings.extend(calendar(app, city, today).await?);
    for warning in warnings {
        for person in warning.persons {
            tell(app, person, &warning.text).await?;
        }
    }
    Ok(())
}

/// The text names the day, so the same warning is never written twice.
async fn tell(app: &App, person: Uuid, text: &Text) -> Result<()> {
    let transaction = app.db.begin().await?;
    let told = notice::Entity::find()
        .filter(notice::Column::PersonId.eq(person))
        .filter(notice::Column::Kind.eq("expiry"))
        .filter(notice::Column::TextZh.eq(text.zh.clone()))
        .one(&transaction)
        .await?
        .is_some();
    if !told {
        let row = notice::Model {
            id: crate::ids::next(),
            person_id: person,
            kind: "expiry".into(),
            text_zh: text.zh.clone(),
            text_en: text.en.clone(),
            matter_id: None,
            created_at: app.time.now(),
            read_at: None,
        };
        notice::Entity::insert(row.into_active_model()).exec_without_returning(&transaction).await?;
        app.db.commit(transaction).await?;
    }
    Ok(())
}

async fn delegations(app: &App, city: Uuid, today: NaiveDate) -> Result<Vec<Warning>> {
    let ends: Vec<NaiveDate> = DAYS.iter().map(|days| today + chrono::Duration::days(*days)).collect();
    let rows = delegation::Entity::find()
        .filter(delegation::Column::JurisdictionId.eq(city))
        .filter(delegation::Column::RevokedAt.is_null())
        .filter(delegation::Column::EndsOn.is_in(ends))
        .filter(delegation::Column::StartsOn.lte(today))
        .all(app.db.read())
        .await?;
    let mut warnings = Vec::new();
    for row in rows {
        let names = app.reference(city).await?.persons(app.db.read(), [row.person_id, row.deputy_id].into_iter()).await?;
        let name = |id: Uuid| names.get(&id).map(|person| person.name.clone()).unwrap_or_default();
        let (away, deputy, last) = (name(row.person_id), name(row.deputy_id), row.ends_on);
        let days = (last - today).num_days();
        let text = t(
            &format!("{deputy}代理{away}的期限还有{days}天，到{last}为止"),
            &format!("{deputy} acts for {away} for {days} more day(s), until {last}"),
        );
        warnings.push(Warning { persons: vec![row.person_id, row.deputy_id], text });
    }
    Ok(warnings)
}

/// Who keeps parameters and who answers for due dates are told that the next year is counted provisionally.
async fn calendar(app: &App, city: Uuid, today: NaiveDate) -> Result<Vec<Warning>> {
    let year = today.year() + 1;
    let Some(new_year) = NaiveDate::from_ymd_opt(year, 1, 1) else { return Ok(Vec::new()) };
    let days = (new_year - today).num_days();
    if !DAYS.contains(&days) || !app.reference(city).await?.edition.is_provisional(year) {
        return Ok(Vec::new());
    }
    let persons =
        person::Entity::find().filter(person::Column::JurisdictionId.eq(city)).filter(person::Column::Active.eq(true)).all(app.db.read()).await?;
    let concerned = |person: &person::Model| {
        roles_of(person).iter().any(|role| *role == Role::Coordinator || role.permissions().contains(&Permission::ParameterManage))
    };
    let text = t(
        &format!("{year}年的放假调休安排还没有导入，{days}天后开始的时限都是暂定的"),
        &format!("The public holidays of {year} are not loaded; due dates from {days} day(s) on are provisional"),
    );
    Ok(vec![Warning { persons: persons.iter().filter(|person| concerned(person)).map(|person| person.id).collect(), text }])
}
