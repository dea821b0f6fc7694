//! `strategist`: the calendar of a month.
//!
//! Where a language model is configured it draws up the calendar ([`drafted`]); everything that it
//! says is checked by the rules that bind everyone ([`rules`]), and where it fails the offline method
//! answers, with a warning and with what the attempt cost. The offline method forecasts what a mail
//! brings ([`forecast`]) and looks for the calendar that brings most under the brand's limits
//! ([`plan`]); of the reviewers' notes it follows those of a small grammar ([`notes`]). The fallback
//! spreads mails evenly ([`even`]).
//!
//! | code | when |
//! |---|---|
//! | `InvalidBrand` | the brand has no segments or themes, or contradicts itself |
//! | `InvalidInsights` | a rate of what worked before lies outside 0 to 1 |
//! | `UnknownTimeZone` | the brand's time zone is in no database |
//! | `NoSlot` | caps, blackout days and seasons leave no day for any mail |

pub mod calendar;
pub mod drafted;
pub mod even;
pub mod forecast;
pub mod notes;
pub mod plan;
pub mod rules;
pub mod words;

use std::sync::Arc;

use baton_agent::{Agent, AgentError, Bought, Report};
use baton_domain::campaign::{Brand, Insights, Month, Strategy};
use baton_domain::{FieldError, Method, Timestamp};
use baton_model::{Model, SettingError};
use jiff::tz::TimeZone;
use serde::Deserialize;

use forecast::Forecast;
use notes::Orders;

pub use rules::check;

/// The agent, with the model that it asks first, where there is one.
#[derive(Clone, Default)]
pub struct StrategistAgent {
    model: Option<Arc<dyn Model>>,
}

impl StrategistAgent {
    /// The agent with the model that the environment names; without one where it names none.
    ///
    /// # Errors
    /// The variable that is missing or bad.
    pub fn from_env() -> Result<Self, SettingError> {
        baton_model::from_env().map(|model| Self { model })
    }

    /// The agent with this model.
    pub fn with_model(model: Arc<dyn Model>) -> Self {
        Self { model: Some(model) }
    }
}

/// What the agent works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// For whom.
    pub brand: Brand,
    /// For when.
    pub month: Month,
    /// What worked before.
    pub insights: Insights,
    /// What reviewers said of the calendar of an earlier round.
    #[serde(default)]
    pub notes: Vec<String>,
    /// That calendar.
    #[serde(default)]
    pub previous: Option<Strategy>,
    /// Nothing is sent before this moment.
    pub not_before: Timestamp,
}

/// What the fallback works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// For whom.
    pub brand: Brand,
    /// For when.
    pub month: Month,
    /// Nothing is sent before this moment, where one is given.
    #[serde(default)]
    pub not_before: Option<Timestamp>,
}

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The brand cannot be planned for.
    #[error("brand.{0}")]
    InvalidBrand(FieldError),
    /// A rate of what worked before is none.
    #[error("insights.{0}")]
    InvalidInsights(FieldError),
    /// The brand's time zone is in no database.
    #[error("brand.{0}")]
    UnknownTimeZone(FieldError),
    /// No mail can be sent.
    #[error("no slot in {month}: {reason}")]
    NoSlot {
        /// The month.
        month: Month,
        /// What leaves nothing.
        reason: &'static str,
    },
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &[
        "InvalidBrand",
        "InvalidInsights",
        "UnknownTimeZone",
        "NoSlot",
    ];

    fn code(&self) -> &'static str {
        match self {
            Self::InvalidBrand(_) => "InvalidBrand",
            Self::InvalidInsights(_) => "InvalidInsights",
            Self::UnknownTimeZone(_) => "UnknownTimeZone",
            Self::NoSlot { .. } => "NoSlot",
        }
    }
}

/// How sure the even calendar is.
const EVEN_CONFIDENCE: f64 = 0.15;

impl Agent for StrategistAgent {
    const NAME: &'static str = "strategist";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Strategy;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Strategy>, Error> {
        let zone = accepted(&input.brand)?;
        rules::insights(&input.insights).map_err(Error::InvalidInsights)?;
        let Some(model) = &self.model else {
            return offline(&input, &zone);
        };
        match drafted::draft(&**model, &input, &zone).await {
            Ok(report) => Ok(report),
            Err(error) => {
                let spent = error.spent();
                let mut report = offline(&input, &zone)?;
                report.bought = Bought {
                    input_tokens: spent.input_tokens,
                    output_tokens: spent.output_tokens,
                    cost: spent.cost,
                };
                let warning = format!("planned without the model, which failed: {}", error.code());
                report.warnings.insert(0, warning);
                Ok(report)
            }
        }
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<Strategy>, Error> {
        let zone = accepted(&input.brand)?;
        let strategy = even::calendar(&input, &zone)?;
        let report = Report::new(strategy, EVEN_CONFIDENCE, Method::new("even-calendar", "1"));
        Ok(report.with_warnings(vec![
            "the calendar knows neither history nor notes".to_owned(),
        ]))
    }

    fn validate(&self, strategy: &Strategy) -> Result<(), String> {
        strategy.validate(None).map_err(|wrong| wrong.to_string())
    }
}

fn accepted(brand: &Brand) -> Result<TimeZone, Error> {
    rules::brand(brand).map_err(Error::InvalidBrand)?;
    brand.zone().map_err(Error::UnknownTimeZone)
}

/// The offline method. Notes that would leave nothing to send are set aside, and said so.
fn offline(input: &Input, zone: &TimeZone) -> Result<Report<Strategy>, Error> {
    let forecast = Forecast::of(&input.brand, &input.insights);
    let orders = Orders::read(&input.notes, &input.brand, input.previous.as_ref());
    let planned = plan::best(input, zone, &forecast, &orders);
    let (slots, orders) = match planned {
        Err(Error::NoSlot { .. }) if !orders.applied.is_empty() => {
            let none = orders.clone().set_aside();
            (plan::best(input, zone, &forecast, &none)?, none)
        }
        planned => (planned?, orders),
    };
    let strategy = calendar::of(input, zone, &forecast, &slots, &orders);
    let campaigns = f64::from(input.insights.campaigns);
    // Half of what data can give is there from 20 campaigns on.
    let confidence = 0.2 + 0.6 * campaigns / (campaigns + 20.0);
    let warnings = orders
        .ignored
        .iter()
        .map(|note| format!("not applied: {note}"));
    let method = Method::new("greedy-exchange-offline", "1");
    Ok(
        Report::new(strategy, (confidence * 1e4).round() / 1e4, method)
            .with_warnings(warnings.collect()),
    )
}

#[cfg(test)]
mod tests;
