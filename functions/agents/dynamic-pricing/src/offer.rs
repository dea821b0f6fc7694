//! From a policy and a belief to one offer.

use crate::bounds::Bounds;
use crate::emsr::{Fare, protection_levels};
use crate::revenue::Acceptance;
use crate::{Bound, Error, FallbackInput, Input, Output, Reason};
use baton_domain::{PricePolicy, PriceTier};

/// An offer and how it came about.
pub(crate) struct Offer {
    pub(crate) output: Output,
    pub(crate) confidence: f64,
    pub(crate) warnings: Vec<String>,
}

/// How sure an offer is that knows nothing of the user's willingness to pay.
const BLIND_CONFIDENCE: f64 = 0.5;

/// A tier that may be offered, at the price that this user would pay.
#[derive(Debug, Clone, Copy)]
struct Candidate<'a> {
    tier: &'a PriceTier,
    price: f64,
}

/// The tier of the highest expected revenue among those that the policy leaves open.
pub(crate) fn best(input: &Input) -> Result<Offer, Error> {
    let policy = &input.policy;
    if policy.capacity == Some(0) {
        return Err(sold_out());
    }
    let bounds = Bounds::new(policy, input.last_price)?;
    let mut story = Story::default();
    let tiers = by_price(policy);
    let discount = segment_discount(input, &mut story);
    let reachable = reachable(&tiers, &bounds, discount, &mut story)?;
    let levels = levels(policy, &tiers, &mut story);
    let open = unprotected(policy, &tiers, levels.as_deref(), reachable, &mut story);
    let (chosen, confidence) = choose(input, &open, &mut story);
    let price = bounds.round(chosen.price);
    Ok(Offer {
        output: Output {
            open_tiers: open.iter().map(|c| c.tier.name.clone()).collect(),
            protection_levels: levels.map(|levels| levels.into_iter().map(round4).collect()),
            reasons: story.reasons,
            ..describe(policy, &input.currency, &chosen.tier.name, price, &bounds)
        },
        confidence,
        warnings: story.warnings,
    })
}

/// The list tier, moved as far as the bounds ask.
pub(crate) fn list(input: &FallbackInput) -> Result<Output, Error> {
    let policy = &input.policy;
    if policy.capacity == Some(0) {
        return Err(sold_out());
    }
    let bounds = Bounds::new(policy, input.last_price)?;
    let wanted = list_price(policy);
    let price = bounds.round(bounds.clamp(wanted));
    let mut story = Story::default();
    story.tell(
        "list_tier",
        format!("the list tier {} costs {wanted:.2}", policy.list_tier),
    );
    if wanted < bounds.lowest {
        story.tell(bounds.lower().name(), format!("raised to {price:.2}"));
    } else if wanted > bounds.highest {
        story.tell(bounds.upper().name(), format!("lowered to {price:.2}"));
    }
    Ok(Output {
        reasons: story.reasons,
        ..describe(policy, &input.currency, &policy.list_tier, price, &bounds)
    })
}

/// What shaped the price, in order, and what a reader should know.
#[derive(Default)]
struct Story {
    reasons: Vec<Reason>,
    warnings: Vec<String>,
}

impl Story {
    fn tell(&mut self, rule: &str, effect: String) {
        let rule = rule.to_owned();
        self.reasons.push(Reason { rule, effect });
    }
}

fn sold_out() -> Error {
    Error::NoOffer {
        bound: Bound::Capacity,
        detail: "no unit is left to sell".to_owned(),
    }
}

/// The tiers from dear to cheap; equal prices by name, so that the order is always the same.
fn by_price(policy: &PricePolicy) -> Vec<&PriceTier> {
    let mut tiers: Vec<&PriceTier> = policy.tiers.iter().collect();
    tiers.sort_by(|a, b| {
        let dear_first = b.price.value().total_cmp(&a.price.value());
        dear_first.then_with(|| a.name.cmp(&b.name))
    });
    tiers
}

fn list_price(policy: &PricePolicy) -> f64 {
    let list = policy
        .tiers
        .iter()
        .find(|tier| tier.name == policy.list_tier);
    list.map_or(policy.ceiling.value(), |tier| tier.price.value())
}

fn segment_discount(input: &Input, story: &mut Story) -> f64 {
    let segment = input.segment.as_deref().unwrap_or_default();
    let discount = input.policy.segment_discounts.get(segment).copied();
    let discount = discount.unwrap_or(0.0);
    if discount > 0.0 {
        let percent = discount * 100.0;
        story.tell(
            "segment_discount",
            format!("{percent:.0} % off every tier for {segment}"),
        );
    }
    discount
}

/// The tiers whose price, discounted, lies within the bounds. A discount is cut at the lower bound;
/// a tier that lies below it even without one is closed.
fn reachable<'a>(
    tiers: &[&'a PriceTier],
    bounds: &Bounds,
    discount: f64,
    story: &mut Story,
) -> Result<Vec<Candidate<'a>>, Error> {
    let price = |tier: &PriceTier| tier.price.value() * (1.0 - discount);
    let all = tiers.iter().copied();
    let (too_dear, rest): (Vec<&'a PriceTier>, Vec<&'a PriceTier>) =
        all.partition(|tier| price(tier) > bounds.highest);
    let (open, too_cheap): (Vec<&'a PriceTier>, Vec<&'a PriceTier>) = rest
        .into_iter()
        .partition(|tier| tier.price.value() >= bounds.lowest);
    tell_closed(&too_dear, &too_cheap, bounds, story);
    if open.is_empty() {
        return Err(nothing_open(&too_dear, bounds));
    }
    if let Some(tier) = open.iter().find(|tier| price(tier) < bounds.lowest) {
        let effect = format!("cuts the discount of {} at {:.2}", tier.name, bounds.lowest);
        story.tell(bounds.lower().name(), effect);
    }
    let candidate = |tier: &'a PriceTier| Candidate {
        tier,
        price: price(tier).max(bounds.lowest),
    };
    Ok(open.into_iter().map(candidate).collect())
}

fn tell_closed(dear: &[&PriceTier], cheap: &[&PriceTier], bounds: &Bounds, story: &mut Story) {
    if !dear.is_empty() {
        let effect = format!("closes {}: at most {:.2}", names(dear), bounds.highest);
        story.tell(bounds.upper().name(), effect);
    }
    if !cheap.is_empty() {
        let effect = format!("closes {}: at least {:.2}", names(cheap), bounds.lowest);
        story.tell(bounds.lower().name(), effect);
    }
}

fn nothing_open(too_dear: &[&PriceTier], bounds: &Bounds) -> Error {
    let bound = if too_dear.is_empty() {
        bounds.lower()
    } else {
        bounds.upper()
    };
    let (lowest, highest) = (bounds.lowest, bounds.highest);
    Error::NoOffer {
        bound,
        detail: format!("none lies between {lowest:.2} and {highest:.2}"),
    }
}

fn names(tiers: &[&PriceTier]) -> String {
    let names: Vec<&str> = tiers.iter().map(|tier| tier.name.as_str()).collect();
    names.join(", ")
}

/// Protection levels of all tiers from dear to cheap, where units are limited and every tier's
/// demand is known.
fn levels(policy: &PricePolicy, tiers: &[&PriceTier], story: &mut Story) -> Option<Vec<f64>> {
    policy.capacity?;
    let fare = |tier: &&PriceTier| {
        // Beyond a billion units a demand is a mistake; bounding it keeps the sums finite.
        let demand = tier.demand?;
        Some(Fare {
            price: tier.price.value(),
            mean: demand.mean.min(1e9),
            std_dev: demand.std_dev.min(1e9),
        })
    };
    let fares: Option<Vec<Fare>> = tiers.iter().map(fare).collect();
    if fares.is_none() {
        let warning = "capacity is ignored: not every tier has a demand".to_owned();
        story.warnings.push(warning);
    }
    fares.map(|fares| protection_levels(&fares))
}

/// The reachable tiers that the protection levels leave open: a tier is open while more units are
/// left than are kept for the dearer ones.
fn unprotected<'a>(
    policy: &PricePolicy,
    tiers: &[&PriceTier],
    levels: Option<&[f64]>,
    reachable: Vec<Candidate<'a>>,
    story: &mut Story,
) -> Vec<Candidate<'a>> {
    let (Some(levels), Some(capacity)) = (levels, policy.capacity) else {
        return reachable;
    };
    let kept_for_dearer = tiers.iter().skip(1).zip(levels);
    let closed: Vec<&str> = kept_for_dearer
        .filter(|(_, kept)| f64::from(capacity) <= **kept)
        .map(|(tier, _)| tier.name.as_str())
        .collect();
    let is_closed = |candidate: &Candidate| closed.contains(&candidate.tier.name.as_str());
    let (shut, open): (Vec<_>, Vec<_>) = reachable.into_iter().partition(is_closed);
    if shut.is_empty() {
        return open;
    }
    let shut_tiers: Vec<&PriceTier> = shut.iter().map(|candidate| candidate.tier).collect();
    let effect = format!("closes {}: {capacity} units are left", names(&shut_tiers));
    story.tell("protection_levels", effect);
    if open.is_empty() {
        // The step keeps this user from the tiers that are open; the dearest within it is the
        // closest to what scarcity asks for.
        let effect = format!(
            "reopens {}: no other tier is one step away",
            shut[0].tier.name
        );
        story.tell("max_step", effect);
        return shut.into_iter().take(1).collect();
    }
    open
}

/// The best of one or more candidates, and how sure that is.
fn choose<'a>(input: &Input, open: &[Candidate<'a>], story: &mut Story) -> (Candidate<'a>, f64) {
    let acceptance = input.wtp.and_then(Acceptance::new);
    if input.wtp.is_some() && acceptance.is_none() {
        let warning = "the willingness to pay is ignored: its interval must be above 0 and ordered";
        story.warnings.push(warning.to_owned());
    }
    let Some(acceptance) = acceptance else {
        return (nearest_to_list(input, open, story), BLIND_CONFIDENCE);
    };
    let worth = |candidate: &Candidate| acceptance.expected_revenue(candidate.price);
    // From cheap to dear, and only a higher worth wins: of equals the user gets the cheaper.
    let mut ranked: Vec<Candidate> = open.iter().rev().copied().collect();
    ranked.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
    let best = ranked[0];
    let effect = format!(
        "{} is worth most: {:.2} is accepted with {:.0} %, which makes {:.2}",
        best.tier.name,
        best.price,
        acceptance.at(best.price) * 100.0,
        worth(&best),
    );
    story.tell("expected_revenue", effect);
    let second = ranked.get(1).map_or(0.0, worth);
    let lead = if worth(&best) > 0.0 {
        1.0 - second / worth(&best)
    } else {
        0.0
    };
    (best, round4(0.5 + 0.5 * lead))
}

fn nearest_to_list<'a>(input: &Input, open: &[Candidate<'a>], story: &mut Story) -> Candidate<'a> {
    let list = list_price(&input.policy);
    let is_list = |candidate: &Candidate| candidate.tier.name == input.policy.list_tier;
    let distance = |candidate: &Candidate| {
        let far = (candidate.tier.price.value() - list).abs();
        if is_list(candidate) { -1.0 } else { far }
    };
    let cheap_first = open.iter().rev().copied();
    let nearest = cheap_first
        .reduce(|best, next| {
            if distance(&next) < distance(&best) {
                next
            } else {
                best
            }
        })
        .unwrap_or(open[0]);
    let effect = if is_list(&nearest) {
        "the list tier is offered: the willingness to pay is not known".to_owned()
    } else {
        format!(
            "{} is the open tier nearest to the list price",
            nearest.tier.name
        )
    };
    story.tell("list_tier", effect);
    nearest
}

fn describe(
    policy: &PricePolicy,
    currency: &str,
    tier: &str,
    price: f64,
    bounds: &Bounds,
) -> Output {
    let list_price = list_price(policy);
    let below = if list_price > 0.0 {
        1.0 - price / list_price
    } else {
        0.0
    };
    Output {
        tier: tier.to_owned(),
        price,
        list_price,
        currency: currency.to_owned(),
        discount: round4(below.clamp(0.0, 1.0)),
        reasons: Vec::new(),
        bounds: bounds.report(),
        open_tiers: vec![tier.to_owned()],
        protection_levels: None,
    }
}

fn round4(number: f64) -> f64 {
    (number * 1e4).round() / 1e4
}
