//! Rows of a CSV file, one after the other, and the errors that name their place in it.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Cursor, Read};
use std::path::Path;

use baton_domain::Timestamp;
use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord};
use jiff::civil;
use jiff::tz::TimeZone;

use crate::failure::Failure;
use crate::progress::Progress;
use crate::show::{plain, shortened};

/// The longest first line that is looked at: beyond it, this is no header.
const MAX_HEADER: u64 = 1024 * 1024;

/// A CSV file that is read row by row.
pub(crate) struct Rows {
    name: String,
    reader: Reader<Box<dyn Read>>,
    header: Vec<String>,
    record: StringRecord,
    read: u64,
    progress: Progress,
    /// Whether lines end in a carriage return and a line feed.
    crlf: bool,
}

impl Rows {
    /// Opens a file, or standard input for `-`. A byte order mark is skipped; cells are parted by what
    /// parts the header: commas, semicolons or tabs.
    pub(crate) fn open(path: &Path, progress: Progress) -> Result<Self, Failure> {
        let (name, input): (_, Box<dyn Read>) = if path.as_os_str() == "-" {
            ("standard input".to_owned(), Box::new(std::io::stdin()))
        } else {
            let name = path.display().to_string();
            let file = File::open(path)
                .map_err(|e| Failure::wrong(&format!("cannot read {name}: {e}")))?;
            (name, Box::new(file))
        };
        Self::over(name, input, progress)
    }

    /// Reads what came from `name`.
    pub(crate) fn over(
        name: String,
        input: Box<dyn Read>,
        progress: Progress,
    ) -> Result<Self, Failure> {
        let mut input = BufReader::with_capacity(256 * 1024, input);
        let mut first = Vec::new();
        let read = (&mut input).take(MAX_HEADER).read_until(b'\n', &mut first);
        read.map_err(|e| Failure::wrong(&format!("cannot read {name}: {e}")))?;
        if first.starts_with(&[0xff, 0xfe]) || first.starts_with(&[0xfe, 0xff]) {
            let message = format!("{name}: is UTF-16; save it as CSV in UTF-8");
            return Err(Failure::wrong(&message));
        }
        let text = first
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(&first)
            .to_vec();
        if text.trim_ascii().is_empty() {
            let message = format!("{name}: is empty; it needs a header and a row for each thing");
            return Err(Failure::wrong(&message));
        }
        let crlf = text.ends_with(b"\r\n");
        let delimiter = *b",;\t"
            .iter()
            .find(|mark| text.contains(mark))
            .unwrap_or(&b',');
        let whole: Box<dyn Read> = Box::new(Cursor::new(text).chain(input));
        let mut reader = ReaderBuilder::new().delimiter(delimiter).from_reader(whole);
        let header = reader.headers().map_err(|error| unread(&name, 0, &error))?;
        let header = header.iter().map(|cell| cell.trim().to_owned()).collect();
        Ok(Self {
            name,
            reader,
            header,
            record: StringRecord::new(),
            read: 0,
            progress,
            crlf,
        })
    }

    /// The names of the columns, as they stand there.
    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    /// What the file is called in messages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How many rows were read.
    pub(crate) fn read(&self) -> u64 {
        self.read
    }

    /// The line at which the row begins.
    pub(crate) fn line(&self) -> u64 {
        // The reader notes where the row before ended, and empty lines lie between; where this row
        // ended is right, but of a line feed behind a carriage return, which is not yet read.
        let start = self.record.position().map_or(0, csv::Position::line);
        let within = self.record.iter().map(|cell| cell.matches('\n').count());
        let behind = within.sum::<usize>() as u64 + u64::from(!self.crlf);
        start.max(self.reader.position().line().saturating_sub(behind))
    }

    /// The cells of the row.
    pub(crate) fn cells(&self) -> &StringRecord {
        &self.record
    }

    /// Goes to the next row; none is there when it answers `false`.
    pub(crate) fn next(&mut self) -> Result<bool, Failure> {
        let found = self.reader.read_record(&mut self.record);
        let found = found.map_err(|error| unread(&self.name, u64::from(self.crlf), &error))?;
        if found {
            self.read += 1;
            self.progress.tick("read", self.read)?;
        } else {
            self.progress.clear();
            if self.read == 0 {
                let message = format!("{}: has a header and no rows", self.name);
                return Err(Failure::wrong(&message));
            }
        }
        Ok(found)
    }

    /// What the progress of later work is told by.
    pub(crate) fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    /// A cell as it stands there.
    pub(crate) fn raw(&self, column: usize) -> &str {
        self.record.get(column).unwrap_or_default()
    }

    /// A cell without white space around it.
    pub(crate) fn text(&self, column: usize) -> &str {
        self.raw(column).trim()
    }

    /// What is wrong with a cell.
    pub(crate) fn refuse(&self, column: usize, message: &str) -> Failure {
        let named = self.header.get(column).map_or("", String::as_str);
        self.refuse_row(&format!("column `{}`: {message}", plain(named)))
    }

    /// What is wrong with the row.
    pub(crate) fn refuse_row(&self, message: &str) -> Failure {
        Failure::wrong(&format!("{}, line {}, {message}", self.name, self.line()))
    }

    /// The cell as it is shown in messages.
    fn shown(&self, column: usize) -> String {
        format!("`{}`", shortened(self.text(column), 40))
    }

    /// A number.
    pub(crate) fn number(&self, column: usize) -> Result<f64, Failure> {
        let text = self.text(column);
        let found = text.parse().ok().filter(|number: &f64| number.is_finite());
        found.ok_or_else(|| {
            let what = if text.is_empty() {
                "is empty, and must be a number such as 19.90".to_owned()
            } else if text.contains(',') {
                let shown = self.shown(column);
                format!("{shown} is no number: write 19.90, without commas")
            } else {
                format!("{} is no number such as 19.90", self.shown(column))
            };
            self.refuse(column, &what)
        })
    }

    /// A whole number from 0; `2.0` is one, as some programs write them.
    pub(crate) fn whole(&self, column: usize, most: u32) -> Result<u32, Failure> {
        let number = self.number(column)?;
        if number.fract() == 0.0 && (0.0..=f64::from(most)).contains(&number) {
            return Ok(number as u32);
        }
        let shown = self.shown(column);
        Err(self.refuse(
            column,
            &format!("{shown} is no whole number from 0 to {most}"),
        ))
    }

    /// An amount of money.
    pub(crate) fn amount(&self, column: usize) -> Result<f64, Failure> {
        let number = self.number(column)?;
        let amount = baton_domain::Amount::try_from(number);
        amount.map(baton_domain::Amount::value).map_err(|error| {
            let refund = if number < 0.0 {
                "; leave refunds out, or take them from their order"
            } else {
                ""
            };
            self.refuse(column, &format!("{error}{refund}"))
        })
    }

    /// Yes or no; none where the cell is empty.
    pub(crate) fn yes_or_no(&self, column: usize) -> Result<Option<bool>, Failure> {
        match self.text(column).to_ascii_lowercase().as_str() {
            "" => Ok(None),
            "1" | "1.0" | "true" | "yes" | "y" => Ok(Some(true)),
            "0" | "0.0" | "false" | "no" | "n" => Ok(Some(false)),
            _ => {
                let shown = self.shown(column);
                Err(self.refuse(
                    column,
                    &format!("{shown} is neither 1, true nor yes, nor 0, false or no"),
                ))
            }
        }
    }

    /// A moment.
    pub(crate) fn moment(&self, column: usize) -> Result<Timestamp, Failure> {
        moment(self.text(column)).ok_or_else(|| {
            let shown = self.shown(column);
            let wanted = "no date such as 2024-05-31, nor a time such as 2024-05-31T18:00:00Z";
            self.refuse(column, &format!("{shown} is {wanted}"))
        })
    }
}

/// A time with its offset, a date, or a date and time that count as UTC.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    let of = |at: civil::DateTime| at.to_zoned(TimeZone::UTC).ok();
    if text.len() == 10 {
        let date: civil::Date = text.parse().ok()?;
        return Some(of(date.at(0, 0, 0, 0))?.timestamp());
    }
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    // A zone without an offset is not guessed at.
    let at: civil::DateTime = text.parse().ok()?;
    Some(of(at)?.timestamp())
}

/// Why a file is not read; its reader may be so many lines behind.
fn unread(name: &str, behind: u64, error: &csv::Error) -> Failure {
    let line = error.position().map_or(0, csv::Position::line) + behind;
    let message = match error.kind() {
        ErrorKind::Utf8 { .. } => {
            format!("{name}, line {line}: is not UTF-8; save the file as CSV in UTF-8")
        }
        ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!(
            "{name}, line {line}: has {len} cells, and the header {expected_len}; \
             put cells that hold the delimiter in quotes"
        ),
        _ => format!("{name}: cannot be read: {error}"),
    };
    Failure::wrong(&message)
}
