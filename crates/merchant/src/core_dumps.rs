//! A core dump would hold the merchant's keys.

use std::io;

/// Switches the process's core dumps off.
#[cfg(unix)]
pub(crate) fn disable() -> io::Result<()> {
    use nix::sys::resource::{Resource, setrlimit};
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    // A program that takes core dumps by a pipe, as systemd's does, is not bound by that limit. Other processes
    // of the same user can read the memory no more either.
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_dumpable(false)?;
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
pub(crate) fn disable() -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use nix::sys::{
        prctl::get_dumpable,
        resource::{Resource, getrlimit},
    };

    /// TM24
    #[test]
    fn a_process_without_core_dumps_cannot_be_dumped() {
        assert!(get_dumpable().unwrap(), "as a process begins");
        disable().unwrap();
        assert!(!get_dumpable().unwrap());
        assert_eq!(getrlimit(Resource::RLIMIT_CORE).unwrap(), (0, 0));
    }
}
