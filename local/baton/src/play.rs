//! `baton play`: runs one definition and prints how it ended, as one JSON object.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use anstream::println;
use baton_domain::Timestamp;
use baton_embedded::{Embedded, Objects, SqliteItems, substitute};
use baton_engine::{
    Clock, Event, Finished, Info, Machine, MockFile, Observer, Outcome, RunOptions, TaskExecutor,
    WorkflowKind,
};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::{log, sample};

/// Runs any workflow definition and prints how it ended
#[derive(Args)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command"
)]
#[command(after_help = "\
Prints {\"status\": \"SUCCEEDED|FAILED|TIMED_OUT|ABORTED|INVALID\", \"output\": … or \"error\", \"cause\"}
on standard output and nothing else. Lambda tasks call the agents in this process by name; tables
are in memory; waits take no time unless --real-time.

Exit codes: 0 SUCCEEDED; 1 FAILED, TIMED_OUT or ABORTED; 2 INVALID, or a file that cannot be read.

--mocks takes a file in AWS's format of mocked service integrations. Its test case is named by
--test-case Case or --test-case Machine#Case; where there is only one it is taken.

Examples:
  baton play machine.asl.json --input input.json
  baton play machine.asl.json --mocks mocks.json --test-case HappyPath --history
  echo '{\"n\": 1}' | baton play machine.asl.json --input - --trace")]
pub(crate) struct PlayArguments {
    /// The definition, in Amazon States Language
    definition: PathBuf,
    /// The input, a JSON file or - for standard input; {} when it is not given
    #[arg(long)]
    input: Option<PathBuf>,
    /// Add the names of the states in order of entry
    #[arg(long)]
    trace: bool,
    /// Add the events of its history, spelt as the API of Step Functions spells them
    #[arg(long)]
    history: bool,
    /// Answers of tasks: a mock configuration file
    #[arg(long)]
    mocks: Option<PathBuf>,
    /// The test case of the mocks
    #[arg(long, requires = "mocks")]
    test_case: Option<String>,
    /// Store the sample (tenant acme) first, as of the input's `as_of` or of now
    #[arg(long)]
    sample: bool,
    /// A folder whose folders are S3 buckets, for distributed Maps
    #[arg(long, value_name = "FOLDER")]
    objects: Option<PathBuf>,
    /// Let waits take their time
    #[arg(long)]
    real_time: bool,
    /// The type of the workflow
    #[arg(long = "type", value_enum, default_value_t = Kind::Standard)]
    kind: Kind,
}

/// The type of a workflow.
#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Standard,
    Express,
}

/// The largest input of an execution, in bytes.
const MAX_INPUT: usize = 256 * 1024;

/// Plays a definition. Whatever is wrong is on standard output as well, since programs read that.
pub(crate) async fn play(arguments: PlayArguments) -> Result<ExitCode, Failure> {
    log::start("off");
    let played = play_checked(&arguments).await;
    if let Err(Failure { message, .. }) = &played {
        println!("{}", invalid("InvalidArguments", message));
    }
    played
}

async fn play_checked(arguments: &PlayArguments) -> Result<ExitCode, Failure> {
    let definition = substitute(&read(&arguments.definition)?);
    let input = match input(arguments)? {
        Ok(input) => input,
        Err(cause) => {
            println!("{}", invalid("InvalidExecutionInput", &cause));
            return Ok(ExitCode::from(2));
        }
    };
    let machine = match Machine::parse_as(&definition, arguments.kind.of_engine()) {
        Ok(machine) => Arc::new(machine),
        Err(problems) => {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            println!("{}", invalid("InvalidDefinition", &problems.join("\n")));
            return Ok(ExitCode::from(2));
        }
    };
    let told = Arc::new(Told::default());
    let mut options = options(arguments, &input, &machine).await?;
    if arguments.history {
        options.observer = Some(Arc::clone(&told) as _);
    }
    let info = options.info.clone();
    let finished = baton_engine::run(machine, input, options).await;
    let mut report = report(&finished, arguments.trace);
    if arguments.history {
        report["history"] = told.history(&info);
    }
    println!("{report}");
    let failed = !matches!(finished.outcome, Outcome::Succeeded { .. });
    Ok(ExitCode::from(u8::from(failed)))
}

/// The input, or why Step Functions would not take it.
fn input(arguments: &PlayArguments) -> Result<Result<Value, String>, Failure> {
    let Some(path) = &arguments.input else {
        return Ok(Ok(json!({})));
    };
    let text = read(path)?;
    if text.len() > MAX_INPUT {
        return Ok(Err(format!(
            "the input has {} bytes; at most {MAX_INPUT}",
            text.len()
        )));
    }
    let parsed = serde_json::from_str(&text);
    Ok(parsed.map_err(|e| format!("--input {} is not JSON: {e}", path.display())))
}

async fn options(
    arguments: &PlayArguments,
    input: &Value,
    machine: &Machine,
) -> Result<RunOptions, Failure> {
    let items = SqliteItems::in_memory().map_err(|e| Failure::failed(&e))?;
    let mut baton = Embedded::over(items);
    baton.objects = arguments.objects.as_deref().map(objects).transpose()?;
    if arguments.sample {
        // An input that is of a moment finds the sample as it was then.
        let as_of = input["as_of"].as_str().and_then(|text| text.parse().ok());
        let as_of = as_of.unwrap_or_else(Timestamp::now);
        let stored = sample::load(&baton.app(), &sample::tenant()?, as_of).await;
        stored.map_err(|e| Failure::failed(&e))?;
    }
    let executor = mocked(arguments, baton.integrations(), machine)?;
    let mut options = RunOptions::new("play", executor);
    if !arguments.real_time {
        options.clock = Clock::virtual_at(Timestamp::now());
    }
    options.info.kind = arguments.kind.of_engine();
    Ok(options)
}

/// The buckets in a folder that is there: what is not would be empty buckets without a word.
fn objects(folder: &Path) -> Result<Objects, Failure> {
    if folder.is_dir() {
        return Ok(Objects::new(folder));
    }
    let missing = format!("--objects {}: there is no such folder", folder.display());
    Err(Failure::wrong(&missing))
}

/// The mocks in front of the integrations, where there are any.
fn mocked(
    arguments: &PlayArguments,
    integrations: Arc<dyn TaskExecutor>,
    machine: &Machine,
) -> Result<Arc<dyn TaskExecutor>, Failure> {
    let Some(path) = &arguments.mocks else {
        return Ok(integrations);
    };
    let case = arguments.test_case.as_deref();
    let file = read(path)?;
    let mocks = MockFile::parse(&file).and_then(|file| {
        let mocks = file.case(case, integrations)?;
        mocks.check(machine)?;
        Ok(mocks)
    });
    let mocks = mocks.map_err(|e| Failure::wrong(&format!("--mocks {}: {e}", path.display())))?;
    Ok(Arc::new(mocks))
}

impl Kind {
    fn of_engine(self) -> WorkflowKind {
        match self {
            Self::Standard => WorkflowKind::Standard,
            Self::Express => WorkflowKind::Express,
        }
    }
}

/// The events of a run.
#[derive(Default)]
struct Told(Mutex<Vec<Event>>);

impl Observer for Told {
    fn event(&self, event: &Event) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.push(event.clone());
    }
}

impl Told {
    fn history(&self, info: &Info) -> Value {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let history = told.iter().filter(|event| event.kind.is_history());
        history.map(|event| event.to_history(info)).collect()
    }
}

/// The text of a file, or of standard input for `-`.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    let text = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    text.map_err(|e| Failure::wrong(&format!("cannot read {}: {e}", path.display())))
}

fn invalid(error: &str, cause: &str) -> Value {
    json!({"status": "INVALID", "error": error, "cause": cause})
}

fn report(finished: &Finished, trace: bool) -> Value {
    let status = finished.outcome.status();
    let mut report = match &finished.outcome {
        Outcome::Succeeded { output } => json!({"status": status, "output": output}),
        Outcome::Failed { error, cause } | Outcome::Aborted { error, cause } => {
            json!({"status": status, "error": error, "cause": cause})
        }
        Outcome::TimedOut => json!({"status": status, "error": null, "cause": null}),
    };
    if trace {
        report["trace"] = finished.trace.clone().into();
    }
    report
}
