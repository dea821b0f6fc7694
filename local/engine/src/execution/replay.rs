//! An execution from its journal: what it was begun with, and every stimulus with its time.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::revival::Salvage;
use super::{Effect, Event, Execution, Info, Stimulus};
use crate::model::Machine;

/// What an execution was begun with. The definition stands with it, so that a definition
/// deployed later does not change an execution that runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Begun {
    /// The definition, as text.
    pub definition: String,
    /// What its context object says, and its seed.
    pub info: Info,
    /// Its input.
    pub input: Value,
    /// When it started; a fork started when it was forked.
    pub started: Timestamp,
    /// Where it was forked from.
    pub origin: Option<Origin>,
}

/// Where a fork comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The name of the execution that was copied.
    pub execution: String,
    /// The state from which on the copy goes its own way.
    pub state: String,
    /// When the first execution in the line of copies started: what was copied happened from
    /// then on. `None` where the copy is said to have started then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
}

impl Begun {
    /// When the first entry of the journal counts from: what a fork took over began before it.
    pub fn counts_from(&self) -> Timestamp {
        let origin = self.origin.as_ref();
        origin
            .and_then(|origin| origin.started)
            .unwrap_or(self.started)
    }
}

/// One line of a journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub stimulus: Stimulus,
}

/// Everything that is known of an execution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// What it was begun with.
    pub begun: Begun,
    /// What happened since, in order.
    pub entries: Vec<Entry>,
}

impl Salvage {
    /// What must be kept while the step before these entries, which end with a revival, is
    /// taken. What ended an execution need not be the last before its redrive: answers that
    /// came later stand between them.
    fn for_rest(&mut self, rest: &[Entry]) {
        self.keep = !rest.is_empty();
        self.hold = match rest.first().map(|entry| &entry.stimulus) {
            Some(Stimulus::Forked { state, entry, .. }) => Some((state.clone(), *entry)),
            _ => None,
        };
    }
}

impl Execution {
    /// The execution that a record tells of. `see` is shown every effect on the way, with the
    /// stimulus that led to it.
    pub fn replay(
        machine: Arc<Machine>,
        record: &Record,
        events: bool,
        mut see: impl FnMut(Option<&Stimulus>, Vec<Effect>),
    ) -> Self {
        let Begun { info, input, .. } = &record.begun;
        let started = record.begun.counts_from();
        let mut info = info.clone();
        info.events = events;
        let mut salvage = Salvage::default();
        salvage.for_rest(&record.entries[..record.revivals()]);
        let (mut execution, effects) =
            Self::start_keeping(machine, input.clone(), info, started, salvage);
        see(None, effects);
        let revivals = record.revivals();
        for (index, entry) in record.entries.iter().enumerate() {
            let rest = record.entries.get(index + 1..revivals).unwrap_or_default();
            execution.salvage.for_rest(rest);
            let effects = execution.apply(entry.stimulus.clone(), entry.at);
            see(Some(&entry.stimulus), effects);
        }
        execution
    }

    /// The history that a record tells of.
    pub fn history(machine: Arc<Machine>, record: &Record) -> Vec<Event> {
        let mut history = Vec::new();
        Self::replay(machine, record, true, |_, effects| {
            history.extend(effects.into_iter().filter_map(|effect| match effect {
                Effect::Emit(event) => Some(event),
                _ => None,
            }));
        });
        history
    }
}

impl Record {
    /// How many entries there are up to the last that goes on after an end.
    fn revivals(&self) -> usize {
        let revives = |entry: &Entry| {
            let stimulus = &entry.stimulus;
            matches!(stimulus, Stimulus::Redriven | Stimulus::Forked { .. })
        };
        self.entries
            .iter()
            .rposition(revives)
            .map_or(0, |last| last + 1)
    }

    /// This record up to before the last entry into a state, and a stimulus that enters it
    /// with another input; `None` when the state was never entered.
    pub fn fork(
        &self,
        machine: Arc<Machine>,
        state: &str,
        input: Option<Value>,
        seed: u64,
    ) -> Option<(Vec<Entry>, Stimulus)> {
        let mut counts = Vec::with_capacity(self.entries.len() + 1);
        let mut entries = 0;
        Execution::replay(machine, self, true, |_, effects| {
            entries += effects
                .iter()
                .filter(|effect| enters(effect, state))
                .count();
            counts.push(entries);
        });
        if entries == 0 {
            return None;
        }
        // The last entry came with the first stimulus after which all of them are counted.
        let with = counts.iter().position(|count| *count == entries)?;
        let forked = Stimulus::Forked {
            state: state.to_owned(),
            entry: entries,
            input,
            seed,
        };
        Some((self.entries[..with].to_vec(), forked))
    }
}

fn enters(effect: &Effect, state: &str) -> bool {
    let Effect::Emit(event) = effect else {
        return false;
    };
    matches!(event.kind, super::EventKind::StateEntered(_)) && *event.name == *state
}
