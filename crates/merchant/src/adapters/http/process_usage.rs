//! What this process uses, as Linux tells of it.

use crate::metrics::ProcessUsage;
use std::fs;

/// Without `/proc` nothing is told but the limit.
pub(super) fn read() -> ProcessUsage {
    ProcessUsage {
        resident_memory_bytes: fs::read_to_string("/proc/self/status")
            .ok()
            .and_then(|status| resident_bytes(&status)),
        open_fds: fs::read_dir("/proc/self/fd")
            .ok()
            // One is the folder itself, while it is read.
            .map(|files| (files.count() as u64).saturating_sub(1)),
        max_fds: max_fds(),
    }
}

fn resident_bytes(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(unix)]
fn max_fds() -> Option<u64> {
    use nix::sys::resource::{Resource, getrlimit};
    let (soft, _) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    Some(soft)
}

#[cfg(not(unix))]
const fn max_fds() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resident_memory_is_read_in_bytes() {
        let status = "Name:\tmerchant\nVmRSS:\t   20480 kB\nThreads:\t9\n";
        assert_eq!(resident_bytes(status), Some(20 * 1024 * 1024));
        assert_eq!(resident_bytes("Name:\tmerchant\n"), None);
    }
}
