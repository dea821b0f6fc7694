//! Faults on demand: what goes wrong, with which operation, how often. Each sandbox has calls and
//! kinds of its own.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sample::random::Random;

/// The longest delay, in milliseconds.
const MAX_DELAY_MS: u64 = 60_000;

/// What a kind of fault does to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The call takes longer; nothing is done before that.
    Delay,
    /// Something goes wrong with it.
    Wrong,
    /// The service keeps to another rule, whatever else goes wrong.
    Rule,
}

/// A kind of fault.
pub trait FaultKind: Copy {
    /// What it does to a call.
    fn effect(self) -> Effect;

    /// Whether it takes time, which a fault may give.
    fn takes_time(self) -> bool {
        self.effect() == Effect::Delay
    }
}

/// One thing that goes wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault<C, K> {
    /// With which call; with all when it is absent.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub operation: Option<C>,
    /// What.
    pub kind: K,
    /// How long, for the kinds that take time: up to 60,000 milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// How often, then never again; without end when it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// With which probability, 0 to 1; always when it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
}

fn none<C>() -> Option<C> {
    None
}

impl<C, K> Fault<C, K> {
    /// A fault that happens whenever `operation` is called.
    pub fn always(operation: C, kind: K) -> Self {
        Self {
            operation: Some(operation),
            kind,
            ms: None,
            times: None,
            probability: None,
        }
    }

    /// A fault that happens when `operation` is called next, and not after that.
    pub fn once(operation: C, kind: K) -> Self {
        Self {
            times: Some(1),
            ..Self::always(operation, kind)
        }
    }
}

/// Everything that goes wrong, in the order in which it is looked for: delays add up, and the first
/// of the other kinds decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faults<C, K> {
    /// What probabilities are drawn from.
    #[serde(default)]
    pub seed: u64,
    /// The faults.
    pub faults: Vec<Fault<C, K>>,
}

impl<C, K> Default for Faults<C, K> {
    fn default() -> Self {
        Self {
            seed: 0,
            faults: Vec::new(),
        }
    }
}

/// Faults that mean nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("faults[{index}].{field}: {wrong}")]
pub struct FaultsError {
    /// Which fault, from 0.
    pub index: usize,
    /// Which field of it.
    pub field: &'static str,
    /// What is wrong with it.
    pub wrong: &'static str,
}

impl<C, K: FaultKind> Fault<C, K> {
    fn check(&self) -> Result<(), (&'static str, &'static str)> {
        if self.kind.effect() == Effect::Delay && self.ms.is_none() {
            return Err(("ms", "is missing: how slow?"));
        }
        if self.ms.is_some_and(|ms| ms > MAX_DELAY_MS) {
            return Err(("ms", "must be at most 60000"));
        }
        if self.ms.is_some() && !self.kind.takes_time() {
            return Err(("ms", "means nothing for this kind"));
        }
        if self.probability.is_some_and(|p| !(0.0..=1.0).contains(&p)) {
            return Err(("probability", "must be from 0 to 1"));
        }
        Ok(())
    }
}

/// What happens to one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict<K> {
    pub(crate) delay: Duration,
    /// What goes wrong, and how long it takes.
    pub(crate) wrong: Option<(K, Duration)>,
    /// The other rules that are kept to.
    pub(crate) rules: Vec<K>,
}

/// The faults that are left.
pub(crate) struct Switch<C, K> {
    left: Faults<C, K>,
    random: Random,
}

impl<C, K> Default for Switch<C, K> {
    fn default() -> Self {
        Self {
            left: Faults::default(),
            random: Random::new(0),
        }
    }
}

impl<C: Copy + PartialEq, K: FaultKind> Switch<C, K> {
    pub(crate) fn set(&mut self, faults: Faults<C, K>) -> Result<(), FaultsError> {
        for (index, fault) in faults.faults.iter().enumerate() {
            fault.check().map_err(|(field, wrong)| FaultsError {
                index,
                field,
                wrong,
            })?;
        }
        self.random = Random::new(faults.seed);
        self.left = faults;
        Ok(())
    }

    pub(crate) fn left(&self) -> &Faults<C, K> {
        &self.left
    }

    /// What happens to the next call of this kind.
    pub(crate) fn next(&mut self, call: C) -> Verdict<K> {
        let mut verdict = Verdict {
            delay: Duration::ZERO,
            wrong: None,
            rules: Vec::new(),
        };
        for fault in &mut self.left.faults {
            let effect = fault.kind.effect();
            let meant = fault.operation.is_none_or(|operation| operation == call);
            let decided = verdict.wrong.is_some() && effect == Effect::Wrong;
            if !meant || decided || fault.times == Some(0) {
                continue;
            }
            let drawn = self.random.between((1, 1_000_000)) as f64 / 1_000_000.0;
            if fault
                .probability
                .is_some_and(|probability| drawn > probability)
            {
                continue;
            }
            fault.times = fault.times.map(|times| times - 1);
            let time = Duration::from_millis(fault.ms.unwrap_or(MAX_DELAY_MS));
            match effect {
                Effect::Delay => verdict.delay += time,
                Effect::Wrong => verdict.wrong = Some((fault.kind, time)),
                Effect::Rule => verdict.rules.push(fault.kind),
            }
        }
        self.left.faults.retain(|fault| fault.times != Some(0));
        verdict
    }
}
