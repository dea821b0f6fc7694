//! What holds whatever the sources are.

use gain::Candidate;
use proptest::prelude::*;

use super::*;

fn candidates(most: usize, step: u64) -> impl Strategy<Value = Vec<Candidate>> {
    let one = (0u64..=1_000, 0u64..12, 0u8..5);
    prop::collection::vec(one, 0..=most).prop_map(move |all| {
        let each = all
            .into_iter()
            .enumerate()
            .map(|(i, (value, price, company))| Candidate {
                source: Source {
                    source_id: format!("s{i}"),
                    name: format!("C{company}"),
                    found_by: "C".to_owned(),
                    price: Money::from_micro_usd(price * step),
                    rail: "token".to_owned(),
                },
                company: format!("c{company}"),
                base: value * (gain::ONE / 1_000),
                price: price * step,
                relevance: 1.0,
                coverage: 1.0,
            });
        gain::in_order(each.collect())
    })
}

/// The best of all sets that have what is free.
fn brute_force(candidates: &[Candidate], left: u64) -> u64 {
    let sets = (0u32..1 << candidates.len()).map(|set| {
        (0..candidates.len())
            .map(|i| set >> i & 1 == 1)
            .collect::<Vec<bool>>()
    });
    let allowed = sets.filter(|set| {
        let free = candidates
            .iter()
            .zip(set)
            .all(|(c, taken)| *taken || c.price > 0);
        free && gain::cost(candidates, set) <= left
    });
    allowed
        .map(|set| gain::worth(candidates, &set))
        .max()
        .unwrap()
}

proptest! {
    #[test]
    fn the_exact_choice_is_the_best_of_all(candidates in candidates(12, 5), left in 0u64..300) {
        let unit = exact::units(&candidates).unwrap();
        let chosen = exact::choose(&candidates, Money::from_micro_usd(left), unit);
        prop_assert!(gain::cost(&candidates, &chosen) <= left);
        prop_assert_eq!(gain::worth(&candidates, &chosen), brute_force(&candidates, left));
    }

    #[test]
    fn the_greedy_choice_is_affordable_and_not_far_from_the_best(candidates in candidates(10, 1), left in 0u64..60) {
        let chosen = greedy::choose(&candidates, Money::from_micro_usd(left));
        prop_assert!(gain::cost(&candidates, &chosen) <= left);
        let (worth, best) = (gain::worth(&candidates, &chosen), brute_force(&candidates, left));
        prop_assert!(worth <= best && worth as f64 >= best as f64 * (1.0 - (-0.5f64).exp()));
    }

    #[test]
    fn more_money_never_gets_less(candidates in candidates(40, 1), left in 0u64..200, more in 0u64..40) {
        let (left, more) = (Money::from_micro_usd(left), Money::from_micro_usd(left + more));
        let worth = |chosen: Vec<bool>| gain::worth(&candidates, &chosen);
        prop_assert!(worth(greedy::choose(&candidates, left)) <= worth(greedy::choose(&candidates, more)));
        let unit = exact::units(&candidates).unwrap();
        prop_assert!(worth(exact::choose(&candidates, left, unit)) <= worth(exact::choose(&candidates, more, unit)));
    }

    #[test]
    fn what_a_source_adds_is_the_difference_and_falls(candidates in candidates(10, 1), set in any::<u32>(), more in any::<u32>(), at in 0usize..10) {
        prop_assume!(at < candidates.len());
        let of = |set: u32| (0..candidates.len()).map(|i| i != at && set >> i & 1 == 1).collect::<Vec<bool>>();
        let (small, large) = (of(set & more), of(set));
        let adds = |chosen: &[bool]| {
            let mut with = chosen.to_vec();
            with[at] = true;
            let difference = gain::worth(&candidates, &with) - gain::worth(&candidates, chosen);
            assert_eq!(difference, greedy::adds(&candidates, chosen, at));
            difference
        };
        prop_assert!(adds(&small) >= adds(&large));
    }

    /// The kit validates every answer, so that an answer is a sound one.
    #[test]
    fn any_sources_are_ranked_soundly_in_any_order(
        sources in prop::collection::vec(("[A-C]", prop_oneof![Just(0.0), 0.0..50.0, (1u8..90).prop_map(f64::from)]), 0..70),
        budget in 0.0..200.0, turn in 0usize..70,
    ) {
        let named = sources.iter().enumerate();
        let mut sources: Vec<Value> = named.map(|(i, (name, price))| source(&format!("s{i}"), name, *price)).collect();
        let first = ranking(&sources, budget);
        let cap = Money::from_usd(budget).unwrap();
        prop_assert!(first.cost <= cap);
        prop_assert!(first.sources.iter().all(|ranked| ranked.buy || ranked.source.price > Money::ZERO));
        let turn = turn % sources.len().max(1);
        sources.rotate_left(turn);
        sources.reverse();
        prop_assert_eq!(ranking(&sources, budget), first);
    }
}
