//! What is wrong with a configuration: one line for each thing, all at once.

use crate::domain::catalogue::in_one_line;
use std::{
    cell::RefCell,
    fmt,
    path::{Path, PathBuf},
};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file that cannot be read, or holds something else than it should.
    #[error("{key} {}: {source}", path.display())]
    File {
        /// The key that names the file, or "configuration".
        key: String,
        path: PathBuf,
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("configuration: {}", in_one_line(.0))]
    Toml(#[from] toml::de::Error),
    /// A key that is missing or unknown, or a value that cannot be right.
    #[error("{key}: {wrong}")]
    Value {
        key: String,
        /// What is wrong with it, and what to do.
        wrong: String,
    },
}

impl Error {
    pub(super) fn file(
        key: &str,
        path: &Path,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self::File {
            key: key.to_owned(),
            path: path.to_owned(),
            source: Box::new(source),
        }
    }
}

/// All that is wrong with a configuration, in the order of its keys.
#[derive(Debug)]
pub struct Errors(Vec<Error>);

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}

impl From<Error> for Errors {
    fn from(error: Error) -> Self {
        Self(vec![error])
    }
}

/// Gathers what is wrong, so that one thing does not hide the next, and what should be changed.
#[derive(Debug, Default)]
pub(super) struct Findings {
    errors: RefCell<Vec<Error>>,
    warnings: RefCell<Vec<String>>,
}

impl Findings {
    pub(super) fn note(&self, error: Error) {
        self.errors.borrow_mut().push(error);
    }

    pub(super) fn wrong(&self, key: impl Into<String>, wrong: impl Into<String>) {
        self.note(Error::Value {
            key: key.into(),
            wrong: wrong.into(),
        });
    }

    pub(super) fn warn(&self, warning: String) {
        self.warnings.borrow_mut().push(warning);
    }

    pub(super) fn take_warnings(&self) -> Vec<String> {
        self.warnings.take()
    }

    /// The value, or `None` when its error has been noted.
    pub(super) fn ok<T>(&self, result: Result<T, Error>) -> Option<T> {
        result.map_err(|error| self.note(error)).ok()
    }

    pub(super) fn finish<T>(self, read: Option<T>) -> Result<T, Errors> {
        match (read, self.errors.into_inner()) {
            (Some(read), errors) if errors.is_empty() => Ok(read),
            (_, errors) => Err(Errors(errors)),
        }
    }
}
