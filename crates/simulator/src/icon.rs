//! A mini app's icon, as the phone and the consent page show it.

use axum::body::Bytes;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

const MAX_BYTES: usize = 256 * 1024;

/// A picture, whole.
#[derive(Debug, Clone)]
pub struct Icon {
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
}

#[derive(Debug, thiserror::Error)]
pub enum IconError {
    #[error("cannot read the icon {path}: {source}")]
    Read { path: PathBuf, source: io::Error },
    #[error("the icon {0} has more than 256 KiB")]
    TooLarge(PathBuf),
    #[error("the icon {0} is no picture: name a file such as icon.svg or icon.png")]
    NoPicture(PathBuf),
}

impl Icon {
    /// Of the kind that its name says.
    pub fn open(path: &Path) -> Result<Self, IconError> {
        let kind = mime_guess::from_path(path).first_or_octet_stream();
        if kind.type_() != mime_guess::mime::IMAGE {
            return Err(IconError::NoPicture(path.to_owned()));
        }
        let bytes = fs::read(path).map_err(|source| IconError::Read {
            path: path.to_owned(),
            source,
        })?;
        if bytes.len() > MAX_BYTES {
            return Err(IconError::TooLarge(path.to_owned()));
        }
        Ok(Self {
            content_type: kind.to_string(),
            bytes: bytes.into(),
        })
    }
}
