//! What the simulator is started with: the configuration file, and what the command line says instead.

use super::{
    Arguments,
    file::{CheckTable, File, FileError, MerchantTable, MiniAppTable, variable_form},
};
use gopay_protocol::Secret;
use simulator::{
    Buyer, FurtherMerchant, Gallery, Icon, IconError, Keys, KeysError, MerchantSecrets, MiniApp,
    MiniAppId, Options, Package, Simulator, Url,
    account::{self, Account},
};
use std::{
    collections::HashSet,
    error::Error,
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

/// The configuration file, where the command line names none.
const DEFAULT_FILE: &str = "gopay-simulator.toml";

const DEFAULT_KEYS: &str = ".gopay-simulator";

const DEFAULT_APP: &str = "http://localhost:8080";

const DEFAULT_ORDER_HISTORY: &str = "/orders/{partner_reference_no}";

#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    pub(crate) sandbox_listen: Option<SocketAddr>,
    pub(crate) allow_hosts: Vec<String>,
    pub(crate) keys: PathBuf,
    pub(crate) account: Account,
    pub(crate) client_secret: Option<Secret>,
    pub(crate) merchant_key: Option<PathBuf>,
    pub(crate) notify: Url,
    pub(crate) notify_ca: Option<PathBuf>,
    pub(crate) order_history: String,
    pub(crate) further_merchants: Vec<MerchantSettings>,
    /// At least one.
    pub(crate) mini_apps: Vec<MiniAppSettings>,
    pub(crate) buyers: Vec<Buyer>,
    setup: Option<PathBuf>,
    seed: Option<u32>,
    pub(crate) check: CheckTable,
    package: Option<PathBuf>,
    gallery: Option<PathBuf>,
}

/// A merchant after the first.
#[derive(Debug)]
pub(crate) struct MerchantSettings {
    pub(crate) account: Account,
    client_secret: Option<Secret>,
    pub(crate) merchant_key: Option<PathBuf>,
    pub(crate) notify: Url,
}

#[derive(Debug)]
pub(crate) struct MiniAppSettings {
    pub(crate) id: MiniAppId,
    pub(crate) name: Option<String>,
    icon: Option<PathBuf>,
    pub(crate) url: Url,
    pub(crate) point_of_purchase_id: String,
    /// Of a further merchant.
    pub(crate) merchant_id: Option<String>,
    auth_credentials: Option<Secret>,
}

impl Settings {
    pub(crate) fn of(arguments: Arguments) -> Result<Self, FileError> {
        let default = Path::new(DEFAULT_FILE);
        let file = match &arguments.config {
            Some(path) => File::open(path)?,
            None if default.exists() => File::open(default)?,
            None => File::default(),
        };
        Self::merged(arguments, file)
    }

    fn merged(arguments: Arguments, file: File) -> Result<Self, FileError> {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 9090));
        let default_app = Url::parse(DEFAULT_APP).map_err(|_| FileError::Default)?;
        let mut merchants = file.merchants.into_iter();
        let merchant = merchants.next().unwrap_or_default();
        let account = account(&arguments, &merchant);
        for (name, id) in [
            ("merchant id", &account.merchant_id),
            ("partner id", &account.partner_id),
            ("client key", &account.client_key),
        ] {
            check_id(name, id)?;
        }
        let notify = (arguments.notify.or(merchant.notify)).unwrap_or_else(|| default_app.clone());
        let further_merchants = merchants
            .map(|table| MerchantSettings::of(table, &notify))
            .collect::<Result<Vec<_>, _>>()?;
        let mut names = HashSet::from([variable_form(&account.merchant_id)]);
        for merchant in &further_merchants {
            let id = &merchant.account.merchant_id;
            if !names.insert(variable_form(id)) {
                return Err(FileError::SameMerchantId(id.clone()));
            }
        }
        let mut allow_hosts = file.allow_hosts;
        allow_hosts.extend(arguments.allow_host);
        let mut mini_apps: Vec<_> = file
            .mini_apps
            .into_iter()
            .map(MiniAppSettings::of)
            .collect();
        if mini_apps.is_empty() {
            let id = account::MINI_APP_ID
                .parse()
                .map_err(|_| FileError::Default)?;
            mini_apps.push(MiniAppSettings::new(id, default_app));
        }
        if let Some(first) = mini_apps.first_mut() {
            first.url = arguments.app.unwrap_or_else(|| first.url.clone());
            first.name = arguments.app_name.or(first.name.take());
            if let Some(id) = arguments.app_id {
                first.point_of_purchase_id = account::point_of_purchase_id(id.as_str());
                first.id = id;
            }
            if let Some(id) = arguments.point_of_purchase {
                first.point_of_purchase_id = id;
            }
        }
        let further = arguments.mini_app.into_iter();
        mini_apps.extend(further.map(|(id, url)| MiniAppSettings::new(id, url)));
        Ok(Self {
            listen: arguments.listen.or(file.listen).unwrap_or(listen),
            sandbox_listen: arguments.sandbox_listen.or(file.sandbox_listen),
            allow_hosts,
            keys: (arguments.keys.or(file.keys)).unwrap_or_else(|| DEFAULT_KEYS.into()),
            account,
            client_secret: merchant.client_secret.map(Secret::new),
            merchant_key: arguments.merchant_key.or(merchant.public_key),
            notify,
            notify_ca: arguments.notify_ca.or(merchant.notify_ca),
            order_history: (arguments.order_history.or(merchant.order_history))
                .unwrap_or_else(|| DEFAULT_ORDER_HISTORY.to_owned()),
            further_merchants,
            mini_apps,
            buyers: file.buyers,
            setup: arguments.setup.or(file.setup),
            seed: arguments.seed.or(file.seed),
            check: file.check,
            package: arguments.package.or(file.package),
            gallery: arguments.gallery.or(file.gallery),
        })
    }

    /// The keys of both sides, generated where they are missing.
    pub(crate) fn open_keys(&self) -> Result<Keys, KeysError> {
        let mut keys = Keys::open(&self.keys, &self.account)?;
        if let Some(secret) = &self.client_secret {
            keys.client_secret = secret.clone();
        }
        if let Some(path) = &self.merchant_key {
            keys.merchant = Keys::open_merchant(path)?;
        }
        if let Some(credentials) = self
            .mini_apps
            .first()
            .and_then(|it| it.auth_credentials.as_ref())
        {
            keys.auth_credentials = credentials.clone();
        }
        Ok(keys)
    }

    /// The AuthCredentials of the mini app at this place.
    pub(crate) fn auth_credentials(
        &self,
        keys: &Keys,
        index: usize,
        app: &MiniAppSettings,
    ) -> Result<Secret, KeysError> {
        match &app.auth_credentials {
            _ if index == 0 => Ok(keys.auth_credentials.clone()),
            Some(credentials) => Ok(credentials.clone()),
            None => Keys::open_auth_credentials(&self.keys, &app.id),
        }
    }

    pub(crate) async fn bind(&self) -> Result<Simulator, Box<dyn Error>> {
        let package = self.package.as_deref().map(Package::open).transpose()?;
        let gallery = self.gallery.as_deref().map(Gallery::open).transpose()?;
        let keys = self.open_keys()?;
        let mut mini_apps = Vec::new();
        for (index, app) in self.mini_apps.iter().enumerate() {
            mini_apps.push(app.mini_app(self.auth_credentials(&keys, index, app)?)?);
        }
        let mut mini_apps = mini_apps.into_iter();
        let first = mini_apps.next().ok_or("there is no mini app")?;
        let options = Options {
            listen: self.listen,
            app: first.address().clone(),
            notify: self.notify.clone(),
            keys,
        };
        let mut simulator = Simulator::bind_for(options, self.allow_hosts.clone())
            .await?
            .with_account(self.account.clone())?
            .with_order_history(&self.order_history)?;
        for merchant in &self.further_merchants {
            simulator = simulator.with_merchant(FurtherMerchant {
                account: merchant.account.clone(),
                secrets: merchant.open_secrets(&self.keys)?,
                notify: merchant.notify.clone(),
            })?;
        }
        simulator = simulator.with_first_mini_app(first)?;
        for app in mini_apps {
            simulator = simulator.with_mini_app(app)?;
        }
        for buyer in &self.buyers {
            simulator = simulator.with_buyer(buyer.clone());
        }
        if let Some(listen) = self.sandbox_listen {
            simulator = simulator.with_sandbox(listen).await?;
        }
        if let Some(path) = &self.setup {
            let named = |error| format!("{}: {error}", path.display());
            let text =
                String::from_utf8(read(path)?).map_err(|_| named("it is not UTF-8".into()))?;
            let set_up = simulator.with_setup(&text);
            simulator = set_up.map_err(|error| named(error.to_string()))?;
        }
        if let Some(seed) = self.seed {
            simulator = simulator.with_seed(seed);
        }
        if let Some(path) = &self.notify_ca {
            simulator = simulator.with_notify_ca(&read(path)?)?;
        }
        if let Some(package) = package {
            simulator = simulator.with_package(package);
        }
        if let Some(gallery) = gallery {
            simulator = simulator.with_gallery(gallery);
        }
        Ok(simulator)
    }
}

impl MerchantSettings {
    /// Its notifications arrive where the first merchant's do, unless it says otherwise.
    fn of(table: MerchantTable, notify: &Url) -> Result<Self, FileError> {
        let id = table.merchant_id.unwrap_or_default();
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if id.is_empty() || !id.bytes().all(is_name) {
            return Err(FileError::MerchantId(table.name.unwrap_or(id)));
        }
        if table.notify_ca.is_some() || table.order_history.is_some() {
            return Err(FileError::OfAll(id));
        }
        let known = Account::of_merchant(id);
        let account = Account {
            name: table.name.unwrap_or(known.name),
            partner_id: table.partner_id.unwrap_or(known.partner_id),
            client_key: table.client_key.unwrap_or(known.client_key),
            server_key: table.server_key.unwrap_or(known.server_key),
            snap_client_key: table.snap_client_key.unwrap_or(known.snap_client_key),
            sandbox_server_key: table.sandbox_server_key.unwrap_or(known.sandbox_server_key),
            sandbox_snap_client_key: (table.sandbox_snap_client_key)
                .unwrap_or(known.sandbox_snap_client_key),
            merchant_id: known.merchant_id,
        };
        check_id("partner id", &account.partner_id)?;
        check_id("client key", &account.client_key)?;
        Ok(Self {
            account,
            client_secret: table.client_secret.map(Secret::new),
            merchant_key: table.public_key,
            notify: table.notify.unwrap_or_else(|| notify.clone()),
        })
    }

    /// Those of both sides, generated where they are missing in its folder of the keys.
    pub(crate) fn open_secrets(&self, keys: &Path) -> Result<MerchantSecrets, KeysError> {
        let generated = Keys::open_merchant_secrets(keys, &self.account)?;
        Ok(MerchantSecrets {
            client_secret: self
                .client_secret
                .clone()
                .unwrap_or(generated.client_secret),
            public_key: match &self.merchant_key {
                Some(path) => Keys::open_merchant(path)?,
                None => generated.public_key,
            },
        })
    }
}

impl MiniAppSettings {
    fn new(id: MiniAppId, url: Url) -> Self {
        Self {
            point_of_purchase_id: account::point_of_purchase_id(id.as_str()),
            id,
            name: None,
            icon: None,
            url,
            merchant_id: None,
            auth_credentials: None,
        }
    }

    fn of(table: MiniAppTable) -> Self {
        let plain = Self::new(table.id, table.url);
        Self {
            name: table.name,
            icon: table.icon,
            merchant_id: table.merchant_id,
            point_of_purchase_id: (table.point_of_purchase_id)
                .unwrap_or(plain.point_of_purchase_id),
            auth_credentials: table.auth_credentials.map(Secret::new),
            ..plain
        }
    }

    fn mini_app(&self, auth_credentials: Secret) -> Result<MiniApp, IconError> {
        let mut app = MiniApp::new(self.id.clone(), self.url.clone(), auth_credentials)
            .with_point_of_purchase(&self.point_of_purchase_id);
        if let Some(merchant_id) = &self.merchant_id {
            app = app.of_merchant(merchant_id);
        }
        if let Some(name) = &self.name {
            app = app.named(name);
        }
        if let Some(path) = &self.icon {
            app = app.with_icon(Icon::open(path)?);
        }
        Ok(app)
    }
}

fn check_id(name: &'static str, id: &str) -> Result<(), FileError> {
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic());
    match is_id {
        true => Ok(()),
        false => Err(FileError::Id {
            name,
            id: id.to_owned(),
        }),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// The partner id and the client key follow from the merchant id, as GoPay gives them.
fn account(arguments: &Arguments, table: &MerchantTable) -> Account {
    let known = Account::default();
    let said = |argument: &Option<String>, table: &Option<String>| {
        argument.as_ref().or(table.as_ref()).cloned()
    };
    let merchant_id = said(&arguments.merchant_id, &table.merchant_id);
    let own = merchant_id.clone();
    let or_own = |said: Option<String>, known, follows: fn(&String) -> String| {
        said.or_else(|| own.as_ref().map(follows)).unwrap_or(known)
    };
    Account {
        name: said(&arguments.merchant_name, &table.name)
            .or_else(|| arguments.app_name.clone())
            .unwrap_or(known.name),
        partner_id: or_own(
            said(&arguments.partner_id, &table.partner_id),
            known.partner_id,
            String::clone,
        ),
        client_key: or_own(
            said(&arguments.client_key, &table.client_key),
            known.client_key,
            |id| format!("{id}-SNAP"),
        ),
        merchant_id: merchant_id.unwrap_or(known.merchant_id),
        server_key: table.server_key.clone().unwrap_or(known.server_key),
        snap_client_key: (table.snap_client_key.clone()).unwrap_or(known.snap_client_key),
        sandbox_server_key: (table.sandbox_server_key.clone()).unwrap_or(known.sandbox_server_key),
        sandbox_snap_client_key: (table.sandbox_snap_client_key.clone())
            .unwrap_or(known.sandbox_snap_client_key),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::CommandLine, *};
    use clap::Parser;

    fn settings(line: &str, file: &str) -> Settings {
        let words = ["gopay-simulator"]
            .into_iter()
            .chain(line.split_whitespace());
        let arguments = CommandLine::parse_from(words).arguments;
        Settings::merged(arguments, toml::from_str(file).unwrap()).unwrap()
    }

    #[test]
    fn nothing_has_to_be_said() {
        let settings = settings("", "");
        assert_eq!(settings.listen, "127.0.0.1:9090".parse().unwrap());
        assert_eq!(settings.account, Account::default());
        let [app] = &settings.mini_apps[..] else {
            panic!("{settings:?}");
        };
        assert_eq!(app.id.as_str(), account::MINI_APP_ID);
        assert_eq!(app.point_of_purchase_id, account::POINT_OF_PURCHASE_ID);
    }

    #[test]
    fn the_command_line_goes_before_the_file() {
        let file = r#"
            listen = "localhost:7000"
            seed = 7
            [merchant]
            name = "Toko"
            merchant_id = "G7"
            notify = "http://localhost:8182/hooks/gopay"
            [[mini_app]]
            id = "toko"
            url = "https://toko.test"
            [[mini_app]]
            id = "kopi"
            url = "http://kopi.localhost:1"
            point_of_purchase_id = "p"
            [[buyer]]
            id = "budi"
            balance = 1000
        "#;
        let from_file = settings("", file);
        assert_eq!(from_file.listen, "127.0.0.1:7000".parse().unwrap());
        let account = &from_file.account;
        assert_eq!(account.partner_id, "G7");
        assert_eq!(account.client_key, "G7-SNAP");
        assert_eq!(from_file.notify.path(), "/hooks/gopay");
        assert_eq!(from_file.mini_apps.len(), 2);
        assert_eq!(from_file.mini_apps[1].point_of_purchase_id, "p");
        assert_eq!(from_file.buyers[0].balance, Some(1000));
        assert_eq!(from_file.seed, Some(7));

        let line = "--listen 127.0.0.1:0 --merchant-id G8 --client-key K --app http://localhost:3000 --app-name Lain --seed 8";
        let from_line = settings(line, file);
        assert_eq!(from_line.listen.port(), 0);
        assert_eq!(from_line.seed, Some(8));
        assert_eq!(from_line.account.merchant_id, "G8");
        assert_eq!(from_line.account.client_key, "K");
        assert_eq!(from_line.account.name, "Toko");
        let first = &from_line.mini_apps[0];
        assert_eq!(first.id.as_str(), "toko");
        assert_eq!(first.url.as_str(), "http://localhost:3000/");
        assert_eq!(first.name.as_deref(), Some("Lain"));
    }

    #[test]
    fn a_mistake_in_the_file_is_named() {
        for (file, words) in [
            ("lisen = 1", "unknown field `lisen`"),
            ("listen = \"9090\"", "write an address and a port"),
            (
                "[[mini_app]]\nid = \"Toko\"\nurl = \"http://x\"",
                "is not the id of a mini app",
            ),
            ("[merchant]\nnotify = \"there\"", "relative URL"),
        ] {
            let error = toml::from_str::<File>(file).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
