//! Whole ads: the combinations that get the most traffic, and draws for the next impressions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::arms::{Arm, Component};
use crate::draw::Draws;
use crate::posterior::Posterior;
use crate::weigh::Weighed;
use crate::{Settings, round};

/// An ad put together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ad {
    /// What stands in each place.
    pub parts: BTreeMap<Component, Part>,
    /// Its share of all traffic where every combination is shown: the product of its parts'.
    pub share: f64,
    /// Its share where only the ads of this list are shown.
    pub allocation: f64,
}

/// What stands in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The arm.
    pub id: String,
    /// What it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Where it lies.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// The `most` ads of the largest shares, the largest first. Components are independent of each
/// other, so a share is a product, and no arm beyond a component's first `most` can be among them.
pub fn ads(components: &[(Component, &[Arm])], weighed: &[Weighed], most: usize) -> Vec<Ad> {
    let mut ads: Vec<(f64, Vec<usize>)> = vec![(1.0, Vec::new())];
    for weighed in weighed {
        let mut order: Vec<usize> = (0..weighed.arms.len()).collect();
        let allocation = |i: usize| weighed.arms[i].allocation;
        order.sort_by(|a, b| allocation(*b).total_cmp(&allocation(*a)));
        order.truncate(most);
        let longer = |(share, chosen): &(f64, Vec<usize>)| -> Vec<(f64, Vec<usize>)> {
            let with = |i: &usize| {
                let mut chosen = chosen.clone();
                chosen.push(*i);
                (share * allocation(*i), chosen)
            };
            order.iter().map(with).collect()
        };
        ads = ads.iter().flat_map(longer).collect();
        ads.sort_by(|a, b| b.0.total_cmp(&a.0));
        ads.truncate(most);
    }
    let total: f64 = ads.iter().map(|(share, _)| share).sum();
    let whole = |(share, chosen): (f64, Vec<usize>)| Ad {
        parts: components
            .iter()
            .zip(chosen)
            .map(|((component, arms), i)| (*component, part(&arms[i])))
            .collect(),
        share: round(share),
        allocation: round(if total > 0.0 { share / total } else { 0.0 }),
    };
    ads.into_iter().map(whole).collect()
}

fn part(arm: &Arm) -> Part {
    Part {
        id: arm.id.clone(),
        text: arm.text.clone(),
        reference: arm.reference.clone(),
    }
}

/// The arms of the next `count` impressions, each component drawn for itself by Thompson's choice.
pub fn drawn(
    components: &[(Component, &[Arm])],
    settings: &Settings,
    count: usize,
) -> Vec<BTreeMap<Component, String>> {
    let posteriors: Vec<Vec<Posterior>> = components
        .iter()
        .map(|(_, arms)| {
            let prior = settings.prior_of(arms);
            let of = |arm: &Arm| arm.posterior(settings.measure, prior);
            arms.iter().map(of).collect()
        })
        .collect();
    let mut draws = Draws::new(settings.seed);
    (0..count)
        .map(|_| {
            let choose =
                |((component, arms), posteriors): (&(Component, &[Arm]), &Vec<Posterior>)| {
                    let chosen = draws.choose(posteriors, settings.exploration_floor)?;
                    Some((*component, arms[chosen].id.clone()))
                };
            components
                .iter()
                .zip(&posteriors)
                .filter_map(choose)
                .collect()
        })
        .collect()
}
