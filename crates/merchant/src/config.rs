//! How a merchant is set up: a TOML file, and variables that override it.
//!
//! Invariant: it is read, checked and understood whole before anything listens; all that is
//! wrong is said at once, each in one line that names the key and what to do.

mod error;
mod gopay_account;
mod limits;
mod mini_app;
mod mini_app_rules;
mod operations;
mod order_history;
mod section;
mod web_address;

pub use error::{Error, Errors};
pub use limits::{Limits, Rates};
pub use operations::{LogFormat, Operations};
pub use order_history::OrderHistory;
pub use web_address::CspExtra;
pub(crate) use web_address::is_loopback;

use crate::{
    adapters::{database::DatabaseUrl, webhook::SigningSecret},
    domain::{
        catalogue::Catalogue,
        mini_app_id::MiniAppId,
        mini_app_rules::MiniAppRules,
        operator_policy::{FulfilmentMode, LatePaymentPolicy, PaidWithoutAmount, PaymentPolicy},
        payment_request::Checkout,
    },
    key_ring::KeyRing,
    outbound_proxy::ProxyUrl,
    private_file,
    vault::Vault,
};
use axum::http::HeaderValue;
use contract::Rupiah;
use error::Findings;
use gopay_protocol::{ClientSecret, Secret, ServerKey, SigningKey, VerifyingKey};
use section::Section;
use serde::Deserialize;
use std::{
    fs,
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    time::Duration,
};
use strum::IntoStaticStr;
use toml::Table;
use url::Url;
use zeroize::Zeroizing;

/// What may follow the `?` of a PostgreSQL `database_url`: none of them is a secret.
const POSTGRES_PARAMETERS: [&str; 9] = [
    "application_name",
    "dbname",
    "host",
    "options",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
];

#[derive(Debug)]
pub struct Config {
    /// Where it listens; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Where GoPay reaches the merchant. Where the root names none, that of the first mini app.
    pub public_url: Option<Url>,
    /// The path under which GoPay reaches the notifications, where a proxy in front of the
    /// merchant has another one than `/v1.0/debit/notify`.
    pub notify_path: String,
    /// Whom `Strict-Transport-Security` binds.
    pub hsts: Hsts,
    pub database_url: DatabaseUrl,
    pub vault: Vault,
    pub key_files: KeyFiles,
    pub gopay: GoPayAccount,
    /// At least one.
    pub mini_apps: Vec<MiniApp>,
    pub fulfilment: Option<Fulfilment>,
    pub paid_late: LatePaymentPolicy,
    /// What is done with a payment that GoPay calls paid without saying how much.
    pub paid_without_amount: PaidWithoutAmount,
    pub payment: PaymentPolicy,
    /// From which amount on a refund of staff's needs a second person; none does without it.
    pub refund_approval_from: Option<Rupiah>,
    pub limits: Limits,
    pub operations: Operations,
    /// What works and should be changed, one line each.
    pub warnings: Vec<String>,
}

/// The files of the keys that a merchant makes itself, as they are written.
#[derive(Debug, Default, Clone)]
pub struct KeyFiles {
    /// Of the configuration, which relative paths are relative to.
    pub folder: PathBuf,
    pub master_key: Vec<PathBuf>,
    pub private_key: Vec<PathBuf>,
    /// Empty without a webhook.
    pub webhook_secret: Vec<PathBuf>,
}

/// Which hosts browsers reach over TLS only, for two years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hsts {
    #[default]
    Host,
    /// Those below it too, which may be others' than the shop's.
    Subdomains,
}

#[derive(Debug)]
pub struct Fulfilment {
    pub webhook_url: Url,
    /// Each signs.
    pub keys: KeyRing<SigningSecret>,
    pub proxy_url: Option<ProxyUrl>,
}

#[derive(Debug)]
pub struct GoPayAccount {
    pub environment: Environment,
    pub bi_snap_url: Url,
    /// `None` where [payments open in a browser](Environment::pays_in_browser).
    pub container: Option<ContainerUrls>,
    /// `X-CLIENT-KEY`.
    pub client_key: String,
    pub client_secret: KeyRing<ClientSecret>,
    /// `X-PARTNER-ID`.
    pub partner_id: String,
    /// MID.
    pub merchant_id: String,
    /// `CHANNEL-ID`: five digits.
    pub channel_id: String,
    pub private_key: KeyRing<SigningKey>,
    pub public_keys: Vec<VerifyingKey>,
    /// Further hosts of GoPay's payment links, as browsers write them.
    pub payment_link_hosts: Vec<String>,
    pub proxy_url: Option<ProxyUrl>,
    pub minimum_tls: MinimumTls,
    /// Further sources that the container SDK needs in the app's page.
    pub csp_extra: CspExtra,
    /// Requests in a second that no buyer waits for: inquiries and refunds.
    pub background_requests_per_second: NonZeroU32,
    /// For Snap Checkout.
    pub snap: Option<SnapAccount>,
}

impl GoPayAccount {
    /// Where none is configured.
    pub const BACKGROUND_REQUESTS_PER_SECOND: NonZeroU32 = match NonZeroU32::new(4) {
        Some(rate) => rate,
        None => NonZeroU32::MIN,
    };
}

/// What Snap Checkout needs beside the account.
#[derive(Debug)]
pub struct SnapAccount {
    pub snap_url: Url,
    pub core_api_url: Url,
    pub server_key: KeyRing<ServerKey>,
    /// Put into the app's page.
    pub client_key: String,
}

/// Addresses that only an environment with mini apps has.
#[derive(Debug, Clone)]
pub struct ContainerUrls {
    pub mini_app_url: Url,
    /// The container SDK, put into the app's page.
    pub sdk_url: Url,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum MinimumTls {
    #[serde(rename = "1.2")]
    V1_2,
    /// TLS 1.3: GoPay announced the end of 1.2 for June 2026 `[security-specification]`.
    #[default]
    #[serde(rename = "1.3")]
    V1_3,
}

#[derive(Debug, Clone)]
pub struct MiniApp {
    pub id: MiniAppId,
    /// What the buyer's browser calls it; in the simulator environment it may be left out, and follows
    /// from [`Config::listen`].
    pub public_url: Option<Url>,
    /// The app that `trunk` built.
    pub dist: PathBuf,
    /// `None` where [payments open in a browser](Environment::pays_in_browser).
    pub registration: Option<Registration>,
    /// Opens it in GoPay: `gopay://` or `https://`; the simulator is at `http://localhost`.
    pub deeplink: Option<String>,
    pub catalogue: Catalogue,
    /// Where GoPay serves the app's package from, as its web view writes it into `Origin`;
    /// empty without a package (Container V1).
    ///
    /// Unverified: what it is at the real GoPay; no page says it.
    pub package_origins: Vec<HeaderValue>,
    /// What its buyers are given and told.
    pub rules: MiniAppRules,
    /// The address by which GoPay's order history leads to an order.
    pub order_history: OrderHistory,
}

impl MiniApp {
    /// The host name by which requests are told to be for this mini app.
    pub fn host(&self) -> &str {
        let host = self.public_url.as_ref().and_then(Url::host_str);
        host.unwrap_or(DEFAULT_HOST)
    }
}

/// The host of a mini app without a public URL.
pub(crate) const DEFAULT_HOST: &str = "localhost";

/// What GoPay gives out when it registers a mini app.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Without it GoPay takes no payment from a mini app.
    pub point_of_purchase_id: String,
    /// For the auth code exchange.
    pub auth_credentials: KeyRing<Secret>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Environment {
    /// The one in this repository.
    Simulator,
    /// Its second address, which plays Midtrans' sandbox.
    SimulatorSandbox,
    /// Midtrans' sandbox: payments in a browser only, no mini apps.
    Sandbox,
    Production,
}

impl Environment {
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether this is the simulator, the only one that may be plain HTTP and may frame
    /// the app.
    pub const fn is_simulator(self) -> bool {
        matches!(self, Self::Simulator | Self::SimulatorSandbox)
    }

    /// Whether buyers pay on a web page, because there is no container and there are no mini apps
    /// `[testing-bi-snap-on-sandbox-environment]`.
    pub const fn pays_in_browser(self) -> bool {
        matches!(self, Self::SimulatorSandbox | Self::Sandbox)
    }

    /// What has to be known of an environment without real money.
    pub const fn notice(self) -> Option<&'static str> {
        match self {
            Self::Production => None,
            Self::Simulator => Some(
                "NO REAL MONEY MOVES: gopay.environment is simulator, so the simulator takes the \
                 place of GoPay",
            ),
            Self::SimulatorSandbox => Some(
                "NO REAL MONEY MOVES: gopay.environment is simulator_sandbox, so there is no GoPay \
                 app, each browser is a test buyer, and payments open the simulator's page",
            ),
            Self::Sandbox => Some(
                "NO REAL MONEY MOVES: gopay.environment is sandbox, so there is no GoPay app, each \
                 browser is a test buyer, and payments open a web page of Midtrans",
            ),
        }
    }

    /// Why a key of a mini app is refused; `None` where there are mini apps.
    const fn refusal_of_mini_app_keys(self) -> Option<&'static str> {
        match self {
            Self::Simulator | Self::Production => None,
            Self::SimulatorSandbox => Some(
                "the sandbox has no mini apps: take it out, or set gopay.environment to simulator",
            ),
            Self::Sandbox => Some(
                "the sandbox has no mini apps: take it out, or set gopay.environment to production",
            ),
        }
    }
}

impl Config {
    /// The notification URL for GoPay's dashboard; `None` before the merchant's address is known.
    pub fn notification_url(&self) -> Option<Url> {
        let public_url = self.public_url.as_ref()?;
        Some(notification_url(public_url, &self.notify_path))
    }

    pub fn fulfilment_mode(&self) -> FulfilmentMode {
        match self.fulfilment {
            Some(_) => FulfilmentMode::Webhook,
            None => FulfilmentMode::PickupOnly,
        }
    }

    /// Reads the file and all that it names. `variables` override its keys:
    /// `MERCHANT_LISTEN`, `MERCHANT_GOPAY_CLIENT_KEY` ...
    pub fn load(
        path: &Path,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Errors> {
        let findings = Findings::default();
        let (file, variables) =
            section::parse(&read("configuration", path)?, variables, &findings)?;
        let reader = Reader {
            folder: path.parent().unwrap_or(Path::new("")),
            variables,
            findings,
        };
        let config = reader.config(file);
        reader.findings.finish(config)
    }
}

/// Where GoPay notifies a merchant at `public_url`.
pub(crate) fn notification_url(public_url: &Url, notify_path: &str) -> Url {
    let mut url = public_url.clone();
    url.set_path(notify_path);
    url
}

struct Reader<'a> {
    /// Which relative paths are relative to.
    folder: &'a Path,
    variables: Table,
    findings: Findings,
}

impl Reader<'_> {
    /// `None` after something has been noted.
    fn config(&self, file: Table) -> Option<Config> {
        let mut root = Section::new("", file, &self.variables, &self.findings);
        let listen = root.required("listen");
        let operations = operations::read(&mut root);
        let mut gopay = root.section("gopay");
        let environment = gopay.required("environment");
        let public_url = web_address::public(&mut root, environment);
        let notify_path = web_address::notify_path(&mut root);
        let hsts = root.optional("hsts").unwrap_or_default();
        let database_url = self.database(&mut root);
        let fulfilment = root.section("fulfilment");
        let key_files = KeyFiles {
            folder: self.folder.to_owned(),
            master_key: root.peek_files("master_key_file"),
            private_key: gopay.peek_files("private_key_file"),
            webhook_secret: fulfilment.peek_files("secret_file"),
        };
        let vault = self.vault(&mut root);
        let checkout = self.checkout(&mut gopay);
        let gopay = self.account(gopay, environment);
        let fulfilment = self.fulfilment(fulfilment);
        let mut policy = root.section("policy");
        let paid_late = policy.optional("paid_late").unwrap_or_default();
        let paid_without_amount = policy.optional("paid_without_amount").unwrap_or_default();
        let payment = payment_policy(&mut policy);
        let refund_approval_from = rupiah(&mut policy, "refund_approval_from");
        policy.finish();
        let limits = limits::read(root.section("limits"));
        let mini_apps = self.mini_apps(&mut root, environment, gopay.as_ref(), public_url.clone());
        root.finish();
        let payment = payment
            .zip(checkout)
            .map(|(payment, checkout)| PaymentPolicy {
                checkout,
                ..payment
            });
        for (prefix, mini_app) in mini_apps.iter().flatten() {
            if let Some(payment) = &payment {
                self.check_together(payment, prefix, mini_app);
            }
            if let Some(path) = &notify_path
                && mini_app.order_history.has_path(path)
            {
                self.findings.wrong(
                    format!("{prefix}order_history"),
                    format!("must not be {path}, where GoPay's notifications arrive"),
                );
            }
            if let (Some(environment), Some(url)) = (environment, &mini_app.public_url)
                && environment != Environment::Production
                && !is_loopback(url)
            {
                self.findings.warn(format!(
                    "gopay.environment is {}, where payments are play money, and public_url is \
                     {url}: what is ordered there is not paid",
                    environment.name()
                ));
            }
        }
        let is_public = |app: &MiniApp| {
            let url = app.public_url.as_ref();
            url.is_some_and(|url| !is_loopback(url))
        };
        if let (Some(limits), Some(apps)) = (&limits, &mini_apps)
            && limits.trusted_proxies.is_empty()
            && apps.iter().any(|(_, app)| is_public(app))
        {
            self.findings.warn(
                "limits.trusted_proxies is not set: which client a request is of is not known \
                 behind a proxy, and sign-ins are limited as a whole only"
                    .to_owned(),
            );
        }
        let mini_apps: Vec<MiniApp> = mini_apps?.into_iter().map(|(_, app)| app).collect();
        let first_url = || mini_apps.first()?.public_url.clone();
        Some(Config {
            listen: listen?,
            public_url: public_url?.or_else(first_url),
            notify_path: notify_path?,
            hsts,
            database_url: database_url?,
            vault: vault?,
            key_files,
            gopay: gopay?,
            mini_apps,
            fulfilment: fulfilment?,
            paid_late,
            paid_without_amount,
            payment: payment?,
            refund_approval_from: refund_approval_from?,
            limits: limits?,
            operations: operations?,
            warnings: self.findings.take_warnings(),
        })
    }

    /// What is right alone and wrong together.
    fn check_together(&self, payment: &PaymentPolicy, prefix: &str, mini_app: &MiniApp) {
        if payment.checkout == Checkout::Snap {
            if !mini_app.package_origins.is_empty() {
                self.findings.wrong(
                    "gopay.checkout",
                    format!("is snap, which a package ({prefix}package_origins) cannot load: write bi_snap"),
                );
            }
            // Docs disagree: at least 5 minutes, or at least 20 seconds.
            if payment.time_to_pay < Duration::from_mins(5) {
                self.findings.wrong(
                    "policy.time_to_pay_minutes",
                    "must be 5 or more with gopay.checkout = \"snap\"",
                );
            }
        }
        if payment.offers_gopay_later {
            let key = "policy.offers_gopay_later";
            if payment.checkout == Checkout::Snap {
                self.findings
                    .wrong(key, "is for gopay.checkout = \"bi_snap\": leave it out");
            }
            let mut products = mini_app.catalogue.products().iter();
            if let Some(product) = products.find(|product| product.category.is_none()) {
                let wrong = format!(
                    "needs a category for each product in the catalogue: {} has none",
                    product.id
                );
                self.findings.wrong(key, wrong);
            }
        }
        let reminder = mini_app.rules.reminder.as_ref();
        if reminder.is_some_and(|reminder| reminder.delay >= payment.time_to_pay) {
            self.findings.wrong(
                format!("{prefix}reminder.delay_minutes"),
                "must be less than policy.time_to_pay_minutes: later the order cannot be paid",
            );
        }
    }

    /// Through which API payments are asked for.
    fn checkout(&self, gopay: &mut Section<'_>) -> Option<Checkout> {
        let key = "checkout";
        let is_given = gopay.has(key);
        let checkout = gopay.optional(key);
        if checkout == Some(Checkout::Snap) && !gopay.has("server_key_file") {
            gopay.wrong(
                key,
                "is snap: write snap_url, core_api_url, server_key_file and snap_client_key too",
            );
        }
        match checkout {
            None if is_given => None,
            checkout => Some(checkout.unwrap_or_default()),
        }
    }

    fn vault(&self, root: &mut Section<'_>) -> Option<Vault> {
        let key = "master_key_file";
        let mut vault: Option<Vault> = None;
        for (path, secret) in self.secrets(root, key)?.iter() {
            let opened = match vault {
                None => Vault::new(secret),
                Some(vault) => vault.with_former(secret),
            };
            vault = Some(
                self.findings
                    .ok(opened.map_err(|error| Error::file(key, path, error)))?,
            );
        }
        vault
    }

    /// `Some(None)` without a webhook.
    fn fulfilment(&self, mut section: Section<'_>) -> Option<Option<Fulfilment>> {
        let (has_url, has_secret) = (section.has("webhook_url"), section.has("secret_file"));
        match (has_url, has_secret) {
            (true, false) => section.wrong(
                "secret_file",
                "is missing: the receiver knows the merchant by its signature",
            ),
            (false, true) => section.wrong(
                "webhook_url",
                "is missing: https://your-systems.example/paid, or leave out the secret too",
            ),
            _ => {}
        }
        let webhook_url = section.optional_url("webhook_url").and_then(|url| {
            let safe = url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url);
            if !safe {
                section.wrong("webhook_url", "must be https, unless it is this machine");
            }
            let has_password = !url.username().is_empty() || url.password().is_some();
            if has_password {
                section.wrong(
                    "webhook_url",
                    "must not hold a password: what it is told is signed",
                );
            }
            (safe && !has_password).then_some(url)
        });
        let keys = if has_secret {
            self.signing_secrets(&mut section)
        } else {
            None
        };
        let proxy_url = web_address::proxy(&mut section, "proxy_url");
        section.finish();
        if !has_url && !has_secret {
            return Some(None);
        }
        Some(Some(Fulfilment {
            webhook_url: webhook_url?,
            keys: keys?,
            proxy_url,
        }))
    }

    fn signing_secrets(&self, section: &mut Section<'_>) -> Option<KeyRing<SigningSecret>> {
        let secrets = self.secrets(section, "secret_file")?;
        let name = section.name("secret_file");
        secrets.try_map(|(path, secret)| {
            let key = SigningSecret::parse(secret);
            self.findings
                .ok(key.map_err(|error| Error::file(&name, path, error)))
        })
    }

    /// A path is relative to the configuration, as all others are.
    fn database(&self, root: &mut Section<'_>) -> Option<DatabaseUrl> {
        let key = "database_url";
        let url: String = root.required(key)?;
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return self.postgres(root, &url);
        }
        if root.has("database_password_file") {
            let _: Option<toml::Value> = root.optional("database_password_file");
            root.wrong(
                "database_password_file",
                "is for a database_url that begins with postgres://: remove it",
            );
        }
        match url.strip_prefix("sqlite://") {
            Some(path) if !path.is_empty() && !path.contains('?') => {
                let path = self.folder.join(path);
                let folder = path.parent().filter(|folder| *folder != Path::new(""));
                if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
                    root.wrong(
                        key,
                        format!("there is no folder {}: make it", folder.display()),
                    );
                    return None;
                }
                if private_file::is_exposed(&path) {
                    self.findings.warn(readable(key, &path));
                }
                Some(format!("sqlite://{}", path.display()).into())
            }
            Some(_) => {
                root.wrong(key, "must be sqlite:// and a path, and nothing else");
                None
            }
            None => {
                root.wrong(
                    key,
                    "must begin with sqlite:// (a file) or postgres:// (a server)",
                );
                None
            }
        }
    }

    /// The password comes from a file, as all secrets do.
    fn postgres(&self, root: &mut Section<'_>, url: &str) -> Option<DatabaseUrl> {
        let key = "database_url";
        let password = match root.has("database_password_file") {
            true => Some(self.secrets(root, "database_password_file")?),
            false => None,
        };
        let mut url = match Url::parse(url) {
            Ok(url) if url.host_str().is_some_and(|host| !host.is_empty()) => url,
            _ => {
                root.wrong(
                    key,
                    "must be like postgres://merchant@database.example:5432/merchant; a socket's folder is a host with %2F in the place of each /",
                );
                return None;
            }
        };
        let unknown = |name: &str| !POSTGRES_PARAMETERS.contains(&name);
        if let Some((name, _)) = url.query_pairs().find(|(name, _)| unknown(name)) {
            let known = POSTGRES_PARAMETERS.join(", ");
            root.wrong(
                key,
                format!("has the parameter {name}, which is none of {known}"),
            );
            return None;
        }
        if url.password().is_some() {
            root.wrong(
                key,
                "has the password in it: write that into a file of its own, and name the file in database_password_file",
            );
            return None;
        }
        if let Some(password) = password {
            let (_, password) = password.first();
            // All else that an address cannot have is escaped by `Url`.
            let password = Zeroizing::new(password.expose().replace('%', "%25"));
            if url.set_password(Some(&password)).is_err() {
                root.wrong(key, "has no host that a password could be for");
                return None;
            }
        }
        Some(String::from(url).into())
    }

    fn path(&self, section: &mut Section<'_>, key: &str) -> Option<PathBuf> {
        let path: PathBuf = section.required(key)?;
        Some(self.folder.join(path))
    }

    /// What stands in the files that a key names, without the space around it.
    fn secrets(&self, section: &mut Section<'_>, key: &str) -> Option<KeyRing<(PathBuf, Secret)>> {
        let files = self.key_files(section, key)?;
        files.try_map(|(path, bytes)| {
            let Ok(text) = std::str::from_utf8(bytes) else {
                section.wrong(key, format!("{} is not text in UTF-8", path.display()));
                return None;
            };
            // Some editors begin a file with an invisible mark.
            match text.trim_start_matches('\u{feff}').trim() {
                "" => {
                    section.wrong(key, format!("{} is empty", path.display()));
                    None
                }
                text => Some((path.clone(), Secret::new(text))),
            }
        })
    }

    /// What stands in the files of a key: one, or a list while it is changed. Only the merchant should
    /// read them.
    fn key_files(
        &self,
        section: &mut Section<'_>,
        key: &str,
    ) -> Option<KeyRing<(PathBuf, Zeroizing<Vec<u8>>)>> {
        let files = section.required_files(key)?;
        let Some(files) = KeyRing::new(files) else {
            section.wrong(key, "is an empty list: name a file");
            return None;
        };
        let name = section.name(key);
        let files = files.try_map(|file| {
            let path = self.folder.join(file);
            let bytes = Zeroizing::new(self.findings.ok(read_bytes(&name, &path))?);
            if private_file::is_exposed(&path) {
                self.findings.warn(readable(&name, &path));
            }
            Some((path, bytes))
        })?;
        for (index, (path, bytes)) in files.iter().enumerate() {
            let same = |(_, other): &&(PathBuf, Zeroizing<Vec<u8>>)| {
                other.trim_ascii() == bytes.trim_ascii()
            };
            if let Some((other, _)) = files.iter().take(index).find(same) {
                let (path, other) = (path.display(), other.display());
                section.wrong(
                    key,
                    format!("{path} holds the same key as {other}: name it once"),
                );
                return None;
            }
        }
        Some(files)
    }
}

/// Far within the 24 hours for which GoPay knows an `X-EXTERNAL-ID` again: a request that got no answer is
/// repeated for as long as it can be paid. The app counts down in minutes.
fn payment_policy(section: &mut Section<'_>) -> Option<PaymentPolicy> {
    let key = "time_to_pay_minutes";
    let default = PaymentPolicy::default();
    let sends_items = section.flag("sends_items").unwrap_or(default.sends_items);
    let offers_gopay_later = section
        .flag("offers_gopay_later")
        .unwrap_or(default.offers_gopay_later);
    let time_to_pay = match section.number(key) {
        None => default.time_to_pay,
        Some(minutes @ 2..=120) => Duration::from_mins(minutes),
        Some(_) => {
            section.wrong(key, "must be 2 to 120");
            return None;
        }
    };
    Some(PaymentPolicy {
        confirm_from: rupiah(section, "confirm_from")?,
        time_to_pay,
        sends_items,
        offers_gopay_later,
        ..default
    })
}

/// An amount that may be left out; `None` after it has been noted as wrong.
fn rupiah(section: &mut Section<'_>, key: &str) -> Option<Option<Rupiah>> {
    match section.number(key) {
        None => Some(None),
        Some(amount) if amount <= Rupiah::MAX_PAYMENT.get() => Some(Some(Rupiah::new(amount))),
        Some(_) => {
            section.wrong(key, "must be an amount in whole rupiah");
            None
        }
    }
}

fn readable(key: &str, path: &Path) -> String {
    format!(
        "{key}: every user of this machine can read {0}; `chmod o= {0}` keeps it from them",
        path.display()
    )
}

fn read_bytes(key: &str, path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| Error::file(key, path, error))
}

fn read(key: &str, path: &Path) -> Result<String, Error> {
    String::from_utf8(read_bytes(key, path)?).map_err(|_| Error::Value {
        key: key.to_owned(),
        wrong: format!("{} is not text in UTF-8", path.display()),
    })
}
