//! Observations far from what was expected of them.

use crate::Anomaly;
use crate::series::Series;

/// Observations whose error is `threshold` robust standard deviations or more; errors count in
/// proportion to what was expected where they are `relative`.
pub(crate) fn anomalies(
    series: &Series,
    expected: &[Option<f64>],
    relative: bool,
    threshold: f64,
) -> Vec<Anomaly> {
    let pairs = series.values.iter().zip(expected);
    let residuals: Vec<Option<f64>> = pairs
        .map(|(y, expected)| residual(*y, *expected, relative))
        .collect();
    let mut sizes: Vec<f64> = residuals.iter().flatten().map(|e| e.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let mean_square = sizes.iter().map(|e| e * e).sum::<f64>() / sizes.len().max(1) as f64;
    // The median of absolute errors does not grow with the anomalies that are looked for; where
    // most errors are nothing it is nothing, and the common standard deviation counts.
    let median = sizes.get(sizes.len() / 2).map_or(0.0, |e| 1.4826 * e);
    let rms = mean_square.sqrt();
    let spread = if median > 1e-6 * rms { median } else { rms };
    let observed = series.values.iter().filter(|y| !y.is_nan());
    let size = observed.fold(0.0, |a: f64, y| a.max(y.abs()));
    let unit = if relative { 1.0 } else { size };
    // What is lost in rounding is no anomaly.
    if spread <= 1e-9 * unit {
        return Vec::new();
    }
    let anomaly = |(t, residual): (usize, &Option<f64>)| {
        let score = (*residual)? / spread;
        (score.abs() >= threshold).then_some(Anomaly {
            at: series.at(t),
            value: series.values[t],
            expected: expected[t]?,
            score,
        })
    };
    residuals.iter().enumerate().filter_map(anomaly).collect()
}

/// The error in the model's own terms; none where nothing was observed or expected.
fn residual(y: f64, expected: Option<f64>, relative: bool) -> Option<f64> {
    let expected = expected.filter(|_| !y.is_nan())?;
    let unit = if relative { expected } else { 1.0 };
    Some((y - expected) / unit)
}
