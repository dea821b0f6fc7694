//! `source-discovery`: what to search the marketplace for.
//!
//! A theme is cut into words ([`words`]), neighbouring capitalised words into names ([`terms`]), and
//! a small lexicon ([`lexicon`]) says which words are no keywords and which fields of the data they
//! ask about instead. Names come first, each followed by itself without its legal form, then words
//! of industries, then all others; singulars, stems and neighbours of them are the wider keywords
//! ([`keywords`]). The fallback takes the theme's words as they are.
//!
//! The theme is data: whatever it says, keywords are words of it and aspects are of the lexicon.
//! Aspects that the caller names come before those of the theme.
//!
//! | code | when |
//! |---|---|
//! | `InvalidTheme` | the theme is longer than 2,000 characters |
//! | `InvalidAspect` | an aspect is neither a known word nor the name of a field, or they are too many |
//! | `NothingToLookFor` | the theme names nothing: no name, no industry, no word that is not generic |

pub mod keywords;
pub mod lexicon;
pub mod terms;
pub mod words;

use baton_agent::{Agent, AgentError, Report};
use baton_domain::Method;
use baton_domain::research::Search;
use serde::Deserialize;

use terms::Kind;

/// The agent.
#[derive(Debug, Clone, Copy, Default)]
pub struct SourceDiscovery;

/// What the agent works on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What is to be found out, in the caller's words; at most 2,000 characters.
    pub theme: String,
    /// What the caller wants to know in any case: fields of the data, such as
    /// `financial_data.growth_rate`, or words of the lexicon, such as `growth`; at most 12.
    #[serde(default)]
    pub aspects: Vec<String>,
}

/// What the fallback works on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// What is to be found out; what is beyond 2,000 characters is not looked at.
    #[serde(default)]
    pub theme: String,
}

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The theme is too long.
    #[error("theme: has {0} characters; at most {MAX_THEME} are looked at")]
    InvalidTheme(usize),
    /// An aspect is not one.
    #[error("{0}")]
    InvalidAspect(String),
    /// The theme names nothing.
    #[error(
        "theme: names nothing to look for: name a company, a product or an industry (put names in \
         quotes where they are ordinary words)"
    )]
    NothingToLookFor,
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &["InvalidTheme", "InvalidAspect", "NothingToLookFor"];

    fn code(&self) -> &'static str {
        match self {
            Self::InvalidTheme(_) => "InvalidTheme",
            Self::InvalidAspect(_) => "InvalidAspect",
            Self::NothingToLookFor => "NothingToLookFor",
        }
    }
}

/// How long a theme may be, in characters.
pub const MAX_THEME: usize = 2_000;

/// How many keywords, and how many wider ones, there are at most.
pub const MAX_KEYWORDS: usize = 8;

/// How many aspects there are at most.
pub const MAX_ASPECTS: usize = 12;

/// How long a keyword is at most, in characters.
pub const MAX_KEYWORD: usize = 64;

/// How sure the agent is that the best of its keywords finds what was meant.
const NAME_CONFIDENCE: f64 = 0.8;
const INDUSTRY_CONFIDENCE: f64 = 0.6;
const WORD_CONFIDENCE: f64 = 0.4;
const FALLBACK_CONFIDENCE: f64 = 0.2;

impl Agent for SourceDiscovery {
    const NAME: &'static str = "source-discovery";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Search;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Search>, Error> {
        let length = input.theme.chars().count();
        if length > MAX_THEME {
            return Err(Error::InvalidTheme(length));
        }
        let words = words::of(&input.theme);
        let terms = terms::of(&words);
        let aspects = keywords::aspects(&input.aspects, &words)?;
        let mut warnings = Vec::new();
        let search = keywords::search(&terms, aspects, &mut warnings);
        if search.keywords.is_empty() {
            return Err(Error::NothingToLookFor);
        }
        warnings.extend(words::years(&words).map(|year| {
            format!("{year} is not searched for: what the marketplace lists is not by year")
        }));
        let has = |kind| terms.iter().any(|term| term.kind == kind);
        let confidence = match () {
            () if has(Kind::Name) => NAME_CONFIDENCE,
            () if has(Kind::Industry) => INDUSTRY_CONFIDENCE,
            () => WORD_CONFIDENCE,
        };
        let method = Method::new("theme-terms-offline", "1");
        Ok(Report::new(search, confidence, method).with_warnings(warnings))
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<Search>, Error> {
        let theme: String = input.theme.chars().take(MAX_THEME).collect();
        let search = keywords::plainly(&words::of(&theme));
        if search.keywords.is_empty() {
            return Err(Error::NothingToLookFor);
        }
        let report = Report::new(search, FALLBACK_CONFIDENCE, Method::new("theme-words", "1"));
        Ok(report.with_warnings(vec![
            "the keywords are the theme's words as they stand".to_owned(),
        ]))
    }

    fn validate(&self, output: &Search) -> Result<(), String> {
        if output.keywords.is_empty() {
            return Err("keywords: are none".to_owned());
        }
        for (field, words) in [("keywords", &output.keywords), ("wider", &output.wider)] {
            if words.len() > MAX_KEYWORDS {
                return Err(format!("{field}: are more than {MAX_KEYWORDS}"));
            }
            if let Some(i) = words.iter().position(|word| !is_keyword(word)) {
                return Err(format!("{field}[{i}]: is no keyword"));
            }
        }
        let mut all: Vec<String> = output
            .keywords
            .iter()
            .chain(&output.wider)
            .map(|w| w.to_lowercase())
            .collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        if all.len() < count {
            return Err("keywords, wider: one stands there twice".to_owned());
        }
        if output.aspects.len() > MAX_ASPECTS {
            return Err(format!("aspects: are more than {MAX_ASPECTS}"));
        }
        match output
            .aspects
            .iter()
            .position(|aspect| !lexicon::is_field(aspect))
        {
            Some(i) => Err(format!("aspects[{i}]: is not the name of a field")),
            None => Ok(()),
        }
    }
}

/// Whether the marketplace may be asked for it.
fn is_keyword(word: &str) -> bool {
    (2..=MAX_KEYWORD).contains(&word.chars().count())
        && word.chars().any(char::is_alphanumeric)
        && !word.chars().any(char::is_control)
}

#[cfg(test)]
mod tests;
