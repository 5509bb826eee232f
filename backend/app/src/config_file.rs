//! The configuration file: TOML with the same keys as the flags (`rate_per_second = 40` for `--rate-per-second`). What it says
//! becomes the default of the flag, so that the order is flag, environment, file, built-in default, without a second parser.

use anyhow::{Context, Result, bail};
use clap::{Command, CommandFactory, FromArgMatches};
use std::{collections::BTreeMap, ffi::OsString, path::PathBuf};

use crate::command::Liandong;

const PREFIX: &str = "LIANDONG_";

/// The command line with the file's values under it.
pub fn parse(arguments: Vec<OsString>) -> Result<Liandong> {
    let mut command = Liandong::command();
    if let Some(path) = named_file(&arguments) {
        let text = std::fs::read_to_string(&path).with_context(|| format!("configuration file {}", path.display()))?;
        let values = read(&text, &command).with_context(|| format!("configuration file {}", path.display()))?;
        command = with_defaults(command, &values);
    }
    Ok(Liandong::from_arg_matches(&command.get_matches_from(arguments)).unwrap_or_else(|error| error.exit()))
}

/// `--config FILE`, `--config=FILE`, else the environment. It must be known before the rest can be parsed.
fn named_file(arguments: &[OsString]) -> Option<PathBuf> {
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.to_str() {
            Some("--") => break,
            Some("--config") => return rest.next().map(PathBuf::from),
            Some(text) => {
                if let Some(path) = text.strip_prefix("--config=") {
                    return Some(path.into());
                }
            }
            None => {}
        }
    }
    std::env::var_os("LIANDONG_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// The key of an argument in the file: its environment variable without the prefix.
fn key(argument: &clap::Arg) -> Option<String> {
    let variable = argument.get_env()?.to_str()?.strip_prefix(PREFIX)?;
    (variable != "CONFIG").then(|| variable.to_lowercase())
}

fn keys(command: &Command, found: &mut Vec<String>) {
    found.extend(command.get_arguments().filter_map(key));
    for inner in command.get_subcommands() {
        keys(inner, found);
    }
}

fn read(text: &str, command: &Command) -> Result<BTreeMap<String, String>> {
    let table: toml::Table = text.parse().context("it is not TOML")?;
    let mut known = Vec::new();
    keys(command, &mut known);
    known.sort();
    known.dedup();
    let mut values = BTreeMap::new();
    for (name, value) in table {
        if !known.contains(&name) {
            bail!("unknown key `{name}`; the keys are {}", known.join(", "));
        }
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Float(number) => number.to_string(),
            toml::Value::Boolean(value) => value.to_string(),
            _ => bail!("`{name}` must be a text, a number or true or false"),
        };
        values.insert(name, text);
    }
    Ok(values)
}

fn with_defaults(command: Command, values: &BTreeMap<String, String>) -> Command {
    let named: Vec<(String, String)> =
        command.get_arguments().filter_map(|argument| Some((argument.get_id().as_str().to_owned(), values.get(&key(argument)?)?.clone()))).collect();
    let inner: Vec<String> = command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
    let command = named.into_iter().fold(command, |command, (id, value)| {
        command.mut_arg(id, |argument| {
            // A value is there now, so nothing is missing.
            argument.required(false).default_value(value)
        })
    });
    inner.into_iter().fold(command, |command, name| command.mut_subcommand(name, |inner| with_defaults(inner, values)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(file: &str, arguments: &[&str]) -> Liandong {
        let command = Liandong::command();
        let values = read(file, &command).unwrap();
        let matches = with_defaults(command, &values).try_get_matches_from(arguments).unwrap();
        Liandong::from_arg_matches(&matches).unwrap()
    }

    #[test]
    fn the_file_is_under_the_flags() {
        let file = "listen = \"127.0.0.1:9999\"\nrate_per_second = 7\ntrust_proxy = true\ndata_dir = \"elsewhere\"\n";
        let crate::command::Command::Serve { listen, limits, network, storage, demo, .. } =
            parsed(file, &["liandong", "serve", "--data-dir", "here"]).command
        else {
            panic!("serve")
        };
        assert_eq!(listen.port(), 9999);
        assert_eq!(limits.per_second(demo).get(), 7);
        assert!(network.trust_proxy && !demo);
        assert_eq!(storage.data_dir, PathBuf::from("here"));
    }

    #[test]
    fn a_bucket_comes_with_its_keys() {
        let storage = |file: &str| match parsed(file, &["liandong", "migrate"]).command {
            crate::command::Command::Migrate { storage } => storage,
            _ => panic!("migrate"),
        };
        assert!(storage("").s3.s3().unwrap().is_none(), "a folder, unless told otherwise");
        let keys = "s3_access_key_id = \"key\"\ns3_secret_access_key = \"secret\"\n";
        let minio = format!("s3_bucket = \"liandong\"\ns3_endpoint = \"https://minio.internal:9000\"\ns3_path_style = true\n{keys}");
        let s3 = storage(&minio).s3.s3().unwrap().unwrap();
        assert_eq!((s3.bucket.as_str(), s3.region.as_str(), s3.path_style), ("liandong", "us-east-1", true));
        assert_eq!(s3.endpoint.as_deref(), Some("https://minio.internal:9000"));
        assert!(!format!("{s3:?}").contains("secret"), "keys are not written into logs");
        let aws = storage(&format!("s3_bucket = \"liandong\"\ns3_region = \"cn-north-1\"\n{keys}")).s3.s3().unwrap().unwrap();
        assert_eq!((aws.region.as_str(), aws.path_style, aws.endpoint), ("cn-north-1", false, None));
        let missing = storage("s3_bucket = \"liandong\"\ns3_access_key_id = \"key\"\n").s3.s3().unwrap_err().to_string();
        assert!(missing.contains("s3_secret_access_key") && missing.contains("LIANDONG_S3_SECRET_ACCESS_KEY"), "{missing}");
        let odd = storage(&format!("s3_bucket = \"liandong\"\ns3_endpoint = \"minio:9000\"\n{keys}")).s3.s3().unwrap_err().to_string();
        assert!(odd.contains("`minio:9000`"), "{odd}");
    }

    #[test]
    fn unknown_keys_are_refused_by_name() {
        let error = read("listen = \"127.0.0.1:1\"\nlitsen = 1\n", &Liandong::command()).unwrap_err().to_string();
        assert!(error.contains("`litsen`") && error.contains("rate_burst"), "{error}");
        assert!(read("[serve]\nlisten = 1\n", &Liandong::command()).is_err());
        assert_eq!(named_file(&["liandong".into(), "serve".into(), "--config=a.toml".into()]), Some("a.toml".into()));
    }
}
