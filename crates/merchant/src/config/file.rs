//! The configuration as it is written, before anything in it is believed.

use super::{Environment, Error};
use crate::refund::PaidLate;
use serde::Deserialize;
use std::{net::SocketAddr, path::PathBuf};
use toml::{Table, Value};
use url::Url;

/// Variables that override a key begin with it. Others that do, such as those a container
/// platform makes up for a service called `merchant`, are none of ours.
const PREFIX: &str = "MERCHANT_";

const KEYS: [&str; 6] = [
    "listen",
    "public_url",
    "notify_path",
    "database_url",
    "dist",
    "master_key_file",
];

const GOPAY_KEYS: [&str; 11] = [
    "environment",
    "bi_snap_url",
    "mini_app_url",
    "sdk_url",
    "client_key",
    "client_secret_file",
    "partner_id",
    "merchant_id",
    "channel_id",
    "private_key_file",
    "public_key_files",
];

const FULFILMENT_KEYS: [&str; 2] = ["hook_url", "secret_file"];

const POLICY_KEYS: [&str; 1] = ["paid_late"];

const TABLES: [(&str, &[&str]); 3] = [
    ("gopay", &GOPAY_KEYS),
    ("fulfilment", &FULFILMENT_KEYS),
    ("policy", &POLICY_KEYS),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) listen: SocketAddr,
    pub(super) public_url: Option<Url>,
    pub(super) notify_path: Option<String>,
    pub(super) database_url: String,
    pub(super) dist: PathBuf,
    pub(super) master_key_file: PathBuf,
    pub(super) gopay: GopayFile,
    #[serde(default)]
    pub(super) fulfilment: FulfilmentFile,
    #[serde(default)]
    pub(super) policy: PolicyFile,
    pub(super) mini_app: Vec<MiniAppFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GopayFile {
    pub(super) environment: Environment,
    pub(super) bi_snap_url: Url,
    pub(super) mini_app_url: Url,
    pub(super) sdk_url: Url,
    pub(super) client_key: String,
    pub(super) client_secret_file: PathBuf,
    pub(super) partner_id: String,
    pub(super) merchant_id: String,
    pub(super) channel_id: String,
    pub(super) private_key_file: PathBuf,
    pub(super) public_key_files: Vec<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FulfilmentFile {
    pub(super) hook_url: Option<Url>,
    pub(super) secret_file: Option<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyFile {
    #[serde(default)]
    pub(super) paid_late: PaidLate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MiniAppFile {
    pub(super) id: String,
    pub(super) point_of_purchase_id: String,
    pub(super) auth_credentials_file: PathBuf,
    pub(super) deeplink: Option<String>,
    pub(super) catalogue: PathBuf,
    #[serde(default)]
    pub(super) package_origins: Vec<String>,
}

impl File {
    /// Lays the variables over the text and reads what comes of it. An empty variable
    /// takes its key away.
    pub(super) fn parse(
        text: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Error> {
        let mut file: Table = toml::from_str(text)?;
        for (name, value) in variables {
            let Some(name) = name.strip_prefix(PREFIX).map(str::to_ascii_lowercase) else {
                continue;
            };
            let in_table = TABLES.iter().find_map(|(table, keys)| {
                let key = name.strip_prefix(table)?.strip_prefix('_')?;
                keys.contains(&key).then_some((*table, key))
            });
            let (table, key) = match in_table {
                Some((table, key)) => {
                    let table = file
                        .entry(table)
                        .or_insert_with(|| Value::Table(Table::new()));
                    match table {
                        Value::Table(table) => (table, key),
                        _ => continue,
                    }
                }
                None if KEYS.contains(&name.as_str()) => (&mut file, name.as_str()),
                None => continue,
            };
            if value.is_empty() {
                table.remove(key);
            } else if key == "public_key_files" {
                let files = value
                    .split(',')
                    .map(|file| Value::from(file.trim()))
                    .collect();
                table.insert(key.to_owned(), Value::Array(files));
            } else {
                table.insert(key.to_owned(), Value::from(value));
            }
        }
        Ok(Value::Table(file).try_into()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVELOPMENT: &str = include_str!("../../merchant.toml");

    fn parse(variables: &[(&str, &str)]) -> Result<File, Error> {
        File::parse(
            DEVELOPMENT,
            variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        )
    }

    #[test]
    fn variables_override_the_file() {
        let file = parse(&[
            ("MERCHANT_LISTEN", "127.0.0.1:0"),
            ("MERCHANT_PUBLIC_URL", ""),
            ("MERCHANT_GOPAY_CHANNEL_ID", "54321"),
            ("MERCHANT_GOPAY_PUBLIC_KEY_FILES", "a.pem, b.pem"),
            ("MERCHANT_PORT", "tcp://10.0.0.1:80"),
            ("PATH", "/bin"),
        ])
        .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(file.listen.port(), 0);
        assert_eq!(file.public_url, None);
        assert_eq!(file.gopay.channel_id, "54321");
        assert_eq!(file.gopay.public_key_files.len(), 2);
    }

    #[test]
    fn a_wrong_or_missing_key_is_named() {
        let with = |line: &str| {
            File::parse(&format!("{line}\n{DEVELOPMENT}"), [])
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default()
        };
        assert!(with("lisen = 1").contains("lisen"));
        let gone = parse(&[("MERCHANT_GOPAY_CLIENT_KEY", "")]).err();
        assert!(gone.is_some_and(|error| error.to_string().contains("client_key")));
        let moon = parse(&[("MERCHANT_GOPAY_ENVIRONMENT", "moon")]).err();
        assert!(moon.is_some_and(|error| error.to_string().contains("moon")));
    }
}
