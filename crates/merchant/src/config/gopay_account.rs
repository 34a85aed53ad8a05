//! The account at GoPay, as the configuration gives it.

use super::{
    ContainerUrls, CspExtra, Environment, Error, GoPayAccount, Reader, SnapAccount, read_bytes,
    section::Section, web_address,
};
use crate::key_ring::KeyRing;
use gopay_protocol::{ClientSecret, Hosts, ServerKey, SigningKey, VerifyingKey};
use std::{
    num::NonZeroU32,
    path::{Path, PathBuf},
};

/// GoPay has one host for mini-app APIs and none for tests `[backend-v2]`.
const MINI_APP_HOST: &str = "public-mini-app-merchants.gopayapi.com";

/// Where the SDK comes from `[frontend-v2]`.
const SDK_HOST: &str = "gwk.gopayapi.com";

/// What the simulator calls the merchant, which no real account is called.
const SIMULATOR_CLIENT_KEY: &str = "G000000001-SNAP";
const SIMULATOR_MERCHANT_ID: &str = "G000000001";
pub(super) const SIMULATOR_POINT_OF_PURCHASE_ID: &str = "7d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c1";

pub(super) const SIMULATOR_VALUE: &str =
    "is the simulator's: write what GoPay sent you, or set gopay.environment to simulator";

impl Environment {
    /// The hosts of each environment `[core-api-snap-open-api-overview]`.
    const fn hosts(self) -> Option<Hosts> {
        match self {
            Self::Simulator | Self::SimulatorSandbox => None,
            Self::Sandbox => Some(Hosts::SANDBOX),
            Self::Production => Some(Hosts::PRODUCTION),
        }
    }

    fn bi_snap_host(self) -> Option<&'static str> {
        self.hosts()?.bi_snap.strip_prefix("https://")
    }
}

impl Reader<'_> {
    /// The account; `None` after something has been noted.
    pub(super) fn account(
        &self,
        mut section: Section<'_>,
        environment: Option<Environment>,
    ) -> Option<GoPayAccount> {
        // Without one no address can be right or wrong: each is only read.
        let is_real = environment.is_some_and(|environment| !environment.is_simulator());
        let url = |section: &mut Section<'_>, key, host: Option<&str>| match environment {
            Some(_) => web_address::of_gopay(section, key, host),
            None => section.required_url(key),
        };
        let bi_snap_host = environment.and_then(Environment::bi_snap_host);
        let bi_snap_url = url(&mut section, "bi_snap_url", bi_snap_host);
        let container = match environment.and_then(Environment::refusal_of_mini_app_keys) {
            Some(why) => {
                section.refuse("mini_app_url", why);
                section.refuse("sdk_url", why);
                Some(None)
            }
            None => {
                let host = is_real.then_some(MINI_APP_HOST);
                let mini_app_url = url(&mut section, "mini_app_url", host);
                let sdk_url = url(&mut section, "sdk_url", is_real.then_some(SDK_HOST));
                mini_app_url.zip(sdk_url).map(|(mini_app_url, sdk_url)| {
                    Some(ContainerUrls {
                        mini_app_url,
                        sdk_url,
                    })
                })
            }
        };
        let client_key = self.id(&mut section, "client_key", is_real, SIMULATOR_CLIENT_KEY);
        let partner_id = self.id(&mut section, "partner_id", is_real, SIMULATOR_MERCHANT_ID);
        let merchant_id = self.id(&mut section, "merchant_id", is_real, SIMULATOR_MERCHANT_ID);
        let channel_id: Option<String> = section.required("channel_id");
        if let Some(id) = &channel_id
            && (id.len() != 5 || !id.bytes().all(|b| b.is_ascii_digit()))
        {
            section.wrong("channel_id", "must be five digits");
        }
        let client_secret = self.secrets(&mut section, "client_secret_file");
        if is_real {
            for (path, _) in client_secret.iter().flat_map(KeyRing::iter) {
                refuse_simulators_file(&section, "client_secret_file", path);
            }
        }
        let client_secret = client_secret
            .and_then(|secrets| secrets.try_map(|(_, secret)| Some(ClientSecret::new(secret))));
        let private_key = self.private_key(&mut section);
        let public_keys = self.public_keys(&mut section, private_key.as_ref(), is_real);
        let payment_link_hosts = web_address::host_names(&mut section, "payment_link_hosts");
        let proxy_url = web_address::proxy(&mut section, "proxy_url");
        let minimum_tls = section.optional("minimum_tls").unwrap_or_default();
        let csp_extra = CspExtra::read(section.section("csp_extra"));
        let background_requests_per_second = background_rate(&mut section);
        let snap = self.snap(&mut section, environment);
        section.finish();
        Some(GoPayAccount {
            environment: environment?,
            bi_snap_url: bi_snap_url?,
            container: container?,
            client_key: client_key?,
            client_secret: client_secret?,
            partner_id: partner_id?,
            merchant_id: merchant_id?,
            channel_id: channel_id?,
            private_key: private_key?,
            public_keys: public_keys?,
            payment_link_hosts,
            proxy_url,
            minimum_tls,
            csp_extra,
            background_requests_per_second: background_requests_per_second?,
            snap: snap?,
        })
    }

    /// `Some(None)` without Snap Checkout. Its keys stay while payments that it made are open, also
    /// where it is chosen no more.
    fn snap(
        &self,
        section: &mut Section<'_>,
        environment: Option<Environment>,
    ) -> Option<Option<SnapAccount>> {
        let keys = [
            "snap_url",
            "core_api_url",
            "server_key_file",
            "snap_client_key",
        ];
        if !keys.iter().any(|key| section.has(key)) {
            return Some(None);
        }
        let hosts = environment.and_then(Environment::hosts);
        let url = |section: &mut Section<'_>, key, address: fn(&Hosts) -> &'static str| {
            let host = hosts.and_then(|hosts| address(&hosts).strip_prefix("https://"));
            match environment {
                Some(_) => section
                    .is_there(key)
                    .then(|| web_address::of_gopay(section, key, host))?,
                None => section.required_url(key),
            }
        };
        let snap_url = url(section, "snap_url", |hosts| hosts.snap);
        let core_api_url = url(section, "core_api_url", |hosts| hosts.core_api);
        let server_key = self.server_key(section, environment);
        let client_key: Option<String> = section.required("snap_client_key");
        let client_key = client_key.filter(|key| {
            let is_key = !key.is_empty()
                && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
                && !key.contains("server");
            if !is_key {
                section.wrong("snap_client_key", "must be the key with \"client\" in it, from Midtrans' dashboard, Settings, Access Keys");
            }
            is_key
        });
        Some(Some(SnapAccount {
            snap_url: snap_url?,
            core_api_url: core_api_url?,
            server_key: server_key?,
            client_key: client_key?,
        }))
    }

    fn server_key(
        &self,
        section: &mut Section<'_>,
        environment: Option<Environment>,
    ) -> Option<KeyRing<ServerKey>> {
        let key = "server_key_file";
        self.secrets(section, key)?.try_map(|(path, secret)| {
            if environment.is_some_and(|environment| !environment.is_simulator()) {
                refuse_simulators_file(section, key, path);
            }
            let server_key = ServerKey::new(secret);
            let server_key =
                server_key.map_err(|error| Error::file(&section.name(key), path, error));
            let server_key = self.findings.ok(server_key)?;
            if environment == Some(Environment::Production) && server_key.is_marked_sandbox() {
                section.wrong(
                    key,
                    "is a key of the sandbox, which begins with SB-: production has another one",
                );
            }
            Some(server_key)
        })
    }

    fn private_key(&self, section: &mut Section<'_>) -> Option<KeyRing<SigningKey>> {
        let key = "private_key_file";
        self.key_files(section, key)?.try_map(|(path, bytes)| {
            let private = SigningKey::from_file(bytes);
            let private = private.map_err(|error| Error::file(&section.name(key), path, error));
            let private = self.findings.ok(private)?;
            if private.public_key().is_ok_and(|public| is_sample(&public)) {
                section.wrong(
                    key,
                    "is the sample key of GoPay's documentation, which everybody has: \
                     `merchant keygen` makes one of your own",
                );
            }
            Some(private)
        })
    }

    fn public_keys(
        &self,
        section: &mut Section<'_>,
        own: Option<&KeyRing<SigningKey>>,
        is_real: bool,
    ) -> Option<Vec<VerifyingKey>> {
        let key = "public_key_files";
        let files: Vec<PathBuf> = section.required_list(key)?;
        if files.is_empty() {
            section.wrong(
                key,
                "name at least one: without it no notification can be believed",
            );
            return None;
        }
        let own = own.into_iter().flat_map(KeyRing::iter);
        let own: Vec<VerifyingKey> = own.filter_map(|own| own.public_key().ok()).collect();
        let keys = files.iter().map(|file| {
            let path = self.folder.join(file);
            let bytes = self.findings.ok(read_bytes(&section.name(key), &path))?;
            let public = VerifyingKey::from_file(&bytes);
            let public = public.map_err(|error| Error::file(&section.name(key), &path, error));
            let public = self.findings.ok(public)?;
            if own.contains(&public) {
                section.wrong(
                    key,
                    format!(
                        "{} is the public half of your own private_key_file. What belongs here \
                         is GoPay's key, which signs notifications: {GOPAY_KEY_HINT}",
                        path.display()
                    ),
                );
            } else if is_sample(&public) {
                section.wrong(
                    key,
                    format!(
                        "{} is the sample key of GoPay's documentation, with which anybody can \
                         sign. GoPay's own: {GOPAY_KEY_HINT}",
                        path.display()
                    ),
                );
            } else if is_real && is_simulators(&path) {
                section.wrong(
                    key,
                    format!(
                        "{} is the simulator's. GoPay's own: {GOPAY_KEY_HINT}",
                        path.display()
                    ),
                );
            }
            Some(public)
        });
        // All of them, so that each wrong one is named.
        let keys: Vec<Option<VerifyingKey>> = keys.collect();
        keys.into_iter().collect()
    }

    /// An id, which travels as a header.
    fn id(
        &self,
        section: &mut Section<'_>,
        key: &'static str,
        is_real: bool,
        simulators: &str,
    ) -> Option<String> {
        let id: String = section.required(key)?;
        let wrong = if id.is_empty() || !id.bytes().all(|b| b.is_ascii_graphic()) {
            "must be what GoPay sent you, without spaces"
        } else if is_real && id == simulators {
            SIMULATOR_VALUE
        } else {
            return Some(id);
        };
        section.wrong(key, wrong);
        None
    }
}

fn background_rate(section: &mut Section<'_>) -> Option<NonZeroU32> {
    let key = "background_requests_per_second";
    match section.number(key) {
        None => Some(GoPayAccount::BACKGROUND_REQUESTS_PER_SECOND),
        Some(number @ 1..=1000) => u32::try_from(number).ok().and_then(NonZeroU32::new),
        Some(_) => {
            section.wrong(key, "must be 1 to 1000");
            None
        }
    }
}

/// The key that GoPay's documentation and its demo sign their samples with
/// `[signature-generation]`: every reader of the page can sign with it.
const SAMPLE_KEY: &str = "\
    MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAlWbtlh3eM+bW3n5AFj42\
    wddC4L7tQqbLiCFbTv8K67yng9iwK5mEn+UMXiRhvB2JVWFafCPPxFamsiVG3Mjn\
    eGjC0BYgmpmw4qXnAnyO3nCdCuPtmZ3ljhKvSTPdWZxrcLi1Xa9V/+Pzb8hrjb5i\
    wMn6SZFNeMmZYgFKiSeueo6TPln2PoTqXCzs1HtsM8eUVe8GAsjJe/3dYl992nyX\
    OpG21GgNu8o5T3WOptPg6GdDTWkTWUu483yRbVVy04Pz4L8DDZTDv+WcsAViDn1r\
    A/jB1Auj/UGKx2ovGcBH/a/hor5TbABbODU6cPTHT54K3sSZtvZNV4eFDB1f/4wd\
    fwIDAQAB";

/// Unverified: what is shown where; the pages describe Midtrans' dashboard.
const GOPAY_KEY_HINT: &str =
    "the dashboard shows it after the notification URL was saved (Settings, Payments)";

fn is_sample(key: &VerifyingKey) -> bool {
    VerifyingKey::from_pem(SAMPLE_KEY).is_ok_and(|sample| sample == *key)
}

pub(super) fn refuse_simulators_file(section: &Section<'_>, key: &str, path: &Path) {
    if is_simulators(path) {
        section.wrong(key, format!("{} {SIMULATOR_VALUE}", path.display()));
    }
}

/// The simulator's private key lies beside all that it makes, and with the real GoPay nothing
/// there is worth anything.
fn is_simulators(path: &Path) -> bool {
    path.with_file_name("gopay.pem").exists()
}
