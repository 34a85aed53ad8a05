//! The configuration file. Paths in it are relative to its folder.

use serde::{
    Deserialize, Deserializer,
    de::{
        Error, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};
use simulator::{Buyer, MiniAppId, MiniAppsError, Url};
use std::{
    fmt, fs, io,
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
    pub(super) seed: Option<u32>,
    pub(super) package: Option<PathBuf>,
    pub(super) gallery: Option<PathBuf>,
    /// The first, and further ones.
    #[serde(rename = "merchant", deserialize_with = "one_or_more")]
    pub(super) merchants: Vec<MerchantTable>,
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
    pub(super) icon: Option<PathBuf>,
    pub(super) url: Url,
    pub(super) point_of_purchase_id: Option<String>,
    /// The id of its merchant; the first without it.
    pub(super) merchant_id: Option<String>,
    pub(super) auth_credentials: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("cannot read {path}: {source}")]
    Read { path: PathBuf, source: io::Error },
    #[error("{id:?} is not a {name}: it is printable ASCII without spaces")]
    Id { name: &'static str, id: String },
    #[error("the merchant {0} is not the first: it has a merchant_id of letters, digits, - and _")]
    MerchantId(String),
    #[error(
        "there is a merchant {0} already, or one whose merchant_id differs in capitals or signs only"
    )]
    SameMerchantId(String),
    #[error("notify_ca and order_history of {0}: they are those of the first merchant, for all")]
    OfAll(String),
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
        let of_merchants = file
            .merchants
            .iter_mut()
            .flat_map(|it| [&mut it.public_key, &mut it.notify_ca]);
        for path in [
            &mut file.keys,
            &mut file.setup,
            &mut file.package,
            &mut file.gallery,
        ]
        .into_iter()
        .chain(of_merchants)
        .chain(file.mini_apps.iter_mut().map(|it| &mut it.icon))
        {
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

/// `[merchant]`, or each `[[merchant]]`.
fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<MerchantTable>, D::Error> {
    struct Tables;

    impl<'de> Visitor<'de> for Tables {
        type Value = Vec<MerchantTable>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a table [merchant], or several [[merchant]]")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            let one = MerchantTable::deserialize(MapAccessDeserializer::new(map))?;
            Ok(vec![one])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(seq))
        }
    }
    deserializer.deserialize_any(Tables)
}

fn mini_app_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MiniAppId, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|error: MiniAppsError| D::Error::custom(error))
}

/// As it stands in the name of a variable.
pub(super) fn variable_form(id: &str) -> String {
    id.to_uppercase().replace('-', "_")
}
