//! Saving a file on the phone: `GPFile.save`.

use crate::{Error, events::Events, method::Method};
use futures_core::Stream;
use serde::Serialize;
use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// Has GoPay download a file and save it on the phone. An `Ok` says that the download has
/// begun; its end is the stream's next item.
///
/// V2 only, no consent. Docs disagree: the method table of `frontend-v2` says iOS only, images
/// and PDF only; the comment on `destination` lists Android's folders too. So be ready for
/// [`Error::Unsupported`]. <https://docs.midtrans.com/reference/frontend-v2#save>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] where the download has not begun after 2 min.
pub async fn save(file: File<'_>) -> Result<SaveOutcomes, Error> {
    // Listens first, lest a small file is faster.
    let saves = SaveOutcomes(
        Events::new()
            .listen("GPFile.Event.saveSuccess", |_| Some(SaveOutcome::Done))
            .listen("GPFile.Event.saveFailed", |_| Some(SaveOutcome::Failed)),
    );
    Method::interactive("GPFile", "save").effect(&file).await?;
    Ok(saves)
}

/// A file to save.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct File<'a> {
    /// The address to download from.
    pub url: &'a str,
    /// The file name; without one GoPay makes one up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// The folder.
    pub destination: Destination,
}

/// A folder of the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[serde(rename_all = "UPPERCASE")]
pub enum Destination {
    /// The downloads.
    Downloads,
    /// The documents; Android only.
    Documents,
    /// The pictures.
    Pictures,
    /// The camera's pictures; Android only.
    Dcim,
}

/// How a download ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SaveOutcome {
    /// The file is on the phone.
    Done,
    /// It is not.
    Failed,
}

/// How downloads end. GoPay's events do not say of which file they are: while two downloads
/// run, each stream sees both ends.
#[derive(Debug)]
#[must_use = "the download goes on when this is dropped, and its end is not reported"]
pub struct SaveOutcomes(Events<SaveOutcome>);

impl Stream for SaveOutcomes {
    type Item = SaveOutcome;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<SaveOutcome>> {
        Pin::new(&mut self.0).poll_next(context)
    }
}
