//! What came of it: printed for people, or as JSON for programs.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anstream::{eprintln, println};
use baton_domain::Timestamp;
use owo_colors::OwoColorize as _;
use serde::Serialize;
use serde_json::Value;

use crate::show::plain;

/// What was scored, and by what.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    /// `orders`, `summaries`, `contracts` or `leads`.
    pub(super) kind: &'static str,
    /// Rows of the file.
    pub(super) rows: u64,
    /// Customers or leads in it, and rows of scores.
    pub(super) customers: u64,
    /// Those of whom nothing is known by `as_of`: their scores are empty.
    pub(super) without_orders: u64,
    /// How most were scored.
    pub(super) method: String,
    /// Whether scores rest on a prior: there was too little to fit.
    pub(super) prior: bool,
    /// The end of observation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) as_of: Option<Timestamp>,
    /// How far ahead scores look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) horizon_days: Option<u32>,
    /// How often what will be lies between `low` and `high`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) level: Option<f64>,
    /// Which fit was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<Value>,
    /// How well chances came true on leads that the model had not seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reliability: Option<Value>,
    /// What a reader should know.
    pub(super) warnings: Vec<String>,
    /// What it took.
    pub(super) seconds: f64,
}

impl Report {
    /// Prints it: on standard output, or beside it where the scores went there.
    pub(super) fn print(&mut self, out: &Path, took: Duration, json: bool) -> ExitCode {
        self.seconds = (took.as_secs_f64() * 1e3).round() / 1e3;
        let beside = out.as_os_str() == "-";
        if json {
            let text = serde_json::to_value(&*self).unwrap_or_default();
            if beside {
                eprintln!("{text:#}");
            } else {
                println!("{text:#}");
            }
        } else {
            let line = self.line(out);
            if beside {
                eprintln!("{line}");
            } else {
                println!("{line}");
            }
            for warning in &self.warnings {
                eprintln!("{} {}", "note:".yellow().bold(), plain(warning));
            }
        }
        ExitCode::from(if self.prior { 3 } else { 0 })
    }

    fn line(&self, out: &Path) -> String {
        let of = match self.without_orders {
            0 => String::new(),
            n => format!(", {n} of them without orders"),
        };
        let what = match self.kind {
            "leads" => "lead",
            "contracts" => "contract",
            _ => "customer",
        };
        let many = if self.customers == 1 { "" } else { "s" };
        format!(
            "scored {} {what}{many}{of} by {} into {} in {:.1} s",
            self.customers,
            self.method,
            if out.as_os_str() == "-" {
                "standard output".to_owned()
            } else {
                out.display().to_string()
            },
            self.seconds
        )
    }
}
