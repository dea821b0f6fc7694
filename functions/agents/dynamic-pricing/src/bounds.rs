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
        let unreachable = |bound, edge: String| Error::NoOffer {
            bound,
            detail: format!(
                "one step from the last price ends {edge}; raise max_step or forget the last price"
            ),
        };
        if step_down > ceiling {
            let edge = format!("above the ceiling {ceiling:.2}");
            return Err(unreachable(Bound::Ceiling, edge));
        }
        if step_up < floor {
            let edge = format!("below the floor {floor:.2}");
            return Err(unreachable(Bound::Floor, edge));
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy() -> PricePolicy {
        serde_json::from_value(json!({
            "tiers": [{"name": "list", "price": 20}], "list_tier": "list",
            "floor": 10, "ceiling": 30, "max_step": 0.2
        }))
        .unwrap()
    }

    fn after(last_price: f64) -> Result<Bounds, Error> {
        Bounds::new(&policy(), Some(Amount::try_from(last_price).unwrap()))
    }

    fn bound(result: Result<Bounds, Error>) -> Bound {
        match result {
            Err(Error::NoOffer { bound, .. }) => bound,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_step_narrows_floor_and_ceiling() {
        let bounds = after(20.0).unwrap();
        assert_eq!((bounds.lowest, bounds.highest), (16.0, 24.0));
        assert_eq!(
            (bounds.lower(), bounds.upper()),
            (Bound::MaxStep, Bound::MaxStep)
        );
        let bounds = after(11.0).unwrap();
        assert_eq!((bounds.lowest, bounds.lower()), (10.0, Bound::Floor));
        let bounds = after(29.0).unwrap();
        assert_eq!((bounds.highest, bounds.upper()), (30.0, Bound::Ceiling));
    }

    #[test]
    fn no_last_price_and_a_free_one_bound_nothing() {
        assert_eq!(Bounds::new(&policy(), None), after(0.0));
    }

    #[test]
    fn too_far_outside_no_step_leads_back() {
        assert_eq!(bound(after(100.0)), Bound::Ceiling);
        assert_eq!(bound(after(1.0)), Bound::Floor);
    }

    #[test]
    fn rounding_stays_inside() {
        let mut narrow = after(20.0).unwrap();
        (narrow.lowest, narrow.highest) = (16.004, 16.016);
        assert_eq!(narrow.round(16.004).to_string(), "16.01");
        assert_eq!(narrow.round(16.016).to_string(), "16.01");
        (narrow.lowest, narrow.highest) = (16.004, 16.006);
        assert_eq!(narrow.round(16.005).to_string(), "16.005");
    }
}
