//! How a merchant is set up: a TOML file, and variables that override it.
//!
//! Invariant: it is read, checked and understood whole before anything listens; what is
//! wrong is one line that names the key and what to do.

mod file;

use crate::{
    catalogue::{Catalogue, CatalogueError, in_one_line},
    hook::{HookKey, HookKeyError},
    qr,
    refund::PaidLate,
    store::Handover,
    vault::{Vault, VaultError},
};
use axum::http::HeaderValue;
use file::{File, FulfilmentFile, GopayFile, MiniAppFile};
use gopay_protocol::{
    ClientSecret, Confidential, KeyError, SigningKey, VerifyingKey, message::notify,
};
use serde::Deserialize;
use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};
use url::{Host, Url};

/// Everything a merchant needs to run.
#[derive(Debug)]
pub struct Config {
    /// Where it listens; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// What the buyer's browser calls it; in the simulator environment it may be left out
    /// and follows from `listen`.
    pub public_url: Option<Url>,
    /// The path under which GoPay reaches the notifications, where a proxy in front of the
    /// merchant has another one than `/v1.0/debit/notify`.
    pub notify_path: String,
    /// `sqlite://...`
    pub database_url: String,
    /// The app that `trunk` built.
    pub dist: PathBuf,
    /// Encrypts at rest.
    pub vault: Vault,
    /// The account at GoPay.
    pub gopay: Gopay,
    /// The mini app.
    pub mini_app: MiniApp,
    /// Which of the merchant's own systems hears of paid orders.
    pub fulfilment: Option<Fulfilment>,
    /// What is done with money for an order that the buyer was told is over.
    pub paid_late: PaidLate,
}

/// Which of the merchant's own systems hears of paid orders.
#[derive(Debug)]
pub struct Fulfilment {
    /// Told by `POST`.
    pub hook_url: Url,
    /// Signs what it is told.
    pub key: HookKey,
}

/// The account at GoPay.
#[derive(Debug)]
pub struct Gopay {
    /// Which GoPay.
    pub environment: Environment,
    /// Host of the payment API.
    pub bi_snap_url: Url,
    /// Host of the mini-app API.
    pub mini_app_url: Url,
    /// The container SDK, put into the app's page.
    pub sdk_url: Url,
    /// `X-CLIENT-KEY`.
    pub client_key: String,
    /// Signs transactions.
    pub client_secret: ClientSecret,
    /// `X-PARTNER-ID`.
    pub partner_id: String,
    /// MID.
    pub merchant_id: String,
    /// Five digits.
    pub channel_id: String,
    /// Signs token requests.
    pub private_key: SigningKey,
    /// Verify notifications.
    pub public_keys: Vec<VerifyingKey>,
}

/// One mini app.
#[derive(Debug)]
pub struct MiniApp {
    /// Its id at GoPay.
    pub id: String,
    /// Without it GoPay takes no payment from a mini app.
    pub point_of_purchase_id: String,
    /// For the auth code exchange.
    pub auth_credentials: Confidential,
    /// Opens it in GoPay: `gopay://` or `https://`; the simulator is at `http://localhost`.
    pub deeplink: Option<String>,
    /// What it sells.
    pub catalogue: Catalogue,
    /// Where GoPay serves the app's package from, as its web view writes it into `Origin`;
    /// empty without a package (Container V1).
    ///
    /// Unverified: what it is at the real GoPay; no page says it.
    pub package_origins: Vec<HeaderValue>,
}

/// Which GoPay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// The one in this repository.
    Simulator,
    /// Midtrans' sandbox: payments in a browser only, no mini apps.
    Sandbox,
    /// Real money.
    Production,
}

impl Environment {
    /// Whether this is the simulator, the only one that may be plain HTTP and may frame
    /// the app.
    pub const fn is_simulator(self) -> bool {
        matches!(self, Self::Simulator)
    }

    /// The one payment host of each environment `[core-api-snap-open-api-overview]`.
    const fn bi_snap_host(self) -> Option<&'static str> {
        match self {
            Self::Simulator => None,
            Self::Sandbox => Some("merchants.sbx.midtrans.com"),
            Self::Production => Some("merchants.midtrans.com"),
        }
    }
}

/// GoPay has one host for mini-app APIs and none for tests `[backend-v2]`.
const MINI_APP_HOST: &str = "public-mini-app-merchants.gopayapi.com";

/// Where the SDK comes from `[frontend-v2]`.
const SDK_HOST: &str = "gwk.gopayapi.com";

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is not there, or cannot be read.
    #[error("{what} {}: {source}", path.display())]
    Read {
        /// The key that names the file, or "configuration".
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Not the form that is asked for.
    #[error("configuration: {}", in_one_line(.0))]
    Form(#[from] toml::de::Error),
    /// A value that cannot be right.
    #[error("{key}: {wrong}")]
    Value {
        /// Which.
        key: &'static str,
        /// What is wrong with it, and what to do.
        wrong: String,
    },
    /// A key file that is none.
    #[error("{key} {}: {source}", path.display())]
    Key {
        /// Which.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: KeyError,
    },
    /// The master key file is none.
    #[error("master_key_file {}: {source}", path.display())]
    MasterKey {
        /// The file.
        path: PathBuf,
        /// Why.
        source: VaultError,
    },
    /// The hook's secret is none.
    #[error("fulfilment.secret_file {}: {source}", path.display())]
    HookKey {
        /// The file.
        path: PathBuf,
        /// Why.
        source: HookKeyError,
    },
    /// The catalogue cannot be sold from.
    #[error("catalogue {}: {source}", path.display())]
    Catalogue {
        /// The file.
        path: PathBuf,
        /// Why.
        source: CatalogueError,
    },
}

impl Config {
    /// Who has to hear of paid orders.
    pub fn handover(&self) -> Handover {
        match self.fulfilment {
            Some(_) => Handover::Hook,
            None => Handover::Counter,
        }
    }

    /// Reads the file and all that it names. `variables` override its keys:
    /// `MERCHANT_LISTEN`, `MERCHANT_GOPAY_CLIENT_KEY` ...
    pub fn load(
        path: &Path,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Error> {
        let text = read("configuration", path)?;
        let file = File::parse(&text, variables)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let gopay = gopay(file.gopay, folder)?;
        let is_simulator = gopay.environment.is_simulator();
        let in_simulator = is_simulator.then(|| gopay.sdk_url.clone());
        let public_url = public_url(file.public_url, gopay.environment)?;
        let [mini_app] = <[MiniAppFile; 1]>::try_from(file.mini_app).map_err(|apps| {
            value(
                "[[mini_app]]",
                format!("there are {}; a merchant serves exactly one", apps.len()),
            )
        })?;
        let master_key = folder.join(file.master_key_file);
        Ok(Self {
            listen: file.listen,
            public_url,
            notify_path: notify_path(file.notify_path)?,
            database_url: sqlite_beside(&file.database_url, folder)?,
            dist: folder.join(file.dist),
            vault: Vault::new(&secret("master_key_file", &master_key)?).map_err(|source| {
                Error::MasterKey {
                    path: master_key,
                    source,
                }
            })?,
            gopay,
            mini_app: mini_app_of(mini_app, folder, in_simulator.as_ref())?,
            fulfilment: fulfilment(file.fulfilment, folder)?,
            paid_late: file.policy.paid_late,
        })
    }
}

fn gopay(file: GopayFile, folder: &Path) -> Result<Gopay, Error> {
    let environment = file.environment;
    let bi_snap_url = address(
        "gopay.bi_snap_url",
        file.bi_snap_url,
        environment.bi_snap_host(),
    )?;
    let real = !environment.is_simulator();
    let mini_app_url = address(
        "gopay.mini_app_url",
        file.mini_app_url,
        real.then_some(MINI_APP_HOST),
    )?;
    let sdk_url = address("gopay.sdk_url", file.sdk_url, real.then_some(SDK_HOST))?;
    if file.channel_id.len() != 5 || !file.channel_id.bytes().all(|b| b.is_ascii_digit()) {
        return Err(value("gopay.channel_id", "must be five digits"));
    }
    let private = folder.join(file.private_key_file);
    let private_key = SigningKey::from_pem(secret("gopay.private_key_file", &private)?.expose())
        .map_err(|source| Error::Key {
            key: "gopay.private_key_file",
            path: private,
            source,
        })?;
    let mut public_keys = Vec::new();
    for file in file.public_key_files {
        let path = folder.join(file);
        let key = VerifyingKey::from_pem(&read("gopay.public_key_files", &path)?);
        public_keys.push(key.map_err(|source| Error::Key {
            key: "gopay.public_key_files",
            path,
            source,
        })?);
    }
    if public_keys.is_empty() {
        return Err(value(
            "gopay.public_key_files",
            "name at least one: without it no notification can be believed",
        ));
    }
    let client_secret = secret(
        "gopay.client_secret_file",
        &folder.join(file.client_secret_file),
    )?;
    Ok(Gopay {
        environment,
        bi_snap_url,
        mini_app_url,
        sdk_url,
        client_key: header_text("gopay.client_key", file.client_key)?,
        client_secret: ClientSecret::new(&client_secret),
        partner_id: header_text("gopay.partner_id", file.partner_id)?,
        merchant_id: header_text("gopay.merchant_id", file.merchant_id)?,
        channel_id: file.channel_id,
        private_key,
        public_keys,
    })
}

fn fulfilment(file: FulfilmentFile, folder: &Path) -> Result<Option<Fulfilment>, Error> {
    let (hook_url, secret_file) = match (file.hook_url, file.secret_file) {
        (Some(url), Some(file)) => (url, file),
        (None, None) => return Ok(None),
        (Some(_), None) => {
            return Err(value(
                "fulfilment.secret_file",
                "is missing: the hook knows by its signature who speaks",
            ));
        }
        (None, Some(_)) => {
            return Err(value(
                "fulfilment.hook_url",
                "is missing: https://your-systems.example/paid, or leave out the secret too",
            ));
        }
    };
    let safe =
        hook_url.scheme() == "https" || hook_url.scheme() == "http" && is_loopback(&hook_url);
    if !safe {
        return Err(value(
            "fulfilment.hook_url",
            "must be https, unless it is this machine",
        ));
    }
    if !hook_url.username().is_empty() || hook_url.password().is_some() {
        return Err(value(
            "fulfilment.hook_url",
            "must not hold a password: what it is told is signed",
        ));
    }
    let path = folder.join(secret_file);
    let key = HookKey::parse(&secret("fulfilment.secret_file", &path)?)
        .map_err(|source| Error::HookKey { path, source })?;
    Ok(Some(Fulfilment { hook_url, key }))
}

fn mini_app_of(
    file: MiniAppFile,
    folder: &Path,
    simulator: Option<&Url>,
) -> Result<MiniApp, Error> {
    if uuid::Uuid::try_parse(&file.point_of_purchase_id).is_err() {
        return Err(value(
            "mini_app.point_of_purchase_id",
            "must be the UUID from GoPay's integration e-mail",
        ));
    }
    let catalogue = folder.join(file.catalogue);
    let package_origins = file.package_origins.iter();
    Ok(MiniApp {
        package_origins: package_origins
            .map(package_origin)
            .collect::<Result<_, _>>()?,
        id: file.id,
        point_of_purchase_id: file.point_of_purchase_id,
        auth_credentials: secret(
            "mini_app.auth_credentials_file",
            &folder.join(file.auth_credentials_file),
        )?,
        deeplink: deeplink(file.deeplink, simulator)?,
        catalogue: Catalogue::parse(&read("catalogue", &catalogue)?).map_err(|source| {
            Error::Catalogue {
                path: catalogue,
                source,
            }
        })?,
    })
}

/// Where it is not said, the simulator's phone, which is the GoPay of that environment.
fn deeplink(link: Option<String>, simulator: Option<&Url>) -> Result<Option<String>, Error> {
    let key = "mini_app.deeplink";
    let link = match (link, simulator) {
        (Some(link), _) if link.is_empty() => return Ok(None),
        (Some(link), _) => link,
        (None, Some(simulator)) => format!("{}/", simulator.origin().ascii_serialization()),
        (None, None) => return Ok(None),
    };
    let is_safe = Url::parse(&link).is_ok_and(|url| match url.scheme() {
        "gopay" | "https" => true,
        "http" => simulator.is_some() && is_loopback(&url),
        _ => false,
    });
    if !is_safe {
        return Err(value(
            key,
            "must begin with gopay:// or https://; leave it empty while you have none",
        ));
    }
    if qr::svg(&link).is_none() {
        return Err(value(key, "is longer than a QR code can hold"));
    }
    Ok(Some(link))
}

/// Which payment host goes with which environment is fixed, so that the credentials of one
/// cannot reach another; the simulator's hosts are this machine.
fn address(key: &'static str, url: Url, host: Option<&str>) -> Result<Url, Error> {
    match host {
        None if !is_loopback(&url) => Err(value(
            key,
            "must be on this machine in the simulator environment",
        )),
        Some(host) if url.scheme() != "https" || url.host_str() != Some(host) => Err(value(
            key,
            format!("must begin with https://{host} in this environment"),
        )),
        _ => Ok(url),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn public_url(url: Option<Url>, environment: Environment) -> Result<Option<Url>, Error> {
    match url {
        None if environment.is_simulator() => Ok(None),
        None => Err(value("public_url", "is missing: https://your-shop.example")),
        Some(url) if url.scheme() == "https" => Ok(Some(url)),
        Some(url) if environment != Environment::Production && is_loopback(&url) => Ok(Some(url)),
        Some(_) => Err(value("public_url", "must be https")),
    }
}

/// GoPay is told where it begins and appends the rest `[payment-notification-api]`.
fn notify_path(path: Option<String>) -> Result<String, Error> {
    let path = path.unwrap_or_else(|| notify::PATH.to_owned());
    let is_path = path.starts_with('/') && path.bytes().all(|b| b.is_ascii_graphic());
    if !is_path || path.contains(['?', '#', '{', '}']) || !path.ends_with("/debit/notify") {
        return Err(value(
            "notify_path",
            "must be a path that begins with / and ends with /debit/notify, as GoPay calls it",
        ));
    }
    Ok(path)
}

/// `null` is what pages without an address, such as those from files, write into `Origin`, and
/// so can any site. It opens nothing: from a package's origin only a bearer token counts,
/// which no other page has, and never the cookie, which the browser would send by itself.
fn package_origin(text: impl AsRef<str>) -> Result<HeaderValue, Error> {
    let text = text.as_ref();
    let is_origin = Url::parse(text).is_ok_and(|url| {
        (url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url))
            && url.origin().ascii_serialization() == text
            // A URL's host may hold a star; here it would look like a pattern and match nothing.
            && !text.contains('*')
    });
    match HeaderValue::from_str(text) {
        Ok(value) if is_origin || text == "null" => Ok(value),
        _ => Err(value(
            "mini_app.package_origins",
            format!(
                "{text:?} is no origin: write https://host, as the browser does, without a \
                 path, or null"
            ),
        )),
    }
}

/// sqlx would take a relative path from wherever the process was started.
fn sqlite_beside(url: &str, folder: &Path) -> Result<String, Error> {
    match url.strip_prefix("sqlite://") {
        Some(path) if !path.is_empty() => Ok(format!("sqlite://{}", folder.join(path).display())),
        _ => Err(value("database_url", "must begin with sqlite://")),
    }
}

fn header_text(key: &'static str, text: String) -> Result<String, Error> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(value(key, "must be what GoPay sent you, without spaces"));
    }
    Ok(text)
}

fn secret(what: &'static str, path: &Path) -> Result<Confidential, Error> {
    let text = Confidential::new(read(what, path)?);
    match text.expose().trim() {
        "" => Err(value(what, format!("{} is empty", path.display()))),
        text => Ok(Confidential::new(text)),
    }
}

fn read(what: &'static str, path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| Error::Read {
        what,
        path: path.to_owned(),
        source,
    })
}

fn value(key: &'static str, wrong: impl Into<String>) -> Error {
    Error::Value {
        key,
        wrong: wrong.into(),
    }
}
