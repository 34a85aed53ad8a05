//! The keys and secrets that GoPay and a merchant exchange at sign-up.

use crate::{account, id, mini_apps::MiniAppId};
use gopay_protocol::{KeyError, Secret, SigningKey, VerifyingKey};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The keys of Snap, by their file: a checked-in merchant configuration can name them.
const SNAP_KEYS: [(&str, &str); 4] = [
    ("server.key", account::SERVER_KEY),
    ("client.key", account::SNAP_CLIENT_KEY),
    ("sandbox.server.key", account::SANDBOX_SERVER_KEY),
    ("sandbox.client.key", account::SANDBOX_SNAP_CLIENT_KEY),
];

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
    /// The merchant's public key is missing.
    #[error(
        "{dir}/merchant.pub.pem is missing: it is the merchant's public key, made by `merchant keygen --dir {dir}`"
    )]
    NoMerchantKey { dir: PathBuf },
    /// The merchant's file holds no public key.
    #[error(
        "{dir}/merchant.pub.pem holds {source}; make a new one with `merchant keygen --dir {dir}`"
    )]
    MerchantKey { dir: PathBuf, source: KeyError },
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

    /// Reads the keys in `dir`. GoPay's own are generated where they are missing: `gopay.pem` and
    /// `gopay.pub.pem`, `client.secret`, `auth.credentials`. The keys of Snap are fixed, and written
    /// beside them. The merchant provides `merchant.pub.pem`.
    pub fn open(dir: &Path) -> Result<Self, KeysError> {
        fs::create_dir_all(dir).map_err(|source| failed(dir, source))?;
        let gopay = signing_key(&dir.join("gopay.pem"))?;
        let public = dir.join("gopay.pub.pem");
        let pem = gopay.public_pem()?;
        if read(&public)?.is_none_or(|there| there != pem) {
            fs::write(&public, pem).map_err(|source| failed(&public, source))?;
        }
        let client_secret = secret(&dir.join("client.secret"))?;
        let auth_credentials = secret(&dir.join("auth.credentials"))?;
        for (name, key) in SNAP_KEYS {
            let path = dir.join(name);
            if read(&path)?.is_none_or(|there| there != key) {
                fs::write(&path, key).map_err(|source| failed(&path, source))?;
            }
        }
        let merchant =
            read(&dir.join("merchant.pub.pem"))?.ok_or_else(|| KeysError::NoMerchantKey {
                dir: dir.to_owned(),
            })?;
        let merchant =
            VerifyingKey::from_pem(&merchant).map_err(|source| KeysError::MerchantKey {
                dir: dir.to_owned(),
                source,
            })?;
        Ok(Self {
            gopay,
            client_secret,
            auth_credentials,
            merchant,
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
