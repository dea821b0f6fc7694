//! The rules by name, each with how bad it is to break it. The table in the crate's documentation
//! says what each asks for.

use baton_domain::campaign::{Finding, Severity};

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its stable name, such as `link-host`.
    pub name: &'static str,
    /// How bad it is to break it.
    pub severity: Severity,
}

macro_rules! rules {
    ($($constant:ident = $name:literal $severity:ident;)*) => {
        $(#[doc = concat!("`", $name, "`")]
        pub const $constant: Rule = Rule { name: $name, severity: Severity::$severity };)*

        /// Every rule.
        pub const ALL: &[Rule] = &[$($constant),*];
    };
}

rules! {
    EMAIL_ID = "email-id" Error;
    COPY_MISSING = "copy-missing" Error;
    TEXT_MISSING = "text-missing" Error;
    TEXT_COPY = "text-copy" Warning;
    HTML_COPY = "html-copy" Error;
    POSTAL_ADDRESS = "postal-address" Error;
    BRAND_UNCHECKED = "brand-unchecked" Warning;

    LINK_UNPARSEABLE = "link-unparseable" Error;
    LINK_SCHEME = "link-scheme" Error;
    LINK_HOST = "link-host" Error;
    LINK_SHORTENER = "link-shortener" Error;
    LINK_UNSUBSCRIBE = "link-unsubscribe" Error;
    LINK_CTA = "link-cta" Error;

    SUBJECT_MISSING = "subject-missing" Error;
    SUBJECT_VARIANTS = "subject-variants" Error;
    SUBJECT_LENGTH = "subject-length" Error;
    SUBJECT_DUPLICATE = "subject-duplicate" Error;
    SUBJECT_SIMILAR = "subject-similar" Warning;
    SUBJECT_TECHNIQUE = "subject-technique" Info;
    SUBJECT_UNBACKED = "subject-unbacked" Error;
    PREHEADER_LENGTH = "preheader-length" Warning;
    EMOJI = "emoji" Error;

    SPAM_WORDS = "spam-words" Warning;
    CAPS = "caps" Warning;
    EXCLAMATION = "exclamation" Warning;
    BANNED_WORD = "banned-word" Error;
    CLAIM_BANNED = "claim-banned" Error;
    CLAIM_ABSOLUTE = "claim-absolute" Warning;
    PRICE_MISMATCH = "price-mismatch" Error;
    PRICE_UNKNOWN = "price-unknown" Warning;
    OFFER_UNKNOWN = "offer-unknown" Warning;

    FIELD_UNKNOWN = "field-unknown" Error;
    FIELD_BRACES = "field-braces" Error;
    FIELD_NO_RULE = "field-no-rule" Error;
    FIELD_FALLBACK = "field-fallback" Error;
    FIELD_PLACE = "field-place" Error;
    FIELD_UNUSED = "field-unused" Info;

    READABILITY = "readability" Warning;

    HTML_SIZE = "html-size" Error;
    HTML_FORBIDDEN = "html-forbidden" Error;
    HTML_EXTERNAL = "html-external" Error;
    HTML_LANG = "html-lang" Error;
    HTML_TITLE = "html-title" Error;
    IMAGE_ALT = "image-alt" Error;
    CONTRAST = "contrast" Error;
    CONTRAST_UNKNOWN = "contrast-unknown" Info;
    TABLE_ROLE = "table-role" Warning;
    HEADING_ORDER = "heading-order" Warning;
    FONT_SIZE = "font-size" Warning;
    LINK_TEXT = "link-text" Warning;
}

/// What was found so far.
#[derive(Debug, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Notes that a rule is broken at `place`, a JSON pointer into the content. The message names
    /// the text that breaks it, if there is one, as the first thing between backticks: who repairs
    /// the mail looks for it there.
    pub fn add(&mut self, rule: Rule, place: impl Into<String>, message: impl Into<String>) {
        let finding = Finding {
            rule: rule.name.to_owned(),
            severity: rule.severity,
            place: place.into(),
            message: message.into(),
        };
        if !self.0.contains(&finding) {
            self.0.push(finding);
        }
    }

    /// The findings, worst first, else in the order of the checks.
    pub fn into_sorted(mut self) -> Vec<Finding> {
        self.0.sort_by_key(|finding| finding.severity);
        self.0
    }
}

/// `text` between backticks, cut to a length that a message can carry.
pub fn quoted(text: &str) -> String {
    const MOST: usize = 80;
    let text = text.replace('`', "'");
    if text.chars().count() <= MOST {
        return format!("`{text}`");
    }
    let start: String = text.chars().take(MOST - 1).collect();
    format!("`{start}…`")
}
