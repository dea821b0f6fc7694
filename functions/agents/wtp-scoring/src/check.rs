//! What every output must fulfil before it leaves.

use baton_domain::amount::MAX_AMOUNT;

use crate::{MIN_PRICE, Output};

/// Checks ranges, order and finiteness.
pub(crate) fn output(output: &Output) -> Result<(), String> {
    let interval = output.interval;
    for (field, amount) in [
        ("wtp", output.wtp),
        ("interval.low", interval.low),
        ("interval.high", interval.high),
    ] {
        if !(MIN_PRICE..=MAX_AMOUNT).contains(&amount) {
            return Err(format!("{field}: must be a price, got {amount}"));
        }
    }
    if !(interval.low <= output.wtp && output.wtp <= interval.high) {
        return Err(format!("interval: does not hold wtp {}", output.wtp));
    }
    if !(interval.level > 0.0 && interval.level < 1.0) {
        return Err("interval.level: must lie between 0 and 1".to_owned());
    }
    sources(output)?;
    acceptance(output)
}

fn sources(output: &Output) -> Result<(), String> {
    for (i, source) in output.sources.iter().enumerate() {
        let sound = (MIN_PRICE..=MAX_AMOUNT).contains(&source.estimate) && source.observations > 0;
        if !(sound && (0.0..=1.0).contains(&source.weight)) {
            return Err(format!(
                "sources[{i}]: an estimate, weight or count is out of range"
            ));
        }
    }
    let sum: f64 = output.sources.iter().map(|source| source.weight).sum();
    if !output.sources.is_empty() && (sum - 1.0).abs() > 1e-3 {
        return Err(format!("sources: weights must sum to 1, not {sum}"));
    }
    Ok(())
}

fn acceptance(output: &Output) -> Result<(), String> {
    let curve = &output.acceptance;
    if curve.is_empty() {
        return Err("acceptance: is empty".to_owned());
    }
    if !curve
        .iter()
        .all(|point| (0.0..=1.0).contains(&point.probability))
    {
        return Err("acceptance: a probability lies outside 0 to 1".to_owned());
    }
    for (i, pair) in curve.windows(2).enumerate() {
        let ascends = pair[0].price < pair[1].price;
        if !(ascends && pair[0].probability >= pair[1].probability) {
            return Err(format!(
                "acceptance[{}]: prices must ascend and probabilities not rise",
                i + 1
            ));
        }
    }
    Ok(())
}
