//! The command line. Every flag has an environment variable; secrets have no flag.

use clap::{Args, Parser, Subcommand};
use std::{net::SocketAddr, path::PathBuf};

#[derive(Debug, Parser)]
#[command(name = "liandong", version, about = "府检联动 Liandong: one holder, a running legal clock and a complete history for every linked matter")]
pub struct Liandong {
    #[command(subcommand)]
    pub command: Command,
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
    /// Print the OpenAPI document.
    Openapi,
    /// First set-up of a real installation.
    Admin {
        #[command(flatten)]
        storage: Storage,
        #[command(subcommand)]
        action: Admin,
    },
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
}

#[derive(Debug, Clone, Args)]
pub struct Storage {
    /// `sqlite://…` or `postgres://…`; without: one SQLite file in the data folder.
    #[arg(long, env = "LIANDONG_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    #[arg(long, env = "LIANDONG_DATA_DIR", default_value = "var")]
    pub data_dir: PathBuf,
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
