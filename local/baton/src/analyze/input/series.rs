//! A series from a table: what a forecast works on.

use std::collections::HashSet;

use predictive_analytics::series::{Combine, Missing, Point, Series};
use serde_json::{Value, json};

use super::Source;
use super::sheet::Sheet;
use crate::failure::Failure;

const AT: &[&str] = &["at", "date", "month", "week", "day", "timestamp", "time"];
const VALUE: &[&str] = &["value", "sales", "revenue", "orders", "count", "y"];

/// The input of a forecast so many periods ahead. Lines without a value are periods that nobody
/// observed. With it comes what a reader should know.
pub(super) fn read(
    sheet: &Sheet,
    horizon: usize,
) -> Result<(Value, Source, Option<String>), Failure> {
    let at = sheet.needed(AT)?;
    let value = sheet.needed(VALUE)?;
    let mut points = Vec::with_capacity(sheet.rows.len());
    let mut lines = Vec::with_capacity(sheet.rows.len());
    for row in &sheet.rows {
        if row.cell(at).is_empty() {
            return Err(sheet.wrong(row.line, sheet.title(at), "is empty"));
        }
        if let Some(value) = sheet.number(row, value)? {
            let at = row.cell(at).to_owned();
            points.push(Point { at, value });
            lines.push(row.line);
        }
    }
    // The agent's own rules, said of the line that breaks them.
    Series::of(&points, None, Combine::Sum, Missing::Skip).map_err(|error| {
        let Some(index) = super::index(&error.field) else {
            return Failure::wrong(&format!("{}: {}", sheet.name, error.message));
        };
        let column = if error.field.ends_with("value") {
            value
        } else {
            at
        };
        sheet.wrong(lines[index], sheet.title(column), &error.message)
    })?;
    let source = Source {
        name: sheet.name.clone(),
        what: format!("observations: {}", points.len()),
    };
    let mut met = HashSet::new();
    let again = points.iter().filter(|point| !met.insert(&point.at)).count();
    let note = (again > 0).then(|| {
        format!(
            "lines of {} whose period was there before, and whose values were added up: {again}",
            sheet.name
        )
    });
    let point = |point: Point| json!({"at": point.at, "value": point.value});
    let points: Vec<Value> = points.into_iter().map(point).collect();
    Ok((json!({"series": points, "horizon": horizon}), source, note))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Value, String> {
        let sheet = Sheet::of_text("s.csv", text).map_err(|e| e.message)?;
        let read = read(&sheet, 3).map_err(|e| e.message)?;
        Ok(read.0)
    }

    #[test]
    fn a_period_that_is_there_twice_is_told() {
        let sheet = |text| Sheet::of_text("s.csv", text).expect("a sheet");
        let note = |text| read(&sheet(text), 3).expect("read").2;
        assert_eq!(note("at,value\n2026-01,5\n2026-02,6\n"), None);
        let told = note("at,value\n2026-01,5\n2026-01,5\n").expect("a note");
        assert!(told.ends_with("added up: 1"), "{told}");
    }

    #[test]
    fn a_line_without_a_value_was_not_observed() {
        let input = of("month,sales\n2026-01,5\n2026-02,\n2026-03,-7.5\n").expect("read");
        let points = json!([{"at": "2026-01", "value": 5.0}, {"at": "2026-03", "value": -7.5}]);
        assert_eq!(input, json!({"series": points, "horizon": 3}));
    }

    #[test]
    fn the_agent_s_rules_are_said_of_lines_and_columns() {
        for (text, clue) in [
            (
                "at,value\n2026-01,1\nJanuary,2\n",
                "s.csv, line 3, column `at`: must be a moment",
            ),
            (
                "at,value\n2026-01,\n2026-02,2e12\n",
                "s.csv, line 3, column `value`: must be 1e12",
            ),
            ("at,value\n,1\n", "s.csv, line 2, column `at`: is empty"),
            (
                "at,value\n2026-01,1 000\n",
                "s.csv, line 2, column `value`: `1 000` is no number",
            ),
            (
                "at,worth\n2026-01,1\n",
                "s.csv, line 1: has no column value or",
            ),
        ] {
            let refused = of(text).expect_err("refused");
            assert!(refused.starts_with(clue), "{refused}");
        }
    }
}
