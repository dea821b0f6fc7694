//! Answers that a workflow can carry: digits that mean something, and no more of the past than there
//! is room for beside what is to come.

use baton_agent::{MAX_OUTPUT_BYTES, json_bytes, rounded};
use baton_domain::FieldError;

use crate::{Accuracy, Anomaly, Estimated, Output};

/// The most intervals of a forecast, over all periods and levels.
pub(crate) const MAX_INTERVALS: usize = 700;

/// The most periods of the past that are answered: the last ones.
const MAX_PAST: usize = 500;

/// The most anomalies that are answered: those farthest from what was expected.
const MAX_ANOMALIES: usize = 50;

/// Checks that a forecast of so many periods with so many levels can be carried.
pub(crate) fn intervals(horizon: usize, levels: usize) -> Result<(), FieldError> {
    let wanted = horizon.saturating_mul(levels);
    if wanted <= MAX_INTERVALS {
        return Ok(());
    }
    let message = format!(
        "{horizon} periods with {levels} `levels` are {wanted} intervals, {MAX_INTERVALS} at most fit \
         into an answer: ask for {} periods or for fewer levels",
        MAX_INTERVALS / levels
    );
    Err(FieldError::new("horizon", message))
}

/// Rounds every number to seven digits, and leaves out of the past what does not fit into
/// [`MAX_OUTPUT_BYTES`]; says what was left out.
pub(crate) fn fit(output: &mut Output) -> Vec<String> {
    let mut warnings = Vec::new();
    round(output);
    let found = output.anomalies.len();
    if found > MAX_ANOMALIES {
        let size = |i: &usize| output.anomalies[*i].score.abs();
        let mut farthest: Vec<usize> = (0..found).collect();
        farthest.sort_by(|a, b| size(b).total_cmp(&size(a)));
        farthest.truncate(MAX_ANOMALIES);
        farthest.sort_unstable();
        let kept = farthest.iter().map(|i| output.anomalies[*i].clone());
        output.anomalies = kept.collect();
        warnings.push(format!(
            "of {found} anomalies the {MAX_ANOMALIES} farthest ones are answered; a higher \
             `threshold` finds fewer"
        ));
    }
    let past = output.history.len();
    output.history.drain(..past.saturating_sub(MAX_PAST));
    while json_bytes(output) > MAX_OUTPUT_BYTES && !output.history.is_empty() {
        let drop = output.history.len().div_ceil(20);
        output.history.drain(..drop);
    }
    if output.history.len() < past {
        warnings.push(format!(
            "of the past, the last {} periods are answered: {MAX_PAST} at most, in an answer of \
             {MAX_OUTPUT_BYTES} bytes at most",
            output.history.len()
        ));
    }
    warnings
}

fn round(output: &mut Output) {
    if let Some(found) = &mut output.estimated {
        *found = estimated(found);
    }
    let of = output.accuracy;
    output.accuracy = Accuracy {
        mae: rounded(of.mae),
        rmse: rounded(of.rmse),
        mape: of.mape.map(rounded),
        mase: of.mase.map(rounded),
    };
    for candidate in &mut output.candidates {
        candidate.aicc = rounded(candidate.aicc);
    }
    for past in &mut output.history {
        past.expected = past.expected.map(rounded);
    }
    for ahead in &mut output.forecast {
        ahead.value = rounded(ahead.value);
        for interval in &mut ahead.intervals {
            interval.low = rounded(interval.low);
            interval.high = rounded(interval.high);
        }
    }
    for anomaly in &mut output.anomalies {
        *anomaly = Anomaly {
            at: std::mem::take(&mut anomaly.at),
            value: anomaly.value,
            expected: rounded(anomaly.expected),
            score: rounded(anomaly.score),
        };
    }
}

fn estimated(of: &Estimated) -> Estimated {
    Estimated {
        alpha: rounded(of.alpha),
        beta: of.beta.map(rounded),
        gamma: of.gamma.map(rounded),
        phi: of.phi.map(rounded),
        level: rounded(of.level),
        slope: rounded(of.slope),
        seasons: of.seasons.iter().copied().map(rounded).collect(),
        sigma: rounded(of.sigma),
        log_likelihood: of.log_likelihood.map(rounded),
        aicc: of.aicc.map(rounded),
    }
}
