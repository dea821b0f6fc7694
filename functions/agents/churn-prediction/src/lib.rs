//! `churn-prediction`: whether a customer is still one, and what the customer will do.
//!
//! Where nobody announces that they leave, orders tell: BG/NBD ([`orders`]). Where a contract is renewed
//! or ended, its age does: shifted beta-geometric ([`contract`]). A contract goes before orders. Both
//! rest on a cohort that is fitted now (100 customers or more), else on the tenant's parameters, else on
//! a weak prior that the method is named after. Churn is the chance not to be a customer at the end of
//! the horizon. Many customers are scored by `baton_lifetime::predict_many`, many fits kept by
//! `baton_lifetime::Parameters`.
//!
//! | code | when |
//! |---|---|
//! | `NotEnoughData` | there is neither a contract nor an order by `as_of` |
//! | `InvalidParameters` | a stored parameter is none that a fit gives |
//! | `InvalidCohort` | a row of the cohort is no customer, or survivors rise |
//! | `InvalidContract` | the contract begins after `as_of` or ends before it began |

mod check;
pub mod contract;
pub mod orders;

use baton_agent::{Agent, AgentError, Report};
use baton_domain::profile::Order;
use baton_domain::{FieldError, Method, Timestamp};
use baton_lifetime::basis::{self, HorizonDays};
use baton_lifetime::{Basis, Parameters, Summary, Version};
use serde::{Deserialize, Serialize};

pub use contract::Contract;

/// The agent.
#[derive(Debug, Clone, Copy, Default)]
pub struct ChurnPrediction;

/// What the agent works on: a contract or at least one order.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The end of observation, from which the horizon counts.
    pub as_of: Timestamp,
    /// How far ahead to look; a quarter of a year when it is not given.
    #[serde(default = "quarter")]
    pub horizon_days: HorizonDays,
    /// What the customer bought, in any order; what lies after `as_of` is not seen.
    #[serde(default)]
    pub orders: Vec<Order>,
    /// The customer's contract, where there is one.
    #[serde(default)]
    pub contract: Option<Contract>,
    /// What was fitted to the tenant's customers before.
    #[serde(default)]
    pub parameters: Option<Parameters>,
    /// Customers of the tenant, to fit now; goes before what was fitted before.
    #[serde(default)]
    pub cohort: Vec<Summary>,
    /// The same for contracts: how many signed, how many of these renewed once, twice, ….
    #[serde(default)]
    pub survivors: Vec<u32>,
}

fn quarter() -> HorizonDays {
    HorizonDays::QUARTER
}

/// What the fallback works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// How many orders the customer has placed.
    #[serde(default)]
    pub orders_count: u32,
    /// How far ahead to look.
    #[serde(default = "quarter")]
    pub horizon_days: HorizonDays,
}

/// What the agent answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// What it was seen from.
    pub relationship: Relationship,
    /// The chance that the customer is one at `as_of`.
    pub probability_alive: f64,
    /// The chance that the customer is none at the end of the horizon.
    pub churn_probability: f64,
    /// The chance of a purchase, or of a renewal, within the horizon.
    pub purchase_probability: f64,
    /// Expected purchases, or renewals, within the horizon.
    pub expected_purchases: f64,
    /// Where the number of purchases will lie.
    pub interval: Interval,
    /// How far ahead this looks.
    pub horizon_days: u32,
    /// The customer as the model sees them; none for contracts, and in the fallback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<Summary>,
    /// Which fit was used; none for a prior.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// What was fitted now, to be stored and passed back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fitted: Option<Parameters>,
}

/// What a customer's future is seen from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relationship {
    /// Orders, whose end nobody announces.
    Orders,
    /// A contract.
    Contract,
}

/// A central interval of a number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: u32,
    /// Upper end.
    pub high: u32,
    /// How often the number lies between them at least, from 0 to 1.
    pub level: f64,
}

/// How often numbers lie within their intervals.
pub const LEVEL: f64 = 0.9;

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing is known of the customer.
    #[error("not enough data: there is neither a contract nor an order by as_of")]
    NotEnoughData,
    /// A stored parameter is out of range.
    #[error("{0}")]
    InvalidParameters(FieldError),
    /// A cohort is none.
    #[error("{field}: {error}")]
    InvalidCohort {
        /// Which.
        field: &'static str,
        /// Why.
        error: baton_lifetime::Error,
    },
    /// A contract is none.
    #[error("contract.{0}")]
    InvalidContract(&'static str),
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &[
        "NotEnoughData",
        "InvalidParameters",
        "InvalidCohort",
        "InvalidContract",
    ];

    fn code(&self) -> &'static str {
        match self {
            Self::NotEnoughData => "NotEnoughData",
            Self::InvalidParameters(_) => "InvalidParameters",
            Self::InvalidCohort { .. } => "InvalidCohort",
            Self::InvalidContract(_) => "InvalidContract",
        }
    }
}

impl Agent for ChurnPrediction {
    const NAME: &'static str = "churn-prediction";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Output;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Output>, Error> {
        basis::check_parameters(input.parameters.as_ref()).map_err(Error::InvalidParameters)?;
        match input.contract {
            Some(contract) => contract::predict(contract, &input),
            None => orders::predict(input),
        }
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<Output>, Error> {
        let weeks = input.horizon_days.weeks();
        // The more orders, the likelier another; without any, nothing speaks for the customer.
        let orders = f64::from(input.orders_count);
        let alive = (orders + 1.0) / (orders + 3.0);
        let lone = Summary::new(0, 0.0, 0.0);
        let prediction = baton_lifetime::predict_many(&basis::PRIOR, &[lone], weeks);
        let counts = baton_lifetime::Predictive::new(&basis::PRIOR, &lone, weeks);
        let of =
            |value: fn(&baton_lifetime::Prediction) -> f64| prediction.first().map_or(0.0, value);
        let output = Output {
            relationship: Relationship::Orders,
            probability_alive: round(alive),
            churn_probability: round(1.0 - alive * of(|p| p.alive_after)),
            purchase_probability: round(alive * of(|p| p.purchase)),
            expected_purchases: round(alive * of(|p| p.purchases)),
            interval: Interval {
                low: 0,
                high: u32::try_from(counts.interval(LEVEL).1).unwrap_or(u32::MAX),
                level: LEVEL,
            },
            horizon_days: input.horizon_days.days(),
            history: None,
            version: None,
            fitted: None,
        };
        let warning = "the chances come from the number of orders alone".to_owned();
        let report = Report::new(output, 0.1, Method::new("order-count-prior", "1"));
        Ok(report.with_warnings(vec![warning]))
    }

    fn validate(&self, output: &Output) -> Result<(), String> {
        check::output(output)
    }
}

/// What a prediction rests on, as the method's name.
fn method(model: &str, basis: Basis) -> Method {
    Method::new(basis::method_name(model, basis), "1")
}

/// Rounded to what can be told apart.
fn round(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests;
