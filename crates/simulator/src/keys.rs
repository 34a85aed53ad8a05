//! The keys and secrets that GoPay and a merchant exchange at sign-up.

use crate::{
    account::Account,
    caller::{MerchantNo, PerMerchant},
    host::{Host, PerHost},
    id,
    mini_apps::MiniAppId,
};
use gopay_protocol::{ClientSecret, KeyError, Secret, ServerKey, SigningKey, VerifyingKey};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// GoPay's keys and secrets, and the merchant's public key.
#[derive(Debug)]
pub struct Keys {
    /// Signs notifications.
    pub gopay: SigningKey,
    /// Signs transactions, on both sides.
    pub client_secret: Secret,
    /// AuthCredentials of the first mini app: the text behind `Basic ` in the token exchange.
    pub auth_credentials: Secret,
    /// The merchant's key as registered in the dashboard: verifies token requests.
    pub merchant: VerifyingKey,
}

/// What a merchant after the first has exchanged with GoPay, whose own keys are the same for all.
#[derive(Debug)]
pub struct MerchantSecrets {
    pub client_secret: Secret,
    /// The merchant's key as registered in the dashboard.
    pub public_key: VerifyingKey,
}

/// The keys that GoPay knows the merchants by, and signs with, at this moment.
#[derive(Debug, Clone)]
pub(crate) struct ExchangedKeys {
    /// The public half of the key that signs unless told otherwise.
    pub(crate) gopay: VerifyingKey,
    pub(crate) merchants: PerMerchant<MerchantKeyRing>,
    /// Whether notifications are signed with the announced key.
    pub(crate) signs_with_next: bool,
}

/// What GoPay knows a merchant by.
#[derive(Debug, Clone)]
pub(crate) struct MerchantKeyRing {
    /// Verifies token requests.
    pub(crate) merchant: VerifyingKey,
    pub(crate) client_secret: ClientSecret,
    /// The same as text, to find mistakes in how it is used.
    pub(crate) client_secret_text: Secret,
    pub(crate) server_keys: PerHost<ServerKey>,
}

impl ExchangedKeys {
    pub(crate) fn of(&self, merchant: MerchantNo) -> &MerchantKeyRing {
        self.merchants.of(merchant)
    }

    /// The merchant whose server key of this host an `Authorization` header has.
    pub(crate) fn by_server_key(&self, host: Host, authorization: &str) -> Option<MerchantNo> {
        let has_key =
            |keys: &MerchantKeyRing| keys.server_keys.of(host).is_authorized(authorization);
        self.merchants.find(has_key)
    }
}

impl MerchantKeyRing {
    pub(crate) fn new(
        public_key: VerifyingKey,
        client_secret: Secret,
        server_keys: PerHost<ServerKey>,
    ) -> Self {
        Self {
            merchant: public_key,
            client_secret: ClientSecret::new(&client_secret),
            client_secret_text: client_secret,
            server_keys,
        }
    }
}

/// The keys cannot be used or made.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A file or directory cannot be read or written.
    #[error("cannot use {path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("{path} holds {source}; delete it to have a new one made")]
    Malformed { path: PathBuf, source: KeyError },
    #[error("{0} is empty; delete it to have a new one made")]
    Empty(PathBuf),
    /// The merchant's file holds no public key.
    #[error(
        "{path} holds {source}; it is the merchant's public key, in PEM, as `openssl rsa -pubout` writes it"
    )]
    MerchantKey { path: PathBuf, source: KeyError },
    #[error("{0} is missing: it is the merchant's public key, in PEM")]
    NoMerchantKey(PathBuf),
    #[error("cannot make a key")]
    Library(#[from] KeyError),
}

impl Keys {
    /// Generates keys in memory, for the merchant with this public key (PEM).
    pub fn generate(merchant_public_pem: &str) -> Result<Self, KeyError> {
        Ok(Self {
            gopay: SigningKey::generate()?,
            client_secret: new_secret(),
            auth_credentials: new_secret(),
            merchant: VerifyingKey::from_pem(merchant_public_pem)?,
        })
    }

    /// Reads the keys in `dir`, and generates those that are missing: GoPay's `gopay.pem` and
    /// `gopay.pub.pem`, `client.secret` and `auth.credentials`, and the merchant's `merchant.pub.pem` with
    /// `merchant.pem`. The account's keys of Snap are written beside them.
    pub fn open(dir: &Path, account: &Account) -> Result<Self, KeysError> {
        if !dir.exists() {
            fs::create_dir_all(dir).map_err(|source| failed(dir, source))?;
            // Nobody means to commit keys.
            write_public(&dir.join(".gitignore"), "*\n")?;
        }
        let gopay = signing_key(&dir.join("gopay.pem"))?;
        write_public(&dir.join("gopay.pub.pem"), &gopay.public_pem()?)?;
        let auth_credentials = secret(&dir.join("auth.credentials"))?;
        let MerchantSecrets {
            client_secret,
            public_key,
        } = merchant_secrets(dir, account)?;
        Ok(Self {
            gopay,
            client_secret,
            auth_credentials,
            merchant: public_key,
        })
    }

    /// The folder in `dir` with what a further merchant has exchanged.
    pub fn merchant_dir(dir: &Path, merchant_id: &str) -> PathBuf {
        dir.join(merchant_id)
    }

    /// Reads what a further merchant has exchanged, which is generated where it is missing.
    pub fn open_merchant_secrets(
        dir: &Path,
        account: &Account,
    ) -> Result<MerchantSecrets, KeysError> {
        let dir = Self::merchant_dir(dir, &account.merchant_id);
        fs::create_dir_all(&dir).map_err(|source| failed(&dir, source))?;
        merchant_secrets(&dir, account)
    }

    /// Reads a merchant's public key.
    pub fn open_merchant(path: &Path) -> Result<VerifyingKey, KeysError> {
        let pem = read(path)?.ok_or_else(|| KeysError::NoMerchantKey(path.to_owned()))?;
        VerifyingKey::from_pem(&pem).map_err(|source| KeysError::MerchantKey {
            path: path.to_owned(),
            source,
        })
    }

    /// The file in `dir` with the AuthCredentials of a further mini app.
    pub fn auth_credentials_path(dir: &Path, mini_app: &MiniAppId) -> PathBuf {
        dir.join(format!("auth.{mini_app}.credentials"))
    }

    /// Reads the AuthCredentials of a further mini app, which are generated where they are missing.
    pub fn open_auth_credentials(dir: &Path, mini_app: &MiniAppId) -> Result<Secret, KeysError> {
        secret(&Self::auth_credentials_path(dir, mini_app))
    }
}

fn merchant_secrets(dir: &Path, account: &Account) -> Result<MerchantSecrets, KeysError> {
    for (name, key) in [
        ("server.key", &account.server_key),
        ("client.key", &account.snap_client_key),
        ("sandbox.server.key", &account.sandbox_server_key),
        ("sandbox.client.key", &account.sandbox_snap_client_key),
    ] {
        write_public(&dir.join(name), key)?;
    }
    let merchant = dir.join("merchant.pub.pem");
    if read(&merchant)?.is_none() {
        let key = signing_key(&dir.join("merchant.pem"))?;
        write_public(&merchant, &key.public_pem()?)?;
    }
    Ok(MerchantSecrets {
        client_secret: secret(&dir.join("client.secret"))?,
        public_key: Keys::open_merchant(&merchant)?,
    })
}

fn new_secret() -> Secret {
    Secret::new(id::secret())
}

fn signing_key(path: &Path) -> Result<SigningKey, KeysError> {
    if let Some(pem) = read(path)? {
        return SigningKey::from_pem(&pem).map_err(|source| KeysError::Malformed {
            path: path.to_owned(),
            source,
        });
    }
    let key = SigningKey::generate()?;
    write_private(path, key.to_pem()?.expose())?;
    Ok(key)
}

fn secret(path: &Path) -> Result<Secret, KeysError> {
    if let Some(text) = read(path)? {
        let secret = text.trim();
        if secret.is_empty() {
            return Err(KeysError::Empty(path.to_owned()));
        }
        return Ok(Secret::new(secret));
    }
    let secret = new_secret();
    write_private(path, secret.expose())?;
    Ok(secret)
}

/// Writes what anybody may read, where the file says something else.
fn write_public(path: &Path, text: &str) -> Result<(), KeysError> {
    match read(path)? {
        Some(there) if there == text => Ok(()),
        _ => fs::write(path, text).map_err(|source| failed(path, source)),
    }
}

fn read(path: &Path) -> Result<Option<String>, KeysError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(failed(path, source)),
    }
}

/// Writes a file that only its owner can read, from the first byte on.
fn write_private(path: &Path, text: &str) -> Result<(), KeysError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|mut file| io::Write::write_all(&mut file, text.as_bytes()))
        .map_err(|source| failed(path, source))
}

fn failed(path: &Path, source: io::Error) -> KeysError {
    KeysError::File {
        path: path.to_owned(),
        source,
    }
}
