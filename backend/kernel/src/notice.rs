//! Notices 提醒: who should look at what just happened. Written in the transaction of the change.

use crate::{
    entity::{matter_person, notice, person, watch},
    error::Result,
    matter::save::Work,
    outbox::{self, Letter},
    scope::{Actor, roles_of},
};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Map, Value};
use shared::kernel::{
    kind::{Audience, Effect, Step},
    role::Role,
    text::{Text, t},
};
use std::collections::BTreeSet;
use uuid::Uuid;

/// With so many urges the desk alone has not been enough.
const URGES_BEFORE_HEAD: i64 = 3;

/// A notice before its receivers are looked up.
pub(crate) struct New {
    pub audience: Vec<Audience>,
    /// Named persons beside the audience.
    pub persons: Vec<Uuid>,
    pub kind: String,
    pub text: Text,
    /// Those who watch the matter, too.
    pub watchers: bool,
    /// The person who caused it, and others who need no notice.
    pub except: Vec<Uuid>,
}

/// The notice of a step, in words.
pub(crate) fn of_step(work: &Work<'_>, step: &Step, actor: Option<&Actor>, input: &Map<String, Value>) -> Vec<New> {
    let title = &work.loaded.matter.title;
    let said = ["text", "reason_text", "opinion", "note"].iter().find_map(|field| input.get(*field)).and_then(Value::as_str).unwrap_or_default();
    let said: String = said.chars().take(60).collect();
    let done = step.told();
    let text = match actor {
        Some(actor) => {
            let unit = work.reference.brief(actor.unit_id);
            let colon = if said.is_empty() { String::new() } else { format!("：{said}") };
            t(
                &format!("{} {}{}「{title}」{colon}", unit.short_name, actor.person.name, done.zh),
                &format!("{} ({}): {} — “{title}” {said}", actor.person.name, unit.name_en, done.en),
            )
        }
        None => t(&format!("{}：「{title}」", done.zh), &format!("{}: “{title}”", done.en)),
    };
    let except = actor.map(|actor| actor.person.id).into_iter().collect();
    let mut audience = step.notify.clone();
    // domain.md §1.6, URGE: from the third time on the head is told too.
    if step.effects.contains(&Effect::Urge) && work.loaded.matter.urges >= URGES_BEFORE_HEAD {
        audience.push(Audience::HolderHead);
    }
    vec![New { audience, persons: Vec::new(), kind: step.action.clone(), text, watchers: true, except }]
}

/// Writes notices to their receivers; gives the persons reached.
pub(crate) async fn write(transaction: &DatabaseTransaction, work: &Work<'_>, notices: Vec<New>) -> Result<Vec<Uuid>> {
    let mut reached = Vec::new();
    for new in notices {
        let mut receivers: BTreeSet<Uuid> = new.persons.iter().copied().collect();
        for audience in &new.audience {
            receivers.extend(audience_of(transaction, work, audience).await?);
        }
        if work.loaded.matter.sealed && new.audience.contains(&Audience::Holder) {
            // The desk doesn't know of it; the head does.
            receivers.extend(audience_of(transaction, work, &Audience::HolderHead).await?);
        }
        if new.watchers {
            let watchers = watch::Entity::find().filter(watch::Column::MatterId.eq(work.loaded.matter.id)).all(transaction).await?;
            receivers.extend(watchers.into_iter().map(|watch| watch.person_id));
        }
        for except in &new.except {
            receivers.remove(except);
        }
        if work.loaded.matter.sealed {
            // A notice that can't be opened would still be counted.
            let named = matter_person::Entity::find().filter(matter_person::Column::MatterId.eq(work.loaded.matter.id)).all(transaction).await?;
            receivers.retain(|person| named.iter().any(|row| row.person_id == *person));
        }
        if receivers.is_empty() {
            continue;
        }
        let rows: Vec<_> = receivers
            .iter()
            .map(|person| {
                notice::Model {
                    id: Uuid::now_v7(),
                    person_id: *person,
                    kind: new.kind.clone(),
                    text_zh: new.text.zh.clone(),
                    text_en: new.text.en.clone(),
                    matter_id: Some(work.loaded.matter.id),
                    created_at: work.now,
                    read_at: None,
                }
                .into_active_model()
            })
            .collect();
        notice::Entity::insert_many(rows).exec_without_returning(transaction).await?;
        letters(transaction, work, &receivers, &new.text).await?;
        reached.extend(receivers);
    }
    Ok(reached)
}

/// The same as e-mail, to those who asked for it. Mail leaves the system: of a sealed matter it says that there is something, and where.
async fn letters(transaction: &DatabaseTransaction, work: &Work<'_>, receivers: &BTreeSet<Uuid>, text: &Text) -> Result<()> {
    let Some(mail) = &work.app.config.mail else { return Ok(()) };
    let persons = person::Entity::find()
        .filter(person::Column::Id.is_in(receivers.iter().copied()))
        .filter(person::Column::EmailNotices.eq(true))
        .filter(person::Column::Active.eq(true))
        .all(transaction)
        .await?;
    let matter = &work.loaded.matter;
    let number = matter.number.clone().unwrap_or_default();
    let link = format!("{}/matters/{}", mail.base_url.trim_end_matches('/'), matter.id);
    let letters = persons
        .into_iter()
        .filter_map(|person| {
            let to = person.email?;
            // A sealed matter isn't named outside.
            let said = if matter.sealed {
                number.clone()
            } else if person.locale == "en" {
                text.en.clone()
            } else {
                text.zh.clone()
            };
            let letter = if person.locale == "en" {
                Letter { to, subject: format!("Liandong: {number}"), text: format!("{said}\n\nOpen it: {link}\n") }
            } else {
                Letter { to, subject: format!("府检联动提醒：{number}"), text: format!("{said}\n\n请登录平台查看：{link}\n") }
            };
            serde_json::to_string(&letter).ok()
        })
        .collect();
    outbox::add(transaction, matter.jurisdiction_id, outbox::EMAIL, letters, work.now).await
}

async fn audience_of(transaction: &DatabaseTransaction, work: &Work<'_>, audience: &Audience) -> Result<Vec<Uuid>> {
    let matter = &work.loaded.matter;
    let desk: &[Role] = &[Role::LiaisonOfficer];
    Ok(match audience {
        Audience::Holder => {
            let mut persons: Vec<Uuid> = matter.holder_person_id.into_iter().collect();
            if let Some(unit) = matter.holder_unit_id {
                let roles: &[Role] = if work.reference.linkage_office == Some(unit) { &[Role::Coordinator] } else { desk };
                persons.extend(persons_of(transaction, &[unit], roles).await?);
            }
            persons
        }
        Audience::HolderHead => match matter.holder_unit_id {
            Some(unit) => persons_of(transaction, &[unit], &[Role::UnitHead]).await?,
            None => Vec::new(),
        },
        Audience::Originator => vec![matter.created_by],
        Audience::CoHandlers => {
            let units: Vec<Uuid> = work.parties.values().filter(|party| party.co_handler).map(|party| party.unit_id).collect();
            persons_of(transaction, &units, desk).await?
        }
        Audience::Copied => {
            let units: Vec<Uuid> = work.parties.values().filter(|party| party.copied).map(|party| party.unit_id).collect();
            persons_of(transaction, &units, desk).await?
        }
        Audience::LinkageOffice => match work.reference.linkage_office {
            Some(unit) => persons_of(transaction, &[unit], &[Role::Coordinator]).await?,
            None => Vec::new(),
        },
        Audience::Sender => match work.loaded.handovers.last() {
            Some(handover) => {
                persons_of(transaction, &[handover.from_unit_id, handover.to_unit_id], &[Role::Coordinator, Role::LiaisonOfficer]).await?
            }
            None => Vec::new(),
        },
    })
}

pub(crate) async fn persons_of(transaction: &DatabaseTransaction, units: &[Uuid], roles: &[Role]) -> Result<Vec<Uuid>> {
    if units.is_empty() {
        return Ok(Vec::new());
    }
    let persons = person::Entity::find()
        .filter(person::Column::UnitId.is_in(units.iter().copied()))
        .filter(person::Column::Active.eq(true))
        .all(transaction)
        .await?;
    Ok(persons.into_iter().filter(|person| roles_of(person).iter().any(|role| roles.contains(role))).map(|person| person.id).collect())
}
