//! `ltv-prediction`: what a customer will spend within a horizon, in today's money.
//!
//! Purchases by BG/NBD times spend per purchase by Gamma-Gamma, each purchase discounted to `as_of` at
//! the annual rate given ([`value`]). It is spend to come: what was spent before is in `history`, and
//! margins are the caller's to apply. Every amount is in the one currency of the input. The models rest
//! on a cohort that is fitted now (100 customers or more), else on the tenant's parameters, else on a
//! weak prior that the method is named after. Many customers are valued by
//! `baton_lifetime::value::value_many`.
//!
//! | code | when |
//! |---|---|
//! | `NotEnoughData` | there is no order by `as_of`; where no spend was fitted, none with a total above 0 |
//! | `InvalidParameters` | a stored parameter is none that a fit gives |
//! | `InvalidCohort` | a row of the cohort is no customer |

mod check;

use baton_agent::{Agent, AgentError, Report};
use baton_domain::profile::Order;
use baton_domain::{Amount, FieldError, Method, Timestamp};
use baton_lifetime::basis::{self, Chosen, HorizonDays};
use baton_lifetime::value::{self, Terms};
use baton_lifetime::{GammaGamma, Parameters, Summary, Version, predict_many, summarise};
use serde::{Deserialize, Serialize};

/// The agent.
#[derive(Debug, Clone, Copy, Default)]
pub struct LtvPrediction;

/// What the agent works on: at least one order.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The end of observation, from which the horizon counts and to which is discounted.
    pub as_of: Timestamp,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// How far ahead to look; a year when it is not given.
    #[serde(default = "year")]
    pub horizon_days: HorizonDays,
    /// By how much money in a year is worth less; 0.1 when it is not given.
    #[serde(default)]
    pub annual_rate: AnnualRate,
    /// What the customer bought, in any order; what lies after `as_of` is not seen.
    #[serde(default)]
    pub orders: Vec<Order>,
    /// What was fitted to the tenant's customers before.
    #[serde(default)]
    pub parameters: Option<Parameters>,
    /// Customers of the tenant in the same currency, to fit now; goes before
    /// what was fitted before.
    #[serde(default)]
    pub cohort: Vec<Summary>,
}

fn year() -> HorizonDays {
    HorizonDays::YEAR
}

/// A discount rate per year, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64")]
pub struct AnnualRate(f64);

impl Default for AnnualRate {
    fn default() -> Self {
        Self(0.1)
    }
}

impl TryFrom<f64> for AnnualRate {
    type Error = String;

    fn try_from(rate: f64) -> Result<Self, String> {
        if (0.0..=1.0).contains(&rate) {
            Ok(Self(rate))
        } else {
            Err(format!(
                "must lie between 0 and 1 (0.1 is 10 % a year), got {rate}"
            ))
        }
    }
}

/// What the fallback works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// How many orders the customer has placed.
    #[serde(default)]
    pub orders_count: u32,
    /// What they came to; without it, or without orders, the value is 0.
    #[serde(default)]
    pub total_spent: Option<Amount>,
    /// How far ahead to look.
    #[serde(default = "year")]
    pub horizon_days: HorizonDays,
}

/// What the agent answers. Amounts are in whole units of the currency, rounded to hundredths.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// Expected spend within the horizon, discounted.
    pub amount: f64,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// Where the discounted spend will lie.
    pub interval: Interval,
    /// Expected purchases within the horizon.
    pub expected_purchases: f64,
    /// The same, later ones discounted.
    pub discounted_purchases: f64,
    /// Expected spend per purchase.
    pub mean_spend: f64,
    /// The chance that the customer is one at `as_of`.
    pub probability_alive: f64,
    /// How far ahead this looks.
    pub horizon_days: u32,
    /// The discount rate per year.
    pub annual_rate: f64,
    /// The customer as the models see them; none in the fallback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<Summary>,
    /// Which fit was used; none for a prior.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// What was fitted now, to be stored and passed back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fitted: Option<Parameters>,
}

/// A central interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How often the truth lies between them, from 0 to 1.
    pub level: f64,
}

/// How often amounts lie within their intervals.
pub const LEVEL: f64 = 0.9;

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Too little is known of the customer.
    #[error("not enough data: {0}")]
    NotEnoughData(&'static str),
    /// A stored parameter is out of range.
    #[error("{0}")]
    InvalidParameters(FieldError),
    /// A cohort is none.
    #[error("cohort: {0}")]
    InvalidCohort(baton_lifetime::Error),
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &["NotEnoughData", "InvalidParameters", "InvalidCohort"];

    fn code(&self) -> &'static str {
        match self {
            Self::NotEnoughData(_) => "NotEnoughData",
            Self::InvalidParameters(_) => "InvalidParameters",
            Self::InvalidCohort(_) => "InvalidCohort",
        }
    }
}

impl Agent for LtvPrediction {
    const NAME: &'static str = "ltv-prediction";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Output;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Output>, Error> {
        basis::check_parameters(input.parameters.as_ref()).map_err(Error::InvalidParameters)?;
        let customer = summarise(&input.orders, input.as_of)
            .ok_or(Error::NotEnoughData("there is no order by as_of"))?;
        let parameters = input.parameters.clone();
        let chosen = basis::choose(parameters, &input.cohort, &input.currency, input.as_of);
        let mut chosen = chosen.map_err(Error::InvalidCohort)?;
        let spend = spend(&mut chosen, &input)?;
        let mut name = basis::method_name("bgnbd-gamma-gamma", chosen.basis);
        if chosen.spend.is_none() && !name.ends_with("-prior") {
            name.push_str("-spend-prior");
        }
        let confidence = chosen.confidence(customer.x);
        let mut warnings = std::mem::take(&mut chosen.warnings);
        if customer.x == 0 {
            warnings.push(basis::ONE_PURCHASE.to_owned());
        }
        let output = describe(chosen, spend, customer, input);
        Ok(Report::new(output, confidence, Method::new(name, "1")).with_warnings(warnings))
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<Output>, Error> {
        let orders = f64::from(input.orders_count);
        let mean = input
            .total_spent
            .map_or(0.0, |spent| spent.value() / orders.max(1.0));
        // The more orders, the likelier another.
        let alive = (orders + 1.0) / (orders + 3.0);
        let fresh = [Summary::new(0, 0.0, 0.0)];
        let found = predict_many(&basis::PRIOR, &fresh, input.horizon_days.weeks());
        let purchases = alive * found.first().map_or(0.0, |found| found.purchases);
        let amount = cents(purchases * mean);
        let output = Output {
            amount,
            currency: input.currency,
            interval: Interval {
                low: 0.0,
                high: cents(4.0 * purchases * mean).max(amount),
                level: LEVEL,
            },
            expected_purchases: round(purchases),
            discounted_purchases: round(purchases),
            mean_spend: cents(mean),
            probability_alive: round(alive),
            horizon_days: input.horizon_days.days(),
            annual_rate: 0.0,
            history: None,
            version: None,
            fitted: None,
        };
        let warning = "the value comes from the number and sum of orders alone, undiscounted";
        let report = Report::new(output, 0.1, Method::new("order-count-prior", "1"));
        Ok(report.with_warnings(vec![warning.to_owned()]))
    }

    fn validate(&self, output: &Output) -> Result<(), String> {
        check::output(output)
    }
}

/// The model of spend: that which was fitted, or a prior around what the customer spent.
fn spend(chosen: &mut Chosen, input: &Input) -> Result<GammaGamma, Error> {
    if let Some(spend) = chosen.spend {
        return Ok(spend);
    }
    let seen = input.orders.iter().filter(|order| order.at <= input.as_of);
    let spent: Vec<f64> = seen
        .map(|order| order.total.value())
        .filter(|t| *t > 0.0)
        .collect();
    if spent.is_empty() {
        let what = "no spend was fitted, and no order has a total above 0";
        return Err(Error::NotEnoughData(what));
    }
    chosen.warnings.push(format!(
        "no spend was fitted in {}: the mean of this customer's own orders stands in",
        input.currency
    ));
    Ok(basis::prior_spend(
        spent.iter().sum::<f64>() / spent.len() as f64,
    ))
}

fn describe(chosen: Chosen, spend: GammaGamma, customer: Summary, input: Input) -> Output {
    let terms = Terms {
        weeks: input.horizon_days.weeks(),
        annual_rate: input.annual_rate.0,
    };
    let found = value::value(&chosen.model, &spend, &customer, terms);
    let (low, high) = value::interval(&chosen.model, &spend, &customer, terms, LEVEL);
    Output {
        amount: cents(found.amount),
        currency: input.currency,
        interval: Interval {
            low: cents(low),
            high: cents(high),
            level: LEVEL,
        },
        expected_purchases: round(found.purchases),
        discounted_purchases: round(found.discounted_purchases),
        mean_spend: cents(found.mean_spend),
        probability_alive: round(chosen.model.probability_alive(&customer)),
        horizon_days: input.horizon_days.days(),
        annual_rate: input.annual_rate.0,
        history: Some(customer),
        version: chosen.version,
        fitted: chosen.fitted,
    }
}

fn cents(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}

fn round(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests;
