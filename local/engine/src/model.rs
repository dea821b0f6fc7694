//! The checked model of a definition: what runs is these types, never raw JSON.

use std::sync::Arc;

use crate::dialect::Data;
use crate::failure;
use crate::state::Kind;

/// A checked state machine, immutable and shared by all its executions.
#[derive(Debug)]
pub struct Machine {
    /// The top level first, then every branch and item processor.
    pub(crate) flows: Vec<Flow>,
    /// Whether a Map starts executions of their own.
    pub(crate) is_distributed: bool,
    /// `TimeoutSeconds` of the machine.
    pub(crate) timeout: Option<u64>,
}

/// Where a flow is in its machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FlowId(pub(crate) usize);

/// Where a state is in its flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StateId(pub(crate) usize);

/// `StartAt` and `States`: a machine, a branch or an item processor.
#[derive(Debug)]
pub(crate) struct Flow {
    pub(crate) start: StateId,
    pub(crate) states: Vec<State>,
}

/// One state.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) name: Arc<str>,
    /// A JSON pointer into the definition.
    pub(crate) path: Arc<str>,
    pub(crate) kind: Kind,
    pub(crate) next: Next,
    pub(crate) data: Data,
    pub(crate) retry: Vec<Retrier>,
    pub(crate) catch: Vec<Catcher>,
}

/// Where a state leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// `End`, or a state type that ends by nature.
    End,
    State(StateId),
}

/// One entry of `Retry`.
#[derive(Debug)]
pub(crate) struct Retrier {
    pub(crate) errors: Vec<String>,
    pub(crate) interval: f64,
    pub(crate) attempts: u32,
    pub(crate) backoff: f64,
    pub(crate) max_delay: Option<f64>,
    /// `JitterStrategy: FULL`
    pub(crate) jitter: bool,
}

/// One entry of `Catch`.
#[derive(Debug)]
pub(crate) struct Catcher {
    pub(crate) errors: Vec<String>,
    pub(crate) next: Next,
    pub(crate) data: Data,
}

impl Machine {
    pub(crate) fn state(&self, flow: FlowId, state: StateId) -> &State {
        &self.flows[flow.0].states[state.0]
    }

    pub(crate) fn flow(&self, flow: FlowId) -> &Flow {
        &self.flows[flow.0]
    }

    /// The name of every state, those of outer flows first. No two are the same.
    pub fn states(&self) -> impl Iterator<Item = &str> {
        let states = self.flows.iter().flat_map(|flow| &flow.states);
        states.map(|state| &*state.name)
    }

    /// The path and resource of every Task, the states of outer flows first.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &str)> {
        let states = self.flows.iter().flat_map(|flow| &flow.states);
        states.filter_map(|state| match &state.kind {
            Kind::Task(task) => Some((&*state.path, &*task.resource)),
            _ => None,
        })
    }
}

impl Flow {
    /// Whether a Map of this flow starts executions of their own.
    pub(crate) fn is_distributed(&self) -> bool {
        let mut kinds = self.states.iter().map(|state| &state.kind);
        kinds.any(|kind| matches!(kind, Kind::Map(map) if map.is_distributed_run()))
    }
}

impl State {
    /// Every state that can follow this one.
    pub(crate) fn targets(&self) -> impl Iterator<Item = StateId> {
        let caught = self.catch.iter().map(|catcher| catcher.next);
        let chosen: Vec<Next> = match &self.kind {
            Kind::Choice(choice) => choice.targets().collect(),
            _ => Vec::new(),
        };
        let all = std::iter::once(self.next).chain(caught).chain(chosen);
        all.filter_map(|next| match next {
            Next::State(id) => Some(id),
            Next::End => None,
        })
    }
}

impl Retrier {
    pub(crate) fn matches(&self, error: Option<&str>, from_branch: bool) -> bool {
        failure::matches(&self.errors, error, from_branch)
    }

    /// Seconds before attempt number `done + 1`, without jitter.
    pub(crate) fn delay(&self, done: u32) -> f64 {
        let delay = self.interval * self.backoff.powi(i32::try_from(done).unwrap_or(i32::MAX));
        delay.min(self.max_delay.unwrap_or(LONGEST_DELAY))
    }
}

/// Three years: AWS takes no longer `IntervalSeconds`.
const LONGEST_DELAY: f64 = 99_999_999.0;

impl Catcher {
    pub(crate) fn matches(&self, error: Option<&str>, from_branch: bool) -> bool {
        failure::matches(&self.errors, error, from_branch)
    }
}
