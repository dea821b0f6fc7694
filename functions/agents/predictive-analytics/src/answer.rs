//! From observations to the answer, with what a reader should know.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::accuracy::accuracy;
use crate::anomalies::anomalies;
use crate::ets::fit::MIN_OBSERVED;
use crate::ets::forecast::Bounds;
use crate::ets::{self, ErrorKind, Fit, Season, Trend};
use crate::series::{Combine, Missing, Series};
use crate::{
    Ahead, Criterion, Error, Estimated, FallbackInput, Input, Interval, Output, Past, check,
    classical, default_levels, floor, size,
};

/// Forecasts a series.
///
/// # Errors
/// What [`Error`] says.
pub fn predict(input: &Input) -> Result<(Output, Vec<String>), Error> {
    check::settings(input).map_err(Error::InvalidSettings)?;
    let grid = Series::of(&input.series, input.frequency, input.combine, input.missing);
    let few = |found| Error::NotEnoughData {
        found,
        wanted: MIN_OBSERVED,
    };
    let series = grid.map_err(Error::InvalidSeries)?.ok_or(few(0))?;
    let observed = series.values.len() - series.missing();
    if observed < MIN_OBSERVED {
        return Err(few(observed));
    }
    let non_negative =
        floor::wanted(input.non_negative, &series).map_err(Error::InvalidSettings)?;
    let season = input.season.unwrap_or(series.frequency.season());
    let mut levels = input.levels.clone();
    levels.sort_by(f64::total_cmp);
    let mut output = match input.method.season() {
        None => by_ets(input, &series, season, &levels)?,
        Some(kind) => classical::forecast(input, &series, (season, kind), &levels)?,
    };
    let mut warnings = warnings(input, &series, season, &output);
    if non_negative {
        warnings.extend(floor::raise(&mut output.forecast));
    }
    Ok((output, warnings))
}

fn by_ets(input: &Input, series: &Series, season: usize, levels: &[f64]) -> Result<Output, Error> {
    let (fit, candidates) = ets::choose(&series.values, season).ok_or(Error::NoModel)?;
    let bounds = fit.intervals(input.horizon, levels);
    let expected: Vec<Option<f64>> = fit.fitted.iter().map(|y| Some(*y)).collect();
    let relative = fit.spec.error == ErrorKind::Multiplicative;
    let criterion = |candidate: ets::Candidate| Criterion {
        model: candidate.spec.to_string(),
        aicc: candidate.aicc,
    };
    Ok(Output {
        model: fit.spec.to_string(),
        frequency: series.frequency,
        season: fit.season,
        observed: series.values.len() - series.missing(),
        missing: series.missing(),
        estimated: Some(estimated(&fit)),
        accuracy: accuracy(&series.values, &expected, season),
        candidates: candidates.into_iter().map(criterion).collect(),
        forecast: ahead(series, &fit.forecast(input.horizon), levels, &bounds),
        anomalies: anomalies(series, &expected, relative, input.threshold),
        history: history(series, &expected),
    })
}

/// With fewer errors than this, how large they usually are is not known.
const MIN_ERRORS: usize = 2;

/// Repeats the last season, or the last value where there is not a whole one.
///
/// # Errors
/// What [`Error`] says.
pub(crate) fn repeat(input: &FallbackInput) -> Result<(Output, Vec<String>), Error> {
    check::horizon(input.horizon).map_err(Error::InvalidSettings)?;
    let grid = Series::of(&input.series, None, Combine::Sum, Missing::Skip);
    let none = Error::NotEnoughData {
        found: 0,
        wanted: 1,
    };
    let series = grid.map_err(Error::InvalidSeries)?.ok_or(none)?;
    let n = series.values.len();
    let season = Some(series.frequency.season())
        .filter(|m| n >= 2 * m)
        .unwrap_or(1);
    let filled = ets::start::fill(&series.values);
    let expected: Vec<Option<f64>> = (0..n)
        .map(|t| t.checked_sub(season).map(|t| filled[t]))
        .collect();
    let accuracy = accuracy(&series.values, &expected, season);
    let values: Vec<f64> = (0..input.horizon)
        .map(|h| filled[n - season + h % season])
        .collect();
    let mut levels = default_levels();
    let errors = expected.iter().zip(&series.values);
    let errors = errors.filter(|(expected, y)| expected.is_some() && !y.is_nan());
    let few = errors.count() < MIN_ERRORS;
    if few {
        levels.clear();
    }
    // A long forecast has room for the widest interval alone.
    while size::intervals(input.horizon, levels.len()).is_err() {
        levels.remove(0);
    }
    let bounds = |level: &f64| {
        let z = Normal::standard().inverse_cdf(f64::midpoint(1.0, *level));
        // Each season that is repeated adds the errors of one.
        let spread = |h: usize| z * accuracy.rmse * ((h / season + 1) as f64).sqrt();
        let pairs = values.iter().enumerate();
        pairs.map(|(h, y)| (y - spread(h), y + spread(h))).collect()
    };
    let bounds: Vec<Bounds> = levels.iter().map(bounds).collect();
    let mut output = Output {
        model: if season > 1 {
            "seasonal naive"
        } else {
            "naive"
        }
        .to_owned(),
        frequency: series.frequency,
        season,
        observed: n - series.missing(),
        missing: series.missing(),
        estimated: None,
        accuracy,
        candidates: Vec::new(),
        forecast: ahead(&series, &values, &levels, &bounds),
        anomalies: Vec::new(),
        history: history(&series, &expected),
    };
    let mut warnings = vec!["the forecast repeats what was last observed".to_owned()];
    if few {
        warnings.push(format!(
            "there are no intervals: {} observed periods say nothing of how far a forecast misses, {} \
             do at least",
            output.observed,
            MIN_ERRORS + 1
        ));
    }
    if floor::wanted(None, &series).map_err(Error::InvalidSettings)? {
        warnings.extend(floor::raise(&mut output.forecast));
    }
    Ok((output, warnings))
}

/// As sure as the middle of the forecast is narrow.
pub(crate) fn confidence(output: &Output) -> f64 {
    let middle = &output.forecast[output.forecast.len() / 2];
    let width = middle.intervals.first().map_or(0.0, |i| i.high - i.low);
    let size = output
        .history
        .iter()
        .filter_map(|past| past.value.map(f64::abs));
    let size = size.sum::<f64>() / output.observed.max(1) as f64;
    if width <= 0.0 {
        1.0
    } else {
        (2.0 * size / (2.0 * size + width)).clamp(0.0, 1.0)
    }
}

fn estimated(fit: &Fit) -> Estimated {
    let by = fit.smoothing;
    let trend = fit.spec.trend != Trend::None;
    let seasonal = fit.spec.season != Season::None;
    let phase = |h: usize| fit.last.seasons[(fit.fitted.len() + h) % fit.season];
    Estimated {
        alpha: by.alpha,
        beta: trend.then_some(by.beta),
        gamma: seasonal.then_some(by.gamma),
        phi: (fit.spec.trend == Trend::Damped).then_some(by.phi),
        level: fit.last.level,
        slope: fit.last.slope,
        seasons: (0..fit.last.seasons.len()).map(phase).collect(),
        sigma: fit.sigma,
        log_likelihood: Some(fit.log_likelihood),
        aicc: Some(fit.aicc),
    }
}

pub(crate) fn history(series: &Series, expected: &[Option<f64>]) -> Vec<Past> {
    let past = |(t, (y, expected)): (usize, (&f64, &Option<f64>))| Past {
        at: series.at(t),
        value: (!y.is_nan()).then_some(*y),
        expected: *expected,
    };
    let all = series.values.iter().zip(expected).enumerate();
    all.map(past).collect()
}

pub(crate) fn ahead(
    series: &Series,
    values: &[f64],
    levels: &[f64],
    bounds: &[Bounds],
) -> Vec<Ahead> {
    let n = series.values.len();
    let period = |(h, value): (usize, &f64)| {
        // A drawn interval may miss the value by chance, or a wider one a narrower one.
        let (mut low, mut high) = (*value, *value);
        let interval = |(level, bounds): (&f64, &Bounds)| {
            low = bounds[h].0.min(low);
            high = bounds[h].1.max(high);
            Interval {
                level: *level,
                low,
                high,
            }
        };
        Ahead {
            at: series.at(n + h),
            value: *value,
            intervals: levels.iter().zip(bounds).map(interval).collect(),
        }
    };
    values.iter().enumerate().map(period).collect()
}

fn warnings(input: &Input, series: &Series, season: usize, output: &Output) -> Vec<String> {
    let mut warnings = Vec::new();
    let period = series.frequency.name();
    if input.frequency.is_none() {
        warnings.push(format!(
            "no frequency was given: the distance of the observations suggests one a {period}"
        ));
    }
    if series.missing() > 0 {
        let (missing, all) = (series.missing(), series.values.len());
        warnings.push(format!(
            "{missing} of {all} periods have no observation: the model goes on without them"
        ));
    }
    if series.combined > 0 {
        let combined = series.combined;
        warnings.push(format!(
            "{combined} observations share their {period} with another one and were combined"
        ));
    }
    if season > 1 && output.observed < 2 * season {
        warnings.push(format!(
            "two seasons of {season} periods are needed to see one: there is no season in the model"
        ));
    }
    warnings
}
