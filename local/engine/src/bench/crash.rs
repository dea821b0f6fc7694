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
    let mut wanted = (None, None);
    let check = async |played: &Played<S>, order: u64, what: &str| {
        let seen = view(played);
        if wanted.0 != Some(order) {
            wanted = (Some(order), Some(seen));
        } else if let Some(wanted) = &wanted.1 {
            assert_eq!(seen, *wanted, "{what}");
        }
    };
    every_death(plan, scene, check).await
}

/// Plays a workflow with the deaths of [`crash_everywhere`], and lets `check` say whether each end
/// is a good one: for a world in which one play need not end like another. It is told the order of
/// parallel tasks, whose first play is undisturbed, and what happened.
pub async fn every_death<S: Scene>(
    plan: &Plan,
    scene: impl AsyncFn() -> S,
    mut check: impl AsyncFnMut(&Played<S>, u64, &str),
) -> usize {
    let mut deaths = 0;
    for order in 0..ORDERS {
        let plan = plan.clone().in_order_of(order);
        let calm = play(&plan, scene().await, Death::Never).await;
        let what = format!("order {order}, undisturbed");
        check(&calm.played, order, &what).await;
        let once = (0..calm.deaths_possible).map(Death::At);
        for death in once.chain([Death::Always]) {
            let survived = play(&plan, scene().await, death).await;
            let what = format!("order {order}, {death:?}");
            survived.called_once(&what);
            check(&survived.played, order, &what).await;
            deaths += survived.deaths;
        }
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
    fn called_once(&self, what: &str) {
        for (name, calls) in self.calls.values() {
            assert_eq!(
                *calls, 1,
                "{what}: {name} was called {calls} times for one attempt"
            );
        }
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
