//! How well one period ahead was expected.

use crate::Accuracy;

/// The errors of what was expected of each period, where both are known; `season` is the one that a
/// naive forecast would repeat.
pub(crate) fn accuracy(values: &[f64], expected: &[Option<f64>], season: usize) -> Accuracy {
    let pairs = || {
        let pairs = values.iter().zip(expected).filter(|(y, _)| !y.is_nan());
        pairs.filter_map(|(y, expected)| expected.map(|expected| (*y, expected)))
    };
    let count = pairs().count().max(1) as f64;
    let mae = pairs()
        .map(|(y, expected)| (y - expected).abs() / count)
        .sum::<f64>();
    let mean_square = pairs().map(|(y, e)| (y - e) * (y - e) / count).sum::<f64>();
    let relative = pairs().all(|(y, _)| y.abs() > 1e-9 * mae).then(|| {
        pairs()
            .map(|(y, expected)| ((y - expected) / y).abs() / count)
            .sum::<f64>()
    });
    let season = if values.len() > season { season } else { 1 };
    let repeated = values.windows(season + 1).map(|w| (w[season] - w[0]).abs());
    let repeated: Vec<f64> = repeated.filter(|e| !e.is_nan()).collect();
    let naive = repeated.iter().sum::<f64>() / repeated.len().max(1) as f64;
    Accuracy {
        mae,
        rmse: mean_square.sqrt(),
        mape: relative.filter(|x| x.is_finite()),
        mase: (naive > 0.0).then(|| mae / naive).filter(|x| x.is_finite()),
    }
}
