//! What settings and outputs must fulfil.

use std::collections::BTreeSet;

use baton_domain::FieldError;

use crate::funnel::MAX_STEPS;
use crate::journeys::MAX_NAME;
use crate::rate::Rate;
use crate::{Outlook, Output, Settings};

/// Checks what is wanted.
pub(crate) fn settings(settings: &Settings) -> Result<(), FieldError> {
    if !(0.5..=0.999).contains(&settings.level) {
        let message = format!("must lie between 0.5 and 0.999, got {}", settings.level);
        return Err(FieldError::new("level", message));
    }
    if settings.paths > 100 {
        let message = format!("must be 100 at most, got {}", settings.paths);
        return Err(FieldError::new("paths", message));
    }
    if settings.funnel.len() > MAX_STEPS {
        let message = format!("has more than {MAX_STEPS} stages");
        return Err(FieldError::new("funnel", message));
    }
    let mut seen = BTreeSet::new();
    for (i, stage) in settings.funnel.iter().enumerate() {
        if stage.len() > MAX_NAME {
            let message = format!("must be a stage's name of {MAX_NAME} bytes at most");
            return Err(FieldError::new(format!("funnel[{i}]"), message));
        }
        if !seen.insert(stage) {
            let message = format!("{stage} stands in the funnel twice");
            return Err(FieldError::new(format!("funnel[{i}]"), message));
        }
    }
    Ok(())
}

/// Checks ranges, order and finiteness.
pub(crate) fn output(output: &Output) -> Result<(), String> {
    rate("totals.conversion", output.totals.conversion)?;
    if output.totals.converted > output.totals.journeys {
        return Err("totals.converted: more than there are journeys".to_owned());
    }
    if let Some(start) = output.start {
        outlook("start", start)?;
    }
    for (i, state) in output.states.iter().enumerate() {
        outlook(&format!("states[{i}]"), state.outlook)?;
        rate(&format!("states[{i}].drop_off"), state.drop_off)?;
    }
    for (i, link) in output.links.iter().enumerate() {
        let sound = link
            .mean_hours
            .is_none_or(|hours| hours >= 0.0 && hours.is_finite());
        if !(sound && link.count > 0 && (0.0..=1.0).contains(&link.share)) {
            return Err(format!("links[{i}]: out of range"));
        }
    }
    let steps = output.funnel.iter().flat_map(|funnel| &funnel.steps);
    let mut before = output.totals.journeys;
    for (i, step) in steps.enumerate() {
        rate(
            &format!("funnel.steps[{i}].from_previous"),
            step.from_previous,
        )?;
        rate(&format!("funnel.steps[{i}].from_all"), step.from_all)?;
        if step.journeys > before {
            return Err(format!(
                "funnel.steps[{i}].journeys: more than the step before"
            ));
        }
        before = step.journeys;
    }
    let within = |x: f64| (0.0..=1.0).contains(&x);
    if !output
        .paths
        .iter()
        .all(|path| within(path.share) && within(path.conversion_rate))
    {
        return Err("paths: a share lies outside 0 to 1".to_owned());
    }
    Ok(())
}

fn rate(field: &str, rate: Rate) -> Result<(), String> {
    let Rate { rate, low, high } = rate;
    if 0.0 <= low && low <= rate && rate <= high && high <= 1.0 {
        Ok(())
    } else {
        Err(format!("{field}: must be a rate within its interval"))
    }
}

fn outlook(field: &str, outlook: Outlook) -> Result<(), String> {
    let finite = |x: f64, least: f64| x.is_finite() && x >= least;
    // A journey visits at least the stage where it is; the sums lose a little.
    let steps = outlook.expected_steps_to_convert.unwrap_or(1.0);
    let hours = outlook.expected_hours_to_convert.unwrap_or(0.0);
    let least = 1.0 - 1e-9;
    let sound = finite(outlook.expected_steps, least) && finite(steps, least) && finite(hours, 0.0);
    if sound && (0.0..=1.0).contains(&outlook.conversion_probability) {
        Ok(())
    } else {
        Err(format!(
            "{field}: a probability, steps or hours are out of range"
        ))
    }
}
