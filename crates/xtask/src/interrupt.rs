//! Ctrl-C, and being told to end by other means.
//!
//! Nothing is cleaned up in the signal's own thread: whoever waits sees the
//! request, returns [`Error::Interrupted`], and unwinding ends the processes.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Error;

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C, SIGTERM and SIGHUP are requests instead of the end.
pub(crate) fn listen() -> Result<(), Error> {
    ctrlc::set_handler(|| REQUESTED.store(true, Ordering::Relaxed)).map_err(Error::Signals)
}

/// Fails once somebody asked this process to end.
pub(crate) fn check() -> Result<(), Error> {
    if REQUESTED.load(Ordering::Relaxed) {
        Err(Error::Interrupted)
    } else {
        Ok(())
    }
}
