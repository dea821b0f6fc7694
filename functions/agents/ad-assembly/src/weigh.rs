//! One component: how its arms stand, how traffic is split among them, whether the test may stop.

use serde::{Deserialize, Serialize};

use crate::Settings;
use crate::arms::{Arm, Component, Prior};
use crate::posterior::{Posterior, Standing, standings};
use crate::round;

/// How the arms of a component stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Weighed {
    /// Which component.
    pub component: Component,
    /// Its arms, in the order in which they came.
    pub arms: Vec<WeighedArm>,
    /// The arm of the highest expected rate among those that were shown; none where nothing was shown
    /// or compared, unless there is one arm alone.
    pub leader: Option<String>,
    /// What was believed of every arm beforehand; none in the fallback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prior: Option<Prior>,
    /// What is lost by choosing the leader, as a rate; none without one, and in the fallback.
    pub expected_loss: Option<f64>,
    /// The loss that is small enough not to care, as a rate; none without a leader, and in the
    /// fallback.
    pub tolerated_loss: Option<f64>,
    /// Whether the leader may be taken and the test ended.
    pub can_stop: bool,
    /// Why, in a sentence.
    pub reason: String,
}

/// How an arm stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeighedArm {
    /// Its name.
    pub id: String,
    /// How often it was shown.
    pub impressions: u64,
    /// How often it succeeded.
    pub successes: u64,
    /// The rate that is expected of it; none in the fallback.
    pub mean: Option<f64>,
    /// The chance that its rate is the highest; none in the fallback.
    pub chance_best: Option<f64>,
    /// What is lost by choosing it, as a rate; none in the fallback.
    pub expected_loss: Option<f64>,
    /// Its share of the traffic, to the millionth: what Thompson sampling gives it in the mean.
    pub allocation: f64,
}

/// Weighs the arms of a component, of which there is one at least.
pub fn weigh(component: Component, arms: &[Arm], settings: &Settings) -> Weighed {
    let prior = settings.prior_of(arms);
    let posteriors: Vec<Posterior> = arms
        .iter()
        .map(|arm| arm.posterior(settings.measure, prior))
        .collect();
    let standings = standings(&posteriors);
    let even = 1.0 / arms.len() as f64;
    let floor = settings.exploration_floor;
    let of = |(arm, standing): (&Arm, &Standing)| WeighedArm {
        id: arm.id.clone(),
        impressions: arm.impressions,
        successes: arm.successes(settings.measure),
        mean: Some(round(standing.mean)),
        chance_best: Some(round(standing.chance_best)),
        expected_loss: Some(round(standing.expected_loss)),
        allocation: round(floor * even + (1.0 - floor) * standing.chance_best),
    };
    let leader = leader(arms, &standings);
    let loss = leader.map(|leader| standings[leader].expected_loss);
    let tolerated = leader.map(|leader| settings.caring_threshold * standings[leader].mean);
    let (can_stop, reason) = verdict(arms, loss.unwrap_or(1.0), tolerated.unwrap_or(0.0));
    Weighed {
        component,
        leader: leader.map(|leader| arms[leader].id.clone()),
        prior: Some(Prior {
            successes: round(prior.successes),
            failures: round(prior.failures),
        }),
        arms: arms.iter().zip(&standings).map(of).collect(),
        expected_loss: loss.map(round),
        tolerated_loss: tolerated.map(round),
        can_stop,
        reason,
    }
}

/// The first of those that are alike, so that order decides and not rounding. An arm that was never
/// shown does not lead, whatever is believed of it.
fn leader(arms: &[Arm], standings: &[Standing]) -> Option<usize> {
    let seen = (0..arms.len()).filter(|i| arms[*i].impressions > 0 || arms.len() == 1);
    seen.rev()
        .max_by(|a, b| standings[*a].mean.total_cmp(&standings[*b].mean))
}

/// Whether the test may stop, and why.
fn verdict(arms: &[Arm], loss: f64, tolerated: f64) -> (bool, String) {
    let unseen = arms.iter().find(|arm| arm.impressions == 0);
    match unseen {
        _ if arms.len() == 1 => (true, "there is nothing to compare it with".to_owned()),
        Some(arm) => (false, format!("`{}` was never shown", arm.id)),
        None if loss < tolerated => (
            true,
            format!(
                "to choose the leader is expected to lose {}, less than is cared about",
                share(loss)
            ),
        ),
        None => (
            false,
            format!(
                "to choose the leader is expected to lose {}, more than {}",
                share(loss),
                share(tolerated)
            ),
        ),
    }
}

/// Traffic split evenly, whatever is known.
pub fn even(component: Component, arms: &[Arm], settings: &Settings) -> Weighed {
    let share = round(1.0 / arms.len().max(1) as f64);
    let of = |arm: &Arm| WeighedArm {
        id: arm.id.clone(),
        impressions: arm.impressions,
        successes: arm.successes(settings.measure),
        mean: None,
        chance_best: None,
        expected_loss: None,
        allocation: share,
    };
    Weighed {
        component,
        arms: arms.iter().map(of).collect(),
        leader: arms
            .first()
            .filter(|_| arms.len() == 1)
            .map(|arm| arm.id.clone()),
        prior: None,
        expected_loss: None,
        tolerated_loss: None,
        can_stop: false,
        reason: "the arms were not compared".to_owned(),
    }
}

/// A rate in percentage points.
fn share(rate: f64) -> String {
    format!("{:.4} percentage points", rate * 100.0)
}
