//! From scores to chances that come true as often as they say.
//!
//! Scores of rows that the model had not seen (folds) are mapped to chances by Platt's sigmoid where
//! there are few of them ("Probabilistic Outputs for Support Vector Machines", 1999), by isotonic
//! regression where there are many (Zadrozny and Elkan, 2002). What is reported is measured on rows
//! that neither the model nor the map had seen.

use serde::{Deserialize, Serialize};

use crate::logistic::{FitError, Logistic, chance};

/// A map from log odds to chances, which never falls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub enum Calibration {
    /// The chance of `slope` × log odds + `intercept`.
    Platt {
        /// Above 0.
        slope: f64,
        /// Any.
        intercept: f64,
    },
    /// Chances at ascending log odds, straight lines between them.
    Isotonic {
        /// Log odds and chance of each knot.
        knots: Vec<(f64, f64)>,
    },
}

/// From so many rows on, the shape of the map is left to the data.
pub const ISOTONIC_FROM: usize = 1_000;

/// How many parts data are split into.
pub const FOLDS: usize = 5;

/// How well chances come true.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    /// Mean square of chance less outcome; 0 is perfect.
    pub brier: f64,
    /// The same where everybody is given the share of all who converted.
    pub brier_of_base_rate: f64,
    /// How many rows it was measured on.
    pub rows: usize,
    /// Rows by their chance, in tenths; those that hold none are left out.
    pub bins: Vec<Bin>,
}

/// Rows whose chances lie in one tenth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// Lower end of the tenth.
    pub from: f64,
    /// How many rows.
    pub rows: usize,
    /// Their mean chance.
    pub predicted: f64,
    /// The share of them that converted.
    pub observed: f64,
}

impl Calibration {
    /// The map that suits these log odds and outcomes.
    pub fn fit(log_odds: &[f64], outcomes: &[bool]) -> Self {
        if log_odds.len() >= ISOTONIC_FROM {
            isotonic(log_odds, outcomes)
        } else {
            platt(log_odds, outcomes)
        }
    }

    /// The calibrated chance of log odds.
    pub fn apply(&self, log_odds: f64) -> f64 {
        match self {
            Self::Platt { slope, intercept } => chance(slope * log_odds + intercept),
            Self::Isotonic { knots } => between(knots, log_odds),
        }
    }

    /// Checks what was stored and comes back.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        match self {
            Self::Platt { slope, intercept } => {
                let sound = (0.0..=1e6).contains(slope) && intercept.abs() <= 1e6;
                sound
                    .then_some(())
                    .ok_or("slope must be 0 or more, intercept finite")
            }
            Self::Isotonic { knots } => {
                let sound = |k: &(f64, f64)| k.0.is_finite() && (0.0..=1.0).contains(&k.1);
                let rises = |p: &[(f64, f64)]| p[0].0 < p[1].0 && p[0].1 <= p[1].1;
                let good =
                    !knots.is_empty() && knots.iter().all(sound) && knots.windows(2).all(rises);
                good.then_some(())
                    .ok_or("knots must ascend, with chances from 0 to 1")
            }
        }
    }
}

/// Platt's sigmoid, with his targets short of 0 and 1, by Newton's method.
fn platt(log_odds: &[f64], outcomes: &[bool]) -> Calibration {
    let yes = outcomes.iter().filter(|outcome| **outcome).count() as f64;
    let no = outcomes.len() as f64 - yes;
    let targets = (1.0 / (no + 2.0), (yes + 1.0) / (yes + 2.0));
    let (mut slope, mut intercept) = (1.0, 0.0);
    for _ in 0..50 {
        // A whisper of a prior around the identity keeps the two apart where all scores are equal.
        let (mut ga, mut gb) = (-1e-3 * (slope - 1.0), -1e-3 * intercept);
        let (mut aa, mut ab, mut bb) = (1e-3, 0.0, 1e-3);
        for (x, outcome) in log_odds.iter().zip(outcomes) {
            let p = chance(slope * x + intercept);
            let residual = if *outcome { targets.1 } else { targets.0 } - p;
            let w = (p * (1.0 - p)).max(1e-12);
            ga += residual * x;
            gb += residual;
            aa += w * x * x;
            ab += w * x;
            bb += w;
        }
        let determinant = aa * bb - ab * ab;
        let step = (
            (bb * ga - ab * gb) / determinant,
            (aa * gb - ab * ga) / determinant,
        );
        // Newton's step may be far too long where chances saturate.
        let shorter = (2.0 / (step.0.abs() + step.1.abs())).min(1.0);
        slope += shorter * step.0;
        intercept += shorter * step.1;
        if step.0.abs() + step.1.abs() < 1e-10 {
            break;
        }
    }
    Calibration::Platt {
        slope: slope.max(0.0),
        intercept,
    }
}

/// Pools neighbours that fall (Ayer et al. 1955); to the rows of every pool, half a success and half a
/// failure are added, so that no chance is 0 or 1.
fn isotonic(log_odds: &[f64], outcomes: &[bool]) -> Calibration {
    let mut rows: Vec<(f64, f64)> = log_odds
        .iter()
        .zip(outcomes)
        .map(|(x, outcome)| (*x, f64::from(u8::from(*outcome))))
        .collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut pools: Vec<(f64, f64, f64)> = Vec::new();
    for (x, y) in rows {
        pools.push((x, y, 1.0));
        while let [.., a, b] = pools[..]
            && (a.1 / a.2 >= b.1 / b.2 || a.0 / a.2 >= b.0 / b.2)
        {
            pools.truncate(pools.len() - 2);
            pools.push((a.0 + b.0, a.1 + b.1, a.2 + b.2));
        }
    }
    let knot = |(x, y, n): (f64, f64, f64)| (x / n, ((y + 0.5) / (n + 1.0)));
    let mut knots: Vec<(f64, f64)> = pools.into_iter().map(knot).collect();
    for i in 1..knots.len() {
        knots[i].1 = knots[i].1.max(knots[i - 1].1);
    }
    knots.dedup_by(|later, earlier| later.0 <= earlier.0);
    Calibration::Isotonic { knots }
}

fn between(knots: &[(f64, f64)], x: f64) -> f64 {
    let next = knots.partition_point(|knot| knot.0 <= x);
    match (
        next.checked_sub(1).and_then(|i| knots.get(i)),
        knots.get(next),
    ) {
        (Some(a), Some(b)) => a.1 + (b.1 - a.1) * ((x - a.0) / (b.0 - a.0)).clamp(0.0, 1.0),
        (Some(knot), None) | (None, Some(knot)) => knot.1,
        (None, None) => 0.5,
    }
}

/// Log odds of each row by a model that was fitted without its fold. Rows of either outcome are dealt to
/// the folds in turn.
///
/// # Errors
/// As [`Logistic::fit`]; `OneOutcome` where an outcome is rarer than there are folds.
pub fn folded(rows: &[Vec<f64>], outcomes: &[bool], ridge: f64) -> Result<Folded, FitError> {
    let mut dealt = [0_usize; 2];
    let folds: Vec<usize> = outcomes
        .iter()
        .map(|outcome| {
            let next = &mut dealt[usize::from(*outcome)];
            *next += 1;
            (*next - 1) % FOLDS
        })
        .collect();
    if dealt.iter().any(|n| *n < FOLDS) {
        return Err(FitError::OneOutcome);
    }
    let mut log_odds = vec![0.0; rows.len()];
    for fold in 0..FOLDS {
        let kept = |i: &usize| folds[*i] != fold;
        let (mut seen, mut known) = (Vec::new(), Vec::new());
        for i in (0..rows.len()).filter(kept) {
            seen.push(rows[i].clone());
            known.push(outcomes[i]);
        }
        let model = Logistic::fit(&seen, &known, ridge)?;
        for i in (0..rows.len()).filter(|i| !kept(i)) {
            log_odds[i] = model.log_odds(&rows[i]);
        }
    }
    Ok(Folded { folds, log_odds })
}

/// Rows with the log odds that a model gave them which had not seen them.
#[derive(Debug, Clone, PartialEq)]
pub struct Folded {
    folds: Vec<usize>,
    /// In the rows' order.
    pub log_odds: Vec<f64>,
}

impl Folded {
    /// How well calibrated chances come true: each fold by a map that was fitted to the others.
    pub fn reliability(&self, outcomes: &[bool]) -> Reliability {
        let mut chances = vec![0.0; outcomes.len()];
        for fold in 0..FOLDS {
            let kept = |i: &usize| self.folds[*i] != fold;
            let (seen, known): (Vec<f64>, Vec<bool>) = (0..outcomes.len())
                .filter(kept)
                .map(|i| (self.log_odds[i], outcomes[i]))
                .unzip();
            let map = Calibration::fit(&seen, &known);
            for i in (0..outcomes.len()).filter(|i| !kept(i)) {
                chances[i] = map.apply(self.log_odds[i]);
            }
        }
        reliability(&chances, outcomes)
    }
}

/// How well chances came true.
pub fn reliability(chances: &[f64], outcomes: &[bool]) -> Reliability {
    let rows = outcomes.len().min(chances.len());
    let n = rows.max(1) as f64;
    let mut bins = [(0_usize, 0.0, 0.0); 10];
    let (mut brier, mut yes) = (0.0, 0.0);
    for (p, outcome) in chances.iter().zip(outcomes) {
        let y = f64::from(u8::from(*outcome));
        brier += (p - y).powi(2);
        yes += y;
        let bin = &mut bins[((p * 10.0) as usize).min(9)];
        *bin = (bin.0 + 1, bin.1 + p, bin.2 + y);
    }
    let share = yes / n;
    let bin = |(i, (rows, predicted, observed)): (usize, &(usize, f64, f64))| Bin {
        from: i as f64 / 10.0,
        rows: *rows,
        predicted: predicted / *rows as f64,
        observed: observed / *rows as f64,
    };
    Reliability {
        brier: brier / n,
        brier_of_base_rate: share * (1.0 - share),
        rows,
        bins: bins
            .iter()
            .enumerate()
            .filter(|(_, bin)| bin.0 > 0)
            .map(bin)
            .collect(),
    }
}

#[cfg(test)]
#[path = "calibration_tests.rs"]
mod tests;
