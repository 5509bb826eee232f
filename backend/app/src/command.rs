//! The command line. Every flag has an environment variable and a key of the configuration file.

use anyhow::{Context, bail};
use backend_kernel::config::{Mail, S3};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf};

#[derive(Debug, Parser)]
#[command(name = "liandong", version, about = "府检联动 Liandong: one holder, a running legal clock and a complete history for every linked matter")]
pub struct Liandong {
    /// A TOML file with the same keys as the flags: `data_dir = "…"`. A flag or environment variable goes before it.
    #[arg(long, global = true, env = "LIANDONG_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

/// What the server says on standard error.
#[derive(Debug, Clone, Args)]
pub struct Log {
    /// What is logged: `warn`, `info` with a line for each request, `warn,liandong::sql=trace` with each statement to the database.
    #[arg(long = "log", id = "log", env = "LIANDONG_LOG", value_name = "FILTER", default_value = "warn")]
    pub filter: String,
    /// Lines to be read by people, or one JSON object a line.
    #[arg(long = "log-format", id = "log_format", env = "LIANDONG_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub format: LogFormat,
}

impl Log {
    /// Of commands that a person waits for: no more than the environment asks, whatever the file says of the server.
    pub fn of_commands() -> Self {
        Self { filter: std::env::var("LIANDONG_LOG").unwrap_or_else(|_| "warn".into()), format: LogFormat::Text }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API and the pages.
    Serve {
        #[command(flatten)]
        storage: Storage,
        #[arg(long, env = "LIANDONG_LISTEN", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// Load the demonstration city into an empty database; loopback only.
        #[arg(long, env = "LIANDONG_DEMO")]
        demo: bool,
        /// Look at the settings, say what is wrong with them and serve nothing.
        #[arg(long)]
        check: bool,
        #[command(flatten)]
        mail: MailOptions,
        #[command(flatten)]
        network: Network,
        #[command(flatten)]
        limits: Limits,
        #[command(flatten)]
        log: Log,
    },
    /// Bring the schema up to date. SQLite does so by itself on `serve`.
    Migrate {
        #[command(flatten)]
        storage: Storage,
    },
    /// Verify the whole history and its seals, or a FILE off line; exit 1 and what is broken, by name.
    Verify {
        #[command(flatten)]
        storage: Storage,
        /// A dossier, a proof of a matter or an export of seals: checked without a database.
        file: Option<PathBuf>,
        /// The public key the file must be signed with (64 hexadecimal digits).
        #[arg(long, value_name = "HEX")]
        key: Option<String>,
        /// Seals exported earlier: what the database now says otherwise is named.
        #[arg(long, value_name = "FILE", conflicts_with = "file")]
        seals: Option<PathBuf>,
    },
    /// Check that every open matter has one holder, a live clock and its records; exit 1 with violations.
    Conservation {
        #[command(flatten)]
        storage: Storage,
    },
    /// Write a backup while the server runs: database, attachments and signing key in one file, readable by its owner only.
    Backup {
        #[command(flatten)]
        storage: Storage,
        /// A new file.
        file: PathBuf,
    },
    /// Put a backup back into an empty place, then verify. A damaged one is refused before anything is touched.
    Restore {
        #[command(flatten)]
        storage: Storage,
        file: PathBuf,
        /// Replace what is there.
        #[arg(long)]
        force: bool,
    },
    /// Print the OpenAPI document.
    Openapi,
    /// Write the manual pages into a folder.
    #[command(hide = true)]
    Manual { folder: PathBuf },
    /// Import a list: `units` or `people` from a spreadsheet (.xlsx, .xls, .ods), with headings understood from their words.
    ///
    /// Rows that are there already are left alone; rows that can't be read are named with the reason. Each new person gets a
    /// first password, to be changed at the first sign-in, which is printed once or written to `--passwords FILE`.
    Import {
        #[command(flatten)]
        storage: Storage,
        /// `units` or `people`.
        dataset: String,
        file: PathBuf,
        /// Code of the city; may be left out when there is one only.
        #[arg(long)]
        jurisdiction: Option<String>,
        /// Show the verdict on each row and write nothing.
        #[arg(long)]
        dry_run: bool,
        /// All accepted rows or none. `false`: a fault found while writing keeps the rows before it.
        #[arg(long, default_value_t = true, default_missing_value = "true", num_args = 0..=1, action = clap::ArgAction::Set)]
        all_or_nothing: bool,
        /// Write first passwords to this new file, readable by its owner only, instead of printing them.
        #[arg(long)]
        passwords: Option<PathBuf>,
    },
    /// First set-up of a real installation.
    Admin {
        #[command(flatten)]
        storage: Storage,
        #[command(subcommand)]
        action: Admin,
    },
}

impl Command {
    /// How much is logged, and how.
    pub fn log(&self) -> Log {
        match self {
            Self::Serve { log, .. } => log.clone(),
            _ => Log::of_commands(),
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Admin {
    /// A new city, with its units from a JSON list.
    CreateJurisdiction {
        #[arg(long)]
        code: String,
        #[arg(long)]
        name: String,
        #[arg(long)]
        name_en: String,
        #[arg(long)]
        units: Option<PathBuf>,
    },
    /// A first person; prints the password to be changed at sign-in.
    CreateUser {
        #[arg(long)]
        jurisdiction: String,
        #[arg(long)]
        unit: String,
        #[arg(long)]
        username: String,
        #[arg(long)]
        name: String,
        /// Codes, e.g. `system_admin`.
        #[arg(long, value_delimiter = ',')]
        roles: Vec<String>,
    },
    /// A new first password for a person whom no administrator may help: one of the three themselves.
    ResetUser {
        #[arg(long)]
        username: String,
        /// The authenticator is lost, too: one-time codes are set up anew.
        #[arg(long)]
        codes: bool,
    },
}

/// Notices as e-mail: only when a server is named.
#[derive(Debug, Clone, Args)]
pub struct MailOptions {
    /// `smtp://user:password@host:587?tls=required` or `smtps://…`.
    #[arg(long, env = "LIANDONG_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// The sender of letters.
    #[arg(long, env = "LIANDONG_MAIL_FROM", default_value = "府检联动 <liandong@localhost>")]
    pub mail_from: String,
    /// Where people reach the pages, for links in letters.
    #[arg(long, env = "LIANDONG_BASE_URL", default_value = "http://127.0.0.1:8080")]
    pub base_url: String,
}

impl MailOptions {
    pub fn mail(&self) -> Option<Mail> {
        self.smtp_url.clone().map(|smtp_url| Mail { smtp_url, from: self.mail_from.clone(), base_url: self.base_url.clone() })
    }
}

/// What is in front of the server.
#[derive(Debug, Clone, Default, Args)]
pub struct Network {
    /// A proxy is in front: take people's addresses from the last entry of `X-Forwarded-For`, and `https` from `X-Forwarded-Proto`. Without a
    /// proxy anybody could make theirs up.
    #[arg(long, env = "LIANDONG_TRUST_PROXY")]
    pub trust_proxy: bool,
    /// Lets `/metrics` be read from elsewhere than loopback, as `Authorization: Bearer`. Better in the file or the environment
    /// than as an argument, which everybody on the machine can read.
    #[arg(long, env = "LIANDONG_METRICS_TOKEN", hide_env_values = true)]
    pub metrics_token: Option<String>,
    /// Seconds between SIGTERM and the end of listening, in which `/readyz` fails and all else is answered: longer than the proxy takes to
    /// notice, where it has other nodes to send people to. A second signal cuts them short.
    #[arg(long, env = "LIANDONG_DRAIN_SECONDS", default_value_t = 0)]
    pub drain_seconds: u16,
}

/// The general rate limit, for each session or, without one, each address.
#[derive(Debug, Clone, Args)]
pub struct Limits {
    /// Requests a second in the long run; 40, and without a practical limit in the demonstration.
    #[arg(long, env = "LIANDONG_RATE_PER_SECOND")]
    pub rate_per_second: Option<NonZeroU32>,
    /// Requests at once after a rest; 120, and without a practical limit in the demonstration.
    #[arg(long, env = "LIANDONG_RATE_BURST")]
    pub rate_burst: Option<NonZeroU32>,
}

impl Limits {
    /// A whole class of tests and browsers uses the demonstration from one address.
    const DEMONSTRATION: u32 = 100_000;

    pub fn per_second(&self, demo: bool) -> NonZeroU32 {
        self.rate_per_second.unwrap_or_else(|| Self::usual(demo, 40))
    }

    pub fn burst(&self, demo: bool) -> NonZeroU32 {
        self.rate_burst.unwrap_or_else(|| Self::usual(demo, 120))
    }

    fn usual(demo: bool, limit: u32) -> NonZeroU32 {
        NonZeroU32::MIN.saturating_add(if demo { Self::DEMONSTRATION } else { limit } - 1)
    }
}

#[derive(Debug, Clone, Args)]
pub struct Storage {
    /// `sqlite://…` or `postgres://…`; without: one SQLite file in the data folder.
    #[arg(long, env = "LIANDONG_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    #[arg(long, env = "LIANDONG_DATA_DIR", default_value = "var")]
    pub data_dir: PathBuf,
    #[command(flatten)]
    pub s3: S3Options,
}

/// Attachments in a bucket of an S3-compatible store: only when a bucket is named.
#[derive(Debug, Clone, Default, Args)]
pub struct S3Options {
    #[arg(long, env = "LIANDONG_S3_BUCKET")]
    pub s3_bucket: Option<String>,
    /// `https://minio.example.internal:9000`; left out for AWS.
    #[arg(long, env = "LIANDONG_S3_ENDPOINT")]
    pub s3_endpoint: Option<String>,
    #[arg(long, env = "LIANDONG_S3_REGION", default_value = "us-east-1")]
    pub s3_region: String,
    /// Both keys better in the file or the environment than as arguments, which everybody on the machine can read.
    #[arg(long, env = "LIANDONG_S3_ACCESS_KEY_ID", hide_env_values = true)]
    pub s3_access_key_id: Option<String>,
    #[arg(long, env = "LIANDONG_S3_SECRET_ACCESS_KEY", hide_env_values = true)]
    pub s3_secret_access_key: Option<String>,
    /// The bucket in the path and not in the host's name: for MinIO.
    #[arg(long, env = "LIANDONG_S3_PATH_STYLE")]
    pub s3_path_style: bool,
}

impl S3Options {
    /// None without a bucket; what a bucket needs is named when it is missing.
    pub fn s3(&self) -> anyhow::Result<Option<S3>> {
        let Some(bucket) = self.s3_bucket.clone().filter(|bucket| !bucket.is_empty()) else { return Ok(None) };
        let needed = |value: &Option<String>, name: &str| {
            value
                .clone()
                .filter(|value| !value.is_empty())
                .with_context(|| format!("the bucket {bucket} needs {name} in the file or LIANDONG_{}", name.to_uppercase()))
        };
        let endpoint = self.s3_endpoint.clone().filter(|endpoint| !endpoint.is_empty());
        if let Some(endpoint) = endpoint.as_deref().filter(|endpoint| !endpoint.starts_with("https://") && !endpoint.starts_with("http://")) {
            bail!("s3_endpoint is `{endpoint}`: it begins with https:// (or http:// inside a trusted network)");
        }
        Ok(Some(S3 {
            access_key_id: needed(&self.s3_access_key_id, "s3_access_key_id")?,
            secret_access_key: needed(&self.s3_secret_access_key, "s3_secret_access_key")?,
            region: self.s3_region.clone(),
            path_style: self.s3_path_style,
            endpoint,
            bucket,
        }))
    }
}

impl Storage {
    pub fn is_sqlite(&self) -> bool {
        self.database_url.as_deref().is_none_or(|url| url.starts_with("sqlite"))
    }

    pub fn url(&self) -> String {
        match &self.database_url {
            Some(url) if url.starts_with("sqlite") && !url.contains("mode=") => format!("{url}?mode=rwc"),
            Some(url) => url.clone(),
            None => format!("sqlite://{}?mode=rwc", self.data_dir.join("liandong.sqlite").display()),
        }
    }
}
