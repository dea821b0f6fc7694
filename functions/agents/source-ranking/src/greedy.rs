//! A good set where the best one would take too long: again and again the source that adds most for
//! its cost and still fits; or what is free and the best single source, if that is worth more.
//!
//! A larger budget never gets less. Where two budgets first differ, the larger one takes a source
//! that the smaller one cannot pay: all that the smaller one can still add has at most the ratio of
//! that source and costs less.

use std::cmp::Ordering;

use baton_domain::Money;

use crate::gain::{Candidate, after, before, cost, worth};

/// Which candidates to take with `left` to spend. What is free is taken.
pub fn choose(candidates: &[Candidate], left: Money) -> Vec<bool> {
    let free: Vec<bool> = candidates
        .iter()
        .map(|candidate| candidate.price == 0)
        .collect();
    let left = left.micro_usd();
    let by_ratio = by_ratio(candidates, &free, left);
    let single = best_single(candidates, &free, left);
    if worth(candidates, &single) > worth(candidates, &by_ratio) {
        single
    } else {
        by_ratio
    }
}

fn by_ratio(candidates: &[Candidate], free: &[bool], left: u64) -> Vec<bool> {
    let mut chosen = free.to_vec();
    let mut open: Vec<usize> = (0..candidates.len()).filter(|&i| !free[i]).collect();
    let mut spent = cost(candidates, &chosen);
    while !open.is_empty() {
        let gains: Vec<u64> = open.iter().map(|&i| adds(candidates, &chosen, i)).collect();
        // Among equal ratios the first in order is taken.
        let best = (0..open.len()).reduce(|best, other| {
            let ratio = |at: usize| (gains[at], candidates[open[at]].price);
            if compare_ratios(ratio(other), ratio(best)).is_gt() {
                other
            } else {
                best
            }
        });
        let Some(best) = best.filter(|&best| gains[best] > 0) else {
            break;
        };
        let source = open.remove(best);
        if spent + candidates[source].price <= left {
            spent += candidates[source].price;
            chosen[source] = true;
        }
    }
    chosen
}

fn best_single(candidates: &[Candidate], free: &[bool], left: u64) -> Vec<bool> {
    let fits = (0..candidates.len()).filter(|&i| !free[i] && candidates[i].price <= left);
    let best = fits.reduce(|best, other| {
        let adds = |i: usize| adds(candidates, free, i);
        if adds(other) > adds(best) {
            other
        } else {
            best
        }
    });
    let mut chosen = free.to_vec();
    if let Some(best) = best {
        chosen[best] = true;
    }
    chosen
}

/// What a source adds to a set: its own worth, less what those about the same company lose that
/// come after it.
pub fn adds(candidates: &[Candidate], chosen: &[bool], at: usize) -> u64 {
    let place = before(candidates, chosen, at);
    let company = &candidates[at].company;
    let later = (at + 1..candidates.len()).take_while(|&i| candidates[i].company == *company);
    let loses = later.filter(|&i| chosen[i]).enumerate().map(|(k, i)| {
        let base = candidates[i].base;
        after(base, place + k) - after(base, place + k + 1)
    });
    after(candidates[at].base, place).saturating_sub(loses.sum())
}

/// Compares worth per cost without dividing.
pub fn compare_ratios(a: (u64, u64), b: (u64, u64)) -> Ordering {
    let left = u128::from(a.0) * u128::from(b.1);
    left.cmp(&(u128::from(b.0) * u128::from(a.1)))
}
