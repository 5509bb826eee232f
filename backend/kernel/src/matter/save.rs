//! Writing a changed matter: the row, its parties with the columns the boxes sort by, the holding interval, the event, the
//! search text, notices. All in the caller's transaction, or none of it.

use super::{clocks, load::Loaded};
use crate::{
    audit, counters,
    db::statement,
    entity::{holding, matter_party, matter_person},
    error::{Error, Result},
    notice,
    reference::Reference,
    search,
    state::{App, Change},
    time::local_day,
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, Set, SqlErr,
    sea_query::OnConflict,
};
use serde_json::{Map, Value};
use shared::kernel::{problem::Code, role::Role};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A matter being changed within one transaction.
pub(crate) struct Work<'a> {
    pub app: &'a App,
    pub transaction: &'a DatabaseTransaction,
    pub reference: &'a Reference,
    pub now: DateTime<Utc>,
    pub loaded: Loaded,
    pub parties: BTreeMap<Uuid, matter_party::Model>,
    pub holder_before: Option<Uuid>,
    pub is_new: bool,
    /// Values of the body that a step replaced, as they were before.
    pub replaced: Map<String, Value>,
    /// Done by someone who takes no part in the matter and doesn't get to see it by that.
    pub from_outside: bool,
    /// What the matter added to the counters before this change.
    counted: Vec<counters::Key>,
    facets_before: Vec<(String, String)>,
}

/// The columns that follow from the others: due day by the main clock, the limit that waits for the holder, the receipt limit, whether
/// it was closed in time; and the asks that last as long as the main clock.
pub(crate) fn derive(reference: &Reference, loaded: &mut Loaded) {
    let limits = clocks::limits(reference, loaded);
    let matter = &mut loaded.matter;
    let main = loaded.clocks.iter().filter(|clock| clock.main && clock.state != "stopped").min_by_key(|clock| clock.due_on);
    if let Some(clock) = main {
        matter.due_on = Some(clock.due_on);
        matter.due_provisional = clock.provisional;
        matter.main_start_on = Some(clock.starts_on);
    }
    matter.due_sort = matter.due_on.unwrap_or(counters::FAR);
    let reported = loaded.clocks.iter().filter(|clock| clock.main && clock.state == "reported").filter_map(|clock| clock.stopped_at).max();
    matter.reported_at = reported.filter(|_| matter.is_open);
    clocks::follow_main(&loaded.kind, &mut loaded.asks, matter.due_on.filter(|_| main.is_some()));
    // While the main clock runs it is what the matter is late by; else what whoever holds it owes.
    let counts = |limit: &&clocks::Limit| if limits.iter().any(|limit| limit.main) { limit.main } else { limit.unit == matter.holder_unit_id };
    let nearest = clocks::first(limits.iter().filter(counts)).filter(|_| matter.is_open);
    matter.limit_on = nearest.as_ref().map_or(counters::FAR, |(on, ..)| *on);
    matter.yellow_on = nearest.as_ref().map(|(_, _, yellow)| *yellow);
    matter.limit_rule = nearest.map(|(_, rule, _)| rule);
    let receipt = loaded.clocks.iter().filter(|clock| clock.handover_id.is_some() && clock.state == "running");
    matter.receipt_due_on = receipt.map(|clock| clock.due_on).min();
    let last_main = loaded.clocks.iter().filter(|clock| clock.main && clock.state == "stopped").max_by_key(|clock| clock.stopped_at);
    let done = !matter.is_open && loaded.kind.state(&matter.state).is_some_and(|state| !state.undone);
    let rated = last_main.filter(|_| done && matter.due_on.is_some());
    matter.on_time = rated.and_then(clocks::met);
    let ended = rated.and_then(|clock| clock.stopped_at).map(local_day);
    matter.rated_on = ended.map(|ended| matter.due_on.map_or(ended, |due| due.min(ended)));
}

/// The columns of a unit's row that follow from the matter.
pub(crate) fn derive_party(reference: &Reference, loaded: &Loaded, limits: &[clocks::Limit], party: &mut matter_party::Model) {
    let matter = &loaded.matter;
    let unit = party.unit_id;
    let asks = loaded.asks.iter().filter(|ask| ask.state == "open" && ask.unit_id == unit);
    party.holder = matter.holder_unit_id == Some(unit);
    party.asked = matter.is_open && asks.clone().next().is_some();
    let ran_out = limits.iter().any(|limit| limit.ran_out && limit.unit == Some(unit));
    party.todo = matter.is_open && matter.state != "draft" && (party.holder || party.asked || ran_out);
    party.state.clone_from(&matter.state);
    party.is_open = matter.is_open;
    party.due_on = matter.due_on;
    party.updated_at = matter.updated_at;
    let asked = asks.filter_map(|ask| {
        let (on, start) = (ask.due_on?, local_day(ask.created_at));
        let yellow = shared::kernel::calendar::yellow_from(start, on, &reference.edition);
        Some(clocks::Limit { unit: Some(unit), rule: ask.rule.clone().unwrap_or_default(), main: false, on, yellow, ran_out: false })
    });
    let owed: Vec<clocks::Limit> = limits.iter().filter(|limit| limit.unit == Some(unit)).cloned().chain(asked).collect();
    // Who owes nothing reads the matter's own limit, as long as that one runs.
    let nearest = clocks::first(owed.iter()).or_else(|| clocks::first(limits.iter().filter(|limit| limit.main))).filter(|_| matter.is_open);
    party.limit_on = nearest.as_ref().map_or(counters::FAR, |(on, ..)| *on);
    party.yellow_on = nearest.as_ref().map_or(counters::FAR, |(_, _, yellow)| *yellow);
    party.limit_rule = nearest.map(|(_, rule, _)| rule);
    // A box shows what a unit must do first; the matter's own day may be long past, or far away.
    party.due_sort = if matter.is_open && party.limit_on < counters::FAR { party.limit_on } else { matter.due_sort };
}

impl<'a> Work<'a> {
    pub(crate) fn on(app: &'a App, transaction: &'a DatabaseTransaction, reference: &'a Reference, loaded: Loaded) -> Self {
        let parties = loaded.parties.iter().map(|party| (party.unit_id, party.clone())).collect();
        let holder_before = loaded.matter.holder_unit_id;
        let counted = counters::keys(&loaded.kind, &loaded.matter, loaded.parties.iter());
        let facets_before = counters::facets(&loaded.kind, &loaded.matter);
        Self {
            app,
            transaction,
            reference,
            now: app.time.now(),
            loaded,
            parties,
            holder_before,
            is_new: false,
            replaced: Map::new(),
            from_outside: false,
            counted,
            facets_before,
        }
    }

    /// A matter that isn't in the database yet.
    pub(crate) fn new(app: &'a App, transaction: &'a DatabaseTransaction, reference: &'a Reference, loaded: Loaded) -> Self {
        Self { is_new: true, counted: Vec::new(), facets_before: Vec::new(), ..Self::on(app, transaction, reference, loaded) }
    }

    /// The party row of a unit, made when it isn't there.
    pub(crate) fn party(&mut self, unit: Uuid) -> &mut matter_party::Model {
        let matter = &self.loaded.matter;
        self.parties.entry(unit).or_insert_with(|| matter_party::Model {
            matter_id: matter.id,
            unit_id: unit,
            originator: false,
            holder: false,
            co_handler: false,
            copied: false,
            overseer: false,
            asked: false,
            acted: false,
            kind: matter.kind.clone(),
            state: matter.state.clone(),
            is_open: matter.is_open,
            due_on: matter.due_on,
            updated_at: matter.updated_at,
            todo: false,
            due_sort: matter.due_sort,
            limit_on: counters::FAR,
            limit_rule: None,
            yellow_on: counters::FAR,
        })
    }

    /// Makes a unit the one holder; the person is cleared.
    pub(crate) fn hold(&mut self, unit: Uuid) {
        if self.loaded.matter.holder_unit_id != Some(unit) {
            self.loaded.matter.holder_since = Some(self.now);
        }
        self.loaded.matter.holder_unit_id = Some(unit);
        self.loaded.matter.holder_person_id = None;
        self.party(unit);
    }

    /// Writes everything. `entry` is the event of the change.
    pub(crate) async fn save(mut self, entry: audit::Entry<'_>, notices: Vec<notice::New>) -> Result<(Loaded, Change)> {
        let transaction = self.transaction;
        let matter = &mut self.loaded.matter;
        let final_state = self.loaded.kind.state(&matter.state).is_some_and(|state| state.is_final);
        matter.is_open = !final_state;
        if final_state {
            matter.holder_unit_id = None;
            matter.holder_person_id = None;
            matter.holder_since = None;
            matter.extension = None;
            matter.pause = None;
            matter.paused_reason = None;
            matter.closed_at = matter.closed_at.or(Some(self.now));
            (matter.level, matter.level_by_hand) = (0, false);
        } else {
            matter.closed_at = None;
        }
        matter.updated_at = self.now;
        derive(self.reference, &mut self.loaded);
        let matter = &mut self.loaded.matter;
        let chain = audit::chain(matter.id);
        let entry = audit::Entry { matter_id: Some(matter.id), ..entry };
        let (actor_unit, actor_person) = if self.from_outside { (None, None) } else { (entry.unit_id, entry.person_id) };
        let insert_first = self.is_new;
        if insert_first {
            // The event refers to the matter: on a new one the row goes first.
            matter.clone().into_active_model().insert(transaction).await?;
        }
        let event = audit::append(transaction, entry, chain, matter.event_seq, &matter.event_hash).await?;
        matter.event_seq = event.seq;
        matter.event_hash.clone_from(&event.hash);
        if !insert_first {
            matter.version += 1;
        }
        let updated = matter.clone().into_active_model().reset_all().update(transaction).await;
        if let Err(error) = updated {
            let taken = matter.claim.is_some() && matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)));
            return Err(if taken { Error::problem(Code::Duplicate) } else { error.into() });
        }
        let holder = matter.holder_unit_id;
        self.write_holding(holder).await?;
        self.write_attached().await?;
        self.write_parties(actor_unit).await?;
        self.name_persons(actor_person).await?;
        if insert_first || self.facets_before != counters::facets(&self.loaded.kind, &self.loaded.matter) {
            counters::write_facets(transaction, self.app, &self.loaded.kind, &self.loaded.matter).await?;
        }
        let counted = counters::keys(&self.loaded.kind, &self.loaded.matter, self.parties.values());
        counters::append(transaction, self.app, std::mem::take(&mut self.counted), counted).await?;
        search::index(transaction, self.app, &self.loaded.kind, &self.loaded.matter, self.reference).await?;
        let persons = notice::write(transaction, &self, notices).await?;
        let change = Change { event: event.id, matter: self.loaded.matter.id, units: self.parties.keys().copied().collect(), persons };
        Ok((self.loaded, change))
    }

    /// Who may know of a sealed matter (domain.md §6.3): its author, who acted on it, the heads of the unit that holds it, so that
    /// somebody there can receive it, and the person they name. Once named, a person stays so.
    async fn name_persons(&self, actor: Option<Uuid>) -> Result<()> {
        let matter = &self.loaded.matter;
        if !matter.sealed {
            return Ok(());
        }
        let mut named: BTreeSet<Uuid> = [Some(matter.created_by), actor, matter.holder_person_id].into_iter().flatten().collect();
        if let Some(holder) = matter.holder_unit_id.filter(|_| self.holder_before != matter.holder_unit_id) {
            named.extend(notice::persons_of(self.transaction, &[holder], &[Role::UnitHead]).await?);
        }
        let rows = named.into_iter().map(|person_id| matter_person::Model { matter_id: matter.id, person_id }.into_active_model());
        matter_person::Entity::insert_many(rows)
            .on_conflict(OnConflict::columns([matter_person::Column::MatterId, matter_person::Column::PersonId]).do_nothing().to_owned())
            .exec_without_returning(self.transaction)
            .await?;
        Ok(())
    }

    async fn write_holding(&self, holder: Option<Uuid>) -> Result<()> {
        if self.holder_before == holder && !self.is_new {
            return Ok(());
        }
        let open = holding::Entity::find()
            .filter(holding::Column::MatterId.eq(self.loaded.matter.id))
            .filter(holding::Column::ToAt.is_null())
            .one(self.transaction)
            .await?;
        if let Some(open) = open {
            let mut open = open.into_active_model();
            open.to_at = Set(Some(self.now));
            open.update(self.transaction).await?;
        }
        if let Some(unit) = holder {
            // The reference is a few seconds old: that the unit is active is asked here, in the same statement, and its row locked to share,
            // so that it is not closed before this is committed (domain.md §7, 1).
            let lock = if self.app.db.is_postgres() { " FOR SHARE" } else { "" };
            let sql =
                format!("INSERT INTO holding (id, matter_id, unit_id, from_at) SELECT ?, ?, u.id, ? FROM unit u WHERE u.id = ? AND u.active{lock}");
            let values = vec![Uuid::now_v7().into(), self.loaded.matter.id.into(), self.now.into(), unit.into()];
            let written = self.transaction.execute_raw(statement(self.app.db.backend(), &sql, values)).await?;
            if written.rows_affected() == 0 {
                return Err(Error::field("/input/unit", Code::UnknownUnit));
            }
        }
        Ok(())
    }

    /// Hand-overs, clocks and asks: new ones are added, changed ones updated.
    async fn write_attached(&self) -> Result<()> {
        use crate::entity::{ask, clock, handover};
        let transaction = self.transaction;
        if !self.loaded.handovers.is_empty() {
            use handover::Column;
            handover::Entity::insert_many(self.loaded.handovers.iter().cloned().map(IntoActiveModel::into_active_model))
                .on_conflict(
                    OnConflict::column(Column::Id)
                        .update_columns([
                            Column::State,
                            Column::EndedAt,
                            Column::EscalatedAt,
                            Column::ReasonCode,
                            Column::ReasonText,
                            Column::SuggestedUnitId,
                            Column::RefuseUntil,
                        ])
                        .to_owned(),
                )
                .exec_without_returning(transaction)
                .await?;
        }
        if !self.loaded.clocks.is_empty() {
            use clock::Column;
            clock::Entity::insert_many(self.loaded.clocks.iter().cloned().map(IntoActiveModel::into_active_model))
                .on_conflict(
                    OnConflict::column(Column::Id)
                        .update_columns([
                            Column::State,
                            Column::Request,
                            Column::DueOn,
                            Column::DueAt,
                            Column::Provisional,
                            Column::Edition,
                            Column::StoppedAt,
                            Column::RanOutAt,
                        ])
                        .to_owned(),
                )
                .exec_without_returning(transaction)
                .await?;
        }
        if !self.loaded.asks.is_empty() {
            use ask::Column;
            ask::Entity::insert_many(self.loaded.asks.iter().cloned().map(IntoActiveModel::into_active_model))
                .on_conflict(
                    OnConflict::column(Column::Id)
                        .update_columns([Column::State, Column::DueOn, Column::Answer, Column::AnsweredBy, Column::AnsweredAt])
                        .to_owned(),
                )
                .exec_without_returning(transaction)
                .await?;
        }
        Ok(())
    }

    async fn write_parties(&mut self, actor_unit: Option<Uuid>) -> Result<()> {
        let limits = clocks::limits(self.reference, &self.loaded);
        for unit in limits.iter().filter(|limit| limit.ran_out).filter_map(|limit| limit.unit) {
            self.party(unit);
        }
        for (unit, party) in &mut self.parties {
            party.acted = party.acted || (actor_unit == Some(*unit) && self.loaded.matter.state != "draft");
            derive_party(self.reference, &self.loaded, &limits, party);
        }
        use matter_party::Column;
        let rows = self.parties.values().cloned().map(IntoActiveModel::into_active_model);
        matter_party::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::columns([Column::MatterId, Column::UnitId])
                    .update_columns([
                        Column::Originator,
                        Column::Holder,
                        Column::CoHandler,
                        Column::Copied,
                        Column::Overseer,
                        Column::Asked,
                        Column::Acted,
                        Column::State,
                        Column::IsOpen,
                        Column::DueOn,
                        Column::UpdatedAt,
                        Column::Todo,
                        Column::DueSort,
                        Column::LimitOn,
                        Column::LimitRule,
                        Column::YellowOn,
                    ])
                    .to_owned(),
            )
            .exec_without_returning(self.transaction)
            .await?;
        Ok(())
    }
}
