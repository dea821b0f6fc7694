//! `analyst`: what worked in a brand's past campaigns.
//!
//! Every segment, send time and theme is compared with all others: the ratio of their conversion
//! rates, by Mantel and Haenszel over segments so that a theme is not praised for the segment it
//! went to, with an interval that knows that campaigns differ more than chance alone would make
//! them ([`compare`]). Findings say it in words ([`findings`]). The fallback pools whatever is usable,
//! or takes the rates of the industry where nothing is ([`baseline`]).
//!
//! | code | when |
//! |---|---|
//! | `NotEnoughData` | no campaign arrived anywhere before the month |
//! | `InvalidHistory` | a campaign contradicts itself, such as with more opens than mails |
//! | `UnknownTimeZone` | the brand's time zone is in no database |

pub mod baseline;
pub mod compare;
pub mod findings;
pub mod history;

use baton_agent::{Agent, AgentError, Report};
use baton_domain::campaign::{Brand, Insights, Lift, Month, PastCampaign};
use baton_domain::{FieldError, Method};
use jiff::tz::TimeZone;
use serde::Deserialize;

/// The agent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Analyst;

/// What the agent works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Whose campaigns.
    pub brand: Brand,
    /// What was sent, in any order.
    pub history: Vec<PastCampaign>,
    /// The month that is to be planned: what was sent in it or later is not looked at.
    pub month: Month,
}

/// What the fallback works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// Whose campaigns.
    pub brand: Brand,
    /// What was sent, in any order; what contradicts itself is left out.
    #[serde(default)]
    pub history: Vec<PastCampaign>,
    /// The month that is to be planned, where it is known.
    #[serde(default)]
    pub month: Option<Month>,
}

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing can be looked at.
    #[error("not enough data: no campaign before {0} has mails that arrived")]
    NotEnoughData(Month),
    /// A campaign contradicts itself.
    #[error("{0}")]
    InvalidHistory(FieldError),
    /// The brand's time zone is in no database.
    #[error("brand.{0}")]
    UnknownTimeZone(FieldError),
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &["NotEnoughData", "InvalidHistory", "UnknownTimeZone"];

    fn code(&self) -> &'static str {
        match self {
            Self::NotEnoughData(_) => "NotEnoughData",
            Self::InvalidHistory(_) => "InvalidHistory",
            Self::UnknownTimeZone(_) => "UnknownTimeZone",
        }
    }
}

/// How sure the fallback is of pooled rates, and of rates of the industry.
const POOLED_CONFIDENCE: f64 = 0.4;
const INDUSTRY_CONFIDENCE: f64 = 0.1;

impl Agent for Analyst {
    const NAME: &'static str = "analyst";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Insights;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Insights>, Error> {
        let zone = input.brand.zone().map_err(Error::UnknownTimeZone)?;
        history::check(&input.history).map_err(Error::InvalidHistory)?;
        let used = history::usable(&input.history, input.month, &zone);
        if used.is_empty() {
            return Err(Error::NotEnoughData(input.month));
        }
        let dispersion = compare::dispersion_within_segments(&used);
        let compared = compare::all(&used, &zone);
        let insights = Insights {
            campaigns: count(&used),
            baseline: baseline::rates(&used),
            findings: findings::of(&input.brand, &used, &compared, dispersion, &zone),
            lifts: compared
                .iter()
                .map(|compared| compared.lift.clone())
                .collect(),
        };
        let warnings = findings::warnings(&input, &used, &compared);
        let confidence = baseline::confidence(&used, dispersion);
        let method = Method::new("mantel-haenszel-lift", "1");
        Ok(Report::new(insights, confidence, method).with_warnings(warnings))
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<Insights>, Error> {
        let zone = input.brand.zone().unwrap_or(TimeZone::UTC);
        let sound = history::sound(&input.history);
        let used: Vec<&PastCampaign> = sound
            .into_iter()
            .filter(|past| {
                input
                    .month
                    .is_none_or(|m| history::is_before(past, m, &zone))
            })
            .collect();
        Ok(if used.is_empty() {
            industry(&input.brand)
        } else {
            pooled(&input.brand, &used)
        })
    }

    fn validate(&self, insights: &Insights) -> Result<(), String> {
        baseline::validate("baseline", &insights.baseline)?;
        if insights.findings.is_empty() || insights.findings.iter().any(String::is_empty) {
            return Err("findings: must say something".to_owned());
        }
        for (n, lift) in insights.lifts.iter().enumerate() {
            validate_lift(lift).map_err(|wrong| format!("lifts[{n}].{wrong}"))?;
        }
        if !insights.lifts.is_sorted_by(|a, b| a.lift >= b.lift) {
            return Err("lifts: must be sorted, best first".to_owned());
        }
        Ok(())
    }
}

fn pooled(brand: &Brand, used: &[&PastCampaign]) -> Report<Insights> {
    let dispersion = compare::dispersion_within_segments(used);
    let insights = Insights {
        campaigns: count(used),
        baseline: baseline::rates(used),
        lifts: Vec::new(),
        findings: vec![findings::of_baseline(brand, used, dispersion)],
    };
    Report::new(
        insights,
        POOLED_CONFIDENCE,
        Method::new("pooled-rates", "1"),
    )
    .with_warnings(vec![
        "nothing was compared: the rates are those of all campaigns".to_owned(),
    ])
}

fn industry(brand: &Brand) -> Report<Insights> {
    let insights = Insights {
        campaigns: 0,
        baseline: baseline::INDUSTRY.rates(),
        lifts: Vec::new(),
        findings: vec![findings::of_industry(brand)],
    };
    Report::new(
        insights,
        INDUSTRY_CONFIDENCE,
        Method::new("industry-rates", "1"),
    )
    .with_warnings(vec![
        "no campaign could be looked at: the rates are the industry's".to_owned(),
    ])
}

fn count(used: &[&PastCampaign]) -> u32 {
    u32::try_from(used.len()).unwrap_or(u32::MAX)
}

fn validate_lift(lift: &Lift) -> Result<(), String> {
    baseline::validate("rates", &lift.rates)?;
    let (low, high) = lift.interval;
    let ordered = -1.0 <= low && low <= lift.lift && lift.lift <= high && high.is_finite();
    if !ordered {
        return Err(format!(
            "interval: {low} to {high} must hold {}, from -1 on",
            lift.lift
        ));
    }
    if lift.significant != (low > 0.0 || high < 0.0) {
        return Err("significant: does not follow from the interval".to_owned());
    }
    if lift.value.is_empty() || lift.campaigns == 0 || lift.delivered == 0 {
        return Err("value, campaigns, delivered: must not be empty".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
