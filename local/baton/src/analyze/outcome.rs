//! What came of each part, with the types of the agents: what tables and pages are made of.

use attribution::Output as Attribution;
use baton_domain::request::{Answer, Replacement};
use baton_domain::{Envelope, Timestamp};
use journey_analysis::Output as Journeys;
use predictive_analytics::Output as Forecast;
use serde::de::DeserializeOwned;

use super::answer::Answered;
use super::input::{Input, Source};
use crate::failure::Failure;

/// What came of an analysis.
pub(super) struct Outcome {
    pub(super) journeys: Part<Journeys>,
    pub(super) attribution: Part<Attribution>,
    pub(super) forecast: Part<Forecast>,
    /// How the answer was, such as `success`.
    pub(super) status: &'static str,
    /// The moment that it is for.
    pub(super) as_of: Timestamp,
    /// When it was made.
    pub(super) made_at: Timestamp,
    /// Whether the workflow answered, or its agents one by one.
    pub(super) by_workflow: bool,
    pub(super) sources: Vec<Source>,
    /// What a reader should know of all of it.
    pub(super) notes: Vec<String>,
}

/// What came of one part.
pub(super) enum Part<T> {
    /// Found, with what a reader should know of it.
    Found(Box<Found<T>>),
    /// Not asked for, or without data: why.
    Skipped(String),
    /// Failed, and nothing stands in its place: why.
    Failed(String),
}

/// An answer of an agent.
pub(super) struct Found<T> {
    pub(super) output: T,
    pub(super) agent: String,
    /// Name and version.
    pub(super) method: String,
    /// From 0 to 1.
    pub(super) confidence: f64,
    pub(super) warnings: Vec<String>,
    /// Why the agent's own method did not answer, where its fallback did.
    pub(super) replaced: Option<String>,
}

impl Outcome {
    /// Takes an answer apart.
    pub(super) fn of(answered: &Answered, input: &Input) -> Result<Self, Failure> {
        let answer = &answered.answer;
        let mut notes = input.notes.clone();
        notes.extend(answer.findings.warnings.iter().cloned());
        Ok(Self {
            journeys: Part::of(answer, "journeys", "--journeys brings them.")?,
            attribution: Part::of(
                answer,
                "attribution",
                "--journeys with a column channel brings them.",
            )?,
            forecast: Part::of(answer, "forecast", "--series brings one.")?,
            status: answer.findings.status.name(),
            as_of: answered.as_of,
            made_at: answer.timestamp,
            by_workflow: answered.by_workflow,
            sources: input.sources.clone(),
            notes,
        })
    }

    /// Whether every part that had data was answered by its own method.
    pub(super) fn is_whole(&self) -> bool {
        self.journeys.is_whole() && self.attribution.is_whole() && self.forecast.is_whole()
    }
}

impl<T: DeserializeOwned> Part<T> {
    fn of(answer: &Answer, part: &str, hint: &str) -> Result<Self, Failure> {
        let findings = &answer.findings;
        let failure = findings.errors.get(part).map(|failed| {
            let message = failed.message.as_deref().unwrap_or("it gave no reason");
            (format!("{}: {message}", failed.error), failed.replaced_by)
        });
        if let Some(skipped) = findings.skipped.get(part) {
            // What the API would say of its context says nothing on a command line.
            let lacks = skipped.reason.split(": add ").next().unwrap_or_default();
            return Ok(Self::Skipped(format!(
                "{}. {hint}",
                lacks.trim_end_matches('.')
            )));
        }
        let Some(envelope) = findings.results.get(part) else {
            return Ok(failure.map_or_else(
                || Self::Skipped("It was not asked for.".to_owned()),
                |(reason, _)| Self::Failed(reason),
            ));
        };
        match failure {
            Some((reason, Replacement::Fallback)) => Self::found(envelope, Some(reason)),
            Some((reason, _)) => Ok(Self::Failed(reason)),
            None => Self::found(envelope, None),
        }
    }

    fn found(envelope: &Envelope, replaced: Option<String>) -> Result<Self, Failure> {
        let output = T::deserialize(&envelope.output).map_err(|e| Failure::failed(&e))?;
        Ok(Self::Found(Box::new(Found {
            output,
            agent: envelope.agent.clone(),
            method: format!("{} {}", envelope.method.name, envelope.method.version),
            confidence: envelope.confidence,
            warnings: envelope.warnings.clone(),
            replaced,
        })))
    }
}

impl<T> Part<T> {
    fn is_whole(&self) -> bool {
        match self {
            Self::Found(found) => found.replaced.is_none(),
            Self::Skipped(_) => true,
            Self::Failed(_) => false,
        }
    }
}
