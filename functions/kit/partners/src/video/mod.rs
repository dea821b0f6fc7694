//! Spoken videos by D-ID (`POST /talks`, `GET /talks/{id}`) and HeyGen (`POST /v2/video/generate`,
//! `GET /v1/video_status.get`), as both document them.
//!
//! Neither knows an idempotency key. A submission therefore looks first whether the last hundred
//! jobs have one for the same reference, and takes it unless it failed: who submits again after an
//! answer that never came pays once.

mod d_id;
mod heygen;
mod settings;
#[cfg(test)]
mod tests;
pub mod webhook;

use baton_domain::video::{JobState, Provider, VideoError};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, StatusCode, Url};
use serde_json::Value;

use crate::http::{self, MAX_REFUSAL, Unanswered, bounded, busy, message};
use crate::{Secret, SettingError};

pub use settings::{Account, VideoSettings};

/// The largest answer that is read, in bytes: a hundred jobs.
const MAX_ANSWER: usize = 2 * 1024 * 1024;

/// The most jobs that are looked through for one that was submitted before.
const LOOKED_AT: &str = "100";

/// The longest id of a job.
const MAX_ID: usize = 200;

/// What is to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// What it is for, such as the run; the same reference is the same video.
    pub reference: String,
    /// Its title.
    pub title: String,
    /// Who is seen.
    pub presenter: Presenter,
    /// The provider's voice; D-ID's default where there is none, and HeyGen refuses.
    pub voice_id: Option<String>,
    /// What is said, a scene each.
    pub scenes: Vec<String>,
    /// What is said, as a fragment of SSML in Microsoft's dialect, for a provider that takes it.
    pub ssml: Option<String>,
    /// The rate, in percent of normal, for a provider that takes no SSML.
    pub rate_percent: u16,
    /// By how many percent the voice is higher, for the same.
    pub pitch_percent: i8,
    /// Where the end is told.
    pub webhook_url: Option<String>,
    /// Width and height, in pixels, for a provider that takes them.
    pub size: (u32, u32),
}

/// Who is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presenter {
    /// A picture that is made to speak, by its address (D-ID).
    Image(String),
    /// An avatar of the account (HeyGen).
    Avatar(String),
    /// A photo of the account that is made to speak (HeyGen).
    TalkingPhoto(String),
}

/// A job as it was found or made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// Its id.
    pub job_id: String,
    /// Whether it was there before.
    pub existed: bool,
}

/// One provider, spoken to over HTTP.
#[derive(Debug, Clone)]
pub struct VideoClient {
    provider: Provider,
    account: Account,
    http: Client,
}

impl VideoClient {
    /// A client of an account. Nothing is called yet.
    ///
    /// # Errors
    /// When TLS cannot be set up, or no header can hold the key.
    pub fn new(
        provider: Provider,
        account: Account,
        timeout: std::time::Duration,
    ) -> Result<Self, SettingError> {
        let key = account.api_key.reveal();
        let (name, value) = match provider {
            Provider::DId => ("authorization", format!("Basic {key}")),
            Provider::HeyGen => ("x-api-key", key.to_owned()),
        };
        let (address, variable) = settings::variables(provider);
        let mut value = HeaderValue::try_from(value).map_err(|_| SettingError {
            variable,
            message: "must be visible ASCII characters",
        })?;
        value.set_sensitive(true);
        let headers = HeaderMap::from_iter([(HeaderName::from_static(name), value)]);
        Ok(Self {
            provider,
            http: http::client(headers, timeout, address)?,
            account,
        })
    }

    /// Whose client it is.
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// Submits a video, unless one for the same reference is there.
    ///
    /// # Errors
    /// As [`VideoError`] says; the same submission may be made again.
    pub async fn submit(&self, submission: &Submission) -> Result<Submitted, VideoError> {
        if let Some(job_id) = self.find(&submission.reference).await? {
            return Ok(Submitted {
                job_id,
                existed: true,
            });
        }
        let (path, body) = match self.provider {
            Provider::DId => (&["talks"][..], d_id::body(submission)),
            Provider::HeyGen => (&["v2", "video", "generate"][..], heygen::body(submission)),
        };
        let request = self.http.post(self.url(path)?).json(&body);
        let answer = self.send(request).await?;
        let job_id = match self.provider {
            Provider::DId => d_id::submitted(&answer),
            Provider::HeyGen => heygen::submitted(&answer),
        }?;
        Ok(Submitted {
            job_id,
            existed: false,
        })
    }

    /// Asks how far a job is.
    ///
    /// # Errors
    /// As [`VideoError`] says.
    pub async fn poll(&self, job_id: &str) -> Result<JobState, VideoError> {
        if job_id.is_empty() || job_id.len() > MAX_ID {
            return Err(VideoError::NotFound("an id that no job has".to_owned()));
        }
        match self.provider {
            Provider::DId => {
                let url = self.url(&["talks", job_id])?;
                d_id::state(&self.send(self.http.get(url)).await?)
            }
            Provider::HeyGen => {
                let mut url = self.url(&["v1", "video_status.get"])?;
                url.query_pairs_mut().append_pair("video_id", job_id);
                heygen::polled(&self.send(self.http.get(url)).await?)
            }
        }
    }

    /// A job for the same reference that did not fail.
    async fn find(&self, reference: &str) -> Result<Option<String>, VideoError> {
        let path = match self.provider {
            Provider::DId => &["talks"][..],
            Provider::HeyGen => &["v1", "video.list"][..],
        };
        let mut url = self.url(path)?;
        url.query_pairs_mut().append_pair("limit", LOOKED_AT);
        let answer = self.send(self.http.get(url)).await?;
        match self.provider {
            Provider::DId => d_id::find(&answer, reference),
            Provider::HeyGen => heygen::find(&answer, reference),
        }
    }

    fn url(&self, path: &[&str]) -> Result<Url, VideoError> {
        http::url(&self.account.base_url, path)
            .ok_or_else(|| VideoError::NotFound("an id that no address can hold".to_owned()))
    }

    /// Makes a call once.
    async fn send(&self, request: RequestBuilder) -> Result<Value, VideoError> {
        let response = request.send().await.map_err(Unanswered::from)?;
        let status = response.status();
        if status.is_success() {
            let body = bounded(response, MAX_ANSWER).await?;
            let body = body.ok_or_else(|| malformed("it is larger than 2 MB"))?;
            return serde_json::from_slice(&body).map_err(|_| malformed("it is not JSON"));
        }
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            let said = busy(status, response.headers().get(RETRY_AFTER));
            return Err(VideoError::Unavailable(said));
        }
        let said = bounded(response, MAX_REFUSAL).await.ok().flatten();
        let said = message(&said.unwrap_or_default(), Some(&self.account.api_key));
        Err(match status.as_u16() {
            404 => VideoError::NotFound(said),
            408 => VideoError::TimedOut,
            status => VideoError::Refused {
                status,
                message: said,
            },
        })
    }
}

impl From<Unanswered> for VideoError {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::TimedOut => Self::TimedOut,
            Unanswered::Broken(how) => Self::Unavailable(how.to_owned()),
        }
    }
}

fn malformed(problem: &str) -> VideoError {
    VideoError::Malformed(problem.to_owned())
}

/// A job that is there: where, and how long.
fn done(url: &Value, duration: &Value) -> Result<JobState, VideoError> {
    let address = url.as_str().filter(|url| url.starts_with("https://"));
    let url = address.ok_or_else(|| malformed("a video that is done has no https address"))?;
    let seconds = duration.as_f64().filter(|s| s.is_finite() && *s >= 0.0);
    Ok(JobState::Done {
        url: url.to_owned(),
        duration_seconds: seconds,
    })
}

/// A job that failed: the first of these places that says why.
fn failed(places: &[&Value]) -> JobState {
    let said = places.iter().find_map(|place| place.as_str());
    JobState::Failed {
        reason: http::one_line(said.unwrap_or("it does not say why"), 200),
    }
}

/// The id of a job.
fn id(value: &Value) -> Result<String, VideoError> {
    let fits =
        |id: &&str| (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
    let found = value.as_str().filter(fits);
    found
        .map(str::to_owned)
        .ok_or_else(|| malformed("it has no id of a job"))
}

/// Seals references, so that only who was given one can speak for it.
fn seal(secret: &Secret, reference: &str) -> String {
    use std::fmt::Write as _;

    webhook::mac(secret, reference.as_bytes()).map_or_else(String::new, |mac| {
        let bytes = hmac::Mac::finalize(mac).into_bytes();
        bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    })
}
