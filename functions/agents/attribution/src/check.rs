//! What settings and outputs must fulfil.

use baton_domain::FieldError;

use crate::{ModelCredits, Output};

/// Checks the settings of the models.
pub(crate) fn settings(order: u8, half_life_days: f64) -> Result<(), FieldError> {
    if !(1..=3).contains(&order) {
        let message = format!("must lie between 1 and 3, got {order}");
        return Err(FieldError::new("order", message));
    }
    if !(1e-3..=1e5).contains(&half_life_days) {
        let message = format!("must lie between 0.001 and 100000, got {half_life_days}");
        return Err(FieldError::new("half_life_days", message));
    }
    Ok(())
}

/// Checks ranges, sums and finiteness.
pub(crate) fn output(output: &Output) -> Result<(), String> {
    let totals = &output.totals;
    for (field, total) in [
        ("conversions", totals.conversions),
        ("nulls", totals.nulls),
        ("value", totals.value),
    ] {
        if !(total >= 0.0 && total.is_finite()) {
            return Err(format!("totals.{field}: must not be negative, got {total}"));
        }
    }
    if !(0.0..=1.0).contains(&totals.conversion_rate) {
        return Err("totals.conversion_rate: must lie between 0 and 1".to_owned());
    }
    for (i, model) in output.models.iter().enumerate() {
        credits(output, model).map_err(|message| format!("models[{i}].credits: {message}"))?;
    }
    let within = |x: f64| (0.0..=1.0).contains(&x);
    let effects = &output.removal_effects;
    if !effects
        .iter()
        .all(|e| within(e.conversions) && within(e.value))
    {
        return Err("removal_effects: must lie between 0 and 1".to_owned());
    }
    Ok(())
}

fn credits(output: &Output, model: &ModelCredits) -> Result<(), String> {
    let sound = |x: f64| x >= 0.0 && x.is_finite();
    for credit in &model.credits {
        let within = (0.0..=1.0).contains(&credit.share);
        if !(sound(credit.conversions) && sound(credit.value) && within) {
            return Err(format!("{}: out of range", credit.channel));
        }
    }
    let conversions: f64 = model.credits.iter().map(|credit| credit.conversions).sum();
    let value: f64 = model.credits.iter().map(|credit| credit.value).sum();
    for (name, sum, total) in [
        ("conversions", conversions, output.totals.conversions),
        ("value", value, output.totals.value),
    ] {
        // A millionth of rounding for each channel, and what floats lose in long sums.
        let slack = 1e-6 * (1.0 + model.credits.len() as f64) + 1e-9 * total;
        if (sum - total).abs() > slack {
            return Err(format!("{name} sum to {sum}, not to {total}"));
        }
    }
    Ok(())
}
