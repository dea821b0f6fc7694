//! What n purchases of a customer cost together: beta prime with np and q, as a multiple of γ.

use statrs::function::beta::checked_beta_reg;

use crate::{GammaGamma, Summary};

/// The distribution functions for n = 1, 2, …, at multiples whose logarithms are evenly spaced. They are
/// found where they are asked for.
#[derive(Debug)]
pub(super) struct Costs {
    p: f64,
    q: f64,
    /// A row for each n; a figure that was not asked for yet is no number.
    rows: Vec<Vec<f64>>,
}

/// The points of the table.
const POINTS: usize = 512;

/// The logarithms of the least and the greatest multiple: a millionth, and a million.
const ENDS: (f64, f64) = (-14.0, 14.0);

impl Costs {
    /// The table of customers with as many purchases as this one.
    pub(super) fn new(spend: &GammaGamma, customer: &Summary) -> Self {
        Self {
            p: spend.p,
            q: spend.given(customer).0,
            rows: Vec::new(),
        }
    }

    /// The chance that n purchases cost no more than the multiple at a point.
    pub(super) fn at_most(&mut self, n: usize, point: usize) -> f64 {
        while self.rows.len() <= n {
            self.rows.push(Vec::new());
        }
        let row = &mut self.rows[n];
        if row.is_empty() {
            row.resize(POINTS, f64::NAN);
        }
        if row[point].is_nan() {
            let share = 1.0 / (1.0 + (-logarithm(point as f64)).exp());
            let found = checked_beta_reg(self.p * n as f64, self.q, share);
            row[point] = found.unwrap_or(0.0);
        }
        row[point]
    }

    /// The multiple below which a share `level` lies, by halving and a straight line between
    /// neighbours; none where it lies outside of the table.
    pub(super) fn quantile(
        &mut self,
        level: f64,
        below: impl Fn(&mut Self, usize) -> f64,
    ) -> Option<f64> {
        let (mut low, mut high) = (0, POINTS - 1);
        let (mut at_low, mut at_high) = (below(self, low), below(self, high));
        if !(at_low < level && at_high >= level) {
            return None;
        }
        while high - low > 1 {
            let middle = low.midpoint(high);
            let at = below(self, middle);
            if at < level {
                (low, at_low) = (middle, at);
            } else {
                (high, at_high) = (middle, at);
            }
        }
        let between = (level - at_low) / (at_high - at_low);
        Some(logarithm(low as f64 + between).exp())
    }
}

fn logarithm(point: f64) -> f64 {
    ENDS.0 + (ENDS.1 - ENDS.0) * point / (POINTS - 1) as f64
}
