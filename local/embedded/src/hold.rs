//! Who drives the executions of a file: one process at a time, or each would run them.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use crate::OpenError;

/// The right to drive what a file holds, for as long as it lives. It is a lock on a file beside it
/// (`baton.db.lock`), which the operating system takes back however the process ends; the file stays
/// and means nothing.
#[derive(Debug)]
pub struct Hold(#[expect(dead_code, reason = "the lock ends with the file")] File);

impl Hold {
    /// Takes hold of the database at `path`, which need not be there yet.
    ///
    /// # Errors
    /// When another process holds it, or its folder is not there or cannot be written.
    pub fn of(path: &Path) -> Result<Self, OpenError> {
        let fail = |reason: String| OpenError::new(path, reason);
        let beside = beside(path).map_err(fail)?;
        let unusable = |error: std::io::Error| fail(format!("{}: {error}", beside.display()));
        let mut options = File::options();
        let file = options.create(true).truncate(false).write(true);
        let file = file.open(&beside).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => {
                let reason = "another Baton has it open: end that one, or name another file";
                Err(fail(reason.to_owned()))
            }
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }
}

/// The file to lock: the same by whatever way the database is named.
fn beside(path: &Path) -> Result<PathBuf, String> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Err(format!("there is no folder {}", folder.display()));
    }
    let real = path.canonicalize().or_else(|_| {
        let folder = folder.canonicalize()?;
        Ok(folder.join(path.file_name().unwrap_or_default()))
    });
    let mut name = real
        .map_err(|error: std::io::Error| error.to_string())?
        .into_os_string();
    name.push(".lock");
    Ok(name.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_holds_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("baton.db");
        let first = Hold::of(&path).unwrap();
        std::fs::write(&path, "").unwrap();
        let by_another_name = folder.path().join(".").join("baton.db");
        let link = folder.path().join("link.db");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        for name in [&path, &by_another_name, &link] {
            let error = Hold::of(name).unwrap_err().to_string();
            assert!(error.contains("another Baton has it open"), "{error}");
            assert!(error.contains(&name.display().to_string()), "{error}");
        }
        assert!(Hold::of(&folder.path().join("other.db")).is_ok());
        drop(first);
        assert!(Hold::of(&path).is_ok());
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = Hold::of(Path::new("/no/such/folder/baton.db")).unwrap_err();
        let error = error.to_string();
        assert!(error.contains("no folder /no/such/folder"), "{error}");
    }
}
