//! Gauss–Legendre quadrature of sixteen nodes, with the integrals from the left end to each node.
//!
//! The nodes are the roots of the Legendre polynomial, found by Newton's method; the partial
//! integrals are those of the polynomial through the nodes (Golub & Welsch 1969 for the rule;
//! `∫ P_l = (P_{l+1} − P_{l−1}) / (2l + 1)` for the rest).

/// How many nodes a panel has.
pub const NODES: usize = 16;

/// The rule on a panel from −1 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Where the function is looked at, ascending.
    pub nodes: [f64; NODES],
    /// What each value counts in the integral over the panel.
    pub weights: [f64; NODES],
    /// What each value counts in the integral up to a node.
    pub partial: [[f64; NODES]; NODES],
}

impl Rule {
    /// Computes the rule.
    pub fn new() -> Self {
        let mut nodes = [0.0; NODES];
        let mut weights = [0.0; NODES];
        for (i, (node, weight)) in nodes.iter_mut().zip(&mut weights).enumerate() {
            let (x, slope) = root(i);
            *node = x;
            *weight = 2.0 / ((1.0 - x * x) * slope * slope);
        }
        let values = nodes.map(legendre);
        let mut partial = [[0.0; NODES]; NODES];
        for (row, upto) in partial.iter_mut().zip(&values) {
            for (m, cell) in row.iter_mut().enumerate() {
                let mut sum = upto[1] + 1.0;
                for l in 1..NODES {
                    sum += values[m][l] * (upto[l + 1] - upto[l - 1]);
                }
                *cell = 0.5 * weights[m] * sum;
            }
        }
        Self {
            nodes,
            weights,
            partial,
        }
    }
}

impl Default for Rule {
    fn default() -> Self {
        Self::new()
    }
}

/// The Legendre polynomials of degree 0 to 16 at `x`.
fn legendre(x: f64) -> [f64; NODES + 1] {
    let mut values = [1.0; NODES + 1];
    values[1] = x;
    for l in 1..NODES {
        let degree = l as f64;
        values[l + 1] =
            ((2.0 * degree + 1.0) * x * values[l] - degree * values[l - 1]) / (degree + 1.0);
    }
    values
}

/// The root of this number, ascending, and the slope of the polynomial there.
fn root(i: usize) -> (f64, f64) {
    let count = NODES as f64;
    let mut x = -(std::f64::consts::PI * (i as f64 + 0.75) / (count + 0.5)).cos();
    let mut slope = 1.0;
    // Newton doubles the right digits in each step; the first guess has two.
    for _ in 0..8 {
        let values = legendre(x);
        slope = count * (x * values[NODES] - values[NODES - 1]) / (x * x - 1.0);
        x -= values[NODES] / slope;
    }
    (x, slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_are_integrated_exactly_in_whole_and_in_part() {
        let rule = Rule::new();
        let f = |x: f64| 5.0 * x.powi(4) + 3.0 * x * x - 1.0;
        let whole = |x: f64| x.powi(5) + x.powi(3) - x;
        let values = rule.nodes.map(f);
        let sum = |weights: &[f64; NODES]| -> f64 {
            weights.iter().zip(&values).map(|(w, v)| w * v).sum()
        };
        assert!((sum(&rule.weights) - (whole(1.0) - whole(-1.0))).abs() < 1e-13);
        for (node, row) in rule.nodes.iter().zip(&rule.partial) {
            assert!(
                (sum(row) - (whole(*node) - whole(-1.0))).abs() < 1e-13,
                "{node}"
            );
        }
        assert!(
            (rule.nodes[15] - 0.989_400_934_991_649_9).abs() < 1e-14,
            "Abramowitz & Stegun 25.4"
        );
    }
}
