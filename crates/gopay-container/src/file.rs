//! Keeping a file on the phone: `GPFile.save`.

use crate::{Error, call::Method, events::Events};
use futures_core::Stream;
use serde::Serialize;
use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// Has GoPay download a file and keep it on the phone. An `Ok` says that the download has
/// begun; how it ends is the stream's next item.
///
/// V2 only, no consent. Waits 2 min for the start. Docs disagree: the method table of
/// `frontend-v2` says iOS only, images and PDF only; the comment on `destination` lists
/// Android's folders too. So be ready for [`Error::Unsupported`].
/// <https://docs.midtrans.com/reference/frontend-v2#save>
pub async fn save_file(file: File<'_>) -> Result<Saves, Error> {
    // Listens first, lest a small file is faster.
    let saves = Saves(
        Events::new()
            .listen("GPFile.Event.saveSuccess", |_| Some(Save::Done))
            .listen("GPFile.Event.saveFailed", |_| Some(Save::Failed)),
    );
    Method::patient("GPFile", "save").effect(&file).await?;
    Ok(saves)
}

/// A file that is to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct File<'a> {
    /// Where it is downloaded from.
    pub url: &'a str,
    /// What it is to be called; GoPay makes up a name where this is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// Where it goes.
    pub destination: Destination,
}

/// Where a file goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
pub enum Save {
    /// The file is on the phone.
    Done,
    /// It is not.
    Failed,
}

/// How downloads end. GoPay's events do not say of which file they are: while two downloads
/// run, each stream sees both ends.
#[derive(Debug)]
#[must_use = "the download goes on where this is dropped, but nobody learns how it ends"]
pub struct Saves(Events<Save>);

impl Stream for Saves {
    type Item = Save;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Save>> {
        Pin::new(&mut self.0).poll_next(context)
    }
}
