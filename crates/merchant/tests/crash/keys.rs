//! What merchant and GoPay know each other by; one set for all runs, for it takes longest to make.

use gopay_protocol::{Secret, SigningKey, VerifyingKey};
use merchant::cli::keygen::keygen;
use reqwest::Client;
use simulator::Keys as GoPaysKeys;
use std::{
    fs,
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// Of the form that Standard Webhooks asks for.
pub(crate) const HOOK_SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A folder with the configuration, and the keys that it names.
pub(crate) struct Keys {
    folder: PathBuf,
    gopay: Secret,
    /// Shared as well: to make one is to read all certificates of this machine.
    pub(crate) http: Client,
}

impl Keys {
    pub(crate) fn new() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(Uuid::new_v4().to_string());
        keygen(&folder).unwrap();
        fs::create_dir(folder.join("dist")).unwrap();
        let gopay = SigningKey::generate().unwrap();
        for (file, text) in [
            ("gopay.pub.pem", gopay.public_pem().unwrap().as_str()),
            ("client.secret", "client secret"),
            ("auth.credentials", "credentials"),
            ("hook.secret", HOOK_SECRET),
            (
                "shop.toml",
                include_str!("../../../../tests/fixtures/shop.toml"),
            ),
            (
                "merchant.toml",
                &include_str!("../../merchant.toml")
                    .replace("../../target/preview/keys/", "")
                    .replace("../../dist", "dist")
                    .replace("../../shop.toml", "shop.toml"),
            ),
            ("dist/index.html", "<html></html>"),
        ] {
            fs::write(folder.join(file), text).unwrap();
        }
        Self {
            folder,
            gopay: gopay.to_pem().unwrap(),
            http: Client::builder().no_proxy().build().unwrap(),
        }
    }

    pub(crate) fn configuration(&self) -> PathBuf {
        self.folder.join("merchant.toml")
    }

    /// What GoPay has of them.
    pub(crate) fn gopays(&self) -> GoPaysKeys {
        let merchant = fs::read_to_string(self.folder.join("merchant.pub.pem")).unwrap();
        GoPaysKeys {
            gopay: SigningKey::from_pem(self.gopay.expose()).unwrap(),
            client_secret: Secret::new("client secret"),
            auth_credentials: Secret::new("credentials"),
            merchant: VerifyingKey::from_pem(&merchant).unwrap(),
        }
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
