//! A mini app's package for Container V1: a ZIP whose files are served under a path, without a
//! server that knows the app's routes `[project-setup-v1]`.
//!
//! Only the package's own paths are found: no route falls back to the page. In the page, the
//! simulator's SDK stand-in replaces GoPay's.

use crate::{
    app_state::AppState,
    input::{PathParameters, refuse},
    mini_apps::MiniAppId,
};
use axum::{
    Router,
    body::Bytes,
    http::{
        StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
    routing::get,
};
use std::{
    collections::HashMap,
    fs,
    io::{self, Cursor, Read},
    path::{Path, PathBuf},
    sync::Arc,
};
use zip::{ZipArchive, result::ZipError};

const GOPAY_SDK_URL: &str = "https://gwk.gopayapi.com/sdk/stable/gp-container.min.js";
const STAND_IN_SDK_PATH: &str = "/sdk/stable/gp-container.min.js";
/// The page at `/packages/<mini app>/`.
const INDEX: &str = "index.html";
const MAX_UNPACKED_BYTES: u64 = 64 << 20;

/// The files of a mini app, by their path.
#[derive(Debug, Clone)]
pub struct Package {
    files: HashMap<String, Bytes>,
}

#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    #[error("cannot read the package {path}")]
    Read { path: PathBuf, source: io::Error },
    /// Damaged, or compressed by another method than deflate.
    #[error("{path} is not a ZIP that can be opened; pack the mini app again")]
    Zip { path: PathBuf, source: ZipError },
    #[error("{path} holds {name}, which leads out of it; pack the mini app again")]
    Outside { path: PathBuf, name: String },
    #[error("{path} holds more than 64 MiB; is it the package of a mini app?")]
    TooLarge { path: PathBuf },
    #[error("{path} has no index.html at its top; pack what is in the folder, not the folder")]
    NoPage { path: PathBuf },
    #[error("the index.html of {path} is not UTF-8")]
    NotText { path: PathBuf },
}

impl Package {
    /// Reads a whole ZIP into memory.
    pub fn open(path: &Path) -> Result<Self, PackageError> {
        let here = || path.to_owned();
        let read = |source| PackageError::Read {
            path: here(),
            source,
        };
        let zip = |source| PackageError::Zip {
            path: here(),
            source,
        };
        let too_large = || PackageError::TooLarge { path: here() };
        let packed = fs::read(path).map_err(read)?;
        let mut archive = ZipArchive::new(Cursor::new(packed)).map_err(zip)?;
        let mut files = HashMap::new();
        let mut room = MAX_UNPACKED_BYTES;
        for number in 0..archive.len() {
            let file = archive.by_index(number).map_err(zip)?;
            if file.is_dir() {
                continue;
            }
            let name = file.name().to_owned();
            if file.enclosed_name().is_none() {
                return Err(PackageError::Outside { path: here(), name });
            }
            if file.size() > room {
                return Err(too_large());
            }
            // The stated size may be too small.
            let mut bytes = Vec::new();
            let unpacked = file.take(room + 1).read_to_end(&mut bytes);
            let length = unpacked.map_err(|source| zip(source.into()))? as u64;
            room = room.checked_sub(length).ok_or_else(too_large)?;
            files.insert(name, Bytes::from(bytes));
        }
        let page = files
            .get(INDEX)
            .ok_or_else(|| PackageError::NoPage { path: here() })?;
        let page = str::from_utf8(page).map_err(|_| PackageError::NotText { path: here() })?;
        let page = page.replace(GOPAY_SDK_URL, STAND_IN_SDK_PATH);
        files.insert(INDEX.to_owned(), page.into());
        Ok(Self { files })
    }

    fn serve(&self, name: &str) -> Response {
        let Some(bytes) = self.files.get(name) else {
            return refuse(StatusCode::NOT_FOUND, "the package has no such file");
        };
        let content_type = mime_guess::from_path(name).first_or_octet_stream();
        let content_type = match content_type.type_() {
            mime_guess::mime::TEXT => format!("{content_type}; charset=utf-8"),
            _ => content_type.to_string(),
        };
        let headers = [
            (CONTENT_TYPE, content_type.as_str()),
            (CACHE_CONTROL, "no-cache"),
            (CONTENT_SECURITY_POLICY, "frame-ancestors 'self'"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (REFERRER_POLICY, "no-referrer"),
        ];
        (headers, bytes.clone()).into_response()
    }
}

/// The routes of a package under its mini app's name.
pub(crate) fn router(package: Package, mini_app: &MiniAppId) -> Router<Arc<AppState>> {
    let package = Arc::new(package);
    let page = Arc::clone(&package);
    Router::new()
        .route(
            &format!("/packages/{mini_app}/"),
            get(async move || page.serve(INDEX)),
        )
        .route(
            &format!("/packages/{mini_app}/{{*name}}"),
            get(async move |PathParameters(name): PathParameters<String>| package.serve(&name)),
        )
}
