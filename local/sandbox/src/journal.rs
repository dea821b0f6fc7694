//! A journal: entries that are appended and never changed, in memory or in a file.
//!
//! In a file, an entry is a line of JSON that is on disk before its caller hears of it. The last
//! line may be torn, when the machine stopped in its middle: nobody heard of it, and it is dropped.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The books cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum BooksError {
    /// The file cannot be read or written.
    #[error("the books of the sandbox cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
    /// Another process keeps them.
    #[error("another process keeps the books of the sandbox in this file")]
    InUse,
    /// A line is not an entry.
    #[error("line {line} of the books of the sandbox is not an entry: {error}")]
    Unreadable {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        error: serde_json::Error,
    },
}

/// Where entries are written; each begins with its number, `{"seq":`.
pub(crate) struct Journal(Option<File>);

impl Journal {
    pub(crate) fn in_memory() -> Self {
        Self(None)
    }

    /// The journal in a file, made when it is not there, with the entries that it holds.
    pub(crate) fn open<E: DeserializeOwned>(path: &Path) -> Result<(Self, Vec<E>), BooksError> {
        let mut options = File::options();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => BooksError::InUse,
            TryLockError::Error(error) => BooksError::Io(error),
        })?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        let (entries, whole) = read(&text)?;
        file.set_len(whole as u64)?;
        file.seek(SeekFrom::End(0))?;
        Ok((Self(Some(file)), entries))
    }

    /// Writes an entry down.
    pub(crate) fn append<E: Serialize>(&mut self, entry: &E) -> Result<(), BooksError> {
        let Some(file) = &mut self.0 else {
            return Ok(());
        };
        let end = file.stream_position()?;
        let mut line = serde_json::to_vec(entry).map_err(std::io::Error::from)?;
        line.push(b'\n');
        if let Err(error) = file.write_all(&line).and_then(|()| file.sync_data()) {
            // What nobody hears of must not be found after a restart.
            file.set_len(end)?;
            file.seek(SeekFrom::Start(end))?;
            return Err(error.into());
        }
        Ok(())
    }
}

/// The entries that a text holds, and how many of its bytes are whole lines.
fn read<E: DeserializeOwned>(text: &[u8]) -> Result<(Vec<E>, usize), BooksError> {
    let mut entries = Vec::new();
    let mut whole = 0;
    for (n, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if !line.ends_with(b"\n") && is_torn(line) {
            break;
        }
        let entry = serde_json::from_slice(line);
        let unreadable = |error| BooksError::Unreadable { line: n + 1, error };
        entries.push(entry.map_err(unreadable)?);
        whole += line.len();
    }
    Ok((entries, whole))
}

/// Whether this is how a line begins. What ends a file without being so is no entry
/// that was torn: the file is another's, and is not to be cut.
fn is_torn(tail: &[u8]) -> bool {
    let begin = b"{\"seq\":";
    tail.starts_with(begin) || begin.starts_with(tail)
}
