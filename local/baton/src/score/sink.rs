//! Where scores go: a file that is there as a whole or not at all, or standard output.

use std::fs::Permissions;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use csv::{Writer, WriterBuilder};
use tempfile::{Builder, NamedTempFile};

use crate::failure::Failure;

/// Rows of scores on their way.
pub(super) struct Sink {
    to: To,
    rows: u64,
}

enum To {
    /// A file beside the one that it becomes.
    File {
        writer: Writer<NamedTempFile>,
        path: PathBuf,
    },
    Output(Writer<BufWriter<std::io::Stdout>>),
}

impl Sink {
    /// A sink of the file, or of standard output for `-`; nothing stands in the file before
    /// [`Sink::finish`].
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let to = if path.as_os_str() == "-" {
            let out = BufWriter::new(std::io::stdout());
            To::Output(WriterBuilder::new().from_writer(out))
        } else {
            let file = beside(path)?;
            To::File {
                writer: WriterBuilder::new()
                    .buffer_capacity(256 * 1024)
                    .from_writer(file),
                path: path.to_owned(),
            }
        };
        Ok(Self { to, rows: 0 })
    }

    /// Writes the header.
    pub(super) fn header(&mut self, columns: &[&str]) -> Result<(), Failure> {
        match &mut self.to {
            To::File { writer, path } => {
                let written = writer.write_record(columns);
                written.map_err(|error| unwritten(path, &error.into()))
            }
            To::Output(writer) => writer.write_record(columns).map_err(|e| closed(&e.into())),
        }
    }

    /// Writes a row.
    pub(super) fn row<'a>(
        &mut self,
        id: &'a str,
        cells: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), Failure> {
        self.rows += 1;
        let record = std::iter::once(id).chain(cells);
        match &mut self.to {
            To::File { writer, path } => {
                let written = writer.write_record(record);
                written.map_err(|error| unwritten(path, &error.into()))
            }
            To::Output(writer) => writer.write_record(record).map_err(|e| closed(&e.into())),
        }
    }

    /// How many rows were written.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Puts the file where it belongs.
    pub(super) fn finish(self) -> Result<(), Failure> {
        match self.to {
            To::File { writer, path } => {
                let file = writer.into_inner();
                let file = file.map_err(|error| unwritten(&path, error.error()))?;
                persist(file, &path)
            }
            To::Output(mut writer) => writer.flush().map_err(|error| closed(&error)),
        }
    }
}

/// Writes a small file as a whole or not at all.
pub(super) fn write_whole(path: &Path, text: &str) -> Result<(), Failure> {
    let mut file = beside(path)?;
    let written = file.write_all(text.as_bytes());
    written.map_err(|error| unwritten(path, &error))?;
    persist(file, path)
}

/// A file in the same folder, which is gone when it is dropped.
fn beside(path: &Path) -> Result<NamedTempFile, Failure> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    if path.is_dir() {
        let message = format!("cannot write {}: it is a folder", path.display());
        return Err(Failure::wrong(&message));
    }
    let mut builder = Builder::new();
    builder.prefix(".baton-score-");
    // As any other new file, and not for this user alone as temporary ones.
    #[cfg(unix)]
    let builder = {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(Permissions::from_mode(0o666))
    };
    let made = builder.tempfile_in(folder);
    made.map_err(|error| {
        let message = format!("cannot write {}: {error}", path.display());
        Failure::wrong(&message)
    })
}

fn persist(file: NamedTempFile, path: &Path) -> Result<(), Failure> {
    // On the disk before it takes the place of what was there.
    let synced = file.as_file().sync_all();
    synced.map_err(|error| unwritten(path, &error))?;
    let kept = file.persist(path);
    kept.map(drop)
        .map_err(|error| unwritten(path, &error.error))
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(&format!("cannot write {}: {error}", path.display()))
}

/// Whoever reads standard output may have read enough.
fn closed(error: &std::io::Error) -> Failure {
    if error.kind() == ErrorKind::BrokenPipe {
        return Failure {
            code: 1,
            message: String::new(),
        };
    }
    Failure::failed(&format!("cannot write to standard output: {error}"))
}
