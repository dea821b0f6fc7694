//! What goes wrong with the marketplace and the Payment Manager on demand.

use serde::{Deserialize, Serialize};

use crate::faults::{self, Effect, FaultKind};

/// What callers can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Get a token from the Payment Manager.
    Token,
    /// See what is left on one.
    Balance,
    /// Look for sources.
    Search,
    /// Ask for a source.
    Detail,
    /// Have a token charged.
    Pay,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The answer comes `ms` milliseconds late; nothing is done before that.
    Slow,
    /// Status 500, and nothing was done.
    #[serde(rename = "error_500")]
    Error500,
    /// Status 500, although it was done: charged, settled, unlocked.
    #[serde(rename = "error_500_after_charging")]
    Error500AfterCharging,
    /// It is done, and no answer comes for `ms` milliseconds, a minute unless it is given.
    TimeoutAfterCharging,
    /// Status 504 at once, and the token is charged all the same, `ms` milliseconds later by the
    /// sandbox's clock, a minute unless it is given: nobody waits for it any more.
    ChargesLate,
    /// It is done, and the answer breaks off in its middle.
    Malformed,
    /// Status 429 with `Retry-After`, and nothing was done.
    RateLimited,
    /// Status 422, and nothing was done.
    Refused,
    /// A redirect to another host, and nothing was done.
    Redirect,
    /// Searches find every source twice, and x402 makes every offer twice.
    Duplicates,
    /// A price is quoted and rises right after: by a dollar, and by a cent for x402.
    PriceRises,
    /// The quoted price is below nothing.
    NegativePrice,
    /// The quoted price is beyond all money.
    HugePrice,
    /// The quoted price is a word.
    TextPrice,
    /// The price is quoted in another currency, and x402 asks for an asset that nobody knows.
    ForeignAsset,
    /// What was paid is not noticed: status 402 again. A signed payment is settled all the same.
    PaymentIgnored,
    /// What was paid for is `null`.
    PaidForNothing,
    /// One request to pay is charged twice.
    ChargedTwice,
    /// An x402 payment is settled and said to be pending; sent again, it is confirmed.
    SettlementPending,
    /// An x402 payment is not settled, for lack of funds.
    SettlementFails,
    /// There are no balances: status 404.
    NoBalance,
    /// A rule: who paid once is handed everything.
    UnlocksAll,
    /// A rule: a payment with a key that was seen is not charged again.
    HonoursKeys,
}

impl FaultKind for Kind {
    fn effect(self) -> Effect {
        match self {
            Self::Slow => Effect::Delay,
            Self::UnlocksAll | Self::HonoursKeys => Effect::Rule,
            _ => Effect::Wrong,
        }
    }

    fn takes_time(self) -> bool {
        matches!(
            self,
            Self::Slow | Self::TimeoutAfterCharging | Self::ChargesLate
        )
    }
}

/// One thing that goes wrong with them.
pub type Fault = faults::Fault<Call, Kind>;

/// Everything that goes wrong with them.
pub type Faults = faults::Faults<Call, Kind>;
