//! What an execution has under way: calls, timers, tokens.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{AbortHandle, Abortable, BoxFuture};
use futures::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::backlog::Backlog;
use super::remote::{Letter, Receipt};
use super::{Clock, Control, Inbox, Observer, Order, RunOptions, Task, TaskError, TaskExecutor};
use crate::execution::{Effect, Outcome, Stimulus, TaskId, TimerId};
use crate::failure::Failure;

type Answer = (TaskId, Option<Result<Value, TaskError>>);

/// A call that can still end.
struct OpenTask {
    /// Its future, while that runs.
    flying: Option<AbortHandle>,
    token: Option<String>,
}

/// What the driver waits for on behalf of an execution.
pub(super) struct Underway {
    executor: Arc<dyn TaskExecutor>,
    observer: Option<Arc<dyn Observer>>,
    pub(super) clock: Clock,
    inbox: Option<Inbox>,
    calls: FuturesUnordered<BoxFuture<'static, Answer>>,
    open: BTreeMap<TaskId, OpenTask>,
    /// How many futures of `open` still run.
    flying: usize,
    tokens: BTreeMap<String, TaskId>,
    timers: BTreeMap<TimerId, Timestamp>,
    queue: BTreeSet<(Timestamp, TimerId)>,
    /// Calls that wait for their turn, and who draws lots.
    turns: Option<(fastrand::Rng, Vec<Task>)>,
    pub(super) outcome: Option<Outcome>,
}

/// What ended the waiting.
pub(super) enum Next {
    Happened(Stimulus, Receipt),
    /// Only timers and tokens are left, and nothing happened for a while.
    Idle(Option<Timestamp>),
}

impl Underway {
    pub(super) fn new(options: RunOptions) -> Self {
        Self {
            executor: options.executor,
            observer: options.observer,
            clock: options.clock,
            inbox: options.inbox,
            calls: FuturesUnordered::new(),
            open: BTreeMap::new(),
            flying: 0,
            tokens: BTreeMap::new(),
            timers: BTreeMap::new(),
            queue: BTreeSet::new(),
            turns: match options.order {
                Order::Together => None,
                Order::Seeded(seed) => Some((fastrand::Rng::with_seed(seed), Vec::new())),
            },
            outcome: None,
        }
    }

    /// Whether anyone is told what happens.
    pub(super) fn is_observed(&self) -> bool {
        self.observer.is_some()
    }

    /// Takes up what a replay left open: calls that were not answered are made again.
    pub(super) fn take_up(&mut self, backlog: Backlog) {
        for (timer, at) in backlog.timers {
            self.set_timer(timer, at);
        }
        for (id, call) in backlog.calls {
            if call.submitted {
                self.open(id, call.task.token);
            } else {
                self.call(call.task);
            }
        }
    }

    pub(super) fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Call(request) => self.call(request),
                Effect::CancelTask(task) => self.close(task, true),
                Effect::SetTimer { timer, at } => self.set_timer(timer, at),
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

    fn set_timer(&mut self, timer: TimerId, at: Timestamp) {
        self.timers.insert(timer, at);
        self.queue.insert((at, timer));
    }

    fn open(&mut self, id: TaskId, token: Option<String>) {
        self.tokens.extend(token.clone().map(|token| (token, id)));
        let flying = None;
        self.open.insert(id, OpenTask { flying, token });
    }

    fn call(&mut self, task: Task) {
        self.open(task.id, task.token.clone());
        match &mut self.turns {
            Some((_, waiting)) => waiting.push(task),
            None => self.launch(task),
        }
    }

    fn launch(&mut self, task: Task) {
        let id = task.id;
        let executor = Arc::clone(&self.executor);
        let (handle, registration) = AbortHandle::new_pair();
        if let Some(open) = self.open.get_mut(&id) {
            open.flying = Some(handle);
            self.flying += 1;
        }
        let call = Abortable::new(async move { executor.execute(task).await }, registration);
        self.calls
            .push(Box::pin(async move { (id, call.await.ok()) }));
    }

    /// Lets the next call have its turn, where they take turns.
    fn take_turn(&mut self) {
        let Some((rng, waiting)) = &mut self.turns else {
            return;
        };
        if self.flying == 0 && !waiting.is_empty() {
            let task = waiting.swap_remove(rng.usize(..waiting.len()));
            self.launch(task);
        }
    }

    /// Forgets a task, and stops its future if it still runs.
    fn close(&mut self, task: TaskId, stop: bool) {
        if let Some((_, waiting)) = &mut self.turns {
            waiting.retain(|request| request.id != task);
        }
        let Some(open) = self.open.remove(&task) else {
            return;
        };
        if let Some(token) = &open.token {
            self.tokens.remove(token);
        }
        if let Some(handle) = open.flying {
            self.flying -= 1;
            if stop {
                handle.abort();
            }
        }
    }

    /// Waits for the next thing that concerns the execution; for no longer than `patience`
    /// when no call is at work.
    pub(super) async fn next(&mut self, patience: Option<Duration>) -> Next {
        loop {
            self.take_turn();
            let due = self.queue.first().copied();
            let idle = self.flying == 0;
            let sleep = self.clock.until(due.map(|(at, _)| at), idle);
            // The end of its year is nothing that an execution waits for.
            let waits = self.timers.keys().any(|timer| *timer != TimerId::QUOTA);
            if !waits && idle && self.inbox.is_none() {
                return match patience {
                    Some(_) => Next::Idle(due.map(|(at, _)| at)),
                    None => Next::Happened(stalled_run(), Receipt::default()),
                };
            }
            tokio::select! {
                biased;
                letter = receive(&mut self.inbox) => match letter {
                    Some(letter) => if let Some(next) = self.heed(letter) {
                        return next;
                    },
                    // Every remote is gone: nothing can come from outside any more.
                    None => self.inbox = None,
                },
                // Before the calls, so that calls which answer at once cannot hold time up.
                () = sleep => if let Some((at, timer)) = due {
                    self.clock.advance(at);
                    self.queue.remove(&(at, timer));
                    self.timers.remove(&timer);
                    return Next::Happened(Stimulus::TimerFired { timer }, Receipt::default());
                },
                Some((task, answer)) = self.calls.next(), if !self.calls.is_empty() => {
                    if let Some(stimulus) = self.answered(task, answer) {
                        return Next::Happened(stimulus, Receipt::default());
                    }
                }
                () = rest(patience), if idle && patience.is_some() => {
                    return Next::Idle(due.map(|(at, _)| at));
                }
            }
        }
    }

    /// Another call that has been answered by now.
    pub(super) fn also(&mut self) -> Option<Stimulus> {
        if self.turns.is_some() {
            return None;
        }
        while let Some(Some((task, answer))) = self.calls.next().now_or_never() {
            if let Some(stimulus) = self.answered(task, answer) {
                return Some(stimulus);
            }
        }
        None
    }

    fn answered(
        &mut self,
        task: TaskId,
        answer: Option<Result<Value, TaskError>>,
    ) -> Option<Stimulus> {
        let open = self.open.get_mut(&task)?;
        open.flying.take()?;
        self.flying -= 1;
        let answer = answer?;
        if matches!(&answer, Err(error) if error.is_deferred()) {
            let output = json!({});
            // What waits for a token is not called again: the call itself is done.
            return open
                .token
                .is_some()
                .then_some(Stimulus::TaskSubmitted { task, output });
        }
        self.close(task, false);
        Some(ended(task, answer))
    }

    fn heed(&mut self, letter: Letter) -> Option<Next> {
        let Letter { control, receipt } = letter;
        let task = match &control {
            Control::Complete { token, .. } | Control::Heartbeat { token } => {
                let Some(task) = self.tokens.get(token).copied() else {
                    receipt.give(false);
                    return None;
                };
                Some(task)
            }
            Control::Abort { .. } => None,
        };
        let stimulus = match (control, task) {
            (Control::Complete { result, .. }, Some(task)) => {
                // The call itself may still be at work, for example storing the token: it
                // runs on, and what it answers is not heard.
                self.close(task, false);
                ended(task, result)
            }
            (Control::Heartbeat { .. }, Some(task)) => Stimulus::TaskHeartbeat { task },
            (Control::Abort { error, cause }, _) => Stimulus::Abort { error, cause },
            (_, None) => return None,
        };
        Some(Next::Happened(stimulus, receipt))
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

async fn rest(patience: Option<Duration>) {
    tokio::time::sleep(patience.unwrap_or_default()).await;
}

async fn receive(inbox: &mut Option<Inbox>) -> Option<Letter> {
    match inbox {
        Some(inbox) => inbox.receive().await,
        None => std::future::pending().await,
    }
}
