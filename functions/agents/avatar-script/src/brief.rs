//! What a script is to be about.

use baton_speech::rate::Language;
use serde::{Deserialize, Serialize};

use crate::Error;

/// The shortest and the longest script, in seconds.
pub const SECONDS: std::ops::RangeInclusive<f64> = 5.0..=300.0;

/// The longest text of a brief, in characters, and the most facts.
const MAX_TEXT: usize = 500;
const MAX_FACTS: usize = 50;

/// What the agent works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What the video is for.
    pub purpose: Purpose,
    /// For whom it speaks.
    pub brand: BrandRules,
    /// What is shown.
    #[serde(default)]
    pub product: Option<Product>,
    /// What is offered, as a sentence.
    #[serde(default)]
    pub offer: Option<String>,
    /// What may be told, as sentences, most important first.
    #[serde(default)]
    pub facts: Vec<String>,
    /// To whom it speaks.
    #[serde(default)]
    pub audience: Option<Audience>,
    /// How long it should take, 5 to 300 seconds.
    pub target_seconds: f64,
    /// The language, such as `en-US`.
    #[serde(default = "english")]
    pub language: String,
}

/// What the fallback works on.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// For whom it speaks.
    #[serde(default)]
    pub brand: BrandRules,
    /// What is shown.
    #[serde(default)]
    pub product: Option<Product>,
    /// What is offered.
    #[serde(default)]
    pub offer: Option<String>,
    /// How long it should take.
    #[serde(default)]
    pub target_seconds: Option<f64>,
    /// The language.
    #[serde(default)]
    pub language: Option<String>,
}

/// What a video is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To sell something.
    Promote,
    /// To tell news.
    Announce,
    /// To greet someone new.
    Welcome,
    /// To show how something works.
    Explain,
    /// To bring someone back.
    WinBack,
    /// To thank.
    Thank,
}

/// How a brand speaks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrandRules {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Adjectives such as `warm`.
    #[serde(default)]
    pub tone: Vec<String>,
    /// Words that it never says.
    #[serde(default)]
    pub banned_words: Vec<String>,
    /// Claims that it must not make.
    #[serde(default)]
    pub banned_claims: Vec<String>,
    /// The sentence that asks for something to be done.
    #[serde(default)]
    pub call_to_action: Option<String>,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Its name.
    pub name: String,
    /// What it is good for, as a sentence.
    #[serde(default)]
    pub benefit: Option<String>,
    /// What it costs, as it is said, such as `$189`.
    #[serde(default)]
    pub price: Option<String>,
}

/// To whom a script speaks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audience {
    /// A segment such as `champions`. It decides how people are greeted and is never said.
    #[serde(default)]
    pub segment: Option<String>,
    /// What people are called, if they are called anything.
    #[serde(default)]
    pub name: Option<String>,
}

fn english() -> String {
    "en-US".to_owned()
}

impl Input {
    /// Checks what types alone cannot.
    ///
    /// # Errors
    /// `InvalidBrief`, naming the first field that cannot be used.
    pub fn check(&self) -> Result<(), Error> {
        let wrong = |text: String| Err(Error::InvalidBrief(text));
        if !SECONDS.contains(&self.target_seconds) {
            return wrong("target_seconds: must be 5 to 300".to_owned());
        }
        if self.facts.len() > MAX_FACTS {
            return wrong(format!("facts: are more than {MAX_FACTS}"));
        }
        let tag = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !(2..=35).contains(&self.language.len()) || !self.language.chars().all(tag) {
            return wrong("language: must be a tag such as en-US".to_owned());
        }
        if spoken(&self.brand.name).is_none() {
            return wrong("brand.name: has no word".to_owned());
        }
        for (field, text) in self.texts() {
            if text.chars().count() > MAX_TEXT {
                return wrong(format!("{field}: has more than {MAX_TEXT} characters"));
            }
        }
        Ok(())
    }

    /// Every text of the brief that may be said, with the name of its field.
    pub fn texts(&self) -> Vec<(String, &str)> {
        let product = self.product.as_ref();
        let named = [
            ("brand.name", Some(&self.brand.name)),
            ("brand.call_to_action", self.brand.call_to_action.as_ref()),
            ("product.name", product.map(|product| &product.name)),
            ("product.benefit", product.and_then(|p| p.benefit.as_ref())),
            ("product.price", product.and_then(|p| p.price.as_ref())),
            ("offer", self.offer.as_ref()),
            (
                "audience.name",
                self.audience.as_ref().and_then(|a| a.name.as_ref()),
            ),
        ];
        let facts = self.facts.iter().enumerate();
        let facts = facts.map(|(i, fact)| (format!("facts[{i}]"), fact.as_str()));
        named
            .into_iter()
            .filter_map(|(field, text)| Some((field.to_owned(), text?.as_str())))
            .chain(facts)
            .collect()
    }

    /// Whether the brand's rules let a text be said.
    pub fn allows(&self, text: &str) -> bool {
        let text = folded(text);
        let banned = self
            .brand
            .banned_words
            .iter()
            .chain(&self.brand.banned_claims);
        !banned
            .map(|banned| folded(banned))
            .any(|banned| !banned.trim().is_empty() && text.contains(&banned))
    }

    /// The language, as far as its sound matters.
    pub fn spoken_language(&self) -> Language {
        Language::of(&self.language)
    }
}

impl FallbackInput {
    pub(crate) fn into_input(self, warnings: &mut Vec<String>) -> Input {
        let mut language = self.language.unwrap_or_else(english);
        if crate::phrases::of(&language).is_none() {
            warnings.push("the language is not there: it speaks English".to_owned());
            language = english();
        }
        let mut brand = self.brand;
        if spoken(&brand.name).is_none() {
            "our shop".clone_into(&mut brand.name);
        }
        let target = self
            .target_seconds
            .filter(|target| SECONDS.contains(target));
        Input {
            purpose: Purpose::Promote,
            brand,
            product: self.product,
            offer: self.offer,
            facts: Vec::new(),
            audience: None,
            target_seconds: target.unwrap_or(15.0),
            language,
        }
    }
}

/// Lower case, with everything that is neither letter nor digit a single space, and one at each
/// end: so that whole words are found in it.
fn folded(text: &str) -> String {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    format!(" {} ", words.join(" "))
}

/// A text on one line, without what nobody says; none where no word is left.
pub fn spoken(text: &str) -> Option<String> {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().any(char::is_alphanumeric).then_some(line)
}

/// The same as a sentence: with a mark at its end.
pub fn sentence(text: &str) -> Option<String> {
    let line = spoken(text)?;
    let closed = line.ends_with(['.', '!', '?', '…', '。', '！', '？']);
    Some(if closed { line } else { format!("{line}.") })
}
