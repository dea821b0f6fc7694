//! The data that the models' papers were tested on, and customers with known parameters.

use fastrand::Rng;

use crate::{BgNbd, GammaGamma, Summary};

/// The sample of CDNOW (see `tests/data/README.md`), a row for each customer.
pub(crate) fn customers() -> Vec<Summary> {
    let rows = include_str!("../tests/data/cdnow.csv").lines().skip(1);
    let row = |line: &str| {
        let fields: Vec<f64> = line
            .split(',')
            .map(|field| field.parse().unwrap())
            .collect();
        let one = Summary {
            x: fields[1] as u32,
            t_x: fields[2],
            t: fields[3],
            mean_spend: fields[4],
            customers: 1,
        };
        vec![one; fields[0] as usize]
    };
    rows.flat_map(row).collect()
}

/// What Fader, Hardie and Lee found in it (2005, table 2).
pub(crate) const PUBLISHED: BgNbd = BgNbd {
    r: 0.243,
    alpha: 4.414,
    a: 0.793,
    b: 2.426,
};

/// What Hardie and Fader found of its repeaters' spend (note 025).
pub(crate) const PUBLISHED_SPEND: GammaGamma = GammaGamma {
    p: 6.25,
    q: 3.74,
    gamma: 15.44,
};

/// Marsaglia and Tsang's method (2000).
pub(crate) fn gamma(rng: &mut Rng, shape: f64) -> f64 {
    if shape < 1.0 {
        return gamma(rng, shape + 1.0) * rng.f64().powf(1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    loop {
        let (u, v) = (1.0 - rng.f64(), rng.f64());
        let normal = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
        let cube = (1.0 + normal / (9.0 * d).sqrt()).powi(3);
        let accept = 1.0 - rng.f64();
        if cube > 0.0 && accept.ln() < 0.5 * normal * normal + d - d * cube + d * cube.ln() {
            return d * cube;
        }
    }
}

/// A customer's purchases within so many weeks after the first: when, and whether alive at the end.
fn purchases(rng: &mut Rng, model: &BgNbd, weeks: f64) -> Vec<f64> {
    let rate = gamma(rng, model.r) / model.alpha;
    let (a, b) = (gamma(rng, model.a), gamma(rng, model.b));
    let (mut at, mut made) = (0.0, Vec::new());
    loop {
        at -= (1.0 - rng.f64()).ln() / rate;
        if at > weeks {
            return made;
        }
        made.push(at);
        if rng.f64() < a / (a + b) {
            return made;
        }
    }
}

/// Customers of these models, each with how many purchases followed within `after` weeks more.
pub(crate) fn generate(
    model: &BgNbd,
    spend: &GammaGamma,
    n: usize,
    after: f64,
) -> Vec<(Summary, u32)> {
    generate_by(&mut Rng::with_seed(7), model, spend, n, after)
}

/// The same from a generator that goes on.
pub(crate) fn generate_by(
    rng: &mut Rng,
    model: &BgNbd,
    spend: &GammaGamma,
    n: usize,
    after: f64,
) -> Vec<(Summary, u32)> {
    let mut one = || {
        let t = 26.0 + 26.0 * rng.f64();
        let made = purchases(rng, model, t + after);
        let by_then: Vec<f64> = made.iter().copied().filter(|at| *at <= t).collect();
        let rate = gamma(rng, spend.q) / spend.gamma;
        let in_all: f64 = by_then.iter().map(|_| gamma(rng, spend.p) / rate).sum();
        let summary = Summary {
            x: by_then.len() as u32,
            t_x: by_then.last().copied().unwrap_or(0.0),
            t,
            mean_spend: in_all / by_then.len().max(1) as f64,
            customers: 1,
        };
        (summary, (made.len() - by_then.len()) as u32)
    };
    (0..n).map(|_| one()).collect()
}
