//! What every output must fulfil before it leaves.

use std::collections::HashSet;

use crate::{MAX_LIMIT, Output};

/// Checks counts, ranges and that no item stands twice.
pub(crate) fn output(output: &Output) -> Result<(), String> {
    if output.items.len() > MAX_LIMIT {
        return Err(format!("items: more than {MAX_LIMIT}"));
    }
    if !(0.0..=1.0).contains(&output.diversity) {
        return Err(format!(
            "diversity: must lie between 0 and 1, got {}",
            output.diversity
        ));
    }
    let mut seen = HashSet::new();
    for (i, item) in output.items.iter().enumerate() {
        if !seen.insert(&item.item_id) {
            return Err(format!("items[{i}].item_id: {} stands twice", item.item_id));
        }
        if !(0.0..=1.0).contains(&item.score) {
            return Err(format!(
                "items[{i}].score: must lie between 0 and 1, got {}",
                item.score
            ));
        }
        if item.reason.is_empty() {
            return Err(format!("items[{i}].reason: is empty"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Recommendation;

    fn answer() -> Output {
        let item = |item_id: &str| Recommendation {
            item_id: item_id.to_owned(),
            title: "T".to_owned(),
            score: 0.5,
            reason: "popular".to_owned(),
        };
        Output {
            items: vec![item("a"), item("b")],
            cold_start: false,
            diversity: 0.5,
        }
    }

    #[test]
    fn what_breaks_a_rule_is_named() {
        assert_eq!(output(&answer()), Ok(()));
        let mut bad = answer();
        bad.items[1].score = f64::NAN;
        assert!(output(&bad).unwrap_err().starts_with("items[1].score"));
        let mut bad = answer();
        bad.items[1].item_id = "a".to_owned();
        assert!(output(&bad).unwrap_err().contains("twice"));
        let mut bad = answer();
        bad.diversity = 1.1;
        assert!(output(&bad).unwrap_err().starts_with("diversity"));
    }
}
