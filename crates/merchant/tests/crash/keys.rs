//! What merchant and GoPay know each other by; one set for all runs, for it takes longest to make.

use crate::config_dir::ConfigDir;
use gopay_protocol::{Secret, VerifyingKey};
use reqwest::Client;
use simulator::Keys as GoPaysKeys;
use std::fs;
use test_kit::{gopay_key, http_client};

/// Coins for each order.
const REWARDS: &str = "
[mini_app.rewards]
description = \"Pesanan {order}\"
coins_percent = 5
";

pub(crate) struct Keys {
    pub(crate) config: ConfigDir,
    /// Shared as well: to make one is to read all certificates of this machine.
    pub(crate) http: Client,
}

impl Keys {
    pub(crate) fn new() -> Self {
        let config = ConfigDir::new();
        let text = fs::read_to_string(config.file()).unwrap();
        fs::write(config.file(), text + REWARDS).unwrap();
        Self {
            config,
            http: http_client(),
        }
    }

    /// What GoPay has of them.
    pub(crate) fn gopays(&self) -> GoPaysKeys {
        let merchant = fs::read_to_string(self.config.path.join("merchant.pub.pem")).unwrap();
        GoPaysKeys {
            gopay: gopay_key(),
            client_secret: Secret::new("secret"),
            auth_credentials: Secret::new("credentials"),
            merchant: VerifyingKey::from_pem(&merchant).unwrap(),
        }
    }
}
