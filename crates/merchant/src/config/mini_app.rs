//! The mini apps of a configuration: what each has of its own, and what it has from the root.

use super::{
    Environment, Error, GoPayAccount, MiniApp, OrderHistory, Reader, Registration, gopay_account,
    mini_app_rules, read, section::Section, web_address,
};
use crate::key_ring::KeyRing;
use crate::{
    deeplink_qr,
    domain::{catalogue::Catalogue, mini_app_id::MiniAppId, mini_app_rules::MiniAppRules},
};
use std::path::PathBuf;
use toml::Value;
use url::Url;

/// What the mini apps of one configuration are read with.
struct Shared<'a> {
    environment: Option<Environment>,
    gopay: Option<&'a GoPayAccount>,
    /// Of the root, for a mini app that has none; `None` after something has been noted.
    public_url: Option<Option<Url>>,
    dist: Option<Option<PathBuf>>,
    is_only: bool,
}

/// Where a mini app is reached and where its files are.
struct Site {
    public_url: Option<Url>,
    dist: PathBuf,
}

impl Reader<'_> {
    /// Each with what its keys begin with in messages.
    pub(super) fn mini_apps(
        &self,
        root: &mut Section<'_>,
        environment: Option<Environment>,
        gopay: Option<&GoPayAccount>,
        public_url: Option<Option<Url>>,
    ) -> Option<Vec<(String, MiniApp)>> {
        let key = "mini_app";
        let dist = root.optional_or_absent("dist");
        let apps: Vec<Value> = root.required(key)?;
        if apps.is_empty() {
            root.wrong(key, "is empty: a merchant serves at least one");
        }
        let count = apps.len();
        let shared = Shared {
            environment,
            gopay,
            public_url,
            dist,
            is_only: count == 1,
        };
        let mut read = Vec::with_capacity(count);
        for (index, app) in apps.into_iter().enumerate() {
            let Value::Table(app) = app else {
                root.wrong(key, "must be a table: write [[mini_app]] above its keys");
                continue;
            };
            let id = app.get("id").and_then(Value::as_str);
            let prefix = match id.filter(|id| is_id(id)) {
                _ if shared.is_only => "mini_app.".to_owned(),
                Some(id) => format!("mini_app[{id}]."),
                None => format!("mini_app[{}].", index + 1),
            };
            let section = Section::new(&prefix, app, &self.variables, &self.findings);
            let app = self.mini_app(section, &shared);
            read.extend(app.map(|app| (prefix, app)));
        }
        self.check_apart(&read);
        (read.len() == count && count > 0).then_some(read)
    }

    /// What no two mini apps may have in common: something of one would reach the other.
    fn check_apart(&self, apps: &[(String, MiniApp)]) {
        for (index, (prefix, app)) in apps.iter().enumerate() {
            for (_, other) in apps.get(..index).unwrap_or_default() {
                let registrations = (app.registration.as_ref()).zip(other.registration.as_ref());
                let have_same = |same: fn(&Registration, &Registration) -> bool| {
                    registrations.is_some_and(|(one, other)| same(one, other))
                };
                let is_same_place = have_same(|one, other| {
                    let (one, other) = (&one.point_of_purchase_id, &other.point_of_purchase_id);
                    one.eq_ignore_ascii_case(other)
                });
                let are_same_credentials = have_same(|one, other| {
                    let mut all = other.auth_credentials.iter();
                    all.any(|other| {
                        one.auth_credentials
                            .iter()
                            .any(|one| one.expose() == other.expose())
                    })
                });
                // The simulator's differs by the id.
                let is_same_link =
                    app.id != other.id && app.deeplink.is_some() && app.deeplink == other.deeplink;
                for (is_same, key, what) in [
                    (app.id == other.id, "id", "an id"),
                    (app.host() == other.host(), "public_url", "a host name"),
                    (is_same_place, "point_of_purchase_id", "one"),
                    (are_same_credentials, "auth_credentials_file", "credentials"),
                    (is_same_link, "deeplink", "one"),
                ] {
                    if is_same {
                        let other = &other.id;
                        self.findings.wrong(
                            format!("{prefix}{key}"),
                            format!("is that of {other} too: each mini app has {what} of its own"),
                        );
                    }
                }
            }
        }
    }

    fn site(&self, section: &mut Section<'_>, shared: &Shared<'_>) -> Option<Site> {
        // With one mini app these are keys of the root.
        let missing = |section: &Section<'_>, key: &str, what: &str| match shared.is_only {
            true => self.findings.wrong(key, what),
            false => section.wrong(key, what),
        };
        let public_url = match web_address::public(section, shared.environment) {
            Some(None) => shared.public_url.clone(),
            own => own,
        };
        let may_be_missing = shared.environment.is_none_or(Environment::is_simulator);
        let is_missing = public_url == Some(None) && !may_be_missing;
        if is_missing {
            missing(
                section,
                "public_url",
                "is missing: https://your-shop.example",
            );
        }
        let dist = match section.optional_or_absent("dist") {
            Some(None) => shared.dist.clone(),
            own => own,
        };
        if dist == Some(None) {
            let what = "is missing: the folder that `cargo xtask dist` makes";
            missing(section, "dist", what);
        }
        Some(Site {
            public_url: public_url.filter(|_| !is_missing)?,
            dist: self.folder.join(dist??),
        })
    }

    fn mini_app(&self, mut section: Section<'_>, shared: &Shared<'_>) -> Option<MiniApp> {
        let id = id(&mut section);
        let site = self.site(&mut section, shared);
        let catalogue = self.catalogue(&mut section);
        let refusal = shared
            .environment
            .and_then(Environment::refusal_of_mini_app_keys);
        if let Some(why) = refusal {
            return web_shop(section, why, id, site, catalogue);
        }
        let gopay = shared.gopay;
        let is_real = gopay.is_some_and(|gopay| !gopay.environment.is_simulator());
        let registration = self.registration(&mut section, is_real);
        // Which links are right depends on which GoPay it is.
        let deeplink = match gopay {
            Some(gopay) => {
                let simulator = match &gopay.container {
                    Some(urls) if !is_real => Some(&urls.sdk_url),
                    _ => None,
                };
                let opened = id.as_ref().filter(|_| !shared.is_only);
                deeplink(&mut section, simulator, opened)
            }
            None => section.optional("deeplink").map(Some),
        };
        let origins: Vec<String> = section.list("package_origins").unwrap_or_default();
        let package_origins = origins
            .iter()
            .filter_map(|text| web_address::package_origin(&section, text))
            .collect();
        let rules = mini_app_rules::read(&mut section);
        let order_history = match section.optional::<String>("order_history") {
            None => Some(OrderHistory::default()),
            Some(shape) => OrderHistory::parse(&shape)
                .map_err(|wrong| section.wrong("order_history", wrong))
                .ok(),
        };
        section.finish();
        let Site { public_url, dist } = site?;
        Some(MiniApp {
            id: id?,
            public_url,
            dist,
            registration: Some(registration?),
            deeplink: deeplink?,
            catalogue: catalogue?,
            package_origins,
            rules: rules?,
            order_history: order_history?,
        })
    }

    fn registration(&self, section: &mut Section<'_>, is_real: bool) -> Option<Registration> {
        let point_of_purchase_id =
            section
                .required("point_of_purchase_id")
                .filter(|id: &String| {
                    let is_uuid = uuid::Uuid::try_parse(id).is_ok();
                    if !is_uuid {
                        section.wrong(
                            "point_of_purchase_id",
                            "must be the UUID from GoPay's integration e-mail",
                        );
                    }
                    is_uuid
                });
        let auth_credentials = self.secrets(section, "auth_credentials_file");
        for (path, credentials) in auth_credentials.iter().flat_map(KeyRing::iter) {
            if !credentials.expose().bytes().all(|b| b.is_ascii_graphic()) {
                section.wrong(
                    "auth_credentials_file",
                    format!(
                        "{} must hold what GoPay sent you and no more: one line without spaces, \
                         without \"Basic\"",
                        path.display()
                    ),
                );
            }
        }
        if is_real {
            if point_of_purchase_id.as_deref()
                == Some(gopay_account::SIMULATOR_POINT_OF_PURCHASE_ID)
            {
                section.wrong("point_of_purchase_id", gopay_account::SIMULATOR_VALUE);
            }
            for (path, _) in auth_credentials.iter().flat_map(KeyRing::iter) {
                gopay_account::refuse_simulators_file(section, "auth_credentials_file", path);
            }
        }
        Some(Registration {
            point_of_purchase_id: point_of_purchase_id?,
            auth_credentials: auth_credentials?.try_map(|(_, it)| Some(it.clone()))?,
        })
    }

    fn catalogue(&self, section: &mut Section<'_>) -> Option<Catalogue> {
        let path = self.path(section, "catalogue")?;
        let name = section.name("catalogue");
        let text = self.findings.ok(read(&name, &path))?;
        let catalogue = Catalogue::parse(&text).map_err(|error| Error::file(&name, &path, error));
        self.findings.ok(catalogue)
    }
}

/// It stands in messages, logs and the database.
fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic())
}

fn id(section: &mut Section<'_>) -> Option<MiniAppId> {
    let id: String = section.required("id")?;
    if !is_id(&id) {
        section.wrong(
            "id",
            "must be 1 to 64 letters, digits and signs, without spaces",
        );
        return None;
    }
    Some(id.into())
}

/// The app where there are no mini apps. What GoPay does for one is refused rather than ignored:
/// otherwise it would seem to have been tried.
fn web_shop(
    mut section: Section<'_>,
    why: &str,
    id: Option<MiniAppId>,
    site: Option<Site>,
    catalogue: Option<Catalogue>,
) -> Option<MiniApp> {
    for key in [
        "point_of_purchase_id",
        "auth_credentials_file",
        "deeplink",
        "package_origins",
        "order_history",
        "rewards",
        "reminder",
        "push",
    ] {
        section.refuse(key, why);
    }
    section.finish();
    let Site { public_url, dist } = site?;
    Some(MiniApp {
        id: id?,
        public_url,
        dist,
        registration: None,
        deeplink: None,
        catalogue: catalogue?,
        package_origins: Vec::new(),
        rules: MiniAppRules::default(),
        order_history: OrderHistory::default(),
    })
}

/// Where it is not said, the simulator's phone, which is the GoPay of that environment; it is told
/// which mini app to open where there are several.
fn deeplink(
    section: &mut Section<'_>,
    simulator: Option<&Url>,
    mini_app: Option<&MiniAppId>,
) -> Option<Option<String>> {
    let key = "deeplink";
    let link = match (section.optional::<String>(key), simulator) {
        (Some(link), _) if link.is_empty() => return Some(None),
        (Some(link), _) => link,
        (None, Some(simulator)) => {
            let mut phone = simulator.clone();
            phone.set_path("/");
            if let Some(mini_app) = mini_app {
                phone
                    .query_pairs_mut()
                    .append_pair("app", mini_app.as_str());
            }
            phone.into()
        }
        (None, None) => return Some(None),
    };
    let is_safe = Url::parse(&link).is_ok_and(|url| match url.scheme() {
        "gopay" | "https" => true,
        "http" => simulator.is_some() && web_address::is_loopback(&url),
        _ => false,
    });
    let wrong = if !is_safe {
        "must begin with gopay:// or https://; leave it empty while you have none"
    } else if deeplink_qr::svg(&link).is_none() {
        "is longer than a QR code can hold"
    } else {
        return Some(Some(link));
    };
    section.wrong(key, wrong);
    None
}
