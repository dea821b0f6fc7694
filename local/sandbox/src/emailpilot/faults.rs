//! What goes wrong with EmailPilot on demand.

use serde::{Deserialize, Serialize};

use crate::faults::{self, Effect, FaultKind};

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

impl FaultKind for Kind {
    fn effect(self) -> Effect {
        match self {
            Self::Slow => Effect::Delay,
            _ => Effect::Wrong,
        }
    }

    fn takes_time(self) -> bool {
        matches!(self, Self::Slow | Self::TimeoutAfterAccepting)
    }
}

/// One thing that goes wrong with EmailPilot.
pub type Fault = faults::Fault<Call, Kind>;

/// Everything that goes wrong with EmailPilot.
pub type Faults = faults::Faults<Call, Kind>;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    type Switch = crate::faults::Switch<Call, Kind>;

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
