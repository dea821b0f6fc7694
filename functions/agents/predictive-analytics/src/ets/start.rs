//! First guesses of the states: a classical decomposition, and a line through its start.

use super::{Season, Spec, States, Trend};

/// The states before the first observation, roughly, of a series without gaps.
pub(crate) fn states(spec: Spec, filled: &[f64], m: usize) -> States {
    let seasons = match spec.season {
        Season::None => Vec::new(),
        kind => seasons(filled, m, kind == Season::Multiplicative),
    };
    let without = |(t, y): (usize, &f64)| match spec.season {
        Season::None => *y,
        Season::Additive => y - seasons[t % m],
        Season::Multiplicative => y / seasons[t % m],
    };
    let count = filled.len().min((2 * m).max(10));
    let adjusted: Vec<f64> = filled[..count].iter().enumerate().map(without).collect();
    let (level, slope) = line(&adjusted);
    if spec.trend == Trend::None {
        let mean = adjusted.iter().sum::<f64>() / count as f64;
        return States {
            level: mean,
            slope: 0.0,
            seasons,
        };
    }
    // A model of proportions must begin above 0.
    let (level, slope) = if spec.wants_positive() && (level < 0.05 * adjusted[0] || level <= 0.0) {
        (adjusted[0].max(1e-3), 0.0)
    } else {
        (level, slope)
    };
    States {
        level,
        slope,
        seasons,
    }
}

/// Intercept and slope of the line through `y` at 1, 2, 3, …
pub(crate) fn line(y: &[f64]) -> (f64, f64) {
    let n = y.len() as f64;
    let middle = f64::midpoint(1.0, n);
    let mean = y.iter().sum::<f64>() / n;
    let (mut up, mut across) = (0.0, 0.0);
    for (t, y) in y.iter().enumerate() {
        let x = (t + 1) as f64 - middle;
        up += x * (y - mean);
        across += x * x;
    }
    let slope = if across > 0.0 { up / across } else { 0.0 };
    (mean - slope * middle, slope)
}

/// The centred mean over a season of `m` periods, for the periods that have half a season on each
/// side; the first of them is period `m / 2`.
pub(crate) fn centred(y: &[f64], m: usize) -> Vec<f64> {
    let half = m / 2;
    if y.len() <= 2 * half {
        return Vec::new();
    }
    let mean = |t: usize| {
        let window = &y[t - half..=t + half];
        let sum: f64 = window.iter().sum();
        let ends = window[0] + window[window.len() - 1];
        // With an even season the window has a period too many: its ends count half.
        let sum = if m.is_multiple_of(2) {
            sum - ends / 2.0
        } else {
            sum
        };
        sum / m as f64
    };
    (half..y.len() - half).map(mean).collect()
}

/// The mean deviation of each phase from the centred mean: differences that sum to 0, or ratios
/// whose mean is 1. Needs two seasons at least.
pub(crate) fn seasons(y: &[f64], m: usize, ratio: bool) -> Vec<f64> {
    let trend = centred(y, m);
    let (mut sums, mut counts) = (vec![0.0; m], vec![0.0; m]);
    for (i, mean) in trend.iter().enumerate() {
        let t = i + m / 2;
        sums[t % m] += if ratio { y[t] / mean } else { y[t] - mean };
        counts[t % m] += 1.0;
    }
    let neutral = f64::from(u8::from(ratio));
    let mut seasons: Vec<f64> = sums
        .iter()
        .zip(&counts)
        .map(|(sum, count)| if *count > 0.0 { sum / count } else { neutral })
        .collect();
    let mean = seasons.iter().sum::<f64>() / m as f64;
    for season in &mut seasons {
        *season = if ratio {
            *season / mean
        } else {
            *season - mean
        };
    }
    seasons
}

/// The series with its gaps (NaN) drawn straight; at its ends the nearest observation.
pub(crate) fn fill(series: &[f64]) -> Vec<f64> {
    let mut filled = series.to_vec();
    let seen: Vec<usize> = (0..series.len()).filter(|t| !series[*t].is_nan()).collect();
    let (Some(first), Some(last)) = (seen.first(), seen.last()) else {
        return vec![0.0; series.len()];
    };
    filled[..*first].fill(series[*first]);
    filled[last + 1..].fill(series[*last]);
    for pair in seen.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let rise = (series[to] - series[from]) / (to - from) as f64;
        for (step, y) in filled[from + 1..to].iter_mut().enumerate() {
            *y = series[from] + rise * (step + 1) as f64;
        }
    }
    filled
}
