//! The keys a merchant makes itself.

use crate::private_file;
use aws_lc_rs::rand;
use base64::{Engine, engine::general_purpose::STANDARD};
use gopay_protocol::{Secret, SigningKey};
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct KeygenError {
    path: PathBuf,
    source: io::Error,
}

/// Makes what is missing in `folder` and leaves what is there: `master.key`,
/// `merchant.pem`, and `merchant.pub.pem` for GoPay's dashboard. Returns what it made.
pub fn keygen(folder: &Path) -> Result<Vec<PathBuf>, KeygenError> {
    let mut made = Vec::new();
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let master = folder.join("master.key");
    if !master.exists() {
        write_master_key(&master)?;
        made.push(master);
    }
    let private = folder.join("merchant.pem");
    if !private.exists() {
        let public = write_key_pair(&private)?;
        made.extend([private, public]);
    }
    Ok(made)
}

/// Makes a master key where nothing is yet.
pub(super) fn write_master_key(path: &Path) -> Result<Secret, KeygenError> {
    let key = Secret::new(random(path)?);
    write_private(path, key.expose())?;
    Ok(key)
}

/// Makes a secret for webhooks where nothing is yet.
pub(super) fn write_webhook_secret(path: &Path) -> Result<(), KeygenError> {
    let secret = Secret::new(format!("whsec_{}", random(path)?));
    write_private(path, secret.expose())
}

/// Makes a key pair where nothing is yet. The public half lies beside it, as `.pub.pem`; its path.
pub(super) fn write_key_pair(path: &Path) -> Result<PathBuf, KeygenError> {
    let broken = |error| failed(path)(io::Error::other(error));
    let pair = SigningKey::generate().map_err(broken)?;
    let public = path.with_extension("pub.pem");
    fs::write(&public, pair.public_pem().map_err(broken)?).map_err(failed(&public))?;
    write_private(path, pair.to_pem().map_err(broken)?.expose())?;
    Ok(public)
}

/// 32 random bytes in base64.
fn random(path: &Path) -> Result<String, KeygenError> {
    let mut bytes = Zeroizing::new([0; 32]);
    rand::fill(bytes.as_mut()).map_err(|_| failed(path)(io::Error::other("no randomness")))?;
    Ok(STANDARD.encode(bytes))
}

fn write_private(path: &Path, text: &str) -> Result<(), KeygenError> {
    let write = || {
        private_file::create_new(path)?.write_all(text.as_bytes())?;
        private_file::sync(path)
    };
    write().map_err(failed(path))
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> KeygenError {
    let path = path.to_owned();
    move |source| KeygenError { path, source }
}
