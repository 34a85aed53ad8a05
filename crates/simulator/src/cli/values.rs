//! The values that a merchant's back end needs to connect: as text, as `.env`, and as JSON.

use super::{Settings, arguments::Format};
use gopay_protocol::message::notify;
use serde::Serialize;
use simulator::{Keys, KeysError};
use std::{fmt::Write, net::SocketAddr, path};

const SDK_PATH: &str = "/sdk/stable/gp-container.min.js";
const SNAP_JS_PATH: &str = "/snap/snap.js";

/// Each is an environment variable by the name of the field, in capitals, after `GOPAY_`.
#[derive(Debug, Serialize)]
pub(crate) struct Values {
    base_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sandbox_base_url: Option<String>,
    sdk_url: String,
    snap_js_url: String,
    merchant_id: String,
    partner_id: String,
    client_key: String,
    client_secret: String,
    /// Missing where the merchant's public key is not the simulator's.
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_private_key_file: Option<String>,
    public_key_file: String,
    server_key: String,
    snap_client_key: String,
    sandbox_server_key: String,
    sandbox_snap_client_key: String,
    notification_url: String,
    mini_app_id: String,
    mini_app_url: String,
    point_of_purchase_id: String,
    auth_credentials: String,
    /// Those after the first.
    further_mini_apps: Vec<FurtherMiniApp>,
}

#[derive(Debug, Serialize)]
struct FurtherMiniApp {
    id: String,
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
        let file = |name: &str| {
            let path = settings.keys.join(name);
            path::absolute(&path).unwrap_or(path).display().to_string()
        };
        let own = settings.keys.join("merchant.pem");
        let is_own = settings.merchant_key.is_none() && own.exists();
        let account = &settings.account;
        let mut apps = Vec::new();
        for (index, app) in settings.mini_apps.iter().enumerate() {
            let auth_credentials = settings.auth_credentials(keys, index, app)?;
            apps.push(FurtherMiniApp {
                id: app.id.to_string(),
                url: app.url.as_str().trim_end_matches('/').to_owned(),
                point_of_purchase_id: app.point_of_purchase_id.clone(),
                auth_credentials: auth_credentials.expose().to_owned(),
            });
        }
        let first = apps.remove(0);
        let mut notification_url = settings.notify.clone();
        if notification_url.path() == "/" {
            notification_url.set_path(notify::PATH);
        }
        Ok(Self {
            sdk_url: format!("{base_url}{SDK_PATH}"),
            snap_js_url: format!("{base_url}{SNAP_JS_PATH}"),
            base_url,
            sandbox_base_url: sandbox.map(origin),
            merchant_id: account.merchant_id.clone(),
            partner_id: account.partner_id.clone(),
            client_key: account.client_key.clone(),
            client_secret: keys.client_secret.expose().to_owned(),
            merchant_private_key_file: is_own.then(|| file("merchant.pem")),
            public_key_file: file("gopay.pub.pem"),
            server_key: account.server_key.clone(),
            snap_client_key: account.snap_client_key.clone(),
            sandbox_server_key: account.sandbox_server_key.clone(),
            sandbox_snap_client_key: account.sandbox_snap_client_key.clone(),
            notification_url: notification_url.to_string(),
            mini_app_id: first.id,
            mini_app_url: first.url,
            point_of_purchase_id: first.point_of_purchase_id,
            auth_credentials: first.auth_credentials,
            further_mini_apps: apps,
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
            let id = app.id.to_uppercase().replace('-', "_");
            let own = |name: &str, value: &str| (format!("GOPAY_{id}_{name}"), value.to_owned());
            variables.extend([
                own("MINI_APP_URL", &app.url),
                own("POINT_OF_PURCHASE_ID", &app.point_of_purchase_id),
                own("AUTH_CREDENTIALS", &app.auth_credentials),
            ]);
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
            ("merchant id", self.merchant_id.clone()),
            ("X-PARTNER-ID", self.partner_id.clone()),
            ("X-CLIENT-KEY", self.client_key.clone()),
            ("client secret", secret(&self.client_secret)),
            ("GoPay's public key", self.public_key_file.clone()),
        ];
        if let Some(file) = &self.merchant_private_key_file {
            rows.push(("your private key", file.clone()));
        }
        if let Some(sandbox) = &self.sandbox_base_url {
            rows.push(("base URL of the sandbox", sandbox.clone()));
        }
        rows.extend([
            ("server key (Snap)", secret(&self.server_key)),
            ("client key (snap.js)", self.snap_client_key.clone()),
            ("notifications go to", self.notification_url.clone()),
            (
                "mini app",
                format!("{} at {}", self.mini_app_id, self.mini_app_url),
            ),
            ("  pointOfPurchaseId", self.point_of_purchase_id.clone()),
            ("  AuthCredentials", secret(&self.auth_credentials)),
        ]);
        for app in &self.further_mini_apps {
            rows.extend([
                ("mini app", format!("{} at {}", app.id, app.url)),
                ("  pointOfPurchaseId", app.point_of_purchase_id.clone()),
                ("  AuthCredentials", secret(&app.auth_credentials)),
            ]);
        }
        let lines = rows
            .iter()
            .map(|(name, value)| format!("  {name:<24} {value}\n"));
        lines.collect()
    }
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
