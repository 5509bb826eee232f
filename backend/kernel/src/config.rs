//! Settings of one node. Every one has a command line flag and an environment variable; secrets have no default here.

use std::path::PathBuf;

#[derive(Debug, Clone)]
pub struct Config {
    pub database_url: String,
    /// Signing key, attachments and the default SQLite file live here.
    pub data_dir: PathBuf,
    /// The demonstration: TOTP of administrators isn't asked for, the clock may be moved.
    pub demo: bool,
    /// Where `/metrics` may be read from without a token is loopback only.
    pub trust_proxy: bool,
}
