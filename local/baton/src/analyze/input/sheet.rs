//! Tables in CSV as people have them, with the place of everything in them.

use std::path::Path;

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::failure::Failure;
use crate::play::read;

/// A table with a header. Commas or, where the header has no comma, semicolons part its columns.
pub(super) struct Sheet {
    pub(super) name: String,
    columns: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// One row and the line at which it begins, counted from 1.
pub(super) struct Row {
    pub(super) line: u64,
    cells: StringRecord,
}

impl Row {
    /// The text of a cell without space around it; empty where there is no such column.
    pub(super) fn cell(&self, column: Option<usize>) -> &str {
        column
            .and_then(|column| self.cells.get(column))
            .unwrap_or("")
    }
}

impl Sheet {
    /// Reads a file, or standard input for `-`.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        Self::of(&path.display().to_string(), &read(path)?)
    }

    /// Reads text that came from `name`.
    pub(super) fn of(name: &str, text: &str) -> Result<Self, Failure> {
        let text = text.trim_start_matches('\u{feff}');
        let header = text.lines().next().unwrap_or("");
        let delimiter = if header.contains(';') && !header.contains(',') {
            b';'
        } else {
            b','
        };
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .trim(Trim::All)
            .flexible(true)
            .from_reader(text.as_bytes());
        let broken = |error: csv::Error| Failure::wrong(&format!("{name}: {error}"));
        let columns = reader.headers().map_err(broken)?.iter();
        let mut sheet = Self {
            name: name.to_owned(),
            columns: columns.map(str::to_lowercase).collect(),
            rows: Vec::new(),
        };
        sheet.check_header()?;
        let mut lines = Lines {
            text,
            byte: 0,
            line: 1,
        };
        for cells in reader.records() {
            let cells = cells.map_err(broken)?;
            let line = lines.of(cells.position().map_or(0, csv::Position::byte) as usize);
            let row = Row { line, cells };
            sheet.check_width(&row)?;
            sheet.rows.push(row);
        }
        if sheet.rows.is_empty() {
            return Err(Failure::wrong(&format!(
                "{name}: has no row but its header"
            )));
        }
        Ok(sheet)
    }

    fn check_header(&self) -> Result<(), Failure> {
        let twice = self
            .columns
            .iter()
            .enumerate()
            .find(|(at, column)| !column.is_empty() && self.columns[..*at].contains(column));
        match twice {
            Some((_, column)) => Err(self.wrong(1, column, "stands twice in the header")),
            None => Ok(()),
        }
    }

    fn check_width(&self, row: &Row) -> Result<(), Failure> {
        let (wanted, found) = (self.columns.len(), row.cells.len());
        if found == wanted {
            return Ok(());
        }
        let name = &self.name;
        let line = row.line;
        Err(Failure::wrong(&format!(
            "{name}: line {line}: has {found} fields where the header has {wanted}; \
             a field with the delimiter in it must stand in quotes"
        )))
    }

    /// The first column that has one of these names.
    pub(super) fn column(&self, names: &[&str]) -> Option<usize> {
        let mut found = names.iter();
        found.find_map(|name| self.columns.iter().position(|column| column == name))
    }

    /// The same where there must be one.
    pub(super) fn needed(&self, names: &[&str]) -> Result<Option<usize>, Failure> {
        let found = self.column(names);
        if found.is_some() {
            return Ok(found);
        }
        let (name, columns) = (&self.name, self.columns.join(", "));
        let wanted = names.join(" or ");
        Err(Failure::wrong(&format!(
            "{name}: line 1: has no column {wanted}; its columns are: {columns}"
        )))
    }

    /// What a column is called in this file.
    pub(super) fn title(&self, column: Option<usize>) -> &str {
        column.map_or("", |column| self.columns[column].as_str())
    }

    /// That something is wrong, and where.
    pub(super) fn wrong(&self, line: u64, column: &str, message: &str) -> Failure {
        let name = &self.name;
        Failure::wrong(&format!("{name}: line {line}, column {column}: {message}"))
    }

    /// A number with a point, finite; none where the cell is empty.
    pub(super) fn number(&self, row: &Row, column: Option<usize>) -> Result<Option<f64>, Failure> {
        let text = row.cell(column);
        if text.is_empty() {
            return Ok(None);
        }
        let parsed = text.parse::<f64>().ok().filter(|number| number.is_finite());
        parsed.map(Some).ok_or_else(|| {
            let message =
                format!("`{text}` is no number; write it as 1234.5, without separators and units");
            self.wrong(row.line, self.title(column), &message)
        })
    }
}

/// Lines of a text, asked for in their order. The reader's own count is of where it stopped, and
/// that is before line breaks and empty lines.
struct Lines<'a> {
    text: &'a str,
    byte: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line at which a row begins that the reader reached at `byte`.
    fn of(&mut self, byte: usize) -> u64 {
        let bytes = self.text.as_bytes();
        let breaks = |c: &u8| matches!(c, b'\r' | b'\n');
        let rest = bytes.get(byte..).unwrap_or_default();
        let begins = byte + rest.iter().take_while(|c| breaks(c)).count();
        let passed = self.text.get(self.byte..begins).unwrap_or_default();
        self.line += passed.matches('\n').count() as u64;
        self.byte = begins;
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        Sheet::of("a.csv", text).err().expect("refused").message
    }

    #[test]
    fn what_spreadsheets_write_is_read() {
        let sheet = Sheet::of(
            "a.csv",
            "\u{feff}At ; Value\r\n 2026-01;\"1;5\"\r\n\r\n2026-02;2",
        );
        let sheet = sheet.expect("read");
        let value = sheet.column(&["worth", "value"]);
        let read: Vec<(u64, &str)> = sheet
            .rows
            .iter()
            .map(|row| (row.line, row.cell(value)))
            .collect();
        assert_eq!(read, [(2, "1;5"), (4, "2")]);
        assert_eq!(sheet.column(&["at"]), Some(0));
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        assert!(refused("at,at\n1,2\n").contains("line 1, column at: stands twice"));
        assert!(refused("at,value\n1,2\n1\n").contains("a.csv: line 3: has 1 fields"));
        assert!(refused("at,value\n").contains("no row"));
        assert!(refused("").contains("no row"));
    }

    #[test]
    fn numbers_are_numbers() {
        let sheet = Sheet::of("a.csv", "v,w\n1e3,\nNaN,2\n").expect("read");
        let number = |row: usize, column| sheet.number(&sheet.rows[row], Some(column));
        assert_eq!(number(0, 0).ok().flatten(), Some(1000.0));
        assert_eq!(number(0, 1).expect("empty"), None);
        let refused = number(1, 0).expect_err("refused").message;
        assert!(refused.starts_with("a.csv: line 3, column v: `NaN` is no number"));
    }
}
