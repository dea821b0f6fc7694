//! The category that a user cares for most.

use std::collections::{BTreeMap, HashMap};

use baton_domain::Timestamp;
use baton_domain::profile::EventKind;

use crate::Input;

/// After so many days a sign of interest counts half.
const HALF_LIFE_DAYS: f64 = 90.0;

/// A category dominates from this share of all interest on.
const DOMINANT_SHARE: f64 = 1.0 / 3.0;

/// How much each bought item says, against one view. An order says it even where no event was kept.
const BOUGHT: f64 = 5.0;

/// How much a declared interest says, divided by its rank.
const DECLARED: f64 = 3.0;

/// The dominant category of the user's orders, events and declared interests, in the words of the
/// catalogue; none where interest is spread too thin, or where nothing names a known item.
pub fn dominant(input: &Input) -> Option<String> {
    let weights = weights(input);
    let total: f64 = weights.values().sum();
    // The map is sorted by name and ties keep the first, so that the answer is always the same.
    let best = weights
        .into_iter()
        .reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    (total > 0.0 && best.1 / total >= DOMINANT_SHARE).then(|| best.0.to_owned())
}

fn weights(input: &Input) -> BTreeMap<&str, f64> {
    let categories: HashMap<&str, &str> = input
        .items
        .iter()
        .map(|item| (item.item_id.as_str(), item.category.as_str()))
        .filter(|(_, category)| !category.is_empty())
        .collect();
    let mut weights = BTreeMap::new();
    let mut add = |item_id: &str, weight: f64| {
        if let Some(category) = categories.get(item_id) {
            *weights.entry(*category).or_insert(0.0) += weight;
        }
    };
    for order in &input.orders {
        let weight = BOUGHT * decay(order.at, input.as_of);
        order
            .item_ids
            .iter()
            .for_each(|item_id| add(item_id, weight));
    }
    for event in &input.events {
        if let Some(item_id) = &event.item_id {
            add(item_id, interest(event.kind) * decay(event.at, input.as_of));
        }
    }
    for (rank, interest) in input.interests.iter().enumerate() {
        let known = input
            .items
            .iter()
            .find(|item| item.category.eq_ignore_ascii_case(interest));
        if let Some(item) = known.filter(|item| !item.category.is_empty()) {
            *weights.entry(&item.category).or_insert(0.0) += DECLARED / (rank as f64 + 1.0);
        }
    }
    weights
}

/// How much an event says of the interest in its item's category. Purchases count as views, since
/// the order counts already; a dismissal says nothing for the category.
fn interest(kind: EventKind) -> f64 {
    match kind {
        EventKind::View | EventKind::Purchase => 1.0,
        EventKind::Click => 2.0,
        EventKind::AbandonCheckout => 3.0,
        EventKind::AddToCart => 4.0,
        EventKind::Dismiss => 0.0,
    }
}

fn decay(at: Timestamp, as_of: Timestamp) -> f64 {
    let days = as_of.duration_since(at).as_secs_f64() / 86_400.0;
    0.5_f64.powf(days.max(0.0) / HALF_LIFE_DAYS)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn dominant_of(orders: &Value, events: &Value, interests: &Value) -> Option<String> {
        let input = json!({
            "as_of": "2026-11-01T00:00:00Z", "orders": orders, "events": events,
            "interests": interests,
            "items": [
                {"item_id": "boot", "category": "footwear"},
                {"item_id": "tent", "category": "tents", "title": "tolerated"},
                {"item_id": "stove", "category": "cooking"},
                {"item_id": "mug", "category": "cups"},
            ],
        });
        dominant(&serde_json::from_value(input).unwrap())
    }

    #[test]
    fn recent_purchases_outweigh_old_ones() {
        let orders = json!([
            {"at": "2026-10-30T00:00:00Z", "total": 9, "item_ids": ["boot"]},
            {"at": "2025-01-30T00:00:00Z", "total": 9, "item_ids": ["tent"]},
            {"at": "2025-01-30T00:00:00Z", "total": 9, "item_ids": ["tent", "unknown"]},
        ]);
        assert_eq!(
            dominant_of(&orders, &json!([]), &json!([])).unwrap(),
            "footwear"
        );
    }

    #[test]
    fn interest_spread_thin_is_general() {
        let interests = json!([]);
        let events: Vec<Value> = ["boot", "tent", "stove", "mug"]
            .map(|item| json!({"at": "2026-10-30T00:00:00Z", "kind": "view", "item_id": item}))
            .to_vec();
        assert_eq!(dominant_of(&json!([]), &json!(events), &interests), None);
        assert_eq!(dominant_of(&json!([]), &json!([]), &interests), None);
    }

    #[test]
    fn declared_interests_count_when_nothing_else_does() {
        let found = dominant_of(&json!([]), &json!([]), &json!(["astronomy", "Tents"]));
        assert_eq!(found.unwrap(), "tents");
    }

    #[test]
    fn a_dismissal_speaks_for_nothing() {
        let events = json!([{"at": "2026-10-30T00:00:00Z", "kind": "dismiss", "item_id": "boot"}]);
        assert_eq!(dominant_of(&json!([]), &events, &json!([])), None);
    }
}
