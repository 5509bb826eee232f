//! Notices 提醒: who should look at what just happened. Written in the transaction of the change.

use crate::{
    entity::notice,
    matter::save::Work,
    outbox::{self, Letter},
    scope::Actor,
    writing::{self, Place, Present, Write},
};
use serde_json::{Map, Value};
use shared::kernel::{
    kind::{Audience, Effect, Step},
    role::Role,
    text::{Text, t},
};
use std::{collections::BTreeSet, sync::LazyLock};
use uuid::Uuid;

/// With so many urges the desk alone has not been enough.
const URGES_BEFORE_HEAD: i64 = 3;

static NOTICE: LazyLock<Write> = LazyLock::new(|| Write::insert_into::<notice::Entity>(Place::Notice, Present::Refuse));

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
pub(crate) fn write(work: &Work<'_>, notices: Vec<New>) -> Vec<Uuid> {
    let loaded = &work.loaded;
    let mut reached = Vec::new();
    for new in notices {
        let mut receivers: BTreeSet<Uuid> = new.persons.iter().copied().collect();
        for audience in &new.audience {
            receivers.extend(audience_of(work, audience));
        }
        if loaded.matter.sealed && new.audience.contains(&Audience::Holder) {
            // The desk doesn't know of it; the head does.
            receivers.extend(audience_of(work, &Audience::HolderHead));
        }
        if new.watchers {
            receivers.extend(&loaded.watchers);
        }
        for except in &new.except {
            receivers.remove(except);
        }
        if loaded.matter.sealed {
            // A notice that can't be opened would still be counted.
            receivers.retain(|person| loaded.named.contains(person));
        }
        for person in &receivers {
            let row = notice::Model {
                id: crate::ids::next(),
                person_id: *person,
                kind: new.kind.clone(),
                text_zh: new.text.zh.clone(),
                text_en: new.text.en.clone(),
                matter_id: Some(loaded.matter.id),
                created_at: work.now,
                read_at: None,
            };
            work.transaction.write(&NOTICE, writing::row(row));
        }
        letters(work, &receivers, &new.text);
        reached.extend(receivers);
    }
    reached
}

/// The same as e-mail, to those who asked for it. Mail leaves the system: of a sealed matter it says that there is something, and where.
fn letters(work: &Work<'_>, receivers: &BTreeSet<Uuid>, text: &Text) {
    let Some(mail) = &work.app.config.mail else { return };
    let matter = &work.loaded.matter;
    let number = matter.number.clone().unwrap_or_default();
    let link = format!("{}/matters/{}", mail.base_url.trim_end_matches('/'), matter.id);
    let persons = receivers.iter().filter_map(|id| work.reference.person(*id));
    let letters = persons.filter_map(|person| {
        let to = person.letters_to()?.to_owned();
        // A sealed matter isn't named outside.
        let said = if matter.sealed {
            number.clone()
        } else if person.locale == "en" {
            text.en.clone()
        } else {
            text.zh.clone()
        };
        Some(if person.locale == "en" {
            Letter { to, subject: format!("Liandong: {number}"), text: format!("{said}\n\nOpen it: {link}\n") }
        } else {
            Letter { to, subject: format!("府检联动提醒：{number}"), text: format!("{said}\n\n请登录平台查看：{link}\n") }
        })
    });
    outbox::add(work.transaction, matter.jurisdiction_id, letters, work.now);
}

fn audience_of(work: &Work<'_>, audience: &Audience) -> Vec<Uuid> {
    let (matter, reference) = (&work.loaded.matter, work.reference);
    let desk: &[Role] = &[Role::LiaisonOfficer];
    match audience {
        Audience::Holder => {
            let mut persons: Vec<Uuid> = matter.holder_person_id.into_iter().collect();
            if let Some(unit) = matter.holder_unit_id {
                let roles: &[Role] = if reference.linkage_office == Some(unit) { &[Role::Coordinator] } else { desk };
                persons.extend(reference.persons_of(&[unit], roles));
            }
            persons
        }
        Audience::HolderHead => matter.holder_unit_id.map(|unit| reference.persons_of(&[unit], &[Role::UnitHead])).unwrap_or_default(),
        Audience::Originator => vec![matter.created_by],
        Audience::CoHandlers => {
            let units: Vec<Uuid> = work.parties.values().filter(|party| party.co_handler).map(|party| party.unit_id).collect();
            reference.persons_of(&units, desk)
        }
        Audience::Copied => {
            let units: Vec<Uuid> = work.parties.values().filter(|party| party.copied).map(|party| party.unit_id).collect();
            reference.persons_of(&units, desk)
        }
        Audience::LinkageOffice => reference.linkage_office.map(|unit| reference.persons_of(&[unit], &[Role::Coordinator])).unwrap_or_default(),
        Audience::Sender => match work.loaded.handovers.last() {
            Some(handover) => reference.persons_of(&[handover.from_unit_id, handover.to_unit_id], &[Role::Coordinator, Role::LiaisonOfficer]),
            None => Vec::new(),
        },
    }
}
