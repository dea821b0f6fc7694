//! The rules of a path: first, last, linear, time decay. Each looks at one path at a time.

use crate::Credits;
use crate::paths::{Table, Walk};

/// After so many days before the last touch, a touch counts half, where nothing else is said.
pub const HALF_LIFE_DAYS: f64 = 7.0;

/// All to the first touch.
pub fn first(table: &Table) -> Credits {
    divide(table, |walk, credit| credit(walk.steps[0], 1.0))
}

/// All to the last touch.
pub fn last(table: &Table) -> Credits {
    divide(table, |walk, credit| {
        credit(walk.steps[walk.steps.len() - 1], 1.0);
    })
}

/// The same to each touch; a channel that was touched twice has two shares.
pub fn linear(table: &Table) -> Credits {
    divide(table, |walk, credit| {
        let share = 1.0 / walk.steps.len() as f64;
        for step in walk.steps {
            credit(*step, share);
        }
    })
}

/// To each touch, half for each `half_life_days` (above 0) that it lies before the last one. The
/// time from the last touch to the conversion does not matter: it divides every weight alike.
pub fn time_decay(table: &Table, half_life_days: f64) -> Credits {
    let weight = |age: f64| (-age / half_life_days).exp2();
    divide(table, |walk, credit| {
        let last = walk.steps.len() - 1;
        let age = |i: usize| walk.ages.get(i).copied().unwrap_or((last - i) as f64);
        // The last touch weighs 1, so that the sum never vanishes.
        let sum: f64 = (0..=last).map(|i| weight(age(i))).sum();
        for (i, step) in walk.steps.iter().enumerate() {
            credit(*step, weight(age(i)) / sum);
        }
    })
}

/// Divides each converted path as `rule` says: it names channels with their shares, which sum to 1.
pub(crate) fn divide(
    table: &Table,
    mut rule: impl FnMut(&Walk<'_>, &mut dyn FnMut(u16, f64)),
) -> Credits {
    let mut credits = Credits::none(table.channels().len());
    for walk in table.walked().filter(|walk| walk.conversions > 0.0) {
        rule(&walk, &mut |channel, share| {
            credits.conversions[usize::from(channel)] += share * walk.conversions;
            credits.value[usize::from(channel)] += share * walk.value;
        });
    }
    credits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::Path;

    fn table(steps: &[&str]) -> Table {
        let steps = steps.iter().map(|&step| step.to_owned()).collect();
        let path = Path {
            steps,
            conversions: 2.0,
            value: 100.0,
            ..Path::default()
        };
        Table::of(&[path]).unwrap()
    }

    #[test]
    fn each_rule_divides_one_path_by_hand() {
        let table = table(&["ads", "mail", "ads", "shop"]);
        assert_eq!(first(&table).conversions, [2.0, 0.0, 0.0]);
        assert_eq!(last(&table).value, [0.0, 0.0, 100.0]);
        assert_eq!(linear(&table).conversions, [1.0, 0.5, 0.5]);
        // A day apart at a half-life of a day: weights 1/8, 1/4, 1/2, 1 of 15/8.
        let decay = time_decay(&table, 1.0).conversions;
        for (found, wanted) in decay.iter().zip([10.0 / 15.0, 4.0 / 15.0, 16.0 / 15.0]) {
            assert!((found - wanted).abs() < 1e-12, "{decay:?}");
        }
    }
}
