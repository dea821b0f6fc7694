//! The data read again, as the methods take them.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use attribution::paths::Path as Walk;
use baton_lifetime::Summary;

use crate::data::FEATURES;

type Read<T> = Result<Vec<T>, Box<dyn Error>>;

/// Customers.
pub(crate) fn customers(folder: &Path, name: &str) -> Read<Summary> {
    lines(folder, name, 1, |line| {
        let fields = numbers(line)?;
        let [x, t_x, t, mean_spend] = fields[..] else {
            return Err("four fields are wanted".into());
        };
        let spend = Summary::new(x as u32, t_x, t);
        Ok(Summary {
            mean_spend,
            ..spend
        })
    })
}

/// Rows of features, and which of them converted.
type Leads = (Vec<Vec<f64>>, Vec<bool>);

/// Leads and what became of them.
pub(crate) fn leads(folder: &Path, name: &str) -> Result<Leads, Box<dyn Error>> {
    let rows = lines(folder, name, 1, |line| {
        let mut fields = numbers(line)?;
        let converted = fields.pop().is_some_and(|outcome| outcome > 0.5);
        if fields.len() != FEATURES {
            return Err(format!("{FEATURES} features are wanted").into());
        }
        fields.shrink_to_fit();
        Ok((fields, converted))
    })?;
    Ok(rows.into_iter().unzip())
}

/// Walks through channels.
pub(crate) fn paths(folder: &Path, name: &str) -> Read<Walk> {
    lines(folder, name, 1, |line| {
        let (steps, counts) = line.split_once(',').ok_or("a path and counts are wanted")?;
        let counts = numbers(counts)?;
        let [conversions, value, nulls] = counts[..] else {
            return Err("three counts are wanted".into());
        };
        Ok(Walk {
            steps: steps.split(" > ").map(str::to_owned).collect(),
            conversions,
            value,
            nulls,
            ..Walk::default()
        })
    })
}

/// Series.
pub(crate) fn series(folder: &Path, name: &str) -> Read<Vec<f64>> {
    lines(folder, name, 0, numbers)
}

fn lines<T>(
    folder: &Path,
    name: &str,
    skipped: usize,
    read: impl Fn(&str) -> Result<T, Box<dyn Error>>,
) -> Read<T> {
    let reader = BufReader::new(File::open(folder.join(name))?);
    let mut rows = Vec::new();
    for (i, line) in reader.lines().enumerate().skip(skipped) {
        let row = read(&line?);
        rows.push(row.map_err(|error| format!("{name}, line {}: {error}", i + 1))?);
    }
    Ok(rows)
}

fn numbers(line: &str) -> Result<Vec<f64>, Box<dyn Error>> {
    let number = |field: &str| {
        field
            .parse()
            .map_err(|_| format!("{field:?} is no number").into())
    };
    line.split(',').map(number).collect()
}
