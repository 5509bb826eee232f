//! A matter with everything the workflow looks at, loaded for reading or, locked, for change.

use super::visible;
use crate::{
    audit,
    db::{columns, statement},
    entity::{ask, clock, event, handover, matter, matter_party},
    error::{Error, Result},
    ids,
    reference::Reference,
    scope::Actor,
    state::App,
    together::{Found, Is, Together},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, EntityTrait, Value};
use shared::kernel::{
    kind::Kind,
    role::Part,
    workflow::{AskFact, Facts, HandoverFact},
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use uuid::Uuid;

pub(crate) struct Loaded {
    pub kind: Arc<Kind>,
    pub matter: matter::Model,
    pub parties: Vec<matter_party::Model>,
    pub handovers: Vec<handover::Model>,
    pub clocks: Vec<clock::Model>,
    pub asks: Vec<ask::Model>,
    /// Files by the unit that brought them.
    pub attachments: HashMap<Uuid, usize>,
    /// Daily steps taken today, with the unit that took each.
    pub taken_today: Vec<(String, Uuid)>,
    pub children_open: usize,
    /// Who watches it, and who may know of it when it is sealed; read for a change only.
    pub watchers: Vec<Uuid>,
    pub named: BTreeSet<Uuid>,
    /// Not in the database yet.
    pub unsaved: bool,
    /// The events it has then, to be written with it.
    pub told: Vec<event::Model>,
}

/// The matter, if the actor may see it; otherwise it does not exist.
pub(crate) async fn visible_matter<C: ConnectionTrait>(connection: &C, app: &App, actor: &Actor, id: Uuid) -> Result<matter::Model> {
    let (predicate, mut values) = visible::predicate(app, actor);
    values.insert(0, id.into());
    let sql = format!("SELECT {} FROM matter m WHERE m.id = ? AND {predicate}", columns::<matter::Entity>("m"));
    matter::Entity::find().from_raw_sql(statement(app.db.backend(), &sql, values)).one(connection).await?.ok_or_else(Error::not_found)
}

/// The matter with all that hangs on it for a person's change, locked; if the actor may not see it, it does not exist.
pub(crate) async fn visible_for_change<C: ConnectionTrait>(connection: &C, app: &App, actor: &Actor, id: Uuid) -> Result<Loaded> {
    let (predicate, mut values) = visible::predicate(app, actor);
    values.insert(0, id.into());
    for_change(connection, app, id, &format!("m.id = ? AND {predicate}"), values).await?.ok_or_else(Error::not_found)
}

/// The same for a change by the system.
pub(crate) async fn locked_for_change<C: ConnectionTrait>(connection: &C, app: &App, id: Uuid) -> Result<Option<Loaded>> {
    for_change(connection, app, id, "m.id = ?", vec![id.into()]).await
}

/// Lock and reading in one statement.
async fn for_change<C: ConnectionTrait>(connection: &C, app: &App, id: Uuid, condition: &str, values: Vec<Value>) -> Result<Option<Loaded>> {
    let backend = app.db.backend();
    let around = |together| Loaded::concerned(Loaded::attached(together, app, id), id);
    if !app.db.is_postgres() {
        // A write transaction is the only one.
        let matter = Together::new(backend).rows_from::<matter::Entity>("matter", "m", &format!("matter m WHERE {condition}"), values);
        let mut found = around(matter).read(connection).await?;
        let Some(matter) = found.take::<matter::Model>("matter")?.pop() else { return Ok(None) };
        return Loaded::found(app, matter, &mut found).map(Some);
    }
    let lock = format!("SELECT {}, m.ctid AS place FROM matter m WHERE {condition} FOR UPDATE", columns::<matter::Entity>("m"));
    let matter = Together::new(backend)
        .with("locked", &lock, values)
        .rows_from::<matter::Entity>("matter", "l", "locked l", Vec::new())
        .tuples("locked_place", &[("CAST(l.place AS text)", Is::Plain)], "locked l", Vec::new())
        .tuples("seen_place", &[("CAST(t.ctid AS text)", Is::Plain)], "matter t WHERE t.id = ?", vec![id.into()]);
    let mut found = around(matter).read(connection).await?;
    let Some(matter) = found.take::<matter::Model>("matter")?.pop() else { return Ok(None) };
    let (locked, seen): (Vec<(String,)>, Vec<(String,)>) = (found.take("locked_place")?, found.take("seen_place")?);
    if locked != seen {
        // It was changed while the lock was waited for: the lock gives its newest row, but the rest is read as it was when the statement
        // began. Whatever hangs on a matter changes with its row only.
        return Loaded::around(connection, app, matter).await.map(Some);
    }
    Loaded::found(app, matter, &mut found).map(Some)
}

impl Loaded {
    pub(crate) async fn around<C: ConnectionTrait>(connection: &C, app: &App, matter: matter::Model) -> Result<Self> {
        let together = Self::attached(Together::new(app.db.backend()), app, matter.id);
        let mut found = Self::concerned(together, matter.id).read(connection).await?;
        Self::found(app, matter, &mut found)
    }

    /// Asks, too, for the persons a change concerns.
    fn concerned(together: Together, id: Uuid) -> Together {
        let person = [("t.person_id", Is::Uuid)];
        together.tuples("watcher", &person, "watch t WHERE t.matter_id = ?", vec![id.into()]).tuples(
            "named",
            &person,
            "matter_person t WHERE t.matter_id = ?",
            vec![id.into()],
        )
    }

    /// Asks for all that hangs on a matter, for [`Self::found`].
    pub(crate) fn attached(together: Together, app: &App, id: Uuid) -> Together {
        let its = "t.matter_id = ?";
        let together = together
            .rows::<matter_party::Entity>("party", its, vec![id.into()])
            .rows::<handover::Entity>("handover", its, vec![id.into()])
            .rows::<clock::Entity>("clock", its, vec![id.into()])
            .rows::<ask::Entity>("ask", its, vec![id.into()])
            .tuples(
                "file",
                &[("t.unit_id", Is::Uuid), ("COUNT(*)", Is::Plain)],
                "attachment t WHERE t.matter_id = ? GROUP BY t.unit_id",
                vec![id.into()],
            )
            .count("open_child", "matter t WHERE t.parent_id = ? AND t.is_open", vec![id.into()]);
        // Of which kind the matter is may not be known yet.
        let daily: BTreeSet<&str> =
            app.kinds.iter().flat_map(|kind| &kind.steps).filter(|step| step.daily).map(|step| step.action.as_str()).collect();
        if daily.is_empty() {
            return together;
        }
        let marks = vec!["?"; daily.len()].join(", ");
        let mut values: Vec<Value> = vec![audit::chain(id).into(), crate::time::day_start(app.time.today()).into()];
        values.extend(daily.into_iter().map(Value::from));
        let from = format!("event t WHERE t.chain = ? AND t.unit_id IS NOT NULL AND t.at >= ? AND t.action IN ({marks})");
        together.tuples("taken_today", &[("t.action", Is::Plain), ("t.unit_id", Is::Uuid)], &from, values)
    }

    /// The matter with what was found of it.
    pub(crate) fn found(app: &App, matter: matter::Model, found: &mut Found) -> Result<Self> {
        let kind = app.kind(&matter.kind)?;
        let parties = found.take("party")?;
        let mut handovers: Vec<handover::Model> = found.take("handover")?;
        let mut clocks: Vec<clock::Model> = found.take("clock")?;
        let mut asks: Vec<ask::Model> = found.take("ask")?;
        // Ids are in the order in which they were made, and those made from now on follow these.
        handovers.sort_unstable_by_key(|row| row.id);
        clocks.sort_unstable_by_key(|row| row.id);
        asks.sort_unstable_by_key(|row| row.id);
        let last = [handovers.last().map(|row| row.id), clocks.last().map(|row| row.id), asks.last().map(|row| row.id)];
        last.into_iter().flatten().for_each(ids::follow);
        let attachments = found.take::<(Uuid, usize)>("file")?.into_iter().collect();
        let mut taken_today: Vec<(String, Uuid)> = found.take("taken_today")?;
        taken_today.retain(|(action, _)| kind.steps.iter().any(|step| step.daily && step.action == *action));
        let children_open = usize::try_from(found.number("open_child")?).unwrap_or(usize::MAX);
        let watchers = found.take::<(Uuid,)>("watcher")?.into_iter().map(|(person,)| person).collect();
        let named = found.take::<(Uuid,)>("named")?.into_iter().map(|(person,)| person).collect();
        Ok(Self {
            kind,
            matter,
            parties,
            handovers,
            clocks,
            asks,
            attachments,
            taken_today,
            children_open,
            watchers,
            named,
            unsaved: false,
            told: Vec::new(),
        })
    }

    /// What nothing hangs on yet.
    pub(crate) fn alone(kind: Arc<Kind>, matter: matter::Model, clocks: Vec<clock::Model>) -> Self {
        Self {
            kind,
            matter,
            parties: Vec::new(),
            handovers: Vec::new(),
            clocks,
            asks: Vec::new(),
            attachments: HashMap::new(),
            taken_today: Vec::new(),
            children_open: 0,
            watchers: Vec::new(),
            named: BTreeSet::new(),
            unsaved: false,
            told: Vec::new(),
        }
    }

    /// Whether a unit is a party: remarks and links are free for it, not for who only observes (domain.md §1.6, FREE).
    pub(crate) fn is_party(&self, unit: Uuid) -> bool {
        self.parties.iter().any(|party| party.unit_id == unit)
    }

    /// Whether a unit works on it or watches over it, and so brings papers; who was sent a copy does not (domain.md §1.6, FREE).
    /// A unit that handled it before still answers for what it did.
    pub(crate) fn participates(&self, unit: Uuid) -> bool {
        self.parties.iter().any(|party| party.unit_id == unit && works_on(party))
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
                .filter(|ask| ask.state != "withdrawn")
                .map(|ask| AskFact {
                    unit: reference.code(ask.unit_id),
                    action: ask.action.clone(),
                    open: ask.state == "open",
                    answered: ask.state == "answered",
                    declined: ask.state == "declined",
                    due: ask.due_on,
                    answer: ask.answer.as_ref().and_then(|answer| answer.as_object().cloned()).unwrap_or_default(),
                })
                .collect(),
            due: matter.due_on,
            started: matter.main_start_on,
            extension_pending: matter.extension.is_some(),
            extended_days: matter.extended_days,
            paused: matter.paused_reason.is_some(),
            pausable: self.clocks.iter().any(|clock| clock.main && clock.state == "running" && super::clocks::is_pausable(app, clock)),
            attachments: self.attachments.iter().map(|(unit, n)| (reference.code(*unit), *n)).collect(),
            taken_today: self.taken_today.iter().map(|(action, unit)| (action.clone(), reference.code(*unit))).collect(),
            closed: matter.closed_at.map(crate::time::local_day),
            children_open: self.children_open,
            last_urged: matter.last_urged_at,
            today,
            now,
            active_units: reference.units.iter().filter(|unit| unit.active).map(|unit| unit.code.clone()).collect(),
        }
    }
}

/// Whether a unit's parts are more than to read.
pub(crate) fn works_on(party: &matter_party::Model) -> bool {
    !party.copied || party.originator || party.holder || party.co_handler || party.overseer || party.asked
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
