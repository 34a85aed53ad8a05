//! The values that a merchant's back end needs to connect: as text, as `.env`, and as JSON.

use super::{Settings, arguments::Format, file::variable_form};
use gopay_protocol::{Secret, message::notify};
use serde::Serialize;
use simulator::{Keys, KeysError, MerchantSecrets, Url, account::Account};
use std::{
    fmt::Write,
    net::SocketAddr,
    path::{self, Path, PathBuf},
};

const SDK_PATH: &str = "/sdk/stable/gp-container.min.js";
const SNAP_JS_PATH: &str = "/snap/snap.js";

/// Of a merchant, in its folder of keys.
const PRIVATE_KEY_FILE: &str = "merchant.pem";

/// Each is an environment variable by the name of the field, in capitals, after `GOPAY_`.
#[derive(Debug, Serialize)]
pub(crate) struct Values {
    base_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sandbox_base_url: Option<String>,
    sdk_url: String,
    snap_js_url: String,
    #[serde(flatten)]
    merchant: MerchantValues,
    public_key_file: String,
    mini_app_id: String,
    mini_app_url: String,
    point_of_purchase_id: String,
    auth_credentials: String,
    /// Those after the first.
    further_mini_apps: Vec<FurtherMiniApp>,
    /// Likewise.
    further_merchants: Vec<MerchantValues>,
}

#[derive(Debug, Serialize)]
struct MerchantValues {
    merchant_id: String,
    partner_id: String,
    client_key: String,
    client_secret: String,
    /// Missing where the merchant's public key is not the simulator's.
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_private_key_file: Option<String>,
    server_key: String,
    snap_client_key: String,
    sandbox_server_key: String,
    sandbox_snap_client_key: String,
    notification_url: String,
}

#[derive(Debug, Serialize)]
struct FurtherMiniApp {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_id: Option<String>,
    url: String,
    point_of_purchase_id: String,
    auth_credentials: String,
}

impl Values {
    /// `address` is where the simulator listens, or will.
    pub(crate) fn of(
        settings: &Settings,
        keys: &Keys,
        address: SocketAddr,
        sandbox: Option<SocketAddr>,
    ) -> Result<Self, KeysError> {
        let host = settings.allow_hosts.first().map(String::as_str);
        let origin = |address: SocketAddr| {
            let host = host.unwrap_or("localhost");
            format!("http://{host}:{}", address.port())
        };
        let base_url = origin(address);
        let file = |name: &Path| {
            let path = settings.keys.join(name);
            path::absolute(&path).unwrap_or(path).display().to_string()
        };
        let of_merchant =
            |account: &Account, secret: &Secret, own: Option<PathBuf>, notify: &Url| {
                let account = account.clone();
                let own = own.filter(|own| settings.keys.join(own).exists());
                MerchantValues {
                    merchant_id: account.merchant_id,
                    partner_id: account.partner_id,
                    client_key: account.client_key,
                    client_secret: secret.expose().to_owned(),
                    merchant_private_key_file: own.map(|own| file(&own)),
                    server_key: account.server_key,
                    snap_client_key: account.snap_client_key,
                    sandbox_server_key: account.sandbox_server_key,
                    sandbox_snap_client_key: account.sandbox_snap_client_key,
                    notification_url: notification_url(notify),
                }
            };
        let mut apps = Vec::new();
        for (index, app) in settings.mini_apps.iter().enumerate() {
            let auth_credentials = settings.auth_credentials(keys, index, app)?;
            apps.push(FurtherMiniApp {
                id: app.id.to_string(),
                merchant_id: app.merchant_id.clone(),
                url: app.url.as_str().trim_end_matches('/').to_owned(),
                point_of_purchase_id: app.point_of_purchase_id.clone(),
                auth_credentials: auth_credentials.expose().to_owned(),
            });
        }
        let first = apps.remove(0);
        let further_merchants = settings.further_merchants.iter().map(|merchant| {
            let MerchantSecrets { client_secret, .. } = merchant.open_secrets(&settings.keys)?;
            let folder = Keys::merchant_dir(Path::new(""), &merchant.account.merchant_id);
            let own = merchant.merchant_key.is_none();
            let own = own.then(|| folder.join(PRIVATE_KEY_FILE));
            Ok(of_merchant(
                &merchant.account,
                &client_secret,
                own,
                &merchant.notify,
            ))
        });
        let further_merchants = further_merchants.collect::<Result<_, KeysError>>()?;
        Ok(Self {
            sdk_url: format!("{base_url}{SDK_PATH}"),
            snap_js_url: format!("{base_url}{SNAP_JS_PATH}"),
            base_url,
            sandbox_base_url: sandbox.map(origin),
            merchant: of_merchant(
                &settings.account,
                &keys.client_secret,
                settings
                    .merchant_key
                    .is_none()
                    .then(|| PRIVATE_KEY_FILE.into()),
                &settings.notify,
            ),
            public_key_file: file(Path::new("gopay.pub.pem")),
            mini_app_id: first.id,
            mini_app_url: first.url,
            point_of_purchase_id: first.point_of_purchase_id,
            auth_credentials: first.auth_credentials,
            further_mini_apps: apps,
            further_merchants,
        })
    }

    pub(crate) fn print(&self, format: Format) -> String {
        match format {
            Format::Text => self.text(true),
            Format::Env => self.env(),
            Format::Json => format!("{:#}\n", self.json()),
        }
    }

    fn json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The environment variables.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let json = self.json();
        let values = json.as_object().into_iter().flatten();
        let variable = |(name, value): (&String, &serde_json::Value)| {
            let value = value.as_str()?.to_owned();
            Some((format!("GOPAY_{}", name.to_uppercase()), value))
        };
        let mut variables: Vec<_> = values.filter_map(variable).collect();
        for app in &self.further_mini_apps {
            let id = variable_form(&app.id);
            let own = |name: &str, value: &str| (format!("GOPAY_{id}_{name}"), value.to_owned());
            variables.extend([
                own("MINI_APP_URL", &app.url),
                own("POINT_OF_PURCHASE_ID", &app.point_of_purchase_id),
                own("AUTH_CREDENTIALS", &app.auth_credentials),
            ]);
        }
        for merchant in &self.further_merchants {
            let id = variable_form(&merchant.merchant_id);
            let values = serde_json::to_value(merchant).unwrap_or_default();
            let values = values.as_object().into_iter().flatten();
            variables.extend(values.filter_map(|(name, value)| {
                let name = format!("GOPAY_MERCHANT_{id}_{}", name.to_uppercase());
                Some((name, value.as_str()?.to_owned()))
            }));
        }
        variables
    }

    fn env(&self) -> String {
        let mut lines = String::new();
        for (name, value) in self.variables() {
            let _ = writeln!(lines, "{name}={}", quoted(&value));
        }
        lines
    }

    /// Without secrets it says where they are.
    pub(crate) fn text(&self, with_secrets: bool) -> String {
        let secret = |value: &str| match with_secrets {
            true => value.to_owned(),
            false => "(--values text, with the same options)".to_owned(),
        };
        let mut rows = vec![
            ("base URL of the APIs", self.base_url.clone()),
            ("SDK", self.sdk_url.clone()),
            ("merchant id", self.merchant.merchant_id.clone()),
            ("X-PARTNER-ID", self.merchant.partner_id.clone()),
            ("X-CLIENT-KEY", self.merchant.client_key.clone()),
            ("client secret", secret(&self.merchant.client_secret)),
            ("GoPay's public key", self.public_key_file.clone()),
        ];
        if let Some(file) = &self.merchant.merchant_private_key_file {
            rows.push(("your private key", file.clone()));
        }
        if let Some(sandbox) = &self.sandbox_base_url {
            rows.push(("base URL of the sandbox", sandbox.clone()));
        }
        rows.extend([
            ("server key (Snap)", secret(&self.merchant.server_key)),
            (
                "client key (snap.js)",
                self.merchant.snap_client_key.clone(),
            ),
            (
                "notifications go to",
                self.merchant.notification_url.clone(),
            ),
            (
                "mini app",
                format!("{} at {}", self.mini_app_id, self.mini_app_url),
            ),
            ("  pointOfPurchaseId", self.point_of_purchase_id.clone()),
            ("  AuthCredentials", secret(&self.auth_credentials)),
        ]);
        let of_merchant = |app: &FurtherMiniApp| match &app.merchant_id {
            Some(id) => format!(", of {id}"),
            None => String::new(),
        };
        for app in &self.further_mini_apps {
            rows.extend([
                (
                    "mini app",
                    format!("{} at {}{}", app.id, app.url, of_merchant(app)),
                ),
                ("  pointOfPurchaseId", app.point_of_purchase_id.clone()),
                ("  AuthCredentials", secret(&app.auth_credentials)),
            ]);
        }
        for merchant in &self.further_merchants {
            rows.extend([
                ("merchant id", merchant.merchant_id.clone()),
                ("  X-PARTNER-ID", merchant.partner_id.clone()),
                ("  X-CLIENT-KEY", merchant.client_key.clone()),
                ("  client secret", secret(&merchant.client_secret)),
                ("  server key (Snap)", secret(&merchant.server_key)),
                ("  client key (snap.js)", merchant.snap_client_key.clone()),
                ("  notifications go to", merchant.notification_url.clone()),
            ]);
            if let Some(file) = &merchant.merchant_private_key_file {
                rows.push(("  your private key", file.clone()));
            }
        }
        let lines = rows
            .iter()
            .map(|(name, value)| format!("  {name:<24} {value}\n"));
        lines.collect()
    }
}

fn notification_url(notify: &Url) -> String {
    let mut url = notify.clone();
    if url.path() == "/" {
        url.set_path(notify::PATH);
    }
    url.into()
}

/// In quotes where a shell or a reader of `.env` would change it. Double ones are read alike by both, as long as there is
/// nothing in them that a shell expands.
fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+=?%,".contains(c);
    if value.chars().all(is_plain) {
        return value.to_owned();
    }
    match value.contains(['"', '$', '`', '\\']) {
        true => format!("'{}'", value.replace('\'', "'\\''")),
        false => format!("\"{value}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_value_with_other_letters_is_quoted() {
        for (value, written) in [
            ("http://localhost:9090/a?b=c", "http://localhost:9090/a?b=c"),
            ("two words", "\"two words\""),
            ("it's", "\"it's\""),
            ("a$b", "'a$b'"),
        ] {
            assert_eq!(quoted(value), written);
        }
    }
}
