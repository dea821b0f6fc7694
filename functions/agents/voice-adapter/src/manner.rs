//! How people of a segment are spoken to, and what a locale changes of it.
//!
//! Changes are small: a few percent of pace and pitch are heard as warmth or energy, more as acting.
//! The reasons go into the answer, so that who reads it can disagree.

use crate::voices::language;

/// A manner of speaking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// In a word.
    pub tone: &'static str,
    /// The pace, in percent of the script's.
    pub rate: u16,
    /// By how many percent the voice is higher.
    pub pitch: i8,
    /// By how many decibels it is louder.
    pub volume: i8,
    /// Why.
    pub reason: &'static str,
}

/// For whom nothing is known.
pub const NEUTRAL: Manner = Manner {
    tone: "neutral",
    rate: 100,
    pitch: 0,
    volume: 0,
    reason: "nothing is known of the audience",
};

const fn manner(
    tone: &'static str,
    (rate, pitch, volume): (u16, i8, i8),
    reason: &'static str,
) -> Manner {
    Manner {
        tone,
        rate,
        pitch,
        volume,
        reason,
    }
}

/// The manner for each segment that `user-segmentation` names.
const MANNERS: [(&str, Manner); 12] = [
    (
        "champions",
        manner(
            "confident",
            (106, 2, 1),
            "knows the brand and its words: a quick, bright voice keeps the interest",
        ),
    ),
    (
        "loyal",
        manner(
            "warm",
            (102, 0, 0),
            "a regular: familiar, a little quicker than to strangers",
        ),
    ),
    (
        "potential_loyalist",
        manner(
            "encouraging",
            (102, 2, 0),
            "may become a regular: friendly and forward",
        ),
    ),
    (
        "new_customers",
        manner(
            "welcoming",
            (97, 2, 0),
            "hears names for the first time: a little slower, brighter",
        ),
    ),
    (
        "promising",
        manner(
            "friendly",
            (100, 1, 0),
            "bought once or twice: friendly, at the usual pace",
        ),
    ),
    (
        "need_attention",
        manner(
            "attentive",
            (98, 0, 0),
            "drifting: calm, with room for each sentence",
        ),
    ),
    (
        "about_to_sleep",
        manner(
            "lively",
            (104, 3, 1),
            "attention has to be won: livelier and a little louder",
        ),
    ),
    (
        "at_risk",
        manner(
            "caring",
            (95, -2, 0),
            "bought well and stayed away: slower and lower, which sounds like care",
        ),
    ),
    (
        "cannot_lose",
        manner(
            "personal",
            (93, -2, 0),
            "was among the best: the slowest and most personal voice",
        ),
    ),
    (
        "hibernating",
        manner(
            "lively",
            (103, 2, 1),
            "has not heard of the brand for long: energy wins attention",
        ),
    ),
    (
        "lost",
        manner(
            "plain",
            (98, 0, 0),
            "does not expect anything: plain and unhurried",
        ),
    ),
    (
        "prospects",
        manner("clear", (96, 0, 0), "everything is new: clear and slower"),
    ),
];

/// How people of a segment are spoken to; none for a segment that is not one of Baton's.
pub fn of_segment(segment: &str) -> Option<Manner> {
    let found = MANNERS.iter().find(|(name, _)| *name == segment);
    found.map(|(_, manner)| *manner)
}

/// What a locale changes of a manner, and why.
pub fn in_locale(manner: Manner, locale: &str) -> (Manner, Option<&'static str>) {
    let region = locale.split(['-', '_']).nth(1).unwrap_or("US");
    let region = region.to_ascii_uppercase();
    let native = ["US", "GB", "IE", "CA", "AU", "NZ", "ZA"];
    match language(locale).as_str() {
        "en" if !native.contains(&region.as_str()) => {
            let rate = manner.rate * 95 / 100;
            let why = "English is a second language to many there: a twentieth slower";
            (Manner { rate, ..manner }, Some(why))
        }
        "de" | "ja" | "ko" => {
            let pitch = manner.pitch / 2;
            let why = "formal address: pitch moves by half as much";
            (
                Manner { pitch, ..manner },
                (pitch != manner.pitch).then_some(why),
            )
        }
        _ => (manner, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_segment_has_a_manner_of_small_changes() {
        let names: Vec<&str> = MANNERS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, baton_domain::catalog::SEGMENTS);
        for (name, manner) in MANNERS {
            assert!((90..=110).contains(&manner.rate), "{name}");
            assert!(
                manner.pitch.abs() <= 3 && manner.volume.abs() <= 2,
                "{name}"
            );
        }
    }

    #[test]
    fn a_locale_changes_what_it_must() {
        let bright = of_segment("champions").unwrap();
        assert_eq!(in_locale(bright, "en-US"), (bright, None));
        assert_eq!(in_locale(bright, "en-IN").0.rate, 100);
        assert_eq!(in_locale(bright, "de-DE").0.pitch, 1);
        assert_eq!(in_locale(NEUTRAL, "ja-JP"), (NEUTRAL, None));
    }
}
