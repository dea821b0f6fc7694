//! Draws from Beta posteriors by a seeded generator: the same seed draws the same.

use crate::posterior::Posterior;

/// Steele, Lea & Flood's `SplitMix64` (2014): small, and the same in every version of everything.
#[derive(Debug, Clone)]
pub struct Draws {
    state: u64,
}

impl Draws {
    /// The draws of this seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform, above 0 and below 1.
    pub fn uniform(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Uniform from 0 to below `n`.
    pub fn index(&mut self, n: usize) -> usize {
        ((self.uniform() * n as f64) as usize).min(n.saturating_sub(1))
    }

    /// Standard normal, by Box & Muller (1958).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Gamma of this shape, by Marsaglia & Tsang (2000).
    fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let scale = self.uniform().powf(1.0 / shape);
            return scale * self.gamma(shape + 1.0);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && self.uniform().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }

    /// A rate from the posterior.
    pub fn rate(&mut self, posterior: Posterior) -> f64 {
        let (a, b) = (self.gamma(posterior.alpha), self.gamma(posterior.beta));
        a / (a + b)
    }

    /// Thompson's choice (1933): each rate is drawn once, the highest wins; with chance `floor` any
    /// of them is taken instead. None where there is none.
    pub fn choose(&mut self, posteriors: &[Posterior], floor: f64) -> Option<usize> {
        if posteriors.is_empty() {
            return None;
        }
        if self.uniform() < floor {
            return Some(self.index(posteriors.len()));
        }
        let rates: Vec<f64> = posteriors.iter().map(|p| self.rate(*p)).collect();
        (0..rates.len()).max_by(|a, b| rates[*a].total_cmp(&rates[*b]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_moments_of_the_beta() {
        for (alpha, beta) in [(0.5, 0.5), (1.0, 1.0), (3.0, 40.0), (500.0, 20.0)] {
            let posterior = Posterior { alpha, beta };
            let mut draws = Draws::new(7);
            let n = 40_000;
            let rates: Vec<f64> = (0..n).map(|_| draws.rate(posterior)).collect();
            let mean = rates.iter().sum::<f64>() / f64::from(n);
            let variance = rates.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / f64::from(n);
            let sum: f64 = alpha + beta;
            let expected = alpha * beta / (sum * sum * (sum + 1.0));
            let error = (expected / f64::from(n)).sqrt();
            assert!(
                (mean - posterior.mean()).abs() < 4.0 * error,
                "{alpha}, {beta}: {mean}"
            );
            assert!(
                (variance / expected - 1.0).abs() < 0.05,
                "{alpha}, {beta}: {variance}"
            );
        }
    }

    /// Thompson's choices follow the chances that the quadrature finds.
    #[test]
    fn choices_follow_the_chances() {
        let arms = [(12.0, 90.0), (15.0, 90.0), (9.0, 100.0)];
        let arms = arms.map(|(alpha, beta)| Posterior { alpha, beta });
        let chances = crate::posterior::standings(&arms);
        let mut draws = Draws::new(11);
        let mut counts = [0_u32; 3];
        for _ in 0..40_000 {
            counts[draws.choose(&arms, 0.0).unwrap()] += 1;
        }
        for (count, standing) in counts.iter().zip(&chances) {
            let share = f64::from(*count) / 40_000.0;
            assert!(
                (share - standing.chance_best).abs() < 0.01,
                "{share} {standing:?}"
            );
        }
    }
}
