//! `ad-assembly`: which headline, picture, text and call to action an ad is made of.
//!
//! Every arm of a component has a Beta posterior of its success rate ([`posterior`]), from a prior
//! that is the rate of all its arms together and weighs as much as one success; traffic is
//! split by Thompson sampling (1933) above an exploration floor ([`weigh`]): the shares are those
//! that sampling gives in the mean, computed and not simulated, and the next impressions are drawn
//! from a seeded generator ([`draw`]). A test may stop when the loss that is expected of choosing its
//! leader is below the threshold of caring (Stucchi 2015). Components are taken to be independent of
//! each other ([`assemble`]).
//!
//! | code | when |
//! |---|---|
//! | `NoComponents` | no component has an arm |
//! | `InvalidArms` | counts that cannot be, a name twice, or more than 50 arms |
//! | `InvalidSettings` | prior, floor, threshold or a number of ads is out of range |

pub mod arms;
pub mod assemble;
pub mod draw;
pub mod posterior;
pub mod quadrature;
mod settings;
mod size;
pub mod weigh;

use std::collections::BTreeMap;

use baton_agent::{Agent, AgentError, Report};
use baton_domain::{FieldError, Method};
use serde::{Deserialize, Serialize};

use arms::{Component, Components, Measure, Prior};
use assemble::Ad;
pub use settings::Settings;
use weigh::Weighed;

/// The agent.
#[derive(Debug, Clone, Copy, Default)]
pub struct AdAssembly;

/// What the agent works on: one arm of one component at least.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The arms of every component.
    pub components: Components,
    /// What counts as success; clicks when it is not given.
    #[serde(default)]
    pub measure: Measure,
    /// What is believed of an arm beforehand: `{"successes": 1, "failures": 1}` is uniform. When it is
    /// not given, it follows from the rate of all arms of the component together ([`Prior::pooled`]).
    #[serde(default)]
    pub prior: Option<Prior>,
    /// The part of the traffic that is split evenly, from 0 to 1.
    #[serde(default = "default_floor")]
    pub exploration_floor: f64,
    /// The loss that is not cared about, as a part of the leader's rate, from 0 to 1.
    #[serde(default = "default_threshold")]
    pub caring_threshold: f64,
    /// How many ads to put together, 1 to 10.
    #[serde(default = "default_ads")]
    pub ads: usize,
    /// For how many impressions to draw, up to 500.
    #[serde(default = "default_draws")]
    pub draws: usize,
    /// What the draws follow from.
    #[serde(default)]
    pub seed: u64,
}

fn default_floor() -> f64 {
    0.1
}

fn default_threshold() -> f64 {
    0.01
}

fn default_ads() -> usize {
    3
}

fn default_draws() -> usize {
    1
}

/// What the fallback works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// The arms of every component.
    pub components: Components,
}

/// What the agent answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// How the arms of each component stand.
    pub components: Vec<Weighed>,
    /// The ads that get most traffic, most first.
    pub ads: Vec<Ad>,
    /// The arms of the next impressions.
    pub draws: Vec<BTreeMap<Component, String>>,
    /// Whether the test of every component may stop.
    pub can_stop: bool,
}

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is nothing to put together.
    #[error("components: no component has an arm")]
    NoComponents,
    /// Arms that cannot be.
    #[error("{0}")]
    InvalidArms(FieldError),
    /// A setting is out of range.
    #[error("{0}")]
    InvalidSettings(FieldError),
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &["NoComponents", "InvalidArms", "InvalidSettings"];

    fn code(&self) -> &'static str {
        match self {
            Self::NoComponents => "NoComponents",
            Self::InvalidArms(_) => "InvalidArms",
            Self::InvalidSettings(_) => "InvalidSettings",
        }
    }
}

impl Agent for AdAssembly {
    const NAME: &'static str = "ad-assembly";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Output;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Output>, Error> {
        let settings = settings::of(&input).map_err(Error::InvalidSettings)?;
        input
            .components
            .check(input.measure)
            .map_err(Error::InvalidArms)?;
        let components = input.components.there();
        if components.is_empty() {
            return Err(Error::NoComponents);
        }
        let weighed: Vec<Weighed> = components
            .iter()
            .map(|(component, arms)| weigh::weigh(*component, arms, &settings))
            .collect();
        let confidence = confidence(&weighed);
        let mut output = Output {
            ads: assemble::ads(&components, &weighed, input.ads),
            draws: assemble::drawn(&components, &settings, input.draws),
            can_stop: weighed.iter().all(|weighed| weighed.can_stop),
            components: weighed,
        };
        let mut warnings = Vec::new();
        if components.len() > 1 {
            warnings.push(
                "parts are weighed each for itself: what two of them do together is not seen"
                    .to_owned(),
            );
        }
        warnings.extend(size::fit(&mut output));
        let method = Method::new("thompson-sampling-beta", "2");
        Ok(Report::new(output, confidence, method).with_warnings(warnings))
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<Output>, Error> {
        let components = input.components.there();
        if components.is_empty() {
            return Err(Error::NoComponents);
        }
        let settings = Settings {
            measure: Measure::Clicks,
            prior: None,
            exploration_floor: 1.0,
            caring_threshold: default_threshold(),
            seed: 0,
        };
        let weighed: Vec<Weighed> = components
            .iter()
            .map(|(component, arms)| weigh::even(*component, arms, &settings))
            .collect();
        let mut output = Output {
            ads: assemble::ads(&components, &weighed, default_ads()),
            draws: Vec::new(),
            can_stop: false,
            components: weighed,
        };
        let warning = "traffic is split evenly: how the arms did was not looked at".to_owned();
        let warnings = size::fit(&mut output)
            .into_iter()
            .chain([warning])
            .collect();
        let report = Report::new(output, 0.1, Method::new("even-split", "1"));
        Ok(report.with_warnings(warnings))
    }

    fn validate(&self, output: &Output) -> Result<(), String> {
        for weighed in &output.components {
            let name = weighed.component.name();
            let sum: f64 = weighed.arms.iter().map(|arm| arm.allocation).sum();
            // Every share is rounded to the millionth.
            if !(0.9999..=1.0001).contains(&sum) {
                return Err(format!("components.{name}: allocations sum to {sum}"));
            }
            for arm in &weighed.arms {
                let rates = [
                    Some(arm.allocation),
                    arm.mean,
                    arm.chance_best,
                    arm.expected_loss,
                ];
                if rates
                    .iter()
                    .flatten()
                    .any(|rate| !(0.0..=1.0).contains(rate))
                {
                    return Err(format!("components.{name}.{}: a rate is none", arm.id));
                }
            }
        }
        if output.ads.is_empty() || output.ads.iter().any(|ad| ad.parts.is_empty()) {
            return Err("ads: are none, or one is empty".to_owned());
        }
        Ok(())
    }
}

/// The chance that the leaders are the best, of the component where it is least; below 1.
fn confidence(weighed: &[Weighed]) -> f64 {
    let of = |weighed: &Weighed| {
        let leads = |arm: &&weigh::WeighedArm| Some(&arm.id) == weighed.leader.as_ref();
        let chance = weighed.arms.iter().find(leads).map(|arm| arm.chance_best);
        // Without a leader any of them is as good.
        chance.map_or(1.0 / weighed.arms.len() as f64, Option::unwrap_or_default)
    };
    round(weighed.iter().map(of).fold(0.99, f64::min))
}

/// Rounded to the millionth.
fn round(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests;
