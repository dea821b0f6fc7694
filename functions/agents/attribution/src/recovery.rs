//! Known credits are found again: processes that remember one, two or three touches, and games whose
//! value is known, within three standard errors.

use std::collections::HashMap;

use fastrand::Rng;

use crate::paths::{Path, Table};
use crate::{markov, shapley};

const CHANNELS: usize = 4;

/// A process whose next touch depends on the last `order` ones, by chances drawn at first sight.
struct Process {
    order: usize,
    rng: Rng,
    chances: HashMap<Vec<usize>, [f64; CHANNELS + 2]>,
}

impl Process {
    fn new(order: usize, seed: u64) -> Self {
        Self {
            order,
            rng: Rng::with_seed(seed),
            chances: HashMap::new(),
        }
    }

    /// The touches of one walk, and whether it converted.
    fn walk(&mut self) -> (Vec<usize>, bool) {
        let mut touches: Vec<usize> = Vec::new();
        loop {
            let last = touches[touches.len().saturating_sub(self.order)..].to_vec();
            let start = last.is_empty();
            let rng = &mut self.rng;
            let chances = self.chances.entry(last).or_insert_with(|| {
                let mut weights: [f64; CHANNELS + 2] = std::array::from_fn(|_| rng.f64().powi(3));
                if start {
                    (weights[CHANNELS], weights[CHANNELS + 1]) = (0.0, 0.0);
                }
                let sum: f64 = weights.iter().sum();
                weights.map(|weight| weight / sum)
            });
            let mut dice = self.rng.f64();
            let next = chances.iter().position(|chance| {
                dice -= chance;
                dice < 0.0
            });
            match next.unwrap_or(CHANNELS + 1) {
                CHANNELS => return (touches, true),
                next if next > CHANNELS => return (touches, false),
                next => touches.push(next),
            }
        }
    }

    fn paths(&mut self, count: usize) -> Vec<Path> {
        let path = |(touches, converted): (Vec<usize>, bool)| Path {
            steps: touches.iter().map(ToString::to_string).collect(),
            conversions: f64::from(u8::from(converted)),
            nulls: f64::from(u8::from(!converted)),
            ..Path::default()
        };
        (0..count).map(|_| path(self.walk())).collect()
    }

    /// The share of converting walks that touch each channel: what is lost without it.
    fn effects(&mut self, count: usize) -> ([f64; CHANNELS], f64) {
        let (mut touching, mut converting) = ([0.0; CHANNELS], 0.0);
        for _ in 0..count {
            let (touches, converted) = self.walk();
            if converted {
                converting += 1.0;
                for (channel, touching) in touching.iter_mut().enumerate() {
                    *touching += f64::from(u8::from(touches.contains(&channel)));
                }
            }
        }
        (touching.map(|touching| touching / converting), converting)
    }
}

fn found(paths: &[Path], order: u8) -> [f64; CHANNELS] {
    let table = Table::of(paths).unwrap();
    let effects = markov::attribute(&table, order)
        .unwrap()
        .effects
        .conversions;
    std::array::from_fn(|channel| {
        let name = channel.to_string();
        let at = table.channels().iter().position(|c| *c == name).unwrap();
        effects[at]
    })
}

/// How many standard errors lie between what a chain of this order says and the truth, at most.
fn off(process_order: usize, order: u8, seed: u64) -> f64 {
    let mut process = Process::new(process_order, seed);
    let paths = process.paths(20_000);
    let converted: f64 = paths.iter().map(|path| path.conversions).sum();
    let (truth, converting) = process.effects(200_000);
    let errors = found(&paths, order)
        .into_iter()
        .zip(truth)
        .map(|(found, truth)| {
            let error = (truth * (1.0 - truth) * (1.0 / converted + 1.0 / converting)).sqrt();
            (found - truth).abs() / error
        });
    errors.fold(0.0, f64::max)
}

#[test]
fn a_chain_of_the_right_order_knows_what_is_lost_without_a_channel() {
    for (order, seed) in [(1, 31), (1, 32), (2, 33), (2, 34), (3, 35), (3, 36)] {
        let off = off(usize::from(order), order, seed);
        assert!(off < 3.0, "order {order}, seed {seed}: {off} errors");
    }
}

/// The same measure tells a chain that remembers too little, so that the test above can fail.
#[test]
fn a_chain_that_forgets_is_told() {
    for (order, seed) in [(2, 33), (3, 35)] {
        let off = off(order, 1, seed);
        assert!(off > 4.0, "order {order}, seed {seed}: {off} errors");
    }
}

/// Sets of channels of known chances to be touched and to convert: a conversion is worth the same to
/// each channel of its set.
#[test]
fn the_shapley_value_of_a_known_game_is_found_again() {
    let sets: [(&[usize], f64, f64); 4] = [
        (&[0], 0.4, 0.05),
        (&[0, 1], 0.3, 0.2),
        (&[1, 2], 0.2, 0.1),
        (&[0, 1, 2, 3], 0.1, 0.6),
    ];
    let (walks, mut rng) = (40_000, Rng::with_seed(37));
    let mut path = || {
        let mut dice = rng.f64();
        let at = sets.iter().position(|(_, chance, _)| {
            dice -= chance;
            dice < 0.0
        });
        let (set, _, chance) = sets[at.unwrap_or(3)];
        let mut steps: Vec<String> = set.iter().map(ToString::to_string).collect();
        rng.shuffle(&mut steps);
        let conversions = f64::from(u8::from(rng.f64() < chance));
        Path {
            steps,
            conversions,
            nulls: 1.0 - conversions,
            ..Path::default()
        }
    };
    let paths: Vec<Path> = (0..walks).map(|_| path()).collect();
    let table = Table::of(&paths).unwrap();
    let credits = shapley::covers(&table).conversions;
    for (name, credit) in table.channels().iter().zip(credits) {
        let channel: usize = name.parse().unwrap();
        // Each walk gives 1/|set| with a chance, else nothing.
        let of = sets.iter().filter(|(set, ..)| set.contains(&channel));
        let (mut mean, mut square) = (0.0, 0.0);
        for (set, chance, converts) in of {
            let share = 1.0 / set.len() as f64;
            mean += chance * converts * share;
            square += chance * converts * share * share;
        }
        let error = ((square - mean * mean) * f64::from(walks)).sqrt();
        let wanted = mean * f64::from(walks);
        assert!(
            (credit - wanted).abs() < 3.0 * error,
            "{name}: {credit}, not {wanted} ± {error}"
        );
    }
}
