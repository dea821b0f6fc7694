//! A model that is fitted once, stored, and scores any number of leads.

use std::collections::BTreeMap;

use baton_domain::{FieldError, Timestamp};
use serde::{Deserialize, Serialize};

use crate::calibration::{Calibration, Reliability, folded};
use crate::features::Features;
use crate::logistic::{FitError, Logistic, chance};

/// A logistic regression with its calibration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Which fit this is.
    pub version: Version,
    /// Log odds where every feature is 0.
    pub intercept: f64,
    /// The features, by name.
    pub features: BTreeMap<String, Weight>,
    /// From log odds to chances; the logistic function where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// How well its chances came true on leads that it had not seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reliability: Option<Reliability>,
}

/// Which fit a model comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// How it was found: `logistic-irls/1`.
    pub method: String,
    /// The end of observation of the data.
    pub data_until: Timestamp,
    /// How many leads the data hold.
    pub rows: u64,
}

/// What one feature weighs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weight {
    /// By how much the log odds rise per unit.
    pub coefficient: f64,
    /// The mean over the leads of the data.
    pub mean: f64,
}

/// How [`Model::fit`] finds its figures, and which version of it.
pub const METHOD: &str = "logistic-irls/1";

/// The largest feature that is taken.
pub const MAX_FEATURE: f64 = 1e12;

/// What one feature of a lead adds to the log odds of the average lead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Driver {
    /// The feature.
    pub feature: String,
    /// Its value; the average where the lead has none.
    pub value: f64,
    /// The average over the leads of the data.
    pub average: f64,
    /// What the difference adds.
    pub contribution: f64,
}

/// The score of one lead.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The calibrated chance to convert.
    pub probability: f64,
    /// Log odds before calibration: the base and all contributions.
    pub log_odds: f64,
    /// Log odds of the average lead.
    pub base: f64,
    /// Every feature, by how much it matters here.
    pub drivers: Vec<Driver>,
    /// The features that the lead lacks.
    pub missing: Vec<String>,
}

impl Model {
    /// Fits leads to what became of them: all features of the first must be there in each. Chances are
    /// calibrated on folds where there are five leads of either outcome.
    ///
    /// # Errors
    /// As [`Logistic::fit`]; a lead without one of the features is an invalid row.
    pub fn fit(
        leads: &[Features],
        outcomes: &[bool],
        ridge: f64,
        until: Timestamp,
    ) -> Result<Self, FitError> {
        let names: Vec<&String> = leads.first().map_or_else(Vec::new, |l| l.keys().collect());
        let row = |(i, lead): (usize, &Features)| {
            let values = names.iter().map(|name| lead.get(*name).copied());
            let values = values.collect::<Option<Vec<f64>>>();
            values
                .filter(|row| row.len() == lead.len())
                .ok_or(FitError::InvalidRow(i))
        };
        let rows = leads
            .iter()
            .enumerate()
            .map(row)
            .collect::<Result<Vec<_>, _>>()?;
        let names = names.into_iter().cloned().collect();
        Self::fit_rows(names, &rows, outcomes, ridge, until)
    }

    /// The same for rows of figures in the order of the features' names.
    ///
    /// # Errors
    /// As [`Logistic::fit`].
    pub fn fit_rows(
        names: Vec<String>,
        rows: &[Vec<f64>],
        outcomes: &[bool],
        ridge: f64,
        until: Timestamp,
    ) -> Result<Self, FitError> {
        let fit = Logistic::fit(rows, outcomes, ridge)?;
        let folded = folded(rows, outcomes, ridge).ok();
        let weights = fit.coefficients.iter().zip(&fit.means);
        let weight = |(coefficient, mean): (&f64, &f64)| Weight {
            coefficient: *coefficient,
            mean: *mean,
        };
        Ok(Self {
            version: Version {
                method: METHOD.to_owned(),
                data_until: until,
                rows: rows.len() as u64,
            },
            intercept: fit.intercept,
            features: names.into_iter().zip(weights.map(weight)).collect(),
            calibration: folded
                .as_ref()
                .map(|f| Calibration::fit(&f.log_odds, outcomes)),
            reliability: folded.map(|f| f.reliability(outcomes)),
        })
    }

    /// The log odds of the average lead.
    pub fn base(&self) -> f64 {
        let sum: f64 = self.features.values().map(|w| w.coefficient * w.mean).sum();
        self.intercept + sum
    }

    /// The chance of given log odds.
    pub fn probability(&self, log_odds: f64) -> f64 {
        let calibrated = self.calibration.as_ref();
        calibrated.map_or_else(|| chance(log_odds), |map| map.apply(log_odds))
    }

    /// Scores a lead; a feature that it lacks counts as average, others than the model's are ignored.
    pub fn score(&self, lead: &Features) -> Score {
        let mut missing = Vec::new();
        let mut drivers: Vec<Driver> = Vec::with_capacity(self.features.len());
        for (name, weight) in &self.features {
            let value = lead.get(name).copied().unwrap_or_else(|| {
                missing.push(name.clone());
                weight.mean
            });
            drivers.push(Driver {
                feature: name.clone(),
                value,
                average: weight.mean,
                contribution: weight.coefficient * (value - weight.mean),
            });
        }
        let base = self.base();
        let log_odds = base
            + drivers
                .iter()
                .map(|driver| driver.contribution)
                .sum::<f64>();
        drivers.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
        Score {
            probability: self.probability(log_odds),
            log_odds,
            base,
            drivers,
            missing,
        }
    }

    /// The chances of many leads, rows of features in the order of the model's names.
    pub fn score_many(&self, rows: &[Vec<f64>]) -> Vec<f64> {
        let weights: Vec<f64> = self.features.values().map(|w| w.coefficient).collect();
        let one = |row: &Vec<f64>| {
            let sum: f64 = weights.iter().zip(row).map(|(w, x)| w * x).sum();
            self.probability(self.intercept + sum)
        };
        rows.iter().map(one).collect()
    }

    /// Checks what was stored and comes back.
    ///
    /// # Errors
    /// The first field that no fit gives.
    pub fn validate(&self) -> Result<(), FieldError> {
        let bounded = |field: String, value: f64| {
            if value.abs() <= MAX_FEATURE {
                return Ok(());
            }
            Err(FieldError::new(
                field,
                format!("must be within ±{MAX_FEATURE:e}, got {value}"),
            ))
        };
        if self.features.is_empty() {
            return Err(FieldError::new("features", "must be one or more"));
        }
        bounded("intercept".to_owned(), self.intercept)?;
        for (name, weight) in &self.features {
            bounded(format!("features.{name}.coefficient"), weight.coefficient)?;
            bounded(format!("features.{name}.mean"), weight.mean)?;
        }
        let sound = self.calibration.as_ref().map_or(Ok(()), Calibration::check);
        sound.map_err(|message| FieldError::new("calibration", message))
    }

    /// Stands in where a tenant has no model: what shops commonly find, in round figures, not estimated
    /// from anybody's leads. One lead in twenty converts; carts and recent signs weigh most; dismissals
    /// speak against.
    pub fn prior() -> Self {
        let weights = [
            ("abandoned_checkouts", 0.5, 0.1),
            ("carts", 0.9, 0.2),
            ("clicks", 0.35, 0.7),
            ("dismissals", -0.4, 0.1),
            ("orders", 0.6, 0.3),
            ("recency", -0.6, 2.7),
            ("views", 0.2, 1.4),
        ];
        let base: f64 = (0.05_f64 / 0.95).ln();
        let shift: f64 = weights.iter().map(|(_, c, m)| c * m).sum();
        let weight = |(name, coefficient, mean): (&str, f64, f64)| {
            (name.to_owned(), Weight { coefficient, mean })
        };
        Self {
            version: Version {
                method: "prior/1".to_owned(),
                data_until: Timestamp::UNIX_EPOCH,
                rows: 0,
            },
            intercept: base - shift,
            features: weights.into_iter().map(weight).collect(),
            calibration: None,
            reliability: None,
        }
    }
}
