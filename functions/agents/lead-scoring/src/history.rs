//! Leads of the past, and the model that is taken.

use baton_domain::profile::{Event, Order};
use baton_domain::{FieldError, Timestamp};
use serde::Deserialize;

use crate::features::{self, Features};
use crate::logistic::FitError;
use crate::model::Model;
use crate::{Error, check};

/// A lead of the past and what became of it: by its features, by its profile as of a moment before it was
/// known, or both.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Whether the lead converted.
    pub converted: bool,
    /// What was known, by name.
    #[serde(default)]
    pub features: Features,
    /// The moment of the profile; without it, orders and events are not looked at.
    #[serde(default)]
    pub as_of: Option<Timestamp>,
    /// What the lead had bought.
    #[serde(default)]
    pub orders: Vec<Order>,
    /// What the lead had done.
    #[serde(default)]
    pub events: Vec<Event>,
}

/// The precision of the prior of each standardised coefficient, from 0 to a million.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "f64")]
pub struct Ridge(f64);

impl Default for Ridge {
    fn default() -> Self {
        Self(1.0)
    }
}

impl TryFrom<f64> for Ridge {
    type Error = String;

    fn try_from(ridge: f64) -> Result<Self, String> {
        if (0.0..=1e6).contains(&ridge) {
            Ok(Self(ridge))
        } else {
            Err(format!("must lie between 0 and 1000000, got {ridge}"))
        }
    }
}

/// The fewest leads, and of either outcome, that a model is fitted to.
pub const MIN_LEADS: usize = 50;
/// See [`MIN_LEADS`].
pub const MIN_EITHER: usize = 10;

/// The most features of a lead.
pub const MAX_FEATURES: usize = 50;

/// What was chosen.
pub(crate) struct Chosen {
    pub(crate) model: Model,
    pub(crate) method: &'static str,
    pub(crate) prior: bool,
    pub(crate) fitted: bool,
    pub(crate) warnings: Vec<String>,
}

/// Chooses a history that suffices before a stored model, and a stored model before the prior.
pub(crate) fn choose(
    stored: Option<Model>,
    history: &[Example],
    ridge: Ridge,
    as_of: Timestamp,
) -> Result<Chosen, Error> {
    let sound = stored.as_ref().map_or(Ok(()), Model::validate);
    sound.map_err(|error| {
        let field = format!("model.{}", error.field);
        Error::InvalidModel(FieldError::new(field, error.message))
    })?;
    for (i, example) in history.iter().enumerate() {
        let field = format!("history[{i}].features");
        check::features(&field, &example.features).map_err(Error::InvalidHistory)?;
    }
    let mut warnings = Vec::new();
    let converted = history.iter().filter(|example| example.converted).count();
    let either = converted.min(history.len() - converted);
    if history.len() >= MIN_LEADS && either >= MIN_EITHER {
        let model = fit(history, ridge, as_of, &mut warnings)?;
        return Ok(Chosen {
            model,
            method: "logistic-history",
            prior: false,
            fitted: true,
            warnings,
        });
    }
    if !history.is_empty() {
        warnings.push(format!(
            "the history was not fitted: it has {} leads, {either} of the rarer outcome; {MIN_LEADS} \
             and {MIN_EITHER} are needed",
            history.len()
        ));
    }
    if let Some(model) = stored {
        return Ok(Chosen {
            model,
            method: "logistic",
            prior: false,
            fitted: false,
            warnings,
        });
    }
    warnings.push("no model of this tenant's leads is known: the weights are a prior".to_owned());
    Ok(Chosen {
        model: Model::prior(),
        method: "logistic-prior",
        prior: true,
        fitted: false,
        warnings,
    })
}

fn fit(
    history: &[Example],
    ridge: Ridge,
    as_of: Timestamp,
    warnings: &mut Vec<String>,
) -> Result<Model, Error> {
    let mut leads = Vec::with_capacity(history.len());
    for example in history {
        let mut lead = example.as_of.map_or_else(Features::new, |as_of| {
            features::of_profile(&example.orders, &example.events, as_of)
        });
        lead.extend(example.features.clone());
        leads.push(lead);
    }
    if leads
        .first()
        .is_some_and(|lead| lead.is_empty() || lead.len() > MAX_FEATURES)
    {
        let message = format!("must be 1 to {MAX_FEATURES}, or an as_of for those of the profile");
        return Err(Error::InvalidHistory(FieldError::new(
            "history[0].features",
            message,
        )));
    }
    let outcomes: Vec<bool> = history.iter().map(|example| example.converted).collect();
    let refuse = |error: FitError| match error {
        FitError::InvalidRow(row) => Error::InvalidHistory(FieldError::new(
            format!("history[{row}].features"),
            "must be those of the first lead",
        )),
        other => Error::InvalidHistory(FieldError::new("history", other.to_string())),
    };
    match Model::fit(&leads, &outcomes, ridge.0, as_of) {
        Err(error @ (FitError::Separated | FitError::Collinear)) => {
            warnings.push(format!("{error}: a ridge of 1 was taken"));
            Model::fit(&leads, &outcomes, 1.0, as_of).map_err(refuse)
        }
        other => other.map_err(refuse),
    }
}
