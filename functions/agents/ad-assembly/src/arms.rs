//! What is known of each part of an ad, checked.

use std::collections::BTreeSet;

use baton_domain::FieldError;
use serde::{Deserialize, Serialize};

use crate::posterior::Posterior;

/// How many arms a component has at most.
pub const MOST_ARMS: usize = 50;

/// How many bytes the name of an arm has at most.
pub const MOST_NAME_BYTES: usize = 64;

/// How many bytes the text or the place of an arm has at most.
pub const MOST_TEXT_BYTES: usize = 2_000;

/// How many impressions are counted at most.
pub const MOST_IMPRESSIONS: u64 = 1_000_000_000;

/// A part of an ad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Component {
    /// The heading.
    Headline,
    /// The picture.
    Image,
    /// The text.
    Body,
    /// The call to action.
    Cta,
}

/// The arms of every component; those without any are left out of the ads.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Components {
    /// Headings.
    #[serde(default)]
    pub headline: Vec<Arm>,
    /// Pictures.
    #[serde(default)]
    pub image: Vec<Arm>,
    /// Texts.
    #[serde(default)]
    pub body: Vec<Arm>,
    /// Calls to action.
    #[serde(default)]
    pub cta: Vec<Arm>,
}

/// One thing that may stand in a component's place, and how it did.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// Its name, unique in the component, up to 64 bytes.
    pub id: String,
    /// What it says, up to 2,000 bytes.
    #[serde(default)]
    pub text: Option<String>,
    /// Where it lies, such as a picture's address, up to 2,000 bytes.
    #[serde(default, rename = "ref")]
    pub reference: Option<String>,
    /// How often it was shown, up to 10⁹.
    #[serde(default)]
    pub impressions: u64,
    /// How often it was clicked.
    #[serde(default)]
    pub clicks: Option<u64>,
    /// How often it led to a conversion.
    #[serde(default)]
    pub conversions: Option<u64>,
}

/// What counts as success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// A click of an impression.
    #[default]
    Clicks,
    /// A conversion of an impression.
    Conversions,
}

/// What is believed of every arm before it was shown: `Beta(successes, failures)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prior {
    /// From 0.5 to 10⁶.
    pub successes: f64,
    /// From 0.5 to 10⁶.
    pub failures: f64,
}

/// The largest parameter of a prior.
pub const MOST_PRIOR: f64 = 1e6;

impl Prior {
    /// Empirical Bayes: the mean is the rate of all arms of the test together (with a success and a
    /// failure more, so that it is never 0 or 1), the weight that of one success, or of one failure
    /// where those are rarer. Where nothing was shown this is the uniform prior. Under a uniform prior,
    /// an arm that nobody saw would be expected to succeed half of the time, and where clicks are rare
    /// take nearly all traffic.
    pub fn pooled(arms: &[Arm], measure: Measure) -> Self {
        let shown: u64 = arms.iter().map(|arm| arm.impressions).sum();
        let succeeded: u64 = arms.iter().map(|arm| arm.successes(measure)).sum();
        let successes = succeeded as f64 + 1.0;
        let failures = shown.saturating_sub(succeeded) as f64 + 1.0;
        let rarer = successes.min(failures);
        Self {
            successes: (successes / rarer).min(MOST_PRIOR),
            failures: (failures / rarer).min(MOST_PRIOR),
        }
    }
}

impl Components {
    /// Those that have arms, in the order in which an ad is read.
    pub fn there(&self) -> Vec<(Component, &[Arm])> {
        let all: [(Component, &[Arm]); 4] = [
            (Component::Headline, &self.headline),
            (Component::Image, &self.image),
            (Component::Body, &self.body),
            (Component::Cta, &self.cta),
        ];
        all.into_iter()
            .filter(|(_, arms)| !arms.is_empty())
            .collect()
    }

    /// Checks numbers and names.
    ///
    /// # Errors
    /// The first field that cannot be.
    pub fn check(&self, measure: Measure) -> Result<(), FieldError> {
        for (component, arms) in self.there() {
            let path = format!("components.{}", component.name());
            if arms.len() > MOST_ARMS {
                let message = format!("has {} arms, {MOST_ARMS} are the most", arms.len());
                return Err(FieldError::new(path, message));
            }
            let mut ids = BTreeSet::new();
            for (i, arm) in arms.iter().enumerate() {
                let path = format!("{path}[{i}]");
                if arm.id.trim().is_empty() || !ids.insert(&arm.id) {
                    let message = "must be a name that no other arm of the component has";
                    return Err(FieldError::new(format!("{path}.id"), message));
                }
                arm.check(&path, measure)?;
            }
        }
        Ok(())
    }
}

impl Component {
    /// Its name in the input.
    pub fn name(self) -> &'static str {
        match self {
            Self::Headline => "headline",
            Self::Image => "image",
            Self::Body => "body",
            Self::Cta => "cta",
        }
    }
}

impl Arm {
    fn check(&self, path: &str, measure: Measure) -> Result<(), FieldError> {
        let wrong =
            |field: &str, message: String| Err(FieldError::new(format!("{path}.{field}"), message));
        let texts = [
            ("id", Some(&self.id), MOST_NAME_BYTES),
            ("text", self.text.as_ref(), MOST_TEXT_BYTES),
            ("ref", self.reference.as_ref(), MOST_TEXT_BYTES),
        ];
        for (field, text, most) in texts {
            let bytes = text.map_or(0, String::len);
            if bytes > most {
                return wrong(field, format!("has {bytes} bytes, {most} are the most"));
            }
        }
        if self.impressions > MOST_IMPRESSIONS {
            return wrong("impressions", format!("must be at most {MOST_IMPRESSIONS}"));
        }
        for (field, count) in [("clicks", self.clicks), ("conversions", self.conversions)] {
            if count.is_some_and(|count| count > self.impressions) {
                let message = format!("must be at most the {} impressions", self.impressions);
                return wrong(field, message);
            }
        }
        if self.count(measure).is_none() && self.impressions > 0 {
            let message = "must be given, since the arm was shown and this is what is measured";
            return wrong(measure.name(), message.to_owned());
        }
        Ok(())
    }

    fn count(&self, measure: Measure) -> Option<u64> {
        match measure {
            Measure::Clicks => self.clicks,
            Measure::Conversions => self.conversions,
        }
    }

    /// How often it succeeded.
    pub fn successes(&self, measure: Measure) -> u64 {
        self.count(measure).unwrap_or(0)
    }

    /// What is believed of it now.
    pub fn posterior(&self, measure: Measure, prior: Prior) -> Posterior {
        let successes = self.successes(measure).min(self.impressions);
        Posterior {
            alpha: prior.successes + successes as f64,
            beta: prior.failures + (self.impressions - successes) as f64,
        }
    }
}

impl Measure {
    fn name(self) -> &'static str {
        match self {
            Self::Clicks => "clicks",
            Self::Conversions => "conversions",
        }
    }
}
