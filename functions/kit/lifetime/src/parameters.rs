//! Fits that are kept: made once from a tenant's customer base, stored, and passed back in to score.

use std::collections::BTreeMap;

use baton_domain::{FieldError, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{BgNbd, Error, Fit, GammaGamma, PARAMETER_RANGE, Sbg, Summary, summary};

/// What a tenant's models were fitted to. Parts that were not fitted are absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Which fit this is.
    pub version: Version,
    /// Purchases and dropping out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bg_nbd: Option<BgNbd>,
    /// Spend per purchase, by ISO 4217 code of the currency.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub gamma_gamma: BTreeMap<String, GammaGamma>,
    /// Renewals of contracts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sbg: Option<Sbg>,
}

/// Which fit parameters come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// How they were found: `bgnbd-ml/1`.
    pub method: String,
    /// The end of observation of the data.
    pub data_until: Timestamp,
    /// How many customers the data hold.
    pub customers: u64,
    /// Whether the data do not determine all parameters: the fit lies at the edge of
    /// [`PARAMETER_RANGE`]. [`Version::warning`] says what that means.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undetermined: bool,
}

impl Version {
    /// What a reader should know of this fit.
    pub fn warning(&self) -> Option<String> {
        let said = "the fit lies at the edge of what the model allows: there is too little variety in \
                    the data to tell its parameters, and what it predicts of customers who differ \
                    from those it was fitted to is a guess";
        self.undetermined.then(|| said.to_owned())
    }
}

/// How [`Parameters::fit`] finds its figures, and which version of it.
pub const METHOD: &str = "bgnbd-ml/1";

/// How [`Parameters::fit_contracts`] does.
pub const CONTRACT_METHOD: &str = "sbg-ml/1";

/// Smallest and largest scale of spend that is taken: sums of money scale γ.
const SCALES: (f64, f64) = (1e-9, 1e12);

/// By what part an end of a range is passed where a fit that lies at it was written down and read.
const LOST_IN_WRITING: f64 = 1e-3;

impl Parameters {
    /// Fits purchases, and spend where enough of it is known, to customers observed until `until`.
    ///
    /// # Errors
    /// As [`BgNbd::fit`].
    pub fn fit(rows: &[Summary], currency: &str, until: Timestamp) -> Result<Self, Error> {
        let purchases = BgNbd::fit(rows)?;
        let spend = GammaGamma::fit(rows).ok();
        let spend = spend.map(|fit| (currency.to_owned(), fit.model));
        Ok(Self {
            version: Version {
                method: METHOD.to_owned(),
                data_until: until,
                customers: summary::customers(rows),
                undetermined: !purchases.determined,
            },
            bg_nbd: Some(purchases.model),
            gamma_gamma: spend.into_iter().collect(),
            sbg: None,
        })
    }

    /// Fits renewals to the survivors of a cohort observed until `until`.
    ///
    /// # Errors
    /// As [`Sbg::fit`].
    pub fn fit_contracts(survivors: &[u32], until: Timestamp) -> Result<Self, Error> {
        Ok(Self::of_contracts(&Sbg::fit(survivors)?, until))
    }

    /// Fits renewals to customers who signed at different times, observed until `until`.
    ///
    /// # Errors
    /// As [`Sbg::fit_tenures`].
    pub fn fit_tenures(left: &[u32], stayed: &[u32], until: Timestamp) -> Result<Self, Error> {
        Ok(Self::of_contracts(&Sbg::fit_tenures(left, stayed)?, until))
    }

    fn of_contracts(fit: &Fit<Sbg>, until: Timestamp) -> Self {
        Self {
            version: Version {
                method: CONTRACT_METHOD.to_owned(),
                data_until: until,
                customers: fit.customers,
                undetermined: !fit.determined,
            },
            bg_nbd: None,
            gamma_gamma: BTreeMap::new(),
            sbg: Some(fit.model),
        }
    }

    /// Checks what was stored and comes back: every figure finite and within what models take.
    ///
    /// # Errors
    /// The first field that is not.
    pub fn validate(&self) -> Result<(), FieldError> {
        if let Some(BgNbd { r, alpha, a, b }) = self.bg_nbd {
            let named = [("r", r), ("alpha", alpha), ("a", a), ("b", b)];
            check("bg_nbd", PARAMETER_RANGE, &named)?;
        }
        for (currency, GammaGamma { p, q, gamma }) in &self.gamma_gamma {
            let field = format!("gamma_gamma.{currency}");
            check(&field, PARAMETER_RANGE, &[("p", *p)])?;
            // Just above 1 the mean spend of all customers explodes.
            let above_one = (crate::gamma_gamma::MIN_Q, PARAMETER_RANGE.1);
            check(&field, above_one, &[("q", *q)])?;
            check(&field, SCALES, &[("gamma", *gamma)])?;
        }
        if let Some(Sbg { alpha, beta }) = self.sbg {
            let named = [("alpha", alpha), ("beta", beta)];
            check("sbg", PARAMETER_RANGE, &named)?;
        }
        Ok(())
    }
}

fn check(field: &str, range: (f64, f64), named: &[(&str, f64)]) -> Result<(), FieldError> {
    let (low, high) = range;
    let taken = low * (1.0 - LOST_IN_WRITING)..=high * (1.0 + LOST_IN_WRITING);
    for (name, value) in named {
        if !taken.contains(value) {
            let message = format!("must lie between {low} and {high}, got {value}");
            return Err(FieldError::new(format!("{field}.{name}"), message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cdnow;

    fn until() -> Timestamp {
        "1997-09-30T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn what_is_stored_comes_back() {
        let fitted = Parameters::fit(&cdnow::customers(), "USD", until()).unwrap();
        let text = serde_json::to_string(&fitted).unwrap();
        let back: Parameters = serde_json::from_str(&text).unwrap();
        assert_eq!(back, fitted);
        assert_eq!(back.version.customers, 2_357);
        assert_eq!(back.validate(), Ok(()));
        assert!(back.bg_nbd.is_some() && back.gamma_gamma.contains_key("USD"));
        let contracts = Parameters::fit_contracts(&[1_000, 631, 468, 382], until()).unwrap();
        assert!(contracts.sbg.is_some() && contracts.validate().is_ok());
    }

    /// 150 customers who are all alike: nothing tells how much customers differ.
    #[test]
    fn a_fit_at_the_edge_says_so() {
        let alike = vec![Summary::new(1, 3.0, 50.0); 150];
        let fitted = Parameters::fit(&alike, "USD", until()).unwrap();
        assert!(fitted.version.undetermined, "{fitted:?}");
        let warning = fitted.version.warning().unwrap();
        assert!(warning.contains("too little variety"), "{warning}");
        let text = serde_json::to_string(&fitted).unwrap();
        let back: Parameters = serde_json::from_str(&text).unwrap();
        assert_eq!((back.validate(), back.version), (Ok(()), fitted.version));
        let sound = Parameters::fit(&cdnow::customers(), "USD", until()).unwrap();
        assert_eq!(sound.version.warning(), None);
        assert!(
            !serde_json::to_string(&sound)
                .unwrap()
                .contains("undetermined")
        );
    }

    #[test]
    fn what_no_fit_gives_is_refused_by_name() {
        let fitted = Parameters::fit(&cdnow::customers(), "USD", until()).unwrap();
        let with = |change: &dyn Fn(&mut Parameters)| {
            let mut changed = fitted.clone();
            change(&mut changed);
            changed.validate().unwrap_err().field
        };
        let of = |p: &Parameters| p.bg_nbd.unwrap();
        assert_eq!(
            with(&|p| p.bg_nbd = Some(BgNbd { a: 0.0, ..of(p) })),
            "bg_nbd.a"
        );
        assert_eq!(
            with(&|p| p.bg_nbd = Some(BgNbd {
                r: f64::NAN,
                ..of(p)
            })),
            "bg_nbd.r"
        );
        let spend = GammaGamma {
            p: 2.0,
            q: 1.0,
            gamma: 9.0,
        };
        let field = with(&|p| p.gamma_gamma = BTreeMap::from([("EUR".to_owned(), spend)]));
        assert_eq!(field, "gamma_gamma.EUR.q");
        let mut low = fitted.clone();
        low.bg_nbd = Some(BgNbd { a: 0.0, ..of(&low) });
        let said = low.validate().unwrap_err().message;
        assert_eq!(said, "must lie between 0.001 and 10000, got 0");
        let endless = Sbg {
            alpha: 1.0,
            beta: f64::INFINITY,
        };
        assert_eq!(with(&|p| p.sbg = Some(endless)), "sbg.beta");
    }
}
