//! What is to be said, cleaned: only this is ever said.

use baton_domain::FieldError;
use baton_domain::campaign::Voice;
use serde::Deserialize;

use crate::words::{contains, one_line, phrase, without_emoji};
use crate::{Error, Input};

/// How long one text of the input is at most, in characters.
const MOST_TEXT: usize = 300;

/// How many benefits or features there are at most.
const MOST_ITEMS: usize = 12;

/// Who speaks, and what it must and must not say.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brand {
    /// Its name.
    pub name: String,
    /// How it speaks and what it never says; plain, and nothing banned, when it is not given.
    #[serde(default = "plain")]
    pub voice: Voice,
    /// What every copy must say, word for word, except a mail's, which says it in its own text.
    #[serde(default)]
    pub disclaimer: Option<String>,
}

fn plain() -> Voice {
    Voice {
        tone: Vec::new(),
        banned_words: Vec::new(),
        banned_claims: Vec::new(),
        emoji: true,
    }
}

/// The brief, in phrases without an end mark.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    pub(crate) brand: String,
    pub(crate) voice: Voice,
    pub(crate) disclaimer: Option<String>,
    pub(crate) product: String,
    pub(crate) benefits: Vec<String>,
    pub(crate) features: Vec<String>,
    pub(crate) problem: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) offer: Option<String>,
    pub(crate) action: String,
    /// What was left out, and why.
    pub(crate) warnings: Vec<String>,
}

impl Brief {
    /// Cleans the input.
    ///
    /// # Errors
    /// `InvalidBrief` where a text is missing or too long, `BannedBrief` where what must be said may
    /// not be.
    pub fn of(input: &Input) -> Result<Self, Error> {
        let optional = [
            ("problem", &input.problem),
            ("audience", &input.audience),
            ("offer", &input.offer),
            ("brand.disclaimer", &input.brand.disclaimer),
        ];
        let given = optional
            .iter()
            .filter_map(|(field, text)| Some((*field, text.as_ref()?)));
        let required = [
            ("brand.name", &input.brand.name),
            ("product", &input.product),
            ("call_to_action", &input.call_to_action),
        ];
        for (field, text) in required.into_iter().chain(given) {
            sized(field, text)?;
        }
        let mut brief = Self {
            brand: one_line(&input.brand.name),
            voice: input.brand.voice.clone(),
            disclaimer: input.brand.disclaimer.as_deref().map(one_line),
            product: one_line(&input.product),
            benefits: Vec::new(),
            features: Vec::new(),
            problem: None,
            audience: None,
            offer: None,
            action: phrase(&one_line(&input.call_to_action)),
            warnings: Vec::new(),
        };
        brief.must_be_allowed()?;
        brief.benefits = brief.all("benefits", &input.benefits)?;
        if brief.benefits.is_empty() {
            let message = "must hold a benefit that the brand may name";
            return Err(Error::InvalidBrief(FieldError::new("benefits", message)));
        }
        brief.features = brief.all("features", &input.features)?;
        brief.problem = brief.kept("problem", input.problem.as_deref());
        brief.audience = brief.kept("audience", input.audience.as_deref());
        brief.audience = brief.audience.take().map(|text| lowered(&text));
        brief.offer = brief.kept("offer", input.offer.as_deref());
        Ok(brief)
    }

    fn must_be_allowed(&self) -> Result<(), Error> {
        let mut texts = vec![("product", &self.product), ("call_to_action", &self.action)];
        texts.extend(
            self.disclaimer
                .as_ref()
                .map(|text| ("brand.disclaimer", text)),
        );
        for (field, text) in texts {
            if let Some(banned) = self.banned_in(text) {
                let message = format!("must be said, and the brand bans `{banned}`");
                return Err(Error::BannedBrief(FieldError::new(field, message)));
            }
        }
        Ok(())
    }

    fn all(&mut self, field: &str, texts: &[String]) -> Result<Vec<String>, Error> {
        if texts.len() > MOST_ITEMS {
            let message = format!("has {} texts, {MOST_ITEMS} are the most", texts.len());
            return Err(Error::InvalidBrief(FieldError::new(field, message)));
        }
        let mut kept = Vec::new();
        for (i, text) in texts.iter().enumerate() {
            let field = format!("{field}[{i}]");
            sized(&field, text)?;
            kept.extend(self.kept(&field, Some(text)));
        }
        Ok(kept)
    }

    /// The text as a phrase; none, with a warning, where the brand forbids it.
    fn kept(&mut self, field: &str, text: Option<&str>) -> Option<String> {
        let text = one_line(text?);
        let text = if self.voice.emoji {
            text
        } else {
            without_emoji(&text)
        };
        if let Some(banned) = self.banned_in(&text) {
            let warning = format!("{field}: left out, since the brand bans `{banned}`");
            self.warnings.push(warning);
            return None;
        }
        Some(phrase(&text)).filter(|text| !text.is_empty())
    }

    /// The first word or claim in a text that the brand bans.
    pub fn banned_in(&self, text: &str) -> Option<&str> {
        let voice = &self.voice;
        let mut banned = voice.banned_words.iter().chain(&voice.banned_claims);
        banned
            .find(|banned| contains(text, banned))
            .map(String::as_str)
    }

    /// Everything that was said of the product, for numbers to be looked up in.
    pub fn said(&self) -> String {
        let mut said = vec![self.brand.as_str(), &self.product, &self.action];
        said.extend(
            self.benefits
                .iter()
                .chain(&self.features)
                .map(String::as_str),
        );
        let optional = [&self.problem, &self.audience, &self.offer, &self.disclaimer];
        said.extend(optional.into_iter().flatten().map(String::as_str));
        said.join("\n")
    }
}

fn sized(field: &str, text: &str) -> Result<(), Error> {
    let length = one_line(text).chars().count();
    if (1..=MOST_TEXT).contains(&length) {
        return Ok(());
    }
    let message = format!("must have 1 to {MOST_TEXT} characters, got {length}");
    Err(Error::InvalidBrief(FieldError::new(field, message)))
}

/// The text as it stands within a sentence, where its first word is an ordinary one.
fn lowered(text: &str) -> String {
    const ORDINARY: [&str; 9] = [
        "a", "all", "anyone", "everyone", "people", "the", "those", "you", "families",
    ];
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let first = first.to_lowercase();
    if ORDINARY.contains(&first.as_str()) {
        format!("{first} {rest}").trim_end().to_owned()
    } else {
        text.to_owned()
    }
}
