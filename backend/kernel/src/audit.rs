//! Events: the append-only history, hash-chained with SM3 (GB/T 32905), one chain per matter or administrative subject; seals
//! over all new events; verification. What can be checked without the database is in `proof`.
//!
//! The hash covers the previous hash and a canonical text of the event, so that no row can be changed, moved or left out of
//! its chain unseen. Seals cover what chains can't: a whole chain that vanished.

pub(crate) use crate::proof::sm3_hex;
use crate::{
    db::statement,
    entity::{event, matter, person, seal},
    error::Result,
    proof::{
        self, Seal, merkle_root,
        seals::{ExportedSeal, SealFile},
    },
    scope::Actor,
    state::App,
    transaction::Transaction,
    writing::{self, Place, Present, Write},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::IntoCondition,
};
use serde_json::{Value, json};
use shared::kernel::api::ChainState;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};
use uuid::Uuid;

/// The name of a matter's chain.
pub(crate) fn chain(matter: Uuid) -> String {
    format!("matter:{matter}")
}

/// What one entry says, before it is chained.
pub(crate) struct Entry<'a> {
    pub jurisdiction_id: Uuid,
    pub matter_id: Option<Uuid>,
    pub action: &'a str,
    pub at: DateTime<Utc>,
    pub person_id: Option<Uuid>,
    pub unit_id: Option<Uuid>,
    pub on_behalf_of: Option<Uuid>,
    pub address: Option<String>,
    pub from_state: Option<String>,
    pub to_state: Option<String>,
    pub payload: Value,
}

impl<'a> Entry<'a> {
    pub(crate) fn by(actor: &Actor, action: &'a str, at: DateTime<Utc>, payload: Value) -> Self {
        Self {
            person_id: Some(actor.person.id),
            unit_id: Some(actor.unit_id),
            on_behalf_of: actor.on_behalf_of.as_ref().map(|person| person.id),
            address: actor.address.clone(),
            ..Self::by_nobody(actor.jurisdiction_id, action, at, payload)
        }
    }

    /// What the system does by itself.
    pub(crate) const fn by_nobody(jurisdiction_id: Uuid, action: &'a str, at: DateTime<Utc>, payload: Value) -> Self {
        Self {
            jurisdiction_id,
            matter_id: None,
            action,
            at,
            person_id: None,
            unit_id: None,
            on_behalf_of: None,
            address: None,
            from_state: None,
            to_state: None,
            payload,
        }
    }
}

/// On whose account an administrative act is done.
#[derive(Clone, Copy)]
pub(crate) enum Author<'a> {
    Person(&'a Actor),
    /// Whoever runs the program's command line, setting up this jurisdiction.
    CommandLine(Uuid),
}

impl<'a> Author<'a> {
    pub(crate) fn entry(&self, action: &'a str, at: DateTime<Utc>, mut payload: Value) -> Entry<'a> {
        match self {
            Self::Person(actor) => Entry::by(actor, action, at, payload),
            Self::CommandLine(jurisdiction_id) => {
                if let Some(members) = payload.as_object_mut() {
                    members.insert("by".into(), "command_line".into());
                }
                Entry::by_nobody(*jurisdiction_id, action, at, payload)
            }
        }
    }
}

fn hash(event: &event::Model) -> String {
    // A row always has its content.
    record(event.clone()).computed_hash().unwrap_or_default()
}

/// A row as documents carry it.
pub(crate) fn record(row: event::Model) -> proof::Event {
    proof::Event {
        id: row.id,
        jurisdiction_id: row.jurisdiction_id,
        chain: row.chain,
        seq: row.seq,
        matter_id: row.matter_id,
        action: row.action,
        at: row.at,
        person_id: row.person_id,
        unit_id: row.unit_id,
        on_behalf_of: row.on_behalf_of,
        address: row.address,
        from_state: row.from_state,
        to_state: row.to_state,
        payload: Some(row.payload),
        previous_hash: row.previous_hash,
        hash: row.hash,
    }
}

pub(crate) fn sealed(row: seal::Model) -> Seal {
    Seal { seq: row.seq, at: row.at, events: row.events, root: row.root, previous: row.previous, signature: row.signature }
}

/// The installation's public key, as documents carry it.
pub(crate) fn public_key(app: &App) -> String {
    hex::encode(app.keys.signing.verifying_key().as_bytes())
}

static EVENT: LazyLock<Write> = LazyLock::new(|| Write::insert_into::<event::Entity>(Place::Event, Present::Refuse));

/// The event that follows in a chain whose end is known.
fn next(entry: Entry<'_>, chain: String, last_seq: i64, last_hash: &str) -> event::Model {
    let mut event = event::Model {
        id: crate::ids::next(),
        jurisdiction_id: entry.jurisdiction_id,
        chain,
        seq: last_seq + 1,
        matter_id: entry.matter_id,
        action: entry.action.to_owned(),
        at: entry.at,
        person_id: entry.person_id,
        unit_id: entry.unit_id,
        on_behalf_of: entry.on_behalf_of,
        address: entry.address,
        from_state: entry.from_state,
        to_state: entry.to_state,
        payload: entry.payload.to_string(),
        previous_hash: last_hash.to_owned(),
        hash: String::new(),
        seal_seq: None,
    };
    event.hash = hash(&event);
    event
}

/// Appends an event to a matter's chain, whose end its locked row knows.
pub(crate) fn append(transaction: &Transaction, entry: Entry<'_>, matter: &matter::Model) -> event::Model {
    let event = following(entry, matter);
    write(transaction, event.clone());
    event
}

/// The event that would be appended next.
pub(crate) fn following(entry: Entry<'_>, matter: &matter::Model) -> event::Model {
    next(entry, chain(matter.id), matter.event_seq, &matter.event_hash)
}

/// Writes an event of [`following`].
pub(crate) fn write(transaction: &Transaction, event: event::Model) {
    transaction.write(&EVENT, writing::row(event));
    crate::measure::event_appended();
}

/// Appends to an administrative chain (one per person or unit concerned), looking its end up.
pub(crate) async fn administrative_entry<C: ConnectionTrait>(connection: &C, entry: Entry<'_>, subject: &str) -> Result<()> {
    let chain = format!("admin:{subject}");
    if connection.get_database_backend() == sea_orm::DbBackend::Postgres {
        // Two acts of one person at once wait for each other here, until the first is committed: both would follow the same entry.
        let lock = statement(sea_orm::DbBackend::Postgres, "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", vec![chain.clone().into()]);
        connection.query_one_raw(lock).await?;
    }
    let last = event::Entity::find().filter(event::Column::Chain.eq(chain.clone())).order_by_desc(event::Column::Seq).one(connection).await?;
    let (seq, hash) = last.map_or((0, String::new()), |last| (last.seq, last.hash));
    next(entry, chain, seq, &hash).into_active_model().insert(connection).await?;
    crate::measure::event_appended();
    Ok(())
}

/// An act of a person on their own account.
pub(crate) async fn administrative<C: ConnectionTrait>(
    connection: &C,
    app: &App,
    person: &person::Model,
    action: &str,
    payload: Value,
    address: Option<&str>,
) -> Result<()> {
    let entry = Entry {
        jurisdiction_id: person.jurisdiction_id,
        matter_id: None,
        action,
        at: app.time.now(),
        person_id: Some(person.id),
        unit_id: Some(person.unit_id),
        on_behalf_of: None,
        address: address.map(str::to_owned),
        from_state: None,
        to_state: None,
        payload,
    };
    administrative_entry(connection, entry, &person.id.to_string()).await
}

/// Seals all events that no seal covers yet. Does nothing when there are none.
pub(crate) async fn seal_new_events(app: &App) -> Result<bool> {
    let transaction = app.db.begin().await?;
    if app.db.is_postgres() {
        // One sealer at a time, also of several nodes; readers go on.
        transaction.execute_unprepared("LOCK TABLE seal IN EXCLUSIVE MODE").await?;
    }
    let last = seal::Entity::find().order_by_desc(seal::Column::Seq).one(&transaction).await?;
    let (seq, previous) = last.map_or((1, String::new()), |last| (last.seq + 1, last.root));
    // Marked first and read after: what others commit meanwhile is in both or in neither.
    transaction
        .execute_raw(statement(
            app.db.backend(),
            "WITH first AS MATERIALIZED (SELECT id FROM event WHERE seal_seq IS NULL ORDER BY id LIMIT 20000)
             UPDATE event SET seal_seq = ? WHERE seal_seq IS NULL AND id IN (SELECT id FROM first)",
            vec![seq.into()],
        ))
        .await?;
    let hashes = hashes_under(&transaction, event::Column::SealSeq.eq(seq)).await?.remove(&seq).unwrap_or_default();
    if hashes.is_empty() {
        return Ok(false);
    }
    let mut seal = Seal {
        seq,
        at: app.time.now(),
        events: i64::try_from(hashes.len()).unwrap_or(i64::MAX),
        root: Seal::root_over(&previous, &merkle_root(&hashes)),
        previous,
        signature: String::new(),
    };
    seal.sign(&app.keys.signing);
    let Seal { seq, at, events, root, previous, signature } = seal;
    seal::Model { seq, at, events, root, previous, signature }.into_active_model().insert(&transaction).await?;
    app.db.commit(transaction).await?;
    Ok(true)
}

/// The hashes under some seals, each seal's in its own order.
pub(crate) async fn hashes_under<C: ConnectionTrait>(connection: &C, seals: impl IntoCondition) -> Result<BTreeMap<i64, Vec<String>>> {
    let rows = event::Entity::find()
        .select_only()
        .columns([event::Column::SealSeq, event::Column::Hash])
        .filter(seals)
        .order_by_asc(event::Column::SealSeq)
        .order_by_asc(event::Column::Id)
        .into_tuple::<(i64, String)>()
        .all(connection)
        .await?;
    let mut hashes: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for (seal, hash) in rows {
        hashes.entry(seal).or_default().push(hash);
    }
    Ok(hashes)
}

/// Checks every chain, every seal and that each matter's end of chain is the one it claims. The first fault is named.
/// Reads one snapshot: people work meanwhile.
///
/// `only` a jurisdiction: everything is read, since seals cover all of them, but what is counted and named is that one's own, and
/// of the seals those that cover something of it.
pub(crate) async fn verify(app: &App, only: Option<Uuid>) -> Result<std::result::Result<i64, String>> {
    let read = app.db.snapshot().await?;
    let concerned = |jurisdiction: Uuid| only.is_none_or(|only| only == jurisdiction);
    let mut own_seals: BTreeSet<i64> = BTreeSet::new();
    let mut ends: BTreeMap<String, (i64, String)> = BTreeMap::new();
    let mut by_seal: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    let mut checked = 0i64;
    let mut after: Option<Uuid> = None;
    loop {
        let mut query = event::Entity::find().order_by_asc(event::Column::Id).limit(5_000);
        if let Some(after) = after {
            query = query.filter(event::Column::Id.gt(after));
        }
        let page = query.all(&read).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for event in &page {
            let end = ends.entry(event.chain.clone()).or_insert((0, String::new()));
            if concerned(event.jurisdiction_id) {
                checked += 1;
                own_seals.extend(event.seal_seq);
                if let Some(fault) = fault_of(event, end) {
                    return Ok(Err(format!("event {} ({} #{}): {fault}", event.id, event.chain, event.seq)));
                }
            }
            *end = (event.seq, event.hash.clone());
            if let Some(seal) = event.seal_seq {
                by_seal.entry(seal).or_default().push(event.hash.clone());
            }
        }
    }
    if let Some(fault) = verify_ends(&read, &ends, only).await? {
        return Ok(Err(fault));
    }
    let fault = verify_seals(app, &read, &by_seal, |seal| only.is_none() || own_seals.contains(&seal)).await?;
    Ok(fault.map_or(Ok(checked), Err))
}

/// What is wrong with an event, after the end of its chain so far.
fn fault_of(event: &event::Model, end: &(i64, String)) -> Option<String> {
    if hash(event) != event.hash {
        Some("its content does not fit its hash".to_owned())
    } else if event.seq != end.0 + 1 {
        Some(format!("entry #{} is missing before it", end.0 + 1))
    } else if event.previous_hash != end.1 {
        Some("does not follow its predecessor".to_owned())
    } else {
        None
    }
}

async fn verify_ends<C: ConnectionTrait>(read: &C, ends: &BTreeMap<String, (i64, String)>, only: Option<Uuid>) -> Result<Option<String>> {
    use crate::entity::matter;
    let mut matters = matter::Entity::find();
    if let Some(jurisdiction) = only {
        matters = matters.filter(matter::Column::JurisdictionId.eq(jurisdiction));
    }
    let matters = matters
        .select_only()
        .columns([matter::Column::Id, matter::Column::EventSeq, matter::Column::EventHash])
        .into_tuple::<(Uuid, i64, String)>()
        .all(read)
        .await?;
    for (id, seq, hash) in matters {
        let found = ends.get(&chain(id)).cloned().unwrap_or((0, String::new()));
        if found != (seq, hash) {
            return Ok(Some(format!("matter {id}: its history ends at entry #{}, but should end at #{seq}", found.0)));
        }
    }
    Ok(None)
}

async fn verify_seals<C: ConnectionTrait>(
    app: &App,
    read: &C,
    by_seal: &BTreeMap<i64, Vec<String>>,
    concerned: impl Fn(i64) -> bool,
) -> Result<Option<String>> {
    let key = app.keys.signing.verifying_key();
    let (mut previous, mut last) = (String::new(), 0);
    let seals = seal::Entity::find().order_by_asc(seal::Column::Seq).all(read).await?;
    for seal in seals.into_iter().map(sealed) {
        let before = std::mem::replace(&mut previous, seal.root.clone());
        if let Some(missing) = (last + 1..seal.seq).find(|missing| concerned(*missing) || concerned(seal.seq)) {
            return Ok(Some(format!("seal {missing} is missing")));
        }
        last = seal.seq;
        if !concerned(seal.seq) {
            continue;
        }
        let hashes = by_seal.get(&seal.seq).cloned().unwrap_or_default();
        if i64::try_from(hashes.len()).unwrap_or(i64::MAX) != seal.events {
            return Ok(Some(format!("seal {}: it covers {} events, {} are there", seal.seq, seal.events, hashes.len())));
        }
        if seal.previous != before || seal.root != Seal::root_over(&before, &merkle_root(&hashes)) {
            return Ok(Some(format!("seal {}: the events under it were changed", seal.seq)));
        }
        if !seal.is_signed_by(&key) {
            return Ok(Some(format!("seal {}: its signature is not this installation's", seal.seq)));
        }
    }
    Ok(by_seal.keys().find(|seal| **seal > last && concerned(**seal)).map(|seal| format!("seal {seal} is missing")))
}

/// What differs between the database and seals that were handed out earlier (N10). Whoever holds key and database can re-hash and
/// re-seal everything after a change, but not the copy that somebody else keeps.
pub(crate) async fn differences(app: &App, file: &SealFile) -> Result<Vec<String>> {
    let read = app.db.snapshot().await?;
    let mut faults = Vec::new();
    if public_key(app) != file.key {
        faults.push(format!("the export was signed with the key {}, this installation's is {}", file.key, public_key(app)));
    }
    let seals = seal::Entity::find().all(&read).await?;
    let mut seals: BTreeMap<i64, Seal> = seals.into_iter().map(|row| (row.seq, sealed(row))).collect();
    let mut rewritten = 0;
    for ExportedSeal { seal: exported, hashes } in &file.seals {
        let Some(now) = seals.remove(&exported.seq) else {
            faults.push(format!("seal {}: is missing from the database", exported.seq));
            continue;
        };
        if now == *exported {
            continue;
        }
        let under = event::Entity::find().filter(event::Column::SealSeq.eq(exported.seq)).order_by_asc(event::Column::Id).all(&read).await?;
        let tree_root = merkle_root(&under.iter().map(|event| event.hash.clone()).collect::<Vec<_>>());
        if Seal::root_over(&exported.previous, &tree_root) == exported.root {
            rewritten += 1;
            continue;
        }
        faults.push(format!("seal {} of {}: events under it were changed after it was exported", exported.seq, exported.at));
        match hashes {
            Some(hashes) => faults.extend(changed_rows(exported.seq, hashes, &under)),
            None => {
                faults.push(format!("seal {}: the export holds no hashes of its {} events, so the row can't be named", exported.seq, exported.events))
            }
        }
    }
    if rewritten > 0 {
        faults.push(format!("{rewritten} seals were made anew after the export, over events that were not changed"));
    }
    Ok(faults)
}

/// Rows whose hash no longer stands in an exported seal, and how many of its hashes no row has.
fn changed_rows(seal: i64, exported: &[String], under: &[event::Model]) -> Vec<String> {
    let known: BTreeSet<&str> = exported.iter().map(String::as_str).collect();
    let there: BTreeSet<&str> = under.iter().map(|event| event.hash.as_str()).collect();
    let mut faults: Vec<String> = under
        .iter()
        .filter(|event| !known.contains(event.hash.as_str()))
        .map(|event| format!("event {} ({} #{}, {}): was changed after seal {seal} was exported", event.id, event.chain, event.seq, event.action))
        .collect();
    let gone = known.difference(&there).count();
    if gone > faults.len() {
        faults.push(format!("seal {seal}: {} events under it were removed", gone - faults.len()));
    }
    faults
}

/// The state of one jurisdiction's chains and of the seals over them, without verifying.
pub(crate) async fn chain_state(app: &App, jurisdiction: Uuid, fault: Option<String>) -> Result<ChainState> {
    let read = app.db.read();
    let own = || event::Entity::find().filter(event::Column::JurisdictionId.eq(jurisdiction));
    let events = own().count(read).await?;
    let unsealed = own().filter(event::Column::SealSeq.is_null()).count(read).await?;
    let sealed = own().select_only().column(event::Column::SealSeq).filter(event::Column::SealSeq.is_not_null()).distinct();
    let seals = sealed.count(read).await?;
    let newest = own().filter(event::Column::SealSeq.is_not_null()).order_by_desc(event::Column::SealSeq).one(read).await?;
    let last = match newest.and_then(|event| event.seal_seq) {
        Some(seq) => seal::Entity::find_by_id(seq).one(read).await?,
        None => None,
    };
    Ok(ChainState {
        events: i64::try_from(events).unwrap_or(i64::MAX),
        unsealed: i64::try_from(unsealed).unwrap_or(i64::MAX),
        seals: i64::try_from(seals).unwrap_or(i64::MAX),
        last_seal_at: last.as_ref().map(|seal| seal.at),
        last_root: last.map(|seal| seal.root),
        fault,
    })
}

/// Seals over a jurisdiction's events, newest first, with how many of its events each covers.
pub(crate) async fn seals_over(app: &App, jurisdiction: Uuid, before: Option<i64>, limit: u64) -> Result<Vec<(seal::Model, i64)>> {
    let read = app.db.read();
    let mut counted = event::Entity::find()
        .select_only()
        .column(event::Column::SealSeq)
        .column_as(event::Column::Id.count(), "events")
        .filter(event::Column::JurisdictionId.eq(jurisdiction))
        .filter(event::Column::SealSeq.is_not_null());
    if let Some(before) = before {
        counted = counted.filter(event::Column::SealSeq.lt(before));
    }
    let counted: Vec<(i64, i64)> =
        counted.group_by(event::Column::SealSeq).order_by_desc(event::Column::SealSeq).limit(limit).into_tuple().all(read).await?;
    let counts: BTreeMap<i64, i64> = counted.into_iter().collect();
    let seals = seal::Entity::find().filter(seal::Column::Seq.is_in(counts.keys().copied())).order_by_desc(seal::Column::Seq).all(read).await?;
    Ok(seals.into_iter().map(|seal| (counts.get(&seal.seq).copied().unwrap_or(0), seal)).map(|(events, seal)| (seal, events)).collect())
}

/// Reads that must leave a trace (exports, who-can-see), on the reader's own chain.
pub(crate) async fn record_read(app: &App, actor: &Actor, action: &str, payload: Value) -> Result<()> {
    let transaction = app.db.begin().await?;
    administrative_entry(&transaction, Entry::by(actor, action, app.time.now(), json!(payload)), &actor.person.id.to_string()).await?;
    app.db.commit(transaction).await?;
    Ok(())
}
