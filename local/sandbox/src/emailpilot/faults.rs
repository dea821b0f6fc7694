//! Faults on demand: what goes wrong, with which operation, how often.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sample::random::Random;

/// The longest delay, in milliseconds.
const MAX_DELAY_MS: u64 = 60_000;

/// What callers can do with the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Read a brand.
    Brand,
    /// Read past campaigns.
    History,
    /// Create a campaign.
    Create,
    /// See how far a campaign came.
    Look,
    /// Send it to test recipients.
    TestSend,
    /// Give it its time.
    Schedule,
    /// Take it back.
    Cancel,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The answer comes `ms` milliseconds late; nothing is accepted before that.
    Slow,
    /// Status 500, and nothing was done.
    #[serde(rename = "error_500")]
    Error500,
    /// Status 500, although it was done.
    #[serde(rename = "error_500_after_accepting")]
    Error500AfterAccepting,
    /// It is done, and no answer comes for `ms` milliseconds, a minute unless it is given.
    TimeoutAfterAccepting,
    /// It is done, and the answer breaks off in its middle.
    Malformed,
    /// Status 429 with `Retry-After`, and nothing was done.
    RateLimited,
    /// Status 422, and nothing was done.
    Refused,
}

/// One thing that goes wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// With which call; with all when it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Call>,
    /// What.
    pub kind: Kind,
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

impl Fault {
    /// A fault that happens whenever `operation` is called.
    pub fn always(operation: Call, kind: Kind) -> Self {
        Self {
            operation: Some(operation),
            kind,
            ms: None,
            times: None,
            probability: None,
        }
    }

    /// A fault that happens when `operation` is called next, and not after that.
    pub fn once(operation: Call, kind: Kind) -> Self {
        Self {
            times: Some(1),
            ..Self::always(operation, kind)
        }
    }
}

/// Everything that goes wrong, in the order in which it is looked for: delays add up, and the first
/// of the other kinds decides.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    /// What probabilities are drawn from.
    #[serde(default)]
    pub seed: u64,
    /// The faults.
    pub faults: Vec<Fault>,
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

impl Fault {
    fn check(&self) -> Result<(), (&'static str, &'static str)> {
        if self.kind == Kind::Slow && self.ms.is_none() {
            return Err(("ms", "is missing: how slow?"));
        }
        if self.ms.is_some_and(|ms| ms > MAX_DELAY_MS) {
            return Err(("ms", "must be at most 60000"));
        }
        let takes_time = matches!(self.kind, Kind::Slow | Kind::TimeoutAfterAccepting);
        if self.ms.is_some() && !takes_time {
            return Err(("ms", "means nothing for this kind"));
        }
        if self.probability.is_some_and(|p| !(0.0..=1.0).contains(&p)) {
            return Err(("probability", "must be from 0 to 1"));
        }
        Ok(())
    }
}

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Verdict {
    pub(super) delay: Duration,
    /// What goes wrong, and how long it takes.
    pub(super) wrong: Option<(Kind, Duration)>,
}

/// The faults that are left.
pub(super) struct Switch {
    left: Faults,
    random: Random,
}

impl Default for Switch {
    fn default() -> Self {
        Self {
            left: Faults::default(),
            random: Random::new(0),
        }
    }
}

impl Switch {
    pub(super) fn set(&mut self, faults: Faults) -> Result<(), FaultsError> {
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

    pub(super) fn left(&self) -> &Faults {
        &self.left
    }

    /// What happens to the next call of this kind.
    pub(super) fn next(&mut self, call: Call) -> Verdict {
        let mut verdict = Verdict::default();
        for fault in &mut self.left.faults {
            let meant = fault.operation.is_none_or(|operation| operation == call);
            let decided = verdict.wrong.is_some() && fault.kind != Kind::Slow;
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
            match fault.kind {
                Kind::Slow => verdict.delay += time,
                kind => verdict.wrong = Some((kind, time)),
            }
        }
        self.left.faults.retain(|fault| fault.times != Some(0));
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn switch(faults: Vec<Fault>) -> Switch {
        let mut switch = Switch::default();
        switch.set(Faults { seed: 3, faults }).unwrap();
        switch
    }

    fn wrong(switch: &mut Switch, call: Call) -> Option<Kind> {
        switch.next(call).wrong.map(|(kind, _)| kind)
    }

    #[test]
    fn a_fault_happens_to_its_call_as_often_as_it_says() {
        let mut switch = switch(vec![Fault {
            times: Some(2),
            ..Fault::always(Call::Create, Kind::Error500)
        }]);
        assert_eq!(wrong(&mut switch, Call::Schedule), None);
        let seen = [(); 3].map(|()| wrong(&mut switch, Call::Create));
        assert_eq!(seen, [Some(Kind::Error500), Some(Kind::Error500), None]);
        assert!(switch.left().faults.is_empty());
    }

    #[test]
    fn delays_add_up_and_the_first_other_kind_decides() {
        let slow = |ms| Fault {
            ms: Some(ms),
            ..Fault::once(Call::Cancel, Kind::Slow)
        };
        let refused = Fault::once(Call::Cancel, Kind::Refused);
        let limited = Fault::once(Call::Cancel, Kind::RateLimited);
        let mut switch = switch(vec![slow(20), refused, slow(5), limited]);
        let first = switch.next(Call::Cancel);
        assert_eq!(first.delay, Duration::from_millis(25));
        assert_eq!(first.wrong.map(|(kind, _)| kind), Some(Kind::Refused));
        assert_eq!(wrong(&mut switch, Call::Cancel), Some(Kind::RateLimited));
    }

    #[test]
    fn probabilities_are_kept_and_the_same_for_a_seed() {
        let fault = Fault {
            probability: Some(0.3),
            ..Fault::always(Call::Brand, Kind::Error500)
        };
        let run = || {
            let mut switch = switch(vec![fault.clone()]);
            let seen = (0..1_000).map(|_| wrong(&mut switch, Call::Brand).is_some());
            seen.collect::<Vec<bool>>()
        };
        let seen = run();
        assert_eq!(seen, run());
        let happened = seen.iter().filter(|happened| **happened).count();
        assert!((250..350).contains(&happened), "{happened}");
    }

    #[test]
    fn faults_that_mean_nothing_are_refused_and_named() {
        let fault = |edit: fn(&mut Fault)| {
            let mut fault = Fault::once(Call::Brand, Kind::Error500);
            edit(&mut fault);
            fault
        };
        for (bad, field) in [
            (fault(|f| f.kind = Kind::Slow), "ms"),
            (fault(|f| f.ms = Some(5)), "ms"),
            (fault(|f| (f.kind, f.ms) = (Kind::Slow, Some(60_001))), "ms"),
            (fault(|f| f.probability = Some(1.1)), "probability"),
            (fault(|f| f.probability = Some(f64::NAN)), "probability"),
        ] {
            let faults = vec![Fault::once(Call::Create, Kind::Malformed), bad];
            let refused = Switch::default()
                .set(Faults { seed: 0, faults })
                .unwrap_err();
            assert_eq!((refused.index, refused.field), (1, field));
        }
    }
}
