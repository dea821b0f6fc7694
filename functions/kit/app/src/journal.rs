//! The journal of a run: the one way in which a run changes.
//!
//! What happened is appended under a name, the event's id. One transaction writes the entries, what
//! they add up to, that the name was heard, and where lists show the run; it happens only if nobody
//! changed the run since it was read. So whoever says something twice is heard once, and whoever
//! comes second looks again.

mod writes;

use std::time::Duration;

use baton_domain::item::{Item, Key, Table, Write, Written};
use baton_domain::run::{Event, JournalEntry, RunState};
use baton_domain::{FieldError, RunId, TenantId};

use crate::{App, AppError};
use writes::written;

/// The most events that are appended together: the rest of a transaction's writes is for what they
/// add up to.
pub const MAX_EVENTS: usize = 85;

/// A snapshot is kept each time that a run passes a multiple of this version.
pub const SNAPSHOT_EVERY: u64 = 50;

/// How often an append looks again after somebody else came first, and the first pause.
const ATTEMPTS: u32 = 12;
const PAUSE: Duration = Duration::from_millis(5);

/// The longest name of an event.
const MAX_EVENT_ID: usize = 256;

/// What is to be appended, and written with it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Change {
    pub(crate) events: Vec<Event>,
    pub(crate) writes: Vec<Write>,
}

impl From<Vec<Event>> for Change {
    fn from(events: Vec<Event>) -> Self {
        Self {
            events,
            writes: Vec::new(),
        }
    }
}

/// What became of an append.
#[derive(Debug, Clone)]
pub(crate) struct Appended {
    /// How the run stands now.
    pub(crate) state: RunState,
    /// The entries that go by the event's id, now or from before.
    pub(crate) heard: Heard,
}

/// The versions that an event's id made: those after `after`, up to `last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) after: u64,
    pub(crate) last: u64,
    /// Whether they were there before.
    pub(crate) before: bool,
}

impl App {
    /// Begins a run with these events, the first of which is `Queued`, and does `writes` with it:
    /// all or nothing. Answers the run, or nothing where the run was there or the condition of a
    /// write does not hold.
    ///
    /// # Errors
    /// When the events cannot follow each other or the store does not answer.
    pub async fn begin_run(
        &self,
        tenant: &TenantId,
        run_id: RunId,
        events: Vec<Event>,
        writes: Vec<Write>,
    ) -> Result<Option<RunState>, AppError> {
        check_number(&events)?;
        let entries = self.entries_of("begin", 0, events, None);
        let mut entries = entries.into_iter();
        let first = entries.next().ok_or_else(no_event)?;
        let mut state = RunState::begin(run_id, tenant.clone(), &first)?;
        let mut all = vec![first];
        for entry in entries {
            state.apply(&entry)?;
            all.push(entry);
        }
        let mut transaction = written(None, &state, &all);
        transaction.extend(writes);
        let written = self.ports.items.transact(&transaction).await?;
        Ok((written == Written::Yes).then_some(state))
    }

    /// Appends events to a run's journal under the name `event_id` (1 to 256 visible ASCII
    /// characters) and answers how the run stands then. A name that was heard before changes
    /// nothing.
    ///
    /// # Errors
    /// [`AppError::Refused`] when the table of allowed changes forbids an event,
    /// [`AppError::Contended`] when others changed the run all the while; when there is no such
    /// run, there are more than [`MAX_EVENTS`] events, or the store does not answer.
    pub async fn append(
        &self,
        tenant: &TenantId,
        run_id: RunId,
        event_id: &str,
        events: Vec<Event>,
    ) -> Result<RunState, AppError> {
        let change = |_: &RunState| Ok(events.clone().into());
        let appended = self.append_from(tenant, run_id, event_id, change).await?;
        Ok(appended.state)
    }

    /// The same, with what is appended made from how the run stands; made again whenever somebody
    /// else came first. Nothing to append changes nothing, and is not heard.
    pub(crate) async fn append_from(
        &self,
        tenant: &TenantId,
        run_id: RunId,
        event_id: &str,
        change: impl Fn(&RunState) -> Result<Change, AppError> + Send + Sync,
    ) -> Result<Appended, AppError> {
        check_event_id(event_id)?;
        for attempt in 1..=ATTEMPTS {
            let before = self.load_run(tenant, run_id).await?;
            let next = change(&before).and_then(|change| self.next(&before, event_id, change));
            let refused = match next {
                Ok(Next::Same) => return Ok(Appended::nothing(before)),
                Ok(Next::Changed { after, writes }) => {
                    if self.ports.items.transact(&writes).await? == Written::Yes {
                        return Ok(Appended::new(&before, *after));
                    }
                    None
                }
                Err(refused) => Some(refused),
            };
            if let Some(heard) = self.heard(tenant, run_id, event_id).await? {
                let state = self.load_run(tenant, run_id).await?;
                return Ok(Appended { state, heard });
            }
            if let Some(refused) = refused {
                return Err(refused);
            }
            self.pause(attempt).await;
        }
        Err(AppError::Contended)
    }

    fn next(&self, before: &RunState, event_id: &str, change: Change) -> Result<Next, AppError> {
        check_number(&change.events)?;
        if change.events.is_empty() {
            return Ok(Next::Same);
        }
        let (version, at) = (before.version, Some(before.updated_at));
        let entries = self.entries_of(event_id, version, change.events, at);
        let mut after = before.clone();
        for entry in &entries {
            after.apply(entry)?;
        }
        let mut writes = written(Some(before), &after, &entries);
        writes.extend(change.writes);
        let after = Box::new(after);
        Ok(Next::Changed { after, writes })
    }

    /// Entries that follow `version`; none is older than what was there.
    fn entries_of(
        &self,
        event_id: &str,
        version: u64,
        events: Vec<Event>,
        last: Option<baton_domain::Timestamp>,
    ) -> Vec<JournalEntry> {
        let now = self.ports.clock.now();
        let at = last.map_or(now, |last| last.max(now));
        let numbered = (version + 1..).zip(events);
        numbered
            .map(|(version, event)| JournalEntry {
                version,
                at,
                event_id: event_id.to_owned(),
                event,
            })
            .collect()
    }

    /// What an event's id made, if it was heard.
    pub(crate) async fn heard(
        &self,
        tenant: &TenantId,
        run_id: RunId,
        event_id: &str,
    ) -> Result<Option<Heard>, AppError> {
        let key = Key::run_heard(tenant, run_id, event_id);
        let item = self.ports.items.get(Table::Runs, &key).await?;
        let number = |item: &Item, name: &str| item.attributes.get(name)?.as_u64();
        Ok(item.and_then(|item| {
            Some(Heard {
                after: number(&item, "after")?,
                last: number(&item, "last")?,
                before: true,
            })
        }))
    }

    /// Waits for longer each time, and not as long as another that waits now.
    async fn pause(&self, attempt: u32) {
        let longest = PAUSE * 2_u32.pow(attempt.min(6));
        let share = (self.ports.clock.entropy() % 1_000) as u32;
        tokio::time::sleep(longest * share / 1_000).await;
    }
}

enum Next {
    Same,
    Changed {
        after: Box<RunState>,
        writes: Vec<Write>,
    },
}

impl Appended {
    fn new(before: &RunState, state: RunState) -> Self {
        let heard = Heard {
            after: before.version,
            last: state.version,
            before: false,
        };
        Self { state, heard }
    }

    fn nothing(state: RunState) -> Self {
        let heard = Heard {
            after: state.version,
            last: state.version,
            before: false,
        };
        Self { state, heard }
    }
}

fn check_event_id(event_id: &str) -> Result<(), FieldError> {
    let sound = (1..=MAX_EVENT_ID).contains(&event_id.len())
        && event_id.bytes().all(|b| b.is_ascii_graphic());
    let message = format!("must be 1 to {MAX_EVENT_ID} visible ASCII characters");
    sound
        .then_some(())
        .ok_or_else(|| FieldError::new("event_id", message))
}

fn check_number(events: &[Event]) -> Result<(), FieldError> {
    let message = format!("must be at most {MAX_EVENTS} at once");
    (events.len() <= MAX_EVENTS)
        .then_some(())
        .ok_or_else(|| FieldError::new("events", message))
}

fn no_event() -> AppError {
    FieldError::new("events", "must begin with `queued`").into()
}

#[cfg(test)]
mod tests;
