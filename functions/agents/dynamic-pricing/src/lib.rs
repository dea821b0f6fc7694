//! `dynamic-pricing`: which of a policy's price tiers to offer, and why.
//!
//! Each tier that the policy leaves open is worth its price times the chance that the user accepts
//! it ([`revenue`]); when units are scarce, protection levels close cheap tiers first ([`emsr`]). The
//! policy bounds everything: floor, ceiling and the largest step from the last price ([`bounds`]).
//! The agent takes no attribute of the user, and a policy that discounts by anything but a segment
//! is refused, so that no price can depend on a protected attribute. The fallback offers the list
//! tier within the bounds.
//!
//! | code | when |
//! |---|---|
//! | `InvalidPolicy` | the policy contradicts itself, or discounts by anything but a segment |
//! | `NoOffer` | floor, ceiling, step or capacity leave no tier; the message says which |

pub mod bounds;
mod check;
pub mod emsr;
mod offer;
pub mod revenue;

use std::fmt;

use baton_agent::{Agent, AgentError, Report};
use baton_domain::{Amount, FieldError, Method, PricePolicy};
use serde::{Deserialize, Serialize};

/// The agent.
#[derive(Debug, Clone, Copy, Default)]
pub struct DynamicPricing;

/// What the agent works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The bounds of prices and the tiers they may take.
    pub policy: PricePolicy,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// What the user is willing to pay; without it the list tier is offered.
    #[serde(default)]
    pub wtp: Option<Wtp>,
    /// The user's segment, for the policy's segment discounts.
    #[serde(default)]
    pub segment: Option<String>,
    /// The price that the user was last offered.
    #[serde(default)]
    pub last_price: Option<Amount>,
}

/// A willingness to pay: the median and the central 90 % interval of a lognormal belief.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wtp {
    /// The price that is accepted in half of all cases.
    pub estimate: Amount,
    /// Lower end of the interval.
    pub low: Amount,
    /// Upper end of the interval.
    pub high: Amount,
}

/// What the fallback works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// The bounds of prices and the tiers they may take.
    pub policy: PricePolicy,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// The price that the user was last offered.
    #[serde(default)]
    pub last_price: Option<Amount>,
}

/// What the agent answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// Name of the tier that is offered.
    pub tier: String,
    /// What the user pays: the tier's price, less the segment's discount, within the bounds.
    pub price: f64,
    /// Price of the policy's list tier.
    pub list_price: f64,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// How far the price lies below the list price, as a share of it from 0 to 1.
    pub discount: f64,
    /// Which rules shaped the price, in the order in which they were applied.
    pub reasons: Vec<Reason>,
    /// Within what the price had to stay.
    pub bounds: BoundsReport,
    /// Names of the tiers that the price was chosen from, dearest first.
    pub open_tiers: Vec<String>,
    /// EMSR-b protection levels in units, one for each tier but the cheapest, dearest first: so many
    /// units are kept for this tier and the dearer ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protection_levels: Option<Vec<f64>>,
}

/// One rule that shaped a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The rule: `max_step`, `floor`, `ceiling`, `segment_discount`, `protection_levels`,
    /// `expected_revenue` or `list_tier`.
    pub rule: String,
    /// What it did, in a sentence.
    pub effect: String,
}

/// Within what a price had to stay.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BoundsReport {
    /// The policy's floor.
    pub floor: f64,
    /// The policy's ceiling.
    pub ceiling: f64,
    /// The lowest price that floor and step allow.
    pub lowest: f64,
    /// The highest price that ceiling and step allow.
    pub highest: f64,
}

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The policy cannot be obeyed or must not be.
    #[error("invalid policy: {0}")]
    InvalidPolicy(#[from] FieldError),
    /// The policy leaves no tier to offer.
    #[error("no offer: {bound} leaves no tier: {detail}")]
    NoOffer {
        /// The bound that closed the last tier.
        bound: Bound,
        /// What it left and what to change.
        detail: String,
    },
}

/// A bound of a price policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The lowest price there may be.
    Floor,
    /// The highest price there may be.
    Ceiling,
    /// The largest step from the last price.
    MaxStep,
    /// The units left to sell.
    Capacity,
}

impl Bound {
    /// The bound by its name in the policy.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Ceiling => "ceiling",
            Self::MaxStep => "max_step",
            Self::Capacity => "capacity",
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &["InvalidPolicy", "NoOffer"];

    fn code(&self) -> &'static str {
        match self {
            Self::InvalidPolicy(_) => "InvalidPolicy",
            Self::NoOffer { .. } => "NoOffer",
        }
    }
}

/// How sure the fallback is: it knows what may be asked, and nothing of what would be paid.
const LIST_CONFIDENCE: f64 = 0.3;

impl Agent for DynamicPricing {
    const NAME: &'static str = "dynamic-pricing";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Output;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Output>, Error> {
        input.policy.validate()?;
        let offer = offer::best(&input)?;
        let method = Method::new("expected-revenue-emsr-b", "1");
        Ok(Report::new(offer.output, offer.confidence, method).with_warnings(offer.warnings))
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<Output>, Error> {
        input.policy.validate()?;
        let output = offer::list(&input)?;
        let method = Method::new("list-tier", "1");
        let warning = "the price ignores what the user is willing to pay".to_owned();
        Ok(Report::new(output, LIST_CONFIDENCE, method).with_warnings(vec![warning]))
    }

    fn validate(&self, output: &Output) -> Result<(), String> {
        check::output(output)
    }
}

#[cfg(test)]
mod tests;
