//! How relevant each item is to a user, from 0 to 1, and why.

use std::collections::{HashMap, HashSet};

use baton_domain::profile::{Event, EventKind};
use baton_domain::{CatalogItem, Timestamp};

use crate::Input;
use crate::features::Features;

/// What the parts of relevance weigh when the user has a history or interests. They sum to 1.
const WARM: Weights = Weights {
    affinity: 0.60,
    segment: 0.15,
    popularity: 0.25,
};

/// The same for a user of whom nothing is known but perhaps the segment.
const COLD: Weights = Weights {
    affinity: 0.0,
    segment: 0.4,
    popularity: 0.6,
};

struct Weights {
    affinity: f64,
    segment: f64,
    popularity: f64,
}

/// After so many days an event counts half.
const HALF_LIFE_DAYS: f64 = 45.0;

/// How much one bought item says of its category and tags, against one view. An order says it even
/// where no event was kept.
const BOUGHT: f64 = 5.0;

/// How much a declared interest says, divided by its rank. It does not age.
const DECLARED: f64 = 6.0;

/// The reason of items that nothing but their popularity speaks for.
pub const POPULAR: &str = "popular with everyone";

/// The relevance of a list of items to one user.
#[derive(Debug, Clone)]
pub struct Relevance {
    /// By position: from 0 to 1.
    pub scores: Vec<f64>,
    /// By position: why it would be shown.
    pub reasons: Vec<String>,
    /// Positions of the items that may be shown, in the order of their ids: neither bought nor
    /// dismissed.
    pub candidates: Vec<usize>,
    /// Whether nothing was known that would set this user apart.
    pub cold_start: bool,
    evidence: f64,
}

impl Relevance {
    /// The relevance of `input.items`, whose features are `features`.
    pub fn of(input: &Input, features: &Features) -> Self {
        let taste = Taste::of(input, features);
        let weights = if taste.is_empty() { COLD } else { WARM };
        let most_popular = input.items.iter().map(popularity).fold(0.0, f64::max);
        let count = input.items.len();
        let (mut scores, mut reasons) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for (i, item) in input.items.iter().enumerate() {
            let cosine = taste.cosine(features.of(i));
            let segment = fit(item, input.segment.as_deref());
            let popular = if most_popular > 0.0 {
                popularity(item) / most_popular
            } else {
                0.0
            };
            let score = weights.affinity * cosine
                + weights.segment * segment
                + weights.popularity * popular;
            scores.push(score.clamp(0.0, 1.0));
            reasons.push(taste.reason(features, i, segment, input.segment.as_deref()));
        }
        Self {
            scores,
            reasons,
            candidates: candidates(input),
            cold_start: taste.is_empty(),
            evidence: taste.evidence,
        }
    }

    /// How sure the list is, from 0.3 (popularity alone) towards 0.9 as evidence gathers: half way at
    /// evidence worth ten recent views.
    pub fn confidence(&self) -> f64 {
        crate::round4(0.3 + 0.6 * self.evidence / (self.evidence + 10.0))
    }
}

fn popularity(item: &CatalogItem) -> f64 {
    item.popularity.clamp(0.0, 1.0)
}

/// 1 for an item that was made for the segment, 0 for one that was made for others, half for items
/// made for everyone and for users whose segment is not known.
fn fit(item: &CatalogItem, segment: Option<&str>) -> f64 {
    match segment {
        Some(segment) if item.segments.iter().any(|s| s == segment) => 1.0,
        Some(_) if !item.segments.is_empty() => 0.0,
        _ => 0.5,
    }
}

/// Positions of the items that the user has neither bought nor dismissed, by id; of items with the
/// same id the first.
fn candidates(input: &Input) -> Vec<usize> {
    let ordered = input.orders.iter().flat_map(|order| &order.item_ids);
    let closing = |event: &&Event| matches!(event.kind, EventKind::Purchase | EventKind::Dismiss);
    let closed = input.events.iter().filter(closing);
    let done: HashSet<&String> = ordered
        .chain(closed.filter_map(|event| event.item_id.as_ref()))
        .collect();
    let mut candidates: Vec<usize> = (0..input.items.len())
        .filter(|&i| !done.contains(&input.items[i].item_id))
        .collect();
    candidates.sort_by_key(|&i| &input.items[i].item_id);
    candidates.dedup_by_key(|i| &input.items[*i].item_id);
    candidates
}

/// What a user likes: a weight for each feature, negative for what was dismissed.
struct Taste {
    declared: HashSet<usize>,
    weights: Vec<f64>,
    evidence: f64,
}

impl Taste {
    fn of(input: &Input, features: &Features) -> Self {
        let mut taste = Self {
            declared: HashSet::new(),
            weights: vec![0.0; features.count()],
            evidence: 0.0,
        };
        let positions: HashMap<&str, usize> = (input.items.iter().enumerate())
            .map(|(i, item)| (item.item_id.as_str(), i))
            .collect();
        let mut learn = |item_id: &str, weight: f64| {
            let Some(&position) = positions.get(item_id) else {
                return;
            };
            taste.evidence += weight.abs();
            for &feature in features.of(position) {
                taste.weights[feature] += weight;
            }
        };
        for order in &input.orders {
            let weight = BOUGHT * decay(order.at, input.as_of);
            order
                .item_ids
                .iter()
                .for_each(|item_id| learn(item_id, weight));
        }
        for event in &input.events {
            let Some(item_id) = &event.item_id else {
                continue;
            };
            learn(item_id, interest(event.kind) * decay(event.at, input.as_of));
        }
        taste.declare(&input.interests, features);
        taste
    }

    fn declare(&mut self, interests: &[String], features: &Features) {
        for (rank, interest) in interests.iter().enumerate() {
            if let Some(feature) = features.find(interest) {
                let weight = DECLARED / (rank as f64 + 1.0);
                self.weights[feature] += weight;
                self.evidence += weight;
                self.declared.insert(feature);
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.weights.iter().all(|weight| *weight == 0.0)
    }

    /// Cosine of the taste and an item's features, from −1 to 1; 0 where either is empty.
    fn cosine(&self, item: &[usize]) -> f64 {
        let dot: f64 = item.iter().map(|feature| self.weights[*feature]).sum();
        let norm: f64 = self.weights.iter().map(|weight| weight * weight).sum();
        let length = (norm * item.len() as f64).sqrt();
        if length > 0.0 {
            (dot / length).clamp(-1.0, 1.0)
        } else {
            0.0
        }
    }

    fn reason(&self, features: &Features, i: usize, segment: f64, name: Option<&str>) -> String {
        let liked = features
            .of(i)
            .iter()
            .copied()
            .filter(|feature| self.weights[*feature] > 0.0);
        let most_liked = liked.reduce(|best, next| {
            let better = self.weights[next] > self.weights[best];
            if better { next } else { best }
        });
        match (most_liked, name) {
            (Some(feature), _) if self.declared.contains(&feature) => {
                format!("matches the interest in {}", features.name(feature))
            }
            (Some(feature), _) => {
                format!("follows recent activity around {}", features.name(feature))
            }
            (None, Some(name)) if segment > 0.5 => format!("made for the segment {name}"),
            (None, _) => POPULAR.to_owned(),
        }
    }
}

/// How much an event says of its item's category and tags. Purchases count as views, since the order
/// counts already.
fn interest(kind: EventKind) -> f64 {
    match kind {
        EventKind::View | EventKind::Purchase => 1.0,
        EventKind::Click => 2.0,
        EventKind::AbandonCheckout => 3.0,
        EventKind::AddToCart => 4.0,
        EventKind::Dismiss => -4.0,
    }
}

fn decay(at: Timestamp, as_of: Timestamp) -> f64 {
    let days = as_of.duration_since(at).as_secs_f64() / 86_400.0;
    0.5_f64.powf(days.max(0.0) / HALF_LIFE_DAYS)
}
