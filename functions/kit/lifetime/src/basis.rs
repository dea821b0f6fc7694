//! What a prediction rests on: stored parameters, a cohort that is fitted now, or a weak prior.

use baton_domain::{FieldError, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{BgNbd, Error, GammaGamma, Parameters, Sbg, Summary, Version, summary};

/// What a reader should know of customers who bought once, under BG/NBD.
pub const ONE_PURCHASE: &str = "BG/NBD cannot tell whether a customer who bought once is lost: it takes \
    every such customer for alive, however long ago the purchase was";

/// Stands in where no customer base is known. It is no estimate of anybody's customers: it says that a
/// customer buys about once in twelve weeks, give or take much, and that one in five is lost after a
/// purchase, where anything up to a half would not surprise. A few purchases outweigh it.
pub const PRIOR: BgNbd = BgNbd {
    r: 0.5,
    alpha: 6.0,
    a: 1.0,
    b: 4.0,
};

/// The same for contracts: one in five does not renew the first time, fewer later.
pub const CONTRACT_PRIOR: Sbg = Sbg {
    alpha: 1.0,
    beta: 4.0,
};

/// The fewest customers that a cohort is fitted to; fewer say less than the prior does.
pub const MIN_COHORT: u64 = 100;

/// What a prediction rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Parameters that were fitted before.
    Parameters,
    /// A cohort that came with the request.
    Cohort,
    /// Nothing but a weak prior.
    Prior,
}

/// The spend of customers whose mean is all that is known: purchases of one customer differ by half of
/// it, customers as much again.
pub fn prior_spend(mean: f64) -> GammaGamma {
    let (p, q) = (4.0, 5.0);
    GammaGamma {
        p,
        q,
        gamma: (mean * (q - 1.0) / p).max(1e-9),
    }
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// Purchases and dropping out.
    pub model: BgNbd,
    /// Spend per purchase in the currency asked for, where it is known.
    pub spend: Option<GammaGamma>,
    /// What the model rests on.
    pub basis: Basis,
    /// Which fit it is; none for the prior.
    pub version: Option<Version>,
    /// The parameters, where they were fitted now, to be kept.
    pub fitted: Option<Parameters>,
    /// What a reader should know.
    pub warnings: Vec<String>,
}

impl Chosen {
    /// How sure a prediction is of its model, from 0 to 1: by how many customers it was fitted to, or
    /// how many purchases speak against the prior.
    pub fn confidence(&self, repeats: u32) -> f64 {
        let share = |n: f64, half: f64| n / (n + half);
        match &self.version {
            Some(version) => 0.9 * share(version.customers as f64, 100.0),
            None => 0.2 + 0.2 * share(f64::from(repeats), 5.0),
        }
    }
}

/// Chooses a cohort of [`MIN_COHORT`] or more before stored parameters, and these before the prior.
///
/// # Errors
/// A row of the cohort that is no customer.
pub fn choose(
    parameters: Option<Parameters>,
    cohort: &[Summary],
    currency: &str,
    as_of: Timestamp,
) -> Result<Chosen, Error> {
    let mut warnings = Vec::new();
    summary::check_all(cohort)?;
    let customers = summary::customers(cohort);
    if customers >= MIN_COHORT {
        match Parameters::fit(cohort, currency, as_of) {
            Ok(fitted) => {
                warnings.extend(fitted.version.warning());
                return Ok(Chosen {
                    model: fitted.bg_nbd.unwrap_or(PRIOR),
                    spend: fitted.gamma_gamma.get(currency).copied(),
                    basis: Basis::Cohort,
                    version: Some(fitted.version.clone()),
                    fitted: Some(fitted),
                    warnings,
                });
            }
            Err(error) => warnings.push(format!("the cohort was not fitted: {error}")),
        }
    } else if customers > 0 {
        warnings.push(format!(
            "the cohort was not fitted: it has {customers} customers, {MIN_COHORT} are needed"
        ));
    }
    if let Some(parameters) = parameters
        && let Some(model) = parameters.bg_nbd
    {
        warnings.extend(parameters.version.warning());
        return Ok(Chosen {
            model,
            spend: parameters.gamma_gamma.get(currency).copied(),
            basis: Basis::Parameters,
            version: Some(parameters.version),
            fitted: None,
            warnings,
        });
    }
    warnings.push(
        "no customer base is known: the model is a weak prior, not an estimate of this one"
            .to_owned(),
    );
    Ok(Chosen {
        model: PRIOR,
        spend: None,
        basis: Basis::Prior,
        version: None,
        fitted: None,
        warnings,
    })
}

/// The name of a fit, for an agent's method: with what it was fitted by, or that it is a prior.
pub fn method_name(model: &str, basis: Basis) -> String {
    match basis {
        Basis::Parameters => model.to_owned(),
        Basis::Cohort => format!("{model}-cohort"),
        Basis::Prior => format!("{model}-prior"),
    }
}

/// How far ahead a prediction looks: from a day to ten years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32")]
pub struct HorizonDays(u32);

impl HorizonDays {
    /// The longest.
    pub const MAX: u32 = 3_650;

    /// A quarter of a year.
    pub const QUARTER: Self = Self(91);
    /// A year.
    pub const YEAR: Self = Self(365);

    /// Days.
    pub fn days(self) -> u32 {
        self.0
    }

    /// Weeks.
    pub fn weeks(self) -> f64 {
        f64::from(self.0) / 7.0
    }
}

impl TryFrom<u32> for HorizonDays {
    type Error = String;

    fn try_from(days: u32) -> Result<Self, String> {
        if (1..=Self::MAX).contains(&days) {
            Ok(Self(days))
        } else {
            Err(format!(
                "must lie between 1 and {} days, got {days}",
                Self::MAX
            ))
        }
    }
}

/// Checks parameters that came back from where they were stored.
///
/// # Errors
/// The first field that no fit gives, below `parameters`.
pub fn check_parameters(parameters: Option<&Parameters>) -> Result<(), FieldError> {
    let Some(parameters) = parameters else {
        return Ok(());
    };
    parameters
        .validate()
        .map_err(|error| FieldError::new(format!("parameters.{}", error.field), error.message))
}
