//! What every output must fulfil before it leaves.

use crate::Output;

/// The largest amount that is believed: the largest order, ten thousand times.
const MAX_AMOUNT: f64 = 1e13;

/// Checks ranges, order and finiteness.
pub(crate) fn output(output: &Output) -> Result<(), String> {
    for (field, amount) in [
        ("amount", output.amount),
        ("mean_spend", output.mean_spend),
        ("interval.low", output.interval.low),
        ("interval.high", output.interval.high),
        ("expected_purchases", output.expected_purchases),
        ("discounted_purchases", output.discounted_purchases),
    ] {
        if !(0.0..=MAX_AMOUNT).contains(&amount) {
            return Err(format!("{field}: must be an amount, got {amount}"));
        }
    }
    if !(0.0..=1.0).contains(&output.probability_alive) {
        return Err("probability_alive: must lie between 0 and 1".to_owned());
    }
    if output.discounted_purchases > output.expected_purchases {
        return Err("discounted_purchases: are more than there are".to_owned());
    }
    let interval = output.interval;
    if interval.low > interval.high || !(interval.level > 0.0 && interval.level < 1.0) {
        return Err("interval: its ends or its level are out of order".to_owned());
    }
    Ok(())
}
