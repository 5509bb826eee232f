//! Settings of one node. Every one has a command line flag and an environment variable; secrets have no default here.

use std::path::PathBuf;

#[derive(Clone)]
pub struct Config {
    pub database_url: String,
    /// Signing key, attachments and the default SQLite file live here.
    pub data_dir: PathBuf,
    /// The demonstration: TOTP of administrators isn't asked for, the clock may be moved.
    pub demo: bool,
    /// There is a proxy before this server, and the addresses it names are people's.
    pub trust_proxy: bool,
    /// With it `/metrics` may be read from elsewhere than loopback.
    pub metrics_token: Option<String>,
}
