//! No definition and no input panics or hangs the engine, and what is replayed is what was run.
//!
//! Cases and the corpus are mutated for as long as `ENGINE_FUZZ_SECONDS` says, two seconds
//! without it; `ENGINE_FUZZ_SEED` repeats a session. A case that breaks something is written to
//! the folder of temporary files and belongs into `corpus/` once it is mended.

mod mutation;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use baton_engine::{
    Begun, Clock, Ended, Execution, Info, Journal as _, Journaled, Machine, MemoryJournal, Order,
    Record, RunOptions, Task, TaskError, TaskExecutor, WorkflowKind, run_journaled,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// No case may take longer.
const LONGEST: Duration = Duration::from_secs(30);

/// A definition and its input.
#[derive(Debug, Clone, Deserialize)]
struct Case {
    definition: Value,
    #[serde(default)]
    input: Value,
}

/// Answers as the seed has it: with the arguments, with something else, with an error, or not.
struct Whimsical(u64);

#[async_trait]
impl TaskExecutor for Whimsical {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        let mut rng = fastrand::Rng::with_seed(self.0 ^ task.id.0);
        match rng.u8(..10) {
            0 => Err(TaskError::deferred()),
            1 => Err(TaskError::new("Custom", "c")),
            2 => Err(TaskError::new("States.Timeout", "c")),
            3 => Ok(mutation::leaf(&mut rng)),
            _ => Ok(Value::clone(&task.arguments)),
        }
    }
}

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let files = |folder: PathBuf| {
        let files = std::fs::read_dir(folder).expect("the folder is there");
        let texts = files.filter_map(|file| std::fs::read_to_string(file.ok()?.path()).ok());
        texts.collect::<Vec<_>>()
    };
    let mut cases: Vec<Case> = files(root.join("fuzz/corpus"))
        .iter()
        .map(|text| serde_json::from_str(text).expect("a case"))
        .collect();
    for text in files(root.join("cases")) {
        let file: Vec<Value> = serde_json::from_str(&text).unwrap_or_default();
        cases.extend(
            file.into_iter()
                .filter_map(|case| serde_json::from_value(case).ok()),
        );
    }
    cases
}

/// Runs a case; it may end in any way, but must end the same when it is replayed.
async fn play(text: &str, input: &Value, seed: u64) {
    let kind = if seed.is_multiple_of(2) {
        WorkflowKind::Standard
    } else {
        WorkflowKind::Express
    };
    let Ok(machine) = Machine::parse_as(text, kind) else {
        return;
    };
    let machine = Arc::new(machine);
    let mut info = Info::local("machine", "fuzz");
    (info.kind, info.seed) = (kind, seed);
    let started = "2026-01-01T00:00:00Z"
        .parse::<Timestamp>()
        .expect("a timestamp");
    let begun = Begun {
        definition: String::new(),
        info,
        input: input.clone(),
        started,
        origin: None,
    };
    let entries = Vec::new();
    let record = Record { begun, entries };
    let journal = Arc::new(MemoryJournal::default());
    journal.begin(&record).await.expect("the journal is new");
    let mut options = RunOptions::new("fuzz", Arc::new(Whimsical(seed)));
    options.clock = Clock::virtual_at(started);
    options.order = Order::Seeded(seed);
    let kept = Journaled {
        record,
        journal: Arc::clone(&journal) as _,
        patience: None,
    };
    let ended = run_journaled(Arc::clone(&machine), kept, options).await;
    let Ok(Ended::Finished(finished)) = ended else {
        panic!("it does not end: {ended:?}");
    };
    let record = journal
        .load("fuzz")
        .await
        .expect("is read")
        .expect("is there");
    let replayed = Execution::replay(machine, &record, false, |_, _| {});
    assert_eq!(
        replayed.outcome(),
        Some(&finished.outcome),
        "the replay differs"
    );
}

/// Ends the process when a case takes too long, with the case on standard error.
#[allow(clippy::print_stderr, reason = "nothing else is left to say it with")]
fn watch(beat: &'static AtomicU64, last: PathBuf) {
    std::thread::spawn(move || {
        loop {
            let before = beat.load(Ordering::Relaxed);
            std::thread::sleep(LONGEST);
            if beat.load(Ordering::Relaxed) == before && before > 0 {
                eprintln!("a case takes longer than {LONGEST:?}: {}", last.display());
                std::process::abort();
            }
        }
    });
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn nothing_panics_or_hangs() {
    static BEAT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let clock = now.map_or(0, |now| now.as_nanos() as u64);
    let seed = setting("ENGINE_FUZZ_SEED").unwrap_or(clock);
    let budget = Duration::from_secs(setting("ENGINE_FUZZ_SECONDS").unwrap_or(2));
    // What overflows the stack leaves no other trace.
    let last = std::env::temp_dir().join(format!("engine-fuzz-{}.json", std::process::id()));
    watch(&BEAT, last.clone());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let (cases, mut rng, begun) = (cases(), fastrand::Rng::with_seed(seed), Instant::now());
    let mut count = 0_u64;
    while begun.elapsed() < budget {
        let case = &cases[rng.usize(..cases.len())];
        let other = &cases[rng.usize(..cases.len())];
        let (text, input) = if count < cases.len() as u64 {
            let case = &cases[count as usize];
            (case.definition.to_string(), case.input.clone())
        } else {
            let definition = mutation::json(&mut rng, &case.definition, &other.definition);
            let input = mutation::json(&mut rng, &case.input, &other.input);
            (mutation::text(&mut rng, definition.to_string()), input)
        };
        let seed = rng.u64(..);
        let kept = json!({"text": text, "input": input, "seed": seed}).to_string();
        std::fs::write(&last, kept).expect("the folder can be written");
        BEAT.fetch_add(1, Ordering::Relaxed);
        let played = catch_unwind(AssertUnwindSafe(|| {
            runtime.block_on(play(&text, &input, seed));
        }));
        assert!(played.is_ok(), "it panicked: {}", last.display());
        count += 1;
    }
    BEAT.store(0, Ordering::Relaxed);
    let _ = std::fs::remove_file(&last);
    println!("{count} cases from seed {seed}");
}
