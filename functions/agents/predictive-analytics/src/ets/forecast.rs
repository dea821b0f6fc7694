//! What a fitted model expects, and within which bounds.

use statrs::distribution::{ContinuousCDF, Normal};

use super::{ErrorKind, Fit, Season};

/// How many futures are drawn where no formula holds, each with its mirror image.
const FUTURES: usize = 2_500;

/// The lower and upper bounds of one level, for each period ahead.
pub type Bounds = Vec<(f64, f64)>;

impl Fit {
    /// What is expected of the next `horizon` periods.
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        let (mut level, mut slope) = (self.last.level, self.last.slope);
        let ahead = |h: usize| {
            slope *= self.smoothing.phi;
            level += slope;
            let phase = (self.fitted.len() + h) % self.season;
            match self.spec.season {
                Season::None => level,
                Season::Additive => level + self.last.seasons[phase],
                Season::Multiplicative => level * self.last.seasons[phase],
            }
        };
        (0..horizon).map(ahead).collect()
    }

    /// For each of `levels`, above 0 and below 1, the interval that holds the next `horizon`
    /// periods so often. By formula where errors and season are additive (Hyndman and others 2008,
    /// section 6.1), else from drawn futures, which are the same whenever they are drawn.
    pub fn intervals(&self, horizon: usize, levels: &[f64]) -> Vec<Bounds> {
        let linear =
            self.spec.error == ErrorKind::Additive && self.spec.season != Season::Multiplicative;
        if linear {
            let deviations = self.deviations(horizon);
            let expected = self.forecast(horizon);
            let bounds = |level: &f64| {
                let z = Normal::standard().inverse_cdf(f64::midpoint(1.0, *level));
                let pairs = expected.iter().zip(&deviations);
                pairs.map(|(y, sd)| (y - z * sd, y + z * sd)).collect()
            };
            return levels.iter().map(bounds).collect();
        }
        let futures = self.futures(horizon);
        let quantiles = |level: &f64| {
            let tail = (1.0 - level) / 2.0;
            let bounds = |drawn: &Vec<f64>| (quantile(drawn, tail), quantile(drawn, 1.0 - tail));
            futures.iter().map(bounds).collect()
        };
        levels.iter().map(quantiles).collect()
    }

    /// The standard deviation of each period ahead under additive errors.
    fn deviations(&self, horizon: usize) -> Vec<f64> {
        let by = &self.smoothing;
        let (mut sum, mut damped, mut power) = (1.0, 0.0, 1.0);
        let ahead = |h: usize| {
            let deviation = self.sigma * f64::sqrt(sum);
            power *= by.phi;
            damped += power;
            let round = (h + 1).is_multiple_of(self.season) && self.spec.season != Season::None;
            let weight = by.alpha + by.beta * damped + if round { by.gamma } else { 0.0 };
            sum += weight * weight;
            deviation
        };
        (0..horizon).map(ahead).collect()
    }

    /// Drawn values of each period ahead, ascending.
    fn futures(&self, horizon: usize) -> Vec<Vec<f64>> {
        let mut drawn = vec![Vec::with_capacity(2 * FUTURES); horizon];
        let mut dice = Dice::new();
        let mut errors = vec![0.0; horizon];
        for _ in 0..FUTURES {
            errors.fill_with(|| dice.normal());
            for sign in [1.0, -1.0] {
                self.draw(&errors, sign * self.sigma, &mut drawn);
            }
        }
        for drawn in &mut drawn {
            drawn.sort_unstable_by(f64::total_cmp);
        }
        drawn
    }

    /// One future under the given standard errors.
    fn draw(&self, errors: &[f64], sigma: f64, drawn: &mut [Vec<f64>]) {
        let mut states = self.last.clone();
        let mut before = 0.0;
        for (h, (error, drawn)) in errors.iter().zip(drawn).enumerate() {
            let phase = (self.fitted.len() + h) % self.season;
            // A future that leaves the positive numbers stays where it was.
            let Some(to) = self.spec.expect(&states, self.smoothing.phi, phase) else {
                drawn.push(before);
                continue;
            };
            let error = match self.spec.error {
                ErrorKind::Additive => sigma * error,
                // No value is lost by more than all of it.
                ErrorKind::Multiplicative => to.expected * (sigma * error).max(-0.999),
            };
            self.spec
                .update(&mut states, &self.smoothing, to, error, phase);
            before = to.expected + error;
            drawn.push(before);
        }
    }
}

/// A quantile of ascending values, between neighbours in proportion.
fn quantile(ascending: &[f64], share: f64) -> f64 {
    let at = share * (ascending.len() - 1) as f64;
    let (below, part) = (at.floor() as usize, at.fract());
    let above = (below + 1).min(ascending.len() - 1);
    ascending[below] + part * (ascending[above] - ascending[below])
}

/// Numbers that look random and are the same every time (`SplitMix64`, Steele and others 2014).
struct Dice {
    state: u64,
    spare: Option<f64>,
}

impl Dice {
    fn new() -> Self {
        Self {
            state: 0x0123_4567_89ab_cdef,
            spare: None,
        }
    }

    /// Above 0 and up to 1.
    fn uniform(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64 + f64::EPSILON / 4.0
    }

    /// A standard normal number (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * self.uniform().ln()).max(0.0).sqrt();
        let angle = 2.0 * std::f64::consts::PI * self.uniform();
        self.spare = Some(radius * angle.sin());
        radius * angle.cos()
    }
}
