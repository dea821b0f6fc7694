//! `baton check`: every problem of definitions, with its place.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstream::{eprintln, println};
use baton_embedded::substitute;
use baton_engine::{Machine, Problem, WorkflowKind};
use clap::Args;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::log;
use crate::play::read;

/// Checks workflow definitions and prints every problem
#[derive(Args)]
#[command(after_help = "\
Prints one line for each problem: file:line:column: path: what is wrong.

Exit codes: 0 no problems; 2 problems, or a file that cannot be read.

Examples:
  baton check infra/workflows/*.asl.json
  baton check machine.asl.json --json | jq '.[].path'")]
pub(crate) struct CheckArguments {
    /// The definitions, in Amazon States Language
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Check what Express workflows do not support as well
    #[arg(long)]
    express: bool,
    /// Print one JSON array instead
    #[arg(long)]
    json: bool,
}

/// Checks definitions.
pub(crate) fn check(arguments: &CheckArguments) -> ExitCode {
    log::start("off");
    let kind = if arguments.express {
        WorkflowKind::Express
    } else {
        WorkflowKind::Standard
    };
    let mut all = Vec::new();
    for file in &arguments.files {
        let problems = problems(file, kind).into_iter();
        all.extend(problems.map(|problem| (file, problem)));
    }
    if arguments.json {
        let all = all.iter().map(|(file, problem)| to_json(file, problem));
        println!("{:#}", all.collect::<Value>());
    } else {
        for (file, problem) in &all {
            // Without a line it is about the file as a whole.
            if problem.line == 0 {
                println!("{}: {}", file.display(), problem.message);
            } else {
                println!("{}:{problem}", file.display());
            }
        }
        eprintln!("{}", summary(arguments.files.len(), all.len()));
    }
    ExitCode::from(if all.is_empty() { 0 } else { 2 })
}

/// Every problem of a file; that it cannot be read is one, and no reason to leave out others.
fn problems(file: &Path, kind: WorkflowKind) -> Vec<Problem> {
    match read(file) {
        Ok(text) => Machine::parse_as(&substitute(&text), kind)
            .err()
            .unwrap_or_default(),
        Err(Failure { message, .. }) => vec![Problem {
            path: String::new(),
            message,
            line: 0,
            column: 0,
        }],
    }
}

fn summary(files: usize, problems: usize) -> String {
    let s = |count| if count == 1 { "" } else { "s" };
    format!(
        "{files} file{}, {problems} problem{}",
        s(files),
        s(problems)
    )
}

fn to_json(file: &Path, problem: &Problem) -> Value {
    json!({
        "file": file.display().to_string(),
        "path": problem.path,
        "message": problem.message,
        "line": problem.line,
        "column": problem.column,
    })
}
