//! What the methods of the agents take on this machine, in time and memory.
//!
//! Every part runs in a process of its own, so that its peak of memory is its own: that of the whole
//! process, data included. A part is repeated and its best time counts, since machines are shared. The
//! data are written as CSV first, for `compare.py` to read: it lets `lifetimes`, `statsmodels` and
//! `ChannelAttribution` do the same and prints both side by side. Each part names a figure that it
//! found, so that one sees that both did the same.

mod data;
mod part;
mod rows;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anstream::{eprintln, println};
use clap::Parser;
use comfy_table::{CellAlignment, Table, presets};
use part::{Measured, Part};

/// Measures the methods: best time, peak memory
#[derive(Parser)]
#[command(after_help = "\
Example:
  cargo run --release -p baton-compare")]
struct Arguments {
    /// Where the data and the results are kept
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/compare"))]
    data: PathBuf,
    /// Measure the parts alone whose names contain this
    #[arg(long, default_value = "")]
    only: String,
    /// Measure one part in this process and print it as JSON
    #[arg(long, hide = true)]
    part: Option<Part>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    if let Some(part) = arguments.part {
        let measured = part.measure(&arguments.data)?;
        println!("{}", serde_json::to_string(&measured)?);
        return Ok(());
    }
    if cfg!(debug_assertions) {
        eprintln!("warning: built without --release, these figures say nothing");
    }
    data::write(&arguments.data)?;
    let parts = Part::ALL.iter().copied();
    let wanted = parts.filter(|part| part.to_string().contains(&arguments.only));
    let measured = wanted
        .map(|part| in_own_process(part, &arguments.data))
        .collect::<Result<Vec<_>, _>>()?;
    if measured.is_empty() {
        let known: Vec<String> = Part::ALL.iter().map(ToString::to_string).collect();
        let message = format!(
            "--only: no part has that in its name; there are {}",
            known.join(", ")
        );
        return Err(message.into());
    }
    let results = arguments.data.join("baton.json");
    std::fs::write(&results, serde_json::to_string_pretty(&measured)?)?;
    println!("{}", table(&measured));
    Ok(())
}

fn in_own_process(part: Part, data: &Path) -> Result<Measured, Box<dyn Error>> {
    let output = Command::new(std::env::current_exe()?)
        .args(["--part", &part.to_string(), "--data"])
        .arg(data)
        .output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{part}: {}", said.trim()).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn table(measured: &[Measured]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(["part", "ms", "peak MB", "found"]);
    for one in measured {
        let peak = one
            .peak_mb
            .map_or_else(|| "?".to_owned(), |mb| format!("{mb:.0}"));
        table.add_row([
            one.part.to_string(),
            format!("{:.2}", one.seconds * 1e3),
            peak,
            format!("{} {:.4}", one.figure, one.found),
        ]);
    }
    for column in [1, 2] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
