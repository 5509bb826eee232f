//! Contents of attachments, kept by their SM3 digest so that the same file is stored once and can't be changed unseen.

use crate::error::Result;
use std::path::{Path, PathBuf};

pub(crate) struct Blobs {
    folder: PathBuf,
}

impl Blobs {
    pub(crate) fn open(data_dir: &Path) -> Result<Self> {
        let folder = data_dir.join("attachments");
        std::fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    /// Stores the bytes; the digest is their name. Written beside and renamed, so that a crash leaves no half file.
    pub(crate) async fn put(&self, digest: &str, bytes: &[u8]) -> Result<()> {
        let path = self.path(digest);
        if tokio::fs::try_exists(&path).await? {
            return Ok(());
        }
        let beside = self.folder.join(format!("{digest}.{}", uuid::Uuid::now_v7()));
        tokio::fs::write(&beside, bytes).await?;
        tokio::fs::rename(&beside, &path).await?;
        Ok(())
    }

    /// Only digests of our own make reach the file system: 64 hexadecimal digits, never a name from outside.
    pub(crate) fn path(&self, digest: &str) -> PathBuf {
        let name: String = digest.chars().filter(char::is_ascii_hexdigit).take(64).collect();
        self.folder.join(name)
    }
}
