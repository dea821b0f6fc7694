//! The data that both sides read: CDNOW and what is generated from it or from a seed.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// CDNOW's customers, grouped (see the README beside it).
const CDNOW: &str = include_str!("../../../functions/kit/lifetime/tests/data/cdnow.csv");

/// Airline passengers by month, 1949 to 1960 (see the README beside it).
const AIR: &str =
    include_str!("../../../functions/agents/predictive-analytics/tests/data/air_passengers.csv");

/// One customer a line.
pub(crate) const CDNOW_FILE: &str = "cdnow.csv";
/// A million of them.
pub(crate) const CUSTOMERS_FILE: &str = "customers.csv";
/// Leads with what became of them.
pub(crate) const LEADS_FILE: &str = "leads.csv";
/// A million leads.
pub(crate) const MANY_LEADS_FILE: &str = "many_leads.csv";
/// Walks through channels.
pub(crate) const PATHS_FILE: &str = "paths.csv";
/// Monthly series, one a line.
pub(crate) const SERIES_FILE: &str = "series.csv";

/// How many features a lead has.
pub(crate) const FEATURES: usize = 7;

/// Writes all data into a folder.
pub(crate) fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    file(folder, CDNOW_FILE, |out| customers(out, 1))?;
    file(folder, CUSTOMERS_FILE, |out| customers(out, 1_000_000))?;
    file(folder, LEADS_FILE, |out| leads(out, 5_000))?;
    file(folder, MANY_LEADS_FILE, |out| leads(out, 1_000_000))?;
    file(folder, PATHS_FILE, |out| paths(out, 100_000))?;
    file(folder, SERIES_FILE, |out| series(out, 1_000))
}

fn file(
    folder: &Path,
    name: &str,
    fill: impl Fn(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(folder.join(name))?);
    fill(&mut out)?;
    out.flush()
}

/// CDNOW over and over, until there are so many; no two of them are alike, so that nothing is won by
/// remembering. All of CDNOW at least, whose customers stay as they are.
fn customers(out: &mut impl Write, least: usize) -> io::Result<()> {
    writeln!(out, "x,t_x,t,mean_spend")?;
    let rows: Vec<Vec<&str>> = CDNOW
        .lines()
        .skip(1)
        .map(|l| l.split(',').collect())
        .collect();
    let mut written = 0;
    while written < least {
        for row in &rows {
            for _ in 0..row[0].parse().unwrap_or(0) {
                if written >= least && least > 1 {
                    return Ok(());
                }
                let age: f64 = row[3].parse().unwrap_or(0.0);
                let older = if least > 1 {
                    written as f64 * 1e-6
                } else {
                    0.0
                };
                writeln!(out, "{},{},{},{}", row[1], row[2], age + older, row[4])?;
                written += 1;
            }
        }
    }
    Ok(())
}

/// Leads of whom the second feature speaks for a conversion and the sixth against it.
fn leads(out: &mut impl Write, count: usize) -> io::Result<()> {
    let names: Vec<String> = (0..FEATURES).map(|i| format!("f{i}")).collect();
    writeln!(out, "{},converted", names.join(","))?;
    let mut random = fastrand::Rng::with_seed(1);
    for _ in 0..count {
        let values: Vec<f64> = (0..FEATURES).map(|_| random.f64() * 3.0).collect();
        let odds = values[1] - 0.5 * values[5] - 1.0;
        let converted = random.f64() < 1.0 / (1.0 + (-odds).exp());
        for value in &values {
            write!(out, "{value:.4},")?;
        }
        writeln!(out, "{}", u8::from(converted))?;
    }
    Ok(())
}

/// Walks over ten channels, 1 to 10 touches long, of which one in ten converts.
fn paths(out: &mut impl Write, count: usize) -> io::Result<()> {
    writeln!(out, "path,conversions,value,nulls")?;
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..count {
        let steps: Vec<String> = (0..random.usize(1..=10))
            .map(|_| format!("channel {}", random.usize(0..10)))
            .collect();
        let (conversions, nulls) = if random.u8(0..10) == 0 {
            (1, 0)
        } else {
            (0, 1)
        };
        writeln!(
            out,
            "{},{conversions},{},{nulls}",
            steps.join(" > "),
            49 * conversions
        )?;
    }
    Ok(())
}

/// Airline passengers, each month off by up to a tenth.
fn series(out: &mut impl Write, count: usize) -> io::Result<()> {
    let air: Vec<f64> = AIR
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(',')?.1.parse().ok())
        .collect();
    let mut random = fastrand::Rng::with_seed(5);
    for _ in 0..count {
        let values: Vec<String> = air
            .iter()
            .map(|y| format!("{:.6}", y * (0.9 + 0.2 * random.f64())))
            .collect();
        writeln!(out, "{}", values.join(","))?;
    }
    Ok(())
}
