//! Removal effects of a Markov chain of the paths (Anderl, Becker, von Wangenheim, Schumann 2016).
//!
//! A state is the last channels touched, as many as the order says (fewer at the start of a path).
//! Walks flow from the start through states to a conversion or to nothing. Removing a channel sends
//! what would enter a state with it to nothing; the share of conversions lost is its effect, and
//! conversions are divided in proportion to the effects. Value flows out with the conversions of
//! the state that they come from, and has effects of its own.
//!
//! The chain is solved, not simulated. Few states are eliminated one by one without a subtraction
//! (Grassmann, Taksar, Heyman 1985), which loses no digits; many are swept until what
//! is still on its way is less than [`LEFT_OVER`] of the conversions.

mod chain;

use crate::Credits;
use crate::paths::Table;
use chain::{Chain, has};

/// The most states of a chain.
pub const MAX_STATES: usize = 50_000;

/// Up to so many states, elimination is the faster way.
const DENSE_STATES: usize = 64;

/// The share of the conversions that a sweep may leave undecided: an upper bound of the effects' error,
/// however rare conversions are.
pub const LEFT_OVER: f64 = 1e-12;

/// More sweeps than any chain of paths of [`crate::paths::MAX_STEPS`] was seen to need.
const MAX_SWEEPS: usize = 100_000;

/// What the chain says.
#[derive(Debug, Clone, PartialEq)]
pub struct Markov {
    /// The share of conversions and of value that is lost without each channel, 0 to 1.
    pub effects: Credits,
    /// The conversions and the value, divided in proportion to the effects.
    pub credits: Credits,
    /// How many states the chain has.
    pub states: usize,
}

/// Why a chain cannot be solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// There are too many states.
    #[error(
        "too many states: a chain of order {order} has more than {MAX_STATES}; lower the order"
    )]
    TooManyStates {
        /// The order asked for.
        order: u8,
    },
    /// The flow does not settle.
    #[error("the chain's flow does not settle; lower the order")]
    NotConverged,
}

/// Divides the conversions of a table by the removal effects of its chain of an order from 1 to 3;
/// an order out of that range counts as the nearest in it.
///
/// # Errors
/// What [`ChainError`] says.
pub fn attribute(table: &Table, order: u8) -> Result<Markov, ChainError> {
    let chain = Chain::of(table, order.clamp(1, 3))?;
    let channels = table.channels().len();
    let totals = table.totals();
    let walks = table.walks();
    // The chain of the whole table converts what the table does: its flows are the table's counts.
    let whole = Outcome {
        conversions: totals.conversions / walks.max(f64::MIN_POSITIVE),
        value: totals.value / walks.max(f64::MIN_POSITIVE),
    };
    let mut effects = Credits::none(channels);
    if totals.conversions > 0.0 {
        for channel in 0..channels {
            let left = chain.without(channel as u16, whole.conversions, MAX_SWEEPS)?;
            effects.conversions[channel] = lost(whole.conversions, left.conversions);
            effects.value[channel] = lost(whole.value, left.value);
        }
    }
    let credits = Credits {
        conversions: in_proportion(&effects.conversions, totals.conversions),
        value: in_proportion(&effects.value, totals.value),
    };
    Ok(Markov {
        effects,
        credits,
        states: chain.states.len(),
    })
}

fn lost(whole: f64, left: f64) -> f64 {
    if whole > 0.0 {
        (1.0 - left / whole).clamp(0.0, 1.0)
    } else {
        0.0
    }
}

fn in_proportion(effects: &[f64], total: f64) -> Vec<f64> {
    let sum: f64 = effects.iter().sum();
    if sum <= 0.0 {
        return vec![0.0; effects.len()];
    }
    effects.iter().map(|effect| effect / sum * total).collect()
}

/// What comes out of a chain per walk.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Outcome {
    conversions: f64,
    value: f64,
}

impl Chain {
    /// What comes out when nothing may enter a state with `channel`; `whole` is the share of walks that
    /// converts in the whole chain.
    fn without(&self, channel: u16, whole: f64, sweeps: usize) -> Result<Outcome, ChainError> {
        let closed: Vec<bool> = self.states.iter().map(|s| has(s.code, channel)).collect();
        if self.states.len() <= DENSE_STATES {
            Ok(self.eliminate(&closed))
        } else {
            self.sweep(&closed, whole, sweeps)
        }
    }

    /// Takes states out from the last to the first; what flowed through them flows past them.
    fn eliminate(&self, closed: &[bool]) -> Outcome {
        let n = self.states.len();
        let mut flow = vec![0.0; n * n];
        let mut conversions: Vec<f64> = self.states.iter().map(|s| s.conversions).collect();
        let mut value: Vec<f64> = self.states.iter().map(|s| s.value).collect();
        // What ends in nothing: what the table lost, and what would enter a closed state.
        let mut nothing: Vec<f64> = self.states.iter().map(|s| s.nulls).collect();
        for from in 0..n {
            for (to, weight) in self.edges(from) {
                if closed[*to as usize] {
                    nothing[from] += weight;
                } else {
                    flow[from * n + *to as usize] = *weight;
                }
            }
        }
        for out in (1..n).rev().filter(|state| !closed[*state]) {
            let (above, below) = flow.split_at_mut(out * n);
            let row = &below[..out];
            let leaving = row.iter().sum::<f64>() + conversions[out] + nothing[out];
            if leaving <= 0.0 {
                continue;
            }
            for into in 0..out {
                let share = above[into * n + out] / leaving;
                if share > 0.0 {
                    let target = &mut above[into * n..into * n + out];
                    for (to, weight) in target.iter_mut().zip(row) {
                        *to += share * weight;
                    }
                    // What would come back at once is no leaving.
                    target[into] = 0.0;
                    conversions[into] += share * conversions[out];
                    value[into] += share * value[out];
                    nothing[into] += share * nothing[out];
                }
            }
        }
        let walks = conversions[0] + nothing[0];
        if walks <= 0.0 {
            return Outcome::default();
        }
        Outcome {
            conversions: conversions[0] / walks,
            value: value[0] / walks,
        }
    }

    /// Sends one walk from the start and moves what is on its way, state by state.
    fn sweep(&self, closed: &[bool], whole: f64, sweeps: usize) -> Result<Outcome, ChainError> {
        let mut waiting = vec![0.0; self.states.len()];
        waiting[0] = 1.0;
        let mut outcome = Outcome::default();
        for _ in 0..sweeps {
            for state in 0..self.states.len() {
                let mass = std::mem::take(&mut waiting[state]);
                if mass <= 0.0 {
                    continue;
                }
                let from = &self.states[state];
                let mass = mass / from.leaving;
                outcome.conversions += mass * from.conversions;
                outcome.value += mass * from.value;
                for (to, weight) in self.edges(state) {
                    let to = *to as usize;
                    if !closed[to] {
                        waiting[to] += mass * weight;
                    }
                }
            }
            if waiting.iter().sum::<f64>() < (LEFT_OVER * whole).max(f64::MIN_POSITIVE) {
                return Ok(outcome);
            }
        }
        Err(ChainError::NotConverged)
    }
}

#[cfg(test)]
mod tests;
