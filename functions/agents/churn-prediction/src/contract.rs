//! Customers under contract, who renew or leave at the end of a period.

use baton_agent::Report;
use baton_domain::Timestamp;
use baton_lifetime::basis::CONTRACT_PRIOR;
use baton_lifetime::{Basis, Parameters, Renewals, Sbg};
use serde::Deserialize;

use crate::{Error, Input, Interval, LEVEL, Output, Relationship, method, round};

/// A contract that is renewed period by period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// When its first period began.
    pub started: Timestamp,
    /// How long a period is, in days.
    pub period_days: std::num::NonZeroU16,
    /// When it was ended, if it was.
    #[serde(default)]
    pub ended: Option<Timestamp>,
}

const DAY: i64 = 86_400;

impl Contract {
    /// How many renewals lie behind at a moment after the start, or then lay.
    fn renewals(&self, seconds_later: i64) -> u32 {
        let period = i64::from(self.period_days.get()) * DAY;
        u32::try_from(seconds_later / period).unwrap_or(u32::MAX)
    }
}

/// What renewals rest on.
struct Chosen {
    model: Sbg,
    basis: Basis,
    fitted: Option<Parameters>,
    parameters: Option<Parameters>,
    warnings: Vec<String>,
}

/// The prediction from a contract.
pub(crate) fn predict(contract: Contract, input: &Input) -> Result<Report<Output>, Error> {
    let age = input.as_of.as_second() - contract.started.as_second();
    if age < 0 {
        return Err(Error::InvalidContract("started: must not lie after as_of"));
    }
    if contract.ended.is_some_and(|ended| ended < contract.started) {
        return Err(Error::InvalidContract("ended: must not lie before started"));
    }
    let ended = contract.ended.is_some_and(|ended| ended <= input.as_of);
    let chosen = choose(input)?;
    let behind = contract.renewals(age);
    let horizon = i64::from(input.horizon_days.days()) * DAY;
    let ahead = contract.renewals(age + horizon).saturating_sub(behind);
    let renewals = if ended {
        Renewals::of_ended()
    } else {
        Renewals::of_open(&chosen.model, behind, ahead)
    };
    let (low, high) = renewals.interval(LEVEL);
    let output = Output {
        relationship: Relationship::Contract,
        probability_alive: renewals.alive(),
        churn_probability: round(1.0 - renewals.alive_after()),
        purchase_probability: round(renewals.next()),
        expected_purchases: round(renewals.expected()),
        interval: Interval {
            low,
            high,
            level: LEVEL,
        },
        horizon_days: input.horizon_days.days(),
        history: None,
        version: chosen
            .fitted
            .as_ref()
            .or(chosen.parameters.as_ref())
            .map(|p| p.version.clone()),
        fitted: chosen.fitted.clone(),
    };
    let confidence = match (ended, &output.version) {
        (true, _) => 1.0,
        (false, Some(version)) => {
            0.9 * version.customers as f64 / (version.customers as f64 + 100.0)
        }
        (false, None) => 0.2,
    };
    let mut warnings = chosen.warnings;
    if ahead == 0 && !ended {
        warnings.push("no renewal is due within the horizon".to_owned());
    }
    let report = Report::new(output, confidence, method("sbg", chosen.basis));
    Ok(report.with_warnings(warnings))
}

fn choose(input: &Input) -> Result<Chosen, Error> {
    let mut warnings = Vec::new();
    if !input.survivors.is_empty() {
        match Parameters::fit_contracts(&input.survivors, input.as_of) {
            Ok(fitted) => {
                warnings.extend(fitted.version.warning());
                return Ok(Chosen {
                    model: fitted.sbg.unwrap_or(CONTRACT_PRIOR),
                    basis: Basis::Cohort,
                    fitted: Some(fitted),
                    parameters: None,
                    warnings,
                });
            }
            Err(error @ baton_lifetime::Error::InvalidRow { .. }) => {
                let field = "survivors";
                return Err(Error::InvalidCohort { field, error });
            }
            Err(error) => warnings.push(format!("the survivors were not fitted: {error}")),
        }
    }
    let stored = input.parameters.as_ref();
    if let Some((parameters, model)) = stored.and_then(|p| Some((p, p.sbg?))) {
        warnings.extend(parameters.version.warning());
        return Ok(Chosen {
            model,
            basis: Basis::Parameters,
            fitted: None,
            parameters: Some(parameters.clone()),
            warnings,
        });
    }
    warnings.push(
        "no cohort is known: the model is a weak prior, not an estimate of these contracts"
            .to_owned(),
    );
    Ok(Chosen {
        model: CONTRACT_PRIOR,
        basis: Basis::Prior,
        fitted: None,
        parameters: None,
        warnings,
    })
}
