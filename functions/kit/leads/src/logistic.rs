//! Logistic regression by iteratively reweighted least squares (`McCullagh` and Nelder, "Generalized
//! Linear Models", 1989), with a ridge where it is wanted.
//!
//! Features are centred and scaled inside, so that a ridge means the same for each and the normal
//! equations stay well-conditioned; coefficients come back on the features' own scales.

/// A fitted regression.
#[derive(Debug, Clone, PartialEq)]
pub struct Logistic {
    /// Log odds where every feature is 0.
    pub intercept: f64,
    /// By how much the log odds rise per unit of each feature.
    pub coefficients: Vec<f64>,
    /// The logarithm of the likelihood, without the ridge's penalty.
    pub log_likelihood: f64,
    /// The mean of each feature in the data.
    pub means: Vec<f64>,
}

/// Why a regression cannot be fitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    /// Rows of differing length, or a number that is not finite.
    #[error("row {0}: must have as many finite features as the first")]
    InvalidRow(usize),
    /// All outcomes are the same, or there are none.
    #[error("there must be outcomes of both kinds")]
    OneOutcome,
    /// Features separate the outcomes: the likelihood has no maximum.
    #[error("the features separate the outcomes: fit with a ridge")]
    Separated,
    /// A feature follows from the others.
    #[error("a feature is constant or follows from others: fit with a ridge")]
    Collinear,
}

/// The most steps; Newton's method takes fewer than ten where there is a maximum.
const MAX_STEPS: usize = 100;

/// Log odds (of standardised features) that only separated data lead to: a chance of 1e-13.
const SEPARATED: f64 = 30.0;

/// The smallest pivot, relative to its diagonal, of features that do not follow from each other.
const PIVOT: f64 = 1e-10;

impl Logistic {
    /// Fits outcomes to features, a row for each. `ridge` is the precision of a prior around 0 of each
    /// standardised coefficient: 0 for maximum likelihood, 1 to stand in where outcomes separate.
    ///
    /// # Errors
    /// See [`FitError`]; with a ridge, neither separation nor collinearity is one.
    pub fn fit(rows: &[Vec<f64>], outcomes: &[bool], ridge: f64) -> Result<Self, FitError> {
        let width = rows.first().map_or(0, Vec::len);
        let sound = |row: &Vec<f64>| row.len() == width && row.iter().all(|x| x.abs() < 1e100);
        if let Some(row) = rows.iter().position(|row| !sound(row)) {
            return Err(FitError::InvalidRow(row));
        }
        let converted = outcomes.iter().filter(|outcome| **outcome).count();
        if rows.len() != outcomes.len() || converted == 0 || converted == outcomes.len() {
            return Err(FitError::OneOutcome);
        }
        let scales = scales(rows, width);
        let standard: Vec<Vec<f64>> = rows.iter().map(|row| standardise(row, &scales)).collect();
        let odds = converted as f64 / (outcomes.len() - converted) as f64;
        let mut beta = vec![0.0; width + 1];
        beta[0] = odds.ln();
        let mut here = Objective::at(&standard, outcomes, &beta, ridge);
        for _ in 0..MAX_STEPS {
            let (value, gradient, mut hessian) = (here.value, here.gradient, here.hessian);
            let step = solve(&mut hessian, &gradient).ok_or_else(|| blame(&standard, &beta))?;
            let decrement: f64 = step.iter().zip(&gradient).map(|(s, g)| s * g).sum();
            let mut scale = 1.0;
            (beta, here) = loop {
                let next: Vec<f64> = beta.iter().zip(&step).map(|(b, s)| b + scale * s).collect();
                let there = Objective::at(&standard, outcomes, &next, ridge);
                if there.value >= value || scale < 1e-6 {
                    break (next, there);
                }
                scale /= 2.0;
            };
            if ridge <= 0.0 && separates(&standard, outcomes, &beta) {
                return Err(FitError::Separated);
            }
            if decrement < 1e-13 * (1.0 + value.abs()) {
                break;
            }
        }
        if ridge <= 0.0
            && standard
                .iter()
                .any(|row| linear(row, &beta).abs() > SEPARATED)
        {
            return Err(FitError::Separated);
        }
        let log_likelihood = here.value + penalty(&beta, ridge);
        Ok(Self::unscale(&beta, &scales, log_likelihood))
    }

    fn unscale(beta: &[f64], scales: &[(f64, f64)], log_likelihood: f64) -> Self {
        let coefficients: Vec<f64> = beta[1..]
            .iter()
            .zip(scales)
            .map(|(b, (_, s))| b / s)
            .collect();
        let means: Vec<f64> = scales.iter().map(|(mean, _)| *mean).collect();
        let shift: f64 = coefficients.iter().zip(&means).map(|(c, m)| c * m).sum();
        Self {
            intercept: beta[0] - shift,
            coefficients,
            log_likelihood,
            means,
        }
    }

    /// The log odds of a row of features.
    pub fn log_odds(&self, row: &[f64]) -> f64 {
        let sum: f64 = self.coefficients.iter().zip(row).map(|(c, x)| c * x).sum();
        self.intercept + sum
    }
}

/// The chance of given log odds.
pub fn chance(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// Mean and standard deviation of each feature; 1 for one that is constant.
fn scales(rows: &[Vec<f64>], width: usize) -> Vec<(f64, f64)> {
    let n = rows.len() as f64;
    let scale = |j: usize| {
        let mean = rows.iter().map(|row| row[j] / n).sum::<f64>();
        // Divided before it is squared, so that large numbers do not overflow.
        let most = rows
            .iter()
            .fold(0.0, |most: f64, row| most.max((row[j] - mean).abs()));
        if most <= 1e-12 * mean.abs() {
            return (mean, 1.0);
        }
        let square = |row: &Vec<f64>| ((row[j] - mean) / most).powi(2);
        (
            mean,
            most * (rows.iter().map(square).sum::<f64>() / n).sqrt(),
        )
    };
    (0..width).map(scale).collect()
}

fn standardise(row: &[f64], scales: &[(f64, f64)]) -> Vec<f64> {
    row.iter()
        .zip(scales)
        .map(|(x, (mean, sd))| (x - mean) / sd)
        .collect()
}

fn linear(row: &[f64], beta: &[f64]) -> f64 {
    beta[0] + row.iter().zip(&beta[1..]).map(|(x, b)| x * b).sum::<f64>()
}

/// What the prior takes from the log-likelihood; it spares the intercept.
fn penalty(beta: &[f64], ridge: f64) -> f64 {
    0.5 * ridge * beta[1..].iter().map(|b| b * b).sum::<f64>()
}

/// The log-likelihood less the penalty, at some coefficients.
struct Objective {
    value: f64,
    gradient: Vec<f64>,
    /// The lower half of the negative of the Hessian.
    hessian: Vec<Vec<f64>>,
}

impl Objective {
    fn at(rows: &[Vec<f64>], outcomes: &[bool], beta: &[f64], ridge: f64) -> Self {
        let mut value = -penalty(beta, ridge);
        let mut gradient: Vec<f64> = beta.iter().map(|b| -ridge * b).collect();
        gradient[0] = 0.0;
        let mut hessian: Vec<Vec<f64>> = (0..beta.len()).map(|j| vec![0.0; j + 1]).collect();
        for (j, row) in hessian.iter_mut().enumerate().skip(1) {
            row[j] = ridge;
        }
        let mut x = vec![1.0; beta.len()];
        for (row, outcome) in rows.iter().zip(outcomes) {
            x[1..].copy_from_slice(row);
            let odds = linear(row, beta);
            // One exponential serves the chance and its logarithm, and cannot overflow.
            let small = (-odds.abs()).exp();
            let p = if odds > 0.0 { 1.0 } else { small } / (1.0 + small);
            let signed = if *outcome { odds } else { -odds };
            value += signed.min(0.0) - small.ln_1p();
            let (residual, weight) = (f64::from(u8::from(*outcome)) - p, p * (1.0 - p));
            for ((of, sums), x_j) in gradient.iter_mut().zip(&mut hessian).zip(&x) {
                *of += residual * x_j;
                let weighted = weight * x_j;
                for (sum, x_k) in sums.iter_mut().zip(&x) {
                    *sum += weighted * x_k;
                }
            }
        }
        Self {
            value,
            gradient,
            hessian,
        }
    }
}

/// Solves a symmetric positive definite system, given by its lower half, by Cholesky's method.
fn solve(lower: &mut [Vec<f64>], right: &[f64]) -> Option<Vec<f64>> {
    let n = right.len();
    let mut x = right.to_vec();
    for j in 0..n {
        let diagonal = lower[j][j];
        for k in 0..j {
            let sum: f64 = (0..k).map(|i| lower[j][i] * lower[k][i]).sum();
            lower[j][k] = (lower[j][k] - sum) / lower[k][k];
        }
        let pivot = diagonal - lower[j][..j].iter().map(|l| l * l).sum::<f64>();
        if !(pivot > PIVOT * diagonal && pivot > 1e-280) {
            return None;
        }
        lower[j][j] = pivot.sqrt();
        x[j] = (x[j] - (0..j).map(|i| lower[j][i] * x[i]).sum::<f64>()) / lower[j][j];
    }
    for j in (0..n).rev() {
        x[j] = (x[j] - (j + 1..n).map(|i| lower[i][j] * x[i]).sum::<f64>()) / lower[j][j];
    }
    Some(x)
}

/// Whether every outcome lies on its side of 1/2, far out: only separated data lead there.
fn separates(rows: &[Vec<f64>], outcomes: &[bool], beta: &[f64]) -> bool {
    let far = |(row, outcome): (&Vec<f64>, &bool)| {
        let odds = linear(row, beta);
        if *outcome { odds > 10.0 } else { odds < -10.0 }
    };
    rows.iter().zip(outcomes).all(far)
}

/// Why the normal equations are singular: weights vanish where outcomes are separated.
fn blame(rows: &[Vec<f64>], beta: &[f64]) -> FitError {
    let furthest = rows.iter().map(|row| linear(row, beta).abs());
    if furthest.fold(0.0, f64::max) > 10.0 {
        FitError::Separated
    } else {
        FitError::Collinear
    }
}

#[cfg(test)]
#[path = "logistic_tests.rs"]
mod tests;
