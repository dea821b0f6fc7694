//! Maximal marginal relevance (Carbonell and Goldstein, "The Use of MMR, Diversity-Based Reranking
//! for Reordering Documents and Producing Summaries", SIGIR 1998).

use crate::features::Features;

/// How much relevance counts against variety: the paper's λ, where 1 is relevance alone. At 0.7 a
/// near copy of a chosen item must be about 0.4 more relevant than something new.
pub const LAMBDA: f64 = 0.7;

/// The best `limit` of `candidates`, in the order in which MMR takes them: each next one maximises
/// `λ · relevance − (1 − λ) · similarity to the most similar one taken`. Ties go to the candidate
/// that stands first.
pub fn rerank(
    candidates: &[usize],
    relevance: &[f64],
    features: &Features,
    limit: usize,
) -> Vec<usize> {
    let mut left: Vec<(usize, f64)> = candidates.iter().map(|&item| (item, 0.0)).collect();
    let mut taken = Vec::with_capacity(limit.min(left.len()));
    while taken.len() < limit {
        let worth =
            |(item, closest): &(usize, f64)| LAMBDA * relevance[*item] - (1.0 - LAMBDA) * closest;
        let best = (0..left.len()).reduce(|best, next| {
            let better = worth(&left[next]) > worth(&left[best]);
            if better { next } else { best }
        });
        let Some(best) = best else { break };
        let (item, _) = left.remove(best);
        taken.push(item);
        for (other, closest) in &mut left {
            *closest = closest.max(features.similarity(item, *other));
        }
    }
    taken
}

/// 1 minus the mean similarity of all pairs (intra-list diversity, Ziegler et al. 2005); 1 for fewer
/// than two items, which cannot repeat each other.
pub fn diversity(items: &[usize], features: &Features) -> f64 {
    let pairs = items
        .iter()
        .enumerate()
        .flat_map(|(i, &a)| items[i + 1..].iter().map(move |&b| (a, b)));
    let (sum, count) = pairs.fold((0.0, 0_u32), |(sum, count), (a, b)| {
        (sum + features.similarity(a, b), count + 1)
    });
    if count == 0 {
        1.0
    } else {
        (1.0 - sum / f64::from(count)).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn something_new_beats_a_slightly_better_copy() {
        let features = Features::of_categories(["boots", "boots", "tents"].into_iter());
        // λ·0.8 − 0.3·1 = 0.26 for the copy, λ·0.5 = 0.35 for the tent.
        assert_eq!(
            rerank(&[0, 1, 2], &[0.9, 0.8, 0.5], &features, 3),
            [0, 2, 1]
        );
        // A tent of 0.3 is worth 0.21: now the copy comes first.
        assert_eq!(rerank(&[0, 1, 2], &[0.9, 0.8, 0.3], &features, 2), [0, 1]);
    }

    #[test]
    fn ties_go_to_the_first() {
        let features = Features::of_categories(["a", "b", "c"].into_iter());
        assert_eq!(rerank(&[2, 0, 1], &[0.5; 3], &features, 9), [2, 0, 1]);
    }

    #[test]
    fn diversity_is_the_complement_of_similarity() {
        let features = Features::of_categories(["a", "a", "b"].into_iter());
        assert!(diversity(&[0, 1], &features).abs() < 1e-12);
        assert!((diversity(&[0, 1, 2], &features) - 2.0 / 3.0).abs() < 1e-12);
        assert!((diversity(&[], &features) - 1.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn the_first_is_the_most_relevant_and_none_repeats(
            relevance in prop::collection::vec(0.0..=1.0, 1..30), limit in 1usize..50,
        ) {
            let names: Vec<String> = (0..relevance.len()).map(|i| (i % 4).to_string()).collect();
            let features = Features::of_categories(names.iter().map(String::as_str));
            let all: Vec<usize> = (0..relevance.len()).collect();
            let ranked = rerank(&all, &relevance, &features, limit);
            prop_assert_eq!(ranked.len(), limit.min(relevance.len()));
            prop_assert!(relevance.iter().all(|r| *r <= relevance[ranked[0]]));
            let mut unique = ranked.clone();
            unique.sort_unstable();
            unique.dedup();
            prop_assert_eq!(unique.len(), ranked.len());
            prop_assert!((0.0..=1.0).contains(&diversity(&ranked, &features)));
        }
    }
}
