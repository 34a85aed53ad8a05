//! Changes the keys that the merchant makes itself, without losing what was sealed under the former
//! one.

use super::keygen::{self, KeygenError};
use crate::{
    adapters::database::{self, Store},
    config::{Config, KeyFiles},
    ports,
    vault::{Vault, VaultError},
};
use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no webhook is configured: set fulfilment.webhook_url in the configuration")]
    NoWebhook,
    #[error(transparent)]
    Keygen(#[from] KeygenError),
    #[error("{}: {source}", path.display())]
    MasterKey { path: PathBuf, source: VaultError },
    #[error("database_url: {0}")]
    Store(#[from] database::Error),
    #[error(transparent)]
    Repository(#[from] ports::Error),
}

/// Makes a master key beside the one in use, and says what to do with it.
pub fn master_key(files: &KeyFiles) -> Result<String, Error> {
    let (written, path) = beside(files, &files.master_key, &[]);
    let key = keygen::write_master_key(&path)?;
    let id = Vault::new(&key)
        .map_err(|source| Error::MasterKey {
            path: path.clone(),
            source,
        })?
        .current_id();
    let line = line(
        "master_key_file",
        std::iter::once(&written).chain(&files.master_key),
    );
    Ok(format!(
        "made {}, the master key {id}
1. Keep a copy of it off this machine.
2. Write into the configuration, the new key first, and restart the merchant:
   {line}
   With several processes, write it second first, restart all, and then write this and restart all.
3. Run `merchant rotate re-seal`, while the merchant runs.
4. When `merchant rotate status` says that nothing needs the former key, take its file out of the
   configuration and restart the merchant. Keep it with the copies of the database that need it.",
        path.display()
    ))
}

/// Makes a key pair beside the one in use, and says what to do with it.
pub fn private_key(files: &KeyFiles) -> Result<String, Error> {
    let (written, path) = beside(files, &files.private_key, &["pub.pem"]);
    let public = keygen::write_key_pair(&path)?;
    let line = line(
        "private_key_file",
        files.private_key.iter().chain([&written]),
    );
    Ok(format!(
        "made {} and {}
1. Write into [gopay] of the configuration, the new key last, and restart the merchant:
   {line}
2. Put {1} into GoPay's dashboard in the place of the former one. As soon as GoPay refuses the
   former key, the merchant signs with the new one, and logs gopay.key_switched.
3. Take the former file out of the configuration and restart the merchant.",
        path.display(),
        public.display()
    ))
}

/// Makes a webhook secret beside the one in use, and says what to do with it.
pub fn webhook_secret(files: &KeyFiles) -> Result<String, Error> {
    if files.webhook_secret.is_empty() {
        return Err(Error::NoWebhook);
    }
    let (written, path) = beside(files, &files.webhook_secret, &[]);
    keygen::write_webhook_secret(&path)?;
    let line = line(
        "secret_file",
        std::iter::once(&written).chain(&files.webhook_secret),
    );
    Ok(format!(
        "made {}
1. Write into [fulfilment] of the configuration, and restart the merchant. It signs each webhook
   with both:
   {line}
2. Give the receiver the new secret in the place of the former one.
3. Take the former file out of the configuration and restart the merchant.",
        path.display()
    ))
}

/// How many buyers need which master key, in the order of the configuration.
pub async fn status(config: &Config) -> Result<String, Error> {
    let store = Store::attach(&config.database_url).await?;
    let counted = store.master_key_use(&config.vault).await?;
    let mut list = String::new();
    let files = &config.key_files.master_key;
    for (index, id) in config.vault.ids().enumerate() {
        let file = files
            .get(index)
            .map_or_else(String::new, |file| format!(" ({})", file.display()));
        let buyers = counted.by_key.get(&id).copied().unwrap_or_default();
        let _ = match (index, buyers) {
            (0, _) => writeln!(list, "master key {id}{file} seals: {buyers} buyers"),
            (_, 0) => writeln!(
                list,
                "master key {id}{file} is needed by no buyer: take it out"
            ),
            _ => writeln!(list, "master key {id}{file} is needed by {buyers} buyers"),
        };
    }
    if counted.awaiting_sign_in > 0 {
        let _ = writeln!(
            list,
            "of these, {} need their former key until they sign in again: keep it until then",
            counted.awaiting_sign_in
        );
    }
    let _ = write!(
        list,
        "buyers who need a master key that is not configured: {}",
        counted.unreadable
    );
    Ok(list)
}

/// Brings all buyers under the first master key. With `without_lost_keys` the merchant may be started
/// though a key that it had is missing.
pub async fn reseal(config: &Config, without_lost_keys: bool) -> Result<String, Error> {
    let store = Store::attach(&config.database_url).await?;
    if without_lost_keys {
        store.abandon_master_keys(&config.vault).await?;
        return Ok(
            "the merchant can be started without the keys that are lost: buyers who need them are \
             taken for new ones"
                .to_owned(),
        );
    }
    let changed = store.reseal_customers(&config.vault).await?;
    let status = status(config).await?;
    Ok(format!("sealed anew: {changed} buyers\n{status}"))
}

/// The next free name beside the first file, as it is written and where it is.
fn beside(files: &KeyFiles, present: &[PathBuf], also: &[&str]) -> (PathBuf, PathBuf) {
    let first = present.first().map_or(Path::new("key"), PathBuf::as_path);
    let stem = first.file_stem().unwrap_or_default().to_string_lossy();
    let stem = match stem.rsplit_once('-') {
        Some((stem, number)) if number.parse::<u32>().is_ok() => stem,
        _ => &stem,
    };
    let mut number: u32 = 2;
    loop {
        let mut written = first.with_file_name(format!("{stem}-{number}"));
        if let Some(extension) = first.extension() {
            written.set_extension(extension);
        }
        let path = files.folder.join(&written);
        let is_free = |path: &Path| !path.exists();
        if is_free(&path) && also.iter().all(|it| is_free(&path.with_extension(it))) {
            return (written, path);
        }
        number += 1;
    }
}

/// A line of the configuration. JSON writes a text as TOML does.
fn line<'a>(key: &str, files: impl Iterator<Item = &'a PathBuf>) -> String {
    let files = files.map(|file| serde_json::json!(file.to_string_lossy()).to_string());
    format!("{key} = [{}]", files.collect::<Vec<_>>().join(", "))
}
