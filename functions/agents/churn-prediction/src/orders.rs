//! Customers who order when they like and leave without a word.

use baton_agent::Report;
use baton_lifetime::basis::{self, Chosen};
use baton_lifetime::{Predictive, Predictor, Summary, summarise};

use crate::{Error, Input, Interval, LEVEL, Output, Relationship, method, round};

/// The prediction from orders.
pub(crate) fn predict(input: Input) -> Result<Report<Output>, Error> {
    let customer = summarise(&input.orders, input.as_of).ok_or(Error::NotEnoughData)?;
    let chosen = basis::choose(input.parameters, &input.cohort, "", input.as_of);
    let chosen = chosen.map_err(|error| Error::InvalidCohort {
        field: "cohort",
        error,
    })?;
    let output = describe(&chosen, &customer, input.horizon_days);
    let confidence = chosen.confidence(customer.x);
    let mut warnings = chosen.warnings;
    if customer.x == 0 {
        warnings.push(basis::ONE_PURCHASE.to_owned());
    }
    let report = Report::new(output, confidence, method("bgnbd", chosen.basis));
    Ok(report.with_warnings(warnings))
}

fn describe(chosen: &Chosen, customer: &Summary, horizon: basis::HorizonDays) -> Output {
    let weeks = horizon.weeks();
    let found = Predictor::new(chosen.model, weeks).predict(customer);
    let (low, high) = Predictive::new(&chosen.model, customer, weeks).interval(LEVEL);
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Output {
        relationship: Relationship::Orders,
        probability_alive: round(found.alive),
        churn_probability: round(1.0 - found.alive_after),
        purchase_probability: round(found.purchase),
        expected_purchases: round(found.purchases),
        interval: Interval {
            low: count(low),
            high: count(high),
            level: LEVEL,
        },
        horizon_days: horizon.days(),
        history: Some(*customer),
        version: chosen.version.clone(),
        fitted: chosen.fitted.clone(),
    }
}
