//! Voices by provider.
//!
//! D-ID speaks with Microsoft's neural voices, whose names are public (Azure AI Speech, language and
//! voice support) and the same in every account. HeyGen's voices have ids of its own, most of them an
//! account's; the one here is the example of its API reference. An account's other voices, as its
//! `GET /v2/voices` lists them, come with the input.

pub use baton_domain::video::Provider;
use serde::{Deserialize, Serialize};

/// How a voice is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gender {
    /// As a woman's.
    Female,
    /// As a man's.
    Male,
}

/// A voice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voice {
    /// Whose it is.
    pub provider: Provider,
    /// Its id there.
    pub voice_id: String,
    /// What it speaks, such as `en-US`.
    pub locale: String,
    /// How it is heard.
    pub gender: Gender,
}

/// Locale, a woman's voice and a man's.
const MICROSOFT: [(&str, &str, &str); 16] = [
    ("en-US", "en-US-JennyNeural", "en-US-GuyNeural"),
    ("en-GB", "en-GB-SoniaNeural", "en-GB-RyanNeural"),
    ("en-AU", "en-AU-NatashaNeural", "en-AU-WilliamNeural"),
    ("en-IN", "en-IN-NeerjaNeural", "en-IN-PrabhatNeural"),
    ("de-DE", "de-DE-KatjaNeural", "de-DE-ConradNeural"),
    ("fr-FR", "fr-FR-DeniseNeural", "fr-FR-HenriNeural"),
    ("es-ES", "es-ES-ElviraNeural", "es-ES-AlvaroNeural"),
    ("es-MX", "es-MX-DaliaNeural", "es-MX-JorgeNeural"),
    ("it-IT", "it-IT-ElsaNeural", "it-IT-DiegoNeural"),
    ("pt-BR", "pt-BR-FranciscaNeural", "pt-BR-AntonioNeural"),
    ("nl-NL", "nl-NL-ColetteNeural", "nl-NL-MaartenNeural"),
    ("pl-PL", "pl-PL-ZofiaNeural", "pl-PL-MarekNeural"),
    ("ja-JP", "ja-JP-NanamiNeural", "ja-JP-KeitaNeural"),
    ("ko-KR", "ko-KR-SunHiNeural", "ko-KR-InJoonNeural"),
    ("zh-CN", "zh-CN-XiaoxiaoNeural", "zh-CN-YunxiNeural"),
    ("hi-IN", "hi-IN-SwaraNeural", "hi-IN-MadhurNeural"),
];

const HEYGEN_ENGLISH: &str = "1bd001e7e50f421d891986aad5158bc8";

/// The voices that every account has.
pub fn known() -> Vec<Voice> {
    let voice = |provider, voice_id: &str, locale: &str, gender| Voice {
        provider,
        voice_id: voice_id.to_owned(),
        locale: locale.to_owned(),
        gender,
    };
    let microsoft = MICROSOFT.iter().flat_map(|(locale, woman, man)| {
        [
            voice(Provider::DId, woman, locale, Gender::Female),
            voice(Provider::DId, man, locale, Gender::Male),
        ]
    });
    let english = voice(Provider::HeyGen, HEYGEN_ENGLISH, "en-US", Gender::Female);
    microsoft.chain([english]).collect()
}

/// The language of a tag: `en` of `en-US`.
pub fn language(locale: &str) -> String {
    let primary = locale.split(['-', '_']).next().unwrap_or_default();
    primary.to_ascii_lowercase()
}

/// The first voice of this gender, if one is wished, that speaks the locale, else its language.
pub fn pick<'a>(
    voices: &'a [Voice],
    provider: Provider,
    locale: &str,
    gender: Option<Gender>,
) -> Option<&'a Voice> {
    let fits = |voice: &&Voice| {
        voice.provider == provider && gender.is_none_or(|gender| voice.gender == gender)
    };
    let exact = |voice: &&Voice| voice.locale.eq_ignore_ascii_case(locale);
    let near = |voice: &&Voice| language(&voice.locale) == language(locale);
    let mut there = voices.iter().filter(fits);
    let there_too = there.clone();
    there.find(exact).or_else(|| there_too.clone().find(near))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_voices_begin_with_their_locale_and_are_unique() {
        let voices = known();
        for voice in voices.iter().filter(|v| v.provider == Provider::DId) {
            assert!(voice.voice_id.starts_with(&voice.locale), "{voice:?}");
        }
        let mut ids: Vec<&str> = voices.iter().map(|voice| voice.voice_id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), voices.len());
    }

    #[test]
    fn the_nearest_voice_is_taken() {
        let voices = known();
        let id = |locale, gender| {
            let voice = pick(&voices, Provider::DId, locale, gender);
            voice.map(|voice| voice.voice_id.as_str())
        };
        assert_eq!(id("es-MX", Some(Gender::Male)), Some("es-MX-JorgeNeural"));
        assert_eq!(id("de-AT", None), Some("de-DE-KatjaNeural"));
        assert_eq!(id("tlh", None), None);
    }
}
