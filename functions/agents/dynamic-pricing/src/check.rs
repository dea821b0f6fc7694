//! What every output must fulfil before it leaves.

use crate::Output;

/// Checks bounds, order and finiteness.
pub(crate) fn output(output: &Output) -> Result<(), String> {
    amounts(output)?;
    if !(0.0..=1.0).contains(&output.discount) {
        return Err(format!(
            "discount: must be a share from 0 to 1, got {}",
            output.discount
        ));
    }
    if !output.open_tiers.contains(&output.tier) {
        return Err(format!("tier: {} is not open", output.tier));
    }
    if output.reasons.is_empty() {
        return Err("reasons: a price must say why".to_owned());
    }
    let levels = output.protection_levels.as_deref().unwrap_or_default();
    let sound = |level: &f64| level.is_finite() && *level >= 0.0;
    if !(levels.iter().all(sound) && levels.is_sorted()) {
        return Err("protection_levels: must be finite, 0 or more, and never decrease".to_owned());
    }
    Ok(())
}

fn amounts(output: &Output) -> Result<(), String> {
    let bounds = &output.bounds;
    let amounts = [
        ("price", output.price),
        ("list_price", output.list_price),
        ("bounds.floor", bounds.floor),
        ("bounds.ceiling", bounds.ceiling),
        ("bounds.lowest", bounds.lowest),
        ("bounds.highest", bounds.highest),
    ];
    for (field, amount) in amounts {
        if !(amount.is_finite() && amount >= 0.0) {
            return Err(format!(
                "{field}: must be 0 or more and finite, got {amount}"
            ));
        }
    }
    let ordered = [
        bounds.floor,
        bounds.lowest,
        output.price,
        bounds.highest,
        bounds.ceiling,
    ];
    if !ordered.is_sorted() {
        return Err(format!("price: {} breaks its bounds", output.price));
    }
    Ok(())
}
