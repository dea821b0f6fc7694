use proptest::prelude::*;

use super::*;
use crate::paths::Path;

fn path(steps: &str, conversions: f64, nulls: f64) -> Path {
    Path {
        steps: steps.split('>').map(str::to_owned).collect(),
        conversions,
        nulls,
        value: (10.0 * conversions).min(1e12),
        ..Path::default()
    }
}

fn solved(paths: &[Path], order: u8) -> Markov {
    attribute(&Table::of(paths).unwrap(), order).unwrap()
}

fn near(found: &[f64], wanted: &[f64]) {
    let close = found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-9);
    assert!(
        found.len() == wanted.len() && close,
        "{found:?} is not {wanted:?}"
    );
}

/// Worked by hand: five walks, of which four convert. Without Ads one of five is left, without Mail
/// two of five: effects 3/4 and 1/2, and four conversions are divided as 2.4 and 1.6.
#[test]
fn the_example_of_two_channels() {
    let paths = [
        path("Ads", 1.0, 0.0),
        path("Ads", 1.0, 0.0),
        path("Mail", 1.0, 0.0),
        path("Ads>Mail", 1.0, 0.0),
        path("Ads", 0.0, 1.0),
    ];
    let markov = solved(&paths, 1);
    near(&markov.effects.conversions, &[0.75, 0.5]);
    near(&markov.credits.conversions, &[2.4, 1.6]);
    near(&markov.credits.value, &[24.0, 16.0]);
}

/// The example that goes with the R package `ChannelAttribution` and many a tutorial: paths
/// C1>C2>C3 converted, C1 not, C2>C3 not. P(conversion) is 1/3; without C1 it is 1/6 (start>C2 1/3,
/// C2>C3 1, C3>conversion 1/2), without C2 or C3 nothing is left.
#[test]
fn the_example_of_three_channels() {
    let paths = [
        path("C1>C2>C3", 1.0, 0.0),
        path("C1", 0.0, 1.0),
        path("C2>C3", 0.0, 1.0),
    ];
    let markov = solved(&paths, 1);
    near(&markov.effects.conversions, &[0.5, 1.0, 1.0]);
    near(&markov.credits.conversions, &[0.2, 0.4, 0.4]);
}

/// A channel that is touched many times in a row is one state that comes back to itself.
#[test]
fn repetition_changes_no_effect() {
    let once = [path("A>B", 3.0, 1.0), path("B", 1.0, 4.0)];
    let often = [path("A>A>A>B>B", 3.0, 1.0), path("B>B", 1.0, 4.0)];
    let (once, often) = (solved(&once, 1), solved(&often, 1));
    near(&often.effects.conversions, &once.effects.conversions);
}

/// Order 1 forgets how a walk came to B; order 2 does not: after A it converts, after C never.
#[test]
fn a_higher_order_remembers() {
    let paths = [path("A>B", 10.0, 0.0), path("C>B", 0.0, 10.0)];
    near(&solved(&paths, 1).effects.conversions, &[0.5, 1.0, 0.5]);
    near(&solved(&paths, 2).effects.conversions, &[1.0, 1.0, 0.0]);
}

/// Value flows with the conversions: B's are worth nine times A's.
#[test]
fn value_has_effects_of_its_own() {
    let worth = |steps: &str, value: f64| Path {
        value,
        ..path(steps, 1.0, 1.0)
    };
    let markov = solved(&[worth("A", 10.0), worth("B", 90.0)], 1);
    near(&markov.effects.value, &[0.1, 0.9]);
    near(&markov.credits.conversions, &[1.0, 1.0]);
    near(&markov.credits.value, &[10.0, 90.0]);
}

#[test]
fn one_channel_has_it_all_and_nothing_is_divided_to_nothing() {
    near(
        &solved(&[path("A", 7.0, 0.0)], 3).credits.conversions,
        &[7.0],
    );
    let none = solved(&[path("A>B", 0.0, 9.0)], 1);
    near(&none.effects.conversions, &[0.0, 0.0]);
    near(&none.credits.conversions, &[0.0, 0.0]);
}

#[test]
fn a_flow_that_has_not_settled_is_no_answer() {
    let table = Table::of(&[path("A>B>A>B>A>B", 1.0, 1.0)]).unwrap();
    let chain = Chain::of(&table, 1).unwrap();
    let closed = vec![false; chain.states.len()];
    assert_eq!(chain.sweep(&closed, 1.0, 1), Err(ChainError::NotConverged));
    assert!(chain.sweep(&closed, 1.0, MAX_SWEEPS).is_ok());
}

/// A path as long as may be, walked to and fro, among counts that differ by twelve orders.
#[test]
fn the_worst_of_chains_settles() {
    let long = vec!["A>B"; 500].join(">");
    let paths = [
        path(&long, 1.0, 0.0),
        path("C", 1e12, 1e12),
        path("C>A", 0.0, 1.0),
    ];
    let chain = Chain::of(&Table::of(&paths).unwrap(), 1).unwrap();
    let closed = vec![false; chain.states.len()];
    let (dense, swept) = (
        chain.eliminate(&closed),
        chain.sweep(&closed, 1.0, MAX_SWEEPS).unwrap(),
    );
    assert!((dense.conversions - swept.conversions).abs() < 1e-11);
    assert!(
        solved(&paths, 3)
            .effects
            .conversions
            .iter()
            .all(|e| e.is_finite())
    );
}

/// More channels than are indexed: the states are looked up otherwise, and swept.
#[test]
fn many_channels_are_a_chain_as_well() {
    let mut random = fastrand::Rng::with_seed(2);
    let paths: Vec<Path> = (0..300)
        .map(|_| Path {
            steps: (0..random.usize(1..6))
                .map(|_| random.u8(0..90).to_string())
                .collect(),
            conversions: f64::from(random.u8(0..3)),
            nulls: 2.0,
            ..Path::default()
        })
        .collect();
    let table = Table::of(&paths).unwrap();
    assert!(table.channels().len() > 80);
    for order in 1..4 {
        let chain = Chain::of(&table, order).unwrap();
        let closed = vec![false; chain.states.len()];
        let whole = chain.sweep(&closed, 1.0, MAX_SWEEPS).unwrap();
        assert!((whole.conversions - table.totals().conversion_rate).abs() < 1e-9);
    }
}

fn any_paths() -> impl Strategy<Value = Vec<Path>> {
    let walk = (prop::collection::vec(0..7_u8, 1..10), 0..40_u8, 0..40_u8);
    prop::collection::vec(walk, 1..20).prop_map(|walks| {
        let path = |(steps, conversions, nulls): (Vec<u8>, u8, u8)| Path {
            steps: steps.iter().map(ToString::to_string).collect(),
            conversions: f64::from(conversions),
            nulls: f64::from(nulls) + 1.0,
            value: f64::from(conversions) * f64::from(steps[0]),
            ..Path::default()
        };
        walks.into_iter().map(path).collect()
    })
}

proptest! {
    /// The chain of all paths converts as often as the paths, and both ways of solving it agree.
    #[test]
    fn both_solutions_agree(paths in any_paths(), order in 1..4_u8, channel in 0..7_u16) {
        let table = Table::of(&paths).unwrap();
        let chain = Chain::of(&table, order).unwrap();
        let whole = chain.eliminate(&vec![false; chain.states.len()]);
        let totals = table.totals();
        prop_assert!((whole.conversions - totals.conversion_rate).abs() < 1e-9);
        prop_assert!((whole.value - totals.value / table.walks()).abs() < 1e-9);
        let closed: Vec<bool> = chain.states.iter().map(|s| has(s.code, channel)).collect();
        let (dense, swept) = (chain.eliminate(&closed), chain.sweep(&closed, 1.0, MAX_SWEEPS).unwrap());
        prop_assert!((dense.conversions - swept.conversions).abs() < 1e-9);
        prop_assert!((dense.value - swept.value).abs() < 1e-8);
        prop_assert!(dense.conversions <= whole.conversions + 1e-9);
    }

    #[test]
    fn a_channel_of_every_path_has_the_whole_effect(paths in any_paths(), order in 1..4_u8) {
        let mut paths = paths;
        for path in &mut paths {
            path.steps.insert(0, "always".to_owned());
        }
        prop_assume!(paths.iter().any(|path| path.conversions > 0.0));
        let markov = solved(&paths, order);
        prop_assert!((markov.effects.conversions[0] - 1.0).abs() < 1e-12);
    }
}

/// A chain of known chances: start to A 0.6, to B 0.4; A to B 0.3, to a conversion 0.2; B to a
/// conversion 0.5. Of 0.41 conversions 0.20 are left without A and 0.12 without B.
#[test]
fn known_effects_are_found_again() {
    let mut random = fastrand::Rng::with_seed(9);
    let mut walk = || {
        if random.f64() < 0.4 {
            return path("B", f64::from(u8::from(random.bool())), 1.0);
        }
        match random.f64() {
            ..0.3 => path("A>B", f64::from(u8::from(random.bool())), 1.0),
            ..0.5 => path("A", 1.0, 1.0),
            _ => path("A", 0.0, 1.0),
        }
    };
    let mut paths: Vec<Path> = (0..60_000).map(|_| walk()).collect();
    for path in &mut paths {
        path.nulls = 1.0 - path.conversions;
    }
    let markov = solved(&paths, 1);
    let of = |name: &str| {
        let table = Table::of(&paths).unwrap();
        let at = table.channels().iter().position(|c| c == name).unwrap();
        markov.effects.conversions[at]
    };
    assert!((of("A") - (1.0 - 0.20 / 0.41)).abs() < 0.01, "{}", of("A"));
    assert!((of("B") - (1.0 - 0.12 / 0.41)).abs() < 0.01, "{}", of("B"));
}
