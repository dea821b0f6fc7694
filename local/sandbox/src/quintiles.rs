//! The quintiles of recency, frequency and monetary value of a set of customers: how the packaged
//! reference distribution of `user-segmentation` was made.

use baton_domain::{Profile, Timestamp};

/// The upper bounds of the first four quintiles of each value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quintiles {
    /// Of the days since the last order.
    pub recency_days: [f64; 4],
    /// Of the number of orders.
    pub frequency: [f64; 4],
    /// Of the sum of all orders.
    pub monetary: [f64; 4],
}

impl Quintiles {
    /// The quintiles of those profiles that hold an order, at `as_of`; none where none does.
    pub fn of<'a>(profiles: impl Iterator<Item = &'a Profile>, as_of: Timestamp) -> Option<Self> {
        let (mut recency, mut frequency, mut monetary) = (Vec::new(), Vec::new(), Vec::new());
        for profile in profiles {
            let Some(last) = profile.orders.iter().map(|order| order.at).max() else {
                continue;
            };
            recency.push(as_of.duration_since(last).as_secs_f64() / 86_400.0);
            frequency.push(profile.orders.len() as f64);
            monetary.push(profile.orders.iter().map(|order| order.total.value()).sum());
        }
        Some(Self {
            recency_days: bounds(recency)?,
            frequency: bounds(frequency)?,
            monetary: bounds(monetary)?,
        })
    }
}

fn bounds(mut values: Vec<f64>) -> Option<[f64; 4]> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    // The smallest value that at least k fifths of all values do not exceed.
    Some([1, 2, 3, 4].map(|k| values[(values.len() * k).div_ceil(5).saturating_sub(1).min(last)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::generate;

    #[test]
    fn a_bound_is_a_value_that_enough_do_not_exceed() {
        let ten = (1..=10).map(f64::from).collect();
        assert_eq!(bounds(ten), Some([2.0, 4.0, 6.0, 8.0]));
        assert_eq!(bounds(vec![7.0]), Some([7.0; 4]));
        assert_eq!(bounds(Vec::new()), None);
    }

    /// When this fails after a change of the generator, the new values belong into
    /// `functions/agents/user-segmentation/src/reference.rs`, rounded as they are here.
    #[test]
    fn the_reference_of_user_segmentation_is_current() {
        let as_of = Timestamp::from_second(1_793_491_200).unwrap();
        let samples: Vec<_> = (1..=200).map(|seed| generate(seed, as_of)).collect();
        let profiles = samples
            .iter()
            .flat_map(|sample| &sample.users)
            .map(|(_, profile)| profile);
        let found = Quintiles::of(profiles, as_of).unwrap();
        let rounded = |bounds: [f64; 4]| bounds.map(f64::round);
        let all = [
            rounded(found.recency_days),
            rounded(found.frequency),
            rounded(found.monetary),
        ];
        let reference = [
            [7.0, 32.0, 58.0, 200.0],
            [1.0, 2.0, 5.0, 11.0],
            [75.0, 154.0, 640.0, 1_864.0],
        ];
        assert_eq!(all, reference);
    }
}
