//! The ranking, with a reason for each source.

use baton_domain::Money;
use baton_domain::research::{RankedSource, Ranking, Source};

use crate::gain::{self, Candidate, ONE};
use crate::greedy::{adds, compare_ratios};

/// The ranking of a choice: what is free first, then by value for the money.
pub fn ranking(candidates: &[Candidate], chosen: &[bool], left: Money) -> Ranking {
    let cost = Money::from_micro_usd(gain::cost(candidates, chosen));
    let remaining = Money::from_micro_usd(left.micro_usd().saturating_sub(cost.micro_usd()));
    let mut order: Vec<(usize, u64)> = (0..candidates.len())
        .map(|i| (i, adds_to_others(candidates, chosen, i)))
        .collect();
    order.sort_by(|&(a, gains_a), &(b, gains_b)| {
        let (one, other) = (&candidates[a], &candidates[b]);
        compare_ratios((gains_b, other.price), (gains_a, one.price))
            // Free ones have no ratio: they compare equal to all, and come first by price.
            .then_with(|| one.price.cmp(&other.price))
            .then_with(|| one.source.source_id.cmp(&other.source.source_id))
    });
    order.sort_by_key(|&(i, _)| candidates[i].price > 0);
    let ranked = order.into_iter().map(|(i, gains)| {
        let candidate = &candidates[i];
        let before = gain::before(candidates, chosen, i);
        let verdict = verdict(candidate, chosen[i], left, remaining);
        RankedSource {
            source: candidate.source.clone(),
            value: gains as f64 / ONE as f64,
            buy: chosen[i],
            reason: format!("{verdict} {}", grounds(candidate, before, gains)),
        }
    });
    Ranking {
        sources: ranked.collect(),
        cost,
    }
}

/// What a source adds to the others of the choice.
fn adds_to_others(candidates: &[Candidate], chosen: &[bool], at: usize) -> u64 {
    let mut others = chosen.to_vec();
    others[at] = false;
    adds(candidates, &others, at)
}

fn verdict(candidate: &Candidate, buy: bool, left: Money, remaining: Money) -> String {
    let price = candidate.source.price;
    match buy {
        true if price == Money::ZERO => "Taken, since it is free.".to_owned(),
        true => format!("To buy for {}.", usd(price)),
        false if price > left => {
            format!(
                "Not bought: {} is more than the {} left.",
                usd(price),
                usd(left)
            )
        }
        false if price > remaining => format!(
            "Not bought: others are worth more for the {} left, and {} of it remains for {}.",
            usd(left),
            usd(remaining),
            usd(price)
        ),
        false => format!("Not bought for {}: it would add nothing.", usd(price)),
    }
}

fn grounds(candidate: &Candidate, before: usize, gains: u64) -> String {
    let further = match before {
        0 => String::new(),
        1 => ", as the second source about the same company".to_owned(),
        n => format!(", after {n} better sources about the same company"),
    };
    format!(
        "Value {:.2}{further}: relevance {:.2}, and {:.0} % of what is asked expected in it.",
        gains as f64 / ONE as f64,
        candidate.relevance,
        candidate.coverage * 100.0
    )
}

/// Why a source is bought or not where only prices are known.
pub fn by_price(source: &Source, buy: bool, left: Money) -> String {
    match buy {
        true if source.price == Money::ZERO => "Taken, since it is free.".to_owned(),
        true => format!("To buy for {}: one of the cheapest.", usd(source.price)),
        false => format!(
            "Not bought: cheaper ones come first, and {} does not reach for {} more.",
            usd(left),
            usd(source.price)
        ),
    }
}

/// A sum as people read it: to the cent, or to the millionth where cents do not tell.
fn usd(sum: Money) -> String {
    if sum.micro_usd().is_multiple_of(10_000) {
        format!("{:.2} USD", sum.usd())
    } else {
        format!("{:.6} USD", sum.usd())
    }
}
