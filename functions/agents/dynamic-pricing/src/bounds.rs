//! Floor, ceiling and the largest step: the window that a price must lie in.

use baton_domain::{Amount, PricePolicy};

use crate::{Bound, BoundsReport, Error};

/// The window of prices that a policy allows after a last price.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The lowest price.
    pub lowest: f64,
    /// The highest price.
    pub highest: f64,
    floor: f64,
    ceiling: f64,
}

impl Bounds {
    /// The window of `policy` after `last_price`. A last price of 0 bounds nothing: every price is
    /// infinitely far from a free one, and a policy that offered nothing ever after helps nobody.
    ///
    /// # Errors
    /// [`Error::NoOffer`] when the last price lies so far outside that no step leads back in.
    pub fn new(policy: &PricePolicy, last_price: Option<Amount>) -> Result<Self, Error> {
        let [floor, ceiling] = [policy.floor.value(), policy.ceiling.value()];
        let last = last_price.map(Amount::value).filter(|last| *last > 0.0);
        let step_down = last.map_or(floor, |last| last * (1.0 - policy.max_step));
        let step_up = last.map_or(ceiling, |last| last * (1.0 + policy.max_step));
        let bounds = Self {
            lowest: floor.max(step_down),
            highest: ceiling.min(step_up),
            floor,
            ceiling,
        };
        let conflict = |bound, edge: &str, limit| Error::NoOffer {
            bound,
            detail: format!(
                "one step from the last price cannot pass the {edge} {limit:.2}; raise max_step or \
                 forget the last price"
            ),
        };
        if step_down > ceiling {
            return Err(conflict(Bound::Ceiling, "ceiling", ceiling));
        }
        if step_up < floor {
            return Err(conflict(Bound::Floor, "floor", floor));
        }
        Ok(bounds)
    }

    /// Whether `price` lies in the window.
    pub fn contain(&self, price: f64) -> bool {
        (self.lowest..=self.highest).contains(&price)
    }

    /// The bound that keeps prices up.
    pub fn lower(&self) -> Bound {
        if self.lowest > self.floor {
            Bound::MaxStep
        } else {
            Bound::Floor
        }
    }

    /// The bound that keeps prices down.
    pub fn upper(&self) -> Bound {
        if self.highest < self.ceiling {
            Bound::MaxStep
        } else {
            Bound::Ceiling
        }
    }

    /// `price` rounded to hundredths without leaving the window; left as it is where the window
    /// holds no hundredth. Must lie in the window.
    pub fn round(&self, price: f64) -> f64 {
        let cents = price * 100.0;
        [cents.round(), cents.ceil(), cents.floor()]
            .map(|cents| cents / 100.0)
            .into_iter()
            .find(|rounded| self.contain(*rounded))
            .unwrap_or(price)
    }

    /// The price in the window that is nearest to `price`.
    pub fn clamp(&self, price: f64) -> f64 {
        price.clamp(self.lowest, self.highest)
    }

    /// The window as it is reported.
    pub fn report(&self) -> BoundsReport {
        BoundsReport {
            floor: self.floor,
            ceiling: self.ceiling,
            lowest: self.lowest,
            highest: self.highest,
        }
    }
}
