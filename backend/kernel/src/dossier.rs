//! Documents that prove themselves, put together from the database: the dossier of a matter, its proof without contents. What they
//! are, and how they are checked, is in `proof`.

use crate::{
    audit::{self, chain},
    entity::{attachment, event, matter, seal},
    error::{Error, Result},
    matter::{load::visible_matter, view, visible},
    proof::{
        self, Document, Inclusion, PRODUCT, Seal, Tree,
        certificate::Certificate,
        container::{self, Listed},
        dossier::{EVENTS, FileDigest, MANIFEST, MATTER, Manifest, attachment_path},
    },
    reference::Reference,
    scope::Actor,
    state::App,
};
use actix_web::web::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use shared::kernel::problem::Code;
use sm3::{Digest, Sm3};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};
use uuid::Uuid;

/// A chain with the proofs that it lies under the installation's seals.
struct History {
    rows: Vec<event::Model>,
    proofs: Vec<Inclusion>,
    seals: Vec<Seal>,
}

impl History {
    fn head(&self) -> String {
        self.rows.last().map(|row| row.hash.clone()).unwrap_or_default()
    }
}

/// Seals what isn't sealed yet, so that a document proves the newest events, too. Failing that, they are told as not sealed.
async fn seal_up(app: &App, id: Uuid) -> Result<()> {
    // Others write meanwhile: a few rounds are enough for the events that were there at the request.
    for _ in 0..5 {
        let open = event::Entity::find()
            .filter(event::Column::Chain.eq(chain(id)))
            .filter(event::Column::SealSeq.is_null())
            .limit(1)
            .one(app.db.read())
            .await?;
        if open.is_none() {
            break;
        }
        if let Err(error) = audit::seal_new_events(app).await {
            tracing::warn!(%error, "not sealed for a document");
            break;
        }
    }
    Ok(())
}

async fn history<C: ConnectionTrait>(read: &C, id: Uuid) -> Result<History> {
    let rows = event::Entity::find().filter(event::Column::Chain.eq(chain(id))).order_by_asc(event::Column::Seq).all(read).await?;
    let numbers: BTreeSet<i64> = rows.iter().filter_map(|row| row.seal_seq).collect();
    let seals = seal::Entity::find().filter(seal::Column::Seq.is_in(numbers.iter().copied())).order_by_asc(seal::Column::Seq).all(read).await?;
    let hashes = audit::hashes_under(read, event::Column::SealSeq.is_in(numbers)).await?;
    let trees: BTreeMap<i64, (Tree, HashMap<&str, usize>)> = hashes
        .iter()
        .map(|(seal, hashes)| (*seal, (Tree::over(hashes), hashes.iter().enumerate().map(|(index, hash)| (hash.as_str(), index)).collect())))
        .collect();
    let proofs = rows
        .iter()
        .filter_map(|row| {
            let seal = row.seal_seq?;
            let (tree, places) = trees.get(&seal)?;
            let index = *places.get(row.hash.as_str())?;
            Some(Inclusion { event: row.seq, seal, index: index as u64, path: tree.path(index) })
        })
        .collect();
    Ok(History { rows, proofs, seals: seals.into_iter().map(audit::sealed).collect() })
}

/// 存证证明 of a visible matter, in the bytes that are signed.
pub(crate) async fn certificate(app: &App, actor: &Actor, id: Uuid) -> Result<Vec<u8>> {
    visible_matter(app.db.read(), app, actor, id).await?;
    seal_up(app, id).await?;
    let read = app.db.snapshot().await?;
    visible_matter(&read, app, actor, id).await?;
    let history = history(&read, id).await?;
    let certificate = Certificate {
        format: Certificate::FORMAT.into(),
        product: PRODUCT.into(),
        made_at: app.time.now(),
        matter: id,
        chain: chain(id),
        events: i64::try_from(history.rows.len()).unwrap_or(i64::MAX),
        head: history.head(),
        hashes: history.rows.iter().map(|row| row.hash.clone()).collect(),
        proofs: history.proofs,
        seals: history.seals,
        key: audit::public_key(app),
        signature: String::new(),
    };
    Ok(proof::to_bytes(&proof::sign(certificate, &app.keys.signing)?)?)
}

/// A dossier ready to be sent.
pub(crate) struct Dossier {
    pub file_name: String,
    /// SM3 of the manifest: what the audit keeps of it.
    pub manifest: String,
    pub events: usize,
    pub length: u64,
    pub parts: Vec<Part>,
}

/// A piece of the file: made here, or an attachment to be passed through.
pub(crate) enum Part {
    Made(Bytes),
    Attachment(String),
}

/// The dossier of a visible matter. Attachments are read twice, once for checksums and once to be sent, and never held: a dossier takes the
/// memory of its texts.
pub(crate) async fn dossier(app: &App, reference: &Reference, actor: &Actor, id: Uuid) -> Result<Dossier> {
    // The shown matter and the history must be of one moment; a change in between is rare, two in a row are rarer.
    for _ in 0..3 {
        let detail = view::detail(app, reference, actor, id).await?;
        seal_up(app, id).await?;
        let read = app.db.snapshot().await?;
        let row = visible_matter(&read, app, actor, id).await?;
        if row.version != detail.item.version || row.event_seq != detail.event_count {
            continue;
        }
        let history = history(&read, id).await?;
        let hidden = hidden_matters(&read, app, actor, &row, &history.rows).await?;
        let attachments =
            attachment::Entity::find().filter(attachment::Column::MatterId.eq(id)).order_by_asc(attachment::Column::Id).all(&read).await?;
        drop(read);
        return assemble(app, &row, proof::to_bytes(&detail)?, history, &hidden, attachments).await;
    }
    Err(Error::retry_after(Code::Unavailable, 1))
}

/// The other matter an event's content names, if any.
fn named(row: &matter::Model, event: &event::Model) -> Option<Uuid> {
    let payload: serde_json::Value = serde_json::from_str(&event.payload).ok()?;
    match event.action.as_str() {
        "link" => payload.get("to")?.as_str()?.parse().ok(),
        _ => row.parent_id.filter(|_| payload.get("series").is_some_and(serde_json::Value::is_string)),
    }
}

/// Which of the matters named in a history this actor may not see.
async fn hidden_matters<C: ConnectionTrait>(
    read: &C,
    app: &App,
    actor: &Actor,
    row: &matter::Model,
    events: &[event::Model],
) -> Result<BTreeSet<Uuid>> {
    let mut all: BTreeSet<Uuid> = events.iter().filter_map(|event| named(row, event)).collect();
    if all.is_empty() {
        return Ok(all);
    }
    let (predicate, values) = visible::predicate(app, actor);
    let marks = vec!["?"; all.len()].join(", ");
    let sql = format!("SELECT {} FROM matter m WHERE m.id IN ({marks}) AND {predicate}", crate::db::columns::<matter::Entity>("m"));
    let values = all.iter().map(|id| (*id).into()).chain(values).collect();
    let seen = matter::Entity::find().from_raw_sql(crate::db::statement(app.db.backend(), &sql, values)).all(read).await?;
    for matter in seen {
        all.remove(&matter.id);
    }
    Ok(all)
}

async fn assemble(
    app: &App,
    row: &matter::Model,
    detail: Vec<u8>,
    history: History,
    hidden: &BTreeSet<Uuid>,
    attachments: Vec<attachment::Model>,
) -> Result<Dossier> {
    let head = history.head();
    let records: Vec<proof::Event> = history
        .rows
        .into_iter()
        .map(|event| {
            let withheld = named(row, &event).is_some_and(|other| hidden.contains(&other));
            let record = audit::record(event);
            if withheld { proof::Event { payload: None, ..record } } else { record }
        })
        .collect();
    let mut made = vec![(MATTER, detail), (EVENTS, proof::to_bytes(&records)?)];
    // The same file under the same name twice is one entry.
    let files: BTreeMap<String, attachment::Model> = attachments.into_iter().map(|file| (attachment_path(&file.digest, &file.name), file)).collect();
    let sizes = made.iter().map(|(_, bytes)| bytes.len() as u64).chain(files.values().map(|file| u64::try_from(file.size).unwrap_or(u64::MAX)));
    if !proof::dossier::fits(sizes, files.len()) {
        return Err(Error::problem(Code::DossierTooLarge));
    }
    let mut digests: Vec<FileDigest> = made.iter().map(|(name, content)| FileDigest::of(name, content)).collect();
    let mut listed = Vec::new();
    for (name, file) in &files {
        let (entry, size) = checked(app, name, file).await?;
        listed.push(entry);
        digests.push(FileDigest { name: name.clone(), size, digest: file.digest.clone() });
    }
    let manifest = Manifest {
        format: Manifest::FORMAT.into(),
        product: PRODUCT.into(),
        made_at: app.time.now(),
        matter: row.id,
        chain: chain(row.id),
        events: i64::try_from(records.len()).unwrap_or(i64::MAX),
        head,
        files: digests,
        proofs: history.proofs,
        seals: history.seals,
        key: audit::public_key(app),
        signature: String::new(),
    };
    let manifest = proof::to_bytes(&proof::sign(manifest, &app.keys.signing)?)?;
    let digest = audit::sm3_hex(&manifest);
    made.push((MANIFEST, manifest));
    let mut parts = Vec::new();
    let mut entries = Vec::new();
    // What a reader looks for first stands first; attachments come last.
    for (name, content) in made {
        let entry = Listed::of(name, &content).ok_or_else(|| Error::problem(Code::DossierTooLarge))?;
        parts.push(Part::Made([entry.header(), content].concat().into()));
        entries.push(entry);
    }
    for (entry, file) in listed.into_iter().zip(files.values()) {
        parts.push(Part::Made(entry.header().into()));
        parts.push(Part::Attachment(file.digest.clone()));
        entries.push(entry);
    }
    let directory = container::directory(&entries);
    parts.push(Part::Made(directory.into()));
    let made: u64 = parts.iter().map(|part| if let Part::Made(bytes) = part { bytes.len() as u64 } else { 0 }).sum();
    let attached: u64 = files.values().map(|file| u64::try_from(file.size).unwrap_or_default()).sum();
    let name = row.number.clone().unwrap_or_else(|| row.id.to_string());
    Ok(Dossier { file_name: format!("{name}.zip"), manifest: digest, events: records.len(), length: made + attached, parts })
}

/// The entry of a stored attachment, which must still be what was uploaded: a dossier that would not verify is not handed out.
async fn checked(app: &App, name: &str, file: &attachment::Model) -> Result<(Listed, u64)> {
    let mut content = app.blobs.get(&file.digest, None).await?;
    let (mut hasher, mut checksum, mut size) = (Sm3::new(), crc32fast::Hasher::new(), 0u64);
    while let Some(chunk) = content.try_next().await? {
        hasher.update(&chunk);
        checksum.update(&chunk);
        size += chunk.len() as u64;
    }
    if hex::encode(hasher.finalize()) != file.digest || i64::try_from(size) != Ok(file.size) {
        return Err(Error::Other(format!("the stored attachment {} is not what was uploaded", file.id)));
    }
    let entry = Listed::new(name, checksum.finalize(), size).ok_or_else(|| Error::problem(Code::DossierTooLarge))?;
    Ok((entry, size))
}

/// The bytes of a dossier, as they are sent.
pub(crate) fn content(app: Arc<App>, parts: Vec<Part>) -> impl futures_util::Stream<Item = Result<Bytes>> {
    stream::iter(parts)
        .then(move |part| {
            let app = app.clone();
            async move {
                match part {
                    Part::Made(bytes) => Ok(stream::once(async { Ok(bytes) }).boxed()),
                    Part::Attachment(digest) => app.blobs.get(&digest, None).await,
                }
            }
        })
        .try_flatten()
}
