//! Where scores go: a file that is there as a whole or not at all, or standard output.

use std::borrow::Cow;
use std::io::{BufWriter, ErrorKind};
use std::path::{Path, PathBuf};

use csv::{Writer, WriterBuilder};
use tempfile::NamedTempFile;

use crate::failure::Failure;
use crate::whole::{beside, persist, unwritten};

/// Rows of scores on their way.
pub(super) struct Sink {
    to: To,
    rows: u64,
    /// Whether spreadsheets are kept from running what comes from the file.
    safe: bool,
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
    /// [`Sink::finish`]. With `safe`, no cell is what a spreadsheet would run.
    pub(super) fn open(path: &Path, safe: bool) -> Result<Self, Failure> {
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
        Ok(Self { to, rows: 0, safe })
    }

    /// Writes the header.
    pub(super) fn header(&mut self, columns: &[&str]) -> Result<(), Failure> {
        match &mut self.to {
            To::File { writer, path } => {
                let written = writer.write_record(columns);
                written.map_err(|error| unwritten(path, &of(error)))
            }
            To::Output(writer) => writer.write_record(columns).map_err(|e| closed(&of(e))),
        }
    }

    /// Writes a row.
    pub(super) fn row<'a>(
        &mut self,
        id: &'a str,
        cells: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), Failure> {
        self.rows += 1;
        let safe = self.safe;
        let cell = |cell| {
            if safe {
                harmless(cell)
            } else {
                Cow::Borrowed(cell)
            }
        };
        let record = std::iter::once(id).chain(cells).map(cell);
        match &mut self.to {
            To::File { writer, path } => {
                let written = write(writer, record);
                written.map_err(|error| unwritten(path, &of(error)))
            }
            To::Output(writer) => write(writer, record).map_err(|e| closed(&of(e))),
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

/// Whoever reads standard output may have read enough.
fn closed(error: &std::io::Error) -> Failure {
    if error.kind() == ErrorKind::BrokenPipe {
        return Failure {
            code: 0,
            message: String::new(),
        };
    }
    Failure::failed(&format!("cannot write to standard output: {error}"))
}

fn write<'a, W: std::io::Write>(
    writer: &mut Writer<W>,
    cells: impl Iterator<Item = Cow<'a, str>>,
) -> Result<(), csv::Error> {
    for cell in cells {
        writer.write_field(cell.as_bytes())?;
    }
    writer.write_record(None::<&[u8]>)
}

/// A text that no spreadsheet runs; numbers stay what they are.
fn harmless(cell: &str) -> Cow<'_, str> {
    let runs = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if runs && cell.parse::<f64>().is_err() {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// The error of the file behind that of the table, whose kind tells that nobody reads any more.
fn of(error: csv::Error) -> std::io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => std::io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_quoted_and_numbers_are_not() {
        for (cell, safe) in [
            ("=1+1", "'=1+1"),
            ("@x", "'@x"),
            ("-a", "'-a"),
            ("\tx", "'\tx"),
            ("-0.5", "-0.5"),
            ("a=1", "a=1"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell), safe);
        }
    }
}
