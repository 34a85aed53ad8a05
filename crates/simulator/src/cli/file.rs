//! The configuration file. Paths in it are relative to its folder.

use serde::{Deserialize, Deserializer, de::Error};
use simulator::{Buyer, MiniAppId, MiniAppsError, Url};
use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    #[serde(deserialize_with = "listen")]
    pub(super) listen: Option<SocketAddr>,
    #[serde(deserialize_with = "listen")]
    pub(super) sandbox_listen: Option<SocketAddr>,
    pub(super) allow_hosts: Vec<String>,
    pub(super) keys: Option<PathBuf>,
    pub(super) setup: Option<PathBuf>,
    pub(super) package: Option<PathBuf>,
    pub(super) gallery: Option<PathBuf>,
    pub(super) merchant: MerchantTable,
    #[serde(rename = "mini_app")]
    pub(super) mini_apps: Vec<MiniAppTable>,
    #[serde(rename = "buyer")]
    pub(super) buyers: Vec<Buyer>,
    pub(super) check: CheckTable,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CheckTable {
    pub(super) order: Option<String>,
    pub(super) state: Option<String>,
    pub(super) paid: Option<String>,
    /// In seconds.
    pub(super) wait: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MerchantTable {
    pub(super) name: Option<String>,
    pub(super) merchant_id: Option<String>,
    pub(super) partner_id: Option<String>,
    pub(super) client_key: Option<String>,
    pub(super) server_key: Option<String>,
    pub(super) snap_client_key: Option<String>,
    pub(super) sandbox_server_key: Option<String>,
    pub(super) sandbox_snap_client_key: Option<String>,
    pub(super) client_secret: Option<String>,
    pub(super) public_key: Option<PathBuf>,
    pub(super) notify: Option<Url>,
    pub(super) notify_ca: Option<PathBuf>,
    pub(super) order_history: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MiniAppTable {
    #[serde(deserialize_with = "mini_app_id")]
    pub(super) id: MiniAppId,
    pub(super) name: Option<String>,
    pub(super) url: Url,
    pub(super) point_of_purchase_id: Option<String>,
    pub(super) auth_credentials: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("cannot read {path}: {source}")]
    Read { path: PathBuf, source: io::Error },
    #[error("{id:?} is not a {name}: it is printable ASCII without spaces")]
    Id { name: &'static str, id: String },
    #[error("the address of the mini app without a configuration is none")]
    Default,
    #[error("{path}: {source}")]
    Toml {
        path: PathBuf,
        source: toml::de::Error,
    },
}

impl File {
    pub(super) fn open(path: &Path) -> Result<Self, FileError> {
        let text = fs::read_to_string(path).map_err(|source| FileError::Read {
            path: path.to_owned(),
            source,
        })?;
        let mut file: Self = toml::from_str(&text).map_err(|source| FileError::Toml {
            path: path.to_owned(),
            source,
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let merchant = &mut file.merchant;
        for path in [
            &mut file.keys,
            &mut file.setup,
            &mut file.package,
            &mut file.gallery,
            &mut merchant.public_key,
            &mut merchant.notify_ca,
        ] {
            *path = path.take().map(|path| folder.join(path));
        }
        Ok(file)
    }
}

fn listen<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    super::arguments::parse_listen(&text)
        .map(Some)
        .map_err(D::Error::custom)
}

fn mini_app_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MiniAppId, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|error: MiniAppsError| D::Error::custom(error))
}
