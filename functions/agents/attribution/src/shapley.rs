//! The Shapley value: what a channel adds, on average over every order in which channels join.
//!
//! The game of paths is "covers": a coalition of channels is worth the conversions of the paths
//! that touch no channel outside it. It is a sum of unanimity games, one for each set of channels,
//! so that its value has a closed form: each path is divided equally among the channels that it
//! touches, however often and in whatever order (Zhao, Mahboobi, Bagheri 2018). That is exact for
//! any number of channels. [`values`] solves any other game by its definition.

use crate::Credits;
use crate::paths::Table;
use crate::rules::divide;

/// The most players that [`values`] takes: it looks at every coalition.
pub const MAX_PLAYERS: u32 = 16;

/// The Shapley value of the game of paths.
pub fn covers(table: &Table) -> Credits {
    // Which path a channel was last seen on, so that touches of one path count once.
    let mut seen = vec![0_usize; table.channels().len()];
    let mut distinct: Vec<u16> = Vec::new();
    let mut path = 0;
    divide(table, move |walk, credit| {
        path += 1;
        distinct.clear();
        for step in walk.steps {
            let last = &mut seen[usize::from(*step)];
            if *last != path {
                *last = path;
                distinct.push(*step);
            }
        }
        let share = 1.0 / distinct.len() as f64;
        for channel in &distinct {
            credit(*channel, share);
        }
    })
}

/// The Shapley value of each of `players` of the game that is worth `worth[coalition]`, where bit
/// `i` of a coalition's number says that player `i` belongs to it. None where there are more than
/// [`MAX_PLAYERS`] or not as many worths as coalitions.
pub fn values(players: u32, worth: &[f64]) -> Option<Vec<f64>> {
    if players > MAX_PLAYERS || worth.len() != 1 << players {
        return None;
    }
    let weights = weights(players);
    let value = |player: u32| {
        let bit = 1_usize << player;
        let without = (0..worth.len()).filter(|coalition| coalition & bit == 0);
        let added = without.map(|coalition| {
            let size = coalition.count_ones() as usize;
            weights[size] * (worth[coalition | bit] - worth[coalition])
        });
        added.sum()
    };
    Some((0..players).map(value).collect())
}

/// For each size of a coalition, how likely it is that just that coalition has joined before a
/// given player: `size! (n - 1 - size)! / n!`.
fn weights(players: u32) -> Vec<f64> {
    let n = f64::from(players);
    let mut weights = Vec::new();
    let mut weight = 1.0 / n.max(1.0);
    for size in 0..players {
        weights.push(weight);
        let size = f64::from(size);
        weight *= (size + 1.0) / (n - 1.0 - size).max(1.0);
    }
    weights
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::paths::Path;

    /// The game v(1), v(2), v(3), v(12), v(13), v(23), v(123) = 1, 2, 3, 3, 4, 5, 6, which is
    /// additive: each player is worth what it is worth alone.
    #[test]
    fn an_additive_game_is_worth_its_parts() {
        let worth = [0.0, 1.0, 2.0, 3.0, 3.0, 4.0, 5.0, 6.0];
        let found = values(3, &worth).unwrap();
        for (found, wanted) in found.iter().zip([1.0, 2.0, 3.0]) {
            assert!((found - wanted).abs() < 1e-12);
        }
    }

    /// The glove game of Shapley and Shubik: one left glove, two right ones; 2/3, 1/6, 1/6.
    #[test]
    fn the_glove_game_pays_who_is_scarce() {
        let worth = [0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0];
        let found = values(3, &worth).unwrap();
        for (found, wanted) in found.iter().zip([2.0 / 3.0, 1.0 / 6.0, 1.0 / 6.0]) {
            assert!((found - wanted).abs() < 1e-12, "{found}");
        }
    }

    #[test]
    fn a_game_that_is_no_game_has_no_value() {
        assert_eq!(values(2, &[0.0; 3]), None);
        assert_eq!(values(17, &vec![0.0; 1 << 17]), None);
        assert_eq!(values(0, &[0.0]), Some(Vec::new()));
    }

    proptest! {
        /// What makes it the Shapley value: all is divided, who is alike gets alike, who adds nothing
        /// gets nothing.
        #[test]
        fn the_axioms_hold(worth in prop::collection::vec(-1e3..1e3_f64, 32)) {
            // A game of five, of whom player 3 adds nothing and players 0 and 1 are alike.
            let mut worth = worth;
            worth[0] = 0.0;
            for coalition in 0..32_usize {
                let swapped = (coalition & !3) | ((coalition & 1) << 1) | ((coalition >> 1) & 1);
                worth[swapped.max(coalition)] = worth[swapped.min(coalition)];
            }
            for coalition in 0..32_usize {
                worth[coalition | 8] = worth[coalition & !8];
            }
            let found = values(5, &worth).unwrap();
            let sum: f64 = found.iter().sum();
            prop_assert!((sum - worth[31]).abs() < 1e-9, "efficient: {} {}", sum, worth[31]);
            prop_assert!((found[0] - found[1]).abs() < 1e-9, "symmetric: {:?}", found);
            prop_assert!(found[3].abs() < 1e-9, "a dummy: {:?}", found);
        }

        /// The closed form is the definition's value of the same game.
        #[test]
        fn the_closed_form_is_exact(
            walks in prop::collection::vec((prop::collection::vec(0..6_usize, 1..8), 0..50_u8), 1..12)
        ) {
            let path = |(steps, conversions): &(Vec<usize>, u8)| Path {
                steps: steps.iter().map(ToString::to_string).collect(),
                conversions: f64::from(*conversions),
                nulls: 1.0,
                ..Path::default()
            };
            let paths: Vec<Path> = walks.iter().map(path).collect();
            let table = Table::of(&paths).unwrap();
            let players = table.channels().len() as u32;
            let mut worth = vec![0.0; 1 << players];
            for walk in table.walked() {
                let touched = walk.steps.iter().fold(0, |set, step| set | 1 << step);
                for (coalition, worth) in worth.iter_mut().enumerate() {
                    if touched & !coalition == 0 {
                        *worth += walk.conversions;
                    }
                }
            }
            let (closed, defined) = (covers(&table).conversions, values(players, &worth).unwrap());
            for (closed, defined) in closed.iter().zip(&defined) {
                prop_assert!((closed - defined).abs() < 1e-9, "{} {}", closed, defined);
            }
        }
    }
}
