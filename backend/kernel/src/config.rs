//! Settings of one node. Every one has a command line flag and an environment variable; secrets have no default here.

use std::path::PathBuf;

#[derive(Clone)]
pub struct Config {
    pub database_url: String,
    /// Signing key, attachments (unless [`Self::s3`]) and the default SQLite file live here.
    pub data_dir: PathBuf,
    /// Attachments are kept in an S3-compatible store.
    pub s3: Option<S3>,
    /// The demonstration: TOTP of administrators isn't asked for, the clock may be moved.
    pub demo: bool,
    /// There is a proxy before this server, and the addresses it names are people's.
    pub trust_proxy: bool,
    /// Notices go out as e-mail, too, when this is set.
    pub mail: Option<Mail>,
    /// With it `/metrics` may be read from elsewhere than loopback.
    pub metrics_token: Option<String>,
}

impl Config {
    /// A node without anything that must be asked for.
    pub fn new(database_url: String, data_dir: PathBuf) -> Self {
        Self { database_url, data_dir, s3: None, demo: false, trust_proxy: false, mail: None, metrics_token: None }
    }
}

/// A bucket of an S3-compatible store (AWS, MinIO, Ceph).
#[derive(Clone)]
pub struct S3 {
    pub bucket: String,
    /// `https://minio.example.internal:9000`; none: AWS in the region.
    pub endpoint: Option<String>,
    pub region: String,
    pub access_key_id: String,
    pub secret_access_key: String,
    /// The bucket in the path and not in the host's name, as MinIO wants it.
    pub path_style: bool,
}

impl std::fmt::Debug for S3 {
    /// Without the keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3").field("bucket", &self.bucket).field("endpoint", &self.endpoint).field("region", &self.region).finish_non_exhaustive()
    }
}

/// Where letters are handed in.
#[derive(Clone)]
pub struct Mail {
    /// `smtp://user:password@host:587?tls=required`, `smtps://…`; plain `smtp://host:25` only inside a trusted network.
    pub smtp_url: String,
    /// The sender, `府检联动 <liandong@example.gov.cn>`.
    pub from: String,
    /// Where the pages are, for the link in a letter.
    pub base_url: String,
}

impl std::fmt::Debug for Mail {
    /// Without the URL, which may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail").field("from", &self.from).field("base_url", &self.base_url).finish_non_exhaustive()
    }
}
