//! `voice-adapter`: who says a script, and how.
//!
//! The segment decides tone, pace, pitch and volume ([`manner`]), the locale moderates them, and a
//! voice of the provider's is taken that speaks it ([`voices`]). All of it is written into the script's
//! SSML, whose own rates it replaces: the pace of the whole lies within 120 and 180 words a minute
//! ([`baton_speech::rate`]), whatever the script asked for.
//!
//! | code | when |
//! |---|---|
//! | `InvalidSsml` | the script cannot be read; the message says where and why |
//! | `InvalidText` | the fallback's text is longer than a script may be |
//! | `NothingToSay` | the script has no words, or neither it nor scenes are given |
//! | `NoVoice` | the provider has no voice for the language, or not the one asked for |

pub mod manner;
pub mod voices;

use baton_agent::{Agent, AgentError, Report};
use baton_domain::Method;
use baton_speech::rate::{FASTEST_WPM, NORMAL_WPM, SLOWEST_WPM};
use baton_speech::ssml::{Dialect, Node, Prosody, Speech};
use serde::{Deserialize, Serialize};

use manner::{Manner, NEUTRAL};
pub use voices::{Gender, Provider, Voice};

/// The agent.
#[derive(Debug, Clone, Copy, Default)]
pub struct VoiceAdapter {
    /// Who makes the videos for which nobody is named.
    provider: Provider,
}

impl VoiceAdapter {
    /// Who makes videos where a script does not say: `d-id` or `heygen`.
    pub const PROVIDER: &'static str = "VIDEO_PROVIDER";

    /// The agent with the provider that the environment names; else with the one that it has a key
    /// for (`HEYGEN_API_KEY`, `D_ID_API_KEY`), as `video-generation` takes it.
    ///
    /// # Errors
    /// A name that is no provider's.
    pub fn from_env() -> Result<Self, UnknownProvider> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// The same from anything that answers a variable's value by its name.
    ///
    /// # Errors
    /// As [`VoiceAdapter::from_env`].
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, UnknownProvider> {
        let set = |name| lookup(name).filter(|value| !value.trim().is_empty());
        let provider = match set(Self::PROVIDER) {
            Some(name) => Provider::named(name.trim()).ok_or(UnknownProvider)?,
            None if set("HEYGEN_API_KEY").is_some() && set("D_ID_API_KEY").is_none() => {
                Provider::HeyGen
            }
            None => Provider::default(),
        };
        Ok(Self { provider })
    }
}

/// [`VoiceAdapter::PROVIDER`] names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}: must be d-id or heygen", VoiceAdapter::PROVIDER)]
pub struct UnknownProvider;

/// What the agent works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The script, as `avatar-script` writes it.
    #[serde(default)]
    pub ssml: Option<String>,
    /// What is said, where there is no script: a paragraph for each scene.
    #[serde(default)]
    pub scenes: Vec<Scene>,
    /// To whom it speaks: a segment such as `at_risk`.
    #[serde(default)]
    pub segment: Option<String>,
    /// Where, such as `en-GB`; the script's own where it is not given.
    #[serde(default)]
    pub locale: Option<String>,
    /// Who makes the video; where it is not given, whoever is configured.
    #[serde(default)]
    pub provider: Option<Provider>,
    /// How the voice is to be heard.
    #[serde(default)]
    pub gender: Option<Gender>,
    /// The voice, where it is decided.
    #[serde(default)]
    pub voice_id: Option<String>,
    /// The account's own voices; they are taken before those that every account has.
    #[serde(default)]
    pub voices: Vec<Voice>,
}

/// One scene. Other fields are tolerated.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Scene {
    /// What is said, without mark-up.
    pub text: String,
}

/// The pause between scenes, in milliseconds.
const PAUSE_MS: u32 = 400;

impl Input {
    /// What is said: the script, else the scenes.
    fn speech(&self) -> Result<Speech, Error> {
        let invalid = |problem: &str| Error::InvalidSsml(problem.to_owned());
        match (&self.ssml, &self.scenes[..]) {
            (Some(ssml), []) => Speech::parse(ssml).map_err(|error| invalid(&error.to_string())),
            (Some(_), _) => Err(invalid("goes without scenes: give one of the two")),
            (None, []) => Err(Error::NothingToSay),
            (None, scenes) => {
                let mut nodes = Vec::with_capacity(2 * scenes.len());
                for scene in scenes {
                    if !nodes.is_empty() {
                        nodes.push(Node::Break(PAUSE_MS));
                    }
                    nodes.push(Node::Paragraph(vec![Node::Text(scene.text.clone())]));
                }
                let locale = "en-US".to_owned();
                let written = Speech { locale, nodes }.to_ssml(Dialect::Standard);
                // Read again, since what is read is known to be within its limits.
                Speech::parse(&written).map_err(|error| invalid(&format!("of scenes: {error}")))
            }
        }
    }
}

/// What the fallback works on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// What is said, without mark-up.
    #[serde(default)]
    pub text: String,
    /// Where; `en-US` where it is not given.
    #[serde(default)]
    pub locale: Option<String>,
    /// Who makes the video; where it is not given, whoever is configured.
    #[serde(default)]
    pub provider: Option<Provider>,
}

/// What the agent answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// Who says it.
    pub voice: Voice,
    /// The script in this manner.
    pub ssml: String,
    /// The tone, in a word.
    pub tone: String,
    /// The pace, against a normal pace of 150 words a minute.
    pub words_per_minute: f64,
    /// The rate, in percent of normal.
    pub rate_percent: u16,
    /// By how many percent the voice is higher.
    pub pitch_percent: i8,
    /// By how many decibels it is louder.
    pub volume_db: i8,
    /// How long it takes now, in seconds, by estimate.
    pub seconds: f64,
    /// How long it took before.
    pub seconds_before: f64,
    /// Why.
    pub reasons: Vec<String>,
}

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The script cannot be read.
    #[error("ssml: {0}")]
    InvalidSsml(String),
    /// The text is too long for a script.
    #[error("text: {0}")]
    InvalidText(String),
    /// The script has no words, or is not given.
    #[error("ssml: has no words; give a script, or scenes")]
    NothingToSay,
    /// There is no such voice.
    #[error("{0}")]
    NoVoice(String),
}

impl AgentError for Error {
    const CODES: &'static [&'static str] =
        &["InvalidSsml", "InvalidText", "NothingToSay", "NoVoice"];

    fn code(&self) -> &'static str {
        match self {
            Self::InvalidSsml(_) => "InvalidSsml",
            Self::InvalidText(_) => "InvalidText",
            Self::NothingToSay => "NothingToSay",
            Self::NoVoice(_) => "NoVoice",
        }
    }
}

/// How sure a manner is: of a known segment, and of nobody in particular.
const SEGMENT_CONFIDENCE: f64 = 0.7;
const NEUTRAL_CONFIDENCE: f64 = 0.5;
const FALLBACK_CONFIDENCE: f64 = 0.3;

impl Agent for VoiceAdapter {
    const NAME: &'static str = "voice-adapter";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Output;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Output>, Error> {
        let mut speech = input.speech()?;
        if let Some(locale) = &input.locale {
            speech.locale.clone_from(locale);
        }
        let provider = input.provider.unwrap_or(self.provider);
        let voice = voice(&input, provider, &speech.locale)?;
        let mut warnings = Vec::new();
        let known = input.segment.as_deref().map(manner::of_segment);
        if known == Some(None) {
            warnings.push("segment: is not one of Baton's; the voice stays neutral".to_owned());
        }
        let manner = known.flatten();
        let confidence = match manner {
            Some(_) => SEGMENT_CONFIDENCE,
            None => NEUTRAL_CONFIDENCE,
        };
        let output = adapted(speech, manner.unwrap_or(NEUTRAL), voice)?;
        let method = Method::new("manner-by-segment", "1");
        Ok(Report::new(output, confidence, method).with_warnings(warnings))
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<Output>, Error> {
        let locale = input.locale.unwrap_or_else(|| "en-US".to_owned());
        let provider = input.provider.unwrap_or(self.provider);
        let known = voices::known();
        let mut warnings = vec!["a neutral voice: the audience was not looked at".to_owned()];
        let voice = voices::pick(&known, provider, &locale, None)
            .or_else(|| {
                warnings
                    .push("there is no voice of this language: it is an English one".to_owned());
                voices::pick(&known, provider, "en-US", None)
            })
            .ok_or_else(|| Error::NoVoice("provider: has no voice".to_owned()))?;
        let speech = Speech {
            locale: voice.locale.clone(),
            nodes: vec![Node::Text(input.text)],
        };
        let output = adapted(speech, NEUTRAL, voice.clone())?;
        // Mark-up makes a text longer: whether it can be read is seen by reading it.
        let read = Speech::parse(&output.ssml);
        read.map_err(|error| Error::InvalidText(error.to_string()))?;
        let method = Method::new("neutral-voice", "1");
        Ok(Report::new(output, FALLBACK_CONFIDENCE, method).with_warnings(warnings))
    }

    fn validate(&self, output: &Output) -> Result<(), String> {
        let speech = Speech::parse(&output.ssml).map_err(|error| format!("ssml: {error}"))?;
        if speech.text().is_empty() {
            return Err("ssml: has no words".to_owned());
        }
        // A rate in whole percent may miss a border of the pace by half a percent.
        let paces = SLOWEST_WPM - 1.0..=FASTEST_WPM + 1.0;
        if !paces.contains(&output.words_per_minute) {
            return Err("words_per_minute: lies outside of 120 to 180".to_owned());
        }
        for (field, seconds) in [
            ("seconds", output.seconds),
            ("seconds_before", output.seconds_before),
        ] {
            if !(seconds.is_finite() && seconds >= 0.0) {
                return Err(format!("{field}: must be 0 or above"));
            }
        }
        if output.voice.voice_id.trim().is_empty() {
            return Err("voice.voice_id: is empty".to_owned());
        }
        Ok(())
    }
}

/// The voice that is asked for, else the nearest.
fn voice(input: &Input, provider: Provider, locale: &str) -> Result<Voice, Error> {
    let voices: Vec<Voice> = input
        .voices
        .iter()
        .cloned()
        .chain(voices::known())
        .collect();
    let name = provider.name();
    let found = match &input.voice_id {
        Some(id) => {
            let mut own = voices.iter().filter(|voice| voice.provider == provider);
            let found = own.find(|voice| voice.voice_id == *id);
            found.ok_or_else(|| {
                format!("voice_id: {name} has no voice of this id; give it among `voices`")
            })
        }
        None => voices::pick(&voices, provider, locale, input.gender)
            .or_else(|| voices::pick(&voices, provider, locale, None))
            .ok_or_else(|| {
                format!("locale: {name} has no known voice for it; give one among `voices`")
            }),
    };
    found.cloned().map_err(Error::NoVoice)
}

/// A script in this manner, at a pace that people follow.
fn adapted(speech: Speech, manner: Manner, voice: Voice) -> Result<Output, Error> {
    let seconds_before = speech.seconds();
    let before = speech.words_per_minute();
    let mut speech = speech.at_normal_rate();
    if !speech.text().chars().any(char::is_alphanumeric) {
        return Err(Error::NothingToSay);
    }
    let (moderate, why) = manner::in_locale(manner, &speech.locale);
    let wished = before * f64::from(moderate.rate) / 100.0;
    let pace = wished.clamp(SLOWEST_WPM, FASTEST_WPM);
    let mut reasons = vec![moderate.reason.to_owned()];
    reasons.extend(why.map(str::to_owned));
    if (wished - pace).abs() > 0.5 {
        reasons.push(format!(
            "the pace is kept within 120 and 180 words a minute, not {wished:.0}"
        ));
    }
    let rate = (pace / NORMAL_WPM * 100.0).round() as u16;
    let prosody = Prosody {
        rate: Some(rate),
        pitch: (moderate.pitch != 0).then_some(moderate.pitch),
        volume: (moderate.volume != 0).then_some(moderate.volume),
    };
    speech.nodes = vec![Node::Prosody(prosody, speech.nodes)];
    Ok(Output {
        ssml: speech.to_ssml(Dialect::Standard),
        tone: moderate.tone.to_owned(),
        words_per_minute: rounded(speech.words_per_minute()),
        rate_percent: rate,
        pitch_percent: moderate.pitch,
        volume_db: moderate.volume,
        seconds: rounded(speech.seconds()),
        seconds_before: rounded(seconds_before),
        reasons,
        voice,
    })
}

fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests;
