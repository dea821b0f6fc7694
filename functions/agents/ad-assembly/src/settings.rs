//! What arms are weighed by.

use baton_domain::FieldError;

use crate::Input;
use crate::arms::{Arm, MOST_PRIOR, Measure, Prior};

/// What arms are weighed by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// What counts as success.
    pub measure: Measure,
    /// What is believed beforehand; the pooled rate of the arms where nothing is said.
    pub prior: Option<Prior>,
    /// The part of the traffic that is split evenly.
    pub exploration_floor: f64,
    /// The loss that is not cared about, as a part of the leader's rate.
    pub caring_threshold: f64,
    /// What the draws follow from.
    pub seed: u64,
}

impl Settings {
    /// What is believed beforehand of the arms of a component.
    pub fn prior_of(&self, arms: &[Arm]) -> Prior {
        self.prior
            .unwrap_or_else(|| Prior::pooled(arms, self.measure))
    }
}

/// The settings of an input.
///
/// # Errors
/// The first field that is out of range.
pub(crate) fn of(input: &Input) -> Result<Settings, FieldError> {
    let within = |field: &str, value: f64, least: f64, most: f64| {
        if (least..=most).contains(&value) {
            Ok(value)
        } else {
            Err(FieldError::new(
                field,
                format!("must lie between {least} and {most}, got {value}"),
            ))
        }
    };
    if let Some(prior) = input.prior {
        within("prior.successes", prior.successes, 0.5, MOST_PRIOR)?;
        within("prior.failures", prior.failures, 0.5, MOST_PRIOR)?;
    }
    within("exploration_floor", input.exploration_floor, 0.0, 1.0)?;
    within("caring_threshold", input.caring_threshold, 0.0, 1.0)?;
    within("ads", input.ads as f64, 1.0, 10.0)?;
    within("draws", input.draws as f64, 0.0, 500.0)?;
    Ok(Settings {
        measure: input.measure,
        prior: input.prior,
        exploration_floor: input.exploration_floor,
        caring_threshold: input.caring_threshold,
        seed: input.seed,
    })
}
