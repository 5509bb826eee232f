//! Contents of attachments, kept under their SM3 digest so that the same file is stored once and can't be changed unseen. Behind
//! `object_store`: a folder, or a bucket of an S3-compatible store. Contents pass through in chunks, never whole.

use crate::{
    config::{Config, S3},
    error::{Error, Result},
};
use actix_web::web::Bytes;
use chrono::{DateTime, Utc};
use futures_util::{Stream, TryStreamExt, future::ready, stream::BoxStream};
use object_store::{GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path as StorePath};
use sm3::{Digest, Sm3};
use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

/// S3 takes no part smaller than 5 MiB but the last.
const PART: usize = 5 * 1024 * 1024;

/// Where uploads are written before their digest is known.
const INCOMING: &str = "incoming";

pub(crate) struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// The folder, when it is one: a store doesn't list what is half written.
    folder: Option<PathBuf>,
}

/// What was stored.
pub(crate) struct Stored {
    pub digest: String,
    pub size: u64,
}

impl Blobs {
    pub(crate) fn open(config: &Config) -> Result<Self> {
        if let Some(s3) = &config.s3 {
            return Ok(Self { store: bucket(s3)?, folder: None });
        }
        let folder = config.data_dir.join("attachments");
        std::fs::create_dir_all(&folder)?;
        // An acknowledged upload survives a power cut, as its row does.
        let store = LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), folder: Some(folder) })
    }

    /// Takes a content in, `see` watching it pass. It is written beside and gets its name at the end, when the digest is known: a crash,
    /// a refusal or a client gone leave no half file under a digest.
    pub(crate) async fn take(&self, mut content: impl Stream<Item = Result<Bytes>> + Unpin, mut see: impl FnMut(&[u8])) -> Result<Stored> {
        let beside = StorePath::from(format!("{INCOMING}/{}", crate::ids::next()));
        let mut upload = self.store.put_multipart(&beside).await?;
        let written = write(&mut *upload, &mut content, &mut see).await;
        let stored = match written {
            Ok(stored) => stored,
            Err(error) => {
                // Its own failure must not hide why it was given up.
                if let Err(error) = upload.abort().await {
                    tracing::warn!(%error, "an upload that was given up is left behind");
                }
                return Err(error);
            }
        };
        let name = name(&stored.digest);
        match self.store.head(&name).await {
            Ok(_) => self.store.delete(&beside).await?,
            Err(object_store::Error::NotFound { .. }) => self.store.rename(&beside, &name).await?,
            Err(error) => return Err(error.into()),
        }
        Ok(stored)
    }

    /// Whether a content is there.
    pub(crate) async fn has(&self, digest: &str) -> Result<bool> {
        match self.store.head(&name(digest)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Digests of contents last written before an instant.
    pub(crate) fn older(&self, before: DateTime<Utc>) -> BoxStream<'static, Result<String>> {
        let listed = self.store.list(None).map_err(Error::from);
        Box::pin(listed.try_filter_map(move |found| async move {
            let digest = found.location.as_ref().to_owned();
            Ok((is_digest(&digest) && found.last_modified < before).then_some(digest))
        }))
    }

    /// Removes a content, unless it was written anew since.
    pub(crate) async fn remove_older(&self, digest: &str, before: DateTime<Utc>) -> Result<bool> {
        let name = name(digest);
        let old = match self.store.head(&name).await {
            Ok(found) => found.last_modified < before,
            Err(object_store::Error::NotFound { .. }) => false,
            Err(error) => return Err(error.into()),
        };
        if old {
            self.store.delete(&name).await?;
        }
        Ok(old)
    }

    /// Removes uploads begun before an instant and never finished; gives how many.
    pub(crate) async fn sweep_incoming(&self, before: DateTime<Utc>) -> Result<usize> {
        let incoming = StorePath::from(INCOMING);
        let finished: Vec<_> = self.store.list(Some(&incoming)).try_filter(|found| ready(found.last_modified < before)).try_collect().await?;
        for found in &finished {
            self.store.delete(&found.location).await?;
        }
        let mut halves = 0;
        // Of an S3-compatible store the bucket's own rule ends what is half written (docs/deployment.md).
        if let Some(folder) = &self.folder {
            halves = remove_files(&folder.join(INCOMING), before)?;
        }
        Ok(finished.len() + halves)
    }

    /// A content, or a part of it.
    pub(crate) async fn get(&self, digest: &str, range: Option<Range<u64>>) -> Result<BoxStream<'static, Result<Bytes>>> {
        let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
        Ok(Box::pin(self.store.get_opts(&name(digest), options).await?.into_stream().map_err(Error::from)))
    }
}

#[cfg(feature = "s3")]
fn bucket(s3: &S3) -> Result<Arc<dyn ObjectStore>> {
    // The library leaves the choice to the program: `ring`, as for the database and mail. Chosen before is chosen.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = object_store::aws::AmazonS3Builder::new()
        .with_bucket_name(&s3.bucket)
        .with_region(&s3.region)
        .with_access_key_id(&s3.access_key_id)
        .with_secret_access_key(&s3.secret_access_key)
        .with_virtual_hosted_style_request(!s3.path_style);
    if let Some(endpoint) = &s3.endpoint {
        // Plain HTTP only where the operator wrote it.
        builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
    }
    Ok(Arc::new(builder.build()?))
}

#[cfg(not(feature = "s3"))]
fn bucket(_: &S3) -> Result<Arc<dyn ObjectStore>> {
    Err(Error::Startup("this program was built without S3: use the one of `cargo xtask dist`, or build with `--features s3`".into()))
}

async fn write(
    upload: &mut dyn MultipartUpload,
    content: &mut (impl Stream<Item = Result<Bytes>> + Unpin),
    see: &mut impl FnMut(&[u8]),
) -> Result<Stored> {
    let (mut hasher, mut size, mut part) = (Sm3::new(), 0u64, Vec::new());
    while let Some(chunk) = content.try_next().await? {
        hasher.update(&chunk);
        see(&chunk);
        size += chunk.len() as u64;
        part.extend_from_slice(&chunk);
        if part.len() >= PART {
            upload.put_part(std::mem::take(&mut part).into()).await?;
        }
    }
    if !part.is_empty() || size == 0 {
        upload.put_part(part.into()).await?;
    }
    upload.complete().await?;
    Ok(Stored { digest: hex::encode(hasher.finalize()), size })
}

fn remove_files(folder: &Path, before: DateTime<Utc>) -> Result<usize> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error.into()),
    };
    let mut removed = 0;
    for entry in entries {
        let path = entry?.path();
        // An upload that ended meanwhile has taken its file away.
        let Ok(modified) = path.metadata().and_then(|file| file.modified()) else { continue };
        if DateTime::<Utc>::from(modified) < before {
            std::fs::remove_file(&path)?;
            removed += 1;
        }
    }
    Ok(removed)
}

fn is_digest(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Only digests of our own make reach the store: 64 hexadecimal digits, never a name from outside.
fn name(digest: &str) -> StorePath {
    StorePath::from(digest.chars().filter(char::is_ascii_hexdigit).take(64).collect::<String>())
}
