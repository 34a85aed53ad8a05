//! Files that only their owner can read, whatever the process's umask is.

use std::{
    fs::{File, OpenOptions},
    io,
    path::Path,
};

/// For writing; `options` say whether it may be there already. A file that is there keeps its
/// mode.
pub(crate) fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.write(true).open(path)
}

pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    open(OpenOptions::new().create_new(true), path)
}

/// Whether every user of this machine can read what is there.
pub(crate) fn is_exposed(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o004 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// Waits until the file, and that it is there, have reached the disk.
pub(crate) fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()?;
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}
