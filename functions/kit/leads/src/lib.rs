//! Models of leads: how likely one is to convert, by a logistic regression ([`logistic`]) on what is known
//! of it ([`features`]), its chances calibrated on folds ([`calibration`]). A [`Model`] is fitted once to
//! a tenant's leads, stored, and scores any number of them afterwards.

pub mod calibration;
pub mod features;
pub mod logistic;
pub mod model;

pub use features::Features;
pub use model::{Driver, Model, Version};
