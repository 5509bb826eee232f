//! A matter with everything the workflow looks at, loaded for reading or, locked, for change.

use super::visible;
use crate::{
    db::statement,
    entity::{ask, attachment, clock, handover, matter, matter_party},
    error::{Error, Result},
    reference::Reference,
    scope::Actor,
    state::App,
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use shared::kernel::{
    kind::Kind,
    role::Part,
    workflow::{AskFact, Facts, HandoverFact},
};
use std::sync::Arc;
use uuid::Uuid;

pub(crate) struct Loaded {
    pub kind: Arc<Kind>,
    pub matter: matter::Model,
    pub parties: Vec<matter_party::Model>,
    pub handovers: Vec<handover::Model>,
    pub clocks: Vec<clock::Model>,
    pub asks: Vec<ask::Model>,
    pub attachments: usize,
    pub children_open: usize,
}

/// The matter, if the actor may see it; otherwise it does not exist.
pub(crate) async fn visible_matter<C: ConnectionTrait>(connection: &C, app: &App, actor: &Actor, id: Uuid, lock: bool) -> Result<matter::Model> {
    let (predicate, mut values) = visible::predicate(app, actor);
    values.insert(0, id.into());
    let lock = if lock && app.db.is_postgres() { " FOR UPDATE" } else { "" };
    let sql = format!("SELECT m.* FROM matter m WHERE m.id = ? AND {predicate}{lock}");
    matter::Entity::find().from_raw_sql(statement(app.db.backend(), &sql, values)).one(connection).await?.ok_or_else(Error::not_found)
}

/// The matter for change by the system, locked as for a person's change.
pub(crate) async fn locked<C: ConnectionTrait>(connection: &C, app: &App, id: Uuid) -> Result<Option<matter::Model>> {
    let lock = if app.db.is_postgres() { " FOR UPDATE" } else { "" };
    let sql = format!("SELECT m.* FROM matter m WHERE m.id = ?{lock}");
    Ok(matter::Entity::find().from_raw_sql(statement(app.db.backend(), &sql, vec![id.into()])).one(connection).await?)
}

impl Loaded {
    pub(crate) async fn around<C: ConnectionTrait>(connection: &C, app: &App, matter: matter::Model) -> Result<Self> {
        let id = matter.id;
        let kind = app.kind(&matter.kind)?;
        let parties = matter_party::Entity::find().filter(matter_party::Column::MatterId.eq(id)).all(connection).await?;
        let handovers = handover::Entity::find().filter(handover::Column::MatterId.eq(id)).order_by_asc(handover::Column::Id).all(connection).await?;
        let clocks = clock::Entity::find().filter(clock::Column::MatterId.eq(id)).order_by_asc(clock::Column::Id).all(connection).await?;
        let asks = ask::Entity::find().filter(ask::Column::MatterId.eq(id)).order_by_asc(ask::Column::Id).all(connection).await?;
        let attachments = attachment::Entity::find().filter(attachment::Column::MatterId.eq(id)).count(connection).await?;
        let children_open =
            matter::Entity::find().filter(matter::Column::ParentId.eq(id)).filter(matter::Column::IsOpen.eq(true)).count(connection).await?;
        Ok(Self {
            kind,
            matter,
            parties,
            handovers,
            clocks,
            asks,
            attachments: usize::try_from(attachments).unwrap_or(usize::MAX),
            children_open: usize::try_from(children_open).unwrap_or(usize::MAX),
        })
    }

    pub(crate) fn facts(&self, app: &App, reference: &Reference, now: DateTime<Utc>, today: NaiveDate) -> Facts {
        let matter = &self.matter;
        let mut parties = std::collections::BTreeSet::new();
        for party in &self.parties {
            let code = reference.code(party.unit_id);
            for part in parts(party) {
                parties.insert((code.clone(), part));
            }
        }
        Facts {
            state: matter.state.clone(),
            body: matter.body.as_object().cloned().unwrap_or_default(),
            holder_unit: matter.holder_unit_id.map(|id| reference.code(id)),
            holder_name: matter.holder_unit_id.map(|id| reference.brief(id).short_name),
            originator_unit: reference.code(matter.originator_unit_id),
            parties,
            handover: self.handovers.last().map(|handover| HandoverFact {
                from_unit: reference.code(handover.from_unit_id),
                to_unit: reference.code(handover.to_unit_id),
                open: handover.state == "sent",
                refusable: handover.refusable,
                refuse_until: handover.refuse_until,
                escalated: handover.escalated_at.is_some(),
            }),
            refusals: u32::try_from(matter.refusals).unwrap_or(u32::MAX),
            asks: self
                .asks
                .iter()
                .map(|ask| AskFact {
                    unit: reference.code(ask.unit_id),
                    action: ask.action.clone(),
                    open: ask.state == "open",
                    answered: ask.state == "answered",
                    declined: ask.state == "declined",
                    due: ask.due_on,
                })
                .collect(),
            due: matter.due_on,
            started: matter.main_start_on,
            extension_pending: matter.extension.is_some(),
            extended_days: matter.extended_days,
            paused: matter.paused_reason.is_some(),
            pausable: self.clocks.iter().any(|clock| clock.main && clock.state == "running" && super::clocks::is_pausable(app, clock)),
            attachments: self.attachments,
            children_open: self.children_open,
            last_urged: matter.last_urged_at,
            today,
            now,
            active_units: reference.units.iter().filter(|unit| unit.active).map(|unit| unit.code.clone()).collect(),
        }
    }
}

/// The parts a party row stands for.
pub(crate) fn parts(party: &matter_party::Model) -> Vec<Part> {
    [
        (party.originator, Part::Originator),
        (party.holder, Part::Holder),
        (party.co_handler, Part::CoHandler),
        (party.overseer, Part::Overseer),
        (party.copied, Part::Copied),
    ]
    .into_iter()
    .filter_map(|(has, part)| has.then_some(part))
    .collect()
}
