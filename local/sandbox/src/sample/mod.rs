//! The sample data: a shop, and sixty users with histories of different kinds.
//!
//! The same seed and moment make the same sample on every platform. Histories end at the moment
//! asked for, so that a sample is as fresh as its reader wants it.

mod analysis;
mod kind;
pub(crate) mod random;
mod shop;
mod user;

use baton_domain::{Catalog, Profile, Timestamp, UserId};

pub use analysis::{events_csv, series_csv};
use random::Random;

/// A shop and its users.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// What the shop offers.
    pub catalog: Catalog,
    /// Its users, ordered by kind; an id is the kind and a number, such as `champion-01`.
    pub users: Vec<(UserId, Profile)>,
}

/// The sample of `seed`, whose histories end at `as_of`.
pub fn generate(seed: u64, as_of: Timestamp) -> Sample {
    let mut random = Random::new(seed);
    let catalog = shop::catalog(&mut random);
    let mut users = Vec::new();
    for kind in &kind::KINDS {
        for number in 1..=kind.users {
            // An id is made of what an id may hold; were it not, the tests below would count less.
            if let Ok(user_id) = format!("{}-{number:02}", kind.name).parse() {
                users.push((user_id, user::profile(kind, &catalog, as_of, &mut random)));
            }
        }
    }
    Sample { catalog, users }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn now() -> Timestamp {
        at(1_793_491_200)
    }

    #[test]
    fn counts_and_sizes_are_as_promised() {
        for seed in 0..20 {
            let Sample { catalog, users } = generate(seed, now());
            assert_eq!(catalog.items.len(), 120);
            let categories: BTreeSet<&String> =
                catalog.items.iter().map(|item| &item.category).collect();
            assert_eq!(categories.len(), 10);
            assert_eq!(users.len(), 60);
            assert!(serde_json::to_vec(&catalog).unwrap().len() < 64 * 1024);
            for (user_id, profile) in &users {
                assert!(
                    serde_json::to_vec(profile).unwrap().len() < 32 * 1024,
                    "{user_id}"
                );
            }
        }
    }

    #[test]
    fn everything_validates() {
        for seed in 0..20 {
            let Sample { catalog, users } = generate(seed, now());
            assert_eq!(catalog.validate(), Ok(()));
            for (user_id, profile) in &users {
                assert_eq!(profile.validate(), Ok(()), "{user_id}");
            }
        }
    }

    #[test]
    fn the_same_seed_makes_the_same_sample() {
        assert_eq!(generate(7, now()), generate(7, now()));
        assert_ne!(generate(7, now()), generate(8, now()));
    }

    #[test]
    fn histories_end_at_the_moment_asked_for() {
        for as_of in [at(1_000_000_000), now()] {
            for (user_id, profile) in generate(7, as_of).users {
                let events = profile.events.iter().map(|event| event.at);
                let last = profile
                    .orders
                    .iter()
                    .map(|order| order.at)
                    .chain(events)
                    .max();
                assert!(last.is_none_or(|last| last <= as_of), "{user_id}");
            }
        }
    }

    #[test]
    fn histories_name_items_of_the_catalogue() {
        let Sample { catalog, users } = generate(7, now());
        let known: BTreeSet<&String> = catalog.items.iter().map(|item| &item.item_id).collect();
        for (user_id, profile) in &users {
            let ordered = profile.orders.iter().flat_map(|order| &order.item_ids);
            let mut named = ordered.chain(
                profile
                    .events
                    .iter()
                    .filter_map(|event| event.item_id.as_ref()),
            );
            assert!(named.all(|item_id| known.contains(item_id)), "{user_id}");
        }
    }

    #[test]
    fn every_kind_of_history_occurs() {
        let users = generate(7, now()).users;
        let has = |what: fn(&Profile) -> bool| users.iter().any(|(_, profile)| what(profile));
        assert!(has(|p| p.orders.len() >= 10));
        assert!(has(|p| p.orders.len() == 1));
        assert!(has(|p| p.orders.is_empty() && p.events.len() >= 6));
        assert!(has(|p| p.survey.is_some() && p.orders.is_empty()));
        assert!(has(|p| p
            .choices
            .iter()
            .filter(|choice| !choice.accepted)
            .count()
            >= 3));
        assert!(has(|p| p.last_price.is_some()));
        assert!(has(|p| p.orders.is_empty()
            && p.events.is_empty()
            && p.interests.is_empty()));
    }
}
