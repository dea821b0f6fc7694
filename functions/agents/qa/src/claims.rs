//! What a mail says and should not: banned words and claims, absolute claims, the vocabulary of
//! spam, capitals and exclamation marks.

use crate::mail::{MOCKUP, Mail, PLAIN_TEXT, Part, Text};
use crate::rules::{self, Findings, Rule, quoted};
use crate::words::{has_phrase, without_fields, words};

/// Phrases that spam filters count. Sources: the body rules of Apache `SpamAssassin`
/// (`rules/20_phrases.cf`: `GUARANTEED_100_PERCENT`, `DEAR_FRIEND`, `MONEY_BACK`, `ONE_TIME`,
/// `JOIN_MILLIONS`, `LOW_PRICE`, `STRONG_BUY`, `UNCLAIMED_MONEY`, `ACT_NOW_CAPS`, `DIET_1`,
/// `PRICES_ARE_AFFORDABLE`, `URG_BIZ`) and the list of "Words and phrases that trigger anti-spam
/// filters" in the HTML Email Guide, chapter 5. A single ordinary word, such as `free`, is not among
/// them: filters score phrases.
pub const SPAM_PHRASES: [&str; 38] = [
    "100% guaranteed",
    "act now",
    "affordable prices",
    "cancel at any time",
    "cash bonus",
    "check or money order",
    "click here",
    "dear friend",
    "double your",
    "earn extra",
    "for free",
    "free money",
    "great offer",
    "increase sales",
    "join millions",
    "join thousands",
    "lose weight",
    "low price",
    "lowest price",
    "money back guarantee",
    "no obligation",
    "no strings attached",
    "once in a lifetime",
    "one time offer",
    "order now",
    "promise you",
    "risk free",
    "special promotion",
    "stock alert",
    "strong buy",
    "this is not spam",
    "to be removed",
    "unclaimed prize",
    "urgent reply",
    "urgent request",
    "weight loss",
    "while supplies last",
    "you have been selected",
];

/// Claims that nobody can keep, or would have to prove (16 C.F.R. § 255 and the FTC's policy on
/// advertising substantiation ask for evidence before a claim is made).
pub const ABSOLUTE_CLAIMS: [&str; 16] = [
    "guaranteed",
    "guarantee",
    "100% safe",
    "best in the world",
    "world's best",
    "can't fail",
    "cannot fail",
    "cure",
    "cures",
    "instant results",
    "miracle",
    "never fails",
    "no side effects",
    "number one",
    "scientifically proven",
    "unbeatable",
];

/// The share of capitals from which a line shouts (`SpamAssassin`'s `UPPERCASE_50_75`), and from how
/// many letters on it is looked at.
const MOST_CAPITALS: f64 = 0.5;
const LEAST_LETTERS: usize = 10;

/// Checks every text of a mail.
pub fn check(mail: &Mail<'_>, findings: &mut Findings) {
    let mut said = String::new();
    for text in mail.texts_and_renderings() {
        let is_rendering = [MOCKUP, PLAIN_TEXT].contains(&text.place.as_str());
        check_phrases(mail, &text, is_rendering.then_some(said.as_str()), findings);
        if !is_rendering {
            check_loudness(mail, &text, findings);
            said.push_str(text.text);
            said.push('\n');
        }
    }
}

/// Notes each phrase that stands in a text; in a rendering, only what the copy did not say already.
fn check_phrases(mail: &Mail<'_>, text: &Text<'_>, said: Option<&str>, findings: &mut Findings) {
    let own = without_own_names(mail, text.text);
    let text_words = words(&own);
    let said_words = said.map(words).unwrap_or_default();
    let mut look = |rule: Rule, phrases: &mut dyn Iterator<Item = &str>, message: &str| {
        for phrase in phrases {
            let known = said.is_some_and(|said| has_phrase(&said_words, said, phrase));
            if has_phrase(&text_words, &own, phrase) && !known {
                findings.add(rule, &text.place, format!("{} {message}", quoted(phrase)));
            }
        }
    };
    let mut spam = SPAM_PHRASES.iter().copied();
    look(
        rules::SPAM_WORDS,
        &mut spam,
        "is what spam filters count: say it otherwise",
    );
    let mut absolute = ABSOLUTE_CLAIMS.iter().copied();
    look(
        rules::CLAIM_ABSOLUTE,
        &mut absolute,
        "is a claim that would have to be proven",
    );
    if let Some(brand) = mail.brand {
        let mut banned = brand.voice.banned_words.iter().map(String::as_str);
        look(
            rules::BANNED_WORD,
            &mut banned,
            "is a word that the brand never uses",
        );
        let mut banned = brand.voice.banned_claims.iter().map(String::as_str);
        look(
            rules::CLAIM_BANNED,
            &mut banned,
            "is a claim that the brand must not make",
        );
    }
}

/// The text without the brand's own name and address, which it does not choose word by word.
fn without_own_names(mail: &Mail<'_>, text: &str) -> String {
    let Some(brand) = mail.brand else {
        return text.to_owned();
    };
    let mut text = text.to_owned();
    for own in [&brand.postal_address, &brand.name, &brand.unsubscribe_url] {
        if !own.trim().is_empty() {
            text = text.replace(own.as_str(), " ");
        }
    }
    text
}

fn check_loudness(mail: &Mail<'_>, text: &Text<'_>, findings: &mut Findings) {
    let mut own = without_fields(&without_own_names(mail, text.text));
    let themes = mail.brand.iter().flat_map(|brand| &brand.themes);
    for product in themes.flat_map(|theme| &theme.products) {
        if !product.name.trim().is_empty() {
            own = own.replace(&product.name, " ");
        }
    }
    let letters = own.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = own.chars().filter(|c| c.is_uppercase()).count();
    if letters >= LEAST_LETTERS && capitals as f64 > MOST_CAPITALS * letters as f64 {
        let message = format!("{} shouts: write it in lower case", quoted(text.text));
        findings.add(rules::CAPS, &text.place, message);
    }
    let marks = own.chars().filter(|c| *c == '!').count();
    let allowed = if text.part == Part::Body { 2 } else { 1 };
    if marks > allowed || own.contains("!!") {
        let message = format!("`!` stands here {marks} times: one is enough");
        findings.add(rules::EXCLAMATION, &text.place, message);
    }
}
