//! Writing a changed matter: the row, its parties with the columns the boxes sort by, the holding interval, the event, the
//! search text, notices. All in the caller's transaction, or none of it.

use super::{clocks, load::Loaded, looks};
use crate::{
    audit, counters,
    entity::{ask, clock, handover, holding, matter, matter_party, matter_person},
    notice,
    reference::Reference,
    search,
    state::{App, Change},
    time::local_day,
    together::Is,
    transaction::Transaction,
    writing::{self, Place, Present, Write},
};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use shared::kernel::role::Role;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};
use uuid::Uuid;

static MATTER: LazyLock<Write> = LazyLock::new(|| Write::insert_into::<matter::Entity>(Place::Matter, Present::Refuse));
static MATTER_CHANGED: LazyLock<Write> = LazyLock::new(|| Write::update::<matter::Entity>(Place::MatterChanged));
static NAMED: LazyLock<Write> = LazyLock::new(|| Write::insert_into::<matter_person::Entity>(Place::Person, Present::Keep));

/// A matter changes hands: the open interval ends, and another begins unless nobody holds it any more.
///
/// The reference may be older than this transaction: that the unit is active is asked here, in the same statement, and its row locked to
/// share, so that it is not closed before this is committed (domain.md §7, 1). For a closed one there is no `unit_id`, which the table
/// refuses.
static HOLDING: LazyLock<Write> = LazyLock::new(|| {
    Write::by_hand(
        Place::Holding,
        &[("matter_id", Is::Uuid), ("at", Is::Plain), ("id", Is::Uuid), ("unit_id", Is::Uuid)],
        &[
            (
                "holding_ended",
                "UPDATE holding h SET to_at = r.at FROM json_to_recordset(CAST(? AS json)) AS r(matter_id uuid, at timestamptz)
                 WHERE h.matter_id = r.matter_id AND h.to_at IS NULL RETURNING h.id",
            ),
            (
                // Counting what ended makes this wait for it: of a matter only one interval may be open.
                "holding_begun",
                "INSERT INTO holding (id, matter_id, unit_id, from_at)
                 SELECT r.id, r.matter_id, CASE WHEN u.active THEN u.id END, r.at
                 FROM json_to_recordset(CAST(? AS json)) AS r(matter_id uuid, at timestamptz, id uuid, unit_id uuid) JOIN unit u ON u.id = r.unit_id
                 WHERE (SELECT count(*) FROM holding_ended) >= 0 FOR SHARE OF u",
            ),
        ],
        &[
            "UPDATE holding AS h SET to_at = r.at FROM ROWS AS r WHERE h.matter_id = r.matter_id AND h.to_at IS NULL",
            "INSERT INTO holding (id, matter_id, unit_id, from_at)
             SELECT r.id, r.matter_id, CASE WHEN u.active THEN u.id END, r.at FROM ROWS AS r JOIN unit u ON u.id = r.unit_id",
        ],
    )
});

static HELD: LazyLock<Write> = LazyLock::new(|| Write::insert_into::<holding::Entity>(Place::Held, Present::Refuse));

static HANDOVER: LazyLock<Write> = LazyLock::new(|| {
    let changed = &["state", "ended_at", "escalated_at", "reason_code", "reason_text", "suggested_unit_id", "refuse_until"];
    Write::insert_into::<handover::Entity>(Place::Handover, Present::Update(changed))
});
static CLOCK: LazyLock<Write> = LazyLock::new(|| {
    let changed = &["state", "request", "due_on", "due_at", "provisional", "edition", "stopped_at", "ran_out_at"];
    Write::insert_into::<clock::Entity>(Place::Clock, Present::Update(changed))
});
static ASK: LazyLock<Write> = LazyLock::new(|| {
    let changed = &["state", "due_on", "answer", "answered_by", "answered_at"];
    Write::insert_into::<ask::Entity>(Place::Ask, Present::Update(changed))
});
static PARTY: LazyLock<Write> = LazyLock::new(|| {
    let changed = &[
        "originator",
        "holder",
        "co_handler",
        "copied",
        "overseer",
        "asked",
        "acted",
        "state",
        "is_open",
        "due_on",
        "updated_at",
        "todo",
        "due_sort",
        "limit_on",
        "limit_rule",
        "yellow_on",
    ];
    Write::insert_into::<matter_party::Entity>(Place::Party, Present::Update(changed))
});

/// What hung on a matter before a change.
#[derive(Default)]
struct Before {
    handovers: Vec<handover::Model>,
    clocks: Vec<clock::Model>,
    asks: Vec<ask::Model>,
}

/// A matter being changed within one transaction.
pub(crate) struct Work<'a> {
    pub app: &'a App,
    pub transaction: &'a Transaction,
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
    /// What it was found by; none for a new one.
    found_by: Option<search::Findable>,
    before: Before,
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
    pub(crate) fn on(app: &'a App, transaction: &'a Transaction, reference: &'a Reference, loaded: Loaded) -> Self {
        let parties = loaded.parties.iter().map(|party| (party.unit_id, party.clone())).collect();
        let holder_before = loaded.matter.holder_unit_id;
        let counted = counters::keys(&loaded.kind, &loaded.matter, loaded.parties.iter());
        let facets_before = counters::facets(&loaded.kind, &loaded.matter);
        let units = loaded.parties.iter().map(|party| party.unit_id);
        let found_by = Some(search::Findable::of(&loaded.kind, &loaded.matter, units, reference));
        let before = Before { handovers: loaded.handovers.clone(), clocks: loaded.clocks.clone(), asks: loaded.asks.clone() };
        let is_new = loaded.unsaved;
        // A clock that was set back, or another node's that goes behind: the matter's own history does not.
        let now = app.time.now().max(loaded.matter.updated_at);
        Self {
            app,
            transaction,
            reference,
            now,
            loaded,
            parties,
            holder_before,
            is_new,
            replaced: Map::new(),
            from_outside: false,
            counted: if is_new { Vec::new() } else { counted },
            facets_before: if is_new { Vec::new() } else { facets_before },
            found_by: found_by.filter(|_| !is_new),
            before: if is_new { Before::default() } else { before },
        }
    }

    /// A matter that isn't in the database yet.
    pub(crate) fn new(app: &'a App, transaction: &'a Transaction, reference: &'a Reference, loaded: Loaded) -> Self {
        Self::on(app, transaction, reference, Loaded { unsaved: true, ..loaded })
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
    pub(crate) fn save(mut self, entry: audit::Entry<'_>, notices: Vec<notice::New>) -> (Loaded, Change) {
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
        self.loaded.matter.look_on = looks::next(self.reference, &self.loaded, self.app.time.today(), false);
        let matter = &mut self.loaded.matter;
        let entry = audit::Entry { matter_id: Some(matter.id), at: entry.at.max(self.now), ..entry };
        let (actor_unit, actor_person) = if self.from_outside { (None, None) } else { (entry.unit_id, entry.person_id) };
        self.loaded.told.drain(..).for_each(|event| audit::write(transaction, event));
        let event = audit::append(transaction, entry, matter);
        matter.event_seq = event.seq;
        matter.event_hash.clone_from(&event.hash);
        if self.is_new {
            transaction.write(&MATTER, writing::row(matter.clone()));
        } else {
            matter.version += 1;
            transaction.write(&MATTER_CHANGED, writing::row(matter.clone()));
        }
        self.write_holding();
        self.write_attached();
        self.write_parties(actor_unit);
        self.name_persons(actor_person);
        counters::write_facets(transaction, &self.loaded.kind, &self.loaded.matter, &self.facets_before);
        let counted = counters::keys(&self.loaded.kind, &self.loaded.matter, self.parties.values());
        counters::append(transaction, std::mem::take(&mut self.counted), counted);
        let found_by = search::Findable::of(&self.loaded.kind, &self.loaded.matter, self.parties.keys().copied(), self.reference);
        if self.found_by.as_ref() != Some(&found_by) {
            search::index(transaction, self.loaded.matter.id, &found_by);
        }
        let persons = notice::write(&self, notices);
        let units = self.parties.keys().copied().collect();
        let mut loaded = Loaded { unsaved: false, ..self.loaded };
        loaded.parties = self.parties.into_values().collect();
        let change = Change { event: event.id, matter: loaded.matter.id, kind: Some(loaded.matter.kind.clone()), units, persons };
        (loaded, change)
    }

    /// Who may know of a sealed matter (domain.md §6.3): its author, who acted on it, the heads of the unit that holds it, so that
    /// somebody there can receive it, and the person they name. Once named, a person stays so.
    fn name_persons(&mut self, actor: Option<Uuid>) {
        let matter = &self.loaded.matter;
        if !matter.sealed {
            return;
        }
        let mut named: BTreeSet<Uuid> = [Some(matter.created_by), actor, matter.holder_person_id].into_iter().flatten().collect();
        if let Some(holder) = matter.holder_unit_id.filter(|_| self.holder_before != matter.holder_unit_id) {
            named.extend(self.reference.persons_of(&[holder], &[Role::UnitHead]));
        }
        for person_id in named {
            if self.loaded.named.insert(person_id) {
                self.transaction.write(&NAMED, writing::row(matter_person::Model { matter_id: matter.id, person_id }));
            }
        }
    }

    fn write_holding(&self) {
        let matter = &self.loaded.matter;
        let (holder, before) = (matter.holder_unit_id, self.holder_before);
        if self.is_new && before != holder {
            // Handed out as it was made: its author's unit held it until then.
            let held = holding::Model {
                id: crate::ids::next(),
                matter_id: matter.id,
                unit_id: matter.originator_unit_id,
                from_at: matter.created_at,
                to_at: Some(self.now),
            };
            self.transaction.write(&HELD, writing::row(held));
        }
        if self.is_new || before != holder {
            self.transaction.write(&HOLDING, vec![matter.id.into(), self.now.into(), crate::ids::next().into(), holder.into()]);
        }
    }

    /// Hand-overs, clocks and asks that are new or changed.
    fn write_attached(&self) {
        let (now, before) = (&self.loaded, &self.before);
        for row in now.handovers.iter().filter(|row| !before.handovers.contains(row)) {
            self.transaction.write(&HANDOVER, writing::row(row.clone()));
        }
        for row in now.clocks.iter().filter(|row| !before.clocks.contains(row)) {
            self.transaction.write(&CLOCK, writing::row(row.clone()));
        }
        for row in now.asks.iter().filter(|row| !before.asks.contains(row)) {
            self.transaction.write(&ASK, writing::row(row.clone()));
        }
    }

    fn write_parties(&mut self, actor_unit: Option<Uuid>) {
        let limits = clocks::limits(self.reference, &self.loaded);
        for unit in limits.iter().filter(|limit| limit.ran_out).filter_map(|limit| limit.unit) {
            self.party(unit);
        }
        for (unit, party) in &mut self.parties {
            party.acted = party.acted || (actor_unit == Some(*unit) && self.loaded.matter.state != "draft");
            derive_party(self.reference, &self.loaded, &limits, party);
            self.transaction.write(&PARTY, writing::row(party.clone()));
        }
    }
}
