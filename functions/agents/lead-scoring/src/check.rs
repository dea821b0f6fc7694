//! What inputs and outputs must fulfil.

use baton_domain::FieldError;

use crate::Output;
use crate::features::Features;
use crate::model::MAX_FEATURE;

/// Checks that features are within what is taken.
pub(crate) fn features(field: &str, features: &Features) -> Result<(), FieldError> {
    for (name, value) in features {
        if value.is_nan() || value.abs() > MAX_FEATURE {
            let message = format!("must be within ±{MAX_FEATURE:e}, got {value}");
            return Err(FieldError::new(format!("{field}.{name}"), message));
        }
    }
    Ok(())
}

/// Checks ranges, sums and finiteness.
pub(crate) fn output(output: &Output) -> Result<(), String> {
    if !(0.0..=1.0).contains(&output.probability) {
        return Err(format!(
            "probability: must lie between 0 and 1, got {}",
            output.probability
        ));
    }
    let contributions: f64 = output
        .drivers
        .iter()
        .map(|driver| driver.contribution)
        .sum();
    let (sum, log_odds) = (output.base_log_odds + contributions, output.log_odds);
    if !(log_odds.is_finite() && sum.is_finite()) {
        return Err("log_odds: must be finite".to_owned());
    }
    let largest = output
        .drivers
        .iter()
        .map(|driver| driver.contribution.abs());
    // Each is rounded to four places; huge ones have fewer that are right.
    let slack = 1e-4 * (output.drivers.len() as f64 + 2.0) + 1e-9 * largest.fold(0.0, f64::max);
    if !output.drivers.is_empty() && (sum - log_odds).abs() > slack {
        return Err(format!("drivers: do not sum to log_odds {log_odds}"));
    }
    if let Some(reliability) = &output.reliability {
        let rows: usize = reliability.bins.iter().map(|bin| bin.rows).sum();
        if !(0.0..=1.0).contains(&reliability.brier) || rows != reliability.rows {
            return Err("reliability: its figures are out of range".to_owned());
        }
    }
    Ok(())
}
