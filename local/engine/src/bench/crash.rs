//! The process dies after a write of the journal, and another goes on.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Crew, Plan, Played, Scene, Seen, undisturbed};
use crate::{
    Begun, Ended, Entry, Finished, Info, Journal, JournalError, Journaled, MemoryJournal, Outcome,
    Record, run_journaled,
};

/// How many orders of parallel tasks are tried.
const ORDERS: u64 = 3;

/// Plays a workflow from a journal; the process dies after each of its writes, once after each
/// write and once after all of them, and goes on from what was kept. What `view` sees of the
/// end must be what it sees undisturbed, and no task may be called twice for the same attempt.
/// Parallel tasks are done one after the other, in three orders. Answers how often it died.
pub async fn crash_everywhere<S: Scene, V: PartialEq + std::fmt::Debug>(
    plan: &Plan,
    scene: impl AsyncFn() -> S,
    view: impl Fn(&Played<S>) -> V,
) -> usize {
    let mut deaths = 0;
    for seed in 0..ORDERS {
        let plan = plan.clone().in_order_of(seed);
        let calm = play(&plan, scene().await, Death::Never).await;
        let writes = calm.deaths_possible;
        let wanted = view(&calm.played);
        for at in 0..writes {
            let once = play(&plan, scene().await, Death::At(at)).await;
            deaths += once.compare(&wanted, &view, &format!("order {seed}, died at write {at}"));
        }
        let always = play(&plan, scene().await, Death::Always).await;
        deaths += always.compare(
            &wanted,
            &view,
            &format!("order {seed}, died at every write"),
        );
    }
    deaths
}

struct Survived<S> {
    played: Played<S>,
    calls: BTreeMap<u64, (String, usize)>,
    deaths: usize,
    deaths_possible: usize,
}

impl<S> Survived<S> {
    fn compare<V: PartialEq + std::fmt::Debug>(
        &self,
        wanted: &V,
        view: &impl Fn(&Played<S>) -> V,
        what: &str,
    ) -> usize {
        assert_eq!(view(&self.played), *wanted, "{what}");
        for (name, calls) in self.calls.values() {
            assert_eq!(
                *calls, 1,
                "{what}: {name} was called {calls} times for one attempt"
            );
        }
        self.deaths
    }
}

/// After which writes the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Death {
    Never,
    /// Counted from 0.
    At(usize),
    Always,
}

/// Plays over a journal whose process dies.
async fn play<S: Scene>(plan: &Plan, scene: S, death: Death) -> Survived<S> {
    let crew = Arc::new(Crew {
        executor: scene.executor(),
        meddle: undisturbed(),
        repeat: false,
        seen: Mutex::default(),
    });
    let journal = Arc::new(Mortal {
        kept: MemoryJournal::default(),
        writes: AtomicUsize::new(0),
        death,
    });
    let begun = journal.begin(&plan.record()).await;
    begun.expect("it is the first");
    let mut deaths = 0;
    let mut options = plan.options(Arc::clone(&crew));
    let clock = options.clock.clone();
    let finished = loop {
        let record = journal.load("test").await.ok().flatten();
        let kept = Journaled {
            record: record.expect("it has begun"),
            journal: Arc::clone(&journal) as _,
            patience: None,
        };
        match run_journaled(Arc::clone(&plan.machine), kept, options).await {
            Ok(Ended::Finished(finished)) => break finished,
            Ok(Ended::Waiting(_)) => unreachable!("it has the patience to wait"),
            Err(_) => deaths += 1,
        }
        options = plan.options(Arc::clone(&crew));
        options.clock = clock.clone();
    };
    let deaths_possible = journal.writes.load(Ordering::Relaxed);
    survived(scene, finished, crew.take(), deaths, deaths_possible)
}

fn survived<S>(
    scene: S,
    finished: Finished,
    seen: Seen,
    deaths: usize,
    deaths_possible: usize,
) -> Survived<S> {
    let (entered, called) = (seen.entered, seen.called);
    Survived {
        played: Played {
            scene,
            finished,
            entered,
            called,
        },
        calls: seen.calls,
        deaths,
        deaths_possible,
    }
}

/// A journal whose process dies after some of its writes.
struct Mortal {
    kept: MemoryJournal,
    writes: AtomicUsize,
    death: Death,
}

impl Plan {
    fn record(&self) -> Record {
        let mut info = Info::local("machine", "test");
        info.kind = self.kind;
        Record {
            begun: Begun {
                definition: self.definition.clone(),
                info,
                input: self.input.clone(),
                started: self.start,
                origin: None,
            },
            entries: Vec::new(),
        }
    }
}

#[async_trait]
impl Journal for Mortal {
    async fn begin(&self, record: &Record) -> Result<(), JournalError> {
        self.kept.begin(record).await
    }

    async fn append(
        &self,
        execution: &str,
        after: usize,
        entries: &[Entry],
    ) -> Result<(), JournalError> {
        self.kept.append(execution, after, entries).await?;
        let write = self.writes.fetch_add(1, Ordering::Relaxed);
        if self.death == Death::Always || self.death == Death::At(write) {
            return Err(JournalError::Unavailable("the process died".to_owned()));
        }
        Ok(())
    }

    async fn load(&self, execution: &str) -> Result<Option<Record>, JournalError> {
        self.kept.load(execution).await
    }

    async fn close(&self, _: &str, _: &Outcome, _: Timestamp) -> Result<(), JournalError> {
        Ok(())
    }
}
