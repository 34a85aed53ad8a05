//! The keys a merchant makes itself.

use crate::private_file;
use aws_lc_rs::rand;
use base64::{Engine, engine::general_purpose::STANDARD};
use gopay_protocol::SigningKey;
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct KeygenError {
    path: PathBuf,
    source: io::Error,
}

/// Makes what is missing in `folder` and leaves what is there: `master.key`,
/// `merchant.pem`, and `merchant.pub.pem` for GoPay's dashboard. Returns what it made.
pub fn keygen(folder: &Path) -> Result<Vec<PathBuf>, KeygenError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| KeygenError { path, source }
    };
    let mut made = Vec::new();
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let master = folder.join("master.key");
    if !master.exists() {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes).map_err(|_| failed(&master)(io::Error::other("no randomness")))?;
        write_private(&master, &STANDARD.encode(bytes)).map_err(failed(&master))?;
        made.push(master);
    }
    let private = folder.join("merchant.pem");
    if !private.exists() {
        let broken = |error| failed(&private)(io::Error::other(error));
        let pair = SigningKey::generate().map_err(broken)?;
        let public = folder.join("merchant.pub.pem");
        fs::write(&public, pair.public_pem().map_err(broken)?).map_err(failed(&public))?;
        let pem = pair.to_pem().map_err(broken)?;
        write_private(&private, pem.expose()).map_err(failed(&private))?;
        made.extend([private, public]);
    }
    Ok(made)
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    private_file::create_new(path)?.write_all(text.as_bytes())
}
