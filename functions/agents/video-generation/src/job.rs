//! What is asked for, checked and put into a provider's words.

use baton_domain::video::Provider;
use baton_partners::Secret;
use baton_partners::video::{Presenter, Submission, webhook};
use baton_speech::ssml::{Dialect, Speech};
use serde::Deserialize;

use crate::Error;

/// The most scenes, and the longest text of one, in characters, that both providers take.
const MAX_SCENES: usize = 50;
const MAX_TEXT: usize = 1_500;

/// What the agent works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What is to be done.
    pub mode: Mode,
    /// What it is for, such as the run: 1 to 64 letters, digits, `-` and `_`. The same reference is
    /// the same video.
    pub reference: String,
    /// Who makes it; where it is not given, whoever is configured.
    #[serde(default)]
    pub provider: Option<Provider>,
    /// The job, to poll.
    #[serde(default)]
    pub job_id: Option<String>,
    /// Its title.
    #[serde(default)]
    pub title: Option<String>,
    /// What is said, as `avatar-script` answers it.
    #[serde(default)]
    pub scenes: Vec<Scene>,
    /// What is said, as `voice-adapter` answers it.
    #[serde(default)]
    pub ssml: Option<String>,
    /// Whose voice, as `voice-adapter` answers it.
    #[serde(default)]
    pub voice: Option<Voice>,
    /// The rate, in percent of normal.
    #[serde(default)]
    pub rate_percent: Option<u16>,
    /// By how many percent the voice is higher.
    #[serde(default)]
    pub pitch_percent: Option<i8>,
    /// Who is seen.
    #[serde(default)]
    pub presenter: Seen,
    /// Where providers tell the end, over https; the provider's name is added to its path.
    #[serde(default)]
    pub webhook_url: Option<String>,
    /// How the poster looks.
    #[serde(default)]
    pub brand: Look,
}

/// What the fallback works on.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// What it is for.
    #[serde(default)]
    pub reference: Option<String>,
    /// Its title.
    #[serde(default)]
    pub title: Option<String>,
    /// What is said.
    pub scenes: Vec<Scene>,
    /// How the poster looks.
    #[serde(default)]
    pub brand: Look,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// To have a video made.
    Submit,
    /// To see how far it is.
    Poll,
}

/// One scene. Other fields are tolerated, so that a whole scene of `avatar-script` may stand here.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Scene {
    /// What is said.
    pub text: String,
    /// How long it takes, in seconds; estimated where it is not given.
    #[serde(default)]
    pub seconds: Option<f64>,
}

/// Whose voice. Other fields are tolerated.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Voice {
    /// Its id at the provider.
    pub voice_id: String,
}

/// Who is seen: a picture's address for D-ID, an avatar's or a talking photo's id for HeyGen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// A picture with a face, over https.
    #[serde(default)]
    pub image_url: Option<String>,
    /// An avatar of the account.
    #[serde(default)]
    pub avatar_id: Option<String>,
    /// A talking photo of the account.
    #[serde(default)]
    pub talking_photo_id: Option<String>,
}

/// How the poster looks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// The brand's name.
    #[serde(default)]
    pub name: Option<String>,
    /// Its colour, as `#rrggbb`.
    #[serde(default)]
    pub primary: Option<String>,
    /// The colour of text on it, as `#rrggbb`.
    #[serde(default)]
    pub text: Option<String>,
}

pub(crate) fn wrong<T>(text: impl Into<String>) -> Result<T, Error> {
    Err(Error::InvalidJob(text.into()))
}

/// Scenes that can be said.
pub(crate) fn check_scenes(scenes: &[Scene]) -> Result<(), Error> {
    if scenes.is_empty() || scenes.len() > MAX_SCENES {
        return wrong(format!("scenes: must be 1 to {MAX_SCENES}"));
    }
    for (i, scene) in scenes.iter().enumerate() {
        if !scene.text.chars().any(char::is_alphanumeric) {
            return wrong(format!("scenes[{i}].text: has no word"));
        }
        if scene.text.chars().count() > MAX_TEXT {
            return wrong(format!(
                "scenes[{i}].text: has more than {MAX_TEXT} characters"
            ));
        }
        let time = |seconds: f64| (0.0..=3_600.0).contains(&seconds);
        if !scene.seconds.is_none_or(time) {
            return wrong(format!("scenes[{i}].seconds: must be 0 to 3600"));
        }
    }
    Ok(())
}

impl Input {
    /// Checks what types alone cannot.
    ///
    /// # Errors
    /// `InvalidJob`, naming the first field that cannot be used.
    pub fn check(&self) -> Result<(), Error> {
        let part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if !(1..=64).contains(&self.reference.len()) || !self.reference.bytes().all(part) {
            return wrong("reference: must be 1 to 64 letters, digits, - and _");
        }
        match self.mode {
            Mode::Poll if self.job_id.as_deref().unwrap_or_default().is_empty() => {
                wrong("job_id: is not given")
            }
            Mode::Poll => Ok(()),
            Mode::Submit => check_scenes(&self.scenes),
        }
    }

    /// The title, or one that says nothing.
    pub fn title(&self) -> String {
        let title = self.title.as_deref().map(str::trim);
        let title = title.filter(|title| !title.is_empty()).unwrap_or("Video");
        title
            .chars()
            .filter(|c| !c.is_control())
            .take(100)
            .collect()
    }

    /// The same in the words of a provider.
    ///
    /// # Errors
    /// `InvalidJob`, naming what this provider needs or cannot use.
    pub(crate) fn submission(
        &self,
        provider: Provider,
        tokens: Option<&Secret>,
        warnings: &mut Vec<String>,
    ) -> Result<Submission, Error> {
        let speech = self.ssml.as_deref().map(Speech::parse).transpose();
        let speech = speech.or_else(|error| wrong(format!("ssml: {error}")))?;
        if speech
            .as_ref()
            .is_some_and(|speech| speech.text().is_empty())
        {
            return wrong("ssml: has no words");
        }
        let voice_id = self.voice.as_ref().map(|voice| voice.voice_id.clone());
        if provider == Provider::HeyGen && voice_id.is_none() {
            return wrong("voice: HeyGen needs a voice_id");
        }
        Ok(Submission {
            reference: self.reference.clone(),
            title: self.title(),
            presenter: self.presenter(provider)?,
            voice_id,
            scenes: self.scenes.iter().map(|scene| scene.text.clone()).collect(),
            ssml: speech.map(|speech| speech.inner(Dialect::Microsoft)),
            rate_percent: self.rate_percent.unwrap_or(100),
            pitch_percent: self.pitch_percent.unwrap_or(0),
            webhook_url: self.webhook(provider, tokens, warnings)?,
            size: (1_280, 720),
        })
    }

    fn presenter(&self, provider: Provider) -> Result<Presenter, Error> {
        let seen = &self.presenter;
        let presenter = match provider {
            Provider::DId => seen
                .image_url
                .clone()
                .filter(|url| url.starts_with("https://"))
                .map(Presenter::Image)
                .ok_or("presenter.image_url: D-ID needs a picture's https address"),
            Provider::HeyGen => (seen.avatar_id.clone().map(Presenter::Avatar))
                .or_else(|| seen.talking_photo_id.clone().map(Presenter::TalkingPhoto))
                .ok_or("presenter.avatar_id: HeyGen needs an avatar or a talking photo"),
        };
        presenter.or_else(wrong)
    }

    /// Where the end is told: an address that only the provider is given, or none.
    fn webhook(
        &self,
        provider: Provider,
        tokens: Option<&Secret>,
        warnings: &mut Vec<String>,
    ) -> Result<Option<String>, Error> {
        let Some(url) = &self.webhook_url else {
            return Ok(None);
        };
        if !url.starts_with("https://") {
            return wrong("webhook_url: must be https");
        }
        let Some(tokens) = tokens else {
            let name = webhook::WebhookSecrets::TOKENS;
            warnings.push(format!(
                "the end is not told: {name} is not set; poll for it"
            ));
            return Ok(None);
        };
        let url = format!("{}/{}", url.trim_end_matches('/'), provider.name());
        match webhook::sealed_url(&url, tokens, &self.reference) {
            Some(url) => Ok(Some(url)),
            None => wrong("webhook_url: is no address"),
        }
    }
}
