//! The offline writer: sentences filled with what the brand says of itself, chosen by the mail's
//! place in the calendar. What the brand forbids is passed over.

use baton_domain::campaign::{Product, SubjectTechnique};

use crate::backing::{deadline, is_backed};
use crate::draft::{Draft, Line};
use crate::facts::Facts;
use crate::phrases::{self, Register};
use crate::words::{capitalised, contains, words};

/// How many products a mail shows.
const MOST_PRODUCTS: usize = 3;

/// How long preheaders are, in characters.
pub const PREHEADER: std::ops::RangeInclusive<usize> = 20..=130;

/// Writes a mail.
pub fn draft(facts: &Facts<'_>) -> Draft {
    let headline = fitting(&phrases::HEADLINES, facts, facts.turn, usize::MAX);
    let mut draft = Draft {
        lines: Vec::new(),
        headline: headline.unwrap_or_else(|| facts.brand.name.clone()),
        paragraphs: paragraphs(facts),
        label: label(facts),
        url: facts.url().to_owned(),
    };
    let body = draft.body();
    for technique in techniques(facts) {
        let others: Vec<String> = draft.lines.iter().map(|line| line.text.clone()).collect();
        if let Some(line) = line(facts, technique, &body, &others) {
            draft.lines.push(line);
        }
    }
    draft
}

/// The techniques that the hypothesis names, in its order, then those that suit the brand: at least
/// two that can be had.
fn techniques(facts: &Facts<'_>) -> Vec<SubjectTechnique> {
    use SubjectTechnique::{Benefit, Deadline, Number, Personal, Question};
    let named = words(&facts.email.hypothesis);
    let of_word = |word: &String| match word.as_str() {
        "benefit" | "benefits" | "value" => Some(Benefit),
        "question" | "questions" | "asking" | "curiosity" => Some(Question),
        "personal" | "name" | "personalised" | "personalized" => Some(Personal),
        "deadline" | "deadlines" | "urgency" | "urgent" => Some(Deadline),
        "number" | "numbers" | "list" | "count" => Some(Number),
        _ => None,
    };
    let mut wanted: Vec<SubjectTechnique> = Vec::new();
    let named = named.iter().filter_map(of_word);
    for technique in named.chain([Benefit, Question]) {
        if !wanted.contains(&technique) && can(facts, technique) && wanted.len() < 2 {
            wanted.push(technique);
        }
    }
    wanted
}

/// Whether there is what a technique needs.
fn can(facts: &Facts<'_>, technique: SubjectTechnique) -> bool {
    match technique {
        SubjectTechnique::Benefit | SubjectTechnique::Question => true,
        SubjectTechnique::Personal => facts.name_field().is_some(),
        SubjectTechnique::Deadline => summary(facts).is_some_and(|text| deadline(&text).is_some()),
        SubjectTechnique::Number => facts.products().len() > 1,
    }
}

/// A subject line of the technique that fits, is backed by the body and is none of `others`.
pub fn line(
    facts: &Facts<'_>,
    technique: SubjectTechnique,
    body: &str,
    others: &[String],
) -> Option<Line> {
    let most = facts.brand.max_subject_length.min(150);
    let is_new = |text: &String| {
        let like = |other: &String| crate::words::likeness(other, text) >= 0.8;
        is_backed(text, body) && !others.iter().any(like)
    };
    let texts = candidates(phrases::subjects(technique), facts, facts.turn);
    let mut texts = texts.filter(|text| facts.length(text) <= most);
    let text = texts.find(is_new)?;
    let preheader = preheader(facts, &text, others.len());
    Some(Line {
        text,
        preheader,
        technique,
    })
}

/// What stands behind a subject line, other than the line itself.
pub fn preheader(facts: &Facts<'_>, subject: &str, salt: usize) -> String {
    let fits = |text: &String| PREHEADER.contains(&facts.length(text)) && !contains(text, subject);
    let mut texts = candidates(&phrases::PREHEADERS, facts, facts.turn + salt);
    texts.find(fits).unwrap_or_default()
}

/// What the button says.
pub fn label(facts: &Facts<'_>) -> String {
    const MOST: usize = 32;
    let labels = match facts.products().first() {
        Some(_) => phrases::PRODUCT_LABELS,
        None => phrases::SITE_LABELS,
    };
    fitting(&labels, facts, facts.turn, MOST).unwrap_or_default()
}

/// A heading.
pub fn headline(facts: &Facts<'_>) -> Option<String> {
    fitting(&phrases::HEADLINES, facts, facts.turn, usize::MAX)
}

/// The paragraphs: what it is about, each product, a farewell.
pub fn paragraphs(facts: &Facts<'_>) -> Vec<String> {
    let greeting = Register::of(&facts.brand.voice.tone).greeting();
    let greeting = fill(greeting, facts).filter(|text| facts.allows(text));
    let openings = phrases::openings(facts.email.objective);
    let opening = fitting(openings, facts, facts.turn, usize::MAX);
    let opening = match (greeting, opening) {
        (Some(greeting), Some(opening)) => Some(format!("{greeting} {}", lowered(&opening))),
        (greeting, opening) => opening.or(greeting),
    };
    let mut first: Vec<String> = opening.into_iter().collect();
    first.extend(about(facts));
    let products = facts.products();
    let shown = &products[..products.len().min(MOST_PRODUCTS)];
    if shown.len() > 1 {
        let count = format!("Here are {} to choose from.", shown.len());
        first.extend(Some(count).filter(|text| facts.allows(text)));
    }
    let mut paragraphs = vec![first.join(" ")];
    let of_product = |(i, product): (usize, &&Product)| describe(facts, product, i);
    paragraphs.extend(shown.iter().enumerate().map(of_product));
    let closing = fitting(&phrases::CLOSINGS, facts, facts.turn, usize::MAX);
    let for_whom = fitting(&phrases::FOR_WHOM, facts, facts.turn, usize::MAX);
    let last: Vec<String> = closing.into_iter().chain(for_whom).collect();
    paragraphs.push(last.join(" "));
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

/// Name, price and benefit of a product.
fn describe(facts: &Facts<'_>, product: &Product, place: usize) -> String {
    let name = facts.quote(&product.name).unwrap_or_default();
    let price = price(product.price.value());
    let fill_in = |template: &&str| {
        template
            .replace("<product>", &name)
            .replace("<price>", &price)
    };
    let at = facts.turn + place;
    let templates = phrases::PRICES
        .iter()
        .cycle()
        .skip(at % phrases::PRICES.len());
    let mut sentences = templates.take(phrases::PRICES.len()).map(fill_in);
    let cost = sentences.find(|text| facts.allows(text));
    let benefit = facts
        .quote(&product.benefit)
        .map(|text| ended(&capitalised(&text)));
    let parts: Vec<String> = cost.into_iter().chain(benefit).collect();
    parts.join(" ")
}

/// A price as it is written: without empty cents, with separators of thousands.
pub fn price(value: f64) -> String {
    let cents = (value * 100.0).round() as u64;
    let digits = (cents / 100).to_string();
    let mut whole = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            whole.push(',');
        }
        whole.push(digit);
    }
    match cents % 100 {
        0 => format!("${whole}"),
        rest => format!("${whole}.{rest:02}"),
    }
}

/// What the theme is about, in a sentence.
fn about(facts: &Facts<'_>) -> Option<String> {
    let label = facts.quote(&facts.theme.label);
    match (label, summary(facts)) {
        (Some(label), Some(summary)) => Some(format!("{label}: {}", ended(&lowered(&summary)))),
        (_, summary) => summary.map(|summary| ended(&summary)),
    }
}

/// The text with its first letter small, where its first word is not of capitals alone or a name.
fn lowered(text: &str) -> String {
    const ORDINARY: [&str; 14] = [
        "a", "all", "for", "here", "how", "it", "much", "some", "the", "things", "this", "we",
        "what", "your",
    ];
    let first = words(text).first().cloned().unwrap_or_default();
    let mut chars = text.chars();
    match chars.next() {
        Some(c) if ORDINARY.contains(&first.as_str()) => c.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

fn summary(facts: &Facts<'_>) -> Option<String> {
    facts.quote(&facts.theme.summary)
}

fn ended(text: &str) -> String {
    let closes = text.ends_with(['.', '!', '?', '…']);
    if closes {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// The first of the templates, from `start` on, that can be filled, may be said and is short enough.
fn fitting(templates: &[&str], facts: &Facts<'_>, start: usize, most: usize) -> Option<String> {
    candidates(templates, facts, start).find(|text| facts.length(text) <= most)
}

/// The templates from `start` on, filled; those that cannot be filled or must not be said are left
/// out.
fn candidates<'f>(
    templates: &'f [&'f str],
    facts: &'f Facts<'_>,
    start: usize,
) -> impl Iterator<Item = String> + 'f {
    let turned = templates
        .iter()
        .cycle()
        .skip(start % templates.len().max(1));
    turned
        .take(templates.len())
        .filter_map(move |template| fill(template, facts))
        .filter(|text| facts.allows(text))
}

/// A template with its places filled, each once; none where something is not there.
fn fill(template: &str, facts: &Facts<'_>) -> Option<String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('<') {
        let (place, after) = behind.split_once('>')?;
        text.push_str(before);
        text.push_str(&value(place, facts)?);
        rest = after;
    }
    text.push_str(rest);
    Some(capitalised(&text))
}

fn value(place: &str, facts: &Facts<'_>) -> Option<String> {
    let products = facts.products();
    let first = products.first();
    match place {
        "brand" => facts.quote(&facts.brand.name),
        "theme" => facts.quote(&facts.theme.label),
        "summary" => summary(facts),
        "product" => first.and_then(|product| facts.quote(&product.name)),
        "benefit" => first.and_then(|product| facts.quote(&product.benefit)),
        "count" => (products.len() > 1).then(|| products.len().min(MOST_PRODUCTS).to_string()),
        "time" => summary(facts).and_then(|text| deadline(&text)),
        "name" => facts
            .name_field()
            .map(|field| format!("{{{{{}}}}}", field.name)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_written_as_people_do() {
        let written = [189.0, 9.5, 1_299.99, 1_234_567.0, 0.0].map(price);
        assert_eq!(written, ["$189", "$9.50", "$1,299.99", "$1,234,567", "$0"]);
    }
}
