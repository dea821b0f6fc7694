//! The writer without a model: what must be said, and as much of the rest as fits the time.

use baton_speech::rate::{NORMAL_WPM, seconds};

use crate::brief::{sentence, spoken};
use crate::phrases::{self, Phrases};
use crate::timing::{self, Draft};
use crate::{Error, Input, Role};

/// The most sentences of facts in one scene.
const FACTS_IN_A_SCENE: usize = 3;

/// A sentence that may be said, in the order of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    role: Role,
    text: String,
    /// 0 for what must be said; else what is said first is lower.
    rank: usize,
}

/// Scenes that take as long as the brief asks for.
///
/// # Errors
/// `UnsupportedLanguage`, `NothingToSay`, `TargetTooShort`, `TooLittleToSay`.
pub fn drafts(input: &Input, warnings: &mut Vec<String>) -> Result<Vec<Draft>, Error> {
    let lines = lines(input, warnings)?;
    let scenes = |chosen: &[bool]| scenes(&lines, chosen, input);
    let meets = |chosen: &[bool]| {
        let fit = timing::of(&scenes(chosen), input);
        timing::is_within(fit.seconds, input.target_seconds)
    };
    let mut chosen: Vec<bool> = lines.iter().map(|line| line.rank == 0).collect();
    let mut order: Vec<usize> = (0..lines.len()).filter(|i| !chosen[*i]).collect();
    order.sort_by_key(|i| lines[*i].rank);
    let least = timing::of(&scenes(&chosen), input).seconds;
    if least > input.target_seconds && !meets(&chosen) {
        return Err(Error::TargetTooShort {
            needed: least,
            target: input.target_seconds,
        });
    }
    for &i in &order {
        chosen[i] = true;
        chosen[i] = at_the_usual_pace(&scenes(&chosen), input) <= input.target_seconds;
    }
    // What did not fit at the usual pace may do so at a quicker one.
    for &i in &order {
        if !meets(&chosen) && !chosen[i] {
            chosen[i] = true;
            chosen[i] = timing::of(&scenes(&chosen), input).seconds
                <= input.target_seconds * (1.0 + timing::TOLERANCE);
        }
    }
    if meets(&chosen) {
        return Ok(scenes(&chosen));
    }
    Err(Error::TooLittleToSay {
        possible: timing::of(&scenes(&chosen), input).seconds,
        target: input.target_seconds,
    })
}

/// The least that can be said, as long as it takes.
///
/// # Errors
/// `UnsupportedLanguage`, `NothingToSay`.
pub fn minimal(input: &Input, warnings: &mut Vec<String>) -> Result<Vec<Draft>, Error> {
    let lines = lines(input, warnings)?;
    let chosen: Vec<bool> = lines.iter().map(|line| line.rank == 0).collect();
    Ok(scenes(&lines, &chosen, input))
}

fn at_the_usual_pace(scenes: &[Draft], input: &Input) -> f64 {
    let language = input.spoken_language();
    let said = scenes
        .iter()
        .map(|scene| seconds(&scene.text, language, NORMAL_WPM));
    said.sum::<f64>() + scenes.len().saturating_sub(1) as f64 * 0.5
}

/// Every sentence that may be said. What the brand forbids is left out, with a warning.
fn lines(input: &Input, warnings: &mut Vec<String>) -> Result<Vec<Line>, Error> {
    let unsupported = || Error::UnsupportedLanguage(input.language.clone());
    let phrases = phrases::of(&input.language).ok_or_else(unsupported)?;
    let mut allowed = |field: &str, text: Option<&String>| {
        let text = text.and_then(|text| spoken(text))?;
        if input.allows(&text) {
            return Some(text);
        }
        warnings.push(format!("{field}: is left out, the brand's rules forbid it"));
        None
    };
    let product = input.product.as_ref();
    let name = allowed("product.name", product.map(|product| &product.name));
    let benefit = allowed("product.benefit", product.and_then(|p| p.benefit.as_ref()));
    let price = allowed("product.price", product.and_then(|p| p.price.as_ref()));
    let offer = allowed("offer", input.offer.as_ref());
    let facts: Vec<String> = (input.facts.iter().enumerate())
        .filter_map(|(i, fact)| allowed(&format!("facts[{i}]"), Some(fact)))
        .collect();
    let action = allowed("brand.call_to_action", input.brand.call_to_action.as_ref());
    let person = input.audience.as_ref().and_then(|a| a.name.as_ref());
    let person = allowed("audience.name", person);
    if name.is_none() && offer.is_none() && facts.is_empty() {
        return Err(Error::NothingToSay);
    }
    let said = Said {
        name,
        benefit,
        price,
        offer,
        facts,
        action,
        person,
    };
    let brand = spoken(&input.brand.name).unwrap_or_default();
    Ok(said.lines(input, phrases, &brand))
}

/// What a brief brings, as far as it may be said.
struct Said {
    name: Option<String>,
    benefit: Option<String>,
    price: Option<String>,
    offer: Option<String>,
    facts: Vec<String>,
    action: Option<String>,
    person: Option<String>,
}

impl Said {
    fn lines(self, input: &Input, phrases: &Phrases, brand: &str) -> Vec<Line> {
        let line = |role, rank, text: String| Line { role, text, rank };
        let besides = self.facts.len() + 10;
        let fill = |phrase: &str, slot: &str, text: &str| phrase.replace(slot, text);
        let mut lines = Vec::new();
        if let Some(person) = &self.person {
            lines.push(line(
                Role::Opening,
                0,
                fill(phrases.hello, "{name}", person),
            ));
        }
        let opening = fill(phrases.opening(input.purpose), "{brand}", brand);
        lines.push(line(Role::Opening, 0, opening));
        let segment = input.audience.as_ref().and_then(|a| a.segment.as_deref());
        if let Some(greeting) = segment.and_then(|segment| phrases.greeting(segment)) {
            lines.push(line(Role::Opening, 4, greeting.to_owned()));
        }
        // The first thing that there is must be said: the product, else the offer, else a fact.
        let must = |rank, before: bool| if before { rank } else { 0 };
        if let Some(name) = &self.name {
            lines.push(line(
                Role::Product,
                0,
                fill(phrases.product, "{product}", name),
            ));
            lines.extend(self.benefit.map(|benefit| line(Role::Product, 2, benefit)));
            let price = self
                .price
                .map(|price| fill(phrases.price, "{price}", &price));
            lines.extend(price.map(|price| line(Role::Product, 3, price)));
        }
        if self.facts.len() > 1 {
            lines.push(line(Role::Facts, besides, phrases.lead.to_owned()));
        }
        let shown = self.name.is_some() || self.offer.is_some();
        for (i, fact) in self.facts.into_iter().enumerate() {
            lines.push(line(Role::Facts, must(5 + i, shown || i > 0), fact));
        }
        for (i, beside) in phrases.besides.iter().enumerate() {
            lines.push(line(Role::Facts, besides + 2 + i, (*beside).to_owned()));
        }
        if let Some(offer) = self.offer {
            lines.push(line(Role::Offer, besides + 1, phrases.offer.to_owned()));
            lines.push(line(Role::Offer, must(1, self.name.is_some()), offer));
        }
        let action = self.action.unwrap_or_else(|| match &self.name {
            Some(name) => fill(phrases.look, "{product}", name),
            None => fill(phrases.more, "{brand}", brand),
        });
        lines.push(line(Role::Closing, 0, action));
        lines.push(line(Role::Closing, besides + 9, phrases.thanks.to_owned()));
        // A sentence of the house may be one that the brand does not say.
        lines.retain(|line| line.rank == 0 || input.allows(&line.text));
        lines
    }
}

/// The chosen sentences in scenes: a scene for each role, and another one after some facts.
fn scenes(lines: &[Line], chosen: &[bool], input: &Input) -> Vec<Draft> {
    let mut drafts: Vec<(Draft, usize)> = Vec::new();
    let chosen = lines.iter().zip(chosen).filter(|(_, chosen)| **chosen);
    for (line, _) in chosen {
        let Some(text) = sentence(&line.text) else {
            continue;
        };
        let full = |count: usize| line.role == Role::Facts && count >= FACTS_IN_A_SCENE;
        match drafts.last_mut() {
            Some((draft, count)) if draft.role == line.role && !full(*count) => {
                draft.text.push(' ');
                draft.text.push_str(&text);
                *count += 1;
            }
            _ => drafts.push((
                Draft {
                    role: line.role,
                    text,
                    emphasis: weight(line.role, input),
                },
                1,
            )),
        }
    }
    drafts.into_iter().map(|(draft, _)| draft).collect()
}

/// What gets weight: the product where it is shown, the offer where it is made.
fn weight(role: Role, input: &Input) -> Vec<String> {
    let words = match role {
        Role::Product => input.product.as_ref().and_then(|p| spoken(&p.name)),
        Role::Offer => input.offer.as_deref().and_then(sentence),
        Role::Opening | Role::Facts | Role::Closing => None,
    };
    words.into_iter().collect()
}
