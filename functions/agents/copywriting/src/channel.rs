//! What each channel has room for, counted as the channel counts.
//!
//! | channel | field | limit | counted in | source |
//! |---|---|---|---|---|
//! | `google_ads` | `headline` | 30 | characters, wide ones twice | Google Ads Help, "About responsive search ads" |
//! | | `description` | 90 | | |
//! | `meta` | `primary_text` | 125 | UTF-16 units | Meta Ads Guide, image ads in the feed: what is shown before "See more" |
//! | | `headline` | 40 | | |
//! | | `description` | 30 | | |
//! | `linkedin` | `introductory_text` | 150 | UTF-16 units | `LinkedIn` Marketing Solutions, single image ads: what is shown uncut |
//! | | `headline` | 70 | | |
//! | `x` | `text` | 280 | weighted characters, an address 23 | twitter-text, configuration 3 |
//! | `email` | `subject` | 60 | characters | what common mail programs show uncut |
//! | | `preheader` | 100 | | |
//! | `sms` | `text` | 160 or 70 | septets of GSM-7, else UTF-16 units | 3GPP TS 23.038 and 23.040 |
//!
//! Meta and `LinkedIn` do not publish their unit; UTF-16 counts no text as shorter than characters do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::sms;

/// Where the copy appears.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A responsive search ad.
    GoogleAds,
    /// An ad on Facebook or Instagram.
    Meta,
    /// A single image ad.
    Linkedin,
    /// A post.
    X,
    /// What a mailbox shows of a mail.
    Email,
    /// One text message.
    Sms,
}

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What is seen first.
    Hook,
    /// What follows the framework.
    Body,
    /// A word beside.
    Aside,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Unicode characters.
    Characters,
    /// Unicode characters, East Asian wide ones twice.
    WideTwice,
    /// UTF-16 code units.
    Utf16,
    /// As X weighs them.
    Weighted,
    /// Septets of the GSM alphabet.
    Septets,
}

/// A field of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub role: Role,
    /// How much it holds.
    pub limit: usize,
    /// Of what.
    pub unit: Unit,
}

const fn field(name: &'static str, role: Role, limit: usize, unit: Unit) -> Field {
    Field {
        name,
        role,
        limit,
        unit,
    }
}

use Role::{Aside, Body, Hook};

const GOOGLE_ADS: [Field; 2] = [
    field("headline", Hook, 30, Unit::WideTwice),
    field("description", Body, 90, Unit::WideTwice),
];
const META: [Field; 3] = [
    field("primary_text", Body, 125, Unit::Utf16),
    field("headline", Hook, 40, Unit::Utf16),
    field("description", Aside, 30, Unit::Utf16),
];
const LINKEDIN: [Field; 2] = [
    field("introductory_text", Body, 150, Unit::Utf16),
    field("headline", Hook, 70, Unit::Utf16),
];
const X: [Field; 1] = [field("text", Body, 280, Unit::Weighted)];
const EMAIL: [Field; 2] = [
    field("subject", Hook, 60, Unit::Characters),
    field("preheader", Body, 100, Unit::Characters),
];
const SMS: [Field; 1] = [field("text", Body, sms::SEPTETS, Unit::Septets)];

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 6] = [
        Self::GoogleAds,
        Self::Meta,
        Self::Linkedin,
        Self::X,
        Self::Email,
        Self::Sms,
    ];

    /// Its name in the input.
    pub fn name(self) -> &'static str {
        match self {
            Self::GoogleAds => "google_ads",
            Self::Meta => "meta",
            Self::Linkedin => "linkedin",
            Self::X => "x",
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// Its fields.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::GoogleAds => &GOOGLE_ADS,
            Self::Meta => &META,
            Self::Linkedin => &LINKEDIN,
            Self::X => &X,
            Self::Email => &EMAIL,
            Self::Sms => &SMS,
        }
    }

    /// Whether there is text and no button, so that the text has to say what to do.
    pub fn is_text_alone(self) -> bool {
        matches!(self, Self::X | Self::Sms)
    }

    /// Whether a required disclaimer stands in the copy: a mail has it in its own text.
    pub fn carries_disclaimer(self) -> bool {
        self != Self::Email
    }
}

/// How long a text is in a field: its length, of how much, in which unit.
pub fn measure(field: &Field, text: &str) -> (usize, usize, Unit) {
    match field.unit {
        Unit::Characters => (text.chars().count(), field.limit, field.unit),
        Unit::WideTwice => (text.chars().map(width).sum(), field.limit, field.unit),
        Unit::Utf16 => (text.encode_utf16().count(), field.limit, field.unit),
        Unit::Weighted => (weighted(text), field.limit, field.unit),
        Unit::Septets => match sms::septets(text) {
            Some(septets) => (septets, field.limit, Unit::Septets),
            None => (text.encode_utf16().count(), sms::UTF16, Unit::Utf16),
        },
    }
}

/// Whether a text has room in a field.
pub fn fits(field: &Field, text: &str) -> bool {
    let (length, limit, _) = measure(field, text);
    length <= limit
}

/// Two for what is as wide as two letters (Unicode Annex 11, wide and fullwidth), else one.
fn width(c: char) -> usize {
    let wide = matches!(u32::from(c),
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe4f
        | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1faff | 0x2_0000..=0x3_fffd);
    1 + usize::from(wide)
}

/// The length of a post on X. Combining marks are not composed first, so that no text is counted as
/// shorter than it is.
fn weighted(text: &str) -> usize {
    let word = |word: &str| {
        let is_address = ["https://", "http://"]
            .iter()
            .any(|scheme| word.starts_with(scheme));
        if is_address { 23 } else { weighted_word(word) }
    };
    // White space weighs one each, whatever it is split by.
    text.split(' ').map(word).sum::<usize>() + text.matches(' ').count()
}

fn weighted_word(word: &str) -> usize {
    let mut chars = word.chars().peekable();
    let mut sum = 0;
    while let Some(c) = chars.next() {
        let light =
            matches!(u32::from(c), 0..=4_351 | 8_192..=8_205 | 8_208..=8_223 | 8_242..=8_247);
        sum += if light { 1 } else { 2 };
        if is_emoji(c) {
            // An emoji weighs two, however many characters it is made of.
            while let Some(next) = chars.peek().copied() {
                let joined = next == '\u{200d}';
                if !joined && !matches!(next, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}') {
                    break;
                }
                chars.next();
                if joined && chars.peek().copied().is_some_and(is_emoji) {
                    chars.next();
                }
            }
        }
    }
    sum
}

/// Whether a character is shown as a picture.
pub fn is_emoji(c: char) -> bool {
    matches!(u32::from(c),
        0x231a..=0x231b | 0x23e9..=0x23fa | 0x25fd..=0x25fe | 0x2600..=0x27bf | 0x2934..=0x2935
        | 0x2b05..=0x2b07 | 0x2b1b..=0x2b1c | 0x2b50 | 0x2b55 | 0x1f000..=0x1faff)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(unit: Unit, text: &str) -> usize {
        measure(&field("text", Body, 999, unit), text).0
    }

    #[test]
    fn each_channel_counts_in_its_own_way() {
        assert_eq!(length(Unit::WideTwice, "靴 boots"), 8);
        assert_eq!(length(Unit::Utf16, "👍"), 2);
        assert_eq!(length(Unit::Characters, "👍é"), 2);
    }

    /// Cases of twitter-text's conformance suite, `validate.yml`.
    #[test]
    fn posts_are_weighed_as_x_weighs_them() {
        assert_eq!(length(Unit::Weighted, &"a".repeat(280)), 280);
        assert_eq!(length(Unit::Weighted, &"故".repeat(140)), 280);
        assert_eq!(
            length(Unit::Weighted, "See https://example.com/a/very/long/path"),
            27
        );
        assert_eq!(length(Unit::Weighted, "👨‍👩‍👧‍👦"), 2);
        assert_eq!(length(Unit::Weighted, "🙋🏽‍♀️"), 2);
        assert_eq!(length(Unit::Weighted, "don’t"), 5);
    }

    #[test]
    fn a_message_beyond_the_gsm_alphabet_holds_seventy() {
        let text = &SMS[0];
        assert_eq!(measure(text, "Fünf Stiefel"), (12, 160, Unit::Septets));
        assert_eq!(measure(text, "€5"), (3, 160, Unit::Septets));
        assert_eq!(measure(text, "Kožené"), (6, 70, Unit::Utf16));
    }

    #[test]
    fn every_channel_has_a_body() {
        for channel in Channel::ALL {
            let bodies = channel.fields().iter().filter(|field| field.role == Body);
            assert_eq!(bodies.count(), 1, "{channel:?}");
            assert_eq!(serde_json::to_value(channel).unwrap(), channel.name());
        }
    }
}
