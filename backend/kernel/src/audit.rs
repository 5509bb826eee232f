//! Events: the append-only history, hash-chained with SM3 (GB/T 32905), one chain per matter or administrative subject; seals
//! over all new events; verification.
//!
//! The hash covers the previous hash and a canonical text of the event, so that no row can be changed, moved or left out of
//! its chain unseen. Seals cover what chains can't: a whole chain that vanished.

use crate::{
    db::{Db, statement},
    entity::{event, person, seal},
    error::Result,
    scope::Actor,
    state::App,
};
use chrono::{DateTime, SecondsFormat, Utc};
use ed25519_dalek::{Signer, Verifier};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};
use shared::kernel::api::ChainState;
use sm3::{Digest, Sm3};
use std::collections::BTreeMap;
use uuid::Uuid;

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
            jurisdiction_id: actor.jurisdiction_id,
            matter_id: None,
            action,
            at,
            person_id: Some(actor.person.id),
            unit_id: Some(actor.unit_id),
            on_behalf_of: actor.on_behalf_of.as_ref().map(|person| person.id),
            address: actor.address.clone(),
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
                Entry {
                    jurisdiction_id: *jurisdiction_id,
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
    }
}

pub(crate) fn sm3_hex(bytes: &[u8]) -> String {
    hex::encode(Sm3::digest(bytes))
}

/// The canonical text of an event: fixed order, times to the millisecond, payload as stored.
fn canonical(event: &event::Model) -> String {
    let optional = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    [
        event.id.to_string(),
        event.jurisdiction_id.to_string(),
        event.chain.clone(),
        event.seq.to_string(),
        optional(event.matter_id),
        event.action.clone(),
        event.at.to_rfc3339_opts(SecondsFormat::Millis, true),
        optional(event.person_id),
        optional(event.unit_id),
        optional(event.on_behalf_of),
        event.address.clone().unwrap_or_default(),
        event.from_state.clone().unwrap_or_default(),
        event.to_state.clone().unwrap_or_default(),
        event.payload.clone(),
        event.previous_hash.clone(),
    ]
    // Unit separator: none of the parts can hold it, since control characters are refused at the edge.
    .join("\u{1f}")
}

fn hash(event: &event::Model) -> String {
    sm3_hex(canonical(event).as_bytes())
}

/// Appends an event to a chain whose end is known; gives the new hash.
pub(crate) async fn append<C: ConnectionTrait>(
    connection: &C,
    entry: Entry<'_>,
    chain: String,
    last_seq: i64,
    last_hash: &str,
) -> Result<event::Model> {
    let mut event = event::Model {
        id: Uuid::now_v7(),
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
    event.clone().into_active_model().insert(connection).await?;
    crate::measure::event_appended();
    Ok(event)
}

/// Appends to an administrative chain (one per person or unit concerned), looking its end up.
pub(crate) async fn administrative_entry<C: ConnectionTrait>(connection: &C, entry: Entry<'_>, subject: &str) -> Result<()> {
    let chain = format!("admin:{subject}");
    let last = event::Entity::find().filter(event::Column::Chain.eq(chain.clone())).order_by_desc(event::Column::Seq).one(connection).await?;
    let (seq, hash) = last.map_or((0, String::new()), |last| (last.seq, last.hash));
    append(connection, entry, chain, seq, &hash).await?;
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

/// The root of a Merkle tree over hashes; the last of an odd level is carried up unchanged.
fn merkle_root(hashes: &[String]) -> String {
    let mut level: Vec<String> = hashes.to_vec();
    if level.is_empty() {
        return sm3_hex(b"");
    }
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => sm3_hex(format!("{left}{right}").as_bytes()),
                [single] => single.clone(),
                _ => String::new(),
            })
            .collect();
    }
    level.pop().unwrap_or_default()
}

fn seal_text(seal: &seal::Model) -> String {
    format!(
        "{}\u{1f}{}\u{1f}{}\u{1f}{}\u{1f}{}",
        seal.seq,
        seal.at.to_rfc3339_opts(SecondsFormat::Millis, true),
        seal.events,
        seal.root,
        seal.previous
    )
}

/// Seals all events that no seal covers yet. Does nothing when there are none.
pub(crate) async fn seal_new_events(app: &App) -> Result<bool> {
    let transaction = app.db.begin().await?;
    let new = event::Entity::find().filter(event::Column::SealSeq.is_null()).order_by_asc(event::Column::Id).limit(20_000).all(&transaction).await?;
    if new.is_empty() {
        return Ok(false);
    }
    let last = seal::Entity::find().order_by_desc(seal::Column::Seq).one(&transaction).await?;
    let (seq, previous) = last.map_or((1, String::new()), |last| (last.seq + 1, last.root));
    let hashes: Vec<String> = new.iter().map(|event| event.hash.clone()).collect();
    let mut seal = seal::Model {
        seq,
        at: app.time.now(),
        events: i64::try_from(new.len()).unwrap_or(i64::MAX),
        root: sm3_hex(format!("{previous}{}", merkle_root(&hashes)).as_bytes()),
        previous,
        signature: String::new(),
    };
    seal.signature = hex::encode(app.keys.signing.sign(seal_text(&seal).as_bytes()).to_bytes());
    seal.into_active_model().insert(&transaction).await?;
    let last_id = new.last().map(|event| event.id).unwrap_or_default();
    transaction
        .execute_raw(statement(
            app.db.backend(),
            "UPDATE event SET seal_seq = ? WHERE seal_seq IS NULL AND id <= ?",
            vec![seq.into(), last_id.into()],
        ))
        .await?;
    transaction.commit().await?;
    Ok(true)
}

/// Checks every chain, every seal and that each matter's end of chain is the one it claims. The first fault is named.
pub(crate) async fn verify(app: &App) -> Result<std::result::Result<i64, String>> {
    let mut ends: BTreeMap<String, (i64, String)> = BTreeMap::new();
    let mut by_seal: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    let mut checked = 0i64;
    let mut after: Option<Uuid> = None;
    loop {
        let mut query = event::Entity::find().order_by_asc(event::Column::Id).limit(5_000);
        if let Some(after) = after {
            query = query.filter(event::Column::Id.gt(after));
        }
        let page = query.all(app.db.read()).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for event in &page {
            checked += 1;
            if hash(event) != event.hash {
                return Ok(Err(format!("event {} ({} #{}): its content does not fit its hash", event.id, event.chain, event.seq)));
            }
            let end = ends.entry(event.chain.clone()).or_insert((0, String::new()));
            if event.seq != end.0 + 1 {
                return Ok(Err(format!("event {} ({} #{}): entry #{} is missing before it", event.id, event.chain, event.seq, end.0 + 1)));
            }
            if event.previous_hash != end.1 {
                return Ok(Err(format!("event {} ({} #{}): does not follow its predecessor", event.id, event.chain, event.seq)));
            }
            *end = (event.seq, event.hash.clone());
            if let Some(seal) = event.seal_seq {
                by_seal.entry(seal).or_default().push(event.hash.clone());
            }
        }
    }
    if let Some(fault) = verify_ends(&app.db, &ends).await? {
        return Ok(Err(fault));
    }
    Ok(verify_seals(app, &by_seal).await?.map_or(Ok(checked), Err))
}

async fn verify_ends(db: &Db, ends: &BTreeMap<String, (i64, String)>) -> Result<Option<String>> {
    use crate::entity::matter;
    let matters = matter::Entity::find()
        .select_only()
        .columns([matter::Column::Id, matter::Column::EventSeq, matter::Column::EventHash])
        .into_tuple::<(Uuid, i64, String)>()
        .all(db.read())
        .await?;
    for (id, seq, hash) in matters {
        let found = ends.get(&format!("matter:{id}")).cloned().unwrap_or((0, String::new()));
        if found != (seq, hash) {
            return Ok(Some(format!("matter {id}: its history ends at entry #{}, but should end at #{seq}", found.0)));
        }
    }
    Ok(None)
}

async fn verify_seals(app: &App, by_seal: &BTreeMap<i64, Vec<String>>) -> Result<Option<String>> {
    let key = app.keys.signing.verifying_key();
    let mut previous = String::new();
    let seals = seal::Entity::find().order_by_asc(seal::Column::Seq).all(app.db.read()).await?;
    for (expected, seal) in (1..).zip(seals) {
        let hashes = by_seal.get(&seal.seq).cloned().unwrap_or_default();
        if seal.seq != expected {
            return Ok(Some(format!("seal {expected} is missing")));
        }
        if i64::try_from(hashes.len()).unwrap_or(i64::MAX) != seal.events {
            return Ok(Some(format!("seal {}: it covers {} events, {} are there", seal.seq, seal.events, hashes.len())));
        }
        if seal.previous != previous || seal.root != sm3_hex(format!("{previous}{}", merkle_root(&hashes)).as_bytes()) {
            return Ok(Some(format!("seal {}: the events under it were changed", seal.seq)));
        }
        let signed = hex::decode(&seal.signature)
            .ok()
            .and_then(|bytes| ed25519_dalek::Signature::from_slice(&bytes).ok())
            .is_some_and(|signature| key.verify(seal_text(&seal).as_bytes(), &signature).is_ok());
        if !signed {
            return Ok(Some(format!("seal {}: its signature is not this installation's", seal.seq)));
        }
        previous.clone_from(&seal.root);
    }
    Ok(None)
}

/// The state of chains and seals, without verifying.
pub(crate) async fn chain_state(app: &App, fault: Option<String>) -> Result<ChainState> {
    let events = event::Entity::find().count(app.db.read()).await?;
    let unsealed = event::Entity::find().filter(event::Column::SealSeq.is_null()).count(app.db.read()).await?;
    let last = seal::Entity::find().order_by_desc(seal::Column::Seq).one(app.db.read()).await?;
    Ok(ChainState {
        events: i64::try_from(events).unwrap_or(i64::MAX),
        unsealed: i64::try_from(unsealed).unwrap_or(i64::MAX),
        seals: last.as_ref().map_or(0, |seal| seal.seq),
        last_seal_at: last.as_ref().map(|seal| seal.at),
        last_root: last.map(|seal| seal.root),
        fault,
    })
}

/// Reads that must leave a trace (exports, who-can-see), on the reader's own chain.
pub(crate) async fn record_read(app: &App, actor: &Actor, action: &str, payload: Value) -> Result<()> {
    let transaction = app.db.begin().await?;
    administrative_entry(&transaction, Entry::by(actor, action, app.time.now(), json!(payload)), &actor.person.id.to_string()).await?;
    transaction.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sm3_is_the_standards() {
        // GB/T 32905-2016, appendix A.1
        assert_eq!(sm3_hex(b"abc"), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    }

    #[test]
    fn a_root_depends_on_every_hash_and_their_order() {
        let hashes: Vec<String> = ["a", "b", "c"].iter().map(|text| sm3_hex(text.as_bytes())).collect();
        let mut swapped = hashes.clone();
        swapped.swap(0, 1);
        assert_ne!(merkle_root(&hashes), merkle_root(&swapped));
        assert_ne!(merkle_root(&hashes), merkle_root(&hashes[..2]));
    }
}
