//! Contents of attachments, kept under their SM3 digest so that the same file is stored once and can't be changed unseen. Behind
//! `object_store`: a folder today, an S3-compatible store by another constructor. Contents pass through in chunks, never whole.

use crate::error::{Error, Result};
use actix_web::web::Bytes;
use futures_util::{Stream, TryStreamExt, stream::BoxStream};
use object_store::{GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path as StorePath};
use sm3::{Digest, Sm3};
use std::{ops::Range, path::Path, sync::Arc};

/// S3 takes no part smaller than 5 MiB but the last.
const PART: usize = 5 * 1024 * 1024;

pub(crate) struct Blobs {
    store: Arc<dyn ObjectStore>,
}

/// What was stored.
pub(crate) struct Stored {
    pub digest: String,
    pub size: u64,
}

impl Blobs {
    pub(crate) fn open(data_dir: &Path) -> Result<Self> {
        let folder = data_dir.join("attachments");
        std::fs::create_dir_all(&folder)?;
        // An acknowledged upload survives a power cut, as its row does.
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self { store: Arc::new(store) })
    }

    /// Takes a content in, `see` watching it pass. It is written beside and gets its name at the end, when the digest is known: a crash,
    /// a refusal or a client gone leave no half file under a digest.
    pub(crate) async fn take(&self, mut content: impl Stream<Item = Result<Bytes>> + Unpin, mut see: impl FnMut(&[u8])) -> Result<Stored> {
        let beside = StorePath::from(format!("incoming/{}", uuid::Uuid::now_v7()));
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

    /// A content, or a part of it.
    pub(crate) async fn get(&self, digest: &str, range: Option<Range<u64>>) -> Result<BoxStream<'static, Result<Bytes>>> {
        let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
        Ok(Box::pin(self.store.get_opts(&name(digest), options).await?.into_stream().map_err(Error::from)))
    }
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

/// Only digests of our own make reach the store: 64 hexadecimal digits, never a name from outside.
fn name(digest: &str) -> StorePath {
    StorePath::from(digest.chars().filter(char::is_ascii_hexdigit).take(64).collect::<String>())
}
