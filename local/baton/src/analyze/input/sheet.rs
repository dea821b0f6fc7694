//! A whole table in memory, with the place of everything in it.

use std::io::Cursor;
use std::path::Path;

use csv::StringRecord;

use crate::failure::Failure;
use crate::progress::Progress;
use crate::rows::Rows;
use crate::show::plain;

/// A table with a header.
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
        let cell = column.and_then(|column| self.cells.get(column));
        cell.unwrap_or("").trim()
    }
}

impl Sheet {
    /// Reads a file, or standard input for `-`.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        Self::of(Rows::open(path, Progress::new(<_>::default()))?)
    }

    /// Reads text that came from `name`.
    pub(super) fn of_text(name: &str, text: &str) -> Result<Self, Failure> {
        let text = Box::new(Cursor::new(text.as_bytes().to_vec()));
        let progress = Progress::new(<_>::default());
        Self::of(Rows::over(name.to_owned(), text, progress)?)
    }

    fn of(mut rows: Rows) -> Result<Self, Failure> {
        let columns = rows.header().iter();
        let mut sheet = Self {
            name: rows.name().to_owned(),
            columns: columns.map(|column| column.to_lowercase()).collect(),
            rows: Vec::new(),
        };
        sheet.check_header()?;
        while rows.next()? {
            let line = rows.line();
            let cells = rows.cells().clone();
            sheet.rows.push(Row { line, cells });
        }
        Ok(sheet)
    }

    fn check_header(&self) -> Result<(), Failure> {
        let mut columns = self.columns.iter().enumerate();
        let twice =
            columns.find(|(at, column)| !column.is_empty() && self.columns[..*at].contains(column));
        match twice {
            Some((_, column)) => Err(self.wrong(1, column, "stands twice in the header")),
            None => Ok(()),
        }
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
            "{name}, line 1: has no column {wanted}; its columns are: {columns}"
        )))
    }

    /// What a column is called in this file.
    pub(super) fn title(&self, column: Option<usize>) -> &str {
        column.map_or("", |column| self.columns[column].as_str())
    }

    /// That something is wrong, and where.
    pub(super) fn wrong(&self, line: u64, column: &str, message: &str) -> Failure {
        let name = &self.name;
        let (column, message) = (plain(column), plain(message));
        Failure::wrong(&format!(
            "{name}, line {line}, column `{column}`: {message}"
        ))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let refused = Sheet::of_text("a.csv", text).err();
        refused.expect("refused").message
    }

    #[test]
    fn what_spreadsheets_write_is_read_and_lines_are_those_of_the_file() {
        for (text, wanted) in [
            (
                "\u{feff}At ; Value\r\n 2026-01;\"1,5\"\r\n\r\n2026-02;2",
                [2, 4],
            ),
            ("at,value\n\n2026-01,\"1,5\"\n\n\n2026-02,2\n", [3, 6]),
            ("at,value\n\"2026\n-01\",\"1,5\"\n2026-02,2", [2, 4]),
        ] {
            let sheet = Sheet::of_text("a.csv", text).expect("read");
            let value = sheet.column(&["worth", "value"]);
            let lines: Vec<u64> = sheet.rows.iter().map(|row| row.line).collect();
            assert_eq!(lines, wanted, "{text}");
            assert_eq!(sheet.rows[0].cell(value), "1,5");
            assert_eq!(sheet.column(&["at"]), Some(0));
        }
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        assert!(refused("at,at\n1,2\n").contains("line 1, column `at`: stands twice"));
        assert!(refused("at,value\n1,2\n1\n").contains("a.csv, line 3: has 1 cells"));
        assert!(refused("at,value\n").contains("no rows"));
        assert!(refused("").contains("is empty"));
    }

    #[test]
    fn numbers_are_numbers() {
        let sheet = Sheet::of_text("a.csv", "v,w\n1e3,\nNaN,2\n").expect("read");
        let number = |row: usize, column| sheet.number(&sheet.rows[row], Some(column));
        assert_eq!(number(0, 0).ok().flatten(), Some(1000.0));
        assert_eq!(number(0, 1).expect("empty"), None);
        let refused = number(1, 0).expect_err("refused").message;
        assert!(refused.starts_with("a.csv, line 3, column `v`: `NaN` is no number"));
    }
}
