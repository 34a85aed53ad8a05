//! Ctrl-C and the signals that ask a process to end.
//!
//! The signal handler only sets a flag. A waiting loop reads it and returns [`Cause::Interrupted`], and
//! unwinding ends the child processes.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};

use crate::error::Cause;

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Handles Ctrl-C, SIGTERM and SIGHUP from now on.
pub(crate) fn listen() -> Result<()> {
    ctrlc::set_handler(|| REQUESTED.store(true, Ordering::Relaxed))
        .context("cannot listen for Ctrl-C")
}

/// Fails once this process was asked to end.
pub(crate) fn check() -> Result<()> {
    if REQUESTED.load(Ordering::Relaxed) {
        bail!(Cause::Interrupted)
    } else {
        Ok(())
    }
}
