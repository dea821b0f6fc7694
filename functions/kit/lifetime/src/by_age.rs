//! What is expected of many customers, without summing for each of them.
//!
//! Among customers with as many repeat purchases, what a model expects depends on their age alone, and
//! smoothly: on ln(α + t) it is analytic. So where many share a number of purchases, the sums are made
//! at some thirty ages and a Chebyshev interpolant answers for the others. It is taken only where its
//! last coefficients have vanished ([`TOLERANCE`]), so that nobody can tell it from the sums.

use std::f64::consts::PI;

use crate::predict::Survival;
use crate::summary::MAX_REPEATS;
use crate::{BgNbd, Summary};

/// How many ages are summed for an interpolant.
const NODES: usize = 32;

/// From so many customers on, an interpolant is quicker than the sums.
const WORTH_IT: u32 = 3 * NODES as u32;

/// What the last coefficients of an interpolant may be, relative to its largest value.
const TOLERANCE: f64 = 1e-12;

/// `K` expectations of customers who are alive, by their purchases and age.
pub(crate) struct ByAge<const K: usize, F> {
    model: BgNbd,
    exact: F,
    ages: (f64, f64),
    /// How many customers have so many repeat purchases.
    counts: Vec<u32>,
    known: Vec<Option<Box<Known<K>>>>,
}

/// What is known of customers with so many purchases.
struct Known<const K: usize> {
    survival: Survival,
    curve: Option<Chebyshev<K>>,
}

impl<const K: usize, F: FnMut(&BgNbd, &mut Survival) -> [f64; K]> ByAge<K, F> {
    /// Expectations for these customers; `exact` sums them for a customer who is alive.
    pub(crate) fn new(model: &BgNbd, customers: &[Summary], exact: F) -> Self {
        let most = customers.iter().map(|one| one.x.min(MAX_REPEATS)).max();
        let mut counts = vec![0; most.map_or(0, |most| most as usize + 1)];
        let (mut youngest, mut oldest) = (f64::INFINITY, f64::NEG_INFINITY);
        for one in customers {
            if let Some(count) = counts.get_mut(one.x as usize) {
                *count += 1;
            }
            youngest = youngest.min(one.t);
            oldest = oldest.max(one.t);
        }
        let known = counts.iter().map(|_| None).collect();
        Self {
            model: *model,
            exact,
            ages: (youngest, oldest),
            counts,
            known,
        }
    }

    /// The expectations of one of the customers, were they alive.
    pub(crate) fn of(&mut self, customer: &Summary) -> [f64; K] {
        let given = self.model.given_alive(customer);
        let at = customer.x as usize;
        let Some(known) = self.known.get_mut(at) else {
            return (self.exact)(&given, &mut Survival::new(given.a, given.b));
        };
        let known = known.get_or_insert_with(|| {
            let mut survival = Survival::new(given.a, given.b);
            let curve = if self.counts[at] < WORTH_IT {
                None
            } else {
                let (youngest, oldest) = self.ages;
                let age = |t: f64| (self.model.alpha + t).ln();
                Chebyshev::of(age(youngest), age(oldest), |log_age| {
                    let alpha = log_age.exp();
                    (self.exact)(&BgNbd { alpha, ..given }, &mut survival)
                })
            };
            Box::new(Known { survival, curve })
        });
        match &known.curve {
            Some(curve) => curve.at(given.alpha.ln()),
            None => (self.exact)(&given, &mut known.survival),
        }
    }
}

/// `K` functions of one number as Chebyshev series.
#[derive(Debug)]
struct Chebyshev<const K: usize> {
    middle: f64,
    half: f64,
    coefficients: Vec<[f64; K]>,
}

impl<const K: usize> Chebyshev<K> {
    /// Interpolates functions between two points; none where they are not smooth enough.
    fn of(from: f64, to: f64, mut functions: impl FnMut(f64) -> [f64; K]) -> Option<Self> {
        let middle = f64::midpoint(from, to);
        // A range of no width would divide by zero.
        let half = ((to - from) / 2.0).max(1e-9);
        let angle = |node: usize| PI * (node as f64 + 0.5) / NODES as f64;
        let values: Vec<[f64; K]> = (0..NODES)
            .map(|node| functions(middle + half * angle(node).cos()))
            .collect();
        let coefficient = |degree: usize| {
            let mut sums = [0.0; K];
            for (node, values) in values.iter().enumerate() {
                let weight = (degree as f64 * angle(node)).cos();
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum += weight * value;
                }
            }
            let scale = if degree == 0 { 1.0 } else { 2.0 } / NODES as f64;
            sums.map(|sum| scale * sum)
        };
        let mut coefficients: Vec<[f64; K]> = (0..NODES).map(coefficient).collect();
        let largest = |k: usize| values.iter().fold(0.0, |most: f64, v| most.max(v[k].abs()));
        let scales: [f64; K] = std::array::from_fn(|k| largest(k).max(f64::MIN_POSITIVE));
        let vanishes = |row: &[f64; K]| {
            let mut relative = row.iter().zip(scales).map(|(c, scale)| c.abs() / scale);
            relative.all(|c| c <= TOLERANCE)
        };
        if !coefficients[NODES - 4..].iter().all(vanishes) {
            return None;
        }
        let last = coefficients.iter().rposition(|row| !vanishes(row));
        // Two more than the last that matters, to stay well below the tolerance.
        coefficients.truncate(last.map_or(1, |last| (last + 3).min(NODES)));
        Some(Self {
            middle,
            half,
            coefficients,
        })
    }

    /// The functions at a point, by Clenshaw's recurrence.
    fn at(&self, x: f64) -> [f64; K] {
        let y = (x - self.middle) / self.half;
        let (mut next, mut after) = ([0.0; K], [0.0; K]);
        for row in self.coefficients[1..].iter().rev() {
            for k in 0..K {
                let sum = 2.0 * y * next[k] - after[k] + row[k];
                (next[k], after[k]) = (sum, next[k]);
            }
        }
        std::array::from_fn(|k| y * next[k] - after[k] + self.coefficients[0][k])
    }
}

#[cfg(test)]
#[path = "by_age_tests.rs"]
mod tests;
