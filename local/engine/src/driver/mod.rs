//! Runs one execution: calls its tasks, keeps its timers, tells an observer.

mod clock;
mod executor;
mod remote;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future::BoxFuture;
use futures::future::{AbortHandle, Abortable};
use futures::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;
use serde_json::Value;

pub use clock::Clock;
pub use executor::{Observer, Task, TaskError, TaskExecutor};
pub use remote::{Control, Inbox, Remote, remote};

use crate::execution::{Effect, Execution, Info, Outcome, Stimulus, TaskId, TimerId, WorkflowKind};
use crate::failure::Failure;
use crate::model::Machine;

/// How to run an execution.
pub struct RunOptions {
    /// Who does the tasks.
    pub executor: Arc<dyn TaskExecutor>,
    /// Real or virtual time.
    pub clock: Clock,
    /// Who is told what happens.
    pub observer: Option<Arc<dyn Observer>>,
    /// Who may complete tasks, send heartbeats and abort from outside.
    pub inbox: Option<Inbox>,
    /// What the context object says; [`Info::events`] is set from the observer.
    pub info: Info,
}

impl RunOptions {
    /// Options with a name, a real clock, and nobody watching.
    pub fn new(name: &str, executor: Arc<dyn TaskExecutor>) -> Self {
        let account = "arn:aws:states:local:000000000000";
        Self {
            executor,
            clock: Clock::Real,
            observer: None,
            inbox: None,
            info: Info {
                execution_id: format!("{account}:execution:machine:{name}"),
                name: name.to_owned(),
                role_arn: "arn:aws:iam::000000000000:role/local".to_owned(),
                machine_id: format!("{account}:stateMachine:machine"),
                machine_name: "machine".to_owned(),
                kind: WorkflowKind::Standard,
                seed: 0,
                events: false,
            },
        }
    }
}

/// What became of an execution.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// How it ended.
    pub outcome: Outcome,
    /// The names of the states in order of entry.
    pub trace: Vec<String>,
    /// Events of its history.
    pub events: u64,
}

type Answer = (TaskId, Option<Result<Value, TaskError>>);

/// Runs a machine to its end.
///
/// Tasks of parallel branches are polled together; an executor may spawn for more. Under
/// a virtual clock, time jumps to the earliest timer once no call is in flight; calls
/// that answered [`TaskError::deferred`] do not count as in flight.
pub async fn run(machine: Arc<Machine>, input: Value, options: RunOptions) -> Finished {
    let mut driver = Driver::new(options);
    let now = driver.clock.now();
    let info = driver.info.clone();
    let (mut execution, effects) = Execution::start(machine, input, info, now);
    driver.perform(effects);
    while driver.outcome.is_none() {
        let stimulus = driver.next().await;
        // A loop of tasks that answer at once must leave the thread to others now and then.
        tokio::task::consume_budget().await;
        let effects = execution.apply(stimulus, driver.clock.now());
        driver.perform(effects);
    }
    let stopped = Outcome::Aborted {
        error: None,
        cause: None,
    };
    Finished {
        outcome: driver.outcome.take().unwrap_or(stopped),
        trace: execution.trace().map(str::to_owned).collect(),
        events: execution.event_count(),
    }
}

struct Driver {
    executor: Arc<dyn TaskExecutor>,
    observer: Option<Arc<dyn Observer>>,
    clock: Clock,
    inbox: Option<Inbox>,
    info: Info,
    calls: FuturesUnordered<BoxFuture<'static, Answer>>,
    /// Calls whose future still runs.
    flying: BTreeMap<TaskId, AbortHandle>,
    /// Tasks by token, for completion from outside.
    tokens: BTreeMap<String, TaskId>,
    timers: BTreeMap<TimerId, Timestamp>,
    queue: BTreeSet<(Timestamp, TimerId)>,
    outcome: Option<Outcome>,
}

impl Driver {
    fn new(options: RunOptions) -> Self {
        let mut info = options.info;
        info.events = options.observer.is_some();
        Self {
            executor: options.executor,
            observer: options.observer,
            clock: options.clock,
            inbox: options.inbox,
            info,
            calls: FuturesUnordered::new(),
            flying: BTreeMap::new(),
            tokens: BTreeMap::new(),
            timers: BTreeMap::new(),
            queue: BTreeSet::new(),
            outcome: None,
        }
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Call(request) => self.call(request),
                Effect::CancelTask(task) => self.close(task, true),
                Effect::SetTimer { timer, at } => {
                    self.timers.insert(timer, at);
                    self.queue.insert((at, timer));
                }
                Effect::CancelTimer(timer) => {
                    if let Some(at) = self.timers.remove(&timer) {
                        self.queue.remove(&(at, timer));
                    }
                }
                Effect::Emit(event) => {
                    if let Some(observer) = &self.observer {
                        observer.event(&event);
                    }
                }
                Effect::Done(outcome) => self.outcome = Some(outcome),
            }
        }
    }

    fn call(&mut self, task: Task) {
        let id = task.id;
        if let Some(token) = &task.token {
            self.tokens.insert(token.clone(), id);
        }
        let executor = Arc::clone(&self.executor);
        let (handle, registration) = AbortHandle::new_pair();
        self.flying.insert(id, handle);
        let call = Abortable::new(async move { executor.execute(task).await }, registration);
        self.calls
            .push(Box::pin(async move { (id, call.await.ok()) }));
    }

    /// Forgets a task, and stops its future if it still runs.
    fn close(&mut self, task: TaskId, stop: bool) {
        self.tokens.retain(|_, id| *id != task);
        if let Some(handle) = self.flying.remove(&task)
            && stop
        {
            handle.abort();
        }
    }

    /// Waits for the next thing that concerns the execution.
    async fn next(&mut self) -> Stimulus {
        loop {
            let due = self.queue.first().copied();
            let sleep = self
                .clock
                .until(due.map(|(at, _)| at), self.flying.is_empty());
            let stalled = due.is_none() && self.flying.is_empty() && self.inbox.is_none();
            if stalled {
                return stalled_run();
            }
            tokio::select! {
                biased;
                control = receive(&mut self.inbox) => match control {
                    Some(control) => if let Some(stimulus) = self.heed(control) {
                        return stimulus;
                    },
                    // Every remote is gone: nothing can come from outside any more.
                    None => self.inbox = None,
                },
                // Before the calls, so that calls which answer at once cannot hold time up.
                () = sleep => if let Some((at, timer)) = due {
                    self.clock.advance(at);
                    self.queue.remove(&(at, timer));
                    self.timers.remove(&timer);
                    return Stimulus::TimerFired { timer };
                },
                Some((task, answer)) = self.calls.next(), if !self.calls.is_empty() => {
                    if let Some(stimulus) = self.answered(task, answer) {
                        return stimulus;
                    }
                }
            }
        }
    }

    fn answered(
        &mut self,
        task: TaskId,
        answer: Option<Result<Value, TaskError>>,
    ) -> Option<Stimulus> {
        let known = self.flying.remove(&task).is_some();
        let answer = answer.filter(|_| known)?;
        if matches!(&answer, Err(error) if error.is_deferred()) {
            return None;
        }
        self.close(task, false);
        Some(ended(task, answer))
    }

    fn heed(&mut self, control: Control) -> Option<Stimulus> {
        match control {
            Control::Complete { token, result } => {
                let task = self.tokens.get(&token).copied()?;
                // The call itself may still be at work, for example storing the token: it
                // runs on, and what it answers is not heard.
                self.close(task, false);
                Some(ended(task, result))
            }
            Control::Heartbeat { token } => {
                let task = self.tokens.get(&token).copied()?;
                Some(Stimulus::TaskHeartbeat { task })
            }
            Control::Abort { error, cause } => Some(Stimulus::Abort { error, cause }),
        }
    }
}

fn ended(task: TaskId, result: Result<Value, TaskError>) -> Stimulus {
    match result {
        Ok(output) => Stimulus::TaskSucceeded { task, output },
        Err(error) => Stimulus::TaskFailed {
            task,
            error: Failure::new(&error.error, error.cause),
        },
    }
}

/// Only deferred tasks are left, without a timer, and nobody can complete them.
fn stalled_run() -> Stimulus {
    Stimulus::Abort {
        error: None,
        cause: Some("Nothing can complete the tasks that are still open.".to_owned()),
    }
}

async fn receive(inbox: &mut Option<Inbox>) -> Option<Control> {
    match inbox {
        Some(inbox) => inbox.receive().await,
        None => std::future::pending().await,
    }
}
