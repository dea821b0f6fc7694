//! What every output must fulfil before it leaves.

use crate::Output;

/// Checks ranges, order and finiteness.
pub(crate) fn output(output: &Output) -> Result<(), String> {
    for (field, chance) in [
        ("probability_alive", output.probability_alive),
        ("churn_probability", output.churn_probability),
        ("purchase_probability", output.purchase_probability),
    ] {
        if !(0.0..=1.0).contains(&chance) {
            return Err(format!("{field}: must lie between 0 and 1, got {chance}"));
        }
    }
    // Rounding may part by a little what is equal.
    if output.churn_probability + output.probability_alive < 1.0 - 2e-4 {
        return Err("churn_probability: nobody comes to life again".to_owned());
    }
    let purchases = output.expected_purchases;
    if !(purchases.is_finite() && purchases >= output.purchase_probability - 2e-4) {
        return Err(format!(
            "expected_purchases: {purchases} is fewer than likely"
        ));
    }
    let interval = output.interval;
    if interval.low > interval.high || !(interval.level > 0.0 && interval.level < 1.0) {
        return Err("interval: its ends or its level are out of order".to_owned());
    }
    Ok(())
}
