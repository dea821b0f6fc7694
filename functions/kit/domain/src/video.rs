//! Spoken videos, which a partner takes minutes to make: jobs, how they end, why a call fails, and
//! what partners tell by themselves.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who makes a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Provider {
    /// D-ID.
    #[default]
    #[serde(rename = "d-id")]
    DId,
    /// HeyGen.
    #[serde(rename = "heygen")]
    HeyGen,
}

impl Provider {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DId => "d-id",
            Self::HeyGen => "heygen",
        }
    }

    /// The provider of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::DId, Self::HeyGen]
            .into_iter()
            .find(|provider| provider.name() == name)
    }
}

/// How far a video is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum JobState {
    /// It is made, or waits to be.
    Processing,
    /// It is there.
    Done {
        /// Where, over https; providers' addresses last for days at most.
        url: String,
        /// How long it is, where that is known.
        duration_seconds: Option<f64>,
    },
    /// There will be none.
    Failed {
        /// Why, in the provider's words, shortened.
        reason: String,
    },
}

/// What a provider told of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VideoEvent {
    /// Who.
    pub provider: Provider,
    /// The job.
    pub job_id: String,
    /// What the job was submitted for, such as the run.
    pub reference: Option<String>,
    /// How far it is.
    pub state: JobState,
}

/// Why a call to a provider failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VideoError {
    /// There is no such job.
    #[error("the provider does not know the job: {0}")]
    NotFound(String),
    /// It was understood and refused; the same call would be refused again.
    #[error("the provider refused with status {status}: {message}")]
    Refused {
        /// The HTTP status, 200 to 499.
        status: u16,
        /// What it said, shortened.
        message: String,
    },
    /// The answer is not what is documented; what was asked may have happened.
    #[error("the provider's answer cannot be used: {0}")]
    Malformed(String),
    /// No answer in time; what was asked may have happened.
    #[error("the provider did not answer in time")]
    TimedOut,
    /// It is not there, overloaded or broken; what was asked may have happened.
    #[error("the provider is unavailable: {0}")]
    Unavailable(String),
}

impl VideoError {
    /// Every code, as workflows name them in `Retry` and `Catch`.
    pub const CODES: [&'static str; 5] = [
        "VideoNotFound",
        "VideoRefused",
        "VideoMalformed",
        "VideoTimedOut",
        "VideoUnavailable",
    ];

    /// The codes of what may pass by itself. A submission may be repeated with the same reference.
    pub const TRANSIENT: [&'static str; 3] =
        ["VideoMalformed", "VideoTimedOut", "VideoUnavailable"];

    /// The error's code, one of [`VideoError::CODES`].
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "VideoNotFound",
            Self::Refused { .. } => "VideoRefused",
            Self::Malformed(_) => "VideoMalformed",
            Self::TimedOut => "VideoTimedOut",
            Self::Unavailable(_) => "VideoUnavailable",
        }
    }
}

/// A message of a provider, as it came in.
#[derive(Clone, Copy)]
pub struct Delivery<'a> {
    /// To whose address.
    pub provider: Provider,
    /// The body, byte by byte.
    pub body: &'a [u8],
    /// The header `Heygen-Signature`, else `Signature`.
    pub signature: Option<&'a str>,
    /// The token of the address.
    pub token: Option<&'a str>,
}

/// A message may hold personal data.
impl fmt::Debug for Delivery<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Delivery({}, {} bytes)",
            self.provider.name(),
            self.body.len()
        )
    }
}

/// Why a message is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// There is no secret to know it by.
    #[error("no secret is configured for webhooks of this provider")]
    NotConfigured,
    /// It is not signed, or by somebody else.
    #[error("neither the signature nor the token is right")]
    Unauthenticated,
    /// It is not what is documented.
    #[error("the message cannot be used: {0}")]
    Malformed(String),
}

impl From<VideoError> for WebhookError {
    fn from(error: VideoError) -> Self {
        Self::Malformed(error.to_string())
    }
}

/// Reads what providers of videos tell by themselves.
pub trait VideoWebhooks: Send + Sync {
    /// What a message tells; none where it is of a kind that does not matter here and is to be
    /// acknowledged.
    ///
    /// # Errors
    /// As [`WebhookError`] says; nothing of an unauthenticated message is answered.
    fn read(&self, delivery: &Delivery<'_>) -> Result<Option<VideoEvent>, WebhookError>;
}
