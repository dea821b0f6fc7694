//! Files that are there as a whole or not at all.

use std::fs::Permissions;
use std::io::Write as _;
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::failure::Failure;

/// Writes a small file.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let mut file = beside(path)?;
    let written = file.write_all(text.as_bytes());
    written.map_err(|error| unwritten(path, &error))?;
    persist(file, path)
}

/// A file in the same folder, which is gone when it is dropped.
pub(crate) fn beside(path: &Path) -> Result<NamedTempFile, Failure> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    if path.is_dir() {
        let message = format!("cannot write {}: it is a folder", path.display());
        return Err(Failure::wrong(&message));
    }
    let mut builder = Builder::new();
    builder.prefix(".baton-");
    // As any other new file, and not for this user alone as temporary ones.
    #[cfg(unix)]
    let builder = {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(Permissions::from_mode(0o666))
    };
    let made = builder.tempfile_in(folder);
    made.map_err(|error| Failure::wrong(&said(path, &error)))
}

/// Puts the file in the place of the one that was to be written.
pub(crate) fn persist(file: NamedTempFile, path: &Path) -> Result<(), Failure> {
    // On the disk before it takes the place of what was there.
    let synced = file.as_file().sync_all();
    synced.map_err(|error| unwritten(path, &error))?;
    let kept = file.persist(path);
    kept.map(drop)
        .map_err(|error| unwritten(path, &error.error))
}

/// The file could not be written.
pub(crate) fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(&said(path, error))
}

/// What went wrong, of the file that was asked for: nobody knows the temporary one.
fn said(path: &Path, error: &std::io::Error) -> String {
    let error = error.to_string();
    let error = error.split(" at path \"").next().unwrap_or_default();
    format!("cannot write {}: {error}", path.display())
}
