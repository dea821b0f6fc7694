//! Answers by Holt and Winters' smoothing, for callers who ask for it: least squares have no `AICc`
//! that could be compared with that of the models chosen among.

use baton_domain::FieldError;
use statrs::distribution::{ContinuousCDF, Normal};

use crate::accuracy::accuracy;
use crate::anomalies::anomalies;
use crate::answer::{ahead, history};
use crate::ets::Season;
use crate::ets::forecast::Bounds;
use crate::holt_winters::{HoltWinters, holt_winters};
use crate::series::Series;
use crate::{Error, Estimated, Input, Output};

/// Forecasts a series with a season of so many periods and this kind.
pub(crate) fn forecast(
    input: &Input,
    series: &Series,
    (m, kind): (usize, Season),
    levels: &[f64],
) -> Result<Output, Error> {
    check(series, m, kind)?;
    let found = holt_winters(&series.values, m, kind).ok_or(Error::NoModel)?;
    let sigma = sigma(&found, m);
    let values = found.forecast(input.horizon, kind);
    let spreads = found.spreads(input.horizon, kind);
    let bounds = |level: &f64| -> Bounds {
        let z = Normal::standard().inverse_cdf(f64::midpoint(1.0, *level)) * sigma;
        let pairs = values.iter().zip(&spreads);
        pairs.map(|(y, by)| (y - z * by, y + z * by)).collect()
    };
    let bounds: Vec<Bounds> = levels.iter().map(bounds).collect();
    Ok(Output {
        model: match kind {
            Season::Multiplicative => "Holt-Winters (multiplicative)",
            _ => "Holt-Winters (additive)",
        }
        .to_owned(),
        frequency: series.frequency,
        season: m,
        observed: series.values.len(),
        missing: 0,
        accuracy: accuracy(&series.values, &found.fitted, m),
        candidates: Vec::new(),
        forecast: ahead(series, &values, levels, &bounds),
        anomalies: anomalies(series, &found.fitted, false, input.threshold),
        history: history(series, &found.fitted),
        estimated: Some(Estimated {
            alpha: found.alpha,
            beta: Some(found.beta),
            gamma: Some(found.gamma),
            phi: None,
            level: found.level,
            slope: found.slope,
            seasons: found.seasons,
            sigma,
            log_likelihood: None,
            aicc: None,
        }),
    })
}

/// The standard deviation of the errors one step ahead, about 0.
fn sigma(found: &HoltWinters, m: usize) -> f64 {
    let errors = found.fitted.len() - m;
    (found.sse / errors as f64).sqrt()
}

fn check(series: &Series, m: usize, kind: Season) -> Result<(), Error> {
    let wrong =
        |field: &str, message: &str| Err(Error::InvalidSettings(FieldError::new(field, message)));
    if m < 2 {
        return wrong("season", "must be 2 or more for Holt and Winters' method");
    }
    let found = series.values.len() - series.missing();
    if series.values.len() <= 2 * m {
        let wanted = 2 * m + 1;
        return Err(Error::NotEnoughData { found, wanted });
    }
    if series.missing() > 0 {
        return wrong(
            "method",
            "Holt and Winters want every period observed: set `missing` to `zero` or leave `method` out",
        );
    }
    if kind == Season::Multiplicative && series.values.iter().any(|y| *y <= 0.0) {
        return wrong(
            "method",
            "a multiplicative season wants values above 0: use `holt_winters_additive`",
        );
    }
    Ok(())
}
