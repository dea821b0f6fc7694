//! How fast a voice speaks.
//!
//! Presenters and narrators of English say about 150 words a minute (National Center for Voice and
//! Speech), which leaves room for the short pauses of running speech; its words have about one and a
//! half syllables (Tauroza and Allison 1990, Applied Linguistics 11(1): radio monologues at 160
//! words, 250 syllables a minute). Durations are counted in syllables, so that long words take
//! longer. Other languages are faster or slower by the syllable as measured by Pellegrino, Coupé and
//! Marsico (2011), Language 87(3), table 1: English 6.19 a second without pauses, French 7.18, German
//! 5.97, Italian 6.99, Japanese 7.84, Mandarin 5.18, Spanish 7.82, Vietnamese 5.22. A pace in words
//! a minute means, in every language, that pace against the normal 150.

use crate::syllables::syllables;

/// The pace of a presenter, in words a minute.
pub const NORMAL_WPM: f64 = 150.0;

/// The slowest pace that still holds attention, in words a minute.
pub const SLOWEST_WPM: f64 = 120.0;

/// The fastest pace that everybody follows, in words a minute.
pub const FASTEST_WPM: f64 = 180.0;

const SYLLABLES_PER_WORD: f64 = 1.5;
const ENGLISH: f64 = 6.19;

/// A language, as far as its sound matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// French.
    French,
    /// German.
    German,
    /// Italian.
    Italian,
    /// Japanese.
    Japanese,
    /// Mandarin Chinese.
    Mandarin,
    /// Spanish.
    Spanish,
    /// Vietnamese.
    Vietnamese,
    /// Any other: spoken as fast as English.
    Other,
}

impl Language {
    /// The language of a tag such as `en`, `en-US` or `ES-mx` (BCP 47).
    pub fn of(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "en" => Self::English,
            "fr" => Self::French,
            "de" => Self::German,
            "it" => Self::Italian,
            "ja" => Self::Japanese,
            "zh" | "cmn" => Self::Mandarin,
            "es" => Self::Spanish,
            "vi" => Self::Vietnamese,
            _ => Self::Other,
        }
    }

    /// Syllables a second at the normal pace, pauses of running speech included.
    pub fn syllables_per_second(self) -> f64 {
        let articulated = match self {
            Self::English | Self::Other => ENGLISH,
            Self::French => 7.18,
            Self::German => 5.97,
            Self::Italian => 6.99,
            Self::Japanese => 7.84,
            Self::Mandarin => 5.18,
            Self::Spanish => 7.82,
            Self::Vietnamese => 5.22,
        };
        NORMAL_WPM / 60.0 * SYLLABLES_PER_WORD * articulated / ENGLISH
    }
}

/// How long a text takes to say at this pace, in seconds: finite and at least 0. A pace outside of
/// 1 to 1,000 words a minute counts as the nearer of these.
pub fn seconds(text: &str, language: Language, wpm: f64) -> f64 {
    let pace = if wpm.is_finite() {
        wpm.clamp(1.0, 1_000.0)
    } else {
        NORMAL_WPM
    };
    let syllables = f64::from(syllables(text, language));
    syllables / (language.syllables_per_second() * pace / NORMAL_WPM)
}

/// How many words a text has. Where none are set apart, as in Japanese, a word is two characters.
pub fn words(text: &str) -> usize {
    let spaced = |word: &&str| word.chars().any(char::is_alphanumeric);
    let wide = text.chars().filter(|c| is_wide(*c)).count();
    let narrow = text
        .split_whitespace()
        .filter(spaced)
        .filter(|word| !word.chars().any(is_wide));
    narrow.count() + wide.div_ceil(2)
}

/// Whether a character is a syllable by itself: Han, kana, Hangul.
pub(crate) fn is_wide(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..='\u{2ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_of_plain_english_is_about_150_words() {
        // The opening of a public-domain text: 1.4 syllables a word.
        let text = "When in the course of human events it becomes necessary for one people to \
            dissolve the political bands which have connected them with another and to assume among \
            the powers of the earth the separate and equal station to which the laws of nature and \
            of nature's God entitle them a decent respect to the opinions of mankind requires that \
            they should declare the causes which impel them to the separation";
        let wpm = words(text) as f64 * 60.0 / seconds(text, Language::English, NORMAL_WPM);
        assert!((135.0..=165.0).contains(&wpm), "{wpm}");
    }

    #[test]
    fn twice_as_fast_takes_half_as_long() {
        let text = "A boot for wet days.";
        let normal = seconds(text, Language::English, 150.0);
        assert!((seconds(text, Language::English, 300.0) - normal / 2.0).abs() < 1e-9);
        for odd in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(seconds(text, Language::English, odd).is_finite());
        }
    }

    #[test]
    fn languages_keep_their_measured_proportions() {
        let spanish = Language::of("es-MX").syllables_per_second();
        let english = Language::of("EN").syllables_per_second();
        assert!((english - 3.75).abs() < 1e-9, "150 words of 1.5 syllables");
        assert!((spanish / english - 7.82 / 6.19).abs() < 1e-9);
        assert_eq!(Language::of("tlh"), Language::Other);
    }

    #[test]
    fn words_are_counted_with_and_without_spaces() {
        assert_eq!(words("Two words — really: three"), 4);
        assert_eq!(words("今日は"), 2);
        assert_eq!(words(" - "), 0);
    }
}
