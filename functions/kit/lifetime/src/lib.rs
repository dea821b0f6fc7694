//! Customer-base analysis: who is still a customer, how often will they buy, and what is that worth.
//!
//! Orders become a [`Summary`] (repeat purchases, recency, age, mean spend). [`BgNbd`] models when
//! customers buy and drop out where nobody announces it (Fader, Hardie, Lee 2005), [`GammaGamma`] what
//! they spend per purchase (Fader, Hardie, "The Gamma-Gamma Model of Monetary Value", 2013), [`Sbg`] how
//! long contracts are renewed (Fader, Hardie, "How to Project Customer Retention", 2007), and [`value`]
//! what a customer is worth. Each is fitted once to a customer base; [`Parameters`] keep the fits, so
//! that they are stored and score any number of customers afterwards. Time is in weeks, money in whole
//! units of a currency.

pub mod basis;
pub mod bg_nbd;
mod by_age;
#[cfg(test)]
mod cdnow;
pub mod gamma_gamma;
mod maximise;
pub mod parameters;
pub mod predict;
#[cfg(test)]
mod recovery;
pub mod renewals;
pub mod sbg;
pub mod score;
pub mod summary;
pub mod value;

pub use basis::{Basis, HorizonDays};
pub use bg_nbd::BgNbd;
pub use gamma_gamma::GammaGamma;
pub use parameters::{Parameters, Version};
pub use predict::{Prediction, Predictive, Predictor, predict_many};
pub use renewals::Renewals;
pub use sbg::Sbg;
pub use score::Scorer;
pub use summary::{Summary, summarise};

/// Weeks per year, for rates that are given per year.
pub const WEEKS_PER_YEAR: f64 = 365.25 / 7.0;

/// Smallest and largest value of any fitted parameter: beyond them lie limits of the models, where
/// customers do not differ at all or all of them are gone, and no data tell them from what is within.
pub const PARAMETER_RANGE: (f64, f64) = (1e-3, 1e4);

/// A model fitted to data by maximum likelihood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit<M> {
    /// The parameters.
    pub model: M,
    /// The logarithm of the likelihood at its maximum.
    pub log_likelihood: f64,
    /// How many customers the data hold.
    pub customers: u64,
    /// Whether the maximum lies inside [`PARAMETER_RANGE`] and was reached. If not, the parameters are
    /// the best within it, and the data do not determine all of them.
    pub determined: bool,
}

/// Why a model cannot be fitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The data do not hold what the model is about.
    #[error("not enough data: {0}")]
    NotEnoughData(&'static str),
    /// A row is not a summary of a customer.
    #[error("row {row}: {message}")]
    InvalidRow {
        /// Which, counted from 0.
        row: usize,
        /// What is wrong with it.
        message: &'static str,
    },
}
