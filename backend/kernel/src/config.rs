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
    /// Notices go out as e-mail, too, when this is set.
    pub mail: Option<Mail>,
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
