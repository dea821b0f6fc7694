//! `video-generation`: a spoken video by D-ID or HeyGen.
//!
//! A video takes minutes. `submit` answers `submitted` with the job's id at once; `poll` answers how
//! far the job is, for ever `processing` if the provider says so: the workflow that waits has the
//! limit. The provider's message at the end is read by [`webhook::parse`], whose event completes the
//! same wait. The reference, such as the run's id, makes submitting again harmless: a job that is
//! there for it and did not fail is taken.
//!
//! Without a provider's key, and as fallback, there is no video: a storyboard, captions and a poster
//! are answered at once ([`storyboard`]), by a method whose name ends in `-offline`.
//!
//! | code | when |
//! |---|---|
//! | `InvalidJob` | a field cannot be used; the message names it |
//! | `ProviderNotConfigured` | the provider that is asked for has no key, or no connection |
//! | `VideoNotFound` | the provider does not know the job |
//! | `VideoRefused` | the provider refused; the same call would be refused again |
//! | `VideoMalformed` | the provider's answer cannot be used; try again |
//! | `VideoTimedOut` | no answer in time; try again |
//! | `VideoUnavailable` | overloaded or broken; try again |

pub mod job;
pub mod storyboard;

use baton_agent::{Agent, AgentError, Report};
use baton_domain::Method;
use baton_domain::video::{JobState, Provider, VideoError};
use baton_partners::SettingError;
use baton_partners::video::{VideoClient, VideoSettings};
use serde::{Deserialize, Serialize};

pub use baton_partners::video::webhook;
pub use job::{FallbackInput, Input, Mode};
pub use storyboard::Storyboard;

/// The agent.
#[derive(Debug, Clone, Default)]
pub struct VideoGeneration {
    settings: VideoSettings,
}

impl VideoGeneration {
    /// The agent with the providers that the environment has keys for, or with none.
    ///
    /// # Errors
    /// The first variable that means nothing.
    pub fn from_env() -> Result<Self, SettingError> {
        Self::with_settings(VideoSettings::from_env()?)
    }

    /// The agent with these providers.
    ///
    /// # Errors
    /// When one of them cannot be spoken to.
    pub fn with_settings(settings: VideoSettings) -> Result<Self, SettingError> {
        for provider in [Provider::DId, Provider::HeyGen] {
            settings.client(Some(provider))?;
        }
        Ok(Self { settings })
    }

    fn client(&self, wished: Option<Provider>) -> Result<VideoClient, Error> {
        let client = self.settings.client(wished).ok().flatten();
        client.ok_or(Error::ProviderNotConfigured(wished))
    }
}

/// How far a video is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The provider has the job.
    Submitted,
    /// The provider works on it.
    Processing,
    /// It is over; offline, there is a storyboard in place of a video.
    Done,
    /// There will be none.
    Failed,
}

/// What the agent answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// How far it is.
    pub status: Status,
    /// What it is for.
    pub reference: String,
    /// Who makes it; nobody, offline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// The provider's job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
    /// The video, where it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video: Option<Video>,
    /// Why there will be none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether no provider was asked.
    pub offline: bool,
    /// What the video would show, where no provider was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storyboard: Option<Storyboard>,
}

/// A video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Video {
    /// Where it is; providers' addresses last for days at most.
    pub url: String,
    /// How long it is, in seconds, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<f64>,
}

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A field cannot be used.
    #[error("{0}")]
    InvalidJob(String),
    /// The provider has no key.
    #[error("provider: {} has no key here", .0.map_or("none", Provider::name))]
    ProviderNotConfigured(Option<Provider>),
    /// The call failed.
    #[error(transparent)]
    Video(#[from] VideoError),
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &[
        "InvalidJob",
        "ProviderNotConfigured",
        "VideoNotFound",
        "VideoRefused",
        "VideoMalformed",
        "VideoTimedOut",
        "VideoUnavailable",
    ];

    fn code(&self) -> &'static str {
        match self {
            Self::InvalidJob(_) => "InvalidJob",
            Self::ProviderNotConfigured(_) => "ProviderNotConfigured",
            Self::Video(error) => error.code(),
        }
    }
}

/// How sure an answer is: a provider's word, and a storyboard.
const PROVIDER_CONFIDENCE: f64 = 1.0;
const OFFLINE_CONFIDENCE: f64 = 0.4;

impl Agent for VideoGeneration {
    const NAME: &'static str = "video-generation";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Output;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Output>, Error> {
        input.check()?;
        match input.mode {
            Mode::Poll => self.poll(input).await,
            Mode::Submit if self.settings.is_offline() => {
                let storyboard = storyboard::of(&input.scenes, &input.title(), &input.brand)?;
                Ok(offline(input.reference, storyboard))
            }
            Mode::Submit => self.submit(input).await,
        }
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<Output>, Error> {
        let title = input.title.unwrap_or_else(|| "Video".to_owned());
        let storyboard = storyboard::of(&input.scenes, &title, &input.brand)?;
        Ok(offline(input.reference.unwrap_or_default(), storyboard))
    }

    fn validate(&self, output: &Output) -> Result<(), String> {
        let known = match output.status {
            Status::Submitted | Status::Processing => output.job_id.is_some(),
            Status::Done => output.video.is_some() != output.storyboard.is_some(),
            Status::Failed => output.reason.is_some(),
        };
        if !known {
            return Err("status: what belongs to it is missing".to_owned());
        }
        if output.offline != output.storyboard.is_some()
            || output.offline == output.provider.is_some()
        {
            return Err("offline: does not follow from the rest".to_owned());
        }
        if let Some(video) = &output.video {
            if !video.url.starts_with("https://") {
                return Err("video.url: is not https".to_owned());
            }
            if video
                .duration_seconds
                .is_some_and(|s| !s.is_finite() || s < 0.0)
            {
                return Err("video.duration_seconds: must be 0 or above".to_owned());
            }
        }
        output
            .storyboard
            .as_ref()
            .map_or(Ok(()), Storyboard::validate)
    }
}

impl VideoGeneration {
    async fn submit(&self, input: Input) -> Result<Report<Output>, Error> {
        let client = self.client(input.provider)?;
        let mut warnings = Vec::new();
        let tokens = self.settings.webhooks.tokens.as_ref();
        let submission = input.submission(client.provider(), tokens, &mut warnings)?;
        let submitted = client.submit(&submission).await?;
        if submitted.existed {
            warnings.push("a job for this reference was there: it is taken".to_owned());
        }
        let output = Output {
            status: Status::Submitted,
            job_id: Some(submitted.job_id),
            ..of_provider(client.provider(), input.reference)
        };
        Ok(
            Report::new(output, PROVIDER_CONFIDENCE, method(client.provider()))
                .with_warnings(warnings),
        )
    }

    async fn poll(&self, input: Input) -> Result<Report<Output>, Error> {
        let client = self.client(input.provider)?;
        let job_id = input.job_id.unwrap_or_default();
        let state = client.poll(&job_id).await?;
        let mut output = of_provider(client.provider(), input.reference);
        output.job_id = Some(job_id);
        match state {
            JobState::Processing => output.status = Status::Processing,
            JobState::Done {
                url,
                duration_seconds,
            } => {
                output.status = Status::Done;
                output.video = Some(Video {
                    url,
                    duration_seconds,
                });
            }
            JobState::Failed { reason } => {
                output.status = Status::Failed;
                output.reason = Some(reason);
            }
        }
        Ok(Report::new(
            output,
            PROVIDER_CONFIDENCE,
            method(client.provider()),
        ))
    }
}

fn method(provider: Provider) -> Method {
    match provider {
        Provider::DId => Method::new("d-id-talks", "1"),
        Provider::HeyGen => Method::new("heygen-video", "2"),
    }
}

fn of_provider(provider: Provider, reference: String) -> Output {
    Output {
        status: Status::Submitted,
        reference,
        provider: Some(provider),
        job_id: None,
        video: None,
        reason: None,
        offline: false,
        storyboard: None,
    }
}

fn offline(reference: String, storyboard: Storyboard) -> Report<Output> {
    let output = Output {
        status: Status::Done,
        reference,
        provider: None,
        job_id: None,
        video: None,
        reason: None,
        offline: true,
        storyboard: Some(storyboard),
    };
    let warning = "offline: no provider was asked, there is a storyboard and no video".to_owned();
    let method = Method::new("storyboard-offline", "1");
    Report::new(output, OFFLINE_CONFIDENCE, method).with_warnings(vec![warning])
}

#[cfg(test)]
mod tests;
