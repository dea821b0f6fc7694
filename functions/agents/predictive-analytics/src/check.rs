//! What settings and outputs must fulfil.

use baton_domain::FieldError;

use crate::{Ahead, Input, Output};

/// The most periods ahead.
pub(crate) const MAX_HORIZON: usize = 500;

/// Checks the settings of a forecast.
pub(crate) fn settings(input: &Input) -> Result<(), FieldError> {
    horizon(input.horizon)?;
    if input
        .season
        .is_some_and(|season| !(1..=366).contains(&season))
    {
        return Err(FieldError::new("season", "must lie between 1 and 366"));
    }
    if input.levels.is_empty() || input.levels.len() > 5 {
        return Err(FieldError::new("levels", "must have 1 to 5 entries"));
    }
    for (i, level) in input.levels.iter().enumerate() {
        if !(0.5..=0.999).contains(level) {
            let message = format!("must lie between 0.5 and 0.999, got {level}");
            return Err(FieldError::new(format!("levels[{i}]"), message));
        }
    }
    if !(1.0..=10.0).contains(&input.threshold) {
        let message = format!("must lie between 1 and 10, got {}", input.threshold);
        return Err(FieldError::new("threshold", message));
    }
    Ok(())
}

/// Checks how far ahead is looked.
pub(crate) fn horizon(horizon: usize) -> Result<(), FieldError> {
    if (1..=MAX_HORIZON).contains(&horizon) {
        return Ok(());
    }
    let message = format!("must lie between 1 and {MAX_HORIZON}, got {horizon}");
    Err(FieldError::new("horizon", message))
}

/// Checks order and finiteness.
pub(crate) fn output(output: &Output) -> Result<(), String> {
    if output.forecast.is_empty() {
        return Err("forecast: is empty".to_owned());
    }
    for (i, ahead) in output.forecast.iter().enumerate() {
        period(ahead).map_err(|message| format!("forecast[{i}]: {message}"))?;
    }
    let finite = |x: Option<f64>| x.is_none_or(f64::is_finite);
    if !output
        .history
        .iter()
        .all(|past| finite(past.value) && finite(past.expected))
    {
        return Err("history: a number is not finite".to_owned());
    }
    let sound = |x: Option<f64>| x.is_none_or(|x| x >= 0.0 && x.is_finite());
    let accuracy = output.accuracy;
    let errors = [
        Some(accuracy.mae),
        Some(accuracy.rmse),
        accuracy.mape,
        accuracy.mase,
    ];
    if !errors.into_iter().all(sound) {
        return Err("accuracy: a number is negative or not finite".to_owned());
    }
    if let Some(found) = &output.estimated {
        let smoothing = [Some(found.alpha), found.beta, found.gamma, found.phi];
        let within = |x: &f64| (0.0..=1.0).contains(x);
        let numbers = [
            found.level,
            found.slope,
            found.sigma,
            found.log_likelihood.unwrap_or_default(),
            found.aicc.unwrap_or_default(),
        ];
        let all = numbers.iter().chain(&found.seasons).all(|x| x.is_finite());
        if !(smoothing.iter().flatten().all(within) && all) {
            return Err("estimated: a number is out of range or not finite".to_owned());
        }
    }
    let anomalous =
        |a: &crate::Anomaly| a.value.is_finite() && a.expected.is_finite() && a.score.is_finite();
    if !output.anomalies.iter().all(anomalous) {
        return Err("anomalies: a number is not finite".to_owned());
    }
    if !output
        .candidates
        .iter()
        .all(|candidate| candidate.aicc.is_finite())
    {
        return Err("candidates: a number is not finite".to_owned());
    }
    Ok(())
}

fn period(ahead: &Ahead) -> Result<(), &'static str> {
    let mut inner = (ahead.value, ahead.value);
    if !ahead.value.is_finite() {
        return Err("must have a value");
    }
    for interval in &ahead.intervals {
        let ordered = interval.low <= inner.0 && inner.1 <= interval.high;
        if !(ordered && interval.low.is_finite() && interval.high.is_finite()) {
            return Err("intervals must hold the value and each the one before");
        }
        inner = (interval.low, interval.high);
    }
    Ok(())
}
